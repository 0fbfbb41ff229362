"""Datasets made from datasets: gray from colour, and labels for images that have none."""

import dataclasses

import numpy as np
from keras import ops
from PIL import Image

from ganlib.errors import InputError, check_number, check_seed


def to_gray(dataset):
    """Returns the Dataset with one channel, uint8: each pixel is 0.299 R + 0.587 G + 0.114 B.

    A gray Dataset is returned as it is.

    Raises:
        InputError: if colour images are streamed because they are too large for memory.

    Source: Recommendation ITU-R BT.601.
    """
    if dataset.image_shape[-1] == 1:
        return dataset
    if not isinstance(dataset.images, np.ndarray):
        hint = f"python -m ganlib data prepare {dataset.name} --from PATH --gray"
        raise InputError(f"{dataset.name} is too large to turn gray in memory. Run: {hint}.")
    images = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in dataset.images])
    return dataclasses.replace(dataset, images=images[..., None])


def clustered(dataset, count, seed=0):
    """Returns the Dataset with clusters of similar images as classes, "cluster 1" and so on.

    k-means compares the images at 8x8 pixels, so light, colours and large shapes decide. The same
    data and seed give the same labels.

    Args:
        dataset: a Dataset; its labels, if any, are replaced.
        count: number of clusters, from 1 to the number of images.
        seed: a whole number, from 0 to errors.LARGEST_SEED, that decides the first guess.

    Raises:
        InputError: if a number is out of range.
    """
    from sklearn.cluster import MiniBatchKMeans

    count = check_number(f"count of clusters of {dataset.name}", count, 1, len(dataset))
    seed = check_seed(seed)
    small = []
    for first in range(0, len(dataset), 1024):
        block = dataset.images[first : first + 1024] / np.float32(255)
        small.append(ops.convert_to_numpy(ops.image.resize(block, (8, 8), antialias=True)))
    features = np.concatenate(small).reshape(len(dataset), -1)
    labels = MiniBatchKMeans(count, random_state=seed, n_init=3).fit_predict(features)
    names = tuple(f"cluster {i + 1}" for i in range(count))
    return dataclasses.replace(dataset, labels=labels.astype("int32"), class_names=names)
