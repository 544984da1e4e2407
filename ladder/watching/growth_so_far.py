"""What the page shows of a growth's record while it grows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...reports.analysis.races import last_set
from ...reports.read.run_set import RunSet
from ...reports.wording import join_words
from ...runs.lock import is_held
from ..growing.aim import HELD
from .found_study import FoundStudy


def goes_on(run_set: RunSet) -> bool:
    """Returns whether a study is a growth that still races, so that more runs are to come."""
    return run_set.kind == "grow" and not run_set.details.get("end")


def is_being_grown(folder: Path) -> bool:
    """Returns whether a process on this machine is growing a ladder in the folder."""
    return bool(is_held(folder / HELD))


def seconds_to_its_end(found: FoundStudy) -> float | None:
    """Returns the seconds from when a file was last written until the growth's minutes are over.

    Args:
        found: a growth that goes on.

    Returns:
        The seconds, 0 or more; None if the growth's file does not tell.
    """
    details = found.run_set.details
    minutes, spent = (details.get("aim") or {}).get("minutes"), details.get("spent")
    if not found.stamp or minutes is None or spent is None:
        return None
    # `spent` was counted up to the time when the file was written.
    end: float = found.stamp[0] / 1e9 + 60 * minutes - spent
    return max(0.0, end - found.written)


def races_text(run_set: RunSet) -> str:
    """Returns which verdicts of a growth stand before its end, and which are provisional."""
    races = run_set.details.get("races") or []
    have_ended = [race.get("outcome") is not None for race in races]
    leads = [
        _leader_text(race, number)
        for number, (race, has_ended) in enumerate(zip(races, have_ended, strict=True), 1)
        if race.get("leader") and not has_ended
    ]
    stand = ["The verdicts of races that have ended stand."] if any(have_ended) else []
    is_last = any(rung.unfinished or rung.not_started for rung in last_set(run_set).rungs)
    of_last = ["The verdict on the grown model is provisional until all last runs have ended."]
    return " ".join([*leads, *stand, *(of_last if is_last else [])])


def _leader_text(race: Mapping[str, Any], number: int) -> str:
    looks = join_words([str(look) for look in race.get("looks") or []])
    at = f" is looked at with {looks} new seeds, and" if looks else ""
    return f"The leader of race {number}{at} is provisional until the race has ended."
