import inspect

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib import GAN, losses, recipes
from ganlib.images import to_float
from ganlib.networks import conditional, dcgan, fully_connected
from ganlib.errors import InputError

SHAPE = (8, 8, 1)


def small_gan(seed=0, labels=False, **options):
    keras.utils.set_random_seed(seed)
    generator = fully_connected.generator(SHAPE, 6, units=(8,))
    discriminator = fully_connected.discriminator(SHAPE, units=(8,))
    if labels:
        generator, discriminator = (
            conditional.generator(generator, 3),
            conditional.discriminator(discriminator, 3),
        )
    gan = GAN(generator, discriminator, seed=seed, **options)
    return gan


def compiled(gan, **options):
    gan.compile(
        keras.optimizers.Adam(1e-2, 0.5),
        keras.optimizers.Adam(1e-2, 0.5),
        jit_compile=False,
        **options,
    )
    return gan


def weights(network):
    return [np.array(variable) for variable in network.trainable_variables]


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.fixture
def stream(random_images):
    return tf.data.Dataset.from_tensors(random_images).repeat()


def test_a_step_moves_both_players(random_images):
    gan = compiled(small_gan())
    before = weights(gan.generator), weights(gan.discriminator)
    gan.train_step(random_images)
    assert not same(before[0], weights(gan.generator))
    assert not same(before[1], weights(gan.discriminator))
    assert int(gan.step) == 1


def test_discriminator_step_leaves_generator_weights_unchanged(random_images):
    gan = compiled(small_gan())
    gan.pretraining = True  # the discriminator's turn alone
    before = weights(gan.generator), weights(gan.discriminator)
    gan.train_step(random_images)
    assert same(before[0], weights(gan.generator))
    assert not same(before[1], weights(gan.discriminator))


def test_generator_step_leaves_discriminator_weights_unchanged(random_images):
    gan = compiled(small_gan())
    gan.d_optimizer.learning_rate = (
        0.0  # whatever moves the discriminator now, it is not its own turn
    )
    before = weights(gan.generator), weights(gan.discriminator)
    gan.train_step(random_images)
    assert not same(before[0], weights(gan.generator))
    assert same(before[1], weights(gan.discriminator))


def test_step_equals_the_loop_written_out_by_hand(random_images):
    gan, twin = compiled(small_gan()), small_gan()
    g_optimizer, d_optimizer = keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.Adam(1e-2, 0.5)
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    for _ in range(3):
        latents = gan.draw_latents((8, 6), 0)
        gan.train_step(random_images)
        with tf.GradientTape() as g_tape:
            fakes = twin.generator(latents, training=True)
            with g_tape.stop_recording():
                with tf.GradientTape() as d_tape:
                    real_logits, fake_logits = (
                        twin.discriminator(to_float(random_images)),
                        twin.discriminator(fakes),
                    )
                    loss = 0.5 * (
                        bce(tf.ones((8, 1)), real_logits) + bce(tf.zeros((8, 1)), fake_logits)
                    )
                d_weights = twin.discriminator.trainable_weights
                d_optimizer.apply(d_tape.gradient(loss, d_weights), d_weights)
            loss = bce(tf.ones((8, 1)), twin.discriminator(fakes))
        g_weights = twin.generator.trainable_weights
        g_optimizer.apply(g_tape.gradient(loss, g_weights), g_weights)
    for ours, theirs in zip(
        gan.generator.weights + gan.discriminator.weights,
        twin.generator.weights + twin.discriminator.weights,
        strict=True,
    ):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_one_pass_and_two_passes_of_the_discriminator_agree(random_images):
    one, two = compiled(small_gan()), compiled(small_gan())
    two.judges_apart = True
    first, second = (float(gan.train_step(random_images)["d_loss"]) for gan in (one, two))
    assert first == pytest.approx(second, rel=1e-5)


@pytest.mark.parametrize("normalization", [None, "before"])
def test_a_normalizing_discriminator_sees_real_and_generated_images_apart(normalization):
    discriminator = dcgan.discriminator(SHAPE, filters=(4, 4), normalization=normalization)
    gan = GAN(dcgan.generator(SHAPE, 6, filters=(4, 4)), discriminator)
    assert gan.judges_apart == (normalization is not None)


@pytest.mark.slow
def test_same_seed_twice_gives_equal_weights(stream):
    first, second, other = (compiled(small_gan(seed)) for seed in (0, 0, 1))
    for gan in (first, second, other):
        gan.fit(stream, epochs=1, steps_per_epoch=4, verbose=0, shuffle=False)
    assert same(weights(first), weights(second))
    assert not same(weights(first), weights(other))


