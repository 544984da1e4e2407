"""The learning rate of a later phase of a training."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class LaterSchedule(keras.optimizers.schedules.LearningRateSchedule):
    """A schedule that continues after some steps, times a factor.

    Args:
        schedule: the schedule of the whole training.
        steps_before: number of steps in the phases before.
        rate_left: the factor.
    """

    def __init__(
        self,
        schedule: keras.optimizers.schedules.LearningRateSchedule,
        steps_before: int,
        rate_left: float,
    ) -> None:
        super().__init__()
        self.schedule = schedule
        self.steps_before = steps_before
        self.rate_left = rate_left

    def __call__(self, step: Any) -> Any:
        """Returns the rate of a step of this phase, counted from 0."""
        step = ops.convert_to_tensor(step)
        return self.rate_left * self.schedule(step + ops.cast(self.steps_before, step.dtype))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        schedule = keras.saving.serialize_keras_object(self.schedule)
        left = {"steps_before": self.steps_before, "rate_left": self.rate_left}
        return {"schedule": schedule, **left}


def later_rate(rate: Any, steps_before: int, rate_left: float) -> Any:
    """Returns a rate, or a schedule that continues after some steps, times a factor."""
    if isinstance(rate, keras.optimizers.schedules.LearningRateSchedule):
        return LaterSchedule(rate, steps_before, rate_left)
    return rate * rate_left
