"""The cost of a training against counting by hand and against the network's own kernels."""

import math

import keras
import pytest

from trickbook.recipes import BatchNorm, Blueprint, Dropout, SkipConnections, compose
from trickbook.training.build import build_network
from trickbook.training.cost import SECONDS_PER_RUN, multiply_adds, training_cost, wall_time
from trickbook.training.networks.input_kind import InputKind

SMALL = Blueprint(filters=(2, 3), dense=(5,))


def test_a_small_network_counted_by_hand():
    convolutions = 64 * 9 * (1 * 2 + 2 * 2) + 16 * 9 * (2 * 3 + 3 * 3)
    head = 2 * 2 * 3 * 5 + 5 * 4
    assert multiply_adds(SMALL, (8, 8, 1), 4) == convolutions + head
    projections = 64 * 1 * 2 + 16 * 2 * 3
    skips = SkipConnections().apply(SMALL)
    assert multiply_adds(skips, (8, 8, 1), 4) == convolutions + projections + head


def test_airbench_counted_by_hand():
    """Images are halved within the first convolution of a stage, and there are no dense layers."""
    first = 32 * 32 * 9 * 3 * 64 + 16 * 16 * 9 * 64 * 64
    second = 16 * 16 * 9 * 64 * 256 + 8 * 8 * 9 * 256 * 256
    third = 8 * 8 * 9 * 256 * 256 + 4 * 4 * 9 * 256 * 256
    papers = Blueprint(base="airbench", filters=(64, 256, 256))
    assert multiply_adds(papers, (32, 32, 3), 10) == first + second + third + 256 * 10


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
        compose(Blueprint(base="airbench", filters=(2, 3), convolutions=3), [SkipConnections()]),
    ],
    ids=["small", "skips", "deep", "shallow", "strided", "pooled", "airbench"],
)
def test_it_is_what_the_network_multiplies(blueprint, shape):
    expected = counted_in_the_network(blueprint, shape, 7)
    assert multiply_adds(blueprint, shape, 7) == expected


def counted_in_kernels(network, steps):
    """Each kernel of a recurrent layer is used once a step, each of a dense one once."""
    total = 0
    for layer in network.layers:
        often = steps if layer.name.startswith("recurrent") else 1
        is_read = isinstance(layer, keras.layers.Embedding)
        kernels = [weight for weight in layer.weights if "kernel" in weight.name]
        total += 0 if is_read else sum(often * math.prod(kernel.shape) for kernel in kernels)
    return total


@pytest.mark.parametrize("cell", ["simple_rnn", "lstm", "gru"])
@pytest.mark.parametrize("kind", [(6, 3), (6, 4, 2), InputKind((6,), vocabulary=9)], ids=str)
def test_it_is_what_recurrent_layers_multiply(cell, kind):
    for more in ({}, {"bidirectional": True, "recurrent_units": (4, 3), "dense": ()}):
        settings = {"recurrent_units": (5,), "dense": (7,), "embedding_size": 2, **more}
        blueprint = Blueprint(base="recurrent", cell=cell, **settings)
        expected = counted_in_kernels(build_network(blueprint, kind, 4), 6)
        assert multiply_adds(blueprint, kind, 4) == expected


def test_a_training_costs_three_forward_passes_of_each_image_and_epoch():
    blueprint = Blueprint(filters=(2, 3), dense=(5,), epochs=6)
    once = multiply_adds(blueprint, (8, 8, 1), 4)
    assert training_cost(blueprint, (8, 8, 1), 4, 50) == 3 * once * 6 * 50


def test_runs_on_a_gpu_take_turns_in_all_but_what_is_fixed():
    seconds = [SECONDS_PER_RUN + training for training in (10.0, 20.0, 30.0, 40.0)]
    assert wall_time(seconds, 1, gpus=1) == wall_time(seconds, 1) == sum(seconds)
    assert wall_time(seconds, 4, gpus=1) == 100.0 + SECONDS_PER_RUN
    assert wall_time(seconds, 4, gpus=2) == 50.0 + SECONDS_PER_RUN
    assert wall_time(seconds, 1, gpus=2) == sum(seconds)
    assert wall_time(seconds, 4) == 40.0 + SECONDS_PER_RUN
    assert wall_time([0.5] * 4, 4, gpus=1) == 0.5
