"""What a search showed, in sentences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.judgements import Judgement, failed_text, judgements
from ..analysis.search_trials import (
    Flattery,
    SearchTrial,
    best_trial,
    flattery,
    judged_arms,
    known_number,
    other_winners_tested,
)
from ..figures.search_axis import SearchAxis, value_text
from ..read.run_set import RunSet
from ..statistics.intervals import estimate
from ..wording import (
    count_text,
    figure_text,
    join_words,
    metric_text,
    score_text,
    signed_texts,
)
from .difference_words import judged_text, no_interval_text

_STATES = {"done": "done", "pruned": "given up", "failed": "failed"}
# By how much equal figures may differ once they are summed.
_ROUNDING = 1e-9
# A value this near to an end of its range is on the edge.
_EDGE = 0.03
_SAMPLERS = {
    "tpe": "a tree-structured Parzen estimator (tpe)",
    "random": "random draws",
    "grid": "a grid",
    "gp": "a Gaussian process (gp)",
}


def search_headline(run_set: RunSet, trials: Sequence[SearchTrial]) -> list[str]:
    """What was searched, what won, what it is worth, and how far that flattered, in sentences."""
    best, told = best_trial(run_set), flattery(run_set)
    sentences = [_searched_text(run_set.details, trials)]
    if best is None:
        return [*sentences, "No trial has come to its end, so that nothing has won."]
    sentences.append(_winner_text(run_set, best))
    sentences += _edge_texts(run_set, best)
    if told is None:
        return [*sentences, _why_not_judged(run_set)]
    # If runs failed, the survivors do not show how far the search flattered itself.
    flattered = [] if failed_text(run_set.rungs) else _flattery_texts(run_set, told)
    return [*sentences, *_judged_texts(run_set), *flattered]


def _searched_text(details: Mapping[str, Any], trials: Sequence[SearchTrial]) -> str:
    states = Counter(trial.state for trial in trials)
    told = join_words([f"{states[one]} {words}" for one, words in _STATES.items() if states[one]])
    names = join_words([axis["name"] for axis in details["space"]])
    return (
        f"{count_text(len(trials), 'trial')} of {details['rung']} by "
        f"{_SAMPLERS[details['sampler']]} over {names}: {told or 'none has ended'}. "
        f"{_examples_text(details['searched_on'])}"
    )


def _examples_text(on: Mapping[str, Any]) -> str:
    # Older searches used training examples only.
    if on.get("is_unused"):
        return (
            f"Each was trained on the {on['train']:,} training examples and scored on "
            f"{on['val']:,} of those that limit_train leaves unused, held out for the search."
        )
    return (
        f"Each was trained on {on['train']:,} of the training examples and scored on the other "
        f"{on['val']:,}, held out for the search."
    )


def _winner_text(run_set: RunSet, best: SearchTrial) -> str:
    metric, own = metric_text(run_set.deciding.metric), known_number(run_set.details["own_score"])
    beside = "" if math.isnan(own) else f"; the rung's own settings came to {score_text(own)}"
    if run_set.details.get("own_is_best"):
        return (
            f"No trial was better than the rung's own settings, whose {metric} in the search is "
            f"{score_text(best.score)}: they are kept."
        )
    return (
        f"The winner is trial {best.number}: {_values_text(best.values)}. Its {metric} in the "
        f"search is {score_text(best.score)}{beside}."
    )


def _why_not_judged(run_set: RunSet) -> str:
    _, winner = judged_arms(run_set)
    if winner is None or not winner.failed:
        return "It is not judged yet: the same command continues the search."
    reason = winner.failed[0].reason
    return f"With new seeds on all training examples its runs failed, the first of them: {reason}"


def _edge_texts(run_set: RunSet, best: SearchTrial) -> list[str]:
    """Settings whose winning value is at an end of what was searched, if the setting has room."""
    found: dict[str, str] = {}
    for facts in run_set.details["space"]:
        axis, value = SearchAxis.of(facts), best.values[facts["name"]]
        if axis.is_ordered and value not in facts["bounds"]:
            place = axis.place(value)
            end = "highest" if place > 1 - _EDGE else "lowest" if place < _EDGE else ""
            found |= {axis.name: end} if end else {}
    if run_set.details.get("own_is_best") or not found:
        return []
    told = join_words([f"{name} ({end})" for name, end in found.items()])
    return [
        f"The winner is at an end of the searched range in {told}: a better value may lie beyond."
    ]


def _judged_texts(run_set: RunSet) -> list[str]:
    own, winner = judged_arms(run_set)
    assert winner is not None
    metric = metric_text(run_set.deciding.metric)
    figure = figure_text(estimate(winner.values("val")))
    seeds = count_text(len(winner.done), "new seed")
    text = f"Judged with {seeds} on the validation set, its {metric} is {figure}"
    if winner is own:
        failed = failed_text([winner])
        texts = [f"{text}; {failed}." if failed else f"{text}."]
    else:
        found = judgements(run_set).get(winner.name)
        against = f"against the rung's own settings that is {judged_text(found)}"
        texts = [f"{text}; {against}.", *_no_interval_texts(run_set, found)]
    return [*texts, *_test_texts(run_set)]


def _test_texts(run_set: RunSet) -> list[str]:
    _, winner = judged_arms(run_set)
    test = estimate(winner.values("test") if winner else [])
    if not test.count:
        return []
    metric, others = metric_text(run_set.deciding.metric), other_winners_tested(run_set)
    figure = f"its {metric} there is {figure_text(test)}"
    if not others:
        return [f"The test set was read for the winner alone, once: {figure}."]
    return [
        f"The test set was read for the winner: {figure}. In this folder it was read for "
        f"{count_text(others, 'other winner')} of the rung, too, of this search when it had fewer "
        "trials or of another: whoever chooses among winners by it flatters the choice."
    ]


def _no_interval_texts(run_set: RunSet, found: Judgement | None) -> list[str]:
    if found is None or found.failed:
        return []
    known = [found.difference] if found.difference else []
    return [] if any(one.is_known for one in known) else [no_interval_text(run_set, known)]


def _flattery_texts(run_set: RunSet, told: Flattery) -> list[str]:
    text = (
        f"The search had flattered itself by {signed_texts(told.total)[0]}: it had told "
        f"{score_text(told.searched)}, and {score_text(told.judged)} is left."
        if told.total > _ROUNDING
        else f"The search had not flattered itself: it had told {score_text(told.searched)}, "
        f"and judged it is {score_text(told.judged)} ({signed_texts(told.total)[0]})."
    )
    if math.isnan(told.of_choice) or run_set.details.get("own_is_best"):
        return [text]
    return [
        text,
        f"Against the rung's own settings it had promised {signed_texts(told.gain_searched)[0]}, "
        f"and judged it is {signed_texts(told.gain_judged)[0]}, {_choice_text(told.of_choice)}",
    ]


def _choice_text(lost: float) -> str:
    """How much less is left of what was promised."""
    if abs(lost) < _ROUNDING:
        return "as much."
    if lost < 0:
        return f"{score_text(-lost)} more."
    return (
        f"{score_text(lost)} less: the best of many by few examples and one seed is in part luck, "
        "and what is best with fewer training examples need not be best with all."
    )


def _values_text(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value_text(value)}" for name, value in values.items())
