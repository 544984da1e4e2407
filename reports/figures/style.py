"""The looks that all figures share: colours that colour-blind readers tell apart, sizes, fonts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

TRAIN = "#D55E00"  # Okabe and Ito's palette: vermilion, blue, grey
VALIDATION = "#0072B2"
TEST = "#7F7F7F"

FONT = "DejaVu Sans"
"""It comes with matplotlib, so that it is the same everywhere."""

_RC: dict[Any, Any] = {
    "font.family": "sans-serif",
    "font.sans-serif": [FONT],
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "grid.color": "#E3E3E3",
    "grid.linewidth": 0.7,
    "lines.linewidth": 1.6,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
    "text.usetex": False,
    "text.parse_math": False,  # a `$` in a user's name is a `$`
}


def house_style() -> AbstractContextManager[None]:
    """A context in which figures come out alike, whatever style the user has set."""
    import matplotlib.style

    return matplotlib.style.context(["default", _RC])


def new_figure(width: float, height: float) -> Figure:
    """A figure of so many inches that pyplot does not hold: it need not be closed."""
    from matplotlib.figure import Figure as NewFigure

    return NewFigure(figsize=(width, height), layout="constrained")


def label_rows(axes: Axes, names: Sequence[str]) -> None:
    """Name the rows that lie at the heights 0, 1, 2, ..., and draw a thin line between them."""
    axes.set_yticks(range(len(names)), [shortened(name, 34) for name in names])
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    for place in range(1, len(names)):
        axes.axhline(place - 0.5, color="#EEEEEE", lw=0.8)


def limits_around(values: Iterable[float], margin: float) -> tuple[float, float] | None:
    """The ends of an axis that shows all finite values, with this part of their range beside them.

    Means are shown so, and not their intervals: that of two seeds is so wide that it would hide the
    rest. None where there is no such value.
    """
    known = [value for value in values if math.isfinite(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    room = margin * (high - low) or 0.02
    return low - room, high + room


def label_logarithmic(axis: Axis) -> None:
    """Label an axis that has a logarithmic scale with numbers, such as 0.5 and 1e-05.

    Its usual labels are formulas, which the house style would leave as they are written.
    """
    from matplotlib.ticker import LogFormatter

    class PlainNumbers(LogFormatter):
        """Chooses which ticks have a label as matplotlib does, which writes 0.5 as 5e-01."""

        def __call__(self, x: float, pos: int | None = None) -> str:
            return self.fix_minus(f"{x:g}") if super().__call__(x, pos) else ""

    axis.set_major_formatter(PlainNumbers())
    axis.set_minor_formatter(PlainNumbers())


def rung_colours(count: int) -> list[tuple[float, ...]]:
    """`count` colours in order, dark to light: the same order for those who see no red or green."""
    from matplotlib import colormaps

    last = 0.88  # the yellow end of viridis is too faint on white
    places = [last * index / max(count - 1, 1) for index in range(count)]
    return [tuple(float(part) for part in colormaps["viridis"](place)) for place in places]


def hex_colours(count: int, *, on_dark: bool = False) -> list[str]:
    """`rung_colours` as `#440154`; for a dark ground others in order, all of them light."""
    from matplotlib import colormaps
    from matplotlib.colors import to_hex

    if not on_dark:
        return [to_hex((red, green, blue)) for red, green, blue, _ in rung_colours(count)]
    places = [0.4 + 0.58 * index / max(count - 1, 1) for index in range(count)]
    return [to_hex(colormaps["plasma"](place)) for place in places]


def shortened(text: str, longest: int) -> str:
    """`text` in at most `longest` characters, cut in the middle: long names differ at both ends."""
    half = longest // 2
    return text if len(text) <= longest else f"{text[: longest - half - 1]}…{text[-half:]}"
