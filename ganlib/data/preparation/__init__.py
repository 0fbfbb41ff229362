"""From what people have on disk to prepared files."""

import collections
import contextlib
import functools
import io
import itertools
import math
import os
import re
import shutil
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from ganlib.data.preparation import archives
from ganlib.data.formats import first_line, h5_writer, read_cifar, read_h5
from ganlib.data.sources import SOURCES, SPLITS, Source, every_tenth, prepared_path, read_upstream
from ganlib.errors import InputError, unknown
from ganlib.files import writable_folder
from ganlib.settings import data_dir

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
FITS = {"crop": ImageOps.fit, "pad": ImageOps.pad}


def prepare(name, source=None, limit=None, size=None, gray=False, fit="crop", attribute=None):
    """Writes <data>/<name>.h5 and <data>/<name>_test.h5 from what is on disk; returns the two paths.

    Where the source does not tell what is for testing, every tenth image in sorted order is. Images that cannot be used
    are left out; what was and why is printed. Whatever stops it, files that were there stay as they were.

    Args:
        name: a key of SOURCES, or a new name for images of one's own.
        source: a folder, zip or tar of images or of upstream files, or an HDF5 file laid out as a prepared one. None
            means what `fetch` has put in <data>/<name>/.
        limit: images to keep of each split, evenly spread over the classes; None keeps all.
        size: of the square images in pixels; None means that of the dataset.
        gray: whether to write one channel where the dataset has three.
        fit: "crop" takes the middle square of an image, "pad" adds black bars.
        attribute: CelebA's attribute that gives two classes; None means no labels there.

    Raises:
        InputError: if the name is unknown or taken, an argument is out of range, or there is nothing to read.
    """
    known = SOURCES.get(name) or Source("images of one's own", "unknown", size=size, channels=3, photographs=True)
    if not re.fullmatch(r"\w[\w.-]*(?<!_test)", name):
        raise InputError(f"a dataset cannot be named {name!r}; expected letters, digits, _ and -, and no _test at the end.")
    if name not in SOURCES and not (source and size):
        raise InputError(f"{unknown('dataset', name, SOURCES)} For images of your own give --from PATH and --size N.")
    if fit not in FITS:
        raise unknown("fit", fit, FITS)
    if size and not 4 <= size <= 1024:
        raise InputError(f"size is {size}; expected 4 to 1,024 pixels.")
    path = Path(source or data_dir() / name).expanduser()
    if known.photographs and known.files and (path / known.files[0].filename).exists():
        path /= known.files[0].filename
    writable_folder(data_dir())
    _refuse_if_taken(name, path)
    skipped = {}
    class_names, entries, contents = _read(name, known, path, attribute, skipped)
    chosen = _choose(entries, limit)
    shape = (size or known.size, size or known.size, 1 if gray else known.channels)
    needed, free = len(chosen) * math.prod(shape), shutil.disk_usage(data_dir()).free
    if needed > free:
        raise InputError(f"{name} takes {needed >> 20:,} MB; {free >> 20:,} MB are free in {data_dir()}. Use --limit or --size.")
    counts = _write(name, shape, class_names, chosen, contents, fit, path, skipped)
    print(f"{name}: {counts['train']:,} images for training, {counts['test']:,} for testing; classes: {len(class_names)}.")
    if len(class_names) < 2:
        print("There are no classes to choose among; a plain GAN needs none.")
    for reason, names in skipped.items():
        print(f"skipped {len(names):,}, {reason}: {', '.join(map(str, names[:10]))}{', ...' if len(names) > 10 else ''}")
    return [prepared_path(name, split) for split in SPLITS]


def _refuse_if_taken(name, path):
    taken, made_from = prepared_path(name, "train"), None
    if taken.exists():
        with contextlib.suppress(OSError), h5py.File(taken) as file:
            made_from = file.attrs.get("source")
        if made_from != str(path.resolve()) and not (made_from and name in SOURCES):
            raise InputError(f"{taken} is there and was not made from {path}. Choose another name, or move that file away.")


