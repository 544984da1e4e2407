"""A learning rate that falls where the validation loss stalls."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class LRPlateau(Recipe):
    """Divides the learning rate where the validation loss has stalled for some epochs.

    Why:
        No schedule to guess: the rate stays as large as it is of use, and falls when the training
        itself shows that it is too large to get further.

    Source:
        L4: smaller by a factor of two (`factor` 0.5) or an order of magnitude (0.1) once the
        performance plateaus. Keras's ReduceLROnPlateau, which acts between two epochs. Patience and
        least gain are ours. The validation set is then not only read but trained by, a little.

    Clashes:
        Another recipe that sets the learning-rate schedule.
    """

    name = "lr_plateau"
    level = "training"
    helps_against = ("oscillating", "saturated")
    factor: float = setting(
        0.5,
        "factor at each plateau",
        low=0,
        high=1,
        without_low=True,
        without_high=True,
        search=(0.1, 0.9),
    )
    patience: int = setting(
        5,
        "epochs without gain before the rate falls",
        whole=True,
        low=1,
        high=LARGEST,
        search=(2, 10),
    )
    min_delta: float = setting(1e-4, "what the loss must fall by to count as gain", low=0)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a callback in the schedule's place."""
        plateau = Config.of(
            "keras.callbacks:ReduceLROnPlateau",
            monitor="val_loss",
            mode="min",
            factor=self.factor,
            patience=self.patience,
            min_delta=self.min_delta,
        )
        return blueprint.fill("schedule", Slot(self.name, plateau))
