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
# # Problem set 5: ask for a digit, and get it
#
# You build a conditional GAN: a generator that draws the digit that you ask for, and a discriminator that asks whether an image
# fits its label. You train the two for a few seconds, and a referee measures how often your wishes come true.
#
# - **Builds on** lessons 01_train_by_hand and 12_mnist_cgan, and on problem set 2.
# - **Time:** two to three hours. The training itself takes less than half a minute on two CPU cores.
# - **Points:** 20. Five tasks are graded by tests, 16 points in all. The question at the end is graded by a person, 4 points.
#
# Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Below each answer is a cell that
# checks it. Run it as often as you like: it says "Right", or tells you what to look at. The tests that count use other numbers,
# and check more. The grader runs your notebook from the top, training included. You may add cells of your own. Before your work
# is graded, the cells that check it are put back as they were, and so is the one below.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops

import check

SEED = 0
NUM_CLASSES, LATENT_DIM, BATCH = 10, 16, 64
MOST_STEPS, MOST_WEIGHTS = 2_000, 200_000
keras.utils.set_random_seed(SEED)

digits = ganlib.data.load("digits")
labels = digits.labels
large = ops.convert_to_numpy(ganlib.images.to_float(digits.images))
images = large[:, 2:26, 2:26].reshape(-1, 8, 3, 8, 3, 1).mean(axis=(2, 4))  # the size at which they were scanned
REAL = images, labels  # for the checks: you may use the names above for your own pictures
print(f"{len(images):,} images of {images.shape[1:]}, {images.dtype}, from {images.min():.0f} to {images.max():.0f}; labels are {labels.dtype}")

# %% [markdown]
# The digits are those of the first lesson. There they were enlarged to 28x28. Here they are back at 8x8, so that training takes
# seconds. Labels are whole numbers from 0 to 9, one for each image.
#
# ## 1. A generator that listens
#
# Write `conditional_generator(image_shape, latent_dim, num_classes)`. It returns a `keras.Model` that takes `[latents, labels]`
# in this order, latents of shape `(batch, latent_dim)` and labels of shape `(batch,)`, whole numbers from 0 to
# `num_classes - 1`. It returns images of shape `(batch, *image_shape)` with values from -1 to 1.
#
# Which layers you use, and how many, is up to you. One or two dense layers of 128 units are enough for these images, and each
# network may have up to 200,000 weights. Lesson 12 explained why a label must not go in as a quantity. Build the network from
# `keras.layers`: a function with `keras.Input` for each of the two inputs.

