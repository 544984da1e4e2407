"""`EventFiles`: TensorBoard's files of a training, by Keras's own callback."""

import importlib.util
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import keras

from ..state.keras_private import flush_event_files
from .history_table import flat_numbers

FOLDER = "tensorboard"


class EventFiles:
    """Hands epochs on to `keras.callbacks.TensorBoard`.

    If that callback were in the list itself, Keras would wait for every batch, since it overrides
    the hooks of batches; and a killed training would lose what it still holds in memory.

    Args:
        folder: Folder of the training; the files go to `tensorboard` in it.
        model: In training.
        params: What Keras tells callbacks of the fit.
        is_new: Whether files of an earlier training are removed.

    Raises:
        ValueError: TensorFlow or TensorBoard is not installed.
        OSError: The files cannot be written; raised by all methods too.
    """

    def __init__(
        self, folder: Path, model: keras.Model, params: dict[str, Any] | None, is_new: bool
    ) -> None:
        check_tensorboard()
        if is_new:
            shutil.rmtree(folder / FOLDER, ignore_errors=True)
        self._writer = keras.callbacks.TensorBoard(folder / FOLDER)
        self._writer.set_params(params)
        with _errors_of_the_disk():
            self._writer.set_model(model)
            self._writer.on_train_begin()

    def add(self, epoch: int, logs: dict[str, Any]) -> None:
        """Write what was measured in an epoch, counted from 0, at once."""
        with _errors_of_the_disk():
            # Keras accepts single numbers only.
            self._writer.on_epoch_end(epoch, flat_numbers(logs))
            flush_event_files(self._writer)

    def close(self) -> None:
        """Close the files."""
        with _errors_of_the_disk():
            self._writer.on_train_end()


@contextmanager
def _errors_of_the_disk() -> Iterator[None]:
    """Raise TensorFlow's errors, whose types say nothing of their cause, as OSError."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(error.message) from error


def check_tensorboard() -> None:
    """Refuse to write event files if a package that they need is missing.

    Raises:
        ValueError: A package is not installed.
    """
    for name in ("tensorflow", "tensorboard"):
        if importlib.util.find_spec(name) is None:
            raise ValueError(
                f"Event files are written by TensorFlow and TensorBoard, and {name} is not "
                "installed: pip install tensorboard. Received: tensorboard=True"
            )
