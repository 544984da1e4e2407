"""Whether two names mean the same data: a path can be written in many ways."""

from pathlib import Path


def same_data(one: str, other: str) -> bool:
    """Whether two names of data, as `--data` takes them, mean the same kind and the same place.

    Relative paths count from the current folder: `table:my.csv` and `table:./my.csv` are the same.
    """
    return _place(one) == _place(other)


def _place(name: str) -> tuple[str, Path | None]:
    kind, _, path = name.partition(":")
    return kind, Path(path).expanduser().resolve() if path else None
