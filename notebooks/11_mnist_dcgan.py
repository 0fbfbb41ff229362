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
# *About 4 minutes on two CPU cores, 10 on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

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
SHARE = 2 / 3  # of each recipe's steps
KERNELS_AND_STRIDES = ((3, 2), (5, 2), (4, 2))
SIDE = 8
NUM_SAMPLES = 1000
NUM_IMAGES = 30

# %% [markdown]
# The generator of the last lesson had an own row of weights for each of its 784 pixels. It did not know that pixel 100 and pixel 101 are
# neighbours; it had to find out from the digits. A *convolution* knows: it slides one small kernel over the image, so what it has
# learned about strokes in one corner holds in every other. Networks made of them brought GANs from blurs to
# pictures (DCGAN: Radford et al., 2016).
#
# ## What it costs
#
# **Predict:** the convolutional networks draw better. Do they have more weights than the dense ones?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
runs = {name: ganlib.recipes.build(recipe) for name, recipe in NAMES.items()}
for name, run in runs.items():
    print(f"{name:>10}: generator {run.generator.count_params():9,} weights, discriminator {run.discriminator.count_params():7,}")

# %% [markdown]
# Fewer, in spite of all they do: a third for the generator, and far less for the discriminator. What they save in weights they spend in
# arithmetic, for each kernel is applied at every place. That is why a step takes several times as long here.
#
# Where do the weights of the generator sit?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for layer in runs["transposed"].generator.layers:
    if layer.weights and not isinstance(layer, layers.BatchNormalization):
        print(f"{type(layer).__name__:>15}: {layer.count_params():7,} weights, makes {layer.output.shape[1:]}")

# %% [markdown]
# Most of them are in the dense layer at the bottom, which turns the latents into a small map: 7 by 7 places with many channels. From there it
# goes up twice by a factor of two, 7 to 14 to 28. This lesson is about how to go up.
#
# ## Two ways up
#
# An ordinary convolution with stride 2 halves a map. A **transposed convolution** with stride 2 doubles it: each place of the small map
# stamps a copy of the kernel, scaled by its value, onto the large one, two pixels apart. Where stamps overlap they add up.
#
# The other way is **upsampling**: repeat each pixel as a block of 2 by 2, then smooth the result by an ordinary convolution.
#
# To see how stamps overlap, take the learning out of it. Let the small map be ones everywhere and the kernel too. Each pixel of the
# large map then counts how many stamps have touched it.
#
# **Predict:** kernels are 3, 5 or 4 pixels wide and are stamped every 2 pixels. Which of them cover the map evenly?

# %%
def footprint(kernel_size, stride, initializer="ones"):
    layer = layers.Conv2DTranspose(1, kernel_size, stride, padding="same", kernel_initializer=initializer)
    return np.asarray(layer(np.ones((1, SIDE, SIDE, 1))))[0, ..., 0]


figure, axes = pyplot.subplots(1, len(KERNELS_AND_STRIDES), figsize=(9, 3))
for axis, (kernel_size, stride) in zip(axes, KERNELS_AND_STRIDES):
    axis.imshow(footprint(kernel_size, stride), cmap="gray", vmin=0)
    axis.set(title=f"kernel {kernel_size}, stride {stride}", xticks=[], yticks=[])
pyplot.show()

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for kernel_size, stride in KERNELS_AND_STRIDES:
    inside = footprint(kernel_size, stride)[stride * 2 : -stride * 2, stride * 2 : -stride * 2]
    print(f"kernel {kernel_size}, stride {stride}: inside the map a pixel is touched {sorted(set(inside.ravel().astype(int).tolist()))} times")

# %% [markdown]
# There is the chessboard, without any training and without any digit. A kernel of 3 touches some pixels once, others twice or four
# times; a kernel of 5 touches 4, 6 or 9 times. With 4 the count is the same everywhere except at the border. The rule is in the division:
# coverage is even when the stride divides the kernel size (Odena et al., 2016). Published networks with kernel 5 and stride 2 start
# with a pattern that training has to undo.
#
# The networks of this course take 4 and 2. Is the matter settled then? So far the kernel was all ones. A real one starts at random.
#
# **Predict:** with a random kernel of 4 and stride 2, is the map even? And with upsampling and a random kernel?

# %%
keras.utils.set_random_seed(runs["transposed"].recipe.seed)
enlarge = keras.Sequential([layers.UpSampling2D(2), layers.Conv2D(1, 3, padding="same")])
maps = {
    "transposed, random kernel 4": footprint(*KERNELS_AND_STRIDES[-1], "glorot_uniform"),
    "upsampling, random kernel 3": np.asarray(enlarge(np.ones((1, SIDE, SIDE, 1))))[0, ..., 0],
}
figure, axes = pyplot.subplots(1, len(maps), figsize=(6, 3))
for axis, (name, values) in zip(axes, maps.items()):
    axis.imshow(values, cmap="gray")
    axis.set(title=name, xticks=[], yticks=[])
pyplot.show()

# %% [markdown]
# Even *counts* are not even *sums*. In the left map each pixel is touched four times, but by different entries of the kernel: a pixel in an
# odd column never meets the entries that a pixel in an even column meets. So there are four kinds of pixel, and a chessboard unless the kernel
# happens to balance them. On the right every pixel away from the border sees the whole kernel, whatever it is, and a flat map stays
# flat.
#
# Kernel 4 with stride 2 can therefore *learn* to be even, and nothing forces it; upsampling is even from the start. Does it matter once the
# networks are trained?
#
# ## Training both
#
# The two runs differ in the generator alone; their discriminators are alike. Before they start, keep what the untrained generators make.

