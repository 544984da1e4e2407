"""A contact sheet of images, as the network sees them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .style import house_style, shortened

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def image_sheet(
    images: np.ndarray, titles: Sequence[str] | None = None, columns: int = 8
) -> Figure:
    """Lay images out in rows.

    Args:
        images: Of shape (n, height, width, channels) with one or three channels, n at least 1.
            Whole numbers are taken as 0..255; floats of any range are stretched from the lowest to
            the highest value of all images together, so that standardised ones show.
        titles: A short text above each image, such as its class, of one line or more.
        columns: Images in a row, at least 1.

    Raises:
        ValueError: The shape is another, or there are not as many titles as images.
    """
    from matplotlib.figure import Figure as NewFigure

    images = np.asarray(images)
    if images.ndim != 4 or not len(images) or images.shape[-1] not in (1, 3):
        raise ValueError(
            "images must have the shape (n, height, width, 1 or 3) with n from 1. "
            f"Received: images of shape {images.shape}"
        )
    if titles is not None and len(titles) != len(images):
        raise ValueError(
            f"there must be a title for each image. Received: {len(titles)} titles for "
            f"{len(images)} images"
        )
    count, height, width = images.shape[:3]
    columns = min(columns, count)
    rows = -(-count // columns)
    # Data units are image widths, so that one axes holds every image and drawing is fast.
    tall = height / width
    lines = max((title.count("\n") + 1 for title in titles), default=1) if titles else 0
    step = tall + 0.08 + 0.14 * lines
    with house_style():
        figure = NewFigure(figsize=(1.06 * columns, 1.06 * step * rows))
        axes = figure.add_axes((0.01, 0.01, 0.98, 0.98))
        for index, image in enumerate(_displayed(images)):
            left, bottom = index % columns * 1.06, -(index // columns) * step
            extent = (left, left + 1, bottom, bottom + tall)
            axes.imshow(image, extent=extent, interpolation="nearest", cmap="gray", vmin=0, vmax=1)
            if titles is not None:
                title = "\n".join(shortened(line, 16) for line in str(titles[index]).split("\n"))
                axes.text(left + 0.5, bottom + tall + 0.05, title, ha="center", fontsize=8)
        axes.set_xlim(-0.02, columns * 1.06 - 0.04)
        axes.set_ylim(-(rows - 1) * step - 0.02, step)
        axes.set_axis_off()
    return figure


def _displayed(images: np.ndarray) -> np.ndarray:
    if np.issubdtype(images.dtype, np.integer):
        shown = images / 255.0
    else:
        low, high = float(np.nanmin(images)), float(np.nanmax(images))
        shown = (images - low) / (high - low if high > low else 1.0)
    return shown[..., 0] if images.shape[-1] == 1 else shown
