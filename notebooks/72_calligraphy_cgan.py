# %% [markdown]
# # Typeset a poem: the best of many, and who says so
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/72_calligraphy_cgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/72_calligraphy_cgan.ipynb)
#
# **You will**
#
# - set a line from a very old book in generated characters, each of them the best of many;
# - let one network choose and another judge, and see what a measure is worth once it becomes the aim;
# - train a discriminator for a finished generator and let it choose, and set the whole line in one hand.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) and
# [71_calligraphy_dcgan](71_calligraphy_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import keras
import numpy as np
from keras import layers
from keras.optimizers import Adam
from matplotlib import pyplot

# On Colab and Kaggle, first upload the collection as calligraphy.zip; data/README.md says where it is.
ganlib.doctor.begin("calligraphy")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("calligraphy_cgan")
SMOKE = RECIPE.profile == "smoke"
LINE = "有生于无"
NUMBERS = [1, 2, 3, 4] if SMOKE else [1, 4, 16, 64]  # of images to choose from
SETS, OTHERS = 8, 28  # of so many images, for each character; more characters, drawn at random, for the numbers
EPOCHS = 1 if SMOKE else 30  # of the chooser
D_IMAGES = 64 if SMOKE else 4800  # of each kind, that D learns from

# %% [markdown]
# ## A line of four characters
#
# The published generator knows a hundred of the most frequent characters. That is not enough for most poems, but it is enough for
# four words from the *Daodejing*, which is more than two thousand years old. Chapter 40 ends with 有生于无: what there is (有) is born
# (生) from (于) what there is not (无). It is a good motto for a network that makes characters from random numbers.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
writer, names = ganlib.load_generator("calligraphy_cgan"), ganlib.store.class_names_of("calligraphy_cgan")
print("A generator of", ", ".join(f"{tensor.name} {tensor.shape[1:]}" for tensor in writer.inputs))
print(len(names), "characters:", "".join(names))

# %%
# Picture: Four rows of real characters from the brushes of eight writers each: 有, 生, 于 and 无, white on black.
collection, test = ganlib.data.load("calligraphy"), ganlib.data.load("calligraphy", "test")


def real(label):
    """Returns test images of a character, one for each set."""
    return test.images[np.flatnonzero(test.labels == label % len(test.class_names))[:SETS]]


line = [names.index(character) for character in LINE]
ganlib.plots.plot_images(np.concatenate([real(label) for label in line]), columns=SETS)

# %% [markdown]
# Writers may choose among several forms of a character. In the third row you find 于 and its other form 於. The fourth row shows 無,
# whose short form is 无.
#
# Now it is the generator's turn. Each character gets the same latents, so each column has one $z$.
#
# **Predict:** which row will be hardest to read?

# %%
most, luck = NUMBERS[-1], np.random.default_rng(RECIPE.seed)
chosen = np.append(line, luck.choice(np.setdiff1d(np.arange(len(names)), line), OTHERS, replace=False))
drawn = (ganlib.sampling.generate(writer, SETS * most, [label], seed=RECIPE.seed)[0] for label in chosen)
pool = np.stack([ganlib.images.to_uint8(images) for images in drawn]).reshape(len(chosen), SETS, most, *test.image_shape)

# %%
# Picture: Four rows of generated characters, the same eight latents for each of the four characters of the line. Some can be read;
#   in the third row hardly any.
ganlib.plots.plot_images(np.concatenate(pool[:4, :, 0]), columns=SETS)

# %% [markdown]
# Some can be read at once. Others are missing a stroke, and in the third row the two forms have merged. No printer takes the
# first piece of type that comes to hand. So draw $N$ images of each character, and take the best one. But who says which one is
# best?
#
# ## One chooses, another judges
#
# Two networks can read characters here.
#
# - The **judge** is the published classifier of this collection. It was trained on the training images, as G was.
# - The **chooser** is a small network that you train now, on the test images, at half their size. Neither the judge nor G was
#   trained on these.
#
# The two have no images and no weights in common. Of $N$ images that are meant to be 有, the chooser takes the one to which it
# gives the highest probability of being 有. The judge takes no part in the choice.

