"""Image files of all kinds become arrays of one shape, or are named with a way on."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from ganlib import data
from ganlib.data.preparation import pictures
from image_files import encoded, picture, write, write_zip


@pytest.fixture
def elsewhere(tmp_path_factory):
    """A folder that is not the data folder."""
    return tmp_path_factory.mktemp("elsewhere")


def corners(image):
    """Values of the four corners of an image, (4, channels)."""
    return image[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)


def test_a_transparent_image_is_put_on_white():
    image = np.zeros((8, 8, 4), "uint8")
    image[:4] = (250, 0, 0, 255)
    converted = pictures.convert(encoded(Image.fromarray(image)), (8, 8, 3))
    red, white = (250, 0, 0), (255, 255, 255)
    assert [tuple(corner) for corner in corners(converted)] == [red, red, white, white]


def test_palette_cmyk_and_one_bit_images_keep_their_colours():
    red = Image.new("RGB", (8, 8), (250, 0, 0))
    cmyk = encoded(red.convert("CMYK"), "JPEG")
    for content in (encoded(red.quantize(4), "GIF"), cmyk, encoded(red.quantize(4))):
        assert abs(pictures.convert(content, (8, 8, 3)).astype(int) - (250, 0, 0)).max() <= 4
    assert (pictures.convert(encoded(Image.new("1", (8, 8), 1)), (8, 8, 1)) == 255).all()


def test_a_16_bit_image_keeps_its_upper_bits():
    values = np.array([[0, 256 * 100], [256 * 200, 65535]], "uint16").repeat(4, 0).repeat(4, 1)
    converted = pictures.convert(encoded(Image.fromarray(values)), (8, 8, 1))
    assert list(corners(converted)[:, 0]) == [0, 100, 200, 255]


def test_32_bit_pixels_are_left_out_rather_than_guessed():
    with pytest.raises(ValueError, match="range is unknown"):
        pictures.convert(encoded(Image.fromarray(np.ones((8, 8), "float32")), "TIFF"), (8, 8, 1))


def test_an_image_is_turned_upright():
    image = np.zeros((16, 16, 3), "uint8")
    image[:8] = (250, 0, 0)  # red above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90 degrees clockwise: red to the right
    for kind in ("JPEG", "PNG"):
        converted = pictures.convert(encoded(Image.fromarray(image), kind, exif=exif), (8, 8, 3))
        assert [corner[0] > 200 for corner in corners(converted)] == [False, True, False, True]


def test_gray_becomes_colour_and_colour_gray():
    gray, red = encoded(Image.new("L", (8, 8), 100)), picture("red", (8, 8))
    assert (pictures.convert(gray, (8, 8, 3)) == 100).all()
    assert pictures.convert(red, (8, 8, 1)).max() == round(250 * 0.299)


def test_crop_takes_the_middle_and_pad_keeps_all():
    image = np.zeros((8, 24, 3), "uint8")
    image[:, :8], image[:, 8:16], image[:, 16:] = (250, 0, 0), (0, 250, 0), (0, 0, 250)
    cropped = pictures.convert(encoded(Image.fromarray(image)), (8, 8, 3), "crop")
    assert (cropped == (0, 250, 0)).all()
    padded = pictures.convert(encoded(Image.fromarray(image)), (24, 24, 3), "pad")
    assert (padded[:8] == 0).all() and (padded[16:] == 0).all()
    colours = [tuple(padded[12, column]) for column in (2, 12, 22)]
    assert colours == [(250, 0, 0), (0, 250, 0), (0, 0, 250)]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_resizing_is_antialiased(kind):
    stripes = np.zeros((128, 128), "uint8")
    stripes[:, ::2] = 255  # taking every fourth pixel would give all black or all white
    converted = pictures.convert(encoded(Image.fromarray(stripes), kind), (32, 32, 1))
    assert abs(converted.astype(int) - 127).max() < 40
