"""Flags that say which ladder and which data."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ...data import DataError, DataSpec
from ...data.errors import listed
from ...data.same_data import same_data
from ...training.errors import LadderError
from ..default_ladder import default_ladder
from ..given_data import over_files_data
from ..ladder_file import LadderSpec, check_data_path, read_ladder
from ..studies.study_folder import fit_there
from .options import data_option
from .screen import say

if TYPE_CHECKING:
    from .flags import RunFlags


@dataclass(frozen=True)
class DataFlags:
    """Which ladder, on which data; all but `ladder` and `data` are fields of `DataSpec`."""

    ladder: Annotated[
        str | None,
        typer.Argument(help="A built-in ladder (see [bold]trickbook list[/bold]) or a TOML file."),
    ] = None
    data: Annotated[
        str | None,
        data_option(
            help="A known data set (digits, mnist, fashion_mnist, cifar10, cifar100, "
            "breast_cancer, wine, diabetes, imdb) or your own: npz:PATH, table:FILE or "
            "folder:PATH. The folder holds a sub-folder for each class, or train, and optionally "
            "val and test, with such sub-folders in each."
        ),
    ] = None
    data_dir: Annotated[
        Path | None,
        data_option(help="Folder (or file) with the official files, read instead of a download."),
    ] = None
    target: Annotated[
        str | None, data_option(metavar="COLUMN", help="The column of a table to predict.")
    ] = None
    missing: Annotated[
        str | None,
        data_option(
            help="median: replace missing numbers of a table by the median of the training rows; "
            "missing text becomes a category of its own.",
            show_default="missing values are refused",
        ),
    ] = None
    categories: Annotated[
        str | None,
        data_option(
            help="embedded: encode text in a table as codes, for which the network learns vectors.",
            show_default="a 0 or 1 input for each category",
        ),
    ] = None
    window: Annotated[
        int | None,
        data_option(
            metavar="N",
            help="Make each example of N consecutive rows of a table, which predict the target of "
            "a later row.",
        ),
    ] = None
    horizon: Annotated[
        int | None,
        data_option(
            metavar="H",
            help="How many rows after the last row of a window its target is.",
            show_default="1",
        ),
    ] = None
    inputs: Annotated[
        str | None,
        data_option(
            help="What the arrays of npz:PATH are: images, sequences, tokens or rows.",
            show_default="images",
        ),
    ] = None
    image_size: Annotated[
        str | None,
        data_option(
            metavar="H,W", help="Resize the images of a folder to this height and width in pixels."
        ),
    ] = None
    fit: Annotated[
        str | None,
        data_option(
            help="crop, pad or stretch pictures whose shape differs from that of --image-size.",
            show_default="crop; stretch if the ladder file that names the folder, or the study "
            "that is in --out already, has no such setting",
        ),
    ] = None
    color: Annotated[str | None, data_option(help="Make every image rgb or grey.")] = None
    classes: Annotated[
        str | None,
        data_option(metavar="A,B", help="Keep only these classes, numbered in this order."),
    ] = None
    limit_train: Annotated[
        int | None, data_option(metavar="N", help="Keep only N training examples, stratified.")
    ] = None
    val_fraction: Annotated[
        float | None,
        data_option(
            help="Share of the examples to split off for validation if the data have no "
            "validation set."
        ),
    ] = None
    split_seed: Annotated[
        int | None, data_option(help="Seed for the split and for the choice of --limit-train.")
    ] = None
    scaling: Annotated[
        str | None,
        data_option(
            help="unit (0 to 1), symmetric (-1 to 1), center (0 to 1 less the mean of each "
            "channel) or standardize (mean 0 and deviation 1 of each channel). The columns of a "
            "table are channels, each with a range of its own."
        ),
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
        """Returns what the ladder's file says, with these flags overriding its data settings.

        If the flags name other data than a user's file, a message lists the settings of the file
        that are left out.

        Args:
            runs: where the runs are trained; a study that is there already keeps its `fit`.

        Raises:
            LadderError: for an invalid ladder.
            DataError: for invalid data settings, or for a relative path that exists beside the
                ladder's file but not in the current folder.
        """
        spec = self.held()
        data = self._data_spec(spec, runs)
        if spec.is_own and (dropped := _dropped_settings(spec.data, data)):
            say(
                f"{self.ladder} has settings for {spec.data.name}, not for {data.name}: "
                f"{listed(dropped, 20)}. These settings are left out."
            )
        spec = replace(spec, data=data)
        check_data_path(spec)
        return spec

    def check_has_rungs(self, spec: LadderSpec) -> None:
        """Refuses a ladder whose tricks all stand alone on its baseline.

        Raises:
            LadderError: naming the command that trains them.
        """
        if spec.alone and not spec.steps:
            raise LadderError(
                f"{spec.name} has no rungs; its tricks stand alone: trickbook ablate "
                f"{self.ladder} --levels"
            )

    def _data_spec(self, spec: LadderSpec, runs: RunFlags | None) -> DataSpec:
        """Returns the file's data settings, or the defaults for other data, with the flags."""
        flags: dict[str, Any] = {one.name: getattr(self, one.name) for one in fields(DataFlags)}
        del flags["ladder"], flags["data"]
        flags["data_dir"] = None if self.data_dir is None else str(self.data_dir)
        flags["image_size"] = None if self.image_size is None else _image_size(self.image_size)
        flags["fit"] = self.fit or self._new_fit(spec, runs)
        flags["classes"] = None if self.classes is None else self.classes.split(",")
        held, name = spec.data, self.data
        start = held if name is None else over_files_data(held, name, DataSpec(name))
        return replace(start, **{key: value for key, value in flags.items() if value is not None})

    def _new_fit(self, spec: LadderSpec, runs: RunFlags | None) -> str | None:
        """Returns `fit` for a folder of pictures that the ladder's file does not name."""
        if self.data is None or not self.data.startswith("folder:"):
            return None
        if same_data(self.data, spec.data.name):
            return None
        if runs is None or runs.fresh:
            return "crop"
        return fit_there(runs.folder(spec.name))


def _image_size(text: str) -> tuple[int, int]:
    try:
        height, width = (int(side) for side in text.split(","))
    except ValueError:
        raise DataError(
            f"--image-size takes height and width in pixels, such as 32,32. Received: {text!r}"
        ) from None
    return height, width


def _dropped_settings(held: DataSpec, used: DataSpec) -> list[str]:
    """Returns the names of the file's data settings that do not hold for other data.

    Args:
        held: the data settings of the ladder's file.
        used: the settings with the flags; one that a flag sets again is not returned.
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
