# %% [markdown]
# # Food-101: a new dish from forty photographs
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/52_food101_cgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/52_food101_cgan.ipynb)
#
# **You will**
#
# - teach a generator a dish that it has never seen, from forty photographs, in three ways and with three seeds;
# - work out what a single row of a label embedding can express, and see what it cannot;
# - ask three questions of the result: is it like the dish, is it copied, and what was forgotten?
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) and
# [51_food101_dcgan](51_food101_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import keras
import numpy as np
from ganlib.networks import conditional, statistics
from keras.optimizers import Adam
from matplotlib import pyplot

ganlib.doctor.begin("food101")  # on Colab and Kaggle it gets the data, 5 GB, and says what the machine has

# %% tags=["parameters"]
SMALL = dict(generator=dict(filters=(64, 32, 16), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(16, 32, 64), dropout=0.4))
RECIPE = ganlib.recipes.get("food101_cgan", batch_size=16, **SMALL)
SMOKE = RECIPE.profile == "smoke"
SOUPS = ("clam_chowder", "lobster_bisque", "french_onion_soup", "hot_and_sour_soup", "miso_soup", "pho", "ramen")
BOWLS = (*SOUPS, "bibimbap", "creme_brulee", "spaghetti_bolognese")
NEW = 33  # the number of edamame, young soy beans in their pods
FORTY, ASIDE = 40, 60  # photographs to learn from, and to compare with
STEPS, LOOKS = (4, 4) if SMOKE else (1500, 10)  # of the first game, and how often its losses are noted
MARKS = (0, 1, 2) if SMOKE else (0, 75, 150, 300)  # steps of the games for the new dish
RATES = {"one row": (1e-2, 3e-4), "everything": (3e-4, 3e-4), "from scratch": (1e-3, 1e-3)}  # of G and D
SEEDS = [RECIPE.seed + number for number in range(1 if SMOKE else 3)]
MARGIN = 5  # of 255, from which green counts as more than red
MADE, SHOWN = 16 if SMOKE else 200, 10  # pictures that are measured, and that are shown

# %% [markdown]
# ## A world of ten bowls
#
# A conditional generator makes what you ask for, as long as it is on its list. What if a guest asks for a dish that is not on the
# list, and all you have is forty photographs of it? You could start a new game with these forty. Or you could teach the dish to
# somebody who can already cook.
#
# Begin with the cook. The ten dishes of [51_food101_dcgan](51_food101_dcgan.ipynb) come in bowls. Here a conditional generator
# makes them. To keep the games short, the photographs of Food-101 (Bossard et al.,
# [2014](https://doi.org/10.1007/978-3-319-10599-4_29)) are shrunk to half their side, and the networks are small.

# %%
food, test = (ganlib.data.load("food101", split) for split in ("train", "test"))


