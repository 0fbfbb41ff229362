# %% [markdown]
# # Convolutions: two ways up, and a chessboard
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/11_mnist_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/11_mnist_dcgan.ipynb)
#
# **You will**
#
# - compare dense and convolutional networks in the same game: in weights, in arithmetic and in what they draw;
# - produce a checkerboard with three lines of code, and say which kernels and strides cause it;
# - measure checkerboards in the images of two trained generators, and check that both draw all ten digits.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
from keras import layers
from matplotlib import pyplot

ganlib.doctor.begin("mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
NAMES = {"transposed": "mnist_dcgan", "upsampling": "mnist_dcgan_upsampling"}
DENSE = ganlib.recipes.get("mnist_fcgan")
SHARE = 0.7  # of each recipe's steps
KERNELS_AND_STRIDES = ((3, 2), (5, 2), (4, 2))
NEW_STRIDE = 3
NUM_SAMPLES = 1000
NUM_IMAGES = 10
FASTEST = 3  # waves that show loose pixels

# %% [markdown]
# The generator of the last lesson had a row of weights for each of its 784 pixels. It did not know that pixel 100 and pixel 101
# are neighbours; it had to find out from the digits. A *convolution* knows: it slides one small kernel over the image, so what
# it has learned about strokes in one corner holds in every other. GANs made of convolutions are known as DCGANs (Radford et
# al., [2016](https://arxiv.org/abs/1511.06434)).
#
# You can only see whether convolutions help if nothing else changes. The recipe of the last lesson would not do for a
# comparison, because its game has different rules. So there are three systems here: two kinds of convolutional networks, and
# the dense networks of the last lesson, all put into the very same game.

# %%
runs = {name: ganlib.recipes.build(recipe) for name, recipe in NAMES.items()}
networks = {"network": DENSE.network, "generator": DENSE.generator, "discriminator": DENSE.discriminator}
runs["dense"] = ganlib.recipes.build(runs["transposed"].recipe, name="mnist_dense", **networks)
STEPS = round(SHARE * runs["transposed"].recipe.steps)

# %%
print(runs["transposed"].recipe.table())

# %% [markdown]
# Compare this with the table of the last lesson. There are fewer latent numbers and smaller batches, and the labels are 1 and 0
# again. Two ingredients are not in that table: the **R1 penalty** keeps D from being steep, and $\beta_1 = 0$ takes the
# momentum out of Adam. (The `momentum` in the table's line for G is something else: how much of batch normalization's moving
# averages is kept from step to step.) [Lesson 02](02_the_game.ipynb) shows what they do to a game. The rates are twice as high.
# On hardware that is good at it, convolutions are computed in *bfloat16*: 16-bit numbers with the range of 32-bit ones, but
# fewer digits.
#
# ## What it costs
#
# **Predict:** do the convolutional generators have more weights than the dense one? And do they need more multiplications per
# image?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
def multiplications(model):
    """Returns how many products of a weight and a number an image takes."""
    total = 0
    for layer in model.layers:
        if hasattr(layer, "kernel"):
            places = layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output
            total += layer.kernel.shape.num_elements() * int(np.prod(places.shape[1:-1]))
    return total


for name, run in runs.items():
    first = next(layer for layer in run.discriminator.layers if layer.weights)
    products = multiplications(run.generator)
    print(f"{name:>10}: G has {run.generator.count_params():9,} weights and takes {products:10,} multiplications;", end=" ")
    print(f"the first layer of D has {first.count_params():7,} weights.")

# %% [markdown]
# Fewer weights: less than half. D shows best what a convolution saves. In the dense D, each of 512 units looks at all 784
# pixels, which takes 400,000 weights. In the convolutional D, each of 64 kernels looks at 4 by 4 pixels, and about a thousand
# weights serve the whole image. What is saved in weights is spent on arithmetic, because each kernel is applied everywhere.
#
# Where are the generator's weights?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for layer in runs["transposed"].generator.layers:
    if layer.weights and not isinstance(layer, layers.BatchNormalization):
        print(f"{type(layer).__name__:>15}: {layer.count_params():7,} weights, makes {layer.output.shape[1:]}")

# %% [markdown]
# Most of them are in the dense layer at the bottom, which turns the latents into a small map: 7 by 7 places with many channels.
# From there the size doubles twice, from 7 to 14 to 28, and an ordinary convolution at the end turns the many channels into one
# image. This lesson is about the way up.
#
# ## Two ways up
#
# An ordinary convolution with stride 2 halves a map. A **transposed convolution** with stride 2 doubles it: each place of the
# small map stamps a copy of the kernel, scaled by its value, onto the large map, two pixels apart. Where stamps overlap, they
# add up.
#
# The other way is **upsampling**: repeat each pixel as a block of 2 by 2, then smooth the result with an ordinary convolution.
#
# To see how stamps overlap, take the learning out of it. Let the small map and the kernel be all ones. Each pixel of the large
# map then counts how many stamps have touched it.
#
# **Predict:** kernels are 3, 5 or 4 pixels wide and are stamped every 2 pixels. Which of them cover the map evenly?

# %%
def footprint(kernel_size, stride, initializer="ones", side=8):
    layer = layers.Conv2DTranspose(1, kernel_size, stride, padding="same", kernel_initializer=initializer)
    return np.asarray(layer(np.ones((1, side, side, 1))))[0, ..., 0]


# Picture: three maps; with kernels of 3 and 5 pixels they are chequered, with a kernel of 4 the map
#   is even but for its border.
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
# There is the chessboard, without any training and without a single digit. A kernel of 3 touches some pixels once, others twice
# or four times; a kernel of 5 touches 4, 6 or 9 times. With 4 the count is the same everywhere except at the border. The rule
# is about division: coverage is even when the stride divides the kernel size (Odena et al.,
# [2016](https://doi.org/10.23915/distill.00003)). Two of the repositories that this course reproduces have kernel 5 and stride
# 2, so they start with a pattern that training has to undo.
#
# The networks of this course have kernel 4 and stride 2. Is the matter settled then? So far the kernel was all ones. A real
# kernel starts with random values.
#
# **Predict:** with a random kernel of 4 and stride 2, is the map even? And with upsampling and a random kernel?

# %%
# Picture: two maps; the one of the transposed convolution is a chessboard, the one of upsampling is
#   even but for its border.
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
# Even *counts* do not mean even *sums*. In the left map each pixel is touched four times, but by different entries of the
# kernel: a pixel in an odd column never meets the entries that a pixel in an even column meets. So there are four kinds of
# pixel, and a chessboard unless the kernel happens to balance them. On the right every pixel away from the border sees the
# whole kernel, whatever it is, and a flat map stays flat.
#
# Kernel 4 with stride 2 can therefore *learn* to be even, but nothing forces it to; upsampling is even from the start. Does it
# matter once the networks are trained?
#
# ## Training
#
# The two convolutional systems differ in the way up, and therefore in G's kernels: 4 pixels wide for transposed convolutions, 3
# for upsampling. Their discriminators are alike. Keep a thousand images from each generator at three stages: untrained, after
# the first stretch of the recipe, and trained.

# %%
images = {}
for name, run in runs.items():
    images[name, "untrained"] = run.sample(NUM_SAMPLES)
    run.fit(steps=run.recipe.sample_every, bar=False)
    images[name, "early"] = run.sample(NUM_SAMPLES)

# %%
# Picture: at the left, digits that the generator makes; at the right, both players' losses and the
#   Frechet distance over the steps.
view = runs["transposed"].watch(steps=STEPS)
view

# %%
view.wait()
for name in ("upsampling", "dense"):
    print(f"Training {name} for as many steps ...")
    runs[name].fit(steps=STEPS, bar=False)

# %%
# Picture: rows of ten digits each: real ones, those of the dense network, and those of the two
#   convolutional ones.
test = ganlib.data.load("mnist", split="test")
real = test.images[:NUM_SAMPLES]
for name, run in runs.items():
    images[name, "trained"] = run.sample(NUM_SAMPLES)
shown = {"real": ganlib.images.to_float(real)} | {name: images[name, "trained"] for name in ("dense", "transposed", "upsampling")}
titles = sum([[name, *[""] * (NUM_IMAGES - 1)] for name in shown], [])
ganlib.plots.plot_images(np.concatenate([each[:NUM_IMAGES] for each in shown.values()]), titles=titles)

# %% [markdown]
# All three played the same game for the same number of steps. Compare the strokes: as a rule, those of the dense network are
# grainy, with loose pixels around them. In the convolutional rows, black is black, although some strokes are smudged. The
# faults that remain there are on a larger scale: a loop that does not close, a limb too many, a digit between two others.
#
# You watched the transposed run. The published generator of its recipe is the best of a longer run:

# %%
# Picture: ten digits of this run, and below them ten digits of the published generator.
ganlib.widgets.beside(runs["transposed"])

# %% [markdown]
# Can you see a chessboard in any of them? And what about the earlier stages? Enlarge a few and look.

# %%
# Picture: three rows of six images; the untrained ones are gray textures, the early ones blots and
#   strokes, the trained ones digits.
stages = ("untrained", "early", "trained")
grown = [images[name, stage][:3] for stage in stages for name in NAMES]
titles = sum([[f"{name}, {stage}", "", ""] for stage in stages for name in NAMES], [])
ganlib.plots.plot_images(np.concatenate(grown), columns=6, scale=1.3, titles=titles)

# %% [markdown]
# In the top row, look at the texture: a fine grain on the left, soft clouds on the right. Both networks are untrained, yet you
# can tell which is which. At the bottom you probably see no chessboard at all.
#
# ## Measuring it
#
# Eyes are bad at this, and Fourier transforms are good at it. They split an image into waves. In an image 28 pixels wide, the
# fastest wave goes up and down 14 times: it alternates from one pixel to the next, which is a chessboard's rhythm. Its *power*
# says how much of it there is.
#
# **Predict:** digits are made of strokes about 3 pixels wide. Going from slow waves to fast ones, how should the power of real
# images change? And where would a chessboard show?

# %%
def power(images):
    """Returns the mean power of waves from left to right, by the number of periods per image, starting with one."""
    spectrum = np.abs(np.fft.rfft(np.asarray(ganlib.images.to_float(images))[..., 0], axis=2)) ** 2
    return spectrum.mean(axis=(0, 1))[1:]


spectra = {key: power(each) for key, each in images.items()}
periods = 1 + np.arange(len(power(real)))
STYLES = {"dense": "k:", "transposed": "C0-o", "upsampling": "C1--s"}

# %% tags=["centerpiece"]
# Picture: two plots over the number of periods per image. At the left the power of real digits falls,
#   and that of two untrained networks is far below it; at the right, curves near a line at 1.
figure, (left, right) = pyplot.subplots(1, 2, figsize=(10, 3.4), layout="constrained")
left.semilogy(periods, power(real), "k-", label="real")
for name in NAMES:
    left.semilogy(periods, spectra[name, "untrained"], STYLES[name], markersize=4, label=name)
left.set(title="untrained", xlabel="periods per image", ylabel="power")
left.legend(fontsize=8)
right.axhline(1, color="gray", linewidth=0.8)
for name, style in STYLES.items():
    right.plot(periods, spectra[name, "trained"] / power(real), style, markersize=4, label=name)
right.set(title="trained, divided by real", xlabel="periods per image", ylim=(0, None))
right.legend(fontsize=8)
pyplot.show()

# %% [markdown]
# On the left, the power of real digits falls by two orders of magnitude from slow waves to fast. Now look at the untrained
# networks. The transposed one is nearly flat with two spikes, and you can explain both: a pattern that repeats every 2 pixels
# has 14 periods in an image, and one that repeats every 4 pixels has 7. The first comes from the last enlargement; the second
# comes from the one before, whose chessboard has been enlarged since then. Upsampling has no spike at 14.
#
# On the right, the power of each trained network is divided by that of real digits, so a perfect network would lie at 1. A
# chessboard would be a spike at the right end. Put numbers on both: the power of the fastest wave divided by that of the one
# before it, and the power of the three fastest waves relative to real digits, which is the grain.

# %%
for name in runs:
    spikes = [f"{stage} {spectra[name, stage][-1] / spectra[name, stage][-2]:.2f}" for stage in stages]
    print(f"{name:>10}, fastest wave divided by the one before: {', '.join(spikes)}; real {power(real)[-1] / power(real)[-2]:.2f}")

# %%
for name in runs:
    grain = spectra[name, "trained"][-FASTEST:].sum() / power(real)[-FASTEST:].sum()
    print(f"{name:>10}: the {FASTEST} fastest waves have {grain:.2f} times the power that they have in real digits.")

# %% [markdown]
# Untrained transposed convolutions have several times as much power in the fastest wave as in the one before. Little of that is
# left after the first stretch of training, and at the end the ratio is like that of real images. Grain, on the other hand, is
# what the dense network has, and the convolutional ones have much less of it. The game was the same, so this is the networks'
# doing, and not G's alone: D is convolutional as well.
#
# Where did the chessboard go? A regular pattern that no real image shows gives a generated one away, so D can punish it, and G
# has to get rid of it. With kernel 4 and stride 2 that is possible: each of the four kinds of pixel is touched equally often,
# so it is enough to balance the kernel. When the stride does not divide the kernel size, the balance has to make up for unequal
# counts as well, and Odena et al. show images of published networks that did not manage it. So the rule for choosing kernels is
# cheap insurance. This lesson's digits give no reason to prefer one of the two ways up. Larger images may: Durall et al.
# ([2020](https://arxiv.org/abs/2003.01826)) find that both ways distort the spectrum, each in its own way.
#
# ## All ten digits?
#
# A generator that draws nothing but splendid 1s would pass every test so far. So count what is there. The course comes with a
# classifier that was trained on the labels of MNIST. Let it name the generated digits and, for comparison, as many real ones.

# %%
encoder = ganlib.encoders.encoder_for(runs["transposed"].dataset)
judged = {"real": real} | {name: ganlib.images.to_uint8(images[name, "trained"]) for name in NAMES}
named = {name: encoder.encode(each)[1] for name, each in judged.items()}
print(f"It is right for {np.mean(named['real'] == test.labels[:NUM_SAMPLES]):.1%} of these {NUM_SAMPLES:,} real digits.")
counts = {name: np.bincount(labels, minlength=10) for name, labels in named.items()}
for name, each in counts.items():
    ratio = each.max() / max(1, each.min())
    print(f"{name:>10}: {', '.join(map(str, each))}; the most frequent comes {ratio:.1f} times as often as the rarest.")

# %%
# Picture: three bars for each of the ten digits: how often it occurs among real ones and among those
#   of both convolutional generators.
figure, axis = pyplot.subplots(figsize=(9, 2.8))
for number, ((name, each), hatch) in enumerate(zip(counts.items(), ("", "//", ".."))):
    axis.bar(np.arange(10) + 0.27 * (number - 1), each, 0.25, hatch=hatch, edgecolor="white", label=name)
axis.set(xticks=range(10), xlabel="digit", ylabel=f"of {NUM_SAMPLES:,} images")
axis.legend(fontsize=8)
pyplot.show()

# %% [markdown]
# Both generators draw all ten. Chance alone moves a count of 100 by about 10 up or down, and the counts of the real digits
# differ by a little more than that. As a rule, the generators' counts are not much less even. Nothing in the game asks for the
# right shares directly: D judges one image at a time, and each of the digits, taken by itself, can look real. A generator that
# leaves classes out is said to *drop modes*, and one that is left with only a few has suffered *mode collapse*. These have done
# neither.
#
# A classifier has a name for everything, even for a muddle. The next lesson looks at that more closely, with a generator that
# you can ask for the digit you want.
#
# ## Explore it

# %%
# Picture: rows of digits, each row a walk along one direction in the latent space.
explorer = ganlib.widgets.explore(runs["transposed"])

# %% [markdown]
# In a live notebook, move along the directions and compare with the dense generator of the last lesson. Do strokes fade here,
# or do they move? Without a live notebook, each row above is such a walk.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("11_mnist_dcgan")

# %% [markdown]
# ## Exercise: stride 3
#
# Suppose that you want to enlarge by a factor of `NEW_STRIDE` = 3 with a transposed convolution. Set `kernel_size` to the
# smallest size whose stamps overlap *and* cover the map evenly.

# %% tags=["exercise"]
kernel_size = None  # replace None: try values in footprint(kernel_size, NEW_STRIDE)

# %% tags=["check"]
if ganlib.answers.given(kernel_size):
    def touched(size):
        inside = slice(2 * NEW_STRIDE, -2 * NEW_STRIDE)
        return np.unique(footprint(size, NEW_STRIDE)[inside, inside].round())

    ganlib.answers.numbers(kernel_size, "kernel_size", (), whole=True)
    assert kernel_size > NEW_STRIDE, f"stamps of {kernel_size} pixels, {NEW_STRIDE} pixels apart, do not overlap"
    times = touched(kernel_size)
    assert len(times) == 1, f"uneven: pixels are touched {times.min():.0f} to {times.max():.0f} times"
    assert all(len(touched(size)) > 1 for size in range(NEW_STRIDE + 1, kernel_size)), "that is even, but there is a smaller one"
    print(f"Right: every pixel inside is touched {times[0]:.0f} times, by two stamps in each direction.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# kernel_size = 6
# ```
#
# The stride must divide the kernel size. A size of 3 meets that rule too, but then the stamps lie side by side without
# overlapping, and a pixel knows nothing about the stamp next door: the image breaks up into tiles.
# </details>

# %% [markdown]
# **Open exercise.** Kernels of 5 with stride 2 do not cover the map evenly. Does training repair that? Build the transposed
# system with `generator=recipe.generator | {"kernel_size": 5}` and compare it with kernels of 4, with three seeds each. A
# good answer gives the power of the fastest wave divided by the one before, untrained and trained, beside that of real
# digits, and says whether there is a difference beyond the spread over seeds. In three games of 200 steps each, kernels of
# 4 began with a ratio of 1.6 to 8.6 and ended with 0.99 to 1.01; kernels of 5 began with 2.8 to 7.4 and ended with 0.98 to
# 1.01. Real digits have 0.96. How soon does the chessboard go?
#
# ## You can now
#
# - say what convolutions save and what they cost, compared with dense layers;
# - explain where checkerboards come from, and choose kernel and stride so that coverage is even;
# - measure a checkerboard in the spectrum, and count classes to see whether a generator draws all of them.
#
# **Next:** in [12_mnist_cgan](12_mnist_cgan.ipynb) you ask for a digit and see how often you get it.
