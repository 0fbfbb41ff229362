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
from ganlib.files import atomic, read_json, writable_folder, write_json
from ganlib.gan import GAN
from ganlib.networks import conditional
from ganlib.training import callbacks, checkpoint, compilation

MOST_MEASURES = 7  # in a run: 2 % of the two minutes of a short one on two cores
_OPTIMIZERS = {"adam": keras.optimizers.Adam, "rmsprop": keras.optimizers.RMSprop}


class ClipWeights(keras.constraints.Constraint):
    """Cuts every weight to [-limit, limit] after each update. Source: Arjovsky et al. 2017."""

    def __init__(self, limit):
        self.limit = limit

    def __call__(self, weights):
        return keras.ops.clip(weights, -self.limit, self.limit)


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
            discriminator = conditional.JOINS[join](discriminator, num_classes)
    finally:
        keras.config.set_dtype_policy(outer_policy)
    if recipe.weight_clipping:
        for variable in discriminator.trainable_variables:  # every optimizer obeys a constraint
            variable.constraint = ClipWeights(recipe.weight_clipping)
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
        text = f"{recipe.clusters} clusters of similar images, found by k-means, are the classes"
        print(f"{dataset.name} has no labels: {text}.")
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
        optimizer, options = _OPTIMIZERS[recipe.optimizer], recipe.optimizer_options
        with self.strategy.scope():
            pair = build_networks(recipe, dataset.image_shape, len(dataset.class_names), policy)
            self.generator, self.discriminator = pair
            self.gan = GAN(*pair, recipe.noise, recipe.averaging, recipe.seed)
            self.gan.compile(
                optimizer(recipe.g_rate, **options), optimizer(recipe.d_rate, **options),
                recipe.loss, recipe.real_label, recipe.fake_label, recipe.generator_label,
                penalties=[(recipe.r1, losses.r1_penalty),
                           (recipe.gradient_penalty, losses.gradient_penalty)],
            )  # fmt: skip
        # Of several workers, which all hold the same weights, one writes.
        cluster = self.strategy.cluster_resolver
        self.writes = cluster is None or cluster.task_type == "chief" or not cluster.task_id
        self.history, self.measures, self.folder = [], checkpoint.Measures(), None

    def __repr__(self):
        return f"<Run of {self.recipe.name} at step {int(self.gan.step.numpy()):,}>"

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
        done = int(self.gan.step.numpy())
        if recipe.profile == "smoke":
            print("Profile smoke: a few steps to see that all runs. The pictures mean nothing.")
        if done >= steps:
            print(f"{self.folder} has done {done:,} of {steps:,}; ask for more steps to go on.")
        else:
            self._train(done, steps, extra_callbacks, measure)
            print(f"Diagnosis: {self.diagnose()}.")
        if self.writes:
            self.save(self.folder)
        return self

    def _train(self, done, steps, extra_callbacks, measure):
        gan, recipe = self.gan, self.recipe
        parts = stretches(done, steps, recipe.sample_every, recipe.pretraining_steps)
        stream = data.batches(self.dataset, recipe.batch_size, recipe.seed, start=done)
        self._compile(stream, [length for _, length, count in parts for _ in range(count)])
        facts = {"images": len(self.dataset), "precision": self.policy, **device.machine()}
        stopwatch = callbacks.Stopwatch(self.folder, **facts)
        writers = [*self._writers(measure, steps), stopwatch] if self.writes else []
        progress = callbacks.Progress(recipe.name, steps, recipe.batch_size, done, self.diagnose)
        every_epoch = [callbacks.StopWhenDiverged(), *writers, progress, *extra_callbacks]
        training = callbacks.OneTraining(every_epoch, add_history=True, model=gan)
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
                options = dict(initial_epoch=epoch, epochs=epoch + count, steps_per_epoch=length)
                gan.fit(stream, callbacks=training, verbose=0, **options)
                epoch += count
            training.end()
        finally:
            progress.bar.close()

    def _compile(self, stream, lengths):
        """Compiles as the run was begun, or else chooses, says so and keeps it in run.json."""
        path, gan = self.folder / "run.json", self.gan
        begun = read_json(path)
        smoke = False if self.recipe.profile == "smoke" else None  # XLA is not worth the seconds
        jit_compile = begun.get("jit_compile", smoke)
        if line := compilation.settle(gan, stream, lengths, jit_compile):
            print(line)
        if self.writes and not begun:
            chosen = {"jit_compile": gan.jit_compile, "precision": self.policy}
            write_json(path, chosen | device.machine())

    def _writers(self, measure, steps):
        """Returns the callbacks that write into the run folder, in the order that they need."""
        recipe, folder, length = self.recipe, self.folder, self.recipe.sample_every
        latents = sampling.draw_latents(60, recipe.latent_dim, recipe.noise, recipe.seed)
        labels = sampling.class_labels(self.generator, 60)
        inputs = latents if labels is None else [latents, labels]
        writers = [
            callbacks.Recorder(folder, self.history, self.measures, inputs),
            callbacks.Checkpoint(folder / "checkpoint.npz", self.history, self.measures),
        ]
        if measure:
            every = math.ceil(recipe.steps / (MOST_MEASURES * length)) * length
            print(f"Measuring {self.monitor.describe()}, every {every:,} steps.")
            path, row = folder / "measures.json", self.monitor.measure
            writers.insert(0, callbacks.Measure(path, self.measures, row, every, steps))
        return writers

    def _claim(self):
        """Raises InputError if the run folder is of another recipe or precision; else marks it."""
        # JSON has no tuples: compare what a round trip gives. More steps are no other recipe.
        mine = json.loads(json.dumps(dataclasses.asdict(self.recipe)))
        there = read_json(self.folder / "recipe.json") | read_json(self.folder / "run.json")
        here = mine | {"precision": self.policy}
        shared = (here.keys() & there.keys()) - {"steps", "source"}
        differing = sorted(key for key in shared if here[key] != there[key])
        if differing:
            fields = [f"{key} is {there[key]!r} there and {here[key]!r} here" for key in differing]
            hint = "Use another folder, or delete this one."
            raise InputError(f"{self.folder} holds another run: {'; '.join(fields)}. {hint}")
        write_json(self.folder / "recipe.json", mine)

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
            print(f"Frechet distance {best['frechet_distance']:.4g} at step {best['step']:,}, the "
                  f"best (generator_best.keras); {last['frechet_distance']:.4g} at step "
                  f"{last['step']:,}, the last (generator.keras).")
        with atomic(folder / "losses.png") as partial:
            plots.plot_losses(self.history, self.recipe.name, rows).savefig(partial, dpi=100)
        frames = [imageio.imread(path) for path in sorted((folder / "samples").glob("step_*.png"))]
        plots.save_gif(frames, folder / "training.gif")
