"""Studies of several folders, arm by arm."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ...runs.errors import ReportError
from ..read.flat_settings import setting_differences
from ..read.run_set import Rung, RunSet, read_run_sets
from .judgements import Judgement, judge_pairs
from .pairing import why_unpaired


@dataclass(frozen=True)
class Pair:
    """An arm of a later folder beside the first folder's of the same name."""

    judgement: Judgement | None
    """Positive where the later folder's is better; None where they are not compared."""
    unpaired: list[str]
    """Why they are not."""
    is_same: bool
    """Whether the shared seeds are the very same runs, by their fingerprints."""
    changed: list[str]
    """In which settings the later blueprint is another."""


@dataclass(frozen=True)
class SideBySide:
    """One study in several folders."""

    study: str
    run_sets: list[RunSet]
    """As the folders were given."""
    arms: list[str]
    """Names of arms without their numbers, in the first folder's order, then the others' own."""

    def arm(self, place: int, name: str) -> Rung | None:
        """The arm of that name in the folder at `place`."""
        return arms_by_name(self.run_sets[place]).get(name)

    def pairs(self) -> dict[tuple[int, str], Pair]:
        """Each later folder's arms against the first's, by place and name; judged as one family."""
        both = {
            (place, name): (second, first)
            for place in range(1, len(self.run_sets))
            for name in self.arms
            if (first := self.arm(0, name)) and (second := self.arm(place, name))
        }
        unpaired = {key: why_unpaired(first, second) for key, (second, first) in both.items()}
        asked = [key for key, pair in both.items() if not (unpaired[key] or _are_same(*pair))]
        judged = judge_pairs(_without_looks(self.run_sets[0]), [both[key] for key in asked])
        judgements = dict(zip(asked, judged, strict=True))
        return {
            key: Pair(
                judgements.get(key),
                unpaired[key],
                _are_same(second, first),
                setting_differences(_blueprint(first), _blueprint(second)),
            )
            for key, (second, first) in both.items()
        }


def read_side_by_side(folders: Sequence[str | Path]) -> list[SideBySide]:
    """Each study that all the folders hold; where each holds one alone, those, whatever its name.

    Raises:
        ReportError: There are fewer than two folders, they have no study in common, or one holds no
            runs.
    """
    if len(folders) < 2:
        raise ReportError("Studies are compared across two folders or more, and one was given.")
    read = [read_run_sets(folder) for folder in folders]
    shared = [name for name in read[0] if all(name in one for one in read)]
    if shared:
        return [_side_by_side(name, [one[name] for one in read]) for name in shared]
    if all(len(one) == 1 for one in read):
        return [_side_by_side("", [next(iter(one.values())) for one in read])]
    held = "; ".join(
        f"{folder}: {', '.join(name or 'runs without a study' for name in one)}"
        for folder, one in zip(folders, read, strict=True)
    )
    raise ReportError(f"The folders have no study in common. They hold {held}.")


def arms_by_name(run_set: RunSet) -> dict[str, Rung]:
    """The arms by their names without numbers; what occurs again is `wider#2`."""
    seen: Counter[str] = Counter()
    found = {}
    for rung in run_set.rungs:
        name = re.sub(r"^\d+-", "", rung.name) if run_set.kind == "ladder" else rung.name
        seen[name] += 1
        found[name if seen[name] == 1 else f"{name}#{seen[name]}"] = rung
    return found


def _side_by_side(study: str, run_sets: list[RunSet]) -> SideBySide:
    names = dict.fromkeys(name for run_set in run_sets for name in arms_by_name(run_set))
    return SideBySide(study, run_sets, list(names))


def _without_looks(run_set: RunSet) -> RunSet:
    """The looks of a study are at its own comparisons."""
    ladder = {key: value for key, value in run_set.ladder.items() if key != "looks"}
    return replace(run_set, ladder=ladder)


def _blueprint(arm: Rung) -> dict[str, Any]:
    runs = [*arm.done, *arm.runs]
    return (runs[0].details.get("blueprint") or {}) if runs else {}


def _are_same(first: Rung, second: Rung) -> bool:
    prints = {run.seed: run.fingerprint for run in first.done}
    shared = [run for run in second.done if run.seed in prints]
    return bool(shared) and all(
        run.fingerprint and run.fingerprint == prints[run.seed] for run in shared
    )
