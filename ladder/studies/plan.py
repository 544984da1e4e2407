"""Which runs a study has, and which of them a folder lacks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import Any

from ...recipes import Blueprint
from ...runs.fingerprint import fingerprint
from ...runs.run_file import FINISHED, read_status
from ...runs.run_folder import read_runs
from ...runs.saved_weights import backbone_facts, downloaded
from ...runs.scratch import scratch_folder
from ...training.cost import training_cost
from ...training.errors import LadderError
from ...training.executor.executor_on import executor_on
from ...training.executor.study_pool import StudyPool
from ...training.job import Job
from ...training.keras_settings import KerasSettings
from ...training.networks.input_kind import InputKind
from .advice import advice_on
from .file_names import file_name
from .refit import check_reads_test
from .run_options import RunOptions
from .seen_before import Told, look_for_seen
from .study import Study
from .study_checks import check_arms
from .study_data import StudyData
from .study_folder import move_old_aside

# Building an arm takes up to a second.
MOST_CHECKED = 200


@dataclass(frozen=True)
class Plan:
    """What there is to do for a study in a folder.

    Attributes:
        fingerprints: the fingerprint of every run of the study, by the arm's name and the seed.
        statuses: every different run, each once, with its status in the folder or None.
        data: summary of the data, whose warnings include those on examples that were seen before.
        sizes: number of training examples by the name of the prepared data; an arm that trains on
            fewer examples has prepared data of its own.
        room: how many workers there is room for with these data.
    """

    fingerprints: dict[tuple[str, int], str]
    statuses: dict[Job, str | None]
    data: dict[str, Any]
    sizes: dict[str, int]
    room: int

    @property
    def jobs(self) -> list[Job]:
        """Every different run."""
        return list(self.statuses)

    @property
    def missing(self) -> list[Job]:
        """The runs that are not finished in the folder."""
        return [job for job, status in self.statuses.items() if status not in FINISHED]

    @property
    def said(self) -> list[str]:
        """What to tell the user about the data: first the notes, then the warnings."""
        warnings = (f"Warning: {text}" for text in self.data["warnings"])
        return [*self.data["notes"], *warnings]

    def cost(self, job: Job) -> float:
        """Returns the job's cost in multiplications."""
        return cost_on(self.data, job.blueprint, self.sizes[job.data])


def cost_on(data: Mapping[str, Any], blueprint: Blueprint, examples: int) -> float:
    """Returns the cost of a run on this many training examples of the data, in multiplications."""
    units = len(data.get("classes", ())) or 1
    return training_cost(blueprint, InputKind.of_summary(data), units, examples)


