"""Lookahead: slow weights that follow an optimiser's weights."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from ...callbacks.state.keras_private import trained_variables
from .optimizer_around import OptimizerAround


@keras.saving.register_keras_serializable("trickbook")
class Lookahead(OptimizerAround):
    """Takes another optimiser part of the way back, every few steps.

    Zhang et al. 2019, algorithm 1: the inner optimiser moves the weights. After every `steps` steps
    the slow weights move towards them by the share `alpha` of the distance, and the weights are set
    to the slow weights. The inner optimiser's moments are kept. The slow weights start at the
    initial weights and are the result: when `fit` ends, the weights are set to them.

    With `end_alpha` the share changes from `alpha` to `end_alpha` with the cube of the completed
    part of the training: it is alpha + (end_alpha - alpha) * (s / S) ** 3 at step s of S (Jordan
    2024). The weights move freely at first, and are held back when they should settle.

    Args:
        inner_optimizer: the optimiser that moves the weights, not built yet.
        steps: k in the paper, 1 or more.
        alpha: alpha in the paper, in 0..1; 1 leaves the inner optimiser's training as it is.
        end_alpha: the share at the end of the training, in 0..1; None: the share stays `alpha`.
        total_steps: steps of the whole training; needed with `end_alpha`, and only then.
        steps_before: how many of them were taken before this optimiser's first step, 0 or more.
        name: name of the optimiser.

    Raises:
        ValueError: if only one of `end_alpha` and `total_steps` is given; when it is built, if it
            is set to average the weights too.

    Example:
    ```python
    model.compile(Lookahead(keras.optimizers.SGD(0.1), steps=5, alpha=0.5), "mse")
    ```
    """

    def __init__(
        self,
        inner_optimizer: keras.optimizers.Optimizer,
        steps: int = 5,
        alpha: float = 0.5,
        end_alpha: float | None = None,
        total_steps: int | None = None,
        steps_before: int = 0,
        name: str | None = None,
    ) -> None:
        super().__init__(inner_optimizer, name)
        if (end_alpha is None) != (total_steps is None):
            raise ValueError(
                "end_alpha and total_steps go together. "
                f"Received: end_alpha={end_alpha}, total_steps={total_steps}"
            )
        self.steps = steps
        self.alpha = alpha
        self.end_alpha = end_alpha
        self.total_steps = total_steps
        self.steps_before = steps_before

    def build(self, variables: list[Any]) -> None:
        """Makes the slow weights and the inner optimiser's variables."""
        if self.built:
            return
        if self.use_ema:
            raise ValueError(
                "A model gets Lookahead's slow weights when fit ends, so an average of the weights "
                "would be lost. Use one of the two. Received: use_ema=True"
            )
        super().build(variables)
        self.slow_weights = self.add_optimizer_variables(variables, "slow")

    def apply(self, grads: list[Any], trainable_variables: list[Any] | None = None) -> None:
        """Takes a step of the inner optimiser, and moves the slow weights every `steps` steps."""
        if not self.built:
            self.build(list(trainable_variables or ()))
        weights = trained_variables(self)
        # Not set when built: the weights may still change until training begins.
        begins = ops.equal(self.iterations, 0)
        before = [
            ops.where(begins, weight.value, slow.value)
            for weight, slow in zip(weights, self.slow_weights, strict=True)
        ]
        self.inner_optimizer.apply(grads, trainable_variables)
        is_due, alpha = ops.equal(self.iterations % self.steps, 0), self._share()
        for weight, slow, start in zip(weights, self.slow_weights, before, strict=True):
            ahead = ops.add(start, ops.multiply(alpha, ops.subtract(weight, start)))
            slow.assign(ops.where(is_due, ahead, start))
            weight.assign(ops.where(is_due, ahead, weight.value))

    def _share(self) -> Any:
        """Returns the share of the way that is kept after the step that was just taken."""
        if self.end_alpha is None:
            return self.alpha
        done = ops.cast(self.iterations + self.steps_before, "float32") / self.total_steps
        return self.alpha + (self.end_alpha - self.alpha) * done**3

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Sets the weights to the slow weights; Keras calls this when `fit` ends."""
        if not self.has_stepped():
            return
        for weight, slow in zip(var_list, self.slow_weights, strict=True):
            # A copy, because JAX cannot train on if two variables hold the same array.
            weight.assign(ops.copy(slow))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        growing = {"end_alpha": self.end_alpha, "total_steps": self.total_steps}
        often = {"steps": self.steps, "steps_before": self.steps_before}
        return {**super().get_config(), **often, "alpha": self.alpha, **growing}
