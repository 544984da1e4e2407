"""Writing files so that nobody ever reads half of one, even if the writing process is killed.

If the whole machine stops, as in a power failure, that holds only for files that are `lasting`: a
record, or the state of a training. Other files may then be found empty.
"""

import json
import math
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def at_once(
    path: str | Path, *, temporary_name: str | None = None, lasting: bool = False
) -> Iterator[Path]:
    """Gives the path of a temporary file, which in the end takes the place of `path`.

    It lies in the same folder, which is made with all folders above it.

    Args:
        path: The file to write.
        temporary_name: Name of the temporary file. If it is always the same, a file that a kill
            left behind is overwritten the next time; this is only for files that one process at a
            time writes. None: a random name.
        lasting: Whether the file is flushed to the disk before it takes the place of `path`, which
            costs some milliseconds for a small file; for what cannot be made again.

    Raises:
        OSError: The folder cannot be written, or the disk is full; `path` is as it was before.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile: its files are readable by their owner alone, and reports are for sharing.
    temporary = path.parent / (temporary_name or f".{secrets.token_hex(8)}.tmp")
    try:
        yield temporary
        if lasting:
            _put_on_disk(temporary)
        os.replace(temporary, path)  # noqa: PTH105 - the name that notes and readers know
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _put_on_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def write_bytes(path: str | Path, data: bytes, *, lasting: bool = False) -> None:
    """Write `data` to `path` at once, making the folders above it; `lasting` as in `at_once`.

    Raises:
        OSError: The folder cannot be written, or the disk is full; `path` is as it was before.
    """
    with at_once(path, lasting=lasting) as temporary:
        temporary.write_bytes(data)


def write_text(path: str | Path, text: str, *, lasting: bool = False) -> None:
    """Write `text` to `path` at once, as UTF-8 with its own line ends."""
    # A path on a command line may hold bytes that are not UTF-8; they are shown as \udcXX.
    write_bytes(path, text.encode("utf-8", "backslashreplace"), lasting=lasting)


def write_json(path: str | Path, value: Any) -> None:
    """Write `json_text` of `value` to `path` at once; it is lasting, because records are JSON.

    Raises:
        TypeError: `value` holds something that JSON cannot hold.
    """
    write_text(path, json_text(value), lasting=True)


def json_text(value: Any) -> str:
    """`value` as JSON, indented, with a line end; nan and infinities become null.

    Args:
        value: Dicts (their order is kept), lists, tuples, texts, numbers, None, and NumPy scalars
            and arrays.

    Raises:
        TypeError: `value` holds something that JSON cannot hold.
    """
    return json.dumps(_plain(value), indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """`value` in JSON's own types, with None for numbers that JSON cannot hold."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
