"""Which runs answer: one, or all seeds of an arm of a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...recipes import nearest
from ...reports.analysis.best_rung import best_rung
from ...reports.analysis.refits import FILES, Refit
from ...reports.read.run_set import Rung, RunSet, read_run_set
from ...runs.run_folder import Run, read_run
from ...training.errors import LadderError
from .saved_model import check_saved


@dataclass(frozen=True)
class ChosenRuns:
    """Runs that answer together.

    Attributes:
        runs: one or more, each with a model.keras.
        taken: which these are and why, a sentence; empty where the run itself was named.
    """

    runs: tuple[Run, ...]
    taken: str = ""


def choose_runs(folder: Path, arm: str | None = None, seed: int | None = None) -> ChosenRuns:
    """Returns the run in a folder, or those of a study's best arm by validation.

    Args:
        folder: of a run, or of a study.
        arm: take this arm of the study instead: its name, number or recipes; or a refit, as
            `refit-` with the number, name or a recipe of its rung.
        seed: take this seed's run alone.

    Raises:
        LadderError: if there is no such run, or one without a model.keras.
        ReportError: if a file of the folder cannot be read.
    """
    if not folder.is_dir():
        raise LadderError(f"There is no folder {folder}. Give that of a run or of a study.")
    if (folder / "run.json").is_file():
        if arm is not None or seed is not None:
            raise LadderError(f"{folder} is one run: --arm and --seed choose among a study's.")
        check_saved(folder)
        return ChosenRuns((read_run(folder),))
    if not any((folder / "runs").glob("*/run.json")):
        raise LadderError(
            f"There is no run in {folder}. Give the --out folder of `trickbook run`, or the folder "
            "of one run in it, such as DIR/runs/07-wider-s0-1a2b3c4d."
        )
    run_set = read_run_set(folder)
    chosen = _best(run_set) if arm is None else _named(run_set, arm)
    runs = _of_seed(chosen, seed)
    for run in runs:
        check_saved(run.folder)
    return ChosenRuns(runs, _taken(run_set, chosen, runs, arm))


def _best(run_set: RunSet) -> Rung:
    best = best_rung(run_set)
    if best is None:
        raise LadderError(
            f"No arm of {run_set.folder} may be called the best: its report says why. Choose one "
            f"with --arm: {', '.join(rung.name for rung in run_set.rungs)}."
        )
    return best


def _named(run_set: RunSet, text: str) -> Rung:
    found = [rung for rung in run_set.rungs if text in _names(rung)]
    # They are none of the folder's first study.
    refits = [] if found else _refits(run_set.folder)
    found = found or [refit.arm for refit in refits if text in _refit_names(refit)]
    if len(found) == 1:
        return found[0]
    if found:
        known = ", ".join(rung.name for rung in found)
        raise LadderError(f"--arm {text} is any of {known}. Give the whole name of one.")
    # Of a folder that holds nothing else, a refit is the first study too.
    by_name = {rung.name: rung for rung in (*run_set.rungs, *(refit.arm for refit in refits))}
    raise LadderError(
        f"There is no arm {text!r} in {run_set.folder}.{nearest(text, by_name)} "
        f"Known: {', '.join(by_name)}."
    )


def _names(rung: Rung) -> tuple[str, ...]:
    return (rung.name, str(rung.index), rung.recipe)


def _refits(folder: Path) -> list[Refit]:
    return [Refit(read_run_set(folder, file.stem)) for file in sorted(folder.glob(FILES))]


def _refit_names(refit: Refit) -> set[str]:
    """Returns what a refit may be called: its rung as elsewhere, after `refit-`."""
    number, _, recipes = refit.rung.partition("-")
    rung = (number.lstrip("0") or "0", number, refit.rung, recipes, *refit.arm.recipe.split("+"))
    return {f"refit-{name}" for name in rung}


def _of_seed(arm: Rung, seed: int | None) -> tuple[Run, ...]:
    done = [run for run in arm.done if seed is None or run.seed == seed]
    if done:
        return tuple(done)
    seeds = ", ".join(str(run.seed) for run in arm.done)
    which = "run" if seed is None else f"run of seed {seed}"
    raise LadderError(f"No {which} of {arm.name} is done. Done are the seeds: {seeds or 'none'}.")


def _taken(run_set: RunSet, chosen: Rung, runs: tuple[Run, ...], arm: str | None) -> str:
    metric = run_set.deciding.metric.replace("_", " ")
    why = f", the best of {len(run_set.rungs)} by validation {metric}"
    if run_set.kind == "grow":
        why = ", what was grown"
    why = "" if arm is not None else why
    seeds = ", ".join(str(run.seed) for run in runs)
    what = f"seed {seeds}" if len(runs) == 1 else f"the mean of seeds {seeds}"
    return f"Taken: {chosen.name}{why}; {what}."
