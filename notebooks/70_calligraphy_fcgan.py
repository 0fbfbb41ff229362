# %% [markdown]
# # Change the picture, not the network
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/70_calligraphy_fcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/70_calligraphy_fcgan.ipynb)
#
# **You will**
#
# - write brushstrokes down in four ways: as pixels, as cosines, as distances, and as cosines of distances;
# - play the same fully connected game in all four, and count the crumbs around the strokes;
# - find out whether the new way of writing was the cure, with a control that cleans the pictures afterwards.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [50_food101_fcgan](50_food101_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import numpy as np
import tensorflow as tf
from keras.optimizers import Adam
from scipy import fft, ndimage

# On Colab and Kaggle, first upload the collection as calligraphy.zip; data/README.md says where it is.
ganlib.doctor.begin("calligraphy")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("calligraphy_fcgan")
CHARACTERS = "人大天上中子女手生又"
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 2))]
STEPS, RATE = max(2, RECIPE.steps // 6), 1e-3  # of each game: short, with twice the recipe's rate
LOOKS = min(10, STEPS)  # how often the losses are noted
SIDE, KEPT, REACH = 32, 12, 4  # pixels of a side; cosines in each direction; pixels that a distance reaches
SMALL, GRAIN = 4, 0.3  # a part of fewer pixels is a crumb; deviation of the grain that you add
SHOWN = 9
COUNT = max(SHOWN, min(400, RECIPE.steps))  # pictures of each kind that are measured

# %% [markdown]
# ## Crumbs
#
# To a fully connected GAN a picture is a list of numbers. It does not know which of them lie side by side
# ([50_food101_fcgan](50_food101_fcgan.ipynb) proves it). In photographs this shows as grain. What does it do to brushstrokes, where
# everything is black or white?
#
# Take the ten simple characters of lesson [71](71_calligraphy_dcgan.ipynb), at half their size. All images come from the training
# split. Some are kept aside for comparison.

# %%
collection = ganlib.data.load("calligraphy")
names = np.array(collection.class_names)
rows = np.flatnonzero(np.isin(names[collection.labels], list(CHARACTERS)))
rows = np.random.default_rng(RECIPE.seed).permutation(rows if len(rows) > COUNT else len(collection))
large = {"aside": collection.images[rows[:COUNT]], "known": collection.images[rows[COUNT:]]}
print(f"{len(large['known']):,} images to train on, {len(large['aside'])} kept aside.")

# %%
def halved(values):
    """Returns pictures of half the side: each 2 by 2 pixels become their mean."""
    count, side, _ = values.shape
    return values.reshape(count, side // 2, 2, side // 2, 2).mean((2, 4))


def ink(images):
    return halved(images[..., 0] / 127.5 - 1)


def to_picture(values, steepness=1):
    """Returns uint8 images: white where values are above 0, black where they are below."""
    return ganlib.images.to_uint8(np.clip(steepness * values, -1, 1)[..., None].astype("float32"))


# %% [markdown]
# The networks and the rules come from the recipe, and the games are short. One function will play all of them. It takes *codes*:
# any way to write a picture down, as long as it is a square of numbers from -1 to 1.

# %% tags=["centerpiece"]
latents = ganlib.sampling.draw_latents(COUNT, RECIPE.latent_dim, RECIPE.noise)


def play(codes, seed, callbacks=()):
    """Returns the codes that G makes at the end of a game."""
    recipe = dataclasses.replace(RECIPE, seed=seed)
    networks = ganlib.training.build_networks(recipe, (*codes.shape[1:], 1), len(names))
    gan = ganlib.GAN(*networks, recipe.noise, recipe.averaging, seed)
    optimizers = [Adam(RATE, **recipe.optimizer_options) for _ in networks]
    gan.compile(*optimizers, real_label=recipe.real_label, jit_compile=False, steps_per_execution=STEPS // LOOKS)
    shuffled = tf.data.Dataset.from_tensor_slices(codes[..., None].astype("float32")).shuffle(len(codes), seed=seed)
    batches = shuffled.repeat().batch(recipe.batch_size)
    gan.fit(batches, epochs=LOOKS, steps_per_epoch=STEPS // LOOKS, callbacks=callbacks, verbose=0)
    return gan.predict(latents, verbose=0)[..., 0]


# %% [markdown]
# A **part** is a group of pixels that are more white than black and touch at a side or a corner. A part of fewer than four pixels
# is a **crumb**. Real characters have crumbs too, from dry brushes and bad scans, so count those as well.
#
# **Predict:** how many parts does a real character of few strokes have? And one made by a fully connected G?

# %%
# Picture: The first of three games at its end: at the left, forty pictures of white strokes with many specks; at the right, the losses.
watch = ganlib.widgets.Watch(STEPS, RECIPE.noise)
made = {"pixels": [play(ink(large["known"]), seed, [watch] if seed == SEEDS[0] else []) for seed in SEEDS]}
real = to_picture(ink(large["aside"]))

# %%
def parts_of(picture):
    """Returns the sizes of the parts of a picture."""
    return np.bincount(ndimage.label(picture > 127, np.ones((3, 3)))[0].ravel())[1:]


def count_parts(images):
    """Returns how many parts, and how many crumbs, there are in a picture on average."""
    sizes = [parts_of(picture) for picture in images[..., 0]]
    return [np.mean([len(each) for each in sizes]), np.mean([np.sum(each < SMALL) for each in sizes])]


# %%
# Picture: Two rows of nine characters, white on black. Above real ones, with clean strokes; below generated ones, whose strokes are frayed
#   and have specks around them.
for name, images in {"Real": real, "Generated": to_picture(made["pixels"][0])}.items():
    print(f"{name}: {{:.2f}} parts in a picture, {{:.2f}} of them crumbs.".format(*count_parts(images)))
titles = sum([[name, *[""] * (SHOWN - 1)] for name in ("real", "generated")], [])
ganlib.plots.plot_images(np.concatenate([real[:SHOWN], to_picture(made["pixels"][0])[:SHOWN]]), columns=SHOWN, titles=titles)

# %% [markdown]
# Most real characters consist of one or two parts. The generated ones have many times as many crumbs.
#
# A convolutional network would be one cure. Here is another idea: leave the network alone and change the picture. If a speck
# cannot be *written down*, nobody can make one.
#
# ## Four ways to write a stroke down
#
# **Pixels** say how much ink there is at each place.
#
# **Cosines** say how strong each wave is in the picture. The two-dimensional *cosine transform* writes a picture $x$ of $n$ by
# $n$ pixels as a sum of waves,
#
# $$x(i,j) = \sum_{u,v} c_{uv}\, a_u a_v \cos\frac{\pi (2i+1) u}{2n} \cos\frac{\pi (2j+1) v}{2n},$$
#
# where the $a$ are constants, chosen so that the squares of each wave's $n^2$ values add up to 1. Keep the lowest 12 by 12
# numbers $c_{uv}$, and the finest detail is gone. Since low waves are much stronger than high ones, subtract from each number
# its mean over the training images, divide by three times its standard deviation, and clip the rare ones that are still beyond
# 1. (Nash et al., [2021](https://arxiv.org/abs/2103.03841), generate pictures as lists of cosines of small blocks, though not
# with a GAN.)
#
# **Distances** say how far it is to the edge of the stroke: positive inside, negative outside, 0 at the edge, cut off at four
# pixels. The stroke is where the distance is above 0. A curve that is defined as the place where a function is 0 is called a
# **level set**. (Park et al., [2019](https://arxiv.org/abs/1901.05103), let networks learn such functions for solid objects.)
#
# **Cosines of distances** do both, one after the other.

# %%
def distance(images):
    """Returns the distance of each place to the edge of the strokes, a whole REACH being 1."""
    inside = images[..., 0] > 127
    edt = ndimage.distance_transform_edt
    exact = np.array([edt(stroke) - edt(~stroke) + 0.5 - stroke for stroke in inside])
    return np.clip(halved(exact) / (2 * REACH), -1, 1)  # of the two pixels, one is left


values = {split: {"ink": ink(images), "distance": distance(images)} for split, images in large.items()}

# %%
def cosines(values):
    return fft.dctn(values, axes=(1, 2), norm="ortho")[:, :KEPT, :KEPT]


def from_cosines(low):
    return fft.idctn(low, s=(SIDE, SIDE), axes=(1, 2), norm="ortho")


# %%
WAYS = {"pixels": ("ink", False), "cosines": ("ink", True), "distances": ("distance", False), "both": ("distance", True)}
STEEPNESS = {"ink": 1, "distance": 2 * REACH}  # the edge of a stroke is one pixel wide
waves = {what: cosines(found) for what, found in values["known"].items()}
scales = {what: (found.mean(axis=0), 3 * found.std(axis=0) + 1e-6) for what, found in waves.items()}


def there(way, split):
    """Returns the codes of real images."""
    what, as_waves = WAYS[way]
    mean, spread = scales[what]
    return np.clip((cosines(values[split][what]) - mean) / spread, -1, 1) if as_waves else values[split][what]


def back(way, codes):
    """Returns the pictures that codes stand for."""
    what, as_waves = WAYS[way]
    mean, spread = scales[what]
    return to_picture(from_cosines(codes * spread + mean) if as_waves else codes, STEEPNESS[what])


# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
print({way: there(way, "aside").shape[1:] for way in WAYS})

# %% [markdown]
# A way of writing can lose something all by itself. So the first control is the way *there and back*: real images are written down
# and turned into pictures again, without any network.
#
# **Predict:** which of the four bring back a stroke with a sharp edge, and which one does not?

# %%
# Picture: Four rows of nine real characters, there and back. Pixels, distances and both have sharp strokes; cosines are blurred, with faint
#   ripples around the strokes.
returned = {way: back(way, there(way, "aside")) for way in WAYS}
titles = sum([[way, *[""] * (SHOWN - 1)] for way in WAYS], [])
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in returned.values()]), columns=SHOWN, titles=titles)

# %% [markdown]
# Twelve waves cannot draw an edge: ink jumps from black to white, and the picture comes back foggy, with ripples. A distance does
# not jump. It climbs evenly across the edge, so the same number of waves can hold it well, and *where it crosses 0, the edge comes
# back sharp*.
#
# ## Grain, without a network
#
# What will grain do in each of the four? You can find out before any game. Take the codes of real images, add independent noise of
# the same size to every number, and go back.
#
# Theory first. With *pixels*, each number is one place. A place changes sides if the noise is larger than its **margin**, which is
# how far its number is from 0. Ink is near -1 or 1 nearly everywhere. So for noise of deviation $\sigma$, about
#
# $$n^2\, P(\varepsilon > 1) = n^2\, \Phi(-1/\sigma)$$
#
# places go wrong, where $\Phi$ is the normal distribution function. For $\sigma = 0.3$ this is less than one place in the whole
# picture. With *distances*, the margin is the distance itself. Close outside a stroke it is small, and there are many such
# places.
#
# With *cosines*, each number is a wave over the whole picture. An error in it changes all places a little, and neighbours by nearly
# the same amount. The narrowest spot that 12 waves on 32 pixels can draw is about three pixels wide. Errors become clouds.
#
# **Predict:** put the four in order by their crumbs. And which one will be grayest?

# %%
# Picture: Four rows of the same nine characters with grain in their codes. Pixels: clean shapes in gray grain. Cosines: fog and ripples.
#   Distances: frayed strokes with white specks around them. Both: sharp, smooth strokes that bulge, and thin ones are
#   broken.
luck, grainy = np.random.default_rng(RECIPE.seed), {}
for way in WAYS:
    codes = there(way, "aside")
    grainy[way] = back(way, codes + GRAIN * luck.standard_normal(codes.shape))
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in grainy.values()]), columns=SHOWN, titles=titles)

