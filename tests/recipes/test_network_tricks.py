"""What the recipes that change the network do to a blueprint: alone, again, and where refused."""

import json

import keras
import numpy as np
import pytest

from trickbook.recipes import (
    Activation,
    BatchNorm,
    Blueprint,
    Config,
    Deeper,
    Dropout,
    GlobalPooling,
    GroupNorm,
    Initializer,
    InstanceNorm,
    LayerNorm,
    NoEffectWarning,
    Pooling,
    RecipeError,
    Slot,
    Wider,
    compose,
)
from trickbook.recipes.activation import KINDS
from trickbook.training.build import build_network
from trickbook.training.networks.base_network import check_slots

PLAIN = Blueprint()
GROUPED = "keras.layers:GroupNormalization"


def changes(recipe, below=PLAIN):
    """Values of the fields that a recipe changes, by their names."""
    before, after = below.to_dict(), recipe.apply(below).to_dict()
    return {name: value for name, value in after.items() if before.get(name) != value}


@pytest.mark.parametrize(
    ("recipe", "names"),
    [
        (LayerNorm(), ["normalization"]),
        (GroupNorm(), ["normalization"]),
        (InstanceNorm(), ["normalization", "use_bias", "normalize_dense"]),
        (Deeper(), ["convolutions"]),
        (Deeper(0, 2), ["filters"]),
        (Wider(), ["filters"]),
        (Wider(1, 2), ["dense"]),
        (Pooling(), ["pooling"]),
        (GlobalPooling(), ["head_pooling"]),
        (Activation(), ["activation"]),
        (Initializer(), ["kernel_initializer"]),
        (Initializer("lsuv"), ["kernel_initializer", "callbacks"]),
    ],
    ids=str,
)
def test_a_recipe_changes_its_own_places_alone(recipe, names):
    assert sorted(changes(recipe)) == sorted(names)
    blueprint = recipe.apply(PLAIN)
    assert Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict()))) == blueprint


@pytest.mark.parametrize(
    ("recipe", "groups"),
    [(LayerNorm(1e-3), 1), (InstanceNorm(1e-3), -1), (GroupNorm(4, 1e-3), 4)],
    ids=str,
)
def test_normalisations_differ_in_their_groups(recipe, groups):
    expected = Config.of(GROUPED, groups=groups, epsilon=1e-3)
    assert recipe.apply(PLAIN).normalization == Slot(recipe.name, expected)


def test_each_two_normalisations_clash_by_name():
    norms = [BatchNorm(), LayerNorm(), InstanceNorm(), GroupNorm()]
    for one in norms:
        for other in norms:
            if one is other:
                continue
            with pytest.raises(RecipeError, match=f"{other.name} clashes with {one.name}"):
                compose(PLAIN, [one, other])


def test_deeper_adds_convolutions_and_stages_of_twice_the_filters():
    deeper = Deeper(convolutions=2, stages=2).apply(PLAIN)
    assert deeper.convolutions == 4
    assert deeper.filters == (64, 128, 256, 512, 1024)
    assert Deeper().apply(Deeper().apply(PLAIN)).convolutions == 4
    with pytest.raises(RecipeError, match=r"no stage to double .*stages=1 for filters=\(\)"):
        Deeper(stages=1).apply(Blueprint(filters=()))
    assert Deeper().apply(Blueprint(filters=())).convolutions == 3


def test_wider_multiplies_dense_units_by_a_factor_of_their_own():
    wider = Wider(2, dense_factor=0.5).apply(Blueprint(filters=(6,), dense=(8, 1)))
    assert (wider.filters, wider.dense) == ((12,), (4, 1))


@pytest.mark.parametrize(
    ("kind", "layer"),
    [
        ("sigmoid", Config.of("keras.layers:Activation", activation="sigmoid")),
        ("silu", Config.of("keras.layers:Activation", activation="silu")),
        ("leaky_relu", Config.of("keras.layers:LeakyReLU", negative_slope=0.2)),
        ("elu", Config.of("keras.layers:ELU", alpha=0.3)),
    ],
)
def test_an_activation_takes_the_settings_of_its_kind(kind, layer):
    recipe = Activation(kind, slope=0.2, alpha=0.3)
    assert recipe.apply(PLAIN).activation == Slot("activation", layer)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("slope", "alpha"), [(0.01, 1.0), (0.2, 1.0), (0.2, 0.5)])
def test_an_activation_that_a_baseline_names_is_kept_where_it_is_the_same(kind, slope, alpha):
    below = Blueprint(activation=kind)
    above = Activation(kind, slope=slope, alpha=alpha).apply(below)
    x = np.linspace(-3, 3, 13, dtype="float32")
    named = keras.ops.convert_to_numpy(keras.activations.get(kind)(x))
    layer = Activation(kind, slope=slope, alpha=alpha).apply(
        PLAIN.with_settings(activation="linear")
    )
    of_recipe = keras.ops.convert_to_numpy(layer.activation.config.build()(x))
    assert (above == below) == np.allclose(named, of_recipe, atol=1e-6)


@pytest.mark.parametrize(
    ("recipe", "path"),
    [
        (Initializer("glorot"), "GlorotNormal"),
        (Initializer("glorot", "uniform"), "GlorotUniform"),
        (Initializer("he", "uniform"), "HeUniform"),
        (Initializer("lecun"), "LecunNormal"),
        (Initializer("lecun", "uniform"), "LecunUniform"),
        (Initializer("orthogonal"), "Orthogonal"),
        (Initializer("lsuv"), "Orthogonal"),
    ],
    ids=str,
)
def test_an_initializer_is_keras_of_that_name(recipe, path):
    config = Config.of(f"keras.initializers:{path}")
    assert recipe.apply(PLAIN).kernel_initializer == Slot("initializer", config)


