"""What float32 cannot hold: large numbers, and numbers too close together for their size.

Networks compute in float32.
"""

import numpy as np

#: How far rounding may move numbers against one another, as a share of their standard deviation.
MOST_MOVED = 1e-3


def as_float32(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return values (n, ...) as float32, and how many of the n then hold NaN or infinity."""
    with np.errstate(over="ignore"):  # values that overflow are counted
        found = np.ascontiguousarray(values, np.float32)
    return found, int((~np.isfinite(found)).any(axis=tuple(range(1, found.ndim))).sum())


def float32_loss(numbers: np.ndarray, what: str) -> str:
    """Return a sentence if rounding to float32 loses what tells numbers apart, else "".

    It holds about 7 digits: numbers such as 10,000,000.01 lose their decimals before any scaling
    could make them smaller.

    Args:
        numbers: Numbers of any shape; those that are not finite in float32 are ignored.
        what: What the numbers are; the sentence begins with it.
    """
    if np.can_cast(numbers.dtype, np.float32):
        return ""
    with np.errstate(over="ignore"):
        is_finite = np.isfinite(numbers.astype(np.float32))
    exact = numbers[is_finite].astype(np.float64)
    if not exact.size:
        return ""
    moved, deviation = float(np.ptp(exact - exact.astype(np.float32))), float(exact.std())
    if moved <= MOST_MOVED * deviation:
        return ""
    return (
        f"{what} lie too close together for their size: float32, in which networks compute, moves "
        f"them by up to {moved:.4g} against one another, and their standard deviation is "
        f"{deviation:.4g}. Subtract a constant, such as the smallest of them, {exact.min():.15g}."
    )
