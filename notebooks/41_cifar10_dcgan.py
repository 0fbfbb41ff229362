# %% [markdown]
# # CIFAR-10: how small a picture?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/41_cifar10_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/41_cifar10_dcgan.ipynb)
#
# **You will**
#
# - see why ten kinds of photographs are harder than ten digits, and train on two of the ten;
# - look at the same pictures at several sizes, and prove that shrinking can only hide a difference;
# - measure what a small picture hides, with a separate judge for each size, and with controls.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import imageio.v3 as imageio
import keras
import numpy as np
from IPython.display import Image
from matplotlib import pyplot

ganlib.doctor.begin("cifar10", "mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("cifar10_dcgan", batch_size=16)
CLASSES = ("automobile", "horse")
STEPS = min(4_500, 2 * RECIPE.steps)
SIDES = (4, 8, 16, 32)
NUM_KNOWN, NUM_NEW = min(2_000, RECIPE.steps), 1_000  # pictures of either kind that a judge learns from, and is asked about
QUALITY = 85  # of JPEG files, as photographs often have
SHOWN = 20

# %% [markdown]
# ## Ten kinds of things
#
# CIFAR-10 (Krizhevsky, [2009](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf)) holds photographs from the
# web, shrunk to 32 by 32 pixels: six kinds of animals and four kinds of vehicles. Neither the people in the pictures nor
# the photographers were asked, and the set is for study.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
cifar, test = (ganlib.data.load("cifar10", split) for split in ("train", "test"))
print(f"Images of shape {cifar.image_shape}, {cifar.images.dtype}, in {len(cifar.class_names)} classes:")
print(", ".join(cifar.class_names))

# %% [markdown]
# Why should this be harder than digits? The *mean* of all images of a class is a quick way to see how much they have in
# common. The mean of MNIST's threes is a three, a little blurred.
#
# **Predict:** what is the mean of 5,000 horses?

# %%
of_class = [np.flatnonzero(cifar.labels == label) for label in range(len(cifar.class_names))]
means = np.stack([cifar.images[rows].mean(axis=0) for rows in of_class]).astype("uint8")

# %%
# Picture: two rows of ten small pictures. Above, a photograph of each class; below, the mean of each class: blurred patches
#   of colour, in which a car and a truck can be guessed.
first = cifar.images[[rows[0] for rows in of_class]]
titles = [*cifar.class_names, *["mean"] * len(of_class)]
ganlib.plots.plot_images(np.concatenate([first, means]), titles=titles, scale=0.9)

# %% [markdown]
# A reddish smudge on a green one. Horses are photographed from the left and from the right, near and far, on grass and on snow.
# Cars and trucks keep a ghost of a shape, since they look much the same from either side. Of the airplanes, little more than
# the sky remains. What makes a horse a horse is not in a fixed place.
#
# How much does the class tell you about a pixel? Divide the variance of the ten means by the variance of all images, over
# all pixels.

# %%
def decided_by_class(dataset, every=5):
    rows, labels = ganlib.images.as_rows(dataset.images[::every]), dataset.labels[::every]
    of_means = np.stack([rows[labels == label].mean(axis=0) for label in np.unique(labels)])
    return of_means.var(axis=0).sum() / rows.var(axis=0).sum()


told = {dataset.name: decided_by_class(dataset) for dataset in (ganlib.data.load("mnist"), cifar)}
for name, share in told.items():
    print(f"{name}: the class decides {share:.0%} of the variance of the pixels.")

# %% [markdown]
# In photographs it decides far less. What is left for a generator to learn is everything else in which two photographs
# differ, and there is much more of that than in a white stroke on black.
#
# ## Two kinds of things
#
# A few minutes are not enough for ten such classes. They achieve more in a narrower world: only cars and horses. Lesson
# [51](51_food101_dcgan.ipynb) tests what a narrow world gains you; here it only has to give you something to look at. The
# monitor measures distances to the images that it is given, so it gets the same two classes.

# %%
def narrowed(dataset):
    rows = np.isin(dataset.labels, [dataset.class_names.index(name) for name in CLASSES])
    return dataclasses.replace(dataset, images=dataset.images[rows], labels=dataset.labels[rows])


# %%
world, aside = narrowed(cifar), narrowed(test)
run = ganlib.recipes.build(RECIPE)
run.dataset, run.monitor = world, ganlib.monitor.Monitor(world, RECIPE.noise)
untrained = run.sample(NUM_KNOWN + NUM_NEW)

# %%
print(RECIPE.table())
passes = STEPS * RECIPE.batch_size / len(world)
print(f"Here it takes {STEPS:,} steps, which are {passes:.1f} passes over {len(world):,} photographs of cars and horses.")

# %% [markdown]
# You know nearly every line of the table from [02_the_game](02_the_game.ipynb) or [11_mnist_dcgan](11_mnist_dcgan.ipynb). (G's
# `momentum` says how slowly the averages of batch normalization change. `beta_2` does the same for the mean squared slope by
# which Adam divides each step.) The networks are narrow and the batches small, so that there is time for many steps. Keep
# pictures from the untrained G; you will need them for a control.

# %%
# Picture: The training at its end: generated pictures, the losses of D and G, and the Frechet distance, over the steps.
view = run.watch(steps=STEPS)
view

# %%
# Picture: Four rows of ten generated pictures, enlarged: blurred cars and horses among shapes without a name.
run = view.wait()
fakes = run.sample(NUM_KNOWN + NUM_NEW)
ganlib.plots.plot_images(fakes[: 2 * SHOWN], title="generated")

# %% [markdown]
# Name what you see: car, horse, or neither? As a rule, you can name some of them at once. Others have the colours of a
# car or a horse and the outline of nothing. Ask the course's classifier as well, which was trained on photographs of all
# ten classes.

# %%
referee = ganlib.encoders.load("cifar10")
draw = np.random.default_rng(RECIPE.seed)
real = aside.images[draw.permutation(len(aside))[:NUM_NEW]]

# %%
wanted = [cifar.class_names.index(name) for name in CLASSES]
named = {}
for kind, images in (("photographs", real), ("generated pictures", fakes[: len(real)]), ("untrained", untrained[: len(real)])):
    seen = referee.outputs(ganlib.images.to_uint8(images))[1]
    named[kind] = [np.mean(seen == label) for label in wanted]
    print(f"Of {kind} it calls {named[kind][0]:.0%} {CLASSES[0]} and {named[kind][1]:.0%} {CLASSES[1]}.")

# %% [markdown]
# It has to choose one of ten names, even for mush. For most of the generated pictures it chooses one of the two right
# ones, and it finds both kinds. Now put them next to those of the published generator, which was trained on all ten
# classes.

# %%
# Picture: Two rows of ten generated pictures. Above, those of this run; below, those of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# In which row can you name more? The published generator's D saw the photographs mirrored and in other places, so that it could
# not soon learn them by heart. Neither generator had hours of training. The profile *full* follows a published
# repository, with wider networks and 200 passes over all photographs. Salimans et al.
# ([2016](https://arxiv.org/abs/1606.03498)) asked people to tell their generated pictures of CIFAR-10 from photographs.
# The people were wrong in about 21 % of cases.
#
# ## What a small picture hides
#
# You have looked at generated pictures enlarged, as all figures of this course are. Here are ten photographs, and below
# them ten generated pictures, at their true size: one pixel of the picture is one pixel of your screen.
#
# **Predict:** will the lower row look better or worse than it did above?

# %%
# Picture: Two rows of ten tiny pictures, photographs above and generated ones below.
def pixel_by_pixel(images, times=1, columns=SHOWN // 2):
    grid = ganlib.plots.image_grid(images, columns).repeat(times, axis=0).repeat(times, axis=1)
    return Image(imageio.imwrite("<bytes>", grid, extension=".png"))


pair = np.concatenate([real[: SHOWN // 2], ganlib.images.to_uint8(fakes[: SHOWN // 2])])
pixel_by_pixel(pair)

# %% [markdown]
# Here are the same two rows, with each pixel as a block of four by four:

# %%
# Picture: The same two rows of pictures, four times as large, so that single pixels can be seen.
pixel_by_pixel(pair, times=4)

# %% [markdown]
# Compare the lower rows. Does the small one look better to you? Enlarging adds nothing and takes nothing away. How small
# can a picture get before there is nothing left to see? Torralba et al. ([2008](https://doi.org/10.1109/TPAMI.2008.128))
# found that 32 by 32 pixels in colour are about enough for people to recognise a scene and the main objects in it.
#
# ## Smaller still
#
# Now make the pictures smaller on purpose. Below are ten in mixed order, each averaged down to 4, 8 and 16 pixels, with
# the original at the bottom. Half of them are photographs.
#
# **Predict:** go through the rows from the top, and write down for each row which columns are photographs. In which row
# are you sure?

# %%
def shrink(images, side):
    floats = np.asarray(ganlib.images.to_float(images))
    factor = floats.shape[1] // side
    blocks = floats.reshape(len(floats), side, factor, side, factor, -1).mean((2, 4))
    return blocks.repeat(factor, axis=1).repeat(factor, axis=2)  # as large as before, in blocks


# %%
# Picture: Four rows of the same ten pictures, of 4, 8, 16 and 32 pixels a side, from a few blocks of colour to the full detail.
order = draw.permutation(SHOWN // 2)
puzzle = np.concatenate([real[-SHOWN // 4 :], ganlib.images.to_uint8(fakes[-SHOWN // 4 :])])[order]
titles = sum([[f"{side} pixels", *[""] * (SHOWN // 2 - 1)] for side in SIDES], [])
ganlib.plots.plot_images(np.concatenate([shrink(puzzle, side) for side in SIDES]), titles=titles, scale=0.9)

# %%
print("Photographs are in columns", *(np.flatnonzero(order < SHOWN // 4) + 1))

# %% [markdown]
# It gets harder toward the top, but that is not a weakness of your eyes. It holds for every judge. Let half of the
# pictures be photographs. The best judge calls a picture $x$ a photograph where $p_\text{data}(x) > p_g(x)$, which is
# where the best D of [02_the_game](02_the_game.ipynb) is above one half. It is right with probability
#
# $$\tfrac12 \int \max(p_\text{data}, p_g)\, dx = \tfrac12 + \tfrac12\, \text{TV}, \qquad
# \text{TV} = \tfrac12 \int |p_\text{data} - p_g|\, dx$$
#
# TV is called the *total variation* of the two densities. It is 0 if they are equal and 1 if they do not overlap. Now
# shrink both kinds. A judge of small pictures can be used for large ones too: shrink them first, then ask it. So the best
# judge of large pictures is at least as good as the best judge of small ones. **Shrinking can only bring the two kinds
# closer.** The formula does not say how much closer. That depends on what G gets wrong, and has to be measured.
#
# ## A judge for each size
#
# Take a network that can look for anything: a D that starts from scratch, and trains on pictures that no longer change.
# It gets two thousand known ones of either kind, and is then asked about two thousand new ones, with photographs from the
# test split. It is the same network at each size; only the pictures have lost detail. Do everything twice, with a
# different seed for the network and different pictures, to see what chance does.

# %% tags=["centerpiece"]
def right(generated, side, seed, photographs=real):
    """Returns how often a judge of pictures `side` pixels wide is right about new ones."""
    keras.utils.set_random_seed(seed)
    judge = ganlib.networks.dcgan.discriminator(world.image_shape, filters=(16, 32, 64))
    judge.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    chosen = np.random.default_rng(seed).permutation(len(world))[:NUM_KNOWN]
    known = np.concatenate([shrink(world.images[chosen], side), shrink(generated[: len(chosen)], side)])
    judge.fit(known, np.repeat([1.0, 0.0], len(chosen)), batch_size=64, epochs=3, verbose=0)
    new = photographs, generated[-len(photographs) :]
    on_real, on_generated = (judge.predict(shrink(images, side), verbose=0) for images in new)
    return (np.mean(on_real > 0) + np.mean(on_generated < 0)) / 2


# %% [markdown]
# **Predict:** half of the answers would be right by chance. What share will be right at 4 pixels, and what share at 32?

# %%
seeds = (RECIPE.seed, RECIPE.seed + 1)
samples = {seed: run.sample(len(fakes), seed=seed) for seed in seeds}
shares = {side: [right(samples[seed], side, seed) for seed in seeds] for side in SIDES}
for side, found in shares.items():
    print(f"{side:2} pixels wide: the judge is right in {found[0]:.0%} and {found[1]:.0%} of cases.")

# %%
# Picture: Two rising curves, one for each seed: the share of right answers against the width of the pictures, above a dotted
#   line at one half.
figure, axis = pyplot.subplots(figsize=(6, 3), layout="constrained")
for number, style in enumerate(("o-", "s--")):
    axis.plot(SIDES, [found[number] for found in shares.values()], style, label=f"judge {number + 1}")
axis.axhline(0.5, color="gray", linestyle=":", label="by chance")
axis.set_xscale("log", base=2)
axis.set(xticks=SIDES, xticklabels=SIDES, ylim=(0.4, 1), xlabel="pixels a side", ylabel="right answers")
axis.legend();

# %% [markdown]
# The smallest pictures are the hardest to judge. Two neighbouring sizes may be no further apart than the two judges are;
# from the top of the list to the bottom the gap is much larger. (A trained judge is not the best possible one. So its
# share is only a lower bound, and a judge of large pictures, which has more to learn, can fall further short.)
#
# ## Controls
#
# Ask three questions before you believe these numbers. Is 4 pixels too small to see anything at all? Then the untrained G
# would pass as well. Would the judge also find a difference where there is none? Give it photographs in place of
# generated pictures. And does it see what it should? The last question needs a closer look.
#
# JPEG compresses blocks of 8 by 8 pixels, each separately, and leaves seams that you do not see. Generated pictures may
# lack them, and a judge might look for nothing else. How much more do neighbours differ across the border of two blocks
# than one pixel to either side of it? In the middle of blocks the same calculation should give next to nothing.

# %%
def seams(images, first=7, block=8):
    jumps = np.abs(np.diff(images.astype("int16"), axis=2)).mean(axis=(0, 1, 3))  # from column to column
    columns = np.arange(first, len(jumps) - block + 1, block)
    return 2 * jumps[columns].mean() / (jumps[columns - 1] + jumps[columns + 1]).mean() - 1


def as_jpeg(image):
    return imageio.imread(imageio.imwrite("<bytes>", image, extension=".jpg", quality=QUALITY), extension=".jpg")


# %%
found = seams(world.images), seams(world.images, first=3)
print(f"In photographs neighbours differ by {found[0]:+.0%} across the borders of blocks, in the middle of blocks by {found[1]:+.0%}.")

# %% [markdown]
# If the first number stands out, yours is a JPEG copy of CIFAR-10, such as the one that this page was made with. The
# official archive stores the pixels unchanged. In either case, saving the generated pictures as JPEG files gives them
# seams as well.
#
# **Predict:** what share will be right in each of the three controls?

# %%
side, seed = SIDES[-1], RECIPE.seed
others = world.images[draw.permutation(len(world))[: len(fakes)]]
jpegs = {seed: np.stack([as_jpeg(image) for image in ganlib.images.to_uint8(samples[seed])]) for seed in seeds}
controls = {
    f"the untrained G, {SIDES[0]} pixels wide": right(untrained, SIDES[0], seed),
    f"photographs instead, {side} pixels wide": right(others, side, seed),
    f"G with seams, {side} pixels wide": np.mean([right(jpegs[seed], side, seed) for seed in seeds]),
}
for name, share in controls.items():
    print(f"{name}: the judge is right in {share:.0%} of cases.")

# %% [markdown]
# Four pixels are enough to recognise the untrained G, so the trained one has learned much of what they show: which colours go
# together, and which places are light or dark. Against photographs a judge can only toss a coin, and does. Nor is it the lack
# of seams that gives G away at 32 pixels.
#
# So whenever you are shown generated images, ask how large they are. A sheet of many small ones flatters. And if you
# measure them, say at what size: the same generator gets different numbers at different sizes.
#
# ## Explore it

# %%
# Picture: Rows of generated pictures, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# Each row is a walk along one direction, and in a live notebook there are sliders for them. Which of the rows changes
# what 4 pixels would show, such as light and colour, and which changes an outline? Is there one in which a car turns into
# a horse?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("41_cifar10_dcgan")

# %% [markdown]
# ## Exercise: another way to shrink
#
# `shrink` averages blocks. You could also keep every second pixel, in both directions, and throw the others away. Shrink
# the photographs `real` to 16 pixels in this way and put them into `picked`, an array of shape (count, 16, 16, 3).
#
# **Predict:** with which of the two do neighbouring pixels differ more?

# %% tags=["exercise"]
picked = None  # replace None: the axes of real are image, row, column and channel

# %% tags=["check"]
if ganlib.answers.given(picked):
    count, side, _, channels = real.shape
    small = (count, side // 2, side // 2, channels)
    ganlib.answers.numbers(picked, "picked", small)
    assert np.asarray(picked).dtype == real.dtype, "these numbers are not the ones in real; are they averages?"
    blocks = real.reshape(count, side // 2, 2, side // 2, 2, channels)  # four pixels each
    kept = (blocks == np.reshape(picked, (count, side // 2, 1, side // 2, 1, channels))).all(axis=-1)
    assert kept.any(axis=(2, 4)).all(), "some are not among the four pixels that were at their place; are they averages, or a part cut out?"
    assert kept.all(axis=(0, 1, 3)).any(), "they are pixels of real, but not from the same corner of each block of four"
    differ = [np.abs(np.diff(images.astype("float32"), axis=2)).mean() for images in (np.asarray(picked), blocks.mean(axis=(2, 4)))]
    print(f"Right. Neighbours differ by {differ[0]:.1f} of 255 if pixels are picked, and by {differ[1]:.1f} if they are averaged.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# picked = real[:, ::2, ::2]
# ```
#
# Picking keeps the contrast of single pixels and loses what lay between them, so fine patterns turn into coarse ones that
# were never there. Parmar et al. ([2022](https://arxiv.org/abs/2104.11222)) show that such differences in resizing change
# the published measures of GANs. If you compare, shrink both kinds in the same way.
# </details>

# %% [markdown]
# **Open exercise.** Cats and dogs have the same colours and nearly the same outlines. Set `CLASSES = ("cat", "dog")`, put
# these names into the two lines that print cars and horses, and run the lesson again, with three seeds. A good answer
# shows the pictures, gives the judge's share at each size next to those for cars and horses, and says which of the two
# worlds looks better to you and whether the judge agrees. With two judges for each of three seeds, the judge was right
# about cats and dogs in 54 to 58 % of cases at 4 pixels, 58 to 65 % at 8, 63 to 73 % at 16 and 70 to 78 %
# at 32. How do your cars and horses compare?
#
# ## You can now
#
# - say why ten kinds of photographs are harder than ten digits, and train on a narrower world;
# - show generated pictures at several sizes, and prove that shrinking can only hide a difference;
# - measure what a small picture hides, and name the controls that such a measurement needs.
#
# **Next:** [42_cifar10_cgan](42_cifar10_cgan.ipynb) adds labels, spoils them on purpose, and asks what they are worth.
