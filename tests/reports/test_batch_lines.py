"""What a picture shows of a batches.csv."""

import numpy as np
import pandas as pd
import pytest

from trickbook.reports.figures import batch_lines
from trickbook.reports.figures.plot_history import plot_history
from trickbook.reports.read.batch_rows import epoch_places, read_batches

LOSSES = [4.0, 3.0, 2.0, 1.5, 1.0, 0.5]
RATES = [0.1, 0.2, 0.4, 0.3, 0.2, 0.1]


def write_run(folder, epochs=2, **more):
    """Epochs of three batches each; of the batches there may be more than of the epochs."""
    folder.mkdir(exist_ok=True)
    rows = {"epoch": [1, 1, 1, 2, 2, 2], "learning_rate": RATES, "batch_loss": LOSSES} | more
    pd.DataFrame({"step": range(1, 7)} | rows).to_csv(folder / "batches.csv", index=False)
    history = {"epoch": [1, 2], "seconds": [3.0, 9.0], "step": [3, 6], "loss": [3.0, 1.0]}
    history["learning_rate"] = [0.1, 0.1]
    pd.DataFrame(history)[:epochs].to_csv(folder / "history.csv", index=False)
    return folder


def line(axes, label):
    return next(one for one in axes.lines if one.get_label() == label)


@pytest.mark.parametrize(
    ("x", "places"),
    [
        ("epoch", [1 / 3, 2 / 3, 1, 4 / 3, 5 / 3, 2]),
        ("step", [1, 2, 3, 4, 5, 6]),
        ("time", [1, 2, 3, 5, 7, 9]),
    ],
)
def test_loss_and_rate_of_each_batch_stand_where_it_ended(tmp_path, x, places):
    loss, rate = plot_history(write_run(tmp_path), x=x).axes
    assert line(loss, "batch loss").get_xdata() == pytest.approx(places)
    assert line(loss, "batch loss").get_ydata().tolist() == LOSSES
    assert rate.get_title() == "learning_rate"
    assert rate.lines[0].get_xdata() == pytest.approx(places)
    assert rate.lines[0].get_ydata().tolist() == RATES


def test_an_epoch_that_is_not_finished_is_as_long_as_the_one_before(tmp_path):
    run = write_run(tmp_path, epochs=1)
    batches = read_batches(run)[:4]
    assert epoch_places(batches, 1) == pytest.approx([1 / 3, 2 / 3, 1, 4 / 3])
    # By time it has no place yet.
    times = line(plot_history(run, x="time").axes[0], "batch loss").get_xdata()
    assert times[:3] == pytest.approx([1, 2, 3])
    assert np.isnan(times[3:]).all()


def test_many_batches_are_drawn_by_their_means(tmp_path, monkeypatch):
    monkeypatch.setattr(batch_lines, "MOST_POINTS", 2)
    loss, rate = plot_history(write_run(tmp_path, batch_loss=[1.0, np.inf, 3.0, 4, 5, 9])).axes
    drawn = line(loss, "loss of 3 batches")
    assert drawn.get_xydata().tolist() == [[1, 2], [2, 6]]
    assert rate.lines[0].get_xydata().tolist() == [[1, 0.4], [2, 0.1]]
    monkeypatch.setattr(batch_lines, "MOST_POINTS", 4)
    _, rate = plot_history(tmp_path).axes
    assert rate.lines[0].get_ydata().tolist() == [0.2, 0.3, 0.1]
    monkeypatch.setattr(batch_lines, "MOST_POINTS", 1)
    assert len(plot_history(tmp_path).axes) == 2


def test_beside_others_the_rates_of_batches_stay_and_beside_seeds_nothing(tmp_path):
    runs = [write_run(tmp_path / name) for name in "ab"]
    loss, rate = plot_history(runs).axes
    assert all(len(one.get_xdata()) < 6 for one in loss.lines)
    assert [len(one.get_xdata()) for one in rate.lines][:3:2] == [6, 6]
    seeds = plot_history({"a": runs}).axes
    assert [axes.get_title() for axes in seeds] == ["loss", "learning_rate"]
    assert all(len(one.get_xdata()) < 6 for one in seeds[0].lines)
    assert seeds[1].lines[0].get_ydata().tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("step,epoch,loss\n1,1,0.5\n2,1,0.2", 1),  # as a kill leaves it
        ("step,epoch,loss\n", None),
        ("", None),
        ("name,size\na,3\n", None),
    ],
)
def test_torn_empty_and_foreign_files(tmp_path, text, rows):
    (tmp_path / "batches.csv").write_text(text)
    found = read_batches(tmp_path)
    assert (None if found is None else len(found)) == rows
    assert read_batches(tmp_path / "nowhere") is None
