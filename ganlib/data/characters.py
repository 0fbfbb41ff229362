"""Kuzushiji-MNIST from OpenML, for when its own server does not answer."""

import hashlib
import tempfile

import numpy as np

from ganlib.data.formats import first_line
from ganlib.errors import InputError
from ganlib.files import atomic

NUM_TRAIN = 60_000
# MD5 of what follows the headers in two of the four published files.
TRAIN_LABELS, TEST_IMAGES = "01d91eac8e8aa01863c96423e7955ca0", "32427fb73c7a9340d81b275d997711bc"


def load(folder, failure):
    """Writes all 70,000 images and their labels to kmnist.npz in a folder, laid out like Keras's.

    scikit-learn downloads them from openml.org, and the labels for training and the images for
    testing are compared with the published ones. What is there is not downloaded again.

    Args:
        folder: a Path.
        failure: the InputError with which the download from the usual place has failed.

    Raises:
        InputError: if this download fails as well, or brings something else.
    """
    from sklearn.datasets import fetch_openml

    if (folder / "kmnist.npz").exists():
        return
    print(f"{failure} Trying openml.org instead; this takes some minutes.")
    with tempfile.TemporaryDirectory() as home:
        try:
            pixels, labels = fetch_openml("Kuzushiji-MNIST", version=1, data_home=home,
                                          as_frame=False, return_X_y=True)
        except (OSError, ValueError) as error:  # the network fails, or the checksum is wrong
            raise InputError(f"{failure} openml.org failed, too: {first_line(error)}") from error
    images = pixels.astype("uint8").reshape(-1, 28, 28)
    labels = labels.astype("uint8")
    kept = labels[:NUM_TRAIN], images[NUM_TRAIN:]
    found = [hashlib.md5(array.tobytes()).hexdigest() for array in kept]
    if found != [TRAIN_LABELS, TEST_IMAGES]:
        raise InputError(f"{failure} openml.org sent other images, or the same ones in another "
                         "order.")
    arrays = {"x_train": images[:NUM_TRAIN], "y_train": labels[:NUM_TRAIN],
              "x_test": images[NUM_TRAIN:], "y_test": labels[NUM_TRAIN:]}
    with atomic(folder / "kmnist.npz") as partial:
        np.savez(partial, **arrays)
