"""`LearningRateFinder`: finds a learning rate to train with in a short trial."""

from __future__ import annotations

import math
import threading
import warnings
from numbers import Integral
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from ..reports.diagnosis.range_test import RangeTest
from ..reports.statistics.smoothing import smoothed
from .optimizers.optimizer_facts import batches_trained
from .optimizers.settable_rate import require_settable_rate, set_learning_rate
from .state.seeds import make_unseeded_generator
from .state.training_state import first_unbuilt_layer, restore_training_state, training_state

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

SPACINGS = ("exponential", "linear")


class LearningRateFinder(keras.callbacks.Callback):
    """Trains for a while at rates from tiny to huge, and suggests which of them to train with.

    The learning-rate range test of Smith (2017, arXiv:1506.01186, section 3.3): batch i of n is
    trained at min_rate * (max_rate / min_rate) ** (i / (n - 1)), or with linear spacing at
    min_rate + (max_rate - min_rate) * i / (n - 1). A rate at which the loss falls fast is a good
    one; the test ends when the loss explodes.

    Use `find`. Afterwards the model is as it was before, whatever happens: its weights, optimizer,
    rate and seed generators, and the random numbers of this process, so that the training that
    follows is bit for bit the same as without the test. Given to `fit` as a callback it does the
    same, except where an exception or Ctrl-C ends that fit: then Keras calls no callback, and you
    have to call `restore`.

    State that a data set keeps itself is not restored: the order of a shuffled `tf.data` set, or
    what a `PyDataset` does between epochs. If the training that follows must be the same, give
    `find` a separate data set that is not shuffled.

    The optimizer must have been made with a number as its rate and, on TensorFlow, the model must
    be built. Several optimizers in one (`model.optimizer.optimizers`) get the same rate. With
    `steps_per_execution=k` a rate holds for k batches, and its loss is their mean.

    Metrics are reset before each batch, so the loss is that of the batch alone, however large the
    batch is. On JAX each batch costs copying all variables back to the model.

    Args:
        min_rate: The first rate, above 0.
        max_rate: The last rate, above `min_rate`.
        num_steps: Number of rates, 2 or more.
        spacing: "exponential" or "linear".
        smoothing: Weight of the past in the smoothed loss, from 0 (no smoothing) to below 1.
        stop_factor: The test ends when the smoothed loss exceeds this many times its lowest value,
            or is not finite; above 1. With a lowest value m below 0, it ends when the smoothed loss
            exceeds m + (stop_factor - 1) * |m|.

    Attributes:
        result: A `trickbook.reports.diagnosis.range_test.RangeTest`; before the first test it has
            no steps.

    Raises:
        ValueError: An argument is out of range; or, when training begins, the model is not built,
            the optimizer's rate cannot be set, or an optimizer trains a variable that the model
            does not track; or, after the first batch, `logs` has no `loss`; or, at the end, the
            compiled optimizer was not used.

    Example:
    ```python
    finder = trickbook.callbacks.LearningRateFinder()
    finder.find(model, x, y, batch_size=64)
    finder.plot().savefig("rates.png")
    rate = finder.suggestion()  # None where the loss shows none
    if rate is not None:
        model.optimizer.learning_rate = rate
    ```
    """

    def __init__(
        self,
        min_rate: float = 1e-6,
        max_rate: float = 10.0,
        num_steps: int = 100,
        spacing: str = "exponential",
        smoothing: float = 0.9,
        stop_factor: float = 4.0,
    ) -> None:
        super().__init__()
        if not 0 < min_rate < max_rate < math.inf:
            raise ValueError(
                "`min_rate` should be above 0 and less than `max_rate`. "
                f"Received: min_rate={min_rate}, max_rate={max_rate}"
            )
        if not (isinstance(num_steps, int | Integral) and num_steps >= 2):
            raise ValueError(
                f"`num_steps` should be a whole number from 2. Received: num_steps={num_steps}"
            )
        if spacing not in SPACINGS:
            raise ValueError(
                f"`spacing` should be one of {', '.join(SPACINGS)}. Received: spacing={spacing!r}"
            )
        if not 0 <= smoothing < 1:
            raise ValueError(
                f"`smoothing` should be from 0 to below 1. Received: smoothing={smoothing}"
            )
        if not stop_factor > 1:
            raise ValueError(
                f"`stop_factor` should be above 1. Received: stop_factor={stop_factor}"
            )
        space = np.geomspace if spacing == "exponential" else np.linspace
        self._rates = space(min_rate, max_rate, num_steps)
        self._smoothing = smoothing
        self._stop_factor = stop_factor
        self._losses: list[float] = []
        self._before: tuple[keras.Model, dict[str, Any]] | None = None

    def find(self, model: keras.Model, x: Any, y: Any = None, **fit_arguments: Any) -> None:
        """Run the test on a compiled model, and restore the model.

        Args:
            model: A compiled model; on TensorFlow it must be built.
            x: As in `fit`: inputs, a data set or a generator; read as often as needed.
            y: Targets, if `x` holds none.
            **fit_arguments: Other arguments of `fit` that concern the training data, such as
                `batch_size` and `steps_per_epoch`.
        """
        try:
            # Every epoch has at least one batch, and the last batch of the test ends the fit.
            epochs = len(self._rates)
            model.fit(x, y, epochs=epochs, callbacks=[self], verbose=0, **fit_arguments)
        finally:
            self.restore()

    def restore(self) -> None:
        """Restore the model to its state before the test; does nothing if that has been done.

        `find` calls this itself. Call it after a fit with this callback that was ended by an
        exception or Ctrl-C.
        """
        if self._before is None:
            return
        model, state = self._before
        restore_training_state(model, state)
        model.reset_metrics()
        model.stop_training = False
        self._before = None

    @property
    def result(self) -> RangeTest:
        """What the last test measured."""
        done = len(self._losses)
        return RangeTest(self._rates[:done], np.array(self._losses), self._smoothing)

    @property
    def rates(self) -> np.ndarray:
        """The rates that were tried, of shape (steps,)."""
        return self.result.rates

    @property
    def losses(self) -> np.ndarray:
        """The loss of the batch at each rate, of shape (steps,); the last may not be finite."""
        return self.result.losses

    def suggestion(self, rule: str = "valley") -> float | None:
        """The rate to train with, or None where the loss does not show one.

        Args:
            rule: "valley" (half way down the longest fall) or "steepest"; for the formulas see
                `trickbook.reports.diagnosis.range_test.RangeTest.suggestion`.

        Raises:
            ValueError: There is no such rule.
        """
        return self.result.suggestion(rule)

    def table(self) -> pd.DataFrame:
        """A row per step with the columns `learning_rate`, `loss` and `smoothed_loss`."""
        return self.result.table()

    def plot(self, ax: Axes | None = None) -> Figure:
        """Draw the loss over the rate, with the suggestions.

        Args:
            ax: Where to draw; by default in a new figure, which need not be closed as pyplot does
                not hold it.

        Returns:
            The figure with the drawing.
        """
        from ..reports.figures.rate_figure import plot_range_test

        return plot_range_test(self.result, ax)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Save the state of the model."""
        self._remember(self.model)
        self._losses = []
        self._thread = threading.get_ident()
        self._lowest = math.inf
        self._ended = False
        self._epoch_steps: list[int] = []
        self._steps_before = batches_trained(self.model.optimizer)

    def on_train_batch_begin(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Set the rate of this batch."""
        model = self.model
        set_learning_rate(model, float(self._rates[len(self._losses)]))
        model.reset_metrics()

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the loss, and end the test after the last rate or where the loss explodes."""
        if logs is None or "loss" not in logs:
            raise ValueError(
                "LearningRateFinder needs the loss of each batch, and the model's train_step "
                f"returns none named `loss`. Received: logs={logs}"
            )
        if threading.get_ident() != self._thread:
            raise ValueError(
                "LearningRateFinder cannot know which loss goes with which rate: on JAX and "
                "PyTorch, Keras calls a callback that is not in a list from other threads. Give "
                "fit a list. Received: callbacks=a LearningRateFinder"
            )
        self._losses.append(float(logs["loss"]))
        self._ended = self._has_exploded() or len(self._losses) == len(self._rates)
        if self._ended:
            self.model.stop_training = True

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """End a fit whose generator has run dry: Keras would repeat its first batch for ever."""
        steps = len(self._losses) - sum(self._epoch_steps)
        self._epoch_steps.append(steps)
        if steps < self._epoch_steps[0]:
            self.model.stop_training = True

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Restore the model."""
        steps = batches_trained(self.model.optimizer) - self._steps_before
        self.restore()
        if self._losses and steps == 0:
            raise ValueError(
                "LearningRateFinder changes the rate of the compiled optimizer, and the model's "
                f"train_step does not use it. Received: no step in {len(self._losses)} batches"
            )
        if not self._ended:
            warnings.warn(
                f"LearningRateFinder: the fit ended after {len(self._losses)} of "
                f"{len(self._rates)} steps, so higher rates have not been tried. Give it more "
                "epochs or more data.",
                stacklevel=2,
            )

    def _remember(self, model: keras.Model) -> None:
        # Only now: Keras may have drawn random numbers to build what a fit needs, which it does
        # once in a model's life and not again in the next fit.
        self.restore()  # of an earlier fit that was interrupted
        require_settable_rate(model, "LearningRateFinder")
        unbuilt = first_unbuilt_layer(model)
        if unbuilt is not None:
            raise ValueError(
                "LearningRateFinder has to restore the weights, and this model has none yet. "
                "Build it first: give it an Input, or call it on a batch, with training=True if it "
                "has layers that only training uses, and remove a layer that nothing calls. "
                f"Received: the model {model.name!r}, whose layer {unbuilt} is not built"
            )
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        make_unseeded_generator()
        self._before = (model, training_state(model))

    def _has_exploded(self) -> bool:
        now = float(smoothed(np.array(self._losses), self._smoothing)[-1])
        self._lowest = min(self._lowest, now)
        risen = (self._stop_factor - 1) * abs(self._lowest)
        return not math.isfinite(now) or now - self._lowest > risen
