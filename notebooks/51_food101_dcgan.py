# %% [markdown]
# # Food-101: a bowl of soup, in colour and in gray
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/51_food101_dcgan.ipynb)
#
# **You will**
#
# - give convolutions 64 by 64 pixels to fill, first with 101 dishes, then with ten that look alike;
# - make the world of a GAN narrower until the minutes that you have are enough, and check with a control what has helped;
# - play the same game in gray, and measure whether colour is what makes photographs hard.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [50_food101_fcgan](50_food101_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data: 5 GB, which takes its time
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch food101")
    get_ipython().system("python -m ganlib data prepare food101")

import dataclasses

import ganlib
import numpy as np
from sklearn.decomposition import PCA
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

# %% tags=["parameters"]
RECIPE, GRAY = (ganlib.recipes.get(name) for name in ("food101_dcgan", "food101_gray_dcgan"))
SOUPS = ("clam_chowder", "lobster_bisque", "french_onion_soup", "hot_and_sour_soup", "miso_soup", "pho", "ramen")
BOWLS = (*SOUPS, "bibimbap", "creme_brulee", "spaghetti_bolognese")
DROPOUT = 0.4
NARROW = dict(
    generator=dict(filters=(128, 64, 32, 16), strides=(2, 2, 2, 2), momentum=0.9),
    discriminator=dict(filters=(16, 32, 64, 128), dropout=DROPOUT),
)
STEPS, SHORT_STEPS = max(3, 7 * RECIPE.steps // 24), max(2, 5 * RECIPE.steps // 24)
MARKS = (STEPS // 3, 2 * STEPS // 3, STEPS)
OTHER_SEED = 1
SHOWN = 10
MEASURED = 700
BLOCK = 8

# %% [markdown]
# ## What convolutions bring along
#
# In [50_food101_fcgan](50_food101_fcgan.ipynb) fully connected networks made clouds of food-coloured grain, and you calculated
# why: they do not know which pixels lie side by side. Convolutions do. Look at what else changes, with the generators of the two
# recipes side by side, at the layer that puts the picture out.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
food = ganlib.data.load("food101")
for name in ("food101_fcgan", RECIPE.name):
    generator, _ = ganlib.training.build_networks(ganlib.recipes.get(name), food.image_shape, len(food.class_names))
    outer = [layer.count_params() for layer in generator.layers if layer.count_params()][-1]
    print(f"{name}: {generator.count_params():,} weights, of which the layer of the image has {outer:,}.")

# %% [markdown]
# The image layer of the fully connected generator had to learn each of 12,288 numbers by itself. That of the convolutional one
# knows a single patch of 4 by 4 pixels for each of its channels, and uses it in all places. What it learns about an edge at the
# top left it knows at the bottom right. So its weights can go where something is left to be learned: from latents to large
# shapes, and from there, doubling four times, to small ones.
#
# ## A world too wide
#
# How much is there to be learned? Look at the *average photograph*, of all dishes and of a few dishes alone. Averaging removes
# what differs from photograph to photograph and leaves what they share.
#
# **Predict:** what does the average of all photographs look like?

# %%
def rows_of(dishes):
    return np.flatnonzero(np.isin(food.labels, [food.class_names.index(dish) for dish in dishes]))


groups = {"all dishes": food.class_names, "ten bowls": BOWLS, **{dish: [dish] for dish in BOWLS[3:]}}
averages = np.stack([food.images[rows_of(dishes)].mean(0) for dishes in groups.values()]).astype("uint8")
ganlib.plots.plot_images(averages, titles=[name.replace("_", " ") for name in groups], scale=1.0)

# %% [markdown]
# The average of everything is a brownish fog, a little redder in the middle. It has to be: there are plates and glasses, towers
# and heaps, close-ups without any rim. The average of a single dish is another matter. A hot and sour soup, a crème brûlée, a
# plate of spaghetti: you see at once what they are served in. A round vessel, seen at a slant, fills the picture. (The ten
# together blur again, because a chowder is light where a dark soup is dark. What they share is the round shape, not the light.)
#
# A generator has to spend its steps on what photographs *differ* in, and 101 dishes differ in everything. If you have minutes
# rather than days, make the world narrower. Take ten dishes that come in a bowl or a deep plate.

# %%
rows = rows_of(BOWLS)
shown = np.concatenate([rows_of([dish])[: 2 * SHOWN // len(BOWLS)] for dish in BOWLS])
print(f"{len(rows):,} of {len(food):,} photographs are of these ten dishes.")
names = [food.class_names[label].replace("_", " ") for label in food.labels[shown]]
ganlib.plots.plot_images(food.images[shown], titles=names)

# %% [markdown]
# ## Narrower, or merely fewer?
#
# That this is easier must not be taken on trust, for two things change at once: the dishes are alike, and the photographs are far
# fewer. So play three games: with all photographs, with photographs of *all dishes* but no more than there are bowls, and with
# the bowls. Then bowls once more from another seed, as the ruler for luck. Where photographs are few, their mirror images join
# them, and D gets *dropout*, so that it does not learn them by heart ([61_celebrities_dcgan](61_celebrities_dcgan.ipynb) has
# both). To save time, the networks have half of the recipe's channels.

# %%
def photographs(rows):
    images = food.images[rows]
    return dataclasses.replace(food, images=np.concatenate([images, images[:, :, ::-1]]), labels=None)


def play(name, dataset, recipe, seed=RECIPE.seed):
    game = ganlib.recipes.build(recipe, seed=seed, **NARROW)
    game.dataset = dataset
    game.fit(ganlib.settings.runs_dir() / name.replace(" ", "_"), steps=SHORT_STEPS)
    return game.sample(min(MEASURED, len(rows)))


anything = np.random.default_rng(RECIPE.seed).permutation(len(food))[: len(rows)]
bowls = photographs(rows)
fakes = {
    "all photographs": play("all photographs", food, RECIPE),
    "as few": play("as few", photographs(anything), RECIPE),
    "bowls": play("bowls", bowls, RECIPE),
    "bowls again": play("bowls again", bowls, RECIPE, OTHER_SEED),
}

# %% [markdown]
# **Predict:** in which of the four rows do you expect rims of bowls, and in which clouds?

# %%
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in fakes.values()]), title="rows: " + " / ".join(fakes))

# %% [markdown]
# These runs are short, and all four rows are rough, with a regular grain left by the transposed convolutions
# ([11_mnist_dcgan](11_mnist_dcgan.ipynb) shows where it comes from). But look at the shapes. In the upper two rows light and dark
# blots lie about as in a sky: clouds still, if softer ones than those of the fully connected network. In the lower two, with
# either seed, most pictures are round things in the middle of something else, and some have a rim that you would call that of a
# bowl.
#
# The second row is the control. It had exactly as many photographs as the bowls had, and no rims come of it. So it is not that
# fewer photographs are sooner learned; what helps is that each of them shows *the same thing again*. (Single runs can start late,
# and the second row looks as if it did. The first one did not, and has no rims either.)
#
# ## Ten bowls
#
# Now with the recipe's full width, and for longer. Stop at three marks to look at the same latents.

# %%
run = ganlib.recipes.build(RECIPE, discriminator=RECIPE.discriminator | dict(dropout=DROPOUT))
run.dataset, stages = bowls, {}
for mark in MARKS:
    stages[mark] = run.fit(steps=mark).sample(min(MEASURED, len(rows)))
ganlib.plots.plot_images(stages[STEPS][: 4 * SHOWN], title=f"after {STEPS:,} steps")

# %% [markdown]
# Bowls, in nearly every picture: an oval rim, seen at a slant, white china or dark, filled with something orange, brown or
# creamy, now and then with a dark or a white piece afloat. You can tell a tureen from a plate. What you cannot tell is which of
# the ten dishes it is. There is no noodle and no leaf of coriander, and green is missing from the menu. So much a few hundred
# photographs and a minute or two give.
#
# How did they come about?

# %%
title = "rows: after " + " / ".join(f"{mark:,}" for mark in MARKS) + " steps"
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in stages.values()]), title=title)