# %%
def halved(images):
    """Returns images of half the side: each 2 by 2 pixels become their mean."""
    count, height, width, channels = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2, channels).mean((2, 4)).astype("uint8")


# %%
keras.utils.set_random_seed(RECIPE.seed)
known, blocks = dataclasses.replace(test, images=halved(test.images)), []
for filters in (32, 64, 96):
    blocks += [layers.Conv2D(filters, 3, 2, "same", activation="relu"), layers.BatchNormalization(momentum=0.9)]
chooser = keras.Sequential([keras.Input(known.image_shape), *blocks, layers.Flatten(), layers.Dropout(0.4), layers.Dense(len(names))])

# %%
judge = ganlib.encoders.load("calligraphy")


def log_shares(images):
    """Returns the logarithms of the chooser's probabilities, (images, characters)."""
    logits = chooser.predict(ganlib.images.to_float(halved(images)), batch_size=500, verbose=0)
    return np.asarray(keras.ops.log_softmax(logits))


# %% [markdown]
# While the chooser learns to read, the cell below shows which images it picks for the line. For each character it always picks
# from the same images.

# %%
# Picture: The line at the end of the training: four characters, each the chooser's best of its images.
screen = ganlib.widgets.LivePicture()


def show(epoch, logs):
    best = [images[log_shares(images)[:, label].argmax()] for images, label in zip(pool[:, 0], line)]
    screen.show(ganlib.plots.plot_images(np.stack(best)))


steps = len(known) // 50
rate = keras.optimizers.schedules.CosineDecay(3e-3, EPOCHS * steps)
chooser.compile(Adam(rate), keras.losses.SparseCategoricalCrossentropy(from_logits=True), steps_per_execution=steps)
moved = ganlib.encoders.classifiers.augmented(ganlib.data.batches(known, 50, RECIPE.seed), known.image_shape, RECIPE.seed)
chooser.fit(moved, epochs=EPOCHS, steps_per_epoch=steps, verbose=0, shuffle=False, callbacks=[keras.callbacks.LambdaCallback(on_epoch_end=show)]);

# %%
some = luck.permutation(len(collection))[:2000]
share = np.mean(log_shares(collection.images[some]).argmax(axis=1) == collection.labels[some])
print(f"Of real images that it was not trained on, the chooser reads {share:.0%} right, and the judge {judge.card['test_accuracy']:.0%}.")

# %% [markdown]
# The chooser is the weaker reader: it had twenty images of each character to learn from. Let it choose for 32 characters, the
# four of the line and 28 more that were drawn at random, eight times each.
#
# **Predict:** what share of its best of 64 will the chooser read right, and what share will the judge?

# %%
flat = pool.reshape(len(chosen), -1, *test.image_shape)  # the sets of a character, one behind the other
marks = np.stack([log_shares(images)[:, label] for images, label in zip(flat, chosen)]).reshape(pool.shape[:3])


def pick(places):
    """Returns an image of each set, given its place in the set: (characters, sets, height, width, 1)."""
    return np.take_along_axis(pool, places[..., None, None, None, None], axis=2)[:, :, 0]


picks = {("chooser", count): pick(marks[:, :, :count].argmax(axis=2)) for count in NUMBERS}

# %%
def read_by(reader, images):
    """Returns whether a reader takes each image for its character, (characters, sets) bool."""
    rows = images.reshape(-1, *test.image_shape)
    said = judge.outputs(rows)[1] if reader == "judge" else log_shares(rows).argmax(axis=1)
    return said.reshape(images.shape[:2]) == chosen[:, None]


def mean_and_error(values):
    """Returns the mean of a number for each character, and its standard error."""
    return np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))


# %%
# Picture: The share that is read right over N, with standard errors. The dashed line, the chooser's reading, rises to 1. The solid one,
#   the judge's, begins at the same height and stays below it.
figure, axis = pyplot.subplots(figsize=(7, 2.8), layout="constrained")
legible = {}
for reader, style in {"chooser": "o--", "judge": "s-"}.items():
    legible[reader] = np.array([read_by(reader, picks["chooser", count]).mean(axis=1) for count in NUMBERS])
    means, errors = np.transpose([mean_and_error(each) for each in legible[reader]])
    axis.errorbar(NUMBERS, means, errors, fmt=style, capsize=3, label=f"read by the {reader}")
    print(f"The {reader} reads", ", ".join(f"{mean:.0%} ± {each:.0%} (N = {count})" for mean, each, count in zip(means, errors, NUMBERS)))
