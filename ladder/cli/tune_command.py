"""The command ``trickbook tune``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from ..result import LadderResult
from ..tuning.run_tuning import run_tuning
from ..tuning.space import read_space
from ..tuning.tuning import SEARCH_SEED, Tuning
from ..tuning.tuning_estimate import estimate_tuning
from .carry_out import confirm_many, end, time_text, told_if_stopped
from .flags import LadderFlags, StudyFlags, with_flags
from .page_flags import PageFlags
from .printed_tables import print_report
from .screen import say


@with_flags
def tune(
    rung: Annotated[
        str,
        typer.Argument(
            metavar="RUNG", help="A rung's number, or a recipe that only one rung adds."
        ),
    ],
    ladder: LadderFlags,
    flags: StudyFlags,
    page: PageFlags,
    space: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="TOML file with the settings to search and their ranges, such as "
            "learning_rate = { low = 1e-4, high = 0.1 }.",
            show_default="rate, momentum, betas, layers, width, decay, batch size, and the tricks' "
            "own settings",
        ),
    ] = None,
    trials: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="Train at most N trials.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(metavar="M", help="Begin no trial that would end after M minutes in all."),
    ] = None,
    sampler: Annotated[
        str,
        typer.Option(help="tpe, random, grid, or gp (a Gaussian process, which needs PyTorch)."),
    ] = "tpe",
    pruner: Annotated[
        str,
        typer.Option(help="How to give up trials by their curves: median, hyperband or none."),
    ] = "median",
    search_seed: Annotated[
        int,
        typer.Option(
            metavar="N",
            help="Seed for the sampler's draws and for each trial; must not be one of --seeds.",
        ),
    ] = SEARCH_SEED,
) -> None:
    """Search a rung's settings with Optuna, and judge what was found with new seeds.

    Say how long to search with --trials or --minutes; only a grid ends by itself. Each trial is a
    run, scored on examples that are held out for the search. The best settings are then trained
    with --seeds on all training examples, beside the rung as it is, and judged by the validation
    set; the report says how much the search had flattered itself. The test set is read for the
    winner alone. The same command continues a search that was stopped.
    """
    settle_backend(flags.backend)
    tuning = Ladder.from_spec(ladder.spec(flags)).tuning_of(
        rung,
        None if space is None else read_space(space),
        trials=trials,
        minutes=minutes,
        sampler=sampler,
        pruner=pruner,
        seed=search_seed,
        label="" if space is None else space.stem,
    )
    with page.shown_if_asked(flags, tuning.ladder.name):
        result = _carry_out(tuning, flags)
    end(result)


def _carry_out(tuning: Tuning, flags: StudyFlags) -> LadderResult | None:
    out = flags.folder(tuning.ladder.name)
    if flags.dry_run:
        _print_estimate(tuning, out, flags)
        return None
    approve = None if flags.yes else _ask_if_many
    with told_if_stopped(out, "Trials that have ended"):
        result = run_tuning(tuning, out, flags.options(), approve=approve)
    print_report(result.written)
    return result


def _ask_if_many(trials: int | None) -> None:
    if trials is not None:
        confirm_many(f"{trials:,} trials", trials, "ask for fewer (--trials)")


def _print_estimate(tuning: Tuning, out: Path, flags: StudyFlags) -> None:
    expected = estimate_tuning(tuning, out, flags.options())
    for text in expected.said:
        say(text)
    number = "Trials" if expected.trials is None else f"{expected.trials:,} trials"
    say(
        f"{number} over {', '.join(tuning.space.names)}, then {expected.judging} runs that judge; "
        f"{time_text(expected.seconds, expected.jobs)}."
    )
