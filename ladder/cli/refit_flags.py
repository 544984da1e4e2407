"""The flags of a refit after a ladder."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import typer

from ...training.errors import LadderError
from ..ladder import Ladder
from ..studies.refit import check_reads_test
from ..studies.study import Study
from .flags import DecisionFlags, RunFlags, check_goes_with, seeds_of

_option = partial(typer.Option, rich_help_panel="Refit")


@dataclass(frozen=True)
class RefitFlags:
    """Whether a rung is trained anew in the end, and which."""

    refit: Annotated[
        bool,
        _option(
            "--refit",
            help="In the end train the top rung anew on training and validation examples "
            "together, and read its test figures.",
        ),
    ] = False
    refit_only: Annotated[
        bool,
        _option(
            "--refit-only", help="Refit without the ladder: no rung is trained for a judgement."
        ),
    ] = False
    refit_rung: Annotated[
        str | None,
        _option(
            metavar="RUNG",
            help="With --refit: this rung instead of the top one, by number or name.",
        ),
    ] = None
    refit_seeds: Annotated[
        str | None,
        _option(
            metavar="SEEDS",
            help="With --refit: how many seeds, or which.",
            show_default="the ladder's",
        ),
    ] = None

    def study(self, ladder: Ladder, flags: RunFlags, decision: DecisionFlags) -> Study | None:
        """Returns the study of the refit, None where none is asked for.

        Args:
            ladder: whose rung.
            flags: where and how runs are trained.
            decision: when the ladder has enough seeds.

        Raises:
            LadderError: for flags that do not go together, an unknown rung, or one that cannot do
                without validation.
        """
        if not self.refit and not self.refit_only:
            check_goes_with("--refit", refit_rung=self.refit_rung, refit_seeds=self.refit_seeds)
            return None
        if self.refit_only and decision.until_decided:
            raise LadderError(
                "--until-decided adds seeds to a ladder, and --refit-only trains none: "
                "--refit-seeds says how many the refit has."
            )
        seeds = None
        if self.refit_seeds is not None:
            seeds = seeds_of(self.refit_seeds, "--refit-seeds")
        study = ladder.refit_of(self.refit_rung, seeds)
        check_reads_test(study, flags.options())
        return study
