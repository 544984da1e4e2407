"""Names of files and folders made from names of any length."""

from __future__ import annotations

import hashlib

# File systems allow 255 bytes; the rest is left for what is appended, such as an ending.
_MOST_BYTES = 200
_HASH_LENGTH = 8


def file_name(text: str) -> str:
    """Returns the text as a valid file name, shortened if it is too long.

    A shortened name ends in a hash of the whole text, so that two long texts have different names.
    """
    plain = text.replace("/", "_").replace("\\", "_")
    whole = plain.encode(errors="surrogateescape")  # as Python decodes command-line arguments
    if len(whole) <= _MOST_BYTES:
        return plain
    # A character that was cut in half is dropped.
    kept = whole[: _MOST_BYTES - 1 - _HASH_LENGTH].decode(errors="ignore")
    return f"{kept}-{hashlib.sha256(whole).hexdigest()[:_HASH_LENGTH]}"
