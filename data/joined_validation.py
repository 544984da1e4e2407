"""A data set whose validation examples are trained on too, for the refit at the end of a study."""

import numpy as np

from .chosen_examples import with_arrays
from .dataset import Dataset
from .repeated_examples import with_other_parts


def without_validation(data: Dataset) -> Dataset:
    """Return the data set with its validation examples among the training ones, after them.

    The validation part is then empty. Scalings are fitted anew on all examples that are trained on;
    test examples stay. If the order of the examples means something, it is kept, because validation
    examples come after the training ones. What a table's columns learnt from the training rows,
    categories and the values that replace missing ones, stays as well. Warnings are about the two
    parts that are left.
    """
    arrays = data.arrays()
    for name in ("x", "y"):
        training, validation = arrays[f"{name}_train"], arrays[f"{name}_val"]
        arrays[f"{name}_train"] = np.concatenate([training, validation])
        arrays[f"{name}_val"] = validation[:0]
    joined = with_arrays(data, arrays, val_in_epochs=None)
    return with_other_parts(joined, {"train": "training", "test": "test"})
