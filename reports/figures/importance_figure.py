"""Which settings made the difference in a search, each with its error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .style import VALIDATION, house_style, new_figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def importance_figure(shares: Sequence[Mapping[str, Any]]) -> Figure:
    """Draw a bar for each setting, the most important on top, with one standard deviation.

    Args:
        shares: By setting `name`, `mean` and `error`, the largest first.
    """
    with house_style():
        figure = new_figure(6.4, 0.34 * len(shares) + 0.9)
        axes = figure.subplots()
        places = range(len(shares))[::-1]
        means, errors = ([one[key] for one in shares] for key in ("mean", "error"))
        axes.barh(places, means, height=0.62, color=VALIDATION, alpha=0.8)
        axes.errorbar(means, places, xerr=errors, fmt="none", ecolor="#333333", capsize=3, lw=1.1)
        axes.set_yticks(places, [one["name"] for one in shares])
        axes.grid(visible=False, axis="y")
        axes.set_xlim(left=0)
        axes.set_xlabel("share of the scores' variance that the setting alone makes")
    return figure
