"""A data set with other examples, chosen from its own."""

from dataclasses import replace
from typing import Any

import numpy as np

from .dataset import Dataset, fingerprint
from .fitted_scaling import Scaling, fit_scaling, fit_target_scaling
from .learnt_categories import as_learnt, learnt_from


def with_training_examples(data: Dataset, places: np.ndarray, **changed: Any) -> Dataset:
    """Return the data set with the training examples at `places`, its scalings fitted on them.

    Args:
        data: The data set; its validation and test examples stay.
        places: Positions in its training examples (n,), which may repeat.
        **changed: New values of fields of the data set.
    """
    arrays = data.arrays()
    arrays |= {name: arrays[name][places] for name in ("x_train", "y_train")}
    return with_arrays(data, arrays, **changed)


def with_arrays(data: Dataset, arrays: dict[str, Any], **changed: Any) -> Dataset:
    """Return the data set with other arrays, its scalings fitted on the training ones.

    The medians that replace missing values of a table stay; a category that no longer occurs in
    any training row counts as no category.

    Args:
        data: The data set that all other fields come from.
        arrays: All arrays that `Dataset.arrays` returns.
        **changed: New values of fields of the data set.
    """
    if data.table is not None:
        table = learnt_from(data.table, arrays["x_train"])
        data = replace(data, table=table)
        judged = {name: as_learnt(table, arrays[name]) for name in ("x_val", "x_test")}
        arrays = {**arrays, **judged}
    scaling = _scaling(data, arrays["x_train"])
    targets = data.target_scaling and fit_target_scaling(arrays["y_train"])
    return replace(
        data,
        **arrays,
        scaling=scaling,
        target_scaling=targets,
        fingerprint=fingerprint(
            arrays, data.classes, scaling, data.vocabulary, data.category_sizes
        ),
        **changed,
    )


def _scaling(data: Dataset, x_train: np.ndarray) -> Scaling:
    if data.vocabulary is not None:  # Tokens are never scaled.
        return data.scaling
    if data.table is not None:
        return data.table.fit_scaling(x_train, data.scaling.name)
    return fit_scaling(data.scaling.name, x_train, data.value_range)
