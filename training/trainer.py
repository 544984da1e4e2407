"""Training runs on one data set, one after the other, in this process."""

from __future__ import annotations

import gc
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np

from ..callbacks import CleanEvaluation, ExactResume, LearningCurves
from ..callbacks.evaluation.samples import spread_over_classes
from ..callbacks.state.variable_values import values_of
from ..data import Dataset, Scaling
from ..data.batches.by_backend import evaluation_batches
from ..data.batches.pipeline import steps_per_epoch
from ..recipes import Blueprint, Slot
from ..runs.atomic_files import write_bytes, write_json
from ..runs.predictions_file import write_predictions
from ..runs.run_file import SAVED
from ..runs.wrong_images_file import write_wrong_images
from .averaged_weights import AveragedWeights, averages_of
from .build import build_model, build_network
from .build_batches import build_batches
from .build_callbacks import build_callbacks
from .chosen_epoch import ChosenEpoch, restoring
from .diverged import StopWhenDiverged
from .epoch_progress import OnEpoch, Progress
from .evaluate import final_metrics, final_outputs, predict_outputs
from .job import Job
from .networks.input_kind import InputKind
from .preprocessing import preprocessing_of
from .tasks import task_at_work
from .tasks.class_weights import class_weights
from .training_samples import training_samples
from .wrong_images import wrong_images

# Forward passes need less memory than training, and larger batches cost less per image.
EVALUATION_BATCH = 500
# The clean training accuracy along the curve: this many times a run, on at most so many images,
# so that it stays within a few per cent of the time. The end measures all images.
CLEAN_POINTS = 10
CLEAN_IMAGES = 1000
# A run that takes longer is saved so often, and goes on there if it is killed.
SAVE_SECONDS = 60.0