# %%
def fog(images):
    """Returns the share of pixels that are neither black nor white."""
    return np.mean((images > 63) & (images < 192))


for way in WAYS:
    (_, before), (parts, after) = count_parts(returned[way]), count_parts(grainy[way])
    print(f"{way:>9}: crumbs {before:.2f}, with grain {after:.2f}; gray {fog(returned[way]):.0%}, with grain {fog(grainy[way]):.0%}")

# %% [markdown]
# Distances crumble the most, around the strokes, where their margins are small. Cosines of ink have fewer crumbs but the most gray.
# Both together stay sharp and have the fewest crumbs. They are damaged in another way: thin strokes break, and outlines bulge.
#
# But this was noise of our own making. A generator's errors may be larger or smaller, and their size may differ from one way of
# writing to another.
#
# ## The games
#
# Now play the games, with the same layers, rules, batches and steps. The codes of cosines are shorter, so the two layers that touch
# them are smaller. Each is played with three seeds.
#
# Two judges look at the pictures. Neither knows how they were written down. The *eye* was trained on photographs, and the *reader*
# is the classifier of this collection. For each, take the Frechet distance to real images kept aside (Heusel et al.,
# [2017](https://arxiv.org/abs/1706.08500)).
#
# **Predict:** which games will have fewer crumbs than pixels, and which will be nearer to real images?

