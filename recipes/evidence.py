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
    """The trick's name in the study; `wider#2` is its second use in a ladder. Where uses differ in
    a setting, the name contains it: `activation,kind=elu`."""
    together_with: tuple[str, ...]
    """The other tricks that the same step adds; the difference is the worth of all of them."""
    against: str
    """What it is compared with: a rung's name, `the baseline`, `the full stack without it`."""
    changed: str
    """What the step changed, such as the settings in which a second use of a trick differs from the
    first; empty where the study's table does not tell it."""
    data: str
    """The data set and how many examples of it."""
    seeds: int
    metric: str
    difference: float
    """In the deciding validation metric; above zero where the trick is better."""
    low: float | None
    """Lower end of the 95 % interval; None for one seed, or where all seeds agree."""
    high: float | None
    covers: str
    """Which random choices the interval covers: `seeds`, or `seeds and examples`."""
    verdict: str
    """`helps`, `hurts`, `undecided` or `no difference`, the last with its margin where the table
    tells it; `not judged` where the report gives no verdict."""

    @property
    def worth(self) -> str:
        """`+0.9 points (-0.3 to +2.2)`, or for an error `rmse better by +2.5 (+1 to +4)`."""
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
        """What was compared with what, how, and with which result: all but study and data."""
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
        """All of it in one line."""
        return f"{self.study}, {self.found} Data: {self.data}."


@cache
def known_evidence() -> dict[str, list[Evidence]]:
    """Returns all evidence of the gallery, by recipe name."""
    held = json.loads(FILE.read_text(encoding="utf-8"))
    return {
        name: [Evidence(**{**one, "together_with": tuple(one["together_with"])}) for one in entries]
        for name, entries in held.items()
    }
