"""Refusing callbacks that monitor a validation figure where there are no validation examples."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..data import Dataset
from ..recipes import Blueprint, RecipeError

if TYPE_CHECKING:
    import keras

# Callbacks that monitor val_loss unless told otherwise.
_BY_VAL_LOSS = ("keras.callbacks:EarlyStopping", "keras.callbacks:ReduceLROnPlateau")


def check_can_do_without_validation(blueprint: Blueprint) -> None:
    """Refuses a blueprint whose tricks monitor a validation figure, as far as their configs say so.

    Args:
        blueprint: blueprint of a training without validation examples.

    Raises:
        RecipeError: names the recipe and the figure.
    """
    slots = (*blueprint.callbacks, *filter(None, [blueprint.schedule]))
    for slot in slots:
        unsaid = "val_loss" if slot.config.path in _BY_VAL_LOSS else ""
        _refuse(slot.recipe, str(slot.config.keywords().get("monitor", unsaid)))


def check_monitored(callbacks: Iterable[keras.callbacks.Callback], data: Dataset) -> None:
    """Refuses callbacks that monitor a validation figure if the data have no validation examples.

    Raises:
        RecipeError: names the callback and the figure.
    """
    if len(data.x_val):
        return
    for callback in callbacks:
        _refuse(type(callback).__name__, str(getattr(callback, "monitor", "")))


def _refuse(name: str, monitor: str) -> None:
    if monitor.startswith("val_"):
        raise RecipeError(
            f"{name} monitors {monitor}, but a training on all examples has none for validation. "
            "Refit a rung without it, for as many epochs as it found to be enough."
        )
