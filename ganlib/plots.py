"""Arrays in, pictures out: image grids, and matplotlib Figures, which nothing here shows."""

import functools
import io
import math
import textwrap
import threading
import unicodedata
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
from matplotlib import font_manager, pyplot
from matplotlib.figure import Figure
from sklearn.metrics import confusion_matrix

from ganlib.errors import InputError, check_number
from ganlib.files import atomic
from ganlib.images import to_uint8

MOST_IMAGES = 1000  # in a Figure, whose axes are slow; `image_grid` has no such limit
MOST_NAMES = 30  # classes that an axis has room to name; more are numbered


def image_grid(images, columns=10, gap=2):
    """Returns one image (height, width, channels) uint8 that shows all images, row by row.

    Args:
        images: (count, height, width, 1 or 3), uint8 or float in [-1, 1].
        columns: images in a row.
        gap: pixels of white between images.
    """
    images, gap = _checked(images), check_number("gap", gap, 0)
    count, height, width, channels = images.shape
    columns = min(check_number("columns", columns, 1), count)
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + gap, width + gap, channels), 255, "uint8")
    cells[:count, :height, :width] = images
    grid = cells.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    grid = grid.reshape(rows * (height + gap), columns * (width + gap), channels)
    return grid[: len(grid) - gap, : grid.shape[1] - gap]


def save_grid(images, path, columns=10):
    """Writes images as a PNG file, in the grid that `image_grid` makes of them.

    Raises:
        InputError: if the name does not end in .png, or these are not images.
    """
    if Path(path).suffix.lower() != ".png":
        raise InputError(f"the file is {str(path)!r}; expected a name that ends in .png.")
    with atomic(path) as partial:
        imageio.imwrite(partial, image_grid(images, columns).squeeze(), extension=".png")


def plot_images(images, columns=10, titles=None, title=None, scale=0.75):
    """Returns a Figure of images in rows.

    Args:
        images: (count, height, width, 1 or 3), uint8 or float in [-1, 1].
        columns: images in a row.
        titles: one text per image, or None.
        title: of the whole figure, or None.
        scale: size of one image in inches.
    """
    images = _checked(images)
    check_number("the number of images", len(images), 1, MOST_IMAGES)
    columns = min(check_number("columns", columns, 1), len(images))
    rows = math.ceil(len(images) / columns)
    line = 0.25 if titles is not None else 0.0
    figure = _figure(columns * scale, rows * (scale + line) + (0.35 if title else 0))
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axis in axes:
        axis.set_axis_off()
    texts = [""] * len(images) if titles is None else [str(text) for text in titles]
    if len(texts) != len(images):
        raise InputError(f"got {len(texts)} titles for {len(images)} images; expected one each.")
    texts, style = _readable(texts)
    # A letter is about 0.6 of its points wide, and an inch has 72 points.
    points = min(8, 120 * scale / max(1, *map(len, texts)))
    for axis, image, text in zip(axes, images, texts, strict=False):  # some axes may stay empty
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
        axis.set_title(text, fontsize=points, **style)
    if title:
        (title,), style = _readable([title])
        figure.suptitle(title, fontsize=10, **style)
    return figure


def plot_losses(history, title=None, measures=()):
    """Returns a Figure of both players' losses over steps, and of measured distances below them.

    A dashed line marks log 2, the loss of a D that can only guess. It is left out where D's loss
    is negative, because then it is not a cross-entropy. The best distance is marked too.

    Args:
        history: rows with the keys "step", "d_loss" and "g_loss", as `Run.history` has them, or
            what `gan.fit` returns; then the epochs are the steps.
        title: of the figure, or None.
        measures: rows with the keys "step" and "frechet_distance", as `Run.measures.rows` has them.
    """
    figure = _figure(7, 4.5 if measures else 3)
    axes = figure.subplots(2 if measures else 1, sharex=True, squeeze=False)[:, 0]
    if hasattr(history, "history"):  # what Keras returns
        losses = zip(*history.history.values(), strict=True)
        history = [{"step": epoch + 1, **dict(zip(history.history, row, strict=True))}
                   for epoch, row in zip(history.epoch, losses, strict=True)]
    _draw_losses(axes, history, measures)
    _set_title(axes[0], title)
    return figure


