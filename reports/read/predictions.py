"""What a run's final network said of each image, and its score on each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...runs.predictions_file import read_arrays
from ...runs.run_folder import Run


@dataclass(frozen=True)
class Predictions:
    """Outputs and labels of the splits that a run kept, in the order of the data set."""

    arrays: Mapping[str, np.ndarray]

    def has(self, split: str) -> bool:
        """Whether the outputs of `val` or `test` were kept; a run can leave the test set unread."""
        return split in self.arrays

    def outputs(self, split: str) -> np.ndarray:
        """Logits (n, classes), or values (n,) in units of the target; float64.

        Raises:
            KeyError: The run kept none of this split.
        """
        return self.arrays[split].astype(np.float64)

    def labels(self, split: str) -> np.ndarray:
        """True class numbers, or numbers, (n,).

        Raises:
            KeyError: The run kept none of this split.
        """
        return self.arrays[f"{split}_labels"]


def read_predictions(run: Run) -> Predictions | None:
    """Read the run's predictions.npz.

    Returns:
        None where there is none, as of a run that failed, of one of a version before, and of one
        that a callback recorded.

    Raises:
        ReportError: The file is damaged.
    """
    arrays = read_arrays(run.folder)
    return None if arrays is None else Predictions(arrays)


def examples_of(run: Run, predictions: Predictions) -> tuple[object, ...]:
    """What is the same where two runs answered for the same validation examples.

    Bootstrap samples of the same training examples have the same ones.
    """
    data = run.details.get("data") or {}
    whole = data.get("bootstrap_of") or data.get("fingerprint")
    return whole, data.get("split_seed"), predictions.labels("val").tobytes()


def scores(run: Run, metric: str, split: str = "val") -> np.ndarray | None:
    """A score for each example whose mean over the examples is the run's figure of `metric`.

    - `accuracy`: 1 where the class is told rightly, else 0.
    - `cross_entropy`: minus the log of the true class's probability, in nats.
    - `balanced_accuracy`: B + n / (K n_k) (c - R_k) of an example of class k, with c 1 where it is
      told rightly, else 0; n_k of n examples of that class and K classes among them; the run's
      recall R_k of the class, and the mean B of the recalls. That is its influence on B, so that
      how many examples each class happens to have adds nothing to the spread.
    - `mae`: the absolute error, in units of the target.
    - `rmse`: (e^2 + R^2) / (2 R) of the error e, R being the run's RMSE. That is the first order
      of the root about R (the delta method), so that differences of these scores vary over
      examples as differences of the RMSE do.

    Args:
        run: Whose predictions to read.
        metric: One of these.
        split: `val` or `test`.

    Returns:
        (examples,) float64, in the metric's own orientation: of an error less is better. None
        where the run kept no such predictions, or the metric is none of these.

    Raises:
        ReportError: The file is damaged.
    """
    predictions = read_predictions(run)
    if predictions is None or not predictions.has(split):
        return None
    return scores_of(predictions.outputs(split), predictions.labels(split), metric)


def scores_of(outputs: np.ndarray, labels: np.ndarray, metric: str) -> np.ndarray | None:
    """As `scores`, of outputs and labels as `Predictions` has them; None for another metric."""
    return _SCORES[metric](outputs, labels) if metric in _SCORES else None


def _accuracy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    return (logits.argmax(axis=1) == labels).astype(np.float64)


def _cross_entropy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    from scipy.special import log_softmax

    return -log_softmax(logits, axis=1)[np.arange(len(labels)), labels]


def _balanced_accuracy(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    right, counts = _accuracy(logits, labels), np.bincount(labels)
    classes = np.flatnonzero(counts)
    recalls = np.bincount(labels, right) / np.maximum(counts, 1)
    weights = len(labels) / (len(classes) * counts[labels])
    return recalls[classes].mean() + weights * (right - recalls[labels])


def _absolute_error(values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    return np.abs(values - targets)


def _linearised_rmse(values: np.ndarray, targets: np.ndarray) -> np.ndarray:
    squares = np.square(values - targets)
    root = np.sqrt(squares.mean())
    return (squares + root**2) / (2 * root) if root else squares


_SCORES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "accuracy": _accuracy,
    "cross_entropy": _cross_entropy,
    "balanced_accuracy": _balanced_accuracy,
    "mae": _absolute_error,
    "rmse": _linearised_rmse,
}
