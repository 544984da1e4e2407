"""RandomAugmentation to the pixel against NumPy, and between pixels against SciPy."""

import itertools

import numpy as np
import pytest
from augmentation_draws import COLUMNS, augmented, coordinates, draws, pictures
from scipy import ndimage, stats

NUMPY_MODES = {
    "constant": "constant",
    "nearest": "edge",
    "reflect": "symmetric",
    "mirror": "reflect",
    "wrap": "wrap",
}
SCIPY_MODES = {
    "constant": "grid-constant",
    "nearest": "nearest",
    "reflect": "reflect",
    "mirror": "mirror",
    "wrap": "grid-wrap",
}


@pytest.mark.parametrize("fill_mode", NUMPY_MODES)
def test_without_moves_the_images_come_out_as_they_are(fill_mode):
    images = pictures(20)
    same = augmented(images, draws(20), fill_mode=fill_mode)
    np.testing.assert_array_equal(same, images)


def test_a_flip_mirrors_exactly_the_images_that_drew_it():
    images, values = pictures(50), draws(50)
    is_flipped = values[:, 0] < 0.3
    assert 0 < is_flipped.sum() < 50
    expected = np.where(is_flipped[:, None, None, None], np.flip(images, axis=2), images)
    result = augmented(images, values, flip_probability=0.3)
    np.testing.assert_array_equal(result, expected)


@pytest.mark.parametrize("fill_mode", NUMPY_MODES)
@pytest.mark.parametrize("flip", [0.0, 1.0])
def test_a_padded_crop_is_numpys_pad_and_slice(fill_mode, flip):
    places = np.array(list(itertools.product(range(5), repeat=2)))
    images = pictures(len(places))
    values = draws(len(places), pad_y=(places[:, 0] + 0.5) / 5, pad_x=(places[:, 1] + 0.5) / 5)
    result = augmented(
        images, values, crop_padding_pixels=2, flip_probability=flip, fill_mode=fill_mode
    )
    mirrored = np.flip(images, axis=2) if flip else images
    around = ((0, 0), (2, 2), (2, 2), (0, 0))
    padded = np.pad(mirrored, around, mode=NUMPY_MODES[fill_mode])
    for image, (y, x), got in zip(padded, places, result, strict=True):
        np.testing.assert_array_equal(got, image[y : y + 6, x : x + 9])


def test_every_place_of_a_padded_crop_is_reached_about_equally_often():
    count = 10_000
    images = coordinates(count, 9, 7)
    result = augmented(images, draws(count), crop_padding_pixels=2)
    places = np.rint(result[:, 4, 3] - [4, 3]).astype(int)
    assert np.abs(places).max() == 2
    seen = np.bincount((places[:, 0] + 2) * 5 + places[:, 1] + 2, minlength=25)
    assert stats.chisquare(seen).pvalue > 0.001


def test_the_share_of_flips_is_the_probability():
    count = 10_000
    images = coordinates(count, 3, 5)
    result = augmented(images, draws(count), flip_probability=0.3)
    flips = (result[:, 0, 0, 1] == 4).sum()
    assert stats.binomtest(int(flips), count, 0.3).pvalue > 0.001


def test_shifts_are_uniform_in_both_directions_and_apart():
    images = coordinates(4000, 11, 11)
    result = augmented(images, draws(4000), shift_pixels=2.5)
    shifts = result[:, 5, 5] - 5
    for axis in range(2):
        assert stats.kstest(shifts[:, axis] / 5 + 0.5, "uniform").pvalue > 0.001
        assert np.abs(shifts[:, axis]).max() <= 2.5 + 1e-5
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.05


def test_rotations_are_uniform_in_both_directions():
    images = coordinates(4000, 21, 21)
    result = augmented(images, draws(4000), rotation_degrees=30.0)
    along_x = result[:, 10, 14] - result[:, 10, 6]
    np.testing.assert_allclose(np.hypot(*along_x.T), 8, atol=1e-4)
    degrees = np.degrees(np.arctan2(along_x[:, 0], along_x[:, 1]))
    assert stats.kstest(degrees / 60 + 0.5, "uniform").pvalue > 0.001
    assert np.abs(degrees).max() <= 30 + 1e-3


