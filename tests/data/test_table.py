"""Tables from files: what becomes of their columns, and what is refused of them."""

import gzip
import json
import re
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from trickbook.data import (
    DataError,
    Dataset,
    DataSpec,
    TableColumns,
    bootstrap_sample,
    load,
    nested_training_set,
    task_of,
)
from trickbook.data.sources.table_file import read_frame
from trickbook.data.written_numbers import plain_number

COUNT = 120


def people():
    """Numbers, truth values, categories, a key, a number and a class to tell."""
    draws = np.random.default_rng(3)
    frame = pd.DataFrame(
        {
            "age": draws.integers(20, 60, COUNT),
            "city": draws.choice(["Rome", "Oslo", "Lima"], COUNT),
            "key": [f"n{number}" for number in range(COUNT)],
            "member": draws.random(COUNT) < 0.5,
            "price": draws.normal(100, 20, COUNT),
        }
    )
    return frame.assign(bought=np.where(frame["price"] > 105, "yes", "no"))


@pytest.fixture
def written(tmp_path):
    """Writes a table and returns the data that a spec makes of it."""

    def write(frame, target="price", **spec):
        frame.to_csv(tmp_path / "t.csv", index=False)
        return load(DataSpec(f"table:{tmp_path / 't.csv'}", target=target, **spec))

    return write


def rows_of(data, frame, split):
    """The raw rows of a split, found by their price."""
    by_price = {np.float32(price): place for place, price in enumerate(frame["price"])}
    return frame.iloc[[by_price[price] for price in data.labels(split)]]


def test_numbers_are_standardised_and_texts_one_hot_by_the_training_rows(written):
    frame = people()
    data = written(frame)
    train = rows_of(data, frame, "train")
    scaled = data.scaling.apply(data.x_val)
    val = rows_of(data, frame, "val")
    expected = (val["age"] - train["age"].mean()) / train["age"].std(ddof=0)
    np.testing.assert_allclose(scaled[:, 0], expected, atol=1e-5)
    # In the order of the alphabet; then member, and the class, which is an input here.
    np.testing.assert_array_equal(scaled[:, 1:4], pd.get_dummies(val["city"]).to_numpy("float32"))
    np.testing.assert_array_equal(data.x_val[:, 4], val["member"])
    np.testing.assert_array_equal(scaled[:, 5:], pd.get_dummies(val["bought"]).to_numpy("float32"))
    assert data.input_shape == (7,)
    assert [text for text in data.warnings if "'key' is left out" in text]


@pytest.mark.parametrize(("name", "low", "high"), [("unit", 0, 1), ("symmetric", -1, 1)])
def test_numbers_can_go_from_one_end_to_another_while_categories_stay(written, name, low, high):
    frame = people()
    data = written(frame, scaling=name)
    train, val = (rows_of(data, frame, split)["age"] for split in ("train", "val"))
    scaled = data.scaling.apply(data.x_val)
    share = (val - train.min()) / (train.max() - train.min())
    np.testing.assert_allclose(scaled[:, 0], low + (high - low) * share, atol=1e-5)
    np.testing.assert_array_equal(scaled[:, 1:4], data.x_val[:, 1:4])
    assert data.summary()["table"]["scaling"]["scale"][0] == pytest.approx(
        (high - low) / (train.max() - train.min())
    )


def test_raw_rows_become_inputs_by_what_the_run_keeps(written):
    frame = people()
    data = written(frame)
    kept = json.loads(json.dumps(data.summary()["table"]))
    columns = TableColumns.from_dict(kept)
    assert columns == data.table
    rows = rows_of(data, frame, "test")
    np.testing.assert_array_equal(columns.inputs(rows.drop(columns="price")), data.x_test)
    assert kept["target"] == "price"
    assert kept["scaling"]["scale"] == list(data.scaling.scale)
    with pytest.raises(DataError, match=r"no column 'age'\. Did you mean agee"):
        columns.inputs(rows.rename(columns={"age": "agee"}))
    with pytest.raises(DataError, match=r"'age' holds text .*: 'old' in row 2"):
        columns.inputs(rows.astype({"age": object}).assign(age=[1, "old", *[3] * 22]))
    # A network that is trained already takes no option.
    with pytest.raises(DataError, match=r"'city' in 24 of .*trickbook run --missing median"):
        columns.inputs(rows.assign(city=None))


def test_a_category_that_no_training_row_has_is_all_zeros_and_told(written):
    frame = people()
    seen = written(frame)
    place = rows_of(seen, frame, "val").index[0]
    frame.loc[place, "city"] = "Bonn"
    data = written(frame)
    np.testing.assert_array_equal(data.x_val[0, 1:4], [0, 0, 0])
    assert any("'city' of validation rows" in text and "(Bonn)" in text for text in data.warnings)
    assert data.x_train.shape == seen.x_train.shape


