"""The network that a blueprint stands for: its layers, their order, their weights."""

import itertools
import random

import keras
import numpy as np
import pytest
from scipy.signal import correlate

from trickbook.data import from_arrays
from trickbook.recipes import (
    L2,
    Augmentation,
    BatchNorm,
    Blueprint,
    Config,
    Deeper,
    Dropout,
    GlobalPooling,
    LRDecay,
    Noise,
    Pooling,
    RecipeError,
    SkipConnections,
    Slot,
    Wider,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.rung_range_test import range_test
from trickbook.training.trainer import Trainer

SMALL = Blueprint(filters=(3, 4, 4), dense=(5,))
SHAPE, CLASSES = (9, 8, 2), 6
ALL = [
    Noise(),
    BatchNorm(),
    Dropout(),
    L2(),
    Augmentation(),
    LRDecay(),
    Wider(2),
    SkipConnections(),
]


def network(*recipes, below=SMALL, shape=SHAPE):
    keras.utils.set_random_seed(0)
    return build_network(compose(below, recipes), shape, CLASSES)


def types(model):
    return [type(layer).__name__ for layer in model.layers[1:]]


def feeders(model):
    """Names of the layers that each layer takes its input from."""
    made_by = {id(layer.output): layer.name for layer in model.layers}
    return {
        layer.name: [
            made_by[id(tensor)]
            for tensor in (layer.input if isinstance(layer.input, list) else [layer.input])
        ]
        for layer in model.layers[1:]
    }


def test_the_baseline_is_the_lectures_network():
    stage = ["Conv2D", "Activation"] * 2 + ["MaxPooling2D"]
    model = network()
    assert types(model) == [*stage * 3, "Flatten", "Dense", "Activation", "Dense"]
    assert {layer.activation.__name__ for layer in model.layers if "activation" in layer.name} == {
        "relu"
    }
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            assert (layer.kernel_size, layer.padding, layer.strides) == ((3, 3), "same", (1, 1))
        if isinstance(layer, keras.layers.MaxPooling2D):
            assert layer.pool_size == (2, 2)
    assert model.output_shape == (None, CLASSES)
    assert model.layers[-1].activation is keras.activations.linear


def test_normalisation_lies_between_convolution_and_activation():
    stage = ["Conv2D", "BatchNormalization", "Activation"] * 2 + ["MaxPooling2D"]
    head = ["Flatten", "Dense", "BatchNormalization", "Activation", "Dense"]
    assert types(network(BatchNorm())) == stage * 3 + head


def test_dropout_follows_stages_and_hidden_layers():
    stage = ["Conv2D", "Activation"] * 2 + ["Dropout", "MaxPooling2D"]
    assert types(network(Dropout())) == [
        *stage * 3,
        *["Flatten", "Dense", "Activation", "Dropout", "Dense"],
    ]
    rates = [layer.rate for layer in network(Dropout(0.4, 0.2)).layers if "dropout" in layer.name]
    assert rates == [0.2, 0.2, 0.2, 0.4]


def test_with_all_recipes_every_layer_is_fed_by_the_right_one():
    fed_by = feeders(network(*ALL))
    path = [("stage1", "scaled_images", True), ("stage2", "stage1_pool", True)]
    expected = {}
    for stage, start, is_projected in [*path, ("stage3", "stage2_pool", False)]:
        before = start
        for number in (1, 2):
            name = f"{stage}_{number}"
            expected |= {
                f"{name}_conv": [before],
                f"{name}_batch_norm": [f"{name}_conv"],
                f"{name}_activation": [f"{name}_batch_norm"],
            }
            before = f"{name}_activation"
        skip = start
        if is_projected:
            skip = f"{stage}_skip_batch_norm"
            expected |= {f"{stage}_skip_conv": [start], skip: [f"{stage}_skip_conv"]}
        expected |= {
            f"{stage}_dropout": [before],
            f"{stage}_add": [f"{stage}_dropout", skip],
            f"{stage}_pool": [f"{stage}_add"],
        }
    expected |= {
        "flatten": ["stage3_pool"],
        "head1_dense": ["flatten"],
        "head1_batch_norm": ["head1_dense"],
        "head1_activation": ["head1_batch_norm"],
        "head1_dropout": ["head1_activation"],
        "logits": ["head1_dropout"],
    }
    assert fed_by == expected


def test_biases_are_where_no_normalisation_makes_them_idle():
    def with_bias(model):
        return {layer.name for layer in model.layers if getattr(layer, "use_bias", False)}

    layers_with_kernels = {
        layer.name for layer in network(SkipConnections()).layers if hasattr(layer, "kernel")
    }
    assert with_bias(network(SkipConnections())) == layers_with_kernels
    assert len(layers_with_kernels) == 10
    assert with_bias(network(SkipConnections(), BatchNorm())) == {"logits"}


def parameters_by_hand(filters, dense, shape, *, norm, skip, convolutions=2):
    """Trainable weights: kernels, then a bias or gamma and beta for each output."""
    height, width, channels = shape
    per_output = 2 if norm else 1
    total = 0
    for size in filters:
        if skip and channels != size:
            total += channels * size + per_output * size
        for _ in range(convolutions):
            total += 9 * channels * size + per_output * size
            channels = size
        height, width = height // 2, width // 2
    units = height * width * channels
    for size in dense:
        total += units * size + per_output * size
        units = size
    return total + units * CLASSES + CLASSES


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize(
    ("filters", "dense", "convolutions"),
    [((3, 4, 4), (5,), 2), ((2,), (), 3), ((8, 4), (7, 3), 1), ((), (4,), 2)],
)
def test_the_number_of_parameters(filters, dense, convolutions, norm, skip):
    below = Blueprint(filters=filters, dense=dense, convolutions=convolutions)
    recipes = [BatchNorm()] * norm + [SkipConnections()] * skip
    model = network(*recipes, below=below)
    count = sum(int(np.prod(weight.shape)) for weight in model.trainable_weights)
    expected = parameters_by_hand(
        filters, dense, SHAPE, norm=norm, skip=skip, convolutions=convolutions
    )
    assert count == expected
    moving = sum(int(np.prod(weight.shape)) for weight in model.non_trainable_weights)
    normalised = sum(weight.shape[0] for weight in model.weights if "gamma" in weight.path)
    assert moving == 2 * normalised


def test_the_lectures_baseline_has_as_many_parameters_as_by_hand():
    model = build_network(Blueprint(), (32, 32, 3), 10)
    stages = 1_792 + 36_928 + 73_856 + 147_584 + 295_168 + 590_080
    assert model.count_params() == stages + (4 * 4 * 256 * 512 + 512) + (512 * 10 + 10)


def in_numpy(model, blueprint, images):
    """The documented forward pass at inference, in float64, with the model's weights by name."""
    weights = {weight.path: np.asarray(weight, "f8") for weight in model.weights}

    def convolved(x, name):
        kernel = weights[f"{name}_conv/kernel"]
        grown = np.zeros((*x.shape[:3], kernel.shape[-1]))
        for n, i, o in itertools.product(*map(range, (len(x), *kernel.shape[2:]))):
            grown[n, ..., o] += correlate(x[n, ..., i], kernel[..., i, o], mode="same")
        return normalised(grown + weights.get(f"{name}_conv/bias", 0), name)

    def normalised(x, name):
        name = f"{name}_batch_norm"
        if f"{name}/gamma" not in weights:
            return x
        gamma, beta, mean, variance = (
            weights[f"{name}/{part}"]
            for part in ("gamma", "beta", "moving_mean", "moving_variance")
        )
        return gamma * (x - mean) / np.sqrt(variance + 1e-5) + beta

    x = images.astype("f8")
    for number, filters in enumerate(blueprint.filters, 1):
        start = x
        for convolution in range(1, blueprint.convolutions + 1):
            x = np.maximum(convolved(x, f"stage{number}_{convolution}"), 0)
        if blueprint.skip_connections:
            x = x + (
                start if start.shape[-1] == filters else convolved(start, f"stage{number}_skip")
            )
        if blueprint.pooling == "strided":
            # Of an even number of rows every second window is taken, of an odd one the first too.
            rows, columns = (slice(1 - size % 2, None, 2) for size in x.shape[1:3])
            x = np.maximum(convolved(x, f"stage{number}_pool"), 0)[:, rows, columns]
        else:
            n, height, width, channels = x.shape
            x = x[:, : height // 2 * 2, : width // 2 * 2]
            x = x.reshape(n, height // 2, 2, width // 2, 2, channels)
            x = x.max(axis=(2, 4)) if blueprint.pooling == "max" else x.mean(axis=(2, 4))
    heads = {"average": lambda x: x.mean(axis=(1, 2)), "max": lambda x: x.max(axis=(1, 2))}
    x = heads.get(blueprint.head_pooling, lambda x: x.reshape(len(x), -1))(x)
    for number in range(1, len(blueprint.dense) + 1):
        dense = x @ weights[f"head{number}_dense/kernel"] + weights.get(
            f"head{number}_dense/bias", 0
        )
        x = np.maximum(normalised(dense, f"head{number}"), 0)
    return x @ weights["logits/kernel"] + weights["logits/bias"]


STACKS = {
    "plain": [],
    "skip": [SkipConnections()],
    "all": ALL,
    "deeper": [Deeper(convolutions=1), Wider(1, dense_factor=2)],
    "average": [Pooling("average"), GlobalPooling("max")],
    "strided": [Pooling("strided"), GlobalPooling("average"), BatchNorm(), SkipConnections()],
}


@pytest.mark.parametrize("recipes", STACKS.values(), ids=STACKS)
def test_the_forward_pass_is_that_of_a_network_in_numpy(recipes):
    blueprint, model = compose(SMALL, recipes), network(*recipes)
    rng = np.random.default_rng(0)
    for weight in model.weights:
        if "kernel" not in weight.path and "seed" not in weight.path:
            weight.assign(rng.uniform(0.5, 1.5, weight.shape))
    images = rng.normal(size=(3, *SHAPE)).astype("f4")
    expected = in_numpy(model, blueprint, images)
    np.testing.assert_allclose(model.predict_on_batch(images), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("shape", "last"),
    [((64, 64, 1), "Flatten"), ((65, 8, 1), "GlobalAveragePooling2D"), ((8, 65, 1), None)],
)
def test_large_images_are_averaged_before_the_head(shape, last):
    model = network(below=Blueprint(filters=(2,), dense=(3,), convolutions=1), shape=shape)
    assert types(model)[3] == (last or "GlobalAveragePooling2D")
    inputs = 32 * 32 * 2 if last == "Flatten" else 2
    assert model.get_layer("head1_dense").kernel.shape == (inputs, 3)


def test_images_too_small_to_be_halved_are_refused():
    assert network(shape=(8, 8, 1)).output_shape == (None, CLASSES)
    with pytest.raises(RecipeError, match=r"7x9 pixels.*3 times.*filters=\(3, 4, 4\)"):
        network(shape=(7, 9, 1))
    assert network(Deeper(stages=1), shape=(16, 16, 1)).get_layer("stage4_2_conv").filters == 8
    with pytest.raises(RecipeError, match=r"8x8 pixels.*4 times.*filters=\(3, 4, 4, 8\)"):
        network(Deeper(stages=1), shape=(8, 8, 1))


def test_deeper_leaves_the_names_of_the_layers_that_there_are():
    below, above = network(), network(Deeper(convolutions=2))
    names = [layer.name for layer in above.layers]
    assert [name for name in names if name[7:8] not in ("3", "4")] == [
        layer.name for layer in below.layers
    ]
    assert "stage3_4_activation" in names


@pytest.mark.parametrize(
    ("kind", "shape", "layer"),
    [
        ("average", (8, 8, 1), "GlobalAveragePooling2D"),
        ("max", (8, 8, 1), "GlobalMaxPooling2D"),
        ("max", (65, 8, 1), "GlobalMaxPooling2D"),
        ("flatten", (65, 8, 1), "Flatten"),
    ],
)
def test_what_the_head_does_can_be_said(kind, shape, layer):
    below = Blueprint(filters=(2,), dense=(), convolutions=1, head_pooling=kind)
    assert types(network(below=below, shape=shape))[3] == layer


def test_activation_initializer_and_widths_are_the_blueprints():
    below = Blueprint(
        filters=(2, 5), convolutions=3, dense=(7, 3), activation="elu", kernel_initializer="zeros"
    )
    model = network(below=below)
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [2, 2, 2, 5, 5, 5]
    assert [layer.units for layer in model.layers if hasattr(layer, "units")] == [7, 3, CLASSES]
    activations = [layer for layer in model.layers if isinstance(layer, keras.layers.Activation)]
    assert {layer.activation.__name__ for layer in activations} == {"elu"}
    assert all(not np.any(weight) for weight in model.get_weights())


def test_weights_start_with_hes_variance():
    model = build_network(Blueprint(filters=(32, 64)), (16, 16, 3), 10)
    for name, fan_in in (
        ("stage1_2_conv", 9 * 32),
        ("stage2_1_conv", 9 * 32),
        ("stage2_2_conv", 9 * 64),
        ("head1_dense", 4 * 4 * 64),
    ):
        kernel = np.asarray(model.get_layer(name).kernel, "f8")
        assert kernel.var() == pytest.approx(2 / fan_in, rel=0.05)
        assert abs(kernel.mean()) < 5 * (2 / fan_in / kernel.size) ** 0.5
        assert not np.any(model.get_layer(name).bias)


def test_the_seed_decides_the_weights():
    def first(seed):
        return build_network(SMALL, SHAPE, CLASSES, seed).get_weights()[0]

    np.testing.assert_array_equal(first(1), first(1))
    assert not np.array_equal(first(1), first(2))


def test_recipes_in_any_order_build_the_same_network():
    expected_blueprint, expected = compose(SMALL, ALL), network(*ALL)
    orders = random.Random(1).sample(list(itertools.permutations(ALL)), 4)
    for order in [ALL[::-1], *orders]:
        assert compose(SMALL, order) == expected_blueprint
        other = network(*order)
        assert other.get_config() == expected.get_config()
        for one, two in zip(other.get_weights(), expected.get_weights(), strict=True):
            np.testing.assert_array_equal(one, two)


def test_several_layers_share_a_place_in_their_own_order():
    def slot(recipe, order, path):
        return Slot(recipe, Config.of(path), order)

    first = slot("gate", 10, "keras.layers:UnitNormalization")
    last = slot("squash", 99, "keras.layers:Softmax")
    for slots in itertools.permutations([first, last]):
        blueprint = compose(SMALL, [Dropout()])
        for each in slots:
            blueprint = blueprint.fill("after_stage", each).fill("after_dense", each)
        fed_by = feeders(build_network(blueprint, SHAPE, CLASSES))
        for place, after in (("stage1", "stage1_2_activation"), ("head1", "head1_activation")):
            assert fed_by[f"{place}_gate"] == [after]
            assert fed_by[f"{place}_dropout"] == [f"{place}_gate"]
            assert fed_by[f"{place}_squash"] == [f"{place}_dropout"]


def test_logits_stay_float32_under_mixed_precision():
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = network(BatchNorm())
    finally:
        keras.config.set_dtype_policy("float32")
    assert model.output.dtype == "float32"
    assert model.get_layer("stage1_1_conv").compute_dtype == "float16"


@pytest.fixture
def channels_first():
    """What a keras.json of old may say."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    yield
    keras.config.set_image_data_format(before)


@pytest.mark.usefixtures("channels_first")
@pytest.mark.parametrize(
    "begin",
    [Trainer, lambda data: range_test(Blueprint(base="mlp", dense=(2,), batch_size=8), data, 0, 2)],
    ids=["training", "range test"],
)
def test_axes_stand_as_in_the_data_whatever_keras_is_set_to(tiny_images, begin):
    begin(from_arrays(tiny_images["x_train"], tiny_images["y_train"]))
    built = build_network(Blueprint(filters=(8,), dense=(4,)), (32, 32, 3), CLASSES)
    assert built.get_layer("stage1_1_conv").output.shape == (None, 32, 32, 8)
