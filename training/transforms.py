"""The train-only layers of a blueprint, as few as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..recipes.blueprint import Blueprint
from ..recipes.config import Config
from ..recipes.errors import RecipeError

if TYPE_CHECKING:
    from ..data import Scaling

AUGMENTATION = "trickbook.layers:RandomAugmentation"
_OURS = (AUGMENTATION, "trickbook.layers:RandomGaussianNoise")
# Prefixes of the arguments for what the layer does last, in this order.
_LATER = ("operation", "erasing_")
_RAW = "_raw"


def build_transforms(
    blueprint: Blueprint, scaling: Scaling, value_range: tuple[float, float] | None
) -> list[Any]:
    """Makes the blueprint's train-only layers, in order.

    Each trick has its own slot, which shows what a rung changed. Successive slots of the tricks
    `augmentation`, `rand_augment` and `noise` become one layer if a single RandomAugmentation can
    apply them in the same order; it goes over the images only once.

    Args:
        blueprint: the blueprint with the layers.
        scaling: scaling of the inputs that the layers get.
        value_range: lowest and highest value of a raw pixel; None if the inputs are not images.

    Raises:
        RecipeError: if an amount is beyond the range of the pixels.
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
    # In float32 whatever the network computes in, which casts its inputs itself: the layers at the
    # network's front may magnify rounding errors, and images in evaluations are not rounded.
    return config.build(**({"dtype": "float32"} if config.path in _OURS else {}))


def _continues(before: Config, config: Config) -> bool:
    """Says whether one layer can do both: everything in `config` comes after all of `before`."""
    if not before.path == config.path == AUGMENTATION:
        return False
    return max(_places(before), default=0) < min(_places(config), default=0)


def _places(config: Config) -> list[int]:
    """Returns, for each argument, when the layer applies it; colours and moves come first."""
    return [
        next((place for place, start in enumerate(_LATER, 1) if name.startswith(start)), 0)
        for name in config.keywords()
        if name != "black"
    ]


def _of_pixels(
    config: Config, recipe: str, scaling: Scaling, value_range: tuple[float, float]
) -> Config:
    """Checks the config's values and returns it in units of the scaled images."""
    _check_values(config, recipe, scaling, value_range)
    if config.path != AUGMENTATION:
        return config
    return _in_scaled_units(config, recipe, scaling, value_range)


def _check_values(
    config: Config, recipe: str, scaling: Scaling, value_range: tuple[float, float]
) -> None:
    """Refuses values and deviations further from 0 than scaled pixels can be from each other."""
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
    """Returns the config with all colours in units of the scaled images, per channel."""
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
