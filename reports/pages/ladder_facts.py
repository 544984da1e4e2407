"""One set of facts of a ladder, from which both pages are written."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..analysis.best_rung import best_rung, is_unbalanced, why_never_best
from ..analysis.judgements import judgements
from ..diagnosis.finding import Finding
from ..diagnosis.ladder_findings import read_rungs, short_budget
from ..figures.overlay_figure import CAPTION
from ..figures.pictures import (
    Confusion,
    Picture,
    best_confusion,
    draw_confusion,
    draw_forest,
    draw_ladder,
    draw_overlay,
    draw_rung_curves,
    draw_samples,
)
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate, standard_error
from ..wording import (
    accuracy_text,
    count_text,
    difference_text,
    duration_text,
    metric_text,
    spread_text,
)
from . import provenance
from .ensemble_facts import EnsembleFacts, gather_ensemble_facts
from .headline import headline
from .image_facts import ImageFacts, gather_image_facts
from .step_rows import StepRow, certainty, step_columns, step_rows, verdict_counts
from .tables import rung_deltas

# What decides comes first, so that a phone shows it without scrolling.
COLUMNS = (
    "name",
    "validation",
    "balanced",
    "against the rung below",
    "train",
    "gap",
    "test",
    "reported",
    "runs",
    "parameters",
    "epochs",
    "time of a run",
)


@dataclass(frozen=True)
class BestFacts:
    """The best rung, in a line."""

    name: str
    figures: str


@dataclass(frozen=True)
class RungFacts:
    """What the pages say of one rung."""

    name: str
    changed: str
    reading: str
    is_best: bool
    cells: list[str]
    """Its row in the table, a text for each of the facts' `columns`."""
    failures: list[str]
    curves: Picture | None


@dataclass(frozen=True)
class Facts:
    """What the pages say."""

    title: str
    created: str
    headline: list[str]
    best: BestFacts | None
    steps: list[StepRow]
    step_columns: list[str]
    verdicts: str
    """How many steps help, hurt, ...; empty without any."""
    certainty: str
    """What the verdicts rest on."""
    forest: Picture | None
    """What each step is worth; None without steps."""
    short_budget: str
    warnings: list[str]
    columns: list[str]
    rungs: list[RungFacts]
    missing: list[str]
    ladder: Picture
    overlay: Picture
    overlay_caption: str
    samples: Picture | None
    confusion: Picture | None
    confusions: list[str]
    commands: list[str]
    data: list[tuple[str, str]]
    software: list[tuple[str, str]]
    machines: list[str]
    validation_error: str
    metric: str
    """The name of what decides."""
    compared_with: str
    """What a rung is compared with."""
    is_turned: bool
    """Whether less of it is better."""
    is_tested: bool
    """Whether a run has read the test set."""
    ensembles: EnsembleFacts | None
    """None where no rung has two runs that kept their predictions."""
    images: ImageFacts | None
    """None where the best rung's runs kept no answers on images."""

    @property
    def drawn(self) -> list[Picture]:
        """The pictures that belong to the report itself."""
        curves = [rung.curves for rung in self.rungs]
        return [
            picture
            for picture in (
                self.forest,
                self.ladder,
                self.overlay,
                self.samples,
                self.confusion,
                *(self.images.drawn if self.images else ()),
                *curves,
            )
            if picture is not None
        ]


def gather_facts(run_set: RunSet) -> Facts:
    """Work out all that the pages say, pictures included."""
    findings = read_rungs(run_set)
    deltas = rung_deltas(run_set)
    confusion = best_confusion(run_set)
    judged = judgements(run_set)
    steps = step_rows(run_set, list(judged.values()))
    return Facts(
        title=_title(run_set),
        created=str(run_set.ladder.get("created") or ""),
        headline=headline(run_set, judged),
        best=_best(run_set),
        steps=steps,
        step_columns=step_columns(run_set, steps),
        verdicts=verdict_counts(steps, run_set),
        certainty=certainty(run_set, list(judged.values())),
        forest=draw_forest(run_set, [row.forest for row in steps]) if steps else None,
        short_budget=short_budget(run_set, findings),
        warnings=provenance.warnings(run_set),
        columns=["rung", *(_heading(name, run_set) for name in _columns(run_set)[1:])],
        rungs=_rung_facts(run_set, findings, deltas),
        missing=provenance.missing_runs(run_set),
        ladder=draw_ladder(run_set),
        overlay=draw_overlay(run_set),
        overlay_caption=CAPTION,
        samples=draw_samples(run_set),
        confusion=draw_confusion(confusion) if confusion else None,
        confusions=_confusions(confusion),
        commands=provenance.commands(run_set),
        data=provenance.data_facts(run_set),
        software=provenance.software_facts(run_set),
        machines=provenance.machines(run_set),
        validation_error=_validation_error(run_set),
        metric=metric_text(run_set.deciding.metric),
        compared_with=run_set.compared_with,
        is_turned=run_set.deciding.direction == "min",
        is_tested=run_set.is_tested,
        ensembles=gather_ensemble_facts(run_set),
        images=gather_image_facts(run_set),
    )


