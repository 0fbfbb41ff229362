"""A run: a recipe put together, trained in a folder of its own, and continued there."""

import dataclasses
import itertools
import json
import math

import imageio.v3 as imageio
import keras

from ganlib import data, device, losses, networks, plots, sampling, settings, store
from ganlib.data import transforms
from ganlib.errors import InputError
from ganlib.files import atomic, writable_folder
from ganlib.gan import GAN
from ganlib.networks import clipping, conditional
from ganlib.training import callbacks, checkpoint, compilation

MOST_MEASURES = 7  # in a run: 2 % of the two minutes of a short one on two cores
MOST_TOGETHER = 10  # steps of dense networks between two looks at the progress bar
_JOINS = {
    "multiply": conditional.discriminator,
    "concatenate": conditional.projection_discriminator,
}
_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


def build_networks(recipe, image_shape, num_classes, policy="float32"):
    """Returns the generator and the discriminator of a recipe, weights drawn from its seed.

    Args:
        recipe: a ganlib.recipes.Recipe.
        image_shape: (height, width, channels).
        num_classes: of the labels; only conditional recipes use it.
        policy: the Keras dtype policy to build them under.
    """
    module = networks.get(recipe.network)
    embedding_dim = recipe.latent_dim if recipe.conditional == "concatenate" else 0
    outer_policy = keras.config.dtype_policy()
    keras.utils.set_random_seed(recipe.seed)
    keras.config.set_dtype_policy(policy)
    try:
        latent_dim = recipe.latent_dim + embedding_dim
        generator = module.generator(image_shape, latent_dim, **recipe.generator)
        discriminator = module.discriminator(image_shape, **recipe.discriminator)
        if recipe.conditional:
            join = recipe.conditional
            generator = conditional.generator(generator, num_classes, join, embedding_dim)
            discriminator = _JOINS[join](discriminator, num_classes)
    finally:
        keras.config.set_dtype_policy(outer_policy)
    if recipe.weight_clipping:
        clipping.clip_weights(discriminator, recipe.weight_clipping)
    return generator, discriminator


def training_data(recipe):
    """Returns the Dataset that a recipe trains on.

    It is in gray if the recipe wants that, and has clusters for labels if the recipe needs labels
    and there are none.
    """
    dataset = data.load(recipe.dataset)
    if recipe.gray:
        dataset = transforms.to_gray(dataset)
    if recipe.conditional and dataset.labels is None:
        dataset = transforms.clustered(dataset, recipe.clusters, recipe.seed)
        print(
            f"{dataset.name} has no labels: {recipe.clusters} clusters of similar images, found by "
            "k-means, are the classes."
        )
    return dataset


def stretches(done, steps, every, pretraining_steps=0):
    """Returns how to go from step `done` to `steps`: (pretraining, length, count) in turn.

    Each is `count` stretches of `length` steps. A stretch ends at the next multiple of `every`, or
    earlier where the pre-training or the run does.
    """
    marks = {*range(0, steps, every), min(pretraining_steps, steps), steps}
    marks = [done, *sorted(mark for mark in marks if mark > done)]
    parts = [(start < pretraining_steps, end - start) for start, end in itertools.pairwise(marks)]
    return [(*part, len(list(same))) for part, same in itertools.groupby(parts)]


