"""A phase of a training: one fit of its own, of some of the epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import keras

from ..callbacks.state.variable_values import values_of
from ..data import Dataset, Scaling
from ..data.batches.by_backend import TrainingData
from ..recipes import Blueprint
from .backbones.features import Features
from .build_batches import build_batches
from .scaled_data import ScaledData


@dataclass(eq=False)
class Phase:
    """What one fit of a run trains, on what and in which epochs; most runs have one phase.

    Attributes:
        model: compiled: scaled inputs, or features, -> outputs.
        blueprint: of the training.
        whole: the raw examples, scaled.
        first_epoch: epochs of the training before its own.
        last_epoch: its last epoch, counted from 1.
        name: what a report calls it; empty where there is no other.
        features: of the inputs, where its model takes what is computed of them once.
        choose_trained: decides which layers are trained, before the fit.
    """

    model: keras.Model
    blueprint: Blueprint
    whole: ScaledData
    first_epoch: int
    last_epoch: int
    name: str = ""
    features: Features | None = None
    choose_trained: Callable[[], None] = lambda: None
    _fresh: list[Any] = field(init=False)

    def __post_init__(self) -> None:
        self.choose_trained()
        optimizer = self.model.optimizer
        optimizer.build(self.model.trainable_variables)
        self._fresh = values_of(optimizer.variables)

    @property
    def scaling(self) -> Scaling:
        """The scaling of what the model takes."""
        return self.whole.scaling if self.features is None else self.features.scaling

    @cached_property
    def scaled(self) -> ScaledData:
        """What the model is measured on while it trains."""
        if self.features is None:
            return self.whole
        return ScaledData(self.examples("train", "val"), self.scaling)

    @cached_property
    def batches(self) -> TrainingData:
        """The batches that the model trains on."""
        return build_batches(self.blueprint, self.examples("train"), self.scaling)

    @cached_property
    def image_batches(self) -> TrainingData:
        """The same batches as raw examples, scaled and transformed, before any features."""
        if self.features is None:
            return self.batches
        return build_batches(self.blueprint, self.whole.data, self.whole.scaling)

    def examples(self, *splits: str) -> Dataset:
        """Returns the data set with what the model takes for inputs, of these splits at least."""
        return self.whole.data if self.features is None else self.features.dataset(*splits)

    def reset(self) -> None:
        """Gives the optimiser the state that it begins with."""
        for variable, start in zip(self.model.optimizer.variables, self._fresh, strict=True):
            variable.assign(start)

    @property
    def features_text(self) -> str:
        """How often what is frozen is computed, in words."""
        often = "at each step" if self.features is None else "once"
        return f"what is frozen is computed {often}"

    def facts(self, epochs: int) -> dict[str, Any]:
        """Returns what a report tells of it, as values that JSON can hold.

        Args:
            epochs: how many the whole training had.
        """
        own = min(epochs, self.last_epoch) - self.first_epoch
        return {"name": self.name, "epochs": own, "features_once": self.features is not None}

    def a_batch(self) -> Any:
        """Returns a batch for a step that is timed or tried; features are not computed for it."""
        if self.features is None:
            return next(iter(self.batches.dataset(0, epochs=1)))
        stand_in = build_batches(self.blueprint, self.features.stand_in(), self.scaling)
        return next(iter(stand_in.dataset(0, epochs=1)))
