"""What a person sees while runs are trained."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

from ...reports.read.measures import curve_examples, known_metric
from ...reports.wording import decimals_text, duration_text, metric_text
from ...runs.errors import ReportError
from ...runs.run_folder import Run, read_run
from ...training.job import Job
from .same_command import same_command

# In seconds. A wait longer than LONG_WAIT is announced, but only after PACE_SECONDS: the first
# epochs include compilation.
LONG_WAIT = 3600.0
PACE_SECONDS = 60.0


class Progress:
    """How far the runs of a command are, and how long the rest will take.

    Args:
        costs: the expected cost of each run by its fingerprint, all in the same arbitrary unit.
    """

    def __init__(self, costs: Mapping[str, float]) -> None:
        self._costs = costs
        self._parts: dict[str, float] = {}
        self._began = time.monotonic()
        self._told_of_wait = False

    @property
    def total(self) -> int:
        """Number of runs."""
        return len(self._costs)

    @property
    def ended(self) -> int:
        """Number of runs that have ended."""
        return sum(part >= 1 for part in self._parts.values())

    def set(self, job: Job, part: float) -> None:
        """Notes which share of the run is done, 0..1."""
        self._parts[job.fingerprint] = part

    def seconds_left(self) -> float | None:
        """Returns the expected seconds to the end, None while nothing is known."""
        over = sum(self._costs[run] * part for run, part in self._parts.items())
        if over <= 0:
            return None
        return (time.monotonic() - self._began) * (sum(self._costs.values()) - over) / over

    def long_wait(self) -> str | None:
        """Returns, once, what to say about runs that will take long; otherwise None."""
        if self._told_of_wait or time.monotonic() - self._began < PACE_SECONDS:
            return None
        self._told_of_wait, left = True, self.seconds_left()
        if left is None or left < LONG_WAIT:
            return None
        return (
            f"About {duration_text(left)} to go at this pace. You can stop it (Ctrl-C): "
            f"{same_command()} goes on from there. `trickbook run --dry-run` tells what would be "
            "quicker."
        )


class _Display:
    """Reports on runs while they are trained.

    Args:
        console: where to print; it must print text as it is, without markup.
        progress: how far the runs are.
    """

    def __init__(self, console: Console, progress: Progress) -> None:
        self._console = console
        self._progress = progress

    def epoch(self, job: Job, epoch: int, value: float | None) -> None:
        """Notes how far the run is."""
        self._progress.set(job, 0.99 * epoch / job.blueprint.epochs)
        if text := self._progress.long_wait():
            self._console.print(text)

    def ended(self, job: Job, status: str, reason: str | None) -> None:
        """Prints the run's line."""
        self._progress.set(job, 1.0)
        self._console.print(self._line(job, status, reason))

    def _line(self, job: Job, status: str, reason: str | None) -> str:
        return describe(job, status, reason)


class PlainDisplay(_Display):
    """A line for each run that ends; for logs and pipes."""

    def __enter__(self) -> PlainDisplay:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    def started(self, job: Job) -> None:
        """Prints nothing: a line for each run that ends is enough for a log."""

    def _line(self, job: Job, status: str, reason: str | None) -> str:
        count = f"[{self._progress.ended}/{self._progress.total}]"
        return f"{count} {describe(job, status, reason)}" + (
            f"  ({duration_text(left)} left)" if (left := self._progress.seconds_left()) else ""
        )


class LiveDisplay(_Display):
    """A table of the runs under way, redrawn in place, with the ended ones printed above it."""

    def __init__(self, console: Console, progress: Progress) -> None:
        super().__init__(console, progress)
        self._is_over = False
        self._under_way: dict[str, tuple[Job, int, str]] = {}
        self._measured_on: dict[str, str] = {}
        self._live = Live(console=console, get_renderable=self.table, refresh_per_second=4)

    def __enter__(self) -> LiveDisplay:
        self._live.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._is_over = True
        self._live.__exit__(*error)

    def started(self, job: Job) -> None:
        """Adds the run to the table."""
        self._under_way[job.fingerprint] = (job, 0, "")

    def epoch(self, job: Job, epoch: int, value: float | None) -> None:
        """Updates the run's row."""
        # Not in `started`: the worker is only about to write run.json then.
        if job.fingerprint not in self._measured_on:
            self._measured_on[job.fingerprint] = _measured_on(job)
        shown = "" if value is None else decimals_text(value) + self._measured_on[job.fingerprint]
        self._under_way[job.fingerprint] = (job, epoch, shown)
        super().epoch(job, epoch, value)

    def ended(self, job: Job, status: str, reason: str | None) -> None:
        """Takes the run off the table and prints its line."""
        del self._under_way[job.fingerprint]
        super().ended(job, status, reason)

    def table(self) -> Group:
        """Returns what is drawn: runs under way and how many have ended; nothing at the end."""
        if self._is_over:
            return Group()
        table = Table("rung", "seed", "epoch", "validation", box=None, padding=(0, 2))
        for job, epoch, shown in self._under_way.values():
            table.add_row(job.name, str(job.seed), f"{epoch}/{job.blueprint.epochs}", shown)
        left = self._progress.seconds_left()
        bar = Table.grid(padding=(0, 2))
        bar.add_row(
            ProgressBar(total=self._progress.total, completed=self._progress.ended, width=30),
            f"{self._progress.ended} of {self._progress.total} runs",
            "" if left is None else f"about {duration_text(left)} left",
        )
        return Group(table, bar)


def display_on(console: Console, progress: Progress) -> LiveDisplay | PlainDisplay:
    """Returns a live display for a terminal, and a plain one otherwise."""
    return (LiveDisplay if console.is_terminal else PlainDisplay)(console, progress)


def describe(job: Job, status: str, reason: str | None) -> str:
    """Returns one line on how a run ended, with its final figure if it is done."""
    others = {
        "shared": "done by another command",
        "failed": f"failed: {reason}",
        "lost": f"lost: {reason}",
        "stopped": f"{reason}",
    }
    result = _final_text(job) if status == "done" else others[status]
    return f"{job.name}  seed {job.seed}  {result}"


def _final_text(job: Job) -> str:
    """Returns the figure that reports give.

    The last value of the curve may be measured on fewer examples, or with other weights.
    """
    run, metric = _run_of(job), job.blueprint.task.metric
    value = math.nan if run is None else known_metric(run, f"val_{metric}")
    return "done" if math.isnan(value) else f"val {metric_text(metric)} {decimals_text(value)}"


def _measured_on(job: Job) -> str:
    """Returns ` (first 360)` if the curve is measured on the first 360 validation examples only."""
    run = _run_of(job)
    first = None if run is None else curve_examples(run)
    return "" if first is None else f" (first {first:,})"


def _run_of(job: Job) -> Run | None:
    """Returns what the run's folder holds; None if it cannot be read, which is no error here."""
    try:
        return read_run(job.folder)
    except (ReportError, OSError):
        return None
