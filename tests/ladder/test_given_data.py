"""Data and ladders as Python gives them: what is taken, and what is said of the rest."""

import numpy as np
import pytest

from trickbook.data import DataError, DataSpec, from_arrays, load
from trickbook.ladder import Ladder, LadderError, ladder
from trickbook.ladder.default_ladder import default_ladder
from trickbook.recipes import BatchNorm, Noise

X, Y = np.random.default_rng(0).integers(0, 255, (60, 8, 8, 1), np.uint8), np.arange(60) % 3


@pytest.mark.parametrize("data", [(X, Y), [X, Y], (X, Y, X[:9] // 2, Y[:9]), from_arrays(X, Y)])
def test_arrays_with_their_labels_are_data(data):
    ladder = Ladder(data, [Noise()])
    assert (ladder.spec.data.name, ladder.dataset.classes) == ("arrays", ("0", "1", "2"))


@pytest.mark.parametrize(
    ("labels", "kind"), [(Y, "classification"), (np.linspace(0, 1, 60), "regression")]
)
def test_rows_of_numbers_get_the_ladder_of_tables(labels, kind):
    ladder = Ladder((np.random.default_rng(0).normal(size=(60, 5)), labels))
    assert (ladder.study.name, ladder.rungs[0].blueprint.task.kind) == ("tabular", kind)
    assert default_ladder("npz:x.npz", "rows") == "tabular"


@pytest.mark.parametrize("name", ["digits", "diabetes", "wine"])
def test_data_that_were_loaded_get_the_ladder_of_their_name(name):
    named, loaded = Ladder(name), Ladder(load(name))
    assert loaded.study.name == named.study.name == default_ladder(name)
    assert [rung.blueprint for rung in loaded.rungs] == [rung.blueprint for rung in named.rungs]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (X, r"arrays with their labels\. Give arrays as a tuple .* Received: ndarray"),
        (None, "Received: NoneType"),
        ((X,), r"Give arrays as a tuple \(x, y\) or .* Received: \(ndarray\)"),
        ((X, Y, X), "Received: .ndarray, ndarray, ndarray."),
        (((X, Y), (X, Y)), r"\(x, y, x_test, y_test\).* Received: \(tuple, tuple\)"),
        ("lecture", r"'lecture' is a ladder, .* Write Ladder\.from_file\('lecture'\)"),
        ("my/own.toml", r"Write Ladder\.from_file\('my/own.toml'\)"),
    ],
)
def test_what_is_no_data_is_told_what_to_write(data, said):
    with pytest.raises(LadderError, match=said):
        Ladder(data)


def test_data_that_are_not_there_have_the_nearest_named():
    with pytest.raises(DataError, match="Did you mean digits"):
        Ladder("diggits")


@pytest.mark.parametrize(
    ("rungs", "said"),
    [
        (Noise(), r"an entry for each rung, such as \[Noise\(\), .* Received: Noise\("),
        ([Noise], "A rung is a list of recipes"),
        ([[Noise(), 3]], "A rung is a list of recipes, .* Received: 3"),
        ("noise", "A rung is a list of recipes"),
    ],
)
def test_rungs_that_are_none_are_told_what_to_write(rungs, said):
    with pytest.raises(LadderError, match=said):
        Ladder("digits", rungs)


def test_a_ladder_is_read_from_a_file_or_by_the_name_of_a_built_in_one(tmp_path):
    lecture = Ladder.from_file("lecture")
    assert [rung.name for rung in lecture.rungs][:2] == ["00-baseline", "01-noise"]
    assert (lecture.spec.data.name, lecture.study.name) == ("cifar10", "lecture")
    path = tmp_path / "mine.toml"
    path.write_text('[budget]\nseeds = 2\n[[rung]]\nrecipes = ["batch_norm"]\n')
    mine = Ladder.from_file(path, data="digits")
    assert mine.rungs[1].blueprint == BatchNorm().apply(mine.rungs[0].blueprint)
    assert (mine.spec.data.name, mine.study.seeds) == ("digits", (0, 1))
    with pytest.raises(LadderError, match="names no data"):
        Ladder.from_file(path)


def test_the_data_tell_the_task_of_a_ladder_from_a_file(tmp_path):
    path = tmp_path / "any.toml"
    path.write_text('[baseline]\nbase = "fully_connected"\n[[rung]]\nrecipes = ["l2"]\n')
    for data, kind in (("diabetes", "regression"), ("wine", "classification")):
        assert Ladder.from_file(path, data).rungs[1].blueprint.task.kind == kind


OWN = """
[data]
name = "wine"
val_fraction = 0.3

[baseline]
base = "fully_connected"

[[rung]]
recipes = ["l2"]
"""


@pytest.fixture
def own_file(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return path


def test_data_that_are_given_beat_those_of_the_file(own_file):
    own = DataSpec("wine", val_fraction=0.3)
    assert Ladder.from_file(own_file).study.data == own
    # What the file says of its data goes with their name, and the task with the data.
    for data, spec, kind in (
        ("wine", own, "classification"),
        ("diabetes", DataSpec("diabetes"), "regression"),
        (DataSpec("wine"), DataSpec("wine"), "classification"),
        (DataSpec("diabetes", limit_train=50),) * 2 + ("regression",),
    ):
        ladder = Ladder.from_file(own_file, data)
        assert ladder.study.data == ladder.spec.data == spec
        assert {rung.blueprint.task.kind for rung in ladder.rungs} == {kind}
    lecture = Ladder.from_file("lecture", "digits")
    assert lecture.study.data == DataSpec("digits")
    # Of these data the lecture says nothing.
    assert {rung.reported for rung in lecture.rungs} == {None}
    with pytest.raises(LadderError, match="Received: int"):
        Ladder.from_file("lecture", 3)


def test_a_file_climbs_arrays(own_file):
    rows = np.random.default_rng(0).normal(size=(60, 5))
    numbers = Ladder.from_file(own_file, (rows, np.linspace(0, 1, 60)))
    assert numbers.study.data is numbers.dataset
    assert {rung.blueprint.task.kind for rung in numbers.rungs} == {"regression"}
    data = from_arrays(X, Y)
    assert Ladder.from_file("digits", data).study.data is data


def test_a_file_may_lie_in_the_home_folder(own_file, monkeypatch):
    monkeypatch.setenv("HOME", str(own_file.parent))
    assert Ladder.from_file("~/own.toml").spec.file == own_file


@pytest.mark.parametrize(
    ("out", "whole"),
    [
        ("out", "there/out"),
        ("~/out", "home/out"),
        ("~nobody-of-this-name", "there/~nobody-of-this-name"),
        ("/out", "/out"),
    ],
)
def test_a_folder_is_the_same_wherever_its_result_is_read(out, whole, tmp_path, monkeypatch):
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path / "there")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for carried_out in ("run_study", "estimate_study", "run_tuning", "grow"):
        monkeypatch.setattr(ladder, carried_out, lambda study, folder, options: folder)
    one = Ladder("digits", [Noise()])
    folders = {
        one.run(out),
        one.estimate(out),
        one.ablate(out),
        one.refit(out),
        one.grow(out),
        one.tune(out, 1, trials=2),
        one.sample_size(out, 1, 3),
    }
    assert folders == {tmp_path / whole}


@pytest.mark.parametrize("seeds", [3, np.int64(3), range(3), np.arange(3), (0, 1, 2)])
def test_seeds_may_be_any_list_of_them(seeds):
    assert Ladder("digits", [Noise()], seeds=seeds).study.seeds == (0, 1, 2)


@pytest.mark.parametrize("seeds", ["012", {0, 1}, np.array([0.5]), np.zeros((1, 1), int), range(0)])
def test_seeds_that_are_none_are_refused(seeds):
    with pytest.raises(LadderError, match="seeds must be a number of seeds"):
        Ladder("digits", [Noise()], seeds=seeds)


@pytest.mark.parametrize("drawn", [{"splits": True}, {"bagging": True}, {}])
def test_what_a_seed_draws_is_said_by_the_ladder_and_holds_for_its_studies(drawn):
    one = Ladder("digits", [Noise()], **drawn)
    studies = (one.study, one.ablation(), one.levels(), one.refit_of(), one.sample_size_of(1, 3))
    studies += (one.sweep_of(1, {"learning_rate": [0.1, 0.2]}).study(),)
    found = {(study.splits, study.bagging) for study in studies}
    assert found == {("splits" in drawn, "bagging" in drawn)}


def test_a_margin_is_a_number_from_the_first():
    assert Ladder("digits", margin=np.float64(0.02)).study.margin == 0.02
    for wrong in ("0.01", 0, float("nan")):
        with pytest.raises(LadderError, match=r"margin \(--margin\) must be above 0"):
            Ladder("digits", margin=wrong)
