"""Whitening of the images."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import setting
from .slot import Slot


@dataclass(frozen=True)
class Whitening(Recipe):
    """Makes the pixels of the images uncorrelated and of like variance (ZCA).

    Why:
        Neighbouring pixels say nearly the same. Without what they share, the first layer sees edges
        at once, and one rate suits all directions. The whitening is fitted on the training images
        alone, and is a layer of the saved model. With fewer images than pixels, or pixels that
        hardly change, the directions without variance hold noise: a larger epsilon keeps it small.

    Formula:
        x' = (x - m) U (S + epsilon)^(-1/2) U^T for the values x of a scaled image in one row, with
        the mean m and the covariance U S U^T of the training images.

    Source:
        L1 (whitening, centring), L4 (ImageDataGenerator's ZCA, eps 1e-6); Bell and Sejnowski 1997.

    Clashes:
        transfer, whose backbone takes raw inputs. It comes after any scaling. Images may have at
        most 4096 values. Fitting it to 50,000 images of 32x32x3 takes a minute or two, and their
        matrix takes 38 MB in each saved model.
    """

    level = "data"
    helps_against = ("under-fitting", "saturated")
    epsilon: float = setting(
        1e-6,
        "added to the variance along each direction, in squared units of the scaled image",
        low=0,
        without_low=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with whitened inputs of its network."""
        layer = Config.of("trickbook.layers:ZCAWhitening", epsilon=self.epsilon)
        return blueprint.fill("preprocessing", Slot(self.name, layer, order=60))
