# %% [markdown]
# # Sixty thousand digits: does it copy?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/10_mnist_fcgan.ipynb)
#
# **You will**
#
# - build a GAN in plain Keras, from networks to `fit`, and recognise the one line that does the same;
# - see what the running average of the generator's weights is good for;
# - find out, with a measurement and its weak spot, whether a generator copies its training images.
#
# *About 2 minutes on two CPU cores, less on a GPU. Builds on [01_train_by_hand](01_train_by_hand.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data; elsewhere they are there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch mnist")

import ganlib
import keras
import numpy as np
from keras.optimizers import Adam
from matplotlib import pyplot
from sklearn.neighbors import NearestNeighbors

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("mnist_fcgan", averaging=0.995)
EXTRA_STEPS = 20
NUM_IMAGES = 20
NUM_QUERIES = 200
COPY_NOISE = 0.1
SHIFT = 1

# %% [markdown]
# The digits of the first lessons came with scikit-learn: 1,498 of them for training, stored at 8 by 8 pixels. From here
# on you have MNIST (LeCun et al., 1998): 60,000 training images, half of them by employees of the US Census Bureau and
# half by high school students, and 10,000 test images by other people of both kinds. It has been the first test of image
# models for decades.
#
# ## What forty times as many images change

# %%
mnist = ganlib.data.load("mnist")
test = ganlib.data.load("mnist", split="test")
print(f"{len(mnist):,} images for training, {len(test):,} for testing, of shape {mnist.image_shape}.")

# %%
ganlib.plots.plot_images(mnist.images[:NUM_IMAGES], titles=mnist.labels[:NUM_IMAGES])

# %% [markdown]
# Slanted sevens, open fours, twos with and without a loop. There is far more to learn here than among the coarse digits.
#
# **Predict:** the training below takes a few thousand steps. How often will the networks meet each image?

# %%
shown = RECIPE.steps * RECIPE.batch_size
print(f"{RECIPE.steps:,} steps of {RECIPE.batch_size} images show {shown:,} images: each of them {shown / len(mnist):.1f} times.")

# %% [markdown]
# In the first lesson each digit came by about 150 times; here it is a handful. That matters for more than speed. A
# discriminator that meets the same few images over and over can learn them by heart, and then it judges "have I seen this
# one?" in place of "does this look like handwriting?". A forger who is judged in that way is pushed toward copying. You
# will check for that at the end of this lesson.
#
# ## The long form
#
# Whoever knows Keras knows this. First the two networks. A recipe keeps the arguments that shape them, here the widths of
# their layers, in two dictionaries.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
keras.utils.set_random_seed(RECIPE.seed)
generator = ganlib.networks.fully_connected.generator(mnist.image_shape, RECIPE.latent_dim, **RECIPE.generator)
discriminator = ganlib.networks.fully_connected.discriminator(mnist.image_shape, **RECIPE.discriminator)
print(f"Generator: layers of {RECIPE.generator['units']} units, {generator.count_params():,} weights.")
print(f"Discriminator: layers of {RECIPE.discriminator['units']} units, {discriminator.count_params():,} weights.")

# %% [markdown]
# Then the game. `compile` takes one optimizer for each player and says how they play.
#
# Two of its arguments are new. In lesson 01 the detective was to answer 1 for real and 0 for forged. Here the target for
# each real image is drawn from a range around 1, and for each forgery from a range that begins at 0. These *soft labels* keep
# D from being rewarded for ever larger logits: a D that shouts gives G a gradient that is large but says little (Salimans
# et al., 2016, lower the target for real images alone, to 0.9, say; drawing targets at random is a popular variant).

# %%
gan = ganlib.GAN(generator, discriminator, averaging=RECIPE.averaging, seed=RECIPE.seed)
gan.compile(
    g_optimizer=Adam(RECIPE.g_rate, **RECIPE.optimizer_options),
    d_optimizer=Adam(RECIPE.d_rate, **RECIPE.optimizer_options),
    loss=RECIPE.loss,
    real_label=RECIPE.real_label,
    fake_label=RECIPE.fake_label,
)
print(f"Targets: {RECIPE.real_label} for real images, {RECIPE.fake_label} for forgeries.")

# %% [markdown]
# ## The short form
#
# Those two cells are what `ganlib.recipes.build` does. The line below returns a *run*, which holds the data, the networks
# and the compiled GAN, and whose `fit` adds a folder with pictures, records and checkpoints.
#
# **Predict:** the two were built one after the other. Do they start from the same random weights?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
pairs = list(zip(generator.weights + discriminator.weights, run.generator.weights + run.discriminator.weights, strict=True))
print(f"{sum(np.array_equal(long.numpy(), short.numpy()) for long, short in pairs)} of {len(pairs)} weight arrays are equal in both forms.")

