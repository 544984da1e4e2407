"""How inputs are scaled before the network sees them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot

# The kinds that scale each image on its own, and whether they divide by its deviation.
_PER_IMAGE = {"image_center": False, "image_standardize": True}
_KINDS = ("unit", "symmetric", "center", "standardize", *_PER_IMAGE)


@dataclass(frozen=True)
class Scaling(Recipe):
    """Scales the inputs in another way than the data's own scaling.

    Why:
        Inputs around 0 and of similar size let the first layers learn at one rate. Which scaling
        does this best depends on the data, so evaluate the model on each (L1). Scaling by an
        image's own mean and deviation removes light and contrast, and what they tell with them.

    Formula:
        For pixels p from `low` to `high`, such as 0 to 255, and u = (p - low) / (high - low);
        each column of a table, and each feature of a sequence, is a channel with the `low` and
        `high` of its own training values:
        unit: u. symmetric: 2 u - 1.
        center: u - m, with the mean m of a channel over all pixels of the training images.
        standardize: (u - m) / s, with the standard deviation s of the channel there, too.
        image_center: u - m, with the mean m over all pixels and channels of the image itself.
        image_standardize: (u - m) / (s + 1e-6), with the image's own standard deviation s, too.

    Source:
        L1 (0..1, -1..1, standardise, centring: evaluate the model on each), L3 (mean 0, deviation 1
        per channel), L4 (ImageDataGenerator's feature-wise and sample-wise centring and
        deviation).

    Clashes:
        Another recipe that sets the scaling; transfer, whose backbone scales raw inputs itself;
        warm_start, except with an image_ kind that its run had, too. This scaling replaces the
        data's own (--scaling). It is fitted on the training examples alone and is part of the
        saved model. Categories of a table stay as they are, tokens are never scaled, and the
        image_ kinds are for images.
    """

    level = "data"
    helps_against = ("under-fitting", "saturated")
    kind: Literal[
        "unit", "symmetric", "center", "standardize", "image_center", "image_standardize"
    ] = setting(
        "unit",
        "unit: 0..1; symmetric: -1..1; center: 0..1 less each channel's mean; standardize: mean 0 "
        "and deviation 1 of each channel; image_center: 0..1 less each image's mean; "
        "image_standardize: mean 0 and deviation 1 of each image",
        choices=_KINDS,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the scaling, and for an image_ kind with its layer."""
        name = "unit" if self.kind in _PER_IMAGE else self.kind
        fitted = Config.of("trickbook.data:fit_scaling", name=name)
        front = blueprint.empty("preprocessing", self.name)
        if self.kind in _PER_IMAGE:
            layer = Config.of("trickbook.layers:ImageScaling", divide=_PER_IMAGE[self.kind])
            front = front.fill("preprocessing", Slot(self.name, layer, order=40))
        return front.fill("scaling", Slot(self.name, fitted))
