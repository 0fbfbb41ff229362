# %% [markdown]
# # Batch normalization: what it does, and where it does harm
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/31_kmnist_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/31_kmnist_dcgan.ipynb)
#
# **You will**
#
# - meet ten characters of old Japanese, each written in several ways;
# - work out what batch normalization does to a batch, and what it tells one image about the others;
# - put it in the generator, in the discriminator, in both and in neither, and produce a game that both players win.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import contextlib
import io

import keras
import numpy as np
from keras import layers, ops
from keras.optimizers import Adam
from matplotlib import pyplot

ganlib.doctor.begin("kmnist")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("kmnist_dcgan", r1=0.0)
NARROW = dict(generator=dict(filters=(64, 32), strides=(2, 2)), discriminator=dict(filters=(32, 64)))
NUM_SEEDS = min(3, RECIPE.steps // 2)
SHORT_STEPS, STEPS = (max(2, round(share * RECIPE.steps)) for share in (0.15, 0.25))
NUM_COMPARED = 500
SHOWN = 10

# %% [markdown]
# ## Ten characters, many shapes
#
# Until about 1900, Japanese books were written and printed in a cursive script, *kuzushiji*, which few people can read today.
# Kuzushiji-MNIST (Clanuwat et al., [2018](https://arxiv.org/abs/1812.01718)) holds characters cut from such books, in the
# format of MNIST: ten classes, one for each row of the syllabary.

# %%
kmnist, test = (ganlib.data.load("kmnist", split) for split in ("train", "test"))
print(f"{len(kmnist):,} images for training and {len(test):,} for testing; the published set has 60,000 and 10,000.")

# %% [markdown]
# If the first number is 9,000, the file with the training images was not available. `ganlib` then takes nine out of ten of the
# published *test* images for training and keeps every tenth for testing. So "test images" in this lesson means that tenth, and
# a generator has less to learn from.
#
# Here is one image of each class, with the sound that it stands for.

# %%
# Picture: ten white characters on black, one of each class, with their sounds from o to wo above them.
SOUNDS = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
of_class = [np.flatnonzero(kmnist.labels == label) for label in range(len(SOUNDS))]
ganlib.plots.plot_images(kmnist.images[[rows[0] for rows in of_class]], titles=SOUNDS, scale=0.9)

# %% [markdown]
# **Predict:** a class of MNIST is one digit in many hands. Will the images of one class look as much alike here?

# %%
# Picture: three rows of ten characters each, of the classes ki, su and tsu; the shapes within a row differ widely.
titles = sum([[SOUNDS[label], *[""] * (SHOWN - 1)] for label in (1, 2, 3)], [])
ganlib.plots.plot_images(np.concatenate([kmnist.images[of_class[label][:SHOWN]] for label in (1, 2, 3)]), titles=titles)

# %% [markdown]
# As a rule they do not. A sound used to have several signs, each worn down from a different Chinese character, and a writer
# used the one that he liked. A reform in 1900 kept one sign for each sound; the others are called *hentaigana*, "variant kana".
# So a class can hold signs that hardly have a stroke in common, and there are more modes to forget than there are classes.
#
# ## What the layer does
#
# The convolutional recipes so far had batch normalization in G but not in D, without a word about why. The layer works on each
# channel by itself. It takes all values $a$ of that channel in the *batch*, from all images and all places, subtracts their
# mean and divides by their standard deviation (Ioffe and Szegedy, [2015](https://arxiv.org/abs/1502.03167)):
#
# $$\hat a = \frac{a - \operatorname{mean}(a)}{\sqrt{\operatorname{var}(a) + \epsilon}}$$
#
# Then a learned scale and a learned shift for each channel set the spread and the mean that the network wants. (Keras calls
# them `gamma` and `beta`. They have nothing to do with the $\gamma$ of R1 or the $\beta_1$ of Adam.)

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
layer = layers.BatchNormalization()
values = np.random.default_rng(RECIPE.seed).normal(loc=3.0, scale=5.0, size=(RECIPE.latent_dim, 1)).astype("float32")
by_hand = (values - values.mean(axis=0)) / np.sqrt(values.var(axis=0) + layer.epsilon)
print(f"The same as by hand: {np.allclose(layer(values, training=True), by_hand, atol=1e-4)}.")
print(f"Mean {abs(by_hand.mean()):.1f}, standard deviation {by_hand.std():.1f}.")

# %% [markdown]
# For a generator this matters directly. Build one with the layer and one without, from the same random weights, and send the
# same latents through both. Nothing is trained yet.
#
# **Predict:** how much will the images from different latents differ?

# %%
# Picture: two rows of ten images of untrained generators; those with batch normalization are different gray textures, and
#   those without it are all nearly the same gray.
latents = ganlib.sampling.draw_latents(NUM_COMPARED, RECIPE.latent_dim, seed=RECIPE.seed)
untrained = {}
for name, normalization in {"with": "before", "without": None}.items():
    keras.utils.set_random_seed(RECIPE.seed)
    options = RECIPE.generator | {"normalization": normalization}
    generator = ganlib.networks.dcgan.generator(kmnist.image_shape, RECIPE.latent_dim, **options)
    untrained[name] = ops.convert_to_numpy(generator(latents, training=True))
    print(f"{name:>7}: from latent to latent, a pixel varies by {untrained[name].std(axis=0).mean():.3f}.")
titles = sum([[name, *[""] * (SHOWN - 1)] for name in untrained], [])
ganlib.plots.plot_images(np.concatenate([images[:SHOWN] for images in untrained.values()]), titles=titles)

# %% [markdown]
# Without the layer, the signal gets weaker from layer to layer, and after a few of them all latents give nearly the same gray
# image. With it, every channel of every hidden layer has spread 1 before its activation, over all images and places of the
# batch. So the small differences between latents are stretched again in each layer instead of fading. Radford et al.
# ([2016](https://arxiv.org/abs/1511.06434), section 3) report that this was critical for getting deep generators to learn at
# all, since without it all samples could collapse to a single point.
#
# Why it helps networks in general is still debated. Its inventors spoke of inputs that no longer drift while the layers below
# learn. Santurkar et al. ([2018](https://arxiv.org/abs/1805.11604)) found that this drift hardly matters, and that the loss
# becomes smoother.
#
# ## Four places, three seeds
#
# What about D? Published systems disagree. Radford et al. use it in both networks; the repository that this recipe follows has
# it only in the hidden layers of G. Try the four combinations in short runs of narrow networks, each of them with three seeds,
# so that you can see what chance does.
#
# All games in this lesson do without the R1 penalty of [02_the_game](02_the_game.ipynb), so `r1` is 0 in the recipe. R1 asks
# how the logit of an image changes with that image. With batch normalization in D, the logit changes with all images of the
# batch, so the penalty would mean something else. Gulrajani et al. ([2017](https://arxiv.org/abs/1704.00028), section 4) leave
# the layer out of D for that reason. In these games only the layer's place changes.

# %%
def with_normalization(in_generator, in_discriminator):
    sides = zip(NARROW.items(), (in_generator, in_discriminator))
    return {player: options | {"normalization": "before" if there else None, "momentum": 0.9} for (player, options), there in sides}


PLACES = {"nowhere": (False, False), "in G": (True, False), "in D": (False, True), "in both": (True, True)}

# %%
runs = {}
for place, sides in PLACES.items():
    for seed in range(RECIPE.seed, RECIPE.seed + NUM_SEEDS):
        name = f"kmnist_{place.replace(' ', '_')}_{seed}"
        with contextlib.redirect_stdout(io.StringIO()):  # one line for each of a dozen trainings is enough
            run = ganlib.recipes.build(RECIPE, name=name, seed=seed, **with_normalization(*sides)).fit(steps=SHORT_STEPS, bar=False)
        runs[place, seed] = run
        print("{}, seed {}: D's loss {d_loss:.2f}, G's loss {g_loss:.2f}.".format(place, seed, **run.history[-1]))

# %% [markdown]
# A fifth kind of game differs from "in both" in a detail that is easy to overlook. When D learns, it is shown 32 real images
# and 32 generated ones. Show them as two batches, one after the other, and each is normalized by its own mean and spread. Show
# them as one batch of 64, and the statistics are those of the mixture. For a network without batch normalization the result is
# the same, only faster, so a lot of code does it. `ganlib.GAN` keeps the batches apart as soon as it finds the layer in D. Make
# a GAN that does not:

# %% tags=["centerpiece"]
class MixingGAN(ganlib.GAN):
    """A GAN whose discriminator learns from real and generated images in one batch."""

    def judge_both(self, images, fakes, labels):
        return ops.split(self.judge(ops.concatenate([images, fakes]), labels), 2)


mixed = ganlib.recipes.build(RECIPE, name="kmnist_mixed", **with_normalization(True, True))
mixed.gan = MixingGAN(mixed.generator, mixed.discriminator, RECIPE.noise, RECIPE.averaging, RECIPE.seed)
optimizers = {f"{player}_optimizer": Adam(RECIPE.g_rate, **RECIPE.optimizer_options) for player in "gd"}
mixed.gan.compile(**optimizers, loss=RECIPE.loss, real_label=RECIPE.real_label)

# %% [markdown]
# **Predict:** the same networks, rates and images; only the two batches are put together. Which of the five will be the worst,
# and how much worse can it be?

# %%
# Picture: five rows of ten generated images each. Four rows are rough characters in white ink; the last, mixed, is noise.
runs["mixed", RECIPE.seed] = mixed.fit(steps=SHORT_STEPS, bar=False)
fakes = {key: run.sample(NUM_COMPARED) for key, run in runs.items()}
titles = sum([[place, *[""] * (SHOWN - 1)] for place in (*PLACES, "mixed")], [])
ganlib.plots.plot_images(np.concatenate([fakes[place, RECIPE.seed][:SHOWN] for place in (*PLACES, "mixed")]), titles=titles)

# %% [markdown]
# The last row is noise. Not poor characters: noise, from the same weights and in the same number of steps. The other rows are
# rough ink. Leave those for later, and look at the last game from the players' side.

# %%
# Picture: the losses of D and G over the steps of the mixed game; both fall to zero.
ganlib.plots.plot_losses(mixed.history, title="real and generated in one batch")

# %% [markdown]
# In lesson 20 one of the players won. Here *both have won*. D's loss is near zero, so D recognises the generated images. G's
# loss is near zero, so D believes them. Both curves are about the same D and the same G.
#
# ## Company
#
# Both are true, because under batch normalization D does not judge an image. It judges an image *in its company*.

# %%
def believed(images, company):
    logits = mixed.discriminator(np.concatenate([images, company]), training=True)
    return np.mean(ops.convert_to_numpy(logits)[: len(images)] > 0)


real = ops.convert_to_numpy(ganlib.images.to_float(test.images[:NUM_COMPARED]))
generated, others = np.split(fakes["mixed", RECIPE.seed][: 2 * RECIPE.batch_size], 2)
trust = {"real images": believed(generated, real[: len(generated)]), "other generated images": believed(generated, others)}
for company, share in trust.items():
    print(f"In one batch with {company}, D believes {share:.0%} of the generated images.")

# %% [markdown]
# When D learns, half of the batch is real. If a channel responds a little more strongly to real images, the normalization
# stretches it until the halves are far apart. When G learns, D sees only generated images. In the same channel they are now
# shifted to mean zero, so they no longer lie where generated ones used to lie. G now faces a D that behaves differently than it
# did while it was learning, and so G follows gradients that lead nowhere. With separate batches, both kinds of steps look alike
# to D, and the row "in both" shows that nothing is wrong with the layer as such.
#
# Company matters in G as well. Take a generator from the game "in G", and give ten latents two kinds of company, one latent at
# a time: 63 random latents, or 63 that are all close to one point. Below them are the same ten as `predict` makes them.
#
# **Predict:** which rows will be equal?

# %%
# Picture: three rows of the same ten characters, made with random company, with uniform company and in inference mode. They
#   differ by little, and those with uniform company by most.
generator = ganlib.store.load_generator(runs["in G", RECIPE.seed].folder)  # a copy: training mode moves the averages in the layers
crowd = latents[-2 * RECIPE.batch_size + 1 :]  # 63
companies = {"random": crowd, "uniform": crowd[0] + crowd / RECIPE.latent_dim}
rows = {"inference": ops.convert_to_numpy(generator(latents[:SHOWN], training=False))}
for company, others in companies.items():
    batches = [np.concatenate([latents[i : i + 1], others]) for i in range(SHOWN)]
    rows[company] = np.stack([ops.convert_to_numpy(generator(batch, training=True))[0] for batch in batches])
titles = sum([[name, *[""] * (SHOWN - 1)] for name in companies] + [["inference", *[""] * (SHOWN - 1)]], [])
display(ganlib.plots.plot_images(np.concatenate([rows[name] for name in (*companies, "inference")]), titles=titles))
change = {company: np.abs(rows[company] - rows["inference"]).mean() for company in companies}
for company, value in change.items():
    print(f"In {company} company, a pixel differs from that in inference mode by {value:.3f} on average.")

# %% [markdown]
# In training mode the image from a latent depends on what else is in the batch, and uniform company changes it most. In
# **inference mode** the layer does not look at the batch. It uses running averages of mean and variance, so a latent always
# gives the same image, whatever else is in the batch. `predict`, `sample` and the command line all use it. If pictures from
# `generator(latents, training=True)` look different from those of `predict`, the averages have not caught up: a large
# `momentum` in a short run does that.
#
# ## Measuring the four places
#
# Noise is easy to spot. What about the other rows? Take two numbers, both based on the features of a classifier that was
# trained on the labelled training images. The *kernel distance* to real test images is about 0 for real images and grows as the
# generated ones become more different from them; lesson 80 explains it. For the second number, give each image the name of its
# nearest neighbour, real or generated: the share of right names is 0.5 if nothing tells the two apart, and 1 if something
# always does.

# %%
encoder = ganlib.encoders.encoder_for(kmnist)
target = encoder(test.images[:NUM_COMPARED])
distance, told_apart = {}, {}
for key, images in fakes.items():
    features = encoder(ganlib.images.to_uint8(images))
    distance[key] = ganlib.metrics.kernel_distance(target, features, len(target) // 2)[0]
    told_apart[key] = ganlib.metrics.neighbour_accuracy(target, features[: len(target)])[0]
for place in (*PLACES, "mixed"):
    found = [f"{distance[key]:.1f} and {told_apart[key]:.2f}" for key in runs if key[0] == place]
    print(f"{place:>8}: kernel distance and share told apart {'; '.join(found)}")

# %%
# Picture: two plots with a column of three dots, one for each seed, for each of the places nowhere, in G, in D and in both.
figure, axes = pyplot.subplots(1, 2, figsize=(9, 2.8), layout="constrained")
for axis, (title, values) in zip(axes, {"kernel distance": distance, "share told apart": told_apart}.items()):
    for column, place in enumerate(PLACES):
        axis.plot([column] * NUM_SEEDS, [value for key, value in values.items() if key[0] == place], "ko", fillstyle="none")
    axis.set(title=f"{title}, {NUM_SEEDS} seeds each", xticks=range(len(PLACES)), xticklabels=PLACES)
axes[0].set_ylim(0, None);

# %% [markdown]
# Begin with the three dots of one place, which differ only by chance. Then:
#
# - *Mixed* is a disaster by either number. You need no ruler to see it.
# - *Nowhere* is the worst of the other four: all of its seeds are behind all seeds of the others.
# - *In G*, *in D* and *in both* are close together, compared with their distance from *nowhere*. Three seeds of a short and
#   narrow game do not rank them, and do not tell you what long games would do.
#
# So this lesson supports a short list. Use the layer somewhere; the hidden layers of G are the usual place. If you put it into
# D, keep real and generated batches apart. On two points, others have more experience. With the layer everywhere, Radford et
# al. saw samples oscillate and models become unstable, so they left it out of the last layer of G and the first layer of D. And
# a D with a gradient penalty should do without it, as said above.
#
# ## The recipe itself
#
# Now the recipe with its own networks: G normalized, D not.

# %%
print(RECIPE.table())

# %% [markdown]
# It has more channels than the narrow games, one more layer in each network, and it is trained for more steps. So if its
# characters are better, this lesson cannot say which of the three made the difference.

# %%
# Picture: at the left, characters that the generator makes; at the right, both players' losses and the Frechet distance over
#   the steps.
run = ganlib.recipes.build(RECIPE)
view = run.watch(steps=STEPS)
view

# %%
run = view.wait()
features = encoder(ganlib.images.to_uint8(run.sample(NUM_COMPARED)))
own = ganlib.metrics.kernel_distance(target, features, len(target) // 2)[0]
print(f"Kernel distance {own:.1f}, share told apart {ganlib.metrics.neighbour_accuracy(target, features[: len(target)])[0]:.2f}")

# %%
# Picture: ten characters of this run, and below them ten characters of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# The published generator was trained for longer and, unlike this run, with the R1 penalty. Look for lines that swell and taper
# like brush strokes. Many of the characters are signs that no one has ever written: the upper half of one and the lower half of
# another. If you cannot read kuzushiji, they may well fool you.
#
# ## Explore it

# %%
# Picture: rows of characters, each row a walk along one direction in the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# In a live notebook there are sliders here. Otherwise, each row above is a walk along one direction in the latent space. Find a
# place where one sign turns into another.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("31_kmnist_dcgan")

# %% [markdown]
# ## Exercise: the last layer
#
# One of the repositories that the course reproduces, GAN-food-image-generator, lists batch normalization even after the $\tanh$
# of G's last layer. What would images look like after it? Send the first `RECIPE.batch_size` *real* training images, as floats,
# through a new layer in training mode, and put the largest value of the result into `largest`.

# %% tags=["exercise"]
largest = None  # replace None: layers.BatchNormalization()(images, training=True)

# %% tags=["check"]
if ganlib.answers.given(largest):
    ganlib.answers.numbers(largest, "largest", ())
    assert largest > 0.01, "white is the brightest value there is, and the layer keeps it above the mean, which becomes 0"
    assert not 0.99 < largest < 1.01, "real images end there before the layer; is the layer in training mode?"
    assert largest < 200, "these are pixels up to 255; turn them into floats, and put the layer into training mode"
    # If white lies there and the mean at 0, where are all the other pixels? The layer gives them spread 1.
    batch = ganlib.images.as_rows(kmnist.images[: RECIPE.batch_size])
    from_white = batch.max() - batch
    spread = np.std(largest - from_white * largest / from_white.mean())
    assert np.isclose(spread, 1, atol=0.01), f"then the batch has spread {spread:.2f}, but the layer gives it spread 1"
    print(f"Right: white is {largest:.2f} after the layer, and real images end at 1.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# images = ganlib.images.to_float(kmnist.images[: RECIPE.batch_size])
# largest = float(ops.max(layers.BatchNormalization()(images, training=True)))
# ```
#
# The images would leave the range of real ones, and D could tell at a single glance. The learned scale and shift could repair
# that. They could not repair this: the ink in an image would depend on its company, because the mean of the whole batch is
# fixed.
# </details>

# %% [markdown]
# **Open exercise.** Batch normalization estimates a mean and a variance from the batch. How small may the batch be? Play
# *nowhere*, *in G* and *in both* with `batch_size=4`, with three seeds, for the same number of steps. A good answer compares
# each place with itself at 32 images, since a smaller batch changes more than the statistics: the games also see fewer images.
# Then it asks whether the order of the places is still the same. Three seeds gave kernel distances of 31 to 38, 26 to 29 and 29
# to 30 with 4 images, where they gave 31 to 34, 25 to 26 and 25 to 27 with 32.
#
# ## You can now
#
# - see that one class can hold many shapes, and look for them before you blame a generator;
# - say what batch normalization does to a batch, and why an image then depends on its company;
# - put it in G, D, both and neither, compare the places across several seeds, and keep real and generated batches apart.
#
# **Next:** in [32_kmnist_cgan](32_kmnist_cgan.ipynb) you ask for a syllable, and find several signs behind one label.
