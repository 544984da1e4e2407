"""A worker process as its parent sees it."""

import sys

import pytest

from trickbook.training.executor.worker_process import WorkerDiedError, WorkerProcess
from trickbook.training.keras_settings import KerasSettings

CHATTERBOX = """#!/bin/sh
read order
echo 'A library says hello.'
echo '[1, 2]'
echo '{"event": "epoch", "epoch": 3}'
printf '{"event": "ended", "sta'
exit 3
"""


@pytest.fixture
def chatterbox(tmp_path, monkeypatch):
    program = tmp_path / "chatterbox.sh"
    program.write_text(CHATTERBOX)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    process = WorkerProcess(tmp_path / "log.txt", KerasSettings("tensorflow", "float32"))
    yield process
    process.end()


def test_lines_that_are_no_events_neither_stop_the_listening_nor_pass_for_some(chatterbox):
    epochs = []
    answer = chatterbox.order({"do": "anything"}, on_epoch=epochs.append)
    error = answer.exception(timeout=60)
    assert isinstance(error, WorkerDiedError)
    assert str(error) == "its process ended with exit status 3."
    assert epochs == [{"event": "epoch", "epoch": 3}]


def test_an_order_to_a_process_that_has_ended_is_answered_so(chatterbox):
    chatterbox.order({}).exception(timeout=60)
    again = chatterbox.order({}).exception(timeout=60)
    assert str(again) == "its process ended with exit status 3."
