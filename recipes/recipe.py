"""The base class of all recipes."""

from __future__ import annotations

import inspect
import re
from dataclasses import Field, dataclass, fields
from typing import Any, ClassVar

from .blueprint import Blueprint
from .errors import RecipeError
from .evidence import Evidence, known_evidence
from .setting import keep_checked, setting_lines, stated

CARD_SECTIONS = ("Why", "Formula", "Source", "Settings", "Clashes")
# What a trick acts on, as deck L1 groups tricks: normalisation, for example, belongs to the
# training. The deck has the network's topology there, too; here, what changes the network is
# architecture.
LEVELS = ("data", "architecture", "training", "other")


@dataclass(frozen=True)
class Recipe:
    """One training trick: a frozen dataclass whose fields are the trick's hyper-parameters.

    A recipe of your own is a subclass with an `apply` method; its `name` is its class's name in
    snake_case unless it sets another. Its docstring is its card: a first line that says what it
    does, then the sections Why, Source and Clashes. A card shows the settings between the last two;
    define each with `trickbook.recipes.setting`, which says what it is and which values it may
    have. Its `level` is one of LEVELS. `helps_against` names the troubles in learning curves
    against which it may help, as `trickbook.callbacks.Diagnosis` calls them (`over-fitting`):
    `trickbook grow` then tries it.
    """

    name: ClassVar[str] = "recipe"
    level: ClassVar[str] = "other"
    helps_against: ClassVar[tuple[str, ...]] = ()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "name" not in cls.__dict__:
            cls.name = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()

    def __post_init__(self) -> None:
        """Checks the settings; lists are kept as tuples.

        Raises:
            RecipeError: for a setting out of the range stated beside its field, or one that is not
                a field because its class is not decorated as a dataclass.
        """
        _check_decorated(type(self))
        keep_checked(self, lambda text: RecipeError(f"{self.name}: {text}"))
        # A recipe that is read from a file, which has no tuples, must equal the original.
        for one in fields(self):
            if stated(one) is None:
                object.__setattr__(self, one.name, _with_tuples(getattr(self, one.name)))

    def apply(self, blueprint: Blueprint) -> Blueprint:
        """Returns the blueprint with the trick in it.

        Raises:
            RecipeError: if the recipe clashes with what the blueprint holds.
        """
        raise TypeError(f"{type(self).__name__} must define apply(blueprint) -> blueprint")

    @classmethod
    def example(cls) -> Recipe:
        """Returns the recipe with its defaults, and a likely value for a setting without one."""
        return cls()

    @classmethod
    def card(cls) -> dict[str, str]:
        """Returns the card's texts by section: "What", then those of CARD_SECTIONS.

        All but the settings, with their defaults and ranges, come from the docstring. Then follow
        "Helps against", if curves may call for the trick, and for built-in tricks "Evidence": what
        the trick was worth in the gallery's studies, one per line.
        """
        parts: dict[str, list[str]] = {"What": []}
        current = "What"
        for line in inspect.cleandoc(cls.__doc__ or "").splitlines():
            if line.rstrip(":") in CARD_SECTIONS and line.endswith(":"):
                current = line.rstrip(":")
                parts[current] = []
            else:
                parts[current].append(line.removeprefix("    "))
        texts = {section: "\n".join(lines).strip() for section, lines in parts.items()}
        said = [*setting_lines(cls), *filter(None, [texts.get("Settings")])]
        texts |= {"Settings": "\n".join(said)} if said else {}
        shown = {part: texts[part] for part in ("What", *CARD_SECTIONS) if part in texts}
        shown |= {"Helps against": ", ".join(cls.helps_against)} if cls.helps_against else {}
        known = cls.evidence()
        return shown | ({"Evidence": "\n".join(one.text for one in known)} if known else {})

    @classmethod
    def evidence(cls) -> list[Evidence]:
        """Returns what it was worth in the gallery's studies; empty for a recipe of your own."""
        is_ours = cls.__module__.rpartition(".")[0] == __package__
        return known_evidence().get(cls.name, []) if is_ours else []

    def settings(self) -> dict[str, Any]:
        """Returns the hyper-parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _check_decorated(cls: type[Recipe]) -> None:
    """Refuses settings of a class that is no dataclass itself: they would be ignored."""
    for one in cls.__mro__:
        if "__dataclass_fields__" in vars(one) or not issubclass(one, Recipe):
            continue
        inherited = {field.name for field in fields(one)}
        own = [name for name, value in vars(one).items() if isinstance(value, Field)]
        if lost := [*own, *(name for name in vars(one) if name in inherited)]:
            raise RecipeError(
                f"{cls.name}: the class {one.__name__} defines {lost[0]}, and must be decorated "
                "with @dataclass(frozen=True) for it to have an effect."
            )


def _with_tuples(value: Any) -> Any:
    """Returns the value with tuples in place of lists, also of nested ones."""
    if type(value) in (list, tuple):
        return tuple(map(_with_tuples, value))
    return value
