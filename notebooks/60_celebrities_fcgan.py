# %% [markdown]
# # Where in latent space are you?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/60_celebrities_fcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/60_celebrities_fcgan.ipynb)
#
# **You will**
#
# - run a generator backwards: search for the latent whose picture comes nearest to a photograph;
# - compare it with eigenfaces, which describe a photograph with as many numbers;
# - ask whether a photograph's error reveals that it was in the training set, with a control that shows what a yes looks like.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from keras.optimizers import Adam
from matplotlib import pyplot
from sklearn.metrics import roc_auc_score, roc_curve

ganlib.doctor.begin("celebrities")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("celebrities_fcgan")
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 2))]
STEPS, RATE = min(300, 3 * RECIPE.steps), 0.1  # of a search
REPEATS = (5, 20, 80)  # how often G is made to repeat photographs, near the end of this lesson
MOST, SHOWN = 110, 10

# %% [markdown]
# ## A generator has no way back
#
# G turns a latent z into a picture. Nobody taught it the other direction: here is a photograph, so which z belongs to it? Perhaps
# none does. To *invert* G means to look for the z whose picture comes nearest. Where are you in latent space, if you are there at
# all?
#
# The question has a serious side. If the search matches a photograph much better because G was trained on it, then G gives away
# who was in the training set. In a collection of patients or suspects, that alone may be a secret.
#
# So there are two piles. The *training faces* were used to train G, and the others were *kept aside*. The people in them were not
# asked, so keep what you make of their faces to yourself; [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) says more about
# that.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
faces, test = (ganlib.data.load("celebrities", split) for split in ("train", "test"))
length = RECIPE.latent_dim
print(f"z has {length} numbers, a photograph {np.prod(faces.image_shape):,}.")

# %%
if ganlib.store.training_of("celebrities_fcgan")["images"] == len(faces):
    G = ganlib.load_generator("celebrities_fcgan")
else:  # you have another collection of faces: G must be trained on those that are called training faces here
    G = ganlib.recipes.build(RECIPE).watch(ganlib.settings.runs_dir() / RECIPE.name).wait().gan.averaged_generator

# %%
drawn = np.random.default_rng(RECIPE.seed).permutation(len(faces))[:MOST]
members, others = faces.images[drawn], test.images[:MOST]
print(f"G was trained on {len(faces):,} faces. Here are {len(members)} of them, and {len(others)} kept aside.")

# %%
# Picture: Ten generated faces with a fine coloured grain over them.
latents = ganlib.sampling.draw_latents(MOST, length, RECIPE.noise, RECIPE.seed)
own = G(latents, training=False).numpy()
ganlib.plots.plot_images(own[:SHOWN])

# %% [markdown]
# These faces belong to nobody. The published generator made them. It is fully connected, so there is grain over the faces;
# [50_food101_fcgan](50_food101_fcgan.ipynb) says why.
#
# ## Searching
#
# The search works like training, with the roles exchanged. The weights of G stay fixed, and z moves. Start anywhere, measure the
# mean squared error between $G(z)$ and the photograph, take its gradient with respect to z, and make a step. You can search for
# many photographs at once, since each has its own z.
#
# One more thing. In training, each number of z was drawn uniformly between -1 and 1. So z comes from a cube, and if it leaves the
# cube, the search puts it back after each step.

# %%
def squared_error(made, wanted):
    return ops.mean(ops.square(made - wanted), axis=(1, 2, 3))


# %%
def search(network, images, starts, steps=STEPS, limit=1.0, error=squared_error, show=None):
    """Returns a latent for each image, and the errors before each step, (steps, images)."""
    wanted, z, optimizer = ganlib.images.to_float(images), tf.Variable(starts), Adam(RATE)
    optimizer.build([z])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            errors = error(network(z, training=False), wanted)
        optimizer.apply([tape.gradient(errors, z)], [z])
        z.assign(tf.clip_by_value(z, -limit, limit))
        return errors

    errors = []
    for number in range(steps):
        errors.append(step().numpy())
        if show and (number.bit_count() == 1 or number == steps - 1):  # after 2, 3, 5, 9, ... steps, and at the end
            show(z)
    return z.numpy(), np.stack(errors)


# %% [markdown]
# Try it first where the answer is known. The faces above were made by G, so for each of them there is a z with an error of 0. The
# upper row below shows ten of them, and the lower row shows how far the search has come. It is redrawn as the search goes on.
#
# **Predict:** the search starts from a different z than the one that made the picture. Will it find the picture? Will it find
# that z?

