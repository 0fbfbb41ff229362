"""Between stored images, uint8 in [0, 255], and what networks see, float32 in [-1, 1]."""

import numpy as np
from keras import ops

from ganlib.errors import InputError


def to_float(images):
    """Returns images as float32 in [-1, 1].

    Args:
        images: array or tensor; uint8 is scaled; what is in [-1, 1] already only becomes float32.
    """
    if "uint8" in str(images.dtype):
        return ops.cast(images, "float32") / 127.5 - 1.0
    return images if "float32" in str(images.dtype) else ops.cast(images, "float32")


def to_uint8(images):
    """Returns images as a uint8 array in [0, 255].

    Args:
        images: uint8 array, returned as it is, or float array in [-1, 1].

    Raises:
        InputError: if float values lie outside [-1, 1] or are not finite.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    check_range(images)
    return np.clip(np.round((images + 1.0) * 127.5), 0, 255).astype("uint8")


def as_rows(images):
    """Returns images as rows of numbers in [-1, 1], an array (count, pixels * channels) float32.

    Args:
        images: (count, height, width, channels), as for `to_float`.
    """
    return np.asarray(to_float(images)).reshape(len(images), -1)


def spectrum(images):
    """Returns the mean power of images at each spatial frequency, in decibels, (side // 2,) float.

    Entry k is the mean over the frequencies of k whole waves per shorter side, rounded. Grain shows
    at the end, blur as a lack of power there.

    Args:
        images: (count, height, width, channels) float in [-1, 1].

    Source: Durall et al. 2020, section 2.
    """
    side = min(images.shape[1:3])
    power = np.mean(np.abs(np.fft.fft2(images, axes=(1, 2))) ** 2, axis=(0, 3))
    waves = [np.fft.fftfreq(size, 1 / side) for size in power.shape]
    rings = np.hypot(*np.meshgrid(*waves, indexing="ij")).round().astype(int)
    sums, counts = np.bincount(rings.ravel(), power.ravel()), np.bincount(rings.ravel())
    return 10 * np.log10((sums / counts)[: side // 2] + 1e-12)


def check_range(images):
    """Raises InputError if an array of images has values beyond [-1, 1] or not finite."""
    if images.dtype.kind == "f" and not np.isfinite(images).all():
        raise InputError("images have values that are not finite. If a generator made them, it "
                         "has diverged: take an earlier one, such as generator_best.keras.")
    if not np.all(np.abs(images) <= 1.001):
        raise InputError(f"images have values from {images.min()} to {images.max()}; expected "
                         "uint8, or floats in [-1, 1]. Scale them with ganlib.images.to_float.")