def test_latents_of_different_turns_and_steps_differ(random_images):
    gan = compiled(small_gan())
    draws = [gan.draw_latents((2, 6), turn) for turn in (0, 1)]
    gan.train_step(random_images)
    draws += [gan.draw_latents((2, 6), turn) for turn in (0, 1)]
    assert len({np.array(draw).tobytes() for draw in draws}) == 4


@pytest.mark.parametrize(
    ("noise", "low", "high", "std"), [("normal", -9, 9, 1.0), ("uniform", -1, 1, 3**-0.5)]
)
def test_noise_has_the_distribution_of_its_name(noise, low, high, std):
    latents = np.array(small_gan(noise=noise).draw_latents((4000, 6)))
    assert latents.min() >= low and latents.max() <= high
    assert latents.std() == pytest.approx(std, abs=0.02)


def test_smoothed_labels_reach_the_loss(random_images):
    plain, smooth = compiled(small_gan()), compiled(small_gan(), real_label=0.9, fake_label=0.1)
    logits = [
        np.array(plain.discriminator(images))
        for images in (to_float(random_images), plain.generate(8, None, 0))
    ]
    for gan, labels in ((plain, (1.0, 0.0)), (smooth, (0.9, 0.1))):
        expected = np.mean(losses.non_saturating_discriminator_loss(*logits, *labels))
        assert float(gan.train_step(random_images)["d_loss"]) == pytest.approx(expected, abs=2e-3)


def test_average_follows_the_generator_and_makes_the_pictures(random_images):
    gan = compiled(small_gan(averaging=0.9))
    start = weights(gan.generator)
    gan.train_step(random_images)
    momentum = 1 / 10  # (1 + 0) / (10 + 0) at the first step
    for old, new, average in zip(
        start, weights(gan.generator), weights(gan.averaged_generator), strict=True
    ):
        np.testing.assert_allclose(average, momentum * old + (1 - momentum) * new, atol=1e-6)
    latents = np.ones((2, 6), "float32")
    np.testing.assert_allclose(gan(latents), gan.averaged_generator(latents), atol=1e-6)


def test_predict_gives_images(random_images):
    images = small_gan().predict(np.zeros((3, 6), "float32"), verbose=0)
    assert images.shape == (3, *SHAPE)
    assert np.abs(images).max() <= 1


def test_conditional_networks_train_on_labelled_batches(random_images):
    gan = compiled(small_gan(labels=True))
    before = weights(gan.generator)
    gan.train_step((random_images, np.arange(8, dtype="int32") % 3))
    assert not same(before, weights(gan.generator))
    with pytest.raises(InputError, match="expected \\(images, labels\\)"):
        gan.train_step(random_images)


@pytest.mark.slow
def test_several_discriminator_steps_move_it_further_for_one_step_of_the_generator(random_images):
    moved = {}
    for d_steps in (1, 3):
        gan = compiled(small_gan(d_steps=d_steps))
        before = {each: weights(each) for each in (gan.discriminator, gan.generator)}
        for _ in range(5):
            gan.train_step(random_images)
        moved[d_steps] = [
            sum(np.abs(new - old).sum() for new, old in zip(weights(each), was, strict=True))
            for each, was in before.items()
        ]
    assert moved[3][0] > 1.5 * moved[1][0]
    # Adam's steps are about as long as the rate, whatever the gradients are.
    assert moved[3][1] == pytest.approx(moved[1][1], rel=0.3)


def test_rmsprop_trains_as_well(random_images):
    gan = small_gan()
    gan.compile(
        keras.optimizers.RMSprop(1e-3),
        keras.optimizers.RMSprop(1e-3, clipvalue=0.01),
        jit_compile=False,
    )
    before = weights(gan.generator)
    gan.train_step(random_images)
    assert not same(before, weights(gan.generator))


def test_networks_that_do_not_fit_are_refused_with_both_shapes():
    with pytest.raises(InputError, match=r"\(8, 8, 1\).*\(4, 4, 1\)"):
        GAN(fully_connected.generator(SHAPE), fully_connected.discriminator((4, 4, 1)))
    with pytest.raises(InputError, match="both conditional, or neither"):
        GAN(
            conditional.generator(fully_connected.generator(SHAPE), 3),
            fully_connected.discriminator(SHAPE),
        )
    with pytest.raises(InputError, match="Did you mean 'normal'"):
        small_gan(noise="norm")


