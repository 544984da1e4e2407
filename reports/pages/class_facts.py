"""What the pages say of single classes: precision, recall and F1 of the best arm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..analysis.best_rung import best_rung
from ..analysis.image_answers import ImageAnswers, image_answers
from ..read.run_set import Rung, RunSet
from ..statistics.class_scores import class_scores
from ..statistics.intervals import estimate, paired_difference
from ..wording import accuracy_text, count_text, difference_text
from .facts import Part, Table

# With more classes, only those that are predicted worst have a row.
_MOST_CLASSES = 20


def class_parts(run_set: RunSet) -> list[Part]:
    """Work out the part of a page on single classes.

    It is empty where no arm is best or its runs kept no answers of classes.

    Raises:
        ReportError: A file of predictions is damaged.
    """
    best = best_rung(run_set)
    if best is None:
        return []
    answers = {rung.name: image_answers(rung.done) for rung in (best, run_set.rungs[0])}
    return [class_part(run_set, best, answers)] if answers[best.name] else []


def class_part(run_set: RunSet, best: Rung, answers: Mapping[str, Sequence[ImageAnswers]]) -> Part:
    """Work out the part from answers that have been read.

    Args:
        run_set: The study.
        best: Its best arm.
        answers: The answers by arm, at least for the best and the first arm.
    """
    against = first_beside(run_set, best, answers)
    return Part("Class by class", shown=[_class_table(run_set, best, against, answers)])


def first_beside(
    run_set: RunSet, best: Rung, answers: Mapping[str, Sequence[ImageAnswers]]
) -> Rung | None:
    """The first arm, to show the best beside; None if it is the best or kept no answers.

    None for a sweep, too: its first arm is the first value of a setting, maybe of another rung.
    """
    first = run_set.rungs[0]
    if run_set.kind == "sweep":
        return None
    return first if first is not best and answers[first.name] else None


def _class_table(
    run_set: RunSet,
    best: Rung,
    against: Rung | None,
    answers: Mapping[str, Sequence[ImageAnswers]],
) -> Table:
    classes, example = run_set.classes, run_set.example
    upper = _by_seed(answers[best.name])
    lower = {} if against is None else _by_seed(answers[against.name])
    columns = ["class", f"{example}s", "precision", "recall", "F1"]
    title = f"Each class on validation {example}s: {best.name}"
    if against is not None:
        columns += ["precision gained", "recall gained"]
        title += f", and what it gained on {against.name}"
    one = answers[best.name][0]
    counts = np.bincount(one.labels, minlength=one.logits.shape[1])
    is_named = len(classes) == len(counts)
    names = [*(classes if is_named else map(str, range(len(counts)))), "mean of the classes"]
    numbers, rows = [*counts, counts.sum()], []
    recalls = {seed: scores[1, :-1] for seed, scores in upper.items()}
    for place in [*_worst_classes(recalls, len(counts)), len(counts)]:
        row = [names[place], f"{numbers[place]:,}"]
        row += [
            accuracy_text(estimate(scores[kind, place] for scores in upper.values()).mean)
            for kind in (0, 1, 2)
        ]
        if against is not None:
            row += [_gain(upper, lower, kind, place) for kind in (0, 1)]
        rows.append(row)
    note = _note(example, len(upper), len(upper.keys() & lower.keys()))
    return Table(title, columns, rows, note=note)


def _by_seed(answers: Sequence[ImageAnswers]) -> dict[int, np.ndarray]:
    """Precision, recall and F1 of each class and, last, their means, by the seed of the run."""
    found = {}
    for place, one in enumerate(answers):
        scores = class_scores(one.told, one.labels, one.logits.shape[1])
        seed = one.run.seed if one.run.seed is not None else -1 - place
        of_each = np.stack([scores.precision, scores.recall, scores.f1])
        found[seed] = np.column_stack([of_each, scores.macro()])
    return found


def _gain(
    upper: Mapping[int, np.ndarray],
    lower: Mapping[int, np.ndarray],
    kind: int,
    place: int,
) -> str:
    return difference_text(
        paired_difference(
            {seed: float(scores[kind, place]) for seed, scores in upper.items()},
            {seed: float(scores[kind, place]) for seed, scores in lower.items()},
        )
    )


def _worst_classes(recalls: Mapping[int, np.ndarray], number: int) -> list[int]:
    """The classes that have a row: all in order, or if there are many, those of lowest recall."""
    if number <= _MOST_CLASSES:
        return list(range(number))
    mean = np.nan_to_num(np.mean(list(recalls.values()), axis=0), nan=1.0)
    return [int(place) for place in np.argsort(mean, kind="stable")[:_MOST_CLASSES]]


def _note(example: str, runs: int, pairs: int) -> str:
    """How to read it, where so many runs of the best arm pair with one of the same seed."""
    means = f": means over {count_text(runs, 'run')}" if runs > 1 else ""
    interval = ", in brackets their 95 % t interval over seeds alone" if pairs > 1 else ""
    differences = (
        f" The differences are paired by seed{interval}; they are not corrected for the number of "
        "classes: they show where something was gained, not whether."
    )
    return (
        f"Precision is the share of the {example}s predicted as the class that belong to it, "
        f"recall the share of its {example}s predicted correctly, F1 their harmonic mean{means}. "
        "The last row is the plain mean of the classes that occur (macro); for recall that is the "
        f"balanced accuracy.{differences if pairs else ''}"
    )
