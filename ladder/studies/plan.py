"""Which runs a study has, and which of them a folder lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from ...data import Dataset, nested_training_set
from ...runs.fingerprint import fingerprint
from ...runs.move_aside import move_aside
from ...runs.run_file import FINISHED, read_status
from ...runs.run_folder import read_runs
from ...runs.scratch import scratch_folder
from ...training.cost import training_cost
from ...training.executor.local_processes import LocalProcesses
from ...training.job import WHOLE, Job
from ...training.keras_settings import KerasSettings
from .study import Arm, Study
from .study_checks import check_arms

# Building an arm takes up to a second.
MOST_CHECKED = 200


@dataclass(frozen=True)
class Plan:
    """What there is to do for a study in a folder.

    Attributes:
        fingerprints: of every run of the study, by the arm's name and the seed.
        statuses: every different run, each once, with its status in the folder or None.
        data: summary of the data.
        sizes: number of training examples by the name of prepared data, of which an arm of fewer
            examples has its own.
        data_bytes: memory that the prepared data take.
    """

    fingerprints: dict[tuple[str, int], str]
    statuses: dict[Job, str | None]
    data: dict[str, Any]
    sizes: dict[str, int]
    data_bytes: int

    @property
    def jobs(self) -> list[Job]:
        """Every different run."""
        return list(self.statuses)

    @property
    def missing(self) -> list[Job]:
        """The runs that are not finished in the folder."""
        return [job for job, status in self.statuses.items() if status not in FINISHED]

    def cost(self, job: Job) -> float:
        """Returns the job's cost in multiplications."""
        shape = tuple(self.data.get("image_shape") or self.data["input_shape"])
        units = len(self.data.get("classes", ())) or 1
        return training_cost(job.blueprint, shape, units, self.sizes[job.data])


@contextmanager
def planned(
    study: Study,
    out: Path,
    settings: KerasSettings,
    *,
    models: bool = False,
    read_test: bool = True,
    command: str = "",
    fresh: bool = False,
    move: bool = False,
    begin: Callable[[Plan], None] | None = None,
) -> Iterator[tuple[LocalProcesses, Plan]]:
    """Prepares the data, checks all arms on them, and plans; gives the executor for the rest.

    Args:
        study: what to plan for.
        out: its folder.
        settings: what Keras runs with.
        models: whether runs keep their model.keras.
        read_test: whether runs are measured on the test set too.
        command: what to write down as the command.
        fresh: whether what is in the folder counts for nothing.
        move: whether it is then moved aside; else it is only left out of account.
        begin: called with the plan before anything is built for it; what it raises ends it.
    """
    with scratch_folder() as scratch, LocalProcesses(scratch, settings) as executor:
        data = _prepare(study, executor)
        check_arms(study, data)
        summaries = {WHOLE: data, **_prepare_smaller(study, executor)}
        fingerprints = {
            (arm.name, seed): fingerprint(
                arm.blueprint.to_dict(), summaries[_data_of(arm)], seed, *settings
            )
            for arm in study.arms
            for seed in study.seeds
        }
        # A run keeps its folder when its rung moves, but not when all is trained anew.
        there = [] if fresh else read_runs(out / "runs")
        folders = {run.fingerprint: run.folder for run in there if run.fingerprint}
        jobs = _jobs(study, out, folders, fingerprints, models, read_test, command)
        statuses = {
            job: None if fresh else read_status(job.folder, job.fingerprint, tested=read_test)
            for job in jobs
        }
        data_bytes = sum(file.stat().st_size for file in executor.data_folder.iterdir())
        sizes = {name: summary["train"] for name, summary in summaries.items()}
        plan = Plan(fingerprints, statuses, data, sizes, data_bytes)
        if begin:
            begin(plan)
        _check_blueprints(executor, plan)
        if fresh and move:
            # Last: what is refused leaves the folder as it was.
            move_aside(out)
        yield executor, plan


def _prepare(study: Study, executor: LocalProcesses) -> dict[str, Any]:
    if isinstance(study.data, Dataset):
        study.data.save(executor.data_folder)
        return study.data.summary()
    return executor.prepare(study.data)


def _prepare_smaller(study: Study, executor: LocalProcesses) -> dict[str, dict[str, Any]]:
    """Prepares the smaller training sets of the arms; returns their summaries by name."""
    smaller = {_data_of(arm): arm.train_size for arm in study.arms if arm.train_size is not None}
    summaries = {}
    for name, size in smaller.items():
        part = nested_training_set(Dataset.load(executor.data_folder), size)
        part.save(executor.folder_of(name))
        summaries[name] = part.summary()
    return summaries


def _data_of(arm: Arm) -> str:
    """Returns the name of the prepared data that the arm trains on."""
    return WHOLE if arm.train_size is None else f"{WHOLE}-{arm.train_size}"


def _check_blueprints(executor: LocalProcesses, plan: Plan) -> None:
    """Refuses before any training an arm that cannot be built, as one with a misspelt layer."""
    names = {job.blueprint: job.name for job in plan.missing}
    # Of a large grid the rest differs in values that the recipes have checked.
    for blueprint, name in islice(names.items(), MOST_CHECKED):
        executor.check(blueprint, name)


def _jobs(
    study: Study,
    out: Path,
    folders: dict[str, Path],
    fingerprints: dict[tuple[str, int], str],
    models: bool,
    read_test: bool,
    command: str,
) -> list[Job]:
    """Returns a job per arm and seed; equal ones, whatever their arms' names, once."""
    jobs: dict[str, Job] = {}
    for arm in study.arms:
        for seed in study.seeds:
            key = fingerprints[arm.name, seed]
            folder = folders.get(key, out / "runs" / f"{arm.name}-s{seed}-{key[:8]}")
            data = _data_of(arm)
            job = Job(arm.name, key, arm.blueprint, seed, folder, command, models, data, read_test)
            jobs.setdefault(key, job)
    return list(jobs.values())
