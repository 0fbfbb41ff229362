# %% [markdown]
# # Batch normalization: what it does, and where it does harm
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/31_kmnist_dcgan.ipynb)
#
# **You will**
#
# - meet ten characters of old Japanese, each of which is written in several ways;
# - work out what batch normalization does to a batch, and what it tells one image about the others;
# - put it in the generator, in the discriminator, in both and in neither, and produce a game that both players win.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data; elsewhere they are there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch kmnist")

import ganlib
import keras
import numpy as np
from keras import layers, ops
from keras.optimizers import Adam
from sklearn.neighbors import KNeighborsClassifier

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("kmnist_dcgan")
NARROW = dict(generator=dict(filters=(64, 32), strides=(2, 2)), discriminator=dict(filters=(32, 64)))
SHORT_STEPS = max(2, 3 * RECIPE.steps // 10)
NUM_COMPARED = 1_000
SHOWN = 10
OTHER_SEED = 1

# %% [markdown]
# ## Ten characters, many shapes
#
# Until about 1900, Japanese books were written and printed in a cursive script, *kuzushiji*, which few people can read today.
# Kuzushiji-MNIST (Clanuwat et al., 2018) holds characters cut from such books, in the format of MNIST: ten classes, one for each row of
# the syllabary.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
kmnist = ganlib.data.load("kmnist")
print(f"Images of shape {kmnist.image_shape}, {kmnist.images.dtype}, in {len(kmnist.class_names)} classes:")
print(" ".join(kmnist.class_names))

# %%
test = ganlib.data.load("kmnist", "test")
print(f"{len(kmnist):,} images for training and {len(test):,} for testing; the published set has 60,000 and 10,000.")

# %% [markdown]
# If the first number is smaller than the published one, the file with the training images was not to be had (there is one server, and
# it is not always up). `ganlib` then takes nine of ten test images for training and keeps every tenth for testing. Everything below
# works with either, but a generator has less to learn from, and the pictures are worth a little less.
#
# One image of each class, with the sound that it stands for.

# %%
SOUNDS = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
of_class = [np.flatnonzero(kmnist.labels == label) for label in range(len(SOUNDS))]
ganlib.plots.plot_images(kmnist.images[[rows[0] for rows in of_class]], titles=SOUNDS, scale=0.9)

# %%
ganlib.plots.plot_class_counts(kmnist.labels, SOUNDS, title="training images")

# %% [markdown]
# The bars are level, so a faithful generator makes each class equally often.
#
# **Predict:** a class of MNIST is one digit in many hands. Will a row of images from one class here look as much alike?

# %%
ganlib.plots.plot_images(np.concatenate([kmnist.images[rows[:SHOWN]] for rows in of_class[1:4]]), title="rows: ki, su, tsu")

# %% [markdown]
# They do not. A sound used to have several signs, each worn down from another Chinese character, and a writer took the one that he
# liked. A reform in 1900 kept one for each sound; the others are called *hentaigana*, "variant kana". The row of *su* mixes today's す with an
# older sign that has hardly a stroke in common with it. Ten classes, then, but several dozen shapes: there are many modes to forget.
#
# ## What the layer does
#
# The recipes of the lessons so far had batch normalization in the generator and nowhere else, without a word on why. The layer works on
# each channel by itself. It takes all values of that channel in the *batch*, all images and all places, subtracts their mean and
# divides by their standard deviation. Two learned numbers per channel, $\gamma$ and $\beta$, then set the spread and the mean that the
# network wants (Ioffe and Szegedy, 2015).

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
layer = layers.BatchNormalization()
values = np.random.default_rng(RECIPE.seed).normal(loc=3.0, scale=5.0, size=(RECIPE.latent_dim, 1)).astype("float32")
by_hand = (values - values.mean(axis=0)) / np.sqrt(values.var(axis=0) + layer.epsilon)
print(f"The same as by hand: {np.allclose(layer(values, training=True), by_hand, atol=1e-4)}.")
print(f"Mean {abs(by_hand.mean()):.1f}, standard deviation {by_hand.std():.1f}.")

# %% [markdown]
# For a generator this has a direct meaning. Build one with the layer and one without, from the same random weights, and send the same
# latents through both. Nothing is trained yet.
#
# **Predict:** how much will the images of different latents differ?

# %%
latents = ganlib.sampling.draw_latents(NUM_COMPARED, RECIPE.latent_dim, seed=RECIPE.seed)
rows = []
for normalization in ("before", None):
    keras.utils.set_random_seed(RECIPE.seed)
    options = RECIPE.generator | {"normalization": normalization}
    generator = ganlib.networks.dcgan.generator(kmnist.image_shape, RECIPE.latent_dim, **options)
    images = ops.convert_to_numpy(generator(latents, training=True))
    rows.append(images[:SHOWN])
    print(f"normalization={normalization!s:>6}: from latent to latent a pixel varies by {images.std(axis=0).mean():.3f}")
ganlib.plots.plot_images(np.concatenate(rows), title="untrained, above: with batch normalization, below: without")

# %% [markdown]
# Without it, each layer makes the signal weaker, and after a few of them all latents give one gray image. With it, every channel of
# every layer has spread 1 over the batch: images in a batch are *made* to differ. A G that sends all latents to one point is what Radford et
# al. (2016, section 3) feared most, and they call batch normalization critical against it.
#
# Why it helps networks in general is still argued about. Its inventors spoke of inputs that no longer drift while the layers below
# learn; Santurkar et al. (2018) found that the drift hardly matters, and that the loss becomes smoother.
#
# ## Six games
#
# So G gains. What about D? Published systems disagree. Radford et al. have it in both networks; the system that this recipe
# follows has it in the hidden layers of G alone; others do without. Try the four combinations with short runs of narrow
# networks, and run one of them again from another seed, as a ruler for luck.

# %%
def with_normalization(in_generator, in_discriminator):
    sides = zip(NARROW.items(), (in_generator, in_discriminator))
    networks = {player: options | {"normalization": "before" if there else None, "momentum": 0.9} for (player, options), there in sides}
    return networks | {"r1": 0.0}  # its penalty judges images one by one, batch normalization does not


GAMES = {
    "nowhere": with_normalization(False, False),
    "in G": with_normalization(True, False),
    "in D": with_normalization(False, True),
    "in both": with_normalization(True, True),
    "in G, again": with_normalization(True, False) | {"seed": OTHER_SEED},
}

# %%
runs = {}
for name, changes in GAMES.items():
    runs[name] = ganlib.recipes.build(RECIPE, **changes)
    runs[name].fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{name.replace(', ', '_').replace(' ', '_')}", steps=SHORT_STEPS)

# %% [markdown]
# The sixth game differs from "in both" in a matter that is easily overlooked. When D learns, it is shown 32 real images and 32 forged
# ones. Show them as two batches, one after the other, and each is normalized by its own mean and spread. Show them as one batch of 64,
# and the statistics are those of the mixture. For a network without batch normalization that is the same, only faster, so much code
# does it. `ganlib.GAN` keeps the batches apart as soon as it finds the layer in D. Make a GAN that does not:

# %%
class MixingGAN(ganlib.GAN):
    """A GAN whose discriminator learns from real and generated images in one batch."""

    def judge_both(self, images, fakes, labels):
        return ops.split(self.judge(ops.concatenate([images, fakes]), labels), 2)


mixed = ganlib.recipes.build(RECIPE, **GAMES["in both"])
mixed.gan = MixingGAN(mixed.generator, mixed.discriminator, RECIPE.noise, RECIPE.averaging, RECIPE.seed)
optimizers = {f"{player}_optimizer": Adam(RECIPE.g_rate, **RECIPE.optimizer_options) for player in "gd"}
mixed.gan.compile(**optimizers, loss=RECIPE.loss, real_label=RECIPE.real_label)

# %% [markdown]
# **Predict:** the same networks, rates and images; only the batches are put together. Which of the six will be the worst, and how much
# worse can it be?

# %%
runs["in both, mixed"] = mixed.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_mixed", steps=SHORT_STEPS)
real = ops.convert_to_numpy(ganlib.images.to_float(test.images[:NUM_COMPARED]))
fakes = {name: run.sample(len(real)) for name, run in runs.items()}
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in fakes.values()]), title="rows: " + " / ".join(fakes))

