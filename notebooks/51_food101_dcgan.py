# %% [markdown]
# # Food-101: a narrower world
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/51_food101_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/51_food101_dcgan.ipynb)
#
# **You will**
#
# - give convolutions 64 by 64 pixels to fill, and see what photographs of 101 dishes have in common;
# - make the world of a GAN narrower, and test with a control and three seeds what helped;
# - look for copies among few photographs, and find out how much of a photograph is colour.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [50_food101_fcgan](50_food101_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import numpy as np

ganlib.doctor.begin("food101")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("food101_dcgan", batch_size=16, discriminator=dict(filters=(16, 32, 64, 128), dropout=0.4))
SOUPS = ("clam_chowder", "lobster_bisque", "french_onion_soup", "hot_and_sour_soup", "miso_soup", "pho", "ramen")
BOWLS = (*SOUPS, "bibimbap", "creme_brulee", "spaghetti_bolognese")
SHORT_STEPS, STEPS = min(600, RECIPE.steps), min(2_400, 2 * RECIPE.steps)
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 4))]
RINGS = 8  # around the middle of a picture
SHOWN = 10
MEASURED = 500
BLOCK = 8

# %% [markdown]
# ## What convolutions bring along
#
# In [50_food101_fcgan](50_food101_fcgan.ipynb) fully connected networks painted Food-101 (Bossard et al.,
# [2014](https://doi.org/10.1007/978-3-319-10599-4_29)), and you saw what it costs not to know which pixels lie side by
# side. Convolutions know. Look at what else changes, with the generators of two recipes side by side, at the layer that
# puts out the picture.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
food = ganlib.data.load("food101")
for recipe in (ganlib.recipes.get("food101_fcgan"), RECIPE):
    generator, _ = ganlib.training.build_networks(recipe, food.image_shape, len(food.class_names))
    outer = [layer.count_params() for layer in generator.layers if layer.count_params()][-1]
    print(f"{recipe.name}: {generator.count_params():,} weights, of which the layer of the image has {outer:,}.")

# %% [markdown]
# The image layer of the fully connected generator has to learn each of 12,288 numbers by itself. The image layer of the
# convolutional one knows a single patch of 4 by 4 pixels for each of its channels, and uses it everywhere. So nearly all
# of its weights go where there is something left to learn: from latents to large shapes, and from there, doubling four
# times, to small ones.
#
# ## A world too wide
#
# How much is there to learn? Look at the *average photograph*, of all dishes and of a few dishes only. Averaging removes
# what differs from photograph to photograph and leaves what they share.
#
# **Predict:** what does the average of all photographs look like?

# %%
# Picture: nine average photographs: those of all dishes and of ten bowls are brownish fog, those of single dishes show round
#   bowls with soft rims.
def rows_of(dishes):
    return np.flatnonzero(np.isin(food.labels, [food.class_names.index(dish) for dish in dishes]))


groups = {"all dishes": food.class_names, "ten bowls": BOWLS, **{dish: [dish] for dish in BOWLS[3:]}}
averages = np.stack([food.images[rows_of(dishes)].mean(0) for dishes in groups.values()]).astype("uint8")
ganlib.plots.plot_images(averages, titles=[name.replace("_", " ") for name in groups], scale=1.0)

# %% [markdown]
# The average of everything is a brownish fog. It has to be: there are plates and glasses, towers and heaps, close-ups
# without any rim. The average of a single dish shows more. A hot and sour soup, a plate of spaghetti: you see what they
# are served in. A round vessel, seen at a slant, fills the picture. (The ten together blur again, because a chowder is
# light where a dark soup is dark. What they share is the round shape, not the light.)
#
# A generator has to spend its steps on what photographs *differ* in, and 101 dishes differ in everything. If you have
# minutes rather than days, make the world narrower. Take ten dishes that come in a bowl or a deep plate.