def plot_training(images, history, words, measures=(), columns=10):
    """Returns a Figure of a training in progress: pictures on the left, `plot_losses` on the right.

    Args:
        images: (count, height, width, 1 or 3), uint8 or float in [-1, 1].
        history, measures: as for `plot_losses`; the history may be empty.
        words: a line about the training, shown above.
        columns: images in a row.
    """
    figure = _figure(11, 4.2)
    (words,), style = _readable([textwrap.fill(words, 130)])  # a diagnosis may name classes
    figure.suptitle(words, fontsize=9, **style)
    left, right = figure.subfigures(1, 2)
    axis = left.subplots()
    axis.imshow(image_grid(images, columns).squeeze(), cmap="gray", vmin=0, vmax=255)
    axis.set_axis_off()
    if history:
        rows = 2 if measures else 1
        _draw_losses(right.subplots(rows, sharex=True, squeeze=False)[:, 0], history, measures)
    return figure


def _draw_losses(axes, history, measures):
    steps, marker = [row["step"] for row in history], "o" if len(history) < 2 else None
    d_losses, g_losses = ([row[key] for row in history] for key in ("d_loss", "g_loss"))
    axes[0].plot(steps, d_losses, label="discriminator", color="tab:blue", marker=marker)
    axes[0].plot(steps, g_losses, label="generator", color="tab:orange", ls="-.", marker=marker)
    if all(loss >= 0 for loss in d_losses):  # as a cross-entropy is
        axes[0].axhline(math.log(2), color="gray", lw=0.8, ls="--", label="D guesses (log 2)")
    axes[0].set(ylabel="loss")
    if measures:
        steps, distances = ([row[key] for row in measures] for key in ("step", "frechet_distance"))
        best = int(np.argmin(distances))
        axes[1].plot(steps, distances, color="tab:green", marker=".", label="of a small sample")
        axes[1].plot(steps[best], distances[best], "*", color="black", markersize=10,
                     label=f"best: step {steps[best]:,}")
        axes[1].set(ylabel="Frechet distance", ylim=(0, None))
    for axis in axes:
        axis.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    axes[-1].set_xlabel("steps")


def png(picture):
    """Returns a Figure, or an image (height, width, channels) uint8, as the bytes of a PNG file."""
    if not isinstance(picture, Figure):
        return imageio.imwrite("<bytes>", picture.squeeze(), extension=".png")
    picture.savefig(content := io.BytesIO(), format="png", dpi=80)
    return content.getvalue()


def plot_class_counts(labels, class_names, title=None):
    """Returns a Figure with a bar for each class.

    Args:
        labels: (count,) int.
        class_names: one text for each class.
        title: of the figure, or None.
    """
    figure = _figure(7, 2.4)
    axis = figure.subplots()
    counts = np.bincount(labels, minlength=len(class_names))
    axis.bar(range(len(class_names)), counts, color="tab:blue")
    _name_ticks(axis.xaxis, class_names, rotation=30)
    axis.set(ylabel="images")
    _set_title(axis, title)
    return figure


def plot_confusion(asked, received, class_names, title=None):
    """Returns a Figure of what a classifier sees in the images of each class, as shares of a row.

    With at most twelve classes, the shares are written into it, in percent.

    Args:
        asked, received: (count,) int; the generator's labels (rows), and what the classifier says
            (columns).
        class_names: one text for each class.
        title: of the figure, or None.
    """
    shares = confusion_matrix(asked, received, labels=range(len(class_names)), normalize="true")
    figure = _figure(6.2, 5.4)
    axis = figure.subplots()
    picture = axis.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    for row, column in np.argwhere(shares >= 0.005) if len(class_names) <= 12 else ():
        share = shares[row, column]
        axis.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=8,
                  color="white" if share > 0.5 else "black")
    _name_ticks(axis.xaxis, class_names, rotation=90)
    _name_ticks(axis.yaxis, class_names)
    axis.set(xlabel="what the classifier sees", ylabel="what was asked for")
    _set_title(axis, title)
    figure.colorbar(picture, label="share of the row")
    return figure


