"""What run.json and metrics.json say of a training that only its callbacks know."""

import math
from pathlib import Path
from typing import Any

import keras

from ...reports.read.panels import is_metric
from ...runs.errors import ReportError
from ...runs.history import ACCURACIES
from ...runs.run_file import ended_run, new_run
from ...runs.run_folder import read_object
from ..evaluation.outputs import output_names
from ..state.keras_private import loss_weights
from ..state.variable_values import in_numpy
from .history_table import HistoryTable
from .loss_text import loss_text

# Keras names a metric as the user asked for it; the first name that was measured is taken.
_CROSS_ENTROPIES = (
    "cross_entropy",
    "sparse_categorical_crossentropy",
    "categorical_crossentropy",
    "binary_crossentropy",
)


def new_record(
    model: keras.Model, name: str, seed: int | None, started: str, epochs: int | None
) -> dict[str, Any]:
    """A run.json of status `running`.

    Args:
        model: The model that is trained.
        name: Name of the run.
        seed: The seed that the user gave.
        started: When training began, as ISO 8601 with its time zone.
        epochs: The number of the last epoch, counted from 1, where that is known.
    """
    return new_run(
        name,
        seed=seed,
        precision=model.dtype_policy.name,
        started=started,
        outputs=output_names(model),
        epochs=epochs,
        loss=keras.tree.map_structure(loss_text, getattr(model, "loss", None)),
        loss_weights=keras.tree.map_structure(in_numpy, loss_weights(model)),
    )


def has_record(folder: Path) -> bool:
    """Whether the folder's run.json was written here: any other run has a fingerprint."""
    try:
        run = read_object(folder / "run.json")
    except ReportError:
        return False
    return "fingerprint" in run and run["fingerprint"] is None


def ended_record(run: dict[str, Any], table: HistoryTable, seconds: float) -> dict[str, Any]:
    """`run` after training has ended: `failed` if the last loss is not finite, else `done`."""
    last = table.rows[-1]
    loss = last.get("loss", 0.0)
    reason = None
    if not math.isfinite(loss):
        reason = f"The loss was {loss} at the end of epoch {last['epoch']}."
    return ended_run(run, reason, seconds)


def final_metrics(model: keras.Model, table: HistoryTable, seconds: float) -> dict[str, Any]:
    """The metrics.json of a training, from its last row.

    Training figures are those measured without dropout and augmentation (`train_clean_...`) where
    the last row has them, else Keras's running means. `metrics` holds every metric of that row, for
    models that accuracy does not describe well: several outputs, regressors. The best epoch is that
    of the highest validation accuracy, else of the lowest validation loss. What was not measured
    has no key, as null in JSON stands for a number that was not finite.
    """
    last = table.rows[-1]
    accuracy, cross_entropy = _name_in(table, ACCURACIES), _name_in(table, _CROSS_ENTROPIES)
    best = _best_row(table, f"val_{accuracy}", 1)
    figures = {
        "params": sum(math.prod(weight.shape) for weight in model.trainable_weights),
        "epochs": last["epoch"],
        "seconds": round(seconds, 3),
        "train_accuracy": last.get("train_clean_accuracy", last.get(accuracy)),
        "train_cross_entropy": last.get("train_clean_cross_entropy", last.get(cross_entropy)),
        "val_accuracy": last.get(f"val_{accuracy}"),
        "val_cross_entropy": last.get(f"val_{cross_entropy}"),
        "best_val_accuracy": best.get(f"val_{accuracy}"),
        "best_epoch": (best or _best_row(table, "val_loss", -1)).get("epoch"),
        "metrics": {name: value for name, value in last.items() if is_metric(name)},
    }
    return {name: figure for name, figure in figures.items() if figure is not None}


def _name_in(table: HistoryTable, names: tuple[str, ...]) -> str:
    return next((name for name in names if name in table.columns), names[0])


def _best_row(table: HistoryTable, name: str, sign: int) -> dict[str, float]:
    rows = [row for row in table.rows if math.isfinite(row.get(name, math.nan))]
    return max(rows, key=lambda row: sign * row[name], default={})
