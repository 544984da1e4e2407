"""What a search varies: the declared ranges, a file's, and what is refused before any work."""

import importlib.util
from dataclasses import dataclass

import numpy as np
import pytest

from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.tuning.search_checks import fitted_to_data
from trickbook.ladder.tuning.space import read_space
from trickbook.recipes import (
    RECIPES,
    BatchNorm,
    Blueprint,
    Dropout,
    NetworkSettings,
    Optimizer,
    Recipe,
    TrainingSettings,
)
from trickbook.recipes.setting import setting_of, stated

BASE = Blueprint(filters=(2,), dense=(4,), batch_size=8)
LADDER = Ladder(
    "digits",
    [BatchNorm(), Dropout(rate=0.3), Optimizer(kind="momentum")],
    baseline=BASE,
    seeds=2,
)


def space_of(given, rung=2):
    return LADDER.tuning_of(rung, given, trials=3).space


def dimension(given, rung=2):
    (only,) = space_of(given, rung).dimensions
    return only


def test_what_a_setting_declares_to_be_searched_is_something_that_it_may_be():
    declared = [
        (f"{holder.__name__}.{name}", setting_of(holder, name))
        for holder in (TrainingSettings, NetworkSettings, *RECIPES.values())
        for name, field in holder.__dataclass_fields__.items()
        if stated(field) and stated(field).search
    ]
    assert len(declared) > 30
    for name, rule in declared:
        low, high = rule.search
        assert low < high, name
        assert [rule.checked(name, one) for one in (low, high)] == [low, high]
        assert rule.scale in ("linear", "log", "log_to_one")
        assert rule.scale != "log" or low > 0
        assert rule.scale != "log_to_one" or high < 1


def test_without_a_file_it_is_what_the_deck_names_in_its_order():
    assert space_of(None).names == [
        *("learning_rate", "beta_1", "beta_2", "convolutions", "width", "batch_size"),
        *("batch_norm.momentum", "dropout.rate", "dropout.stage_rate"),
    ]
    # Another optimiser has a rate and a momentum of its own, and no betas.
    with_momentum = space_of(None, 3)
    assert with_momentum.names[:4] == [
        *("optimizer.learning_rate", "optimizer.momentum", "convolutions", "width"),
    ]
    assert with_momentum.own_parameters()["optimizer.learning_rate"] == 0.005
    rate, *_, batch, _, dropout, _ = space_of(None).dimensions
    assert (rate.low, rate.high, rate.scale) == (1e-4, 1e-1, "log")
    assert (batch.low, batch.high) == (8, 32)  # near its own
    assert (dropout.low, dropout.high, dropout.scale) == (0.05, 0.7, "linear")


def test_batches_get_no_larger_than_the_training_set_unless_they_were_asked_for():
    data = {"name": "digits", "image_shape": [8, 8, 1], "classes": list("01"), "train": 20}

    def fitted(given):
        return fitted_to_data(LADDER.tuning_of(2, given, trials=3), data)

    tuning, left_out = fitted(None)
    ends = {one.name: one.ends for one in tuning.space.dimensions}
    assert (ends["batch_size"], left_out) == ((8, 20), [])
    assert (tuning.space.is_default, tuning.space.names) == (True, space_of(None).names)
    with pytest.raises(LadderError, match=r"\(--space\), batch_size: .* only 20 training images"):
        fitted({"batch_size": {"low": 8, "high": 32}})


def test_layers_are_searched_where_the_network_has_them():
    tables = Ladder("wine", [Dropout()], seeds=1).tuning_of(1, trials=3).space
    assert "convolutions" not in tables.names
    assert {"width", "dropout.rate"} <= set(tables.names)
    with pytest.raises(LadderError, match="convolutions means nothing to the network"):
        Ladder("wine", [Dropout()]).tuning_of(1, {"convolutions": [1, 2]}, trials=3)


def test_a_file_says_low_high_scale_and_steps_and_the_rest_is_declared(tmp_path):
    file = tmp_path / "space.toml"
    # Some editors begin a file with a mark.
    file.write_text(
        '\ufefflearning_rate = { high = 1e-2 }\nbatch_size = [32, 8]\n"dropout.stage_rate" = {}\n'
        "[dropout]\nrate = { low = 0.2, high = 0.4, steps = 3 }\n"
    )
    rate, batch, stage, dropout = space_of(read_space(file)).dimensions
    assert (rate.low, rate.high, rate.scale) == (1e-4, 1e-2, "log")
    assert batch.values == (8, 32)
    assert (stage.low, stage.high) == (0.05, 0.5)
    assert (dropout.name, dropout.values) == ("dropout.rate", (0.2, 0.3, 0.4))


def test_steps_lie_evenly_on_the_scale():
    log = {"low": 1e-4, "high": 1e-1, "steps": 4}
    assert dimension({"learning_rate": log}).values == (1e-4, 1e-3, 1e-2, 1e-1)
    to_one = {"low": 0.9, "high": 0.999, "scale": "log_to_one", "steps": 3}
    assert dimension({"beta_2": to_one}).values == (0.9, 0.99, 0.999)


def test_an_arm_of_a_trial_is_the_rung_with_its_values():
    values = {"dropout.rate": 0.4, "width": 2.0, "beta_1": 0.8, "learning_rate": 0.01}
    made = LADDER.tuning_of(2, None, trials=3).blueprint(values, "here")
    assert (made.filters, made.dense, made.learning_rate) == ((4,), (8,), 0.01)
    assert made.optimizer.keywords() == {"beta_1": 0.8}
    assert "Dropout with rate 0.3 -> 0.4" in made.difference(LADDER.rungs[2].blueprint)
    own = {one.name: one.setting.value for one in space_of(None).dimensions}
    # Spelt out, the rung's own settings are the same training and share its runs.
    tuning = LADDER.tuning_of(2, None, trials=3)
    assert tuning.blueprint(own, "here") == LADDER.rungs[2].blueprint


