"""The blueprint: all that decides one training, as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from .config import Config
from .errors import RecipeError
from .network_settings import NetworkSettings, multiplied, widths_of, written_base
from .slot import Slot, from_plain, slots_in, to_plain
from .task import Task
from .training_settings import TrainingSettings

_PARTS: dict[str, Any] = {"network": NetworkSettings, "task": Task, "training": TrainingSettings}
# The settings that can be used by name alone. Those of a task can only be used through the task.
_PART_OF = {field.name: part for part in ("network", "training") for field in fields(_PARTS[part])}
# Places for slots are filled by name, including the one that belongs to the task.
_PLACE_OF = {**_PART_OF, "loss": "task"}
# The settings that have always been part of fingerprints. Later ones are left out at their
# defaults, so that earlier runs still count.
_FROM_THE_FIRST = (
    *("base", "filters", "convolutions", "dense", "activation", "kernel_initializer", "use_bias"),
    *("normalization", "after_stage", "after_dense", "kernel_regularizer", "skip_connections"),
    *("transforms", "optimizer", "learning_rate", "schedule", "epochs", "batch_size"),
)


@dataclass(frozen=True, init=False)
class Blueprint:
    """All that decides one training apart from the data and the seed, in three parts.

    The settings of network and training can also be used by name alone:
    `Blueprint(filters=(8, 16), epochs=3).filters`, `blueprint.with_settings(epochs=5)`. The
    defaults are the lecture's baseline (deck L3).

    Args:
        network: which network.
        task: what it is trained for.
        training: how it is trained, budget included.
        **settings: settings of the network and the training, which override those in the parts.

    Raises:
        RecipeError: for a setting that is out of range.
        TypeError: for an unknown setting.
    """

    network: NetworkSettings
    task: Task
    training: TrainingSettings

    def __init__(
        self,
        network: NetworkSettings | None = None,
        task: Task | None = None,
        training: TrainingSettings | None = None,
        **settings: Any,
    ) -> None:
        unknown = [name for name in settings if name not in _PART_OF]
        if unknown:
            raise TypeError(f"A blueprint has no {unknown[0]!r}. It has: {', '.join(_PART_OF)}")
        parts: dict[str, Any] = {
            "network": network or NetworkSettings(),
            "task": task or Task(),
            "training": training or TrainingSettings(),
        }
        for part, values in parts.items():
            own = {name: value for name, value in settings.items() if _PART_OF[name] == part}
            object.__setattr__(self, part, replace(values, **own) if own else values)
        self._check_loss()
        self._check_logits()
        self._check_backbone()

    def __getattr__(self, name: str) -> Any:
        if name not in _PART_OF:
            raise AttributeError(f"A blueprint has no {name!r}.")
        return getattr(getattr(self, _PART_OF[name]), name)

    def fill(self, place: str, slot: Slot) -> Blueprint:
        """Returns a copy with `slot` in `place`.

        In a place that takes several objects (after_stage, after_dense, transforms, preprocessing,
        callbacks, rate_factors) the slot joins those of other recipes and replaces an earlier one
        of its own recipe. In other places (activation, kernel_initializer, normalization,
        kernel_regularizer, optimizer, schedule, scaling, averaging, mixing, loss) it replaces what
        the baseline has there.

        Raises:
            RecipeError: if the place takes one object and another recipe has filled it, or if there
                is no such place.
        """
        held = self._held(place)
        if isinstance(held, tuple):
            others = [other for other in held if other.recipe != slot.recipe]
            ordered = sorted([*others, slot], key=lambda entry: (entry.order, entry.recipe))
            return self._with(place, tuple(ordered))
        if isinstance(held, Slot) and held.recipe != slot.recipe:
            raise RecipeError(
                f"{slot.recipe} clashes with {held.recipe}: both set the {place} "
                f"({slot} and {held}). Keep one of them."
            )
        return self._with(place, slot)

    def empty(self, place: str, recipe: str) -> Blueprint:
        """Returns a copy without what `recipe` put in `place`.

        A place that takes one object gets its default back.
        """
        held = self._held(place)
        if isinstance(held, tuple):
            return self._with(place, tuple(slot for slot in held if slot.recipe != recipe))
        is_ours = isinstance(held, Slot) and held.recipe == recipe
        return self._with(place, _default(place)) if is_ours else self

    def with_settings(self, **settings: Any) -> Blueprint:
        """Returns a copy with other values for the given settings of the network and training."""
        parts = {name: getattr(self, name) for name in _PARTS}
        return Blueprint(**parts, **settings)

    def _held(self, place: str) -> Any:
        if place not in _PLACE_OF:
            raise RecipeError(f"A blueprint has no place {place!r} for a slot.")
        return getattr(getattr(self, _PLACE_OF[place]), place)

    def _with(self, place: str, content: Any) -> Blueprint:
        part = _PLACE_OF[place]
        changes: dict[str, Any] = {place: content}
        return replace(self, **{part: replace(getattr(self, part), **changes)})

    def _check_loss(self) -> None:
        """Refuses recipes that change the cross-entropy where the loss is another one."""
        names = [name for name in ("label_smoothing", "class_weight") if getattr(self, name)]
        names += [self.mixing.recipe] if self.mixing else []
        if names and self.task.kind != "classification":
            raise RecipeError(
                f"{names[0]} is for the classes of a classification. "
                f"Received: a task of kind {self.task.kind!r}"
            )
        if names and self.task.loss is not None:
            raise RecipeError(
                f"{names[0]} clashes with {self.task.loss.recipe}: it changes the cross-entropy, "
                f"which {self.task.loss} replaces. Keep one of them."
            )

    def _check_logits(self) -> None:
        """Refuses scaled logits beside LSUV, which gives them a variance of 1."""
        lsuv = self.training.lsuv_recipe
        if lsuv and self.network.logit_scale != 1:
            raise RecipeError(
                f"logit_scaling clashes with {lsuv}: LSUV gives the logits variance 1, whatever "
                "they are multiplied by. Keep one of them."
            )

    def _check_backbone(self) -> None:
        """Refuses what would undo or contradict the earlier training of a backbone."""
        against = [*self._against_backbone()] if self.network.base == "backbone" else []
        for recipe, why in against:
            raise RecipeError(f"transfer clashes with {recipe}: {why}.")

    def _against_backbone(self) -> Iterator[tuple[str, str]]:
        """Yields the recipes that do not go with a backbone, and why."""
        training = self.training
        for slot in (*training.preprocessing, training.scaling):
            if slot:
                yield slot.recipe, "the backbone takes raw inputs, and scales them itself"
        if training.warm_start:
            yield "warm_start", "both say what the weights start from"
        if training.lsuv_recipe:
            yield training.lsuv_recipe, "LSUV sets all weights anew"
        for slot in training.callbacks:
            if slot.config.class_name == "EarlyStopping" and training.unfreeze:
                yield slot.recipe, "it would choose one epoch from two phases; leave out unfreeze"
        schedule = training.schedule
        if schedule and schedule.config.class_name == "ReduceLROnPlateau" and training.unfreeze:
            yield schedule.recipe, "a new phase forgets the lowered rate; leave out unfreeze"
        if training.averaging and training.unfreeze:
            yield training.averaging.recipe, "averages begin anew in each phase; leave out unfreeze"

    def scaled(self, factor: float) -> Blueprint:
        """Returns a copy with all widths times `factor` (at least 1 each)."""
        # Always the filters: they are part of fingerprints even without convolutions.
        names = {"filters", "dense", widths_of(self.base)}
        return self.with_settings(
            **{name: multiplied(getattr(self, name), factor) for name in names}
        )

    def with_budget(self, epochs: int | None, batch_size: int | None) -> Blueprint:
        """Returns a copy with another budget; None keeps the present value."""
        given = {"epochs": epochs, "batch_size": batch_size}
        changes: dict[str, Any] = {name: size for name, size in given.items() if size is not None}
        return replace(self, training=replace(self.training, **changes))

    def to_dict(self) -> dict[str, Any]:
        """Returns the blueprint as a JSON-serialisable dictionary.

        The settings of network and training are all at the top level. Settings of later versions
        are left out at their defaults, so that fingerprints do not change; so is a weight decay of
        0 that has no effect.
        """
        settings = {name: getattr(self, name) for name in _PART_OF}
        settings["weight_decay"] = self.training.told_decay
        kept = {
            name: to_plain(value)
            for name, value in settings.items()
            if name in _FROM_THE_FIRST or value != _default(name)
        }
        kept["base"] = written_base(self.network.base)
        if "settings" in kept:
            kept["settings"] = Config(":", self.network.settings).to_dict()["arguments"]
        if self.task != Task():
            task = {field.name: getattr(self.task, field.name) for field in fields(Task)}
            kept["task"] = {name: to_plain(value) for name, value in task.items()}
        return kept

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Blueprint:
        """Returns the blueprint that `to_dict` wrote."""
        read = {
            name: from_plain(item)
            for name, item in value.items()
            if name not in ("task", "settings")
        }
        task = {name: from_plain(item) for name, item in value.get("task", {}).items()}
        settings = tuple(value.get("settings", {}).items())
        return cls(task=Task(**task), settings=settings, **read)

    def difference(self, below: Blueprint) -> str:
        """Returns in words what this blueprint changes compared with `below`."""
        changes = []
        for name in (*_PART_OF, "kind", "decides", "loss"):
            part = _PART_OF.get(name, "task")
            before, after = getattr(getattr(below, part), name), getattr(getattr(self, part), name)
            if before == after:
                continue
            slots = slots_in(before), slots_in(after)
            is_many = isinstance(after, tuple)
            words = (
                _slot_changes(*slots)
                if any(slots) and (is_many or all(map(_is_slot_or_none, (before, after))))
                else f"{_words(before)} -> {_words(after)}"
            )
            changes.append(f"{name}: {words}")
        return "; ".join(changes)


def _default(place: str) -> Any:
    part = _PARTS[_PLACE_OF[place]]
    return next(field.default for field in fields(part) if field.name == place)


def _is_slot_or_none(value: Any) -> bool:
    return value is None or isinstance(value, Slot)


def _slot_changes(before: dict[str, Slot], after: dict[str, Slot]) -> str:
    """Says what was added (+) and removed (-), and which arguments of an object changed."""
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
        return ", ".join(
            " ".join(map(_words, item)) if isinstance(item, tuple) else str(item) for item in value
        )
    return f"{value:g}" if isinstance(value, float) else str(value)
