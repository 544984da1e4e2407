"""`Finding`: what learning curves show, in a word, in numbers and in a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "failed",
    "unread",
    "diverged",
    "over-fitting",
    "oscillating",
    "improving",
    "validation-better",
    "under-fitting",
    "saturated",
    "balanced",
]


@dataclass(frozen=True)
class Finding:
    """One thing that learning curves show."""

    kind: Kind
    sentence: str
    """What is seen, with its numbers; ends with a full stop."""
    advice: str = ""
    """What to try next, as a clause without a full stop; empty where there is nothing to try."""
    epoch: int | None = None
    """The epoch, from 1, since which this holds; None if it does not begin at an epoch."""
    numbers: dict[str, float] = field(default_factory=dict)
    """The numbers that show it, by name: `train`, `val` and others, in the units of the metric."""

    def __str__(self) -> str:
        if not self.advice:
            return self.sentence
        return f"{self.sentence} {self.advice[:1].upper()}{self.advice[1:]}."
