"""The final figures of one run."""

from __future__ import annotations

import math

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ...runs.run_folder import Run
from .epochs import best_epoch

# Those of numbers, which have no column where they are not known.
OF_NUMBERS = (
    *("val_rmse", "val_mae", "val_r2", "val_mase"),
    *("test_rmse", "test_mae", "test_r2", "test_mase"),
)

# Those of classes, which have no column where a metric of numbers decides.
OF_CLASSES = (
    "val_balanced_accuracy",
    "test_macro_f1",
    "test_balanced_accuracy",
    "val_cross_entropy",
)

MEASURES = (
    "params",
    "epochs",
    "train",
    "val",
    "test",
    "best_val",
    "best_epoch",
    *OF_CLASSES,
    *OF_NUMBERS,
    "seconds",
)


# Those of the metric that decides; in metrics.json and in tables its name follows.
OF_THE_METRIC = ("train", "val", "test", "best_val")


def measures_beside(metric: str) -> tuple[str, ...]:
    """`MEASURES` less those that say again what `val` and `test` do where that metric decides."""
    return tuple(name for name in MEASURES if name not in (f"val_{metric}", f"test_{metric}"))


def figure_name(measure: str, metric: str) -> str:
    """What tables call a measure: `val_accuracy` of `val`, where `accuracy` decides."""
    return f"{measure}_{metric}" if measure in OF_THE_METRIC else measure


def measures(run: Run) -> dict[str, float]:
    """The figures of `MEASURES` for a run that is done; all NaN for one that is not.

    `train`, `val`, `test` and `best_val` are those of the metric that decides. What metrics.json
    does not tell is taken from the last row of the history.
    """
    if run.status != "done":
        return dict.fromkeys(MEASURES, math.nan)
    known = _last_epoch(run) | {"seconds": run.details.get("seconds")}
    known |= {name: value for name, value in run.metrics.items() if value is not None}
    metric = Deciding.of(run.details).metric
    for name in OF_THE_METRIC:
        known[name] = known.get(figure_name(name, metric), known.get(name))
    return {name: _number(known.get(name)) for name in MEASURES}


def known_metric(run: Run, name: str) -> float:
    """A figure that metrics.json alone tells; NaN where it tells none, or null as of no number."""
    return _number(run.metrics.get(name))


def curve_examples(run: Run) -> int | None:
    """On how many validation examples, the first ones, its curve is measured; None for all."""
    first = (run.details.get("data") or {}).get("val_in_epochs")
    return first if isinstance(first, int) else None


def train_is_running_mean(run: Run) -> bool:
    """Whether the training figure is Keras's mean over the last epoch's batches.

    Such a mean is taken under dropout and augmentation, while the weights move, so that it does
    not compare with a validation accuracy.
    """
    metric, clean = _columns(run)
    if clean in run.history:
        return False
    return math.isclose(measures(run)["train"], _last(run, metric))


def _last_epoch(run: Run) -> dict[str, float | None]:
    metric, clean_column = _columns(run)
    best = best_epoch(run.history, Deciding.of(run.details))
    picked = best if best is not None and best.metric == f"val_{metric}" else None
    clean = _last(run, clean_column)
    return {
        "epochs": _last(run, "epoch"),
        "train": _last(run, metric) if math.isnan(clean) else clean,
        "val": _last(run, f"val_{metric}"),
        "best_val": picked.value if picked else None,
        "best_epoch": picked.epoch if picked else None,
        "seconds": _last(run, "seconds"),
    }


def _columns(run: Run) -> tuple[str, str]:
    """What the history calls the deciding metric, and its clean training figures."""
    deciding = Deciding.of(run.details)
    metric = accuracy_name(run.history) if deciding.is_accuracy else deciding.metric
    return metric, f"train_clean_{deciding.metric}"


def _last(run: Run, column: str) -> float:
    history = run.history
    return float(history[column].iloc[-1]) if column in history and len(history) else math.nan


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan
