"""`trickbook compare`: studies of several folders, paired where they pair."""

import json

import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.reports.analysis.side_by_side import arms_by_name, read_side_by_side
from trickbook.reports.pages.side_by_side_page import gather_side_by_side
from trickbook.reports.read.run_set import read_run_set
from trickbook.runs.errors import ReportError

DATA = {"name": "digits", "train": 200, "val": 360, "split_seed": 0, "fingerprint": "d1"}
FIRST = {"baseline": [0.80, 0.81, 0.79], "noise": [0.850, 0.865, 0.840], "wider": [0.9, 0.9, 0.9]}
SECOND = {"baseline": [0.84, 0.86, 0.84], "noise": [0.845, 0.865, 0.850], "dropout": [0.9] * 3}


def study(folder, rungs, data=None, blueprint=None, **details):
    """A ladder whose runs say on which data and with which blueprint they were trained."""
    write_ladder(folder, rungs)
    blueprint = {"epochs": 12, "batch_size": 16, "learning_rate": 0.001} | (blueprint or {})
    for path in folder.glob("runs/*/run.json"):
        run = json.loads(path.read_text())
        run["fingerprint"] += folder.name
        run |= {"data": DATA | (data or {}), "blueprint": blueprint} | details
        path.write_text(json.dumps(run))
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder["data"] |= DATA | (data or {})
    for rung in ladder["rungs"]:
        prints = rung["fingerprints"].items()
        rung["fingerprints"] = {seed: print_ + folder.name for seed, print_ in prints}
    (folder / "ladder.json").write_text(json.dumps(ladder))
    return folder


def told(first, second):
    (facts,) = gather_side_by_side([str(first), str(second)])
    return facts


def rows(table):
    return {row[0]: row[1:] for row in table.rows}


def test_arms_that_pair_get_a_difference_by_seed(tmp_path):
    first = study(tmp_path / "a", FIRST)
    second = study(tmp_path / "b", SECOND, blueprint={"learning_rate": 0.003})
    facts = told(first, second)
    figures, differences = (rows(table) for table in facts.tables)
    assert list(figures) == ["baseline", "noise", "wider", "dropout"]
    assert figures["wider"] == ["0.900 ± 0.000 (3 runs)", "–"]
    found = stats.ttest_rel(SECOND["baseline"], FIRST["baseline"])
    interval = found.confidence_interval(0.95)
    assert differences["baseline"] == [
        f"+0.047 [{interval.low:+.3f}, {interval.high:+.3f}]",
        "better",
        "3",
    ]
    assert differences["noise"][1] == "undecided"
    assert differences["wider"] == differences["dropout"] == ["–", "not in both", "–"]
    assert any("blueprint of every arm: learning_rate: 0.001 -> 0.003" in x for x in facts.differs)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"data": {"fingerprint": "d2"}}, "data: other content or another split of digits"),
        ({"data": {"fingerprint": "d2", "train": 400}}, "data: train 200 and 400"),
        ({"data": {"fingerprint": None}}, "data: not recorded"),
        ({"blueprint": {"epochs": 40}}, "budget: epochs 12 and 40"),
        ({"blueprint": {"batch_size": 32}}, "budget: batch size 16 and 32"),
        ({"task": {"metric": "rmse", "direction": "min"}}, "decided by: accuracy and rmse"),
    ],
)
def test_what_does_not_pair_is_refused_and_named(tmp_path, change, reason):
    facts = told(study(tmp_path / "a", FIRST), study(tmp_path / "b", SECOND, **change))
    difference, verdict, seeds = rows(facts.tables[1])["baseline"]
    assert (difference, verdict, seeds) == ("–", "not paired", "–")
    assert f"no arm is paired: {reason}." in facts.differs[0]
    assert sum(reason in text for text in facts.differs) == 1


def test_arms_that_do_not_pair_for_reasons_of_their_own_tell_them(tmp_path):
    first = study(tmp_path / "a", {"baseline": [0.8, 0.7], "noise": [0.8, None]})
    second = study(tmp_path / "b", {"baseline": [0.8, 0.7], "noise": [None, 0.9]})
    differences = rows(told(first, second).tables[1])
    assert differences["noise"][1] == "not paired: no seed is done in both"
    assert differences["baseline"][1] in ("undecided", "the same runs")


def test_without_a_seed_in_common_nothing_pairs(tmp_path):
    first = study(tmp_path / "a", {"baseline": [0.8, None, None]})
    second = study(tmp_path / "b", {"baseline": [None, 0.8, 0.7]})
    found = told(first, second)
    assert rows(found.tables[1])["baseline"][1] == "not paired"
    assert "no arm is paired: no seed is done in both" in found.differs[0]


