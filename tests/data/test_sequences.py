"""Sequences and tokens from arrays: what becomes of them, and what is refused."""

import json

import numpy as np
import pandas as pd
import pytest

from trickbook.data import (
    DataError,
    Dataset,
    DataSpec,
    bootstrap_sample,
    from_arrays,
    load,
    nested_training_set,
    task_of,
)

COUNT = 60
DRAWS = np.random.default_rng(0)
X = DRAWS.normal([3.0, -100.0], [2.0, 50.0], (COUNT, 5, 2))
TOKENS = DRAWS.integers(0, 30, (COUNT, 7))
CLASSES = np.arange(COUNT) % 3
NUMBERS = DRAWS.normal(10, 4, COUNT)


@pytest.fixture
def spec(tmp_path):
    def save(inputs, values=None, **arrays):
        np.savez(tmp_path / "own.npz", **arrays)
        return DataSpec(f"npz:{tmp_path / 'own.npz'}", inputs=inputs, **(values or {}))

    return save


def test_each_feature_is_standardised_over_all_steps_of_training(spec):
    data = load(spec("sequences", x_train=X, y_train=CLASSES))
    train = data.x_train.astype(np.float64)
    mean, deviation = train.mean(axis=(0, 1)), train.std(axis=(0, 1))
    np.testing.assert_allclose(
        data.scaling.apply(data.x_val), (data.x_val - mean) / deviation, atol=1e-5
    )
    assert data.classes == ("0", "1", "2") and data.input_shape == (5, 2)
    assert not data.is_of_images and data.vocabulary is None and data.target_scaling is None
    assert data.summary()["input_shape"] == [5, 2] and "image_shape" not in data.summary()
    # A split in the classes' shares.
    assert list(data.class_counts().values()) == [[12] * 3, [4] * 3, [4] * 3]


def test_floats_are_numbers_to_tell(spec):
    given = spec("sequences", x_train=X, y_train=NUMBERS)
    data = load(given)
    assert task_of(given) == "regression" and data.classes == ()
    np.testing.assert_allclose(data.towards("train").mean(), 0, atol=1e-5)
    every = np.concatenate([data.y_train, data.y_val, data.y_test])
    assert sorted(every) == sorted(NUMBERS.astype(np.float32)) and len(data.x_val) == 12
    by_number = dict(zip(NUMBERS.astype(np.float32), X, strict=True))
    for x, y in zip(data.x_test, data.y_test, strict=True):
        np.testing.assert_array_equal(x, by_number[y].astype(np.float32))
    assert "The targets are floats: a regression" in data.notes[0]


def test_the_task_can_be_said(spec):
    whole = {"x_train": X, "y_train": np.arange(COUNT)}
    assert load(spec("sequences", {"task": "regression"}, **whole)).classes == ()
    named = spec("sequences", x_train=X, y_train=CLASSES * 1.0, classes=np.array(["a", "b", "c"]))
    assert task_of(named) == "classification" and load(named).classes == ("a", "b", "c")


def test_tokens_stay_as_they_are(spec, tmp_path):
    data = load(spec("tokens", x_train=TOKENS, y_train=CLASSES))
    assert data.vocabulary == TOKENS.max() + 1 and data.value_range == (0, TOKENS.max())
    assert np.array_equal(data.scaling.apply(data.x_train), data.x_train)
    every = np.concatenate([data.x_train, data.x_val, data.x_test])
    assert sorted(map(tuple, every.astype(int))) == sorted(map(tuple, TOKENS))
    data.save(tmp_path / "saved")
    saved = Dataset.load(tmp_path / "saved")
    assert saved.vocabulary == data.vocabulary and saved.summary() == data.summary()
    json.dumps(data.summary())
    few = nested_training_set(data, 9)
    assert few.vocabulary == data.vocabulary and few.summary()["limit_train"] == 9
    assert np.array_equal(bootstrap_sample(data, 0).scaling.scale, [1.0])


def test_the_vocabulary_counts_in_the_fingerprint():
    more = np.vstack([TOKENS, [[31] * 7]]), np.append(CLASSES, 0)
    given = {"inputs": "tokens", "x_val": TOKENS[:9], "y_val": CLASSES[:9]}
    one = from_arrays(TOKENS, CLASSES, *more, **given)
    two = from_arrays(TOKENS, CLASSES, TOKENS, CLASSES, **given)
    assert (one.vocabulary, two.vocabulary) == (32, 30)
    assert "1 tokens of test sequences are in no training sequence (31)" in one.warnings[-1]
    assert one.fingerprint != two.fingerprint
    val = from_arrays(TOKENS, CLASSES, x_val=more[0], y_val=more[1], inputs="tokens")
    told = "1 tokens of validation sequences are in no training sequence (31)"
    assert any(text.startswith(told) for text in val.warnings)


