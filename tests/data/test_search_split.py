"""The validation set of a search: part of the training examples, and of nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load, without_validation
from trickbook.data.search_split import search_split


@pytest.fixture(scope="module")
def data():
    """Images that say which they are, of three classes in unequal shares."""
    images = np.arange(400, dtype=np.uint16).view(np.uint8).reshape(400, 1, 2)
    return from_arrays(images, np.repeat([0, 1, 2], [200, 120, 80]), split_seed=3)


def numbers(images):
    return {tuple(image.ravel().tolist()) for image in np.asarray(images)}


def test_it_is_a_part_of_the_training_set_and_apart_from_validation_and_test(data):
    own = search_split(data, 0.25)
    train, held = numbers(own.x_train), numbers(own.x_val)
    assert len(train) + len(held) == len(own.x_train) + len(own.x_val) == len(data.x_train)
    assert train | held == numbers(data.x_train)
    assert not held & (train | numbers(data.x_val) | numbers(data.x_test))
    assert numbers(own.x_test) == numbers(data.x_test)
    assert own.fingerprint != data.fingerprint
    assert "60 of the 240 training examples" in own.notes[0]


def test_classes_are_in_their_shares_and_the_split_seed_decides(data):
    own = search_split(data, 0.25)
    shares = np.bincount(data.y_train) / len(data.y_train)
    assert np.allclose(np.bincount(own.y_val) / len(own.y_val), shares, atol=0.02)
    assert search_split(data, 0.25).fingerprint == own.fingerprint
    for images, labels in ((own.x_train, own.y_train), (own.x_val, own.y_val)):
        places = images.reshape(len(images), 2) @ [1, 256]
        assert labels.tolist() == np.digitize(places, [200, 320]).tolist()
    other = search_split(replace(data, split_seed=4), 0.25)
    assert numbers(other.x_val) != numbers(own.x_val)


def test_scaling_is_fitted_on_what_is_left_to_train_on(data):
    own = search_split(data, 0.5)
    scaled = own.scaling.apply(np.asarray(own.x_train, np.float32))
    assert np.allclose(scaled.mean(axis=(0, 1, 2)), 0, atol=1e-4)


def test_of_numbers_any_are_held_out_and_of_a_series_the_latest(tmp_path):
    table = tmp_path / "t.csv"
    lines = [f"{row},{row % 7},{row}.5" for row in range(100)]
    table.write_text("\n".join(["time,day,target", *lines]))
    spec = DataSpec(f"table:{table}", target="target")
    data = load(spec)
    own, other = search_split(data, 0.25), search_split(replace(data, split_seed=1), 0.25)
    assert (len(own.x_train), len(own.x_val)) == (45, 15)
    for one in (own, other):
        assert sorted([*one.y_train, *one.y_val]) == sorted(data.y_train)
    assert set(own.y_val) != set(other.y_val)
    series = load(DataSpec(f"table:{table}", target="target", ordered=True))
    own = search_split(series, 0.25)
    assert np.array_equal(own.y_val, np.asarray(series.y_train)[-15:])
    assert own.y_train.max() < own.y_val.min()


def test_examples_in_two_parts_are_told_of_the_parts_that_there_are():
    draws = np.random.default_rng(0)
    images = draws.integers(0, 256, (100, 2, 2), dtype=np.uint8)
    train, labels = np.concatenate([images[:60]] * 2), np.tile(np.arange(60) % 2, 2)
    data = from_arrays(
        train, labels, images[50:70], labels[:20], x_val=images[55:75], y_val=labels[:20]
    )
    assert [text.split(" also")[0] for text in data.warnings] == [
        "5 of 20 validation images",
        "10 of 20 test images",
        "15 of 20 test images",
    ]
    own = search_split(data, 0.25)
    held, kept, test = (list(map(bytes, part)) for part in (own.x_val, own.x_train, own.x_test))
    expected = [
        f"{sum(one in kept for one in held)} of 30 held-out images",
        f"{sum(one in kept for one in test)} of 20 test images",
        f"{sum(one in held for one in test)} of 20 test images",
    ]
    assert [text.split(" also")[0] for text in own.warnings] == expected
    refit = without_validation(data)
    assert [text.split(" also")[0] for text in refit.warnings] == ["20 of 20 test images"]
    assert "among the training images" in refit.warnings[0]


def test_other_warnings_stay_but_for_those_of_validation(tmp_path):
    path = tmp_path / "t.csv"
    places = [row % 5 if row < 60 else 9 if row < 80 else 3 for row in range(100)]
    lines = [f"{row},town {place},{row}.5" for row, place in enumerate(places)]
    path.write_text("\n".join(["Id,town,target", *lines]))
    data = load(DataSpec(f"table:{path}", target="target", ordered=True))
    kinds = ("'Id' looks like a row number", "of validation rows holds what no")
    assert all(kind in text for kind, text in zip(kinds, data.warnings, strict=True))
    for other in (search_split(data, 0.25), without_validation(data)):
        assert other.warnings == data.warnings[:1]


def test_too_few_examples_of_a_class_are_refused():
    images = np.arange(24, dtype=np.uint8).reshape(24, 1, 1)
    own = {"x_val": images[:6], "y_val": np.arange(6)}
    few = from_arrays(images, np.arange(24) % 6, images[6:12], np.arange(6), **own)
    with pytest.raises(DataError, match="too few examples"):
        search_split(few, 0.2)


@pytest.mark.parametrize("rows", [(0, 40), (52, 60)], ids=["early", "late"])
def test_a_class_that_a_part_of_ordered_rows_lacks_is_named(tmp_path, rows):
    table = tmp_path / "t.csv"
    # Rows from 60 on are those of validation and test, and hold both classes.
    places = {*range(*rows), *range(60, 100)}
    faults = [row in places and row % 2 for row in range(100)]
    lines = [f"{row},{'fault' if fault else 'ok'}" for row, fault in enumerate(faults)]
    table.write_text("\n".join(["time,state", *lines]))
    data = load(DataSpec(f"table:{table}", target="state", ordered=True))
    with pytest.raises(DataError, match="has no row of class fault"):
        search_split(data, 0.25)
