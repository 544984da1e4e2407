"""What the pages say of classes and single images: calibration, classes, pictures told wrongly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..analysis.best_rung import best_rung
from ..analysis.image_answers import ImageAnswers, image_answers
from ..analysis.wrong_pictures import WrongPicture, confidently_wrong, wrong_in_most
from ..figures.image_sheet import image_sheet
from ..figures.picture import paletted_png, png_bytes
from ..figures.pictures import Picture
from ..figures.reliability_figure import reliability_figure
from ..read.run_set import Rung, RunSet
from ..statistics.calibration import Calibration, calibration, pooled
from ..statistics.class_scores import class_scores
from ..statistics.intervals import estimate, paired_difference
from ..wording import accuracy_text, count_text, difference_text, spread_text
from .facts import Part, Table

RELIABILITY = "reliability.png"
CONFIDENT = "confidently-wrong.png"
WRONG = "wrong-in-most.png"
_WHICH = {CONFIDENT: "told wrongly with most confidence", WRONG: "that most runs tell wrongly"}
# Of more classes only those that are told worst have a row.
_MOST_CLASSES = 20


def image_parts(run_set: RunSet) -> list[Part]:
    """Work out the parts of a page on classes, and on images told wrongly.

    It is empty where no rung is best or its runs kept no answers of classes.

    Raises:
        ReportError: A file of predictions or of pictures is damaged.
    """
    best = best_rung(run_set)
    if best is None:
        return []
    answers = {rung.name: image_answers(rung.done) for rung in run_set.rungs}
    if not answers[best.name]:
        return []
    found = {
        name: [calibration(one.logits, one.labels) for one in held]
        for name, held in answers.items()
        if held
    }
    lowest = run_set.rungs[0]
    against = lowest if lowest is not best and answers[lowest.name] else None
    every = list({one.run.folder: one for held in answers.values() for one in held}.values())
    classes = [str(name) for name in run_set.data.get("classes") or ()]
    captions = _captions(
        best, run_set.example, len(answers[best.name]), len(every), against is not None
    )
    table = _class_table(best, against, answers, classes, f"{run_set.example}s")
    wrong = [
        _sheet(CONFIDENT, confidently_wrong(answers[best.name]), classes, captions["confident"]),
        _sheet(WRONG, wrong_in_most(every), classes, captions["wrong"]),
    ]
    shown = [sheet for sheet in wrong if sheet is not None]
    reliability = _draw_reliability(found, best, against, f"{run_set.example}s")
    return [
        Part(
            "Calibration",
            shown=[
                _calibration_table(found, answers, run_set),
                replace(reliability, note=captions["calibration"]),
            ],
        ),
        Part("Class by class", shown=[replace(table, note=captions["classes"])]),
        *([Part("Images told wrongly", shown=shown)] if shown else []),
    ]


def _calibration_table(
    found: Mapping[str, Sequence[Calibration]],
    answers: Mapping[str, Sequence[ImageAnswers]],
    run_set: RunSet,
) -> Table:
    arm = "rung" if run_set.kind == "ladder" else "arm"
    rows = []
    for name, parts in found.items():
        accuracy = [float((one.told == one.labels).mean()) for one in answers[name]]
        confidence = [
            float(np.nansum(one.confidence * one.counts) / one.counts.sum()) for one in parts
        ]
        errors = [one.error for one in parts]
        cells = [spread_text(estimate(each)) for each in (errors, confidence, accuracy)]
        rows.append([name, *cells])
    columns = [arm, "calibration error", "mean probability told", "accuracy"]
    return Table(f"Calibration on validation {run_set.example}s", columns, rows)


def _draw_reliability(
    found: Mapping[str, list[Calibration]], best: Rung, against: Rung | None, examples: str
) -> Picture:
    shown = [best] if against is None else [best, against]
    arms = {rung.name: pooled(found[rung.name]) for rung in shown}
    alt = f"How often the class told by {' and '.join(arms)} is right, by its probability"
    return Picture(RELIABILITY, alt, paletted_png(reliability_figure(arms, examples)))


def _class_table(
    best: Rung,
    against: Rung | None,
    answers: Mapping[str, Sequence[ImageAnswers]],
    classes: Sequence[str],
    examples: str,
) -> Table:
    upper = _by_seed(answers[best.name])
    lower = {} if against is None else _by_seed(answers[against.name])
    columns = ["class", examples, "precision", "recall", "F1"]
    title = f"Each class on validation {examples}: {best.name}"
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
    return Table(title, columns, rows)


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
    """The classes that have a row: all in their order, or of many those of the lowest recall."""
    if number <= _MOST_CLASSES:
        return list(range(number))
    mean = np.nan_to_num(np.mean(list(recalls.values()), axis=0), nan=1.0)
    return [int(place) for place in np.argsort(mean, kind="stable")[:_MOST_CLASSES]]


def _sheet(
    path: str, pictures: Sequence[WrongPicture], classes: Sequence[str], caption: str
) -> Picture | None:
    if not pictures:
        return None

    def name(number: int) -> str:
        return classes[number] if classes else str(number)

    titles = [f"is {name(one.label)}\ntold {name(one.told)}\n{one.share:.0%}" for one in pictures]
    sheet = image_sheet(np.stack([one.image for one in pictures]), titles)
    alt = f"Validation images {_WHICH[path]}, each with its label"
    return Picture(path, alt, png_bytes(sheet), note=caption)


def _captions(best: Rung, example: str, runs: int, every: int, is_compared: bool) -> dict[str, str]:
    differences = (
        " The differences are paired by seed, in brackets their 95 % t interval over seeds alone; "
        "none is corrected for the number of classes, so look here for where, not whether."
    )
    return {
        "calibration": (
            "The expected calibration error is the mean distance between the probability told and "
            "the share told rightly, over 15 bins of equal width (Guo et al. 2017). A mean "
            "probability above the accuracy says that the networks are surer than they should be."
        ),
        "classes": (
            f"Precision is the share of the {example}s told to be of the class that are, recall "
            f"the share of its {example}s told rightly, F1 their harmonic mean: means over "
            f"{count_text(runs, 'run')}. The last row is the plain mean of the classes (macro)."
            f"{differences if is_compared else ''}"
        ),
        "confident": (
            f"What {best.name} tells wrongly with most confidence: above each image its label, "
            "the class told and its mean probability over the runs. A wrong label shows here first."
        ),
        "wrong": (
            f"What more than half of all {every} runs tell wrongly, whatever the trick: above each "
            "image its label, the class that most of them tell and the share of runs that are "
            "wrong."
        ),
    }
