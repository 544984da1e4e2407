"""Several views of each image when the network is judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting
from .training_settings import VIEWS


@dataclass(frozen=True)
class TestTimeAugmentation(Recipe):
    """Averages what the network says of several views of each image, beside the plain figure.

    Why:
        A network that was trained on moved and mirrored images says a little else of each of them;
        the mean errs less than any, as that of an ensemble of one network. It leaves the training
        as it is and costs as many forward passes as there are views whenever the network is used.

    Source:
        Krizhevsky et al. 2012 (crops and mirror images); Jordan 2024 (arXiv 2404.00498: mirrored,
        and moved by a pixel, six views). Beyond the decks, whose augmentation (L3, L4) ends with
        the training.

    Clashes:
        None. The figures that decide, and the saved model, are those of the plain images; those
        of the views stand beside them, of validation and test set. Use views that keep the label.
    """

    # Else pytest takes it for a test of its own.
    __test__ = False
    level = "training"
    views: Literal["mirror", "mirror_and_shift"] = setting(
        "mirror_and_shift",
        "the image and its mirror image; and both moved by a pixel, up and left or down and right",
        choices=VIEWS,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint that is judged by views, too."""
        return blueprint.with_settings(views=self.views)
