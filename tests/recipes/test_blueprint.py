"""The blueprint as a value: equality, JSON, slots, words, and what it refuses."""

import json
from dataclasses import fields, replace

import keras
import numpy as np
import pytest
from blueprint_values import OTHER_VALUES

from trickbook.recipes import (
    L2,
    NETWORK_FIELDS,
    Augmentation,
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    LRDecay,
    NetworkSettings,
    Noise,
    RecipeError,
    SkipConnections,
    Slot,
    Task,
    TrainingSettings,
    Wider,
    compose,
)

ALL = [
    Noise(),
    BatchNorm(),
    Dropout(),
    L2(),
    Augmentation(),
    LRDecay(),
    Wider(),
    SkipConnections(),
]
FULL = compose(Blueprint(base="my.module:build", learning_rate=0.01), ALL)


def slot(recipe, order=50, **arguments):
    return Slot(recipe, Config.of("keras.layers:Dropout", **{"rate": 0.5, **arguments}), order)


def test_the_defaults_are_the_lectures_baseline():
    plain = Blueprint()
    assert (plain.filters, plain.convolutions, plain.dense) == ((64, 128, 256), 2, (512,))
    assert (plain.activation, plain.kernel_initializer) == ("relu", "he_normal")
    assert (plain.epochs, plain.batch_size, plain.learning_rate) == (40, 256, 1e-3)
    assert isinstance(plain.optimizer.build(learning_rate=0.1), keras.optimizers.Adam)
    assert (plain.use_bias, plain.skip_connections, plain.transforms) == (True, False, ())


def test_network_fields_are_fields_of_the_blueprint():
    assert set(NETWORK_FIELDS) < {field.name for field in fields(NetworkSettings)}


@pytest.mark.parametrize("blueprint", [Blueprint(), FULL], ids=["baseline", "all recipes"])
def test_it_goes_through_json_and_back(blueprint):
    again = Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict())))
    assert again == blueprint
    assert hash(again) == hash(blueprint)
    assert again.to_dict() == blueprint.to_dict()


def test_equal_blueprints_hash_alike_and_others_differ():
    assert {FULL: 1}[compose(Blueprint(base="my.module:build", learning_rate=0.01), ALL)] == 1
    others = {replace(FULL, **{name: value}) for name, value in OTHER_VALUES.items()}
    assert len(others | {FULL}) == len(OTHER_VALUES) + 1
    parts = (NetworkSettings, TrainingSettings)
    names = {field.name for part in parts for field in fields(part)}
    assert set(OTHER_VALUES) == {"task", *names}


def test_lists_are_taken_as_tuples():
    assert Blueprint(filters=[8, 16], dense=[4]) == Blueprint(filters=(8, 16), dense=(4,))
    hash(Blueprint(filters=[8, 16]))


@pytest.mark.parametrize(
    "place",
    ["after_stage", "after_dense", "transforms", "preprocessing", "callbacks", "rate_factors"],
)
def test_what_a_list_holds_stays_when_another_recipe_comes(place):
    held = Blueprint(**{place: [slot("first")]})
    assert held == Blueprint().fill(place, slot("first"))
    assert getattr(held.fill(place, slot("second")), place) == (slot("first"), slot("second"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("filters", (16, 0)),
        ("filters", (16.0,)),
        ("filters", (True,)),
        ("filters", 16),
        ("filters", "16"),
        ("dense", (-1,)),
        ("dense", None),
        ("convolutions", 0),
        ("convolutions", 1.5),
        ("convolutions", True),
        ("epochs", 0),
        ("epochs", "3"),
        ("epochs", True),
        ("batch_size", -8),
        ("batch_size", None),
        ("learning_rate", 0),
        ("learning_rate", -1e-3),
        ("learning_rate", float("nan")),
        ("learning_rate", float("inf")),
        ("learning_rate", "fast"),
        ("learning_rate", True),
        ("activation", 3),
        ("kernel_initializer", None),
        ("base", 3),
        ("pooling", "min"),
        ("pooling", None),
        ("head_pooling", "strided"),
        ("clip_norm", 0),
        ("clip_global_norm", -1),
        ("clip_value", "1"),
        ("weight_decay", -0.1),
        ("label_smoothing", 1),
        ("label_smoothing", None),
        ("class_weight", "equal"),
        ("class_weight", 2.0),
        ("class_weight", ["balanced"]),
        ("class_weight", {}),
        ("class_weight", {3: 1.0}),
        *((name, slot("bare")) for name in ("transforms", "after_stage")),
        *((name, ["noise"]) for name in ("callbacks", "preprocessing", "rate_factors")),
        ("after_dense", None),
        ("transforms", (Config.of("keras.layers:Dropout", rate=0.5),)),
        *((name, "l2") for name in ("normalization", "kernel_regularizer")),
        *((name, Config.of("a:B")) for name in ("schedule", "scaling", "averaging", "mixing")),
        *(("optimizer", wrong) for wrong in ("sgd", None)),
    ],
)
def test_a_wrong_value_is_refused_by_name(name, value):
    with pytest.raises(RecipeError) as refused:
        Blueprint(**{name: value})
    assert str(refused.value).startswith(name)
    assert str(refused.value).endswith(f"Received: {name}={value!r}")


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"clip_norm": 1.0, "clip_value": 1.0}, "in one way. Received: clip_norm and clip_value"),
        ({"class_weight": {"cat": 0.0}}, r"class_weight must be balanced or numbers by name \(te"),
        ({"label_smoothing": 0.1, "task": Task("regression")}, "label_smoothing is for the cla"),
        (
            {"class_weight": "balanced", "task": Task(loss=Slot("focal", Config.of("a:B")))},
            "class_weight clashes with focal",
        ),
    ],
)
def test_what_does_not_go_together_is_refused(settings, text):
    with pytest.raises(RecipeError, match=text):
        Blueprint(**settings)


