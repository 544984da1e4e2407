"""What float32 does not hold: large numbers, and those that lie too close together for their size.

Networks reckon in it.
"""

import numpy as np

#: Of the numbers' deviation: how far rounding may move them against one another.
MOST_MOVED = 1e-3


def as_float32(values: np.ndarray) -> tuple[np.ndarray, int]:
    """Return values (n, ...) as float32, and how many of the n hold NaN or infinity there."""
    with np.errstate(over="ignore"):  # what overflows is counted
        found = np.ascontiguousarray(values, np.float32)
    return found, int((~np.isfinite(found)).any(axis=tuple(range(1, found.ndim))).sum())


def float32_loss(numbers: np.ndarray, what: str) -> str:
    """Return a sentence if rounding to float32 takes away what tells numbers apart, else "".

    It holds about 7 digits: of 10,000,000.01 and its like the decimals are gone, before any scaling
    could take the size off them.

    Args:
        numbers: Of any shape; those that are not finite in float32 are not heeded.
        what: They are, to begin the sentence with.
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
        f"{what} lie too close together for their size: float32, in which networks reckon, moves "
        f"them by up to {moved:.4g} against one another, and their deviation is {deviation:.4g}. "
        f"Take a constant off them, such as the least, {exact.min():.15g}."
    )
