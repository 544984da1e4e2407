"""Global pooling before the head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class GlobalPooling(Recipe):
    """Hands the head the mean, or the largest value, of each of the last stage's maps.

    Why:
        Global average pooling in place of flattening: the first dense layer has a weight per map
        and no longer one per pixel of it, far fewer to over-fit with, and where in the image a
        feature lies no longer matters. Where place tells the class, as in small centred images,
        that costs accuracy.

    Source:
        L1 (convolutional network or fully connected, pooling layers); Lin et al. 2014, Network in
        Network. The deck L3 flattens; images above 64 pixels are averaged here in any case.

    Clashes:
        Networks without convolutions. Applied again it replaces its former self.
    """

    level = "architecture"
    helps_against = ("over-fitting",)
    kind: Literal["average", "max"] = setting(
        "average", "what is taken of each map", choices=("average", "max")
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with global pooling in place of flattening."""
        return blueprint.with_settings(head_pooling=self.kind)
