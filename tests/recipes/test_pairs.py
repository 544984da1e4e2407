"""Any two recipes compose, in either order to the same, or are refused with a reason."""

import itertools

import pytest
from recipe_examples import EXAMPLES

from trickbook.recipes import Blueprint, RecipeError, compose

# A batch that leaves several steps an epoch, so that schedules have something to do.
PLAIN = Blueprint(epochs=4, batch_size=16)
PAIRS = list(itertools.combinations(EXAMPLES, 2))
# Wider multiplies what the network at hand has, and only one has filters; of two that bring a
# network the later one counts.
IN_ORDER = [("wider", "transfer"), ("network", "wider"), ("network", "transfer")]


def composed(names):
    """The blueprint of both, or why there is none."""
    try:
        return compose(PLAIN, [EXAMPLES[name] for name in names])
    except RecipeError as refused:
        return str(refused)


@pytest.mark.parametrize("name", EXAMPLES)
def test_two_recipes_compose_or_are_refused_by_name(name):
    for pair in PAIRS:
        if name != pair[0] or pair in IN_ORDER:
            continue
        one, other = composed(pair), composed(pair[::-1])
        if isinstance(one, str) or isinstance(other, str):
            assert isinstance(one, str), f"{pair[::-1]} is refused and {pair} is not: {other}"
            assert isinstance(other, str), f"{pair} is refused and {pair[::-1]} is not: {one}"
            for text in (one, other):
                assert all(each in text for each in pair), text
        else:
            assert one == other, pair
