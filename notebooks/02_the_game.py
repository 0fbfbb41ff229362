# %% [markdown]
# # The game: what the players want, and why they circle
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/02_the_game.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/02_the_game.ipynb)
#
# **You will**
#
# - derive the best possible D, and what G minimises when it plays against that D;
# - draw the smallest GAN there is as a field of arrows, and see which rules lead it to its goal;
# - learn four ingredients of the recipes: the R1 penalty, $\beta_1 = 0$, a running average of G, and one-sided smoothing.
#
# *About 1 minute on two CPU cores. Builds on [01_train_by_hand](01_train_by_hand.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops
from matplotlib import pyplot

ganlib.doctor.begin()  # on Colab and Kaggle it says what the machine has

# %% tags=["parameters"]
SEED = 0
D_STEPS = 1500  # to train D alone
STEPS, RATE = 500, 0.2  # of the smallest GAN: its steps, and how long each is
START = (1.0, -1.0)  # where it begins
GAMMA = 0.3  # weight of its R1 penalty
SMOOTHING = 0.1

# %% [markdown]
# There are no images in this lesson. The data are points on a line, so you can check each formula in a second or two.
#
# ## The value of the game
#
# D gives a point $x$ the logit $\ell$, and $D(x) = \sigma(\ell)$ is its probability for "real". Goodfellow et al.
# ([2014](https://arxiv.org/abs/1406.2661)) wrote the whole game as one number, its *value*:
#
# $$V(D, G) = \mathbb{E}_{x \sim p_\text{data}} \log D(x) + \mathbb{E}_{z} \log(1 - D(G(z)))$$
#
# ($\mathbb{E}$ is the mean over many draws.) D wants $V$ to be large, and G wants it to be small. You know this number already:
# D's loss in lesson 01 was $-V/2$.
#
# Now let G stand still. Its points have some density, $p_g$, and $V$ becomes an integral over $x$:
#
# $$V = \int p_\text{data}(x) \log D(x) + p_g(x) \log(1 - D(x)) \, dx$$
#
# If D may be any function, it can choose its answer at each $x$ separately. So the question is: which $y$ makes $a \log y + b
# \log(1 - y)$ largest, with $a = p_\text{data}(x)$ and $b = p_g(x)$? The derivative $a/y - b/(1-y)$ is zero at $y = a/(a+b)$.
# Below that it is positive, and above it negative. Hence the **best D** is
#
# $$D^*(x) = \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}$$
#
# Let us try it on two bell curves. The real one is narrow and lies to the right. The generated one is twice as wide.
#
# **Predict:** what does the best D say about $x = 3$, which is far to the right of both?

# %%
def density(x, mean, width):
    return np.exp(-0.5 * ((x - mean) / width) ** 2) / (width * np.sqrt(2 * np.pi))


x = np.linspace(-8, 8, 3201)
p_data, p_g = density(x, 0.5, 0.5), density(x, -0.5, 1.0)
best = p_data / (p_data + p_g)

# %% [markdown]
# Here is a network that knows nothing about densities. It sees only samples, and minimises the loss of lesson 01 with
# `ganlib.GAN`. Its "images" have one pixel. G does not learn: it shifts each latent, a standard normal number, by $-0.5$.

# %%
real = np.random.default_rng(SEED).normal(0.5, 0.5, (512 * D_STEPS, 1, 1, 1)).astype("float32")


def train_discriminator(real_label=1.0):
    keras.utils.set_random_seed(SEED)
    still = layers.Dense(1, kernel_initializer="ones", bias_initializer=keras.initializers.Constant(-0.5))
    generator = keras.Sequential([keras.Input((1,)), still, layers.Reshape((1, 1, 1))])
    hidden = [layers.Dense(32, activation="tanh") for _ in range(2)]
    discriminator = keras.Sequential([keras.Input((1, 1, 1)), layers.Flatten(), *hidden, layers.Dense(1)])
    gan = ganlib.GAN(generator, discriminator, seed=SEED)
    gan.pretraining = True  # only D takes steps
    rate = keras.optimizers.schedules.CosineDecay(0.01, D_STEPS)
    gan.compile("adam", keras.optimizers.Adam(rate), real_label=real_label)
    gan.fit(real, batch_size=512, verbose=0, check=False)  # unchecked, since some points lie outside of [-1, 1]
    return ops.convert_to_numpy(ops.sigmoid(discriminator(x.reshape(-1, 1, 1, 1)))).ravel()


