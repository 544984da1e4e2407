"""Smaller training sets of a data set, each holding all smaller ones; validation stays as it is."""

import numpy as np

from .chosen_examples import with_training_examples
from .class_checks import check_ordered_part, unordered
from .dataset import Dataset
from .errors import DataError


def nested_training_set(data: Dataset, size: int) -> Dataset:
    """Return the data set with `size` of its training examples.

    The examples of a smaller size are among those of a larger one. Classes keep about their shares,
    with at least one example of each; of rows whose order means something, the latest are kept.
    Scalings are fitted anew on the kept examples. Validation and test examples are the same for
    every size, except that categories of a table that no training row has count as none. The
    medians that replace missing values are those of all training rows.

    Raises:
        DataError: If there are fewer training examples than `size`, `size` is less than one example
            per class, or the latest examples lack a class.
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
        # As `limit_train` does: a shorter series, not one with gaps.
        kept = np.arange(most - size, most)
        part = f"With its latest {size:,} rows alone, the training set of {data.name}"
        way = f"Ask for more rows, or {unordered(has_windows=data.has_windows)}."
        check_ordered_part(labels[kept], data.classes, part, way)
    else:
        kept = nested_order(labels, bool(data.classes), data.split_seed)[:size]
    return with_training_examples(data, kept, limit_train=size)


def nested_order(labels: np.ndarray, is_of_classes: bool, seed: int) -> np.ndarray:
    """Return the positions in `labels` (n,), ordered so that every beginning is stratified.

    One example of each class comes first. The other examples of a class are evenly spaced, so that
    every beginning holds the classes in their shares, to about one example. Numbers are in random
    order.
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