# %% [markdown]
# The last row is noise. Not poor characters: noise, from the same weights and in the same number of steps. The first row, without the layer,
# is uneven: some images are nearly empty, others heaps of blots. The rows between are rough ink, and hard to tell apart. Leave those for later and look at how the players of the
# last game saw it.

# %%
ganlib.plots.plot_losses(mixed.history, title="real and forged in one batch")

# %% [markdown]
# You have seen two sick games before, a D that has won and a G that has collapsed. This is a third kind: *both have won*. D's loss is at
# zero, so D recognises every forgery. G's loss is at zero, so D believes every forgery. Both curves are about the same D and the same forgeries.
#
# ## Company
#
# Both are true, because under batch normalization D does not judge an image. It judges an image *in its company*.

# %%
def believed(images, company):
    logits = mixed.discriminator(np.concatenate([images, company]), training=True)
    return np.mean(ops.convert_to_numpy(logits)[: len(images)] > 0)


forged, others = np.split(fakes["in both, mixed"][: 2 * RECIPE.batch_size], 2)
print(f"In one batch with real images, D believes {believed(forged, real[: len(forged)]):.0%} of the forgeries.")
print(f"In one batch with other forgeries, it believes {believed(forged, others):.0%} of them.")

# %% [markdown]
# When D learns, half of the batch is real. A channel that answers a little higher to real images is stretched by the normalization until
# the halves lie far apart. When G learns, D sees forgeries only, and in the same channel they are shifted to mean zero: half of them now lie
# where the real ones used to be. G is judged by a D that D has never been, and it follows gradients that lead nowhere. With
# separate batches both kinds of step look alike to D, and the row "in both" shows that nothing is wrong with the layer as such.
#
# Company matters in G as well. Take the generator of the game "in G", and give the same ten latents two kinds of company: any latents, and
# latents that are all close to one point. Below them, the same ten as `predict` makes them.
#
# **Predict:** which rows will be equal?

