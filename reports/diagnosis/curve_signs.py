"""`CurveSigns`: the numbers by which learning curves are read, and from which limits they count.

Every figure is an error, so lower is better: one less an accuracy, or a loss. The limits for
accuracies are fixed. A loss has no scale of its own: it is compared with its own level and with its
value at the beginning.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from ...runs.history import ACCURACIES
from ..read.epochs import final_level, mean_history, measured
from ..read.metric_columns import ReadMetric
from ..statistics.intervals import standard_error
from .error_curve import ErrorCurve, Turn

if TYPE_CHECKING:
    import pandas as pd

FAR = 0.05
"""Training is far above validation from this gap of accuracies on: the deck (L3) adds augmentation
at .98 against .906, and calls .96 against .93 close."""
FAR_LOSS = 0.5
"""Training loss is far below validation loss if the gap is this part of the latter (half of it)."""
FITTED = 0.95
"""From this clean accuracy on, the training set counts as fitted."""
UNLEARNED = 0.5
"""A training loss that stays at this part of its value after the first epoch has not fitted."""
LOW = 0.75
"""Below this training accuracy, being low is a larger trouble than having stopped early."""
STEP = 0.01
"""The least change of an accuracy that counts."""
STEP_LOSS = 0.03
"""The least change of a loss that counts, as a part of its level."""
JUMPS = 0.02
"""An accuracy oscillates if it moves this far up and down from epoch to epoch, on average."""
JUMPS_LOSS = 0.1
"""A loss does so from this part of its level on."""
RUNNING = 3.0
"""What moves a running mean of training must be this many times as much: of few examples it moves
by itself."""
BETTER = 0.02
"""Validation is better than training from this difference of accuracies on."""
BETTER_LOSS = 0.1
"""The same of losses, as a part of their level."""
NEGLIGIBLE = 0.01
"""A change of a loss must be at least this part of the loss after the first epoch to count: close
to 0, every change is large relative to the loss itself."""
MOSTLY = 3.0
"""The gap is by far the larger problem if it is this many times what training has left to fit."""
PERFECT = 0.005
"""An error below this reads as an accuracy of 1.00."""
CHANCE = math.log(1000)
"""Guessing among a thousand classes has this cross-entropy: above it, no capacity is lacking. It is
what counts where the number of classes is not known, ..."""
FAR_ABOVE_CHANCE = 2.0
"""... and this many times the cross-entropy of guessing where it is: a loss may hold penalties."""
NEAR_CHANCE = 0.9
"""A training error of at least this part of what guessing comes to says that nothing was learnt."""
EVEN = 0.2
"""A curve falls evenly, as along a line, if the last quarter brought this part of its fall."""
TURNED = 0.1
"""Validation loss has turned upwards if it ends by this part above its lowest (L4)."""
NOISE_FACTOR = 3.0
"""A difference counts only beyond this many of its standard errors. Three, since many are looked
at, and since the noise itself is estimated from a few epochs."""
VARIANCE_SHARE = 0.5
"""Over-fitting is the problem only if the gap is at least this share of the training error."""
EARLY = 0.25
"""A curve saturated early if it was at its end's level after this part of the epochs."""
FEWEST = 3
"""Fewer values than this do not make a curve."""


@dataclass(frozen=True)
class Limits:
    """From which size on a difference of errors counts."""

    far: float
    step: float
    jumps: float
    better: float
    unfitted: float
    """A training error up to here is fitted."""
    low: float
    """A training error beyond this is a problem of its own."""


