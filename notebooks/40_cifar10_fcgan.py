# %% [markdown]
# # CIFAR-10: can you beat a forger who never plays?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/40_cifar10_fcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/40_cifar10_fcgan.ipynb)
#
# **You will**
#
# - build a generator from a mean and a covariance, in seconds and without a game;
# - prove which judges can never tell its pictures from photographs;
# - compare it with fully connected GANs over three seeds, by a judge that is blind to it and by three that are not.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [10_mnist_fcgan](10_mnist_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import time

import numpy as np
from matplotlib import pyplot
from sklearn.decomposition import PCA

ganlib.doctor.begin("cifar10")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("cifar10_fcgan")
STEPS = max(2, RECIPE.steps // 5)
SEEDS = [RECIPE.seed + number for number in range(3)]
FEW, MANY = 64, 256  # components
NUM_KNOWN = 5_000  # photographs that a forger looks at
COUNT = min(1_000, 50 * RECIPE.steps)  # pictures of each kind that are compared
SHOWN = 10

# %% [markdown]
# ## A forger without a game
#
# A generator learns from what D tells it. Does it need to? Think of a forger who never plays. He takes one look at five
# thousand photographs and writes down two things: the *mean* of each number in a photograph, and the *covariance* of any two of
# them, which says how they vary together. Then he draws new pictures from the Gaussian with this mean and this covariance.
#
# The photographs are those of CIFAR-10 (Krizhevsky, [2009](https://www.cs.toronto.edu/~kriz/learning-features-2009-TR.pdf)):
# six kinds of animals and four kinds of vehicles, at 32 by 32 pixels. For judging, set aside two sets of test photographs: one
# to compare with, and one to take the place of generated pictures.

# %%
cifar, test = (ganlib.data.load("cifar10", split) for split in ("train", "test"))
count = min(COUNT, len(test) // 2)
drawn, _ = ganlib.encoders.draw_images(test, 2 * count, np.random.default_rng(RECIPE.seed))
target, photographs = drawn[:count], drawn[count:]

# %% [markdown]
# The covariance has directions of its own, the *principal components*. Along the first of them the photographs vary the most,
# along the second the most of what is left, and so on. With the mean $\mu$, the components $v_i$ and the variances $\lambda_i$
# along them, the forger makes
#
# $$x = \mu + \sum_{i=1}^{k} \sqrt{\lambda_i}\, z_i\, v_i, \qquad z_i \text{ normal}.$$
#
# This is a generator, too. Its latents are $z$, and it is one dense layer without any bend (no activation function). More
# components keep more of the variance. Let three forgers look, each at his own photographs.

# %%
def look_once(seed):
    known, _ = ganlib.encoders.draw_images(cifar, min(NUM_KNOWN, len(cifar)), np.random.default_rng(seed))
    return PCA(MANY, svd_solver="randomized", random_state=seed).fit(ganlib.images.as_rows(known))


def as_pictures(rows):
    return ganlib.images.to_uint8(rows.clip(-1, 1).reshape(-1, *cifar.image_shape))


def forge(pca, components, seed):
    strengths = np.sqrt(pca.explained_variance_[:components])
    latents = np.random.default_rng(seed).standard_normal((count, components))
    return as_pictures(pca.mean_ + latents * strengths @ pca.components_[:components])


# %%
start = time.perf_counter()
forgers = {seed: look_once(seed) for seed in SEEDS}
gaussians = {k: [forge(forgers[seed], k, seed) for seed in SEEDS] for k in (FEW, MANY)}
seconds = (time.perf_counter() - start) / len(SEEDS)
kept = {k: forgers[SEEDS[0]].explained_variance_ratio_[:k].sum() for k in (FEW, MANY)}
print(f"{seconds:.0f} seconds for each forger, with the drawing.")
print(", ".join(f"{k} components keep {share:.0%}" for k, share in kept.items()), "of the variance of the pixels.")

# %%
# Picture: ten blurred patterns: a gray smudge, which is the mean, and the mean with one component added in each of the others.
first = forgers[SEEDS[0]]
patterns = first.mean_ + 2 * np.sqrt(first.explained_variance_[: SHOWN - 1, None]) * first.components_[: SHOWN - 1]
titles = ["mean", *(f"plus no. {number}" for number in range(1, SHOWN))]
ganlib.plots.plot_images(np.concatenate([as_pictures(first.mean_[None]), as_pictures(patterns)]), titles=titles)

# %% [markdown]
# The first picture is the mean. Each of the others is the mean with two standard deviations of one component added: light or
# dark, above or below, in the middle or around it, in a warm or a cold colour.
#
# **Predict:** the forger adds up 64 or 256 such patterns with random strengths. What will be right about the pictures, and what
# will be wrong?

# %%
# Picture: three rows of ten pictures. Photographs; soft clouds of colour; mottled clouds with finer detail.
rows = {"photographs": photographs, f"{FEW} comp.": gaussians[FEW][0], f"{MANY} comp.": gaussians[MANY][0]}
titles = sum([[name, *[""] * (SHOWN - 1)] for name in rows], [])
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in rows.values()]), titles=titles, scale=0.9)

