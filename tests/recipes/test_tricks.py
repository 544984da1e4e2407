"""What each trick changes in a blueprint, alone, twice and with every other."""

import dataclasses
import itertools
import json
import random

import keras
import pytest
from recipe_examples import EXAMPLES, FIRST_EIGHT, WRONG

from trickbook import layers
from trickbook.ladder.rung import Step
from trickbook.ladder.tuning.default_space import default_dimensions
from trickbook.recipes import (
    L2,
    RECIPES,
    Activation,
    Augmentation,
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    Longer,
    LRDecay,
    NoEffectWarning,
    Noise,
    Optimizer,
    Recipe,
    RecipeError,
    SkipConnections,
    Slot,
    WeightAveraging,
    WeightDecay,
    Wider,
    compose,
)
from trickbook.recipes.setting import stated

PLAIN = Blueprint()
# Those that compose with one another.
LADDER = [EXAMPLES[name] for name in FIRST_EIGHT]


def made(slots):
    """The Keras object in the only slot of a place."""
    (slot,) = slots
    return slot.config.build()


def settings_of(layer):
    """The arguments of a layer, less its name."""
    return {name: value for name, value in layer.get_config().items() if name != "name"}


def changes(recipe, below=PLAIN):
    """Names of the fields that a recipe changes."""
    above = recipe.apply(below)
    before, after = below.to_dict(), above.to_dict()
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_there_is_an_example_of_every_recipe():
    assert list(EXAMPLES) == list(RECIPES)
    assert all(EXAMPLES[name].name == name for name in RECIPES)


@pytest.mark.parametrize(
    ("recipe", "names"),
    [
        (Noise(), ["transforms"]),
        (Noise(kind="gaussian"), ["transforms"]),
        (BatchNorm(), ["normalization", "use_bias"]),
        (Dropout(), ["after_stage", "after_dense"]),
        (Dropout(rate=0), ["after_stage"]),
        (Dropout(stage_rate=0), ["after_dense"]),
        (L2(), ["kernel_regularizer"]),
        (Augmentation(), ["transforms"]),
        (LRDecay(), ["schedule"]),
        (Wider(), ["filters"]),
        (SkipConnections(), ["skip_connections"]),
    ],
    ids=repr,
)
def test_a_recipe_changes_its_own_places_alone(recipe, names):
    assert changes(recipe) == set(names)


def test_noise_is_the_lectures_square_erasing_by_default():
    layer = made(Noise().apply(PLAIN).transforms)
    assert isinstance(layer, layers.RandomAugmentation)
    expected = layers.RandomAugmentation(erasing_probability=0.75, erasing_area=(0.01, 0.3))
    assert settings_of(layer) == settings_of(expected)


def test_noise_passes_its_settings_on():
    noise = Noise(probability=0.2, area_min=0.1, area_max=0.5, value=-1.5)
    layer = made(noise.apply(PLAIN).transforms)
    expected = layers.RandomAugmentation(
        erasing_probability=0.2, erasing_area=(0.1, 0.5), erasing_value=-1.5
    )
    assert settings_of(layer) == settings_of(expected)
    layer = made(Noise(kind="gaussian", stddev=0.25).apply(PLAIN).transforms)
    assert isinstance(layer, layers.RandomGaussianNoise)
    assert layer.stddev == 0.25


def test_batch_norm_builds_the_normalisation():
    blueprint = BatchNorm(momentum=0.8, epsilon=1e-4).apply(PLAIN)
    layer = blueprint.normalization.config.build()
    assert isinstance(layer, keras.layers.BatchNormalization)
    assert (layer.momentum, layer.epsilon) == (0.8, 1e-4)
    assert blueprint.use_bias is False
    default = BatchNorm().apply(PLAIN).normalization.config.build()
    assert (default.momentum, default.epsilon) == (0.9, 1e-5)


def test_dropout_has_a_rate_for_each_place():
    blueprint = Dropout(rate=0.4, stage_rate=0.2).apply(PLAIN)
    for slots, rate in ((blueprint.after_dense, 0.4), (blueprint.after_stage, 0.2)):
        layer = made(slots)
        assert type(layer) is keras.layers.Dropout
        assert layer.rate == rate


def test_l2_is_keras_l2_with_lambda():
    penalty = L2(0.03).apply(PLAIN).kernel_regularizer.config.build()
    assert isinstance(penalty, keras.regularizers.L2)
    assert float(penalty.l2) == pytest.approx(0.03)


