"""The verdict on each comparison of a study."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ..read.run_set import Rung, RunSet
from ..statistics.looks import Decision, judge_in_looks, spending
from ..statistics.planning import Outlook, outlook
from ..statistics.two_sources import Difference
from ..statistics.verdicts import Verdict, judge
from .confirmations import Confirmation, confirmation
from .effects import contrast, margin_of
from .races import last_set, races

Pair = tuple[Rung, Rung]


@dataclass(frozen=True)
class Judgement:
    """What an arm is worth against another, in which positive means better."""

    arm: str
    against: str
    difference: Difference | None
    """In the deciding validation metric; None where no seed is done in both."""
    cross_entropy: Difference | None
    """In the plain validation cross-entropy, which is less coarse, turned likewise: in nats."""
    verdict: Verdict
    failed: str
    """Which of the runs failed, in words, so that nothing is decided; else empty."""
    looks: tuple[int, ...] = ()
    """The numbers of seeds at which the study is looked at; empty for one look, at the end."""
    over_all: Difference | None = None
    """The difference over all seeds, where a look decided and more are done since."""

    @property
    def is_early(self) -> bool:
        """Whether it was decided at a look before the last."""
        if not self.looks or self.difference is None:
            return False
        return self.verdict.is_decided and self.difference.seeds < self.looks[-1]

    @property
    def looks_to_come(self) -> dict[int, float]:
        """Of an undecided comparison: by the seeds of each look to come the p that would decide."""
        seeds = self.difference.seeds if self.difference else 0
        asked = self.verdict.error / self.verdict.level
        parts = zip(self.looks, spending(self.looks) if self.looks else (), strict=True)
        return {number: part / asked for number, part in parts if number > seeds}

    @cached_property
    def outlook(self) -> Outlook | None:
        """Of an undecided comparison: what it could have shown, and what would decide it."""
        found = self.difference
        if found is None or not found.is_known or self.failed or self.verdict.is_decided:
            return None
        return outlook(found, self.verdict.level, self.looks_to_come)


def judgements(run_set: RunSet) -> dict[str, Judgement]:
    """By its name, a judgement of each arm that the study compares with another.

    Empty where arms do not stand on one another. Of a growth's races it is what new seeds said of
    their leaders.
    """
    family = run_set
    led: list[Judgement] = []
    if run_set.kind == "grow":
        family = last_set(run_set)
        confirmed = [confirmation(run_set, race) for race in races(run_set)]
        led = [_of_leader(one) for one in confirmed if one is not None]
    judged = [*led, *judge_pairs(family, compared_pairs(family))]
    return {one.arm: one for one in judged}


def _of_leader(one: Confirmation) -> Judgement:
    is_open = not one.verdict.is_decided
    failed = failed_text((one.arm, one.against)) if one.has_failed and is_open else ""
    return Judgement(
        one.arm.name, one.against.name, one.difference, one.cross_entropy, one.verdict, failed
    )


def compared_pairs(run_set: RunSet) -> list[Pair]:
    """Each arm that the study compares, and the one that it is compared with."""
    return [
        (rung, run_set.by_index[rung.against])
        for rung in run_set.rungs
        if run_set.is_ladder and rung.against in run_set.by_index
    ]


def judge_pairs(run_set: RunSet, pairs: Sequence[Pair]) -> list[Judgement]:
    """A judgement of each pair, an arm and what it is compared with; one family of hypotheses.

    A comparison of which a run failed stays undecided, as the mean of survivors is not the arm's;
    it counts in the family all the same. Where the study's file says at which numbers of seeds it
    is looked at (`looks`), a verdict is that of the first look that gave one.
    """
    if not pairs:
        return []
    numbers = run_set.ladder.get("looks")
    decisions = _in_looks(run_set, pairs, numbers) if numbers else _at_once(run_set, pairs)
    return [
        Judgement(
            arm=arm.name,
            against=against.name,
            difference=decision.difference,
            cross_entropy=contrast(run_set, [arm], [against], "cross_entropy"),
            verdict=decision.verdict,
            # A verdict of a look before the failure stands.
            failed="" if decision.verdict.is_decided else failed_text((arm, against)),
            looks=tuple(numbers or ()),
            over_all=_since(run_set, (arm, against), decision) if numbers else None,
        )
        for (arm, against), decision in zip(pairs, decisions, strict=True)
    ]


def _since(run_set: RunSet, pair: Pair, decision: Decision) -> Difference | None:
    """The difference over all seeds where it is of more than the look that decided it."""
    found = contrast(run_set, [pair[0]], [pair[1]])
    if found is None or decision.difference is None or not decision.verdict.is_decided:
        return None
    if failed_text(pair):  # a mean of survivors
        return None
    return found if found.seeds > decision.difference.seeds else None


def open_pairs(run_set: RunSet, pairs: Sequence[Pair], numbers: Sequence[int]) -> list[Pair]:
    """The pairs that want more seeds after the looks that their runs allow.

    A comparison of which a run failed wants none.

    Args:
        run_set: The study, with the runs that ended so far.
        pairs: All that it compares.
        numbers: The seeds at each look, as `trickbook.reports.statistics.looks.looks` gives them.
    """
    decisions = _in_looks(run_set, pairs, numbers)
    found = zip(pairs, decisions, strict=True)
    return [
        pair
        for pair, decision in found
        if not decision.verdict.is_decided and not failed_text(pair)
    ]


def failed_text(arms: Iterable[Rung], seeds: Collection[int] | None = None) -> str:
    """Which of the arms' runs failed, of these seeds or of all, in words; empty for none."""
    counts = [
        (rung, sum(seeds is None or run.seed in seeds for run in rung.failed)) for rung in arms
    ]
    return " and ".join(
        f"{failed} of the {len(rung.runs)} runs of {rung.name} failed"
        for rung, failed in counts
        if failed
    )


