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
        Flattening gives each unit of the first dense layer a weight for every pixel of every map.
        After global average pooling it has one weight per map: far fewer to over-fit with, and
        where in the image a feature lies no longer matters. If the position tells the class, as in
        small centred images, this costs accuracy.

    Source:
        L1 (convolutional network or fully connected, pooling layers); Lin et al. 2014, Network in
        Network. Deck L3 flattens; here, images above 64 pixels are averaged even without this
        recipe.

    Clashes:
        Networks without convolutions. Applied again, it replaces its earlier settings.
    """

    level = "architecture"
    helps_against = ("over-fitting",)
    kind: Literal["average", "max"] = setting(
        "average", "what is taken from each map", choices=("average", "max")
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with global pooling in place of flattening."""
        return blueprint.with_settings(head_pooling=self.kind)
