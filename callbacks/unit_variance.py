"""Layer-sequential unit-variance initialisation of a model, from its input up."""

import math
import warnings
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any, NamedTuple

import keras
import numpy as np

from .evaluation.own_metrics import check_call
from .evaluation.some_samples import some_samples
from .state.keras_private import all_layers, without_autocast
from .state.recurrent_states import recurrent_states_kept
from .state.replaced_call import replaced_call
from .state.seeds import python_draws_kept, seeds_kept
from .state.variable_values import values_of

_DEPTHWISE = (keras.layers.DepthwiseConv1D, keras.layers.DepthwiseConv2D)
_SEPARABLE = (keras.layers.SeparableConv1D, keras.layers.SeparableConv2D)
_WITH_KERNEL = (
    keras.layers.Dense,
    keras.layers.EinsumDense,
    keras.layers.Conv1D,
    keras.layers.Conv2D,
    keras.layers.Conv3D,
    keras.layers.Conv1DTranspose,
    keras.layers.Conv2DTranspose,
    keras.layers.Conv3DTranspose,
    *_DEPTHWISE,
    *_SEPARABLE,
)
# A variance below this share of the mean square is a rounding error, and counts as 0.
_NO_VARIANCE = 1e-10


class ScaledLayer(NamedTuple):
    """What `apply_lsuv` did to one layer."""

    path: str
    """The layer's `path`: its name, after the names of the models that contain it."""
    iterations: int
    """How often its kernel was divided; 0 where the orthonormal kernel was good enough."""
    variance_before: float
    """Variance of its output with the orthonormal kernel, after the layers below were scaled."""
    variance_after: float


def apply_lsuv(
    model: keras.Model,
    x: Any,
    tol: float = 0.1,
    max_iterations: int = 10,
    max_samples: int = 256,
    seed: int | None = None,
) -> list[ScaledLayer]:
    """Initialise `model` so that the output of every layer has unit variance on `x`.

    Algorithm 1 of Mishkin and Matas, "All you need is a good init" (arXiv 1511.06422; deck L4):
    from the input up, each kernel becomes an orthonormal matrix, and is divided by the standard
    deviation of its layer's output until the output's variance is within `tol` of 1. Signals then
    neither fade nor grow with depth, whatever the activations.

    The layers are Keras's dense and convolutional ones (also transposed, depthwise, separable, and
    subclasses of them), wherever they are in the model, in the order in which it calls them. The
    variance is that of all values of the output before the activation, in inference mode: no
    dropout, and batch normalisation with its moving statistics. In a separable convolution the
    pointwise kernel is divided. A layer that is called several times is scaled at its first call.
    Biases, frozen kernels, recurrent layers with all that is in their cells, and layers that the
    model does not call are left alone.

    Args:
        model: Built or not, compiled or not; it may be a part of another. A model without a `call`,
            such as a GAN, has to be initialised part by part.
        x: Inputs as the model takes them: an array, or a list or dict of arrays.
        tol: How far the output variance of a layer may be from 1, above 0; the paper finds that
            anything from 0.01 to 0.1 does equally well.
        max_iterations: How many times a kernel is divided at most. A warning names the layers for
            which that was not enough, as can happen where biases are large.
        max_samples: Use at most this many samples of `x`, evenly spaced; some hundreds are enough.
        seed: Seed of the orthonormal matrices; None: as `keras.utils.set_random_seed` decides.

    Returns:
        What was done to each layer, in the order in which they are called.

    Raises:
        ValueError: An argument is out of range; or the output of a layer does not vary, so that
            no division helps (an input of zeros, units that are all dead). The model is then left
            as it was.

    Example:
    ```python
    for layer in trickbook.callbacks.apply_lsuv(model, x_train, seed=0):
        print(layer.path, layer.iterations, layer.variance_after)
    ```
    """
    check_arguments(tol, max_iterations, max_samples)
    check_call(model, "LSUV")
    x = some_samples(x, max_samples, "LSUV")
    with python_draws_kept():
        draw = keras.initializers.Orthogonal(seed=keras.random.SeedGenerator(seed))
    done: dict[int, ScaledLayer] = {}

    def scale_once(layer: keras.Layer, output: Callable[[], Any]) -> None:
        if id(layer) not in done:
            done[id(layer)] = _scale(layer, output, draw, tol, max_iterations)

    with seeds_kept(model), recurrent_states_kept(model):
        if not all(layer.built for layer in all_layers(model)):
            model(x, training=False)
        recurrent = {id(part) for part in _recurrent_parts(model)}
        layers = [
            layer
            for layer in all_layers(model)
            if _has_free_kernels(layer) and id(layer) not in recurrent
        ]
        with _restored_on_error(layers), _optimizer_in_step(model, layers), ExitStack() as watches:
            for layer in layers:
                watches.enter_context(_before_calls(layer, scale_once))
            # One pass is enough: a layer's inputs come from layers that are already scaled.
            model(x, training=False)
            scaled = list(done.values())
            _refuse_without_variance(scaled)
    _warn_of_missed(scaled, tol)
    return scaled


def check_arguments(tol: float, max_iterations: int, max_samples: int) -> None:
    """Refuse what is out of range."""
    if not tol > 0:
        raise ValueError(f"`tol` should be above 0. Received: tol={tol}")
    for name, value in (("max_iterations", max_iterations), ("max_samples", max_samples)):
        if value < 1:
            raise ValueError(f"`{name}` should be 1 or more. Received: {name}={value}")


