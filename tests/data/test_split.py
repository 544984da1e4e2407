"""The split is stratified, complete, and a function of labels, fractions and seed."""

from dataclasses import replace

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load

LABELS = np.repeat([0, 1, 2], [100, 50, 20])


def numbered(count, start=0):
    """Images whose first two pixels hold their number, so that each can be told."""
    images = np.zeros((count, 3, 3, 1), np.uint8)
    numbers = np.arange(start, start + count)
    images[:, 0, 0, 0], images[:, 0, 1, 0] = numbers // 256, numbers % 256
    return images


def numbers(images):
    return images[:, 0, 0, 0].astype(int) * 256 + images[:, 0, 1, 0]


def counts(labels):
    return np.bincount(labels, minlength=3).tolist()


def test_parts_are_stratified_and_complete():
    data = from_arrays(numbered(170), LABELS)
    assert counts(data.y_test) == counts(data.y_val) == [20, 10, 4]
    assert counts(data.y_train) == [60, 30, 12]
    everything = np.concatenate([numbers(part) for part in (data.x_train, data.x_val, data.x_test)])
    assert sorted(everything) == list(range(170))
    for x, y in ((data.x_train, data.y_train), (data.x_val, data.y_val)):
        np.testing.assert_array_equal(LABELS[numbers(x)], y)
    assert data.y_train.dtype == np.int32


def test_digits_have_the_documented_sizes():
    data = load(DataSpec("digits", limit_train=200))
    assert (len(data.x_train), len(data.x_val), len(data.x_test)) == (200, 360, 360)
    assert data.image_shape == (8, 8, 1)
    assert data.x_train.dtype == np.uint8
    assert data.classes == tuple("0123456789")
    assert not data.warnings
    assert np.bincount(data.y_train).min() >= 19


def test_unused_images_join_the_validation_set_behind_its_own(tmp_path):
    x = numbered(170)
    np.savez(tmp_path / "all.npz", x_train=x, y_train=LABELS)
    spec = DataSpec(f"npz:{tmp_path / 'all.npz'}", limit_train=30)
    left_out, joined = load(spec), load(replace(spec, unused="validation"))
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(joined, name), getattr(left_out, name))
    assert (left_out.val_in_epochs, joined.val_in_epochs) == (None, 34)
    np.testing.assert_array_equal(joined.x_val[:34], left_out.x_val)
    np.testing.assert_array_equal(LABELS[numbers(joined.x_val)], joined.y_val)
    everything = [numbers(part) for part in (joined.x_train, joined.x_val, joined.x_test)]
    assert sorted(np.concatenate(everything)) == list(range(170))
    assert joined.summary()["val"] == 170 - 34 - 30
    assert joined.summary()["val_in_epochs"] == 34
    assert "val_in_epochs" not in left_out.summary()


def test_where_no_image_is_unused_the_validation_set_stays(tmp_path):
    np.savez(tmp_path / "all.npz", x_train=numbered(170), y_train=LABELS)
    data = load(DataSpec(f"npz:{tmp_path / 'all.npz'}", limit_train=102, unused="validation"))
    assert (len(data.y_val), data.val_in_epochs) == (34, None)


def test_unused_rows_of_a_table_join_its_validation_rows():
    left_out = load(DataSpec("diabetes", limit_train=64))
    joined = load(DataSpec("diabetes", limit_train=64, unused="validation"))
    assert (len(joined.y_val), joined.val_in_epochs) == (289, 89)
    np.testing.assert_array_equal(joined.x_val[:89], left_out.x_val)
    np.testing.assert_array_equal(joined.x_train, left_out.x_train)
    rows = np.concatenate([joined.x_train, joined.x_val, joined.x_test])
    assert len(np.unique(rows, axis=0)) == 442


def test_shares_are_rounded_up_but_not_by_binary_noise():
    data = from_arrays(numbered(100), np.arange(100) % 3, val_fraction=0.07, test_fraction=0.151)
    assert (len(data.x_val), len(data.x_test)) == (7, 16)


def test_seed_decides_and_pixels_do_not():
    one = from_arrays(numbered(170), LABELS, split_seed=5)
    same = from_arrays(numbered(170), LABELS, split_seed=5)
    other = from_arrays(numbered(170), LABELS, split_seed=6)
    shifted = from_arrays(numbered(170, start=1000), LABELS, split_seed=5)
    np.testing.assert_array_equal(numbers(one.x_train), numbers(same.x_train))
    np.testing.assert_array_equal(numbers(one.x_val) + 1000, numbers(shifted.x_val))
    assert numbers(one.x_val).tolist() != numbers(other.x_val).tolist()