# %% [markdown]
# The colours are right, and so is the light: the middle often differs from the edge. But these are clouds. With 64 components
# they are soft, with 256 mottled, and none of them shows an object.
#
# ## Forgers who play
#
# Now for the fully connected GAN (FC-GAN). For it, too, a picture is a list of numbers. But its G has layers with bends in
# between, and a D that tells it how to improve.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
games = {seed: ganlib.recipes.build(RECIPE, name=f"cifar10_fcgan_{seed}", seed=seed) for seed in SEEDS}
dense = [layer for layer in games[SEEDS[0]].generator.layers if "dense" in layer.name]
print(f"A picture of shape {cifar.image_shape} is a list of {np.prod(cifar.image_shape):,} numbers.")
print(f"The forger's one layer has {(MANY + 1) * np.prod(cifar.image_shape):,} weights. G has {len(dense)} dense layers.")

# %%
print(RECIPE.table())

# %% [markdown]
# Watch the first of three games; the other two run without a display.

# %%
# Picture: The training at its end: generated pictures, patches of light and dark under coloured grain, beside curves of the losses
#   and of the Frechet distance over the steps.
view = games[SEEDS[0]].watch(steps=STEPS)
view

# %%
view.wait()
for seed in SEEDS[1:]:
    games[seed].fit(steps=STEPS, bar=False)
made = {seed: ganlib.images.to_uint8(game.sample(count)) for seed, game in games.items()}

# %% [markdown]
# These training runs are short, to leave time for three seeds. So ask two published generators as well. One is the same FC-GAN,
# trained about fifteen times as long. The other is a DCGAN: lesson [41](41_cifar10_dcgan.ipynb) trains one, and its
# convolutions know which pixels are neighbours.
#
# **Predict:** who comes closest to photographs: the forger who never plays, this lesson's FC-GAN, the published one, or the
# DCGAN?

# %%
def published(name):
    generator, noise = ganlib.load_generator(name), ganlib.store.noise_of(name)
    return ganlib.images.to_uint8(ganlib.sampling.generate(generator, count, None, RECIPE.seed, noise)[0])


sets = {"photographs": [photographs], **{f"Gaussian, {k}": pictures for k, pictures in gaussians.items()}}
sets |= {"FC-GAN": list(made.values())}
sets |= {f"published {kind}": [published(f"cifar10_{kind.lower().replace('-', '')}")] for kind in ("FC-GAN", "DCGAN")}

# %%
# Picture: three rows of ten generated pictures. Light and dark patches under coloured grain; soft clouds around a middle; and shapes
#   with outlines, a few of them like animals or vehicles.
rows = [name for name in sets if "GAN" in name]
titles = sum([[name.replace("published", "publ."), *[""] * (SHOWN - 1)] for name in rows], [])
ganlib.plots.plot_images(np.concatenate([sets[name][0][:SHOWN] for name in rows]), titles=titles, scale=0.9)