@dataclass(frozen=True)
class CurveSigns:
    """What can be seen in the curves of one model."""

    metric: ReadMetric
    train: ErrorCurve
    """By Keras's running means."""
    clean: ErrorCurve
    """Of the training set without dropout and augmentation; often of a few epochs only, or none."""
    val: ErrorCurve
    turn: Turn | None
    """Of the validation loss, if it turned upwards while the training loss fell."""
    epochs: int
    """The last one."""
    train_end: float
    """Training error of the final model, the clean one where it is known; NaN without any."""
    val_end: float
    gap_noise: float
    """The standard error of `gap`."""
    sampling: float
    """That of `val_end` from the number of validation samples; 0 where that is not known."""
    is_clean: bool
    """Whether `train_end` is a clean figure."""
    loss_end: float
    """Where the loss that goes with the metric ends in training."""
    is_entropy: bool
    """Whether that is known to be a cross-entropy, as it is beside an accuracy."""
    classes: int | None = None
    """The number of classes; None where that is not known."""
    first: int = 1
    """The first epoch that was recorded, where those before it are missing; else 1."""

    @property
    def is_cut(self) -> bool:
        """Whether the beginning of the training is missing, as when resumed in another process."""
        return self.first > 1

    @property
    def trend(self) -> ErrorCurve:
        """The curve whose course is looked at: validation, or training where that is missing."""
        return self.train if len(self.val) < min(FEWEST, len(self.train)) else self.val

    @property
    def gap(self) -> float:
        """How much worse validation is than training; NaN where one is missing."""
        return self.val_end - self.train_end

    @cached_property
    def began(self) -> float:
        """The error after the first epoch: that of training or validation, the higher one."""
        return float(max(curve.values[0] for curve in (self.train, self.val) if len(curve)))

    @cached_property
    def limits(self) -> Limits:
        """From where on a difference counts."""
        if self.metric.is_share:
            return Limits(FAR, STEP, JUMPS, BETTER, unfitted=1 - FITTED, low=1 - LOW)
        together = np.concatenate([self.train.values, self.val.values])
        began, size = self.began, abs(self.trend.level)
        if together.min() <= 0:  # no loss that 0 is the best of: only its range can tell
            began = size = float(np.ptp(together))
            unfitted = math.inf
        else:
            unfitted = math.inf if self.is_cut else UNLEARNED * began
        return Limits(
            far=FAR_LOSS * size,
            step=max(STEP_LOSS * size, NEGLIGIBLE * began),
            jumps=max(JUMPS_LOSS * size, NEGLIGIBLE * began),
            better=BETTER_LOSS * size,
            unfitted=unfitted,
            low=unfitted,
        )

    @cached_property
    def since(self) -> int:
        """The first epoch that was about as good as the end."""
        return self.trend.since(max(self.sampling, self.limits.step, 2 * self.trend.deviation))

    @cached_property
    def scale(self) -> float:
        """By which factor training loss lies below validation from the first epoch on.

        Class or sample weights scale the training loss, which is not over-fitting. The factor is 1
        if training begins no lower, if its figures are clean or its beginning is missing, and for
        accuracies, which nothing scales.
        """
        both = len(self.train) and len(self.val) and self.train.epochs[0] == self.val.epochs[0]
        is_plain = self.metric.is_share or self.is_clean or self.is_cut
        if is_plain or not both or self.train.values[0] <= 0:
            return 1.0
        return max(1.0, float(self.val.values[0] / self.train.values[0]))

    @property
    def is_far(self) -> bool:
        """Whether training is far better than validation, and this is the larger problem."""
        gap = self.val_end - self.scale * self.train_end
        far = gap > max(self.limits.far, NOISE_FACTOR * self.gap_noise)
        return far and gap >= VARIANCE_SHARE * self.train_end

    @property
    def is_mostly_gap(self) -> bool:
        """Whether training has little left to fit compared with the gap, fitted or not."""
        return self.is_far and self.gap > MOSTLY * self.train_end

    @property
    def far_since(self) -> int:
        """The first epoch from which training stays far better than validation; 0 for none."""
        epochs, train, val = np.intersect1d(self.train.epochs, self.val.epochs, return_indices=True)
        gaps = self.val.values[val] - self.scale * self.train.values[train]
        near = np.flatnonzero(gaps <= self.limits.far / 2)
        first = int(near[-1]) + 1 if len(near) else 0
        return int(epochs[first]) if first < len(epochs) else 0

    @property
    def is_far_above_chance(self) -> bool:
        """Whether training cross-entropy or loss ends far above that of guessing."""
        classes = self.classes or 0
        limit = FAR_ABOVE_CHANCE * math.log(classes) if classes > 1 else CHANCE
        return self.is_entropy and self.loss_end > limit

    @property
    def is_over_fitting(self) -> bool:
        """Whether training went on improving without validation."""
        return self.is_far or self.turn is not None

    @property
    def is_fitted(self) -> bool:
        """Whether the training set itself is fitted."""
        return self.train_end <= self.limits.unfitted

    @property
    def is_near_chance(self) -> bool:
        """Whether training ends at little better than guessing among so many classes."""
        classes = self.classes or 1
        if self.metric.name in ACCURACIES:
            guessing = 1 - 1 / classes
        else:
            guessing = math.log(classes) if self.is_entropy else math.inf
        return classes > 1 and self.train_end >= NEAR_CHANCE * guessing

    @property
    def oscillating(self) -> ErrorCurve | None:
        """The curve that jumps from epoch to epoch: of validation, else of training; or none."""
        if self.trend.swing > max(self.limits.jumps, 2 * self.sampling):
            return self.trend
        return self.train if self.train.swing > RUNNING * self.limits.jumps else None

    @property
    def is_oscillating(self) -> bool:
        """Whether a curve jumps from epoch to epoch."""
        return self.oscillating is not None

    @property
    def is_even(self) -> bool:
        """Whether the curve has got better evenly from the beginning on, and slows down nowhere."""
        fallen = self.began - self.trend.level
        return not self.is_cut and self.trend.gain >= EVEN * fallen > 0

    @property
    def is_improving(self) -> bool:
        """Whether the curve still gets better at the end."""
        noise = NOISE_FACTOR * self.trend.gain_noise
        # An accuracy of 1.00 has nothing left to gain.
        is_perfect = self.metric.is_share and self.trend.values[-1] < PERFECT
        # Without validation, all that still rises is a running mean, under augmentation, of a set
        # that is fitted already.
        is_done = self.metric.is_share and self.is_clean and self.is_fitted
        is_over = is_perfect or (is_done and self.trend is self.train)
        gains = self.trend.gain > max(self.limits.step, noise)
        return gains and not self.is_oscillating and not is_over

    @property
    def is_validation_better(self) -> bool:
        """Whether validation is better than training."""
        return -self.gap > max(self.limits.better, NOISE_FACTOR * self.gap_noise)

    @property
    def is_under_fitting(self) -> bool:
        """Whether training has ended without fitting its own data.

        Where validation is far worse, that is the larger trouble: then only what is low counts.
        """
        limit = self.limits.low if self.is_over_fitting else self.limits.unfitted
        return not self.is_improving and self.train_end > limit

    @property
    def is_saturated(self) -> bool:
        """Whether neither curve has improved after the first part of the epochs."""
        if self.is_improving or self.is_oscillating or self.is_over_fitting or self.is_near_chance:
            return False
        if self.train_end <= self.limits.step:  # nothing is left to improve
            return False
        train_since = self.train.since(max(self.limits.step, 2 * self.train.deviation))
        return max(self.since, train_since) <= EARLY * self.epochs


