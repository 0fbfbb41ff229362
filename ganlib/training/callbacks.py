"""What happens between stretches of training: pictures, records, checkpoints, a progress bar."""

import contextlib
import csv
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from ganlib import plots
from ganlib.errors import InputError
from ganlib.files import atomic, read_json, writable_folder, write_json
from ganlib.training import checkpoint


class OneTraining(keras.callbacks.CallbackList):
    """Callbacks that see the `fit` calls of a run as one training, with one beginning and one end.

    So a CSVLogger keeps the rows of the pre-training when the game begins.
    """

    def on_train_begin(self, logs=None):
        pass

    def on_train_end(self, logs=None):
        pass

    def begin(self):
        super().on_train_begin()

    def end(self):
        super().on_train_end()


class Measure(keras.callbacks.Callback):
    """Measures the generator at fixed steps and keeps the best one's weights.

    It draws nothing from any random state and changes none: training goes as it would without it.

    Args:
        path: of measures.json.
        measures: the Measures to continue.
        measure: a function from a generator to a row without its step, as
            ganlib.monitor.Monitor.measure is.
        every: steps between two measurements, which happen only at the end of an epoch.
        last: a step at which to measure as well.
    """

    def __init__(self, path, measures, measure, every, last):
        super().__init__()
        self.path, self.measures, self.measure = path, measures, measure
        self.every, self.last = every, last

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.step.numpy())
        if step % self.every and step != self.last:
            return
        generator = self.model.averaged_generator
        unsettled = generator.get_weights()
        self.model.settle()
        row = {"step": step, **self.measure(generator)}
        self.measures.rows.append(row)
        if self.measures.best is row:
            self.measures.weights[:] = generator.get_weights()
        generator.set_weights(unsettled)  # as it would be if it had not been measured
        self.measures.write(self.path)


class Recorder(keras.callbacks.Callback):
    """Records each epoch: a row of the history, a picture, and both for TensorBoard.

    It writes history.csv with all digits of the numbers, samples/step_NNNNNNN.png from the same
    latents each time, and logs/.

    Args:
        folder: the run folder.
        history: list of rows (step, d_loss, g_loss) to continue.
        measures: the Measures that a Measure before it fills; their distances are logged too.
        inputs: of the generator for the pictures: latents, or [latents, labels].
    """

    def __init__(self, folder, history, measures, inputs):
        super().__init__()
        self.folder, self.history, self.measures = Path(folder), history, measures
        self.inputs = inputs

    def on_train_begin(self, logs=None):
        writable_folder(self.folder / "samples")
        self.writer = tf.summary.create_file_writer(str(writable_folder(self.folder / "logs")))

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.step.numpy())
        row = {"step": step, "d_loss": float(logs["d_loss"]), "g_loss": float(logs["g_loss"])}
        self.history.append(row)
        self._write_history()
        images = keras.ops.convert_to_numpy(self.model(self.inputs, training=False))
        plots.save_grid(images, self.folder / "samples" / f"step_{step:07d}.png")
        if self.measures.rows and self.measures.rows[-1]["step"] == step:
            row = row | {"frechet_distance": self.measures.rows[-1]["frechet_distance"]}
        with self.writer.as_default(step):
            tf.summary.image("samples", plots.image_grid(images)[None])
            for name in row.keys() - {"step"}:
                tf.summary.scalar(name, row[name])

    def on_train_end(self, logs=None):
        self.writer.close()

    def _write_history(self):
        path = self.folder / "history.csv"
        try:
            with atomic(path) as partial, open(partial, "w", newline="", encoding="utf-8") as file:
                writer = csv.DictWriter(file, self.history[0])
                writer.writeheader()
                writer.writerows(self.history)
        except OSError as error:
            if not isinstance(error.__cause__, PermissionError):
                raise
            # On Windows, a spreadsheet holds the file.
            print(f"{path} is open in another program: to be written after the next stretch.")


class StopWhenDiverged(keras.callbacks.Callback):
    """Ends training with an InputError once a loss or a weight is not finite, and names it.

    It comes before the Checkpoint, so that the last good one stays.
    """

    def on_epoch_end(self, epoch, logs=None):
        bad_steps = {"discriminator": self.model.d_bad_step, "generator": self.model.g_bad_step}
        for player, variable in bad_steps.items():
            if (step := int(variable.numpy())) >= 0:
                self._stop(f"the {player}'s loss was not finite in step {step + 1:,}")
        for path, variable in checkpoint.variables(self.model).items():
            if not np.isfinite(variable.numpy()).all():
                self._stop(f"{path} is not finite after step {int(self.model.step.numpy()):,}")

    def _stop(self, reason):
        raise InputError(f"diverged: {reason}. The last checkpoint is older. Lower the "
                         "rates, or use precision float32, in a new run folder.")


