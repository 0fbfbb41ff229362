# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Problem set 4: a DCGAN for any size
#
# **You will**
#
# - work out how large the maps inside a convolutional network are, for odd sizes too;
# - refuse what cannot be made, with a message that helps;
# - build a DCGAN for images of any height, width and number of channels, and train it on odd ones.
#
# *Two to three hours. Builds on lessons 11 and 31, and on problem set 2.*
#
# **How it is graded.** Write your answers where it says `YOUR CODE HERE`, and remove the line that raises an error. Leave the
# cells that check them as they are; you may add cells of your own. Below each answer is a check that you can run as often as
# you like. It tells you what to look at, and never what to write. The grading runs the same checks with other sizes and
# numbers. There are 20 points: 16 for the code, and 4 for the question at the end, which a person reads. Before you hand it in,
# restart the kernel and run all cells.
#
# The DCGAN of `ganlib.networks` makes images whose height and width are multiples of the product of all strides. Ask it for 27
# by 25 pixels, and it refuses, with a message that says why. Yours will make such images.

# %% nbgrader={"grade": false, "grade_id": "setup", "locked": true, "schema_version": 3, "solution": false, "task": false}
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import check
import keras
import numpy as np
from keras import layers

SEED = 0
keras.utils.set_random_seed(SEED)
digits = ganlib.data.load("digits")

# %%
try:
    ganlib.networks.dcgan.generator((27, 25, 1), filters=(16, 8))
except ganlib.errors.InputError as error:
    print(error)

# %% [markdown]
# ## 1. How large is a map? (2 points)
#
# D makes an image smaller with convolutions of stride 2 and padding "same". Such a convolution puts its kernel on row 0, row 2,
# row 4 and so on, as long as there are rows, and fills in zeros where the kernel sticks out.
#
# Write `map_sizes(size, count)`. It returns a list of `count + 1` whole numbers: the size of the image in one direction, and
# the size of the map after each of `count` convolutions. For 28 and 2 the list is 28, 14, 7. What about 25?

