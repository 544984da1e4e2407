"""What a search would do, and how long it would take."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...training.cost import wall_time
from ..studies.run_options import RunOptions
from ..studies.study_folder import check_folder
from .prepared_search import prepared_search, workers_of
from .search_checks import check_time
from .tuning import Tuning


@dataclass(frozen=True)
class TuningEstimate:
    """What a search would do.

    Attributes:
        trials: the largest number of trials; None if only time limits them.
        judging: how many runs judge what it found.
        jobs: worker processes that would train them.
        seconds: expected wall time.
        said: what to tell the user about the data and the space.
    """

    trials: int | None
    judging: int
    jobs: int
    seconds: float
    said: tuple[str, ...]


def estimate_tuning(tuning: Tuning, out: Path, options: RunOptions) -> TuningEstimate:
    """Returns what `run_tuning` would do, and how long it would take on this machine.

    Raises:
        DataError: if something is wrong with the data.
        LadderError: as `run_tuning` says.
    """
    check_folder(out)
    with prepared_search(tuning, out, options) as prepared:
        tuning = prepared.tuning
        seconds = prepared.seconds_of_run
        check_time(tuning, seconds)
        workers = workers_of(tuning, options, prepared.plan)
        judging = 2 * len(tuning.ladder.seeds)

        def together(runs: int) -> float:
            return wall_time([seconds] * runs, workers, gpus=options.gpus)

        by_trials = None if tuning.most_trials is None else together(tuning.most_trials)
        by_clock = None if tuning.minutes is None else 60 * tuning.minutes
        searching = min(one for one in (by_trials, by_clock) if one is not None)
        total = searching + together(judging)
        return TuningEstimate(tuning.most_trials, judging, workers, total, prepared.said)
