"""Flags that say which ladder and which data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from ...data import DataError
from ...data.errors import listed
from ...data.same_data import same_data
from ...training.errors import LadderError
from ..ladder import default_ladder
from ..ladder_file import LadderSpec, check_data_path, read_ladder
from ..studies.study_folder import default_folder, fit_there
from .options import (
    DataDir,
    DataName,
    LadderName,
    LimitTrain,
    Target,
    data_spec,
    dropped_settings,
)
from .screen import say

if TYPE_CHECKING:
    from .flags import RunFlags


@dataclass(frozen=True)
class DataFlags:
    """Which ladder, on which data."""

    ladder: LadderName = None
    data: DataName = None
    data_dir: DataDir = None
    target: Target = None
    missing: Annotated[
        str | None,
        typer.Option(
            help="median: stands for missing numbers of a table, text apart.",
            show_default="refused",
            rich_help_panel="Data",
        ),
    ] = None
    categories: Annotated[
        str | None,
        typer.Option(
            help="embedded: text of a table becomes codes, for which a network learns vectors.",
            show_default="an input of 0 or 1 each",
            rich_help_panel="Data",
        ),
    ] = None
    window: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            help="N consecutive rows of a table predict the target of a later row.",
            rich_help_panel="Data",
        ),
    ] = None
    horizon: Annotated[
        int | None,
        typer.Option(
            metavar="H",
            help="How many rows after a window its target stands.",
            show_default="1",
            rich_help_panel="Data",
        ),
    ] = None
    inputs: Annotated[
        str | None,
        typer.Option(
            help="images, sequences, tokens or rows: what the arrays of npz:PATH are.",
            show_default="images",
            rich_help_panel="Data",
        ),
    ] = None
    image_size: Annotated[
        str | None,
        typer.Option(metavar="H,W", help="Resize the images of a folder.", rich_help_panel="Data"),
    ] = None
    fit: Annotated[
        str | None,
        typer.Option(
            help="crop, pad or stretch pictures of another shape than --image-size.",
            show_default="crop; for a folder or a file that says nothing of it, stretch",
            rich_help_panel="Data",
        ),
    ] = None
    color: Annotated[str | None, typer.Option(help="rgb or grey.", rich_help_panel="Data")] = None
    classes: Annotated[
        str | None,
        typer.Option(
            metavar="A,B",
            help="Keep only these classes, numbered in this order.",
            rich_help_panel="Data",
        ),
    ] = None
    limit_train: LimitTrain = None
    val_fraction: Annotated[
        float | None,
        typer.Option(
            help="Share of the examples kept for validation, where there is no validation set.",
            rich_help_panel="Data",
        ),
    ] = None
    split_seed: Annotated[
        int | None, typer.Option(help="Seed of the split.", rich_help_panel="Data")
    ] = None
    scaling: Annotated[
        str | None,
        typer.Option(help="unit, symmetric, center or standardize.", rich_help_panel="Data"),
    ] = None

    def held(self) -> LadderSpec:
        """Returns what the ladder's file says.

        Raises:
            LadderError: for an invalid ladder.
        """
        default = default_ladder(
            self.data or "digits", self.inputs, is_series=self.window is not None
        )
        return read_ladder(self.ladder or default, self.data)

    def on_data(self, runs: RunFlags | None = None) -> LadderSpec:
        """Returns what the ladder's file says with these flags over its data.

        Which settings in a file of the user's are of other data and do not hold is said.

        Args:
            runs: where they are trained; a study that is there already goes on as it began.

        Raises:
            LadderError: for an invalid ladder.
            DataError: for invalid data settings, or for a file or a folder that is not there but
                beside the ladder's file.
        """
        spec = self.held()
        data = data_spec(
            spec.data,
            self.data,
            data_dir=self.data_dir,
            target=self.target,
            missing=self.missing,
            categories=self.categories,
            window=self.window,
            horizon=self.horizon,
            inputs=self.inputs,
            image_size=None if self.image_size is None else _image_size(self.image_size),
            fit=self.fit or self._new_fit(spec, runs),
            color=self.color,
            classes=None if self.classes is None else self.classes.split(","),
            limit_train=self.limit_train,
            val_fraction=self.val_fraction,
            split_seed=self.split_seed,
            scaling=self.scaling,
        )
        if spec.is_own and (dropped := dropped_settings(spec.data, data)):
            say(
                f"{self.ladder} says of {spec.data.name}, and not of {data.name}: "
                f"{listed(dropped, 20)}. These settings are left out."
            )
        spec = replace(spec, data=data)
        check_data_path(spec)
        return spec

    def check_has_rungs(self, spec: LadderSpec) -> None:
        """Refuses a ladder whose tricks all stand alone on its baseline.

        Raises:
            LadderError: with the command that trains those.
        """
        if spec.alone and not spec.steps:
            raise LadderError(
                f"{spec.name} has no rungs; its tricks stand alone: trickbook ablate "
                f"{self.ladder} --levels"
            )

    def _new_fit(self, spec: LadderSpec, runs: RunFlags | None) -> str | None:
        """Returns how to fit pictures of a folder that the ladder's file does not name."""
        if self.data is None or not self.data.startswith("folder:"):
            return None
        if same_data(self.data, spec.data.name):
            return None
        if runs is None or runs.fresh:
            return "crop"
        return fit_there(runs.out or default_folder(spec.name))


def _image_size(text: str) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        raise DataError(
            f"--image-size takes height and width in pixels, as 32,32. Received: {text!r}"
        ) from None
    return height, width