def test_weights_by_name_are_the_same_however_they_are_given():
    given = Blueprint(class_weight={"dog": 1, "cat": 2})
    assert given == Blueprint(class_weight=(("dog", 1.0), ("cat", 2.0)))
    assert Blueprint.from_dict(json.loads(json.dumps(given.to_dict()))) == given
    assert given.difference(Blueprint()) == "class_weight: none -> cat 2, dog 1"


@pytest.mark.parametrize("place", ["after_stage", "after_dense", "transforms"])
def test_slots_that_share_a_place_are_in_their_own_order_and_replaced_by_their_recipe(place):
    first, second, third = slot("noise", 20), slot("a", 30), slot("b", 30)
    for order in ((first, second, third), (third, first, second), (second, third, first)):
        blueprint = Blueprint()
        for each in order:
            blueprint = blueprint.fill(place, each)
        assert getattr(blueprint, place) == (first, second, third)
    moved = blueprint.fill(place, slot("noise", 40, rate=0.1))
    assert getattr(moved, place) == (second, third, slot("noise", 40, rate=0.1))
    assert getattr(moved.empty(place, "a"), place) == (third, slot("noise", 40, rate=0.1))
    assert moved.empty(place, "nobody") == moved


@pytest.mark.parametrize("place", ["normalization", "kernel_regularizer", "schedule"])
def test_a_place_for_one_is_replaced_by_its_recipe_and_refused_to_another(place):
    held = Blueprint().fill(place, slot("first"))
    assert getattr(held, place) == slot("first")
    assert getattr(held.fill(place, slot("first", rate=0.2)), place) == slot("first", rate=0.2)
    with pytest.raises(RecipeError, match=f"second clashes with first: both set the {place}"):
        held.fill(place, slot("second"))
    assert held.empty(place, "second") == held
    assert held.empty(place, "first") == Blueprint()
    assert Blueprint().empty(place, "first") == Blueprint()


def test_filling_leaves_the_blueprint_itself_alone():
    before = Blueprint()
    before.fill("after_stage", slot("x"))
    assert before == Blueprint()


@pytest.mark.parametrize(
    ("factor", "filters", "dense"),
    [(0.25, (16, 32, 64), (128,)), (1, (64, 128, 256), (512,)), (0.001, (1, 1, 1), (1,))],
)
def test_scaled_multiplies_filters_and_dense_units(factor, filters, dense):
    scaled = Blueprint().scaled(factor)
    assert scaled == replace(Blueprint(), filters=filters, dense=dense)


def test_the_difference_tells_every_field_that_changed():
    below = Blueprint()
    assert below.difference(below) == ""
    above = compose(below, [BatchNorm(), Wider(2), L2(0.5)])
    assert above.difference(below) == (
        "filters: 64, 128, 256 -> 128, 256, 512; use_bias: yes -> no; normalization: + "
        "BatchNormalization(epsilon=1e-05, momentum=0.9); kernel_regularizer: + L2(l2=0.5)"
    )
    assert below.difference(above).startswith(
        "filters: 128, 256, 512 -> 64, 128, 256; use_bias: no"
    )
    noisy = Noise(value=0.5).apply(below)
    erasing = (
        "RandomAugmentation(erasing_area=(0.01, 0.3), erasing_probability=0.75, erasing_value=0.5)"
    )
    assert noisy.difference(below) == f"transforms: + {erasing}"
    assert below.difference(noisy) == f"transforms: - {erasing}"
    both = Augmentation().apply(noisy)
    assert both.difference(noisy) == (
        "transforms: + RandomAugmentation"
        "(crop_area_min=0.64, fill_mode=constant, flip_probability=0.5)"
    )
    turned = Augmentation(rotation_degrees=5.0, crop_area_min=1.0).apply(both)
    assert turned.difference(both) == (
        "transforms: RandomAugmentation with crop_area_min 0.64 -> 1, rotation_degrees 0 -> 5"
    )
    gaussian = Noise("gaussian").apply(noisy)
    assert gaussian.difference(noisy) == (
        f"transforms: {erasing} -> RandomGaussianNoise(stddev=0.1)"
    )
    changed = replace(below, dense=(), learning_rate=0.0125, base="a:b")
    assert changed.difference(below) == (
        "base: conv -> a:b; dense: 512 -> none; learning_rate: 0.001 -> 0.0125"
    )


def test_whole_numbers_of_numpy_are_whole_numbers():
    plain = Blueprint(filters=(8, 16), epochs=3, batch_size=4, learning_rate=0.5)
    taken = Blueprint(
        filters=[np.int64(8), np.int32(16)],
        epochs=np.int64(3),
        batch_size=np.uint8(4),
        learning_rate=np.float32(0.5),
    )
    assert taken == plain
    assert json.dumps(taken.to_dict()) == json.dumps(plain.to_dict())


def test_a_loss_by_its_name_is_refused_with_what_takes_it():
    with pytest.raises(RecipeError, match=r"Task\.named takes the name of one.*loss='mae'"):
        Task("regression", loss="mae")
    with pytest.raises(RecipeError, match="loss must be a slot, as Slot"):
        Task("regression", loss=Config.of("keras.losses:Huber"))
