"""Networks by name: what each honours, what is told of it, and how the rest is refused."""

import pytest
from recipe_examples import EXAMPLES

from trickbook.ladder import Ladder
from trickbook.ladder.cli.network_text import network_text
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.studies.advice import advice_on
from trickbook.recipes import (
    RECIPES,
    Augmentation,
    Blueprint,
    Deeper,
    Dropout,
    GlobalPooling,
    GradientClipping,
    InstanceNorm,
    LRLinear,
    LRStep,
    Network,
    Pooling,
    RecipeError,
    Scaling,
    Wider,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.networks.built_in import BUILT_IN
from trickbook.training.networks.honoured import honoured_recipes, refused_recipes

SHAPES = {"fully_connected": (6,), "recurrent": (5, 3)}


def small(base):
    return Blueprint(base=base, recurrent_units=(2, 4), dense=(8,))


@pytest.mark.parametrize("base", SHAPES)
def test_every_recipe_that_is_honoured_can_be_built(base):
    made = [EXAMPLES[name].apply(small(base)) for name in honoured_recipes(base)]
    # Most leave the network as it is.
    different = {one.network: one for one in made if one.base == base}
    assert len(different) > 8
    for blueprint in different.values():
        assert build_network(blueprint, SHAPES[base], 2).output_shape == (None, 2)


@pytest.mark.parametrize("base", SHAPES)
def test_every_other_is_refused_by_name_with_those_that_are_honoured(base):
    refused = refused_recipes(base)
    assert {"skip_connections", "pooling", "global_pooling", "instance_norm"} == set(refused)
    for name in refused:
        with pytest.raises(RecipeError) as told:
            Ladder("digits", [EXAMPLES[name]], baseline=small(base))
        assert str(told.value).startswith(f"Rung 1: The recipe {name!r} needs ")
        assert f"which the base network {base!r} lacks. It honours: scaling, wh" in str(told.value)
        assert f"{name}, " not in str(told.value).partition("honours: ")[2]


def test_the_convolutional_network_honours_all_and_a_backbone_not_what_its_own_weights_forbid():
    assert honoured_recipes("conv") == list(RECIPES)
    assert "clashes" in refused_recipes("backbone")["whitening"]
    assert "transfer" in honoured_recipes("recurrent")


@pytest.mark.parametrize("name", BUILT_IN)
def test_what_is_told_of_a_network_is_its_own(name):
    text = network_text(name)
    for setting, slot in {
        "filters = (64, 128, 256): filters": "filters",
        "cell = 'lstm': cells of the recurrent layers (simple_rnn or lstm or gru)": "cell",
        "bidirectional = False: whether": "bidirectional",
    }.items():
        assert (setting in text) == (slot in BUILT_IN[name].slots)
    assert "embedding_size = 32" in text
    for refused in refused_recipes(name):
        assert f"\n{refused}: " in text


def test_recurrent_networks_are_advised_to_be_clipped():
    assert "Clip its gradients (recipe gradient_clipping)" in network_text("recurrent")


def test_dropout_needs_no_stages():
    dense = Dropout().apply(Blueprint(base="fully_connected"))
    assert dense == Dropout(stage_rate=0).apply(Blueprint(base="fully_connected"))
    assert Dropout().apply(Blueprint()).after_stage
    assert Dropout().apply(small("recurrent")).after_stage


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("cell = 'peephole'", "cell must be one of simple_rnn, lstm, gru"),
        ("bidirectional = 1", "bidirectional must be true or false"),
        ("recurrent_units = 8", "recurrent_units must be a list of whole numbers"),
        ("base = 'recurent'", "no network 'recurent'. Did you mean 'recurrent'?"),
        (
            "base = 'conv'\ncell = 'gru'",
            "cell is a setting of the network recurrent, but .* is conv",
        ),
    ],
)
def test_a_setting_that_there_is_not_is_refused(tmp_path, setting, said):
    path = tmp_path / "mine.toml"
    base = "" if "base" in setting else "base = 'recurrent'\n"
    path.write_text(f"[data]\nname = 'digits'\n[baseline]\n{base}{setting}\n")
    with pytest.raises(ValueError, match=said):
        Ladder.from_spec(read_ladder(str(path)))


def test_instance_norm_is_for_maps():
    assert InstanceNorm.name in refused_recipes("recurrent")


@pytest.mark.parametrize(
    ("base", "name", "layers"),
    [("fully_connected", "dense", (8, 8, 8)), ("recurrent", "recurrent_units", (2, 4, 4, 4))],
)
def test_a_network_without_stages_gets_more_of_its_last_layer(base, name, layers):
    deeper = Deeper(2).apply(small(base))
    assert getattr(deeper, name) == layers
    inputs, classes = SHAPES[base], 3
    above, below = (build_network(one, inputs, classes) for one in (deeper, small(base)))
    # Weights of a dense layer, or of the four gates of an LSTM, from as many values to as many.
    added = 8 * 8 + 8 if base == "fully_connected" else 4 * (4 * (4 + 4) + 4)
    assert above.count_params() - below.count_params() == 2 * added
    with pytest.raises(RecipeError, match="no stage to double"):
        Deeper(stages=1).apply(small(base))
    with pytest.raises(RecipeError, match=rf"no layer to add others to in {name}=\(\)"):
        Deeper().apply(small(base).with_settings(**{name: ()}))


