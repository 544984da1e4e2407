"""How costly a training is, for telling how long it will take."""

from __future__ import annotations

from ..recipes import Blueprint
from .networks.head import is_averaged

# Building, tracing and the final evaluation, however small the network; seconds, as measured for
# the digits ladder on two 2020s CPU cores.
SECONDS_PER_RUN = 2.5


def multiply_adds(blueprint: Blueprint, image_shape: tuple[int, int, int], classes: int) -> int:
    """Returns the multiplications of one image's forward pass through the built-in network.

    A user's own network is taken to cost what the built-in one would.

    Args:
        blueprint: the network.
        image_shape: (height, width, channels).
        classes: number of classes.
    """
    height, width, channels = image_shape
    total = 0
    for filters in blueprint.filters:
        incoming = channels
        for _ in range(blueprint.convolutions):
            total += height * width * 9 * channels * filters
            channels = filters
        if blueprint.skip_connections and incoming != filters:
            total += height * width * incoming * filters
        height, width = height // 2, width // 2
    units = channels if is_averaged(image_shape) else height * width * channels
    for size in (*blueprint.dense, classes):
        total += units * size
        units = size
    return total


def training_cost(
    blueprint: Blueprint, image_shape: tuple[int, int, int], classes: int, images: int
) -> float:
    """Returns the cost of all epochs in multiplications; a backward pass costs two forward ones."""
    once = 3 * multiply_adds(blueprint, image_shape, classes)
    return float(once * blueprint.epochs * images)
