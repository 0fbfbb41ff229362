# %% [markdown]
# # Label and style: one latent vector, ten garments
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/22_fashion_mnist_cgan.ipynb)
#
# **You will**
#
# - give one latent vector all ten labels, and find out what it means in each;
# - walk from one class to another at a fixed latent, and through one class at a fixed label;
# - measure the variety within each class, and catch one that has collapsed.
#
# *About 3 minutes on two CPU cores, less on a GPU. Builds on [12_mnist_cgan](12_mnist_cgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    get_ipython().system("python -m ganlib data fetch fashion_mnist")

import ganlib
import keras
import numpy as np
from keras import ops
from matplotlib import pyplot
from sklearn.metrics import pairwise_distances

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("fashion_mnist_cgan")
ROWS = 6
FRAMES = 10
PAIRS = [("trouser", "dress"), ("pullover", "T-shirt"), ("sneaker", "ankle boot"), ("bag", "shirt")]
PER_CLASS = 100
CALM = 0.4

# %% [markdown]
# ## Ordering by name
#
# A conditional generator takes two inputs: latents, and the label of the class that you want. [12_mnist_cgan](12_mnist_cgan.ipynb) measured
# whether it obeys. This lesson asks something else. If the label says *what*, then the latents can only say *how*. How what?

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
run = ganlib.recipes.build(RECIPE)
names = run.dataset.class_names
for tensor in run.generator.inputs:
    print(f"{tensor.name}: {tensor.shape[1:]}, {tensor.dtype}")
print(", ".join(names))

# %%
run.fit()

# %%
ganlib.plots.plot_losses(run.history, title=RECIPE.name)

# %% [markdown]
# ## One latent, ten labels
#
# Take a few latent vectors and give each of them to the generator ten times, once with every label. One row is one latent vector, one
# column one class. With digits, a row shared its handwriting. Clothes have none.
#
# **Predict:** will the images of a row have anything in common?

# %%
generator = run.gan.averaged_generator
latents = ganlib.sampling.draw_latents(ROWS, RECIPE.latent_dim, seed=RECIPE.seed)
every_label = np.arange(len(names))
table = generator.predict([np.repeat(latents, len(names), axis=0), np.tile(every_label, ROWS)], verbose=0)
ganlib.plots.plot_images(table, columns=len(names), titles=[*names, *[""] * (len(table) - len(names))])

# %% [markdown]
# Read down a column: the garment stays, and its shade, its cut and its surface change. Read along a row: the garment changes, and the
# shade stays. A row of light things, a row of dark ones; where a latent vector makes one garment patterned, it tends to make all of them
# patterned, shoes included. The generator has split its two inputs into kind and style. You did not ask it to, and it has never seen a
# T-shirt and a boot that belong together.
#
# Why would it? The latents are drawn without regard to the label, so D never sees a reason to tie them to a class; and all classes run
# through the same layers. "Make it lighter" is useful for all ten, and one direction in the latents that does so costs less than ten.
#
# The last columns also show where the generator is weak. Sandals come out as pale shoes without straps. Keep an eye on them.
#
# ## What a latent means, in numbers
#
# A property that is easy to measure is brightness: the mean of all pixels. Generate one image for each of a hundred latents and each class, and
# ask, for two classes at a time: do latents that give a bright garment in one give a bright garment in the other? The correlation
# answers; 1 means always, 0 means that the latents are read anew in each class.

# %%
many = ganlib.sampling.draw_latents(PER_CLASS, RECIPE.latent_dim, seed=RECIPE.seed + 1)
wardrobe = np.stack([generator.predict([many, np.full(PER_CLASS, label)], verbose=0) for label in every_label])
brightness = wardrobe.mean(axis=(2, 3, 4))  # (classes, latents)
agreement = np.corrcoef(brightness)
mixed = np.corrcoef(brightness, np.random.default_rng(RECIPE.seed).permuted(brightness, axis=1))[len(names) :, : len(names)]

# %%
between = ~np.eye(len(names), dtype=bool)
print(f"Brightness in two classes from the same latents: a correlation of {agreement[between].mean():.2f} on average.")
print(f"From different latents: {mixed[between].mean():.2f}, with a spread of {mixed[between].std():.2f} by luck.")

