# %% [markdown]
# # Your own photographs: from a folder to a film
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/61_celebrities_dcgan.ipynb)
#
# **You will**
#
# - turn a folder of photographs into a dataset with one command, and read what it leaves out and why;
# - train on no more than a thousand faces, check that nobody is copied, and make a GIF of the training;
# - find out whether a discriminator should get a head start, with a second seed as the ruler.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
import sys

if "google.colab" in sys.modules:  # on Colab, install the course's library; elsewhere it is there already
    get_ipython().system("pip install -q git+https://github.com/ganlib/gan-course")
    # No mirror offers faces without a login: upload a zip of your own photographs under this name first.
    get_ipython().system("python -m ganlib data prepare celebrities --from photographs.zip")

import dataclasses

import ganlib
import imageio.v3 as imageio
import numpy as np
from IPython.display import Image, display
from keras import layers
from sklearn.decomposition import PCA
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

# %% tags=["parameters"]
RECIPE = ganlib.recipes.get("celebrities_dcgan")
NARROW = dict(
    generator=dict(filters=(128, 64, 32), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(32, 64, 128), dropout=0.3)
)
HEAD_START = max(1, RECIPE.steps // 15)
MARKS = (HEAD_START // 2 or 1, 2 * HEAD_START, 3 * HEAD_START)  # steps of the game, at which you look at it
STEPS = 10 * HEAD_START
OTHER_SEED = 1
SHOWN = 20
FRAMES = 30
SHIFT = 2

# %% [markdown]
# ## Whose faces?
#
# The faces in this lesson were collected from the web: nobody in them was asked, the collections allow non-commercial research and no
# passing on, and so what you make of them stays with you. For photographs of your own you need two permissions, that of the people in
# them and that of whoever took them; "it is on the internet" is neither.
#
# Any folder of faces can take the place of `celebrities`; [data/README.md](../data/README.md) says where the common collections are. Look
# at what is there.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
faces, test = (ganlib.data.load("celebrities", split) for split in ("train", "test"))
print(f"Images of shape {faces.image_shape}, {faces.images.dtype}; {len(faces.class_names)} classes, so there are no labels.")

# %%
print(f"{len(faces):,} faces for training, {len(test):,} kept aside.")
ganlib.plots.plot_images(faces.images[:SHOWN])

# %% [markdown]
# With 32 by 32 pixels a face is eyes, a mouth, hair and a background, and you still see at once that it is one. There are no classes to
# balance, but that does not make the collection balanced. Look at who is in it: people who are photographed for a living, made up, lit
# from the front, smiling. A generator that learns from them will not know that people look otherwise.
#
# ## From a folder to a dataset
#
# How did they become arrays of one size? Play it through with a folder of photographs as it might lie on your disk. This lesson has none
# of yours, so it makes one: some faces, saved as JPEG files in portrait format. Two mishaps that happen in every real folder are
# included. One photograph was cut off while it was copied, and somebody has left a text file there.

# %%
workshop = ganlib.settings.runs_dir() / "workshop"
photographs = ganlib.files.writable_folder(workshop / "photographs")
paths = [photographs / f"face_{i:02}.jpg" for i in range(SHOWN)]
for path, image in zip(paths, faces.images):
    imageio.imwrite(path, image.repeat(4, axis=0).repeat(3, axis=1))
damaged = paths[SHOWN // 2]
damaged.write_bytes(damaged.read_bytes()[: damaged.stat().st_size // 2])
(photographs / "captions.txt").write_text("Ask before you publish.")
print(f"{len(list(photographs.iterdir()))} files, such as {paths[0].name} of {imageio.improps(paths[0]).shape}")

# %% [markdown]
# One command makes a dataset of them. It cuts each photograph to its middle square, resizes it to 32 by 32, and writes everything into
# one file. The file goes to the data folder, as a rule; here `GANLIB_DATA` points elsewhere, so that your real data is left alone.
#
# **Predict:** will the command stop at the damaged file? How many images end up for training, and what happens to the others?

# %%
command = f'"{sys.executable}" -m ganlib data prepare my_photos --from photographs --size {faces.image_shape[0]}'
get_ipython().system(f'cd "{workshop}" && GANLIB_DATA=. {command}')

# %% [markdown]
# It goes through to the end, and then it says what it has left out, by name and with the reason. That list is worth reading: a
# reader that silently skips what it cannot open may leave you with half of your photographs, and you would blame the GAN. Every tenth
# image has become part of the test split, which no training sees.
#
# What has become of the photographs? Above as they lay in the folder, below as the networks will see them.

# %%
prepared = ganlib.data.read_h5(workshop / "my_photos.h5", "my_photos")
columns = SHOWN // 4  # the tenth would be in the other file
display(ganlib.plots.plot_images(np.stack([imageio.imread(path) for path in paths[:columns]]), scale=0.9))
ganlib.plots.plot_images(prepared.images[:columns], scale=0.9)

# %% [markdown]
# The middle square has cost them some hair and chin. `--fit pad` keeps all of a picture and adds black bars, which the generator then
# learns to draw, bars and all. Neither is right for every folder, so look at your images before you train on them. Photographs of mixed
# sizes, turned ones, PNG files, a zip instead of a folder: all of that is read as it is. With your own folder the whole way is two lines:
#
# ```
# python -m ganlib data prepare my_photos --from FOLDER --size 32
# python -m ganlib train celebrities_dcgan --dataset my_photos
# ```
#
# ## A thousand faces are few
#
# Now the faces themselves. How few they are shows a small calculation: how often will D see each one?

# %%
run = ganlib.recipes.build(RECIPE, sample_every=HEAD_START // 5 or 1)
passes = STEPS * RECIPE.batch_size / len(faces)
print(f"{STEPS:,} steps of {RECIPE.batch_size} images are {passes:.0f} passes over {len(faces):,} faces.")

# %% [markdown]
# MNIST's 60,000 digits pass once or twice in such a run. D has so many chances here that it could *learn the faces by heart*: it
# would recognise the thousand and reject everything else, however good. Two means against it. The first is in the recipe: **dropout**
# hides a share of D's features in each step, others each time, so that a single memory is not to be relied on.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
dropout = [layer.rate for layer in run.discriminator.layers if isinstance(layer, layers.Dropout)]
print(f"Dropout after each convolution of the discriminator: {dropout}")

# %% [markdown]
# The second is yours, and takes two lines of numpy. The mirror image of a face is again a face, so **mirror** all of them. That
# makes twice as many images, though not twice as much knowledge.

# %%
both_ways = np.concatenate([faces.images, faces.images[:, :, ::-1]])
run.dataset = dataclasses.replace(faces, images=both_ways, labels=None)
run.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_mirrored", steps=STEPS)

# %%
fakes = run.sample(len(faces))
ganlib.plots.plot_images(fakes[:SHOWN])

# %% [markdown]
# Faces, no doubt: hair of several colours, a face turned to either side, teeth in a smile. From close by it is another matter. Eyes do
# not match, mouths melt, and backgrounds are clouds. That is what a thousand photographs and a few minutes give; the published system of
# this kind (Chung, 2020) took a hundred thousand faces and two thousand passes over them.
#
# ## Did D learn them by heart?
#
# The faces kept aside tell. D has never seen them, and they come from the same collection.
#
# **Predict:** what does D answer, on average, for faces it was trained on, for faces kept aside, and for forgeries?


# %%
def belief(judge, images):
    logits = judge.predict(np.asarray(ganlib.images.to_float(images)), verbose=0)
    return np.mean(1 / (1 + np.exp(-logits)))


groups = {"trained on": faces.images, "kept aside": test.images, "forged": fakes}
for name, images in groups.items():
    print(f"{name}: D believes in {belief(run.discriminator, images):.0%} of a face, on average")

# %% [markdown]
# D believes a little more in the faces that it has trained on than in those kept aside. The difference, some percentage points, is what
# it knows by heart: the twins in the mirror and the dropout have kept it small. It tells forgeries from faces of either kind better
# than it tells the two kinds of real faces apart, and that is how it should be.
#
# ## Is somebody copied?
#
# D's memory is one thing, G's another, and with people it matters more: a face that G gives back is a portrait that nobody agreed to.
# Search the training images for the nearest one to each forgery, as in [10_mnist_fcgan](10_mnist_fcgan.ipynb), and show the most
# suspicious cases: the forgeries that are nearest to anything real. Above the forgery, below its nearest real face.


# %%
def as_rows(images):
    return np.asarray(ganlib.images.to_float(images)).reshape(len(images), -1)


search = NearestNeighbors(n_neighbors=1).fit(as_rows(both_ways))
distances, nearest = search.kneighbors(as_rows(fakes))
suspicious = distances.ravel().argsort()[: SHOWN // 2]
pairs = np.concatenate([ganlib.images.to_uint8(fakes[suspicious]), both_ways[nearest[suspicious, 0]]])
ganlib.plots.plot_images(pairs, columns=SHOWN // 2)

# %%
from_aside, _ = search.kneighbors(as_rows(test.images))
print(f"From a forgery to the nearest training face: {np.median(distances):.1f}, the smallest {distances.min():.1f}.")
print(f"From a face kept aside: {np.median(from_aside):.1f}, the smallest {from_aside.min():.1f}.")

# %% [markdown]
# The most suspicious pairs share a background and the place of the head, hardly more; you would not take the one for a portrait of the
# other. The numbers agree: faces that were kept aside have their nearest neighbour at nearly the same distance. A generator that copied
# would be far nearer to its training images than new photographs are. On this evidence, measured in pixels, nobody has been copied.
#
# ## The film
#
# The run has taken a picture of the same 60 latents at regular intervals, and there is a `training.gif` of all of them in its folder.
# For a film to show around, cut your own. One row of each picture is enough, a sixth of it, and most happens at the beginning, so take the
# frames closer together there: their numbers grow by a constant factor.

# %%
pictures = sorted((run.folder / "samples").glob("step_*.png"))
chosen = np.unique(np.geomspace(1, len(pictures), FRAMES).astype(int)) - 1
frames = [imageio.imread(pictures[i]) for i in chosen]
ganlib.plots.save_gif([frame[: len(frame) // 6] for frame in frames], run.folder / "film.gif")
Image(filename=run.folder / "film.gif", width=700)

# %% [markdown]
# Fog, then a dark frame around a light spot, then eyes in the right place, and from there on the faces change less and less. A film like
# this is the best answer to the question how long one should train: as long as its end still moves for the better.
#
# ## A head start for the discriminator?
#
# A game of two beginners is a strange thing: D knows no faces, G makes fog, and the first hundreds of steps are spent on fog. Would it
# help if D *studied first*, so that it knows what it is looking for? The published system has this as an option, and recommends against
# it from experience. Try it: the recipe's field `pretraining_steps` lets D learn alone for a while, with G standing still.
#
# What would be a fair comparison? Both shall play the same number of steps; then the head start comes on top, for nothing. Or both shall
# have the same number of steps in all; then the head start is paid for. Look at three marks of the game, and you can make both
# comparisons. And do everything twice, with a second seed, for you know by now what a single run is worth.

# %%
samples, histories = {}, {}
for seed in (RECIPE.seed, OTHER_SEED):
    for head_start in (0, HEAD_START):
        rival = ganlib.recipes.build(RECIPE, seed=seed, pretraining_steps=head_start, **NARROW)
        rival.dataset, histories[head_start, seed] = run.dataset, rival.history
        for mark in MARKS:
            rival.fit(ganlib.settings.runs_dir() / f"{RECIPE.name}_{head_start}_{seed}", steps=head_start + mark)
            samples[head_start, seed, mark] = rival.sample(len(faces))

# %% [markdown]
# **Predict:** the losses of a run with a head start. How hard is D's task while G stands still, and what happens in the moment when G
# begins to move?

# %%
ganlib.plots.plot_losses(histories[HEAD_START, RECIPE.seed], title=f"{HEAD_START:,} steps for D alone, then the game")

# %% [markdown]
# Alone, D finds its task ridiculously easy: its loss lies far below a coin toss, for the fog of an untrained G never changes. (G's loss stands
# at zero because it does not play.) Then G wakes up and its loss leaps: everything it makes is recognised with certainty. Within some
# hundred steps both losses are where they would have been without the head start.
#
# Now the pictures, on the left without a head start, on the right with one, the latents being the same on both sides. The upper two
# rows, one from each seed, are from the first mark of the game, the lower two from the second.

# %%
keys = [(head_start, seed, mark) for mark in MARKS[:2] for seed in (RECIPE.seed, OTHER_SEED) for head_start in (0, HEAD_START)]
ganlib.plots.plot_images(np.concatenate([samples[key][: SHOWN // 4] for key in keys]), columns=SHOWN // 2)

# %% [markdown]
# At the first mark the difference could not be clearer. Without a head start there are faces, though rough ones; with it there is
# a gray haze with hardly a face in it, with both seeds alike. G has spent its first steps on escaping from a D that was too far ahead. At the second mark you
# can hardly say which side is which.
#
# ## A number
#
# Send in the fresh detective of [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb): it calls an image real or forged as its nearest
# known case is, and the nearer it is to 50%, the better the forgeries. On photographs, pixels are a poor measure of likeness, since
# backgrounds count as much as faces. So let it see the main features only: the 32 directions in which real faces differ most, their
# *principal components*. And let every image be judged once, in five rounds (*cross-validation*), to make the most of a thousand.

# %%
features = PCA(32, svd_solver="randomized", random_state=RECIPE.seed).fit(as_rows(faces.images))
real = features.transform(as_rows(faces.images))


def detected(fakes):
    images = np.concatenate([real, features.transform(as_rows(fakes))])
    is_real = np.repeat([True, False], len(real))
    return cross_val_score(KNeighborsClassifier(1), images, is_real, cv=5).mean()


for head_start in (0, HEAD_START):
    for mark in MARKS:
        shares = [detected(samples[head_start, seed, mark]) for seed in (RECIPE.seed, OTHER_SEED)]
        right = " and ".join(f"{share:.1%}" for share in shares)
        print(f"{head_start:3} steps alone, then {mark:3} of the game: the detective is right in {right}")

# %% [markdown]
# At the first two marks the head start costs five percentage points and more, with either seed. At the last mark one or two points of
# that are left, about as much as two seeds lie apart. And this was the comparison that favours the head start, with the studying
# on top: set it against the game that has as many steps *in all*, and it looks worse.
#
# So the head start does not do what one hopes for. What D learns about fog is of no use later; that it did not ruin the game is owed to
# the non-saturating loss, which is loudest when G is caught. The published advice, to leave it out, holds on these faces.
#
# ## Exercise: a small step to the side
#
# A face that is moved by two pixels is a face, too. Put into `shifted` the training images, each moved `SHIFT` pixels to the right. On
# the left a gap opens; fill it with copies of the column at the edge.

# %% tags=["exercise"]
shifted = None  # replace None: np.pad can repeat an edge

# %% tags=["check"]
if shifted is None:
    print("Write your answer in the cell above, then run both cells.")
else:
    images, edge = faces.images, faces.images[:, :, :1]
    assert shifted.shape == images.shape, f"expected {images.shape}, got {shifted.shape}: cut off what is pushed out"
    assert np.array_equal(shifted[:, :, SHIFT:], images[:, :, :-SHIFT]), f"the images are not moved {SHIFT} pixels to the right"
    gap = (
        "fill the gap with the column at the edge; np.roll brings the right edge back on the left, where G would learn to draw it"
    )
    assert np.array_equal(shifted[:, :, :SHIFT], edge.repeat(SHIFT, axis=2)), gap
    print("Right. Joined to the mirrored images, they would make D's task harder still.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# shifted = np.pad(faces.images, ((0, 0), (0, 0), (SHIFT, 0), (0, 0)), mode="edge")[:, :, :-SHIFT]
# ```
#
# Whatever you do to the real images, G learns to do as well, for to D it is part of being real. Mirroring and small shifts give faces
# that could have been photographed. Turn the images upside down, and half of the forgeries will stand on their heads.
# </details>

# %% [markdown]
# ## You can now
#
# - turn a folder of photographs into a dataset with one command, and say what it left out and why;
# - train on a thousand faces, check whether somebody is copied, and make a GIF of the training;
# - say what a head start does to the game, and judge it with a second seed as the ruler.
#
# **Next:** [71_calligraphy_dcgan](71_calligraphy_dcgan.ipynb) has few images on purpose, or a folder of your own: `python -m ganlib list` names the recipes
# that it can be trained with.
