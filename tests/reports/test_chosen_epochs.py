"""What a report says of runs that end with the weights of a chosen epoch."""

import json

import pandas as pd
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.pages.study_report import write_all, write_study
from trickbook.reports.read.run_set import read_run_set

ARMS = {"baseline": [0.80, 0.81, 0.82], "early_stopping": [0.84, 0.86, 0.85]}
FLATTERY = [0.010, 0.016, 0.013]
EPOCHS = [8, 12, 10]


@pytest.fixture
def stopped(tmp_path):
    """A ladder whose second rung stopped after other numbers of epochs with each seed."""
    write_ladder(tmp_path, ARMS)
    folders = [folder for folder in sorted(tmp_path.glob("runs/*")) if "/01-run" in str(folder)]
    for folder, flattery, epochs in zip(folders, FLATTERY, EPOCHS, strict=True):
        metrics = json.loads((folder / "metrics.json").read_text())
        metrics |= {"flattery": flattery, "restored_epoch": epochs - 3, "epochs": epochs}
        (folder / "metrics.json").write_text(json.dumps(metrics))
        table = pd.read_csv(folder / "history.csv")
        table.head(epochs).to_csv(folder / "history.csv", index=False)
    return tmp_path


def section_of(folder, page):
    text = (folder / f"{page}.md").read_text()
    assert text.count("## The choice of the epoch") == 1
    return text.split("## The choice of the epoch")[1].split("\n## ")[0]


def test_beside_the_figures_stands_how_much_the_choice_flatters(stopped):
    write_study(stopped, "ladder")
    section = section_of(stopped, "report")
    # 0.013 is the mean, t of two degrees of freedom is 4.303, the standard error 0.003 / sqrt(3).
    assert r"| +0.013 \[+0.006, +0.020\] | 5 to 9 | 8 to 12 |" in section
    assert "01-early_stopping" in section
    assert "00-baseline" not in section
    assert "By up to 1.3 points here" in section
    # By which metric is the callback's: cross-entropy, RMSE, or the user's.
    assert "the epoch that was best on the validation examples, so that" in section
    html = (stopped / "report.html").read_text()
    assert "the test figures are not flattered" in html


def test_of_several_arms_the_largest_flattery_is_told(stopped):
    for folder in stopped.glob("runs/00-run*"):
        metrics = json.loads((folder / "metrics.json").read_text())
        told = json.dumps(metrics | {"flattery": 0.004, "restored_epoch": 2})
        (folder / "metrics.json").write_text(told)
    write_study(stopped, "ladder")
    assert "By up to 1.3 points here" in section_of(stopped, "report")


def test_so_it_is_in_another_study(stopped):
    content = json.loads((stopped / "ladder.json").read_text())
    points = [{"arm": arm, "rung": "a", "values": {"rate": 0.1 * arm}} for arm in range(2)]
    axis = {"name": "rate", "log": False, "low": 0.0, "high": None, "own": {}}
    content |= {"kind": "sweep", "details": {"axes": [axis], "draws": None, "points": points}}
    (stopped / "ladder.json").rename(stopped / "sweep-rate.json")
    (stopped / "sweep-rate.json").write_text(json.dumps(content))
    write_all(stopped)
    assert r"| +0.013 \[+0.006, +0.020\] |" in section_of(stopped, "sweep-rate")


def test_where_no_run_chose_an_epoch_nothing_is_said(tmp_path):
    write_study(write_ladder(tmp_path, ARMS), "ladder")
    assert "choice of the epoch" not in (tmp_path / "report.md").read_text()


def test_where_it_was_not_measured_that_is_said(stopped):
    for file in stopped.glob("runs/*/metrics.json"):
        metrics = json.loads(file.read_text())
        metrics.pop("flattery", None)
        file.write_text(json.dumps(metrics))
    write_study(stopped, "ladder")
    section = section_of(stopped, "report")
    assert "By how much was not measured." in section
    assert "flattered by" not in section


def test_the_epochs_and_times_are_those_that_were_trained(stopped):
    (rung,) = (rung for rung in read_run_set(stopped).rungs if rung.index == 1)
    assert rung.values("epochs") == EPOCHS
    row = write_study(stopped, "ladder").frame.set_index("rung").loc[1]
    assert row["epochs"] == 10


def test_a_flattery_that_is_no_number_is_left_out(stopped):
    file = sorted(stopped.glob("runs/01-run*/metrics.json"))[2]
    file.write_text(json.dumps(json.loads(file.read_text()) | {"flattery": None}))
    write_study(stopped, "ladder")
    # 0.013 is the mean of the first two.
    assert "| +0.013 " in section_of(stopped, "report")
