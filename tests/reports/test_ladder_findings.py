"""What is read of a rung's curves, by the task of its ladder."""

import json

import numpy as np
import pandas as pd
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.diagnosis.finding import Finding
from trickbook.reports.diagnosis.ladder_findings import read_rungs, short_budget
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
        run = json.loads((path / "run.json").read_text())
        (path / "run.json").write_text(json.dumps(run | {"task": TASK}))
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


def with_data(folder, **data):
    path = folder / "ladder.json"
    about = json.loads(path.read_text())
    path.write_text(json.dumps(about | {"data": about["data"] | data}))
    return read_run_set(folder)


def kinds(run_set):
    return [found[0].kind for found in read_rungs(run_set).values()]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"val": 10_000}, "over-fitting"),
        ({"val": 100}, "balanced"),
        # Of the first images alone, as curves are.
        ({"val": 10_000, "val_in_epochs": 100}, "balanced"),
    ],
)
def test_a_gap_counts_beyond_the_noise_of_the_images_that_it_is_measured_on(tmp_path, data, kind):
    write_ladder(tmp_path, {"baseline": [0.93]}, train={"baseline": 0.99})
    assert kinds(with_data(tmp_path, **data)) == [kind]


@pytest.mark.parametrize(("classes", "is_told"), [(["a", "b"], True), (list("abcdefghij"), False)])
def test_what_is_little_better_than_guessing_hangs_on_the_number_of_classes(
    tmp_path, classes, is_told
):
    write_ladder(tmp_path, {"baseline": [0.52]}, train={"baseline": 0.52})
    (found, *_) = read_rungs(with_data(tmp_path, classes=classes))["00-baseline"]
    assert found.kind == "under-fitting"
    assert ("learnt hardly anything" in found.advice) == is_told


def test_where_weights_of_another_epoch_were_kept_curves_are_read_to_their_own_end(tmp_path):
    write_ladder(tmp_path, {"baseline": [0.70]}, train={"baseline": 0.97})
    (path,) = tmp_path.glob("runs/*/metrics.json")
    kept = json.loads(path.read_text()) | {"train_accuracy": 0.80}
    for more, told in (({}, "train 0.80"), ({"restored_epoch": 3}, "train 0.97")):
        path.write_text(json.dumps(kept | more))
        ((found, *_),) = read_rungs(with_data(tmp_path, val_in_epochs=100)).values()
        assert told in str(found)


@pytest.mark.parametrize(
    ("val", "figures", "is_told"),
    [
        (36_000, [0.52, 0.505], True),
        # Within a standard error of an accuracy on so few images, within a point, or no fall.
        (360, [0.52, 0.505], False),
        (36_000, [0.52, 0.515], False),
        (36_000, [0.505, 0.52], False),
    ],
)
def test_a_budget_is_too_short_where_the_ladder_falls_by_more_than_chance(
    tmp_path, val, figures, is_told
):
    names = ("baseline", "noise")
    rungs = {name: [figure] for name, figure in zip(names, figures, strict=True)}
    write_ladder(tmp_path, rungs, train=dict.fromkeys(names, 0.55))
    run_set = with_data(tmp_path, val=val)
    assert bool(short_budget(run_set, read_rungs(run_set))) == is_told


@pytest.mark.parametrize(("train", "is_told"), [(0.6, True), (0.97, False)])
def test_what_jumps_wants_more_steps_only_while_it_is_not_fitted(tmp_path, train, is_told):
    write_ladder(tmp_path, {"baseline": [0.9], "noise": [0.8]}, train={"noise": train})
    jumps = {name: [Finding("oscillating", "It jumps.")] for name in ("00-baseline", "01-noise")}
    assert bool(short_budget(read_run_set(tmp_path), jumps)) == is_told


def test_curves_of_a_regression_hold_no_penalties(tmp_path):
    run_set = regression(tmp_path)
    assert overlay_metrics(run_set.rungs, run_set.deciding) == ["val_rmse", "val_mae"]
