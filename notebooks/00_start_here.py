# %% [markdown]
# # Start here: two networks, one game
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/00_start_here.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/00_start_here.ipynb)
#
# **You will**
#
# - see what a generative adversarial network (GAN) is made of, and what each part takes in and gives out;
# - train one from nothing and watch it learn to write digits, within a minute or two;
# - find out what a generator's random input numbers mean.
#
# *About 1 minute on two CPU cores, less on a GPU. Nothing to download: the 1,797 handwritten digits come with scikit-learn.*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import numpy as np
from IPython.display import HTML, Image

ganlib.doctor.begin()  # on Colab and Kaggle it says what the machine has

# %% tags=["parameters"]
RECIPE = "digits_fcgan"
SEED = 0
NUM_IMAGES = 20
FILMED = 60  # images in each frame of the film
FRAMES = 10  # images of a walk
PAIRS = 50  # walks that are measured

# %% [markdown]
# ## A forger and a detective
#
# Suppose you want a program that writes digits in a handwriting that nobody has ever seen. You cannot write down rules for
# that: what makes a scribble a 3? You do have examples, though, and you can set up a contest.
#
# - A **generator**, G, is a forger. It takes a handful of random numbers, called the *latents* or $z$, and turns them into an
#   image.
# - A **discriminator**, D, is a detective. It takes an image and answers with one number: how much it believes that the image
#   is real.
#
# D sees real digits and forged ones, and learns to tell them apart. G never sees a real digit at all. It learns from the
# detective alone: it changes its weights so that D believes its next forgeries a little more. As D gets harder to fool, G has
# to get better. That is the whole idea (Goodfellow et al., [2014](https://arxiv.org/abs/1406.2661)).
#
# ## The real thing
#
# First, look at what G has to imitate. `ganlib.data.load` returns images, their labels and the names of the classes. It holds
# back 299 of the digits, so that you can test later with digits that no network was trained on.

# %%
# Picture: twenty handwritten digits in two rows, white on black and soft, with their labels above.
digits = ganlib.data.load("digits")
print(f"{len(digits):,} images of shape {digits.image_shape}, {digits.images.dtype}, from {digits.images.min()} to {digits.images.max()}.")
ganlib.plots.plot_images(digits.images[:NUM_IMAGES], titles=digits.labels[:NUM_IMAGES])

# %% [markdown]
# People wrote these digits on forms. They were stored at 8 by 8 pixels and are scaled up here, which is why they look soft. The
# numbers above them are their labels. A plain GAN does not use labels: nobody tells it that there are ten kinds of digit. If it
# produces ten kinds, it has discovered them on its own.
#
# ## The two networks
#
# `ganlib.recipes.build` puts together everything that a GAN needs. A *recipe* is a list of numbers (how many layers, how wide,
# how fast to learn), and this one describes two networks made of dense layers.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE, seed=SEED)
print("The generator takes", run.generator.input_shape[1:], "and makes", run.generator.output_shape[1:])
print("The discriminator takes", run.discriminator.input_shape[1:], "and answers with", run.discriminator.output_shape[1:])
print(f"They have {run.generator.count_params():,} and {run.discriminator.count_params():,} weights.")

# %% [markdown]
# The two fit together end to end: what G makes is what D takes. D's answer is a single number, a *logit*: positive for
# "real", negative for "forged", near zero for "I cannot tell".
#
# **Predict:** the generator's weights are random now. What will its images look like? Random digits, gray fog, or noise?

