"""What a report says of runs that are judged by several views of each image, too."""

import json

import pandas as pd
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.pages.tables import ladder_frame
from trickbook.reports.read.run_set import read_run_set

TITLE = "## Several views of each image"


def with_views(folder, gains):
    """Runs of the second rung that tell figures over views, so much better than their own."""
    paths = [path for path in sorted(folder.glob("runs/*")) if "/01-run" in str(path)]
    for path, gain in zip(paths, gains, strict=True):
        metrics = json.loads((path / "metrics.json").read_text())
        plain = {split: metrics[f"{split}_accuracy"] for split in ("val", "test")}
        told = {f"{split}_accuracy_with_views": plain[split] + gain for split in plain}
        (path / "metrics.json").write_text(json.dumps(metrics | told))


def test_they_stand_beside_the_plain_figures(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.80, 0.81, 0.82], "views": [0.84, 0.86, 0.85]})
    with_views(folder, [0.010, 0.016, 0.013])
    write_study(folder, "ladder")
    section = (folder / "report.md").read_text().split(TITLE)[1].split("\n## ")[0]
    # The mean is 0.013; t of two degrees of freedom is 4.303, the standard error 0.003 / sqrt(3).
    assert section.count(r"+0.013 \[+0.006, +0.020\]") == 2
    assert "0.850 ± 0.010" in section
    assert "0.863 ± 0.013" in section
    assert "01-views" in section
    assert "00-baseline" not in section
    assert "Several views of each image" in (folder / "report.html").read_text()
    row = pd.read_csv(folder / "ladder.csv").iloc[1]
    found = [row[f"views_gain{end}"] for end in ("", "_low", "_high")]
    assert found == pytest.approx([0.013, 0.00555, 0.02045], abs=1e-5)


def test_runs_without_a_ladder_have_them_too(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.80, 0.81, 0.82], "views": [0.84, 0.86, 0.85]})
    with_views(folder, [0.010, 0.016, 0.013])
    section = write_report(folder / "runs").markdown.split(TITLE)[1].split("\n## ")[0]
    assert "| run |" in section
    assert section.count(r"+0.013 \[+0.006, +0.020\]") == 2
    assert "00-baseline" not in section


def test_where_no_run_has_any_nothing_is_said(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8], "other": [0.82]})
    write_study(folder, "ladder")
    assert TITLE not in (folder / "report.md").read_text()
    assert "views_gain" not in pd.read_csv(folder / "ladder.csv")


def test_a_figure_that_is_no_number_is_left_out(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.80, 0.81, 0.82], "views": [0.84, 0.86, 0.85]})
    with_views(folder, [0.010, 0.016, 0.013])
    path = next(folder.glob("runs/01-run-*0002*/metrics.json"))
    path.write_text(json.dumps(json.loads(path.read_text()) | {"val_accuracy_with_views": None}))
    write_study(folder, "ladder")
    gain = pd.read_csv(folder / "ladder.csv")["views_gain"][1]
    assert gain == pytest.approx((0.010 + 0.016) / 2)


def test_an_error_that_falls_over_views_is_a_gain(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [60.0, 61.0], "views": [55.0, 57.0]})
    with_views(folder, [-1.0, -2.0])
    task = {"name": "regression", "metric": "rmse", "direction": "min"}
    for path in (folder / "ladder.json", *folder.glob("runs/*/run.json")):
        path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    for path in folder.glob("runs/*/metrics.json"):
        path.write_text(path.read_text().replace("_accuracy", "_rmse"))
    assert ladder_frame(read_run_set(folder))["views_gain"][1] == pytest.approx(1.5)
