"""What a growth does next: what curves call for, what races decide, and what there is time for."""

import json
from dataclasses import dataclass, replace
from itertools import count
from types import SimpleNamespace

import numpy as np
import pytest
from curves_of_known_kind import GENERATORS, as_frame
from growth_on_disk import aim_of, ended, race_of, trick, write_growth
from scipy.stats import ttest_1samp

from trickbook.ladder import Ladder
from trickbook.ladder.growing import time_budget
from trickbook.ladder.growing.book import honoured, tricks_for
from trickbook.ladder.growing.call import MOST_AT_ONCE, Call, next_call
from trickbook.ladder.growing.grower import Grower
from trickbook.ladder.growing.growth import BASELINE, Entrant, Growth, Outcome, Race
from trickbook.ladder.growing.race_decision import decision, leaders, without_leader
from trickbook.ladder.growing.race_maker import looks_in_time, make_race
from trickbook.ladder.growing.run_times import RunTimes, run_times
from trickbook.ladder.growing.time_budget import TimeBudget, with_heat, with_look
from trickbook.ladder.growing.trick import Trick, together
from trickbook.ladder.ladder_file import read_ladder
from trickbook.recipes import (
    RECIPES,
    Augmentation,
    BatchNorm,
    BatchSize,
    Blueprint,
    Config,
    Noise,
    Optimizer,
    RecipeError,
    compose,
)
from trickbook.reports.diagnosis.diagnose import diagnose
from trickbook.reports.pages.grow_words import led_text
from trickbook.reports.read.run_set import read_run_set
from trickbook.training.errors import LadderError

IMAGES = {"name": "digits", "image_shape": [8, 8, 1], "classes": list("0123456789"), "train": 200}
LOW = [0.700, 0.701, 0.700, 0.699, 0.701]
HIGH = [0.901, 0.900, 0.899, 0.901, 0.900]
LOWER = [0.401, 0.399, 0.402]
WILD = [0.65, 0.76, 0.69, 0.74, 0.63]


def findings_of(curves):
    _, metric, noises, make = GENERATORS[curves]
    frame = as_frame(metric, *make(40), noises[0], np.random.default_rng(0))
    return diagnose(frame, validation_samples=1000)


def called(findings, growth=None, ladder="digits", data=IMAGES):
    spec = read_ladder(ladder)
    growth = growth or Growth()
    blueprint = aim_of(ladder).blueprints(growth)[growth.pick]
    tricks = tricks_for(spec, data, blueprint, growth.recipes())
    return next_call(growth, findings, tricks, blueprint, data)


def names(call):
    return [one.name for one in call.tricks]


# What curves call for.


def test_over_fitting_calls_for_the_decks_regularisers():
    call = called(findings_of("accuracy_stays_behind"))
    assert call.finding.kind == "over-fitting"
    assert names(call) == ["noise", "batch_norm", "dropout", "l2", "augmentation"]
    assert len(names(call)) == MOST_AT_ONCE
    assert {"mixup", "weight_decay", "early_stopping"} <= set(call.waiting)
    assert "wider" not in call.waiting


def test_close_curves_call_for_capacity():
    call = called(findings_of("accuracy_is_close"))
    assert call.finding.kind == "balanced"
    assert {"wider", "skip_connections", "deeper"} <= set(names(call))
    assert not {"dropout", "l2"} & {*names(call), *call.waiting}


@pytest.mark.parametrize("curves", ["accuracy_waves", "loss_jumps"])
def test_oscillation_calls_for_a_lower_rate(curves):
    call = called(findings_of(curves))
    assert call.finding.kind == "oscillating"
    assert names(call)[0] == "lr_decay"
    rates = [
        one.recipes[0].learning_rate
        for one in tricks_for(read_ladder("digits"), IMAGES, Blueprint(learning_rate=0.01))
        if isinstance(one.recipes[0], Optimizer) and "oscillating" in one.helps_against
    ]
    assert rates == [0.005, 0.001]


@pytest.mark.parametrize(
    ("curves", "trick"),
    [
        ("accuracy_rises", "longer"),
        ("accuracy_is_low", "wider"),
        ("accuracy_stops_early", "lr_decay"),
        ("loss_explodes", "gradient_clipping"),
        ("accuracy_under_dropout", "wider"),
    ],
)
def test_other_findings_call_for_what_their_cards_say(curves, trick):
    findings = findings_of(curves)
    call = called(findings)
    assert call.finding in findings
    assert trick in {*names(call), *call.waiting}
    assert all(
        call.finding.kind in RECIPES[one.recipes[0].name].helps_against for one in call.tricks
    )


def test_the_most_important_finding_comes_first_and_then_the_next():
    findings = [*findings_of("accuracy_stays_behind"), *findings_of("accuracy_rises")]
    growth, kinds = Growth(), []
    while (call := called(findings, growth)) is not None:
        kinds.append(call.finding.kind)
        entrants = [Entrant(f"{len(kinds)}-{one.name}", one) for one in call.tricks]
        behind = ended("none led", *(one.arm for one in entrants))
        growth = growth.with_race(Race(BASELINE, {}, tuple(entrants), 1, outcome=behind))
    # Each trick once, and then nothing is left.
    assert kinds == sorted(kinds, key=["over-fitting", "improving"].index)
    tried = [one.trick.recipes for race in growth.races for one in race.entrants]
    assert len(tried) == len(set(tried)) > 2 * MOST_AT_ONCE


