import json
import math
import os
import time

import imageio.v3 as imageio
import keras
import numpy as np
import pytest
import tensorflow as tf

from ganlib import data, recipes, sampling, store
from ganlib.errors import InputError
from ganlib.training import callbacks, checkpoint, compilation
from ganlib.training.run import stretches
from systems import SYSTEMS, tiny

pytestmark = pytest.mark.slow  # every test trains


def state(run):
    return [variable.numpy() for variable in checkpoint.variables(run.gan).values()]


def same_state(one, other):
    return all(np.array_equal(a, b) for a, b in zip(state(one), state(other), strict=True))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """Undisturbed runs of eight steps, by system."""
    return {each: tiny(each).fit(tmp_path_factory.mktemp("whole")) for each in SYSTEMS}


def steps_of(history):
    return [row["step"] for row in history]


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "samples").iterdir()}


def test_the_same_call_again_trains_no_further(whole, capsys):
    first = whole["plain"]
    before = state(first)
    again = tiny().fit(first.folder)
    assert "ask for more steps" in capsys.readouterr().out
    assert again.history == first.history
    assert all(np.array_equal(a, b) for a, b in zip(before, state(again), strict=True))


def test_pretraining_moves_the_discriminator_alone(tmp_path):
    run = tiny("pre-training")
    before = run.generator.get_weights()[0], run.discriminator.get_weights()[0]
    run.fit(tmp_path / "run", steps=3)
    np.testing.assert_array_equal(run.generator.get_weights()[0], before[0])
    assert np.abs(run.discriminator.get_weights()[0] - before[1]).max() > 0
    run.fit(tmp_path / "run", steps=4)
    assert np.abs(run.generator.get_weights()[0] - before[0]).max() > 0


def test_another_recipe_is_refused_with_the_differing_fields(tmp_path):
    tiny().fit(tmp_path / "run", steps=2)
    with pytest.raises(
        InputError, match="g_rate is 0.0005 there and 0.1 here; seed is 0 there and 5 here"
    ):
        tiny(g_rate=0.1, seed=5).fit(tmp_path / "run")


def test_a_damaged_checkpoint_is_named_and_the_previous_one_taken(whole, tmp_path, capsys):
    tiny().fit(tmp_path / "run", steps=6)
    path = tmp_path / "run" / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:-300])
    continued = tiny().fit(tmp_path / "run")
    assert f"{path} is damaged" in capsys.readouterr().out
    assert same_state(whole["plain"], continued)
    for name in ("checkpoint.npz", "checkpoint.npz.previous"):
        (tmp_path / "run" / name).write_bytes(b"PK nothing")
    with pytest.raises(InputError, match="Delete the run folder"):
        tiny().fit(tmp_path / "run")


def test_a_bit_that_flipped_in_a_checkpoint_is_noticed(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=2)
    path = tmp_path / "run" / "checkpoint.npz"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(InputError, match="is damaged"):
        checkpoint.load(path, run.gan)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    run = tiny().fit(tmp_path / "run", steps=2)
    path = tmp_path / "run" / "checkpoint.npz"
    before = path.read_bytes()
    monkeypatch.setattr(
        np, "savez", lambda file, **arrays: open("/dev/full", "wb", buffering=0).write(b"x")
    )
    with pytest.raises(OSError, match="No space left"):
        checkpoint.save(path, run.gan, run.history, run.measures)
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".partial*"))


def test_trained_generator_is_loaded_in_each_form(whole):
    run = whole["dropout, average"]
    expected = run.sample(5, seed=3)
    for source in (run.folder, run.folder / "generator.keras", run.folder / "generator.json"):
        images, labels = sampling.generate(store.load_generator(source), 5, seed=3)
        assert labels is None
        np.testing.assert_allclose(images, expected, atol=1e-5)


def test_conditional_samples_take_labels_and_refuse_others(whole):
    run = whole["conditional"]
    assert run.sample(4, labels=[3]).shape == (4, 28, 28, 1)
    images, labels = sampling.generate(run.gan.averaged_generator, 12)
    assert list(labels) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    with pytest.raises(InputError, match="unknown class 10; this generator knows 0 to 9"):
        run.sample(4, labels=[3, 10])
    with pytest.raises(InputError, match="takes no labels"):
        whole["plain"].sample(4, labels=[3])


def test_unknown_recipes_profiles_and_fields_are_refused():
    with pytest.raises(InputError, match="Did you mean 'mnist_dcgan'"):
        recipes.get("mnist_dgcan")
    with pytest.raises(InputError, match="Known: full, long, quick, smoke"):
        recipes.get("mnist_dcgan", "fast")
    with pytest.raises(InputError, match="Did you mean 'batch_size'"):
        recipes.get("mnist_dcgan", batchsize=3)


