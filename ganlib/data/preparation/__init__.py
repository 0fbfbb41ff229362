"""From what people have on disk to prepared files."""

import collections
import contextlib
import functools
import math
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
from ganlib.data.sources import SOURCES, SPLITS, Source
from ganlib.data.sources import other_spelling, prepared_path, read_upstream
from ganlib.errors import InputError, check_name, check_number, unknown
from ganlib.files import writable_folder
from ganlib.settings import data_dir

SEED = 0  # of the order of the images in a prepared file


def prepare(name, source=None, limit=None, size=None, gray=False, fit="crop", attribute=None):
    """Writes <data>/<name>.h5 and <name>_test.h5 from what is on disk; returns their paths.

    If the source has no test split, every tenth image in sorted order becomes one; an image that is
    the only one of its class stays for training. Without images for testing, there is no test file.
    Images are shuffled, each time in the same way, so that a file too large for memory can be read
    in blocks.
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
        InputError: if the name is unknown or taken, an argument is out of range or has no effect,
            there is nothing to read, a drive fails, or the disk is too full.
    """
    known = SOURCES.get(name) or Source("", "", size=size, channels=3, photographs=True)
    path = _path_of(source or data_dir() / name)
    if known.photographs and known.files and os.path.exists(path / known.files[0].filename):
        path /= known.files[0].filename
    _check_arguments(name, path, source, limit, size, fit)
    writable_folder(data_dir())
    skipped = collections.defaultdict(list)  # {reason: names}
    class_names, entries = _read(name, known, path, attribute, skipped)
    places = _choose(entries, limit)
    shape = (size or known.size, size or known.size, 1 if gray else known.channels)
    pixels = len(places) * math.prod(shape)  # which are on the disk twice until everything is done
    need = 1 + (pixels + file_size(len(places), shape, len(class_names)) >> 20)
    free = shutil.disk_usage(data_dir()).free >> 20
    if need > free:
        raise InputError(f"{name} needs {need:,} MB; {free:,} MB are free. Use --limit or --size.")
    counts, num_classes = _write(name, path, class_names, places, shape, fit, skipped)
    images = "image" if counts["train"] == 1 else "images"
    print(f"{name}: {counts['train']:,} {images} for training, {counts['test']:,} for testing.")
    print(f"Classes: {num_classes}. A conditional GAN needs two or more, a plain GAN none.")
    for reason, names in skipped.items():
        print(f"skipped {len(names):,} ({reason}): {splits.listed(names)}")
    return [prepared_path(name, split) for split in SPLITS if counts[split]]


def _path_of(source):
    # People paste paths in quotes or with a space at the end, and addresses.
    text = os.path.expanduser(source)
    if not os.path.exists(text):
        text = os.path.expanduser(text.strip(" \t\n\"'“”‘’") or text)
        if re.match(r"\w\w+:[/\\]", text):
            raise InputError(f"{text} is an address; expected a path. Download it first.")
    return Path(text)


def _check_arguments(name, path, source, limit, size, fit):
    if not re.fullmatch(r"\w[\w.-]*(?<!_test)", name):
        raise InputError(f"{name!r} is not a name. Use letters, digits, _, -; no _test at its end.")
    if name not in SOURCES and not (source and size):
        raise InputError(f"{unknown('dataset', name, SOURCES)} A new one needs --from and --size.")
    if source and name == "digits":
        raise InputError("digits is built in. Leave out --from, or use a name of your own.")
    if other := other_spelling(name):
        raise InputError(f"{name!r} and {other!r} differ only in capitals. Use another name.")
    check_name("fit", fit, pictures.FITS)
    if size is not None:
        check_number("size", size, 4, 1024)
    if limit is not None:
        check_number("limit", limit, 1)
    if (source or SOURCES[name].photographs) and not os.access(path, os.R_OK):
        raise InputError(f"{path} is not there, or cannot be read; expected a folder, zip, tar or "
                         "HDF5 file.")
    taken = prepared_path(name, "train")
    made_from = source_of(taken)  # None if there is no such file
    if made_from not in (None, _origin(path)) and not (made_from and name in SOURCES):
        raise InputError(f"{taken} was not made from {path}. Move it, or use another name.")


def _origin(path):
    # A path may hold bytes that are not UTF-8, which an HDF5 file cannot.
    return str(path.resolve()).encode(errors="backslashreplace").decode()