def test_zooms_and_shears_are_uniform_in_both_directions():
    images = coordinates(4000, 21, 21)
    result = augmented(images, draws(4000), zoom=0.4)
    along_y, along_x = result[:, 14, 10] - result[:, 6, 10], result[:, 10, 14] - result[:, 10, 6]
    np.testing.assert_allclose(along_y[:, 0], along_x[:, 1], atol=1e-4)
    assert stats.kstest((along_x[:, 1] / 8 - 0.6) / 0.8, "uniform").pvalue > 0.001
    result = augmented(images, draws(4000), shear=0.3)
    along_y, along_x = result[:, 14, 10] - result[:, 6, 10], result[:, 10, 14] - result[:, 10, 6]
    slopes = np.stack([along_y[:, 1], along_x[:, 0]]) / 8
    for slope in slopes:
        assert stats.kstest((slope + 0.3) / 0.6, "uniform").pvalue > 0.001
    assert abs(np.corrcoef(slopes)[0, 1]) < 0.05


def test_crop_and_resize_keeps_an_area_drawn_uniformly_anywhere_in_the_image():
    height, width = 12, 20
    images = coordinates(4000, height, width)
    result = augmented(images, draws(4000), crop_area_min=0.25)
    # Slopes of inner pixels are the scale; the crop's edges follow from a point within it.
    scale_y = (result[:, 8, 10, 0] - result[:, 3, 10, 0]) / 5
    scale_x = (result[:, 6, 14, 1] - result[:, 6, 5, 1]) / 9
    np.testing.assert_allclose(scale_y, scale_x, atol=1e-5)
    assert stats.kstest((scale_x**2 - 0.25) / 0.75, "uniform").pvalue > 0.001
    for scale, source, at, size in (
        (scale_y, result[:, 3, 10, 0], 3, height),
        (scale_x, result[:, 6, 5, 1], 5, width),
    ):
        first_edge = source + 0.5 - scale * (at + 0.5)
        room = (1 - scale) * size
        assert first_edge.min() > -1e-4
        assert (first_edge - room).max() < 1e-4
        has_room = room > 0.1
        places = first_edge[has_room] / room[has_room]
        assert stats.kstest(places, "uniform").pvalue > 0.001


def reference_matrices(values, height, width, settings):
    """The documented moves as 3x3 matrices on (y, x, 1) from input to output, then inverted.

    The image is mirrored, turned over, turned anti-clockwise, sheared, zoomed, shifted, and the
    crop is enlarged to full size.
    """
    values = np.pad(values, ((0, 0), (0, len(COLUMNS) - values.shape[1])))
    columns = dict(zip(COLUMNS, values.T.astype("f8"), strict=True))
    matrices = []
    for i in range(len(values)):
        value = {name: column[i] for name, column in columns.items()}
        mirrored = value["flip"] < settings.get("flip_probability", 0)
        over = value["over"] < settings.get("vertical_flip_probability", 0)
        mirror = np.diag([-1.0 if over else 1.0, -1.0 if mirrored else 1.0, 1.0])
        limit = np.radians(settings.get("rotation_degrees", 0))
        angle = (2 * value["turn"] - 1) * limit
        turn = np.array(
            [
                [np.cos(angle), -np.sin(angle), 0],
                [np.sin(angle), np.cos(angle), 0],
                [0, 0, 1],
            ]
        )
        slopes = [
            (2 * value[name] - 1) * settings.get("shear", 0) for name in ("shear_y", "shear_x")
        ]
        leaning = (2 * value["shear_x"] - 1) * settings.get("shear_degrees", 0)
        slopes[1] += np.tan(np.radians(leaning))
        shear = np.linalg.inv([[1, slopes[0], 0], [slopes[1], 1, 0], [0, 0, 1]])
        extents = [1 + (2 * value["zoom"] - 1) * settings.get("zoom", 0)] * 2
        extents[0] += (2 * value["zoom"] - 1) * settings.get("height_zoom", 0)
        extents[1] += (2 * value["zoom_x"] - 1) * settings.get("width_zoom", 0)
        zoom = np.diag([1 / extents[0], 1 / extents[1], 1.0])
        area = settings.get("crop_area_min", 1.0)
        scale = np.sqrt(area + value["area"] * (1 - area))
        shift, padding = settings.get("shift_pixels", 0), settings.get("crop_padding_pixels", 0)
        move = np.eye(3)
        for row, (axis, size) in enumerate((("y", height), ("x", width))):
            crop = (value[f"crop_{axis}"] - 0.5) * (1 - scale) * size
            whole = np.floor(value[f"pad_{axis}"] * (2 * padding + 1)) - padding
            apart = settings.get(("height_shift", "width_shift")[row], 0)
            largest = shift + apart * (size if apart < 1 else 1)
            move[row, 2] = -(crop + (2 * value[f"shift_{axis}"] - 1) * largest + whole)
        enlarge = np.diag([1 / scale, 1 / scale, 1.0])
        matrices.append(np.linalg.inv(enlarge @ move @ zoom @ shear @ turn @ mirror))
    return matrices