# %%
def compare(answers, formula, title):
    figure, axis = pyplot.subplots(figsize=(9, 3), layout="constrained")
    axis.fill_between(x, p_data, color="#7ab2ee", alpha=0.6, label=r"$p_\mathrm{data}$")
    axis.fill_between(x, p_g, facecolor="none", edgecolor="#d98a55", hatch="///", label="$p_g$")
    axis.plot(x, formula, color="0.6", linewidth=6, label="best D, the formula")
    axis.plot(x, answers, ":", color="black", linewidth=2, label="trained D")
    axis.set(xlim=(-4, 4), ylim=(0, 1), xlabel="x", title=title)
    axis.legend(loc="upper left")
    pyplot.show()
    return np.average(np.abs(answers - formula), weights=p_data + p_g)


# %%
# Picture: The two densities as areas, and the answer of the trained D against x, drawn over the formula for the best D.
trained = train_discriminator()
off = compare(trained, best, "D's answer")
print(f"At x = 3 the best D says {best[np.searchsorted(x, 3)]:.3f}. The trained D is off by {off:.3f} on average.")

# %% [markdown]
# Where there are points, the trained D follows the formula. (To the right of 2 it has hardly seen any.) At $x = 3$ the best D
# says *generated*: a narrow bell fades faster than a wide one, so a point that far out is hardly ever real. D does not measure
# how near a point is to the real ones. It weighs which of the two sources is more likely to have made it.
#
# ## What G is up against
#
# Put the best D into $V$. With $m = (p_\text{data} + p_g)/2$ it is $D^* = p_\text{data}/2m$, and each logarithm contributes
# $-\log 2$:
#
# $$V(D^*, G) = \int p_\text{data} \log \frac{p_\text{data}}{m} + p_g \log \frac{p_g}{m} \, dx - 2 \log 2
# = 2\,\text{JSD}(p_\text{data}, p_g) - \log 4$$
#
# The integral is twice the *Jensen-Shannon divergence*, a distance between densities: zero if they are equal, and positive
# otherwise. So against the best D, G moves $p_g$ closer to $p_\text{data}$. That is why the game can work at all.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
def jsd(p, q):
    tiny, m = 1e-300, (p + q) / 2
    return np.trapezoid(p * np.log((p + tiny) / (m + tiny)) + q * np.log((q + tiny) / (m + tiny)), x) / 2


value = np.trapezoid(p_data * np.log(best) + p_g * np.log1p(-best), x)
print(f"V at the best D is {value:.4f}, and 2 JSD - log 4 is {2 * jsd(p_data, p_g) - np.log(4):.4f}.")
print(f"The best D's loss is {-value / 2:.3f}: log 2 = {np.log(2):.3f}, less the JSD of {jsd(p_data, p_g):.3f}.")

# %% [markdown]
# This is where the landmark of lesson 01 comes from: **the best D's loss is $\log 2$ minus the JSD**. If its loss is well below
# $\log 2$, the two can be told apart; if it is $\log 2$, they are equal. But the D that you train is not the best one. A loss
# of $\log 2$ may also mean that D is bad.
#
# ## A distance that stops counting
#
# A distance is useful to G if it says "warmer" or "colder". Take two densities of the same shape, and move one of them away by
# $d$.
#
# **Predict:** what happens to the JSD as $d$ keeps growing? And for two *boxes*, which do not overlap at all once $d$ is
# greater than 1?

# %%
distances = np.linspace(0, 6, 121)
shapes = {"two bells of width 0.5": lambda x: density(x, 0, 0.5)}
shapes["two boxes of width 1"] = lambda x: 1.0 * (np.abs(x - 0.0025) < 0.5)  # whose edges lie between points of the grid
curves = {name: np.array([jsd(shape(x), shape(x - d)) for d in distances]) for name, shape in shapes.items()}
slopes = np.gradient(curves["two bells of width 0.5"], distances)

