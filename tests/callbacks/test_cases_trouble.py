"""Every callback where something goes wrong, from Ctrl-C to a full disk, and what it shows."""

import errno
import os
import sys
from pathlib import Path

import keras
import matplotlib
import numpy as np
import pytest
from callback_models import ODD_NAMES, X, Y, classifier, fit, fresh, oddly_named, state
from callback_table import (
    CURVES,
    KINDS,
    assert_as_plain,
    assert_recorded,
    every_kind,
    files_below,
    fit_recorded,
    kinds_together,
    plain_outcome,
    recorded_rows,
)

from trickbook.callbacks import ComparisonReport, Diagnosis, ExactResume, LearningCurves

WITH_FOLDERS = [LearningCurves, ComparisonReport, ExactResume]


class Interrupt(keras.callbacks.Callback):
    """Ctrl-C in an epoch, counted from 0: at its second batch, or at its end."""

    def __init__(self, epoch, amid):
        super().__init__()
        self.epoch = epoch
        self.amid = amid

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.amid and (self.now, batch) == (self.epoch, 1):
            raise KeyboardInterrupt

    def on_epoch_end(self, epoch, logs=None):
        if epoch == self.epoch:
            raise KeyboardInterrupt


@every_kind
@pytest.mark.parametrize("amid", [True, False])
def test_an_interrupt(tmp_path, name, amid):
    callbacks, model = KINDS[name].make(tmp_path, X, Y), fresh(classifier)
    before = state(model)
    is_finder = name == "LearningRateFinder"
    epoch = 0 if is_finder else 2  # a range test is over before the third epoch
    with pytest.raises(KeyboardInterrupt):
        fit(model, [*callbacks, Interrupt(epoch, amid)], epochs=4)
    for rows in recorded_rows(name, tmp_path).values():
        assert {int(row["epoch"]) for row in rows} == ({1, 2} if amid else {1, 2, 3})
    for callback in callbacks:
        if isinstance(callback, Diagnosis):
            assert len(callback.state_dict()["rows"]) == (2 if amid else 3)
        if isinstance(callback, ExactResume):
            assert callback.first_epoch() == 2
    if is_finder:
        assert len(callbacks[0].losses) == (2 if amid else 3)
        callbacks[0].restore()
        for mine, theirs in zip(state(model), before, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@kinds_together
def test_a_fit_after_an_interrupt(tmp_path, name):
    """It starts anew, and with ExactResume goes on, with the same instances."""
    callbacks = KINDS[name].make(tmp_path, X, Y)
    epoch = 0 if name == "LearningRateFinder" else 2
    with pytest.raises(KeyboardInterrupt):
        fit(fresh(classifier), [*callbacks, Interrupt(epoch, amid=True)], epochs=4)
    found = fit_recorded(fresh(classifier), callbacks, epochs=4)
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset({"epochs": 4}.items()))
    assert_as_plain(name, found, *outcome)
    assert_recorded(found)
    assert files_below(tmp_path) == sorted(KINDS[name].files)
    assert found.messages == []


