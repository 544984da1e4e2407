"""`OneCycleSchedule`: the rate rises once and falls far below its start, in the training graph."""

import math
from itertools import pairwise
from numbers import Integral
from typing import Any

import keras
from keras import ops

SHAPES = ("cosine", "linear")


@keras.saving.register_keras_serializable(package="trickbook")
class OneCycleSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """The 1cycle policy of Smith and Topin (2018, arXiv:1708.07120), as a Keras schedule.

    With start = max_rate / start_divisor, end = start / end_divisor, T = total_steps and
    w = warmup * T - 1, the rate goes

    - from `start` at step 0 up to `max_rate` at step w, then down to `end` at step T - 1, as in
      fastai and PyTorch; or,
    - with `three_phases`, down to `start` at step 2 * w, as steeply as it rose, and from there to
      `end` at step T - 1, as in the paper.

    At a share f of the way between two corners a and b, the rate is a * (1 - f) + b * f ("linear",
    as in the paper) or a * cos(pi * f / 2) ** 2 + b * sin(pi * f / 2) ** 2 ("cosine", as in
    fastai). After the last step it stays at `end`.

    A step is one batch of the optimizer, also where it accumulates gradients, and an optimizer goes
    on counting from one fit to the next: a second fit stays at `end`. The momentum, which the paper
    lets fall while the rate rises, does not change: Keras compiles it into the training step.

    Args:
        max_rate: The rate at the peak, above 0; `trickbook.callbacks.LearningRateFinder` helps to
            choose it.
        total_steps: Steps of the training, epochs times batches, 1 or more.
        shape: "cosine" or "linear".
        warmup: Share of the steps that the rise takes, above 0 and below 1; at most 0.5 with
            `three_phases`.
        start_divisor: `max_rate` is this many times the first rate; 1 or more.
        end_divisor: The first rate is this many times the last one; 1 or more.
        three_phases: Whether the fall has two phases.

    Raises:
        ValueError: An argument is out of range.

    Example:
    ```python
    rates = trickbook.callbacks.OneCycleSchedule(1e-2, total_steps=30 * 195)
    model.compile(keras.optimizers.AdamW(rates), loss="mse")
    ```
    """

    def __init__(
        self,
        max_rate: float,
        total_steps: int,
        shape: str = "cosine",
        warmup: float = 0.3,
        start_divisor: float = 25.0,
        end_divisor: float = 1e4,
        three_phases: bool = False,
    ) -> None:
        if not 0 < max_rate < math.inf:
            raise ValueError(f"`max_rate` should be above 0. Received: max_rate={max_rate}")
        if not (isinstance(total_steps, int | Integral) and total_steps >= 1):
            raise ValueError(
                "`total_steps` should be a whole number from 1. "
                f"Received: total_steps={total_steps}"
            )
        if shape not in SHAPES:
            raise ValueError(
                f"`shape` should be one of {', '.join(SHAPES)}. Received: shape={shape!r}"
            )
        if not 0 < warmup < 1 or (three_phases and warmup > 0.5):
            raise ValueError(
                "`warmup` should be above 0 and below 1, and at most 0.5 where there are three "
                f"phases. Received: warmup={warmup}"
            )
        for name, value in (("start_divisor", start_divisor), ("end_divisor", end_divisor)):
            if not 1 <= value < math.inf:
                raise ValueError(f"`{name}` should be 1 or more. Received: {name}={value}")
        self.max_rate = max_rate
        self.total_steps = int(total_steps)
        self.shape = shape
        self.warmup = warmup
        self.start_divisor = start_divisor
        self.end_divisor = end_divisor
        self.three_phases = three_phases

    def __call__(self, step: Any) -> Any:
        """The rate at `step`, counted from 0."""
        step = ops.cast(step, "float32")
        corners = self._corners()
        rate = corners[0][1]
        for left, right in pairwise(corners):
            rate = ops.where(step > left[0], self._between(left, right, step), rate)
        return ops.cast(rate, "float32")

    def get_config(self) -> dict[str, Any]:
        """The arguments, to make an equal schedule from."""
        return {
            "max_rate": self.max_rate,
            "total_steps": self.total_steps,
            "shape": self.shape,
            "warmup": self.warmup,
            "start_divisor": self.start_divisor,
            "end_divisor": self.end_divisor,
            "three_phases": self.three_phases,
        }

    def _corners(self) -> list[tuple[float, float]]:
        """Steps and the rates there. In a short training, corners before step 0 are skipped."""
        start = self.max_rate / self.start_divisor
        top = self.warmup * self.total_steps - 1
        last = float(max(self.total_steps - 1, 1))
        corners = [(0.0, start), (max(top, 0.0), self.max_rate)]
        if self.three_phases:
            corners.append((max(2 * top, 0.0), start))
        corners.append((last, start / self.end_divisor))
        return corners

    def _between(self, left: tuple[float, float], right: tuple[float, float], step: Any) -> Any:
        length = right[0] - left[0]
        if length <= 0:
            return right[1]
        # Each share is measured from its own end: 1 - share would round a tiny last rate away.
        gone = ops.clip((step - left[0]) / length, 0.0, 1.0)
        to_go = ops.clip((right[0] - step) / length, 0.0, 1.0)
        return left[1] * self._weight(to_go) + right[1] * self._weight(gone)

    def _weight(self, share: Any) -> Any:
        """From 0 at 0 to 1 at 1; the weights of a share and of its complement sum to 1."""
        if self.shape == "linear":
            return share
        return ops.square(ops.sin(share * (math.pi / 2)))
