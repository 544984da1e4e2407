"""Refusing a group normalisation whose groups do not fit a layer."""

from __future__ import annotations

import math
from typing import Any

from ...argument_checks import is_whole
from ...recipes import RecipeError, Slot

_GROUPED = "keras.layers:GroupNormalization"


def check_groups(slot: Slot, shape: tuple[Any, ...], layer: str) -> None:
    """Refuses groups that a layer's channels cannot be split into, or that hold a single value.

    Args:
        slot: slot of the normalisation; only Keras's GroupNormalization is checked.
        shape: shape of the tensor to normalise, (n, ..., channels).
        layer: name of the layer whose outputs are normalised, for the message.

    Raises:
        RecipeError: names the recipe, groups, channels and layer.
    """
    groups = slot.config.keywords().get("groups")
    # Keras itself refuses other values of groups.
    if slot.config.path != _GROUPED or not is_whole(groups, low=-1) or groups == 0:
        return
    channels = shape[-1]
    groups = channels if groups == -1 else groups
    if channels % groups:
        raise RecipeError(
            f"{slot.recipe} cannot split the {channels} channels of {layer} into {groups} groups "
            f"of one size. Give groups that divide {channels}, or other widths."
        )
    if math.prod(shape[1:]) == groups:
        raise RecipeError(
            f"{slot.recipe} would normalise single values in {layer}, which makes all of them 0: "
            f"{groups} groups of {channels} channels hold one value each. Give fewer groups, or "
            "larger images."
        )
