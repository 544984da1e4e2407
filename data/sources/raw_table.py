"""What a reader of a table hands over: rows and numbers to predict, not yet split or scaled."""

from typing import NamedTuple

import numpy as np


class RawTable(NamedTuple):
    """Rows (n, columns) and their targets (n,), float32."""

    rows: np.ndarray
    targets: np.ndarray
