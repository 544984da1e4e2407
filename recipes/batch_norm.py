"""Batch normalisation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class BatchNorm(Recipe):
    """Normalises each channel over the mini-batch, between each layer and its activation.

    Why:
        It keeps the scale of activations steady while the layers below change, so that higher
        learning rates work and fewer epochs suffice. The noise between mini-batches regularises a
        little.

    Formula:
        In training, for all values x of a channel in the mini-batch (L3: H W B of them), with their
        mean m and variance v:
            x' = (x - m) / sqrt(v + epsilon),  y = gamma x' + beta
        gamma (1 at the start) and beta (0 at the start) are learnt; gamma = sqrt(v + epsilon) and
        beta = m would undo the normalisation. At inference, the moving averages M and V replace m
        and v:
            M = momentum M + (1 - momentum) m after each step, and V likewise.
        A bias in the layer before would be subtracted again with the mean, so there is none.

    Source:
        L3, trick 2 (per channel over H*W*B values, eps 1e-5, no bias where it is used), L0, L1,
        L4; Ioffe and Szegedy 2015, Batch Normalization. Jordan 2024 (arXiv 2404.00498) leaves out
        the scale, and trains the shift at 64 times the rate, with the kernels' decay (momentum 0.6,
        epsilon 1e-12).

    Clashes:
        Another recipe that sets the normalisation. It works poorly with very small batches.
    """

    level = "training"
    helps_against = ("over-fitting", "improving", "under-fitting", "saturated", "diverged")
    momentum: float = setting(
        0.9,
        "share of the old moving average kept at each step; Keras's 0.99 needs hundreds of steps "
        "to settle, 0.9 suits short trainings",
        low=0,
        high=1,
        without_high=True,
        search=(0.8, 0.999),
        scale="log_to_one",
    )
    epsilon: float = setting(1e-5, "added to the variance", low=0, without_low=True)
    learnt: Literal["scale_and_shift", "shift"] = setting(
        "scale_and_shift",
        "what is learnt for each channel after normalisation",
        choices=("scale_and_shift", "shift"),
    )
    rate_factor: float = setting(
        1.0,
        "factor on the learning rate of the learnt scale and shift",
        low=0,
        without_low=True,
    )

    penalty: float = setting(
        0.0,
        "lambda of an L2 penalty on the learnt scale and shift, divided by rate_factor, so that "
        "beside l2 of the same weight they shrink by the same share per step as the kernels",
        low=0,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the normalisation, without the biases it makes redundant."""
        layer = Config.of(
            "keras.layers:BatchNormalization",
            momentum=self.momentum,
            epsilon=self.epsilon,
            **({"scale": False} if self.learnt == "shift" else {}),
            **self._penalties(),
        )
        normalised = blueprint.fill("normalization", Slot(self.name, layer))
        normalised = normalised.empty("rate_factors", self.name).with_settings(use_bias=False)
        if self.rate_factor == 1:
            return normalised
        rule = Config.of(
            "trickbook.training.optimizers:rate_factor",
            where=f"_{self.name}/(gamma|beta)$",
            factor=self.rate_factor,
        )
        return normalised.fill("rate_factors", Slot(self.name, rule))

    def _penalties(self) -> dict[str, Any]:
        if self.penalty == 0:
            return {}
        learnt = ("beta",) if self.learnt == "shift" else ("beta", "gamma")
        l2 = {"class_name": "L2", "config": {"l2": self.penalty / self.rate_factor}}
        return {f"{name}_regularizer": l2 for name in learnt}
