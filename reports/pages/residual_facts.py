"""What the pages say about predicted numbers: where they are too high or too low."""

from __future__ import annotations

import numpy as np

from ..analysis.best_rung import best_rung
from ..figures.picture import paletted_png
from ..figures.pictures import Picture
from ..figures.residual_figure import residual_figure
from ..read.predictions import read_predictions
from ..read.run_set import Rung, RunSet
from ..wording import count_text
from .facts import Part

RESIDUALS = "residuals.png"


def residual_parts(run_set: RunSet, name: str = RESIDUALS) -> list[Part]:
    """Work out the part of a page on the residuals of the best rung, over its seeds.

    It is empty where no rung is best or its runs kept no numbers.

    Args:
        run_set: The study.
        name: Of the picture's file.

    Raises:
        ReportError: A file of predictions is damaged.
    """
    best = best_rung(run_set)
    told = [] if best is None else _told(best)
    if best is None or not told:
        return []
    values, targets = (np.concatenate(arrays) for arrays in zip(*told, strict=True))
    title = f"{best.name}, validation"
    picture = Picture(
        name,
        f"Residuals of {best.name} on validation, over what it predicts",
        paletted_png(residual_figure(values, targets, title)),
        note="A good network's points lie about the line in a band of one width. A bend is a "
        "relation that it misses; a band that widens, targets of which it should tell the "
        "logarithm.",
    )
    return [Part("Residuals", [_words(values, targets, len(told))], shown=[picture])]


def _told(rung: Rung) -> list[tuple[np.ndarray, np.ndarray]]:
    """Predictions and targets of validation, each (n,), of the runs that predict numbers."""
    found = []
    for run in rung.done:
        predictions = read_predictions(run)
        if predictions is not None and predictions.has("val"):
            values = predictions.outputs("val")
            if values.ndim == 1 and np.isfinite(values).all():
                found.append((values, predictions.labels("val").astype(np.float64)))
    return found


def _words(values: np.ndarray, targets: np.ndarray, runs: int) -> str:
    residuals = targets - values
    mean = float(residuals.mean())
    low, high = map(float, np.quantile(residuals, (0.25, 0.75)))
    side = "low" if mean > 0 else "high"
    return (
        f"Over {count_text(runs, 'run')} the mean residual is {mean:+.3g}, so predictions are too "
        f"{side} by that much; half of the residuals lie between {low:+.3g} and {high:+.3g}."
    )
