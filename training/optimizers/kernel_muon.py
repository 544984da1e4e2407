"""Muon for the kernels of convolutions too."""

from __future__ import annotations

import math
import re
from typing import Any

import keras
from keras import ops

# What layers call their weights that are no kernels, however many axes they have: a GRU's bias has
# two.
NO_KERNELS = ("bias", "gamma", "beta", "scale")


@keras.saving.register_keras_serializable("trickbook")
class KernelMuon(keras.optimizers.Muon):
    """Muon on every kernel but those of `exclude_layers`, those of convolutions as matrices.

    Keras's Muon leaves whatever has more than two axes to AdamW, so that a convolutional network
    would hardly meet it. As in the authors' own trainings a convolution's kernel is taken as a
    matrix from all that a filter sees, (height * width * channels), to the filters. The step of a
    matrix is scaled by 0.2 sqrt(its longer side), as Liu et al. 2025 do, to the size of Adam's.
    Biases, norms and what `exclude_layers` finds get Adam's steps. That should be the last layer,
    which no optimiser can tell from the others: by default it is what is named `logits` or
    `values`, as in the networks of this package.

    Args:
        learning_rate: a number or a schedule.
        weight_decay: decoupled, of kernels as of other weights; None for none.
        exclude_layers: what is found in the paths of weights that get Adam's steps, as regular
            expressions.
        **kwargs: others of Keras's Muon.
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
        # Keras's own hook, which it asks when it is built.
        if variable.name in NO_KERNELS:
            return True
        if len(variable.shape) <= 2:
            return bool(super()._should_use_adamw(variable))
        return any(re.search(pattern, variable.path) for pattern in self.exclude_layers)

    def zeropower_via_newtonschulz5(self, x: Any, steps: int) -> Any:
        """Returns about the nearest matrix of equal singular values, in the shape of `x`."""
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
