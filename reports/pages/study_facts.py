"""What the pages of a study other than a ladder say: an ablation, a sweep, a sample-size curve."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..diagnosis.ladder_findings import read_rungs
from ..figures.pictures import draw_overlay, draw_rung_curves
from ..read.run_set import RunSet
from ..wording import metric_text
from . import provenance
from .ablation_page import show_ablation
from .arm_parts import arm_by_arm, figures_of, known_columns, runs_text
from .chosen_epochs import chosen_epoch_part
from .class_facts import class_parts
from .ensemble_facts import ensemble_parts
from .facts import Decided, Facts, Part, Table
from .levels_page import show_levels
from .refit_page import show_refit
from .residual_facts import RESIDUALS, residual_parts
from .sample_size_page import show_sample_size
from .shown_study import ShownStudy
from .sweep_page import show_sweep
from .transfer_facts import transfer_part
from .tune_page import show_tune
from .view_facts import view_part
from .warm_start_facts import warm_start_part

# By kind: the main part of the page of a study whose files have that name, without ending.
_SHOWN: dict[str, Callable[[RunSet, str], ShownStudy]] = {
    "ablation": show_ablation,
    "levels": show_levels,
    "sweep": show_sweep,
    "sample-size": show_sample_size,
    "refit": show_refit,
    "tune": show_tune,
}
MOST_CURVES = 30
"""With more arms, lines could not be told apart."""


def gather_study(run_set: RunSet, file: str) -> Facts:
    """Work out all that the pages of an ablation, a sweep or the like say, pictures included.

    Args:
        run_set: The study.
        file: The name of its files, without ending.
    """
    shown = _SHOWN[run_set.kind](run_set, file)
    return Facts(
        title=shown.title,
        frame=shown.frame,
        headline=shown.headline,
        decided=[Decided(shown.table, shown.pictures)],
        parts=[
            *provenance.missing_part(run_set),
            *shown.parts,
            *_every_arm(run_set),
            *transfer_part(run_set),
            *warm_start_part(run_set),
            *chosen_epoch_part(run_set),
            *view_part(run_set),
            *_curves(run_set, file),
            arm_by_arm("Arm by arm", run_set, read_rungs(run_set), {}),
            *ensemble_parts(run_set),
            *_of_the_best(run_set, file),
        ],
        notes=shown.notes,
        made=provenance.made(run_set),
        warnings=provenance.warnings(run_set),
    )


def _curves(run_set: RunSet, file: str) -> list[Part]:
    path = f"{file}-curves.png"
    if run_set.kind == "refit":
        # Other studies show validation here, which this kind does not have.
        own = [replace(one, path=path) for one in draw_rung_curves(run_set).values()]
        return [Part("Learning curves", shown=own)] if own else []
    if not 0 < sum(bool(rung.done) for rung in run_set.rungs) <= MOST_CURVES:
        return []
    return [Part("Learning curves", shown=[draw_overlay(run_set, path)])]


def _of_the_best(run_set: RunSet, file: str) -> list[Part]:
    """Classes or residuals of the best arm; of several training sizes the best says nothing."""
    if run_set.kind == "sample-size":
        return []
    return [*class_parts(run_set), *residual_parts(run_set, f"{file}-{RESIDUALS}")]


def _every_arm(run_set: RunSet) -> list[Part]:
    """A table of the arms; none for a refit, whose main table already says all of its one arm."""
    return [] if run_set.kind == "refit" else [Part("Every arm", shown=[arms_table(run_set)])]


def arms_table(run_set: RunSet) -> Table:
    """A row for each arm: its figures, its runs, and what it changes."""
    rungs, metric = run_set.rungs, metric_text(run_set.deciding.metric)
    decides = f"validation {metric}"
    columns = {
        "arm": [rung.name for rung in rungs],
        decides: figures_of(rungs, "val"),
        f"train {metric}": figures_of(rungs, "train"),
        f"test {metric}": figures_of(rungs, "test"),
        "runs": [runs_text(rung) for rung in rungs],
        "what it changes": [rung.changed for rung in rungs],
    }
    if run_set.kind in ("sweep", "tune"):
        # A sweep reads no test set, and a search only for its winner, which is shown with its
        # verdict; a run that is shared with the ladder may still have read it.
        del columns[f"test {metric}"]
    return known_columns(columns, kept={decides})