# %% [markdown]
# First a round blot in the colour of food, then a rim around it, then a rim that is closed. Most latents keep their bowl from row
# to row, and G's work goes from large to small.
#
# ## Is it the colour?
#
# One of the published systems of this course turns its photographs to gray, and one may suspect why: a third of the numbers, and
# no need to get a broth right. On the other hand, colour might be what makes the pictures above pass for food at all. Is colour
# what makes it hard, or what makes it look good?
#
# Take photographs apart first. The **brightness** of a pixel is a weighted mean of its red, green and blue, with most weight on
# green, to which eyes are most sensitive; `to_gray` in `ganlib.data.transforms` computes it. Call the rest the **tint**: how far
# red, green and blue lie above and below the brightness.

# %%
def brightness(images):
    dataset = dataclasses.replace(bowls, images=ganlib.images.to_uint8(images))
    return ganlib.data.transforms.to_gray(dataset).images.astype("float32")


order = np.random.default_rng(RECIPE.seed).permutation(len(rows))[:MEASURED]
light = brightness(bowls.images[order])
tint = bowls.images[order] - light
print(f"Brightness holds {3 * light.var() / (3 * light.var() + tint.var((0, 1, 2)).sum()):.0%} of what varies in the pixels.")

# %% [markdown]
# By this count colour is the small rest. How finely is it drawn? Replace the tint by its mean in blocks of 8 by 8 pixels, and the
# brightness not; then the other way round.
#
# **Predict:** which of the two will you recognise?

