"""`ScheduleRates`: the rates of a schedule, step by step, without calling it at every step."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

_BLOCK = 1000
"""Rates are computed for this many steps at a time: one by one they would cost a millisecond each,
and on JAX up to a second."""


class ScheduleRates:
    """The rate of a schedule at a step, from 0; several threads may ask at the same time.

    Args:
        schedule: A `keras.optimizers.schedules.LearningRateSchedule`, or a function like one.
    """

    def __init__(self, schedule: Any) -> None:
        self._schedule = schedule
        self._ways = [_at_once, _mapped] if keras.backend.backend() == "jax" else [_at_once]
        self._held = (-1, np.empty(0))

    def at(self, step: int) -> float:
        """The rate of a step."""
        number, place = divmod(step, _BLOCK)
        held, rates = self._held
        if held != number:
            rates = self._block(np.arange(number * _BLOCK, (number + 1) * _BLOCK))
            if len(rates) == 0:
                return float(_at_once(self._schedule, step))
            self._held = (number, rates)
        return float(rates[place])

    def _block(self, steps: np.ndarray) -> np.ndarray:
        """The rates of all these steps; empty if the schedule takes only one step at a time."""
        while self._ways:
            try:
                rates = self._ways[0](self._schedule, steps)
            except Exception:
                # Such as a schedule that compares its step with another, as warm-up does; any
                # other error is raised again for the single step.
                rates = np.empty(0)
            if rates.shape == steps.shape:
                return rates
            del self._ways[0]
        return np.empty(0)


def _at_once(schedule: Any, steps: Any) -> np.ndarray:
    return np.asarray(keras.ops.convert_to_numpy(schedule(keras.ops.convert_to_tensor(steps))))


def _mapped(schedule: Any, steps: np.ndarray) -> np.ndarray:
    # Compiled once; a single step would be compiled every time.
    mapped = keras.ops.vectorized_map(schedule, keras.ops.convert_to_tensor(steps))
    return np.asarray(keras.ops.convert_to_numpy(mapped))