def failed_runs(run_set: RunSet, one: Judgement) -> int:
    """How many runs of the two arms failed, also where a look had decided before."""
    arms = (one.arm, one.against)
    return sum(len(rung.failed) for rung in run_set.rungs if rung.name in arms)


def _at_once(run_set: RunSet, pairs: Sequence[Pair]) -> list[Decision]:
    shown = [contrast(run_set, [arm], [against]) for arm, against in pairs]
    asked = _without_failed(pairs, shown, None)
    verdicts = judge(asked, margin_of(run_set))
    return [Decision(*one) for one in zip(verdicts, shown, strict=True)]


def _in_looks(run_set: RunSet, pairs: Sequence[Pair], numbers: Sequence[int]) -> list[Decision]:
    """Repeats the looks, as far as runs have ended: the same runs give the same verdicts."""
    seeds = _seeds(run_set)
    by_look: list[list[Difference | None]] = []
    decisions: list[Decision] = []
    for number in numbers:
        first = seeds[:number]
        still_open = [
            pair
            for place, pair in enumerate(pairs)
            if not decisions or not decisions[place].verdict.is_decided
        ]
        has_ended = all(failed_text(pair, first) or _has_ended(pair, first) for pair in still_open)
        if len(first) < number or not has_ended:
            break
        shown = [contrast(run_set, [arm], [against], seeds=first) for arm, against in pairs]
        by_look.append(_without_failed(pairs, shown, first))
        decisions = judge_in_looks(by_look, numbers, margin_of(run_set))
    if not decisions:
        decisions = judge_in_looks([[None] * len(pairs)], numbers, margin_of(run_set))
    everything = [contrast(run_set, [arm], [against]) for arm, against in pairs]
    return [
        decision if decision.verdict.is_decided else Decision(decision.verdict, latest)
        for decision, latest in zip(decisions, everything, strict=True)
    ]


def _without_failed(
    pairs: Sequence[Pair], shown: Sequence[Difference | None], seeds: Collection[int] | None
) -> list[Difference | None]:
    return [
        None if failed_text(pair, seeds) else one for pair, one in zip(pairs, shown, strict=True)
    ]


def _has_ended(pair: Pair, seeds: Collection[int]) -> bool:
    return all(set(seeds) <= {run.seed for run in (*rung.done, *rung.failed)} for rung in pair)


def _seeds(run_set: RunSet) -> list[int]:
    begun = {run.seed for run in run_set.runs if run.seed is not None}
    return sorted(begun.union(*(rung.not_started for rung in run_set.rungs)))
