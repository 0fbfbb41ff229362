"""A generator's latent space to play with."""

import types
import warnings

import imageio.v3 as iio
import keras
import numpy as np
import pytest

from ganlib import store, widgets
from ganlib.errors import InputError
from ganlib.networks import conditional, dcgan, fully_connected
from ganlib.widgets.exploring import Explorer
from ganlib.widgets.space import Space, between, directions

SHAPE = (8, 8, 1)


@pytest.fixture(scope="module")
def plain():
    keras.utils.set_random_seed(0)
    return fully_connected.generator(SHAPE, 12, units=(16,))


@pytest.fixture(scope="module")
def by_class():
    keras.utils.set_random_seed(1)
    network = dcgan.generator(SHAPE, 12, filters=(4, 4))
    generator = conditional.generator(network, 3)
    embedding = next(layer for layer in generator.layers if hasattr(layer, "embeddings"))
    embedding.embeddings.assign(np.random.default_rng(0).normal(size=(3, 12)))
    return generator


def test_a_picture_is_what_the_generator_makes(plain, by_class):
    for generator in (plain, by_class):
        with warnings.catch_warnings(action="error"):  # a notebook would show what Keras warns of
            space = Space(generator)
        place = space.random(3)
        inputs = place.latents[None]
        if space.num_classes:
            inputs = [inputs, np.array([place.first])]
        expected = np.clip(np.round((np.asarray(generator(inputs))[0] + 1) * 127.5), 0, 255)
        assert np.abs(space.picture(place).astype(int) - expected).max() <= 1


def test_the_first_layers_directions_change_its_outputs_most(plain):
    found = directions(plain, 12)
    np.testing.assert_allclose(found @ found.T, np.eye(12), atol=1e-5)
    kernel = next(layer for layer in plain.layers if hasattr(layer, "units")).kernel.numpy()
    lengths = np.linalg.norm(found @ kernel, axis=1)
    assert (np.diff(lengths) <= 1e-5).all()  # the first changes most
    drawn = np.random.default_rng(0).normal(size=(1000, 12))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    assert np.linalg.norm(drawn @ kernel, axis=1).max() <= lengths[0] + 1e-5


def test_directions_by_features_follow_what_the_features_see():
    # Of this generator's pictures the light depends on one latent number alone.
    latents = keras.Input((5,))
    light = keras.layers.Dense(64, "tanh", use_bias=False)
    generator = keras.Model(latents, keras.layers.Reshape(SHAPE)(light(latents)))
    light.kernel.assign(np.outer([0, 0, 1, 0, 0], np.ones(64)))
    (found,) = directions(generator, 1, encoder=lambda images: images.mean((1, 2, 3))[:, None])
    assert abs(found[2]) > 0.99


def test_a_path_keeps_the_length_on_the_sphere_and_loses_it_on_the_line():
    first, second = np.random.default_rng(0).normal(size=(2, 100)).astype("float32")
    lengths = {path: np.linalg.norm(between(first, second, 0.5, path))
               for path in ("sphere", "line")}
    shorter = min(np.linalg.norm(first), np.linalg.norm(second))
    assert lengths["sphere"] > 0.95 * shorter > lengths["line"] + 1
    for path in lengths:
        np.testing.assert_allclose(between(first, second, 0.0, path), first, rtol=1e-5)
        np.testing.assert_allclose(between(first, second, 1.0, path), second, rtol=1e-5)
    np.testing.assert_allclose(between(first, first, 0.3), first, rtol=1e-5)
    with pytest.raises(InputError, match="unknown path 'spere'. Did you mean 'sphere'"):
        between(first, second, 0.5, "spere")


