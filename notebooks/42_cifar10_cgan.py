# %% [markdown]
# # CIFAR-10: what is a label worth?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/42_cifar10_cgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/42_cifar10_cgan.ipynb)
#
# **You will**
#
# - shuffle labels on purpose, and work out by formula how much they still tell you;
# - derive what the best D and the best G do with labels that lie, and what stays the same;
# - play the same game with clean labels, spoiled ones and none, with three seeds, and keep obedience and quality apart.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [12_mnist_cgan](12_mnist_cgan.ipynb) and
# [41_cifar10_dcgan](41_cifar10_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import dataclasses

import numpy as np
from keras.optimizers import Adam
from matplotlib import pyplot

ganlib.doctor.begin("cifar10")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
NARROW = {"generator": {"filters": (64, 32, 16), "strides": (2, 2, 2), "momentum": 0.9}, "discriminator": {"filters": (16, 32, 64)}}
RECIPE = ganlib.recipes.get("cifar10_cgan", batch_size=16, **NARROW)
CLASSES = ("automobile", "horse", "ship")
STEPS, LOOKS = min(600, RECIPE.steps), 10  # of a game: its steps, and how often its losses are noted
SEEDS = [RECIPE.seed + number for number in range(1 if RECIPE.profile == "smoke" else 3)]
SHARES = (0.0, 0.5, 1.0)  # of the labels that are shuffled
COUNT = min(1_000, 50 * RECIPE.steps)  # pictures of each kind that are compared
SHOWN = 8

# %% [markdown]
# In [12_mnist_cgan](12_mnist_cgan.ipynb) labels gave you control: you asked for a digit and got it. Do they also give better
# pictures? Goodfellow ([2016](https://arxiv.org/abs/1701.00160)) advises training with labels, since this almost always makes the
# pictures look better, and adds that it is not clear why. There are at least two answers:
#
# - *Information.* A label says what is in the photograph, so the players need not find out.
# - *Capacity.* Networks with a label have more weights and one more input. Perhaps any input would do.
#
# How can you tell them apart? Keep the networks and take away the information: train them with labels that are *wrong*.
#
# ## Three kinds of things, and labels that lie
#
# A few minutes are not enough for ten classes of photographs, as lesson [41](41_cifar10_dcgan.ipynb) says. Take three: cars, horses
# and ships.

# %%
cifar, test = (ganlib.data.load("cifar10", split) for split in ("train", "test"))
wanted = [cifar.class_names.index(name) for name in CLASSES]


def narrowed(dataset):
    rows = np.flatnonzero(np.isin(dataset.labels, wanted))
    labels = [wanted.index(label) for label in dataset.labels[rows]]
    return dataclasses.replace(dataset, images=dataset.images[rows], labels=np.array(labels), class_names=CLASSES)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
