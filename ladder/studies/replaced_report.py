"""Telling of a report in the folder that a study would take the place of."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .plan import Plan
from .study import Study
from .study_folder import told_before

# How many of the arms that a report loses are named.
_NAMED = 4


def replaced_report(study: Study, out: Path, plan: Plan) -> str:
    """Returns what to say where the report that is there tells of arms that the study lacks.

    An arm is the study's where they share a run: under another name, or with more seeds, it is the
    same one.

    Returns:
        A sentence or two; empty where nothing is lost.
    """
    before = told_before(study, out)
    ours = set(plan.fingerprints.values())
    lost = [rung["name"] for rung in before.get("rungs") or () if not ours & _runs(rung)]
    if not lost:
        return ""
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return (
        f"This replaces the report of {before.get('ladder')} in {out}, which has arms that are not "
        f"among these: {', '.join(lost[:_NAMED])}{more}. Their runs stay; to keep their report, "
        "give another folder as out (--out)."
    )


def _runs(rung: dict[str, Any]) -> set[str]:
    """Returns the fingerprints of an arm's runs, as a study's file tells them."""
    return set((rung.get("fingerprints") or {}).values())
