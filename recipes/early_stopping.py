"""Stopping where the validation loss is lowest."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .config import Config
from .recipe import Recipe
from .setting import LARGEST, setting
from .slot import Slot


@dataclass(frozen=True)
class EarlyStopping(Recipe):
    """Keeps the weights of the lowest validation loss, and stops when it has not fallen for long.

    Why:
        The training loss of a large network keeps falling, while the validation loss turns up
        again: from there on, the network learns what is true of the training examples alone.
        Stopping at the turn is a regularisation that costs nothing, and it saves the epochs that
        would follow.

    Source:
        L1: stop at the lowest validation loss, which requires checkpointing; L4: the turning point
        of the validation curve. It is Keras's EarlyStopping, which restores the best weights at the
        end, even if the training ran to its last epoch. It watches the cross-entropy of a
        classification or the RMSE of a regression, which hold no penalties. The patience is ours.
        Figures, predictions and saved model are those of the restored weights. The validation
        figures are flattering, as the same examples chose the epoch; each run measures by how much,
        and the report tells it.

    Clashes:
        transfer with unfreeze, as it would choose one epoch from two phases. With averaged weights,
        it keeps the best averages. With lr_plateau, its patience must be the longer one, or no
        lower rate is ever tried.
    """

    level = "training"
    helps_against = ("over-fitting",)
    patience: int = setting(
        10,
        "epochs without a lower validation loss before it stops",
        whole=True,
        low=1,
        high=LARGEST,
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the callback."""
        stop = Config.of(
            "keras.callbacks:EarlyStopping",
            monitor=blueprint.task.monitored,
            mode="min",
            patience=self.patience,
            restore_best_weights=True,
        )
        return blueprint.fill("callbacks", Slot(self.name, stop))
