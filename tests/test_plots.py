import io
import warnings

import imageio.v3 as imageio
import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from ganlib import images, plots
from ganlib.errors import InputError


def test_conversions_undo_each_other():
    stored = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)
    scaled = np.array(images.to_float(stored))
    assert (scaled.min(), scaled.max(), scaled.dtype) == (-1.0, 1.0, np.float32)
    np.testing.assert_array_equal(images.to_uint8(scaled), stored)


@pytest.mark.parametrize("bad", [2.0, -1.5, np.nan, np.inf])
def test_images_outside_the_range_are_refused_rather_than_guessed(bad):
    message = r"expected uint8, or floats in \[-1, 1\]" if np.isfinite(bad) else "has diverged"
    with pytest.raises(InputError, match=message):
        plots.plot_images(np.full((2, 4, 4, 1), bad, "float32"))


@pytest.mark.parametrize("channels", [1, 3])
def test_grid_places_images_row_by_row(channels):
    cells = np.stack([np.full((3, 4, channels), value, "uint8") for value in (10, 20, 30)])
    grid = plots.image_grid(cells, columns=2, gap=1)
    assert grid.shape == (7, 9, channels)
    assert (grid[:3, :4] == 10).all() and (grid[:3, 5:] == 20).all() and (grid[4:, :4] == 30).all()
    assert (grid[3] == 255).all() and (grid[4:, 5:] == 255).all()


def test_grid_refuses_other_shapes():
    with pytest.raises(InputError, match="expected \\(count, height, width, 1 or 3\\)"):
        plots.image_grid(np.zeros((3, 4, 4), "uint8"))


def test_every_plot_returns_a_figure():
    fakes = np.zeros((3, 4, 4, 1), "float32")
    history = [{"step": step, "d_loss": 0.6, "g_loss": 0.8} for step in (10, 20)]
    for figure in (
        plots.plot_images(fakes, columns=2, titles="abc", title="three"),
        plots.plot_losses(history, "run"),
        plots.plot_losses(history, "run", [{"step": 10, "frechet_distance": 3.0}]),
        plots.plot_class_counts(np.array([0, 1, 1]), ("zero", "one")),
        plots.plot_confusion([0, 1, 1], [0, 1, 0], ("zero", "one")),
    ):
        assert isinstance(figure, Figure)
        figure.canvas.draw()


@pytest.mark.parametrize(("count", "named"), [(10, True), (101, False)])
def test_classes_have_names_on_an_axis_as_long_as_they_can_be_read(count, named):
    names = tuple(f"class_{i}" for i in range(count))
    (axis,) = plots.plot_class_counts(np.arange(count), names).axes
    texts = [label.get_text() for label in axis.get_xticklabels()]
    assert (texts == list(names)) == named and (axis.get_xlabel() == "class number") != named


def test_long_titles_are_small_enough_not_to_overlap():
    texts = ("breakfast_burrito",) * 4
    figure = plots.plot_images(np.zeros((4, 4, 4, 3), "uint8"), titles=texts)
    figure.savefig(io.BytesIO())  # lays it out
    boxes = [axis.title.get_window_extent() for axis in figure.axes]
    assert all(left.x1 < right.x0 for left, right in zip(boxes[:-1], boxes[1:], strict=True))


def test_confusion_rows_are_shares():
    figure = plots.plot_confusion([0, 1, 1, 1], [0, 1, 0, 1], ("zero", "one"))
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), [[1, 0], [1 / 3, 2 / 3]])
    assert [text.get_text() for text in figure.axes[0].texts] == ["100", "33", "67"]
    many = plots.plot_confusion([0], [0], [str(number) for number in range(13)])
    assert not many.axes[0].texts


def test_gif_keeps_the_first_and_the_last_frame_and_thins_the_rest(tmp_path):
    frames = [np.full((4, 4, 1), value, "uint8") for value in range(0, 200, 10)]
    plots.save_gif(frames, tmp_path / "a.gif", most=5)
    stored = imageio.imread(tmp_path / "a.gif")
    assert len(stored) == 5
    assert stored[0].max() <= 2 and abs(int(stored[-1].max()) - 190) <= 2