@pytest.mark.parametrize(
    ("codes", "asked"),
    [(["01A", "020", "033B"], "020"), (["1", "2-", "3+"], "1"), (["1.10", "beta", "no"], "1.10")],
)
def test_texts_that_look_like_numbers_stay_texts_in_another_table(tmp_path, codes, asked):
    rows = [f"{codes[place % 3]},{place % 7},{place % 2}" for place in range(60)]
    (tmp_path / "all.csv").write_text("\n".join(["code,size,told", *rows]))
    (tmp_path / "some.csv").write_text(f"code,size\n{asked},1\n{asked},2\n")
    data = load(DataSpec(f"table:{tmp_path / 'all.csv'}", target="told"))
    columns = TableColumns.from_dict(data.summary()["table"])
    assert columns.texts == ("code",)
    frame = read_frame(tmp_path / "some.csv", columns.texts)
    assert columns.unseen(frame) == {}
    one_hot = [float(code == asked) for code in sorted(codes)]
    np.testing.assert_array_equal(columns.inputs(frame)[:, :3], [one_hot, one_hot])


def test_truth_values_are_read_as_ever_in_another_table(tmp_path):
    rows = [f"{'true' if place % 3 else 'false'},{place % 7},{place % 2}" for place in range(60)]
    (tmp_path / "all.csv").write_text("\n".join(["member,size,told", *rows]))
    (tmp_path / "some.csv").write_text("member,size\ntrue,1\n")
    data = load(DataSpec(f"table:{tmp_path / 'all.csv'}", target="told"))
    columns = TableColumns.from_dict(data.summary()["table"])
    assert columns.unseen(read_frame(tmp_path / "some.csv", columns.texts)) == {}


def test_missing_values_are_refused_by_column_and_count(written):
    frame = people()
    frame.loc[[1, 2, 3], "age"] = np.nan
    frame.loc[5, "city"] = None
    with pytest.raises(DataError, match=r": 'age' in 3, 'city' in 1 of 120 rows\. .*--missing"):
        written(frame)


def test_missing_values_become_the_training_median_or_a_category(written):
    frame = people()
    frame.loc[frame.index[::4], "age"] = np.nan
    frame.loc[frame.index[::5], "city"] = None
    data = written(frame, missing="median")
    train, val = rows_of(data, frame, "train"), rows_of(data, frame, "val")
    expected = val["age"].fillna(train["age"].median())
    np.testing.assert_array_equal(data.x_val[:, 0], expected)
    assert data.table.columns[1].categories == ("Lima", "Oslo", "Rome", "(missing)")
    np.testing.assert_array_equal(data.x_val[:, 4], val["city"].isna())
    assert np.isfinite(data.x_train).all()


@pytest.mark.parametrize(
    ("values", "task", "classes"),
    [
        (np.arange(COUNT) % 3 + 1, "classification", ("1", "2", "3")),
        ((np.arange(COUNT) % 2).astype(bool), "classification", ("False", "True")),
        (np.array(["b", "a"])[np.arange(COUNT) % 2], "classification", ("a", "b")),
        ((np.arange(COUNT) % 2).astype(float), "classification", ("0", "1")),
        (np.arange(COUNT) % 13, "regression", ()),  # a class would have nine rows
        (np.arange(COUNT) % 3 + 0.5, "regression", ()),
    ],
)
def test_the_target_says_what_there_is_to_learn(written, values, task, classes):
    data = written(people().assign(y=values), "y")
    assert data.classes == classes
    assert f": a {task}" in data.notes[-1]
    assert DataSpec("table:x.csv", target="y").task is None


@pytest.mark.parametrize(
    ("rows", "kinds", "are_classes"),
    [
        *((15, 2, True), (15, 3, False)),  # two are always classes
        *((200, 20, True), (199, 20, False), (300, 21, False)),
    ],
)
def test_whole_numbers_are_classes_up_to_20_of_ten_rows_each(tmp_path, rows, kinds, are_classes):
    path = tmp_path / "t.csv"
    pd.DataFrame({"x": np.arange(rows) / 7, "y": np.arange(rows) % kinds}).to_csv(path, index=False)
    task = task_of(DataSpec(f"table:{path}", target="y"))
    assert task == ("classification" if are_classes else "regression")


def test_what_is_asked_for_beats_what_the_target_looks_like(written, tmp_path):
    frame = people().assign(y=np.arange(COUNT) % 3)
    assert written(frame, "y", task="regression").classes == ()
    spec = DataSpec(f"table:{tmp_path / 't.csv'}", target="y")
    assert task_of(spec) == "classification"
    thirteen = people().assign(y=np.arange(COUNT) % 13)
    assert len(written(thirteen, "y", task="classification").classes) == 13
    assert task_of(DataSpec("diabetes")) == "regression"
    assert task_of(DataSpec("wine")) == task_of(DataSpec("digits")) == "classification"


