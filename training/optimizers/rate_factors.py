"""Separate learning rates for some of the weights."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import keras
from keras import ops

from ...callbacks.state.keras_private import moving_averages, trained_variables
from .optimizer_around import OptimizerAround


def rate_factor(where: str, factor: float, last_step: int | None = None) -> dict[str, Any]:
    """Returns a rule of `RateFactors`; blueprints name this function."""
    return {"where": where, "factor": factor, "last_step": last_step}


@keras.saving.register_keras_serializable("trickbook")
class RateFactors(OptimizerAround):
    """Makes the steps of some weights longer or shorter than the inner optimiser's.

    A step w -> w' of the inner optimiser becomes w -> w + factor * (w' - w). With any optimiser
    this is the same as another learning rate, decoupled weight decay included. The inner
    optimiser's moments are not changed.

    Args:
        inner_optimizer: the optimiser that moves the weights, not built yet.
        rules: mappings as `rate_factor` makes them: `where`, a regular expression to find in a
            weight's path; `factor`, 0 or above; and `last_step`, the last step in which the weight
            is trained, or None for all steps. If several rules match a weight, their factors
            multiply.
        name: name of the optimiser.

    Example:
    ```python
    fast_biases = rate_factor("/bias$", 64.0)
    model.compile(RateFactors(keras.optimizers.SGD(0.1), [fast_biases]), "mse")
    ```
    """

    def __init__(
        self,
        inner_optimizer: keras.optimizers.Optimizer,
        rules: Sequence[Mapping[str, Any]],
        name: str | None = None,
    ) -> None:
        super().__init__(inner_optimizer, name)
        self.rules = tuple(dict(rule) for rule in rules)

    def apply(self, grads: list[Any], trainable_variables: list[Any] | None = None) -> None:
        """Takes a step of the inner optimiser, and changes its length for weights with a rule."""
        if not self.built:
            self.build(list(trainable_variables or ()))
        weights = trained_variables(self)
        step = self.iterations + 1
        chosen = [(weight, found) for weight in weights if (found := self._of(weight))]
        before = [(weight, ops.copy(weight), found) for weight, found in chosen]
        self.inner_optimizer.apply(grads, trainable_variables)
        for weight, start, found in before:
            moved = ops.multiply(self._factor(found, step, weight.dtype), weight - start)
            weight.assign(start + moved)
        if self.use_ema:
            self._average(weights, step)

    def _average(self, weights: list[Any], step: Any) -> None:
        # As in Keras, whose own method is never called for an optimiser around another one.
        for weight, average in zip(weights, moving_averages(self), strict=True):
            kept = self.ema_momentum * ops.cast(step > 1, weight.dtype)
            average.assign(kept * average + (1 - kept) * weight)

    def finalize_variable_values(self, var_list: list[Any]) -> None:
        """Sets the weights to their averages, if any are kept, when `fit` ends."""
        if not self.use_ema or not self.has_stepped():
            return
        for weight, average in zip(var_list, moving_averages(self), strict=True):
            # As in Keras, but with a copy: JAX cannot train on if two variables hold the same
            # array.
            weight.assign(ops.copy(average))

    def _of(self, weight: Any) -> list[dict[str, Any]]:
        return [rule for rule in self.rules if re.search(rule["where"], weight.path)]

    def _factor(self, rules: list[dict[str, Any]], step: Any, dtype: str) -> Any:
        factor = ops.ones((), dtype)
        for rule in rules:
            factor = factor * rule["factor"]
            if rule["last_step"] is not None:
                factor = factor * ops.cast(step <= rule["last_step"], dtype)
        return factor

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        return {**super().get_config(), "rules": [dict(rule) for rule in self.rules]}
