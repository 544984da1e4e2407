"""Recipes by name, and their cards."""

import dataclasses
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from trickbook import recipes
from trickbook.recipes import (
    RECIPES,
    Dropout,
    Recipe,
    RecipeError,
    Transfer,
    WarmStart,
    find_recipe,
    make_recipe,
    nearest,
    setting,
)
from trickbook.recipes.recipe import CARD_SECTIONS, LEVELS
from trickbook.reports.diagnosis.finding import Kind

NAMES = list(RECIPES)
each_recipe = pytest.mark.parametrize("name", NAMES)


def test_the_built_in_recipes():
    modules = {path.stem for path in Path(recipes.__file__).parent.glob("*.py")}
    assert set(RECIPES) <= modules
    assert [LEVELS.index(cls.level) for cls in RECIPES.values()] == sorted(
        LEVELS.index(cls.level) for cls in RECIPES.values()
    )
    for name, cls in RECIPES.items():
        assert find_recipe(name) is cls
        assert cls.name == cls().name == name


def test_the_levels_are_those_of_the_deck_that_sorts_tricks():
    named_by_it = {
        "data": ("scaling", "whitening", "augmentation"),
        "architecture": ("network", "transfer"),
        "training": (
            *("initializer", "gradient_clipping", "optimizer", "activation", "batch_norm"),
            *("l1", "l2", "dropout", "early_stopping"),
        ),
    }
    for level, names in named_by_it.items():
        assert {RECIPES[name].level for name in names} == {level}
    # What the deck does not name stands with its like.
    norms = ("layer_norm", "instance_norm", "group_norm")
    assert {RECIPES[name].level for name in norms} == {RECIPES["batch_norm"].level}


@each_recipe
def test_a_card_says_all_it_should(name):
    card = RECIPES[name].card()
    own = [part for part in card if part not in ("Helps against", "Evidence")]
    assert own == [part for part in ("What", *CARD_SECTIONS) if part != "Formula" or part in card]
    assert all(card.values())
    assert "\n" not in card["What"]
    assert re.search(r"\bL[0-4]\b", card["Source"])


# No curve calls for what makes up for unequal classes, or takes the mean of several views.
CALLED_FOR_BY_NO_CURVE = {"class_weight", "test_time_augmentation"}


@each_recipe
def test_a_card_says_against_what_it_helps_as_the_diagnosis_calls_it(name):
    kinds = RECIPES[name].helps_against
    assert set(kinds) <= {*get_args(Kind)}
    assert bool(kinds) == (name not in CALLED_FOR_BY_NO_CURVE)
    assert RECIPES[name].card().get("Helps against", "") == ", ".join(kinds)


@each_recipe
def test_a_cards_settings_are_told_of_beside_the_fields(name):
    lines = RECIPES[name].card()["Settings"].splitlines()
    fields = dataclasses.fields(RECIPES[name])
    if not fields:
        assert lines == ["None."]
    for field, line in zip(fields, lines if fields else [], strict=True):
        assert line.startswith(f"{field.name} = {field.default!r}: ")


def test_a_cards_settings_give_defaults_and_ranges():
    assert Dropout.card()["Settings"].splitlines() == [
        "rate = 0.3: share of the activations set to 0 after each hidden dense layer (0 or above, "
        "below 1)",
        "stage_rate = 0.1: the same after each stage of convolutions or recurrent layer, if there "
        "are any (0 or above, below 1)",
    ]
    of_noise = RECIPES["noise"].card()["Settings"].splitlines()
    assert of_noise[0] == "kind = 'erasing': which noise (erasing or gaussian)"
    assert of_noise[4].endswith('under "standardize"; for erasing')


def test_a_users_settings_are_checked_and_told_of_where_they_say_what_they_may_be():
    @dataclasses.dataclass(frozen=True)
    class Heads(Recipe):
        """Has heads.

        Settings:
            Choose them well.
        """

        count: int = setting(dataclasses.MISSING, "heads", whole=True, low=1, high=64)
        sizes: tuple[int, ...] = setting((8, 4), "their units", several=True, whole=True)
        free: object = dataclasses.field(default_factory=dict)

    assert Heads.card()["Settings"].splitlines() == [
        "count: heads (whole number, 1 or above, at most 64)",
        "sizes = (8, 4): their units (whole numbers)",
        "free = {}",
        "Choose them well.",
    ]
    made = Heads(np.int64(3), sizes=[2, 1])
    assert made == Heads(3, (2, 1))
    assert type(made.count) is int
    for wrong, text in (
        ({"count": 0}, r"heads: count must be a whole number, 1 or above, at most 64\. .*count=0"),
        ({"count": 2, "sizes": 3}, r"heads: sizes must be a list of whole numbers\. .*sizes=3"),
        ({"count": 2, "sizes": "12"}, r"sizes must be a list .*sizes='12'"),
        ({"count": 2, "sizes": [1, 0.5]}, r"sizes must be a list .*sizes=\[1, 0\.5\]"),
    ):
        with pytest.raises(RecipeError, match=text):
            Heads(**wrong)


def test_a_card_without_sections_is_its_text():
    class Bare(Recipe):
        """Does little."""

    class WithWhy(Recipe):
        """Does little.

        Why:
            Because
              of that.
        """

    assert Bare.card() == {"What": "Does little."}
    assert WithWhy.card() == {"What": "Does little.", "Why": "Because\n  of that."}


def test_names_follow_the_class():
    class MixUp2(Recipe):
        pass

    class Named(MixUp2):
        name = "my-own"

    class Derived(Named):
        pass

    assert (MixUp2.name, Named.name, Derived.name) == ("mix_up2", "my-own", "derived")


