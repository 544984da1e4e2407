"""Reading a rung's learning curves by the lecture's rule.

Deck L3: while training is far above validation, regularise; once they are close, add capacity and
expect validation to follow. L4: where the loss oscillates, the rate is too high. L2: high bias
(training itself is low) against high variance (training far above validation).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from .curves import mean_history, measured
from .history import accuracy_name
from .statistics import standard_error

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal[
    "failed",
    "diverged",
    "unread",
    "over-fitting",
    "oscillating",
    "rising",
    "under-fitting",
    "balanced",
]

FAR = 0.05
"""Training is far above validation from this gap on: the deck regularises at .98 against .906, and
calls .96 against .93 close."""
FITTED = 0.95
"""From this clean accuracy on, the training set counts as fitted."""
NOISE_FACTOR = 3.0
"""A gap counts only beyond so many deviations of noise: that of the validation set, in standard
errors of its accuracy, and that of the epochs."""
VARIANCE_SHARE = 0.5
"""Over-fitting is the trouble only if the gap is at least this share of the training error."""
STILL_RISING = 0.01
"""Validation accuracy rises at the end if its last quarter lies so far above the quarter before,
and further than the epochs' noise explains."""
JUMPS = 0.02
"""Validation accuracy oscillates if it deviates so much from epoch to epoch, over the second half
of the training, and more than twice its standard error."""


@dataclass(frozen=True)
class Finding:
    """What the curves of one rung show."""

    kind: Kind
    sentence: str
    """The reading with its numbers, ending with a full stop."""
    advice: str
    """What to try next, as a clause without a full stop; empty where there is nothing to try."""

    def __str__(self) -> str:
        return (
            f"{self.sentence} {self.advice[:1].upper()}{self.advice[1:]}."
            if self.advice
            else self.sentence
        )


