"""`CyclicalSchedule`: a learning rate that swings between two bounds, in the training graph."""

import math
from numbers import Real
from typing import Any

import keras
from keras import ops

MODES = ("triangular", "triangular2", "exp_range")


@keras.saving.register_keras_serializable(package="trickbook")
class CyclicalSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """The cyclical learning rate of Smith (2017, arXiv:1506.01186), as a Keras schedule.

    The rate rises from `min_rate` to a peak within `step_size` steps, falls back within as many,
    and so on:

        cycle = floor(1 + step / (2 * step_size))
        x = |step / step_size - 2 * cycle + 1|
        rate = min_rate + (max_rate - min_rate) * max(0, 1 - x) * scale

    with `scale` 1 ("triangular": every peak is `max_rate`), 1 / 2 ** (cycle - 1) ("triangular2":
    every peak is half as high above `min_rate` as the one before) or gamma ** step ("exp_range").

    A step is one batch of the optimizer, also where it accumulates gradients, and an optimizer goes
    on counting from one fit to the next. The momentum does not change: Keras compiles it into the
    training step.

    Args:
        min_rate: The lowest rate, 0 or above.
        max_rate: The rate at the first peak, above `min_rate`.
        step_size: Steps from the lowest rate to the peak, half a cycle, 1 or more; the paper takes
            2 to 10 epochs' worth. They need not be whole, so that cycles can fill a training.
        mode: "triangular", "triangular2" or "exp_range".
        gamma: Factor by which exp_range multiplies the height at every step, above 0 and at most 1.

    Raises:
        ValueError: An argument is out of range.

    Example:
    ```python
    rates = trickbook.callbacks.CyclicalSchedule(1e-4, 1e-2, step_size=2000)
    model.compile(keras.optimizers.SGD(rates, momentum=0.9), loss="mse")
    ```
    """

    def __init__(
        self,
        min_rate: float,
        max_rate: float,
        step_size: float,
        mode: str = "triangular",
        gamma: float = 0.99994,
    ) -> None:
        if not 0 <= min_rate < max_rate < math.inf:
            raise ValueError(
                "`min_rate` should be 0 or above and less than `max_rate`. "
                f"Received: min_rate={min_rate}, max_rate={max_rate}"
            )
        if not (isinstance(step_size, int | float | Real) and 1 <= step_size < math.inf):
            raise ValueError(f"`step_size` should be 1 or above. Received: step_size={step_size}")
        if mode not in MODES:
            raise ValueError(f"`mode` should be one of {', '.join(MODES)}. Received: mode={mode!r}")
        if not 0 < gamma <= 1:
            raise ValueError(f"`gamma` should be above 0 and at most 1. Received: gamma={gamma}")
        self.min_rate = min_rate
        self.max_rate = max_rate
        self.step_size = int(step_size) if step_size == int(step_size) else float(step_size)
        self.mode = mode
        self.gamma = gamma

    def __call__(self, step: Any) -> Any:
        """The rate at `step`, counted from 0."""
        # Integers where possible, as float32 has no odd numbers above 2 ** 24.
        kind = "int" if isinstance(self.step_size, int) else "float32"
        step, period = ops.cast(step, kind), 2 * self.step_size
        cycle = ops.floor_divide(step, period)  # from 0, the paper's from 1
        within = ops.mod(step, period)
        from_lowest = ops.minimum(within, period - within)
        height = ops.cast(from_lowest, "float32") / self.step_size * self._scale(step, cycle)
        return self.min_rate + (self.max_rate - self.min_rate) * height

    def _scale(self, step: Any, cycle: Any) -> Any:
        if self.mode == "triangular2":
            return ops.power(0.5, ops.cast(cycle, "float32"))
        if self.mode == "exp_range":
            # Not gamma ** step: a gamma near 1 loses most of its digits in float32.
            return ops.exp(ops.cast(step, "float32") * math.log(self.gamma))
        return 1.0

    def get_config(self) -> dict[str, Any]:
        """The arguments, to make an equal schedule from."""
        return {
            "min_rate": self.min_rate,
            "max_rate": self.max_rate,
            "step_size": self.step_size,
            "mode": self.mode,
            "gamma": self.gamma,
        }
