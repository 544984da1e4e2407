"""Refusing inputs that a network of convolutions cannot take."""

from __future__ import annotations

from typing import Any

from ...recipes import Blueprint, RecipeError

_PATCHES = "trickbook.layers:WhiteningConvolution"


def pixels_lost(blueprint: Blueprint) -> dict[str, int]:
    """Returns how many rows, and columns, images lose in front of the network, by the recipe."""
    sizes = {
        slot.recipe: slot.config.keywords().get("kernel_size", 1)
        for slot in blueprint.preprocessing
        if slot.config.path == _PATCHES
    }
    return {recipe: size - 1 for recipe, size in sizes.items() if size > 1}


def after_stage(height: int, width: int, pooling: str) -> tuple[int, int]:
    """Returns height and width after a stage of the network conv, by one of POOLINGS."""
    # A convolution with stride 2 rounds half a pixel up, the others down.
    return (-(-height // 2), -(-width // 2)) if pooling == "strided" else (height // 2, width // 2)


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
    if min(height, width) >= 2 ** len(blueprint.filters):
        return
    lost = pixels_lost(blueprint)
    own = "x".join(str(size + sum(lost.values())) for size in (height, width))
    front = " and ".join(lost)
    now, other = (f", {height}x{width} after {front},", f" or {front}") if lost else ("", "")
    raise RecipeError(
        f"Images of {own} pixels{now} cannot be halved {len(blueprint.filters)} times, once per "
        f"stage. Leave out a stage (a number in filters){other}. "
        f"Received: filters={blueprint.filters}"
    )
