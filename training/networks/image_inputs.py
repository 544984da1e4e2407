"""Refusing inputs that a convolutional network cannot take."""

from __future__ import annotations

from typing import Any

from ...recipes import Blueprint, RecipeError

_PATCHES = "trickbook.layers:WhiteningConvolution"


def pixels_lost(blueprint: Blueprint) -> dict[str, int]:
    """Returns how many rows and columns images lose in front of the network, by recipe."""
    sizes = {
        slot.recipe: slot.config.keywords().get("kernel_size", 1)
        for slot in blueprint.preprocessing
        if slot.config.path == _PATCHES
    }
    return {recipe: size - 1 for recipe, size in sizes.items() if size > 1}


def after_stage(height: int, width: int, pooling: str) -> tuple[int, int]:
    """Returns height and width after a stage of the network conv, for one of POOLINGS."""
    # For odd sizes a convolution with stride 2 rounds up, and pooling rounds down.
    return (-(-height // 2), -(-width // 2)) if pooling == "strided" else (height // 2, width // 2)


def check_images(inputs: Any, blueprint: Blueprint, network: str) -> None:
    """Refuses inputs that are not images, and images too small to be halved in every stage.

    Args:
        inputs: symbolic batch of inputs, (n, ...).
        blueprint: its `filters` say how many stages there are.
        network: name of the network, for the message.

    Raises:
        RecipeError: names the shape and says what to do.
    """
    if len(inputs.shape) != 4:
        raise RecipeError(
            f"The network {network} takes images (height, width, channels), but these inputs "
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
