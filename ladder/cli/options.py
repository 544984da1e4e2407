"""Options that several commands share, and what they do to a ladder."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import typer

from ...recipes import Blueprint, TrainingSettings
from ...recipes.setting import setting_of
from ...training.errors import LadderError

data_option = partial(typer.Option, rich_help_panel="Data")
budget_option = partial(typer.Option, rich_help_panel="Budget")


def training_option(name: str) -> Any:
    """Returns the option for a training setting, with the range and help stated at its field."""
    rule = setting_of(TrainingSettings, name)
    said = f"{rule.help[0].upper()}{rule.help[1:]}."
    return budget_option(metavar="N", min=int(rule.low), help=said)


Rungs = Annotated[
    str,
    typer.Argument(
        metavar="RUNG",
        help="A rung's number, or a recipe that only one rung adds; commas separate several.",
    ),
]
BatchSize = Annotated[int | None, training_option("batch_size")]
Backend = Annotated[
    str | None,
    typer.Option(
        help="Backend of Keras: tensorflow, jax or torch.", show_default="Keras's own setting"
    ),
]
Precision = Annotated[
    str | None,
    typer.Option(
        help="Keras's dtype policy: float32, mixed_bfloat16 or mixed_float16.",
        show_default="float32",
    ),
]
Width = Annotated[
    float | None,
    budget_option(
        metavar="FACTOR",
        help="Multiply the baseline's filters and units by FACTOR: 0.25 turns 64 into 16.",
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=0, max=65535, help="Port of the page.", show_default="any free port"
    ),
]


def scaled(baseline: Blueprint, width: float | None) -> Blueprint:
    """Returns the baseline with the width that `--width` asks for.

    Raises:
        LadderError: for a width out of range, or a user's own network.
    """
    if width is None:
        return baseline
    if not 0 < width <= 1000:
        raise LadderError(f"--width must be above 0 and at most 1000. Received: {width}")
    if ":" in baseline.base:
        raise LadderError(
            f"--width scales the built-in networks, and this ladder's is {baseline.base}."
        )
    return baseline.scaled(width)
