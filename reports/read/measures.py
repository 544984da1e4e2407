"""The final figures of one run."""

from __future__ import annotations

import math

from ...runs.history import accuracy_name
from ...runs.run_folder import Run
from ..figures.curves import best_epoch

MEASURES = (
    "params",
    "epochs",
    "train_accuracy",
    "val_accuracy",
    "test_accuracy",
    "best_val_accuracy",
    "best_epoch",
    "test_macro_f1",
    "test_balanced_accuracy",
    "seconds",
)


def measures(run: Run) -> dict[str, float]:
    """The figures of `MEASURES` for a run that is done; all NaN for one that is not.

    What metrics.json does not tell is taken from the last row of the history.
    """
    if run.status != "done":
        return dict.fromkeys(MEASURES, math.nan)
    known = _last_epoch(run) | {"seconds": run.details.get("seconds")}
    known |= {name: value for name, value in run.metrics.items() if value is not None}
    return {name: _number(known.get(name)) for name in MEASURES}


def train_is_running_mean(run: Run) -> bool:
    """Whether the training accuracy is Keras's mean over the last epoch's batches.

    Such a mean is taken under dropout and augmentation, while the weights move, so that it does
    not compare with a validation accuracy.
    """
    value, running = measures(run)["train_accuracy"], _last(run, accuracy_name(run.history))
    return "train_clean_accuracy" not in run.history and math.isclose(value, running)


def _last_epoch(run: Run) -> dict[str, float | None]:
    accuracy = accuracy_name(run.history)
    best = best_epoch(run.history)
    picked = best if best is not None and best.metric == f"val_{accuracy}" else None
    clean = _last(run, "train_clean_accuracy")
    return {
        "epochs": _last(run, "epoch"),
        "train_accuracy": _last(run, accuracy) if math.isnan(clean) else clean,
        "val_accuracy": _last(run, f"val_{accuracy}"),
        "best_val_accuracy": picked.value if picked else None,
        "best_epoch": picked.epoch if picked else None,
        "seconds": _last(run, "seconds"),
    }


def _last(run: Run, column: str) -> float:
    history = run.history
    return float(history[column].iloc[-1]) if column in history and len(history) else math.nan


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
