"""`trickbook lr-find`: which learning rate a rung could train with."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ...data import load
from ...recipes import RecipeError
from ...reports.figures.picture import save_png
from ...reports.figures.rate_figure import plot_range_test
from ...runs.atomic_files import write_text
from ...training.errors import LadderError
from ...training.keras_settings import keras_settings, settle_backend
from ...training.output import printed_to
from ..ladder import Ladder
from ..ladder_file import LadderSpec
from ..rung import Rung, find_rung
from ..studies.file_names import file_name
from ..studies.study_checks import check_arm
from ..task_of_data import with_task_of_data
from .data_flags import DataFlags
from .flags import with_flags
from .options import Backend, BatchSize, Precision, Width, scaled
from .screen import say

if TYPE_CHECKING:
    from ...reports.diagnosis.range_test import RangeTest


@with_flags
def lr_find(
    rung: Annotated[
        str, typer.Argument(help="A rung's number, or a recipe that only one rung adds.")
    ],
    flags: DataFlags,
    batch_size: BatchSize = None,
    width: Width = None,
    backend: Backend = None,
    precision: Precision = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**31 - 1, help="Of weights, order and draws.")
    ] = 0,
    steps: Annotated[
        int,
        typer.Option(metavar="N", min=2, help="Batches, each at a higher rate than the last."),
    ] = 100,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder for picture and table.")
    ] = Path(),
) -> None:
    """Find learning rates for a rung: train it for a while at rates from tiny to huge.

    The rung trains without its schedule, on its own training batches. Small batches make noisy
    losses and need more --steps.
    """
    settle_backend(backend)
    policy = keras_settings(backend, precision).precision
    spec = flags.on_data()
    baseline = scaled(spec.baseline, width).with_budget(None, batch_size)
    spec = with_task_of_data(replace(spec, baseline=baseline))
    chosen = find_rung(Ladder.from_spec(spec).rungs, rung)
    if out.exists() and not out.is_dir():
        raise LadderError(f"{out} is a file; --out takes a folder.")
    out.mkdir(parents=True, exist_ok=True)
    of_what = "examples" if spec.data.has_open_task else "images"
    say(
        f"{chosen.name} on {spec.data.name}, seed {seed}: {steps} steps of "
        f"{chosen.blueprint.training.batch_words} {of_what}."
    )
    test = _measured(chosen, spec, seed, steps, policy)
    picture = out / f"{file_name(f'lr-find-{chosen.name}')}.png"
    save_png(plot_range_test(test), picture)
    write_text(picture.with_suffix(".csv"), test.table().to_csv(index=False))
    for rule, rate in test.suggestions().items():
        say(f"{rule:<9}{rate:.1e}")
    if not test.suggestions():
        say("The loss does not show a rate: look at the picture, or try more --steps.")
    say(f"The rung itself starts at {chosen.blueprint.learning_rate:.1e}.")
    say(f"Picture: {picture}  (the same name in .csv: the losses)")


def _measured(rung: Rung, spec: LadderSpec, seed: int, steps: int, precision: str) -> RangeTest:
    dataset = load(spec.data)
    check_arm(rung.name, rung.blueprint, dataset.summary())
    # TensorFlow greets at length when it is imported.
    with printed_to(os.devnull):
        from ...training.rung_range_test import range_test

        try:
            return range_test(rung.blueprint, dataset, seed, steps, precision)
        except RecipeError:
            raise
        # A user's layers can fail in any way.
        except Exception as error:
            reason = " ".join(str(error).split())
            raise LadderError(
                f"{rung.name} cannot be trained: {type(error).__name__}: {reason}"
            ) from error
