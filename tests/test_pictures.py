"""Image files of all kinds become arrays of one shape, or are named with a way on."""

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganlib import data, images
from ganlib.__main__ import main
from ganlib.data.preparation import pictures
from image_files import encoded, picture, write


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


def noise(size=(24, 24), top=256, kind="uint8"):
    return Image.fromarray(np.random.default_rng(0).integers(0, top, size, kind))


HEIC = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(500)
RED = {
    "a.jfif": ("JPEG", {}), "a.jpe": ("JPEG", {}), "a.ppm": ("PPM", {}), "a.pnm": ("PPM", {}),
    "a.avif": ("AVIF", {}), "a.jpg": ("AVIF", {}), "b.jpg": ("WEBP", {}), "a.png": ("GIF", {}),
    "a.JPG_large": ("JPEG", {}), "a.jpeg~": ("JPEG", {}), "4f2a": ("PNG", {}), "5b": ("WEBP", {}),
    "6c.dat": ("AVIF", {}), "7d.bin": ("BMP", {}), "8e": ("PPM", {}),
}  # fmt: skip


def test_pictures_are_known_by_their_content_whatever_their_name(own_data, elsewhere, capsys):
    files = {name: picture("red", kind=kind) for name, (kind, _) in RED.items()}
    files |= {"a.pgm": encoded(Image.new("L", (9, 9), 200), "PPM"), "b.HEIC": HEIC, "c.jpg": HEIC}
    files |= {"d.mp4": b"\0\0\0\x18ftypmp42", "raw.nef": b"II*\0" + bytes(99), "e.png": b"<html>"}
    data.prepare("mine", write(elsewhere, files), size=4)
    splits = [data.load("mine", split).images for split in ("train", "test")]
    assert sum(map(len, splits)) == len(RED) + 1
    out = capsys.readouterr().out
    told = "a HEIC or other picture that cannot be read here: convert it to JPEG or PNG first"
    assert f"skipped 2 ({told}): b.HEIC, c.jpg" in out
    assert "(a video: save its frames as pictures first, and give their folder): d.mp4" in out
    assert "convert raw ones first): raw.nef" in out and "in place of a missing file): e.png" in out


def test_where_pillow_lacks_avif_it_says_to_convert(monkeypatch):
    pictures.Image.init()
    monkeypatch.setitem(Image.OPEN, "AVIF", (None, lambda head: "AVIF support not installed"))
    monkeypatch.setattr(pictures, "PICTURE", rb"\xff\xd8\xff")
    monkeypatch.delitem(pictures.KINDS, next(iter(pictures.KINDS)))
    with pytest.raises(ValueError, match="convert it to JPEG or PNG first"):
        pictures.convert(picture(kind="AVIF"), (4, 4, 3))


@pytest.mark.parametrize("bits", [8, 10, 12, 14])
def test_16_bit_pictures_that_use_fewer_bits_are_scaled_together(bits, own_data, elsewhere, capsys):
    top = 1 << bits
    files = {f"{i}.png": encoded(noise(top=top, kind="uint16")) for i in range(4)}
    dark = Image.fromarray(np.full((24, 24), top // 4, "uint16"))
    data.prepare("mine", write(elsewhere, files | {"5.png": encoded(dark)}), size=4, gray=True)
    means = sorted(data.load("mine").images.mean(axis=(1, 2, 3)))
    assert means[0] == 64 and 100 < means[1] <= means[-1] < 156  # their relation stays
    assert f"with {top - 1:,} as white." in capsys.readouterr().out


def test_16_bit_pictures_in_portable_graymaps_keep_their_range():
    values = np.array([[0, 1000], [2000, 4095]], ">u2").repeat(4, 0).repeat(4, 1).tobytes()
    for largest, expected in ((4095, [0, 62, 125, 255]), (65_535, [0, 3, 7, 15])):
        converted = pictures.convert(b"P5 8 8 %d\n" % largest + values, (8, 8, 1))
        assert list(corners(converted)[:, 0]) == expected


@pytest.mark.parametrize(
    ("mode", "colour", "options"),
    [
        ("RGBA", (0, 0, 0, 0), {}),  # nothing but transparency becomes white
        ("RGB", (3, 2, 4), {}),
        ("1", 1, {}),
        ("LA", (255, 255), {}),
        ("P", 0, {"transparency": 0}),
    ],
)
def test_pictures_that_are_nearly_all_blank_are_said(
    mode, colour, options, own_data, elsewhere, capsys
):
    blank = encoded(Image.new(mode, (9, 9), colour), **options)
    data.prepare("mine", write(elsewhere, {f"{i}.png": blank for i in range(5)}), size=4)
    said = "Warning: 5 of 5 images are nearly black, white or one colour."
    assert said in capsys.readouterr().out


def test_pictures_that_are_not_blank_are_not_said_to_be(own_data, elsewhere, capsys):
    files = {f"{i}.png": encoded(noise((20 + i, 20))) for i in range(5)}
    data.prepare("mine", write(elsewhere, files), size=16)
    assert "Warning" not in capsys.readouterr().out


def test_pictures_of_floats_are_named(own_data, elsewhere, capsys):
    content = encoded(Image.fromarray(np.ones((8, 8), "float32")), "TIFF")
    source = write(elsewhere, {f"{i}.tif": content for i in range(3)})
    assert main(["data", "prepare", "mine", "--from", str(source), "--size", "4"]) == 1
    assert "3 (pixels of 32 bits, whose range is unknown; save them" in capsys.readouterr().err


def test_pictures_with_long_texts_or_colour_profiles_are_read(own_data, elsewhere):
    limit, info = PngImagePlugin.MAX_TEXT_CHUNK, PngImagePlugin.PngInfo()
    info.add_text("workflow", "x" * (limit + 1), zip=True)
    with_text = encoded(Image.new("RGB", (9, 9)), pnginfo=info)
    with_profile = encoded(Image.new("RGB", (9, 9)), icc_profile=bytes(limit + 1))
    data.prepare("mine", write(elsewhere, {"0.png": with_text, "1.png": with_profile}), size=4)
    assert len(data.load("mine")) == 2 and PngImagePlugin.MAX_TEXT_CHUNK == limit


def test_cmyk_of_adobe_which_is_inverted_keeps_its_colours():
    content = encoded(Image.new("RGB", (16, 16), (250, 0, 0)).convert("CMYK"), "JPEG", quality=95)
    assert b"Adobe" in content
    assert np.abs(pictures.convert(content, (8, 8, 3)).astype(int) - (250, 0, 0)).max() < 6


def test_rows_of_an_image_hold_its_pixels_in_their_order():
    pictures = np.arange(24, dtype="uint8").reshape(2, 2, 2, 3) * 10
    rows = images.as_rows(pictures)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(rows, pictures.reshape(2, 12) / 127.5 - 1, atol=1e-6)
