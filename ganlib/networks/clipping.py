"""Weight clipping, an old way to keep the slope of a discriminator small.

Source: Arjovsky et al. 2017.
"""

import keras
from keras import ops


@keras.saving.register_keras_serializable("ganlib")
class ClipWeights(keras.constraints.Constraint):
    """A Keras constraint: after each update, every weight is clipped to [-limit, limit]."""

    def __init__(self, limit):
        self.limit = limit

    def __call__(self, weights):
        return ops.clip(weights, -self.limit, self.limit)

    def get_config(self):
        return {"limit": self.limit}


def clip_weights(network, limit):
    """Makes every optimizer keep the trainable weights of a network in [-limit, limit]."""
    for variable in network.trainable_variables:
        variable.constraint = ClipWeights(limit)
