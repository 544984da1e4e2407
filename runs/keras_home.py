"""Keras's own folder, found without Keras, so that a parent process can ask for it too."""

from __future__ import annotations

import os
from pathlib import Path


def keras_home() -> Path:
    """Returns the folder of keras.json and of what Keras downloads, by Keras's own rule.

    It is KERAS_HOME if that is set, even to nothing; otherwise `.keras` in the user's home, or in
    /tmp if the home cannot be written to.
    """
    if "KERAS_HOME" in os.environ:
        return Path(_expanded(os.environ["KERAS_HOME"]))
    home = _expanded("~")
    return Path(home if os.access(home, os.W_OK) else "/tmp", ".keras")


def _expanded(path: str) -> str:
    # Not by pathlib, which raises where there is no such home.
    return os.path.expanduser(path)  # noqa: PTH111
