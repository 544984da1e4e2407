"""Every callback of `trickbook.callbacks`, what plain Keras does alike, and what it leaves."""

import csv
import functools
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import pytest
from callback_models import BACKEND, X, Y, arrays, assert_same, fit, fresh, state

from trickbook.callbacks import (
    LSUV,
    CleanEvaluation,
    ComparisonReport,
    CyclicalLearningRate,
    Diagnosis,
    ExactResume,
    LayerSignals,
    LearningCurves,
    LearningRateFinder,
    OneCycle,
    apply_lsuv,
    diagnose,
)

FINDER_STEPS = 4


class Kind(NamedTuple):
    """A callback or several."""

    make: Callable[[Path, Any, Any], list[keras.callbacks.Callback]]
    """Of a folder to write to, inputs and labels."""
    plain: Callable[[], list[keras.callbacks.Callback]] = list
    """Callbacks that do to the model what these do, without us; none for those that observe."""
    files: tuple[str, ...] = ()
    """What a fit leaves below the folder."""


class Rates(keras.callbacks.Callback):
    """Sets the rate of every batch by a formula of (step, all steps)."""

    def __init__(self, formula):
        super().__init__()
        self.formula = formula

    def on_train_begin(self, logs=None):
        self.step = None

    def on_epoch_begin(self, epoch, logs=None):
        if self.step is None:
            self.step = epoch * (self.params["steps"] or 0)

    def on_train_batch_begin(self, batch, logs=None):
        steps = self.params["epochs"] * (self.params["steps"] or 0)
        several = getattr(self.model.optimizer, "optimizers", None) or [self.model.optimizer]
        for optimizer in several:
            optimizer.learning_rate = self.formula(self.step, steps)
        self.step += 1


class Undone(keras.callbacks.Callback):
    """Puts the model back to what it was before the fit."""

    def on_train_begin(self, logs=None):
        self.before = [(variable, value) for variable, value in self._all()]

    def on_train_end(self, logs=None):
        for variable, value in self.before:
            variable.assign(value)

    def _all(self):
        model = self.model
        for variable in [*model.variables, *model.optimizer.variables]:
            yield variable, np.array(keras.ops.convert_to_numpy(variable.value))


class OnceInitialised(keras.callbacks.Callback):
    """Calls `apply_lsuv` before the first epoch of a training."""

    done = False

    def on_epoch_begin(self, epoch, logs=None):
        if epoch == 0 and not self.done:
            apply_lsuv(self.model, X, seed=0)
        self.done = True


def triangle(step, steps):
    return 0.01 + (0.2 - 0.01) * (1 - abs(step % 8 / 4 - 1))


def one_cycle(step, steps):
    return np.interp(step, [0, steps / 2 - 1, steps - 1], [0.2 / 25, 0.2, 0.2 / 25 / 1e4])


def _with_batches(folder, x, y):
    return [LearningCurves(folder / "runs" / "a", plot=False, batches=True)]


def _clean(folder, x, y):
    return [CleanEvaluation(x, y, every=2)]


def _report(folder, x, y):
    recorder = LearningCurves(folder / "runs" / "a", name="run a", plot=False)
    return [recorder, ComparisonReport(folder / "runs")]


def _finder(folder, x, y):
    return [LearningRateFinder(1e-3, 0.1, num_steps=FINDER_STEPS)]


def _cyclical(folder, x, y):
    return [CyclicalLearningRate(0.01, 0.2, step_size=4)]


def _one_cycle(folder, x, y):
    return [OneCycle(0.2, shape="linear", warmup=0.5)]


def _diagnosis(folder, x, y):
    return [Diagnosis(verbose=0)]


def _resume(folder, x, y):
    return [ExactResume(folder / "resume")]


def _lsuv(folder, x, y):
    return [LSUV(x, seed=0)]


def _signals(folder, x, y):
    return [LayerSignals(x, y)]


def _by_epochs(folder, x, y):
    """Those that look on, and have nothing to do after a batch."""
    return [
        *_resume(folder, x, y),
        *_clean(folder, x, y),
        *_diagnosis(folder, x, y),
        *_signals(folder, x, y),
        LearningCurves(folder / "runs" / "a", plot=False),
    ]


