"""What happens between stretches of training: pictures, records, checkpoints, a progress bar."""

import csv
import dataclasses
import json
import sys
import time
import zipfile
from pathlib import Path

import imageio.v3 as imageio
import keras
import numpy as np
import tensorflow as tf
from tqdm import tqdm

from ganlib import plots
from ganlib.errors import InputError
from ganlib.files import atomic


class SampleImages(keras.callbacks.Callback):
    """Writes <folder>/step_NNNNNNN.png after each epoch: always the same latents, so that pictures compare.

    Args:
        folder: where to; made if needed.
        latents: (count, latent_dim) float32.
        labels: (count,) int for conditional networks, else None.
    """

    def __init__(self, folder, latents, labels=None):
        super().__init__()
        self.folder = Path(folder)
        self.inputs = latents if labels is None else [latents, labels]

    def on_epoch_end(self, epoch, logs=None):
        self.folder.mkdir(parents=True, exist_ok=True)
        images = keras.ops.convert_to_numpy(self.model(self.inputs, training=False))
        plots.save_grid(images, self.folder / f"step_{int(self.model.step.numpy()):07d}.png")


class Recorder(keras.callbacks.Callback):
    """Keeps one row (step, d_loss, g_loss) per epoch in `history`, writes it to history.csv and to TensorBoard's logs.

    Args:
        folder: the run folder.
        history: list of rows to continue.
        measures: the Measures that a Measure before it fills; their distances join TensorBoard's logs.
    """

    def __init__(self, folder, history, measures):
        super().__init__()
        self.folder, self.history, self.measures = Path(folder), history, measures

    def on_train_begin(self, logs=None):
        self.writer = tf.summary.create_file_writer(str(self.folder / "logs"))

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.step.numpy())
        self.history.append({"step": step, "d_loss": float(logs["d_loss"]), "g_loss": float(logs["g_loss"])})
        write_history(self.folder / "history.csv", self.history)
        with self.writer.as_default(step):
            tf.summary.scalar("d_loss", logs["d_loss"])
            tf.summary.scalar("g_loss", logs["g_loss"])
            if self.measures.rows and self.measures.rows[-1]["step"] == step:
                tf.summary.scalar("frechet_distance", self.measures.rows[-1]["frechet_distance"])
            picture = self.folder / "samples" / f"step_{step:07d}.png"
            if picture.exists():
                grid = imageio.imread(picture)
                tf.summary.image("samples", grid.reshape(1, *grid.shape[:2], -1))

    def on_train_end(self, logs=None):
        self.writer.close()


class StopWhenDiverged(keras.callbacks.Callback):
    """Ends training with an InputError once a loss was no finite number, naming the player and the step.

    It comes before the Checkpoint, so that the last good one stays.
    """

    def on_epoch_end(self, epoch, logs=None):
        for player, step in zip(("discriminator", "generator"), self.model.first_bad_step.numpy().tolist(), strict=True):
            if step >= 0:
                raise InputError(
                    f"diverged: the {player}'s loss was not a finite number in step {step + 1:,}. The last checkpoint is "
                    "from before; lower the learning rates, or use precision float32, in a new run folder."
                )


