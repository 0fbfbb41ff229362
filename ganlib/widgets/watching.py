"""A training that you watch and steer: pictures, losses and a diagnosis, redrawn as it goes."""

import math
import threading
import time

import keras

from ganlib import plots, sampling
from ganlib.widgets.screen import LivePicture, in_notebook, is_live

SHARE = 0.006  # of the training time that the pictures may take, and the curves as much again
SHOWN, COLUMNS = 40, 10  # generated images, always from the same latents
FASTER, SLOWER = 4.0, 0.25  # the slider's ends, as factors of a rate
ADVICE = {
    "diverged": "Start again with lower rates.",
    "the discriminator has won": "Lower D's rate, raise G's, or give D a penalty such as R1.",
    "oscillating": "Lower both rates.",
    "the generator has collapsed": "Lower G's rate, or give D a penalty such as R1; then start "
                                   "again, since a collapse is seldom undone.",
}


class Watch(keras.callbacks.Callback):
    """Shows a training in a notebook's cell: generated pictures, losses, step and diagnosis.

    It is a callback for `gan.fit`. The pictures of one cell are redrawn as often as SHARE of the
    time allows. It draws from no random state, so the weights are those of an unwatched training.

    Args:
        steps: of the whole training, to tell the time left; None if that is unknown.
        noise: "normal" or "uniform", as the generator is trained.
        history: rows with step, d_loss and g_loss of what was trained before; it is read again at
            every drawing. None records rows of its own, one for each epoch.
        measures: rows with step and frechet_distance, read in the same way.
        diagnose: a function without arguments to a line, such as Run.diagnose, or None.
        screen: what shows the pictures, None for the cell.
    """

    def __init__(self, steps=None, noise="normal", history=None, measures=(), diagnose=None,
                 screen=None):
        super().__init__()
        self.steps, self.noise, self.measures, self.diagnose = steps, noise, measures, diagnose
        self.records, self.history = history is None, [] if history is None else history
        self.screen, self.seconds, self.turns = screen or CellScreen(), 0.0, Turns()
        self.latest, self.inputs, self.begin = {}, None, None

    def on_train_begin(self, logs=None):
        generator = self.model.averaged_generator
        latents = sampling.draw_latents(SHOWN, generator.inputs[0].shape[-1], self.noise)
        labels = sampling.class_labels(generator, SHOWN)
        self.inputs = latents if labels is None else [latents, labels]
        self.draw()

    def on_train_batch_end(self, batch, logs=None):
        if self.begin is None:  # the first step, which compiles, says nothing about the others
            self.begin, self.first = time.perf_counter(), int(self.model.step.numpy())
        self.latest = logs or {}
        self.screen.obey(self.model)
        if self.turns.due():
            self.draw()

    def on_epoch_end(self, epoch, logs=None):
        if self.records:
            self.history.append({"step": int(self.model.step.numpy()), **logs})

    def on_train_end(self, logs=None):
        self.latest, self.begin = {}, None
        self.draw()

    def draw(self):
        """Shows where the training is."""
        start, step = time.perf_counter(), int(self.model.step.numpy())
        images = keras.ops.convert_to_numpy(self.model(self.inputs, training=False))
        rows = list(self.history)
        if self.latest and all(math.isfinite(float(loss)) for loss in self.latest.values()):
            rows.append({"step": step} | {key: float(loss) for key, loss in self.latest.items()})
        apart = self.screen.show(images, rows, list(self.measures), self.words(step, start)) or 0.0
        self.seconds += self.turns.took(start + apart) + apart

    def words(self, step, now):
        """Returns the step, the time left and the diagnosis with what to do about it."""
        words = [f"step {step:,} of {self.steps:,}" if self.steps else f"step {step:,}"]
        if self.steps and self.begin and self.first < step < self.steps:
            left = (now - self.begin) / (step - self.first) * (self.steps - step)
            words.append(f"{left / 60:.0f} min left" if left > 90 else f"{left:.0f} s left")
        if self.diagnose:
            diagnosis = self.diagnose()
            advice = [text for key, text in ADVICE.items() if diagnosis.startswith(key)]
            words += [diagnosis, *advice]
        return " · ".join(words)


class Turns:
    """Says when it is time to draw again, so that drawing takes SHARE of the time.

    The first drawing does not count, since it loads what later ones find loaded; after that, the
    quickest one counts.
    """

    def __init__(self):
        self.least, self.next, self.is_first = math.inf, 0.0, True

    def due(self):
        """Returns whether it is time."""
        return time.perf_counter() >= self.next

    def took(self, start):
        """Notes a drawing that began at `start` and ends now; returns its seconds."""
        now = time.perf_counter()
        if self.is_first:
            self.is_first, self.next = False, now + 1.0
        else:
            self.least = min(self.least, now - start)
            self.next = now + self.least / SHARE
        return now - start


class CellScreen:
    """Shows pictures in the output of the cell that trains; without a notebook it shows nothing."""

    def __init__(self):
        self.picture = LivePicture()

    def obey(self, model):
        """Does nothing: a cell that is busy hears nobody."""

    def show(self, images, history, measures, words):
        """Replaces the picture with a new one."""
        if in_notebook():
            self.picture.show(plots.plot_training(images, history, words, measures, COLUMNS))


