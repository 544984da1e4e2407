"""Looking into a ladder's folder and at its processes, for the tests of `trickbook run`."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd


def runs_of(out):
    return {path.name: path for path in (out / "runs").iterdir()}


def figures(out):
    """Every run's history and metrics without times."""
    found = {}
    for name, folder in runs_of(out).items():
        history = pd.read_csv(folder / "history.csv").drop(columns="seconds")
        metrics = json.loads((folder / "metrics.json").read_text())
        del metrics["seconds"]
        found[name] = (history.to_csv(), metrics)
    return found


def stamps(out):
    return {
        name: (folder / "history.csv").stat().st_mtime_ns for name, folder in runs_of(out).items()
    }


def start(*arguments, cwd):
    return subprocess.Popen(
        [sys.executable, "-m", "trickbook", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A shell starts what it puts in the background with Ctrl-C ignored, and we may be that.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    )


def wait_for(condition, seconds=120):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_done(folder):
    return json.loads((folder / "run.json").read_text())["status"] == "done"
