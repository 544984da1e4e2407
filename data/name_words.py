"""The words that a column's name is made of."""

from __future__ import annotations

import re


def words_of(name: str) -> list[str]:
    """Return a name's words in lower case, `passenger` and `id` for PassengerId; maybe none."""
    return [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)]


def last_word(name: str) -> str:
    """Return a name's last word, which says what kind of thing it is; "" if there is none."""
    return (words_of(name) or [""])[-1]