# %%
# Picture: The Jensen-Shannon divergence against the distance d, a solid line for two bells and a dashed one for two boxes,
#   and a dotted line for the Wasserstein distance.
figure, axis = pyplot.subplots(figsize=(8, 3), layout="constrained")
for (name, curve), style in zip(curves.items(), ("-", "--")):
    axis.plot(distances, curve, style, linewidth=2, label=f"JSD of {name}")
axis.plot(distances, distances, "k:", label="Wasserstein distance of either")
axis.set(xlabel="distance d", ylim=(0, 1), yticks=[0, 0.5, np.log(2), 1], yticklabels=["0", "0.5", "log 2", "1"])
axis.legend(loc="lower right")
pyplot.show()
print(f"The bells' JSD rises by {slopes[20]:.2f} per unit of d at d = 1, and by {slopes[80]:.0e} at d = 4.")

# %% [markdown]
# The JSD never exceeds $\log 2$. Where it is $\log 2$, the best D is right about every point, and it no longer matters how far
# away G's points are. For the boxes, the JSD is flat from $d = 1$ on. For the bells, its slope fades. Arjovsky and Bottou
# ([2017](https://arxiv.org/abs/1701.04862)) argue that images are like the boxes: real and generated ones lie on thin surfaces
# in a space of many dimensions, and such surfaces hardly overlap.
#
# There are two ways out. One is another distance. The *Wasserstein distance* is how far the points have to be moved on average,
# here $d$ itself, and it never stops counting (Arjovsky et al., [2017](https://arxiv.org/abs/1701.07875)). The other is a D
# that is kept from becoming so sure. Penalties on D's slope serve both.
#
# ## Loud and silent losses
#
# G does not see $V$. It sees slopes, and they come through the logit $\ell$ that D gives to a generated point. The derivative
# of $\log(1 - \sigma(\ell))$, the minimax loss, is $-\sigma(\ell)$. For $-\log \sigma(\ell)$, the non-saturating loss, it is
# $-(1 - \sigma(\ell))$. A tape agrees:

# %%
logits = tf.Variable(np.linspace(-8, 8, 33))
heard = {}
for loss in ("minimax", "non_saturating"):
    with tf.GradientTape() as tape:
        cost = ganlib.losses.get(loss).generator(None, logits)
    heard[loss] = tape.gradient(cost, logits).numpy()

# %%
# Picture: Two panels with the slope of G's loss against D's logit, minimax on the left and non-saturating on the right.
#   The tape's slopes are dots on the line of the formula; logits below -4 are shaded.
def sigma(logit):
    return 1 / (1 + np.exp(-logit))


figure, axes = pyplot.subplots(1, 2, figsize=(9, 2.8), sharey=True, layout="constrained")
for axis, (loss, seen), text, sign in zip(axes, heard.items(), (r"$-\sigma(\ell)$", r"$-(1 - \sigma(\ell))$"), (1, -1)):
    axis.plot(logits, -sigma(sign * logits.numpy()), color="0.6", linewidth=4)  # 1 - sigma(l) is sigma(-l)
    axis.plot(logits, seen, "o", color="#c2500a", markersize=4)
    axis.axvspan(-8, -4, color="#faac6c", alpha=0.4)
    axis.text(-6, -0.5, "D is sure:\ngenerated", ha="center", va="center", fontsize=9)
    axis.set(title=f"slope of G's loss, {loss}: {text}", xlabel=r"D's logit $\ell$ of a generated point")
pyplot.show()

