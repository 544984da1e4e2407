"""What limit_train leaves unused: half of it for a search, and the rest for what judges it."""

import numpy as np
import pytest

from trickbook.data import DataSpec, load
from trickbook.data.search_split import search_split
from trickbook.data.unused_examples import judging_split

SHARE = 0.25


@pytest.fixture(scope="module")
def data():
    return load(DataSpec("digits", limit_train=200, unused="validation"))


def numbers(images):
    return [image.tobytes() for image in np.asarray(images)]


def test_half_of_the_unused_is_held_out_and_the_other_half_judges(data):
    own, judging = search_split(data, SHARE), judging_split(data, SHARE)
    first, whole = data.val_in_epochs, numbers(data.x_val)
    assert (first, len(whole)) == (360, 1237)
    for part in (own, judging):
        assert numbers(part.x_train) == numbers(data.x_train)
        assert numbers(part.x_test) == numbers(data.x_test)
        assert part.scaling == data.scaling
    assert len(own.x_val) == 439
    assert sorted(numbers(own.x_val) + numbers(judging.x_val)) == sorted(whole)
    # What was for validation from the beginning judges, and comes first.
    assert numbers(judging.x_val)[:first] == whole[:first]
    assert (own.val_in_epochs, judging.val_in_epochs) == (first, first)
    assert len({data.fingerprint, own.fingerprint, judging.fingerprint}) == 3
    assert "439 of the 877 examples that limit_train leaves unused" in own.notes[0]


def test_labels_stay_with_their_examples_and_classes_are_in_their_shares(data):
    own, judging = search_split(data, SHARE), judging_split(data, SHARE)
    known = dict(zip(numbers(data.x_val), data.y_val.tolist(), strict=True))
    for part in (own, judging):
        assert [known[one] for one in numbers(part.x_val)] == part.y_val.tolist()
    unused = np.bincount(data.y_val[data.val_in_epochs :], minlength=10)
    assert np.abs(2 * np.bincount(own.y_val, minlength=10) - unused).max() <= 1
    # Those that are measured in every epoch are no classes by themselves.
    in_epochs = np.bincount(own.y_val[: own.val_in_epochs], minlength=10)
    assert np.allclose(in_epochs / 360, unused / unused.sum(), atol=0.04)


def test_the_split_seed_decides(data):
    assert search_split(data, SHARE).fingerprint == search_split(data, SHARE).fingerprint
    other = load(DataSpec("digits", limit_train=200, unused="validation", split_seed=1))
    assert search_split(other, SHARE).fingerprint != search_split(data, SHARE).fingerprint


@pytest.mark.parametrize(
    "spec", [{"limit_train": 200}, {"limit_train": 800, "unused": "validation"}]
)
def test_too_few_of_them_leave_all_as_it_was(spec):
    data = load(DataSpec("digits", **spec))
    own = search_split(data, SHARE)
    assert len(own.x_train) + len(own.x_val) == len(data.x_train)
    assert own.val_in_epochs is None
    assert judging_split(data, SHARE) is data


def test_a_half_that_is_smaller_than_what_is_measured_in_every_epoch_is_measured_whole():
    data = load(DataSpec("digits", limit_train=500, unused="validation"))
    own, judging = search_split(data, SHARE), judging_split(data, SHARE)
    assert len(own.x_val) == 289 < data.val_in_epochs
    assert (own.val_in_epochs, judging.val_in_epochs) == (None, data.val_in_epochs)


def test_of_numbers_either_half_has_small_and_large_ones(tmp_path):
    table = tmp_path / "t.csv"
    lines = [f"{row},{row % 7},{row}.5" for row in range(200)]
    table.write_text("\n".join(["time,day,target", *lines]))
    spec = DataSpec(f"table:{table}", target="target", limit_train=40, unused="validation")
    data = load(spec)
    held = search_split(data, SHARE).y_val
    unused = np.asarray(data.y_val[data.val_in_epochs :])
    assert len(held) == len(unused) // 2
    assert abs(np.median(held) - np.median(unused)) <= 4
