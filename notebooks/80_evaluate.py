# %% [markdown]
# # How good is it? Numbers for a generator, and what they miss
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/80_evaluate.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/80_evaluate.ipynb)
#
# **You will**
#
# - see why the losses of a game do not tell how good its pictures are;
# - write the usual measures by hand, and find out with points in a plane which fault each of them misses;
# - move the number of a trained generator without touching the generator, and learn to report one honestly.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [12_mnist_cgan](12_mnist_cgan.ipynb) and [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import io

import numpy as np
from ganlib import metrics
from keras import ops
from matplotlib import pyplot
from PIL import Image
from scipy.spatial.distance import cdist
from scipy.stats import entropy

ganlib.doctor.begin("mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
SEED = 0
RECIPE = ganlib.recipes.get("digits_fcgan", real_label=1.0, fake_label=0.0)
STEPS = max(2, RECIPE.steps // 4)
SLOWED = {"A": 1, "B": 25}
MODES, RADIUS, WIDTH, POINTS = 8, 2.0, 0.15, 1_000
GENERATORS = ("mnist_fcgan", "mnist_dcgan", "mnist_cgan")
COUNT, FEW = (min(most, 20 * RECIPE.steps) for most in (3_000, 500))
SIZES = (150, 300, 600, 1_500, 3_000)
QUALITY = 50  # of JPEG files

# %% [markdown]
# ## Two games
#
# So far you have judged games by looking. But nobody looks at ten thousand pictures. Every game prints two numbers, the losses.
#
# Here are two games on the built-in digits. They differ in one number among the parameters above.

# %%
print(RECIPE.table())

# %%
games = {}
for name, slowed in SLOWED.items():
    games[name] = ganlib.recipes.build(RECIPE, name=f"digits_{name}", d_rate=RECIPE.d_rate / slowed)
    games[name].fit(steps=STEPS, bar=False)

# %%
for name, game in games.items():
    print("Game {}: G's loss is {g_loss:.2f}, D's loss {d_loss:.2f}.".format(name, **game.history[-1]))
print(f"Where D can only guess, both are log 2 = {np.log(2):.2f}.")

# %% [markdown]
# G wants a low loss, and [theory](02_the_game.ipynb) says where a perfect game ends: D can only guess, and both losses are
# $\log 2$. By either standard B is ahead. G's loss is lower, and both losses are nearer to $\log 2$.
#
# **Predict:** whose pictures are better?

# %%
# Picture: two rows of ten generated images each; A's are blurred shapes, some of them readable digits, and B's are grain.
pictures = {name: game.sample(POINTS) for name, game in games.items()}
ganlib.plots.plot_images(np.concatenate([images[:10] for images in pictures.values()]), titles=["A"] * 10 + ["B"] * 10)

# %% [markdown]
# A's. Now look up `SLOWED`: B's D learned 25 times more slowly. B's G has a low loss because it plays against a beginner. A loss
# is a score *against this opponent*. So let each G play against the other game's D as well.

# %%
scores = {}
for name, images in pictures.items():
    logits = [game.discriminator.predict(images, verbose=0) for game in games.values()]
    scores[name] = [np.mean(ganlib.losses.non_saturating_generator_loss(None, some)) for some in logits]
    print("G of game {}: a loss of {:.2f} against A's D, {:.2f} against B's.".format(name, *scores[name]))

# %% [markdown]
# Read down a column, where the opponent is the same. Against A's D, the images of B do far worse than those of A, while B's D
# hardly prefers either. Read along the last row: one G, two very different losses.
#
# So you cannot compare losses between games. For quality you need an outside judge who is the same for everybody.
#
# ## Faults in the plane
#
# A judge gets two sets, real and generated, and gives a number. To know what it sees, try it where you can see everything
# yourself: on points in a plane. The real points lie in eight heaps on a ring. The first generated set is perfect. The others
# have faults that you know from images: blur, missing classes, copies of the training points. The last two are made to deceive.
# In one, every other heap is missing, which leaves a set as wide in all directions as the whole. The *fog* is one Gaussian
# cloud with the mean and the covariance of the ring.

# %%
def ring(seed, width=WIDTH, modes=range(MODES)):
    random = np.random.default_rng([SEED, seed])
    angles = 2 * np.pi * random.choice(modes, POINTS) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=1) + width * random.standard_normal((POINTS, 2))


train, real = ring(0), ring(1)
clouds = {"perfect": ring(2), "too wide": ring(3, width=3 * WIDTH), "three modes missing": ring(4, modes=range(MODES - 3))}
clouds |= {"copies": train, "every other mode": ring(5, modes=range(0, MODES, 2))}
clouds["fog"] = np.random.default_rng([SEED, 6]).multivariate_normal(real.mean(0), np.cov(real, rowvar=False), POINTS)

# %%
# Picture: seven clouds of points. Real, perfect and copies are rings of eight heaps; too wide is a blurred ring; five or four
#   heaps are left in two others; fog is a single round cloud.
figure, axes = pyplot.subplots(2, 4, figsize=(8, 4.3), layout="constrained")
for axis, (name, points) in zip(axes.flat, {"real": real, **clouds}.items()):
    axis.plot(*points.T, ".", markersize=1)
    axis.set(title=name, aspect="equal", xlim=(-4, 4), ylim=(-4, 4), xticks=[], yticks=[])
axes.flat[-1].set_axis_off()

# %% [markdown]
# ## Exercise: the Frechet distance
#
# The most common number in papers describes each set by a mean and a covariance, as if it were one Gaussian cloud, and takes
# the distance between the two Gaussians (Heusel et al., [2017](https://arxiv.org/abs/1706.08500)). With mean $\mu$ and
# covariance $\Sigma$ of the real points, and $\mu_g$ and $\Sigma_g$ of the generated ones, it is
#
# $$d_F = \lVert \mu - \mu_g \rVert^2 + \mathrm{tr}\,\Sigma + \mathrm{tr}\,\Sigma_g - 2\,\mathrm{tr}\,(\Sigma\, \Sigma_g)^{1/2}$$
#
# Write it. `points.mean(0)` and `np.cov(points, rowvar=False)` are the first half. The last term needs no square root of a
# matrix: its trace is the sum of the square roots of the eigenvalues, and `np.linalg.eigvals` gives those of
# $\Sigma\,\Sigma_g$.

# %% tags=["exercise"]
def frechet(real, fake):
    return None  # replace None: four terms, from two means and two covariances


# %% tags=["check"]
if ganlib.answers.given(frechet(real, train)):
    known = {"itself (where the traces cancel)": real, "itself but moved (where the means count)": real + 1, "itself but wider": 2 * real}
    for name, fake in (known | clouds).items():
        yours = ganlib.answers.numbers(frechet(real, fake), "frechet(real, fake)", ())
        assert np.isclose(yours, metrics.frechet_distance(real, fake), rtol=1e-3, atol=1e-6), f"the distance from real to {name} is not {yours:.5f}"
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
# The library takes another way to the same term, since in hundreds of dimensions rounding can make an eigenvalue negative.
# </details>

# %% [markdown]
# ## The kernel distance
#
# The second common number asks whether points of two sets are as similar to each other as points within a set (Bińkowski et
# al., [2018](https://arxiv.org/abs/1801.01401)). With real points $x, x'$, generated ones $y, y'$ and dimension $n$ it is
#
# $$d_K = \mathbb{E}\,k(x, x') + \mathbb{E}\,k(y, y') - 2\,\mathbb{E}\,k(x, y), \qquad k(x, y) = \left(\frac{x \cdot y}{n} + 1\right)^3$$
#
# No point is compared with itself. This makes the estimate *unbiased*: for two samples from one distribution it is zero on
# average, sometimes below and sometimes above.

# %%
def kernel(x, y):
    return (x @ y.T / x.shape[1] + 1) ** 3


def kernel_distance(real, fake):
    pairs = len(real) * (len(real) - 1)
    within = sum((kernel(x, x).sum() - np.trace(kernel(x, x))) / pairs for x in (real, fake))  # nobody with itself
    return within - 2 * kernel(real, fake).mean()


# %% [markdown]
# ## Measures that look at neighbours
#
# Others draw a ball around each point, out to its third neighbour, and ask which points lie in which balls (Kynkäänniemi et
# al., [2019](https://arxiv.org/abs/1904.06991)). **Precision** is the share of generated points inside some ball of a real
# point: are they credible? **Recall** is the share of real points inside some ball of a generated point: is everything there?
# **Density** counts the balls instead of asking for one, so that a lonely real point with a huge ball counts little;
# **coverage** is the share of real balls with a generated point inside (Naeem et al.,
# [2020](https://arxiv.org/abs/2002.09797)).

# %%
def radii(points, neighbours):
    return np.sort(cdist(points, points), axis=1)[:, neighbours]  # column 0 is the point itself


def precision_recall(real, fake, neighbours=3):
    between = cdist(real, fake)
    precision = (between <= radii(real, neighbours)[:, None]).any(axis=0).mean()
    return precision, (between <= radii(fake, neighbours)).any(axis=1).mean()


# %% [markdown]
# All of them are in the library, too.

# %%
# NBVAL_CHECK_OUTPUT
for fake in clouds.values():
    assert np.allclose(precision_recall(real, fake), metrics.precision_recall(real, fake))
    assert np.isclose(kernel_distance(real, fake), metrics.kernel_distance(real, fake, POINTS, num_subsets=2)[0])
print(f"The same numbers as those of ganlib.metrics, on {len(clouds)} clouds.")

# %% [markdown]
# Three more. **Told apart** is the share of points whose nearest neighbour, in both sets together, is of their own kind; 0.5 is
# best (Lopez-Paz and Oquab, [2017](https://arxiv.org/abs/1610.06545)). **Sliced** is a Wasserstein distance along random lines
# (Karras et al., [2018](https://arxiv.org/abs/1710.10196)). **New** is the distance to the nearest *training* point divided by
# that of new real points: about 1 is new, and 0 is copied.
#
# **Predict:** for each fault, name one column that will show it. Is there one that shows them all?

# %%
measures = {
    "Frechet": metrics.frechet_distance, "kernel": kernel_distance, "sliced": metrics.sliced_wasserstein,
    "told apart": lambda *sets: metrics.neighbour_accuracy(*sets)[0],
    "precision": lambda *sets: precision_recall(*sets)[0], "recall": lambda *sets: precision_recall(*sets)[1],
    "density": lambda *sets: metrics.density_coverage(*sets)[0], "coverage": lambda *sets: metrics.density_coverage(*sets)[1],
    "new": lambda real, fake: metrics.memorisation(train, real, fake),
}  # fmt: skip
rows = {name: {title: measure(real, fake) for title, measure in measures.items()} for name, fake in clouds.items()}
print(" " * 20, "".join(f"{title:>11}" for title in measures))
for name, row in rows.items():
    print(f"{name:>20} " + "".join(f"{value:11.2f}" for value in row.values()))

# %% [markdown]
# - **Too wide**: many points are not credible, which precision and density show. The Frechet distance hardly notices.
# - **Modes missing**: recall and coverage fall to about the share of heaps that are left. Precision is spotless, since what is
#   there is good. The Frechet distance notices three missing neighbours, because the mean has moved, but not every other heap.
# - **Fog**: precision and density are the lowest of all, and the Frechet distance is that of a perfect cloud. Recall is fooled,
#   because lonely points have huge balls. Coverage, which uses the balls of the real points, is not.
# - **Copies**: as good as perfect in every column but the last. And the last does not measure quality: the fog is the newest of
#   all.
#
# **The Frechet distance misses** everything that means and covariances do not show. The kernel distance seems to be an
# independent witness, but it misses the same clouds. Its kernel is a third-degree polynomial, so it compares means, covariances
# and third moments, and by symmetry the ring, its fog and its half agree in those too. The share told apart shows every fault
# here but the copies.
#
# ## Three generators that are trained already
#
# Now to images. A network turns an image into a hundred or more numbers, its *features*, and measures work on features as they
# did on points. Let the network be a digit classifier. Compare three published generators with one half of the test images. The
# other half takes their place to give a **floor**: what real images get.

# %%
test, random = ganlib.data.load("mnist", "test"), np.random.default_rng(SEED)
count = min(COUNT, len(test) // 2)
drawn, labels = ganlib.encoders.draw_images(test, 2 * count, random)
target, sets = drawn[:count], {}
for name in GENERATORS:
    generator, noise = ganlib.load_generator(name), ganlib.store.noise_of(name)
    wanted = random.integers(10, size=count) if len(generator.inputs) == 2 else None
    sets[name] = ganlib.images.to_uint8(ganlib.sampling.generate(generator, count, wanted, SEED, noise)[0])
sets["real"] = drawn[count:]

# %%
# Picture: four rows of ten digits each, of three generators and real ones; each row begins with its name.
titles = sum([[name.removeprefix("mnist_"), *[""] * 9] for name in sets], [])
ganlib.plots.plot_images(np.concatenate([images[:10] for images in sets.values()]), titles=titles)

# %% [markdown]
# Look for loose pixels, and for shapes that are not digits.
#
# **Predict:** the order of the three generators. And what will real images get?

# %%
judge = ganlib.encoders.load("mnist")
seen = {name: judge.outputs(images)[0].astype("float64") for name, images in sets.items()}
target_features = judge.outputs(target)[0].astype("float64")
print(f"The classifier names {judge.card['test_accuracy']:.2%} of the test images correctly.")
distances = {name: metrics.frechet_distance(target_features, fake) for name, fake in seen.items()}
for name, fake in seen.items():
    shares = metrics.precision_recall(target_features[:FEW], fake[:FEW])
    print("{:>12}: Frechet distance {:5.1f}, precision {:.2f}, recall {:.2f}".format(name, distances[name], *shares))

# %% [markdown]
# The last line is the floor. Real digits do not get zero: they are different images from the target, and finitely many. By the
# Frechet distance, the CGAN is ahead of the DCGAN, and the FC-GAN is last.
#
# A classifier invites another number. The **Inception Score** (Salimans et al., [2016](https://arxiv.org/abs/1606.03498)) asks
# that each image be named with certainty, and that all names occur: with the classifier's probabilities $p(y \mid x)$ and their
# mean $p(y)$ over the generated images it is
#
# $$\exp\; \mathbb{E}_{x \sim p_g}\, \mathrm{KL}\bigl(p(y \mid x) \,\Vert\, p(y)\bigr),$$
#
# from 1 to the number of classes. KL, the *Kullback-Leibler divergence*, is 0 if an image's probabilities are the average ones.
# (Here the digit classifier replaces the Inception network.)
#
# **Predict:** take ten real digits, one of each class, and repeat them three hundred times. Will the score notice?

# %%
def inception_score(images):
    logits = judge.model.predict(ganlib.images.to_float(images), batch_size=500, verbose=0)[1]
    named = ops.convert_to_numpy(ops.softmax(logits)).astype("float64")
    return np.exp(entropy(named, named.mean(axis=0, keepdims=True), axis=1).mean())


ten = target[[np.flatnonzero(labels[:count] == digit)[0] for digit in range(10)]]
inception = {name: inception_score(images) for name, images in {**sets, "ten images": np.resize(ten, target.shape)}.items()}
print("Inception Score:", ", ".join(f"{name} {value:.2f}" for name, value in inception.items()))

# %% [markdown]
# Ten images, over and over, get the highest score, higher even than the real digits. The score never looks at real images, and
# it misses everything that happens within a class: repetition, copies, a wrong style. Barratt and Sharma
# ([2018](https://arxiv.org/abs/1801.01973)) list more of its flaws.
#
# ## What moves the number: how many images
#
# **Predict:** you measure the same sets with 150 images instead of 3,000. Will the Frechet distance be smaller, larger, or only
# noisier? And the kernel distance?

# %%
sizes = [size for size in SIZES if size <= count]
formulas = {"Frechet": metrics.frechet_distance, "kernel": kernel_distance}
curves = {}
for title, distance in formulas.items():
    for name in ("real", GENERATORS[-1]):
        parts = [range(0, count - size + 1, size)[:10] for size in sizes]  # up to ten sets of each size, without overlap
        pieces = [[slice(i, i + size) for i in starts] for size, starts in zip(sizes, parts)]
        values = [[distance(target_features[piece], seen[name][piece]) for piece in each] for each in pieces]
        curves[title, name] = [np.mean(each) for each in values]

# %%
# Picture: two plots over the number of images. At the left both Frechet distances fall as there are more images; at the right
#   the kernel distances go up and down where images are few, and that of real digits ends near zero.
figure, axes = pyplot.subplots(1, 2, figsize=(10, 3), layout="constrained")
for axis, title in zip(axes, formulas):
    for name, style in (("real", "k-o"), (GENERATORS[-1], "C1--s")):
        axis.plot(sizes, curves[title, name], style, label=name)
    axis.axvline(10 * target_features.shape[1], color="gray", linestyle=":", label="ten images for each feature")
    axis.set(xscale="log", xlabel="number of images of each kind", ylabel=f"{title} distance")
    axis.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axis.minorticks_off()
axes[0].legend();

# %% [markdown]
# Smaller sets get a larger Frechet distance: a covariance of 128 features, estimated from 150 images, is far from the true one.
# This is not noise, which would go up and down, but a **bias**. With 150 images, *real* digits get many times what the CGAN
# gets with 3,000. Compare only equal numbers. Even this is not quite safe, since the bias depends on the generator (Chong and
# Forsyth, [2020](https://arxiv.org/abs/1911.07023)).
#
# The kernel distance has no bias. With few images it goes up and down, and with 3,000 that of real digits is near zero. Below
# ten images for each feature, `ganlib` gives the kernel distance alone.
#
# ## What moves the number: how pictures were saved, and which ones
#
# Take the *real* digits. Shrink them to half the size by averaging and enlarge them again, or save them as JPEG.
#
# Or take real digits as they are, and choose another target. MNIST's test images are in order: the first 5,000 were written by
# employees of a census office, the others by students (LeCun et al., [1998](https://doi.org/10.1109/5.726791)).
#
# **Predict:** which of these costs as much as being a generator?

# %%
def averaged(image):
    half = Image.fromarray(image).resize((14, 14), Image.Resampling.BOX)
    return half.resize(image.shape, Image.Resampling.BICUBIC)


def as_jpeg(image):
    Image.fromarray(image).save(file := io.BytesIO(), "JPEG", quality=QUALITY)
    return Image.open(file)


# %%
# Picture: two rows of ten real digits; the averaged ones have soft edges, and the JPEG ones look almost untouched.
digits = sets["real"][..., 0]
treated = {treat.__name__: np.stack([treat(image) for image in digits])[..., None] for treat in (averaged, as_jpeg)}
titles = sum([[name, *[""] * 9] for name in treated], [])
display(ganlib.plots.plot_images(np.concatenate([images[:10] for images in treated.values()]), titles=titles))
moved = {name: metrics.frechet_distance(target_features, judge.outputs(images)[0]) for name, images in treated.items()}
employees, students = (judge.outputs(images)[0] for images in (test.images[:count], test.images[-count:]))
moved["employees against students"] = metrics.frechet_distance(employees, students)
for name, value in {"untouched": distances["real"], **moved}.items():
    print(f"Real digits, {name}: Frechet distance {value:.1f}")

# %% [markdown]
# All of them are real digits. Yet averaging costs more than the worst of the three generators, and JPEG, whose traces you have
# to look for, costs more than the floor. So both sides must have gone through the same treatment, in the same program: resizing
# functions with the same name differ in their filters (Parmar et al., [2022](https://arxiv.org/abs/2104.11222)). Compare what
# would be *saved*, pixels rounded to whole numbers.
#
# The last line changed only the choice of images. Merely because other people wrote them, real digits are farther from real
# digits than the DCGAN is. So draw images at random.
#
# ## What moves the number: who looks
#
# Features come from a network, and somebody chose it. `ganlib.encoders.judges` provides three: the classifier of digits; a
# network trained on photographs (ImageNet); and a *foreign* classifier, here one of Chinese characters. None has seen a test
# image.
#
# **Predict:** will all three put the generators in the same order? Where will they place the treated *real* digits? (The number
# after ± is the standard deviation over random halves.)

# %%
judges = ganlib.encoders.judges(ganlib.data.load("mnist"))
candidates, views = sets | treated, {}
for view in judges:
    looked_at = view(target[:FEW])
    found = {name: metrics.kernel_distance(looked_at, view(images[:FEW]), len(looked_at) // 2) for name, images in candidates.items()}
    views[view.kind] = {name: value for name, (value, _) in found.items()}
    print(f"{view.kind:>10}: " + ", ".join(f"{name} {value:.1f} ± {deviation:.1f}" for name, (value, deviation) in found.items()))

# %% [markdown]
# They do not agree. By the classifier's Frechet distance above, the CGAN was ahead of the DCGAN. To the network of photographs
# it is the other way round, and the FC-GAN is far behind both. That network was never taught digits, and it sees what the
# classifier overlooks: to it, JPEG's traces are worse than anything that the two convolutional generators do, while the
# classifier hardly notices them.
#
# A feature network is an opinion about what matters. The network of the well-known **FID** learned to name the thousand classes
# of ImageNet, and a generator can lower its FID by matching those classes, without better images (Kynkäänniemi et al.,
# [2023](https://arxiv.org/abs/2203.06026)). Only a distance in the features of that very network is an FID.
#
# The course calls one generator better than another only if at least two of its three judges do
# (`ganlib.evaluation.is_better`).
#
# ## What moves the number: luck
#
# Latents are drawn at random, and so are the weights that a training begins with. Train game A twice more, with other seeds,
# and draw five sets of latents for each of the three generators.

# %%
trainings = [games["A"]]
for seed in (RECIPE.seed + 1, RECIPE.seed + 2):
    trainings.append(ganlib.recipes.build(RECIPE, name=f"digits_A_{seed}", seed=seed).fit(steps=STEPS, bar=False))

# %%
digits_judge = ganlib.encoders.load("digits")
held_out, luck = digits_judge.outputs(ganlib.data.load("digits", "test").images)[0], []
for game in trainings:
    draws = (digits_judge.outputs(ganlib.images.to_uint8(game.sample(FEW, seed=seed)))[0] for seed in range(5))
    luck.append([metrics.kernel_distance(held_out, fake, len(held_out))[0] for fake in draws])
    print("Trained from seed {}: kernel distance {:.0f}, spread over latents {:.0f}".format(game.recipe.seed, np.mean(luck[-1]), np.std(luck[-1], ddof=1)))
over_trainings = np.std(np.mean(luck, axis=1), ddof=1)
print(f"Spread over trainings: {over_trainings:.0f}")

# %% [markdown]
# Neither spread can be neglected, and which one is larger depends on the recipe. A number from one training says something
# about that generator but little about the recipe.
#
# ## A person as a judge
#
# The oldest judge is your eye. It must not know which picture is which.

# %%
# Picture: twenty digits, some of them real and some generated, in random order.
quiz = ganlib.widgets.real_or_fake(GENERATORS[1], seed=SEED)

# %% [markdown]
# In a live notebook it asks you. Note the interval beside the score: twenty answers tell little. Your eye judges one picture at
# a time, as precision does. It cannot see a missing class or a copy.
#
# ## A number with its protocol
#
# A bare number means nothing. `ganlib.evaluation.evaluate` asks all three judges, records the protocol, and measures the floor.

# %%
noise = ganlib.store.noise_of(GENERATORS[-1])
result = ganlib.evaluation.evaluate(ganlib.load_generator(GENERATORS[-1]), "mnist", noise, count // 2, SEED)
print(ganlib.evaluation.table(result))

# %% [markdown]
# The column *real* is the floor. A dash means that there are too few images for a Frechet distance. To the classifier, the CGAN
# is close to real digits. To the network of photographs it is far from them, and nearest neighbours tell the two apart.
#
# The first table also has numbers that only a classifier can give, and some about the images themselves. The CGAN is as far
# from training images as new digits are, so it does not copy. All ten classes are there, evenly, which is no merit, since they
# were asked for. You get what you ask for, and within a class it varies about as much as real digits do.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("80_evaluate")

# %% [markdown]
# ## What is wrong with these claims?
#
# Say what is missing before you open the answers.
#
# 1. "Our generator has an FID of 8.3 on MNIST. The best one so far had 11.0."
# 2. "We saved the generator every 500 steps and measured all 40. The best has a Frechet distance of 3.1 to the test images."
# 3. "Precision is 0.97, as high as for real images. The generator has learned the distribution."
#
# <details><summary>Answers</summary>
#
# 1. Under which protocol? Somebody enlarged gray digits for a network of colour photographs, with some filter, and took some
#    number of images from some split. Compare what was measured in the same way.
# 2. The lowest of 40 numbers is low by merit and by luck. Choose the step with one set of images and latents, then measure it
#    *once* with others.
# 3. The copies and the ring with every other heap missing are as precise. Look at recall or coverage, and for copies.
# </details>
#
# ## How to report a number
#
# - **Features**: which networks, trained on what; how images were resized for them.
# - **Counts and splits**: how many images of each kind, of which split, drawn at random.
# - **The floor**: what real images get in the generator's place.
# - **The spread**: over latents, and over trainings from several seeds.
# - **More than one number**: one for credibility, one for variety, and a look for copies.
# - **What was chosen** by this number, such as a step or a rate, and on which images.
# - **Pictures**: the first ones generated, not the best.
#
# **Open exercise.** Find a judge by whom the FC-GAN wins: one or two numbers for each digit, and their Frechet distance. A good
# answer repeats it with three draws, and says what the judge is blind to. By ink and slant, the FC-GAN won every time.
#
# ## You can now
#
# - say why you cannot compare the losses of two games, and show it by letting each G play the other game's D;
# - write the usual measures, and name for each a fault that it sees and one that it misses;
# - name what moves a number without touching the generator, and report one so that another person can repeat it.
#
# **Next:** evaluate one of your own: `python -m ganlib evaluate RUN_FOLDER` prints this table for any run.
