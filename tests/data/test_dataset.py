"""A data set is fingerprinted by its content and comes back from disk as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from trickbook.data import DataError, Dataset, DataSpec, from_arrays, load

ARRAYS = ("x_train", "y_train", "x_val", "y_val", "x_test", "y_test")


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (40, 5, 4, 3)).astype(np.uint8), np.arange(40) % 2


def test_comes_back_from_disk(tmp_path, arrays):
    data = from_arrays(*arrays, classes=["cat", "dög"], limit_train=10, split_seed=3)
    data = replace(data, val_in_epochs=5)
    data.save(tmp_path / "data")
    again = Dataset.load(tmp_path / "data")
    assert again.summary() == data.summary()
    assert again.scaling == data.scaling
    for name in ARRAYS:
        np.testing.assert_array_equal(getattr(again, name), getattr(data, name))
        assert isinstance(getattr(again, name), np.memmap)
    with pytest.raises(ValueError, match="read-only"):
        again.x_train[0] = 0
    assert not list((tmp_path / "data").glob("*tmp*"))


def test_summary_holds_what_a_report_tells(arrays):
    data = from_arrays(*arrays, limit_train=10, split_seed=3)
    summary = data.summary()
    assert json.loads(json.dumps(summary)) == summary
    assert len(summary.pop("fingerprint")) == len(summary.pop("source_fingerprint")) == 64
    assert summary == {
        "name": "arrays",
        "classes": ["0", "1"],
        "class_counts": {"train": [5, 5], "val": [4, 4], "test": [4, 4]},
        "image_shape": [5, 4, 3],
        "train": 10,
        "val": 8,
        "test": 8,
        "scaling": "standardize",
        "split_seed": 3,
        "limit_train": 10,
        "value_range": [0.0, 255.0],
        "warnings": [],
        "notes": [],
        "has_deep_values": False,
    }


def test_data_that_were_loaded_tell_how_to_load_them_again(tmp_path):
    spec = DataSpec("digits", limit_train=30, split_seed=2)
    data = load(spec)
    data.save(tmp_path)
    told = json.loads(json.dumps(Dataset.load(tmp_path).summary()))["spec"]
    assert DataSpec.from_dict(told) == spec


def test_incomplete_folder_is_refused(tmp_path, arrays):
    from_arrays(*arrays).save(tmp_path)
    (tmp_path / "x_val.npy").unlink()
    with pytest.raises(DataError, match="no complete saved data set"):
        Dataset.load(tmp_path)
    with pytest.raises(DataError, match="no complete saved data set"):
        Dataset.load(tmp_path / "nowhere")


def test_fingerprint_follows_the_content(arrays):
    x, y = arrays
    changed = x.copy()
    changed[7, 0, 0, 0] ^= 1
    swapped = y.copy()
    swapped[[0, 1]] = swapped[[1, 0]]
    variants = [
        from_arrays(x, y),
        from_arrays(changed, y),
        from_arrays(x, swapped),
        from_arrays(x.transpose(0, 2, 1, 3), y),
        from_arrays(x.reshape(40, 4, 5, 3), y),
        from_arrays(x, y, classes=["cat", "dog"]),
        from_arrays(x, y, scaling="unit"),
        from_arrays(x, y, split_seed=1),
        from_arrays(x, y, limit_train=20),
        from_arrays(x.astype(np.float32), y),
    ]
    assert len({data.fingerprint for data in variants}) == len(variants)
    assert from_arrays(x.copy(order="F"), y).fingerprint == variants[0].fingerprint


@pytest.mark.parametrize(
    ("shape", "of_labels"),
    [((8, 8, 1), "int32"), ((8, 8), "int32"), ((5,), "int32"), ((5,), "float32")],
    ids=["images", "grey", "rows", "numbers"],
)
def test_what_a_caller_writes_to_his_arrays_later_changes_no_data(shape, of_labels):
    draws = np.random.default_rng(0)
    dtype = "uint8" if len(shape) > 1 else "float32"
    given = {
        f"x_{split}".removesuffix("_train"): draws.integers(0, 255, (30, *shape)).astype(dtype)
        for split in ("train", "val", "test")
    }
    labels = {f"y{name[1:]}": np.arange(30, dtype=of_labels) % 3 for name in given}
    data = from_arrays(**given, **labels)
    held = {name: getattr(data, name).copy() for name in ARRAYS}
    for array in (*given.values(), *labels.values()):
        array[...] = 0
    for name, before in held.items():
        np.testing.assert_array_equal(getattr(data, name), before)


def test_arrays_are_known_again_however_they_are_split_and_limited(tmp_path):
    x, y = np.random.default_rng(0).integers(0, 255, (60, 4, 4), "uint8"), np.arange(60) % 3
    data = from_arrays(x, y)
    others = (
        from_arrays(255 - x, y),
        from_arrays(x, 2 - y),
        from_arrays(x, y, classes=["a", "b", "c"]),
        from_arrays(x, y, inputs="sequences"),
        from_arrays(x, y, x[:9] // 2, y[:9]),
    )
    alike = from_arrays(x, y, limit_train=20, split_seed=3, val_fraction=0.3, scaling="unit")
    sources = [one.summary()["source_fingerprint"] for one in (data, alike, *others)]
    assert sources[0] == sources[1]
    assert len(set(sources)) == 1 + len(others)
    data.save(tmp_path)
    assert Dataset.load(tmp_path).source_fingerprint == sources[0]
    assert "source_fingerprint" not in load(DataSpec("digits")).summary()
