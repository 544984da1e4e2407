"""The gradient of a model's loss, on any backend, without a step of training."""

import warnings
from typing import Any

import keras
import numpy as np

from ..state.keras_private import loss_of, place_of, trained_variables
from ..state.variable_values import in_numpy


class _Keeper(keras.optimizers.Optimizer):
    """Keeps the gradients that it is given, and leaves the weights as they are."""

    def __init__(self) -> None:
        super().__init__(learning_rate=0.0)

    def build(self, variables: list[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.kept = [self.add_variable_from_reference(one, "gradient") for one in variables]

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        kept = self.kept[place_of(self, variable)]
        # Of an embedding TensorFlow gives only the rows that were looked up.
        self.assign(kept, keras.ops.cast(keras.ops.convert_to_tensor(gradient), kept.dtype))


class _Probe(keras.Model):
    """Another model's network and loss, with an optimizer and metrics of its own."""

    def __init__(self, probed: keras.Model) -> None:
        super().__init__()
        self.probed = probed

    def call(self, x: Any, training: bool | None = None) -> Any:
        return self.probed(x, training=training)

    def compute_loss(
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        return loss_of(self.probed, x, y, y_pred, training=training)


def has_loss(model: keras.Model) -> bool:
    """Whether the model's loss can be asked for: one that it was compiled with, or its own."""
    own = type(model).compute_loss is not keras.Model.compute_loss
    return own or getattr(model, "loss", None) is not None


def gradients(model: keras.Model, x: Any, y: Any) -> dict[int, np.ndarray]:
    """The gradient of the loss in each weight that is trained, of one batch, as `fit` has it.

    In training mode, so that dropout draws and batch normalisation takes the batch's statistics,
    and with penalties. The weights and the optimizer stay as they are; what a forward pass in
    training mode changes, as moving statistics and seeds, is for the caller to keep.

    Args:
        model: Compiled with a loss, or with a `compute_loss` of its own.
        x: One batch of inputs as the model takes them.
        y: Its labels.

    Returns:
        By the `id` of a trainable weight, an array of its shape: zeros where the loss does not
        depend on it.
    """
    probe, keeper = _Probe(model), _Keeper()
    # Eagerly, for a single batch: tracing would take longer.
    probe.compile(optimizer=keeper, run_eagerly=True, jit_compile=False, auto_scale_loss=False)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Gradients do not exist")
        probe.train_on_batch(x, y)
    trained = trained_variables(keeper)
    return {id(one): in_numpy(kept) for one, kept in zip(trained, keeper.kept, strict=True)}
