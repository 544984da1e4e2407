"""Clipping of the gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .blueprint import Blueprint
from .recipe import Recipe
from .setting import setting

# By kind: the setting of a blueprint that holds the limit.
_LIMITS = {"norm": "clip_norm", "value": "clip_value", "global_norm": "clip_global_norm"}


@dataclass(frozen=True)
class GradientClipping(Recipe):
    """Shortens gradients that are too long before each step.

    Why:
        A single batch with steep gradients can throw the weights far away from where they had
        settled. Clipping by norm keeps the direction of each weight tensor's gradient. Clipping by
        global norm keeps the direction of all gradients together. Clipping by value limits each
        entry on its own, which changes the direction.

    Source:
        L1 (by norm: g * limit / ||g|| where ||g|| > limit; by value: clip(g, -limit, limit));
        Pascanu et al. 2013 (by the norm of all gradients together). L1 gives no limit: 1 is ours.

    Clashes:
        None. Applied again, it replaces its earlier settings. Adam divides by the size of the
        gradients, so a limit that all of them exceed hardly changes its steps.
    """

    level = "training"
    helps_against = ("oscillating", "diverged")
    kind: Literal["norm", "value", "global_norm"] = setting(
        "norm", "what is limited", choices=tuple(_LIMITS)
    )
    limit: float = setting(
        1.0,
        "largest norm, or for value the largest size of an entry; 0 is off",
        low=0,
        search=(0.1, 10.0),
        scale="log",
    )

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the limit."""
        limits = dict.fromkeys(_LIMITS.values()) | {_LIMITS[self.kind]: self.limit or None}
        return blueprint.with_settings(**limits)
