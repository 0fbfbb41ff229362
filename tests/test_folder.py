"""A run folder: locked, told from others, moved, deleted, and continued."""

import dataclasses
import json
import os
import random
import shutil

import filelock
import imageio.v3 as imageio
import keras
import numpy as np
import pytest

from ganlib import data, recipes, store
from ganlib.data import transforms
from ganlib.errors import InputError
from ganlib.training import checkpoint
from systems import TINY_CONV, tiny

pytestmark = pytest.mark.slow  # every test trains


def same_state(one, other):
    pairs = zip(checkpoint.variables(one.gan).values(), checkpoint.variables(other.gan).values(),
                strict=True)
    return all(np.array_equal(a.numpy(), b.numpy()) for a, b in pairs)


def test_a_folder_in_use_is_refused_and_free_again_after_a_failure(tmp_path):
    folder = tmp_path / "run"
    folder.mkdir()
    with filelock.FileLock(folder / ".lock"):
        with pytest.raises(InputError, match="run is in use by another training"):
            tiny().fit(folder)
    assert not list(folder.glob("*.json")) and not list(folder.glob("*.npz"))

    class Failure(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        tiny().fit(folder, extra_callbacks=[Failure()])
    assert int(tiny().fit(folder).gan.step) == 8


def test_a_drive_without_locks_is_said_and_used(tmp_path, monkeypatch, capsys):
    def acquire(self, timeout):
        raise NotImplementedError("no flock here")

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    tiny().fit(tmp_path / "run", steps=2)
    assert "drive without locks" in capsys.readouterr().out


def noise_file(path, count, seed=0):
    pictures = np.random.default_rng(seed).integers(0, 256, (count, 28, 28, 1), "uint8")
    data.write_h5(path, pictures, np.arange(count) % 2, ("a", "b"))


def test_data_that_changed_are_noticed_and_the_run_is_left_as_it_was(own_data, tmp_path):
    noise_file(own_data / "own.h5", 100)
    folder = tiny(dataset="own").fit(tmp_path / "run", steps=4).folder
    before = (folder / "checkpoint.npz").read_bytes()
    noise_file(own_data / "own.h5", 120)
    for steps in (4, 8):
        with pytest.raises(InputError, match="own has changed since the run in .* was begun"):
            tiny(dataset="own").fit(folder, steps=steps)
    noise_file(own_data / "own.h5", 100, seed=1)
    with pytest.raises(InputError, match="own has changed"):
        tiny(dataset="own").fit(folder)
    assert (folder / "checkpoint.npz").read_bytes() == before
    noise_file(own_data / "own.h5", 100)
    assert int(tiny(dataset="own").fit(folder).gan.step) == 8


def test_another_version_or_machine_is_said_and_the_run_goes_on(tmp_path, capsys):
    folder = tiny().fit(tmp_path / "run", steps=4).folder
    begun = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert begun["class_names"] == list(data.load("digits").class_names)
    versions = begun["versions"] | {"keras": "3.0.0"}
    changed = begun | {"versions": versions, "machine": "an abacus"}
    (folder / "run.json").write_text(json.dumps(changed), encoding="utf-8")
    capsys.readouterr()
    tiny().fit(folder)
    out = capsys.readouterr().out
    assert f"keras was 3.0.0 and is {keras.__version__}" in out
    assert "machine was an abacus" in out and "tensorflow was" not in out
    kept = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert kept == changed  # what it was begun with


def test_a_deleted_folder_is_filled_again_from_memory(tmp_path, capsys):
    run = tiny().fit(tmp_path / "run")
    shutil.rmtree(run.folder)
    run.fit(tmp_path / "run")
    assert "holds no checkpoint; going on from step 8" in capsys.readouterr().out
    assert (run.folder / "generator.keras").exists() and (run.folder / "losses.png").exists()
    assert not (run.folder / "training.gif").exists()  # there is no picture for it
    assert same_state(tiny().fit(tmp_path / "run"), run)


def test_the_same_run_goes_on_in_a_second_folder(tmp_path):
    whole = tiny().fit(tmp_path / "whole")
    run = tiny().fit(tmp_path / "first", steps=4)
    history = run.history
    run.fit(tmp_path / "second")
    assert same_state(run, whole) and history is run.history and history == whole.history
    assert (run.folder / "training.gif").exists()


@pytest.mark.parametrize("change", ["renamed", "deleted"])
def test_a_folder_moved_during_training_ends_it_in_one_line(change, tmp_path):
    folder = tmp_path / "run"

    class Mover(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2 and change == "renamed":
                folder.rename(tmp_path / "moved")
            elif epoch == 2:
                shutil.rmtree(folder)

    with pytest.raises(InputError, match="was moved or deleted during the training"):
        tiny().fit(folder, extra_callbacks=[Mover()])
    assert not (folder / "generator.keras").exists()
    if change == "renamed":
        assert int(tiny().fit(tmp_path / "moved").gan.step) == 8


def test_weights_that_are_not_finite_are_never_saved(tmp_path):
    run = tiny()
    run.gan.g_optimizer.learning_rate = float("inf")
    with pytest.raises(InputError, match=r"diverged: generator/.* is not finite after step 1"):
        run.fit(tmp_path / "run", steps=1)
    assert all(np.isfinite(row["g_loss"]) for row in run.history)
    assert not (run.folder / "checkpoint.npz").exists()
    assert not (run.folder / "generator.keras").exists()


def test_damage_anywhere_in_a_checkpoint_is_noticed(tmp_path):
    run = tiny().fit(tmp_path / "run", steps=2)
    path, whole = run.folder / "checkpoint.npz", (run.folder / "checkpoint.npz").read_bytes()
    checkpoint.load(path, run.gan)  # as it was before the average was settled
    state = [variable.numpy() for variable in checkpoint.variables(run.gan).values()]
    draw, noticed = random.Random(0), 0
    # The headers of the first arrays, and the table of contents at the end.
    places = [*range(0, 300, 3), *range(len(whole) - 3000, len(whole), 15)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << draw.randrange(8)
        path.write_bytes(damaged)
        try:
            checkpoint.load(path, run.gan)  # a bit that nothing depends on, such as a date
        except InputError:
            noticed += 1
    assert noticed > len(places) / 4
    now = [variable.numpy() for variable in checkpoint.variables(run.gan).values()]
    assert all(np.array_equal(a, b) for a, b in zip(now, state, strict=True))


def test_state_is_kept_by_path_whatever_was_built_before(tmp_path):
    run = tiny("dropout, average")
    paths = list(checkpoint.variables(run.gan))
    assert {"step", "generator/dense/kernel", "average/dense/kernel"} <= set(paths)
    assert paths == list(checkpoint.variables(tiny("dropout, average").gan))
    owners = (run.gan, run.gan.g_optimizer, run.gan.d_optimizer)
    assert len(paths) == sum(len(owner.variables) for owner in owners)  # none is left out
    run.fit(tmp_path / "run", steps=2)
    with pytest.raises(InputError, match="from other networks, or from another version"):
        checkpoint.load(tmp_path / "run" / "checkpoint.npz", tiny("plain").gan)


def test_clusters_are_those_that_the_run_was_begun_with(own_data, tmp_path, monkeypatch):
    pictures = np.random.default_rng(0).integers(0, 256, (60, 8, 8, 1), "uint8")
    data.write_h5(own_data / "own.h5", pictures, None, ())
    options = dict(TINY_CONV, discriminator={"filters": (4, 4)}, clusters=3)
    begun = tiny("conditional", dataset="own", **options).fit(tmp_path / "run", steps=4)
    found = transforms.clustered

    def found_otherwise(dataset, count, seed=0):
        dataset = found(dataset, count, seed)
        return dataclasses.replace(dataset, labels=(dataset.labels + 1) % count)

    monkeypatch.setattr(transforms, "clustered", found_otherwise)
    continued = tiny("conditional", dataset="own", **options).fit(tmp_path / "run")
    np.testing.assert_array_equal(continued.dataset.labels, begun.dataset.labels)
    assert same_state(continued, begun.fit(tmp_path / "again"))


def test_keras_saves_a_model_after_each_epoch_of_a_run(tmp_path):
    path = str(tmp_path / "{epoch}.keras")
    run = tiny("dropout, average").fit(
        tmp_path / "run", extra_callbacks=[keras.callbacks.ModelCheckpoint(path)]
    )
    gan = keras.models.load_model(tmp_path / "4.keras")
    gan.settle()  # as a run does at its end
    latents = np.random.default_rng(0).standard_normal((3, 64)).astype("float32")
    np.testing.assert_array_equal(gan.predict(latents), run.gan.predict(latents))
    assert int(gan.step.numpy()) == 8 and gan.averaging == 0.9


def test_how_often_is_measured_follows_the_steps_that_were_asked_for(
    no_classifier, tmp_path, capsys
):
    tiny(sample_every=1).fit(tmp_path / "run", steps=14, measure=True)
    assert "every 2 steps" in capsys.readouterr().out
    measures = json.loads((tmp_path / "run" / "measures.json").read_text(encoding="utf-8"))
    assert [row["step"] for row in measures["rows"]] == [2, 4, 6, 8, 10, 12, 14]


@pytest.mark.parametrize("steps", [0, -1, 2.0, "10", True, 10**23])
def test_a_number_of_steps_that_is_none_is_refused(steps, tmp_path):
    with pytest.raises(InputError, match="steps is .*; expected a whole number from 1 to 100,000"):
        tiny().fit(tmp_path / "run", steps=steps)


def test_fewer_images_than_a_batch_are_a_batch(own_data, tmp_path, capsys):
    noise_file(own_data / "own.h5", 5)
    run = recipes.build("digits_fcgan", "smoke", "float32", dataset="own", steps=2)
    assert "own has 5 images for training: a batch is all of them" in capsys.readouterr().out
    run.fit(tmp_path / "run")
    recipe = json.loads((run.folder / "recipe.json").read_text(encoding="utf-8"))
    assert recipe["batch_size"] == 5


def test_pictures_that_were_changed_are_left_out_of_the_gif(tmp_path, capsys):
    run = tiny().fit(tmp_path / "run", steps=6)
    first, second, _ = sorted((run.folder / "samples").iterdir())
    first.write_bytes(b"")
    picture = imageio.imread(second)
    imageio.imwrite(second, np.stack([picture] * 4, -1))
    tiny().fit(run.folder)
    assert "2 pictures in" in capsys.readouterr().out
    assert len(imageio.imread(run.folder / "training.gif", index=None)) == 2


def test_a_history_that_is_open_elsewhere_stops_no_training(tmp_path, monkeypatch, capsys):
    replace, tried = os.replace, []

    def held(source, target):
        if str(target).endswith("history.csv"):
            tried.append(target)
            if len(tried) in (2, 3):
                raise PermissionError(13, "used by another process")
        replace(source, target)

    monkeypatch.setattr(os, "replace", held)
    run = tiny().fit(tmp_path / "run")
    assert capsys.readouterr().out.count("is open in another program") == 2
    assert len((run.folder / "history.csv").read_text(encoding="utf-8").splitlines()) == 5


def test_a_file_in_the_way_is_named_before_training(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "logs").write_text("mine", encoding="utf-8")
    with pytest.raises(InputError, match="cannot write to .*logs"):
        tiny().fit(tmp_path / "run")
    assert (tmp_path / "run" / "logs").read_text(encoding="utf-8") == "mine"


def test_callbacks_and_folders_of_another_kind_are_refused_before_training(tmp_path):
    with pytest.raises(InputError, match="is not a Keras callback"):
        tiny().fit(tmp_path / "run", extra_callbacks=[keras.callbacks.TerminateOnNaN])
    with pytest.raises(InputError, match="folder is 10; expected a path"):
        tiny().fit(10)
    assert not list(tmp_path.iterdir())


def test_a_run_folder_may_be_in_the_home_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    run = tiny().fit("~/run", steps=2)
    assert run.folder == tmp_path / "run" and (tmp_path / "run" / "generator.keras").exists()
    assert store.load_generator("~/run").output_shape == run.generator.output_shape


def test_a_folder_that_lacks_what_tells_its_run_is_left_as_it_is(tmp_path):
    folder = tiny().fit(tmp_path / "run", steps=4).folder
    kept = (folder / "recipe.json").read_bytes()
    for content, message in ((None, "no recipe.json that tells whose it is"),
                             (b"[]", "recipe.json is damaged")):
        (folder / "recipe.json").unlink(missing_ok=True)
        if content:
            (folder / "recipe.json").write_bytes(content)
        with pytest.raises(InputError, match=message):
            tiny(seed=7).fit(folder)
    (folder / "recipe.json").write_bytes(kept)
    for path in folder.glob("checkpoint.npz*"):
        path.unlink()
    with pytest.raises(InputError, match="holds a generator, but no checkpoint"):
        tiny().fit(folder)


def test_a_refused_folder_is_not_the_folder_of_the_run(tmp_path, runs_folder):
    tiny().fit(tmp_path / "run", steps=2)
    other = tiny(seed=7)
    with pytest.raises(InputError, match=r"seed is 0 there and 7 here. Use another .*--run-dir"):
        other.fit(tmp_path / "run")
    assert other.folder == runs_folder / "digits_fcgan_smoke" and not other.folder.exists()


def test_an_unfinished_run_has_no_generator_yet(tmp_path):
    folder = tiny().fit(tmp_path / "run", steps=2).folder
    with pytest.raises(InputError, match="no generator_best.keras, but a generator.keras. Only"):
        store.load_generator(folder / "generator_best.keras")
    (folder / "generator.keras").unlink()
    with pytest.raises(InputError, match="has no generator.keras yet: its run is not finished"):
        store.load_generator(folder)
