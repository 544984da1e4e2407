"""The command ``trickbook ablate``."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Annotated

import typer

from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ..ladder import Ladder
from ..ladder_file import LEVELS
from .carry_out import carry_out, end
from .flags import LadderFlags, StudyFlags, with_flags
from .page_flags import PageFlags


@dataclass(frozen=True)
class AblateFlags:
    """Flags that choose the ablation."""

    levels: Annotated[
        bool,
        typer.Option(
            "--levels",
            help="Try each trick alone on the baseline, grouped by level: data, architecture, "
            "training, other. With neither LADDER nor --data: every trick of the book, on digits.",
        ),
    ] = False
    only: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TRICK",
            help="With --levels: try only this recipe, such as activation (with every setting that "
            "the ladder has for it), or only one variant, such as activation,kind=elu. Can be "
            "given several times.",
        ),
    ] = None


@with_flags
def ablate(ladder: LadderFlags, which: AblateFlags, flags: StudyFlags, page: PageFlags) -> None:
    """Ablate a ladder: each trick alone on the baseline, and each left out of the full stack.

    In the ladder's folder it reuses the ladder's runs, and writes its report, ablation.html or
    levels.html, beside the ladder's.
    """
    settle_backend(flags.backend)
    if which.only and not which.levels:
        raise LadderError("--only chooses among the tricks of --levels: give both.")
    if which.levels and ladder.ladder is None and ladder.data is None:
        ladder = replace(ladder, ladder=LEVELS)
    spec = ladder.spec(flags)
    if not which.levels:
        ladder.check_has_rungs(spec)
    climber = Ladder.from_spec(spec)
    study = climber.levels(which.only or ()) if which.levels else climber.ablation()
    with page.shown_if_asked(flags, study.name):
        result = carry_out(study, flags)
    end(result)
