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
# # Problem set 1: two losses, their slopes, and the best D
#
# You write both players' losses and their derivatives yourself, in NumPy: no network, no Keras, no automatic differentiation.
# Then you compute the best answer that D can give, and its loss.
#
# - **Builds on** lessons 01_train_by_hand and 02_the_game.
# - **Time:** one to two hours.
# - **Points:** 20. Five tasks are graded by tests, 16 points in all. The question at the end is graded by a person, 4 points.
#
# Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Below each answer is a cell that
# checks it. Run it as often as you like: it says "Right", or tells you what to look at. The tests that count use other numbers,
# and check more. You may add cells of your own. Before your work is graded, the cells that check it are put back as they were,
# and so is the one below.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
import numpy as np

import check

SEED = 0

# %% [markdown]
# As in the lessons, D answers with a logit $\ell$, and $\sigma(\ell) = 1/(1 + e^{-\ell})$ is its probability for "real". Real
# is 1. Logits come as arrays of shape `(batch, 1)`. Use only functions of NumPy.
#
# ## 1. D's loss
#
# D's loss has two halves. One is the mean of $-\log \sigma(\ell)$ over the real images. The other is the mean of
# $-\log(1 - \sigma(\ell))$ over the generated ones. The loss is half of the sum of these two means. Write
# `d_loss(real_logits, fake_logits)`, which returns it as one number.
#
# In this problem set there may be more images of one kind than of the other. The two kinds still count the same. D may also be
# very sure: the loss has to be right even for logits of 1000 and of -1000. (`np.logaddexp` is worth a look.)

# %% nbgrader={"grade": false, "grade_id": "d_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def d_loss(real_logits, fake_logits):
    """Returns D's loss, one number, from logits (n, 1) of real and (m, 1) of generated images."""
    ### BEGIN SOLUTION
    real = np.mean(np.logaddexp(0, -real_logits))
    fake = np.mean(np.logaddexp(0, fake_logits))
    return 0.5 * (real + fake)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_d_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.d_loss(d_loss)
### BEGIN HIDDEN TESTS
for number, sizes in enumerate([(5, 5), (1, 64), (33, 2), (16, 7)]):
    check.d_loss(d_loss, seed=SEED + 1 + number, sizes=sizes)
hidden_real = np.random.default_rng(SEED).normal(1, 2, (6, 1))
hidden_fake = np.random.default_rng(SEED + 1).normal(-1, 2, (4, 1))
hidden_copies = hidden_real.copy(), hidden_fake.copy()
hidden_loss = float(d_loss(hidden_real, hidden_fake))
hidden_repeated = float(d_loss(np.repeat(hidden_real, 3, axis=0), hidden_fake))
assert abs(hidden_loss - hidden_repeated) < 1e-5, "Showing each real image three times should not change the loss: take means."
hidden_mirrored = float(d_loss(-hidden_fake, -hidden_real))
assert abs(hidden_loss - hidden_mirrored) < 1e-5, "Real and generated images are not treated alike: compare the two halves."
hidden_same = np.array_equal(hidden_real, hidden_copies[0]) and np.array_equal(hidden_fake, hidden_copies[1])
assert hidden_same, "d_loss changes the arrays that it is given."
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_d_loss_sure", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.d_loss_sure(d_loss)
### BEGIN HIDDEN TESTS
for hidden_logit in (90.0, 400.0, 750.0, 5000.0):
    check.d_loss_sure(d_loss, logit=hidden_logit)
check.d_loss_sure(d_loss, logit=500.0, dtype="float32")
### END HIDDEN TESTS

# %% [markdown]
# ## 2. G's loss
#
# Write the *non-saturating* loss of G: the mean of $-\log \sigma(\ell)$ over the generated images. It also has to be right for
# logits of 1000 and of -1000.

# %% nbgrader={"grade": false, "grade_id": "g_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def g_loss(fake_logits):
    """Returns G's non-saturating loss, one number, from logits (m, 1) of generated images."""
    ### BEGIN SOLUTION
    return np.mean(np.logaddexp(0, -fake_logits))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_g_loss", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.g_loss(g_loss)
