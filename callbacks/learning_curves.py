"""`LearningCurves`: a training's history and its picture, written while it trains."""

import time
import warnings
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import keras

from ..reports.files import write_json, write_text
from .history_table import HistoryTable
from .run_record import ended_run, final_metrics, new_run

# Of the training time that has passed; a redraw waits until it costs no more than this.
_DRAWING_SHARE = 0.02
# What the first drawing is taken to cost, imports of matplotlib and pandas included.
_FIRST_DRAWING_SECONDS = 1.0


class LearningCurves(keras.callbacks.Callback):
    """Records every epoch of a training in a folder, and draws its learning curves there.

    At the end of every epoch `folder/history.csv` is rewritten at once, so that a training that is
    killed leaves every epoch that it finished. It has one row per epoch: `epoch` (from 1),
    `seconds` (wall time since training began), `learning_rate` (a schedule's at its first step;
    `learning_rate_<name>` per optimizer where there are several), then every metric, also those
    that appear late, in nested dicts (`head/loss`) or as arrays (`f1/0`). Blank means not
    measured; `nan` and `inf` are written as such.

    `folder/curves.png` shows loss and accuracy, training and validation on one axis, with the best
    epoch marked. It is drawn when training ends, and while it trains as often as takes less than
    2 % of the time.

    With a `name`, `folder/run.json` and `folder/metrics.json` are written too, and the folder is a
    run that trickbook's reports can read.

    A fit that starts at epoch 0 replaces the history that the folder held; one with
    `initial_epoch=k` keeps its first k epochs. A disk that fills up while it trains gives one
    warning, and training goes on. Callbacks that add metrics to the logs, such as
    `trickbook.callbacks.CleanEvaluation`, stand before this one in the list.

    Args:
        folder: Where to write; made if it is not there.
        name: Of the run, in reports. None: no run.json and metrics.json.
        seed: Of the run, in run.json; it seeds nothing.
        plot: Whether to draw curves.png.

    Raises:
        ValueError: When training begins: `folder` cannot be made or written to, or an
            earlier history that is to be continued is not one of this callback.

    Example:
    ```python
    recorder = trickbook.callbacks.LearningCurves("runs/wide-0", name="wide", seed=0)
    model.fit(x, y, validation_data=(x_val, y_val), epochs=30, callbacks=[recorder])
    ```
    """

    def __init__(
        self,
        folder: str | Path,
        name: str | None = None,
        seed: int | None = None,
        plot: bool = True,
    ) -> None:
        super().__init__()
        self.folder = Path(folder)
        self.name = name
        self.seed = seed
        self.plot = plot

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the folder can be written, before any time is spent on training."""
        self._require_writable_folder()
        # The first epoch tells whether this fit continues an earlier one.
        self._table: HistoryTable | None = None
        self._run: dict[str, Any] = {}
        self._began = time.perf_counter()
        self._started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._earlier_seconds = 0.0
        self._drawing_seconds = 0.0
        self._last_drawing_seconds = _FIRST_DRAWING_SECONDS
        self._warned = False

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin the history, or continue the one of the epochs before `epoch`."""
        if self._table is None:
            self._table = self._first_rows(epoch)
            self._scheduled = _scheduled(self.model.optimizer)
            if self._table.rows:
                self._earlier_seconds = self._table.rows[-1]["seconds"]
            if self.name is not None:
                self._run = new_run(self.model, self.name, self.seed, self._started)
                self._save(lambda: write_json(self.folder / "run.json", self._run))
        # At its end a schedule gives the next epoch's rate already.
        self._scheduled_rates = {name: _rate(one) for name, one in self._scheduled.items()}

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the row of this epoch, and redraw the curves if that is cheap by now."""
        assert self._table is not None
        table, logs = self._table, dict(logs or {})
        rates = _learning_rates(self.model.optimizer)
        rates |= {name: rate for name, rate in self._scheduled_rates.items() if name in rates}
        # ReduceLROnPlateau and LearningRateScheduler log the rate of the epoch that has ended,
        # and the optimizer may hold the next epoch's already.
        rate = logs.pop("learning_rate", rates.pop("learning_rate", None))
        table.add(epoch + 1, self._seconds(), rate, rates | logs)
        self._save(lambda: write_text(self.folder / "history.csv", table.text()))
        if self.plot and self._can_afford_drawing():
            self._save(self._draw)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Draw the final curves, and write down how the run ended."""
        table = self._table
        if table is None or not table.rows:  # a fit of no epochs changes nothing
            return
        seconds = self._seconds()
        if self.plot:
            self._save(self._draw)
        if self.name is not None:
            metrics = final_metrics(self.model, table, seconds)
            run = ended_run(self._run, table, seconds)
            self._save(lambda: write_json(self.folder / "metrics.json", metrics))
            # Last, for a run that says `done` has all its files.
            self._save(lambda: write_json(self.folder / "run.json", run))

    def _require_writable_folder(self) -> None:
        trial = self.folder / ".trickbook-trial"
        try:
            write_text(trial, "")
            trial.unlink()
        except OSError as error:
            raise ValueError(
                f"LearningCurves cannot write to its folder ({error}). Give one that can be made "
                f"and written to. Received: folder={str(self.folder)!r}"
            ) from error

    def _first_rows(self, epoch: int) -> HistoryTable:
        if epoch > 0:
            return HistoryTable.read(self.folder / "history.csv", epoch)
        # What another training left must not pass for this one's, should it be killed.
        own = {"history.csv": True, "curves.png": self.plot, "metrics.json": self.name is not None}
        for file in (name for name, ours in own.items() if ours):
            (self.folder / file).unlink(missing_ok=True)
        return HistoryTable()

    def _seconds(self) -> float:
        return self._earlier_seconds + time.perf_counter() - self._began

    def _can_afford_drawing(self) -> bool:
        trained = time.perf_counter() - self._began
        return self._drawing_seconds + self._last_drawing_seconds <= _DRAWING_SHARE * trained

    def _draw(self) -> None:
        from ..reports.curves import plot_curves
        from ..reports.history import read_history
        from ..reports.picture import save_png

        began = time.perf_counter()
        history = read_history(self.folder / "history.csv")
        save_png(plot_curves(history, title=self.name), self.folder / "curves.png")
        self._last_drawing_seconds = time.perf_counter() - began
        self._drawing_seconds += self._last_drawing_seconds

    def _save(self, write: Callable[[], object]) -> None:
        """Write; a full disk must not end a training that has run for hours."""
        try:
            write()
        except OSError as error:
            if not self._warned:
                self._warned = True
                warnings.warn(
                    f"LearningCurves could not write to {self.folder} ({error}). Training goes "
                    "on, and every epoch tries again.",
                    stacklevel=2,
                )


def _learning_rates(optimizer: Any) -> dict[str, float]:
    """The rates of the optimizers that are in use, by the names that Keras's callbacks log."""
    # A custom train_step may have left the compiled optimizer unused.
    return {name: _rate(one) for name, one in _named(optimizer).items() if one.built}


def _scheduled(optimizer: Any) -> dict[str, Any]:
    """Those optimizers whose rate is a schedule."""
    return {
        name: one
        for name, one in _named(optimizer).items()
        if isinstance(_inner(one).get_config().get("learning_rate"), dict)
    }


def _named(optimizer: Any) -> dict[str, Any]:
    several = getattr(optimizer, "optimizers", None)
    if several:
        return {f"learning_rate_{one.name}": one for one in several}
    return {} if optimizer is None else {"learning_rate": optimizer}


def _inner(optimizer: Any) -> Any:
    return getattr(optimizer, "inner_optimizer", optimizer)


def _rate(optimizer: Any) -> float:
    return float(keras.ops.convert_to_numpy(optimizer.learning_rate))