def test_sliders_undo_locks_and_classes(by_class, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    explorer = Explorer(Space(by_class, class_names=["a", "b", "c"]), "own")
    box = explorer.widgets()
    begun, shown = explorer.place, bytes(explorer.picture.value)
    assert shown[:4] == b"\x89PNG" and len(box.children) == 5
    explorer.numbers[1].value = 2.5
    assert explorer.place.latents[1] == 2.5 and bytes(explorer.picture.value) != shown
    np.testing.assert_array_equal(explorer.place.latents[6:], begun.latents[6:])
    explorer.undo()
    assert bytes(explorer.picture.value) == shown
    np.testing.assert_array_equal(explorer.place.latents, begun.latents)
    explorer.locks[0].value = True
    explorer.first.value = 2
    explorer.random()
    assert explorer.place.latents[0] == np.float32(begun.latents[0]) and explorer.place.first == 2
    assert explorer.place.latents[1] != begun.latents[1]
    explorer.export_gif()
    assert "two saved places" in explorer.notes.value
    explorer.save()
    explorer.random()
    explorer.save()
    explorer.share.value = 0.5
    explorer.export_gif()
    explorer.export_png()
    assert (tmp_path / "own.gif").exists()
    saved, on_screen = iio.imread(tmp_path / "own.png"), explorer.space.picture(explorer.shown)
    np.testing.assert_array_equal(saved.squeeze(), on_screen.squeeze())
    assert (on_screen != explorer.space.picture(explorer.place)).any()  # it is on the path
    explorer.export_code()
    assert str(np.round(explorer.space.latents_at(explorer.shown), 4).tolist()) in (
        explorer.notes.value
    )
    explorer.names[0].value, explorer.moves[0].value = "slant", 1.5
    explorer.export_code()
    assert "# slant: +1.50" in explorer.notes.value


def test_few_latent_numbers_have_few_sliders_and_large_ones_keep_their_size():
    explorer = Explorer(Space(fully_connected.generator(SHAPE, 2, units=(4,))))
    explorer.widgets()
    assert len(explorer.numbers) == len(explorer.locks) == 2
    explorer.place.latents[0] = 3.5  # beyond the slider
    explorer.numbers[1].value = 1.0
    np.testing.assert_array_equal(explorer.place.latents, np.float32([3.5, 1.0]))


def test_mixing_classes_goes_from_the_one_to_the_other(by_class):
    import dataclasses

    space = Space(by_class)
    place = space.random(0)
    pictures = [
        space.picture(dataclasses.replace(place, first=0, second=1, mix=mix)).astype(int)
        for mix in (0.0, 0.5, 1.0)
    ]
    other = space.picture(dataclasses.replace(place, first=1)).astype(int)
    np.testing.assert_array_equal(pictures[2], other)
    far = np.abs(pictures[0] - pictures[2]).sum()
    assert all(0 < np.abs(pictures[1] - each).sum() < far for each in (pictures[0], pictures[2]))


def test_the_code_makes_the_picture(by_class, tmp_path):
    store.save_generator(by_class, tmp_path)
    space = Space(by_class)
    place, names = space.random(4), {}
    exec(space.code(place, str(tmp_path)), names)
    made = np.clip(np.round((np.asarray(names["picture"])[0] + 1) * 127.5), 0, 255)
    assert np.abs(made - space.picture(place)).max() <= 1


@pytest.mark.parametrize("kind", ["model", "game", "run folder"])
def test_without_a_live_front_end_a_picture_and_a_line_are_shown(kind, plain, tmp_path, capsys):
    store.save_generator(plain, tmp_path)
    game = types.SimpleNamespace(averaged_generator=plain, noise="normal")
    source = {"model": plain, "game": game, "run folder": str(tmp_path)}[kind]
    explorer = widgets.explore(source)
    assert "each row walks along a direction" in capsys.readouterr().out
    code = explorer.space.code(explorer.place, explorer.kept)
    known = f"load_generator({source!r})" if kind == "run folder" else "generator = ...  # yours"
    assert known in code and "/" not in explorer.name
    assert explorer.space.overview(explorer.place).shape == (6 * 9, *SHAPE)


def test_what_is_no_generator_is_refused():
    with pytest.raises(InputError, match="expected a generator"):
        widgets.explore(fully_connected.discriminator(SHAPE, units=(4,)))
