import json

import pytest

from trickbook.runs.errors import ReportError
from trickbook.runs.run_folder import read_run, read_runs


def write(folder, **run):
    folder.mkdir(parents=True)
    (folder / "run.json").write_text(json.dumps(run))


def test_runs_one_and_two_folders_below_are_found_in_order(tmp_path):
    write(tmp_path / "z", name="b", seed=10, status="done")
    write(tmp_path / "runs" / "y", name="b", seed=9, status="failed", reason="NaN")
    write(tmp_path / "runs" / "x", name="a", status="running")
    write(tmp_path / "too" / "far" / "below", name="c")
    runs = read_runs(tmp_path)
    assert [(run.name, run.seed) for run in runs] == [("a", None), ("b", 9), ("b", 10)]
    assert [run.status for run in runs] == ["running", "failed", "done"]
    assert runs[1].reason == "NaN"


def test_what_a_run_lacks_is_empty(tmp_path):
    write(tmp_path / "x", status="done")
    run = read_run(tmp_path / "x")
    assert run.name == "x"
    assert run.metrics == {}
    assert len(run.history) == 0


def test_a_run_json_that_cannot_be_parsed_is_named(tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "run.json").write_text('{"name"')
    with pytest.raises(ReportError, match=r"x/run\.json cannot be read as JSON"):
        read_runs(tmp_path)


def test_a_folder_without_run_json_is_named(tmp_path):
    with pytest.raises(ReportError, match=r"no run\.json in"):
        read_run(tmp_path)
