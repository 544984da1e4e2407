"""The table of a growth: a row for each trick of each race, and for each of the last models."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..analysis.effects import contrast
from ..analysis.judgements import Judgement
from ..analysis.races import heat_leads, kept_arm, last_set, races
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..statistics.verdicts import UNDECIDED
from .grow_words import stacked
from .tables import difference_columns, study_frame

if TYPE_CHECKING:
    import pandas as pd


def growth_frame(run_set: RunSet, judged: Mapping[str, Judgement]) -> pd.DataFrame:
    """A row for each trick of each race, and one for each of the last models.

    Differences are in the unit of the deciding metric, above zero where better. What is not known
    is blank. The columns:

    - `race`: the race's number, from 1; `last` for the runs with new seeds at the end.
    - `arm`, and `adds`: the recipes that it adds, to the race's model or to the baseline.
    - `metric`: the one that decides.
    - `val`, `test`, `runs`: means over all runs of the arm that are done, and how many these are. A
      leader's include the seed of the heat, which `delta` leaves out. Only the last runs read the
      test set, and with `--no-test` not even they.
    - `lead`: how far it was above the model in the heat (see `heat_leads`); blank without one.
    - `delta`, from `delta_low` to `delta_high`: in validation, of a leader to the race's model over
      the new seeds, of the grown model to the baseline over the last; `delta_seeds` of them.
    - `p`, with `p_is`: for a leader `one-sided`, allowing for its being the luckiest of all that
      were raced on the model; for the grown model `two-sided`.
    - `verdict`: the verdict on `delta`; `undecided` for what led no heat.
    - `test_delta`, from `test_delta_low` to `test_delta_high`: `delta` on the test set.
    - `kept`: whether the growth went on with it.
    """
    raced = [
        _row(run_set, run_set.by_name[one["arm"]], judged.get(one["arm"]))
        | {
            "race": str(number),
            "lead": heat_leads(run_set, race)[one["arm"]],
            "kept": one["arm"] == kept_arm(race),
        }
        for number, race in enumerate(races(run_set), 1)
        for one in race["entrants"]
    ]
    frame = study_frame([*raced, *_last_rows(run_set, judged)])
    if len(frame):
        frame["delta_seeds"] = frame["delta_seeds"].astype("Int64")
    return frame


def _last_rows(run_set: RunSet, judged: Mapping[str, Judgement]) -> list[dict[str, Any]]:
    last = last_set(run_set)
    rows = []
    for rung in last.rungs:
        one = judged.get(rung.name)
        found = contrast(last, [rung], [last.rungs[0]], split="test") if one else None
        rows.append(
            _row(run_set, rung, one, "two-sided")
            | difference_columns("test_delta", found)
            | {
                "race": "last",
                "adds": "+".join(stacked(run_set, rung.name)),
                "verdict": one.verdict.kind if one else "",
            }
        )
    return rows


def _row(
    run_set: RunSet, rung: Rung, one: Judgement | None, sides: str = "one-sided"
) -> dict[str, Any]:
    """The row of an arm of a race; the rows of the last models replace some of its cells."""
    found, p = (one.difference, one.verdict.p) if one else (None, math.nan)
    return {
        "race": "",
        "arm": rung.name,
        "adds": rung.recipe,
        "metric": run_set.deciding.metric,
        "val": estimate(rung.values("val")).mean,
        "test": estimate(rung.values("test")).mean,
        "runs": len(rung.done),
        "lead": math.nan,
        **difference_columns("delta", found),
        "delta_seeds": found.seeds if found else math.nan,
        "p": p,
        "p_is": "" if math.isnan(p) else sides,
        "verdict": one.verdict.kind if one else UNDECIDED,
        **difference_columns("test_delta", None),
        "kept": False,
    }
