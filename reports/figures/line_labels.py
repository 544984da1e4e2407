"""Names at the ends of lines, so that many lines are told apart without a legend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 0.055
"""Between the middles of two names, as a share of the panel's height."""
_FONT_SIZE = 8.0


class LineEnd(NamedTuple):
    """Where a line ends, in data units, and what to write there."""

    name: str
    colour: Any
    x: float
    y: float


def label_ends(axes: Axes, ends: Sequence[LineEnd]) -> None:
    """Write each name to the right of the panel, as near the height of its line's end as it fits.

    The range of the vertical axis must be set: a line that ends beyond it is named at its edge.
    """
    if not ends:
        return
    low, high = axes.get_ylim()
    transform = axes.transScale + axes.transLimits
    at = np.array([transform.transform((0.0, end.y))[1] for end in ends])
    gap = min(_GAP, 1.0 / len(ends))
    for end, height in zip(ends, spread_heights(np.clip(at, 0.0, 1.0), gap), strict=True):
        axes.annotate(
            end.name,
            (end.x, float(np.clip(end.y, min(low, high), max(low, high)))),
            (1.04, float(height)),
            textcoords="axes fraction",
            va="center",
            fontsize=_FONT_SIZE * min(1.0, gap / _GAP + 0.2),
            annotation_clip=False,
            arrowprops={
                "arrowstyle": "-",
                "color": end.colour,
                "lw": 0.9,
                "shrinkA": 1,
                "relpos": (0, 0.5),
            },
        )


def told_apart(names: Sequence[str]) -> list[str]:
    """Names of arms without what all of them share, which would leave no room for the rest.

    `01-noise,rate=0.1` and `02-l2,rate=0.3` are told apart by `01-noise,0.1` and `02-l2,0.3`.
    """
    parts = [name.split(",") for name in names]
    if len({len(one) for one in parts}) != 1:
        return list(names)
    columns = [cells for cells in zip(*parts, strict=True) if len(set(cells)) > 1]
    if len(columns) > 1:
        columns = [_without_key(cells) for cells in columns]
    return [",".join(cells) for cells in zip(*columns, strict=True)] or list(names)


def _without_key(cells: tuple[str, ...]) -> tuple[str, ...]:
    pairs = [cell.partition("=") for cell in cells]
    is_shared = all(equals for _, equals, _ in pairs) and len({key for key, _, _ in pairs}) == 1
    return tuple(value for _, _, value in pairs) if is_shared else cells


def spread_heights(wanted: np.ndarray, gap: float) -> np.ndarray:
    """The heights in 0..1 nearest to those wanted, in least squares, no two nearer than `gap`.

    Args:
        wanted: Of shape (names,), in any order, which is kept.
        gap: Above 0, and so small that all of them fit.
    """
    from scipy.optimize import isotonic_regression

    order = np.argsort(wanted, kind="stable")
    steps = gap * np.arange(len(wanted))
    heights = np.empty(len(wanted))
    lowest = isotonic_regression(wanted[order] - steps).x
    # Within bounds the solution is the one without them, cut off there.
    heights[order] = np.clip(lowest, 0.0, 1.0 - steps[-1]) + steps
    return heights