axis.set(xscale="log", xlabel="N, of which the chooser takes the best", ylabel="share read right", xticks=NUMBERS, xticklabels=NUMBERS)
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False);

# %% [markdown]
# With $N = 1$ nothing is chosen, and the two readers agree about how much can be read. Then the lines separate, until the
# chooser's can rise no further. The chooser reads all or nearly all of its best of 64, although it is the weaker reader. The
# judge, too, reads more of the chosen images than of the others, so choosing helps. But it reads fewer than the chooser does.
# What the chooser says about its own choice is too good to be true.
#
# ## When a measure becomes the aim
#
# Take the chooser's mark apart: $m = q + e$, where $q$ is how well the image can be read and $e$ is the chooser's error. If you
# look for the highest $m$, you find images with a high $q$, but also images with a high $e$. If both were normal and independent,
# with variances $\sigma_q^2$ and $\sigma_e^2$, then of an excess in $m$ only the share
#
# $$\frac{\sigma_q^2}{\sigma_q^2 + \sigma_e^2}$$
#
# would be real, and the rest would be luck that was picked because it looked like merit. The more images there are to choose
# from, the larger the excess, and the larger the amount that is not real. This is one form of **Goodhart's law**: when a
# measure becomes a target, it ceases to be a good measure (Manheim and Garrabrant, [2018](https://arxiv.org/abs/1803.04585),
# distinguish four forms). The remedy is the one that you used: somebody else has to judge.

# %%
# Picture: The line of four characters, four times: the first images that come, then the best of 4, of 16 and of 64. The rows get
#   easier to read.
rows = np.concatenate([picks["chooser", count][:4, 0] for count in NUMBERS])
ganlib.plots.plot_images(rows, columns=4, titles=sum([[f"N = {count}", "", "", ""] for count in NUMBERS], []))

# %% [markdown]
# Read the lines from top to bottom, and compare the third character with both forms among the real ones. Would you have chosen
# what the chooser chose? When this page was made, that image looked like 步, "step". This character is not among the hundred, so
# neither reader could have said so. Two readers can have the same blind spot.
#
# ## What it costs
#
# The best of $N$ is no longer a sample from G. It comes from a different distribution. The *Kullback-Leibler divergence* of
# this one from that of G is the mean, over the chosen images, of the logarithm of the ratio of the two densities. It is $\log N
# - (N-1)/N$ if no two marks are equal. Gao et al. ([2022](https://arxiv.org/abs/2210.10760)) use this to say how strictly
# somebody has chosen. Here are 于 and 无, unchosen and chosen.

# %%
# Picture: Four rows of eight images: 于 as they come, 于 the best of 64, 无 as they come, 无 the best of 64. The chosen ones are easier
#   to read and more alike.
ganlib.plots.plot_images(np.concatenate([picks["chooser", count][row] for row in (2, 3) for count in (1, most)]), columns=SETS)

# %% [markdown]
# To measure variety, take the mean distance between two of the eight images of a character, in the features of a network that was
# trained on photographs. The network sees strokes and their edges, but does not know any characters. Divide by the same distance
# for real images.
#
# **Predict:** what will the best of 64 have lost?

# %%
style = ganlib.encoders.imagenet_features(collection, size=test.image_shape[0])


def variety(images):
    """Returns the mean distance between two images of a character, (characters,)."""
    features = style(images.reshape(-1, *test.image_shape)).reshape(*images.shape[:2], -1)
    distances = np.linalg.norm(features[:, :, None] - features[:, None], axis=-1)
    return distances.sum(axis=(1, 2)) / (SETS * (SETS - 1))


picks["real", 1] = np.stack([real(label) for label in chosen])
usual = variety(picks["real", 1])

