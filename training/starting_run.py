"""Starting a training from the weights of a run on other data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import keras
import numpy as np

from ..data import Dataset, Scaling
from ..recipes import RecipeError, Slot
from ..runs.errors import ReportError
from ..runs.run_folder import read_run
from ..runs.saved_weights import weights_hash
from .errors import LadderError
from .forgetting import Forgetting
from .load_saved import load_saved
from .old_data import told_of


@dataclass(frozen=True)
class Fit:
    """Which of a network's layers start from the old weights.

    Attributes:
        taken: names of the layers that start from the old weights.
        fresh: the other layers by name, and why each of them starts afresh.
    """

    taken: tuple[str, ...]
    fresh: Mapping[str, str]


class StartingRun:
    """A run that a training on other data starts from.

    Args:
        path: folder of the run.
        data: the new data.

    Attributes:
        path: the path as given.
        scaling: scaling of the run's inputs; None if its model holds none.
        forgetting: measures what a network forgets of the old data.

    Raises:
        RecipeError: if there is no such run, it was trained on a backbone, or its model cannot be
            loaded.
    """

    def __init__(self, path: str, data: Dataset) -> None:
        try:
            self._run = read_run(path)
            self._refuse_backbone()
            model = load_saved(self._run)
        except (ReportError, LadderError) as error:
            raise RecipeError(f"warm_start: {error}") from error
        self.path, self._given = path, data
        self._weights = {
            layer.name: [keras.ops.convert_to_numpy(weight) for weight in layer.weights]
            for layer in _network(model).layers
            if layer.weights
        }
        self.scaling = _scaling(model, "scaling")
        self._units = _scaling(model, "units")
        self.forgetting = Forgetting(self._run, self.scaling, data)

    @cached_property
    def data(self) -> Dataset:
        """The new data, scaled as the old weights expect it if possible."""
        changes: dict[str, Any] = {}
        if self._keeps_scaling:
            changes["scaling"] = self.scaling
        if self._given.target_scaling and self._units and not self._told_otherwise:
            changes["target_scaling"] = self._units.inverse()
        return replace(self._given, **changes)

    def fit(self, network: keras.Model) -> Fit:
        """Returns which layers of the network start from the old weights.

        Raises:
            RecipeError: if no layer does.
        """
        layers = [layer for layer in network.layers if layer.weights]
        reasons = {layer.name: self._misfit(layer, layer is layers[-1]) for layer in layers}
        fresh = {name: why for name, why in reasons.items() if why}
        if len(fresh) == len(layers):
            said = "; ".join(f"{name}: {why}" for name, why in fresh.items())
            raise RecipeError(f"warm_start: no layer fits the weights of {self.path} ({said}).")
        return Fit(tuple(name for name in reasons if name not in fresh), fresh)

    def give(self, network: keras.Model) -> None:
        """Sets the weights of the layers that fit."""
        for name in self.fit(network).taken:
            weights = network.get_layer(name).weights
            for weight, value in zip(weights, self._weights[name], strict=True):
                weight.assign(value)

    def notes(self, network: keras.Model, initializer: str | Slot) -> list[str]:
        """Returns what to tell the user before the training, one text each.

        Args:
            network: the network that starts from the weights.
            initializer: the blueprint's initialiser of its kernels.
        """
        fit, fresh = self.fit(network), ""
        if fit.fresh:
            listed = "; ".join(f"{name} ({why})" for name, why in fit.fresh.items())
            fresh = f" These start afresh: {listed}."
        notes = [
            f"Every seed starts from the weights of {self.path}, {len(fit.taken)} of "
            f"{len(fit.taken) + len(fit.fresh)} layers.{fresh}"
        ]
        if not fit.fresh and isinstance(initializer, Slot):
            notes.append(
                f"{initializer.recipe} does nothing here: every layer starts from those weights."
            )
        if unknown := self.forgetting.unknown:
            notes.append(f"What it forgets of the old data is not measured: {unknown}.")
        return notes

    def facts(self, network: keras.Model) -> dict[str, Any]:
        """Returns what a report says about the start, as values that JSON can hold."""
        fit = self.fit(network)
        return {
            "run": self.path,
            "weights": weights_hash(self.path),
            "taken": list(fit.taken),
            "fresh": dict(fit.fresh),
            "keeps_scaling": self._keeps_scaling,
            "old": self.forgetting.facts(),
        }

    def _refuse_backbone(self) -> None:
        if (self._run.details.get("blueprint") or {}).get("base") == "backbone":
            raise RecipeError(
                f"warm_start: the run in {self._run.folder} was itself trained on a backbone, "
                "which would not be taken over. Start from it with the recipe transfer instead, "
                f"with source = {str(self._run.folder)!r}."
            )

    @property
    def _told_otherwise(self) -> str:
        """How the meaning of the outputs differs from the old run; empty if it is the same."""
        old, new = self._run.details.get("data") or {}, self._given
        if tuple(old.get("classes") or ()) != new.classes:
            return "other classes" if new.classes else "another number"
        there, here = (told_of(table) for table in (old.get("table"), new.summary().get("table")))
        if there == here:
            return ""
        is_same_column = there is not None and here is not None and there[0] == here[0]
        return "another horizon" if is_same_column else "another target"

    @property
    def _keeps_scaling(self) -> bool:
        """Whether the old scaling has a factor for every channel or column of the new inputs."""
        kept = self.scaling
        return kept is not None and len(kept.scale) == len(self._given.scaling.scale)

    def _misfit(self, layer: keras.layers.Layer, is_last: bool) -> str:
        """Says why a layer does not take the old weights; empty if it does."""
        if layer.name not in self._weights:
            return "not in the old network"
        if is_last and self._told_otherwise:
            return self._told_otherwise
        there = [value.shape for value in self._weights[layer.name]]
        here = [tuple(weight.shape) for weight in layer.weights]
        if len(there) != len(here):
            return f"{len(there)} arrays there, {len(here)} here"
        other = [pair for pair in zip(there, here, strict=True) if pair[0] != pair[1]]
        return f"{_words(other[0][0])} there, {_words(other[0][1])} here" if other else ""


def _network(model: keras.Model) -> keras.Model:
    """Returns the part of a saved model that was trained."""
    return next((layer for layer in model.layers if isinstance(layer, keras.Model)), model)


def _scaling(model: keras.Model, name: str) -> Scaling | None:
    """Returns the scaling that a layer of a saved model applies; None if there is no such layer."""
    found = [layer for layer in model.layers if layer.name == name]
    if not found:
        return None
    scale, offset = (
        tuple(np.ravel(value).astype(float).tolist()) for value in (found[0].scale, found[0].offset)
    )
    return Scaling("standardize", scale, offset)


def _words(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
