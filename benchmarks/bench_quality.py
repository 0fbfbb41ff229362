"""How soon pictures are good: ganlib's quick MNIST DCGAN and TensorFlow's DCGAN tutorial.

    python benchmarks/bench_quality.py           13 minutes on two cores, 2 more the first time
    python benchmarks/bench_quality.py --long    ganlib also after ten minutes
    python benchmarks/bench_quality.py --tutorial-marks 2 4 --ganlib-marks 2 4    a quick look

The tutorial's networks and loop are used as they are. Both train on the same 60,000 images on the
same machine, one after the other. At each mark, the Frechet distance says how far 10,000 generated
images are from the 10,000 test images. Marks are in seconds of training: tracing and compiling
count, evaluation does not, and neither side saves pictures or checkpoints.

The features are those of a small classifier that this script trains once and keeps in
<runs>/benchmarks/. So the numbers can be compared only with each other, not with published ones.
"""

import argparse
import time

import ganlib  # isort: skip  (first: it starts TensorFlow without its chatter)
import keras
import numpy as np
import tensorflow as tf
from keras import layers

from ganlib.metrics import frechet_distance

NUM_IMAGES = 10_000  # on each side of a distance
TOTAL_VARIANCE = 1000.0  # of the test images' features, after scaling
CLASSIFIER_EPOCHS = 3
TUTORIAL_BATCH_SIZE, TUTORIAL_LATENT_DIM, TUTORIAL_RATE = 256, 100, 1e-4


class Judge:
    """A small MNIST classifier, and distances between sets of images on its penultimate features.

    Args:
        train, test: ganlib.data.Datasets.
        path: of the .keras file: loaded if it is there, else written.
        seed: of the classifier.
    """

    def __init__(self, train, test, path, seed):
        if path.exists():
            self.classifier = keras.models.load_model(path)
        else:
            print(f"Training the classifier, {CLASSIFIER_EPOCHS} epochs, for {path}.", flush=True)
            self.classifier = self.train(train, seed)
            ganlib.files.writable_folder(path.parent)
            with ganlib.files.atomic(path) as partial:
                self.classifier.save(partial)
        scores = self.classifier.evaluate(scaled(test.images), test.labels, 500, verbose=0)
        self.accuracy = scores[1]
        self.features = keras.Model(self.classifier.inputs, self.classifier.layers[-1].input)
        self.scale = 1.0
        test_features = self.features_of(test.images)
        self.scale = np.sqrt(TOTAL_VARIANCE / test_features.var(0).sum())
        self.test_features = test_features * self.scale

    @staticmethod
    def train(train, seed):
        """Returns a classifier trained on all training images, a function of the seed."""
        keras.utils.set_random_seed(seed)
        classifier = keras.Sequential(
            [
                keras.Input(train.image_shape),
                layers.Conv2D(32, 3, activation="relu", padding="same"),
                layers.MaxPooling2D(),
                layers.Conv2D(64, 3, activation="relu", padding="same"),
                layers.MaxPooling2D(),
                layers.Flatten(),
                layers.Dropout(0.3),
                layers.Dense(64, activation="relu", name="features"),
                layers.Dense(10, name="logits"),
            ]
        )
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        classifier.compile(keras.optimizers.Adam(1e-3), loss, metrics=["accuracy"])
        classifier.fit(scaled(train.images), train.labels, 128, CLASSIFIER_EPOCHS, verbose=0)
        return classifier

    def features_of(self, images):
        """Returns the scaled features (count, 64) of uint8 images."""
        return self.features.predict(scaled(images), batch_size=500, verbose=0) * self.scale

    def distance(self, images):
        """Returns the Frechet distance of images, uint8, to the test images."""
        return frechet_distance(self.features_of(images), self.test_features)


class Clock:
    """Counts the seconds of training, and judges a generator whenever they pass a mark.

    Args:
        title: of the contender.
        marks: seconds, ascending.
        judge: a Judge.
        seed: of the latents of the judged images.
    """

    def __init__(self, title, marks, judge, seed):
        self.title, self.marks, self.judge, self.seed = title, sorted(marks), judge, seed
        self.rows = []  # (seconds, steps, distance)

    def start(self):
        self.started, self.steps = time.perf_counter(), 0

    def tick(self, generator, steps=1):
        """Counts steps; returns whether the last mark has been passed."""
        self.steps += steps
        paused = time.perf_counter()
        seconds = paused - self.started
        if seconds >= self.marks[len(self.rows)]:
            images, _ = ganlib.sampling.generate(generator, NUM_IMAGES, seed=self.seed)
            distance = self.judge.distance(ganlib.images.to_uint8(images))
            self.rows.append((seconds, self.steps, distance))
            row = f"  {self.title:12}{seconds:9.1f} s{self.steps:8,} steps{distance:10.1f}"
            print(row, flush=True)
            while len(self.rows) < len(self.marks) and self.marks[len(self.rows)] <= seconds:
                self.marks.pop(len(self.rows))  # one long step passed two marks
            self.started += time.perf_counter() - paused
        return len(self.rows) == len(self.marks)


def scaled(images):
    """Returns uint8 images as float32 in [-1, 1], an array."""
    return images.astype("float32") / 127.5 - 1.0


