"""What `limit_train` leaves unused, shared between a search and what judges its winner."""

from typing import Any

import numpy as np

from .chosen_examples import with_arrays
from .dataset import Dataset
from .repeated_examples import with_other_parts

#: Of the training examples: what a search holds out, and what must be unused in place of it.
HELD_OUT = 0.25


def search_on_unused(data: Dataset, share: float) -> Dataset | None:
    """Return the data set with half of its unused examples in place of its validation set.

    All its training examples stay, and no more of the held-out ones are measured in every epoch
    than of its validation set.

    Args:
        data: To whose validation set the unused examples are joined, if there are any.
        share: Of the training examples, in (0, 1), which the half must come to.

    Returns:
        None where it does not.
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
        data: As that takes it.
        share: As that takes it.

    Returns:
        The data set itself where a search takes none of them.
    """
    halves = _halves(data, share)
    if halves is None:
        return data
    kept = np.concatenate([np.arange(data.val_in_epochs or 0), np.sort(halves[1])])
    return _judged_by(data, kept, "validation")


def _halves(data: Dataset, share: float) -> tuple[np.ndarray, np.ndarray] | None:
    """The places among the validation examples of either half, the first in random order."""
    # The unused ones come after those that are measured in every epoch.
    first, labels = data.val_in_epochs, data.labels("val")
    if first is None or (len(labels) - first) // 2 < round(share * len(data.x_train)):
        return None
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    random = np.random.RandomState(data.split_seed)
    order = first + random.permutation(len(labels) - first)
    # Every second one by label: classes are in their shares, however few examples they have.
    by_label = order[np.argsort(labels[order], kind="stable")]
    return random.permutation(by_label[::2]), by_label[1::2]


def _judged_by(data: Dataset, places: np.ndarray, name: str, **changed: Any) -> Dataset:
    arrays = data.arrays()
    arrays |= {array: arrays[array][places] for array in ("x_val", "y_val")}
    parts = {"train": "training", "val": name, "test": "test"}
    return with_other_parts(with_arrays(data, arrays, **changed), parts)
