# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 6: four generators, and what is wrong with three of them
#
# You write the measures by which generators are judged, and find out what each of them sees and what it misses. At the end,
# your program looks at a generator that it has never met, and says whether that generator is healthy, has collapsed, copies or
# is noisy.
#
# - **Builds on** lesson 80_evaluate.
# - **Time:** two to three hours.
# - **Points:** 20. Five tasks are graded by tests, 16 points in all. The question at the end is graded by a person, 4 points.
#
# Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Below each answer is a cell that
# checks it. Run it as often as you like: it says "Right", or tells you what to look at. The tests that count use other numbers,
# and check more. You may add cells of your own. Before your work is graded, the cells that check it are put back as they were,
# and so is the one below. Use NumPy and SciPy. `ganlib.metrics` has most of this: keep it for comparison, once your own code
# works.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import numpy as np
from scipy.spatial.distance import cdist

import check

SEED = 0
splits = [ganlib.data.load("digits", split) for split in ("train", "test")]
digits = np.concatenate([each.images for each in splits])  # (n, 28, 28, 1) uint8
labels = np.concatenate([each.labels for each in splits])


def features(images):
    """Returns what the measures look at: 8x8 thumbnails, rows of 64 numbers from -1 to 1."""
    inner = images[:, 2:26, 2:26].reshape(len(images), 8, 3, 8, 3)
    return inner.mean(axis=(2, 4)).reshape(len(images), 64) / 127.5 - 1


def moved(images, random):
    """Returns images, each moved by up to one pixel in each direction."""
    return np.stack([np.roll(image, random.integers(-1, 2, 2), axis=(0, 1)) for image in images])


