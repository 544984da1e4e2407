"""What the pages say of runs without a ladder."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from ..analysis.comparable_runs import Comparison, compare, gap, is_clean, training, validation
from ..diagnosis.ladder_findings import read_rungs
from ..figures.curve_view import CurveView
from ..figures.history_figure import history_figure
from ..figures.live_curves import history_panels
from ..figures.live_panels import panels_json
from ..figures.picture import paletted_png
from ..figures.pictures import CURVES, OVERLAY, Picture, curve_files
from ..read.named_histories import NamedHistory
from ..read.panels import PanelGroup
from ..read.run_set import Rung, RunSet
from ..statistics.intervals import Estimate, estimate
from ..wording import UNKNOWN, duration_text, figure_text, join_words, metric_text
from . import provenance

NOTES = (
    "Runs are compared where they are judged by the same metric and, as far as it is recorded, on "
    "the same data; where that is a loss, with the same loss. LearningCurves knows no data: give "
    "the runs on each data set a folder of their own.",
    "The accuracy decides, or else the loss; of a model with several outputs their total loss. "
    "Validation figures are the last that were measured, those of the final model.",
    "A loss of Keras holds the penalties of the model, such as L2, so that it does not compare "
    "models of different penalties; the figures of CleanEvaluation hold none.",
    "Train is the figure of CleanEvaluation where it was used. Gap is train less validation.",
    "± is one standard deviation over the runs of one name, which differ in their seeds. Runs do "
    "not stand on one another here, so that no differences are given.",
)


@dataclass(frozen=True)
class Table:
    """A table with a row per run."""

    title: str
    columns: list[str]
    rows: list[list[str]]


@dataclass(frozen=True)
class NamedRunFacts:
    """What the pages say of the runs of one name."""

    name: str
    is_best: bool
    reading: str
    failures: list[str]
    curves: Picture | None
    """None where it is the only one, as the overlay shows the same."""


@dataclass(frozen=True)
class ComparedFacts:
    """What the pages say of runs that are compared with one another."""

    title: str
    headline: str
    table: Table
    best: str
    """The name of the best run; empty where there is none."""
    tables: list[Table]
    """Every metric, a table per output of the model."""
    overlay: Picture
    runs: list[NamedRunFacts]


@dataclass(frozen=True)
class ComparisonFacts:
    """What the pages of a folder without a ladder say."""

    title: str
    comparisons: list[ComparedFacts]
    warnings: list[str]
    missing: list[str]
    commands: list[str]
    data: list[tuple[str, str]]
    software: list[tuple[str, str]]
    machines: list[str]
    created: str = ""
    notes: tuple[str, ...] = NOTES

    @property
    def drawn(self) -> list[Picture]:
        """The pictures that belong to the report itself."""
        return [
            picture
            for compared in self.comparisons
            for picture in (compared.overlay, *(run.curves for run in compared.runs))
            if picture is not None
        ]


def gather_comparison_facts(run_set: RunSet) -> ComparisonFacts:
    """Work out all that the pages say of a folder without a ladder, pictures included."""
    comparisons = compare(run_set)
    data = run_set.data.get("name")
    return ComparisonFacts(
        title=f"Runs on {data}" if data else "Comparison of runs",
        comparisons=[
            _compared(run_set, comparison, number if len(comparisons) > 1 else 0)
            for number, comparison in enumerate(comparisons, start=1)
        ],
        warnings=_warnings(run_set, comparisons),
        missing=_missing(run_set),
        commands=provenance.commands(run_set),
        data=provenance.data_facts(run_set),
        software=provenance.software_facts(run_set),
        machines=provenance.machines(run_set),
    )


def _compared(run_set: RunSet, comparison: Comparison, number: int) -> ComparedFacts:
    """The facts of one comparison; `number` is 0 where there is no other."""
    best = comparison.best
    return ComparedFacts(
        title=comparison.title if number else "",
        headline=_headline(comparison),
        table=_table(comparison),
        best=best.name if best else "",
        tables=[_metrics_table(comparison, group) for group in comparison.groups],
        overlay=_overlay(comparison, number),
        runs=_runs(run_set, comparison, number),
    )


def _headline(comparison: Comparison) -> str:
    metric, best = comparison.metric, comparison.best
    if metric is None:
        return "These runs recorded neither an accuracy nor a 'loss' to compare them by."
    if best is None:
        return f"No run has finished with a validation figure of {metric.name} to compare."
    value = validation(best, metric.name)
    spread = f"mean and standard deviation of {value.count} runs" if value.count > 1 else "one run"
    most = "highest" if metric.is_share else "lowest"
    return (
        f"Best by validation: {best.name}, with the {most} validation {metric_text(metric.name)}, "
        f"{figure_text(value)} ({spread})."
    )


def _table(comparison: Comparison) -> Table:
    """What decides, and what each run took."""
    rungs = comparison.rungs
    columns = {"run": [rung.name for rung in rungs]}
    if comparison.metric is not None:
        name = comparison.metric.name
        columns |= _figures(rungs, name, metric_text(name))
        columns["gap"] = [figure_text(estimate([gap(rung, name).mean])) for rung in rungs]
    columns |= {
        "test accuracy": [figure_text(estimate(rung.values("test"))) for rung in rungs],
        "runs": [_count(rung) for rung in rungs],
        "parameters": [_whole(rung, "params") for rung in rungs],
        "epochs": [_whole(rung, "epochs") for rung in rungs],
        "best epoch": [_whole(rung, "best_epoch") for rung in rungs],
        "time of a run": [duration_text(estimate(rung.values("seconds")).mean) for rung in rungs],
    }
    return _without_unknown("", columns)


def _metrics_table(comparison: Comparison, group: PanelGroup) -> Table:
    """Every metric of one output of the model, or of the whole model."""
    columns = {"run": [rung.name for rung in comparison.rungs]}
    for metric in group.metrics:
        short = metric.removeprefix(f"{group.output}_") if group.output else metric
        columns |= _figures(comparison.rungs, metric, metric_text(short))
    title = f"Output {group.output}" if group.output else "The whole model"
    return _without_unknown(title, columns)


def _figures(rungs: tuple[Rung, ...], metric: str, words: str) -> dict[str, list[str]]:
    figures: dict[str, Callable[[Rung, str], Estimate]]
    figures = {"validation": validation, "train": training}
    return {
        f"{name} {words}": [figure_text(figure(rung, metric)) for rung in rungs]
        for name, figure in figures.items()
    }


def _without_unknown(title: str, columns: dict[str, list[str]]) -> Table:
    """A table of those columns of which something is known."""
    known = {name: texts for name, texts in columns.items() if set(texts) != {UNKNOWN}}
    return Table(title, list(known), [list(row) for row in zip(*known.values(), strict=True)])


def _count(rung: Rung) -> str:
    return f"{len(rung.done)}, {len(rung.failed)} failed" if rung.failed else f"{len(rung.done)}"


def _whole(rung: Rung, measure: str) -> str:
    mean = estimate(rung.values(measure)).mean
    return UNKNOWN if math.isnan(mean) else f"{mean:,.0f}"


def _overlay(comparison: Comparison, number: int) -> Picture:
    trainings = [one for rung in comparison.rungs for one in _trainings(rung)]
    path = OVERLAY if number < 2 else f"{CURVES}/comparison-{number}.png"
    outputs = [group.output for group in comparison.groups if group.output]
    return _curves(path, "Every metric of each run by epoch", trainings, outputs)


def _curves(
    path: str, alt: str, trainings: list[NamedHistory], outputs: list[str], title: str | None = None
) -> Picture:
    figure = history_figure(trainings, CurveView(), outputs=outputs, title=title)
    panels = panels_json(history_panels(trainings, outputs))
    return Picture(path, alt, paletted_png(figure), panels)


def _runs(run_set: RunSet, comparison: Comparison, number: int) -> list[NamedRunFacts]:
    readings = read_rungs(RunSet(run_set.folder, comparison.rungs))
    prefix = f"{number} " if number else ""
    files = curve_files([f"{prefix}{rung.name}" for rung in comparison.rungs])
    outputs = [group.output for group in comparison.groups if group.output]
    facts = []
    for rung in comparison.rungs:
        path = f"{CURVES}/{files[f'{prefix}{rung.name}']}"
        alt = f"Learning curves of {rung.name}"
        facts.append(
            NamedRunFacts(
                name=rung.name,
                is_best=rung is comparison.best,
                reading=" ".join(map(str, readings[rung.name][:2])),
                failures=[f"{_run_text(run.seed)} failed: {run.reason}" for run in rung.failed],
                curves=_curves(path, alt, _trainings(rung), outputs, rung.name)
                if len(comparison.rungs) > 1
                else None,
            )
        )
    return facts


def _run_text(seed: int | None) -> str:
    return "A run" if seed is None else f"Seed {seed}"


def _trainings(rung: Rung) -> list[NamedHistory]:
    # Runs that failed or have not ended show how far they came, if there are no others.
    return [NamedHistory(rung.name, run.history) for run in rung.done or rung.runs]


def _warnings(run_set: RunSet, comparisons: list[Comparison]) -> list[str]:
    texts = [f"Data: {text}" for text in run_set.data.get("warnings") or []]
    texts += [provenance.mixed_software(run_set), provenance.missing_font(run_set)]
    texts += [_running_means(comparison) for comparison in comparisons]
    return [text for text in texts if text]


def _missing(run_set: RunSet) -> list[str]:
    texts = provenance.missing_runs(run_set)
    if texts:
        texts.append(
            "A run that ends just now counts if ComparisonReport stands after LearningCurves in "
            "the list of callbacks."
        )
    return texts


def _running_means(comparison: Comparison) -> str:
    if comparison.metric is None:
        return ""
    name = comparison.metric.name
    rungs = [
        rung.name
        for rung in comparison.rungs
        # Without validation there is no gap that a running mean could blur.
        if training(rung, name).count and validation(rung, name).count and not is_clean(rung, name)
    ]
    if not rungs:
        return ""
    return (
        f"The training {metric_text(name)} of {join_words(rungs)} is Keras's running mean, under "
        "dropout and augmentation while the weights move; CleanEvaluation measures it cleanly, "
        "each output apart."
    )
