"""What a person sees while runs are trained."""

import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from ladder_on_disk import write_run
from rich.console import Console

from trickbook.ladder.cli.display import LiveDisplay, PlainDisplay, Progress, describe
from trickbook.recipes import Blueprint
from trickbook.training.job import Job

JOB = Job(
    name="01-noise",
    fingerprint="a" * 64,
    blueprint=Blueprint(epochs=10),
    seed=3,
    folder=Path("out/runs/01-noise-aaaaaaaa"),
    command="",
    save_model=True,
)
OTHER = replace(JOB, name="02-[b]old", fingerprint="b" * 64, seed=4)


def console(**options):
    return Console(file=io.StringIO(), width=100, markup=False, highlight=False, **options)


@pytest.fixture
def job(tmp_path):
    """A run that is done: accuracy 0.875 in the end, of all examples, and its folder."""
    job = replace(JOB, folder=tmp_path / "run")
    # Its curve is measured on some of them, as where unused ones join the validation set.
    write_run(job.folder, job.name, job.seed, 0.875, data={"val": 1237, "val_in_epochs": 1000})
    return job


def test_plain_lines_tell_each_run_s_end(job):
    screen = console()
    with PlainDisplay(screen, Progress({"a" * 64: 1.0, "b" * 64: 1.0})) as display:
        display.started(job)
        display.epoch(job, 5, 0.5)
        display.epoch(job, 10, 0.958)
        display.ended(job, "done", None)
        display.ended(OTHER, "failed", "diverged")
    first, second = screen.file.getvalue().splitlines()
    assert first.startswith("[1/2] 01-noise  seed 3  val accuracy 0.875  (")
    assert first.endswith(" left)")
    assert second.startswith("[2/2] 02-[b]old  seed 4  failed: diverged")


def test_the_live_table_shows_rung_seed_epoch_accuracy_and_time_left(job):
    screen = console(force_terminal=True, legacy_windows=False)
    with LiveDisplay(screen, Progress({"a" * 64: 1.0, "b" * 64: 3.0})) as display:
        display.started(job)
        display.started(OTHER)
        display.epoch(job, 7, 0.625)
        display.epoch(OTHER, 8, 0.375)
        screen.print(display.table())
        shown = screen.file.getvalue()
        # Of the other run no file says that its curve is of some examples alone.
        for text in ("01-noise", "7/10", "0.625 (first 1,000)", "0 of 2 runs", " left"):
            assert text in shown
        (other,) = [line for line in shown.splitlines() if "8/10" in line][:1]
        assert "02-[b]old" in other and "0.375" in other and "first" not in other
        display.ended(job, "done", None)
        display.ended(OTHER, "shared", None)
    assert "01-noise  seed 3  val accuracy 0.875" in screen.file.getvalue()
    assert "02-[b]old  seed 4  done by another command" in screen.file.getvalue()


def test_a_run_without_validation_is_done_and_no_more(job):
    path = job.folder / "metrics.json"
    figures = json.loads(path.read_text())
    path.write_text(json.dumps(figures | {"val_accuracy": None}))
    assert describe(job, "done", None) == "01-noise  seed 3  done"
    # Nor does a folder that cannot be read end the display.
    path.write_text("[")
    assert describe(job, "done", None) == "01-noise  seed 3  done"


def test_time_left_is_by_cost(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("trickbook.ladder.cli.display.time.monotonic", lambda: now[0])
    progress = Progress({"a" * 64: 1.0, "b" * 64: 3.0})
    assert progress.seconds_left() is None
    now[0] = 110.0
    progress.set(JOB, 1.0)
    assert progress.seconds_left() == pytest.approx(30.0)
    progress.set(OTHER, 0.5)
    now[0] = 125.0
    assert progress.seconds_left() == pytest.approx(15.0)
    assert (progress.ended, progress.total) == (1, 2)


@pytest.mark.parametrize("display_class", [PlainDisplay, LiveDisplay])
def test_a_wait_of_hours_is_told_once_the_pace_is_known(display_class, monkeypatch):
    now = [100.0]
    monkeypatch.setattr("trickbook.ladder.cli.display.time.monotonic", lambda: now[0])
    screen = console()
    with display_class(screen, Progress({"a" * 64: 1.0, "b" * 64: 1.0})) as display:
        display.started(JOB)
        for epoch, seconds in ((1, 110.0), (2, 1100.0), (3, 1600.0)):
            now[0] = seconds
            display.epoch(JOB, epoch, 0.5)
    # Ten epochs of JOB and ten of OTHER; after two of them, 18 are left at 500 s each, and what
    # is done after the last: a hundredth of a run.
    told = [line for line in screen.file.getvalue().splitlines() if "to go at this pace" in line]
    assert len(told) == 1
    assert told[0].startswith("About 2 h 31 min to go")


def test_a_wait_of_minutes_is_not_told(monkeypatch):
    now = [100.0]
    monkeypatch.setattr("trickbook.ladder.cli.display.time.monotonic", lambda: now[0])
    screen = console()
    with PlainDisplay(screen, Progress({"a" * 64: 1.0})) as display:
        now[0] = 200.0
        display.epoch(JOB, 1, 0.5)
    assert screen.file.getvalue() == ""
