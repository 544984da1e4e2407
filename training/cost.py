"""How costly a training is, to estimate how long it will take."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from ..recipes import Blueprint
from .networks.head import head_pooling
from .networks.image_inputs import after_stage
from .networks.input_kind import InputKind

# Seconds for building, tracing and the final evaluation, however small the network is; measured
# for the digits ladder on two 2020s CPU cores.
SECONDS_PER_RUN = 2.5
# How many times a recurrent cell multiplies its input and its state by a kernel.
_GATES = {"simple_rnn": 1, "lstm": 4, "gru": 3}


def multiply_adds(blueprint: Blueprint, kind: InputKind | tuple[int, ...], units: int) -> int:
    """Returns the multiplications of one example's forward pass through the built-in networks.

    A user's own network counts as the built-in network for such inputs. The layers of a backbone
    are not known before it is loaded, so it counts as `conv` with the filters and dense layers of
    its blueprint: this distinguishes settings of its head, but not backbones. Looking up the vector
    of a token or category costs nothing.

    Args:
        blueprint: the network.
        kind: what the examples are; for plain numbers, their shape is enough.
        units: number of classes, or of values.
    """
    kind = kind if isinstance(kind, InputKind) else InputKind(kind)
    shape = kind.embedded_shape(blueprint.embedding_size)
    if blueprint.base == "recurrent" and len(shape) > 1:
        return _recurrent_multiply_adds(blueprint, shape, units)
    if blueprint.base == "fully_connected" or len(shape) != 3:
        return _dense_multiply_adds(math.prod(shape), (*blueprint.dense, units))
    if blueprint.base == "airbench":
        return _airbench_multiply_adds(blueprint, (shape[0], shape[1], shape[2]), units)
    return _conv_multiply_adds(blueprint, (shape[0], shape[1], shape[2]), units)


def _conv_multiply_adds(blueprint: Blueprint, shape: tuple[int, int, int], units: int) -> int:
    height, width, channels = shape
    total = 0
    for filters in blueprint.filters:
        incoming = channels
        for _ in range(blueprint.convolutions):
            total += height * width * 9 * channels * filters
            channels = filters
        if blueprint.skip_connections and incoming != filters:
            total += height * width * incoming * filters
        height, width = after_stage(height, width, blueprint.pooling)
        if blueprint.pooling == "strided":
            total += height * width * 9 * channels**2
    is_flat = head_pooling(blueprint, shape) == "flatten"
    last = height * width * channels if is_flat else channels
    return total + _dense_multiply_adds(last, (*blueprint.dense, units))


def _airbench_multiply_adds(blueprint: Blueprint, shape: tuple[int, int, int], units: int) -> int:
    height, width, channels = shape
    total = 0
    for filters in blueprint.filters:
        total += height * width * 9 * channels * filters
        height, width, channels = height // 2, width // 2, filters
        total += (blueprint.convolutions - 1) * height * width * 9 * filters**2
    return total + channels * units


def _recurrent_multiply_adds(blueprint: Blueprint, shape: tuple[int, ...], units: int) -> int:
    steps, *features = shape
    incoming, total = math.prod(features), 0
    directions = 2 if blueprint.bidirectional else 1
    for size in blueprint.recurrent_units:
        total += steps * directions * _GATES[blueprint.cell] * (incoming + size) * size
        incoming = directions * size
    return total + _dense_multiply_adds(incoming, (*blueprint.dense, units))


def _dense_multiply_adds(incoming: int, sizes: tuple[int, ...]) -> int:
    return sum(before * after for before, after in pairwise((incoming, *sizes)))


def training_cost(
    blueprint: Blueprint, kind: InputKind | tuple[int, ...], units: int, examples: int
) -> float:
    """Returns the multiplications of all epochs; a backward pass counts as two forward passes."""
    once = 3 * multiply_adds(blueprint, kind, units)
    return float(once * blueprint.epochs * examples)


def wall_time(seconds: Sequence[float], workers: int, *, gpus: int = 0) -> float:
    """Returns how long several runs take in total, in seconds.

    Args:
        seconds: how long each run would take if trained alone; at least one run.
        workers: how many runs are trained at a time.
        gpus: number of GPUs that the workers share; 0 if they train on CPUs. Steps of workers on
            the same GPU take turns; only the rest of each run happens in parallel.
    """
    if gpus:
        besides = [min(one, SECONDS_PER_RUN) for one in seconds]
        steps = [one - other for one, other in zip(seconds, besides, strict=True)]
        return wall_time(steps, min(gpus, workers)) + wall_time(besides, workers)
    # Workers are idle during the last runs, so it never takes less than the longest run.
    return max(sum(seconds) / workers, *seconds)
