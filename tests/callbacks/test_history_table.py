"""HistoryTable: the text of a history.csv and reading it back."""

import math

import keras
import numpy as np
import pytest

from trickbook.callbacks.recording.history_table import HistoryTable, flat_numbers


def test_late_column_is_blank_above():
    table = HistoryTable()
    table.add(1, 0.5, 0.001, {"loss": 2.0})
    table.add(2, 0.90049, None, {"val_loss": 1.75})
    table.add(3, 1.0, 0.001, {"loss": math.nan, "val_loss": -math.inf, "f1": math.inf})
    assert table.text() == (
        "epoch,seconds,learning_rate,loss,val_loss,f1\n"
        "1,0.5,0.001,2.0,,\n"
        "2,0.9,,,1.75,\n"
        "3,1.0,0.001,nan,-inf,inf\n"
    )


def test_names_of_fixed_columns_and_of_csv_do_no_harm():
    table = HistoryTable()
    table.add(1, 0.5, 0.1, {"epoch": 7.0, "seconds": 9.0, 'a, "b"\nc': 1.0})
    header, row = table.text().rsplit("\n", 2)[:2]
    assert header == 'epoch,seconds,learning_rate,logs/epoch,logs/seconds,"a, ""b""\nc"'
    assert row == "1,0.5,0.1,7.0,9.0,1.0"


def test_read_gives_back_the_first_epochs_to_the_last_digit(tmp_path):
    table = HistoryTable()
    table.add(1, 0.1, 1e-3, {"loss": 1 / 3, "a,b": math.nan})
    table.add(2, 0.2, 1e-3, {"loss": math.inf})
    path = tmp_path / "history.csv"
    path.write_text(table.text())
    assert HistoryTable.read(path, 2).text() == table.text()
    assert [row["loss"] for row in HistoryTable.read(path, 1).rows] == [1 / 3]
    assert HistoryTable.read(tmp_path / "none.csv", 2).rows == []


def test_read_refuses_another_kind_of_file(tmp_path):
    path = tmp_path / "history.csv"
    path.write_text("epoch,loss\n0,1.0\n")
    with pytest.raises(ValueError, match=r"Received: path=.*history\.csv"):
        HistoryTable.read(path, 1)


def test_flat_numbers():
    logs = {
        "loss": 1,
        "head": {"loss": 2.5, "deep": {"x": np.float32(0.5)}},
        "f1": np.array([0.25, 0.75]),
        "one": np.array([3.0]),
        "tensor": keras.ops.convert_to_tensor(0.125),
        "half": keras.ops.cast(1.5, "bfloat16"),
        "tensors": keras.ops.convert_to_tensor([0.5, 2.0]),
        "variable": keras.Variable(4.0),
        "text": "left out",
        "none": None,
        "names": ["left", "out"],
        "ragged": [[1.0, 2.0], [3.0]],
    }
    assert flat_numbers(logs) == {
        "loss": 1.0,
        "head/loss": 2.5,
        "head/deep/x": 0.5,
        "f1/0": 0.25,
        "f1/1": 0.75,
        "one": 3.0,
        "tensor": 0.125,
        "half": 1.5,
        "tensors/0": 0.5,
        "tensors/1": 2.0,
        "variable": 4.0,
    }
