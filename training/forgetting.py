"""What a network that is trained on other data forgets of those that it was trained on before."""

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
    """Validation examples of the old data, which the new network can be asked of.

    Attributes:
        inputs: raw, (n, ...).
        before: their labels as the old network counts them, (n,), or the numbers to tell.
        after: the same as the new network counts them, which may know more classes.
        seen: how many of them stand among the new training examples.
    """

    inputs: np.ndarray
    before: np.ndarray
    after: np.ndarray
    seen: int


class Forgetting:
    """Measures networks on the validation examples of a run that they started from.

    Args:
        run: that they started from.
        scaling: of its inputs.
        data: what they are trained on.
    """

    def __init__(self, run: Run, scaling: Scaling | None, data: Dataset) -> None:
        self._run, self._scaling, self._data = run, scaling, data

    @property
    def unknown(self) -> str | None:
        """Why it cannot be told, as the end of a sentence; None where it can."""
        return self._examples if isinstance(self._examples, str) else None

    def facts(self) -> dict[str, Any]:
        """Returns what a report tells of the old data, as values that JSON can hold."""
        name, found = (self._run.details.get("data") or {}).get("name"), self._examples
        if isinstance(found, str):
            return {"name": name, "unknown": found}
        return {"name": name, "examples": len(found.inputs), "seen": found.seen}

    def answers(
        self, network: keras.Model, blueprint: Blueprint, data: Dataset
    ) -> dict[str, tuple[np.ndarray, np.ndarray]]:
        """Returns what is said of the old examples, and their labels, `before` and after training.

        Both are as `trickbook.runs.predictions_file` keeps them; nothing where it cannot be told.

        Args:
            network: trained: inputs scaled as the old were -> outputs.
            blueprint: of the training.
            data: scaled as it was trained on.
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
        old: what the run tells of its data, the `data` of its run.json.
        data: what is trained on now.

    Raises:
        DataError: if they cannot be had, or the new network answers for other classes or inputs;
            the text says which, as the end of a sentence.
    """
    there = old_data(old, load)
    if not len(there.x_val):
        raise DataError("it had none for validation, as a refit")
    if there.input_shape != data.input_shape:
        raise DataError(
            f"its inputs are of shape {there.input_shape}, and these of {data.input_shape}"
        )
    tables = (one.summary().get("table") for one in (there, data))
    if bool(there.classes) != bool(data.classes) or len(set(map(told_of, tables))) > 1:
        raise DataError("it told something else")
    if missing := [name for name in there.classes if name not in data.classes]:
        raise DataError(f"its class {missing[0]} is none of these")
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
