"""What the pages say of runs without a ladder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

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
from ..statistics.intervals import Estimate
from ..wording import figure_text, metric_text, score_text
from . import provenance
from .arm_parts import arm_by_arm, costs_of, deviation_notes, figures_of, known_columns
from .comparison_frame import comparison_frame
from .facts import Decided, Facts, Part, Table
from .view_facts import view_part

NOTES = (
    "Runs are compared if they are judged by the same metric and, as far as is recorded, on the "
    "same data; if the metric is a loss, it must be the same loss. LearningCurves does not know "
    "the data: give the runs on each data set a folder of their own.",
    "Runs are judged by the metric that they record for their task, such as an RMSE; else by the "
    "accuracy, or else the loss; with several outputs by the total loss. Figures are those of the "
    "final model if a run's metrics.json has them, else the last of its curve; if best weights "
    "are restored at the end, the latter are not those of the model that is kept.",
    "A Keras loss includes the model's penalties, such as L2, so it cannot compare models with "
    "different penalties; the figures of CleanEvaluation include none.",
    "Train is the figure of CleanEvaluation where it was used. Gap is train less validation; for "
    "an error or a loss it is validation less train. Above zero, training is better.",
    "Best epoch is that of the best validation figure of each run's curve, from the earliest of "
    "the runs to the latest; the picture of several marks the best epoch of their mean.",
    "Runs of one name differ in their seeds. Runs of different names are not steps of a ladder "
    "here, so no differences are given.",
)
_NOTHING = "No run has finished an epoch, so there is nothing to compare."
_COUNTS = (
    "A run that has just ended counts if ComparisonReport comes after LearningCurves in the list "
    "of callbacks."
)


def gather_comparison(run_set: RunSet) -> Facts:
    """Work out all that the pages of a folder without a ladder say, pictures included."""
    comparisons = compare(run_set)
    data = run_set.data.get("name")
    several = len(comparisons) > 1
    numbered = [(number if several else 0, one) for number, one in enumerate(comparisons, 1)]
    headline = [] if several else [_headline(one) for one in comparisons] or [_NOTHING]
    return Facts(
        title=f"Runs on {data}" if data else "Comparison of runs",
        frame=comparison_frame(run_set),
        headline=headline,
        decided=[_decided(one, with_title=several) for one in comparisons],
        parts=[
            *provenance.missing_part(run_set, _COUNTS),
            *(part for number, one in numbered for part in _parts(run_set, one, number)),
        ],
        notes=[*NOTES, *deviation_notes(run_set.rungs)],
        made=provenance.made(run_set),
        warnings=provenance.warnings(run_set, [_running_means(one) for one in comparisons]),
    )


def _decided(comparison: Comparison, *, with_title: bool) -> Decided:
    table = _table(comparison)
    if not with_title:
        return Decided(table)
    return Decided(table, title=comparison.title, headline=_headline(comparison))


def _parts(run_set: RunSet, comparison: Comparison, number: int) -> list[Part]:
    """What is shown of one comparison; `number` is 0 if it is the only one."""
    runs = RunSet(run_set.folder, comparison.rungs)
    of_which = f": {comparison.title}" if number else ""
    groups = comparison.groups
    tables = [_metrics_table(comparison, group, with_title=len(groups) > 1) for group in groups]
    curves = _own_curves(comparison, number)
    return [
        Part(f"Learning curves{of_which}", shown=[_overlay(comparison, number)], is_open=True),
        Part(f"Every metric{of_which}", shown=tables),
        *view_part(runs, of_which),
        arm_by_arm(f"Run by run{of_which}", runs, read_rungs(runs), curves, comparison.best),
    ]


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
    """The table of what decides, and of what each run cost."""
    rungs, best = comparison.rungs, comparison.best
    columns = {"run": [rung.name for rung in rungs]}
    if comparison.metric is not None:
        name = comparison.metric.name
        columns |= _figures(rungs, name, metric_text(name))
        gaps = [gap(rung, comparison.metric) for rung in rungs]
        columns["gap"] = [score_text(one.mean) for one in gaps]
    tested = f"test {metric_text(RunSet(Path(), rungs).deciding.metric)}"
    columns |= {tested: figures_of(rungs, "test"), **costs_of(rungs)}
    return known_columns(columns, best=best.name if best else "")


def _metrics_table(comparison: Comparison, group: PanelGroup, *, with_title: bool) -> Table:
    """Every metric of one output of the model, or of the whole model."""
    best = comparison.best
    columns = {"run": [rung.name for rung in comparison.rungs]}
    for metric in group.metrics:
        short = metric.removeprefix(f"{group.output}_") if group.output else metric
        columns |= _figures(comparison.rungs, metric, metric_text(short))
    title = f"Output {group.output}" if group.output else "The whole model"
    return known_columns(columns, title if with_title else "", best.name if best else "")


def _figures(rungs: tuple[Rung, ...], metric: str, words: str) -> dict[str, list[str]]:
    figures: dict[str, Callable[[Rung, str], Estimate]]
    figures = {"validation": validation, "train": training}
    return {
        f"{name} {words}": [figure_text(figure(rung, metric)) for rung in rungs]
        for name, figure in figures.items()
    }


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


def _own_curves(comparison: Comparison, number: int) -> dict[str, Picture]:
    """The curves of each run by its name; empty for a single run, whose curves the overlay has."""
    names = [rung.name for rung in comparison.rungs if len(comparison.rungs) > 1]
    files = curve_files([f"{number} {name}" if number else name for name in names])
    paths = dict(zip(names, files.values(), strict=True))
    outputs = [group.output for group in comparison.groups if group.output]
    return {
        rung.name: _curves(
            f"{CURVES}/{paths[rung.name]}",
            f"Learning curves of {rung.name}",
            _trainings(rung),
            outputs,
            rung.name,
        )
        for rung in comparison.rungs
        if rung.name in paths
    }


def _trainings(rung: Rung) -> list[NamedHistory]:
    # Runs that failed or have not ended show how far they came, if there are no others.
    return [NamedHistory(rung.name, run.history) for run in rung.done or rung.runs]


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
    return provenance.running_means(metric_text(name), rungs)