@pytest.mark.parametrize("kind", ["orthogonal", "lsuv", "dirac"])
def test_kinds_with_numbers_of_their_own_have_no_other_distribution(kind):
    with pytest.raises(RecipeError, match=rf"{kind} has no .*distribution='uniform'"):
        Initializer(kind, "uniform")


@pytest.mark.parametrize("base", ["fully_connected", "recurrent", "backbone"])
def test_filters_that_hand_on_channels_are_refused_where_there_are_no_convolutions(base):
    with pytest.raises(RecipeError, match=f"initializer: dirac is for convolutions.* '{base}'"):
        Initializer("dirac").apply(Blueprint(base=base))
    for with_some in ("conv", "airbench", "my.module:build"):
        assert Initializer("dirac").apply(Blueprint(base=with_some)) != Blueprint(base=with_some)


@pytest.mark.parametrize(
    ("recipe", "below"),
    [
        (Initializer("he"), PLAIN),
        (Initializer("glorot", "uniform"), Blueprint(kernel_initializer="glorot_uniform")),
        (Activation("relu"), PLAIN),
        (Activation("tanh"), Blueprint(activation="tanh")),
        (Pooling("max"), PLAIN),
        (Deeper(0, 0), PLAIN),
        (Wider(1, 1), PLAIN),
    ],
    ids=str,
)
def test_what_the_network_has_already_changes_nothing_and_warns(recipe, below):
    with pytest.warns(NoEffectWarning, match="changes nothing"):
        assert compose(below, [recipe]) == below


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (LayerNorm(), LayerNorm(1e-3)),
        (GroupNorm(4), GroupNorm(8)),
        (Pooling("strided"), Pooling("average")),
        (Pooling("strided"), Pooling("max")),
        (GlobalPooling("max"), GlobalPooling()),
        (Activation("elu"), Activation("tanh")),
        (Activation("elu"), Activation("relu")),
        (Initializer("glorot"), Initializer("lsuv")),
        (Initializer("lsuv"), Initializer("orthogonal")),
        (Initializer("lsuv"), Initializer("he")),
    ],
    ids=repr,
)
def test_applied_again_a_recipe_replaces_its_former_self(first, second):
    assert second.apply(first.apply(PLAIN)) == second.apply(PLAIN)


@pytest.mark.parametrize(
    ("recipe", "place"), [(Activation(), "activation"), (Initializer(), "kernel_initializer")]
)
@pytest.mark.parametrize("is_first", [True, False])
def test_another_recipe_of_the_same_place_is_refused(recipe, place, is_first):
    other = Slot("own", Config.of("my:Own"))
    with pytest.raises(RecipeError, match=f"both set the {place}") as refused:
        if is_first:
            recipe.apply(PLAIN).fill(place, other)
        else:
            recipe.apply(PLAIN.fill(place, other))
    assert "own" in str(refused.value)
    assert recipe.name in str(refused.value)


@pytest.mark.parametrize(
    ("recipe", "lacking"),
    [
        (InstanceNorm(), "normalize_dense"),
        (Pooling(), "pooling"),
        (GlobalPooling(), "head_pooling"),
    ],
    ids=str,
)
def test_a_network_of_dense_layers_refuses_what_is_of_convolutions(recipe, lacking):
    below = Blueprint(base="fully_connected")
    told = f"{recipe.name}' needs {lacking}, which .* 'fully_connected' lacks"
    with pytest.raises(RecipeError, match=told):
        check_slots(below.base, below, recipe.apply(below), recipe.name)


def test_a_head_on_a_backbone_has_no_channels_to_normalise_each_on_its_own():
    below = Blueprint(base="backbone", dense=(3,))
    above = InstanceNorm().apply(below)
    # A head that it would leave as it is.
    assert layers_built(above, (4, 4, 2)) == layers_built(below, (4, 4, 2))
    with pytest.raises(RecipeError, match="'instance_norm' needs normalize_dense, which"):
        check_slots("backbone", below, above, "instance_norm")


@pytest.mark.parametrize(
    "recipe",
    [LayerNorm(), GroupNorm(), Wider(), Activation(), Initializer("lsuv")],
    ids=str,
)
def test_a_network_of_dense_layers_takes_the_others(recipe):
    below = Blueprint(base="fully_connected")
    check_slots(below.base, below, recipe.apply(below), recipe.name)


def layers_built(blueprint, shape):
    """What the network of a blueprint is made of."""
    return build_network(blueprint, shape, 2).get_config()["layers"]


@pytest.mark.parametrize("dense", [(), (3,)], ids=["no hidden layer", "one"])
@pytest.mark.parametrize(
    ("base", "shape"),
    [
        *(("recurrent", (5, 3)), ("fully_connected", (6,)), ("backbone", (4, 4, 2))),
        ("conv", (4, 4, 2)),
    ],
)
def test_what_changes_no_layer_is_refused_where_hidden_ones_are_missing(base, shape, dense):
    below = Blueprint(base=base, dense=dense, recurrent_units=(4,), filters=(2,), convolutions=1)
    without = layers_built(below, shape)
    recipes = [BatchNorm(), LayerNorm(), Activation(), Dropout(), Dropout(stage_rate=0)]
    refused = []
    for recipe in [*recipes, Initializer("glorot")]:
        above = recipe.apply(below)
        try:
            check_slots(base, below, above, recipe.name)
        except RecipeError as error:
            refused.append(recipe)
            assert f"{recipe.name}' changes hidden dense layers alone (" in str(error)
            assert "dense = [64]" in str(error)
        is_same = layers_built(above, shape) == without
        assert is_same == (recipe in refused), recipe
    assert bool(refused) != bool(dense)
