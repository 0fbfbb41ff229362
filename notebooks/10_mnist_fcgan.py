# %% [markdown]
# # Sixty thousand digits: does it copy?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/10_mnist_fcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/10_mnist_fcgan.ipynb)
#
# **You will**
#
# - build a GAN in plain Keras, from networks to `fit`, and recognise the one line that does the same;
# - see what soft labels do to D, and what the running average of the generator's weights is good for;
# - measure whether a generator copies its training images, and find the weak spot of this measurement.
#
# *About 2 minutes on two CPU cores, less on a GPU. Builds on [02_the_game](02_the_game.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
from keras import ops
from keras.optimizers import Adam
from matplotlib import pyplot
from scipy import ndimage

ganlib.doctor.begin("mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("mnist_fcgan", averaging=0.995)
EXTRA_STEPS = 20
NUM_IMAGES = 20
NUM_QUERIES = 500
COPY_NOISE = 0.1
SHIFT = 1

# %% [markdown]
# The digits of the first lessons came with scikit-learn: 1,498 of them for training, stored at 8 by 8 pixels. From here on you
# have MNIST (LeCun et al., [1998](https://doi.org/10.1109/5.726791)): 60,000 training images, half of them written by employees
# of the US Census Bureau and half by high school students, and 10,000 test images by other people from both groups.
#
# ## What forty times as many images change

# %%
# Picture: twenty handwritten digits in two rows, white on black, with their labels above.
mnist = ganlib.data.load("mnist")
test = ganlib.data.load("mnist", split="test")
print(f"{len(mnist):,} images for training, {len(test):,} for testing, of shape {mnist.image_shape}.")
ganlib.plots.plot_images(mnist.images[:NUM_IMAGES], titles=mnist.labels[:NUM_IMAGES])

# %% [markdown]
# A slanted seven, open fours, twos with a loop at the foot, ones that lean and ones that stand upright. There is far more to
# learn here than from the coarse digits.
#
# **Predict:** the training below takes a few thousand steps. How often will the networks meet each image?

# %%
shown = RECIPE.steps * RECIPE.batch_size
print(f"{RECIPE.steps:,} steps of {RECIPE.batch_size} images show {shown:,} images: each of them {shown / len(mnist):.1f} times.")

# %% [markdown]
# In the first lesson, each digit came up about 150 times; here it is only a handful. That matters for more than speed. A
# discriminator that meets the same few images over and over can learn them by heart, and then it judges "have I seen this one?"
# instead of "does this look like handwriting?". A generator that is judged in this way is pushed towards copying. You will
# check for that at the end of this lesson.
#
# ## The long form
#
# First come the two networks. A recipe keeps the arguments that shape them, here the widths of their layers, in two
# dictionaries.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
keras.utils.set_random_seed(RECIPE.seed)
generator = ganlib.networks.fully_connected.generator(mnist.image_shape, RECIPE.latent_dim, **RECIPE.generator)
discriminator = ganlib.networks.fully_connected.discriminator(mnist.image_shape, **RECIPE.discriminator)
print(f"Generator: layers of {RECIPE.generator['units']} units, {generator.count_params():,} weights.")
print(f"Discriminator: layers of {RECIPE.discriminator['units']} units, {discriminator.count_params():,} weights.")

# %% [markdown]
# Then comes the game. `compile` takes one optimizer for each player and says how they play. Look at two of its arguments, the
# labels.

# %%
gan = ganlib.GAN(generator, discriminator, averaging=RECIPE.averaging, seed=RECIPE.seed)
gan.compile(
    g_optimizer=Adam(RECIPE.g_rate, **RECIPE.optimizer_options),
    d_optimizer=Adam(RECIPE.d_rate, **RECIPE.optimizer_options),
    loss=RECIPE.loss,
    real_label=RECIPE.real_label,
    fake_label=RECIPE.fake_label,
)
print(RECIPE.table())

# %% [markdown]
# ## Soft labels
#
# In lesson 01, D had to answer 1 for real images and 0 for generated ones. A label $y$ need not be 0 or 1. In general, the
# cross-entropy is $-y \log \sigma(\ell) - (1 - y) \log(1 - \sigma(\ell))$. Labels that are a little less than 1, or a little
# more than 0, are called *smoothed*. In this course labels are *soft* if they are drawn from a range, anew for each image in
# each batch. This recipe uses soft labels.
#
# **Predict:** D sees the image, but not the label that was drawn for it. What will a good D answer if labels for real images
# lie between 0.7 and 1.2?

# %%
logits, floors = np.linspace(-8, 8, 801), []
for kind, labels in (("real", RECIPE.real_label), ("generated", RECIPE.fake_label)):
    mean = np.mean(labels)
    costs = mean * np.logaddexp(0, -logits) + (1 - mean) * np.logaddexp(0, logits)
    floors.append(costs.min())
    answer = 1 / (1 + np.exp(-logits[costs.argmin()]))
    print(f"{kind} images: the mean label is {mean:.2f}. The best answer is {answer:.2f}, with a loss of {costs.min():.2f}.")
print(f"So D's loss cannot stay below {np.mean(floors):.2f}.")

# %% [markdown]
# The cross-entropy is linear in $y$, so on average only the mean label counts. A fixed label of 0.95 would pull D to the same
# answer; drawing it anew only adds noise to D's gradient. Smoothed and soft labels have one thing in common: they stop
# rewarding D for ever larger logits, which make it steep and hard to learn from.
#
# One part of this range makes no sense, and you should recognise it when you see it. A label of 1.2 is not a probability. With
# that label alone, the loss would fall without limit as the logit grows. It does no harm here, because the mean is below 1. The
# range comes from a [list of tips](https://github.com/soumith/ganhacks) from 2016; the student report that this recipe follows
# took it from there. Salimans et al. ([2016](https://arxiv.org/abs/1606.03498)) smooth only the labels of real images; [lesson
# 02](02_the_game.ipynb) shows why. [Lesson 21](21_fashion_mnist_dcgan.ipynb) compares several kinds of labels.
#
# ## The short form
#
# The two cells above are what `ganlib.recipes.build` does. The line below returns a *run*, which holds the data, the networks
# and the compiled GAN, and can train in a folder with pictures, records and checkpoints.
#
# **Predict:** the two GANs were built one after the other. Do they start from the same random weights?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
pairs = list(zip(generator.weights + discriminator.weights, run.generator.weights + run.discriminator.weights, strict=True))
equal = sum(np.array_equal(long.numpy(), short.numpy()) for long, short in pairs)
print(f"{equal} of {len(pairs)} weight arrays are equal in both forms.")

# %% [markdown]
# All of them are equal: the short form draws the weights from the recipe's seed, and `set_random_seed` above did the same. A
# seed makes an experiment repeatable, which you will want as soon as you change one number and ask what that did. From the next
# lesson on, you will use the short form.
#
# ## Training
#
# Now call `fit` on an endless stream of batches. Keras has to be told how many steps make an *epoch*; here that word only means
# the stretch between two points of the curves. `ganlib.widgets.Watch` is a Keras callback that shows the training as it goes.

# %%
# Picture: at the left, digits that the generator makes; at the right, both players' losses over the
#   steps.
stream = ganlib.data.batches(mnist, RECIPE.batch_size, seed=RECIPE.seed)
watch = ganlib.widgets.Watch(steps=RECIPE.steps)
schedule = {"epochs": RECIPE.steps // RECIPE.sample_every, "steps_per_epoch": RECIPE.sample_every}
log = gan.fit(stream, callbacks=[watch], verbose=0, **schedule)

# %%
first, last = watch.history[0], watch.history[-1]
for row in (first, last):
    print(f"Up to step {row['step']:,}, D's loss is {row['d_loss']:.2f} and G's {row['g_loss']:.2f}; log 2 is {np.log(2):.2f}.")

# %% [markdown]
# In the first stretch D is far ahead. At the end its loss is a little below that of a D that always answers one half, and G's
# loss is a little above it. Neither curve runs away. As you know, the losses do not say how good the digits are, so look at the
# digits.

# %%
# Picture: twenty generated digits in two rows.
latents = ganlib.sampling.draw_latents(NUM_QUERIES, RECIPE.latent_dim, seed=RECIPE.seed)
fakes = gan.predict(latents, verbose=0)
ganlib.plots.plot_images(fakes[:NUM_IMAGES], title="generated")

# %% [markdown]
# How many of the twenty can you read? As a rule, some are digits at first glance, some are between two digits, and some fall
# apart. Look closely at the strokes. There are loose pixels around them: bright ones without a bright neighbour. You can count
# them.

# %%
RING = np.array([[[1, 1, 1], [1, 0, 1], [1, 1, 1]]])  # the eight neighbours of a pixel


def loose_pixels(images):
    bright = np.asarray(ganlib.images.to_float(images))[..., 0] > 0
    alone = bright & ~ndimage.maximum_filter(bright, footprint=RING, mode="constant")
    return alone.sum(axis=(1, 2)).mean()


real = test.images[:NUM_QUERIES]
print(f"Loose pixels per image: {loose_pixels(fakes):.2f} in generated ones, {loose_pixels(real):.2f} in real ones.")

# %% [markdown]
# Real digits have hardly any. G's last layer has a row of weights for each pixel, and each row has to learn separately what its
# neighbours have already learned. Lesson 11 does something about that.
#
# Does it help to train for longer? The published generator of this recipe is the best of a longer run. The short form builds
# the same networks, so the run can take over the weights that you have trained. Expect other digits: it is another network, so
# the same latents mean something else to it. Compare the loose pixels, and how many you can read.

# %%
# Picture: ten digits of this run, and below them ten digits of the published generator.
run.gan.set_weights(gan.get_weights())
ganlib.widgets.beside(run)

# %% [markdown]
# ## What the average does
#
# In lesson 02, a single number circled and its average came to rest. Here there are 1.5 million numbers. The digits above came
# from `gan.predict`, which uses `gan.averaged_generator`. The generator that plays the game is `gan.generator`. After each step
# the average moves a little towards it: with a momentum of 0.995 it keeps 99.5 % of itself and takes in 0.5 % of the newcomer,
# so it remembers about the last 200 steps.
#
# **Predict:** the same latents go through both. Will you see the same digits? Which will look better?

# %%
# Picture: ten digits of the generator that plays, and below them those of its running average.
players = {"player": gan.generator, "average": gan.averaged_generator}
momentary = gan.generator.predict(latents, verbose=0)
half = NUM_IMAGES // 2
titles = sum([[name, *[""] * (half - 1)] for name in players], [])
ganlib.plots.plot_images(np.concatenate([momentary[:half], fakes[:half]]), titles=titles)

# %%
rows = ganlib.images.as_rows(mnist.images)
kinds = [mnist.labels[ganlib.metrics.nearest(images, rows)[0]] for images in (momentary, fakes)]
print(f"Judged by the nearest training images, {np.mean(kinds[0] == kinds[1]):.0%} of the latents give the same digit in both.")
print(f"Loose pixels per image: {loose_pixels(momentary):.2f} for the player, {loose_pixels(fakes):.2f} for the average.")

# %% [markdown]
# Most latents, but not all of them, give the same digit in both networks. The player's digits are more ragged. Each batch pulls
# its weights in a slightly different direction, and a GAN never comes to rest: as G moves, D moves, and so does the place where
# G should go. The average cancels what changes sign from step to step and keeps what lasts (Yazıcı et al.,
# [2019](https://arxiv.org/abs/1806.04498)).
#
# If that is so, the player should go back and forth. Let the game go on for 20 steps, and measure two things for each network:
# how far its pixels go in all, with every change added up, and how far from the start they end.

# %%
looks = {name: [] for name in players}


def look(step=0, logs=None):
    for name, network in players.items():
        looks[name].append(ops.convert_to_numpy(network(latents, training=False)))


look()
watcher = keras.callbacks.LambdaCallback(on_train_batch_end=look)
gan.fit(stream, steps_per_epoch=EXTRA_STEPS, callbacks=[watcher], verbose=0)
for name, images in looks.items():
    way = sum(np.abs(after - before).mean() for before, after in zip(images, images[1:]))
    far = np.abs(images[-1] - images[0]).mean()
    print(f"{name}: the pixels go {way:.3f} in all, on a scale from -1 to 1, and end {far:.3f} from where they were.")

# %% [markdown]
# The player goes a long way and does not get far: most of the way is back and forth. The average travels much less. It costs a
# second copy of the weights and next to no time, and it takes no part in the game: D never sees its images. Karras et al.
# ([2018](https://arxiv.org/abs/1710.10196)) and many after them show images made with averaged weights.
#
# ## Is it copying?
#
# A generator that keeps a drawer of originals and hands out one of them for each latent would look perfect. So quality alone
# cannot tell whether G has learned what digits are. Look for the training image that is nearest to each generated one: the one
# with the smallest Euclidean distance, the square root of the sum of squared differences over all 784 pixels.

# %%
# Picture: ten generated digits, and below each of them the nearest training image.
places, distances = ganlib.metrics.nearest(fakes, rows)
pairs = np.concatenate([ganlib.images.to_uint8(fakes[:half]), mnist.images[places[:half]]])
titles = ["generated", *[""] * (half - 1), "nearest", *[""] * (half - 1)]
ganlib.plots.plot_images(pairs, titles=titles)

# %% [markdown]
# Compare each pair: do the strokes end at the same place, is a loop equally wide, is the line equally thick? That gives an
# impression. To judge the distances you need two yardsticks:
#
# - *a copier*: training images with a trace of noise, which is what G would produce if it traced;
# - *an honest writer*: the test images. They come from people who wrote none of the training images, so nobody copied anything.
#
# **Predict:** a test image has never been near the training set. Is its nearest neighbour closer or farther than that of a
# generated image?

# %%
draw = np.random.default_rng(RECIPE.seed)
traced = rows[:NUM_QUERIES] + COPY_NOISE * draw.standard_normal((NUM_QUERIES, rows.shape[1]))
honest = ganlib.images.as_rows(real)
sources = {"traced copies": traced, "test images": honest, "generated images": fakes}
nearest = {name: ganlib.metrics.nearest(images, rows)[1] for name, images in sources.items()}
for name, values in nearest.items():
    print(f"{name:>16}: median distance to the nearest training image {np.median(values):.1f}, smallest {values.min():.1f}")

# %%
# Picture: three rising curves over the distance to the nearest training image; that of the traced
#   copies rises at once at a small distance, those of generated and of test images rise slowly.
figure, axis = pyplot.subplots(figsize=(7, 3))
for (name, values), style in zip(nearest.items(), ("-", "--", ":")):
    axis.plot(np.sort(values), np.linspace(0, 1, len(values)), style, linewidth=2, label=name)
axis.set(xlabel="distance to the nearest training image", ylabel="share of images\nthat are at most so far", xlim=(0, None))
axis.legend()
pyplot.show()

# %% [markdown]
# The copier stands out at once: all of its images sit at the distance that the noise alone makes, $0.1 \cdot \sqrt{784} =
# 2.8$. The generated images are not nearer to the training images than honest test images are. By this measure G is no more
# of a copier than a person who writes a digit.
#
# Some test images are as near as the traced copies, and nobody copied those. Which digits are they?

# %%
close = nearest["test images"] <= np.quantile(nearest["traced copies"], 0.99)
print(f"{close.sum()} of {len(real)} test images are as near as the copies. Their labels:", *test.labels[: len(real)][close])

# %% [markdown]
# They are ones, all or nearly all of them. A straight stroke leaves so little choice that among thousands of ones some look
# alike. So a small distance is not proof of copying, and you need the second yardstick as much as the first.
#
# Do not read more into the numbers than that. A generated image that is *farther* away than a test image is not more original
# for that; loose pixels, or a shape that is not a digit at all, put it there. The alarming case would be a curve that rises on
# the left, above the curve of the test images.
#
# ## Explore it
#
# You can also see whether a generator copies when you walk through its latents. A copier would jump from one original to the
# next.

# %%
# Picture: rows of digits, each row a walk along one direction in the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook, pull one of the directions slowly from end to end. Without one, follow a row from left to right. Most of
# what you pass is not a training image, and much of it is not a digit either.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("10_mnist_fcgan")

# %% [markdown]
# ## Exercise: fool the search for copies
#
# How hard is it to hide a copy from this measurement? Take the first `NUM_QUERIES` training images and move each of them
# `SHIFT` = 1 pixel to the right. Put them into `moved`, an array of shape (500, 28, 28, 1) and of the same type as
# `mnist.images`, uint8. The check looks for their nearest training images.
#
# **Predict:** will they be as near as the traced copies, or as far as the test images?

# %% tags=["exercise"]
moved = None  # replace None: the axes of mnist.images are image, row, column and channel

# %% tags=["check"]
if ganlib.answers.given(moved):
    originals, moved = mnist.images[:NUM_QUERIES], np.asarray(moved)
    ganlib.answers.numbers(moved, "moved", originals.shape)
    assert moved.dtype == originals.dtype, f"expected whole numbers from 0 to 255, as in mnist.images, but got {moved.dtype}"
    # How well they agree for each way to move, all at once: a product of Fourier transforms.
    there, here = (np.fft.fft2(images[..., 0].astype("float64")) for images in (moved, originals))
    agreement = np.fft.ifft2(there * here.conj()).real  # (images, pixels down, pixels to the right)
    down, right = np.unravel_index(agreement.sum(axis=0).argmax(), originals.shape[1:3])
    assert not down, "they have moved up or down: take the axis of the columns"
    assert right, "these are the originals, or something with no trace of them; nothing has moved"
    assert right == SHIFT, f"they have moved {right} pixels to the right" if right < 14 else "they have moved to the left"
    strength = np.sqrt([np.sum(images.astype("float64") ** 2, axis=(1, 2, 3)) for images in (moved, originals)]).prod(axis=0)
    assert (agreement[:, down, right] > 0.95 * strength).all(), "some of these are not the images asked for"
    hidden = ganlib.metrics.nearest(ganlib.images.as_rows(moved), rows)
    print(f"Right. Median distance: {np.median(hidden[1]):.1f} for shifted copies, {np.median(nearest['test images']):.1f} for test images.")
    print(f"For {np.mean(hidden[0] == np.arange(NUM_QUERIES)):.0%} of them the nearest training image is the original.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# moved = np.roll(mnist.images[:NUM_QUERIES], SHIFT, axis=2)
# ```
#
# A copy moved by a single pixel, which no eye would notice, is about as far from the training set as an honest digit. For
# most of them the nearest training image is not even the original. Distance between pixels is a poor judge of likeness (Theis
# et al., [2016](https://arxiv.org/abs/1511.01844)). It finds exact copies and nothing subtler; distances between features of
# a trained network see more.
# </details>

# %% [markdown]
# **Open exercise.** How long should the average remember? Train once, and keep several averages at the same time: a Keras
# callback can update copies of G's weights after each batch, with momenta of 0.9, 0.99, 0.995 and 0.999. A good answer draws
# the loose pixels against the momentum for three seeds, adds the player without any average, and says where it stops getting
# better and what argues against 0.9999. Three seeds gave 1.53 to 1.86 loose pixels per image for the player, 1.35 to 1.52 with
# a momentum of 0.9, 0.44 to 0.52 with 0.99, 0.29 to 0.39 with 0.995, and 0.12 to 0.17 with 0.999.
#
# ## You can now
#
# - build a GAN in plain Keras, from networks to `fit`, and say what `ganlib.recipes.build` does for you;
# - say what soft labels ask of D, and show that the running average of G wanders less than the player;
# - test a generator for exact copies, and name the weak spot of the test.
#
# **Next:** in [11_mnist_dcgan](11_mnist_dcgan.ipynb) the networks learn what a neighbourhood of pixels is.
