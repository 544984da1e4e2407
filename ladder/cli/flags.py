"""Flags that several commands share, and how a command takes them all at once."""

from __future__ import annotations

import inspect
import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from ...recipes import WarmStart
from ...training.errors import LadderError
from ..ladder_file import LadderSpec, seed_list
from ..studies.looks_taken import MOST_SEEDS_LOOKED_AT, in_looks
from ..studies.run_options import RunOptions
from ..studies.study import Study
from ..task_of_data import with_task_of_data
from .data_flags import DataFlags
from .options import (
    Backend,
    BatchSize,
    Precision,
    Width,
    budget_option,
    scaled,
    training_option,
)


@dataclass(frozen=True)
class LadderFlags(DataFlags):
    """Which ladder, on which data, with which budget."""

    seeds: Annotated[
        str | None, budget_option(help="3 stands for seeds 0, 1 and 2; 7,9 for those two.")
    ] = None
    epochs: Annotated[int | None, training_option("epochs")] = None
    batch_size: BatchSize = None
    width: Width = None
    margin: Annotated[
        float | None,
        budget_option(
            metavar="X",
            help="What a difference must be larger than to matter, in the deciding metric's unit.",
            show_default="0.01 of a share",
        ),
    ] = None
    warm_start: Annotated[
        str | None,
        budget_option(
            metavar="RUN",
            help="The baseline starts from the weights of this run's folder, trained on other "
            "data.",
        ),
    ] = None

    def spec(self, runs: RunFlags | None = None) -> LadderSpec:
        """Returns what the ladder's file says with the flags over it.

        Args:
            runs: where they are trained; a study that is there already goes on as it began.

        Raises:
            LadderError: for an invalid ladder, seeds or width.
            DataError: for invalid data settings.
            RecipeError: for a baseline that clashes with the start from a run.
        """
        spec = self.on_data(runs)
        baseline = scaled(spec.baseline, self.width).with_budget(self.epochs, self.batch_size)
        if self.warm_start is not None:
            baseline = WarmStart(self.warm_start).apply(baseline)
        spec = replace(
            spec,
            baseline=baseline,
            seeds=spec.seeds if self.seeds is None else seeds_of(self.seeds),
            margin=spec.margin if self.margin is None else self.margin,
            splits=spec.splits if runs is None else runs.splits,
            bagging=spec.bagging if runs is None else runs.bagging,
        )
        return with_task_of_data(spec)


@dataclass(frozen=True)
class RunFlags:
    """Where and how runs are trained."""

    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for runs and report.", show_default="trickbook-LADDER"
        ),
    ] = None
    jobs: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Worker processes.",
            show_default="one per core, or per GPU where there are any, as memory allows",
        ),
    ] = None
    threads: Annotated[
        int,
        typer.Option(metavar="N", min=1, help="Threads of each worker, where runs are few."),
    ] = 1
    on: Annotated[
        str | None,
        typer.Option(
            metavar="CLUSTER",
            help="Train on a Ray cluster: ray://HOST:PORT, HOST:PORT on a machine of it, or ray "
            "for this machine.",
            show_default="processes of this machine",
        ),
    ] = None
    shared: Annotated[
        bool,
        typer.Option(
            "--shared", help="With --on: all machines see DIR under its path, and write there."
        ),
    ] = False
    backend: Backend = None
    precision: Precision = None
    fresh: Annotated[bool, typer.Option("--fresh", help="Move old runs aside and start anew.")] = (
        False
    )
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and how long they take.")
    ] = False
    splits: Annotated[
        bool,
        typer.Option(
            "--splits",
            help="A new split with each seed: the choice of examples counts too.",
        ),
    ] = False
    bagging: Annotated[
        bool,
        typer.Option("--bagging", help="Each seed on a bootstrap sample of the training examples."),
    ] = False
    no_test: Annotated[
        bool,
        typer.Option(
            "--no-test",
            help="Leave the test set unread; without this flag such runs are trained again.",
        ),
    ] = False
    no_models: Annotated[
        bool, typer.Option("--no-models", help="Do not keep each run's model.keras.")
    ] = False
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard",
            help="Runs that are trained write event files, in runs/NAME/tensorboard; needs the "
            "package tensorboard.",
        ),
    ] = False

    def folder(self, study: str) -> Path:
        """Returns the folder of a study of that name."""
        return self.out or Path(f"trickbook-{study}")

    def options(self) -> RunOptions:
        """Returns the flags as a study takes them.

        Raises:
            LadderError: for one that cannot be met.
        """
        return RunOptions(
            jobs=self.jobs,
            threads=self.threads,
            on=self.on,
            shared=self.shared,
            models=not self.no_models,
            read_test=not self.no_test,
            tensorboard=self.tensorboard,
            fresh=self.fresh,
            command=shlex.join(["trickbook", *sys.argv[1:]]),
            backend=self.backend,
            precision=self.precision,
        )


