"""Datasets made from datasets: gray from colour, and labels where there are none."""

import dataclasses

import numpy as np
from keras import ops
from PIL import Image

from ganlib.errors import InputError


def to_gray(dataset):
    """Returns the Dataset in one channel, uint8, each pixel 0.299 R + 0.587 G + 0.114 B; a gray Dataset as it is.

    Raises:
        InputError: if colour images are streamed, because they are too large for memory.

    Source: Recommendation ITU-R BT.601.
    """
    if dataset.image_shape[-1] == 1:
        return dataset
    if not isinstance(dataset.images, np.ndarray):
        raise InputError(
            f"{dataset.name} is in colour and too large to be turned to gray in memory. Make its file gray: "
            f"python -m ganlib data prepare {dataset.name} --from PATH --gray."
        )
    images = np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in dataset.images])
    return dataclasses.replace(dataset, images=images[..., None])


def clustered(dataset, count, seed=0):
    """Returns the Dataset with labels from 0 to `count` - 1 by which images look alike; the names are "cluster 1" and so on.

    k-means compares the images at 8x8 pixels, so light, colours and large shapes decide. The same data and seed give the
    same labels.

    Args:
        dataset: a Dataset; labels that it has are replaced.
        count: number of clusters.
        seed: of the first guess.

    Raises:
        InputError: if there are fewer images than clusters.
    """
    from sklearn.cluster import MiniBatchKMeans

    if not 1 <= count <= len(dataset):
        raise InputError(f"{dataset.name} has {len(dataset)} images for {count} clusters; expected 1 to {len(dataset)} clusters.")
    blocks = (dataset.images[i : i + 1024] / np.float32(255) for i in range(0, len(dataset), 1024))
    small = np.concatenate([ops.convert_to_numpy(ops.image.resize(block, (8, 8), antialias=True)) for block in blocks])
    labels = MiniBatchKMeans(count, random_state=seed, n_init=3).fit_predict(small.reshape(len(small), -1))
    return dataclasses.replace(
        dataset, labels=labels.astype("int32"), class_names=tuple(f"cluster {i + 1}" for i in range(count))
    )
