"""The page of an ablation: each trick in the ladder, alone, and left out of the full stack."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

from ..analysis.ablation_effects import WAYS, TrickEffects, beyond_chance, trick_effects
from ..analysis.effects import margin_of
from ..analysis.judgements import Judgement, failed_runs
from ..figures.effects_figure import effects_figure
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..read.run_set import RunSet
from ..statistics.verdicts import ALIKE, HELPS, HURTS
from ..wording import UNKNOWN, join_words, metric_text
from .difference_words import (
    COVERED,
    effect_text,
    judged_text,
    no_interval_text,
    seeds_of,
)
from .facts import Table
from .shown_study import ShownStudy
from .tables import difference_columns, study_frame
from .verdict_words import early_text

DIFFERS = "do they differ"


def show_ablation(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of an ablation's page.

    Its table has a row per trick, and for each of `in_the_ladder`, `alone` and `left_out` the
    columns: under that name the mean difference in the deciding validation metric, above zero where
    the trick makes it better; `_low` and `_high`, its 95 % interval; `_p`, its two-sided p, not
    adjusted; `_verdict`, `helps`, `hurts`, `no difference` (none larger than `margin`) or
    `undecided`, by Holm's procedure over the whole table; `_seeds`, over how many seeds; `_failed`,
    how many runs of the two arms failed, so that what no earlier look decided stays undecided;
    `_covers`, what the interval covers. `margin` is in the metric's unit, blank where none was
    fixed; `together_with` holds the tricks that the rung adds besides; `disagree`, which
    differences disagree beyond chance.
    """
    tricks = trick_effects(run_set)
    apart = beyond_chance(tricks)
    metric = metric_text(run_set.deciding.metric)
    figure = effects_figure(
        {
            trick.name: {way: one.difference for way, one in trick.effects.items()}
            for trick in tricks
        },
        WAYS,
        f"difference in validation {metric} (above zero the trick makes it better)",
    )
    what = f"What each trick is worth in validation {metric}, in the ladder, alone and left out"
    return ShownStudy(
        title=f"The tricks of the ladder {run_set.ladder['ladder']}, one by one",
        headline=_headline(run_set, tricks, apart),
        frame=study_frame([_row(trick, apart, run_set) for trick in tricks]),
        table=Table("", ["trick", *WAYS, DIFFERS], [_cells(trick, apart) for trick in tricks]),
        pictures=[Picture(f"{file}.png", what, png_bytes(figure))],
        notes=_notes(metric),
    )


def _headline(run_set: RunSet, tricks: list[TrickEffects], apart: set[Any]) -> list[str]:
    metric = metric_text(run_set.deciding.metric)
    sentences = [
        f"Each trick is judged three times by validation {metric}: as a step of the ladder, alone "
        "on the baseline, and by what the full stack loses where it is left out. Above zero the "
        "trick makes the network better."
    ]
    for way in WAYS:
        named = {
            kind: [trick.name for trick in tricks if _kind(trick, way) == kind]
            for kind in (HELPS, HURTS, ALIKE)
        }
        said = [f"{kind}: {join_words(names)}" for kind, names in named.items() if names]
        sentences.append(f"{way.capitalize()}: {'; '.join(said) or 'none is decided'}.")
    early = early_text(
        [
            replace(one, arm=f"{trick.name} {way}")
            for trick in tricks
            for way, one in trick.effects.items()
        ],
        run_set,
    )
    if early:
        sentences.append(early)
    judged = [one.difference for trick in tricks for one in trick.effects.values()]
    found = [one for one in judged if one is not None]
    if not any(one.is_known for one in found):
        sentences.append(no_interval_text(run_set, found))
    flagged = [trick.name for trick in tricks if _flags(trick, apart)]
    if flagged:
        sentences.append(
            f"The worth of {join_words(flagged)} depends on the other tricks: the differences "
            "disagree beyond chance, so the order matters, or tricks interact."
        )
    elif any(map(_is_tested, tricks)):
        sentences.append(
            "No trick's three differences disagree beyond chance; that does not prove that the "
            "order and the other tricks do not matter."
        )
    return sentences


def _is_tested(trick: TrickEffects) -> bool:
    """Whether any two of the trick's differences could be compared."""
    return any(found.is_known for found in trick.disagreements.values())


def _flags(trick: TrickEffects, apart: set[Any]) -> list[str]:
    return [
        f"{first} and {second} ({effect_text(found)})"
        for (first, second), found in trick.disagreements.items()
        if (trick.name, (first, second)) in apart
    ]


def _cells(trick: TrickEffects, apart: set[Any]) -> list[str]:
    cells = [judged_text(trick.effects.get(way)) for way in WAYS]
    if trick.together_with:
        cells[0] += f", with {join_words(trick.together_with)}"
    told = "; ".join(_flags(trick, apart) or trick.refused)
    return [trick.name, *cells, told or ("not beyond chance" if _is_tested(trick) else UNKNOWN)]


def _row(trick: TrickEffects, apart: set[Any], run_set: RunSet) -> dict[str, Any]:
    row: dict[str, Any] = {"trick": trick.name}
    for way in WAYS:
        row |= _columns(way.replace(" ", "_"), trick.effects.get(way), run_set)
    row["margin"] = margin_of(run_set)
    row["together_with"] = "+".join(trick.together_with)
    row["disagree"] = "; ".join(_flags(trick, apart))
    return row


def _columns(name: str, one: Judgement | None, run_set: RunSet) -> dict[str, Any]:
    value = None if one is None else one.difference
    return {
        **difference_columns(name, value),
        f"{name}_p": math.nan if value is None else value.p,
        f"{name}_verdict": "" if one is None else one.verdict.kind,
        f"{name}_seeds": seeds_of(one),
        f"{name}_failed": 0 if one is None else failed_runs(run_set, one),
        f"{name}_covers": "" if value is None else value.covers,
    }


def _kind(trick: TrickEffects, way: str) -> str:
    return trick.effects[way].verdict.kind if way in trick.effects else ""


def _notes(metric: str) -> list[str]:
    return [
        "In the ladder is a rung's difference to the rung below; if a rung adds several tricks, "
        "the difference is that of all of them together.",
        "Alone is the baseline with this trick less the baseline. Left out is the full "
        "stack less the full stack without the trick: the others stay, in their order. `#2` is a "
        "trick's second use: leaving it out brings the first back, and leaving out the trick "
        "leaves out all its uses.",
        "The last column compares the three differences with one another, paired by seed. It names "
        "those that disagree beyond chance (Holm's procedure over all such pairs of the table, "
        "5 %), with the first less the second.",
        COVERED,
        f"Validation {metric} decides. Runs are shared with the ladder and with other arms where "
        "they are the same training.",
    ]
