# %% [markdown]
# # Your own photographs: from a folder to a film
#
# [![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)](https://colab.research.google.com/github/ganlib/gan-course/blob/main/notebooks/61_celebrities_dcgan.ipynb) [![Open in Kaggle](https://kaggle.com/static/images/open-in-kaggle.svg)](https://kaggle.com/kernels/welcome?src=https://github.com/ganlib/gan-course/blob/main/notebooks/61_celebrities_dcgan.ipynb)
#
# **You will**
#
# - turn a folder of photographs into a dataset with one command, and read what it leaves out and why;
# - train on fewer than a thousand faces, make a film of it, and check in two ways whether somebody was copied;
# - find out whether a discriminator should get a head start, with three seeds and two fair comparisons.
#
# *About 5 minutes on two CPU cores, less on a GPU. Builds on [21_fashion_mnist_dcgan](21_fashion_mnist_dcgan.ipynb).*

# %% tags=["setup"]
try:
    import ganlib
except ModuleNotFoundError:  # on Colab and Kaggle; the versions of other packages stay as they are
    get_ipython().run_line_magic("pip", "install -q --no-deps git+https://github.com/ganlib/gan-course")
    import ganlib

import contextlib
import dataclasses
import io
import sys

import imageio.v3 as imageio
import numpy as np
from IPython.display import Image
from keras import layers
from matplotlib import pyplot
from scipy import ndimage

ganlib.doctor.begin("celebrities")  # on Colab and Kaggle it gets the data, and says what the machine has

