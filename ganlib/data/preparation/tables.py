"""The tables that come with CelebA and Food-101.

They say which images are for testing, and which face has which attribute.
"""

from ganlib.errors import InputError, unknown

KINDS = {
    "list_attr_celeba.txt": "attributes", "list_attr_celeba.csv": "attributes",
    "list_eval_partition.txt": "splits", "list_eval_partition.csv": "splits",
    "test.txt": "splits",  # of Food-101; it lists the images for testing only
}  # fmt: skip
_CELEBA_SPLITS = {"0": "train", "1": "validation", "2": "test"}


def beside(path):
    """Returns {kind: text} of the tables that CelebA keeps outside its folder or zip of images."""
    texts = {}
    for folder in (path.parent, path.parent / "../Anno", path.parent / "../Eval"):
        for file in sorted(folder.glob("list_*")):
            if file.name in KINDS:
                texts.setdefault(KINDS[file.name], file.read_text(errors="replace"))
    return texts


def read_splits(text):
    """Returns {image: split}; an image is "000001.jpg" (CelebA) or "pie/1005649" (Food-101)."""
    return {row[0]: _CELEBA_SPLITS.get(row[-1], "test") for row in _rows(text)}


def read_classes(text, attribute, path):
    """Returns {image: class name}, such as "Smiling" or "not Smiling", from CelebA's table.

    Args:
        text: the content of list_attr_celeba.txt or .csv, or "" if there is no such file.
        attribute: the name of a column.
        path: where the images are, for the message.

    Raises:
        InputError: if there is no table, or no such column in it.
    """
    rows = [row for row in _rows(text) if len(row) > 1]  # the .txt begins with a count of images
    if not rows:
        raise InputError(f"--attribute needs list_attr_celeba.txt or .csv in or beside {path}.")
    header = rows[0] if rows[0][0] == "image_id" else ["image_id", *rows[0]]  # not in the .txt
    if attribute not in header[1:]:
        raise unknown("attribute", attribute, header[1:])
    column = header.index(attribute)
    return {row[0]: attribute if row[column] == "1" else f"not {attribute}" for row in rows[1:]}


def _rows(text):
    return [line.replace(",", " ").split() for line in text.splitlines() if line.strip()]
