"""Smaller training sets of a data set, each holding all smaller ones; validation stays as it is."""

import numpy as np

from .chosen_examples import with_training_examples
from .class_checks import check_ordered_part, unordered
from .dataset import Dataset
from .errors import DataError


def nested_training_set(data: Dataset, size: int) -> Dataset:
    """Return the data set with `size` of its training examples.

    Those of a smaller size are among those of a larger one, at about the classes' shares and at
    least one of each class; of rows whose order means something they are the latest. Scalings are
    fitted anew on them alone. Validation and test examples are the same for every size, but for
    categories of a table that no training row has, which count as none. The medians that stand for
    missing values are those of all training rows.

    Raises:
        DataError: If there are fewer training examples, or fewer than one a class are asked for,
            or the latest lack a class.
    """
    least, most = max(1, len(data.classes)), len(data.x_train)
    if not least <= size <= most:
        raise DataError(
            f"A training set of {data.name} has {least:,} to {most:,} examples. "
            f"Received: size={size}"
        )
    if size == most:
        return data
    labels = data.labels("train")
    if data.ordered:
        # As a limit does it: a shorter series, not one with gaps.
        kept = np.arange(most - size, most)
        part = f"Of its latest {size:,} rows alone, the training set of {data.name}"
        way = f"Ask for more rows, or {unordered(has_windows=data.has_windows)}."
        check_ordered_part(labels[kept], data.classes, part, way)
    else:
        kept = nested_order(labels, bool(data.classes), data.split_seed)[:size]
    return with_training_examples(data, kept, limit_train=size)


def nested_order(labels: np.ndarray, is_of_classes: bool, seed: int) -> np.ndarray:
    """Return the positions in `labels` (n,) in an order whose every beginning is stratified.

    The first of each class come first; then a class's examples come at even distances, so that
    every beginning holds the classes at their shares, to about one example.
    """
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    order = np.random.RandomState(seed).permutation(len(labels))
    if not is_of_classes:
        return order
    shuffled = labels[order]
    due = np.empty(len(labels))
    for label, count in zip(*np.unique(labels, return_counts=True), strict=True):
        due[shuffled == label] = (np.arange(count) + 0.5) / count
        due[np.argmax(shuffled == label)] = -1.0
    return order[np.argsort(due, kind="stable")]