def test_augmentation_passes_every_setting_on():
    settings = {
        "flip_probability": 0.25,
        "shift_pixels": 1.5,
        "crop_padding_pixels": 2,
        "crop_area_min": 0.7,
        "rotation_degrees": 5.0,
        "zoom": 0.2,
        "shear": 0.1,
        "brightness": 0.3,
        "contrast": 0.4,
        "channel_shift": 0.6,
        "fill_mode": "reflect",
    }
    assert settings.items() <= Augmentation(**settings).settings().items()
    layer = made(Augmentation(**settings).apply(PLAIN).transforms)
    assert isinstance(layer, layers.RandomAugmentation)
    assert settings_of(layer) == settings_of(layers.RandomAugmentation(**settings))


@pytest.mark.parametrize(
    "setting",
    [
        {"flip_probability": 0.5},
        {"shift_pixels": 1.0},
        {"crop_padding_pixels": 1},
        {"crop_area_min": 0.5},
        {"rotation_degrees": 5.0},
        {"zoom": 0.2},
        {"shear": 0.1},
        {"brightness": 0.3},
        {"contrast": 0.4},
        {"channel_shift": 0.6},
    ],
    ids=str,
)
def test_each_setting_alone_switches_augmentation_on(setting):
    off = {"flip_probability": 0.0, "crop_area_min": 1.0}
    assert Augmentation(**off, fill_mode="wrap").apply(PLAIN) == PLAIN
    assert Augmentation(**{**off, **setting}).apply(PLAIN) != PLAIN


def test_the_warp_comes_before_the_noise_in_either_order():
    for recipes in itertools.permutations([Noise(), Augmentation()]):
        names = [slot.recipe for slot in compose(PLAIN, recipes).transforms]
        assert names == ["augmentation", "noise"]


def test_lr_decay_is_a_staircase_of_one_epoch():
    schedule = LRDecay(0.9).apply(PLAIN).schedule.config
    assert schedule == Config.of(
        "keras.optimizers.schedules:ExponentialDecay",
        decay_steps=1,
        decay_rate=0.9,
        staircase=True,
    )


@pytest.mark.parametrize(
    ("factor", "filters"), [(1.5, (96, 192, 384)), (0.25, (16, 32, 64)), (0.001, (1, 1, 1))]
)
def test_wider_multiplies_filters(factor, filters):
    assert Wider(factor).apply(PLAIN).filters == filters
    assert Wider(factor).apply(PLAIN).dense == PLAIN.dense
    assert Wider(1.05).apply(Blueprint(filters=(7,))).filters == (7,)
    assert Wider(1.1).apply(Blueprint(filters=(7,))).filters == (8,)


@pytest.mark.parametrize(("factor", "epochs"), [(2, 80), (1.5, 60), (0.01, 1)])
def test_longer_multiplies_the_epochs(factor, epochs):
    assert Longer(factor).apply(Blueprint(epochs=40)) == Blueprint(epochs=epochs)


# Twice


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (Dropout(rate=0.2), Dropout(rate=0.5)),
        (Dropout(), Dropout(rate=0)),
        (Dropout(), Dropout(stage_rate=0)),
        (Augmentation(), Augmentation(rotation_degrees=5, crop_area_min=1)),
        (Noise(), Noise(probability=0.5)),
        (Noise(), Noise(kind="gaussian")),
        (Noise(kind="gaussian"), Noise()),
        (L2(1e-3), L2(1e-4)),
        (LRDecay(0.9), LRDecay(0.96)),
        (BatchNorm(), BatchNorm(momentum=0.99)),
    ],
    ids=repr,
)
def test_applied_again_a_recipe_replaces_its_former_self(first, second):
    assert second.apply(first.apply(PLAIN)) == second.apply(PLAIN)


def test_applied_again_wider_multiplies():
    twice = Wider(1.5).apply(Wider(1.5).apply(Blueprint(filters=(16, 8))))
    assert twice.filters == (36, 18)


@pytest.mark.parametrize(
    "off",
    [
        Noise(probability=0),
        Noise(kind="gaussian", stddev=0),
        Dropout(0, 0),
        L2(0),
        LRDecay(1),
        Wider(1),
        Augmentation(flip_probability=0, crop_area_min=1),
    ],
    ids=repr,
)
def test_a_recipe_that_is_off_takes_its_former_self_away_or_warns(off):
    former = type(off)()
    if not isinstance(off, Wider):
        assert off.apply(former.apply(PLAIN)) == PLAIN
    with pytest.warns(NoEffectWarning, match=r"changes nothing") as caught:
        assert compose(PLAIN, [off]) == PLAIN
    assert len(caught) == 1
    assert type(off).__name__ in str(caught[0].message)


