"""The points of a sweep: which values were tried, which are best, and whether on an edge."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...argument_checks import is_number
from ..read.run_set import Rung, RunSet
from .best_rung import ranking

_BATCH_SIZES = ("batch_size", "batch_size.size")


@dataclass(frozen=True)
class SweepPoint:
    """One arm of a sweep."""

    rung: str
    """The rung whose settings are swept."""
    values: Mapping[str, Any]
    """By the settings' names."""
    arm: Rung
    sizes: Mapping[str, Any]
    """`values` by which points are in order: a batch size of 0 is that of the training set."""


def sweep_points(run_set: RunSet) -> list[SweepPoint]:
    """The points of a sweep, in ascending order of their values within a rung."""
    examples = run_set.data.get("train")
    points = []
    for one in run_set.details["points"]:
        sizes = {
            name: examples if name in _BATCH_SIZES and value == 0 and examples else value
            for name, value in one["values"].items()
        }
        points.append(SweepPoint(one["rung"], one["values"], run_set.by_index[one["arm"]], sizes))
    rungs = list(dict.fromkeys(point.rung for point in points))

    def place(point: SweepPoint) -> tuple[Any, ...]:
        keys = (
            (isinstance(value, str), value) if isinstance(value, int | float | str) else (True, "")
            for value in point.sizes.values()
        )
        return rungs.index(point.rung), *keys

    return sorted(points, key=place)


def best_points(points: Iterable[SweepPoint], run_set: RunSet) -> dict[str, SweepPoint]:
    """By rung, the point of the best mean validation figure; none where no point may be best.

    `trickbook.reports.analysis.best_rung.ranking` says over which seeds.
    """
    by_rung: dict[str, dict[str, SweepPoint]] = {}
    for point in points:
        by_rung.setdefault(point.rung, {})[point.arm.name] = point
    best = {
        rung: ranking([point.arm for point in held.values()], run_set).best
        for rung, held in by_rung.items()
    }
    return {rung: by_rung[rung][arm.name] for rung, arm in best.items() if arm is not None}


def best_of_rungs(run_set: RunSet) -> dict[str, Mapping[str, Any]]:
    """By rung, the values of its best point."""
    return {
        rung: point.values for rung, point in best_points(sweep_points(run_set), run_set).items()
    }


def edges(run_set: RunSet, best: SweepPoint) -> list[tuple[str, str]]:
    """The settings on whose edge a best point lies, each with `lowest` or `highest`.

    An end beyond which the setting cannot go is no edge.
    """
    tried = [point.sizes for point in sweep_points(run_set) if point.rung == best.rung]
    found = []
    for axis in run_set.details["axes"]:
        name = axis["name"]
        sizes, size = [sizes[name] for sizes in tried], best.sizes[name]
        if len(set(map(repr, sizes))) < 2 or not all(map(is_number, sizes)):
            continue
        is_batch = name in _BATCH_SIZES
        low = max(axis["low"] or 0, 1) if is_batch else axis["low"]
        high = run_set.data.get("train") if is_batch else axis["high"]
        if size == min(sizes) and size != low:
            found.append((name, "lowest"))
        elif size == max(sizes) and size != high:
            found.append((name, "highest"))
    return found
