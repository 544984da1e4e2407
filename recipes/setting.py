"""A setting of a recipe or a blueprint: what it is and may be, stated beside its field."""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from ..argument_checks import is_whole, number_in, one_of, range_words, true_or_false, whole_number

# No layer, batch or training is larger: a larger number is a slip, and would fill the memory.
LARGEST = 1_000_000

_KEY = "trickbook"


@dataclass(frozen=True)
class Setting:
    """What a setting is and which values it may have.

    Attributes:
        help: what it is, in a few words, with its unit.
        low: its smallest value.
        high: its largest value.
        without_low: whether `low` itself is excluded.
        without_high: whether `high` itself is excluded.
        whole: whether it is a whole number.
        choices: the texts that it may be, in place of a number.
        several: whether it is a list of such values.
        or_several: whether it may be one such value or a list of them.
        by_name: whether it is a number for each of some names, or with `choices` one of those.
        optional: whether it may be None, which is off.
        flag: whether it is true or false.
        text: whether it is any text, such as a path, or with `whole` a whole number.
        of_kinds: the kinds that use it, of a recipe with a `kind`; () for all.
        search: the range, within the allowed one, in which a search looks unless told otherwise;
            None if a search leaves it alone.
        scale: how a search spaces its values: `linear`, `log`, or `log_to_one`, by the logarithm of
            1 - value.
    """

    help: str
    low: float = -math.inf
    high: float = math.inf
    without_low: bool = False
    without_high: bool = False
    whole: bool = False
    choices: tuple[str, ...] = ()
    several: bool = False
    or_several: bool = False
    by_name: bool = False
    optional: bool = False
    flag: bool = False
    text: bool = False
    of_kinds: tuple[str, ...] = ()
    search: tuple[float, float] | None = None
    scale: str = "linear"

    def checked(self, name: str, value: Any) -> Any:
        """Returns the value as it is kept: 5 as 5.0 where any number is allowed, lists as tuples.

        Numbers by name are kept as sorted pairs.

        Raises:
            ValueError: naming the setting, what it must be and what it is.
        """
        if self.optional and value is None:
            return None
        if self.by_name and isinstance(value, (Mapping, tuple)):
            return self._pairs(name, value)
        is_list = isinstance(value, (list, tuple)) and len(value) > 0
        if not (self.several or (self.or_several and is_list)):
            return self._one(name, value)
        try:
            if isinstance(value, (list, tuple)):
                return tuple(self._one(name, item) for item in value)
        except ValueError:
            pass  # The error below shows the whole list.
        # With `or_several` the range itself mentions lists.
        what = self.range_text() if self.or_several else f"a list of {self.range_text()}"
        raise ValueError(f"{name} must be {what}. Received: {name}={value!r}")

    @property
    def bounds(self) -> list[float | None]:
        """The smallest and the largest allowed value; None where there is none."""
        low = None if self.without_low or not math.isfinite(self.low) else self.low
        return [low, None if self.without_high or not math.isfinite(self.high) else self.high]

    @property
    def kinds_text(self) -> str:
        """The kinds that use it, as a list in words."""
        *first, last = self.of_kinds
        return f"{', '.join(first)} and {last}" if first else last

    def range_text(self) -> str:
        """Returns in words which values it may have; empty for any number."""
        words = range_words(
            self.low, self.high, without_low=self.without_low, without_high=self.without_high
        )
        if self.flag:
            return "true or false"
        if self.by_name:
            return " or ".join([*self.choices, f"numbers by name (text), {', '.join(words)}"])
        if self.choices:
            return " or ".join(self.choices)
        if self.text:
            numbers = f" or {', '.join(['whole number', *words])}" if self.whole else ""
            return f"text{numbers}"
        kind = "whole numbers" if self.several else "whole number"
        others = ["or a list of such"] if self.or_several else []
        return ", ".join([*([kind] if self.whole else []), *words, *others])

    def _one(self, name: str, value: Any) -> Any:
        if self.by_name and value not in self.choices:
            raise self._refusal(name, value)
        if self.flag:
            return true_or_false(name, value)
        if self.choices:
            return one_of(name, value, self.choices)
        if self.text and not (self.whole and is_whole(value)):
            return self._text(name, value)
        if self.whole:
            return whole_number(name, value, self.low, self.high)
        return self._number(name, value)

    def _text(self, name: str, value: Any) -> str:
        text = os.fspath(value) if isinstance(value, os.PathLike) else value
        if not isinstance(text, str):
            raise self._refusal(name, value)
        return text

    def _pairs(self, name: str, value: Any) -> tuple[tuple[str, float], ...]:
        try:
            held = dict(value)
            if held and all(isinstance(key, str) for key in held):
                return tuple(sorted((key, self._number(name, one)) for key, one in held.items()))
        except (TypeError, ValueError):
            pass  # The error below shows the whole value.
        raise self._refusal(name, value)

    def _refusal(self, name: str, value: Any) -> ValueError:
        return ValueError(f"{name} must be {self.range_text()}. Received: {name}={value!r}")

    def _number(self, name: str, value: Any) -> float:
        return number_in(
            name,
            value,
            self.low,
            self.high,
            without_low=self.without_low,
            without_high=self.without_high,
        )