def _kernels(layer: keras.Layer) -> list[Any]:
    """The kernels of a layer; the last one is scaled."""
    if isinstance(layer, _SEPARABLE):
        return [layer.depthwise_kernel, layer.pointwise_kernel]
    return [layer.kernel]


def _has_free_kernels(layer: keras.Layer) -> bool:
    if not (isinstance(layer, _WITH_KERNEL) and layer.built):
        return False
    free = {id(variable) for variable in layer.trainable_variables}
    return all(id(kernel) in free for kernel in _kernels(layer))


def _recurrent_parts(model: keras.Layer) -> Iterator[keras.Layer]:
    """The parts of recurrent layers, whose steps a backend may trace instead of executing them."""
    for layer in all_layers(model):
        if isinstance(layer, keras.layers.RNN):
            yield from all_layers(layer)


def _before_calls(
    layer: keras.Layer, act: Callable[[keras.Layer, Callable[[], Any]], None]
) -> AbstractContextManager[None]:
    """While open, each call of `layer` is preceded by `act(layer, output)`.

    `output()` is what the call will return, without the activation.
    """

    def wrapped(call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            def output() -> Any:
                with _no_activation(layer):
                    return call(*args, **kwargs)

            act(layer, output)
            return call(*args, **kwargs)

        return watched

    return replaced_call(layer, wrapped)


@contextmanager
def _no_activation(layer: keras.Layer) -> Iterator[None]:
    activation, layer.activation = layer.activation, None
    try:
        yield
    finally:
        layer.activation = activation


def _scale(
    layer: keras.Layer,
    output: Callable[[], Any],
    draw: keras.initializers.Initializer,
    tol: float,
    max_iterations: int,
) -> ScaledLayer:
    *others, kernel = _kernels(layer)
    for other in others:
        _assign(other, _orthonormal(layer, other, draw))
    directions, factor = _orthonormal(layer, kernel, draw), 1.0
    variances: list[float] = []
    while len(variances) <= max_iterations:
        _assign(kernel, directions * factor)
        variances.append(_variance(output()))
        if abs(variances[-1] - 1) < tol or not _is_positive(variances[-1]):
            break
        factor /= math.sqrt(variances[-1])
    return ScaledLayer(layer.path, len(variances) - 1, variances[0], variances[-1])


def _assign(kernel: Any, value: Any) -> None:
    # Within a layer's call under mixed precision the kernel appears as a rounded copy, and PyTorch
    # would assign to the copy.
    with without_autocast():
        kernel.assign(value)


def _orthonormal(layer: keras.Layer, kernel: Any, draw: keras.initializers.Initializer) -> Any:
    """An orthonormal matrix of the kernel's shape; for a depthwise kernel one for each channel."""
    per_channel = isinstance(layer, _DEPTHWISE) or kernel is getattr(
        layer, "depthwise_kernel", None
    )
    if not per_channel:
        return draw(kernel.shape, "float32")
    *window, channels, multiplier = kernel.shape
    matrices = [draw((math.prod(window), multiplier), "float32") for _ in range(channels)]
    return keras.ops.reshape(keras.ops.stack(matrices, axis=1), kernel.shape)


def _variance(output: Any) -> float:
    values = keras.ops.cast(output, "float32")
    variance = float(keras.ops.convert_to_numpy(keras.ops.var(values)))
    square = float(keras.ops.convert_to_numpy(keras.ops.mean(keras.ops.square(values))))
    return 0.0 if variance <= _NO_VARIANCE * square else variance


def _is_positive(variance: float) -> bool:
    return 0 < variance < math.inf


@contextmanager
def _restored_on_error(layers: list[keras.Layer]) -> Iterator[None]:
    kernels = [kernel for layer in layers for kernel in _kernels(layer)]
    before = values_of(kernels)
    try:
        yield
    except BaseException:
        for kernel, value in zip(kernels, before, strict=True):
            kernel.assign(value)
        raise


@contextmanager
def _optimizer_in_step(model: keras.Model, layers: list[keras.Layer]) -> Iterator[None]:
    """Update the optimizer's copies of a kernel: schedule-free optimizers are built with some."""
    optimizer = getattr(model, "optimizer", None)
    variables = optimizer.variables if optimizer is not None else []
    kernels = [kernel for layer in layers for kernel in _kernels(layer)]
    copies = [
        (variable, kernel)
        for kernel, value in zip(kernels, values_of(kernels), strict=True)
        for variable, held in zip(variables, values_of(variables), strict=True)
        if value.any() and np.array_equal(held, value)
    ]
    yield
    for variable, kernel in copies:
        # A new copy, as JAX refuses two variables that share their memory.
        variable.assign(keras.ops.copy(kernel))


def _refuse_without_variance(layers: list[ScaledLayer]) -> None:
    # Only now: Keras would bury an error raised within a layer's call in a message of its own.
    for layer in layers:
        if not _is_positive(layer.variance_after):
            raise ValueError(
                f"The output of layer {layer.path!r} does not vary over the given inputs, or is "
                "not finite, so no scale gives it unit variance. Give other inputs, or more of "
                f"them. Received: x, with an output variance of {layer.variance_after}"
            )


def _warn_of_missed(layers: list[ScaledLayer], tol: float) -> None:
    missed = [
        f"{layer.path} ({layer.variance_after:.3g})"
        for layer in layers
        if abs(layer.variance_after - 1) >= tol
    ]
    if missed:
        warnings.warn(
            f"LSUV did not bring the output variance within {tol} of 1 in {', '.join(missed)}. "
            "Try more iterations or smaller biases.",
            stacklevel=3,
        )