def photographs(dataset, dishes):
    """Returns the photographs of some dishes at half their side, and the place of each one's dish in the list."""
    rows = np.flatnonzero(np.isin(dataset.labels, dishes))
    count, height, width, channels = dataset.images[rows].shape
    blocks = dataset.images[rows].reshape(count, height // 2, 2, width // 2, 2, channels)
    return blocks.mean((2, 4)).astype("uint8"), np.array([dishes.index(label) for label in dataset.labels[rows]])


def both_ways(images):
    """Returns the images and their mirror images."""
    return np.concatenate([images, images[:, :, ::-1]])


# %%
old = [food.class_names.index(dish) for dish in BOWLS]
bowls, dish = photographs(food, old)
world = dataclasses.replace(food, images=both_ways(bowls), labels=np.tile(dish, 2), class_names=BOWLS)
print(f"{len(bowls):,} photographs of {len(BOWLS)} dishes, at {world.image_shape[0]} by {world.image_shape[1]} pixels")

# %% [markdown]
# Later on you will need the two networks without their labels, so build them first and add the labels afterwards. G gets 128
# numbers: 64 latents, followed by a **row** of 64 numbers for the dish. Together, the rows are the label embedding. D is a
# projection discriminator (Miyato and Koyama, [2018](https://arxiv.org/abs/1802.05637)), which has a row for each dish as well.

# %%
def networks(seed):
    """Returns a generator and a discriminator that know nothing of labels."""
    plain = dataclasses.replace(RECIPE, conditional="", latent_dim=2 * RECIPE.latent_dim, seed=seed)
    return ganlib.training.build_networks(plain, world.image_shape, 0)


# %%
def labelled(generator, rows):
    """Returns a generator of [latents, labels], with a row of numbers for each label."""
    whole = conditional.generator(generator, len(rows), "concatenate", rows.shape[1])
    embedding_of(whole).set_weights([rows])
    return whole


def embedding_of(generator):
    return next(layer for layer in generator.layers if hasattr(layer, "embeddings"))


# %%
def game(pair, rows, seed, rates, averaging):
    """Returns a game between a G and a D that are given a row for each label."""
    detective = conditional.projection_discriminator(pair[1], len(rows))
    gan = ganlib.GAN(labelled(pair[0], rows), detective, averaging=averaging, seed=seed)
    gan.compile(*(Adam(rate, **RECIPE.optimizer_options) for rate in rates))
    return gan


# %%
# Picture: The game at its end: at the left, forty rough round things in brown, orange and gray; at the right, the losses of the players.
pair, luck = networks(RECIPE.seed), np.random.default_rng(RECIPE.seed)
rows = luck.normal(0, 0.05, (len(BOWLS), RECIPE.latent_dim))
first = game(pair, rows, RECIPE.seed, (RECIPE.g_rate, RECIPE.d_rate), RECIPE.averaging)
batches = ganlib.data.batches(world, RECIPE.batch_size, RECIPE.seed)
first.fit(batches, epochs=LOOKS, steps_per_epoch=STEPS // LOOKS, callbacks=[ganlib.widgets.Watch(STEPS)], verbose=0);

# %% [markdown]
# G is the running average of the game's generator. How much of it belongs to a single dish?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
made = first.averaged_generator
(rows,) = embedding_of(made).get_weights()
print(f"G has {made.count_params():,} numbers. {rows[0].size} of them are the row of a single dish.")

# %% [markdown]
# **Predict:** how much of a dish can such a small G put into its pictures after a minute or two?

# %%
# Picture: three rows of ten rough pictures, a column for each dish: round things in gray, orange, red and brown. None is green.
titles = [name.replace("_", " ") for name in BOWLS] + [""] * 20
ganlib.plots.plot_images(ganlib.sampling.generate(made, 30, seed=RECIPE.seed)[0], titles=titles)

# %% [markdown]
# You could not order from this menu. At this size and after so few steps, the pictures are colour and texture: something round, a
# rim, and gray, orange or brown in the middle. Hardly any dish can be named. That is enough here, as long as the new dish has a
# colour that the old ones lack.
#
# ## A guest asks for green beans
#
# The new dish is edamame, young soy beans in their pods. Forty photographs of it, drawn at random, are for learning. Sixty others
# are kept aside, and no network ever learns from them.

# %%
# Picture: twenty photographs of edamame at 32 by 32 pixels: heaps of green pods on plates and in bowls.
pool = np.concatenate([photographs(split, [NEW])[0] for split in (food, test)])


def parted(seed):
    """Returns the photographs to learn from and those that are kept aside, drawn at random."""
    order, few = np.random.default_rng(seed).permutation(len(pool)), min(FORTY, len(pool) // 3)
    return pool[order[:few]], pool[order[few : few + ASIDE]]


ganlib.plots.plot_images(parted(SEEDS[0])[0][: 2 * SHOWN])

# %% [markdown]
# You can recognise this dish by its colour even at 32 by 32 pixels: a heap of green on something light or dark.
#
# How will you know that G has learned the dish? Use two measures.
#
# - The **kernel distance** compares features of generated pictures with those of the photographs kept aside (Bińkowski et al.,
#   [2018](https://arxiv.org/abs/1801.01401)). The features come from a network that was trained on photographs of all kinds. Sixty
#   photographs would be too few for a Fréchet distance. The kernel distance is right on average even with few, and its deviation
#   over subsets says how much it varies.
# - A plain count: in what share of the pictures is the **middle clearly greener than red**? It knows nothing about shapes, but it
#   knows what sets this dish apart from the ten bowls.

# %%
see = ganlib.encoders.imagenet_features(world, ganlib.encoders.QUICK_SIZE)


def greener(images):
    """Returns the share of pictures whose middle has clearly more green in it than red."""
    red, green, _ = images[:, 8:-8, 8:-8].mean((1, 2)).T
    return np.mean(green > red + MARGIN)


# %%
def far(real, made):
    """Returns the kernel distance and its deviation over subsets, from features."""
    return ganlib.metrics.kernel_distance(real, made, FORTY, 50)


# %% [markdown]
# Before anything is taught, see what the measures say about real photographs.

# %%
learned, aside = parted(SEEDS[0])
print("kernel distance of the forty to those kept aside: {:.1f} ± {:.1f}".format(*far(see(aside), see(learned))))
for name, images in {"edamame": pool, "bowls": bowls, "generated bowls": ganlib.images.to_uint8(ganlib.sampling.generate(made, MADE)[0])}.items():
    print(f"clearly greener than red: {greener(images):.0%} of {name}")


# %% [markdown]
# The kernel distance between two sets of real photographs is about 0, as it should be. (It is an estimate, so by chance it may fall
# below 0.) Edamame is greener than red more often than not, and bowls hardly ever.
#
# A third number is about **copying**. How far is a picture from the nearest photograph that G learned from, and how far is it from
# the nearest in an equally large set kept aside? For a G that has not copied, the two sets are alike, so the ratio of the two
# distances is about 1. It will not be exactly 1, since by chance one set is nearer to everything than the other. So compare it with
# the ratio before teaching.

# %%
def leaning(features, learned, aside):
    """Returns the distance to the nearest photograph that was learned from, over that to the nearest of as many kept aside."""
    near = [np.median(ganlib.metrics.nearest(features, known)[1]) for known in (learned, aside[: len(learned)])]
    return near[0] / near[1]


# %%
def measure(images, seed):
    """Returns a distance, its deviation, the share of green pictures and how far they lean to those learned from."""
    features, learned, aside = see(images), *map(see, parted(seed))
    return *far(aside, features), greener(images), leaning(features, learned, aside)


# %% [markdown]
# ## What a row can express
#
# Here is the first layer of G, before its activation, for latents $z$ and a row $e$:
#
# $$h = W_z\, z + W_e\, e + b$$
#
# A row adds the same vector $W_e e$ to the first map of *every* picture, whatever the latents are. Everything that follows is
# the same for all dishes. So a new row picks a point in a space of 64 dimensions, and the frozen layers turn it into what they
# have learned to make: light and dark, rims and fillings, browns and oranges. Green is rare in this world of bowls, so few rows
# lead to it.
#
# There are three ways to teach it, all with the same number of steps:
#
# - **one row**: the row of the new dish is the only part of G that is trained. It starts from the mean of the ten old rows. The
#   rest of G stays fixed, including its batch statistics.
# - **everything**: the same start, but all of G is trained. This is **fine-tuning**. Wang et al.
#   ([2018](https://arxiv.org/abs/1805.01677)) started G and D from the weights of another game, and this helped most when there
#   were few images.
# - **from scratch**: the same networks with random weights.
#
# D is trained in all three. In the first two it starts from the D of the first game. Each way has its own rates: a row needs large
# steps, and fresh networks need larger ones than trained networks. Each way is played with three seeds, and each seed draws its own
# forty photographs. (All of them share the first game.)
#
# **Predict:** which of the three will make green pictures, and which will come nearest to the photographs?

# %%
def teach(way, seed):
    """Lets a G learn the new dish in one of three ways; keeps what it makes at each mark, and returns it."""
    pair, (learned, _) = networks(seed + 1), parted(seed)
    if way != "from scratch":
        pair[0].set_weights(made.layers[-1].get_weights())
        pair[1].set_weights(known)
    pair[0].trainable = way != "one row"  # a frozen network keeps its batch statistics, too
    gan = game(pair, rows.mean(axis=0, keepdims=True), seed, RATES[way], averaging=0.99)
    shown = dataclasses.replace(world, images=both_ways(learned), labels=np.zeros(2 * len(learned), int), class_names=("new",))
    for done, mark in zip((0, *MARKS), MARKS):
        if mark:
            batches = ganlib.data.batches(shown, min(RECIPE.batch_size, len(shown)), seed, start=done)
            gan.fit(batches, epochs=1, steps_per_epoch=mark - done, verbose=0, settle=way != "one row")
        images = ganlib.images.to_uint8(ganlib.sampling.generate(gan.averaged_generator, MADE, seed=RECIPE.seed)[0])
        shots[way, seed, mark], table[way, seed, mark] = images, measure(images, seed)
    return gan.averaged_generator


# %%
known, shots, table, taught = pair[1].get_weights(), {}, {}, {}

# %%
for seed in SEEDS:
    for way in RATES:
        taught[way, seed] = teach(way, seed)
        start, *_, (distance, deviation, green, _) = (table[way, seed, mark] for mark in MARKS)
        print(f"seed {seed}, {way:>12}: kernel distance {start[0]:,.0f} -> {distance:,.0f} ± {deviation:.0f}; greener than red {start[2]:.0%} -> {green:.0%}")
(new_row,) = embedding_of(taught["one row", SEEDS[0]]).get_weights()[0]  # for the exercise


# %% [markdown]
# Look at the pictures before you read the numbers again. In the rows of the first two ways, each column has the same latents.

# %%
# Picture: six rows of ten pictures. One row: bowls in gray, orange and brown, before and after. Everything: the same bowls, with
#   green middles at step 300. From scratch: plain gray, then ten equal pictures of coloured grain.
order = [(way, mark) for way in RATES for mark in (MARKS[0], MARKS[-1])]
titles = sum([[f"{way}, step {mark}", *[""] * (SHOWN - 1)] for way, mark in order], [])
ganlib.plots.plot_images(np.concatenate([shots[way, SEEDS[0], mark][:SHOWN] for way, mark in order]), titles=titles)

# %% [markdown]
# Only one of the three ways has made something like a heap of green beans. With one row the middle stays gray, orange or brown, and
# green remains rare. With everything trained, it is green in a large share of the pictures, for every seed. Now look down the
# columns: rims, plates and light are what the same latents gave before. G has not learned new pictures. It has given new colours to
# those that it knew. Trained from scratch, G makes little more than grain, and the grain is the same for all latents.

# %%
# Picture: two panels over the steps, three lines for each way. Left, the kernel distance: from scratch it falls and stays far
#   above the others, which rise a little. Right, the green share: everything climbs to the line of real photographs, one row ends near 0.
figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3), layout="constrained")
for way, style in zip(RATES, ("o-", "s--", "^:")):
    for seed in SEEDS:
        distances, deviations, greens, _ = np.transpose([table[way, seed, mark] for mark in MARKS])
        left.errorbar(MARKS, distances, deviations, fmt=style, color=f"C{[*RATES].index(way)}", capsize=2, label=way)
        right.plot(MARKS, greens, style, color=f"C{[*RATES].index(way)}")
right.axhline(greener(pool), color="black")
left.set(yscale="log", xlabel="step", ylabel="kernel distance")
right.set(xlabel="step", ylabel="share greener than red", ylim=(-0.03, 1.03))
figure.legend(left.get_legend_handles_labels()[0][:: len(SEEDS)], [*RATES], loc="outside right");

# %% [markdown]
# The axis on the left is logarithmic, and the black line on the right is the share among photographs. From scratch begins far
# away and improves fast, but at the end it is still several times as far from the photographs as the other two. (Since all its
# pictures are alike, its green share jumps and says little.) So it is better to begin with somebody who can cook.
#
# But compare the other two with where they started. By the kernel distance, neither of them is nearer to edamame than the
# untaught G was, and with everything trained, G has moved farther away. Yet the pictures of this G are green in the middle
# about as often as the photographs are.
#
# ## Two measures disagree
#
# One measure says that G has learned the dish, and the other says that it has become worse. Both may be right. The judge behind the
# kernel distance is made of the first blocks of a network, which see grain and edges rather than dishes
# ([80_evaluate](80_evaluate.ipynb) says more). And the taught pictures are full of speckles.
#
# Are the speckles to blame? Take them away and see. In `coarse`, each block of pixels is replaced by its mean, in generated
# pictures and in photographs alike. Then the same judge compares them. What is left is light and colour in large patches.
#
# **Predict:** with blocks of four pixels, how will the untaught G, one row and everything rank?

# %%
def coarse(images, block):
    """Returns images in which the pixels of each block have become their mean."""
    count, height, width, channels = images.shape
    blocks = images.reshape(count, height // block, block, width // block, block, channels).mean((2, 4))
    return blocks.astype("uint8").repeat(block, axis=1).repeat(block, axis=2)


# %%
grain = {}
for name, way, mark in (("before", "everything", MARKS[0]), ("one row", "one row", MARKS[-1]), ("everything", "everything", MARKS[-1])):
    for block in (2, 4):
        pairs = [[see(coarse(images, block)) for images in (parted(seed)[1], shots[way, seed, mark])] for seed in SEEDS]
        grain[name, block] = np.array([far(*pair)[0] for pair in pairs])
        print(f"{name:>10}, blocks of {block}: kernel distance", ", ".join(f"{each:.0f}" for each in grain[name, block]))


# %% [markdown]
# With blocks of four pixels it is the other way round. For every seed, the G with everything trained is nearer to edamame than the
# untaught G, and nearer than the one with one row. So both measures were right about something. G has learned the colours of the
# dish and roughly where they belong, and its pictures have become rougher. At full resolution, the roughness counts for more with
# the judge. Before you say "nearer", say in what respect.
#
# ## Copied?
#
# Forty photographs are quickly learned by heart. Has G learned them, or what they have in common? As a control, give the measure a
# copier: the forty photographs themselves, made coarse with blocks of two pixels.
#
# **Predict:** which of the ways comes nearest to copying?

# %%
copies = [measure(coarse(parted(seed)[0], 2), seed)[3] for seed in SEEDS]
print("coarse copies:", ", ".join(f"{ratio:.2f}" for ratio in copies))
for way in RATES:
    ratios = ", ".join(f"{table[way, seed, MARKS[0]][3]:.2f} -> {table[way, seed, MARKS[-1]][3]:.2f}" for seed in SEEDS)
    print(f"{way:>13}: {ratios}")


# %% [markdown]
# A copier is far nearer to what it learned from than to what was kept aside. None of the three ways leans that far, and the
# ratios of the first two have hardly moved from where they began. So nothing here suggests that G has copied. This holds for
# short games and rough pictures. A D that knows forty photographs by heart ([71_calligraphy_dcgan](71_calligraphy_dcgan.ipynb))
# may lead a larger G to make copies in the end, so look again in a longer game.
#
# ## Forgotten?
#
# You taught G a new dish. Can it still make the old ones? With one row the answer needs no experiment: nothing that the old dishes
# depend on has changed, so their pictures are the same to the last bit. With everything trained, the old rows have kept their
# numbers, since no batch used them. But the layers behind them have changed. Put the old rows in front of the taught layers and ask
# for the ten bowls.
#
# **Predict:** what will the bowls look like?

# %%
def remembering(generator):
    """Returns a generator's network with the rows of the old dishes and batch statistics of its own."""
    network = keras.models.clone_model(generator.layers[-1])
    network.set_weights(generator.layers[-1].get_weights())
    whole = labelled(network, rows)
    statistics.settle(whole, num_classes=len(BOWLS))
    return whole


# %%
# Picture: four rows of ten old dishes. Before: gray, orange and brown. After, from three seeds: the same shapes, most of them greenish.
of_bowls, asked = see(photographs(test, old)[0]), {"before": made, **{f"after, seed {seed}": remembering(taught["everything", seed]) for seed in SEEDS}}
dishes = {name: ganlib.images.to_uint8(ganlib.sampling.generate(each, MADE, seed=RECIPE.seed)[0]) for name, each in asked.items()}
lost = {name: (far(of_bowls, see(images)), greener(images)) for name, images in dishes.items()}
for name, ((distance, deviation), green) in lost.items():
    print(f"old dishes, {name}: kernel distance {distance:.0f} ± {deviation:.0f}; greener than red {green:.0%}")
titles = sum([[name, *[""] * (SHOWN - 1)] for name in dishes], [])
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in dishes.values()]), titles=titles)

