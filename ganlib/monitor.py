"""A run watched from outside: a small sample measured now and then, and what the numbers mean."""

import functools
import itertools
import math

import numpy as np

from ganlib import encoders, images, losses, metrics, sampling
from ganlib.errors import check_number, check_seed

SAMPLE_COUNT = 500  # images of each kind: 50 of each of ten classes, and 0.3 s on two cores
STREAM = 1  # of its latents, so that `evaluate` never scores a generator on those that chose it
FEWEST_IMAGES = 20  # real images of a class, below which a missing class may be chance
RECENT, FEWEST_ROWS = 8, 5  # rows of a history that the rules look at: at most, and at least
MEASURED = 3  # measures in a row that must agree
GUESSING = math.log(2)  # D's loss if it answers one half to everything
WON, DIVERGED, SWINGING, NARROW, FALLING = 0.15, 100.0, 1.0, 0.1, 0.9  # see `diagnose`


class Monitor:
    """Measures a generator in training, and diagnoses the run.

    A measurement takes few images, always from the same latents and labels, and compares them with
    training images. So few images give a larger distance than `evaluate` does: compare it only with
    others from the same run.
    """

    def __init__(self, dataset, noise="normal", least=0.0, count=SAMPLE_COUNT, seed=0):
        """Remembers what to measure; nothing is computed until it is asked for.

        Args:
            dataset: the training data, a ganlib.data.Dataset.
            noise: "normal" or "uniform", as the generator is trained.
            least: D's least loss, as `least_loss` returns it.
            count: images of each kind; at most all.
            seed: of the latents and of the choice of real images.
        """
        self.dataset, self.noise, self.least, self.seed = dataset, noise, least, check_seed(seed)
        self.count = min(check_number("count", count, 2), len(dataset))

    def describe(self):
        """Returns what is measured, in words: how many images, in which features."""
        return f"{self.count} images, in {self._encoder.description}"

    def measure(self, generator):
        """Returns the measurements of a generator, a dict that JSON can hold.

        Returns:
            frechet_distance: float, to the real images.
            spread: float, the total variance of its features over that of the real ones.
            missing: names of the classes that it makes less than MODE_SHARE as often as the
                classifier sees them among the real images, out of those seen at least FEWEST_IMAGES
                times there. None without a classifier.
        """
        random, count = np.random.default_rng(self.seed), self.count
        wanted = sampling.draw_labels(generator, self.dataset.labels, count, random)
        options = self.seed, self.noise, STREAM
        pictures, _ = sampling.generate(generator, count, wanted, *options)
        fake, fake_classes = self._encoder.encode(images.to_uint8(pictures))
        real, real_classes = self._real
        missing = None
        if self._encoder.classifier:
            class_names = self.dataset.class_names
            expected, _ = metrics.class_counts(real_classes, len(class_names))
            found, _ = metrics.class_counts(fake_classes, len(class_names))
            rare = (expected >= FEWEST_IMAGES) & (found < metrics.MODE_SHARE * expected)
            missing = [class_names[number] for number in np.flatnonzero(rare)]
        spread = float(fake.var(0).sum() / max(real.var(0).sum(), 1e-12))
        distance = metrics.frechet_distance(real, fake)
        return {"frechet_distance": distance, "spread": spread, "missing": missing}

    def diagnose(self, history, rows):
        """Returns how the game goes, as the function `diagnose` does."""
        return diagnose(history, rows, self.least)

    @functools.cached_property
    def _encoder(self):
        return encoders.encoder_for(self.dataset)

    @functools.cached_property
    def _real(self):
        random = np.random.default_rng(self.seed)
        return self._encoder.encode(encoders.draw_images(self.dataset, self.count, random)[0])


def diagnose(history, measures=(), least=0.0):
    """Returns how the game goes; the words before a colon are the diagnosis.

    It is the first of these that holds:

    - "diverged": a loss is not finite or beyond DIVERGED. A mean loss of 100 means odds of e^100
      for the average image; a D that has won against a stubborn G comes to about 50.
    - "too early to tell": there are fewer than FEWEST_ROWS rows.
    - "the discriminator has won": in each of the last FEWEST_ROWS rows, D's loss was within WON of
      the way from its least value to GUESSING. With labels 0 and 1 that is below 0.104, a
      probability of nine tenths for the truth. Nothing that G does changes much then.
    - "oscillating": within the last RECENT rows, D's loss went up and down by more than SWINGING in
      total, not counting the way from the first to the last. That is 0.14 from row to row; the rows
      of a calm game, which are means over many steps, differ by about 0.02.
    - "the generator has collapsed": in each of the last MEASURED measurements, some class was
      missing, or the spread was below NARROW. The missing classes need not be the same, since some
      collapses wander. In a classifier's features, a single class has a tenth of the spread of ten
      classes; in pixels it has half, so there only a collapse to a few images shows. The blobs of
      the first steps miss classes too, so none of this counts while the distance still falls: while
      the last one is below FALLING of the best from before.
    - "healthy": none of these. It is "healthy by its losses" if the images say nothing (yet), since
      the losses hardly show a collapse; "healthy by its images" or "unknown" if the losses say
      nothing.

    Args:
        history: rows with step, d_loss and g_loss, of steps in which both played.
        measures: rows with frechet_distance, spread and missing, as `Monitor.measure` returns them.
        least: D's least loss, as `least_loss` returns it. If it is None, the losses only show that
            a game has "diverged", when they are not finite.
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
        way = sum(abs(after - before) for before, after in itertools.pairwise(recent))
        if way - abs(recent[-1] - recent[0]) > SWINGING:
            low, high = min(recent), max(recent)
            return f"oscillating: the discriminator's loss between {low:.2f} and {high:.2f}"
    images_tell = len(measures) >= MEASURED
    if images_tell and (sign := _collapse(measures[-MEASURED:])):
        best_before = min(row["frechet_distance"] for row in measures[: 1 - MEASURED])
        if measures[-1]["frechet_distance"] >= FALLING * best_before:
            return f"the generator has collapsed: {sign}"
        images_tell = False
    if least is None:
        return "healthy by its images" if images_tell else "unknown"
    return "healthy" if images_tell else "healthy by its losses"


def _collapse(measures):
    # The sign of a collapse that all of these measures show, or None.
    last = measures[-1]
    if all(row["missing"] for row in measures):
        return f"no {', '.join(last['missing'])}"
    if max(row["spread"] for row in measures) < NARROW:
        return f"its images vary {last['spread']:.0%} as much as real ones"
    return None


def least_loss(loss, real_label=1.0, fake_label=0.0):
    """Returns the least mean loss that D can have, or None for a loss that is not a cross-entropy.

    Smoothed and soft labels raise it above 0, to the entropy of the mean label, averaged over real
    and generated images.

    Args:
        loss: a name in ganlib.losses.LOSSES.
        real_label, fake_label: a number or a (low, high) range, as in `GAN.compile`.
    """
    if losses.get(loss).discriminator is not losses.non_saturating_discriminator_loss:
        return None
    means = [float(np.mean(label)) for label in (real_label, fake_label)]
    shares = [share for mean in means for share in (mean, 1.0 - mean) if share > 0.0]
    return -sum(share * math.log(share) for share in shares) / 2