def _all(folder, x, y):
    """All that go together, but for the report: it reads files alone, and draws for long."""
    return [
        *_resume(folder, x, y),
        *_lsuv(folder, x, y),
        *_cyclical(folder, x, y),
        *_clean(folder, x, y),
        *_diagnosis(folder, x, y),
        *_signals(folder, x, y),
        LearningCurves(folder / "runs" / "a", name="run a", plot=False, batches=True),
    ]


CURVES, BATCHES = "runs/a/history.csv", "runs/a/batches.csv"
RUN = ("runs/a/metrics.json", "runs/a/run.json")
REPORT = (
    "runs/curves.png",
    "runs/ladder.csv",
    "runs/report.html",
    "runs/report.md",
)

KINDS = {
    "LearningCurves with batches": Kind(_with_batches, files=(CURVES, BATCHES)),
    "CleanEvaluation": Kind(_clean),
    "LearningCurves and ComparisonReport": Kind(_report, files=(CURVES, *RUN, *REPORT)),
    "LearningRateFinder": Kind(_finder, lambda: [Undone()]),
    "CyclicalLearningRate": Kind(_cyclical, lambda: [Rates(triangle)]),
    "OneCycle": Kind(_one_cycle, lambda: [Rates(one_cycle)]),
    "Diagnosis": Kind(_diagnosis),
    "ExactResume": Kind(_resume),
    "LSUV": Kind(_lsuv, lambda: [OnceInitialised()]),
    "those by epochs": Kind(_by_epochs, files=(CURVES,)),
    "all": Kind(
        _all,
        lambda: [OnceInitialised(), Rates(triangle)],
        files=(CURVES, BATCHES, *RUN),
    ),
}

# On PyTorch as few as hold every callback that reads the model or sets something in it.
FEW = ("LearningRateFinder", "OneCycle", "all")
# Every callback is among these: by itself, or with others that do not touch what it does. They are
# for what a fit is given; how a callback begins and ends, each is asked alone.
TOGETHER = ("LearningCurves with batches", "those by epochs", *FEW)
ALONE = [name for name in KINDS if name != "those by epochs"]
every_kind = pytest.mark.parametrize("name", FEW if BACKEND == "torch" else ALONE)
kinds_together = pytest.mark.parametrize("name", FEW if BACKEND == "torch" else TOGETHER)

# Their saves need the order of the data.
RESUMING = ("ExactResume", "those by epochs", "all")

RATE_SETTERS = ("CyclicalLearningRate", "OneCycle", "all")
NEED_A_NUMBER = (*RATE_SETTERS, "LearningRateFinder")


class Fitted(NamedTuple):
    """A fit with the callbacks of a kind."""

    model: keras.Model
    callbacks: list[keras.callbacks.Callback]
    history: keras.callbacks.History
    messages: list[str]
    """What our callbacks warned of."""


def fit_recorded(model, callbacks, **arguments):
    """`fit`, with the warnings that name one of these callbacks."""
    listed = keras.tree.flatten(callbacks)
    names = [type(one).__name__ for one in listed]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        history = fit(model, callbacks, **arguments)
    texts = [str(one.message) for one in caught]
    ours = [text for text in texts if any(text.startswith(name) for name in names)]
    return Fitted(model, listed, history, ours)


def compare(name, folder, make, warned=(), **arguments):
    """Fit twice from the same start, with a kind of callbacks and in plain Keras, and compare.

    Args:
        name: Of the kind.
        folder: Where the callbacks may write.
        make: Of the model.
        warned: What each warning of our callbacks should hold, in order.
        **arguments: Of the fit; all hashable.
    """
    kind = KINDS[name]
    data = arguments.get("data", arrays)
    labels = data().get("y", Y)
    expected = plain_outcome(kind.plain, make, frozenset(arguments.items()))
    found = fit_recorded(fresh(make, data), kind.make(folder, X, labels), **arguments)
    assert_as_plain(name, found, *expected)
    assert_recorded(found)
    assert files_below(folder) == sorted(kind.files)
    assert_warned(found, warned)
    return found


@functools.cache
def plain_outcome(plain, make, arguments):
    """What plain Keras comes to: all that it trained, and its history."""
    model = fresh(make, dict(arguments).get("data", arrays))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        history = fit(model, plain(), **dict(arguments))
    return state(model), history


