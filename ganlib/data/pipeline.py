"""From a dataset to the endless stream of batches that training sees."""

import numpy as np
import tensorflow as tf

from ganlib.settings import InputError


def batches(dataset, batch_size, seed=0, start=0):
    """Returns an endless tf.data.Dataset of (images, labels), or of images where there are no labels.

    Every image comes once per pass, in an order that is a function of the seed and the pass; a last batch that is too
    short is left out. `start` skips so many batches at no cost: the order does not depend on when one begins.

    Args:
        dataset: a Dataset.
        batch_size: images per batch.
        seed: of the order.
        start: number of the first batch.

    Returns:
        Batches of (batch_size, height, width, channels) uint8 and (batch_size,) int32.
    """
    if not 1 <= batch_size <= len(dataset):
        raise InputError(
            f"batch_size is {batch_size}, but {dataset.name} has {len(dataset)} images; expected 1 to {len(dataset)}."
        )
    batches_per_pass = len(dataset) // batch_size
    images = tf.constant(dataset.images)
    labels = None if dataset.labels is None else tf.constant(dataset.labels)

    def indices(number):
        order = tf.random.experimental.stateless_shuffle(tf.range(len(dataset)), (seed, number))
        return tf.data.Dataset.from_tensor_slices(order).batch(batch_size, drop_remainder=True)

    def gather(index):
        return tf.gather(images, index) if labels is None else (tf.gather(images, index), tf.gather(labels, index))

    passes = tf.data.Dataset.range(start // batches_per_pass, np.iinfo("int64").max)
    stream = passes.flat_map(indices).skip(start % batches_per_pass)
    return stream.map(gather, num_parallel_calls=2, deterministic=True).prefetch(4)
