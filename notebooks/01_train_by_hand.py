# %% [markdown]
# # Train by hand: the game, written out
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/01_train_by_hand.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/01_train_by_hand.ipynb)
#
# **You will**
#
# - write both players' losses and gradient steps yourself, and train a GAN with them;
# - check which weights a step of one player moves, and see why the generator's loss is not the obvious one;
# - show that `ganlib.GAN` does what you wrote, down to the weights.
#
# *About 1 minute on two CPU cores, less on a GPU. Builds on [00_start_here](00_start_here.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
import tensorflow as tf
from keras import ops

ganlib.doctor.begin()  # on Colab and Kaggle it says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("digits_fcgan", real_label=1.0, fake_label=0.0, averaging=0.0)
UNITS = (256, 512)  # of the layers of G, and the other way round of D
STEPS = RECIPE.steps // 2
COMPARED_STEPS, COMPARED_RATE = 20, 0.01
NUM_IMAGES = 10
keras.utils.set_random_seed(RECIPE.seed)

# %% [markdown]
# In the first lesson one call did everything. Here there is no such call. You have images, two networks and Keras's optimizers,
# and the rest is yours. The settings come from the recipe of the first lesson, without two of its additions: the labels are 1
# and 0, and there is no average of G's weights.

# %%
print(f"Latents of {RECIPE.latent_dim} numbers, {RECIPE.noise}; batches of {RECIPE.batch_size}; {STEPS:,} steps.")
print(f"Rates: {RECIPE.g_rate} for G and {RECIPE.d_rate} for D, with {RECIPE.optimizer} and {RECIPE.optimizer_options}.")

# %% [markdown]
# Adam (Kingma and Ba, [2015](https://arxiv.org/abs/1412.6980)) is the usual optimizer for GANs. It divides each step by the
# typical size of the gradient, and it follows a running mean of the latest gradients. The number $\beta_1$ says how much of
# that mean is kept from step to step. The usual 0.9 makes GANs swing, and 0.5 is steadier (Radford et al.,
# [2016](https://arxiv.org/abs/1511.06434)).
#
# ## Images in the range that networks like
#
# Files store pixels as whole numbers from 0 to 255. The generator's last layer is a tanh, which gives numbers from -1 to 1,
# so the real images have to live there too. Otherwise the discriminator could tell the two apart by their range alone and
# would never look at a stroke.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
digits = ganlib.data.load("digits")
stored = digits.images[0]
scaled = ops.convert_to_numpy(ganlib.images.to_float(stored))
print(f"stored: {stored.dtype}, {stored.min()} to {stored.max()}; for the networks: {scaled.dtype}, {scaled.min():.0f} to {scaled.max():.0f}")

# %% [markdown]
# `ganlib.data.batches` makes an endless stream of batches from a dataset: each image once per pass, in an order that depends
# only on the seed.

# %%
stream = iter(ganlib.data.batches(digits, RECIPE.batch_size, seed=RECIPE.seed))
images, labels = next(stream)
print(f"a batch: images {tuple(images.shape)} {images.dtype.name}, labels {tuple(labels.shape)} {labels.dtype.name}")

# %% [markdown]
# ## Two networks
#
# These are stacks of dense layers, as in the first lesson, but smaller.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
generator = ganlib.networks.fully_connected.generator(digits.image_shape, RECIPE.latent_dim, units=UNITS)
discriminator = ganlib.networks.fully_connected.discriminator(digits.image_shape, units=UNITS[::-1])
for network in (generator, discriminator):
    print(f"{network.name}: {', '.join(layer.__class__.__name__ for layer in network.layers[1:])}")

# %% [markdown]
# The discriminator ends in a dense layer without a sigmoid. Its output $\ell$ is a *logit*, and the probability that D assigns
# to "real" is $\sigma(\ell) = 1 / (1 + e^{-\ell})$. Keeping the sigmoid out of the network and inside the loss is not a matter
# of taste. See what happens to $\log \sigma(\ell)$ when it is computed in two steps and D is very sure:

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
print(f"in two steps: {ops.log(ops.sigmoid(-120.0)):.0f}, in one step: {ops.log_sigmoid(-120.0):.0f}")

