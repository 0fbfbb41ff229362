"""From image files of all kinds to uint8 arrays of one shape."""

import io
import itertools
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from PIL import Image, ImageOps

from ganlib.data.formats import first_line

FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP", "TIFF")
FITS = {"crop": ImageOps.fit, "pad": ImageOps.pad}


def convert_all(entries, shape, fit):
    """Yields (entry, image) in order, or (entry, reason) where there is no image.

    Only a few images are in memory at a time, however many there are.

    Args:
        entries: iterable of archives.Entry.
        shape, fit: as `convert` takes them.
    """

    def image_or_reason(content):
        return content if isinstance(content, str) else _attempt(convert, content, shape, fit)

    workers, entries = os.cpu_count() or 1, iter(entries)
    Image.init()  # loads the decoders, which must not happen in several threads at once
    # Threads are enough, because Pillow decodes and resizes outside Python's lock.
    with warnings.catch_warnings(), ThreadPoolExecutor(workers) as pool:
        warnings.simplefilter("ignore")  # about damaged metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        while batch := list(itertools.islice(entries, 4 * workers)):
            # Read in this thread, because an archive is read from front to back.
            contents = (_attempt(entry.read) for entry in batch)
            yield from zip(batch, pool.map(image_or_reason, contents), strict=True)


def _attempt(function, *arguments):
    # Returns the result, or a str with the reason why it failed. Damaged files fail in any way.
    try:
        return function(*arguments)
    except Exception as error:
        # Numbers and names of one file are cut, so that files with the same damage count as one.
        return re.sub(r" file <.*>$| ?\(.*?\)|(:| for file) '.*'$|\.$", "", first_line(error))


def convert(content, shape, fit="crop"):
    """Returns an image in a given shape, uint8.

    It is turned upright as its EXIF data say, put on white where it is transparent, cut or padded
    to a square, and resized.

    Args:
        content: the bytes of an image file, or a uint8 array (height, width, 1 or 3).
        shape: (height, width, channels) to return.
        fit: "crop" or "pad".

    Raises:
        ValueError: if the range of the pixels is unknown. Whatever Pillow raises for damaged files.
    """
    height, width, channels = shape
    mode = "L" if channels == 1 else "RGB"
    if isinstance(content, np.ndarray):
        image = Image.fromarray(content.squeeze(-1) if content.shape[-1] == 1 else content)
    else:
        image = Image.open(io.BytesIO(content), formats=FORMATS)  # checks the number of pixels
    # A large JPEG is decoded at a fraction of its size, but at twice what is needed or more.
    image.draft(mode, (2 * width, 2 * height))
    ImageOps.exif_transpose(image, in_place=True)
    if image.mode.startswith("I;16"):
        image = Image.fromarray((np.asarray(image) >> 8).astype("uint8"))
    elif image.mode in ("I", "F"):
        raise ValueError("pixels of 32 bits, whose range is unknown")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = FITS[fit](image.convert(mode), (width, height), Image.Resampling.LANCZOS)
    return np.asarray(image).reshape(shape)
