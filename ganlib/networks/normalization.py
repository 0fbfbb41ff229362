"""Keras's batch normalization, computed faster."""

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("ganlib")
class BatchNormalization(keras.layers.BatchNormalization):
    """As keras.layers.BatchNormalization, but for image maps in training one fused operation does the arithmetic.

    Keras's own takes the mean, the squared differences and the scaling one after the other and in float32; the fused
    operation reads the map once, stays in the precision of the layer, and keeps its statistics in float32. The results
    agree within rounding. ganlib.store.save_generator writes Keras's own layer in its place.
    """

    def call(self, inputs, training=None, mask=None):
        if not training or len(inputs.shape) != 4:
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            tf.cast(inputs, self.compute_dtype), self.gamma.value, self.beta.value, epsilon=self.epsilon, is_training=True
        )
        # The operation returns the unbiased estimate of the variance; Keras keeps the biased one.
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], "float32")
        for moving, batch in ((self.moving_mean, mean), (self.moving_variance, variance * (count - 1.0) / count)):
            moving.assign(moving * self.momentum + batch * (1.0 - self.momentum))
        return outputs
