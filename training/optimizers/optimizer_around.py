"""A wrapper around another optimiser, which takes the steps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_EMA = ("use_ema", "ema_momentum")


class OptimizerAround(keras.optimizers.Optimizer):
    """Lets an inner optimiser take the steps; subclasses build on those steps.

    Args:
        inner_optimizer: the optimiser that moves the weights, not built yet.
        name: name of the optimiser.

    Raises:
        ValueError: if the inner optimiser is set to average the weights, which nothing would use.
    """

    def __init__(
        self, inner_optimizer: keras.optimizers.Optimizer, name: str | None = None
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        if inner_optimizer.use_ema:
            raise ValueError(
                f"An average kept by the optimiser within {type(self).__name__} would never get "
                "into the model. Leave use_ema out there. RateFactors keeps one itself: "
                "with_ema(RateFactors(inner_optimizer, rules), momentum). "
                f"Received: inner_optimizer={type(inner_optimizer).__name__} with use_ema=True"
            )
        self.inner_optimizer = inner_optimizer

    def build(self, variables: list[Any]) -> None:
        """Makes the inner optimiser's variables."""
        if self.built:
            return
        super().build(variables)
        self.inner_optimizer.build(variables)

    @property
    def variables(self) -> list[Any]:
        """The wrapper's own variables and the inner optimiser's."""
        return [*super().variables, *self.inner_optimizer.variables]

    @property
    def iterations(self) -> Any:
        """Number of steps taken."""
        return self.inner_optimizer.iterations

    @property
    def learning_rate(self) -> Any:
        """The inner optimiser's learning rate."""
        return self.inner_optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, learning_rate: Any) -> None:
        self.inner_optimizer.learning_rate = learning_rate

    def has_stepped(self) -> bool:
        """Says whether a step was taken: Keras finalizes the weights even after a fit without one.

        Before the first step, the averages and slow weights of an optimiser are all zeros.
        """
        return int(ops.convert_to_numpy(self.iterations)) > 0

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        inner = keras.saving.serialize_keras_object(self.inner_optimizer)
        ema = {name: getattr(self, name) for name in _EMA}
        return {"inner_optimizer": inner, "name": self.name, **ema}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> OptimizerAround:
        """Returns the optimiser that `get_config` described."""
        inner = keras.saving.deserialize_keras_object(
            config["inner_optimizer"], custom_objects=custom_objects
        )
        arguments = {key: value for key, value in config.items() if key not in _EMA}
        made = cls(**{**arguments, "inner_optimizer": inner})
        # These are not arguments: `with_ema` sets them. Configs saved by older versions lack them.
        for name in _EMA:
            setattr(made, name, config.get(name, getattr(made, name)))
        return made