def _read(name, known, path, attribute, skipped):
    # Returns the class names and the entries.
    if not known.photographs:
        parts = [(split, read_upstream(name, path, split)) for split in SPLITS]
    elif h5py.is_hdf5(path):
        files = {"train": path, "test": path.with_name(f"{path.stem}_test.h5")}
        parts = [(split, read_h5(file, name)) for split, file in files.items() if file.exists()]
        if len(known_names := {part.class_names for _, part in parts}) > 1:
            names = "; ".join(splits.listed(each) or "none" for each in sorted(known_names))
            raise InputError(f"{path} and {files['test'].name} have different classes: {names}. "
                             "Give both files the same, in one order.")
    else:
        entries, texts, batches = archives.survey(path, known, skipped)
        parts = [batches[file] for file in sorted(batches)]
        if not entries and not parts:
            parts = upstream.read_own(path, name, known.class_names)
            if parts:
                skipped.clear()  # the files are arrays, not pictures
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
    # order} for those to keep, in the best order for reading.
    by_class = sorted(entries, key=lambda each: (each.label, each.folders, each.file, each.name))
    found = {entry.split for entry in entries}
    test_split = "test" if "test" in found else "validation"
    in_class = collections.Counter(entry.label for entry in entries)
    tenths = set([entry for entry in by_class if in_class[entry.label] > 1][9::10])
    for entry in entries:
        testing = entry in tenths if found == {"train"} else entry.split == test_split
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
    folder = data_dir() / f".partial.{name}"
    targets = {split: prepared_path(name, split) for split in SPLITS}
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed
    try:
        folder.mkdir()
        with open(folder / "pixels", "w+b") as pixels:
            rows = _convert(name, places, shape, fit, pixels, skipped)
            in_train = {entry.label for entry in rows if entry.split == "train"}
            if not in_train:
                raise _no_image(path, skipped)
            keeps_all = name in SOURCES and SOURCES[name].class_names
            # Among one's own classes, one without images does not count.
            labels = range(len(class_names)) if keeps_all else {entry.label for entry in rows}
            numbers = {label: number for number, label in enumerate(sorted(labels))}
            if class_names and (lacking := [class_names[i] for i in numbers if i not in in_train]):
                print(f"Classes without an image for training: {splits.listed(lacking)}.")
            class_names = tuple(class_names[label] for label in numbers) if class_names else ()
            about = (shape, class_names, _origin(path))
            counts = collections.Counter(entry.split for entry in rows)
            for split in counts:
                with h5_writer(folder / targets[split].name, *about) as append:
                    for entry in sorted((e for e in rows if e.split == split), key=places.get):
                        pixels.seek(rows[entry] * math.prod(shape))
                        image = np.frombuffer(pixels.read(math.prod(shape)), np.uint8)
                        append(image.reshape(shape), numbers[entry.label])
        _move_together(folder, targets.values())
    except OSError as error:
        failure = f"cannot write {targets['train']} ({error.strerror or first_line(error)})"
        hint = "Make room there, or close the program that has it open."
        raise InputError(f"{failure}. {hint}") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return counts, len(class_names)


def _convert(name, entries, shape, fit, pixels, skipped, white=pictures.WHITE):
    # Writes the pixels of all images that can be used to a file; returns {entry: row in the file}.
    rows, left_out, peaks, blank = {}, collections.defaultdict(list), [], 0
    pixels.seek(0)
    images = pictures.convert_all(entries, shape, fit, white, peaks)
    for entry, image in tqdm(images, name, len(entries), unit=" images", file=sys.stdout):
        if isinstance(image, str):
            left_out[image].append(entry.name)
            continue
        rows[entry] = len(rows)
        pixels.write(image.tobytes())
        blank += abs(image.astype("int16") - image[0, 0]).max() < 32
    peak = max(peaks, default=0)
    if white == pictures.WHITE and 0 < peak < 1 << 14:
        white = (1 << peak.bit_length()) - 1  # 4,095 for pixels of 12 bits
        print(f"No 16-bit pixel is above {peak:,}. Reading again, with {white:,} as white.")
        return _convert(name, entries, shape, fit, pixels, skipped, white)
    if blank > max(1, 0.9 * len(rows)):
        print(f"Warning: {blank:,} of {len(rows):,} images are nearly black, white or one colour.")
    for reason, names in left_out.items():
        skipped[reason] += names
    return rows


def _no_image(path, skipped):
    if list(skipped.values()) == [[path.name]]:
        return InputError(f"{path} is {next(iter(skipped))}.")
    reasons = "; ".join(f"{len(names):,} ({reason})" for reason, names in skipped.items())
    return InputError(f"no image for training in {path}. Skipped: {reasons[:500] or 'none'}.")


def _move_together(folder, targets):
    # Moves new files into place, all of them or, if that fails, none. Where there is no new file,
    # the old one is removed.
    with contextlib.ExitStack() as undo:
        for target in targets:
            new, former = folder / target.name, folder / f"former {target.name}"
            if target.exists():
                os.replace(target, former)
                undo.callback(os.replace, former, target)
            if new.exists():
                undo.callback(target.unlink, missing_ok=True)
                os.replace(new, target)
        undo.pop_all()
