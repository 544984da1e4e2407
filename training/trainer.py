"""Training runs on one data set, one after the other, in this process."""

from __future__ import annotations

import gc
import shutil
import time
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from ..callbacks import (
    CleanEvaluation,
    ExactResume,
    LayerSignals,
    LearningCurves,
    LearningRateFinder,
)
from ..callbacks.evaluation.samples import as_array
from ..callbacks.state.saved_state_error import SavedStateError
from ..data import Dataset, Scaling
from ..data.batches.pipeline import steps_per_epoch
from ..recipes import Blueprint, Slot
from ..reports.diagnosis.range_test import RangeTest
from ..runs.run_file import SAVED
from .averaged_weights import AveragedWeights, averages_of
from .batch_hooks import acts_on_batches
from .build import build_model, build_network
from .build_callbacks import build_callbacks
from .build_transfer import Transfer, build_head, build_transfer
from .chosen_epoch import ChosenEpoch, restoring
from .diverged import StopWhenDiverged
from .epoch_progress import OnEpoch, Progress
from .evaluate import predict_outputs
from .job import Job
from .monitored import check_monitored
from .networks.input_kind import InputKind
from .phase import Phase
from .preprocessing import preprocessing_of
from .scaled_data import ScaledData
from .starting_run import StartingRun
from .tasks import task_at_work
from .tasks.class_weights import class_weights
from .write_results import Trained, write_results

if TYPE_CHECKING:
    import pandas as pd

# How many times per run the clean training accuracy is measured.
CLEAN_POINTS = 10
# Seconds between saves of a run, from which it resumes if it is killed.
SAVE_SECONDS = 60.0
# Seconds between writes of the history: an epoch of a small network takes milliseconds, and so does
# writing its history.
WRITE_SECONDS = 1.0
# Signals in layers are measured on as many first batches as hold this many samples, as one batch.
SIGNAL_SAMPLES = 256


