"""Reordering the channels of images."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable(package="trickbook")
class ChannelOrder(keras.layers.Layer):
    """Puts the channels of images in another order, for example from RGB to BGR.

    Args:
        order: for each output channel, the index of the input channel, from 0.

    Call arguments:
        images: (n, height, width, channels).

    Source:
        VGG and ResNet of `keras.applications` take images as Caffe reads them, blue first.
    """

    def __init__(self, order: Sequence[int] = (2, 1, 0), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.order = [int(place) for place in order]

    def call(self, images: Any) -> Any:
        """Returns the images with their channels reordered, one for each entry of `order`."""
        return ops.take(images, self.order, axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the input's shape, with one channel for each entry of `order`."""
        return (*input_shape[:-1], len(self.order))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments, for saving."""
        return {**super().get_config(), "order": self.order}