# %% [markdown]
# This lesson's FC-GAN makes patches of light and dark under a heavy grain. More steps make the grain finer: the published one
# makes soft clouds, often around a middle that might be something. The DCGAN draws shapes with outlines, some of which you
# could take for an animal or a vehicle. Does any of this show up in a number?
#
# ## A blind judge
#
# The *Frechet distance* describes two sets by their means $\mu, \mu_g$ and covariances $\Sigma, \Sigma_g$, as the forger does
# (Heusel et al., [2017](https://arxiv.org/abs/1706.08500)):
#
# $$d_F = \lVert \mu - \mu_g \rVert^2 + \mathrm{tr}\,\Sigma + \mathrm{tr}\,\Sigma_g - 2\,\mathrm{tr}\,(\Sigma\, \Sigma_g)^{1/2}$$
#
# It is 0 if both agree. It needs a look at the pictures: a function that turns each of them into a few numbers. The library
# offers, among others, the first 64 principal components of the pixels, fitted to training images.
#
# **Predict:** rank the five by this distance. Will 256 components get a better number than 64?

# %%
def measure(judge):
    seen = judge(target)
    return {name: [ganlib.metrics.frechet_distance(seen, judge(each)) for each in several] for name, several in sets.items()}


def tell(found):
    for name, values in found.items():
        print(f"{name:>17}: " + ", ".join(f"{value:.0f}" for value in values))


# %%
blind = measure(ganlib.encoders.pixel_features(cifar))
tell(blind)

# %% [markdown]
# The row *photographs* is the floor: the distance of the other photographs that you set aside. It is not 0, since the means and
# covariances of a thousand pictures are a little off by chance. The forgers come right after it. For this judge, their clouds
# are nearly as good as photographs. All FC-GANs are far behind. Even the DCGAN, with its shapes, is behind every forger.
#
# ## Why it is blind
#
# This judge is *linear*: each of its numbers is a weighted sum of the pixels, $f(x) = Wx + b$. If the photographs have mean
# $\mu$ and covariance $\Sigma$, then what it sees in them has
#
# $$\text{mean } W\mu + b \quad\text{and}\quad \text{covariance } W \Sigma W^\top,$$
#
# whatever else the photographs contain. A forger with the same $\mu$ and $\Sigma$ gives the same two results. So his distance
# is 0 for *every* $W$, with few or many numbers, well or badly chosen, trained or not. No linear judge can catch him by this
# distance. His good score is not an achievement, either: he was built from the very things that are measured.
#
# A forger with $k$ components lacks the variance along the others. A judge who looks at all components sees this and nothing
# else: the distance is $\lambda_{k+1} + \lambda_{k+2} + \dots$, the sum of what was left out. The judge above looks at 64,
# so it cannot tell 64 from 256.
#
# ## What means and covariances do not tell
#
# For a fair look, let each forger keep everything. He mixes all the photographs $x_j$ that he knows with random weights:
#
# $$x = \mu + \frac{1}{\sqrt n} \sum_{j=1}^{n} w_j\, (x_j - \mu), \qquad w_j \text{ normal}.$$
#
# This is a Gaussian again, and its covariance is that of the known photographs. Now look at a weighted sum of only two pixels:
# a pixel minus its neighbour on the right. Its mean and its spread must be right, apart from chance and a little that is lost
# where pixels are cut off at black and white.
#
# **Predict:** what else can differ?

# %%
def mix(seed):
    """Returns pictures of the forger who keeps the whole covariance."""
    known, _ = ganlib.encoders.draw_images(cifar, min(NUM_KNOWN, len(cifar)), np.random.default_rng(seed))
    known = ganlib.images.as_rows(known)
    weights = np.random.default_rng(seed).standard_normal((count, len(known)), "float32") / np.sqrt(len(known))
    return as_pictures(known.mean(axis=0) + weights @ (known - known.mean(axis=0)))


