"""The figure of how large signals and gradients are in each layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .style import house_style, label_logarithmic, new_figure, rung_colours, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PANELS = {
    "std": "deviation of what a layer hands on",
    "gradient": "gradient in its kernel (rms)",
    "dead": "share of dead units",
}


def plot_signals(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw what each layer hands on and what comes back to it, over the depth, a line a table.

    Args:
        tables: By what the line is called, a row for each layer in order, with the columns `std`,
            `gradient` and `dead`, as `trickbook.callbacks.measure_signals` gives them.

    Returns:
        A figure that pyplot does not hold. Values of 0, and those that are no number, have no
        place on the logarithmic axes and are left out.
    """
    shown = [
        name for name in _PANELS if any(table[name].notna().any() for table in tables.values())
    ]
    with house_style():
        figure = new_figure(3.4 * len(shown), 3.4)
        panels = figure.subplots(1, len(shown), squeeze=False)[0]
        for panel, name in zip(panels, shown, strict=True):
            _draw(panel, name, tables)
        handles = panels[0].get_lines()
        figure.legend(handles=handles, loc="outside lower center", ncols=min(5, len(handles)))
    return figure


def _draw(ax: Axes, name: str, tables: Mapping[str, pd.DataFrame]) -> None:
    from matplotlib.ticker import MaxNLocator

    for (label, table), colour in zip(tables.items(), rung_colours(len(tables)), strict=True):
        values = table[name].to_numpy(float)
        if name != "dead":
            values = np.where(values > 0, values, np.nan)
        name_shown = shortened(label, 26)
        ax.plot(range(1, len(values) + 1), values, "o-", ms=3, color=colour, label=name_shown)
    if name == "dead":
        ax.set_ylim(-0.03, 1.03)
    else:
        ax.set_yscale("log")
        label_logarithmic(ax.yaxis)
    ax.set_title(_PANELS[name])
    ax.set_xlabel("layer, from the input up")
    # The same in all panels, also where values of 0 are left out.
    ax.set_xlim(0.5, max(map(len, tables.values())) + 0.5)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
