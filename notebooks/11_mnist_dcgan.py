# %% [markdown]
# # Convolutions: two ways up, and a chessboard
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/11_mnist_dcgan.ipynb)
#
# **You will**
#
# - compare dense and convolutional networks, in weights and in what they draw;
# - produce a checkerboard with three lines of code, and say which kernels and strides cause it;
# - measure checkerboards in the images of two trained generators, and check that both draw all ten digits.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data; elsewhere they are there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch mnist")

import ganlib
import keras
import numpy as np
from keras import layers
from matplotlib import pyplot
from sklearn.neighbors import KNeighborsClassifier

# %% tags=["parameters"]
NAMES = {"dense": "mnist_fcgan", "transposed": "mnist_dcgan", "upsampling": "mnist_dcgan_upsampling"}
SHARE = 0.8  # of each recipe's steps
KERNELS_AND_STRIDES = ((3, 2), (5, 2), (4, 2))
NEW_STRIDE = 3
NUM_SAMPLES = 1000
NUM_IMAGES = 30

# %% [markdown]
# The generator of the last lesson had a row of weights for each of its 784 pixels. It did not know that pixel 100 and
# pixel 101 are neighbours; it had to find out from the digits. A *convolution* knows: it slides one small kernel over the
# image, so what it has learned about strokes in one corner holds in every other. Networks made of them brought GANs from
# blurs to pictures (DCGAN: Radford et al., 2016).
#
# ## What it costs
#
# **Predict:** the convolutional networks draw better. Do they have more weights than the dense ones?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
runs = {name: ganlib.recipes.build(recipe) for name, recipe in NAMES.items()}
for name, run in runs.items():
    first = next(layer for layer in run.discriminator.layers if layer.weights)
    print(f"{name:>10}: generator {run.generator.count_params():9,} weights, first layer of the discriminator {first.count_params():7,}")

# %% [markdown]
# Fewer: the generators have little more than a third of the weights. The detective shows best what a convolution saves.
# In the dense one each of 512 units looks at all 784 pixels, which takes 400,000 weights. In the convolutional one each
# of 64 kernels looks at 4 by 4 pixels, and about a thousand weights serve the whole image. What is saved in weights is
# spent on arithmetic, for each kernel is applied at every place: a step takes several times as long as in the last
# lesson.
#
# Where do the weights of the generator sit?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for layer in runs["transposed"].generator.layers:
    if layer.weights and not isinstance(layer, layers.BatchNormalization):
        print(f"{type(layer).__name__:>15}: {layer.count_params():7,} weights, makes {layer.output.shape[1:]}")

# %% [markdown]
# Most of them are in the dense layer at the bottom, which turns the latents into a small map: 7 by 7 places with many
# channels. From there it goes up twice by a factor of two, 7 to 14 to 28, and an ordinary convolution at the end makes
# one image of many channels. This lesson is about how to go up.
#
# ## Two ways up
#
# An ordinary convolution with stride 2 halves a map. A **transposed convolution** with stride 2 doubles it: each place of
# the small map stamps a copy of the kernel, scaled by its value, onto the large one, two pixels apart. Where stamps
# overlap they add up.
#
# The other way is **upsampling**: repeat each pixel as a block of 2 by 2, then smooth the result by an ordinary
# convolution.
#
# To see how stamps overlap, take the learning out of it. Let the small map be ones everywhere and the kernel too. Each
# pixel of the large map then counts how many stamps have touched it.
#
# **Predict:** kernels are 3, 5 or 4 pixels wide and are stamped every 2 pixels. Which of them cover the map evenly?

# %%
def footprint(kernel_size, stride, initializer="ones", side=8):
    layer = layers.Conv2DTranspose(1, kernel_size, stride, padding="same", kernel_initializer=initializer)
    return np.asarray(layer(np.ones((1, side, side, 1))))[0, ..., 0]


figure, axes = pyplot.subplots(1, len(KERNELS_AND_STRIDES), figsize=(9, 3))
for axis, (kernel_size, stride) in zip(axes, KERNELS_AND_STRIDES):
    axis.imshow(footprint(kernel_size, stride), cmap="gray", vmin=0)
    axis.set(title=f"kernel {kernel_size}, stride {stride}", xticks=[], yticks=[])
pyplot.show()

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for kernel_size, stride in KERNELS_AND_STRIDES:
    inside = footprint(kernel_size, stride)[stride * 2 : -stride * 2, stride * 2 : -stride * 2]
    times = " or ".join(f"{count:.0f}" for count in np.unique(inside))
    print(f"kernel {kernel_size}, stride {stride}: inside the map a pixel is touched {times} times.")

# %% [markdown]
# There is the chessboard, without any training and without any digit. A kernel of 3 touches some pixels once, others
# twice or four times; a kernel of 5 touches 4, 6 or 9 times. With 4 the count is the same everywhere except at the
# border. The rule is in the division: coverage is even when the stride divides the kernel size (Odena et al., 2016).
# Published networks with kernel 5 and stride 2 start with a pattern that training has to undo.
#
# The networks of this course take 4 and 2. Is the matter settled then? So far the kernel was all ones. A real one starts
# at random.
#
# **Predict:** with a random kernel of 4 and stride 2, is the map even? And with upsampling and a random kernel?