def steps_between(images):
    return np.diff(np.asarray(ganlib.images.to_float(images)), axis=2).ravel()


# %%
mixed = [mix(seed) for seed in SEEDS]
found = {"photographs": steps_between(photographs)}
found |= {f"forger {number}": steps_between(images) for number, images in enumerate(mixed, 1)}
tails = {}
for name, steps in found.items():
    tails[name] = np.mean(np.abs(steps) > 4 * steps.std())
    print(f"{name}: spread {steps.std():.3f}; more than four times the spread in {tails[name]:.2%} of cases.")

# %%
# Picture: four curves on a logarithmic scale. That of the photographs has a sharp peak at 0 and long tails; those of the three
#   forgers lie on each other, have a lower peak and fall off much sooner.
figure, axis = pyplot.subplots(figsize=(6, 3), layout="constrained")
for (name, steps), style in zip(found.items(), ("-", "--", "-.", ":")):
    share, edges = np.histogram(steps, bins=61, range=(-1.5, 1.5))
    axis.semilogy((edges[1:] + edges[:-1]) / 2, np.where(share, share, np.nan) / len(steps), style, label=name)
axis.set(xlabel="a pixel minus its neighbour", ylabel="share")
axis.legend();

# %% [markdown]
# Photographs are flat in many places, with few sharp edges. So their curve has a high peak and long tails. The forgers' steps
# are more alike in size. Their mean and spread are right, but there is no edge among them. *A mean and a covariance do not know
# what an edge is.*
#
# ## Judges that can see
#
# A judge notices this if its look has bends in it. The course has three such judges: the classifier of CIFAR-10, a network that
# was trained on photographs of all kinds (ImageNet), and a foreign classifier, which learned garments in gray. Their outputs
# are not weighted sums of pixels. The distance is the same as above; only the look has changed.
#
# **Predict:** will the forger still be ahead of the FC-GANs? And of the DCGAN?

# %%
judges = {judge.kind: measure(judge) for judge in ganlib.encoders.judges(cifar)}
for kind, distances in judges.items():
    print(f"To the judge {kind}:")
    tell(distances)

# %% [markdown]
# All three can tell what the blind judge cannot: 256 components are nearer to photographs than 64. For all three judges, the
# forger with 256 components is also nearer than any FC-GAN here, including the one with about fifteen times as many steps.
# Nobody told him what is wrong with his pictures. One look was enough.
#
# Yet he can be beaten. For all three, the DCGAN is nearer than every forger, with the very pictures that the blind judge put
# behind theirs. The distance is the same; the look has reversed the order.
#
# Perhaps your eye prefers the soft clouds of the published FC-GAN to the mottled ones. But it looks at one picture at a time. A
# distance between two sets also asks whether everything is there. Separate the two questions: *precision* is the share of
# generated pictures that lie among the real ones, and *recall* is the share of real pictures that lie among the generated ones
# (Kynkäänniemi et al., [2019](https://arxiv.org/abs/1904.06991)). Let the classifier look.
#
# **Predict:** in which of the two is the forger with 256 components ahead of the published FC-GAN?

# %%
classifier = ganlib.encoders.load("cifar10")
seen = classifier.outputs(target)[0]
features = {name: [classifier.outputs(each)[0] for each in several] for name, several in sets.items()}
shares = {name: [ganlib.metrics.precision_recall(seen, each) for each in several] for name, several in features.items()}
for name, several in shares.items():
    print(f"{name:>17}: precision, recall " + "; ".join("{:.2f}, {:.2f}".format(*both) for both in several))

