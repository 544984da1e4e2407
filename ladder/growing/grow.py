"""Growing a ladder in a folder: training, reading curves, racing tricks, one look at the test set.

Apart from the time that is left, decisions depend only on the finished runs and on the record. The
record is written before each race and after each decision: a growth that was killed continues
where it was.
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

# The least growth has four arms: the baseline, a trick on it, and both again for the test.
_LEAST = 4


@dataclass(frozen=True)
class GrowthEstimate:
    """What there is time for.

    Attributes:
        look_seconds: time of the first look at the baseline.
        least_seconds: time of the least growth in which a trick can be tried.
        jobs: worker processes.
        said: what to tell the user about the data and the baseline, with warnings last.
    """

    look_seconds: float
    least_seconds: float
    jobs: int
    said: tuple[str, ...]


def grow(aim: Aim, out: Path, options: RunOptions) -> GrowResult:
    """Grows a ladder in the folder `out`, or continues the growth that is there.

    Args:
        aim: what to grow, and within how much time.
        out: folder.
        options: where and how runs are trained. Only the last runs read the test set and keep their
            models.

    Raises:
        DataError: if something is wrong with the data, before any training starts.
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
                # Comes last, so that a refusal leaves the folder as it was.
                move_old_aside(out)
            bench = Workbench(aim, out, planner, options, console)
            for text in (*plan.said, *planner.notes):
                bench.say(text)
            lost = Grower(bench, growth).run()
    return grow_result(aim, out, lost)


def estimate_growth(aim: Aim, out: Path, options: RunOptions) -> GrowthEstimate:
    """Returns how long the baseline and the least growth would take on this machine.

    Raises:
        As `grow`, except for too little time.
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
    """Returns the growth to continue; an empty one if all is to begin anew."""
    if not options.fresh:
        return read_growth(aim, out, options.keras_settings())
    check_nobody_trains(out)
    check_start_stays(aim.study(Growth()), out)
    return Growth()


def _planned(
    aim: Aim, growth: Growth, out: Path, options: RunOptions
) -> AbstractContextManager[tuple[Planner, Plan]]:
    """Plans what was trained so far; the runs of races do not read the test set or keep models."""
    return planned(aim.study(growth), out, replace(options, read_test=False, models=False))


def _check_time(aim: Aim, planner: Planner, plan: Plan, options: RunOptions) -> None:
    """Refuses a time in which no trick could be tried.

    Raises:
        LadderError: saying how long the least growth takes.
    """
    least = _LEAST * expected_seconds(planner, plan, worker_count(options, plan))
    if least > 60 * aim.minutes:
        raise LadderError(
            f"minutes (--minutes) is {aim.minutes:g}, but the least growth takes about "
            f"{duration_text(least)}: the baseline, one trick, and both again for the test, "
            f"{aim.looks[0]} seeds each. Give {math.ceil(least / 60)} or more, or fewer epochs."
        )