def _read(name, known, path, attribute, skipped):
    # Returns the class names, the entries as `survey` does, and an iterator over (name, function that reads its content).
    if not known.photographs:
        parts = [(2 * (split == "test"), read_upstream(name, path, split)) for split in SPLITS]
    elif path.is_file() and h5py.is_hdf5(path):
        test = path.with_name(f"{path.stem}_test.h5")
        parts = [(2 * (file == test), read_h5(file, name)) for file in (path, test) if file.exists()]
    else:
        class_names, entries, batches = archives.survey(path, known, attribute, skipped)
        if not batches:
            return class_names, entries, ((file, read) for file, _, read in archives.files_in(path))
        parts = [(2 * (file == "test_batch"), read_cifar(batches[file], file, known.class_names)) for file in sorted(batches)]
    rows = [(split, dataset, row) for split, dataset in parts for row in range(len(dataset))]
    labels = (0 if dataset.labels is None else int(dataset.labels[row]) for _, dataset, row in rows)
    entries = [(label, i, i, split) for i, (label, (split, _, _)) in enumerate(zip(labels, rows, strict=True))]
    contents = ((i, functools.partial(dataset.images.__getitem__, row)) for i, (_, dataset, row) in enumerate(rows))
    return parts[0][1].class_names, entries, contents


def _choose(entries, limit):
    # Returns {name: (split, label)} of the images to keep.
    entries = sorted(entries)
    splits = np.array([split for *_, split in entries])
    testing = splits == splits.max() if splits.any() else every_tenth(len(splits))
    chosen = {}
    for split, rows in zip(SPLITS, (np.flatnonzero(~testing), np.flatnonzero(testing)), strict=True):
        kept = min(len(rows), limit or len(rows))
        for label, _, name, _ in (entries[rows[i * len(rows) // kept]] for i in range(kept)):
            chosen[name] = (split, label)
    return chosen


def _write(name, shape, class_names, chosen, contents, fit, path, skipped):
    counts, total = collections.Counter(), len(chosen)
    jobs = ((*chosen.pop(file), file, _attempt(read)) for file, read in contents if file in chosen)
    write = functools.partial(h5_writer, image_shape=shape, class_names=class_names, source=str(path.resolve()))
    with warnings.catch_warnings(), write(prepared_path(name, "train")) as train, write(prepared_path(name, "test")) as test:
        warnings.simplefilter("ignore")  # of metadata that is damaged
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        bar = dict(desc=name, total=total, unit=" images", file=sys.stdout, mininterval=0.5)
        results = iter(tqdm(_convert_all(jobs, shape, fit), **bar))  # one iterator: tqdm closes when it gives up another
        while block := list(itertools.islice(results, 64)):
            for split, append in (("train", train), ("test", test)):
                good = [(image, job[1]) for job, image in block if job[0] == split and isinstance(image, np.ndarray)]
                append(*(zip(*good, strict=True) if good else ((), ())))
                counts[split] += len(good)
            for (*_, file, _), reason in (pair for pair in block if isinstance(pair[1], str)):
                skipped.setdefault(reason, []).append(file)
        if not counts["train"]:
            reasons = "; ".join(f"{len(names):,} skipped, {reason}" for reason, names in skipped.items()) or "It is empty"
            raise InputError(f"no image for training in {path}. {reasons}. Expected {', '.join(archives.SUFFIXES)}.")
    return counts


def _convert_all(jobs, shape, fit):
    # Yields (job, image or why there is none) in order. Few jobs are in memory at a time, however many there are.
    workers, waiting = os.cpu_count() or 1, collections.deque()
    Image.init()  # not in several threads at once
    with ThreadPoolExecutor(workers) as pool:  # threads do: Pillow decodes and resizes outside Python's lock
        for job in jobs:
            waiting.append((job, pool.submit(_attempt, convert, job[-1], shape, fit)))
            if len(waiting) > 4 * workers:
                job, future = waiting.popleft()
                yield job, future.result()
        yield from ((job, future.result()) for job, future in waiting)


def _attempt(function, *arguments):
    # Returns what the function returns, or else a text that says why not: damaged files fail in any way.
    try:
        return function(*arguments)
    except UnidentifiedImageError:
        return "not an image"
    except Exception as error:
        return re.sub(r" ?\(.*?\)|(:| for file) '.*'$|\.$", "", first_line(error))  # without what is of this file alone


def convert(content, shape, fit="crop"):
    """Returns an image of a given shape, uint8: upright, on white where transparent, cut or padded to a square, resized.

    Args:
        content: bytes of an image file, or a uint8 array (height, width, 1 or 3).
        shape: (height, width, channels) to return.
        fit: "crop" or "pad".
    """
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    if isinstance(content, str):  # it could not be read
        raise ValueError(content)
    if isinstance(content, np.ndarray):
        image = Image.fromarray(content.squeeze(-1) if content.shape[-1] == 1 else content)
    else:
        image = Image.open(io.BytesIO(content), formats=FORMATS)  # refuses too many pixels before it decodes any
    image.draft(mode, (2 * width, 2 * height))  # a JPEG is decoded at a fraction of its size, twice what is needed or more
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
    elif image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits, whose range is unknown")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert(mode)
    if image.size != (width, height):
        image = FITS[fit](image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(shape)
