"""Scikit-learn's diabetes data: 442 patients, ten columns, a number to predict; no download."""

import numpy as np

from .raw_table import RawTable


def read_diabetes() -> RawTable:
    """Return age, sex, body mass index, blood pressure and six blood values, unscaled.

    The target is a measure of how far the disease has gone after one year, 25 to 346 (Efron et al.
    2004).
    """
    from sklearn.datasets import load_diabetes

    diabetes = load_diabetes(scaled=False)
    return RawTable(diabetes.data.astype(np.float32), diabetes.target.astype(np.float32))
