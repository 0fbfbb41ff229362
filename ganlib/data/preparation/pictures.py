"""From image files of all kinds to uint8 arrays of one shape."""

import io
import itertools
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import numpy as np
from PIL import Image, ImageOps, PngImagePlugin, UnidentifiedImageError, features

from ganlib.data.formats import first_line
from ganlib.errors import InputError

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
SUFFIXES = tuple(key for key, kind in Image.registered_extensions().items() if kind in FORMATS)
FITS = {"crop": ImageOps.fit, "pad": ImageOps.pad}
WHITE = 65_535  # the largest value of a 16-bit pixel
HEAD = 64  # first bytes of a file, which show its kind
UNPACK = "unpack it, for example with 7-Zip, and give the folder"
# The first bytes of files (a dot is any byte), and what to do with them.
PICTURE = rb"\xff\xd8\xff|\x89PNG\r|GIF8|BM....\0\0\0\0|RIFF....WEBP|P[1-6]\s+[#\d]" + (
    rb"|....ftyp.{0,32}avi[fs]" if features.check("avif") else b""
)
KINDS = {
    PICTURE: "a picture: give the folder that it is in",
    rb"II\*\0|MM\0\*":
        "a TIFF or raw photograph: give the folder of TIFFs named .tif, convert raw ones first",
    rb"....ftyp(avi[fs]|hei|hev|mif1|msf1)|8BPS|\0\0\x01\0|\0\0\0\x0c(jP|JXL)|\s*(<\?xml.*)?<svg":
        "a HEIC or other picture that cannot be read here: convert it to JPEG or PNG first",
    rb"....ftyp|RIFF....AVI |\x1aE\xdf\xa3|\0\0\x01[\xb3\xba]|FLV":
        "a video: save its frames as pictures first, and give their folder",
    rb"7z\xbc\xaf'\x1c|Rar!": f"a 7z or RAR archive: {UNPACK}",
    rb"PK": f"a zip, or a document like one: {UNPACK}",
    rb"\x1f[\x8b\x9d]|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd|\x04\x22\x4d\x18|LZIP|MSCF":
        f"a compressed file without a readable tar in it: {UNPACK}",
    rb"\x89HDF": "an HDF5 file: give its own path",
    rb"PAR1|ARROW1|%PDF|SQLite|\x93NUMPY|\xd0\xcf\x11\xe0":
        "a PDF, table or document: save the pictures in it as JPEG or PNG first",
    rb"(?i:\s*<(!doctype|html))": "an HTML page, which servers send in place of a missing file",
}  # fmt: skip


def kind_of(head):
    """Returns what a file is, by its first bytes, and what to do with it; "" if that is unknown."""
    patterns = (pattern for pattern in KINDS if re.match(pattern, head[:HEAD], re.S))
    return KINDS.get(next(patterns, None), "")


def convert_all(entries, shape, fit, white=WHITE, peaks=None):
    """Yields (entry, image) in order, or (entry, reason) where there is no image.

    Only a few images are in memory at a time, however many there are.

    Args:
        entries: iterable of splits.Entry.
        shape, fit, white, peaks: as `convert` takes them.

    Raises:
        InputError: if the system cannot go on reading, for example because a drive has gone.
    """

    def image_or_reason(entry, content):
        if isinstance(content, str):
            return content
        return attempt(entry.name, convert, content, shape, fit, white, peaks)

    workers, entries = os.cpu_count() or 1, iter(entries)
    Image.init()  # loads the decoders, which must not happen in several threads at once
    # Threads are enough, because Pillow decodes and resizes outside Python's lock.
    with warnings.catch_warnings(), ThreadPoolExecutor(workers) as pool, ExitStack() as undo:
        warnings.simplefilter("ignore")  # about damaged metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        # A text or a colour profile in a PNG may be longer than the 1 MB that Pillow takes.
        undo.callback(setattr, PngImagePlugin, "MAX_TEXT_CHUNK", PngImagePlugin.MAX_TEXT_CHUNK)
        PngImagePlugin.MAX_TEXT_CHUNK = 1 << 26
        while batch := list(itertools.islice(entries, 4 * workers)):
            # Read in this thread, because an archive is read from front to back.
            contents = (attempt(entry.name, entry.read) for entry in batch)
            yield from zip(batch, pool.map(image_or_reason, batch, contents), strict=True)


def attempt(name, function, *arguments):
    """Returns the result of a function, or a str with the reason why it failed.

    Damaged files fail in any way. Numbers and names of one file are left out of the reason, so that
    files with the same damage count as one.

    Raises:
        InputError: if the system cannot read the file of that name, except for lack of permission.
    """
    try:
        return function(*arguments)
    except PermissionError:
        return "no permission"
    except Exception as error:
        if getattr(error, "errno", None):  # Pillow's own errors about damaged files have none
            raise unreadable(name, error) from error
        return re.sub(r" file <.*>$| ?\(.*?\)|(:| for file)? b?'.*?'|\.$", "", first_line(error))


def unreadable(name, error):
    """Returns the InputError for an OSError of the system, for example because a drive has gone."""
    hint = "Check that its drive is there and that you may read it. Nothing was changed."
    return InputError(f"{error.filename or name} cannot be read ({error.strerror}). {hint}")


def convert(content, shape, fit="crop", white=WHITE, peaks=None):
    """Returns an image in a given shape, uint8.

    It is turned upright as its EXIF data say, put on white where it is transparent, cut or padded
    to a square, and resized.

    Args:
        content: the bytes of an image file, or a uint8 array (height, width, 1 or 3).
        shape: (height, width, channels) to return.
        fit: "crop" or "pad".
        white: the value of a 16-bit pixel that becomes 255, from 1 to 65,535.
        peaks: list, to which the largest value of a 16-bit image is added.

    Raises:
        ValueError: if the range of the pixels is unknown, or the file is of another kind. Whatever
            Pillow raises for damaged files.
    """
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    image = _open(content)
    is_pnm = image.format == "PPM"  # whose 32-bit pixels are 16-bit values
    # A large JPEG is decoded at a fraction of its size, but at twice what is needed or more.
    image.draft(mode, (2 * width, 2 * height))
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16") or (is_pnm and image.mode == "I"):
        values = np.asarray(image).astype("uint32")
        if peaks is not None:
            peaks.append(int(values.max()))
        image = Image.fromarray((values * 256 // (white + 1)).astype("uint8"))
    elif image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits, whose range is unknown; save them with 8 bits")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = FITS[fit](image.convert(mode), (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(shape)


def _open(content):
    if isinstance(content, np.ndarray):
        return Image.fromarray(content.squeeze(-1) if content.shape[-1] == 1 else content)
    try:
        return Image.open(io.BytesIO(content), formats=FORMATS)  # checks the number of pixels
    except UnidentifiedImageError as error:
        kind = "" if re.match(PICTURE, content, re.S) else kind_of(content)
        raise ValueError(kind or "cannot identify image") from error