class Checkpoint(keras.callbacks.Callback):
    """Saves all state of a run with `save_checkpoint`, after epochs and at the end.

    After a save that took t seconds it leaves out those due in the next 50 t: saving takes at most 2 % of the time.

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
        save_checkpoint(self.path, self.model, self.history, self.measures)
        end = time.perf_counter()
        self.saved_step, self.due = int(self.model.step.numpy()), end + 50 * (end - start)


class Stopwatch(keras.callbacks.Callback):
    """Keeps <folder>/training.json: steps and seconds of training, summed over all parts of a run, and what is given.

    The seconds count everything between start and end of the training, pictures and checkpoints too; after a run was
    killed, what it did since its last record is not in them, and what is done again counts twice.

    Args:
        folder: the run folder.
        **facts: what else to record, such as the precision.
    """

    def __init__(self, folder, **facts):
        super().__init__()
        self.path, self.facts = Path(folder) / "training.json", facts
        try:
            self.before = json.loads(self.path.read_text())["seconds"]
        except (OSError, ValueError, KeyError):  # a new run, or a record that is damaged: no reason to stop
            self.before = 0.0
        self.begin = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        seconds = round(self.before + time.perf_counter() - self.begin, 2)
        with atomic(self.path) as partial:
            partial.write_text(json.dumps({"steps": int(self.model.step.numpy()), "seconds": seconds, **self.facts}))


class Progress(keras.callbacks.Callback):
    """A progress bar over the whole run: images done and per second, step, both losses, diagnosis, share of time spent
    waiting for data.

    Args:
        name: shown at the left.
        steps: of the whole run.
        batch_size: images per step.
        start: steps done before.
        diagnose: a function without arguments to a line, of which the part before a colon is shown.
    """

    def __init__(self, name, steps, batch_size, start, diagnose):
        super().__init__()
        self.diagnose = diagnose
        self.name, self.batch_size, self.done = name, batch_size, start
        self.seconds_per_step = None  # of the last epoch, without its first execution, which may have been compiled
        self.bar = tqdm(
            total=steps * batch_size, initial=start * batch_size, unit=" images", unit_scale=True, file=sys.stdout,
            mininterval=1.0 if sys.stdout.isatty() else 5.0, ncols=None if sys.stdout.isatty() else 160,
        )  # fmt: skip
        self.bar.set_description(f"{name} step {start}", refresh=False)

    def on_train_begin(self, logs=None):
        self.begin, self.model.seconds_waiting = time.perf_counter(), 0.0

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch_start, self.first_end = self.done, None

    def on_train_batch_end(self, batch, logs=None):
        done = self.epoch_start + batch + 1
        self.bar.set_description(f"{self.name} step {done}", refresh=False)
        self.bar.update((done - self.done) * self.batch_size)
        self.done = done
        self.first_end = self.first_end or (time.perf_counter(), done)

    def on_epoch_end(self, epoch, logs=None):
        (first_end, first), now = self.first_end, time.perf_counter()
        self.seconds_per_step = (now - first_end) / (self.done - first) if self.done > first else None
        waiting = float(self.model.seconds_waiting) / (now - self.begin)
        losses = f"d_loss {logs['d_loss']:.3f}, g_loss {logs['g_loss']:.3f}"
        diagnosis = self.diagnose().split(":")[0]
        self.bar.set_postfix_str(f"{losses}, {diagnosis}, waiting for data {waiting:.0%}", refresh=False)

    def close(self):
        self.bar.close()


def write_history(path, history):
    """Writes rows with the keys step, d_loss, g_loss as CSV; digits enough that reading gives the same numbers."""
    with atomic(path) as partial, open(partial, "w", newline="") as file:
        writer = csv.DictWriter(file, ["step", "d_loss", "g_loss"])
        writer.writeheader()
        writer.writerows(history)


def _state(gan):
    return [*gan.variables, *gan.g_optimizer.variables, *gan.d_optimizer.variables]


def save_checkpoint(path, gan, history, measures):
    """Writes all state of a compiled GAN, its history and Measures to one file; the previous file stays as <name>.previous.

    The state is: both networks and the average, with the states of their dropout layers, both optimizers, the step. That the
    best generator is in there too makes a run that is killed after it was found, and before the next checkpoint, find it again.
    An .npz file carries a checksum of each array, so damage is noticed when it is read.
    """
    path = Path(path)
    arrays = {f"{i:04d}": variable.numpy() for i, variable in enumerate(_state(gan))}
    arrays["history"] = np.array([[row["step"], row["d_loss"], row["g_loss"]] for row in history], "float64")
    if measures.rows:
        arrays["measures"] = np.frombuffer(json.dumps(measures.rows).encode(), "uint8")
    arrays |= {f"best_{i:04d}": weight for i, weight in enumerate(measures.weights)}
    with atomic(path) as partial:
        with open(partial, "wb") as file:
            np.savez(file, **arrays)
        if path.exists():
            path.replace(path.with_name(path.name + ".previous"))


def load_checkpoint(path, gan):
    """Sets a compiled GAN to the state in a checkpoint, or in the previous one if that is damaged.

    Returns the history and the Measures, a pair; None where there is no checkpoint at all.

    Raises:
        InputError: if none of the files there can be read, or they are of other networks.
    """
    path, damaged = Path(path), []
    for candidate in (path, path.with_name(path.name + ".previous")):
        if not candidate.exists():
            continue
        try:
            with np.load(candidate) as file:
                arrays = {key: file[key] for key in file.files}
            history, rows = arrays.pop("history"), json.loads(bytes(arrays.pop("measures", b"[]")))
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            damaged.append(f"{candidate} is damaged ({str(error).splitlines()[0]})")
            continue
        best = [arrays.pop(key) for key in sorted(arrays) if key.startswith("best_")]
        variables = _state(gan)
        if [variable.shape for variable in variables] != [array.shape for _, array in sorted(arrays.items())]:
            raise InputError(f"{candidate} holds other networks than these. Use another run folder.")
        for variable, (_, array) in zip(variables, sorted(arrays.items()), strict=True):
            variable.assign(array)
        if damaged:
            print(f"{damaged[0]}; continuing from {candidate}.")
        history = [{"step": int(step), "d_loss": d_loss, "g_loss": g_loss} for step, d_loss, g_loss in history.tolist()]
        return history, Measures(rows, best)
    if damaged:
        raise InputError(f"{'; '.join(damaged)}. Delete the run folder to start again.")
    return None


@dataclasses.dataclass
class Measures:
    """What was measured in a run, and the best generator by its distance.

    Attributes:
        rows: dicts with step, frechet_distance, spread and missing, as ganlib.monitor.Monitor gives them.
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
        monitor: a function from a generator to a row without step, such as a ganlib.monitor.Monitor.
        every: steps between two measures; ends of epochs only are looked at.
        last: a step that is measured as well.
    """

    def __init__(self, path, measures, monitor, every, last):
        super().__init__()
        self.path, self.measures, self.monitor, self.every, self.last = path, measures, monitor, every, last

    def on_epoch_end(self, epoch, logs=None):
        step = int(self.model.step.numpy())
        if step % self.every and step != self.last:
            return
        generator = self.model.averaged_generator
        row = {"step": step, **self.monitor(generator)}
        self.measures.rows.append(row)
        if self.measures.best is row:
            self.measures.weights[:] = generator.get_weights()
        self.measures.write(self.path)