# %%
figure, axis = pyplot.subplots(figsize=(5, 4), layout="constrained")
picture = axis.imshow(agreement, vmin=-1, vmax=1, cmap="RdBu")
axis.set_xticks(every_label, names, rotation=90)
axis.set_yticks(every_label, names)
figure.colorbar(picture, label="correlation of brightness");

# %% [markdown]
# Nearly 1, and far beyond what luck would give: brightness is not learned ten times, but once. Upper garments agree with each other almost
# perfectly. The stripe that stands out a little is the sandal's, whose brightness depends on straps rather than on cloth.
#
# Brightness is the easiest property there is, so do not conclude that *every* property is shared. The height of a heel means nothing for
# trousers; latents that move it in a boot have to do something else there, or nothing.
#
# ## Between two labels
#
# A label is a whole number, and there is no class 3.5. Inside the generator, though, a label becomes a vector: an *embedding* layer
# holds one learned vector for each class. Vectors can be mixed. To get at them, cut the generator open behind its embedding, which
# Keras does if you name an inner tensor as an input.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
embedding = next(layer for layer in generator.layers if isinstance(layer, keras.layers.Embedding))
opened = keras.Model([generator.inputs[0], embedding.output], generator.output)
vectors = ops.convert_to_numpy(embedding.embeddings)
print(f"{vectors.shape[0]} classes, each a vector of {vectors.shape[1]} numbers")

# %% [markdown]
# Now hold the latents fixed, and walk from the vector of one class to that of another.
#
# **Predict:** what lies between trousers and a dress? Between a bag and a shirt?

# %%
share = np.linspace(0, 1, FRAMES)[:, None]
paths = [(1 - share) * vectors[names.index(a)] + share * vectors[names.index(b)] for a, b in PAIRS]
styles = np.repeat(latents[: len(PAIRS)], FRAMES, axis=0)
between_labels = opened.predict([styles, np.concatenate(paths)], verbose=0)
ganlib.plots.plot_images(between_labels, columns=FRAMES, title="; ".join(f"{a} to {b}" for a, b in PAIRS))

# %% [markdown]
# Legs grow together into a skirt. Sleeves shrink. A shaft rises out of a sneaker. In between there are garments that no shop sells,
# and each of them is one whole picture rather than two laid over each other. The style survives the trip: look at the shade at both ends.
#
# Notice where the change happens. The ends tend to hold still for a few images, and most of the change is in the middle. Training has
# shown G the ten vectors themselves and nothing in between; what it makes there is what its layers happen to interpolate. The longer
# the way, as from a bag to a shirt, the less there is to rely on, and a style that suits a bag may make a poor shirt.
#
# ## Within one label
#
# The other walk: the label stays, the latents change.

# %%
starts, ends = latents[: len(PAIRS)], latents[1 : len(PAIRS) + 1]
styles = np.concatenate([(1 - share) * a + share * b for a, b in zip(starts, ends)]).astype("float32")
labels = np.repeat([names.index(a) for a, _ in PAIRS], FRAMES)
within_labels = generator.predict([styles, labels], verbose=0)
ganlib.plots.plot_images(within_labels, columns=FRAMES, title="; ".join(a for a, _ in PAIRS))

# %% [markdown]
# Each row begins in the same image as before and goes elsewhere: from dark to light, from patterned to plain, from one cut to another,
# and at every point it is still what the label says. These steps are even and the way is smooth, because here G has been everywhere: latents
# were drawn from a continuous distribution, and training has visited the neighbourhood of every point on the way.
#
# ## Has a class collapsed?
#
# In [20_fashion_mnist_fcgan](20_fashion_mnist_fcgan.ipynb) a sick generator gave up whole classes. A conditional generator cannot: it makes what it is told
# to, and its class bars are level by order. Its way of cheating is finer. It can make one good bag and send it to everybody who asks
# for bags.
#
# So measure variety within each class: the mean distance between two images of it, for generated and for real images. Distances
# between images are square roots of summed squared differences of pixels; the ratio of the two has no unit.
#
# **Predict:** which class will have the lowest ratio?

