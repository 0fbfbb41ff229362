"""Arrays in, pictures out: matplotlib Figures, which nothing here shows, and plain image grids."""

import math

import imageio.v3 as imageio
import numpy as np
from matplotlib import pyplot

from ganlib.images import to_uint8
from ganlib.errors import InputError
from ganlib.files import atomic

MOST_NAMES = 30  # of classes that can be told apart on an axis; more have numbers


def image_grid(images, columns=10, gap=2):
    """Returns one image (height, width, channels) uint8 with the given images side by side, row by row.

    Args:
        images: (count, height, width, 1 or 3), uint8 or float in [-1, 1].
        columns: images in a row.
        gap: pixels of white between images.
    """
    images = _checked(images)
    count, height, width, channels = images.shape
    columns = min(columns, count)
    rows = math.ceil(count / columns)
    cells = np.full((rows * columns, height + gap, width + gap, channels), 255, "uint8")
    cells[:count, :height, :width] = images
    grid = cells.reshape(rows, columns, height + gap, width + gap, channels).swapaxes(1, 2)
    return grid.reshape(rows * (height + gap), columns * (width + gap), channels)[: -gap or None, : -gap or None]


def save_grid(images, path, columns=10):
    """Writes the grid that `image_grid` makes of images as a PNG file."""
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
    columns = min(columns, len(images))
    rows = math.ceil(len(images) / columns)
    line = 0.25 if titles is not None else 0.0
    figure = _figure(columns * scale, rows * (scale + line) + (0.35 if title else 0))
    figure.get_layout_engine().set(w_pad=0.02, h_pad=0.02, wspace=0, hspace=0)
    axes = np.atleast_1d(figure.subplots(rows, columns)).ravel()
    for axis in axes:
        axis.set_axis_off()
    texts = [""] * len(images) if titles is None else [str(text) for text in titles]
    points = min(8, 120 * scale / max(1, *map(len, texts)))  # a letter is about 0.6 of its points wide, an inch has 72
    for axis, image, text in zip(axes, images, texts, strict=False):
        axis.imshow(image.squeeze(), cmap="gray", vmin=0, vmax=255)
        axis.set_title(text, fontsize=points)
    if title:
        figure.suptitle(title, fontsize=10)
    return figure


def plot_losses(history, title=None, measures=()):
    """Returns a Figure of both players' losses over steps, with the value at which the discriminator can only guess.

    Args:
        history: rows with the keys "step", "d_loss" and "g_loss", as `Run.history` has them.
        title: of the figure, or None.
        measures: rows with the keys "step" and "frechet_distance", as `Run.measures.rows` has them: drawn on an axis below,
            the best one marked.
    """
    figure = _figure(7, 4.5 if measures else 3)
    axis, *below = figure.subplots(2 if measures else 1, sharex=True, squeeze=False)[:, 0]
    steps = [row["step"] for row in history]
    marker = "o" if len(steps) < 2 else None
    axis.plot(steps, [row["d_loss"] for row in history], label="discriminator", color="tab:blue", marker=marker)
    axis.plot(steps, [row["g_loss"] for row in history], label="generator", color="tab:orange", marker=marker)
    axis.axhline(math.log(2), color="gray", linewidth=0.8, linestyle="--", label="D guesses (log 2)")
    axis.set(ylabel="loss", title=title)
    if measures:
        steps, distances = ([row[key] for row in measures] for key in ("step", "frechet_distance"))
        best = int(np.argmin(distances))
        below[0].plot(steps, distances, color="tab:green", marker=".", label="of a small sample")
        below[0].plot(steps[best], distances[best], "*", color="black", markersize=10, label=f"best: step {steps[best]:,}")
        below[0].set(ylabel="Frechet distance", ylim=(0, None))
    for part in (axis, *below):
        part.legend(loc="upper left", bbox_to_anchor=(1, 1), frameon=False)
    part.set_xlabel("steps")
    return figure


def plot_class_counts(labels, class_names, title=None):
    """Returns a Figure with a bar for each class: how many of `labels`, (count,) int, are of it."""
    figure = _figure(7, 2.4)
    axis = figure.subplots()
    axis.bar(range(len(class_names)), np.bincount(labels, minlength=len(class_names)), color="tab:blue")
    _name_ticks(axis.xaxis, class_names, rotation=30)
    axis.set(ylabel="images", title=title)
    return figure


def plot_confusion(asked, received, class_names, title=None):
    """Returns a Figure of shares: of the images asked to be a class (row), how many a classifier calls each (column)."""
    table = np.zeros((len(class_names), len(class_names)))
    np.add.at(table, (np.asarray(asked), np.asarray(received)), 1)
    table /= np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = _figure(5, 4.4)
    axis = figure.subplots()
    picture = axis.imshow(table, vmin=0, vmax=1, cmap="Blues")
    _name_ticks(axis.xaxis, class_names, rotation=90)
    _name_ticks(axis.yaxis, class_names)
    axis.set(xlabel="what the classifier sees", ylabel="what was asked for", title=title)
    figure.colorbar(picture, label="share of the row")
    return figure


def save_gif(frames, path, seconds=6.0, most=80):
    """Writes an endless GIF, the last frame held for a second.

    Args:
        frames: list of (height, width, channels) uint8 arrays of one shape.
        path: where to.
        seconds: length of one round.
        most: frames to keep at most, evenly chosen, the last among them.
    """
    chosen = [frames[i] for i in np.unique(np.linspace(0, len(frames) - 1, min(most, len(frames))).round().astype(int))]
    durations = [1000 * seconds / len(chosen)] * (len(chosen) - 1) + [1000.0]  # milliseconds
    durations = durations if len(chosen) > 1 else 1000.0
    with atomic(path) as partial:
        imageio.imwrite(partial, [frame.squeeze() for frame in chosen], extension=".gif", duration=durations, loop=0)


def _checked(images):
    images = to_uint8(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or not len(images):
        raise InputError(f"images have shape {images.shape}; expected (count, height, width, 1 or 3) with a count of at least 1.")
    return images


def _name_ticks(axis, class_names, rotation=0):
    if len(class_names) <= MOST_NAMES:
        axis.set_ticks(range(len(class_names)), class_names, rotation=rotation if max(map(len, class_names)) > 3 else 0)
    else:
        axis.set_label_text("class number")


def _figure(width, height):
    # pyplot's figure, so that notebooks know how to show it; closed, so that they show it only when asked.
    figure = pyplot.figure(figsize=(width, height), layout="constrained")
    pyplot.close(figure)
    return figure
