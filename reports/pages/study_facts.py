"""One set of facts of a study that is no ladder, from which both of its pages are written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..figures.pictures import Picture
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import estimate
from ..wording import figure_text, metric_text
from . import provenance
from .ablation_page import show_ablation
from .comparison_facts import Table
from .ensemble_facts import EnsembleFacts, gather_ensemble_facts
from .sample_size_page import show_sample_size
from .shown_study import ShownStudy
from .sweep_page import show_sweep

_SHOWN: dict[str, Callable[[RunSet, str], ShownStudy]] = {
    "ablation": show_ablation,
    "sweep": show_sweep,
    "sample-size": show_sample_size,
}


@dataclass(frozen=True)
class StudyFacts:
    """What the pages of a study say."""

    shown: ShownStudy
    arms: Table
    created: str
    warnings: list[str]
    missing: list[str]
    commands: list[str]
    data: list[tuple[str, str]]
    software: list[tuple[str, str]]
    machines: list[str]
    ensembles: EnsembleFacts | None
    """None where no arm has two runs that kept their predictions."""

    @property
    def title(self) -> str:
        """The page's."""
        return self.shown.title

    @property
    def headline(self) -> list[str]:
        """What the study shows, a paragraph each."""
        return self.shown.headline

    @property
    def table(self) -> Table:
        """What decides."""
        return self.shown.table

    @property
    def best(self) -> str:
        """The first cell of the best row."""
        return self.shown.best

    @property
    def pictures(self) -> list[Picture]:
        """All that are drawn."""
        return self.shown.pictures

    @property
    def notes(self) -> list[str]:
        """How to read it."""
        return self.shown.notes


def gather_study_facts(run_set: RunSet, file: str) -> StudyFacts:
    """Work out all that the pages of an ablation, a sweep or the like say, pictures included.

    Args:
        run_set: The study.
        file: The name of its files, without ending.
    """
    return StudyFacts(
        shown=_SHOWN[run_set.kind](run_set, file),
        arms=_arms(run_set),
        created=str(run_set.ladder.get("created") or ""),
        warnings=provenance.warnings(run_set),
        missing=provenance.missing_runs(run_set),
        commands=provenance.commands(run_set),
        data=provenance.data_facts(run_set),
        software=provenance.software_facts(run_set),
        machines=provenance.machines(run_set),
        ensembles=gather_ensemble_facts(run_set),
    )


def _arms(run_set: RunSet) -> Table:
    metric = metric_text(run_set.deciding.metric)
    splits = {"val": "validation", "train": "train", "test": "test"}
    shown = [
        name
        for name in splits
        if any(estimate(rung.values(name)).count for rung in run_set.rungs) or name == "val"
    ]
    columns = ["arm", *(f"{splits[name]} {metric}" for name in shown), "runs", "what it changes"]
    return Table("", columns, [_arm(rung, shown) for rung in run_set.rungs])


def _arm(rung: Rung, shown: list[str]) -> list[str]:
    failed = f", {len(rung.failed)} failed" if rung.failed else ""
    figures = [figure_text(estimate(rung.values(name))) for name in shown]
    return [rung.name, *figures, f"{len(rung.done)}{failed}", rung.changed]
