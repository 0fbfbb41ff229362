"""From archives and folders of images to prepared files: `prepare`."""

import collections
import contextlib
import functools
import io
import os
import re
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import h5py
import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError
from tqdm import tqdm

from ganlib.data import archives
from ganlib.data.formats import checked, first_line, h5_writer, read_cifar, read_h5
from ganlib.data.sources import SOURCES, SPLITS, Source, every_tenth, prepared_path, read_upstream
from ganlib.settings import InputError, data_dir, unknown, writable_folder

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
FITS = {"crop": ImageOps.fit, "pad": ImageOps.pad}
SHOWN = 10  # names of skipped files that are printed for each reason


def prepare(name, source=None, limit=None, size=None, gray=False, fit="crop", attribute=None):
    """Writes <data>/<name>.h5 and <data>/<name>_test.h5 and returns the two paths.

    Prints what was skipped and why. Images that cannot be read are left out; every other problem leaves the former files.

    Args:
        name: a key of SOURCES, or a new name for images of one's own.
        source: what to read: a folder of images or of upstream files, a zip, a tar, an HDF5 file in the layout of a
            prepared one. None means what `fetch` has put in <data>/<name>/.
        limit: images to keep in each split, evenly spread.
        size: of the square images in pixels; None means that of the dataset.
        gray: whether to write one channel rather than the dataset's.
        fit: "crop" cuts the middle square out of an image, "pad" adds black bars.
        attribute: CelebA's attribute that gives the two classes.

    Raises:
        InputError: if the name is taken or unknown, or there is nothing to read at the source.
    """
    known = SOURCES.get(name) or Source("images of one's own", size=size, channels=3, photographs=True)
    if not re.fullmatch(r"\w[\w.-]*", name) or name.endswith("_test"):
        raise InputError(f"a dataset cannot be named {name!r}; expected letters, digits, '_', '-', and no '_test' at the end.")
    if name not in SOURCES and not (source and size):
        raise InputError(f"{unknown('dataset', name, SOURCES)} For images of your own give --from and --size as well.")
    if fit not in FITS:
        raise unknown("fit", fit, FITS)
    if size is not None and not 4 <= size <= 1024:
        raise InputError(f"size is {size}; expected 4 to 1,024 pixels.")
    writable_folder(data_dir())
    shape = (*[size or known.size] * 2, 1 if gray else known.channels)
    path = Path(source or data_dir() / name)
    for remote in known.files if known.photographs else ():
        path = path / remote.filename if (path / remote.filename).exists() else path
    _refuse_if_taken(name, path)
    skipped = []
    class_names, total, images = _read(name, known, path, attribute, limit, skipped)
    if not total:
        raise InputError(f"no images in {path}: {len(skipped)} other files. Expected {', '.join(sorted(archives.SUFFIXES))}.")
    counts = _write(name, shape, class_names, images, total, fit, path, skipped)
    _report(name, counts, class_names, skipped)
    return [prepared_path(name, split) for split in SPLITS]


def _refuse_if_taken(name, path):
    taken = prepared_path(name, "train")
    if taken.exists():
        with contextlib.suppress(OSError), h5py.File(taken) as file:
            made_from = file.attrs.get("source")
            if made_from == str(path.resolve()) or name in SOURCES and made_from:
                return
        raise InputError(f"{taken} is there already, made from something else. Choose another name, or delete it.")


def _read(name, known, path, attribute, limit, skipped):
    # Returns the class names, the number of images, and a generator of (split, label, file, function that reads it).
    if not known.photographs:
        splits = {split: (dataset := read_upstream(name, path, split), np.arange(len(dataset))) for split in SPLITS}
    elif path.is_file() and h5py.is_hdf5(path):
        splits = _splits_of_h5(path, name)
    else:
        plan = archives.plan(path, known, attribute, limit)
        skipped += plan.skipped
        if not plan.batches:
            return plan.class_names, len(plan.chosen), _files(path, plan.chosen)
        splits = _splits_of_cifar(path, plan.batches, known)
    splits = {split: (dataset, rows[archives.spread(len(rows), limit)]) for split, (dataset, rows) in splits.items()}
    return splits["train"][0].class_names, sum(len(rows) for _, rows in splits.values()), _rows(splits)


def _files(path, chosen):
    for file, _, read in archives.files_in(path):
        if file in chosen:
            yield *chosen.pop(file), file, read


