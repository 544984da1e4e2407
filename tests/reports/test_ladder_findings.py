"""What is read of a rung's curves, by the task of its ladder."""

import json

import numpy as np
import pandas as pd
from ladder_on_disk import write_ladder

from trickbook.reports.diagnosis.ladder_findings import read_rungs
from trickbook.reports.figures.overlay_figure import overlay_metrics
from trickbook.reports.figures.pictures import draw_overlay
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set

TASK = {"name": "regression", "metric": "rmse", "direction": "min"}


def regression(folder):
    """A ladder of one rung whose L2 penalty, a part of its losses alone, still falls at the end."""
    write_ladder(folder, {"baseline": [0.5, 0.6]})
    epochs = np.arange(1, 41)
    val = 50 + 50 * np.exp(-epochs / 3.0)
    for path in (folder / "runs").iterdir():
        running, penalty = val - 1, 5 - 0.1 * epochs
        history = pd.DataFrame({"epoch": epochs, "seconds": epochs})
        for prefix, errors in (("", running), ("val_", val), ("train_clean_", val - 2)):
            history[f"{prefix}rmse"], history[f"{prefix}mae"] = errors, 0.8 * errors
            history[f"{prefix}loss"] = (errors / 70) ** 2
        history["loss"] += penalty
        history["val_loss"] += penalty
        history.to_csv(path / "history.csv", index=False)
        (path / "metrics.json").write_text(
            json.dumps({"train_rmse": val[-1] - 2, "val_rmse": val[-1], "epochs": 40})
        )
    about = json.loads((folder / "ladder.json").read_text())
    (folder / "ladder.json").write_text(json.dumps(about | {"task": TASK}))
    return read_run_set(folder)


def test_the_penalty_of_a_regressions_loss_is_no_over_fitting(tmp_path):
    ((finding,),) = read_rungs(regression(tmp_path)).values()
    assert finding.kind == "balanced"
    assert "train MSE 2.3e+03, val MSE 2.5e+03" in str(finding)


def test_where_curves_are_of_the_first_validation_images_nothing_else_is_read(tmp_path):
    write_ladder(tmp_path, {"baseline": [0.70, 0.72], "noise": [0.71, 0.72]})
    for path in (tmp_path / "runs").glob("*/metrics.json"):
        final = json.loads(path.read_text()) | {"val_accuracy": 0.55}  # on all of them
        path.write_text(json.dumps(final))
    (before, _) = read_rungs(read_run_set(tmp_path)).values()
    assert "val 0.55" in str(before[0])
    about = json.loads((tmp_path / "ladder.json").read_text())
    about["data"] |= {"val_in_epochs": 100, "val": 360}
    (tmp_path / "ladder.json").write_text(json.dumps(about))
    run_set = read_run_set(tmp_path)
    (after, _) = read_rungs(run_set).values()
    assert "val 0.71" in str(after[0])  # where the curves end
    told = "is measured on the first 100 images, the final figures in the tables on all 360."
    assert draw_overlay(run_set).note.endswith(told)
    page = write_study(tmp_path, "ladder").markdown
    assert f"{told} What is said of curves here is of those first ones." in page


def test_curves_of_a_regression_hold_no_penalties(tmp_path):
    run_set = regression(tmp_path)
    assert overlay_metrics(run_set.rungs, run_set.deciding) == ["val_rmse", "val_mae"]