# %%
def coarse(values):
    count, height, width, channels = values.shape
    means = values.reshape(count, height // BLOCK, BLOCK, width // BLOCK, BLOCK, channels).mean((2, 4))
    return means.repeat(BLOCK, axis=1).repeat(BLOCK, axis=2)


def mix(light, tint):
    return np.clip(light + tint, 0, 255).astype("uint8")


some_light, some_tint = light[:SHOWN], tint[:SHOWN]
versions = mix(some_light, some_tint), mix(some_light, coarse(some_tint)), mix(coarse(some_light), some_tint)
title = "rows: photographs / coarse tint, fine brightness / fine tint, coarse brightness"
ganlib.plots.plot_images(np.concatenate(versions), title=title)

# %% [markdown]
# The second row keeps one number of the tint where there were 64, and is hardly the worse for it; television and JPEG have always
# saved in this place. The third keeps every bit of the tint, and what it shows is gone, or a guess at best. A bowl is a bowl by
# its brightness.
#
# If that is so, a game in gray cannot be much easier. Play it with the recipe `food101_gray_dcgan`. In profile quick it differs
# from the other in the field `gray` alone, so that only the outer layers of the two networks become thinner. Two seeds, as for
# the bowls in colour.

# %%
gray_bowls = ganlib.data.transforms.to_gray(bowls)
fakes["gray"] = play("gray", gray_bowls, GRAY)
fakes["gray again"] = play("gray again", gray_bowls, GRAY, OTHER_SEED)

# %% [markdown]
# To judge both by one measure, take the colour from the forgeries that have it.
#
# **Predict:** cover the title of the picture. Will you know which rows come from the game in gray?

# %%
turned = {name: brightness(fakes[name]).astype("uint8") for name in ("bowls", "gray", "bowls again", "gray again")}
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in turned.values()]), title="rows: " + " / ".join(turned))

# %% [markdown]
# There are bowls in all four rows. The rows of the game in gray, the second and the fourth, may seem a little smoother to you,
# and their contrasts stronger. But two rows of the *same* game differ, too, and before you trust your eye, ask for a number.
#
# ## The detective, in gray
#
# Send in the fresh detective, who calls an image real or forged as its nearest known case is. As in
# [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) it looks at 32 main features, the directions in which real photographs differ
# most, and judges every image once, in five rounds. The nearer to 50%, the better the forgeries. It sees brightness alone.

# %%
def detected(real, fakes):
    images = np.concatenate([real, fakes]).reshape(len(real) + len(fakes), -1)
    pca = PCA(min(32, len(real)), svd_solver="randomized", random_state=RECIPE.seed).fit(images[: len(real)])
    features = pca.transform(images)
    return cross_val_score(KNeighborsClassifier(1), features, np.repeat([True, False], [len(real), len(fakes)]), cv=5).mean()


turned["ten bowls, full width"] = brightness(stages[STEPS])
for name, images in turned.items():
    print(f"{name:>21}: the detective is right in {detected(light, images):.0%} of cases")
print(f"{'photographs':>21}: half of them against the other half, {detected(light[::2], light[1::2]):.0%}")

