"""The verdicts on a study's arms from the runs that have ended, and how far they can be trusted."""

from __future__ import annotations

import time
from dataclasses import dataclass

from ...reports.analysis.judgements import judgements
from ...reports.pages.step_rows import NOT_COMPARED, StepRow, step_columns, step_rows
from ...reports.read.run_set import RunSet
from ...reports.wording import join_words
from ...runs.errors import ReportError
from .growth_so_far import races_text

# Judging reads every prediction of every run; it may take this share of the time.
_SHARE = 0.1


@dataclass(frozen=True)
class Verdicts:
    """The verdict on each comparison so far.

    Attributes:
        rows: the table rows of the arms that can be compared already, by their names.
        worth: the title of the column of differences, with their unit; empty without comparisons.
        ended: how many runs had ended.
        trouble: why there are no verdicts, if a file of a run cannot be read.
    """

    rows: dict[str, StepRow]
    worth: str
    ended: int
    trouble: str = ""


class VerdictReader:
    """Judges a study anew when runs have ended, but not so often that it costs much time."""

    def __init__(self) -> None:
        self._last = Verdicts({}, "", 0)
        self._of: object = None
        self._not_before = 0.0

    def read(self, run_set: RunSet, of: object, *, at_once: bool) -> Verdicts:
        """Returns the verdicts, which may be those of a little while ago.

        Args:
            run_set: the study.
            of: a value that changes when the study's file or its ended runs change.
            at_once: whether the verdicts must be up to date, whatever that costs.
        """
        began = time.monotonic()
        if of == self._of or (began < self._not_before and not at_once):
            return self._last
        self._last, self._of = _judged(run_set), of
        now = time.monotonic()
        self._not_before = now + (now - began) / _SHARE
        return self._last


def _judged(run_set: RunSet) -> Verdicts:
    ended = sum(len(rung.done) + len(rung.failed) for rung in run_set.rungs)
    try:
        judged = list(judgements(run_set).values())
    except ReportError as error:
        return Verdicts({}, "", ended, str(error))
    rows = step_rows(run_set, judged) if judged else []
    told = {row.name: row for row in rows if row.kind != NOT_COMPARED}
    return Verdicts(told, step_columns(run_set, rows)[1] if rows else "", ended)


def certainty_text(run_set: RunSet, verdicts: Verdicts) -> str:
    """Returns how far the verdicts can be trusted before the end; empty if there are none."""
    if not verdicts.rows or not verdicts.ended:
        return ""
    if run_set.kind == "grow":
        return races_text(run_set)
    looks = run_set.ladder.get("looks")
    if looks:
        numbers = join_words([str(number) for number in looks])
        return (
            f"The study is looked at when arms have {numbers} seeds. A verdict that a look has "
            "given stands; what is undecided is provisional until the last look."
        )
    return (
        f"Provisional: the verdicts are read from the {verdicts.ended} runs that have ended, and "
        "may change until all have. If you stop at the first verdict that you like, you err more "
        "often than the 5 % that hold at the end."
    )
