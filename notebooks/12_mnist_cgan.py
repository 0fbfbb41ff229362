# %% [markdown]
# # Ask for a digit
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/12_mnist_cgan.ipynb)
#
# **You will**
#
# - see what a label does to each of the two networks, and train them on images with labels;
# - draw any digit on request, and the same handwriting in ten digits;
# - train a classifier as a referee, and measure how often you get what you asked for.
#
# *About 3 minutes on two CPU cores, less on a GPU. Builds on [11_mnist_dcgan](11_mnist_dcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library and get the data; elsewhere they are there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch mnist")

import ganlib
import keras
import numpy as np
from keras import layers

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("mnist_cgan")
NUM_ROWS = 6
NUM_PER_CLASS = 100
NUM_DOUBTFUL = 20
CLASSIFIER_EPOCHS = 2
CLASSIFIER_BATCH = 128

# %% [markdown]
# The generators so far draw what they like. You may want a 7. You could draw until one comes, if something tells you that
# it is one; better to ask. The training images have labels, and up to here they lay unused.
#
# ## What a label does to the forger
#
# In a *conditional* GAN (Mirza and Osindero, 2014) the label is one more input to both networks. Look at the two.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
for network in (run.generator, run.discriminator):
    inputs = [f"{tensor.name} {tensor.shape[1:]}" for tensor in network.inputs]
    print(f"The {network.name} takes {' and '.join(inputs)}, and gives {network.output_shape[1:]}.")

# %% [markdown]
# A label is one whole number, and a number is a bad input: a network that reads 3 and 4 as quantities believes that a 3
# is nearly a 4 and that an 8 is twice as much. An **embedding** gives each class a vector of its own instead, a row of a
# table that is learned like any other weight.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for network in (run.generator, run.discriminator):
    (table,) = [layer for layer in network.layers if isinstance(layer, layers.Embedding)]
    kinds = [type(layer).__name__ for layer in network.layers if not isinstance(layer, layers.InputLayer)]
    print(f"{network.name}: {' -> '.join(kinds)}; one vector of {table.output_dim} numbers for each of {table.input_dim} classes.")

# %% [markdown]
# The generator's table is joined to the latents before the first layer. What follows, the `Functional` in the list, is
# the DCGAN of the last lesson, unchanged: `ganlib.networks.conditional` wraps a network, it does not rewrite it.
#
# ## What a label does to the detective
#
# The detective's question changes from "is this real?" to "is this a real *7*?". Its network ends in a list of features,
# from which the last layer makes a logit. The label's vector is multiplied with these features and the sum is added to
# the logit: the more the features agree with what the class should have, the more real the image counts. This is a
# *projection discriminator* (Miyato and Koyama, 2018).
#
# **Predict:** you show the untrained detective real digits, once with their own label and once with a wrong one. Does it
# notice?

# %%
test = ganlib.data.load("mnist", split="test")
num_classes = len(test.class_names)
shown = np.asarray(ganlib.images.to_float(test.images))


def advantage():
    """Returns by how much the right label raises the logit of each real digit, compared with a wrong label."""
    right, wrong = (run.discriminator.predict([shown, labels], verbose=0) for labels in (test.labels, (test.labels + 1) % num_classes))
    return (right - wrong)[:, 0]


advantages = {"untrained": advantage()}
print(f"The right label raises the logit of {(advantages['untrained'] > 0).mean():.0%} of real digits.")

# %% [markdown]
# It does not: the table of its class vectors starts at zero, so at first all labels mean the same. What it will know
# about them has to come from the game. Note what the game offers. D sees real images with their labels, and forgeries
# with the labels that G was asked for. Nobody ever shows it a real 7 labelled as a 3.
#
# ## Training
#
# Train for a first stretch, question the detective again, and then train to the end.

# %%
run.fit(steps=RECIPE.sample_every)
advantages["early"] = advantage()

# %%
run.fit()
advantages["trained"] = advantage()

# %% [markdown]
# **Predict:** it has never been shown a real image with a wrong label. Does it mind now? More than early in the training,
# or less?

# %%
for stage, values in advantages.items():
    print(f"{stage:>9}: the right label raises the logit of {(values > 0).mean():4.0%} of real digits, by {values.mean():.2f} on average")

# %% [markdown]
# It minds early on: for nearly every digit the right label is the more believable one. How can it know, without ever
# having seen a wrong label on a real digit? From forgeries. At first G ignores the label, so among the forgeries labelled
# 7 there are all kinds of shapes, and among the real images labelled 7 there are none but sevens. To tell the two apart,
# D learns what a 7 should look like, and from then on a forger who ignores the label is caught by it.
#
# Later it minds less. Once G does as it is told, wrong labels hardly occur any more, and D has little left to gain from
# watching for them. A detective knows only what the present forger has made it learn.
#
# ## One handwriting, ten digits
#
# Draw one latent vector for each row and one class for each column. Within a row only the label changes.
#
# **Predict:** the label says which digit. What is left for the latents to decide? What will the images of one row have in
# common?

# %%
latents = ganlib.sampling.draw_latents(NUM_ROWS, RECIPE.latent_dim, RECIPE.noise, seed=RECIPE.seed)
labels = np.tile(np.arange(num_classes, dtype="int32"), NUM_ROWS)
grid = run.gan.predict([np.repeat(latents, num_classes, axis=0), labels], verbose=0)
ganlib.plots.plot_images(grid, columns=num_classes, titles=labels)

