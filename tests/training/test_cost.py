"""The cost of a training against counting by hand and against the network's own kernels."""

import math

import keras
import pytest

from trickbook.recipes import BatchNorm, Blueprint, Dropout, SkipConnections, compose
from trickbook.training.build import build_network
from trickbook.training.cost import multiply_adds, training_cost

SMALL = Blueprint(filters=(2, 3), dense=(5,))


def test_a_small_network_counted_by_hand():
    convolutions = 64 * 9 * (1 * 2 + 2 * 2) + 16 * 9 * (2 * 3 + 3 * 3)
    head = 2 * 2 * 3 * 5 + 5 * 4
    assert multiply_adds(SMALL, (8, 8, 1), 4) == convolutions + head
    projections = 64 * 1 * 2 + 16 * 2 * 3
    skips = SkipConnections().apply(SMALL)
    assert multiply_adds(skips, (8, 8, 1), 4) == convolutions + projections + head


def counted_in_the_network(blueprint, shape, classes):
    total = 0
    for layer in build_network(blueprint, shape, classes).layers:
        if isinstance(layer, keras.layers.Conv2D):
            total += math.prod(layer.output.shape[1:3]) * math.prod(layer.kernel.shape)
        elif isinstance(layer, keras.layers.Dense):
            total += math.prod(layer.kernel.shape)
    return total


@pytest.mark.parametrize("shape", [(8, 8, 1), (9, 14, 3), (64, 16, 3), (65, 16, 3)])
@pytest.mark.parametrize(
    "blueprint",
    [
        SMALL,
        compose(SMALL, [SkipConnections(), BatchNorm(), Dropout()]),
        compose(Blueprint(filters=(3, 3, 5), convolutions=3, dense=(4, 2)), [SkipConnections()]),
        Blueprint(filters=(4,), dense=()),
        Blueprint(filters=(2, 3), dense=(4,), pooling="strided", skip_connections=True),
        Blueprint(filters=(2, 3), dense=(4,), pooling="average", head_pooling="max"),
    ],
    ids=["small", "skips", "deep", "shallow", "strided", "pooled"],
)
def test_it_is_what_the_network_multiplies(blueprint, shape):
    expected = counted_in_the_network(blueprint, shape, 7)
    assert multiply_adds(blueprint, shape, 7) == expected


def test_a_training_costs_three_forward_passes_of_each_image_and_epoch():
    blueprint = Blueprint(filters=(2, 3), dense=(5,), epochs=6)
    once = multiply_adds(blueprint, (8, 8, 1), 4)
    assert training_cost(blueprint, (8, 8, 1), 4, 50) == 3 * once * 6 * 50
