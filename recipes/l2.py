"""L2 kernel regularisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class L2(Recipe):
    """Adds lambda times the sum of the squared kernel weights to the loss.

    Why:
        Smaller weights make a simpler function, which follows the noise in the training images
        less. The loss then contains the penalty: to compare with a training without it, use the
        cross-entropy, not the loss.

    Source:
        L3, trick 4: L = CE + lambda * sum W^2. Keras's L2 computes the same, with `weight` as
        lambda: the gradient gains 2 lambda W. Deck L2 writes lambda / (2m) * sum W^2 for m
        examples, so its lambda is 2m times ours and the gradient gains lambda / m W. Deck L4 writes
        alpha / 2 * sum W^2, so its alpha is twice ours and the gradient gains alpha W. Under plain
        SGD, L2 is the same as weight_decay with twice the lambda as its rate (L4); under Adam it is
        not. The deck gives no lambda: 1e-4 is ours.

    Clashes:
        Another recipe that sets the kernel regulariser, as l1 does. With transfer, only the head
        has the penalty, not the pretrained backbone.
    """

    level = "training"
    helps_against = ("over-fitting",)
    weight: float = setting(1e-4, "lambda", low=0, search=(1e-06, 0.01), scale="log")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the penalty on every kernel (biases and norms are free)."""
        if self.weight == 0:
            return blueprint.empty("kernel_regularizer", self.name)
        penalty = Config.of("keras.regularizers:L2", l2=self.weight)
        return blueprint.fill("kernel_regularizer", Slot(self.name, penalty))
