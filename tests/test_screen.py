import sys

import pytest

from ganlib.widgets import screen

OF_A_SERVER = "/runtime/kernel-5688a60a-647d-4b12-aa94-b2710e60cc86.json"


class Shell:
    def __init__(self, **user_ns):
        self.user_ns = user_ns


@pytest.mark.parametrize("shell, file, modules, live", [
    (Shell(), OF_A_SERVER, (), True),  # JupyterLab, Notebook 7 or 6
    (Shell(__vsc_ipynb_file__="a.ipynb"), "kernel-v2-1234Xq3.json", (), True),
    (Shell(), OF_A_SERVER, ("google.colab",), False),
    (Shell(), "/tmp/tmphyhzcyb_.json", (), False),  # nbclient, nbconvert, nbval
    (Shell(), "/runtime/kernel-1234.json", (), False),  # a console
    (None, OF_A_SERVER, (), False),
])  # fmt: skip
def test_a_front_end_is_live_where_a_server_has_started_the_kernel(
        shell, file, modules, live, monkeypatch):
    # What a cell of a notebook starts inherits this.
    monkeypatch.setenv("JPY_SESSION_NAME", "cells.ipynb")
    monkeypatch.setattr(screen, "in_notebook", lambda: shell)
    monkeypatch.setattr(sys, "orig_argv", ["python", "-m", "ipykernel_launcher", "-f", file])
    for name in modules:
        monkeypatch.setitem(sys.modules, name, object())
    assert screen.is_live() is live
