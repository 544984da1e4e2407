"""Batch, layer, instance and group normalisation against their formulas, and where they lie."""

import keras
import numpy as np
import pytest
from gradients import gradients

from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    GroupNorm,
    InstanceNorm,
    LayerNorm,
    Pooling,
    RecipeError,
    SkipConnections,
    Wider,
    compose,
)
from trickbook.training.build import build_network

SHAPE, CLASSES = (8, 8, 1), 3
SMALL = Blueprint(filters=(4, 8), convolutions=1, dense=(12,))
CHANNELS = 6
# Images of 4x5 pixels, and the outputs of a dense layer.
SHAPES = {"convolution": (7, 4, 5, CHANNELS), "dense": (20, CHANNELS)}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)


def layer_of(recipe, shape):
    """The recipe's layer, with a gain and a shift for each channel, and both as arrays."""
    layer = recipe.apply(Blueprint()).normalization.config.build()
    layer.build(shape)
    rng = np.random.default_rng(3)
    gamma, beta = rng.normal(1, 1, CHANNELS), rng.normal(0, 2, CHANNELS)
    layer.gamma.assign(gamma)
    layer.beta.assign(beta)
    return layer, gamma, beta


def values_of(shape, seed=1):
    """Values whose mean and deviation differ from channel to channel, and gradients of them."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=shape) * np.linspace(0.5, 2, CHANNELS) + np.linspace(-3, 5, CHANNELS)
    return x.astype("f4"), rng.normal(size=shape).astype("f4")


def in_numpy(layer, x, **arguments):
    return keras.ops.convert_to_numpy(layer(x, **arguments))


@pytest.mark.parametrize("learnt", ["scale_and_shift", "shift"])
def test_the_penalty_of_what_batch_norm_learns_goes_with_its_rate(learnt):
    recipe = BatchNorm(learnt=learnt, penalty=0.3, rate_factor=4.0)
    layer = recipe.apply(Blueprint()).normalization.config.build()
    layer.build((20, CHANNELS))
    held = np.random.default_rng(3).normal(size=(len(layer.trainable_weights), CHANNELS))
    for weight, values in zip(layer.trainable_weights, held, strict=True):
        weight.assign(values)
    assert len(held) == (2 if learnt == "scale_and_shift" else 1)
    assert float(sum(layer.losses)) == pytest.approx(0.3 / 4 * np.square(held).sum(), rel=1e-5)


def axes_of_batch_norm(x):
    return x, tuple(range(x.ndim - 1))


def split_into(groups):
    """Views of x with its channels split, and the axes that a group's statistics are of."""

    def split(x):
        x = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
        return x, (*range(1, x.ndim - 2), x.ndim - 1)

    return split


# Deck L3's forward and backward pass; the other normalisations differ in the axes alone.


def by_the_deck(x, split, gamma, beta, upstream, epsilon):
    """Outputs, and the gradients of x, gain and shift: the deck's sums over m values."""
    shape, x = x.shape, x.astype("f8")
    channels = tuple(range(x.ndim - 1))
    x, axes = split(x)
    m = np.prod([x.shape[axis] for axis in axes])

    def total(values):
        return values.sum(axes, keepdims=True)

    mean = total(x) / m
    variance = total((x - mean) ** 2) / m
    root = np.sqrt(variance + epsilon)
    normalised = ((x - mean) / root).reshape(shape)
    d_gamma, d_beta = (upstream * normalised).sum(channels), upstream.sum(channels)
    d_normalised = (upstream * gamma).reshape(x.shape)
    d_variance = total(d_normalised * (x - mean)) * -0.5 * (variance + epsilon) ** -1.5
    d_mean = total(-d_normalised / root) - d_variance / m * total(2 * (x - mean))
    d_x = d_normalised / root + d_mean / m + d_variance * 2 * (x - mean) / m
    return gamma * normalised + beta, (d_x.reshape(shape), d_gamma, d_beta)


NORMS = {
    "batch_norm": (BatchNorm(), axes_of_batch_norm),
    "batch_norm, eps 0.5": (BatchNorm(epsilon=0.5), axes_of_batch_norm),
    "layer_norm": (LayerNorm(), split_into(1)),
    "layer_norm, eps 0.5": (LayerNorm(epsilon=0.5), split_into(1)),
    "instance_norm": (InstanceNorm(), split_into(CHANNELS)),
    "group_norm 2": (GroupNorm(groups=2), split_into(2)),
    "group_norm 3, eps 0.5": (GroupNorm(groups=3, epsilon=0.5), split_into(3)),
}


# Instance normalisation leaves dense layers alone.
CASES = [
    (name, kind) for name in NORMS for kind in SHAPES if name[:8] != "instance" or kind != "dense"
]


@pytest.mark.parametrize(("name", "kind"), CASES)
def test_outputs_and_gradients_are_the_decks(name, kind):
    (recipe, split), shape = NORMS[name], SHAPES[kind]
    layer, gamma, beta = layer_of(recipe, shape)
    x, upstream = values_of(shape)
    expected, wanted = by_the_deck(x, split, gamma, beta, upstream, recipe.epsilon)
    np.testing.assert_allclose(in_numpy(layer, x, training=True), expected, atol=1e-4)
    found = gradients(lambda x: layer(x, training=True), [x], upstream, [layer.gamma, layer.beta])
    for got, want in zip(found, wanted, strict=True):
        np.testing.assert_allclose(got, want, rtol=1e-3, atol=2e-4)


