"""The table of a report without a ladder: a row for the runs of one name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..analysis.comparable_runs import Comparison, compare, training, validation
from ..read.run_set import RunSet
from .tables import ladder_frame, rounded

if TYPE_CHECKING:
    import pandas as pd

_OF_LADDERS = ("changed", "delta", "delta_low", "delta_high")


def comparison_frame(run_set: RunSet) -> pd.DataFrame:
    """A row for the runs of one name in one comparison, with means over those that are done.

    The columns are those of a ladder's table as far as anything of them is known, `comparison` (see
    `Comparison.title`), and for every metric `train_<metric>`, `val_<metric>` and the validation's
    standard deviation over the runs, `val_<metric>_std`.
    """
    import pandas as pd

    tables = [_table(run_set, comparison) for comparison in compare(run_set)]
    if not tables:
        return ladder_frame(run_set)
    frame = pd.concat(tables, ignore_index=True).drop(columns=list(_OF_LADDERS))
    frame["rung"] = range(len(frame))
    return frame.dropna(axis="columns", how="all")


def _table(run_set: RunSet, comparison: Comparison) -> pd.DataFrame:
    frame = ladder_frame(RunSet(run_set.folder, comparison.rungs))
    frame.insert(2, "comparison", comparison.title)
    for metric in (metric for group in comparison.groups for metric in group.metrics):
        val = [validation(rung, metric) for rung in comparison.rungs]
        train = [training(rung, metric).mean for rung in comparison.rungs]
        figures = {
            f"train_{metric}": train,
            f"val_{metric}": [value.mean for value in val],
            f"val_{metric}_std": [value.std for value in val],
        }
        for name, values in figures.items():
            # A ladder's own columns take precedence: metrics.json describes the final model.
            if name not in frame:
                frame[name] = [rounded(value) for value in values]
    return frame
