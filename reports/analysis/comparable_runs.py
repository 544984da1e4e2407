"""Runs without a ladder, sorted into those that may be compared with one another."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ...runs.deciding import Deciding
from ...runs.history import accuracy_name
from ...runs.run_folder import Run
from ..read.metric_columns import ReadMetric, read_metric
from ..read.panels import PanelGroup, group_metrics
from ..read.run_set import Rung, RunSet, flat_set
from ..statistics.intervals import Estimate, estimate
from .best_rung import why_never_best

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Comparison:
    """Runs that are judged by the same metric, on the same data as far as that is recorded."""

    title: str
    """What they have in common."""
    metric: ReadMetric | None
    """What they are judged by; None where they recorded neither an accuracy nor a loss."""
    rungs: tuple[Rung, ...]
    """The runs of one name, which are its seeds; in order of name."""

    @property
    def groups(self) -> list[PanelGroup]:
        """The metrics that its runs recorded, by output of the model."""
        histories = [run.history for rung in self.rungs for run in rung.runs]
        outputs = [name for rung in self.rungs for run in rung.runs for name in _outputs(run)]
        columns = [str(column) for history in histories for column in history]
        return group_metrics(columns, list(dict.fromkeys(outputs)) or None)

    @property
    def best(self) -> Rung | None:
        """The rung of the best mean validation figure, the first of equals; None without any."""
        if self.metric is None:
            return None
        metric = self.metric
        all_of_them = RunSet(Path(), self.rungs)
        means = [
            (metric.sign * validation(rung, metric.name).mean, rung)
            for rung in self.rungs
            if not why_never_best(rung, all_of_them)
        ]
        known = [pair for pair in means if not math.isnan(pair[0])]
        return max(known, key=lambda pair: pair[0])[1] if known else None


def compare(run_set: RunSet) -> list[Comparison]:
    """Sort the runs of a folder without a ladder into comparisons.

    Two runs are compared if they are judged by the same metric (`read_metric` says by which) and
    the same data is recorded of them; and, where that metric is a loss, if they were compiled with
    the same one of the same settings and weights. Runs that recorded no epoch are left out.
    """
    groups: dict[str, list[Run]] = {}
    for run in run_set.runs:
        if len(run.history):
            groups.setdefault(_likeness(run), []).append(run)
    return [_comparison(runs) for _, runs in sorted(groups.items())]


def validation(rung: Rung, metric: str) -> Estimate:
    """The validation figures of the rung's finished runs: what `_final` says."""
    return estimate(_final(run, "val", metric) for run in rung.done)


def training(rung: Rung, metric: str) -> Estimate:
    """The training figures: the clean ones, else Keras's running means over the last epoch."""
    return estimate(_final(run, "train", metric) for run in rung.done)


def gap(rung: Rung, metric: ReadMetric) -> Estimate:
    """How much better training is than validation, run by run; of an error the other way round."""
    return estimate(
        metric.sign * (_final(run, "train", metric.name) - _final(run, "val", metric.name))
        for run in rung.done
    )


def is_clean(rung: Rung, metric: str) -> bool:
    """Whether the training figures of every finished run are clean ones."""
    return all(_clean(run, metric) in run.history for run in rung.done)


def _final(run: Run, split: str, metric: str) -> float:
    """A figure of the final model where metrics.json tells it; else the last of the curve.

    They differ where the best weights are restored, or the curve is of a part of the images.
    """
    told = run.metrics.get(f"{split}_{_plain(run, metric)}")
    if told is not None:
        return float(told)
    return _training(run, metric) if split == "train" else _last(run.history, f"val_{metric}")


def _clean(run: Run, metric: str) -> str:
    return f"train_clean_{_plain(run, metric)}"


def _plain(run: Run, metric: str) -> str:
    # Our own files call the accuracy so whatever Keras does; of several it is the first.
    return "accuracy" if metric == accuracy_name(run.history) else metric


def _training(run: Run, metric: str) -> float:
    clean = _last(run.history, _clean(run, metric))
    return _last(run.history, metric) if math.isnan(clean) else clean


def _last(history: pd.DataFrame, column: str) -> float:
    if column not in history:
        return math.nan
    measured = history[column].dropna()
    return float(measured.iloc[-1]) if len(measured) else math.nan


def _comparison(runs: Sequence[Run]) -> Comparison:
    metric = _metric(runs[0])
    return Comparison(_title(runs[0], metric), metric, flat_set(Path(), runs).rungs)


def _metric(run: Run) -> ReadMetric | None:
    columns = [str(column) for column in run.history]
    decides = Deciding.of(run.details).metric if run.details.get("task") else None
    if decides is None or f"val_{decides}" not in columns:
        return read_metric(columns)
    return read_metric(columns, decides)


def _likeness(run: Run) -> str:
    """What two runs must have in common to be compared."""
    metric = _metric(run)
    data = run.details.get("data") or {}
    has_loss = metric is not None and not metric.is_share
    return json.dumps(
        [
            data.get("name"),
            data.get("fingerprint"),
            metric and metric.name,
            [run.details.get(key) for key in ("loss", "loss_weights")] if has_loss else None,
        ]
    )


def _title(run: Run, metric: ReadMetric | None) -> str:
    if metric is None:
        by = "Neither accuracy nor loss"
    elif metric.is_share:
        by = f"By {metric.name}"
    else:
        by = f"By {metric.name}{_loss_text(run)}"
    data = (run.details.get("data") or {}).get("name")
    return f"{by}, on {data}" if data else by


def _loss_text(run: Run) -> str:
    loss = _by_output(run.details.get("loss"))
    weights = _by_output(run.details.get("loss_weights"))
    return f" ({loss}{f', weighted by {weights}' if weights else ''})" if loss else ""


def _by_output(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name}: {one}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return str(value) if value else ""


def _outputs(run: Run) -> list[str]:
    return [str(name) for name in run.details.get("outputs") or []]
