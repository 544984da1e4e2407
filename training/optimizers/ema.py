"""The exponential moving average of the weights that Keras's optimisers keep."""

from __future__ import annotations

import keras


def with_ema(
    inner_optimizer: keras.optimizers.Optimizer, momentum: float
) -> keras.optimizers.Optimizer:
    """Returns the optimiser, which is to average the weights after each step.

    average = momentum * average + (1 - momentum) * weight, from the first step's weights on. When
    `fit` ends, Keras sets the weights to it.

    Args:
        inner_optimizer: not built yet.
        momentum: share of the old average kept at each step, 0..1.
    """
    inner_optimizer.use_ema = True
    inner_optimizer.ema_momentum = momentum
    return inner_optimizer
