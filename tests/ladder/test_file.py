"""Ladder files: the two built-in ones, and what is refused with which words."""

from dataclasses import replace

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec
from trickbook.ladder import Ladder
from trickbook.ladder.cli.data_flags import DataFlags
from trickbook.ladder.ladder_file import BUILT_IN, ladder_text, read_ladder, seed_list
from trickbook.ladder.rung import stack
from trickbook.recipes import (
    L2,
    Augmentation,
    BatchNorm,
    Blueprint,
    Dropout,
    LRDecay,
    Noise,
    Optimizer,
    RecipeError,
    SkipConnections,
    Task,
    Wider,
    compose,
)
from trickbook.training.errors import LadderError


@pytest.fixture
def read(tmp_path):
    """Reads a text as the ladder file own.toml, with --data digits unless told otherwise."""

    def from_text(text, data="digits"):
        path = tmp_path / "own.toml"
        path.write_text(text, encoding="utf-8")
        return read_ladder(str(path), data)

    return from_text


# The built-in ladders


def test_lecture_is_the_decks_ladder():
    spec = read_ladder("lecture")
    assert spec.name == "lecture"
    assert spec.data.name == "cifar10"
    assert spec.baseline == Blueprint()
    assert (spec.baseline.epochs, spec.baseline.batch_size) == (40, 256)
    assert spec.baseline.dense == (512,)
    assert [step.recipes for step in spec.steps] == [
        (Noise("erasing", probability=0.75, area_min=0.01, area_max=0.3, value=0.0),),
        (BatchNorm(epsilon=1e-5),),
        (Dropout(),),
        (L2(),),
        (Augmentation(flip_probability=0.5, crop_area_min=0.64),),
        (LRDecay(gamma=0.96),),
        (
            Wider(1.5),
            Augmentation(
                flip_probability=0.5,
                crop_padding_pixels=2,
                crop_area_min=1.0,
                rotation_degrees=5.0,
            ),
        ),
        (SkipConnections(),),
        (Wider(1.5),),
    ]
    reported = [spec.reported, *(step.reported for step in spec.steps)]
    assert reported == [0.78, 0.80, None, None, None, 0.906, 0.906, 0.93, 0.93, 0.945]


def test_lectures_rungs_have_the_names_of_the_issue():
    spec = read_ladder("lecture")
    rungs = stack(spec.baseline, spec.steps, spec.reported)
    assert [rung.name for rung in rungs] == [
        "00-baseline",
        "01-noise",
        "02-batch_norm",
        "03-dropout",
        "04-l2",
        "05-augmentation",
        "06-lr_decay",
        "07-wider+augmentation",
        "08-skip_connections",
        "09-wider",
    ]
    assert rungs[7].blueprint.filters == (96, 192, 384)
    assert rungs[9].blueprint.filters == (144, 288, 576)


def test_published_accuracies_stand_beside_the_data_they_are_of_alone():
    spec = read_ladder("lecture")
    assert [rung.reported for rung in Ladder.from_spec(spec).rungs][:2] == [0.78, 0.80]
    others = replace(spec, data=replace(spec.data, name="folder:photos"))
    assert {rung.reported for rung in Ladder.from_spec(others).rungs} == {None}
    arrays = np.zeros((60, 32, 32, 3), "uint8"), np.arange(60) % 3
    assert {rung.reported for rung in Ladder(arrays).rungs} == {None}


@pytest.mark.parametrize(
    "other",
    [
        {"limit_train": 5000},
        {"color": "grey"},
        {"classes": ("cat", "dog")},
        {"baseline": Blueprint().scaled(0.25)},
        {"baseline": Blueprint(task=Task(decides="cross_entropy"))},
    ],
)
def test_published_accuracies_do_not_stand_beside_another_problem(other):
    spec = read_ladder("lecture")
    data = replace(spec.data, **{name: one for name, one in other.items() if name != "baseline"})
    others = replace(spec, data=data, baseline=other.get("baseline", spec.baseline))
    assert {rung.reported for rung in Ladder.from_spec(others).rungs} == {None}


def test_published_accuracies_stand_beside_another_split_and_budget():
    spec = read_ladder("lecture")
    others = replace(
        spec,
        data=replace(spec.data, split_seed=7, data_dir="files", val_fraction=0.2),
        baseline=spec.baseline.with_budget(10, 128),
    )
    assert [rung.reported for rung in Ladder.from_spec(others).rungs][:2] == [0.78, 0.80]


def test_accuracies_that_a_file_reports_stand_only_where_accuracy_decides(read):
    text = '[data]\nname = "digits"\n[baseline]\nreported = 0.9\n[task]\ndecides = "{}"\n'
    for decides, reported in (("accuracy", 0.9), ("balanced_accuracy", None)):
        assert Ladder.from_spec(read(text.format(decides))).rungs[0].reported == reported


