"""Reports for other programs: CSV, JSON and an MLflow store."""

import io
import json
import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from ladder_on_disk import write_ladder, write_run
from scipy import stats

from trickbook.reports.export.mlflow_store import write_to_mlflow
from trickbook.reports.read.flat_settings import flat_settings, setting_differences
from trickbook.runs.errors import ReportError
from trickbook.runs.predictions_file import write_predictions

RUNGS = {"baseline": [0.80, 0.81, 0.79], "noise": [0.85, 0.865, 0.84], "broken": ["failed", 0.8]}


@pytest.fixture
def folder(tmp_path):
    return write_ladder(tmp_path / "study", RUNGS)


def printed(command, folder, form):
    result = command("report", str(folder), "--format", form, cwd=folder)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_csv_has_a_row_per_run(command, folder):
    table = pd.read_csv(io.StringIO(printed(command, folder, "csv")))
    assert table["name"].tolist() == ["00-baseline"] * 3 + ["01-noise"] * 3 + ["02-broken"] * 2
    assert table["study"].unique().tolist() == ["ladder"]
    assert table["val_accuracy"].dropna().tolist() == [0.80, 0.81, 0.79, 0.85, 0.865, 0.84, 0.8]
    assert table["status"].tolist()[-2:] == ["failed", "done"]
    assert not (folder / "report.html").exists()


def test_every_study_of_a_folder_has_its_rows(command, folder):
    ladder = json.loads((folder / "ladder.json").read_text())
    sweep = {**ladder, "kind": "sweep", "rungs": ladder["rungs"][:1]}
    (folder / "sweep-rate.json").write_text(json.dumps(sweep))
    table = pd.read_csv(io.StringIO(printed(command, folder, "csv")))
    assert table["study"].value_counts().to_dict() == {"ladder": 8, "sweep-rate": 3}


def test_json_holds_arms_figures_and_differences(command, folder):
    (study,) = json.loads(printed(command, folder, "json"))["studies"]
    assert (study["study"], study["best"]) == ("ladder", "01-noise")
    assert study["decides"] == {"metric": "accuracy", "direction": "max"}
    baseline, noise, broken = study["arms"]
    expected = stats.ttest_rel(RUNGS["noise"], RUNGS["baseline"])
    assert noise["against"] == "00-baseline"
    assert noise["difference"]["p"] == pytest.approx(expected.pvalue, rel=1e-4)
    assert noise["difference"]["covers"] == "seeds"
    assert noise["figures"]["val_accuracy"]["mean"] == pytest.approx(np.mean(RUNGS["noise"]))
    assert baseline["difference"] is baseline["verdict"] is None
    assert noise["verdict"]["kind"] == "helps"
    assert broken["verdict"]["kind"] == "undecided"
    assert [run["status"] for run in broken["runs"]] == ["failed", "done"]
    assert broken["never_best"] == "1 of its 2 runs failed"
    assert broken["figures"]["val_accuracy"]["std"] is None
    assert baseline["runs"][1]["figures"]["test_accuracy"] == pytest.approx(0.80)
    assert study["ensembles"] == study["stacked"] == []


def test_json_holds_ensembles(command, folder):
    labels = np.arange(30) % 2
    for number, run in enumerate(sorted((folder / "runs").glob("00-*"))):
        logits = np.random.default_rng(number).normal(0, 1, (30, 2)) + 2 * np.eye(2)[labels]
        write_predictions(run, {"val": logits}, {"val": labels})
    (study,) = json.loads(printed(command, folder, "json"))["studies"]
    (ensemble,) = study["ensembles"]
    assert (ensemble["arm"], ensemble["seeds"]) == ("00-baseline", [0, 1, 2])
    squared = ensemble["squared_errors"]["val"]
    assert squared["measured"] == pytest.approx(squared["by_validation_correlation"])
    assert squared["independent"] == pytest.approx(squared["single"] / 3)


def test_a_folder_of_runs_alone_has_a_study_without_a_name(command, tmp_path):
    write_run(tmp_path / "runs" / "a", "mine", 0, 0.7)
    (study,) = json.loads(printed(command, tmp_path, "json"))["studies"]
    assert (study["study"], study["arms"][0]["name"]) == ("", "mine")
    assert study["arms"][0]["difference"] is None
    table = pd.read_csv(io.StringIO(printed(command, tmp_path, "csv")))
    assert table["name"].tolist() == ["mine"]


class StoreError(Exception):
    """Stands for MLflow's own."""


class Store:
    """Stands for MLflow: what its client was asked to do, kept in lists."""

    def __init__(self):
        self.runs, self.experiments, self.addresses = [], {}, []

    def module(self):
        names = ("mlflow", "mlflow.entities", "mlflow.exceptions")
        module, entities, exceptions = map(ModuleType, names)
        module.MlflowClient = self.client
        exceptions.MlflowException = StoreError
        entities.Metric = lambda *values: values
        entities.Param = lambda *values: values
        return dict(zip(names, (module, entities, exceptions), strict=True))

    def client(self, address=None):
        self.addresses.append(address)
        return self

    def get_experiment_by_name(self, name):
        known = self.experiments.get(name)
        return known and SimpleNamespace(experiment_id=known)

    def create_experiment(self, name):
        return self.experiments.setdefault(name, "7")

    def search_runs(self, experiments, condition):
        key = condition.split("'")[1]
        return [run for run in self.runs if run.tags["trickbook.run"] == key]

    def create_run(self, experiment, started, tags, run_name):
        info = SimpleNamespace(run_id=run_name, status="RUNNING", start_time=started)
        self.runs.append(SimpleNamespace(info=info, tags=tags, metrics=[], params=[]))
        return self.runs[-1]

    def find(self, name):
        return next(run for run in self.runs if run.info.run_id == name)

    def log_batch(self, name, metrics=(), params=()):
        assert len(metrics) <= 1000 and len(params) <= 100
        self.find(name).metrics += metrics
        self.find(name).params += params

    def set_terminated(self, name, status, ended):
        self.find(name).info.status = status

    def delete_run(self, name):
        self.runs.remove(self.find(name))


