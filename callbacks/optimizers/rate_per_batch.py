"""The base class of callbacks that set the learning rate before every batch."""

from typing import Any

import keras

from .rate_of_batches import RateOfBatches
from .schedule_rates import ScheduleRates
from .settable_rate import require_settable_rate


class RatePerBatch(keras.callbacks.Callback):
    """Sets the learning rate before every batch, as a schedule says.

    Batches are counted from the beginning of each fit, or, with `initial_epoch`, as if the earlier
    epochs had been trained. `logs["learning_rate"]` gets the rate of an epoch's last batch.

    A subclass provides the schedule.
    """

    def make_schedule(self) -> keras.optimizers.schedules.LearningRateSchedule:
        """Returns the schedule over the steps of a fit; `self.params` says how many it has."""
        raise NotImplementedError

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the rate can be set, before any time is spent on training."""
        name = type(self).__name__
        model = self.model
        require_settable_rate(model, name)
        if model.steps_per_execution != 1:
            raise ValueError(
                f"{name} sets the rate between batches, but this model trains several per call. "
                "Compile it with steps_per_execution=1, or give the optimizer the schedule itself "
                "as its rate (CyclicalSchedule or OneCycleSchedule of trickbook.callbacks). "
                f"Received: steps_per_execution={model.steps_per_execution}"
            )
        self._rates = ScheduleRates(self.make_schedule())
        self._step: int | None = None
        self._rate: float | None = None
        self._rates_set = RateOfBatches(model)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Count the steps of the epochs that this fit skips."""
        if self._step is None:
            self._step = self._steps_before(epoch)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rate of this batch."""
        assert self._step is not None
        self._rate = self._rates.at(self._step)
        self._rates_set.set(self, self._rate)
        self._step += 1

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Log the rate, as Keras's own callbacks that set the rate do."""
        if logs is not None and self._rate is not None:
            logs["learning_rate"] = self._rate

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Leave the model's training step as it was."""
        self._rates_set.end()

    def state_dict(self) -> dict[str, Any]:
        """How many batches have been trained."""
        return {"step": self._step}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on after the batches that `state_dict` counted."""
        self._step = state["step"]

    def _steps_before(self, epoch: int) -> int:
        if epoch == 0:
            return 0
        steps = (self.params or {}).get("steps")
        if steps is None:
            raise ValueError(
                f"{type(self).__name__} cannot count the steps before this epoch, as the data do "
                "not say how many an epoch has. Give steps_per_epoch to fit. "
                f"Received: initial_epoch={epoch}"
            )
        return epoch * steps
