# %% [markdown]
# # Classes and directions that nobody named
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/62_celebrities_cgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/62_celebrities_cgan.ipynb)
#
# **You will**
#
# - make classes for photographs without labels, in two ways and in a third way that means nothing, and see what a conditional game does
#   with each;
# - find directions for light, background and hair in a trained generator, with a few numbers that are computed from its pictures and
#   without any;
# - say why a single latent number has no meaning of its own, and take one direction out of another.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) and
# [61_celebrities_dcgan](61_celebrities_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import numpy as np
from matplotlib import pyplot
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import cross_val_score

ganlib.doctor.begin("celebrities")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
SMALL = dict(generator=dict(filters=(64, 32, 16), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(16, 32, 64), dropout=0.4))
RECIPE = ganlib.recipes.get("celebrities_cgan", clusters=4, averaging=0.99, **SMALL)  # short games with half the width
SMOKE = RECIPE.profile == "smoke"
STEPS, LOOKS = min(400, RECIPE.steps), min(10, RECIPE.steps)
CLASSES, COMPONENTS = RECIPE.clusters, 20
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 2))]
MADE, FEW = (200, (20, 50)) if SMOKE else (2_000, (100, 200, 500))  # generated faces that are measured; how many labels may do
WALKERS, FAR = 64, 4.0  # faces that walk, and how far a strip goes to either side

# %% [markdown]
# ## Classes without a name
#
# A conditional GAN needs labels, and these faces have none. Nobody wrote down who is blonde, who smiles, or where the light comes from.
# Can there be a conditional game all the same? (The people in them were not asked, so keep what you make of their faces to yourself.
# [61_celebrities_dcgan](61_celebrities_dcgan.ipynb) says more about that.)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
faces = ganlib.data.load("celebrities")
print(f"Images of shape {faces.image_shape}; {len(faces.class_names)} of their classes have a name.")

# %% [markdown]
# Labels can be *found*. Describe each photograph by a list of numbers, and let k-means make four clusters of lists that are close to each
# other. The number of its cluster becomes a photograph's label. (The course's recipe for this data does something similar.) Try three
# kinds of labels:
#
# - clusters of **pixels**: the lists are the principal components of the pixels;
# - clusters of **features**: the principal components of what a network trained on ImageNet sees;
# - **nothing**: the labels of the features, shuffled. Each class is as large as before, but the labels mean nothing.

# %%
see = ganlib.encoders.imagenet_features(faces, ganlib.encoders.QUICK_SIZE)
views = {"pixels": ganlib.images.as_rows, "features": see}
maps = {name: PCA(COMPONENTS, random_state=RECIPE.seed).fit(view(faces.images)) for name, view in views.items()}


def described(images):
    return {name: maps[name].transform(view(images)) for name, view in views.items()}


# %%
known = described(faces.images)
labelings = {name: KMeans(CLASSES, n_init=10, random_state=RECIPE.seed).fit_predict(known[name]) for name in views}
labelings["nothing"] = np.random.default_rng(RECIPE.seed).permutation(labelings["features"])

# %% [markdown]
# **Predict:** what will the faces in one cluster of pixels have in common? And those in one cluster of features?

# %%
# Picture: Four rows of photographs, a row for each class, in three blocks of six columns: clusters of pixels, of features, shuffled labels.
def in_blocks(pick):
    images = [pick(kind, label) for label in range(CLASSES) for kind in labelings]
    titles = sum([[kind, *[""] * 5] for kind in labelings], []) + [""] * (18 * CLASSES - 18)
    return ganlib.plots.plot_images(np.concatenate(images), columns=18, titles=titles, scale=0.5)


in_blocks(lambda kind, label: faces.images[np.resize(np.flatnonzero(labelings[kind] == label), 6)])

# %% [markdown]
# Pixels sort by light: one class is dark all over, and in another the background is white. The clusters of features look more mixed, and
# it is hard to say what their faces have in common. Nobody named these classes, and perhaps nobody can. Do you see a pattern in the third
# block, too? Then be careful with the second one, because there is none in the third.
#
# Can a class be seen at all? Let a linear classifier, the *reader*, learn the labels from both descriptions together. Ask it
# about faces that it has not learned from: split the faces into five parts, let it learn from four, ask it about the fifth, and
# take turns (*five-fold cross-validation*).

