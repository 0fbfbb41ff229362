# %% [markdown]
# # Food-101: does it matter where a pixel is?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/50_food101_fcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/50_food101_fcgan.ipynb)
#
# **You will**
#
# - meet Food-101, photographs of 101 dishes, and train a fully connected GAN on them;
# - scramble the pixels of all photographs, and prove that a fully connected GAN does not notice;
# - play one game with dense and with convolutional networks, on pixels in order and scrambled, and measure what the order is
#   worth.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [11_mnist_dcgan](11_mnist_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import numpy as np
from keras.optimizers import Adam

ganlib.doctor.begin("food101")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("food101_fcgan")
STEPS = max(2, RECIPE.steps // 4)
BATCH_SIZE, SHORT_STEPS = RECIPE.batch_size // 2, max(2, RECIPE.steps // 10)  # of the games on small photographs
STRETCHES = (SHORT_STEPS // 15 or 1, 4 * SHORT_STEPS // 15 or 1)
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 4))]
SHOWN = 10
NUM_MEASURED = max(SHOWN, min(500, RECIPE.steps))

# %% [markdown]
# ## What is on the plate?
#
# So far the pictures have been small, and most of them gray and tidy. Food-101 (Bossard et al.,
# [2014](https://doi.org/10.1007/978-3-319-10599-4_29)) is what people photograph in restaurants before they eat: in bad light,
# from any angle, with forks, fingers and neighbouring plates. The original has 101,000 photographs, 1,000 of each dish, in an
# archive of 5 GB. The repository that this lesson follows, GAN-food-image-generator, took a selection of about a tenth, shrunk
# to 64 by 64 pixels. `data fetch food101` downloads such a selection; `data prepare` with `--limit` makes one from a set of
# your own.

# %%
food = ganlib.data.load("food101")
dishes = [name.replace("_", " ") for name in food.class_names]
counts = np.bincount(food.labels)
print(f"{len(food):,} photographs of shape {food.image_shape}; {counts.min():,} to {counts.max():,} of each of {len(dishes)} dishes.")

# %%
# Picture: Two rows of photographs of dishes, each with the name of its dish above it.
rows = np.random.default_rng(RECIPE.seed).permutation(len(food))
ganlib.plots.plot_images(food.images[rows[: 2 * SHOWN]], titles=[dishes[label] for label in food.labels[rows[: 2 * SHOWN]]])

# %% [markdown]
# Cover the names and guess. At this size you recognise *food* at once, and in some of the pictures the dish. If you guessed
# blindly among 101 dishes, you would be right once in a hundred.
#
# Each dish has few photographs: MNIST has more than sixty times as many of its rarest digit. A generator without labels does
# not care what a dish is called. It sees a single heap of photographs.
#
# Always look at the extremes of a dataset, too. How far apart are the red, green and blue of a pixel, on average over the
# photograph? Sort by that.

# %%
# Picture: Two rows of photographs. Those of the first row are gray or nearly so, those of the second are dyed in strong colours.
colour = np.ptp(food.images, axis=-1).mean((1, 2))  # from 0, gray, to 255
order = np.argsort(colour)
titles = ["least", *[""] * (SHOWN - 1), "most", *[""] * (SHOWN - 1)]
ganlib.plots.plot_images(food.images[np.concatenate([order[:SHOWN], order[-SHOWN:]])], titles=titles, title="colour")

# %% [markdown]
# A few photographs are gray, some are not of food, and some are dyed by a lamp. The collectors left the training photographs
# uncleaned on purpose, with strong colours and some wrong labels. D has to call all of them real.
#
# ## Training
#
# The networks are those of [10_mnist_fcgan](10_mnist_fcgan.ipynb), stacks of dense layers, made for 64 by 64 pixels in three
# colours.

# %%
print(RECIPE.table())

# %% [markdown]
# You know nearly everything in this table: one-sided smoothing of the labels and the running average are from
# [02_the_game](02_the_game.ipynb). Adam's momentum stays at 0.5. (The `momentum` in the row of G is another one: it says how
# slowly the moving averages of batch normalization change.)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
print(f"An image is a list of {np.prod(food.image_shape):,} numbers.")
for network in (run.generator, run.discriminator):
    outer = max(layer.count_params() for layer in network.layers)
    print(f"The {network.name} has {network.count_params():,} weights, {outer / network.count_params():.0%} of them in its outer layer.")

