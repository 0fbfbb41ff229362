"""A trained generator measured: all numbers of `metrics`, with their protocol and what real images score in its place."""

import keras
import numpy as np
from sklearn.decomposition import PCA

from ganlib import classifiers, data, generators, images, metrics
from ganlib.data import transforms
from ganlib.settings import InputError, unknown

COMPONENTS, FITTED = 64, 5_000  # of the PCA that stands in for a classifier; training images it is fitted on
SUBSET = 1_000  # images of each side in a subset of the kernel distance, where there are twice as many
NEIGHBOURHOOD = 2_000  # images of each side for what compares every image with every other
MODE_SHARE = 0.1  # of an even share: with fewer images a class counts as missing
_BLOCK = 1000  # images projected at once
FEATURES = ("auto", "inception")
INCEPTION_SIZE, INCEPTION_WIDTH = 299, 2048  # pixels a side that it was trained on; its pooled features
_OTHER, _KINDS = {"train": "test", "test": "train"}, {"train": "training", "test": "test"}


def evaluate(generator, dataset_name, noise="normal", against="test", count=10_000, seed=0, features="auto"):
    """Returns what is measured of a generator, a dict that JSON can hold: {"protocol", "generated", "floor"}.

    "generated" and "floor" have the same keys, one per number: the first for generated images, the second for real ones
    of the other split in their place, which no generator need surpass. Features are those of the dataset's classifier, if
    there is one; else a PCA of the pixels, and then there are no numbers about classes. Copying is always looked for in
    that PCA, among all training images.

    Args:
        generator: a Keras model that takes latents, or [latents, labels]. If it makes gray images, a dataset in colour is
            turned to gray.
        dataset_name: as ganlib.data.load takes it; it needs training and test images.
        noise: "normal" or "uniform", as the generator was trained.
        against: the split that images are compared with, "test" or "train".
        count: images of each kind; at most what the smaller split has, and more than there are features.
        seed: of latents, of the real images chosen and of the subsets of the kernel distance.
        features: "auto", or "inception" for those of InceptionV3, trained on ImageNet, which Keras downloads (88 MB): the
            Frechet distance is then what is called FID.

    Raises:
        InputError: if images are too few, or of another shape than the dataset's, or InceptionV3 cannot be downloaded.
    """
    if features not in FEATURES:
        raise unknown("features", features, FEATURES)
    shape = tuple(generator.output_shape[1:])
    chosen, other = (_like(data.load(dataset_name, split), shape) for split in (against, _OTHER.get(against, "train")))
    train, test = (chosen, other) if against == "train" else (other, chosen)
    inception = inception_features() if features == "inception" else None
    used, classifier = min(count, len(train), len(test)), None if inception else classifier_of(train)
    width = INCEPTION_WIDTH if inception else classifiers.NUM_FEATURES if classifier else COMPONENTS
    if used <= width:
        raise InputError(
            f"{used:,} images are too few for {width} features; expected more than {width}. count is {count:,}, and "
            f"{dataset_name} has {len(train):,} training and {len(test):,} test images."
        )
    project = pixel_features(train)
    draw = np.random.default_rng(seed)
    (real, real_labels), (floor, floor_labels) = (drawn(dataset, used, draw) for dataset in (chosen, other))
    fakes, asked = _generated(generator, used, noise, seed)
    num_classes = len(train.class_names) if classifier else 0

    def measure(pictures):
        return classifier.outputs(pictures) if classifier else ((inception or project)(pictures), None)

    real_features = measure(real)[0]

    def numbers(pictures, labels):
        fake, received = measure(pictures)
        found = _distances(real_features, fake, seed)
        if classifier:
            found |= _classes(received, num_classes)
        if classifier and asked is not None:
            found |= _conditions(real_features, real_labels, fake, labels, received, num_classes)
        return found

    generated, baseline = numbers(fakes, asked), numbers(floor, floor_labels)
    known, held_out = project(train.images), project((real if against == "test" else floor)[:NEIGHBOURHOOD])
    generated["memorisation"] = metrics.memorisation(known, held_out, project(fakes[:NEIGHBOURHOOD]))
    baseline["memorisation"] = metrics.memorisation(known, held_out[::2], held_out[1::2])
    pca = f"{COMPONENTS} principal components of the pixels, fitted on {min(FITTED, len(train)):,} training images"
    own = f"{width} outputs of the last layer but one of the dataset's classifier" if classifier else pca
    protocol = {
        "dataset": dataset_name, "image_shape": list(shape), "against": against, "count": used, "seed": seed, "noise": noise,
        "features": f"{width} pooled outputs of InceptionV3, of keras.applications" if inception else own,
        "is_fid": bool(inception),
        "classifier": classifier and {key: classifier.card[key] for key in ("test_accuracy", "seed", "epochs", "sha256")},
        "class_names": list(train.class_names) if classifier else None,
        "floor": f"{used:,} {_KINDS[_OTHER[against]]} images in place of the generated ones"
                 + (", which the classifier was trained on" if classifier and against == "test" else ""),
        "kernel_subset_size": _subset_size(used), "neighbourhood": min(used, NEIGHBOURHOOD),
        "precision_recall_neighbours": 3, "density_coverage_neighbours": 5,
        "mode": f"a class with at least {MODE_SHARE:.0%} of an even share",
        "memorisation": f"against {len(train):,} training images, in {pca}; floor: half of the test images beside the others",
    }  # fmt: skip
    return {"protocol": protocol, "generated": generated, "floor": baseline}


