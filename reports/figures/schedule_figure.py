"""The figure of which learning rate trainings will have when."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..read.panels import is_learning_rate
from .style import house_style, label_logarithmic, new_figure, rung_colours, shortened

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

# Rates further apart are drawn on a logarithmic axis.
_FAR_APART = 20


def plot_rates(tables: Mapping[str, pd.DataFrame]) -> Figure:
    """Draw learning rates over the epochs, a line for each optimizer of each table.

    Args:
        tables: By what the lines are called, rows with the column `epoch` and one or more columns
            of rates, `learning_rate` or `learning_rate_...`.

    Returns:
        A figure that pyplot does not hold. Where rates differ by more than twenty times, the axis
        is logarithmic, and rates of 0 are left out.
    """
    lines = [
        (name if column == "learning_rate" else f"{name} {column}", table["epoch"], table[column])
        for name, table in tables.items()
        for column in map(str, table)
        if is_learning_rate(column)
    ]
    with house_style():
        figure = new_figure(6.0, 3.4)
        ax = figure.subplots()
        # Equal lines are all seen, the later ones through the gaps of none.
        for place, (line, colour) in enumerate(zip(lines, rung_colours(len(lines)), strict=True)):
            name, epochs, rates = line
            width = 1.4 + 1.2 * (len(lines) - 1 - place)
            ax.plot(epochs, rates, color=colour, lw=width, label=shortened(name, 40))
        positive = [rate for *_, rates in lines for rate in rates if rate > 0]
        if positive and max(positive) > _FAR_APART * min(positive):
            ax.set_yscale("log", nonpositive="mask")
            label_logarithmic(ax.yaxis)
        else:
            ax.set_ylim(bottom=0)
        ax.set_xlabel("epoch")
        ax.set_ylabel("learning rate")
        figure.legend(loc="outside lower center", ncols=min(3, len(lines)))
    return figure
