"""`trickbook preview`: what the training of rungs will be, before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ...data import Dataset
from ...reports.figures.image_sheet import image_sheet
from ...reports.figures.picture import save_png
from ...reports.figures.schedule_figure import plot_rates
from ...reports.pages.facts import Table
from ...reports.read.panels import is_learning_rate
from ...runs.atomic_files import write_text
from ..rung import Rung
from .data_flags import DataFlags
from .flags import with_flags
from .options import Rungs
from .printed_tables import print_words
from .rung_trial import TrialFlags, chosen_rungs, tried
from .screen import say

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ...training.rung_preview import Preview


@with_flags
def preview(rungs: Rungs, flags: DataFlags, trial: TrialFlags) -> None:
    """Look at what a rung's training will be: its learning rate, and images as it sees them.

    Nothing is trained. The table lists the parameters, the batches per epoch, and the first, the
    highest and the last learning rate; a picture draws the rate over the epochs. A second picture
    shows images, each as it is and then as it is seen in the first epochs with that seed. Several
    rungs share the pictures.
    """
    policy, spec = trial.policy(), trial.spec(flags)
    chosen = chosen_rungs(spec, rungs)
    trial.make_folder()

    def looked_at(rung: Rung, dataset: Dataset) -> Preview:
        from ...training.rung_preview import rung_preview

        return rung_preview(rung.blueprint, dataset, trial.seed, policy)

    names = [rung.name for rung in chosen]
    found = dict(zip(names, tried(chosen, spec, looked_at), strict=True))
    print_words(_words(found))
    for name, one in found.items():
        if one.set_while_training:
            say(
                f"{name}: {one.set_while_training} changes the rate during training, by what it "
                "measures; shown is the rate at the start."
            )
    _save_rates(found, trial.out)
    _save_images(found, trial.out)


def _words(found: Mapping[str, Preview]) -> Table:
    rows = []
    for name, one in found.items():
        # Of several optimizers the compiled one comes first.
        rates = one.rates[next(name for name in one.rates if is_learning_rate(str(name)))]
        shown = (rates.iloc[0], rates.max(), rates.iloc[-1])
        counts = (f"{one.parameters:,}", f"{one.steps:,}")
        rows.append([name, *counts, *(f"{rate:.2g}" for rate in shown)])
    head = ["rung", "parameters", "batches", "first rate", "highest", "last"]
    return Table("", head, rows)


def _save_rates(found: Mapping[str, Preview], out: Path) -> None:
    picture = out / "preview-rates.png"
    save_png(plot_rates({name: one.rates for name, one in found.items()}), picture)
    whole = pd.concat([one.rates.assign(rung=name) for name, one in found.items()])
    whole = whole[["rung", *whole.columns.drop("rung")]]
    write_text(picture.with_suffix(".csv"), whole.to_csv(index=False, lineterminator="\n"))
    say(f"Picture: {picture}  (the same name in .csv: the rates)")


def _save_images(found: Mapping[str, Preview], out: Path) -> None:
    drawn: dict[str, np.ndarray] = {}
    for name, one in found.items():
        if one.images is None:
            continue
        same = [before for before, images in drawn.items() if _are_equal(images, one.images)]
        if _are_equal(one.images, one.images[:, :1]):
            say(f"{name} sees the images as they are.")
        elif same:
            say(f"{name} sees the same images as {same[0]}.")
        else:
            drawn[name] = one.images
    if drawn:
        picture = out / "preview-images.png"
        save_png(_sheet(drawn), picture)
        say(f"Picture: {picture}")


def _are_equal(images: np.ndarray, others: np.ndarray) -> bool:
    # A pixel of a float image that is scaled and scaled back may be off by one, by rounding.
    return bool((np.abs(images.astype(int) - others.astype(int)) <= 1).all())


def _sheet(drawn: Mapping[str, np.ndarray]) -> Figure:
    titles: list[str] = []
    for name, images in drawn.items():
        count, columns = images.shape[:2]
        titles += [name, *(f"epoch {number}" for number in range(1, columns))]
        titles += [""] * (count - 1) * columns
    rows = np.concatenate([row for images in drawn.values() for row in images])
    return image_sheet(rows, titles, columns=columns)
