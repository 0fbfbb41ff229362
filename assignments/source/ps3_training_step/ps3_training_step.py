# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 3: a step that moves one player only
#
# **You will**
#
# - write a tool that tells which arrays of a network an action has changed, including those that are not trained;
# - write a step of D that leaves no trace in G, and a step of G that leaves no trace in D, batch statistics included;
# - put the two together into a game, and compare it with `ganlib.GAN` down to the moving averages.
#
# *Two to three hours. Builds on lesson 01; lesson 31 says more about batch normalization.*
#
# **How it is graded.** Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Leave the
# cells that check them as they are; you may add cells of your own. Below each answer is a check that you can run as often as
# you like. It tells you what to look at, and never what to write. The grading runs the same checks with other networks and
# numbers. There are 20 points: 16 for the code, and 4 for the question at the end, which a person reads. Before you hand it in,
# restart the kernel and run all cells.
#
# In lesson 01 a step of D left G's trained weights alone, but not the moving averages of G's batch normalization. They moved
# twice in each step of the game, and the comparison with `ganlib.GAN` ended with a difference. Here you put that right.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import check
import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

SEED = 0
keras.utils.set_random_seed(SEED)
digits = ganlib.data.load("digits")

# %% [markdown]
# The losses are those of lesson 01. They take logits and give one number, the mean over the batch.

# %% nbgrader={"grade": false, "grade_id": "losses", "locked": true, "schema_version": 3, "solution": false, "task": false}
def discriminator_loss(real_logits, fake_logits):
    return -0.5 * ops.mean(ops.log_sigmoid(real_logits) + ops.log_sigmoid(-fake_logits))


def generator_loss(fake_logits):
    return -ops.mean(ops.log_sigmoid(fake_logits))


# %% [markdown]
# ## 1. What has moved? (2 points)
#
# `network.weights` lists all arrays that a Keras model remembers: those that training moves, and the moving averages of batch
# normalization. Each has its own name in `weight.path`, such as `dense/kernel`.
#
# Write `moved(network, action)`. It calls `action()` once, and returns the list of the paths of all arrays of the network that
# are no longer what they were before. Use it for everything that follows: it is how you find out what one of your steps does.

# %% nbgrader={"grade": false, "grade_id": "moved", "locked": false, "schema_version": 3, "solution": true, "task": false}
def moved(network, action):
    """Calls action() once, and returns the paths of the arrays of the network that it has changed."""
    ### BEGIN SOLUTION
    before = network.get_weights()
    action()
    return [weight.path for weight, old in zip(network.weights, before) if not np.array_equal(weight, old)]
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_moved", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.moved(moved)
### BEGIN HIDDEN TESTS
check.moved(moved, seed=SEED + 1)
hidden_network = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.BatchNormalization(), layers.Dense(1)])
hidden_before = hidden_network.get_weights()
hidden_paths = moved(hidden_network, lambda: hidden_network(np.ones((4, 2), "float32"), training=True))
assert sorted(hidden_paths) == sorted(w.path for w in hidden_network.weights if "moving" in w.path), "a call in training mode moves the moving averages, and nothing else"
assert not moved(hidden_network, lambda: hidden_network(np.ones((4, 2), "float32"), training=False)), "a call in inference mode moves nothing"
### END HIDDEN TESTS

# %% [markdown]
# ## 2. Images without a trace (3 points)
#
# When D learns, it needs images as G makes them in training: normalized by the mean and the variance of their own batch. But
# the call that makes them also moves G's moving averages, and it is not G's turn.
#
# Write `generate(generator, latents)`, which returns G's images in training mode, and leaves every array of G as it was before.
# It is called outside `tf.function`, so you can read and write weights as you like.

# %% nbgrader={"grade": false, "grade_id": "generate", "locked": false, "schema_version": 3, "solution": true, "task": false}
def generate(generator, latents):
    """Returns G's images in training mode, and leaves all of G as it was."""
    ### BEGIN SOLUTION
    before = generator.get_weights()
    images = generator(latents, training=True)
    generator.set_weights(before)
    return images
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_generate", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.generate(generate)
### BEGIN HIDDEN TESTS
check.generate(generate, seed=SEED + 1)
hidden_generator = ganlib.networks.fully_connected.generator((4, 3, 1), 5, units=(7, 6))
hidden_before = hidden_generator.get_weights()
hidden_latents = np.random.default_rng(SEED).normal(size=(8, 5)).astype("float32")
hidden_images = np.array(generate(hidden_generator, hidden_latents))
assert all(np.array_equal(*pair) for pair in zip(hidden_before, hidden_generator.get_weights())), "a G of several layers is not left as it was"
hidden_wanted = np.array(hidden_generator(hidden_latents, training=True))
assert np.allclose(hidden_images, hidden_wanted, atol=1e-4), "the images of a G of several layers are not those of training mode"
### END HIDDEN TESTS

# %% [markdown]
# ## 3. A step of D (4 points)
#
# Write `d_step(generator, discriminator, optimizer, images, latents)`. The images are real ones, `float32` in [-1, 1], and
# there are as many latents. It takes one step of D down the slope of `discriminator_loss`, and returns the loss that D had
# before the step.
#
# - Nothing in G may change. You have a function for that.
# - D answers in training mode. If it has batch normalization, the statistics of real and of generated images must not mix: show
#   D the real images in one call and the generated ones in another. D's moving averages may move as they like.
# - Do not switch `trainable`.