@dataclass(frozen=True)
class Curves:
    """The numbers that the rule looks at."""

    train: float
    """Clean training accuracy of the final model, mean over seeds."""
    val: float
    sampling: float
    """Standard error of `val`, from the number of validation images; 0 where that is not known."""
    jitter: float
    """Deviation of validation accuracy from epoch to epoch about its trend, at the end."""
    gain: float
    """Validation accuracy over the last quarter of the epochs, less the quarter before."""
    epochs: int
    since: int
    """The first epoch whose validation accuracy is about that of the end; 0 without a curve."""
    turn: tuple[int, float, float] | None
    """Epoch and value of the lowest validation cross-entropy, and its last value."""
    seeds: int

    @property
    def gap(self) -> float:
        """How far training lies above validation."""
        return self.train - self.val

    @property
    def is_over_fitted(self) -> bool:
        """Whether training is far above validation, and that is the larger trouble."""
        noise = math.hypot(self.sampling, self.jitter / math.sqrt(self.seeds))
        far = self.gap > max(FAR, NOISE_FACTOR * noise)
        return far and self.gap >= VARIANCE_SHARE * (1 - self.train)

    @property
    def is_rising(self) -> bool:
        """Whether validation accuracy still rises at the end."""
        quarter = max(self.epochs // 4, 1)
        noise = self.jitter * math.sqrt(2 / (quarter * self.seeds))
        return self.gain > max(STILL_RISING, 2 * noise)

    @property
    def is_oscillating(self) -> bool:
        """Whether validation accuracy jumps from epoch to epoch."""
        return self.jitter > max(JUMPS, 2 * self.sampling)

    @property
    def is_fitted(self) -> bool:
        """Whether the training set itself is fitted."""
        return self.train >= FITTED


def diagnose(
    histories: Sequence[pd.DataFrame],
    train_accuracy: float,
    val_accuracy: float,
    validation_images: int | None = None,
) -> Finding:
    """Read the curves of one model, trained once or with several seeds.

    Args:
        histories: One per seed, each as `read_history` returns it.
        train_accuracy: Clean training accuracy of the final model in 0..1, mean over the seeds;
            NaN where it was not measured.
        val_accuracy: The same on the validation set.
        validation_images: How many images `val_accuracy` was measured on.
    """
    if any(_ends_broken(history) for history in histories):
        return Finding("diverged", "The loss is no number at the end.", "lower the learning rate")
    if math.isnan(train_accuracy) or math.isnan(val_accuracy):
        missing = "training" if math.isnan(train_accuracy) else "validation"
        return Finding("unread", f"No {missing} accuracy was recorded, so there is no reading.", "")
    return _finding(_curves(histories, train_accuracy, val_accuracy, validation_images))


def _finding(curves: Curves) -> Finding:
    train, val = f"train {curves.train:.2f}", f"val {curves.val:.2f}"
    if curves.is_over_fitted and (curves.is_fitted or not curves.is_rising):
        return Finding(
            "over-fitting",
            f"Over-fitting: {train}, {val}{_since(curves)}{_turn(curves)}.",
            "regularise",
        )
    if curves.is_oscillating:
        return Finding(
            "oscillating",
            f"Oscillating: validation accuracy jumps by about {curves.jitter:.2f} from epoch to "
            f"epoch ({train}, {val}).",
            "lower the learning rate, or let it decay",
        )
    if curves.is_rising:
        return Finding(
            "rising",
            f"Still rising at the end: validation accuracy gained {curves.gain:.2f} over the last "
            f"quarter of {curves.epochs} epochs ({train}, {val}).",
            "train for more epochs",
        )
    if not curves.is_fitted:
        return Finding(
            "under-fitting",
            f"Train is low: {train}, {val}{_since(curves)}; the model does not fit its own "
            "training images.",
            "add capacity, or train longer",
        )
    return Finding(
        "balanced",
        f"Converged and balanced: {train}, {val}{_since(curves)}{_within_noise(curves)}.",
        "add capacity and expect validation to follow"
        if curves.train < 1 - STILL_RISING
        else "only more data, or other images made of it, has room to help",
    )


def _since(curves: Curves) -> str:
    return f" since epoch {curves.since}" if 1 < curves.since < curves.epochs else ""


def _turn(curves: Curves) -> str:
    if curves.turn is None:
        return ""
    epoch, lowest, last = curves.turn
    return f"; validation cross-entropy was lowest at epoch {epoch} ({lowest:.2f}), now {last:.2f}"


def _within_noise(curves: Curves) -> str:
    if curves.gap <= FAR:
        return ""
    return f"; a gap of {curves.gap:.2f} is within what so few validation images can tell"


def _curves(
    histories: Sequence[pd.DataFrame], train: float, val: float, images: int | None
) -> Curves:
    mean = mean_history(histories)
    metric = f"val_{accuracy_name(*histories)}"
    epochs, values = measured(mean, metric)
    sampling = standard_error(val, images)
    jitter = float(np.median([_jitter(measured(one, metric)[1]) for one in histories]))
    return Curves(
        train=train,
        val=val,
        sampling=sampling,
        jitter=jitter,
        gain=_gain(values),
        epochs=int(mean["epoch"].max()) if len(mean) else 0,
        since=_settled(epochs, values, max(sampling, STILL_RISING, 2 * jitter)),
        turn=_turning_point(mean),
        seeds=len(histories),
    )


def _ends_broken(history: pd.DataFrame) -> bool:
    # The loss of an epoch is always measured: where it is missing, it was no number.
    return "loss" in history and len(history) > 0 and not np.isfinite(history["loss"].iloc[-1])


def _jitter(values: np.ndarray) -> float:
    """The deviation about a trend: that of second differences, which know no slope, over root 6."""
    end = values[len(values) // 2 :]
    if len(end) < 4:
        return 0.0
    return float(np.sqrt(np.mean(np.diff(end, 2) ** 2) / 6))


def _gain(values: np.ndarray) -> float:
    quarter = max(len(values) // 4, 1)
    if len(values) < 2 * quarter:
        return 0.0
    return float(values[-quarter:].mean() - values[-2 * quarter : -quarter].mean())


def _settled(epochs: np.ndarray, values: np.ndarray, tolerance: float) -> int:
    """The first epoch that came up to the last quarter's mean, however it jumps about after it."""
    if not len(values):
        return 0
    level = values[-max(len(values) // 4, 1) :].mean()
    return int(epochs[int(np.argmax(values >= level - tolerance))])


def _turning_point(mean: pd.DataFrame) -> tuple[int, float, float] | None:
    """Where validation loss turned upwards, if it ends a tenth above its lowest (L4)."""
    metric = "val_cross_entropy" if "val_cross_entropy" in mean else "val_loss"
    epochs, values = measured(mean, metric)
    if not len(values) or values[-1] < 1.1 * values.min():
        return None
    lowest = int(values.argmin())
    return int(epochs[lowest]), float(values[lowest]), float(values[-1])
