"""Square erasing against a loop in NumPy and against the probabilities of deck L3."""

import math

import numpy as np
import pytest
from augmentation_draws import augmented, draws, pictures
from scipy import stats


def erased(images, values, **settings):
    """The images after the layer, its settings without their prefix."""
    return augmented(
        images, values, **{f"erasing_{name}": value for name, value in settings.items()}
    )


def erased_one_by_one(images, values, probability, area, value):
    """The last columns of the draws: whether to erase, which area, where in y and where in x."""
    result = images.copy()
    height, width = images.shape[1:3]
    for image, (chance, share, at_y, at_x) in zip(result, values[:, -4:].astype("f8"), strict=True):
        if chance >= probability:
            continue
        wanted = area[0] + share * (area[1] - area[0])
        side = max(1, math.floor(math.sqrt(wanted * height * width) + 0.5))
        tall, wide = min(side, height), min(side, width)
        top, left = math.floor(at_y * (height - tall + 1)), math.floor(at_x * (width - wide + 1))
        image[top : top + tall, left : left + wide] = value
    return result


@pytest.mark.parametrize("size", [(8, 8), (32, 32), (5, 12)])
@pytest.mark.parametrize("area", [(0.01, 0.3), (0.2, 1.0)])
def test_squares_are_erased_where_the_draws_say(size, area):
    images, values = pictures(200, *size, channels=3), draws(200)
    expected = erased_one_by_one(images, values, 0.75, area, np.float32(-0.7))
    result = erased(images, values, probability=0.75, area=area, value=-0.7)
    np.testing.assert_array_equal(result, expected)


def boxes(size, count=20_000, **settings):
    """Height, width and corner of each erased box of full images, and what share was erased."""
    images = np.ones((count, size, size, 1), "f4")
    result = erased(images, draws(count, seed=3), **settings)[..., 0]
    is_zero = result == 0
    assert ((result == 1) | is_zero).all()
    rows, columns = is_zero.any(axis=2), is_zero.any(axis=1)
    is_erased = is_zero.any(axis=(1, 2))
    tall, wide = rows.sum(axis=1)[is_erased], columns.sum(axis=1)[is_erased]
    # As many zeros as the box around them holds: one solid box.
    np.testing.assert_array_equal(is_zero.sum(axis=(1, 2))[is_erased], tall * wide)
    corners = rows.argmax(axis=1)[is_erased], columns.argmax(axis=1)[is_erased]
    return tall, wide, corners, is_erased


@pytest.mark.parametrize("size", [8, 32])
def test_patches_are_squares_of_uniform_area_for_the_lectures_share_of_images(size):
    tall, wide, (top, left), is_erased = boxes(size, probability=0.75, area=(0.01, 0.3))
    assert stats.binomtest(int(is_erased.sum()), len(is_erased), 0.75).pvalue > 0.001
    np.testing.assert_array_equal(tall, wide)
    # A side of s pixels stands for the areas whose root rounds to s; areas are uniform.
    low, high = 0.01 * size**2, 0.3 * size**2
    sides = np.arange(1, size + 1)
    upper = np.clip((sides + 0.5) ** 2, low, high)
    lower = np.clip(np.where(sides == 1, 0, (sides - 0.5) ** 2), low, high)
    expected = (upper - lower) / (high - low)
    seen = np.bincount(tall, minlength=size + 1)[1:]
    assert seen[expected == 0].sum() == 0
    kept = expected > 0
    assert stats.chisquare(seen[kept], expected[kept] * len(tall)).pvalue > 0.001
    # Every place within the image equally often.
    for corner in (top, left):
        common = np.bincount(tall).argmax()
        places = np.bincount(corner[tall == common], minlength=size - common + 1)
        assert len(places) == size - common + 1
        assert stats.chisquare(places).pvalue > 0.001


@pytest.mark.parametrize(("probability", "share"), [(0.0, 0), (1.0, 1)])
def test_the_ends_of_the_probability(probability, share):
    *_, is_erased = boxes(8, count=500, probability=probability)
    assert is_erased.mean() == share


def test_at_least_a_pixel_is_erased():
    tall, *_ = boxes(8, count=500, probability=1.0, area=(0.0, 0.001))
    assert set(tall) == {1}
