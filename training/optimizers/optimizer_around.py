"""An optimiser around another one, which takes the steps."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


class OptimizerAround(keras.optimizers.Optimizer):
    """Lets an inner optimiser take the steps; what it does about them is its subclass's.

    Args:
        inner_optimizer: what moves the weights, not built yet.
        name: of the optimiser.
    """

    def __init__(
        self, inner_optimizer: keras.optimizers.Optimizer, name: str | None = None
    ) -> None:
        super().__init__(learning_rate=0.0, name=name)
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
        return {"inner_optimizer": inner, "name": self.name}

    @classmethod
    def from_config(
        cls, config: dict[str, Any], custom_objects: dict[str, Any] | None = None
    ) -> OptimizerAround:
        """Returns what `get_config` told of."""
        inner = keras.saving.deserialize_keras_object(
            config["inner_optimizer"], custom_objects=custom_objects
        )
        return cls(**{**config, "inner_optimizer": inner})
