import json
import os

import imageio.v3 as imageio
import keras
import numpy as np
import pytest

from ganlib import data, recipes, sampling, store
from ganlib.errors import InputError
from systems import SYSTEMS, tiny


def state(run):
    return [variable.numpy() for variable in callbacks._state(run.gan)]


def files(folder):
    return {path.name: path.read_bytes() for path in (folder / "samples").iterdir()}


def test_a_run_folder_holds_everything(tmp_path):
    run = tiny().fit(tmp_path / "run")
    names = {path.name for path in run.folder.iterdir()}
    assert names == {
        "recipe.json", "training.json", "history.csv", "samples", "logs", "losses.png", "training.gif", "checkpoint.npz",
        "checkpoint.npz.previous", "generator.keras", "generator.json", "generator.weights.h5",
    }  # fmt: skip
    assert sorted(files(run.folder)) == [f"step_{step:07d}.png" for step in (2, 4, 6, 8)]
    assert imageio.imread(run.folder / "training.gif").shape[0] == 4
    lines = (run.folder / "history.csv").read_text().splitlines()
    assert lines[0] == "step,d_loss,g_loss"
    assert [line.split(",")[0] for line in lines[1:]] == ["2", "4", "6", "8"]
    assert list((run.folder / "logs").glob("events*"))


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("stop", [3])
def test_continued_run_equals_the_undisturbed_one(system, stop, tmp_path):
    whole = tiny(system).fit(tmp_path / "whole")
    tiny(system).fit(tmp_path / "parts", steps=stop)
    parts = tiny(system).fit(tmp_path / "parts")
    for a, b in zip(state(whole), state(parts), strict=True):
        np.testing.assert_array_equal(a, b)
    common = files(tmp_path / "whole")
    assert {name: files(tmp_path / "parts")[name] for name in common} == common
    if stop % 2 == 0:
        assert whole.history == parts.history


def test_the_same_call_again_trains_no_further(tmp_path, capsys):
    first = tiny().fit(tmp_path / "run")
    before = state(first)
    again = tiny().fit(tmp_path / "run")
    assert "ask for more steps" in capsys.readouterr().out
    assert again.history == first.history
    for a, b in zip(before, state(again), strict=True):
        np.testing.assert_array_equal(a, b)


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
    with pytest.raises(InputError, match="g_rate is 0.0005 there and 0.1 here; seed is 0 there and 5 here"):
        tiny(g_rate=0.1, seed=5).fit(tmp_path / "run")


def test_a_damaged_checkpoint_is_named_and_the_previous_one_taken(tmp_path, capsys):
    whole = tiny().fit(tmp_path / "whole")
    tiny().fit(tmp_path / "run", steps=6)
    path = tmp_path / "run" / "checkpoint.npz"
    path.write_bytes(path.read_bytes()[:-300])
    continued = tiny().fit(tmp_path / "run")
    assert f"{path} is damaged" in capsys.readouterr().out
    for a, b in zip(state(whole), state(continued), strict=True):
        np.testing.assert_array_equal(a, b)
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
        callbacks.load_checkpoint(path, run.gan)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a device that is always full")
def test_a_full_disk_keeps_the_last_checkpoint(tmp_path, monkeypatch):
    run = tiny().fit(tmp_path / "run", steps=2)
    path = tmp_path / "run" / "checkpoint.npz"
    before = path.read_bytes()
    monkeypatch.setattr(np, "savez", lambda file, **arrays: open("/dev/full", "wb", buffering=0).write(b"x"))
    with pytest.raises(OSError, match="No space left"):
        callbacks.save_checkpoint(path, run.gan, run.history, run.measures)
    assert path.read_bytes() == before
    assert not list(path.parent.glob(".*"))


def test_trained_generator_is_loaded_in_each_form(tmp_path):
    run = tiny("dropout, average").fit(tmp_path / "run")
    expected = run.sample(5, seed=3)
    for source in (run.folder, run.folder / "generator.keras", run.folder / "generator.json"):
        images, labels = sampling.generate(store.load_generator(source), 5, seed=3)
        assert labels is None
        np.testing.assert_allclose(images, expected, atol=1e-5)


