"""What the pages of a ladder say: a comparison in which each arm builds on the one below."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ..analysis.best_rung import best_rung, is_unbalanced
from ..analysis.epochs_to_reach import end_levels, epochs_to_reach
from ..analysis.judgements import Judgement, judgements
from ..diagnosis.ladder_findings import read_rungs, short_budget
from ..figures.pictures import (
    FOREST,
    best_confusion,
    draw_changed_images,
    draw_confusion,
    draw_forest,
    draw_ladder,
    draw_overlay,
    draw_rung_curves,
    draw_samples,
)
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate, standard_error
from ..statistics.resampled import SPLITS
from ..wording import (
    accuracy_text,
    count_text,
    difference_text,
    figure_text,
    metric_text,
    range_text,
    score_text,
)
from . import provenance
from .arm_parts import arm_by_arm, costs_of, deviation_notes, figures_of, known_columns
from .chosen_epochs import chosen_epoch_part
from .ensemble_facts import ensemble_parts
from .facts import Decided, Facts, Part, Table
from .headline import headline, stack_text
from .image_facts import image_parts
from .refit_page import refit_parts
from .residual_facts import residual_parts
from .step_rows import NOT_COMPARED, certainty, step_columns, step_rows, verdict_counts
from .tables import ladder_frame, rung_deltas
from .transfer_facts import transfer_part
from .view_facts import view_part
from .warm_start_facts import warm_start_part

_REACHED = "reached in"
_OF_NUMBERS = ("val_rmse", "val_mae", "val_r2", "val_mase")
_VERDICTS = (
    "Each interval misses the truth one time in twenty, so among many rungs one that only just "
    "clears zero proves nothing. A verdict is stricter: Holm's procedure keeps the chance that "
    "any step is said to help or hurt and does not at 5 %, and likewise, in a family of its own, "
    "the chance that any difference is said to be no larger than the margin and is (two one-sided "
    "tests)."
)


def gather_ladder(run_set: RunSet) -> Facts:
    """Work out all that the pages of a ladder say, pictures included."""
    findings = read_rungs(run_set)
    judged = judgements(run_set)
    best = best_rung(run_set)
    opening, *in_words = headline(run_set, judged)
    return Facts(
        title=_title(run_set),
        frame=ladder_frame(run_set),
        headline=[text for text in (opening, stack_text(run_set)) if text],
        in_words=in_words,
        best=_best(best, run_set) if best else None,
        alarm=short_budget(run_set, findings),
        decided=_decided(run_set, list(judged.values())),
        parts=[
            *provenance.missing_part(run_set),
            Part("Every rung", shown=[_rungs(run_set), draw_ladder(run_set)], is_open=True),
            *refit_parts(run_set),
            *transfer_part(run_set),
            *warm_start_part(run_set),
            *chosen_epoch_part(run_set),
            *view_part(run_set),
            Part("Learning curves", shown=[draw_overlay(run_set)], is_open=True),
            arm_by_arm("Rung by rung", run_set, findings, draw_rung_curves(run_set), best),
            *ensemble_parts(run_set),
            *image_parts(run_set),
            *_confusion(run_set),
            *residual_parts(run_set),
            *_samples(run_set),
        ],
        notes=_notes(run_set),
        made=provenance.made(run_set),
        warnings=provenance.warnings(run_set),
    )


def _title(run_set: RunSet) -> str:
    data = run_set.data.get("name")
    ladder = run_set.ladder.get("ladder") or "ladder"
    return f"The ladder {ladder}" + (f" on {data}" if data and data != ladder else "")


def _best(best: Rung, run_set: RunSet) -> tuple[str, str]:
    val, test = estimate(best.values("val")), estimate(best.values("test"))
    tested = f", test {figure_text(test)}" if test.count else ""
    name = metric_text(run_set.deciding.metric)
    return best.name, f"{name} {figure_text(val)} ({count_text(val.count, 'seed')}){tested}."


def _decided(run_set: RunSet, judged: Sequence[Judgement]) -> list[Decided]:
    """What each step is worth; empty where there is none."""
    steps = step_rows(run_set, judged)
    if not steps:
        return []
    rows, kinds = [step.cells for step in steps], [step.kind for step in steps]
    pictures = []
    if any(kind != NOT_COMPARED for kind in kinds):
        what = f"each step is worth against {run_set.compared_with}"
        pictures = [draw_forest(run_set, [step.forest for step in steps], FOREST, what)]
    return [
        Decided(
            table=Table("", step_columns(run_set, steps), rows, kinds=kinds),
            pictures=pictures,
            verdicts=verdict_counts(steps, run_set),
            certainty=certainty(run_set, judged),
        )
    ]


def _rungs(run_set: RunSet) -> Table:
    """The table of rungs. What decides comes first, so that a phone shows it without scrolling.

    If an error decides, the other validation errors and R squared stand beside it. The balanced
    accuracy is shown, unless it decides, if the classes are of unequal size, as otherwise it equals
    the accuracy.
    """
    rungs, best, deltas = run_set.rungs, best_rung(run_set), rung_deltas(run_set)
    costs = costs_of(rungs)
    del costs["best epoch"]
    levels = end_levels(run_set)
    columns = {
        "rung": [rung.name for rung in rungs],
        "validation": figures_of(rungs, "val"),
        "balanced": figures_of(rungs, "val_balanced_accuracy"),
        **{
            metric_text(name.removeprefix("val_")): figures_of(rungs, name)
            for name in _OF_NUMBERS
            if name != f"val_{run_set.deciding.metric}"
        },
        f"against {run_set.compared_with}": [
            difference_text(deltas.get(rung.name)) for rung in rungs
        ],
        "train": figures_of(rungs, "train"),
        "gap": [_gap(rung, run_set) for rung in rungs],
        "test": figures_of(rungs, "test"),
        "reported": [
            accuracy_text(math.nan if rung.reported is None else rung.reported) for rung in rungs
        ],
        **costs,
        _REACHED: [
            _reached_text(epochs_to_reach(rung, levels, run_set.deciding)) for rung in rungs
        ],
    }
    if not is_unbalanced(run_set) or run_set.deciding.metric == "balanced_accuracy":
        del columns["balanced"]
    of_numbers = {metric_text(name.removeprefix("val_")) for name in _OF_NUMBERS}
    sometimes = {"balanced", "test", "reported", _REACHED, *of_numbers}
    kept = columns.keys() - sometimes
    return known_columns(columns, best=best.name if best else "", kept=kept)


def _reached_text(epochs: list[float]) -> str:
    """`5 to 9`; `5 (1 of 2)` where not all runs are ever there, or `never`."""
    reached = [epoch for epoch in epochs if math.isfinite(epoch)]
    if epochs and not reached:
        return "never"
    some = f" ({len(reached)} of {len(epochs)})" if len(reached) < len(epochs) else ""
    return f"{range_text(reached)}{some}"


def _gap(rung: Rung, run_set: RunSet) -> str:
    train, val = (estimate(rung.values(split)).mean for split in ("train", "val"))
    return score_text(run_set.deciding.sign * (train - val))


def _confusion(run_set: RunSet) -> list[Part]:
    confusion = best_confusion(run_set)
    if confusion is None:
        return []
    worst = confusion.worst()
    counted = "each on its test set" if confusion.runs > 1 else "on the test set"
    said = f"Most often, counted over {confusion.of_what}, {counted}: {'; '.join(worst)}."
    texts = [said] if worst else []
    return [Part("Which classes are confused", texts, shown=[draw_confusion(confusion)])]


def _samples(run_set: RunSet) -> list[Part]:
    pictures = [draw_samples(run_set), draw_changed_images(run_set)]
    shown = [picture for picture in pictures if picture]
    return [Part("Training images as the network sees them", shown=shown)] if shown else []


def _notes(run_set: RunSet) -> list[str]:
    metric, is_turned = metric_text(run_set.deciding.metric), run_set.deciding.direction == "min"
    has_intervals = any(delta.low < delta.high for delta in rung_deltas(run_set).values())
    turned = ", turned so that above zero is better" if is_turned else ""
    tested = (
        "The test set is read once per run and only shown; nothing is chosen by it. The validation "
        f"{metric} of the best of many rungs is flattered, its test {metric} is not."
        if run_set.is_tested
        else f"The test set was left unread (--no-test), and the validation {metric} of the best "
        "of many rungs is flattered: the same command without --no-test trains the runs again and "
        "measures them on it."
    )
    return [
        f"Train is the {metric} on the training examples as they are, without dropout, "
        "augmentation or penalty, measured on the final model. The curves' running mean is lower "
        "under dropout and augmentation.",
        f"Gap is {'validation less train' if is_turned else 'train less validation'}. While it is "
        "wide, regularise; once it is narrow, add capacity and expect validation to follow.",
        f"Against {run_set.compared_with} is the mean difference in validation {metric} over the "
        f"seeds done in both rungs{turned}. {_interval(run_set, has_intervals)}".rstrip(),
        *([_VERDICTS] if has_intervals else []),
        "Reached in: how many epochs a run takes until the validation "
        f"{metric} of its curve is where that of the first rung ends with the same seed (its last "
        "eighth). A noisy curve touches it before it stays there, that of the first rung too.",
        *deviation_notes(run_set.rungs),
        f"Validation decides. {tested}",
    ]


def _interval(run_set: RunSet, has_intervals: bool) -> str:
    """What the interval in the table of rungs covers; a single seed has none."""
    if run_set.ladder.get("splits"):
        resampled = (
            "In brackets stands its 95 % interval by the corrected resampled t of Nadeau and "
            f"Bengio (2003): what another choice of {SPLITS} would change."
        )
        return resampled if has_intervals else ""
    of_seeds = "In brackets stands its 95 % t interval: what another choice of seeds would change. "
    return f"{of_seeds if has_intervals else ''}{_validation_error(run_set)}".rstrip()


def _validation_error(run_set: RunSet) -> str:
    """How far the choice of validation images alone may move accuracies of the ladder's size."""
    best, images = best_rung(run_set), run_set.validation_images
    if best is None or not images or not run_set.deciding.is_accuracy:
        return ""
    if run_set.reach is not None:  # the formula takes examples to be independent
        return ""
    example, of_best = run_set.example, estimate(best.values("val")).mean
    means = [estimate(rung.values("val")).mean for rung in run_set.rungs]
    lowest = min(mean for mean in means if not math.isnan(mean))
    sizes = [
        f"of {accuracy:.3f} is {standard_error(accuracy, images):.3f}"
        for accuracy in dict.fromkeys((of_best, lowest))
    ]
    return (
        f"The choice of the {count_text(images, f'validation {example}')} counts too: one "
        f"standard error of an accuracy {', and of one '.join(sizes)}. All rungs share the "
        f"{example}s, so part of this error cancels in their differences, and part does not."
    )