# %% nbgrader={"grade": false, "grade_id": "map_sizes", "locked": false, "schema_version": 3, "solution": true, "task": false}
def map_sizes(size, count):
    """Returns the size of an image and of the map after each of `count` convolutions with stride 2."""
    ### BEGIN SOLUTION
    sizes = [size]
    for _ in range(count):
        sizes.append((sizes[-1] + 1) // 2)
    return sizes
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_map_sizes", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.map_sizes(map_sizes)
### BEGIN HIDDEN TESTS
hidden_random = np.random.default_rng(SEED)
check.map_sizes(map_sizes, [(int(size), int(count)) for size, count in zip(hidden_random.integers(1, 300, 20), hidden_random.integers(0, 7, 20))])
### END HIDDEN TESTS

# %% [markdown]
# ## 2. What cannot be made (3 points)
#
# Write `check_shape(image_shape, count)`, which your networks will call before they build anything. It returns nothing. It
# raises a `ValueError`
#
# - if `image_shape` is not three whole numbers, each at least 1: height, width and channels;
# - if the height or the width is less than $2^\text{count}$, where `count` is the number of strides of 2: such an image is smaller
#   than one step of the last map, and much of what that map sees is padding.
#
# Everything else is fine, odd sizes too. The shape may be a tuple or a list, and its numbers may be Python's or numpy's.
#
# The message is for somebody who has never seen your code. It contains the shape as it was given, it says what was expected,
# and for an image that is too small it names the smallest size that would do.

# %% nbgrader={"grade": false, "grade_id": "check_shape", "locked": false, "schema_version": 3, "solution": true, "task": false}
def check_shape(image_shape, count):
    """Raises a ValueError, with a message that helps, unless a DCGAN of `count` strides can make such images."""
    ### BEGIN SOLUTION
    whole = [isinstance(number, (int, np.integer)) and number >= 1 for number in image_shape]
    if len(image_shape) != 3 or not all(whole):
        raise ValueError(f"got images of {image_shape}; expected three whole numbers from 1: height, width and channels.")
    if min(image_shape[:2]) < 2**count:
        raise ValueError(f"got images of {image_shape}; {count} strides of 2 need a height and a width of {2**count} or more.")
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_check_shape", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.check_shape(check_shape)
### BEGIN HIDDEN TESTS
check.check_shape(check_shape, 2, [(10,), (9, 9, -1), (9, 0, 1), [9.5, 9, 1], (8, 8, 1, 2)], [(2, 9, 1), (9, 3, 4), [1, 19, 3]])
check.check_shape(check_shape, 4, [(17, 17), (17, 17, 0.5)], [(15, 30, 1), (30, 7, 3)])
### END HIDDEN TESTS

# %% [markdown]
# ## 3. The discriminator (5 points)
#
# Build `dcgan_discriminator(image_shape, filters)`:
#
# 1. It calls `check_shape`; the number of strides is that of `filters`.
# 2. It takes images of the shape (batch, height, width, channels).
# 3. For each number in `filters`, in this order: a convolution with that many filters, kernel size 4, stride 2 and padding
#    "same", then batch normalization, then LeakyReLU with slope 0.2. The first convolution has a bias and **no** batch
#    normalization after it, as in Radford et al. ([2016](https://arxiv.org/abs/1511.06434)). The others have no bias.
# 4. Then all numbers in a row, and a dense layer with a bias, which makes one logit: (batch, 1).
# 5. All kernels start with numbers drawn from a normal distribution with mean 0 and standard deviation 0.02.
#
# The first check (2 points) looks at what goes in and what comes out, the second (3 points) at what is in between.

# %% nbgrader={"grade": false, "grade_id": "dcgan_discriminator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dcgan_discriminator(image_shape, filters):
    """Returns a Keras model from images (batch, *image_shape) to logits (batch, 1)."""
    ### BEGIN SOLUTION
    check_shape(image_shape, len(filters))
    inputs = keras.Input(tuple(image_shape))
    x = inputs
    for number, count in enumerate(filters):
        start = keras.initializers.RandomNormal(stddev=0.02)
        x = layers.Conv2D(count, 4, 2, padding="same", use_bias=number == 0, kernel_initializer=start)(x)
        if number > 0:
            x = layers.BatchNormalization()(x)
        x = layers.LeakyReLU(0.2)(x)
    x = layers.Flatten()(x)
    return keras.Model(inputs, layers.Dense(1, kernel_initializer=keras.initializers.RandomNormal(stddev=0.02))(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dcgan_discriminator", "locked": true, "points": 2, "schema_version": 3, "solution": false, "task": false}
check.dcgan_discriminator(dcgan_discriminator)
### BEGIN HIDDEN TESTS
check.dcgan_discriminator(dcgan_discriminator, [((31, 17, 2), (3, 5)), ((2, 2, 1), [4]), ((9, 11, 1), (2, 3, 4))])
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_dcgan_discriminator_layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.dcgan_discriminator_layers(dcgan_discriminator)
### BEGIN HIDDEN TESTS
check.dcgan_discriminator_layers(dcgan_discriminator, [((30 + SEED % 5, 17, 2), (14, 18)), ((19, 45, 4), (12, 18, 10))])
### END HIDDEN TESTS

# %% [markdown]
# ## 4. The generator (6 points)
#
# G goes D's way backwards. Each of its maps is exactly as large as one of D's: its first map is as large as D's last one, and
# its last one, the image, is as large as D's first.
#
# A transposed convolution with stride 2 doubles a map. Where D turns 25 rows into 13, G turns 13 into 26, which is one too
# many: cut it off there and then, before the next layer. `map_sizes` tells you where.
#
# Build `dcgan_generator(image_shape, latent_dim, filters)`:
#
# 1. It calls `check_shape`; the number of strides is that of `filters`.
# 2. It takes latents of the shape (batch, `latent_dim`).
# 3. A dense layer without a bias makes the numbers of the first map, and they are given the shape of a map with `filters[0]`
#    channels. Only then come batch normalization, which works on the channels, and LeakyReLU with slope 0.2.
# 4. For each further number in `filters`, in this order: a transposed convolution with that many filters, kernel size 4, stride
#    2, padding "same" and no bias; the surplus is cut off; then batch normalization and LeakyReLU with slope 0.2.
# 5. At the end, one more transposed convolution, with a filter for each channel of the image and with a bias; the surplus is
#    cut off; then tanh.
# 6. All kernels start like those of D.
#
# The first check (3 points) looks at what goes in and what comes out, the second (3 points) at what is in between.

# %% nbgrader={"grade": false, "grade_id": "dcgan_generator", "locked": false, "schema_version": 3, "solution": true, "task": false}
def dcgan_generator(image_shape, latent_dim, filters):
    """Returns a Keras model from latents (batch, latent_dim) to images (batch, *image_shape) in [-1, 1]."""
    ### BEGIN SOLUTION
    check_shape(image_shape, len(filters))
    height, width, channels = image_shape
    sides = list(zip(map_sizes(height, len(filters)), map_sizes(width, len(filters))))[::-1]

    def start():
        return keras.initializers.RandomNormal(stddev=0.02)

    def enlarge(x, count, side, use_bias):
        x = layers.Conv2DTranspose(count, 4, 2, padding="same", use_bias=use_bias, kernel_initializer=start())(x)
        return layers.Cropping2D(((0, x.shape[1] - side[0]), (0, x.shape[2] - side[1])))(x)

    inputs = keras.Input((latent_dim,))
    x = layers.Dense(sides[0][0] * sides[0][1] * filters[0], use_bias=False, kernel_initializer=start())(inputs)
    x = layers.Reshape((*sides[0], filters[0]))(x)
    x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
    for count, side in zip(filters[1:], sides[1:]):
        x = enlarge(x, count, side, use_bias=False)
        x = layers.LeakyReLU(0.2)(layers.BatchNormalization()(x))
    x = enlarge(x, channels, sides[-1], use_bias=True)
    return keras.Model(inputs, layers.Activation("tanh")(x))
    ### END SOLUTION


# %% nbgrader={"grade": true, "grade_id": "test_dcgan_generator", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.dcgan_generator(dcgan_generator)
### BEGIN HIDDEN TESTS
check.dcgan_generator(dcgan_generator, [((31, 17, 2), 3, (3, 5)), ((2, 2, 1), 4, [4]), ((9, 11, 1), 2, (2, 3, 4)), ((33, 16, 3), 7, (4, 5, 3))])
### END HIDDEN TESTS

# %% nbgrader={"grade": true, "grade_id": "test_dcgan_generator_layers", "locked": true, "points": 3, "schema_version": 3, "solution": false, "task": false}
check.dcgan_generator_layers(dcgan_generator)
### BEGIN HIDDEN TESTS
check.dcgan_generator_layers(dcgan_generator, [((30 + SEED % 5, 17, 2), 25, (14, 18)), ((19, 45, 4), 15, (12, 18, 10))])
### END HIDDEN TESTS

# %% [markdown]
# Train them on images that `ganlib.networks.dcgan` would refuse: digits without their margin, 21 by 19 pixels. A few seconds
# are not enough for digits. Look at where in the image G puts its ink, and at the last row and column.

# %%
# Picture: two rows of ten images; above, real digits without a margin; below, images after a short training.
small = digits.images[:, 3:-4, 4:-5]
discriminator = dcgan_discriminator(small.shape[1:], (8, 16))
generator = dcgan_generator(small.shape[1:], 16, (16, 8))
gan = ganlib.GAN(generator, discriminator, seed=SEED)
gan.compile(keras.optimizers.Adam(2e-3, 0.5), keras.optimizers.Adam(2e-3, 0.5), jit_compile=False)
gan.fit(small[:960], batch_size=32, epochs=2, verbose=0)
made = gan.predict(ganlib.sampling.draw_latents(10, 16, seed=SEED), verbose=0)
ganlib.plots.plot_images(np.concatenate([ganlib.images.to_float(small[:10]), made]), columns=10)

# %% [markdown]
# ## 5. Fifty by thirty-seven (4 points)
#
# A dataset has images of 50 by 37 pixels, and your DCGAN has three strides of 2. Cutting the maps, as you have done, is one way
# to bring the two together.
#
# Answer in a few sentences:
#
# 1. Name two other ways in which all maps have whole sizes without cutting any map.
# 2. For each of the three ways: what happens to the real images, and what do the networks compute or learn in vain?
# 3. Which way would you choose for photographs, and which for handwriting with strokes of one pixel? Give a reason for each.
# 4. A student changes the size of the generated images at the end, and leaves the real ones as they are. What does D learn
#    first, and how would you notice that in the losses?

# %% [markdown] nbgrader={"grade": true, "grade_id": "fifty_by_thirty_seven", "locked": false, "points": 4, "schema_version": 3, "solution": true, "task": false}
# ### BEGIN SOLUTION
# 1. Resize the images to 48 by 40 (or 56 by 40), or pad them with background to 56 by 40 and cut the generated images at the
#    end to 50 by 37. Cutting the real ones to 48 by 32 is a third way. All three give multiples of 8.
# 2. Cutting the maps leaves the real images as they are. G computes rows and columns that are thrown away, and at the edge
#    where they are cut, pixels see a different part of the kernel than elsewhere. Resizing changes the proportions and mixes
#    neighbouring pixels: thin strokes get gray, and G learns the smoothing as well. Padding leaves the pixels as they are, but
#    a sixth or so of every image is background, which G has to learn to leave empty, and D to ignore. Cutting the real images
#    loses what was at the border.
# 3. Photographs are smooth over a few pixels, so resizing them by a few percent loses little, and everything else gets simpler.
#    Resizing makes strokes of one pixel gray or broken, so pad, with the colour of the paper, or cut the maps.
# 4. Whatever the change of size does to pixels, such as smoothing them, is found in all generated images and in no real one. D
#    learns to recognise that and does not need to know anything about the content: D's loss falls towards 0 within a few steps
#    and G's rises, although the images look no worse.
# ### END SOLUTION
