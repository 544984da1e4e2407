"""Checks of arguments, made where they come in; every room may import this module."""

from __future__ import annotations

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any


def number_in(
    name: str,
    value: Any,
    low: float = -math.inf,
    high: float = math.inf,
    *,
    without_low: bool = False,
    without_high: bool = False,
) -> float:
    """Returns the argument as a float; refuses what is not a finite number in `low`..`high`.

    Raises:
        ValueError: naming the argument, what it must be and what it is.
    """
    number = _finite(value)
    if (
        not low <= number <= high
        or (without_low and number == low)
        or (without_high and number == high)
    ):
        rules = range_words(low, high, without_low=without_low, without_high=without_high)
        raise _refusal(name, value, ", ".join(["be a finite number", *rules]))
    return number


def numbers_in(name: str, value: Any, low: float) -> Any:
    """Returns a finite number of at least `low` as a float, or a list of such numbers as a tuple.

    Raises:
        ValueError: naming the argument, what it must be and what it is.
    """
    if not isinstance(value, (list, tuple)):
        return number_in(name, value, low)
    numbers = tuple(_finite(item) for item in value)
    if not numbers or not all(low <= number for number in numbers):
        rules = ", ".join(["be a list of finite numbers", *range_words(low, math.inf)])
        raise _refusal(name, value, rules)
    return numbers


def low_and_high(name: str, value: Any, low: float, high: float) -> tuple[float, float]:
    """Returns two finite numbers in `low`..`high`, the smaller one first, as a tuple.

    Raises:
        ValueError: naming the argument, what it must be and what it is.
    """
    is_pair = isinstance(value, (list, tuple)) and len(value) == 2
    first, second = map(_finite, value) if is_pair else (math.nan, math.nan)
    if not low <= first <= second <= high:
        raise _refusal(name, value, f"be two numbers in {low:g}..{high:g}, the smaller one first")
    return first, second


def at_most_one(**given: Any) -> None:
    """Refuses several arguments that mean the same if more than one is not 0.

    Raises:
        ValueError: naming them.
    """
    on = {name: value for name, value in given.items() if value}
    if len(on) > 1:
        received = ", ".join(f"{name}={value!r}" for name, value in on.items())
        raise ValueError(f"{' and '.join(on)} exclude each other. Received: {received}")


def whole_number(name: str, value: Any, low: float = 0, high: float = math.inf) -> int:
    """Returns the argument as an int; refuses what is not a whole number in `low`..`high`.

    Raises:
        ValueError: naming the argument, what it must be and what it is.
    """
    if not is_whole(value, low, high):
        raise _refusal(name, value, ", ".join(["be a whole number", *range_words(low, high)]))
    return int(value)


def is_whole(value: Any, low: float = 0, high: float = math.inf) -> bool:
    """Returns whether the value is a whole number in `low`..`high`, of Python or NumPy."""
    is_integral = isinstance(value, Integral) and not isinstance(value, bool)
    return is_integral and low <= int(value) <= high


def is_number(value: Any) -> bool:
    """Returns whether the value is a whole number or a float; True and False do not count."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def true_or_false(name: str, value: Any) -> bool:
    """Returns the argument; refuses what is neither true nor false.

    Raises:
        ValueError: naming the argument and what it is.
    """
    if not isinstance(value, bool):
        raise _refusal(name, value, "be true or false")
    return value


def one_of(name: str, value: Any, choices: Sequence[str]) -> str:
    """Returns the argument; refuses what is none of `choices`.

    Raises:
        ValueError: naming the argument, the choices and what it is.
    """
    if value not in choices:
        raise _refusal(name, value, f"be one of {', '.join(choices)}")
    return str(value)


def range_words(
    low: float, high: float, *, without_low: bool = False, without_high: bool = False
) -> list[str]:
    """Returns the finite ends of a range in words, such as `["0 or above"]`."""
    words = []
    if math.isfinite(low):
        words.append(f"above {low:,.16g}" if without_low else f"{low:,.16g} or above")
    if math.isfinite(high):
        words.append(f"below {high:,.16g}" if without_high else f"at most {high:,.16g}")
    return words


def _refusal(name: str, value: Any, rule: str) -> ValueError:
    return ValueError(f"{name} must {rule}. Received: {name}={value!r}")


def _finite(value: Any) -> float:
    """Returns the value as a finite float, NaN if it is not one."""
    is_real = isinstance(value, Real) and not isinstance(value, bool)
    try:
        number = float(value) if is_real else math.nan
    except OverflowError:  # a whole number that no float can hold
        return math.nan
    return number if math.isfinite(number) else math.nan
