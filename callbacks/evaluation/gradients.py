"""The gradient of a model's loss, on any backend, without a step of training."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras
import numpy as np

from ..state.keras_private import loss_of, place_of, trained_variables
from ..state.variable_values import in_numpy
from .samples import data_parallel_devices


class _Keeper(keras.optimizers.Optimizer):
    """Keeps the gradients that it is given, and leaves the weights as they are."""

    def __init__(self, loss_scale: float | None) -> None:
        super().__init__(learning_rate=0.0, loss_scale_factor=loss_scale)

    def build(self, variables: list[keras.Variable]) -> None:
        if self.built:
            return
        super().build(variables)
        self.kept = [self.add_variable_from_reference(one, "gradient") for one in variables]

    def update_step(self, gradient: Any, variable: keras.Variable, learning_rate: Any) -> None:
        kept = self.kept[place_of(self, variable)]
        # Added to the zeros that are there: of an embedding TensorFlow gives the rows that were
        # looked up, each as often as it was, and assigning would keep the last of them.
        self.assign_add(kept, keras.ops.cast(gradient, kept.dtype))


class _Probe(keras.Model):
    """Another model's network and loss, with an optimizer and metrics of its own."""

    def __init__(self, probed: keras.Model) -> None:
        # A name that TensorFlow allows for a scope: it refuses those that begin with `_`.
        super().__init__(name="probe")
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
        return loss_of(self.probed, self, x, y, y_pred, training=training)


def has_gradients(model: keras.Model) -> bool:
    """Whether the model trains something, and has a loss: compiled, its own, or its layers'."""
    if not (getattr(model, "compiled", False) and model.trainable_variables):
        return False
    own = type(model).compute_loss is not keras.Model.compute_loss
    return own or getattr(model, "loss", None) is not None or bool(model.losses)


def gradients(model: keras.Model, x: Any, y: Any) -> dict[int, np.ndarray]:
    """The gradient of the loss in each weight that is trained, of one batch, as `fit` has it.

    In training mode, so that dropout draws and batch normalisation takes the batch's statistics,
    and with penalties. The weights and the optimizer stay as they are; what a forward pass in
    training mode changes, as moving statistics and seeds, is for the caller to keep.

    Args:
        model: One that `has_gradients`.
        x: One batch of inputs as the model takes them. Where `keras.distribution` divides batches
            among devices, the samples beyond the last whole share are left out.
        y: Its labels.

    Returns:
        By the `id` of a trainable weight, an array of its shape: zeros where the loss does not
        depend on it.

    Raises:
        ValueError: There are fewer samples than devices.
    """
    probe, keeper = _Probe(model), _Keeper(_loss_scale(model))
    # Eagerly, for a single batch: tracing would take longer.
    probe.compile(optimizer=keeper, run_eagerly=True, jit_compile=False, auto_scale_loss=False)
    with warnings.catch_warnings(), _torch_gradients_kept(model):
        warnings.filterwarnings("ignore", "Gradients do not exist")
        probe.train_on_batch(*_in_whole_shares(x, y))
    trained = trained_variables(keeper)
    return {id(one): in_numpy(kept) for one, kept in zip(trained, keeper.kept, strict=True)}


def _loss_scale(model: keras.Model) -> float | None:
    """What the loss is multiplied by in float16, where small gradients would come to 0 else."""
    optimizer = getattr(model, "optimizer", None)
    # Before an optimizer is built it has the first scale alone.
    scale = getattr(optimizer, "dynamic_scale", getattr(optimizer, "initial_scale", None))
    return None if scale is None else float(in_numpy(scale))


def _in_whole_shares(x: Any, y: Any) -> Any:
    devices = data_parallel_devices()
    if devices == 1:
        return x, y
    number = len(keras.tree.flatten(y)[0])
    if number < devices:
        raise ValueError(
            f"`keras.distribution` divides a batch among {devices} devices: give as many samples "
            f"or more. Received: {number} samples"
        )
    kept = number // devices * devices
    return keras.tree.map_structure(lambda part: part[:kept], (x, y))


@contextmanager
def _torch_gradients_kept(model: keras.Model) -> Iterator[None]:
    """Leave what PyTorch holds of gradients: a training step may sum them over batches."""
    if keras.backend.backend() != "torch":
        yield
        return
    held = [variable.value.grad for variable in model.trainable_variables]
    for variable in model.trainable_variables:
        variable.value.grad = None
    try:
        yield
    finally:
        for variable, gradient in zip(model.trainable_variables, held, strict=True):
            variable.value.grad = gradient
