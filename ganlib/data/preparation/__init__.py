"""From what people have on disk to prepared files."""

import collections
import contextlib
import functools
import math
import operator
import os
import re
import shutil
import sys
from pathlib import Path

import h5py
import numpy as np
from tqdm import tqdm

from ganlib.data import upstream
from ganlib.data.formats import file_size, first_line, h5_writer, read_h5, source_of
from ganlib.data.preparation import archives, pictures, splits
from ganlib.data.sources import (
    SOURCES, SPLITS, Source, every_tenth, other_spelling, prepared_path, read_upstream,
)  # fmt: skip
from ganlib.errors import InputError, check_number, unknown
from ganlib.files import writable_folder
from ganlib.settings import data_dir

SEED = 0  # of the order of the images in a prepared file


def prepare(name, source=None, limit=None, size=None, gray=False, fit="crop", attribute=None):
    """Writes <data>/<name>.h5 and <data>/<name>_test.h5 from what is on disk; returns both paths.

    If the source has no test split, every tenth image in sorted order becomes one. The images are
    shuffled, each time in the same way, so that a file too large for memory can be read in blocks.
    Images that cannot be used are left out; how many, which and why is printed. If anything goes
    wrong, files that were there before stay as they were.

    Args:
        name: a key of SOURCES, or a new name for images of your own.
        source: a folder, zip or tar of images or of upstream files, or an HDF5 file with the layout
            of a prepared one. None means what `fetch` has put in <data>/<name>/.
        limit: number of images to keep of each split, evenly spread over the classes; None keeps
            all of them.
        size: height and width of the prepared images in pixels, from 4 to 1,024; None means the
            size of the dataset.
        gray: whether to write one channel even if the dataset has three.
        fit: "crop" keeps the middle square of an image, "pad" adds black bars.
        attribute: the attribute of CelebA that gives two classes; None means no labels there.

    Raises:
        InputError: if the name is unknown or taken, an argument is out of range or without effect,
            there is nothing to read, or the disk is too full.
    """
    known = SOURCES.get(name) or Source("", "", size=size, channels=3, photographs=True)
    path = Path(source or data_dir() / name).expanduser()
    if known.photographs and known.files and (path / known.files[0].filename).exists():
        path /= known.files[0].filename
    _check_arguments(name, path, source, limit, size, fit)
    writable_folder(data_dir())
    skipped = collections.defaultdict(list)  # {reason: names}
    class_names, entries = _read(name, known, path, attribute, skipped)
    if not entries:
        raise _no_image(path, skipped)
    places = _choose(entries, limit)
    shape = (size or known.size, size or known.size, 1 if gray else known.channels)
    pixels = len(places) * math.prod(shape)  # which are on the disk twice until all is done
    needed = 1 + (pixels + file_size(len(places), shape, len(class_names)) >> 20)
    free = shutil.disk_usage(data_dir()).free >> 20
    if needed > free:
        hint = "Use --limit or --size."
        raise InputError(f"{name} needs {needed:,} MB; {free:,} MB are free. {hint}")
    counts, num_classes = _write(name, path, class_names, places, shape, fit, skipped)
    print(f"{name}: {counts['train']:,} images for training, {counts['test']:,} for testing.")
    print(f"Classes: {num_classes}. A conditional GAN needs two or more, a plain GAN none.")
    for reason, names in skipped.items():
        more = ", ..." if len(names) > 10 else ""
        print(f"skipped {len(names):,} ({reason}): {', '.join(map(str, names[:10]))}{more}")
    return [prepared_path(name, split) for split in SPLITS]


def _check_arguments(name, path, source, limit, size, fit):
    if not re.fullmatch(r"\w[\w.-]*(?<!_test)", name):
        raise InputError(f"{name!r} is not a name. Use letters, digits, _, -; no _test at its end.")
    if name not in SOURCES and not (source and size):
        raise InputError(f"{unknown('dataset', name, SOURCES)} A new one needs --from and --size.")
    if source and name == "digits":
        raise InputError("digits is built in. Leave out --from, or use a name of your own.")
    if other := other_spelling(name):
        raise InputError(f"{name!r} and {other!r} differ in capitals only. Use another name.")
    if fit not in pictures.FITS:
        raise unknown("fit", fit, pictures.FITS)
    if size is not None:
        check_number("size", size, 4, 1024)
    if limit is not None:
        check_number("limit", limit, 1)
    taken = prepared_path(name, "train")
    made_from = source_of(taken)
    same = made_from == str(path.resolve()) or (made_from and name in SOURCES)
    if taken.exists() and not same:
        raise InputError(f"{taken} was not made from {path}. Move it, or use another name.")


def _read(name, known, path, attribute, skipped):
    # Returns the class names and the entries.
    if not known.photographs:
        parts = [(split, read_upstream(name, path, split)) for split in SPLITS]
    elif h5py.is_hdf5(path):
        files = {"train": path, "test": path.with_name(f"{path.stem}_test.h5")}
        parts = [(split, read_h5(file, name)) for split, file in files.items() if file.exists()]
    else:
        entries, texts, batches = archives.survey(path, known, skipped)
        parts = [batches[file] for file in sorted(batches)]
        if not entries and not parts:
            parts = upstream.read_own(path, name, known.class_names)
            if parts:
                skipped.clear()  # the files are no pictures, but arrays
        if not parts:
            return splits.classify(entries, texts, known, attribute, path, skipped)
    if attribute:
        raise InputError(f"--attribute is for images with CelebA's table; {path} holds arrays.")
    entries = []
    for split, dataset in parts:
        for row in range(len(dataset)):
            label = 0 if dataset.labels is None else int(dataset.labels[row])
            read = functools.partial(dataset.images.__getitem__, row)
            entries.append(splits.Entry(len(entries), read, label=label, split=split))
    return parts[0][1].class_names, entries