# %% [markdown]
# Computers round $\sigma(-120)$ to 0, and the logarithm of 0 is not finite. One such number ruins all the weights.
#
# ## The detective's loss
#
# D should say 1 for real images and 0 for forged ones. The cross-entropy measures how wrong it is: $-\log \sigma(\ell)$ for a
# real image, and $-\log(1 - \sigma(\ell)) = -\log \sigma(-\ell)$ for a forged one.
#
# **Predict:** D has not learned anything yet, so its logits are near 0. What is its loss then?

# %%
def discriminator_loss(real_logits, fake_logits):
    return -0.5 * ops.mean(ops.log_sigmoid(real_logits) + ops.log_sigmoid(-fake_logits))


print(f"The loss of a detective who cannot tell: {discriminator_loss(ops.zeros((1, 1)), ops.zeros((1, 1))):.3f}")

# %% [markdown]
# It is $\log 2 \approx 0.693$, the loss of a D that always answers one half, and the dashed line in the loss plots. Remember
# this number. It is a landmark in every such plot.
#
# ## One step of the detective
#
# A gradient tape records what is computed inside its block, and then gives derivatives of the loss. You choose which ones:
# here, the derivatives for D's weights and no others.

# %%
def new_optimizer(rate):
    return keras.optimizers.Adam(rate, **RECIPE.optimizer_options)


g_optimizer, d_optimizer = new_optimizer(RECIPE.g_rate), new_optimizer(RECIPE.d_rate)


def train_discriminator(images, latents):
    fakes = generator(latents, training=True)
    with tf.GradientTape() as tape:
        loss = discriminator_loss(discriminator(images, training=True), discriminator(fakes, training=True))
    gradients = tape.gradient(loss, discriminator.trainable_weights)
    d_optimizer.apply(gradients, discriminator.trainable_weights)
    return loss


# %% [markdown]
# The forgeries are made *outside* the tape: D's turn must not change G's weights. The list of weights says explicitly who
# learns. Check this, not only for the weights that are trained, but for everything that G remembers:

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
latents = ganlib.sampling.draw_latents(RECIPE.batch_size, RECIPE.latent_dim, seed=RECIPE.seed)
before = [weight.numpy() for weight in generator.weights]
train_discriminator(ganlib.images.to_float(images), latents)
for old, weight in zip(before, generator.weights):
    if not np.array_equal(old, weight.numpy()):
        print(f"A step of the discriminator has changed the generator's {weight.path}.")
print(f"The other {sum(np.array_equal(old, new.numpy()) for old, new in zip(before, generator.weights))} of {len(before)} arrays are as before.")

# %% [markdown]
# The trainable weights have not moved. What has moved belongs to *batch normalization* (Ioffe and Szegedy,
# [2015](https://arxiv.org/abs/1502.03167)), which follows each hidden layer of G. While G trains, such a layer shifts and
# scales its inputs to mean 0 and variance 1 *within the batch*. So each image depends a little on the others in its batch.
# Later, when you ask for a single image, there is no batch. For that case, the layer keeps moving averages of the means and
# variances that it has seen, and updates them whenever it is called with `training=True`, no matter whose turn it is. They take
# no part in the training itself.
#
# ## The forger's loss, and why it is not the obvious one
#
# G wants the opposite of what D wants. The obvious choice is to make D's loss on forgeries as large as possible, that is, to
# minimise $\log(1 - \sigma(\ell))$, the *minimax* loss. The other choice is to minimise $-\log \sigma(\ell)$: make D say
# "real". Both want the same thing: larger logits. They differ in their slopes:
#
# $$\frac{d}{d\ell} \log(1 - \sigma(\ell)) = -\sigma(\ell), \qquad \frac{d}{d\ell} \bigl(-\log \sigma(\ell)\bigr) = -(1 - \sigma(\ell)).$$
#
# **Predict:** early in training D sees through every forgery; say it answers with a logit of -6. Which of the two losses has
# the steeper slope there, and gives G more to learn from?

