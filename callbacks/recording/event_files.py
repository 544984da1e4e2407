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

    Keras would wait for every batch if that callback stood in the list itself, since it overrides
    the hooks of batches; and it would leave in memory what a killed training has not yet written.

    Args:
        folder: Of the training; the files go to `tensorboard` in it.
        model: In training.
        params: What Keras tells callbacks of the fit.
        is_new: Whether files of an earlier training are removed.

    Raises:
        ValueError: TensorFlow or TensorBoard is not installed.
        OSError: The files cannot be written; so do all methods.
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
            # Keras takes single numbers only.
            self._writer.on_epoch_end(epoch, flat_numbers(logs))
            flush_event_files(self._writer)

    def close(self) -> None:
        """Close the files."""
        with _errors_of_the_disk():
            self._writer.on_train_end()


@contextmanager
def _errors_of_the_disk() -> Iterator[None]:
    """Let TensorFlow's errors, which say nothing of their kind, be those of the files."""
    import tensorflow as tf

    try:
        yield
    except tf.errors.OpError as error:
        raise OSError(error.message) from error


def check_tensorboard() -> None:
    """Refuse to write event files where a package is missing that it takes.

    Raises:
        ValueError: It is not installed.
    """
    for name in ("tensorflow", "tensorboard"):
        if importlib.util.find_spec(name) is None:
            raise ValueError(
                f"Event files are written by TensorFlow and TensorBoard, and {name} is not "
                "installed: pip install 'trickbook[tensorboard]'. Received: tensorboard=True"
            )
