"""`BatchLog`: a row per batch in a CSV file, cheap enough for every training."""

import csv
import errno
import threading
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ...runs.atomic_files import write_text
from .history_table import csv_line, flat_numbers

FIRST_COLUMNS = ("step", "epoch")

SECONDS_BETWEEN_WRITES = 1.0
# Share of the time between two writes that a write may take; on a slow disk writes become rarer.
WRITING_SHARE = 0.005


class _Batch(NamedTuple):
    step: int
    epoch: int
    logs: Mapping[str, Any]
    samples: float | None = None
    """Of this epoch so far; None where that is not known."""
    rates: Mapping[str, float] = {}


class BatchLog:
    """Writes what Keras logs after each batch.

    The columns are `step` (batches since training began, or since recording began if the file has
    no rows of the epochs before), `epoch` (from 1), the learning rate that
    the batch was trained with, then the metrics as Keras gives them: each the mean over the epoch
    so far. With `own_loss` there is also
    `batch_loss`, the loss of only those batches that came since the row above. It is the
    difference of running means, which have 32 bits, so its error grows with the batches of an
    epoch (about 1e-4 of the loss at 1,000). Batches may be of any sizes, if `add` is given the
    number of samples; without it only the first batch of an epoch has a `batch_loss`.

    Rows are kept in memory and appended about once a second, and by `flush`.

    Args:
        path: The file.
        epochs: How many epochs of its rows to keep; 0 begins a new file.
        own_loss: Whether to write `batch_loss`; the logged `loss` must be a running mean.

    Raises:
        OSError: The file cannot be read or written.
    """

    def __init__(self, path: Path, epochs: int, own_loss: bool) -> None:
        self._path = path
        self._own_loss = own_loss
        self._columns, rows = _read(path)
        kept = [row for row in rows if int(row[FIRST_COLUMNS.index("epoch")]) <= epochs]
        if rows:
            self._rewrite(kept)
        self._first_step = int(kept[-1][0]) if kept else 0
        self._epoch = epochs
        self._number = 0
        self._pending: list[_Batch] = []
        self._written = _Batch(0, 0, {})
        self._next_write = time.perf_counter() + SECONDS_BETWEEN_WRITES
        # On JAX and PyTorch a callback that is not in a list is called by several threads.
        self._lock = threading.RLock()

    def begin_epoch(self, epoch: int) -> None:
        """Begin the rows of an epoch, counted from 1."""
        self._first_step += self._number
        self._epoch = epoch
        self._number = 0

    def add(
        self,
        number: int,
        logs: Mapping[str, Any],
        samples: float | None = None,
        rates: Mapping[str, float] | None = None,
    ) -> None:
        """Add a row.

        Args:
            number: Batches of this epoch so far.
            logs: What Keras gives to `on_train_batch_end`.
            samples: Of this epoch so far, where that is known.
            rates: Of the batch, by the names of their columns.

        Raises:
            OSError: The file could not be written; the rows are kept for the next time.
        """
        with self._lock:
            self._number = max(self._number, number)
            step = self._first_step + number
            self._pending.append(_Batch(step, self._epoch, logs, samples, rates or {}))
            if time.perf_counter() >= self._next_write:
                self.flush()

    def flush(self) -> None:
        """Write the rows that are in memory.

        Raises:
            OSError: The file could not be written; the rows are kept for the next time.
        """
        with self._lock:
            if not self._pending:
                return
            began = time.perf_counter()
            # Threads may arrive out of order.
            batches = sorted(self._pending, key=lambda batch: batch.step)
            befores = [self._written, *batches[:-1]]
            rows = [self._row(*pair) for pair in zip(befores, batches, strict=True)]
            self._widen(name for row in rows for name in row)
            self._append(csv_line(row.get(name) for name in self._columns) for row in rows)
            self._written = batches[-1]
            self._pending.clear()
            ended = time.perf_counter()
            pause = max(SECONDS_BETWEEN_WRITES, (ended - began) / WRITING_SHARE)
            self._next_write = ended + pause

    def _row(self, before: _Batch, batch: _Batch) -> dict[str, float]:
        row: dict[str, float] = {"step": batch.step, "epoch": batch.epoch, **batch.rates}
        numbers = flat_numbers(batch.logs)
        if self._own_loss and "loss" in numbers and (loss := _own_loss(before, batch)) is not None:
            row["batch_loss"] = loss
        return row | {f"logs/{k}" if k in row else k: value for k, value in numbers.items()}

    def _widen(self, names: Iterable[str]) -> None:
        """Add columns for new names; they are blank in the rows above."""
        new = [name for name in dict.fromkeys(names) if name not in self._columns]
        if new:
            _, rows = _read(self._path)
            self._columns = self._columns + new
            self._rewrite([row + [""] * len(new) for row in rows])

    def _rewrite(self, rows: Iterable[list[str]]) -> None:
        write_text(self._path, "".join(map(csv_line, [self._columns, *rows])))

    def _append(self, lines: Iterable[str]) -> None:
        data = "".join(lines).encode()
        with self._path.open("ab", buffering=0) as file:
            size = file.tell()
            if file.write(data) != len(data):
                file.truncate(size)
                raise OSError(errno.ENOSPC, "No space left on device", str(self._path))


def _own_loss(before: _Batch, batch: _Batch) -> float | None:
    """The mean loss of the batches after `before`, from the running means at both.

    None if the number of samples in these batches is not known.
    """
    if before.epoch != batch.epoch:
        return float(batch.logs["loss"])
    if before.samples is None or batch.samples is None or batch.samples <= before.samples:
        return None
    total = batch.samples * batch.logs["loss"] - before.samples * before.logs["loss"]
    return float(total / (batch.samples - before.samples))


def _read(path: Path) -> tuple[list[str], list[list[str]]]:
    """The columns and complete rows of the file; both empty if it does not exist."""
    if not path.exists():
        return [], []
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.reader(file)
        columns = next(reader, [])
        return columns, [row for row in reader if len(row) == len(columns)]
