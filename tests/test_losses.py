import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib import losses
from ganlib.errors import InputError

LOGITS = np.array([[-30.0], [-1.0], [0.0], [2.0], [30.0]], "float32")


@pytest.mark.parametrize("label", [1.0, 0.0, 0.95])
def test_generator_loss_agrees_with_keras_cross_entropy(label):
    ours = np.array(losses.non_saturating_generator_loss(LOGITS, label))
    theirs = keras.losses.binary_crossentropy(np.full_like(LOGITS, label), LOGITS, from_logits=True)
    assert ours.shape == (5, 1)
    np.testing.assert_allclose(ours[:, 0], theirs, atol=1e-5)


def test_discriminator_loss_is_the_mean_of_both_cross_entropies():
    ours = np.array(losses.non_saturating_discriminator_loss(LOGITS, -LOGITS, 0.9, 0.1))
    real = keras.losses.binary_crossentropy(np.full_like(LOGITS, 0.9), LOGITS, from_logits=True)
    fake = keras.losses.binary_crossentropy(np.full_like(LOGITS, 0.1), -LOGITS, from_logits=True)
    np.testing.assert_allclose(ours[:, 0], 0.5 * (real + fake), atol=1e-5)


def test_a_guessing_discriminator_costs_log_2():
    zero = np.zeros((1, 1), "float32")
    for loss in (losses.non_saturating_discriminator_loss(zero, zero), losses.non_saturating_generator_loss(zero)):
        assert float(loss[0, 0]) == pytest.approx(0.693147, abs=1e-6)


def test_slopes_are_those_of_the_sigmoid_also_where_the_discriminator_cannot_tell():
    logits = tf.Variable(LOGITS)
    for label in (1.0, 0.9, 0.0):
        with tf.GradientTape() as tape:
            loss = losses.non_saturating_generator_loss(logits, label)
        np.testing.assert_allclose(tape.gradient(loss, logits), 1 / (1 + np.exp(-LOGITS)) - label, atol=1e-6)


def test_minimax_generator_loss_has_hand_computed_values():
    ours = np.array(losses.minimax_generator_loss(LOGITS))
    expected = -np.log1p(np.exp(LOGITS.astype("float64")))  # log(1 - sigmoid(x))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_wasserstein_losses_are_differences_of_answers():
    pair = losses.get("wasserstein")
    np.testing.assert_array_equal(pair.discriminator(np.float32([[3.0], [1.0]]), np.float32([[1.0], [4.0]])), [[-2.0], [3.0]])
    np.testing.assert_array_equal(pair.generator(np.float32([[1.0], [4.0]])), [[-1.0], [-4.0]])


def test_losses_are_finite_for_huge_logits():
    huge = np.float32([[1e4], [-1e4]])
    for name in losses.LOSSES:
        pair = losses.get(name)
        assert np.isfinite(np.array(pair.discriminator(huge, huge))).all()
        assert np.isfinite(np.array(pair.generator(huge))).all()


def test_unknown_loss_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'non_saturating'"):
        losses.get("non_saturation")
