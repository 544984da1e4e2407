"""What the pages say about arms whose networks begin with a pretrained one."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from ..read.run_set import Rung, RunSet
from .arm_parts import known_columns
from .facts import Part

_READING = (
    "These networks begin with one that was trained before, without its head. Its weights are "
    "identified by the first digits of their hash (sha256), wherever the file lies. The outputs of "
    "a frozen part are computed once if no trick changes the inputs, and else at each step; the "
    "figures are the same."
)
_DIGITS = 12


def transfer_part(run_set: RunSet) -> list[Part]:
    """A part on pretrained networks and their phases of training; empty if there are none."""
    rungs = [rung for rung in run_set.rungs if any("backbone" in r.details for r in rung.done)]
    if not rungs:
        return []
    told = [
        next(r.details["backbone"] for r in rung.done if "backbone" in r.details) for rung in rungs
    ]
    phases = [_phases(rung) for rung in rungs]
    columns = {
        run_set.arm_word: [rung.name for rung in rungs],
        "trained before": [_source(one) for one in told],
        "hash of its weights": [str(one.get("sha256", ""))[:_DIGITS] for one in told],
        "epochs frozen": [_epochs(one, "frozen") for one in phases],
        "then unfrozen": [_epochs(one, "unfrozen") for one in phases],
        "frozen part computed": [_computed(one) for one in phases],
    }
    return [Part("What was trained before", [_READING], shown=[known_columns(columns)])]


def _source(told: dict[str, Any]) -> str:
    weights = told.get("weights")
    return f"{told['source']}, {weights}" if weights else str(told["source"])


def _phases(rung: Rung) -> list[dict[str, Any]]:
    return next((run.metrics["phases"] for run in rung.done if "phases" in run.metrics), [])


def _epochs(phases: list[dict[str, Any]], name: str) -> str:
    return str(sum(one["epochs"] for one in phases if one["name"] == name))


def _computed(phases: list[dict[str, Any]]) -> str:
    ways = ["once" if one["features_once"] else "at each step" for one in phases]
    return ", then ".join(way for way, _ in groupby(ways))
