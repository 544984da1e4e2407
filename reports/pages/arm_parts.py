"""What the pages of every kind show of arms: a table of them, and each by itself."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from ..analysis.best_rung import why_never_best
from ..diagnosis.finding import Finding
from ..figures.pictures import Picture, first_validation_text
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import UNKNOWN, duration_text, figure_text, range_text
from .facts import Part, Table


def known_columns(
    columns: Mapping[str, list[str]], title: str = "", best: str = "", kept: Collection[str] = ()
) -> Table:
    """A table of the columns that hold something, and of those that are always kept."""
    shown = {
        name: texts for name, texts in columns.items() if name in kept or set(texts) != {UNKNOWN}
    }
    return Table(title, list(shown), [list(row) for row in zip(*shown.values(), strict=True)], best)


def figures_of(rungs: Sequence[Rung], measure: str) -> list[str]:
    """A text for each arm: the mean over its runs of one final figure, and their deviation."""
    return [figure_text(estimate(rung.values(measure))) for rung in rungs]


def deviation_notes(rungs: Sequence[Rung]) -> list[str]:
    """What ± stands for; empty if no arm has several runs, as then no ± is shown."""
    has_several = any(len(rung.done) > 1 for rung in rungs)
    return ["± is one standard deviation over the seeds."] if has_several else []


def costs_of(rungs: Sequence[Rung]) -> dict[str, list[str]]:
    """The columns that say what the runs of each arm cost."""
    return {
        "runs": [runs_text(rung) for rung in rungs],
        "parameters": [_whole(rung, "params") for rung in rungs],
        "epochs": [_whole(rung, "epochs") for rung in rungs],
        "best epoch": [range_text(rung.values("best_epoch")) for rung in rungs],
        "time of a run": [duration_text(estimate(rung.values("seconds")).mean) for rung in rungs],
    }


def runs_text(rung: Rung) -> str:
    """`3`, or `2, 1 failed`."""
    return f"{len(rung.done)}, {len(rung.failed)} failed" if rung.failed else f"{len(rung.done)}"


def arm_by_arm(
    title: str,
    run_set: RunSet,
    findings: Mapping[str, Sequence[Finding]],
    curves: Mapping[str, Picture],
    best: Rung | None = None,
) -> Part:
    """A part for each arm: what changed, what its curves show, which of its runs failed.

    Args:
        title: Title of the whole.
        run_set: The arms.
        findings: What `trickbook.reports.diagnosis.ladder_findings.read_rungs` says of each.
        curves: The picture of each that has one, by its name.
        best: The arm that is called the best.
    """
    rungs = run_set.rungs
    parts = [
        Part(
            f"{rung.name} (best by validation)" if rung is best else rung.name,
            texts=_texts(rung, findings[rung.name], why_never_best(rung, run_set)),
            items=[
                f"{'A run' if run.seed is None else f'Seed {run.seed}'} failed: {run.reason}"
                for run in rung.failed
            ],
            shown=[curves[rung.name]] if rung.name in curves else [],
            is_open=len(rungs) == 1,
        )
        for rung in rungs
    ]
    measured = first_validation_text(run_set)
    texts = [f"{measured} What is said of curves here is of those first ones."] if measured else []
    return Part(title, texts=texts, parts=parts, is_open=True)


def _texts(rung: Rung, findings: Sequence[Finding], never_best: str) -> list[str]:
    """The two most important findings: a reader would not remember more."""
    texts = [str(finding) for finding in findings[:2]]
    if never_best:
        texts.append(f"Never called the best: {never_best}.")
    reading = " ".join(texts)
    return [f"What changed: {rung.changed}", reading] if rung.changed else [reading]


def _whole(rung: Rung, measure: str) -> str:
    mean = estimate(rung.values(measure)).mean
    return UNKNOWN if math.isnan(mean) else f"{mean:,.0f}"
