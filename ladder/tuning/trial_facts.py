"""What the report needs to know of a search, as values that JSON can hold."""

from __future__ import annotations

from typing import Any

from ...data.unused_examples import HELD_OUT
from .trials import FAILURE, FINGERPRINT, SECONDS, Trials
from .tuning import Tuning

_STATES = {"COMPLETE": "done", "PRUNED": "pruned"}


def search_details(
    tuning: Tuning,
    trials: Trials,
    data: dict[str, Any],
    own_score: float | None,
    *,
    is_on_unused: bool = False,
) -> dict[str, Any]:
    """Returns what the study's file holds of the search so far.

    Args:
        tuning: what is searched.
        trials: the trials that were begun.
        data: summary of the data that the trials train on.
        own_score: the score of the unchanged rung in the search's setup, if that run is done.
        is_on_unused: whether trials are trained on all training examples, and scored on examples
            that would otherwise be unused.
    """
    best = trials.best()
    return {
        "rung": tuning.rung.name,
        "space": [dimension.facts() for dimension in tuning.space.dimensions],
        "is_default": tuning.space.is_default,
        "sampler": tuning.sampler,
        "pruner": tuning.pruner,
        "seed": tuning.seed,
        "trials_asked": tuning.trials,
        "minutes": tuning.minutes,
        "epochs": tuning.rung.blueprint.epochs,
        "held_out": HELD_OUT,
        "searched_on": {"train": data["train"], "val": data["val"], "is_unused": is_on_unused},
        "own_score": own_score,
        "best": None if best is None else best.number,
        "trials": [_facts(one, trials) for one in trials.ended],
    }


def _facts(one: Any, trials: Trials) -> dict[str, Any]:
    failure = one.user_attrs.get(FAILURE)
    state = "failed" if failure is not None else _STATES[one.state.name]
    return {
        "number": one.number,
        "values": trials.values_of(one),
        "state": state,
        "reason": failure,
        "score": one.value if state == "done" else None,
        "epochs": one.last_step,
        "last": one.intermediate_values.get(one.last_step),
        "seconds": one.user_attrs.get(SECONDS),
        "fingerprint": one.user_attrs.get(FINGERPRINT),
    }
