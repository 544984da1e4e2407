"""Measuring a model with the averages of its weights, as Keras's validation beside it does."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import keras

from ..optimizers.model_optimizers import simple_optimizers
from ..state.keras_private import averages_are_in_model, moving_averages, trained_variables
from ..state.variable_values import values_kept


@contextmanager
def averages_in_place(
    model: keras.Model, swaps: Iterable[keras.callbacks.SwapEMAWeights]
) -> Iterator[None]:
    """Put the averages of its weights into the model, and then the weights back, bit for bit.

    Keras's own swap adds and subtracts on TensorFlow, which changes the weights by rounding errors.

    Args:
        model: In training, at the end of an epoch.
        swaps: The callbacks of its fit that evaluate the averages. Without one, or where one has
            put them into the model already, nothing is changed.
    """
    swaps = list(swaps)
    if not swaps or any(map(averages_are_in_model, swaps)):
        yield
        return
    averaging = [one for one in simple_optimizers(model.optimizer) if one.use_ema]
    weights = [weight for one in averaging for weight in trained_variables(one)]
    averages = [average for one in averaging for average in moving_averages(one)]
    with values_kept(weights):
        for weight, average in zip(weights, averages, strict=True):
            weight.assign(average)
        yield
