"""What a model's optimizers know of its training: rates, and how many batches they saw."""

from typing import Any

import keras

from ..state.keras_private import rate_source
from .model_optimizers import own_optimizers, simple_optimizers, without_wrappers


def named_by_rate(model: keras.Model) -> dict[str, Any]:
    """The optimizers of a model that have a rate, by the names of their rates in the logs."""
    own = {f"learning_rate_{name}": one for name, one in own_optimizers(model).items()}
    compiled = {} if model.optimizer is None else {"learning_rate": model.optimizer}
    named: dict[str, Any] = {}
    for name, optimizer in (compiled | own).items():
        for one in simple_optimizers(optimizer):
            is_part = one is not without_wrappers(optimizer)
            named[f"{name}_{one.name}" if is_part else name] = one
    return named


def learning_rates(model: keras.Model) -> dict[str, float]:
    """The rates of the optimizers that are in use, by the names that Keras's callbacks log.

    Optimizers besides the compiled one are named as in `own_optimizers`.
    """
    # A custom train_step may have left the compiled optimizer unused.
    return {name: rate(one) for name, one in named_by_rate(model).items() if one.built}


def scheduled(model: keras.Model) -> dict[str, Any]:
    """The optimizers whose rate is a schedule or a function, by the same names."""
    return {
        name: one
        for name, one in named_by_rate(model).items()
        if not isinstance(rate_source(one), keras.Variable)
    }


def rate(optimizer: Any) -> float:
    """The rate that the next step takes."""
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def batches_trained(optimizer: Any) -> int:
    """How many batches the optimizer has seen since it was made; 0 if there is no optimizer."""
    return 0 if optimizer is None else int(keras.ops.convert_to_numpy(batch_counter(optimizer)))


def batch_counter(optimizer: Any) -> keras.Variable:
    """The variable in which an optimizer counts batches."""
    # `iterations` counts updates of the weights, without the batches of an unfinished update;
    # its variable, the first that every optimizer of Keras has, counts batches.
    return without_wrappers(optimizer).variables[0]
