"""`LearningCurves`: a training's history and its picture, written while it trains."""

import math
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import keras

from ..argument_checks import is_whole
from ..reports.figures.curve_view import CurveView
from ..runs.atomic_files import write_json, write_text
from ..runs.run_file import FINISHED, read_status
from .evaluation.outputs import output_names
from .optimizers.optimizer_facts import batches_trained, learning_rates, rate, scheduled
from .optimizers.rate_reader import RateReader
from .recording.batch_log import BatchLog
from .recording.curves_picture import CurvesPicture
from .recording.event_files import EventFiles, check_tensorboard
from .recording.history_table import STEP, HistoryTable, flat_numbers
from .recording.interrupts import Interrupts
from .recording.late_metrics import LateMetrics
from .recording.run_record import ended_record, final_metrics, has_record, new_record
from .recording.samples_seen import SamplesSeen
from .recording.tolerant_writer import TolerantWriter
from .recording.writable_folder import require_writable_folder


class LearningCurves(keras.callbacks.Callback):
    """Records every epoch of a training in a folder, and draws its learning curves there.

    At the end of every epoch `folder/history.csv` is rewritten atomically, so that a training that
    is killed leaves every epoch that it finished. It has one row per epoch: `epoch` (from 1),
    `seconds` (wall time since training began), `learning_rate` (a schedule's at its first step;
    `learning_rate_<name>` per optimizer where there are several, as `learning_rate_d_optimizer`
    where the model holds a `d_optimizer`, or `learning_rate_optimizers_0` where it holds a list
    `optimizers`), `step` (batches that moved the weights so far, where the compiled optimizer
    counts them), then every metric, also those that appear late, in nested dicts (`head/loss`) or
    as arrays (`f1/0`). Blank means not measured; `nan` and `inf` are written as such.

    `folder/curves.png` and `folder/curves.svg` show every metric, training and validation on one
    axis, grouped by the outputs of the model, with the best epoch marked. They are drawn after the
    second epoch, when training ends (also by Ctrl-C), and in between as often as takes less than
    2 % of the time, or every `redraw_seconds`. In a notebook the picture is also shown below the
    cell, and replaced when it is redrawn. `trickbook.callbacks.plot_history` draws the folder in
    other ways.

    With `batches`, `folder/batches.csv` gets a row per batch (per `steps_per_execution` batches):
    `step`, `epoch`, the `learning_rate` that the batch was trained with, named as above, and what
    Keras logs, which is the mean over the epoch so far; for models with Keras's own `train_step`
    also `batch_loss`, the loss of that batch alone (on JAX, if the callback is passed without a
    list, blank except for an epoch's first batch). The picture shows `batch_loss` behind the lines
    of the epochs, and the rate batch by batch. Rows are written about once a second, and when an
    epoch ends. A row costs about 0.2 ms; on TensorFlow up to 2 ms with a schedule that contains a
    condition, such as warm-up. Keras waits for every batch to report it, so JAX cannot prepare the
    next one meanwhile. If a callback before this one sets the rate when a batch ends, that rate is
    recorded for the batch that has just ended; rates of a schedule, or set when a batch begins, are
    recorded correctly.

    With `tensorboard`, Keras's `TensorBoard` callback writes the epochs' figures and the network's
    graph to `folder/tensorboard` too, for `tensorboard --logdir folder`. There epochs count from 0,
    and a schedule's rate is that at the end of the epoch. This needs the packages `tensorflow` and
    `tensorboard`, on any backend; on JAX and PyTorch TensorFlow claims memory of any GPU that it
    can see, which `tf.config.set_visible_devices([], "GPU")` prevents.

    With a `name`, `folder/run.json` and `folder/metrics.json` are written too, and the folder is a
    run that trickbook's reports can read.

    A fit that starts at epoch 0 replaces what this callback wrote to the folder in an earlier fit;
    one with `initial_epoch=k` keeps the first k epochs of the history there. If the disk fills up
    during training there is one warning, and training goes on. Put callbacks that add metrics to
    the logs, such as `trickbook.callbacks.CleanEvaluation`, before this one in the list; a warning
    names the metrics that come too late.

    Where several processes train one model, give this callback to only one of them: each would
    write.

    Args:
        folder: Where to write; created if it does not exist.
        name: Name of the run in reports. None: no run.json and metrics.json are written.
        seed: Seed of the run, a whole number, noted in run.json; it seeds nothing.
        plot: Whether to draw.
        batches: Whether to write batches.csv.
        tensorboard: Whether to write TensorBoard's event files.
        x: The horizontal axis of the picture: `epoch`; `step`, or the epoch where steps are not
            known; or `time`.
        smooth: Weight of the past in an exponential moving average of the lines in the picture,
            from 0 (no smoothing) to below 1. The lines as measured stay visible behind.
        redraw_seconds: During training, redraw at the end of an epoch if at least this many seconds
            have passed since the last drawing; 0 draws after each epoch. None: as often as takes
            less than 2 % of the time.
        write_seconds: During training, write history.csv at the end of an epoch if at least this
            many seconds have passed since it was last written; 0 writes after each epoch. Rows that
            wait are written when training ends, also by Ctrl-C if the callback draws; a program
            that catches an error of `fit` and goes on should call `flush`.

    Raises:
        ValueError: `x`, `smooth`, `redraw_seconds` or `write_seconds` is out of range, `seed` is
            not a whole number, or a package that `tensorboard` needs is missing. When training
            begins: `folder` cannot be created or written to, or the history that is to be continued
            was not written by this callback.

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
        batches: bool = False,
        x: str = "epoch",
        smooth: float = 0.0,
        redraw_seconds: float | None = None,
        tensorboard: bool = False,
        write_seconds: float = 0.0,
    ) -> None:
        super().__init__()
        if seed is not None and not is_whole(seed, -math.inf):
            raise ValueError(f"`seed` should be a whole number, or None. Received: seed={seed!r}")
        if not write_seconds >= 0:
            raise ValueError(
                f"`write_seconds` should be 0 or more. Received: write_seconds={write_seconds}"
            )
        if tensorboard:
            check_tensorboard()
        if redraw_seconds is not None and not 0 <= redraw_seconds < math.inf:
            raise ValueError(
                "`redraw_seconds` should be 0 or more, or None. "
                f"Received: redraw_seconds={redraw_seconds}"
            )
        self.folder = Path(folder)
        self.name = name
        self.seed = seed
        self.plot = plot
        self.batches = batches
        self.tensorboard = tensorboard
        self.redraw_seconds = redraw_seconds
        self.write_seconds = write_seconds
        self._rows_wait = False
        self._view = CurveView(x, smooth)
        if batches:
            # Only if asked for: Keras checks whether the hook is overridden, and if it were in
            # every instance, every training would wait for its batches.
            self.on_train_batch_end = self._add_batch

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the folder can be written, before any time is spent on training."""
        require_writable_folder(self.folder, "LearningCurves")
        # The first epoch tells whether this fit continues an earlier one.
        self._is_begun = False
        self._table: HistoryTable | None = None
        self._last_write = -math.inf
        self._batch_log: BatchLog | None = None
        self._events: EventFiles | None = None
        self._run: dict[str, Any] = {}
        self._began = time.perf_counter()
        self._started = datetime.now().astimezone().isoformat(timespec="seconds")
        self._earlier_seconds = 0.0
        self._late = LateMetrics("LearningCurves")
        self._rates = RateReader()
        self._samples = SamplesSeen()
        self._writer = TolerantWriter("LearningCurves", self.folder)
        self._picture = CurvesPicture(
            self.folder, self._view, self.name, self.redraw_seconds, self._writer
        )
        # Not sooner: a callback that has not trained yet can be pickled.
        if not hasattr(self, "_interrupts"):
            self._interrupts = Interrupts(self._interrupted)
        if self.plot or self.batches:
            self._interrupts.begin()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Begin the history, or continue the one of the epochs before `epoch`."""
        if not self._is_begun:
            self._is_begun = True
            self._begin(epoch)
        self._late.warn()
        # At the end of an epoch a schedule already gives the next epoch's rate.
        self._scheduled_rates = {name: rate(one) for name, one in self._scheduled.items()}
        if self._batch_log is not None:
            self._rates.begin_epoch(self.model)
            self._samples.begin_epoch(self.model)
            self._batch_log.begin_epoch(epoch + 1)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Write the row of this epoch, and redraw the curves if they are due."""
        with self._interrupts.held():
            self._record(epoch, logs)

    def _record(self, epoch: int, logs: dict[str, Any] | None) -> None:
        assert self._table is not None
        self._late.note(logs)
        table, model, numbers = self._table, self.model, flat_numbers(logs or {})
        rates = learning_rates(model)
        rates |= {name: one for name, one in self._scheduled_rates.items() if name in rates}
        # ReduceLROnPlateau and LearningRateScheduler log the rate of the epoch that has ended,
        # and the optimizer may hold the next epoch's already.
        only_rate = numbers.pop("learning_rate", rates.pop("learning_rate", None))
        table.add(epoch + 1, self._seconds(), only_rate, rates | numbers, self._step(model))
        self._rows_wait = True
        if time.perf_counter() - self._last_write >= self.write_seconds:
            self.flush()
        if self._batch_log is not None:
            self._writer.write(self._batch_log.flush)
        if (events := self._events) is not None:
            self._writer.write(lambda: events.add(epoch, numbers))
        # When training ends they are drawn in any case.
        is_last = epoch + 1 == (self.params or {}).get("epochs")
        if self.plot and not is_last and self._picture.is_due(len(table.rows)):
            self._picture.draw(table)

    def flush(self) -> OSError | None:
        """Write the rows of history.csv that still wait, for `write_seconds` or for disk space.

        Returns:
            The error that kept them from being written; they then go on waiting.
        """
        if not self._rows_wait or self._table is None:
            return None
        text = self._table.text()
        error = self._writer.write(lambda: write_text(self.folder / "history.csv", text))
        self._rows_wait, self._last_write = error is not None, time.perf_counter()
        return error

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Draw the final curves, and write down how the run ended."""
        with self._interrupts.held():
            self._end()
        self._interrupts.end()

    def _end(self) -> None:
        table = self._table
        if table is None or not table.rows:  # a fit of no epochs changes nothing
            return
        self._late.warn()
        if not self._is_begun:  # it goes on with another fit, of which no epoch was left
            self._describe()
        self.flush()
        seconds = self._seconds()
        if self._events is not None:
            self._writer.write(self._events.close)
        if self.plot:
            self._picture.draw(table)
        if self.name is not None and (self._is_begun or not self._has_ended()):
            metrics = final_metrics(self.model, table, seconds)
            run = ended_record(self._run, table, seconds)
            self._writer.write(lambda: write_json(self.folder / "metrics.json", metrics))
            # Last: a run that says `done` must have all its files.
            self._writer.write(lambda: write_json(self.folder / "run.json", run))

    def state_dict(self) -> dict[str, Any]:
        """The rows and times so far, from which a resumed fit continues."""
        table = self._table or HistoryTable()
        return {
            "columns": list(table.columns),
            "rows": [dict(row) for row in table.rows],
            "seconds": self._seconds(),
            "started": self._started,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue the history of the fit whose `state_dict` this is, whatever the folder holds.

        Call it after `on_train_begin` and before the first epoch.
        """
        self._table = HistoryTable(state["columns"])
        for row in state["rows"]:
            self._table.append(row)
        self._rows_wait = bool(state["rows"])
        self._earlier_seconds = state["seconds"]
        self._started = state["started"]

    def __getstate__(self) -> dict[str, Any]:
        """What can be copied or pickled; the rest belongs to a process and is set up by a fit."""
        held = {"_interrupts", "_batch_log", "_events"}
        return {name: value for name, value in vars(self).items() if name not in held}

    def _add_batch(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        """Note what Keras logs after the batches up to `batch`, counted from 0."""
        assert self._batch_log is not None
        batch_log, logs = self._batch_log, logs or {}
        # With steps_per_execution Keras counts on beyond the last batch of an epoch.
        number = min(batch + 1, (self.params or {}).get("steps") or batch + 1)
        samples, rates = self._samples.after_batch(), self._rates.after_batch(number)
        with self._interrupts.held():
            self._writer.write(lambda: batch_log.add(number, logs, samples, rates))

    def _interrupted(self) -> None:
        """Write what is known of the epochs so far: on Ctrl-C Keras calls no `on_train_end`."""
        self.flush()
        if self._batch_log is not None:
            self._writer.write(self._batch_log.flush)
        if self.plot and self._table is not None and self._table.rows:
            self._picture.draw(self._table)

    def _begin(self, epoch: int) -> None:
        model = self.model
        if self._table is None:
            self._table = self._first_rows(epoch)
            if self._table.rows:
                self._earlier_seconds = self._table.rows[-1]["seconds"]
        if self.batches:
            path = self.folder / "batches.csv"
            self._batch_log = BatchLog(path, epoch, own_loss=_logs_means(model))
        if self.tensorboard:
            self._writer.write(lambda: self._begin_events(is_new=epoch == 0))
        self._scheduled = scheduled(model)
        last = self._table.rows[-1] if self._table.rows else {"epoch": 0, STEP: 0}
        self._first_step = last.get(STEP) if last["epoch"] == epoch else None
        self._first_batches = batches_trained(model.optimizer)
        self._describe()
        if self.name is not None:
            self._writer.write(lambda: write_json(self.folder / "run.json", self._run))

    def _describe(self) -> None:
        """Tell the picture and the record what is being trained."""
        self._picture.outputs = output_names(self.model)
        if self.name is not None:
            epochs = (self.params or {}).get("epochs")
            self._run = new_record(self.model, self.name, self.seed, self._started, epochs)

    def _has_ended(self) -> bool:
        """Whether run.json already describes the whole training, with the versions it used."""
        return read_status(self.folder, None) in FINISHED

    def _begin_events(self, is_new: bool) -> None:
        self._events = EventFiles(self.folder, self.model, self.params, is_new)

    def _first_rows(self, epoch: int) -> HistoryTable:
        if epoch > 0:
            return HistoryTable.read(self.folder / "history.csv", epoch)
        # If this training is killed, files of an earlier one must not pass for its own.
        is_recorded = self.name is not None or has_record(self.folder)
        own = {
            "history.csv": True,
            "batches.csv": True,
            "curves.png": self.plot,
            "curves.svg": self.plot,
            # Without a name these files may have been written by the calling program, which knows
            # more of the run.
            "metrics.json": is_recorded,
            "run.json": is_recorded,
        }
        for file in (name for name, ours in own.items() if ours):
            (self.folder / file).unlink(missing_ok=True)
        return HistoryTable()

    def _seconds(self) -> float:
        return self._earlier_seconds + time.perf_counter() - self._began

    def _step(self, model: keras.Model) -> int | None:
        """Batches that moved the weights since epoch 0; None where that is not known."""
        new = batches_trained(model.optimizer) - self._first_batches
        return int(self._first_step) + new if self._first_step is not None and new else None


def _logs_means(model: keras.Model) -> bool:
    """Whether batches log Keras's running means; a user's own `train_step` may log anything."""
    return str(type(model).train_step.__module__).startswith("keras.")
