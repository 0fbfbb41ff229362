"""Layers: two of Keras's, computed faster on processors, and one that moves images about."""

import keras
import tensorflow as tf
from keras import ops


@keras.saving.register_keras_serializable("ganlib")
class BatchNormalization(keras.layers.BatchNormalization):
    """Like keras.layers.BatchNormalization; in training, one fused operation normalizes image maps.

    Keras takes the mean, the squared differences and the scaling one after the other and in
    float32. The fused operation reads the map once, stays in the precision of the layer, and keeps
    its statistics in float32. The results agree within rounding. It pays off in bfloat16: a step of
    mnist_dcgan in profile full took 172 ms instead of 265 on two cores with AVX512_BF16. In float32
    on two cores with AVX2, neither is faster; benchmarks/bench_normalization.py measures it.

    What the operation cannot do is left to Keras. ganlib.store.save_generator writes Keras's own
    layer in place of this one.
    """

    def call(self, inputs, training=None, mask=None):
        plain = not (getattr(self, "renorm", False) or self.synchronized or mask is not None)
        maps = len(inputs.shape) == 4 and self.axis in (-1, 3)
        if not (training and self.trainable and plain and maps):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            tf.cast(inputs, self.compute_dtype),
            self.gamma.value if self.scale else tf.ones(channels),
            self.beta.value if self.center else tf.zeros(channels),
            epsilon=self.epsilon,
            is_training=True,
        )
        # The operation returns the unbiased estimate of the variance; Keras keeps the biased one.
        count = tf.cast(tf.size(inputs) // channels, "float32")
        biased = variance * (count - 1.0) / count
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, biased)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs


@keras.saving.register_keras_serializable("ganlib")
class Dropout(keras.layers.Dropout):
    """Like keras.layers.Dropout, with the same masks outside XLA.

    TensorFlow's random numbers come from the Philox generator, unless XLA may choose another one.
    What XLA 2.21 chooses on a processor took 286 ms for 800,000 numbers instead of 4, and a step of
    digits_dcgan 1,041 ms instead of 140 (two cores with AVX2). So the generator is named here.
    noise_shape is left to Keras.
    """

    def call(self, inputs, training=False):
        if not training or not self.rate or self.noise_shape is not None:
            return super().call(inputs, training=training)
        # A seed of 32 bits, as Keras makes it.
        seed = tf.cast(tf.math.floormod(self.seed_generator.next(), tf.int32.max - 1), "int32")
        return tf.nn.experimental.stateless_dropout(inputs, self.rate, seed, rng_alg="philox")


@keras.saving.register_keras_serializable("ganlib")
class ShiftAndMirror(keras.layers.Layer):
    """In training, mirrors about half of the images and shifts each by a few whole pixels.

    As the first layer of a discriminator, it makes a small dataset hard to learn by heart. Real and
    generated images are moved alike, and gradients pass through. So the generator does not learn to
    move its images: only images that sit where the real ones do look right wherever they are moved.
    It may mirror them, which does no harm to most photographs.

    Keras has RandomFlip and RandomTranslation, but XLA cannot compile the latter.

    Source: Zhao et al. 2020, section 3.2 (translation).
    """

    def __init__(self, shift=0.125, **kwargs):
        """Takes the largest shift, as a share of the height and of the width."""
        super().__init__(**kwargs)
        self.shift = shift
        self.seed_generator = keras.random.SeedGenerator()

    def call(self, images, training=False):
        if not training:
            return images
        batch, height, width, _ = ops.shape(images)
        seed = tf.cast(self.seed_generator.next(), "int32")
        drawn = tf.random.stateless_uniform((3, batch, 1), seed, alg="philox")
        rows, columns = (ops.arange(size)[None] + self._pixels(size, each)
                         for size, each in ((height, drawn[0]), (width, drawn[1])))
        columns = ops.where(drawn[2] < 0.5, columns, width - 1 - columns)
        # Of a row or column from outside, one_hot makes zeros, which are a medium gray.
        rows, columns = (ops.one_hot(each, size, dtype=images.dtype)
                         for each, size in ((rows, height), (columns, width)))
        return ops.einsum("bih,bhwc,bjw->bijc", rows, images, columns)

    def _pixels(self, size, share):
        most = int(self.shift * size)
        return ops.cast(ops.floor(share * (2 * most + 1)), "int32") - most

    def get_config(self):
        return super().get_config() | {"shift": self.shift}