MOVES = {
    "shift": {"shift_pixels": 2.3},
    "rotation": {"rotation_degrees": 40.0},
    "zoom": {"zoom": 0.6},
    "shear": {"shear": 0.7},
    "crop and resize": {"crop_area_min": 0.3},
    "padded crop and shift": {"crop_padding_pixels": 3, "shift_pixels": 0.7},
    "all": {
        "flip_probability": 0.5,
        "shift_pixels": 1.5,
        "crop_padding_pixels": 1,
        "crop_area_min": 0.5,
        "rotation_degrees": 180.0,
        "zoom": 0.4,
        "shear": 0.5,
    },
    "leaning": {"shear_degrees": 45.0},
    "each axis apart": {
        "vertical_flip_probability": 0.5,
        "height_shift": 0.3,
        "width_shift": 2.5,
        "height_zoom": 0.5,
        "width_zoom": 0.2,
        "rotation_degrees": 90.0,
    },
}


@pytest.mark.parametrize("order", [0, 1])
@pytest.mark.parametrize("fill_mode", SCIPY_MODES)
@pytest.mark.parametrize("moves", MOVES.values(), ids=MOVES)
def test_the_warp_is_scipys(moves, fill_mode, order):
    images = pictures(8, height=7, width=10)
    values = draws(8, **({"over": 0.4 + 0.2 * (np.arange(8) % 2)} if "width_zoom" in moves else {}))
    interpolation = ("nearest", "bilinear")[order]
    fill = 1.5 if fill_mode == "constant" else 0.0
    settings = {"fill_mode": fill_mode, "fill_value": fill, "interpolation": interpolation}
    result = augmented(images, values, **settings, **moves)
    centre = np.array([3.0, 4.5])
    for i, matrix in enumerate(reference_matrices(values, 7, 10, moves)):
        linear = matrix[:2, :2]
        offset = centre + matrix[:2, 2] - linear @ centre
        clear = order == 1 or far_from_ties(linear, offset, images.shape[1:3])
        for channel in range(images.shape[-1]):
            expected = ndimage.affine_transform(
                images[i, ..., channel].astype("f8"),
                linear,
                offset=offset,
                order=order,
                mode=SCIPY_MODES[fill_mode],
                cval=fill,
            )
            difference = np.abs(result[i, ..., channel] - expected)
            assert np.max(difference, where=clear, initial=0) < 1e-4


def far_from_ties(linear, offset, shape):
    """Where the source does not lie half-way between pixels, as far as float32 can tell."""
    source = np.indices(shape).transpose(1, 2, 0) @ linear.T + offset
    clear = (np.abs(source % 1 - 0.5) > 1e-3).all(axis=-1)
    assert clear.mean() > 0.9
    return clear


def test_an_image_is_warped_alike_in_any_batch():
    images, values = pictures(6), draws(6)
    settings = {"rotation_degrees": 20.0, "crop_area_min": 0.5}
    together = augmented(images, values, **settings)
    alone = np.concatenate(
        [augmented(images[i : i + 1], values[i : i + 1], **settings) for i in range(6)]
    )
    np.testing.assert_allclose(together, alone, atol=1e-6)
