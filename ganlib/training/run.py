"""A run: a recipe put together, trained in a folder of its own, and continued there."""

import contextlib
import dataclasses
import itertools
import math

import imageio.v3 as imageio

from ganlib import data, device, losses, plots, sampling, settings, store, widgets
from ganlib.checks import check_callbacks
from ganlib.errors import InputError, check_number
from ganlib.files import atomic, read_json, writable_folder, write_json
from ganlib.gan import GAN
from ganlib.training import callbacks, checkpoint, compilation
from ganlib.training import folder as run_folder
from ganlib.training.parts import build_networks, optimizers

MOST_STEPS = 100_000_000  # hundreds of times the longest published training
MOST_MEASURES = 7  # in a run: 2 % of the two minutes of a short one on two cores


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
        own_folder: where `fit` trains by default.
        folder: of the last `fit`; before it, own_folder.
    """

    def __init__(self, recipe, dataset, monitor, policy="float32", strategy="one_device"):
        """Builds the networks and the game.

        Args:
            recipe: a ganlib.recipes.Recipe.
            dataset: as ganlib.training.training_data returns it.
            monitor: what measures and diagnoses, a ganlib.monitor.Monitor of the dataset.
            policy: a Keras dtype policy.
            strategy: one of ganlib.device.STRATEGIES.
        """
        self.recipe, self.dataset, self.monitor, self.policy = recipe, dataset, monitor, policy
        self.strategy = device.strategy(strategy)
        with self.strategy.scope():
            pair = build_networks(recipe, dataset.image_shape, len(dataset.class_names), policy)
            self.generator, self.discriminator = pair
            self.gan = GAN(*pair, recipe.noise, recipe.averaging, recipe.seed)
            self.gan.compile(
                *optimizers(recipe), recipe.loss, recipe.real_label, recipe.fake_label,
                recipe.generator_label,
                penalties=[(recipe.r1, losses.r1_penalty),
                           (recipe.gradient_penalty, losses.gradient_penalty)],
            )  # fmt: skip
        # Of several workers, which all hold the same weights, one writes.
        cluster = self.strategy.cluster_resolver
        self.writes = cluster is None or cluster.task_type == "chief" or not cluster.task_id
        self.history, self.measures = [], checkpoint.Measures()
        name = recipe.name if recipe.profile == "quick" else f"{recipe.name}_{recipe.profile}"
        self.folder = self.own_folder = settings.runs_dir() / name

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

    def fit(self, folder=None, steps=None, extra_callbacks=(), measure=False, bar=True):
        """Trains in a run folder and returns self; the same call again continues the run.

        Args:
            folder: the run folder; None means <runs>/<recipe>, with the profile appended if that is
                not quick.
            steps: total number at the end; None means the recipe's.
            extra_callbacks: Keras callbacks, run after ganlib's own.
            measure: whether to measure a small sample now and then, and to keep the best generator
                as well as the last.
            bar: whether to show a progress bar.

        Raises:
            InputError: if the folder holds a run of another recipe, precision or data (what differs
                is named), is in use, cannot be written to, or holds only damaged checkpoints.
        """
        recipe = self.recipe
        steps = recipe.steps if steps is None else check_number("steps", steps, 1, MOST_STEPS)
        extra_callbacks = check_callbacks(extra_callbacks)
        if isinstance(folder, (int, float)):
            raise InputError(f"folder is {folder}; expected a path. Give steps=... for steps.")
        folder = writable_folder(folder or self.own_folder)
        with run_folder.locked(folder) if self.writes else contextlib.nullcontext():
            self._claim(folder)
            self.folder = folder
            done = self._restore()
            if recipe.profile == "smoke":
                print("Profile smoke: a few steps to see that it runs. The pictures mean nothing.")
            if done >= steps:
                print(f"{folder} has done {done:,} steps; ask for more steps to go on.")
            else:
                self._train(done, steps, extra_callbacks, measure, bar)
                print(f"Diagnosis: {self.diagnose()}.")
            self.gan.settle()
            if self.writes:
                self.save(self.folder)
        return self

    def watch(self, folder=None, steps=None, measure=True, live=None):
        """Trains as `fit` does and shows it as it goes; see ganlib.widgets.watch."""
        return widgets.watch(self, folder, steps, measure, live)

    def _claim(self, folder):
        """Takes a folder for this run, with the labels that it was begun with."""
        dataset = self.dataset
        if dataset.class_names[:1] == ("cluster 1",):  # its labels were found, not given
            labels = run_folder.kept_labels(folder, dataset.labels, self.writes)
            self.dataset = dataclasses.replace(dataset, labels=labels)
        if self.writes:
            self.fingerprint = self.dataset.fingerprint()
            run_folder.claim(folder, self.recipe, self.policy, self.fingerprint)

    def _restore(self):
        """Returns the step to go on from: the checkpoint's, else the one of the game in memory."""
        found = checkpoint.load(self.folder / "checkpoint.npz", self.gan)
        done = int(self.gan.step.numpy())
        if found:
            self.history[:], measures = found
            self.measures.rows[:], self.measures.weights[:] = measures.rows, measures.weights
        elif done:
            print(f"{self.folder} holds no checkpoint; going on from step {done:,} in memory.")
            if self.writes:
                path = self.folder / "checkpoint.npz"
                checkpoint.save(path, self.gan, self.history, self.measures)
        elif (self.folder / "generator.keras").exists():
            raise InputError(f"{self.folder} holds a generator, but no checkpoint to go on from. "
                             "Use another folder, or delete this one to start again.")
        return done

    def _train(self, done, steps, extra_callbacks, measure, bar):
        gan, recipe = self.gan, self.recipe
        parts = stretches(done, steps, recipe.sample_every, recipe.pretraining_steps)
        stream = data.batches(self.dataset, recipe.batch_size, recipe.seed, start=done)
        self._compile(stream, [length for _, length, count in parts for _ in range(count)])
        facts = {"images": len(self.dataset), "precision": self.policy, **device.machine()}
        stopwatch = callbacks.Stopwatch(self.folder, **facts)
        writers = [*self._writers(measure, steps), stopwatch] if self.writes else []
        progress = callbacks.Progress(recipe.name, steps, recipe.batch_size, done, self.diagnose,
                                      shown=bar)
        every_epoch = [callbacks.StopWhenDiverged(), *writers, progress, *extra_callbacks]
        training = callbacks.OneTraining(every_epoch, add_history=True, model=gan)
        several = self.strategy.num_replicas_in_sync > 1
        stream = stream if several else stopwatch.clocked(stream)
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
                gan.fit(stream, callbacks=training, verbose=0, check=False, settle=False, **options)
                epoch += count
                if several:  # a stream for several devices would begin again in the next part
                    done += length * count
                    stream = data.batches(self.dataset, recipe.batch_size, recipe.seed, start=done)
            training.end()
        finally:
            progress.bar.close()

    def _compile(self, stream, lengths):
        """Compiles as when the run was begun, or else chooses, says so and keeps it in run.json."""
        path, gan = self.folder / "run.json", self.gan
        begun, now = read_json(path), device.machine()
        now["devices"] = self.strategy.num_replicas_in_sync
        if line := run_folder.changes(self.folder, now):
            print(line)
        smoke = False if self.recipe.profile == "smoke" else None  # XLA is not worth the seconds
        jit_compile = begun.get("jit_compile", smoke)
        if line := compilation.settle(gan, stream, lengths, jit_compile):
            print(line)
        if self.writes and not begun:
            write_json(path, {
                "jit_compile": gan.jit_compile, "precision": self.policy,
                "data": self.fingerprint, "class_names": self.dataset.class_names, **now,
            })  # fmt: skip

    def _writers(self, measure, steps):
        """Returns the callbacks that write into the run folder, in the order that they need."""
        recipe, folder, length = self.recipe, self.folder, self.recipe.sample_every
        latents = sampling.draw_latents(60, recipe.latent_dim, recipe.noise, recipe.seed)
        labels = sampling.class_labels(self.generator, 60)
        inputs = latents if labels is None else [latents, labels]
        writers = [
            callbacks.Guard(folder),
            callbacks.Recorder(folder, self.history, self.measures, inputs),
            callbacks.Checkpoint(folder / "checkpoint.npz", self.history, self.measures),
        ]
        if measure:
            every = math.ceil(steps / (MOST_MEASURES * length)) * length
            print(f"Measuring {self.monitor.describe()}, every {every:,} steps.")
            path, row = folder / "measures.json", self.monitor.measure
            writers.insert(1, callbacks.Measure(path, self.measures, row, every, steps))
        return writers

    def save(self, folder):
        """Writes generator.keras, generator.json, generator.weights.h5, losses.png, training.gif.

        For a run that was measured, it also writes measures.json, and the best generator as
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
        if self.history:
            with atomic(folder / "losses.png") as partial:
                plots.plot_losses(self.history, self.recipe.name, rows).savefig(partial, dpi=100)
        if frames := _frames(folder / "samples"):
            plots.save_gif(frames, folder / "training.gif")


def _frames(folder):
    """Returns the pictures of a folder in their order, as arrays of one shape.

    A picture that somebody has changed is left out, and a line says so.
    """
    frames = {}
    for path in sorted(folder.glob("step_*.png")):
        with contextlib.suppress(OSError, SyntaxError, ValueError):
            frames[path] = imageio.imread(path)
    shapes = [frame.shape for frame in frames.values()]
    usual = max(shapes, key=shapes.count, default=None)
    chosen = [frame for frame in frames.values() if frame.shape == usual]
    if left_out := len(list(folder.glob("step_*.png"))) - len(chosen):
        print(f"{left_out} pictures in {folder} were changed; training.gif goes without them.")
    return chosen
