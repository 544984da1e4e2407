"""Learning curves as panels that zoom: of rungs overlaid, of one rung's seeds, of any trainings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...runs.deciding import Deciding
from ..read.named_histories import NamedHistory
from ..read.panels import LEARNING_RATE
from ..read.run_set import Rung
from ..wording import metric_text
from .curves import mean_history, measured, panel_metrics
from .history_figure import arranged_panels
from .live_panels import LiveLine, LivePanel
from .overlay_figure import MOST_BANDS, overlay_metrics, shown_range
from .style import TRAIN, VALIDATION, hex_colours, shortened

if TYPE_CHECKING:
    import pandas as pd

_DARK_TRAIN, _DARK_VALIDATION = "#f0935c", "#6db8e6"
_LONGEST_NAME = 34
# Neighbours in a ladder have neighbouring colours.
_DASHES = ("solid", "dashed", "dotdash")


def overlay_panels(rungs: Sequence[Rung], deciding: Deciding) -> list[LivePanel]:
    """The panels of `overlay_figure`: what decides on validation, and the cross-entropy."""
    done = [rung for rung in rungs if rung.done]
    light, dark = hex_colours(len(rungs)), hex_colours(len(rungs), on_dark=True)
    return [
        LivePanel(
            f"{metric_text(metric.removeprefix('val_'))} on validation",
            [
                _mean_line(
                    shortened(rung.name, _LONGEST_NAME),
                    [run.history for run in rung.done],
                    metric,
                    (light[place], dark[place]),
                    with_band=len(done) <= MOST_BANDS,
                    dash=_DASHES[place % len(_DASHES)],
                )
                for place, rung in enumerate(rungs)
                if rung.done
            ],
            y_range=shown_range(done, metric),
        )
        for metric in overlay_metrics(done, deciding)
    ]


def run_panels(histories: Sequence[pd.DataFrame], deciding: Deciding) -> list[LivePanel]:
    """The panels of `plot_runs`: training and validation, each seed thin and their mean thick."""
    return [
        LivePanel(metric_text(metric), _own_lines(histories, metric, "train (running mean)"))
        for metric in panel_metrics(histories, deciding)
    ]


def history_panels(trainings: Sequence[NamedHistory], outputs: Sequence[str]) -> list[LivePanel]:
    """The panels of `history_figure`, without the learning rate."""
    by_name: dict[str, list[pd.DataFrame]] = {}
    for one in trainings:
        by_name.setdefault(one.name, []).append(one.history)
    panels, _ = arranged_panels(trainings, outputs)
    metrics = [(one.metric, one.title) for one in panels if one.metric != LEARNING_RATE]
    if len(by_name) == 1:
        (histories,) = by_name.values()
        return [LivePanel(title, _own_lines(histories, metric)) for metric, title in metrics]
    return [LivePanel(title, _compared_lines(by_name, metric)) for metric, title in metrics]


def _own_lines(
    histories: Sequence[pd.DataFrame], metric: str, train: str = "train"
) -> list[LiveLine]:
    """Training and validation of one name: each seed thin, and their mean thick."""
    kinds = (
        (metric, train, (TRAIN, _DARK_TRAIN)),
        (f"val_{metric}", "validation", (VALIDATION, _DARK_VALIDATION)),
    )
    mean = mean_history(histories)
    lines = [
        _mean_line(label, histories, column, colours, with_seeds=True)
        for column, label, colours in kinds
        if len(measured(mean, column)[0])
    ]
    return [*lines, *_clean_points(mean, metric)]


def _compared_lines(by_name: Mapping[str, Sequence[pd.DataFrame]], metric: str) -> list[LiveLine]:
    """A colour for each name, its training dashed."""
    light, dark = hex_colours(len(by_name)), hex_colours(len(by_name), on_dark=True)
    return [
        _mean_line(shortened(name, _LONGEST_NAME), histories, column, colours, dash=dash)
        for (name, histories), colours in zip(
            by_name.items(), zip(light, dark, strict=True), strict=True
        )
        for column, dash in ((metric, "dashed"), (f"val_{metric}", "solid"))
        if len(measured(mean_history(histories), column)[0])
    ]


def _clean_points(mean: pd.DataFrame, metric: str) -> list[LiveLine]:
    epochs, values = measured(mean, f"train_clean_{metric}")
    if not len(epochs):
        return []
    return [LiveLine("train (clean)", TRAIN, epochs, values, _DARK_TRAIN, is_points=True)]


def _mean_line(
    name: str,
    histories: Sequence[pd.DataFrame],
    column: str,
    colours: tuple[str, str],
    *,
    with_band: bool = False,
    with_seeds: bool = False,
    dash: str = "solid",
) -> LiveLine:
    x, y = measured(mean_history(histories), column)
    several = len(histories) > 1
    low, high = _ends(histories, column, x) if with_band and several else (None, None)
    seeds = [measured(one, column) for one in histories] if with_seeds and several else []
    return LiveLine(name, colours[0], x, y, colours[1], dash, low, high, seeds)


def _ends(
    histories: Sequence[pd.DataFrame], column: str, epochs: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The lowest and the highest figure of the seeds in each of the epochs."""
    import pandas as pd

    finite = [pd.Series(y, index=x) for x, y in (measured(one, column) for one in histories)]
    table = pd.concat(finite, axis=1).reindex(epochs)
    return table.min(axis=1).to_numpy(), table.max(axis=1).to_numpy()
