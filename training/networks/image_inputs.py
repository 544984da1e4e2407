"""Refusing inputs that a network of convolutions cannot take."""

from __future__ import annotations

from typing import Any

from ...recipes import Blueprint, RecipeError


def check_images(inputs: Any, blueprint: Blueprint, network: str) -> None:
    """Refuses what is no image, and images too small to be halved in every stage.

    Args:
        inputs: symbolic, (n, ...).
        blueprint: whose `filters` say how many stages there are.
        network: name of the network, for the message.

    Raises:
        RecipeError: naming the shape and what to do.
    """
    if len(inputs.shape) != 4:
        raise RecipeError(
            f"The network {network} takes images (height, width, channels), and these inputs "
            f'are {inputs.shape[1:]}. Give base = "fully_connected" in [baseline].'
        )
    height, width = inputs.shape[1:3]
    if min(height, width) < 2 ** len(blueprint.filters):
        raise RecipeError(
            f"Images of {height}x{width} pixels cannot be halved {len(blueprint.filters)} times, "
            f"once per stage. Received: filters={blueprint.filters}"
        )
