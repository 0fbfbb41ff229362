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

from ganlib.data.formats import h5_writer, read_cifar, read_h5
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
    _check_arguments(name, source, size, fit)
    known = SOURCES.get(name) or Source("", "", size=size, channels=3, photographs=True)
    path = Path(source or data_dir() / name).expanduser()
    if known.photographs and known.files and (path / known.files[0].filename).exists():
        path /= known.files[0].filename
    writable_folder(data_dir())
    _refuse_if_taken(name, path)
    skipped = collections.defaultdict(list)  # {reason: names}
    class_names, entries, contents = _read(name, known, path, attribute, skipped)
    chosen = _choose(entries, limit)
    shape = (size or known.size, size or known.size, 1 if gray else known.channels)
    _refuse_if_too_large(name, len(chosen) * math.prod(shape))
    counts = _write(name, path, class_names, chosen, contents, shape, fit, skipped)
    found = f"{counts['train']:,} images for training, {counts['test']:,} for testing"
    print(f"{name}: {found}; classes: {len(class_names)}.")
    if len(class_names) < 2:
        print("There are no classes to choose among; a plain GAN needs none.")
    for reason, names in skipped.items():
        more = ", ..." if len(names) > 10 else ""
        print(f"skipped {len(names):,} ({reason}): {', '.join(map(str, names[:10]))}{more}")
    return [prepared_path(name, split) for split in SPLITS]


def _check_arguments(name, source, size, fit):
    if not re.fullmatch(r"\w[\w.-]*(?<!_test)", name):
        hint = "Use letters, digits, _ and -, and no _test at the end."
        raise InputError(f"a dataset cannot be named {name!r}. {hint}")
    if name not in SOURCES and not (source and size):
        hint = "For images of your own give --from PATH and --size N."
        raise InputError(f"{unknown('dataset', name, SOURCES)} {hint}")
    if fit not in pictures.FITS:
        raise unknown("fit", fit, pictures.FITS)
    if size and not 4 <= size <= 1024:
        raise InputError(f"size is {size}; expected 4 to 1,024 pixels.")


def _refuse_if_taken(name, path):
    taken, made_from = prepared_path(name, "train"), None
    with contextlib.suppress(OSError), h5py.File(taken) as file:
        made_from = file.attrs.get("source")
    same = made_from == str(path.resolve()) or (made_from and name in SOURCES)
    if taken.exists() and not same:
        hint = "Choose another name, or move that file away."
        raise InputError(f"{taken} already exists and was not made from {path}. {hint}")


def _refuse_if_too_large(name, needed):
    free = shutil.disk_usage(data_dir()).free
    if needed > free:
        room = f"needs {needed >> 20:,} MB, but only {free >> 20:,} MB are free in {data_dir()}"
        raise InputError(f"{name} {room}. Use --limit or a smaller --size.")


def _read(name, known, path, attribute, skipped):
    # Returns the class names, the entries, and an iterator over (name of an entry, function that
    # reads its content).
    if not known.photographs:
        return _rows([(split, read_upstream(name, path, split)) for split in SPLITS])
    if path.is_file() and h5py.is_hdf5(path):
        parts = [("train", read_h5(path, name))]
        test_path = path.with_name(f"{path.stem}_test.h5")
        if test_path.exists():
            parts.append(("test", read_h5(test_path, name)))
        return _rows(parts)
    entries, texts, batches = archives.survey(path, known.variants, skipped)
    if batches:
        parts = []
        for file, content in sorted(batches.items()):
            split = "test" if file == "test_batch" else "train"
            parts.append((split, read_cifar(content, file, known.class_names)))
        return _rows(parts)
    class_names, entries = archives.classify(entries, texts, known, attribute, path, skipped)
    return class_names, entries, ((name, read) for name, _, read in archives.files_in(path))


def _rows(parts):
    # Returns the same as _read for a list of (split, Dataset): every row is an entry.
    entries, contents = [], []
    for split, dataset in parts:
        for row in range(len(dataset)):
            label = 0 if dataset.labels is None else int(dataset.labels[row])
            entries.append(archives.Entry(name=len(entries), label=label, split=split))
            contents.append(functools.partial(dataset.images.__getitem__, row))
    return parts[0][1].class_names, entries, enumerate(contents)


def _choose(entries, limit):
    # Returns {name: entry} of the images to keep, each in the train or the test split.
    entries = sorted(entries, key=operator.attrgetter("label", "folders", "file", "name"))
    splits = {entry.split for entry in entries}
    test_split = "test" if "test" in splits else "validation"
    for entry, tenth in zip(entries, every_tenth(len(entries)), strict=True):
        testing = tenth if splits == {"train"} else entry.split == test_split
        entry.split = "test" if testing else "train"
    chosen = {}
    for split in SPLITS:
        found = [entry for entry in entries if entry.split == split]
        num_kept = min(len(found), limit or len(found))
        for i in range(num_kept):
            entry = found[i * len(found) // num_kept]
            chosen[entry.name] = entry
    return chosen


def _write(name, path, class_names, chosen, contents, shape, fit, skipped):
    # Returns the number of images in each split.
    counts = dict.fromkeys(SPLITS, 0)
    bar = tqdm(desc=name, total=len(chosen), unit=" images", file=sys.stdout, mininterval=0.5)
    jobs = ((chosen.pop(key), read) for key, read in contents if key in chosen)
    layout = {"image_shape": shape, "class_names": class_names, "source": str(path.resolve())}
    train_path, test_path = (prepared_path(name, split) for split in SPLITS)
    with bar, h5_writer(train_path, **layout) as train, h5_writer(test_path, **layout) as test:
        append = {"train": train, "test": test}
        for entry, image in pictures.convert_all(jobs, shape, fit):
            bar.update()
            if isinstance(image, str):
                skipped[image].append(entry.name)
            else:
                append[entry.split](image, entry.label)
                counts[entry.split] += 1
        if not counts["train"]:
            reasons = [f"{len(names):,} skipped ({reason})" for reason, names in skipped.items()]
            found = f"no image for training in {path}. {'; '.join(reasons) or 'It is empty'}"
            raise InputError(f"{found}. Expected {', '.join(archives.SUFFIXES)}.")
    return counts
