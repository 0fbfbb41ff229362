"""A small sample measured now and then in training, and the best generator kept."""

import itertools
import math

import keras
import numpy as np

from ganlib import encoders, evaluation, images, losses, metrics, sampling

SAMPLE_COUNT = 500  # images of each side: 0.3 s for small digits on two cores, and 50 of each of ten classes
FEWEST_IMAGES = 20  # real images of a class in a sample that can tell whether the class is missing
RECENT, FEWEST_ROWS = 8, 5  # rows of a history that rules look at: at most, and at least
MEASURED = 3  # measures in a row that must agree
GUESSING = math.log(2)  # D's loss where it answers one half to everything
WON, DIVERGED, SWINGING, NARROW, FALLING = 0.15, 100.0, 1.0, 0.1, 0.9


class Monitor:
    """Measures a generator while it trains, from a small sample, always with the same latents and labels.

    Features are those of the dataset's classifier, if there is one, else a PCA of the pixels. Real images are training images.
    So few give a larger distance than `evaluate` does: compare numbers of one run with each other only.

    Args:
        dataset: the training data, a ganlib.data.Dataset.
        noise: "normal" or "uniform", as the generator is trained.
        count: images of each kind; at most as many as there are.
        seed: of the latents and of the real images chosen.
    """

    def __init__(self, dataset, noise="normal", count=SAMPLE_COUNT, seed=0):
        self.noise, self.seed, self.count = noise, seed, min(count, len(dataset))
        self.class_names, self._classifier = dataset.class_names, encoders.classifier_of(dataset)
        self._project = None if self._classifier else encoders.pixel_features(dataset)
        self.features = f"{encoders.NUM_FEATURES} of the dataset's classifier" if self._classifier else "a PCA of the pixels"
        self._real, self._counts = self._seen(encoders.drawn(dataset, self.count, np.random.default_rng(seed))[0])

    def _seen(self, pictures):
        """Returns features and how many images the classifier takes for each class, or None without a classifier."""
        if not self._classifier:
            return self._project(pictures), None
        features, predicted = self._classifier.outputs(pictures)
        return features, metrics.class_counts(predicted, len(self.class_names))[0]

    def __call__(self, generator):
        """Returns what is measured of a generator, a dict that JSON can hold.

        frechet_distance: to the real images. spread: total variance of its features, over that of the real ones. missing:
        names of the classes that it makes less than MODE_SHARE as often as the classifier sees them in the real images, of
        those that are seen FEWEST_IMAGES times there; None without a classifier.
        """
        inputs = [sampling.draw_latents(self.count, generator.inputs[0].shape[-1], self.noise, self.seed)]
        if len(generator.inputs) == 2:
            inputs.append(sampling.class_labels(generator, self.count))
        blocks = []
        for first in range(0, self.count, 250):  # called as it is: `predict` would compile a graph for these few
            rows = [part[first : first + 250] for part in inputs]
            made = generator(rows if len(rows) > 1 else rows[0], training=False)
            blocks.append(images.to_uint8(keras.ops.convert_to_numpy(made)))
        fakes, counts = self._seen(np.concatenate(blocks))
        missing = None
        if counts is not None:
            rare = (self._counts >= FEWEST_IMAGES) & (counts < evaluation.MODE_SHARE * self._counts)
            missing = [self.class_names[number] for number in np.flatnonzero(rare)]
        spread = fakes.var(0).sum() / max(self._real.var(0).sum(), 1e-12)
        distance = metrics.frechet_distance(self._real, fakes)
        return {"frechet_distance": distance, "spread": float(spread), "missing": missing}


def diagnose(history, measures=(), least=0.0):
    """Returns how the game goes; what stands before a colon is the diagnosis. The first of these that holds:

    - "diverged": a loss is not finite or beyond DIVERGED. That is a logit of 100, odds of e^100, in the average image; a D
      that has won against a stubborn G comes to 50.
    - "the discriminator has won": D's loss was in each of the last FEWEST_ROWS rows within WON of the way from the least that it
      can be to GUESSING: with labels 0 and 1 below 0.104, nine tenths for the truth. What G does earns next to nothing then.
    - "oscillating": D's loss went up and down by more than SWINGING in all within the last RECENT rows, beyond the way from
      the first to the last. That is 0.14 from row to row; means over a stretch of a calm game differ by about 0.02.
    - "the generator has collapsed": in each of the last MEASURED measures some class was missing (less than a tenth as often
      as among real images), not always the same, since some collapses wander; or the spread was below NARROW each time. A
      single class has a tenth of the spread of ten in a classifier's features; among the pixels it has half, and then only a
      collapse to a few images is seen. Blobs of the first steps are missing classes too, so neither counts while the
      distance still falls: the last below FALLING of the best one from before.
    - "healthy": none of these; "healthy by its losses" if the images tell nothing (yet), since a collapse hardly shows in
      the losses; "healthy by its images" or "unknown" if the losses tell nothing.
    - "too early to tell": fewer than FEWEST_ROWS rows.

    Args:
        history: rows with step, d_loss and g_loss, of steps in which both played.
        measures: rows with frechet_distance, spread and missing, as Monitor gives them.
        least: of D's loss, from `least_loss`; None where that is not known: of the losses only "diverged" is told then, for
            losses that are not finite.
    """
    limit = math.inf if least is None else DIVERGED
    if history and not all(abs(history[-1][loss]) < limit for loss in ("d_loss", "g_loss")):
        return "diverged"
    if len(history) < FEWEST_ROWS:
        return "too early to tell"
    recent = [row["d_loss"] for row in history[-RECENT:]]
    if least is not None:
        if max(recent[-FEWEST_ROWS:]) < least + WON * (GUESSING - least):
            return "the discriminator has won"
        if sum(abs(b - a) for a, b in itertools.pairwise(recent)) - abs(recent[-1] - recent[0]) > SWINGING:
            return f"oscillating: the discriminator's loss between {min(recent):.2f} and {max(recent):.2f}"
    lately = measures[-MEASURED:]
    seen, missing = len(lately) == MEASURED, all(row["missing"] for row in lately)
    if seen and (missing or max(row["spread"] for row in lately) < NARROW):
        last, before = lately[-1], min(row["frechet_distance"] for row in measures[: 1 - MEASURED])
        if last["frechet_distance"] >= FALLING * before:
            sign = f"no {', '.join(last['missing'])}" if missing else f"its images vary {last['spread']:.0%} as much as real ones"
            return f"the generator has collapsed: {sign}"
        seen = False
    if least is None:
        return "healthy by its images" if seen else "unknown"
    return "healthy" if seen else "healthy by its losses"


def least_loss(loss, real_label=1.0, fake_label=0.0):
    """Returns the least mean loss that D can have, which smoothed and soft labels lift above 0.

    It is the entropy of the mean label, averaged over both kinds of images; None for a loss that is no cross-entropy.

    Args:
        loss: a name of ganlib.losses.LOSSES.
        real_label, fake_label: a number or a (low, high) range, as in `GAN.compile`.
    """
    if losses.get(loss).discriminator is not losses.non_saturating_discriminator_loss:
        return None
    entropies = []
    for label in (real_label, fake_label):
        mean = sum(label) / 2 if isinstance(label, (tuple, list)) else label
        entropies.append(-sum(share * math.log(share) for share in (mean, 1.0 - mean) if share > 0.0))
    return sum(entropies) / 2
