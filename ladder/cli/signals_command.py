"""`trickbook signals`: how large signals and gradients are in each layer as training begins."""

from __future__ import annotations

import pandas as pd

from ...data import Dataset
from ...reports.figures.picture import save_png
from ...reports.figures.signals_figure import plot_signals
from ...reports.pages.facts import Table
from ...runs.atomic_files import write_text
from ..rung import Rung
from .data_flags import DataFlags
from .flags import with_flags
from .options import Rungs
from .printed_tables import print_words
from .rung_trial import TrialFlags, chosen_rungs, tried
from .screen import say

_SHOWN = ("std", "zeros", "dead", "weights", "gradient")


@with_flags
def signals(rungs: Rungs, flags: DataFlags, trial: TrialFlags) -> None:
    """Measure the outputs of each layer of a rung, and the gradients that come back, at the start.

    They are measured before the first step, on one batch of training samples (256, or a whole batch
    if that is larger). Signals that fade or grow from layer to layer can keep a deep network from
    learning. Several rungs are drawn in one picture.
    """
    policy, spec = trial.policy(), trial.spec(flags)
    chosen = chosen_rungs(spec, rungs)
    trial.make_folder()

    def measured(rung: Rung, dataset: Dataset) -> pd.DataFrame:
        from ...training.rung_signals import rung_signals

        return rung_signals(rung.blueprint, dataset, trial.seed, policy)

    tables = dict(zip([rung.name for rung in chosen], tried(chosen, spec, measured), strict=True))
    for name, table in tables.items():
        say(f"{name} on {spec.data.name}, seed {trial.seed}, before its first step:")
        print_words(_words(table))
    picture = trial.out / "signals.png"
    save_png(plot_signals(tables), picture)
    whole = pd.concat([table.assign(rung=name) for name, table in tables.items()])
    whole = whole[["rung", *next(iter(tables.values()))]]
    write_text(picture.with_suffix(".csv"), whole.to_csv(index=False, lineterminator="\n"))
    say(f"Picture: {picture}  (the same name in .csv: the figures)")


def _words(table: pd.DataFrame) -> Table:
    rows = [
        [row["layer"], *("" if pd.isna(row[name]) else f"{row[name]:.2g}" for name in _SHOWN)]
        for row in table.to_dict("records")
    ]
    return Table("", ["layer", *_SHOWN], rows)
