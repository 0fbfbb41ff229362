"""From what people have on disk to prepared files."""

import collections
import contextlib
import functools
import math
import operator
import re
import shutil
import sys
from pathlib import Path

import h5py
from tqdm import tqdm

from ganlib.data.formats import h5_writer, read_h5
from ganlib.data.preparation import archives, pictures
from ganlib.data.sources import SOURCES, SPLITS, Source, every_tenth, prepared_path, read_upstream
from ganlib.errors import InputError, unknown
from ganlib.files import writable_folder
from ganlib.settings import data_dir


def prepare(name, source=None, limit=None, size=None, gray=False, fit="crop", attribute=None):
    """Writes <data>/<name>.h5 and <data>/<name>_test.h5 from what is on disk; returns both paths.

    If the source has no test split, every tenth image in sorted order becomes one. Images that
    cannot be used are left out; how many, which and why is printed. If anything goes wrong, files
    that were there before stay as they were.

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
        InputError: if the name is unknown or taken, an argument is out of range, there is nothing
            to read, or the disk is too full.
    """
    known = SOURCES.get(name) or Source("", "", size=size, channels=3, photographs=True)
    path = Path(source or data_dir() / name).expanduser()
    if known.photographs and known.files and (path / known.files[0].filename).exists():
        path /= known.files[0].filename
    _check_arguments(name, path, source, size, fit)
    writable_folder(data_dir())
    skipped = collections.defaultdict(list)  # {reason: names}
    class_names, entries = _read(name, known, path, attribute, skipped)
    entries = _choose(entries, limit)
    shape = (size or known.size, size or known.size, 1 if gray else known.channels)
    needed, free = len(entries) * math.prod(shape) >> 20, shutil.disk_usage(data_dir()).free >> 20
    if needed > free:
        raise InputError(f"{name} needs {needed:,} MB; {free} MB are free. Use --limit or --size.")
    train, test = _write(name, path, class_names, entries, shape, fit, skipped)
    print(f"{name}: {train:,} images for training, {test:,} for testing.")
    print(f"Classes: {len(class_names)}. A conditional GAN needs two or more, a plain GAN none.")
    for reason, names in skipped.items():
        more = ", ..." if len(names) > 10 else ""
        print(f"skipped {len(names):,} ({reason}): {', '.join(map(str, names[:10]))}{more}")
    return [prepared_path(name, split) for split in SPLITS]


def _check_arguments(name, path, source, size, fit):
    if not re.fullmatch(r"\w[\w.-]*(?<!_test)", name):
        raise InputError(f"{name!r} is not a name. Use letters, digits, _, -; no _test at its end.")
    if name not in SOURCES and not (source and size):
        raise InputError(f"{unknown('dataset', name, SOURCES)} A new one needs --from and --size.")
    if fit not in pictures.FITS:
        raise unknown("fit", fit, pictures.FITS)
    if size and not 4 <= size <= 1024:
        raise InputError(f"size is {size}; expected 4 to 1,024 pixels.")
    taken, made_from = prepared_path(name, "train"), None
    with contextlib.suppress(OSError), h5py.File(taken) as file:
        made_from = file.attrs.get("source")
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
        if not batches:
            return archives.classify(entries, texts, known, attribute, path, skipped)
        parts = [batches[file] for file in sorted(batches)]
    entries = []
    for split, dataset in parts:
        for row in range(len(dataset)):
            label = 0 if dataset.labels is None else int(dataset.labels[row])
            read = functools.partial(dataset.images.__getitem__, row)
            entries.append(archives.Entry(len(entries), read, label=label, split=split))
    return parts[0][1].class_names, entries


def _choose(entries, limit):
    # Puts every entry in the train or the test split, and returns those to keep.
    by_class = sorted(entries, key=operator.attrgetter("label", "folders", "file", "name"))
    splits = {entry.split for entry in entries}
    test_split = "test" if "test" in splits else "validation"
    for entry, tenth in zip(by_class, every_tenth(len(entries)), strict=True):
        testing = tenth if splits == {"train"} else entry.split == test_split
        entry.split = "test" if testing else "train"
    chosen = set()
    for split in SPLITS:
        found = [entry for entry in by_class if entry.split == split]
        num_kept = min(len(found), limit or len(found))
        chosen.update(found[i * len(found) // num_kept] for i in range(num_kept))
    return [entry for entry in entries if entry in chosen]


def _write(name, path, class_names, entries, shape, fit, skipped):
    # Returns the numbers of images for training and for testing.
    counts = dict.fromkeys(SPLITS, 0)
    bar = tqdm(desc=name, total=len(entries), unit=" images", file=sys.stdout, mininterval=0.5)
    layout = {"image_shape": shape, "class_names": class_names, "source": str(path.resolve())}
    train_path, test_path = (prepared_path(name, split) for split in SPLITS)
    with bar, h5_writer(train_path, **layout) as train, h5_writer(test_path, **layout) as test:
        append = {"train": train, "test": test}
        for entry, image in pictures.convert_all(entries, shape, fit):
            bar.update()
            if isinstance(image, str):
                skipped[image].append(entry.name)
            else:
                append[entry.split](image, entry.label)
                counts[entry.split] += 1
        if not counts["train"]:
            reasons = "; ".join(f"{len(names):,} ({reason})" for reason, names in skipped.items())
            raise InputError(f"no image for training in {path}. Skipped: {reasons or 'none'}.")
    return counts["train"], counts["test"]
