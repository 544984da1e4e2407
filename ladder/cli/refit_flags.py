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
    """Whether to train a rung anew at the end, and which one."""

    refit: Annotated[
        bool,
        _option(
            "--refit",
            help="At the end, train the top rung anew on training and validation examples "
            "together, and measure it on the test set.",
        ),
    ] = False
    refit_only: Annotated[
        bool,
        _option("--refit-only", help="Only refit: train no rung of the ladder for a judgement."),
    ] = False
    refit_rung: Annotated[
        str | None,
        _option(
            metavar="RUNG",
            help="With a refit: the number or name of the rung, if not the top one.",
        ),
    ] = None
    refit_seeds: Annotated[
        str | None,
        _option(
            metavar="SEEDS",
            help="With a refit: number of seeds, or a list of them.",
            show_default="the ladder's",
        ),
    ] = None

    def study(self, ladder: Ladder, flags: RunFlags, decision: DecisionFlags) -> Study | None:
        """Returns the study of the refit; None if no refit is asked for.

        Args:
            ladder: the ladder of the rung.
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
