"""A wider network."""

from __future__ import annotations

from dataclasses import dataclass

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting


@dataclass(frozen=True)
class Wider(Recipe):
    """Multiplies the filters of every convolution.

    Why:
        Once regularisation has brought training and validation accuracy together, both are held
        back by capacity: raise it, and expect validation to follow training up. Cost grows with
        the square of the factor.

    Source:
        L3, tricks 7 and 9 ("increase model capacity": validation accuracy about 93 %, once more
        94.5 %). The deck gives no factor: 1.5 is ours.

    Clashes:
        None. Applied again it multiplies again.
    """

    level = "architecture"
    factor: float = setting(
        1.5, "filters are multiplied by it and rounded", low=0, without_low=True
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with wider convolutions."""
        filters = tuple(max(1, round(size * self.factor)) for size in blueprint.filters)
        return blueprint.with_settings(filters=filters)