# %%
# Picture: ten squares of gray noise.
before = run.sample(FILMED, seed=run.recipe.seed)
ganlib.plots.plot_images(before[: NUM_IMAGES // 2], title="before training")

# %% [markdown]
# It is noise. Every pixel has random weights of its own in the last layer, so
# neighbouring pixels have nothing to do with each other. There is no trace of a digit, because nothing about digits has
# reached these weights yet.
#
# This will be the first frame of a film.

# %%
film = run.folder / "samples"
film.mkdir(parents=True, exist_ok=True)
ganlib.plots.save_grid(before, film / "step_0000000.png")

# %% [markdown]
# ## Training
#
# In each step D looks at a batch of real images and at a batch of forgeries and adjusts its weights. Then G asks D, which has
# learned something by now, about its forgeries, and adjusts its own weights. The recipe says how often this is done, and how.

# %%
print(run.recipe.table())

# %% [markdown]
# You do not need to understand these lines yet. The loss and the two networks are the subject of [the next
# lesson](01_train_by_hand.ipynb). The rates say how far the weights move in a step. [Lesson 10](10_mnist_fcgan.ipynb) explains
# two additions: other target answers for D than 1 for real and 0 for forged (*labels* in the table), and the average of G's
# weights.
#
# One call plays the game. Run the next two cells, and watch the images and the two losses change.

# %%
# Picture: at the left, digits that the generator makes; at the right, both players' losses over the
#   steps.
view = run.watch(measure=False)
view

# %%
run = view.wait()

# %% [markdown]
# In JupyterLab and VS Code, the first of these cells returns at once, and the training goes on in the background, with buttons:
# *Pause* it, look at the digits, and let it go on. Elsewhere, as on Colab, the cell itself does the training. The line that
# begins with *Diagnosis* is the library's opinion of the game. "Healthy by its losses" means that neither player has won and
# that the losses do not swing; it says nothing about the images.
#
# Everything that happened is stored in the run's folder. If you stop the training and run the two cells again, it continues
# where it stopped. During the training, the same 60 latent vectors were turned into images again and again. One after another,
# these images make a film of the forger learning the trade.

# %%
# Picture: A film of sixty generated images, from noise to digits.
Image(filename=run.folder / "training.gif", width=500)

# %% [markdown]
# Choose one position and follow it through the whole film. The first frame is the noise from above. In the second, 300 steps
# later, the bright pixels have moved to the middle, where digits are. After that come strokes, and then digits that get cleaner. As a rule, some positions still turn from one digit into another in the second half of the film.
#
# ## Would you be fooled?
#
# **Predict:** one of the next two rows is real, the other is forged. Which is which? The real digits come from those that were
# held back.

# %%
# Picture: two rows of ten digits, one of them real and one of them generated.
half = NUM_IMAGES // 2
fakes = run.sample(NUM_IMAGES, seed=SEED)
real = ganlib.images.to_float(ganlib.data.load("digits", split="test").images[:half])
real_above = np.random.default_rng(SEED).random() < 0.5
ganlib.plots.plot_images(np.concatenate([real, fakes[:half]] if real_above else [fakes[:half], real]))

# %%
HTML(f"<details><summary>Open this when you have decided.</summary>The {'upper' if real_above else 'lower'} row is real.</details>")

# %% [markdown]
# What gave the forgeries away? As a rule, it is the grain: gray speckles in and around the strokes, where real digits are
# smooth. G's last layer has separate weights for each pixel, and has to learn for each that neighbours are alike. Lesson 11
# brings networks that know of neighbourhoods. To be quizzed on one image after another, run `ganlib.widgets.real_or_fake(run)`.
#
# Would more training help? Here is a published generator with the same recipe, the best of a longer run, with the same latents.
# Expect other digits: to another network the same latents mean something else. Compare the grain.

# %%
# Picture: ten digits of this run, and below them ten digits of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# ## What the losses say
#
# **Predict:** in most of machine learning, training has gone well when the loss goes to zero. What would it mean here if the
# discriminator's loss went to zero? And the generator's?

# %%
# Picture: both players' losses over the steps, with a dashed line at log 2.
ganlib.plots.plot_losses(run.history, title=RECIPE)

# %% [markdown]
# Neither goes to zero, and neither should. If D's loss were zero, D would be sure of every image. G would then hear that all of
# its forgeries are bad, but hardly anything about how to make them better. If G's loss were zero, G would be fooling a
# detective who falls for everything, and it would have no reason to improve. The dashed line, $\log 2 \approx 0.69$, is the
# loss of a detective who always answers "one half". A healthy game stays away from the extremes: D is better than guessing, and
# G still has something to learn.
#
# Notice also what the curves do *not* tell you: whether the digits are any good. The losses measure the two players against
# each other, and both get better at the same time. You have to look at the images, or measure them in other ways.
#
# ## What the latents mean
#
# G turns 100 random numbers into a digit. Is each forgery a separate trick, or are there paths between them?
#
# Take two latent vectors $a$ and $b$, and walk from one to the other. The straight path, called *lerp*, is $(1 - t)\,a + t\,b$
# for $t$ from 0 to 1. There is something odd about it in a space of many dimensions. The $n$ numbers of a latent vector are
# drawn from a normal distribution with variance 1, so the squared length $|z|^2 = z_1^2 + \dots + z_n^2$ is $n$ on average, and
# with many numbers it is never far from that. All latents lie near a shell of radius $\sqrt{n}$, which is 10 here. Halfway
# between two of them, half the variance is gone:

# %%
latents = ganlib.sampling.draw_latents(2 * PAIRS, run.recipe.latent_dim, seed=SEED)
firsts, seconds = latents[0::2], latents[1::2]
lengths, halfway = (np.linalg.norm(vectors, axis=1) for vectors in (latents, (firsts + seconds) / 2))
print(f"{len(latents)} latent vectors have lengths from {lengths.min():.1f} to {lengths.max():.1f}, on average {lengths.mean():.1f}.")
print(f"The points halfway between two of them have lengths from {halfway.min():.1f} to {halfway.max():.1f}, on average {halfway.mean():.1f}.")

# %% [markdown]
# So the straight path cuts through the inside of the shell, where G has hardly ever been during training. The path along the
# shell, called *slerp*, is
#
# $$\frac{\sin((1 - t)\,\omega)}{\sin \omega}\,a + \frac{\sin(t\,\omega)}{\sin \omega}\,b, \qquad \cos \omega = \frac{a \cdot b}{|a|\,|b|}$$
#
# (White, [2016](https://arxiv.org/abs/1609.04468)). In the library it is `ganlib.widgets.space.between`.
#
# **Predict:** take ten steps along the shell. Will the images jump, cross-fade like two photographs laid over each other, or
# change their shape? And what does the same walk look like in an untrained G?

# %%
# Picture: four rows of ten images, each from one end of a walk to the other: along the shell, on
#   the straight line, as a cross-fade of two images, and in an untrained generator.
between, shares = ganlib.widgets.space.between, np.linspace(0, 1, FRAMES)
a, b = latents[2:4]
shell, line = (np.stack([between(a, b, share, path) for share in shares]) for path in ("sphere", "line"))
untrained = ganlib.recipes.build(RECIPE, seed=SEED).gan
walks = [run.gan.predict(way, verbose=0) for way in (shell, line)]
walks.append(np.stack([(1 - share) * walks[0][0] + share * walks[0][-1] for share in shares]))
walks.append(untrained.predict(shell, verbose=0))
titles = sum([[name, *[""] * (FRAMES - 1)] for name in ("shell", "line", "cross-fade", "untrained")], [])
ganlib.plots.plot_images(np.concatenate(walks), columns=FRAMES, titles=titles)

# %% [markdown]
# Now do the same for fifty pairs. If a walk is smooth, each of its nine steps changes the image by about the same amount, 11 %
# of the whole way. If it jumps, a single step takes up nearly all of it.

# %%
ways = np.concatenate([[between(*ends, share) for share in shares] for ends in zip(firsts, seconds)])
for name, gan in (("trained", run.gan), ("untrained", untrained)):
    images = gan.predict(ways, verbose=0).reshape(PAIRS, FRAMES, -1)
    steps = np.linalg.norm(np.diff(images, axis=1), axis=-1)
    print(f"{name} G: the largest step is {np.mean(steps.max(axis=1) / steps.sum(axis=1)):.0%} of the way, on average over {PAIRS} walks.")

# %% [markdown]
# No walk jumps, and training is not what makes them smooth: an untrained G is smooth as well. It is a chain of layers that turn
# a small change into a small change. What G learns is what lies along the way. In the middle of the cross-fade, both ends are
# there at half strength. On the way along the shell the strokes stay brighter, because they bend, open and close instead of
# fading. For a few steps they may not form a digit at all.
#
# On the straight line the images are hardly different here, although they belong to latents that G has rarely met. With other
# networks that may be different, and taking the shell costs nothing.
#
# ## Explore it

# %%
# Picture: rows of digits, each row a walk along one direction in the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook there are sliders above. Without one, you see a row for each of six directions in the latent space.
#
# The sliders on the left move single latent numbers. Most of them do little, because each is one of a hundred. The others move
# along *directions*, which are sums of many latent numbers and do more. Save two places, and walk from one to the other along
# both paths. Then pull *truncation* down: it multiplies the latents by a number below 1 and so leads from the shell towards the
# centre. The digits become more alike. In papers the word means something else: Brock et al.
# ([2019](https://arxiv.org/abs/1809.11096)) redraw each latent number that is larger than a threshold. Their images become
# better and more alike, but some of their generators turn such latents, which they did not meet in training, into artefacts.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("00_start_here")

# %% [markdown]
# ## Exercise: mix several digits
#
# A walk mixes two latent vectors. Write `mix(group)`, which mixes any number of them. `group` has the shape (count, 100), and
# all of its rows should have the same share in the result. The result has the shape (100,), and it should lie on the shell, as
# latents do.
#
# **Predict:** how long is the mean of 25 latent vectors?

# %% tags=["exercise"]
def mix(group):
    return None  # replace this line: group.mean(axis=0) has the right shape and is too short


# %% tags=["check"]
groups = [latents[:count] for count in (2, 4, 25)]
if ganlib.answers.given(mix(groups[0])):
    mixed = [ganlib.answers.numbers(mix(group), "mix(group)", latents[0].shape) for group in groups]
    for group, each in zip(groups, mixed):
        shares = np.linalg.lstsq(group.T, each)[0]  # of each row in the result
        assert np.allclose(shares @ group, each, atol=1e-3), "the result is not a mixture of the rows"
        assert shares.min() > 0 and np.ptp(shares) < 1e-3, "not all rows have the same share in the result"
    found = [float(np.linalg.norm(each)) for each in mixed]
    told = ", ".join(f"{length:.1f}" for length in found)
    hint = "they get shorter the more rows there are" if found[2] < found[0] else "these are too long, or too short"
    assert np.allclose(found, lengths.mean(), atol=2.5), f"your mixtures of 2, 4 and 25 vectors have lengths {told}: {hint}"
    print(f"Right. Your mixtures of 2, 4 and 25 vectors have lengths {told}; the means have {', '.join(f'{np.linalg.norm(group.mean(axis=0)):.1f}' for group in groups)}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def mix(group):
#     return group.sum(axis=0) / np.sqrt(len(group))
# ```
#
# The variances of independent numbers add up. So the sum of $k$ latent vectors has numbers of variance $k$, and their mean has
# variance $1/k$: the mean of 25 has a length of only about 2. To get back to variance 1, divide the sum by $\sqrt{k}$.
# Stretching the mean to a length of 10 is also right. Show the image with
# `ganlib.plots.plot_images(run.gan.predict(mix(latents[:4])[None], verbose=0))`.
# </details>

# %% [markdown]
# **Open exercise.** How few latent numbers do ten digits need? Try `ganlib.recipes.build(RECIPE, latent_dim=2)` and
# `run.fit("two_numbers")`. Two numbers are a place on a map: draw what G makes of a grid of points from -2 to 2. A good answer
# shows the map for three seeds, and says which digits are neighbours each time. For each of three seeds, a classifier found all
# ten digits; the rarest made up 3.6 to 6.9 % of 2,000 images.
#
# ## You can now
#
# - name the parts of a GAN, and what each takes in and gives out;
# - train one from nothing, and read its losses without being misled by them;
# - walk through the space of latents without leaving their shell, and say what lies between two digits.
#
# **Next:** in [01_train_by_hand](01_train_by_hand.ipynb) you write the game yourself, in twenty lines.