def test_sequences_on_both_sides_of_a_split_are_told():
    data = from_arrays(X, CLASSES, X[:6], CLASSES[:6], inputs="sequences")
    assert "of 6 test sequences also occur, step for step, among" in " ".join(data.warnings)


def test_rows_of_numbers_are_standardised_by_column(spec):
    rows = X[:, 0]
    data = from_arrays(rows, CLASSES)
    assert data.input_shape == (2,) and not data.is_of_images and data.table is None
    train = data.x_train.astype(np.float64)
    expected = (data.x_test - train.mean(axis=0)) / train.std(axis=0)
    np.testing.assert_allclose(data.scaling.apply(data.x_test), expected, atol=1e-5)
    given = spec("rows", x_train=rows, y_train=CLASSES)
    assert load(given).fingerprint == data.fingerprint and task_of(given) == "classification"
    val = {"x_val": rows[6:12], "y_val": NUMBERS[6:12]}
    numbers = from_arrays(rows, NUMBERS, rows[:6], NUMBERS[:6], **val)
    assert numbers.task == "regression" and len(numbers.x_test) == 6
    assert "6 of 6 test rows also occur, value for value, target included" in numbers.warnings[1]
    other = from_arrays(rows, NUMBERS, rows[:6], NUMBERS[6:12])
    assert not any("also occur" in text for text in other.warnings)
    # Whole numbers could be tokens as well.
    with pytest.raises(DataError, match=r"rows \(n, columns\) are named by --inputs"):
        from_arrays(TOKENS, CLASSES)
    assert from_arrays(TOKENS, CLASSES, inputs="rows").input_shape == (7,)


def test_numbers_to_tell_that_are_but_two_are_told(spec):
    told = "The targets are only 0 and 1, and are learnt as numbers"
    data = from_arrays(X[:, 0], (CLASSES > 0).astype(float))
    assert data.task == "regression" and data.warnings[0].startswith(told)
    assert "whole numbers (y.astype(int))" in data.notes[0]
    # As it says, and truth values are classes too.
    for labels in (CLASSES > 0, (CLASSES > 0).astype(int)):
        data = from_arrays(X[:, 0], labels)
        assert data.classes == ("0", "1") and not any(told in text for text in data.warnings)
    assert not any(told in text for text in from_arrays(X[:, 0], CLASSES * 1.0).warnings)
    # Nor are they told of to a user who has said that they are numbers.
    arrays = {"x_train": X[:, 0], "y_train": (CLASSES > 0).astype(float)}
    data = load(spec("rows", {"task": "regression"}, **arrays))
    assert data.task == "regression" and not any(told in text for text in data.warnings)


def test_frames_are_rows_whatever_their_numbers_are():
    frame = pd.DataFrame(X[:, 0].round() + 0.0, columns=["a", "b"])  # no -0.0
    expected = from_arrays(frame.to_numpy(), CLASSES)
    for kind in ("int64", "Int64", "Float64", "float32"):
        given = from_arrays(frame.astype(kind), pd.Series(CLASSES, dtype="Int64"))
        assert given.fingerprint == expected.fingerprint
    with pytest.raises(DataError, match=r"Columns of x hold no numbers: city.*table:FILE"):
        from_arrays(frame.assign(city="Rome"), CLASSES)
    with pytest.raises(DataError, match=r"60 of 60 rows of arrays, .* hold NaN"):
        from_arrays(frame.astype("Int64").assign(b=None).astype("Int64"), CLASSES)


def test_frames_of_other_columns_than_those_of_training_are_refused():
    frame = pd.DataFrame(X[:, 0], columns=["a", "b"])
    assert len(from_arrays(frame, CLASSES, frame[:9], CLASSES[:9]).x_test) == 9
    with pytest.raises(DataError, match=r"another order than those of x\. Give x_test\[x\.columns"):
        from_arrays(frame, CLASSES, frame[["b", "a"]], CLASSES)
    with pytest.raises(DataError, match="only one of them has b, c"):
        from_arrays(frame, CLASSES, x_val=frame.rename(columns={"b": "c"}), y_val=CLASSES)


def test_features_that_float32_cannot_scale_are_refused():
    for inputs, tiny in (("sequences", X * [1, 1e-41]), ("rows", X[:, 0] * [1, 1e-41])):
        with pytest.raises(DataError, match="training values of feature 2 differ by about"):
            from_arrays(tiny, CLASSES, inputs=inputs)


def test_parts_of_sequences_in_other_units_are_told():
    data = from_arrays(X, CLASSES, X / 255, CLASSES, inputs="sequences")
    assert data.warnings[0].startswith("The values of test sequences go from ")


