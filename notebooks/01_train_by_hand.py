# %% [markdown]
# # Train by hand: the game, written out
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/01_train_by_hand.ipynb)
#
# **You will**
#
# - write both players' losses and gradient steps yourself, and train a GAN with them;
# - check that a step of one player leaves the other untouched, and see why the generator's loss is not the obvious one;
# - show that `ganlib.GAN` does exactly what you wrote, down to the weights.
#
# *About 1 minute on two CPU cores, less on a GPU. Builds on [00_start_here](00_start_here.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")

import ganlib
import keras
import numpy as np
import tensorflow as tf
from keras import ops

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("digits_fcgan")
UNITS = (256, 512)
STEPS = RECIPE.steps // 2
COMPARED_STEPS = 20
keras.utils.set_random_seed(RECIPE.seed)

# %% [markdown]
# In the first lesson one call did everything. Here there is no such call. You have images, two networks and Keras's
# optimizers, and the rest is yours.
#
# ## Images in the range that networks like
#
# Files store pixels as whole numbers from 0 to 255. The generator's last layer is a tanh, which gives numbers from -1 to 1, so
# the real images have to live there too. Otherwise the discriminator could tell the two apart by their range alone and would
# never look at a stroke.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
digits = ganlib.data.load("digits")
stored = digits.images[0]
scaled = ops.convert_to_numpy(ganlib.images.to_float(stored))
print(f"stored: {stored.dtype}, {stored.min()} to {stored.max()}; for the networks: {scaled.dtype}, {scaled.min():.0f} to {scaled.max():.0f}")

# %% [markdown]
# `ganlib.data.batches` makes an endless stream of batches from a dataset: each image once per pass, in an order that depends on
# the seed alone.

# %%
stream = iter(ganlib.data.batches(digits, RECIPE.batch_size, seed=RECIPE.seed))
images, labels = next(stream)
print(f"a batch: images {tuple(images.shape)} {images.dtype.name}, labels {tuple(labels.shape)} {labels.dtype.name}")

# %% [markdown]
# ## Two networks
#
# Stacks of dense layers, the same as in the first lesson but smaller.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
generator = ganlib.networks.fully_connected.generator(digits.image_shape, RECIPE.latent_dim, units=UNITS)
discriminator = ganlib.networks.fully_connected.discriminator(digits.image_shape, units=UNITS[::-1])
print([layer.__class__.__name__ for layer in discriminator.layers])

# %% [markdown]
# The discriminator ends in a dense layer without a sigmoid. Its output $\ell$ is a *logit*, and the probability that D gives
# to "real" is $\sigma(\ell) = 1 / (1 + e^{-\ell})$. Keeping the sigmoid out of the network and inside the loss is not a matter of
# taste: for a confident D, $\log \sigma(\ell)$ computed in two steps rounds to $\log 0$.
#
# ## The detective's loss
#
# D should say 1 for real images and 0 for forged ones. How wrong it is, is the cross-entropy: $-\log \sigma(\ell)$ for a real
# image, $-\log(1 - \sigma(\ell)) = -\log \sigma(-\ell)$ for a forged one.
#
# **Predict:** D has not learned anything yet, so its logits are near 0. What is its loss then?

# %%
def discriminator_loss(real_logits, fake_logits):
    return -0.5 * ops.mean(ops.log_sigmoid(real_logits) + ops.log_sigmoid(-fake_logits))


print(f"The loss of a detective who cannot tell: {discriminator_loss(ops.zeros((1, 1)), ops.zeros((1, 1))):.3f}")

# %% [markdown]
# $\log 2 \approx 0.693$, the loss of a coin toss: the dashed line in the plots of losses. Remember the number; it is the only
# landmark that a GAN's loss has.
#
# ## One step of the detective
#
# A gradient tape records what is computed inside its block, then gives derivatives of the loss. Which derivatives is up to you:
# here, those for D's weights and no others.

# %%
g_optimizer = keras.optimizers.Adam(RECIPE.g_rate, beta_1=0.5)
d_optimizer = keras.optimizers.Adam(RECIPE.d_rate, beta_1=0.5)