def test_the_seed_decides_for_numbers_and_for_tables_too():
    draws = np.random.default_rng(0)
    x, y = draws.normal(size=(50, 3)), draws.normal(size=50)

    def of_arrays(seed):
        return from_arrays(x, y, split_seed=seed)

    def of_a_table(seed):
        return load(DataSpec("wine", split_seed=seed))

    for split_by in (of_arrays, of_a_table):
        one, same, other = map(split_by, (5, 5, 6))
        assert one.fingerprint == same.fingerprint
        assert sorted(map(bytes, one.x_test)) != sorted(map(bytes, other.x_test))


def test_split_does_not_depend_on_limit_or_scaling():
    whole = from_arrays(numbered(170), LABELS)
    limited = from_arrays(numbered(170), LABELS, limit_train=30, scaling="unit")
    np.testing.assert_array_equal(whole.x_val, limited.x_val)
    np.testing.assert_array_equal(whole.x_test, limited.x_test)
    assert set(numbers(limited.x_train)) < set(numbers(whole.x_train))


def test_official_test_set_stays():
    x_test, y_test = numbered(9, start=500), np.arange(9) % 3
    data = from_arrays(numbered(170), LABELS, x_test, y_test)
    np.testing.assert_array_equal(data.x_test, x_test)
    assert counts(data.y_val) == [20, 10, 4]
    assert len(data.y_train) == 136


def test_given_validation_set_stays_and_test_is_split_off():
    x_val, y_val = numbered(9, start=500), np.arange(9) % 3
    data = from_arrays(numbered(170), LABELS, x_val=x_val, y_val=y_val)
    np.testing.assert_array_equal(data.x_val, x_val)
    assert counts(data.y_test) == [20, 10, 4]
    assert len(data.y_train) == 136


def test_training_images_come_in_mixed_order():
    three = numbered(9, start=500), np.arange(9) % 3
    data = from_arrays(numbered(170), LABELS, *three, x_val=three[0], y_val=three[1])
    assert len(data.y_train) == 170
    assert len(set(data.y_train[:30])) == 3


@pytest.mark.parametrize(
    ("limit", "expected"),
    [(102, [60, 30, 12]), (51, [30, 15, 6]), (17, [10, 5, 2]), (3, [1, 1, 1]), (101, None)],
)
def test_limit_is_stratified(limit, expected):
    data = from_arrays(numbered(170), LABELS, limit_train=limit)
    assert len(data.y_train) == limit
    shares = np.array([60, 30, 12]) * limit / 102
    assert np.abs(np.array(counts(data.y_train)) - shares).max() <= 1
    assert expected is None or counts(data.y_train) == expected


def test_limit_keeps_a_rare_class():
    data = from_arrays(numbered(205), np.repeat([0, 1], [200, 5]), limit_train=4)
    assert np.bincount(data.y_train).tolist() == [3, 1]


@pytest.mark.parametrize("limit", [2, 103, 5000])
def test_impossible_limit_is_refused(limit):
    with pytest.raises(DataError, match=rf"3 classes and the 102 .*limit_train={limit}"):
        from_arrays(numbered(170), LABELS, limit_train=limit)


@pytest.mark.parametrize("rare", [1, 2])
def test_class_too_small_to_split_is_named(rare):
    labels = np.repeat([0, 1, 2], [100, 50, rare])
    with pytest.raises(DataError, match=r"too few examples of class bird .* at least 5 examples"):
        from_arrays(numbered(len(labels)), labels, classes=["cat", "dog", "bird"])


def test_what_a_table_cannot_have_is_not_advised(tmp_path):
    rows = ["size,kind", *(f"{number},{'rare' if number < 2 else 'often'}" for number in range(99))]
    (tmp_path / "t.csv").write_text("\n".join(rows))
    with pytest.raises(
        DataError, match=r"too few examples of class rare .* \(--classes "
    ) as refused:
        load(DataSpec(f"table:{tmp_path / 't.csv'}", target="kind"))
    assert "test set of your own" not in str(refused.value)
    with pytest.raises(DataError, match="or give a validation or test set of your own"):
        from_arrays(numbered(99), (np.arange(99) < 2).astype(int))


def test_more_classes_than_a_part_has_room_for():
    with pytest.raises(DataError, match="2 examples for 5 classes"):
        from_arrays(numbered(10), np.arange(10) % 5)


def test_five_images_a_class_suffice():
    data = from_arrays(numbered(15), np.arange(15) % 3)
    assert counts(data.y_val) == counts(data.y_test) == [1, 1, 1]