def test_steps_per_execution_changes_nothing(stream):
    one, four = compiled(small_gan()), compiled(small_gan(), steps_per_execution=4)
    for gan in (one, four):
        gan.fit(stream, epochs=2, steps_per_epoch=8, verbose=0)
    assert int(one.step) == int(four.step) == 16
    assert same(weights(one.generator), weights(four.generator))


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16"])
def test_short_floats_train_and_leave_outputs_losses_and_weights_in_float32(policy, random_images):
    keras.config.set_dtype_policy(policy)
    try:
        gan = compiled(
            GAN(dcgan.generator(SHAPE, 6, filters=(4, 4)), dcgan.discriminator(SHAPE, filters=(4,)))
        )
    finally:
        keras.config.set_dtype_policy("float32")
    before = weights(gan.generator)
    logs = gan.train_step(random_images)
    assert not same(before, weights(gan.generator))
    assert {value.dtype.name for value in logs.values()} == {"float32"}
    assert {variable.dtype for variable in gan.generator.variables} == {"float32"}
    assert gan(np.zeros((1, 6), "float32")).dtype.name == "float32"
    scaled = isinstance(gan.g_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (
        policy == "mixed_float16"
    )  # which alone has too few exponents for small gradients


@pytest.mark.skipif(not tf.config.list_physical_devices("GPU"), reason="needs a GPU")
def test_a_hundred_steps_on_a_gpu_agree_with_the_processor(stream):
    trained = []
    for device in ("/CPU:0", "/GPU:0"):
        with tf.device(device):
            gan = compiled(small_gan())
            gan.fit(stream, epochs=1, steps_per_epoch=100, verbose=0)
            trained.append(weights(gan.generator))
    for one, other in zip(*trained, strict=True):
        np.testing.assert_allclose(one, other, atol=1e-2)


def mean_penalty(gan, penalty, batch):
    images, labels = gan._unpack(batch)
    fakes = gan.generate(len(images), labels, 0)
    share = tf.random.stateless_uniform((len(images), 1, 1, 1), (0, 1))
    return float(np.mean(penalty(gan.judge, tf.constant(images), fakes, labels, share)))


@pytest.mark.slow
@pytest.mark.parametrize("labels", [False, True])
def test_r1_penalty_makes_the_discriminator_flat_and_is_not_part_of_the_loss_shown(
    labels, random_images
):
    batch = (random_images, np.arange(8) % 3) if labels else random_images
    penalties = [(100.0, losses.r1_penalty)]
    gan, free = (
        compiled(small_gan(labels=labels), penalties=penalties),
        compiled(small_gan(labels=labels)),
    )
    first = [float(each.train_step(batch)["d_loss"]) for each in (gan, free)]
    assert first[0] == pytest.approx(first[1], rel=1e-5)
    for _ in range(20):
        gan.train_step(batch), free.train_step(batch)
    flat, steep = (mean_penalty(each, losses.r1_penalty, batch) for each in (gan, free))
    assert flat < 0.2 * steep


@pytest.mark.slow
def test_the_gradient_penalty_draws_slopes_to_1(random_images):
    penalties = [(10.0, losses.gradient_penalty)]
    gan = compiled(small_gan(d_steps=2), loss="wasserstein", penalties=penalties)
    gan.discriminator.set_weights([5 * weight for weight in gan.discriminator.get_weights()])
    before = mean_penalty(gan, losses.gradient_penalty, random_images)
    for _ in range(30):
        gan.train_step(random_images)
    assert mean_penalty(gan, losses.gradient_penalty, random_images) < 0.2 * before


def test_soft_labels_are_drawn_for_each_example_within_their_range():
    gan = compiled(small_gan(), real_label=(0.7, 1.2), fake_label=0.1)
    real, fake = gan._wanted(500, turn=0)
    assert real.shape == (500, 1) and fake == 0.1
    assert 0.7 <= np.min(real) < 0.71 and 1.19 < np.max(real) <= 1.2


@pytest.mark.parametrize("relativistic", [False, True])
def test_the_generator_of_a_relativistic_loss_is_told_of_the_real_images(
    relativistic, random_images
):
    told = []

    def discriminator_loss(real_logits, fake_logits, real_label, fake_label):
        return keras.ops.softplus(fake_logits - real_logits)

    def generator_loss(real_logits, fake_logits, label):
        told.append(real_logits)
        return keras.ops.softplus((0.0 if real_logits is None else real_logits) - fake_logits)

    loss = losses.Loss(discriminator_loss, generator_loss, relativistic)
    gan = compiled(small_gan(), loss=loss)
    gan.train_step(random_images)
    assert len(told) == 1 and (told[0] is not None) == relativistic
    if relativistic:  # by the discriminator as it is now, after its own step
        np.testing.assert_allclose(told[0], gan.judge(to_float(random_images), None), rtol=1e-5)


def test_compile_has_at_most_eight_arguments_of_its_own():
    parameters = inspect.signature(GAN.compile).parameters.values()
    assert sum(each.kind == each.POSITIONAL_OR_KEYWORD for each in parameters) - 1 <= 8  # self


def test_train_step_fits_on_one_screen():
    assert len(inspect.getsource(GAN.train_step).splitlines()) <= 42


def far_batches():
    """Images that no network here takes, and what is said of them."""
    pixels = np.random.default_rng(0).integers(0, 256, (8, *SHAPE), "uint8")
    floats, beyond = pixels.astype("float32"), "values from .* to 25.*; expected uint8, or floats"
    return {
        "floats to 255": (floats, beyond),
        "whole numbers to 255": (pixels.astype("int64"), beyond),
        "not a number": (np.full((8, *SHAPE), np.nan, "float32"), "not finite"),
        "no channel": (pixels[..., 0], r"images have shape \(8, 8, 8\); these networks take"),
        "channels first": (pixels.reshape(8, 1, 8, 8), r"take \(count, 8, 8, 1\)"),
    }


@pytest.mark.parametrize("kind", far_batches())
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "array"])
def test_images_that_the_networks_do_not_take_are_refused_before_training(kind, stream):
    images, message = far_batches()[kind]
    gan = compiled(small_gan())
    before = weights(gan.generator)
    batches = tf.data.Dataset.from_tensors(images) if stream else images
    with pytest.raises(InputError, match=message):
        gan.fit(batches, epochs=1, verbose=0)
    assert same(before, weights(gan.generator))


