"""Refusing a group normalisation whose groups do not suit a layer."""

from __future__ import annotations

import math
from typing import Any

from ...argument_checks import is_whole
from ...recipes import RecipeError, Slot

_GROUPED = "keras.layers:GroupNormalization"


def check_groups(slot: Slot, shape: tuple[Any, ...], layer: str) -> None:
    """Refuses groups that a layer's channels cannot be split into, or that hold a single value.

    Args:
        slot: the normalisation; only Keras's GroupNormalization has groups.
        shape: of what is normalised, (n, ..., channels).
        layer: name of what is normalised, for the message.

    Raises:
        RecipeError: naming recipe, groups, channels and layer.
    """
    groups = slot.config.keywords().get("groups")
    # Other numbers than these Keras refuses on its own.
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
            f"{slot.recipe} would normalise single values in {layer}, and so make all of them 0: "
            f"{groups} groups of {channels} channels hold one value each. Give fewer groups, or "
            "larger images."
        )
