"""The exponential moving average of the weights that Keras's optimisers keep."""

from __future__ import annotations

import keras


def with_ema(
    inner_optimizer: keras.optimizers.Optimizer, momentum: float
) -> keras.optimizers.Optimizer:
    """Returns the optimiser, set to average the weights after each step.

    average = momentum * average + (1 - momentum) * weight, starting from the weights after the
    first step. When `fit` ends, Keras sets the weights to their averages.

    Args:
        inner_optimizer: the optimiser, not built yet.
        momentum: share of the old average kept at each step, in 0..1.
    """
    inner_optimizer.use_ema = True
    inner_optimizer.ema_momentum = momentum
    return inner_optimizer
