"""Which built-in ladder data get if none is named."""

from __future__ import annotations

from ..data import Dataset, DataSpec

# Data whose images must not be mirrored, and whose default ladder does not mirror them.
DIGITS_LIKE = ("digits", "mnist")
TABLES = ("breast_cancer", "wine")
SEQUENCES = "sequence"


def default_ladder(data_name: str, inputs: str | None = None, *, is_series: bool = False) -> str:
    """Returns the built-in ladder for a data set: its own, or the lecture's.

    Args:
        data_name: as `--data` takes it.
        inputs: what its arrays are, as in `DataSpec`.
        is_series: whether its examples are windows of rows.
    """
    if data_name == "imdb" or inputs in ("sequences", "tokens") or is_series:
        return SEQUENCES
    if data_name == "diabetes":
        return "diabetes"
    if data_name.startswith("table:") or data_name in TABLES or inputs == "rows":
        return "tabular"
    return "digits" if data_name in DIGITS_LIKE else "lecture"


def default_ladder_of(data: Dataset | None, spec: DataSpec) -> str:
    """Returns the built-in ladder for a data set in memory, or for the spec if there is none."""
    if data is None:
        return default_ladder(spec.name, spec.inputs, is_series=spec.window is not None)
    if data.is_of_images:
        return default_ladder(data.name)
    is_sequence = data.vocabulary is not None or data.x_train.ndim > 2
    return default_ladder(data.name, "sequences" if is_sequence else "rows")
