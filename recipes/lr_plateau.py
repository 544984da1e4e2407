"""A learning rate that falls where the validation loss stalls."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot

# In a regression any fall counts, as the target may have any unit.
_LEAST_GAIN = {"classification": 1e-4, "regression": 0.0}


@dataclass(frozen=True)
class LRPlateau(Recipe):
    """Divides the learning rate where the validation loss has stalled for some epochs.

    Why:
        There is no schedule to guess: the rate stays large for as long as this is of use, and falls
        when the training itself shows that it is too large to get further.

    Source:
        L4: lower the rate by a factor of two (`factor` 0.5) or an order of magnitude (0.1) once the
        performance plateaus. It also says that the rate may be raised again, which this recipe does
        not do. It is Keras's ReduceLROnPlateau, which acts between two epochs. It watches the
        cross-entropy of a classification or the RMSE of a regression: penalties, which fall as the
        weights shrink, would hide that validation stalls. Patience and least gain are ours. The
        validation set is then not only read, but also influences the training a little.

    Clashes:
        Another recipe that sets the learning-rate schedule; transfer with unfreeze, as a new phase
        would forget the lowered rate.
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
    min_delta: float | None = setting(
        None,
        "smallest fall that counts as gain, in nats, or for a regression in units of the target; "
        f"None is {_LEAST_GAIN['classification']:g} nats, or any fall of the RMSE",
        low=0,
        optional=True,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with a callback in the schedule's place."""
        task = blueprint.task
        least = _LEAST_GAIN[task.kind] if self.min_delta is None else self.min_delta
        plateau = Config.of(
            "keras.callbacks:ReduceLROnPlateau",
            monitor=task.monitored,
            mode="min",
            factor=self.factor,
            patience=self.patience,
            min_delta=least,
        )
        return blueprint.fill("schedule", Slot(self.name, plateau))
