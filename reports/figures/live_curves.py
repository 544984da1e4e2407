"""Learning curves as panels that zoom: of all rungs overlaid, and of one rung's seeds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ...runs.deciding import Deciding
from ..read.run_set import Rung
from ..wording import metric_text
from .curves import mean_history, measured, panel_metrics
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
    mean = mean_history(histories)
    panels = []
    for metric in panel_metrics(histories, deciding):
        kinds = (
            (metric, "train (running mean)", (TRAIN, _DARK_TRAIN)),
            (f"val_{metric}", "validation", (VALIDATION, _DARK_VALIDATION)),
        )
        lines = [
            _mean_line(label, histories, column, colours, with_seeds=True)
            for column, label, colours in kinds
            if len(measured(mean, column)[0])
        ]
        panels.append(LivePanel(metric_text(metric), lines))
    return panels


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