# %%
def report(kind, count):
    """Prints and returns the share that the judge reads, and the variety by that of real images, (2, characters)."""
    found = np.array([read_by("judge", picks[kind, count]).mean(axis=1), variety(picks[kind, count]) / usual])
    (read, off), (varied, about) = map(mean_and_error, found)
    print(f"{kind:>9}, N = {count:>2}: the judge reads {read:.0%} ± {off:.0%}; variety {varied:.2f} ± {about:.2f}")
    return found


table = {key: report(*key) for key in picks}

# %% [markdown]
# Legibility rises and variety falls. The images that the chooser likes best are more alike than those that G draws. One reason
# may be that a form that few writers use is a risk for a chooser who wants to be sure.
#
# ## Let D choose
#
# There is another expert, the discriminator. Of the published pair only G was kept, so train a D for it. G stays fixed, and this
# D is a classifier with two classes, real and generated. If it were the best possible D, its logit $l$ would be the logarithm of
# how much more often real images look like $x$ than generated ones do:
#
# $$e^{\,l(x)} = \frac{p_\text{real}(x)}{p_G(x)}$$
#
# Then there is an honest way to choose. Accept each image with the probability $e^{\,l(x) - l_\text{max}}$: what G draws too
# often is accepted less often, and the accepted images are distributed like real ones. Azadi et al.
# ([2019](https://arxiv.org/abs/1810.06758)) call this **discriminator rejection sampling**. Keeping the image with the highest
# logit is something else. It does not ask how often a form should appear, and takes the extreme each time.

# %%
rows = luck.permutation(len(collection))[:D_IMAGES]
fakes, asked = ganlib.sampling.generate(writer, len(rows), collection.labels[rows], seed=RECIPE.seed + 1)
both = [np.concatenate([ganlib.images.to_float(collection.images[rows]), fakes]), np.concatenate([asked, asked])]
discriminator = ganlib.training.build_networks(RECIPE, collection.image_shape, len(names), ganlib.device.choose_precision())[1]
discriminator.compile(Adam(RECIPE.d_rate, **RECIPE.optimizer_options), keras.losses.BinaryCrossentropy(from_logits=True))
discriminator.fit(both, np.repeat([1.0, 0.0], len(rows))[:, None], batch_size=2 * RECIPE.batch_size, verbose=0);

# %%
def logits_of(images, label):
    """Returns D's logits for images of a character."""
    return discriminator.predict([ganlib.images.to_float(images), np.full(len(images), label, "int32")], batch_size=500, verbose=0)[:, 0]


# %%
logits = np.stack([logits_of(images, label) for images, label in zip(flat, chosen)]).reshape(marks.shape)
on_real = np.stack([logits_of(images, label) for images, label in zip(picks["real", 1], chosen)])
accepted = np.exp(logits - logits.max(axis=(1, 2), keepdims=True)).mean()
print(f"D takes {np.mean(on_real > 0):.0%} of new real images and {np.mean(logits > 0):.0%} of new generated ones for real.")
print(f"Mean logit: real {on_real.mean():.1f}, generated {logits.mean():.1f}, its best of {most} {logits.max(axis=2).mean():.1f}.")
print(f"Rejection accepts {accepted:.0%} of the generated images.")

# %% [markdown]
# This D had one short look at each image, and it is far from the best one. Still, it can tell real images from generated ones
# better than a coin can. Now look at the last mean logit: to D, what it picks is *more real than real images* are on average.
# That is Goodhart's law again.
#
# For rejection, draw the images of each character without replacement, in proportion to $e^{\,l}$. There is a short way to do
# that: add to each logit a random number from a certain distribution, named after Gumbel, and sort.
#
# **Predict:** will the judge be able to read what D chooses?

# %%
picks |= {("D", count): pick(logits[:, :, :count].argmax(axis=2)) for count in NUMBERS[1:]}
tickets = (logits + luck.gumbel(size=logits.shape)).reshape(len(chosen), -1).argsort(axis=1)[:, -SETS:]
picks["rejection", most] = np.take_along_axis(flat, tickets[..., None, None, None], axis=1)
table |= {key: report(*key) for key in picks if key not in table} | {("D", 1): table["chooser", 1]}

