"""Tokens and categories reach every network as vectors, exact in half precision too."""

import warnings

import keras
import numpy as np
import pytest

from trickbook.data import Scaling
from trickbook.recipes import Blueprint, Task
from trickbook.training.build import build_model, build_network
from trickbook.training.networks.input_kind import InputKind

TOKENS = InputKind((5,), vocabulary=300)
ROWS = InputKind((3,), category_sizes=(0, 7, 200))
SMALL = Blueprint(base="recurrent", recurrent_units=(4,), dense=(), embedding_size=6)
AS_THEY_ARE = Scaling("none", (1.0,), (0.0,))


def mean_of_steps(inputs, classes, parts):
    """A user's own network: it gets vectors, and masks."""
    return parts.logits(keras.layers.GlobalAveragePooling1D()(inputs), classes)


mean_of_steps.slots = ()


def outputs(model, x):
    return keras.ops.convert_to_numpy(model(np.asarray(x, "float32"), training=False))


def test_a_token_is_the_vector_of_its_id_to_a_users_own_network():
    own = Blueprint(base=f"{__name__}:mean_of_steps", embedding_size=6)
    network = build_network(own, TOKENS, 2)
    vectors, kernel, bias = map(keras.ops.convert_to_numpy, network.weights)
    assert vectors.shape == (300, 6)
    # The mean leaves out padding.
    expected = (vectors[299] + vectors[7]) / 2 @ kernel + bias
    np.testing.assert_allclose(outputs(network, [[299, 7, 0, 0, 0]])[0], expected, atol=1e-6)


def test_a_recurrent_network_passes_over_padding():
    longer = InputKind((8,), vocabulary=300)
    for blueprint in (SMALL, SMALL.with_settings(bidirectional=True, recurrent_units=(4, 3))):
        short, long = (build_network(blueprint, kind, 2) for kind in (TOKENS, longer))
        ids = [[3, 9, 299]]
        padded = [outputs(net, np.pad(ids, ((0, 0), (0, n)))) for net, n in ((short, 2), (long, 5))]
        np.testing.assert_allclose(*padded, atol=1e-6)
        assert not np.allclose(padded[0], outputs(short, [[3, 9, 299, 1, 1]]))


def test_a_dense_network_takes_in_every_place_without_a_warning():
    dense = Blueprint(base="fully_connected", dense=(4,), embedding_size=6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        network = build_network(dense, TOKENS, 2)
    assert network.get_layer("head1_dense").kernel.shape == (5 * 6, 4)


def test_columns_of_codes_have_vectors_by_the_rule_beside_the_numbers():
    assert ROWS.embedding_sizes == (4, 50)
    assert ROWS.embedded_shape(99) == (1 + 4 + 50,)
    assert TOKENS.embedded_shape(99) == (5, 99)
    network = build_network(Blueprint(base="fully_connected", dense=(4,)), ROWS, 2)
    assert network.get_layer("head1_dense").kernel.shape == (55, 4)


def test_vectors_are_a_function_of_the_seed_alone():
    def held(blueprint, seed=0):
        network = build_network(blueprint, TOKENS, 2, seed)
        return keras.ops.convert_to_numpy(network.get_layer("embedding").weights[0])

    dense = Blueprint(base="fully_connected", embedding_size=6)
    np.testing.assert_array_equal(held(SMALL), held(dense))
    assert not np.array_equal(held(SMALL), held(SMALL, seed=1))


@pytest.fixture
def half_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


def test_values_have_all_their_digits_in_units_of_the_target(half_precision):
    dense = Blueprint(task=Task("regression"), base="fully_connected", dense=(4,))
    target = Scaling("standardize", (0.02,), (-3.04,))
    built = build_model(dense, (3,), 1, AS_THEY_ARE, target_scaling=target, steps_per_epoch=1)
    rows = np.random.default_rng(0).normal(size=(5, 3))
    expected = (outputs(built.training_model, rows) + 3.04) / 0.02
    np.testing.assert_allclose(outputs(built.inference_model, rows), expected, rtol=1e-5)


@pytest.mark.parametrize(
    ("kind", "examples"),
    [
        (TOKENS, [[256, 257, 258, 1, 0], [256, 257, 259, 1, 0]]),
        (InputKind((2,), category_sizes=(0, 300)), [[0.5, 257], [0.5, 258]]),
    ],
    ids=["tokens", "categories"],
)
@pytest.mark.parametrize("base", ["fully_connected", "recurrent"])
def test_ids_survive_half_precision_and_the_scaling(base, kind, examples, half_precision):
    if base == "recurrent" and kind.vocabulary is None:
        kind, examples = InputKind((1, *kind.shape), None, (0, 300)), [[one] for one in examples]
    model = build_model(
        SMALL.with_settings(base=base), kind, 2, AS_THEY_ARE, steps_per_epoch=1
    ).inference_model
    first, second = outputs(model, examples)
    assert not np.array_equal(first, second)