def test_a_run_folder_in_an_unwritable_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(InputError, match="cannot write to"):
        tiny().fit(tmp_path / "file" / "run")


def test_a_recipe_trains_on_other_data_of_any_legal_shape(own_data, tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 12, 20, 3), "uint8")
    data.write_h5(own_data / "mine.h5", images, np.arange(20) % 3, ("a", "b", "c"))
    for name in ("mnist_fcgan", "mnist_dcgan", "mnist_cgan"):
        run = recipes.build(name, "smoke", dataset="mine", steps=1).fit(tmp_path / name)
        assert run.sample(2).shape == (2, 12, 20, 3)


def test_recipe_json_is_a_complete_record(whole):
    run = whole["plain"]
    stored = json.loads((run.folder / "recipe.json").read_text())
    assert (
        stored["name"] == "digits_fcgan"
        and stored["generator"] == {"units": [8]}
        and stored["source"]
    )


def test_a_run_folder_holds_everything(whole):
    run = whole["plain"]
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "recipe.json", "run.json", "training.json", "history.csv", "samples", "logs", "losses.png",
        "training.gif", "checkpoint.npz", "checkpoint.npz.previous", "generator.keras",
        "generator.json", "generator.weights.h5", ".lock",
    }  # fmt: skip
    assert sorted(files(run.folder)) == [f"step_{step:07d}.png" for step in (2, 4, 6, 8)]
    assert imageio.imread(run.folder / "training.gif").shape[0] == 4
    lines = (run.folder / "history.csv").read_text().splitlines()
    assert lines[0] == "step,d_loss,g_loss"
    rows = [[float(value) for value in line.split(",")] for line in lines[1:]]
    assert rows == [[row["step"], row["d_loss"], row["g_loss"]] for row in run.history]
    assert list((run.folder / "logs").glob("events*"))


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0, 8, 2, 0), [(False, 2, 4)]),
        ((3, 8, 2, 0), [(False, 1, 1), (False, 2, 2)]),
        ((0, 7, 2, 0), [(False, 2, 3), (False, 1, 1)]),
        ((0, 8, 2, 3), [(True, 2, 1), (True, 1, 1), (False, 1, 1), (False, 2, 2)]),
        ((0, 8, 4, 4), [(True, 4, 1), (False, 4, 1)]),
        ((2, 3, 10, 5), [(True, 1, 1)]),
        ((4, 6, 10, 3), [(False, 2, 1)]),
    ],
)
def test_stretches_end_at_common_marks_at_the_end_of_pretraining_and_at_the_end(span, expected):
    assert stretches(*span) == expected


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("stop", [3, 4])
def test_continued_run_equals_the_undisturbed_one(system, stop, whole, tmp_path):
    whole = whole[system]
    tiny(system).fit(tmp_path / "parts", steps=stop)
    parts = tiny(system).fit(tmp_path / "parts")
    assert same_state(whole, parts)
    common = files(whole.folder)
    assert {name: files(parts.folder)[name] for name in common} == common
    # A stop between two marks leaves a row of its own, and the row after it has fewer steps.
    after = stop + 2 if stop % 2 else stop
    kept = [row for row in whole.history if row["step"] < stop or row["step"] > after]
    assert kept == [row for row in parts.history if row["step"] < stop or row["step"] > after]
    if stop % 2 == 0:
        assert whole.history == parts.history
    else:
        assert steps_of(parts.history) == sorted({*steps_of(whole.history), stop})


def test_a_run_goes_on_to_any_step_in_the_same_process(whole, tmp_path):
    run = tiny()
    for steps in (4, 7, 8):  # the number of steps in one graph differs from call to call
        run.fit(tmp_path / "run", steps)
        assert int(run.gan.step) == run.history[-1]["step"] == steps
    assert same_state(run, whole["plain"])


@pytest.mark.parametrize("system", ["plain", "pre-training"])
def test_a_csv_logger_keeps_the_rows_of_all_phases_of_a_run(system, tmp_path):
    logger = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    run = tiny(system).fit(tmp_path / "run", extra_callbacks=[logger])
    lines = (tmp_path / "log.csv").read_text().splitlines()
    assert lines[0].startswith("epoch,d_loss,g_loss")
    rows = [[float(value) for value in line.split(",")[:3]] for line in lines[1:]]
    assert [row[0] for row in rows] == list(range(len(run.history)))
    losses = [[row["d_loss"], row["g_loss"]] for row in run.history]
    np.testing.assert_allclose([row[1:] for row in rows], losses, rtol=1e-6)


