"""The outputs of a model one by one: their names, labels, losses and activations."""

from typing import Any, NamedTuple

import keras
import numpy as np

from ..state.keras_private import loss_weights, origin


class Output(NamedTuple):
    """One output of a model that has labels."""

    name: str | None
    """As Keras names it in the logs; `output_0`, `output_1` and so on where it has no name; None if
    it is the only one."""
    place: int
    """Its place among the flattened outputs."""
    key: str | int | None
    """Where its labels stand among all labels; None where these are one array."""
    loss: Any
    """The compiled loss, as an object or function; None where there is none."""
    activation: str | None
    """The name of its last layer's activation, where that is known."""
    weight: float = 1.0
    """What Keras multiplies its loss by in the logs; with several outputs Keras logs the loss
    itself."""

    def labels(self, y: Any) -> np.ndarray:
        """Its labels among all labels."""
        return y if self.key is None else y[self.key]


def output_names(model: keras.Model) -> list[str]:
    """The names that Keras puts before the metrics of each of several outputs; empty for one."""
    losses = getattr(model, "loss", None)
    # For a model that returns a dict these are its keys, which may differ from its layers' names.
    names = losses if isinstance(losses, dict) else getattr(model, "output_names", [])
    return list(names) if len(names) > 1 else []


def labelled_outputs(model: keras.Model, outputs: Any, y: Any) -> list[Output]:
    """The outputs of `model` that have labels, in order.

    With several outputs, those that a dict `y` does not name are left out, and those without a
    compiled loss where others have one.

    Args:
        model: Compiled or not.
        outputs: What it predicts: an array, or a list, tuple or dict of arrays.
        y: Labels: an array, or a list or dict with an entry per output.

    Raises:
        ValueError: The outputs are nested more deeply, or `y` does not match them.
    """
    if isinstance(outputs, np.ndarray):
        loss, weight = _only_loss(model), _only_weight(model)
        return [Output(None, 0, _only_key(y), loss, _activation(model, 0), weight)]
    paths = [path for path, _ in keras.tree.flatten_with_path(outputs)]
    if any(len(path) != 1 for path in paths):
        raise ValueError(
            "CleanEvaluation reads models whose output is an array, or a list or dict of arrays. "
            f"Received: a model with outputs {keras.tree.map_structure(np.shape, outputs)}"
        )
    names = _names(model, [path[0] for path in paths])
    keys, losses = _keys(names, y), _losses(model, names)
    found = [
        Output(name, place, keys[name], loss, _activation(model, place))
        for place, (name, loss) in enumerate(zip(names, losses, strict=True))
        if name in keys and (loss is not None or model.loss is None)
    ]
    if not found:
        raise ValueError(
            f"No output of the model has both labels and a loss. Received: y={list(keys)} for "
            f"outputs {names}, compiled with loss={model.loss}"
        )
    return found


def _names(model: keras.Model, keys: list[str | int]) -> list[str]:
    known = getattr(model, "output_names", [])
    if all(isinstance(key, str) for key in keys):
        return [str(key) for key in keys]
    return known if len(known) == len(keys) else [f"output_{key}" for key in keys]


def _keys(names: list[str], y: Any) -> dict[str, str | int]:
    """Where the labels of each output stand in `y`."""
    if isinstance(y, dict) and set(y) <= set(names):
        return {name: name for name in y}
    if isinstance(y, list) and len(y) == len(names):
        return {name: place for place, name in enumerate(names)}
    received = sorted(y) if isinstance(y, dict) else f"{type(y).__name__} of {len(y)}"
    raise ValueError(
        f"The model has the outputs {', '.join(names)}, so CleanEvaluation needs the labels as a "
        f"dict with these keys, or as a list of {len(names)}. Received: y={received}"
    )


def _only_key(y: Any) -> str | int | None:
    if isinstance(y, np.ndarray):
        return None
    keys = list(y) if isinstance(y, dict) else list(range(len(y)))
    if len(keys) != 1:
        raise ValueError(
            "The model has one output, so CleanEvaluation needs one array of labels. "
            f"Received: y with the entries {keys}"
        )
    return keys[0]


def _only_loss(model: keras.Model) -> Any:
    losses = keras.tree.flatten(model.loss)
    return _resolved(losses[0]) if len(losses) == 1 else None


def _only_weight(model: keras.Model) -> float:
    weights = [one for one in keras.tree.flatten(loss_weights(model)) if one is not None]
    return float(weights[0]) if len(weights) == 1 else 1.0


def _losses(model: keras.Model, names: list[str]) -> list[Any]:
    """The compiled loss of each of several outputs; a single loss is used for all of them."""
    losses = model.loss
    if isinstance(losses, dict):
        return [_resolved(losses.get(name)) for name in names]
    if isinstance(losses, list | tuple):
        return [_resolved(loss) for loss in losses]
    return [_resolved(losses)] * len(names)


def _resolved(loss: Any) -> Any:
    # Keras decides by the shapes which cross-entropy this is; all of them take probabilities.
    if loss in ("crossentropy", "ce"):
        loss = "categorical_crossentropy"
    return None if loss is None else keras.losses.get(loss)


def _activation(model: keras.Model, place: int) -> str | None:
    """The activation of the layer that gives an output, in models that know that layer."""
    outputs = getattr(model, "outputs", None)
    if not outputs:
        return None
    layer, place = origin(outputs[place])
    if isinstance(layer, keras.Model):
        return _activation(layer, place)
    if isinstance(layer, keras.layers.Softmax):
        return "softmax"
    return getattr(getattr(layer, "activation", None), "__name__", None)
