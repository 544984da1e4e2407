"""The settings of a rung by name: its tricks', such as `dropout.rate`, and its baseline's."""

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

# A factor of the baseline's width: it multiplies the ladder's filters and dense units at once.
WIDTH = "width"
_WIDTH = Setting(
    "factor of the baseline's filters and dense units",
    low=0,
    high=1000,
    without_low=True,
    search=(0.5, 2.0),
    scale="log",
)
# Settings of the baseline's own Adam; they have an effect where no recipe brings an optimiser.
_BETAS = ("beta_1", "beta_2")


@dataclass(frozen=True)
class NamedSetting:
    """A setting of a rung.

    Attributes:
        name: its name: `learning_rate` is a setting of the baseline, `width` the factor of the
            baseline's filters and dense units, `beta_1` one of its Adam; `dropout.rate` is a
            setting of all uses of a trick, `augmentation#2.shift_pixels` of its second use.
        value: the value in the rung.
        rule: which values it may have, if the field states that.
        annotation: the type of its field, for a setting without a rule.
    """

    name: str
    value: Any
    rule: Setting | None
    annotation: Any = None

    @property
    def scale(self) -> str:
        """The scale on which a search spaces its values, unless the search gives one."""
        return self.rule.scale if self.rule else "linear"

    @property
    def is_whole(self) -> bool:
        """Whether its values are whole numbers."""
        if self.rule is not None:
            return self.rule.whole
        # A fraction may be 1 now and not whole in a search. Annotations may be strings, such as
        # `float | None`.
        is_int = isinstance(self.value, int) and not isinstance(self.value, bool)
        return is_int and "float" not in str(self.annotation)


def find_setting(name: str, rung: Rung) -> NamedSetting:
    """Returns the rung's setting of that name; `NamedSetting` says which names there are.

    Raises:
        LadderError: if the rung has no such setting, with the most similar name that it has.
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
    """Returns the blueprint of a rung with other values of its settings.

    Args:
        baseline: the ladder's baseline.
        steps: the steps up to the rung.
        values: the values by the names of the settings.
        place: where the error messages say that the fault is.

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
    """Yields every setting of the rung with these steps: the baseline's, then its tricks'."""
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
    """Returns the baseline with other values of its own settings."""
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
    """Returns the betas of the baseline's own Adam; nothing if it has another optimiser."""
    held = baseline.optimizer
    if not isinstance(held, Config) or held.path != ADAM.path:
        return {}
    return {name: held.keywords().get(name, getattr(Optimizer(), name)) for name in _BETAS}


def _of_use(use: Use, values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the values given for all uses of the trick and for this use; the latter win."""
    found = {}
    for prefix in (use.recipe.name, use.name):
        for name, value in values.items():
            trick, dot, setting = name.partition(".")
            if dot and trick == prefix:
                found[setting] = value
    return found
