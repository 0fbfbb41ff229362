"""A trained generator measured: all numbers of `metrics`, with their protocol and their floor.

The floor is what real images score in the place of generated ones.
"""

import numpy as np

from ganlib import data, encoders, images, metrics, sampling, store
from ganlib.data import transforms
from ganlib.errors import InputError, check_number, check_seed, unknown

SUBSET = 1_000  # images of each kind in a subset of the kernel distance; at most half of them
FEWEST = 8  # images of each kind: five neighbours and some that are none
NEIGHBOURHOOD = 2_000  # images of each kind where all pairs of images are compared
_KINDS = {"train": "training", "test": "test"}
_OF_CARD = ("test_accuracy", "seed", "epochs", "sha256")  # what the protocol tells of a classifier
_TITLES = {
    "frechet_distance": "Frechet distance", "kernel_distance": "kernel distance",
    "kernel_distance_error": "  its standard error", "precision": "precision", "recall": "recall",
    "density": "density", "coverage": "coverage",
    "memorisation": "distance to training images (new: 1)", "class_entropy": "evenness of classes",
    "mode_count": "classes there", "conditional_accuracy": "got what was asked",
    "mean_diversity": "diversity within classes",
}


def evaluate(generator, dataset_name, noise="normal", against="test", count=10_000, seed=0,
             features="auto"):
    """Returns what is measured of a generator, a dict that JSON can hold.

    The features are those of the dataset's classifier if there is one, else a PCA of the pixels.
    Without a classifier there are no numbers about classes. Copies are always looked for with the
    PCA, among all training images.

    Args:
        generator: a Keras model that takes latents, or [latents, labels]. If it makes gray images,
            a dataset in colour is turned to gray.
        dataset_name: as for ganlib.data.load; it needs training and test images.
        noise: "normal" or "uniform", as the generator was trained.
        against: the split that images are compared with, "test" or "train".
        count: images of each kind; at most what the smaller split has. It must exceed the number of
            features.
        seed: of latents, of the choice of real images and of the kernel distance's subsets.
        features: "auto", or "inception" for those of InceptionV3, trained on ImageNet, which Keras
            downloads (88 MB). The Frechet distance is then what is called FID.

    Returns:
        A dict with "protocol", "generated" and "floor". The last two have the same keys, one for
        each number: of generated images, and of real images of the other split in their place,
        which no generator needs to surpass. A number that cannot be had is None, such as
        "memorisation" where half of the test images are training images.

    Raises:
        InputError: if there are too few images, they have another shape than the dataset's, a
            number is out of range, the model is no generator, or InceptionV3 cannot be downloaded.
    """
    count, seed = check_number("count", count, 1), check_seed(seed)
    sampling.check_generator(generator)
    if against not in _KINDS:
        raise unknown("split", against, _KINDS)
    train, test = (_in_shape_of(generator, data.load(dataset_name, split)) for split in _KINDS)
    used = min(count, len(train), len(test))
    if used < FEWEST:
        raise InputError(f"{used} images are too few to measure anything; expected {FEWEST}. "
                         f"{dataset_name} has {len(train):,} to train and {len(test):,} to test.")
    # A dataset that has few images is measured in fewer components of its pixels than that.
    all_there_are = used == min(len(train), len(test))
    most = used - 1 if all_there_are else encoders.COMPONENTS
    encoder = encoders.encoder_for(train, features, most)
    if used <= encoder.width:
        raise InputError(f"{used:,} images are too few for {encoder.width} features; ask for more. "
                         f"{dataset_name} has {len(train):,} to train and {len(test):,} to test.")
    chosen, other = (test, train) if against == "test" else (train, test)
    random = np.random.default_rng(seed)
    real, real_labels = encoders.draw_images(chosen, used, random)
    others, other_labels = encoders.draw_images(other, used, random)
    fakes, asked = sampling.generate(generator, used, seed=seed, noise=noise)
    fakes = images.to_uint8(fakes)  # as they would be saved

    if asked is None:
        other_labels = None  # the floor has the numbers that the generator has

    real_features = encoder(real)
    generated = _numbers(encoder, real_features, real_labels, fakes, asked, seed)
    floor = _numbers(encoder, real_features, real_labels, others, other_labels, seed)

    pixels = encoder if encoder.kind == "pixels" else encoders.pixel_features(train)
    known = pixels(train.images)
    held_out = pixels((real if against == "test" else others)[:NEIGHBOURHOOD])
    generated["memorisation"] = _memorisation(known, held_out, pixels(fakes[:NEIGHBOURHOOD]))
    floor["memorisation"] = _memorisation(known, held_out[::2], held_out[1::2])
    protocol = {
        "dataset": dataset_name, "image_shape": list(train.image_shape), "against": against,
        "count": used, "seed": seed, "noise": noise,
    } | _protocol(encoder, pixels, len(train), against, used)
    return {"protocol": protocol, "generated": generated, "floor": floor}