def test_a_weight_decay_of_0_takes_a_former_one_away_and_that_of_adamw():
    adamw = Optimizer("adamw")
    assert compose(PLAIN, [WeightDecay(), WeightDecay(0)]).to_dict() == PLAIN.to_dict()
    with pytest.warns(NoEffectWarning, match="WeightDecay"):
        assert compose(PLAIN, [WeightDecay(0)]).to_dict() == PLAIN.to_dict()
    assert compose(PLAIN, [adamw, WeightDecay(0)]).to_dict()["weight_decay"] == 0
    assert "weight_decay" not in adamw.apply(PLAIN).to_dict()


@pytest.mark.parametrize(
    "recipe",
    [each for each in LADDER if not isinstance(each, Wider)],
    ids=lambda recipe: recipe.name,
)
def test_the_same_again_warns(recipe):
    with pytest.warns(NoEffectWarning, match=type(recipe).__name__):
        compose(PLAIN, [recipe, recipe])


# By the recipe's class and kind: a setting that the kind does not use, and those that do.
UNUSED = {
    (Optimizer, "rmsprop"): ("momentum", 0.5, "momentum and nesterov"),
    (Optimizer, "muon"): ("beta_1", 0.8, "adam, adamw and nadam"),
    (Optimizer, "sgd"): ("rho", 0.8, "rmsprop"),
    (Activation, "gelu"): ("slope", 0.2, "leaky_relu"),
    (Activation, "leaky_relu"): ("alpha", 0.5, "elu"),
    (Noise, "gaussian"): ("area_max", 0.2, "erasing"),
    (Noise, "erasing"): ("stddev", 0.3, "gaussian"),
    (WeightAveraging, "ema"): ("alpha", 0.2, "lookahead"),
    (WeightAveraging, "lookahead"): ("momentum", 0.9, "ema"),
}


@pytest.mark.parametrize(("cls", "kind"), UNUSED)
def test_a_setting_of_another_kind_warns(cls, kind):
    setting, value, users = UNUSED[cls, kind]
    recipe = cls(kind, **{setting: value})
    with pytest.warns(NoEffectWarning, match="Leave it out") as caught:
        assert compose(PLAIN, [recipe]) == cls(kind).apply(PLAIN)
    (text,) = [str(one.message) for one in caught]
    assert text.startswith(
        f"{cls.name}: {setting} is for {users}, and does nothing where kind is {kind}."
    )


@pytest.mark.parametrize("cls", [Optimizer, Activation, Noise, WeightAveraging])
def test_a_setting_of_some_kinds_says_which(cls):
    rules = {one.name: stated(one) for one in dataclasses.fields(cls)}
    kinds = rules.pop("kind").choices
    for name, rule in rules.items():
        other = {name: 3 if rule.whole else 0.2}
        used_by = {
            kind for kind in kinds if cls(kind, **other).apply(PLAIN) != cls(kind).apply(PLAIN)
        }
        assert used_by == set(rule.of_kinds or kinds), name


def test_a_recipe_that_changes_something_does_not_warn(recwarn):
    compose(PLAIN, LADDER)
    assert not [each for each in recwarn if issubclass(each.category, NoEffectWarning)]


# By recipe and setting: what else must be given for it to have an effect.
BESIDE = {
    ("initializer", "distribution"): {"kind": "glorot"},
    ("lr_cyclical", "highest"): {"lowest": 0.1},
    ("transfer", "frozen_epochs"): {"unfreeze": 2},
    ("transfer", "unfrozen_rate"): {"unfreeze": 2},
}


def another(rule, value):
    """A value that a setting allows, far from the one that it has."""
    if rule.flag:
        return not value
    if rule.by_name:
        return {"one": 2.0}
    if rule.choices:
        return next(choice for choice in rule.choices if choice != value)
    if rule.text:
        return "another"
    if rule.several:
        return (1, 3)
    return (2 if value == 3 else 3) if rule.whole else 0.15


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_setting_counts(name):
    for one in dataclasses.fields(EXAMPLES[name]):
        rule = stated(one)
        of_kind = {"kind": rule.of_kinds[0]} if rule.of_kinds else {}
        recipe = dataclasses.replace(EXAMPLES[name], **BESIDE.get((name, one.name), of_kind))
        value = another(rule, getattr(recipe, one.name))
        assert changes_with(recipe, one.name, value), one.name