# %%
# Picture: Two rows of ten generated faces. The lower ones look like the upper ones.
screen, empty = ganlib.widgets.LivePicture(), [""] * (SHOWN - 1)


def show(z):
    screen.show(ganlib.plots.plot_images(np.concatenate([own[:SHOWN], G(z[:SHOWN], training=False)])))


own_starts = ganlib.sampling.draw_latents(MOST, length, RECIPE.noise, RECIPE.seed, stream=1)
own_found, own_errors = search(G, own, own_starts, show=show)
print(f"The error falls from {own_errors[0].mean():.3f} to {own_errors[-1].mean():.4f}.")
before, after = (np.sqrt(np.mean((z - latents) ** 2)) for z in (own_starts, own_found))
print(f"A number of z is {before:.2f} off at first, {after:.2f} at the end; the cube is 2 wide.")

# %% [markdown]
# The search finds the picture again: you can hardly tell the rows apart. It does not find the latent, though it comes nearer. So
# different latents make nearly the same picture, and the search asks for nothing but the picture. (Lipton and Tripathi,
# [2017](https://arxiv.org/abs/1702.04782), recover latents as well, with other generators and another way of clipping.)
#
# This test was necessary. If a photograph is not found now, the search is hardly to blame. G has no such picture, at least not
# where the search can get.
#
# ## Photographs
#
# Now take faces that G did not make. Search for each of them from several starts.
#
# **Predict:** which photographs will the search match better, training faces or faces kept aside? By how much?

# %%
photographs = np.concatenate([members, others])
is_member = np.arange(len(photographs)) < len(members)
found, errors = {}, {}
for seed in SEEDS:
    starts = ganlib.sampling.draw_latents(len(photographs), length, RECIPE.noise, seed, stream=2)
    found[seed], errors[seed] = search(G, photographs, starts)
    ends = [errors[seed][-1][pile].mean() for pile in (is_member, ~is_member)]
    print(f"starts drawn with seed {seed}: error {ends[0]:.4f} for training faces, {ends[1]:.4f} for faces kept aside")

# %% [markdown]
# Is that a lot or a little? You need a yardstick. **Eigenfaces** are the principal components of the training faces (Turk and
# Pentland, [1991](https://doi.org/10.1162/jocn.1991.3.1.71)): a mean face, and the directions in which faces differ most from it.
# A photograph is described by how far it goes in each direction. Take as many directions as z has numbers. No search is needed
# here, since a multiplication gives the best numbers.
#
# **Predict:** both describe a photograph with equally many numbers, and G has more than a million weights. Which comes nearer?

# %%
rows = ganlib.images.as_rows(faces.images)
mean_face = rows.mean(axis=0)
directions = np.linalg.svd(rows - mean_face, full_matrices=False)[2]


def eigenfaces(images, count=length):
    """Returns images as that many eigenfaces describe them, and their errors."""
    offsets = ganlib.images.as_rows(images) - mean_face
    described = offsets @ directions[:count].T @ directions[:count]
    return np.clip(mean_face + described, -1, 1).reshape(images.shape), np.mean((offsets - described) ** 2, axis=1)


# %%
# Picture: Three rows of ten faces. Above, photographs; in the middle, G's nearest pictures, grainy faces from the front with the light and
#   the background of the photographs; below, eigenfaces, blurred pictures in which persons and poses can be recognised.
half = SHOWN // 2
shown = np.r_[:half, len(members) : len(members) + half]  # the first of either pile
pictures = [ganlib.images.to_float(photographs[shown]), G(found[SEEDS[0]][shown], training=False), eigenfaces(photographs[shown])[0]]
titles = ["training", *empty[: half - 1], "kept aside", *empty[: half - 1], "G's", *empty, "eigenfaces", *empty]
ganlib.plots.plot_images(np.concatenate(pictures), titles=titles)

# %%
# Picture: Errors over the steps of the search. Both lines of G fall quickly and flatten, close together; far below them are two dashed lines
#   of eigenfaces.
figure, axis = pyplot.subplots(figsize=(7, 3), layout="constrained")
for pile, name, colour in ((is_member, "training", "C0"), (~is_member, "kept aside", "C1")):
    curve = np.mean([errors[seed][:, pile].mean(axis=1) for seed in SEEDS], axis=0)
    axis.plot(np.arange(1, STEPS + 1), curve, colour, label=f"G, {name}")
    axis.axhline(eigenfaces(photographs[pile])[1].mean(), color=colour, ls="--", label=f"eigenfaces, {name}")