def test_each_later_folder_is_compared_with_the_first_and_all_are_one_family(tmp_path):
    first, second = study(tmp_path / "a", FIRST), study(tmp_path / "b", SECOND)
    third = study(tmp_path / "c", {"baseline": [0.75, 0.77, 0.74]})
    (facts,) = gather_side_by_side(list(map(str, (first, second, third))))
    _, of_second, of_third = (rows(table) for table in facts.tables)
    assert of_second["baseline"][0].startswith("+0.047 [")
    assert of_third["baseline"][0].startswith("-0.047 [")
    assert of_third["noise"] == ["–", "not in both", "–"]
    (found,) = read_side_by_side([first, second, third])
    judged = {key: pair.judgement for key, pair in found.pairs().items() if pair.judgement}
    assert set(judged) == {(1, "baseline"), (1, "noise"), (2, "baseline")}
    smallest = min(judged.values(), key=lambda one: one.difference.p)
    assert smallest.verdict.p == pytest.approx(3 * smallest.difference.p)


def test_the_looks_of_a_study_are_not_those_of_the_comparison_with_another(tmp_path):
    first, second = study(tmp_path / "a", FIRST), study(tmp_path / "b", SECOND)
    for folder in (first, second):
        path = folder / "ladder.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"looks": [3, 8]}))
    # At a first look of two it would have to be far below 5 %.
    assert rows(told(first, second).tables[1])["baseline"][1] == "better"


def test_software_that_differs_is_named_and_the_same_runs_are_told(tmp_path):
    first = study(tmp_path / "a", FIRST)
    other = study(tmp_path / "b", FIRST, backend="jax")
    assert f"{other} against {first}: backend tensorflow and jax." in told(first, other).differs
    again = told(first, first)
    assert {row[1] for row in rows(again.tables[1]).values()} == {"the same runs"}
    assert again.differs == [f"{first} against {first}: nothing that is recorded."]


def test_a_gpu_on_one_side_is_named_where_both_tell(tmp_path):
    first, second = (
        study(tmp_path / name, FIRST, machine={"accelerator": accelerator})
        for name, accelerator in (("a", None), ("b", "NVIDIA H100"))
    )
    said = f"{second} against {first}: accelerator none and NVIDIA H100."
    assert said in told(first, second).differs
    silent = study(tmp_path / "c", FIRST)
    assert not any("accelerator" in text for text in told(silent, second).differs)


def test_other_runs_without_validation_figures_are_not_called_the_same(tmp_path):
    first, second = study(tmp_path / "a", FIRST), study(tmp_path / "b", FIRST)
    for path in (*first.glob("runs/*/*.*"), *second.glob("runs/*/*.*")):
        path.write_text(path.read_text().replace("val_", "other_"))
    differences = rows(told(first, second).tables[1])
    assert {row[1] for row in differences.values()} == {"no validation figures"}


def test_an_arm_that_stands_twice_is_numbered(tmp_path):
    run_set = read_run_set(write_ladder(tmp_path, {"baseline": [0.8], "wider": [0.8]}))
    twice = run_set.rungs[1]
    run_set = type(run_set)(run_set.folder, (*run_set.rungs, twice), run_set.ladder)
    assert list(arms_by_name(run_set)) == ["baseline", "wider", "wider#2"]


def test_folders_without_a_study_in_common_are_refused(tmp_path):
    first, second = study(tmp_path / "a", FIRST), study(tmp_path / "b", SECOND)
    with pytest.raises(ReportError, match="two folders or more"):
        read_side_by_side([first])
    ladder = (second / "ladder.json").read_text()
    for name in ("ablation", "sweep-rate"):
        (second / f"{name}.json").write_text(ladder)
    (second / "ladder.json").unlink()
    with pytest.raises(ReportError, match=r"no study in common.*ablation, sweep-rate"):
        read_side_by_side([first, second])


def test_the_command_prints_the_tables_and_writes_a_page(command, tmp_path):
    study(tmp_path / "a", FIRST)
    study(tmp_path / "b", SECOND)
    result = command("compare", "a", "b", "--out", "both.md", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    assert "b against a; above zero is better" in result.stdout
    page = (tmp_path / "both.md").read_text()
    assert "| baseline | +0.047" in page and "## What differs" in page
    refused = command("compare", "a", "b", "--out", "both.txt", cwd=tmp_path)
    assert refused.returncode == 2 and "ends in .md" in refused.stderr
    missing = command("compare", "a", "nowhere", cwd=tmp_path)
    assert missing.returncode == 2 and "nowhere" in missing.stderr
