"""What runs forgot of the data of the run that they started from, on folders written by hand."""

import json

import numpy as np
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.analysis.forgotten import started_arms
from trickbook.reports.pages.warm_start_facts import warm_start_part
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.two_sources import difference
from trickbook.runs.predictions_file import write_predictions
from trickbook.runs.run_file import WARM_START


@pytest.mark.parametrize("metric", ["accuracy", "mae"])
def test_the_change_is_above_zero_where_old_examples_are_told_better(tmp_path, metric):
    write_ladder(tmp_path, {"baseline": [0.7, 0.7], "warm_start": [0.8, 0.8]})
    draws, truth, before = np.random.default_rng(0), np.arange(30) % 2, []
    after = []
    for path in sorted(tmp_path.glob("runs/01-*")):
        (path / WARM_START).write_text(json.dumps({"run": "old"}))
        # The same network before, one of each seed after.
        was = np.random.default_rng(9).random(30) < 0.5
        now = draws.random(30) < 0.9
        before.append(was)
        after.append(now)
        told = {"val": truth, "old_before": truth + ~was, "old_after": truth + ~now}
        if metric == "accuracy":
            told = {split: np.eye(2)[value % 2] for split, value in told.items()}
        write_predictions(path, told, dict.fromkeys(told, truth))
    path = tmp_path / "ladder.json"
    task = {"metric": metric, "direction": "max" if metric == "accuracy" else "min"}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    (started,) = started_arms(read_run_set(tmp_path))
    # Wrong by one each: the error is 1 less the accuracy.
    expected = difference(np.array(after, float), np.array(before, float))
    found = started.change
    ends = (expected.mean, expected.low, expected.high)
    assert (found.mean, found.low, found.high) == pytest.approx(ends)
    assert found.low > 0
    kept = np.mean(before) if metric == "accuracy" else 1 - np.mean(before)
    assert started.before.mean == pytest.approx(kept)


@pytest.mark.parametrize("seen", [0, 4])
def test_old_examples_that_are_trained_on_again_are_said_to_flatter(tmp_path, seen):
    folder = write_ladder(tmp_path, {"baseline": [0.7], "warm_start": [0.8]})
    (path,) = tmp_path.glob("runs/01-*")
    start = {"run": "old", "weights": "f" * 64, "taken": ["a"], "fresh": {}, "keeps_scaling": True}
    start["old"] = {"name": "mine", "examples": 30, "seen": seen}
    (path / WARM_START).write_text(json.dumps(start))
    (part,) = warm_start_part(read_run_set(folder))
    told = "4 of the 30 old examples are among the new training ones, which flatters what was kept."
    assert (told in part.texts) == (seen > 0)