# %% [markdown]
# The label decides which digit it is. The latents decide how it is written: rows differ in slant, in width, in how bold
# the strokes are, and within a row these stay much the same. Nobody told G to split the work in this way. The label is
# enough to say which digit, so it would be a waste to say it in the latents again.
#
# Flaws can be shared too. Some rows are clean from end to end; others have several frayed digits, as if the hand had been
# unsteady.
#
# ## A referee
#
# How often do you get what you asked for? Looking at sixty images is no measurement. Train a referee: a small
# convolutional classifier, on real images only. It has nothing to do with the game, which is the point of a referee.

# %%
keras.utils.set_random_seed(RECIPE.seed)
referee = keras.Sequential(
    [
        keras.Input(test.image_shape),
        layers.Conv2D(16, 3, strides=2, activation="relu"),
        layers.Conv2D(32, 3, strides=2, activation="relu"),
        layers.Flatten(),
        layers.Dropout(0.2),
        layers.Dense(num_classes, activation="softmax"),
    ]
)
referee.compile("adam", "sparse_categorical_crossentropy")

# %%
train_images = np.asarray(ganlib.images.to_float(run.dataset.images))
log = referee.fit(train_images, run.dataset.labels, batch_size=CLASSIFIER_BATCH, epochs=CLASSIFIER_EPOCHS, verbose=2)

# %% [markdown]
# A referee makes mistakes too. Find out how many on real images that it has not seen before, or you will blame the forger
# for them.

# %%
seen = referee.predict(shown, verbose=0).argmax(axis=1)
own_accuracy = (seen == test.labels).mean()
print(f"The referee names {own_accuracy:.1%} of {len(seen):,} real test digits correctly.")

# %% [markdown]
# ## Asking a thousand times
#
# **Predict:** G has trained for a few minutes. You ask for each digit 100 times. What share of the thousand will the
# referee call by the name that you asked for? Could it be more than the referee's share on real digits?

# %%
asked = np.tile(np.arange(num_classes), NUM_PER_CLASS)
fakes = run.sample(len(asked), labels=asked, seed=RECIPE.seed)
opinions = referee.predict(fakes, verbose=0)
received = opinions.argmax(axis=1)
print(f"You asked for {len(asked):,} digits and got {(received == asked).mean():.1%} of them; by chance it would be {1 / num_classes:.0%}.")
print(f"On real digits the referee reaches {own_accuracy:.1%}.")

# %% [markdown]
# You get nearly everything you ask for. G's share is about as high as the referee's on real digits, and it may even be
# higher, which sounds absurd: are forgeries more real than real digits? No. Real people also write hasty digits that
# could be anything, and the referee stumbles over those. G draws typical digits more often than odd ones, and typical
# digits are easy to name. The referee's own share is where this measure ends: above it, differences tell you about the
# referee.

# %%
ganlib.plots.plot_confusion(asked, received, test.class_names, title="conditional accuracy")

# %% [markdown]
# Each row is a wish, each column a verdict; all on the diagonal would be perfect. The few that stray go where people go
# wrong as well: between digits that share strokes, such as 5 and 3, or 7 and 9.
#
# Look at those for which the referee gives the least probability to the digit that was asked for.

# %%
agreement = opinions[np.arange(len(asked)), asked]
doubtful = agreement.argsort()[:NUM_DOUBTFUL]
ganlib.plots.plot_images(fakes[doubtful], titles=[f"{asked[i]}: seen {received[i]}" for i in doubtful])

# %% [markdown]
# Three kinds are mixed here. Some forgeries are between two digits and deserve the verdict. Some are no digit at all, and
# the referee, which has to choose one of ten, chooses. And some are fine: you would read them as what you asked for, and
# it is the referee who errs.
#
# ## What this number does not see
#
# Suppose G learned ten images by heart, one splendid example of each digit. Its conditional accuracy would be 100 %. So
# look at variety as well: how much do the images of one class differ from each other? Take the spread of each pixel
# within a class, averaged over pixels and classes.
#
# **Predict:** will the forgeries vary less than the real digits, as much, or more?

# %%
def spread(images, labels):
    return np.mean([images[labels == label].std(axis=0).mean() for label in range(num_classes)])


print(f"Pixels of a class vary by {spread(shown, test.labels):.2f} in real digits and by {spread(fakes, asked):.2f} in forgeries.")

# %% [markdown]
# A little less than the real ones: G leaves out some of the stranger hands, but it does not repeat one digit. Ten images
# learned by heart would score zero here. Neither number is enough alone; together they say that you get what you ask for,
# in many hands.
#
# ## Exercise: the hardest digit
#
# Which digit do you get least often when you ask for it? Put its number into `hardest`. `asked` and `received` hold all
# you need.

# %% tags=["exercise"]
hardest = None  # replace None: the class with the smallest share of received == asked

# %% tags=["check"]
if hardest is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    shares = [(received[asked == label] == label).mean() for label in range(num_classes)]
    assert hardest in range(num_classes), f"expected a digit from 0 to {num_classes - 1}, got {hardest}"
    assert shares[hardest] == min(shares), f"you get {hardest} in {shares[hardest]:.0%} of cases; another digit is rarer"
    print(f"Right: asked for a {hardest}, G draws one in {shares[hardest]:.0%} of cases.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# hardest = int(np.argmin([(received[asked == label] == label).mean() for label in range(num_classes)]))
# ```
#
# Before you blame G, compute the same shares for the referee on real digits, with `seen` and `test.labels`.
# </details>

# %% [markdown]
# ## You can now
#
# - say what a label does to each of the two networks, and why it enters as a learned vector;
# - draw any digit on request, and keep the handwriting while the digit changes;
# - measure conditional accuracy with a referee of known accuracy, and name what the number does not see.
#
# **Next:** [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb) replaces digits by clothes, which are harder to draw.
