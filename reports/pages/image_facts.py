"""What the pages say about probabilities and single images: calibration, wrong predictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..analysis.best_rung import best_rung
from ..analysis.image_answers import ImageAnswers, image_answers, on_same_images
from ..analysis.wrong_pictures import WrongPictures, confidently_wrong, wrong_in_most
from ..figures.image_sheet import image_sheet
from ..figures.picture import paletted_png, png_bytes
from ..figures.pictures import Picture
from ..figures.reliability_figure import reliability_figure
from ..read.run_set import Rung, RunSet
from ..statistics.calibration import Calibration, calibration
from ..statistics.intervals import estimate
from ..wording import count_text, spread_text
from .class_facts import class_part, first_beside
from .facts import Part, Table

RELIABILITY = "reliability.png"
CONFIDENT = "confidently-wrong.png"
WRONG = "wrong-in-most.png"
_WHICH = {
    CONFIDENT: "predicted wrongly with most confidence",
    WRONG: "that most runs predict wrongly",
}


def image_parts(run_set: RunSet) -> list[Part]:
    """Work out the parts of a page on classes, and on images predicted wrongly.

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
    against = first_beside(run_set, best, answers)
    every = list({one.run.folder: one for held in answers.values() for one in held}.values())
    captions = _captions(best, answers[best.name], every)
    wrong = [
        _sheet(CONFIDENT, confidently_wrong(answers[best.name]), run_set, captions["confident"]),
        _sheet(WRONG, wrong_in_most(every), run_set, captions["wrong"]),
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
        class_part(run_set, best, answers),
        *([Part("Images predicted wrongly", shown=shown)] if shown else []),
    ]


def _calibration_table(
    found: Mapping[str, Sequence[Calibration]],
    answers: Mapping[str, Sequence[ImageAnswers]],
    run_set: RunSet,
) -> Table:
    rows = []
    for name, parts in found.items():
        accuracy = [float((one.told == one.labels).mean()) for one in answers[name]]
        confidence = [
            float(np.nansum(one.confidence * one.counts) / one.counts.sum()) for one in parts
        ]
        errors = [one.error for one in parts]
        cells = [spread_text(estimate(each)) for each in (errors, confidence, accuracy)]
        rows.append([name, *cells])
    columns = [run_set.arm_word, "calibration error", "mean predicted probability", "accuracy"]
    return Table(f"Calibration on validation {run_set.example}s", columns, rows)


def _draw_reliability(
    found: Mapping[str, Sequence[Calibration]], best: Rung, against: Rung | None, examples: str
) -> Picture:
    shown = [best] if against is None else [best, against]
    arms = {rung.name: found[rung.name] for rung in shown}
    alt = f"How often the class predicted by {' and '.join(arms)} is right, by its probability"
    return Picture(RELIABILITY, alt, paletted_png(reliability_figure(arms, examples)))


def _sheet(path: str, wrong: WrongPictures, run_set: RunSet, caption: str) -> Picture | None:
    shown, names = wrong.shown, dict(enumerate(run_set.classes))
    if not shown:
        return None
    titles = [
        f"is {names.get(one.label, one.label)}\npred. {names.get(one.told, one.told)}\n"
        f"{one.share:.0%}"
        for one in shown
    ]
    sheet = image_sheet(np.stack([one.image for one in shown]), titles)
    alt = f"Validation images {_WHICH[path]}, each with its label"
    return Picture(path, alt, png_bytes(sheet), note=f"{caption} {_left_out_text(wrong)}")


def _left_out_text(wrong: WrongPictures) -> str:
    """How many such images there are, and why others are not shown."""
    text = f"Shown are {len(wrong.shown)} of {wrong.number:,} such images."
    if not wrong.without:
        return text
    return (
        f"{text} {wrong.without:,} of them have no picture: a run keeps only a few, those that it "
        "got wrong with most confidence."
    )


def _captions(
    best: Rung, own: Sequence[ImageAnswers], every: Sequence[ImageAnswers]
) -> dict[str, str]:
    own_runs, every_run = _runs_text(own, "the runs"), _runs_text(every, f"all {len(every)} runs")
    together = (
        " The curves are of all runs of a name together, the errors means over single runs."
        if len(own) > 1
        else ""
    )
    return {
        "calibration": (
            "The expected calibration error is the mean distance between the predicted probability "
            "and the share of correct predictions, over 15 bins of equal width (Guo et al. 2017). "
            "A mean probability above the accuracy means that the networks are overconfident."
            f"{together}"
        ),
        "confident": (
            f"What {best.name} predicts wrongly with most confidence: above each image its label, "
            f"the predicted class and its mean probability over {own_runs}. Wrong labels show here "
            "first."
        ),
        "wrong": (
            f"What more than half of {every_run} predict wrongly, whatever the trick: above each "
            "image its label, the class that most of them predict and the share of runs that are "
            "wrong."
        ),
    }


def _runs_text(answers: Sequence[ImageAnswers], all_of_them: str) -> str:
    """Which runs a sheet of pictures shows: if each has its own split, runs differ in images."""
    same = len(on_same_images(answers))
    if same == len(answers):
        return all_of_them
    return f"the {count_text(same, 'run')} of {len(answers)} that answered for these images"
