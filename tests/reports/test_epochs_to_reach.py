"""How many epochs a rung takes to be where the first one ends."""

import json
import math

import pandas as pd
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.analysis.epochs_to_reach import end_levels, epochs_to_reach
from trickbook.reports.pages.report import write_report
from trickbook.reports.read.run_set import read_run_set

COLUMN = "reached in"
BASELINE = [0.1, 0.5, 0.6, 0.7, 0.75, 0.7, 0.8, 0.8]
CURVES = {
    # Of eight epochs the last eighth is one: 0.8, and 0.7 with the other seed.
    "baseline": [BASELINE, [*BASELINE[:-1], 0.7]],
    "batch_norm": [[0.4, 0.8, *[0.9] * 6], [0.3, 0.69, 0.69, 0.71, *[0.5] * 4]],
    "dropout": [[0.1] * 7 + [0.8], [0.1] * 8],
    "l2": [[0.1] * 8, [0.2] * 8],
}


def write(folder, curves, sign=1):
    write_ladder(folder, {name: [0.8, 0.9] for name in curves})
    for index, runs in enumerate(curves.values()):
        for seed, values in enumerate(runs):
            run = folder / "runs" / f"{index:02d}-run-{index:04d}{seed:04d}"
            table = {"epoch": range(1, 9), "val_accuracy": values, "val_rmse": [-v for v in values]}
            pd.DataFrame(table).to_csv(run / "history.csv", index=False)
    if sign < 0:
        path = folder / "ladder.json"
        task = {"name": "regression", "metric": "rmse", "direction": "min"}
        path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    return read_run_set(folder)


@pytest.mark.parametrize("sign", [1, -1])
def test_it_is_the_first_epoch_at_the_end_of_the_first_rungs_curves(tmp_path, sign):
    run_set = write(tmp_path, CURVES, sign)
    levels = end_levels(run_set)
    assert levels == pytest.approx({0: sign * 0.8, 1: sign * 0.7})
    found = [epochs_to_reach(rung, levels, run_set.deciding) for rung in run_set.rungs]
    assert found == [[7, 4], [2, 4], [8, math.inf], [math.inf, math.inf]]
    # Where the first rung has no run of a seed there is nothing to reach.
    assert epochs_to_reach(run_set.rungs[1], {1: levels[1]}, run_set.deciding) == [4]


def test_table_and_page_tell_who_gets_there(tmp_path):
    write(tmp_path, CURVES)
    report = write_report(tmp_path)
    assert report.frame["epochs_to_first"].fillna(-1).tolist() == [5.5, 3, -1, -1]
    lines = [line.split("|") for line in report.markdown.splitlines()]
    start = next(place for place, cells in enumerate(lines) if f" {COLUMN} " in cells)
    place = lines[start].index(f" {COLUMN} ")
    told = [cells[place].strip() for cells in lines[start + 2 : start + 2 + len(CURVES)]]
    assert told == ["4 to 7", "2 to 4", "8 (1 of 2)", "never"]
