"""Training runs on one data set, one after the other, in this process."""

from __future__ import annotations

import gc
import shutil
import time
import warnings
from collections.abc import Iterable, Sequence
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

# The clean training accuracy along the curve: this many times a run.
CLEAN_POINTS = 10
# A run that takes longer is saved so often, and goes on there if it is killed.
SAVE_SECONDS = 60.0
# The epochs of a small network take milliseconds, as writing its history does.
WRITE_SECONDS = 1.0
# Signals in layers are measured on so many samples, as one batch.
SIGNAL_SAMPLES = 256


class Trainer:
    """Trains jobs on one data set.

    The compiled model of the last blueprint is kept: another seed of it needs no new tracing,
    which costs seconds. Every variable is set anew, so a run's figures do not depend on what was
    trained before it.

    Args:
        data: images and labels; without validation examples nothing is measured on them.
        precision: dtype policy of Keras; None is the one that is set.
    """

    def __init__(self, data: Dataset, precision: str | None = None) -> None:
        self.data = self.given = data
        self._warm_start: StartingRun | None = None
        self.precision = precision or keras.config.dtype_policy().name
        keras.config.set_dtype_policy(self.precision)
        # As data are; keras.json may say otherwise.
        keras.config.set_image_data_format("channels_last")
        self._compiled: tuple[Blueprint, bool] | None = None
        self._fitted_for: tuple[tuple[Slot, ...], Scaling] | None = None
        self._scaled = ScaledData(data, data.scaling)

    def train(self, job: Job, on_epoch: OnEpoch) -> None:
        """Trains the job into its folder: history.csv, metrics.json, model.keras and the rest.

        A run that was killed goes on after the last epoch that was saved in the folder's `SAVED`,
        and ends with the same digits as one that never was. What is saved stays until the caller
        has written down how the run ended. A run of which it is damaged, or of another model, is
        trained anew, and a warning says so; that it is of the same versions is for the caller to
        see to (`interrupted_run`).

        Args:
            job: what to train.
            on_epoch: called after each epoch with its number, from 1, and its logs.

        Raises:
            DivergedError: if the loss is no finite number at the end of an epoch.
            OSError: if what comes of it cannot be written.
        """
        try:
            self._train(job, on_epoch)
        except SavedStateError as error:
            warnings.warn(
                f"What was saved of the run cannot be used; it is trained anew: {error}",
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
        # What a later phase has saved says that those before it are over.
        under_way = [place for place, one in enumerate(resumes) if one.first_epoch()]
        chosen: list[ChosenEpoch] = []
        for place in range(under_way[-1] if under_way else 0, len(resumes)):
            chosen = self._fit(job, self._phases[place], resumes[place])
        trained = Trained(self._phases, self._network, self._inference_model)
        write_results(job, trained, chosen, self.seconds(), self._warm_start)

    def _fit(self, job: Job, phase: Phase, resume: ExactResume) -> list[ChosenEpoch]:
        """Trains one phase; returns what measured the choice of an epoch, if a trick makes one."""
        phase.choose_trained()
        self._tricks = build_callbacks(job.blueprint, self._steps, job.seed, phase.scaled.inputs)
        chosen = self._chosen_epoch(job.blueprint, phase)
        curves = LearningCurves(
            job.folder, plot=False, tensorboard=job.tensorboard, write_seconds=WRITE_SECONDS
        )
        # Keras refuses an empty data set, also where no epoch is left and it would not be read.
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
            # Keras tells no callback of what raises, as a divergence does.
            unwritten = curves.flush()
        if unwritten is not None:  # the figures are those of the history
            raise unwritten
        return chosen

    def check(self, blueprint: Blueprint) -> list[str]:
        """Builds network, optimiser, transforms and callbacks, and prepares a batch.

        Returns:
            What is to be said before a training, a text each.

        Raises:
            Exception: whatever a part of it raises, ours, Keras's or a user's.
        """
        self._compile(blueprint)
        self._phases[-1].a_batch()
        if self._transfer is not None:
            return self._transfer.notes()
        if self._warm_start is not None:
            return self._warm_start.notes(self._network, blueprint.kernel_initializer)
        return []

    def summary(self) -> dict[str, Any]:
        """Returns what the last run tells of its data: a table is scaled as it was trained with."""
        given = self.given.summary()
        return {**given, "table": self.data.summary()["table"]} if "table" in given else given

    def seconds(self) -> float:
        """Returns the wall time of the last run, that before a kill included."""
        return self._progress.seconds

    def phases(self, blueprint: Blueprint) -> Sequence[Phase]:
        """Builds the phases of a training, and returns them."""
        self._compile(blueprint)
        return self._phases

    def seconds_per_step(self, blueprint: Blueprint, steps: int = 4) -> float:
        """Returns the wall time of a training step, the median of a few after the first."""
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
        """Returns what a range test of the first phase measures on its batches.

        Args:
            blueprint: what to build, with a learning rate that can be set.
            seed: of weights, order and draws, 0 or above.
            num_steps: batches, each at a rate of its own.
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
            seed: of weights, order and draws, 0 or above.
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
        # They come first and, with their `swap_back`, last of what looks at the weights.
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
            # Last, so that the epoch in which it happened is recorded.
            StopWhenDiverged(),
            *(one.swap_back for one in averaged),
        ]

    def _chosen_epoch(self, blueprint: Blueprint, phase: Phase) -> list[ChosenEpoch]:
        """Returns what measures the choice of an epoch, if a trick makes one."""
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
        """Builds the models; `one_by_one` where something acts on batches beside the tricks."""
        if self._compiled == (blueprint, one_by_one):
            return
        self._compiled = None
        self._start_from(blueprint.warm_start)
        self._phases: list[Phase] = []
        self._network: Any = None
        self._inference_model: Any = None
        self._transfer: Transfer | None = None
        keras.backend.clear_session()
        keras.config.set_dtype_policy(self.precision)  # which that has forgotten
        gc.collect()
        data = self.data
        batch_size = blueprint.training.batch_of(len(data.x_train))
        self._steps = steps_per_epoch(len(data.x_train), batch_size)
        scaling = scaling_of(blueprint, data)
        if data is not self._scaled.data or scaling != self._scaled.scaling:  # which most share
            self._scaled = ScaledData(data, scaling)
        fitted_for = (blueprint.preprocessing, scaling)
        if fitted_for != self._fitted_for:  # which takes a while, and rungs share it
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
        """Scales the data as the weights expect it that the training starts from, if from any."""
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
            self._warm_start.fit(self._network)  # which refuses what fits nowhere
        self._phases = [Phase(self._network, blueprint, self._scaled, 0, blueprint.epochs)]

    def _build_transfer(self, blueprint: Blueprint, steps_per_execution: int) -> None:
        built = build_transfer(blueprint, self._scaled, self._steps, steps_per_execution)
        self._transfer = built
        self._network, self._inference_model = built.head, built.inference_model
        self._phases = built.phases

    def _reset(self, blueprint: Blueprint, seed: int) -> None:
        """Sets every variable to what a model that is built with this seed starts from."""
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


def scaling_of(blueprint: Blueprint, data: Dataset) -> Scaling:
    """Returns the blueprint's own scaling of the inputs, fitted on training ones, or the data's."""
    if blueprint.scaling is None:
        return data.scaling
    scaling: Scaling = blueprint.scaling.config.build(
        x_train=data.x_train, value_range=data.value_range
    )
    return scaling


def _first_samples(batches: Iterable[Any]) -> list[Any]:
    """Inputs and labels of so many first batches that they are enough to look into a network."""
    taken: list[Any] = []
    for x, y in batches:
        taken.append([as_array(x), as_array(y)])
        if sum(len(labels) for _, labels in taken) >= SIGNAL_SAMPLES:
            break
    return [np.concatenate(parts) for parts in zip(*taken, strict=True)]


def _own_variables(network: keras.Model) -> list[Any]:
    """Weights and random states of the layers, without the metrics that compiling adds."""
    return [variable for layer in network.layers for variable in layer.variables]
