"""Where widgets are shown: whether somebody is there who can move them, and pictures where not."""

import os
import sys

from ganlib import plots


def is_live():
    """Returns whether a front end is there whose widgets a thread can update.

    JupyterLab, the classic notebook and VS Code have one. Colab shows no updates from threads, and
    where a notebook is executed by a program nobody looks.
    """
    if "google.colab" in sys.modules:
        return False
    shell = in_notebook()
    in_vs_code = shell and "__vsc_ipynb_file__" in shell.user_ns
    return bool(shell and "JPY_SESSION_NAME" in os.environ or in_vs_code)


def in_notebook():
    """Returns the IPython shell that runs this, or None."""
    return sys.modules["IPython"].get_ipython() if "IPython" in sys.modules else None


def enlarged(picture, pixels):
    """Returns an image (height, width, channels) uint8 as a PNG of about `pixels` in height."""
    zoom = max(1, pixels // picture.shape[0])
    return plots.png(picture.repeat(zoom, 0).repeat(zoom, 1))


def display_picture(picture, words=""):
    """Displays a Figure or an image (height, width, channels) uint8, and a line below it.

    Returns:
        The display's handle, whose `update` takes an IPython Image; None outside of notebooks.
    """
    handle = None
    if in_notebook():
        from IPython.display import Image, display

        handle = display(Image(plots.png(picture)), display_id=True)
    if words:
        print(words)
    return handle
