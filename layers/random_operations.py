"""A few operations drawn from a list for each image, all at one magnitude (RandAugment)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from keras import ops

from . import affine
from .draws import once, spread

# What each operation does at most, at magnitude 10: degrees, pixels per pixel, shares of the
# size, and changes of a factor. "channels" gives each channel a factor of its own.
LARGEST = {
    "identity": 0.0,
    "rotate": 30.0,
    "shear_x": 0.3,
    "shear_y": 0.3,
    "translate_x": 0.45,
    "translate_y": 0.45,
    "brightness": 0.9,
    "contrast": 0.9,
    "channels": 0.9,
}
HIGHEST_MAGNITUDE = 10.0
# Draws per operation: which one, its direction, and a second key for the draws of the channels.
DRAWS_EACH = 3


class Operations(NamedTuple):
    """The combined effect of the operations of each image.

    Attributes:
        moves: the moves, in the order in which they are applied to the picture.
        contrast: what the distance to a channel's mean is multiplied by, (n, 1).
        factor: what the distance to black is multiplied by, (n, channels).
    """

    moves: list[affine.Move]
    contrast: Any
    factor: Any


def drawn_operations(
    draws: Sequence[Any], magnitude: float, shape: tuple[int, int, int]
) -> Operations:
    """Returns the operations that are drawn for each image, with replacement.

    Cubuk et al. 2020, "RandAugment". Colour operations are combined, and so are moves, so that an
    image is recoloured once and warped once; the order among colour operations does not matter.

    Args:
        draws: uniform draws in 0..1, DRAWS_EACH for each operation, (n,) each.
        magnitude: magnitude of all operations, 0..HIGHEST_MAGNITUDE.
        shape: height, width and channels of the images.
    """
    height, width, channels = shape
    moves: list[affine.Move] = []
    contrast: Any = 1.0
    factor: Any = 1.0
    for first in range(0, len(draws), DRAWS_EACH):
        choice, direction, key = draws[first : first + DRAWS_EACH]
        amount = _Amount(choice, direction, key, magnitude / HIGHEST_MAGNITUDE)
        moves += [
            affine.rotation(amount.of("rotate")),
            affine.shear(amount.of("shear_y"), amount.of("shear_x")),
            affine.translation(amount.of("translate_y") * height, amount.of("translate_x") * width),
        ]
        contrast = contrast * (1.0 + amount.of("contrast"))[:, None]
        factor = factor * (1.0 + amount.of("brightness")[:, None] + amount.by_channel(channels))
    return Operations(moves, contrast, factor)


class _Amount(NamedTuple):
    """How much an operation of each image does, by the operation's name."""

    choice: Any
    direction: Any
    key: Any
    share: float

    def of(self, name: str) -> Any:
        """Returns the signed amount, (n,), 0 where another operation was drawn."""
        signed = ops.where(self.direction < 0.5, -1.0, 1.0) * (self.share * LARGEST[name])
        return ops.where(self._is(name), signed, 0.0)

    def by_channel(self, channels: int) -> Any:
        """Returns the amounts of "channels", (n, channels), each with a direction of its own."""
        directions = once(spread(ops.stack([self.direction, self.key], axis=1), channels))
        signed = ops.where(directions < 0.5, -1.0, 1.0) * (self.share * LARGEST["channels"])
        return ops.where(self._is("channels")[:, None], signed, 0.0)

    def _is(self, name: str) -> Any:
        number = float(list(LARGEST).index(name))
        return ops.floor(self.choice * len(LARGEST)) == number