# %% tags=["parameters"]
TINY = dict(
    generator=dict(filters=(64, 32, 16), strides=(2, 2, 2), momentum=0.9), discriminator=dict(filters=(16, 32, 64), dropout=0.4)
)
RECIPE = ganlib.recipes.get("celebrities_dcgan", batch_size=16)
SHORT = ganlib.recipes.get("celebrities_dcgan", batch_size=32, **TINY)  # for the games with and without a head start
STEPS = min(3_000, 2 * RECIPE.steps)
HEAD_START = min(200, RECIPE.steps)  # steps that D studies alone
MARKS = (HEAD_START, 2 * HEAD_START)  # steps of the game, at which you look at it
SEEDS = [RECIPE.seed + number for number in range(min(3, RECIPE.steps // 4))]
SHOWN = 20
FRAMES = 20
SHIFT = 2

# %% [markdown]
# ## Whose faces?
#
# The faces in this lesson were collected from the web, and the people in them were not asked. The collections may be used
# for non-commercial research but not passed on, so keep what you make of them to yourself. For photographs of your own you
# need two permissions, from the people in them and from whoever took them; "it is on the internet" is neither.
#
# Any folder of faces can take the place of `celebrities`; [data/README.md](../data/README.md) says where the common
# collections are. Look at what is there.

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
faces, test = (ganlib.data.load("celebrities", split) for split in ("train", "test"))
print(f"Images of shape {faces.image_shape}, {faces.images.dtype}; {len(faces.class_names)} classes, so there are no labels.")

# %%
# Picture: two rows of ten photographs of faces, cropped to the face.
print(f"{len(faces):,} faces for training, {len(test):,} kept aside.")
ganlib.plots.plot_images(faces.images[:SHOWN])

# %% [markdown]
# At 32 by 32 pixels a face is eyes, a mouth, hair and a background, and you still see at once that it is a face. There are
# no classes to balance, but that does not make the collection balanced. Look at who is in it: people who are photographed
# for a living, made up, lit from the front, smiling. A generator that learns from them will not know that people can look
# different.
#
# ## From a folder to a dataset
#
# How did they become arrays of one size? Try it with a folder of photographs like one on your disk. This lesson does not
# have yours, so it makes one: some faces, saved as JPEG files in portrait format. It includes two mishaps that happen in
# every real folder. One photograph was cut off while it was copied, and somebody left a text file there.

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
# One command makes a dataset of them. It crops each photograph to its middle square, resizes it to 32 by 32, and writes
# everything into one file. Usually the file goes to the data folder; here `GANLIB_DATA` points elsewhere, so that your
# real data is left alone.
#
# **Predict:** will the command stop at the damaged file? How many images end up for training, and what happens to the
# others?

# %%
command = f'"{sys.executable}" -m ganlib data prepare my_photos --from photographs --size {faces.image_shape[0]}'
get_ipython().system(f'cd "{workshop}" && GANLIB_DATA=. {command}')

# %% [markdown]
# It runs to the end, and then it says what it left out, by name and with the reason. That list is worth reading: a program
# that silently skips what it cannot open may leave you with half of your photographs, and you would blame the GAN. Every
# tenth image went into the test split, which no training sees.
#
# What happened to the photographs? Above are five as they were in the folder, and below are five as the networks will see
# them. The command shuffled them, so do not compare column by column.

# %%
# Picture: two rows of five faces: above in portrait format as they lay in the folder, below others, cut to their middle squares.
prepared = ganlib.data.read_h5(workshop / "my_photos.h5", "my_photos")
columns = SHOWN // 4  # the tenth would be in the other file
figure, axes = pyplot.subplots(2, columns, figsize=(columns, 2.6), layout="constrained")
for axis, image in zip(axes.flat, [*map(imageio.imread, paths[:columns]), *prepared.images[:columns]]):
    axis.imshow(image)
    axis.set_axis_off()
axes[0, 0].set_title("in the folder", fontsize=8)
axes[1, 0].set_title("prepared", fontsize=8);

# %% [markdown]
# The middle square cost them some hair and chin. `--fit pad` keeps the whole picture and adds black bars, which the
# generator then learns to draw, too. Neither is right for every folder, so look at your images before you train on them.
# Photographs of mixed sizes, rotated ones, PNG files, a zip file instead of a folder: the command reads all of that as it
# is. With your own folder you need only two lines:
#
# ```
# python -m ganlib data prepare my_photos --from FOLDER --size 32
# python -m ganlib train celebrities_dcgan --dataset my_photos
# ```
#
# ## A thousand faces are few
#
# Now for the faces themselves. A small calculation shows how few they are: how often will D see each one?

# %%
run = ganlib.recipes.build(RECIPE)
passes = STEPS * RECIPE.batch_size / len(faces)
print(f"{STEPS:,} steps of {RECIPE.batch_size} images are {passes:.0f} passes over {len(faces):,} faces.")
print(RECIPE.table())

# %% [markdown]
# In a run of a few minutes, D sees MNIST's 60,000 digits a few times. Here D has so many chances that it could *learn the
# faces by heart*: it would recognise these thousand and reject everything else, however good. The table has one ingredient
# against this: **dropout** hides a share of D's features in each step, different ones each time, so that D cannot rely on
# any single memory (Srivastava et al., [2014](https://www.jmlr.org/papers/v15/srivastava14a.html)). You know the other
# lines from [02_the_game](02_the_game.ipynb).

# %% tags=["check"]
# NBVAL_CHECK_OUTPUT
dropout = [layer.rate for layer in run.discriminator.layers if isinstance(layer, layers.Dropout)]
print(f"Dropout after each convolution of the discriminator: {dropout}")

# %% [markdown]
# You can add a second remedy yourself, in two lines of numpy. The mirror image of a face is again a face, so **mirror**
# all of them. That makes twice as many images, though not twice as much knowledge. This lesson does not test whether such
# remedies help; [71_calligraphy_dcgan](71_calligraphy_dcgan.ipynb) tests one of them, moved images.
#
# You will make a film of the training. Its first frame is what the untrained G makes, so save that before you begin.

# %%
both_ways = np.concatenate([faces.images, faces.images[:, :, ::-1]])
run.dataset = dataclasses.replace(faces, images=both_ways, labels=None)
film = ganlib.files.writable_folder(run.folder / "samples")
ganlib.plots.save_grid(run.sample(SHOWN * 3, seed=RECIPE.seed), film / "step_0000000.png")

# %%
# Picture: The training at its end: generated faces, the losses of D and G, and the Frechet distance, over the steps.
view = run.watch(steps=STEPS)
view

# %%
# Picture: Two rows of ten generated faces, blurred in places.
run = view.wait()
fakes = run.sample(len(faces))
ganlib.plots.plot_images(fakes[:SHOWN])

# %% [markdown]
# These are faces, no doubt, with hair of several colours. A closer look usually finds eyes that do not match, mouths that melt
# and cloudy backgrounds. The repository that this course's longest settings follow (Chung, 2020,
# GAN-GenerativeAdversarialNetwork) used a hundred thousand faces, and two thousand passes over them. The published generator
# had the same few faces as you, but it had half an hour, and its D saw them mirrored and shifted.

# %%
# Picture: Two rows of ten generated faces. Above, those of this run; below, those of the published generator.
ganlib.widgets.beside(run)

# %% [markdown]
# ## Real or generated?
#
# Now it is your turn to be the judge. Below are twenty faces; each is either a photograph or made by the published
# generator, with equal probability. In a live notebook they come one by one, and you answer. Elsewhere, write your answers
# down before you read on.

# %%
# Picture: Twenty faces, some of them photographs and some of them generated, in random order.
quiz = ganlib.widgets.real_or_fake("celebrities_dcgan", seed=RECIPE.seed)

# %% [markdown]
# The line below the pictures is the score of a judge. It looks for the nearest neighbour of each picture, by pixels, among
# known pictures of both kinds, and calls the picture what that neighbour is. Compare your score with the judge's, and mind
# the intervals. Twenty answers do not say much; ask for `count=100` if you want to know. Then ask yourself what gave the
# generated ones away: an eye, the hair, the background?
#
# ## Did D learn them by heart?
#
# The faces kept aside can tell you. D has never seen them, and they come from the same collection.
#
# **Predict:** what does D answer, on average, for faces that it was trained on, for faces kept aside, and for generated
# ones?

# %%
def answers(images):
    logits = run.discriminator.predict(np.asarray(ganlib.images.to_float(images)), verbose=0)
    return 1 / (1 + np.exp(-logits.ravel()))


groups = {"trained on": faces.images, "kept aside": test.images, "generated": fakes}
beliefs = {name: answers(images) for name, images in groups.items()}
for name, values in beliefs.items():
    print(f"{name}: D says {values.mean():.2f} on average, give or take {2 * values.std() / len(values)**0.5:.2f}")

# %% [markdown]
# If D gives more to the faces that it was trained on than to those kept aside, the difference is what it knows by heart.
# Check whether it is larger than the margins. In any case it is the smaller difference: D tells generated faces from
# photographs of either kind better than it tells the two kinds of photographs apart. That is how it should be.
#
# ## Is somebody copied?
#
# D's memory is one thing, and G's is another. With people, G's matters more: a face that G gives back is a portrait that
# nobody agreed to. [10_mnist_fcgan](10_mnist_fcgan.ipynb) looked for the nearest training image, by pixels, and found a
# weak spot: a copy that was shifted by a single pixel got away. So look twice, once by pixels and once by the features of
# a network that was trained on photographs.
#
# Faces kept aside are the yardstick, since nobody copied those. There are fewer of them than of generated faces, and by
# chance alone the smallest of many distances is smaller than the smallest of a few. So compare equal numbers. One more
# trap: generated faces are often blurred. What does blur do to a distance? Blur the faces kept aside and see.
#
# **Predict:** will a blurred face be nearer to the training faces than it was before, or farther away?

# %%
views = {"pixels": ganlib.images.as_rows, "features": ganlib.encoders.imagenet_features(faces, ganlib.encoders.QUICK_SIZE)}
known = {view: see(both_ways) for view, see in views.items()}
generated = ganlib.images.to_uint8(fakes)
blurred = ndimage.uniform_filter(test.images, size=(1, 3, 3, 1))
groups = {"generated": generated[: len(test)], "kept aside": test.images, "kept aside, blurred": blurred}
near = {(view, name): ganlib.metrics.nearest(see(images), known[view])[1] for view, see in views.items() for name, images in groups.items()}
for (view, name), distances in near.items():
    print(f"{view}: {name}, median distance to the nearest training face {np.median(distances):.1f}, smallest {distances.min():.1f}")

# %% [markdown]
# By pixels, a blurred face is *nearer* to strangers: where two sharp pictures differ, it takes the middle. By features it
# is farther away, since no training face is blurred like that. So a short distance by pixels is no proof of a copy, and a
# long one by features is no proof of originality. It would be alarming if the median or the smallest distance of the
# generated faces were far below that of the faces kept aside. Neither is the case here. Now look at the most suspicious
# cases: the generated faces that are nearest to a training face by features.

# %%
# Picture: three rows of ten faces. Above, generated ones; below each, its nearest training face by features, and that by pixels.
nearest = {view: ganlib.metrics.nearest(see(generated), known[view]) for view, see in views.items()}
suspicious = nearest["features"][1].argsort()[: SHOWN // 2]
rows = {"generated": generated, **{f"by {view}": both_ways[nearest[view][0]] for view in ("features", "pixels")}}
titles = sum([[name, *[""] * (SHOWN // 2 - 1)] for name in rows], [])
ganlib.plots.plot_images(np.concatenate([images[suspicious] for images in rows.values()]), titles=titles)

# %% [markdown]
# Would you take the upper face of a column for a portrait of a lower one? Similar light, hair or pose does not make a
# portrait. Perhaps you met the same person several times in one row. Does G copy that one? Count how often each training
# face is somebody's nearest neighbour.

# %%
popularity = {view: np.bincount(nearest[view][0] % len(faces), minlength=len(faces)) for view in views}  # mirrored or not
for view, counts in popularity.items():
    middle = np.linalg.norm(known[view] - known[view].mean(axis=0), axis=1)[: len(faces)]
    ranks = [np.mean(middle < middle[face]) for face in counts.argsort()[-SHOWN // 2 :]]
    print(f"{view}: one face is the nearest of {counts.max()} generated ones, and {np.mean(counts == 0):.0%} of faces of none.")
    print(f"   The {SHOWN // 2} most popular: on average, {np.mean(ranks):.0%} of all faces are nearer to the mean of all faces.")

# %% [markdown]
# Such popular neighbours are called **hubs**. They are typical of spaces with many dimensions: most points lie far out, at
# about the same distance from the mean and from each other, and the few that lie a little further in are the nearest
# neighbours of very many (Radovanović et al., [2010](https://www.jmlr.org/papers/v11/radovanovic10a.html)). So a face that
# turns up again and again need not have been copied. Look at it beside its generated neighbours before you decide.
#
# ## The film
#
# The run took a picture of the same 60 latents at regular intervals. For a film to show around, cut your own. One row of
# each picture is enough, and most of it happens at the beginning. So take the frames closer together there: their numbers
# grow by a constant factor. Write the step on each frame, or nobody will know how fast it went.

# %%
def frame(path):
    picture, size = imageio.imread(path), faces.image_shape[0]
    tiles = np.stack([picture[:size, left : left + size] for left in range(0, picture.shape[1], size + 2)])
    figure = ganlib.plots.plot_images(tiles, title=f"step {int(path.stem[5:]):,}", scale=0.55)
    return imageio.imread(ganlib.plots.png(figure), extension=".png")[..., :3]


# %%
# Picture: A film of ten generated faces, from gray noise to faces, with the step above.
pictures = sorted(film.glob("step_*.png"))
chosen = np.unique(np.geomspace(1, len(pictures), FRAMES).astype(int)) - 1
ganlib.plots.save_gif([frame(pictures[number]) for number in chosen], run.folder / "film.gif")
Image(filename=run.folder / "film.gif", width=600)

# %% [markdown]
# A film like this is a good answer to the question of how long to train: as long as its end is still getting better.
#
# ## A head start for the discriminator?
#
# A game of two beginners is a strange thing: D knows no faces, G makes fog, and the first steps are spent on fog. Would it help
# if D *studied first*, so that it knows what it is looking for? Chung's repository has this as an option and, from experience,
# recommends against it. Try it: the recipe's field `pretraining_steps` lets D learn alone for a while, while G stands still.
#
# [02_the_game](02_the_game.ipynb) gives a reason for doubt. If D is nearly the best one and G's images are nowhere near
# real ones, D is right about every point, but it hardly says in which direction to go.
#
# What would be a fair comparison? Both can play the same number of steps; then the head start comes on top, for free. Or
# both can have the same number of steps in all; then the head start is paid for. Look at two marks of the game, and you
# can make both comparisons. Nothing else differs, and three seeds show what luck does. The networks are smaller than
# above, so that six games do not take long.

# %%
samples, distances, histories = {}, {}, {}


def play(head_start, seed):
    rival = ganlib.recipes.build(SHORT, seed=seed, pretraining_steps=head_start, sample_every=max(1, HEAD_START // 4))
    rival.dataset, histories[head_start, seed] = run.dataset, rival.history
    for mark in MARKS:
        with contextlib.redirect_stdout(io.StringIO()):  # one line for each game is enough
            rival.fit(ganlib.settings.runs_dir() / f"{SHORT.name}_{head_start}_{seed}", steps=head_start + mark, bar=False)
        samples[head_start, seed, mark] = rival.sample(SHOWN // 4)
        distances[head_start, seed, mark] = run.monitor.measure(rival.gan.averaged_generator)["frechet_distance"]


# %%
for seed in SEEDS:
    for head_start in (0, HEAD_START):
        play(head_start, seed)
        found = ", ".join(f"{distances[head_start, seed, mark]:.0f} after {mark:,}" for mark in MARKS)
        print(f"seed {seed}, {head_start:3} steps alone: Frechet distance {found} steps of the game")

# %% [markdown]
# **Predict:** the losses of a run with a head start. How hard is D's task while G stands still, and what happens when G
# begins to move?

# %%
# Picture: the losses of D and G over the steps: D's is low and G's zero while D learns alone, then both change at once.
ganlib.plots.plot_losses(histories[HEAD_START, SEEDS[0]], title=f"{HEAD_START:,} steps for D alone, then the game")

# %% [markdown]
# Alone, D finds its task ridiculously easy: its loss falls far below the dashed line, since the fog of an untrained G
# never changes. (G's loss is zero because G does not play.) Then G wakes up, and its loss leaps: everything that it makes
# is found out. At the end of this picture, D's loss is back near the dashed line.
#
# Now the pictures, with the same latents on both sides of a row.

# %%
# Picture: six rows of faces, five without a head start at the left and five with one at the right; three seeds at the first mark, where
#   they are rough, and three at the last, where they are clearer.
order = [(mark, seed) for mark in (MARKS[0], MARKS[-1]) for seed in SEEDS]
images = [samples[head_start, seed, mark] for mark, seed in order for head_start in (0, HEAD_START)]
half = [""] * (SHOWN // 4 - 1)
titles = sum([[f"step {mark:,}", *half, "head start", *half] for mark, _ in order], [])
ganlib.plots.plot_images(np.concatenate(images), columns=SHOWN // 2, titles=titles)

# %% [markdown]
# Now the distances. In the left panel the head start is free, and in the right one it is paid for.

# %%
# Picture: two panels of Frechet distances that fall over the steps, three solid lines without a head start and three dashed ones with
#   one. At the left over the steps of the game, at the right over all steps.
figure, panels = pyplot.subplots(1, 2, figsize=(9, 3), sharey=True, layout="constrained")
for (panel, paid), text in zip(((panels[0], 0), (panels[1], 1)), ("steps of the game", "steps in all")):
    for head_start, style in ((0, "o-"), (HEAD_START, "s--")):
        for seed in SEEDS:
            steps = [mark + paid * head_start for mark in MARKS]
            panel.plot(steps, [distances[head_start, seed, mark] for mark in MARKS], style, color=f"C{bool(head_start):d}")
    panel.set(xlabel=text, ylim=(0, None))
panels[0].set_ylabel("Frechet distance")
panels[0].legend(panels[0].lines[:: len(SEEDS)], ["no head start", f"{HEAD_START:,} steps for D alone"]);

# %% [markdown]
# At the first mark the head start has a cost: for every seed the distance is larger than without it. At the second mark of the
# left panel, the gap is smaller on average. Is the same game ahead there for all three seeds? In the right panel the head start
# is paid for. Where both games have done equally many steps there, the game without it is ahead for every seed.
#
# So here the head start does not do what you would hope for. The experiment tries only one length, on one dataset, with small
# networks, and does not show why. But it agrees with the advice in Chung's repository, which is to leave the head start out.
#
# ## Explore it

# %%
# Picture: Rows of generated faces, each of which walks along one direction of the latent space.
explorer = ganlib.widgets.explore(run)

# %% [markdown]
# Each row walks along one direction. Does a row change one thing, such as the light, or several at once? In a live
# notebook there are sliders; give a name to those that you understand.
#
# ## Five questions
#
# Choose an answer, and read the reply to it.

# %%
ganlib.widgets.questions("61_celebrities_dcgan")

# %% [markdown]
# ## Exercise: a small step to the side
#
# A face that is moved by two pixels is still a face. Write `shift(images)`. It takes images of shape (count, height,
# width, channels) and returns them in the same shape, each moved `SHIFT` pixels to the right. This opens a gap on the
# left; fill it with copies of the column at the edge.

# %% tags=["exercise"]
def shift(images):
    return None  # replace this line: np.pad can repeat an edge


# %% tags=["check"]
places = np.stack(np.mgrid[1:3, 1:7, 1:10], axis=-1)  # two images whose pixels say where they are: image, row and column, from 1
if ganlib.answers.given(shift(places)):
    moved = ganlib.answers.numbers(shift(places.copy()), "shift(images)", places.shape, advice="Cut off what is pushed out.")
    assert moved.min() >= 1, "the gap is black"
    assert np.array_equal(moved[..., :2], places[..., :2]), "pixels have left their image or their row; which axis is that of the columns?"
    columns = moved[..., 2]
    way = 5 - columns[0, 0, 4]
    assert way == SHIFT, f"the middle has moved {way} pixels to the right" if way > 0 else "nothing has moved to the right"
    assert columns[..., 0].max() < 5, "the right edge comes back on the left, and G would learn to draw it there"
    assert (columns[..., :SHIFT] == 1).all(), "the gap is not filled with copies of the column at the edge"
    assert (np.diff(columns[..., SHIFT:]) == 1).all(), "columns are missing, or in another order"
    print("Right. Added to the mirrored images, such images would make D's task harder still.")

# %% [markdown] tags=["solution"]
# <details><summary>Solution</summary>
#
# ```python
# def shift(images):
#     return np.pad(images, ((0, 0), (0, 0), (SHIFT, 0), (0, 0)), mode="edge")[:, :, :-SHIFT]
# ```
#
# Whatever you do to the real images, G learns to do as well, since to D it is part of being real. Mirroring and small
# shifts give faces that could have been photographed. If you mix in images that are upside down, G has to learn those,
# too.
# </details>

# %% [markdown]
# **Open exercise.** Does mirroring keep D from learning the faces by heart? Play `SHORT` for 2,000 steps on the faces
# as they are and on `both_ways`, with three seeds each. A good answer gives what D says about faces that it was trained
# on, faces kept aside and generated ones, with the difference between the first two for each game. It says whether this
# difference is smaller with mirror images for every seed. In three games on the faces as they are, D gave 0.41 to 0.44
# to faces that it was trained on, 0.39 to 0.43 to faces kept aside and 0.30 to 0.36 to generated ones. The first two
# differed by 0.012 to 0.022. In three games with mirror images they differed by 0.017 to 0.022: less with two of the
# seeds, and more with the third. What would you have said after one game?
#
# ## You can now
#
# - turn a folder of photographs into a dataset, and see what was left out;
# - train on few faces, make a film of it, and look for copies by pixels and by features, knowing what blur and hubs do;
# - compare two ways of training with equal steps of the game and with equal steps in all, over several seeds.
#
# **Next:** [62_celebrities_cgan](62_celebrities_cgan.ipynb) finds directions for light and hair among these faces. Or take
# a folder of your own: `python -m ganlib list` names the recipes that you can train with it.