def evaluate_source(source, dataset=None, against="test", count=10_000, seed=0, features="auto"):
    """Returns what `evaluate` does, and in "run" how the generator was trained.

    Args:
        source: as for `load_generator`: a run folder, a file or the name of a published generator.
        dataset: None means the one in the recipe beside the generator.
        against, count, seed, features: as for `evaluate`.

    Raises:
        InputError: as `evaluate` and `load_generator` do, or if there is no dataset and no recipe.
    """
    generator, recipe = store.load_generator(source), store.recipe_of(source)
    dataset = dataset or recipe.get("dataset")
    if dataset is None:
        raise InputError(f"no recipe.json beside {source} names a dataset. Give --dataset NAME.")
    run = {key: recipe.get(key) for key in ("name", "profile", "seed")} | store.training_of(source)
    noise = store.noise_of(source)
    return {"run": run} | evaluate(generator, dataset, noise, against, count, seed, features)


def table(result):
    """Returns a result of `evaluate` as text: its protocol, and each number beside its floor."""
    protocol, titles = result["protocol"], dict(_TITLES)
    features = protocol["features"]
    if judge := protocol["classifier"]:
        features += f", which gets {judge['test_accuracy']:.2%} of the test images right"
    if protocol["is_fid"]:
        titles["frechet_distance"] = "FID"
    lines = [
        f"{protocol['dataset']}: {protocol['count']:,} generated images against as many "
        f"{_KINDS[protocol['against']]} images, seed {protocol['seed']}; of those the first "
        f"{protocol['neighbourhood']:,} for precision to coverage.",
        f"Features: {features}.",
        f"Real: {protocol['floor']}.",
        f"{'':<38}{'generated':>12}{'real':>12}",
    ]
    for key, title in titles.items():
        if key in result["generated"]:
            generated, floor = _short(result["generated"][key]), _short(result["floor"][key])
            lines.append(f"{title:<38}{generated:>12}{floor:>12}")
    if result["generated"]["memorisation"] is None:
        lines.append("Copies cannot be told from new images: half of the test images are training "
                     "images.")
    return "\n".join(lines)


def _in_shape_of(generator, dataset):
    shape = tuple(generator.outputs[0].shape[1:])
    if shape[-1] == 1:
        dataset = transforms.to_gray(dataset)
    if tuple(dataset.image_shape) != shape:
        raise InputError(f"the generator makes images of shape {shape}, {dataset.name} has "
                         f"{tuple(dataset.image_shape)}. Name the dataset that it was trained on.")
    return dataset


def _numbers(encoder, real, real_labels, pictures, asked, seed):
    # All numbers of pictures but memorisation. `real` are features; `asked` are labels or None.
    fake, received = encoder.encode(pictures)
    near, size = (real[:NEIGHBOURHOOD], fake[:NEIGHBOURHOOD]), _subset_size(len(real))
    kernel_distance, error = metrics.kernel_distance(real, fake, size, seed=seed)
    found = {"frechet_distance": metrics.frechet_distance(real, fake),
             "kernel_distance": kernel_distance, "kernel_distance_error": error}
    found["precision"], found["recall"] = metrics.precision_recall(*near)
    found["density"], found["coverage"] = metrics.density_coverage(*near)
    if not encoder.classifier:
        return found
    num_classes = len(encoder.classifier.card["class_names"])
    counts, entropy = metrics.class_counts(received, num_classes)
    found |= {"class_counts": counts.tolist(), "class_entropy": entropy}
    least = max(1, int(np.ceil(metrics.MODE_SHARE * len(received) / num_classes)))
    found["mode_count"] = metrics.mode_count(received, num_classes, least)
    if asked is None:
        return found
    accuracy, confusion = metrics.conditional_accuracy(asked, received, num_classes)
    ratios = metrics.within_class_diversity(real, real_labels, fake, asked, num_classes)
    ratios = [None if np.isnan(ratio) else float(ratio) for ratio in ratios]  # JSON has no NaN
    known = [ratio for ratio in ratios if ratio is not None]
    mean = float(np.mean(known)) if known else None
    return found | {"conditional_accuracy": accuracy, "confusion": confusion.tolist(),
                    "within_class_diversity": ratios, "mean_diversity": mean}


def _memorisation(*features):
    try:
        return metrics.memorisation(*features)
    except InputError:  # half of the held-out images are training images
        return None


def _protocol(encoder, pixels, training_images, against, used):
    card = encoder.classifier.card if encoder.classifier else None
    other = "training" if against == "test" else "test"
    floor = f"{used:,} {other} images in place of the generated ones"
    if card and against == "test":
        floor += ", which the classifier was trained on"
    return {
        "features": encoder.description, "is_fid": encoder.kind == "inception",
        "classifier": card and {key: card[key] for key in _OF_CARD},
        "class_names": card and card["class_names"], "floor": floor,
        "kernel_subset_size": _subset_size(used), "neighbourhood": min(used, NEIGHBOURHOOD),
        "precision_recall_neighbours": 3, "density_coverage_neighbours": 5,
        "mode": f"a class with at least {metrics.MODE_SHARE:.0%} of an even share",
        "memorisation": f"against {training_images:,} training images, in {pixels.description}; "
                        "floor: half of the test images beside the others",
    }


def _subset_size(count):
    return min(SUBSET, count // 2)  # subsets of all images would be equal, and the error 0


def _short(value):
    return "-" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:,.3f}"
