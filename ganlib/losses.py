"""The two players' losses: logits in, one value per example out; the caller takes the mean.

A logit is the discriminator's answer before the sigmoid: positive means "real". A label is the answer that a player
wants to hear: 1 for real, 0 for fake, numbers in between when labels are smoothed, one per example when they are soft.
"""

from collections import namedtuple

from keras import ops

from ganlib.errors import unknown


def _cross_entropy(label, logits):
    # -log sigmoid(x) = softplus(-x) and -log(1 - sigmoid(x)) = softplus(x), which neither overflow nor lose digits.
    return label * ops.softplus(-logits) + (1.0 - label) * ops.softplus(logits)


def non_saturating_discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """Returns the mean of the cross-entropies on real and on generated images, log 2 = 0.693 where D can only guess.

    Args:
        real_logits, fake_logits: (batch, 1) float32.
        real_label, fake_label: float, or (batch, 1); usually in [0, 1].

    Returns:
        (batch, 1) float32. Source: Goodfellow et al. 2014, algorithm 1, halved so that both players' losses compare.
    """
    return 0.5 * (_cross_entropy(real_label, real_logits) + _cross_entropy(fake_label, fake_logits))


def non_saturating_generator_loss(fake_logits, label=1.0):
    """Returns -log D(G(z)) per example, (batch, 1): strong where D is sure. Source: Goodfellow et al. 2014, section 3."""
    return _cross_entropy(label, fake_logits)


def minimax_generator_loss(fake_logits, label=1.0):
    """Returns log(1 - D(G(z))) per example, (batch, 1): flat where D is sure. Source: Goodfellow et al. 2014, equation 1."""
    return -_cross_entropy(1.0 - label, fake_logits)


def wasserstein_discriminator_loss(real_logits, fake_logits, real_label=1.0, fake_label=0.0):
    """Returns D(G(z)) - D(x) per example, (batch, 1), which has no bounds: D's slope must be kept small by other means.

    Labels play no part. Source: Arjovsky et al. 2017, equation 3.
    """
    return fake_logits - real_logits


def wasserstein_generator_loss(fake_logits, label=1.0):
    """Returns -D(G(z)) per example, (batch, 1). Source: Arjovsky et al. 2017, equation 3."""
    return -fake_logits


Loss = namedtuple("Loss", "discriminator generator")
LOSSES = {
    "non_saturating": Loss(non_saturating_discriminator_loss, non_saturating_generator_loss),
    "minimax": Loss(non_saturating_discriminator_loss, minimax_generator_loss),
    "wasserstein": Loss(wasserstein_discriminator_loss, wasserstein_generator_loss),
}


def get(name):
    """Returns the Loss, a pair of functions (discriminator, generator), of that name; raises InputError otherwise."""
    if name not in LOSSES:
        raise unknown("loss", name, LOSSES)
    return LOSSES[name]
