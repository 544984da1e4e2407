"""Which rung is best, and which cannot be."""

from __future__ import annotations

import math

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

    Of a growth it is what was grown, by its last runs: races have picked it.
    """
    rungs = last_set(run_set).rungs[-1:] if run_set.kind == "grow" else run_set.rungs
    known = [
        (run_set.deciding.sign * estimate(rung.values("val")).mean, rung)
        for rung in rungs
        if estimate(rung.values("val")).count and not why_never_best(rung, run_set)
    ]
    return max(known, key=lambda pair: pair[0])[1] if known else None


def why_never_best(rung: Rung, run_set: RunSet) -> str:
    """Why a rung is not called the best whatever its figures; empty if it may be.

    It may not be where a run of it failed, as its mean is then one of survivors; where its
    cross-entropy is far above that of guessing; and where it tells no more images rightly than
    calling everything the largest class does, or, by balanced accuracy, everything one class.
    """
    if rung.failed:
        return f"{len(rung.failed)} of its {len(rung.runs)} runs failed"
    # JSON has no inf: what is none there was no finite number.
    if any(run.metrics.get("val_cross_entropy", 0.0) is None for run in rung.done):
        return "its validation cross-entropy is no finite number"
    cross_entropy = estimate(rung.values("val_cross_entropy")).mean
    classes = len(run_set.data.get("classes") or ())
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
    return ""


def majority_share(run_set: RunSet) -> float | None:
    """The share of the validation images that are of the largest class there; None if unknown."""
    counts = (run_set.data.get("class_counts") or {}).get("val")
    return max(counts) / sum(counts) if counts and sum(counts) else None


def is_unbalanced(run_set: RunSet) -> bool:
    """Whether the largest class has over one and a half times the images of the smallest."""
    counts = (run_set.data.get("class_counts") or {}).get("train") or [1]
    return bool(max(counts) > UNBALANCED * max(min(counts), 1))
