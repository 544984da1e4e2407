"""Learning curves as panels that zoom: of rungs overlaid, of one rung's seeds, of any trainings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from ...runs.deciding import Deciding
from ..read.epochs import mean_history, measured
from ..read.named_histories import NamedHistory
from ..read.panels import LEARNING_RATE
from ..read.run_set import Rung
from ..wording import metric_text
from .curves import panel_metrics
from .history_figure import arranged_panels
from .live_panels import LiveLine, LivePanel
from .overlay_figure import OTHERS, has_bands, overlay_metrics, shown_range, standing_out
from .seed_band import seed_range
from .style import TRAIN, VALIDATION, hex_colours, shortened

if TYPE_CHECKING:
    import pandas as pd

_DARK_TRAIN, _DARK_VALIDATION = "#f0935c", "#6db8e6"
_DARK_OTHERS = "#555555"
_LONGEST_NAME = 34
# Neighbours in a ladder have neighbouring colours.
_DASHES = ("solid", "dashed", "dotdash")


def overlay_panels(
    rungs: Sequence[Rung], deciding: Deciding, named: Collection[str] | None = None
) -> list[LivePanel]:
    """The panels of `overlay_figure`: what decides on validation, and the cross-entropy."""
    done = [rung for rung in rungs if rung.done]
    colours = _colours(standing_out(rungs, named))
    seeds = [_Seeds.of(rung.histories) if rung.done else None for rung in rungs]
    return [
        LivePanel(
            f"{metric_text(metric.removeprefix('val_'))} on validation",
            [
                one.line(
                    shortened(rungs[place].name, _LONGEST_NAME),
                    metric,
                    colours[place],
                    with_band=has_bands(done),
                    dash=_DASHES[place % len(_DASHES)],
                )
                for place, one in enumerate(seeds)
                if one is not None
            ],
            y_range=shown_range(done, metric),
        )
        for metric in overlay_metrics(done, deciding)
    ]


def _colours(places: Sequence[int | None]) -> list[tuple[str, str]]:
    """On a light page and on a dark one; grey for what does not stand out."""
    count = sum(place is not None for place in places)
    light, dark = hex_colours(count), hex_colours(count, on_dark=True)
    return [
        (OTHERS, _DARK_OTHERS) if place is None else (light[place], dark[place]) for place in places
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
    seeds = _Seeds.of(histories)
    clean_x, clean_y = measured(seeds.mean, f"train_clean_{metric}")
    return [
        seeds.line(train, metric, (TRAIN, _DARK_TRAIN), with_seeds=True),
        seeds.line("validation", f"val_{metric}", (VALIDATION, _DARK_VALIDATION), with_seeds=True),
        LiveLine("train (clean)", TRAIN, clean_x, clean_y, _DARK_TRAIN, is_points=True),
    ]


def _compared_lines(by_name: Mapping[str, Sequence[pd.DataFrame]], metric: str) -> list[LiveLine]:
    """A colour for each name, its training dashed."""
    light, dark = hex_colours(len(by_name)), hex_colours(len(by_name), on_dark=True)
    lines = []
    for (name, histories), *colours in zip(by_name.items(), light, dark, strict=True):
        seeds, shown = _Seeds.of(histories), shortened(name, _LONGEST_NAME)
        for column, dash in ((metric, "dashed"), (f"val_{metric}", "solid")):
            lines.append(seeds.line(shown, column, (colours[0], colours[1]), dash=dash))
    return lines


class _Seeds(NamedTuple):
    """Trainings of one thing, and their mean."""

    histories: Sequence[pd.DataFrame]
    mean: pd.DataFrame

    @classmethod
    def of(cls, histories: Sequence[pd.DataFrame]) -> _Seeds:
        return cls(histories, mean_history(histories))

    def line(
        self,
        name: str,
        column: str,
        colours: tuple[str, str],
        *,
        with_band: bool = False,
        with_seeds: bool = False,
        dash: str = "solid",
    ) -> LiveLine:
        """The mean of a column, on a light page and on a dark one."""
        x, y = measured(self.mean, column)
        several = len(self.histories) > 1
        is_wide = with_band and several
        low, high = seed_range(self.histories, column) if is_wide else (None, None)
        behind = [measured(one, column) for one in self.histories] if with_seeds and several else []
        return LiveLine(name, colours[0], x, y, colours[1], dash, low, high, behind)
