"""What the input pipeline runs for the tricks on images."""

from dataclasses import replace

import keras
import numpy as np
import pytest
from augmentation_draws import draws, pictures

from trickbook.data import DataSpec, Scaling, fit_scaling, from_arrays, load
from trickbook.layers import RandomAugmentation, RandomGaussianNoise
from trickbook.recipes import (
    Augmentation,
    Blueprint,
    Config,
    Cutmix,
    Mixup,
    Noise,
    RandAugment,
    RecipeError,
    Slot,
    compose,
)
from trickbook.training import transforms
from trickbook.training.build_batches import build_batches

WARP = Augmentation(rotation_degrees=15.0, contrast=0.2)
ERASING = Noise(probability=0.6, value=-1.0)

BYTES = (0.0, 255.0)
SCALING = Scaling("standardize", (0.02, 0.01), (-1.5, 0.5))


def build_transforms(blueprint, scaling=SCALING, value_range=BYTES):
    return transforms.build_transforms(blueprint, scaling, value_range)


def transformed(layers, images, values):
    for layer in layers:
        images = layer(images, values)
    return keras.ops.convert_to_numpy(images)


def test_augmentation_and_erasing_are_one_layer_that_does_what_both_do():
    (layer,) = build_transforms(compose(Blueprint(), [ERASING, WARP]))
    each = [build_transforms(compose(Blueprint(), [recipe]))[0] for recipe in (WARP, ERASING)]
    images, values = pictures(40), draws(40)
    result = transformed([layer], images, values)
    np.testing.assert_allclose(result, transformed(each, images, values), atol=1e-6)
    assert (result == -1.0).any()


def kinds(blueprint):
    return [type(layer) for layer in build_transforms(blueprint)]


def test_each_trick_alone_is_a_layer_and_none_is_none():
    assert kinds(Blueprint()) == []
    assert kinds(compose(Blueprint(), [WARP])) == [RandomAugmentation]
    assert kinds(compose(Blueprint(), [ERASING])) == [RandomAugmentation]
    assert kinds(compose(Blueprint(), [Noise("gaussian")])) == [RandomGaussianNoise]


def test_other_noise_stays_a_layer_of_its_own():
    both = compose(Blueprint(), [WARP, Noise("gaussian")])
    assert kinds(both) == [RandomAugmentation, RandomGaussianNoise]


def own(recipe, order, **arguments):
    return Slot(recipe, Config.of("trickbook.layers:RandomAugmentation", **arguments), order)


def test_layers_whose_order_would_change_stay_apart():
    for first, second in (
        ({"erasing_probability": 0.5}, {"zoom": 0.2}),
        ({"zoom": 0.2}, {"rotation_degrees": 5.0}),
        ({"erasing_probability": 0.5}, {"erasing_probability": 0.1}),
        ({"zoom": 0.2, "erasing_probability": 0.5}, {"erasing_probability": 0.1}),
        ({"zoom": 0.2}, {"erasing_probability": 0.1, "shear": 0.1}),
    ):
        slots = own("mine", 10, **first), own("other", 20, **second)
        blueprint = Blueprint().fill("transforms", slots[1]).fill("transforms", slots[0])
        layers = build_transforms(blueprint)
        assert len(layers) == 2
        for layer, arguments in zip(layers, (first, second), strict=True):
            assert {name: getattr(layer, name) for name in arguments} == arguments


def test_what_stands_between_keeps_them_apart():
    middle = Slot("mine", Config.of("trickbook.layers:RandomGaussianNoise"), 50)
    blueprint = compose(Blueprint(), [WARP, ERASING]).fill("transforms", middle)
    assert kinds(blueprint) == [RandomAugmentation, RandomGaussianNoise, RandomAugmentation]


def test_operations_move_with_augmentation_in_one_warp():
    operations = np.random.default_rng(2).random((40, 6))
    (layer,) = build_transforms(compose(Blueprint(), [RandAugment(), ERASING, WARP]))
    assert (layer.operations, layer.rotation_degrees, layer.erasing_probability) == (2, 15.0, 0.6)
    # The colours of both come first, and erasing last: so the order in between is that of moves.
    only_moves = Augmentation(rotation_degrees=15.0)
    (layer,) = build_transforms(compose(Blueprint(), [only_moves, RandAugment()]))
    assert layer.draws == 28
    images, values = pictures(40), draws(40, operations=operations)
    assert not np.allclose(layer(images, values), images)
    for one, other in ((WARP, RandAugment()), (RandAugment(), ERASING)):
        assert len(build_transforms(compose(Blueprint(), [one, other]))) == 1


def amounts(recipe, scaling=SCALING, value_range=BYTES):
    (layer,) = build_transforms(recipe.apply(Blueprint()), scaling, value_range)
    return layer


PLAIN = {"flip_probability": 0.0, "crop_area_min": 1.0}


