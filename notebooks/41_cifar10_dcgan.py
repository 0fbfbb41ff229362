# %% [markdown]
# # CIFAR-10: how long a latent, and how small a picture?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/41_cifar10_dcgan.ipynb)
#
# **You will**
#
# - meet CIFAR-10, and see why ten kinds of photographs are so much harder than ten digits;
# - look at forgeries and photographs at several sizes, and measure what a small picture hides;
# - find out how long a latent has to be, and how many of its directions a trained generator uses.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data; elsewhere they are there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch cifar10")
    get_ipython().system("python -m ganlib data prepare cifar10")

import ganlib
import imageio.v3 as imageio
import keras
import numpy as np
from IPython.display import Image
from scipy.stats import norm
from sklearn.decomposition import PCA
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("cifar10_dcgan")
NARROW = dict(generator=dict(filters=(128, 64, 32), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(32, 64, 128)))
STEPS = 2 * RECIPE.steps // 5
SHORT_STEPS = max(2, RECIPE.steps // 8)
LENGTHS = (2, 8, 32, 256)
SIDES = (4, 8, 16, 32)
NUM_KNOWN, NUM_MEASURED = RECIPE.steps, 1_000
OTHER_SEED = 1
SHOWN = 20

# %% [markdown]
# ## Ten kinds of things
#
# CIFAR-10 (Krizhevsky, 2009) holds photographs from the web, shrunk to 32 by 32 pixels: six kinds of animals and four kinds of
# vehicles. It is the first set of this course that has both colour and a handful of classes. Nobody in the pictures or behind the
# camera was asked; the set is for study.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
cifar, test = (ganlib.data.load("cifar10", split) for split in ("train", "test"))
print(f"Images of shape {cifar.image_shape}, {cifar.images.dtype}, in {len(cifar.class_names)} classes:")
print(", ".join(cifar.class_names))

# %%
counts = np.bincount(cifar.labels)
print(f"{len(cifar):,} images for training, {counts.min():,} to {counts.max():,} of each class; {len(test):,} for testing.")
of_class = [np.flatnonzero(cifar.labels == label) for label in range(len(cifar.class_names))]
ganlib.plots.plot_images(cifar.images[[rows[0] for rows in of_class]], titles=cifar.class_names, scale=0.9)

# %% [markdown]
# The classes are balanced, so a faithful generator would make each of them equally often.
#
# Why should this be harder than digits? The *mean* of all images of a class is a quick way to see how much they have in common.
# The mean of MNIST's threes is a three, a little blurred.
#
# **Predict:** what is the mean of 5,000 horses?

# %%
means = np.stack([cifar.images[rows].mean(axis=0) for rows in of_class]).astype("uint8")
ganlib.plots.plot_images(means, titles=cifar.class_names, scale=0.9)

# %% [markdown]
# A reddish smudge on a green one. Horses are photographed from the left and from the right, near and far, brown and white, on
# grass and on snow. Cars and trucks keep a ghost of a shape, since they look much the same from either side; of airplanes the sky
# remains, of ships the sea. Whatever makes a horse a horse is not at a fixed place, so a generator cannot begin with the mean and
# refine it, as it can with a three. And there are ten such classes, with hardly anything in common.
#
# ## Is yours the official set?
#
# The official archive stores pixels as they are. CIFAR-10 is also handed out as folders of JPEG files, and JPEG compresses blocks
# of 8 by 8 pixels, each by itself. You do not see the seams, but they can be measured: how much more do neighbours differ across
# the border of two blocks than one pixel to either side of it? In the middle of blocks the same sum should give next to nothing.

# %%
jumps = np.abs(np.diff(cifar.images[:: len(cifar) // SHOWN**2].astype("int16"), axis=2)).mean(axis=(0, 1, 3))  # by column


def excess(first, block=8):
    columns = np.arange(first, len(jumps) - block + 1, block)
    return 2 * jumps[columns].mean() / (jumps[columns - 1] + jumps[columns + 1]).mean() - 1


print(f"Across the borders of blocks neighbours differ by {excess(7):+.0%}, in the middle of blocks by {excess(3):+.0%}.")

# %% [markdown]
# If the first number stands out, yours is a JPEG copy, such as the one that this page was made with; if both are near zero, it
# speaks for the official set. All of this lesson works with either. Remember that a picture can hold things that you do not see;
# they will come up again.
#
# ## Training

# %%
run = ganlib.recipes.build(RECIPE)
print(f"{STEPS:,} steps of {RECIPE.batch_size} are {STEPS * RECIPE.batch_size / len(cifar):.2f} passes over the images.")
run.fit(steps=STEPS)
fakes = run.sample(NUM_KNOWN + NUM_MEASURED)
ganlib.plots.plot_images(fakes[: 2 * SHOWN], title="generated")

# %% [markdown]
# Say what you see. There are light backgrounds and dark ones, something like a horizon here and there, patches that could be
# grass or sky, and in many pictures a lump near the middle, where the thing would be. You cannot name the thing. In a few you may
# want to: a ship, an animal? Ask somebody else, and the answer will be a different one.
#
# No parameter is to blame that you could turn. In so short a training D has not even seen every photograph once. Profile full
# follows a published system: larger networks, 78,000 steps of 128 images, 200 passes, which is hours on a GPU. What such hours
# can give, Salimans et al. (2016) have measured: they asked people to tell their forgeries of CIFAR-10 from photographs, and
# those people were wrong in 21% of cases. So what *has* a short training taught this generator?
#
# ## What a small picture hides
#
# You have looked at the forgeries enlarged, as all figures of this course are. Here are ten photographs, and below them ten
# forgeries, at their true size: one pixel of the image is one pixel of your screen.
#
# **Predict:** will the lower row look better or worse than above?


# %%
def pixel_by_pixel(images, times=1, columns=SHOWN // 2):
    grid = ganlib.plots.image_grid(images, columns).repeat(times, axis=0).repeat(times, axis=1)
    return Image(imageio.imwrite("<bytes>", grid, extension=".png"))


draw = np.random.default_rng(RECIPE.seed)
real = test.images[draw.permutation(len(test))[:NUM_MEASURED]]
pair = np.concatenate([real[: SHOWN // 2], ganlib.images.to_uint8(fakes[: SHOWN // 2])])
pixel_by_pixel(pair)

# %% [markdown]
# And the same two rows with each pixel as a block of four by four:

# %%
pixel_by_pixel(pair, times=4)

# %% [markdown]
# Small, the lower row is not so bad: thumbnails of photographs, of which you would have to see more. Large, it is fog. Enlarging
# has added nothing and taken nothing away. Your eye completes what is too small to see, and is generous in that; where it can
# look, it is not.
#
# The upper row stands it better: most of its pictures can be named at either size. Torralba et al. (2008) found that this is
# about as small as one can go: from 32 by 32 pixels in colour people still tell a scene, and most things in it. What such a
# picture cannot show is text, eyes, or whether the horse has a bridle. No forger has to get them right.
#
# ## Smaller still
#
# Turn it round: what if you make the pictures smaller? Below are ten in mixed order, each averaged down to 4, 8 and 16 pixels,
# and as it is at the bottom. Half of them are photographs.
#
# **Predict:** go through the rows from the top, and write down in each which columns are photographs. In which row are you sure?


# %%
def shrink(images, side):
    floats = np.asarray(ganlib.images.to_float(images))
    factor = floats.shape[1] // side
    means = floats.reshape(len(floats), side, factor, side, factor, -1).mean((2, 4))
    return means.repeat(factor, axis=1).repeat(factor, axis=2)  # as large as before, in blocks


order = draw.permutation(SHOWN // 2)
puzzle = np.concatenate([real[-SHOWN // 4 :], ganlib.images.to_uint8(fakes[-SHOWN // 4 :])])[order]
ganlib.plots.plot_images(np.concatenate([shrink(puzzle, side) for side in SIDES]), scale=0.9)

# %%
print("Photographs are in columns", *(np.flatnonzero(order < SHOWN // 4) + 1))

# %% [markdown]
# In the top row you can only guess: sixteen blocks of plausible colours. In the second there are suspicions. At the bottom there
# is hardly a doubt: only photographs have sharp outlines that close around a thing.
#
# So the forgeries are right in the large and wrong in the small. Put a number to that. The judge shall be a network this time,
# for it can look for anything: a D that begins from nothing, and trains on forgeries that stand still. It gets some thousand
# known cases of either kind and then has to call a thousand new ones, photographs from the test split among them. At each size it
# is the same network, and only the pictures have lost detail. Do everything twice, with other cases and another seed, as a ruler
# for luck.


# %%
def called_correctly(forged, side, seed):
    keras.utils.set_random_seed(seed)
    detective = ganlib.networks.dcgan.discriminator(cifar.image_shape, filters=(16, 32, 64))
    detective.compile("adam", keras.losses.BinaryCrossentropy(from_logits=True))
    chosen = np.random.default_rng(seed).permutation(len(cifar))[:NUM_KNOWN]
    known = np.concatenate([shrink(cifar.images[chosen], side), shrink(forged[: len(chosen)], side)])
    detective.fit(known, np.repeat([1.0, 0.0], len(chosen)), batch_size=64, epochs=3, verbose=0)
    on_real, on_forged = (detective.predict(shrink(images, side), verbose=0) for images in (real, forged[-len(real) :]))
    return (np.mean(on_real > 0) + np.mean(on_forged < 0)) / 2


# %%
more_fakes = run.sample(len(fakes), seed=OTHER_SEED)
for side in SIDES:
    shares = [called_correctly(fakes, side, RECIPE.seed), called_correctly(more_fakes, side, OTHER_SEED)]
    print(f"{side:2} pixels wide: the detective is right in {shares[0]:.0%} and {shares[1]:.0%} of cases")
placebo = cifar.images[draw.permutation(len(cifar))[: len(fakes)]]
print(f"With photographs in the place of the forgeries: {called_correctly(placebo, SIDES[-1], RECIPE.seed):.0%}")

# %% [markdown]
# The last line is a control, in which a judge can only toss a coin, and does. Of the others, the smallest pictures are the
# hardest to judge, and with more pixels the detective becomes surer. Two neighbouring sizes may be no further apart than the two
# seeds; the way from the top to the bottom is much longer.
#
# There are two lessons in this. This generator has learned the large things first: what colours go together, and where it is
# light. Outlines take longer. And whenever you are shown generated images, ask how large they are. A sheet of many small ones
# flatters.
#
# ## How long must a latent be?
#
# The recipe draws latents of 64 numbers; other systems take 100, mostly because Radford et al. (2016) did. Does the number
# matter? Try four lengths, from 2 to 256, in short games of narrow networks, each from two seeds.
#
# **Predict:** what will be wrong with the pictures if the latent is too short? And if it is too long?

# %%
games = {}
for length in LENGTHS:
    for seed in (RECIPE.seed, OTHER_SEED):
        games[length, seed] = ganlib.recipes.build(RECIPE, latent_dim=length, seed=seed, **NARROW)
        games[length, seed].fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{length}_{seed}", steps=SHORT_STEPS)

# %%
samples = {game: games[game].sample(len(real)) for game in games}
title = "latents of " + ", ".join(map(str, LENGTHS)) + " numbers, two seeds each"
ganlib.plots.plot_images(np.concatenate([images[: SHOWN // 2] for images in samples.values()]), title=title)

# %% [markdown]
# All of it is blurred and grainy, for these games are short. The two rows at the top stand out: there, several pictures in a row
# look like the same one. The last four rows, from latents of 32 and of 256 numbers, you could hardly sort.
#
# A latent of two numbers has a charm of its own: you can see *everything* that the generator makes, for all of its latents fit on
# a sheet of paper. From left to right the first number grows, from top to bottom the second.

# %%
marks = norm.ppf(np.linspace(0.02, 0.98, SHOWN)).astype("float32")  # as many latents between two neighbours everywhere
across, down = np.meshgrid(marks, marks[::2])
everything = games[LENGTHS[0], RECIPE.seed].gan.predict(np.stack([across.ravel(), down.ravel()], axis=1), verbose=0)
pixel_by_pixel(everything, columns=SHOWN)

# %% [markdown]
# That is all of it. For each picture of the first row there is one here that is much like it, and neighbours always resemble each
# other. G has tried to lay this one sheet through the space of pictures so that it comes near to as many photographs as possible.
# It cannot do better than a sheet.
#
# ## Counting directions
#
# Can one measure that a set of pictures is a sheet, and not a line or something thicker? Yes, with neighbours. On a line, twice
# the radius holds twice as many neighbours; on a sheet four times as many; in $d$ dimensions $2^d$ times as many. So look at how
# fast the distances grow from the nearest neighbour to the tenth, and solve for $d$ (Levina and Bickel, 2004). The answer is the
# number of *directions* in which the pictures vary. Check it first on something known: the latents themselves.


# %%
def directions(points, neighbours=10):
    points = np.asarray(points).reshape(len(points), -1)
    distances = NearestNeighbors(n_neighbors=neighbours + 1).fit(points).kneighbors(points)[0][:, 1:]  # the first is the point
    distances = np.maximum(distances, 1e-6)
    return 1 / np.log(distances[:, -1:] / distances[:, :-1]).mean()


for length in LENGTHS:
    latents = ganlib.sampling.draw_latents(len(real), length)
    print(f"{len(latents):,} latents of {length:3} numbers: {directions(latents):.1f} directions")

# %% [markdown]
# For short latents the method is right. For long ones it says far too little, since a thousand points are lost in so many
# dimensions, and no point has a near neighbour. So compare only sets of equally many pictures, and read a large result as "at
# least".
#
# Beside it put the detective of [61_celebrities_dcgan](61_celebrities_dcgan.ipynb), which compares the 32 main features of each
# image with those of its nearest known case.
#
# **Predict:** how many directions do photographs have, and how many will the four generators reach?

# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


features = PCA(32, svd_solver="randomized", random_state=RECIPE.seed).fit(as_rows(real))


def detected(images):
    both = features.transform(as_rows(np.concatenate([ganlib.images.to_float(real), ganlib.images.to_float(images)])))
    return cross_val_score(KNeighborsClassifier(1), both, np.repeat([True, False], len(real)), cv=5).mean()


# %%
for length in LENGTHS:
    pictures = [samples[length, seed] for seed in (RECIPE.seed, OTHER_SEED)]
    varied = " and ".join(f"{directions(images):4.1f}" for images in pictures)
    caught = " and ".join(f"{detected(images):.0%}" for images in pictures)
    print(f"latents of {length:3} numbers: pictures vary in {varied} directions; the detective is right in {caught}")
others = placebo[: len(real)]
print(f"photographs: they vary in {directions(as_rows(others)):.1f} directions; the detective is right in {detected(others):.0%}")

# %% [markdown]
# Two numbers give two directions, eight give about seven, and the detective is the more often right the fewer there are. A latent
# sets a *ceiling*: G can bend and fold its sheet, but not make it thicker.
#
# Then the ceiling rises out of reach. 32 numbers give about fourteen directions, and 256 numbers, eight times as many, give two
# or three more. The two seeds differ by about one, so the difference is probably real, but it is small; the detective's shares
# lie close together, and in the pictures above you did not see any. Here it is no longer the latent that limits the pictures; it
# is what such networks have learned in so few steps. Nor has the long latent done any harm, either to the pictures or to the time
# of a step. So the rule of thumb is: *a latent must not be too short, and beyond some length there is little to win and nothing
# to lose.*
#
# Do not take directions for quality. By this measure the fog of 256 numbers varies in nearly as many ways as photographs do, and
# the detective still knows it for what it is. And a thousand pictures show too few directions, of photographs as well: Pope et
# al. (2021) measured them in this way with many more, and found a few dozen at most.
#
# ## What the trained generator uses
#
# Back to the generator with full width and 64 numbers. If it needs fewer directions than it gets, what does it do with the
# others? Shift a latent by a little along each of its 64 axes and see how much the picture changes. Do it at several latents and
# collect the changes, which are vectors of 3,072 pixels, in a matrix: its *eigenvectors* are the directions in latent space
# ordered by what they do to the picture, on average.

# %%
SHIFT, NUM_PLACES = 0.1, 30
generator = ganlib.store.load_generator(run.folder)
places = ganlib.sampling.draw_latents(NUM_PLACES, RECIPE.latent_dim, seed=OTHER_SEED)
shifted = (places[:, None] + SHIFT * np.eye(RECIPE.latent_dim, dtype="float32")).reshape(-1, RECIPE.latent_dim)
changes = generator.predict(shifted, verbose=0).reshape(NUM_PLACES, RECIPE.latent_dim, -1)
changes = (changes - generator.predict(places, verbose=0).reshape(NUM_PLACES, 1, -1)) / SHIFT
values, vectors = np.linalg.eigh((changes @ changes.transpose(0, 2, 1)).mean(axis=0))
values, vectors = values[::-1], vectors[:, ::-1]  # the strongest first

# %%
shares = np.cumsum(values) / values.sum()
for part in (0.5, 0.9):
    print(f"{part:.0%} of all change comes from {np.searchsorted(shares, part) + 1} of {RECIPE.latent_dim} directions.")

# %% [markdown]
# **Predict:** walk through two latents along the strongest three directions and along the weakest. What will you see?

# %%
walk = np.linspace(-3, 3, SHOWN // 4)[:, None]  # latents beyond three standard deviations are rare
chosen = (0, 1, 2, RECIPE.latent_dim - 1)
rows = [place + walk * vectors[:, direction] for direction in chosen for place in places[:2]]
ganlib.plots.plot_images(generator.predict(np.concatenate(rows).astype("float32"), verbose=0), title="strongest three; weakest")

# %% [markdown]
# The third and the eighth column stand still, as the middle of each walk. The strongest directions change what one sees at first
# glance: whether the ground is light or dark, how strong the contrasts are, where it is bright and where green. The same
# direction does a similar thing to both pictures, so it has a meaning of its own. Along the weakest, nothing moves. Nobody asked
# G for such an order; photographs differ most in such things, and it has put them into a few directions.
#
# How little the weak ones count shows an exchange. Give every latent the weaker half of another one; then the stronger half.

# %%
ten, strangers = (ganlib.sampling.draw_latents(SHOWN // 2, RECIPE.latent_dim, seed=seed) for seed in (2, 3))
strong = vectors[:, : RECIPE.latent_dim // 2] @ vectors[:, : RECIPE.latent_dim // 2].T  # keeps that half of a latent
mixtures = (ten, strangers + (ten - strangers) @ strong, ten + (strangers - ten) @ strong, strangers)
pictures = [generator.predict(latents.astype("float32"), verbose=0) for latents in mixtures]
title = "rows: ten latents / weak half exchanged / strong half exchanged / the strangers"
ganlib.plots.plot_images(np.concatenate(pictures), title=title)

# %%
weak_half, _, all_of_it = (np.abs(images - pictures[0]).mean() for images in pictures[1:])
print(f"With another weak half a picture changes by {weak_half / all_of_it:.0%} of what a new latent would change.")

# %% [markdown]
# The second row is nearly the first, though half of every latent has been replaced. The third row looks like the fourth, to which
# its strong half belongs. A trained generator has found out by itself how many directions it can use so far, and pays little
# attention to the others: that is why a latent that is too long costs nothing.
#
# ## Exercise: a sheet in a large space
#
# Draw a sheet of your own. `two` are two latents of 64 numbers. Put into `sheet` a thousand mixtures of them: row by row,
# `weights[:, 0]` times the first plus `weights[:, 1]` times the second. How many directions will their pictures vary in?

# %% tags=["exercise"]
two = ganlib.sampling.draw_latents(2, RECIPE.latent_dim)
weights = ganlib.sampling.draw_latents(NUM_MEASURED, 2, seed=OTHER_SEED)
sheet = None  # replace None: (NUM_MEASURED, RECIPE.latent_dim)

# %% tags=["check"]
if sheet is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    expected = (NUM_MEASURED, RECIPE.latent_dim)
    assert np.shape(sheet) == expected, f"expected latents of shape {expected}, got {np.shape(sheet)}"
    mixture = weights[-1, 0] * two[0] + weights[-1, 1] * two[1]
    assert np.allclose(sheet[-1], mixture, atol=1e-4), "the last row is not the last pair of weights times the two latents"
    counted = directions(generator.predict(np.asarray(sheet, "float32"), verbose=0))
    print(f"Right. Latents of {RECIPE.latent_dim} numbers, and their pictures vary in {counted:.1f} directions.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# two = ganlib.sampling.draw_latents(2, RECIPE.latent_dim)
# weights = ganlib.sampling.draw_latents(NUM_MEASURED, 2, seed=OTHER_SEED)
# sheet = weights @ two
# ```
#
# About two: what counts is not how long a latent is but how many directions the latents fill. The sheet is curved, and among
# 3,072 pixels it winds through many dimensions; two numbers still say where on it you are.
# </details>

# %% [markdown]
# ## You can now
#
# - describe CIFAR-10, and say why ten kinds of photographs are so much harder than ten digits;
# - show forgeries at several sizes, and measure what a small picture hides;
# - say how long a latent has to be, and find the directions that a trained generator uses.
#
# **Next:** [50_food101_fcgan](50_food101_fcgan.ipynb) has larger photographs, and asks whether it matters where a pixel is.
