"""`CyclicalLearningRate`: the rate swings between two bounds, set before every batch."""

from .cyclical_schedule import CyclicalSchedule
from .optimizers.rate_per_batch import RatePerBatch


class CyclicalLearningRate(RatePerBatch):
    """Lets the learning rate swing between two bounds (Smith 2017, arXiv:1506.01186).

    The formulas are those of `trickbook.callbacks.CyclicalSchedule`. A step is a batch; each fit
    counts them from 0, or with `initial_epoch` as if the earlier epochs had been trained. The
    optimizer's rate must be a number, not a schedule. The rate of an epoch's last batch is logged
    as `learning_rate`.

    Setting the rate takes 0.1 to 0.3 milliseconds per batch, less on JAX. The schedule itself,
    given to the optimizer, costs nothing and works with any `steps_per_execution`.

    Args:
        min_rate: The lowest rate, 0 or above.
        max_rate: The rate at the first peak, above `min_rate`.
        step_size: Batches from the lowest rate to the peak, half a cycle, 1 or more; the paper
            takes 2 to 10 epochs' worth. They need not be whole.
        mode: "triangular", "triangular2" or "exp_range".
        gamma: Factor by which exp_range multiplies the height at every batch, above 0 and at most
            1.

    Raises:
        ValueError: An argument is out of range; or, when training begins, the optimizer's rate
            cannot be set, or the model trains several batches per call (`steps_per_execution`).

    Example:
    ```python
    swing = trickbook.callbacks.CyclicalLearningRate(1e-4, 1e-2, step_size=2000)
    model.fit(x, y, epochs=30, callbacks=[swing])
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
        super().__init__()
        self.schedule = CyclicalSchedule(min_rate, max_rate, step_size, mode, gamma)

    def make_schedule(self) -> CyclicalSchedule:
        """Returns the schedule, the same in every fit."""
        return self.schedule
