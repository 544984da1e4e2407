"""A hash of our own code, recorded with a run; it is not part of the fingerprint."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

ROOMS = ("callbacks", "data", "layers", "recipes", "training")


@cache
def code_hash() -> str:
    """Returns the first 12 digits of the sha256 over the sources that decide a run's figures.

    It is recorded with every run, and a report on runs of different code says so. It is not part of
    the fingerprint: most changes of code change no figure, and those that do raise
    `trickbook.runs.fingerprint.DIGITS_VERSION`.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for path in sorted(path for room in ROOMS for path in (root / room).rglob("*.py")):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