def _title(run_set: RunSet) -> str:
    data = run_set.data.get("name")
    ladder = run_set.ladder.get("ladder") or "ladder"
    return f"The ladder {ladder}" + (f" on {data}" if data and data != ladder else "")


def _best(run_set: RunSet) -> BestFacts | None:
    best = best_rung(run_set)
    if best is None:
        return None
    name = metric_text(run_set.deciding.metric)
    val, test = estimate(best.values("val")), estimate(best.values("test"))
    tested = f", test {spread_text(test)}" if test.count else ""
    return BestFacts(
        best.name, f"{name} {spread_text(val)} ({count_text(val.count, 'seed')}){tested}."
    )


def _rung_facts(
    run_set: RunSet, findings: dict[str, list[Finding]], deltas: dict[str, Estimate]
) -> list[RungFacts]:
    curves = draw_rung_curves(run_set)
    columns = _columns(run_set)
    best = best_rung(run_set)
    return [
        RungFacts(
            name=rung.name,
            changed=rung.changed,
            reading=_reading(findings[rung.name], why_never_best(rung, run_set)),
            is_best=rung is best,
            cells=_cells(rung, deltas.get(rung.name), columns, run_set.deciding.sign),
            failures=[
                f"{'A run' if run.seed is None else f'Seed {run.seed}'} failed: {run.reason}"
                for run in rung.failed
            ],
            curves=curves.get(rung.name),
        )
        for rung in run_set.rungs
    ]


def _reading(findings: list[Finding], never_best: str) -> str:
    """The most important finding, and what goes with it; of more, a reader keeps none."""
    texts = [str(finding) for finding in findings[:2]]
    if never_best:
        texts.append(f"Never called the best: {never_best}.")
    return " ".join(texts)


def _columns(run_set: RunSet) -> list[str]:
    """The columns of the table.

    What others reported is one where the ladder names it; the balanced accuracy where the classes
    are not of about the same size, so that it is another figure than the accuracy; the test figure
    where a run has read the test set.
    """
    shown = {
        "test": run_set.is_tested,
        "reported": any(rung.reported is not None for rung in run_set.rungs),
        "balanced": is_unbalanced(run_set),
    }
    return [name for name in COLUMNS if shown.get(name, True)]


def _heading(column: str, run_set: RunSet) -> str:
    return column.replace("the rung below", run_set.compared_with)


def _cells(rung: Rung, delta: Estimate | None, columns: list[str], sign: int) -> list[str]:
    means = {
        name: estimate(rung.values(name))
        for name in (
            "params",
            "epochs",
            "train",
            "val",
            "test",
            "val_balanced_accuracy",
            "seconds",
        )
    }
    gap = sign * (means["train"].mean - means["val"].mean)
    failed = f", {len(rung.failed)} failed" if rung.failed else ""
    texts = {
        "name": rung.name,
        "runs": f"{len(rung.done)}{failed}",
        "parameters": _whole(means["params"].mean),
        "epochs": _whole(means["epochs"].mean),
        "train": spread_text(means["train"]),
        "validation": spread_text(means["val"]),
        "test": spread_text(means["test"]),
        "balanced": spread_text(means["val_balanced_accuracy"]),
        "reported": accuracy_text(math.nan if rung.reported is None else rung.reported),
        "gap": accuracy_text(gap),
        "against the rung below": difference_text(delta),
        "time of a run": duration_text(means["seconds"].mean),
    }
    return [texts[name] for name in columns]


def _whole(value: float) -> str:
    return accuracy_text(value) if value != value else f"{value:,.0f}"  # noqa: PLR0124 - NaN


def _confusions(confusion: Confusion | None) -> list[str]:
    return confusion.worst() if confusion else []


def _validation_error(run_set: RunSet) -> str:
    """How far the choice of validation images alone may move the best rung's accuracy."""
    best, images = best_rung(run_set), run_set.validation_images
    if best is None or not images or not run_set.deciding.is_accuracy:
        return ""
    accuracy = estimate(best.values("val")).mean
    return (
        f"On top of it comes the choice of the {count_text(images, 'validation image')}: one "
        f"standard error of an accuracy of {accuracy:.3f} is "
        f"{standard_error(accuracy, images):.3f}, alike for all rungs, which share the images."
    )
