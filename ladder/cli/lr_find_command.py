"""`trickbook lr-find`: which learning rate a rung could train with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from ...data import Dataset
from ...reports.figures.picture import save_png
from ...reports.figures.rate_figure import plot_range_test
from ...runs.atomic_files import write_text
from ..ladder import Ladder
from ..rung import Rung, find_rung
from ..studies.file_names import file_name
from .data_flags import DataFlags
from .flags import with_flags
from .rung_trial import TrialFlags, tried
from .screen import say

if TYPE_CHECKING:
    from ...reports.diagnosis.range_test import RangeTest


@with_flags
def lr_find(
    rung: Annotated[
        str, typer.Argument(help="A rung's number, or a recipe that only one rung adds.")
    ],
    flags: DataFlags,
    trial: TrialFlags,
    steps: Annotated[
        int,
        typer.Option(
            metavar="N", min=2, help="Training steps, each at a higher rate than the one before."
        ),
    ] = 100,
) -> None:
    """Find learning rates for a rung: train it for a while at rates from tiny to huge.

    The rung trains without its schedule, on its own training batches. Small batches make noisy
    losses and need more --steps.
    """
    policy, spec = trial.policy(), trial.spec(flags)
    chosen = find_rung(Ladder.from_spec(spec).rungs, rung)
    trial.make_folder()
    of_what = "examples" if spec.data.has_open_task else "images"
    say(
        f"{chosen.name} on {spec.data.name}, seed {trial.seed}: {steps} steps of "
        f"{chosen.blueprint.training.batch_words} {of_what}."
    )

    def measured(chosen: Rung, dataset: Dataset) -> RangeTest:
        from ...training.rung_range_test import range_test

        return range_test(chosen.blueprint, dataset, trial.seed, steps, policy)

    (test,) = tried([chosen], spec, measured)
    picture = trial.out / f"{file_name(f'lr-find-{chosen.name}')}.png"
    save_png(plot_range_test(test), picture)
    write_text(picture.with_suffix(".csv"), test.table().to_csv(index=False))
    for rule, rate in test.suggestions().items():
        say(f"{rule:<9}{rate:.1e}")
    if not test.suggestions():
        say("The losses suggest no rate: look at the picture, or try more --steps.")
    say(f"The rung itself starts at {chosen.blueprint.learning_rate:.1e}.")
    say(f"Picture: {picture}  (the same name in .csv: the losses)")
