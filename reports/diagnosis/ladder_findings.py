"""What the rules of `diagnosis` say about the rungs of a ladder, and about its budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ...runs.history import accuracy_name
from ...runs.run_folder import Run
from ..analysis.best_rung import best_rung
from ..read.measures import train_is_running_mean
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate, standard_error
from ..wording import join_words
from .curve_signs import FITTED
from .diagnose import diagnose
from .finding import Finding

if TYPE_CHECKING:
    import pandas as pd

# Which error is read for a regression, by the metric that decides: errors without penalties, which
# a loss includes in validation but not in its clean training figures. The limits of diagnosis are
# made for losses, and squares are like losses while roots are not.
_ERRORS = {"rmse": "mse", "mae": "mae"}

FALL = 0.01
"""A rung falls if its validation accuracy is this far below the best, and by more than one standard
error of an accuracy on the validation set."""


def read_rungs(run_set: RunSet) -> dict[str, list[Finding]]:
    """The findings for each rung, by the rung's name; the most important first."""
    return {rung.name: _read_rung(rung, run_set) for rung in run_set.rungs}


def short_budget(run_set: RunSet, findings: Mapping[str, Sequence[Finding]]) -> str:
    """A paragraph that says that the ladder falls because its budget is too short; else empty.

    The budget is too short if rungs above the best one score lower while their own training images
    are not fitted, or their validation accuracy still rises: each regulariser needs more steps to
    pay off. A rung whose backbone is frozen to the end does not count: what it cannot fit, more
    steps would not fit either.

    Args:
        run_set: A ladder and its runs.
        findings: What `read_rungs` says of it.
    """
    starved = [rung for rung in _fallen(run_set) if _is_starved(rung, findings[rung.name])]
    if not starved:
        return ""
    names = join_words([rung.name for rung in starved])
    train = [estimate(rung.values("train")).mean for rung in starved]
    low, high = min(train), max(train)
    only = f"{low:.2f}" if f"{low:.2f}" == f"{high:.2f}" else f"{low:.2f} to {high:.2f}"
    rising = [rung.name for rung in starved if findings[rung.name][0].kind == "improving"]
    where = "there" if len(rising) == len(starved) else f"in {join_words(rising)}"
    still = f", and validation still rises {where}" if rising else ""
    one = len(starved) == 1
    return (
        f"The budget of {_budget(run_set)} is too short for {'rung' if one else 'rungs'} {names}: "
        f"{'its' if one else 'their'} training accuracy is only {only}{still}. Each regulariser "
        "needs more steps to pay off, so a fall of the ladder there says little against the "
        "tricks; raise --epochs."
    )


def _read_rung(rung: Rung, run_set: RunSet) -> list[Finding]:
    if not rung.done:
        if rung.failed:
            reasons = "Every run that ended has failed; the reasons are listed here."
            return [Finding("failed", reasons)]
        return [Finding("unread", "No run has finished.")]
    histories, final = [run.history for run in rung.done], _final(rung, run_set)
    measured = run_set.first_validation or run_set.validation_images
    classes = len(run_set.data.get("classes") or ()) or None
    metric = _ERRORS.get(run_set.deciding.metric)
    if metric == "mse":
        histories = [_with_squares(history) for history in histories]
        final |= {name.replace("rmse", "mse"): value**2 for name, value in final.items()}
    return diagnose(histories, metric, measured, final, classes)


def _final(rung: Rung, run_set: RunSet) -> dict[str, float]:
    """The deciding figures of the final models, by the columns that diagnosis reads.

    Validation is left out if the curves cover only its first examples: then the course of a curve
    and its end are of the same examples.
    """
    deciding = run_set.deciding
    histories = [run.history for run in rung.done]
    metric = accuracy_name(*histories) if deciding.is_accuracy else deciding.metric
    final = {f"val_{metric}": estimate(rung.values("val")).mean}
    if run_set.first_validation is not None:
        final = {}
        if any("restored_epoch" in run.metrics for run in rung.done):
            return final  # Training is then of another epoch than the curves' last.
    if not any(train_is_running_mean(run) for run in rung.done):
        final[f"train_clean_{deciding.metric}"] = estimate(rung.values("train")).mean
    return final


def _with_squares(history: pd.DataFrame) -> pd.DataFrame:
    errors = {name: history[name] ** 2 for name in history if str(name).endswith("rmse")}
    return history.assign(**{str(name).replace("rmse", "mse"): one for name, one in errors.items()})


def _is_starved(rung: Rung, findings: Sequence[Finding]) -> bool:
    if any(_ends_frozen(run) for run in rung.done):
        return False
    kinds = [finding.kind for finding in findings]
    if kinds[0] == "oscillating":
        return estimate(rung.values("train")).mean < FITTED
    # If nothing has improved for most of the training, more steps will not help.
    return kinds[0] == "improving" or ("under-fitting" in kinds and "saturated" not in kinds)


def _ends_frozen(run: Run) -> bool:
    """Whether the weights that a run took over were trained in none of its last epochs."""
    phases = run.metrics.get("phases") or [{}]
    return phases[-1].get("name") == "frozen"


def _fallen(run_set: RunSet) -> list[Rung]:
    best = best_rung(run_set)
    if best is None or not run_set.deciding.is_accuracy:
        return []
    top = estimate(best.values("val")).mean
    fall = max(FALL, standard_error(top, run_set.validation_images))
    return [
        rung
        for rung in run_set.rungs
        if rung.index > best.index and top - estimate(rung.values("val")).mean > fall
    ]


def _budget(run_set: RunSet) -> str:
    epochs = [int(value) for rung in run_set.rungs for value in rung.values("epochs")]
    longest = max(epochs)
    batch = next(
        (
            (run.details.get("blueprint") or {}).get("batch_size")
            for run in run_set.runs
            if run.status == "done"
        ),
        None,
    )
    images = run_set.data.get("train")
    if not batch or not images:
        return f"{longest} epochs"
    return f"{longest} epochs ({longest * max(images // batch, 1):,} steps)"
