# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 2: two networks to a specification
#
# **You will**
#
# - take images from files to numbers that networks like, and back without losing a gray level;
# - count the weights of a network before you build it;
# - build a fully connected generator and a discriminator that do what a specification says.
#
# *One to two hours. Builds on lessons 00, 01 and 10.*
#
# **How it is graded.** Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Leave the
# cells that check them as they are; you may add cells of your own. Below each answer is a check that you can run as often as
# you like. It tells you what to look at, and never what to write. The grading runs the same checks with other sizes and
# numbers. There are 20 points: 16 for the code, and 4 for the question at the end, which a person reads. Before you hand it in,
# restart the kernel and run all cells.
#
# As in the lessons, G is the generator, D the discriminator, and a logit is D's answer before the sigmoid. Real is 1.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import check
import keras
import numpy as np
from keras import layers, ops

SEED = 0
keras.utils.set_random_seed(SEED)
digits = ganlib.data.load("digits")

# %% [markdown]
# ## 1. From files to networks and back (4 points)
#
# Files store a pixel as a whole number from 0 to 255, of the type `uint8`. The networks of this course see numbers of the type
# `float32`: 0 becomes exactly -1, 255 becomes exactly 1, and everything in between is spread evenly.
#
# Write `to_network(images)`, which turns a `uint8` array of any shape into such numbers and leaves the array itself as it is.

# %% nbgrader={"grade": false, "grade_id": "to_network", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_network(images):
    """Returns uint8 images in [0, 255] as float32 in [-1, 1]."""
    ### BEGIN SOLUTION
    return images.astype("float32") / 127.5 - 1.0
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_to_network", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.to_network(to_network)
### BEGIN HIDDEN TESTS
check.to_network(to_network, seed=SEED + 1)
random_images = np.random.default_rng(SEED).integers(0, 256, (3, 5, 7, 3)).astype("uint8")
hidden_numbers = np.asarray(to_network(random_images))
assert hidden_numbers.shape == random_images.shape, "images of another shape come out in the wrong shape"
assert np.allclose(hidden_numbers, ganlib.images.to_float(random_images), atol=1e-5), "images of another shape are scaled differently"
### END HIDDEN TESTS

# %% [markdown]
# Now the way back: `to_files(images)` turns numbers from -1 to 1, as G makes them, into the nearest of the 256 gray levels.

# %% nbgrader={"grade": false, "grade_id": "to_files", "locked": false, "schema_version": 3, "solution": true, "task": false}
def to_files(images):
    """Returns float32 images in [-1, 1] as uint8 in [0, 255], each number at the nearest gray level."""
    ### BEGIN SOLUTION
    return np.round((images + 1.0) * 127.5).astype("uint8")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_to_files", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.to_files(to_files)
### BEGIN HIDDEN TESTS
check.to_files(to_files, seed=SEED + 1)
hidden_pixels = np.asarray(to_files(ganlib.images.to_float(digits.images[:20]).numpy()))
assert np.array_equal(hidden_pixels, digits.images[:20]), "twenty digits do not come back as they were"
### END HIDDEN TESTS

# %% [markdown]
# ## 2. The specification of G, and its weights (3 points)
#
# This is the generator that you will build in a moment. It has the arguments `image_shape`, which is (height, width,
# channels), `latent_dim` and `units`.
#
# 1. It takes latents of the shape (batch, `latent_dim`).
# 2. For each number in `units`, in this order: a dense layer of that width **without a bias**, then batch normalization with
#    momentum 0.9, then LeakyReLU with slope 0.2.
# 3. At the end a dense layer **with a bias**, which makes all numbers of an image, then tanh, then the shape of the image:
#    (batch, height, width, channels).
#
# It is not the generator of `ganlib.networks.fully_connected`: there, normalization comes after the activation, and all dense
# layers have a bias.
#
# Batch normalization keeps four numbers for each of its channels. Training moves two of them, a scale and a shift. The other
# two are moving averages, of the mean and of the variance.
#
# Write `count_weights(image_shape, latent_dim, units)`, which returns two whole numbers: how many weights of this G are moved
# by training, and how many numbers are moving averages. Do not build a network for this: arithmetic is enough. Work the first
# case out on paper, for images of 2 by 2 pixels and one channel, 3 latents and one hidden layer of 5 units.

