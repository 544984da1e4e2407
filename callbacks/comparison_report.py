"""`ComparisonReport`: the report of all runs in a folder, rewritten when a fit ends."""

import warnings
from pathlib import Path
from typing import Any

import keras

from ..runs.errors import ReportError
from .recording.writable_folder import require_writable_folder


class ComparisonReport(keras.callbacks.Callback):
    """Rewrites the report of all runs in a folder when a fit ends.

    The runs are the sub-folders, one or two levels below, that
    `trickbook.callbacks.LearningCurves` wrote with a `name`; those of one name are its seeds. Any
    model will do: runs are compared by accuracy where it was measured, else by loss, with tables
    and curves of every metric of every output. Runs that are judged by different metrics, or by
    losses of different kinds, settings or weights, are reported side by side, not against each
    other. Keep runs on different data in separate folders: a callback cannot know the data.

    `folder/report.html` holds everything in one file; `report.md` and `ladder.csv` hold the text
    and the figures. If the report cannot be written, a warning gives the reason; the training that
    has just ended is not lost.

    Put it last in the list of callbacks, so that the run that ends is recorded before it is
    reported. Where several processes train one model, give this callback and LearningCurves to only
    one of them.

    Args:
        folder: The folder that holds the runs; the report is written there.

    Raises:
        ValueError: When training begins: `folder` cannot be made or written to.

    Example:
    ```python
    model.fit(
        x,
        y,
        validation_data=(x_val, y_val),
        epochs=30,
        callbacks=[
            trickbook.callbacks.LearningCurves("runs/wide-0", name="wide", seed=0),
            trickbook.callbacks.ComparisonReport("runs"),
        ],
    )
    ```
    """

    def __init__(self, folder: str | Path) -> None:
        super().__init__()
        self.folder = Path(folder)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the folder can be written, before any time is spent on training."""
        require_writable_folder(self.folder, "ComparisonReport")

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Read every run in the folder and write the report."""
        from ..reports.pages.report import write_report

        try:
            write_report(self.folder)
        except (OSError, ReportError) as error:
            warnings.warn(
                f"ComparisonReport could not write the report of {self.folder} ({error}). "
                f"Fix that and run: trickbook report {self.folder}",
                stacklevel=2,
            )
