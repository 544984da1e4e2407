"""Any two recipes compose, in either order to the same, or are refused with a reason."""

import itertools
import re

import pytest
from recipe_examples import EXAMPLES

from trickbook.recipes import Blueprint, RecipeError, Scaling, Transfer, compose

# A batch that leaves several steps an epoch, so that schedules have something to do.
PLAIN = Blueprint(epochs=4, batch_size=16)
PAIRS = list(itertools.combinations(EXAMPLES, 2))
# Wider and deeper change what the network at hand has, and only one has filters; a backbone takes
# another network's place, and none takes the backbone's.
IN_ORDER = [
    *(("wider", "transfer"), ("network", "wider"), ("network", "deeper")),
    ("network", "transfer"),
]
# Kinds that clash with more than the examples do.
KINDS = [Scaling("unit"), Transfer(source="DIR/runs/NAME", unfreeze=3)]


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


def is_refused(*recipes):
    try:
        compose(PLAIN, recipes)
    except RecipeError:
        return True
    return False


def names(one, other):
    """Whether a card says that the other recipe clashes, by its name or by what both set."""
    clashes = [type(recipe).card()["Clashes"] for recipe in (one, other)]
    both_set = re.match(r"Another recipe that sets the [a-z -]+", clashes[0])
    return bool(re.search(rf"\b{other.name}\b", clashes[0])) or (
        both_set is not None and both_set[0] in clashes[1]
    )


@pytest.mark.filterwarnings("ignore::trickbook.recipes.NoEffectWarning")
def test_what_is_refused_beside_another_is_named_on_both_cards():
    recipes = [*EXAMPLES.values(), *KINDS]
    refused = [
        (one, other)
        for one, other in itertools.permutations(recipes, 2)
        if type(one) is not type(other) and is_refused(one, other)
    ]
    assert {("early_stopping", "transfer"), ("transfer", "network")} <= {
        (one.name, other.name) for one, other in refused
    }
    unnamed = {
        (one.name, other.name)
        for pair in refused
        for one, other in (pair, pair[::-1])
        if not names(one, other)
    }
    assert not unnamed


def test_a_network_takes_no_backbones_place():
    transfer, network = EXAMPLES["transfer"], EXAMPLES["network"]
    with pytest.raises(RecipeError, match=r"network: .*\(transfer\).* Put network before transfer"):
        compose(PLAIN, [transfer, network])
    assert compose(PLAIN, [network, transfer]).base == "backbone"
