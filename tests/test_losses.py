import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib import losses
from ganlib.errors import InputError

LOGITS = np.array([[-30.0], [-1.0], [0.0], [2.0], [30.0]], "float32")


@pytest.mark.parametrize("label", [1.0, 0.0, 0.95])
def test_generator_loss_agrees_with_keras_cross_entropy(label):
    ours = np.array(losses.non_saturating_generator_loss(None, LOGITS, label))
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
    pair = losses.get("non_saturating")
    for loss in (pair.discriminator(zero, zero), pair.generator(zero, zero)):
        assert float(loss[0, 0]) == pytest.approx(0.693147, abs=1e-6)


def test_slopes_are_those_of_the_sigmoid_also_where_the_discriminator_cannot_tell():
    logits = tf.Variable(LOGITS)
    for label in (1.0, 0.9, 0.0):
        with tf.GradientTape() as tape:
            loss = losses.non_saturating_generator_loss(None, logits, label)
        expected = 1 / (1 + np.exp(-LOGITS)) - label
        np.testing.assert_allclose(tape.gradient(loss, logits), expected, atol=1e-6)


def test_minimax_generator_loss_has_hand_computed_values():
    ours = np.array(losses.minimax_generator_loss(None, LOGITS))
    expected = -np.log1p(np.exp(LOGITS.astype("float64")))  # log(1 - sigmoid(x))
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=1e-5)


def test_wasserstein_losses_are_differences_of_answers():
    pair = losses.get("wasserstein")
    real, fake = np.float32([[3.0], [1.0]]), np.float32([[1.0], [4.0]])
    np.testing.assert_array_equal(pair.discriminator(real, fake), [[-2.0], [3.0]])
    np.testing.assert_array_equal(pair.generator(real, fake), [[-1.0], [-4.0]])


def test_losses_are_finite_for_huge_logits():
    huge = np.float32([[1e4], [-1e4]])
    for name in losses.LOSSES:
        pair = losses.get(name)
        assert np.isfinite(np.array(pair.discriminator(huge, huge))).all()
        assert np.isfinite(np.array(pair.generator(huge, huge))).all()


def test_unknown_loss_names_the_nearest():
    with pytest.raises(InputError, match="Did you mean 'non_saturating'"):
        losses.get("non_saturation")


class Judge:
    """A linear discriminator of images, which notes what it is shown."""

    def __init__(self, kernel):
        self.kernel, self.shown = tf.constant(kernel), []

    def __call__(self, images, labels):
        self.shown.append(images)
        return tf.reduce_sum(images * self.kernel, axis=(1, 2, 3))[:, None]


KERNEL = np.random.default_rng(0).standard_normal((8, 8, 1)).astype("float32")
SHARE = np.linspace(0.05, 0.95, 8, dtype="float32").reshape(8, 1, 1, 1)


def test_r1_penalty_of_a_linear_discriminator_is_half_its_squared_weights():
    images = tf.random.stateless_uniform((8, 8, 8, 1), (0, 0))
    penalty = losses.r1_penalty(Judge(KERNEL), images, None, None, None)
    assert penalty.shape == (2,)  # every fourth of eight images
    np.testing.assert_allclose(penalty, 0.5 * np.square(KERNEL).sum(), rtol=1e-5)


def test_gradient_penalty_of_a_linear_discriminator_is_its_squared_distance_from_slope_1():
    images = tf.random.stateless_uniform((8, 8, 8, 1), (0, 0))
    penalty = losses.gradient_penalty(Judge(KERNEL), images, images[::-1], None, SHARE)
    slope = np.sqrt(np.square(KERNEL).sum())
    np.testing.assert_allclose(penalty, np.full(8, (slope - 1) ** 2), rtol=1e-4)


def test_the_gradient_penalty_is_taken_between_real_and_generated_images():
    judge = Judge(KERNEL)
    losses.gradient_penalty(judge, tf.ones((8, 8, 8, 1)), -tf.ones((8, 8, 8, 1)), None, SHARE)
    points = np.array(judge.shown[0])
    assert (points.std(axis=(1, 2, 3)) < 1e-6).all()  # one place on the way for each pair
    np.testing.assert_allclose(points[:, 0, 0, 0], 2 * SHARE.ravel() - 1, atol=1e-6)
