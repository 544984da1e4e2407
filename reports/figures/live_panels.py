"""Panels of lines that zoom, tell their values and hide by their legend, as JSON for BokehJS."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

if TYPE_CHECKING:
    import bokeh.plotting
    from bokeh.models import GlyphRenderer, Range

MOST_POINTS = 300
"""Of a line; of a longer one every second, third, ... point is drawn."""
MOST_SEED_POINTS = 1000
"""The same of the lines of all seeds together."""

INK, GRID = "#1c1c1c", "#e3e3e3"
_DARK = {INK: "#c9ced3", GRID: "#343b42"}
"""What becomes of them on a dark page."""
_HEIGHT = 290
_LEGEND_ROW = 27
_VLINE_UP_TO = 4
"""Up to this many lines all show their values at once; with more, only the nearest."""


_Drawn: TypeAlias = "dict[str, list[GlyphRenderer]]"
"""What was drawn in one panel, by name."""


@dataclass(frozen=True)
class LiveLine:
    """A line over epochs."""

    name: str
    """In the legend; lines of one name, in one panel or several, are hidden together."""
    colour: str
    """As `#0072B2`."""
    x: np.ndarray
    y: np.ndarray
    """Of the same shape, (points,); NaN where it was not measured."""
    dark: str = ""
    """Its colour on a dark page, if not the same."""
    dash: str = "solid"
    low: np.ndarray | None = None
    """With `high`, a band; of the shape of `y`."""
    high: np.ndarray | None = None
    seeds: Sequence[tuple[np.ndarray, np.ndarray]] = ()
    """Thin lines behind it."""
    is_points: bool = False
    """Whether only its points are drawn."""


@dataclass(frozen=True)
class LivePanel:
    """Lines on one axis."""

    title: str
    lines: Sequence[LiveLine]
    y_range: tuple[float, float] | None = None
    """What is shown before anybody zooms; all of it where nothing is said."""


def panels_json(panels: Sequence[LivePanel]) -> str:
    """The panels as `{"doc": ..., "dark": ...}`: a document of Bokeh's with a root for each.

    All share the horizontal axis, and one legend hides a name's lines in all.
    `dark` tells which colour stands for which on a dark page. The same panels give the same text,
    which may stand within a page as it is.
    """
    from bokeh.document import Document

    panels = [panel for panel in map(_without_empty, panels) if panel.lines]
    if not panels:
        return ""
    document = Document()
    figures: list[bokeh.plotting.figure] = []
    drawn = []
    for panel in panels:
        figures.append(_figure(panel, figures[0].x_range if figures else None))
        drawn.append(_draw(figures[-1], panel))
    _add_legend(figures, drawn)
    for figure in figures:
        document.add_root(figure)
    dark = {line.colour: line.dark for panel in panels for line in panel.lines if line.dark}
    text = json.dumps(
        {"doc": _renumbered(document.to_json(deferred=False)), "dark": _DARK | dark},
        separators=(",", ":"),
    )
    # Within a page, a name that says `</script>` would end it.
    return text.replace("<", "\\u003c")


def _without_empty(panel: LivePanel) -> LivePanel:
    return replace(panel, lines=[line for line in panel.lines if len(line.x)])


@cache
def bokeh_script() -> str:
    """BokehJS, without widgets, tables and the like: gzip's bytes in base64, a third of its size.

    It is what draws the panels. The same bytes for one version of Bokeh.
    """
    from bokeh.resources import Resources

    script, *_ = Resources(mode="inline", components=["bokeh"]).js_raw
    return base64.b64encode(gzip.compress(script.encode(), mtime=0)).decode("ascii")


def _figure(panel: LivePanel, x_range: Range | None) -> bokeh.plotting.figure:
    from bokeh.plotting import figure as new_figure

    shared = {} if x_range is None else {"x_range": x_range}
    figure = new_figure(
        title=panel.title,
        height=_HEIGHT,
        sizing_mode="stretch_width",
        tools="pan,box_zoom,wheel_zoom,reset",
        active_drag="box_zoom",
        active_scroll=None,  # a wheel moves the page
        x_axis_label="epoch",
        background_fill_color=None,
        border_fill_color=None,
        outline_line_color=None,
        **shared,
    )
    figure.toolbar.logo = None
    figure.toolbar.autohide = True
    figure.title.text_color = INK
    for axis in figure.axis:
        axis.update(
            axis_label_text_color=INK,
            major_label_text_color=INK,
            axis_line_color=INK,
            major_tick_line_color=INK,
            minor_tick_line_color=None,
            axis_label_text_font_style="normal",
        )
    for grid in figure.grid:
        grid.grid_line_color = GRID
    if panel.y_range is not None:
        figure.y_range.update(start=panel.y_range[0], end=panel.y_range[1])
    return figure


def _draw(figure: bokeh.plotting.figure, panel: LivePanel) -> _Drawn:
    """Draw the lines, and return all that belongs to each name."""
    from bokeh.models import HoverTool

    drawn: _Drawn = {}
    means = []
    for line in panel.lines:
        renderers = _draw_line(figure, line)
        means.append(renderers[0])
        drawn.setdefault(line.name, []).extend(renderers)
    tips = [("", "$name"), ("epoch", "@x{%d}"), (panel.title, "@y{%.4g}")]
    if any(line.low is not None for line in panel.lines):
        tips.append(("seeds", "@low{%.4g} to @high{%.4g}"))
    hover = HoverTool(
        renderers=means,
        tooltips=tips,
        formatters={f"@{name}": "printf" for name in ("x", "y", "low", "high")},
        mode="vline" if len(means) <= _VLINE_UP_TO else "mouse",
        line_policy="nearest",
    )
    figure.add_tools(hover)
    return drawn


def _draw_line(figure: bokeh.plotting.figure, line: LiveLine) -> list[GlyphRenderer]:
    from bokeh.models import ColumnDataSource

    step = -(-len(line.x) // MOST_POINTS)
    columns = {"x": line.x, "y": line.y, "low": line.low, "high": line.high}
    # Four digits are read off; float32 has seven, in half the room.
    data = {
        name: np.asarray(values[::step], dtype=np.float32)
        for name, values in columns.items()
        if values is not None
    }
    source = ColumnDataSource(data=data)
    look = {"source": source, "color": line.colour, "name": line.name}
    if line.is_points:
        return [figure.scatter("x", "y", size=7, fill_alpha=0.2, **look)]
    behind = []
    if line.low is not None:
        band = figure.varea("x", "low", "high", source=source, color=line.colour, alpha=0.15)
        behind.append(band)
    if line.seeds:
        thin = figure.line("x", "y", source=_seeds(line), color=line.colour, alpha=0.35, width=1)
        behind.append(thin)
    mean = figure.line("x", "y", width=2, line_dash=line.dash, **look)
    if len(data["x"]) == 1:  # a line through one point cannot be seen
        behind.append(figure.scatter("x", "y", size=7, **look))
    return [mean, *behind]


def _seeds(line: LiveLine) -> Any:
    """All seeds as one line with gaps."""
    from bokeh.models import ColumnDataSource

    step = -(-sum(len(x) for x, _ in line.seeds) // MOST_SEED_POINTS)
    places = [[*x[::step], np.nan] for x, _ in line.seeds]
    values = [[*y[::step], np.nan] for _, y in line.seeds]
    data = {"x": np.concatenate(places), "y": np.concatenate(values)}
    return ColumnDataSource(data={name: one.astype(np.float32) for name, one in data.items()})


def _add_legend(figures: Sequence[bokeh.plotting.figure], drawn: Sequence[_Drawn]) -> None:
    """Below the panel of the most names, which stand for those of the other panels too."""
    from bokeh.models import Legend, LegendItem

    most = max(range(len(drawn)), key=lambda place: len(drawn[place]))
    figure, own = figures[most], drawn[most]
    items = [LegendItem(label={"value": name}, renderers=own[name]) for name in own]
    columns = 1 if max(map(len, own)) > 24 else 2
    legend = Legend(
        items=items,
        ncols=columns,
        click_policy="hide",
        inactive_fill_color="#808080",
        inactive_fill_alpha=0.4,
        label_text_color=INK,
        label_text_font_size="12px",
        background_fill_alpha=0.0,
        border_line_color=None,
        margin=0,
        padding=2,
        spacing=6,
        label_standoff=4,
    )
    figure.add_layout(legend, "below")
    figure.height = _HEIGHT + _LEGEND_ROW * -(-len(own) // columns)
    for name, (first, *_) in own.items():
        for others in (other.get(name, ()) for other in drawn if other is not own):
            for other in others:
                first.js_link("visible", other, "visible")


def _renumbered(value: Any, numbers: dict[str, str] | None = None) -> Any:
    """The same with ids counted from 1: Bokeh counts on through a whole process."""
    numbers = {} if numbers is None else numbers
    if isinstance(value, dict):
        return {
            key: numbers.setdefault(one, f"p{len(numbers) + 1}")
            if key == "id" and isinstance(one, str)
            else _renumbered(one, numbers)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [_renumbered(one, numbers) for one in value]
    return value