# %% [markdown]
# In recall. For the classifier, the pictures of the FC-GANs are too much alike, and only a few photographs lie among them. The
# recall of the forger with 256 components is low as well, but higher than that of any FC-GAN. The one with 64 leaves too much
# out. Only the DCGAN covers a good part of the photographs.
#
# Do not conclude that FC-GANs cannot win. These are small networks with minutes of training. But a game has to be compared with
# something, and a Gaussian is a better standard than an untrained G: it costs seconds, and a G that beats it has learned
# something that means and covariances do not tell. The three judges can be fooled, too. They also compare only means and
# covariances, though of other numbers, and Kynkäänniemi et al. ([2023](https://arxiv.org/abs/2203.06026)) lower the well-known
# FID without making better images. All generators in the table are more than twice as far away as the floor.
#
# ## Explore it
#
# Here is the published FC-GAN.

# %%
# Picture: Rows of generated photographs, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore("cifar10_fcgan")

# %% [markdown]
# Each row is a walk along one direction, and in a live notebook there are sliders. Which of them change the colour of the whole
# picture, as one of the forger's first principal components would?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("40_cifar10_fcgan")

# %% [markdown]
# ## Exercise: catch the forger with one number
#
# Write a look of your own. `look(images)` gets pictures in [-1, 1], an array of shape (count, 32, 32, 3), and returns *one
# number for each of them*. The check takes the Frechet distance between your numbers for photographs and those for the forger
# who keeps the whole covariance, and divides it by the variance of the former. You have caught him if the result is above 0.15.

# %% tags=["exercise"]
def look(images):
    return None  # replace None: one number for each picture, that is not a weighted sum of its pixels


# %% tags=["check"]
real, forged, floor = (np.asarray(ganlib.images.to_float(images), "float64") for images in (photographs, mixed[0], target))
if ganlib.answers.given(look(real)):
    sets = (real, forged, floor, (real + forged) / 2)
    numbers, of_forged, of_floor, of_mean = (ganlib.answers.numbers(look(images), "look(pictures)", (count,), advice="Each picture has one.") for images in sets)
    assert np.isfinite(numbers).all() and numbers.std() > 1e-9, "expected finite numbers that are not the same for all pictures"
    linear = np.allclose(of_mean, (numbers + of_forged) / 2, atol=1e-3 * numbers.std())
    assert not linear, "this is a weighted sum of the pixels; no such look can catch the forger"
    caught, luck = (ganlib.metrics.frechet_distance(numbers[:, None], other[:, None]) / numbers.var() for other in (of_forged, of_floor))
    assert caught > 0.15, f"not a weighted sum, but a distance of {caught:.3f} is too little; what do photographs have that clouds lack?"
    print(f"Right: a distance of {caught:.2f} for the forger, of {luck:.3f} for other photographs.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def look(images):
#     return np.abs(np.diff(images, axis=2)).std(axis=(1, 2, 3))
# ```
#
# How much do the steps between neighbours differ in size? In a photograph many are next to nothing, and a few are edges.
# Photographs also differ more from each other in this than the forger's pictures do. The look needs a bend, such as an absolute
# value or a square. Without one, steps up and down cancel, and the look is a weighted sum.
# </details>

# %% [markdown]
# **Open exercise.** How much should a forger keep? Set `MANY` to 1,024 and forge with at least five numbers of components from
# 16 up, each time with three forgers. Plot two distances against the number: the blind judge's and the ImageNet network's. A
# good answer shows where each of the two stops falling, says which of these points follows from the theory above, and gives the
# spread over the forgers. Three forgers gave the blind judge distances of 162 to 163 with 16 components, 19 to 22 with 64 and
# 20 to 23 with 1,024, and the ImageNet network 2,602 to 2,641, 1,306 to 1,311 and 889 to 914. What happens in between?
#
# ## You can now
#
# - build a generator from a mean and a covariance, and use it as a baseline that costs seconds;
# - prove that no linear judge can tell it from photographs by the Frechet distance;
# - say who beats it, by which judge, and why one distance with two looks can give two rankings.
#
# **Next:** in [41_cifar10_dcgan](41_cifar10_dcgan.ipynb) convolutions take on the photographs, and the question is how small a
# picture may be.
