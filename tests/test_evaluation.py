import dataclasses
import json

import keras
import numpy as np
import pytest

from ganlib import data, encoders, evaluation, store
from ganlib.__main__ import main
from ganlib.errors import InputError
from systems import tiny


class Lookup(keras.layers.Layer):
    """Looks up stored images by latent, and, if there are labels, images of that class."""

    def __init__(self, pictures, labels=None, **options):
        super().__init__(**options)
        self.pictures = keras.ops.convert_to_tensor(pictures / np.float32(127.5) - 1)
        order = np.arange(len(pictures)) if labels is None else np.argsort(labels, kind="stable")
        counts = [len(pictures)] if labels is None else np.bincount(labels)
        self.order = keras.ops.convert_to_tensor(order.astype("int32"))
        self.counts = keras.ops.convert_to_tensor(np.asarray(counts, "float32"))
        self.starts = keras.ops.convert_to_tensor((np.cumsum(counts) - counts).astype("int32"))

    def call(self, latents, labels=None):
        ops = keras.ops
        share = latents[:, 0] * 1000 - ops.floor(latents[:, 0] * 1000)  # evenly spread over [0, 1)
        group = ops.zeros_like(share) if labels is None else labels[:, 0]
        group = ops.cast(group, "int32")
        place = ops.cast(share * ops.take(self.counts, group) * 0.9999, "int32")
        chosen = ops.take(self.order, ops.take(self.starts, group) + place)
        return ops.take(self.pictures, chosen, axis=0)


def lookup(dataset):
    """A "generator" of the images of a dataset."""
    latents = keras.Input((4,))
    return keras.Model(latents, Lookup(dataset.images)(latents))


def conditional_lookup(dataset):
    latents, labels = keras.Input((4,)), keras.Input((), dtype="int32")
    embedding = keras.layers.Embedding(len(dataset.class_names), 1, IdentityNumbers())
    pictures = Lookup(dataset.images, dataset.labels)(latents, embedding(labels))
    return keras.Model([latents, labels], pictures)


class IdentityNumbers(keras.initializers.Initializer):
    """Embeds each class as its own number."""

    def __call__(self, shape, dtype=None, **options):
        return keras.ops.cast(keras.ops.arange(shape[0])[:, None], dtype)


def constant(value=0.0, shape=(28, 28, 1)):
    latents = keras.Input((4,))
    always = keras.initializers.Constant(value)
    dense = keras.layers.Dense(
        int(np.prod(shape)), kernel_initializer="zeros", bias_initializer=always
    )
    return keras.Model(latents, keras.layers.Reshape(shape)(dense(latents)))


def test_real_images_in_a_generators_place_score_like_the_floor(pretrained):
    result = evaluation.evaluate(lookup(data.load("digits")), "digits")
    generated, floor = result["generated"], result["floor"]
    assert result["protocol"]["count"] == len(data.load("digits", "test")) // 2
    assert generated["frechet_distance"] is None  # too few images for that
    assert set(generated) == set(floor)
    assert generated["neighbour_accuracy"][0] == pytest.approx(0.5, abs=0.12)
    for key in ("precision", "recall", "coverage"):
        assert generated[key] == pytest.approx(floor[key], abs=0.15), key
    assert generated["mode_count"] == 10 and generated["class_entropy"] > 0.95
    assert sum(generated["class_counts"]) == result["protocol"]["count"]
    assert generated["memorisation"] < 0.1  # it copies training images
    assert generated["copied"] == 1 and floor["copied"] < 0.1
    assert floor["memorisation"] == pytest.approx(1, abs=0.2)
    assert "conditional_accuracy" not in generated