# %%
# Picture: Legibility over variety. The chooser's line climbs to the left as N grows, to little variety and much that can be read. D's line
#   stays low. A star for real images stands high at the right, and a diamond for rejection low at the right.
figure, axis = pyplot.subplots(figsize=(6.5, 3.2), layout="constrained")
for kind, mark in {"chooser": "s-", "D": "o--", "rejection": "D", "real": "*"}.items():
    points = [table[key].mean(axis=1)[::-1] for key in sorted(table) if key[0] == kind]
    axis.plot(*np.transpose(points), mark, label=kind)
axis.set(xlabel="variety, as a share of the real one", ylabel="share that the judge reads")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False);

# %% [markdown]
# Each line begins on the right, with $N = 1$. The judge reads more of the best of 64 when the chooser picks them than when this D
# does. "Looks real" and "can be read" are two different measures, and D was asked for the first one. It may look at the edges of
# strokes rather than at their number. Do not conclude that no D can help: this one is young, and rejection promises something
# only with the best one.
#
# Where would you like to be in this picture? At the star: readable *and* varied. Choosing moves you along a line that does not
# reach the star. A better G could.
#
# ## In one hand
#
# So far each character got its own best $z$. In [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) one latent vector meant much
# the same in all classes. If that holds for brushes, one $z$ for the whole line should give one hand. Compare four ways: one $z$
# for all or one for each character, and unchosen or the best of 64. To choose one $z$ for a line, add up the chooser's marks for
# its four characters. Also measure how thick the strokes are: their area, divided by the length of their edges. For each
# character, this measure is scaled to mean 0 and standard deviation 1 over all of its images.
#
# **Predict:** how much more even will the strokes be, and how much legibility will it cost?

# %%
def thickness(images):
    """Returns the area of the strokes over the length of their edges, in pixels."""
    ink = (images[..., 0] > 127).astype("int8")
    edges = sum(np.abs(np.diff(ink, axis=axis)).sum((-2, -1)) for axis in (-2, -1))
    return ink.sum((-2, -1)) / np.maximum(edges, 1)


thick = np.stack([thickness(images) for images in flat]).reshape(marks.shape)
thick = (thick - thick.mean(axis=(1, 2), keepdims=True)) / thick.std(axis=(1, 2), keepdims=True)

# %%
own, first = marks.argmax(axis=2), np.zeros((len(chosen), SETS), int)
together = marks.reshape(-1, 4, SETS, most).sum(axis=1).argmax(axis=2)  # of four characters to a line
ways = {"one z, the first": first, "four z, the first ones": first + np.arange(len(chosen))[:, None] % 4,
        "one z, the best": np.repeat(together, 4, axis=0), "four z, the best ones": own}  # fmt: skip
lines = {}
for way, places in ways.items():
    spread = np.take_along_axis(thick, places[..., None], axis=2).reshape(-1, 4, SETS).std(axis=1, ddof=1)
    lines[way] = np.array([read_by("judge", pick(places)).reshape(-1, 4, SETS).mean(axis=1).ravel(), spread.ravel()])
    (read, off), (uneven, about) = map(mean_and_error, lines[way])
    print(f"{way:>22}: the judge reads {read:.0%} ± {off:.0%}; thickness spreads by {uneven:.2f} ± {about:.2f} in a line")

# %%
# Picture: The line of four characters, eight times. In the left half each line has one z, in the right half four, all of them chosen. On the
#   left the strokes of a line are of more even weight.
sides = [pick(ways[way])[:4, place] for place in range(4) for way in ("one z, the best", "four z, the best ones")]
ganlib.plots.plot_images(np.concatenate(sides), columns=8, titles=["one z", *[""] * 3, "four z", *[""] * 3] + [""] * 24)

# %% [markdown]
# With one $z$ the strokes of a line are more even, chosen or unchosen. What about legibility? One $z$ has to work for four
# characters at once, and still its best of 64 is easier to read than what comes first. The difference between the last two lines
# printed above is smaller than this gain.

# %% [markdown]
# ## Explore it
#
# Choose a character yourself.

# %%
# Picture: Rows of generated characters, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore("calligraphy_cgan")

