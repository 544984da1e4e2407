"""The recurrent network against its equations in NumPy, and what it honours of a blueprint."""

import keras
import numpy as np
import pytest

from trickbook.recipes import L2, Blueprint, Dropout, RecipeError, Wider, compose
from trickbook.training.build import build_network

STEPS, FEATURES, UNITS = 5, 3, 4
PLAIN = Blueprint(base="recurrent", recurrent_units=(UNITS,), dense=())
X = np.random.default_rng(0).normal(size=(2, STEPS, FEATURES)).astype("float32")


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def simple_rnn(x, kernel, recurrent, bias):
    state = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        state = np.tanh(x[:, step] @ kernel + state @ recurrent + bias)
    return state


def lstm(x, kernel, recurrent, bias):
    state = cell = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        gates = x[:, step] @ kernel + state @ recurrent + bias
        i, f, candidate, o = np.split(gates, 4, axis=1)
        cell = sigmoid(f) * cell + sigmoid(i) * np.tanh(candidate)
        state = sigmoid(o) * np.tanh(cell)
    return state


def gru(x, kernel, recurrent, bias):
    state = np.zeros((len(x), recurrent.shape[0]))
    for step in range(x.shape[1]):
        of_input = np.split(x[:, step] @ kernel + bias[0], 3, axis=1)
        of_state = np.split(state @ recurrent + bias[1], 3, axis=1)
        update, reset = (sigmoid(a + b) for a, b in list(zip(of_input, of_state, strict=True))[:2])
        candidate = np.tanh(of_input[2] + reset * of_state[2])
        state = update * state + (1 - update) * candidate
    return state


CELLS = {"simple_rnn": simple_rnn, "lstm": lstm, "gru": gru}


def outputs(network, x):
    return keras.ops.convert_to_numpy(network(x, training=False))


def weights(layer):
    return [keras.ops.convert_to_numpy(weight) for weight in layer.weights]


def recurrent_layer(network):
    return next(layer for layer in network.layers if layer.name.startswith("recurrent1"))


@pytest.mark.parametrize("cell", CELLS)
def test_the_last_output_of_each_cell_goes_to_the_head(cell):
    network = build_network(PLAIN.with_settings(cell=cell), (STEPS, FEATURES), 2)
    last = CELLS[cell](X, *weights(recurrent_layer(network)))
    kernel, bias = weights(network.get_layer("logits"))
    np.testing.assert_allclose(outputs(network, X), last @ kernel + bias, atol=1e-5)


def test_images_are_read_row_by_row():
    images = np.random.default_rng(1).normal(size=(3, 4, 5, 2)).astype("float32")
    network = build_network(PLAIN, (4, 5, 2), 2)
    last = lstm(images.reshape(3, 4, 10), *weights(recurrent_layer(network)))
    kernel, bias = weights(network.get_layer("logits"))
    np.testing.assert_allclose(outputs(network, images), last @ kernel + bias, atol=1e-5)


def test_two_directions_start_from_different_weights_and_stand_side_by_side():
    network = build_network(PLAIN.with_settings(bidirectional=True), (STEPS, FEATURES), 2)
    held = weights(recurrent_layer(network))
    forth, back = held[:3], held[3:]
    assert not np.array_equal(forth[0], back[0])
    last = np.concatenate([lstm(X, *forth), lstm(X[:, ::-1], *back)], axis=1)
    kernel, bias = weights(network.get_layer("logits"))
    np.testing.assert_allclose(outputs(network, X), last @ kernel + bias, atol=1e-5)


def test_weights_are_a_function_of_the_seed_and_the_layers_name():
    def held(blueprint, seed=0):
        network = build_network(blueprint, (STEPS, FEATURES), 2, seed)
        return weights(recurrent_layer(network))

    deeper = PLAIN.with_settings(recurrent_units=(UNITS, 7), dense=(5,))
    for a, b in zip(held(PLAIN), held(deeper), strict=True):
        np.testing.assert_array_equal(a, b)
    kernels = [held(PLAIN, seed)[0] for seed in (0, 1)]
    assert not np.array_equal(*kernels)


def test_the_forget_gate_starts_open_and_states_are_rotated():
    _, recurrent, bias = weights(recurrent_layer(build_network(PLAIN, (STEPS, FEATURES), 2)))
    np.testing.assert_array_equal(bias, [0] * UNITS + [1] * UNITS + [0] * 2 * UNITS)
    np.testing.assert_allclose(recurrent @ recurrent.T, np.eye(UNITS), atol=1e-5)


def test_dropout_stands_after_each_layer_and_never_within():
    two = PLAIN.with_settings(recurrent_units=(UNITS, 2), dense=(5,))
    network = build_network(Dropout().apply(two), (STEPS, FEATURES), 2)
    rates = {layer.name: getattr(layer, "rate", None) for layer in network.layers}
    assert {name: rate for name, rate in rates.items() if rate} == {
        "recurrent1_dropout": 0.1,
        "recurrent2_dropout": 0.1,
        "head1_dropout": 0.3,
    }
    assert recurrent_layer(network).dropout == recurrent_layer(network).recurrent_dropout == 0


def test_both_kernels_are_regularised():
    network = build_network(L2(0.5).apply(PLAIN), (STEPS, FEATURES), 2)
    kernels = [*weights(recurrent_layer(network))[:2], weights(network.get_layer("logits"))[0]]
    expected = sum(0.5 * (kernel**2).sum() for kernel in kernels)
    penalty = keras.ops.convert_to_numpy(sum(network.losses))
    assert penalty == pytest.approx(expected, rel=1e-5)


def test_wider_multiplies_its_units():
    wider = compose(PLAIN.with_settings(dense=(6,)), [Wider(2)])
    assert (wider.recurrent_units, wider.dense, wider.filters) == ((8,), (6,), PLAIN.filters)
    halved = wider.scaled(0.5)
    assert (halved.recurrent_units, halved.dense) == ((4,), (3,))


def test_rows_of_a_table_and_a_network_without_layers_are_refused():
    with pytest.raises(RecipeError, match=r"takes sequences .* these inputs are \(7,\)"):
        build_network(PLAIN, (7,), 2)
    with pytest.raises(RecipeError, match=r"needs a layer.*recurrent_units=\(\)"):
        build_network(PLAIN.with_settings(recurrent_units=()), (STEPS, FEATURES), 2)
