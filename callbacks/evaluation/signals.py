"""What layers hand on, and what gradient comes back to them: a look inside a model."""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any, NamedTuple

import keras
import numpy as np

from ..state.keras_private import all_layers
from ..state.replaced_call import replaced_call
from ..state.variable_values import in_numpy, values_kept, values_of
from .gradients import gradients, has_gradients
from .own_metrics import check_call, evaluation_leaves_no_trace

# What is counted to the layer whose output it takes.
_FOLLOWERS = (
    keras.layers.Activation,
    keras.layers.BatchNormalization,
    keras.layers.ELU,
    keras.layers.GroupNormalization,
    keras.layers.LayerNormalization,
    keras.layers.LeakyReLU,
    keras.layers.PReLU,
    keras.layers.RMSNormalization,
    keras.layers.ReLU,
    keras.layers.Softmax,
    keras.layers.UnitNormalization,
)
# What may stand between a layer and its normalisation or activation.
_BETWEEN = (
    keras.layers.AveragePooling1D,
    keras.layers.AveragePooling2D,
    keras.layers.AveragePooling3D,
    keras.layers.MaxPooling1D,
    keras.layers.MaxPooling2D,
    keras.layers.MaxPooling3D,
)
# A backend may trace what they call instead of executing it; they are looked at as a whole.
_WHOLE = (keras.layers.RNN, keras.layers.TimeDistributed)


class LayerSignal(NamedTuple):
    """What one layer hands on, and what comes back to it."""

    layer: str
    """The layer's `path`: its name, after the names of the models that contain it."""
    mean: float
    """The mean of what it hands on to the next, after its normalisation and activation."""
    std: float
    """The standard deviation of that."""
    zeros: float
    """The share of it that is exactly 0, from 0 to 1."""
    dead: float
    """The share of its units, or channels, that are 0 on every sample, from 0 to 1."""
    weights: float
    """The root mean square of its kernels."""
    gradient: float
    """The root mean square of the loss's gradient in its kernels; NaN where it is not known."""


def measure_signals(model: keras.Model, x: Any, y: Any = None) -> list[LayerSignal]:
    """Measure the size of signals and gradients in each layer of `model` on one batch.

    Signals that fade or grow from layer to layer, and gradients that do on their way back, are why
    deep networks do not learn (deck L2: with weights a little above the right size they explode, a
    little below they vanish; deck L4: outputs should keep mean 0 and deviation 1; Glorot and Bengio
    2010). Units that are 0 on every sample are dead: no gradient comes through them (deck L4).

    A layer is what has a kernel, a weight of two dimensions or more: dense, convolutional and
    embedding layers, and recurrent ones as a whole. A normalisation or activation layer that takes
    its output, also through a pooling, is counted to it; a function such as `ops.relu` is not.
    Layers come in the order in which the model calls them; one that is called several times counts
    by its first call, and one that is not called is left out.

    Everything is in training mode, as an optimizer meets it: dropout draws, and batch
    normalisation takes the batch's statistics. The loss is the compiled one, with penalties. The
    model, its optimizer, its metrics and its random numbers are left as they were.

    Args:
        model: Compiled, for gradients; else, or with a `train_step` that needs no loss, signals
            alone are measured.
        x: One batch of inputs as the model takes them: an array, or a list or dict of arrays. Some
            hundreds of samples are enough; they go through the network at once.
        y: Its labels as `fit` takes them; None: no gradients.

    Returns:
        What was measured of each layer.

    Raises:
        ValueError: The model has no `call`.

    Example:
    ```python
    for layer in trickbook.callbacks.measure_signals(model, x_train[:256], y_train[:256]):
        print(layer.layer, layer.std, layer.dead, layer.gradient)
    ```
    """
    check_call(model, "measure_signals")
    with evaluation_leaves_no_trace(model):
        if not all(layer.built for layer in all_layers(model)):
            model(x, training=False)
        # Also those that are trained: a spectral normalisation sets its kernel in each pass.
        with values_kept(model.variables):
            watched = _Watched(model)
            with watched:
                model(x, training=True)
            known = y is not None and has_gradients(model)
            found = gradients(model, x, y) if known else {}
    return [_signal(layer, facts, found) for layer, facts in watched.facts.values()]