# %% [markdown]
# Where D is sure that a point is generated, the minimax loss is nearly flat: it *saturates*. The other loss is steep there, and
# falls silent where G has won. This repairs the slope at the logit, not the slope of D itself: if D is flat around a point, no
# loss will move it.
#
# ## The smallest GAN there is
#
# So far one of the players stood still. What happens if both move? Mescheder et al. ([2018](https://arxiv.org/abs/1801.04406))
# took away everything that can be taken away. All real data are the point 0. All of G is one point, $\theta$. All of D is one
# slope, $\psi$: its logit is $\ell = \psi x$. They call it the *Dirac-GAN*. The goal is $\theta = 0$, where G is perfect, and
# $\psi = 0$, where D can only guess.
#
# D gives every real point the logit 0, so only $\log(1 - \sigma(\psi\theta))$ in $V$ can change. D climbs it, and G walks down
# (dots are rates of change):
#
# $$\dot\psi = -\theta\, \sigma(\psi\theta), \qquad \dot\theta = \psi\, \sigma(\psi\theta)$$
#
# Near the goal, $\sigma \approx 1/2$. What is left is $\dot\psi = -\theta/2$ and $\dot\theta = \psi/2$: a *rotation*. G runs to
# where D says "real", D turns round, and G runs back.
#
# Here are five sets of rules. Each entry holds D's arrow, G's arrow, and the bound that $\psi$ is clipped to. With Wasserstein
# losses, $\sigma$ is gone. The **gradient penalty** (Gulrajani et al., [2017](https://arxiv.org/abs/1704.00028)) wants D's
# slope to be 1: it costs $w(|\psi| - 1)^2$. The **R1 penalty** wants it to be 0 at real points: it costs
# $\frac{\gamma}{2}\psi^2$.

# %%
def r1(gamma):
    return (lambda theta, psi: -theta * sigma(psi * theta) - gamma * psi, lambda theta, psi: psi * sigma(psi * theta), np.inf)


def wasserstein(weight=0.0, bound=np.inf):
    return (lambda theta, psi: -theta - 2 * weight * (abs(psi) - 1) * np.sign(psi), lambda theta, psi: psi, bound)


# %%
RULES = {"minimax": r1(0), "non-saturating": (r1(0)[0], lambda theta, psi: psi * (1 - sigma(psi * theta)), np.inf)}
RULES |= {"Wasserstein, clipping": wasserstein(bound=1), "Wasserstein, gradient penalty": wasserstein(weight=0.35)}
RULES |= {"minimax with R1": r1(GAMMA)}

# %% [markdown]
# The two players may move *simultaneously*, both from the old place. Or they *alternate*: D moves first, and G answers the new
# D, as in lesson 01 and in `ganlib.GAN`. In each picture, the square is the start and the star is the goal.
#
# **Predict:** which of the five get near the goal in 500 steps? And does it help to take turns?

# %% tags=["centerpiece"]
def play(rules, alternating=True, momentum=0.0, steps=STEPS):
    d_arrow, g_arrow, bound = rules
    theta, psi = START
    path, d_velocity, g_velocity = [START], 0.0, 0.0
    for _ in range(steps):
        d_velocity = momentum * d_velocity + (1 - momentum) * d_arrow(theta, psi)
        new_psi = np.clip(psi + RATE * d_velocity, -bound, bound)
        g_velocity = momentum * g_velocity + (1 - momentum) * g_arrow(theta, new_psi if alternating else psi)
        theta, psi = theta + RATE * g_velocity, new_psi
        path.append((theta, psi))
    return np.array(path)


# %%
def radius(path):
    return np.linalg.norm(path, axis=1)


grid = np.meshgrid(np.linspace(-3, 3, 13), np.linspace(-3, 3, 13))

# %%
# Picture: Six panels. Five show the plane of theta and psi, one for each set of rules, with a field of gray
#   arrows, the path of the simultaneous game dashed and that of the alternating game solid. The last
#   shows the distance from the goal against the step, on a logarithmic scale, for the alternating games.
figure, axes = pyplot.subplots(2, 3, figsize=(10, 7), layout="constrained")
for axis, (name, rules), style in zip(axes.flat, RULES.items(), ("-", "--", "-.", ":", "-")):
    axis.quiver(*grid, rules[1](*grid), rules[0](*grid), color="0.75")
    axis.plot(*play(rules, alternating=False).T, "--", color="#c2500a", linewidth=1, label="simultaneous")
    axis.plot(*play(rules).T, color="#1f5fa8", linewidth=1.5, label="alternating")
    axis.plot(*START, "ks", 0, 0, "k*", markersize=9)
    axis.set(title=name, xlim=(-3.5, 3.5), ylim=(-3.5, 3.5), xlabel=r"$\theta$, G's point", ylabel=r"$\psi$, D's slope")
    axes[1, 2].semilogy(radius(play(rules)), style, linewidth=3 if "R1" in name else 1.5, label=name)
