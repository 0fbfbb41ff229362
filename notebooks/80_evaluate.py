# %% [markdown]
# # How good is it? Numbers for a generator, and what they miss
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/80_evaluate.ipynb)
#
# **You will**
#
# - see why the losses of a game do not tell how good its pictures are;
# - write the usual measures by hand, and find out on points in a plane which illness each of them sees;
# - move the number of a trained generator without touching the generator, and learn to report one honestly.
#
# *About 2 minutes on two CPU cores, less on a GPU. Builds on [12_mnist_cgan](12_mnist_cgan.ipynb) and [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library, get the data and the trained generators
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch mnist")
    get_ipython().system("git clone -q --depth 1 https://github.com/ganlib/gan-course")
    get_ipython().run_line_magic("env", "GANLIB_PRETRAINED=gan-course/data/pretrained")

import io

import ganlib
import keras
import numpy as np
from ganlib.metrics import frechet_distance
from matplotlib import pyplot
from PIL import Image
from scipy.spatial.distance import cdist

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("digits_fcgan", real_label=1.0, fake_label=0.0)
STEPS = max(2, RECIPE.steps // 4)
SLOWED = {"A": 1, "B": 25}
MODES, RADIUS, WIDTH, POINTS = 8, 2.0, 0.15, 1_000
GENERATORS = ("mnist_fcgan", "mnist_dcgan", "mnist_cgan")
COUNT, SEEDS = min(5_000, 75 * RECIPE.steps), 5
FEW = COUNT // 5
SIZES = (200, 500, 1_000, 2_000, 5_000, 10_000)
SMALL, QUALITY = (14, 14), 50

# %% [markdown]
# ## Two games
#
# So far you have judged games by looking. But nobody looks at ten thousand pictures, and nobody looks without hope. A number
# would be good. Games print two of them all the time, the losses. Are they any use?
#
# Here are two games on the built-in digits. They differ in one number, which stands in the parameters above. Do not look it up
# yet.

# %%
games = {}
for name, slowed in SLOWED.items():
    games[name] = ganlib.recipes.build(RECIPE, d_rate=RECIPE.d_rate / slowed)
    games[name].fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{name}", steps=STEPS)

# %%
for name, game in games.items():
    print("Game {}: G's loss is {g_loss:.2f}, D's loss {d_loss:.2f}.".format(name, **game.history[-1]))
print(f"Where D can only guess, both are log 2 = {np.log(2):.2f}.")

# %% [markdown]
# A generator wants a low loss. Theory says where a perfect game ends: D can only guess, and both losses are $\log 2$. By either
# standard B is ahead: G's loss is lower, and both are nearer to $\log 2$.
#
# **Predict:** whose pictures are better?

# %%
pictures = {name: game.sample(POINTS) for name, game in games.items()}
both = np.concatenate([pictures["A"][:20], pictures["B"][:20]])
ganlib.plots.plot_images(both, columns=20, scale=0.5, title="A above, B below")

# %% [markdown]
# A's, by far: B makes snow in the shape of a digit. Now look up `SLOWED`: B's discriminator learned 25 times more slowly. Its
# generator has a low loss because it plays against a beginner.
#
# A loss is a score *against this opponent*. Winning at chess says little before you know who lost. So let each generator play
# against the other one's discriminator as well.

# %%
for name, images in pictures.items():
    logits = [game.discriminator.predict(images, verbose=0) for game in games.values()]
    losses = [np.mean(ganlib.losses.non_saturating_generator_loss(None, some)) for some in logits]
    print(f"Generator {name}: a loss of {losses[0]:.2f} against discriminator A, {losses[1]:.2f} against B.")

# %% [markdown]
# Read down a column, where the opponent is the same. Against discriminator A, B's forgeries do far worse than A's; discriminator
# B hardly prefers either. Read along a row, and one generator has two very different losses.
#
# So losses do not compare between two games, nor between early and late in one game, where the opponent has changed too. They
# tell whether a game is alive. For quality you need a judge who stands outside, the same for everybody.
#
# ## Illnesses in the plane
#
# A judge gets two sets, real and generated, and gives a number. To know what it sees, try it where you see everything yourself:
# on points in a plane. The real ones lie in eight heaps on a ring. The first forger is perfect. The others are ill, each in a way
# that you know from images: blurred, without some classes, learned by heart.

# %%
def ring(seed, width=WIDTH, modes=range(MODES)):
    draw = np.random.default_rng(seed)
    angles = 2 * np.pi * draw.choice(modes, POINTS) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1) + width * draw.standard_normal((POINTS, 2))


