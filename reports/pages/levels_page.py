"""The page of tricks by level: each alone on the same baseline, with its verdict."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ..analysis.effects import SHARES, margin_of
from ..analysis.judgements import Judgement, failed_runs, judgements
from ..figures.forest_figure import ForestRow, forest_figure, forest_note
from ..figures.picture import png_bytes
from ..figures.pictures import Picture
from ..read.run_set import RunSet
from ..wording import UNKNOWN, metric_text
from .difference_words import COVERED, effect_text, judged_text, seeds_of
from .facts import Table
from .shown_study import ShownStudy
from .tables import difference_columns, study_frame
from .verdict_words import early_text, verdicts_text

_HEADS = ["level", "trick", "against the baseline", "seeds", "cross-entropy"]


def show_levels(run_set: RunSet, file: str) -> ShownStudy:
    """Work out the main part of the page.

    Its table has a row per trick: `level`, `trick`, and the `metric` that decides; `delta`, the
    mean difference to the baseline in it on validation, above zero where the trick makes it better,
    with its 95 % interval `delta_low` to `delta_high`, its two-sided p, not adjusted, `delta_p`,
    over how many seeds it is, `delta_seeds`, and what the interval covers, `delta_covers`;
    `verdict`, which is `helps`, `hurts`, `no difference` (none larger than `margin`, in the
    metric's unit, blank where none was fixed) or `undecided`, by Holm's procedure over the whole
    table; `failed`, how many runs of the two arms failed, so that what no earlier look decided
    stays undecided.
    """
    judged = judgements(run_set)
    tricks = [
        (trick, judged[name])
        for trick in run_set.details["tricks"]
        if (name := run_set.by_index[trick["arm"]].name) in judged
    ]
    metric = metric_text(run_set.deciding.metric)
    margin = margin_of(run_set)
    what = f"What each trick alone on the baseline is worth in validation {metric}"
    figure = forest_figure(
        [ForestRow.of(trick["name"], one.difference, one.verdict.kind) for trick, one in tricks],
        is_share=run_set.deciding.metric in SHARES,
        metric=f"validation {metric}",
        margin=margin,
    )
    return ShownStudy(
        title=f"The tricks of {run_set.ladder['ladder']} by level, each alone on the baseline",
        headline=_headline(run_set, tricks, metric),
        frame=study_frame([_row(trick, one, run_set) for trick, one in tricks]),
        table=_table(tricks),
        pictures=[Picture(f"{file}.png", what, png_bytes(figure), note=forest_note(margin))],
        notes=[
            f"Against the baseline is the baseline with this trick alone less the baseline, in "
            f"validation {metric}; above zero the trick makes the network better. Levels are those "
            "of deck L1. A trick that is worth nothing alone may be worth something beside others: "
            "`trickbook ablate` shows that for a ladder.",
            COVERED,
        ],
    )


def _headline(run_set: RunSet, tricks: list[tuple[Any, Judgement]], metric: str) -> list[str]:
    sentences = [
        f"Each trick alone on the baseline, judged by validation {metric} against the baseline."
    ]
    for level in dict.fromkeys(trick["level"] for trick, _ in tricks):
        own = [replace(one, arm=trick["name"]) for trick, one in tricks if trick["level"] == level]
        sentences.append(f"{level.capitalize()}. {verdicts_text(own, run_set)}")
    early = early_text([replace(one, arm=trick["name"]) for trick, one in tricks], run_set)
    return [*sentences, *([early] if early else []), *run_set.details.get("refused", [])]


def _table(tricks: list[tuple[Any, Judgement]]) -> Table:
    """The table of the page; without the cross-entropy if it is not known."""
    rows = [
        [
            trick["level"],
            trick["name"],
            judged_text(one),
            str(seeds_of(one)),
            effect_text(one.cross_entropy),
        ]
        for trick, one in tricks
    ]
    if all(row[-1] == UNKNOWN for row in rows):
        return Table("", _HEADS[:-1], [row[:-1] for row in rows])
    return Table("", _HEADS, rows)


def _row(trick: Any, one: Judgement, run_set: RunSet) -> dict[str, Any]:
    value = one.difference
    return {
        "level": trick["level"],
        "trick": trick["name"],
        "metric": run_set.deciding.metric,
        **difference_columns("delta", value),
        "delta_p": value.p if value else None,
        "delta_seeds": value.seeds if value else None,
        "delta_covers": value.covers if value else None,
        "verdict": one.verdict.kind,
        "margin": one.verdict.margin,
        "failed": failed_runs(run_set, one),
    }
