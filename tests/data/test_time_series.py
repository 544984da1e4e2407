"""Windows of a table's rows: which rows make an example, where it is cut, what is refused."""

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
    task_of,
)
from trickbook.data.search_split import search_split

COUNT = 100


def series():
    draws = np.random.default_rng(5)
    return pd.DataFrame(
        {
            "day": draws.choice(["Mon", "Tue", "Wed"], COUNT),
            "heat": np.arange(COUNT) + draws.normal(0, 0.1, COUNT),
            "rain": draws.normal(0, 1, COUNT),
        }
    )


@pytest.fixture
def written(tmp_path):
    def write(frame, target="heat", **spec):
        frame.to_csv(tmp_path / "t.csv", index=False)
        return load(DataSpec(f"table:{tmp_path / 't.csv'}", target=target, **spec))

    return write


def windows_by_hand(frame, window, horizon):
    """Every example in time: rows as numbers, and the target some rows later."""
    days = sorted(set(frame["day"]))
    rows = [
        [*(float(row.day == day) for day in days), row.heat, row.rain] for row in frame.itertuples()
    ]
    starts = range(COUNT - window - horizon + 1)
    x = np.array([rows[start : start + window] for start in starts], np.float32)
    y = np.array([frame["heat"][start + window + horizon - 1] for start in starts], np.float32)
    return x, y


def test_times_of_which_the_clock_was_changed_are_read_as_one_line_of_time(written):
    hours = pd.date_range("2025-03-29", periods=COUNT, freq="h", tz="Europe/Paris")
    frame = series().assign(date=[one.isoformat() for one in hours])
    assert frame["date"].str[-6:].nunique() == 2
    assert not any("does not rise" in text for text in written(frame, window=4).warnings)