axes[1, 2].set(title="alternating: distance from the goal", xlabel="step")
axes[0, 0].legend(fontsize=8), axes[1, 2].legend(fontsize=8)
pyplot.show()

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
ends = {name: [radius(play(rules, alternating))[-1] for alternating in (False, True)] for name, rules in RULES.items()}
print(f"distance from the goal after {STEPS} steps; it was {np.hypot(*START):.2f}    simultaneous  alternating")
for name, (together, in_turn) in ends.items():
    print(f"{name:>50} {together:14.3g} {in_turn:12.3g}")

# %% [markdown]
# Only R1 arrives. The others circle:
#
# - **Minimax** spirals outwards if both move at once, and stays on its circle if they take turns.
# - **Non-saturating** spirals inwards, but ever more slowly. With simultaneous steps it gets stuck on a ring.
# - **The Wasserstein losses** circle too. The bound flattens the circle. The gradient penalty wants a slope of 1, so it pushes
#   $\psi$ away from the goal.
#
# Mescheder et al. prove that the Wasserstein games need not arrive, no matter what fixed number of steps D takes for each step
# of G. They also prove, under some conditions, that R1 leads larger games to their goal if they start close enough to it.
#
# You can compute how fast R1 arrives. Near the goal, one simultaneous step of length $h$ multiplies $(\theta, \psi)$ by a
# matrix:
#
# $$\begin{pmatrix} 1 & h/2 \\ -h/2 & 1 - h\gamma \end{pmatrix}, \qquad
# \det = 1 - h\gamma + \frac{h^2}{4}$$
#
# Each step shrinks areas by the determinant, so as long as the path circles, its radius shrinks by the square root of that. If
# the players take turns, the determinant is $1 - h\gamma$.

# %%
for name, weight in (("minimax", 0.0), ("minimax with R1", GAMMA)):
    together, in_turn = np.sqrt(1 - RATE * weight + RATE**2 / 4), np.sqrt(1 - RATE * weight)
    print(f"{name}: {together:.4f} per step, {together**STEPS:.1e} in all; in turns {in_turn:.4f}, and {in_turn**STEPS:.1e}.")

# %% [markdown]
# Without a penalty, the factor is above 1 for simultaneous steps and exactly 1 for alternating ones. With R1 both are below 1,
# and their 500th powers are close to the distances in the table. (For simultaneous minimax it is larger: the matrix holds only
# near the goal, which this path leaves.) The term $h\gamma$ is friction: it brakes D, and the rotation dies away. It costs G
# nothing, since $\psi = 0$ is where D should end up anyway.
#
# **In the course:** `r1` in a recipe is $\gamma$. A network has a slope for every pixel, so the penalty is $\gamma/2$ times the
# squared length of $\ell$'s gradient at a real image. It is added to D's loss.
#
# ## Momentum, or why $\beta_1 = 0$
#
# Momentum moves along a running average of the slopes, $v \leftarrow \beta_1 v + (1 - \beta_1) \cdot \text{slope}$. Adam does
# this with $\beta_1$ (Kingma and Ba, [2015](https://arxiv.org/abs/1412.6980)). Downhill, that helps: the average keeps what the
# slopes agree on.
#
# **Predict:** the average consists of *old* slopes. On a circle, does an arrow that was right a few steps ago point inwards or
# outwards?

# %%
# Picture: The distance from the goal against the step, on a logarithmic scale, one line for each of three values of beta_1,
#   in the alternating game of minimax with R1.
figure, axis = pyplot.subplots(figsize=(8, 3), layout="constrained")
carried = {momentum: radius(play(RULES["minimax with R1"], momentum=momentum)) for momentum in (0.0, 0.5, 0.9)}
for (momentum, distance), style in zip(carried.items(), ("-", "--", ":")):
    axis.semilogy(distance, style, linewidth=2, label=rf"$\beta_1$ = {momentum}: {distance[-1]:.0e} at the end")
axis.set(xlabel="step", title="minimax with R1, alternating: distance from the goal")
axis.legend()
pyplot.show()

