"""A recipe, a layer and a base network of the user's own, from their own package."""

import itertools

import keras
import numpy as np
import pytest

from trickbook.data import Scaling
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.rung import stack
from trickbook.recipes import (
    Blueprint,
    Dropout,
    InstanceNorm,
    LogitScaling,
    RecipeError,
    Wider,
    compose,
    make_recipe,
)
from trickbook.training.build import build_model, build_network
from trickbook.training.errors import LadderError
from trickbook.training.networks.base_network import check_slots

SHAPE, CLASSES = (8, 8, 1), 3

SQUEEZE = '''
"""Squeeze and excite after each stage."""

from dataclasses import dataclass

import keras
from trickbook.recipes import Blueprint, Config, Recipe, Slot


@keras.saving.register_keras_serializable(package="ladder_tricks")
class SqueezeExciteLayer(keras.layers.Layer):
    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, shape):
        self.down = keras.layers.Dense(max(1, shape[-1] // self.ratio), activation="relu")
        self.up = keras.layers.Dense(shape[-1], activation="sigmoid")
        self.down.build((None, shape[-1]))
        self.up.build((None, self.down.units))

    def call(self, x):
        weights = self.up(self.down(keras.ops.mean(x, axis=(1, 2))))
        return x * weights[:, None, None, :]

    def get_config(self):
        return {**super().get_config(), "ratio": self.ratio}


@dataclass(frozen=True)
class SqueezeExcite(Recipe):
    """Weighs the channels after each stage."""

    ratio: int = 4

    def apply(self, blueprint: Blueprint) -> Blueprint:
        layer = Config.of("ladder_tricks.squeeze:SqueezeExciteLayer", ratio=self.ratio)
        return blueprint.fill("after_stage", Slot(self.name, layer, order=30))
'''

BASES = """
import keras


def build(inputs, classes, parts):
    x = keras.layers.Flatten()(inputs)
    for number, units in enumerate(parts.blueprint.dense, 1):
        x = parts.hidden(x, units, name=f"layer{number}")
    return parts.logits(x, classes)


build.slots = ("dense", "activation", "use_bias", "normalization", "after_dense",
               "kernel_regularizer")


def silent(inputs, classes, parts):
    return parts.logits(inputs, classes)


def wrong(inputs, classes, parts):
    return parts.logits(inputs, classes)


wrong.slots = ("dense", "colour")


def flat(inputs):
    return keras.layers.Flatten()(inputs)


def softmax_layer(inputs, classes, parts):
    return keras.layers.Dense(classes, activation="softmax")(flat(inputs))


def softmax_inside(inputs, classes, parts):
    inner = keras.Sequential([keras.layers.Dense(classes), keras.layers.Softmax()])
    return keras.layers.Identity()(inner(flat(inputs)))


def thirteen(inputs, classes, parts):
    return keras.layers.Dense(13)(flat(inputs))


def not_flat(inputs, classes, parts):
    return keras.layers.Dense(classes)(inputs)


def model(inputs, classes, parts):
    return keras.Model(inputs, parts.logits(flat(inputs), classes))


def nothing(inputs, classes, parts):
    parts.logits(flat(inputs), classes)


def bounded(inputs, classes, parts):
    return keras.ops.log_softmax(parts.logits(flat(inputs), classes))


def own_last_layer(inputs, classes, parts):
    return keras.layers.Dense(classes)(flat(inputs))


def of_maps(inputs, classes, parts):
    return parts.logits(flat(inputs), classes)


of_maps.slots = ("normalization", "use_bias", "recurrent_units")


own_last_layer.slots = ()

for build_function in (softmax_layer, softmax_inside, thirteen, not_flat, model, nothing, bounded):
    build_function.slots = ()
not_a_function = 3
"""


@pytest.fixture(autouse=True)
def own_package(tmp_path, monkeypatch):
    package = tmp_path / "ladder_tricks"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "squeeze.py").write_text(SQUEEZE)
    (package / "bases.py").write_text(BASES)
    monkeypatch.syspath_prepend(tmp_path)


def ladder(tmp_path, text):
    """The rungs of a ladder file."""
    path = tmp_path / "own.toml"
    path.write_text(f'[data]\nname = "digits"\n{text}')
    spec = read_ladder(str(path))
    return stack(spec.baseline, spec.steps, spec.reported)