def test_digits_has_the_same_tricks_without_a_flip():
    spec = read_ladder("digits")
    assert (spec.name, spec.data.name, spec.data.limit_train) == ("digits", "digits", 200)
    names = [recipe.name for step in spec.steps for recipe in step.recipes]
    lecture = [recipe.name for step in read_ladder("lecture").steps for recipe in step.recipes]
    assert set(names) == set(lecture)
    assert names == sorted(names, key=lecture.index)
    for step in spec.steps:
        for recipe in step.recipes:
            assert getattr(recipe, "flip_probability", 0) == 0
    assert spec.seeds == (0, 1, 2)
    assert all(step.reported is None for step in spec.steps)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_ladder_printed_to_a_file_is_the_same_ladder(name, read):
    again, spec = read(ladder_text(name)), read_ladder(name)
    assert again.name == "own"
    for part in ("data", "baseline", "steps", "seeds", "reported"):
        assert getattr(again, part) == getattr(spec, part)


# A file


def test_a_file_says_all_there_is_to_say(read):
    spec = read("""
        [data]
        name = "folder:pictures"
        image_size = [24, 32]
        color = "grey"
        scaling = "unit"
        split_seed = 7

        [task]
        decides = "cross_entropy"

        [baseline]
        filters = [4, 8]
        convolutions = 3
        dense = []
        activation = "elu"
        kernel_initializer = "glorot_normal"
        reported = 0.5

        [budget]
        epochs = 2
        batch_size = 16
        learning_rate = 0.5
        seeds = [7, 9]

        [[rung]]
        recipes = ["batch_norm", { use = "dropout", rate = 0.25 }]
        reported = 1
    """)
    assert spec.data == DataSpec(
        "folder:pictures", image_size=(24, 32), color="grey", scaling="unit", split_seed=7
    )
    assert spec.baseline == Blueprint(
        task=Task(decides="cross_entropy"),
        filters=(4, 8),
        convolutions=3,
        dense=(),
        activation="elu",
        kernel_initializer="glorot_normal",
        epochs=2,
        batch_size=16,
        learning_rate=0.5,
    )
    assert spec.seeds == (7, 9)
    assert spec.reported == 0.5
    (step,) = spec.steps
    assert step.recipes == (BatchNorm(), Dropout(rate=0.25))
    assert step.reported == 1


def test_an_empty_file_and_one_that_names_no_data_are_refused(read):
    with pytest.raises(LadderError, match=r"own\.toml: The file is empty\. Start from a built-in"):
        read("")
    for text in ("[budget]\nepochs = 3", "[data]\nlimit_train = 100"):
        with pytest.raises(LadderError, match=r"names no data\. .* in \[data\]; .* takes --data"):
            read(text, data=None)


def test_what_a_file_leaves_out_is_as_the_lecture_has_it(read):
    spec = read("[budget]\n")
    assert (spec.data, spec.baseline, spec.steps) == (DataSpec("digits"), Blueprint(), ())
    assert (spec.seeds, spec.reported) == ((0, 1, 2), None)


