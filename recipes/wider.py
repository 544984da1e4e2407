"""A wider network."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .network_settings import multiplied, widths_of
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class Wider(Recipe):
    """Multiplies the filters of convolutions, or the units of the layers of other networks.

    Why:
        Once regularisation has brought training and validation accuracy together, both are limited
        by capacity: raise it, and expect validation accuracy to rise with training accuracy. Cost
        grows with the square of the factor.

    Source:
        L3, trick 7 ("Increase model capacity (and use more data augmentation)": validation accuracy
        about 93 %) and its last step ("Increase model capacity once more": about 94.5 %); L2
        (hidden units). The decks give no factor: 1.5 for filters alone is ours.

    Clashes:
        None. Applied again, it multiplies again.
    """

    level = "architecture"
    helps_against = ("under-fitting", "balanced", "validation-better")
    factor: float = setting(
        1.5,
        "factor on the filters, which are then rounded; in networks without convolutions, on the "
        "units of recurrent or dense layers",
        low=0,
        without_low=True,
        search=(1.0, 4.0),
        scale="log",
    )
    dense_factor: float = setting(
        1.0, "the same for the units of hidden dense layers", low=0, without_low=True
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with wider layers."""
        body = widths_of(blueprint.base)
        factors = {"dense": self.dense_factor}
        factors[body] = self.factor * factors.get(body, 1.0)
        wider = {name: multiplied(getattr(blueprint, name), by) for name, by in factors.items()}
        return blueprint.with_settings(**wider)