def test_a_constant_generator_is_caught(pretrained):
    result = evaluation.evaluate(constant(), "digits")
    generated, floor = result["generated"], result["floor"]
    assert generated["coverage"] < 0.1 < floor["coverage"]
    assert generated["mode_count"] == 1 and generated["class_entropy"] == 0
    assert generated["kernel_distance"] > 3 * generated["kernel_distance_deviation"] > 0
    assert generated["neighbour_accuracy"][1] > 0.95
    assert result["protocol"]["kept_aside"] == ""


def test_a_conditional_lookup_is_as_often_right_as_the_classifier(pretrained):
    test = data.load("digits", "test")
    result = evaluation.evaluate(conditional_lookup(test), "digits", count=140)
    accuracy = result["protocol"]["classifier"]["test_accuracy"]
    assert result["generated"]["conditional_accuracy"] == pytest.approx(accuracy, abs=0.07)
    assert np.sum(result["generated"]["confusion"]) == 140
    right = np.trace(result["generated"]["confusion"]) / 140
    assert right == result["generated"]["conditional_accuracy"]
    assert len(result["generated"]["within_class_diversity"]) == 10
    assert result["generated"]["mean_diversity"] == pytest.approx(1, abs=0.3)
    assert "got what was asked" in evaluation.table(result)


def test_equal_seeds_give_equal_results_and_others_do_not(no_classifier):
    generator = lookup(data.load("digits"))
    first, second, third = (
        evaluation.evaluate(generator, "digits", count=100, seed=seed) for seed in (1, 1, 2)
    )
    assert first == second
    assert first["generated"]["kernel_distance"] != third["generated"]["kernel_distance"]


def test_without_any_encoder_features_are_a_pca_of_the_pixels(no_classifier):
    result = evaluation.evaluate(lookup(data.load("digits", "test")), "digits")
    assert result["protocol"]["features"].startswith("64 principal components of the pixels")
    assert result["protocol"]["classifier"] is None and set(result["judges"]) == {"pixels"}
    assert set(result["generated"]) == {
        "frechet_distance", "kernel_distance", "kernel_distance_deviation", "sliced_wasserstein",
        "neighbour_accuracy", "precision", "recall", "density", "coverage", "spectrum",
        "memorisation", "copied",
    }  # fmt: skip
    assert result["generated"]["memorisation"] == pytest.approx(1, abs=0.3)
    text = evaluation.table(result)
    assert "principal components" in text and "FID" not in text + json.dumps(result)


def test_the_halves_of_the_test_images_have_no_image_in_common(monkeypatch, no_classifier):
    seen = []
    pixels = encoders.pixel_features(data.load("digits"))
    watching = dataclasses.replace(pixels, encode=lambda p: seen.append(p) or pixels.encode(p))
    monkeypatch.setattr(encoders, "judges", lambda *_: [watching])
    evaluation.evaluate(constant(), "digits", count=100)
    real, _, others = ({image.tobytes() for image in some} for some in seen)
    assert len(real) == len(others) == 100 and not real & others
    test = {image.tobytes() for image in data.load("digits", "test").images}
    assert real | others <= test


def test_test_images_that_were_trained_on_are_left_out(no_classifier):
    known = 270  # what of 299 test images is for training where training images are missing
    result = evaluation.evaluate(constant(), "digits", trained_on=known)
    assert result["protocol"]["count"] == 14
    assert "Measured on 29 test images: the others were trained on" in evaluation.table(result)


def test_two_judges_have_to_agree_that_a_generator_is_better():
    def result(**distances):
        return {"judges": {kind: {"generated": {"frechet_distance": far}, "floor":
                                  {"frechet_distance": 10.0}} for kind, far in distances.items()}}

    good, bad = result(classifier=20.0, imagenet=30.0), result(classifier=50.0, imagenet=60.0)
    mixed = result(classifier=5.0, imagenet=90.0)
    assert evaluation.is_better(good, bad) and not evaluation.is_better(bad, good)
    assert not evaluation.is_better(mixed, bad) and not evaluation.is_better(bad, mixed)
    below = result(classifier=-70.0, imagenet=-80.0)  # nearer than real images is no merit
    assert evaluation.is_better(good, below)
    for judge in bad["judges"].values():  # measured with few images, in another way
        judge["generated"] = {"frechet_distance": None, "kernel_distance": 60.0}
        judge["floor"] = {"frechet_distance": None, "kernel_distance": 0.0}
    assert not evaluation.is_better(good, bad)


