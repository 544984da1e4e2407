"""Brightness, contrast and channel shift of RandomAugmentation against NumPy."""

import numpy as np
import pytest
from augmentation_draws import augmented, draws, pictures
from scipy import stats


def test_brightness_adds_one_amount_to_an_image():
    images, values = pictures(20), draws(20, brightness=np.linspace(0, 0.95, 20))
    amounts = np.linspace(-0.4, 0.36, 20)
    result = augmented(images, values, brightness=0.4)
    np.testing.assert_allclose(result, images + amounts[:, None, None, None], atol=1e-6)


def test_contrast_stretches_each_channel_about_its_mean():
    images, values = pictures(20, channels=3), draws(20, contrast=np.linspace(0, 0.95, 20))
    gains = np.linspace(0.5, 1.45, 20)[:, None, None, None]
    mean = images.mean(axis=(1, 2), keepdims=True, dtype="f8")
    result = augmented(images, values, contrast=0.5)
    np.testing.assert_allclose(result, mean + gains * (images - mean), atol=1e-5)


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_each_channel_is_shifted_by_an_amount_of_its_own(channels):
    count = 3000
    images = pictures(count, 2, 2, channels)
    shifts = augmented(images, draws(count), channel_shift=0.7) - images
    np.testing.assert_allclose(shifts, np.broadcast_to(shifts[:, :1, :1], shifts.shape), atol=1e-6)
    shifts = shifts[:, 0, 0]
    for channel in shifts.T:
        assert stats.kstest(channel / 1.4 + 0.5, "uniform").pvalue > 0.001
    for one in range(channels):
        for other in range(one):
            assert stats.pearsonr(shifts[:, one], shifts[:, other]).pvalue > 0.001


def test_all_colours_are_one_map_made_before_the_picture_moves():
    images, values = pictures(30, channels=3), draws(30)
    colours = {"brightness": 0.3, "contrast": 0.4, "channel_shift": 0.2}
    moves = {"rotation_degrees": 40.0, "shift_pixels": 2.0, "erasing_probability": 0.5}
    step_by_step = images
    for name in ("contrast", "brightness", "channel_shift"):
        step_by_step = augmented(step_by_step, values, **{name: colours[name]})
    step_by_step = augmented(step_by_step, values, **moves, erasing_value=9.0)
    at_once = augmented(images, values, **colours, **moves, erasing_value=9.0)
    np.testing.assert_allclose(at_once, step_by_step, atol=1e-5)
    # So neither the fill nor the erased square takes a colour.
    assert (at_once == 9.0).any()
    assert (at_once == 0.0).any()