def train_discriminator(images, latents):
    fakes = generator(latents, training=True)
    with tf.GradientTape() as tape:
        loss = discriminator_loss(discriminator(images, training=True), discriminator(fakes, training=True))
    gradients = tape.gradient(loss, discriminator.trainable_weights)
    d_optimizer.apply(gradients, discriminator.trainable_weights)
    return loss


# %% [markdown]
# The forgeries are made *outside* the tape: D has no business in G's weights. Many published GANs got this wrong by switching
# `trainable` on and off, a flag that takes effect at some times and not at others. An explicit list of weights cannot be
# misunderstood. Check that it holds:

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
latents = ganlib.sampling.draw_latents(RECIPE.batch_size, RECIPE.latent_dim, seed=RECIPE.seed)
weights_before = [weight.numpy() for weight in generator.trainable_weights]
train_discriminator(ganlib.images.to_float(images), latents)
moved = [not np.array_equal(old, new.numpy()) for old, new in zip(weights_before, generator.trainable_weights)]
print(f"A step of the discriminator moved {sum(moved)} of the generator's {len(moved)} weight arrays.")

# %% [markdown]
# ## The forger's loss, and why it is not the obvious one
#
# G wants the opposite of what D wants. The obvious choice is to make D's loss on forgeries as large as possible, that is, to
# minimise $\log(1 - \sigma(\ell))$, the *minimax* loss. The other choice is to minimise $-\log \sigma(\ell)$: make D say "real".
# Both want the same thing. They differ in how loudly they say so.
#
# **Predict:** early in training D sees through every forgery; say it answers with a logit of -6. Which of the two losses has
# the larger slope there, the one that G learns from?

# %%
logits = tf.Variable([[-6.0], [0.0], [6.0]])
for name in ("minimax", "non_saturating"):
    with tf.GradientTape() as tape:
        loss = ganlib.losses.get(name).generator(real_logits=None, fake_logits=logits)
    slopes = tape.gradient(loss, logits).numpy().ravel()
    print(f"{name:>15}: slope {slopes[0]:.4f} where D is sure it is forged, {slopes[1]:.4f} where it cannot tell, {slopes[2]:.4f} where it is fooled")

# %% [markdown]
# With the minimax loss, a forger who is caught every time hears almost nothing: the slope is a four-hundredth. With the other,
# being caught is exactly when the signal is strongest. This is why it is called *non-saturating*, and why nearly everybody uses it
# (Goodfellow et al., 2014, section 3).
#
# ## One step of the forger
#
# This time the forgeries are made *inside* the tape, because the derivative has to pass through D back into G. D takes part but
# does not change: its weights are not in the list.

# %%
def train_generator(latents):
    with tf.GradientTape() as tape:
        fakes = generator(latents, training=True)
        loss = -ops.mean(ops.log_sigmoid(discriminator(fakes, training=True)))
    gradients = tape.gradient(loss, generator.trainable_weights)
    g_optimizer.apply(gradients, generator.trainable_weights)
    return loss


# %% [markdown]
# ## The game
#
# Everything is there; a step of the game is one turn for each. `tf.function` turns the Python function into a graph that
# TensorFlow runs without coming back to Python at each operation. For networks as small as these that makes the difference
# between a minute and several.

# %% tags=["centerpiece"]
@tf.function
def play(images, latents):
    d_loss = train_discriminator(ganlib.images.to_float(images), latents)
    g_loss = train_generator(latents)
    return d_loss, g_loss


