# %% [markdown]
# # Few images: a discriminator that learns them by heart
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/71_calligraphy_dcgan.ipynb)
#
# **You will**
#
# - meet Chinese characters from the brushes of many writers, and play one game on few of them and on many;
# - watch a discriminator learn its images by heart, by asking it about images that it has never seen;
# - try three remedies (forgetting, moving the images about, stopping early), and draw characters with the one that helps.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [61_celebrities_dcgan](61_celebrities_dcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    # The collection is a zip to download by hand (data/README.md says where): upload it under this name first.
    get_ipython().system("python -m ganlib data prepare calligraphy --from calligraphy.zip")

import dataclasses

import ganlib
import keras
import numpy as np
from IPython.display import display
from keras import layers
from keras.callbacks import LambdaCallback
from keras.optimizers import Adam
from matplotlib import pyplot
from sklearn.decomposition import PCA
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("calligraphy_dcgan")
CHARACTERS = "人大天上中子女手生又"
ENOUGH = 1_000  # images; with fewer of the characters above, take all characters
FEW = 150
NARROW = dict(generator=dict(filters=(128, 64, 32), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(32, 64, 128)))
MARKS = 12  # looks at a game
EVERY = RECIPE.steps // 40 or 1  # steps between two looks
STEPS = max(2, 3 * RECIPE.steps // 8)  # of the large networks at the end
DROPOUT, SHIFT = 0.4, 0.12  # shares: of features hidden, of the side by which an image is moved at most
TOLERANCE = 0.15  # how much more D may believe in what it knows
COMPARED = 600
COMPONENTS = 32
OTHER_SEED = 1
SHOWN = 15

# %% [markdown]
# ## A hundred characters
#
# A Chinese character has a fixed form in print. Under the brush it has as many forms as there are writers, and calligraphers have
# spent two thousand years on finding more of them. This collection has a hundred of the most frequent characters, each in many
# hands.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
train, test = (ganlib.data.load("calligraphy", split) for split in ("train", "test"))
print(f"Images of shape {train.image_shape}, {train.images.dtype}, white ink on black.")

# %%
names = np.array(train.class_names)
print(f"{len(train):,} images for training and {len(test):,} kept aside, of {len(names):,} characters:")
print(" ".join(names[: ENOUGH // 10]))

# %% [markdown]
# One image of each, in the same order. (The names stay out of the figures, for the font in which figures are labelled has no
# Chinese.) The names are in today's simplified script and the brushes often in the older one: the twentieth image, at the end of
# the first row, is 會, and its class is called 会.

# %%
of_class = [np.flatnonzero(train.labels == label) for label in range(len(names))]
ganlib.plots.plot_images(train.images[[rows[0] for rows in of_class[: ENOUGH // 10]]], columns=20, scale=0.45)

# %%
ganlib.plots.plot_class_counts(train.labels, train.class_names, title="training images of each character")

# %% [markdown]
# Level, and low: for each character there are fewer than two hundred images, where MNIST has six thousand for each digit. And a
# character is harder than a digit, with up to some twenty strokes. A hundred such characters are too much for a few minutes of
# training, so take ten that have two to five strokes, and look at several hands.

# %%
def chosen(dataset):
    rows = np.isin(names[dataset.labels], list(CHARACTERS))
    order = np.random.default_rng(RECIPE.seed).permutation(np.flatnonzero(rows) if rows.sum() >= FEW else len(dataset))
    return dataclasses.replace(dataset, images=dataset.images[order], labels=dataset.labels[order])


characters, aside = chosen(train), chosen(test)
print(f"{len(characters):,} images of {len(np.unique(characters.labels))} characters, {len(aside)} more kept aside.")
hands = [characters.images[characters.labels == label][:SHOWN] for label in np.unique(characters.labels)[: len(CHARACTERS)]]
print("Rows from the top:", *names[np.unique(characters.labels)[: len(hands)]])
ganlib.plots.plot_images(np.concatenate(hands), columns=SHOWN, scale=0.6)

# %% [markdown]
# ## How one sees that somebody knows things by heart
#
# A pupil who has learned the exercises by heart answers all of them and fails in the exam. For a discriminator the exercises are
# the real images that it trains on. It should learn what brushwork looks like. It can also learn the images themselves, and then
# "real" means "one of those that I know": it has **overfitted**. Its loss does not tell which, for it is measured on the
# exercises. The exam needs real images that D has never seen. So ask D three questions along the training:
#
# - how far does it believe in images that it *trains on*?
# - how far in real images *kept aside*?
# - how far in *forgeries*?
#
# The first two answers should agree, and the third should lie below. If the second sinks towards the third, D takes new real
# images for forgeries. Karras et al. (2020, section 2) look at D in this way.
#
# To play several games in little time, halve the images (each 2 by 2 pixels become their mean) and use narrow networks. The games
# differ in one thing, how many images D may see.

# %%
def halved(images):
    count, height, width, channels = images.shape
    return images.reshape(count, height // 2, 2, width // 2, 2, channels).mean((2, 4)).astype("uint8")


many = dataclasses.replace(characters, images=halved(characters.images), labels=None)
kept_aside = halved(aside.images[:COMPARED])
few, others = (dataclasses.replace(many, images=many.images[i * FEW :][:FEW]) for i in range(2))
for dataset in (many, few):
    passes = MARKS * EVERY * RECIPE.batch_size / len(dataset)
    print(f"{len(dataset):,} images: in {MARKS * EVERY:,} steps D sees each one {passes:.0f} times")

# %%
latents = ganlib.sampling.draw_latents(COMPARED, RECIPE.latent_dim, RECIPE.noise)


def belief(judge, images):
    logits = np.asarray(judge(ganlib.images.to_float(images), training=False))
    return np.mean(1 / (1 + np.exp(-logits)))


def look(gan, dataset, record):
    forged = ganlib.images.to_uint8(gan(latents))
    asked = {"trained on": dataset.images[:FEW], "kept aside": kept_aside, "forged": forged[:FEW]}
    believed = {kind: belief(gan.discriminator, images) for kind, images in asked.items()}
    record.append({"step": int(gan.step.numpy()), "pictures": forged, **believed})


# %% [markdown]
# `belief` is the mean of D's answers, between 0 and 1, as in [61_celebrities_dcgan](61_celebrities_dcgan.ipynb). There you looked
# once, at the end; here you look along the way. A game is a GAN in the long form of [10_mnist_fcgan](10_mnist_fcgan.ipynb), and
# after each stretch of it come the three questions. `in_front` is for later: a layer through which D sees whatever it sees.

# %%
def make_game(recipe, generator, discriminator, **options):
    gan = ganlib.GAN(generator, discriminator, recipe.noise, recipe.averaging, recipe.seed)
    optimizers = [Adam(rate, **recipe.optimizer_options) for rate in (recipe.g_rate, recipe.d_rate)]
    gan.compile(*optimizers, real_label=recipe.real_label, **options)
    return gan


def play(dataset, seed=RECIPE.seed, dropout=0.0, in_front=None):
    networks = NARROW | {"discriminator": NARROW["discriminator"] | {"dropout": dropout}}
    recipe = dataclasses.replace(RECIPE, seed=seed, **networks)
    policy = ganlib.device.choose_precision()
    generator, discriminator = ganlib.training.build_networks(recipe, dataset.image_shape, len(names), policy)
    if in_front:
        discriminator = keras.Sequential([keras.Input(dataset.image_shape), in_front, discriminator])
    gan, record = make_game(recipe, generator, discriminator, steps_per_execution=EVERY), []
    after_stretch = LambdaCallback(on_epoch_end=lambda epoch, logs: look(gan, dataset, record))
    stream = ganlib.data.batches(dataset, recipe.batch_size, seed)
    gan.fit(stream, epochs=MARKS, steps_per_epoch=EVERY, verbose=0, callbacks=[after_stretch])
    return record


# %% [markdown]
# The game on few is played twice, the second time from another seed and with other images: the ruler for luck.
#
# **Predict:** how will the line "kept aside" run in the game on many, and how in the game on few?

# %%
games = {"many": play(many), "few": play(few), "few, again": play(others, OTHER_SEED)}

# %%
def plot_answers(names):
    figure, axes = pyplot.subplots(1, len(names), figsize=(2.3 * len(names), 2.6), sharey=True, layout="constrained")
    for axis, name in zip(axes, names):
        for kind in ("trained on", "kept aside", "forged"):
            axis.plot([row["step"] for row in games[name]], [row[kind] for row in games[name]], label=kind)
        axis.set(title=name, xlabel="steps", ylim=(0, 1))
    axes[0].set_ylabel("D's belief")
    axes[-1].legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    pyplot.show()


plot_answers(games)

# %% [markdown]
# All lines go up and down together: the two players take turns in having the upper hand, and a belief by itself says little. Look
# at the distances.
#
# With *many* images the blue and the orange line lie on top of each other for most of the game, with the green one below. D has
# learned something about brushwork, and it holds for characters that it has never met. (Towards the end the two begin to part, by
# a few points: a dozen passes over eighteen hundred images are not nothing.)
#
# With *few* images all goes well for some three hundred steps, about sixty passes. Then the orange line leaves the blue one and
# falls towards the green one. At the end D believes firmly in the 150 images that it knows, and nearly in nothing else: a true
# brushstroke that it has not met is worth no more to it than a forgery. Both runs do this, at nearly the same step, with other
# images and other weights. It is not luck.
#
# ## What the generator makes of it
#
# Such a D still gives G a gradient. Where does it lead? To look "real" now means to look like one of 150 images, in every pixel.
#
# **Predict:** will the forgeries of the game on few get worse in the second half, or will they become copies?

# %%
looks = [MARKS // 6, MARKS // 3, MARKS // 2, MARKS]
for name in ("few", "many"):
    rows = np.concatenate([games[name][i - 1]["pictures"][:SHOWN] for i in looks])
    title = f"{name}: the same latents after {', '.join(str(i * EVERY) for i in looks)} steps"
    display(ganlib.plots.plot_images(rows, columns=SHOWN, title=title, scale=0.55))

# %% [markdown]
# In the game on few, shapes come quickly, at about the same pace as in the game on many. In its second half, strokes fray and
# specks appear in the background, although no real image has any. The characters of the game on many become cleaner all the time.
#
# Two numbers. The first is the fresh detective of [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb), with the principal
# components of [61_celebrities_dcgan](61_celebrities_dcgan.ipynb), on images that the games with few have not seen: the nearer to
# 50%, the better. The second is about copying. Put the images of the game and as many images kept aside into one heap, and look
# for the nearest one to each forgery. A generator that has learned characters is nearest to either kind about equally often. One
# that gives back what D knows by heart is nearest to known images. The ruler for this number is its value for real images that
# nobody in the game has seen.

# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


features = PCA(COMPONENTS, svd_solver="randomized", random_state=RECIPE.seed).fit(as_rows(many.images))
real = features.transform(as_rows(many.images[-COMPARED:]))


def detected(forged):
    images = np.concatenate([real, features.transform(as_rows(forged))])
    is_real = np.repeat([True, False], [len(real), len(forged)])
    return cross_val_score(KNeighborsClassifier(1), images, is_real, cv=5).mean()


def nearest_known(forged, known):
    search = NearestNeighbors(n_neighbors=1).fit(as_rows(np.concatenate([known, kept_aside[:FEW]])))
    distances, nearest = search.kneighbors(as_rows(forged))
    return distances[:, 0], nearest[:, 0]


# %%
def copied(forged, known):
    return np.mean(nearest_known(forged, known)[1] < len(known))


def report(name, mark=MARKS, known=few):
    row = games[name][mark - 1]
    print(f"{name}, {row['step']} steps: D believes {row['trained on'] - row['kept aside']:.0%} more in what it knows;", end=" ")
    print(f"the detective is right in {detected(row['pictures']):.0%};", end=" ")
    print(f"{copied(row['pictures'], known.images[:FEW]):.0%} are nearest to a known image")


report("many", known=many)
report("few")
report("few, again", known=others)
unseen = many.images[-COMPARED:]
print(f"Of real images that the games with few have not seen, {copied(unseen, few.images):.0%} are nearest to one of 'few'.")

# %%
forged = games["few"][-1]["pictures"]
distances, nearest = nearest_known(forged, few.images)
suspicious = distances.argsort()[:SHOWN]
print(f"Of these {SHOWN}, {np.sum(nearest[suspicious] < len(few))} are nearest to an image that D knows.")
heap = np.concatenate([few.images, kept_aside[:FEW]])
ganlib.plots.plot_images(np.concatenate([forged[suspicious], heap[nearest[suspicious]]]), columns=SHOWN, scale=0.6)

# %% [markdown]
# The ruler says a little more than one half. The game on many stays close to it. In both games on few about eight forgeries in
# ten are nearest to a known image, and the detective finds more of them out, by several times the distance between the two seeds.
# The last picture shows the most suspicious cases, above the forgery and below its nearest image, and what "copy" means here: not
# a photocopy, but one of a handful of known images, again and again, drawn with a trembling hand.
#
# Note what the losses would have told you: nothing. A D whose loss falls is, in a healthy game, a D that learns.
#
# ## Three remedies
#
# **Forgetting.** Dropout hides a share of D's features in each step, others each time, as you know from
# [61_celebrities_dcgan](61_celebrities_dcgan.ipynb). What is stored in few features cannot be relied on.
#
# **Moving the images about.** A character that sits four pixels further to the left is still the same character. Let every image
# be moved by some pixels, anew each time that D looks, and no two looks are alike. In the exercise of
# [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) you moved the *real* images, and that has a price: what is done to the real
# ones, the forgeries take over. Zhao et al. (2020) and Karras et al. (2020) found the way out: move *whatever D sees*, real or
# forged. Then a forgery that sits in the middle looks, to D, like a real image that sits in the middle. It takes one layer in
# front of D, and the layer must let the gradient through, for G learns from what D saw.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
move = layers.RandomTranslation(SHIFT, SHIFT, fill_mode="constant", fill_value=-1.0, interpolation="nearest", seed=RECIPE.seed)
images = ganlib.images.to_float(kept_aside)
print(f"In use, D sees images as they are: {np.array_equal(move(images, training=False), images)};", end=" ")
print(f"in training, moved ones: {not np.array_equal(move(images, training=True), images)}.")

# %%
moved = [np.asarray(move(images[:SHOWN], training=True)) for _ in looks]
ganlib.plots.plot_images(np.concatenate([images[:SHOWN], *moved]), columns=SHOWN, scale=0.55)

# %% [markdown]
# The top row as they are, the others as D sees them. What comes in from outside is black, the value -1; with Keras's default,
# which mirrors the edge, strokes that touch the edge would grow twins.
#
# **Stopping early** needs no game of its own: it is in the records of those that you have.
#
# **Predict:** which of the other two remedies keeps the orange line up, next to the blue one?

# %%
games |= {"few, dropout": play(few, dropout=DROPOUT), "few, moved": play(few, in_front=move)}
plot_answers(["few", "few, dropout", "few, moved"])

# %%
for name in ("few, dropout", "few, moved"):
    report(name, MARKS // 2)
    report(name)
rows = np.concatenate([games[name][-1]["pictures"][:SHOWN] for name in ("few", "few, dropout", "few, moved", "many")])
ganlib.plots.plot_images(rows, columns=SHOWN, title="rows: few / few, dropout / few, moved / many", scale=0.55)

# %% [markdown]
# *Dropout* slows the learning by heart down, and does not prevent it. The gap opens later and stays much smaller, but it keeps
# opening, and the share of copies rises with it.
#
# *Moving* prevents it. The blue and the orange line stay together to the end, on the same 150 images, and the green one is close
# behind: this D has no certainties. The share of copies hardly rises any more, and in the third row there are far fewer specks
# than in the first.
#
# And yet the detective is *not* impressed: it finds these forgeries out more often than those of the plain game on few. Two
# explanations offer themselves. D's task has become harder, since it has to know every stroke in many places, and a small network
# may need a longer game for that. And a detective who asks for the nearest case is kind to copies, for a trembling copy of a real
# character lies near to real characters. A measure that rewards what you want to avoid needs a second one at its side. With one
# game for each remedy the evidence goes this far: moving cures D. That it gives better pictures of 150 images is not shown here.
#
# And stopping early? The belief in kept-aside images tells when: at the last look before D believes `TOLERANCE` more in images
# that it knows.

# %%
for name, known in (("few", few), ("few, again", others)):
    gaps = np.array([row["trained on"] - row["kept aside"] for row in games[name]])
    stop = max(1, np.argmax(gaps > TOLERANCE))  # the last look before the gap opens
    report(name, stop, known)
    report(name, MARKS, known)

# %% [markdown]
# Compare each game with itself. What came after the stop, more than half of all steps, has changed the detective's verdict by no
# more than a few points, about the distance between the two seeds. What it has clearly changed is the share of copies, and the
# specks in the pictures. *Longer is not better*, and images kept aside are what tells you so while it happens. The price is that
# they are missing in training, which hurts most where images are few.
#
# ## Characters
#
# Now the networks of the recipe, at full size, on all images of the ten characters. A larger D can learn more by heart, and in
# the narrow game on many the lines had begun to part, so let this D look at moved images, too.

# %%
run = ganlib.recipes.build(RECIPE)
run.dataset = dataclasses.replace(characters, labels=None)
judge = keras.Sequential([keras.Input(train.image_shape), move, run.discriminator])
run.gan = make_game(RECIPE, run.generator, judge)
run.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_moved", steps=STEPS)

# %%
drawn = run.sample(COMPARED)
ganlib.plots.plot_images(drawn[: 4 * SHOWN], columns=SHOWN, scale=0.6)

# %%
for kind, images in {"trained on": characters.images[:FEW], "kept aside": aside.images[:FEW], "forged": drawn[:FEW]}.items():
    print(f"{kind}: D believes in {belief(run.discriminator, images):.0%} of an image, on average")
small = halved(ganlib.images.to_uint8(drawn))
print(
    f"Halved, {copied(small, many.images[:FEW]):.0%} are nearest to a known image; "
    f"the detective is right in {detected(small):.0%}."
)

# %% [markdown]
# Written with a brush, no doubt: strokes that swell and taper, hooks, the slant of a hand. 人, 大, 天, 上 and 子 can be read, others
# are signs that lack a stroke or have one too many. To images that it has trained on and to those kept aside D answers nearly
# alike, and the share of copies is not far above the ruler's. Whatever it has learned, it is hardly these images.
#
# ## Exercise: does the moving leak?
#
# D never sees a forgery where G has drawn it. Does G then still draw in the middle, or has it learned to draw off the middle, as
# moved images are? `column` is the middle of an image's ink: the mean of the column numbers, weighted by ink. Put the standard
# deviation of `column` over the images of `questioned` into `spread`; `ink` holds their ink from 0 to 1.

# %% tags=["exercise"]
questioned = games["few, moved"][-1]["pictures"]
ink = questioned[..., 0] / 255  # (images, rows, columns)
spread = None  # replace None: a number, in pixels

# %% tags=["check"]
def spread_of(images):
    ink = ganlib.images.to_uint8(images)[..., 0].sum(axis=1) + 1e-6  # (images, columns)
    return np.std(ink @ np.arange(ink.shape[1]) / ink.sum(axis=1))


if spread is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert np.isclose(spread, spread_of(questioned), atol=0.05), f"{spread:.2f} pixels is not it; is ink the weight?"
    print(f"Right: {spread:.2f} pixels. In the game without moving {spread_of(games['few'][-1]['pictures']):.2f}, in real "
          "images", end=" ")  # fmt: skip
    print(f"{spread_of(kept_aside):.2f}, as moved for D "
          f"{spread_of(move(ganlib.images.to_float(kept_aside), training=True)):.2f}.")  # fmt: skip

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# questioned = games["few, moved"][-1]["pictures"]
# ink = questioned[..., 0] / 255
# columns = ink.sum(axis=1)  # ink in each column, (images, columns)
# column = columns @ np.arange(columns.shape[1]) / (columns.sum(axis=1) + 1e-6)
# spread = column.std()
# ```
#
# The number is close to those of real images and of the game without moving, and far from that of moved images: nothing leaks.
# Were G to draw off the middle, its forgeries would, once moved, stray further than moved real ones do, and that D can see. This
# holds for whatever can be told apart after the change (Karras et al., 2020, section 2.2). Turn all images by a random quarter
# instead, each way equally often, and nobody could say any more which way is up; G would draw in all four.
# </details>

# %% [markdown]
# ## You can now
#
# - say what few images do to a game, having played it on few and on many;
# - find out whether a discriminator knows its images by heart, with images that it has never seen;
# - choose between forgetting, moving the images about and stopping early, on evidence.
#
# **Next:** a collection of your own. [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) says how to prepare it; if it is small,
# keep some images aside, and ask.
