"""Stacking recipes into rungs."""

from dataclasses import dataclass
from itertools import pairwise

import pytest

from trickbook.ladder.rung import Rung, Step, find_rung, stack
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    Network,
    NoEffectWarning,
    Noise,
    Recipe,
    RecipeError,
    Slot,
    Wider,
    compose,
)

PLAIN = Blueprint(filters=(8,))


def test_each_rung_is_the_one_below_and_its_recipes():
    steps = [
        Step((Noise(),), reported=0.8),
        Step((Wider(2), BatchNorm())),
        Step((Wider(2),), reported=0.9),
    ]
    rungs = stack(PLAIN, steps, 0.7)
    assert [rung.index for rung in rungs] == [0, 1, 2, 3]
    assert [rung.name for rung in rungs] == [
        "00-baseline",
        "01-noise",
        "02-wider+batch_norm",
        "03-wider",
    ]
    assert [rung.reported for rung in rungs] == [0.7, 0.8, None, 0.9]
    assert [rung.blueprint for rung in rungs] == [
        PLAIN,
        compose(PLAIN, [Noise()]),
        compose(PLAIN, [Noise(), Wider(2), BatchNorm()]),
        compose(PLAIN, [Noise(), Wider(2), BatchNorm(), Wider(2)]),
    ]
    assert rungs[0].changed == ""
    assert rungs[3].changed == "filters: 16 -> 32"
    for below, above in pairwise(rungs):
        assert above.changed == above.blueprint.difference(below.blueprint) != ""


def test_a_ladder_may_be_a_baseline_alone():
    assert stack(PLAIN, [], None) == [Rung(0, (), PLAIN, "", None)]


def test_names_sort_in_the_order_of_the_rungs():
    rungs = stack(PLAIN, [Step((Wider(2),))] * 11, None)
    names = [rung.name for rung in rungs]
    assert names == sorted(names)
    assert names[-1] == "11-wider"


def test_rungs_that_bring_several_kinds_of_network_say_which():
    kinds = [Step((Network("conv"),)), Step((Noise(), Network("fully_connected")))]
    base = Blueprint(base="fully_connected", filters=(8,))
    rungs = stack(base, kinds, None)
    assert [rung.name for rung in rungs[1:]] == [
        "01-network-conv",
        "02-noise+network-fully_connected",
    ]
    assert [rung.recipes for rung in rungs[1:]] == [("network",), ("noise", "network")]
    assert find_rung(rungs, "network-conv") is find_rung(rungs, "1") is rungs[1]
    assert stack(base, kinds[:1], None)[1].name == "01-network"


def test_a_recipe_without_effect_warns():
    with pytest.warns(NoEffectWarning, match=r"Dropout\(rate=0\.3, stage_rate=0\.1\)"):
        rungs = stack(PLAIN, [Step((Dropout(),)), Step((Dropout(),))], None)
    assert rungs[2].changed == ""
    assert rungs[2].name == "02-dropout"


def test_a_clash_is_refused_with_its_rung():
    @dataclass(frozen=True)
    class LayerNorm(Recipe):
        def apply(self, blueprint):
            layer = Config.of("keras.layers:LayerNormalization")
            return blueprint.fill("normalization", Slot(self.name, layer))

    steps = [Step((Noise(),)), Step((BatchNorm(),)), Step((Wider(), LayerNorm()))]
    with pytest.raises(RecipeError, match=r"^Rung 3: layer_norm clashes with batch_norm"):
        stack(PLAIN, steps, None)


def test_a_rung_without_recipes_is_refused():
    with pytest.raises(RecipeError, match="Rung 2 adds no recipe"):
        stack(PLAIN, [Step((Noise(),)), Step(())], None)