# %% [markdown]
# Two runs of one game differ by some percentage points, and the two games differ by no more than that. If gray makes it easier,
# then by less than luck does, and it would take more than two seeds to show it. (Width and steps matter more: the pictures of the
# section before do better than all four.) So colour is *not* what makes photographs hard. Its two extra channels follow the
# brightness in most places, and where they do not, they are drawn with a broad brush.
#
# ## And the narrow world?
#
# You have looked at the rims, and not at a number. Let the detective look, too, at each generator beside photographs of its own
# world.
#
# **Predict:** will it find the bowls harder to tell from real ones than the clouds?

# %%
for name in list(fakes)[:4]:
    world = bowls.images[order] if "bowls" in name else food.images[anything[order]]
    print(f"{name:>16}: the detective is right in {detected(world, ganlib.images.to_uint8(fakes[name])):.0%} of cases")

# %% [markdown]
# No! The clouds of all dishes do as well as the bowls, or better. Only the game with few photographs of everything falls behind.
# Is your eye wrong? It answers another question. The detective asks whether forgeries lie among the real ones. Where real
# photographs differ in everything, a cloud is as near to some of them as another photograph would be; among bowls, a bowl that is
# a little off stands out. A number of this kind compares generators within one world, never across two.
#
# So say it with care. A narrower world has not made the game easier to win. It has made the result easier to *recognise*: the
# same effort, spent on few things, goes further in each. As for the rims, all that you have is your eye. Cover the titles and ask
# somebody else.
#
# ## Dressed up
#
# And does colour make it look good? Dress the gray forgeries. For each, look for the real photograph whose brightness is most
# like its own, and borrow the tint, in coarse blocks. Below them the forgeries of the game in colour.

# %%
undressed = turned["gray"][:SHOWN]
search = NearestNeighbors(n_neighbors=1).fit(coarse(light).reshape(len(light), -1))
nearest = search.kneighbors(coarse(undressed).reshape(SHOWN, -1), return_distance=False)
dressed = mix(undressed, coarse(tint[nearest[:, 0]]))
own = ganlib.images.to_uint8(fakes["bowls"][:SHOWN])
rows_shown = np.concatenate([mix(undressed, np.zeros_like(own)), dressed, own])
ganlib.plots.plot_images(rows_shown, title="rows: gray / the same, dressed / painted in colour")

# %% [markdown]
# In borrowed clothes the gray forgeries turn into food: a custard, a dark broth, something with spinach. The tint of a stranger,
# in 64 blocks, is enough for that, and even where it spills over a rim you forgive it. Beside it the row that has learned its own
# colours looks monotonous: orange, brown, white.
#
# Both halves of the question have an answer, then. Colour is not what makes it hard. It is a good part of what makes it look
# good.
#
# ## Exercise: the next narrow world
#
# Which dish would you choose, if not bowls? One whose photographs have a shape in common. Put into `dish` the name of the class
# whose *average photograph* varies most from place to place: take the mean of `brightness` over the photographs of each class in
# `food`, and of that mean the standard deviation over all places.

# %% tags=["exercise"]
dish = None  # replace None: one of food.class_names

# %% tags=["check"]
if dish is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    contrast = [brightness(food.images[food.labels == label]).mean(0).std() for label in range(len(food.class_names))]
    assert dish in food.class_names, f"{dish!r} is not on the menu"
    most, typical = max(contrast), np.median(contrast)
    assert dish == food.class_names[np.argmax(contrast)], f"another dish has {most:.1f} of 255"
    print(f"Right: the average of {dish} varies by {most:.1f} of 255, that of the typical dish by {typical:.1f}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# contrast = [brightness(food.images[food.labels == label]).mean(0).std() for label in range(len(food.class_names))]
# dish = food.class_names[np.argmax(contrast)]
# ```
#
# A strong average says that photographers agree on plate, angle and distance. It says nothing about how much *else* differs, so
# try the dish with `photographs` and `play` before you believe in it.
# </details>

# %% [markdown]
# ## You can now
#
# - give convolutions 64 by 64 pixels to fill, and say what they bring along that dense layers lack;
# - make a GAN's world narrower until the minutes that you have are enough, and check with a control what has helped;
# - say what part of a photograph its colour is, and measure whether colour makes the game harder.
#
# **Next:** [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) takes a folder of photographs, and makes a film of its training.
