"""as_history: the same table from whatever recorded a training."""

import math
import types

import numpy as np
import pandas as pd
import pytest

from trickbook.reports.read.as_history import as_history
from trickbook.runs.errors import ReportError

LISTS = {"loss": [3.0, 2.0, math.nan], "val_loss": [3.5, 2.5, 2.25]}
CSV = "epoch,loss,val_loss\n0,3.0,3.5\n1,2.0,2.5\n2,nan,2.25\n"


def keras_history(lists, epochs):
    return types.SimpleNamespace(history=lists, epoch=list(epochs))


def test_every_source_gives_the_same_table(tmp_path):
    (tmp_path / "history.csv").write_text(CSV)
    frame = pd.DataFrame(LISTS)
    sources = [
        LISTS,
        keras_history(LISTS, range(3)),
        frame,
        frame.assign(epoch=[1, 2, 3]),
        frame.assign(epoch=[0, 1, 2])[::-1],
        {"epoch": [0, 1, 2]} | LISTS,
        tmp_path / "history.csv",
        str(tmp_path / "history.csv"),
        tmp_path,
        as_history(LISTS),
    ]
    for source in sources:
        table = as_history(source)
        assert table["epoch"].tolist() == [1, 2, 3]
        assert table["epoch"].dtype == "int64"
        for name, values in LISTS.items():
            np.testing.assert_array_equal(table[name], values)


def test_a_continued_fit_keeps_its_epochs():
    table = as_history(keras_history({"loss": [1.0, 0.5], "val_loss": [2.0]}, [4, 5]))
    assert table["epoch"].tolist() == [5, 6]
    np.testing.assert_array_equal(table["val_loss"], [math.nan, 2.0])


def test_a_history_of_two_fits_counts_on():
    table = as_history(keras_history({"loss": [3.0, 2.0, 1.0]}, [0]))
    assert table["epoch"].tolist() == [1, 2, 3]
    assert table["loss"].tolist() == [3.0, 2.0, 1.0]


# Number of epochs, of values, and which epochs they are taken to be measured in.
SHORTER = [
    (10, 5, [2, 4, 6, 8, 10]),
    (11, 5, [2, 4, 6, 8, 10]),
    (10, 3, [3, 6, 9]),
    (10, 2, [5, 10]),
    (10, 1, [10]),
    (10, 4, [3, 6, 9, 10]),  # CleanEvaluation(every=3)
    (10, 8, [3, 4, 5, 6, 7, 8, 9, 10]),  # it came late
    (10, 0, []),
]


@pytest.mark.parametrize(("epochs", "count", "measured"), SHORTER)
def test_a_shorter_list_is_spread_over_the_epochs(epochs, count, measured):
    table = as_history({"loss": [0.5] * epochs, "val_loss": [1.5] * count})
    assert table["epoch"][table["val_loss"].notna()].tolist() == measured


def test_several_values_per_epoch_and_what_is_no_number():
    lists = {"f1": [np.array([0.25, 0.5]), np.array([0.5, 0.75])], "note": ["a", "b"], "n": 3}
    table = as_history({"loss": [1.0, 0.5]} | lists)
    assert table.columns.tolist() == ["epoch", "loss", "f1/0", "f1/1"]
    assert table["f1/1"].tolist() == [0.5, 0.75]


@pytest.mark.parametrize("empty", [{}, {"loss": []}, pd.DataFrame(), keras_history({}, [])])
def test_no_epochs_are_no_rows(empty):
    table = as_history(empty)
    assert len(table) == 0
    assert "epoch" in table


def test_what_is_no_history_is_refused(tmp_path):
    with pytest.raises(TypeError, match=r"Received: value=3"):
        as_history(3)
    with pytest.raises(ReportError, match=r"no history\.csv"):
        as_history(tmp_path)
    with pytest.raises(FileNotFoundError):
        as_history(tmp_path / "history.csv")
