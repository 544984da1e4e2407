"""A bootstrap sample of the training examples, as bagging trains each member on."""

from dataclasses import replace
from typing import Any

import numpy as np

from .dataset import ARRAY_NAMES, Dataset, fingerprint
from .scaling import fit_scaling


def bootstrap_sample(data: Dataset, seed: int) -> Dataset:
    """Return the data set with as many training examples, drawn from its own with replacement.

    So about a third of them are left out and others come several times (Breiman 1996, Bagging
    Predictors). Scalings are fitted anew on the sample; validation and test examples stay. A class
    of very few examples may be left out altogether.

    Args:
        data: Whose training examples.
        seed: Of the draw, 0 or above.
    """
    count = len(data.x_train)
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    places = np.random.RandomState(seed).randint(count, size=count)
    arrays: dict[str, Any] = {name: np.asarray(getattr(data, name)) for name in ARRAY_NAMES}
    arrays |= {name: arrays[name][places] for name in ("x_train", "y_train")}
    scaling = fit_scaling(data.scaling.name, arrays["x_train"], data.value_range)
    targets = data.target_scaling and fit_scaling(
        data.target_scaling.name, arrays["y_train"][:, np.newaxis]
    )
    return replace(
        data,
        **arrays,
        scaling=scaling,
        target_scaling=targets,
        fingerprint=fingerprint(arrays, data.classes, scaling),
        bootstrap_of=data.fingerprint,
    )
