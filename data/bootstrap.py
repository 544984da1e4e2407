"""A bootstrap sample of the training examples, as bagging draws one for each member."""

import numpy as np

from .chosen_examples import with_training_examples
from .dataset import Dataset


def bootstrap_sample(data: Dataset, seed: int) -> Dataset:
    """Return the data set with as many training examples, drawn from its own with replacement.

    About a third of the examples are left out and others occur several times (Breiman 1996, Bagging
    Predictors). Scalings are fitted anew on the sample; validation and test examples stay. A class
    with very few examples may be left out altogether.

    Args:
        data: The data set to draw from.
        seed: Seed of the draw, 0 or above.
    """
    count = len(data.x_train)
    # RandomState, unlike Generator, draws the same numbers in every version of NumPy.
    places = np.random.RandomState(seed).randint(count, size=count)
    return with_training_examples(data, places, bootstrap_of=data.fingerprint)