def test_a_study_of_recurrent_networks_without_clipping_is_advised_of_it():
    below = small("recurrent")
    (told,) = advice_on(Ladder("digits", [Dropout()], baseline=below).study, {})
    assert "no arm has the recipe gradient_clipping" in told
    for tricks, baseline in (([GradientClipping("value")], below), ([Dropout()], Blueprint())):
        assert not [*advice_on(Ladder("digits", tricks, baseline=baseline).study, {})]


DIGITS = {"image_shape": [8, 8, 1], "scaling": "standardize"}


def test_a_step_that_trains_what_is_there_already_is_told_of():
    tricks = [LRStep(epochs=10), GlobalPooling(), Scaling("standardize"), Scaling("unit")]
    study = Ladder("digits", tricks, epochs=10).study
    told = [*advice_on(study, DIGITS)]
    assert [text.partition(":")[0] for text in told] == [
        "01-lr_step trains exactly as 00-baseline does",
        "02-global_pooling trains exactly as 01-lr_step does",
        "03-scaling trains exactly as 02-global_pooling does",
    ]
    assert "head_pooling: none -> average" in told[1]
    assert not [*advice_on(Ladder("digits", tricks[:1], epochs=11).study, DIGITS)]


def test_a_rate_that_is_still_falling_at_the_end_is_told_of_once():
    tricks = [LRLinear(constant_from=10), Dropout(), LRLinear()]
    (told,) = advice_on(Ladder("digits", tricks, epochs=9).study, DIGITS)
    assert told.startswith("01-lr_linear: ")
    assert "falls for 10 epochs, but the training has only 9" in told
    assert not [*advice_on(Ladder("digits", tricks, epochs=10).study, DIGITS)]


@pytest.mark.parametrize("name", ["lecture", "speedrun", "speedrun96"])
def test_a_built_in_ladder_that_mirrors_images_says_so_of_data_that_it_was_not_made_for(name):
    def told(study, data):
        return [text for text in advice_on(study, DIGITS | {"name": data}) if "mirrors" in text]

    study = Ladder.from_file(name).study
    (text,) = told(study, "folder:signs")
    assert f"{name} mirrors training images, first in " in text
    assert "augmentation" in text and "trickbook show LADDER --toml" in text
    assert not told(study, "cifar10")
    assert not told(Ladder.from_file("digits").study, "folder:signs")
    # Who writes it down means it.
    assert not told(Ladder("cifar10", [Augmentation()]).study, "folder:signs")


def test_the_built_in_ladder_climbs_recurrent_networks_over_rows_of_digits():
    ladder = Ladder.from_spec(read_ladder("sequence"))
    first, *others = (rung.blueprint for rung in ladder.rungs)
    assert (first.base, first.cell, ladder.spec.data.name) == ("recurrent", "simple_rnn", "digits")
    assert all(one.base == "recurrent" and one.bidirectional for one in others)
    assert {one.cell for one in others} == {"simple_rnn", "gru"}
    assert not [*advice_on(ladder.study, {"name": "digits"})]


@pytest.mark.parametrize("kind", ["conv", "fully_connected", "simple_rnn", "lstm", "gru"])
def test_the_recipe_network_brings_any_kind_back_to_itself(kind):
    plain = Blueprint(filters=(2,), dense=(3,), recurrent_units=(4,))
    brought = Network(kind).apply(plain)
    detour = compose(plain, [Network("gru", bidirectional=True), Network(kind)])
    assert detour == brought
    assert (brought == plain) == (kind == "conv")
    assert build_network(brought, (4, 4, 1), 2).output_shape == (None, 2)


@pytest.mark.parametrize("kind", ["conv", "airbench", "fully_connected", "lstm"])
def test_a_ladder_goes_on_from_a_recurrent_network_to_any_other(kind):
    rungs = [Network("gru", bidirectional=True), Network(kind)]
    below, first, second = Ladder("digits", rungs).rungs
    assert (first.blueprint.cell, first.blueprint.bidirectional) == ("gru", True)
    assert second.blueprint == Network(kind).apply(below.blueprint)


def test_two_directions_are_for_recurrent_networks():
    with pytest.raises(RecipeError, match="bidirectional is for simple_rnn, lstm, gru"):
        Network("conv", bidirectional=True).apply(Blueprint())


def test_a_rung_may_change_the_network_and_the_next_needs_the_new_ones_slots():
    ladder = Ladder("digits", [Network("lstm"), Wider(2)], baseline=small("conv"))
    assert ladder.rungs[1].changed == "base: conv -> recurrent"
    assert ladder.rungs[2].changed == "recurrent_units: 2, 4 -> 4, 8"
    with pytest.raises(RecipeError, match=r"Rung 2: .*'pooling' needs pooling"):
        Ladder("digits", [Network("lstm"), Pooling()], baseline=small("conv"))
