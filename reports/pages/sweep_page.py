"""The page of a sweep: the curve over a setting's values, the best, and if it is on an edge."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.best_rung import ranking
from ..analysis.sweep_judgements import JudgedPoint, judged_points
from ..analysis.sweep_points import SweepPoint, best_points, edges, sweep_points
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..figures.sweep_figure import sweep_figure
from ..read.run_set import RunSet
from ..statistics.intervals import estimate
from ..statistics.two_sources import Difference
from ..statistics.verdicts import HURTS
from ..wording import count_text, figure_text, join_words, metric_text
from .arm_parts import deviation_notes, runs_text
from .difference_words import INTERVAL, effect_text, no_interval_text
from .facts import Table
from .shown_study import ShownStudy
from .tables import difference_columns, study_frame


def show_sweep(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of a sweep's page.

    Its table has a row per value and rung: `rung`; a column per setting, under its name; `val`, the
    mean over the runs of the deciding validation metric, with its 95 % t interval over seeds
    (`val_low`, `val_high`) and its deviation over them (`val_std`); `train`, that of training;
    `runs` and `failed`, how many ended so; `is_best`, whether it is the rung's best; `to_best`, the
    mean difference to that, seed by seed, above zero where better, with its 95 % interval
    (`to_best_low`, `to_best_high`), which ignores that the same runs picked the best. What is not
    known is blank.
    """
    points = sweep_points(run_set)
    best = best_points(points, run_set)
    names = [axis["name"] for axis in run_set.details["axes"]]
    metric = metric_text(run_set.deciding.metric)
    judged = judged_points(run_set, points, best)
    to_best = {
        one.point.arm.name: one.difference for one in judged if one.point.rung == one.against.rung
    }
    rows = [_cells(point, best, to_best.get(point.arm.name)) for point in points]
    columns = ["rung", *names, f"validation {metric}", f"train {metric}", "runs"]
    table = [_row(point, best, to_best.get(point.arm.name)) for point in points]
    figure = sweep_figure(points, run_set.details["axes"], best, run_set.deciding.metric)
    what = f"Validation {metric} over {join_words(names)}"
    return ShownStudy(
        title=f"{join_words(names)} of {join_words(_rungs(points))}",
        headline=_headline(run_set, points, best, judged),
        frame=study_frame(table, names),
        table=Table("", [*columns, "against the best"], rows),
        pictures=[Picture(f"{file}.png", what, png_bytes(figure))],
        notes=[*_notes(metric, math.comb(len(points), 2)), *deviation_notes(run_set.rungs)],
    )


def _rungs(points: list[SweepPoint]) -> list[str]:
    return list(dict.fromkeys(point.rung for point in points))


def _headline(
    run_set: RunSet,
    points: list[SweepPoint],
    best: Mapping[str, SweepPoint],
    judged: Sequence[JudgedPoint],
) -> list[str]:
    sentences = []
    for rung in _rungs(points):
        own = [point for point in points if point.rung == rung]
        if rung not in best:
            sentences.append(f"{rung}: no value can be called the best, as no run is fit for it.")
            continue
        others = [one for one in judged if one.point.rung == one.against.rung == rung]
        sentences.append(_best_text(best[rung], others, run_set))
        left_out = {arm.name for arm in ranking([one.arm for one in own], run_set).waiting}
        waiting = [_values_text(point) for point in own if point.arm.name in left_out]
        if waiting:
            sentences.append(
                f"{rung}: not called the best until all of their seeds are done: "
                f"{'; '.join(waiting)}."
            )
        failed = [_values_text(point) for point in own if point.arm.failed]
        if failed:
            sentences.append(f"{rung}: runs failed at {'; '.join(failed)}.")
        sentences += [
            f"The best {name} of {rung} is the {end} that was tried, so a better one may lie "
            f"beyond: sweep further that way."
            for name, end in edges(run_set, best[rung])
        ]
    return [*sentences, *_between_rungs(judged)]


def _best_text(best: SweepPoint, others: Sequence[JudgedPoint], run_set: RunSet) -> str:
    """The best point of a rung, and which others differ from it beyond chance."""
    known = [one for one in others if one.difference is not None and one.difference.is_known]
    alike = [one.point for one in others if one.verdict.kind != HURTS]
    figure = figure_text(estimate(best.arm.values("val")))
    text = (
        f"{best.rung}: best by validation is {_values_text(best)}, with a validation "
        f"{metric_text(run_set.deciding.metric)} of {figure} over "
        f"{count_text(len(best.arm.done), 'seed')}."
    )
    if not known:
        found = [one.difference for one in others if one.difference is not None]
        if not found:
            return f"{text} No other value can be compared with it."
        why = no_interval_text(run_set, found)
        return f"{text} Whether it is better than the others is not decided. {why}"
    worse = len(others) - len(alike)
    if not worse:
        return f"{text} None of the {len(others)} others differs from it by more than chance."
    text += f" {worse} of {len(others)} others are worse by more than chance"
    if not alike:
        return f"{text}."
    listed = "; ".join(_values_text(point) for point in alike[:8])
    return f"{text}; not distinguishable from it: {listed}{'; ...' if len(alike) > 8 else ''}."


def _between_rungs(judged: Sequence[JudgedPoint]) -> list[str]:
    """How the best of the rungs compare, and whether they lie at different values."""
    return [
        f"Best against best: {one.point.rung} at {_values_text(one.point)} less "
        f"{one.against.rung} at {_values_text(one.against)} is "
        f"{effect_text(one.difference, one.verdict)}."
        for one in judged
        if one.point.rung != one.against.rung
    ]


def _values_text(point: SweepPoint) -> str:
    return ", ".join(f"{name} {_value_text(value)}" for name, value in point.values.items())


def _value_text(value: Any) -> str:
    # As many digits as a sweep gives its values: with fewer, two of them may read alike.
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _cells(
    point: SweepPoint, best: Mapping[str, SweepPoint], found: Difference | None
) -> list[str]:
    return [
        point.rung,
        *(_value_text(value) for value in point.values.values()),
        figure_text(estimate(point.arm.values("val"))),
        figure_text(estimate(point.arm.values("train"))),
        runs_text(point.arm),
        "the best" if point is best.get(point.rung) else effect_text(found),
    ]


def _row(
    point: SweepPoint, best: Mapping[str, SweepPoint], found: Difference | None
) -> dict[str, Any]:
    val, train = estimate(point.arm.values("val")), estimate(point.arm.values("train"))
    return {
        "rung": point.rung,
        **point.values,
        "val": val.mean,
        "val_low": val.low,
        "val_high": val.high,
        "val_std": val.std,
        "train": train.mean,
        "runs": len(point.arm.done),
        "failed": len(point.arm.failed),
        "is_best": point is best.get(point.rung),
        **difference_columns("to_best", found),
    }


def _notes(metric: str, pairs: int) -> list[str]:
    return [
        f"A value is judged by the mean validation {metric} over the seeds; in the picture, where "
        "the best value is ringed, with the 95 % t interval over seeds. If there are lower panels, "
        "they show the plain validation cross-entropy.",
        f"Against the best is the mean difference in validation {metric} to the best value, seed "
        f"by seed, turned so that above zero is better. {INTERVAL} These intervals ignore that the "
        "same runs picked the best value. The verdicts do not: they hold for all of the table at "
        f"once, by Holm's procedure at 5 % over all {pairs:,} pairs of its rows, as the choice "
        "could have put any two beside each other.",
        "The best of many values is flattered: its figure here is the one that chance favoured. "
        "To report it, train it with other seeds, or read the test set once, for it alone.",
    ]
