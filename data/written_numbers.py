"""Numbers as people write them, such as $1,234.50, 45 % or 1,5, which are text to a program."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_UNIT = r"[$€£¥%]?"
_NUMBER = re.compile(rf"([-+]?) ?{_UNIT} ?([-+]?)(\d[\d.,' ]*?) ?{_UNIT}")
_SPACES = str.maketrans("\u00a0\u202f\u2019", "  '")
#: Ways to write the digits, of which the first that fits counts: a pattern, what separates
#: thousands, and the decimal mark.
_WAYS = (
    (re.compile(r"\d+(\.\d+)?"), "", "."),
    (re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?"), ",", "."),
    (re.compile(r"\d+,\d+"), "", ","),
    (re.compile(r"\d{1,3}(\.\d{3})+(,\d+)?"), ".", ","),
    (re.compile(r"\d{1,3}( \d{3})+([.,]\d+)?"), " ", ","),
    (re.compile(r"\d{1,3}('\d{3})+([.,]\d+)?"), "'", ","),
)


def plain_number(text: str) -> str | None:
    """Return how a program writes a number: 1234.50 for $1,234.50; None if it is not a number.

    Args:
        text: Digits, which may come with a sign, a currency or per cent sign, thousands separators
            and a decimal point or comma. The comma in 1,234 is a thousands separator.
    """
    found = _NUMBER.fullmatch(text.translate(_SPACES).strip())
    if found is None or (found[1] and found[2]):
        return None
    for way, between, mark in _WAYS:
        if way.fullmatch(found[3]):
            digits = found[3].replace(between, "") if between else found[3]
            return (found[1] or found[2]).replace("+", "") + digits.replace(mark, ".")
    return None


def written_number(values: pd.Series) -> tuple[str, str] | None:
    """Return a number written as text and how to write it, if most of a column's texts are such.

    Args:
        values: Texts, some of which may be missing.
    """
    texts = [str(value) for value in values.dropna()]
    plain = {text: number for text in set(texts) if (number := plain_number(text)) is not None}
    if 2 * sum(text in plain for text in texts) <= len(texts):
        return None
    return next(((text, plain[text]) for text in texts if plain.get(text, text) != text), None)
