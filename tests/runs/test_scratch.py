"""Scratch folders: those of killed commands go, those of live ones stay."""

import os
import subprocess
import sys
import tempfile
import time

import pytest

from trickbook.runs.scratch import PREFIX, YOUNG_SECONDS, scratch_folder

OWNER = """
import sys
from trickbook.runs.scratch import scratch_folder
with scratch_folder() as folder:
    print(folder, flush=True)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def make_old(folder):
    past = time.time() - 2 * YOUNG_SECONDS
    os.utime(folder, (past, past))


def names_after_another_command(folder):
    with scratch_folder() as own:
        return {path.name for path in folder.iterdir()} - {own.name}


def test_a_live_commands_scratch_stays_and_a_killed_ones_goes(temporary):
    # The lock tells, and no process number: that of a command in another container does not show.
    with subprocess.Popen(
        [sys.executable, "-c", OWNER],
        env={**os.environ, "TMPDIR": str(temporary)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as owner:
        name = owner.stdout.readline().strip().rpartition("/")[2]
        make_old(temporary / name)
        assert names_after_another_command(temporary) == {name}
        owner.kill()
    make_old(temporary / name)
    assert names_after_another_command(temporary) == set()


@pytest.mark.parametrize("whose", ["another user's", "a link"])
def test_nothing_is_locked_or_removed_in_what_is_no_folder_of_this_users(
    temporary, monkeypatch, whose
):
    folder = temporary / "elsewhere"
    folder.mkdir()
    (folder / "kept").touch()
    if whose == "a link":
        (temporary / f"{PREFIX}left").symlink_to(folder)
    else:
        folder = folder.rename(temporary / f"{PREFIX}left")
        monkeypatch.setattr(os, "geteuid", lambda: folder.stat().st_uid + 1)
    make_old(folder)
    assert f"{PREFIX}left" in names_after_another_command(temporary)
    assert [path.name for path in folder.iterdir()] == ["kept"]


def test_one_that_is_about_to_be_locked_stays_and_ones_own_goes(temporary):
    (temporary / f"{PREFIX}young").mkdir()
    assert names_after_another_command(temporary) == {f"{PREFIX}young"}
    assert [path.name for path in temporary.iterdir()] == [f"{PREFIX}young"]