# %%
keras.utils.set_random_seed(runs["transposed"].recipe.seed)
enlarge = keras.Sequential([layers.UpSampling2D(2), layers.Conv2D(1, 3, padding="same")])
stamped = footprint(*KERNELS_AND_STRIDES[-1], "glorot_uniform")
smoothed = np.asarray(enlarge(np.ones_like(stamped)[None, ::2, ::2, None]))[0, ..., 0]
maps = {"transposed, random kernel 4": stamped, "upsampling, random kernel 3": smoothed}
figure, axes = pyplot.subplots(1, len(maps), figsize=(7, 3.2))
for axis, (name, values) in zip(axes, maps.items()):
    axis.imshow(values, cmap="gray")
    axis.set(title=name, xticks=[], yticks=[])
pyplot.show()

# %% [markdown]
# Even *counts* are not even *sums*. In the left map each pixel is touched four times, but by different entries of the
# kernel: a pixel in an odd column never meets the entries that a pixel in an even column meets. So there are four kinds
# of pixel, and a chessboard unless the kernel happens to balance them. On the right every pixel away from the border sees
# the whole kernel, whatever it is, and a flat map stays flat.
#
# Kernel 4 with stride 2 can therefore *learn* to be even, and nothing forces it; upsampling is even from the start. Does
# it matter once the networks are trained?
#
# ## Training both
#
# The two runs differ in the generator alone; their discriminators are alike. Keep a thousand images of each generator at
# three stages: untrained, after the first stretch of the recipe, and trained.

# %%
convolutional = {name: runs[name] for name in ("transposed", "upsampling")}
images = {}
for name, run in convolutional.items():
    images[name, "untrained"] = run.sample(NUM_SAMPLES)
    run.fit(steps=run.recipe.sample_every)
    images[name, "early"] = run.sample(NUM_SAMPLES)

# %%
for name, run in convolutional.items():
    run.fit(steps=round(SHARE * run.recipe.steps))
    images[name, "trained"] = run.sample(NUM_SAMPLES)

# %%
ganlib.plots.plot_images(images["transposed", "trained"][:NUM_IMAGES], title="transposed convolutions")

# %%
ganlib.plots.plot_images(images["upsampling", "trained"][:NUM_IMAGES], title="upsampling, then convolution")

# %% [markdown]
# Compare with the dense forgeries of the last lesson. The loose pixels are gone: black is black, strokes have clean edges
# and an even width. What is still wrong is wrong on a larger scale: a loop that does not close, a limb too many, a digit
# between two others. Convolutions take care of the neighbourhood; the plan of the digit has to come from the bottom, from
# the dense layer.
#
# Can you see a chessboard in either? And how was it earlier? Enlarge a few and look: each row is a stage, three images of
# each network.

# %%
stages = ("untrained", "early", "trained")
rows = [images[name, stage][:3] for stage in stages for name in convolutional]
title = f"left: transposed, right: upsampling; from top: {', '.join(stages)}"
ganlib.plots.plot_images(np.concatenate(rows), columns=6, scale=1.3, title=title)

# %% [markdown]
# In the top row, look at the texture: a fine grain on the left, soft clouds on the right. Both networks are untrained,
# and you can tell which is which. In the middle row there are strokes with ragged edges. At the bottom you probably see
# no chessboard at all.
#
# ## Measuring it
#
# Eyes are poor at this, and Fourier transforms are good at it. They take an image apart into waves. In an image of 28
# pixels the fastest wave goes up and down 14 times: it alternates from one pixel to the next, which is a chessboard's
# rhythm. Its *power* says how much of it there is.
#
# **Predict:** digits are made of strokes some 3 pixels wide. Going from slow waves to fast ones, how should the power of
# real images run? And where would a chessboard show?

# %%
def power(images):
    """Returns the mean power of waves from left to right, by the number of periods per image, starting with one."""
    spectrum = np.abs(np.fft.rfft(np.asarray(ganlib.images.to_float(images))[..., 0], axis=2)) ** 2
    return spectrum.mean(axis=(0, 1))[1:]


test = ganlib.data.load("mnist", split="test")
real = test.images[:NUM_SAMPLES]
spectra = {(name, stage): power(images[name, stage]) for name in convolutional for stage in stages}

# %%
figure, axis = pyplot.subplots(figsize=(7, 3.6))
axis.semilogy(1 + np.arange(len(power(real))), power(real), color="black", label="real")
for (name, stage), values in spectra.items():
    style = {"color": "C0" if name == "transposed" else "C1", "linestyle": dict(zip(stages, (":", "--", "-")))[stage]}
    axis.semilogy(1 + np.arange(len(values)), values, label=f"{name}, {stage}", **style)
axis.set(xlabel="periods per image", ylabel="power")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
pyplot.show()