# %%
logits = tf.Variable([[-6.0], [0.0], [6.0]])
for name in ("minimax", "non_saturating"):
    with tf.GradientTape() as tape:
        loss = ganlib.losses.get(name).generator(real_logits=None, fake_logits=logits)
    slopes = tape.gradient(loss, logits).numpy().ravel()
    formula = -tf.sigmoid(logits) if name == "minimax" else tf.sigmoid(logits) - 1
    assert np.allclose(slopes, np.ravel(formula))
    print(f"{name:>15}: slope {slopes[0]:.4f} where D sees through it, {slopes[1]:.4f} where D cannot tell, {slopes[2]:.4f} where D is fooled")

# %% [markdown]
# With the minimax loss, a forger who is caught every time hears almost nothing: the slope is a four-hundredth of what it could
# be. With the other loss, the signal is strongest exactly then. This is why that loss is called *non-saturating*, and why it is
# the usual one (Goodfellow et al., [2014](https://arxiv.org/abs/1406.2661), section 3). This slope is one of two factors. G
# learns from its product with the slope of D's logit at the image, and the loss cannot repair that second factor.
#
# ## One step of the forger
#
# This time the forgeries are made *inside* the tape, because the derivative has to pass through D back into G. D takes part
# but does not change: its weights are not in the list.

# %%
def train_generator(latents):
    with tf.GradientTape() as tape:
        fakes = generator(latents, training=True)
        loss = -ops.mean(ops.log_sigmoid(discriminator(fakes, training=True)))
    gradients = tape.gradient(loss, generator.trainable_weights)
    g_optimizer.apply(gradients, generator.trainable_weights)
    return loss


# %% [markdown]
# What if the forgeries were made outside the tape here too?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
fakes = generator(latents, training=True)
with tf.GradientTape() as tape:
    loss = -ops.mean(ops.log_sigmoid(discriminator(fakes, training=True)))
gradients = tape.gradient(loss, generator.trainable_weights)
print(f"{sum(gradient is None for gradient in gradients)} of {len(gradients)} gradients are None.")
try:
    g_optimizer.apply(gradients, generator.trainable_weights)
except ValueError as error:
    print("ValueError:", str(error).split(".")[0])

# %% [markdown]
# The tape did not see how the forgeries were made, so it knows no path from the loss to G's weights. Keras refuses the step
# with an error. You will meet this error when you write your own GANs; now you know what it means.
#
# ## The game
#
# Everything is in place: a step of the game is one turn for each player. `tf.function` turns the Python function into a graph
# that TensorFlow runs without returning to Python for each operation. Thirty times during the game, G turns the same ten latent
# vectors into images, and the picture below is replaced.

# %% tags=["centerpiece"]
# Picture: ten digits, forged by hand.
@tf.function
def play(images, latents):
    d_loss = train_discriminator(ganlib.images.to_float(images), latents)
    g_loss = train_generator(latents)
    return d_loss, g_loss