# %%
made |= {way: [play(there(way, "known"), seed) for seed in SEEDS] for way in WAYS if way != "pixels"}
pictures = {way: [back(way, codes) for codes in several] for way, several in made.items()}

# %%
# Picture: Five rows of nine characters. Real ones; pixels, frayed and with specks; cosines, gray clouds with hints of strokes; distances, heaps
#   of white specks; both, smooth white shapes, most of them sharp.
shown = {"real": real} | {way: several[0] for way, several in pictures.items()}
titles = sum([[name, *[""] * (SHOWN - 1)] for name in shown], [])
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in shown.values()]), columns=SHOWN, titles=titles)

# %%
eye = ganlib.encoders.imagenet_features(dataclasses.replace(collection, images=real, labels=None), size=2 * SIDE)
reader = ganlib.encoders.load("calligraphy")
judges = [eye, lambda images: reader.outputs(ndimage.zoom(images, (1, 2, 2, 1), order=1))[0]]
seen = [judge(real) for judge in judges]


def measure(several):
    """Returns parts, crumbs, gray and two distances for the pictures of each seed, (seeds, 5)."""
    found = []
    for images in several:
        distances = [ganlib.metrics.frechet_distance(known, judge(images)) for known, judge in zip(seen, judges)]
        found.append([*count_parts(images), 100 * fog(images), *distances])
    return np.array(found)


