"""A bootstrap sample is drawn with replacement, of the training examples alone."""

import numpy as np
import pytest

from trickbook.data import Dataset, DataSpec, bootstrap_sample, from_arrays, load


@pytest.fixture(scope="module")
def whole():
    return load(DataSpec("diabetes"))


def test_it_is_drawn_with_replacement_of_the_training_examples_alone(whole, tmp_path):
    sample = bootstrap_sample(whole, 3)
    assert sample.x_train.shape == whole.x_train.shape
    pairs = {(*row, target) for row, target in zip(whole.x_train, whole.y_train, strict=True)}
    drawn = {(*row, target) for row, target in zip(sample.x_train, sample.y_train, strict=True)}
    assert drawn < pairs
    # (1 - 1 / n) ** n of them are left out, which is about 1 / e.
    assert len(drawn) / len(pairs) == pytest.approx(1 - np.exp(-1), abs=0.06)
    for name in ("x_val", "y_val", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(sample, name), getattr(whole, name))
    np.testing.assert_allclose(sample.scaling.apply(sample.x_train).mean(axis=0), 0, atol=1e-4)
    assert sample.summary()["bootstrap_of"] == whole.fingerprint
    assert "bootstrap_of" not in whole.summary()
    sample.save(tmp_path)
    assert Dataset.load(tmp_path).summary() == sample.summary()


def test_every_example_is_drawn_with_some_seed(whole):
    drawn = {row.tobytes() for seed in range(20) for row in bootstrap_sample(whole, seed).x_train}
    assert drawn == {row.tobytes() for row in whole.x_train}


def test_it_is_a_function_of_the_seed(whole):
    prints = {bootstrap_sample(whole, seed).fingerprint for seed in (0, 1, 0, 2)}
    assert len(prints) == 3
    assert whole.fingerprint not in prints


def test_images_keep_a_scaling_of_their_own_kind():
    digits = load(DataSpec("digits", limit_train=50, scaling="unit"))
    assert bootstrap_sample(digits, 0).scaling == digits.scaling


def test_images_that_lack_the_brightest_pixel_keep_the_range_of_all():
    images = np.linspace(0, 1, 50).reshape(50, 1, 1, 1)
    whole = from_arrays(images, np.arange(50) % 2, scaling="unit")
    sample = bootstrap_sample(whole, 1)
    assert np.ptp(sample.x_train) < np.ptp(whole.x_train)
    assert sample.scaling == whole.scaling
