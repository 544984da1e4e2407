"""The train-only layers of a blueprint, as few as can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..recipes.blueprint import Blueprint
from ..recipes.config import Config
from ..recipes.errors import RecipeError

if TYPE_CHECKING:
    from ..data import Scaling

AUGMENTATION = "trickbook.layers:RandomAugmentation"
_OURS = (AUGMENTATION, "trickbook.layers:RandomGaussianNoise")
# What the layer does last, in this order, by the beginnings of its arguments' names.
_LATER = ("operation", "erasing_")
_RAW = "_raw"


def build_transforms(
    blueprint: Blueprint, scaling: Scaling, value_range: tuple[float, float] | None
) -> list[Any]:
    """Makes the blueprint's train-only layers, in their order.

    Each trick has a slot of its own, so that what a rung changed can be told; what the tricks
    `augmentation`, `rand_augment` and `noise` put there is one layer, which goes over the images
    once.

    Args:
        blueprint: whose layers.
        scaling: of the inputs that they get.
        value_range: lowest and highest value of a raw pixel; None where the inputs are no images,
            whose numbers have no such range.

    Raises:
        RecipeError: for an amount beyond the range of the pixels.
    """
    configs: list[Config] = []
    for slot in blueprint.transforms:
        config = slot.config
        if value_range is not None and config.path in _OURS:
            config = _of_pixels(config, slot.recipe, scaling, value_range)
        if configs and _continues(configs[-1], config):
            before = configs.pop()
            joined = {**before.keywords(), **config.keywords()}
            config = Config.of(AUGMENTATION, **joined)
        configs.append(config)
    return [_made(config) for config in configs]


def _made(config: Config) -> Any:
    # Whatever the network computes in, which casts by itself: what stands at its front may blow
    # rounding up, and images that are evaluated come unrounded.
    return config.build(**({"dtype": "float32"} if config.path in _OURS else {}))


def _continues(before: Config, config: Config) -> bool:
    """Says whether one layer does the same as both: it does all of `config` after `before`."""
    if not before.path == config.path == AUGMENTATION:
        return False
    return max(_places(before), default=0) < min(_places(config), default=0)


def _places(config: Config) -> list[int]:
    """Returns for each argument when the layer does what it says; colours and moves come first."""
    return [
        next((place for place, start in enumerate(_LATER, 1) if name.startswith(start)), 0)
        for name in config.keywords()
        if name != "black"
    ]


def _of_pixels(
    config: Config, recipe: str, scaling: Scaling, value_range: tuple[float, float]
) -> Config:
    """Returns the config in units of the scaled images, once its values are checked."""
    _check_values(config, recipe, scaling, value_range)
    if config.path != AUGMENTATION:
        return config
    return _in_scaled_units(config, recipe, scaling, value_range)


def _check_values(
    config: Config, recipe: str, scaling: Scaling, value_range: tuple[float, float]
) -> None:
    """Refuses values and deviations further from 0 than scaled pixels are from each other."""
    low, high = value_range
    largest = max((high - low) * scale for scale in scaling.scale)
    for name in ("fill_value", "erasing_value", "stddev"):
        value = config.keywords().get(name, 0)
        if not isinstance(value, tuple) and abs(value) > largest:
            raise RecipeError(
                f"{recipe}: {name.removeprefix('erasing_')} is {value:g} in units of the scaled "
                f"image, whose pixels lie at most {largest:.4g} apart. Give at most {largest:.4g}."
            )


def _in_scaled_units(
    config: Config, recipe: str, scaling: Scaling, value_range: tuple[float, float]
) -> Config:
    """Returns the config with all colours in units of the scaled images, one for each channel."""
    arguments = config.keywords()
    low, high = value_range
    extents = [(high - low) * scale for scale in scaling.scale]
    for name in ("brightness", "channel_shift"):
        raw = arguments.pop(name + _RAW, 0)
        if raw > high - low:
            raise _beyond(f"{recipe}: {name}{_RAW} is {raw:g}", value_range)
        if raw:
            arguments[name] = [raw * scale for scale in scaling.scale]
        elif not isinstance(amount := arguments.get(name, 0), tuple) and amount > max(extents):
            raise _beyond(
                f"{recipe}: {name} is {amount:g} in units of the scaled image, "
                f"{amount / max(extents) * (high - low):.4g} raw",
                value_range,
            )
    if "operations" in arguments or "brightness_range" in arguments:
        black = [low * s + o for s, o in zip(scaling.scale, scaling.offset, strict=True)]
        arguments["black"] = black
    return Config.of(AUGMENTATION, **arguments)


def _beyond(what: str, value_range: tuple[float, float]) -> RecipeError:
    low, high = value_range
    return RecipeError(
        f"{what}, and the pixels of these images go from {low:g} to {high:g}. "
        f"Give at most {high - low:g} in raw units."
    )
