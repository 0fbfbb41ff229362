# %% [markdown]
# # Start here: two networks, one game
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/00_start_here.ipynb)
#
# **You will**
#
# - see what a generative adversarial network (GAN) is made of, and what each part takes in and gives out;
# - train one from nothing and watch it learn to write digits, within a minute or two;
# - find out what the random numbers that go into a generator mean to it.
#
# *About 1 minute on two CPU cores, less on a GPU. Nothing to download: the 1,797 handwritten digits come with scikit-learn.*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")

import ganlib
import numpy as np
from IPython.display import Image

# %% tags=["parameters"]
RECIPE = "digits_fcgan"
SEED = 0
NUM_IMAGES = 20
FRAMES = 10

# %% [markdown]
# ## A forger and a detective
#
# Suppose you want a program that writes digits in handwriting that nobody has ever seen. You cannot write down rules for
# that: what makes a scribble a 3? You do have examples, though, and you can set up a contest.
#
# - A **generator**, G, is a forger. It takes a handful of random numbers, called the *latents* or $z$, and turns them into
#   an image.
# - A **discriminator**, D, is a detective. It takes an image and answers with one number: how much it believes that the
#   image is real.
#
# D sees real digits and forged ones, and learns to tell them apart. G never sees a real digit at all. It learns from the
# detective alone: it changes its weights so that D believes its next forgeries a little more. As D gets harder to fool, G
# has to get better. That is the whole idea (Goodfellow et al., 2014), and everything else in this course follows from it.
#
# ## The real thing
#
# First, what is to be imitated. `ganlib.data.load` returns the images, their labels and the names of the classes.

# %%
digits = ganlib.data.load("digits")
print(f"{len(digits):,} images of shape {digits.image_shape}, {digits.images.dtype}, from {digits.images.min()} to {digits.images.max()}.")
ganlib.plots.plot_images(digits.images[:NUM_IMAGES], titles=digits.labels[:NUM_IMAGES])

# %% [markdown]
# These are scans of digits that people wrote on forms. They were stored at 8 by 8 pixels and are scaled up here, which is
# why they look soft. The numbers above them are their labels. A plain GAN does not use labels: nobody tells it that there
# are ten kinds of digit. If it produces ten kinds, it has discovered them.
#
# ## The two networks
#
# `ganlib.recipes.build` puts together everything that a system needs. A *recipe* is a list of numbers (how many layers, how
# wide, how fast to learn), and this one describes two networks made of dense layers.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE, seed=SEED)
print("The generator takes", run.generator.input_shape[1:], "and makes", run.generator.output_shape[1:])
print("The discriminator takes", run.discriminator.input_shape[1:], "and answers with", run.discriminator.output_shape[1:])
print(f"They have {run.generator.count_params():,} and {run.discriminator.count_params():,} weights.")

# %% [markdown]
# The two fit together end to end: what G makes is what D takes. D's answer is a single number, a *logit*: positive for
# "real", negative for "fake", near zero for "I cannot tell".
#
# Notice how lopsided this is. G turns 100 numbers into 784, D turns 784 into 1. G has the harder job.
#
# **Predict:** the generator's weights are random now. What will its images look like? Random digits, gray fog, or noise?

# %%
before = run.sample(NUM_IMAGES, seed=SEED)
ganlib.plots.plot_images(before, title="before training")

# %% [markdown]
# Noise, like a television set between two stations: every pixel has random weights of its own, so neighbours have nothing to do
# with each other. There is no trace of a digit, for nothing about digits has reached these weights yet.
#
# ## Training
#
# One call plays the game. In each step D looks at a batch of real images and at a batch of forgeries and adjusts its weights;
# then G makes new forgeries, asks D about them, and adjusts its own. Run the next cell and watch the two losses.

# %%
run.fit()

# %% [markdown]
# The line below the bar is a diagnosis: as far as the losses tell, this game is healthy. In lesson 20 you make games sick on purpose.
#
# Everything that happened is in the run's folder. If you interrupt the cell above and run it again, it continues where it
# was; now that it is complete, running it again does nothing. During training the same 60 latent vectors were turned into
# images again and again. Put one after another, they are a film of the forger learning the trade.

# %%
Image(filename=run.folder / "training.gif", width=500)

