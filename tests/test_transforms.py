import h5py
import numpy as np
import pytest

from ganlib.data import Dataset
from ganlib.data.transforms import clustered, to_gray
from ganlib.errors import InputError


def test_gray_is_the_luma_of_a_colour():
    colours = [[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255], [7, 7, 7], [0, 0, 0]]
    colours = np.array(colours, "uint8")
    gray = to_gray(Dataset(colours.reshape(6, 1, 1, 3), np.arange(6), tuple("rgbwgk"), "colours"))
    assert gray.images.dtype == np.uint8 and gray.images.shape == (6, 1, 1, 1)
    np.testing.assert_allclose(gray.images.ravel(), colours @ [0.299, 0.587, 0.114], atol=0.5)
    assert list(gray.labels) == list(range(6)) and gray.name == "colours"


def test_gray_images_stay_as_they_are(random_images):
    dataset = Dataset(random_images, None, (), "gray")
    assert to_gray(dataset) is dataset


def test_colour_images_that_are_streamed_are_to_be_prepared_gray(tmp_path):
    with h5py.File(tmp_path / "mine.h5", "w") as file:
        images = file.create_dataset("images", data=np.zeros((4, 8, 8, 3), "uint8"))
        with pytest.raises(InputError, match="data prepare mine --from PATH --gray"):
            to_gray(Dataset(images, None, (), "mine"))


@pytest.mark.parametrize("streamed", [False, True])
def test_clusters_are_groups_of_images_that_look_alike(streamed, tmp_path):
    draw = np.random.default_rng(0)
    group = draw.integers(0, 3, 1500)  # more than are read at once
    images = draw.integers(0, 60, (1500, 10, 14, 3), "uint8")
    images[np.arange(1500), :, :, group] += 150  # red, green and blue images
    with h5py.File(tmp_path / "mine.h5", "w") as file:
        stored = file.create_dataset("images", data=images) if streamed else images
        found = clustered(Dataset(stored, None, (), "mine"), 3)
        again = clustered(Dataset(stored, None, (), "mine"), 3)
    assert len(set(zip(group.tolist(), found.labels.tolist(), strict=True))) == 3
    assert found.class_names == ("cluster 1", "cluster 2", "cluster 3")
    assert found.labels.dtype == np.int32
    np.testing.assert_array_equal(found.labels, again.labels)


def test_more_clusters_than_images_are_refused(random_images):
    for count in (0, 9, 2.0):
        with pytest.raises(InputError, match="clusters of mine is .*; expected .* from 1 to 8"):
            clustered(Dataset(random_images, None, (), "mine"), count)
    with pytest.raises(InputError, match="seed is -1"):
        clustered(Dataset(random_images, None, (), "mine"), 2, seed=-1)
