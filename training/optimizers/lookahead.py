"""Lookahead: weights that follow an optimiser's at a distance."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from ...callbacks.state.keras_private import trained_variables


@keras.saving.register_keras_serializable("trickbook")
class Lookahead(keras.optimizers.Optimizer):
    """Takes another optimiser back to a point on the way it went, every few steps.

    Zhang et al. 2019, algorithm 1: the inner optimiser moves the weights; after every `steps`
    steps the slow weights go the share `alpha` of the way to them, and the weights are set to the
    slow ones. Its moments go on as they are. The slow weights, which begin where the weights do,
    are the outcome: when `fit` ends the weights are set to them.

    Args:
        inner_optimizer: what moves the weights, not built yet.
        steps: k of the paper, 1 or more.
        alpha: of the paper, in 0..1; 1 leaves the inner optimiser's training as it is.
        name: of the optimiser.

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
        name: str | None = None,
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        self.inner_optimizer = inner_optimizer
        self.steps = steps
        self.alpha = alpha

    def build(self, variables: list[Any]) -> None:
        """Makes the slow weights and the inner optimiser's variables."""
        if self.built:
            return
        super().build(variables)
        self.slow_weights = self.add_optimizer_variables(variables, "slow")
        self.inner_optimizer.build(variables)

    @property
    def variables(self) -> list[Any]:
        """The slow weights and the inner optimiser's variables."""
        return [*super().variables, *self.inner_optimizer.variables]

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
        is_due = ops.equal(self.iterations % self.steps, 0)
        for weight, slow, start in zip(weights, self.slow_weights, before, strict=True):
            ahead = ops.add(start, ops.multiply(self.alpha, ops.subtract(weight, start)))
            slow.assign(ops.where(is_due, ahead, start))
            weight.assign(ops.where(is_due, ahead, weight.value))

    @property
    def iterations(self) -> Any:
        """Steps taken."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimiser's."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Sets the weights to the slow ones, as Keras asks for when `fit` ends."""
        for weight, slow in zip(var_list, self.slow_weights, strict=True):
            weight.assign(slow)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {
            "inner_optimizer": keras.saving.serialize_keras_object(self.inner_optimizer),
            "steps": self.steps,
            "alpha": self.alpha,
            "name": self.name,
        }

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> Lookahead:
        """Returns what `get_config` told of."""
        inner = keras.saving.deserialize_keras_object(
            config["inner_optimizer"], custom_objects=custom_objects
        )
        return cls(**{**config, "inner_optimizer": inner})
