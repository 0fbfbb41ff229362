"""Real or fake? Pictures one after the other, and your score beside those of machines."""

import dataclasses

import keras
import numpy as np
from scipy.stats import binomtest
from sklearn.metrics import pairwise_distances_argmin

from ganlib import data, files, plots, sampling, store
from ganlib.data import transforms
from ganlib.errors import InputError, check_number
from ganlib.images import to_float, to_uint8
from ganlib.widgets.screen import display_picture, enlarged, is_live

POOL = 1000  # pictures of each kind among which the nearest neighbour is looked for


@dataclasses.dataclass
class Quiz:
    """Pictures of which some are real, in an order drawn from a seed.

    Attributes:
        pictures: (count, height, width, channels) uint8.
        real: (count,) bool.
        judges: {name: (count,) bool}, what machines answer for the same pictures.
        facts: what it was made from, a dict.
    """

    pictures: np.ndarray
    real: np.ndarray
    judges: dict
    facts: dict

    def score(self, answers):
        """Returns {"right", "count", "share", "low", "high"} of answers (count,) bool so far."""
        return score(int(np.sum(answers == self.real[: len(answers)])), len(answers))


def score(right, count):
    """Returns {"right", "count", "share", "low", "high"}: the share of right answers, and 95 %."""
    test = binomtest(right, count)
    ends = test.proportion_ci(method="wilson")  # which also holds for few answers
    return {"right": right, "count": count, "share": test.statistic,
            "low": float(ends.low), "high": float(ends.high)}


def imitated(generator, dataset_name, split):
    """Returns the images of a split that a generator imitates, a Dataset.

    Raises:
        InputError: if their shape is not that of the generator's images.
    """
    dataset = data.load(dataset_name, split)
    if generator.output_shape[-1] == 1:
        dataset = transforms.to_gray(dataset)
    if tuple(dataset.image_shape) != tuple(generator.output_shape[1:]):
        raise InputError(f"the generator makes images of {generator.output_shape[1:]}, "
                         f"{dataset_name} has {dataset.image_shape}. Name the right dataset.")
    return dataset


def make_quiz(generator, dataset_name, noise="normal", count=20, seed=0, discriminator=None):
    """Returns a Quiz of test images and of generated ones, whose latents nobody has chosen.

    Args:
        generator: a Keras model that takes latents, or [latents, labels].
        dataset_name: as for ganlib.data.load; it needs test images.
        noise: "normal" or "uniform", as the generator was trained.
        count: pictures; each is real or generated with equal chance.
        seed: of everything drawn.
        discriminator: the generator's, which is then a judge as well, or None.

    Raises:
        InputError: if the dataset's images have another shape.
    """
    count, random = check_number("count", count, 2, POOL), np.random.default_rng(seed)
    train, test = (imitated(generator, dataset_name, split) for split in data.SPLITS)
    fakes, labels = sampling.generate(generator, count + POOL, seed=seed, noise=noise)
    fakes, real = to_uint8(fakes), random.random(count) < 0.5
    rows = random.choice(len(test), count, replace=count > len(test))
    shown = np.stack([test.images[row] for row in rows])
    pictures = np.where(real[:, None, None, None], shown, fakes[:count])
    # The neighbours come from other pictures of both kinds, equally many of each.
    known = np.sort(random.choice(len(train), min(POOL, len(train)), replace=False))
    pool = np.concatenate([train.images[known], fakes[count : count + len(known)]])
    flat = [each.reshape(len(each), -1).astype("float32") for each in (pictures, pool)]
    nearest = pairwise_distances_argmin(*flat)
    judges = {"nearest neighbour": nearest < len(known)}
    if discriminator is not None and (labels is None or test.labels is not None):
        inputs = to_float(pictures)
        if labels is not None:
            asked = np.where(real, test.labels[rows], labels[:count]).astype("int32")
            inputs = [inputs, keras.ops.convert_to_tensor(asked)]
        judges["discriminator"] = np.asarray(discriminator(inputs, training=False))[:, 0] > 0
    facts = {"dataset": dataset_name, "count": count, "seed": seed}
    return Quiz(pictures, real, judges, facts)


