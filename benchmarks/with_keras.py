"""The contenders in Keras and TensorFlow: three usual ways of training a GAN, and ganlib.

Run by bench.py. All build the networks of a recipe with ganlib.training.build_networks; they differ
in how they train them. The rivals use Adam at the recipe's rates, latents from a normal
distribution, and labels 1 and 0. ganlib does everything that the recipe says: it may draw soft
labels, and keep an average of the generator.
"""

import functools
import math
import os
import sys
import tempfile
import time
from pathlib import Path

if sys.argv[1:] != ["ganlib"]:
    # ganlib would set it to "true", and the guides that the rivals follow say nothing about it.
    os.environ["TF_CPU_ALLOCATOR_USE_BFC"] = "false"

import ganlib  # isort: skip  (first: it starts TensorFlow without its chatter)
import keras
import numpy as np
import tensorflow as tf
from keras import ops
from worker import num_cores, serve


NUM_IMAGES = 4096


class Contender:
    """What the rivals share: a recipe's networks and optimizers, the cross-entropy on logits."""

    note = ""

    def __init__(self, recipe, images, policy="float32"):
        pair = ganlib.training.build_networks(recipe, images.shape[1:], 10, policy)
        self.generator, self.discriminator = pair
        self.g_optimizer = keras.optimizers.Adam(recipe.g_rate, **recipe.optimizer_options)
        self.d_optimizer = keras.optimizers.Adam(recipe.d_rate, **recipe.optimizer_options)
        self.cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
        self.latent_dim, self.batch_size = recipe.latent_dim, recipe.batch_size
        self.count_weights()

    def count_weights(self):
        # Once, at the start: the classic way freezes the discriminator later.
        pair = (self.generator, self.discriminator)
        self.weights = [list(network.trainable_variables) for network in pair]
        self.parameters = sum(int(np.prod(each.shape)) for part in self.weights for each in part)
        short = any(layer.compute_dtype == "bfloat16" for layer in self.generator.layers)
        self.precision = "bfloat16" if short else "float32"

    def sums(self):
        """Returns the sums of the absolute trainable weights of generator and discriminator."""
        return [
            sum(float(np.abs(each.numpy()).sum(dtype="float64")) for each in part)
            for part in self.weights
        ]


class Classic(Contender):
    """`train_on_batch` on the discriminator, then on both networks with the discriminator frozen.

    Source: Keras-GAN (Linder-Noren 2017), which the published systems follow; for Keras 3.
    `as_published` keeps its `predict` and its accuracy metric, which learners copy and which cost
    more than the training.
    """

    def __init__(self, recipe, images, as_published=False):
        super().__init__(recipe, images)
        predict = functools.partial(self.generator.predict, verbose=0)
        self.make_fakes = predict if as_published else self.generator.predict_on_batch
        metrics = ["accuracy"] if as_published else None
        self.images = images.astype("float32") / 127.5 - 1.0
        self.real = np.ones((self.batch_size, 1), "float32")
        self.fake = np.zeros((self.batch_size, 1), "float32")
        self.discriminator.compile(self.d_optimizer, self.cross_entropy, metrics=metrics)
        # Keras 3 reads `trainable` when it traces, not when it compiles: a discriminator that is
        # frozen before its first batch would never learn. This batch counts as training.
        self.discriminator.train_on_batch(self.images[: self.batch_size], self.real)
        self.discriminator.trainable = False
        latents = keras.Input((self.latent_dim,))
        self.combined = keras.Model(latents, self.discriminator(self.generator(latents)))
        self.combined.compile(self.g_optimizer, self.cross_entropy)
        self.draw = np.random.default_rng(0)

    def draw_latents(self):
        return self.draw.standard_normal((self.batch_size, self.latent_dim), "float32")

    def run(self, steps):
        for _ in range(steps):
            images = self.images[self.draw.integers(0, len(self.images), self.batch_size)]
            fakes = self.make_fakes(self.draw_latents())
            self.discriminator.train_on_batch(images, self.real)
            self.discriminator.train_on_batch(fakes, self.fake)
            self.combined.train_on_batch(self.draw_latents(), self.real)


def batches(images, buffer_size, batch_size):
    """Returns a tf.data.Dataset of batches without end, shuffled as in both guides below."""
    stream = tf.data.Dataset.from_tensor_slices(images.astype("float32") / 127.5 - 1.0)
    stream = stream.repeat().shuffle(buffer_size).batch(batch_size)
    return stream.prefetch(tf.data.AUTOTUNE)


class HandWritten(Contender):
    """A loop over a step in tf.function; both players' gradients come from the same two passes.

    Source: TensorFlow's tutorial "Deep Convolutional Generative Adversarial Network".
    """

    def __init__(self, recipe, images, policy="float32"):
        super().__init__(recipe, images, policy)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self.stream = iter(batches(images, len(images), self.batch_size))
        self.train_step = tf.function(self._train_step)

    def _train_step(self, images):
        noise = tf.random.normal((self.batch_size, self.latent_dim))
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fakes = self.generator(noise, training=True)
            real_logits = self.discriminator(images, training=True)
            fake_logits = self.discriminator(fakes, training=True)
            g_loss = self.cross_entropy(tf.ones_like(fake_logits), fake_logits)
            d_loss = self.cross_entropy(tf.ones_like(real_logits), real_logits)
            d_loss += self.cross_entropy(tf.zeros_like(fake_logits), fake_logits)
        g_variables = self.generator.trainable_variables
        self.g_optimizer.apply(g_tape.gradient(g_loss, g_variables), g_variables)
        d_variables = self.discriminator.trainable_variables
        self.d_optimizer.apply(d_tape.gradient(d_loss, d_variables), d_variables)
        return d_loss, g_loss

    def run(self, steps):
        for _ in range(steps):
            losses = self.train_step(next(self.stream))
        float(losses[0])  # waits for the last step


