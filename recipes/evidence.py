"""What each trick was worth in the gallery's studies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Written from the gallery by reports/gallery/update_evidence.py.
FILE = Path(__file__).with_name("evidence.json")


@dataclass(frozen=True)
class Evidence:
    """A difference that a study of the gallery found."""

    study: str
    """The gallery's folder."""
    way: str
    """`in the ladder`, `alone` or `left out`."""
    use: str
    """The trick's name there; `wider#2` is its second use in a ladder, and where uses differ in a
    setting it stands with it: `activation,kind=elu`."""
    together_with: tuple[str, ...]
    """The tricks that the same step adds, so that the difference is of all of them."""
    data: str
    """The data set and how many examples of it."""
    seeds: int
    metric: str
    difference: float
    """In the deciding validation metric, above zero where the trick is better."""
    low: float | None
    """Lower end of the 95 % interval; None for one seed."""
    high: float | None
    covers: str
    """What the interval covers another choice of: `seeds`, or `seeds and examples`."""
    verdict: str

    @property
    def worth(self) -> str:
        """`+0.9 points (-0.3 to +2.2)`: of a share in points, else in the metric's unit."""
        is_share = "accuracy" in self.metric
        scale, form = (100, "+.1f") if is_share else (1, "+.3g")
        unit = " points" if is_share else f" {self.metric}"
        ends = [end for end in (self.low, self.high) if end is not None]
        texts = [f"{scale * value:{form}}" for value in (self.difference, *ends)]
        texts = ["+0.0" if text == "-0.0" else text for text in texts]
        return texts[0] + unit + (f" ({texts[1]} to {texts[2]})" if ends else "")

    @property
    def is_one_of_several(self) -> bool:
        """Whether the study has other uses of the trick."""
        return "#" in self.use or "," in self.use

    @property
    def text(self) -> str:
        """The whole in a line."""
        company = f" with {' and '.join(self.together_with)}" if self.together_with else ""
        use = f" ({self.use})" if self.is_one_of_several else ""
        seeds = "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"
        return (
            f"{self.study}, {self.way}{use}{company}: {self.worth}, {seeds}: {self.verdict}. "
            f"Data: {self.data}."
        )


@cache
def known_evidence() -> dict[str, list[Evidence]]:
    """All that the gallery knows, by the recipe's name."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: [Evidence(**{**one, "together_with": tuple(one["together_with"])}) for one in entries]
        for name, entries in held.items()
    }