# %%
generator = ganlib.store.load_generator(runs["in G"].folder)  # a copy: training mode moves the averages in the layers
ten, any_latents = latents[:SHOWN], latents[SHOWN : 2 * RECIPE.batch_size]
alike = latents[-1] + any_latents / RECIPE.latent_dim
rows = [generator(np.concatenate([ten, company]), training=True)[:SHOWN] for company in (any_latents, alike)]
rows.append(generator(ten, training=False))
title = "the same latents; from above: in any company, in uniform company, in inference mode"
ganlib.plots.plot_images(np.concatenate([ops.convert_to_numpy(row) for row in rows]), title=title)

# %% [markdown]
# In training mode the image of a latent depends on what else is in the batch: in uniform company the same ten get a little fatter, and
# some strokes run into each other. In **inference mode** the layer does not look at the batch. It uses averages of mean and variance that it has collected during
# training, with a memory set by `momentum`, so a latent has one image, whoever is asked for with it. `predict`, `sample` and the
# command line all use it. If pictures from `generator(latents, training=True)` look unlike those of `predict`, the averages have not
# caught up: a large momentum in a short run does that.
#
# ## Counting shapes
#
# Noise is easy to spot. What about the other rows? Take two measurements from earlier lessons: the fresh detective of
# [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb), at best right in half of the cases, and the share of images in the
# wrong class of [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb). The judge for the latter votes among the nearest real images.

# %%
def as_rows(images):
    return ops.convert_to_numpy(ganlib.images.to_float(images)).reshape(len(images), -1)


judge = KNeighborsClassifier(3).fit(as_rows(kmnist.images[: -len(real)]), kmnist.labels[: -len(real)])
verdicts = judge.predict(as_rows(real))
print(f"The judge names {np.mean(verdicts == test.labels[: len(real)]):.0%} of the real test images correctly.")