### BEGIN HIDDEN TESTS
for number, size in enumerate([1, 2, 50]):
    check.g_loss(g_loss, seed=SEED + 1 + number, size=size)
hidden_far = [float(g_loss(np.full((2, 1), logit))) for logit in (-3000.0, -200.0, 200.0, 3000.0)]
assert np.allclose(hidden_far, [3000, 200, 0, 0]), "The loss is not right where D is very sure, one way or the other."
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Their slopes
#
# What pulls at a logit? Write the derivatives of the two losses by hand.
#
# - `d_slopes(real_logits, fake_logits)` returns a pair of arrays: the derivative of D's loss with respect to each logit of a
#   real image, and with respect to each logit of a generated image.
# - `g_slopes(fake_logits)` returns one array: the derivative of G's loss with respect to each logit of a generated image.
#
# Each array has the shape of the logits that it belongs to. The losses are those of tasks 1 and 2, means included, and the
# slopes, too, have to be right for logits of 1000 and of -1000. Work the derivatives out on paper first: no finite differences,
# and nothing that differentiates for you.

# %% nbgrader={"grade": false, "grade_id": "slopes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def d_slopes(real_logits, fake_logits):
    """Returns the derivatives of d_loss, arrays (n, 1) and (m, 1), with respect to both kinds of logits."""
    ### BEGIN SOLUTION
    real = -0.5 * np.exp(-np.logaddexp(0, real_logits)) / len(real_logits)  # 1 - sigmoid
    fake = 0.5 * np.exp(-np.logaddexp(0, -fake_logits)) / len(fake_logits)  # sigmoid
    return real, fake
    ### END SOLUTION


def g_slopes(fake_logits):
    """Returns the derivative of g_loss, an array (m, 1), with respect to the logits."""
    ### BEGIN SOLUTION
    return -np.exp(-np.logaddexp(0, fake_logits)) / len(fake_logits)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_d_slopes", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.d_slopes(d_slopes)
### BEGIN HIDDEN TESTS
hidden_losses = d_loss, g_loss
d_loss = g_loss = None  # so that the slopes cannot be quotients of losses
try:
    for number, sizes in enumerate([(4, 4), (1, 9), (20, 3)]):
        check.d_slopes(d_slopes, seed=SEED + 1 + number, sizes=sizes)
except TypeError:
    raise AssertionError("The slopes should be derivatives that you have worked out: they should not call the losses.")
finally:
    d_loss, g_loss = hidden_losses
with np.errstate(over="ignore"):
    hidden_ends = d_slopes(np.array([[-800.0], [800.0]]), np.array([[-800.0], [800.0]]))
assert np.allclose(hidden_ends[0].ravel(), [-0.25, 0]), "The slope at real images is not right where D is very sure."
assert np.allclose(hidden_ends[1].ravel(), [0, 0.25]), "The slope at generated images is not right where D is very sure."
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_g_slopes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.g_slopes(g_slopes)
### BEGIN HIDDEN TESTS
hidden_losses = d_loss, g_loss
d_loss = g_loss = None
try:
    for number, size in enumerate([1, 3, 40]):
        check.g_slopes(g_slopes, seed=SEED + 1 + number, size=size)
except TypeError:
    raise AssertionError("The slopes should be derivatives that you have worked out: they should not call the losses.")
finally:
    d_loss, g_loss = hidden_losses
with np.errstate(over="ignore"):
    hidden_ends = np.ravel(g_slopes(np.array([[-800.0], [0.0], [800.0]])))
assert np.allclose(hidden_ends, [-1 / 3, -1 / 6, 0]), "The slope is not right where D is very sure."
### END HIDDEN TESTS

# %% [markdown]
# ## 4. The best D
#
# Now let G stand still. At a point $x$, the density of the real images is $p_\text{data}(x)$ and that of the generated ones is
# $p_g(x)$. D is told to answer `real_label` to real images and `fake_label` to generated ones, for example 0.9 and 0. If D's
# answer is $y$ and the label is $t$, an image costs $-t \log y - (1 - t) \log(1 - y)$.
#
# Which answer $y$ costs the least on average, at each point? Write `best_d(p_data, p_g, real_label, fake_label)`. It takes two
# arrays of densities, and returns an array of probabilities. At every point at least one of the densities is above 0.

