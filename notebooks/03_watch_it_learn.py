# %% [markdown]
# # Watch it learn: a game that you can see
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/03_watch_it_learn.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/03_watch_it_learn.ipynb)
#
# **You will**
#
# - play a GAN in two dimensions, and read its board: D's answers, the pull on G, and the curves;
# - provoke a collapse, a D that has won and a race, and cure each of them;
# - watch a GAN learn digits, steer it while it learns, and explore what it has made.
#
# *About 3 minutes on two CPU cores, and as long as you like to play. Builds on [02_the_game](02_the_game.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
import tensorflow as tf
from ganlib.widgets.game import options
from keras import layers, ops
from matplotlib import colors, pyplot

ganlib.doctor.begin()  # on Colab and Kaggle it says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("digits_fcgan")
SEED = 0
STEPS = min(1200, RECIPE.steps)  # of each game in two dimensions
LOOKS = 24  # times that we look at it meanwhile
RADIUS, NOISE = 0.9, 0.04  # of the ring, and of the points about each of its spots

# %% [markdown]
# An image of 28 by 28 pixels is a point in a space of 784 dimensions. Nobody can look into that space, so you cannot see *why*
# a game goes well or badly. Take two dimensions instead. An "image" is then a point on a sheet of paper, G turns random numbers
# into points, and D gives each point a logit. Everything that happens can be drawn.
#
# ## The board
#
# The real points lie around eight spots on a ring, the modes. Metz et al. ([2017](https://arxiv.org/abs/1611.02163)) used such
# a ring to show how a GAN loses modes: one look tells you whether G has found all eight.
#
# **Predict:** G begins with one cloud in the middle. Will it go to the spots one after another, or to all of them at once?
#
# Run the cell and press *Play*. At the middle speed, a thousand steps take about twenty seconds.

# %%
ganlib.widgets.game("ring")

# %% [markdown]
# The game runs in the page itself, in your browser. It needs no Python, so it also works on Colab and wherever this lesson is
# shown as a web page. (If you see nothing above, as in the preview on GitHub, open the lesson in one of those places; the
# pictures below show the same games.) This is what you see:
#
# - **The background is D.** It is blue where D says "real", orange where it says "generated", and white where it cannot tell.
# - **Blue dots are real, orange ones are generated.** The latents of the orange dots stay the same, so that you can follow
#   them.
# - **An arrow is the pull on a generated point**: the direction in which G's loss falls, and how steeply. G has no other source
#   of information. It climbs D's landscape and never sees a blue dot.
# - **Modes covered** counts the spots that have at least a quarter of their fair share of points. **Quality** is the share of
#   generated points that lie near a spot. The two are different questions, as you will see.
# - **Losses** are the ones from lesson 01. **Pull on G** is the length of a typical arrow, the median.
#
# Press *Reset*, take single steps with *Step*, and watch the landscape change before the points do. D moves first, and the
# points follow the slopes that it makes.
#
# ## The same game in Python
#
# Impressions are not numbers, so let us also play it with `ganlib.GAN`. First come the real points and the page's two measures.
# A point counts as near a spot if it lies within three standard deviations of the noise.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
angles = 2 * np.pi * np.arange(8) / 8
modes = RADIUS * np.stack([np.sin(angles), np.cos(angles)], axis=1)


def measure(points):
    distances = np.linalg.norm(points[:, None] - modes, axis=-1)
    near = distances.min(axis=1) <= 3 * NOISE
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(modes))
    return {"modes": int(np.sum(counts >= len(points) / len(modes) / 4)), "quality": float(near.mean())}


drawn = np.random.default_rng(SEED)
real = modes[drawn.integers(len(modes), size=12_800)] + NOISE * drawn.normal(size=(12_800, 2))
print("The real points themselves: {modes} modes, quality {quality:.2f}.".format(**measure(real)))

# %% [markdown]
# Next come the networks, with the rules of one of the page's presets. For `ganlib.GAN`, a point is an image of a single pixel
# with two channels. While it trains, we record what can be seen: G's points, and D's answers on a grid that covers the board.