def with_noise(images, strength, grain, random):
    """Returns images with noise, the same in squares of `grain` pixels."""
    noise = random.normal(0, 127 * strength, (len(images), 28 // grain, 28 // grain, 1))
    noise = noise.repeat(grain, axis=1).repeat(grain, axis=2)
    return np.clip(images + noise, 0, 255).round().astype("uint8")


def draw(kind, train, new, random):
    """Stands for a generator of a kind, and returns as many images as there are in `new`."""
    if kind == "copies":  # training images, a little changed, so that no pixel is equal
        return with_noise(train[random.permutation(len(train))], 0.03, 1, random)
    if kind == "collapsed":  # twenty pictures, over and over
        new = random.choice(new, 20, replace=False)[random.integers(20, size=len(new))]
    images = moved(new, random)
    return with_noise(images, 0.6, 2, random) if kind == "noisy" else images


def four_generators(seed):
    """Returns features of training and held-out digits and of four generators, and who is who."""
    random = np.random.default_rng([6, seed])
    train, held_out, new = np.split(digits[random.permutation(len(digits))], 3)
    names = dict(zip("ABCD", random.permutation(check.KINDS)))
    pictures = {name: draw(kind, train, new, random) for name, kind in names.items()}
    return features(train), features(held_out), {name: features(some) for name, some in pictures.items()}, names, pictures


train, held_out, fakes, _, pictures = four_generators(SEED)
print(f"{len(train)} training images, {len(held_out)} held-out ones, and {len(fakes['A'])} of each of the generators {', '.join(fakes)}")

# %%
ganlib.plots.plot_images(np.concatenate([some[:10] for some in pictures.values()]), titles=sum(([name] * 10 for name in pictures), []))

# %% [markdown]
# Four generators, A to D, ten pictures of each. They are only stand-ins that the cell above makes from digits. One is healthy:
# it draws digits that nobody has seen before. One has collapsed, one copies its training images, and one is noisy. The order is
# drawn at random. You can see who is noisy, and perhaps who has collapsed. Can you see who copies?
#
# All measures below take *features*, one row for each image. Here these are thumbnails of 8x8 pixels, rows of 64 numbers. They
# are not learned, but anybody can look at them.
#
# ## 1. The Frechet distance
#
# Write `frechet(real, fake)` for two arrays `(n, width)` and `(m, width)`, `width` at least 2. With mean $\mu$ and covariance
# $\Sigma$ of the real features, and $\mu_g$ and $\Sigma_g$ of the generated ones, it returns the number
#
# $$d_F = \lVert \mu - \mu_g \rVert^2 + \mathrm{tr}\,\Sigma + \mathrm{tr}\,\Sigma_g - 2\,\mathrm{tr}\,(\Sigma\, \Sigma_g)^{1/2}$$
#
# The covariance is that of `np.cov`. The root in the last term is the root of a matrix, not of its entries. Lesson 80 says how
# to get its trace from eigenvalues.
#
# There is one more thing. The corners of a digit are always black. Such features have no variance, some eigenvalues are 0, and
# rounding may make them a little less. The result has to be a finite real number all the same. The second test checks this, and
# has its own point.

# %% nbgrader={"grade": false, "grade_id": "frechet", "locked": false, "schema_version": 3, "solution": true, "task": false}
def frechet(real, fake):
    """Returns the squared Frechet distance of two sets of features, one number."""
    ### BEGIN SOLUTION
    shift = real.mean(axis=0) - fake.mean(axis=0)
    one, other = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    values = np.linalg.eigvals(one @ other).real
    cross = np.sqrt(np.maximum(values, 0)).sum()
    return shift @ shift + np.trace(one) + np.trace(other) - 2 * cross
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_frechet", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.frechet(frechet)
### BEGIN HIDDEN TESTS
for number, (width, counts) in enumerate([(2, (9, 300)), (7, (50, 50)), (20, (400, 90))]):
    check.frechet(frechet, SEED + 1 + number, width, counts)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_frechet_flat", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.frechet_flat(frechet)
### BEGIN HIDDEN TESTS
for number, (width, flat) in enumerate([(3, 1), (30, 20), (64, 15)]):
    check.frechet_flat(frechet, SEED + 1 + number, width, flat, (100, 80))
hidden_distance = float(frechet(held_out, train))
assert np.isfinite(hidden_distance) and 0.05 < hidden_distance < 1, "The distance of real digits to other real digits is far from what it should be."
### END HIDDEN TESTS

# %% [markdown]
# ## 2. The floor
#
# What does this distance say about *real* images? The distance of a generator is worth reporting only together with that
# number. Write `floor(features, distance, repeats, seed)`. It divides the features at random into two halves that have no image
# in common, asks `distance` for the distance between the two, and does so `repeats` times, with new halves each time. It
# returns a pair, the mean of the distances and their standard deviation.
#
# `distance` is a function of two sets, such as your `frechet`. If the number of images is odd, one is left out each time. The
# same `seed` gives the same halves: take a `np.random.default_rng(seed)`. Leave the array that you are given as it is.

# %% nbgrader={"grade": false, "grade_id": "floor", "locked": false, "schema_version": 3, "solution": true, "task": false}
def floor(features, distance, repeats, seed):
    """Returns the mean and the standard deviation of the distance between random halves."""
    ### BEGIN SOLUTION
    random, half, found = np.random.default_rng(seed), len(features) // 2, []
    for _ in range(repeats):
        order = random.permutation(len(features))
        found.append(distance(features[order[:half]], features[order[half : 2 * half]]))
    return np.mean(found), np.std(found)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_floor", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.floor(floor)
### BEGIN HIDDEN TESTS
for number, (count, repeats) in enumerate([(16, 2), (51, 12), (30, 3)]):
    check.floor(floor, SEED + 1 + number, count, repeats)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Who is credible, and what is missing
#
# Draw a ball around each *real* point that reaches to its `neighbours`-th nearest neighbour among the *other real* points.
#
# - **Precision** is the share of generated points that lie in at least one of these balls: are they credible?
# - **Coverage** is the share of these balls that hold at least one generated point: is everything there?
#
# Write `precision_coverage(real, fake, neighbours)`, which returns both, in this order. The two sets may differ in size.
# `cdist` gives all distances between two sets. Whether the very edge of a ball counts does not matter.

# %% nbgrader={"grade": false, "grade_id": "precision_coverage", "locked": false, "schema_version": 3, "solution": true, "task": false}
def precision_coverage(real, fake, neighbours=5):
    """Returns precision and coverage, two numbers from 0 to 1."""
    ### BEGIN SOLUTION
    radii = np.sort(cdist(real, real), axis=1)[:, neighbours]  # column 0 is the point itself
    inside = cdist(real, fake) < radii[:, None]
    return inside.any(axis=0).mean(), inside.any(axis=1).mean()
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_precision_coverage", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.precision_coverage(precision_coverage)
### BEGIN HIDDEN TESTS
hidden_cases = [(24, 1, 4, 2, 3), (40, 4, 6, 5, 9), (31, 3, 5, 0, 40), (50, 6, 9, 9, 0)]
for number, case in enumerate(hidden_cases):
    check.precision_coverage(precision_coverage, SEED + 1 + number, *case)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. New or copied
#
# Write `newness(train, held_out, fake)`. For each generated image, take the distance to the nearest *training* image, and then
# the median of these distances. Do the same for the held-out images, which are real, and which the generator has not seen.
# Return the first median divided by the second: about 1 for new images, near 0 for copies.

# %% nbgrader={"grade": false, "grade_id": "newness", "locked": false, "schema_version": 3, "solution": true, "task": false}
def newness(train, held_out, fake):
    """Returns how far generated images are from training images, compared with held-out ones."""
    ### BEGIN SOLUTION
    return np.median(cdist(fake, train).min(axis=1)) / np.median(cdist(held_out, train).min(axis=1))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_newness", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.newness(newness)
### BEGIN HIDDEN TESTS
for number, (counts, width) in enumerate([((20, 9, 30), 2), ((40, 31, 8), 12), ((15, 6, 6), 3)]):
    check.newness(newness, SEED + 1 + number, counts, width)
### END HIDDEN TESTS

# %% [markdown]
# ## 5. The verdict
#
# Here are your measures of the four generators. The row above them has held-out digits in place of generated ones: it shows
# what to expect from perfection. Read each column before you go on. Which one does the Frechet distance prefer? And why is the
# floor from halves higher than the distance in the first row, which is also a distance between real digits?

# %% nbgrader={"grade": false, "grade_id": "table", "locked": true, "schema_version": 3, "solution": false, "task": false}
print("The floor from halves: {:.2f} ± {:.2f}".format(*floor(held_out, frechet, 10, SEED)))
print(f"{'':>10}{'Frechet':>10}{'precision':>11}{'coverage':>10}{'newness':>9}")
for name, some in {"real": held_out, **fakes}.items():
    others = train if name == "real" else held_out
    precision, coverage = precision_coverage(others, some, 5)
    print(f"{name:>10}{frechet(others, some):10.2f}{precision:11.2f}{coverage:10.2f}{newness(train, held_out, some):9.2f}")

# %% [markdown]
# Now write the rules down. `diagnose(train, held_out, fake)` takes three sets of features and returns one of the four words
# `"healthy"`, `"collapsed"`, `"copies"` and `"noisy"`. Use your measures and some thresholds. Choose thresholds that lie well
# between two kinds, and mind the order of your questions: a fault may move more than one measure.
#
# The check draws four new generators. The first test draws others. In the second one, worth one point, the faults are more or
# less severe, or of another form: a generator that has collapsed may repeat a few pictures, or leave out more than half of the
# digits.

# %% nbgrader={"grade": false, "grade_id": "diagnose", "locked": false, "schema_version": 3, "solution": true, "task": false}
def diagnose(train, held_out, fake):
    """Returns "healthy", "collapsed", "copies" or "noisy", for features of images."""
    ### BEGIN SOLUTION
    precision, coverage = precision_coverage(held_out, fake, 5)
    if newness(train, held_out, fake) < 0.6:
        return "copies"
    if precision < 0.55:
        return "noisy"
    return "collapsed" if coverage < 0.65 else "healthy"
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_diagnose", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
def cases(seed):
    train, held_out, fakes, names, _ = four_generators(seed)
    return [(train, held_out, fakes[name], names[name]) for name in fakes]


check.diagnose(diagnose, cases(SEED + 1))
### BEGIN HIDDEN TESTS
check.diagnose(diagnose, cases(SEED + 1001), SEED + 1)
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_diagnose_others", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.diagnose(diagnose, cases(SEED + 2))
### BEGIN HIDDEN TESTS
hidden_random = np.random.default_rng([66, SEED])
hidden_parts = np.split(hidden_random.permutation(len(digits)), 3)
hidden_train, hidden_held_out, hidden_new = (digits[part] for part in hidden_parts)
hidden_left = hidden_new[np.isin(labels[hidden_parts[2]], hidden_random.choice(10, 4, replace=False))]
hidden_left = hidden_left[hidden_random.integers(len(hidden_left), size=len(hidden_new))]
hidden_few = hidden_random.choice(hidden_new, 30, replace=False)[hidden_random.integers(30, size=len(hidden_new))]
hidden_images = [
    (moved(hidden_left, hidden_random), "collapsed"),
    (moved(hidden_few, hidden_random), "collapsed"),
    (with_noise(hidden_train[::-1], 0.1, 1, hidden_random), "copies"),
    (hidden_train[: len(hidden_train) - 50], "copies"),
    (with_noise(hidden_new, 0.5, 4, hidden_random), "noisy"),
    (with_noise(hidden_new, 1.0, 1, hidden_random), "noisy"),
    (hidden_new, "healthy"),
]
hidden_sets = features(hidden_train), features(hidden_held_out)
check.diagnose(diagnose, [(*hidden_sets, features(some), kind) for some, kind in hidden_images], SEED + 1)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. A letter to the authors
#
# *This question is graded by a person (4 points). Ten to fifteen sentences are enough.*
#
# The authors of A, B, C and D send you a paper with a single table: the four Frechet distances above, to two decimals. They
# conclude that the generator with the smallest distance is the best, and that the numbers "prove that it has learned the
# distribution of handwritten digits".
#
# Write the review. Say with your own numbers what the table does not show about the winner, and why the Frechet distance
# prefers it even to the healthy generator. Name two further things that a reader has to know before these numbers mean
# anything, and say how each of them could change the numbers. Then propose a table with at most four columns in which none of
# the three faulty generators could hide its fault, and say which fault each column shows. Finally, name one fault of a
# generator that even your table would miss.

# %% [markdown] nbgrader={"grade": true, "grade_id": "letter", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The winner copies. Its newness is about 0.05, where new real digits get 1: its images are twenty times nearer to training
# images than new digits are. The Frechet distance compares the means and the covariances of two sets and never looks at the
# training images. Copies *are* real digits, so their means and covariances are those of real digits. The healthy generator
# moves its digits a little, which changes them, and it pays for that. So no Frechet distance proves that a distribution was
# learned; memory is enough.
#
# A reader has to know which features were compared: with thumbnails, fine noise averages out, and features from a network would
# give another order. And how many images: fewer images make the distance larger, so two distances can be compared only for
# equally many images. Also the floor, what real digits get against real digits; which split they came from; and the spread over
# draws and training runs, without which two decimals mean nothing.
#
# A table: Frechet distance with its floor (everything that changes means and covariances: noise, missing classes), precision
# (noise), coverage (collapse), newness (copies). It would still miss, for example: images that copy in one part and are new in
# the other, or a few copies among many new images, since a median does not see them; faults finer than a thumbnail; wrong
# labels of a conditional generator.
# ### END SOLUTION