def evaluate_source(source, dataset=None, against="test", count=10_000, seed=0, features="auto"):
    """Returns what `evaluate` does, of a run folder, a file or a published generator, and with "run": how it was trained.

    Args:
        source: as ganlib.load_generator takes it.
        dataset: None means the one that the recipe beside the generator names.
        against, count, seed, features: as for `evaluate`.

    Raises:
        InputError: as `evaluate` and `load_generator` do, or if nothing tells which dataset is meant.
    """
    generator, recipe = generators.load_generator(source), generators.recipe_of(source)
    dataset = dataset or recipe.get("dataset")
    if dataset is None:
        raise InputError(f"no recipe.json beside {source} tells which dataset it imitates. Give --dataset NAME.")
    run = {key: recipe.get(key) for key in ("name", "profile", "seed")} | generators.training_of(source)
    return {"run": run} | evaluate(generator, dataset, generators.noise_of(source), against, count, seed, features)


def fingerprint(source, count=500):
    """Returns what tells a generator from another one without any dataset, a dict: of its first `count` images the mean
    and the standard deviation of all pixels in [0, 255], and how many the classifier, if there is one, takes for each class.
    """
    generator, recipe = generators.load_generator(source), generators.recipe_of(source)
    pictures, _ = _generated(generator, count, generators.noise_of(source), seed=0)
    found = {"count": count, "pixel_mean": float(pictures.mean()), "pixel_deviation": float(pictures.std()), "class_counts": None}
    if classifiers.exists(recipe["dataset"]):
        classifier = classifiers.load(recipe["dataset"])
        if classifier.card["image_shape"] == list(pictures.shape[1:]):
            received = classifier.outputs(pictures)[1]
            found["class_counts"] = metrics.class_counts(received, len(classifier.card["class_names"]))[0].tolist()
    return found


_ROWS = {
    "frechet_distance": "Frechet distance", "kernel_distance": "kernel distance", "kernel_distance_error": "  its standard error",
    "precision": "precision", "recall": "recall", "density": "density", "coverage": "coverage",
    "memorisation": "distance to training images (new: 1)", "class_entropy": "evenness of classes",
    "mode_count": "classes there", "conditional_accuracy": "got what was asked", "mean_diversity": "diversity within classes",
}  # fmt: skip


def table(result):
    """Returns the text that shows a result of `evaluate`: its protocol and a line for each number, beside its floor."""
    protocol = result["protocol"]
    features = protocol["features"]
    if protocol["classifier"]:
        features += f", which gets {protocol['classifier']['test_accuracy']:.2%} of the test images right"
    lines = [
        f"{protocol['dataset']}: {protocol['count']:,} generated images against as many {_KINDS[protocol['against']]} images, "
        f"seed {protocol['seed']}; of those the first {protocol['neighbourhood']:,} for precision to coverage.",
        f"Features: {features}.",
        f"Real: {protocol['floor']}.",
        f"{'':<38}{'generated':>12}{'real':>12}",
    ]
    for key, title in (_ROWS | ({"frechet_distance": "FID"} if protocol["is_fid"] else {})).items():
        if key in result["generated"]:
            lines.append(f"{title:<38}" + "".join(f"{_short(result[side][key]):>12}" for side in ("generated", "floor")))
    return "\n".join(lines)


def inception_features():
    """Returns a function from images uint8, gray or in colour, to InceptionV3's pooled features (count, 2048) float32.

    Images are resized to 299x299 bicubically, with an antialiasing filter where they become smaller.

    Raises:
        InputError: if its weights are not on this machine and cannot be downloaded.
    """
    try:
        model = keras.applications.InceptionV3(include_top=False, weights="imagenet", pooling="avg")
    except Exception as error:  # of whatever the download meets; Keras raises Exception itself
        raise InputError(
            f"InceptionV3 cannot be had ({str(error).splitlines()[0]}). It is downloaded once, to ~/.keras; without a network, "
            'take features="auto", whose Frechet distance is no FID.'
        ) from error

    def features(pictures):
        found = []
        for first in range(0, len(pictures), 50):
            batch = pictures[first : first + 50].astype("float32")
            batch = np.broadcast_to(batch, (*batch.shape[:3], 3))  # gray is a colour with equal channels
            large = keras.ops.image.resize(batch, (INCEPTION_SIZE,) * 2, interpolation="bicubic", antialias=True)
            pixels = keras.ops.clip(large, 0, 255) / 127.5 - 1.0
            found.append(keras.ops.convert_to_numpy(model(pixels, training=False)))
        return np.concatenate(found)

    return features