# %% [markdown]
# All of them: the weights are drawn from the recipe's seed, and `set_random_seed` above did the same. A seed makes an
# experiment repeatable, which you will want as soon as you change one number and ask what it did. From the next lesson on
# you use the short form.
#
# ## Training
#
# Now `fit`, on the stream of batches, which comes shuffled already. The stream has no end, so Keras is told how many
# steps make an *epoch*; here that word means nothing but the stretch between two lines of the report.

# %%
stream = ganlib.data.batches(mnist, RECIPE.batch_size, seed=RECIPE.seed)
epochs = RECIPE.steps // RECIPE.sample_every
log = gan.fit(stream, epochs=epochs, steps_per_epoch=RECIPE.sample_every, shuffle=False, verbose=2)

# %%
rows = zip(log.history["d_loss"], log.history["g_loss"])
history = [{"step": (i + 1) * RECIPE.sample_every, "d_loss": d, "g_loss": g} for i, (d, g) in enumerate(rows)]
ganlib.plots.plot_losses(history, title=RECIPE.name)

# %% [markdown]
# In the first stretch D is far ahead. After that its loss stays a little below the coin toss and G's a little above, and
# neither curve runs away. With soft labels D's loss could not reach zero even if it wanted to, for no single answer fits
# targets that change from image to image.
#
# The curves have been flat for most of the time. Did nothing happen then? Look at the images.

# %%
latents = ganlib.sampling.draw_latents(NUM_QUERIES, RECIPE.latent_dim, seed=RECIPE.seed)
fakes = gan.predict(latents, verbose=0)
ganlib.plots.plot_images(fakes[:NUM_IMAGES], title="forged")

# %% [markdown]
# Digits, most of them readable, in several hands; a few are between two digits, and some are crumbling. Look closely at
# the strokes: there are loose pixels in and around them. The last layer has a row of weights for each pixel and has to
# learn for every one of them separately what its neighbours have learned already. Lesson 11 does something about that.
#
# ## What the average does
#
# You looked at `gan.predict`, which uses `gan.averaged_generator`. The generator that plays the game is `gan.generator`.
# After each step the average moves a little toward it: with a momentum of 0.995 it keeps 99.5 % of itself and takes in
# 0.5 % of the newcomer, so it remembers about the last 200 steps.
#
# **Predict:** the same latents go through both. Will you see the same digits? Which will look better?

# %%
momentary = gan.generator.predict(latents, verbose=0)
half = NUM_IMAGES // 2
ganlib.plots.plot_images(np.concatenate([momentary[:half], fakes[:half]]), title="above: the player, below: its average")

# %% [markdown]
# The digits are the same, column by column, for both networks mean the same by a latent vector. Those of the player are
# more ragged: edges are frayed, and stray pixels surround them. Each batch pulls its weights in a slightly different
# direction, and a GAN never comes to rest: as G moves, D moves, and so does the place where G should go. The average
# cancels what changes sign from step to step and keeps what lasts (Yazici et al., 2019).
#
# If that is so, the player should wander and the average should stand nearly still. Let the game go on for 20 steps and
# measure how much the pixels change.

# %%
gan.fit(stream, steps_per_epoch=EXTRA_STEPS, shuffle=False, verbose=0)
for name, network, earlier in (("player", gan.generator, momentary), ("average", gan.averaged_generator, fakes)):
    change = np.abs(network.predict(latents, verbose=0) - earlier).mean()
    print(f"In {EXTRA_STEPS} steps the pixels of the {name} change by {change:.3f} on average, on a scale from -1 to 1.")

# %% [markdown]
# The player's images change about ten times as much as the average's, in the same 20 steps. They did not get ten times as
# much better; they went back and forth. The average costs a second copy of the weights and next to no time, and it takes
# no part in the game: D never sees its images. Many of the pictures of GANs that you meet in papers were made by averaged
# weights.
#
# ## Is it copying?
#
# A forger who keeps a drawer of originals and traces one for each order would look perfect. So quality alone cannot tell
# whether G has learned what digits are. Look for each forgery's nearest training image: the one with the smallest
# Euclidean distance, the square root of the sum of squared differences over all 784 pixels.

# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