def test_arrays_of_images_and_labels_train_as_keras_users_expect(random_images):
    labels = np.arange(8) % 3
    scaled = (random_images / 127.5 - 1).astype("float64")
    for given in ({"x": random_images, "y": labels}, {"x": (scaled, labels)}):
        gan = compiled(small_gan(labels=True))
        history = gan.fit(**given, batch_size=4, epochs=1, verbose=0).history
        assert np.isfinite(history["d_loss"]).all() and int(gan.step) == 2
    with pytest.raises(InputError, match=r"labels have shape \(8, 3\); expected \(count,\)"):
        gan.fit(random_images, np.eye(3)[labels], verbose=0)


def test_the_average_counts_the_generators_own_steps(random_images):
    gan = compiled(small_gan(averaging=0.99))
    gan.pretraining = True
    for _ in range(50):
        gan.train_step(random_images)
    gan.pretraining = False
    before = weights(gan.averaged_generator)
    gan.train_step(random_images)
    for old, new, average in zip(
        before, weights(gan.generator), weights(gan.averaged_generator), strict=True
    ):
        np.testing.assert_allclose(average, new + 0.1 * (old - new), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(("option", "value"), [("d_steps", 17), ("d_steps", 0), ("averaging", 1.0)])
def test_numbers_out_of_range_are_refused(option, value):
    with pytest.raises(InputError, match=f"{option} is {value}; expected"):
        small_gan(**{option: value})


def test_a_saved_game_is_loaded_with_both_networks(random_images, tmp_path):
    gan = compiled(small_gan(labels=True, averaging=0.5, d_steps=2))
    gan.train_step((random_images, np.arange(8) % 3))
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for one, other in zip(gan.variables, loaded.variables, strict=True):
        np.testing.assert_array_equal(one.numpy(), other.numpy())
    assert (loaded.averaging, loaded.d_steps, loaded.conditional) == (0.5, 2, True)
    compiled(loaded).train_step((random_images, np.arange(8) % 3))
    assert int(loaded.step) == 2


def networks(**changes):
    """A pair of networks, of which one may be another."""
    pair = {"generator": fully_connected.generator(SHAPE, 6, units=(8,)),
            "discriminator": fully_connected.discriminator(SHAPE, units=(8,))}
    return pair | changes


def ending_in(*layers, shape=SHAPE):
    return keras.Sequential([keras.Input(shape), *layers])


def misfits():
    layers = keras.layers
    return {
        "unbuilt": ("generator", keras.Sequential([layers.Dense(64)]), "shapes of the generator"),
        "pixels as latents": ("generator", ending_in(layers.Reshape(SHAPE), shape=(1, 1, 64)),
                              r"takes \(1, 1, 64\); expected latents"),
        "sigmoid": ("discriminator", ending_in(layers.Flatten(), layers.Dense(1, "sigmoid")),
                    "ends in sigmoid; expected logits"),
        "map": ("discriminator", ending_in(layers.Conv2D(1, 3)), r"returns \(6, 6, 1\); expected"),
        "two": ("discriminator", ending_in(layers.Flatten(), layers.Dense(2)), r"returns \(2,\)"),
    }


@pytest.mark.parametrize("kind", misfits())
def test_networks_that_no_game_is_made_of_are_refused(kind):
    player, network, message = misfits()[kind]
    with pytest.raises(InputError, match=message):
        GAN(**networks(**{player: network}))


def test_optimizers_are_named_or_refused_in_one_line(random_images):
    gan = small_gan()
    gan.compile("adam", "rmsprop")
    gan.train_step(random_images)
    one = keras.optimizers.Adam()
    for pair, message in (((one, one), "the same optimizer"), (("adm", one), "'adm', which Keras"),
                          ((keras.optimizers.Adam, one), "expected an optimizer such as")):
        with pytest.raises(InputError, match=message):
            small_gan().compile(*pair)
    frozen = small_gan()
    frozen.discriminator.trainable = False
    with pytest.raises(InputError, match="the discriminator has no weights to train"):
        compiled(frozen)


def test_an_average_needs_to_know_the_classes():
    latents, labels = keras.Input((3,)), keras.Input((), dtype="int32")
    coded = keras.layers.CategoryEncoding(2, "one_hot")(labels)
    x = keras.layers.Dense(64)(keras.layers.Concatenate()([latents, coded]))
    generator = keras.Model([latents, labels], keras.layers.Reshape((8, 8, 1))(x))
    discriminator = small_gan(labels=True).discriminator
    with pytest.raises(InputError, match="no keras.layers.Embedding in it says how many"):
        GAN(generator, discriminator, averaging=0.9)
    assert GAN(generator, discriminator).num_classes == 0


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (dict(generator_label=(0.9, 1.0)), "generator_label is .* expected a number\\.$"),
        (dict(real_label=(0.7, 0.9, 1.0)), "real_label is .* or a .low, high. range"),
        (dict(fake_label=(0.3, 0.1)), "fake_label is 0.1"),
    ],
)
def test_labels_that_cannot_be_drawn_are_refused(labels, message):
    with pytest.raises(InputError, match=message):
        small_gan().compile("adam", "adam", **labels)
    with pytest.raises(InputError, match=message):
        recipes.get("digits_fcgan", **labels)


