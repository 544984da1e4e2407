"""The trials of a search, as its study's file tells them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...runs.run_folder import read_runs
from ..read.measures import measures
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate


@dataclass(frozen=True)
class SearchTrial:
    """One trial."""

    number: int
    values: Mapping[str, Any]
    """By the settings' names."""
    state: str
    """`done`, `pruned` or `failed`."""
    score: float
    """The deciding figure on what the search held out; NaN unless it is done."""
    epochs: int | None
    """How many of them were followed; None where no figure came."""
    last: float
    """The last figure of its curve that was followed; NaN where none came."""
    reason: str
    """Why it failed."""


@dataclass(frozen=True)
class Flattery:
    """How much a search had flattered itself, all of it turned so that above zero is better."""

    searched: float
    """The winner's score in the search."""
    judged: float
    """Its mean figure with new seeds, judged."""
    own_searched: float
    """The score of the rung's own settings in the search's setup; NaN if that is not known."""
    own_judged: float
    """Their mean figure with new seeds, judged."""

    sign: int = 1
    """What a difference is multiplied with, so that above 0 is better."""

    @property
    def total(self) -> float:
        """The winner's score less what it was judged to be."""
        return self.sign * (self.searched - self.judged)

    @property
    def gain_searched(self) -> float:
        """What the winner gained on the rung's own settings, by the search."""
        return self.sign * (self.searched - self.own_searched)

    @property
    def gain_judged(self) -> float:
        """What it gained, judged."""
        return self.sign * (self.judged - self.own_judged)

    @property
    def of_choice(self) -> float:
        """The part that the choice among trials made: the gain promised less the gain judged.

        What the two setups differ in, examples to train on and to judge by, cancels out as far as
        it is the same for the winner and the rung's own settings.
        """
        return self.gain_searched - self.gain_judged


def search_trials(run_set: RunSet) -> list[SearchTrial]:
    """The trials that were told of, in their order."""
    return [
        SearchTrial(
            number=one["number"],
            values=one["values"],
            state=one["state"],
            score=known_number(one["score"]),
            epochs=one["epochs"],
            last=known_number(one["last"]),
            reason=one["reason"] or "",
        )
        for one in run_set.details["trials"]
    ]


def best_trial(run_set: RunSet) -> SearchTrial | None:
    """The trial of the best score, which won; None while none is done."""
    number = run_set.details["best"]
    return next((one for one in search_trials(run_set) if one.number == number), None)


def best_so_far(trials: Sequence[SearchTrial], sign: int) -> list[float]:
    """After each trial the best score until then, by the sign; NaN before the first."""
    best: list[float] = np.fmax.accumulate([sign * trial.score for trial in trials]).tolist()
    return [sign * one for one in best]


def judged_arms(run_set: RunSet) -> tuple[Rung, Rung | None]:
    """The arm of the rung's own settings, and the winner's; None while there is none.

    Where the rung's own settings won, the two are the same.
    """
    own, *others = run_set.rungs
    if others:
        return own, others[0]
    return own, own if run_set.details.get("own_is_best") else None


def judged_names(rung: str) -> tuple[str, str]:
    """What the arms that judge a search of a rung are called: its own settings and the winner's."""
    return f"{rung},own-settings", f"{rung},winner"


def other_winners_tested(run_set: RunSet) -> int:
    """How many other models of the rung were measured on the test set, as winners of searches.

    They are of this search when it had fewer trials, or of others in its folder.
    """
    own, winner = judged_arms(run_set)
    names = judged_names(run_set.details["rung"])
    known = [run.details.get("blueprint") for run in (winner or own).runs]
    found: list[Any] = []
    for run in read_runs(run_set.folder / "runs"):
        blueprint = run.details.get("blueprint")
        # A run of the ladder's own has the rung's name, and was no choice.
        is_tested = run.name in names and not math.isnan(measures(run)["test"])
        if is_tested and blueprint not in (*known, *found):
            found.append(blueprint)
    return len(found)


def flattery(run_set: RunSet) -> Flattery | None:
    """How much the search had flattered itself; None until the winner is judged."""
    best, (own, winner) = best_trial(run_set), judged_arms(run_set)
    if best is None or winner is None or not winner.done:
        return None
    return Flattery(
        searched=best.score,
        judged=estimate(winner.values("val")).mean,
        own_searched=known_number(run_set.details["own_score"]),
        own_judged=estimate(own.values("val")).mean,
        sign=run_set.deciding.sign,
    )


def known_number(value: Any) -> float:
    """A number of a study's file, where null is NaN."""
    return math.nan if value is None else float(value)
