"""`trickbook run` in processes of its own: stopped from outside, and two at once on one folder."""

import signal
from pathlib import Path

import pytest
from ladder_folders import children_of, figures, is_done, stamps, start, wait_for

# Its second epoch waits until it may go on, so that the run is under way for as long as it takes.
WAITING = """
import time
from pathlib import Path
import keras
from trickbook.recipes import Config, Recipe, Slot

class Wait(Recipe):
    def apply(self, blueprint):
        return blueprint.fill("callbacks", Slot(self.name, Config.of("my_waiting:Waiting")))

class Waiting(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        while epoch == 1 and not Path("go").exists():
            time.sleep(0.05)
"""

RUN = ("run", "tiny.toml", "--out", "out", "--jobs", "1")


@pytest.fixture
def waiting_folder(tiny_folder):
    """A ladder of two runs: one that ends by itself, and one that waits for the file `go`."""
    (tiny_folder / "my_waiting.py").write_text(WAITING)
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    text = text.replace("seeds = 2", "seeds = 1") + '[[rung]]\nrecipes = ["my_waiting:Wait"]\n'
    (tiny_folder / "tiny.toml").write_text(text)
    return tiny_folder


def has_tensorflow(process):
    """Whether it has imported it; a parent that has takes seconds to start, and much memory."""
    return "tensorflow" in Path(f"/proc/{process}/maps").read_text()


def stop_amid_the_second_run(folder, how):
    """Returns what a command printed, stopped with that signal, and the times of finished runs."""
    out = folder / "out"
    earlier = set(stamps(out).values()) if out.exists() else set()
    process = start(*RUN, cwd=folder)

    def is_waiting():
        second = list(out.glob("runs/01-*/history.csv"))
        return second and second[0].stat().st_mtime_ns not in earlier

    wait_for(is_waiting)
    workers = children_of(process.pid)
    assert workers
    process.send_signal(how)
    printed = process.communicate(timeout=120)
    assert process.returncode == (130 if how == signal.SIGINT else -signal.SIGKILL)
    wait_for(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers), 60)
    return printed, {name: at for name, at in stamps(out).items() if is_done(out / "runs" / name)}


def test_stopping_loses_only_what_is_under_way(waiting_folder, command):
    out = waiting_folder / "out"
    (output, errors), done = stop_amid_the_second_run(waiting_folder, signal.SIGINT)
    assert "the same command trains what is missing" in output
    assert "Traceback" not in output + errors
    assert len(done) == 1
    _, still_done = stop_amid_the_second_run(waiting_folder, signal.SIGKILL)
    assert still_done == done
    (waiting_folder / "go").touch()
    result = command(*RUN, cwd=waiting_folder)
    assert "1 of 2 runs are in out already" in result.stdout
    assert result.returncode == 0, result.stdout + result.stderr
    assert {name: stamps(out)[name] for name in done} == done
    assert all(map(is_done, (out / "runs").iterdir()))


def test_two_commands_on_one_folder_share_the_work(climbed, tiny_folder, command):
    ladder = tiny_folder / "tiny.toml"
    ladder.write_text(ladder.read_text().split("[[rung]]")[0])
    first = start(*RUN, cwd=tiny_folder)
    wait_for(lambda: list((tiny_folder / "out").glob("runs/*/run.json")))
    processes = first.pid, *children_of(first.pid)
    assert [has_tensorflow(process) for process in processes] == [False, True]
    second = command(*RUN, cwd=tiny_folder)
    output, errors = first.communicate(timeout=200)
    assert (first.returncode, second.returncode) == (0, 0), output + errors + second.stderr
    alone = {name: each for name, each in figures(climbed).items() if name[:2] == "00"}
    assert figures(tiny_folder / "out") == alone
    trained = sum(
        line.count("val accuracy 0.") + line.count("val accuracy 1.")
        for line in (output + second.stdout).splitlines()
        if line.startswith("[")
    )
    assert trained == 2
