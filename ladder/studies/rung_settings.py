"""The settings of a rung by name: those of its tricks, `dropout.rate`, and of the baseline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from ...recipes import (
    Blueprint,
    Config,
    NetworkSettings,
    Optimizer,
    RecipeError,
    TrainingSettings,
    nearest,
)
from ...recipes.setting import Setting, setting_of, stated
from ...recipes.training_settings import ADAM
from ...training.errors import LadderError
from ..rung import Rung, Step, applied
from .ablation import Use, uses_of

# How wide the baseline is, against what the ladder says: filters and dense units at once.
WIDTH = "width"
_WIDTH = Setting(
    "factor of the baseline's filters and dense units",
    low=0,
    high=1000,
    without_low=True,
    search=(0.5, 2.0),
    scale="log",
)
# Of the baseline's own Adam, where no recipe brings another optimiser.
_BETAS = ("beta_1", "beta_2")


@dataclass(frozen=True)
class NamedSetting:
    """A setting of a rung.

    Attributes:
        name: `learning_rate` of the baseline, `width`, the factor of its filters and dense units,
            `beta_1` of its Adam, `dropout.rate` of all uses of a trick,
            `augmentation#2.shift_pixels` of its second use.
        value: what the rung has.
        rule: which values it may have, where that is stated.
        annotation: the type of its field, where only that says which values it may have.
    """

    name: str
    value: Any
    rule: Setting | None
    annotation: Any = None

    @property
    def scale(self) -> str:
        """By what its values are spaced in a search, unless that is said there."""
        return self.rule.scale if self.rule else "linear"

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        if self.rule is not None:
            return self.rule.whole
        # A share may be 1 until it is searched. Annotations may be texts, as `float | None`.
        is_int = isinstance(self.value, int) and not isinstance(self.value, bool)
        return is_int and "float" not in str(self.annotation)


def find_setting(name: str, rung: Rung) -> NamedSetting:
    """Returns the rung's setting of that name, as `NamedSetting` has it.

    Raises:
        LadderError: if the rung has none, naming the nearest that it has.
    """
    known = {setting.name: setting for setting in settings_of(rung.baseline, rung.steps)}
    if name not in known:
        raise LadderError(
            f"{rung.name} has no setting {name!r}.{nearest(name, known)} "
            f"It has: {', '.join(known)}."
        )
    return known[name]


def with_values(
    baseline: Blueprint, steps: Sequence[Step], values: Mapping[str, Any], place: str
) -> Blueprint:
    """Returns the blueprint of the uppermost of these steps with other values of its settings.

    Args:
        baseline: of the ladder.
        steps: those up to the rung.
        values: by the names of its settings.
        place: where a refusal is said to be.

    Raises:
        RecipeError: for a value that a setting cannot have.
    """
    try:
        own = {name: value for name, value in values.items() if "." not in name}
        blueprint = _with_own(baseline, own)
        recipes = [replace(use.recipe, **_of_use(use, values)) for use in uses_of(steps)]
    except RecipeError as error:
        raise RecipeError(f"{place}: {error}") from error
    return applied(recipes, blueprint, place)


def settings_of(baseline: Blueprint, steps: Sequence[Step]) -> Iterator[NamedSetting]:
    """Yields every setting of the uppermost of these steps: the baseline's, then its tricks'."""
    for part in (TrainingSettings, NetworkSettings):
        for one in fields(part):
            rule = stated(one)
            if rule and not rule.several:
                yield NamedSetting(one.name, getattr(baseline, one.name), rule)
    if ":" not in baseline.base:
        yield NamedSetting(WIDTH, 1.0, _WIDTH)
    for name, value in _betas(baseline).items():
        yield NamedSetting(name, value, setting_of(Optimizer, name))
    for use in uses_of(steps):
        for one in fields(use.recipe):
            value = getattr(use.recipe, one.name)
            yield NamedSetting(f"{use.name}.{one.name}", value, stated(one), one.type)


def _with_own(baseline: Blueprint, values: Mapping[str, Any]) -> Blueprint:
    """Returns the baseline with other values of settings of its own."""
    betas = {name: value for name, value in values.items() if name in _betas(baseline)}
    plain = {name: value for name, value in values.items() if name not in (WIDTH, *betas)}
    blueprint = baseline.with_settings(**plain)
    if WIDTH in values:
        blueprint = blueprint.scaled(_factor(values[WIDTH]))
    changed = {name: value for name, value in betas.items() if value != _betas(baseline)[name]}
    if not changed:
        return blueprint
    adam = Config.of(ADAM.path, **{**baseline.optimizer.keywords(), **changed})
    return blueprint.with_settings(optimizer=adam)


def _factor(value: Any) -> float:
    try:
        return float(_WIDTH.checked(WIDTH, value))
    except ValueError as error:
        raise RecipeError(str(error)) from None


def _betas(baseline: Blueprint) -> dict[str, float]:
    """Returns the betas of the baseline's own Adam; none of another optimiser's."""
    held = baseline.optimizer
    if not isinstance(held, Config) or held.path != ADAM.path:
        return {}
    return {name: held.keywords().get(name, getattr(Optimizer(), name)) for name in _BETAS}


def _of_use(use: Use, values: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked of all uses of its trick, and of this one, which counts more."""
    found = {}
    for prefix in (use.recipe.name, use.name):
        for name, value in values.items():
            trick, dot, setting = name.partition(".")
            if dot and trick == prefix:
                found[setting] = value
    return found