# %% [markdown]
# The bowls have turned green, too. The shapes are the old ones, but for every seed the distance to real bowls has grown. This is
# called **catastrophic forgetting**. Nothing in forty photographs of edamame asks G to keep its ramen brown, and all labels share
# the layers that have learned to make green. So one row forgets nothing and learns little, while everything learns the colour and
# forgets.
#
# Much work builds on this. Noguchi and Harada ([2019](https://arxiv.org/abs/1904.01774)) train the scales and shifts of a frozen
# generator's layers: more than a row and much less than everything. They did so without a D, from a hundred images or fewer. Since
# each domain has its own scales and shifts, the old one stays as it was. Ojha et al. ([2021](https://arxiv.org/abs/2104.06820))
# train everything on about ten images, and punish G if its pictures are not as alike or as different as the pictures of the same
# latents were before. That keeps variety that so few images cannot offer.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("52_food101_cgan")

# %% [markdown]
# ## Exercise: what the new row says
#
# A row is a list of numbers, and so is a mixture of old rows. Which mixture comes nearest to `new_row`, the row that was learned
# with the first seed? Put an array of ten numbers into `mixture`, one for each row of `rows`, so that the squared distance from
# `mixture @ rows` to `new_row` is as small as possible. The numbers may be negative and need not add up to 1.

