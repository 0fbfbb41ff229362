# %% [markdown]
# # Smoothed labels, and the life of a trained generator
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/21_fashion_mnist_dcgan.ipynb)
#
# **You will**
#
# - train a convolutional GAN on Fashion-MNIST under four ways of labelling, and look at what each does to the discriminator;
# - judge them with a fresh detective, and check whether a difference is larger than luck;
# - continue a run, save and load its generator in two formats, and use it without a notebook.
#
# *About 4 minutes on two CPU cores, less on a GPU. Builds on [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch fashion_mnist")

import json

import ganlib
import numpy as np
from IPython.display import Image
from keras import ops
from sklearn.neighbors import KNeighborsClassifier

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("fashion_mnist_dcgan")
NARROW = dict(generator=dict(filters=(64, 32), strides=(2, 2), momentum=0.9), discriminator=dict(filters=(32, 64)), r1=0.0)
STEPS = max(2, RECIPE.steps // 2)
NUM_COMPARED = 1_000
SHOWN = 20
OTHER_SEED = 1

# %% [markdown]
# ## What should the detective answer?
#
# So far D learned to answer 1 for a real image and 0 for a forged one. To come closer and closer to these numbers, its logit has to
# grow without end: $\sigma(\ell)$ is never exactly 1. A D that has found some tell-tale detail can lower its loss by becoming more
# *certain* instead of looking for more details, and a D that is certain has little left to teach.
#
# **Label smoothing** moves the target to where it can be reached. If D should say 0.9, then a logit of 2.2 is exactly right and any
# larger one is punished. The idea is older than GANs; Salimans et al. (2016, section 3.4) brought it to them, with one restriction:
# smooth the real side only. There are four common ways to play:
#
# | name | for real images | for forged images |
# |---|---|---|
# | hard | 1 | 0 |
# | one-sided | 0.9 | 0 |
# | two-sided, by 0.1 | 0.95 | 0.05 |
# | soft | drawn from 0.7 to 1 | drawn from 0 to 0.3 |
#
# In `ganlib` they are three arguments: what D should say to real images, what to forged ones, and what G wants to hear.

# %%
LABELS = {
    "hard": dict(real_label=1.0, fake_label=0.0, generator_label=1.0),
    "one-sided": dict(real_label=0.9, fake_label=0.0, generator_label=1.0),
    "two-sided": dict(real_label=0.95, fake_label=0.05, generator_label=0.95),
    "soft": dict(real_label=(0.7, 1.0), fake_label=(0.0, 0.3), generator_label=1.0),
}

# %% [markdown]
# The lowest loss that D can reach is no longer zero. If the label is 0.9 and D answers 0.9, the cross-entropy is
# $-0.9 \log 0.9 - 0.1 \log 0.1$, which is what is left of it.
#
# **Predict:** order the four by the floor of D's loss, before you run the cell.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
discriminator_loss = ganlib.losses.get("non_saturating").discriminator
for name, labels in LABELS.items():
    real, fake = (np.clip(np.mean(labels[side]), 1e-7, 1 - 1e-7) for side in ("real_label", "fake_label"))
    floor = discriminator_loss(np.log(real / (1 - real)), np.log(fake / (1 - fake)), real, fake)
    print(f"{name:>9}: D's loss cannot fall below {float(floor):.2f}, a coin toss has {np.log(2):.2f}")

# %% [markdown]
# Losses of runs with different labels therefore cannot be compared: a D at 0.35 may be crushing its opponent under soft labels and
# struggling under hard ones. This is one more reason not to judge a GAN by its losses.
#
# ## Five runs
#
# Same networks, same data, the same number of steps. The networks are convolutional, as in [11_mnist_dcgan](11_mnist_dcgan.ipynb), but
# narrower, so that five runs do not take all day. The fifth run is the first once more, from another seed. Without it you could not tell
# what a difference means.

# %%
runs = {}
for name, labels in {**LABELS, "hard, again": LABELS["hard"]}.items():
    seed = OTHER_SEED if name == "hard, again" else RECIPE.seed
    runs[name] = ganlib.recipes.build(RECIPE, seed=seed, **NARROW, **labels)
    runs[name].fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{name.replace(', ', '_')}", steps=STEPS)

# %%
test = ganlib.data.load("fashion_mnist", "test")
real = ops.convert_to_numpy(ganlib.images.to_float(test.images[:NUM_COMPARED]))
fakes = {name: run.sample(len(real)) for name, run in runs.items()}
rows = [images[: SHOWN // 2] for images in fakes.values()]
ganlib.plots.plot_images(np.concatenate(rows), title="rows: " + " / ".join(fakes))

# %% [markdown]
# All five make rough garments: a shirt here, a shoe there, and things between. Cover the title, shuffle the rows, and ask yourself whether you could
# sort them again. If one row looks better to you, compare the first and the last, which differ in nothing but luck.
#
# ## What smoothing does to D
#
# **Predict:** D's answers to real images that it has never seen. How far does each kind of label let the logits go?

# %%
for name, run in runs.items():
    on_real, on_fakes = (run.discriminator.predict(images, verbose=0).ravel() for images in (real, fakes[name]))
    correct = (np.mean(on_real > 0) + np.mean(on_fakes < 0)) / 2
    typical, largest = np.abs(on_real).mean(), np.abs(on_real).max()
    print(f"{name:>11}: logits of real images are {typical:.1f} from 0, at most {largest:4.1f}; {correct:.0%} judged correctly")

# %% [markdown]
# Smoothing does what it was made for. On average the logits are the largest with hard labels and the smallest with soft ones, and the
# two kinds of smoothing lie between. The differences are modest, because these discriminators have not trained for long enough to be
# really certain. Nor is a label a wall: a single answer may go beyond the best one, which is 2.2 for a label of 0.9. It pulls, gently.
#
# D's share of correct judgements says little about labels. Each D is judged on the forgeries of its own opponent, and the two hard runs
# show how far such a number moves by itself.
#
# ## A fresh detective
#
# Which generator is best? Its own D cannot say, for each D is the opponent that its G has learned to fool. Take a detective that has
# met none of them: show it half of the real and half of the forged images as known cases, and let it call each of the others by its
# nearest known case. If real and forged were the same distribution, it would be right half the time (the *two-sample test* of Lopez-Paz
# and Oquab, 2017). The nearer to 50%, the better the forgeries.

# %%
def detected(fakes):
    images = np.concatenate([real, fakes]).reshape(2 * len(fakes), -1)
    is_real = np.repeat([True, False], len(fakes))
    known, new = slice(0, None, 2), slice(1, None, 2)
    answers = KNeighborsClassifier(1).fit(images[known], is_real[known]).predict(images[new])
    return np.mean(answers == is_real[new])


for name, images in fakes.items():
    print(f"{name:>11}: the fresh detective is right in {detected(images):.1%} of all cases")

# %% [markdown]
# The detective is right in more than four cases out of five, whoever made the forgeries. Now use the fifth run: the two with hard labels
# differ by about a percentage point, and the whole list by not much more. On this budget *no way of labelling has won*.
#
# That is a result. It would have been easy to leave out the fifth run, print four numbers and declare the best of them
# the winner; tips about GANs can come into the world like that. A comparison of single runs needs the spread between seeds beside it
# (Lucic et al., 2018, make this point for whole families of GANs).
#
# What speaks for smoothing is the section before this one: it keeps D from certainty, and certainty is the way in which a game
# is lost, as you have seen in [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb). It is an insurance, and a cheap one. What speaks for
# *one-sided* smoothing is an argument of Salimans et al.: with a fake label above zero, the best D's answer depends on where the forgeries
# are even in places where no real image is, and poor forgeries there may have no incentive to move.
#
# ## A run is a folder
#
# The rest of this lesson is about what remains when training is over. Take the recipe as it is, with its full width and its own labels,
# and give it half of its steps for now.

# %%
run = ganlib.recipes.build(RECIPE)
run.fit(steps=STEPS)
before = run.sample(SHOWN // 2)
for path in sorted(run.folder.iterdir()):
    print(f"{path.name:<24} {'folder' if path.is_dir() else f'{path.stat().st_size / 1e3:10,.0f} kB'}")

# %% [markdown]
# Everything that the run has produced is in its folder.
#
# `recipe.json` says what was played, so that nobody has to remember; a folder refuses to be continued under another recipe.
# `checkpoint.npz` is the state of the game: both networks, both optimizers, the step. `generator.*` is what you would give to
# somebody else; it is smaller, because neither D nor the optimizers are needed for generating.
#
# ## Continuing
#
# Was the run long enough? Ask for more steps, and it goes on where it stood, with the optimizers' memory and the order of the
# images intact: two halves give the same as one whole.

# %%
run.fit(steps=2 * STEPS)
ganlib.plots.plot_losses(run.history, title="one curve, two sittings")

# %%
after = run.sample(SHOWN // 2)
ganlib.plots.plot_images(np.concatenate([before, after]), title="above: before, below: after")

# %% [markdown]
# The curve has no seam. The latents are the same in both rows, and most positions have kept their garment: collars, folds and outlines
# have become clearer, and some blurs have made up their mind. Compare with the narrow networks further up, too: width and steps
# did more for the pictures than any choice of labels.
#
# The same numbers are in the folder's `logs/`, in the format of TensorBoard. In a terminal, `tensorboard --logdir runs` draws the
# losses and the pictures of all runs, with a slider for time, and while they are still training.
#
# ## Saving and loading
#
# Keras writes a network into one file, `.keras`: layers and weights together. The older way is a pair: the architecture as JSON, a
# text that people and other programs can read, and the weights as HDF5. Write both into a folder, and read both back.

# %%
exported = ganlib.settings.runs_dir() / "exported"
ganlib.store.save_generator(run.gan.averaged_generator, exported)
from_keras = ganlib.store.load_generator(exported / "generator.keras")
from_pair = ganlib.store.load_generator(exported / "generator.json")

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
latents = ganlib.sampling.draw_latents(SHOWN, RECIPE.latent_dim)
images = [generator.predict(latents, verbose=0) for generator in (run.gan.averaged_generator, from_keras, from_pair)]
same = [bool(np.abs(images[0] - others).mean() < 0.01) for others in images[1:]]  # the run may compute in shorter floats
print(f"The same images from generator.keras: {same[0]}; from generator.json and generator.weights.h5: {same[1]}.")

# %% [markdown]
# What the JSON holds is the answer to "what was this network again?", and it can be read without TensorFlow.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
architecture = json.loads((exported / "generator.json").read_text())
print([layer["class_name"] for layer in architecture["config"]["layers"]])
print(f"{from_pair.count_params():,} weights")

# %% [markdown]
# ## Without a notebook
#
# A generator that needs a notebook is not finished. The same is there as commands. These two lines are what you would type in a
# terminal: train, or continue, and then ask for images.
#
# ```
# python -m ganlib train fashion_mnist_dcgan --steps 3000
# python -m ganlib sample runs/fashion_mnist_dcgan --count 20 --out catalogue.png
# ```
#
# The second one, run from here:

# %%
get_ipython().system(f'cd "{run.folder}" && "{sys.executable}" -m ganlib sample . --count {SHOWN} --out catalogue.png')
Image(filename=run.folder / "catalogue.png", width=500)

# %% [markdown]
# A name that ends in `.npz` gives arrays instead, `.gif` a walk through the latents.
#
# ## Exercise: what does a stranger need?
#
# Somebody sends you `generator.keras` and nothing else: no recipe, no code. Load the file in `exported`, find out from the model
# alone how long its latent vectors are, and put twelve images from latents of seed 0 into `received`.

# %% tags=["exercise"]
received = None  # replace None: a Keras model knows its input_shape

# %% tags=["check"]
if received is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    assert received.shape == (12, *test.image_shape), f"expected twelve images, got shape {received.shape}"
    assert np.allclose(received, images[1][:12], atol=1e-2), "these are not the images of latents with seed 0"
    print("Right. The file alone is enough, except for one thing: it does not say that the noise was normal.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# stranger = ganlib.store.load_generator(exported / "generator.keras")
# latents = ganlib.sampling.draw_latents(12, stranger.input_shape[-1], seed=0)
# received = stranger.predict(latents, verbose=0)
# ```
#
# Latents from another distribution would not raise an error; they would give slightly odd images. This is why the run folder keeps
# `recipe.json` beside the generator.
# </details>

# %% [markdown]
# ## You can now
#
# - train under hard, one-sided, two-sided and soft labels, and say what each does to the discriminator;
# - judge generators with a fresh detective, and check whether a difference is larger than luck;
# - continue a run, save and load its generator in two formats, and use it from the command line.
#
# **Next:** in [22_fashion_mnist_cgan](22_fashion_mnist_cgan.ipynb) you order garments by name.
