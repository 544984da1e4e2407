"""The number of samples per step."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import LARGEST, setting


@dataclass(frozen=True)
class BatchSize(Recipe):
    """Trains with another number of samples per step, from a single one to the whole set.

    Why:
        Small batches mean many noisy steps, which find flat regions but cost more time per sample.
        Large batches mean few exact steps, and tolerate a higher learning rate. With the same
        number of epochs, twice the batch size means half the steps: look at the learning rate and
        the epochs, too, before calling either size better. If the loss oscillates, a larger batch
        helps, as a lower rate does; a smaller one makes it worse.

    Source:
        L2, L4 (1 is online learning, 64 to 512 are mini-batches, the whole set is gradient
        descent). L3 trains with 256; 32 is ours.

    Clashes:
        None. It replaces the budget's batch size. Each epoch's remainder is dropped. Very small
        batches go badly with batch_norm.
    """

    level = "training"
    helps_against = ("oscillating",)
    size: int = setting(
        32, "samples per step; 0 is the whole training set", whole=True, low=0, high=LARGEST
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the batch size."""
        return blueprint.with_settings(batch_size=self.size)
