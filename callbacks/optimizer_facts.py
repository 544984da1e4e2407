"""What the optimizers of a model tell of its training: rates, and how many batches they saw."""

from typing import Any

import keras


def learning_rates(model: keras.Model) -> dict[str, float]:
    """The rates of the optimizers that are in use, by the names that Keras's callbacks log.

    Those that the model holds besides the compiled one are named by its attributes.
    """
    # A custom train_step may have left the compiled optimizer unused.
    return {name: rate(one) for name, one in _named(model).items() if one.built}


def scheduled(model: keras.Model) -> dict[str, Any]:
    """Those optimizers whose rate is a schedule, by the same names."""
    return {
        name: one
        for name, one in _named(model).items()
        if isinstance(_inner(one).get_config().get("learning_rate"), dict)
    }


def own_optimizers(model: keras.Model) -> dict[str, keras.optimizers.Optimizer]:
    """The optimizers besides the compiled one that a model holds, as a GAN does, by attribute."""
    return {
        name: value
        for name, value in vars(model).items()
        if isinstance(value, keras.optimizers.Optimizer) and value is not model.optimizer
    }


def rate(optimizer: Any) -> float:
    """The rate that the next step takes."""
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))


def batches_trained(optimizer: Any) -> int:
    """How many batches the optimizer has worked on since it was made; 0 where there is none."""
    if optimizer is None:
        return 0
    accumulated = _inner(optimizer).gradient_accumulation_steps or 1
    return int(keras.ops.convert_to_numpy(optimizer.iterations)) * accumulated


def _named(model: keras.Model) -> dict[str, Any]:
    optimizer = model.optimizer
    own = {f"learning_rate_{name}": one for name, one in own_optimizers(model).items()}
    several = getattr(optimizer, "optimizers", None)
    if several:
        return {f"learning_rate_{one.name}": one for one in several} | own
    return own if optimizer is None else {"learning_rate": optimizer} | own


def _inner(optimizer: Any) -> Any:
    return getattr(optimizer, "inner_optimizer", optimizer)
