"""`ExactResume`: a killed training goes on as if nothing had happened."""

import sys
import time
import warnings
from contextlib import suppress
from pathlib import Path
from typing import Any

import keras

from .recording.tolerant_writer import TolerantWriter
from .recording.writable_folder import require_writable_folder
from .state.callback_memory import unseen_values, who_remembers
from .state.callback_state import callback_states, restore_callbacks
from .state.data_order import epoch_setter, order_is_known
from .state.fit_call import find_fit_call, iterator_of_fit
from .state.keras_private import begin_fit_at
from .state.sample_build import build_on_a_sample
from .state.saved_state_error import SavedStateError
from .state.state_file import read_state, write_state
from .state.training_state import (
    first_unbuilt_layer,
    require_tracked_variables,
    restore_training_state,
    training_state,
)
from .state.unseeded_draws import unseeded_draws

_FILE = "state.npz"
# What a state that lacks something, or holds something else, raises. Running out of disk or memory
# is no fault of the state.
_MISFITS = (AttributeError, LookupError, TypeError, ValueError)


class ExactResume(keras.callbacks.Callback):
    """Lets a killed training resume and end as if it had never been killed, bit for bit.

    After every epoch it saves all that decides how training goes on: weights; optimizers with
    their moments, averages and loss scales, also those of a custom training step; the seed
    generators of all layers; Python's, NumPy's, Keras's and PyTorch's random states; and what the
    other callbacks remember. The same program, started again with the same folder, goes on after
    the last saved epoch. When training ends the saved state is deleted. Each fit of a program needs
    its own folder, and must be trained by one process: several would write the same file.

    Each save replaces the one before atomically: a kill during a save leaves the earlier one
    intact. If the disk fills up there is one warning, and training goes on.

    Of the other callbacks, wherever they stand in the list, it keeps the state of all of
    trickbook's; of Keras's `History`, `EarlyStopping`, `ReduceLROnPlateau`, `ModelCheckpoint`,
    `OrbaxCheckpoint`, `SwapEMAWeights`, `TensorBoard`, and `CSVLogger`, with its file; and of any
    that offers `state_dict()`, which returns nested dicts and lists of numbers, strings, None and
    arrays, and `load_state_dict(state)`. The latter is called after every `on_train_begin`, and
    before the first epoch; it gets tensors back as numbers or NumPy arrays. A warning names any
    other callback that is seen to remember something.

    A model that is not built yet, like most subclassed models, is built on a sample of the data.

    In a training loop of your own, with a `keras.callbacks.CallbackList`, begin at the epoch that
    `first_epoch()` returns: Keras's `fit` does so by itself.

    The order of the training data is restored for arrays; for a `PyDataset` without hooks or a
    generator of its own, on JAX and PyTorch with one worker; for a PyTorch `DataLoader` without a
    generator of its own; and for a data set with a method `set_epoch(epoch)`, which is called when
    an epoch (counted from 0) begins. For a `tf.data` set or generator whose order follows from a
    seed and the epoch, build it from `first_epoch()`. For any other a warning says that its order
    cannot be restored. Two kinds of random numbers cannot be restored either: those of operations
    that TensorFlow seeds itself, such as `tf.random.normal` (a warning names them where the
    training step is compiled), and, on PyTorch with `steps_per_epoch`, those of layers such as
    `Dropout` without a `seed` of their own. PyTorch's random states on GPUs are restored if there
    are as many GPUs as before.

    For an exact result set a seed (`keras.utils.set_random_seed`) and use operations that are
    deterministic on this machine; on a GPU TensorFlow needs
    `tf.config.experimental.enable_op_determinism()`.

    Args:
        folder: Where to save; made if it is not there. It should hold nothing else.
        every_seconds: Save only when this many seconds have passed since the last save, or since
            training began.
        delete: Delete the saved state when training ends. A program that has more to do after
            training may keep it until then, and delete the folder itself.

    Raises:
        ValueError: `every_seconds` is negative; or, when training begins, `folder` cannot be
            written, the model is not built and cannot be built from the data, an optimizer trains
            a variable that the model does not track, or the saved state is damaged, or belongs to
            another model, kind of optimizer or version of a callback; or, when an epoch begins, a
            loop of your own does not go on after the last saved epoch.

    Example:
    ```python
    keras.utils.set_random_seed(0)
    resume = trickbook.callbacks.ExactResume("backup")
    model.fit(x, y, epochs=100, callbacks=[keras.callbacks.EarlyStopping(), resume])

    # With a data set that yields one epoch after the other:
    batches = make_batches(seed=0, first_epoch=resume.first_epoch())
    model.fit(batches, steps_per_epoch=200, epochs=100, callbacks=[resume])
    ```
    """

    def __init__(self, folder: str | Path, every_seconds: float = 0.0, delete: bool = True) -> None:
        super().__init__()
        if not every_seconds >= 0:
            raise ValueError(
                f"`every_seconds` should be 0 or more. Received: every_seconds={every_seconds}"
            )
        self.folder = Path(folder)
        self.every_seconds = every_seconds
        self.delete = delete
        self._order_is_given = False
        self._has_told_of_callbacks = False
        self._has_told_of_draws = False

    def first_epoch(self) -> int:
        """The epoch, counted from 0, at which a fit would go on now; 0 where nothing is saved.

        A program that calls this takes care of the data's order itself, so no warning is given.

        Raises:
            ValueError: What is saved is damaged.
        """
        self._order_is_given = True
        state = self._read()
        return 0 if state is None else int(state["epoch"])

    def set_model(self, model: keras.Model) -> None:
        """Keras calls this before training begins."""
        super().set_model(model)
        call = find_fit_call(self)
        self._callbacks = call.callbacks
        self._set_epoch = epoch_setter(call.x)
        if not any(isinstance(one, _Last) and one.resume is self for one in self._all()):
            self._all().append(_Last(self))
        exact = (
            self._order_is_given
            or self._set_epoch is not None
            or order_is_known(call.x, call.steps_per_epoch)
        )
        self._unknown_order = None if exact else type(call.x).__name__
        self._data = call.x

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that a save would work, before any time is spent on training."""
        require_writable_folder(self.folder, "ExactResume")
        if first_unbuilt_layer(self.model) is not None:
            build_on_a_sample(self.model, self._data)
        unbuilt = first_unbuilt_layer(self.model)
        if unbuilt is not None:
            raise ValueError(
                "ExactResume needs a model that is built before fit: call it on a batch of data, "
                "with training=True if it has layers that only training uses, and remove a layer "
                "that nothing calls. "
                f"Received: model={self.model.name}, whose layer {unbuilt} is not built"
            )
        require_tracked_variables(self.model)
        if self._unknown_order is not None:
            warnings.warn(
                "ExactResume cannot restore the order of the training data, a "
                f"{self._unknown_order}: after a kill, training would go on with the data of the "
                "first epochs. Give a data set with set_epoch(epoch), or build it to start at "
                "the epoch that first_epoch() returns.",
                stacklevel=2,
            )
        self._last_save = time.perf_counter()
        self._goes_on_at: int | None = None
        self._unseen: dict[str, dict[str, str]] | None = None
        self._writer = TolerantWriter("ExactResume", self.folder)

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Tell the data set which epoch it is."""
        expected, self._goes_on_at = self._goes_on_at, None
        if expected not in (None, epoch):
            raise ValueError(
                f"ExactResume has restored the training as it was before epoch {expected}, counted "
                "from 0, and your loop would train epochs twice or leave some out. Begin it at "
                f"first_epoch(), which is {expected}. Received: epoch={epoch}"
            )
        if self._set_epoch is not None:
            self._set_epoch(epoch)
        # After every on_train_begin: what it sets up is no memory of the training.
        if self._unseen is None:
            self._unseen = unseen_values(self._others())

    def _warn_of_callbacks(self, epoch: int) -> None:
        """Warn once of callbacks that remember something that is not saved."""
        if self._has_told_of_callbacks:
            return
        now = unseen_values(self._others())
        before, self._unseen = self._unseen or {}, now
        changed = who_remembers(before, now, epoch)
        if changed:
            self._has_told_of_callbacks = True
            warnings.warn(
                f"ExactResume cannot save what {', '.join(changed)} remembers: after a kill it "
                "starts afresh. Give it state_dict() and load_state_dict(state).",
                stacklevel=2,
            )

    def _warn_of_draws(self, iterator: Any) -> None:
        """Warn once of functions that draw from TensorFlow's own generators in a compiled step."""
        if self._has_told_of_draws:
            return
        self._has_told_of_draws = True
        draws = unseeded_draws(self.model, iterator)
        if draws:
            warnings.warn(
                f"ExactResume cannot restore the generator of {', '.join(draws)}: after a kill it "
                "starts afresh. Draw with keras.random and a keras.random.SeedGenerator.",
                stacklevel=2,
            )

    def _all(self) -> list[keras.callbacks.Callback]:
        return self._callbacks.callbacks

    def _others(self) -> list[keras.callbacks.Callback]:
        return [one for one in self._all() if not isinstance(one, ExactResume | _Last)]

    def _read(self) -> dict[str, Any] | None:
        path = self.folder / _FILE
        try:
            return read_state(path) if path.exists() else None
        except SavedStateError as error:
            raise SavedStateError(
                f"ExactResume cannot go on: {error} Delete it to start afresh. "
                f"Received: folder={str(self.folder)!r}"
            ) from error

    def _restore(self) -> None:
        state = self._read()
        if state is None:
            return
        try:
            restore_training_state(self.model, state["training"])
        except _MISFITS as error:
            raise self._misfit("model", error) from error
        try:
            fresh = restore_callbacks(self._others(), state["callbacks"])
        except _MISFITS as error:
            raise self._misfit("version of a callback", error) from error
        if fresh:
            warnings.warn(
                f"ExactResume found no saved state of {', '.join(fresh)}: starting afresh.",
                stacklevel=2,
            )
        self._goes_on_at = int(state["epoch"])
        # A training that had stopped by itself has no epoch left, however many were asked for.
        begin_fit_at(self.model, sys.maxsize if state["stopped"] else state["epoch"])

    def _misfit(self, of: str, error: Exception) -> SavedStateError:
        reason = str(error) if type(error) is ValueError else f"{type(error).__name__}: {error}"
        return SavedStateError(
            f"ExactResume found the state of another {of} ({reason}). Give another folder, or "
            f"delete this one to start afresh. Received: folder={str(self.folder)!r}"
        )

    def _save(self, epoch: int) -> None:
        self._warn_of_callbacks(epoch)
        if time.perf_counter() - self._last_save < self.every_seconds:
            return
        state = {
            "epoch": epoch + 1,
            "stopped": bool(self.model.stop_training),
            "training": training_state(self.model),
            "callbacks": callback_states(self._others()),
        }
        self._writer.write(lambda: write_state(self.folder / _FILE, state))
        self._last_save = time.perf_counter()

    def _forget_first_epoch(self) -> None:
        # Keras would begin a later fit of this model there too.
        begin_fit_at(self.model, None)

    def _end(self) -> None:
        self._forget_first_epoch()
        self._order_is_given = False
        if not self.delete:
            return
        (self.folder / _FILE).unlink(missing_ok=True)
        # The folder may hold other files, against our advice.
        with suppress(OSError):
            self.folder.rmdir()


class _Last(keras.callbacks.Callback):
    """Calls an `ExactResume` when all other callbacks, and Keras's History, have had their turn."""

    def __init__(self, resume: ExactResume) -> None:
        super().__init__()
        self.resume = resume

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.resume._restore()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.resume._forget_first_epoch()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self.resume._warn_of_draws(iterator_of_fit())
        self.resume._save(epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        self.resume._end()
