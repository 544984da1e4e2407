"""Finding the backbone that a blueprint names."""

from __future__ import annotations

from ...data import Dataset
from ...recipes import Blueprint, NetworkSettings, RecipeError
from ...runs.saved_weights import is_path
from .application import load_application
from .pretrained import Backbone
from .saved import load_saved


def load_backbone(blueprint: Blueprint, data: Dataset) -> Backbone:
    """Returns the backbone of a blueprint, for the inputs of a data set.

    Args:
        blueprint: the blueprint that names it.
        data: the data set whose inputs it takes.

    Raises:
        RecipeError: in one line, if the backbone is not available or does not fit.
    """
    network, source = blueprint.network, blueprint.network.backbone
    if source is None:
        raise RecipeError(
            'The network "backbone" needs a pretrained network. Name one with a recipe: '
            '{ use = "transfer", source = "MobileNetV2" }.'
        )
    low, high = data.value_range
    if is_path(source):
        _check_brings_all(network)
        return load_saved(source, data.input_shape, (low, high))
    arguments = dict(network.backbone_arguments or ())
    return load_application(
        source, network.backbone_weights, arguments, data.input_shape, (low, high)
    )


def _check_brings_all(network: NetworkSettings) -> None:
    """Refuses settings that a network saved with its weights would ignore.

    Raises:
        RecipeError: names the settings.
    """
    given = {
        "weights": network.backbone_weights != NetworkSettings.backbone_weights,
        "arguments": network.backbone_arguments is not None,
    }
    named = " and ".join(name for name, is_given in given.items() if is_given)
    if named:
        raise RecipeError(
            f"transfer: {named} are for a network of keras.applications, but {network.backbone} "
            "is a saved model. Leave them out."
        )
