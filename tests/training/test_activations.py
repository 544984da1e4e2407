"""Activations and their derivatives, deck L4, against their formulas."""

import keras
import numpy as np
import pytest
from gradients import gradients
from scipy.stats import norm

from trickbook.recipes import Activation, Blueprint
from trickbook.training.build import build_network

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(3,))
# Without 0, where some have no derivative.
X = np.concatenate([np.linspace(-6, -0.01, 40), np.linspace(0.01, 6, 40)])
UPSTREAM = np.random.default_rng(0).normal(size=X.shape)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def elu(alpha):
    return (
        lambda x: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
        lambda x: np.where(x > 0, 1, alpha * np.exp(x)),
    )


def leaky(slope):
    return lambda x: np.where(x > 0, x, slope * x), lambda x: np.where(x > 0, 1, slope)


# Value and derivative.
FORMULAS = {
    Activation("sigmoid"): (sigmoid, lambda x: sigmoid(x) * (1 - sigmoid(x))),
    Activation("tanh"): (np.tanh, lambda x: 1 - np.tanh(x) ** 2),
    Activation("relu"): (lambda x: np.maximum(x, 0), lambda x: np.where(x > 0, 1, 0)),
    Activation("leaky_relu"): leaky(0.01),
    Activation("leaky_relu", slope=0.25): leaky(0.25),
    Activation("elu"): elu(1),
    Activation("elu", alpha=0.5): elu(0.5),
    # x times the normal distribution's share below x.
    Activation("gelu"): (lambda x: x * norm.cdf(x), lambda x: norm.cdf(x) + x * norm.pdf(x)),
    Activation("silu"): (
        lambda x: x * sigmoid(x),
        lambda x: sigmoid(x) * (1 + x * (1 - sigmoid(x))),
    ),
}


@pytest.mark.parametrize("recipe", FORMULAS, ids=str)
def test_every_layer_has_the_activation_with_its_derivative(recipe):
    value, derivative = FORMULAS[recipe]
    network = build_network(recipe.apply(SMALL), (4, 4, 1), 2)
    for name in ("stage1_1_activation", "head1_activation"):
        layer = network.get_layer(name)
        x, upstream = X.astype("f4"), UPSTREAM.astype("f4")
        outputs = keras.ops.convert_to_numpy(layer(x))
        np.testing.assert_allclose(outputs, value(X), rtol=1e-5, atol=1e-6)
        (found,) = gradients(layer, [x], upstream)
        np.testing.assert_allclose(found, UPSTREAM * derivative(X), rtol=1e-4, atol=1e-5)


def test_relus_derivative_is_0_at_0_where_the_deck_is_at_a_loss():
    layer = build_network(Activation("relu").apply(SMALL), (4, 4, 1), 2).get_layer(
        "head1_activation"
    )
    (found,) = gradients(layer, [np.zeros(3, "f4")], np.ones(3, "f4"))
    np.testing.assert_array_equal(found, 0)


def test_softmaxs_derivative_has_the_minus_that_the_deck_lacks():
    z = np.array([0.5, -1.0, 2.0, 0.0])
    s = np.exp(z) / np.exp(z).sum()
    # Of output i by input j: s_i (1 - s_i) where i = j, and -s_i s_j elsewhere; the deck has
    # s_i s_j there, with which the outputs would not go on adding up to 1.
    expected = np.diag(s) - np.outer(s, s)
    rows = [
        gradients(keras.ops.softmax, [z[None].astype("f4")], row[None])[0][0]
        for row in np.eye(4, dtype="f4")
    ]
    np.testing.assert_allclose(rows, expected, atol=1e-6)
    np.testing.assert_allclose(np.sum(rows, axis=0), 0, atol=1e-6)
