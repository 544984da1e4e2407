"""All that decides how a training goes on: weights, optimizers, states, random generators."""

import random
import sys
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from ..optimizers.model_optimizers import all_optimizers, wrapped_optimizers
from .keras_private import all_layers, trained_variables
from .recurrent_states import recurrent_states
from .seeds import restore_unseeded_state, unseeded_state
from .variable_values import values_of


def training_state(model: keras.Model) -> dict[str, Any]:
    """The state of `model`, of its optimizers, and of the random generators of this process.

    The states of its stateful recurrent layers are part of it.

    Metrics are left out: Keras resets them when an epoch begins.

    Raises:
        ValueError: An optimizer trains a variable that the model does not track.
    """
    return {
        "variables": values_of(model.variables),
        "optimizers": [_optimizer_state(one, model) for one in all_optimizers(model)],
        "states": values_of(recurrent_states(model)),
        "random": _random_state(),
    }


def restore_training_state(model: keras.Model, state: dict[str, Any]) -> None:
    """Set `model`, its optimizers and the random generators to what `training_state` returned.

    Raises:
        ValueError: The state is of another model; nothing is changed.
    """
    variables, optimizers = model.variables, all_optimizers(model)
    _check_same(variables, state["variables"], "the model")
    if len(optimizers) != len(state["optimizers"]):
        raise ValueError(
            f"the model has {len(optimizers)} optimizers, but {len(state['optimizers'])} were saved"
        )
    pairs = list(zip(variables, state["variables"], strict=True))
    for optimizer, saved in zip(optimizers, state["optimizers"], strict=True):
        if saved is not None:
            if not optimizer.built:
                optimizer.build([variables[place] for place in saved["trains"]])
            _check_kind(optimizer, saved.get("kind"))
            _check_same(optimizer.variables, saved["variables"], optimizer.name)
            pairs += zip(optimizer.variables, saved["variables"], strict=True)
    # Files saved by earlier versions hold no such states.
    if saved_states := state.get("states"):
        states = recurrent_states(model)
        _check_same(states, saved_states, "the states of the model's recurrent layers")
        pairs += zip(states, saved_states, strict=True)
    for variable, value in pairs:
        variable.assign(value)
    _restore_random_state(state["random"])


def require_tracked_variables(model: keras.Model) -> None:
    """Refuse a model whose `training_state` cannot be taken.

    Raises:
        ValueError: An optimizer trains a variable that the model does not track.
    """
    for optimizer in all_optimizers(model):
        if optimizer.built:
            _places(optimizer, model)


def first_unbuilt_layer(model: keras.Model) -> str | None:
    """The name of a layer that has no variables yet, if there is one.

    Models themselves are not checked: a GAN without a `call` never counts as built. Nor are layers
    that make no variables, like most augmentation layers, which may be called only in training.
    """
    for part in _models(model):
        for layer in part.layers:
            if not isinstance(layer, keras.Model) and _lacks_variables(layer):
                return str(layer.name)
    return None


def _lacks_variables(layer: keras.Layer) -> bool:
    """Whether a layer, or a layer within it, still has to be given variables by building."""
    return not layer.built and any(
        not one.built and type(one).build is not keras.layers.Layer.build
        for one in all_layers(layer)
    )


def _optimizer_state(optimizer: Any, model: keras.Model) -> dict[str, Any] | None:
    if not optimizer.built:
        return None
    return {
        # An optimizer that a custom train_step uses is built by the first step: a resumed fit has
        # to build it earlier, and for the same variables.
        "trains": _places(optimizer, model),
        "variables": values_of(optimizer.variables),
        "kind": _kind(optimizer),
    }


def _places(optimizer: Any, model: keras.Model) -> list[int]:
    """The indices, among the model's variables, of those that an optimizer trains."""
    places = {id(variable): place for place, variable in enumerate(model.variables)}
    trained = trained_variables(optimizer)
    for variable in trained:
        if id(variable) not in places:
            raise ValueError(
                f"The model {model.name!r} holds an optimizer that trains a variable which the "
                "model itself does not track, so it could not be restored. Keep the layer of that "
                "variable in an attribute of the model, or remove the optimizer if nothing uses "
                "it. "
                f"Received: the optimizer {optimizer.name!r}, which trains {variable.path!r}"
            )
    return [places[id(variable)] for variable in trained]


def _kind(optimizer: Any) -> str:
    """The classes of an optimizer and of those inside it, as `LossScaleOptimizer(SGD)`."""
    names = [type(one).__name__ for one in wrapped_optimizers(optimizer)]
    return "(".join(names) + ")" * (len(names) - 1)


def _check_kind(optimizer: Any, saved: str | None) -> None:
    # Two kinds may have variables of the same shapes that mean different things.
    if saved not in (None, _kind(optimizer)):
        raise ValueError(f"its optimizer is {_kind(optimizer)}, but that of {saved} was saved")


def _models(model: keras.Model) -> Iterator[keras.Model]:
    yield model
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _models(layer)


def _check_same(variables: list[Any], saved: list[np.ndarray], of: str) -> None:
    here = [tuple(variable.shape) for variable in variables]
    there = [value.shape for value in saved]
    if here != there:
        raise ValueError(
            f"{of} has {len(here)} variables, but {len(there)} were saved"
            if len(here) != len(there)
            else f"{of} has variables of other shapes than were saved"
        )


def _random_state() -> dict[str, Any]:
    return {
        "python": random.getstate(),
        "numpy": np.random.get_state(legacy=False),
        "keras": unseeded_state(),
        "torch": sys.modules["torch"].get_rng_state().numpy() if "torch" in sys.modules else None,
        "cuda": _cuda_states(),
    }


def _cuda_states() -> list[np.ndarray]:
    """The random state of each GPU that PyTorch uses; empty if there are none."""
    torch = sys.modules.get("torch")
    # Asking for a state would claim memory of a GPU that nothing has used yet.
    if torch is None or not torch.cuda.is_initialized():
        return []
    return [state.numpy() for state in torch.cuda.get_rng_state_all()]


def _restore_random_state(state: dict[str, Any]) -> None:
    restore_unseeded_state(state["keras"])
    version, internal, gauss = state["python"]
    random.setstate((version, tuple(internal), gauss))
    np.random.set_state(state["numpy"])
    if state["torch"] is not None and "torch" in sys.modules:
        torch = sys.modules["torch"]
        torch.set_rng_state(torch.from_numpy(state["torch"]))
        if len(state.get("cuda") or []) == torch.cuda.device_count() > 0:
            torch.cuda.set_rng_state_all([torch.from_numpy(one) for one in state["cuda"]])
