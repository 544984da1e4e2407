"""The error for a file or folder of the user's that does not exist."""

from pathlib import Path

from ..errors import DataError


def no_such_path(what: str, path: Path, form: str) -> DataError:
    """Return the error for a path that leads to nothing, which says where it was looked for.

    Args:
        what: `file` or `folder`.
        path: The path as the user gave it.
        form: How such data are named, such as `table:FILE`.
    """
    where = ""
    if not path.is_absolute():
        where = f": a relative path counts from the current folder, {Path.cwd()}"
    return DataError(f"There is no {what} {path}{where}. Name an existing one with {form}.")