class Trainer:
    """Trains jobs on one data set.

    The compiled model of the last blueprint is kept: another seed then needs no new tracing, which
    takes seconds. Every variable is reset, so a run's figures do not depend on what was trained
    before it.

    Args:
        data: inputs and labels; without validation examples there are no validation figures.
        precision: Keras dtype policy; None: the current one.
    """

    def __init__(self, data: Dataset, precision: str | None = None) -> None:
        self.data = self.given = data
        self._warm_start: StartingRun | None = None
        self.precision = precision or keras.config.dtype_policy().name
        keras.config.set_dtype_policy(self.precision)
        # The data are channels-last; keras.json may say otherwise.
        keras.config.set_image_data_format("channels_last")
        self._compiled: tuple[Blueprint, bool] | None = None
        self._fitted_for: tuple[tuple[Slot, ...], Scaling] | None = None
        self._scaled = ScaledData(data, data.scaling)

    def train(self, job: Job, on_epoch: OnEpoch) -> None:
        """Trains the job and writes history.csv, metrics.json, model.keras and the rest.

        A run that was killed resumes after the last epoch saved in the folder's `SAVED`, and ends
        with the same digits as if it had not been killed. The saved state stays until the caller
        has recorded how the run ended. If the saved state is damaged or belongs to another model,
        the run is trained anew, with a warning. The caller checks that the state comes from the
        same versions (`interrupted_run`).

        Args:
            job: what to train.
            on_epoch: called after each epoch with its number, from 1, and its logs.

        Raises:
            DivergedError: if the loss is not finite at the end of an epoch, or the trained
                network's answers are not finite.
            OSError: if the results cannot be written.
        """
        try:
            self._train(job, on_epoch)
        except SavedStateError as error:
            warnings.warn(
                f"The saved state of the run cannot be used; the run is trained anew: {error}",
                stacklevel=2,
            )
            shutil.rmtree(job.folder / SAVED)
            self._train(job, on_epoch)

    def _train(self, job: Job, on_epoch: OnEpoch) -> None:
        self._progress = Progress(on_epoch)
        self._compile(job.blueprint)
        self._reset(job.blueprint, job.seed)
        saved = job.folder / SAVED
        # Each fit needs a folder of its own.
        folders = [saved, *(saved / phase.name for phase in self._phases[1:])]
        resumes = [ExactResume(folder, SAVE_SECONDS, delete=False) for folder in folders]
        # If a later phase has saved something, the phases before it are over.
        under_way = [place for place, one in enumerate(resumes) if one.first_epoch()]
        chosen: list[ChosenEpoch] = []
        for place in range(under_way[-1] if under_way else 0, len(resumes)):
            chosen = self._fit(job, self._phases[place], resumes[place])
        trained = Trained(self._phases, self._network, self._inference_model)
        write_results(job, trained, chosen, self.seconds(), self._warm_start)

    def _fit(self, job: Job, phase: Phase, resume: ExactResume) -> list[ChosenEpoch]:
        """Trains one phase; returns the callback that judges the choice of an epoch, if any."""
        phase.choose_trained()
        self._tricks = build_callbacks(job.blueprint, self._steps, job.seed, phase.scaled.inputs)
        chosen = self._chosen_epoch(job.blueprint, phase)
        curves = LearningCurves(
            job.folder, plot=False, tensorboard=job.tensorboard, write_seconds=WRITE_SECONDS
        )
        # Keras refuses an empty data set, even if no epoch is left and it would not be read.
        first_epoch = min(max(resume.first_epoch(), phase.first_epoch), phase.last_epoch - 1)
        try:
            phase.model.fit(
                phase.batches.dataset(job.seed, epochs=phase.last_epoch, first_epoch=first_epoch),
                initial_epoch=phase.first_epoch,
                epochs=phase.last_epoch,
                steps_per_epoch=self._steps,
                validation_data=phase.scaled.validation(phase.model),
                callbacks=[*self._callbacks(job, phase, chosen, curves), resume],
                shuffle=False,
                verbose=0,
            )
        finally:
            # Keras does not notify callbacks of an exception, such as a divergence.
            unwritten = curves.flush()
        if unwritten is not None:  # the figures are computed from the history file
            raise unwritten
        return chosen

    def check(self, blueprint: Blueprint) -> list[str]:
        """Builds network, optimiser, transforms and callbacks, and prepares a batch.

        Returns:
            What to tell the user before the training, one text each.

        Raises:
            Exception: anything that our code, Keras or the user's code raises.
        """
        self._compile(blueprint)
        self._phases[-1].a_batch()
        if self._transfer is not None:
            return self._transfer.notes()
        if self._warm_start is not None:
            return self._warm_start.notes(self._network, blueprint.kernel_initializer)
        return []

    def summary(self) -> dict[str, Any]:
        """Returns a summary of the last run's data; a table's scaling is that of the training."""
        given = self.given.summary()
        return {**given, "table": self.data.summary()["table"]} if "table" in given else given

    def seconds(self) -> float:
        """Returns the wall time of the last run in seconds, including the time before a kill."""
        return self._progress.seconds

    def phases(self, blueprint: Blueprint) -> Sequence[Phase]:
        """Builds the phases of a training, and returns them."""
        self._compile(blueprint)
        return self._phases

    def seconds_per_step(self, blueprint: Blueprint, steps: int = 4) -> float:
        """Returns the seconds of a training step: the median of a few steps after the first."""
        self._compile(blueprint)
        phase = self._phases[-1]
        phase.choose_trained()
        batch = phase.a_batch()
        times = []
        for _ in range(steps + 1):
            began = time.perf_counter()
            phase.model.train_on_batch(*batch)
            times.append(time.perf_counter() - began)
        return float(np.median(times[1:]))

    def range_test(self, blueprint: Blueprint, seed: int, num_steps: int) -> RangeTest:
        """Returns the result of a range test of the first phase on its batches.

        Args:
            blueprint: what to build, with a learning rate that can be set.
            seed: seed for weights, sample order and random draws, 0 or above.
            num_steps: number of batches, each with its own rate.
        """
        self._compile(blueprint, one_by_one=True)
        self._reset(blueprint, seed)
        phase = self._phases[0]
        phase.choose_trained()
        finder = LearningRateFinder(num_steps=num_steps)
        batches = phase.batches.dataset(seed, epochs=-(-num_steps // self._steps))
        finder.find(phase.model, batches, steps_per_epoch=self._steps, shuffle=False)
        return finder.result

    def signals(self, blueprint: Blueprint, seed: int) -> pd.DataFrame:
        """Returns the signals and gradients in the layers of the first phase as it begins.

        Args:
            blueprint: what to build.
            seed: seed for weights, sample order and random draws, 0 or above.
        """
        self._compile(blueprint)
        self._reset(blueprint, seed)
        phase = self._phases[0]
        phase.choose_trained()
        tricks = build_callbacks(blueprint, self._steps, seed, phase.scaled.inputs)
        measured = LayerSignals(*_first_samples(phase.batches.dataset(seed, epochs=1)))
        beginning = keras.callbacks.CallbackList(
            [*tricks, measured], model=phase.model, epochs=blueprint.epochs, steps=self._steps
        )
        beginning.on_train_begin()
        beginning.on_epoch_begin(0)
        return measured.table().drop(columns="epoch")

    def _callbacks(
        self, job: Job, phase: Phase, chosen: list[ChosenEpoch], curves: LearningCurves
    ) -> list[keras.callbacks.Callback]:
        every = max(1, job.blueprint.epochs // CLEAN_POINTS)
        averages = averages_of(phase.model.optimizer)
        # Comes first, and its `swap_back` last, so that the callbacks between see the averages.
        averaged = [] if averages is None else [AveragedWeights()]
        scaled, task = phase.scaled, task_at_work(job.blueprint.task)
        batch_size = scaled.evaluation_batch(phase.model)
        return [
            *averaged,
            *task.callbacks(scaled.data),
            *self._tricks,
            *chosen,
            CleanEvaluation(*scaled.clean, every=every, batch_size=batch_size),
            *task.clean_callbacks(scaled.data),
            curves,
            self._progress,
            # After the callbacks that record, so that the epoch in which it happened is recorded.
            StopWhenDiverged(),
            *(one.swap_back for one in averaged),
        ]

    def _chosen_epoch(self, blueprint: Blueprint, phase: Phase) -> list[ChosenEpoch]:
        """Returns the callback that judges the choice of an epoch, if a trick makes one."""
        stopping = restoring(self._tricks)
        if stopping is None:
            return []
        network, data, scaled = phase.model, phase.scaled.data, phase.scaled
        task, first = task_at_work(blueprint.task), slice(data.val_in_epochs)
        batch = scaled.evaluation_batch(network)

        def answers() -> np.ndarray:
            outputs = predict_outputs(network, data.x_val[first], scaled.scaling, batch)
            return task.answers(outputs, data)

        return [ChosenEpoch(stopping, answers, data.labels("val")[first], blueprint.task.metric)]

    def _compile(self, blueprint: Blueprint, *, one_by_one: bool = False) -> None:
        """Builds the models; `one_by_one`: a callback besides the tricks acts on batches."""
        if self._compiled == (blueprint, one_by_one):
            return
        self._compiled = None
        self._start_from(blueprint.warm_start)
        self._phases: list[Phase] = []
        self._network: Any = None
        self._inference_model: Any = None
        self._transfer: Transfer | None = None
        keras.backend.clear_session()
        keras.config.set_dtype_policy(self.precision)  # clear_session resets it
        gc.collect()
        data = self.data
        batch_size = blueprint.training.batch_of(len(data.x_train))
        self._steps = steps_per_epoch(len(data.x_train), batch_size)
        scaling = scaling_of(blueprint, data)
        if data is not self._scaled.data or scaling != self._scaled.scaling:  # often the same
            self._scaled = ScaledData(data, scaling)
        fitted_for = (blueprint.preprocessing, scaling)
        if fitted_for != self._fitted_for:  # fitting takes a while, and rungs share it
            self._preprocessing = preprocessing_of(blueprint, data, scaling)
            self._fitted_for = fitted_for
        tricks = build_callbacks(blueprint, self._steps, inputs=self._scaled.inputs)
        check_monitored(tricks, data)
        # Keras calls a callback's batch hooks once per execution.
        is_one_by_one = one_by_one or any(map(acts_on_batches, tricks))
        steps_per_execution = 1 if is_one_by_one else self._steps
        if blueprint.base == "backbone":
            self._build_transfer(blueprint, steps_per_execution)
        else:
            self._build(blueprint, steps_per_execution)
        self._compiled = (blueprint, one_by_one)

    def _start_from(self, path: str | None) -> None:
        """Sets the starting run, if any, and scales the data as its weights expect it."""
        if path is None:
            self._warm_start, self.data = None, self.given
        elif self._warm_start is None or self._warm_start.path != path:
            self._warm_start = StartingRun(path, self.given)
            self.data = self._warm_start.data

    def _build(self, blueprint: Blueprint, steps_per_execution: int) -> None:
        data = self.data
        model = build_model(
            blueprint,
            InputKind.of(data),
            task_at_work(blueprint.task).units(data),
            self._scaled.scaling,
            target_scaling=data.target_scaling,
            steps_per_epoch=self._steps,
            steps_per_execution=steps_per_execution,
            class_weights=class_weights(blueprint.training, data),
            preprocessing=self._preprocessing,
        )
        self._network, self._inference_model = model.training_model, model.inference_model
        if self._warm_start is not None:
            self._warm_start.fit(self._network)  # refuses weights that fit no layer
        self._phases = [Phase(self._network, blueprint, self._scaled, 0, blueprint.epochs)]

    def _build_transfer(self, blueprint: Blueprint, steps_per_execution: int) -> None:
        built = build_transfer(blueprint, self._scaled, self._steps, steps_per_execution)
        self._transfer = built
        self._network, self._inference_model = built.head, built.inference_model
        self._phases = built.phases

    def _reset(self, blueprint: Blueprint, seed: int) -> None:
        """Sets every variable to the value that a model built with this seed starts from."""
        data = self.data
        units = task_at_work(blueprint.task).units(data)
        if self._transfer is None:
            kind = InputKind.of(data)
            fresh = build_network(blueprint, kind, units, seed, self._preprocessing)
        else:
            self._transfer.body.restore()
            fresh = build_head(blueprint, self._transfer.body, units, seed)
        own = _own_variables(self._network)
        for variable, value in zip(own, _own_variables(fresh), strict=True):
            variable.assign(value)
        if self._warm_start is not None:
            self._warm_start.give(self._network)
        for phase in self._phases:
            phase.reset()


@contextmanager
def passing_trainer(data: Dataset, precision: str | None) -> Iterator[Trainer]:
    """A trainer to try something out with; afterwards Keras's dtype policy is as it was before."""
    before = keras.config.dtype_policy()
    try:
        yield Trainer(data, precision)
    finally:
        keras.config.set_dtype_policy(before)


def scaling_of(blueprint: Blueprint, data: Dataset) -> Scaling:
    """Returns the blueprint's own scaling, fitted on the training inputs, or the data's scaling."""
    if blueprint.scaling is None:
        return data.scaling
    scaling: Scaling = blueprint.scaling.config.build(
        x_train=data.x_train, value_range=data.value_range
    )
    return scaling if data.table is None else data.table.keeping_categories(scaling)


def _first_samples(batches: Iterable[Any]) -> list[Any]:
    """Inputs and labels of the first batches, until they hold SIGNAL_SAMPLES samples or end."""
    taken: list[Any] = []
    for x, y in batches:
        taken.append([as_array(x), as_array(y)])
        if sum(len(labels) for _, labels in taken) >= SIGNAL_SAMPLES:
            break
    return [np.concatenate(parts) for parts in zip(*taken, strict=True)]


def _own_variables(network: keras.Model) -> list[Any]:
    """Weights and random states of the layers, without the metrics that compiling adds."""
    return [variable for layer in network.layers for variable in layer.variables]
