"""Muon for the kernels of convolutions too."""

from __future__ import annotations

import math
import re
from typing import Any

import keras
from keras import ops

# Names of weights that are not kernels, however many axes they have: a GRU's bias has two.
NO_KERNELS = ("bias", "gamma", "beta", "scale")


@keras.saving.register_keras_serializable("trickbook")
class KernelMuon(keras.optimizers.Muon):
    """Muon on all kernels except those of `exclude_layers`; convolutions count as matrices.

    Keras's Muon leaves weights with more than two axes to AdamW, so it would hardly apply to a
    convolutional network. Here, as in the authors' own trainings, the kernel of a convolution is
    treated as a matrix from everything that a filter sees (height * width * channels) to the
    filters. The step of a matrix is scaled by 0.2 sqrt(its longer side), as in Liu et al. 2025,
    which gives it the size of Adam's steps.

    Biases, normalisation weights and what matches `exclude_layers` get Adam's steps. The last layer
    should be excluded, but an optimiser cannot tell it from the others. By default, layers named
    `logits` or `values` are excluded, which are the last ones in the networks of this package.

    Args:
        learning_rate: a number or a schedule.
        weight_decay: decoupled weight decay, for kernels and other weights alike; None for none.
        exclude_layers: regular expressions to find in the paths of the weights that get Adam's
            steps.
        **kwargs: other arguments of Keras's Muon.
    """

    def __init__(
        self,
        learning_rate: Any = 1e-3,
        weight_decay: float | None = None,
        exclude_layers: Any = (r"(^|/)(logits|values)/",),
        **kwargs: Any,
    ) -> None:
        super().__init__(
            learning_rate=learning_rate,
            weight_decay=weight_decay,
            adam_weight_decay=weight_decay,
            exclude_layers=list(exclude_layers),
            **kwargs,
        )

    def _should_use_adamw(self, variable: Any) -> bool:
        # Keras's own hook, called when the optimiser is built.
        if variable.name in NO_KERNELS:
            return True
        if len(variable.shape) <= 2:
            return bool(super()._should_use_adamw(variable))
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Returns roughly the nearest matrix with equal singular values, in the shape of `x`."""
        matrix = ops.reshape(x, (-1, x.shape[-1]))
        return ops.reshape(super().zeropower_via_newtonschulz5(matrix, steps), x.shape)

    def lr_adjust(self, x: Any) -> Any:
        """Returns a step, scaled by the longer side of its matrix."""
        if self.rms_rate is None:
            return x
        *incoming, outgoing = x.shape
        return x * (math.sqrt(max(math.prod(incoming), outgoing)) * self.rms_rate)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments."""
        config: dict[str, Any] = super().get_config()
        del config["adam_weight_decay"]
        return config