# %%
def detected(images):
    both, is_real = as_rows(np.concatenate([real, images])), np.repeat([True, False], len(real))
    return np.mean(KNeighborsClassifier(1).fit(both[::2], is_real[::2]).predict(both[1::2]) == is_real[1::2])


def displaced(images):
    counts = [np.bincount(labels, minlength=len(SOUNDS)) for labels in (judge.predict(as_rows(images)), verdicts)]
    return 0.5 * np.abs(counts[0] - counts[1]).sum() / len(real)


more = ops.convert_to_numpy(ganlib.images.to_float(kmnist.images[-len(real) :]))
for name, images in {**fakes, "real": more}.items():
    print(f"{name:>14}: the detective is right in {detected(images):4.0%} of cases; {displaced(images):3.0%} are in the wrong class")

# %% [markdown]
# Start with the two lines for "in G", which differ in nothing but luck, and with the last line, which is luck alone. Then:
#
# - *Mixed* is a disaster by either measure. No ruler is needed.
# - *Nowhere* is the worst of the others by both measures, and by more than the two seeds of "in G" are apart. How much more is not for one
#   run to say.
# - *In D* and *in both* are as good as "in G" within the distance of the two seeds, so there is no order among them. Whoever tells you that
#   the layer does, or does not, belong in D has looked at more runs than you, or at fewer.
#
# What remains is a short list. Put it into the hidden layers of G. In D it is a matter of trial; if you do, keep real and forged apart. Keep it out of the
# first layer of D (Radford et al., section 3), for there it would hide what D should see: how bright, or how inky, the forgeries are on the
# whole. And keep it out of a D whose loss needs to look at one image at a time, such as that of the gradient penalty in a later lesson
# (Gulrajani et al., 2017, section 4).
#
# ## The recipe itself
#
# With its full width and all its steps, G normalized, D not.

# %%
run = ganlib.recipes.build(RECIPE).fit()
full = run.sample(len(real))
print(f"The detective is right in {detected(full):.0%} of cases; {displaced(full):.0%} are in the wrong class.")
ganlib.plots.plot_images(full[: 4 * SHOWN], title=RECIPE.name)

# %% [markdown]
# Lines with the swell and the taper of a brush, and a few characters that look as if they were taken from a page. The detective has become much less
# sure: full width and more steps are worth more than any choice in this lesson. The class shares have moved less, and many of
# these are signs that no one has ever written: an upper half of one and a lower half of another. To somebody who cannot read
# kuzushiji, they pass; a forger lives by his customers.
#
# ## Exercise: the last layer
#
# One published network lists batch normalization even after the $\tanh$ of G's last layer. What would images look like after it? Send
# the first `RECIPE.batch_size` *real* training images, as floats, through a new layer in training mode, and put the largest value of the
# result into `largest`.

# %% tags=["exercise"]
largest = None  # replace None: layers.BatchNormalization()(images, training=True)

# %% tags=["check"]
if largest is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    batch = as_rows(kmnist.images[: RECIPE.batch_size])
    expected = (batch.max() - batch.mean()) / np.sqrt(batch.var() + layers.BatchNormalization().epsilon)
    assert np.isclose(largest, expected, atol=0.02), f"expected {expected:.2f}, got {largest:.2f}; is it in training mode?"
    print(f"Right: white is {largest:.2f} after the layer, and real images end at 1.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# images = ganlib.images.to_float(kmnist.images[: RECIPE.batch_size])
# largest = float(ops.max(layers.BatchNormalization()(images, training=True)))
# ```
#
# The images would leave the range of real ones, and D would need a single glance. $\gamma$ and $\beta$ could repair that, but not this:
# the ink in an image would depend on the company, for the mean of the whole batch is fixed.
# </details>

# %% [markdown]
# ## You can now
#
# - recognise that one class can hold many shapes, and look for them before you blame a generator;
# - say what batch normalization does to a batch, and why an image then depends on its company;
# - put it where it helps, and keep it away from G's last layer, from D's first one, and from batches that mix real and forged.
#
# **Next:** [41_cifar10_dcgan](41_cifar10_dcgan.ipynb) goes from ink to colour photographs, and asks how much a small picture hides.