def tell(name):
    columns = zip(("parts", "crumbs", "gray %", "eye", "reader"), (1, 2, 0, 0, 0), table[name].T)
    told = (f"{label} " + "/".join(f"{value:.{digits}f}" for value in column) for label, digits, column in columns)
    print(f"{name:>25}: " + ", ".join(told))


# %%
control = {"other real images": to_picture(values["known"]["ink"][:COUNT])}
control |= {f"{way}, there and back": images for way, images in returned.items() if way != "pixels"}
table = {name: measure([images]) for name, images in control.items()}
table |= {f"game in {way}": measure(several) for way, several in pictures.items()}
for name in table:
    tell(name)

# %% [markdown]
# In *distances* G makes several times as many crumbs as in pixels, as the grain foretold. In *cosines* the crumbs are nearly gone.
# But look at the picture: there are no specks, since there is nothing but fog. The game in cosines is the grayest, grayer than
# cosines there and back. If you had counted only crumbs, you would have called this a success. *The count of one fault can be made
# small by another fault.*
#
# *Both* together have few crumbs, little fog, and the smallest distances of the four by both judges. Hardly any of these
# characters can be read, but there are hardly any crumbs around them. The idea seems to work: with the right way of writing, a
# network that knows nothing about neighbours draws clean strokes.
#
# ## Or clean up afterwards?
#
# Does it? Two things changed at once. G and D played with different numbers. And every picture went through a sieve on the way
# back: whatever the codes are, only twelve waves in each direction remain, and the threshold sharpens what is left. Perhaps the
# sieve did it.
#
# So take the pictures of the *first* games, in pixels, and put them through the same sieve, long after training. Keep the same
# twelve waves, and in a second version also triple the contrast. This G learned nothing but pixels. Do the same with the games in
# distances: keep twelve waves of what they made, then take the level set.
#
# **Predict:** who wins, the game in both or the sieve?

# %%
sieved = {"pixels, sieved": [to_picture(from_cosines(cosines(codes))) for codes in made["pixels"]]}
sieved["pixels, sieved and sharp"] = [to_picture(from_cosines(cosines(codes)), 3) for codes in made["pixels"]]
sieved["distances, sieved"] = [to_picture(from_cosines(cosines(codes)), 2 * REACH) for codes in made["distances"]]
table |= {name: measure(several) for name, several in sieved.items()}
for name in (*sieved, "game in cosines", "game in both"):
    tell(name)

# %%
# Picture: Four rows of nine generated characters: pixels with specks; the same ones blurred; the same ones with sharp and smooth strokes;
#   and those of the game in both, sharp and smooth as well.
first, second, _ = sieved.values()
shown = {"pixels": pictures["pixels"], "sieved": first, "and sharp": second, "both": pictures["both"]}
titles = sum([[name, *[""] * (SHOWN - 1)] for name in shown], [])
ganlib.plots.plot_images(np.concatenate([several[0][:SHOWN] for several in shown.values()]), columns=SHOWN, titles=titles)

