"""Each trick alone on the same baseline, by level."""

import json

import pytest
from ladder_on_disk import write_ladder

from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.ladder_file import LEVELS, read_ladder
from trickbook.recipes import (
    RECIPES,
    Augmentation,
    BatchNorm,
    Blueprint,
    Dropout,
    Initializer,
    Noise,
    Wider,
    compose,
)
from trickbook.recipes.recipe import LEVELS as LEVELS_OF_TRICKS
from trickbook.reports.pages.study_report import write_all

# The classes of digits are of equal size, its last stage leaves one pixel, no run is there, and a
# mirrored digit is none.
NOT_ON_DIGITS = {
    *("class_weight", "global_pooling", "patch_whitening", "transfer", "warm_start"),
    "test_time_augmentation",
}
BASE = Blueprint(filters=(2,), convolutions=1, dense=(4,))


def test_every_trick_of_the_book_stands_in_the_built_in_study():
    spec = read_ladder(LEVELS)
    named = {recipe.name for step in spec.alone for recipe in step.recipes}
    assert named == RECIPES.keys() - NOT_ON_DIGITS
    study = Ladder.from_spec(spec).levels()
    assert study.details["refused"] == []
    levels = [trick["level"] for trick in study.details["tricks"]]
    assert levels == sorted(levels, key=LEVELS_OF_TRICKS.index)
    baseline, *others = study.arms
    assert all(arm.against == baseline.name and arm.changed for arm in others)
    assert len({arm.blueprint for arm in study.arms}) == len(study.arms)


@pytest.mark.parametrize(
    ("study", "ladder"),
    [(LEVELS, "digits"), ("levels-tabular", "tabular"), ("levels-diabetes", "diabetes")],
)
def test_a_built_in_study_has_the_baseline_data_and_budget_of_its_ladder(study, ladder):
    levels, whole = read_ladder(study), read_ladder(ladder)
    assert (levels.baseline, levels.data) == (whole.baseline, whole.data)


def test_of_rows_the_same_tricks_stand_alone_for_classes_and_for_numbers():
    of_classes, of_numbers = read_ladder("levels-tabular"), read_ladder("levels-diabetes")
    assert of_classes.alone == of_numbers.alone
    for spec in (of_classes, of_numbers):
        study = Ladder.from_spec(spec).levels()
        assert study.details["refused"] == []
        assert len({arm.blueprint for arm in study.arms}) == len(spec.alone) + 1


def test_each_trick_stands_alone_on_the_baseline_named_by_what_tells_it_apart():
    tricks = [Dropout(0.2), Dropout(0.5), [Wider(), BatchNorm()], Noise()]
    study = Ladder("digits", tricks, baseline=BASE).levels()
    assert {arm.name: arm.blueprint for arm in study.arms[1:]} == {
        "alone-noise": compose(BASE, [Noise()]),
        "alone-wider+batch_norm": compose(BASE, [Wider(), BatchNorm()]),
        "alone-dropout,rate=0.2": compose(BASE, [Dropout(0.2)]),
        "alone-dropout,rate=0.5": compose(BASE, [Dropout(0.5)]),
    }
    assert [trick["level"] for trick in study.details["tricks"]] == [
        *("data", "architecture", "training", "training")
    ]


def test_a_trick_is_named_by_as_few_settings_as_tell_it_apart():
    starts = [Initializer("glorot"), Initializer("glorot", "uniform"), Initializer("lecun")]
    study = Ladder("digits", [*starts, Augmentation(zoom=0.1), Augmentation()], baseline=BASE)
    assert [arm.name for arm in study.levels().arms[1:]] == [
        "alone-augmentation,zoom=0.1",
        "alone-augmentation,zoom=0.0",
        "alone-initializer,kind=glorot,distribution=normal",
        "alone-initializer,distribution=uniform",
        "alone-initializer,kind=lecun",
    ]


def test_chosen_tricks_are_those_of_the_whole_study_in_a_file_of_their_own():
    ladder = Ladder.from_file(LEVELS)
    whole = {arm.name: arm for arm in ladder.levels().arms}
    chosen = ladder.levels(["activation", "initializer,kind=lsuv"])
    assert chosen.file == "levels-activation-initializer,kind=lsuv"
    assert all(whole[arm.name] == arm for arm in chosen.arms)
    kinds = ("sigmoid", "tanh", "leaky_relu", "elu", "gelu", "silu")
    assert [arm.name for arm in chosen.arms[1:]] == [
        "alone-initializer,kind=lsuv",
        *(f"alone-activation,kind={kind}" for kind in kinds),
    ]
    assert [trick["arm"] for trick in chosen.details["tricks"]] == list(range(1, 8))
    with pytest.raises(LadderError, match=r"no trick 'activatoin' .* Did you mean 'activation'\?"):
        ladder.levels(["activatoin"])