# %% tags=["exercise"]
mixture = None  # replace None: an array of ten numbers

# %% tags=["check"]
if ganlib.answers.given(mixture):
    mixture = ganlib.answers.numbers(mixture, "mixture", (len(BOWLS),), advice="It has one number for each row. Does your function return several things?")
    assert np.isfinite(mixture).all(), "expected finite numbers, none of them missing"
    rest = new_row - mixture @ rows  # what the mixture leaves out
    still = rows @ rest / np.linalg.norm(rows, axis=1) / np.linalg.norm(new_row)
    worst = np.abs(still).argmax()
    assert np.abs(still).max() < 1e-3, f"{'more' if still[worst] > 0 else 'less'} of {BOWLS[worst]} would bring the mixture nearer to the row"
    print(f"Right. The mixture leaves out {np.sum(rest**2) / np.sum(new_row**2):.0%} of the row's squared length.")


# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# mixture = np.linalg.lstsq(rows.T, new_row, rcond=None)[0]
# ```
#
# If the new row were a mixture of old ones, nothing would be left out. The ten old rows span only ten of 64 dimensions, so most
# directions lead out of what they span. G was never trained with rows from there, and what it makes of them is left to chance.
# </details>

# %% [markdown]
# **Open exercise.** The way of Noguchi and Harada lies between one row and everything. In `teach`, add a fourth way that freezes
# each layer of `pair[0]` that has a `kernel`, so that the row and the batch normalization are trained but no filter is. Use the
# rates of either way. A good answer plays three seeds. It compares this way with the two others by three measures: the green share,
# the kernel distance with blocks of four pixels, and what became of the bowls. Then it says which differences are larger than those
# between seeds. With the rates of *everything*, three seeds gave 3.5 to 5.5 % green pictures, distances of 351 to 412 with blocks
# of four pixels, and bowls 218 to 233 away from real ones. With the rates of *one row* they gave 54 to 72.5 %, 351 to 508 and 786
# to 1,142. What did the rates decide?

# %% [markdown]
# ## You can now
#
# - teach a generator a new dish in three ways, and compare them with equal steps and several seeds;
# - say what the row of a label can express, and why more steps do not help it;
# - find out whether a taught generator has learned, copied or forgotten, each time with a control.
#
# **Next:** [60_celebrities_fcgan](60_celebrities_fcgan.ipynb) looks for given faces in latent space.