@dataclass(frozen=True)
class Planner:
    """Plans studies on prepared data: a study, and the same study when it has gained seeds or arms.

    Attributes:
        executor: trains the runs, and holds the prepared data.
        out: folder of the studies.
        data: what the runs train on.
        settings: what Keras runs with.
        options: where and how the runs are trained.
        weight_hashes: hashes of the weights that Keras downloads, by application and its arguments.
        notes: what to tell the user about the arms before they are trained, a text each.
        seen: warnings of weights that were trained on the examples that now judge them.
    """

    executor: StudyPool
    out: Path
    data: StudyData
    settings: KerasSettings
    options: RunOptions
    weight_hashes: dict[Any, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seen: Told = field(default_factory=dict)

    def with_options(self, **changed: Any) -> Planner:
        """Returns the planner with other options for the runs."""
        return replace(self, options=replace(self.options, **changed))

    def plan(self, study: Study, *, fresh: bool = False) -> Plan:
        """Returns what there is to do for the study, and prepares data that are not prepared yet.

        Args:
            study: what to plan for.
            fresh: whether to ignore the runs that are in the folder.
        """
        backbones = self._backbones(study)
        fingerprints = {
            (arm.name, seed): fingerprint(
                arm.blueprint.to_dict(),
                self.data.summary(arm, seed),
                seed,
                *self.settings,
                downloaded=downloaded(backbones.get(arm.name)),
            )
            for arm in study.arms
            for seed in study.seeds_of(arm)
        }
        # A run keeps its folder when its rung moves, but not when everything is trained anew.
        there = [] if fresh else read_runs(self.out / "runs")
        folders = {run.fingerprint: run.folder for run in there if run.fingerprint}
        tested = self.options.read_test
        statuses = {
            job: None if fresh else read_status(job.folder, job.fingerprint, tested=tested)
            for job in self._jobs(study, folders, fingerprints, backbones)
        }
        data_bytes = sum(file.stat().st_size for file in self.executor.data_folder.iterdir())
        sizes = {name: summary["train"] for name, summary in self.data.summaries.items()}
        room = self.executor.default_workers(data_bytes)
        return Plan(fingerprints, statuses, self._told(study), sizes, room)

    def _told(self, study: Study) -> dict[str, Any]:
        """Returns the summary of the data, with warnings of examples that were seen before.

        Warnings from earlier plans stay, since the trials of a search affect what wins.
        """
        look_for_seen(study, self.data, self.executor, self.seen)
        whole, found = self.data.whole, dict.fromkeys(filter(None, self.seen.values()))
        return {**whole, "warnings": [*whole["warnings"], *found]} if found else whole

    def _backbones(self, study: Study) -> dict[str, dict[str, str]]:
        """Returns the facts on the backbone of each arm that has one, by the arm's name."""
        found = {}
        for arm in study.arms:
            told = backbone_facts(arm.blueprint.to_dict())
            if told is not None and "sha256" not in told:
                told["sha256"] = self._hash_of_weights(arm.blueprint, arm.name)
            if told is not None:
                found[arm.name] = told
        return found

    def _hash_of_weights(self, blueprint: Blueprint, name: str) -> str:
        network = blueprint.network
        which = (network.backbone, network.backbone_arguments)
        if which not in self.weight_hashes:
            self.weight_hashes[which] = self.executor.hash_weights(blueprint, name)
        return self.weight_hashes[which]

    def _jobs(
        self,
        study: Study,
        folders: dict[str, Path],
        fingerprints: dict[tuple[str, int], str],
        backbones: dict[str, dict[str, str]],
    ) -> list[Job]:
        """Returns a job for each arm and seed; equal jobs appear once, whatever their arms."""
        jobs: dict[str, Job] = {}
        for arm in study.arms:
            for seed in study.seeds_of(arm):
                key = fingerprints[arm.name, seed]
                job = Job(
                    name=arm.name,
                    fingerprint=key,
                    blueprint=arm.blueprint,
                    seed=seed,
                    folder=folders.get(key, self.out / "runs" / _folder_name(arm.name, seed, key)),
                    command=self.options.written_command,
                    save_model=self.options.models,
                    data=self.data.name(arm, seed),
                    read_test=self.options.read_test,
                    threads=self.settings.threads,
                    tensorboard=self.options.tensorboard,
                    backbone=backbones.get(arm.name),
                )
                jobs.setdefault(key, job)
        return list(jobs.values())


def _folder_name(name: str, seed: int, key: str) -> str:
    """Returns the name of a run's folder; an arm's name may hold paths, as values of a sweep."""
    return f"{file_name(name)}-s{seed}-{key[:8]}"


@contextmanager
def planned(
    study: Study,
    out: Path,
    options: RunOptions,
    *,
    move: bool = False,
    begin: Callable[[Plan], None] | None = None,
) -> Iterator[tuple[Planner, Plan]]:
    """Prepares the data, checks all arms on them, and yields the planner and its first plan.

    Args:
        study: what to plan for.
        out: its folder.
        options: where and how the runs are trained.
        move: whether the folder's contents are moved aside if the options say `fresh`; otherwise
            `fresh` only ignores them.
        begin: called with the plan before any arm is built; it may raise an error to stop here.
    """
    settings = options.keras_settings()
    check_reads_test(study, options)
    shared = out if options.shared else None
    with (
        scratch_folder() as scratch,
        executor_on(options.on, scratch, settings, shared) as executor,
    ):
        data = StudyData(study, executor)
        check_arms(study, data.whole)
        planner = Planner(executor, out, data, settings, options)
        plan = planner.plan(study, fresh=options.fresh)
        if begin:
            begin(plan)
        planner.notes.extend([*_check_blueprints(executor, plan), *advice_on(study, data.whole)])
        if options.fresh and move:
            # Comes last, so that a refusal leaves the folder as it was.
            move_old_aside(out)
        yield planner, plan


def _check_blueprints(executor: StudyPool, plan: Plan) -> list[str]:
    """Refuses, before any training, an arm that cannot be built, such as one with a misspelt layer.

    Returns:
        What to tell the user about the arms, each text once.
    """
    names = {job.blueprint: job.name for job in plan.missing}
    # The other arms of a large grid differ only in values that the recipes have checked.
    checked = [*islice(names.items(), MOST_CHECKED)]
    try:
        # The first arm is checked last: the worker trains it next, and has compiled it by then.
        notes = {one: executor.check(one, name) for one, name in [*checked[1:], *checked[:1]]}
    except LadderError:
        # If the first arm fails too, raise its error: the other arms may fail because of it.
        executor.check(*checked[0])
        raise
    return [*dict.fromkeys(note for one, _ in checked for note in notes[one])]
