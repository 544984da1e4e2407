"""What the pages say about a refit: on its own page, and in its ladder's report."""

from __future__ import annotations

import math
from typing import Any

from ..analysis.best_rung import best_rung
from ..analysis.effects import SHARES
from ..analysis.refits import Refit, refits_of
from ..read.run_set import RunSet
from ..statistics.intervals import Estimate, estimate, standard_error
from ..wording import count_text, duration_text, figure_text, metric_text
from .arm_parts import deviation_notes, known_columns
from .facts import Part, Table
from .shown_study import ShownStudy
from .tables import study_frame


def show_refit(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of a refit's page.

    Its table has a row per run that is done: `rung`, `seed`; `train`, the number of examples
    trained on; the final test and training figures of the deciding metric, the test figure also
    `_with_views`; `seconds`, the wall time of the run.
    """
    refit = Refit(run_set)
    title = f"{refit.rung}, trained on all but the test {run_set.example}s"
    if not refit.arm.done:
        nothing = "No run is done, so there is nothing to report."
        return ShownStudy(title, [nothing], study_frame([]), Table("", ["run"], []), [], _NOTES)
    texts = [_what(refit, refit.is_top), _figures(refit)]
    frame = study_frame(_rows(refit))
    notes = [*_NOTES, *deviation_notes([refit.arm]), *_chance(refit)]
    return ShownStudy(title, texts, frame, _table(refit), [], notes)


def refit_parts(ladder: RunSet) -> list[Part]:
    """The part of a ladder's page on its refits; empty if there are none.

    Raises:
        ReportError: A file of theirs cannot be read.
    """
    refits = refits_of(ladder)
    if not refits:
        return []
    parts = [
        Part(
            one.rung,
            # The ladder may have grown since.
            [_what(one, one.rung == ladder.rungs[-1].name), _figures(one), *_beside(one, ladder)],
            shown=[_table(one)],
            notes=_chance(one),
            is_open=True,
        )
        for one in refits
    ]
    texts = [_why(ladder), *([_SEVERAL] if len(refits) > 1 else [])]
    return [Part("Trained on all but the test set", texts, parts=parts, is_open=True)]


_SEVERAL = (
    "More than one rung was refitted, so their test figures could be compared. They should not "
    "be: the best of several by test is flattered."
)
_NOTES = [
    "A refit is the last training: once validation has judged, its examples are trained on too, "
    "with the same blueprint and budget. Nothing is left to validate with, so nothing is chosen "
    "here; the test figures say how good the network is.",
    "With views is the same network, shown each test image mirrored and moved, too, with its "
    "predictions averaged.",
]


def _what(refit: Refit, is_top: bool) -> str:
    place = "the top rung of its ladder" if is_top else "the rung that the command named"
    number, example = refit.examples, refit.run_set.example
    many = f"all {number:,}" if number else "all"
    return (
        f"{refit.rung}, {place}, was trained anew on {many} training and validation {example}s, "
        f"with the same blueprint and budget and {count_text(len(refit.arm.runs), 'seed')}."
    )


def _figures(refit: Refit) -> str:
    metric, test = metric_text(refit.run_set.deciding.metric), refit.test
    spread = _spread(refit, test)
    views = estimate(refit.with_views)
    shown = f"; with several views of each image {_text(refit, views)}" if views.count else ""
    seconds = duration_text(estimate(refit.arm.values("seconds")).mean)
    failed = f" {count_text(len(refit.arm.failed), 'run')} failed." if refit.arm.failed else ""
    return (
        f"Its test {metric} is {_text(refit, test)}{spread}{shown}. A run took {seconds}.{failed}"
    )


def _spread(refit: Refit, test: Estimate) -> str:
    if test.count < 2:
        return " (one run)"
    low, high = (_number(refit, value) for value in (test.low, test.high))
    return (
        f" (mean and standard deviation of {test.count} seeds; 95 % interval of the mean "
        f"{low} to {high})"
    )


def _beside(refit: Refit, ladder: RunSet) -> list[str]:
    """What the same rung reached on test without the validation examples."""
    test = estimate(ladder.by_name[refit.rung].values("test"))
    number = ladder.data.get("train")
    if not test.count:
        return []
    many = f"{number:,} " if isinstance(number, int) else ""
    metric = metric_text(ladder.deciding.metric)
    return [
        f"Trained on the {many}training {ladder.example}s alone it had a test {metric} of "
        f"{_text(refit, test)} ({count_text(test.count, 'seed')})."
    ]


def _why(ladder: RunSet) -> str:
    number, best = ladder.validation_images, best_rung(ladder)
    examples = f"{number:,} validation {ladder.example}s" if number else "validation"
    chosen = f", by which {best.name} is the best" if best else ""
    return (
        f"The ladder is judged on {examples}{chosen}. A network that was trained on these too has "
        "no validation: its figures are only shown here, and no verdict rests on them."
    )


def _chance(refit: Refit) -> list[str]:
    """How far another choice of test examples would move an accuracy."""
    run_set, mean = refit.run_set, refit.test.mean
    number = run_set.data.get("test")
    if not run_set.deciding.is_accuracy or not number or math.isnan(mean):
        return []
    return [
        f"Another choice of {number:,} test {run_set.example}s would move an accuracy of "
        f"{mean:.4f} by about {standard_error(mean, number):.4f} (one standard error), all seeds "
        "alike."
    ]


def _table(refit: Refit) -> Table:
    arm, metric = refit.arm, metric_text(refit.run_set.deciding.metric)
    figures: dict[str, list[float]] = {
        f"test {metric}": arm.values("test"),
        "with views": refit.with_views,
        f"train {metric}": arm.values("train"),
    }
    seconds = arm.values("seconds")
    columns = {
        "run": [f"seed {run.seed}" for run in arm.done],
        **{name: [_number(refit, one) for one in values] for name, values in figures.items()},
        "time of a run": [duration_text(value) for value in seconds],
    }
    if len(arm.done) > 1:
        columns["run"].append("mean")
        for name, values in figures.items():
            columns[name].append(_text(refit, estimate(values)))
        columns["time of a run"].append(duration_text(estimate(seconds).mean))
    return known_columns(columns, best="mean")


def _rows(refit: Refit) -> list[dict[str, Any]]:
    metric = refit.run_set.deciding.metric
    return [
        {
            "rung": refit.rung,
            "seed": run.seed,
            "train": refit.examples,
            f"test_{metric}": figures["test"],
            f"test_{metric}_with_views": views,
            f"train_{metric}": figures["train"],
            "seconds": figures["seconds"],
        }
        for run, figures, views in zip(
            refit.arm.done, refit.arm.figures, refit.with_views, strict=True
        )
    ]


def _text(refit: Refit, value: Estimate) -> str:
    """A figure; of a share 10,000 test examples resolve hundredths of a point."""
    if refit.run_set.deciding.metric not in SHARES or math.isnan(value.mean):
        return figure_text(value)
    return f"{value.mean:.4f}" + ("" if math.isnan(value.std) else f" ± {value.std:.4f}")


def _number(refit: Refit, value: float) -> str:
    return _text(refit, estimate([value]))
