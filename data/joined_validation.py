"""A data set whose validation examples are trained on too, as the last training of all does."""

import numpy as np

from .chosen_examples import with_arrays
from .dataset import Dataset
from .repeated_examples import with_other_parts


def without_validation(data: Dataset) -> Dataset:
    """Return the data set with its validation examples among the training ones, after them.

    The validation part is then empty. Scalings are fitted anew on all that is trained on; test
    examples stay. Where the order of the examples means something it stays: validation examples
    come after the training ones. What a table's columns learnt of the training rows, categories and
    what stands for missing values, stays as well. Warnings tell of the two parts that are left.
    """
    arrays = data.arrays()
    for name in ("x", "y"):
        training, validation = arrays[f"{name}_train"], arrays[f"{name}_val"]
        arrays[f"{name}_train"] = np.concatenate([training, validation])
        arrays[f"{name}_val"] = validation[:0]
    joined = with_arrays(data, arrays, val_in_epochs=None)
    return with_other_parts(joined, {"train": "training", "test": "test"})
