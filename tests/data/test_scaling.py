"""Scaling is one affine map, fitted on the training images alone."""

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from trickbook.data import DataError, fit_scaling, from_arrays, load
from trickbook.data.nested import nested_training_set
from trickbook.data.spec import DataSpec


def scaled(scaling, images):
    return images.astype(np.float64) * np.array(scaling.scale) + np.array(scaling.offset)


@pytest.fixture
def photos():
    rng = np.random.default_rng(0)
    # More images than are summed at once, so that blocks are put together.
    return rng.integers(0, (100, 200, 256), size=(2300, 4, 5, 3)).astype(np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_standardize_agrees_with_scikit_learn(photos, dtype):
    images = photos.astype(dtype)
    reference = StandardScaler().fit_transform(images.reshape(-1, 3).astype(float))
    ours = scaled(fit_scaling("standardize", images), images)
    np.testing.assert_allclose(ours.reshape(-1, 3), reference, atol=1e-9)


@pytest.mark.parametrize("shape", [(40, 3), (40, 5, 3)])
def test_each_column_and_each_feature_has_a_range_of_its_own(shape):
    rows = np.random.default_rng(3).normal(size=shape) * [1, 50, 0.1] + [0, 7, -2]
    flat = rows.reshape(-1, 3)
    unit = MinMaxScaler().fit_transform(flat)
    # The range that pixels would have is no matter.
    ours = {
        name: scaled(fit_scaling(name, rows, (0.0, 255.0)), flat)
        for name in ("unit", "symmetric", "center")
    }
    np.testing.assert_allclose(ours["unit"], unit, atol=1e-12)
    np.testing.assert_allclose(ours["symmetric"], 2 * unit - 1, atol=1e-12)
    np.testing.assert_allclose(ours["center"], unit - unit.mean(axis=0), atol=1e-12)


@pytest.mark.parametrize(("name", "ends"), [("unit", (0, 1)), ("symmetric", (-1, 1))])
def test_rows_are_scaled_by_the_training_rows_and_stay_so_when_they_are_fewer(name, ends):
    rows = np.random.default_rng(4).normal(size=(90, 2)) * [1, 1000]
    data = from_arrays(rows, np.arange(90) % 3, inputs="rows", scaling=name)
    for part in (data, nested_training_set(data, 20)):
        inputs = part.scaling.apply(part.x_train)
        np.testing.assert_allclose(inputs.min(axis=0), ends[0], atol=1e-6)
        np.testing.assert_allclose(inputs.max(axis=0), ends[1], atol=1e-6)


def test_unit_and_symmetric_of_bytes_have_a_fixed_range(photos):
    ends = np.array([[0, 0, 0], [255, 255, 255]])
    np.testing.assert_allclose(scaled(fit_scaling("unit", photos), ends), ends / 255, atol=1e-12)
    np.testing.assert_allclose(
        scaled(fit_scaling("symmetric", photos), ends), ends / 127.5 - 1, atol=1e-12
    )


def test_center_is_unit_less_each_channels_mean_over_the_training_images(photos):
    unit, center = (scaled(fit_scaling(name, photos), photos) for name in ("unit", "center"))
    means = photos.mean(axis=(0, 1, 2)) / 255
    np.testing.assert_allclose(center, unit - means, atol=1e-12)
    assert load(DataSpec("digits", scaling="center")).scaling.scale == (1 / 16,)


@pytest.mark.parametrize(("name", "low"), [("unit", 0), ("symmetric", -1)])
def test_floats_are_scaled_by_their_range(name, low):
    images = np.random.default_rng(1).normal(5, 3, size=(20, 3, 3, 1)).astype(np.float32)
    reference = MinMaxScaler((low, 1)).fit_transform(images.reshape(-1, 1).astype(float))
    ours = scaled(fit_scaling(name, images), images)
    np.testing.assert_allclose(ours.reshape(-1, 1), reference, atol=1e-6)


@pytest.mark.parametrize("name", ["unit", "symmetric", "center", "standardize"])
@pytest.mark.parametrize("other", [0, 7])
def test_constant_channels_stay_finite(name, other):
    images = np.full((5, 2, 2, 3), 7, np.float32)
    images[..., 1] = other
    assert np.isfinite(scaled(fit_scaling(name, images), images)).all()
    if name in ("center", "standardize"):
        np.testing.assert_array_equal(scaled(fit_scaling(name, images), images), 0)


@pytest.mark.parametrize("name", ["unit", "symmetric", "center", "standardize"])
@pytest.mark.parametrize(("size", "is_refused"), [(1e-40, True), (1e-30, False)])
def test_a_factor_that_float32_cannot_hold_is_refused(name, size, is_refused):
    images = (size * np.random.default_rng(1).random((20, 3, 3, 2))).astype(np.float32)
    images[..., 0] = 1 if name == "standardize" else images[..., 0]
    if is_refused:
        with pytest.raises(DataError, match=r"channel \d differ by about .* in another unit"):
            fit_scaling(name, images)
    else:
        assert np.isfinite(fit_scaling(name, images).apply(images)).all()


def test_digits_reach_from_0_to_16():
    unit = load(DataSpec("digits", scaling="unit"))
    assert unit.scaling.scale == (1 / 16,)
    assert unit.scaling.offset == (0.0,)


def test_fitted_on_training_images_alone():
    rng = np.random.default_rng(2)
    x, y = rng.integers(0, 50, (30, 4, 4)).astype(np.uint8), np.arange(30) % 3
    bright = from_arrays(x, y, x + 200, y, x_val=x + 200, y_val=y)
    assert bright.scaling == fit_scaling("standardize", bright.x_train)
    assert len(bright.x_train) == 30


def test_apply_gives_float32(photos):
    scaling = fit_scaling("standardize", photos)
    assert scaling.apply(photos).dtype == np.float32
    np.testing.assert_allclose(scaling.apply(photos), scaled(scaling, photos), atol=1e-5)


def test_unknown_scaling():
    with pytest.raises(DataError, match="no scaling named"):
        fit_scaling("none", np.zeros((1, 1, 1, 1), np.uint8))
