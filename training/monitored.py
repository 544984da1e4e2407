"""Which validation figure a callback goes by, and what to say where there is none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..data import Dataset
from ..recipes import Blueprint, RecipeError

if TYPE_CHECKING:
    import keras

# Unless they are told otherwise.
_BY_VAL_LOSS = ("keras.callbacks:EarlyStopping", "keras.callbacks:ReduceLROnPlateau")


def check_can_do_without_validation(blueprint: Blueprint) -> None:
    """Refuses a blueprint whose tricks go by a validation figure, as far as they say so.

    Args:
        blueprint: of a training that has no validation examples.

    Raises:
        RecipeError: naming the recipe and what it goes by.
    """
    slots = (*blueprint.callbacks, *filter(None, [blueprint.schedule]))
    for slot in slots:
        unsaid = "val_loss" if slot.config.path in _BY_VAL_LOSS else ""
        _refuse(slot.recipe, str(slot.config.keywords().get("monitor", unsaid)))


def check_monitored(callbacks: Iterable[keras.callbacks.Callback], data: Dataset) -> None:
    """Refuses callbacks that go by a validation figure where the data have none to measure.

    Raises:
        RecipeError: naming the callback and what it goes by.
    """
    if len(data.x_val):
        return
    for callback in callbacks:
        _refuse(type(callback).__name__, str(getattr(callback, "monitor", "")))


def _refuse(name: str, monitor: str) -> None:
    if monitor.startswith("val_"):
        raise RecipeError(
            f"{name} goes by {monitor}, and a training on all examples has none for validation. "
            "Refit a rung without it, for as many epochs as it found to be enough."
        )
