"""A run: a recipe put together, trained in a folder of its own, and continued there."""

import dataclasses
import json
import math

import imageio.v3 as imageio
import keras

from ganlib import data, device, files, monitor, plots, sampling, settings, store
from ganlib.training import callbacks
from ganlib.data import transforms
from ganlib.gan import GAN
from ganlib.networks import conditional, dcgan, fully_connected
from ganlib.errors import InputError
from ganlib.files import atomic

_NETWORKS = {"fully_connected": fully_connected, "dcgan": dcgan}
_DISCRIMINATOR_JOINS = {"multiply": conditional.discriminator, "concatenate": conditional.projection_discriminator}
MOST_MEASURES = 7  # in a run: 2 % of the two minutes of a short one on two cores
_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


def build_networks(recipe, image_shape, num_classes, policy="float32"):
    """Returns the pair (generator, discriminator) of a recipe under a Keras dtype policy, weights drawn from its seed."""
    module = _NETWORKS[recipe.network]
    embedding_dim = recipe.latent_dim if recipe.conditional == "concatenate" else 0
    outer_policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(policy)
    try:
        generator = module.generator(image_shape, recipe.latent_dim + embedding_dim, **recipe.generator)
        discriminator = module.discriminator(image_shape, **recipe.discriminator)
        if recipe.conditional:
            generator = conditional.generator(generator, num_classes, recipe.conditional, embedding_dim)
            discriminator = _DISCRIMINATOR_JOINS[recipe.conditional](discriminator, num_classes)
    finally:
        keras.config.set_dtype_policy(outer_policy)
    return generator, discriminator


def steps_together(length, seconds_per_step):
    """Returns how many of `length` steps to run at once: a divisor, a fifth of a second's worth; 1 while that is unknown."""
    most = max(1, int(0.2 / seconds_per_step)) if seconds_per_step else 1
    return max(count for count in range(1, min(most, length) + 1) if length % count == 0)


def training_data(recipe):
    """Returns the Dataset that a recipe trains on: gray if it wants that, with clusters for labels if it needs and lacks them."""
    dataset = data.load(recipe.dataset)
    if recipe.gray:
        dataset = transforms.to_gray(dataset)
    if recipe.conditional and dataset.labels is None:
        dataset = transforms.clustered(dataset, recipe.clusters, recipe.seed)
        print(f"{dataset.name} has no labels: {recipe.clusters} clusters of similar images, found by k-means, are the classes.")
    return dataset


