"""The command ``trickbook sample-size``."""

from __future__ import annotations

from typing import Annotated

import typer

from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from .carry_out import carry_out, end
from .flags import LadderFlags, StudyFlags, how_many_or_which, with_flags
from .options import Rungs
from .page_flags import PageFlags


@with_flags
def sample_size(
    rungs: Rungs,
    ladder: LadderFlags,
    flags: StudyFlags,
    page: PageFlags,
    sizes: Annotated[
        str | None,
        typer.Option(
            metavar="N",
            help="Number of training-set sizes, such as 8, or a list, such as 50,100,200,400.",
            show_default="6, up to all examples",
        ),
    ] = None,
) -> None:
    """Train a rung on more and more examples: would more data help, or is it the model?

    Validation examples are split off first and stay the same; a smaller training set is part of a
    larger one. The limit_train of a ladder file does not count here, but --limit-train does.
    """
    settle_backend(flags.backend)
    climber = Ladder.from_spec(ladder.spec(flags))
    study = climber.sample_size_of(rungs.split(","), _sizes(sizes), ladder.limit_train)
    with page.shown_if_asked(flags, study.name):
        result = carry_out(study, flags)
    end(result)


def _sizes(text: str | None) -> int | list[int] | None:
    if text is None:
        return None
    sizes = how_many_or_which(text)
    if sizes is None or sizes == []:
        raise LadderError(
            "--sizes takes a number of sizes, such as 8, or a list, such as 50,100. "
            f"Received: {text!r}"
        )
    return sizes