def test_the_command_trains_chosen_tricks_beside_the_whole_study(command, tiny_folder):
    arguments = ("ablate", "tiny.toml", "--levels", "--epochs", "1", "--seeds", "1", "--out", "out")
    result = command(*arguments, "--only", "dropuot", cwd=tiny_folder)
    assert result.returncode == 2
    assert "Did you mean 'dropout'?" in " ".join(result.stderr.split())
    result = command(*arguments, "--only", "noise", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    page = (tiny_folder / "out" / "levels-noise.md").read_text(encoding="utf-8")
    assert "dropout+noise" in page and "batch_norm" not in page
    result = command("ablate", "tiny.toml", "--only", "noise", cwd=tiny_folder)
    assert result.returncode == 2
    assert "--only chooses among the tricks of --levels: give both." in result.stderr


@pytest.mark.drawn
def test_the_page_groups_what_is_worth_something(tmp_path):
    low = [0.700, 0.701, 0.700, 0.699, 0.701, 0.700, 0.699, 0.700]
    high = [0.901, 0.900, 0.899, 0.901, 0.900, 0.901, 0.900, 0.899]
    write_ladder(tmp_path, {"baseline": low, "noise": high, "l2": low[::-1]})
    ladder = json.loads((tmp_path / "ladder.json").read_text())
    for rung in ladder["rungs"][1:]:
        rung["against"] = 0
    tricks = [
        {"arm": 1, "name": "noise", "level": "data"},
        {"arm": 2, "name": "l2", "level": "training"},
    ]
    ladder |= {"kind": "levels", "details": {"tricks": tricks, "refused": []}}
    (tmp_path / "levels.json").write_text(json.dumps(ladder))
    (tmp_path / "ladder.json").unlink()
    (written,) = write_all(tmp_path)
    frame = written.frame
    assert list(frame.trick) == ["noise", "l2"]
    assert list(frame.level) == ["data", "training"]
    assert list(frame.verdict) == ["helps", "no difference"]
    assert list(frame.margin) == [0.01, 0.01]
    assert list(frame.failed) == [0, 0]
    assert frame.delta[0] == pytest.approx(sum(high) / 8 - sum(low) / 8)
    text = (tmp_path / "levels.md").read_text()
    assert "Data. Helps: noise." in text
    assert "a hollow one is undecided. The grey band holds" in text
    assert "Training. No difference larger than 1 point: l2." in text
    assert (tmp_path / "levels.png").exists()
    assert (tmp_path / "levels.html").exists()


def test_a_ladder_of_a_baseline_has_no_tricks():
    with pytest.raises(LadderError, match="no trick"):
        Ladder("digits", [], baseline=BASE).levels()


@pytest.mark.parametrize("text", ["alone = 3", "[alone]\nrecipes = ['l2']"])
def test_what_is_no_list_of_tricks_is_refused(tmp_path, text):
    path = tmp_path / "mine.toml"
    path.write_text(f"{text}\n[data]\nname = 'digits'\n" if "[" not in text else text)
    with pytest.raises(LadderError, match=r"\[\[alone\]\]"):
        read_ladder(str(path), "digits")


def test_levels_without_a_ladder_are_of_the_whole_book(monkeypatch):
    from typer.testing import CliRunner

    from trickbook.ladder.cli import ablate_command
    from trickbook.ladder.cli.main import app

    carried = []
    monkeypatch.setattr(ablate_command, "carry_out", lambda study, flags: carried.append(study))
    monkeypatch.setattr(ablate_command, "end", lambda result: None)
    CliRunner().invoke(app, ["ablate", "--levels"])
    CliRunner().invoke(app, ["ablate", "digits", "--levels"])
    book, digits = carried
    assert (book.name, book.kind, book.file) == (LEVELS, "levels", "levels")
    assert [arm.name for arm in digits.arms[1:3]] == ["alone-noise", "alone-augmentation"]
    refused = CliRunner().invoke(app, ["run", LEVELS])
    assert "trickbook ablate levels --levels" in str(refused.exception)
