"""The two players' losses, and the penalties that keep the discriminator smooth.

A loss takes the logits of real and of generated images and returns one value per example; the
caller takes the mean. A logit is the discriminator's answer before the sigmoid: positive means
"real". A label is the answer that a player wants: 1 for real, 0 for fake, numbers in between where
labels are smoothed, one per example where they are soft.
"""

from collections import namedtuple

import tensorflow as tf
from keras import ops

from ganlib.errors import check_name


def _cross_entropy(label, logits):
    # -log sigmoid(x) = softplus(-x) and -log(1 - sigmoid(x)) = softplus(x) never overflow.
    return label * ops.softplus(-logits) + (1.0 - label) * ops.softplus(logits)


def non_saturating_discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """Returns the mean of the cross-entropies on real and on generated images, (batch, 1).

    It is log 2 = 0.693 where the discriminator can only guess.

    Args:
        real_logits, fake_logits: (batch, 1) float32.
        real_label, fake_label: float, or (batch, 1); usually in [0, 1].

    Source: Goodfellow et al. 2014, algorithm 1, halved so that both players' losses compare.
    """
    return 0.5 * (_cross_entropy(real_label, real_logits) + _cross_entropy(fake_label, fake_logits))


def non_saturating_generator_loss(real_logits, fake_logits, label=1.0):
    """Returns -log D(G(z)) per example, (batch, 1), which is steep where D is sure.

    Source: Goodfellow et al. 2014, section 3. It does not use `real_logits`.
    """
    return _cross_entropy(label, fake_logits)


def minimax_generator_loss(real_logits, fake_logits, label=1.0):
    """Returns log(1 - D(G(z))) per example, (batch, 1), which is flat where D is sure.

    Source: Goodfellow et al. 2014, equation 1. It does not use `real_logits`.
    """
    return -_cross_entropy(1.0 - label, fake_logits)


def wasserstein_discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """Returns D(G(z)) - D(x) per example, (batch, 1). It has no bounds: keep D's slope small.

    Source: Arjovsky et al. 2017, equation 3. It does not use the labels.
    """
    return fake_logits - real_logits


def wasserstein_generator_loss(real_logits, fake_logits, label=1.0):
    """Returns -D(G(z)) per example, (batch, 1). Source: Arjovsky et al. 2017, equation 3."""
    return -fake_logits


# The generator of a relativistic loss gets what D now says about the real images. Other losses save
# that pass: their generator gets None for the real logits.
Loss = namedtuple("Loss", "discriminator generator relativistic", defaults=[False])
LOSSES = {
    "non_saturating": Loss(non_saturating_discriminator_loss, non_saturating_generator_loss),
    "minimax": Loss(non_saturating_discriminator_loss, minimax_generator_loss),
    "wasserstein": Loss(wasserstein_discriminator_loss, wasserstein_generator_loss),
}


def get(loss):
    """Returns the Loss of a name, a pair of functions (discriminator, generator); a Loss as it is.

    Raises:
        InputError: if there is no loss of that name.
    """
    if isinstance(loss, Loss):
        return loss
    check_name("loss", loss, LOSSES)
    return LOSSES[loss]


R1_STRIDE = 4  # of the real images in a batch, every fourth pays the R1 penalty, to save time


def r1_penalty(judge, images, fakes, labels, share):
    """Returns half the squared length of D's gradient at real images, (batch / R1_STRIDE,).

    Args:
        judge: function of images and labels to logits, D in training mode.
        images, fakes: (batch, height, width, channels) float32 in [-1, 1].
        labels: (batch,) int, or None.
        share: (batch, 1, 1, 1) float32, drawn evenly from [0, 1).

    Source: Mescheder et al. 2018, equation 9. It uses neither `fakes` nor `share`.
    """
    labels = None if labels is None else labels[::R1_STRIDE]
    return 0.5 * _squared_slopes(judge, images[::R1_STRIDE], labels)


def gradient_penalty(judge, images, fakes, labels, share):
    """Returns (|D's gradient| - 1) squared, (batch,), at points between real and generated images.

    Its usual weight is 10. Arguments as for `r1_penalty`.

    Source: Gulrajani et al. 2017, equation 3.
    """
    squared = _squared_slopes(judge, fakes + share * (images - fakes), labels)
    return ops.square(ops.sqrt(squared + 1e-12) - 1.0)  # the root has no slope at zero


def _squared_slopes(judge, images, labels):
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        logits = ops.sum(judge(images, labels))
    return ops.sum(ops.square(tape.gradient(logits, images)), axis=(1, 2, 3))
