import dataclasses
import json

import numpy as np
import pytest
import tensorflow as tf

from ganlib import data, encoders
from ganlib.errors import InputError

pytestmark = pytest.mark.slow  # it trains classifiers


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


def test_a_loaded_classifier_is_the_trained_one_and_as_right_as_its_card_says(trained, pretrained):
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


def test_a_classifier_is_not_replaced_unasked(trained, pretrained):
    before = (pretrained / "weights.npz").read_bytes()
    with pytest.raises(InputError, match="digits has a classifier.* add --replace"):
        encoders.train("digits", epochs=1)
    assert (pretrained / "weights.npz").read_bytes() == before


def test_damaged_weights_are_named(pretrained, tmp_path, monkeypatch):
    folder = tmp_path / "classifiers" / "digits"
    folder.mkdir(parents=True)
    for name in ("card.json", "weights.npz"):
        (folder / name).write_bytes((pretrained / name).read_bytes())
    (folder / "weights.npz").write_bytes((pretrained / "weights.npz").read_bytes()[:-1])
    monkeypatch.setenv("GANLIB_PRETRAINED", str(tmp_path))
    with pytest.raises(InputError, match=r"weights.npz is damaged: its SHA-256 is \w+, expected"):
        encoders.load("digits")


@pytest.mark.parametrize(
    "options", [{"epochs": 0}, {"epochs": 1.5}, {"seed": -1}, {"seed": 1 << 32}]
)
def test_numbers_of_a_training_have_bounds(options, pretrained):
    (name,) = options
    with pytest.raises(InputError, match=f"{name} is .*expected a whole number"):
        encoders.train("digits", **options)


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
        batch = image[..., :channels], np.zeros(512, "int32")
        stream = tf.data.Dataset.from_tensors(batch)
        ((pixels, _),) = encoders.classifiers.augmented(stream, (24, 24, channels), seed=0)
        right = pixels.numpy()[:, 12, 12:, 0].max(1) > 0
        assert abs(right.mean() - share) < 0.1


def test_augmented_images_are_shifted_whole_and_not_all_alike():
    image = np.zeros((512, 24, 24, 1), "uint8")
    image[:, 12, 12] = 255
    stream = tf.data.Dataset.from_tensors((image, np.zeros(512, "int32")))
    ((pixels, _),) = encoders.classifiers.augmented(stream, (24, 24, 1), seed=0)
    bright = np.argwhere(pixels.numpy()[..., 0] == 1.0)
    assert list(bright[:, 0]) == list(range(512))  # one point each
    assert {tuple(place) for place in bright[:, 1:]} == {
        (row, column) for row in range(10, 15) for column in range(10, 15)
    }


def test_the_encoder_is_the_classifier_only_for_the_images_it_was_trained_on(pretrained):
    digits = data.load("digits")
    encoder = encoders.encoder_for(digits)
    features, predicted = encoder.encode(digits.images[:5])
    expected, classes = encoders.load("digits").outputs(digits.images[:5])
    np.testing.assert_allclose(features - features[0], expected - expected[0], atol=1e-4)
    assert np.abs(encoder(digits.images).mean(0)).max() < 2.0  # shifted by some of them
    np.testing.assert_array_equal(predicted, classes)
    assert encoder.kind == "classifier" and encoder.width == encoders.NUM_FEATURES
    for other in (
        dataclasses.replace(digits, labels=None, class_names=()),
        dataclasses.replace(digits, class_names=digits.class_names[::-1]),
        dataclasses.replace(digits, images=digits.images[:, :20]),
    ):
        assert encoders.encoder_for(other).kind == "pixels"


def test_the_network_that_has_seen_photographs_computes_what_its_source_does():
    # Of the first features of an image, torch makes this with the weights in float32.
    image = np.linspace(-1, 1, 128 * 128 * 3, dtype="float32").reshape(1, 128, 128, 3)
    features = encoders.imagenet.load()(image).numpy()[0]
    assert features.shape == (encoders.imagenet.WIDTH,) == (176,)
    some = features[[0, 24, 64, 175]]
    np.testing.assert_allclose(some, (-10.484, -13.029, 2.430, 1.677), atol=0.05)


def test_photographs_without_labels_are_seen_by_it_in_training_and_in_evaluation(data_folder):
    faces = data.load("celebrities")
    quick, judges = encoders.encoder_for(faces), encoders.judges(faces)
    assert quick.kind == "imagenet" and "64 pixels" in quick.description
    assert [judge.kind for judge in judges] == ["imagenet", "foreign"]
    for judge in (quick, *judges):
        features = judge(faces.images)
        assert features.shape == (len(faces), judge.width)
        assert np.abs(features.mean(0)).max() < 1
        assert features.var(0).sum() == pytest.approx(encoders.TOTAL_VARIANCE, rel=0.1)


def test_pixel_features_are_a_function_of_the_dataset_with_a_set_variance():
    digits = data.load("digits")
    encoder, again = encoders.pixel_features(digits), encoders.pixel_features(digits)
    features, predicted = encoder.encode(digits.images)
    assert features.shape == (len(digits), encoder.width) and features.dtype == np.float32
    assert predicted is encoder.classifier is None and encoder.width == encoders.COMPONENTS
    np.testing.assert_array_equal(features, again(digits.images))
    assert features.var(0).sum() == pytest.approx(encoders.TOTAL_VARIANCE, rel=0.01)


def test_unknown_features_are_refused():
    with pytest.raises(InputError, match="'fid'. Did you mean 'first'\\? Known: auto, first, "):
        encoders.judges(data.load("digits"), "fid")
