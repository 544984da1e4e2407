"""The operations that RandomAugmentation draws for each image (RandAugment)."""

import numpy as np
import pytest
from augmentation_draws import augmented, draws, pictures
from scipy import ndimage, stats

from trickbook.layers.random_operations import LARGEST

NAMES = list(LARGEST)
# What an operation is at magnitude 5 and full draw, as the options that do it alone.
ALONE = {
    "identity": {},
    "rotate": {"rotation_degrees": 15.0},
    "shear_x": {"shear": 0.15},
    "shear_y": {"shear": 0.15},
    "translate_x": {"width_shift": 0.225},
    "translate_y": {"height_shift": 0.225},
    "brightness": {"brightness_range": (0.55, 1.45)},
    "contrast": {"contrast": 0.45},
}
COLUMN = {
    "rotate": "turn",
    "shear_x": "shear_x",
    "shear_y": "shear_y",
    "translate_x": "shift_x",
    "translate_y": "shift_y",
    "brightness": "brightness",
    "contrast": "contrast",
}


def chosen(names, directions, count=6):
    """Draws that choose these operations in these directions, below 0.5 for less."""
    row = []
    for name, direction in zip(names, directions, strict=True):
        row += [(NAMES.index(name) + 0.5) / len(NAMES), direction, 0.3]
    return np.repeat([row], count, axis=0)


def operated(images, operations, **settings):
    settings = {"operations": operations.shape[1] // 3, "operation_magnitude": 5.0, **settings}
    return augmented(images, draws(len(images), operations=operations), **settings)


@pytest.mark.parametrize("direction", [0.2, 0.8])
@pytest.mark.parametrize("name", ALONE)
def test_an_operation_is_the_option_at_its_end(name, direction):
    images = pictures(6)
    result = operated(images, chosen([name], [direction]), black=-1.0)
    # The other of the two slopes is in the middle of its range.
    columns = {"shear_x": 0.5, "shear_y": 0.5}
    if name in COLUMN:
        columns[COLUMN[name]] = 0.0 if direction < 0.5 else 1.0
    expected = augmented(images, draws(6, **columns), **ALONE[name], black=-1.0)
    np.testing.assert_allclose(result, expected, atol=2e-5)
    assert np.allclose(result, images) == (name == "identity")


def test_the_channels_get_factors_of_their_own():
    count = 400
    images = pictures(count, channels=3)
    operations = chosen(["channels"], [0.0], count)
    operations[:, 1:] = np.random.default_rng(0).random((count, 2))
    result = operated(images, operations, black=-1.0)
    factors = ((result + 1) / (images + 1))[:, 0, 0]
    np.testing.assert_allclose(
        result, -1 + factors[:, None, None] * (images + 1), rtol=1e-3, atol=1e-4
    )
    is_up = np.isclose(factors, 1.45, atol=1e-3)
    assert (is_up | np.isclose(factors, 0.55, atol=1e-3)).all()
    counts = np.bincount(is_up @ [1, 2, 4], minlength=8)
    assert stats.chisquare(counts).pvalue > 0.001


def test_operations_are_drawn_alike_often_and_apart():
    images = pictures(3000, 2, 2)
    operations = np.random.default_rng(1).random((3000, 6)).astype("f4")
    numbers = (operations[:, [0, 3]] * len(NAMES)).astype(int)
    assert stats.chisquare(np.bincount(numbers.ravel())).pvalue > 0.001
    is_idle = (numbers == 0).all(axis=1)
    result = operated(images, operations)
    is_same = np.isclose(result, images, atol=1e-6).all(axis=(1, 2, 3))
    # Two that undo each other leave it as it is too.
    assert is_same[is_idle].all()
    assert is_same.mean() < 0.08


def test_two_operations_move_the_picture_one_after_the_other_in_one_warp():
    images = pictures(6, height=9, width=9)
    result = operated(images, chosen(["translate_x", "rotate"], [0.8, 0.8]))
    angle, shift = np.radians(15.0), 0.225 * 9
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    for image, got in zip(images, result, strict=True):
        for channel in range(2):
            expected = ndimage.affine_transform(
                image[..., channel].astype("f8"),
                turn,
                offset=4 - turn @ [4, 4] + [0, shift],
                order=1,
                mode="grid-constant",
            )
            np.testing.assert_allclose(got[..., channel], expected, atol=1e-4)


def test_colours_of_operations_and_options_multiply_and_come_before_the_moves():
    images = pictures(6)
    operations = chosen(["contrast", "brightness", "rotate"], [0.2, 0.8, 0.2])
    options = {"contrast": 0.3, "flip_probability": 0.5, "fill_value": 9.0, "black": -1.0}
    values = draws(6, operations=operations)
    at_once = augmented(images, values, operations=3, operation_magnitude=5.0, **options)
    mean = images.mean(axis=(1, 2), keepdims=True, dtype="f8")
    own = 1 + (2 * values[:, 13] - 1)[:, None, None, None] * 0.3
    colored = -1 + 1.45 * (mean + 0.55 * own * (images - mean) + 1)
    moved = {"flip_probability": 0.5, "rotation_degrees": 15.0, "fill_value": 9.0}
    mirrored = augmented(colored.astype("f4"), values[:, :20], flip_probability=0.5)
    expected = augmented(mirrored, draws(6, turn=0.0), **{**moved, "flip_probability": 0.0})
    np.testing.assert_allclose(at_once, expected, atol=2e-4)


def test_magnitude_0_does_nothing():
    images = pictures(20)
    operations = np.random.default_rng(1).random((20, 6))
    result = operated(images, operations, operation_magnitude=0.0)
    np.testing.assert_allclose(result, images, atol=1e-6)
