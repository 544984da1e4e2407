"""A refit: a rung trained anew on training and validation examples, after these have judged it."""

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
    """Returns the study of one rung of a ladder, trained on all examples but the test set's.

    No examples are left for validation, so the refit takes part in no comparison: it is the model
    to hand over, and its test figures say how good it is.

    Args:
        ladder: the ladder's study.
        rung: the rung to train.
        seeds: the seeds of its runs; None is the ladder's.

    Raises:
        LadderError: for a rung whose training needs validation figures, as early stopping does.
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
    """Refuses a refit that leaves the test set unread: nothing would be left to measure it on.

    Raises:
        LadderError: if the study has a refit and the options leave the test set unread.
    """
    if not options.read_test and any(arm.is_refit for arm in study.arms):
        raise LadderError(
            "A refit has no validation examples, so it can be measured on the test set only: leave "
            "out read_test=False (--no-test)."
        )


def tell_ladder(study: Study, out: Path) -> None:
    """Writes the ladder's report anew after a refit, so that it shows the refit.

    Does nothing for other studies, or if the folder holds no ladder.

    Raises:
        ReportError: if a file of the folder cannot be read.
    """
    if study.kind == "refit" and (out / "ladder.json").is_file():
        write_study(out, "ladder")
