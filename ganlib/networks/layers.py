"""Two of Keras's layers, computed faster on processors: batch normalization and dropout."""

import keras
import tensorflow as tf


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