OWN_RECIPE = """
[baseline]
filters = [6, 8]
dense = [5]

[[rung]]
recipes = ["dropout"]

[[rung]]
recipes = [{ use = "ladder_tricks.squeeze:SqueezeExcite", ratio = 2 }]

[[rung]]
recipes = ["skip_connections", "batch_norm"]
"""


def test_an_own_recipe_in_a_ladder_file_puts_its_layer_after_each_stage(tmp_path):
    rungs = ladder(tmp_path, OWN_RECIPE)
    assert [rung.name for rung in rungs] == [
        "00-baseline",
        "01-dropout",
        "02-squeeze_excite",
        "03-skip_connections+batch_norm",
    ]
    assert "SqueezeExciteLayer(ratio=2)" in rungs[2].changed
    model = build_network(rungs[3].blueprint, SHAPE, CLASSES)
    for stage, filters in (("stage1", 6), ("stage2", 8)):
        own = model.get_layer(f"{stage}_squeeze_excite")
        assert own.input is model.get_layer(f"{stage}_2_activation").output
        assert own.output is model.get_layer(f"{stage}_dropout").input
        assert model.get_layer(f"{stage}_dropout").output in model.get_layer(f"{stage}_add").input
        assert [weight.shape for weight in own.weights] == [
            (filters, filters // 2),
            (filters // 2,),
            (filters // 2, filters),
            (filters,),
        ]
    assert not [layer for layer in model.layers if layer.name.startswith("head1_squeeze")]


def test_an_own_recipe_composes_with_the_others_in_any_order():
    recipes = [
        make_recipe("ladder_tricks.squeeze:SqueezeExcite", {}),
        *(make_recipe(name, {}) for name in ("dropout", "batch_norm", "wider")),
    ]
    plain = Blueprint(filters=(4,), dense=())
    orders = list(itertools.permutations(recipes))
    assert len({compose(plain, order) for order in orders}) == 1
    configs = []
    for order in orders[::8]:
        keras.utils.set_random_seed(0)  # dropout draws its seed when it is made
        configs.append(build_network(compose(plain, order), SHAPE, CLASSES).get_config())
    assert all(config == configs[0] for config in configs)


def test_a_model_with_an_own_layer_trains_and_is_loaded_again(tmp_path):
    recipe = make_recipe("ladder_tricks.squeeze:SqueezeExcite", {})
    blueprint = recipe.apply(Blueprint(filters=(4,), convolutions=1, dense=()))
    scaling = Scaling("unit", (1 / 16,), (0.0,))
    keras.utils.set_random_seed(0)
    model = build_model(blueprint, SHAPE, CLASSES, scaling, steps_per_epoch=2)
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 17, (8, *SHAPE)).astype("uint8"), rng.integers(0, CLASSES, 8)
    own = model.training_model.get_layer("stage1_squeeze_excite")
    before = own.up.bias.numpy()
    model.training_model.train_on_batch(scaling.apply(x), y)
    assert (own.up.bias.numpy() != before).any()
    model.inference_model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_allclose(
        loaded.predict_on_batch(x), model.inference_model.predict_on_batch(x), rtol=1e-6, atol=1e-6
    )


OWN_BASE = """
[baseline]
base = "ladder_tricks.bases:build"
dense = [7]

[[rung]]
recipes = ["noise"]

[[rung]]
recipes = ["batch_norm", "l2", "lr_decay"]

[[rung]]
recipes = [{ use = "dropout", stage_rate = 0.0 }]
"""


def test_an_own_base_network_honours_its_slots(tmp_path):
    rungs = ladder(tmp_path, OWN_BASE)
    plain = build_network(rungs[0].blueprint, SHAPE, CLASSES)
    assert [type(layer).__name__ for layer in plain.layers[1:]] == [
        *["Flatten", "Dense", "Activation", "Dense"]
    ]
    full = build_network(rungs[-1].blueprint, SHAPE, CLASSES)
    assert [type(layer).__name__ for layer in full.layers[1:]] == [
        *["Flatten", "Dense", "BatchNormalization", "Activation", "Dropout", "Dense"]
    ]
    assert not full.get_layer("layer1_dense").use_bias
    assert float(full.get_layer("logits").kernel_regularizer.l2) == pytest.approx(1e-4)
    assert full.count_params() == 64 * 7 + 4 * 7 + 7 * CLASSES + CLASSES


def test_a_recipe_of_several_places_fills_those_that_the_base_has(tmp_path):
    baseline = OWN_BASE.partition("[[rung]]")[0]
    text = f'{baseline}[[rung]]\nrecipes = ["dropout"]\n[[rung]]\nrecipes = ["wider"]\n'
    _, dropout, wider = ladder(tmp_path, text)
    assert (dropout.blueprint.after_stage, len(dropout.blueprint.after_dense)) == ((), 1)
    assert wider.changed == "dense: 7 -> 10"
    of_maps = Blueprint(base="ladder_tricks.bases:of_maps")
    check_slots(of_maps.base, of_maps, InstanceNorm().apply(of_maps), "instance_norm")
    assert Wider(2).apply(of_maps).recurrent_units == (128,)
    none = Blueprint(base="ladder_tricks.bases:softmax_layer")
    with pytest.raises(RecipeError, match="needs after_stage, after_dense, which"):
        check_slots(none.base, none, Dropout().apply(none), "dropout")


@pytest.mark.parametrize(
    ("recipe", "lacking"),
    [
        ("skip_connections", "skip_connections"),
        ("ladder_tricks.squeeze:SqueezeExcite", "after_stage"),
    ],
)
def test_a_recipe_that_needs_a_slot_the_base_lacks_is_refused_by_name(tmp_path, recipe, lacking):
    name = make_recipe(recipe, {}).name
    text = f'{OWN_BASE}\n[[rung]]\nrecipes = ["{recipe}"]\n'
    with pytest.raises(RecipeError) as refused:
        ladder(tmp_path, text)
    assert str(refused.value) == (
        f"Rung 4: The recipe {name!r} needs {lacking}, which the base network "
        "'ladder_tricks.bases:build' lacks. It honours: dense, activation, use_bias, "
        "normalization, after_dense, kernel_regularizer."
    )


def test_the_same_recipes_suit_the_built_in_network():
    recipes = [make_recipe(name, {}) for name in ("dropout", "wider", "skip_connections")]
    network = build_network(compose(Blueprint(filters=(2,)), recipes), SHAPE, CLASSES)
    assert network.output_shape == (None, CLASSES)


@pytest.mark.parametrize(
    ("base", "text"),
    [
        ("ladder_tricks.nowhere:build", "cannot be loaded.*installed or lie"),
        ("ladder_tricks.bases:missing", "is no function of ladder_tricks.bases"),
        ("ladder_tricks.bases:not_a_function", "is no function"),
        ("ladder_tricks.bases", "no network 'ladder_tricks.bases'.*your own as 'module:build'"),
        ("ladder_tricks.bases:silent", r"must say in silent\.slots.*slots=None"),
        ("ladder_tricks.bases:wrong", r"must say in wrong\.slots.*out of: filters.*colour"),
    ],
)
def test_a_base_network_that_is_none_is_refused_before_training(tmp_path, base, text):
    with pytest.raises((RecipeError, LadderError), match=text):
        ladder(tmp_path, f'[baseline]\nbase = "{base}"\n')


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("softmax_layer", "returns probabilities.* Leave out the softmax"),
        ("softmax_inside", "returns probabilities.* Leave out the softmax"),
        ("thirteen", r"a tensor of shape \(n, 3\)\. Received: shape \(n, 13\)"),
        ("not_flat", r"a tensor of shape \(n, 3\)\. Received: shape \(n, 8, 8, 3\)"),
        ("model", r"for a model, return model\(inputs\)\. Received: a Functional"),
        ("nothing", "must return the tensor of its outputs.*Received: a NoneType"),
    ],
)
def test_a_base_network_that_gives_no_logits_is_refused_when_it_is_built(name, text):
    base = f"ladder_tricks.bases:{name}"
    with pytest.raises(RecipeError, match=f"The base network '{base}' .*{text}"):
        build_network(Blueprint(base=base), SHAPE, CLASSES)


def test_small_logits_need_a_last_layer_of_ours():
    with_ours = LogitScaling().apply(Blueprint(base="ladder_tricks.bases:bounded"))
    assert build_network(with_ours, SHAPE, CLASSES).get_layer("logit_scale").scale < 1
    without = Blueprint(base="ladder_tricks.bases:own_last_layer")
    build_network(without, SHAPE, CLASSES)
    with pytest.raises(RecipeError, match=r"^logit_scaling: .*last_layer'.*parts\.logits\("):
        build_network(LogitScaling().apply(without), SHAPE, CLASSES)


def test_logits_that_are_logarithms_of_probabilities_are_logits():
    network = build_network(Blueprint(base="ladder_tricks.bases:bounded"), SHAPE, CLASSES)
    assert network.output_shape == (None, CLASSES)
