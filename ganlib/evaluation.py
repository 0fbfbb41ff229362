"""A trained generator measured: all numbers of `metrics`, with their protocol and what real images score in its place."""

import numpy as np

from ganlib import data, encoders, images, metrics, sampling, store
from ganlib.data import transforms
from ganlib.errors import InputError, unknown

SUBSET = 1_000  # images of each side in a subset of the kernel distance, where there are twice as many
NEIGHBOURHOOD = 2_000  # images of each side for what compares every image with every other
MODE_SHARE = 0.1  # of an even share: with fewer images a class counts as missing
FEATURES = ("auto", "inception")
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
    inception = encoders.inception_features() if features == "inception" else None
    used, classifier = min(count, len(train), len(test)), None if inception else encoders.classifier_of(train)
    width = encoders.INCEPTION_WIDTH if inception else encoders.NUM_FEATURES if classifier else encoders.COMPONENTS
    if used <= width:
        raise InputError(
            f"{used:,} images are too few for {width} features; expected more than {width}. count is {count:,}, and "
            f"{dataset_name} has {len(train):,} training and {len(test):,} test images."
        )
    project = encoders.pixel_features(train)
    draw = np.random.default_rng(seed)
    (real, real_labels), (floor, floor_labels) = (encoders.drawn(dataset, used, draw) for dataset in (chosen, other))
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
    pca = f"{encoders.COMPONENTS} principal components of the pixels, fitted on {min(encoders.FITTED, len(train)):,} training images"
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
    generator, recipe = store.load_generator(source), store.recipe_of(source)
    dataset = dataset or recipe.get("dataset")
    if dataset is None:
        raise InputError(f"no recipe.json beside {source} tells which dataset it imitates. Give --dataset NAME.")
    run = {key: recipe.get(key) for key in ("name", "profile", "seed")} | store.training_of(source)
    return {"run": run} | evaluate(generator, dataset, store.noise_of(source), against, count, seed, features)


def fingerprint(source, count=500):
    """Returns what tells a generator from another one without any dataset, a dict: of its first `count` images the mean
    and the standard deviation of all pixels in [0, 255], and how many the classifier, if there is one, takes for each class.
    """
    generator, recipe = store.load_generator(source), store.recipe_of(source)
    pictures, _ = _generated(generator, count, store.noise_of(source), seed=0)
    found = {"count": count, "pixel_mean": float(pictures.mean()), "pixel_deviation": float(pictures.std()), "class_counts": None}
    if encoders.exists(recipe["dataset"]):
        classifier = encoders.load(recipe["dataset"])
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


def _generated(generator, count, noise, seed):
    """Returns images uint8, as they would be saved, and the labels asked for or None."""
    latents = sampling.draw_latents(count, generator.inputs[0].shape[-1], noise, seed)
    labels = sampling.class_labels(generator, count)
    inputs = latents if labels is None else [latents, labels]
    return images.to_uint8(generator.predict(inputs, batch_size=250, verbose=0)), labels


def _short(value):
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
