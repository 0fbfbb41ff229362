"""What 01_train_by_hand says about its results."""


def loose(images):
    """Bright pixels, none of whose eight neighbours is bright, per image."""
    bright = np.pad(np.asarray(images)[..., 0] > 0, ((0, 0), (1, 1), (1, 1)))
    size = bright.shape[1] - 2
    shifts = [bright[:, y : y + size, x : x + size] for y in range(3) for x in range(3)]
    return np.mean(np.sum(shifts[4] & (np.sum(shifts, axis=0) == 1), axis=(1, 2)))


def slope(name, logit):
    logits = tf.Variable([[logit]])
    with tf.GradientTape() as tape:
        loss = ganlib.losses.get(name).generator(real_logits=None, fake_logits=logits)
    return float(tape.gradient(loss, logits)[0, 0])


claim("Computers round $\\sigma(-120)$ to 0, and the logarithm of 0 is not finite.",
       float(ops.sigmoid(-120.0)) == 0 and np.isfinite(float(ops.log_sigmoid(-120.0))))
claim("$\\log 2 \\approx 0.693$", abs(float(discriminator_loss(ops.zeros((1, 1)), ops.zeros((1, 1)))) - np.log(2)) < 1e-3)
still = [weight.path for weight in generator.trainable_weights]
before = [weight.numpy() for weight in generator.weights]
train_discriminator(ganlib.images.to_float(images), latents)
moved = {weight.path for old, weight in zip(before, generator.weights) if not np.array_equal(old, weight)}
claim("The trainable weights have not moved.", moved.isdisjoint(still))
claim("What has moved belongs to *batch normalization*",
      moved == {weight.path for weight in generator.non_trainable_weights} and len(moved) == 4)
claim("the slope is a four-hundredth of what it could be", 390 < -1 / slope("minimax", -6.0) < 410)
claim("With the other loss, the signal is strongest exactly then.",
      slope("non_saturating", -6.0) < slope("non_saturating", 0.0) < slope("non_saturating", 6.0))
grains = [loose(network(ganlib.sampling.draw_latents(200, RECIPE.latent_dim), training=False))
          for network in (generator, published)]
claim("As a rule, they have more loose pixels in and around the strokes than the published ones.",
      grains[0] > 1.2 * grains[1], by_hand=grains[0], published=grains[1])
claim("The published generator is larger, it is the best of a longer run with soft labels",
      published.count_params() > generator.count_params()
      and ganlib.store.training_of(RECIPE.name)["steps"] > STEPS
      and isinstance(ganlib.store.recipe_of(RECIPE.name)["real_label"], list))
claim("All the trained weights agree.", largest < 1e-4, apart=largest)
claim("The moving averages of batch normalization do not", moving > 1e-2, apart=moving)
spread = [np.std(np.diff([row[loss] for row in history])) for loss in ("d_loss", "g_loss")]
claim("so the curves jump", min(spread) > 0.02, d=spread[0], g=spread[1])