REFUSED = {
    "[task]\nkind = 'ranking'": "kind must be one of classification, regression",
    "[task]\nname = 'regression'": "Unknown key 'name' in [task].",
    "[baseline]\nsettings = 3": "settings must be a table, such as settings = { heads = 4 }.",
    # Unknown keys, at each level, with the nearest right one.
    "bugdet = 3": "Unknown key 'bugdet' in the file. Did you mean 'budget'?",
    "[rungs]": "Unknown key 'rungs' in the file. Did you mean 'rung'?",
    "[data]\nlimit_trian = 3": "Unknown key 'limit_trian' in [data]. Did you mean 'limit_train'?",
    "[baseline]\nfilter = [3]": "Unknown key 'filter' in [baseline]. Did you mean 'filters'?",
    "[baseline]\nepochs = 3": "Unknown key 'epochs' in [baseline].",
    "[budget]\nbatchsize = 3": "Unknown key 'batchsize' in [budget]. Did you mean 'batch_size'?",
    '[[rung]]\nrecipe = ["l2"]': "Unknown key 'recipe' in rung 1. Did you mean 'recipes'?",
    '[[rung]]\nrecipes = ["dropuot"]': "rung 1: There is no recipe 'dropuot'. Did you mean "
    "'dropout'?",
    '[[rung]]\nrecipes = ["l2"]\n[[rung]]\nrecipes = [{ use = "l2", wieght = 1 }]': "rung 2: The "
    "recipe 'l2' has no setting 'wieght'. Did you mean 'weight'?",
    # Values of a wrong type or out of range, with the value.
    "data = 3": "data must be a table: write [data] above its keys.",
    "budget = [1]": "budget must be a table",
    "[data]\nname = 3": "There are no data named 3.",
    '[data]\nname = "cifar"': "There are no data named 'cifar'. Did you mean cifar10?",
    "[data]\nlimit_train = 0": "Received: limit_train=0",
    '[data]\nscaling = "units"': "There is no scaling named 'units'. Did you mean unit?",
    "[baseline]\nfilters = 64": "filters must be a list of whole numbers, 1 or above",
    "[baseline]\nfilters = [64, 0]": "Received: filters=[64, 0]",
    "[baseline]\ndense = [1.5]": "Received: dense=[1.5]",
    '[baseline]\nconvolutions = "2"': "Received: convolutions='2'",
    "[baseline]\nactivation = 3": "Received: activation=3",
    "[baseline]\nbase = 3": "Received: base=3",
    "[baseline]\nreported = 78": "[baseline]: reported must be an accuracy in 0..1. Received: "
    "reported=78",
    '[task]\ndecides = ["accuracy"]': "decides must be a name. Received: decides=['accuracy']",
    '[task]\nloss = { use = "huber" }': "loss must be a name. Received: loss={'use': 'huber'}",
    '[baseline]\nbase = "a:b"\nsettings = { day = 2026-01-02 }': "A blueprint takes plain values",
    "[budget]\nepochs = 1.5": "Received: epochs=1.5",
    "[budget]\nepochs = true": "Received: epochs=True",
    "[budget]\nbatch_size = -1": "Received: batch_size=-1",
    '[budget]\nlearning_rate = "fast"': "Received: learning_rate='fast'",
    "[budget]\nlearning_rate = inf": "Received: learning_rate=inf",
    "[budget]\nseeds = 0": "Received: seeds=0",
    "[budget]\nseeds = [1, 1]": "Received: seeds=[1, 1]",
    "[rung]": "Write each rung as [[rung]], with two brackets.",
    "rung = [3]": "Write each rung as [[rung]], with two brackets.",
    "[baseline]\nrecipes = []": "[baseline] needs a list of recipes",
    '[baseline]\nrecipes = ["dropuot"]': "[baseline]: There is no recipe 'dropuot'. Did you mean",
    "[[rung]]": 'rung 1 needs a list of recipes, such as recipes = ["dropout"]',
    "[[rung]]\nrecipes = []": "rung 1 needs a list of recipes",
    '[[rung]]\nrecipes = "l2"': "rung 1 needs a list of recipes",
    "[[rung]]\nrecipes = [3]": "rung 1: a recipe is a name or",
    "[[rung]]\nrecipes = [{ rate = 0.3 }]": "Received: {'rate': 0.3}",
    '[[rung]]\nrecipes = [{ use = "l2", weight = -1 }]': "rung 1: l2: weight must be a finite "
    "number, 0 or above. Received: weight=-1",
    '[[rung]]\nrecipes = [{ use = "l2", weight = "big" }]': "Received: weight='big'",
    '[[rung]]\nrecipes = ["l2"]\nreported = true': "rung 1: reported must be an accuracy",
    '[[rung]]\nrecipes = ["l2"]\nreported = nan': "Received: reported=nan",
    '[[rung]]\nrecipes = ["nowhere:Trick"]': "rung 1: The recipe 'nowhere:Trick' cannot be loaded",
    # No TOML.
    "epochs = = 3": "is not valid TOML",
}


@pytest.mark.parametrize(("text", "words"), REFUSED.items(), ids=REFUSED)
def test_a_fault_is_refused_with_its_place(text, words, read):
    with pytest.raises(LadderError) as refused:
        read(text)
    assert words in str(refused.value)
    assert "own.toml" in str(refused.value)


OWN_TRICKS = """
[baseline]
recipes = ["batch_norm", { use = "optimizer", kind = "sgd", learning_rate = 0.1 }]

[[rung]]
recipes = ["dropout"]

[[rung]]
recipes = [{ use = "optimizer", kind = "adam" }]

[[alone]]
recipes = ["l2"]
"""


def test_what_the_baseline_has_already_is_in_every_rung_and_below_what_stands_alone(read):
    spec = read(OWN_TRICKS)
    ladder = Ladder.from_spec(spec)
    start = compose(spec.baseline, [BatchNorm(), Optimizer("sgd", 0.1)])
    baseline, dropout, adam = ladder.rungs
    assert baseline.blueprint == spec.start == start
    assert (baseline.name, baseline.recipes) == ("00-baseline", ())
    assert "BatchNormalization" in baseline.changed and "SGD" in baseline.changed
    assert dropout.blueprint == compose(start, [Dropout()])
    assert adam.blueprint == compose(start, [Dropout(), Optimizer("adam")])
    _, alone = ladder.levels().arms
    assert alone.blueprint == compose(start, [L2()])
    left_out = {arm.name: arm.blueprint for arm in ladder.ablation().arms}
    assert left_out["without-dropout"] == compose(start, [Optimizer("adam")])


