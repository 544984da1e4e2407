"""Uniform draws in 0..1 as pure functions, and the conversions that transforms need."""

from __future__ import annotations

from typing import Any

from keras import ops

from .threefry import shift_right, threefry, word


def stateless_draws(seed: int, epoch: Any, indices: Any, count: int) -> Any:
    """Returns uniform draws for images, each a function of (seed, epoch, image, column) alone.

    The numbers are the same on every backend, whatever batch an image is in and however many
    columns are requested, so that a training can be resumed, or spread over workers, without
    changing a digit. The generator is Threefry (`layers/threefry.py`).

    Args:
        seed: seed of the training, 0..2**32-1.
        epoch: number of the epoch, a whole number or a scalar integer tensor.
        indices: indices of the images in the training set, (n,), whole numbers below 2**31.
        count: draws per image, for instance `draws` of a `RandomAugmentation`.

    Returns:
        (n, count), float32, from 0 to below 1 in steps of 2**-24.

    Raises:
        ValueError: for a seed out of range.

    Example:
    ```python
    layer = trickbook.layers.RandomAugmentation(flip_probability=0.5, rotation_degrees=10)
    draws = trickbook.layers.stateless_draws(seed=0, epoch=3, indices=places, count=layer.draws)
    images = layer(x_train[places], draws)
    ```
    """
    if not 0 <= seed < 2**32:
        raise ValueError(f"seed must lie in 0..2**32-1. Received: seed={seed}")
    return keyed_draws(word(seed), epoch, indices, count)


def keyed_draws(key: Any, epoch: Any, indices: Any, count: int) -> Any:
    """Returns `stateless_draws` for a seed that is a tensor, as made by `word`."""
    keys = key, ops.cast(ops.convert_to_tensor(epoch), "int32")
    column = ops.expand_dims(ops.cast(ops.convert_to_tensor(indices), "int32"), -1)
    return once(_uniform(keys, column, count))


def alternating_draws(first: Any, epoch: Any) -> Any:
    """Returns draws that are below 0.5 in every second epoch, and 0.5 or above in the others.

    Args:
        first: uniform draws in 0..1 of the first epoch, of any shape.
        epoch: counted from 0, a whole number or a scalar tensor.
    """
    return ops.mod(first + 0.5 * ops.cast(epoch, "float32"), 1.0)


def spread(draws: Any, count: int) -> Any:
    """Returns `count` uniform draws per image, a function of the image's two draws alone.

    Args:
        draws: uniform draws in 0..1, (n, 2).
        count: how many draws to make per image.
    """
    keys = ops.cast(ops.floor(draws * 2.0**24), "int32")
    return _uniform((keys[:, :1], keys[:, 1:]), word(0), count)


def once(draws: Any) -> Any:
    """Returns the draws unchanged, computed only once under XLA however many pixels use them.

    XLA on a CPU repeats a chain of cheap operations, such as Threefry's, for each pixel that uses
    its result, which makes augmentation up to ten times slower. It does not repeat an expensive
    operation, such as this remainder, which leaves values below 1 unchanged.
    """
    return ops.mod(draws, 1.0)


def normal(uniform: Any) -> Any:
    """Maps uniform draws in steps of 2**-24 to standard normal draws."""
    # Only the lower half, mirrored: there float32 holds the middles of the steps exactly, while the
    # middle of the last step rounds up to 1 (on TensorFlow inside erfinv), where erfinv is
    # infinite.
    is_lower = uniform < 0.5
    lower = ops.where(is_lower, uniform, (1.0 - 2.0**-24) - uniform)
    deviate = ops.erfinv((2.0 * lower - 1.0) + 2.0**-24) * 2.0**0.5
    return ops.where(is_lower, deviate, -deviate)


def between(draws: Any, low: Any, high: Any) -> Any:
    """Maps uniform draws in 0..1 to `low`..`high`."""
    return low + draws * (high - low)


def either_way(draws: Any, largest: Any) -> Any:
    """Maps uniform draws in 0..1 to `-largest`..`largest`."""
    return between(draws, -largest, largest)


def _uniform(key: tuple[Any, Any], first_counter: Any, count: int) -> Any:
    """Returns (n, count) numbers; one call of Threefry yields two neighbouring columns."""
    blocks = ops.expand_dims(ops.arange((count + 1) // 2, dtype="int32"), 0)
    pairs = ops.stack(threefry(key, (first_counter, blocks)), axis=-1)
    bits = ops.reshape(pairs, (-1, 2 * ((count + 1) // 2)))[:, :count]
    # A float32 holds 24 bits exactly.
    return ops.cast(shift_right(bits, 8), "float32") * 2.0**-24