def pixel_features(dataset):
    """Returns a function from images, uint8, to features (count, at most COMPONENTS) float32: a PCA fitted on a dataset.

    It is a function of the dataset alone. The features are scaled by one number, so that those that it was fitted on have a
    total variance of classifiers.TOTAL_VARIANCE.
    """

    def flat(pictures):
        return pictures.reshape(len(pictures), -1) / np.float32(127.5) - np.float32(1)

    some, _ = drawn(dataset, min(FITTED, len(dataset)), np.random.default_rng(0))
    components = min(COMPONENTS, len(some), int(np.prod(dataset.image_shape)))
    pca = PCA(components, svd_solver="randomized", random_state=0).fit(flat(some))
    scale = np.sqrt(classifiers.TOTAL_VARIANCE / max(pca.explained_variance_.sum(), 1e-12))

    def features(pictures):
        blocks = (pictures[first : first + _BLOCK] for first in range(0, len(pictures), _BLOCK))
        return np.concatenate([(pca.transform(flat(block)) * scale).astype("float32") for block in blocks])

    return features


def _distances(real, fake, seed):
    distance, error = metrics.kernel_distance(real, fake, _subset_size(len(real)), seed=seed)
    found = {"frechet_distance": metrics.frechet_distance(real, fake), "kernel_distance": distance}
    near = real[:NEIGHBOURHOOD], fake[:NEIGHBOURHOOD]
    (precision, recall), (density, coverage) = metrics.precision_recall(*near), metrics.density_coverage(*near)
    return found | {
        "kernel_distance_error": error, "precision": precision, "recall": recall, "density": density, "coverage": coverage,
    }  # fmt: skip


def _subset_size(count):
    return min(SUBSET, count // 2)  # of all images every subset would be the same, and the standard error 0


def _classes(received, num_classes):
    counts, entropy = metrics.class_counts(received, num_classes)
    least = max(1, int(np.ceil(MODE_SHARE * len(received) / num_classes)))
    modes = metrics.mode_count(received, num_classes, least)
    return {"class_counts": counts.tolist(), "class_entropy": entropy, "mode_count": modes}


def _conditions(real, real_labels, fake, asked, received, num_classes):
    accuracy, confusion = metrics.conditional_accuracy(asked, received, num_classes)
    ratios = metrics.within_class_diversity(real, real_labels, fake, asked, num_classes)
    known = ratios[np.isfinite(ratios)]
    return {
        "conditional_accuracy": accuracy, "confusion": confusion.tolist(),
        "within_class_diversity": [float(ratio) if np.isfinite(ratio) else None for ratio in ratios],  # JSON has no NaN
        "mean_diversity": float(known.mean()) if len(known) else None,
    }  # fmt: skip


def _like(dataset, shape):
    if shape[-1] == 1:
        dataset = transforms.to_gray(dataset)
    if tuple(dataset.image_shape) != shape:
        raise InputError(
            f"the generator makes images of shape {shape}, {dataset.name} has {tuple(dataset.image_shape)}. Name the dataset "
            "that it was trained on."
        )
    return dataset


def classifier_of(dataset):
    """Returns the classifier of a dataset, or None if there is none of these classes and this shape (gray, for one)."""
    if dataset.labels is None or not classifiers.exists(dataset.name):
        return None
    found = classifiers.load(dataset.name)
    same = found.card["image_shape"] == list(dataset.image_shape) and found.card["class_names"] == list(dataset.class_names)
    return found if same else None


def drawn(dataset, count, draw):
    """Returns `count` images of a dataset and their labels or None, in random order, also if the dataset is in order."""
    rows, order = np.sort(draw.choice(len(dataset), count, replace=False)), draw.permutation(count)
    return dataset.images[rows][order], None if dataset.labels is None else dataset.labels[rows][order]


def _generated(generator, count, noise, seed):
    """Returns images uint8, as they would be saved, and the labels asked for or None."""
    latents = generators.draw_latents(count, generator.inputs[0].shape[-1], noise, seed)
    labels = generators.class_labels(generator, count)
    inputs = latents if labels is None else [latents, labels]
    return images.to_uint8(generator.predict(inputs, batch_size=250, verbose=0)), labels


def _short(value):
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