# %% [markdown]
# Outwards: an old tangent leads away from the circle, like a stone that leaves a sling. Momentum works against the friction of
# R1. Here $\beta_1 = 0.5$ ends more than a hundred times farther from the goal, and $\beta_1 = 0.9$ does not arrive at all.
# Gidel et al. ([2019](https://arxiv.org/abs/1807.04740)) even make a game converge with a *negative* momentum. Games between
# real networks are not pure rotation: Radford et al. ([2016](https://arxiv.org/abs/1511.06434)) recommend 0.5, and Karras et
# al. ([2018](https://arxiv.org/abs/1710.10196)) use 0.
#
# **In the course:** in profile *quick*, for two CPU cores, the small convolutional networks (DCGANs, lesson 11) have $\beta_1 =
# 0$, and the dense networks have 0.5.
#
# ## A running average of G
#
# If G circles its goal, the goal is in the middle of what G does. So let G circle, and keep a running average of its weights
# beside it: $\bar\theta \leftarrow \alpha\bar\theta + (1 - \alpha)\theta$.
#
# **Predict:** in the alternating minimax game, $\theta$ circles for ever. Where does $\bar\theta$ go?

# %%
circling = play(RULES["minimax"], steps=4 * STEPS)[:, 0]
averaged = [circling[0]]
for step, theta in enumerate(circling[1:], start=1):
    alpha = min(0.998, step / (9 + step))  # a short memory at first, as in ganlib.GAN
    averaged.append(alpha * averaged[-1] + (1 - alpha) * theta)

# %%
# Picture: G's point theta and its running average against the step, in the alternating minimax game.
figure, axis = pyplot.subplots(figsize=(9, 2.8), layout="constrained")
axis.plot(circling, color="#c2500a", linewidth=0.8, label=r"$\theta$")
axis.plot(averaged, "--", color="black", linewidth=2.5, label=r"its running average $\bar\theta$")
axis.set(xlabel="step", title="minimax, alternating")
axis.legend(loc="upper right", framealpha=1)
pyplot.show()
far, near = (np.abs(values[-STEPS:]).max() for values in (circling, averaged))
print(f"In the last {STEPS} steps, theta is up to {far:.2f} from 0, and its average up to {near:.2f}.")

# %% [markdown]
# The average comes close to 0, although $\theta$ itself swings as widely as ever. The game does not notice, since D plays
# against $\theta$ and never sees the average. Yazıcı et al. ([2019](https://arxiv.org/abs/1806.04498)) show this for small
# games and for images. Where G runs away instead of circling, an average cannot help.
#
# **In the course:** `averaging` in a recipe is $\alpha$, and where it is set, the pictures that you see are made by the
# averaged G.
#
# ## One-sided smoothing
#
# The last ingredient changes what D should answer. For real points, let the target be $1 - s$ instead of 1, with $s = 0.1$.
# Then the weight of $\log y$ at a point is $(1-s)\,p_\text{data}$, and that of $\log(1-y)$ is $s\,p_\text{data} + p_g$. Their
# sum is unchanged, so the rule $a/(a+b)$ gives
#
# $$D^*(x) = (1 - s)\, \frac{p_\text{data}(x)}{p_\text{data}(x) + p_g(x)}$$
#
# **Predict:** how large can D's logit get now?

# %%
# Picture: The two densities as areas, and the answer of a D that was trained with smoothed labels against x, drawn over the
#   formula.
smoothed = train_discriminator(real_label=1 - SMOOTHING)
off_smoothed = compare(smoothed, (1 - SMOOTHING) * best, "D's answer with one-sided smoothing")
bound = np.log((1 - SMOOTHING) / SMOOTHING)
print(f"The trained D is off by {off_smoothed:.3f} on average. The best D's logit stays below {bound:.2f}.")

# %% [markdown]
# The best D is the old one, scaled down. Its answer never exceeds 0.9, so its logit stays below $\log 9$: D gains nothing by
# becoming ever surer. Why only one side? If D had to answer $t > 0$ to generated points, $t\,p_g$ would be added to the
# numerator. D could then have a peak where $p_g$ has one, and G would be drawn to its own mistakes (Salimans et al.,
# [2016](https://arxiv.org/abs/1606.03498); Goodfellow, [2016](https://arxiv.org/abs/1701.00160)).
#
# **In the course:** lesson 21 compares ways of labelling. This is what two recipes take from this page:

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
for name in ("mnist_dcgan", "food101_fcgan"):
    recipe = ganlib.recipes.get(name, "quick")
    settings = f"R1 {recipe.r1}, beta_1 {recipe.optimizer_options['beta_1']}, average {recipe.averaging}"
    print(f"{name}, profile quick: {settings}, real label {recipe.real_label}")

