"""Lookahead: weights that follow an optimiser's at a distance."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from ...callbacks.state.keras_private import trained_variables
from .optimizer_around import OptimizerAround


@keras.saving.register_keras_serializable("trickbook")
class Lookahead(OptimizerAround):
    """Takes another optimiser back to a point on the way it went, every few steps.

    Zhang et al. 2019, algorithm 1: the inner optimiser moves the weights; after every `steps`
    steps the slow weights go the share `alpha` of the way to them, and the weights are set to the
    slow ones. Its moments go on as they are. The slow weights, which begin where the weights do,
    are the outcome: when `fit` ends the weights are set to them.

    With `end_alpha` the share goes from `alpha` to it with the cube of the part of the training
    that is done, alpha + (end_alpha - alpha) * (s / S) ** 3 at step s of S (Jordan 2024): the
    weights run free at first, and are held back where they are to settle.

    Args:
        inner_optimizer: what moves the weights, not built yet.
        steps: k of the paper, 1 or more.
        alpha: of the paper, in 0..1; 1 leaves the inner optimiser's training as it is.
        end_alpha: the share at the end of the training, in 0..1; None: it stays.
        total_steps: steps of the training; with `end_alpha` alone.
        steps_before: how many of those were taken before this optimiser, 0 or more.
        name: of the optimiser.

    Raises:
        ValueError: if one of `end_alpha` and `total_steps` is given without the other; when it is
            built, if it is to average the weights too.

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
                "Lookahead's slow weights are those that a model gets when fit ends, so that an "
                "average would be lost. Use one of the two. Received: use_ema=True"
            )
        super().build(variables)
        self.slow_weights = self.add_optimizer_variables(variables, "slow")

    def apply(self, grads: list[Any], trainable_variables: list[Any] | None = None) -> None:
        """Takes a step of the inner optimiser, and every `steps` steps one of the slow weights."""
        if not self.built:
            self.build(list(trainable_variables or ()))
        weights = trained_variables(self)
        # Not when built: the weights may be set to others until training begins.
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
        """Returns how much of the way is kept after the step that was just taken."""
        if self.end_alpha is None:
            return self.alpha
        done = ops.cast(self.iterations + self.steps_before, "float32") / self.total_steps
        return self.alpha + (self.end_alpha - self.alpha) * done**3

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Sets the weights to the slow ones, as Keras asks for when `fit` ends."""
        if not self.has_stepped():
            return
        for weight, slow in zip(var_list, self.slow_weights, strict=True):
            # JAX trains on with no array that two variables hold.
            weight.assign(ops.copy(slow))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        growing = {"end_alpha": self.end_alpha, "total_steps": self.total_steps}
        often = {"steps": self.steps, "steps_before": self.steps_before}
        return {**super().get_config(), **often, "alpha": self.alpha, **growing}
