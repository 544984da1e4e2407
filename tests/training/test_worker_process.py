"""A worker process as its parent sees it."""

import queue
import sys

from trickbook.training.executor.worker_process import Worker
from trickbook.training.keras_settings import KerasSettings

CHATTERBOX = """#!/bin/sh
echo 'A library says hello.'
echo '[1, 2]'
echo '{"event": "epoch", "epoch": 3}'
printf '{"event": "ended", "sta'
exit 3
"""


def test_lines_that_are_no_events_neither_stop_the_listening_nor_pass_for_some(
    tmp_path, monkeypatch
):
    program = tmp_path / "chatterbox.sh"
    program.write_text(CHATTERBOX)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    events = queue.SimpleQueue()
    worker = Worker(tmp_path / "log.txt", KerasSettings("tensorflow", "float32"), events)
    assert events.get(timeout=60) == (worker, {"event": "epoch", "epoch": 3})
    assert events.get(timeout=60) == (worker, None)
    assert worker.how_it_ended() == "its process ended with exit status 3."