@pytest.fixture
def store(monkeypatch):
    store = Store()
    for name, module in store.module().items():
        monkeypatch.setitem(sys.modules, name, module)
    return store


def test_a_store_gets_every_run_that_ended_once(command, folder, store):
    told = command("report", ".", "--format", "mlflow", "--mlflow", "http://x", cwd=folder).stdout
    assert told == "MLflow: 8 runs added to the experiment study, 0 were there already.\n"
    assert store.addresses == ["http://x"]
    statuses = [run.info.status for run in store.runs]
    assert (statuses.count("FINISHED"), statuses.count("FAILED")) == (7, 1)
    first = store.runs[0]
    assert first.tags["trickbook.arms"] == "ladder: 00-baseline"
    assert first.tags["version.keras"] == "3.15.1"
    assert first.params == [("batch_size", "16")]
    final = {name: value for name, value, _, _ in first.metrics}
    assert final["final.val_accuracy"] == 0.80
    steps = [step for name, _, _, step in first.metrics if name == "val_accuracy"]
    assert steps == list(range(1, 13))
    assert write_to_mlflow(folder, "http://x").present == 8


def test_a_run_that_was_left_half_written_is_written_anew(folder, store):
    write_to_mlflow(folder)
    store.runs[3].info.status = "RUNNING"
    store.runs[3].metrics.clear()
    assert write_to_mlflow(folder).added == 1
    assert len(store.runs) == 8
    assert all(run.metrics for run in store.runs if run.info.status == "FINISHED")


def test_a_run_that_was_trained_again_is_written_anew(folder, store):
    path = sorted((folder / "runs").glob("02-*"))[0]
    run = json.loads((path / "run.json").read_text()) | {"started": "2026-01-02T03:04:05+00:00"}
    (path / "run.json").write_text(json.dumps(run))
    write_to_mlflow(folder)
    assert write_to_mlflow(folder).present == 8
    run |= {"started": "2026-01-03T03:04:05+00:00", "status": "done", "reason": None}
    (path / "run.json").write_text(json.dumps(run))
    (path / "metrics.json").write_text(json.dumps({"val_accuracy": 0.75}))
    assert write_to_mlflow(folder) == ("study", 1, 7)
    assert len(store.runs) == 8
    again = store.find(path.name)
    assert again.info.status == "FINISHED"
    assert {name: value for name, value, _, _ in again.metrics}["final.val_accuracy"] == 0.75


def test_a_store_that_fails_is_told_in_a_sentence(command, folder, store, monkeypatch):
    def fail(name):
        raise StoreError("no route to host.")

    monkeypatch.setattr(store, "get_experiment_by_name", fail)
    result = command("report", ".", "--format", "mlflow", "--mlflow", "http://x", cwd=folder)
    assert result.returncode == 2
    assert "MLflow's store (http://x) cannot be written: no route to host." in result.stderr


def test_without_mlflow_it_is_said_how_to_get_it(folder, monkeypatch):
    for name in ("mlflow", "mlflow.exceptions"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ReportError, match="pip install mlflow"):
        write_to_mlflow(folder)


def test_mlflow_itself_keeps_the_runs(folder, tmp_path):
    pytest.importorskip("mlflow.store.tracking.sqlalchemy_store")
    from mlflow import MlflowClient

    assert write_to_mlflow(folder, str(tmp_path / "store")).added == 8
    assert write_to_mlflow(folder, str(tmp_path / "store")).present == 8
    client = MlflowClient(f"sqlite:///{tmp_path / 'store' / 'mlflow.db'}")
    place = client.get_experiment_by_name("study").experiment_id
    runs = client.search_runs([place], "tags.`trickbook.seed` = '1'")
    assert len(runs) == 3
    run = next(run for run in runs if run.data.tags["trickbook.arms"] == "ladder: 01-noise")
    assert run.data.metrics["final.val_accuracy"] == pytest.approx(0.865)
    history = client.get_metric_history(run.info.run_id, "val_accuracy")
    assert [point.step for point in history] == list(range(1, 13))


def test_a_store_without_its_format_is_refused(command, folder):
    result = command("report", ".", "--mlflow", "x", cwd=folder)
    assert result.returncode == 2
    assert "--format mlflow" in result.stderr


def test_a_blueprint_is_flat_with_dotted_names():
    blueprint = {"dense": [8, 4], "schedule": None, "after": [{"class": "Dropout", "rate": 0.1}]}
    assert dict(flat_settings(blueprint)) == {
        "dense": "[8, 4]",
        "after.0.class": "Dropout",
        "after.0.rate": "0.1",
    }
    changed = {"dense": [8, 4], "schedule": "cosine", "after": [{"class": "Dropout", "rate": 0.2}]}
    assert setting_differences(blueprint, changed) == [
        "after.0.rate: 0.1 -> 0.2",
        "schedule: none -> cosine",
    ]