# %% nbgrader={"grade": false, "grade_id": "count_weights", "locked": false, "schema_version": 3, "solution": true, "task": false}
def count_weights(image_shape, latent_dim, units):
    """Returns how many weights of G training moves, and how many numbers are moving averages."""
    ### BEGIN SOLUTION
    height, width, channels = image_shape
    trained, moving, before = 0, 0, latent_dim
    for width_of_layer in units:
        trained += before * width_of_layer + 2 * width_of_layer
        moving += 2 * width_of_layer
        before = width_of_layer
    numbers = height * width * channels
    return trained + before * numbers + numbers, moving
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_count_weights", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.count_weights(count_weights)
### BEGIN HIDDEN TESTS
hidden_cases = []
hidden_random = np.random.default_rng(SEED)
for hidden_depth in (1, 2, 4):
    hidden_units = tuple(int(width) for width in hidden_random.integers(2, 40, hidden_depth))
    hidden_shape = tuple(int(side) for side in hidden_random.integers(2, 9, 3))
    hidden_other = ganlib.networks.fully_connected.generator(hidden_shape, 6, units=hidden_units)
    hidden_trained = sum(int(np.prod(weight.shape)) for weight in hidden_other.trainable_weights) - sum(hidden_units)
    hidden_moving = sum(int(np.prod(weight.shape)) for weight in hidden_other.non_trainable_weights)
    hidden_cases.append((hidden_shape, 6, hidden_units, hidden_trained, hidden_moving))
check.count_weights(count_weights, hidden_cases)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. The generator (5 points)
#
# Build it. Use the layers of `keras.layers`, and return a `keras.Model(inputs, outputs)` or a `keras.Sequential`, not a class
# of your own. The first check (2 points) looks at what goes in and what comes out, the second (3 points) at what is in between.