class Trainer:
    """Trains jobs on one data set.

    The compiled model of the last blueprint is kept: another seed of it needs no new tracing,
    which costs seconds. Every variable is set anew, so a run's figures do not depend on what was
    trained before it.

    Args:
        data: images and labels.
        precision: dtype policy of Keras; None is the one that is set.
    """

    def __init__(self, data: Dataset, precision: str | None = None) -> None:
        self.data = data
        self.precision = precision or keras.config.dtype_policy().name
        keras.config.set_dtype_policy(self.precision)
        self._blueprint: Blueprint | None = None
        self._fitted_for: tuple[tuple[Slot, ...], Scaling] | None = None
        self._scale(data.scaling)

    def train(self, job: Job, on_epoch: OnEpoch) -> None:
        """Trains the job into its folder: history.csv, metrics.json, model.keras and the rest.

        A run that was killed goes on after the last epoch that was saved in the folder's `SAVED`,
        and ends with the same digits as one that never was. What is saved stays until the caller
        has written down how the run ended.

        Args:
            job: what to train.
            on_epoch: called after each epoch with its number, from 1, and its logs.

        Raises:
            DivergedError: if the loss is no finite number at the end of an epoch.
        """
        self._progress = Progress(on_epoch)
        resume = ExactResume(job.folder / SAVED, SAVE_SECONDS, delete=False)
        self._compile(job.blueprint)
        self._reset(job.seed)
        blueprint, steps = job.blueprint, self._steps
        chosen = self._chosen_epoch(blueprint)
        # Keras refuses an empty data set, also where no epoch is left and it would not be read.
        first_epoch = min(resume.first_epoch(), blueprint.epochs - 1)
        history = self._model.training_model.fit(
            self._batches.dataset(job.seed, epochs=blueprint.epochs, first_epoch=first_epoch),
            epochs=blueprint.epochs,
            steps_per_epoch=steps,
            validation_data=self._validation,
            callbacks=[*self._callbacks(job, chosen), resume],
            shuffle=False,
            verbose=0,
        )
        network, task = self._model.training_model, task_at_work(blueprint.task)
        splits = ("train", "val", "test") if job.read_test else ("train", "val")
        outputs = final_outputs(
            network, self.data, self._scaling, task, self._evaluation_batch, splits
        )
        metrics = final_metrics(network, outputs, self.data, task)
        metrics |= _best_epoch(history.history, blueprint)
        for one in chosen:
            metrics |= one.facts(len(self.data.x_val))
        if job.save_model:
            # Keras looks at the name's ending, so the unfinished file needs it too.
            unfinished = job.folder / ".unfinished.keras"
            self._model.inference_model.save(unfinished)
            unfinished.replace(job.folder / "model.keras")
        if self.data.is_of_images:
            samples = training_samples(self._batches, job.seed, self.data, self._scaling)
            write_bytes(job.folder / "samples.npz", samples)
        self._keep(outputs, job.folder)
        work = {"epochs": len(history.epoch), "seconds": round(self.seconds(), 3)}
        write_json(job.folder / "metrics.json", {**work, **metrics})

    def check(self, blueprint: Blueprint) -> None:
        """Builds network, optimiser, transforms and callbacks, and prepares a batch.

        Raises:
            Exception: whatever a part of it raises, ours, Keras's or a user's.
        """
        self._compile(blueprint)
        next(iter(self._batches.dataset(0, epochs=1)))

    def seconds(self) -> float:
        """Returns the wall time of the last run, that before a kill included."""
        return self._progress.seconds

    def seconds_per_step(self, blueprint: Blueprint, steps: int = 4) -> float:
        """Returns the wall time of a training step, the median of a few after the first."""
        self._compile(blueprint)
        batch = next(iter(self._batches.dataset(0, epochs=1)))
        times = []
        for _ in range(steps + 1):
            began = time.perf_counter()
            self._model.training_model.train_on_batch(*batch)
            times.append(time.perf_counter() - began)
        return float(np.median(times[1:]))

    def _keep(self, outputs: dict[str, np.ndarray], folder: Path) -> None:
        """Writes down what the final network says of the examples that it is judged by."""
        judged = {split: array for split, array in outputs.items() if split != "train"}
        write_predictions(folder, judged, {split: self.data.labels(split) for split in judged})
        if self.data.is_of_images:
            write_wrong_images(folder, *wrong_images(outputs["val"], self.data))

    def _callbacks(self, job: Job, chosen: list[ChosenEpoch]) -> list[keras.callbacks.Callback]:
        every = max(1, job.blueprint.epochs // CLEAN_POINTS)
        averaged = self._averaged_weights()
        return [
            *averaged,
            *task_at_work(job.blueprint.task).callbacks(self.data),
            *self._tricks,
            *chosen,
            CleanEvaluation(*self._clean, every=every, batch_size=self._evaluation_batch),
            LearningCurves(job.folder, plot=False, tensorboard=job.tensorboard),
            self._progress,
            # Last, so that the epoch in which it happened is recorded.
            StopWhenDiverged(),
            *(one.swap_back for one in averaged),
        ]

    def _chosen_epoch(self, blueprint: Blueprint) -> list[ChosenEpoch]:
        """Returns what measures the choice of an epoch, if a trick makes one."""
        stopping = restoring(self._tricks)
        if stopping is None:
            return []
        network, data = self._model.training_model, self.data
        task, first = task_at_work(blueprint.task), slice(data.val_in_epochs)

        def answers() -> np.ndarray:
            batch = self._evaluation_batch
            outputs = predict_outputs(network, data.x_val[first], self._scaling, batch)
            return task.answers(outputs, data)

        return [ChosenEpoch(stopping, answers, data.labels("val")[first], blueprint.task.metric)]

    def _averaged_weights(self) -> list[AveragedWeights]:
        """Returns what comes first and, with its `swap_back`, last of what looks at the weights."""
        averages = averages_of(self._model.training_model.optimizer)
        return [] if averages is None else [AveragedWeights()]

    def _compile(self, blueprint: Blueprint) -> None:
        if blueprint == self._blueprint:
            return
        self._blueprint = None
        self._model: Any = None
        keras.backend.clear_session()
        keras.config.set_dtype_policy(self.precision)  # which that has forgotten
        gc.collect()
        data = self.data
        batch_size = blueprint.training.batch_of(len(data.x_train))
        self._steps = steps_per_epoch(len(data.x_train), batch_size)
        scaling = scaling_of(blueprint, data)
        if scaling != self._scaling:  # which most blueprints share
            self._scale(scaling)
        fitted_for = (blueprint.preprocessing, scaling)
        if fitted_for != self._fitted_for:  # which takes a while, and rungs share it
            self._preprocessing = preprocessing_of(blueprint, data, scaling)
            self._fitted_for = fitted_for
        self._tricks = build_callbacks(blueprint, self._steps, inputs=self._inputs)
        # Keras calls a callback's batch hooks once per execution.
        steps_per_execution = 1 if any(map(_acts_on_batches, self._tricks)) else self._steps
        self._model = build_model(
            blueprint,
            InputKind.of(data),
            task_at_work(blueprint.task).units(data),
            self._scaling,
            target_scaling=data.target_scaling,
            steps_per_epoch=self._steps,
            steps_per_execution=steps_per_execution,
            class_weights=class_weights(blueprint.training, data),
            preprocessing=self._preprocessing,
        )
        optimizer = self._model.training_model.optimizer
        optimizer.build(self._model.training_model.trainable_variables)
        self._fresh_optimizer = values_of(optimizer.variables)
        self._batches = build_batches(blueprint, data, scaling)
        self._blueprint = blueprint

    def _scale(self, scaling: Scaling) -> None:
        """Prepares what is evaluated."""
        data, self._scaling = self.data, scaling
        kept = _examples(data, min(CLEAN_IMAGES, len(data.x_train)))
        self._clean = (scaling.apply(data.x_train[kept]), data.towards("train")[kept])
        self._evaluation_batch = min(EVALUATION_BATCH, len(kept))
        first = slice(data.val_in_epochs)
        self._validation = evaluation_batches(
            data.x_val[first], data.towards("val")[first], scaling, batch_size=EVALUATION_BATCH
        )

    def _reset(self, seed: int) -> None:
        """Sets every variable to what a model that is built with this seed starts from."""
        assert self._blueprint is not None
        data, blueprint = self.data, self._blueprint
        units = task_at_work(blueprint.task).units(data)
        fresh = build_network(blueprint, InputKind.of(data), units, seed, self._preprocessing)
        network = self._model.training_model
        for variable, value in zip(_own_variables(network), _own_variables(fresh), strict=True):
            variable.assign(value)
        for variable, start in zip(network.optimizer.variables, self._fresh_optimizer, strict=True):
            variable.assign(start)
        # A callback keeps what it learnt of the last run.
        self._tricks = build_callbacks(blueprint, self._steps, seed, self._inputs)

    def _inputs(self, count: int) -> np.ndarray:
        """Returns so many scaled training inputs, or all if there are fewer."""
        kept = _examples(self.data, min(count, len(self.data.x_train)))
        return self._scaling.apply(self.data.x_train[kept])


def scaling_of(blueprint: Blueprint, data: Dataset) -> Scaling:
    """Returns the blueprint's own scaling of the inputs, fitted on training ones, or the data's."""
    if blueprint.scaling is None:
        return data.scaling
    scaling: Scaling = blueprint.scaling.config.build(
        x_train=data.x_train, value_range=data.value_range
    )
    return scaling


def _acts_on_batches(callback: keras.callbacks.Callback) -> bool:
    plain = keras.callbacks.Callback
    return any(
        getattr(type(callback), name) is not getattr(plain, name)
        for name in ("on_train_batch_begin", "on_train_batch_end", "on_batch_begin", "on_batch_end")
    )


def _examples(data: Dataset, count: int) -> np.ndarray:
    """Returns the places of so many training examples, spread over the classes if there are any."""
    if not data.classes:
        return np.arange(count)  # The split has shuffled them.
    return spread_over_classes(data.labels("train"), count)


def _own_variables(network: keras.Model) -> list[Any]:
    """Weights and random states of the layers, without the metrics that compiling adds."""
    return [variable for layer in network.layers for variable in layer.variables]


def _best_epoch(history: dict[str, list[float]], blueprint: Blueprint) -> dict[str, Any]:
    metric = blueprint.task.metric
    values = history[f"val_{metric}"]
    best = int(np.argmax(values) if blueprint.task.direction == "max" else np.argmin(values))
    return {f"best_val_{metric}": float(values[best]), "best_epoch": best + 1}
