"""L1 kernel regularisation."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class L1(Recipe):
    """Adds lambda times the sum of the kernel weights' sizes to the loss.

    Why:
        Its pull towards 0 is the same however small a weight is, so weights that do little end near
        0 and few others are left (sparsity), while L2 shrinks large weights most. The loss then
        contains the penalty: to compare with a training without it, use the cross-entropy, not the
        loss.

    Source:
        L4 (sparse results, feature selection; not differentiable, slower), named in deck L1;
        Tibshirani 1996, the lasso. As in Keras, the gradient gains lambda * sign(W). The decks give
        no lambda: 1e-5 is ours.

    Clashes:
        Another recipe that sets the kernel regulariser, as l2 does. With transfer, only the head
        has the penalty, not the pretrained backbone.
    """

    level = "training"
    helps_against = ("over-fitting",)
    weight: float = setting(1e-5, "lambda", low=0, search=(1e-06, 0.001), scale="log")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the penalty on every kernel (biases and norms are free)."""
        if self.weight == 0:
            return blueprint.empty("kernel_regularizer", self.name)
        penalty = Config.of("keras.regularizers:L1", l1=self.weight)
        return blueprint.fill("kernel_regularizer", Slot(self.name, penalty))