# %% nbgrader={"grade": false, "grade_id": "best_d", "locked": false, "schema_version": 3, "solution": true, "task": false}
def best_d(p_data, p_g, real_label=1.0, fake_label=0.0):
    """Returns the best D's answers, probabilities for "real", from the densities at some points."""
    ### BEGIN SOLUTION
    return (real_label * p_data + fake_label * p_g) / (p_data + p_g)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_best_d", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.best_d(best_d)
### BEGIN HIDDEN TESTS
for number, labels in enumerate([(1.0, 0.0), (0.8, 0.0), (1.0, 0.2), (0.95, 0.05), (0.7, 0.7)]):
    check.best_d(best_d, seed=SEED + 1 + number, labels=labels)
hidden_alone = best_d(np.array([0.0, 2.0]), np.array([3.0, 0.0]), 1.0, 0.0)
assert np.allclose(hidden_alone, [0, 1]), "Where only one of the two densities is above 0, D can be sure."
### END HIDDEN TESTS

# %% [markdown]
# ## 5. The smallest loss
#
# What is the loss of this best D, with labels 1 and 0? Write `smallest_loss(p_data, p_g, width)`. The densities are given at
# points that lie `width` apart, so that an integral is a sum times `width`. Lesson 02 wrote the two means of the loss as such
# integrals. One density may be 0 at some points, or both may: use the fact that $a \log a$ goes to 0 when $a$ does.

# %% nbgrader={"grade": false, "grade_id": "smallest_loss", "locked": false, "schema_version": 3, "solution": true, "task": false}
def smallest_loss(p_data, p_g, width):
    """Returns the loss of the best D, one number, from densities at points that lie `width` apart."""
    ### BEGIN SOLUTION
    both = p_data + p_g
    loss = 0.0
    for density in (p_data, p_g):
        there = density > 0
        loss -= 0.5 * width * np.sum(density[there] * np.log(density[there] / both[there]))
    return loss
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_smallest_loss", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.smallest_loss(smallest_loss)
### BEGIN HIDDEN TESTS
for number, (share, width) in enumerate([(0.0, 0.02), (0.3, 0.01), (0.75, 0.005), (1.0, 0.02)]):
    check.smallest_loss(smallest_loss, seed=SEED + 1 + number, share=share, width=width)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. A loss that says too much
#
# *This question is graded by a person (4 points). Five to ten sentences are enough.*
#
# Somebody trains a GAN. From step 100 on, D's loss stays at 0.693. "That is $\log 2$," they say, "and the best D's loss is
# $\log 2$ exactly when $p_g = p_\text{data}$. So my G is perfect, after 100 steps."
#
# What is right about this, and what is not? Name another way in which D's loss can get to $\log 2$. What would G learn from
# such a D, and why do the slopes of task 3 alone not tell you that? Describe an experiment that decides between the two
# explanations, and say what you expect to see in each case.

# %% [markdown] nbgrader={"grade": true, "grade_id": "too_much", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# The formula is right: the best D's loss is $\log 2$ minus the JSD of the two densities, which is 0 only if they are equal. But
# it is about the *best* D, and the trained D need not be the best one. A D that has learned nothing, or whose learning rate or
# size is too small, answers one half to every image, and then its loss is $\log 2$ too, whatever G makes. At a logit of 0 the
# slope of G's loss is one half, which looks healthy. What G learns is this slope times the slope of D's logit at the image, and
# a D that answers the same everywhere is flat: the second factor is 0, and G learns nothing.
#
# Experiment: let G stand still, and go on training D, or train a larger D from the start, and look at its loss on images that
# it has not seen. If G is perfect, no D gets below $\log 2$ there. If D was bad, the loss falls well below $\log 2$ in a short
# time. A look at the pictures helps as well.
# ### END SOLUTION
