"""The tables that come with CelebA and Food-101.

They say which images are for testing, and which face has which attribute.
"""

import csv
import re

from ganlib.errors import InputError, unknown

KINDS = {
    "list_attr_celeba.txt": "attributes", "list_attr_celeba.csv": "attributes",
    "list_eval_partition.txt": "splits", "list_eval_partition.csv": "splits",
    "test.txt": "tests",  # of Food-101; it lists the images for testing only
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


def read_splits(texts):
    """Returns {image: split}; an image is "000001.jpg" (CelebA) or "pie/1005649" (Food-101).

    Args:
        texts: {kind: text}, see KINDS.

    Raises:
        InputError: if CelebA's table cannot be understood.
    """
    splits = {line.strip(): "test" for line in texts.get("tests", "").splitlines()}
    if (text := texts.get("splits", "")).strip():
        numbers = _read_table(text, "list_eval_partition", None, _CELEBA_SPLITS)
        splits |= {image: _CELEBA_SPLITS[number] for image, number in numbers.items()}
    return splits


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
    numbers = _read_table(text, "list_attr_celeba", attribute, ("-1", "0", "1"))
    return {image: "not " * (numbers[image] != "1") + attribute for image in numbers}


def _read_table(text, name, attribute, known):
    # Returns {image: number} from the column of an attribute, or the last one. A row that is not
    # understood is refused, since a number is worthless beside the wrong image.
    def refuse(line, reason):
        raise InputError(f"{name} cannot be understood: line {line} {reason}.")

    lines = [line.strip(" ") for line in text.splitlines()]
    first = next((i for i, line in enumerate(lines) if not _BEFORE_HEADER.fullmatch(line)), 0)
    separator = next((each for each in "\t;|," if each in lines[first]), " ")
    table = csv.reader(lines[first:], delimiter=separator, skipinitialspace=True)
    try:
        rows = [(first + table.line_num, [cell.strip() for cell in row]) for row in table if row]
    except csv.Error as error:
        refuse(first + table.line_num, f"is not a line of a table ({error})")
    columns = [[i for i, cell in enumerate(row) if _IMAGE.fullmatch(cell)] for _, row in rows[:2]]
    if not any(columns):
        refuse(first + 2, "names no image")
    header = [] if columns[0] else rows.pop(0)[1]
    of_image, width = (columns[0] or columns[1])[0], len(rows[0][1])
    if len(header) in (0, width - 1):  # there is none, or it does not name the first column
        header = [""] * (width - len(header)) + header
    if "image_id" in header and header.index("image_id") != of_image:
        refuse(first + 1, f"names {len(header)} columns, but not as the next line fills them")
    if attribute not in (None, *header):
        raise unknown("attribute", attribute, header)
    column, numbers = header.index(attribute) if attribute else -1, {}
    for line, row in rows:
        if len(row) != len(header):
            refuse(line, f"has {len(row)} cells; expected {len(header)}")
        image = row[of_image].rpartition("/")[2]
        if not _IMAGE.fullmatch(image) or image in numbers:
            refuse(line, f"names {image!r}, which is not an image or occurred before")
        numbers[image] = re.sub(r"[.,]0*$", "", row[column])  # 1.0, or 1,0 in many countries
        if numbers[image] not in known:
            refuse(line, f"has {row[column]!r}; expected {', '.join(known)}")
    return numbers
