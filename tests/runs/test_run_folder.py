import json

import pytest

from trickbook.runs.errors import DamagedRunWarning, ReportError
from trickbook.runs.run_file import read_status
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


@pytest.mark.parametrize(
    "text",
    ['{"name"', "[1]", "[" * 100_000],
    ids=["cut off", "a list", "nested"],
)
def test_a_run_json_that_cannot_be_read_is_named_and_left_out(tmp_path, text):
    write(tmp_path / "x", name="whole", status="done")
    (tmp_path / "y").mkdir()
    (tmp_path / "y" / "run.json").write_text(text)
    with pytest.raises(ReportError, match=r"y/run\.json "):
        read_run(tmp_path / "y")
    with pytest.warns(DamagedRunWarning, match=r"y/run\.json .* Its run is left out"):
        runs = read_runs(tmp_path)
    assert [run.name for run in runs] == ["whole"]
    assert read_status(tmp_path / "y", "any") is None


def test_a_run_json_that_cannot_be_opened_is_named_and_left_out(tmp_path):
    write(tmp_path / "x", name="whole", status="done")
    (tmp_path / "y" / "run.json").mkdir(parents=True)
    with pytest.warns(DamagedRunWarning, match=r"y/run\.json .*directory.* Its run is left out"):
        assert [run.name for run in read_runs(tmp_path)] == ["whole"]


@pytest.mark.parametrize("seed", ["0", 0.5, True, [0]], ids=str)
def test_a_seed_that_is_no_whole_number_is_named_and_its_run_left_out(tmp_path, seed):
    write(tmp_path / "x", name="a", seed=0, status="done")
    write(tmp_path / "y", name="a", seed=seed, status="done")
    with pytest.warns(DamagedRunWarning, match=r"y/run\.json has the seed .* is left out"):
        assert [run.seed for run in read_runs(tmp_path)] == [0]


@pytest.mark.parametrize("text", ['{"val', None])
def test_a_run_that_is_done_without_its_figures_is_trained_again(tmp_path, text):
    write(tmp_path / "x", status="done", fingerprint="f")
    (tmp_path / "x" / "metrics.json").write_text("{}")
    assert read_status(tmp_path / "x", "f") == "done"
    (tmp_path / "x" / "metrics.json").unlink()
    if text is not None:
        (tmp_path / "x" / "metrics.json").write_text(text)
    assert read_status(tmp_path / "x", "f") is None
    assert read_status(tmp_path / "x", "other") is None


def test_a_run_that_left_the_test_set_unread_is_trained_again_where_it_is_asked_for(tmp_path):
    for name, more in (
        ("read", {"test_read": True}),
        ("unread", {"test_read": False}),
        ("old", {}),
    ):
        write(tmp_path / name, status="done", fingerprint="f", **more)
        (tmp_path / name / "metrics.json").write_text("{}")
        asked = None if name == "unread" else "done"
        assert read_status(tmp_path / name, "f", tested=True) == asked
        assert read_status(tmp_path / name, "f") == "done"
    write(tmp_path / "failed", status="failed", fingerprint="f", test_read=False)
    assert read_status(tmp_path / "failed", "f", tested=True) == "failed"


def test_a_history_that_cannot_be_read_is_named_and_counts_as_none(tmp_path):
    write(tmp_path / "x", status="done")
    (tmp_path / "x" / "history.csv").write_text('epoch,"loss\n1,2,3')
    with pytest.warns(DamagedRunWarning, match=r"x/history\.csv .* Its curve is left out"):
        assert len(read_run(tmp_path / "x").history) == 0


def test_a_folder_without_run_json_is_named(tmp_path):
    with pytest.raises(ReportError, match=r"no run\.json in"):
        read_run(tmp_path)
