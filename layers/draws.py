"""Turning uniform draws in 0..1 into what a transform needs."""

from __future__ import annotations

from typing import Any

from keras import ops


def between(draws: Any, low: float, high: float) -> Any:
    """Maps uniform draws in 0..1 to `low`..`high`."""
    return low + draws * (high - low)


def normal_field(draws: Any, shape: tuple[int, int, int]) -> Any:
    """Returns standard normal values of shape (n, *shape), a function of each image's two draws.

    A counter hash (the 32-bit finaliser of Wellons' "hash prospector", twice, with a key each)
    makes every value depend on the image's draws and on its own position alone, so noise is the
    same in whatever batch the image comes. Integer products wrap at 32 bits on every backend.

    Args:
        draws: uniform draws in 0..1, (n, 2).
        shape: height, width and channels of an image.
    """
    keys = ops.cast(ops.floor(draws * 2.0**24), "int32")
    counter = ops.reshape(ops.arange(shape[0] * shape[1] * shape[2], dtype="int32"), (1, *shape))
    first, second = (ops.reshape(keys[:, i], (-1, 1, 1, 1)) for i in range(2))
    bits = _mix(_mix(counter + _mix(first)) + _mix(second))
    # 24 bits centred in their cells keep the uniform inside (0, 1), where erfinv is finite.
    uniform = (ops.cast(_shift_right(bits, 8), "float32") + 0.5) / 2.0**24
    return ops.erfinv(2.0 * uniform - 1.0) * 2.0**0.5


def _mix(bits: Any) -> Any:
    bits = ops.bitwise_xor(bits, _shift_right(bits, 16)) * _wrapped(0x7FEB352D)
    bits = ops.bitwise_xor(bits, _shift_right(bits, 15)) * _wrapped(0x846CA68B)
    return ops.bitwise_xor(bits, _shift_right(bits, 16))


def _wrapped(value: int) -> Any:
    """Returns the 32 bits of `value` as a signed integer tensor."""
    return ops.convert_to_tensor(value - 2**32 if value >= 2**31 else value, dtype="int32")


def _shift_right(bits: Any, places: int) -> Any:
    """Shifts in zeros; a signed shift copies the sign, so it is masked off."""
    mask = ops.convert_to_tensor((1 << (32 - places)) - 1, dtype="int32")
    moved = ops.right_shift(bits, ops.convert_to_tensor(places, dtype="int32"))
    return ops.bitwise_and(moved, mask)
