"""Options that several commands share, and what they do to a ladder."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Annotated, Any

import typer

from ...data import DataSpec
from ...data.same_data import same_data
from ...recipes import Blueprint, TrainingSettings, WarmStart
from ...recipes.setting import setting_of
from ...training.errors import LadderError
from ..given_data import over_files_data


def _training_option(name: str) -> Any:
    """Returns the option for a training's setting, by what is stated beside its field."""
    rule = setting_of(TrainingSettings, name)
    said = f"{rule.help[0].upper()}{rule.help[1:]}."
    return typer.Option(metavar="N", min=int(rule.low), help=said, rich_help_panel="Budget")


LadderName = Annotated[
    str | None,
    typer.Argument(help="A built-in ladder (see [bold]trickbook list[/bold]) or a TOML file."),
]
DataName = Annotated[
    str | None,
    typer.Option(
        help="digits, mnist, fashion_mnist, cifar10, cifar100, breast_cancer, wine, diabetes, "
        "imdb, npz:PATH, table:FILE, or folder:PATH: a sub-folder for each class, or train, and "
        "if you like val and test, with such folders in each.",
        rich_help_panel="Data",
    ),
]
DataDir = Annotated[
    Path | None,
    typer.Option(help="Official files to read without network.", rich_help_panel="Data"),
]
Target = Annotated[
    str | None,
    typer.Option(
        metavar="COLUMN", help="The column of a table to predict.", rich_help_panel="Data"
    ),
]
LimitTrain = Annotated[
    int | None,
    typer.Option(metavar="N", help="Keep N training examples, stratified.", rich_help_panel="Data"),
]
Epochs = Annotated[int | None, _training_option("epochs")]
BatchSize = Annotated[int | None, _training_option("batch_size")]
Backend = Annotated[
    str | None,
    typer.Option(help="tensorflow, jax or torch.", show_default="Keras's own setting"),
]
Precision = Annotated[
    str | None,
    typer.Option(help="float32, mixed_bfloat16 or mixed_float16.", show_default="float32"),
]
Width = Annotated[
    float | None,
    typer.Option(
        metavar="FACTOR",
        help="Multiplies the baseline's filters and dense units: 0.25 makes 64 to 16.",
        rich_help_panel="Budget",
    ),
]
Margin = Annotated[
    float | None,
    typer.Option(
        metavar="X",
        help="What a difference must be larger than to matter, in the deciding metric's unit.",
        show_default="0.01 of a share",
        rich_help_panel="Budget",
    ),
]

Port = Annotated[
    int | None,
    typer.Option(
        metavar="N", min=0, max=65535, help="Of the page.", show_default="any that is free"
    ),
]

WarmStartRun = Annotated[
    str | None,
    typer.Option(
        metavar="RUN",
        help="The baseline starts from the weights of this run's folder, trained on other data.",
        rich_help_panel="Budget",
    ),
]


def data_spec(held: DataSpec, name: str | None, **flags: Any) -> DataSpec:
    """Returns the file's data with the flags over them; another data set drops the file's own.

    Args:
        held: what the ladder file says.
        name: what `--data` says.
        **flags: fields of the spec, None where the flag is not given.
    """
    start = held if name is None else over_files_data(held, name, DataSpec(name))
    given = {key: value for key, value in flags.items() if value is not None}
    if "data_dir" in given:
        given["data_dir"] = str(given["data_dir"])
    return replace(start, **given)


def dropped_settings(held: DataSpec, used: DataSpec) -> list[str]:
    """Returns the names of the file's data settings that do not hold for other data.

    Args:
        held: what the ladder file says.
        used: what `data_spec` made of it; where it is of other data, a setting that a flag gives
            anew is not among them.
    """
    if same_data(held.name, used.name):
        return []
    plain = DataSpec(held.name)
    names = [field.name for field in fields(DataSpec) if field.name != "name"]
    return [
        name
        for name in names
        if getattr(held, name) != getattr(plain, name)
        and getattr(used, name) == getattr(plain, name)
    ]


def warm_started(baseline: Blueprint, run: str | None) -> Blueprint:
    """Returns the baseline with the start that `--warm-start` says.

    Raises:
        RecipeError: for a baseline that clashes with it.
    """
    return baseline if run is None else WarmStart(run).apply(baseline)


def scaled(baseline: Blueprint, width: float | None) -> Blueprint:
    """Returns the baseline with the width that `--width` says.

    Raises:
        LadderError: for a width out of range, or a network that is the user's own.
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