# %%
# Picture: two rows of ten photographs of soups and other dishes in bowls, with their names.
bowls = rows_of(BOWLS)
shown = np.concatenate([rows_of([dish])[: 2 * SHOWN // len(BOWLS)] for dish in BOWLS])
print(f"{len(bowls):,} of {len(food):,} photographs are of these ten dishes.")
names = [food.class_names[label].replace("_", " ") for label in food.labels[shown]]
ganlib.plots.plot_images(food.images[shown], titles=names)

# %% [markdown]
# ## Narrower, or merely fewer?
#
# Does a narrow world help because its photographs are alike? Two things change when you leave the other dishes out: what
# is left is alike, and there is less of it. So play two kinds of games. One has the bowls, and the other has *equally many
# photographs of any dish*, drawn at random. Everything else is the same in both: widths, steps, mirror images that double
# the photographs, and the *dropout* that hides a share of D's features in each step, so that it does not learn the few
# photographs by heart (lesson [61](61_celebrities_dcgan.ipynb) comes back to both). Since a single game says little, each
# kind is played with three seeds.

# %%
print(RECIPE.table())

# %%
def photographs(rows):
    images = food.images[rows]
    return dataclasses.replace(food, images=np.concatenate([images, images[:, :, ::-1]]), labels=None)


def play(kind, rows, seed):
    game = ganlib.recipes.build(RECIPE, seed=seed)
    game.dataset = photographs(rows)
    print(f"{kind}, seed {seed}:", end=" ")
    return game.fit(ganlib.settings.runs_dir() / f"{kind.replace(' ', '_')}_{seed}", steps=SHORT_STEPS, bar=False)


# %%
games = {}
for seed in SEEDS:
    anything = np.random.default_rng(seed).permutation(len(food))[: len(bowls)]
    games["any dish", seed] = play("any dish", anything, seed)
    games["bowls", seed] = play("bowls", bowls, seed)

# %% [markdown]
# **Predict:** in which rows do you expect round things, and in which rows clouds?

# %%
# Picture: six rows of ten rough generated pictures, three of games with any dish and three of games with bowls.
order = sorted(games)
fakes = {key: games[key].sample(MEASURED) for key in order}
titles = sum([[f"{kind}, {seed}", *[""] * (SHOWN - 1)] for kind, seed in order], [])
ganlib.plots.plot_images(np.concatenate([fakes[key][:SHOWN] for key in order]), titles=titles)

# %% [markdown]
# These runs are short, and all six rows are rough. Count the pictures in which you see one round thing in the middle of
# something else. But your eye knows which rows are bowls, so do not trust it. The brightness of a round thing changes from
# the middle to the rim. Cut each picture into rings around its middle, and ask how much of the variance of its brightness
# lies *between* the rings:
#
# $$\text{roundness} = \frac{\sum_r n_r\, (\bar b_r - \bar b)^2}{\sum_i (b_i - \bar b)^2}$$
#
# Here $b_i$ is the brightness of pixel $i$, $\bar b_r$ the mean of ring $r$ with its $n_r$ pixels, and $\bar b$ the mean
# of the picture. The roundness is 1 if brightness depends only on the distance from the middle. The **brightness** of a
# pixel is a weighted mean of its red, green and blue, with most weight on green, to which eyes are most sensitive;
# `to_gray` computes it.

# %%
def brightness(images):
    dataset = dataclasses.replace(food, images=ganlib.images.to_uint8(images), labels=None)
    return ganlib.data.transforms.to_gray(dataset).images.astype("float32")


def roundness(images):
    down, across = np.mgrid[-1:1:64j, -1:1:64j]
    ring = np.minimum(RINGS * np.hypot(down, across), RINGS).astype(int).ravel()
    in_ring = np.eye(RINGS + 1, dtype="float32")[ring]  # (pixels, rings), the last one holds the corners
    light = brightness(images).reshape(len(images), -1)
    light -= light.mean(axis=1, keepdims=True)
    between = ((light @ in_ring) ** 2 / in_ring.sum(axis=0)).sum(axis=1)
    return np.mean(between / np.maximum((light**2).sum(axis=1), 1e-6))


# %%
round_real = {"any dish": roundness(food.images[anything]), "bowls": roundness(food.images[bowls])}
round_fakes = {key: roundness(images) for key, images in fakes.items()}
for kind, real in round_real.items():
    found = ", ".join(f"{round_fakes[kind, seed]:.2f}" for seed in SEEDS)
    print(f"{kind:>8}: roundness {real:.2f} in photographs, {found} in generated pictures, one for each seed")

# %% [markdown]
# Photographs of bowls are rounder than those of any dish, and so are the generated pictures: for every seed, the game with
# bowls makes rounder ones. Both games had equally many photographs, so their number is not the reason. The reason is what they
# show: *the same thing again and again*.
#
# Be careful how you say it. This does not show that the game with bowls is *easier to win*: a distance to real photographs
# compares generators within one world, never across two. Nor is rounder the same as better, since the bowls were rounder to
# begin with. What it shows is that a shape which the photographs share *reaches the generated pictures*, even in a short game.
#
# ## Ten bowls
#
# Let one of the games with bowls go on for longer.

# %%
# Picture: The training at its end: generated bowls, the losses of D and G, and the Frechet distance, over the steps.
run = games["bowls", SEEDS[0]]
run.monitor = ganlib.monitor.Monitor(run.dataset, RECIPE.noise)
view = run.watch(run.folder, STEPS)
view

# %%
# Picture: two rows of ten pictures of the same latents, rougher above and clearer below: round things, some with a rim.
run = view.wait()
later = run.sample(MEASURED)
titles = sum([[f"step {step:,}", *[""] * (SHOWN - 1)] for step in (SHORT_STEPS, STEPS)], [])
ganlib.plots.plot_images(np.concatenate([fakes["bowls", SEEDS[0]][:SHOWN], later[:SHOWN]]), titles=titles)

# %% [markdown]
# Usually there is an oval rim, seen at a slant, around something orange, brown or creamy. What you cannot tell is which of the
# ten dishes it is. That is what a few hundred photographs and two minutes give you. The published generator had to learn all
# dishes, and was trained for much longer.

# %%
# Picture: Two rows of ten generated pictures. Above, bowls of this run; below, pictures of the published generator of all dishes.
ganlib.widgets.beside(run)

# %% [markdown]
# In which row do you know what you are looking at? And which row shows more kinds of things? That is the trade-off, though not
# a fair comparison: the lower row had far more training.
#
# ## Copies?
#
# With so few photographs, G might have learned some by heart. For each picture, look for the nearest photograph, not by
# pixels but by the features of a network that was trained on photographs. The yardstick is photographs of the same dishes
# that were kept aside.

# %%
see = ganlib.encoders.imagenet_features(run.dataset, ganlib.encoders.QUICK_SIZE)
test = ganlib.data.load("food101", "test")
aside = test.images[np.isin(test.labels, [test.class_names.index(dish) for dish in BOWLS])]
pictures, known = ganlib.images.to_uint8(later), see(run.dataset.images)
nearest, distances = ganlib.metrics.nearest(see(pictures), known)
_, of_aside = ganlib.metrics.nearest(see(aside), known)
print(f"To the nearest photograph: {np.median(distances):.1f} from a generated picture, {np.median(of_aside):.1f} from one kept aside.")

# %%
# Picture: two rows of ten. Above, the generated pictures that are nearest to a photograph; below, these photographs.
suspicious = distances.argsort()[:SHOWN]
titles = ["generated", *[""] * (SHOWN - 1), "nearest", *[""] * (SHOWN - 1)]
ganlib.plots.plot_images(np.concatenate([pictures[suspicious], run.dataset.images[nearest[suspicious]]]), titles=titles)

# %% [markdown]
# A copier would be nearer to its photographs than honest photographs are, and this G is not. Even the most suspicious
# pairs share a layout and colours at most. (By these features, blurred pictures are far from all sharp ones. So this finds
# good copies, but not bad ones.)
#
# ## How much of it is colour?
#
# One of the repositories that this course reproduces turns its photographs gray. How much does it give away? Take
# photographs apart. The **tint** is how far red, green and blue lie above or below the brightness.

# %%
some = food.images[bowls][np.random.default_rng(RECIPE.seed).permutation(len(bowls))[:MEASURED]]
light = brightness(some)
tint = some - light
colour = tint.var((0, 1, 2)).sum() / (3 * light.var() + tint.var((0, 1, 2)).sum())
print(f"Brightness holds {1 - colour:.0%} of what varies in the pixels, tint {colour:.0%}.")

# %% [markdown]
# By this count, colour is the small remainder. How finely is it drawn? Replace the tint by its mean in blocks of 8 by 8
# pixels and leave the brightness alone; then do it the other way round.
#
# **Predict:** which of the two will you recognise?

# %%
# Picture: three rows of the same ten photographs. The second row, with coarse tint, looks nearly like the first; the third, with
#   coarse brightness, is a mosaic of blocks.
def coarse(values):
    count, height, width, channels = values.shape
    means = values.reshape(count, height // BLOCK, BLOCK, width // BLOCK, BLOCK, channels).mean((2, 4))
    return means.repeat(BLOCK, axis=1).repeat(BLOCK, axis=2)


parts = {"photographs": (light, tint), "coarse tint": (light, coarse(tint)), "coarse brightness": (coarse(light), tint)}
mixed = [np.clip((bright + colours)[:SHOWN], 0, 255).astype("uint8") for bright, colours in parts.values()]
titles = sum([[name, *[""] * (SHOWN - 1)] for name in parts], [])
ganlib.plots.plot_images(np.concatenate(mixed), titles=titles)

# %% [markdown]
# The second row keeps one number of the tint where there were 64, and is hardly the worse for it; this is where television
# and JPEG have always saved. The third keeps every bit of the tint, but what it shows is gone, or a guess at best.
# Brightness is what makes a bowl a bowl.
#
# Does that make a game in gray easier? Not necessarily, and a few short games could not tell. The recipe
# `food101_gray_dcgan` is there if you want to try; use more than three seeds.
#
# ## Explore it

# %%
# Picture: Rows of generated bowls, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# Each row is a walk along one direction. Which of them change the light, which change the colour, and does one move the
# rim? In a live notebook there are sliders.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("51_food101_dcgan")

# %% [markdown]
# ## Exercise: the next narrow world
#
# Which dish would you choose instead of bowls? One whose photographs have a shape in common. Find the class whose *average
# photograph* varies most from place to place, and put its name into `dish`: take the mean of `brightness` over the
# photographs of each class in `food`, then take the standard deviation of that mean over all places.

# %% tags=["exercise"]
dish = None  # replace None: one of food.class_names

# %% tags=["check"]
if ganlib.answers.given(dish):
    assert isinstance(dish, str), f"expected one name, got {dish!r:.60}"
    assert dish in food.class_names, f"{dish!r} is not on the menu"
    menu = {name: brightness(food.images[food.labels == label]) for label, name in enumerate(food.class_names)}
    # A detour: from all that varies in the photographs of a dish, take away what varies from one of them to the other.
    common = {name: shots.var() - shots.var(axis=0).mean() for name, shots in menu.items()}
    ahead = sum(value > 1.001 * common[dish] for value in common.values())
    assert not ahead, f"the average photograph of {dish} varies less than that of {ahead} of the others; did you average first?"
    most, typical = (np.sqrt(value) for value in (common[dish], np.median(list(common.values()))))
    print(f"Right: the average of {dish} varies by {most:.1f} of 255, that of the typical dish by {typical:.1f}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# contrast = [brightness(food.images[food.labels == label]).mean(0).std() for label in range(len(food.class_names))]
# dish = food.class_names[np.argmax(contrast)]
# ```
#
# A strong average says that photographers agree on plate, angle and distance. It says nothing about how much *else*
# differs, so try the dish with `play` before you believe in it.
# </details>

# %% [markdown]
# **Open exercise.** Make a narrow world of your own, of at least three hundred photographs: one dish has too few, so look
# for dishes that share a shape or a background. The rings above and the exercise give you measures for that. A good answer
# shows ten pictures of your game and ten of a game on equally many photographs of any dish, with three seeds, and asks a
# friend who does not know your dishes what they see. A world of six dishes that are dark on light plates, 458 photographs
# with a roundness of 0.21, gave generated pictures a roundness of 0.14 to 0.17 for three seeds. The same number of
# photographs of any dish, with 0.16 to 0.18, gave them 0.10 to 0.12.
#
# ## You can now
#
# - say what convolutions bring along at 64 by 64 pixels, and what an average photograph tells;
# - make a GAN's world narrower until the minutes that you have are enough, and check with a control what helped;
# - look for copies with a yardstick, and say how much of a photograph is colour.
#
# **Next:** in [52_food101_cgan](52_food101_cgan.ipynb) a generator that knows ten dishes learns an eleventh from forty
# photographs.