# %% nbgrader={"grade": false, "grade_id": "conditional_generator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conditional_generator(image_shape, latent_dim, num_classes):
    """Returns a Keras model from [latents, labels] to images in [-1, 1]."""
    ### BEGIN SOLUTION
    latents = keras.Input((latent_dim,))
    labels = keras.Input((), dtype="int32")
    x = layers.Concatenate()([latents, layers.Embedding(num_classes, 16)(labels)])
    for _ in range(2):
        x = layers.Dense(128)(x)
        x = layers.BatchNormalization(momentum=0.8)(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Dense(int(np.prod(image_shape)), activation="tanh")(x)
    return keras.Model([latents, labels], layers.Reshape(image_shape)(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conditional_generator", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.conditional_generator(conditional_generator)
### BEGIN HIDDEN TESTS
for number, (shape, latent_dim, num_classes) in enumerate([((5, 7, 3), 3, 4), ((8, 8, 1), 20, 26)]):
    check.conditional_generator(conditional_generator, SEED + 1 + number, shape, latent_dim, num_classes)
### END HIDDEN TESTS

# %% [markdown]
# ## 2. A discriminator that compares
#
# Write `conditional_discriminator(image_shape, num_classes)`. It returns a `keras.Model` that takes `[images, labels]` and
# returns logits of shape `(batch, 1)`.
#
# D has two questions. Does this image look real? Does it fit this label? For the second question, it is not enough that the
# label has *some* influence on the logit. Think of two images and two labels: for one image the first label should give a
# higher logit than the second label, and for the other image it should be the other way round. Where do image and label have to
# meet?

# %% nbgrader={"grade": false, "grade_id": "conditional_discriminator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conditional_discriminator(image_shape, num_classes):
    """Returns a Keras model from [images, labels] to logits (batch, 1)."""
    ### BEGIN SOLUTION
    images = keras.Input(image_shape)
    labels = keras.Input((), dtype="int32")
    x = layers.Flatten()(images)
    for _ in range(2):
        x = layers.LeakyReLU(0.2)(layers.Dense(128)(x))
    vectors = layers.Embedding(num_classes, 128, embeddings_initializer="zeros")(labels)
    logits = layers.Add()([layers.Dense(1)(x), layers.Dot(axes=1)([x, vectors])])
    return keras.Model([images, labels], logits)
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conditional_discriminator", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.conditional_discriminator(conditional_discriminator)
### BEGIN HIDDEN TESTS
for number, (shape, num_classes) in enumerate([((5, 7, 3), 4), ((8, 8, 1), 26)]):
    check.conditional_discriminator(conditional_discriminator, SEED + 1 + number, shape, num_classes)
### END HIDDEN TESTS

# %% [markdown]
# ## 3. Who is told what
#
# In one step of the game there are four things: real `images` with their `labels`, and `latents` with `wishes`. The wishes are
# drawn at random and say which class G should draw from each of the latents. Write
# `two_losses(generator, discriminator, images, labels, latents, wishes)`, which returns D's loss and G's loss, a pair of
# numbers (tensors of shape `()`).
#
# - D's loss is half of the sum of two means, as in lesson 01: $-\log \sigma(\ell)$ over the real images, and
#   $-\log(1 - \sigma(\ell))$ over the generated ones.
# - G's loss is the non-saturating one, the mean of $-\log \sigma(\ell)$ over the generated images.
# - Call both networks with `training=True`.
# - There may be more images of one kind than of the other.
#
# Use `keras.ops`; `ops.softplus` and `ops.log_sigmoid` are worth a look. The function will run inside `tf.function`, with a
# tape that records everything. Each player's optimizer takes the derivatives for its own weights only.

# %% nbgrader={"grade": false, "grade_id": "two_losses", "locked": false, "schema_version": 3, "solution": true, "task": false}
def two_losses(generator, discriminator, images, labels, latents, wishes):
    """Returns the losses of D and of G, two numbers."""
    ### BEGIN SOLUTION
    fakes = generator([latents, wishes], training=True)
    real_logits = discriminator([images, labels], training=True)
    fake_logits = discriminator([fakes, wishes], training=True)
    d_loss = 0.5 * (ops.mean(ops.softplus(-real_logits)) + ops.mean(ops.softplus(fake_logits)))
    return d_loss, ops.mean(ops.softplus(-fake_logits))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_two_losses", "locked": true, "points": 4, "schema_version": 3, "solution": false, "task": false}
check.two_losses(two_losses)
### BEGIN HIDDEN TESTS
for number, (sizes, num_classes) in enumerate([((9, 9), 2), ((4, 11), 3), ((12, 5), 6)]):
    check.two_losses(two_losses, SEED + 1 + number, sizes, num_classes)
### END HIDDEN TESTS

# %% [markdown]
# ## 4. How often do wishes come true?
#
# A referee has looked at generated images and named the digit in each. Write
# `conditional_accuracy(asked, received, num_classes)`. `asked` has the labels that G was asked for, and `received` has what the
# referee saw; the two arrays have the same length. Return a pair:
#
# - the share of the images in which the referee saw what was asked for, a number from 0 to 1;
# - a table of counts `(num_classes, num_classes)`. Row $i$, column $j$ says how many images were asked for as $i$ and seen as $j$.
#
# Use NumPy. A class may be missing from either array, and then its row or its column is zero.

# %% nbgrader={"grade": false, "grade_id": "conditional_accuracy", "locked": false, "schema_version": 3, "solution": true, "task": false}
def conditional_accuracy(asked, received, num_classes):
    """Returns the share of wishes that came true, and the counts, a row for each class that was asked for."""
    ### BEGIN SOLUTION
    table = np.zeros((num_classes, num_classes), dtype=int)
    np.add.at(table, (asked, received), 1)
    return np.mean(asked == received), table
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_conditional_accuracy", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.conditional_accuracy(conditional_accuracy)
### BEGIN HIDDEN TESTS
check.conditional_accuracy(conditional_accuracy, SEED + 1, 10, 30)
check.conditional_accuracy(conditional_accuracy, SEED + 2, 5, 6, never=(1, 4), unseen=(4,))
check.conditional_accuracy(conditional_accuracy, SEED + 3, 2, 400)
### END HIDDEN TESTS

# %% [markdown]
# ## 5. The game
#
# The cell below is given. `train` draws batches, latents and wishes, and lets both players take their steps with your losses.
# Read it once: everything in it comes from lesson 01.

# %% nbgrader={"grade": false, "grade_id": "train", "locked": true, "schema_version": 3, "solution": false, "task": false}
def train(generator, discriminator, images, labels, steps, g_rate, d_rate):
    """Trains both networks on images (n, height, width, channels) in [-1, 1] and their labels (n,)."""
    assert steps <= MOST_STEPS, f"{steps:,} steps are too many; at most {MOST_STEPS:,} are allowed."
    for network in (generator, discriminator):
        count = network.count_params()
        assert count <= MOST_WEIGHTS, f"{count:,} weights are too many; at most {MOST_WEIGHTS:,} are allowed."
    random = np.random.default_rng(SEED)
    rows = random.integers(len(images), size=(steps, BATCH))
    wishes = random.integers(NUM_CLASSES, size=(steps, BATCH)).astype("int32")
    latents = random.standard_normal((steps, BATCH, LATENT_DIM)).astype("float32")
    players = [(discriminator, keras.optimizers.Adam(d_rate, 0.5)), (generator, keras.optimizers.Adam(g_rate, 0.5))]
    for network, optimizer in players:
        optimizer.build(network.trainable_variables)

    @tf.function
    def play(images, labels, rows, latents, wishes):
        losses = (0.0, 0.0)
        for step in tf.range(len(rows)):
            batch = tf.gather(images, rows[step]), tf.gather(labels, rows[step])
            with tf.GradientTape(persistent=True) as tape:
                losses = tuple(two_losses(generator, discriminator, *batch, latents[step], wishes[step]))
            slopes = [tape.gradient(loss, network.trainable_weights) for loss, (network, _) in zip(losses, players)]
            for some, (network, optimizer) in zip(slopes, players):
                optimizer.apply(some, network.trainable_weights)
        return losses

    d_loss, g_loss = play(images, labels, rows, latents, wishes)
    print(f"{steps:,} steps: D's loss is {d_loss:.2f}, G's loss {g_loss:.2f}.")


# %% [markdown]
# Now play. Make a `generator` and a `discriminator` with your functions, for `images.shape[1:]`, `LATENT_DIM` and
# `NUM_CLASSES`, and train them. You may take 2,000 steps at most. A thousand steps with a rate of 0.001 for both players are a
# good start. Add a cell and look at pictures: `ganlib.plots.plot_images` shows a batch.
#
# Two things are graded, the first with two points and the second with one:
#
# - at least 80 % of the wishes come true. The check lets each picture's nearest neighbour among the real digits say what it is;
#   the test uses a classifier;
# - the pictures look something like digits, and those of one class have at least a tenth of the variance of real ones. So a G
#   that has learned ten pictures by heart does not pass.

# %% nbgrader={"grade": false, "grade_id": "game", "locked": false, "schema_version": 3, "solution": true, "task": false}
### BEGIN SOLUTION
generator = conditional_generator(images.shape[1:], LATENT_DIM, NUM_CLASSES)
discriminator = conditional_discriminator(images.shape[1:], NUM_CLASSES)
train(generator, discriminator, images, labels, steps=800, g_rate=1e-3, d_rate=1e-3)
### END SOLUTION

# %% nbgrader={"grade": true, "grade_id": "test_obeys", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.obeys(generator, *REAL)
### BEGIN HIDDEN TESTS
from sklearn.svm import SVC

hidden_digits = ganlib.data.load("digits")
hidden_rows = hidden_digits.images[:, 2:26, 2:26].reshape(-1, 8, 3, 8, 3).mean(axis=(2, 4)).reshape(-1, 64) / 127.5 - 1
hidden_referee = SVC().fit(hidden_rows, hidden_digits.labels)
hidden_asked = np.tile(np.arange(10, dtype="int32"), 60)
hidden_latents = np.random.default_rng([SEED, 55]).standard_normal((600, 16)).astype("float32")
hidden_drawn = np.reshape(generator([hidden_latents, hidden_asked], training=False), (600, 64))
hidden_share = np.mean(hidden_referee.predict(hidden_drawn) == hidden_asked)
assert hidden_share >= 0.8, f"A classifier says that {hidden_share:.0%} of the wishes come true, and 80% should. Train longer, or at other rates."
assert generator.count_params() <= 200_000, "The generator has more than 200,000 weights."
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_varied", "locked": true, "points": 1, "schema_version": 3, "solution": false, "task": false}
check.varied(generator, *REAL)
### BEGIN HIDDEN TESTS
check.varied(generator, *REAL, SEED + 1)
### END HIDDEN TESTS

# %% [markdown]
# ## 6. Labels that lie
#
# *This question is graded by a person (4 points). Eight to twelve sentences are enough.*
#
# Somebody prepares the training images and makes a mistake. Take two cases:
#
# - **A.** All labels are shuffled: each image gets the label of another one, drawn at random.
# - **B.** One label in five is replaced by a digit drawn at random. The others are right.
#
# The networks and the training are right, and all digits are about equally frequent. For each case, say what conditional
# accuracy you expect from a good G after long training, as a number, and why. What will the pictures look like? Would you
# notice the mistake in the two losses, or in a Frechet distance between all real and all generated images? Say how you would
# find the mistake before you train at all. You may try it: it is one line before the training.

# %% [markdown] nbgrader={"grade": true, "grade_id": "labels_that_lie", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# G learns the distribution of images *given the label* as it is in the training data, lies included.
#
# **A.** The label says nothing about the image, so $p(x \mid y) = p(x)$ for every $y$. The best G ignores the label and draws
# all digits, whatever it is asked for. One wish in ten comes true by chance: 10 %. Each picture can be as good as before. For D
# the label is useless as well, and the game is that of an unconditional GAN. The losses look healthy, because nothing in them
# compares a picture with the wish of a person, only with the pairs in the data. The Frechet distance does not see labels at
# all: the generated images together are distributed like the real ones, and it can be as low as before.
#
# **B.** Among the images labelled 7, 80 % are sevens by right, and of the other 20 % one tenth are sevens by chance. So a good
# G draws what is asked for in $0.8 + 0.2 \cdot 0.1 = 82\,\%$ of the cases, and the other 18 % are *good* pictures of the other
# nine digits, 2 % each. Longer training does not help: a higher share would be farther from the data. (A weak G that leaves out
# rare things may get above 82 %.)
#
# **Before training:** look at some images with their labels. Or train a classifier on half of the pairs and test it on the
# other half: it gets about 10 % in case A, and about 82 % in case B, where its errors show which labels are wrong.
# ### END SOLUTION
