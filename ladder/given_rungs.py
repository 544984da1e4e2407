"""Rungs as a ladder in Python takes them: lists of recipes, or one recipe each."""

from __future__ import annotations

from collections.abc import Iterable

from ..recipes import Recipe
from ..training.errors import LadderError
from .rung import Step


def given_steps(rungs: Iterable[Iterable[Recipe] | Recipe]) -> tuple[Step, ...]:
    """Returns what each rung adds to the one below.

    Raises:
        LadderError: for anything that is no list of rungs, saying what to write instead.
    """
    if not isinstance(rungs, Iterable):
        raise LadderError(
            "rungs is a list with an entry for each rung, such as [Noise(), [BatchNorm(), L2()]]. "
            f"Received: {rungs!r}"
        )
    return tuple(map(_step, rungs))


def _step(recipes: Iterable[Recipe] | Recipe) -> Step:
    held = tuple(recipes) if isinstance(recipes, Iterable) else (recipes,)
    for recipe in held:
        if not isinstance(recipe, Recipe):
            raise LadderError(
                f"A rung is a list of recipes, such as [Noise(), BatchNorm()]. Received: {recipe!r}"
            )
    return Step(held)
