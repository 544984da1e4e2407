"""RandomAugmentation against Keras's single layers at equal parameters."""

import keras
import numpy as np
import pytest
from augmentation_draws import augmented, draws

HEIGHT, WIDTH = 12, 17
IMAGES = np.random.default_rng(5).uniform(0.2, 0.8, (10, HEIGHT, WIDTH, 3)).astype("f4")
# Keras's "wrap" repeats the image after its size less one on TensorFlow.
FILL_MODES = ["constant", "nearest", "reflect"]
each_fill = pytest.mark.parametrize("fill_mode", FILL_MODES)


def by_keras(layer):
    return keras.ops.convert_to_numpy(layer(IMAGES, training=True))


def at_the_end(setting, amount):
    """A column's draws that stand for `amount` where the range is -setting..setting."""
    return (amount / setting + 1) / 2


def alike(ours, theirs):
    np.testing.assert_allclose(ours, theirs, atol=2e-4)


def test_flip():
    expected = by_keras(keras.layers.RandomFlip("horizontal", seed=1))
    is_flipped = (expected == IMAGES[:, :, ::-1]).all(axis=(1, 2, 3))
    assert 0 < is_flipped.sum() < len(IMAGES)
    values = draws(len(IMAGES), flip=np.where(is_flipped, 0.2, 0.8))
    np.testing.assert_array_equal(augmented(IMAGES, values, flip_probability=0.5), expected)


@each_fill
def test_translation(fill_mode):
    layer = keras.layers.RandomTranslation((0.2, 0.2), (-0.15, -0.15), fill_mode=fill_mode)
    # Keras's positive shift moves the picture down and right.
    values = draws(
        len(IMAGES),
        shift_y=at_the_end(4.0, -0.2 * HEIGHT),
        shift_x=at_the_end(4.0, 0.15 * WIDTH),
    )
    alike(augmented(IMAGES, values, shift_pixels=4.0, fill_mode=fill_mode), by_keras(layer))


@each_fill
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_rotation(fill_mode, interpolation):
    settings = {"fill_mode": fill_mode, "interpolation": interpolation}
    expected = by_keras(keras.layers.RandomRotation((0.07, 0.07), **settings))
    values = draws(len(IMAGES), turn=at_the_end(30.0, 0.07 * 360))
    result = augmented(IMAGES, values, rotation_degrees=30.0, **settings)
    if interpolation == "bilinear":
        alike(result, expected)
    else:  # a pixel half-way between two may fall to either side
        assert np.isclose(result, expected).mean() > 0.98


@each_fill
@pytest.mark.parametrize("extent", [-0.3, 0.25])
def test_zoom(fill_mode, extent):
    layer = keras.layers.RandomZoom((extent, extent), fill_mode=fill_mode)
    values = draws(len(IMAGES), zoom=at_the_end(0.5, extent))
    alike(augmented(IMAGES, values, zoom=0.5, fill_mode=fill_mode), by_keras(layer))


@each_fill
def test_shear(fill_mode):
    """Keras shears about the upper left corner, and both ways at random: a shift more."""
    along_y, along_x = 0.2, 0.35
    layer = keras.layers.RandomShear((along_x, along_x), (along_y, along_y), fill_mode=fill_mode)
    expected = by_keras(layer)
    results = []
    centre = np.array([(HEIGHT - 1) / 2, (WIDTH - 1) / 2])
    for sign in (-1, 1):
        linear = np.array([[1, sign * along_y], [sign * along_x, 1]])
        shift = centre - np.linalg.solve(linear, centre)
        values = draws(
            len(IMAGES),
            shear_y=at_the_end(0.5, sign * along_y),
            shear_x=at_the_end(0.5, sign * along_x),
            shift_y=at_the_end(5.0, shift[0]),
            shift_x=at_the_end(5.0, shift[1]),
        )
        settings = {"shear": 0.5, "shift_pixels": 5.0, "fill_mode": fill_mode}
        results.append(augmented(IMAGES, values, **settings))
    errors = np.abs(np.stack(results) - expected).max(axis=(2, 3, 4))
    np.testing.assert_array_less(errors.min(axis=0), 2e-4)


def test_brightness():
    expected = by_keras(keras.layers.RandomBrightness((0.15, 0.15), value_range=(0, 1)))
    values = draws(len(IMAGES), brightness=at_the_end(0.2, 0.15))
    alike(augmented(IMAGES, values, brightness=0.2), expected)


def test_contrast():
    """Keras cannot be given one factor, so it is read off its result."""
    expected = by_keras(keras.layers.RandomContrast(0.2, value_range=(0, 1)))
    gains = expected.std(axis=(1, 2, 3)) / IMAGES.std(axis=(1, 2, 3))
    assert np.ptp(gains) > 0.1
    per_channel = IMAGES - IMAGES.mean(axis=(1, 2), keepdims=True)
    deviations = expected - expected.mean(axis=(1, 2), keepdims=True)
    gains = (per_channel * deviations).sum(axis=(1, 2, 3)) / (per_channel**2).sum(axis=(1, 2, 3))
    values = draws(len(IMAGES), contrast=at_the_end(0.2, gains - 1))
    alike(augmented(IMAGES, values, contrast=0.2), expected)
