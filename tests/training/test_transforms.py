"""What the input pipeline runs for the tricks on images."""

import keras
import numpy as np
from augmentation_draws import draws, pictures

from trickbook.layers import RandomAugmentation, RandomGaussianNoise
from trickbook.recipes import Augmentation, Blueprint, Config, Noise, Slot, compose
from trickbook.training.transforms import build_transforms

WARP = Augmentation(rotation_degrees=15.0, contrast=0.2)
ERASING = Noise(probability=0.6, value=-1.0)


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
