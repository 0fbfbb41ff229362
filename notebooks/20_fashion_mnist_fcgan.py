# %% [markdown]
# # Fashion-MNIST: which garments does the generator forget?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/20_fashion_mnist_fcgan.ipynb)
#
# **You will**
#
# - meet Fashion-MNIST and train a fully connected GAN on it;
# - let a classifier count which garments the generator makes, and which it neglects;
# - break the game twice on purpose, and learn to tell a mode collapse from a discriminator that has won.
#
# *About 3 minutes on two CPU cores, less on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch fashion_mnist")

import ganlib
import numpy as np
from IPython.display import Image, display
from keras import ops
from sklearn.neighbors import KNeighborsClassifier

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("fashion_mnist_fcgan")
NEIGHBORS = 5
REFERENCE_IMAGES = 5_000
NUM_FAKES = 5_000
SHOWN = 30
SICK_STEPS = max(2, RECIPE.steps // 4)
RARE = 0.02
SLOWED = 25
HARD_LABELS = dict(real_label=1.0, fake_label=0.0)

# %% [markdown]
# ## A wardrobe of small gray pictures
#
# MNIST has become too easy to say much: almost anything learns it. Fashion-MNIST was made to replace it (Xiao et al., 2017) and
# copies its shape exactly: the same number of images, the same 28 by 28 pixels, ten classes again. Whatever runs on one runs on
# the other. What the pictures show is harder: product photographs of a clothes shop, shrunk and turned to gray.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
fashion = ganlib.data.load("fashion_mnist")
print(f"Images of shape {fashion.image_shape}, {fashion.images.dtype}, in {len(fashion.class_names)} classes:")
print(", ".join(fashion.class_names))

# %% [markdown]
# One of each, the first that comes along, with its name.

# %%
first_of_class = [np.flatnonzero(fashion.labels == label)[0] for label in range(len(fashion.class_names))]
ganlib.plots.plot_images(fashion.images[first_of_class], titles=fashion.class_names, scale=0.9)

# %% [markdown]
# And more of them, unsorted, the way the networks will see them.

# %%
ganlib.plots.plot_images(fashion.images[:SHOWN])

# %% [markdown]
# A digit is a stroke on an empty sheet; its pixels are black or white. A garment is a surface: it fills the frame, and its grays
# carry folds, prints and buttons. Notice also how alike some classes are. At this size a pullover, a coat and a shirt share one
# outline, while trousers and bags look like nothing else. Keep that in mind for later.
#
# Is every class there equally often? Before you ask what a generator forgets, know what it was shown.

# %%
counts = np.bincount(fashion.labels)
print(f"The rarest class has {counts.min():,} images, the most frequent one {counts.max():,}.")
ganlib.plots.plot_class_counts(fashion.labels, fashion.class_names, title="real images")

# %% [markdown]
# The bars are level. A generator that has learned this distribution makes about a tenth of its images in each class, although
# nobody tells it that there are classes.
#
# ## Training
#
# The networks are those of the previous lessons, stacks of dense layers. Nothing in them knows that the subject has changed.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
print([layer.__class__.__name__ for layer in run.generator.layers])
print(f"The generator has {run.generator.count_params():,} weights, the discriminator {run.discriminator.count_params():,}.")

# %% [markdown]
# **Predict:** which garments will come out well after a few minutes, and what will go wrong with the others?

# %%
run.fit()
display(ganlib.plots.plot_losses(run.history, title="healthy"))
ganlib.plots.plot_images(run.sample(SHOWN), title="healthy")

# %% [markdown]
# You can put a name to most of these: sleeves, heels, trouser legs, the handle of a bag. Two things are missing. The surfaces are
# speckled, since each pixel is made on its own, and fine structure is gone: hardly a print, no legible pattern, no straps. A few
# images are between two garments.
#
# The losses draw near to each other from both sides of the dashed line. That is what a healthy game looks like; keep it for comparison.
#
# ## Who is missing?
#
# Looking at thirty pictures tells you about quality. It does not tell you whether one garment in ten never comes: you would have
# to name and count hundreds. A classifier can do that.
#
# The plainest classifier there is will do: it compares an image with a few thousand real ones, pixel by pixel, takes the nearest
# few, and lets them vote. First find out how far you can trust it, on real images that it has not seen.

# %%
def as_rows(images):
    return ops.convert_to_numpy(ganlib.images.to_float(images)).reshape(len(images), -1)


test = ganlib.data.load("fashion_mnist", "test")
judge = KNeighborsClassifier(NEIGHBORS)
judge.fit(as_rows(fashion.images[:REFERENCE_IMAGES]), fashion.labels[:REFERENCE_IMAGES])
verdicts = judge.predict(as_rows(test.images[:NUM_FAKES]))
print(f"The judge names {np.mean(verdicts == test.labels[:NUM_FAKES]):.0%} of the real test images correctly.")
ganlib.plots.plot_confusion(test.labels[:NUM_FAKES], verdicts, fashion.class_names, title="the judge, on real images")

# %% [markdown]
# Each row is a true class, each column what the judge makes of it. It errs where you would: shirts are taken for T-shirts,
# pullovers and coats, some sandals for sneakers. Single verdicts on upper garments are therefore worth little; counts over many images are worth more,
# as long as you compare them with the judge's own counts on real images. It is biased on those in the same way.
#
# **Predict:** the bars for generated images. Which class is the lowest, one of those that look like others, or one of the odd ones
# out?

# %%
forged = judge.predict(as_rows(run.sample(NUM_FAKES)))
display(ganlib.plots.plot_class_counts(forged, fashion.class_names, title="generated images, as the judge sees them"))
ganlib.plots.plot_class_counts(verdicts, fashion.class_names, title="as many real images, as the judge sees them")

# %% [markdown]
# Compare the two figures bar by bar, not with a level line: the judge finds too few sandals among real images already. It finds far
# fewer among the generated ones. The class with the finest structure, thin straps on an empty ground, is the hardest for dense layers to
# draw and the first to be avoided, or it comes out so badly that the judge takes it for something else. Most of the share goes to T-shirts
# and shirts.
#
# No class is missing altogether, which is a good result for so plain a network. Put a number to it: how many of the generated images
# would have to change their class to give the real bars?

# %%
def displaced(labels, reference):
    shares = [np.bincount(some, minlength=len(fashion.class_names)) / len(some) for some in (labels, reference)]
    return 0.5 * np.abs(shares[0] - shares[1]).sum()


more = judge.predict(as_rows(fashion.images[-NUM_FAKES:]))
print(f"Generated against real: {displaced(forged, verdicts):.1%} of the images are in the wrong class.")
print(f"Other real images against real: {displaced(more, verdicts):.1%}, which is the luck of the draw.")

# %% [markdown]
# The second line is the one to remember: two handfuls of *real* images do not have equal bars either. Whatever you measure on a
# GAN, measure it on a second set of real images as well. What exceeds that is the generator's doing. With a fifth of the images, luck alone
# would be about twice as large, and the sandals could hide in it.
#
# Forgetting a part of the data is called **mode dropping**: the distribution has several humps, *modes*, and the generator leaves
# some out, or visits them too rarely. The discriminator hardly notices, since it sees one image at a time, and nothing is wrong with any
# of them.
#
# ## A sick game: the generator falls behind
#
# Now break it. The two players of the recipe learn at the same rate; slow the generator down by a factor of 25. One more thing
# changes in both broken games: the recipe gives the discriminator *soft* labels, which keep it from ever being certain. Take this
# safety net away, so that its loss can go to zero. (The next lesson looks at the net itself.)
#
# **Predict:** what will the two losses look like, and what the pictures?

# %%
beaten = ganlib.recipes.build(RECIPE, g_rate=RECIPE.g_rate / SLOWED, sample_every=SICK_STEPS // 10 or 1, **HARD_LABELS)
beaten.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_beaten", steps=SICK_STEPS)
display(ganlib.plots.plot_losses(beaten.history, title="the discriminator has won"))
ganlib.plots.plot_images(beaten.sample(SHOWN), title="the discriminator has won")

# %% [markdown]
# **The discriminator has won.** Its loss lies on zero and the generator's climbs to ten and beyond, more than ten times the usual. The pictures
# are noise, and more training does not help. A D that is certain of everything has a logit far from zero for every forgery, whatever G changes;
# small improvements earn nothing, and G wanders.
#
# Read the scale of the axis before the shape of the curve: without the numbers, you could take the flat blue line for calm.
#
# ## Another: the discriminator falls behind
#
# Now the other way round: the discriminator is slowed by the same factor, and the generator learns at its usual rate.
#
# **Predict:** a weak detective believes nearly anything. What is the cheapest thing that a forger can do then?

# %%
collapsed = ganlib.recipes.build(RECIPE, d_rate=RECIPE.d_rate / SLOWED, sample_every=SICK_STEPS // 10 or 1, **HARD_LABELS)
collapsed.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_collapsed", steps=SICK_STEPS)
display(ganlib.plots.plot_losses(collapsed.history, title="mode collapse"))
ganlib.plots.plot_images(collapsed.sample(SHOWN), title="mode collapse")

# %% [markdown]
# **Mode collapse.** There are shapes now, but only a handful of them: the same torso again and again, the same shoe, each with other
# specks. G has found a few things that a weak D lets pass, and it sends all latents there. In the extreme there is a single image left; more often,
# as here, it is a few.
#
# Now look at the losses. D begins *above* the dashed line, worse than a coin toss, and then both go calmly to $\log 2$, as in the
# healthy game. From the curves alone you could not tell that anything is wrong. In the healthy game D cannot tell the two apart because they
# are alike; here, because it cannot see. The line under the bar fell for it, too, for it had the losses
# alone to go by; with `fit(measure=True)` it looks at pictures.

# %%
stuck = judge.predict(as_rows(collapsed.sample(NUM_FAKES)))
counts = np.bincount(stuck, minlength=len(fashion.class_names))
absent = [name for name, count in zip(fashion.class_names, counts) if count < RARE * NUM_FAKES]
print(f"Below {RARE:.0%} of the images: {', '.join(absent) or 'no class'}.")
ganlib.plots.plot_class_counts(stuck, fashion.class_names, title="mode collapse, as the judge sees it")

# %% [markdown]
# The bars say at a glance what the losses conceal.
#
# Is this a collapse, or only a training that was stopped too early? The sick games have had a quarter of the steps. So compare with the
# healthy game after a quarter of its own: its run folder keeps the pictures that it took on the way.

# %%
pictures = sorted((run.folder / "samples").glob("*.png"))
print(f"The healthy game after {SICK_STEPS:,} steps:")
Image(filename=pictures[len(pictures) // 4 - 1], width=500)

# %% [markdown]
# Rough, but trousers, boots, shirts and sneakers are there, each with several faces. So the collapse is not a matter of
# patience: with the same number of steps, a fair game has found most of the wardrobe.
#
# ## A differential diagnosis
#
# Both patients make bad pictures. Take three measurements: what D says about each side, how much the pixels differ from one
# image to the next, and how many images are in the wrong class.
#
# **Predict:** which of the three tells which patients apart? One of them will tell you nothing.

# %% tags=["centerpiece"]
def examine(patient):
    fakes = patient.sample(NUM_FAKES)
    on_real, on_fakes = (
        np.mean(ops.convert_to_numpy(ops.sigmoid(patient.discriminator.predict(images, verbose=0))))
        for images in (ops.convert_to_numpy(ganlib.images.to_float(test.images[:NUM_FAKES])), fakes)
    )
    return on_real, on_fakes, as_rows(fakes).std(axis=0).mean(), displaced(judge.predict(as_rows(fakes)), verdicts)


real_variety = as_rows(test.images[:NUM_FAKES]).std(axis=0).mean()
for name, patient in {"healthy": run, "beaten": beaten, "collapsed": collapsed}.items():
    on_real, on_fakes, variety, wrong = examine(patient)
    print(f"{name:>9}: D believes in {on_real:.0%} of what is real and {on_fakes:.0%} of what is forged;", end=" ")
    print(f"pixels vary by {variety / real_variety:.0%} of the real spread; {wrong:.0%} in the wrong class")

# %% [markdown]
# - **What D says** singles out the beaten generator: certainty on both sides. It does not separate the healthy from the collapsed
#   game; in both, D is near one half for real and forged alike.
# - **The class bars** single out the collapsed one from the healthy one. They are far off for the beaten one as well, but there they mean
#   nothing: a judge that has to name a garment names one, even for noise.
# - **The spread of the pixels** is a trap. Noise varies too, as much as clothes do or more, so the number is close to 100% for all three.
#   A measure of variety has to measure variety *of what matters*.
#
# | | the discriminator has won | mode collapse |
# |---|---|---|
# | D's loss | near its floor | near $\log 2$, or above |
# | G's loss | large, rising | small, calm |
# | pictures | noise, or fog | shapes that repeat |
# | class bars | mean nothing | a few high, others empty |
# | remedy | slow D down, soften its labels | speed D up, or slow G down |
#
# The floor need not be zero. With soft labels D cannot be sure of being right, and even the most crushing victory leaves a loss: the
# next lesson computes it.
#
# ## Exercise: how many classes are left?
#
# One number for a whole bar chart: the *effective number of classes* is $\exp(-\sum_k p_k \log p_k)$, where $p_k$ is the share of
# class $k$. Ten level bars give 10, a single bar gives 1. Compute it for the healthy generator's bars, the labels `forged`, and put
# it into `effective_classes`. (Empty classes have to be left out: $0 \log 0$ counts as 0.)

# %% tags=["exercise"]
effective_classes = None  # replace None: np.bincount(forged) counts the classes

# %% tags=["check"]
if effective_classes is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    shares = np.unique(forged, return_counts=True)[1] / len(forged)
    expected = float(np.prod(shares**-shares))
    assert 1 <= effective_classes <= len(fashion.class_names) + 1e-6, f"expected a number from 1 to 10, got {effective_classes}"
    assert np.isclose(effective_classes, expected, rtol=1e-3), "not the exponential of the entropy of the shares"
    print(f"Right: {effective_classes:.1f} of {len(fashion.class_names)} classes.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# counts = np.bincount(forged)
# shares = counts[counts > 0] / counts.sum()
# effective_classes = np.exp(-np.sum(shares * np.log(shares)))
# ```
#
# Try it on `stuck` as well. A generator can score high here and still be poor: with a single image per class it would have
# all ten.
# </details>

# %% [markdown]
# ## You can now
#
# - describe Fashion-MNIST, and train a fully connected GAN on it;
# - count with a classifier which garments the generator makes, and say how much of the difference is luck;
# - tell a mode collapse from a discriminator that has won, by losses, pictures and measurements, and name one that sees neither.
#
# **Next:** in [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb) convolutions take over, and the safety net is put to the test.
