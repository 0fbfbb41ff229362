# %% [markdown]
# # Few images: a discriminator that learns them by heart
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/71_calligraphy_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/71_calligraphy_dcgan.ipynb)
#
# **You will**
#
# - meet Chinese characters from the brushes of many writers, and train a convolutional GAN on ten of them;
# - play the same game on few images and on many, and watch a discriminator learn the few by heart;
# - move the images about, for D alone, and find out what that cures and what it does not.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [61_celebrities_dcgan](61_celebrities_dcgan.ipynb).*

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
from keras.callbacks import LambdaCallback
from keras.optimizers import Adam
from matplotlib import pyplot

# On Colab and Kaggle, first upload the collection as calligraphy.zip; data/README.md says where it is.
ganlib.doctor.begin("calligraphy")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("calligraphy_dcgan")
CHARACTERS = "人大天上中子女手生又"
FEW = 60
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 2))]
NARROW = dict(generator=dict(filters=(64, 32, 16), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(16, 32, 64)))
STEPS = max(2, RECIPE.steps // 5)  # of the recipe's networks
MARKS, EVERY = 12, RECIPE.steps // 60 or 1  # looks at a game of narrow networks, and steps between two of them
SHIFT = 1 / 8  # of the side, by which an image is moved at most
SHOWN = 12
COMPARED = max(SHOWN, min(600, RECIPE.steps))

# %% [markdown]
# ## Ten characters
#
# A Chinese character has a fixed form in print. Under the brush it has as many forms as there are writers, and calligraphers
# have spent two thousand years finding more of them. This collection has a hundred of the most frequent characters, each in
# many hands.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
collection = ganlib.data.load("calligraphy")
print(f"Images of shape {collection.image_shape}, {collection.images.dtype}, white ink on black.")

# %%
names = np.array(collection.class_names)
per_class = np.bincount(collection.labels)
print(f"{len(collection):,} images, {per_class.min()} to {per_class.max()} of each of {len(names)} characters:")
print(" ".join(names))

# %% [markdown]
# For each character there are fewer than two hundred images, while MNIST has six thousand for each digit. A character is also
# harder than a digit, with up to about twenty strokes. A hundred of them are too many for a few minutes of training, so take
# ten that have two to five strokes. Split their images at random: one half is for training, and the other half is *kept
# aside*.

# %%
rows = np.flatnonzero(np.isin(names[collection.labels], list(CHARACTERS)))
rows = np.random.default_rng(RECIPE.seed).permutation(rows if len(rows) > FEW else len(collection))
known, aside = (dataclasses.replace(collection, images=collection.images[half], labels=collection.labels[half])
                for half in np.split(rows[: len(rows) // 2 * 2], 2))  # fmt: skip
print(f"{len(known):,} images for training, {len(aside):,} kept aside.")

# %%
# Picture: Five rows of brush-written characters, each row one character in many hands, white on black.
written = np.unique(known.labels)[:5]
hands = [np.resize(np.flatnonzero(known.labels == label), SHOWN) for label in written]
print("Rows from the top:", *names[written])
ganlib.plots.plot_images(known.images[np.concatenate(hands)], columns=SHOWN)

# %% [markdown]
# ## The recipe

# %%
print(RECIPE.table())

# %% [markdown]
# Everything in the table has been explained before: $\beta_1 = 0$ and the running average in [02_the_game](02_the_game.ipynb),
# transposed convolutions in [11_mnist_dcgan](11_mnist_dcgan.ipynb). There is no penalty.

# %%
# Picture: The training at its end: generated characters, the losses of D and G, and the Frechet distance, over the steps.
monitor = ganlib.monitor.Monitor(known, RECIPE.noise)
run = ganlib.training.Run(RECIPE, known, monitor, ganlib.device.choose_precision())
view = run.watch(ganlib.settings.runs_dir() / "ten_characters", steps=STEPS)
view

# %%
run = view.wait()

# %%
# Picture: Ten characters of this run, and below them ten characters of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# Written with a brush, no doubt: strokes that swell and taper, hooks, the slant of a hand. Some can be read, and others lack a
# stroke or have one too many. The published generator was trained on all hundred characters, so its task was different:
# compare the strokes, not the characters.
#
# ## How to tell that somebody knows things by heart
#
# A pupil who has learned the exercises by heart answers all of them and fails the exam. For D the exercises are the real
# images that it trains on. It should learn what brushwork looks like. But it can also learn the images themselves. Then "real"
# means "one of those that I know": D has **overfitted**. Its loss does not tell you which, since it is measured on the
# exercises. The exam needs real images that D has never seen. So ask for three mean logits:
#
# - $\ell_\text{train}$ of images that D trains on,
# - $\ell_\text{aside}$ of real images kept aside,
# - $\ell_\text{fake}$ of generated images.
#
# The first two should agree, and the third should lie below. Karras et al. ([2020](https://arxiv.org/abs/2006.06676)) turn
# them into one number:
#
# $$r = \frac{\ell_\text{train} - \ell_\text{aside}}{\ell_\text{train} - \ell_\text{fake}}$$
#
# It is 0 if D treats new real images like those that it knows, 1 if it takes them for generated ones, and more than 1 if they
# look even less real to it than those.

# %%
def ask(judge, images):
    """Returns D's mean logit."""
    return float(np.mean(judge(ganlib.images.to_float(images), training=False)))


def overfitting(train, kept_aside, fake):
    return (train - kept_aside) / (train - fake)


answers = [ask(run.discriminator, images) for images in (known.images[:COMPARED], aside.images[:COMPARED], run.sample(COMPARED))]
print(f"Mean logits: trained on {answers[0]:.2f}, kept aside {answers[1]:.2f}, generated {answers[2]:.2f}; r = {overfitting(*answers):.2f}")

# %% [markdown]
# By now D has seen the images about seventeen times. The nearer $r$ is to 0, the more of what D has learned is about brushes,
# and the less about these images. That was one look, at the end. What you want to know is how $r$ changes during a game.
#
# ## Many and few
#
# How many images does a game need? To play several in a short time, halve the images (each 2 by 2 pixels become their mean)
# and use networks with a quarter of the channels. The games differ in one thing, the number of images that D may see: all
# training images, or sixty of them. Each is played with three seeds, which also choose the sixty.

# %%
def halved(images):
    count, height, width, channels = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2, channels).mean((2, 4)).astype("uint8")


many, unseen = dataclasses.replace(known, images=halved(known.images), labels=None), halved(aside.images)
latents = ganlib.sampling.draw_latents(COMPARED, RECIPE.latent_dim, RECIPE.noise)
fewer = {seed: np.random.default_rng(seed).permutation(many.images)[:FEW] for seed in SEEDS}
for count in (len(many), FEW):
    print(f"{count} images: in {MARKS * EVERY} steps D sees each one {MARKS * EVERY * RECIPE.batch_size / count:.0f} times.")

# %% tags=["centerpiece"]
def play(images, seed, in_front=()):
    """Returns looks at a game: rows with the step, three mean logits, r, and pictures."""
    recipe = dataclasses.replace(RECIPE, seed=seed, **NARROW)
    policy = ganlib.device.choose_precision()
    generator, discriminator = ganlib.training.build_networks(recipe, many.image_shape, len(names), policy)
    if in_front:
        discriminator = keras.Sequential([keras.Input(many.image_shape), *in_front, discriminator])
    gan, looks = ganlib.GAN(generator, discriminator, recipe.noise, recipe.averaging, seed), []
    optimizers = [Adam(rate, **recipe.optimizer_options) for rate in (recipe.g_rate, recipe.d_rate)]
    gan.compile(*optimizers, steps_per_execution=EVERY)

    def look(epoch, logs):
        gan.settle()
        pictures = ganlib.images.to_uint8(gan(latents))
        logits = [ask(discriminator, each) for each in (images[:COMPARED], unseen[:COMPARED], pictures)]
        looks.append({"step": int(gan.step.numpy()), "logits": logits, "r": overfitting(*logits), "pictures": pictures})

    stream = ganlib.data.batches(dataclasses.replace(many, images=images), recipe.batch_size, seed)
    callbacks = [LambdaCallback(on_epoch_end=look)]
    gan.fit(stream, epochs=MARKS, steps_per_epoch=EVERY, verbose=0, callbacks=callbacks)
    return looks


# %% [markdown]
# **Predict:** how will the logits of images kept aside develop in the game on many, and how in the game on few?

# %%
games = {("many", seed): play(many.images, seed) for seed in SEEDS} | {("few", seed): play(fewer[seed], seed) for seed in SEEDS}

# %%
# Picture: Two panels, a game on many images and one on few. In each, three lines of mean logits over the steps: solid for images
#   trained on, dashed for those kept aside, dotted for generated ones.
def plot_logits(kinds):
    figure, axes = pyplot.subplots(1, len(kinds), figsize=(8, 2.8), sharey=True, layout="constrained")
    for axis, kind in zip(axes, kinds):
        looks = games[kind, SEEDS[0]]
        for number, (name, style) in enumerate({"trained on": "-", "kept aside": "--", "generated": ":"}.items()):
            axis.plot([row["step"] for row in looks], [row["logits"][number] for row in looks], style, linewidth=2, label=name)
        axis.set(title=kind, xlabel="steps")
    axes[0].set_ylabel("mean logit")
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    pyplot.show()


plot_logits(["many", "few"])

# %%
# Picture: The number r over the steps, three lines for games on many images, solid, and three for games on few, dashed.
def plot_r(kinds):
    figure, axis = pyplot.subplots(figsize=(7, 2.8), layout="constrained")
    for kind, style, colour in zip(kinds, ("-", "--", ":"), ("tab:blue", "tab:orange", "black")):
        for seed in SEEDS:
            steps, values = ([row[key] for row in games[kind, seed]] for key in ("step", "r"))
            axis.plot(steps, values, style, color=colour, linewidth=2, label=kind if seed == SEEDS[0] else None)
    axis.set(xlabel="steps", ylabel="r", ylim=(-0.2, 1.3))
    axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    pyplot.show()


plot_r(["many", "few"])

# %% [markdown]
# The logits go up and down together: the two players take turns having the upper hand, and a logit by itself says little. Look
# at the distances between the lines. On *few* images the dashed line leaves the solid one and falls to the dotted one, or below
# it. The plot of $r$ shows the same for all three seeds and their three different sets of sixty images. At the end $r$ is
# nearer to 1 than to 0: D mistakes a real brushstroke that it has never seen for a generated one. On *many* images $r$ is less
# than half of that.
#
# The losses would have told you nothing. In a healthy game, D's loss also falls when D learns.
#
# ## What the generator makes of it
#
# Such a D still gives G a gradient. Where does it lead? Looking "real" now means looking like one of sixty images.
#
# **Predict:** in the game on few, will the generated images get worse in the second half, or will they become copies?

# %%
# Picture: Four rows of small generated characters: three stages of a game on few images, then the end of a game on many.
stages = [MARKS // 3, 2 * MARKS // 3, MARKS]
shown = {f"few, {games['few', SEEDS[0]][mark - 1]['step']}": games["few", SEEDS[0]][mark - 1] for mark in stages}
shown["many"] = games["many", SEEDS[0]][-1]
titles = sum([[name, *[""] * (SHOWN - 1)] for name in shown], [])
ganlib.plots.plot_images(np.concatenate([row["pictures"][:SHOWN] for row in shown.values()]), columns=SHOWN, titles=titles)

# %% [markdown]
# Take two numbers. The first is about quality: the Frechet distance to images that no game has seen, in the features of a
# network that has learned to name what is in photographs. The network knows nothing about brushes, but it sees specks and
# frayed strokes.
#
# The second is about copying. Put the images of a game and equally many images kept aside into one heap. For each generated
# image, look for the nearest one in the heap. Both kinds were drawn at random, so a generator that knows nothing by heart is
# nearest to both kinds equally often: 50 %.

# %%
judge = ganlib.encoders.imagenet_features(many, size=collection.image_shape[0])
real = judge(unseen[:COMPARED])


def measure(kind, seed, mark=MARKS):
    """Returns the Frechet distance, and the share that is nearest to an image of the game, after some looks."""
    pictures, trained_on = games[kind, seed][mark - 1]["pictures"], many.images if kind == "many" else fewer[seed]
    heap = ganlib.images.as_rows(np.concatenate([trained_on, unseen[: len(trained_on)]]))
    nearest, _ = ganlib.metrics.nearest(ganlib.images.as_rows(pictures), heap)
    return ganlib.metrics.frechet_distance(real, judge(pictures)), np.mean(nearest < len(trained_on))


def report(kind, marks=None):
    """Prints and returns what is measured of the games of a kind, (seeds, 2)."""
    marks = marks or [MARKS] * len(SEEDS)
    found = np.array([measure(kind, seed, mark) for seed, mark in zip(SEEDS, marks)])
    steps = "/".join(str(games[kind, seed][mark - 1]["step"]) for seed, mark in zip(SEEDS, marks))
    print(f"{kind}, {steps} steps: distance {', '.join(f'{each:.0f}' for each in found[:, 0])};", end=" ")
    print(f"nearest to a known image {', '.join(f'{each:.0%}' for each in found[:, 1])}")
    return found


measured = {kind: report(kind) for kind in ("many", "few")}

# %% [markdown]
# In the games on few, a larger share is nearest to images that D knows, for every seed. So the second number shows that G
# followed its D. The first one says what that is worth, since it is measured on images that nobody knew: compare the two lines
# of distances, and the last two rows of the picture.
#
# ## Moving the images about
#
# A character that is three pixels further to the left is still the same character. Move every image by a few pixels,
# differently each time that D looks, and no two looks are alike. If you move only the *real* images, that has a price:
# whatever is done to real images, G learns to do. Zhao et al. ([2020](https://arxiv.org/abs/2006.10738)) and Karras et al.
# ([2020](https://arxiv.org/abs/2006.06676)) found a way out. Put a random move $T$ in front of D, for real and for generated
# images alike:
#
# $$V(D, G) = \mathbb{E}_x \log D(T(x)) + \mathbb{E}_z \log\big(1 - D(T(G(z)))\big)$$
#
# Then, to D, a generated image in the middle looks like a real image in the middle. This takes one layer, and the layer must
# let the gradient through, since G learns from what D sees.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
move = layers.RandomTranslation(SHIFT, SHIFT, fill_mode="constant", fill_value=-1.0, interpolation="nearest", seed=RECIPE.seed)
images = ganlib.images.to_float(unseen)
print(f"In use, D sees images as they are: {np.array_equal(move(images, training=False), images)};", end=" ")
print(f"in training, moved ones: {not np.array_equal(move(images, training=True), images)}.")

# %%
# Picture: Two rows of small characters: above as they are, below as D sees them, moved by some pixels in all directions.
seen = np.asarray(move(images[:SHOWN], training=True))
titles = ["as it is", *[""] * (SHOWN - 1), "moved", *[""] * (SHOWN - 1)]
ganlib.plots.plot_images(np.concatenate([images[:SHOWN], seen]), columns=SHOWN, titles=titles)

# %% [markdown]
# What comes in from outside is black, the value -1. With Keras's default, which mirrors the edge, strokes that touch the edge
# would grow twins.
#
# **Predict:** will $r$ stay low on the same sixty images? And will the pictures get better?

# %%
# Picture: The number r over the steps, three lines for each kind of game: on many images solid, on few dashed, on few that are
#   moved about dotted.
games |= {("moved", seed): play(fewer[seed], seed, [move]) for seed in SEEDS}
plot_r(["many", "few", "moved"])

# %%
# Picture: Three rows of small generated characters from the end of games: on few images, on the same few moved about, on many.
measured["moved"] = report("moved")
better, fewer_copies = np.sum(measured["moved"] < measured["few"], axis=0)
print(f"Against the same images unmoved: a smaller distance in {better} of {len(SEEDS)} games, a smaller share in {fewer_copies}.")
kinds = ("few", "moved", "many")
titles = sum([[name, *[""] * (SHOWN - 1)] for name in kinds], [])
pictures = [games[kind, SEEDS[0]][-1]["pictures"][:SHOWN] for kind in kinds]
ganlib.plots.plot_images(np.concatenate(pictures), columns=SHOWN, titles=titles)

# %% [markdown]
# Compare the three dotted lines with the three dashed ones. Where a dotted line leaves the picture, D can hardly tell generated
# images from real ones: then $r$ divides by almost nothing and says little. In a game as short as this one, moving the images
# is not a sure cure. D's task has become harder, since it has to know every stroke in many places, and a small network may need
# a longer game for that.
#
# Whether moving also gives better pictures is another question, and the last line printed above answers it for these games.
# Compare the distances of *moved* with those of *many*, too. If they are about equal, do not conclude that sixty images are as
# good as nine hundred: the games are short, and the features know nothing about brushes. Sixty images are still sixty images:
# even a D that knows nothing by heart has not seen what is not in them. Karras et al. find that moves of this kind help most
# when images are few, in games that are more than a thousand times as long.
#
# Two other remedies need nothing new. *Dropout* hides a share of D's features at each step
# ([61_celebrities_dcgan](61_celebrities_dcgan.ipynb) uses it). *Stopping early* needs no game of its own: the curve of $r$
# tells you when. Its price is that the images kept aside are missing in training, which hurts most when images are few.
#
# ## Explore it

# %%
# Picture: Rows of generated characters, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# This is the generator of the first training. In a live notebook, look for a direction that makes strokes thicker, and walk
# from one character to another.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("71_calligraphy_dcgan")

# %% [markdown]
# ## Exercise: does the moving leak?
#
# D never sees a generated image where G drew it. Does G still draw in the middle, or has it learned to draw off the middle,
# like the moved images? `column` is the middle of an image's ink: the mean of the column numbers, weighted by ink. Put the
# standard deviation of `column` over the images of `questioned` into `spread`; `ink` holds their ink from 0 to 1.

# %% tags=["exercise"]
questioned = games["moved", SEEDS[0]][-1]["pictures"]
ink = questioned[..., 0] / 255  # (images, rows, columns)
spread = None  # replace None: a number, in pixels

# %% tags=["check"]
def spread_of(images):
    """Returns the same by a detour: by the shares of ink that lie at each column or to the right of it."""
    columns = ganlib.images.to_uint8(images)[..., 0].sum(axis=1) + 1e-6  # (images, columns)
    middles = (columns[:, ::-1].cumsum(axis=1) / columns.sum(axis=1, keepdims=True)).sum(axis=1)
    return np.sqrt(np.mean(middles**2) - np.mean(middles) ** 2)


moved_spread, unseen_spread = (spread_of(move(images, training=training)) for training in (True, False))
if ganlib.answers.given(spread):
    ganlib.answers.numbers(spread, "spread", (), advice="It is taken over all images.")
    assert 0 <= spread < questioned.shape[2] / 4, "that is not a deviation of middles; is it a middle, or the width of the ink?"
    true, of_rows = spread_of(questioned), spread_of(questioned.swapaxes(1, 2))
    mistakes = {"this is the variance.": true**2, "these are middles from top to bottom, not from left to right.": of_rows}
    ganlib.answers.compare(spread, true, mistakes, "spread", advice="Did you weight by ink, in each image separately?", tolerance=1e-3)
    print(f"Right: {spread:.2f} pixels. It is {unseen_spread:.2f} in real images, and {moved_spread:.2f} when they are moved for D.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# questioned = games["moved", SEEDS[0]][-1]["pictures"]
# ink = questioned[..., 0] / 255
# columns = ink.sum(axis=1)  # ink in each column, (images, columns)
# column = columns @ np.arange(columns.shape[1]) / (columns.sum(axis=1) + 1e-6)
# spread = column.std()
# ```
#
# The number is nearer to that of real images than to that of moved ones: little or nothing leaks. If G drew off the middle,
# its images, once moved, would stray further than moved real ones do, and D can see that. This holds for whatever can be told
# apart after the change (Karras et al., section 2.2). If you turned all images by a random number of quarter turns instead,
# each equally often, nobody could say any more which way is up; G would draw in all four directions.
# </details>

# %% [markdown]
# **Open exercise.** How many images are enough? Play the game with 200 and with 450 images, with the same seeds. A good answer
# plots $r$ at the end against the number of images, for all three seeds, beside the two numbers of the lesson. It says how
# much of the gap between *few* and *many* is gone with 200. Three seeds gave an $r$ of 0.37 to 0.67 with 200 images, and 0.20
# to 0.38 with 450.
#
# ## You can now
#
# - say what few images do to a game, having played it on few and on many;
# - find out whether a discriminator knows its images by heart, with images that it has never seen;
# - move images about for D alone, and say what that can do in a short game and what it cannot.
#
# **Next:** [72_calligraphy_cgan](72_calligraphy_cgan.ipynb) sets a line in generated characters. If you use a collection of
# your own, [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) says how to prepare it; if it is small, keep some images aside,
# and ask D about them.