@pytest.mark.parametrize(
    ("change", "target", "spec", "message"),
    [
        ({}, "prise", {}, "no column 'prise' to predict. Did you mean price"),
        ({}, None, {}, r"--target COLUMN\). The table has: age, city"),
        ({"price": 1.0}, "price", {}, "is '1.0' in every row"),
        ({"price": ["dear", *range(COUNT - 1)]}, "price", {}, "'price' holds text .* row 1,"),
        ({"price": None}, "price", {}, "missing in all 120 rows"),
        ({"price": [None, *range(COUNT - 1)]}, "price", {}, "missing in 1 of 120.*or fill them in"),
        ({}, "city", {"task": "regression"}, "'city' holds text where numbers are needed"),
        ({}, "price", {"task": "classification"}, "decimals, which are no classes"),
        ({"age": ["old", *range(COUNT - 1)]}, "price", {}, "'age' holds text .*'old' in row 1"),
        ({"age": None}, "price", {"missing": "median"}, "'age' has no value in any training row"),
        ({"age": [np.inf, *range(COUNT - 1)]}, "price", {}, "'age' holds 1 infinite"),
        ({"age": [1e300, *range(COUNT - 1)]}, "price", {}, "'age' holds 1 infinite or too large"),
        ({"bought": ["once", *["often"] * (COUNT - 1)]}, "bought", {}, "examples of class once"),
        ({}, "price", {"limit_train": 100}, "at most 72, the training rows"),
    ],
)
def test_a_table_that_cannot_be_trained_on_is_refused(written, change, target, spec, message):
    with pytest.raises(DataError, match=message):
        written(people().assign(**change), target, **spec)


def test_a_target_that_float32_cannot_tell_apart_is_refused(written):
    offsets = np.random.default_rng(5).normal(0, 0.05, COUNT)
    with pytest.raises(DataError, match="values of the target 'y' lie too close together") as told:
        written(people().assign(y=1e7 + offsets), "y")
    least = float(str(told.value).split("the smallest of them, ")[1].rstrip("."))
    assert least == pytest.approx((1e7 + offsets).min(), abs=1e-7)
    data = written(people().assign(y=1e7 + offsets - least), "y")
    assert len(np.unique(np.concatenate([data.y_train, data.y_val, data.y_test]))) == COUNT
    # Classes are told apart as they were read.
    whole = people().assign(y=1e9 + np.arange(COUNT) % 3)
    assert len(written(whole, "y").classes) == 3


def test_a_column_that_float32_cannot_tell_apart_is_told(written):
    milliseconds = 1_700_000_000_000 + 60 * np.arange(COUNT)
    frame = people().drop(columns="key").assign(at=milliseconds)
    data = written(frame)
    assert len(np.unique(data.x_train[:, -1])) == 1
    (text,) = data.warnings
    assert text.startswith("The values of column 'at' lie too close together for their size")
    # A year of them is none too close; nor is a gap a number.
    assert not written(frame.assign(at=milliseconds[0] + 2.6e8 * np.arange(COUNT))).warnings
    gaps = frame.assign(at=np.where(np.arange(COUNT) % 5, milliseconds, np.nan))
    assert len(written(gaps, missing="median").warnings) == 1
    assert not written(frame.assign(at=[None, *range(COUNT - 1)]), missing="median").warnings


def test_whole_numbers_that_float64_cannot_tell_apart_are_classes(written):
    codes = np.array([12345678901234567, 12345678901234568])
    data = written(people().assign(y=codes[np.arange(COUNT) % 2]), "y")
    assert data.classes == ("12345678901234567", "12345678901234568")
    assert np.unique(data.y_train).tolist() == [0, 1]
    large = np.array([2**63, 2**63 + 1], np.uint64)[np.arange(COUNT) % 2]
    assert written(people().assign(y=large), "y").classes == (str(2**63), str(2**63 + 1))
    floats = np.array([-3.0, 2.0**60])[np.arange(COUNT) % 2]
    assert written(people().assign(y=floats), "y").classes == ("-3", str(2**60))
    with pytest.raises(DataError, match="holds infinite numbers or decimals"):
        written(people().assign(y=[np.inf, *range(COUNT - 1)]), "y", task="classification")


