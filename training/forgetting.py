"""What a network forgets of its old data when it is trained on new data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import keras
import numpy as np

from ..data import DataError, Dataset, Scaling, load
from ..recipes import Blueprint
from ..runs.run_folder import Run
from .evaluate import predict_outputs
from .evaluation_batch import evaluation_batch
from .load_saved import load_saved
from .old_data import old_data, told_of
from .tasks import task_at_work


@dataclass(frozen=True)
class OldExamples:
    """Validation examples of the old data that the new network can be measured on.

    Attributes:
        inputs: raw inputs, (n, ...).
        before: their labels in the old network's numbering of the classes, or the numbers to
            predict, (n,).
        after: the same in the new network's numbering; it may have more classes.
        seen: how many of them are among the new training examples.
    """

    inputs: np.ndarray
    before: np.ndarray
    after: np.ndarray
    seen: int


class Forgetting:
    """Measures networks on the validation examples of the run that they started from.

    Args:
        run: the run that they started from.
        scaling: scaling of that run's inputs; None if its model holds none.
        data: the new data that they are trained on.
    """

    def __init__(self, run: Run, scaling: Scaling | None, data: Dataset) -> None:
        self._run, self._scaling, self._data = run, scaling, data

    @property
    def unknown(self) -> str | None:
        """Why forgetting cannot be measured, as the end of a sentence; None if it can."""
        return self._examples if isinstance(self._examples, str) else None

    def facts(self) -> dict[str, Any]:
        """Returns what a report says about the old data, as values that JSON can hold."""
        name, found = (self._run.details.get("data") or {}).get("name"), self._examples
        if isinstance(found, str):
            return {"name": name, "unknown": found}
        return {"name": name, "examples": len(found.inputs), "seen": found.seen}

    def answers(
        self, network: keras.Model, blueprint: Blueprint, data: Dataset
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Returns the answers for the old examples and their labels, before and after training.

        They are as `trickbook.runs.predictions_file` keeps them, by the names `old_before` and
        `old_after`. The dictionary is empty if forgetting cannot be measured.

        Args:
            network: the trained network; it takes inputs scaled as in the old run, or as `data` if
                the old model holds no scaling.
            blueprint: blueprint of the training.
            data: the new data, with the scaling that the network was trained with.
        """
        found = self._examples
        if isinstance(found, str):
            return {}
        scaling, batch_size = self._scaling or data.scaling, evaluation_batch(network)
        outputs = predict_outputs(network, found.inputs, scaling, batch_size)
        after = task_at_work(blueprint.task).answers(outputs, data)
        return {"old_before": (self._before, found.before), "old_after": (after, found.after)}

    @cached_property
    def _examples(self) -> OldExamples | str:
        try:
            return old_examples(self._run.details.get("data") or {}, self._data)
        except DataError as error:
            return str(error)

    @cached_property
    def _before(self) -> np.ndarray:
        assert isinstance(self._examples, OldExamples)
        inputs = np.asarray(self._examples.inputs, np.float32)
        model = load_saved(self._run)
        outputs = model.predict(inputs, batch_size=evaluation_batch(model), verbose=0)
        return np.asarray(outputs) if self._data.classes else np.asarray(outputs)[:, 0]


def old_examples(old: Mapping[str, Any], data: Dataset) -> OldExamples:
    """Returns the validation examples of a run's data.

    Args:
        old: what the run says about its data, the `data` of its run.json.
        data: the new data.

    Raises:
        DataError: if the examples are not available, or the new network is for other classes or
            inputs; the text says which, as the end of a sentence.
    """
    there = old_data(old, load)
    if not len(there.x_val):
        raise DataError("the old run had no validation examples, as in a refit")
    if there.input_shape != data.input_shape:
        raise DataError(
            f"the old inputs have shape {there.input_shape}, the new ones {data.input_shape}"
        )
    tables = (one.summary().get("table") for one in (there, data))
    if bool(there.classes) != bool(data.classes) or len(set(map(told_of, tables))) > 1:
        raise DataError("the old run predicted something else")
    if missing := [name for name in there.classes if name not in data.classes]:
        raise DataError(f"the old class {missing[0]} is not among the new ones")
    labels = there.labels("val")
    places = np.array([data.classes.index(name) for name in there.classes], dtype=np.int64)
    inputs = np.asarray(there.x_val)
    known = {row.tobytes() for row in np.asarray(data.x_train, inputs.dtype)}
    return OldExamples(
        inputs=inputs,
        before=labels,
        after=places[labels] if there.classes else labels,
        seen=sum(row.tobytes() in known for row in inputs),
    )
