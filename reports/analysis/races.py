"""The races of a growth: which arms ran in which, and at which numbers of seeds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..read.run_set import RunSet

# The last runs of a growth, of seeds that no race had.
LAST = ("test-baseline", "test-grown")


def race_sets(run_set: RunSet) -> list[RunSet]:
    """The arms of each race, as studies of their own, and the last runs; empty for other studies.

    Args:
        run_set: A study, which is a growth if its details tell of races.
    """
    if run_set.kind != "grow":
        return []
    return [*(race_set(run_set, race) for race in run_set.details["races"]), last_set(run_set)]


def race_set(run_set: RunSet, race: Mapping[str, Any]) -> RunSet:
    """The arms of a race, its reference first, with the looks that were fixed before it began."""
    names = [race["against"], *(one["arm"] for one in race["entrants"])]
    by_name = {rung.name: rung for rung in run_set.rungs}
    rungs = tuple(by_name[name] for name in names)
    return replace(run_set, rungs=rungs, ladder={**run_set.ladder, "looks": race["looks"]})


def last_set(run_set: RunSet) -> RunSet:
    """The baseline and the grown model with new seeds, which alone read the test set."""
    return replace(run_set, rungs=tuple(rung for rung in run_set.rungs if rung.name in LAST))
