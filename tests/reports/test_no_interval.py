"""Why a difference has no interval: one seed, the same in every seed, or nothing to compare."""

import json
import math

import pandas as pd
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.pages.study_report import write_study

ONE_SEED = "One seed gives no interval"
ALIKE = "The difference is the same in every seed, which gives no interval"
LOW, HIGH = [0.75, 0.5, 0.625], [0.875, 0.625, 0.75]


def sweep(folder, rungs):
    points = [{"arm": arm, "rung": "a", "values": {"rate": 0.1 * arm}} for arm in range(len(rungs))]
    axis = {"name": "rate", "log": False, "low": 0.0, "high": None, "own": {}}
    return study(folder, rungs, "sweep", {"axes": [axis], "draws": None, "points": points})


def ablation(folder, rungs):
    """One trick, in the ladder as it is alone, and left out."""
    trick = {"name": "a", "rung": 1, "alone": 1, "without": 0, "refused": []}
    return study(folder, rungs, "ablation", {"baseline": 0, "full": 1, "tricks": [trick]})


def ladder(folder, rungs):
    write_ladder(folder, rungs)
    return write_study(folder, "ladder").markdown


def study(folder, rungs, kind, details):
    write_ladder(folder, rungs)
    content = json.loads((folder / "ladder.json").read_text()) | {"kind": kind, "details": details}
    name = {"sweep": "sweep-a"}.get(kind, kind)
    (folder / "ladder.json").rename(folder / f"{name}.json")
    (folder / f"{name}.json").write_text(json.dumps(content))
    return write_study(folder, name).markdown


@pytest.mark.parametrize("page_of", [sweep, ablation, ladder])
def test_one_seed_is_said_where_there_is_one(tmp_path, page_of):
    page = page_of(tmp_path, {"low": LOW[:1], "high": HIGH[:1]})
    assert ONE_SEED in page
    assert "add --seeds 3" in page


@pytest.mark.parametrize("page_of", [sweep, ablation, ladder])
def test_what_is_the_same_in_every_seed_is_not_said_to_be_one_seed(tmp_path, page_of):
    page = page_of(tmp_path, {"low": LOW, "high": HIGH})
    assert ALIKE in page
    assert ONE_SEED not in page


def test_what_is_the_same_in_every_seed_has_no_interval_in_the_table(tmp_path):
    ladder(tmp_path, {"low": LOW, "high": HIGH})
    (row,) = pd.read_csv(tmp_path / "ladder.csv").dropna(subset="delta").to_dict("records")
    assert row["delta"] == 0.125
    assert math.isnan(row["delta_low"]) and math.isnan(row["delta_high"])


@pytest.mark.parametrize("page_of", [ablation, ladder])
def test_where_one_of_three_seeds_is_left_no_more_are_asked_for(tmp_path, page_of):
    page = page_of(tmp_path, {"low": LOW, "high": [HIGH[0], "failed", "failed"]})
    assert "Fewer than two seeds are done in both of what is compared" in page
    assert "add --seeds 3" not in page


def test_a_best_value_beside_failed_ones_has_nothing_to_be_compared_with(tmp_path):
    page = sweep(tmp_path, {"low": LOW, "high": [HIGH[0], "failed", HIGH[2]]})
    assert "No other value can be compared with it." in page
    assert ONE_SEED not in page


@pytest.mark.parametrize("seeds", [1, 3])
def test_an_ablation_in_which_nothing_could_be_tested_says_nothing_of_chance(tmp_path, seeds):
    page = ablation(tmp_path, {"low": LOW[:seeds], "high": HIGH[:seeds]})
    assert "beyond chance" not in page.split("## ")[0]
    (row,) = [line for line in page.splitlines() if line.startswith("| a |")]
    assert row.endswith("| – |")
