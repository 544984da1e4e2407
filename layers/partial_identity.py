"""`PartialIdentity`: kernels whose first filters each pass one input channel on."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops


@keras.saving.register_keras_serializable(package="trickbook")
class PartialIdentity(keras.initializers.VarianceScaling):
    """Initialises a convolution with filters that each pass one of its input channels on.

    In a kernel (height, width, channels in, channels out) the first filters, one for each input
    channel as far as there are filters, are 1 at the middle pixel of their own channel and 0
    elsewhere. The other filters hold uniform numbers of variance scale / fan_in, and so do whole
    kernels that do not have four axes.

    Args:
        scale: the variance of the other filters' numbers, times the inputs that a filter sees;
            above 0.
        seed: seed of the numbers; None draws one from Python's generator, as Keras's initializers
            do.

    Source:
        Zagoruyko and Komodakis 2017, DiracNets (arXiv 1706.00388); in part, as in Jordan 2024
        (arXiv 2404.00498), where the other filters keep PyTorch's default, a scale of a third.

    Example:
    ```python
    keras.layers.Conv2D(64, 3, kernel_initializer=trickbook.layers.PartialIdentity())
    ```
    """

    def __init__(self, scale: float = 1 / 3, seed: Any = None) -> None:
        super().__init__(scale=scale, mode="fan_in", distribution="uniform", seed=seed)

    def __call__(self, shape: Any, dtype: Any = None) -> Any:
        """Returns a kernel of the given shape."""
        drawn = super().__call__(shape, dtype=dtype)
        if len(shape) != 4:
            return drawn
        height, width, incoming, outgoing = shape
        handed_on = min(incoming, outgoing)
        identity = np.zeros((height, width, incoming, handed_on), "float32")
        channels = np.arange(handed_on)
        identity[height // 2, width // 2, channels, channels] = 1.0
        identity = ops.cast(identity, drawn.dtype)
        return ops.concatenate([identity, drawn[..., handed_on:]], axis=-1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        config = super().get_config()
        return {name: config[name] for name in ("scale", "seed")}
