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
        str | None,
        budget_option(
            help="Number of seeds, or a list of them: 3 means seeds 0, 1 and 2; 7,9 those two."
        ),
    ] = None
    epochs: Annotated[int | None, training_option("epochs")] = None
    batch_size: BatchSize = None
    width: Width = None
    margin: Annotated[
        float | None,
        budget_option(
            metavar="X",
            help="A difference matters if it is larger than this, in the unit of the deciding "
            "metric.",
            show_default="the ladder file's; otherwise 0.01 for shares, such as accuracy",
        ),
    ] = None
    warm_start: Annotated[
        str | None,
        budget_option(
            metavar="RUN",
            help="Start the baseline from the weights of a run, given by its folder, that was "
            "trained on other data.",
        ),
    ] = None

    def spec(self, runs: RunFlags | None = None) -> LadderSpec:
        """Returns what the ladder's file says, overridden by the flags.

        Args:
            runs: where and how the runs are trained; a study that is there already keeps its `fit`.

        Raises:
            LadderError: for an invalid ladder, seeds or width.
            DataError: for invalid data settings.
            RecipeError: for a baseline that clashes with the warm start.
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
            help="Number of worker processes.",
            show_default="one per core, or one per GPU if there are any, as memory allows",
        ),
    ] = None
    threads: Annotated[
        int,
        typer.Option(
            metavar="N",
            min=1,
            help="Threads of each worker; more than 1 pays off if there are fewer runs than cores.",
        ),
    ] = 1
    on: Annotated[
        str | None,
        typer.Option(
            metavar="CLUSTER",
            help="Train on a Ray cluster: ray://HOST:PORT, HOST:PORT if this machine is part of "
            "the cluster, or ray for a cluster on this machine.",
            show_default="processes on this machine",
        ),
    ] = None
    shared: Annotated[
        bool,
        typer.Option(
            "--shared",
            help="With --on: all machines see DIR under the same path and write their runs there.",
        ),
    ] = False
    backend: Backend = None
    precision: Precision = None
    fresh: Annotated[bool, typer.Option("--fresh", help="Move old runs aside and start anew.")] = (
        False
    )
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="Only say how many runs there are and how long they would take."
        ),
    ] = False
    splits: Annotated[
        bool,
        typer.Option(
            "--splits",
            help="Draw a new split for each seed, so that the choice of examples counts too.",
        ),
    ] = False
    bagging: Annotated[
        bool,
        typer.Option(
            "--bagging", help="Train each seed on a bootstrap sample of the training examples."
        ),
    ] = False
    no_test: Annotated[
        bool,
        typer.Option(
            "--no-test",
            help="Leave the test set unread. A later command without this flag trains such runs "
            "again.",
        ),
    ] = False
    no_models: Annotated[
        bool, typer.Option("--no-models", help="Do not keep each run's model.keras.")
    ] = False
    tensorboard: Annotated[
        bool,
        typer.Option(
            "--tensorboard",
            help="Write event files of the runs that are trained, in runs/NAME/tensorboard; needs "
            "the package tensorboard.",
        ),
    ] = False

    def folder(self, study: str) -> Path:
        """Returns the folder of a study of that name."""
        return self.out or Path(f"trickbook-{study}")

    def options(self) -> RunOptions:
        """Returns the flags as the options of a study.

        Raises:
            LadderError: for an invalid option, or a missing package that one needs.
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
    """The flags of a study whose number of runs is a product, and so may surprise the user."""

    yes: Annotated[
        bool, typer.Option("--yes", help="Train however many runs it takes, without asking.")
    ] = False


@dataclass(frozen=True)
class DecisionFlags:
    """Flags that say when enough seeds are trained."""

    until_decided: Annotated[
        bool,
        budget_option(
            "--until-decided",
            help="Add seeds where a comparison is undecided, with a look at the results after "
            "fixed numbers of seeds.",
        ),
    ] = False
    max_seeds: Annotated[
        int | None,
        budget_option(
            metavar="N",
            min=2,
            help="With --until-decided: the most seeds that a comparison can get.",
            show_default=f"{MOST_SEEDS_LOOKED_AT}",
        ),
    ] = None
    max_minutes: Annotated[
        float | None,
        budget_option(
            metavar="M",
            help="With --until-decided: end the study with the last look that fits into M minutes.",
        ),
    ] = None

    def study(self, study: Study, seeds: str | None) -> Study:
        """Returns the study, set up to gain seeds if the flags ask for it.

        Args:
            study: the ladder's.
            seeds: the value of `--seeds`.

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
    """Turns a command whose arguments are dataclasses of flags into one that takes each flag."""
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
    """Refuses flags that mean nothing without another one.

    Args:
        flag: the flag that they need.
        **given: their values by name; None if a flag is not given.

    Raises:
        LadderError: if one of them is given.
    """
    for name, value in given.items():
        if value is not None:
            raise LadderError(f"--{name.replace('_', '-')} goes with {flag}.")


def seeds_of(text: str, flag: str = "--seeds") -> tuple[int, ...]:
    """Returns the seeds that a flag's text stands for.

    Raises:
        LadderError: for any other text.
    """
    numbers = how_many_or_which(text)
    if numbers is None:
        raise LadderError(
            f"{flag} takes a number of seeds, such as 3, or a list, such as 7,9. Received: {text!r}"
        )
    return seed_list(numbers)


def how_many_or_which(text: str) -> int | list[int] | None:
    """Returns the number that `3` stands for, or the list for `7,9`; None for any other text."""
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        return None
    return numbers if "," in text or not numbers else numbers[0]
