"""A bootstrap sample of the training examples, as bagging trains each member on."""

import numpy as np

from .chosen_examples import with_training_examples
from .dataset import Dataset


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
    return with_training_examples(data, places, bootstrap_of=data.fingerprint)
