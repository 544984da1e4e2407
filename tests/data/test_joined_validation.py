"""Validation examples that are trained on too: which examples, how scaled, in which order."""

import numpy as np
import pandas as pd
import pytest

from trickbook.data import Dataset, DataSpec, from_arrays, load, without_validation


@pytest.fixture(scope="module")
def images(tiny_images):
    return from_arrays(tiny_images["x_train"], tiny_images["y_train"])


def test_training_has_both_and_validation_none(images):
    joined = without_validation(images)
    np.testing.assert_array_equal(joined.x_train, np.concatenate([images.x_train, images.x_val]))
    np.testing.assert_array_equal(joined.y_train, np.concatenate([images.y_train, images.y_val]))
    assert joined.x_val.shape == (0, 8, 8, 1)
    assert joined.summary()["val"] == 0
    assert joined.summary()["train"] == len(images.x_train) + len(images.x_val)
    for name in ("x_test", "y_test"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(images, name))


def test_it_is_scaled_by_all_that_is_trained_on_and_is_other_data(images, tmp_path):
    joined = without_validation(images)
    raw = joined.x_train.astype("float64")
    assert joined.scaling.scale[0] == pytest.approx(1 / raw.std(), rel=1e-6)
    assert joined.scaling.offset[0] == pytest.approx(-raw.mean() / raw.std(), rel=1e-6)
    assert joined.fingerprint != images.fingerprint
    joined.save(tmp_path)
    again = Dataset.load(tmp_path)
    assert again.fingerprint == joined.fingerprint
    assert len(again.x_val) == 0


def test_numbers_are_standardised_by_all_that_is_trained_on():
    table = load(DataSpec("diabetes"))
    joined = without_validation(table)
    targets = np.concatenate([table.y_train, table.y_val]).astype("float64")
    np.testing.assert_allclose(joined.towards("train").std(), 1, rtol=1e-5)
    assert joined.target_scaling.scale[0] == pytest.approx(1 / targets.std(), rel=1e-5)


def test_a_time_series_stays_in_its_order_and_goes_on_in_its_test_part(tmp_path):
    rows = pd.DataFrame({"load": np.arange(60.0), "other": np.arange(60.0) % 7})
    rows.to_csv(tmp_path / "load.csv", index=False)
    spec = DataSpec(f"table:{tmp_path / 'load.csv'}", target="load", window=4, task="regression")
    joined = without_validation(load(spec))
    assert (np.diff(joined.y_train) == 1).all()
    assert joined.y_test[0] == joined.y_train[-1] + 1


def test_what_a_limit_left_to_validation_is_trained_on_too():
    spec = DataSpec("digits", limit_train=100, unused="validation")
    data = load(spec)
    joined = without_validation(data)
    assert len(joined.x_train) == len(load(DataSpec("digits")).x_train) + data.val_in_epochs
    assert joined.val_in_epochs is None
