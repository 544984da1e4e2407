"""Colours of images, changed by one affine map per image and channel."""

from __future__ import annotations

from typing import Any

from keras import ops


def recolored(images: Any, *, contrast: Any, factor: Any, bias: Any, black: Any) -> Any:
    """Returns `black + factor * (stretched - black) + bias`.

    `stretched` stands for the images with `contrast` applied about each channel's mean.

    Args:
        images: (n, height, width, channels), floating.
        contrast: what the distance to the channel's mean is multiplied by, (n, 1), or None.
        factor: what the distance to black is multiplied by, (n, 1) or (n, channels), or None.
        bias: what is added, of the same shapes.
        black: what black is, in units of the images, a number or (channels,).
    """
    if factor is not None:
        bias = bias + (1.0 - factor) * black
    bias = _over_pixels(bias, images)
    if contrast is None:
        return (images if factor is None else _over_pixels(factor, images) * images) + bias
    gain = _over_pixels(contrast, images)
    mean = ops.mean(images, axis=(1, 2), keepdims=True)
    if factor is None:
        return gain * images + (bias + (1.0 - gain) * mean)
    factor = _over_pixels(factor, images)
    return factor * gain * images + (bias + factor * (1.0 - gain) * mean)


def _over_pixels(values: Any, images: Any) -> Any:
    return ops.cast(values, images.dtype)[:, None, None, :]