world, aside = narrowed(cifar), narrowed(test)
count = min(COUNT, len(aside) // 2)
print(f"{len(world.class_names)} classes: {', '.join(world.class_names)}; photographs of shape {world.image_shape}.")

# %% [markdown]
# To spoil a share $s$ of the labels, choose that many photographs at random and shuffle *their* labels among them. No photograph is
# changed, and each label occurs as often as before.

# %%
def spoiled(share, seed):
    """Returns the training photographs with a share of their labels shuffled."""
    luck, labels = np.random.default_rng(seed), world.labels.copy()
    rows = luck.permutation(len(world))[: round(share * len(world))]
    labels[rows] = luck.permutation(labels[rows])
    return dataclasses.replace(world, labels=labels)

# %% [markdown]
# **Predict:** you shuffle half of the labels of three classes. What share of all labels is still right?

# %%
kept = {share: np.mean(spoiled(share, SEEDS[0]).labels == world.labels) for share in SHARES}
print(", ".join(f"{share:.0%} shuffled: {right:.1%} right" for share, right in kept.items()))

# %% [markdown]
# More than half: a shuffled label of $K$ classes is right by chance in one of $K$ cases. Overall, a label is right with probability
#
# $$a = (1 - s) + \frac{s}{K},$$
#
# and each of the $K-1$ wrong ones has probability $s/K$.
#
# ## How much is left?
#
# Let $y$ be the true class of a photograph $x$ and $\tilde y$ the label that it carries. *Mutual information* says how many bits
# one thing tells you about another. The true class of a photograph is one of $K$ equally frequent ones, so a clean label carries
# $\log_2 K$ bits. A spoiled label carries less, since you do not know whether it is right:
#
# $$I(x; \tilde y) = I(y; \tilde y) = \log_2 K + a \log_2 a + (K - 1)\, \frac sK \log_2 \frac sK$$
#
# (The first equality needs two things. The shuffling does not look at the photographs, so $\tilde y$ knows about $x$ only what $y$
# knows. And the photograph determines its class.)
#
# **Predict:** with half of the labels shuffled, two thirds are right. What share of the information is left?

# %%
def chances(share, classes=len(CLASSES)):
    """Returns how probable a label is that is right, and one that is wrong."""
    return 1 - share + share / classes, share / classes


def bits(share, classes=len(CLASSES)):
    """Returns how much a spoiled label tells about the photograph."""
    right, wrong = chances(share, classes)
    lost = -right * np.log2(right) - (classes - 1) * wrong * np.log2(max(wrong, 1e-300))
    return max(np.log2(classes) - lost, 0.0)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for share in (0, 0.25, 0.5, 0.75, 1):
    print(f"{share:4.0%} shuffled: {chances(share)[0]:4.0%} right, {bits(share):.2f} bits, {bits(share) / bits(0):4.0%} of the information")

# %%
# Picture: two curves over the share of shuffled labels. The share of right labels falls along a straight line from 1 to a third; the
#   information falls along a curve that sags far below it, to 0.
figure, axis = pyplot.subplots(figsize=(6, 3), layout="constrained")
grid = np.linspace(0, 1, 101)
axis.plot(grid, [chances(share)[0] for share in grid], label="labels that are right")
axis.plot(grid, [bits(share) / bits(0) for share in grid], "--", label="information that is left")
axis.set(xlabel="share of labels that are shuffled", ylim=(0, 1.05))
axis.legend();

# %% [markdown]
# A fifth. The first mistakes cost the most: shuffle a quarter of the labels, and half of the information is gone. With all labels
# shuffled there are no bits left. But the networks have the same weights and the same inputs as before. This is the control that
# you wanted.
#
# ## What the best players do with labels that lie
#
# Lesson 12 took the logit of the best D apart. With spoiled labels it is
#
# $$\log \frac{p_\text{data}(x, \tilde y)}{p_g(x, \tilde y)} \;=\; \log \frac{p_\text{data}(x)}{p_g(x)} \;+\; \log \frac{p_\text{data}(\tilde y \mid x)}{p_g(\tilde y \mid x)}$$
#
# The first term asks whether the picture looks real. *There is no label in it*: shuffling changes nothing here. Everything that is
# lost is lost in the second term, for which the projection discriminator (Miyato and Koyama,
# [2018](https://arxiv.org/abs/1802.05637)) has its vector $v_{\tilde y}$. While G does not listen, $p_g(\tilde y \mid x)$ is the
# same for all labels. Then for the best D the label term of a right label exceeds that of a wrong one by
#
# $$\log \frac{a}{s/K}.$$
#
# It has no bound for $s = 0$ and is 0 for $s = 1$: the best $v$ are then equal. Labels that lie keep D from being too sure, as
# *label smoothing* does for a classifier (Szegedy et al., [2016](https://arxiv.org/abs/1512.00567)).
#
# What about G? The game is over when $p_g(x \mid \tilde y) = p_\text{data}(x \mid \tilde y)$. Among the photographs that are
# labelled "horse", a share $a$ are horses. So the perfect G, asked for a horse, draws one with probability $a$ and something else
# otherwise. Call the share of pictures that show what you asked for **obedience**:
#
# - *a perfect G obeys in $a = (1-s) + s/K$ of cases, and not more*. A G that obeys more often has not matched the data.
# - *The pool of all its pictures is the same for every $s$*, $p_g(x) = p_\text{data}(x)$.
#
# So theory says that labels decide obedience, not quality. But this is about where the game ends. A label may still show a shorter
# way there, and short games do not get to the end. So you have to measure it.
#
# ## The same game, four times three
#
# For each of three seeds, play with clean labels, with half of them shuffled, with all of them shuffled, and *without*: then all
# photographs have the same label. Games with the same seed begin with the same convolutions, and see the same photographs in the
# same order. The networks are narrow and the games short, so that there is time for twelve of them.

# %%
def play(dataset, seed, callbacks=()):
    """Returns a game that has been played with these labels."""
    recipe = dataclasses.replace(RECIPE, seed=seed)
    networks = ganlib.training.build_networks(recipe, dataset.image_shape, len(dataset.class_names))
    gan = ganlib.GAN(*networks, recipe.noise, recipe.averaging, seed)
    gan.compile(*(Adam(rate, **recipe.optimizer_options) for rate in (recipe.g_rate, recipe.d_rate)))
    batches = ganlib.data.batches(dataset, recipe.batch_size, seed)
    gan.fit(batches, epochs=LOOKS, steps_per_epoch=max(1, STEPS // LOOKS), callbacks=callbacks, verbose=0)
    return gan

# %% [markdown]
# First watch one of them, with clean labels.

# %%
# Picture: At the left, forty small clouds of colour; at the right, the losses of the two players over the steps.
play(world, SEEDS[0], [ganlib.widgets.Watch(STEPS, RECIPE.noise)]);

# %%
without = dataclasses.replace(world, labels=np.zeros_like(world.labels), class_names=("any",))
kinds = {share: f"{share:.0%} shuffled" for share in SHARES}
games = {}
for seed in SEEDS:
    games |= {(kind, seed): play(spoiled(share, seed), seed) for share, kind in kinds.items()}
    games["no label", seed] = play(without, seed)

# %%
for kind in (*kinds.values(), "no label"):
    networks = games[kind, SEEDS[0]].generator, games[kind, SEEDS[0]].discriminator
    print(f"{kind:>13}: {sum(network.count_params() for network in networks):,} weights")
print(f"In a game {STEPS * RECIPE.batch_size:,} photographs are shown, of {len(world):,}.")

# %% [markdown]
# Without a label there are about one per cent fewer weights. And no photograph is shown twice. That matters: large networks can
# learn even random labels by heart if they see them often enough (Zhang et al., [2017](https://arxiv.org/abs/1611.03530)). Such a D
# knows which label each *training* photograph carries, and nothing about new ones. Here no D gets the chance.
#
# **Predict:** below are pictures from two games with the same seed. The rows show what G draws when asked for cars, horses and
# ships. On the left the labels were clean, on the right all were shuffled. What will be different?

# %%
asked = np.arange(count) % len(CLASSES)


def draw(kind, seed):
    labels = np.zeros_like(asked) if kind == "no label" else asked
    return ganlib.images.to_uint8(ganlib.sampling.generate(games[kind, seed].averaged_generator, count, labels, seed)[0])


made = {key: draw(*key) for key in games}

# %%
# Picture: three rows of generated clouds of colour, asked for cars, horses and ships. In the left half the rows differ: red and white
#   patches, brown on green, and blue; in the right half each row has all of it.
halves = [made[kinds[share], SEEDS[0]][asked == label][:SHOWN] for label in range(len(CLASSES)) for share in (0.0, 1.0)]
titles = ["clean", *[""] * (SHOWN - 1), "shuffled", *[""] * (SHOWN - 1)] + [""] * 4 * SHOWN
ganlib.plots.plot_images(np.concatenate(halves), columns=2 * SHOWN, titles=titles)

# %% [markdown]
# Games as short as these give clouds: colours, and hardly an outline. But look at the rows. On the left they differ: the pictures
# asked for as ships are the bluest. On the right each row has some of everything.
#
# What do clean labels give after a longer game? The published generator of this recipe is wider, knows all ten classes, and was
# trained for many more steps. Its D saw the photographs mirrored and in other places.

# %%
# Picture: three rows of generated pictures of the published generator, blurred: cars, horses on green or brown, ships on blue or gray.
published, noise = ganlib.load_generator("cifar10_cgan"), ganlib.store.noise_of("cifar10_cgan")
wishes = np.repeat(wanted, count // len(CLASSES))
pictures, _ = ganlib.sampling.generate(published, len(wishes), wishes, RECIPE.seed, noise)
rows = np.concatenate([pictures[wishes == label][:SHOWN] for label in wanted])
ganlib.plots.plot_images(rows, columns=SHOWN)

# %% [markdown]
# Here you can name all the cars, and some of the rest: a horse, a ship on the water. Others are still blobs, in the colours of
# their class.
#
# ## Obedience
#
# Let the course's classifier read the pictures. It knows ten classes; ask it for the most probable of the three.
#
# **Predict:** where will the games with half of the labels shuffled end up, compared with the bound of two thirds?

# %%
classifier = ganlib.encoders.load("cifar10")


def read(images):
    """Returns which of the three classes the classifier sees, (count,) int."""
    logits = classifier.model.predict(ganlib.images.to_float(images), batch_size=250, verbose=0)[1]
    return logits[:, wanted].argmax(axis=1)


print(f"It reads {np.mean(read(aside.images) == aside.labels):.1%} of the test photographs right.")

# %%
obeyed = {kind: [np.mean(read(made[kind, seed]) == asked) for seed in SEEDS] for kind in kinds.values()}
for share, (kind, found) in zip(SHARES, obeyed.items()):
    print(f"{kind:>13}: obeyed in " + ", ".join(f"{each:.0%}" for each in found) + f" of cases; a perfect G in {chances(share)[0]:.0%}")

# %%
best = np.mean(np.take(wanted, read(pictures)) == wishes)
print(f"    published: obeyed in {best:.0%} of cases")

# %% [markdown]
# Clean labels are obeyed most. Shuffle half of them, and obedience falls far in each of the three games. With all of them shuffled,
# you might as well throw dice. With labels that still tell G something, no game reaches its perfect G: to obey, G must also draw
# what the classifier can read. The published G, which is wider and had more time, obeys more often than any of them.
#
# ## Quality
#
# Now forget what you asked for. Put all pictures of a game into one pool, and let three judges take the Frechet distance
# between the pool and test photographs of the three classes: the classifier, a network that was trained on photographs of all
# kinds, and a *foreign* classifier, one that was trained on other things.
#
# **Predict:** whose pool is nearest to the photographs? Will three seeds be enough to say so?

# %%
judges = [ganlib.encoders.encoder_for(cifar), ganlib.encoders.imagenet_features(cifar, ganlib.encoders.QUICK_SIZE)]
judges.append(ganlib.encoders.foreign_features(cifar, "fashion_mnist"))

# %%
drawn = aside.images[np.random.default_rng(RECIPE.seed).permutation(len(aside))]
target, others = drawn[:count], drawn[count:][:count]

# %%
distances, floor = {}, {}
for judge in judges:
    seen = judge(target)
    floor[judge.kind] = ganlib.metrics.frechet_distance(seen, judge(others))
    distances[judge.kind] = {kind: [ganlib.metrics.frechet_distance(seen, judge(made[kind, seed])) for seed in SEEDS]
                             for kind in (*kinds.values(), "no label")}  # fmt: skip

# %%
for judge, by_kind in distances.items():
    print(f"To the judge {judge}, other photographs are at {floor[judge]:.0f}.")
    for kind, found in by_kind.items():
        print(f"{kind:>15}: " + ", ".join(f"{each:.0f}" for each in found))

# %% [markdown]
# All games are far from the photographs. Read across: games of one kind differ from seed to seed. So compare each difference with
# chance. Let $\sigma$ be the spread of games that differ only in their seed, pooled over the kinds. Then the difference between two
# means of $n$ games has the error $\sigma \sqrt{2/n}$. A difference below two errors may be chance.

# %%
def difference(found, first, second):
    """Returns how far the second kind is above the first on average, and the error of that."""
    luck = np.sqrt(np.mean([np.var(each, ddof=1) if len(each) > 1 else 0.0 for each in found.values()]))
    return np.mean(found[second]) - np.mean(found[first]), luck * np.sqrt(2 / len(SEEDS))

# %%
ends = kinds[0.0], kinds[1.0]
shift, error = difference(obeyed, *ends)
print(f"Obedience, clean to all shuffled: {shift:+.2f} ± {error:.2f}")

# %%
for judge, by_kind in distances.items():
    (shift, error), (more, _) = difference(by_kind, *ends), difference(by_kind, kinds[1.0], "no label")
    print(f"Distance to {judge}: clean to all shuffled {shift:+.0f} ± {error:.0f}, all shuffled to no label {more:+.0f} ± {error:.0f}")

# %% [markdown]
# Here obedience and quality part ways. What a label is worth for *obedience* is many times its error, and three seeds were more
# than enough. For *quality* no judge sees anything nearly as certain. Nor do these games show that capacity matters: that is the
# step from shuffled labels to none.
#
# Do not conclude that labels leave quality alone. These games show less: if there is a difference, this comparison is too coarse to
# see it. A single game that goes astray makes $\sigma$ large, and halving the error takes four times as many games. There is also a
# sharper way to look. Games with the same seed share their start and their order of photographs, so read *down a column* of the
# numbers above, from clean to all shuffled. Does the distance rise in all three? Three equal signs come up by chance alone in one
# of four cases, so this is a hint, and the open exercise below follows it up.
#
# Thekumparampil et al. ([2018](https://arxiv.org/abs/1811.03205)) report that in ordinary conditional games wrong labels also make
# poor pictures, and give a remedy: spoil the labels of the *generated* pictures, too, before D sees them.
#
# ## Explore it
#
# The published generator had clean labels of all ten classes.

# %%
# Picture: Rows of generated photographs, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore("cifar10_cgan")

# %% [markdown]
# In a live notebook you can choose the class and keep the latents. What stays when you change it, and what does one direction do in
# two different classes?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("42_cifar10_cgan")

# %% [markdown]
# ## Exercise: obedience in bits
#
# Obedience punishes a G that draws a horse whenever it is asked for a ship, and a ship for a horse. But nothing is lost with such a
# G: once you know its habit, you get what you want. So measure in bits instead how much the picture tells you about the wish.
#
# Write `information`. `table[i, j]` says how many pictures were asked for as class `i` and read as class `j`. Divide by the number
# of pictures to get shares $p_{ij}$, with row sums $p_{i\cdot}$ and column sums $p_{\cdot j}$. The mutual information is the mean
# of $\log_2 \frac{p_{ij}}{p_{i\cdot}\, p_{\cdot j}}$ over the pictures.
#
# **Predict:** how many bits will the games with half of the labels shuffled have?

# %% tags=["exercise"]
def information(table):
    return None  # replace None: one number, in bits

# %% tags=["check"]
even, sharp, some = np.full((3, 3), 10), np.diag([10, 10, 10]), np.array([[7, 2, 3], [1, 5, 2], [0, 4, 9]])
if ganlib.answers.given(information(even)):
    found = [ganlib.answers.numbers(information(table), "information(table)", (), advice="It is in bits.") for table in (even, sharp, some)]
    assert np.isfinite(found).all(), "a pair that never occurs adds nothing; did you take the logarithm of 0?"
    assert np.isclose(information(10 * some), found[2]), "ten times as many pictures with the same shares must give the same number"
    assert abs(found[0]) < 1e-6, "if every wish is read as every class equally often, the picture tells nothing about the wish: expected 0 bits"
    assert np.isclose(found[1], 1.585, atol=0.01), "three classes, all read as asked for: expected 1.585 bits; which logarithm did you take?"
    assert np.isclose(information(some[:, [1, 2, 0]]), found[2]), "with other names for the classes that were read, the picture tells as much as before"
    skewed = information(np.outer([1, 2, 3], [4, 1, 1]))
    assert abs(skewed) < 1e-6, "one class may be read more often than the others, whatever was asked for; did you divide by both sums?"
    for kind in kinds.values():
        tables = [ganlib.metrics.conditional_accuracy(asked, read(made[kind, seed]), len(CLASSES))[1] for seed in SEEDS]
        print(f"{kind:>13}: " + ", ".join(f"{information(table):.2f}" for table in tables) + " bits about the wish in each picture")
    print(f"Right. If half of the labels are shuffled, a label has {bits(0.5):.2f} bits about its photograph.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def information(table):
#     shares = table / table.sum()
#     alone = np.outer(shares.sum(axis=1), shares.sum(axis=0))
#     there = shares > 0
#     return np.sum(shares[there] * np.log2(shares[there] / alone[there]))
# ```
#
# A G that obeys by chance has about 0 bits, or a little more, since a table of few pictures is never quite even. Clean labels give
# the most, but still much less than the label itself has. With two thirds of the labels right, most of the information was gone
# before the game began.
# </details>

# %% [markdown]
# **Open exercise.** Follow the hint. Take nine seeds and the two ends of `SHARES`. For each seed, subtract the distance of the
# clean game from that of the game with all labels shuffled, and take the mean of the nine differences and its error, for each
# judge. A good answer says which judges see a difference of more than two errors, how many seeds it took, and whether differences
# within a seed have a smaller error than the difference between two means. Six seeds gave differences from 43 to 196 for the
# classifier, and from -15 to 147 for the network that was trained on photographs of all kinds.
#
# ## You can now
#
# - shuffle labels, and say in bits how much they still tell you;
# - say what the best D and the best G do with labels that lie, and why the pool of pictures stays the same;
# - compare games with clean labels, spoiled ones and none, and keep obedience apart from quality.
#
# **Next:** [50_food101_fcgan](50_food101_fcgan.ipynb) has larger photographs, and asks whether it matters where a pixel is.
