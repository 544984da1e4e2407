"""RandomGaussianNoise against the normal distribution, and its independence."""

import keras
import numpy as np
import pytest
from scipy import stats

from trickbook.layers import RandomGaussianNoise


def draws(count, seed=0):
    return np.random.default_rng(seed).random((count, RandomGaussianNoise.draws), dtype="f4")


def noisy(images, values, stddev):
    return keras.ops.convert_to_numpy(RandomGaussianNoise(stddev)(images, values))


def noise(values, shape=(8, 8, 1)):
    return noisy(np.zeros((len(values), *shape), "f4"), values, 1.0)


@pytest.mark.parametrize("shape", [(8, 8, 1), (32, 32, 3)])
def test_the_noise_is_normal(shape):
    values = noise(draws(40_000 // np.prod(shape[:2])), shape).ravel()
    assert len(values) >= 39_000
    assert np.isfinite(values).all()
    assert stats.kstest(values, "norm").pvalue > 0.001
    assert abs(values.mean()) < 4 / len(values) ** 0.5
    assert abs(values.std() - 1) < 4 / (2 * len(values)) ** 0.5
    assert abs(stats.kurtosis(values)) < 4 * (24 / len(values)) ** 0.5


def test_each_pixel_is_normal_over_the_images():
    values = noise(draws(2000), (4, 4, 1)).reshape(2000, 16)
    pvalues = [stats.kstest(pixel, "norm").pvalue for pixel in values.T]
    assert min(pvalues) > 0.001 / 16
    assert stats.kstest(pvalues, "uniform").pvalue > 0.001


def test_noise_is_added_and_scaled():
    images = np.random.default_rng(2).normal(size=(5, 4, 6, 3)).astype("f4")
    values = draws(5)
    result = noisy(images, values, 0.3)
    np.testing.assert_allclose(result - images, 0.3 * noise(values, (4, 6, 3)), atol=1e-6)
    np.testing.assert_array_equal(
        keras.ops.convert_to_numpy(RandomGaussianNoise(0.0)(images, values)), images
    )


def correlation(one, other):
    return abs(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def test_pixels_channels_and_images_are_independent():
    values = noise(draws(60), (20, 20, 3))
    limit = 4 / (60 * 19 * 19) ** 0.5
    assert correlation(values[:, 1:], values[:, :-1]) < limit
    assert correlation(values[:, :, 1:], values[:, :, :-1]) < limit
    assert correlation(values[..., 1:], values[..., :-1]) < limit
    assert correlation(values[1:], values[:-1]) < limit
    # Magnitudes too: noise can be uncorrelated and still not independent.
    assert correlation(np.abs(values[1:]), np.abs(values[:-1])) < limit
    assert correlation(np.abs(values[:, 1:]), np.abs(values[:, :-1])) < limit


@pytest.mark.parametrize("column", [0, 1])
def test_draws_that_lie_close_together_give_unrelated_noise(column):
    values = np.full((64, 2), 0.25, "f4")
    values[:, column] += np.arange(64, dtype="f4") * 2.0**-23
    result = noise(values, (20, 20, 1)).reshape(64, -1)
    correlations = np.corrcoef(result)[np.triu_indices(64, 1)]
    assert np.abs(correlations).max() < 5.5 / 400**0.5
    assert abs(correlations.std() * 400**0.5 - 1) < 0.1
    assert len(np.unique(result)) > 0.99 * result.size


def test_swapped_draws_give_other_noise():
    values = draws(50)
    assert correlation(noise(values), noise(values[:, ::-1])) < 4 / (50 * 64) ** 0.5


def test_the_same_draws_give_the_same_noise_in_any_batch():
    values = draws(12)
    together = noise(values)
    np.testing.assert_array_equal(together[5:7], noise(values[5:7]))
    np.testing.assert_array_equal(together[::-1], noise(values[::-1].copy()))
    assert len(np.unique(together[:, 0, 0, 0])) == 12


def test_the_ends_of_the_draws_are_finite():
    values = np.array([[0, 0], [0, 1], [1, 0], [1, 1], [1 - 2.0**-24] * 2], "f4")
    assert np.isfinite(noise(values, (32, 32, 3))).all()


def test_in_half_precision_the_draws_keep_their_bits():
    values = np.array([[0.49998, 0.5], [0.49999, 0.5]], "f4")  # alike in half precision
    images = np.zeros((2, 8, 8, 1), "f4")
    result = RandomGaussianNoise(1.0, dtype="mixed_float16")(images, values)
    assert keras.backend.standardize_dtype(result.dtype) == "float16"
    np.testing.assert_allclose(keras.ops.convert_to_numpy(result), noise(values), atol=2e-3)


@pytest.mark.parametrize("stddev", [-0.1, float("nan"), "0.1"])
def test_a_deviation_out_of_range_is_refused(stddev):
    with pytest.raises(ValueError, match=r"^stddev must .*Received: stddev="):
        RandomGaussianNoise(stddev)
