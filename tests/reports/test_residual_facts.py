"""What a report says of predicted numbers: on which side they err, and by how much."""

import json

import numpy as np
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.figures.residual_figure import residual_figure
from trickbook.reports.pages.residual_facts import residual_parts
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.predictions_file import write_predictions


@pytest.mark.parametrize(("shift", "side"), [(-5.0, "low"), (5.0, "high")])
def test_predictions_are_said_to_be_too_low_where_targets_lie_above_them(tmp_path, shift, side):
    write_ladder(tmp_path, {"baseline": [20.0, 21.0]})
    path = tmp_path / "ladder.json"
    task = {"name": "regression", "metric": "rmse", "direction": "min"}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    targets, spread = np.arange(5.0), np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    for path in tmp_path.glob("runs/*"):
        for name in ("run.json", "metrics.json"):
            text = (path / name).read_text().replace("_accuracy", "_rmse")
            more = {"task": task} if name == "run.json" else {}
            (path / name).write_text(json.dumps(json.loads(text) | more))
        write_predictions(path, {"val": targets + shift - spread}, {"val": targets})
    (part,) = residual_parts(read_run_set(tmp_path))
    mean = -shift
    assert part.texts == [
        f"Over 2 runs the mean residual is {mean:+.3g}, so predictions are too {side} by that "
        f"much; half of the residuals lie between {mean - 1:+.3g} and {mean + 1:+.3g}."
    ]


@pytest.mark.drawn
def test_the_picture_shows_targets_less_predictions_over_predictions():
    (axes,) = residual_figure(np.array([1.0, 2.0]), np.array([1.5, 5.0]), "title").axes
    assert axes.collections[0].get_offsets().tolist() == [[1.0, 0.5], [2.0, 3.0]]
