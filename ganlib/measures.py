"""A small sample measured now and then in training, and the best generator kept."""

import dataclasses
import json

import keras
import numpy as np

from ganlib import classifiers, evaluation, generators, images, metrics
from ganlib.settings import atomic

GAUGED = 500  # images of each side: 0.3 s for small digits on two cores, and 50 of each of ten classes
FEWEST = 20  # real images of a class in a sample that can tell whether the class is missing


class Gauge:
    """Measures a generator while it trains, from a small sample, always with the same latents and labels.

    Features are those of the dataset's classifier, if there is one, else a PCA of the pixels. Real images are training images.
    So few give a larger distance than `evaluate` does: compare numbers of one run with each other only.

    Args:
        dataset: the training data, a ganlib.data.Dataset.
        noise: "normal" or "uniform", as the generator is trained.
        count: images of each kind; at most as many as there are.
        seed: of the latents and of the real images chosen.
    """

    def __init__(self, dataset, noise="normal", count=GAUGED, seed=0):
        self.noise, self.seed, self.count = noise, seed, min(count, len(dataset))
        self.class_names, self._classifier = dataset.class_names, evaluation.classifier_of(dataset)
        self._project = None if self._classifier else evaluation.pixel_features(dataset)
        self.features = f"{classifiers.NUM_FEATURES} of the dataset's classifier" if self._classifier else "a PCA of the pixels"
        self._real, self._counts = self._seen(evaluation.drawn(dataset, self.count, np.random.default_rng(seed))[0])

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
        those that are seen FEWEST times there; None without a classifier.
        """
        inputs = [generators.draw_latents(self.count, generator.inputs[0].shape[-1], self.noise, self.seed)]
        if len(generator.inputs) == 2:
            inputs.append(generators.class_labels(generator, self.count))
        blocks = []
        for first in range(0, self.count, 250):  # called as it is: `predict` would compile a graph for these few
            rows = [part[first : first + 250] for part in inputs]
            made = generator(rows if len(rows) > 1 else rows[0], training=False)
            blocks.append(images.to_uint8(keras.ops.convert_to_numpy(made)))
        fakes, counts = self._seen(np.concatenate(blocks))
        missing = None
        if counts is not None:
            rare = (self._counts >= FEWEST) & (counts < evaluation.MODE_SHARE * self._counts)
            missing = [self.class_names[number] for number in np.flatnonzero(rare)]
        spread = fakes.var(0).sum() / max(self._real.var(0).sum(), 1e-12)
        distance = metrics.frechet_distance(self._real, fakes)
        return {"frechet_distance": distance, "spread": float(spread), "missing": missing}


@dataclasses.dataclass
class Measures:
    """What was measured in a run, and the best generator by its distance.

    Attributes:
        rows: dicts with step, frechet_distance, spread and missing, as ganlib.measures.Gauge gives them.
        weights: of the generator in the best row, a list of arrays as `get_weights` gives them.
    """

    rows: list = dataclasses.field(default_factory=list)
    weights: list = dataclasses.field(default_factory=list)

    @property
    def best(self):
        """The row with the least distance, of equal ones the first; None while there are no rows."""
        return min(self.rows, key=lambda row: row["frechet_distance"], default=None)

    def write(self, path):
        """Writes all rows as JSON, with the best and the last one named."""
        text = json.dumps({"best": self.best, "last": self.rows[-1], "rows": self.rows}, ensure_ascii=False, indent=1)
        with atomic(path) as partial:
            partial.write_text(text)


class Measure(keras.callbacks.Callback):
    """Measures the generator at fixed steps, keeps the best one's weights and writes measures.json.

    It draws nothing from any random state and changes none: training goes as it would without it.

    Args:
        path: of measures.json.
        measures: the Measures to continue.
        gauge: a function from a generator to a row without step, such as a ganlib.measures.Gauge.
        every: steps between two measures; ends of epochs only are looked at.
        last: a step that is measured as well.
    """

    def __init__(self, path, measures, gauge, every, last):
        super().__init__()
        self.path, self.measures, self.gauge, self.every, self.last = path, measures, gauge, every, last

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.step.numpy())
        if step % self.every and step != self.last:
            return
        generator = self.model.averaged_generator
        row = {"step": step, **self.gauge(generator)}
        self.measures.rows.append(row)
        if self.measures.best is row:
            self.measures.weights[:] = generator.get_weights()
        self.measures.write(self.path)
