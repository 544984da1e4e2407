"""Config: a Keras object as a plain value."""

import json

import keras
import pytest

from trickbook.recipes import Config, RecipeError

REGULARIZER = {"class_name": "L2", "config": {"l2": 0.25}}


def through_json(config):
    return Config.from_dict(json.loads(json.dumps(config.to_dict())))


def test_it_makes_the_object_with_its_arguments_and_more():
    layer = Config.of("keras.layers:Conv2D", filters=4, kernel_size=[3, 5]).build(name="mine")
    assert isinstance(layer, keras.layers.Conv2D)
    assert (layer.filters, layer.kernel_size, layer.name) == (4, (3, 5), "mine")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        (
            Config.of("keras.layers:Dropout", rate=3),
            r"^Dropout\(rate=3\) of keras\.layers .*rate=3",
        ),
        (Config.of("keras.layers:Dropuot"), r"^Dropuot\(\) of keras\.layers .*'Dropuot'"),
        (Config.of("no_such_module:Gate"), r"^Gate\(\) of no_such_module .*ModuleNotFoundError"),
    ],
)
def test_an_object_that_cannot_be_made_is_named_with_the_reason(config, told):
    with pytest.raises(RecipeError, match=told):
        config.build()


def test_it_is_equal_whatever_the_order_of_arguments_or_the_kind_of_list():
    one = Config.of("keras.layers:Conv2D", filters=4, kernel_size=[3, 5])
    other = Config.of("keras.layers:Conv2D", kernel_size=(3, 5), filters=4)
    assert one == other == through_json(one)
    assert hash(one) == hash(other)
    assert one != Config.of("keras.layers:Conv2D", filters=4, kernel_size=(3, 3))
    assert one != Config.of("keras.layers:Conv1D", filters=4, kernel_size=(3, 5))


def test_arguments_may_be_configs_of_keras_themselves():
    config = Config.of("keras.layers:Dense", units=2, kernel_regularizer=REGULARIZER)
    for each in (config, through_json(config)):
        assert each == config
        assert hash(each) == hash(config)
        penalty = each.build().kernel_regularizer
        assert isinstance(penalty, keras.regularizers.L2)
        assert float(penalty.l2) == 0.25


@pytest.mark.parametrize("value", [None, True, 3, 0.5, "same", [1, [2, 3]], {"a": [1, {"b": 2}]}])
def test_plain_values_survive_json(value):
    config = Config.of("a:B", value=value)
    assert through_json(config) == config
    assert through_json(config).to_dict() == config.to_dict()


def test_an_argument_may_be_called_path():
    config = Config.of("a:B", path="weights.h5", cls=2)
    assert through_json(config) == config != Config.of("a:B", path="other.h5", cls=2)
    assert config.to_dict() == {"class": "a:B", "arguments": {"cls": 2, "path": "weights.h5"}}


@pytest.mark.parametrize("value", [object(), {1, 2}, b"x", [keras.Input]])
def test_other_values_are_refused(value):
    with pytest.raises(TypeError, match="plain values only"):
        Config.of("keras.layers:Dropout", rate=value)


def test_a_path_without_a_class_is_refused():
    with pytest.raises(ValueError, match=r"Received: path='keras\.layers'"):
        Config.of("keras.layers")


def test_as_text_it_reads_like_a_call():
    config = Config.of("keras.layers:Dropout", rate=0.30000000001, seed=3)
    assert str(config) == "Dropout(rate=0.3, seed=3)"
    assert config.class_name == "Dropout"


def test_the_difference_of_two_configs_names_the_arguments_that_changed():
    below = Config.of("keras.layers:Conv2D", filters=4, kernel_size=3, strides=2)
    above = Config.of("keras.layers:Conv2D", filters=4, kernel_size=[3, 5], padding="same")
    assert above.difference(below) == (
        "Conv2D with kernel_size 3 -> (3, 5), padding None -> same, strides 2 -> None"
    )
    other = Config.of("keras.layers:Dropout", rate=0.5)
    assert (
        other.difference(below)
        == "Conv2D(filters=4, kernel_size=3, strides=2) -> Dropout(rate=0.5)"
    )


@pytest.mark.parametrize(("one", "other"), [(1, 1.0), (1, True), (0, False)])
def test_what_json_tells_apart_is_not_equal(one, other):
    first, second = Config.of("a:B", x=one), Config.of("a:B", x=other)
    assert first != second
    assert len({first, second}) == 2
    assert second.difference(first) == f"B with x {one} -> {other}"


def test_as_text_it_hides_the_number_0_of_our_own_layers_alone():
    arguments = {"center": False, "rate": 0.0, "shift": 0, "scale": True}
    ours = Config.of("trickbook.layers:B", **arguments)
    assert str(ours) == "B(center=False, scale=True)"
    assert str(Config.of("a:B", **arguments)) == "B(center=False, rate=0, scale=True, shift=0)"
