"""From a dataset to the endless stream of batches that training sees."""

import functools

import numpy as np
import tensorflow as tf

from ganlib.errors import InputError, check_number, check_seed

BLOCK_BYTES = 1 << 20  # read at once from a streamed file that is not stored in chunks
BUFFER_BYTES = 1 << 25  # of a streamed file, shuffled at once and kept in memory


def batches(dataset, batch_size, seed=0, start=0):
    """Returns an endless tf.data.Dataset of (images, labels), or of images if there are no labels.

    Each pass shows every image at most once: a last batch that would be too short is dropped. The
    order depends only on the seed and the number of the pass. It does not depend on `start`, so an
    interrupted run can continue with exactly the batches that it would have seen.

    Images that are not in memory are streamed. Blocks of the file come in random order, and the
    images are shuffled again within a buffer of several blocks.

    Args:
        dataset: a Dataset.
        batch_size: images per batch, from 1 to len(dataset).
        seed: a whole number, from 0 to errors.LARGEST_SEED, that decides the order.
        start: number of batches to skip, 0 or more. No image is read for them.

    Returns:
        Batches of (batch_size, height, width, channels) uint8 and (batch_size,) int32.

    Raises:
        InputError: if a number is out of range, or there are no images.
    """
    count = len(dataset)
    if not count:
        raise InputError(f"{dataset.name} holds no images of this split. Prepare it with more.")
    batch_size = check_number(f"batch_size for {dataset.name}", batch_size, 1, count)
    seed, start = check_seed(seed), check_number("start", start, 0)
    batches_per_pass = count // batch_size
    in_memory = isinstance(dataset.images, np.ndarray)
    row_order, gather = (_in_memory if in_memory else _streamed)(dataset, seed)
    with tf.device("CPU:0"):
        labels = None if dataset.labels is None else tf.constant(dataset.labels)

    def rows_of_pass(number):
        rows = tf.data.Dataset.from_tensor_slices(row_order(number))
        return rows.batch(batch_size, drop_remainder=True)

    def load(rows):
        images = tf.ensure_shape(gather(rows), (batch_size, *dataset.image_shape))
        return images if labels is None else (images, tf.gather(labels, rows))

    passes = tf.data.Dataset.range(start // batches_per_pass, np.iinfo("int64").max)
    rows = passes.flat_map(rows_of_pass).skip(start % batches_per_pass)
    workers = 2 if in_memory else 1  # two at a time would read a block of the file twice
    return rows.map(load, num_parallel_calls=workers, deterministic=True).prefetch(4)


def _in_memory(dataset, seed):
    # Returns two functions. The first takes the number of a pass and returns its rows in order;
    # the second takes rows and returns their images.
    with tf.device("CPU:0"):  # where the batches are made; on a GPU they would take its memory
        images = tf.constant(dataset.images)

    def row_order(number):
        rows = tf.range(len(dataset))
        return tf.random.experimental.stateless_shuffle(rows, (seed, number))

    return row_order, functools.partial(tf.gather, images)


def _streamed(dataset, seed):
    # Returns the same two functions for images in a file.
    images, count = dataset.images, len(dataset)
    row_bytes = int(np.prod(dataset.image_shape))
    block_rows = images.chunks[0] if images.chunks else max(1, BLOCK_BYTES // row_bytes)
    blocks_per_buffer = max(1, BUFFER_BYTES // (block_rows * row_bytes))

    def row_order(number):
        order = functools.partial(_streamed_order, count, block_rows, blocks_per_buffer, seed)
        return tf.ensure_shape(tf.numpy_function(order, [number], "int64"), (count,))

    @functools.lru_cache(maxsize=blocks_per_buffer)
    def read_block(block):
        return images[block * block_rows : (block + 1) * block_rows]

    def read(rows):
        return np.stack([read_block(row // block_rows)[row % block_rows] for row in rows.tolist()])

    return row_order, lambda rows: tf.numpy_function(read, [rows], "uint8")


def _streamed_order(count, block_rows, blocks_per_buffer, seed, number):
    # Blocks are permuted, then the rows within each buffer: a pass reads every block only once.
    number = int(number)
    blocks = np.random.default_rng((seed, number)).permutation(-(-count // block_rows))
    buffers = []
    for first in range(0, len(blocks), blocks_per_buffer):
        starts = np.sort(blocks[first : first + blocks_per_buffer]) * block_rows
        rows = (starts[:, None] + np.arange(block_rows)).ravel()
        rows = rows[rows < count]  # the last block of the file may be shorter
        buffers.append(np.random.default_rng((seed, number, first)).permutation(rows))
    return np.concatenate(buffers)
