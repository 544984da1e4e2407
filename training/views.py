"""A network's outputs averaged over several views of each image."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import keras
import numpy as np

from ..data import UNSCALED, Dataset
from .evaluate import predict_outputs
from .tasks import Classification, Regression

# The names of figures of averaged views end with this.
WITH_VIEWS = "_with_views"


def outputs_over_views(
    model: keras.Model, images: np.ndarray, kind: str, batch_size: int
) -> np.ndarray:
    """Returns the mean of a model's outputs over views of each image, (n, units), float64.

    Args:
        model: raw images -> outputs.
        images: raw images, (n, height, width, channels).
        kind: "mirror" takes the image and its mirror image. "mirror_and_shift" also takes both of
            them moved by one pixel to the upper left and to the lower right, with the border filled
            by reflection; the two views that are not moved have half of the total weight.
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
        data: the data set with the images and labels.
        task: computes the figures.
        kind: kind of views, as in `outputs_over_views`.
        batch_size: images per forward pass.
        splits: any of `train`, `val` and `test`.
    """
    outputs = {
        split: outputs_over_views(model, getattr(data, f"x_{split}"), kind, batch_size)
        for split in splits
    }
    figures, metric = task.figures(outputs, data), task.task.metric
    return {f"{split}_{metric}{WITH_VIEWS}": figures[f"{split}_{metric}"] for split in splits}


def _views(images: np.ndarray, kind: str) -> Iterator[tuple[float, np.ndarray]]:
    """Yields the weight of each view and the view; the weights add up to 1."""
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