def test_conditional_samples_take_labels_and_refuse_others(tmp_path):
    run = tiny("conditional")
    assert run.sample(4, labels=[3]).shape == (4, 28, 28, 1)
    images, labels = sampling.generate(run.gan.averaged_generator, 12)
    assert list(labels) == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    with pytest.raises(InputError, match="labels run from 3 to 10; this generator knows 0 to 9"):
        run.sample(4, labels=[3, 10])
    with pytest.raises(InputError, match="takes no labels"):
        tiny("plain").sample(4, labels=[3])


def test_a_walk_passes_only_through_latents_of_its_noise():
    latents = keras.Input((200,))
    identity = keras.Model(latents, keras.layers.Reshape((10, 20, 1))(latents))
    frames = sampling.walk(identity, 30, noise="uniform", frames=3)  # it would refuse values outside of [-1, 1]
    for frame in frames:
        values = frame[frame < 255]
        assert abs(np.mean(values < 64) - 0.25) < 0.02 and abs(np.mean(values < 128) - 0.5) < 0.02
    with pytest.raises(InputError, match="expected uint8, or floats in"):
        sampling.walk(identity, 30, noise="normal", frames=1)


def test_progress_shows_losses_and_speed(tmp_path, capsys):
    tiny().fit(tmp_path / "run")
    out = capsys.readouterr().out
    assert "digits_fcgan step 8" in out and "images/s" in out
    assert "d_loss" in out and "g_loss" in out


def test_unknown_recipes_profiles_and_fields_are_refused():
    with pytest.raises(InputError, match="Did you mean 'mnist_dcgan'"):
        recipes.get("mnist_dgcan")
    with pytest.raises(InputError, match="Known: full, quick, smoke"):
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


def test_recipe_json_is_a_complete_record(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=2)
    stored = json.loads((run.folder / "recipe.json").read_text())
    assert stored["name"] == "digits_fcgan" and stored["generator"] == {"units": [8]} and stored["source"]


def test_keras_callbacks_join_in(tmp_path):
    tiny().fit(tmp_path / "run", extra_callbacks=[keras.callbacks.CSVLogger(tmp_path / "log.csv")])
    assert "d_loss" in (tmp_path / "log.csv").read_text().splitlines()[0]


@pytest.mark.parametrize(("player", "changes"), [("generator", {"g_rate": 1e38}), ("discriminator", {"d_rate": 1e38})])
def test_divergence_stops_the_run_names_the_player_and_keeps_the_checkpoint(player, changes, tmp_path):
    run = tiny(steps=40, **changes)
    callbacks.save_checkpoint(tmp_path / "checkpoint.npz", run.gan, [], run.measures)
    before = (tmp_path / "checkpoint.npz").read_bytes()
    with pytest.raises(InputError, match=r"(generator|discriminator)'s loss was not a finite number in step \d+"):
        run.fit(tmp_path)
    assert (tmp_path / "checkpoint.npz").read_bytes() == before


def test_a_loss_that_is_no_number_is_charged_to_its_player():
    run = tiny()
    run.gan.first_bad_step.assign([-1, 6])
    stop = callbacks.StopWhenDiverged()
    stop.set_model(run.gan)
    with pytest.raises(InputError, match="the generator's loss was not a finite number in step 7"):
        stop.on_epoch_end(0)


def test_checkpoints_take_two_percent_of_the_time_at_most(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr(callbacks.time, "perf_counter", lambda: clock[0])
    saves = []

    def save(path, gan, history, measures):
        saves.append(clock[0])
        clock[0] += 1.0  # saving takes a second

    monkeypatch.setattr(callbacks, "save_checkpoint", save)
    checkpoint = callbacks.Checkpoint(tmp_path / "c.npz", [], measures.Measures())
    checkpoint.set_model(tiny().gan)
    for _ in range(300):
        clock[0] += 1.0  # and so does an epoch
        checkpoint.on_epoch_end(0)
    assert 0.015 < len(saves) / (clock[0] - 100.0) <= 0.02 + 1 / (clock[0] - 100.0)
