"""A separate validation set for a search: examples that are held out for it."""

from dataclasses import replace

import numpy as np

from .chosen_examples import with_training_examples
from .class_checks import check_ordered_part, unordered
from .dataset import Dataset
from .errors import DataError
from .repeated_examples import with_other_parts
from .split import split_off
from .unused_examples import search_on_unused

_PART = "validation"


def search_split(data: Dataset, share: float) -> Dataset:
    """Return the data set with a part of its training examples in place of its validation set.

    A search that decides on that part does not read the data set's own validation examples, so that
    these judge what it found without bias. Classes keep their shares; of rows whose order means
    something, the latest are held out. Scalings are fitted anew on what is left to train on; the
    test examples stay. Warnings are about the new parts.

    Where examples that `limit_train` leaves unused have joined the validation set, and half of them
    are as many as would be held out, that half is held out instead and all training examples stay:
    `judging_split` has the other half.

    Args:
        data: The data set to hold examples out from; its own split seed chooses them.
        share: Share of the training examples, in (0, 1).

    Raises:
        DataError: If there are too few training examples, in total or of a class.
    """
    unused = search_on_unused(data, share)
    if unused is not None:
        return unused
    labels, count = data.labels("train"), len(data.x_train)
    kept, held = _places(data, labels, count, share)
    if not 0 < len(held) < count:
        raise DataError(f"{data.name} has too few training examples, {count}, to search on a part.")
    own = replace(
        data,
        x_val=np.asarray(data.x_train)[held],
        y_val=labels[held],
        val_in_epochs=None,
        notes=(
            f"The search decides on {len(held):,} of the {count:,} training examples, held out.",
        ),
    )
    parts = {"train": "training", "val": "held-out", "test": "test"}
    return with_other_parts(with_training_examples(own, kept), parts)


def _places(
    data: Dataset, labels: np.ndarray, count: int, share: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions to train on and those held out."""
    held = round(share * count)
    if data.ordered:
        kept = np.arange(count - held), np.arange(count - held, count)
        for places in kept:
            check_ordered_part(
                labels[places],
                data.classes,
                f"A search holds out the latest training rows of {data.name}, and one of its two "
                "parts",
                f"Merge the class with another, or {unordered(has_windows=data.has_windows)}.",
            )
        return kept
    if data.classes:
        parts = split_off(labels, {_PART: share}, data.split_seed, data.classes, data.name)
        return parts["training"], parts[_PART]
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    order = np.random.RandomState(data.split_seed).permutation(count)
    return order[held:], order[:held]