@pytest.mark.parametrize("number", [0, -1, 2.5, "ten"])
def test_numbers_of_a_layout_have_bounds(number):
    pictures = np.zeros((3, 4, 4, 1), "uint8")
    for call in (
        lambda: plots.image_grid(pictures, columns=number),
        lambda: plots.plot_images(pictures, columns=number),
    ):
        with pytest.raises(InputError, match="columns is"):
            call()
    with pytest.raises(InputError, match="gap is -1"):
        plots.image_grid(pictures, gap=-1)


def test_every_image_has_a_title_or_none_has():
    with pytest.raises(InputError, match="got 2 titles for 3 images"):
        plots.plot_images(np.zeros((3, 4, 4, 1), "uint8"), titles="ab")


def texts_of(figure):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # matplotlib warns of every character that it cannot show
        figure.savefig(io.BytesIO())
    (axis,) = figure.axes
    return [label.get_text() for label in axis.get_xticklabels()]


def test_characters_without_a_font_are_named(monkeypatch):
    monkeypatch.setattr(plots, "_font_with", lambda characters: None)
    figure = plots.plot_class_counts(np.arange(4), ("お", "つば", "字", "é"), "は")
    assert texts_of(figure) == ["o", "tuba", "ideograph-5b57", "é"]
    assert figure.axes[0].get_title() == "ha"
    pictures = plots.plot_images(np.zeros((1, 4, 4, 1), "uint8"), titles="お", title="を")
    assert texts_of(pictures) is not None and pictures.axes[0].get_title() == "o"
    assert pictures.get_suptitle() == "wo"
    texts_of(plots.plot_losses([{"step": 1, "d_loss": 1.0, "g_loss": 1.0}], "は"))
    training = plots.plot_training(np.zeros((1, 4, 4, 1), "uint8"), [], "no は")
    assert training.get_suptitle() == "no ha"


def test_characters_are_shown_in_a_font_that_has_them():
    usual = plots._characters_of(plots.font_manager.findfont("DejaVu Sans"))
    other = plots._characters_of(plots.font_manager.findfont("STIXGeneral"))  # matplotlib's, too
    rare = min(each for each in other - usual if each > "\u0400")
    figure = plots.plot_class_counts(np.arange(2), (rare, "a"))
    assert texts_of(figure) == [rare, "a"]


def test_dollars_in_names_are_no_formula():
    assert texts_of(plots.plot_class_counts(np.arange(1), (r"$\five$",))) == [r"$\five$"]


def test_losses_of_keras_own_history_are_drawn():
    history = keras.callbacks.History()
    history.history = {"d_loss": [1.0, 0.9, 0.8], "g_loss": [0.5, 0.6, 0.7]}
    history.epoch = [4, 5, 6]
    line = plots.plot_losses(history).axes[0].lines[0]
    assert line.get_xdata().tolist() == [5, 6, 7] and line.get_ydata().tolist() == [1.0, 0.9, 0.8]


@pytest.mark.parametrize("d_loss, lines", [(0.5, 3), (-0.5, 2)])
def test_a_discriminator_that_guesses_has_its_line_where_the_loss_is_a_cross_entropy(d_loss, lines):
    axis = plots.plot_losses([{"step": 1, "d_loss": d_loss, "g_loss": 1.0}]).axes[0]
    assert len(axis.lines) == lines


@pytest.mark.parametrize("frames", [[], [np.zeros((8, 8, 1)), np.zeros((9, 8, 1))]])
def test_frames_that_make_no_gif_are_refused(frames, tmp_path):
    with pytest.raises(InputError, match="the frames have the shapes"):
        plots.save_gif(frames, tmp_path / "a.gif")


def test_a_grid_is_a_png_by_its_name_too(tmp_path, random_images, monkeypatch):
    with pytest.raises(InputError, match="expected a name that ends in .png"):
        plots.save_grid(random_images, tmp_path / "a.jpg")
    monkeypatch.setenv("HOME", str(tmp_path))
    plots.save_grid(random_images, "~/a.PNG")
    assert (tmp_path / "a.PNG").exists()