def curve_signs(
    histories: Sequence[pd.DataFrame],
    metric: ReadMetric,
    validation_samples: int | None = None,
    final: Mapping[str, float] | None = None,
    classes: int | None = None,
) -> CurveSigns:
    """Look at the curves of one model.

    Args:
        histories: One per seed, each as `read_history` returns it, of one epoch or more.
        metric: Which metric to look at.
        validation_samples: How many samples the model was validated on.
        final: Figures of the final model, as `diagnose` takes them.
        classes: How many classes there are.
    """
    mean = mean_history(histories)
    train, clean, val = (
        _curve(histories, mean, metric, column)
        for column in (metric.name, metric.clean, metric.val)
    )
    known = {
        column: metric.value(value)
        for column, value in (final or {}).items()
        if not math.isnan(value)
    }
    is_clean = len(clean) > 0 or metric.clean in known
    ends = clean if len(clean) else train
    train_end = known.get(metric.clean, ends.level)
    val_end = known.get(metric.val, val.level)
    sampling = standard_error(1 - val_end, validation_samples) if metric.is_share else 0.0
    return CurveSigns(
        metric=metric,
        train=train,
        clean=clean,
        val=val,
        turn=_turn(histories, mean, metric),
        epochs=_last_epoch(mean, train, val),
        train_end=train_end,
        val_end=val_end,
        gap_noise=math.hypot(
            sampling, max(math.hypot(val.noise, ends.noise), _seed_noise(ends, val))
        ),
        sampling=sampling,
        is_clean=is_clean,
        loss_end=_loss_end(histories, mean, metric),
        is_entropy=metric.is_share or "entropy" in metric.name,
        classes=classes,
        first=_first_epoch(mean),
    )


def _first_epoch(mean: pd.DataFrame) -> int:
    epochs = mean["epoch"].to_numpy()
    # Curves that are measured every fifth epoch begin with the fifth.
    is_cut = len(epochs) > 1 and epochs[0] > np.diff(epochs).max()
    return int(epochs[0]) if is_cut else 1


def _last_epoch(mean: pd.DataFrame, *curves: ErrorCurve) -> int:
    """The last epoch of the curves that are read: a mean ends where the first seed has stopped."""
    ends = [int(curve.epochs[-1]) for curve in curves if len(curve)]
    return max(ends, default=int(mean["epoch"].max()))


def _loss_end(histories: Sequence[pd.DataFrame], mean: pd.DataFrame, metric: ReadMetric) -> float:
    loss = ReadMetric(metric.loss, is_share=False, clean="", loss=metric.loss)
    return _curve(histories, mean, loss, loss.name).level


def _curve(
    histories: Sequence[pd.DataFrame], mean: pd.DataFrame, metric: ReadMetric, column: str
) -> ErrorCurve:
    epochs, values = measured(mean, column)
    seeds = [metric.errors(measured(one, column)[1]) for one in histories]
    return ErrorCurve(epochs, metric.errors(values), seeds)


def _seed_noise(train: ErrorCurve, val: ErrorCurve) -> float:
    """The standard error over seeds of the gap; 0 for fewer than two seeds."""
    gaps = [
        final_level(of_val) - final_level(of_train)
        for of_train, of_val in zip(train.seeds, val.seeds, strict=True)
        if len(of_train) and len(of_val)
    ]
    return float(np.std(gaps, ddof=1)) / math.sqrt(len(gaps)) if len(gaps) > 1 else 0.0


def _turn(histories: Sequence[pd.DataFrame], mean: pd.DataFrame, metric: ReadMetric) -> Turn | None:
    """Where validation loss turned upwards, if it did while training loss went on falling."""
    loss = ReadMetric(metric.loss, is_share=False, clean="", loss=metric.loss)
    train, val = (_curve(histories, mean, loss, column) for column in (loss.name, loss.val))
    turn = val.turn()
    if turn is None:
        return None
    size = abs(turn.lowest) if val.values.min() > 0 else float(np.ptp(val.values))
    if turn.rise <= max(TURNED * size, NOISE_FACTOR * turn.noise):
        return None
    then = train.values[train.epochs <= turn.epoch]
    return None if len(then) and train.level > then[-1] else turn