def tutorial_networks():
    """Returns the tutorial's generator and discriminator, with Keras's defaults as it has them."""
    generator = keras.Sequential(
        [
            keras.Input((TUTORIAL_LATENT_DIM,)),
            layers.Dense(7 * 7 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((7, 7, 256)),
            layers.Conv2DTranspose(128, 5, 1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(64, 5, 2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(1, 5, 2, padding="same", use_bias=False, activation="tanh"),
        ]
    )
    discriminator = keras.Sequential([keras.Input((28, 28, 1))])
    for filters in (64, 128):
        discriminator.add(layers.Conv2D(filters, 5, 2, padding="same"))
        discriminator.add(layers.LeakyReLU())
        discriminator.add(layers.Dropout(0.3))
    discriminator.add(layers.Flatten())
    discriminator.add(layers.Dense(1))
    return generator, discriminator


def train_tutorial(dataset, clock, seed):
    """Trains as TensorFlow's DCGAN tutorial does, until the clock has seen its last mark."""
    keras.utils.set_random_seed(seed)
    generator, discriminator = tutorial_networks()
    g_optimizer, d_optimizer = (keras.optimizers.Adam(TUTORIAL_RATE) for _ in range(2))
    g_optimizer.build(generator.trainable_variables)
    d_optimizer.build(discriminator.trainable_variables)
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    stream = tf.data.Dataset.from_tensor_slices(scaled(dataset.images)).shuffle(len(dataset))
    # A shorter last batch would be traced anew.
    stream = stream.batch(TUTORIAL_BATCH_SIZE, drop_remainder=True)

    @tf.function
    def train_step(images):
        noise = tf.random.normal((TUTORIAL_BATCH_SIZE, TUTORIAL_LATENT_DIM))
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fakes = generator(noise, training=True)
            real_logits = discriminator(images, training=True)
            fake_logits = discriminator(fakes, training=True)
            g_loss = cross_entropy(tf.ones_like(fake_logits), fake_logits)
            d_loss = cross_entropy(tf.ones_like(real_logits), real_logits)
            d_loss += cross_entropy(tf.zeros_like(fake_logits), fake_logits)
        g_variables = generator.trainable_variables
        d_variables = discriminator.trainable_variables
        g_optimizer.apply(g_tape.gradient(g_loss, g_variables), g_variables)
        d_optimizer.apply(d_tape.gradient(d_loss, d_variables), d_variables)

    clock.start()
    while True:
        for images in stream:
            train_step(images)
            if clock.tick(generator):
                return


def train_ganlib(clock, seed):
    """Trains the quick MNIST DCGAN of ganlib, until the clock has seen its last mark."""
    run = ganlib.recipes.build("mnist_dcgan", "quick", seed=seed)
    recipe, gan = run.recipe, run.gan
    done = 0

    def tick(batch, logs):
        nonlocal done
        step = int(gan.step)
        if clock.tick(gan.averaged_generator, step - done):
            gan.stop_training = True
        done = step

    clock.start()
    stream = ganlib.data.batches(run.dataset, recipe.batch_size, recipe.seed)
    callback = keras.callbacks.LambdaCallback(on_train_batch_end=tick)
    gan.fit(
        stream, epochs=10**6, steps_per_epoch=recipe.sample_every, callbacks=[callback],
        verbose=0, shuffle=False,
    )  # fmt: skip


def main():
    """Runs the comparison as the command line says."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=raw)
    parser.add_argument("--long", action="store_true", help="ganlib also after 600 seconds")
    parser.add_argument("--seed", type=int, default=0, help="of training and images (default 0)")
    for name, marks in (
        ("--tutorial-marks", [15, 30, 60, 120, 240, 480]),
        ("--ganlib-marks", [5, 10, 15, 30, 60, 120]),
    ):
        parser.add_argument(name, type=float, nargs="+", default=marks, metavar="S")
    arguments = parser.parse_args()

    train, test = ganlib.data.load("mnist"), ganlib.data.load("mnist", "test")
    path = ganlib.settings.runs_dir() / "benchmarks" / "mnist_classifier.keras"
    judge = Judge(train, test, path, seed=0)
    some = np.random.default_rng(0).permutation(len(train))[:NUM_IMAGES]
    floor = judge.distance(train.images[some])
    print(
        f"Frechet distance between {NUM_IMAGES:,} generated images and the {len(test):,} test\n"
        "images of MNIST, on the 64 penultimate features of a classifier (2 convolutions, 2 dense\n"
        "layers; seed 0, trained on the 60,000 training images). It gets\n"
        f"{judge.accuracy:.2%} of the test images right. Features are scaled by one number, which\n"
        f"gives those of the test images a total variance of {TOTAL_VARIANCE:,.0f}.\n"
        "Generated images are rounded to uint8 first.\n"
        f"Seed of both runs: {arguments.seed}. Seconds are training time. The pictures are of\n"
        "the averaged generator where there is one. Real against real:\n"
        f"{NUM_IMAGES:,} training images are {floor:.1f} from the test images.\n",
        flush=True,
    )

    ganlib_marks = arguments.ganlib_marks + ([600] if arguments.long else [])
    tutorial = Clock("tutorial", arguments.tutorial_marks, judge, arguments.seed)
    library = Clock("ganlib", ganlib_marks, judge, arguments.seed)
    print(f"  {'':12}{'training':>11}{'':>14}{'distance':>10}")
    train_tutorial(train, tutorial, arguments.seed)
    train_ganlib(library, arguments.seed)

    seconds, _, distance = tutorial.rows[-1]
    reached = next((row for row in library.rows if row[2] <= distance), None)
    print(f"\nThe tutorial has {distance:.1f} after {seconds:.0f} s. ", end="")
    if reached is None:
        print(f"ganlib has not got that far after {library.rows[-1][0]:.0f} s.")
    else:
        times = seconds / reached[0]
        print(f"ganlib has {reached[2]:.1f} after {reached[0]:.1f} s, {times:.0f} times as fast.")


if __name__ == "__main__":
    main()