@pytest.mark.parametrize("name", NORMS)
def test_gamma_and_beta_can_undo_it_where_each_channel_has_its_statistics(name):
    recipe, _ = NORMS[name]
    layer, *_ = layer_of(recipe, (1, 4, 5, CHANNELS))
    x, _ = values_of((1, 4, 5, CHANNELS))
    layer.gamma.assign(np.sqrt(x.var((0, 1, 2)) + recipe.epsilon))
    layer.beta.assign(x.mean((0, 1, 2)))
    is_undone = np.allclose(in_numpy(layer, x, training=True), x, atol=1e-4)
    assert is_undone == name.startswith(("batch_norm", "instance_norm"))


@each_shape
def test_batch_norm_uses_moving_averages_at_inference(shape):
    layer, gamma, beta = layer_of(BatchNorm(momentum=0.8, epsilon=1e-3), shape)
    mean, variance = np.zeros(CHANNELS), np.ones(CHANNELS)
    for seed in range(4):
        x, _ = values_of(shape, seed)
        in_numpy(layer, x, training=True)
        axes = tuple(range(x.ndim - 1))
        mean = 0.8 * mean + 0.2 * x.astype("f8").mean(axes)
        variance = 0.8 * variance + 0.2 * x.astype("f8").var(axes)
    # What is there, not the batch, decides: one example alone is told as among others.
    for inputs in (x, x[:1]):
        expected = gamma * (inputs - mean) / np.sqrt(variance + 1e-3) + beta
        np.testing.assert_allclose(in_numpy(layer, inputs, training=False), expected, atol=1e-4)


@each_shape
@pytest.mark.parametrize("recipe", [LayerNorm(), GroupNorm(groups=2)], ids=str)
def test_the_others_look_at_one_example_alone(recipe, shape):
    layer, *_ = layer_of(recipe, shape)
    x, _ = values_of(shape)
    together = in_numpy(layer, x, training=True)
    np.testing.assert_allclose(in_numpy(layer, x[:1], training=True), together[:1], atol=1e-5)
    np.testing.assert_array_equal(in_numpy(layer, x, training=False), together)


# In a network


def layers_of(*recipes, below=SMALL):
    network = build_network(compose(below, recipes), SHAPE, CLASSES)
    return {layer.name: layer for layer in network.layers}


def with_bias(layers):
    return {name for name, layer in layers.items() if getattr(layer, "use_bias", False)}


@pytest.mark.parametrize("recipe", [LayerNorm(), GroupNorm(groups=4)], ids=str)
def test_layer_and_group_norm_follow_every_layer_whose_biases_stay(recipe):
    layers = layers_of(recipe, SkipConnections())
    normed = {name for name in layers if name.endswith(recipe.name)}
    places = ("stage1_1", "stage1_skip", "stage2_1", "stage2_skip", "head1")
    assert normed == {f"{place}_{recipe.name}" for place in places}
    for place in places:
        kind = "dense" if place == "head1" else "conv"
        normalised = layers[f"{place}_{recipe.name}"]
        assert normalised.input is layers[f"{place}_{kind}"].output
        assert f"{place}_{kind}" in with_bias(layers)
        assert normalised.gamma.shape == (normalised.input.shape[-1],)


def test_instance_norm_follows_convolutions_and_leaves_dense_layers_their_biases():
    layers = layers_of(InstanceNorm())
    normed = {name for name in layers if name.endswith("instance_norm")}
    assert normed == {"stage1_1_instance_norm", "stage2_1_instance_norm"}
    assert [layers[name].groups for name in sorted(normed)] == [4, 8]
    assert with_bias(layers) == {"head1_dense", "logits"}
    assert layers["head1_activation"].input is layers["head1_dense"].output


@pytest.mark.parametrize(
    ("recipes", "words"),
    [
        ([GroupNorm(groups=3)], "the 4 channels of stage1_1 into 3 groups"),
        ([GroupNorm(groups=8)], "the 4 channels of stage1_1 into 8 groups"),
        ([GroupNorm(groups=4), Wider(1.5)], "the 6 channels of stage1_1 into 4 groups"),
        ([Wider(1.5), GroupNorm(groups=4)], "the 6 channels of stage1_1 into 4 groups"),
        ([GroupNorm(groups=4), Wider(1, 0.5)], "the 6 channels of head1 into 4 groups"),
    ],
    ids=str,
)
def test_groups_that_do_not_divide_the_channels_are_refused(recipes, words):
    with pytest.raises(RecipeError) as refused:
        layers_of(*recipes)
    assert str(refused.value).startswith(f"group_norm cannot split {words} of one size. Give ")


@pytest.mark.parametrize(
    ("recipes", "below", "words"),
    [
        ([GroupNorm(groups=4)], Blueprint(filters=(4,), dense=(4,)), "group_norm .* in head1,"),
        (
            [InstanceNorm(), Pooling("strided")],
            Blueprint(filters=(2, 2, 2), dense=()),
            "instance_norm .* in stage3_pool,",
        ),
    ],
    ids=["units", "pixels"],
)
def test_single_values_are_not_normalised_to_nothing(recipes, below, words):
    with pytest.raises(RecipeError, match=f"{words} which makes all of them 0"):
        layers_of(*recipes, below=below)
    assert layers_of(recipes[0], below=Blueprint(filters=(4, 4, 4), dense=()))
