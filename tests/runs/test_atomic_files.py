import json
import os

import numpy as np
import pytest

from trickbook.callbacks.state.state_file import write_state
from trickbook.runs import atomic_files as files


def test_json_turns_what_json_lacks_into_null_and_keeps_the_order(tmp_path):
    value = {
        "b": float("nan"),
        "a": [float("inf"), -float("inf"), 1.5],
        "np": np.float32(0.5),
        "array": np.array([[1.0, np.nan], [2.0, 3.0]]),
        "int": np.int64(3),
        "text": "é",
        "none": None,
    }
    files.write_json(tmp_path / "deep" / "er" / "x.json", value)
    text = (tmp_path / "deep" / "er" / "x.json").read_text(encoding="utf-8")
    assert list(json.loads(text)) == list(value)
    assert json.loads(text) == {
        "b": None,
        "a": [None, None, 1.5],
        "np": 0.5,
        "array": [[1.0, None], [2.0, 3.0]],
        "int": 3,
        "text": "é",
        "none": None,
    }
    assert text.startswith('{\n "b": null,\n')


@pytest.mark.parametrize("failing", ["replace", "write"])
def test_a_failed_write_leaves_the_old_file_and_no_litter(tmp_path, monkeypatch, failing):
    path = tmp_path / "x.txt"
    files.write_text(path, "old\n")

    def full_disk(*args, **kwargs):
        raise OSError(28, "No space left on device")

    if failing == "replace":
        monkeypatch.setattr(os, "replace", full_disk)
    else:
        monkeypatch.setattr(type(path), "write_bytes", full_disk)
    with pytest.raises(OSError, match="No space left"):
        files.write_text(path, "new\n")
    monkeypatch.undo()
    assert path.read_text() == "old\n"
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.txt"]


def test_a_file_is_whole_or_as_it_was_however_it_is_written(tmp_path):
    path = tmp_path / "deep" / "x.txt"
    with files.at_once(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
    assert path.read_text() == "whole"
    with pytest.raises(KeyboardInterrupt), files.at_once(path, temporary_name="x") as temporary:
        assert temporary == path.parent / "x"
        temporary.write_text("ha")
        raise KeyboardInterrupt
    assert path.read_text() == "whole"
    assert [entry.name for entry in path.parent.iterdir()] == ["x.txt"]


@pytest.mark.parametrize(
    ("write", "is_lasting"),
    [
        (lambda path: files.write_json(path, {"status": "done"}), True),
        (lambda path: write_state(path, {"epoch": 3}), True),
        (lambda path: files.write_text(path, "epoch,loss"), False),
    ],
    ids=["a record", "a saved state", "another file"],
)
def test_what_cannot_be_made_again_is_on_the_disk_before_it_takes_a_place(
    tmp_path, monkeypatch, write, is_lasting
):
    on_disk, replace = [], os.replace

    def note(number):
        state = os.fstat(number)
        on_disk.append((state.st_ino, state.st_size))

    def replace_known(source, target):
        state = source.stat()
        assert on_disk == ([(state.st_ino, state.st_size)] if is_lasting else [])
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr(os, "replace", replace_known)
    write(tmp_path / "file")
    assert (tmp_path / "file").stat().st_size > 0


def test_a_text_that_is_no_unicode_is_written_all_the_same(tmp_path):
    files.write_json(tmp_path / "x.json", {"command": "run \udcff.npz"})
    assert json.loads((tmp_path / "x.json").read_text()) == {"command": "run \udcff.npz"}


def test_others_may_read_what_is_written(tmp_path):
    files.write_text(tmp_path / "x.txt", "x")
    plain = tmp_path / "plain.txt"
    plain.write_text("x")
    assert (tmp_path / "x.txt").stat().st_mode == plain.stat().st_mode