def _choose(entries, limit):
    # Puts every entry in the train or the test split. Returns {entry: its place in the shuffled
    # order} for those to keep, in the order in which they are read best.
    by_class = sorted(entries, key=operator.attrgetter("label", "folders", "file", "name"))
    found = {entry.split for entry in entries}
    test_split = "test" if "test" in found else "validation"
    for entry, tenth in zip(by_class, every_tenth(len(entries)), strict=True):
        testing = tenth if found == {"train"} else entry.split == test_split
        entry.split = "test" if testing else "train"
    chosen = []
    for split in SPLITS:
        found = [entry for entry in by_class if entry.split == split]
        num_kept = min(len(found), limit or len(found))
        chosen += [found[i * len(found) // num_kept] for i in range(num_kept)]
    order = np.random.default_rng(SEED).permutation(len(chosen)).tolist()
    places = dict(zip(chosen, order, strict=True))
    return {entry: places[entry] for entry in entries if entry in places}


def _write(name, path, class_names, places, shape, fit, skipped):
    # Returns the numbers of images for training and for testing, and of classes.
    folder, counts = data_dir() / f".partial.{name}", dict.fromkeys(SPLITS, 0)
    targets = [prepared_path(name, split) for split in SPLITS]
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    try:
        folder.mkdir()
        with open(folder / "pixels", "w+b") as pixels:
            rows = _convert(name, places, shape, fit, pixels, skipped)
            if not any(entry.split == "train" for entry in rows):
                raise _no_image(path, skipped)
            labels = {entry.label for entry in rows}  # a class without images is none
            if name in SOURCES and SOURCES[name].class_names:
                labels = range(len(class_names))
            numbers = {label: number for number, label in enumerate(sorted(labels))}
            class_names = tuple(class_names[label] for label in numbers) if class_names else ()
            about = (shape, class_names, str(path.resolve()))
            train, test = (h5_writer(folder / target.name, *about) for target in targets)
            with train as append_train, test as append_test:
                append = {"train": append_train, "test": append_test}
                for entry in sorted(rows, key=places.get):
                    pixels.seek(rows[entry] * math.prod(shape))
                    image = np.frombuffer(pixels.read(math.prod(shape)), np.uint8)
                    append[entry.split](image.reshape(shape), numbers[entry.label])
                    counts[entry.split] += 1
        _move_together(folder, targets)
    except OSError as error:
        reason = error.strerror or first_line(error)
        hint = "Make room there, or close the program that has it open."
        raise InputError(f"cannot write {targets[0]} ({reason}). {hint}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return counts, len(class_names)


def _convert(name, entries, shape, fit, pixels, skipped):
    # Writes the pixels of all images that can be used to a file; returns {entry: row in the file}.
    white, peaks = pictures.WHITE, []
    while True:
        rows, left_out = {}, collections.defaultdict(list)
        first, blank, same = b"", 0, 0
        pixels.seek(0)
        bar = tqdm(desc=name, total=len(entries), unit=" images", file=sys.stdout, mininterval=0.5)
        for entry, image in pictures.convert_all(entries, shape, fit, white, peaks):
            bar.update()
            if isinstance(image, str):
                left_out[image].append(entry.name)
                continue
            content = image.tobytes()
            first = first or content
            rows[entry] = len(rows)
            pixels.write(content)
            blank += pictures.is_blank(image)
            same += content == first
        bar.close()
        peak = max(peaks, default=white)
        if white < pictures.WHITE or not 0 < peak < 1 << 14:
            break
        white = (1 << peak.bit_length()) - 1  # 4,095 for pixels of 12 bits
        print(f"No 16-bit pixel is above {peak:,}. Once more, with {white:,} as white.")
    for count, what in (blank, "nearly black, nearly white or of one colour"), (same, "the same"):
        if count > max(1, 0.9 * len(rows)):
            print(f"Warning: {count:,} of {len(rows):,} pictures are {what}. Look at them.")
    for reason, names in left_out.items():
        skipped[reason] += names
    return rows


def _no_image(path, skipped):
    if list(skipped.values()) == [[path.name]]:
        return InputError(f"{path} is {next(iter(skipped))}.")
    reasons = "; ".join(f"{len(names):,} ({reason})" for reason, names in skipped.items())
    return InputError(f"no image for training in {path}. Skipped: {reasons[:500] or 'none'}.")


def _move_together(folder, targets):
    # Moves new files into place, all of them or, if that fails, none.
    with contextlib.ExitStack() as undo:
        for target in targets:
            former = folder / f"former {target.name}"
            if target.exists():
                os.replace(target, former)
                undo.callback(os.replace, former, target)
            else:
                undo.callback(target.unlink, missing_ok=True)
            os.replace(folder / target.name, target)
        undo.pop_all()