class View:
    """A training in a thread of its own, with widgets that show and steer it.

    Attributes:
        box: the widgets.
        watch: the Watch, which knows the seconds that redrawing took.
    """

    def __init__(self, run, steps, fit):
        """Puts the widgets together and starts `fit(callback)` in a thread."""
        import ipywidgets

        self.run, self.steps, self.error, self.turns = run, steps, None, Turns()
        self.going, self.stopping, self.said = threading.Event(), False, 0.0
        self.going.set()
        layouts = [ipywidgets.Layout(width=width, flex="0 0 auto") for width in ("420px", "460px")]
        self.pictures, self.curves = (ipywidgets.Image(layout=layout) for layout in layouts)
        self.curves.layout.visibility = "hidden"  # until there is something to draw
        self.words = ipywidgets.HTML()
        self.pause_button = ipywidgets.Button(description="Pause", icon="pause")
        self.stop_button = ipywidgets.Button(description="Stop", icon="stop")
        self.pause_button.on_click(lambda _: self.pause())
        self.stop_button.on_click(lambda _: self.stop())
        self.rates = [self._slider(name, player) for name, player in
                      (("rate of D", "d_optimizer"), ("rate of G", "g_optimizer"))]
        controls = ipywidgets.HBox([self.pause_button, self.stop_button, *self.rates])
        wrapped = ipywidgets.Layout(flex_flow="row wrap")
        shown = ipywidgets.HBox([self.pictures, self.curves], layout=wrapped)
        self.box = ipywidgets.VBox([shown, self.words, controls])
        for part, name in ((self.box, "watch"), (self.pause_button, "watch-pause"),
                           (self.stop_button, "watch-stop"), (self.words, "watch-words"),
                           (self.pictures, "watch-pictures")):
            part.add_class(f"ganlib-{name}")
        self.watch = Watch(steps, run.recipe.noise, run.history, run.measures.rows, run.diagnose,
                           screen=self)
        self.thread = threading.Thread(target=self._fit, args=(fit,), daemon=True)
        self.thread.start()

    def _slider(self, name, player):
        import ipywidgets

        optimizer = getattr(self.run.gan, player)
        begun = float(optimizer.learning_rate.numpy())
        slider = ipywidgets.FloatSlider(1.0, min=SLOWER, max=FASTER, step=0.25, description=name,
                                        readout_format=".2f")
        slider.observe(lambda event: optimizer.learning_rate.assign(begun * event["new"]), "value")
        return slider

    def _fit(self, fit):
        try:
            fit(self.watch)
            self.words.value += f" · {'stopped' if self.stopping else 'done'}"
        except BaseException as error:  # shown here, and raised by `wait`
            self.error = error
            self.words.value += f" · {type(error).__name__}: {error}"
        finally:
            for part in (self.pause_button, self.stop_button, *self.rates):
                part.disabled = True

    def obey(self, model):
        """Says every second how far it is; draws and waits while paused; ends it when stopped."""
        now = time.perf_counter()
        if not self.going.is_set():
            self.watch.draw()
        elif now > self.said + 1:
            self.said, self.words.value = now, self.watch.words(int(model.step.numpy()), now)
        while not self.going.wait(0.2) and not self.stopping:
            pass
        if self.stopping:
            model.stop_training = True

    def show(self, images, history, measures, words):
        """Replaces pictures, words and, if due, curves; returns the seconds of these, if any."""
        self.pictures.value = plots.png(plots.image_grid(images, COLUMNS))
        self.words.value = words
        ends = history and history[-1]["step"] == self.steps
        if history and (ends or self.turns.due()):
            start = time.perf_counter()
            self.curves.value = plots.png(plots.plot_losses(history, measures=measures))
            self.curves.layout.visibility = "visible"
            return self.turns.took(start)

    def pause(self):
        """Pauses the training, or lets it go on."""
        (self.going.clear if self.going.is_set() else self.going.set)()
        self.pause_button.description = "Pause" if self.going.is_set() else "Go on"

    def stop(self):
        """Ends the training after this step; the run goes on from there when it is fitted again."""
        self.stopping = True

    def wait(self):
        """Waits for the end of the training and returns the run; ■ stops the training.

        Raises:
            Exception: what ended the training, if it did not end by itself.
        """
        try:
            while self.thread.is_alive():
                self.thread.join(0.2)
        except KeyboardInterrupt:
            self.stop()
            self.thread.join()
            print(f"stopped at step {int(self.run.gan.step.numpy()):,}; run it again to go on.")
        if self.error:
            raise self.error
        return self.run

    def _ipython_display_(self):
        from IPython.display import display

        display(self.box)


class Done:
    """A training that was watched in its cell and is over."""

    def __init__(self, run):
        self.run = run

    def wait(self):
        """Returns the run."""
        return self.run

    def _ipython_display_(self):
        """Shows nothing, since the cell has shown the training."""


def watch(run, folder=None, steps=None, measure=True, live=None):
    """Trains a run as `run.fit` does, and shows it as it goes.

    Where a front end is live, the training goes on in a thread and the cell returns at once, with
    buttons to pause and stop and sliders for the rates. Elsewhere the cell itself trains and
    redraws its picture, and an interrupted run can be continued.

    Args:
        run: a ganlib.training.Run.
        folder, steps, measure: as for `run.fit`.
        live: whether to train in a thread; None means where a front end is live.

    Returns:
        What is watched; its `wait` waits for the end and returns the run.
    """
    steps = run.recipe.steps if steps is None else steps

    def fit(callback):
        run.fit(folder, steps, [callback], measure, bar=False)

    if is_live() if live is None else live:
        return View(run, steps, fit)
    fit(Watch(steps, run.recipe.noise, run.history, run.measures.rows, run.diagnose))
    return Done(run)
