"""Decoupled weight decay."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class WeightDecay(Recipe):
    """Takes a share of every kernel away at each step, beside the optimiser's own step.

    Why:
        As with L2, smaller weights make a simpler function. Under plain SGD it is the same as L2
        with half the rate as lambda. Under Adam, the gradient of an L2 penalty is divided by the
        size of recent gradients, so weights with large gradients hardly shrink; weight decay
        shrinks all alike.

    Source:
        L4 (weight decay equals L2 for plain SGD); Loshchilov and Hutter 2019, Decoupled Weight
        Decay Regularization. As in Keras, w loses learning_rate * rate * w. L4 gives no rate: ours
        is that of Keras's AdamW.

    Clashes:
        None. Applied again, it replaces its earlier settings. It also replaces AdamW's own rate.
        With l2 as well, weights are shrunk in both ways. With transfer, it also shrinks those
        kernels of the backbone that are trained, which l2 does not.
    """

    level = "training"
    helps_against = ("over-fitting",)
    rate: float = setting(
        0.004, "share taken away at each step, per unit of the learning rate; 0 is off", low=0
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the decay of kernels, not of biases, norms and embeddings."""
        return blueprint.with_settings(weight_decay=self.rate)
