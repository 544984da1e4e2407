"""From a blueprint with a backbone to the models of its phases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras

from ..data import Scaling
from ..recipes import Blueprint, RecipeError
from ..reports.wording import count_text
from .backbones.body import Body
from .backbones.features import Features, fits
from .backbones.load import load_backbone
from .build import build_network, compile_model, in_units, rescaling
from .build_optimizer import build_optimizer
from .networks.input_kind import InputKind
from .phase import Phase
from .scaled_data import ScaledData
from .tasks import task_at_work
from .tasks.class_weights import class_weights
from .trained_model import TrainedModel

FROZEN, UNFROZEN = "frozen", "unfrozen"


@dataclass(frozen=True, eq=False)
class Transfer:
    """A head on a backbone, and how both are trained.

    Attributes:
        body: raw inputs -> features.
        head: features -> logits or standardised values; its weights depend on the seed.
        inference_model: raw inputs -> logits, or values in units of the target.
        phases: the phases of the training, in order.
    """

    body: Body
    head: keras.Model
    inference_model: keras.Model
    phases: list[Phase]

    def notes(self) -> list[str]:
        """Returns what to tell the user before the training, one text each."""
        body, (frozen, *later) = self.body, self.phases
        grey = "Grey images are shown to the backbone as RGB. " if body.shows_grey_as_rgb else ""
        epochs = count_text(frozen.last_epoch, "epoch")
        begun = f"{body.source} is frozen for {epochs} ({frozen.features_text})"
        unfrozen = [
            f"; then {len(body.layers)} of its layers with weights are trained, from "
            f"{body.layers[0].name} on ({phase.features_text})"
            for phase in later
        ]
        return [f"{grey}{begun}{''.join(unfrozen)}."]


def build_transfer(
    blueprint: Blueprint, scaled: ScaledData, steps_per_epoch: int, steps_per_execution: int
) -> Transfer:
    """Returns the models of a blueprint with a backbone, compiled.

    Args:
        blueprint: what to build.
        scaled: the raw examples.
        steps_per_epoch: batches per epoch.
        steps_per_execution: batches per call of the compiled training function.

    Raises:
        RecipeError: if the backbone is not available or does not fit, or if there are too few
            epochs for the phases.
    """
    data = scaled.data
    units = task_at_work(blueprint.task).units(data)
    backbone = load_backbone(blueprint, data)
    body = Body(backbone, data.input_shape, blueprint.unfreeze, blueprint.head_pooling)
    head = build_head(blueprint, body, units)
    raw = keras.Input(data.input_shape, name="images")
    outputs = in_units(head(body.after(body.before(raw))), data.target_scaling)
    full = keras.Model(raw, outputs, name="trickbook")
    makes = _Phases(blueprint, scaled, body, head, units, steps_per_epoch, steps_per_execution)
    return Transfer(body, head, full, makes.all())


def build_head(blueprint: Blueprint, body: Body, units: int, seed: int = 0) -> keras.Model:
    """Returns the network from features to outputs; its weights are a function of the seed."""
    shape = body.features.output_shape[1:]
    return build_network(blueprint, InputKind(tuple(shape)), units, seed)


@dataclass(frozen=True)
class _Phases:
    blueprint: Blueprint
    scaled: ScaledData
    body: Body
    head: keras.Model
    units: int
    steps_per_epoch: int
    steps_per_execution: int

    def all(self) -> list[Phase]:
        frozen = self._frozen_epochs()
        phases = [self._phase(FROZEN, 0, frozen)]
        if self.body.layers:
            phases.append(self._phase(UNFROZEN, frozen, self.blueprint.epochs))
        return phases

    def _frozen_epochs(self) -> int:
        epochs, given = self.blueprint.epochs, self.blueprint.frozen_epochs
        if not self.body.layers:
            return int(epochs)
        if epochs < 2 or (given or 1) >= epochs:
            raise RecipeError(
                f"transfer: none of the {epochs} epochs is left to train the unfrozen layers. Give "
                f"more epochs, or fewer frozen_epochs (now {given or 'half'})."
            )
        return int(given or epochs // 2)

    def _phase(self, name: str, first_epoch: int, last_epoch: int) -> Phase:
        choose = self.body.freeze if name == FROZEN else self.body.unfreeze
        choose()
        features = self._features(name)
        model = self._model(name, features)
        optimizer = build_optimizer(
            self.blueprint,
            model,
            self.steps_per_epoch,
            epochs_before=first_epoch,
            rate_left=self.blueprint.unfrozen_rate,
        )
        weights = class_weights(self.blueprint.training, self.scaled.data)
        compile_model(
            model, self.blueprint, optimizer, self.units, self.steps_per_execution, weights
        )
        return Phase(
            model, self.blueprint, self.scaled, first_epoch, last_epoch, name, features, choose
        )

    def _features(self, name: str) -> Features | None:
        """Returns the features that are computed once, or None.

        It is None if no part of the backbone stays frozen, if each epoch changes the inputs, or if
        the features do not fit into the memory set aside for them.
        """
        frozen = self.body.features if name == FROZEN else self.body.frozen
        training = self.blueprint.training
        if frozen is None or training.transforms or training.mixing:
            return None
        shape = tuple(frozen.output_shape[1:])
        return Features(self.scaled.data, frozen) if fits(self.scaled.data, shape) else None

    def _model(self, name: str, features: Features | None) -> keras.Model:
        body, head = self.body, self.head
        if features is None:
            inputs = keras.Input(self.scaled.data.input_shape, name="scaled_images")
            given = body.before(raw_of(inputs, self.scaled.scaling), trains=True)
            outputs = head(body.after(given, trains=True))
        else:
            inputs = keras.Input(features.shape, name="features")
            outputs = head(inputs if name == FROZEN else body.after(inputs, trains=True))
        return TrainedModel(inputs, outputs, name="trained")


def raw_of(scaled: Any, scaling: Scaling) -> Any:
    """Undoes the scaling: training transforms work on scaled images, a backbone takes raw ones."""
    return rescaling(scaling.inverse(), "raw")(scaled)
