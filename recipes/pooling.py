"""What halves height and width after each stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .network_settings import POOLINGS
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class Pooling(Recipe):
    """Halves height and width after each stage in another way than by the largest of 2x2 values.

    Why:
        The largest value says that a feature is there, the mean how much of it there is. The mean
        keeps more of the background and passes gradients to every pixel. A convolution with stride
        2 learns what to keep, at the cost of its weights.

    Source:
        L1, L3 (pooling layers; L3's is 2x2 max pooling); Springenberg et al. 2015, Striving for
        Simplicity (3x3 convolutions with stride 2 in place of pooling).

    Clashes:
        Networks without convolutions. Applied again, it replaces its earlier settings. Where a
        height or width is odd, a strided convolution rounds its half up, the others round it down.
    """

    level = "architecture"
    helps_against = ("under-fitting", "balanced")
    kind: Literal["max", "average", "strided"] = setting(
        "average",
        "the largest or the mean of 2x2 values, or a 3x3 convolution with stride 2 that is "
        "normalised and activated like the others",
        choices=POOLINGS,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the pooling after every stage."""
        return blueprint.with_settings(pooling=self.kind)