def test_images_without_labels_can_be_measured(no_classifier, data_folder):
    result = evaluation.evaluate(lookup(data.load("celebrities")), "celebrities", count=100)
    assert result["generated"]["precision"] > 0.3


def test_gray_generators_are_compared_with_gray_images(no_classifier, data_folder):
    result = evaluation.evaluate(constant(shape=(64, 64, 1)), "food101", count=100)
    assert result["protocol"]["image_shape"] == [64, 64, 1]


def test_a_dataset_of_few_images_is_measured_too(no_classifier, own_data):
    for name, split in (("own", "train"), ("own_test", "test")):
        images = data.load("digits", split).images
        data.write_h5(own_data / f"{name}.h5", images[: 20 if split == "test" else 200], None, ())
    result = evaluation.evaluate(lookup(data.load("own")), "own")
    assert result["protocol"]["count"] == 10
    assert np.isfinite(result["generated"]["kernel_distance"])


def test_bad_input_is_named(no_classifier):
    with pytest.raises(InputError, match="5 images are too few to measure anything; expected 8"):
        evaluation.evaluate(constant(), "digits", count=5)
    with pytest.raises(InputError, match="makes images of shape"):
        evaluation.evaluate(constant(shape=(8, 8, 1)), "digits")
    with pytest.raises(InputError, match="expected uint8, or floats in"):
        evaluation.evaluate(constant(3.0), "digits", count=100)


@pytest.mark.parametrize(
    "options", [{"count": 0}, {"count": 99.5}, {"seed": -1}, {"seed": 1 << 32}]
)
def test_numbers_out_of_range_are_refused(options, no_classifier):
    (name,) = options
    with pytest.raises(InputError, match=f"{name} is .*expected a whole number"):
        evaluation.evaluate(constant(), "digits", **options)


def test_where_test_images_are_training_images_copies_cannot_be_told(no_classifier, own_data):
    few = data.load("digits").images[:21]
    for name in ("copies.h5", "copies_test.h5"):
        data.write_h5(own_data / name, np.repeat(few, 20, axis=0), None, ())
    generator = lookup(data.load("digits"))
    result = evaluation.evaluate(generator, "copies", count=200)
    assert result["generated"]["memorisation"] is result["floor"]["memorisation"] is None
    json.dumps(result, allow_nan=False)
    lines = evaluation.table(result).splitlines()
    assert "distance to training images (new: 1)             -           -" in lines
    assert lines[-1].startswith("Copies cannot be told from new images")


def test_each_generator_of_a_folder_has_an_evaluation_of_its_own(no_classifier, tmp_path):
    folder = tmp_path / "run"
    for name in ("generator", "generator_best"):
        store.save_generator(constant(), folder, name)
    options = ["--dataset", "digits", "--count", "100"]
    for source, written in (
        (folder, "evaluation.json"),
        (folder / "generator.json", "evaluation.json"),
        (folder / "generator_best.keras", "evaluation_generator_best.json"),
    ):
        assert main(["evaluate", str(source), *options]) == 0
        assert json.loads((folder / written).read_text())["source"] == str(source)


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("command", ["sample", "evaluate"])
def test_a_generator_that_ends_in_a_sigmoid_is_warned_of(
    command, no_classifier, tmp_path, capsys
):
    latents = keras.Input((4,))
    images = keras.layers.Reshape((28, 28, 1))(keras.layers.Dense(784, "sigmoid")(latents))
    keras.Model(latents, images).save(tmp_path / "sigmoid.keras")
    options = {
        "sample": ["--out", str(tmp_path / "a.png")],
        "evaluate": ["--dataset", "digits", "--count", "100"],
    }
    assert main([command, str(tmp_path / "sigmoid.keras"), *options[command]]) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("warning: no value of the images is below 0")