# %% nbgrader={"grade": false, "grade_id": "dense_generator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_generator(image_shape, latent_dim, units):
    """Returns a Keras model from latents (batch, latent_dim) to images (batch, *image_shape) in [-1, 1]."""
    ### BEGIN SOLUTION
    inputs = keras.Input((latent_dim,))
    x = inputs
    for width in units:
        x = layers.Dense(width, use_bias=False)(x)
        x = layers.BatchNormalization(momentum=0.9)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Dense(int(np.prod(image_shape)), activation="tanh")(x)
    return keras.Model(inputs, layers.Reshape(image_shape)(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dense_generator", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.dense_generator(dense_generator)
### BEGIN HIDDEN TESTS
check.dense_generator(dense_generator, [((7, 5, 2), 3, [11]), ((1, 9, 4), 8 + SEED % 3, (6, 5, 4, 3))])
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_dense_generator_layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.dense_generator_layers(dense_generator)
### BEGIN HIDDEN TESTS
check.dense_generator_layers(dense_generator, [((7, 5, 2), 3, [11]), ((2, 9, 4), 8, (6, 5, 4, 3))])
### END HIDDEN TESTS

# %% [markdown]
# Was your arithmetic right? This is what Keras counts in the network that you have built.

# %%
generator = dense_generator(digits.image_shape, 16, (64, 128))
trained, moving = (sum(int(np.prod(weight.shape)) for weight in weights) for weights in (generator.trainable_weights, generator.non_trainable_weights))
print(f"Keras counts {trained:,} weights that training moves and {moving:,} moving averages.")
print("You said {:,} and {:,}.".format(*count_weights(digits.image_shape, 16, (64, 128))))

# %% [markdown]
# ## 4. The discriminator (4 points)
#
# It has the arguments `image_shape`, `units` and `dropout`.
#
# 1. It takes images of the shape (batch, height, width, channels), and puts the numbers of an image in a row.
# 2. For each number in `units`, in this order: a dense layer of that width with a bias, LeakyReLU with slope 0.2, then a
#    dropout layer of its own with the rate `dropout`.
# 3. At the end a dense layer with a bias, which makes one **logit**: the output has the shape (batch, 1).
#
# There is no batch normalization in it. The first check (2 points) looks at what goes in and what comes out, the second (2
# points) at what is in between.

# %% nbgrader={"grade": false, "grade_id": "dense_discriminator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dense_discriminator(image_shape, units, dropout):
    """Returns a Keras model from images (batch, *image_shape) to logits (batch, 1)."""
    ### BEGIN SOLUTION
    inputs = keras.Input(image_shape)
    x = layers.Flatten()(inputs)
    for width in units:
        x = layers.Dense(width)(x)
        x = layers.LeakyReLU(0.2)(x)
        x = layers.Dropout(dropout)(x)
    return keras.Model(inputs, layers.Dense(1)(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dense_discriminator", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.dense_discriminator(dense_discriminator)
### BEGIN HIDDEN TESTS
check.dense_discriminator(dense_discriminator, [((7, 5, 2), [11], 0.5), ((1, 9, 4), (6, 5, 4, 3), 0.1)])
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_dense_discriminator_layers", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.dense_discriminator_layers(dense_discriminator)
### BEGIN HIDDEN TESTS
check.dense_discriminator_layers(dense_discriminator, [((7, 5, 2), [11], 0.5), ((2, 9, 4), (6, 5, 4, 3), 0.1)])
### END HIDDEN TESTS

# %% [markdown]
# Your two networks play a short game, with nothing to win: `ganlib.GAN` from lesson 01 trains them on the built-in digits for
# a few seconds. That is not enough for digits. Look at where in the image G puts its ink.

# %%
# Picture: ten generated images after a short training.
discriminator = dense_discriminator(digits.image_shape, (128, 64), 0.3)
gan = ganlib.GAN(generator, discriminator, seed=SEED)
gan.compile(keras.optimizers.Adam(1e-3, 0.5), keras.optimizers.Adam(1e-3, 0.5), jit_compile=False)
gan.fit(ganlib.data.batches(digits, 64, seed=SEED), epochs=1, steps_per_epoch=100, verbose=0)
ganlib.plots.plot_images(gan.predict(ganlib.sampling.draw_latents(10, 16, seed=SEED), verbose=0))

# %% [markdown]
# ## 5. The sigmoid that was left in (4 points)
#
# A friend's D ends in a sigmoid, and the friend trains it with the losses of lesson 01, which take logits. So the sigmoid is
# applied twice. There is no error message.
#
# Answer in a few sentences, with numbers where you can:
#
# 1. What values can the loss be given instead of logits? What is the smallest loss that this D can reach, if it is never wrong,
#    and why can it not get any lower? What is it for a D that ends in a logit?
# 2. What does the second sigmoid do to the slopes that D and G learn from? Think of a D that is very sure.
# 3. Suppose that nobody has told you what is wrong. What would you look at or try, to find it within a minute?

# %% [markdown] nbgrader={"grade": true, "grade_id": "two_sigmoids", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. The loss gets numbers between 0 and 1. For a real image D can say 1 at most, and for a generated one 0 at least. The loss
#    is then half of -log sigmoid(1) - log(1 - sigmoid(0)), which is half of 0.313 + 0.693, about 0.503. With a logit it goes
#    to 0. D cannot call anything fake: the loss reads 0 as "I cannot tell".
# 2. Each slope is multiplied by the slope of the inner sigmoid, p(1 - p). That is 0.25 at most, and nearly 0 where D is sure,
#    whether it is right or wrong. So D stops learning from what it got wrong with certainty, and G hears almost nothing from a
#    D that is sure: even the non-saturating loss saturates.
# 3. Look at D's loss before any training: about 0.72, where a D that cannot tell should have 0.693. Let it learn ten real and
#    ten generated images by heart: the loss never falls below 0.503. Or print the smallest and the largest output of D: numbers
#    that are all between 0 and 1 are not logits. Or look at the last layer in the summary.
# ### END SOLUTION