# %%
together = np.concatenate(list(known.values()), axis=1)
readers = {kind: LinearDiscriminantAnalysis().fit(together, labels) for kind, labels in labelings.items()}
readable = {kind: cross_val_score(LinearDiscriminantAnalysis(), together, labels, cv=5).mean() for kind, labels in labelings.items()}
for kind, labels in labelings.items():
    sizes = ", ".join(f"{count / len(labels):.0%}" for count in np.bincount(labels))
    print(f"{kind:>8}: the reader is right about {readable[kind]:.0%} of new faces. The classes hold {sizes} of all faces.")

# %% [markdown]
# Shuffled labels cannot be read, as it should be. D is in the same position. Unless it learns the photographs by heart, a shuffled label
# tells it nothing about a face.
#
# ## Three games
#
# Now play a short game with each kind of labels, with three seeds. The games of one seed begin with the same weights, see the same
# photographs in the same order, and draw the same latents. *Only the labels differ.* (`build` finds clusters of its own, and says so.
# They are not used here.) The first game is shown while it runs.

# %%
asked, samples, same = {}, {}, {}


def play(run, begun, kind, seed, callbacks=()):
    for path, variable in ganlib.training.checkpoint.variables(run.gan).items():
        variable.assign(begun[path])
    named = dataclasses.replace(faces, labels=labelings[kind].astype("int32"), class_names=tuple("1234"))
    stream = ganlib.data.batches(named, min(RECIPE.batch_size, len(faces)), seed)
    run.gan.fit(stream, epochs=LOOKS, steps_per_epoch=STEPS // LOOKS, callbacks=callbacks, verbose=0, check=False)
    asked[kind, seed] = np.random.default_rng(seed).permutation(labelings[kind])  # classes as frequent as among the photographs
    draw = lambda count, labels: ganlib.sampling.generate(run.gan.averaged_generator, count, labels, RECIPE.seed)[0]
    samples[kind, seed] = ganlib.images.to_uint8(draw(len(faces), asked[kind, seed]))
    same[kind, seed] = np.stack([draw(100, [label]) for label in range(CLASSES)])  # with the same latents


# %%
# Picture: The first game at its end: at the left, forty rough faces; at the right, the losses of the two players over the steps.
for seed in SEEDS:
    run = ganlib.recipes.build(RECIPE, seed=seed)
    run.gan.jit_compile = not SMOKE
    begun = {path: variable.numpy() for path, variable in ganlib.training.checkpoint.variables(run.gan).items()}
    for kind in labelings:
        play(run, begun, kind, seed, [] if samples else [ganlib.widgets.Watch(STEPS, RECIPE.noise)])  # the first game only

# %% [markdown]
# Measure three things.
#
# - The **distance** to the photographs, as two networks see it: the one that made the features, and a CIFAR-10 classifier. The first one
#   may favour its own clusters, which is why there is a second one.
# - **Obedience**: for how many generated faces does the reader name the class that was asked for?
# - What the **label decides**: one latent is turned into a face of each class. How much of a pixel's variance comes from the label alone,
#   as in [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb)?
#
# **Predict:** which labels bring the faces nearest to the photographs? What does G do with a label that means nothing?

# %%
judges = {"distance, ImageNet": see, "distance, CIFAR-10": ganlib.encoders.foreign_features(faces, "cifar10")}
real = {name: judge(faces.images) for name, judge in judges.items()}
found = {}
for (kind, seed), images in samples.items():
    row = {name: ganlib.metrics.frechet_distance(real[name], judge(images)) for name, judge in judges.items()}
    seen = np.concatenate(list(described(images).values()), axis=1)
    aligned = (seen - seen.mean(axis=0)) / seen.std(axis=0) * together.std(axis=0) + together.mean(axis=0)
    row |= {name: np.mean(readers[kind].predict(rows) == asked[kind, seed]) for name, rows in (("obedience", seen), ("obedience, aligned", aligned))}
    row["label decides"] = same[kind, seed].var(axis=0).mean() / same[kind, seed].reshape(-1, *faces.image_shape).var(axis=0).mean()
    found[kind, seed] = row

# %%
# Picture: Five panels with three points for each kind of labels, one for each seed. For shuffled labels the last three are low.
figure, panels = pyplot.subplots(1, 5, figsize=(13, 2.6), layout="constrained", subplot_kw={"ymargin": 0.3})
for panel, measure in zip(panels, row):
    for place, kind in enumerate(labelings):
        values = [found[kind, seed][measure] for seed in SEEDS]
        panel.plot([place] * len(values), values, "o")
        print(f"{measure}, {kind}:", *(f"{value:.0f}" if "distance" in measure else f"{value:.0%}" for value in values))
    panel.set(title=measure, ylim=(0, None), xlim=(-0.5, 2.5), xticks=range(3), xticklabels=labelings)

# %% [markdown]
# On average, labels that mean something bring the faces nearer to the photographs: by both judges, the mean distance over the seeds is
# largest for the shuffled labels. With other seeds, a single game came out the other way round, so three seeds say little about how large
# the difference is. Which kind of clusters is better? Do not ask the first judge, who made one of them. Whether clusters are better than
# no labels at all was not tested here.
#
# What does G do with a label that means nothing? It ignores it: the label decides next to nothing, and obedience is close to chance. With
# clusters of pixels, most faces are what was asked for.
#
# The clusters of features are a puzzle. Their labels decide about a quarter of the variance or more, but the reader finds little of it.
# So it is the reader that fails. It learned from sharp photographs, and now it is asked about rough faces, whose numbers lie elsewhere.
# *A judge is only good for pictures like those that it learned from.* One remedy is to shift and stretch each number that the reader
# sees, so that generated faces have the mean and the spread of photographs. This is `obedience, aligned`, and with it the reader finds
# more of these labels.

# %%
# Picture: Four rows of generated faces, a row for each class, in three blocks of six columns with one latent to a column.
in_blocks(lambda kind, label: same[kind, SEEDS[0]][label, :6])

# %% [markdown]
# After such a short game, these are rough faces. But within a column you can see what a label does. On the left and in the middle the
# rows differ in light, and on the right all four rows are the same. Clusters have been used in this way to make GANs more varied: Liu et
# al. ([2020](https://arxiv.org/abs/2006.10728)) cluster D's own features, and renew the clusters during training.
#
# ## Directions
#
# Four classes are coarse, and light does not come in four kinds. z has to decide whatever the classes leave open, and z is a point in a
# space of many dimensions. So look for *directions* in that space. For this you need a generator that makes good faces: the published one
# of lesson 61, which takes no labels.

# %%
# Picture: Two rows of ten generated faces, many of them good, before cloudy backgrounds.
G, noise = ganlib.load_generator("celebrities_dcgan"), ganlib.store.noise_of("celebrities_dcgan")
length = G.inputs[0].shape[-1]
z = ganlib.sampling.draw_latents(MADE, length, noise, RECIPE.seed)
made = G.predict(z, batch_size=250, verbose=0)
ganlib.plots.plot_images(made[:20])

# %% [markdown]
# You need a ruler for what you are looking for. Shen et al. ([2020](https://arxiv.org/abs/1907.10786)) use classifiers that were trained
# on labelled faces. Here rulers are made of rectangles, placed where a face has its cheeks, its hair and its background. There are four
# of them:
#
# - `light`: how much brighter the right half of the face is than its left half;
# - `face`, `background` and `hair`: how bright these places are.

# %%
RULERS = ("light", "face", "background", "hair")
CHEEKS, TOP, CORNERS = (np.s_[:, 10:26, 9:16], np.s_[:, 10:26, 16:23]), np.s_[:, 2:6, 11:21], (np.s_[:, :10, :4], np.s_[:, :10, -4:])


def measured(images):
    """Returns what the rulers say, (count, 4)."""
    gray = np.asarray(ganlib.images.to_float(images)).mean(axis=-1)
    left, right, hair, *corners = (gray[place].mean(axis=(1, 2)) for place in (*CHEEKS, TOP, *CORNERS))
    return np.stack([right - left, (left + right) / 2, np.mean(corners, axis=0), hair], axis=1)


# %%
# Picture: Four rows of ten generated faces, one for each ruler: the five with the lowest values at the left, the five with the highest at the right.
spread = measured(made).std(axis=0)
values = (measured(made) - measured(made).mean(axis=0)) / spread
ends = np.concatenate([values.argsort(axis=0)[:5], values.argsort(axis=0)[-5:]]).T
ganlib.plots.plot_images(made[ends.ravel()], titles=sum([[name, *[""] * 9] for name in RULERS], []))

# %% [markdown]
# These are the five lowest and the five highest faces by each ruler. A ruler measures what it measures. At one end, `hair` finds black
# hair. At the other it finds whatever is bright in this place, blonde or not.
#
# ## An attribute is a direction
#
# Suppose that such a number $a$ depends on $z$ in the simplest way:
#
# $$a(z) = w^\top z + b.$$
#
# All $z$ with the same $a$ then form a *hyperplane*, and $w$ is at a right angle to it. Its direction $n = w / \|w\|$ is called
# the **normal**. No other direction changes $a$ as fast. A walk of length $t$ along a direction $m$, itself of length 1,
# changes $a$ by $t\,\|w\|\,(m^\top n)$. That is nothing if $m$ is at a right angle to $n$. Since both have length 1, $m^\top n$
# is the *cosine* of the angle between them.
#
# Linear regression finds $w$. The numbers of z are independent, with mean 0 and variance 1, so $w$ is also the mean of $z\,a(z)$: it is
# the average latent, weighted by the attribute.
#
# But G is anything but linear: it has convolutions, normalizations and a tanh. So test it. Fit on half of the faces, and explain
# the other half.
#
# **Predict:** how much of the variance of the rulers can a linear function of z explain?

# %%
half = MADE // 2
fit = LinearRegression().fit(z[half:], values[half:])
normals = fit.coef_ / np.linalg.norm(fit.coef_, axis=1, keepdims=True)
explained = 1 - np.var(values[:half] - fit.predict(z[:half]), axis=0) / np.var(values[:half], axis=0)
print("Explained:", ", ".join(f"{name} {share:.0%}" for name, share in zip(RULERS, explained)))
for count in FEW:
    parts = [np.s_[start : start + count] for start in range(0, half - count + 1, count)]
    found_with = np.stack([LinearRegression().fit(z[part], values[part]).coef_ for part in parts])
    cosines = (found_with * normals).sum(axis=2) / np.linalg.norm(found_with, axis=2)
    print(f"{count} labels: cosine to the normals", ", ".join(f"{name} {value:.2f}" for name, value in zip(RULERS, cosines.mean(axis=0))))

# %% [markdown]
# Most of it! And a few labels are enough. The last lines come from faces that the normals have not seen, a few of them at a time. With
# two hundred labels the direction is nearly the same. You could have written that many down by hand.
#
# ## Walking
#
# Take one face and walk along the normals, with everything else equal. For comparison, walk as far along single numbers of z.
#
# **Predict:** what will one latent number change?

# %%
# Picture: Seven walks through one face. The light moves; face, background and hair get lighter; single numbers change a little of everything.
starts = ganlib.sampling.draw_latents(WALKERS, length, noise, RECIPE.seed, stream=1)


def walk(starts, direction, reach=2.0, steps=2):
    """Returns the faces from -reach to reach along a direction, one walk after another."""
    places = starts[:, None] + np.linspace(-reach, reach, steps)[:, None] * direction
    return G.predict(places.reshape(-1, length).astype("float32"), batch_size=250, verbose=0)


def strips(ways, starts=starts[:1]):
    walks = np.concatenate([walk(start[None], way, FAR, 9) for start in starts for way in ways.values()])
    return ganlib.plots.plot_images(walks, columns=9, titles=sum([[name, *[""] * 8] for name in ways], []) * len(starts))


axes = np.eye(length)
strips(dict(zip(RULERS, normals)) | {f"number {i + 1} of z": axes[i] for i in range(3)})

# %% [markdown]
# Along each normal you see what its name says, and for most of the way the face in front of you stays recognisable. Along a single number
# a little of everything changes. At the ends of the upper rows, G is asked for latents that are hardly ever drawn, and there it overdoes
# things. Does light hair end up blonde or bald? The ruler cannot tell these apart, so neither can its direction. A direction finds *what
# was measured, not the word above it*.
#
# Now in numbers. Let 64 faces walk from -2 to 2, and measure by how many standard deviations each ruler changes. Do the same with the
# single number of z that has the most to do with the ruler.

# %%
def changes(direction):
    """Returns by how many standard deviations the rulers change on the way from -2 to 2, (faces, 4)."""
    ends = measured(walk(starts, direction)).reshape(WALKERS, 2, -1)
    return (ends[:, 1] - ends[:, 0]) / spread


def tell(name, changed):
    pairs = zip(RULERS, changed.mean(axis=0), 2 * changed.std(axis=0) / WALKERS**0.5)
    print(f"{name:>16}:", ", ".join(f"{ruler} {average:+.1f} ± {error:.1f}" for ruler, average, error in pairs))


best = np.abs(normals).argmax(axis=1)  # for each ruler, the number of z that has most to do with it
walked = {name: changes(normal) for name, normal in zip(RULERS, normals)}
singles = {f"number {i + 1} of z": changes(np.sign(normal[i]) * axes[i]) for normal, i in zip(normals, best)}
for name, changed in (walked | singles).items():
    tell(name, changed)

# %% [markdown]
# Each normal changes its own ruler most, by more than three standard deviations. The best single number does less than half of
# that. But look at what else changes. No walk changes its own ruler alone. A walk along `hair`, for instance, makes the
# background lighter, too.
#
# ## Why no single number has a meaning
#
# You might expect training to give each number of z a job. But look at how z is drawn. The density of a normal distribution,
#
# $$p(z) \propto e^{-\|z\|^2 / 2},$$
#
# depends on the length of z alone. Turn the whole space by any rotation R, and $Rz$ has the same distribution as z. So for every G there
# is another generator, $z \mapsto G(Rz)$, whose pictures have exactly the same distribution. No D can tell the two apart. If light lies
# along the first number in one of them, it is spread over many numbers in the other. Hardly any direction runs along an axis: on average,
# each number of a random direction has a share of $1/n$ in its squared length.
#
# So the game has no reason to prefer an axis. An optimizer may have one, since Adam scales each weight by itself. So test it: how is the
# squared length of a normal divided among the numbers, and how is that of random directions?
#
# **Predict:** is there a number whose share is larger than chance allows?

# %%
# Picture: Shares of the 64 numbers of z in the four normals, from the largest to the smallest. The four falling lines run in or near a gray band.
def shares(directions):
    return np.sort(directions**2 / np.sum(directions**2, axis=1, keepdims=True), axis=1)[:, ::-1]


by_luck = shares(np.random.default_rng(RECIPE.seed).standard_normal((1_000, length)))
figure, axis = pyplot.subplots(figsize=(6, 2.6), layout="constrained")
axis.fill_between(range(1, length + 1), *np.quantile(by_luck, [0.025, 0.975], axis=0), color="0.85", label="95 % of random directions")
axis.plot(range(1, length + 1), shares(normals).T, label=RULERS)
axis.set(xlabel="numbers of z, the one with the largest share first", ylabel="share in a normal")
axis.legend(fontsize=8);

# %% [markdown]
# The normals look like directions that were drawn at random. So "number 17 makes the hair lighter" is a remark about one generator. With
# another seed, hair may lie anywhere. (For latents from a cube, as in [60_celebrities_fcgan](60_celebrities_fcgan.ipynb), the argument
# does not hold: a rotated cube is a different cube.)
#
# ## One without the other
#
# Why does the background follow the hair? By the formula above, a walk along one normal changes another attribute if the two normals are
# not at a right angle. Here they are not, since in these pictures light hair often comes with a light background. But two directions that
# are not at a right angle can still be separated. Take out of one what it has of the other:
#
# $$n_\text{hair}' = n_\text{hair} - (n_\text{hair}^\top n_\text{background})\, n_\text{background},$$
#
# and give it length 1 again. Shen et al. call this *conditional manipulation*.
#
# **Predict:** what will happen to the background, and how much of the hair will be lost?

# %%
hair, background = (normals[RULERS.index(name)] for name in ("hair", "background"))
alone = hair - (hair @ background) * background
alone /= np.linalg.norm(alone)
walked["hair alone"] = changes(alone)
print(f"The cosine between the two normals is {hair @ background:.2f}.")
for name in ("hair", "hair alone"):
    tell(name, walked[name])

# %%
# Picture: Two faces, each on two walks. Along hair, the background gets lighter with the hair; along hair alone, it stays more like it was.
strips({"hair": hair, "hair alone": alone}, starts[:3:2])

# %% [markdown]
# Most of the change in the background is gone, and the hair has lost little. The brightness of the face still changes, since nobody took
# it out. That is left for you, below.
#
# ## Directions that nobody asked for
#
# What if there is no ruler? Then look for directions along which *a lot* changes. The first layer of G multiplies z by a matrix, and
# everything else in G works with the result. The matrix stretches some directions more than others, and its singular vectors are these
# directions, with the most stretched one first (Shen and Zhou, [2021](https://arxiv.org/abs/2007.06600)). That does not take a single
# picture. Härkönen et al. ([2020](https://arxiv.org/abs/2004.02546)) make pictures, and take the principal components of what the layers
# put out.
#
# **Predict:** will these directions have names?

# %%
# Picture: Three walks through one face. In the first the background gets dark, in the second short hair gets long,
#   in the third dark hair gets blonde.
unasked = ganlib.widgets.space.directions(G, 3)
strips({f"direction {i + 1}": way for i, way in enumerate(unasked)})

# %%
for i, way in enumerate(unasked):
    print(f"direction {i + 1}: cosine to", ", ".join(f"{name} {value:+.2f}" for name, value in zip(RULERS, normals @ way)))
loud = [np.square(np.diff(walk(starts, way).reshape(WALKERS, 2, -1), axis=1)).mean() for way in (*unasked, *axes[:10])]
print(f"By the mean square, pixels change {min(loud[:3]) / np.mean(loud[3:]):.0f} to {max(loud[:3]) / np.mean(loud[3:]):.0f} times as much as along numbers of z.")

# %% [markdown]
# These directions are loud: a lot changes along them. You have to find names for them yourself. The first one is the background and
# the third one is the hair, for which you had rulers. In the second one short hair gets long, and none of your rulers knows about
# that.
#
# ## Explore it

# %%
# Picture: Seven rows of nine faces, each of which walks along one direction: those of the rulers, and three that nobody asked for.
space = ganlib.widgets.space.Space(G, noise, (), np.concatenate([normals, unasked]).astype("float32"))
ganlib.widgets.exploring.Explorer(space, "celebrities_dcgan").show()

# %% [markdown]
# The first four rows are your normals, and the others are the directions that nobody asked for. In a live notebook there is a slider for
# each, with a field for its name, and next to them there are sliders for single numbers of z. Make the hair lighter, then bring the
# background back.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("62_celebrities_cgan")

# %% [markdown]
# ## Exercise: alone among many
#
# `hair alone` leaves out one ruler. Now leave out several. Write `without(direction, others)`: `direction` has $n$ numbers, and `others`
# is an array (k, n) of further directions. All have length 1, and they need not be at right angles to each other. Among the directions of
# length 1 that are at a right angle to *all* of the others, return the one that is closest to `direction`.

# %% tags=["exercise"]
def without(direction, others):
    return None  # replace this line; what you take out first may come back when you take out the next


# %% tags=["check"]
given, rest = np.split(np.random.default_rng(0).standard_normal((4, 9)), [1])
given, rest = given[0] / np.linalg.norm(given), rest / np.linalg.norm(rest, axis=1, keepdims=True)
if ganlib.answers.given(without(given, rest)):
    answer = ganlib.answers.numbers(without(given.copy(), rest.copy()), "the direction", given.shape)
    assert np.isclose(answer @ answer, 1), "a direction has length 1, or else walks along it are shorter than others"
    assert np.allclose(rest @ answer, 0, atol=1e-6), "it still moves along one of the others; did something come back when you took out the next?"
    assert answer @ given > 0, "it has turned round, and leads the opposite way to the given direction"
    everything = np.vstack([given, rest]).T
    off = answer - everything @ np.linalg.lstsq(everything, answer)[0]
    assert np.allclose(off, 0, atol=1e-6), "it turns further away than it must; take out only what the others have"
    print("Right. The hair without the light, the face and the background:")
    tell("hair", changes(without(hair, normals[:3])))
    display(strips({"hair": hair, "hair without the rest": without(hair, normals[:3])}))

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def without(direction, others):
#     basis = np.linalg.qr(np.transpose(others))[0]  # directions at right angles to each other, in the space of the others
#     left = direction - basis @ (basis.T @ direction)
#     return left / np.linalg.norm(left)
# ```
#
# If the others were at right angles to each other, you could take them out one by one. They are not: taking out the second brings back
# some of the first.
# </details>

# %% [markdown]
# **Open exercise.** Add a fifth ruler, `warm`: the mean of red minus the mean of blue. How much of it is linear in z, what else
# changes along its normal, and what is left of that with your `without`? A good answer shows all changes over 64 faces with errors,
# for latents from three seeds, and says which of them are larger than their error. With 600 faces to fit and 600 to test, a linear
# function explained, for three seeds, 80 to 85 % of it. On the way from -2 to 2 it changed by 3.5 to 4.0 standard deviations, and the
# hair by 0.7 to 1.0. With the four others taken out it changed by 3.5 to 3.9, and the hair by no more than 0.2.

# %% [markdown]
# ## You can now
#
# - find labels by clustering, and say what a game does with labels that can be seen and with labels that mean nothing;
# - find a direction by regression on a few computed labels, or by the first layer's singular vectors, and measure what it changes, wanted
#   or not;
# - use the symmetry of the normal distribution to explain why no single number has a meaning, and take one direction out of another.
#
# **Next:** [70_calligraphy_fcgan](70_calligraphy_fcgan.ipynb) leaves the network as it is, and changes the picture.