class Calls(keras.callbacks.Callback):
    """Counts beginnings and ends, and stops the training after some epochs."""

    def __init__(self, stop_after=math.inf):
        super().__init__()
        self.begins = self.ends = self.epochs = 0
        self.stop_after = stop_after

    def on_train_begin(self, logs=None):
        self.begins += 1

    def on_train_end(self, logs=None):
        self.ends += 1

    def on_epoch_end(self, epoch, logs=None):
        assert epoch == self.epochs
        self.epochs += 1
        self.model.stop_training = self.epochs >= self.stop_after


@pytest.mark.parametrize("system", ["plain", "pre-training"])
def test_a_run_is_one_training_to_its_callbacks(system, tmp_path):
    calls = Calls()
    run = tiny(system).fit(tmp_path / "run", steps=7, extra_callbacks=[calls])
    assert (calls.begins, calls.ends, calls.epochs) == (1, 1, len(run.history))


@pytest.mark.parametrize(("system", "stop_after"), [("plain", 2), ("pre-training", 1)])
def test_a_callback_can_stop_a_run_which_then_continues(system, stop_after, whole, tmp_path):
    run = tiny(system).fit(tmp_path / "run", extra_callbacks=[Calls(stop_after)])
    assert len(run.history) == stop_after and int(run.gan.step) == run.history[-1]["step"] < 8
    assert same_state(tiny(system).fit(tmp_path / "run"), whole[system])


def test_early_stopping_is_honoured(tmp_path):
    stopper = keras.callbacks.EarlyStopping("d_loss", mode="min", min_delta=1e9)
    run = tiny().fit(tmp_path / "run", extra_callbacks=[stopper])
    assert steps_of(run.history) == [2, 4] and int(run.gan.step) == 4


def test_progress_shows_step_losses_speed_and_diagnosis_but_no_plumbing(tmp_path, capsys):
    run = tiny().fit(tmp_path / "run")
    out = capsys.readouterr().out
    last = run.history[-1]
    assert "digits_fcgan step 8" in out and "images/s" in out and "too early to tell" in out
    assert f"d_loss {last['d_loss']:.3f}, g_loss {last['g_loss']:.3f}" in out
    assert "waiting" not in out


def test_training_json_tells_steps_seconds_and_the_wait_for_data(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=4)
    first = json.loads((run.folder / "training.json").read_text())
    tiny().fit(tmp_path / "run")
    second = json.loads((run.folder / "training.json").read_text())
    assert (first["steps"], second["steps"]) == (4, 8)
    assert 0 <= first["seconds_waiting_for_data"] < first["seconds"] < second["seconds"]
    assert first["seconds_waiting_for_data"] <= second["seconds_waiting_for_data"]


def test_the_clock_counts_what_training_waits_for_slow_data(tmp_path):
    def slow(number):
        time.sleep(0.02)
        return number

    stream = tf.data.Dataset.range(10).map(lambda n: tf.numpy_function(slow, [n], "int64"))
    stopwatch = callbacks.Stopwatch(tmp_path)
    assert [int(n) for n in stopwatch.clocked(stream.repeat()).take(10)] == list(range(10))
    assert 0.15 <= float(stopwatch.waiting) < 2.0  # ten times 0.02 s, the first one in part
    stopwatch = callbacks.Stopwatch(tmp_path)
    ready = iter(stopwatch.clocked(tf.data.Dataset.range(10)))
    for _ in range(10):
        next(ready), time.sleep(0.02)  # the data wait for the training
    assert float(stopwatch.waiting) < 0.1


def test_a_run_continues_under_the_compilation_it_was_begun_with(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=4)
    begun = json.loads((run.folder / "run.json").read_text())
    assert begun["jit_compile"] is False and begun["precision"] == "float32"
    assert begun["versions"]["keras"] == keras.__version__
    (run.folder / "run.json").write_text(json.dumps(begun | {"jit_compile": True}))
    continued = tiny().fit(tmp_path / "run")
    assert continued.gan.jit_compile is True


def test_another_precision_is_refused_in_one_line(tmp_path):
    tiny("conditional").fit(tmp_path / "run", steps=2)
    other = recipes.build(tiny("conditional").recipe, precision="mixed_bfloat16")
    with pytest.raises(InputError, match="precision is 'float32' there and 'mixed_bfloat16' here"):
        other.fit(tmp_path / "run")


