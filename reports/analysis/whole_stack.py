"""What a whole ladder is worth: its top rung against its lowest."""

from __future__ import annotations

from ..read.run_set import RunSet
from .judgements import Judgement, judge_pairs


def judge_stack(run_set: RunSet) -> Judgement | None:
    """The top rung of a ladder judged against the lowest, as a comparison of its own.

    Which two are compared is fixed with the ladder, before any run. So the verdict is no part of
    the family of the steps, and holds by itself at 5 %; the best rung, chosen by what it is judged
    by, would have none. Over the seeds done in both.

    Returns:
        None where rungs do not stand on one another, or of a single step, which is judged already.
    """
    is_stack = all(rung.against == rung.index - 1 for rung in run_set.rungs[1:])
    if run_set.kind != "ladder" or not is_stack or len(run_set.rungs) < 3:
        return None
    return judge_pairs(run_set, [(run_set.rungs[-1], run_set.rungs[0])])[0]
