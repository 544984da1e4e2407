"""Warning that a study is about to replace the report of another one in its folder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .plan import Plan
from .study import Study
from .study_folder import told_before

# How many of the arms that a report loses are named.
_NAMED = 4


def replaced_report(study: Study, out: Path, plan: Plan) -> str:
    """Returns a warning if the report in the folder has arms that the study lacks.

    Two arms are the same if they share a run: an arm may have another name now, or more seeds.

    Returns:
        A sentence or two; empty if nothing is lost.
    """
    before = told_before(study, out)
    ours = set(plan.fingerprints.values())
    lost = [rung["name"] for rung in before.get("rungs") or () if not ours & _runs(rung)]
    if not lost:
        return ""
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    return (
        f"This replaces the report of {before.get('ladder')} in {out}, which has arms that this "
        f"study lacks: {', '.join(lost[:_NAMED])}{more}. Their runs stay; to keep their report, "
        "give another folder as out (--out)."
    )


def _runs(rung: dict[str, Any]) -> set[str]:
    """Returns the fingerprints of an arm's runs, as in the study's file."""
    return set((rung.get("fingerprints") or {}).values())