def test_limits_choose_some_and_unused_ones_join_validation(spec):
    values = {"limit_train": 15, "unused": "validation"}
    for y in (CLASSES, NUMBERS):
        data = load(spec("sequences", values, x_train=X, y_train=y))
        assert (len(data.x_train), len(data.x_val), data.val_in_epochs) == (15, 33, 12)
    with pytest.raises(DataError, match=r"limit_train .* at most 36"):
        load(spec("sequences", {"limit_train": 37}, x_train=X, y_train=NUMBERS))


def test_some_classes_of_sequences(spec):
    data = load(spec("tokens", {"classes": ["2", "0"]}, x_train=TOKENS, y_train=CLASSES))
    assert data.classes == ("2", "0") and data.class_counts()["train"] == [12, 12]
    with pytest.raises(DataError, match=r"classes .* are numbers"):
        load(spec("tokens", {"classes": ["2", "0"]}, x_train=TOKENS, y_train=NUMBERS))


def spoilt(values, spoil):
    copy = np.array(values, float)
    copy[(3, *[0] * (copy.ndim - 1))] = spoil
    return copy


@pytest.mark.parametrize(
    ("inputs", "x", "y", "message"),
    [
        ("sequences", X[..., 0], CLASSES, r"shape \(n, steps, features\)"),
        ("sequences", spoilt(X, np.nan), CLASSES, "1 of 60 sequences .* hold NaN"),
        ("sequences", X[:50], CLASSES, "50 sequences but 60 labels"),
        ("sequences", X, spoilt(NUMBERS, np.inf), "1 of 60 targets"),
        ("sequences", X, np.full(COUNT, 2.5), "are 2.5 for every training example"),
        ("sequences", X, X[:, 0], r"of the shape \(n,\)"),
        ("sequences", X, CLASSES - 1, "out of range: -1"),
        ("sequences", X[:0], CLASSES[:0], "has no sequences"),
        ("sequences", X[:3], NUMBERS[:3], "too few examples, 3,"),
        ("rows", X, CLASSES, r"rows of .* must be numbers of shape \(n, columns\)"),
        ("rows", spoilt(X[:, 0], np.nan), CLASSES, "1 of 60 rows .* hold NaN"),
        ("tokens", X, CLASSES, r"of shape \(n, steps\), 0 for padding"),
        ("tokens", TOKENS + 0.5, CLASSES, "must be whole numbers of 0 or above"),
        ("tokens", TOKENS - 1, CLASSES, "must be whole numbers of 0 or above"),
        ("tokens", spoilt(TOKENS, np.nan), CLASSES, "must be whole numbers of 0 or above"),
        ("tokens", spoilt(TOKENS, 1e6), CLASSES, "holds the token 1,000,000, and at most"),
        (None, TOKENS, CLASSES, r'--inputs sequences, tokens or rows .inputs="sequences"'),
    ],
)
def test_what_cannot_be_trained_on_is_refused(spec, inputs, x, y, message):
    with pytest.raises(DataError, match=message):
        load(spec(inputs, x_train=x, y_train=y))


def test_what_float32_cannot_tell_apart_is_told_and_as_targets_refused(spec):
    near = X + np.array([0.0, 1e9])
    (text,) = load(spec("sequences", x_train=near, y_train=CLASSES)).warnings
    assert text.startswith("The values of feature 2 lie too close together for their size")
    assert not load(spec("sequences", x_train=near.astype("f4"), y_train=CLASSES)).warnings
    assert not load(spec("sequences", x_train=X, y_train=CLASSES)).warnings
    with pytest.raises(DataError, match=r"targets of npz:.* lie too close together"):
        load(spec("sequences", x_train=X, y_train=1e9 + NUMBERS))
    assert load(spec("sequences", x_train=X, y_train=1e3 + NUMBERS)).classes == ()


def test_parts_of_other_lengths_are_refused(spec):
    with pytest.raises(DataError, match="differ in their shape"):
        load(spec("tokens", x_train=TOKENS, y_train=CLASSES, x_test=TOKENS[:, 1:], y_test=CLASSES))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"inputs": "token"}, "Did you mean tokens"),
        ({"inputs": "tokens", "scaling": "unit"}, "scaling='unit'"),
        ({"inputs": "sequences", "color": "grey"}, "color is for images"),
        ({"inputs": "sequences", "ordered": True}, "ordered is for the rows of tables"),
        ({"task": "regression"}, "task is for table:FILE, and for sequences, tokens and rows"),
    ],
)
def test_settings_that_sequences_do_not_have(spec, values, message):
    inputs = values.pop("inputs", None)
    with pytest.raises(DataError, match=message):
        load(spec(inputs, values, x_train=TOKENS[..., None], y_train=CLASSES))


def test_inputs_are_for_arrays():
    with pytest.raises(DataError, match="what digits holds is known"):
        DataSpec("digits", inputs="sequences")


def test_without_inputs_three_axes_are_grey_images_as_before():
    assert from_arrays(X, CLASSES).image_shape == (5, 2, 1)