class Guessing:
    """The widgets of a Quiz: a picture, two buttons, the score.

    Attributes:
        quiz: the Quiz.
        answers: what was answered so far, a list of bool, true for "real".
    """

    def __init__(self, quiz, keep=None):
        """Shows the first picture; the result is written to the JSON file `keep`, if given."""
        import ipywidgets as w

        self.quiz, self.keep, self.answers = quiz, keep, []
        self.picture = w.Image(layout=w.Layout(width="256px", height="256px"))
        self.words = w.HTML()
        self.buttons = [w.Button(description=text) for text in ("Real", "Generated")]
        for button, real in zip(self.buttons, (True, False), strict=True):
            button.on_click(lambda _, real=real: self.answer(real))
            button.add_class(f"ganlib-guess-{'real' if real else 'fake'}")
        self.words.add_class("ganlib-guess-words")
        self.box = w.VBox([self.picture, w.HBox(self.buttons), self.words])
        self._ask("Is this picture real or generated?")

    def _ask(self, words):
        self.picture.value = enlarged(self.quiz.pictures[len(self.answers)], 256)
        self.words.value = words

    def answer(self, real):
        """Takes an answer, tells the truth and shows the next picture, or the result."""
        truth = bool(self.quiz.real[len(self.answers)])
        self.answers.append(real)
        told = ("Right" if real == truth else "No") + ": it was " + (
            "a real one." if truth else "a generated one.")
        if len(self.answers) < len(self.quiz.real):
            self._ask(f"{told} {len(self.answers)} of {len(self.quiz.real)} answered.")
            return
        for button in self.buttons:
            button.disabled = True
        self.words.value = f"{told}<br>{'<br>'.join(self.lines())}"
        if self.keep:
            judges = {name: self.quiz.score(found) for name, found in self.quiz.judges.items()}
            you = self.quiz.score(np.array(self.answers))
            files.write_json(self.keep, {**self.quiz.facts, "you": you, "judges": judges})

    def lines(self):
        """Returns your score and the machines', a line each."""
        found = {"you": np.array(self.answers), **self.quiz.judges}
        return [_line(name, self.quiz.score(answers)) for name, answers in found.items()]


def _line(name, score):
    return (f"{name}: {score['right']} of {score['count']} right, {score['share']:.0%} "
            f"(95 % interval {score['low']:.0%} to {score['high']:.0%}; guessing gives 50 %)")


def real_or_fake(source, dataset=None, count=20, seed=0, keep=None):
    """Asks whether pictures are real, and compares you with machines.

    Where no front end is live it shows the pictures and the machines' scores.

    Args:
        source: a ganlib.training.Run, or what ganlib.store.load_generator takes, such as the name
            of a published generator.
        dataset: where the real ones come from; None means the one that it was trained on.
        count, seed: as for `make_quiz`.
        keep: a JSON file for the result, or None.

    Raises:
        InputError: if no dataset is known, or it has images of another shape.
    """
    discriminator = None
    if hasattr(source, "recipe"):  # a Run
        generator, noise = source.gan.averaged_generator, source.recipe.noise
        dataset, discriminator = dataset or source.recipe.dataset, source.discriminator
    elif isinstance(source, keras.Model):
        generator, noise = source, "normal"
    else:
        generator, noise = store.load_generator(source), store.noise_of(source)
        dataset = dataset or store.recipe_of(source).get("dataset")
    if dataset is None:
        raise InputError("no recipe names the dataset of this generator; give dataset=NAME.")
    quiz = make_quiz(generator, dataset, noise, count, seed, discriminator)
    if is_live():
        from IPython.display import display

        guessing = Guessing(quiz, keep)
        display(guessing.box)
        return guessing
    scores = [_line(name, quiz.score(found)) for name, found in quiz.judges.items()]
    words = ["Which of these are real? A live notebook asks you one by one, and counts.", *scores]
    display_picture(plots.image_grid(quiz.pictures), "\n".join(words))
    return quiz
