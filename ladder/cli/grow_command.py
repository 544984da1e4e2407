"""The command ``trickbook grow``."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from ...reports.wording import duration_text
from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ..growing.aim import MINUTES, MOST_SEEDS, Aim
from ..growing.grow import estimate_growth, grow
from ..growing.grow_result import GrowResult
from .carry_out import end, time_text, told_if_stopped
from .flags import LadderFlags, RunFlags, with_flags
from .options import budget_option
from .page_flags import PageFlags
from .printed_tables import print_report
from .screen import say


@dataclass(frozen=True)
class GrowFlags(RunFlags):
    """The flags of runs, with another default folder."""

    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for runs and report.", show_default="trickbook-grow-LADDER"
        ),
    ] = None


@with_flags
def grow_ladder(
    ladder: LadderFlags,
    flags: GrowFlags,
    page: PageFlags,
    minutes: Annotated[
        float, budget_option(metavar="M", help="Wall time that the growth may take, in minutes.")
    ] = MINUTES,
    max_seeds: Annotated[
        int,
        budget_option(metavar="N", help="Largest number of new seeds for the leader of a race."),
    ] = MOST_SEEDS,
    first_seed: Annotated[
        int, budget_option(metavar="S", help="First seed of the races; they go on from there.")
    ] = 0,
) -> None:
    """Grow a ladder for your data: read the curves, race the tricks they call for, keep what helps.

    It starts at the baseline of LADDER, or of the data's default ladder, and ends when all that the
    curves call for was tried or the time is over. Validation decides; the test set is read once, at
    the end, for the baseline and the grown model. The result is DIR/grown.toml, a ladder file that
    `trickbook run` climbs.
    """
    settle_backend(flags.backend)
    if ladder.seeds is not None:
        raise LadderError(
            "grow takes as many seeds as its races need: give --max-seeds and --first-seed in "
            "place of --seeds."
        )
    name = f"grow-{ladder.held().name}"
    out = flags.folder(name)
    flags = replace(flags, out=out)
    spec = ladder.spec(flags)
    aim = Aim(spec, spec.data, minutes, max_seeds, first_seed)
    if flags.dry_run:
        _print_estimate(aim, out, flags)
        return
    kept = "Finished runs and what is decided"
    with told_if_stopped(out, kept), page.shown_if_asked(flags, name):
        result = grow(aim, out, flags.options())
    _print_result(result)
    end(result)


def _print_estimate(aim: Aim, out: Path, flags: GrowFlags) -> None:
    expected = estimate_growth(aim, out, flags.options())
    for text in expected.said:
        say(text)
    say(
        f"Looks at {', '.join(map(str, aim.looks))} seeds. The baseline takes "
        f"{time_text(expected.look_seconds, expected.jobs)}, and the least growth about "
        f"{duration_text(expected.least_seconds)} of the {aim.minutes:g} minutes."
    )


def _print_result(result: GrowResult) -> None:
    print_report(result.written)
    say(f"Ladder file: {result.ladder_file}")
    # There is none if no last run is done, or if none was to leave anything.
    with suppress(LadderError):
        if not result.lost and result.model.is_file():
            say(f"Model: {result.model}")