def assert_warned(found, warned):
    assert len(found.messages) == len(warned), found.messages
    for message, part in zip(found.messages, warned, strict=True):
        assert part in message


def assert_as_plain(name, found, expected, history):
    """The model and what Keras logged are as after the plain fit."""
    # Rates come from formulas in other precision; everything else is the same bit for bit.
    rtol = 1e-4 if name in RATE_SETTERS else 0.0
    assert_same(state(found.model), expected, rtol)
    if name != "LearningRateFinder":  # it trains only as long as it needs to
        assert found.history.epoch == history.epoch
        for metric, values in history.history.items():
            np.testing.assert_allclose(found.history.history[metric], values, rtol, rtol)


def assert_recorded(found):
    """Each callback holds what the fit showed."""
    for callback in found.callbacks:
        check = _CHECKS.get(type(callback))
        if check is not None:
            check(callback, found)


def files_below(folder):
    return sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()
    )


def read_rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def recorded_rows(name, folder):
    """The rows of those CSV files that this kind leaves, by file."""
    return {
        file: read_rows(folder / file) for file in (CURVES, BATCHES) if file in KINDS[name].files
    }


def _curves_hold_the_history(callback, found):
    rows, history = read_rows(callback.folder / "history.csv"), found.history
    assert [int(row["epoch"]) for row in rows][-len(history.epoch) :] == [
        epoch + 1 for epoch in history.epoch
    ]
    for metric, values in history.history.items():
        cells = [float(row[metric]) for row in rows if row[metric]]
        # What an earlier fit recorded stands before.
        np.testing.assert_array_equal(cells[-len(values) :], values)
    if callback.batches and "loss" in history.history:
        _batches_hold_the_losses(callback.folder / "batches.csv", history)


def _batches_hold_the_losses(path, history):
    rows = read_rows(path)
    steps = [int(row["step"]) for row in rows]
    assert steps == sorted(set(steps))
    # The running mean after the last batch of an epoch is what Keras logs for the epoch.
    last = {int(row["epoch"]) - 1: float(row["loss"]) for row in rows}
    ended = [last[epoch] for epoch in history.epoch]
    np.testing.assert_allclose(ended, history.history["loss"], rtol=1e-5)


def _clean_figures_are_those_of_the_model(callback, found):
    logs = found.history.history
    names = [name for name in logs if name.startswith(callback.name) and "accuracy" in name]
    assert names
    labels = keras.tree.flatten(callback._samples.trial()[1])
    outputs = keras.tree.flatten(found.model.predict(X, batch_size=len(X), verbose=0))
    for name, output, y in zip(names, outputs, labels, strict=True):
        correct = (output.argmax(axis=-1) == y) & np.isfinite(output).all(axis=-1)
        assert logs[name][-1] == correct.mean()


def _finder_tried_its_rates(callback, found):
    tried = len(callback.rates)
    np.testing.assert_allclose(
        callback.rates, np.geomspace(1e-3, 0.1, FINDER_STEPS)[:tried], rtol=1e-6
    )
    # The loss that ends the test may be no number.
    assert tried and np.isfinite(callback.losses[:-1]).all()


def _diagnosis_reads_the_history(callback, found):
    epochs = [row["epoch"] for row in callback.state_dict()["rows"]]
    assert epochs == list(range(epochs[0], found.history.epoch[-1] + 2))
    # As text, for a number in them may be none.
    assert str(callback.findings) == str(diagnose(found.history))


def _signals_are_of_each_epoch(callback, found):
    epochs = sorted({row["epoch"] for row in callback.state_dict()["rows"]})
    assert epochs == list(range(epochs[0], found.history.epoch[-1] + 2))


def _report_tells_the_run(callback, found):
    assert "run a" in (callback.folder / "report.md").read_text(encoding="utf-8")


def _nothing_is_left_to_resume(callback, found):
    assert not callback.folder.exists()
    assert found.model._initial_epoch is None


_CHECKS = {
    LearningCurves: _curves_hold_the_history,
    CleanEvaluation: _clean_figures_are_those_of_the_model,
    LearningRateFinder: _finder_tried_its_rates,
    ComparisonReport: _report_tells_the_run,
    LayerSignals: _signals_are_of_each_epoch,
    Diagnosis: _diagnosis_reads_the_history,
    ExactResume: _nothing_is_left_to_resume,
}
