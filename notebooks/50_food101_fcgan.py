# %% [markdown]
# # Food-101: does it matter where a pixel is?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/50_food101_fcgan.ipynb)
#
# **You will**
#
# - meet Food-101, photographs of 101 dishes, and train a fully connected GAN on them;
# - scramble the pixels of all photographs, and find out which kind of network notices;
# - show with a short calculation why a fully connected network cannot notice.
#
# *About 3 minutes on two CPU cores, less on a GPU. Builds on [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data: 5 GB, which takes its time
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch food101")
    get_ipython().system("python -m ganlib data prepare food101")

import dataclasses

import ganlib
import numpy as np
from IPython.display import display
from keras import ops
from keras.optimizers import Adam

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("food101_fcgan")
NETWORKS = dict(generator=dict(filters=(128, 64, 32), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(32, 64, 128)))
STEPS = max(2, 2 * RECIPE.steps // 5)
TWIN_STEPS = 20
NUM_MEASURED = 1_000
SHOWN = 20

# %% [markdown]
# ## What is on the plate?
#
# So far the pictures were small, gray and tidy: one thing each, in the middle, on an empty ground. Food-101 (Bossard et al., 2014) is
# none of this. It is what people photograph in restaurants before they eat: in bad light, from any angle, with forks, fingers
# and neighbouring plates. The original has 101,000 photographs, 1,000 of each dish, in an archive of 5 GB. The published system that
# this lesson follows used a selection of about a tenth, shrunk to 64 by 64 pixels, and so can you: `prepare` takes `--limit`.

# %%
food = ganlib.data.load("food101")
print(f"{len(food):,} photographs of shape {food.image_shape}, in {len(food.class_names)} classes:")
print(", ".join(food.class_names))

# %%
rows = np.random.default_rng(RECIPE.seed).permutation(len(food))[:SHOWN]
names = [food.class_names[label].replace("_", " ") for label in food.labels[rows]]
ganlib.plots.plot_images(food.images[rows], titles=names)

# %% [markdown]
# Cover the names and guess. At this size you recognise *food* at once, and the dish in some of the pictures. Among 101 classes you
# would be right by luck once in a hundred.

# %%
counts = np.bincount(food.labels)
print(f"The rarest dish has {counts.min():,} photographs, the most frequent one {counts.max():,}.")
ganlib.plots.plot_class_counts(food.labels, food.class_names, title="photographs per dish")

# %% [markdown]
# Nearly level, and low: for each dish there are fewer photographs than MNIST has of its rarest digit by a factor of far more than ten. A
# generator without labels does not care what a dish is called; it sees one heap of photographs.
#
# Always look at the edges of a heap, too. Sort by colour: how far apart are the red, green and blue of a pixel, on average over the
# photograph?

# %%
colour = np.ptp(food.images, axis=-1).mean((1, 2))  # from 0, gray, to 255
order = np.argsort(colour)
print(f"{np.sum(colour == 0)} photographs have no colour at all.")
ganlib.plots.plot_images(food.images[np.concatenate([order[: SHOWN // 2], order[-SHOWN // 2 :]])], title="least and most colourful")

# %% [markdown]
# A few photographs are gray, some are not of food, and some are dyed by the lamp above the table. Nobody has cleaned this set, and the
# authors say so: it is meant to be noisy. D has to call all of it real.
#
# ## Training
#
# The networks are those of the earlier lessons, stacks of dense layers, made for 64 by 64 pixels in three colours.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
print(f"An image is a list of {np.prod(food.image_shape):,} numbers.")
for network in (run.generator, run.discriminator):
    outer = max(layer.count_params() for layer in network.layers)
    print(f"The {network.name} has {network.count_params():,} weights, {outer / network.count_params():.0%} of them in its outer layer.")

# %% [markdown]
# Nearly all weights sit where the networks touch the image: each of 12,288 numbers is connected to every unit of the next layer.
#
# **Predict:** a plate of spaghetti, from a network that has no idea that pixel 700 lies beside pixel 701. What will be right about
# the pictures, and what will be wrong?

# %%
run.fit(steps=STEPS)
ganlib.plots.plot_images(run.sample(SHOWN), title="generated")

# %% [markdown]
# What is right: the colours of food under warm light, and a bright or dark blob in the middle, where plates are. What is wrong: everything
# that takes neighbours. There is no rim, no noodle, no edge of a table, and over it all lies a grain as of an old television set. These are
# clouds of colour, and no dish can be named.
#
# ## A list of numbers
#
# Look at the first layer of D: it is called `Flatten`. What was a picture, with an above and a beside, becomes a list. What follows are
# weighted sums over the whole list, and in a sum the order does not matter.
#
# So take the order away. Draw one permutation of all places, once, and move the pixels of *every* photograph by it. To keep the
# runs short, photographs of half the size, the mean of each 2 by 2 pixels.

# %%
height, width, channels = food.image_shape
quarters = food.images.reshape(-1, height // 2, 2, width // 2, 2, channels)
small = dataclasses.replace(food, images=quarters.mean((2, 4)).astype("uint8"))
order = np.random.default_rng(RECIPE.seed).permutation(height // 2 * width // 2)


def scramble(images, order=order):
    return images.reshape(len(images), -1, channels)[:, order].reshape(images.shape)


confetti = dataclasses.replace(small, images=scramble(small.images))
ganlib.plots.plot_images(np.concatenate([small.images[rows][: SHOWN // 2], confetti.images[rows][: SHOWN // 2]]))

# %% [markdown]
# Above as they were, below scrambled: the same pixels at other places. No pixel is lost, and with the inverse permutation every
# photograph comes back exactly. For you they have become confetti.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
inverse = np.argsort(order)
print(f"Unscrambled, all photographs are as before: {np.array_equal(scramble(confetti.images, inverse), small.images)}.")

# %% [markdown]
# Now the game on either dataset. A run in a folder trains what its recipe names; for data of your own making, use the long form from
# [10_mnist_fcgan](10_mnist_fcgan.ipynb).

# %%
def build(dataset, recipe):
    policy = ganlib.device.choose_precision(convolutional=recipe.network == "dcgan")
    generator, discriminator = ganlib.training.build_networks(recipe, dataset.image_shape, len(dataset.class_names), policy)
    gan = ganlib.GAN(generator, discriminator, recipe.noise, recipe.averaging, recipe.seed)
    optimizers = [Adam(rate, **recipe.optimizer_options) for rate in (recipe.g_rate, recipe.d_rate)]
    gan.compile(*optimizers, real_label=recipe.real_label)
    return gan


def play(dataset, recipe, steps):
    gan = build(dataset, recipe)
    gan.fit(ganlib.data.batches(dataset, recipe.batch_size, recipe.seed), steps_per_epoch=steps, verbose=0)
    latents = ganlib.sampling.draw_latents(NUM_MEASURED, recipe.latent_dim, recipe.noise)
    return gan.predict(latents, verbose=0)


# %% [markdown]
# Three runs: photographs, confetti, and photographs once more from another seed, which is the ruler for luck. What the second
# generator makes is confetti, too; the inverse permutation turns it into pictures.
#
# **Predict:** how much worse will the second row be?

# %%
other_seed = dataclasses.replace(RECIPE, seed=RECIPE.seed + 1)
fakes = {
    "photographs": play(small, RECIPE, STEPS),
    "confetti, unscrambled": scramble(play(confetti, RECIPE, STEPS), inverse),
    "photographs, again": play(small, other_seed, STEPS),
}
rows_of = np.concatenate([images[: SHOWN // 2] for images in fakes.values()])
ganlib.plots.plot_images(rows_of, title="fully connected, rows: " + " / ".join(fakes))

# %% [markdown]
# Not at all worse. All three rows are grainy clouds with a blob in the middle, and if somebody shuffled them you could not sort them
# again. (With a quarter of the pixels, the grain is coarser than above.) The middle row was made by a network that has never seen two
# pixels side by side.
#
# ## Put a number to it
#
# What the eye notices first is the grain. Measure it: how far is a pixel from its neighbour on the right, on average?

# %%
def measure(fakes):
    real = ops.convert_to_numpy(ganlib.images.to_float(small.images[:NUM_MEASURED]))
    for name, images in {"real photographs": real, **fakes}.items():
        grain = 100 * np.abs(np.diff(images, axis=2)).mean() / 2  # values go from -1 to 1
        spread = 100 * images.std(axis=0).mean() / 2
        print(f"{name:>23}: neighbours differ by {grain:4.1f}% of the scale, a pixel varies by {spread:.0f}% between images")


measure(fakes)

# %% [markdown]
# In real photographs neighbours differ by a few percent of the scale; in the forgeries by more than twice as much, and by the same amount
# whether the network has seen photographs or confetti. The second seed moves the number more than the scrambling does. The last column
# says that the forgeries vary from image to image about as much as photographs do, so nothing has collapsed.
#
# ## Why it cannot notice
#
# This is no accident of three runs; it can be calculated. Take two games. The first plays with photographs. The second plays with
# confetti, and before it begins, its weights are scrambled in the same way: row by row the first layer of D, column by column the last
# layer of G. Each weight then meets the very number that it meets in the first game.
#
# **Predict:** how do the two games differ after some steps?

# %%
games = {"photographs": (small, build(small, RECIPE)), "confetti": (confetti, build(confetti, RECIPE))}
places = scramble(np.arange(small.images[0].size).reshape(1, *small.image_shape)).ravel()
first, last = games["confetti"][1].discriminator.layers[2], games["confetti"][1].generator.layers[-3]
kernel, bias = first.get_weights()
first.set_weights([kernel[places], bias])
kernel, bias = last.get_weights()
last.set_weights([kernel[:, places], bias[places]])

# %%
latents, pictures = ganlib.sampling.draw_latents(NUM_MEASURED, RECIPE.latent_dim, RECIPE.noise), {}
for name, (dataset, gan) in games.items():
    batches = ganlib.data.batches(dataset, RECIPE.batch_size, RECIPE.seed)
    losses = gan.fit(batches, steps_per_epoch=TWIN_STEPS, verbose=0).history
    pictures[name] = gan.generator.predict(latents, verbose=0)
    print(f"{name:>11}: mean losses of {TWIN_STEPS} steps are {losses['d_loss'][0]:.4f} (D) and {losses['g_loss'][0]:.4f} (G)")
difference = np.abs(pictures["photographs"] - scramble(pictures["confetti"], inverse)).max() / 2
print(f"Once unscrambled, no pixel of {NUM_MEASURED:,} images differs by more than {difference:.3%} of the scale.")

# %% [markdown]
# They do not. The two are one game under two names, step for step; what is left is rounding, because a computer's sums do depend a
# little on the order.
#
# The rest is a matter of luck. Weights are drawn at random, each independently of the others, so the scrambled weights were exactly as
# likely as the unscrambled ones. *To scramble the pixels is to draw another seed.* This holds for every fully connected GAN of any width after any
# number of steps, also for the published system with its 55 million weights and its 100,000 steps. More training makes its clouds
# finer. It will never get the one hint that you had before you saw a single dish: that neighbours belong together.
#
# ## A network that knows where a pixel is
#
# Convolutions have the hint built in. Their kernels look at 4 by 4 pixels that lie side by side, and use the same weights
# everywhere. Give both kinds of data to a small convolutional network like that of
# [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb), for half as many steps.
#
# **Predict:** what will a convolutional network make of confetti?

# %%
convolutional = ganlib.recipes.get("food101_dcgan", **NETWORKS)
drawn = play(confetti, convolutional, STEPS // 2)
conv_fakes = {"photographs": play(small, convolutional, STEPS // 2), "confetti, unscrambled": scramble(drawn, inverse)}
rows_of = np.concatenate([images[: SHOWN // 2] for images in (*conv_fakes.values(), drawn)])
ganlib.plots.plot_images(rows_of, title="convolutional, rows: " + " / ".join(conv_fakes) + " / as it came")

# %%
measure(conv_fakes)

# %% [markdown]
# On photographs, shapes appear within a few hundred steps: bowls, rims, a piece of something on white, and no grain at all; neighbours are even
# a little too much alike. On confetti the same network fails. Look at the last row, as it came: it has painted soft patches, because
# patches are what its kernels make most easily, but in confetti there are none, and unscrambled they turn into sand. Here the order
# of the pixels is everything.
#
# ## Exercise: is the order really lost?
#
# A permutation hides the neighbours from your eye. Does it hide them from the data? `brightness` holds the scrambled photographs as
# lists, one column per place. `somewhere` is the place to which the pixel in the middle has gone. Find the place whose brightness
# differs the least from it, on average over all photographs, and put its number into `nearest`.

# %% tags=["exercise"]
brightness = confetti.images.mean(-1).reshape(len(confetti), -1)  # (photographs, places)
somewhere = inverse[(height // 4) * (width // 2) + width // 4]
nearest = None  # replace None: a number from 0 to brightness.shape[1] - 1, but not `somewhere`

# %% tags=["check"]
if nearest is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert nearest != somewhere, "every place is nearest to itself; look for the second"
    (row, column), (other_row, other_column) = (divmod(order[place], width // 2) for place in (somewhere, nearest))
    assert max(abs(row - other_row), abs(column - other_column)) <= 1, "before scrambling these two were no neighbours"
    print(f"Right. Before scrambling they were at ({row}, {column}) and ({other_row}, {other_column}): side by side.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# brightness = confetti.images.mean(-1).reshape(len(confetti), -1)
# somewhere = inverse[(height // 4) * (width // 2) + width // 4]
# differences = np.abs(brightness - brightness[:, [somewhere]]).mean(axis=0)
# nearest = np.argsort(differences)[1]  # the first is the place itself
# ```
#
# So the order is not lost: with enough photographs you could lay the whole jigsaw (Le Roux et al., 2007, did). A fully connected network could
# find the neighbours out, too, and in a small way it does, or there would be no clouds. It has to *learn* them, pair by pair, from
# the same few photographs that it should learn about food from. A convolutional network gets them as a gift.
# </details>

# %% [markdown]
# ## You can now
#
# - describe Food-101, and train a fully connected GAN on it;
# - scramble images without losing anything, and say which kind of network notices;
# - show why a fully connected network cannot notice, whatever its size and its patience.
#
# **Next:** in [51_food101_dcgan](51_food101_dcgan.ipynb) convolutions take over, and a narrower world makes them quicker to please.