# %% [markdown]
# In a live notebook there are sliders above, and a list of characters. Keep the latents and change the character: what stays the
# same about the hand? Which direction makes strokes thicker?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("72_calligraphy_cgan")

# %% [markdown]
# ## Exercise: every N from one pool
#
# Eight sets are few, and what they say depends on luck. Make better use of a character's images: put all of them into one pool,
# and think of all the ways to take $n$ of them. In what share of these ways is the best one read right?
#
# Write `share_read`. `marks` has a number for each image of a pool; no two are equal, and the best image has the highest. `right`
# says for each image whether it is read right. Trying all ways takes too long: there are more than $10^{16}$ ways to take even 20
# of 64. Count them instead. In how many ways is a given image the best?

# %% tags=["exercise"]
def share_read(marks, right, n):
    return None  # replace this line: math.comb(a, b) is the number of ways to take b out of a


# %% tags=["check"]
tried, read = np.array([5.0, 11, 2, 0, 8, 9, 3, 10, 1, 7, 4, 6]), np.arange(12) % 3 > 0
if ganlib.answers.given(share_read(tried, read, 1)):
    shares = [ganlib.answers.numbers(share_read(tried, read, n), "share_read", (), advice="A share lies between 0 and 1.") for n in (1, 3, 12)]
    assert np.isclose(share_read(tried[::-1], read[::-1], 3), shares[1]), "the order of the pool must not matter; did you sort by the marks?"
    assert np.isclose(shares[0], read.mean()), "the best of one can be any image of the pool: expected the share of all that are read right"
    assert np.isclose(shares[2], read[tried.argmax()]), "the best of all images is always the same; did you put images back, or take the worst?"
    three = share_read(np.array([3.0, 1.0, 2.0]), np.array([False, False, True]), 2)
    assert np.isclose(three, 1 / 3), f"two of three images: the second best wins in one of three ways, but you say {three:.2f}"
    assert np.isclose(share_read(np.exp(tried), read, 3), shares[1]), "only the order of the marks should count, not how far apart they are"
    right = (judge.outputs(pool[2].reshape(-1, *test.image_shape))[1] == chosen[2]).ravel()
    told = ", ".join(f"{share_read(marks[2].ravel(), right, n):.0%} for N = {n}" for n in NUMBERS)
    print(f"Right. Of all {right.size} images of {names[chosen[2]]}, the judge reads {told}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# from math import comb
#
# def share_read(marks, right, n):
#     ranked = [right[place] for place in np.argsort(marks)]  # the worst first
#     wins = [comb(below, n - 1) for below in range(len(ranked))]  # the other n - 1 come from those below
#     return sum(win for win, each in zip(wins, ranked) if each) / comb(len(ranked), n)
# ```
#
# An image is the best if the other $n-1$ are taken from those with a lower mark. This uses each image of the pool for every $n$,
# and its mean over many pools is the same as that of the sets, with less luck in it.
# </details>

# %% [markdown]
# **Open exercise.** The D of this lesson had one short look at its images. Give it more: raise `D_IMAGES`, or let `fit` pass
# over the images several times with `epochs`. A good answer compares two such Ds with three seeds each. For each it gives the
# share of new images, real and generated, that D classifies correctly, and the share of its best of 64 that the judge reads,
# with an error. Then it says whether a D that is better at its own task is also better at choosing, or whether the errors are
# too large to say. After one look at 4,800 images of each kind, with three seeds other than this lesson's, D classified 69 to
# 72 % of new images correctly, and the judge read 76 to 78 % of its best of 64. After three looks, D got 82 % right and the
# judge read 71 to 78 %, with errors of 3 to 4 %. How much does the judge read if nothing is chosen?

# %% [markdown]
# ## You can now
#
# - set a line in generated characters, and say what the best of $N$ gains and what it costs, with an error;
# - keep the one who chooses apart from the one who judges, and say why a mark that was aimed at is too good to be true;
# - tell rejection by D from keeping the highest logit, and set a whole line in one hand.
#
# **Next:** [80_evaluate](80_evaluate.ipynb) is about judges: what each measure of a generator misses, and how far luck moves it.
