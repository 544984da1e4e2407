"""Shares out the examples that `limit_train` leaves unused: half for a search, half to judge it."""

from typing import Any

import numpy as np

from .chosen_examples import with_arrays
from .dataset import Dataset
from .repeated_examples import with_other_parts

#: Share of the training examples that a search holds out. If half of the unused examples are as
#: many, they are held out instead.
HELD_OUT = 0.25


def search_on_unused(data: Dataset, share: float) -> Dataset | None:
    """Return the data set with half of its unused examples in place of its validation set.

    All its training examples stay, and no more of the held-out ones are measured in every epoch
    than of its validation set.

    Args:
        data: The data set, with the unused examples in its validation set, if there are any.
        share: The share of the training examples, in (0, 1), that the half must amount to.

    Returns:
        The data set, or None if the half is smaller.
    """
    halves = _halves(data, share)
    if halves is None:
        return None
    held, rest = halves
    first = data.val_in_epochs
    assert first is not None
    note = (
        f"The search decides on {len(held):,} of the {len(held) + len(rest):,} examples that "
        f"limit_train leaves unused, held out; the other {len(rest):,} are among those that judge."
    )
    in_epochs = first if first < len(held) else None
    return _judged_by(data, held, "held-out", val_in_epochs=in_epochs, notes=(note,))


def judging_split(data: Dataset, share: float) -> Dataset:
    """Return the data set without the validation examples that `search_on_unused` decides on.

    Args:
        data: As for `search_on_unused`.
        share: As for `search_on_unused`.

    Returns:
        The data set itself if a search takes none of them.
    """
    halves = _halves(data, share)
    if halves is None:
        return data
    kept = np.concatenate([np.arange(data.val_in_epochs or 0), np.sort(halves[1])])
    return _judged_by(data, kept, "validation")


def _halves(data: Dataset, share: float) -> tuple[np.ndarray, np.ndarray] | None:
    """The positions of both halves among the validation examples, the first in random order."""
    # The unused ones come after those that are measured in every epoch.
    first, labels = data.val_in_epochs, data.labels("val")
    if first is None or (len(labels) - first) // 2 < round(share * len(data.x_train)):
        return None
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    random = np.random.RandomState(data.split_seed)
    order = first + random.permutation(len(labels) - first)
    # Every second one, ordered by label: even classes of few examples keep their shares.
    by_label = order[np.argsort(labels[order], kind="stable")]
    return random.permutation(by_label[::2]), by_label[1::2]


def _judged_by(data: Dataset, places: np.ndarray, name: str, **changed: Any) -> Dataset:
    arrays = data.arrays()
    arrays |= {array: arrays[array][places] for array in ("x_val", "y_val")}
    parts = {"train": "training", "val": name, "test": "test"}
    return with_other_parts(with_arrays(data, arrays, **changed), parts)