neighbours = NearestNeighbors(n_neighbors=1, algorithm="brute").fit(as_rows(mnist.images))
distances, places = neighbours.kneighbors(as_rows(fakes))
pairs = np.concatenate([ganlib.images.to_uint8(fakes[:half]), mnist.images[places[:half, 0]]])
ganlib.plots.plot_images(pairs, title="above: forged, below: the nearest training image")

# %% [markdown]
# The neighbours are relatives, not twins. Usually they are the same digit at the same slant, but strokes end elsewhere,
# loops are wider, the thickness differs. Where the forgery is a muddle of two digits, so is the resemblance.
#
# That is an impression. To judge the distances you need two yardsticks:
#
# - *a copier*: training images with a trace of noise, which is what G would produce if it traced;
# - *an honest writer*: the test images. They come from people who wrote none of the training images, so nobody has copied
#   anything.
#
# **Predict:** a test image has never been near the training set. Is its nearest neighbour closer or farther than that of
# a forgery?

# %%
draw = np.random.default_rng(RECIPE.seed)
traced = as_rows(mnist.images[:NUM_QUERIES]) + COPY_NOISE * draw.standard_normal((NUM_QUERIES, np.prod(mnist.image_shape)))
sources = {"traced copies": traced, "forgeries": as_rows(fakes), "test images": as_rows(test.images[:NUM_QUERIES])}
nearest = {name: neighbours.kneighbors(rows)[0][:, 0] for name, rows in sources.items()}
for name, values in nearest.items():
    print(f"{name:>13}: median distance to the nearest training image {np.median(values):.1f}, smallest {values.min():.1f}")

# %%
figure, axis = pyplot.subplots(figsize=(7, 2.6))
for name, values in nearest.items():
    axis.hist(values, bins=30, range=(0, max(map(np.max, nearest.values()))), alpha=0.5, label=name)
axis.set(xlabel="distance to the nearest training image", ylabel="images")
axis.legend()
pyplot.show()

# %% [markdown]
# The copier stands out at once: all of its images sit at the distance that the noise alone makes, $0.1 \cdot \sqrt{784} =
# 2.8$. The forgeries cover the same range as the honest test images, and their medians are close. By this measure G is no
# more of a copier than a person who writes a digit.
#
# A few test images are as near as the traced copies, and nobody copied those. They are ones: a straight stroke leaves so
# little to choose that among thousands of ones some are alike. So a small distance is no proof of copying either, and you
# need the second yardstick as much as the first.
#
# Do not read more into the numbers than that. A forgery that is *farther* away than a test image is not more original;
# loose pixels, or a shape that is no digit at all, put it there. What would be alarming is a heap at the left end, higher
# than that of the test images.
#
# ## Exercise: fool the detective of copies
#
# How hard is it to hide a copy from this measurement? Take the first `NUM_QUERIES` training images, move each by `SHIFT`
# = 1 pixel to the right (`np.roll` with an axis does it), and put the distances to their nearest training images into
# `hidden`, an array of shape (200,).
#
# **Predict:** will they be nearer to the traced copies or to the test images?

# %% tags=["exercise"]
hidden = None  # replace None: neighbours.kneighbors(as_rows(...)) returns distances and places, each of shape (count, 1)

# %% tags=["check"]
if hidden is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert hidden.shape == (NUM_QUERIES,), f"expected one distance per image, got shape {hidden.shape}; take column 0"
    moved = np.roll(mnist.images[:NUM_QUERIES], SHIFT, axis=2)
    assert np.allclose(hidden, neighbours.kneighbors(as_rows(moved))[0][:, 0], atol=1e-2), "the images moved in another way"
    print(f"Right. Median distance: {np.median(hidden):.1f} for shifted copies, {np.median(nearest['test images']):.1f} for test images.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# moved = np.roll(mnist.images[:NUM_QUERIES], SHIFT, axis=2)
# hidden = neighbours.kneighbors(as_rows(moved))[0][:, 0]
# ```
#
# A copy moved by a single pixel, which no eye would notice, is about as far from the training set as an honest digit. For
# most of them the nearest training image is not even the original. Distance between pixels is a poor judge of likeness
# (Theis et al., 2016). It finds exact copies and nothing subtler; distances between features of a trained network see
# more.
# </details>

# %% [markdown]
# ## You can now
#
# - build a GAN in plain Keras, from networks to `fit`, and say what `ganlib.recipes.build` does for you;
# - say what the running average of the generator's weights is good for, and show that it wanders less than the player;
# - test a generator for exact copies, and name the weak spot of the test.
#
# **Next:** in [11_mnist_dcgan](11_mnist_dcgan.ipynb) the networks learn what a neighbourhood of pixels is.
