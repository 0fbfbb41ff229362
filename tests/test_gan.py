import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib import GAN, losses
from ganlib.images import to_float
from ganlib.networks import conditional, dcgan, fully_connected, normalization
from ganlib.errors import InputError

SHAPE = (8, 8, 1)


def small_gan(seed=0, labels=False, **options):
    keras.utils.set_random_seed(seed)
    generator = fully_connected.generator(SHAPE, 6, units=(8,))
    discriminator = fully_connected.discriminator(SHAPE, units=(8,))
    if labels:
        generator, discriminator = conditional.generator(generator, 3), conditional.discriminator(discriminator, 3)
    gan = GAN(generator, discriminator, seed=seed, **options)
    return gan


def compiled(gan, **options):
    gan.compile(keras.optimizers.Adam(1e-2, 0.5), keras.optimizers.Adam(1e-2, 0.5), jit_compile=False, **options)
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
    gan.d_optimizer.learning_rate = 0.0  # whatever moves the discriminator now, it is not its own turn
    before = weights(gan.generator), weights(gan.discriminator)
    gan.train_step(random_images)
    assert not same(before[0], weights(gan.generator))
    assert same(before[1], weights(gan.discriminator))


def test_r1_penalty_of_a_linear_discriminator_is_half_its_squared_weights(random_images):
    keras.utils.set_random_seed(0)
    linear = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1)])
    gan = compiled(GAN(fully_connected.generator(SHAPE, 6, units=(8,)), linear), r1=3.0)
    penalty = np.array(gan.r1_penalty(tf.constant(to_float(random_images)), None))
    assert penalty.shape == (2,)  # every fourth of eight images
    np.testing.assert_allclose(penalty, 1.5 * np.square(linear.get_weights()[0]).sum(), rtol=1e-5)


def test_slope_penalty_of_a_linear_discriminator_is_its_squared_distance_from_slope_1(random_images):
    keras.utils.set_random_seed(0)
    linear = keras.Sequential([keras.Input(SHAPE), keras.layers.Flatten(), keras.layers.Dense(1)])
    gan = compiled(GAN(fully_connected.generator(SHAPE, 6, units=(8,)), linear), loss="wasserstein", gradient_penalty=10.0)
    real = tf.constant(to_float(random_images))
    penalty = np.array(gan.slope_penalty(real, real[::-1], None, 0))
    slope = np.sqrt(np.square(linear.get_weights()[0]).sum())
    np.testing.assert_allclose(penalty, np.full(8, 10 * (slope - 1) ** 2), rtol=1e-4)


def test_the_slope_penalty_is_taken_between_real_and_generated_images(random_images):
    gan, seen = compiled(small_gan(), gradient_penalty=10.0), []
    gan._judge = lambda images, labels: seen.append(images) or tf.reduce_sum(images, (1, 2, 3))
    gan.slope_penalty(tf.ones((8, *SHAPE)), -tf.ones((8, *SHAPE)), None, 0)
    points = np.array(seen[0])
    assert (points.std(axis=(1, 2, 3)) < 1e-6).all()  # one place on the way for each pair
    assert points.min() > -1 and points.max() < 1 and len(np.unique(points[:, 0, 0, 0])) == 8


def test_wasserstein_with_penalty_draws_slopes_to_1_and_clipping_bounds_the_weights(random_images):
    gan = compiled(small_gan(), loss="wasserstein", gradient_penalty=10.0, d_steps=2)
    real = tf.constant(to_float(random_images))

    def penalty():
        return float(np.mean(gan.slope_penalty(real, gan.generate(8, None, 0), None, 0)))

    gan.discriminator.set_weights([5 * weight for weight in gan.discriminator.get_weights()])
    before = penalty()
    for _ in range(30):
        gan.train_step(random_images)
    assert penalty() < 0.2 * before
    clipped = compiled(small_gan(), loss="wasserstein", weight_clipping=0.01)
    clipped.train_step(random_images)
    assert max(np.abs(weight).max() for weight in clipped.discriminator.get_weights()) <= np.float32(0.01)