class Guard(keras.callbacks.Callback):
    """Ends training with an InputError if its run folder was moved or deleted meanwhile.

    Args:
        folder: the run folder, with the recipe.json that it was given when the training began.
    """

    def __init__(self, folder):
        super().__init__()
        self.folder = folder

    def on_epoch_end(self, epoch, logs=None):
        if not (self.folder / "recipe.json").is_file():
            raise InputError(f"{self.folder} was moved or deleted during the training. Put it back "
                             "and start again: the run goes on from its last checkpoint.")


class Checkpoint(keras.callbacks.Callback):
    """Saves all state of a run after epochs and at the end.

    After a save that took t seconds, it skips those due within the next 50 t, so that saving takes
    at most 2 % of the time.

    Args:
        path: of the checkpoint file.
        history: the list that a Recorder fills.
        measures: the Measures that a Measure fills.
    """

    def __init__(self, path, history, measures):
        super().__init__()
        self.path, self.history, self.measures = path, history, measures
        self.saved_step, self.due = None, 0.0

    def on_epoch_end(self, epoch, logs=None):
        if time.perf_counter() >= self.due:
            self._save()

    def on_train_end(self, logs=None):
        if self.saved_step != int(self.model.step.numpy()):
            self._save()

    def _save(self):
        start = time.perf_counter()
        checkpoint.save(self.path, self.model, self.history, self.measures)
        end = time.perf_counter()
        self.saved_step, self.due = int(self.model.step.numpy()), end + 50 * (end - start)


class Stopwatch(keras.callbacks.Callback):
    """Keeps <folder>/training.json: steps and seconds of training over all parts of a run.

    The seconds count everything between start and end of the training, including pictures and
    checkpoints, and separately those spent waiting for data. What a killed run did since its last
    record is not counted, and what is done again counts twice.

    Args:
        folder: the run folder.
        **facts: what else to record, such as the precision.
    """

    def __init__(self, folder, **facts):
        super().__init__()
        self.path, self.facts = Path(folder) / "training.json", facts
        before = {}
        with contextlib.suppress(InputError):  # a damaged record is no reason to stop
            before = read_json(self.path)
        self.begin = time.perf_counter() - before.get("seconds", 0.0)
        waited = before.get("seconds_waiting_for_data", 0.0)
        self.waiting = tf.Variable(waited, dtype="float64", trainable=False)

    def clocked(self, stream):
        """Returns the tf.data.Dataset with a clock that measures the wait for each batch."""
        iterator = iter(stream)

        def fetch(_):
            start = tf.timestamp()
            with tf.control_dependencies([start]):
                batch = next(iterator)
            with tf.control_dependencies(tf.nest.flatten(batch)):
                self.waiting.assign_add(tf.timestamp() - start)
            return batch

        options = tf.data.Options()
        options.experimental_optimization.inject_prefetch = False  # else it fetches ahead
        return tf.data.Dataset.counter().map(fetch).with_options(options)

    def on_epoch_end(self, epoch, logs=None):
        write_json(self.path, {
            "steps": int(self.model.step.numpy()),
            "seconds": round(time.perf_counter() - self.begin, 2),
            "seconds_waiting_for_data": round(float(self.waiting), 2),
            "g_rate": float(self.model.g_optimizer.learning_rate.numpy()),
            "d_rate": float(self.model.d_optimizer.learning_rate.numpy()), **self.facts,
        })  # fmt: skip


class Progress(keras.callbacks.Callback):
    """A progress bar over the whole run: images, images per second, step, losses, diagnosis.

    Args:
        name: shown on the left.
        steps: of the whole run.
        batch_size: images per step.
        start: steps done before.
        diagnose: a function without arguments to a line; the part before a colon is shown.
        shown: whether it is shown at all.
    """

    def __init__(self, name, steps, batch_size, start, diagnose, shown=True):
        super().__init__()
        self.name, self.batch_size, self.done, self.diagnose = name, batch_size, start, diagnose
        terminal = sys.stdout.isatty()
        self.bar = tqdm(
            total=steps * batch_size, initial=start * batch_size, unit=" images", unit_scale=True,
            desc=f"{name} step {start}", file=sys.stdout, mininterval=1.0 if terminal else 5.0,
            ncols=None if terminal else 160, disable=not shown,
        )  # fmt: skip

    def on_train_batch_end(self, batch, logs=None):
        step = self.done + batch + 1
        self.bar.set_description(f"{self.name} step {step}", refresh=False)
        self.bar.update(step * self.batch_size - self.bar.n)

    def on_epoch_end(self, epoch, logs=None):
        losses = f"d_loss {logs['d_loss']:.3f}, g_loss {logs['g_loss']:.3f}"
        self.bar.set_postfix_str(f"{losses}, {self.diagnose().split(':')[0]}", refresh=False)
        self.done = int(self.model.step.numpy())
