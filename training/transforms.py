"""The train-only layers of a blueprint, as few as can be."""

from __future__ import annotations

from typing import Any

from ..recipes.blueprint import Blueprint
from ..recipes.config import Config

AUGMENTATION = "trickbook.layers:RandomAugmentation"
ERASING = "erasing_"


def build_transforms(blueprint: Blueprint) -> list[Any]:
    """Makes the blueprint's train-only layers, in their order.

    Each trick has a slot of its own, so that what a rung changed can be told; what the tricks
    `augmentation` and `noise` put there is one layer, which goes over the images once.
    """
    configs: list[Config] = []
    for slot in blueprint.transforms:
        if configs and _continues(configs[-1], slot.config):
            before = configs.pop()
            joined = tuple(sorted(before.arguments + slot.config.arguments))
            configs.append(Config(AUGMENTATION, joined))
        else:
            configs.append(slot.config)
    return [config.build() for config in configs]


def _continues(before: Config, config: Config) -> bool:
    """Says whether one layer does the same as both: it erases last, and only `config` erases."""
    if not before.path == config.path == AUGMENTATION:
        return False
    erases = [[name.startswith(ERASING) for name, _ in each.arguments] for each in (before, config)]
    return not any(erases[0]) and all(erases[1])
