"""Faces that need no login: Labeled Faces in the Wild, as scikit-learn downloads it."""

import numpy as np

from ganlib.data.formats import first_line
from ganlib.errors import InputError

MIDDLE = slice(61, 189), slice(61, 189)  # of 250 x 250 pixels: the face with its hair


def load(folder):
    """Returns all 13,233 faces, (count, 32, 32, 3) uint8.

    If they are not there yet, they are downloaded into the folder (233 MB), and scikit-learn
    verifies them. The faces are those of Huang et al. 2007, "funneled": moved so that eyes and
    mouths are at about the same places.

    Raises:
        InputError: if the download fails.
    """
    from sklearn.datasets import fetch_lfw_people

    try:
        people = fetch_lfw_people(data_home=folder, color=True, slice_=MIDDLE, resize=1 / 4)
    except (OSError, EOFError, ValueError, RuntimeError) as error:  # RuntimeError: no picture
        raise InputError(f"Labeled Faces in the Wild could not be read into {folder}: "
                         f"{first_line(error)}. Delete that folder and try again; or use another "
                         "collection (data/README.md says which).") from error
    return np.round(people.images * 255).astype("uint8")
