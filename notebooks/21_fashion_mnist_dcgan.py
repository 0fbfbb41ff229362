# %% [markdown]
# # Smoothed labels: what should D answer?
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/21_fashion_mnist_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/21_fashion_mnist_dcgan.ipynb)
#
# **You will**
#
# - derive what the best D answers when its labels are smoothed, and check it with a D that has no opponent;
# - compare two ways of labelling over three seeds each, and say how large a difference you could have found;
# - train a convolutional GAN on Fashion-MNIST, find its files, and use its generator without a notebook.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [11_mnist_dcgan](11_mnist_dcgan.ipynb) and
# [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import sys

import numpy as np
from IPython.display import Image
from matplotlib import pyplot

ganlib.doctor.begin("fashion_mnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("fashion_mnist_dcgan")
NARROW = dict(generator=dict(filters=(64, 32), strides=(2, 2), momentum=0.9), discriminator=dict(filters=(32, 64)), r1=0.0)
ALONE = min(300, RECIPE.steps)  # steps of a D without an opponent
STEPS = max(2, RECIPE.steps * 3 // 10)  # of the games that are compared
SEEDS = range(min(3, RECIPE.steps // 2))
NUM_COMPARED = 1_000

# %% [markdown]
# ## Four ways of labelling
#
# With *hard* labels, as in [01_train_by_hand](01_train_by_hand.ipynb), D learns to answer 1 for a real image and 0 for a
# generated one. (You met other labels in lessons 02 and 10; here you compare them.) To get closer and closer to these numbers,
# its logit $\ell$ has to grow without end, since $\sigma(\ell)$ is never exactly 1. A D that has found some telltale detail can
# lower its loss by becoming more *certain* of it.
#
# **Label smoothing** moves the target to a place that D can reach. If D should say 0.9, a logit of 2.2 is exactly right, and
# any larger one is punished. The idea comes from classifiers (Szegedy et al., [2016](https://arxiv.org/abs/1512.00567)).
# Salimans et al. ([2016](https://arxiv.org/abs/1606.03498), section 3.4) brought it to GANs with one restriction: smooth only
# the real side. Write $\alpha$ for the label of real images and $\beta$ for that of generated ones:
#
# | name | $\alpha$, for real images | $\beta$, for generated images |
# |---|---|---|
# | hard | 1 | 0 |
# | one-sided | 0.9 | 0 |
# | two-sided, by 0.1 | 0.95 | 0.05 |
# | soft | drawn from 0.7 to 1 | drawn from 0 to 0.3 |
#
# In `ganlib` they are two arguments. A third, `generator_label`, says what G wants to hear; it is 1 throughout this lesson.

# %%
LABELS = {
    "hard": dict(real_label=1.0, fake_label=0.0),
    "one-sided": dict(real_label=0.9, fake_label=0.0),
    "two-sided": dict(real_label=0.95, fake_label=0.05),
    "soft": dict(real_label=(0.7, 1.0), fake_label=(0.0, 0.3)),
}

# %% [markdown]
# ## The best D, with smoothed labels
#
# Suppose real images have density $p_\text{data}(x)$ at some point and generated ones $p_g(x)$. D answers $s = \sigma(\ell)$
# there. Its mean loss at this point, up to a constant factor of one half, is
#
# $$-p_\text{data}\,\bigl[\alpha \log s + (1-\alpha) \log(1-s)\bigr] \;-\; p_g\,\bigl[\beta \log s + (1-\beta)\log(1-s)\bigr].$$
#
# The derivative with respect to $s$ is zero at
#
# $$s^* = \frac{\alpha\, p_\text{data} + \beta\, p_g}{p_\text{data} + p_g}.$$
#
# This formula tells you three things.
#
# - For hard labels it is $p_\text{data}/(p_\text{data}+p_g)$, the best D of lesson [02](02_the_game.ipynb).
# - One-sided smoothing multiplies that by $\alpha$. G's loss $-\log s^*$ grows by the constant $-\log \alpha$, and its slopes
#   stay the same: the best D pulls G as it does with hard labels.
# - With $\beta > 0$ it is $\beta + (\alpha - \beta)\,p_\text{data}/(p_\text{data}+p_g)$, which never falls below $\beta$. Where
#   generated images are far from all real ones, $-\log s^*$ is then nearly flat.
#
# The last point explains a warning by Salimans et al., who say that poor images may have no incentive to move towards the data
# if the label of generated images is above zero. Goodfellow ([2016](https://arxiv.org/abs/1701.00160), section 4.2) repeats it.
# Draw it for two densities on a line.
#
# **Predict:** at $x = 6$ there are generated points but hardly any real ones. Which labels leave G a slope there?

# %% tags=["centerpiece"]
# Picture: Left, two densities, the real one around 0 and the generated one around 4. Right, G's loss for the best D under each
#   kind of label.
x = np.linspace(-3, 8, 1101)
p_data, p_g = (np.exp(-((x - middle) ** 2) / 2) / np.sqrt(2 * np.pi) for middle in (0, 4))
figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
left.plot(x, p_data, label="real")
left.plot(x, p_g, "--", label="generated")
slopes = {}
for (name, labels), style in zip(LABELS.items(), ("-", "--", "-.", ":")):
    alpha, beta = (np.mean(label) for label in labels.values())
    cost = -np.log((alpha * p_data + beta * p_g) / (p_data + p_g))
    slopes[name] = np.gradient(cost, x)[np.searchsorted(x, 6)]
    right.plot(x, cost, style, label=name)
left.set(xlabel="x", title="densities")
right.set(xlabel="x", title="G's loss, for the best D")
for axis in (left, right):
    axis.legend(frameon=False)
print("Slope of G's loss at x = 6:", ", ".join(f"{slope:.4f} {name}" for name, slope in slopes.items()))

# %% [markdown]
# With hard labels and with one-sided smoothing, the loss falls steeply towards the real points. With the other two it is almost
# flat out there.
#
# The loss is linear in the labels. Labels that are drawn at random therefore act on average like their mean, and *soft* is
# two-sided smoothing with $\alpha = 0.85$ and $\beta = 0.15$, plus noise.
#
# The lowest loss that D can reach is no longer zero. A D that is always sure and always right answers $\alpha$ and $\beta$.
# With a label of 0.9, it still pays $-0.9 \log 0.9 - 0.1 \log 0.1 = 0.33$ on real images. `ganlib` takes the mean over real and
# generated images, so this counts half.
#
# **Predict:** before you run the cell, order the four by the lowest loss that D can reach.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
discriminator_loss = ganlib.losses.get("non_saturating").discriminator
best = {}
for name, labels in LABELS.items():
    sides = [float(np.clip(np.mean(label), 1e-7, 1 - 1e-7)) for label in labels.values()]
    best[name] = [float(np.log(side / (1 - side))) for side in sides]
    floor = float(discriminator_loss(*best[name], *sides))
    print(f"{name:>9}: D's loss cannot fall below {floor:.2f}; that of a coin toss is {np.log(2):.2f}")

# %% [markdown]
# Losses under different labels therefore cannot be compared. A D whose loss is 0.45 has all but won if its labels are soft,
# since 0.42 is the lowest that it can reach. With hard labels it would be far from certain.
#
# ## A D without an opponent
#
# Does a real D go where the formula says? The cleanest test is one that D wins. Let G stand still, untrained, and train D
# alone. Nothing looks real and generated at the same time, so the best answers are $\alpha$ and $\beta$ themselves.
#
# The networks are convolutional, as in [11_mnist_dcgan](11_mnist_dcgan.ipynb), but narrow, so that the lesson does not take all
# day. There is no R1 penalty, because that would keep D from certainty by other means.
#
# **Predict:** how far does each kind of label let the logits go?

# %%
test = ganlib.data.load("fashion_mnist", "test")
real = test.images[:NUM_COMPARED]
answers = {}
for name, labels in LABELS.items():
    alone = ganlib.recipes.build(RECIPE, **NARROW, **labels, pretraining_steps=ALONE)
    alone.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_alone_{name}", steps=ALONE, bar=False)
    pair = ganlib.images.to_float(real), alone.sample(len(real))
    answers[name] = [alone.discriminator.predict(np.asarray(images), verbose=0).ravel() for images in pair]

# %%
# Picture: For each kind of label, boxes of D's logits for real images, and hatched ones for generated images.
#   Diamonds mark the best answers, where they are finite.
figure, axis = pyplot.subplots(figsize=(7, 3), layout="constrained")
for side, (text, hatch, shift) in enumerate((("real images", "", -0.2), ("generated images", "///", 0.2))):
    place = np.arange(len(LABELS)) + shift
    style = dict(widths=0.3, whis=(1, 99), showfliers=False, patch_artist=True)
    boxes = axis.boxplot([pair[side] for pair in answers.values()], positions=place, **style)
    for box in boxes["boxes"]:
        box.set(facecolor="white", hatch=hatch)
    boxes["boxes"][0].set_label(text)
    reached = [pair[side] if abs(pair[side]) < 15 else np.nan for pair in best.values()]  # the others are infinite
    axis.plot(place, reached, "D", color="tab:orange", label="best" if side else "_")
axis.set(xticks=range(len(LABELS)), xticklabels=LABELS, ylabel="logit")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
for name, (on_real, on_fakes) in answers.items():
    print(f"{name:>9}: a real image has logit {np.median(on_real):5.1f}, a generated one {np.median(on_fakes):5.1f} (medians)")

# %% [markdown]
# Each box holds half of the images, and the whiskers hold all but the outer 2 %. With hard labels the logits are the largest,
# and with more steps they would grow further. With smoothed labels they settle near the diamonds, which are the formula's best
# answers. One-sided smoothing does that on the real side only.
#
# A diamond is not a wall. Single answers go beyond it and are pulled back, gently.
#
# ## Does it make better images?
#
# That is another question, and it needs games. Play three with hard labels and three with one-sided smoothing. Within each
# group only the seed differs, and between the groups only the label.
#
# The comparison is left to a judge that knows none of the six Ds. It mixes a generated and a real set, and calls each image
# real or generated, whichever its nearest neighbour is. It is right half the time if the two sets come from the same
# distribution, and always if they are easy to tell apart (the *two-sample test* of Lopez-Paz and Oquab,
# [2017](https://arxiv.org/abs/1610.06545)). Distances are taken between the features of a garment classifier rather than
# between pixels.
#
# **Predict:** will the two groups differ by more than the seeds within a group?

# %%
encoder = ganlib.encoders.load("fashion_mnist")
real_features, _ = encoder.outputs(real)
recognized, pictures = {}, []
for name in ("hard", "one-sided"):
    recognized[name] = []
    for seed in SEEDS:
        game = ganlib.recipes.build(RECIPE, **NARROW, **LABELS[name], seed=RECIPE.seed + seed)
        game.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{name}_{seed}", steps=STEPS, bar=False)
        fakes = game.sample(len(real))
        recognized[name].append(ganlib.metrics.neighbour_accuracy(real_features, encoder.outputs(fakes)[0]))
        pictures.append(fakes[:10])

# %%
# Picture: Six rows of generated garments, one for each game, with the kind of label and the seed at the left.
rows = [f"{name} {seed}" for name in recognized for seed in SEEDS]
titles = [text for row in rows for text in (row, *[""] * 9)]
ganlib.plots.plot_images(np.concatenate(pictures), titles=titles)

# %%
# Picture: The share of images that the judge recognizes in each game, with its interval, and for each kind of label the mean.
figure, axis = pyplot.subplots(figsize=(6, 2.6), layout="constrained")
for place, (name, marker) in enumerate(zip(recognized, "os")):
    share, low, high = np.array(recognized[name]).T
    across = place + 0.15 * (np.arange(len(SEEDS)) - 1)
    axis.errorbar(across, share, [share - low, high - share], fmt=marker, capsize=3, color=f"C{place}", label=f"{name}, a seed each")
    axis.hlines(share.mean(), place - 0.3, place + 0.3, linestyles="dashed", color=f"C{place}", label=f"{name}, mean")
axis.set(xticks=range(len(recognized)), xticklabels=recognized, ylabel="judge is right")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False);

# %%
shares = np.array([[share for share, _, _ in rows] for rows in recognized.values()])  # (labels, seeds)
difference = shares[0].mean() - shares[1].mean()
error = np.sqrt(shares.var(axis=1, ddof=1).sum() / len(SEEDS))
print(f"The judge is right in {shares[0].mean():.1%} of cases (hard labels) and {shares[1].mean():.1%} (one-sided smoothing).")
print(f"The difference is {100 * difference:+.1f} points, with a standard error of {100 * error:.1f} points.")
print(f"With three seeds each, a difference below about {100 * 3.8 * error:.1f} points would probably be missed.")

# %% [markdown]
# Whichever game made the images, the judge is right far more often than a coin. For the question itself, compare the difference
# with its *standard error*, the typical size of a difference that luck alone would make. Before you call it more than luck in
# six games, it has to be 2.8 times as large (the limit of Student's $t$ with four degrees of freedom at the 5 % level). If it
# is smaller, you have *not* shown that smoothing helps, and you have not shown that it does not. The last line above says how
# large an effect has to be for six games to find it most of the time: it takes 3.8 standard errors to find one four times out
# of five. Even that is only a rough guide, since three seeds say little about the error itself.
#
# It would have been easy to play one game of each kind and declare the better one the winner. Count in the picture: of the nine
# pairs that you could have played, how many name one kind as the winner, and how many the other? Even nine to nothing says less
# than it seems to: if the labels made no difference, that would still happen once in ten times. This is how tips about GANs can
# come into the world.
#
# The case for smoothing is in the section before: it keeps D from growing ever more certain. It is insurance, and cheap, but
# not the only kind. The recipe of this lesson has hard labels and an R1 penalty (see [02_the_game](02_the_game.ipynb)).
#
# ## The recipe itself
#
# Now train the recipe itself, with its full width, its penalty and its own labels. It runs for as many steps as the games
# above, less than a third of what the table says. Call `run.fit(steps=RECIPE.steps)` later if you want the rest.

# %%
print(RECIPE.table())

# %%
# Picture: The training at its end: generated garments, the losses of D and G, and the Frechet distance, over the steps.
run = ganlib.recipes.build(RECIPE, steps=STEPS)
view = run.watch()
view

# %%
# Picture: Two rows of garments. Above, those of this run; below, those of the published generator from the same latents.
run = view.wait()
ganlib.widgets.beside(run)

# %% [markdown]
# ## A run is a folder
#
# Everything that a run has produced is in its folder. `recipe.json` says what was played, so that nobody has to remember.
# `checkpoint.npz` is the state of the game: both networks, both optimizers, and the step. If you fit the run again with more
# steps, it continues from there. `generator.keras` is what you would give to somebody else. It is smaller, because generating
# images needs neither D nor the optimizers.

# %%
for name in ("recipe.json", "checkpoint.npz", "generator.keras"):
    print(f"{name:<16}{(run.folder / name).stat().st_size / 1e3:10,.0f} kB")

# %% [markdown]
# This file is all that another program needs. Load it and compare.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
loaded = ganlib.store.load_generator(run.folder / "generator.keras")
latents = ganlib.sampling.draw_latents(20, loaded.input_shape[-1])
apart = np.abs(loaded.predict(latents, verbose=0) - run.sample(20)).mean()
print("The file makes the same images." if apart < 0.01 else "The file makes other images.")

# %% [markdown]
# No notebook is needed, either. In a terminal, you would type one line to train, or to continue training, and another to ask
# for images:
#
# ```
# python -m ganlib train fashion_mnist_dcgan --steps 2000
# python -m ganlib sample runs/fashion_mnist_dcgan --count 20 --out catalogue.png
# ```
#
# Here is the second one, run from here:

# %%
# Picture: Twenty generated garments in two rows, written by the command line.
get_ipython().system(f'cd "{run.folder}" && "{sys.executable}" -m ganlib sample . --count 20 --out catalogue.png')
Image(filename=run.folder / "catalogue.png", width=600)

# %% [markdown]
# A name that ends in `.npz` gives arrays instead, and one that ends in `.gif` gives a walk through the latents.
#
# ## Explore it

# %%
# Picture: Rows of generated garments, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook, move one direction at a time and give it a name once you know what it does: sleeves, say, or shade.
# Without a live notebook, each row of the picture is a walk along one direction. Which of them changes the kind of garment?
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("21_fashion_mnist_dcgan")

# %% [markdown]
# ## Exercise: where is the dashed line?
#
# With hard labels, a D that can only guess has a loss of $\log 2$. Where is that line with smoothed labels? Write
# `guessing_loss(real_label, fake_label)`. It returns the loss of the best D when $p_\text{data} = p_g$ everywhere, as a mean
# over real and generated images, as above.

# %% tags=["exercise"]
def guessing_loss(real_label, fake_label):
    return None  # replace this line: what does the best D answer if both densities are equal?


# %% tags=["check"]
if ganlib.answers.given(guessing_loss(1.0, 0.0)):
    logits = np.linspace(-9, 9, 18_001)
    for pair in ((1.0, 0.0), (0.9, 0.0), (0.95, 0.05), (0.6, 0.3)):
        lowest = np.min(discriminator_loss(logits, logits, *pair))
        given = ganlib.answers.numbers(guessing_loss(*pair), "guessing_loss", ())
        assert np.isfinite(given), "not a finite number: the best D is not sure of anything here"
        mistakes = {"a D that guesses need not say one half": np.log(2), "take the mean over real and generated images, not the sum": 2 * lowest}
        advice = "Is it the loss of the best D?"
        ganlib.answers.compare(given, lowest, mistakes, "guessing_loss", f"labels {pair[0]} and {pair[1]}", advice, tolerance=1e-3)
    lines = [float(guessing_loss(*pair)) for pair in ((0.9, 0.0), (0.95, 0.05))]
    print("Right. With one-sided smoothing the line is at {:.3f}, with two-sided smoothing at {:.3f}.".format(*lines))

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def guessing_loss(real_label, fake_label):
#     answer = (real_label + fake_label) / 2
#     return -answer * np.log(answer) - (1 - answer) * np.log(1 - answer)
# ```
#
# With equal densities, $s^*$ is the mean of the two labels, and the loss is linear in the labels, so it is the entropy of that
# answer. One-sided smoothing moves D's answer to 0.45, so such a D must not be judged against one half.
# </details>

# %% [markdown]
# **Open exercise.** Play the games with the other two kinds of labels, *two-sided* and *soft*, with the same three seeds. A
# good answer adds their columns to the picture, gives each difference from *hard* with its standard error, and says how large
# an effect these games could have found. Remember that with four groups there are six pairs to compare: the more you compare,
# the likelier you are to find one large difference by chance. With three seeds, the judge was right in 92.5 to 93.4 % of cases
# with two-sided labels, and in 93.6 to 93.9 % with soft ones.
#
# ## You can now
#
# - say what the best D answers when its labels are smoothed, and why only the real side should be smoothed;
# - compare two ways of labelling over several seeds, and say how large a difference you could have found;
# - train a convolutional GAN on Fashion-MNIST, find its files, and use its generator from the command line.
#
# **Next:** in [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) you order garments by name.
