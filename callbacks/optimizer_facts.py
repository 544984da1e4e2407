"""What a compiled optimizer tells of a training: its rates, and how many batches it has seen."""

from typing import Any

import keras


def learning_rates(optimizer: Any) -> dict[str, float]:
    """The rates of the optimizers that are in use, by the names that Keras's callbacks log."""
    # A custom train_step may have left the compiled optimizer unused.
    return {name: rate(one) for name, one in _named(optimizer).items() if one.built}


def scheduled(optimizer: Any) -> dict[str, Any]:
    """Those optimizers whose rate is a schedule."""
    return {
        name: one
        for name, one in _named(optimizer).items()
        if isinstance(_inner(one).get_config().get("learning_rate"), dict)
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


def _named(optimizer: Any) -> dict[str, Any]:
    several = getattr(optimizer, "optimizers", None)
    if several:
        return {f"learning_rate_{one.name}": one for one in several}
    return {} if optimizer is None else {"learning_rate": optimizer}


def _inner(optimizer: Any) -> Any:
    return getattr(optimizer, "inner_optimizer", optimizer)
