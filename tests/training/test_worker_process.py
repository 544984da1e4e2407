"""A worker process as its parent sees it."""

import sys
from pathlib import Path

import pytest

from trickbook.training.executor.node_environment import node_environment
from trickbook.training.executor.worker_pool import WorkerDiedError
from trickbook.training.executor.worker_process import WorkerProcess
from trickbook.training.keras_settings import KerasSettings

CHATTERBOX = """#!/bin/sh
read order
echo 'A library says hello.'
printf '\\377 in Latin.\n'
echo '[1, 2]'
echo '{"event": "epoch", "epoch": 3}'
printf '{"event": "ended", "sta'
exit 3
"""


KILLED = """#!/bin/sh
read order
echo 'Too large a tensor.' >&2
kill -KILL $$
"""


@pytest.fixture
def worker(tmp_path, monkeypatch, request):
    """A stand-in for a worker, of that text."""
    program = tmp_path / "worker.sh"
    program.write_text(request.param)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    process = WorkerProcess(tmp_path / "log.txt", KerasSettings("tensorflow", "float32"))
    yield process
    process.end()


with_chatterbox = pytest.mark.parametrize("worker", [CHATTERBOX], ids=["chatterbox"], indirect=True)


@with_chatterbox
def test_lines_that_are_no_events_neither_stop_the_listening_nor_pass_for_some(worker):
    epochs = []
    answer = worker.order({"do": "anything"}, on_epoch=epochs.append)
    error = answer.exception(timeout=60)
    assert isinstance(error, WorkerDiedError)
    assert str(error) == "its process ended with exit status 3."
    assert epochs == [{"event": "epoch", "epoch": 3}]


@with_chatterbox
def test_an_order_to_a_process_that_has_ended_is_answered_so(worker):
    worker.order({}).exception(timeout=60)
    again = worker.order({}).exception(timeout=60)
    assert str(again) == "its process ended with exit status 3."


SURROUNDINGS = """#!/bin/sh
read order
printf '{"event": "told", "arguments": "%s", "temporary": "%s", "path": "%s"}\n' \
    "$*" "$TMPDIR" "$PYTHONPATH"
"""


@pytest.fixture
def own_path(monkeypatch):
    """Where this process looks for modules: first in the current folder, as in a notebook."""
    # What is no text Python passes over.
    monkeypatch.setattr(sys, "path", ["", Path("/passed/over"), "/installed", "/last"])


@pytest.mark.parametrize("worker", [SURROUNDINGS], ids=["surroundings"], indirect=True)
def test_it_looks_for_modules_where_the_parent_does_and_leaves_no_file_behind(
    own_path, worker, tmp_path
):
    told = worker.order({}).result(timeout=60)
    assert told["path"] == f"{Path.cwd()}:/installed:/last"
    # Nodes have no current folder of ours.
    settings = KerasSettings("tensorflow", "float32")
    assert node_environment(settings)["PYTHONPATH"] == "/installed:/last"
    # Python itself would put the current folder before these.
    assert told["arguments"].startswith("-P -m trickbook.")
    assert told["temporary"] == str(tmp_path)


@pytest.mark.parametrize("worker", [KILLED], ids=["killed"], indirect=True)
def test_of_a_process_that_was_killed_its_last_words_are_told(worker):
    error = worker.order({}).exception(timeout=60)
    assert str(error).startswith("its process was killed, as happens when memory runs out")
    assert str(error).endswith(" Its last words: Too large a tensor.")


@with_chatterbox
def test_a_log_that_vanishes_while_it_is_read_has_no_last_words(worker, monkeypatch):
    def vanished(path, **_):
        raise FileNotFoundError(path)

    # As after a Ctrl-C: the study removes its folder, and the log in it has just been found.
    monkeypatch.setattr(Path, "read_text", vanished)
    error = worker.order({}).exception(timeout=60)
    assert str(error) == "its process ended with exit status 3."
