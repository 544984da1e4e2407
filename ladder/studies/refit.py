"""A refit: a rung trained anew on training and validation examples, once these have judged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...recipes import RecipeError
from ...reports.pages.study_report import write_study
from ...training.errors import LadderError
from ...training.monitored import check_can_do_without_validation
from ..rung import Rung
from .file_names import file_name
from .run_options import RunOptions
from .study import Arm, Study


def refit_study(ladder: Study, rung: Rung, seeds: Sequence[int] | None = None) -> Study:
    """Returns the study of one rung of a ladder, trained on all but its test examples.

    Nothing is left to validate by, so that it takes part in no comparison: it is what one would
    hand over, and its test figures say how good that is.

    Args:
        ladder: the ladder's study.
        rung: the one to train.
        seeds: of its runs; None is the ladder's.

    Raises:
        LadderError: for a rung that goes by validation figures, as one that stops early does.
    """
    name = f"refit-{rung.name}"
    try:
        check_can_do_without_validation(rung.blueprint)
    except RecipeError as error:
        raise LadderError(f"{rung.name} cannot be refitted: {error}") from error
    arm = Arm(name, rung.blueprint, rung.recipes, is_refit=True)
    return replace(
        ladder,
        arms=(arm,),
        seeds=tuple(seeds or ladder.seeds),
        kind="refit",
        file=file_name(name),
        details={"rung": rung.name, "is_top": rung.name == ladder.arms[-1].name},
    )


def check_reads_test(study: Study, options: RunOptions) -> None:
    """Refuses a refit that would be measured on nothing.

    Raises:
        LadderError: saying so.
    """
    if not options.read_test and any(arm.is_refit for arm in study.arms):
        raise LadderError(
            "A refit has no validation examples, and the test set is all that it can be measured "
            "on: leave out read_test=False (--no-test)."
        )


def tell_ladder(study: Study, out: Path) -> None:
    """Writes the report of a refit's ladder anew, which tells of it, if the folder holds that.

    Raises:
        ReportError: if a file of the folder cannot be read.
    """
    if study.kind == "refit" and (out / "ladder.json").is_file():
        write_study(out, "ladder")
