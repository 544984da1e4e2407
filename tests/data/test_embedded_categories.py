"""Categories of a table as codes, for which a network learns vectors."""

import json

import numpy as np
import pandas as pd
import pytest

from trickbook.data import (
    DataError,
    Dataset,
    DataSpec,
    TableColumns,
    load,
    nested_training_set,
)

COUNT = 90


def people(cities=("Lima", "Oslo", "Rome")):
    draws = np.random.default_rng(3)
    return pd.DataFrame(
        {
            "age": draws.integers(20, 60, COUNT),
            "city": draws.choice(cities, COUNT),
            "member": draws.random(COUNT) < 0.5,
            "job": draws.choice(["cook", "poet"], COUNT),
            "price": draws.normal(100, 20, COUNT),
        }
    )


@pytest.fixture
def written(tmp_path):
    def write(frame, **spec):
        frame.to_csv(tmp_path / "t.csv", index=False)
        name = f"table:{tmp_path / 't.csv'}"
        return load(DataSpec(name, target="price", **{"categories": "embedded", **spec}))

    return write


def test_a_column_of_text_is_one_of_codes(written):
    frame = people()
    data = written(frame)
    assert data.category_sizes == (0, 4, 0, 3) and data.input_shape == (4,)
    by_price = {np.float32(row.price): row for row in frame.itertuples()}
    for x, y in zip(data.x_train, data.y_train, strict=True):
        row = by_price[y]
        codes = ["", "Lima", "Oslo", "Rome"].index(row.city), ["", "cook", "poet"].index(row.job)
        assert x.tolist() == [row.age, codes[0], row.member, codes[1]]


def test_codes_are_not_scaled_and_count_in_the_fingerprint(written):
    frame = people()
    data, one_hot = written(frame), written(frame, categories=None)
    scaled = data.scaling.apply(data.x_train)
    np.testing.assert_array_equal(scaled[:, [1, 3]], data.x_train[:, [1, 3]])
    np.testing.assert_allclose(scaled[:, 0].std(), 1, rtol=1e-5)
    assert data.fingerprint != one_hot.fingerprint and one_hot.category_sizes == ()


def test_what_no_training_row_has_is_code_0(written, tmp_path):
    data = written(people())
    columns = TableColumns.from_dict(json.loads(json.dumps(data.summary()["table"])))
    rows = people().iloc[:2].assign(city=["Rome", "Bern"], job=["poet", "monk"])
    assert columns.inputs(rows)[:, [1, 3]].tolist() == [[3, 2], [0, 0]]
    data.save(tmp_path / "saved")
    saved = Dataset.load(tmp_path / "saved")
    assert saved.table == data.table and saved.category_sizes == (0, 4, 0, 3)
    assert nested_training_set(data, 20).category_sizes == (0, 4, 0, 3)


@pytest.mark.parametrize("categories", ["embedded", None])
def test_what_no_row_of_a_smaller_training_set_has_counts_as_none(written, tmp_path, categories):
    frame = people(cities=[f"c{number:02d}" for number in range(30)])
    data = written(frame, categories=categories)
    few = nested_training_set(data, 12)
    rows = {np.float32(row.price): row.city for row in frame.itertuples()}
    known = {rows[price] for price in few.y_train}
    assert len(known) < len(set(frame["city"]))
    names = [column.name for column in data.table.columns]
    start = sum(column.width for column in data.table.columns[: names.index("city")])
    cities = slice(start, start + data.table.columns[names.index("city")].width)
    for split in ("val", "test"):
        inputs = getattr(few, f"x_{split}")
        there = [rows[price] in known for price in few.labels(split)]
        np.testing.assert_array_equal(inputs[:, cities].any(axis=1), there)
        whole = getattr(data, f"x_{split}")
        np.testing.assert_array_equal(inputs[there], whole[there])
        np.testing.assert_array_equal(np.delete(inputs, cities, 1), np.delete(whole, cities, 1))
    # As rows to predict are read with what the run keeps, and from the disk.
    few.save(tmp_path / "saved")
    kept = TableColumns.from_dict(json.loads(json.dumps(few.summary()["table"])))
    assert Dataset.load(tmp_path / "saved").table == few.table == kept
    judged = frame[frame["price"].astype("float32").isin(few.labels("test"))]
    ours, theirs = (np.sort(one, axis=0) for one in (kept.inputs(judged), few.x_test))
    np.testing.assert_array_equal(ours, theirs)
    assert set(kept.unseen(judged).get("city", ())) == set(judged["city"]) - known
    assert few.input_shape == data.input_shape and few.category_sizes == data.category_sizes


def test_missing_text_is_a_code_of_its_own(written):
    frame = people()
    frame.loc[::3, "city"] = None
    data = written(frame, missing="median")
    assert data.category_sizes == (0, 5, 0, 3)
    codes = {
        row.price: code
        for row, code in zip(frame.itertuples(), data.table.inputs(frame)[:, 1], strict=True)
    }
    assert {codes[price] for price in frame["price"][::3]} == {4}


def test_a_table_without_text_says_that_there_is_nothing_to_embed(written):
    data = written(people().drop(columns=["city", "job"]))
    assert (
        data.category_sizes == () and "No column of the table holds categories" in data.warnings[0]
    )


def test_more_categories_than_one_hot_admits_can_be_embedded(written, monkeypatch):
    monkeypatch.setattr("trickbook.data.fit_columns.MOST_CATEGORIES", 2)
    with pytest.raises(DataError, match=r"or embed categories \(--categories embedded\)"):
        written(people(), categories=None)
    assert written(people()).category_sizes == (0, 4, 0, 3)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("table:t.csv", "embed", "Did you mean embedded"),
        ("wine", "embedded", "categories is for table:FILE"),
    ],
)
def test_other_ways_with_categories_are_refused(name, value, message):
    with pytest.raises(DataError, match=message):
        DataSpec(name, categories=value)
