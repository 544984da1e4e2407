"""`trickbook report` on runs that no ladder made."""

import json

import pytest
from ladder_on_disk import write_ladder


def add_run(folder, name, **metrics):
    folder.mkdir()
    columns = ["epoch", "seconds", "learning_rate", *metrics]
    cells = [1, 0.5, 0.1, *metrics.values()]
    lines = [",".join(map(str, line)) for line in (columns, cells)]
    (folder / "history.csv").write_text("\n".join(lines))
    run = {"format": 1, "name": name, "status": "done", "reason": None, "seed": 0}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "metrics.json").write_text(json.dumps({"metrics": metrics}))


@pytest.mark.parametrize(
    ("metrics", "columns", "row"),
    [
        ({"loss": 281.25, "kl_loss": 0.5}, "run runs train loss", "mine 1 281.250"),
        ({"d_loss": 0.5, "g_loss": 0.75}, "run runs", "mine 1"),
        ({"loss": 2.0, "val_loss": 3.0}, "run runs val loss train loss", "mine 1 3.000 2.000"),
    ],
)
def test_runs_of_any_model_have_their_table(command, tmp_path, metrics, columns, row):
    add_run(tmp_path / "a", "mine", **metrics)
    result = command("report", ".", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    header, line, *_ = result.stdout.splitlines()
    assert (header.split(), line.split()) == (columns.split(), row.split())
    assert (tmp_path / "report.html").exists()


def test_a_single_run_is_told_where_its_study_is(command, tmp_path):
    folder = write_ladder(tmp_path / "out", {"baseline": [0.5]})
    (run,) = (folder / "runs").iterdir()
    add_run(tmp_path / "alone", "mine", loss=1.0)
    for given, study in ((run, folder), (tmp_path / "alone", tmp_path)):
        for form in ([], ["--format", "csv"]):
            result = command("report", given.name, *form, cwd=given.parent)
            assert result.returncode == 2
            said = " ".join(result.stderr.split())
            assert f"is the folder of a single run. Give that of its study: {study}" in said
            assert said.endswith(str(study))


def test_a_ladders_table_says_which_network_a_rung_brings(command, tmp_path):
    rungs = {"baseline": [0.5], "network": [0.6], "wider+network": [0.7]}
    folder = write_ladder(tmp_path / "out", rungs)
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder["rungs"][1]["name"] = "01-network-gru"
    (folder / "ladder.json").write_text(json.dumps(ladder))
    result = command("report", "out", cwd=tmp_path)
    assert [line.split()[1] for line in result.stdout.splitlines()[1:4]] == [
        "baseline",
        "network-gru",
        "wider+network",
    ]
