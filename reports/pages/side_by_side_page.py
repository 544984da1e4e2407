"""The page of studies in several folders: a table, and what differs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..analysis.pairing import data_differences
from ..analysis.side_by_side import Pair, SideBySide, read_side_by_side
from ..read.run_set import RunSet
from ..statistics.intervals import estimate
from ..statistics.verdicts import HELPS, HURTS
from ..wording import UNKNOWN, count_text, figure_text, join_words, metric_text
from . import provenance
from .difference_words import COVERED, effect_text
from .facts import Part, Table
from .render import page

Pairs = Mapping[tuple[int, str], Pair]
# How many settings of an arm are named, so that a different network does not fill the page.
NAMED = 6


@dataclass(frozen=True)
class SideBySideFacts:
    """One study in several folders."""

    title: str
    tables: list[Table]
    differs: list[str]
    """What differs between the folders, a text each."""


def gather_side_by_side(folders: Sequence[str]) -> list[SideBySideFacts]:
    """Work out the tables of all studies that the folders share.

    Raises:
        ReportError: The folders share no study, or hold nothing to read.
    """
    return [_facts(found, folders) for found in read_side_by_side(folders)]


def side_by_side_markdown(facts: Sequence[SideBySideFacts]) -> str:
    """The same as a Markdown page."""
    return page(
        "side_by_side.md.j2",
        [
            Part(one.title, shown=one.tables, parts=[Part("What differs", items=one.differs)])
            for one in facts
        ],
    )


def _facts(found: SideBySide, folders: Sequence[str]) -> SideBySideFacts:
    pairs = found.pairs()
    metric = metric_text(found.run_sets[0].deciding.metric)
    tables = [_figures(found, folders)]
    tables += [_differences(found, pairs, place, folders) for place in range(1, len(folders))]
    title = f"{found.study or 'Runs'}, side by side: validation {metric}"
    return SideBySideFacts(title, tables, _differs(found, pairs, folders))


def _figures(found: SideBySide, folders: Sequence[str]) -> Table:
    rows = []
    for name in found.arms:
        arms = [found.arm(place, name) for place in range(len(folders))]
        cells = [
            UNKNOWN
            if arm is None
            else f"{figure_text(estimate(arm.values('val')))} ({count_text(len(arm.done), 'run')})"
            for arm in arms
        ]
        rows.append([name, *cells])
    return Table("Figures, mean and standard deviation over the runs", ["arm", *folders], rows)


def _differences(found: SideBySide, pairs: Pairs, place: int, folders: Sequence[str]) -> Table:
    is_told_once = bool(_why_none_is_paired(pairs, place))
    rows = [[name, *_compared(pairs.get((place, name)), is_told_once)] for name in found.arms]
    title = f"{folders[place]} against {folders[0]}; above zero is better"
    return Table(title, ["arm", "difference", "verdict", "seeds"], rows)


def _why_none_is_paired(pairs: Pairs, place: int) -> list[str]:
    """What keeps all arms of a folder from being paired; empty where reasons differ."""
    reasons = [pair.unpaired for (at, _), pair in pairs.items() if at == place]
    return reasons[0] if reasons and all(one == reasons[0] for one in reasons) else []


def _compared(pair: Pair | None, is_told_once: bool) -> list[str]:
    if pair is None:
        return [UNKNOWN, "not in both", UNKNOWN]
    if pair.unpaired:
        reasons = "" if is_told_once else f": {'; '.join(pair.unpaired)}"
        return [UNKNOWN, f"not paired{reasons}", UNKNOWN]
    if pair.is_same:
        return [UNKNOWN, "the same runs", UNKNOWN]
    judged = pair.judgement
    difference = judged.difference if judged else None
    if judged is None or difference is None:
        return [UNKNOWN, "no validation figures", UNKNOWN]
    words = {HELPS: "better", HURTS: "worse"}
    verdict = words.get(judged.verdict.kind, judged.verdict.text)
    failed = f" ({judged.failed})" if judged.failed else ""
    return [effect_text(difference), f"{verdict}{failed}", f"{difference.seeds}"]


def _differs(found: SideBySide, pairs: Pairs, folders: Sequence[str]) -> list[str]:
    texts = []
    for place in range(1, len(folders)):
        versus = f"{folders[place]} against {folders[0]}"
        first, second = found.run_sets[0], found.run_sets[place]
        unpaired = _why_none_is_paired(pairs, place)
        data = [f"data: {text}" for text in data_differences(first.data, second.data)]
        said = [
            *([f"no arm is paired: {'; '.join(unpaired)}"] if unpaired else []),
            *(text for text in data if text not in unpaired),
            *_software(first, second),
            *_blueprints({name: pair for (at, name), pair in pairs.items() if at == place}),
        ]
        texts += [f"{versus}: {text}." for text in said] or [f"{versus}: nothing that is recorded."]
    if any(pair.judgement for pair in pairs.values()):
        texts.append(f"Arms pair by seed. {COVERED}")
    return texts


def _software(first: RunSet, second: RunSet) -> list[str]:
    one, other = (dict(provenance.software_facts(run_set)) for run_set in (first, second))
    machines = [", ".join(provenance.accelerators(run_set)) for run_set in (first, second)]
    # Runs of earlier versions do not record it.
    is_other_machine = all(machines) and machines[0] != machines[1]
    return [
        f"{name} {one.get(name, 'none')} and {other.get(name, 'none')}"
        for name in {**one, **other}
        if one.get(name) != other.get(name)
    ] + ([f"accelerator {' and '.join(machines)}"] if is_other_machine else [])


def _blueprints(pairs: Mapping[str, Pair]) -> list[str]:
    """What differs in the arms' blueprints, one text for all arms with the same change."""
    by_change: dict[tuple[str, ...], list[str]] = {}
    for name, pair in pairs.items():
        if pair.changed:
            by_change.setdefault(tuple(pair.changed), []).append(name)
    return [
        f"blueprint of {'every arm' if len(names) == len(pairs) else join_words(names)}: "
        + "; ".join(change[:NAMED])
        + (f"; and {len(change) - NAMED} more" if len(change) > NAMED else "")
        for change, names in by_change.items()
    ]
