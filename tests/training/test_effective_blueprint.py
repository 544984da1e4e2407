"""Blueprints of which the same is left on some data train alike, and no others do."""

import keras
import numpy as np
import pytest

from trickbook.data import DataSpec, load
from trickbook.recipes import (
    Blueprint,
    GlobalPooling,
    LRDecay,
    LRStep,
    Pooling,
    Scaling,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.effective_blueprint import effective_blueprint
from trickbook.training.learning_rate import learning_rate
from trickbook.training.trainer import scaling_of

SMALL = Blueprint(filters=(2, 3), convolutions=1, dense=(3,))


def are_alike(one, other, data):
    return effective_blueprint(one, data) == effective_blueprint(other, data)


@pytest.mark.parametrize("kind", ["average", "max"])
@pytest.mark.parametrize("pooling", ["max", "strided"])
@pytest.mark.parametrize("shape", [(68, 4, 1), (64, 4, 1), (5, 4, 1), (7, 7, 2), (4, 4, 1)])
def test_the_pooling_of_a_head_counts_where_it_changes_what_the_network_says(shape, pooling, kind):
    below = Pooling(pooling).apply(SMALL)
    above = GlobalPooling(kind).apply(below)
    networks = [build_network(one, shape, 2) for one in (below, above)]
    images = np.random.default_rng(0).normal(size=(3, *shape)).astype("float32")
    is_same = networks[0].count_params() == networks[1].count_params() and np.array_equal(
        *(keras.ops.convert_to_numpy(network(images)) for network in networks)
    )
    assert are_alike(above, below, {"image_shape": list(shape)}) == is_same


def test_a_backbones_maps_are_averaged_told_or_not():
    below = SMALL.with_settings(base="backbone", backbone="MobileNetV2")
    data = {"image_shape": [8, 8, 3]}
    assert are_alike(GlobalPooling().apply(below), below, data)
    assert not are_alike(GlobalPooling("max").apply(below), below, data)


@pytest.mark.parametrize("own", ["unit", "standardize"])
@pytest.mark.parametrize("kind", ["unit", "symmetric", "standardize", "image_center"])
def test_a_scaling_counts_where_it_is_not_the_datas(own, kind):
    data = load(DataSpec("digits", scaling=own))
    above = Scaling(kind).apply(SMALL)
    is_same = scaling_of(above, data) == data.scaling and not above.preprocessing
    assert are_alike(above, SMALL, data.summary()) == is_same == (own == kind)


@pytest.mark.parametrize("recipe", [LRStep(epochs=4), LRStep(epochs=3), LRDecay(0.9)], ids=str)
@pytest.mark.parametrize("epochs", [3, 4, 5])
def test_a_schedule_counts_where_the_rate_of_some_step_is_another(recipe, epochs):
    steps, below = 5, SMALL.with_settings(epochs=epochs)
    above = compose(below, [recipe])
    schedule = learning_rate(above, steps)
    rates = {float(keras.ops.convert_to_numpy(schedule(step))) for step in range(steps * epochs)}
    assert are_alike(above, below, {}) == (len(rates) == 1)
