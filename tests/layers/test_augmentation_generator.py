"""RandomAugmentation's options of Keras's ImageDataGenerator, against NumPy and that generator."""

import keras
import numpy as np
import pytest
from augmentation_draws import augmented, coordinates, draws, pictures
from scipy import stats

from trickbook.layers import RandomAugmentation


def test_old_options_draw_what_they_drew_and_new_ones_more():
    assert RandomAugmentation.draws == RandomAugmentation(flip_probability=0.5).draws == 20
    assert RandomAugmentation(height_shift=0.5, shear_degrees=5, height_zoom=0.1).draws == 20
    assert RandomAugmentation(brightness_range=(0.5, 1.5)).draws == 20
    assert RandomAugmentation(vertical_flip_probability=0.5).draws == 22
    assert RandomAugmentation(width_zoom=0.5).draws == 22
    assert RandomAugmentation(operations=3).draws == 22 + 3 * 3
    images, values = pictures(20), draws(20, over=0.9)
    together = augmented(images, values, rotation_degrees=20.0, vertical_flip_probability=0.5)
    alone = augmented(images, values[:, :20], rotation_degrees=20.0)
    np.testing.assert_allclose(together, alone, atol=1e-6)


def test_a_vertical_flip_turns_over_exactly_the_images_that_drew_it():
    images = pictures(50)
    values = draws(50, over=np.linspace(0, 0.99, 50))
    is_over = (values[:, 20] < 0.3)[:, None, None, None]
    expected = np.where(is_over, np.flip(images, axis=1), images)
    np.testing.assert_array_equal(
        augmented(images, values, vertical_flip_probability=0.3), expected
    )


@pytest.mark.parametrize(("amount", "pixels"), [(0.25, (3.0, 2.25)), (2.5, (2.5, 2.5))])
def test_shifts_apart_are_uniform_a_fraction_of_the_size_or_pixels(amount, pixels):
    images = coordinates(4000, 12, 9)
    for axis, name in enumerate(("height_shift", "width_shift")):
        moved = augmented(images, draws(4000), **{name: amount, "fill_mode": "nearest"})
        shifts = moved[:, 5, 4] - [5, 4]
        assert np.abs(shifts[:, 1 - axis]).max() < 1e-5
        largest = pixels[axis]
        assert stats.kstest(shifts[:, axis] / (2 * largest) + 0.5, "uniform").pvalue > 0.001


@pytest.mark.parametrize(
    ("choices", "pixels"), [((1, 3), [-3, -1, 1, 3]), ((0.25, 0.4), [-4.8, -3, 3, 4.8])]
)
def test_a_list_of_shifts_is_chosen_from_in_either_direction(choices, pixels):
    images = coordinates(4000, 12, 15)
    shifts = augmented(images, draws(4000), height_shift=choices)[:, 6, 7, 0] - 6
    seen, counts = np.unique(shifts.round(4), return_counts=True)
    np.testing.assert_allclose(seen, pixels, atol=1e-4)
    assert stats.chisquare(counts).pvalue > 0.001


def test_zooms_of_height_and_width_are_uniform_and_apart():
    images = coordinates(4000, 21, 21)
    values = draws(4000, zoom_x=np.random.default_rng(3).random(4000))
    result = augmented(images, values, height_zoom=0.2, width_zoom=0.4)
    extents = np.stack(
        [
            (result[:, 14, 10, 0] - result[:, 6, 10, 0]) / 8,
            (result[:, 10, 14, 1] - result[:, 10, 6, 1]) / 8,
        ]
    )
    for extent, largest in zip(extents, (0.2, 0.4), strict=True):
        assert stats.kstest((extent - 1 + largest) / (2 * largest), "uniform").pvalue > 0.001
    assert abs(np.corrcoef(extents)[0, 1]) < 0.05


def test_shears_in_degrees_are_uniform_angles_of_vertical_lines():
    images = coordinates(4000, 21, 21)
    result = augmented(images, draws(4000), shear_degrees=25.0)
    np.testing.assert_allclose(result[:, 10, :, 0], 10, atol=1e-5)
    slopes = (result[:, 14, 10, 1] - result[:, 6, 10, 1]) / 8
    degrees = np.degrees(np.arctan(slopes))
    assert stats.kstest(degrees / 50 + 0.5, "uniform").pvalue > 0.001


def test_a_factor_of_brightness_keeps_black_as_it_is():
    images, values = pictures(20), draws(20, brightness=np.linspace(0, 0.95, 20))
    black = np.array([-2.0, 0.5])
    factors = np.linspace(0.5, 1.925, 20)[:, None, None, None]
    result = augmented(images, values, brightness_range=(0.5, 2.0), black=black.tolist())
    np.testing.assert_allclose(result, black + factors * (images - black), atol=1e-5)


def test_contrast_factor_and_shift_are_one_map():
    images, values = pictures(20), draws(20)
    colours = {"contrast": 0.4, "brightness_range": (0.5, 1.5), "channel_shift": (0.1, 0.3)}
    at_once = augmented(images, values, **colours, black=-1.0)
    step_by_step = images
    for name, value in colours.items():
        step_by_step = augmented(step_by_step, values, **{name: value}, black=-1.0)
    np.testing.assert_allclose(at_once, step_by_step, atol=1e-5)


def test_amounts_by_channel_are_those_of_each_channel_alone():
    images, values = pictures(10), draws(10)
    for name in ("brightness", "channel_shift"):
        both = augmented(images, values, **{name: (0.2, 0.6)})
        for channel, amount in enumerate((0.2, 0.6)):
            alone = augmented(images, values, **{name: amount})[..., channel]
            np.testing.assert_allclose(both[..., channel], alone, atol=1e-6)


# Square, for the generator takes the height for the width where it looks for the middle.
PIXELS = np.random.default_rng(5).integers(60, 200, (1, 12, 12, 3)).astype("f4")


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the generator is TensorFlow's")
# SciPy's "constant" and "wrap", which it takes, are others between pixels.
@pytest.mark.parametrize("fill_mode", ["nearest", "reflect"])
@pytest.mark.parametrize(
    ("theirs", "ours", "columns"),
    [
        (
            {"tx": -2.5, "ty": 3.0},
            {"height_shift": 3.0, "width_shift": 5.0},
            {"shift_y": 1.0, "shift_x": 0.25},
        ),
        ({"flip_vertical": True}, {"vertical_flip_probability": 1.0}, {}),
        ({"flip_horizontal": True}, {"flip_probability": 1.0}, {}),
        (
            {"zx": 1.2, "zy": 0.7},
            {"height_zoom": 0.3, "width_zoom": 0.2},
            {"zoom": 0.0, "zoom_x": 1.0},
        ),
        ({"brightness": 0.5}, {"brightness_range": (0.5, 1.0)}, {"brightness": 0.0}),
    ],
    ids=["shift", "over", "mirrored", "zoom", "brightness"],
)
def test_it_does_what_the_generator_does(theirs, ours, columns, fill_mode):
    import tensorflow as tf

    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        fill_mode=fill_mode, interpolation_order=1
    )
    expected = generator.apply_transform(PIXELS[0], theirs)
    values = draws(1, **{"over": 0.0, "flip": 0.0, **columns})
    layer = RandomAugmentation(fill_mode=fill_mode, **ours)
    result = keras.ops.convert_to_numpy(layer(PIXELS, values[:, : layer.draws]))[0]
    # It rounds what it has made brighter.
    assert np.abs(result - expected).max() < (1.0 if "brightness" in theirs else 1e-2)