def _rows(splits):
    for split, (dataset, rows) in splits.items():
        for row in rows:
            label = None if dataset.labels is None else dataset.labels[row]
            yield split, label, f"{split} image {row}", functools.partial(dataset.images.__getitem__, row)


def _splits_of_h5(path, name):
    dataset, test = read_h5(path, name), path.with_name(f"{path.stem}_test.h5")
    if test.exists():
        return {"train": (dataset, np.arange(len(dataset))), "test": (tests := read_h5(test, name), np.arange(len(tests)))}
    testing = every_tenth(len(dataset))
    return {"train": (dataset, np.flatnonzero(~testing)), "test": (dataset, np.flatnonzero(testing))}


def _splits_of_cifar(path, batches, known):
    arrays = {file: read_cifar(read(), f"{path}: {file}") for file, _, read in archives.files_in(path) if file in batches}
    splits = {}
    for split in SPLITS:
        parts = [arrays[file] for file in sorted(arrays) if file.endswith("test_batch") == (split == "test")]
        if not parts:
            raise InputError(f"{path} holds {', '.join(sorted(arrays))}; expected data_batch_1 to data_batch_5 and test_batch.")
        images, labels = map(np.concatenate, zip(*parts, strict=True))
        dataset = checked(path, images, labels, known.class_names, known.title)
        splits[split] = (dataset, np.arange(len(dataset)))
    return splits


def convert(content, shape, fit="crop"):
    """Returns an image as uint8 of a shape: turned upright, on white where transparent, cut or padded, resized, recoloured.

    Args:
        content: bytes of an image file, or a uint8 array (height, width, 1 or 3).
        shape: (height, width, channels) to return.
        fit: "crop" or "pad".
    """
    if isinstance(content, np.ndarray):
        image = Image.fromarray(content.squeeze(-1) if content.shape[-1] == 1 else content)
    else:
        image = Image.open(io.BytesIO(content), formats=FORMATS)  # refuses too many pixels before it decodes any
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    image.draft(mode, (2 * width, 2 * height))  # a JPEG is decoded at a fraction of its size, at least twice what is needed
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
    elif image.mode in ("I", "F"):
        raise ValueError("values of 32 bits, of unknown range")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert(mode)
    if image.size != (width, height):
        image = FITS[fit](image, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(shape)


def _write(name, shape, class_names, images, total, fit, path, skipped):
    counts, waiting, workers = collections.Counter(), collections.deque(), os.cpu_count() or 1
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # of damaged metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        pool = stack.enter_context(ThreadPoolExecutor(workers))  # Pillow works outside Python's lock
        writers = [h5_writer(prepared_path(name, split), shape, class_names, str(path.resolve())) for split in SPLITS]
        append = {split: stack.enter_context(writer) for split, writer in zip(SPLITS, writers, strict=True)}
        bar = stack.enter_context(tqdm(total=total, desc=name, unit=" images", file=sys.stdout, mininterval=1.0))

        def finish(split, label, file, future):
            try:
                image = future.result()
            except Exception as error:  # a damaged image can fail in any way
                skipped.append((file, _reason(error)))
            else:
                append[split](image, label)
                counts[split] += 1
            bar.update()

        Image.init()  # before the threads
        for split, label, file, read in images:
            try:
                content = read()
            except Exception as error:
                skipped.append((file, _reason(error)))
                continue
            waiting.append((split, label, file, pool.submit(convert, content, shape, fit)))
            if len(waiting) > 4 * workers:
                finish(*waiting.popleft())
        for job in waiting:
            finish(*job)
        if not counts["train"]:
            raise InputError(f"none of the {total:,} images in {path} can be read: {skipped[-1][0]}: {skipped[-1][1]}.")
    return counts


def _reason(error):
    return "not an image" if isinstance(error, UnidentifiedImageError) else re.sub(r" ?\(.*?\)", "", first_line(error))


def _report(name, counts, class_names, skipped):
    print(f"{name}: {counts['train']:,} images for training, {counts['test']:,} for testing, {len(class_names)} classes.")
    if len(class_names) < 2:
        print("Without at least two classes there is nothing to ask for: train it with a recipe that is not conditional.")
    for reason, count in collections.Counter(reason for _, reason in skipped).most_common():
        files = [file for file, why in skipped if why == reason]
        print(f"skipped {count:,}, {reason}: {', '.join(files[:SHOWN])}{', ...' if count > SHOWN else ''}")