# %% [markdown]
# Nearly all weights sit where the networks touch the image: each of its numbers is connected to every unit of the next layer.
#
# **Predict:** a plate of spaghetti, from a network that is never told that pixel 700 is next to pixel 701. What will be right
# about the pictures, and what will be wrong?

# %%
# Picture: The training at its end: generated photographs, the losses of D and G, and the Frechet distance, over the steps.
view = run.watch(steps=STEPS)
view

# %%
run = view.wait()

# %%
# Picture: Ten generated photographs of this run, and below them ten of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# What is right is large. The colours are those of food in warm light, and the middle has a different shade from the edge, as if
# a plate lay there. Now and then you can make out a pale rim around something darker. What is wrong is small: no noodle, no
# crumb, no sharp edge. Instead there is a grain over everything, as on an old television set. Measure it. How much does a pixel
# differ from its neighbour on the right, on average?

# %%
def grain(images):
    """Returns how far neighbours in a row are apart, on average, in per cent of the scale."""
    return 100 * np.abs(np.diff(ganlib.images.as_rows(images).reshape(images.shape), axis=2)).mean() / 2


photographs, fakes = food.images[rows[:NUM_MEASURED]], run.sample(NUM_MEASURED)
print(f"Neighbours differ by {grain(photographs):.1f} % of the scale in photographs, by {grain(fakes):.1f} % in generated ones.")

# %% [markdown]
# The grain in the generated pictures is more than twice that of photographs. Is that because G does not know which pixels are
# neighbours?
#
# ## A list of numbers
#
# Look at the first layer of D. It is called `Flatten`: it turns a picture, in which pixels have neighbours above and beside
# them, into a list. What follows are weighted sums over the whole list, and in a sum the order does not matter.
#
# So take the order away. Draw one permutation of all places, once, and apply it to the pixels of *every* photograph. To keep
# the games short, use photographs of half the size: each pixel is the mean of 2 by 2.

