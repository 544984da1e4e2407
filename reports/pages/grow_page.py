"""The pages of a growth: every race with its reason, and what came of it on the test set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..analysis.effects import SHARES, contrast, margin_of
from ..analysis.judgements import Judgement, failed_text, judgements
from ..analysis.races import LAST, last_set, race_set
from ..diagnosis.ladder_findings import read_rungs
from ..figures.forest_figure import forest_figure
from ..figures.growth_figure import GrowthStep, growth_figure
from ..figures.picture import paletted_png
from ..figures.pictures import Picture, draw_overlay, draw_rung_curves
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..statistics.two_sources import Difference
from ..wording import count_text, duration_text, figure_text, metric_text
from . import provenance
from .arm_parts import arm_by_arm
from .chosen_epochs import chosen_epoch_part
from .class_facts import class_parts
from .ensemble_facts import ensemble_parts
from .facts import Decided, Facts, Part, Table
from .grow_words import (
    ENDS,
    called_text,
    decided_text,
    model_text,
    race_title,
    stacked,
    trick_name,
)
from .residual_facts import RESIDUALS, residual_parts
from .step_rows import step_columns, step_rows, worth_text
from .study_facts import arms_table
from .tables import study_frame

_CHOSEN_WITH = (
    "That one is wrongly said to hurt is a little likelier: the model was chosen with the same "
    "seeds, which flatters it."
)
_HEADS = ["race", "the curves showed", "tried", "kept", "validation"]


def gather_grow(run_set: RunSet, file: str) -> Facts:
    """Work out all that the pages of a growth say, pictures included.

    Args:
        run_set: The growth.
        file: The name of its files, without ending.
    """
    judged = judgements(run_set)
    findings = read_rungs(run_set)
    models = replace(run_set, rungs=tuple(_models(run_set)))
    curves = draw_rung_curves(models, f"{file}-curves-")
    return Facts(
        title=f"Grown on {run_set.data.get('name')} from the ladder {run_set.ladder['ladder']}",
        frame=study_frame([_row(run_set, arm, one) for arm, one in judged.items()]),
        headline=_headline(run_set),
        decided=[Decided(_races_table(run_set), [_growth_picture(run_set, file)])],
        parts=[
            *provenance.missing_part(run_set),
            _steps_part(run_set, judged, curves, file),
            *_test_part(run_set),
            Part("Learning curves", shown=[_overlay(run_set, file)]),
            Part("Every arm", shown=[arms_table(run_set)]),
            *chosen_epoch_part(run_set),
            arm_by_arm("Arm by arm", run_set, findings, {}),
            *ensemble_parts(last_set(run_set)),
            *class_parts(last_set(run_set)),
            *residual_parts(run_set, f"{file}-{RESIDUALS}"),
        ],
        notes=_notes(run_set),
        made=provenance.made(run_set),
        warnings=provenance.warnings(run_set),
    )


def _races(run_set: RunSet) -> list[dict[str, Any]]:
    races: list[dict[str, Any]] = run_set.details["races"]
    return races


def _rung(run_set: RunSet, name: str) -> Rung:
    return next(rung for rung in run_set.rungs if rung.name == name)


def _models(run_set: RunSet) -> list[Rung]:
    """The baseline and each model that the growth went on with."""
    kept = [race["outcome"]["kept"] for race in _races(run_set) if race["outcome"]]
    names = [run_set.rungs[0].name, *(name for name in kept if name)]
    return [_rung(run_set, name) for name in names]


# What came of it.


def _headline(run_set: RunSet) -> list[str]:
    details = run_set.details
    spent = duration_text(60 * round(details["spent"] / 60, 1))
    pick = model_text(run_set, details["pick"])
    grown = f"Grown in {spent}, out of {details['aim']['minutes']:g} minutes: {pick}."
    return [
        text
        for text in (
            grown,
            _tested_text(run_set),
            _flattery_text(run_set),
            ENDS[details["end"]],
            _left_text(run_set),
        )
        if text
    ]


def _tested_text(run_set: RunSet) -> str:
    """The test figures of the last runs, which nothing was chosen by."""
    last = last_set(run_set)
    failed = failed_text(last.rungs)
    undecided = f"{failed}, so that nothing is decided." if failed else ""
    if not last.rungs or not last.rungs[-1].done:
        return undecided
    text = _judged_text(last, count_text(len(last.rungs[-1].done), "new seed"))
    return f"{text} {undecided}".strip()


def _judged_text(last: RunSet, number: str) -> str:
    baseline, grown = last.rungs[0], last.rungs[-1]
    metric, values = metric_text(last.deciding.metric), estimate(grown.values("test"))
    if not values.count:
        return f"Trained anew with {number}; the test set was left unread (--no-test)."
    text = f"Judged once on the test set, with {number}: {metric} {figure_text(values)}"
    if grown is baseline:
        return f"{text}. It is the baseline as it was."
    found, before = contrast(last, [grown], [baseline], split="test"), baseline.values("test")
    if found is None:
        return f"{text}."
    return f"{text}, the baseline {figure_text(estimate(before))}: {_worth(last, found)}."


def _flattery_text(run_set: RunSet) -> str:
    """How far the races had flattered the model that won them; survivors alone do not tell."""
    last, pick = last_set(run_set), run_set.details["pick"]
    if len(last.rungs) < 2 or not last.rungs[-1].done or last.rungs[-1].failed:
        return ""
    raced, anew = (estimate(rung.values("val")) for rung in (_rung(run_set, pick), last.rungs[-1]))
    lost = run_set.deciding.sign * (raced.mean - anew.mean)
    metric = metric_text(run_set.deciding.metric)
    seeds = (
        f"by {_amount(run_set, lost)} the choice of seeds had flattered it"
        if lost > 0
        else "the choice of seeds had not flattered it"
    )
    return (
        f"In the races its validation {metric} was {figure_text(raced)}, with the new seeds it is "
        f"{figure_text(anew)}: {seeds}. How far the validation examples do, the test set tells."
    )


def _left_text(run_set: RunSet) -> str:
    last = last_set(run_set)
    if not last.rungs or not last.rungs[-1].done:
        return "Ladder file: grown.toml."
    sign = run_set.deciding.sign
    rung = last.rungs[-1]
    best = max(zip(rung.values("val"), rung.done, strict=True), key=lambda one: sign * one[0])[1]
    there = (best.folder / "model.keras").is_file()
    model = f" Model: runs/{best.folder.name}/model.keras." if there else ""
    return f"Ladder file: grown.toml (trickbook run DIR/grown.toml).{model}"


def _test_part(run_set: RunSet) -> list[Part]:
    last = last_set(run_set)
    if not last.rungs:
        return []
    notes = [
        "These runs have seeds that no race had. They alone read the test set, once, and nothing "
        "was chosen by it."
    ]
    return [Part("On the test set", shown=[arms_table(last)], notes=notes, is_open=True)]


# Race by race.


def _races_table(run_set: RunSet) -> Table:
    baseline = run_set.rungs[0]
    rows = [["0", "", "the baseline", "", figure_text(estimate(baseline.values("val")))]]
    model = baseline
    for number, race in enumerate(_races(run_set)):
        kept = race["outcome"]["kept"] if race["outcome"] else None
        model = _rung(run_set, kept) if kept else model
        rows.append(
            [
                str(number + 1),
                race["finding"]["kind"],
                ", ".join(trick_name(one) for one in race["entrants"]),
                " + ".join(model.recipe.split("+")) if kept else "nothing",
                figure_text(estimate(model.values("val"))),
            ]
        )
    return Table("", _HEADS, rows)


def _growth_picture(run_set: RunSet, file: str) -> Picture:
    model, steps = run_set.rungs[0], []
    for race in _races(run_set):
        outcome = race["outcome"]
        if outcome is None:
            continue
        model = _rung(run_set, outcome["kept"]) if outcome["kept"] else model
        steps.append(
            GrowthStep(
                outcome["spent"] / 60,
                estimate(model.values("val")).mean,
                f"+ {model.recipe}" if outcome["kept"] else "",
                [
                    (
                        estimate(_rung(run_set, one["arm"]).values("val")).mean,
                        outcome["verdicts"].get(one["arm"], ""),
                    )
                    for one in race["entrants"]
                ],
            )
        )
    baseline = estimate(run_set.rungs[0].values("val")).mean
    metric = run_set.deciding.metric
    what = f"Validation {metric_text(metric)} of the model over the minutes of its growth"
    return Picture(f"{file}.png", what, paletted_png(growth_figure(baseline, steps, metric)))


def _steps_part(
    run_set: RunSet, judged: Mapping[str, Judgement], curves: Mapping[str, Picture], file: str
) -> Part:
    shown: set[str] = set()
    parts = []
    for number, race in enumerate(_races(run_set)):
        name = race["against"]
        # The curves of a model stand where they were read first.
        own = [curves[name]] if name in curves and name not in shown else []
        shown.add(name)
        parts.append(_race_part(run_set, number, judged, own, file))
    pick = run_set.details["pick"]
    if pick not in shown and pick in curves:
        finding = read_rungs(replace(run_set, rungs=(_rung(run_set, pick),)))[pick][0]
        parts.append(
            Part("At the end", [str(finding), ENDS[run_set.details["end"]]], shown=[curves[pick]])
        )
    return Part("Step by step", parts=parts, is_open=True)


def _race_part(
    run_set: RunSet,
    number: int,
    judged: Mapping[str, Judgement],
    curves: list[Picture],
    file: str,
) -> Part:
    race = _races(run_set)[number]
    title, refused = race_title(run_set, number), _refused(race)
    if not race["entrants"]:
        return Part(title, [called_text(run_set, number)], items=refused, shown=curves)
    raced = race_set(run_set, race)
    rows = step_rows(raced, [judged[one["arm"]] for one in race["entrants"]])
    table = Table("", step_columns(raced, rows), [row.cells for row in rows])
    metric = f"validation {metric_text(run_set.deciding.metric)}"
    forest = forest_figure(
        [row.forest for row in rows],
        is_share=run_set.deciding.metric in SHARES,
        metric=metric,
        margin=margin_of(run_set),
    )
    what = f"What each trick of race {number + 1} is worth on its model, in {metric}"
    picture = Picture(f"{file}-race-{number + 1}.png", what, paletted_png(forest))
    return Part(
        title,
        texts=[called_text(run_set, number), decided_text(run_set, number)],
        items=[*refused, *_waiting(race)],
        shown=[*curves, table, picture],
        notes=[_looks_text(race, is_first_model=race["against"] == run_set.rungs[0].name)],
        is_open=True,
    )


def _refused(race: Mapping[str, Any]) -> list[str]:
    return [f"{name} could not be tried: {why}" for name, why in race["refused"].items()]


def _waiting(race: Mapping[str, Any]) -> list[str]:
    names = ", ".join(race["left_out"])
    return [f"What the curves call for too, and had to wait: {names}."] if names else []


def _looks_text(race: Mapping[str, Any], *, is_first_model: bool) -> str:
    looks = ", ".join(map(str, race["looks"]))
    said = "help or hurt" if is_first_model else "help"
    text = (
        f"Looked at with {looks} seeds at most, as fixed before it began; the chance that any "
        f"trick of this race is wrongly said to {said} is at most 5 %."
    )
    return text if is_first_model else f"{text} {_CHOSEN_WITH}"


def _overlay(run_set: RunSet, file: str) -> Picture:
    return draw_overlay(replace(run_set, rungs=tuple(_models(run_set))), f"{file}-curves.png")


# Words and numbers.


def _worth(run_set: RunSet, found: Difference) -> str:
    is_share = run_set.deciding.metric in SHARES
    unit = " points" if is_share else f" {metric_text(run_set.deciding.metric)}"
    text = worth_text(found, is_share)
    value, bracket, interval = text.partition(" (")
    return f"{value}{unit}{bracket}{interval}"


def _amount(run_set: RunSet, value: float) -> str:
    if run_set.deciding.metric in SHARES:
        return f"{100 * value:+.1f} points"
    return f"{value:+.3g} {metric_text(run_set.deciding.metric)}"


def _row(run_set: RunSet, arm: str, one: Judgement) -> dict[str, Any]:
    nan, rung, found = math.nan, _rung(run_set, arm), one.difference
    races = [
        number
        for number, race in enumerate(_races(run_set), 1)
        if any(entrant["arm"] == arm for entrant in race["entrants"])
    ]
    outcomes = [race["outcome"] for race in _races(run_set) if race["outcome"]]
    return {
        "race": "test" if arm in LAST else str(races[0]),
        "arm": arm,
        "adds": "+".join(stacked(run_set, arm)) if arm in LAST else rung.recipe,
        "metric": run_set.deciding.metric,
        "val": estimate(rung.values("val")).mean,
        "test": estimate(rung.values("test")).mean,
        "runs": len(rung.done),
        "delta": found.mean if found else nan,
        "delta_low": found.low if found else nan,
        "delta_high": found.high if found else nan,
        "verdict": one.verdict.kind,
        "kept": any(outcome["kept"] == arm for outcome in outcomes),
    }


def _notes(run_set: RunSet) -> list[str]:
    metric = metric_text(run_set.deciding.metric)
    mirrored = run_set.details.get("mirrored")
    images = (
        [
            "Mirrored images are tried where the ladder's own augmentation mirrors: of these data "
            "a mirrored image shows the same class, or the ladder's file says so."
            if mirrored
            else "No mirrored images are tried: nobody has said that a mirrored image shows the "
            "same class. A ladder file of yours can (flip_probability of augmentation)."
        ]
        if run_set.is_of_images
        else []
    )
    failed = failed_text(last_set(run_set).rungs)
    quoted = "" if failed else " That comparison is the one to quote."
    return [
        "The lecture's rule: while training is far above validation, regularise; once they are "
        "close, add capacity and expect validation to follow; where the loss oscillates, lower the "
        "rate. Which trick helps against what stands on its card (trickbook show RECIPE).",
        f"A race compares each trick with the same model without it, seed by seed, in validation "
        f"{metric}. Only what is decided to help is kept. What is undecided may help all the same: "
        "more seeds, or more time, could tell.",
        "Each race is a family of its own at 5 %, over all its tricks and looks (Holm, alpha "
        "spending). Of several races more than one may err: with r races in which nothing helps, "
        "the chance that any keeps something is up to 5 % times r. A model that a race has "
        "kept was chosen with the same seeds: a trick on it is wrongly said to hurt a little more "
        "often than in 5 %, and dropped for good all the same. All are judged on the same "
        "validation examples, too, so that the last model's validation figure flatters.",
        "So the last model, picked on validation, is trained with seeds that no race had, and "
        f"judged on the test set once, beside the baseline.{quoted}",
        *images,
        "± is one standard deviation over the seeds.",
    ]