class Run:
    """A recipe put together. `fit` trains it in a run folder.

    Attributes:
        recipe: the Recipe.
        dataset: the training data, a ganlib.data.Dataset.
        generator, discriminator, gan: the networks and the game.
        history: rows with step, d_loss, g_loss, one for each stretch between two pictures.
        measures: what was measured, a Measures; without rows where nothing was.
        folder: of the last `fit`, or None.
    """

    def __init__(self, recipe, dataset, monitor, policy="float32", strategy="one_device"):
        """Builds the networks and the game.

        Args:
            recipe: a ganlib.recipes.Recipe.
            dataset: as `training_data` returns it.
            monitor: what measures and diagnoses, a ganlib.monitor.Monitor of the dataset.
            policy: a Keras dtype policy.
            strategy: one of ganlib.device.STRATEGIES.
        """
        self.recipe, self.dataset, self.monitor, self.policy = recipe, dataset, monitor, policy
        self.strategy = device.strategy(strategy)
        optimizer = _OPTIMIZERS[recipe.optimizer]
        penalties = [
            (weight, penalty)
            for weight, penalty in (
                (recipe.r1, losses.r1_penalty),
                (recipe.gradient_penalty, losses.gradient_penalty),
            )
            if weight
        ]
        with self.strategy.scope():
            pair = build_networks(recipe, dataset.image_shape, len(dataset.class_names), policy)
            self.generator, self.discriminator = pair
            self.gan = GAN(*pair, recipe.noise, recipe.averaging, recipe.seed)
            self.gan.compile(
                g_optimizer=optimizer(recipe.g_rate, **recipe.optimizer_options),
                d_optimizer=optimizer(recipe.d_rate, **recipe.optimizer_options),
                loss=recipe.loss,
                real_label=recipe.real_label,
                fake_label=recipe.fake_label,
                generator_label=recipe.generator_label,
                penalties=penalties,
                jit_compile=False if recipe.profile == "smoke" else None,  # not worth the seconds
            )
        # Of several workers, which all hold the same weights, one writes.
        cluster = self.strategy.cluster_resolver
        first = cluster is None or cluster.task_type in (None, "chief") or not cluster.task_id
        self.writes = first
        self.history, self.measures, self.folder = [], checkpoint.Measures(), None

    def __repr__(self):
        return f"<Run of {self.recipe.name} at step {int(self.gan.step):,}>"

    def sample(self, count, labels=None, seed=0):
        """Returns generated images (count, height, width, channels) float32 in [-1, 1]."""
        generator, noise = self.gan.averaged_generator, self.recipe.noise
        return sampling.generate(generator, count, labels, seed, noise)[0]

    def diagnose(self):
        """Returns how the game goes, in a line: "healthy", or what is wrong with it."""
        game = [row for row in self.history if row["step"] > self.recipe.pretraining_steps]
        return self.monitor.diagnose(game, self.measures.rows)

    def fit(self, folder=None, steps=None, extra_callbacks=(), measure=False):
        """Trains in a run folder and returns self; the same call again continues the run.

        Args:
            folder: the run folder; None means <runs>/<recipe>, with the profile behind it if that
                is not quick.
            steps: to have done at the end; None means the recipe's.
            extra_callbacks: Keras callbacks, run after ganlib's own.
            measure: whether to measure a small sample now and then, and to keep the best generator
                as well as the last.

        Raises:
            InputError: if the folder holds a run of another recipe or precision (what differs is
                named), cannot be written to, or holds only damaged checkpoints.
        """
        recipe = self.recipe
        steps = recipe.steps if steps is None else steps
        default = recipe.name if recipe.profile == "quick" else f"{recipe.name}_{recipe.profile}"
        self.folder = writable_folder(folder or settings.runs_dir() / default)
        if self.writes:
            self._claim()
        found = checkpoint.load(self.folder / "checkpoint.npz", self.gan)
        if found:
            self.history, self.measures = found
        done = int(self.gan.step)
        if recipe.profile == "smoke":
            print("Profile smoke: a few steps to see that everything runs. The pictures mean nothing.")
        if done >= steps:
            print(
                f"{self.folder} has done {done:,} of {steps:,} steps already; "
                "ask for more steps to go on."
            )
        else:
            self._train(done, steps, extra_callbacks, measure)
            print(f"Diagnosis: {self.diagnose()}.")
        if self.writes:
            self.save(self.folder)
        return self

    def _train(self, done, steps, extra_callbacks, measure):
        gan, recipe = self.gan, self.recipe
        parts = stretches(done, steps, recipe.sample_every, recipe.pretraining_steps)
        self._compile_step(steps - done, [length for _, length, _ in parts])
        stopwatch = callbacks.Stopwatch(
            self.folder, images=len(self.dataset), precision=self.policy, **device.machine()
        )
        writers = [*self._writers(measure, steps), stopwatch] if self.writes else []
        progress = callbacks.Progress(recipe.name, steps, recipe.batch_size, done, self.diagnose)
        training = callbacks.OneTraining(
            [callbacks.StopWhenDiverged(), *writers, progress, *extra_callbacks],
            add_history=True, model=gan, epochs=sum(count for *_, count in parts),
        )  # fmt: skip
        stream = data.batches(self.dataset, recipe.batch_size, recipe.seed, start=done)
        if self.strategy.num_replicas_in_sync == 1:
            stream = stopwatch.clocked(stream)
        epoch, gan.stop_training = 0, False
        try:
            training.begin()
            for pretraining, length, count in parts:
                if gan.stop_training:
                    break
                if gan.pretraining != pretraining:
                    gan.pretraining = pretraining
                    gan.make_train_function(force=True)
                gan.fit(
                    stream, initial_epoch=epoch, epochs=epoch + count, steps_per_epoch=length,
                    callbacks=training, verbose=0,
                )  # fmt: skip
                epoch += count
            training.end()
        finally:
            progress.bar.close()

    def _writers(self, measure, steps):
        """Returns the callbacks that write into the run folder, in the order that they need."""
        recipe, folder = self.recipe, self.folder
        latents = sampling.draw_latents(60, recipe.latent_dim, recipe.noise, recipe.seed)
        labels = sampling.class_labels(self.generator, 60)
        writers = [
            callbacks.SampleImages(folder / "samples", latents, labels),
            callbacks.Recorder(folder, self.history, self.measures),
            callbacks.Checkpoint(folder / "checkpoint.npz", self.history, self.measures),
        ]
        if measure:
            every = recipe.sample_every * math.ceil(recipe.steps / (MOST_MEASURES * recipe.sample_every))
            print(f"Measuring {self.monitor.describe()}, every {every:,} steps.")
            path, row = folder / "measures.json", self.monitor.measure
            writers.insert(0, callbacks.Measure(path, self.measures, row, every, steps))
        return writers

    def _compile_step(self, steps_ahead, lengths):
        """Settles how a step is compiled and how many run at once, and keeps it in run.json."""
        gan, path = self.gan, self.folder / "run.json"
        slow = networks.get(self.recipe.network).CONVOLUTIONAL and not device.has_gpu()
        gan.steps_per_execution = 1 if slow else math.gcd(MOST_TOGETHER, *lengths)
        if begun := _read_json(path):
            gan.jit_compile = begun["jit_compile"]
            return
        batch = next(iter(data.batches(self.dataset, self.recipe.batch_size, self.recipe.seed)))
        if line := compilation.choose(gan, batch, steps_ahead):
            print(line)
        if self.writes:
            _write_json(path, {"jit_compile": gan.jit_compile, "precision": self.policy})

    def _claim(self):
        """Raises InputError if the run folder is of another recipe or precision; else marks it."""
        # JSON has no tuples: compare what a round trip gives. More steps are no other recipe.
        mine = json.loads(json.dumps(dataclasses.asdict(self.recipe)))
        theirs = _read_json(self.folder / "recipe.json")
        begun = _read_json(self.folder / "run.json")
        differing = [
            f"{key} is {there.get(key)!r} there and {here[key]!r} here"
            for there, here in ((theirs, mine), (begun, {"precision": self.policy}))
            for key in here
            if there and key not in ("steps", "source") and here[key] != there.get(key)
        ]
        if differing:
            raise InputError(
                f"{self.folder} holds another run: {'; '.join(differing)}. Use another folder, "
                "or delete this one."
            )
        _write_json(self.folder / "recipe.json", mine)

    def save(self, folder):
        """Writes generator.keras, generator.json, generator.weights.h5, losses.png, training.gif.

        Of a run that was measured it also writes measures.json, and the best generator as
        generator_best in the same three forms.
        """
        generator, rows = self.gan.averaged_generator, self.measures.rows
        store.save_generator(generator, folder)
        if rows:
            store.save_generator(generator, folder, "generator_best", self.measures.weights)
            self.measures.write(folder / "measures.json")
            best, last = self.measures.best, rows[-1]
            print(
                f"Frechet distance {best['frechet_distance']:.4g} at step {best['step']:,}, the best "
                f"(generator_best.keras); {last['frechet_distance']:.4g} at step {last['step']:,}, "
                "the last (generator.keras)."
            )
        with atomic(folder / "losses.png") as partial:
            plots.plot_losses(self.history, self.recipe.name, rows).savefig(partial, dpi=100)
        frames = [imageio.imread(path) for path in sorted((folder / "samples").glob("step_*.png"))]
        plots.save_gif(frames, folder / "training.gif")


def _read_json(path):
    """Returns what is in a JSON file, {} if there is none; raises InputError if it is damaged."""
    try:
        return json.loads(path.read_text()) if path.exists() else {}
    except ValueError as error:
        raise InputError(f"{path} is damaged ({error}). Use another run folder.") from error


def _write_json(path, content):
    with atomic(path) as partial:
        partial.write_text(json.dumps(content, indent=1))
