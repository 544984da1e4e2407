"""Two blueprints of one seed share all the chance that they can."""

import keras
import numpy as np
import pytest
from scipy.special import log_softmax

from trickbook.data import DataSpec, load
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    SkipConnections,
    Slot,
    Wider,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.build_batches import build_batches
from trickbook.training.rung_range_test import range_test
from trickbook.training.rung_signals import rung_signals

PLAIN = Blueprint(filters=(4, 6), convolutions=2, dense=(5,))
IMAGES = np.random.default_rng(0).normal(size=(3, 8, 8, 1)).astype("float32")


def weights(blueprint, seed=0):
    """Every weight by its path."""
    model = build_network(blueprint, (8, 8, 1), 3, seed)
    return {weight.path: keras.ops.convert_to_numpy(weight) for weight in model.weights}


@pytest.mark.parametrize(
    "recipes",
    [[BatchNorm()], [Dropout()], [SkipConnections()], [Dropout(), BatchNorm(), SkipConnections()]],
    ids=str,
)
def test_layers_that_both_have_start_alike_whatever_else_there_is(recipes):
    below, above = weights(PLAIN), weights(compose(PLAIN, recipes))
    shared = [path for path in below if path in above and below[path].shape == above[path].shape]
    assert sum("kernel" in path for path in shared) == 6
    for path in shared:
        np.testing.assert_array_equal(below[path], above[path], err_msg=path)


def test_no_two_layers_start_alike_and_seeds_differ():
    for seed in (0, 1):
        kernels = [value for path, value in weights(PLAIN, seed).items() if "kernel" in path]
        starts = [tuple(kernel.ravel()[:5] / kernel.std()) for kernel in kernels]
        assert len(set(starts)) == len(kernels)
    one, other = weights(PLAIN, 0), weights(PLAIN, 1)
    assert all(not np.array_equal(one[path], other[path]) for path in one if "kernel" in path)


def test_a_wider_layer_leaves_the_others_as_they_are():
    below, above = weights(PLAIN), weights(Wider(2.0).apply(PLAIN))
    for path in ("head1_dense/bias", "logits/kernel"):
        np.testing.assert_array_equal(below[path], above[path])


def test_dropout_drops_the_same_units_with_and_without_tricks_below():
    def dropped(*recipes):
        model = build_network(compose(PLAIN, recipes), (8, 8, 1), 3, 5)
        layer = model.get_layer("stage2_dropout")
        return keras.ops.convert_to_numpy(layer(np.ones((4, 4, 4, 6), "float32"), training=True))

    alone = dropped(Dropout(stage_rate=0.5))
    assert 0 < (alone == 0).mean() < 1
    np.testing.assert_array_equal(alone, dropped(Dropout(stage_rate=0.5), BatchNorm()))
    np.testing.assert_array_equal(alone, dropped(SkipConnections(), Dropout(stage_rate=0.5)))


def test_initialisers_and_activations_with_arguments_take_part():
    initial = Slot("mine", Config.of("keras.initializers:RandomNormal", stddev=0.5))
    leaky = Slot("leaky", Config.of("keras.layers:LeakyReLU", negative_slope=0.25))
    blueprint = PLAIN.fill("kernel_initializer", initial).fill("activation", leaky)
    model = build_network(blueprint, (8, 8, 1), 3, 0)
    kernel = keras.ops.convert_to_numpy(model.get_layer("head1_dense").kernel)
    assert 0.4 < kernel.std() < 0.6
    layer = model.get_layer("stage1_1_leaky")
    np.testing.assert_allclose(np.asarray(layer(np.array([-4.0, 4.0], "float32"))), [-1.0, 4.0])
    again = build_network(BatchNorm().apply(blueprint), (8, 8, 1), 3, 0)
    kernels = [keras.ops.convert_to_numpy(m.get_layer("logits").kernel) for m in (model, again)]
    np.testing.assert_array_equal(*kernels)


def first_batch(blueprint, data, seed):
    batch = next(iter(build_batches(blueprint, data, data.scaling).dataset(seed, epochs=1)))
    return [keras.ops.convert_to_numpy(part) for part in batch]


def test_a_range_test_and_signals_are_of_the_seed_that_is_asked_for():
    """Of the weights and of the order of examples that a training with it begins with."""
    data = load(DataSpec("digits", limit_train=400))
    blueprint = Blueprint(base="fully_connected", dense=(5,), batch_size=256)
    for seed in (0, 3):
        x, y = first_batch(blueprint, data, seed)
        network = build_network(blueprint, data.input_shape, 10, seed)
        logits = keras.ops.convert_to_numpy(network(x, training=False)).astype("f8")
        loss = -log_softmax(logits, axis=1)[np.arange(256), y].mean()
        assert range_test(blueprint, data, seed, 2).losses[0] == pytest.approx(loss, rel=1e-4)
        *_, last = rung_signals(blueprint, data, seed).itertuples()
        assert (last.layer, last.std) == ("logits", pytest.approx(logits.std(), rel=1e-4))