# %%
def variety(images):
    distances = pairwise_distances(images.reshape(len(images), -1))
    return distances.sum() / (len(images) * (len(images) - 1))  # each image has distance 0 to itself


def of_class(dataset, label):
    return ops.convert_to_numpy(ganlib.images.to_float(dataset.images[dataset.labels == label][:PER_CLASS]))


# %%
test = ganlib.data.load("fashion_mnist", "test")
real = np.array([variety(of_class(run.dataset, label)) for label in every_label])
real_again = np.array([variety(of_class(test, label)) for label in every_label])
generated = np.array([variety(wardrobe[label]) for label in every_label])
for name, ratio, luck in zip(names, generated / real, real_again / real):
    print(f"{name:>10}: generated images vary {ratio:.0%} as much as real ones, other real images {luck:.0%}")

# %%
figure, axis = pyplot.subplots(figsize=(7, 2.6), layout="constrained")
axis.bar(every_label, generated / real, color="tab:blue", label="generated")
axis.plot(every_label, real_again / real, "o", color="tab:orange", label="other real images")
axis.set_xticks(every_label, names, rotation=30)
axis.set_ylabel("variety / real variety")
axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False);

# %% [markdown]
# Two sets of real images differ by a few percent, and every bar is lower than that: all classes vary less than they should. Some of
# it is no lack of ideas. A generator that has trained for a few minutes blurs, and blurred images are nearer to each other whatever they show.
#
# So look at the differences between the bars, not at their common height. Here they are small: every class keeps
# about nine tenths of its variety. Show the lowest beside the real thing.

# %%
lowest = int(np.argmin(generated / real))
pair = np.concatenate([wardrobe[lowest][:FRAMES], of_class(run.dataset, lowest)[:FRAMES]])
ganlib.plots.plot_images(pair, columns=FRAMES, title=f"{names[lowest]}: generated above, real below")

# %% [markdown]
# Real sandals have straps in every arrangement, with daylight between them. Of the generated ones some have a heel and straps, and in others
# the straps run together into a cloud. That is blur, and no collapse: no two of them are alike. **Mode collapse within a class** looks
# otherwise, one good sandal sent to everybody, and its bar stands far below the others. A label can save a class from being dropped, but
# not from being dealt with in one stroke.
#
# Why this class? What tells one sandal from another is thin, and a compromise between all of them is a smear. Which class is lowest, and
# how low, depends on the game: played with momentum in Adam and without the penalty of this recipe, it was the bag, with three quarters of
# its variety and hardly a handle left. Note what found that fault: a measure of each class. An average over all ten would have
# hidden it, and conditional accuracy cannot see it.
#
# ## Exercise: does the measure notice?
#
# A measure is worth something if it goes down when it should. You know a way to take variety from a generator: latents
# nearer to the centre. Multiply `many` by `CALM`, generate class `lowest` from them, and put its variety, divided by
# that of the real class, into `calm_ratio`.

# %% tags=["exercise"]
calm_ratio = None  # replace None: variety(...) takes images, real[lowest] is there already

# %% tags=["check"]
if calm_ratio is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    calm = generator.predict([CALM * many, np.full(PER_CLASS, lowest)], verbose=0)
    assert np.isclose(calm_ratio, variety(calm) / real[lowest], rtol=1e-2), "not the variety of that class from calm latents"
    print(f"Right: {calm_ratio:.0%} of the real variety, against {generated[lowest] / real[lowest]:.0%} before.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# calm = generator.predict([CALM * many, np.full(PER_CLASS, lowest)], verbose=0)
# calm_ratio = variety(calm) / real[lowest]
# ```
# </details>

# %% [markdown]
# ## You can now
#
# - say what a latent vector means when the label is given, and measure how far it means the same in two classes;
# - walk between labels by mixing their vectors, and within a label by mixing latents;
# - measure the variety within each class, and look for one that has collapsed.
#
# **Next:** you have now trained a plain, a convolutional and a conditional GAN on two datasets. The lessons that follow take what you know
# to other data.