def test_objects_that_are_one_text_are_one_class(parquet):
    mixed = pd.Series([1, "1"] * (COUNT // 2), dtype=object)
    with pytest.raises(DataError, match="'y' is '1' in every row: there is nothing to predict"):
        parquet(people().assign(y=mixed), "y", task="classification")


def test_names_that_look_alike_are_told(written):
    turn = np.arange(COUNT) % 3
    frame = people().drop(columns=["key", "bought"])
    alike = frame.assign(
        city=np.array(["New York", "new york", "Oslo"])[turn],
        y=np.array(["Sí", "Si\u0301", "no"])[turn],
    )
    alone = "differ only in capitals, blanks or the Unicode form of letters"
    assert [text.split(" and count")[0] for text in written(alike, "y").warnings] == [
        f"Categories of column 'city' {alone} ('New York', 'new york')",
        f"Classes of 'y' {alone} ('Si\u0301', 'Sí')",
    ]
    letters = frame.assign(city=np.array(["a", "A", "b"])[turn], y=np.array(["X", "x", "z"])[turn])
    assert not written(letters, "y").warnings


def test_how_numbers_and_texts_become_categories_is_said(written):
    kinds = np.array(["0", "1", "2", "3+"])[np.arange(COUNT) % 4]
    with pytest.raises(
        DataError, match=r"'children' holds text .*'3\+' in row 4.* a letter before"
    ):
        written(people().assign(children=kinds))
    data = written(people().assign(children=[f"n{kind}" for kind in kinds]))
    assert data.table.columns[-1].categories == ("n0", "n1", "n2", "n3+")


def test_missing_text_that_no_training_row_lacks_is_told(written):
    frame = people().drop(columns="key")
    frame.loc[COUNT - 1, "city"] = None
    data = written(frame, ordered=True, missing="median")
    (text,) = data.warnings
    assert text.startswith("Column 'city' of test rows holds what no training row has ((missing)):")
    np.testing.assert_array_equal(data.x_test[-1, 1:4], 0)


def test_a_first_line_of_numbers_is_told(tmp_path):
    def told(*names):
        lines = [",".join(names), *(f"{i % 7},{i % 5},{'ab'[i % 2]}" for i in range(60))]
        (tmp_path / "t.csv").write_text("\n".join(lines))
        warnings = load(DataSpec(f"table:{tmp_path / 't.csv'}", target=names[-1])).warnings
        return [text for text in warnings if "as if the first line were a row" in text]

    assert told("5.1", "3.5", "a")[0].startswith("Most names of columns are numbers (5.1, 3.5, a)")
    # What is counted, or of years, has such names too.
    assert not told("0", "1", "a") and not told("2019", "2020", "a") and not told("5.1", "x", "y")


FREE = "trickbook.data.prepare_table.available_bytes"


@pytest.mark.parametrize(
    ("columns", "way"),
    [(["age", "city", "price"], "Embed categories"), (["age", "price"], "fewer")],
)
def test_a_table_that_memory_cannot_hold_is_refused(written, monkeypatch, columns, way):
    frame = people()[columns]
    width = written(frame).input_shape[0]
    needed = 2 * COUNT * width * 4
    monkeypatch.setattr(FREE, lambda: needed)
    written(frame)
    monkeypatch.setattr(FREE, lambda: needed - 1)
    with pytest.raises(DataError, match=rf"120 rows of {width} inputs would take .*{way}"):
        written(frame)


@pytest.mark.parametrize(("size", "is_refused"), [(1e-40, True), (1e-30, False)])
def test_magnitudes_that_float32_cannot_scale_are_refused(written, size, is_refused):
    frame = people().drop(columns="key")
    draws = size * np.random.default_rng(1).normal(size=COUNT)
    for target in ("price", "tiny"):
        if is_refused:
            name = "column 'tiny'" if target == "price" else "the target"
            with pytest.raises(DataError, match=f"training values of {name} differ by about"):
                written(frame.assign(tiny=draws), target)
        else:
            data = written(frame.assign(tiny=draws), target)
            assert np.isfinite(data.scaling.apply(data.x_train)).all()
            assert np.isfinite(data.towards("train")).all()


@pytest.mark.parametrize("word", ["None", "NA", "null"])
def test_words_that_count_as_missing_are_named(written, word):
    frame = people()
    frame["severity"] = np.array([word, "Mild", "Severe"])[np.arange(COUNT) % 3]
    for target in ("severity", "price"):
        with pytest.raises(DataError, match=rf"such as .*{word}.* count as missing"):
            written(frame, target)


def test_blanks_about_a_text_are_no_part_of_it(tmp_path):
    rows = [
        f"{('Rome', 'Rome ', ' Oslo')[i % 3]},{i % 7} ,{('yes', 'yes  ', 'no')[i % 3]}"
        for i in range(60)
    ]
    (tmp_path / "all.csv").write_text("\n".join(["city,size,told ", *rows]))
    data = load(DataSpec(f"table:{tmp_path / 'all.csv'}", target="told"))
    assert data.classes == ("no", "yes")
    assert data.table.columns[0].categories == ("Oslo", "Rome")
    # As rows to predict are read.
    (tmp_path / "some.csv").write_text('city,size\nRome\t,1\n" Oslo",2\n')
    frame = read_frame(tmp_path / "some.csv", data.table.texts)
    np.testing.assert_array_equal(data.table.inputs(frame), [[0, 1, 1], [1, 0, 2]])


def test_a_text_of_blanks_alone_is_missing(tmp_path):
    rows = [f'"{" " if i == 4 else "ab"[i % 2]}",{i % 7},{i % 2}' for i in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["city,size,told", *rows]))
    with pytest.raises(DataError, match="'city' in 1 of 60 rows"):
        load(DataSpec(f"table:{tmp_path / 't.csv'}", target="told"))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no rows below"),
        (b"a;b\n1;2\n", "single column, 'a;b'"),
        (b"a,b,a\n1,2,3\n4,5,6\n", "more than one column named 'a'"),
        (b"a,b ,b\n1,2,3\n4,5,6\n", "more than one column named 'b'"),
        (b"a,b\n1,2,3\n4,5,6\n", "cannot be read as CSV"),
        (b"a,b\n1,2\n1,2,3\n", "cannot be read as CSV"),
        (b"\xff\xfe,b\n1,2\n", "cannot be read as CSV .*UTF-8"),
        (b"a;b\n1;2\n", r"semicolons.*read_csv\('t.csv', sep=';'\)\.to_csv\("),
        (b"a;b;c\n1,5;2,5;x\n2;1;y\n", r"semicolons.*sep=';'\)\.to_csv\(.*decimal=','"),
        (b"a\tb\n1\t2\n", r"separated by tabs.*sep='\\t'\)"),
        (b"sep=;\na;b\n1,5;2\n", r"semicolons.*sep=';', skiprows=1\)"),
        (b"sep=,\na,b,c\n1,2,3\n", "first line, 'sep=,', is for Excel alone. Take it away"),
        (b"# of 2024\na,b\n1,2\n", "begins with a comment, '# of 2024'. Take such lines away"),
    ],
)
def test_a_file_that_is_no_table_is_refused(tmp_path, content, message):
    (tmp_path / "t.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        load(DataSpec(f"table:{tmp_path / 't.csv'}", target="a"))


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz", "zip", "tar", "tar.gz"])
def test_a_damaged_compressed_table_is_named(tmp_path, ending):
    path = tmp_path / f"t.csv.{ending}"
    people().to_csv(path, index=False)
    whole = path.read_bytes()
    contents = [b"a,b\n1,2\n", whole[: len(whole) // 2]]
    if ending in ("gz", "zip"):
        contents.append(whole[:60] + b"0000" + whole[64:])
    if ending == "zip":
        place = whole.index(b"PK\x01\x02") + 8  # says that it is encrypted
        contents.append(whole[:place] + b"\x01" + whole[place + 1 :])
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(DataError, match=re.escape(path.name)):
            load(DataSpec(f"table:{path}", target="a"))


def test_a_compression_that_needs_another_package_is_named(tmp_path, monkeypatch):
    def lacking(*_, **__):
        raise ImportError("Import zstandard failed.")

    (tmp_path / "t.csv.zst").touch()
    monkeypatch.setattr(pd, "read_csv", lacking)
    with pytest.raises(DataError, match=r"cannot be read as CSV \(Import zstandard failed\)"):
        load(DataSpec(f"table:{tmp_path / 't.csv.zst'}", target="a"))


def test_a_comma_at_the_end_of_every_line_makes_no_column(tmp_path, written):
    frame = people()
    expected = written(frame)
    frame.assign(**{"": None, " ": None}).to_csv(tmp_path / "t.csv", index=False)
    data = load(DataSpec(f"table:{tmp_path / 't.csv'}", target="price"))
    assert data.fingerprint == expected.fingerprint
    assert data.notes == (
        "Columns without a name that are empty in every row are left out.",
        *expected.notes,
    )


def test_a_table_that_is_not_there_is_told_with_where_it_was_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("table:no.csv", "npz:no.npz", "folder:no"):
        with pytest.raises(DataError, match=rf"no\S*: a relative path .* folder, {tmp_path}\."):
            load(DataSpec(name, target="a" if name.startswith("table") else None))


def test_a_file_that_is_not_there_or_is_no_parquet_is_refused(tmp_path, monkeypatch):
    with pytest.raises(DataError, match="There is no file"):
        load(DataSpec(f"table:{tmp_path / 'x.csv'}", target="a"))
    path = tmp_path / "t.parquet"
    path.write_bytes(b"none")
    with pytest.raises(DataError, match=r"Parquet"):
        load(DataSpec(f"table:{path}", target="a"))

    def lacking(path):
        raise ImportError("no pyarrow")

    monkeypatch.setattr(pd, "read_parquet", lacking)
    with pytest.raises(DataError, match="pip install pyarrow"):
        load(DataSpec(f"table:{path}", target="a"))


def test_parquet_is_read_as_csv_is(tmp_path, written):
    pytest.importorskip("pyarrow")
    frame = people()
    frame["city"] = frame["city"].astype("category")
    frame.to_parquet(tmp_path / "t.parquet")
    spec = DataSpec(f"table:{tmp_path / 't.parquet'}", target="price")
    np.testing.assert_array_equal(load(spec).x_train, written(frame).x_train)
    frame.assign(day=pd.Timestamp("2020-01-01")).to_parquet(tmp_path / "t.parquet")
    assert "'day' is left out: it holds dates" in " ".join(load(spec).warnings)


def test_a_categorical_column_of_pandas_may_lack_values(tmp_path, monkeypatch):
    frame = people().assign(city=lambda table: table["city"].astype("category"))
    frame.loc[::10, "city"] = None
    (tmp_path / "t.parquet").touch()
    monkeypatch.setattr(pd, "read_parquet", lambda path: frame)
    frame.astype({"city": object}).to_csv(tmp_path / "t.csv", index=False)
    parquet, csv = (
        load(DataSpec(f"table:{tmp_path / name}", target="price", missing="median"))
        for name in ("t.parquet", "t.csv")
    )
    np.testing.assert_array_equal(parquet.x_train, csv.x_train)


def test_compressed_files_and_a_counting_first_column_are_read(tmp_path, written):
    frame = people()
    with gzip.open(tmp_path / "t.csv.gz", "wt") as file:
        frame.to_csv(file)
    data = load(DataSpec(f"table:{tmp_path / 't.csv.gz'}", target="price"))
    assert "without a name numbers the rows" in data.notes[0]
    assert data.fingerprint == written(frame).fingerprint


@pytest.mark.parametrize("numbers", [3 * np.arange(COUNT) + 7, np.arange(COUNT)[::-1]])
def test_row_numbers_without_a_name_are_left_out_in_any_order(tmp_path, written, numbers):
    frame = people()
    expected = written(frame)
    frame.set_axis(numbers).to_csv(tmp_path / "numbered.csv")
    data = load(DataSpec(f"table:{tmp_path / 'numbered.csv'}", target="price"))
    assert data.fingerprint == expected.fingerprint
    assert data.notes[0] == "Its column without a name numbers the rows and is left out."
    assert data.notes[1:] == expected.notes


def test_a_column_that_looks_like_a_row_number_is_told(written):
    def told(name, values, **spec):
        warnings = written(people().assign(**{name: values}), **spec).warnings
        return [text for text in warnings if f"{name!r} looks like a row number" in text]

    shuffled = np.random.default_rng(1).permutation(COUNT)
    assert "frame.drop(columns='number')" in told("number", 5 + np.arange(COUNT))[0]
    for name in ("Id", "PassengerId", "customer_id", "INDEX", "row"):
        assert told(name, shuffled)
    assert not told("number", shuffled) and not told("humid", shuffled)
    assert not told("id", np.arange(COUNT) // 2) and not told("id", shuffled + 0.5)
    # Of ordered rows it can be the time.
    assert not told("year", 1900 + np.arange(COUNT), ordered=True)
    assert told("id", shuffled, ordered=True)


def test_owners_of_rows_on_both_sides_of_the_split_are_told(written):
    frame = people().drop(columns="key")

    def told(name, values, **spec):
        warnings = written(frame.assign(**{name: values}), **spec).warnings
        return [text for text in warnings if f"have a value of column {name!r}" in text]

    owners = np.arange(COUNT) // 4
    data = written(frame.assign(patient_id=owners))
    assert "sort the rows by it and set ordered = true" in told("patient_id", owners)[0]
    shares = [
        100 * np.isin(getattr(data, f"x_{split}")[:, -1], data.x_train[:, -1]).mean()
        for split in ("val", "test")
    ]
    start = "{:.0f} % of validation rows and {:.0f} % of test rows have a value".format(*shares)
    assert told("patient_id", owners)[0].startswith(start)
    for name in ("Subject", "userNo", "group", "id"):
        assert told(name, [f"p{owner}" for owner in owners])
    # Few values are kinds, what differs in every row is no owner, other names are other things.
    assert not told("blood_group", owners % 4) and not told("id", np.arange(COUNT))
    assert not told("idle", owners) and not told("patient_age", owners)
    assert not told("patient", owners + 0.5) and not told("patient", owners, ordered=True)


def test_a_column_constant_in_training_is_told_where_others_differ(written):
    rows = np.arange(COUNT)
    frame = people().drop(columns="key").assign(fee=np.where(rows < 100, 0, 50_000))
    data = written(frame, ordered=True)
    (text,) = data.warnings
    assert text == (
        "Column 'fee' of test rows holds what no training row has (50000): in training it is "
        "always 0, which gives it no scale. Leave it out."
    )
    columns = TableColumns.from_dict(json.loads(json.dumps(data.summary()["table"])))
    assert columns.unseen(frame.iloc[95:]) == {"fee": ["50000"]}
    assert columns.unseen(frame.iloc[:95]) == {}
    assert not written(frame.assign(fee=7), ordered=True).warnings
    # Runs of before say nothing of it.
    told = data.summary()["table"]
    for column in told["columns"]:
        del column["constant"]
    assert TableColumns.from_dict(told).unseen(frame) == {}


def test_gaps_in_a_column_that_is_left_out_do_not_matter(written):
    frame = people()
    expected = written(frame)
    frame.loc[frame.index[::3], "key"] = None
    day = pd.Series(pd.date_range("2024-01-01", periods=COUNT).strftime("%Y-%m-%d"))
    data = written(frame.assign(day=day.where(day.index % 5 > 0)))
    assert data.fingerprint == expected.fingerprint
    left_out = [text.split(":")[0] for text in data.warnings]
    assert left_out == ["Column 'key' is left out", "Column 'day' is left out"]
    with pytest.raises(DataError, match=r"no column besides 'price' .*'key' is left out: nearly"):
        written(frame[["key", "price"]])


def test_texts_are_a_key_or_categories_by_the_training_rows_alone(written):
    numbers = np.arange(COUNT)
    later = numbers >= 72  # of 120 rows, 72 train
    repeated = np.where(later, numbers, numbers % 30)
    different = np.where(later, 0, numbers % 40)
    for values, is_input in ((repeated, True), (different, False)):
        frame = people().assign(key=[f"n{value}" for value in values])
        columns = written(frame, ordered=True).table.columns
        assert ("key" in [column.name for column in columns]) == is_input


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("$1,234.50", "1234.50"),
        ("1,234", "1234"),
        ("12,5", "12.5"),
        ("1.234.567,5", "1234567.5"),
        ("1 234,5", "1234.5"),
        ("1'234.5", "1234.5"),
        ("45 %", "45"),
        ("-3,1 \u20ac", "-3.1"),
        ("-$3", "-3"),
        *(
            (text, None)
            for text in ("", "1,2,3", "2-", "10:30", "2024-01-05", "A1", "1.2.3", "--1")
        ),
    ],
)
def test_numbers_for_people_are_read_as_what_they_mean(text, plain):
    assert plain_number(text) == plain


def test_numbers_written_as_text_are_refused_with_how_to_write_them(written):
    prices = [f"${1000 + 7.5 * row:,.2f}" for row in range(COUNT)]
    with pytest.raises(
        DataError, match=r"'cost' holds text .*'\$1,000\.00' in row 1, .* as 1000\.00,"
    ):
        written(people().assign(cost=prices))
    # Also where most are whole and read as numbers.
    halves = [f"{row // 4},25" if row % 4 == 1 else str(row) for row in range(COUNT)]
    with pytest.raises(DataError, match=r"'0,25' in row 2, and so in 30 .* as 0\.25, or leave"):
        written(people().assign(cost=halves))
    for task in (None, "regression"):
        with pytest.raises(DataError, match=r"'cost' holds text .* plainly, as 1000\.00\.$"):
            written(people().assign(cost=prices), "cost", task=task)


def test_few_numbers_written_as_text_are_categories_and_told(written):
    rates = np.array(["10 %", "20 %"])[np.arange(COUNT) % 2]
    data = written(people().drop(columns="key").assign(rate=rates))
    assert data.table.columns[-1].categories == ("10 %", "20 %")
    (text,) = data.warnings
    assert "'rate' holds numbers written as text ('10 %')" in text and "Write 10 if" in text
    assert written(people().assign(rate=rates), "rate").classes == ("10 %", "20 %")


@pytest.fixture
def parquet(tmp_path, monkeypatch):
    """Returns the data of a table as if it came from a Parquet file."""

    def read(frame, target="price", **spec):
        (tmp_path / "t.parquet").touch()
        monkeypatch.setattr(pd, "read_parquet", lambda path: frame.copy())
        return load(DataSpec(f"table:{tmp_path / 't.parquet'}", target=target, **spec))

    return read


def test_numbers_that_parquet_keeps_as_objects_are_numbers(tmp_path, parquet, written):
    frame = people()
    expected = {target: written(frame, target) for target in ("price", "age")}
    exact = frame.assign(
        price=[Decimal(repr(float(price))) for price in frame["price"]],
        age=frame["age"].astype(str),
    )
    for target, data in expected.items():
        assert parquet(exact, target).fingerprint == data.fingerprint
    # As rows to predict are read where training had texts.
    read = read_frame(tmp_path / "t.parquet", ["age"])
    assert read["age"].tolist() == exact["age"].tolist()
    assert read["price"].tolist() == frame["price"].tolist()


@pytest.mark.parametrize("kind", ["text", "times", "days"])
def test_dates_are_left_out_whatever_they_are_kept_as(parquet, written, kind):
    times = pd.Series(pd.date_range("2024-01-01", periods=COUNT // 2).repeat(2))
    days = {"text": times.dt.strftime("%Y-%m-%d"), "times": times, "days": times.dt.date}[kind]
    data = parquet(people().assign(day=days))
    assert data.fingerprint == written(people()).fingerprint
    assert "Column 'day' is left out: it holds dates. Turn them into numbers" in data.warnings[1]
    # Neither months nor seasons are dates.
    month = written(people().assign(month=times.dt.strftime("%Y-%m")))
    assert month.input_shape == (9,)
    length = people().assign(length=times - times[0])
    with pytest.raises(DataError, match="'length' holds lengths of time"):
        parquet(length)


def test_an_index_with_a_name_is_a_column(parquet, written):
    frame = people().assign(height=np.random.default_rng(2).normal(170, 9, COUNT))
    expected = written(frame[["height", *people().columns]])
    assert parquet(frame.set_index("height")).fingerprint == expected.fingerprint
    unnamed = frame.set_index("height").rename_axis(None)
    assert parquet(unnamed).fingerprint == written(people()).fingerprint


def test_rows_on_both_sides_of_a_split_are_told(written):
    frame = people().drop(columns="key")
    assert not written(frame).warnings
    twice = pd.concat([frame, frame])
    text = written(twice).warnings[0]
    assert "rows also occur, value for value, target included, among the training rows" in text


def test_ordered_rows_are_split_in_their_order(written):
    frame = people()
    data = written(frame, ordered=True, limit_train=50)
    parts = [data.y_train, data.y_val, data.y_test]
    expected = frame["price"].to_numpy("float32")
    np.testing.assert_array_equal(np.concatenate(parts), expected[22:])
    assert [len(part) for part in parts] == [50, 24, 24]
    assert data.summary()["ordered"] is True
    sorted_by_class = frame.sort_values("bought")
    with pytest.raises(DataError, match="validation part has no row of class no"):
        written(sorted_by_class, "bought", ordered=True)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("target", ["price", "bought"])
def test_validation_and_test_get_their_own_shares_of_the_rows(written, target, ordered):
    shares = {"val_fraction": 0.1, "test_fraction": 0.3}
    data = written(people(), target, ordered=ordered, **shares)
    assert [len(data.labels(split)) for split in ("train", "val", "test")] == [72, 12, 36]


def test_classes_that_the_latest_rows_lack_are_named(written):
    kinds = np.array(["a", "b", "c"])[np.arange(COUNT) % 3]
    kinds[62:72] = "a"  # The last rows of training.
    data = written(people().assign(kind=kinds), "kind", ordered=True)
    assert len(nested_training_set(data, 13).x_train) == 13
    with pytest.raises(DataError, match=r"latest 10 rows .* has no row of classes b, c\. Ask for"):
        nested_training_set(data, 10)


def test_classes_are_split_in_their_shares_and_limited_so(written):
    data = written(people(), "bought", limit_train=30, unused="validation")
    counts = np.array([data.class_counts()[split] for split in ("train", "test")])
    shares = counts[:, 0] / counts.sum(axis=1)
    assert np.ptp(shares) < 0.05
    assert (len(data.x_train), data.val_in_epochs, len(data.x_val)) == (30, 24, 66)


@pytest.mark.parametrize(
    ("name", "source"), [("breast_cancer", load_breast_cancer), ("wine", load_wine)]
)
def test_scikit_learns_tables_are_whole(name, source):
    data, known = load(DataSpec(name)), source()
    parts = ("train", "val", "test")
    rows = np.concatenate([getattr(data, f"x_{split}") for split in parts])
    names = np.concatenate([np.array(data.classes)[data.labels(split)] for split in parts])
    order, expected = np.lexsort(rows.T), np.lexsort(known.data.astype("float32").T)
    np.testing.assert_array_equal(rows[order], known.data.astype("float32")[expected])
    np.testing.assert_array_equal(names[order], known.target_names[known.target][expected])
    assert data.summary()["input_shape"] == [known.data.shape[1]]
    assert not data.warnings


def test_diabetes_is_whole_and_in_its_units():
    data, known = load(DataSpec("diabetes")), load_diabetes(scaled=False)
    rows = [
        np.column_stack([getattr(data, f"x_{split}"), data.labels(split)])
        for split in ("train", "val", "test")
    ]
    expected = np.column_stack([known.data, known.target]).astype("float32")
    assert sorted(map(tuple, np.concatenate(rows))) == sorted(map(tuple, expected))


def test_a_table_survives_the_disk_and_smaller_training_sets_keep_its_categories(written, tmp_path):
    data = written(people(), ordered=True)
    data.save(tmp_path / "saved")
    again = Dataset.load(tmp_path / "saved")
    assert again.summary() == data.summary()
    for other in (nested_training_set(data, 40), bootstrap_sample(data, 1)):
        assert other.table == data.table
        np.testing.assert_array_equal(other.scaling.scale[1:4], [1, 1, 1])
        np.testing.assert_allclose(other.scaling.apply(other.x_train)[:, 0].std(), 1, atol=1e-4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "table:"}, "Write table:FILE"),
        ({"name": "table:x", "missing": "mean"}, "Choose from median"),
        ({"name": "table:x", "task": "ranking"}, "Choose from classification, regression"),
        ({"name": "digits", "target": "x"}, "target is for table:FILE"),
        ({"name": "wine", "missing": "median"}, "missing is for table:FILE"),
        ({"name": "digits", "ordered": True}, "for the rows of tables"),
        ({"name": "wine", "ordered": 1}, "true or false"),
        (
            {"name": "wine", "ordered": True, "limit_train": 9, "unused": "validation"},
            "Leave one of the two out",
        ),
    ],
)
def test_settings_that_are_none_are_refused(values, message):
    with pytest.raises(DataError, match=message):
        DataSpec(**values)
