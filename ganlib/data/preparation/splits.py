"""What the folders around images say: splits and classes."""

import collections
import dataclasses
import os
import re
from collections.abc import Callable

from ganlib.data.preparation import tables

# Words in the name of a folder that make it a split, and words that say nothing about it.
SPLIT_WORDS = {
    "train": "train", "training": "train", "trainset": "train",
    "test": "test", "testing": "test", "testset": "test",
    "val": "validation", "valid": "validation", "validation": "validation", "valset": "validation",
    "dev": "validation", "devset": "validation", "eval": "validation", "evaluation": "validation",
}  # fmt: skip
FILLERS = set("data dataset folder image images img imgs photos pictures set split".split())


@dataclasses.dataclass(slots=True, eq=False)
class Entry:
    """An image that has not been read yet.

    Attributes:
        name: its path in the folder or archive; for an image in an array, its number.
        read: function that returns its content, bytes or an array.
        folders, file: the parts of the path, with every accent in one spelling.
        label: number of its class; None if unknown.
        split: "train", "validation" or "test"; None if unknown.
    """

    name: str | int
    read: Callable
    folders: tuple = ()
    file: str = ""
    label: int | None = 0
    split: str | None = "train"

    def folder(self, depth):
        """Returns the folder at a depth (-1 for the innermost), or "" if there is none."""
        return (self.folders[depth:] or ("",))[0]


def listed(names):
    """Returns up to ten names of a list as text, and how many more there are."""
    return ", ".join(map(str, names[:10])) + f" and {len(names) - 10:,} more" * (len(names) > 10)


def split_of(folder):
    """Returns (split, rest of its name) of a folder, or None if it is not named after a split.

    "seg_train" gives ("train", ("seg",)), and "trainingSet", "test1" or "trainA" have no rest.
    """
    words = [word.lower() for word in re.findall(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+", folder)]
    splits = [SPLIT_WORDS[word] for word in words if word in SPLIT_WORDS]
    dull = FILLERS | set(SPLIT_WORDS)
    rest = tuple(word for word in words if word not in dull and not re.fullmatch("[a-z]", word))
    return (splits[0], rest) if len(splits) == 1 else None


def classify(entries, texts, source, attribute, path, skipped):
    """Sets the split and the label of every entry; returns the class names and the entries in use.

    Folders around everything do not count. Below them, folders named after a split (see `split_of`)
    are splits, and the next folder is the class. Without split folders, a table of CelebA or
    Food-101 decides on the split. One line is printed that says what was understood, and one that
    names classes which may be the same.

    Args:
        entries, texts: from `archives.survey`.
        source: a Source; its class_names and variants matter.
        attribute: the column of CelebA's table that gives two classes, or None.
        path: of the folder or archive, for messages.
        skipped: {reason: list of names}; what has no class or no split is added to it.

    Returns:
        tuple of class names, () if there are no classes; list of Entry.

    Raises:
        InputError: if CelebA's table is missing or has no such attribute.
    """
    class_of, splits = _set_splits(entries, tables.read_splits(texts))
    if attribute:
        class_names = (f"not {attribute}", attribute)
        classes = tables.read_classes(texts.get("attributes", ""), attribute, path)
        class_of = {entry: classes.get(entry.file) for entry in entries}
    else:
        if source.variants:
            class_of = {e: re.sub(r"(?<=\D)\d+$", "", name) for e, name in class_of.items()}
        known = {_plain(name): name for name in source.class_names}
        class_of = {entry: known.get(_plain(name), name) for entry, name in class_of.items()}
        class_names = source.class_names or _in_order(set(class_of.values()) - {""})
        times = collections.Counter(map(_plain, class_names))
        if alike := [repr(name) for name in class_names if times[_plain(name)] > 1]:
            print(f"Only capitals or spaces differ: {listed(alike)}. Are they one class?")
    labels = {name: label for label, name in enumerate(class_names)} or {"": 0}
    reason, usable = "no class or no split", []
    if source.class_names and not attribute:
        others = sorted({name or "none" for name in class_of.values() if name not in labels})
        reason += f"; folders: {listed(others)}; expected: {listed(class_names)}"
    for entry in entries:
        entry.label = labels.get(class_of[entry])
        if entry.label is None or entry.split is None:
            skipped[reason].append(entry.name)
        else:
            usable.append(entry)
    in_use = {entry.label for entry in usable}
    found = [name for name in class_names if labels[name] in in_use]
    if {entry.split for entry in usable} == {"train"}:
        splits += ", so every tenth image is for testing"
    if usable:
        print(f"Splits: {splits}. Classes: {listed(found) or 'none'}.")
    return class_names, usable


def _set_splits(entries, table):
    # Returns {entry: the folder that is its class, or ""}, and what was understood, in words.
    depth = 0
    while len({entry.folder(depth) for entry in entries} - {""}) == 1:
        depth += 1
    for level in (depth, depth + 1):
        folders = {entry.folder(level) for entry in entries}
        told = {folder: split_of(folder) for folder in folders if split_of(folder)}
        for rest in sorted({rest for _, rest in told.values()}):
            splits = {folder: told[folder][0] for folder in sorted(told) if told[folder][1] == rest}
            if len(set(splits.values())) > 1:
                words = ", ".join(f"{folder} ({split})" for folder, split in splits.items())
                return _classes_in_splits(entries, depth, level, splits), words
    for entry in entries:
        name_in_food101 = f"{entry.folder(-1)}/{entry.file.rpartition('.')[0]}"
        entry.split = table.get(entry.file) or table.get(name_in_food101, "train")
    class_of = {entry: entry.folder(depth) for entry in entries}
    return class_of, "as in the table" if table else "none"


def _classes_in_splits(entries, depth, level, splits):
    groups, class_of = collections.defaultdict(list), {}
    for entry in entries:
        groups[entry.folder(level)].append(entry)
    for folder, group in groups.items():
        split = splits.get(folder)
        # A folder for the same split again, or one such as "images", is not a class.
        inner = os.path.commonprefix([entry.folders[level + 1 :] for entry in group])
        dull = [name.lower() in FILLERS or (split_of(name) or "-")[0] == split for name in inner]
        first = level + 1 + (*dull, False).index(False)
        domain = re.findall(r"(?<=[a-z])[A-Z]$", folder)  # trainA and trainB
        for entry in group:
            entry.split = split
            class_of[entry] = (*entry.folders[first:], *entry.folders[depth:level], *domain, "")[0]
    return class_of


def _plain(name):
    # What is the same in "Hot dog" and "hot_dog ".
    return " ".join(name.casefold().replace("_", " ").split())


def _in_order(names):
    all_numbers = all(name.isdecimal() for name in names)
    return tuple(sorted(names, key=lambda name: (int(name) if all_numbers else 0, name)))