class _Facts(NamedTuple):
    mean: float
    std: float
    zeros: float
    dead: float


class _Watched:
    """While open, keeps the facts of what the layers of a model hand on."""

    def __init__(self, model: keras.Model) -> None:
        self.facts: dict[int, tuple[keras.Layer, _Facts]] = {}
        """By the `id` of a layer with a kernel, in order of calls."""
        others = (*_FOLLOWERS, *_BETWEEN)
        self._layers = [one for one in _parts(model) if isinstance(one, others) or _kernels(one)]
        # What a layer has handed on so far; held, so that its `id` stays its own.
        self._given: dict[int, tuple[Any, keras.Layer]] = {}

    def __enter__(self) -> None:
        self._stack = ExitStack()
        for layer in self._layers:
            self._stack.enter_context(_after_calls(layer, self._note))

    def __exit__(self, *error: object) -> None:
        self._stack.close()
        self._given.clear()

    def _note(self, layer: keras.Layer, taken: Any, output: Any) -> None:
        own: keras.Layer | None = None
        if not _kernels(layer):
            _, own = self._given.get(id(taken), (None, None))
        elif id(layer) not in self.facts:
            own = layer
        if own is None:
            return
        tensor = keras.tree.flatten(output)[0]
        self._given[id(tensor)] = tensor, own
        if not isinstance(layer, _BETWEEN):
            self.facts[id(own)] = own, _facts_of(own, tensor)


def _parts(model: keras.Layer) -> list[keras.Layer]:
    """The layers of a model, each once, but for those within what is looked at as a whole."""
    inside = {
        id(part)
        for whole in all_layers(model)
        if isinstance(whole, _WHOLE)
        for part in all_layers(whole)[1:]
    }
    return [part for part in all_layers(model) if id(part) not in inside]


def _kernels(layer: keras.Layer) -> list[keras.Variable]:
    """A layer's own weights of two dimensions or more, without those of layers within it."""
    if isinstance(layer, _WHOLE):
        return [weight for weight in layer.weights if len(weight.shape) > 1]
    # A wrapper's own are no kernels: a spectral normalisation holds a vector.
    if isinstance(layer, (*_FOLLOWERS, keras.Model, keras.layers.Wrapper)):
        return []
    inner = {id(weight) for part in all_layers(layer)[1:] for weight in part.weights}
    return [one for one in layer.weights if len(one.shape) > 1 and id(one) not in inner]


def _after_calls(
    layer: keras.Layer, act: Callable[[keras.Layer, Any, Any], None]
) -> AbstractContextManager[None]:
    """While open, each call of `layer` is followed by `act(layer, what it took, what it gave)`."""

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            output = call(*args, **kwargs)
            act(layer, args[0] if args else next(iter(kwargs.values()), None), output)
            return output

        return watched

    return replaced_call(layer, wrapped)


def _facts_of(layer: keras.Layer, tensor: Any) -> _Facts:
    values = np.asarray(in_numpy(tensor), "float64")
    units = 1 if getattr(layer, "data_format", None) == "channels_first" else values.ndim - 1
    is_zero = values == 0
    others = tuple(axis for axis in range(values.ndim) if axis != units)
    with np.errstate(invalid="ignore", over="ignore"):
        return _Facts(
            float(values.mean()),
            float(values.std()),
            float(is_zero.mean()),
            float(is_zero.all(axis=others).mean()),
        )


def _signal(layer: keras.Layer, facts: _Facts, found: dict[int, np.ndarray]) -> LayerSignal:
    kernels = _kernels(layer)
    of_kernels = [found[id(one)] for one in kernels if id(one) in found]
    return LayerSignal(
        layer.path, *facts, weights=_rms(values_of(kernels)), gradient=_rms(of_kernels)
    )


def _rms(arrays: list[np.ndarray]) -> float:
    """The root mean square of all their values; NaN of none."""
    if not arrays:
        return float("nan")
    # In float64: the squares of vanishing gradients are below what float32 holds.
    flat = np.concatenate([np.asarray(array, "float64").ravel() for array in arrays])
    return float(np.sqrt(np.mean(flat**2)))