history = []
for step in range(STEPS):
    images, labels = next(stream)
    d_loss, g_loss = play(images, tf.random.stateless_normal(latents.shape, (RECIPE.seed, step)))
    if (step + 1) % max(1, STEPS // 30) == 0:
        history.append({"step": step + 1, "d_loss": float(d_loss), "g_loss": float(g_loss)})
print(f"{STEPS:,} steps: the discriminator's loss is {history[-1]['d_loss']:.2f}, the generator's {history[-1]['g_loss']:.2f}")

# %%
ganlib.plots.plot_images(ops.convert_to_numpy(generator(latents[:30], training=False)), title="forged by hand")

# %%
ganlib.plots.plot_losses(history, title="one batch at a time, so the curves jump")

# %% [markdown]
# There are digits in the grid, and you know every operation that made them. They are rougher than those of the first lesson,
# which trained for twice as long and showed a *running average* of the generator: its weights from one step to the next wander
# around a good place, and their average is closer to it than any one of them.
#
# ## The same game in Keras
#
# `ganlib.GAN` is a `keras.Model` whose `train_step` is what you wrote, with options. Being a Keras model it brings `fit`, callbacks,
# history and saving along. Does it do the same? Start both from equal weights, give them the same batches and the same
# latents, and compare.
#
# **Predict:** after twenty steps, will the weights agree roughly, to a few digits, or to within rounding?

# %%
twin = ganlib.GAN(keras.models.clone_model(generator), keras.models.clone_model(discriminator), seed=RECIPE.seed)
twin.generator.set_weights(generator.get_weights())
twin.discriminator.set_weights(discriminator.get_weights())
twin.compile(keras.optimizers.Adam(RECIPE.g_rate, beta_1=0.5), keras.optimizers.Adam(RECIPE.d_rate, beta_1=0.5), loss="non_saturating")

# The hand-written players begin with fresh optimizers as well.
g_optimizer = keras.optimizers.Adam(RECIPE.g_rate, beta_1=0.5)
d_optimizer = keras.optimizers.Adam(RECIPE.d_rate, beta_1=0.5)

# %%
for step in range(COMPARED_STEPS):
    images, labels = next(stream)
    drawn = twin.draw_latents(latents.shape)
    twin.train_step(images)
    train_discriminator(ganlib.images.to_float(images), drawn)
    train_generator(drawn)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
pairs = list(zip(generator.trainable_weights + discriminator.trainable_weights, twin.generator.trainable_weights + twin.discriminator.trainable_weights))
largest = max(float(ops.max(ops.abs(by_hand - by_keras))) for by_hand, by_keras in pairs)
assert largest < 1e-4, f"the weights differ by up to {largest}"
print(f"{COMPARED_STEPS} steps by hand and by GAN.train_step give the same {len(pairs)} weight arrays, within rounding.")

# %% [markdown]
# Within rounding. The class draws its latents from the seed and the number of the step, makes the forgeries once for both players
# where you make them twice, judges real and forged images in one pass instead of two, and counts; apart from that it is your loop. From here on the lessons call it, and when you wonder what happens
# inside, you know: it is this page. The whole of it is in `ganlib/gan.py`, which takes five minutes to read.
#
# ## Exercise: catch the switched-off forger
#
# A classic mistake is to compute G's forgeries outside the tape in G's step as well. Write `broken_gradients`, the list of gradients
# for `generator.trainable_weights` that such a step would get, and look at what is in it.

# %% tags=["exercise"]
broken_gradients = None  # replace None: call tape.gradient after a tape that does not see generator(latents)

# %% tags=["check"]
if broken_gradients is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert len(broken_gradients) == len(generator.trainable_weights), "expected one entry per weight array of the generator"
    assert all(gradient is None for gradient in broken_gradients), "some gradients are there: the tape has seen the generator"
    print("Right: nothing but None. No error is raised, the optimizer may only warn, and G would never move.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# fakes = generator(latents, training=True)
# with tf.GradientTape() as tape:
#     loss = -ops.mean(ops.log_sigmoid(discriminator(fakes, training=True)))
# broken_gradients = tape.gradient(loss, generator.trainable_weights)
# ```
# </details>

# %% [markdown]
# ## You can now
#
# - write both players' losses and gradient steps, and train a GAN with them;
# - check that a step moves only the player whose turn it is, and say why the generator's loss is the non-saturating one;
# - trust `ganlib.GAN`, because you have compared it with your own loop.
#
# **Next:** [03_watch_it_learn](03_watch_it_learn.ipynb) plays the same game in two dimensions, where you can see all of it.