# %% nbgrader={"grade": false, "grade_id": "d_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def d_step(generator, discriminator, optimizer, images, latents):
    """Moves D alone, one step down its loss, and returns the loss before the step."""
    ### BEGIN SOLUTION
    fakes = generate(generator, latents)
    with tf.GradientTape() as tape:
        loss = discriminator_loss(discriminator(images, training=True), discriminator(fakes, training=True))
    gradients = tape.gradient(loss, discriminator.trainable_weights)
    optimizer.apply(gradients, discriminator.trainable_weights)
    return loss
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_d_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.d_step(d_step)
### BEGIN HIDDEN TESTS
check.d_step(d_step, seed=SEED + 1)
check.d_step(d_step, seed=SEED + 100)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. A step of G (4 points)
#
# Write `g_step(generator, discriminator, optimizer, latents)`. It takes one step of G down the slope of `generator_loss`, and
# returns the loss that G had before the step.
#
# - Nothing in D may change: neither its trained weights nor, if D has batch normalization, its moving averages.
# - D answers in training mode here, too: G has to convince the D that learns.
# - In its own turn, all of G may move. Its moving averages follow the images of this step, once.
# - Do not switch `trainable`.

# %% nbgrader={"grade": false, "grade_id": "g_step", "locked": false, "schema_version": 3, "solution": true, "task": false}
def g_step(generator, discriminator, optimizer, latents):
    """Moves G alone, one step down its loss, and returns the loss before the step."""
    ### BEGIN SOLUTION
    before = discriminator.get_weights()
    with tf.GradientTape() as tape:
        loss = generator_loss(discriminator(generator(latents, training=True), training=True))
    gradients = tape.gradient(loss, generator.trainable_weights)
    optimizer.apply(gradients, generator.trainable_weights)
    discriminator.set_weights(before)
    return loss
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_g_step", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.g_step(g_step)
### BEGIN HIDDEN TESTS
check.g_step(g_step, seed=SEED + 1)
check.g_step(g_step, seed=SEED + 100)
### END HIDDEN TESTS

# %% [markdown]
# ## 5. A step of the game (3 points)
#
# Write `play(generator, discriminator, g_optimizer, d_optimizer, images, latents)`. The images are `uint8` in [0, 255], as a
# dataset has them. D has its turn, then G answers the new D, with the same latents. It returns the two losses, D's first.

# %% nbgrader={"grade": false, "grade_id": "play", "locked": false, "schema_version": 3, "solution": true, "task": false}
def play(generator, discriminator, g_optimizer, d_optimizer, images, latents):
    """Lets D take a step and then G, and returns both losses, (d_loss, g_loss)."""
    ### BEGIN SOLUTION
    d_loss = d_step(generator, discriminator, d_optimizer, ganlib.images.to_float(images), latents)
    g_loss = g_step(generator, discriminator, g_optimizer, latents)
    return d_loss, g_loss
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_play", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.play(play)
### BEGIN HIDDEN TESTS
check.play(play, seed=SEED + 1)
check.play(play, seed=SEED + 100)
### END HIDDEN TESTS

# %% [markdown]
# ## Your game and the library's
#
# Lesson 01 compared its game with `ganlib.GAN`. The trained weights agreed, and the moving averages of G did not. Now they do.

# %%
generator = ganlib.networks.fully_connected.generator(digits.image_shape, 16, units=(32, 64))
discriminator = ganlib.networks.fully_connected.discriminator(digits.image_shape, units=(64, 32))
twin = ganlib.GAN(keras.models.clone_model(generator), keras.models.clone_model(discriminator), seed=SEED)
twin.generator.set_weights(generator.get_weights())
twin.discriminator.set_weights(discriminator.get_weights())
twin.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))

# %%
stream = iter(ganlib.data.batches(digits, 32, seed=SEED))
g_optimizer, d_optimizer = keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1)
for step in range(5):
    images, labels = next(stream)
    latents = twin.draw_latents((32, 16))
    twin.train_step(images)
    play(generator, discriminator, g_optimizer, d_optimizer, images, latents)
apart = max(np.abs(own - other).max() for own, other in zip(generator.get_weights(), twin.generator.get_weights()))
print(f"After five steps the {len(generator.weights)} arrays of the two generators differ by {apart:.1e} at most.")

# %% [markdown]
# ## 6. In one batch (4 points)
#
# A friend has written a step of D that joins 32 real and 32 generated images into one batch of 64, calls D once in training
# mode, and splits the logits into two halves for the loss. "It saves a pass," says the friend, "and `moved` finds nothing in G."
# The friend's D has batch normalization.
#
# Answer in a few sentences:
#
# 1. In this step, what does the logit of a real image depend on that it does not depend on in yours?
# 2. In the next turn G shows D a batch of generated images only. Why does G then learn from a D that is not the one that was
#    trained? What can happen to both losses?
# 3. For which discriminators is the friend right, so that one pass gives the same result?
# 4. With which two calls of D, and which comparison, could you show the friend the difference in a minute, without training?

# %% [markdown] nbgrader={"grade": true, "grade_id": "in_one_batch", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. In training mode batch normalization subtracts the mean of the batch and divides by its spread. In the joined batch these
#    are the mean and the spread of a mixture, so the logit of a real image depends on the generated images in the same batch. A
#    channel that is a little larger for real images tells the halves apart by which side of the common mean they are on.
# 2. In G's turn the batch is all generated, so its images are shifted to mean zero: they no longer lie on the side where D has
#    learned to find generated images. G gets its slopes from a function of the image that D was never trained to be. Both
#    losses can be low at the same time: D tells the halves of the mixture apart, and G's images, on their own, look real to it.
# 3. For all that judge each image on its own, whatever else is in the batch: no layer uses statistics of the batch in training
#    mode. Dense and convolutional layers do not, layer normalization does not, and dropout does not, apart from its random
#    numbers.
# 4. Call D in training mode with 32 real images alone, and with the same 32 joined to 32 generated ones. Compare the logits of
#    the real images. If they differ, D judges an image by its company.
# ### END SOLUTION
