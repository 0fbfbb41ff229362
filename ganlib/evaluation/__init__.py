"""A trained generator measured: all numbers of `metrics`, with their protocol and their floor.

The floor is what real images score in place of generated ones. No generator and no encoder was
trained on them. A number is good when it is near its floor: away from it, in either direction, it
shows that the images differ from real ones.
"""

import dataclasses

import numpy as np

from ganlib import data, encoders, images, metrics, sampling, store
from ganlib.data import transforms
from ganlib.data.sources import every_tenth
from ganlib.errors import InputError, check_number, check_seed
from ganlib.evaluation.numbers import (
    NEIGHBOURHOOD, SURE, classes, copies, distances, off_spectrum, subset_size,
)  # fmt: skip
from ganlib.evaluation.report import is_better, table  # noqa: F401

FEWEST = 8  # images of each kind: five neighbours and some that are not
_OF_CARD = ("test_accuracy", "seed", "epochs", "sha256")  # what the protocol says of a classifier


def evaluate(generator, dataset_name, noise="normal", count=2_000, seed=0, features="auto",
             trained_on=None):
    """Returns the measurements of a generator, a dict that JSON can hold.

    Two sets of test images are drawn, which share none. With the first, generated images are
    compared; the other stands in their place for the floor. Several encoders judge, see
    ganlib.encoders.judges. Without a classifier of the dataset there are no numbers about classes.
    A conditional generator is asked for classes as often as the training set has them, or for all
    in turn if the dataset has no labels. Copies are searched for among all training images, with a
    PCA of the pixels.

    Args:
        generator: a Keras model that takes latents, or [latents, labels]. If it makes gray images,
            a dataset in colour is turned to gray.
        dataset_name: as for ganlib.data.load; it needs training and test images.
        noise: "normal" or "uniform", as the generator was trained.
        count: images of each kind; at most half of the test images.
        seed: of latents, of the choice of real images and of the kernel distance's subsets.
        features: "auto", "first", "pixels" or "inception", as for `judges`.
        trained_on: number of images that it was trained on. It shows whether test images were among
            them, as when a dataset lacks its training images; None means the training images.

    Returns:
        A dict with "protocol", "generated", "floor" and "judges". "generated" and "floor" have the
        same keys, one for each number: of generated images, and of real images in their place. A
        number that cannot be computed is None, such as "frechet_distance" with too few images. The
        numbers are those of the first judge; "judges" has {"features", "generated", "floor"} of
        each.

    Raises:
        InputError: if there are too few images, their shape is not the dataset's, a number is out
            of range, the model is not a generator, or InceptionV3 cannot be downloaded.
    """
    count, seed = check_number("count", count, 1), check_seed(seed)
    sampling.check_generator(generator)
    train, test = (_in_shape_of(generator, data.load(dataset_name, split))
                   for split in ("train", "test"))
    judges = encoders.judges(train, features)
    own = judges[0].classifier
    trained = [trained_on, own and own.card["training_images"]]
    test, aside = _kept_aside(test, trained)
    used = min(count, len(test) // 2)
    if used < FEWEST:
        raise InputError(f"{used} images are too few to measure anything; expected {FEWEST}, and "
                         f"twice as many to test. {dataset_name} has {len(test):,} to test.")
    random = np.random.default_rng(seed)
    drawn, labels = encoders.draw_images(test, 2 * used, random)
    real, others = drawn[:used], drawn[used:]
    real_labels, other_labels = (None, None) if labels is None else (labels[:used], labels[used:])
    wanted = sampling.draw_labels(generator, train.labels, used, random)
    fakes, asked = sampling.generate(generator, used, wanted, seed, noise)
    fakes = images.to_uint8(fakes)  # as they would be saved

    opinions, outputs = {}, []
    for judge in judges:
        seen = [judge.encode(pictures) for pictures in (real, fakes, others)]
        outputs.append(seen)
        of_real, of_fakes, of_others = (features for features, _ in seen)
        opinions[judge.kind] = {"features": judge.description,
                                "generated": distances(of_real, of_fakes, seed),
                                "floor": distances(of_real, of_others, seed)}
    first = opinions[judges[0].kind]
    generated, floor = dict(first["generated"]), dict(first["floor"])
    if own:
        (of_real, _), of_fakes, of_others = outputs[0]
        other_wishes = None if asked is None else other_labels
        generated |= classes(own, fakes, of_fakes, asked, of_real, real_labels)
        floor |= classes(own, others, of_others, other_wishes, of_real, real_labels)
    pixels = encoders.pixel_features(train)
    known, held_out = pixels(train.images), pixels(real)
    for numbers, pictures in ((generated, fakes), (floor, others)):
        numbers["spectrum"] = off_spectrum(real, pictures)
        numbers |= copies(known, held_out, pixels(pictures))
    protocol = {
        "dataset": dataset_name, "image_shape": list(train.image_shape), "count": used,
        "seed": seed, "noise": noise, "kept_aside": aside,
        "features": judges[0].description,
        "classifier": own and {key: own.card[key] for key in _OF_CARD},
        "class_names": own and own.card["class_names"],
        "kernel_subset_size": subset_size(used), "neighbourhood": min(used, NEIGHBOURHOOD),
        "precision_recall_neighbours": 3, "density_coverage_neighbours": 5,
        "mode": f"a class with at least {metrics.MODE_SHARE:.0%} of an even share, of images that "
                f"the classifier gives {SURE:.0%}",
        "memorisation": f"against {len(train):,} training images, in {pixels.description}",
    }
    return {"protocol": protocol, "generated": generated, "floor": floor, "judges": opinions}


def evaluate_source(source, dataset=None, count=2_000, seed=0, features="auto"):
    """Returns what `evaluate` does, and in "run" how the generator was trained.

    Args:
        source: as for `load_generator`: a run folder, a file or the name of a published generator.
        dataset: None means the one in the recipe beside the generator.
        count, seed, features: as for `evaluate`.

    Raises:
        InputError: as `evaluate` and `load_generator` do, or if there is no dataset and no recipe.
    """
    generator, recipe = store.load_generator(source), store.recipe_of(source)
    dataset = dataset or recipe.get("dataset")
    if dataset is None:
        raise InputError(f"no recipe.json beside {source} names a dataset. Give --dataset NAME.")
    training = store.training_of(source)
    run = {key: recipe.get(key) for key in ("name", "profile", "seed")} | training
    noise, trained_on = store.noise_of(source), training.get("images")
    found = evaluate(generator, dataset, noise, count, seed, features, trained_on)
    return {"run": run} | found


def _in_shape_of(generator, dataset):
    shape = tuple(generator.outputs[0].shape[1:])
    if shape[-1] == 1:
        dataset = transforms.to_gray(dataset)
    if tuple(dataset.image_shape) != shape:
        raise InputError(f"the generator makes images of shape {shape}, {dataset.name} has "
                         f"{tuple(dataset.image_shape)}. Name the dataset that it was trained on.")
    return dataset


def _kept_aside(test, trained_on):
    """Returns the test images that nothing was trained on, and what to say about it, "" if nothing.

    A dataset without training images is trained on nine of ten test images. Where it has them as
    well, all of its test images are test images, including those nine.
    """
    aside = every_tenth(len(test))
    if int((~aside).sum()) not in trained_on:
        return test, ""
    labels = None if test.labels is None else test.labels[aside]
    rest = dataclasses.replace(test, images=test.images[aside], labels=labels)
    return rest, (f"Measured on {int(aside.sum()):,} test images: the others were "
                                "trained on, by the generator or by the classifier.")
