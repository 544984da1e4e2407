"""Carrying a study out from the command line, with messages before, during and after."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import typer

from ...reports.wording import duration_text
from ...training.errors import LadderError
from ..result import LadderResult
from ..studies.plan import Plan
from ..studies.run_study import Estimate, estimate_study, run_study
from ..studies.study import Study
from .flags import RunFlags, StudyFlags
from .printed_tables import print_report
from .same_command import same_command
from .screen import say

# More runs than this need a confirmation. The small grid of six settings in deck L4 has 12,800 (the
# deck says 128,000).
MOST_RUNS = 200


def carry_out(study: Study, flags: RunFlags, *, then: int = 0) -> LadderResult | None:
    """Trains the runs that the study's folder lacks and prints the study's table.

    With `--dry-run` it only says what it would do.

    Args:
        study: what to carry out.
        flags: where and how to train.
        then: the largest number of runs in a round that follows; a confirmation covers them too.

    Returns:
        The study's result; None after a dry run.

    Raises:
        typer.Exit: with status 130 after a Ctrl-C.
    """
    out = flags.folder(study.name)
    if flags.dry_run:
        if study.looks:
            say(f"{_looks_text(study)} If nothing is decided earlier:")
            study = replace(study, seeds=tuple(range(study.looks[-1])))
        _print_estimate(estimate_study(study, out, flags.options()), out)
        return None
    asks = isinstance(flags, StudyFlags) and not flags.yes
    approve = partial(_ask_if_many, then) if asks else None
    with told_if_stopped(out, "Finished runs", goes_on="trains what is missing"):
        result = run_study(study, out, flags.options(), approve=approve)
    print_report(result.written)
    return result


@contextmanager
def told_if_stopped(out: Path, kept: str, goes_on: str = "goes on") -> Iterator[None]:
    """Says after a Ctrl-C what is kept in the folder, and how to go on.

    Args:
        out: the folder.
        kept: what is kept there, in words.
        goes_on: what the same command would do, in words.

    Raises:
        typer.Exit: with status 130 after a Ctrl-C.
    """
    try:
        yield
    except KeyboardInterrupt:
        say(
            f"Stopped. {kept} are kept in {out}: {same_command()} {goes_on}, and "
            f"`trickbook report {shlex.quote(str(out))}` reports on what is there."
        )
        raise typer.Exit(130) from None


def _looks_text(study: Study) -> str:
    seeds = f"Looks at {', '.join(map(str, study.looks))} seeds"
    if study.minutes is None:
        return f"{seeds}."
    return f"{seeds}, and ends with the last look that fits into {study.minutes:g} minutes."


def carry_out_refit(
    study: Study, ladder: LadderResult | None, flags: RunFlags
) -> LadderResult | None:
    """Refits a rung, after its ladder or alone; a dry run only says what that would take.

    Args:
        study: the refit's.
        ladder: the ladder's result; None after a dry run, or if only the refit is asked for.
        flags: where and how to train.

    Returns:
        The refit's result; None after a dry run, or if the ladder lost runs.
    """
    if ladder is not None and ladder.lost:
        say(f"The refit waits until the ladder is complete: {same_command()} goes on with it.")
        return None
    say(f"Refit of {study.details['rung']} on training and validation examples:")
    if ladder is not None:
        # Even with --fresh, what the ladder has just trained stays in the folder.
        flags = replace(flags, fresh=False)
    return carry_out(study, flags)


def end(*results: LadderResult | None) -> None:
    """Ends a command that carried studies out.

    Raises:
        typer.Exit: with status 1 if a run failed or was lost, after saying which.
    """
    failed = [result for result in results if result is not None and not result.ok]
    for result in failed:
        _print_failures(result)
    if failed:
        raise typer.Exit(1)


def _ask_if_many(then: int, plan: Plan) -> None:
    new = len(plan.missing)
    counted = f"{len(plan.jobs):,} runs, {new:,} of them new"
    if then:
        counted += f", and at most {then:,} in a second round"
    confirm_many(counted, new + then, "ask for fewer values or seeds")


def confirm_many(counted: str, number: int, fewer: str) -> None:
    """Asks for confirmation before more than `MOST_RUNS` runs are trained.

    Args:
        counted: what is to be trained, in words.
        number: how many runs that is.
        fewer: how to have fewer, in words.

    Raises:
        LadderError: if there is nobody to ask, or the answer is no.
    """
    if number <= MOST_RUNS:
        return
    if not sys.stdin.isatty():
        raise LadderError(
            f"{counted}: more than {MOST_RUNS}. Give --yes to train them all, --dry-run to see how "
            f"long that takes, or {fewer}."
        )
    if not typer.confirm(f"{counted}. Train them all?"):
        raise LadderError("Nothing was trained.")


def _print_estimate(expected: Estimate, out: Path) -> None:
    for text in expected.notes:
        say(text)
    for text in expected.warnings:
        say(f"Warning: {text}")
    if expected.new == 0:
        say(f"{expected.runs} runs, all in {out} already: nothing to train.")
        return
    say(
        f"{expected.runs} runs, {expected.new} of them new; "
        f"{time_text(expected.seconds, expected.jobs)}."
    )
    for text in expected.quicker:
        say(text)


def time_text(seconds: float, jobs: int) -> str:
    """Returns the expected time with this number of worker processes, in words."""
    return f"about {duration_text(seconds)} with {jobs} process{'' if jobs == 1 else 'es'}"


def _print_failures(result: LadderResult) -> None:
    for row in result.frame[result.frame["status"] == "failed"].to_dict("records"):
        say(f"Failed: {row['name']} seed {row['seed']}: {row['reason']}")
    for name, reason in result.lost.items():
        again = same_command()
        say(f"Lost: {name}: {reason} {again[0].upper()}{again[1:]} trains it again.")
