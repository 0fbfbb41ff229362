"""The tables that come with CelebA and Food-101.

They say which images are for testing, and which face has which attribute.
"""

import csv
import functools
import re

from ganlib.errors import InputError, unknown

KINDS = {
    "list_attr_celeba.txt": "attributes", "list_attr_celeba.csv": "attributes",
    "list_eval_partition.txt": "splits", "list_eval_partition.csv": "splits",
    "test.txt": "splits",  # of Food-101; it lists the images for testing only
}  # fmt: skip
_BEFORE_HEADER = re.compile(r"\d*|sep=.")  # a count of images; what Excel adds
_IMAGE = re.compile(r".+\.[A-Za-z]\w*")
_CELEBA_SPLITS = {"0": "train", "1": "validation", "2": "test"}


def decode(content):
    """Returns the text in the bytes of a table: UTF-8, or UTF-16 as spreadsheets write it."""
    is_utf16 = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    return content.decode("utf-16" if is_utf16 else "utf-8-sig", errors="replace")


def beside(path):
    """Returns {kind: text} of the tables that CelebA keeps outside its folder or zip of images."""
    texts = {}
    for folder in (path.parent, path.parent / "../Anno", path.parent / "../Eval"):
        for file in sorted(folder.glob("list_*")):
            if file.name in KINDS:
                texts.setdefault(KINDS[file.name], decode(file.read_bytes()))
    return texts


def read_splits(text):
    """Returns {image: split}; an image is "000001.jpg" (CelebA) or "pie/1005649" (Food-101).

    Raises:
        InputError: if it is CelebA's table, but cannot be understood.
    """
    if not re.search(r"image_id|\.\w+\W+[012]\W*$", text, re.M):
        return {line.strip(): "test" for line in text.splitlines()}  # Food-101 lists the test split
    _, rows = _read_table(text, "list_eval_partition")
    return {image: _CELEBA_SPLITS[number(-1, "012")] for image, number in rows.items()}


def read_classes(text, attribute, path):
    """Returns {image: class name}, such as "Smiling" or "not Smiling", from CelebA's table.

    Args:
        text: the content of list_attr_celeba.txt or .csv, or "" if there is no such file. A
            spreadsheet may have saved it again.
        attribute: the name of a column.
        path: where the images are, for the message.

    Raises:
        InputError: if there is no table, it cannot be understood, or has no such column.
    """
    if not text.strip():
        raise InputError(f"--attribute needs list_attr_celeba.txt or .csv in or beside {path}.")
    header, rows = _read_table(text, "list_attr_celeba")
    if attribute not in header:
        raise unknown("attribute", attribute, header)
    column, names = header.index(attribute), {"1": attribute}
    classes = {image: number(column, ("-1", "0", "1")) for image, number in rows.items()}
    return {image: names.get(value, f"not {attribute}") for image, value in classes.items()}


def _read_table(text, name):
    # Returns the header, and {image: function from a column and the known numbers to its number}.
    def refuse(line, reason):
        raise InputError(f"{name} cannot be understood: line {line} {reason}.")

    lines = [line.strip(" ") for line in text.splitlines()]
    first = next((i for i, line in enumerate(lines) if not _BEFORE_HEADER.fullmatch(line)), 0)
    separator = next((each for each in "\t;|," if each in lines[first]), " ")
    table = csv.reader(lines[first:], delimiter=separator, skipinitialspace=True)
    try:
        rows = [(first + table.line_num, [cell.strip() for cell in row]) for row in table if row]
    except csv.Error as error:
        refuse(first + table.line_num, f"is no line of a table ({error})")
    columns = [[i for i, cell in enumerate(row) if _IMAGE.fullmatch(cell)] for _, row in rows[:2]]
    if not any(columns):
        refuse(first + 2, "names no image")
    header = [] if columns[0] else rows.pop(0)[1]
    column, width = (columns[0] or columns[1])[0], len(rows[0][1])
    if len(header) in (0, width - 1):  # there is none, or it does not name the first column
        header = [""] * (width - len(header)) + header
    if "image_id" in header and header.index("image_id") != column:
        refuse(first + 1, f"names {len(header)} columns, but not as the next line fills them")
    found = {}
    for line, row in rows:
        if len(row) != len(header):
            refuse(line, f"has {len(row)} cells; expected {len(header)}")
        image = row[column].rpartition("/")[2]
        if not _IMAGE.fullmatch(image) or image in found:
            refuse(line, f"names {image!r}, which is no image or was there before")
        found[image] = functools.partial(_number, line, row, refuse)
    return header, found


def _number(line, row, refuse, column, known):
    # "1,0" is how a spreadsheet writes 1 in many countries.
    number = re.sub(r"[.,]0*$", "", row[column])
    if number not in known:
        refuse(line, f"has {row[column]!r}; expected {', '.join(known)}")
    return number
