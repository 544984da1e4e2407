"""Loading the data that a run was trained on again, from what its run.json says about them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

from ..data import DataError, Dataset, DataSpec, nested_training_set, without_validation
from ..data.spec import ARRAYS
from ..data.unused_examples import HELD_OUT, judging_split

# The only settings of the data that older runs recorded. If another setting was not at its default,
# the data loaded from these are different, which their fingerprint shows.
_TOLD = ("name", "split_seed", "limit_train", "scaling")


def told_of(table: Mapping[str, Any] | None) -> tuple[str, int] | None:
    """Returns what is predicted of a table: its column, and how many rows after the inputs.

    Args:
        table: as `TableColumns.to_dict` returns it; None if the data are not a table.

    Returns:
        The target column and the horizon, 0 without windows; None if the data are not a table.
    """
    if table is None:
        return None
    return table["target"], (table.get("windows") or {}).get("horizon", 0)


def old_data(old: Mapping[str, Any], load: Callable[[DataSpec], Dataset]) -> Dataset:
    """Returns the data of a run, if they have not changed since.

    For a run on a bootstrap sample, these are the data that the sample was drawn from.

    Args:
        old: what the run says about its data, the `data` of its run.json.
        load: loads what a spec names, like `trickbook.data.load`.

    Raises:
        DataError: if the data are not available or have changed; the text says which, as the end
            of a sentence.
    """
    if old.get("name") in (None, ARRAYS):
        raise DataError("the old data are not named, as for arrays in memory")
    known = {field.name for field in fields(DataSpec)}
    spec = old.get("spec") or {name: old[name] for name in _TOLD if name in old}
    try:
        there = load(DataSpec.from_dict({key: spec[key] for key in spec if key in known}))
        if old.get("val") == 0:
            there = without_validation(there)  # the data of a refit
        size = old.get("limit_train")
        if size is not None and size != there.limit_train:
            there = nested_training_set(there, size)  # the data of a sample-size study
        if old.get("val") not in (None, len(there.x_val)):
            there = judging_split(there, HELD_OUT)  # the data that judge a search
    except DataError as error:
        raise DataError(f"the old data cannot be loaded ({str(error).rstrip('.')})") from error
    if there.fingerprint not in (old.get("fingerprint"), old.get("bootstrap_of")):
        raise DataError("the old data have changed since")
    return there
