"""Refusing searches, before any training, that could only fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...recipes import RecipeError
from ...reports.wording import duration_text
from ...training.errors import LadderError
from ..studies.study_checks import check_arm
from .dimension import Dimension
from .space import Space
from .tuning import Tuning


def fitted_to_data(tuning: Tuning, data: Mapping[str, Any]) -> tuple[Tuning, list[str]]:
    """Returns the search with a space that the data allow, and notes on what was left out.

    In the default space, batches get no larger than the training set, and a setting whose range
    these data do not allow is left out. A space given by the user is used as it is, or refused.

    Args:
        tuning: what is searched.
        data: summary of the data that the trials train on.

    Raises:
        LadderError: if a value of a given list or an end of a given range cannot be trained, or if
            the data leave nothing to search.
    """
    kept, notes = [], []
    for dimension in (_capped(one, tuning, data["train"]) for one in tuning.space.dimensions):
        refusal = next(_refusals(dimension, tuning, data), None)
        if refusal is None:
            kept.append(dimension)
        elif tuning.space.is_default:
            notes.append(f"{dimension.name} is left out of the search. {refusal}")
        else:
            raise LadderError(f"The space (--space), {dimension.name}: {refusal}")
    if not kept:
        raise LadderError(f"These data leave nothing to search: {' '.join(notes)}")
    return replace(tuning, space=Space(tuple(kept), tuning.space.is_default)), notes


def check_time(tuning: Tuning, seconds: float) -> None:
    """Refuses a search that has no time for a single run.

    Args:
        tuning: what is searched.
        seconds: expected duration of a run of the rung.

    Raises:
        LadderError: saying how long a run takes.
    """
    if tuning.minutes is not None and 60 * tuning.minutes < seconds:
        raise LadderError(
            f"A run of {tuning.rung.name} takes about {duration_text(seconds)}, longer than the "
            f"{tuning.minutes:g} minutes (--minutes) of the whole search. Give it more, or fewer "
            "epochs (--epochs)."
        )


def _capped(dimension: Dimension, tuning: Tuning, examples: int) -> Dimension:
    is_batch = dimension.name in ("batch_size", "batch_size.size")
    if not is_batch or not tuning.space.is_default:
        return dimension
    return replace(dimension, high=min(dimension.high, examples))


def _refusals(dimension: Dimension, tuning: Tuning, data: Mapping[str, Any]) -> Iterator[str]:
    """Yields why the rung cannot be trained with a value of the dimension, other settings kept."""
    for value in dimension.ends:
        name = f"{dimension.name}={value}"
        try:
            check_arm(name, tuning.blueprint({dimension.name: value}, name), data)
        except (LadderError, RecipeError) as error:
            yield str(error)