def test_the_settings_of_what_the_baseline_has_can_be_swept(read):
    ladder = Ladder.from_spec(read(OWN_TRICKS))
    swept = ladder.sweep_of("0", {"optimizer.learning_rate": [0.01, 0.1]}).study()
    assert [arm.blueprint.learning_rate for arm in swept.arms] == [0.01, 0.1]
    assert all(arm.blueprint.normalization is not None for arm in swept.arms)


def test_a_trick_of_the_baseline_that_clashes_is_refused_by_its_place(read):
    spec = read('[baseline]\nrecipes = ["l1", "l2"]')
    with pytest.raises(RecipeError, match=r"^\[baseline\]: "):
        Ladder.from_spec(spec)


def test_show_tells_what_the_baseline_has(command, tmp_path):
    (tmp_path / "mine.toml").write_text(f'[data]\nname = "digits"\n{OWN_TRICKS}')
    result = command("show", "mine.toml", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    first = " ".join(result.stdout.split()).partition("01-dropout")[0]
    assert "filters" in first and "BatchNormalization" in first


def test_a_mark_at_the_start_of_a_file_is_no_part_of_it(tmp_path, read):
    text = ladder_text("digits")
    (tmp_path / "marked.toml").write_text(text, encoding="utf-8-sig")
    assert read_ladder(str(tmp_path / "marked.toml")).steps == read(text).steps


PHOTOS = '[data]\nname = "folder:photos"\nimage_size = [8, 8]\nfit = "pad"\nlimit_train = 20\n'


def test_the_same_data_in_other_words_keep_the_settings_of_the_file(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text(PHOTOS)
    held = read_ladder("own.toml").data
    for same in (None, "folder:photos", "folder:./photos/", f"folder:{tmp_path / 'photos'}"):
        assert DataFlags("own.toml", data=same).on_data().data == held
    assert not capsys.readouterr().out


def test_what_the_file_says_of_other_data_is_told_to_be_left_out(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.toml").write_text(PHOTOS)
    spec = DataFlags("own.toml", data="folder:others", limit_train=9).on_data()
    assert spec.data == DataSpec("folder:others", limit_train=9, fit="crop")
    said = "own.toml has settings for folder:photos, not for folder:others: image_size. These"
    assert said in " ".join(capsys.readouterr().out.split())
    # Those of a built-in ladder are of its own data.
    DataFlags("digits", data="folder:others").on_data()
    assert not capsys.readouterr().out


@pytest.mark.parametrize("read", [Ladder.from_file, lambda file: DataFlags(file).on_data()])
def test_data_that_lie_beside_the_file_alone_are_told_where_they_are(tmp_path, monkeypatch, read):
    folder = tmp_path / "ladders"
    (folder / "photos").mkdir(parents=True)
    (folder / "own.toml").write_text(PHOTOS)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError) as refused:
        read("ladders/own.toml")
    said = str(refused.value)
    assert f"no photos in the current folder, {tmp_path}, from which" in said
    assert f"It lies beside ladders/own.toml: give the command in {folder}, or" in said
    assert f"folder:{folder / 'photos'}" in said
    monkeypatch.chdir(folder)
    read("own.toml")


def test_a_ladder_that_is_nowhere_is_refused(tmp_path):
    with pytest.raises(LadderError, match=r"no ladder 'lectures'\. Did you mean 'lecture'\?"):
        read_ladder("lectures")
    images = "digits, lecture, speedrun, speedrun95, speedrun96"
    known = f"{images}, tabular, diabetes, sequence, deep, levels, levels-tabular, levels-diabetes"
    with pytest.raises(LadderError, match=rf"Built in: {known}; or .*\.toml"):
        read_ladder("xyz")
    with pytest.raises(LadderError, match=r"nowhere\.toml cannot be read: No such file"):
        read_ladder(str(tmp_path / "nowhere.toml"))
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(LadderError, match=r"folder\.toml cannot be read"):
        read_ladder(str(tmp_path / "folder.toml"))
    (tmp_path / "latin.toml").write_bytes(b'[data]\nname = "\xe9"\n')
    with pytest.raises(LadderError, match=r"latin\.toml is not UTF-8"):
        read_ladder(str(tmp_path / "latin.toml"))


@pytest.mark.parametrize(
    ("value", "seeds"), [(1, (0,)), (3, (0, 1, 2)), ([7, 9], (7, 9)), ((4,), (4,))]
)
def test_seeds_are_how_many_or_which(value, seeds):
    assert seed_list(value) == seeds


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "3", None, [], [1, 1], [-1], [1.0], [2**31]])
def test_other_seeds_are_refused(value):
    with pytest.raises(LadderError) as refused:
        seed_list(value)
    assert str(refused.value).endswith(f"Received: seeds={value!r}")
