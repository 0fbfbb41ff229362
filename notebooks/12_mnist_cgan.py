# %% [markdown]
# # Ask for a digit
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/12_mnist_cgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/12_mnist_cgan.ipynb)
#
# **You will**
#
# - see what a label does to each of the two networks, and train them on images with labels;
# - draw any digit on request, and all ten digits in the same handwriting;
# - measure with a referee how often you get what you asked for, and test your own eye against machines.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [11_mnist_dcgan](11_mnist_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import numpy as np
from keras import layers, ops

ganlib.doctor.begin("mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("mnist_cgan")
NUM_JUDGED = min(1_000, 50 * RECIPE.steps)  # real digits that D is asked about
NUM_ROWS = 6
NUM_STYLES = 200
NUM_PER_CLASS = 200
NUM_DOUBTFUL = 20

# %% [markdown]
# The generators so far draw what they like. If you want a 7, you could keep drawing until one comes up, provided that something
# tells you when it does. It would be better to ask for it. The training images have labels, and until now nobody has used them.
#
# ## What a label does to G
#
# In a *conditional* GAN (Mirza and Osindero, [2014](https://arxiv.org/abs/1411.1784)) the label $y$ is one more input to both
# networks: $G(z, y)$ and $D(x, y)$. Look at the two.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
for network in (run.generator, run.discriminator):
    inputs = [f"{tensor.name} {tensor.shape[1:]}" for tensor in network.inputs]
    print(f"The {network.name} takes {' and '.join(inputs)}, and gives {network.output_shape[1:]}.")

# %% [markdown]
# A label is a whole number, and whole numbers are a bad input here. A network that reads 3 and 4 as quantities has to take a 3
# for nearly a 4, and an 8 for twice a 4. An **embedding** gives each class a vector of its own instead. The vectors are the
# rows of a table, and the table is learned like any other weight.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for network in (run.generator, run.discriminator):
    (table,) = [layer for layer in network.layers if isinstance(layer, layers.Embedding)]
    kinds = [type(layer).__name__ for layer in network.layers if not isinstance(layer, layers.InputLayer)]
    vectors = f"one vector of {table.output_dim} numbers for each of {table.input_dim} classes"
    print(f"{network.name}: {' -> '.join(kinds)}; {vectors}.")

# %% [markdown]
# In G, the vector of the class is appended to the latents before the first layer. What follows, the `Functional` in the list,
# is a network like the DCGAN of the last lesson. `ganlib.networks.conditional` wraps a network without rewriting it.
#
# ## What a label does to D
#
# D's question changes from "is this real?" to "is this a real *7*?". Its layers turn an image into a list of features
# $\varphi(x)$, from which the last layer makes a logit. Our D adds to this logit the dot product of the features with a vector
# $v_y$ that is learned for each class:
#
# $$\ell(x, y) \;=\; \underbrace{w \cdot \varphi(x) + b}_{\text{is it real?}} \;+\; \underbrace{v_y \cdot \varphi(x)}_{\text{does it fit the label?}}$$
#
# The dot product projects the features onto the direction of the class, so this is called a *projection discriminator* (Miyato
# and Koyama, [2018](https://arxiv.org/abs/1802.05637)). Why a sum of two terms? In lesson 02 the best possible D answered
# $p_\text{data}/(p_\text{data} + p_g)$. Its logit is $\log\,(p_\text{data}/p_g)$, and with labels it becomes
# $\log\,(p_\text{data}(x, y)/p_g(x, y))$. Since $p(x, y) = p(x)\,p(y \mid x)$ for real and for generated images alike, the
# logarithm splits into two terms:
#
# $$\log \frac{p_\text{data}(x, y)}{p_g(x, y)} \;=\; \log \frac{p_\text{data}(x)}{p_g(x)} \;+\; \log \frac{p_\text{data}(y \mid x)}{p_g(y \mid x)}$$
#
# The first term asks whether the image looks real, whatever its label. The second asks whether the label fits: how often an
# image like this has the label $y$ among the real ones, compared with the generated ones. If both shares come from a softmax of
# the features, the second term is $v_y \cdot \varphi(x)$, up to a part that does not depend on $y$.
#
# Now ask D. Show it a thousand real digits, each with all ten labels in turn.
#
# **Predict:** D is untrained. By how much will the right label raise its logit, compared with the wrong ones?

# %%
test = ganlib.data.load("mnist", split="test")
digits = np.arange(len(test.class_names), dtype="int32")
shown, truth = ganlib.images.to_float(test.images[:NUM_JUDGED]), test.labels[:NUM_JUDGED]


def margins():
    """Returns by how much the right label raises the logit of each real digit, compared with the mean of the wrong ones."""
    inputs = [np.repeat(shown, len(digits), axis=0), np.tile(digits, len(shown))]
    logits = run.discriminator.predict(inputs, batch_size=500, verbose=0).reshape(len(shown), len(digits))
    right = np.take_along_axis(logits, truth[:, None], axis=1)[:, 0]
    return right - (logits.sum(axis=1) - right) / (len(digits) - 1)


stages = {"untrained": margins()}
print(f"Untrained: the right label changes the logit of a real digit by {np.abs(stages['untrained']).max():.2f} at most.")

# %% [markdown]
# All ten labels mean the same to it, since the table of its class vectors starts at zero. Whatever D learns about labels has to
# come from the game. Note what the game offers. D sees real images with their own labels, and generated images with the labels
# that G was asked for. Nobody ever shows it a real 7 that is labelled as a 3.
#
# ## Training

# %%
print(RECIPE.table())

# %% [markdown]
# The R1 penalty, Adam without momentum (`beta_1` is 0) and the running average of G's weights come from
# [02_the_game](02_the_game.ipynb). (The `momentum` in the table's line for G is something else: how much of batch
# normalization's moving averages is kept from step to step.) Before a long training, the library may time a step with and
# without XLA, a compiler that joins operations into one. It takes the faster way and says so in a line. If the machine is busy
# with other work, the times in it are longer than usual. Train for a short first stretch, ask D again, and then train to the
# end.

# %%
run.fit(steps=RECIPE.sample_every, bar=False)
stages["early"] = margins()

# %%
# Picture: The training at its end: generated digits, the losses of D and G, and the Frechet distance, over the steps.
view = run.watch()
view

# %%
run = view.wait()
stages["trained"] = margins()

# %% [markdown]
# **Predict:** D has never been shown a real image with a wrong label. Do wrong labels bother it now? More than early in
# training, or less?

# %%
for stage in ("early", "trained"):
    margin = stages[stage]
    print(f"{stage:>7}: the right label raises the logit of {np.mean(margin > 0):.0%} of digits, mean {margin.mean():.2f}.")

# %% [markdown]
# Early in training, the right label raises the logit of most real digits. How can D know, without ever having seen a wrong
# label on a real digit? It learns from generated ones. At first G ignores the label, so among the generated images labelled 7
# there are all kinds of shapes. Then an image says nothing about its label: $p_g(y \mid x)$ is the share with which G is asked
# for $y$, about the same for all ten labels. So the best second term is $\log p_\text{data}(y \mid x)$ plus a constant: *a G
# that does not listen makes D learn to read digits*.
#
# Later, the right label raises the logit by less. That is what the formula predicts. The better G obeys, the closer $p_g(y \mid
# x)$ gets to $p_\text{data}(y \mid x)$, and the second term goes to zero. D knows only what the current G gives it a reason to
# know.
#
# ## Your digits beside published ones
#
# The course comes with a generator of the same recipe, the best of a longer run. Give both of them the same latents and labels.

# %%
# Picture: Two rows of the digits 0 to 9. Above, those of the generator trained here; below, those of the published one.
ganlib.widgets.beside(run)

# %% [markdown]
# Look for frayed ends, gaps in strokes and gray smears. A few minutes on two cores are enough for legible digits. Do not decide
# from ten digits which row is better: lesson 80 shows how many it takes.
#
# ## One handwriting, ten digits
#
# Draw one latent vector for each row and one class for each column. Within a row only the label changes.
#
# **Predict:** the label says which digit to draw. What is left for the latents to decide? What will the images of one row have
# in common?

# %%
# Picture: A table of generated digits. Each row has one latent vector and each column one label, from 0 to 9.
latents = ganlib.sampling.draw_latents(NUM_ROWS, RECIPE.latent_dim, RECIPE.noise, seed=RECIPE.seed)
labels = np.tile(digits, NUM_ROWS)
grid = run.gan.predict([np.repeat(latents, len(digits), axis=0), labels], verbose=0)
ganlib.plots.plot_images(grid, columns=len(digits), titles=labels)

# %% [markdown]
# The label decides which digit it is, and the latents decide how it is written. Compare the rows: some lean, some stand
# upright, some are bold and some thin. Is that more than an impression? Measure how far each digit leans, for two hundred
# latent vectors and all ten labels. Then ask whether latents that make a slanting 2 make a slanting 5 as well.

# %%
many = ganlib.sampling.draw_latents(NUM_STYLES, RECIPE.latent_dim, RECIPE.noise, seed=RECIPE.seed + 1)
written = np.stack([run.gan.predict([many, np.full(NUM_STYLES, digit)], verbose=0)[..., 0] for digit in digits])
ink = (written + 1) / 2  # (digits, latents, height, width), 0 where the paper is empty
total = ink.sum(axis=(2, 3), keepdims=True)
down, across = (axis - (ink * axis).sum(axis=(2, 3), keepdims=True) / total for axis in np.mgrid[:28, :28])
slant = -(ink * down * across).sum(axis=(2, 3)) / (ink * down**2).sum(axis=(2, 3))  # pixels to the right for each pixel up

# %%
pairs = ~np.eye(len(digits), dtype=bool)
same = np.corrcoef(slant)[pairs].mean()
shuffled = np.random.default_rng(RECIPE.seed).permuted(slant, axis=1)
other = np.corrcoef(slant, shuffled)[: len(digits), len(digits) :][pairs].mean()
print(f"Slant of two different digits from the same latents: correlation {same:.2f}. From different latents: {other:.2f}.")

# %% [markdown]
# Latents that make one digit lean tend to make the others lean, too. Nobody told G to split the work in this way. The label
# already says which digit it is, so the latents are free to say something else, and what they say passes through the same
# layers for all ten digits. Lesson 22 looks more closely at this.
#
# ## A referee
#
# How often do you get what you asked for? Looking at sixty images is not a measurement. You need a referee that has nothing to
# do with the game: a classifier, trained on real images only. The course has one for each dataset. First find out how many
# mistakes it makes on real images that it has not seen, or you will blame G for them.

# %%
referee = ganlib.encoders.load("mnist")
_, seen = referee.outputs(test.images)
own_accuracy = np.mean(seen == test.labels)
print(f"The referee names {own_accuracy:.2%} of {len(seen):,} real test digits correctly.")

# %% [markdown]
# ## Asking two thousand times
#
# **Predict:** G has trained for a few minutes. You ask for each digit 200 times. What share of the two thousand will the
# referee recognise as the digit that you asked for?

# %%
asked = np.tile(digits, NUM_PER_CLASS)
fakes = run.sample(len(asked), labels=asked, seed=RECIPE.seed)
opinions = ops.convert_to_numpy(ops.softmax(referee.model.predict(fakes, verbose=0)[1]))
received = opinions.argmax(axis=1)
accuracy, confusion = ganlib.metrics.conditional_accuracy(asked, received, len(digits))
print(f"You asked for {len(asked):,} digits and got {accuracy:.1%} of them; by chance it would be {1 / len(digits):.0%}.")

# %% [markdown]
# You get what you ask for in more than nineteen cases out of twenty. This share is called *conditional accuracy*. The referee's
# own share is the limit of this measure. If G gets close to it, some of the misses may be the referee's.
#
# What if G comes out *above* the referee's share on real digits, which can happen with a weaker referee? Then G is not better
# than reality. It draws typical digits more often than people do, and typical digits are easy to name.

# %%
# Picture: A table of shares, with a row for each digit asked for and a column for each digit that the referee sees.
ganlib.plots.plot_confusion(asked, received, test.class_names, title="what the referee sees in generated digits")

# %%
misses = confusion * pairs
for place in misses.ravel().argsort()[::-1][:3]:
    wish, verdict = divmod(int(place), len(digits))
    print(f"Asked for a {wish}, the referee saw a {verdict} in {misses[wish, verdict]} of {NUM_PER_CLASS} cases.")

# %% [markdown]
# Each row is a wish, each column a verdict. The lines below the table name the three most common mistakes. Do these digits
# share strokes, as a 4 and a 9 do? Look at the images in which the referee sees the least probability for the digit that was
# asked for.

# %%
# Picture: The generated digits that the referee doubts most, each with the digit that was asked for and the one it saw.
doubtful = opinions[np.arange(len(asked)), asked].argsort()[:NUM_DOUBTFUL]
ganlib.plots.plot_images(fakes[doubtful], titles=[f"{asked[i]}: seen {received[i]}" for i in doubtful])

# %% [markdown]
# Where the two numbers above an image agree, the referee had its doubts but still saw your digit. Set those aside. Sort the
# others into three kinds. Some are between two digits and deserve the verdict. Some are not a digit at all, and the referee,
# which has to choose one of ten, chooses. And some you will read without effort as what was asked for; there it is the referee
# that is wrong.
#
# ## What this number does not see
#
# Suppose G learned ten images by heart, one splendid example of each digit. Its conditional accuracy would be 100 %. So look at
# variety as well. Within each class, add up the variances of all pixels, and divide the sum for generated digits by that for
# real ones.
#
# **Predict:** will generated digits vary less than real ones, as much, or more?

# %%
def variety(images, labels):
    test_rows, rows = ganlib.images.as_rows(test.images), ganlib.images.as_rows(images)
    return ganlib.metrics.within_class_diversity(test_rows, test.labels, rows, labels, len(digits))


ratios = variety(fakes, asked)
again = variety(run.dataset.images[: len(fakes)], run.dataset.labels[: len(fakes)])
print(f"Within a class, generated digits have {ratios.mean():.0%} of the real variance, other real ones {again.mean():.0%}.")
print(f"The class that varies least, {np.argmin(ratios)}, has {ratios.min():.0%}. Ten images learned by heart would have 0%.")

# %% [markdown]
# Generated digits vary less than real ones, but more than half as much: G leaves out some of the more unusual handwriting, but
# it does not draw a single digit over and over. Neither number is enough alone. Together they say that you get what you ask
# for, in many handwritings.
#
# ## Real or fake?
#
# You have asked D and a referee. Now ask yourself. Below are twenty pictures, each of which is real or generated with equal
# chances. In a live notebook they come one by one, and you answer. Elsewhere, write your answers down before you read on. The
# machines answer the same question: D, and a judge that finds the nearest neighbour of each picture among a thousand real and a
# thousand generated digits, and says what that neighbour is.

# %%
# Picture: Twenty digits, some of them real and some generated, in random order.
quiz = ganlib.widgets.real_or_fake(run, seed=RECIPE.seed)

# %% [markdown]
# Read the intervals before you feel proud or ashamed: in about 95 of 100 such quizzes, an interval of this kind contains the
# share that you would get right in the long run. With ten right answers out of twenty, the 95 % interval goes from 30 % to 70
# %. To know whether you see a difference, you need more than twenty pictures; pass `count=100`, or another seed. A picture that
# fools you need not fool D, which has seen tens of thousands of them.
#
# ## Explore it

# %%
# Picture: Rows of generated digits, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook there are sliders above, and a choice of two classes with a share to mix them. Keep the latents and change
# the class, as in the table of handwriting. Then go from a 3 to an 8 with the share, and find the place where you would no
# longer call it a 3. Without a live notebook, you see one row of digits for each of a few directions in the latent space.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("12_mnist_cgan")

# %% [markdown]
# ## Exercise: the hardest digit
#
# Which digit do you get least often when you ask for it? Put its number into `hardest`. `asked` and `received` hold all that
# you need.

# %% tags=["exercise"]
hardest = None  # replace None: the class with the smallest share of received == asked

# %% tags=["check"]
if ganlib.answers.given(hardest):
    ganlib.answers.numbers(hardest, "hardest", (), whole=True, advice="Is that a share, or several digits?")
    assert hardest in digits, f"there is no digit {hardest}"
    granted = asked[asked == received]  # the wishes that came true
    times = np.sum(granted == hardest)
    others = sum(np.sum(granted == digit) < times for digit in digits)
    hint = "count only where you asked for the digit, and look for the smallest share"
    assert not others, f"you get {hardest} in {times} of {NUM_PER_CLASS} cases, but {others} other digits less often; {hint}"
    print(f"Right: asked for the digit {hardest}, G draws it in {times / NUM_PER_CLASS:.1%} of cases.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# hardest = int(np.argmin([np.mean(received[asked == digit] == digit) for digit in digits]))
# ```
#
# Before you blame G, compute the same shares for the referee on real digits, with `seen` and `test.labels`.
# </details>

# %% [markdown]
# **Open exercise.** G can take the label in another way: `ganlib.recipes.build(RECIPE, conditional="multiply")` multiplies
# the latents by the vector of the class, and D's images as well, instead of projecting. That changes both players, so you
# compare two systems, not two layers. A good answer gives the conditional accuracy after equal numbers of steps, with three
# seeds each, and also looks at the variety within a class. After 300 steps with three seeds, 92 to 95 % of the digits from
# this lesson's system were what was asked for, and 62 to 64 % of those from the other. The mean variety was 0.80 to 0.83
# and 0.60 to 0.76. With one seed, the other system drew the same zero again and again. Does it catch up with more steps?
#
# ## You can now
#
# - say what a label does to each of the two networks, why it enters as a learned vector, and what its term in D's logit means;
# - draw any digit on request, and keep the handwriting while the digit changes;
# - measure conditional accuracy with a referee of known accuracy, name what it does not see, and doubt your own eye.
#
# **Next:** [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb) replaces digits with clothes, which are harder to draw.
