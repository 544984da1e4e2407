"""The command ``trickbook sweep``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated

import typer

from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from .carry_out import carry_out, end
from .flags import LadderFlags, StudyFlags, with_flags
from .options import Rungs
from .page_flags import PageFlags
from .same_command import same_command
from .screen import say


@with_flags
def sweep(
    rungs: Rungs,
    ladder: LadderFlags,
    flags: StudyFlags,
    page: PageFlags,
    over: Annotated[
        list[str] | None,
        typer.Option(
            metavar="SETTING=VALUES",
            help="A setting and its values, such as dropout.rate=0.1:0.7:7 (7 values from 0.1 to "
            "0.7), learning_rate=1e-4:1e-1:7:log (on a logarithmic scale) or batch_size=8,16,32. "
            "If given several times, every combination is trained.",
        ),
    ] = None,
    random: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="Train N combinations drawn at random, not all of them."
        ),
    ] = None,
    zoom: Annotated[
        bool, typer.Option("--zoom", help="Add a second round around the best of the first.")
    ] = False,
) -> None:
    """Sweep a setting of a rung: train it with many values, and report which is best.

    A setting belongs to a recipe, such as dropout.rate, or to the baseline, such as learning_rate.
    Several rungs give a curve each. Validation decides, and the test set is left unread; the report
    warns if the best value lies on an edge.
    """
    settle_backend(flags.backend)
    climber = Ladder.from_spec(ladder.spec(flags))
    made = climber.sweep_of(rungs.split(","), _values(over or []), random)
    # A choice among many values must not look at the test set.
    flags = replace(flags, no_test=True)
    study = made.study()
    most = made.most_zoomed() * len(study.seeds) if zoom else 0
    if zoom:
        say(f"A second round, of at most {most:,} runs, follows around the best of this one.")
    with page.shown_if_asked(flags, study.name):
        result = carry_out(study, flags, then=most)
        if zoom and result is not None and result.lost:
            say(f"The second round waits until the first is complete: {same_command()} goes on.")
        elif zoom and result is not None:
            # The second round reuses the runs of the first, even after --fresh; and the
            # confirmation before the first covered both.
            flags = replace(flags, fresh=False, yes=True)
            result = carry_out(made.zoomed(result.run_set()).study(), flags)
    end(result)


def _values(over: list[str]) -> Mapping[str, str]:
    values = {}
    for text in over:
        name, sign, given = text.partition("=")
        if not sign or name.strip() in values:
            raise LadderError(
                "--over takes SETTING=VALUES, each setting once, such as dropout.rate=0.1:0.7:7. "
                f"Received: {text!r}"
            )
        values[name.strip()] = given.strip()
    return values
