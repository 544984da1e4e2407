"""Choosing the runs that predict: one, or all seeds of an arm of a study."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...recipes import nearest
from ...reports.analysis.best_rung import best_rung
from ...reports.read.run_set import Rung, RunSet, read_run_set
from ...runs.run_folder import Run, read_run
from ...runs.study_files import study_files
from ...training.errors import LadderError
from ..rung import rung_names
from .saved_model import check_saved

# The prefix of a refit's name, before the name of its rung.
_REFIT = "refit-"


@dataclass(frozen=True)
class ChosenRuns:
    """Runs that predict together.

    Attributes:
        runs: one or more runs, each with a model.keras.
        taken: a sentence on which runs these are and why; empty if the run itself was named.
    """

    runs: tuple[Run, ...]
    taken: str = ""


def choose_runs(folder: Path, arm: str | None = None, seed: int | None = None) -> ChosenRuns:
    """Returns the run in a folder, or those of a study's best arm by validation.

    Args:
        folder: folder of a run, or of a study.
        arm: an arm of a study in the folder to take instead, by its name, its number or a recipe
            that only it adds; or a refit, as `refit-` with the number, name or a recipe of its
            rung.
        seed: take the run of this seed only.

    Raises:
        LadderError: if there is no such run, or if one has no model.keras.
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


def _named(first: RunSet, text: str) -> Rung:
    """Returns the arm with this name, from the folder's first study or else from the others."""
    of_first = {rung.name: rung for rung in first.rungs if text in (*_names(rung), str(rung.index))}
    known = {rung.name: rung for rung in first.rungs}
    if not of_first:
        for rung in _of_others(first.folder):
            # If several studies have an arm of this name, such as a rung, take the first one's.
            known.setdefault(rung.name, rung)
    found = of_first or {name: rung for name, rung in known.items() if text in _names(rung)}
    if text in found:
        return found[text]
    if len(found) == 1:
        return next(iter(found.values()))
    if found:
        raise LadderError(
            f"--arm {text} may be any of {', '.join(found)}. Give the whole name of one."
        )
    raise LadderError(
        f"There is no arm {text!r} in {first.folder}.{nearest(text, known)} "
        f"Known: {', '.join(known)}. Or give the folder of one run, in {first.folder / 'runs'}."
    )


def _of_others(folder: Path) -> list[Rung]:
    """Returns the arms of all studies of a folder except the first."""
    files = study_files(folder)[1:]
    return [rung for file in files for rung in read_run_set(folder, file.stem).rungs]


def _names(rung: Rung) -> set[str]:
    """Returns the names for an arm; those for a refit are its rung's, prefixed with `refit-`."""
    recipes = rung.recipe.split("+")
    of_rung = rung.name.removeprefix(_REFIT)
    prefix = _REFIT if of_rung != rung.name else ""
    return {f"{prefix}{name}" for name in (*rung_names(of_rung, recipes), rung.recipe)}


def _of_seed(arm: Rung, seed: int | None) -> tuple[Run, ...]:
    done = [run for run in arm.done if seed is None or run.seed == seed]
    if done:
        return tuple(done)
    seeds = ", ".join(str(run.seed) for run in arm.done)
    which = "run" if seed is None else f"run of seed {seed}"
    raise LadderError(f"No {which} of {arm.name} is done. Seeds that are done: {seeds or 'none'}.")


def _taken(run_set: RunSet, chosen: Rung, runs: tuple[Run, ...], arm: str | None) -> str:
    metric = run_set.deciding.metric.replace("_", " ")
    why = f", the best of {len(run_set.rungs)} by validation {metric}"
    if run_set.kind == "grow":
        why = ", what was grown"
    why = "" if arm is not None else why
    seeds = ", ".join(str(run.seed) for run in runs)
    what = f"seed {seeds}" if len(runs) == 1 else f"the mean of seeds {seeds}"
    return f"Taken: {chosen.name}{why}; {what}."