# %% [markdown]
# ## Two dimensions, two players, one switch
#
# In the smallest GAN, R1 made D's slope vanish at the goal. Does that carry over to networks? Here is the same game on a sheet
# of paper: blue points are real, and orange ones are G's. Each arrow is the pull on a point: the direction in which G's loss
# falls. Lesson 03 explains the rest of the board.
#
# Play about 2,000 steps with the minimax loss, and note "Pull on G". Then choose *Non-saturating* under *Loss*, press *Reset*,
# and play again. Finally, do the same with *Non-saturating with R1*. Each time, one rule changes.
#
# **Predict:** which of the two changes makes the pull die down?

# %%
ganlib.widgets.game("ring", loss="minimax")

# %% [markdown]
# As a rule, it is the second one. With R1, the pull on G ends up several times weaker than in the other two games, although
# $\gamma$ is only 0.02. D has become nearly flat where G's points are, as $\psi$ did.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("02_the_game")

# %% [markdown]
# ## Exercise: how heavy should the penalty be?
#
# With $\gamma = 0.3$, the path circles the goal before it arrives. More friction is better, up to a point: a D that is nearly
# flat pulls G nowhere. Find a $\gamma$ for which 100 *simultaneous* steps end less than 0.0005 from the goal.
#
# You can try numbers, or use the matrix above: it is $1 + hM$, and the eigenvalues of $M$ solve $\lambda^2 + \gamma\lambda +
# \frac14 = 0$. When do they turn from complex, which means circling, to real?

# %% tags=["exercise"]
gamma = None  # replace None by a number

# %% tags=["check"]
if ganlib.answers.given(gamma):
    assert ganlib.answers.numbers(gamma, "gamma", ()) > 0, "without friction, or with a push, it never arrives"
    path = play(r1(gamma), alternating=False, steps=100)
    turns = int(np.sum(np.diff(np.sign(path[:, 0])) != 0))
    hint = "it does not circle at all: try a lighter penalty" if turns < 2 else "it still circles: try a heavier penalty"
    assert radius(path)[-1] < 0.0005, f"{radius(path)[-1]:.2g} from the goal, and {hint}"
    print(f"Right: {radius(path)[-1]:.1e} from the goal after 100 steps. Times that G passed it: {turns}.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# gamma = 1.0
# ```
#
# The eigenvalues are $\lambda = \frac12(-\gamma \pm \sqrt{\gamma^2 - 1})$. For $\gamma < 1$ they are complex, and the factor of
# a step is the root of the determinant, which falls as $\gamma$ grows. For $\gamma > 1$ they are real. One of them is then
# close to $-\frac{1}{4\gamma}$, and as $\gamma$ grows, it gets *closer* to zero: D is so flat that it hardly pulls G. The best
# place is between the two, as with a door closer. Values a little below 1 will do as well.
# </details>

# %% [markdown]
# **Open exercise.** Would it help if D took several turns for each turn of G? Let `play` repeat D's step `turns` times, and
# start from three random places. A good answer gives, for each set of rules and for 1, 2, 5 and 20 turns, how far the path ends
# from the goal, divided by how far it began, and explains the difference by what the best D is for a G that stands still. From
# three such places, plain minimax ended between 0.4 and 3.3 times as far out as it began, with no trend. With R1 each turn
# helped: about $10^{-7}$ with one, $10^{-14}$ with two.
#
# ## You can now
#
# - derive the best possible D, and what G minimises when it plays against that D;
# - draw the smallest GAN there is as a field of arrows, and say which rules lead it to its goal;
# - say what four ingredients of the recipes are for: the R1 penalty, $\beta_1 = 0$, a running average of G, and one-sided
#   smoothing.
#
# **Next:** [03_watch_it_learn](03_watch_it_learn.ipynb) plays games between networks in two dimensions, and lets them go wrong.
