"""The ladder file that a growth leaves."""

import tomllib
from dataclasses import dataclass, replace

import pytest
from growth_on_disk import aim_of, race_of, trick

from trickbook.ladder.growing.grown_file import write_grown
from trickbook.ladder.growing.growth import Entrant, Growth, Outcome
from trickbook.ladder.growing.trick import Trick
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.rung import stack
from trickbook.recipes import Noise, Task


def grown_with(*tricks):
    """A growth that has kept these, one upon another."""
    races, against = [], "0-baseline"
    for number, one in enumerate(tricks, 1):
        arm = f"{number}-{one.name}"
        race = race_of([], number, against, outcome=Outcome("kept"))
        races.append(replace(race, entrants=(Entrant(arm, one),), leader=arm))
        against = arm
    return Growth(tuple(races))


@pytest.mark.parametrize("ladder", ["digits", "lecture", "speedrun", "tabular", "sequence"])
def test_it_says_a_built_in_ladders_baseline_to_the_digit(ladder, tmp_path):
    aim = aim_of(ladder)
    path = write_grown(aim, Growth(), tmp_path)
    spec = read_ladder(str(path))
    assert spec.baseline == aim.spec.baseline
    assert spec.data == aim.data
    assert "cannot say" not in path.read_text()


def test_what_the_baseline_has_from_the_start_is_no_rung(tmp_path):
    own = trick("dropout", rate=0.125).recipes
    aim = aim_of()
    aim = replace(aim, spec=replace(aim.spec, baseline_recipes=own))
    growth = grown_with(trick("batch_norm"))
    path = write_grown(aim, growth, tmp_path)
    spec = read_ladder(str(path))
    assert spec.baseline_recipes == own
    assert spec.rungs()[-1].blueprint == aim.blueprints(growth)[growth.pick]
    assert aim.blueprints(growth)["0-baseline"] == spec.start != spec.baseline
    assert "cannot say" not in path.read_text()


@pytest.mark.parametrize("loss", ["mae", "huber"])
def test_it_names_the_loss_of_a_regression(loss, tmp_path):
    aim = aim_of("diabetes")
    task = Task.named("regression", "mae", loss)
    aim = replace(aim, spec=replace(aim.spec, baseline=replace(aim.spec.baseline, task=task)))
    path = write_grown(aim, Growth(), tmp_path)
    assert tomllib.loads(path.read_text())["task"]["loss"] == loss
    assert read_ladder(str(path)).baseline.task == task
    assert "cannot say" not in path.read_text()


def test_each_trick_is_a_rung_with_the_settings_that_are_no_defaults(tmp_path):
    growth = grown_with(trick("dropout", rate=0.125), trick("batch_norm"))
    path = write_grown(aim_of(), growth, tmp_path)
    assert tomllib.loads(path.read_text())["rung"] == [
        {"recipes": [{"use": "dropout", "rate": 0.125}]},
        {"recipes": [{"use": "batch_norm"}]},
    ]
    spec = read_ladder(str(path))
    rungs = stack(spec.baseline, spec.steps, None)
    assert rungs[-1].blueprint == aim_of().blueprints(growth)[growth.pick]


def test_recipes_of_the_program_that_grew_it_are_told_of(tmp_path, monkeypatch):
    @dataclass(frozen=True)
    class Own(Noise):
        __qualname__ = "Own"

    for module, told in (("__main__", True), ("my.tricks", False)):
        monkeypatch.setattr(Own, "__module__", module)
        path = write_grown(aim_of(), grown_with(trick("noise"), Trick("own", (Own(),))), tmp_path)
        assert tomllib.loads(path.read_text())["rung"][1] == {"recipes": [{"use": f"{module}:Own"}]}
        said = "# Defined in the program that grew the ladder: Own. Move what is in __main__ into"
        assert (said in path.read_text()) == told


def test_what_toml_cannot_say_is_told_at_its_head(tmp_path):
    growth = grown_with(trick("patch_whitening", bias_epochs=None))
    path = write_grown(aim_of("speedrun"), growth, tmp_path)
    first = path.read_text().splitlines()[0]
    assert first.startswith("# A ladder file cannot say all of it. The model that was grown has: ")
    assert "rate_factors" in first
    assert read_ladder(str(path)).steps