# %% [markdown]
# Look at one position for a whole round. Noise becomes a blob, the blob becomes a stroke, and then the stroke makes up its mind
# which digit it wants to be. Some positions change their mind on the way.
#
# ## Would you be fooled?
#
# **Predict:** one of the next two rows is real, the other forged. Decide before you read on.

# %%
half = NUM_IMAGES // 2
fakes = run.sample(NUM_IMAGES, seed=SEED)
real = ganlib.images.to_float(digits.images[-half:])
rows = [fakes[:half], real] if SEED % 2 else [real, fakes[:half]]
ganlib.plots.plot_images(np.concatenate(rows))

# %% [markdown]
# The upper row is real, the lower one is forged. What gave it away? Dense layers treat every pixel on its own, so forged
# strokes often carry some grain, and a few of them are between two digits. Networks that know what a neighbourhood of pixels
# is do better; they arrive in lesson 11.
#
# ## What the losses say
#
# **Predict:** in most of machine learning, training has gone well when the loss has gone to zero. What would it mean here if
# the discriminator's loss went to zero? And the generator's?

# %%
ganlib.plots.plot_losses(run.history, title=RECIPE)

# %% [markdown]
# Neither goes to zero, and neither should. If D's loss were zero, D would be certain about every image, and certainty teaches
# G nothing. If G's loss were zero, G would be fooling a detective who has given up. The dashed line, $\log 2 \approx 0.69$,
# is the loss of a detective who tosses a coin. A healthy game stays away from the extremes: both players keep finding
# something to improve.
#
# Notice also what the curves do *not* tell you: whether the digits are any good. The losses measure the two players against
# each other, and both get better at the same time. You have to look at the pictures, or measure them in other ways.
#
# ## What the latents mean
#
# G turns 100 random numbers into a digit. Is each forgery a separate trick, or are there paths between them?
#
# **Predict:** take two latent vectors and walk from one to the other in equal steps. Will the images jump, cross-fade like two
# photographs laid over each other, or pass through other digits?

# %%
latents = ganlib.sampling.draw_latents(2 * FRAMES, run.recipe.latent_dim, seed=SEED)
share = np.linspace(0, 1, FRAMES)[:, None]
paths = [(1 - share) * a + share * b for a, b in zip(latents[0::2][:3], latents[1::2][:3])]
walk = run.gan.predict(np.concatenate(paths).astype("float32"), verbose=0)
ganlib.plots.plot_images(walk, columns=FRAMES, title="three walks, left to right")

# %% [markdown]
# Each row begins at one digit and ends at another, and what lies between is not a double exposure. Strokes bend, open and
# close; on the way a third digit may appear. G has arranged the digits in a space where neighbours look alike, and nobody
# asked it to. Later lessons give directions in this space a meaning.
#
# ## Exercise: how far from the centre?
#
# Latents are drawn from a normal distribution, so vectors near zero are the centre of all that G was trained on. Does G write
# more carefully there? Take `latents`, multiply them by 0.4, and put the images that G makes of them into `calm`, an array of
# shape (20, 28, 28, 1). Then compare them with the forgeries above.

# %% tags=["exercise"]
calm = None  # replace None: run.gan.predict(...) turns latents into images

# %% tags=["check"]
if calm is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert calm.shape == (2 * FRAMES, *digits.image_shape), f"expected one image per latent vector, got shape {calm.shape}"
    expected = run.gan.predict(0.4 * latents, verbose=0)
    assert np.allclose(calm, expected, atol=1e-4), "these are not the images of 0.4 * latents"
    print(f"Right. They vary by {calm.std(axis=0).mean():.2f} from image to image, the forgeries by {fakes.std(axis=0).mean():.2f}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# calm = run.gan.predict(0.4 * latents, verbose=0)
# ```
#
# Show them with `ganlib.plots.plot_images(calm)`. Near the centre the images are cleaner and more alike: what you gain in
# quality you lose in variety. This trade has a name, *truncation*, and people who show off their GANs use it often.
# </details>

# %% [markdown]
# ## You can now
#
# - name the parts of a GAN, and what each takes in and gives out;
# - train one from nothing, and read its losses without being misled by them;
# - walk through the space of latents and say what lies between two digits.
#
# **Next:** in [01_train_by_hand](01_train_by_hand.ipynb) you write the game yourself, in twenty lines.
