"""Names of files and folders that are made of names of any length."""

from __future__ import annotations

import hashlib

# Of what becomes a name with something after it; file systems allow 255.
_MOST_BYTES = 200
_HASH_LENGTH = 8


def file_name(text: str) -> str:
    """Returns the text as a file can be called, cut where it is long.

    What is cut off tells in a hash, so that two long texts have two names.
    """
    plain = text.replace("/", "_").replace("\\", "_")
    whole = plain.encode(errors="surrogateescape")  # as paths on a command line are
    if len(whole) <= _MOST_BYTES:
        return plain
    # Half a letter at the end goes too.
    kept = whole[: _MOST_BYTES - 1 - _HASH_LENGTH].decode(errors="ignore")
    return f"{kept}-{hashlib.sha256(whole).hexdigest()[:_HASH_LENGTH]}"
