"""The space of a search: which settings of a rung are searched, and over which values."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...argument_checks import is_number
from ...training.errors import LadderError
from ..rung import Rung
from ..studies.axis import SCALES, spaced
from ..studies.effect_checks import check_effect
from ..studies.rung_settings import NamedSetting, find_setting
from .default_space import default_dimensions, default_range, resolved
from .dimension import Dimension

_KEYS = ("low", "high", "scale", "steps")
_EXAMPLE = 'learning_rate = { low = 1e-4, high = 1e-1, scale = "log" } or batch_size = [16, 32]'


@dataclass(frozen=True)
class Space:
    """What a search may vary.

    Attributes:
        dimensions: one for each setting.
        is_default: whether it is the default space of the rung.
    """

    dimensions: tuple[Dimension, ...]
    is_default: bool = False

    @property
    def size(self) -> int | None:
        """The number of its points; None if it is infinite."""
        sizes = [dimension.size for dimension in self.dimensions]
        known = [size for size in sizes if size is not None]
        return math.prod(known) if len(known) == len(sizes) else None

    @property
    def names(self) -> list[str]:
        """The names of its settings."""
        return [dimension.name for dimension in self.dimensions]

    def own_parameters(self) -> dict[str, Any] | None:
        """Returns Optuna's parameters for the rung's own settings; None if they lie outside."""
        own = {one.name: one.parameter_of(one.setting.value) for one in self.dimensions}
        return None if None in own.values() else own

    def check_grid(self) -> None:
        """Refuses a grid over a setting with an infinite number of values.

        Raises:
            LadderError: naming the setting.
        """
        for dimension in self.dimensions:
            if dimension.size is None:
                raise LadderError(
                    f"{dimension.name} is a range without end of values, but a grid needs a number "
                    "of them: give it steps = 5, or a list, in the space's file (--space)."
                )


def read_space(path: Path) -> dict[str, Any]:
    """Returns what the TOML file of a space says.

    Raises:
        LadderError: if it cannot be read.
    """
    try:
        # Some editors begin a file with a byte-order mark, which TOML does not allow.
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise LadderError(f"The space (--space) {path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LadderError(f"The space (--space) {path} is not valid TOML: {error}.") from None


def make_space(given: Mapping[str, Any] | None, rung: Rung) -> Space:
    """Returns the given space, or the default space of a rung.

    Args:
        given: by the name of a setting, such as `learning_rate` or `dropout.rate`, a list of
            values, or a table of `low`, `high`, `scale` and `steps`; the setting's declaration
            stands in for a `low`, `high` or `scale` that is missing. The settings of one trick may
            be grouped in a table of its name. None is what deck L2 names, in its order, as far as
            the rung has it.
        rung: the rung whose settings are searched.

    Raises:
        LadderError: for an unknown setting, an empty space, a range outside what a setting allows,
            or a setting that changes nothing.
    """
    if given is None:
        dimensions = tuple(default_dimensions(rung.baseline, rung.steps, rung.blueprint))
        if not dimensions:
            raise LadderError(f"{rung.name} has no setting that is searched unless one is named.")
        return Space(dimensions, is_default=True)
    flat = dict(_flat(given))
    if not flat:
        raise LadderError(f"The space is empty: name a setting, such as {_EXAMPLE}.")
    dimensions = tuple(
        _dimension(resolved(find_setting(name, rung), rung.blueprint), value)
        for name, value in flat.items()
    )
    for dimension in dimensions:
        check_effect(dimension.name, dimension.ends, rung)
    return Space(dimensions)


def _flat(given: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yields settings by their full names; `rate = ...` below `[dropout]` is `dropout.rate`."""
    for name, value in given.items():
        held = value.values() if isinstance(value, Mapping) else ()
        is_of_trick = bool(held) and all(isinstance(one, Mapping | list | tuple) for one in held)
        if is_of_trick and not prefix:
            yield from _flat(value, f"{name}.")
        else:
            yield f"{prefix}{name}", value


def _dimension(setting: NamedSetting, value: Any) -> Dimension:
    if isinstance(value, list | tuple):
        return _listed(setting, list(value))
    if not isinstance(value, Mapping):
        raise LadderError(
            f"{setting.name}: give a list of values, or low and high, such as {_EXAMPLE}. "
            f"Received: {value!r}"
        )
    unknown = [key for key in value if key not in _KEYS]
    if unknown:
        raise LadderError(
            f"{setting.name} has an unknown key {unknown[0]!r}. Known: {', '.join(_KEYS)}."
        )
    return _range(setting, value)


def _listed(setting: NamedSetting, values: list[Any]) -> Dimension:
    if not values or len({repr(value) for value in values}) < len(values):
        raise LadderError(
            f"{setting.name} needs values, each once. Received: {setting.name}={values!r}"
        )
    kept = [_allowed(setting, value) for value in values]
    return Dimension(setting, tuple(sorted(kept) if all(map(is_number, kept)) else kept))


def _range(setting: NamedSetting, value: Mapping[str, Any]) -> Dimension:
    declared = default_range(setting)
    if isinstance(declared, list):
        if value:
            raise LadderError(
                f"{setting.name} has no range: it is one of {', '.join(map(repr, declared))}. "
                "Give a list of them."
            )
        return _listed(setting, declared)
    low, high = (_end(setting, value, key, declared) for key in ("low", "high"))
    scale = value.get("scale", setting.scale)
    _check_range(setting, low, high, scale)
    if "steps" not in value:
        return Dimension(setting, low=low, high=high, scale=scale)
    steps = value["steps"]
    if isinstance(steps, bool) or not isinstance(steps, int) or not 2 <= steps <= 1000:
        raise LadderError(
            f"{setting.name}: steps is how many values a range has, 2 to 1000. "
            f"Received: steps={steps!r}"
        )
    return Dimension(setting, tuple(spaced(setting, low, high, scale, steps)))


def _end(
    setting: NamedSetting,
    value: Mapping[str, Any],
    key: str,
    declared: tuple[float, float] | None,
) -> float:
    if key in value:
        end = value[key]
    elif declared is not None:
        end = declared[0 if key == "low" else 1]
    else:
        raise LadderError(
            f"{setting.name} declares no range to search in: give low and high, or a list."
        )
    if not is_number(end) or not math.isfinite(end):
        raise LadderError(f"{setting.name}: {key} must be a number. Received: {key}={end!r}")
    return _allowed(setting, end)


def _check_range(setting: NamedSetting, low: float, high: float, scale: str) -> None:
    if scale not in SCALES or (setting.is_whole and scale == "log_to_one"):
        raise LadderError(
            f"{setting.name}: scale is one of {', '.join(SCALES)}, the last not for whole numbers. "
            f"Received: scale={scale!r}"
        )
    if not low < high:
        raise LadderError(
            f"{setting.name}: low must be below high. Received: low={low:g}, high={high:g}"
        )
    if scale == "log" and low <= 0:
        raise LadderError(
            f"{setting.name}: a logarithmic scale begins above 0. Received: low={low:g}"
        )
    if scale == "log_to_one" and high >= 1:
        raise LadderError(f"{setting.name}: this scale ends below 1. Received: high={high:g}")


def _allowed(setting: NamedSetting, value: Any) -> Any:
    """Returns the value as the setting keeps it.

    Raises:
        LadderError: for a value that the setting cannot have.
    """
    if setting.rule is None:
        return value
    try:
        return setting.rule.checked(setting.name, value)
    except ValueError as error:
        raise LadderError(f"The space (--space): {error}") from None