# %% tags=["centerpiece"]
def network(inputs, width, outputs):
    hidden = [layer for _ in range(2) for layer in (layers.Dense(width), layers.LeakyReLU(0.2))]
    return keras.Sequential([inputs, layers.Flatten(), *hidden, *outputs])


def play(preset, cured=False, steps=STEPS):
    known = options()
    chosen = known["presets"][preset]
    usual = {name: setting["usual"] for name, setting in known["settings"].items()}
    rules = usual | chosen["settings"] | (chosen["cure"] if cured else {})
    keras.utils.set_random_seed(SEED)
    generator = network(keras.Input((rules["latent_dim"],)), rules["g_width"], [layers.Dense(2), layers.Reshape((1, 1, 2))])
    discriminator = network(keras.Input((1, 1, 2)), rules["d_width"], [layers.Dense(1)])
    gan = ganlib.GAN(generator, discriminator, d_steps=rules["d_steps"], seed=SEED)
    optimizers = [keras.optimizers.Adam(rules[name], beta_1=0.5) for name in ("g_rate", "d_rate")]
    penalties = [(rules["penalty"], ganlib.losses.r1_penalty)] if rules["loss"] == "r1" else []
    loss = "minimax" if rules["loss"] == "minimax" else "non_saturating"
    gan.compile(*optimizers, loss=loss, penalties=penalties, jit_compile=False)
    seen = []
    watcher = keras.callbacks.LambdaCallback(on_epoch_end=lambda epoch, logs: seen.append(look(gan) | logs))
    batches = {"batch_size": 128, "epochs": LOOKS, "steps_per_epoch": max(1, steps // LOOKS)}
    images = real.reshape(-1, 1, 1, 2).astype("float32")
    # Unchecked, since pixels have to lie in [-1, 1], and some of the points do not.
    gan.fit(images, callbacks=[watcher], verbose=0, check=False, **batches)
    return gan, seen


# %%
BOARD = (-1.4, 1.4, -1.4, 1.4)  # left, right, bottom, top
across = np.linspace(*BOARD[:2], 45)
GRID = np.stack(np.meshgrid(across, across), axis=-1).reshape(-1, 1, 1, 2)


def look(gan):
    latents = ganlib.sampling.draw_latents(512, gan.latent_dim, seed=SEED)
    points = ops.convert_to_numpy(gan.generator(latents)).reshape(-1, 2)
    answers = ops.convert_to_numpy(ops.sigmoid(gan.discriminator(GRID)))
    return {"step": int(gan.step.numpy()), "points": points, "answers": answers.reshape(len(across), -1), **measure(points)}


def draw(rows, titles):
    figure, axes = pyplot.subplots(1, len(rows), figsize=(3.2 * len(rows), 3.6), layout="constrained")
    blue_is_real = colors.LinearSegmentedColormap.from_list("answers", ["#faac6c", "white", "#7ab2ee"])
    for axis, row, title in zip(axes, rows, titles):
        axis.imshow(row["answers"], blue_is_real, vmin=0, vmax=1, origin="lower", extent=BOARD, interpolation="bilinear")
        axis.plot(*real[:400].T, "+", color="#1f5fa8", markersize=4)
        axis.plot(*row["points"].T, ".", color="#c2500a", markersize=3)
        axis.axis(BOARD)
        measured = f"modes: {row['modes']}, quality: {row['quality']:.2f}"
        axis.set(title=f"{title}, step {row['step']:,}\n{measured}", xticks=[], yticks=[])
    pyplot.show()


# %% [markdown]
# Crosses are real points, dots are generated ones, and the background is D, as on the page.

# %%
# Picture: Three boards side by side: the healthy game on the ring at its first look, after a third of the steps, and at the
#   end. Each has real points as crosses, generated ones as dots, and D's answers as the background.
healthy, seen = play("ring")
draw([seen[0], seen[LOOKS // 3], seen[-1]], ["ring of 8"] * 3)
print(f"At the end D's loss is {seen[-1]['d_loss']:.2f} and G's {seen[-1]['g_loss']:.2f}; log 2 is {np.log(2):.2f}.")

# %% [markdown]
# As a rule, G goes everywhere at once: the cloud first becomes a ring and then gathers at the spots. Some points remain on the
# bridges between two spots. That is to be expected: G is a continuous function, so it can stretch its cloud of latents as thin
# as it likes, but it cannot tear it.
#
# Both losses end close to $\log 2$, the loss of a coin toss. Lesson 02 predicts that: the best D answers $p_\text{data} /
# (p_\text{data} + p_g)$, which is one half wherever generated points are as frequent as real ones (Goodfellow et al.,
# [2014](https://arxiv.org/abs/1406.2661)).
#
# This healthy game uses the **R1 penalty** of lesson 02, with $\gamma = 0.02$: D has to pay for being steep at real points
# (Mescheder et al., [2018](https://arxiv.org/abs/1801.04406), equation 9).
#
# ## A collapse
#
# **Predict:** take the penalty away, let D learn ten times as fast as G and take three steps for each step of G, and make G
# narrow. Which of the two will suffer, quality or the number of modes?
#
# Play it. When G has settled, look at a spot that it does not serve. Is there an arrow that leads to it?

# %%
ganlib.widgets.game("mode_collapse")

# %% [markdown]
# Now press *Cure it and start again*, and compare. Here they are side by side, in Python:

# %%
# Picture: Two boards side by side, the collapsed game and the cured one, both at the end.
(_, collapsed), (_, restored) = play("mode_collapse"), play("mode_collapse", cured=True)
draw([collapsed[-1], restored[-1]], ["collapsed", "cured"])

# %% [markdown]
# This is a **mode collapse**. As a rule, the sick game serves one to three of the eight spots, and serves them *well*: its
# quality is higher than that of the cured game, which serves five or more. If you look at one generated point at a time,
# you will prefer the collapsed G. What is missing does not show in any single point. This is why the page has two measures,
# and why this course counts classes.
#
# As a rule, the background is blue at the missing spots: D knows that they are real. But G learns only from D's slope at its
# own points. That slope says which way D's answer rises from there, not where points are missing.
#
# The cure changes several things at once: the penalty, D's steps and both rates. Which of them does the work? Find out on the
# page: start with the sick game and change one setting at a time.
#
# The preset *Mode hopping* is a relative of this failure. There, D is the slow one, and all points run in one clump to wherever
# D is weakest. The plain GAN in Metz et al. (2017) went from mode to mode in the same way.
#
# ## A D that has won
#
# **Predict:** a good teacher knows the subject. Give D five steps for each step of G, a rate fifty times as high as G's, and
# the minimax loss. D will be right most of the time. What happens to the arrows?

# %%
ganlib.widgets.game("no_gradient")

# %% [markdown]
# Watch "D right" and "pull on G" below the curves. The first goes up, and the second goes towards zero.
#
# An arrow is the product of two factors: the slope of G's loss at the logit $\ell$, with its sign reversed, and the slope of
# D's logit at the point. Lesson 02 plotted the first. For the minimax loss it is $\sigma(\ell)$, nearly zero where D is sure
# that a point is generated. So the points that need help get hardly any. For the non-saturating loss it is $1 - \sigma(\ell)$,
# which is nearly one there (Goodfellow et al., 2014, section 3).
#
# How sure is D in the lost game?

# %%
# Picture: Two boards side by side, the game that D has won and the cured one, both at the end.
lost, sick = play("no_gradient", steps=STEPS // 2)
_, cured = play("no_gradient", cured=True, steps=STEPS // 2)
draw([sick[-1], cured[-1]], ["D has won", "cured"])
belief = float(np.median(ops.sigmoid(lost.discriminator(sick[-1]["points"].reshape(-1, 1, 1, 2)))))
print(f"In the lost game D gives a typical generated point a probability of {belief:.5f} to be real.")
print(f"The first factor is {belief:.5f} for the minimax loss; for the non-saturating loss it would be {1 - belief:.5f}.")

# %% [markdown]
# Where D is sure, the non-saturating loss passes on nearly all of the slope of D's logit. The cure also gives D a penalty and G
# a rate ten times as high; on the page you can try the new loss on its own.
#
# The loss repairs only the first factor. Where real and generated points lie apart, a D that is right everywhere can be flat at
# every one of them, and then the second factor vanishes as well (Arjovsky and Bottou,
# [2017](https://arxiv.org/abs/1701.04862)). The Wasserstein loss has no first factor that could vanish (Arjovsky et al.,
# [2017](https://arxiv.org/abs/1701.07875)), so everything depends on D's slope. Two presets show this: *Clipped too hard*
# leaves hardly any slope, and *A critic off its leash* far too much.
#
# ## A race
#
# **Predict:** if learning is slow, why not raise both rates? Try twelve to twenty-five times the usual ones. Will G arrive
# sooner?

# %%
ganlib.widgets.game("race")

# %%
# Picture: Four boards side by side: the race at its last three looks, and the cured game at the end.
(_, sick), (_, cured) = play("race"), play("race", cured=True)
draw([*sick[-3:], cured[-1]], ["race"] * 3 + ["cured"])
for name, rows in (("race", sick), ("cured", cured)):
    middles = np.array([row["points"].mean(axis=0) for row in rows])
    way = np.linalg.norm(np.diff(middles, axis=0), axis=1).sum()
    highest = max(row["g_loss"] for row in rows)
    print(f"{name}: the middle of the points travelled {way:.1f}, and G's loss was {highest:,.1f} at its highest.")

# %% [markdown]
# With steps this long, each player overreacts to the other. As a rule, G's points have moved on from one picture of the race to
# the next, by a little or right across the board, or have left it. The middle of its points travels several times as far as in
# the cured game, and never settles.
#
# Only the rates were wrong here: both games have the non-saturating loss and no penalty. Small rates alone do not make every
# game converge, though: with the minimax loss, the smallest GAN of lesson 02 circled for ever, and it took the R1 penalty to
# lead it to the goal.
#
# ## From points to digits
#
# In 784 dimensions there is no board. All that is left is the pictures, the losses and a few measures. `run.watch()` shows them
# while the training goes on.
#
# **Predict:** the losses of the healthy ring ended near $\log 2$. Will the losses of the digits do the same? And if G's loss
# rises for a while, do its digits get worse?

# %%
# Picture: Generated digits in rows, the curves of both losses and of the Frechet distance, and a line of words, as they stood
#   at the end of the training.
run = ganlib.recipes.build(RECIPE, seed=SEED)
view = run.watch(ganlib.settings.runs_dir() / f"{RECIPE.name}_watched")
view

# %%
run = view.wait()
lowest, last = min(run.history, key=lambda row: row["g_loss"]), run.history[-1]
print(f"G's loss was lowest at step {lowest['step']:,}: {lowest['g_loss']:.2f}.")
print(f"It ended at {last['g_loss']:.2f}, and D's at {last['d_loss']:.2f}.")

# %% [markdown]
# As a rule, G's loss is lowest early and then rises a little, while its digits still get better. D learns all the time, and it
# is D who sets the price. D's own loss stays below $\log 2$: it still sees through many digits, and G still has something to
# learn.
#
# The green curve is the *Frechet distance*, which compares a sample of generated images with real ones: smaller is better.
# Lesson 80 takes it apart. Here it does the work of the two measures on the board. The line of text ends with a diagnosis,
# which is based on the losses and the images.
#
# In JupyterLab and VS Code, the first of the two cells returns at once, and the training goes on in the background. *Pause* it,
# look, and let it go on. Pull D's rate up to four times its value, and see what the losses do. *Stop* ends the training after
# the current step; run both cells again, and it goes on from its last checkpoint. On Colab the pictures appear in the cell
# while it is busy, without the buttons.
#
# ## What has it made?
#
# `explore` lets you look inside a trained generator.

# %%
# Picture: Rows of generated digits, one row for each direction in the latent space, changing from left to right.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook there are sliders above: for some of the latent numbers, and for directions in the latent space along which
# the images change a lot. Save two places, and walk from one to the other. Without a live notebook you see one row of images
# for each direction.
#
# Think of the ring. There, a walk between two spots leads over a bridge, where G has points and the data have hardly any. Here,
# too, a walk from one digit to another passes images that are neither.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("03_watch_it_learn")

# %% [markdown]
# ## Exercise: draw the arrows yourself
#
# Write `pull(loss, discriminator, points)`. It takes the name of a loss, a discriminator, and points of shape (count, 1, 1, 2).
# It returns the arrows, in the same shape. Each arrow shows the direction in which G's loss at that point falls fastest, and
# its length says how steeply the loss falls there. The check moves each point a little and looks at what the loss does.

# %% tags=["exercise"]
def pull(loss, discriminator, points):
    return None  # replace this line: a tape can watch any tensor, such as tf.convert_to_tensor(points)


# %% tags=["check"]
judge, small = keras.Sequential([keras.Input((1, 1, 2)), layers.Flatten(), layers.Dense(1)]), 0.01
judge.set_weights([np.array([[3.0], [-4.0]]), np.zeros(1)])
places = np.array([[0, 0], [1, 1], [-1, 0.5]], "float32").reshape(-1, 1, 1, 2)
moves = small * np.eye(2, dtype="float32")
if ganlib.answers.given(pull("minimax", judge, places)):
    for loss in ("minimax", "non_saturating"):
        arrows = ganlib.answers.numbers(pull(loss, judge, places), "the arrows", places.shape, advice="Each point has one.")
        costs = [[ganlib.losses.get(loss).generator(None, judge(places + sign * move)) for sign in (-1, 1)] for move in moves]
        falls = np.stack([np.ravel(before - after) / (2 * small) for before, after in costs], axis=1).reshape(places.shape)
        assert not np.allclose(arrows, -falls, atol=0.01), f"{loss}: these point to where the loss rises"
        assert not np.allclose(arrows * len(places), falls, atol=0.01), f"{loss}: each is too short, as if divided by the number of points"
        assert np.allclose(arrows, falls, atol=0.01), f"{loss}: the loss does not fall like this"
    sites = look(lost)["points"].reshape(-1, 1, 1, 2)
    pulls = [np.array(pull(loss, lost.discriminator, sites)) for loss in ("minimax", "non_saturating")]
    minimax, other = (np.median(np.linalg.norm(arrows, axis=-1)) for arrows in pulls)
    print(f"Right. Where D has won, a typical arrow is {minimax:.4f} long with the minimax loss, {other:.2f} with the other.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def pull(loss, discriminator, points):
#     points = tf.convert_to_tensor(points)
#     with tf.GradientTape() as tape:
#         tape.watch(points)
#         costs = ganlib.losses.get(loss).generator(None, discriminator(points))
#     return -tape.gradient(costs, points)
# ```
#
# The tape adds up the costs of all points. Each point has a cost of its own, so its derivative is not mixed with those of the
# others. With a mean in place of the sum, every arrow would be divided by the number of points. The last line of the check
# takes one D and one set of points and changes only the loss: the D that has won could teach G a lot, but under the minimax
# loss G does not hear it.
# </details>

# %% [markdown]
# **Open exercise.** Which part of the cure does the work? `options()["presets"]["mode_collapse"]["cure"]` is a dict. Give
# `play` one part of it at a time: the penalty (with its loss), the single step of D, the two rates. A good answer is a table of
# modes and quality for three seeds, and says whether one part is enough. Three seeds gave 1 to 3 modes without a cure, 4 with
# the penalty alone, 2 to 3 with either of the others, and 5 to 8 with the whole cure. And what happened to the quality?
#
# ## You can now
#
# - read the board of a GAN in two dimensions: D's answers, the pull on G, and the curves;
# - recognise a collapse, a D that has won and a race, and cure each of them;
# - watch a GAN learn digits, steer it while it learns, and explore what it has made.
#
# **Next:** [10_mnist_fcgan](10_mnist_fcgan.ipynb) goes from 1,498 digits to 60,000.