# %% [markdown]
# The sieve alone removes nearly all crumbs from the pixels. By both judges, the sieved pixels are nearer to real images than the
# game in cosines is. With the contrast raised, they come as near as the game in both, or nearer. So in games as short as these, the
# clean strokes of *both* are no evidence that G *learned* brushes better this way. A G that learned pixels has them too, once its
# pictures have gone through the same sieve.
#
# Distances tell another story. The sieve brings them much nearer to real images. Still, to the eye the game in both is nearer for
# every seed, with the same waves and the same threshold. Here it did matter which numbers the game was played with. (Does the
# reader agree for every seed? Check above.) So a new way of writing may help or not, depending on what you compare it with. A fair
# comparison has three parts: the games, real images there and back, and the old way with the new way's cleaning.
#
# ## Explore it
#
# The published FC-GAN of this collection was trained on raw pixels of all hundred characters.

# %%
# Picture: Rows of generated characters, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore("calligraphy_fcgan")

# %% [markdown]
# In a live notebook there are sliders above. Move one slowly, and watch the crumbs: do they move with the strokes, or do they come
# and go by themselves?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("70_calligraphy_fcgan")

# %% [markdown]
# ## Exercise: a law that every distance obeys
#
# Go one pixel to the right or down, and the distance to the edge changes by at most one pixel. (A path to the edge plus one more
# pixel is again a path.) Nobody told G this. How often does it break this law?
#
# Write `broken_share`. `fields` holds distances in pixels, (pictures, rows, columns). Return one number: the share of all pairs of
# neighbours, side by side or one above the other, in which the two differ by more than `LIMIT`. The extra hundredth is for
# rounding.

# %% tags=["exercise"]
LIMIT = 1.01


def broken_share(fields):
    return None  # replace this line


# %% tags=["check"]
flat, ramp = np.zeros((2, 8, 8)), np.arange(8.0)[None, :, None] * np.ones((2, 8, 8))
spike = flat.copy()
spike[0, 3, 4] = 3
if ganlib.answers.given(broken_share(flat)):
    shares = [ganlib.answers.numbers(broken_share(each), "broken_share(fields)", (), advice="A share lies between 0 and 1.") for each in (flat, ramp, spike)]
    assert shares[0] == 0 and shares[1] == 0, "a flat field, and one that climbs one pixel at each step, obey the law; do you look beyond the edge of the picture?"
    assert np.isclose(broken_share(-2 * ramp), broken_share(2 * ramp)), "downhill counts as much as uphill"
    assert np.isclose(broken_share(2 * ramp.swapaxes(1, 2)), broken_share(2 * ramp)), "count neighbours in both directions"
    assert np.isclose(broken_share(2 * ramp), 0.5), f"steep in one direction and flat in the other: that makes one half, but you say {broken_share(2 * ramp):.2f}"
    assert np.isclose(224 * shares[2], 4), f"a spike has four neighbours, so four of 224 pairs count, but you say {224 * shares[2]:.1f}"
    lawful, lawless = (broken_share(REACH * each) for each in (values["aside"]["distance"], made["distances"][0]))
    print(f"Right. Real distances break the law in {lawful:.1%} of pairs, those that G makes in {lawless:.1%}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# LIMIT = 1.01
#
# def broken_share(fields):
#     jumps = [np.abs(np.diff(fields, axis=axis)) for axis in (1, 2)]
#     return np.mean(np.concatenate([each.ravel() for each in jumps]) > LIMIT)
# ```
#
# Real distances never break the law, and G's break it often. A network with convolutions sees two neighbours at once and could
# learn the law for all places at once. A dense D would have to learn it anew for every pair.
# </details>

# %% [markdown]
# **Open exercise.** How far should a distance reach? Set `REACH` to 2, 1 and ½, and play the games in distances again, with three
# seeds each. A good answer plots crumbs against reach, with pixels as a line for comparison. It says which reach is best by each of
# the two judges, and explains the curve by margins: in what share of the places is the margin smaller than the grain? Three seeds
# gave 18 to 22 crumbs per image with a reach of 4, 9 to 13 with 2, 4.6 to 4.9 with 1, 3.9 to 4.3 with ½, and 3.8 to 4.5 with
# pixels. What did your judges say?

# %% [markdown]
# ## You can now
#
# - write a picture down as pixels, cosines or distances, and say what a wrong number does in each;
# - compare the ways in the same game with three seeds, and see through a count that fog has made small;
# - separate what was learned from what the way back cleaned up.
#
# **Next:** [71_calligraphy_dcgan](71_calligraphy_dcgan.ipynb) uses convolutions for the same ten characters, and asks what happens
# when images are few.
