"""Growing a ladder in a folder: training, reading curves, racing tricks, and one look at the test.

What is decided is a function of the finished runs and of the record, which is written before each
race and after each decision: a growth that was killed goes on where it was.
"""

from __future__ import annotations

import math
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from ...reports.wording import duration_text
from ...training.errors import LadderError
from ..cli.screen import screen
from ..studies.plan import Plan, Planner, planned
from ..studies.run_options import RunOptions
from ..studies.run_study import expected_seconds, worker_count
from ..studies.study_folder import (
    check_folder,
    check_nobody_trains,
    check_same_data,
    held_alone,
    make_folder,
    move_old_aside,
)
from ..studies.warm_start_checks import check_start_stays
from .aim import HELD, Aim
from .grow_result import GrowResult, grow_result
from .grower import Grower
from .growth import Growth
from .record_file import check_same_split, read_growth
from .workbench import Workbench

# The least growth: the baseline, a trick on it, and both again for the test.
_LEAST = 4


@dataclass(frozen=True)
class GrowthEstimate:
    """What there is time for.

    Attributes:
        look_seconds: what the first look at the baseline takes.
        least_seconds: what the least growth takes.
        jobs: worker processes.
        said: what is to be said of the data, and what is doubtful about them.
    """

    look_seconds: float
    least_seconds: float
    jobs: int
    said: tuple[str, ...]


def grow(aim: Aim, out: Path, options: RunOptions) -> GrowResult:
    """Grows a ladder in the folder `out`, or goes on with the one that is there.

    Args:
        aim: what is to be grown, and within which time.
        out: folder.
        options: where and how runs are trained. The test set is read by the last runs alone, and
            of them alone the models are kept.

    Raises:
        DataError: for what is wrong with the data, before any training starts.
        LadderError: for too little time, a baseline that cannot be trained, a folder that cannot be
            used, or one that holds a growth of another aim.
    """
    console = screen(quiet=options.quiet)
    check_folder(out)
    make_folder(out)
    with held_alone(out / HELD, f"Another command grows a ladder in {out}. Wait for it."):
        growth = _begun(aim, out, options)
        with _planned(aim, growth, out, options) as (planner, plan):
            if not options.fresh:
                check_same_data(out, plan.data)
                check_same_split(out, plan.data)
            if not growth.spent and plan.missing:
                _check_time(aim, planner, plan, options)
            if options.fresh:
                # Last: what is refused leaves the folder as it was.
                move_old_aside(out)
            bench = Workbench(aim, out, planner, options, console)
            for text in (*plan.said, *planner.notes):
                bench.say(text)
            lost = Grower(bench, growth).run()
    return grow_result(aim, out, lost)


def estimate_growth(aim: Aim, out: Path, options: RunOptions) -> GrowthEstimate:
    """Returns how long the baseline, and the least growth, would take on this machine.

    Raises:
        As `grow`, but for too little time.
    """
    check_folder(out)
    afresh = replace(options, fresh=True)
    with _planned(aim, Growth(), out, afresh) as (planner, plan):
        workers = worker_count(options, plan)
        seconds = expected_seconds(planner, plan, workers)
        warnings = (f"Warning: {text}" for text in plan.data["warnings"])
        said = (*plan.data["notes"], *planner.notes, *warnings)
    return GrowthEstimate(seconds, _LEAST * seconds, workers, said)


def _begun(aim: Aim, out: Path, options: RunOptions) -> Growth:
    """What there is to go on with; where all is begun anew, nothing."""
    if not options.fresh:
        return read_growth(aim, out, options.keras_settings())
    check_nobody_trains(out)
    check_start_stays(aim.study(Growth()), out)
    return Growth()


def _planned(
    aim: Aim, growth: Growth, out: Path, options: RunOptions
) -> AbstractContextManager[tuple[Planner, Plan]]:
    """Plans for what was trained so far; races leave the test set unread and keep no models."""
    return planned(aim.study(growth), out, replace(options, read_test=False, models=False))


def _check_time(aim: Aim, planner: Planner, plan: Plan, options: RunOptions) -> None:
    """Refuses a time in which no trick could be tried.

    Raises:
        LadderError: saying how long the least growth takes.
    """
    least = _LEAST * expected_seconds(planner, plan, worker_count(options, plan))
    if least > 60 * aim.minutes:
        raise LadderError(
            f"minutes (--minutes) is {aim.minutes:g}, and the least growth takes about "
            f"{duration_text(least)}: the baseline, one trick, and both again for the test, "
            f"{aim.looks[0]} seeds each. Give {math.ceil(least / 60)} or more, or fewer epochs."
        )
