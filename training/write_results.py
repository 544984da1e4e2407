"""Measuring what a run has trained, and writing everything that a report needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..callbacks.recording.history_table import HistoryTable
from ..data import Dataset
from ..recipes import Blueprint
from ..runs.atomic_files import write_bytes, write_json
from ..runs.predictions_file import write_predictions
from ..runs.run_file import WARM_START
from ..runs.wrong_images_file import write_wrong_images
from .chosen_epoch import ChosenEpoch
from .diverged import check_answers
from .evaluate import final_metrics, final_outputs
from .job import Job
from .phase import Phase
from .starting_run import StartingRun
from .tasks import task_at_work
from .training_samples import training_samples
from .views import figures_over_views
from .wrong_images import wrong_images


@dataclass(frozen=True, eq=False)
class Trained:
    """What a run has trained, after its last epoch.

    Attributes:
        phases: phases of the training; the model of the last one is measured.
        network: the network whose initial weights depend on the seed.
        inference_model: raw inputs -> logits, or values in units of the target.
    """

    phases: Sequence[Phase]
    network: keras.Model
    inference_model: keras.Model


def write_results(
    job: Job,
    trained: Trained,
    chosen: Sequence[ChosenEpoch],
    seconds: float,
    start: StartingRun | None,
) -> None:
    """Writes metrics.json, model.keras and the rest into the job's folder, beside history.csv.

    Args:
        job: what was trained.
        trained: the result.
        chosen: the callback that judged the choice of an epoch, if a trick made one.
        seconds: wall time of the run.
        start: the run that this one started from; None if it did not.

    Raises:
        DivergedError: if the trained network's answers are not finite.
    """
    last = trained.phases[-1]
    data = last.whole.data
    task = task_at_work(job.blueprint.task)
    judged = _judged_splits(data, job)
    splits, batch = ("train", *judged), last.scaled.evaluation_batch(last.model)
    outputs = final_outputs(last.model, last.examples(*splits), last.scaling, task, batch, splits)
    check_answers(outputs)
    metrics = final_metrics(last.model, outputs, data, task)
    history = HistoryTable.read(job.folder / "history.csv", job.blueprint.epochs).rows
    if "val" in judged:
        metrics |= _best_epoch(history, job.blueprint)
    for one in chosen:
        metrics |= one.facts(len(data.x_val))
    metrics |= _over_views(job.blueprint, trained, judged)
    if job.save_model:
        _save(trained.inference_model, job.folder)
    if data.is_of_images:
        write_bytes(job.folder / "samples.npz", training_samples(last, job.seed))
        if "val" in judged:
            write_wrong_images(job.folder, *wrong_images(outputs["val"], data))
    _keep(outputs, job, trained, start)
    work: dict[str, Any] = {"epochs": len(history), "seconds": round(seconds, 3)}
    if last.name:
        work["phases"] = [one.facts(len(history)) for one in trained.phases]
    write_json(job.folder / "metrics.json", {**work, **metrics})


def _judged_splits(data: Dataset, job: Job) -> tuple[str, ...]:
    """Returns the splits that the run is judged by; a refit has no validation examples."""
    validation = ("val",) if len(data.x_val) else ()
    return (*validation, "test") if job.read_test else validation


def _save(model: keras.Model, folder: Path) -> None:
    # Keras checks the file's extension, so the unfinished file needs it too.
    unfinished = folder / ".unfinished.keras"
    model.save(unfinished)
    unfinished.replace(folder / "model.keras")


def _over_views(blueprint: Blueprint, trained: Trained, splits: Sequence[str]) -> dict[str, float]:
    if blueprint.views is None:
        return {}
    task, model = task_at_work(blueprint.task), trained.inference_model
    whole = trained.phases[-1].whole
    batch_size = whole.evaluation_batch(model)
    return figures_over_views(model, whole.data, task, blueprint.views, batch_size, splits)


def _keep(
    outputs: dict[str, np.ndarray], job: Job, trained: Trained, start: StartingRun | None
) -> None:
    """Writes the final network's answers for the examples that it is judged by."""
    data = trained.phases[-1].whole.data
    judged = {split: array for split, array in outputs.items() if split != "train"}
    labels = {split: data.labels(split) for split in judged}
    if start is not None:
        network = trained.network
        write_json(job.folder / WARM_START, start.facts(network))
        old = start.forgetting.answers(network, job.blueprint, data)
        judged |= {split: answers for split, (answers, _) in old.items()}
        labels |= {split: of_old for split, (_, of_old) in old.items()}
    write_predictions(job.folder, judged, labels)


def _best_epoch(history: list[dict[str, float]], blueprint: Blueprint) -> dict[str, Any]:
    metric = blueprint.task.metric
    values = [row[f"val_{metric}"] for row in history]
    merits = np.array(values) * (1 if blueprint.task.direction == "max" else -1)
    # An epoch whose figure is not a number is not the best, unless all are like that.
    best = int(np.argmax(np.where(np.isnan(merits), -np.inf, merits)))
    return {f"best_val_{metric}": values[best], "best_epoch": best + 1}
