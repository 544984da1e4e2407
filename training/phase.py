"""A phase of a training: one call of `fit`, for some of the epochs."""

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
    """One fit of a run: its model, its data and its epochs. Most runs have a single phase.

    Attributes:
        model: the compiled model: scaled inputs, or features, -> outputs.
        blueprint: blueprint of the training.
        whole: the examples themselves with their scaling, not their features.
        first_epoch: number of epochs before this phase.
        last_epoch: its last epoch, counted from 1.
        name: what a report calls it; empty unless the network has a backbone.
        features: the features that the model takes instead of the inputs, computed once; None if
            it takes the inputs.
        choose_trained: sets which layers are trained; called before the fit.
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
        """The scaling of the model's inputs."""
        return self.whole.scaling if self.features is None else self.features.scaling

    @cached_property
    def scaled(self) -> ScaledData:
        """The examples that the model is measured on while it trains."""
        if self.features is None:
            return self.whole
        return ScaledData(self.examples("train", "val"), self.scaling)

    @cached_property
    def batches(self) -> TrainingData:
        """The batches that the model trains on."""
        return build_batches(self.blueprint, self.examples("train"), self.scaling)

    @cached_property
    def image_batches(self) -> TrainingData:
        """The same batches with scaled and transformed examples instead of features."""
        if self.features is None:
            return self.batches
        return build_batches(self.blueprint, self.whole.data, self.whole.scaling)

    def examples(self, *splits: str) -> Dataset:
        """Returns the data set with what the model takes as inputs, for these splits at least."""
        return self.whole.data if self.features is None else self.features.dataset(*splits)

    def reset(self) -> None:
        """Sets the optimiser back to its initial state."""
        for variable, start in zip(self.model.optimizer.variables, self._fresh, strict=True):
            variable.assign(start)

    @property
    def features_text(self) -> str:
        """How often the frozen part is computed, in words."""
        often = "at each step" if self.features is None else "once"
        return f"the frozen part is computed {often}"

    def facts(self, epochs: int) -> dict[str, Any]:
        """Returns what a report says about the phase, as values that JSON can hold.

        Args:
            epochs: number of epochs of the whole training.
        """
        own = min(epochs, self.last_epoch) - self.first_epoch
        return {"name": self.name, "epochs": own, "features_once": self.features is not None}

    def a_batch(self) -> Any:
        """Returns a batch for timing or trying a step; no features are computed for it."""
        if self.features is None:
            return next(iter(self.batches.dataset(0, epochs=1)))
        stand_in = build_batches(self.blueprint, self.features.stand_in(), self.scaling)
        return next(iter(stand_in.dataset(0, epochs=1)))