train, real = ring(seed=0), ring(seed=1)
clouds = {
    "good": ring(seed=2),
    "too wide": ring(seed=3, width=3 * WIDTH),
    "three modes missing": ring(seed=4, modes=range(MODES - 3)),
    "copies": train,
}


# %%
def plot_clouds(clouds):
    figure, axes = pyplot.subplots(1, len(clouds), figsize=(2.2 * len(clouds), 2.4), layout="constrained")
    for axis, (name, points) in zip(axes, clouds.items()):
        axis.plot(*points.T, ".", markersize=1)
        axis.set(title=name, aspect="equal", xlim=(-4, 4), ylim=(-4, 4), xticks=[], yticks=[])


plot_clouds({"real": real} | clouds)

# %% [markdown]
# The copies are the training points themselves. You cannot see it.
#
# ## Exercise: the Frechet distance
#
# The most common number in papers describes each set by a mean and a covariance, as if it were one Gaussian cloud, and takes the
# distance of the two Gaussians. With means $m, n$ and covariances $C, D$ it is
#
# $$|m - n|^2 + \mathrm{tr}\,C + \mathrm{tr}\,D - 2\,\mathrm{tr}\,(C D)^{1/2}.$$
#
# Write it. `points.mean(0)` and `np.cov(points, rowvar=False)` are the first half. For the last term you need no square root of a
# matrix: its trace is the sum of the square roots of the eigenvalues, and `np.linalg.eigvals` has those of $C D$.

# %% tags=["exercise"]
def frechet(real, fake):
    return None  # replace None: four terms, from two means and two covariances


