"""Threefry-2x32: 64 random bits as a function of a key and a counter."""

from __future__ import annotations

from typing import Any

from keras import ops

ROTATIONS = ((13, 15, 26, 6), (17, 29, 16, 24))
PARITY = 0x1BD11BDA
KEY_INJECTIONS = 5  # after every fourth of the 20 rounds


def threefry(key: tuple[Any, Any], counter: tuple[Any, Any]) -> tuple[Any, Any]:
    """Returns two words of 32 random bits, of the shape to which all four words broadcast.

    Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3"; 20 rounds, like JAX's own
    generator. Neighbouring keys and counters give unrelated words. A word is a signed 32-bit
    integer, as PyTorch has no unsigned arithmetic; sums wrap in the same way on every backend.

    Args:
        key: two words, `word(value)` or int32 tensors.
        counter: two words, likewise.
    """
    keys = (*key, ops.bitwise_xor(ops.bitwise_xor(key[0], key[1]), word(PARITY)))
    first, second = counter[0] + keys[0], counter[1] + keys[1]
    for injection in range(1, KEY_INJECTIONS + 1):
        for places in ROTATIONS[(injection - 1) % 2]:
            first = first + second
            second = ops.bitwise_xor(_rotate_left(second, places), first)
        first = first + keys[injection % 3]
        second = second + keys[(injection + 1) % 3] + word(injection)
    return first, second


def word(value: int) -> Any:
    """Returns the 32 bits of a whole number in 0..2**32-1 as a signed integer tensor."""
    return ops.convert_to_tensor(value - 2**32 if value >= 2**31 else value, dtype="int32")


def shift_right(bits: Any, places: int) -> Any:
    """Shifts right, filling with zeros: a signed shift copies the sign bit, which is masked off."""
    return ops.bitwise_and(ops.right_shift(bits, word(places)), word((1 << (32 - places)) - 1))


def _rotate_left(bits: Any, places: int) -> Any:
    return ops.bitwise_or(ops.left_shift(bits, word(places)), shift_right(bits, 32 - places))
