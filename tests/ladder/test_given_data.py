"""Data and ladders as Python gives them: what is taken, and what is said of the rest."""

import numpy as np
import pytest

from trickbook.data import DataError, from_arrays
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.ladder import default_ladder
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