# %%
convolutional = {name: runs[name] for name in ("transposed", "upsampling")}
images = {f"{name}, untrained": run.sample(NUM_SAMPLES) for name, run in convolutional.items()}

# %%
for name, run in convolutional.items():
    run.fit(steps=round(SHARE * run.recipe.steps))
    images[name] = run.sample(NUM_SAMPLES)

# %%
ganlib.plots.plot_images(images["transposed"][:NUM_IMAGES], title="transposed convolutions")

# %%
ganlib.plots.plot_images(images["upsampling"][:NUM_IMAGES], title="upsampling, then convolution")

# %% [markdown]
# Compare with the dense forgeries of the last lesson. The loose pixels are gone: black is black, strokes have smooth edges and an even width. What is
# still wrong is wrong on a larger scale, a loop that does not close or a digit between two others. Convolutions take care of the
# neighbourhood; the plan of the digit is still up to the dense layer at the bottom.
#
# Can you see a chessboard in either? Enlarge one and look.

# %%
pairs = np.concatenate([images["transposed"][:3], images["upsampling"][:3]])
ganlib.plots.plot_images(pairs, columns=6, scale=1.5, title="left: transposed, right: upsampling")

# %% [markdown]
# ## Measuring it
#
# Eyes are poor at this, and Fourier transforms are good at it. A Fourier transform takes an image apart into waves. In an image of 28 pixels the
# fastest wave goes up and down 14 times: it alternates from one pixel to the next, which is a chessboard's rhythm. Its *power* says how
# much of it there is.
#
# **Predict:** digits are made of strokes some 3 pixels wide. Going from slow waves to fast ones, how should the power of real images run? And
# where would a chessboard show?

# %%
def power(images):
    """Returns the mean power of waves from left to right, by the number of periods per image, starting with one."""
    spectrum = np.abs(np.fft.rfft(np.asarray(ganlib.images.to_float(images))[..., 0], axis=2)) ** 2
    return spectrum.mean(axis=(0, 1))[1:]


real = ganlib.data.load("mnist", split="test").images[:NUM_SAMPLES]
spectra = {"real": power(real)} | {name: power(batch) for name, batch in images.items()}

# %%
figure, axis = pyplot.subplots(figsize=(7, 3.2))
for name, values in spectra.items():
    axis.semilogy(range(1, len(values) + 1), values, label=name, linestyle=":" if "untrained" in name else "-")
axis.set(xlabel="periods per image", ylabel="power")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
pyplot.show()

# %% [markdown]
# The power of real digits falls by orders of magnitude from slow waves to fast. Without a chessboard a curve keeps falling to its right end; a
# chessboard is a hook there, upward at the fastest wave. Put a number on the hook: the power of the fastest wave divided by that of the one
# before it.

# %%
for name, values in spectra.items():
    print(f"{name:>21}: the fastest wave has {values[-1] / values[-2]:.2f} times the power of the one before, {values[-1] / spectra['real'][-1]:.2f} times that of real images")

# %% [markdown]
# TODO
#
# ## All ten digits?
#
# A generator that draws nothing but splendid ones would pass every test so far. Count what is there. For a label, look at the nearest
# training images, as you did in the last lesson, and let the closest three vote.

# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


mnist = runs["transposed"].dataset
voters = KNeighborsClassifier(n_neighbors=3, algorithm="brute").fit(as_rows(mnist.images), mnist.labels)
digits = {name: voters.predict(as_rows(images[name])) for name in convolutional}

# %%
for name, labels in digits.items():
    counts = np.bincount(labels, minlength=len(mnist.class_names))
    print(f"{name}: {np.count_nonzero(counts)} of {len(counts)} digits occur; {counts.argmax()} most often ({counts.max()} of {len(labels):,}), {counts.argmin()} least ({counts.min()}).")

# %%
ganlib.plots.plot_class_counts(digits["transposed"], mnist.class_names, title="transposed convolutions: what it draws")

# %% [markdown]
# TODO
#
# ## Exercise: stride 3
#
# Suppose that you want to enlarge by a factor of 3 with a transposed convolution. Put into `kernel_size` the smallest kernel whose
# stamps overlap *and* cover the map evenly.

# %% tags=["exercise"]
kernel_size = None  # replace None: try values in footprint(kernel_size, 3)

# %% tags=["check"]
if kernel_size is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    inside = footprint(kernel_size, 3)[6:-6, 6:-6]
    assert kernel_size > 3, "with a kernel of at most 3 pixels, stamps that are 3 pixels apart do not overlap"
    assert np.allclose(inside, inside[0, 0]), f"uneven: pixels are touched {inside.min():.0f} to {inside.max():.0f} times"
    assert kernel_size < 9, "that is even, but there is a smaller one"
    print(f"Right: every pixel inside is touched {inside[0, 0]:.0f} times, two stamps from each direction, two directions.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# kernel_size = 6
# ```
#
# The stride must divide the kernel size. 3 does too, but then stamps lie side by side without overlapping, and a pixel knows
# nothing of the stamp next door: the image falls into tiles.
# </details>

# %% [markdown]
# ## You can now
#
# - say what convolutions save and what they cost, compared with dense layers;
# - explain where checkerboards come from, and choose kernel and stride so that coverage is even;
# - measure a checkerboard in the spectrum, and count whether a generator draws every class.
#
# **Next:** in [12_mnist_cgan](12_mnist_cgan.ipynb) you ask for a digit and see how often you get it.
