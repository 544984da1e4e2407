"""Skip connections."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe


@dataclass(frozen=True)
class SkipConnections(Recipe):
    """Adds each stage's input to its output, before pooling.

    Why:
        Gradients reach the early layers unchanged through the sum, and a stage only learns what to
        add to its input; the deeper the network, the more this helps. Where the number of channels
        differs, a 1x1 convolution projects the input. In the network `airbench` the skip begins
        after each stage's first convolution, where the channels are the same.

    Source:
        L3, trick 8 (validation accuracy about 93 %, train 96 % -> 97 %); He et al. 2015, Deep
        Residual Learning for Image Recognition.

    Settings:
        None.

    Clashes:
        Networks without convolutions.
    """

    level = "architecture"
    helps_against = ("under-fitting", "saturated", "balanced", "validation-better")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a skip around every stage."""
        return blueprint.with_settings(skip_connections=True)