# %% tags=["check"]
if frechet(real, train) is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    for name, fake in clouds.items():
        yours, expected = frechet(real, fake), frechet_distance(real, fake)
        assert np.isclose(yours, expected, rtol=1e-3, atol=1e-6), f"{name}: expected {expected:.5f}, got {yours:.5f}"
    print(f"Right: the same as ganlib.metrics.frechet_distance; {frechet(real, train):.4f} for two perfect clouds.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def frechet(real, fake):
#     shift = real.mean(0) - fake.mean(0)
#     covariance, other = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
#     cross = np.sqrt(np.linalg.eigvals(covariance @ other).real).sum()
#     return shift @ shift + np.trace(covariance) + np.trace(other) - 2 * cross
# ```
#
# In the library the same term is computed in a way that stays safe with hundreds of dimensions, where rounding can make an
# eigenvalue negative. </details>

# %% [markdown]
# A mean and a covariance are all that it knows, so you can cheat. One Gaussian with the ring's own mean and covariance is a fog
# without a single heap. And a ring with every other heap missing is as wide in all directions as the whole.

# %%
fog = np.random.default_rng(5).multivariate_normal(real.mean(0), np.cov(real, rowvar=False), POINTS)
clouds |= {"fog": fog, "every other mode": ring(seed=6, modes=range(0, MODES, 2))}
plot_clouds({"real": real, "fog": clouds["fog"], "every other mode": clouds["every other mode"]})

# %% [markdown]
# **Predict:** order all six clouds by their Frechet distance from the real points.

# %%
for name, fake in clouds.items():
    print(f"{name:>20}: {frechet_distance(real, fake):.3f}")

# %% [markdown]
# Only the three missing modes stand out, since without them the mean has moved. The fog and the half ring get what perfect clouds
# get. On images the measure is less blind, since a network turns them into a hundred or more features first. In principle it
# stays blind: sets that agree in mean and covariance are the same to it.
#
# ## Measures that look at neighbours
#
# Others draw a ball around each point, out to its third neighbour, and ask who lies in whose balls (Kynkäänniemi et al., 2019;
# Naeem et al., 2020). **Precision** is the share of forgeries inside some ball of a real point: are they believable? **Recall**
# is the share of real points inside some ball of a forgery: is everything there? **Density** counts the balls instead of asking
# for one, so that a lonely real point with a huge ball counts little; **coverage** is the share of real balls with a forgery
# inside.

# %% tags=["centerpiece"]
def radii(points, neighbours):
    return np.sort(cdist(points, points), axis=1)[:, neighbours]  # column 0 is the point itself


def precision_recall(real, fake, neighbours=3):
    between = cdist(real, fake)
    precision = (between <= radii(real, neighbours)[:, None]).any(axis=0).mean()
    recall = (between <= radii(fake, neighbours)).any(axis=1).mean()
    return precision, recall


def density_coverage(real, fake, neighbours=5):
    inside = cdist(real, fake) <= radii(real, neighbours)[:, None]
    return inside.sum(axis=0).mean() / neighbours, inside.any(axis=1).mean()


# %% [markdown]
# Two more. The **kernel distance** (Binkowski et al., 2018) asks whether points of two sets are as similar to each other as
# points within a set. And for **copies** compare the way to the nearest *training* point with the way that new real points have,
# as in [10_mnist_fcgan](10_mnist_fcgan.ipynb): about 1 is new, 0 is copied.

# %%
def kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def kernel_distance(real, fake):
    pairs = len(real) * (len(real) - 1)
    within = sum((kernel(x, x).sum() - np.trace(kernel(x, x))) / pairs for x in (real, fake))  # nobody with itself
    return within - 2 * kernel(real, fake).mean()


def memorisation(train, held_out, fake):
    return np.median(cdist(fake, train).min(axis=1)) / np.median(cdist(held_out, train).min(axis=1))


# %% [markdown]
# All of them are in the library too. Trust no measure of your own before it agrees with another one.

# %%
# NBVAL_CHECK_OUTPUT
for fake in clouds.values():
    assert np.allclose(precision_recall(real, fake), ganlib.metrics.precision_recall(real, fake))
    assert np.allclose(density_coverage(real, fake), ganlib.metrics.density_coverage(real, fake))
    assert np.isclose(kernel_distance(real, fake), ganlib.metrics.kernel_distance(real, fake, POINTS, num_subsets=2)[0])
    assert np.isclose(memorisation(train, real, fake), ganlib.metrics.memorisation(train, real, fake))
print(f"The same numbers as those of ganlib.metrics, on {len(clouds)} clouds.")

# %% [markdown]
# The last column but one counts heaps: those that hold at least a tenth of an even share of points, no further than three widths
# from their middle. With images, a classifier has to say which heap it is.
#
# **Predict:** for each illness, name one column that will show it. Is there one that shows all?

# %%
angles = 2 * np.pi * np.arange(MODES) / MODES
centres = RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1)
print(" " * 20, "Frechet  kernel  precision  recall  density  coverage  modes  newness")
for name, fake in clouds.items():
    away = cdist(fake, centres)
    hits = away.argmin(axis=1)[away.min(axis=1) < 3 * WIDTH]
    modes = ganlib.metrics.mode_count(hits, MODES, POINTS // MODES // 10)
    shares = (*precision_recall(real, fake), *density_coverage(real, fake))
    print(f"{name:>20}{frechet_distance(real, fake):9.3f}{kernel_distance(real, fake):8.2f}", end="")
    print("{:11.2f}{:8.2f}{:9.2f}{:10.2f}".format(*shares), f"{modes:6}{memorisation(train, real, fake):9.2f}")

# %% [markdown]
# Read it row by row.
#
# - **Too wide**: half of the forgeries are not believed, and density sees it more clearly still. The Frechet distance hardly
#   notices.
# - **Modes missing**: recall and coverage fall to the share of heaps that is left, and the count of modes says which share that
#   is. Precision is spotless, since what is there is good. The two distances see it in one case and not in the other.
# - **Fog**: precision and density are the lowest of all. Recall is fooled, because points that lie alone have huge balls.
#   Coverage, with the balls of the real points, is not. The count of modes is no use here; some fog falls on every heap.
# - **Copies**: perfect in all columns but the last. And the last is no measure of quality; the fog is the newest of all.
#
# No column shows every illness, and each illness is shown by some column. Is the kernel distance an independent witness? Its
# kernel is a polynomial of third degree, so it compares means, covariances and third moments, and by symmetry the ring and its
# fog agree in those too. Two measures with one blind spot are no better than one.
#
# ## Three generators that are trained already
#
# Now to images. `data/pretrained/` holds generators that were trained for seven minutes each, and a classifier that was
# trained on the real digits. They load by name.

# %%
mnist, test = (ganlib.data.load("mnist", split) for split in ("train", "test"))
judge = ganlib.encoders.load("mnist")
generators = {name: ganlib.load_generator(name) for name in GENERATORS}
print(f"The classifier names {judge.card['test_accuracy']:.2%} of the test images correctly.")


def make(name, count, seed=0):
    images, _ = ganlib.sampling.generate(generators[name], count, seed=seed, noise=ganlib.store.noise_of(name))
    return ganlib.images.to_uint8(images)


# %%
draw = np.random.default_rng(0)
order, count = draw.permutation(len(mnist)), min(COUNT, len(test), len(mnist) // 2)
sets = {name: make(name, count) for name in GENERATORS} | {"real": mnist.images[order[:count]]}
ganlib.plots.plot_images(np.concatenate([images[:20] for images in sets.values()]), columns=20, scale=0.5, title=", ".join(sets))

# %% [markdown]
# From above: FC-GAN, DCGAN, CGAN, real. The first row has crumbs around its strokes. In the second there is now and then a sign
# that is no digit, and in the third the label keeps the digits in order.
#
# The classifier's layer before the last turns an image into 128 numbers, its *features*. Images that the network takes for
# similar are near to each other there. All measures run on features as they ran on points.
#
# **Predict:** the order of the three generators. And what will real images get in their place?

# %%
target = test.images[draw.permutation(len(test))[:count]]
measured = {name: judge.outputs(images)[0] for name, images in sets.items()}
target_features = judge.outputs(target)[0]
for name, fake in measured.items():
    numbers = frechet_distance(target_features, fake), *ganlib.metrics.precision_recall(target_features[:FEW], fake[:FEW])
    print("{:>12}: Frechet distance {:6.1f}, precision {:.2f}, recall {:.2f}".format(name, *numbers))

# %% [markdown]
# The last line is the ruler. Real digits do not get zero: these are other images than the target, and finitely many. What exceeds
# it is the generator's doing.
#
# By the Frechet distance the CGAN is ahead, and the FC-GAN is last. Precision has another opinion: there the DCGAN is last,
# since its signs that are no digits lie outside all balls; in recall it is first. As in the plane, ask more than one witness.
#
# ## What moves the number: how many images
#
# **Predict:** you measure the same sets with 200 images instead of 5,000. Does the distance become smaller, larger, or only
# noisier?

# %%
pool = judge.outputs(mnist.images[order[-4 * count :]])[0]
sizes = [size for size in SIZES if 2 * size <= len(pool)]
curves = {"real": [frechet_distance(pool[:size], pool[-size:]) for size in sizes]}
for name in GENERATORS[1:]:
    curves[name] = [frechet_distance(target_features[:size], measured[name][:size]) for size in sizes if size <= count]

# %%
figure, axis = pyplot.subplots(figsize=(8, 3), layout="constrained")
for name, values in curves.items():
    inverse = 1 / np.array(sizes[: len(values)])
    slope, limit = np.polyfit(inverse[-4:], values[-4:], 1)
    axis.plot(inverse, values, "o", label=f"{name}: {values[0]:.0f} with {sizes[0]}, {limit:.1f} without end")
    axis.plot([0, inverse[-4:][0]], [limit, limit + slope * inverse[-4:][0]], color="gray", linewidth=0.8)
axis.set(xlabel="1 / number of images", ylabel="Frechet distance", ylim=0)
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False);

# %% [markdown]
# Smaller sets get a larger distance: a covariance of 128 features that was estimated from 200 images is far from the true one.
# This is no noise, which would go up and down, but a **bias**. With 200 images *real* digits get 40, many times what the CGAN
# gets with 5,000; and with 200 images the CGAN even seems better than real. Compare equal counts only.
#
# From some number of images on the bias is nearly proportional to one over that number, so you can draw a line through the last
# four points of each curve and read it where the number of images has no end (Chong and Forsyth, 2020). For real against real it
# should be zero there, and it is, within a few tenths.
#
# ## What moves the number: how pictures were saved
#
# Take *real* digits. Shrink them to half the size and enlarge them again, once by keeping every other pixel, once by averages. Or
# save them as JPEG.

# %%
def halved(image, way):
    return Image.fromarray(image).resize(SMALL, way).resize(image.shape, Image.Resampling.BICUBIC)


def as_jpeg(image):
    Image.fromarray(image).save(file := io.BytesIO(), "JPEG", quality=QUALITY)
    return Image.open(file)


treatments = {
    "untouched": Image.fromarray,
    "every other pixel": lambda image: halved(image, Image.Resampling.NEAREST),
    "averaged": lambda image: halved(image, Image.Resampling.BOX),
    "JPEG": as_jpeg,
}

# %% [markdown]
# **Predict:** which treatment costs most? Does any cost as much as being a generator?

# %%
digits = sets["real"][..., 0]
treated = {name: np.stack([treat(image) for image in digits])[..., None] for name, treat in treatments.items()}
display(ganlib.plots.plot_images(np.concatenate([images[:20] for images in treated.values()]), columns=20, scale=0.5))
for name, images in treated.items():
    print(f"{name:>18}: Frechet distance {frechet_distance(target_features, judge.outputs(images)[0]):5.1f}")
halves = [judge.outputs(half)[0] for half in np.split(test.images, 2)]
print(f"The first half of the test images against the second: {frechet_distance(*halves):.1f}")

# %% [markdown]
# From above, in the order of the list. All four rows are real digits, written by the same hands. Yet shrinking costs more than
# the worst of the three generators, and the averaged digits cost most, although to the eye they are better than the jagged ones:
# the classifier has never seen a gray stroke. JPEG of this quality, whose traces you have to look for, triples what real images
# get.
#
# So both sides must have gone through the same treatment, in the same program: resizing functions of one name differ in their
# filters, and some average only if asked to (Parmar et al., 2022). Compare what would be *saved*, pixels rounded to whole
# numbers.
#
# The last line did nothing but choose. MNIST's test images are in order: the first 5,000 are the tidier ones, by employees, and
# the last by students. Take the first 5,000 for your target instead of random ones, and real digits look like a mediocre
# generator.
#
# ## What moves the number: who looks
#
# Features come from a network, and somebody chose it. Try three: the classifier; a PCA, the main directions in which pixels vary;
# and a network of the classifier's shape with random weights, which has learned nothing.
#
# Each view has its own unit, so divide by what real training images get in it: 1 is as good as real.
#
# **Predict:** will all three views put the generators in the same order? Where will they place the blurred *real* digits?

# %%
keras.utils.set_random_seed(RECIPE.seed)
untrained = ganlib.encoders.build(mnist.image_shape, len(mnist.class_names))
dreamer = ganlib.encoders.Classifier(untrained, {"feature_scale": 1.0})
views = {
    "classifier": lambda images: judge.outputs(images)[0],
    "pixels": ganlib.encoders.pixel_features(mnist),
    "random network": lambda images: dreamer.outputs(images)[0],
}

# %%
candidates = sets | treated
del candidates["untouched"]  # the real ones once more
for view, look in views.items():
    distances = {name: frechet_distance(look(target), look(images)) for name, images in candidates.items()}
    ratios = (f"{name} {value / distances['real']:.1f}" for name, value in distances.items())
    print(f"{view:>14}: {', '.join(ratios)}")

# %% [markdown]
# They do not agree. The classifier sees the CGAN far ahead. In pixels and in the random network the DCGAN is better: neither of
# the two knows that a sign is no digit, as long as its ink is in likely places. All three find the
# FC-GAN last. And the blurred real digits, which anyone can read, come out worse than every generator in every view.
#
# A feature network is an opinion about what matters. No choice is neutral, so name yours.
#
# ## What moves the number: luck
#
# The last one is the latents. Draw five sets from each generator, and measure each.

# %%
for name in GENERATORS:
    draws = (judge.outputs(make(name, FEW, seed))[0] for seed in range(SEEDS))
    values = [frechet_distance(target_features[:FEW], fake) for fake in draws]
    print(f"{name}: {np.mean(values):.1f} on average with {FEW:,} images, a spread of {np.std(values, ddof=1):.2f} over latents")

# %% [markdown]
# The luck of latents leaves these three in their order, but two that are a few units apart could change places. It is the
# smallest luck: a second *training*, from another seed, usually moves the number more. The averages are higher than the distances
# above, and you know why: fewer images.
#
# ## A number with its protocol
#
# So a bare number means nothing. `ganlib.evaluation.evaluate` measures everything, keeps the protocol, and puts real images in
# the generator's place.

# %%
noise = ganlib.store.noise_of(GENERATORS[-1])
result = ganlib.evaluation.evaluate(generators[GENERATORS[-1]], "mnist", noise, count=COUNT)
print(ganlib.evaluation.table(result))

# %% [markdown]
# The *first* line says what was compared with what, with which seed. The *second* names the judge, and how good it is. The
# *third* is the ruler, with a warning: the classifier was trained on those real images, and knows them a little too well.
#
# Then the numbers, each beside its ruler. The Frechet distance is about twice that of real images; the kernel distance is above the
# ruler by less than its own standard error, which proves nothing. Precision to coverage are below the
# ruler. The distance to training images is that of new digits, so it does not copy. All ten classes are there, evenly, which is
# no merit, since they were asked for. You get what you ask for, and within a class it varies as real digits do.
#
# ## What is wrong with these claims?
#
# Each of the three could stand in a paper. Say what is missing before you open the answers.
#
# 1. "Our generator has an FID of 8.3 on MNIST. The best one so far had 11.0."
# 2. "We saved the generator every 500 steps and measured all 40. The best has a Frechet distance of 3.1 to the test images."
# 3. "Precision is 0.97, as high as for real images. The generator has learned the distribution."
#
# <details><summary>Answers</summary>
#
# 1. Under which protocol? FID uses the features of Inception, which was trained on large colour photographs. Somebody enlarged
#    gray digits of 28 pixels for it, by some filter, and took some number of images of some split. Compare what was measured in
#    one way.
# 2. The lowest of 40 numbers is low by merit and by luck. Choose the step with one set of images and latents, then measure the
#    chosen one *once* with others. And one training is one throw.
# 3. So has the ring with every other heap missing, and so have the copies. Look at recall, coverage or the classes, and for
#    copies.
# </details>
#
# ## How to report a number
#
# - **Features**: which network, trained on what, how good; how images were resized for it.
# - **Counts and splits**: how many images of each kind, against which split. Real images drawn at random.
# - **The ruler**: what real images get in the generator's place.
# - **The spread**: over latents, and over trainings from several seeds. The second is usually the larger one.
# - **More than one number**: one for belief, one for variety, and a look for copies.
# - **What was chosen** by this number, such as a step or a rate, and on which images.
# - **Pictures**, the first that come.
#
# ## You can now
#
# - say why the losses of two games do not compare, and show it by letting each generator play the other's discriminator;
# - write the usual measures, and name for each an illness that it sees and one that it misses;
# - name what moves a number without touching the generator, and report one so that another person can repeat it.
#
# **Next:** evaluate one of your own: `python -m ganlib evaluate RUN_FOLDER` prints this table for any run.
