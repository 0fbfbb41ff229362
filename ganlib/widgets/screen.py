"""Where widgets are shown: whether somebody is there to move them, and pictures where nobody is."""

import re
import secrets
import sys

from ganlib import plots

# How a notebook server names a kernel's file; programs that execute notebooks use other names.
SERVED = re.compile(r"\bkernel-[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.json$")


def is_live():
    """Returns whether a front end is there whose widgets a thread can update.

    JupyterLab, the classic notebook and VS Code have one. Colab shows no updates from threads, and
    where a program executes a notebook, nobody is looking.
    """
    shell, served = in_notebook(), any(map(SERVED.search, sys.orig_argv))
    looked_at = shell and (served or "__vsc_ipynb_file__" in shell.user_ns)
    return bool(looked_at) and "google.colab" not in sys.modules


def in_notebook():
    """Returns the IPython shell that runs this, or None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def zoomed(pictures, pixels):
    """Returns images (..., height, width, channels) enlarged to about `pixels` in height."""
    zoom = max(1, pixels // pictures.shape[-3])
    return pictures.repeat(zoom, -3).repeat(zoom, -2)


def enlarged(picture, pixels):
    """Returns an image (height, width, channels) uint8 as a PNG of about `pixels` in height."""
    return plots.png(zoomed(picture, pixels))


def display_picture(picture, words=""):
    """Displays a Figure or an image (height, width, channels) uint8, and a line below it."""
    LivePicture().show(picture)
    if words:
        print(words)


class LivePicture:
    """A picture in the output of a cell, which is replaced while the cell still computes.

    Without a notebook it shows nothing.
    """

    def __init__(self):
        self.id, self.is_shown = secrets.token_hex(8), False

    def show(self, picture):
        """Shows a Figure or an image (height, width, channels) uint8 in place of the last one."""
        if in_notebook():
            from IPython.display import Image, display

            display(Image(plots.png(picture)), display_id=self.id, update=self.is_shown)
            self.is_shown = True