def test_what_would_train_the_same_model_is_not_raced():
    spec = read_ladder("digits")
    epochs = spec.baseline.epochs
    idle = trick("lr_step", epochs=epochs), trick("global_pooling"), trick("scaling", kind="unit")
    at_work = trick("lr_step", epochs=epochs - 1)
    findings = [
        replace(findings_of("accuracy_stays_behind")[0], kind=kind)
        for kind in ("oscillating", "over-fitting", "under-fitting")
    ]
    data = {**IMAGES, "scaling": "unit"}
    assert next_call(Growth(), findings, idle, spec.baseline, data) is None
    call = next_call(Growth(), findings, [*idle, at_work], spec.baseline, data)
    assert call.tricks == (at_work,)
    larger = {**data, "image_shape": [16, 16, 1]}
    assert names(next_call(Growth(), findings, idle, spec.baseline, larger)) == ["global_pooling"]


def test_a_recipe_that_the_record_could_not_name_is_refused_before_anything_is_trained(tmp_path):
    @dataclass(frozen=True)
    class Local(Noise):
        pass

    @dataclass(frozen=True)
    class Holding(Noise):
        what: object = None

    for recipe, why in ((Local(), "is no recipe"), (Holding(what=object()), "not JSON seri")):
        ladder = Ladder("digits", [Noise(), recipe])
        with pytest.raises(LadderError, match=rf"cannot name {recipe.name}: .*{why}.*top of a mod"):
            ladder.grow(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_nothing_is_called_for_without_a_finding():
    assert called([]) is None


# After a race.


def test_what_led_the_model_but_not_the_heat_comes_first_on_it_again():
    # Dropout led, and new seeds did not decide; noise was no better than the model.
    outcome = ended("undecided", "1-noise")
    names_ = ["noise", "batch_norm", "dropout", "l2", "augmentation"]
    growth = Growth((race_of(names_, leader="dropout", looks=(3,), outcome=outcome),))
    call = called(findings_of("accuracy_stays_behind"), growth)
    assert names(call)[:3] == ["batch_norm", "l2", "augmentation"]
    assert len(names(call)) == MOST_AT_ONCE
    assert not {"dropout", "noise"} & {*names(call), *call.waiting}


def test_on_a_new_model_all_may_be_tried_again_and_what_is_new_comes_first():
    outcome = ended("kept", "1-noise")
    growth = Growth((race_of(["dropout", "l2", "noise"], leader="dropout", outcome=outcome),))
    call = called(findings_of("accuracy_stays_behind"), growth)
    assert not {"l2", "noise", "dropout"} & set(names(call))
    assert set(call.waiting[-2:]) == {"noise", "l2"}
    assert "dropout" not in call.waiting


def test_capacity_may_be_raised_again_and_what_is_in_the_model_is_not_added_again():
    growth = Growth((race_of(["wider"], leader="wider", outcome=ended("kept")),))
    call = called(findings_of("accuracy_is_close"), growth)
    assert "wider" in {*names(call), *call.waiting}
    growth = Growth((race_of(["batch_norm"], leader="batch_norm", outcome=ended("kept")),))
    call = called(findings_of("accuracy_stays_behind"), growth)
    assert "batch_norm" not in {*names(call), *call.waiting}


def test_what_could_not_be_built_on_a_model_is_not_called_for_there_again():
    over = ended("nothing to race")
    refused = {"dropout": "too large.", "noise": "too large."}
    growth = Growth((race_of([], refused=refused, outcome=over),))
    call = called(findings_of("accuracy_stays_behind"), growth)
    assert not refused.keys() & {*names(call), *call.waiting}
    # On another model it may be.
    kept = race_of(["batch_norm"], 2, leader="batch_norm", outcome=ended("kept"))
    call = called(findings_of("accuracy_stays_behind"), Growth((*growth.races, kept)))
    assert refused.keys() <= {*names(call), *call.waiting}


def test_what_clashes_with_the_model_is_told():
    growth = Growth((race_of(["lr_cosine"], leader="lr_cosine", outcome=ended("kept")),))
    call = called(findings_of("accuracy_waves"), growth)
    assert dict(call.refused)["lr_decay"].startswith("lr_decay clashes with lr_cosine")


# Which tricks there are for which data.


def moves_of(ladder, name):
    return moves_in(read_ladder(ladder, name), name)


def moves_in(spec, name):
    tricks = tricks_for(spec, {**IMAGES, "name": name}, Blueprint())
    return [one.recipes[0] for one in tricks if isinstance(one.recipes[0], Augmentation)]


def test_only_images_known_to_stay_what_they_are_are_mirrored():
    assert [one.flip_probability for one in moves_of("lecture", "cifar10")] == [0.5, 0.5]
    for name in ("npz:mine.npz", "folder:photos", "mnist"):
        moves = moves_of("lecture", name)
        assert [one.flip_probability for one in moves] == [0.0, 0.0]
        assert moves[0].crop_area_min == 0.64
    assert all(one.flip_probability == 0 for one in moves_of("tabular", "npz:mine.npz"))


# One may copy a built-in ladder to a file of its name.
@pytest.mark.parametrize("name", ["mine", "lecture"])
def test_a_ladder_of_ones_own_mirrors_as_it_says(tmp_path, name):
    path = tmp_path / f"{name}.toml"
    path.write_text('[data]\nname = "npz:x.npz"\n[[rung]]\nrecipes = ["augmentation"]\n')
    assert [one.flip_probability for one in moves_of(str(path), "npz:x.npz")] == [0.5]


def test_in_python_too_rungs_of_ones_own_mirror_whatever_the_name():
    own = Ladder("npz:x.npz", [Augmentation()], name="lecture").spec
    assert [one.flip_probability for one in moves_in(own, "npz:x.npz")] == [0.5]
    built_in = Ladder("npz:x.npz", name="mine").spec
    assert all(one.flip_probability == 0 for one in moves_in(built_in, "npz:x.npz"))


OWN = """
from dataclasses import dataclass, field

from trickbook.recipes import Blueprint, Recipe


@dataclass(frozen=True)
class Own(Recipe):
    area: tuple = (0.1, 0.2)
    sizes: tuple = ((1, 2),)
    names: dict = field(default_factory=dict)

    def apply(self, blueprint: Blueprint) -> Blueprint:
        return blueprint.with_settings(dense=tuple(round(100 * one) for one in self.area))
"""


def test_a_recipe_of_ones_own_with_plain_lists_is_raced_and_survives_its_record(
    tmp_path, monkeypatch
):
    (tmp_path / "plain_lists.py").write_text(OWN)
    (tmp_path / "own.toml").write_text(
        '[data]\nname = "digits"\n[[rung]]\nrecipes = [{ use = "plain_lists:Own", '
        "area = [0.1, 0.3], sizes = [[1, 2], [3]], names = { one = 1 } }]\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    spec = read_ladder(str(tmp_path / "own.toml"))
    held, *_ = tricks_for(spec, IMAGES, spec.baseline)
    assert (held.recipes[0].area, held.recipes[0].sizes) == ((0.1, 0.3), ((1, 2), (3,)))
    # As one that goes on reads it.
    again = Trick.from_dict(json.loads(json.dumps(held.to_dict())))
    assert again.recipes == held.recipes
    finding = replace(findings_of("accuracy_stays_behind")[0], kind="unread")
    against = replace(held, only_against=("unread",))
    assert names(next_call(Growth(), [finding], [against], spec.baseline, IMAGES)) == ["own"]
    behind = ended("none led", "1-own")
    tried = Growth((Race(BASELINE, {}, (Entrant("1-own", again),), 1, outcome=behind),))
    assert next_call(tried, [finding], [against], spec.baseline, IMAGES) is None


@pytest.mark.parametrize(
    "held",
    [(Optimizer("momentum"),), (Optimizer("rmsprop"), Optimizer("momentum", learning_rate=0.3))],
    ids=["one", "the last of two"],
)
def test_a_lower_rate_is_that_of_the_optimiser_that_the_model_holds(held):
    blueprint = compose(Blueprint(), held)
    tricks = tricks_for(read_ladder("digits"), IMAGES, blueprint, (Noise(), *held))
    lower = [one.recipes for one in tricks if one.recipes[0].name == "optimizer"][:-1]
    rate = blueprint.learning_rate
    assert lower == [(Optimizer("momentum", learning_rate=rate / part),) for part in (2, 10)]
    assert tricks[-1].recipes == (Optimizer("nadam", learning_rate=rate),)


@pytest.mark.parametrize(
    "optimizer",
    [
        Config.of("keras.optimizers:SGD", momentum=0.9),
        Config.of("keras.optimizers:Adam", beta_1=0.8),
        Optimizer("momentum").apply(Blueprint()).optimizer,
    ],
)
def test_a_lower_rate_keeps_the_optimiser_that_the_baseline_has(optimizer):
    blueprint = Blueprint(optimizer=optimizer, learning_rate=0.1)
    lower = [
        one
        for one in tricks_for(read_ladder("tabular"), IMAGES, blueprint)
        if getattr(one.recipes[0], "learning_rate", None) in (0.05, 0.01)
    ]
    assert all(one.on(blueprint).optimizer == optimizer for one in lower)


def test_the_ladders_own_settings_are_those_that_are_tried():
    tricks = tricks_for(read_ladder("tabular"), {"name": "wine", "train": 100}, Blueprint())
    assert trick("l2", weight=1e-2) in tricks
    assert trick("l2") not in tricks
    assert len({one.name for one in tricks}) == len(tricks)


@pytest.mark.parametrize(("epochs", "batch_size", "side"), [(20, 8, 8), (100, 32, 64)])
def test_the_rest_of_the_book_fits_the_budget_and_the_images(epochs, batch_size, side):
    data = {**IMAGES, "image_shape": [side, side, 3]}
    blueprint = Blueprint(epochs=epochs, batch_size=batch_size)
    tricks = tricks_for(Ladder("digits", []).spec, data, blueprint)
    named = {one.name: one.recipes[0] for one in tricks}
    # The rate falls to a tenth, and images are moved by a sixteenth of their side.
    assert named["lr_decay"].gamma ** epochs == pytest.approx(0.1, rel=0.02)
    assert named["augmentation"].shift_pixels == max(1, side / 16)
    assert named["batch_size"].size == 2 * batch_size


@pytest.mark.parametrize(
    ("size", "of_model", "is_larger"),
    # A size of 0 is the whole set.
    [(64, 32, True), (64, 64, False), (64, 100, False), (64, 0, False), (0, 64, True)],
)
def test_of_batches_only_larger_ones_are_called_for(size, of_model, is_larger):
    spec = Ladder("digits", [BatchSize(size)]).spec
    tricks = tricks_for(spec, IMAGES, Blueprint(batch_size=of_model))
    (batches,) = (one for one in tricks if isinstance(one.recipes[0], BatchSize))
    assert batches.recipes == (BatchSize(size),)
    assert batches.helps_against == (("oscillating",) if is_larger else ())


def test_tricks_that_a_network_has_no_place_for_are_left_out():
    tricks = tricks_for(read_ladder("tabular"), {"name": "wine", "train": 100}, Blueprint())
    kept = {one.name for one in honoured(tricks, "fully_connected")}
    assert kept >= {"dropout", "l2", "wider", "deeper", "batch_norm"}
    assert not kept & {"skip_connections", "global_pooling"}


def test_a_bare_model_has_the_task_and_the_sizes_and_clashes_with_nothing():
    aim = aim_of("diabetes")
    for name in ("mixup", "cutmix", "label_smoothing"):
        with pytest.raises(RecipeError, match="classification"):
            trick(name).on(aim.bare)
    spec = replace(aim.spec, baseline=trick("lr_cosine").on(aim.spec.baseline))
    bare = replace(aim, spec=spec).bare
    assert trick("lr_decay").on(bare).schedule.recipe == "lr_decay"
    assert (bare.dense, bare.epochs, bare.task.kind) == ((64, 64), 80, "regression")


# What a race decides.


def raced(folder, figures, leader="", looks=(3, 5), **details):
    entrants = [name.partition("-")[2] for name in figures if name != BASELINE]
    race = race_of(entrants, leader=leader, looks=looks if leader else (), **details)
    write_growth(folder, Growth((race,)), figures)
    return race, read_run_set(folder, "grow")


def test_what_is_best_in_the_heat_leads_and_what_is_behind_the_model_does_not(tmp_path):
    # The model's figure is the mean of all its seeds, 0.7: on the heat's own it is 0.72.
    figures = {BASELINE: [0.72, 0.69, 0.69], "1-dropout": [0.71], "1-l2": [0.73], "1-noise": [0.69]}
    race, run_set = raced(tmp_path, figures)
    assert leaders(race, run_set) == ["1-l2", "1-dropout"]
    assert without_leader(race, run_set, "no time").set_aside == ("1-noise",)


def test_what_the_model_gains_after_a_heat_changes_no_lead_of_it(tmp_path):
    # Over the three seeds of then the model's figure is 0.7, over all five it is 0.66.
    figures = {BASELINE: [0.72, 0.69, 0.69, 0.6, 0.6], "1-l2": [0.71], "1-noise": [0.69]}
    race, run_set = raced(tmp_path, figures, model_seeds=3)
    assert leaders(race, run_set) == ["1-l2"]


@pytest.mark.parametrize(
    ("together_has", "dropout_has", "expected"),
    [
        (0.72, 0.72, ["1-together", "1-dropout"]),
        (0.72, 0.735, ["1-together", "1-dropout"]),
        (0.72, 0.745, ["1-dropout", "1-together"]),
        (0.69, 0.71, ["1-dropout"]),
    ],
)
def test_several_together_go_before_one_that_does_not_lead_by_twice_as_much(
    tmp_path, together_has, dropout_has, expected
):
    race = race_of(["dropout", "l2"])
    both = Entrant("1-together", together([one.trick for one in race.entrants]))
    race = replace(race, entrants=(both, *race.entrants))
    figures = {
        BASELINE: [0.7] * 3,
        "1-together": [together_has],
        "1-dropout": [dropout_has],
        "1-l2": ["failed"],
    }
    write_growth(tmp_path, Growth((race,)), figures)
    run_set = read_run_set(tmp_path, "grow")
    assert leaders(race, run_set) == expected
    assert "1-l2" in without_leader(race, run_set).set_aside
    led = replace(race, leader=expected[0], looks=(3,))
    write_growth(tmp_path / "led", Growth((led,)), figures)
    said = led_text(read_run_set(tmp_path / "led", "grow"), 0)
    is_told = "None alone led by more than twice as much as several together" in said
    assert is_told == (expected[0] == "1-together" and dropout_has > together_has)
    # As where there was no time for what led.
    late = replace(race, leader="1-together", looks=(3,))
    write_growth(tmp_path / "late", Growth((late,)), figures)
    said = led_text(read_run_set(tmp_path / "late", "grow"), 0)
    assert ("which go first" in said) == is_told


def test_a_leader_that_new_seeds_confirm_is_kept_at_the_first_look_that_decides(tmp_path):
    # The first seed has chosen it, and counts for nothing: here it is far off.
    figures = {BASELINE: [0.2, *LOW], "1-dropout": [0.99, *HIGH], "1-l2": [0.7], "1-noise": [0.1]}
    race, run_set = raced(tmp_path, figures, "dropout")
    assert decision(race, run_set, is_last=False) == Outcome("kept", ("1-noise",))


def test_what_is_not_decided_gains_seeds_until_the_last_look(tmp_path):
    wild = [value + 0.06 for value in WILD]
    race, run_set = raced(tmp_path, {BASELINE: [0.7, *LOW], "1-l2": [0.9, *wild]}, "l2")
    assert decision(race, run_set, is_last=False) is None
    assert decision(race, run_set, is_last=True) == Outcome("undecided")


def test_a_leader_that_new_seeds_find_no_better_is_given_up(tmp_path):
    figures = {BASELINE: [0.7, *LOW[:3]], "1-l2": [0.99, 0.70, 0.70, 0.698]}
    race, run_set = raced(tmp_path, figures, "l2")
    assert decision(race, run_set, is_last=False) == Outcome("behind")


def test_a_leader_that_is_better_by_too_little_gains_no_more_seeds(tmp_path):
    figures = {BASELINE: [0.7, 0.70, 0.71, 0.69], "1-l2": [0.99, 0.69, 0.711, 0.70]}
    race, run_set = raced(tmp_path, figures, "l2")
    assert decision(race, run_set, is_last=False) == Outcome("too little")
    assert decision(race, run_set, is_last=True) == Outcome("undecided")


def test_a_leader_of_which_a_new_run_failed_is_not_kept(tmp_path):
    figures = {BASELINE: [0.7, *LOW[:3]], "1-l2": [0.9, 0.9, "failed", 0.9]}
    race, run_set = raced(tmp_path, figures, "l2")
    assert decision(race, run_set, is_last=False) == Outcome("failed")


def test_one_that_was_raced_alone_is_judged_by_all_its_seeds(tmp_path):
    figures = {BASELINE: LOW, "1-l2": HIGH}
    race, run_set = raced(tmp_path, figures, "l2", heat=0)
    assert decision(race, run_set, is_last=False) == Outcome("kept")


# What there is time for.


class Bench:
    """Runs of a baseline that take 11 seconds each; a trick's cost as much, but for more epochs."""

    data = IMAGES

    def __init__(self, folder, **aim):
        self.aim = aim_of(**aim)
        self._folder = folder
        self.built = []

    def run_set(self):
        return read_run_set(self._folder, "grow")

    def cost(self, blueprint):
        return 100.0 if blueprint.epochs > 80 else 1.0

    def workers(self):
        return 2

    def builds(self, blueprint, name):
        self.built.append(name)


@pytest.fixture(autouse=True)
def still_clock(monkeypatch):
    """What is decided here by the time that is left does not depend on how long a test takes."""
    monkeypatch.setattr(time_budget, "time", SimpleNamespace(monotonic=lambda: 0.0))


def race_in(folder, minutes, curves="accuracy_stays_behind", spent=30.0):
    bench = Bench(folder, minutes=minutes)
    # Three runs of 10, 11 and 12 seconds took 16.5 seconds of wall time.
    growth = write_growth(folder, Growth(spent=spent, trained=16.5), {BASELINE: LOW[:3]}, bench.aim)
    call = called(findings_of(curves))
    return make_race(call, growth, bench, TimeBudget(bench, spent)), bench


@pytest.mark.parametrize(
    ("minutes", "entrants", "looks"),
    [
        # After 30 seconds, with 15 for the pages and 33 for the last runs of two models: a race of
        # one trick alone takes 16.5 seconds for three seeds.
        (1.5, None, None),
        (1.7, ["1-together"], (3,)),
        # A heat of two, three new seeds of one and one more of the baseline take 33 seconds, which
        # are to be half of what is left.
        (2.3, ["1-together"], (3, 5)),
        (2.5, ["1-together", "1-noise"], ()),
        (
            60,
            ["1-together", "1-noise", "1-batch_norm", "1-dropout", "1-l2", "1-augmentation"],
            (),
        ),
    ],
)
def test_a_race_is_as_large_as_the_time_allows(tmp_path, minutes, entrants, looks):
    race, _ = race_in(tmp_path, minutes)
    if entrants is None:
        assert race is None
        return
    assert [one.arm for one in race.entrants] == entrants
    assert (race.looks, race.rivals) == (looks, len(entrants))
    assert (race.heat, race.leader) == ((0, "1-together") if len(entrants) == 1 else (1, ""))
    assert race.model_seeds == 3
    left = 5 - (len(entrants) - 1)
    assert len(race.left_out) >= left


def test_a_leader_is_looked_at_as_often_as_there_is_time(tmp_path):
    figures = {BASELINE: LOW[:3], "1-l2": [0.8], "1-noise": [0.7]}
    race, _ = raced(tmp_path, figures)
    race, growth = replace(race, leader="1-l2"), Growth((race,)).with_seeds({BASELINE: 3})
    growth = with_heat(growth, race)
    # 15 seconds for the pages and 33 for the last runs; with three new seeds there are 3 runs of
    # the leader and one more of the baseline, with five 5 and 3, with eight 8 and 6.
    for minutes, looks in ((1.1, ()), (1.2, (3,)), (1.6, (3, 5)), (2.2, (3, 5, 8))):
        bench = Bench(tmp_path, minutes=minutes)
        budget = TimeBudget(bench, 0.0)
        assert looks_in_time(race, growth, bench.aim.looks, budget) == looks
    grown = with_look(growth, race, 5)
    assert grown.seeds == {BASELINE: 6, "1-l2": 6, "1-noise": 1}


def test_what_ran_in_an_earlier_heat_costs_nothing_and_is_never_judged_by_it(tmp_path):
    first = race_of(["l2", "noise"], leader="noise", looks=(3,), outcome=ended("undecided"))
    figures = {BASELINE: LOW[:4], "1-l2": [0.8], "1-noise": HIGH[:4]}
    bench = Bench(tmp_path, minutes=1.2)
    growth = write_growth(tmp_path, Growth((first,)), figures, bench.aim)
    finding = findings_of("accuracy_stays_behind")[0]
    race = make_race(Call(finding, (trick("l2"),)), growth, bench, TimeBudget(bench, 0.0))
    assert (race.heat, race.leader, race.rivals) == (1, "2-l2", 2)
    # Three runs more of l2, beside those that are there; a second heat would not have been in time.
    assert race.looks == (3,)


@pytest.mark.parametrize("minutes", [1.6, 1.65, 1.7, 1.8, 2.2, 2.6, 3.0, 3.4])
def test_the_clock_moves_on_while_a_race_is_made(tmp_path, monkeypatch, minutes):
    # Each question takes a second, so that what was in time for one may not be for the next.
    monkeypatch.setattr(time_budget, "time", SimpleNamespace(monotonic=count().__next__))
    race, _ = race_in(tmp_path, minutes)
    assert race is None or (race.entrants and bool(race.leader) == bool(race.looks))


def test_a_race_of_which_nothing_can_be_built_is_over(tmp_path):
    def refuses(bench, blueprint, name):
        raise LadderError(f"{name}: too large.")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Bench, "builds", refuses)
        race, bench = race_in(tmp_path, 60)
    assert race.entrants == ()
    assert race.refused["dropout"] == "too large."
    assert without_leader(race, bench.run_set()) == Outcome("nothing to race")


def test_runs_whose_time_was_lost_take_no_less_than_their_share_of_the_workers(tmp_path):
    # 33 seconds of runs on two workers, and a command that was killed before it wrote 15 of them.
    write_growth(tmp_path, Growth(), {BASELINE: LOW[:3]})
    blueprints = {BASELINE: aim_of().spec.baseline}
    run_set = read_run_set(tmp_path, "grow")
    for trained, wall in ((1.5, 16.5), (22.0, 22.0), (0.0, 16.5)):
        times = run_times(run_set, blueprints, lambda blueprint: 1.0, trained, workers=2)
        assert times.expected({blueprints[BASELINE]: 3}) == pytest.approx(wall)


def test_a_model_that_was_never_trained_takes_as_long_as_the_nearest_and_longer_if_it_costs_more():
    costs = {2: 1.0, 3: 4.0, 4: 4.0, 5: 0.5, 6: 12.0, 7: 4.0}
    known = {Blueprint(epochs=2): 10.0, Blueprint(epochs=3): 18.0, Blueprint(epochs=4): 20.0}
    times = RunTimes(known, lambda one: costs[one.epochs], pace=1.0)
    # What costs less may be slow all the same; of equally near ones, the slowest counts.
    for epochs, seconds in ((5, 10.0), (6, 60.0), (7, 20.0), (3, 18.0)):
        assert times.expected({Blueprint(epochs=epochs): 2}) == pytest.approx(2 * seconds)


def test_no_runs_take_less_than_the_longest_of_them(tmp_path):
    # On 16 workers, of runs of 11 seconds.
    write_growth(tmp_path, Growth(), {BASELINE: LOW[:3]})
    blueprint = aim_of().spec.baseline
    run_set = read_run_set(tmp_path, "grow")
    times = run_times(run_set, {BASELINE: blueprint}, lambda one: 1.0, 0.0, workers=16)
    assert times.expected({blueprint: 1}) == pytest.approx(11)
    assert times.expected({blueprint: 32}) == pytest.approx(2 * 11)
    assert times.expected({blueprint: 0}) == 0


def test_runs_that_were_there_before_cost_a_growth_nothing(tmp_path):
    bench = Bench(tmp_path)
    growth = write_growth(tmp_path, Growth(), {BASELINE: LOW[:3]})
    runs = bench.run_set().runs
    here, before = (TimeBudget(bench, 2.0) for _ in range(2))
    before.count_runs(replace(growth, found=tuple(run.fingerprint for run in runs)))
    assert before.spent() == pytest.approx(2, abs=1)
    # 10, 11 and 12 seconds on two workers, by a command that was killed.
    here.count_runs(growth)
    assert here.spent() == pytest.approx(16.5, abs=1)


def test_the_pace_is_that_of_the_runs_that_were_trained(tmp_path):
    # One run of 12 seconds took 24 of wall time; the others, of 10 and 11, were there.
    write_growth(tmp_path, Growth(), {BASELINE: LOW[:3]})
    blueprint = aim_of().spec.baseline
    run_set = read_run_set(tmp_path, "grow")
    found = [run.fingerprint for run in run_set.runs if run.seed < 2]
    times = run_times(run_set, {BASELINE: blueprint}, lambda one: 1.0, 24.0, 2, found)
    assert times.expected({blueprint: 3}) == pytest.approx(2 * 3 * 11)


def test_what_is_too_costly_leaves_the_time_to_a_cheaper_one(tmp_path):
    race, _ = race_in(tmp_path, 5, "accuracy_rises")
    names = [one.trick.name for one in race.entrants]
    assert names[0] == "batch_norm"
    assert "lr_one_cycle" in names
    assert {"longer", "together"}.isdisjoint(names)
    assert "longer" in race.left_out


def test_together_are_those_that_were_called_for(tmp_path):
    race, bench = race_in(tmp_path, 60)
    whole = race.entrants[0].trick
    assert [one.name for one in whole.recipes] == [
        *("noise", "batch_norm", "dropout", "l2", "augmentation")
    ]
    assert bench.built[-1] == "together"


def test_several_that_led_the_model_try_again_before_others_are_put_together(tmp_path):
    first = race_of(["dropout", "noise"], leader="dropout", looks=(3,), outcome=ended("behind"))
    both = together([one.trick for one in first.entrants])
    first = replace(first, entrants=(Entrant("1-together", both), *first.entrants))
    figures = {BASELINE: LOW[:4], "1-together": [0.8], "1-dropout": LOW[:4], "1-noise": [0.75]}
    bench = Bench(tmp_path, minutes=60)
    growth = write_growth(tmp_path, Growth((first,)), figures, bench.aim)
    call = called(findings_of("accuracy_stays_behind"), growth)
    race = make_race(call, growth, bench, TimeBudget(bench, 0.0))
    assert race.entrants[0].trick == both
    # With both of the first race, and those that are new.
    assert race.rivals == len({*first.entrants, *race.entrants}) - 2


# What is done in turn.


class Trained(Bench):
    """A bench on which all is trained as soon as it is asked for; it keeps what was asked."""

    keeps_last = True

    def __init__(self, folder, **aim):
        super().__init__(folder, **aim)
        self.asked, self.written = [], []

    def train(self, study, *, is_last=False):
        self.asked.append((study, is_last))
        return 0.0

    def lacks(self, last):
        return True

    def fits_data(self, blueprint):
        pass

    def write(self, growth):
        self.written.append(growth)

    def say(self, text):
        pass


KEPT_DROPOUT = {BASELINE: LOW[:4], "1-dropout": HIGH[:4], "1-l2": [0.7]}


def kept_dropout(**details):
    race = race_of(["dropout", "l2"], leader="dropout", looks=(3,), outcome=ended("kept"))
    return Growth((race,), spent=120.0, **details)


@pytest.mark.parametrize(("minutes", "number"), [(2.3, 3), (3.1, 3), (3.4, 5), (4.0, 8)])
def test_the_last_runs_have_as_many_new_seeds_as_there_is_time_for(tmp_path, minutes, number):
    # After 120 seconds, and with 15 for the pages: two models with one seed more take 11.5 on two
    # workers. The least number of seeds is taken in any case.
    bench = Trained(tmp_path, minutes=minutes)
    growth = write_growth(tmp_path, kept_dropout(end="nothing"), KEPT_DROPOUT, bench.aim)
    grower = Grower(bench, growth)
    assert grower.run() == {}
    study, is_last = bench.asked[-1]
    assert is_last
    # Seed 0 was that of the heat, and seeds 1 to 8 are for leaders.
    assert [study.seeds_of(arm) for arm in study.arms] == [tuple(range(9, 9 + number))] * 2
    assert [arm.blueprint for arm in study.arms] == [
        bench.aim.blueprints(growth)[arm] for arm in (BASELINE, "1-dropout")
    ]
    assert bench.written[-1] == grower.growth
    assert [is_last for _, is_last in bench.asked].count(True) == 1


@pytest.mark.parametrize(("keeps_last", "seeds"), [(True, (9,)), (False, ())])
def test_a_baseline_that_nothing_beat_has_one_last_run_if_that_leaves_anything(
    tmp_path, keeps_last, seeds
):
    bench = Trained(tmp_path, minutes=60)
    bench.keeps_last = keeps_last
    growth = write_growth(tmp_path, Growth(end="nothing"), {BASELINE: LOW[:3]}, bench.aim)
    grower = Grower(bench, growth)
    assert grower.run() == {}
    assert grower.growth.last_seeds == seeds
    last = [[*map(study.seeds_of, study.arms)] for study, is_last in bench.asked if is_last]
    assert last == ([[seeds]] if seeds else [])


def test_seeds_begin_at_the_first_one_and_the_last_runs_have_others():
    aim = aim_of(first_seed=3, most_seeds=5)
    assert aim.seeds(2) == (3, 4)
    assert aim.study(Growth()).seeds_of(aim.study(Growth()).arms[0]) == (3, 4, 5)
    # After one of the heat and five of leaders.
    assert aim.last_seeds(2) == (9, 10)


class RacesError(Exception):
    """Ends a growth where its next race begins."""


def test_the_curves_that_are_read_are_those_of_what_was_kept_last(tmp_path):
    class Begun(Trained):
        def write(self, growth):
            if len(growth.races) == 2:
                raise RacesError

    bench = Begun(tmp_path, minutes=60)
    growth = write_growth(tmp_path, kept_dropout(), KEPT_DROPOUT, bench.aim)
    # The baseline over-fits; with dropout, training is no better than validation.
    for run in bench.run_set().by_name["1-dropout"].runs:
        for name in ("history.csv", "metrics.json"):
            text = (run.folder / name).read_text()
            (run.folder / name).write_text(text.replace("0.97", "0.90"))
    grower = Grower(bench, growth)
    with pytest.raises(RacesError):
        grower.run()
    race = grower.growth.races[-1]
    assert (race.against, race.model_seeds) == ("1-dropout", 4)
    assert race.finding["kind"] == "under-fitting"
    assert "train 0.90, val 0.90" in race.finding["sentence"]


class Looked(Trained):
    """A bench that ends a growth when a race is decided, or at its next look."""

    def train(self, study, *, is_last=False):
        if len(self.asked) == 2:
            raise RacesError
        return super().train(study, is_last=is_last)

    def write(self, growth):
        super().write(growth)
        if growth.races[0].outcome:
            raise RacesError


@pytest.mark.parametrize(
    ("minutes", "looks", "outcome"), [(3.0, (3,), "kept"), (60.0, (3, 5, 8), None)]
)
def test_the_last_look_that_there_is_time_for_spends_all_of_the_error(
    tmp_path, minutes, looks, outcome
):
    # One-sided, p is 0.03: as the first of three looks it may spend 0.003, as the only one 0.05.
    gains = [0.022, 0.010, 0.027]
    assert 0.003 < ttest_1samp(gains, 0, alternative="greater").pvalue < 0.05
    figures = {BASELINE: [0.7] * 4, "1-l2": [0.9, *(0.7 + gain for gain in gains)]}
    bench = Looked(tmp_path, minutes=minutes)
    race = race_of(["l2"], leader="l2", looks=(3, 5, 8))
    growth = write_growth(tmp_path, Growth((race,), spent=120.0), figures, bench.aim)
    grower = Grower(bench, growth)
    with pytest.raises(RacesError):
        grower.run()
    (race,) = grower.growth.races
    assert race.looks == looks
    assert (race.outcome and race.outcome.why) == outcome
    assert grower.growth.seeds["1-l2"] == (4 if outcome else 6)


def test_several_that_were_no_better_together_are_not_put_together_again(tmp_path):
    names_ = ["dropout", "noise"]
    both = together([trick(name) for name in names_])
    first = race_of(names_, looks=(3,), outcome=ended("behind"))
    entrants = (Entrant("1-together", both), *first.entrants)
    first = replace(first, entrants=entrants, leader="1-together")
    figures = {BASELINE: LOW[:4], "1-together": LOW[:4], "1-dropout": [0.8], "1-noise": [0.75]}
    bench = Bench(tmp_path, minutes=60)
    growth = write_growth(tmp_path, Growth((first,)), figures, bench.aim)
    call = Call(findings_of("accuracy_stays_behind")[0], tuple(map(trick, names_)))
    race = make_race(call, growth, bench, TimeBudget(bench, 0.0))
    assert [one.trick.name for one in race.entrants] == names_


def test_several_together_have_one_trick_of_each_recipe(tmp_path):
    rates = [trick("optimizer", kind="adam", learning_rate=rate) for rate in (5e-4, 1e-4)]
    bench = Bench(tmp_path, minutes=60)
    growth = write_growth(tmp_path, Growth(), {BASELINE: LOW[:3]}, bench.aim)
    call = Call(findings_of("accuracy_waves")[0], (rates[0], trick("l2"), rates[1]))
    race = make_race(call, growth, bench, TimeBudget(bench, 0.0))
    whole, *singles = (one.trick for one in race.entrants)
    assert whole.recipes == (*rates[0].recipes, *trick("l2").recipes)
    assert len(singles) == 3


def test_a_trick_survives_its_record():
    held = Trick("together", (Augmentation(brightness_range=(0.5, 1.5)), Noise("gaussian")))
    assert Trick.from_dict(held.to_dict()) == held
    both = together([trick("dropout", rate=0.2), Trick("batch_norm", (BatchNorm(),))])
    assert both.to_dict()["recipes"] == [{"use": "dropout", "rate": 0.2}, {"use": "batch_norm"}]


def test_a_record_survives_its_file(tmp_path):
    details = {"refused": {"x": "why"}, "left_out": ("y",), "outcome": ended("kept", "1-noise")}
    race = race_of(["l2", "noise"], leader="l2", looks=(3, 5), **details)
    growth = Growth(
        (race, race_of(["mixup"], number=2, against="1-l2")), {BASELINE: 3}, spent=9.0, found=("f",)
    )
    assert Growth.from_dict(growth.to_dict()) == growth
    assert growth.pick == "1-l2"
    assert growth.under_way == growth.races[1]
