"""The blueprint: all that decides one training, as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .config import Config
from .errors import RecipeError

# What a user's own base network may honour; the rest of a blueprint works with any network.
NETWORK_FIELDS = (
    "filters",
    "convolutions",
    "dense",
    "activation",
    "kernel_initializer",
    "use_bias",
    "normalization",
    "after_stage",
    "after_dense",
    "kernel_regularizer",
    "skip_connections",
)

# No layer, batch or training is larger; what is, is a slip, and would fill the memory.
LARGEST = 1_000_000

ADAM = Config.of("keras.optimizers:Adam")


@dataclass(frozen=True)
class Slot:
    """A Keras object that a recipe placed in a blueprint.

    Args:
        recipe: name of the recipe that filled the slot; the same recipe applied again replaces it.
        config: the object to make there.
        order: where several objects share a place, lower comes first, whatever the order in
            which their recipes were applied.
    """

    recipe: str
    config: Config
    order: int = 50

    def to_dict(self) -> dict[str, Any]:
        """Returns the slot as a JSON-serialisable dictionary."""
        return {"recipe": self.recipe, "order": self.order, **self.config.to_dict()}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Slot:
        """Returns the slot that `to_dict` wrote."""
        return cls(value["recipe"], Config.from_dict(value), value["order"])

    def __str__(self) -> str:
        return str(self.config)


@dataclass(frozen=True)
class Blueprint:
    """All that decides one training apart from the data and the seed.

    The defaults are the lecture's baseline (deck L3: 3x3 convolutions with padding "same",
    2x2 max pooling, dense 512, He initialisation, Adam at 1e-3, 40 epochs, batch 256). The deck
    gives no filter counts: two convolutions per stage with 64, 128 and 256 filters are ours.

    Attributes:
        base: `"module:build"` of a user's own network in place of the built-in one, or None.
        filters: filters of the convolutions, one number per stage; each stage ends in pooling.
        convolutions: convolutions per stage.
        dense: units of the hidden dense layers after the last stage.
        activation: Keras name of the activation after each convolution and dense layer.
        kernel_initializer: Keras name of the initialiser of all kernels.
        use_bias: whether convolutions and hidden dense layers have a bias.
        normalization: layer between each convolution or dense layer and its activation.
        after_stage: layers after the last activation of each stage, before a skip's addition.
        after_dense: layers after each hidden dense layer's activation.
        kernel_regularizer: regulariser of every kernel.
        skip_connections: whether a skip spans each stage.
        transforms: train-only layers applied to scaled training images in the input pipeline;
            each offers `draws`, the number of uniform draws per image, and is called with
            (images, draws).
        optimizer: the optimiser, without its learning rate.
        learning_rate: initial learning rate.
        schedule: a Keras learning-rate schedule, its lengths (decay_steps and the like) in epochs.
        epochs: passes over the training images.
        batch_size: images per step.
    """

    base: str | None = None
    filters: tuple[int, ...] = (64, 128, 256)
    convolutions: int = 2
    dense: tuple[int, ...] = (512,)
    activation: str = "relu"
    kernel_initializer: str = "he_normal"
    use_bias: bool = True
    normalization: Slot | None = None
    after_stage: tuple[Slot, ...] = ()
    after_dense: tuple[Slot, ...] = ()
    kernel_regularizer: Slot | None = None
    skip_connections: bool = False
    transforms: tuple[Slot, ...] = ()
    optimizer: Config = ADAM
    learning_rate: float = 1e-3
    schedule: Slot | None = None
    epochs: int = 40
    batch_size: int = 256

    def __post_init__(self) -> None:
        for name in ("filters", "dense"):
            sizes = getattr(self, name)
            is_list = isinstance(sizes, (list, tuple))
            if not is_list or not all(_is_count(size) for size in sizes):
                raise RecipeError(
                    f"{name} takes whole numbers from 1 to a million. Received: {name}={sizes!r}"
                )
            # A list would leave the blueprint without a hash.
            object.__setattr__(self, name, tuple(sizes))
        for name in ("convolutions", "epochs", "batch_size"):
            value = getattr(self, name)
            if not _is_count(value):
                raise RecipeError(
                    f"{name} must be a whole number from 1 to a million. Received: {name}={value!r}"
                )
        for name in ("activation", "kernel_initializer"):
            value = getattr(self, name)
            if not isinstance(value, str):
                raise RecipeError(f"{name} must be a name. Received: {name}={value!r}")
        if self.base is not None and not isinstance(self.base, str):
            raise RecipeError(f"base must read 'module:build'. Received: base={self.base!r}")
        rate = self.learning_rate
        is_number = isinstance(rate, (int, float)) and not isinstance(rate, bool)
        if not is_number or not 0 < rate < math.inf:
            raise RecipeError(
                f"learning_rate must be a finite number above 0. Received: learning_rate={rate!r}"
            )
        # 1 and 1.0 must not pass for two different trainings.
        object.__setattr__(self, "learning_rate", float(rate))

    def fill(self, place: str, slot: Slot) -> Blueprint:
        """Returns a copy with `slot` in `place`.

        In a place that takes several layers (after_stage, after_dense, transforms) the slot joins
        those of other recipes and replaces its own recipe's former one.

        Raises:
            RecipeError: if the place takes one object and another recipe has filled it.
        """
        held = getattr(self, place)
        if isinstance(held, tuple):
            others = [other for other in held if other.recipe != slot.recipe]
            ordered = sorted([*others, slot], key=lambda entry: (entry.order, entry.recipe))
            return self._with(place, tuple(ordered))
        if held is not None and held.recipe != slot.recipe:
            raise RecipeError(
                f"{slot.recipe} clashes with {held.recipe}: both set the {place} "
                f"({slot} and {held}). Keep one of them."
            )
        return self._with(place, slot)

    def empty(self, place: str, recipe: str) -> Blueprint:
        """Returns a copy without what `recipe` had put in `place`."""
        held = getattr(self, place)
        if isinstance(held, tuple):
            return self._with(place, tuple(slot for slot in held if slot.recipe != recipe))
        is_ours = held is not None and held.recipe == recipe
        return self._with(place, None) if is_ours else self

    def _with(self, place: str, content: Any) -> Blueprint:
        changes: dict[str, Any] = {place: content}
        return replace(self, **changes)

    def scaled(self, factor: float) -> Blueprint:
        """Returns a copy with filters and dense units times `factor` (at least 1 each)."""
        return replace(self, filters=_times(self.filters, factor), dense=_times(self.dense, factor))

    def with_budget(self, epochs: int | None, batch_size: int | None) -> Blueprint:
        """Returns a copy with what is given of the budget; None keeps what there is."""
        return replace(
            self,
            epochs=self.epochs if epochs is None else epochs,
            batch_size=self.batch_size if batch_size is None else batch_size,
        )

    def to_dict(self) -> dict[str, Any]:
        """Returns the blueprint as a JSON-serialisable dictionary."""
        return {field.name: _plain(getattr(self, field.name)) for field in fields(self)}

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Blueprint:
        """Returns the blueprint that `to_dict` wrote."""
        read = {name: _read(name, item) for name, item in value.items()}
        return cls(**read)

    def difference(self, below: Blueprint) -> str:
        """Returns in words what this blueprint changes against `below`."""
        changes = []
        for field in fields(self):
            before, after = getattr(below, field.name), getattr(self, field.name)
            if before == after:
                continue
            slots = _slots(before), _slots(after)
            words = _slot_changes(*slots) if any(slots) else f"{_words(before)} -> {_words(after)}"
            changes.append(f"{field.name}: {words}")
        return "; ".join(changes)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= LARGEST


def _times(sizes: tuple[int, ...], factor: float) -> tuple[int, ...]:
    return tuple(max(1, round(size * factor)) for size in sizes)


def _plain(value: Any) -> Any:
    if isinstance(value, (Slot, Config)):
        return value.to_dict()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value


def _read(name: str, value: Any) -> Any:
    if name == "optimizer":
        return Config.from_dict(value)
    if isinstance(value, Mapping):
        return Slot.from_dict(value)
    if isinstance(value, list):
        return tuple(_read("", item) for item in value)
    return value


def _slots(value: Any) -> dict[str, Slot]:
    held = value if isinstance(value, tuple) else (value,)
    return {slot.recipe: slot for slot in held if isinstance(slot, Slot)}


def _slot_changes(before: dict[str, Slot], after: dict[str, Slot]) -> str:
    """Says what came (+), what went (-), and which arguments of the same object changed."""
    changes = [f"- {slot}" for recipe, slot in before.items() if recipe not in after]
    for recipe, slot in after.items():
        if recipe not in before:
            changes.append(f"+ {slot}")
        elif slot != before[recipe]:
            changes.append(slot.config.difference(before[recipe].config))
    return ", ".join(changes)


def _words(value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return f"{value:g}" if isinstance(value, float) else str(value)