@dataclass(frozen=True)
class StudyFlags(RunFlags):
    """Those of a study whose number of runs is a product that one may not have in mind."""

    yes: Annotated[
        bool, typer.Option("--yes", help="Train however many runs it takes, without asking.")
    ] = False


@dataclass(frozen=True)
class DecisionFlags:
    """When enough seeds are trained."""

    until_decided: Annotated[
        bool,
        budget_option(
            "--until-decided",
            help="Add seeds to what is undecided, in looks at fixed numbers of them.",
        ),
    ] = False
    max_seeds: Annotated[
        int | None,
        budget_option(
            metavar="N",
            min=2,
            help="With --until-decided: seeds at most.",
            show_default=f"{MOST_SEEDS_LOOKED_AT}",
        ),
    ] = None
    max_minutes: Annotated[
        float | None,
        budget_option(
            metavar="M", help="With --until-decided: the study ends at the last look that fits in."
        ),
    ] = None

    def study(self, study: Study, seeds: str | None) -> Study:
        """Returns the study with what the flags say of it.

        Args:
            study: of the ladder.
            seeds: what `--seeds` says.

        Raises:
            LadderError: for flags that do not go together, or an invalid value.
        """
        if not self.until_decided:
            check_goes_with(
                "--until-decided", max_seeds=self.max_seeds, max_minutes=self.max_minutes
            )
            return study
        if seeds is not None:
            raise LadderError(
                "--until-decided takes seeds 0, 1, 2 and so on, as many as it needs: give "
                "--max-seeds in place of --seeds."
            )
        return in_looks(study, self.max_seeds or MOST_SEEDS_LOOKED_AT, self.max_minutes)


def with_flags(command: Callable[..., None]) -> Callable[..., None]:
    """Makes a command whose arguments are dataclasses of flags one that takes each flag."""
    groups = get_type_hints(command, include_extras=True)
    del groups["return"]
    hints: dict[str, Any] = {}
    defaults: dict[str, Any] = {}
    for name, hint in groups.items():
        if is_dataclass(hint):
            hints |= get_type_hints(hint, include_extras=True)
            defaults |= {field.name: field.default for field in fields(hint)}
        else:
            hints[name] = hint
            defaults[name] = inspect.signature(command).parameters[name].default

    def flat(**flags: Any) -> None:
        given = {}
        for name, hint in groups.items():
            own = [field.name for field in fields(hint)] if is_dataclass(hint) else None
            given[name] = hint(**{key: flags[key] for key in own}) if own else flags[name]
        command(**given)

    flat.__name__, flat.__doc__, flat.__annotations__ = command.__name__, command.__doc__, hints
    by_keyword = inspect.Parameter.KEYWORD_ONLY
    flat.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, by_keyword, default=defaults[name], annotation=hint)
            for name, hint in hints.items()
        ]
    )
    return flat


def check_goes_with(flag: str, **given: Any) -> None:
    """Refuses flags, by their names, that mean nothing without another.

    Raises:
        LadderError: for one that is given.
    """
    for name, value in given.items():
        if value is not None:
            raise LadderError(f"--{name.replace('_', '-')} goes with {flag}.")


def seeds_of(text: str, flag: str = "--seeds") -> tuple[int, ...]:
    """Returns the seeds that a flag's text stands for.

    Raises:
        LadderError: for a text that stands for none.
    """
    numbers = how_many_or_which(text)
    if numbers is None:
        raise LadderError(f"{flag} takes how many, as 3, or a list, as 7,9. Received: {text!r}")
    return seed_list(numbers)


def how_many_or_which(text: str) -> int | list[int] | None:
    """Returns the number, or the list of them, that `3` and `7,9` stand for; None for others."""
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return None
    return numbers if "," in text or not numbers else numbers[0]