# %%
height, width, channels = food.image_shape
quarters = food.images.reshape(-1, height // 2, 2, width // 2, 2, channels)
small = dataclasses.replace(food, images=quarters.mean((2, 4)).astype("uint8"), labels=None)
order = np.random.default_rng(RECIPE.seed).permutation(height // 2 * width // 2)
inverse = np.argsort(order)


def scramble(images, order=order):
    return images.reshape(len(images), -1, channels)[:, order].reshape(images.shape)


# %%
# Picture: Two rows. The first shows small photographs of dishes, the second the same ones scrambled, which look like coloured
#   sand.
confetti = dataclasses.replace(small, images=scramble(small.images))
titles = ["in order", *[""] * (SHOWN - 1), "confetti", *[""] * (SHOWN - 1)]
ganlib.plots.plot_images(np.concatenate([each.images[rows[:SHOWN]] for each in (small, confetti)]), titles=titles)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
print(f"Unscrambled, all photographs are as before: {np.array_equal(scramble(confetti.images, inverse), small.images)}.")

# %% [markdown]
# The pixels are the same, only in other places, and none is lost. For you the photographs have become confetti. But what about
# a fully connected D?
#
# Write a photograph as a list $x$, the permutation as a matrix $P$, and D's first layer as $Wx + b$. Now give D the confetti
# $Px$, but move the columns of $W$ as well, to $WP^\top$. Since $P^\top P = I$, the identity matrix,
#
# $$(WP^\top)(Px) + b = Wx + b.$$
#
# Every weight meets the very number that it met before, so D gives the same answer. The same holds at the other end. If G's
# last layer turns $h$ into $Vh + c$, then with $PV$ and $Pc$ it makes the confetti $P\,G(z)$ instead of the picture $G(z)$.
#
# **Predict:** two games start with the same weights, apart from these moves. One plays with photographs, the other with
# confetti. How far apart will their pictures be after some steps, once the confetti is unscrambled?

# %%
GAME = dataclasses.replace(RECIPE, batch_size=BATCH_SIZE)
latents = ganlib.sampling.draw_latents(NUM_MEASURED, RECIPE.latent_dim, RECIPE.noise)


def draw_networks(recipe):
    return ganlib.training.build_networks(recipe, small.image_shape, len(dishes))


def make_game(networks, recipe):
    gan = ganlib.GAN(*networks, recipe.noise, recipe.averaging, recipe.seed)
    optimizers = [Adam(rate, **recipe.optimizer_options) for rate in (recipe.g_rate, recipe.d_rate)]
    gan.compile(*optimizers, real_label=recipe.real_label, jit_compile=False)  # to compile takes longer than so few steps
    return gan


def play(gan, dataset, recipe, steps):
    """Returns the images that G makes after some steps."""
    gan.fit(ganlib.data.batches(dataset, recipe.batch_size, recipe.seed), steps_per_epoch=steps, verbose=0)
    return gan.predict(latents, verbose=0)


# %%
networks, twins = draw_networks(GAME), draw_networks(GAME)  # the seed is the same, and so are the weights
moved = scramble(np.arange(small.images[0].size).reshape(1, *small.image_shape)).ravel()
first, last = twins[1].layers[2], twins[0].layers[-3]
(w, b), (v, c) = first.get_weights(), last.get_weights()  # Keras stores a matrix with a row for each input
first.set_weights([w[moved], b])
last.set_weights([v[:, moved], c[moved]])

# %%
game, twin_game, differences = make_game(networks, GAME), make_game(twins, GAME), []
for steps in STRETCHES:
    made, twin_made = play(game, small, GAME, steps), play(twin_game, confetti, GAME, steps)
    differences.append(100 * np.abs(made - scramble(twin_made, inverse)).max() / 2)
    print(f"After {int(game.step.numpy())} steps the largest difference of a pixel in {NUM_MEASURED:,} pictures is", end=" ")
    print(f"{differences[-1]:.1g} % of the scale.")

# %% [markdown]
# It is one game under two names. The gradients are moved like the weights, and Adam treats every weight separately. What is
# left at first is rounding, since a computer's sums depend a little on the order. A game between two networks can amplify small
# differences from step to step, until they show. How soon depends on the seed. But they are chance, and nothing in them tells
# you which of the two games had photographs.
#
# Now forget the moves. Weights are drawn at random, independently, and in the same way for a whole layer, so the moved weights
# were exactly as likely as the others. *For a fully connected GAN, scrambling the pixels is like drawing another seed.* This
# holds for any width and any number of steps, and for the published system too, with its 55 million weights and its 100,000
# steps. More training may make its pictures better. It never gets the hint that you had before you saw a single dish: that
# neighbours belong together.
#
# ## A network that knows where a pixel is
#
# Convolutions have the hint built in. Their kernels look at 4 by 4 neighbouring pixels, and use the same weights everywhere.
# What is that worth? Play one game in four ways: with dense and with convolutional networks, with photographs in order and with
# confetti. The rules, the batches and the number of steps are the same in all four. Play each with three seeds.
#
# The judge looks at the pictures unscrambled. It is a network that learned to name what is in photographs (EfficientNet-Lite0,
# after Tan and Le, [2019](https://arxiv.org/abs/1905.11946)). The *Frechet distance* compares what it sees in five hundred
# generated pictures with what it sees in as many real ones (Heusel et al., [2017](https://arxiv.org/abs/1706.08500)). It is 0
# for equal sets.
#
# **Predict:** rank the four. And what will a convolutional network make of confetti?

# %%
small_layers = dict(generator=dict(filters=(64, 32, 16), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(16, 32, 64)))
KINDS = {"dense": GAME, "convolutional": dataclasses.replace(GAME, network="dcgan", **small_layers)}
drawn = {}
for kind, recipe in KINDS.items():
    for seed in SEEDS:
        seeded = dataclasses.replace(recipe, seed=seed)
        in_order, scrambled = (play(make_game(draw_networks(seeded), seeded), each, seeded, SHORT_STEPS) for each in (small, confetti))
        drawn[kind, "in order", seed], drawn[kind, "confetti", seed] = in_order, scramble(scrambled, inverse)
    print(f"{kind}: {2 * len(SEEDS)} games of {SHORT_STEPS} steps; G has {draw_networks(recipe)[0].count_params():,} weights.")

# %%
judge = ganlib.encoders.imagenet_features(small, size=height)
real, other = (judge(small.images[chosen]) for chosen in (rows[:NUM_MEASURED], rows[-NUM_MEASURED:]))
print(f"other photographs: distance {ganlib.metrics.frechet_distance(real, other):.0f}, grain {grain(small.images):.1f} %")
distances = {key: ganlib.metrics.frechet_distance(real, judge(ganlib.images.to_uint8(each))) for key, each in drawn.items()}
grains = {key: grain(each) for key, each in drawn.items()}
WAYS = [(kind, data) for kind in KINDS for data in ("in order", "confetti")]
for way in WAYS:
    columns = [", ".join(f"{values[(*way, seed)]:{form}}" for seed in SEEDS) for values, form in ((distances, ".0f"), (grains, ".1f"))]
    print(f"{', '.join(way):>23}: distances {columns[0]}; grain {columns[1]} %")

# %%
# Picture: Five rows of pictures. Dense networks make grainy clouds, in order and from confetti. Convolutional ones make smooth
#   shapes in order and coarse grain from confetti, which as it comes looks like sand.
pictures = {", ".join(way).replace("convolutional", "conv."): drawn[(*way, SEEDS[0])] for way in WAYS}
pictures["as it came"] = scramble(drawn["convolutional", "confetti", SEEDS[0]])
titles = sum([[name, *[""] * (SHOWN - 1)] for name in pictures], [])
ganlib.plots.plot_images(np.concatenate([each[:SHOWN] for each in pictures.values()]), titles=titles, scale=0.9)

# %% [markdown]
# First look at the dense networks. In order or scrambled, their distances are about the same, and so is the grain. The proof
# says that they have to be, apart from chance.
#
# Now the convolutional ones. In order, every seed gets nearer to photographs than any dense game does, and with much less
# grain. With confetti the same networks do no better than dense ones. These two rows differ only in the order of the pixels, so
# it is the order that convolutions live on. The last row shows their pictures before unscrambling: in confetti there is nothing
# that a small kernel could get hold of.
#
# The games are short, and longer ones would give other numbers. But in the dense pair no number of steps can make a difference
# that is more than chance.
#
# ## Explore it

# %%
# Picture: Rows of generated photographs, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# This is the generator of the first training. In a live notebook, move along its directions. What can they change: light,
# colour, place, shape? And does the grain ever change?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("50_food101_fcgan")

# %% [markdown]
# ## Exercise: is the order really lost?
#
# A permutation hides the neighbours from your eye. Does it hide them from the data? `brightness` holds the scrambled
# photographs as lists, with one column for each place. `somewhere` is the place where the middle pixel ended up. Find the place
# whose brightness differs least from it, on average over all photographs, and put its number into `nearest`.

# %% tags=["exercise"]
brightness = confetti.images.mean(-1).reshape(len(confetti), -1)  # (photographs, places)
somewhere = inverse[(height // 4) * (width // 2) + width // 4]
nearest = None  # replace None: a number from 0 to brightness.shape[1] - 1, but not `somewhere`

# %% tags=["check"]
if ganlib.answers.given(nearest):
    place = ganlib.answers.numbers(nearest, "nearest", (), whole=True, advice="Places are counted from 0.")
    assert 0 <= nearest < brightness.shape[1], f"there is no place {nearest}; did you count photographs?"
    assert nearest != somewhere, "every place is nearest to itself; look for the second nearest"
    (row, column), (other_row, other_column) = (divmod(order[place], width // 2) for place in (somewhere, nearest))
    hint = "before scrambling, these two were not neighbours; do not let differences cancel, and average over the photographs"
    assert max(abs(row - other_row), abs(column - other_column)) <= 1, hint
    print(f"Right. Before scrambling, they were at ({row}, {column}) and ({other_row}, {other_column}): side by side.")

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
# So the order is not lost. Le Roux et al.
# ([2007](https://proceedings.neurips.cc/paper_files/paper/2007/hash/7fa732b517cbed14a48843d74526c11a-Abstract.html)) solve the
# whole jigsaw with about a thousand images. A fully connected network can find out which places go together, too, and where the
# large shapes in its pictures are right, it did. But it has to *learn* this from the same photographs from which it should
# learn about food. A convolutional network is told.
# </details>

# %% [markdown]
# **Open exercise.** Scramble less: cut each small photograph into blocks of 8 by 8 pixels, and move the blocks instead of the
# pixels, in the same way for all photographs. Then try blocks of 4 and 2. A good answer plots the convolutional networks'
# distance, measured on unscrambled pictures, against the side of the blocks, for three seeds, and says how large blocks must be
# before a neighbourhood is worth anything to a kernel of 4 by 4. Three seeds gave 1,916 to 1,985 in order, 2,031 to 2,681 with
# blocks of 8, 2,227 to 2,824 with 4, and 2,889 to 3,462 with 2.
#
# ## You can now
#
# - describe Food-101, and train a fully connected GAN on it;
# - scramble images without losing anything, and prove that a fully connected GAN does not notice, whatever its size;
# - say what the order of pixels is worth to convolutions, with a game that was played in order and scrambled.
#
# **Next:** in [51_food101_dcgan](51_food101_dcgan.ipynb) convolutions take over.