@pytest.mark.parametrize("labels", [False, True])
def test_r1_penalty_makes_the_discriminator_flat_and_is_not_part_of_the_loss_shown(labels, random_images):
    batch = (random_images, np.arange(8) % 3) if labels else random_images
    gan, free = compiled(small_gan(labels=labels), r1=100.0), compiled(small_gan(labels=labels))
    first = [float(each.train_step(batch)["d_loss"]) for each in (gan, free)]
    assert first[0] == pytest.approx(first[1], rel=1e-5)
    for _ in range(20):
        gan.train_step(batch), free.train_step(batch)
    images, numbers = tf.constant(to_float(random_images)), tf.constant(np.arange(8) % 3) if labels else None
    free.r1 = gan.r1
    flat, steep = (float(np.mean(each.r1_penalty(images, numbers))) for each in (gan, free))
    assert flat < 0.2 * steep


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
                    real_logits, fake_logits = twin.discriminator(to_float(random_images)), twin.discriminator(fakes)
                    loss = 0.5 * (bce(tf.ones((8, 1)), real_logits) + bce(tf.zeros((8, 1)), fake_logits))
                d_weights = twin.discriminator.trainable_weights
                d_optimizer.apply(d_tape.gradient(loss, d_weights), d_weights)
            loss = bce(tf.ones((8, 1)), twin.discriminator(fakes))
        g_weights = twin.generator.trainable_weights
        g_optimizer.apply(g_tape.gradient(loss, g_weights), g_weights)
    for ours, theirs in zip(
        gan.generator.weights + gan.discriminator.weights, twin.generator.weights + twin.discriminator.weights, strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_one_pass_and_two_passes_of_the_discriminator_agree(random_images):
    one, two = compiled(small_gan()), compiled(small_gan())
    two._judge_apart = True
    first, second = (float(gan.train_step(random_images)["d_loss"]) for gan in (one, two))
    assert first == pytest.approx(second, rel=1e-5)


@pytest.mark.parametrize("normalization", [None, "before"])
def test_a_normalizing_discriminator_sees_real_and_generated_images_apart(normalization):
    discriminator = dcgan.discriminator(SHAPE, filters=(4, 4), normalization=normalization)
    gan = GAN(dcgan.generator(SHAPE, 6, filters=(4, 4)), discriminator)
    assert gan._judge_apart == (normalization is not None)


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


@pytest.mark.parametrize(("noise", "low", "high", "std"), [("normal", -9, 9, 1.0), ("uniform", -1, 1, 3**-0.5)])
def test_noise_has_the_distribution_of_its_name(noise, low, high, std):
    latents = np.array(small_gan(noise=noise).draw_latents((4000, 6)))
    assert latents.min() >= low and latents.max() <= high
    assert latents.std() == pytest.approx(std, abs=0.02)


def test_smoothed_labels_reach_the_loss(random_images):
    plain, smooth = compiled(small_gan()), compiled(small_gan(), real_label=0.9, fake_label=0.1)
    logits = [np.array(plain.discriminator(images)) for images in (to_float(random_images), plain.generate(8, None, 0))]
    for gan, labels in ((plain, (1.0, 0.0)), (smooth, (0.9, 0.1))):
        expected = np.mean(losses.non_saturating_discriminator_loss(*logits, *labels))
        assert float(gan.train_step(random_images)["d_loss"]) == pytest.approx(expected, abs=2e-3)


def test_soft_labels_are_drawn_for_each_example_within_their_range():
    gan = small_gan()
    labels = np.array(gan._draw_label((0.7, 1.2), (500, 1), 0, 1))
    assert labels.shape == (500, 1)
    assert 0.7 <= labels.min() < 0.71 and 1.19 < labels.max() <= 1.2


def test_average_follows_the_generator_and_makes_the_pictures(random_images):
    gan = compiled(small_gan(averaging=0.9))
    start = weights(gan.generator)
    gan.train_step(random_images)
    momentum = 1 / 10  # (1 + 0) / (10 + 0) at the first step
    for old, new, average in zip(start, weights(gan.generator), weights(gan.averaged_generator), strict=True):
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


def test_several_discriminator_steps_move_it_further(random_images):
    once, thrice = compiled(small_gan()), compiled(small_gan(), d_steps=3)
    for gan in (once, thrice):
        gan.train_step(random_images)
    assert int(once.d_optimizer.iterations) == 1
    assert int(thrice.d_optimizer.iterations) == 3
    assert int(thrice.g_optimizer.iterations) == 1


def test_fused_normalization_agrees_with_keras_own(random_images):
    ours, theirs = normalization.BatchNormalization(momentum=0.9), keras.layers.BatchNormalization(momentum=0.9)
    maps = tf.random.stateless_normal((8, 6, 6, 5), (0, 1), 3.0, 2.0)
    results = []
    for layer in (ours, theirs):
        with tf.GradientTape() as tape:
            tape.watch(maps)
            outputs = layer(maps, training=True)
            loss = tf.reduce_sum(outputs**3)
        gradients = tape.gradient(loss, [maps, layer.gamma.value, layer.beta.value])
        results.append([outputs, layer(maps, training=False), *layer.weights, *gradients])
    for one, other in zip(*results, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-3, atol=1e-3)


def test_rmsprop_trains_as_well(random_images):
    gan = small_gan()
    gan.compile(keras.optimizers.RMSprop(1e-3), keras.optimizers.RMSprop(1e-3, clipvalue=0.01), jit_compile=False)
    before = weights(gan.generator)
    gan.train_step(random_images)
    assert not same(before, weights(gan.generator))


def test_networks_that_do_not_fit_are_refused_with_both_shapes():
    with pytest.raises(InputError, match=r"\(8, 8, 1\).*\(4, 4, 1\)"):
        GAN(fully_connected.generator(SHAPE), fully_connected.discriminator((4, 4, 1)))
    with pytest.raises(InputError, match="both conditional, or neither"):
        GAN(conditional.generator(fully_connected.generator(SHAPE), 3), fully_connected.discriminator(SHAPE))
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
        gan = compiled(GAN(dcgan.generator(SHAPE, 6, filters=(4, 4)), dcgan.discriminator(SHAPE, filters=(4,))))
    finally:
        keras.config.set_dtype_policy("float32")
    before = weights(gan.generator)
    logs = gan.train_step(random_images)
    assert not same(before, weights(gan.generator))
    assert {value.dtype.name for value in logs.values()} == {"float32"}
    assert {variable.dtype for variable in gan.generator.variables} == {"float32"}
    assert gan(np.zeros((1, 6), "float32")).dtype.name == "float32"
    scaled = isinstance(gan.g_optimizer, keras.optimizers.LossScaleOptimizer)
    assert scaled == (policy == "mixed_float16")  # which alone has too few exponents for small gradients


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
