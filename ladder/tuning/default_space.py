"""What is searched if no space is given: the settings that deck L2 names, in its order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from ...argument_checks import is_number
from ...recipes import Blueprint, RecipeError
from ..rung import Step
from ..studies.effect_checks import built, is_honoured
from ..studies.rung_settings import NamedSetting, settings_of
from .dimension import Dimension

# Deck L2: learning rate; momentum; betas; layers; units; decay; batch size. A name that ends in a
# dot or an underscore stands for all names that begin with it.
_ORDER = (
    *("learning_rate", "optimizer.learning_rate", "optimizer.momentum", "beta_1"),
    *("optimizer.beta_1", "beta_2", "optimizer.beta_2", "optimizer.rho", "convolutions"),
    *("deeper.", "width", "wider.", "lr_", "weight_decay", "l2.", "l1.", "batch_size"),
)


def default_dimensions(
    baseline: Blueprint, steps: Sequence[Step], rung: Blueprint
) -> Iterator[Dimension]:
    """Yields what is searched in a rung: settings that declare a range, are on and have an effect.

    Args:
        baseline: the ladder's baseline.
        steps: the steps up to the rung.
        rung: the rung's blueprint.
    """
    settings = [resolved(one, rung) for one in settings_of(baseline, steps)]
    known = [one for one in settings if one.rule and one.rule.search]
    for setting in sorted(known, key=lambda one: _place(one.name)):
        # The name of a trick without a number stands for all of its uses.
        is_of_one_use = "#" in setting.name
        if is_of_one_use or not setting.value or not is_honoured(setting.name, rung):
            continue
        low, high = _about(setting)
        dimension = Dimension(setting, low=low, high=high, scale=setting.scale)
        if low < high and _has_effect(dimension, baseline, steps):
            yield dimension


def default_range(setting: NamedSetting) -> tuple[float, float] | list[object] | None:
    """Returns the range or the list of values that the setting declares; None if there is none."""
    rule = setting.rule
    if rule is None:
        return None
    if rule.flag:
        return [False, True]
    if rule.choices:
        return [*rule.choices]
    if rule.search:
        return _about(setting)
    is_bounded = abs(rule.low) + abs(rule.high) <= 2 and not rule.without_low
    return (rule.low, rule.high) if is_bounded and not rule.without_high else None


def resolved(setting: NamedSetting, rung: Blueprint) -> NamedSetting:
    """Returns the setting; a learning rate of None is replaced by the rung's learning rate."""
    is_rate = setting.name.endswith(".learning_rate") and setting.value is None
    return replace(setting, value=rung.learning_rate) if is_rate else setting


def _place(name: str) -> int:
    """The position of a setting in the deck's order; settings that it does not name come last."""
    for place, known in enumerate(_ORDER):
        if name == known or (known[-1] in "._" and name.startswith(known)):
            return place
    return len(_ORDER)


def _about(setting: NamedSetting) -> tuple[float, float]:
    """The declared range, widened to include the rung's value; batch sizes are near the rung's.

    Every ladder chooses the batch size for its data, so it says more than any fixed range.
    """
    assert setting.rule is not None and setting.rule.search is not None
    low, high = setting.rule.search
    own = setting.value
    if not is_number(own) or not own:
        return low, high
    if setting.name == "batch_size":
        return max(low, own // 4), max(low, 4 * own)
    return min(low, own), max(high, own)


def _has_effect(dimension: Dimension, baseline: Blueprint, steps: Sequence[Step]) -> bool:
    """Whether the ends of a range give different trainings; False if an end is refused."""
    try:
        first, last = (
            built({dimension.name: end}, baseline, steps, dimension.name) for end in dimension.ends
        )
    except RecipeError:
        return False
    return first != last