history, screen = [], ganlib.widgets.LivePicture()
shown = ganlib.sampling.draw_latents(NUM_IMAGES, RECIPE.latent_dim, seed=RECIPE.seed)
for step in range(STEPS):
    images, labels = next(stream)
    d_loss, g_loss = play(images, tf.random.stateless_normal(latents.shape, (RECIPE.seed, step)))
    if (step + 1) % max(1, STEPS // 30) == 0:
        history.append({"step": step + 1, "d_loss": float(d_loss), "g_loss": float(g_loss)})
        screen.show(ganlib.plots.plot_images(generator(shown, training=False).numpy()))
print(f"{STEPS:,} steps: the discriminator's loss is {history[-1]['d_loss']:.2f}, the generator's {history[-1]['g_loss']:.2f}")

# %%
# Picture: both players' losses, in jagged curves over the steps, with a dashed line at log 2.
ganlib.plots.plot_losses(history, title="trained by hand")

# %% [markdown]
# Each point of these curves is the loss of a single batch, so the curves jump. In the first lesson each point was the mean of
# 300 batches. What has G learned? The row below your forgeries comes from the published generator.

# %%
# Picture: twenty digits in two rows; above those that were forged by hand, below those of the
#   published generator.
published = ganlib.store.load_generator(RECIPE.name)
rows = [ops.convert_to_numpy(network(shown, training=False)) for network in (generator, published)]
titles = ["by hand", *[""] * (NUM_IMAGES - 1), "published", *[""] * (NUM_IMAGES - 1)]
ganlib.plots.plot_images(np.concatenate(rows), columns=NUM_IMAGES, titles=titles)

# %% [markdown]
# There are digits in the upper row, and you know every operation that made them. As a rule, they have more loose pixels in and
# around the strokes than the published ones. The published generator is larger, it is the best of a longer run with soft
# labels, and its weights are a running average. Which of these matters most? A comparison that changes all of them cannot tell.
# [Lesson 10](10_mnist_fcgan.ipynb) looks at one of them, the average.
#
# You can explore your own generator as well.

# %%
# Picture: rows of digits, each row a walk along one direction in the latent space.
explorer = ganlib.widgets.explore(generator)

# %% [markdown]
# In a live notebook, try the sliders. Which of the six directions turn one digit into another, and which change its slant or
# its width? Without a live notebook you see a row of images for each direction.
#
# ## The same game in Keras
#
# `ganlib.GAN` is a `keras.Model` whose `train_step` plays the game that you wrote. As a Keras model, it comes with `fit`,
# callbacks, history and saving. Does it do the same as your loop? Start both from equal weights, give them the same batches and
# the same latents, and compare all weights, including those of batch normalization. For this comparison both use plain gradient
# descent: Adam divides each gradient by its usual size, and so it would turn a rounding error in a tiny gradient into a full step.
#
# **Predict:** after twenty steps, will the weights agree roughly, to a few digits, or to within rounding?

# %%
twin = ganlib.GAN(keras.models.clone_model(generator), keras.models.clone_model(discriminator), seed=RECIPE.seed)
twin.generator.set_weights(generator.get_weights())
twin.discriminator.set_weights(discriminator.get_weights())
twin.compile(*(keras.optimizers.SGD(COMPARED_RATE) for _ in range(2)), loss="non_saturating")
g_optimizer, d_optimizer = (keras.optimizers.SGD(COMPARED_RATE) for _ in range(2))  # for the hand-written players
begun = [weights.numpy() for weights in generator.trainable_weights + discriminator.trainable_weights]

# %%
for step in range(COMPARED_STEPS):
    images, labels = next(stream)
    drawn = twin.draw_latents(latents.shape)
    twin.train_step(images)
    train_discriminator(ganlib.images.to_float(images), drawn)
    train_generator(drawn)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
def apart(own, other):
    return max(float(ops.max(ops.abs(by_hand - by_keras))) for by_hand, by_keras in zip(own, other, strict=True))


own = generator.trainable_weights + discriminator.trainable_weights
largest = apart(own, twin.generator.trainable_weights + twin.discriminator.trainable_weights)
assert largest < 1e-4 < apart(own, begun) / 10, f"the weights differ by up to {largest}"
print(f"{COMPARED_STEPS} steps by hand and by GAN.train_step give the same {len(own)} trained arrays, within rounding.")

# %%
moving = apart(generator.non_trainable_weights, twin.generator.non_trainable_weights)
print(f"The {len(generator.non_trainable_weights)} arrays of moving averages differ by up to {moving:.2g}.")

# %% [markdown]
# All the trained weights agree. The moving averages of batch normalization do not: you make forgeries twice in each step, once
# for each player, while the class makes them once for both. So your averages move twice a step and forget faster. Nothing in
# the training depends on them, but the images that you ask for later do, a little.
#
# The class also judges real and forged images in one pass where that gives the same result, and it derives its latents from the
# seed and the step number. It can do several things that this page does not cover: several turns of D in a step, labels other
# than 0 and 1, penalties, other losses, a running average of G, and classes. Each of them is a few lines in `train_step`, in
# `ganlib/gan.py`, and most of them have a lesson of their own. From here on, the lessons use this class.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("01_train_by_hand")

# %% [markdown]
# ## Exercise: the loss that saturates
#
# Write the minimax loss of G, `minimax_loss(fake_logits)`: the mean of $\log(1 - \sigma(\ell))$ over a batch of logits. It
# must also work for an image that has fooled D completely, with a logit of 200.

# %% tags=["exercise"]
def minimax_loss(fake_logits):
    return None  # replace this line: there is a symmetry, 1 - sigmoid(l) = sigmoid(-l)


# %% tags=["check"]
def alone(logit):
    return float(minimax_loss(np.full((1, 1), logit, "float32")))


some = np.array([[-3.0], [0.5], [2.0]], "float32")
if ganlib.answers.given(minimax_loss(some)):
    value = ganlib.answers.numbers(minimax_loss(some), "the loss", (), advice="Take the mean over the batch.")
    low, high = alone(-2.0), alone(2.0)
    assert low != high, "the logit makes no difference to it"
    assert low > high, "the sign is wrong: G minimises its loss, and wants large logits"
    assert high < 0, "this is above 0, as the non-saturating loss is; but the logarithm of a probability is never above 0"
    odds = np.exp([low, high])  # the probabilities of being forged and, since -2 mirrors 2, of being real
    assert np.isclose(odds.sum(), 1, atol=1e-3) and np.isclose(odds[0] / odds[1], np.exp(2), rtol=1e-3), "these are not logarithms of D's answers"
    one_by_one = [alone(logit) for logit in some.ravel()]
    assert not np.isclose(value, np.sum(one_by_one), rtol=1e-3), "this is the sum over the batch"
    assert np.isclose(value, np.mean(one_by_one), rtol=1e-3), "right for one logit, but this is not the mean over the batch"
    assert np.isfinite(alone(200.0)), "right for small logits, but not finite at 200: do not take the logarithm of a rounded 0"
    assert alone(200.0) < alone(100.0), "right for small logits, but flat from 100 to 200: there it would teach G nothing"
    print(f"Right. Where D is sure, a logit that rises from -6 to -5 lowers this loss by {alone(-6.0) - alone(-5.0):.4f}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def minimax_loss(fake_logits):
#     return ops.mean(ops.log_sigmoid(-fake_logits))
# ```
#
# Over the same stretch, the non-saturating loss falls by about 1, from 6 to 5.
# </details>

# %% [markdown]
# **Open exercise.** Put `minimax_loss` into `train_generator`, build new networks with the same seed, and play the game again.
# A good answer shows both players' losses and twenty digits for each of the two losses and for three seeds, and compares them
# with what the slopes above promise. Note D's loss at the end: the less sure D is, the less the two losses differ. For three
# seeds, the kernel distance of lesson 80 was 267 to 441 with the loss above and 213 to 302 with minimax, so here the slope did
# no harm. What would have to change in this game for it to do harm?
#
# ## You can now
#
# - write both players' losses and gradient steps, and train a GAN with them;
# - check which weights a step moves, and say why the generator's loss is the non-saturating one;
# - trust `ganlib.GAN`, because you have compared it with your own loop.
#
# **Next:** [02_the_game](02_the_game.ipynb) asks where this game leads, and what keeps it from going round in circles.
