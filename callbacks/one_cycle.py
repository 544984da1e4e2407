"""`OneCycle`: the rate rises once and falls far below its start, set before every batch."""

from .one_cycle_schedule import OneCycleSchedule
from .optimizers.rate_per_batch import RatePerBatch


class OneCycle(RatePerBatch):
    """Lets the learning rate rise once and fall (Smith and Topin 2018, arXiv:1708.07120).

    The formulas are those of `trickbook.callbacks.OneCycleSchedule`. A step is a batch; each fit
    counts them from 0, or with `initial_epoch` as if the earlier epochs had been trained. The
    optimizer's rate must be a number, not a schedule. The rate of an epoch's last batch is logged
    as `learning_rate`.

    Setting the rate takes 0.1 to 0.3 milliseconds per batch, less on JAX. The schedule itself,
    given to the optimizer, costs nothing and works with any `steps_per_execution`.

    Args:
        max_rate: The rate at the peak, above 0; `trickbook.callbacks.LearningRateFinder` helps to
            choose it.
        total_steps: Batches of the cycle, 1 or more; training that goes on after it keeps the last
            rate. None: all of the fit, epochs times steps.
        shape: "cosine" or "linear".
        warmup: Share of the steps that the rise takes, above 0 and below 1; at most 0.5 with
            `three_phases`.
        start_divisor: `max_rate` is this many times the first rate; 1 or more.
        end_divisor: The first rate is this many times the last one; 1 or more.
        three_phases: Whether the fall has two phases, as in the paper.

    Raises:
        ValueError: An argument is out of range; or, when training begins, `total_steps` is None
            and the length of an epoch is not known, the optimizer's rate cannot be set, or the
            model trains several batches per call (`steps_per_execution`).

    Example:
    ```python
    cycle = trickbook.callbacks.OneCycle(max_rate=1e-2)
    model.fit(x, y, epochs=30, callbacks=[cycle])
    ```
    """

    def __init__(
        self,
        max_rate: float,
        total_steps: int | None = None,
        shape: str = "cosine",
        warmup: float = 0.3,
        start_divisor: float = 25.0,
        end_divisor: float = 1e4,
        three_phases: bool = False,
    ) -> None:
        super().__init__()
        self.total_steps = total_steps
        self._settings = (shape, warmup, start_divisor, end_divisor, three_phases)
        # Checks the arguments now, not only when training begins.
        OneCycleSchedule(max_rate, 1 if total_steps is None else total_steps, *self._settings)
        self.max_rate = max_rate

    def make_schedule(self) -> OneCycleSchedule:
        """Returns the schedule over `total_steps`, or over the whole fit."""
        total = self._steps_of_fit() if self.total_steps is None else self.total_steps
        return OneCycleSchedule(self.max_rate, total, *self._settings)

    def _steps_of_fit(self) -> int:
        params = self.params or {}
        if params.get("steps") is None:
            raise ValueError(
                "OneCycle cannot count the steps of this fit, as the data do not say how many an "
                "epoch has. Give total_steps, or steps_per_epoch to fit. Received: total_steps=None"
            )
        # A fit of no epochs sets no rate, so it is not refused.
        return max(1, params["epochs"] * params["steps"])
