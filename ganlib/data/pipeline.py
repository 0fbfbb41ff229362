"""From a dataset to the endless stream of batches that training sees."""

import numpy as np
import tensorflow as tf

from ganlib.errors import InputError

BLOCK_BYTES, BUFFER_BYTES = 1 << 20, 1 << 25  # of a streamed file: read at once where it has no chunks; shuffled at once


def batches(dataset, batch_size, seed=0, start=0):
    """Returns an endless tf.data.Dataset of (images, labels), or of images where there are no labels.

    Every image comes once per pass, in an order that is a function of the seed and the pass; a last batch that is too
    short is left out. `start` skips so many batches at no cost: the order does not depend on when one begins.

    Images that are not in memory are streamed: blocks of the file in random order, shuffled again within a buffer.

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
    if not isinstance(dataset.images, np.ndarray):
        return _streamed(dataset, batch_size, seed, start)
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


def _streamed(dataset, batch_size, seed, start):
    images, labels, count = dataset.images, dataset.labels, len(dataset)
    row_bytes = int(np.prod(dataset.image_shape))
    block = images.chunks[0] if images.chunks else max(1, BLOCK_BYTES // row_bytes)  # rows; whole chunks of the file
    num_blocks, blocks_per_buffer = -(-count // block), max(1, BUFFER_BYTES // (block * row_bytes))

    def read(blocks):
        starts = sorted(int(number) * block for number in blocks)
        rows = np.concatenate([np.arange(first, min(first + block, count)) for first in starts])
        return np.concatenate([images[first : first + block] for first in starts]), rows

    def generate():
        number, skipped = divmod(start, count // batch_size)
        while True:
            order = np.random.default_rng((seed, number)).permutation(num_blocks)
            left, left_rows = np.empty((0, *dataset.image_shape), "uint8"), np.empty(0, "int64")
            ahead = skipped * batch_size  # rows of this pass that belong to batches before the first one wanted
            for first in range(0, num_blocks, blocks_per_buffer):
                chosen = order[first : first + blocks_per_buffer]
                size = len(chosen) * block - (block * num_blocks - count) * (num_blocks - 1 in chosen)
                if ahead >= size:
                    ahead -= size
                    continue
                pixels, rows = read(chosen)
                mixed = np.random.default_rng((seed, number, first)).permutation(size)[ahead:]
                left, left_rows, ahead = np.concatenate([left, pixels[mixed]]), np.concatenate([left_rows, rows[mixed]]), 0
                whole = len(left) // batch_size * batch_size
                for i in range(0, whole, batch_size):
                    batch = left[i : i + batch_size]
                    yield batch if labels is None else (batch, labels[left_rows[i : i + batch_size]])
                left, left_rows = left[whole:], left_rows[whole:]
            number, skipped = number + 1, 0

    signature = tf.TensorSpec((batch_size, *dataset.image_shape), "uint8")
    if labels is not None:
        signature = (signature, tf.TensorSpec((batch_size,), "int32"))
    return tf.data.Dataset.from_generator(generate, output_signature=signature).prefetch(4)