@pytest.mark.parametrize(("plain", "compiled"), [(2.0, 0.5), (2.0, 9.0), (0.1, 9.0)])
def test_the_faster_compilation_is_chosen_said_and_leaves_the_game_as_it_was(
    plain, compiled, monkeypatch
):
    run = tiny("dropout, average")
    run.gan.step.assign(5)
    before = state(run)
    timed = []

    def seconds(gan, stream, jit_compile):
        gan.jit_compile = jit_compile
        gan.train_step(next(iter(stream)))  # moves the state
        timed.append(jit_compile)
        return compiled if jit_compile else plain

    monkeypatch.setattr(compilation, "_seconds_per_step", seconds)
    line = compilation.settle(run.gan, data.batches(run.dataset, 8), [100])
    assert all(np.array_equal(a, b) for a, b in zip(before, state(run), strict=True))
    assert run.gan.jit_compile == (plain > compiled)
    if plain * 100 < compilation.WORTH_TIMING:
        assert line == "" and timed == [False]
    else:
        assert timed == [False, True] and f"{compiled:.3g} s with XLA and {plain:.3g} s" in line
        assert f"about {min(plain, compiled) * 100 / 60:.0f} min" in line


def test_a_step_is_timed_with_and_without_xla(monkeypatch):
    monkeypatch.setattr(compilation, "WORTH_TIMING", 0)
    run = tiny("dropout, average", steps=8)
    assert "XLA" in compilation.settle(run.gan, data.batches(run.dataset, 8), [1000])
    assert int(run.gan.step) == 0


def test_nothing_is_read_where_no_step_is_timed():
    def unreadable():
        raise AssertionError("a batch was read")
        yield

    signature = tf.TensorSpec((8, 28, 28, 1), "uint8")
    stream = tf.data.Dataset.from_generator(unreadable, output_signature=signature)
    run = tiny("dropout, average")
    assert compilation.settle(run.gan, stream, [2, 2], jit_compile=False) == ""  # as it was begun
    assert compilation.settle(tiny("plain").gan, stream, [2, 2], jit_compile=True) == ""


def test_a_damaged_record_of_seconds_does_not_stop_a_run(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=4)
    (run.folder / "training.json").write_text("{")
    tiny().fit(tmp_path / "run")
    assert json.loads((run.folder / "training.json").read_text())["steps"] == 8


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_divergence_stops_the_run_names_the_player_and_keeps_the_checkpoint(player, tmp_path):
    run = tiny(steps=40, **{f"{player[0]}_rate": 1e38})
    checkpoint.save(tmp_path / "checkpoint.npz", run.gan, [], run.measures)
    (tmp_path / "recipe.json").write_text(json.dumps({"name": run.recipe.name}))
    before = (tmp_path / "checkpoint.npz").read_bytes()
    # One player's huge weights make the other's loss infinite too: either may be first.
    with pytest.raises(InputError, match=r"or's loss was not finite in step [2-9]\.") as error:
        run.fit(tmp_path)
    bad = {"discriminator": int(run.gan.d_bad_step), "generator": int(run.gan.g_bad_step)}
    named = next(name for name, step in bad.items() if step >= 0)
    assert f"the {named}'s loss was not finite in step {bad[named] + 1}." in str(error.value)
    assert (tmp_path / "checkpoint.npz").read_bytes() == before


@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_a_loss_that_is_not_a_number_is_charged_to_its_player(player):
    run = tiny()
    getattr(run.gan, f"{player[0]}_bad_step").assign(6)
    stop = callbacks.StopWhenDiverged()
    stop.set_model(run.gan)
    with pytest.raises(InputError, match=f"the {player}'s loss was not finite in step 7"):
        stop.on_epoch_end(0)


def test_checkpoints_take_two_percent_of_the_time_at_most(tmp_path, monkeypatch):
    clock, saves = [100.0], []
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: clock[0])

    def save(path, gan, history, measures):
        saves.append(clock[0])
        clock[0] += 1.0  # saving takes a second

    monkeypatch.setattr(checkpoint, "save", save)
    saver = callbacks.Checkpoint(tmp_path / "c.npz", [], checkpoint.Measures())
    saver.set_model(tiny().gan)
    for _ in range(300):
        clock[0] += 1.0  # and so does an epoch
        saver.on_epoch_end(0)
    spent = clock[0] - 100.0
    assert 0.015 < len(saves) / spent <= 0.02 + 1 / spent


def test_weight_clipping_bounds_the_discriminator_alone():
    run = tiny("conditional", loss="wasserstein", weight_clipping=0.01)
    run.gan.train_step(next(iter(data.batches(run.dataset, 8))))
    largest = [
        max(np.abs(variable.numpy()).max() for variable in network.trainable_variables)
        for network in (run.discriminator, run.generator)
    ]
    assert largest[0] <= np.float32(0.01) < largest[1]


def test_penalties_of_a_recipe_reach_the_game():
    pairs = tiny("plain", r1=0.5, gradient_penalty=10.0).gan.penalties
    assert [(weight, penalty.__name__) for weight, penalty in pairs] == [
        (0.5, "r1_penalty"), (10.0, "gradient_penalty"),
    ]  # fmt: skip
    assert tiny("plain").gan.penalties == []
