"""What the points of a sweep are worth against the best, which the same runs picked."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..read.run_set import RunSet
from ..statistics.two_sources import Difference
from ..statistics.verdicts import Family, Verdict, judge
from .effects import contrast, margin_of
from .sweep_points import SweepPoint


class JudgedPoint(NamedTuple):
    """A point of a sweep against another, in which positive means better."""

    point: SweepPoint
    against: SweepPoint
    difference: Difference | None
    verdict: Verdict


def judged_points(
    run_set: RunSet, points: Sequence[SweepPoint], best: Mapping[str, SweepPoint]
) -> list[JudgedPoint]:
    """Each point against the best of its rung, then the rungs' best against the first's.

    Which point is the best was read off the same runs, and it lies the further above the others
    the more there are. So a verdict counts every pair of points that the choice could have put
    beside each other, not only those that it did.

    Args:
        run_set: The sweep.
        points: All of it. One of which a run failed is not compared, as survivors alone would be;
            it counts in the family all the same.
        best: By rung, as `best_points` gives them.
    """
    pairs = [*_within_rungs(points, best), *_between_rungs(best)]
    differences = [contrast(run_set, [one.arm], [other.arm]) for one, other in pairs]
    count = math.comb(len(points), 2)
    verdicts = judge(differences, margin_of(run_set), family=Family(count, count))
    found = zip(pairs, differences, verdicts, strict=True)
    return [JudgedPoint(*pair, difference, verdict) for pair, difference, verdict in found]


def _within_rungs(
    points: Sequence[SweepPoint], best: Mapping[str, SweepPoint]
) -> list[tuple[SweepPoint, SweepPoint]]:
    return [
        (point, best[point.rung])
        for point in points
        if point.rung in best and point is not best[point.rung] and not point.arm.failed
    ]


def _between_rungs(best: Mapping[str, SweepPoint]) -> list[tuple[SweepPoint, SweepPoint]]:
    points = list(best.values())
    return [(point, points[0]) for point in points[1:]]
