"""Scaling of pixels, columns and targets, fitted on the training examples alone."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from .errors import DataError

SCALINGS = ("unit", "symmetric", "center", "standardize")
#: The range of pixels with 8 bits per channel, whatever values occur.
BYTES = (0.0, 255.0)
#: Whole numbers that only reach up to this are not bytes: on a range of 0 to 255 all are black.
FEW_LEVELS = 16
#: How many images are converted to float64 at a time for their statistics, to bound memory.
_CHUNK = 1000


@dataclass(frozen=True)
class Scaling:
    """One affine map per channel: `scaled = pixels * scale + offset`.

    Attributes:
        name: `unit`, `symmetric`, `center` or `standardize`.
        scale: Factor of each channel.
        offset: Summand of each channel, in scaled units.
    """

    name: str
    scale: tuple[float, ...]
    offset: tuple[float, ...]

    def inverse(self) -> "Scaling":
        """Return the map from scaled values back to raw ones."""
        scale, offset = np.asarray(self.scale), np.asarray(self.offset)
        return Scaling(self.name, _floats(1 / scale), _floats(-offset / scale))

    def apply(self, images: np.ndarray) -> np.ndarray:
        """Return scaled images (n, height, width, channels) as float32."""
        scale, offset = (np.asarray(v, np.float32) for v in (self.scale, self.offset))
        return np.asarray(images, np.float32) * scale + offset


#: For token ids, which are names and not amounts, and for models that take inputs as they are.
UNSCALED = Scaling("none", (1.0,), (0.0,))


def fit_scaling(
    name: str,
    x_train: np.ndarray,
    value_range: tuple[float, float] | None = None,
    *,
    called: Sequence[str] = (),
) -> Scaling:
    """Fit a scaling on training images, rows or sequences.

    Args:
        name: `unit` maps the value range to 0..1, `symmetric` to -1..1; `center` is `unit` minus
            each channel's mean over the training examples; `standardize` gives each channel mean 0
            and standard deviation 1 over them.
        x_train: The training examples alone: images (n, height, width, channels), rows (n,
            columns) or sequences (n, steps, features). The columns and features are the channels.
        value_range: Lowest and highest value that a pixel can have. By default 0..255 for bytes
            (see `are_bytes`), otherwise from the lowest to the highest training value. Columns and
            features have units of their own: each goes from its own lowest to its highest.
        called: What messages call each channel; by default `channel 1` and so on.

    Raises:
        DataError: If there is no scaling of that name, or the values of a channel are so close
            together, or so far apart, that float32 cannot hold the factor.
    """
    scaling = _fitted(name, x_train, value_range)
    _check_factors(
        scaling, called or [f"channel {place + 1}" for place in range(len(scaling.scale))]
    )
    return scaling


def fit_target_scaling(y_train: np.ndarray) -> Scaling:
    """Return the map of numbers to predict (n,) to mean 0 and standard deviation 1.

    Raises:
        DataError: If they are too close together, or too far apart, to be scaled.
    """
    return fit_scaling("standardize", y_train[:, np.newaxis], called=["the target"])


def _fitted(name: str, x_train: np.ndarray, value_range: tuple[float, float] | None) -> Scaling:
    if name == "standardize":
        mean, deviation = _channel_statistics(x_train)
        # A constant channel is only centred: it has no deviation to divide by.
        scale = 1.0 / np.where(deviation > 0, deviation, 1.0)
        return Scaling(name, _floats(scale), _floats(-mean * scale))
    low, high = _ranges(x_train, value_range)
    unit = 1.0 / np.where(high > low, high - low, 1.0)
    if name == "center":
        mean, _ = _channel_statistics(x_train)
        return Scaling(name, _floats(unit), _floats(-mean * unit))
    if name == "unit":
        return Scaling(name, _floats(unit), _floats(-low * unit))
    if name == "symmetric":
        return Scaling(name, _floats(2 * unit), _floats(-2 * low * unit - 1))
    raise DataError(f"There is no scaling named {name!r}. Choose from {', '.join(SCALINGS)}.")


def _ranges(
    x_train: np.ndarray, value_range: tuple[float, float] | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest value of each channel."""
    if x_train.ndim < 4:
        values = x_train.reshape(-1, x_train.shape[-1]).astype(np.float64)
        return values.min(axis=0), values.max(axis=0)
    ends = pixel_range(x_train) if value_range is None else value_range
    low, high = (np.full(x_train.shape[-1], end, np.float64) for end in ends)
    return low, high


def _check_factors(scaling: Scaling, called: Sequence[str]) -> None:
    """Refuse factors that are infinite in float32, or so small that it loses their digits."""
    limits = np.finfo(np.float32)
    least, most = float(limits.tiny), float(limits.max)
    for factor, name in zip(scaling.scale, called, strict=True):
        if not least <= factor <= most:
            raise DataError(
                f"The training values of {name} differ by about {1 / factor:.3g}, and float32, in "
                "which networks compute, cannot scale that to about 1. Give them in another unit."
            )


def _floats(values: np.ndarray) -> tuple[float, ...]:
    return tuple(float(value) for value in values)


def are_bytes(images: np.ndarray) -> bool:
    """Whether pixels are bytes: whole numbers in 0 to 255 that are not all small.

    Masks of 0 and 1, and images of few greys, such as 0 to 16, have a range of their own. A single
    value everywhere shows no range, and counts as bytes.
    """
    if images.dtype.kind not in "ui":
        return False
    low, high = int(images.min()), int(images.max())
    return low >= 0 and high <= 255 and (high > FEW_LEVELS or low == high)


def pixel_range(images: np.ndarray) -> tuple[float, float]:
    """Return the lowest and highest value of pixels: 0 and 255 if bytes, else those that occur."""
    if are_bytes(images):
        return BYTES
    return float(images.min()), float(images.max())


def _channel_statistics(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and population deviation per channel, in float64, in two passes."""
    channels = images.shape[-1]
    mean, variance = np.zeros(channels), np.zeros(channels)
    for channel, values in _chunks(images):
        mean[channel] += values.sum()
    mean /= images.size // channels
    for channel, values in _chunks(images):
        variance[channel] += np.square(values - mean[channel]).sum()
    return mean, np.sqrt(variance / (images.size // channels))


def _chunks(images: np.ndarray) -> Iterator[tuple[int, np.ndarray]]:
    """Yield a channel and some of its values, flat, as a float64 copy."""
    for start in range(0, len(images), _CHUNK):
        for channel in range(images.shape[-1]):
            block = images[start : start + _CHUNK, ..., channel]
            yield channel, block.astype(np.float64).ravel()