# %% [markdown]
# The black curve, real digits, falls by two orders of magnitude from slow waves to fast and levels off at the right end,
# where the sharp edges of strokes are.
#
# Now the dotted curves. The untrained upsampling network runs downhill, with a hump on the way. The untrained transposed
# one is flat with two spikes, and you can name both: a pattern that repeats every 2 pixels has 14 periods in an image,
# and one that repeats every 4 pixels has 7. The first comes from the last enlargement; the other from the one before,
# whose chessboard has been enlarged since.
#
# With the solid curves the chessboard is gone: both trained networks lie close to the real digits, end and all. Put a
# number on the spike: the power of the fastest wave, divided by that of the one before it.

# %%
for name, values in {"real": power(real), **{", ".join(key): values for key, values in spectra.items()}}.items():
    print(f"{name:>21}: the fastest wave has {values[-1] / values[-2]:.2f} times the power of the one before")

# %% [markdown]
# Real digits have nearly the same power in both. The untrained transposed convolutions have several times as much in the
# fastest wave; after the first stretch of training little of that is left, and at the end nothing that you could tell
# from real images.
#
# Where did it go? A regular pattern that no real image shows is the easiest mark of a forgery, so D finds it at once, and
# G has to lose it. With kernel 4 and stride 2 that is possible: each of the four kinds of pixel is touched equally often,
# and it is enough to balance the kernel. When the stride does not divide the kernel size, the balance has to make up for
# unequal counts as well, and Odena et al. show images of published networks that did not manage it. So the rule for
# choosing kernels is cheap insurance. Between the two ways up, with digits of this size, the spectrum gives no reason to
# prefer one.
#
# ## All ten digits?
#
# A generator that draws nothing but splendid ones would pass every test so far. Count what is there. For a label, look at
# the nearest training images, as you did in the last lesson, and let the closest three vote.

# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


mnist = runs["transposed"].dataset
voters = KNeighborsClassifier(n_neighbors=3, algorithm="brute").fit(as_rows(mnist.images), mnist.labels)
digits = {name: voters.predict(as_rows(images[name, "trained"])) for name in convolutional}
right = (voters.predict(as_rows(real)) == test.labels[:NUM_SAMPLES]).mean()
print(f"The vote is right for {right:.0%} of {len(real):,} real test digits.")

# %%
for name, labels in digits.items():
    counts = np.bincount(labels, minlength=len(mnist.class_names))
    most, least = counts.argmax(), counts.argmin()
    print(f"{name}: {np.count_nonzero(counts)} of {len(counts)} digits occur in {len(labels):,} images;", end=" ")
    print(f"{most} most often, {counts[most]} times, and {least} least often, {counts[least]} times.")

# %%
ganlib.plots.plot_class_counts(digits["transposed"], mnist.class_names, title="transposed convolutions: what it draws")

# %% [markdown]
# All ten, though not equally often. In MNIST each digit makes up about a tenth. Here the most frequent is drawn two or
# three times as often as the rarest. Nothing in the game asks for the right shares directly: D judges one image at a
# time, and each of the digits, taken by itself, can look real. A generator that leaves whole classes out has suffered
# *mode collapse*; this one has not.
#
# The vote errs for a few in a hundred real digits, and a muddle gets some label as well. The next lesson trains a better
# judge, and a generator that you can ask for the digit you want.
#
# ## Exercise: stride 3
#
# Suppose that you want to enlarge by a factor of `NEW_STRIDE` = 3 with a transposed convolution. Put into `kernel_size`
# the smallest kernel whose stamps overlap *and* cover the map evenly.

# %% tags=["exercise"]
kernel_size = None  # replace None: try values in footprint(kernel_size, NEW_STRIDE)

# %% tags=["check"]
if kernel_size is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    inside = footprint(kernel_size, NEW_STRIDE)[2 * NEW_STRIDE : -2 * NEW_STRIDE, 2 * NEW_STRIDE : -2 * NEW_STRIDE]
    assert kernel_size > NEW_STRIDE, f"stamps of {kernel_size} pixels, {NEW_STRIDE} pixels apart, do not overlap"
    assert np.allclose(inside, inside[0, 0]), f"uneven: pixels are touched {inside.min():.0f} to {inside.max():.0f} times"
    assert kernel_size == 2 * NEW_STRIDE, "that is even, but there is a smaller one"
    print(f"Right: every pixel inside is touched {inside[0, 0]:.0f} times, two stamps from each direction, two directions.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# kernel_size = 6
# ```
#
# The stride must divide the kernel size. 3 does too, but then stamps lie side by side without overlapping, and a pixel
# knows nothing of the stamp next door: the image falls into tiles.
# </details>

# %% [markdown]
# ## You can now
#
# - say what convolutions save and what they cost, compared with dense layers;
# - explain where checkerboards come from, and choose kernel and stride so that coverage is even;
# - measure a checkerboard in the spectrum, and count whether a generator draws every class.
#
# **Next:** in [12_mnist_cgan](12_mnist_cgan.ipynb) you ask for a digit and see how often you get it.