def save_gif(frames, path, seconds=6.0, most=80):
    """Writes an endless GIF that holds its last frame for a second.

    Args:
        frames: list of (height, width, channels) uint8 arrays of one shape.
        path: where to.
        seconds: length of one round without that last second.
        most: how many frames to keep at most, evenly chosen, including the last.

    Raises:
        InputError: if there is no frame, or they differ in shape.
    """
    shapes = {np.shape(frame) for frame in frames}
    if len(shapes) != 1:
        found = " and ".join(map(str, sorted(shapes))) or "none"
        raise InputError(f"the frames have the shapes {found}; expected one for all of them.")
    evenly = np.linspace(0, len(frames) - 1, min(most, len(frames)))
    chosen = [frames[number] for number in np.unique(evenly.round().astype(int))]
    # In colour, gray frames too: Pillow 13 cannot read every GIF that it writes from gray ones.
    chosen = [np.broadcast_to(np.atleast_3d(frame), (*frame.shape[:2], 3)) for frame in chosen]
    durations = [1000 * seconds / len(chosen)] * (len(chosen) - 1) + [1000.0]  # milliseconds
    if len(chosen) == 1:
        durations = 1000.0
    with atomic(path) as partial:
        imageio.imwrite(partial, chosen, extension=".gif", duration=durations, loop=0)


def _checked(images):
    images = to_uint8(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        raise InputError(f"images have shape {images.shape}; expected (count, height, width, 1 or "
                         "3), and at least one image.")
    return images


def _name_ticks(axis, class_names, rotation=0):
    if len(class_names) > MOST_NAMES:
        axis.set_label_text("class number")
        return
    texts, style = _readable(class_names)
    rotation = rotation if max(map(len, texts)) > 3 else 0
    axis.set_ticks(range(len(texts)), texts, rotation=rotation, **style)


def _set_title(axis, title):
    (text,), style = _readable([title or ""])
    axis.set_title(text, **style)


def _readable(texts):
    # The texts, and how matplotlib must show them. Characters that no font here has are replaced by
    # the last word of their names: "o" for HIRAGANA LETTER O.
    characters = frozenset(each for text in texts for each in text if not each.isspace())
    missing = characters - _characters_of(font_manager.findfont(font_manager.FontProperties()))
    style = {"family": [*pyplot.rcParams["font.family"]], "parse_math": False}  # "$" is a dollar
    if missing and (font := _font_with(missing)):
        style["family"].append(font)
        missing = ()
    names = {each: unicodedata.name(each, "?").split()[-1].lower() for each in missing}
    return ["".join(names.get(each, each) for each in text) for text in texts], style


@functools.cache
def _font_with(characters):
    # The name of a font of this machine that has all of these characters, or None.
    fonts = font_manager.fontManager.ttflist
    return next((font.name for font in fonts if characters <= _characters_of(font.fname)), None)


def _characters_of(path):
    try:
        return {chr(code) for code in font_manager.get_font(path).get_charmap()}
    except (OSError, RuntimeError):  # a font that matplotlib cannot read
        return set()


def _figure(width, height):
    # A figure of pyplot, which notebooks can show; closed, so that they show it only when asked.
    if threading.current_thread() is not threading.main_thread():  # where pyplot is not safe
        return Figure((width, height), layout="constrained")
    figure = pyplot.figure(figsize=(width, height), layout="constrained")
    pyplot.close(figure)
    return figure