axis.set(xscale="log", ylim=(0, None), xlabel="steps of the search", ylabel="mean squared error")
axis.legend(fontsize=8, ncols=2);

# %%
by_count = np.array([eigenfaces(photographs, count)[1] for count in range(length + 1)])
aside, ends = by_count[:, ~is_member].mean(axis=1), np.mean([errors[seed][-1][~is_member].mean() for seed in SEEDS])
equal = np.abs(aside - ends).argmin()
print(f"Faces kept aside: the mean face has an error of {aside[0]:.3f}, G of {ends:.3f}, {length} eigenfaces of {aside[-1]:.3f}.")
print(f"{equal} eigenfaces come about as near as G does.")

# %% [markdown]
# The eigenfaces win by far. In G's pictures, light and background are about right, but the face that looks at you out of the
# grain could be anybody's. With eigenfaces you can recognise most people, blurred as they are. So z, with all its numbers, is
# worth no more than a few eigenfaces.
#
# Is G bad, then? The comparison favours eigenfaces. They were chosen for this very task: no other set of this many directions
# gives the training faces a smaller squared error. G was never asked for that. D asks for pictures that pass for real, and nobody
# asks whether G can make each real face.
#
# Look at the curves once more. At the end, training faces have the smaller error, both with G and with eigenfaces. Is the gap
# large enough to tell who was there?
#
# ## Who was there?
#
# Now accuse people by their errors: with an error this small, you were in the training set! Where should the threshold be? Try
# all thresholds. Plot the share of training faces that are found out against the share of faces kept aside that are wrongly
# accused. This is the **ROC curve**. Take one face of each kind: the area below the curve, the **AUC**, is the chance that the
# training face has the smaller error. A half is guessing, and 1 is certainty. Attacks of this kind are called *membership
# inference* (Chen et al., [2020](https://arxiv.org/abs/1909.03935)).
#
# A hundred faces of each kind are not many. How much of this is luck? For the interval below, photographs are drawn again and
# again from the ones you have, with replacement. It holds 95 % of the areas. This is called the *bootstrap*.
#
# **Predict:** who can tell better who was there: G, with more than a million weights, or the eigenfaces?

# %%
def lead(values, count=500):
    """Returns the AUC of photographs' errors, and its 95 % interval."""
    random, again = np.random.default_rng(RECIPE.seed), []
    for _ in range(count):
        drawn = [random.choice(values[pile], pile.sum()) for pile in (is_member, ~is_member)]
        again.append(roc_auc_score(is_member, -np.concatenate(drawn)))
    return roc_auc_score(is_member, -values), *np.quantile(again, [0.025, 0.975])


suspicion = {f"G, seed {seed}": errors[seed][-1] for seed in SEEDS}
suspicion |= {f"{count} eigenfaces": by_count[count] for count in (length, equal)}
leads = {name: lead(values) for name, values in suspicion.items()}
for name, (auc, low, high) in leads.items():
    print(f"{name:>15}: AUC {auc:.2f}, interval from {low:.2f} to {high:.2f}")

# %%
# Picture: ROC curves. The three of G lie together near the dotted diagonal, as does the dashed one of a few eigenfaces. The dashed curve of a
#   hundred eigenfaces lies clearly above all others.
figure, axis = pyplot.subplots(figsize=(4, 4), layout="constrained")
for name, values in suspicion.items():
    axis.plot(*roc_curve(is_member, -values)[:2], ls="-" if "G" in name else "--", label=name)
axis.plot([0, 1], [0, 1], "k:", label="guessing")
axis.set(xlabel="share of faces kept aside that are accused", ylabel="share of training faces that are found out")
axis.legend(fontsize=8);

# %% [markdown]
# It is the eigenfaces that tell on people. Their interval lies above a half, and that took no game and no network. A hundred
# directions were fitted to fewer than a thousand faces, so part of what they describe is noise in these very faces. Other faces
# have other noise.
#
# What about G? The three starts give nearly the same area. That proves nothing: all three searched for the same photographs, and
# the uncertainty lies in which photographs you have. So look at the intervals. If one contains a half, this attack gives no
# evidence that G tells who was there. *It gives no evidence that G does not tell, either*: every area in the interval is
# possible. Webster et al. ([2019](https://arxiv.org/abs/1901.03396)) search in this way with many more photographs. They find no
# difference for pure GANs, but they do find one where another loss was added to the game.
#
# One more line belongs in the comparison. A few eigenfaces, with about the error of G, do not tell much either. So perhaps the
# faces are safe because G is inexact, not because it is discreet.
#
# ## What a yes looks like
#
# An attack that finds nothing may be a bad attack. Would it find something if there were something to find? To test this, you
# need a generator that certainly knows the training faces. Take G, give each face the z that was found for it, and train G to
# turn this z into the face, using the squared error. Do it a few times, or many times. Then search from other starts, as if you
# knew nothing.
#
# **Predict:** how often must G repeat the faces before the attack notices: five times, twenty times, eighty times?

