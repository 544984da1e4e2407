"""A network that was trained on other images, with a new head."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .errors import RecipeError
from .recipe import Recipe
from .setting import LARGEST, setting, setting_as
from .training_settings import TrainingSettings


@dataclass(frozen=True)
class Transfer(Recipe):
    """Puts a new head on a network that was trained before: transfer learning.

    Why:
        The first layers of a network that classifies pictures find edges, colours and textures,
        which are useful for other pictures as well. They were learnt from many pictures; if you
        have only few of your own, no trick pays like reusing these layers. At first, only the head
        is trained: its weights, drawn at random, would send large gradients through the rest. Then
        layers near the end may follow, at a lower rate, so that they are adapted and not
        overwritten.

        For a network of keras.applications, Keras downloads the weights "imagenet", once. From a
        .keras file or a run, all layers before the last dense one are used. The backbone has
        its own preprocessing, which replaces the data's scaling; it sees grey images as RGB. Frozen
        layers, and all batch norms of the backbone throughout, work as in inference: a few small
        batches would spoil the averages that a batch norm has from many images. Maps are averaged
        before the head, unless head_pooling says otherwise. Where no trick changes the images, the
        outputs of a frozen part are computed only once. A schedule goes on from phase to phase, and
        is multiplied by unfrozen_rate after `unfreeze`.

    Source:
        L1 (pretrained models, named only); Yosinski et al. 2014 (arXiv 1411.1792: first layers
        are general, last ones special; fine-tuning the reused layers helps); Kornblith et al. 2019
        (arXiv 1805.08974: better networks on ImageNet are better backbones). Freezing for half of
        the epochs, and a tenth of the rate after them, are ours.

    Clashes:
        A recipe that sets the scaling, or puts layers at the front (whitening, patch_whitening);
        warm_start; initializer with kind="lsuv"; network after it. With unfreeze: early_stopping,
        lr_plateau, weight_averaging. Tricks for convolutions that a lower rung has added have no
        place in a backbone, and no effect.
    """

    level = "architecture"
    helps_against = ("over-fitting", "under-fitting")
    source: str = setting(
        "",
        "pretrained network: a name in keras.applications, such as MobileNetV2, a .keras file, or "
        "the folder of a run, such as DIR/runs/NAME",
        text=True,
    )
    weights: str = setting(
        "imagenet",
        "weights of a network from keras.applications: imagenet, or a file of weights without the "
        "head",
        text=True,
    )
    arguments: tuple[tuple[str, float], ...] | None = setting(
        None,
        "arguments of a network from keras.applications, such as alpha",
        by_name=True,
        optional=True,
        low=0,
    )
    dense: tuple[int, ...] = setting(
        (),
        "units of hidden dense layers between backbone and logits",
        several=True,
        whole=True,
        low=1,
        high=LARGEST,
    )
    unfreeze: str | int | None = setting_as(TrainingSettings, "unfreeze")
    frozen_epochs: int | None = setting_as(TrainingSettings, "frozen_epochs")
    unfrozen_rate: float = setting_as(TrainingSettings, "unfrozen_rate")

    @classmethod
    def example(cls) -> Recipe:
        """Returns the recipe with a network from keras.applications."""
        return cls(source="MobileNetV2")

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the backbone and its phases."""
        if not self.source:
            raise RecipeError(
                'transfer: name the pretrained network, as in { use = "transfer", source = '
                '"MobileNetV2" }; or give a .keras file, or the folder of a run.'
            )
        if self.frozen_epochs is not None and self.unfreeze is None:
            raise RecipeError(
                "transfer: frozen_epochs come before unfreeze, and nothing is unfrozen. Give "
                f"unfreeze too, or leave them out. Received: frozen_epochs={self.frozen_epochs}"
            )
        if self.unfrozen_rate != TrainingSettings.unfrozen_rate and self.unfreeze is None:
            raise RecipeError(
                "transfer: unfrozen_rate is for what is trained after unfreeze, and nothing is "
                "unfrozen. Give unfreeze too, or leave it out. "
                f"Received: unfrozen_rate={self.unfrozen_rate:g}"
            )
        return blueprint.with_settings(
            base="backbone",
            backbone=self.source,
            backbone_weights=self.weights,
            backbone_arguments=self.arguments,
            dense=self.dense,
            unfreeze=self.unfreeze,
            frozen_epochs=self.frozen_epochs,
            unfrozen_rate=self.unfrozen_rate,
        )