@pytest.mark.parametrize(("window", "horizon"), [(4, None), (4, 3), (1, 1)])
def test_an_example_is_the_rows_before_its_target(written, window, horizon):
    frame = series()
    data = written(frame, window=window, horizon=horizon)
    x, y = windows_by_hand(frame, window, horizon or 1)
    np.testing.assert_array_equal(np.concatenate([data.x_train, data.x_val, data.x_test]), x)
    np.testing.assert_array_equal(np.concatenate([data.y_train, data.y_val, data.y_test]), y)
    assert len(data.x_test) == len(data.x_val) == -(-len(y) // 5)


def test_later_parts_come_later_and_nothing_of_them_is_learnt(written):
    frame = series()
    data = written(frame, window=4, horizon=3)
    # The heat rises with time.
    assert data.y_train.max() < data.y_val.min() < data.y_val.max() < data.y_test.min()
    assert data.ordered and data.summary()["ordered"] and not data.warnings
    seen = data.x_train.reshape(-1, 5).astype(np.float64)
    scaled = data.scaling.apply(data.x_train).reshape(-1, 5)
    expected = (seen[:, 3:] - seen[:, 3:].mean(axis=0)) / seen[:, 3:].std(axis=0)
    np.testing.assert_allclose(scaled[:, 3:], expected, atol=1e-5)
    np.testing.assert_array_equal(scaled[:, :3], seen[:, :3])


def test_categories_and_medians_are_those_of_the_training_windows(written):
    frame = series()
    frame.loc[COUNT - 1 :, "day"] = "Sun"
    frame.loc[COUNT - 5 :, "rain"] = 1000.0
    frame.loc[2, "rain"] = None
    # The last row is told and in no window.
    data = written(frame, window=4, missing="median")
    assert data.input_shape == (4, 5) and not data.warnings
    rows = data.x_train[:, -1, 4]
    train = frame["rain"][: len(data.x_train) + 3]
    assert data.x_train[0, 2, 4] == np.float32(train.median()) and np.isfinite(rows).all()


def test_split_at_random_warns_that_windows_overlap(written):
    data = written(series(), window=4, ordered=False)
    assert "Windows overlap: ordered = false splits them at random" in " ".join(data.warnings)
    assert data.y_train.max() > data.y_val.min() and not data.ordered
    assert not written(series(), ordered=False).warnings


@pytest.mark.parametrize("spec", [{"window": 4}, {"ordered": True}])
def test_dates_that_do_not_rise_with_the_rows_are_told(written, spec):
    dates = pd.date_range("2024-01-01", periods=COUNT).strftime("%Y-%m-%d").to_numpy()
    told = "Column 'date' does not rise from row to row"
    assert told not in " ".join(written(series().assign(date=dates), **spec).warnings)
    assert told in " ".join(written(series().assign(date=dates[::-1]), **spec).warnings)
    assert told not in " ".join(written(series().assign(date=dates[::-1])).warnings)


@pytest.mark.parametrize(
    "form",
    [
        *("%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y.%m.%d", "%Y/%m/%d"),
        *("%m/%d/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %I:%M:%S %p"),
        *("%d-%b-%Y", "%d-%b-%y", "%d %B %Y", "%b %d, %Y", "%B %d %Y %H:%M", "%b. %d, %Y"),
        *("%m/%d/%y", "%d/%m/%y %I:%M %p", "%d.%m.%y"),
    ],
)
def test_dates_are_dates_however_they_are_written(written, form):
    days = pd.date_range("2024-01-03", periods=COUNT // 2).strftime(form).to_numpy()
    dates = np.repeat(days, 2)
    plain = written(series(), window=4)
    data = written(series().assign(date=dates), window=4)
    assert data.fingerprint == plain.fingerprint
    assert "'date' is left out: it holds dates" in data.warnings[0] and len(data.warnings) == 1
    told = "Column 'date' does not rise from row to row"
    assert told in " ".join(written(series().assign(date=dates[::-1]), window=4).warnings)


def test_whether_the_day_or_the_month_comes_first_is_left_open_where_both_may(written):
    # Of each month its first day: up to December it could also be the month that is told first.
    rising = [f"{1 + number % 28:02d}/01/{2001 + number // 28}" for number in range(COUNT)]
    both = [f"{1 + number % 12:02d}/01/{2001 + number // 12}" for number in range(COUNT)]
    told = "Column 'date' does not rise"
    for dates in (rising, both, [f"{date[3:5]}/{date[:2]}/{date[6:]}" for date in both]):
        assert told not in " ".join(written(series().assign(date=dates), window=4).warnings)
        backwards = series().assign(date=dates[::-1])
        assert told in " ".join(written(backwards, window=4).warnings)


@pytest.mark.parametrize(
    "text",
    [
        *("31.02.2024", "1.2.2024.5", "1.2-2024", "31/31/2024"),
        *("10-20-30", "1.2.30", "31/31/24", "2 Mars 2024", "Mark 2, 2024", "31 Feb 2024"),
    ],
)
def test_what_is_no_day_is_no_date(written, text):
    data = written(series().assign(code=[text, "1.2.2024"] * (COUNT // 2)), window=4)
    assert "left out" not in " ".join(data.warnings)
    assert len(data.table.columns) == len(written(series(), window=4).table.columns) + 1


def hours(rows):
    """Rows whose date is that of the day, so that it comes 24 times."""
    return pd.date_range("2024-01-01", periods=rows, freq="h").strftime("%Y-%m-%d").to_numpy()


def test_dates_that_repeat_are_no_categories_and_their_order_is_looked_at(written):
    told = "Column 'date' does not rise from row to row"
    dates = hours(COUNT)
    plain = written(series(), window=4)
    data = written(series().assign(date=dates), window=4)
    assert data.fingerprint == plain.fingerprint
    assert "'date' is left out: it holds dates" in data.warnings[0] and len(data.warnings) == 1
    assert told in " ".join(written(series().assign(date=dates[::-1]), window=4).warnings)
    gaps = pd.Series(dates[::-1]).where(np.arange(COUNT) % 7 > 0)
    assert told in " ".join(written(series().assign(date=gaps), window=4).warnings)


def test_rows_in_the_order_of_one_of_their_dates_are_in_order(written):
    frame = series().assign(ordered=hours(COUNT), delivered=hours(COUNT)[::-1])
    assert "does not rise" not in " ".join(written(frame, window=4).warnings)
    told = [
        text
        for text in written(frame[::-1].drop(columns="delivered"), window=4).warnings
        if "does not rise" in text
    ]
    assert len(told) == 1 and told[0].startswith("Column 'ordered' does not rise from row to row")


STORES = 4


@pytest.mark.parametrize("name", ["date", "year"])
@pytest.mark.parametrize("stores", [["A", "B", "C", "D"], [7, 9, 11, 30]])
def test_several_series_side_by_side_are_told_where_a_window_would_mix_them(written, name, stores):
    times = pd.date_range("2024-01-01", periods=COUNT // STORES).strftime("%Y-%m-%d")
    if name == "year":
        times = 1990 + np.arange(COUNT // STORES)
    frame = series().assign(**{name: np.repeat(times, STORES), "store": stores * len(times)})
    told = f"Rows of one {name!r} differ in column 'store'. If that tells several series apart"
    assert told in " ".join(written(frame, window=4).warnings)
    # Rows may be split in time without them.
    assert told not in " ".join(written(frame, ordered=True).warnings)
    for other in (
        frame.rename(columns={"store": "hour"}),
        frame.assign(store=np.repeat(stores, COUNT // STORES)),
        frame.assign(store=np.random.default_rng(3).permutation(frame["store"])),
    ):
        assert "several series" not in " ".join(written(other, window=4).warnings)


@pytest.mark.parametrize("name", ["year", "cycle", "unit_cycle", "timestamp"])
@pytest.mark.parametrize("spec", [{"window": 3}, {"ordered": True}])
def test_numbers_named_as_times_that_do_not_rise_are_told(written, name, spec):
    told = f"Column {name!r} does not rise from row to row"
    anew = np.concatenate([1 + np.arange(length) for length in (30, 20, 50)])
    for times in (anew, 2020 - np.arange(COUNT) // 4):
        frame = series().assign(**{name: times})
        assert told in " ".join(written(frame, **spec).warnings)
        assert told not in " ".join(written(frame).warnings)
        assert told not in " ".join(written(frame.sort_values(name), **spec).warnings)


@pytest.mark.parametrize(
    "columns",
    [
        {"year": 2000 + np.arange(COUNT) // 52, "week": 1 + np.arange(COUNT) % 52},
        {"month": 1 + np.arange(COUNT) // 24, "time": np.arange(COUNT) % 24},
        {"weekday": np.arange(COUNT) // 24 % 3, "time": np.arange(COUNT) % 24},
        {"weekday": np.array([*"abc"])[np.arange(COUNT) // 24 % 3], "time": np.arange(COUNT) % 24},
        {"date": pd.date_range("2024-01-01", periods=COUNT), "step": np.arange(COUNT) % 10},
        {"level": np.arange(COUNT) % 10, "unit": np.arange(COUNT) // 10},
        {"time": np.random.default_rng(2).permutation(COUNT)},
        {"year": 1900 + np.arange(COUNT), "load": 5 - np.arange(COUNT) ** 0.5},
        {"n": -np.arange(COUNT)},
    ],
)
def test_times_of_a_calendar_and_other_numbers_are_not_told(written, columns):
    warnings = written(series().assign(**columns), window=3).warnings
    assert not [text for text in warnings if "order of" in text or "several series" in text]


@pytest.mark.parametrize(
    ("spec", "way"),
    [
        ({"window": 3}, r"set ordered = false in \[data\], which lets windows .* overlap"),
        ({"ordered": True}, "leave out ordered"),
    ],
)
def test_how_classes_in_order_are_split_otherwise_is_said(written, spec, way):
    frame = series().assign(state=np.repeat(["a", "b"], [70, 30]))
    with pytest.raises(DataError, match=f"training part has no row of class b.*{way}"):
        written(frame, "state", **spec)
    # The way that is told of works.
    unordered = {**spec, "ordered": False}
    assert written(frame, "state", **unordered).classes == ("a", "b")
    # The first and the last training rows alone are of one class each.
    kinds = np.where(np.arange(COUNT) % 2, "a", "b")
    kinds[40:60] = "a"
    data = written(series().assign(state=kinds), "state", **spec)
    with pytest.raises(DataError, match=f"Ask for more rows, or {way}"):
        nested_training_set(data, 10)
    with pytest.raises(DataError, match=f"Merge the class with another, or {way}"):
        search_split(data, 0.1)
    with pytest.raises(DataError, match="order means something"):
        DataSpec("table:x", limit_train=9, unused="validation", **spec)


def test_a_single_column_is_told_by_its_own_past(tmp_path):
    path = tmp_path / "t.csv"
    pd.DataFrame({"heat": np.arange(50.0) ** 1.5}).to_csv(path, index=False)
    data = load(DataSpec(f"table:{path}", target="heat", window=3))
    np.testing.assert_allclose(data.x_train[0, :, 0], np.arange(3.0) ** 1.5, rtol=1e-6)
    with pytest.raises(DataError, match="has a single column, 'heat'"):
        load(DataSpec(f"table:{path}", target="heat"))


def test_classes_can_be_told_of_a_series(written):
    data = written(series().assign(up=["yes", "no"] * (COUNT // 2)), target="up", window=3)
    assert data.classes == ("no", "yes") and data.input_shape == (3, 7)
    assert data.labels("train").tolist()[:3] == [0, 1, 0]
    some = written(
        series().assign(up=["a", "b", "c", "d"] * (COUNT // 4)),
        target="up",
        window=3,
        classes=["d", "b"],
    )
    # Rows of other classes stay in the windows.
    assert some.labels("train").tolist()[:3] == [0, 1, 0] and some.input_shape == (3, 9)


def test_columns_make_windows_of_rows_that_come_later(written, tmp_path):
    frame = series()
    data = written(frame, window=4, horizon=2)
    data.save(tmp_path / "saved")
    saved = Dataset.load(tmp_path / "saved")
    table = json.loads(json.dumps(data.summary()["table"]))
    x, _ = windows_by_hand(frame, 4, 2)
    for columns in (TableColumns.from_dict(table), saved.table):
        every = columns.examples(frame)
        assert len(every) == COUNT - 3  # The last ones have no target yet.
        np.testing.assert_array_equal(every[: len(x)], x)
        with pytest.raises(DataError, match="A window has 4 rows, and the table has 3"):
            columns.examples(frame.iloc[:3])


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"window": 0}, "window .* whole number of at least 1"),
        ({"window": 4, "horizon": 0}, "horizon .* at least 1"),
        ({"horizon": 2}, "there is no window"),
        ({"window": 97}, "leaves 3 examples|too few rows"),
        ({"window": 99}, "leaves 1 examples of 100 rows"),
        ({"window": 4, "limit_train": 90}, "limit_train .* at most 56"),
        ({"window": 4, "limit_train": 9, "unused": "validation"}, "order means something"),
        ({"window": 4, "categories": "embedded"}, "only in single rows"),
    ],
)
def test_windows_that_cannot_be_are_refused(written, spec, message):
    with pytest.raises(DataError, match=message):
        written(series(), **spec)


@pytest.mark.parametrize("name", ["digits", "wine", "npz:x.npz"])
def test_windows_are_for_tables_of_ones_own(name):
    with pytest.raises(DataError, match="window is for table:FILE"):
        DataSpec(name, window=3)


def test_a_window_that_no_memory_holds_is_refused(written, monkeypatch):
    monkeypatch.setattr("trickbook.data.table_windows.MOST_VALUES", 1000)
    with pytest.raises(DataError, match="96 windows of 4 rows with 5 inputs are 1,920 values"):
        written(series(), window=4)


def test_the_task_of_a_series_is_that_of_its_target(tmp_path):
    series().to_csv(tmp_path / "t.csv", index=False)
    spec = DataSpec(f"table:{tmp_path / 't.csv'}", target="heat", window=3)
    assert task_of(spec) == "regression"
