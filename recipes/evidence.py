"""What each trick was worth in the gallery's studies."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

# Written from the gallery by reports/gallery/update_evidence.py.
FILE = Path(__file__).with_name("evidence.json")
NOT_JUDGED = "not judged"


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
    against: str
    """What it is compared with: a rung's name, `the baseline`, `the full stack without it`."""
    changed: str
    """What the step changed, where the study's table tells it: of a second use other settings than
    the first one's. Else empty."""
    data: str
    """The data set and how many examples of it."""
    seeds: int
    metric: str
    difference: float
    """In the deciding validation metric, above zero where the trick is better."""
    low: float | None
    """Lower end of the 95 % interval; None for one seed, or where all seeds say the same."""
    high: float | None
    covers: str
    """What the interval covers another choice of: `seeds`, or `seeds and examples`."""
    verdict: str
    """`helps`, `hurts`, `undecided`, `no difference` and, where the table tells it, larger than
    what; `not judged` where the report gives no verdict."""

    @property
    def worth(self) -> str:
        """`+0.9 points (-0.3 to +2.2)`, or `rmse better by +2.5 (+1 to +4)` of an error."""
        is_share = "accuracy" in self.metric
        scale, form = (100, "+.1f") if is_share else (1, "+.3g")
        of_what, unit = ("", " points") if is_share else (f"{self.metric} better by ", "")
        ends = [end for end in (self.low, self.high) if end is not None]
        texts = [f"{scale * value:{form}}" for value in (self.difference, *ends)]
        texts = ["+0.0" if text == "-0.0" else text for text in texts]
        interval = f" ({texts[1]} to {texts[2]})" if ends else ""
        return f"{of_what}{texts[0]}{unit}{interval}"

    @property
    def is_one_of_several(self) -> bool:
        """Whether the study has other uses of the trick."""
        return "#" in self.use or "," in self.use

    @property
    def found(self) -> str:
        """What was compared with what, how, and what came of it: all but study and data."""
        company = f" with {' and '.join(self.together_with)}" if self.together_with else ""
        use = f" ({self.use})" if self.is_one_of_several else ""
        changed = f" Changed: {self.changed}." if self.changed else ""
        return (
            f"{self.way}{use}{company}, against {self.against}: {self.worth}, {self.seeds_text}: "
            f"{self.verdict}.{changed}"
        )

    @property
    def seeds_text(self) -> str:
        """`5 seeds`."""
        return "1 seed" if self.seeds == 1 else f"{self.seeds} seeds"

    @property
    def text(self) -> str:
        """The whole in a line."""
        return f"{self.study}, {self.found} Data: {self.data}."


@cache
def known_evidence() -> dict[str, list[Evidence]]:
    """All that the gallery knows, by the recipe's name."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: [Evidence(**{**one, "together_with": tuple(one["together_with"])}) for one in entries]
        for name, entries in held.items()
    }
