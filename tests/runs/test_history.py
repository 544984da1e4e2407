import math

import pandas as pd
import pytest

from trickbook.runs.errors import ReportError
from trickbook.runs.history import accuracy_name, read_history, tidy_history


def read(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text)
    return read_history(path)


def test_blank_is_not_measured_and_infinities_are_read(tmp_path):
    history = read(tmp_path, "epoch,loss,val_loss\n1,inf,\n2,nan,0.5\n3,-inf,0.25\n")
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["epoch"].dtype == "int64"
    assert history["loss"].iloc[0] == math.inf
    assert math.isnan(history["loss"].iloc[1])
    assert history["loss"].iloc[2] == -math.inf
    assert math.isnan(history["val_loss"].iloc[0])


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_the_epochs_of_csv_logger_are_counted_from_one(tmp_path, separator):
    text = "epoch,accuracy,loss,val_loss\n0,0.5,1.0,1.1\n1,0.75,0.5,NA\n".replace(",", separator)
    history = read(tmp_path, text)
    assert history["epoch"].tolist() == [1, 2]
    assert history["accuracy"].tolist() == [0.5, 0.75]
    assert math.isnan(history["val_loss"].iloc[1])


def test_an_epoch_trained_twice_counts_as_it_was_last(tmp_path):
    history = read(tmp_path, "epoch,loss\n0,3.0\n1,2.0\n1,1.5\n2,1.0\n")
    assert history["epoch"].tolist() == [1, 2, 3]
    assert history["loss"].tolist() == [3.0, 1.5, 1.0]


def test_a_torn_last_line_costs_only_what_it_lacks(tmp_path):
    history = read(tmp_path, "epoch,loss,val_loss\n1,0.5,0.6\n2,0.4\n")
    assert history["loss"].tolist() == [0.5, 0.4]
    assert math.isnan(history["val_loss"].iloc[1])


@pytest.mark.parametrize("text", ["", "epoch,loss\n"])
def test_no_epoch_is_no_rows(tmp_path, text):
    assert len(read(tmp_path, text)) == 0


def test_another_file_is_refused_by_its_name(tmp_path):
    with pytest.raises(ReportError, match=r"history\.csv is no training history"):
        read(tmp_path, "step,loss\n1,2\n")


def test_the_accuracy_may_have_another_name(tmp_path):
    history = read(tmp_path, "epoch,loss,sparse_categorical_accuracy\n1,2,3\n")
    assert accuracy_name(history) == "sparse_categorical_accuracy"


@pytest.mark.parametrize(
    "text",
    [
        "epoch,loss,val_loss\n1,0.25,\n2,nan,0.5\n3,inf,1e-3\n",
        "epoch,loss\n0,0.25\n1,0.125\n",
        "epoch,loss\n2,0.25\n1,0.125\n2,0.0625\n",
        "epoch,loss\n1,fine\n2,0.125\n",
        "epoch, loss\n1, 0.25\n",
    ],
)
def test_a_table_is_read_as_pandas_reads_it(tmp_path, text):
    path = tmp_path / "history.csv"
    path.write_text(text)
    table = pd.read_csv(path, skipinitialspace=True)
    pd.testing.assert_frame_equal(read_history(path), tidy_history(table))
