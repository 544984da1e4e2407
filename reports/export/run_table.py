"""Every run of a folder as a table."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..pages.tables import runs_frame_of
from ..read.run_set import read_run_sets

if TYPE_CHECKING:
    import pandas as pd


def run_table(folder: str | Path) -> pd.DataFrame:
    """A row per run and study, in order of study, arm and seed, with a run's final figures.

    The columns are those of `trickbook.reports.pages.report.runs_frame` after `study`, the name of
    the study's file without ending, which is empty where the folder holds no study.

    Raises:
        ReportError: There are no runs, or a file cannot be read.
    """
    import pandas as pd

    tables = {study: runs_frame_of(run_set) for study, run_set in read_run_sets(folder).items()}
    return pd.concat(tables, names=["study"]).reset_index("study").reset_index(drop=True)
