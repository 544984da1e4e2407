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
# What a trick acts on, as deck L1 groups them: normalisation, for one, is of the training. The deck
# has the network's topology there too; what changes the network is architecture here.
LEVELS = ("data", "architecture", "training", "other")


@dataclass(frozen=True)
class Recipe:
    """One training trick: a frozen dataclass whose fields are the trick's hyper-parameters.

    A recipe of your own is a subclass with an `apply` method; its `name` is its class's name in
    snake_case unless it sets another. Its docstring is its card: a first line that says what it
    does, then the sections Why, Source and Clashes. Between the last two stand its settings, of
    which `trickbook.recipes.setting` tells, beside the field, what they are and may be. Its `level`
    is one of LEVELS. `helps_against` names what learning curves show where it may help, as
    `trickbook.callbacks.Diagnosis` calls it (`over-fitting`): `trickbook grow` tries it then.
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
            RecipeError: for a setting out of the range stated beside its field, or one that is no
                field as its class is no dataclass.
        """
        _check_decorated(type(self))
        keep_checked(self, lambda text: RecipeError(f"{self.name}: {text}"))
        # So that a recipe equals itself when read from a file, which knows no tuples.
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
        """Returns the recipe with its defaults; those that need some setting give a likely one."""
        return cls()

    @classmethod
    def card(cls) -> dict[str, str]:
        """Returns what there is to say of it, in parts: "What", then those of CARD_SECTIONS.

        All but the settings, with their defaults and ranges, stand in the docstring. After them
        comes "Helps against", where curves may call for it, and of a trick of ours "Evidence": what
        it was worth in the gallery's studies, one a line.
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
        """Returns what it was worth in the gallery's studies; nothing of a recipe of your own."""
        is_ours = cls.__module__.rpartition(".")[0] == __package__
        return known_evidence().get(cls.name, []) if is_ours else []

    def settings(self) -> dict[str, Any]:
        """Returns the hyper-parameters by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _check_decorated(cls: type[Recipe]) -> None:
    """Refuses settings of a class that is no dataclass itself: they would count for nothing."""
    for one in cls.__mro__:
        if "__dataclass_fields__" in vars(one) or not issubclass(one, Recipe):
            continue
        inherited = {field.name for field in fields(one)}
        own = [name for name, value in vars(one).items() if isinstance(value, Field)]
        if lost := [*own, *(name for name in vars(one) if name in inherited)]:
            raise RecipeError(
                f"{cls.name}: the class {one.__name__} says what {lost[0]} is, and must be "
                "decorated with @dataclass(frozen=True) for it to count."
            )


def _with_tuples(value: Any) -> Any:
    """Returns the value with tuples in place of lists, also of lists in lists."""
    if type(value) in (list, tuple):
        return tuple(map(_with_tuples, value))
    return value
