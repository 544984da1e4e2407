"""Only some of the classes of a data set."""

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, load


def test_only_these_classes_are_kept_numbered_in_the_order_given():
    whole, some = load(DataSpec("digits")), load(DataSpec("digits", classes=["7", "2"]))
    assert some.classes == ("7", "2") and some.summary()["classes"] == ["7", "2"]
    for number, digit in enumerate([7, 2]):
        # Each picture of the class is there once, whatever the split.
        kept = np.concatenate([some.x_train, some.x_val, some.x_test])[
            np.concatenate([some.y_train, some.y_val, some.y_test]) == number
        ]
        there = np.concatenate([whole.x_train, whole.x_val, whole.x_test])[
            np.concatenate([whole.y_train, whole.y_val, whole.y_test]) == digit
        ]
        assert sorted(map(bytes, kept)) == sorted(map(bytes, there))
    assert "Of 10 classes only these are kept: 7, 2." in some.notes


def test_the_order_of_the_classes_and_their_choice_count_in_the_fingerprint():
    prints = {
        load(DataSpec("digits", classes=classes)).fingerprint
        for classes in (("1", "2"), ("2", "1"), ("1", "3"), None)
    }
    assert len(prints) == 4


def test_official_parts_keep_the_same_classes(tmp_path):
    x = np.random.default_rng(0).integers(0, 256, (40, 4, 4, 1)).astype("u1")
    y = np.arange(40) % 4
    names = np.array(["ant", "bee", "cat", "dog"])
    # The test part lacks the bee, which is not asked for.
    rest = y != 1
    path = tmp_path / "own.npz"
    np.savez(path, x_train=x, y_train=y, x_test=x[rest], y_test=y[rest], classes=names)
    data = load(DataSpec(f"npz:{path}", classes=["dog", "ant"]))
    assert np.array_equal(data.x_test, x[(y == 0) | (y == 3)])
    assert np.array_equal(data.y_test, np.where(y == 3, 0, 1)[(y == 0) | (y == 3)])
    with pytest.raises(DataError, match=r"test part of .* has no image of class bee"):
        load(DataSpec(f"npz:{path}"))


@pytest.mark.parametrize(
    ("classes", "message"),
    [
        (["dgo", "cat"], r"no class 'dgo' to keep \(classes\). Did you mean dog\? It has: ant, "),
        (["cat"], "at least two different classes to keep, such as cat,dog"),
        (["cat", "cat"], "at least two different classes"),
        ("cat,dog", "must list at least two"),
    ],
)
def test_classes_that_are_none_are_refused(tmp_path, classes, message):
    x, y = np.zeros((40, 4, 4), "u1"), np.arange(40) % 4
    path = tmp_path / "own.npz"
    np.savez(path, x_train=x, y_train=y, classes=np.array(["ant", "bee", "cat", "dog"]))
    with pytest.raises(DataError, match=message):
        load(DataSpec(f"npz:{path}", classes=classes))


def test_rows_of_a_table_of_the_classes_alone(tmp_path):
    whole, some = load(DataSpec("wine")), load(DataSpec("wine", classes=["class_2", "class_0"]))
    rows = np.concatenate([some.x_train, some.x_val, some.x_test])
    kept = [whole.labels(split) != 1 for split in ("train", "val", "test")]
    there = np.concatenate([whole.x_train[kept[0]], whole.x_val[kept[1]], whole.x_test[kept[2]]])
    assert sorted(map(bytes, rows)) == sorted(map(bytes, there))
    assert some.classes == ("class_2", "class_0")


def test_numbers_have_no_classes_to_choose(tmp_path):
    with pytest.raises(DataError, match=r"classes .* the target of diabetes holds numbers"):
        load(DataSpec("diabetes", classes=["1", "2"]))
