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
        A network that was trained on moved and mirrored images predicts something slightly
        different for each view of an image. The mean errs less than any single prediction, like an
        ensemble made of one network. The training does not change, but every use of the network
        costs as many forward passes as there are views.

    Source:
        Krizhevsky et al. 2012 (crops and mirror images); Jordan 2024 (arXiv 2404.00498: mirrored,
        and moved by a pixel, six views). Not in the decks, whose augmentation (L3, L4) ends with
        the training.

    Clashes:
        None. The figures that decide, and the saved model, are those of the plain images. The
        figures with views, for validation and test set, are shown beside them. Use views that keep
        the label.
    """

    # Otherwise pytest would collect it as a test.
    __test__ = False
    level = "training"
    views: Literal["mirror", "mirror_and_shift"] = setting(
        "mirror_and_shift",
        "the image and its mirror image; mirror_and_shift adds both, moved by a pixel up and left, "
        "and down and right",
        choices=VIEWS,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the views, by which it is judged, too."""
        return blueprint.with_settings(views=self.views)
