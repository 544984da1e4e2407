"""The pages of a growth: every race with its reason, and the result on the test set."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..analysis.confirmations import confirmation
from ..analysis.effects import SHARES, contrast
from ..analysis.judgements import Judgement, failed_text, judgements
from ..analysis.races import heat_leads, kept_arm, last_set, races
from ..diagnosis.ladder_findings import read_rungs
from ..figures.forest_figure import ForestRow
from ..figures.growth_figure import GrowthStep, growth_figure
from ..figures.picture import paletted_png
from ..figures.pictures import Picture, draw_forest, draw_overlay, draw_rung_curves
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..statistics.verdicts import UNDECIDED
from ..wording import UNKNOWN, count_text, duration_text, figure_text, metric_text
from . import provenance
from .arm_parts import arm_by_arm
from .chosen_epochs import chosen_epoch_part
from .class_facts import class_parts
from .ensemble_facts import ensemble_parts
from .facts import Decided, Facts, Part, Table
from .grow_frame import growth_frame
from .grow_words import (
    ENDS,
    called_text,
    decided_text,
    fate_text,
    lead_text,
    leader_name,
    led_text,
    model_text,
)
from .residual_facts import RESIDUALS, residual_parts
from .step_rows import unit_text, worth_text, worth_with_unit
from .study_facts import arms_table

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
        frame=growth_frame(run_set, judged),
        headline=_headline(run_set),
        decided=[Decided(_races_table(run_set), [_growth_picture(run_set, file)])],
        parts=[
            *provenance.missing_part(run_set),
            _steps_part(run_set, judged, curves, file),
            *_test_part(run_set),
            Part("Learning curves", shown=[draw_overlay(models, f"{file}-curves.png")]),
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


def _models(run_set: RunSet) -> list[Rung]:
    """The baseline and each model that the growth went on with."""
    kept = [kept_arm(race) for race in races(run_set)]
    names = [run_set.rungs[0].name, *(name for name in kept if name)]
    return [run_set.by_name[name] for name in names]


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
    """The test figures of the last runs, by which nothing was chosen."""
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
    return f"{text}, the baseline {figure_text(estimate(before))}: {worth_with_unit(found, last)}."


def _flattery_text(run_set: RunSet) -> str:
    """How far the races had flattered the model that won them; survivors alone do not tell."""
    last, pick = last_set(run_set), run_set.details["pick"]
    if len(last.rungs) < 2 or not last.rungs[-1].done or last.rungs[-1].failed:
        return ""
    raced, anew = (estimate(rung.values("val")) for rung in (run_set.by_name[pick], last.rungs[-1]))
    lost = run_set.deciding.sign * (raced.mean - anew.mean)
    metric = metric_text(run_set.deciding.metric)
    seeds = (
        f"the choice of seeds had flattered it by {_amount(run_set, lost)}"
        if lost > 0
        else "the choice of seeds had not flattered it"
    )
    examples = (
        "only the test set could show, which was left unread"
        if _is_left_unread(last)
        else "the test set shows"
    )
    return (
        f"In the races its validation {metric} was {figure_text(raced)}, with the new seeds it is "
        f"{figure_text(anew)}: {seeds}. How much the validation examples do, {examples}."
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
    seeds, table = "These runs have seeds that no race had.", [arms_table(last)]
    if _is_left_unread(last):
        notes = [f"{seeds} They left the test set unread, too (--no-test)."]
        return [Part("With new seeds", shown=table, notes=notes, is_open=True)]
    notes = [f"{seeds} They alone read the test set, once, and nothing was chosen by it."]
    return [Part("On the test set", shown=table, notes=notes, is_open=True)]


def _is_left_unread(last: RunSet) -> bool:
    """Whether the last runs are done and have read no test set (--no-test)."""
    return any(rung.done for rung in last.rungs) and not last.is_tested


# Race by race.


def _races_table(run_set: RunSet) -> Table:
    baseline = run_set.rungs[0]
    rows = [["0", "", "the baseline", "", figure_text(estimate(baseline.values("val")))]]
    model = baseline
    for number, race in enumerate(races(run_set)):
        kept = kept_arm(race)
        model = run_set.by_name[kept] if kept else model
        nothing = "nothing" if race["outcome"] else "not decided yet"
        rows.append(
            [
                str(number + 1),
                race["finding"]["kind"],
                ", ".join(one["name"] for one in race["entrants"]),
                " + ".join(model.recipe.split("+")) if kept else nothing,
                figure_text(estimate(model.values("val"))),
            ]
        )
    return Table("", _HEADS, rows)


def _growth_picture(run_set: RunSet, file: str) -> Picture:
    model, steps = run_set.rungs[0], []
    for race in races(run_set):
        if race["outcome"] is None:
            continue
        kept = kept_arm(race)
        model = run_set.by_name[kept] if kept else model
        steps.append(
            GrowthStep(
                race["outcome"]["spent"] / 60,
                estimate(model.values("val")).mean,
                f"+ {model.recipe}" if kept else "",
                [
                    estimate(run_set.by_name[one["arm"]].values("val")).mean
                    for one in race["entrants"]
                    if one["arm"] != kept
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
    for number, race in enumerate(races(run_set)):
        name = race["against"]
        # The curves of a model stand where they were read first.
        own = [curves[name]] if name in curves and name not in shown else []
        shown.add(name)
        parts.append(_race_part(run_set, number, judged, own, file))
    pick = run_set.details["pick"]
    if pick not in shown and pick in curves:
        finding = read_rungs(replace(run_set, rungs=(run_set.by_name[pick],)))[pick][0]
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
    race = races(run_set)[number]
    title, refused = f"Race {number + 1}: {race['finding']['kind']}", _refused(race)
    if not race["entrants"]:
        return Part(title, [called_text(run_set, number)], items=refused, shown=curves)
    leads, rows = heat_leads(run_set, race), _race_rows(run_set, race)
    unit = unit_text(run_set)
    heads = ["trick", f"in the heat, {unit}", f"with new seeds, {unit}"]
    if not race["heat"]:
        heads, rows = heads[:1] + heads[2:], [row[:1] + row[2:] for row in rows]
    table = Table("", [*heads, "one-sided p, at most", "came to"], rows)
    # Without a leader `decided_text` says who led.
    led = led_text(run_set, number) if race["leader"] else ""
    texts = (called_text(run_set, number), led, decided_text(run_set, number))
    return Part(
        title,
        texts=[text for text in texts if text],
        items=[*refused, *_waiting(race)],
        shown=[*curves, table, _race_picture(run_set, number, leads, judged, file)],
        notes=[_looks_text(race)],
        is_open=True,
    )


def _race_rows(run_set: RunSet, race: Mapping[str, Any]) -> list[list[str]]:
    """By trick: its lead in the heat, what new seeds say of the leader, and what became of it."""
    found = confirmation(run_set, race)
    rows = []
    for one in race["entrants"]:
        arm, cells = one["arm"], ["", ""]
        if found is not None and found.seeds and found.arm.name == arm:
            worth = worth_text(found.difference, run_set.deciding.metric)
            p = found.verdict.p
            needed = UNKNOWN if math.isnan(p) else f"{p:.2g} (needed: {found.verdict.error:.2g})"
            cells = [f"{worth}, {count_text(found.seeds, 'seed')}", needed]
        lead = lead_text(run_set, race, arm)
        rows.append([one["name"], lead, *cells, fate_text(race, arm)])
    return rows


def _race_picture(
    run_set: RunSet,
    number: int,
    leads: Mapping[str, float],
    judged: Mapping[str, Judgement],
    file: str,
) -> Picture:
    """The leads in the heat, hollow and without an interval, and the leader with new seeds."""
    race, nan = races(run_set)[number], math.nan
    rows = [
        ForestRow(f"{one['name']}, heat", leads[one["arm"]], nan, nan, UNDECIDED)
        for one in race["entrants"]
        if race["heat"]
    ]
    found = judged.get(race["leader"])
    if found is not None and found.difference is not None:
        name = f"{leader_name(race)}, new seeds"
        rows = [ForestRow.of(name, found.difference, found.verdict.kind), *rows]
    rows = rows or [ForestRow.of(leader_name(race), None, UNDECIDED)]
    what = f"each trick of race {number + 1} is worth on its model"
    forest = draw_forest(run_set, rows, f"{file}-race-{number + 1}.png", what)
    if not race["heat"]:
        return forest
    hollow = "A heat decides nothing, so its points are hollow."
    return replace(forest, note=f"{forest.note} {hollow}")


def _refused(race: Mapping[str, Any]) -> list[str]:
    return [f"{name} could not be tried: {why}" for name, why in race["refused"].items()]


def _waiting(race: Mapping[str, Any]) -> list[str]:
    names = ", ".join(race["left_out"])
    return [f"Also called for by the curves, but left waiting: {names}."] if names else []


def _looks_text(race: Mapping[str, Any]) -> str:
    if not race["leader"]:
        return "One seed proves nothing: the heat chooses what new seeds are to look at."
    looks, rivals = ", ".join(map(str, race["looks"])), race["rivals"]
    new = "new " if race["heat"] else ""
    chosen = (
        f" This allows for its being the luckiest of {rivals} on these validation examples."
        if rivals > 1
        else ""
    )
    return (
        f"Looked at with {looks} {new}seeds; the chance that this race keeps a trick that does not "
        f"help is at most 5 %.{chosen}"
    )


# Words and numbers.


def _amount(run_set: RunSet, value: float) -> str:
    if run_set.deciding.metric in SHARES:
        return f"{100 * value:+.1f} points"
    return f"{value:+.3g} {metric_text(run_set.deciding.metric)}"


def _notes(run_set: RunSet) -> list[str]:
    metric = metric_text(run_set.deciding.metric)
    mirrored = run_set.details.get("mirrored")
    images = (
        [
            "Mirrored images are tried, as the ladder's own augmentation mirrors: in these data a "
            "mirrored image shows the same class, or the ladder's file says so."
            if mirrored
            else "No mirrored images are tried: nobody has said that a mirrored image shows the "
            "same class. A ladder file of yours can (flip_probability of augmentation)."
        ]
        if run_set.is_of_images
        else []
    )
    return [
        "The lecture's rule: while training is far above validation, regularise; once they are "
        "close, add capacity and expect validation to follow; where the loss oscillates, lower the "
        "rate. The card of a trick says what it helps against (trickbook show RECIPE).",
        "A race begins with a heat: each trick is trained on the model with one seed. That proves "
        "nothing, and only chooses the leader. The leader is then compared with the model over "
        f"seeds that did not choose it, paired, in validation {metric}; it is kept if it is "
        "decided to help. What is not kept may still help: more seeds, or more time, could show.",
        "A race keeps a trick that does not help at most one time in twenty: its looks share an "
        "error of 5 % (alpha spending), one-sided. The leader was chosen on the validation "
        "examples that judge it, so its p allows for its being the luckiest of all that were raced "
        "on the model. With r races in which nothing helps, the chance that any keeps something is "
        "up to 5 % times r. All are judged on the same validation examples, so the last model's "
        "validation figure is flattered.",
        _last_text(last_set(run_set)),
        *images,
        "± is one standard deviation over the seeds.",
    ]


def _last_text(last: RunSet) -> str:
    """What the last runs are for, depending on which of them exist."""
    if not last.rungs:
        return "If no model is chosen, nothing is trained again with new seeds."
    text = "So the last model, picked on validation, is trained with seeds that no race had"
    is_alone = len(last.rungs) == 1
    if _is_left_unread(last):
        beside = "" if is_alone else ", beside the baseline"
        return (
            f"{text}{beside}. The test set was left unread (--no-test), so its validation figure, "
            "on the examples that it was picked by, is still flattered."
        )
    if is_alone:
        return (
            f"{text}, and judged on the test set once. It is the baseline itself, so there is "
            "nothing to compare it with."
        )
    if last.ladder.get("splits"):
        return (
            f"{text}, and tested beside the baseline. With --splits each seed draws its own parts "
            "of the data: if the data have no test set of their own, races have seen examples that "
            "the last seeds are tested on, and the comparison is a little flattering."
        )
    quoted = "" if failed_text(last.rungs) else " That comparison is the one to quote."
    return f"{text}, and judged on the test set once, beside the baseline.{quoted}"
