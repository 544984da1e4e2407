"""`--fit`: crop for new studies of folders, what it was for those that are there."""

import json

import pytest

from trickbook.data import DataError
from trickbook.ladder.cli.flags import LadderFlags, RunFlags

DATA = "folder:photos"


@pytest.fixture
def out(tmp_path):
    """The folder of a study that is there."""
    folder = tmp_path / "out"
    folder.mkdir()

    def write(data):
        (folder / "ladder.json").write_text(json.dumps({"data": {"name": DATA, **data}}))
        return RunFlags(out=folder)

    return write


def fit(runs=None, **flags):
    return LadderFlags(**{"data": DATA, **flags}).spec(runs).data.fit


def test_a_new_study_of_a_folder_crops(tmp_path):
    assert fit(RunFlags(out=tmp_path / "new")) == "crop"
    assert fit() == "crop"
    assert fit(RunFlags(out=tmp_path / "new"), fit="pad") == "pad"
    assert fit(RunFlags(out=tmp_path / "new"), data="npz:x.npz") is None
    assert fit(data=None) is None


def test_a_study_that_is_there_goes_on_as_it_began(out):
    assert fit(out({})) is None
    assert fit(out({"fit": "pad"})) == "pad"
    assert fit(out({}), fit="crop") == "crop"
    assert fit(RunFlags(out=out({}).out, fresh=True)) == "crop"


def test_a_ladder_file_without_a_word_of_it_stretches_as_ever(tmp_path):
    path = tmp_path / "mine.toml"
    head = f'[data]\nname = "{DATA}"\nimage_size = [8, 8]\n'
    path.write_text(head)
    new = RunFlags(out=tmp_path / "new")
    for data in (None, DATA):
        assert fit(new, ladder=str(path), data=data) is None
    assert fit(new, ladder=str(path), data=None, fit="crop") == "crop"
    path.write_text(f'{head}fit = "pad"\n')
    assert fit(new, ladder=str(path), data=None) == "pad"


def test_it_is_for_folders():
    with pytest.raises(DataError, match="--fit"):
        fit(data="digits", fit="crop")