@pytest.mark.slow
def test_the_command_prints_a_table_and_writes_json(pretrained, tmp_path, capsys):
    folder = tiny("conditional", steps=2).fit(tmp_path / "run").folder
    assert main(["evaluate", str(folder), "--count", "140", "--seed", "3"]) == 0
    out = capsys.readouterr().out
    assert "digits: 140 generated images against as many test images, seed 3" in out
    assert "Frechet distance" in out
    result = json.loads((folder / "evaluation.json").read_text())
    assert result["protocol"]["count"] == 140 and result["protocol"]["noise"] == "normal"
    options = ["--count", "140", "--seed", "3", "--out", f"{tmp_path}/a.json"]
    assert main(["evaluate", str(folder / "generator.json"), *options]) == 0
    again = json.loads((tmp_path / "a.json").read_text())
    assert again == result | {"source": str(folder / "generator.json")}


def test_bad_input_of_the_command_ends_in_one_line(no_classifier, tmp_path, capsys):
    store.save_generator(constant(), tmp_path)
    for arguments, message in (
        (["/nowhere"], "no generator at"),
        ([str(tmp_path)], "Give --dataset NAME"),
        ([str(tmp_path), "--dataset", "digist"], "Did you mean 'digits'"),
        ([str(tmp_path), "--dataset", "digits", "--features", "pixel"], "Did you mean 'pixels'"),
        ([str(tmp_path), "--dataset", "digits", "--out", "a.txt"], "ends in .json"),
        ([str(tmp_path), "--dataset", "digits", "--count", "5"], "too few"),
    ):
        assert main(["evaluate", *arguments]) == 1
        captured = capsys.readouterr()
        assert captured.err.startswith("error: ") and captured.err.count("\n") == 1
        assert message in captured.err
    (tmp_path / "recipe.json").write_text("{")
    assert main(["evaluate", str(tmp_path)]) == 1
    assert "recipe.json is damaged" in capsys.readouterr().err
    assert not (tmp_path / "evaluation.json").exists()


@pytest.mark.slow
def test_inception_sees_resized_colour_and_is_called_what_it_is(monkeypatch, no_classifier):
    seen = []

    def small_inception(**options):
        assert options == {"include_top": False, "weights": "imagenet", "pooling": "avg"}
        inputs = keras.Input((299, 299, 3))
        pooled = keras.layers.AveragePooling2D(46)(inputs)
        model = keras.Model(inputs, keras.layers.Flatten()(pooled))
        return lambda pixels, training: seen.append(np.array(pixels)) or model(pixels)

    monkeypatch.setattr(keras.applications, "InceptionV3", small_inception)
    monkeypatch.setattr(encoders, "INCEPTION_WIDTH", 108)
    generator = lookup(data.load("digits"))
    result = evaluation.evaluate(generator, "digits", count=100, features="inception")
    assert {pixels.shape for pixels in seen} == {(50, 299, 299, 3)}
    assert min(pixels.min() for pixels in seen) == -1.0
    assert set(result["judges"]) == {"inception"} and result["protocol"]["classifier"] is None
    text = evaluation.table(result)
    assert "InceptionV3, of keras.applications" in text and "FID" not in text


def test_without_a_download_inception_is_refused_in_one_line(monkeypatch, no_classifier):
    def refuse(**options):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "InceptionV3", refuse)
    with pytest.raises(InputError, match="InceptionV3 cannot be downloaded .URL fetch failure"):
        evaluation.evaluate(lookup(data.load("digits")), "digits", features="inception")
    with pytest.raises(InputError, match="features"):
        evaluation.evaluate(lookup(data.load("digits")), "digits", features="fid")
