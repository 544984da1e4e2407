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
        A large network's training loss falls and falls, while the validation loss turns up again:
        from there on it learns what is true of the training examples alone. To stop at the turn is
        a regularisation that costs nothing, and the epochs after it are saved.

    Source:
        L1: stop at the lowest validation loss, which requires checkpointing; L4: the turning point
        of the validation curve. Keras's EarlyStopping, which restores the best weights at the end,
        also of a training that ran to its last epoch. What must fall is the cross-entropy of a
        classification and the RMSE of a regression, which hold no penalties. The patience is ours.
        Figures, predictions and saved model are those of the restored weights. The validation
        figures flatter, as the same examples chose the epoch: by how much is measured with each run
        and told in the report.

    Clashes:
        transfer with unfreeze, for it would choose an epoch out of two phases. Of averaged weights
        it keeps the best averages. With lr_plateau its patience must be the longer one, or no lower
        rate is ever tried.
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
