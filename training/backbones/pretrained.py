"""A pretrained network without its head."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from ...layers import ChannelOrder

# Half precision has two digits, and raw pixels have three or more.
_EXACT = "float32"


@dataclass(frozen=True)
class PixelMap:
    """A backbone's own preprocessing of pixels, before its first layer.

    Attributes:
        order: for each channel of the result, the index of the input's channel.
        scale: factor for each channel of the result.
        offset: value added to each channel of the result, after scaling.
    """

    order: tuple[int, ...]
    scale: tuple[float, ...]
    offset: tuple[float, ...]

    def of_range(self, low: float, high: float) -> PixelMap:
        """Returns the same map for pixels from `low` to `high` rather than from 0 to 255."""
        factor = 255.0 / (high - low)
        offset = (o - s * low * factor for s, o in zip(self.scale, self.offset, strict=True))
        return PixelMap(self.order, tuple(s * factor for s in self.scale), tuple(offset))

    def layers(self) -> list[keras.layers.Layer]:
        """Returns the layers that apply the map."""
        is_ordered = self.order == tuple(range(len(self.order)))
        ordering = (
            [] if is_ordered else [ChannelOrder(self.order, name="channel_order", dtype=_EXACT)]
        )
        rescaling = keras.layers.Rescaling(
            list(self.scale), list(self.offset), name="preprocessing", dtype=_EXACT
        )
        return [*ordering, rescaling]


@dataclass(frozen=True, eq=False)
class Backbone:
    """A pretrained network without its head, loaded in this process.

    Attributes:
        source: what the user calls it.
        model: flat network: the inputs of its first layer -> the inputs of its former head.
        pixels: its preprocessing; None: there is none, and it takes raw inputs.
        values: its weights as they were loaded; training may change those of the model.
    """

    source: str
    model: keras.Model
    pixels: PixelMap | None
    values: list[np.ndarray]

    @classmethod
    def of(cls, source: str, model: keras.Model, pixels: PixelMap | None = None) -> Backbone:
        """Returns the backbone of a flat network."""
        for variable in model.variables:
            # Its former penalties are not part of the new training's loss.
            variable.regularizer = None
        values = [keras.ops.convert_to_numpy(one) for one in model.variables]
        return cls(source, model, pixels, values)

    def restore(self) -> None:
        """Sets the model back to the weights that it was loaded with."""
        for variable, value in zip(self.model.variables, self.values, strict=True):
            variable.assign(value)

    def preprocess(self, raw: Any) -> Any:
        """Returns the inputs of the first layer, from a symbolic batch of raw inputs."""
        tensor = raw
        if is_rgb_for_grey(self.model, raw.shape[1:]):
            tensor = keras.layers.Concatenate(name="grey_as_rgb", dtype=_EXACT)([tensor] * 3)
        for layer in [] if self.pixels is None else self.pixels.layers():
            tensor = layer(tensor)
        return tensor


def is_rgb_for_grey(model: keras.Model, input_shape: tuple[int, ...]) -> bool:
    """Says whether a network takes RGB images but images of this shape are grey."""
    wanted = model.input_shape[1:]
    return len(wanted) == len(input_shape) == 3 and (input_shape[-1], wanted[-1]) == (1, 3)
