"""Setting the learning rate of a compiled model, whatever kind of optimizer it has."""

import keras

from .model_optimizers import own_optimizers, simple_optimizers
from .optimizer_facts import scheduled


def require_settable_rate(model: keras.Model, callback: str) -> None:
    """Refuse a model whose learning rate cannot be set.

    Args:
        model: Compiled.
        callback: Who wants to set it, for the message.

    Raises:
        ValueError: The rate is a schedule or a function, or the model holds optimizers besides the
            compiled one, as a GAN does.
    """
    own = own_optimizers(model)
    if own:
        raise ValueError(
            "Give each optimizer its rate where it is made, as a number or a schedule (such as "
            "CyclicalSchedule or OneCycleSchedule of trickbook.callbacks): "
            f"{callback} sets only the rate of the compiled optimizer, and this model has others. "
            f"Received: a model with the optimizers {', '.join(own)}"
        )
    for optimizer in scheduled(model).values():
        raise ValueError(
            f"{callback} sets the learning rate batch by batch, which Keras allows only if the "
            "optimizer was made with a number. Compile the model with one, as in SGD(0.01); the "
            "schedule can be used again in a later training. "
            f"Received: the optimizer {optimizer.name}, whose rate is a schedule"
        )


def set_learning_rate(model: keras.Model, rate: float) -> None:
    """Set the rate of the compiled optimizer; if it consists of several, of all of them."""
    for optimizer in simple_optimizers(model.optimizer):
        optimizer.learning_rate = rate
