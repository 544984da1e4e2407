"""Which callbacks act on every batch."""

from __future__ import annotations

import keras

_OF_TESTS = ("on_test_batch_begin", "on_test_batch_end")
_OF_BATCHES = (
    *("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end"),
    *_OF_TESTS,
)


def acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    """Says whether a callback overrides a batch hook, for training or for validation."""
    return _has_own(callback, _OF_BATCHES)


def acts_on_test_batches(callback: keras.callbacks.Callback) -> bool:
    """Says whether a callback overrides a batch hook for validation."""
    return _has_own(callback, _OF_TESTS)


def _has_own(callback: keras.callbacks.Callback, hooks: tuple[str, ...]) -> bool:
    # A LambdaCallback's hooks are plain functions in its attributes, not methods of its class.
    return any(
        getattr(getattr(callback, name), "__func__", None)
        is not getattr(keras.callbacks.Callback, name)
        for name in hooks
    )
