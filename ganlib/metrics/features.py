"""Whether two sets of features can be compared."""

import numpy as np

from ganlib.errors import InputError


def checked(real, fake, least):
    """Returns two sets of features as float64; raises InputError if they cannot be compared.

    Args:
        real, fake: (count, width) arrays.
        least: rows that each must have.
    """
    pair = np.asarray(real, "float64"), np.asarray(fake, "float64")
    for features in pair:
        if features.ndim != 2 or features.shape[1] != pair[0].shape[1]:
            raise InputError(f"features have shapes {pair[0].shape} and {pair[1].shape}; expected "
                             "(count, width) and one width. Use one encoder for both.")
        if len(features) < least:
            raise InputError(f"got features of {len(features)} images; expected at least {least}.")
        if not np.isfinite(features).all():
            raise InputError("features have values that are not finite. Look at the images first.")
    return pair


def equally_many(real, fake):
    """Returns what `checked` returns; raises InputError also if the counts differ."""
    real, fake = checked(real, fake, 2)
    if len(real) != len(fake):
        raise InputError(f"got {len(real)} real and {len(fake)} generated images; expected as many "
                         "of each.")
    return real, fake
