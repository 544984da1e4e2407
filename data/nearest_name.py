"""The name that was probably meant."""

import difflib
from collections.abc import Sequence


def nearest_name(word: str, choices: Sequence[str]) -> str:
    """Return ` Did you mean x?`, or nothing where no choice is near."""
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""
