"""What a network says of several views of each image, averaged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from ..data import UNSCALED, Dataset
from .evaluate import predict_outputs
from .tasks import Classification, Regression

# What the figures of averaged views have at the end of their names.
WITH_VIEWS = "_with_views"


def outputs_over_views(
    model: keras.Model, images: np.ndarray, kind: str, batch_size: int
) -> np.ndarray:
    """Returns the mean of a model's outputs over views of each image, (n, units), float64.

    Args:
        model: raw images -> outputs.
        images: raw, (n, height, width, channels).
        kind: "mirror" is the image and its mirror image; "mirror_and_shift" is these, and these
            moved by a pixel to the upper left and to the lower right, where what comes in at the
            border is as in a mirror and the two that are not moved count half.
        batch_size: images per forward pass.
    """
    total: Any = 0.0
    for weight, view in _views(images, kind):
        total = total + weight * predict_outputs(model, view, UNSCALED, batch_size)
    return np.asarray(total)


def figures_over_views(
    model: keras.Model,
    data: Dataset,
    task: Classification | Regression,
    kind: str,
    batch_size: int,
    splits: Sequence[str],
) -> dict[str, float]:
    """Returns the deciding figure of some splits over views, as `<split>_<metric>_with_views`.

    Args:
        model: raw images -> logits, or values in units of the target.
        data: the images and what is to be told of them.
        task: which figures.
        kind: of the views.
        batch_size: images per forward pass.
        splits: of `train`, `val` and `test`.
    """
    outputs = {
        split: outputs_over_views(model, getattr(data, f"x_{split}"), kind, batch_size)
        for split in splits
    }
    figures, metric = task.figures(outputs, data), task.task.metric
    return {f"{split}_{metric}{WITH_VIEWS}": figures[f"{split}_{metric}"] for split in splits}


def _views(images: np.ndarray, kind: str) -> Iterator[tuple[float, np.ndarray]]:
    """Yields each view and how much it counts; together they count 1."""
    moved = [(1.0, images)]
    if kind == "mirror_and_shift":
        moved = [(0.5, images), (0.25, _moved(images, 1)), (0.25, _moved(images, -1))]
    for weight, view in moved:
        yield weight / 2, view
        yield weight / 2, view[:, :, ::-1]


def _moved(images: np.ndarray, pixels: int) -> np.ndarray:
    """Returns images moved along both axes, up and left if pixels is 1, down and right if -1."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), mode="reflect")
    start, (height, width) = 1 + pixels, images.shape[1:3]
    return padded[:, start : start + height, start : start + width]