@pytest.mark.parametrize("labels", [[1, 3], [-1, 2], [0.5, 1.0]])
def test_labels_that_the_networks_do_not_know_are_refused(labels, random_images):
    gan = compiled(small_gan(labels=True))
    labels = np.resize(labels, 8)
    stream = tf.data.Dataset.from_tensors((random_images, labels))
    for given in ({"x": random_images, "y": labels}, {"x": stream}):
        with pytest.raises(InputError, match="expected whole numbers from 0 to 2"):
            gan.fit(**given, verbose=0)


def test_what_a_game_has_no_use_for_is_said_before_training(random_images, stream):
    rate = keras.callbacks.LearningRateScheduler(lambda epoch: 1e-3)
    wrong = [
        (dict(x=random_images, validation_data=random_images), "has no validation_data"),
        (dict(x=random_images, validation_split=0.1), "has no validation_split"),
        (dict(x=random_images, class_weight={0: 1.0}), "has no class_weight"),
        (dict(x=random_images, callbacks=[rate]), "LearningRateScheduler sets the rate of one"),
        (dict(x=random_images, callbacks=[keras.callbacks.TerminateOnNaN]), "not a Keras callback"),
        (dict(x=stream), "the batches never end: give steps_per_epoch"),
        (dict(x=tf.data.Dataset.from_tensors({"image": random_images})), "expected batches of"),
        (dict(x=None), "fit was given NoneType; expected batches of images"),
    ]
    gan = compiled(small_gan())
    for given, message in wrong:
        with pytest.raises(InputError, match=message):
            gan.fit(**given, verbose=0)
    assert int(gan.step) == 0


def test_images_from_0_to_1_are_warned_of(random_images):
    with pytest.warns(UserWarning, match="no value of the images is below 0"):
        compiled(small_gan()).fit(random_images / np.float32(255), batch_size=8, verbose=0)
