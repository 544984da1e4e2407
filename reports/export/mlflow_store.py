"""Runs as runs of an MLflow tracking store."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ...runs.errors import ReportError
from ...runs.run_folder import Run
from ..read.flat_settings import flat_settings
from ..read.run_set import read_run_sets

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities import Metric

# What identifies a run of ours in the store.
TAG = "trickbook.run"
# How many of each a store takes in one call, and how long a parameter may be.
_METRICS, _PARAMETERS, _LONGEST = 1000, 100, 500
_ENDED = {"done": "FINISHED", "failed": "FAILED"}


class Written(NamedTuple):
    """What came of writing to a store."""

    experiment: str
    added: int
    present: int
    """How many runs were there already."""


def write_to_mlflow(folder: str | Path, store: str | None = None) -> Written:
    """Write the folder's runs that are done or failed to the experiment of the folder's name.

    A run gets its blueprint as parameters, its final figures and its history as metrics, its arm,
    seed and versions as tags. A run that is there already is left as it is; one that an earlier
    call left half written, or that was trained again since, is rewritten.

    Args:
        folder: Holds runs.
        store: Address of the tracking store, or a folder to keep one in (SQLite, with the package
            mlflow); None for the one that MLflow itself is set to.

    Raises:
        ReportError: MLflow is not installed, its store cannot be written, or there are no runs.
    """
    runs, experiment = _runs(folder), Path(folder).resolve().name
    try:
        from mlflow.exceptions import MlflowException
    except ImportError as error:
        raise ReportError(
            "MLflow is not installed here: `pip install mlflow`, then the same command again."
        ) from error
    try:
        added = _add_all(_client(store), experiment, runs)
    except MlflowException as error:
        raise ReportError(
            f"MLflow's store ({store or 'its own setting'}) cannot be written: {error} Give "
            "another as --mlflow; the same command then adds what is missing."
        ) from error
    return Written(experiment, added, len(runs) - added)


def _runs(folder: str | Path) -> list[tuple[Run, list[str]]]:
    """Every run that has ended, once, with the arms that it serves."""
    found: dict[Path, tuple[Run, list[str]]] = {}
    for study, run_set in read_run_sets(folder).items():
        for rung in run_set.rungs:
            for run in (*rung.done, *rung.failed):
                _, arms = found.setdefault(run.folder, (run, []))
                arms.append(f"{study}: {rung.name}" if study else rung.name)
    return list(found.values())


def _client(store: str | None) -> MlflowClient:
    from mlflow import MlflowClient

    if store is None or "://" in store or store.startswith(("file:", "databricks")):
        return MlflowClient(store)
    folder = Path(store).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    return MlflowClient(f"sqlite:///{folder / 'mlflow.db'}")


def _add_all(client: MlflowClient, experiment: str, runs: list[tuple[Run, list[str]]]) -> int:
    known = client.get_experiment_by_name(experiment)
    place = known.experiment_id if known else client.create_experiment(experiment)
    return sum(_add(client, place, run, arms) for run, arms in runs)


def _add(client: MlflowClient, experiment: str, run: Run, arms: list[str]) -> bool:
    """Writes a run unless it is there; whether it was written."""
    key, started = run.fingerprint or run.folder.resolve().as_uri(), _milliseconds(run)
    for there in client.search_runs([experiment], f"tags.`{TAG}` = '{key}'"):
        # Of a run that does not say when it began there is the time of a file, which may be a copy.
        is_same = there.info.start_time == started or not run.details.get("started")
        if there.info.status in _ENDED.values() and is_same:
            return False
        client.delete_run(there.info.run_id)
    tags = {TAG: key, "trickbook.arms": ", ".join(arms), **_tags(run)}
    made = client.create_run(experiment, started, tags, run_name=run.folder.name)
    _log(client, made.info.run_id, run, started)
    ended = started + round(1000 * float(run.details.get("seconds") or 0))
    client.set_terminated(made.info.run_id, _ENDED[run.status], ended)
    return True


def _log(client: MlflowClient, run_id: str, run: Run, started: int) -> None:
    from mlflow.entities import Param

    parameters = [
        Param(name, text[:_LONGEST])
        for name, text in flat_settings(run.details.get("blueprint") or {})
    ]
    for start in range(0, len(parameters), _PARAMETERS):
        client.log_batch(run_id, params=parameters[start : start + _PARAMETERS])
    metrics = [*_history(run, started), *_final(run, started)]
    for start in range(0, len(metrics), _METRICS):
        client.log_batch(run_id, metrics=metrics[start : start + _METRICS])


def _tags(run: Run) -> dict[str, str]:
    known = {
        "trickbook.name": run.name,
        "trickbook.seed": run.seed,
        "trickbook.reason": run.reason,
        "trickbook.data": (run.details.get("data") or {}).get("name"),
        "trickbook.backend": run.details.get("backend"),
        **{f"version.{name}": text for name, text in (run.details.get("versions") or {}).items()},
    }
    return {name: str(value) for name, value in known.items() if value is not None}


def _history(run: Run, started: int) -> Iterable[Metric]:
    """The history's columns by epoch, as far as they are finite numbers."""
    from mlflow.entities import Metric

    for row in run.history.to_dict("records"):
        seconds = row.get("seconds", math.nan)
        time = started + (round(1000 * seconds) if math.isfinite(seconds) else 0)
        for name, value in row.items():
            if name not in ("epoch", "seconds") and math.isfinite(value):
                yield Metric(str(name), float(value), time, int(row["epoch"]))


def _final(run: Run, started: int) -> Iterable[Metric]:
    from mlflow.entities import Metric

    for name, value in run.metrics.items():
        if isinstance(value, int | float) and math.isfinite(value):
            yield Metric(f"final.{name}", float(value), started, 0)


def _milliseconds(run: Run) -> int:
    """When the run began, in milliseconds since 1970; of one that does not say, its file's time."""
    started = run.details.get("started")
    if started:
        return round(1000 * datetime.fromisoformat(str(started)).timestamp())
    return round(1000 * (run.folder / "run.json").stat().st_mtime)
