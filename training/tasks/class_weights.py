"""How much the examples of each class count in the loss."""

from __future__ import annotations

import numpy as np

from ...data import Dataset
from ...recipes import TrainingSettings


def class_weights(training: TrainingSettings, data: Dataset) -> tuple[float, ...] | None:
    """Returns a weight for each class of the data, or None if all count the same.

    Args:
        training: the settings with `class_weight`.
        data: the data set. "balanced" weights the classes by its training examples; a class without
            any has weight 1, for the validation loss.

    Raises:
        RecipeError: if the data do not have a class that is given a weight; the text names it.
    """
    weights = training.class_weight
    if weights is None:
        return None
    if isinstance(weights, str):
        return _balanced(data)
    training.check_classes(data.classes)
    given = dict(weights)
    return tuple(given.get(name, 1.0) for name in data.classes)


def _balanced(data: Dataset) -> tuple[float, ...]:
    from sklearn.utils.class_weight import compute_class_weight

    labels = data.labels("train")
    present = np.unique(labels)
    weights = np.ones(len(data.classes))
    weights[present] = compute_class_weight("balanced", classes=present, y=labels)
    return tuple(map(float, weights))
