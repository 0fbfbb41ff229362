import json

import numpy as np
import pytest

from ganlib import data, encoders
from ganlib.errors import InputError


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of pretrained weights with a classifier of the digits, and that classifier."""
    folder = tmp_path_factory.mktemp("pretrained")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GANLIB_PRETRAINED", str(folder))
        return folder, encoders.train("digits", epochs=3, precision="float32")


@pytest.fixture
def pretrained(trained, monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(trained[0]))
    return trained[0] / "classifiers" / "digits"


def test_a_loaded_classifier_is_the_trained_one_and_as_accurate_as_its_card_says(trained, pretrained):
    test = data.load("digits", "test")
    features, predicted = trained[1].outputs(test.images)
    again, predicted_again = encoders.load("digits").outputs(test.images)
    np.testing.assert_array_equal(features, again)
    np.testing.assert_array_equal(predicted, predicted_again)
    card = json.loads((pretrained / "card.json").read_text())
    assert card["test_accuracy"] == np.mean(predicted == test.labels) > 0.6
    assert features.shape == (len(test), encoders.NUM_FEATURES)
    assert features.var(0).sum() == pytest.approx(encoders.TOTAL_VARIANCE, rel=1e-3)


def test_training_is_a_function_of_the_seed(trained, tmp_path, monkeypatch):
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path))
    again = encoders.train("digits", epochs=3, precision="float32")
    for a, b in zip(trained[1].model.get_weights(), again.model.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_damaged_weights_are_named(pretrained, tmp_path, monkeypatch):
    folder = tmp_path / "classifiers" / "digits"
    folder.mkdir(parents=True)
    for name in ("card.json", "weights.npz"):
        (folder / name).write_bytes((pretrained / name).read_bytes())
    (folder / "weights.npz").write_bytes((pretrained / "weights.npz").read_bytes()[:-1])
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path))
    with pytest.raises(InputError, match=r"weights.npz is damaged: its SHA-256 is \w+, expected"):
        encoders.load("digits")


def test_what_has_no_classifier_is_refused(pretrained, data_folder):
    with pytest.raises(InputError, match="python -m ganlib classifier mnist"):
        encoders.load("mnist")
    with pytest.raises(InputError, match="celebrities has no labels"):
        encoders.train("celebrities")
    with pytest.raises(InputError, match="was trained on"):
        encoders.load("digits").outputs(np.zeros((2, 8, 8, 1), "uint8"))


def test_colour_images_are_mirrored_and_digits_are_not():
    image = np.zeros((512, 24, 24, 3), "uint8")
    image[:, :, :4] = 255  # the left edge
    for channels, share in ((3, 0.5), (1, 0.0)):
        stream = encoders.tf.data.Dataset.from_tensors((image[..., :channels], np.zeros(512, "int32")))
        ((pixels, _),) = encoders.augmented(stream, (24, 24, channels), seed=0)
        right = pixels.numpy()[:, 12, 12:, 0].max(1) > 0
        assert abs(right.mean() - share) < 0.1
