"""An optimiser around another one, which takes the steps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

_EMA = ("use_ema", "ema_momentum")


class OptimizerAround(keras.optimizers.Optimizer):
    """Lets an inner optimiser take the steps; what it does about them is its subclass's.

    Args:
        inner_optimizer: what moves the weights, not built yet.
        name: of the optimiser.

    Raises:
        ValueError: if the inner optimiser is to average the weights: nothing would use it.
    """

    def __init__(
        self, inner_optimizer: keras.optimizers.Optimizer, name: str | None = None
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
        if inner_optimizer.use_ema:
            raise ValueError(
                f"An average that is kept within {type(self).__name__} never gets into the model. "
                "Leave use_ema out there. RateFactors keeps one itself: "
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
        """Its own variables and the inner optimiser's."""
        return [*super().variables, *self.inner_optimizer.variables]

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

    def has_stepped(self) -> bool:
        """Tells whether a step was taken: Keras finalizes the weights after a fit without one too.

        What an optimiser keeps of the weights is all zeros until then.
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
        """Returns what `get_config` told of."""
        inner = keras.saving.deserialize_keras_object(
            config["inner_optimizer"], custom_objects=custom_objects
        )
        arguments = {key: value for key, value in config.items() if key not in _EMA}
        made = cls(**{**arguments, "inner_optimizer": inner})
        # They are no arguments: `with_ema` sets them. What was saved before they were has none.
        for name in _EMA:
            setattr(made, name, config.get(name, getattr(made, name)))
        return made