# Settings out of range


@pytest.mark.parametrize(
    ("cls", "setting", "value"),
    [
        (cls, setting, value)
        for cls, settings in WRONG.items()
        for setting, values in settings.items()
        for value in values
    ],
)
def test_a_setting_out_of_range_is_refused_with_its_value(cls, setting, value):
    with pytest.raises(RecipeError) as refused:
        cls(**{setting: value})
    text = str(refused.value)
    assert text.startswith(f"{cls.name}: {setting} ")
    assert text.endswith(f"Received: {setting}={value!r}")


def test_every_setting_is_tried_with_wrong_values():
    assert {cls.name: sorted(settings) for cls, settings in WRONG.items()} == {
        name: sorted(field.name for field in dataclasses.fields(cls))
        for name, cls in RECIPES.items()
    }


def test_areas_must_be_in_order():
    with pytest.raises(RecipeError, match=r"area_min=0\.4, area_max=0\.3"):
        Noise(area_min=0.4)


def nudged(rule, value):
    """A value of a setting close to the one that it has."""
    low, high = rule.search
    middle = (low + high) / 2 if value is None else value
    near = middle + (1 if rule.whole else 1e-3 * (high - low))
    return near if near <= rule.high else middle - (near - middle)


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_setting_that_declares_a_search_and_is_at_work_is_searched(name):
    recipe = EXAMPLES[name]
    rules = {one.name: stated(one) for one in dataclasses.fields(recipe)}
    own = {one: getattr(recipe, one) for one, rule in rules.items() if rule and rule.search}
    near = {one: nudged(rules[one], value) for one, value in own.items() if value != 0}
    at_work = {one for one, value in near.items() if changes_with(recipe, one, value)}
    above = recipe.apply(PLAIN)
    found = default_dimensions(PLAIN, [Step((recipe,))], above)
    searched = {one.name.partition(".")[2] for one in found if one.name.startswith(f"{name}.")}
    assert searched == at_work


def changes_with(recipe, setting, value):
    return dataclasses.replace(recipe, **{setting: value}).apply(PLAIN) != recipe.apply(PLAIN)


# Together


def test_every_order_of_all_recipes_gives_the_same_blueprint():
    expected = compose(PLAIN, LADDER)
    orders = list(itertools.permutations(LADDER))
    for order in random.Random(0).sample(orders, 1500):
        assert compose(PLAIN, order) == expected


@pytest.mark.parametrize("size", [2, 3])
def test_every_order_of_a_few_recipes_gives_the_same_blueprint(size):
    for chosen in itertools.combinations(LADDER, size):
        assert len({compose(PLAIN, order) for order in itertools.permutations(chosen)}) == 1


def test_recipes_of_one_place_clash_by_name():
    @dataclasses.dataclass(frozen=True)
    class LayerNorm(Recipe):
        def apply(self, blueprint):
            layer = Config.of("keras.layers:LayerNormalization")
            return blueprint.fill("normalization", Slot(self.name, layer))

    for order, text in (
        ([BatchNorm(), LayerNorm()], "layer_norm clashes with batch_norm"),
        ([LayerNorm(), BatchNorm()], "batch_norm clashes with layer_norm"),
    ):
        with pytest.raises(RecipeError, match=text) as refused:
            compose(PLAIN, order)
        assert "LayerNormalization()" in str(refused.value)
        assert "BatchNormalization(epsilon" in str(refused.value)


def test_recipes_are_values():
    assert Dropout(0.2) == Dropout(rate=0.2) != Dropout(0.3)
    assert len({Dropout(0.2), Dropout(rate=0.2), Dropout(0.3)}) == 2
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dropout(0.2).rate = 0.5
    assert L2(0.5).settings() == {"weight": 0.5}


def test_whole_numbers_and_floats_are_the_same_setting():
    whole, float_ = (
        Augmentation(rotation_degrees=5, shift_pixels=1),
        Augmentation(rotation_degrees=5.0, shift_pixels=1.0),
    )
    assert json.dumps(whole.apply(Blueprint()).to_dict()) == json.dumps(
        float_.apply(Blueprint()).to_dict()
    )
