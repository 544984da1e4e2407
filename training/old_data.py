"""The data that a run was trained on, made again out of what it tells of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ..data import DataError, Dataset, DataSpec, nested_training_set, without_validation
from ..data.spec import ARRAYS
from ..data.unused_examples import HELD_OUT, judging_split

# What runs of before tell of their data; where others of the settings were not the usual ones, the
# content that comes of these is not theirs.
_TOLD = ("name", "split_seed", "limit_train", "scaling")


def told_of(table: Mapping[str, Any] | None) -> tuple[str, int] | None:
    """Returns what is told of a table: a column, and how many rows after the inputs, 0 if none.

    Args:
        table: as `TableColumns.to_dict` returns it; None is of what is no table.
    """
    if table is None:
        return None
    return table["target"], (table.get("windows") or {}).get("horizon", 0)


def old_data(old: Mapping[str, Any], load: Callable[[DataSpec], Dataset]) -> Dataset:
    """Returns the data of a run, if they are what they were.

    Of a run on a bootstrap sample they are what that was drawn from.

    Args:
        old: what the run tells of its data, the `data` of its run.json.
        load: loads what a spec names, as `trickbook.data.load`.

    Raises:
        DataError: if they cannot be had, or are others; the text says which, as the end of a
            sentence.
    """
    if old.get("name") in (None, ARRAYS):
        raise DataError("they are named nowhere, as arrays that were in memory")
    known = {field.name for field in fields(DataSpec)}
    spec = old.get("spec") or {name: old[name] for name in _TOLD if name in old}
    try:
        there = load(DataSpec.from_dict({key: spec[key] for key in spec if key in known}))
        if old.get("val") == 0:
            there = without_validation(there)  # as a refit trains on
        size = old.get("limit_train")
        if size is not None and size != there.limit_train:
            there = nested_training_set(there, size)  # as a sample-size study trains on
        if old.get("val") not in (None, len(there.x_val)):
            there = judging_split(there, HELD_OUT)  # as a search is judged by
    except DataError as error:
        raise DataError(f"they cannot be had ({str(error).rstrip('.')})") from error
    if there.fingerprint not in (old.get("fingerprint"), old.get("bootstrap_of")):
        raise DataError("they are not what they were")
    return there