# %%
def learn_by_heart(latents, images, repeats):
    """Returns a copy of G that was trained to turn each latent into its image, by the squared error."""
    pupil, wanted, optimizer = keras.models.clone_model(G), ganlib.images.to_float(images), Adam(RECIPE.g_rate)
    pupil.set_weights(G.get_weights())
    optimizer.build(pupil.trainable_variables)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            loss = ops.mean(squared_error(pupil(latents, training=False), wanted))
        optimizer.apply(tape.gradient(loss, pupil.trainable_variables), pupil.trainable_variables)

    for _ in range(repeats):
        step()
    return pupil


# %%
knowing = {(seed, 0): roc_auc_score(is_member, -errors[seed][STEPS // 2]) for seed in SEEDS}
for seed in SEEDS:
    starts = ganlib.sampling.draw_latents(len(photographs), length, RECIPE.noise, seed, stream=3)
    for repeats in REPEATS:
        pupil = learn_by_heart(found[seed][is_member], members, repeats)
        recited, pupil_errors = search(pupil, photographs, starts, STEPS // 2 + 1)
        knowing[seed, repeats] = roc_auc_score(is_member, -pupil_errors[-1])

# %%
for repeats in (0, *REPEATS):
    print(f"after {repeats:2} repeats: AUC", ", ".join(f"{knowing[seed, repeats]:.2f}" for seed in SEEDS))

# %%
# Picture: Three rows of ten faces. Above, photographs; in the middle, G's nearest pictures; below, those of the G that has learned by heart.
#   The five training faces are portraits now, the five kept aside are not.
titles[2 * SHOWN] = "by heart"
ganlib.plots.plot_images(np.concatenate([*pictures[:2], pupil(recited[shown], training=False)]), titles=titles)

# %% [markdown]
# The more often G repeats the faces, the more it gives them away, for every seed. So the attack works: where there is memory, it
# finds memory. Now you can say more about G than before. It does not know its faces as well as a G that has repeated them as
# often as in the last two lines. To notice anything less, you need more photographs or a better attack.
#
# The last row of pictures shows it, too. The training faces have become portraits. The others are clearer than before, but they
# are still portraits of nobody.
#
# ## What the cube costs
#
# There was one condition all along: z was put back into the cube after each step. What does that cost? Search once more from the
# same starts, without the cube.
#
# How long is a z? The mean square of a uniform number between -1 and 1 is a third. So for $n$ numbers $\|z\|^2$ is $n/3$ on
# average, and since it is a sum of many, it hardly varies. Drawn latents lie in a thin *shell* of radius $\sqrt{n/3}$. (For
# normal latents it is $\sqrt n$.)
#
# **Predict:** will the z of a photograph lie in the shell, further in, or further out? And without the cube?

# %%
starts = ganlib.sampling.draw_latents(len(photographs), length, RECIPE.noise, SEEDS[0], stream=2)  # as before
free, free_errors = search(G, photographs, starts, limit=np.inf)
cost = errors[SEEDS[0]][-1] / free_errors[-1] - 1
print(f"In the cube the error is larger by {cost.mean():.1%} on average, give or take {2 * cost.std() / len(cost)**0.5:.1%}.")
print(f"Without limits {np.mean(np.abs(free) > 1):.0%} of all numbers lie outside of it; within it {np.mean(np.abs(found[SEEDS[0]]) == 1):.0%} lie on its sides.")

# %%
# Picture: Histograms of the length of latents. Drawn ones make a narrow peak at the dotted line. Those of G's own faces lie left of it, those
#   of photographs mostly right of it, and those found without limits far to the right, spread widely.
piles = {"drawn": ganlib.sampling.draw_latents(1_000, length, RECIPE.noise), "found, G's own faces": own_found, "found, photographs": found[SEEDS[0]], "found without limits": free}
figure, axis = pyplot.subplots(figsize=(7, 2.5), layout="constrained")
for name, z in piles.items():
    axis.hist(np.linalg.norm(z, axis=1), bins=np.linspace(4, 12, 80), density=True, alpha=0.6, label=name)
axis.axvline(np.sqrt(length / 3), color="black", ls=":")
axis.set(xlabel="length of z", yticks=[])
axis.legend(fontsize=8);

# %% [markdown]
# The cube costs next to nothing: without it the errors are hardly smaller. But the search ends elsewhere. Without limits it runs
# far out, to latents that were never drawn and whose pictures D never judged. Within the cube, most photographs still end up
# further out than the shell. The search alone does not do that, since for G's own faces it ends up further in.
#
# So a small error does not make a photograph one of G's pictures. It may belong to a latent that is hardly ever drawn. Ask for
# both the error and the length.
#
# ## Explore it
#
# Here is the generator that you ran backwards, running forwards again.

# %%
# Picture: Rows of generated faces, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore("celebrities_fcgan")

# %% [markdown]
# Each row is a walk along one direction, and in a live notebook there are sliders. Pull a slider to its end: the latent gets
# long, like those of the photographs. What happens to the face?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("60_celebrities_fcgan")

# %% [markdown]
# ## Exercise: the hidden half
#
# A search can also complete a photograph that is partly hidden. It compares the pixels that can be seen, and G fills in the
# others. Write the error for this search. `made` and `wanted` are images of shape (count, height, width, channels). `mask` has
# the shape of one image; it is 1 where a value can be seen and 0 where it is hidden. Return one number for each image: the mean
# squared error of the values that can be seen. Use `ops`, so that TensorFlow can take the gradient.

# %% tags=["exercise"]
def visible_error(made, wanted, mask):
    return None  # replace this line; squared_error above is a good start

# %% tags=["check"]
gray, mask, sizes = np.zeros((6, *faces.image_shape), "float32"), np.zeros(faces.image_shape, "float32"), np.linspace(0.2, 0.7, 6)
mask[: len(mask) // 4] = 1
changes = (np.random.default_rng(0).choice([-1, 1], gray.shape) * sizes.reshape(-1, 1, 1, 1)).astype("float32")
answers = [visible_error(changes * part, gray, mask) for part in (mask, 1 - mask)]
if ganlib.answers.given(answers[0]):
    seen, unseen = (ganlib.answers.numbers(each, "the error", (6,), advice="There are 6 images.") for each in answers)
    assert np.allclose(unseen, 0), "hidden pixels have changed the error; where does the mask come in?"
    growth = seen / np.maximum(seen[0], 1e-9) / (sizes / sizes[0]) ** 2
    assert np.allclose(growth, 1, rtol=1e-3), "twice the difference should cost four times as much; do you square before you add?"
    assert np.allclose(seen, sizes**2, rtol=1e-3), "a difference of 0.5 in everything that can be seen should cost 0.25; what do you divide by?"
    mask[: len(mask) // 2] = 1
    z, _ = search(G, others[:SHOWN], own_starts[:SHOWN], error=lambda made, wanted: visible_error(made, wanted, mask))
    print("Right. Above, what the search sees; below, what G adds.")
    both = [ganlib.images.to_float(others[:SHOWN]) * mask - (1 - mask), G(z, training=False)]
    display(ganlib.plots.plot_images(np.concatenate(both)))

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def visible_error(made, wanted, mask):
#     squares = ops.square(made - wanted) * mask
#     return ops.sum(squares, axis=(1, 2, 3)) / ops.sum(mask)
# ```
#
# A mean over all values would find the same z, since it is this number times a constant. But then you could not compare the
# errors of photographs with different parts hidden.
# </details>

# %% [markdown]
# **Open exercise.** Two things make the attack sharper: more photographs, and allowing for how difficult each of them is (Chen et
# al. do that with a reference model). Search for all training faces, and compute the area with `lead`, before and after you
# divide each error by that of the mean face, `by_count[0]`. Do the same with a hundred training faces, drawn with three seeds. A
# good answer shows all intervals, and says what each of them would have let you conclude. With 150 steps and all 990 faces, the
# areas were 0.57 and 0.59, with intervals from 0.51 to 0.62 and from 0.53 to 0.64. With 110 faces, for three seeds, they were
# 0.54 to 0.60 before the division and 0.59 to 0.61 after it.

# %% [markdown]
# ## You can now
#
# - search for the latent of a photograph, and tell a poor search from a generator that cannot make the picture;
# - say what a hundred numbers are worth as a latent and as eigenfaces, and why the comparison favours eigenfaces;
# - ask whether errors reveal who was in a training set, with an interval and with a control that must say yes.
#
# **Next:** [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) trains on these faces with convolutions, and makes a film of it.
