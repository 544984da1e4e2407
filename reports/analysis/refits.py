"""Rungs that were trained again on training and validation examples: what they reach on test."""

from __future__ import annotations

from dataclasses import dataclass

from ..read.run_set import Rung, RunSet, read_run_set
from ..statistics.intervals import Estimate, estimate
from .view_gains import with_views

FILES = "refit-*.json"
# What makes other examples of a data set; older files lack some of it.
_CHOSEN = ("limit_train", "split_seed", "scaling", "fingerprint")


@dataclass(frozen=True)
class Refit:
    """A refit and its runs, of which at least one is done."""

    run_set: RunSet

    @property
    def arm(self) -> Rung:
        """Its only one."""
        return self.run_set.rungs[0]

    @property
    def rung(self) -> str:
        """The name of the rung that was trained again."""
        return str(self.run_set.details.get("rung", self.arm.name))

    @property
    def is_top(self) -> bool:
        """Whether that is the last of its ladder."""
        return bool(self.run_set.details.get("is_top"))

    @property
    def examples(self) -> int | None:
        """How many examples it trained on, where that is recorded."""
        number = (self.arm.done[0].details.get("data") or {}).get("train")
        return number if isinstance(number, int) else None

    @property
    def test(self) -> Estimate:
        """Its deciding test figure over the seeds."""
        return estimate(self.arm.values("test"))

    @property
    def with_views(self) -> list[float]:
        """That of each run over several views of each image; NaN where none were taken."""
        return with_views(self.arm, self.run_set.deciding, "test")


def refits_of(ladder: RunSet) -> list[Refit]:
    """The refits of a ladder's rungs, as they now are, that its folder holds and that have a run.

    Raises:
        ReportError: A refit's file cannot be read.
    """
    files = sorted(ladder.folder.glob(FILES))
    found = [read_run_set(ladder.folder, file.stem) for file in files]
    refits = [Refit(one) for one in found if any(rung.done for rung in one.rungs)]
    return [one for one in refits if _is_of(one, ladder)]


def _is_of(refit: Refit, ladder: RunSet) -> bool:
    """Whether a rung of that name has the same blueprint and data, as far as that is known."""
    rung = ladder.by_name.get(refit.rung)
    if rung is None or not _has_same_data(refit.run_set, ladder):
        return False
    told = [run.details.get("blueprint") for run in (*rung.runs[:1], refit.arm.done[0])]
    return len(told) < 2 or told[0] == told[1]


def _has_same_data(one: RunSet, other: RunSet) -> bool:
    data, others = (study.ladder.get("data") or {} for study in (one, other))
    return all(data[key] == others[key] for key in _CHOSEN if key in data and key in others)
