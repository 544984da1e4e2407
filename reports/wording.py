"""Numbers as a reader wants them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence

from .statistics.intervals import Estimate
from .statistics.two_sources import Difference

UNKNOWN = "–"


def accuracy_text(value: float) -> str:
    """`0.959`; a dash where it is not known."""
    return UNKNOWN if math.isnan(value) else f"{value:.3f}"


def number_text(value: float) -> str:
    """`0.96`, `2.31`, `0.0042`: two decimals, or two digits of what is small or large."""
    return f"{value:.2f}" if value == 0 or 0.1 <= abs(value) < 1000 else f"{value:.2g}"


def metric_text(name: str) -> str:
    """`val_cross_entropy` as `val cross-entropy`, `rmse` as `RMSE`."""
    words = name.replace("_", " ").replace("cross entropy", "cross-entropy")
    return re.sub(r"\b(rmse|mae|mse|mase|r2)\b", lambda match: match[0].upper(), words)


def figure_text(value: Estimate) -> str:
    """`0.959 ± 0.004`, `4.7e-05` or `1.28e+03 ± 35`: a figure of any size; a dash for none."""
    if math.isnan(value.mean):
        return UNKNOWN
    spread = "" if math.isnan(value.std) else f" ± {value.std:{_form(value.mean)}}"
    return score_text(value.mean) + spread


def score_text(value: float) -> str:
    """`0.959`, `4.7e-05` or `1.28e+03`: a single figure of any size; a dash for none."""
    return UNKNOWN if math.isnan(value) else f"{value:{_form(value)}}"


def decimals_text(value: float) -> str:
    """`0.959`, `281.250` or `4.67e-05`: as `score_text`, but large figures with their decimals."""
    return f"{value:.3f}" if abs(value) >= 100 else score_text(value)


def _form(value: float) -> str:
    return ".3f" if value == 0 or 0.01 <= abs(value) < 100 else ".3g"


def spread_text(value: Estimate) -> str:
    """`0.959 ± 0.004`: a mean and its standard deviation, the mean alone for one value."""
    spread = "" if math.isnan(value.std) else f" ± {value.std:.3f}"
    return accuracy_text(value.mean) + spread


def difference_text(value: Estimate | Difference | None) -> str:
    """`+0.012 [-0.004, +0.028]`: a difference and its interval, where there is one.

    What is the same in every seed or example gives none.
    """
    if value is None or math.isnan(value.mean):
        return UNKNOWN
    mean, low, high = signed_texts(value.mean, value.low, value.high)
    return f"{mean} [{low}, {high}]" if value.low < value.high else mean


def signed_texts(*values: float) -> list[str]:
    """`+0.012`, `-0.004`, `0.000`: figures with their sign and as many decimals each.

    What is rounded to zero has no sign. The decimals are three; where these would show nothing, as
    many as the largest needs to show two digits: an error in small units has small differences that
    are decided.
    """
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    decimals = 3 if largest == 0 or largest >= 0.0005 else 1 - math.floor(math.log10(largest))
    return [signed_text(value, decimals) for value in values]


def signed_text(value: float, decimals: int) -> str:
    """`+0.9`, `-0.3`, or `0.0`: what is rounded to zero has no sign."""
    shown = f"{value:+.{decimals}f}"
    return shown if float(shown) else shown[1:]


def duration_text(seconds: float) -> str:
    """`0.8 s`, `45 s`, `3 min 20 s` or `2 h 5 min`."""
    if math.isnan(seconds):
        return UNKNOWN
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 120:
        return f"{whole} s"
    if whole < 7200:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def range_text(values: Iterable[float]) -> str:
    """`9`, or `8 to 10`: whole numbers from the lowest to the highest known; a dash for none."""
    known = sorted(value for value in values if not math.isnan(value))
    if not known:
        return UNKNOWN
    return " to ".join(dict.fromkeys(f"{value:,.0f}" for value in (known[0], known[-1])))


def count_text(number: int, noun: str) -> str:
    """`1 seed`, `3 seeds`."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def join_words(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