class Run:
    """A recipe put together. `fit` trains it in a run folder; what it has learned is in `gan` and `history`.

    Attributes:
        recipe: the Recipe.
        dataset: the training data, a ganlib.data.Dataset, from `training_data`.
        generator, discriminator, gan: the networks and the game.
        history: rows with step, d_loss, g_loss, one per stretch between two pictures.
        measures: what was measured, a ganlib.callbacks.Measures; without rows where nothing was.
        folder: of the last `fit`, or None.
    """

    def __init__(self, recipe, policy="float32", strategy="one_device"):
        self.recipe, self.policy = recipe, policy
        self.dataset = training_data(recipe)
        self.strategy = device.strategy(strategy)
        optimizer = _OPTIMIZERS[recipe.optimizer]
        with self.strategy.scope():
            networks = build_networks(recipe, self.dataset.image_shape, len(self.dataset.class_names), policy)
            self.generator, self.discriminator = networks
            self.gan = GAN(*networks, recipe.noise, recipe.averaging, recipe.seed)
            self.gan.compile(
                g_optimizer=optimizer(recipe.g_rate, **recipe.optimizer_options),
                d_optimizer=optimizer(recipe.d_rate, **recipe.optimizer_options),
                loss=recipe.loss,
                real_label=recipe.real_label,
                fake_label=recipe.fake_label,
                generator_label=recipe.generator_label,
                r1=recipe.r1,
                gradient_penalty=recipe.gradient_penalty,
                weight_clipping=recipe.weight_clipping,
            )
        # Of several workers, which all hold the same weights, one writes.
        cluster = self.strategy.cluster_resolver
        self.writes = cluster is None or cluster.task_type in (None, "chief") or not cluster.task_id
        self.history, self.measures, self.folder = [], callbacks.Measures(), None

    def __repr__(self):
        return f"<Run of {self.recipe.name} at step {int(self.gan.step.numpy()):,}>"

    def sample(self, count, labels=None, seed=0):
        """Returns generated images (count, height, width, channels) float32 in [-1, 1], as `generate` does."""
        return sampling.generate(self.gan.averaged_generator, count, labels, seed, self.recipe.noise)[0]

    def diagnose(self):
        """Returns how the game goes, in a line: "healthy", or what is wrong, as `ganlib.monitor.diagnose` tells it."""
        recipe = self.recipe
        game = [row for row in self.history if row["step"] > recipe.pretraining_steps]
        least = monitor.least_loss(recipe.loss, recipe.real_label, recipe.fake_label)
        return monitor.diagnose(game, self.measures.rows, least)

    def fit(self, folder=None, steps=None, extra_callbacks=(), measure=False):
        """Trains in a run folder and returns self; the same call again continues where the folder stands.

        Args:
            folder: the run folder; None means <runs>/<recipe>, with the profile behind it if that is not quick.
            steps: to have done at the end; None means the recipe's.
            extra_callbacks: Keras callbacks, run after ganlib's own.
            measure: whether to measure a small sample now and then, and to keep the best generator as well as the last.

        Raises:
            InputError: if the folder holds a run of another recipe (the fields that differ are named), cannot be
                written to, or holds only damaged checkpoints.
        """
        recipe = self.recipe
        steps = recipe.steps if steps is None else steps
        default = recipe.name if recipe.profile == "quick" else f"{recipe.name}_{recipe.profile}"
        self.folder = folder = files.writable_folder(folder or settings.runs_dir() / default)
        if self.writes:
            self._claim(folder)
        checkpoint = folder / "checkpoint.npz"
        self.history, self.measures = callbacks.load_checkpoint(checkpoint, self.gan) or (self.history, self.measures)
        done = int(self.gan.step.numpy())
        if recipe.profile == "smoke":
            print("Profile smoke: a few steps to see that everything runs. The pictures mean nothing.")
        if done >= steps:
            print(f"{folder} has done {done:,} of {steps:,} steps already; ask for more steps to go on.")
        else:
            self._train(folder, checkpoint, done, steps, extra_callbacks, measure)
            print(f"Diagnosis: {self.diagnose()}.")
        if self.writes:
            self.save(folder)
        return self

    def _train(self, folder, checkpoint, done, steps, extra_callbacks, measure):
        recipe = self.recipe
        latents = sampling.draw_latents(60, recipe.latent_dim, recipe.noise, recipe.seed)
        labels = sampling.class_labels(self.generator, 60)
        progress = callbacks.Progress(recipe.name, steps, recipe.batch_size, done, self.diagnose)
        writers = [
            callbacks.SampleImages(folder / "samples", latents, labels),
            callbacks.Recorder(folder, self.history, self.measures),
            callbacks.Checkpoint(checkpoint, self.history, self.measures),
            callbacks.Stopwatch(folder, images=len(self.dataset), precision=self.policy, **device.machine()),
        ]
        if measure:
            gauge = monitor.Monitor(self.dataset, recipe.noise)
            every = recipe.sample_every * math.ceil(recipe.steps / (MOST_MEASURES * recipe.sample_every))
            print(f"Measuring {gauge.count} images every {every:,} steps, in {gauge.features}.")
            writers.insert(0, callbacks.Measure(folder / "measures.json", self.measures, gauge, every, steps))
        every_epoch = [callbacks.StopWhenDiverged(), *(writers if self.writes else []), progress, *extra_callbacks]
        try:
            while done < steps:
                pretraining = done < recipe.pretraining_steps
                end = min(steps, recipe.pretraining_steps) if pretraining else steps
                length = min(recipe.sample_every, end - done)
                if done % recipe.sample_every:  # after a stop elsewhere: back to the common marks
                    length = min(length, recipe.sample_every - done % recipe.sample_every)
                epochs = (end - done) // length if length == recipe.sample_every and progress.seconds_per_step else 1
                self.gan.steps_per_execution = steps_together(length, progress.seconds_per_step)
                if self.gan.pretraining != pretraining:
                    self.gan.pretraining = pretraining
                    self.gan.make_train_function(force=True)
                stream = data.batches(self.dataset, recipe.batch_size, recipe.seed, start=done)
                self.gan.fit(stream, epochs=epochs, steps_per_epoch=length, callbacks=every_epoch, verbose=0)
                done += epochs * length
        finally:
            progress.close()

    def _claim(self, folder):
        # JSON has no tuples: compare what a round trip gives. More steps are no other recipe.
        mine = json.loads(json.dumps(dataclasses.asdict(self.recipe)))
        path = folder / "recipe.json"
        if path.exists():
            try:
                theirs = json.loads(path.read_text())
            except ValueError as error:
                raise InputError(f"{path} is damaged ({error}). Use another run folder.") from error
            differing = [key for key in mine if key not in ("steps", "source") and mine[key] != theirs.get(key)]
            if differing:
                fields = "; ".join(f"{key} is {theirs.get(key)!r} there and {mine[key]!r} here" for key in differing)
                raise InputError(f"{folder} holds a run of another recipe: {fields}. Use another folder, or delete this one.")
        with atomic(path) as partial:
            partial.write_text(json.dumps(mine, indent=1))

    def save(self, folder):
        """Writes generator.keras, the pair generator.json and generator.weights.h5, losses.png and training.gif.

        Of a run that was measured also measures.json, and the best generator as generator_best in the same three forms.
        """
        generator, rows = self.gan.averaged_generator, self.measures.rows
        store.save_generator(generator, folder)
        if rows:
            store.save_generator(generator, folder, "generator_best", self.measures.weights)
            self.measures.write(folder / "measures.json")
            (best, best_at), (last, last_at) = ((row["frechet_distance"], row["step"]) for row in (self.measures.best, rows[-1]))
            print(f"Frechet distance {best:.4g} at step {best_at:,}, the best (generator_best.keras); {last:.4g} at step "
                  f"{last_at:,}, the last (generator.keras).")  # fmt: skip
        with atomic(folder / "losses.png") as partial:
            plots.plot_losses(self.history, self.recipe.name, rows).savefig(partial, dpi=100)
        frames = [imageio.imread(path) for path in sorted((folder / "samples").glob("step_*.png"))]
        plots.save_gif(frames, folder / "training.gif")
