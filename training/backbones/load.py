"""Finding the backbone that a blueprint names."""

from __future__ import annotations

from ...data import Dataset
from ...recipes import Blueprint, RecipeError
from ...runs.saved_weights import is_path
from .application import load_application
from .pretrained import Backbone
from .saved import load_saved


def load_backbone(blueprint: Blueprint, data: Dataset) -> Backbone:
    """Returns the backbone of a blueprint, for the inputs of a data set.

    Args:
        blueprint: what names it.
        data: whose inputs it takes.

    Raises:
        RecipeError: in one line, for what cannot be had or does not fit.
    """
    network, source = blueprint.network, blueprint.network.backbone
    if source is None:
        raise RecipeError(
            'The network "backbone" is one that was trained before. Say which by a recipe: '
            '{ use = "transfer", source = "MobileNetV2" }.'
        )
    low, high = data.value_range
    if is_path(source):
        return load_saved(source, data.input_shape, (low, high))
    arguments = dict(network.backbone_arguments or ())
    return load_application(
        source, network.backbone_weights, arguments, data.input_shape, (low, high)
    )
