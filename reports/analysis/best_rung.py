"""Which rung is best, and which cannot be."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from ...runs.run_folder import Run
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from .races import last_set

# A cross-entropy above so many times that of guessing is no trained network's.
WORST_CROSS_ENTROPY = 10.0

# The mean over seeds of one and the same share is off by its rounding; a single image is more.
_ROUNDING = 1e-6

# Classes within this ratio leave accuracy and balanced accuracy about the same.
UNBALANCED = 1.5


def best_rung(run_set: RunSet) -> Rung | None:
    """The rung of the best mean validation figure that may be best, the lowest of equals.

    `ranking` says over which seeds. Of a growth it is what was grown, by its last runs: races have
    picked it.
    """
    rungs = last_set(run_set).rungs[-1:] if run_set.kind == "grow" else run_set.rungs
    return ranking(rungs, run_set).best


@dataclass(frozen=True)
class Ranking:
    """Arms beside one another, as fairly as their runs allow."""

    figures: Sequence[tuple[float, Rung]]
    """The arms that are compared, in order, each with its mean; turned so that more is better."""
    waiting: Sequence[Rung]
    """Those that may be best once all of their seeds are done, and are left out until then."""
    seeds: Collection[int]
    """Over which seeds the means are: those that all have; empty where there is no such one, and
    each mean is over the arm's own."""

    @property
    def best(self) -> Rung | None:
        """The arm of the best mean, the first of equals; None where none may be best."""
        return max(self.figures, key=lambda pair: pair[0])[1] if self.figures else None


def ranking(rungs: Iterable[Rung], run_set: RunSet) -> Ranking:
    """Those of the rungs that may be best, by their mean validation figures over the same seeds.

    A lucky seed is worth more than most tricks, so that means over different seeds do not compare.
    Rungs of which not all seeds are done are left out while others are whole. Of the seeds those
    count that all have, as some have more than others where what is decided gains none.
    """
    known = [
        (rung, _known_by_seed(rung))
        for rung in rungs
        if estimate(rung.values("val")).count and not why_never_best(rung, run_set)
    ]
    whole = [pair for pair in known if _is_whole(pair[0])]
    compared = whole or known
    seeds = set.intersection(*(set(values) for _, values in compared)) if compared else set()
    figures = [
        (estimate([values[seed] for seed in sorted(seeds)] or rung.values("val")).mean, rung)
        for rung, values in compared
    ]
    waiting = [rung for rung, _ in known if whole and not _is_whole(rung)]
    return Ranking([(run_set.deciding.sign * one, rung) for one, rung in figures], waiting, seeds)


def _is_whole(rung: Rung) -> bool:
    return not (rung.unfinished or rung.not_started)


def _known_by_seed(rung: Rung) -> dict[int, float]:
    return {seed: value for seed, value in rung.by_seed("val").items() if not math.isnan(value)}


def best_seed_gain(rung: Rung, run_set: RunSet) -> float:
    """How much better the best seed is than the mean of the seeds; NaN for fewer than two."""
    sign = run_set.deciding.sign
    turned = [sign * value for value in rung.values("val") if not math.isnan(value)]
    return max(turned) - estimate(turned).mean if len(turned) > 1 else math.nan


def why_never_best(rung: Rung, run_set: RunSet) -> str:
    """Why a rung is not called the best whatever its figures; empty if it may be.

    It may not be where a run of it failed, as its mean is then one of survivors; where its
    cross-entropy is far above that of guessing; and where it tells no more images rightly than
    calling everything the largest class does, or, by balanced accuracy, everything one class. Nor
    where numbers that it tells are no nearer than their mean is, or, of a series' next row, than
    that of the row before.
    """
    if rung.failed:
        return f"{len(rung.failed)} of its {len(rung.runs)} runs failed"
    if any(map(_has_infinite_cross_entropy, rung.done)):
        return "its validation cross-entropy is not a finite number"
    cross_entropy = estimate(rung.values("val_cross_entropy")).mean
    classes = len(run_set.classes)
    if classes > 1 and cross_entropy > WORST_CROSS_ENTROPY * math.log(classes):
        return (
            f"its validation cross-entropy, {cross_entropy:.3g}, is far above that of guessing, "
            f"{math.log(classes):.2f}"
        )
    share, accuracy = majority_share(run_set), estimate(rung.values("val")).mean
    if run_set.deciding.is_accuracy and share and accuracy <= share + _ROUNDING:
        return f"calling every {run_set.example} the largest class is right as often ({share:.3f})"
    is_balanced = run_set.deciding.metric == "balanced_accuracy"
    if is_balanced and classes and accuracy <= 1 / classes + _ROUNDING:
        return (
            f"calling every {run_set.example} one class has as high a balanced accuracy "
            f"({1 / classes:.3f})"
        )
    return _why_no_better_than_guessed(rung, run_set)


def _why_no_better_than_guessed(rung: Rung, run_set: RunSet) -> str:
    """The reason for a rung that predicts numbers; empty if it is better, or nothing is known."""
    windows = (run_set.data.get("table") or {}).get("windows") or {}
    scaled, r2 = (estimate(rung.values(name)).mean for name in ("val_mase", "val_r2"))
    # Only a forecast one row ahead can be compared with repeating the row before.
    if windows.get("horizon") == 1 and not math.isnan(scaled):
        if scaled < 1:
            return ""
        return f"repeating the row before is as good (MASE {scaled:.3f})"
    if r2 <= 0:
        return f"predicting the mean for every {run_set.example} is as good (R2 {r2:.3f})"
    return ""


def _has_infinite_cross_entropy(run: Run) -> bool:
    """Whether the run measured its validation cross-entropy, and it was no finite number.

    JSON has no inf: what is null there was none.
    """
    if run.metrics.get("val_cross_entropy", 0.0) is not None:
        return False
    # LearningCurves once wrote null for what it had not measured, too; `metrics` never held that.
    measured = run.metrics.get("metrics", {})
    return run.fingerprint is not None or any(
        value is None
        and name.startswith("val_")
        and name.endswith(("cross_entropy", "crossentropy"))
        for name, value in measured.items()
    )


def majority_share(run_set: RunSet) -> float | None:
    """The share of the validation images that are of the largest class there; None if unknown."""
    counts = (run_set.data.get("class_counts") or {}).get("val")
    return max(counts) / sum(counts) if counts and sum(counts) else None


def is_unbalanced(run_set: RunSet) -> bool:
    """Whether the largest class has over one and a half times the images of the smallest."""
    counts = (run_set.data.get("class_counts") or {}).get("train") or [1]
    return bool(max(counts) > UNBALANCED * max(min(counts), 1))