def test_a_recipe_must_define_apply():
    class Idle(Recipe):
        pass

    with pytest.raises(TypeError, match="Idle must define apply"):
        Idle().apply(None)


def test_a_wrong_name_is_refused_with_the_nearest():
    with pytest.raises(RecipeError, match=r"'dropuot'\. Did you mean 'dropout'\?.*batch_norm"):
        find_recipe("dropuot")
    with pytest.raises(RecipeError) as refused:
        find_recipe("zzz")
    assert "Did you mean" not in str(refused.value)


def test_nearest_is_empty_for_nothing_alike():
    assert nearest("epoch", ["epochs", "seeds"]) == " Did you mean 'epochs'?"
    assert nearest("xyz", ["epochs", "seeds"]) == ""


def test_a_recipe_is_made_with_its_settings():
    assert make_recipe("dropout", {"rate": 0.2}) == Dropout(rate=0.2)
    with pytest.raises(
        RecipeError, match=r"'rat'\. Did you mean 'rate'\? It has: rate, stage_rate"
    ):
        make_recipe("dropout", {"rat": 0.2})
    with pytest.raises(RecipeError, match=r"has no setting 'x'\. It has: none"):
        make_recipe("skip_connections", {"x": 1})
    # A class attribute, not a setting.
    with pytest.raises(RecipeError, match="has no setting 'name'"):
        make_recipe("dropout", {"name": "mine"})
    with pytest.raises(RecipeError, match="dropout: rate must"):
        make_recipe("dropout", {"rate": 2})


OWN = '''
from dataclasses import dataclass, field, replace

from trickbook.recipes import Recipe


@dataclass(frozen=True)
class Slower(Recipe):
    """Divides the learning rate."""

    by: float
    stages: tuple = field(default_factory=tuple)

    def apply(self, blueprint):
        return replace(blueprint, learning_rate=blueprint.learning_rate / self.by)


class NoRecipe:
    pass
'''


@pytest.fixture
def own_module(tmp_path, monkeypatch):
    """The name of a module in a package of the user's own."""
    package = tmp_path / "registry_tricks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "slower.py").write_text(OWN)
    (package / "needy.py").write_text("import a_module_that_nobody_has\n")
    monkeypatch.syspath_prepend(tmp_path)
    return "registry_tricks.slower"


def test_a_users_own_recipe_is_found_and_made(own_module):
    recipe = make_recipe(f"{own_module}:Slower", {"by": 4.0})
    assert (recipe.name, recipe.settings()) == ("slower", {"by": 4.0, "stages": ()})
    with pytest.raises(RecipeError, match=r"Slower' needs the settings: by\."):
        make_recipe(f"{own_module}:Slower", {})
    with pytest.raises(RecipeError, match=r"no setting 'bye'\. Did you mean 'by'"):
        make_recipe(f"{own_module}:Slower", {"bye": 1})


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("no_such_module:Slower", "cannot be loaded.*no_such_module.*installed or lie"),
        ("registry_tricks.needy:Slower", "cannot be loaded.*a_module_that_nobody_has"),
        (
            "registry_tricks.slower:Faster",
            "no subclass of trickbook.recipes.Recipe called 'Faster'",
        ),
        ("registry_tricks.slower:NoRecipe", "is no recipe"),
        ("registry_tricks.slower:", "must be named as 'module:name'"),
        (":Slower", "must be named as 'module:name'"),
        ("..slower:Slower", "must be named as 'module:name'"),
    ],
)
@pytest.mark.usefixtures("own_module")
def test_a_wrong_path_is_refused(path, text):
    with pytest.raises(RecipeError, match=text):
        find_recipe(path)


class Undecorated(Dropout):
    rate = 0.5


class WithSetting(Recipe):
    keep: float = setting(0.5, "share of the filters kept", low=0, high=1)


class Apart(Dropout):
    """Changes no setting, and needs no decorator."""

    name = "apart"


@dataclasses.dataclass(frozen=True)
class OnTop(Undecorated):
    more: int = 1


@pytest.mark.parametrize(
    ("cls", "named"),
    [
        (Undecorated, "undecorated: the class Undecorated defines rate"),
        (WithSetting, "with_setting: the class WithSetting defines keep"),
        (OnTop, "on_top: the class Undecorated defines rate"),
    ],
)
def test_a_setting_of_a_class_that_is_no_dataclass_is_refused_as_it_would_not_count(cls, named):
    with pytest.raises(RecipeError, match=rf"^{named}, and must be decorated with @dataclass\("):
        cls()
    assert Apart(rate=0.2).settings() == {"rate": 0.2, "stage_rate": 0.1}


def test_paths_are_taken_where_their_text_is():
    folder = Path("DIR") / "runs" / "NAME"
    assert make_recipe("warm_start", {"run": folder}) == WarmStart(run="DIR/runs/NAME")
    assert Transfer(source=folder, weights=Path("own.h5")) == Transfer("DIR/runs/NAME", "own.h5")
    assert Transfer("VGG16", unfreeze=Path("block5")).unfreeze == "block5"


def test_what_the_decks_write_as_a_formula_stands_on_its_card():
    with_formula = {name for name, recipe in RECIPES.items() if "Formula" in recipe.card()}
    norms = {"batch_norm", "layer_norm", "instance_norm", "group_norm"}
    others = {"scaling", "whitening", "activation", "optimizer", "lr_cyclical", "dropout"}
    assert with_formula >= norms | others
    # Of the others it stands under the source, beside what the decks get wrong.
    assert "2/fan_in" in RECIPES["initializer"].card()["Why"]
    assert "lambda / (2m) * sum W^2" in RECIPES["l2"].card()["Source"]