def test_a_resume_in_a_callback_list_that_does_not_know_the_epochs(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit(fresh(classifier), [ExactResume(tmp_path), Interrupt(2, amid=True)], epochs=4)
    model = fresh(classifier)
    listed = keras.callbacks.CallbackList([ExactResume(tmp_path)], add_history=True, model=model)
    assert fit(model, listed, epochs=4).epoch == [0, 1, 2, 3]


class FullDisk(keras.callbacks.Callback):
    """From the second epoch on nothing can be written."""

    def __init__(self, monkeypatch):
        super().__init__()
        self.patch = monkeypatch

    def on_epoch_begin(self, epoch, logs=None):
        if epoch != 1:
            return
        plain_open = Path.open

        def full(*arguments, **settings):
            raise OSError(errno.ENOSPC, "No space left on device")

        def full_where_it_writes(path, mode="r", *arguments, **settings):
            return plain_open(path, mode, *arguments, **settings) if mode[0] == "r" else full()

        self.patch.setattr(os, "replace", full)
        self.patch.setattr(Path, "write_bytes", full)
        self.patch.setattr(Path, "open", full_where_it_writes)


@every_kind
def test_a_disk_that_fills_up(tmp_path, name, monkeypatch):
    callbacks = KINDS[name].make(tmp_path, X, Y)
    found = fit_recorded(fresh(classifier), [FullDisk(monkeypatch), *callbacks], epochs=4)
    monkeypatch.undo()
    outcome = plain_outcome(KINDS[name].plain, classifier, frozenset({"epochs": 4}.items()))
    assert_as_plain(name, found, *outcome)
    writers = [
        type(one).__name__
        for one in callbacks
        if isinstance(one, ComparisonReport | ExactResume | LearningCurves)
    ]
    assert sorted(message.split()[0] for message in found.messages) == sorted(writers)
    assert all("No space left on device" in message for message in found.messages)
    for rows in recorded_rows(name, tmp_path).values():
        assert {row["epoch"] for row in rows} == {"1"}
    assert not [path for path in files_below(tmp_path) if "tmp" in path]


@pytest.mark.parametrize("kind", WITH_FOLDERS)
@pytest.mark.parametrize(
    "fault",
    [
        "a file above it",
        "a file in its place",
        pytest.param(
            "read-only",
            marks=pytest.mark.skipif(
                os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere"
            ),
        ),
    ],
)
def test_a_folder_that_cannot_be_written(tmp_path, kind, fault):
    folder = tmp_path / "a" / "b"
    if fault == "a file above it":
        folder.parent.write_text("")
    elif fault == "a file in its place":
        folder.parent.mkdir()
        folder.write_text("")
    else:
        folder.parent.mkdir(mode=0o500)
    model = fresh(classifier)
    before = state(model)
    with pytest.raises(
        ValueError, match=rf"^{kind.__name__} cannot write to .*Received: folder='.*'$"
    ):
        fit(model, [kind(folder)])
    for mine, theirs in zip(state(model), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.fixture
def no_screen(monkeypatch):
    """Nothing to show figures on; whoever asks for pyplot, which would look for it, fails."""
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)


@pytest.mark.drawn
@pytest.mark.usefixtures("no_screen")
def test_pictures_without_a_screen_and_without_pyplot(tmp_path):
    settings = dict(matplotlib.rcParams)
    callbacks = [
        LearningCurves(tmp_path / "runs" / "a", name="run a"),
        ComparisonReport(tmp_path / "runs"),
    ]
    fit(fresh(classifier), callbacks)
    pictures = {path for path in files_below(tmp_path) if path.endswith((".png", ".svg"))}
    assert {"runs/a/curves.png", "runs/a/curves.svg", "runs/curves.png"} <= pictures
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.drawn
def test_no_figure_is_left_open(tmp_path):
    import matplotlib.pyplot as plt

    before, backend = plt.get_fignums(), matplotlib.get_backend()
    callbacks = KINDS["all"].make(tmp_path, X, Y)
    finder = KINDS["LearningRateFinder"].make(tmp_path, X, Y)
    drawing = [LearningCurves(tmp_path / "drawn"), ComparisonReport(tmp_path / "runs")]
    fit(fresh(classifier), [*callbacks, *drawing])
    finder[0].find(fresh(classifier), X, Y, batch_size=10)
    finder[0].plot()
    assert {"drawn/curves.png", "runs/curves.png"} <= set(files_below(tmp_path))
    assert plt.get_fignums() == before
    assert matplotlib.get_backend() == backend


@pytest.mark.drawn
def test_odd_names_in_files_pictures_and_pages(tmp_path):
    run = "<script>alert(2)</script> a/b, $\\beta"
    folder = tmp_path / "runs" / "a <b> c"
    recorder = LearningCurves(folder, name=run)
    history = fit(fresh(oddly_named), [recorder, ComparisonReport(tmp_path / "runs")]).history
    page = (tmp_path / "runs" / "report.html").read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(2)" in page
    assert "<script>alert" not in page
    drawn = (folder / "curves.svg").read_text(encoding="utf-8")
    assert "<script" not in drawn
    import pandas as pd

    table = pd.read_csv(folder / "history.csv")
    for name in ODD_NAMES:
        np.testing.assert_array_equal(table[name], history[name])
    # None of them is taken for a folder.
    assert all(path.count("/") <= 2 for path in files_below(tmp_path))


def test_a_loss_that_is_no_number_ends_as_a_failed_run(tmp_path):
    callbacks = KINDS["all"].make(tmp_path, X, Y)
    fit(fresh(classifier), callbacks, data=lambda: {"x": X * np.nan, "y": Y})
    assert "The loss was nan" in (tmp_path / "runs" / "a" / "run.json").read_text()
    assert {row["loss"] for row in recorded_rows("all", tmp_path)[CURVES]} == {"nan"}
    (diagnosis,) = (one for one in callbacks if isinstance(one, Diagnosis))
    assert diagnosis.findings[0].kind == "diverged"
