"""The command ``trickbook run``."""

from __future__ import annotations

import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from ...data import DataError
from ...training.errors import LadderError
from ...training.keras_settings import settle_backend
from ..ladder import Ladder, default_ladder
from ..ladder_file import read_ladder, seed_list
from ..result import LadderResult
from ..studies.run_study import Estimate
from .display import duration
from .options import (
    BatchSize,
    DataDir,
    DataName,
    Epochs,
    LadderName,
    LimitTrain,
    Width,
    data_spec,
    scaled,
)
from .printed_tables import print_table
from .screen import say


def run(
    ladder: LadderName = None,
    data: DataName = None,
    data_dir: DataDir = None,
    image_size: Annotated[
        str | None,
        typer.Option(metavar="H,W", help="Resize the images of a folder.", rich_help_panel="Data"),
    ] = None,
    color: Annotated[str | None, typer.Option(help="rgb or grey.", rich_help_panel="Data")] = None,
    limit_train: LimitTrain = None,
    val_fraction: Annotated[
        float | None,
        typer.Option(
            help="Share of the images kept for validation, where there is no validation set.",
            rich_help_panel="Data",
        ),
    ] = None,
    split_seed: Annotated[
        int | None, typer.Option(help="Seed of the split.", rich_help_panel="Data")
    ] = None,
    scaling: Annotated[
        str | None,
        typer.Option(help="unit, symmetric or standardize.", rich_help_panel="Data"),
    ] = None,
    seeds: Annotated[
        str | None,
        typer.Option(
            help="3 stands for seeds 0, 1 and 2; 7,9 for those two.", rich_help_panel="Budget"
        ),
    ] = None,
    epochs: Epochs = None,
    batch_size: BatchSize = None,
    width: Width = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Folder for runs and report.", show_default="trickbook-LADDER"
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="Worker processes.", show_default="one per core"),
    ] = None,
    backend: Annotated[
        str | None,
        typer.Option(help="tensorflow, jax or torch.", show_default="Keras's own setting"),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            help="float32, mixed_bfloat16 or mixed_float16.", show_default="Keras's own setting"
        ),
    ] = None,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Move old runs aside and start anew.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say how many runs there are and how long they take.")
    ] = False,
    no_models: Annotated[
        bool, typer.Option("--no-models", help="Do not keep each run's model.keras.")
    ] = False,
) -> None:
    """Climb a ladder: train every rung with every seed, and report what each step was worth.

    Without LADDER it is the data's default one: digits for digits and mnist, diabetes for diabetes,
    else lecture.

    What is in the folder already is not trained again: a stopped command goes on.
    """
    settle_backend(backend)
    ladder = ladder or default_ladder(data or "digits")
    spec = read_ladder(ladder, data)
    spec = replace(
        spec,
        data=data_spec(
            spec.data,
            data,
            data_dir=data_dir,
            image_size=None if image_size is None else _image_size(image_size),
            color=color,
            limit_train=limit_train,
            val_fraction=val_fraction,
            split_seed=split_seed,
            scaling=scaling,
        ),
        baseline=scaled(spec.baseline, width).with_budget(epochs, batch_size),
        seeds=spec.seeds if seeds is None else _seeds(seeds),
    )
    out = out or Path(f"trickbook-{spec.name}")
    climber = Ladder.from_spec(spec)
    if dry_run:
        _print_estimate(
            climber.estimate(out, jobs=jobs, fresh=fresh, backend=backend, precision=precision), out
        )
        return
    try:
        result = climber.run(
            out,
            jobs=jobs,
            models=not no_models,
            fresh=fresh,
            command=shlex.join(["trickbook", *sys.argv[1:]]),
            backend=backend,
            precision=precision,
        )
    except KeyboardInterrupt:
        say(
            f"Stopped. Finished runs are kept in {out}: the same command trains what is missing, "
            f"and `trickbook report {shlex.quote(str(out))}` reports on what is there."
        )
        raise typer.Exit(130) from None
    print_table(result.written.frame)
    say(f"Report: {out / 'report.html'}  (also report.md, ladder.csv, ladder.png, curves.png)")
    if not result.ok:
        _print_failures(result)
        raise typer.Exit(1)


def _image_size(text: str) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        raise DataError(
            f"--image-size takes height and width in pixels, as 32,32. Received: {text!r}"
        ) from None
    return height, width


def _seeds(text: str) -> tuple[int, ...]:
    try:
        numbers = [int(part) for part in text.split(",") if part.strip()]
    except ValueError:
        raise LadderError(
            f"--seeds takes how many, as 3, or a list, as 7,9. Received: {text!r}"
        ) from None
    return seed_list(numbers if "," in text or not numbers else numbers[0])


def _print_estimate(expected: Estimate, out: Path) -> None:
    for text in expected.notes:
        say(text)
    for text in expected.warnings:
        say(f"Warning: {text}")
    if expected.new == 0:
        say(f"{expected.runs} runs, all in {out} already: nothing to train.")
        return
    plural = "" if expected.jobs == 1 else "es"
    say(
        f"{expected.runs} runs, {expected.new} of them new; about {duration(expected.seconds)} "
        f"with {expected.jobs} process{plural}."
    )


def _print_failures(result: LadderResult) -> None:
    for row in result.frame[result.frame["status"] == "failed"].to_dict("records"):
        say(f"Failed: {row['name']} seed {row['seed']}: {row['reason']}")
    for name, reason in result.lost.items():
        say(f"Lost: {name}: {reason} The same command trains it again.")