def setting(default: Any, help: str, **rules: Any) -> Any:
    """Returns a dataclass field that is checked, and described by cards and commands.

    Args:
        default: its value unless told otherwise; `dataclasses.MISSING` if it has none.
        help: what it is, in a few words, with its unit.
        **rules: which values it may have, as `Setting` takes them.

    Example:
    ```python
    @dataclass(frozen=True)
    class Thin(Recipe):
        keep: float = setting(0.5, "share of the filters kept", low=0, high=1, without_low=True)
    ```
    """
    made: Any = field(default=default, metadata={_KEY: Setting(help, **rules)})
    return made


def setting_as(cls: type, name: str) -> Any:
    """Returns a dataclass field like the field `name` of another dataclass."""
    (like,) = (one for one in fields(cls) if one.name == name)
    made: Any = field(default=like.default, metadata=like.metadata)
    return made


def setting_of(cls: type, name: str) -> Setting:
    """Returns the setting that is stated beside the field `name` of a dataclass."""
    (found,) = (stated(one) for one in fields(cls) if one.name == name)
    assert found is not None
    return found


def stated(one: Field[Any]) -> Setting | None:
    """Returns the setting that is stated beside a field, or None if there is none."""
    found: Setting | None = one.metadata.get(_KEY)
    return found


def keep_checked(holder: Any, error: Callable[[str], Exception]) -> None:
    """Checks every stated setting of a new object of a frozen dataclass, and keeps it as checked.

    Args:
        holder: the object.
        error: makes the error that is raised for a setting out of range, from its message.
    """
    for one in fields(holder):
        if rule := stated(one):
            try:
                value = rule.checked(one.name, getattr(holder, one.name))
            except ValueError as refused:
                raise error(str(refused)) from None
            object.__setattr__(holder, one.name, value)


def setting_lines(cls: type) -> list[str]:
    """Returns a line per field of a dataclass: its default, what it is, its allowed values."""
    return [f"{one.name}{_default_text(one)}{_help_text(stated(one))}" for one in fields(cls)]


def _default_text(one: Field[Any]) -> str:
    if one.default_factory is not MISSING:
        return f" = {one.default_factory()!r}"
    return "" if one.default is MISSING else f" = {one.default!r}"


def _help_text(rule: Setting | None) -> str:
    if rule is None:
        return ""
    allowed = rule.range_text()
    users = f"; for {rule.kinds_text}" if rule.of_kinds else ""
    return f": {rule.help}{users}{f' ({allowed})' if allowed else ''}"
