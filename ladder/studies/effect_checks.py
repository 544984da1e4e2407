"""Refusing to vary a setting that does nothing in a rung."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

from ...recipes import NETWORK_FIELDS, Blueprint, NoEffectWarning
from ...training.errors import LadderError
from ...training.networks.base_network import slots_of
from ..rung import Rung, Step
from .rung_settings import with_values


def check_effect(name: str, values: Sequence[Any], rung: Rung) -> None:
    """Refuses a setting that another one overrides, or that the network does not honour.

    Args:
        name: name of the setting.
        values: the values to give it, in order.
        rung: the rung to vary.

    Raises:
        LadderError: if the setting has no effect.
        RecipeError: for a value that the setting cannot have.
    """
    if not is_honoured(name, rung.blueprint):
        raise LadderError(f"{name} means nothing to the network of {rung.name}. Leave it out.")
    ends = (values[0], values[-1])
    first, last = (
        built({name: end}, rung.baseline, rung.steps, f"{rung.name},{name}={end}") for end in ends
    )
    if len(values) > 1 and first == last:
        raise LadderError(
            f"{name} changes nothing in {rung.name}, where a recipe sets it or leaves it unused. "
            "Leave it out, or give the recipe's own setting."
        )


def is_honoured(name: str, rung: Blueprint) -> bool:
    """Returns whether the rung's network uses a setting of the baseline."""
    return name not in NETWORK_FIELDS or name in slots_of(rung.base)


def built(
    values: Mapping[str, Any], baseline: Blueprint, steps: Sequence[Step], place: str
) -> Blueprint:
    """Returns the rung's blueprint with other values; no warning if one switches a trick off.

    Raises:
        RecipeError: for values that do not go together.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoEffectWarning)
        return with_values(baseline, steps, values, place)