@dataclass(frozen=True)
class Own(Recipe):
    amount: float = 1
    share: "float | None" = 1
    units: int = 4

    def apply(self, blueprint):
        units = self.units + round(100 * self.amount) + round(100 * (self.share or 0))
        return blueprint.with_settings(dense=(units,))


@pytest.mark.parametrize(
    ("name", "low", "high", "ends", "size", "swept"),
    [
        ("amount", 0.1, 0.9, (0.1, 0.9), None, [0.1, 0.5, 0.9]),
        ("share", 0.1, 0.9, (0.1, 0.9), None, [0.1, 0.5, 0.9]),
        ("units", 2, 4, (2, 4), 3, [2, 3, 4]),
    ],
)
def test_a_setting_of_ones_own_is_whole_where_its_field_says_so(name, low, high, ends, size, swept):
    ladder = Ladder("digits", [Own()], baseline=BASE, seeds=2)
    given = {f"own.{name}": {"low": low, "high": high}}
    (only,) = ladder.tuning_of(1, given, trials=3).space.dimensions
    assert (only.ends, only.size) == (ends, size)
    sweep = ladder.sweep_of([1], {f"own.{name}": f"{low}:{high}:3"})
    assert list(sweep.swept[0].axes[0].values) == swept


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({}, "The space is empty"),
        ({"dropout.rat": {}}, r"02-dropout has no setting 'dropout.rat'. Did you mean"),
        ({"dropout": {"rate": {"low": 0.5, "high": 1.5}}}, "dropout.rate must be .*below 1"),
        ({"learning_rate": {"low": 0.1, "high": 0.01}}, "low must be below high"),
        ({"learning_rate": {"low": 0, "high": 1}}, "learning_rate must be .*above 0"),
        ({"learning_rate": {"low": "a", "high": 1}}, "low must be a number"),
        ({"learning_rate": {"lowest": 0.1}}, "unknown key 'lowest'. Known: low, high"),
        ({"learning_rate": {"scale": "cubic"}}, "scale is one of linear, log"),
        ({"learning_rate": 0.1}, "give a list of values, or low and high"),
        ({"learning_rate": []}, "needs values, each once"),
        ({"learning_rate": [0.1, 0.1]}, "needs values, each once"),
        ({"learning_rate": {"steps": 1}}, "steps is how many values"),
        ({"dropout.rate": {"low": 0, "scale": "log"}}, "a logarithmic scale begins above 0"),
        ({"beta_1": {"low": 0.5, "high": 1}}, "beta_1 must be .*below 1"),
        ({"batch_norm.epsilon": {}}, "declares no range to search in"),
        ({"batch_norm.learnt": {"low": 1, "high": 2}}, "has no range: it is one of"),
        ({"batch_size": {"low": 1.5, "high": 8}}, "batch_size must be .*whole number"),
    ],
)
def test_a_space_that_is_none_is_refused_in_a_line(given, told):
    with pytest.raises(LadderError, match=told) as refused:
        space_of(given)
    assert "\n" not in str(refused.value)


def test_a_setting_that_another_overrules_is_refused():
    with pytest.raises(LadderError, match="learning_rate changes nothing in 03-optimizer"):
        space_of({"learning_rate": {}}, 3)


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, r"Say how long to search: trials \(--trials N\), or minutes"),
        ({"trials": 0}, "trials .* is 1 or above"),
        ({"minutes": 0}, "minutes .* is above 0"),
        ({"minutes": float("inf")}, "minutes .* is above 0"),
        ({"trials": 3, "sampler": "best"}, "sampler .* is one of tpe, random, grid, gp"),
        ({"trials": 3, "pruner": "best"}, "pruner .* is one of median, hyperband, none"),
        ({"trials": 3, "sampler": "grid"}, "learning_rate is a range without end .* steps = 5"),
        ({"trials": 3, "seed": 1}, "Seed 1 is the search's"),
        ({"trials": 3, "seed": -1}, r"^seed \(--search-seed\) .* whole number from 0"),
    ],
)
def test_a_search_that_is_none_is_refused_in_a_line(settings, told):
    with pytest.raises(LadderError, match=told):
        LADDER.tuning_of(2, None, **settings)


def test_a_seed_may_be_numpys():
    own, other = (LADDER.tuning_of(2, None, trials=3, seed=seed) for seed in (7, np.int64(7)))
    assert own.definition({}) == other.definition({})


def test_a_package_that_is_missing_is_named(monkeypatch):
    there = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "optuna" else there(name)
    )
    with pytest.raises(LadderError, match="pip install optuna"):
        LADDER.tuning_of(2, None, trials=3)
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "torch" else there("json")
    )
    with pytest.raises(LadderError, match="The sampler gp is Optuna's, which needs torch"):
        LADDER.tuning_of(2, None, trials=3, sampler="gp")


def test_files_that_are_none_are_told_by_the_command(tiny_folder, command):
    (tiny_folder / "broken.toml").write_text("learning_rate = {")
    (tiny_folder / "empty.toml").write_text("")
    for file, told in (
        ("none.toml", "none.toml cannot be read: No such file"),
        ("broken.toml", "broken.toml is not valid TOML"),
        ("empty.toml", "The space is empty"),
    ):
        arguments = ("tune", "1", "tiny.toml", "--space", file, "--trials", "2", "--out", "o")
        result = command(*arguments, cwd=tiny_folder)
        assert (result.returncode, result.stderr.count("\n")) == (2, 1)
        assert told in result.stderr
    assert not (tiny_folder / "o").exists()