class TrainStepModel(keras.Model):
    """A GAN as Keras's own example "GAN overriding Model.train_step" writes it, for `fit`."""

    def __init__(self, generator, discriminator, latent_dim):
        super().__init__()
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim = latent_dim
        self.seed_generator = keras.random.SeedGenerator(0)
        self.d_loss_tracker = keras.metrics.Mean(name="d_loss")
        self.g_loss_tracker = keras.metrics.Mean(name="g_loss")

    @property
    def metrics(self):
        return [self.d_loss_tracker, self.g_loss_tracker]

    def compile(self, g_optimizer, d_optimizer, loss_function):
        super().compile()
        self.g_optimizer, self.d_optimizer = g_optimizer, d_optimizer
        self.loss_function = loss_function

    def generate(self, count):
        noise = keras.random.normal((count, self.latent_dim), seed=self.seed_generator)
        return self.generator(noise, training=True)

    def train_step(self, images):
        count = ops.shape(images)[0]
        both = ops.concatenate([images, self.generate(count)])
        labels = ops.concatenate([ops.ones((count, 1)), ops.zeros((count, 1))])
        with tf.GradientTape() as tape:
            d_loss = self.loss_function(labels, self.discriminator(both, training=True))
        variables = self.discriminator.trainable_weights
        self.d_optimizer.apply(tape.gradient(d_loss, variables), variables)
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generate(count), training=True)
            g_loss = self.loss_function(ops.ones((count, 1)), logits)
        variables = self.generator.trainable_weights
        self.g_optimizer.apply(tape.gradient(g_loss, variables), variables)
        self.d_loss_tracker.update_state(d_loss)
        self.g_loss_tracker.update_state(g_loss)
        return {"d_loss": self.d_loss_tracker.result(), "g_loss": self.g_loss_tracker.result()}


class Stopwatch(keras.callbacks.Callback):
    """Times a fit from the end of its first batch to the end of its last."""

    def on_train_begin(self, logs=None):
        self.ends = []

    def on_train_batch_end(self, batch, logs=None):
        self.ends.append(time.perf_counter())


def fit(model, stream, steps):
    """Returns the seconds of `steps` steps in a fit, without its start, paid for once in a run."""
    stopwatch, unit = Stopwatch(), model.steps_per_execution
    executions = math.ceil(steps / unit)
    model.fit(
        stream, steps_per_epoch=(1 + executions) * unit, callbacks=[stopwatch], verbose=0,
        shuffle=False,
    )  # fmt: skip
    return (stopwatch.ends[-1] - stopwatch.ends[0]) * steps / (executions * unit)


class KerasFit(Contender):
    """`fit` on the model of Keras's example, compiled with Keras's defaults."""

    def __init__(self, recipe, images):
        super().__init__(recipe, images)
        self.model = TrainStepModel(self.generator, self.discriminator, self.latent_dim)
        self.model.compile(self.g_optimizer, self.d_optimizer, self.cross_entropy)
        self.stream = batches(images, 1024, self.batch_size)

    def run(self, steps):
        return fit(self.model, self.stream, steps)


class Library(Contender):
    """ganlib with its own choices: the run of a recipe, on random images in a prepared file."""

    def __init__(self, recipe, images):
        with tempfile.TemporaryDirectory() as folder:
            os.environ["GANLIB_DATA"] = folder
            names, path = list("0123456789"), Path(folder, f"{recipe.dataset}.h5")
            ganlib.data.write_h5(path, images, np.arange(len(images)) % 10, names)
            training = ganlib.recipes.build(recipe)
        self.gan, self.generator, self.discriminator = (
            training.gan, training.generator, training.discriminator,
        )  # fmt: skip
        self.stream = ganlib.data.batches(training.dataset, recipe.batch_size, recipe.seed)
        lengths = [recipe.sample_every] * 1000  # of a long training, as ganlib.training.Run has it
        ganlib.training.compilation.settle(self.gan, self.stream, lengths)
        self.note = "with XLA" if self.gan.jit_compile else "without XLA"
        self.count_weights()

    def run(self, steps):
        return fit(self.gan, self.stream, steps)


CONTENDERS = {
    "classic": Classic,
    "classic_as_published": functools.partial(Classic, as_published=True),
    "tf_function": HandWritten,
    "tf_function_bfloat16": lambda recipe, images: HandWritten(recipe, images, "mixed_bfloat16"),
    "keras_fit": KerasFit,
    "ganlib": Library,
}


def build(recipe, image_shape, layers):
    """Returns the contender named on the command line, for a recipe given as a dict.

    PyTorch needs `layers`; here they are not used.
    """
    keras.utils.clear_session()
    images = np.random.default_rng(0).integers(0, 256, (NUM_IMAGES, *image_shape), "uint8")
    return CONTENDERS[sys.argv[1]](ganlib.recipes.Recipe(**recipe), images)


if __name__ == "__main__":
    tf.config.threading.set_intra_op_parallelism_threads(num_cores())
    serve(build)