def test_raw_amounts_are_those_of_the_raw_pixels():
    """Whatever the scaling: scaled back, all channels move by the same raw amount."""
    images = np.random.default_rng(0).integers(0, 256, (30, 6, 9, 2)).astype("uint8")
    values = draws(30, brightness=np.linspace(0, 0.95, 30))
    shifts = np.linspace(-20, 18, 30)[:, None, None, None]
    factors = np.linspace(0.5, 1.45, 30)[:, None, None, None]
    for name in ("unit", "symmetric", "standardize"):
        scaling = fit_scaling(name, images)
        for settings, expected in (
            ({"brightness_raw": 20}, images + shifts),
            ({"brightness_range": (0.5, 1.5)}, images * factors),
        ):
            layer = amounts(Augmentation(**PLAIN, **settings), scaling)
            result = np.asarray(layer(scaling.apply(images), values))
            np.testing.assert_allclose(scaling.inverse().apply(result), expected, atol=2e-3)
        layer = amounts(Augmentation(**PLAIN, channel_shift_raw=20), scaling)
        moved = scaling.inverse().apply(np.asarray(layer(scaling.apply(images), values)))
        assert np.abs(moved - images).max() < 20.01
        assert np.abs(moved - images).max(axis=(0, 1, 2)).min() > 17


def test_black_is_the_lowest_raw_value():
    layer = amounts(RandAugment(), SCALING, (-10.0, 90.0))
    np.testing.assert_allclose(layer.black, (-10 * 0.02 - 1.5, -10 * 0.01 + 0.5))


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"brightness_raw": 256}, r"augmentation: brightness_raw is 256, .* from 0 to 255"),
        ({"channel_shift_raw": 999}, r"augmentation: channel_shift_raw is 999, .*at most 255"),
        ({"brightness": 50}, r"brightness is 50 in units of the scaled image, 2500 raw, "),
        ({"channel_shift": 5.2}, r"channel_shift is 5\.2 in units of the scaled image, 260 raw"),
    ],
)
def test_amounts_beyond_the_range_of_the_pixels_are_refused(settings, text):
    with pytest.raises(RecipeError, match=text) as refused:
        amounts(Augmentation(**settings))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("recipe", "text"),
    [
        (Augmentation(fill_value=1e300), r"augmentation: fill_value is 1e\+300 .*at most 5\.1\."),
        (Noise(value=-6), r"noise: value is -6 in units of the scaled image, .* at most 5\.1\."),
        (Noise("gaussian", stddev=1e9), r"noise: stddev is 1e\+09 .* at most 5\.1 apart"),
    ],
)
def test_values_further_out_than_pixels_lie_apart_are_refused(recipe, text):
    with pytest.raises(RecipeError, match=text) as refused:
        build_transforms(recipe.apply(Blueprint()))
    assert "\n" not in str(refused.value)


def test_noise_on_the_columns_of_a_table_is_held_to_no_range_of_pixels():
    wine = load(DataSpec("wine"))
    columns = wine.x_train.shape[1]
    far = Scaling("standardize", (1 / 5000,) * columns, (0.0,) * columns)
    data = replace(wine, scaling=far, x_train=np.zeros((1000, columns), "float32"))
    data = replace(data, y_train=np.zeros(1000, "int32"))
    blueprint = compose(Blueprint(base="mlp", batch_size=1000), [Noise("gaussian", stddev=0.1)])
    batches = build_batches(blueprint, data, far)
    inputs, _ = (
        keras.ops.convert_to_numpy(one) for one in next(iter(batches.dataset(0, epochs=1)))
    )
    np.testing.assert_allclose(inputs.std(axis=0), 0.1, rtol=0.1)


def test_amounts_up_to_the_range_are_taken():
    for settings in ({"brightness_raw": 255}, {"brightness": 5.0}, {"channel_shift": 5.1}):
        amounts(Augmentation(**settings))


@pytest.fixture
def half_precision():
    """Sets a policy of half precision when it is called, until the test ends."""
    before = keras.config.dtype_policy()
    yield lambda: keras.config.set_dtype_policy("mixed_bfloat16")
    keras.config.set_dtype_policy(before)


@pytest.mark.parametrize(
    "recipes",
    [[WARP, ERASING], [Noise("gaussian")], [RandAugment(), Mixup()], [WARP, Cutmix()]],
    ids=["one-layer", "gaussian", "mixup", "cutmix"],
)
def test_half_precision_trains_on_the_same_images(half_precision, recipes):
    images = np.random.default_rng(3).integers(0, 256, (40, 6, 6, 3)).astype("uint8")
    data = from_arrays(images, np.arange(40) % 2)
    blueprint = compose(Blueprint(batch_size=8), recipes)

    def batch():
        batches = build_batches(blueprint, data, data.scaling)
        return [keras.ops.convert_to_numpy(one) for one in next(iter(batches.dataset(0, epochs=1)))]

    whole = batch()
    half_precision()
    for one, other in zip(whole, batch(), strict=True):
        assert one.dtype == other.dtype
        np.testing.assert_array_equal(one, other)


def test_layers_of_a_users_own_compute_as_the_network_does(half_precision):
    half_precision()
    slot = Slot("mine", Config.of("keras.layers:Rescaling", scale=2.0))
    (layer,) = build_transforms(Blueprint().fill("transforms", slot))
    assert layer.compute_dtype == "bfloat16"
