"""Learning-rate recipes against their formulas, step by step and through a training."""

import json
from dataclasses import replace

import keras
import numpy as np
import pandas as pd
import pytest

from trickbook.data import DataSpec, from_arrays, load
from trickbook.recipes import (
    L2,
    Blueprint,
    LRCosine,
    LRCyclical,
    LRDecay,
    LRInverseTime,
    LRLinear,
    LROneCycle,
    LRPlateau,
    LRStep,
    LRTriangular,
    RecipeError,
    Task,
    compose,
)
from trickbook.training import trainer
from trickbook.training.batch_hooks import acts_on_batches
from trickbook.training.job import Job
from trickbook.training.learning_rate import learning_rate
from trickbook.training.trainer import build_callbacks

EPOCHS, STEPS = 8, 3
TOTAL = EPOCHS * STEPS
ETA = 0.02
PLAIN = Blueprint(base="mlp", dense=(), epochs=EPOCHS, batch_size=18, learning_rate=ETA)


def line(left, right, share):
    return left + (right - left) * share


def half_cosine(left, right, share):
    return right + (left - right) * (1 + np.cos(np.pi * share)) / 2


def triangle(step, half):
    """From 0 up to 1 within `half` steps, and down again, and so on."""
    return 1 - np.abs((step / half) % 2 - 1)


def one_cycle(step, between):
    top, last = 0.25 * TOTAL - 1, TOTAL - 1
    rising = between(0.06 / 25, 0.06, step / top)
    falling = between(0.06, 0.06 / 25e4, (step - top) / (last - top))
    return np.where(step <= top, rising, falling)


def two_lines(step, start, end):
    """Up to 1 at a quarter of the training, as airbench94's but for its first step."""
    return np.interp(step, [0, 0.25 * TOTAL - 1, TOTAL - 1], [start, 1, end])


# Each with its rate at a step from 0 and the epoch of that step.
FORMULAS = {
    "decay": (LRDecay(0.9), lambda t, e: ETA * 0.9**e),
    # L2; its slide has 1 + decay + epoch, which would begin below eta0.
    "inverse_time": (LRInverseTime(0.5), lambda t, e: ETA / (1 + 0.5 * e)),
    "step": (LRStep(0.1, 3), lambda t, e: ETA * 0.1 ** (e // 3)),
    "linear": (LRLinear(0.1), lambda t, e: line(ETA, 0.1 * ETA, t / TOTAL)),
    "linear_then_constant": (
        LRLinear(0.1, constant_from=5),
        lambda t, e: line(ETA, 0.1 * ETA, np.minimum(t / (5 * STEPS), 1)),
    ),
    "cyclical": (LRCyclical(0.5, 2, 2), lambda t, e: ETA * line(0.5, 2, triangle(t, 6))),
    "cyclical_lower_peaks": (
        LRCyclical(0.5, 2, 2, "triangular2"),
        lambda t, e: ETA * (0.5 + 1.5 * triangle(t, 6) * 0.5 ** (t // 12)),
    ),
    "one_cycle": (LROneCycle(3, 0.25), lambda t, e: one_cycle(t, half_cosine)),
    "one_cycle_of_lines": (LROneCycle(3, 0.25, "linear"), lambda t, e: one_cycle(t, line)),
    "triangular": (
        LRTriangular(0.2, 0.25, 0.07),
        lambda t, e: ETA * two_lines(t, 0.2, 0.07),
    ),
    "cosine": (LRCosine(0, 0.1), lambda t, e: half_cosine(ETA, 0.1 * ETA, t / TOTAL)),
    "cosine_with_warm_up": (
        LRCosine(0.25),
        lambda t, e: np.where(
            t < 6, ETA * t / 6, half_cosine(ETA, 0, np.maximum(t - 6, 0) / (TOTAL - 6))
        ),
    ),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_every_step_has_the_formulas_rate(name):
    recipe, formula = FORMULAS[name]
    schedule = learning_rate(recipe.apply(PLAIN), STEPS)
    steps = np.arange(TOTAL)
    found = [float(keras.ops.convert_to_numpy(schedule(step))) for step in steps]
    np.testing.assert_allclose(found, formula(steps, steps // STEPS), rtol=2e-5, atol=1e-9)


@pytest.mark.parametrize(
    ("epochs", "steps", "cycles"),
    [(10, 6, 8), (5, 6, 4), (30, 6, 8), (10, 11, 8), (20, 12, 8), (5, 11, 4), (10, 6, 3)],
)
def test_cycles_fill_the_training_and_it_ends_at_the_lowest_rate(epochs, steps, cycles):
    blueprint = LRCyclical(cycles=cycles).apply(PLAIN.with_settings(epochs=epochs))
    schedule, total = learning_rate(blueprint, steps), epochs * steps
    rates = np.array(keras.ops.convert_to_numpy(schedule(np.arange(total + 1)))) / ETA
    a_step = 0.75 / (0.5 * total / cycles)
    assert rates[total] == pytest.approx(0.25, abs=1e-5)
    assert rates[total - 1] == pytest.approx(0.25 + a_step, abs=1e-5)
    is_peak = (rates[1:-1] > rates[:-2] + 1e-6) & (rates[1:-1] >= rates[2:] - 1e-6)
    assert is_peak.sum() == cycles
    # Whole lengths stay whole numbers, in which every step is exact.
    assert isinstance(schedule.step_size, int) == (total % (2 * cycles) == 0)


@pytest.fixture(scope="module")
def runs(tiny_images):
    """A trainer of three steps an epoch."""
    return trainer.Trainer(from_arrays(tiny_images["x_train"], tiny_images["y_train"]))


def train(runs, blueprint, folder, seed=0, on_epoch=lambda *_: None):
    """The history and the metrics of a run, without its times."""
    job = Job("x", "f" * 64, blueprint, seed, folder, "test", save_model=False)
    runs.train(job, on_epoch)
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    return pd.read_csv(folder / "history.csv").drop(columns="seconds"), metrics


@pytest.mark.parametrize("name", ["inverse_time", "linear_then_constant", "one_cycle"])
def test_a_training_follows_the_formula(runs, tmp_path, name):
    recipe, formula = FORMULAS[name]
    history, _ = train(runs, recipe.apply(PLAIN), tmp_path)
    epochs = np.arange(EPOCHS)
    expected = formula(epochs * STEPS, epochs)
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=2e-5)
    assert history["step"].tolist() == [STEPS * (epoch + 1) for epoch in epochs]


def rates_by_hand(losses, factor, patience, min_delta):
    """The rate of each epoch of a training that divides it where the loss stalls."""
    rate, best, stalled, rates = ETA, np.inf, 0, []
    for loss in losses:
        rates.append(rate)
        if loss < best - min_delta:
            best, stalled = loss, 0
            continue
        stalled += 1
        if stalled == patience:
            rate, stalled = rate * factor, 0
    return rates


# At such a rate the loss goes up and down, but for the penalty, which falls.
PLATEAU = replace(compose(PLAIN, [LRPlateau(0.1, 1, 0.01), L2(0.1)]), learning_rate=ETA)


@pytest.fixture(scope="module")
def stalled(runs, tmp_path_factory):
    return train(runs, PLATEAU, tmp_path_factory.mktemp("stalled"))


def test_the_rate_falls_where_the_validation_loss_stalls_whatever_penalties_do(stalled):
    history, _ = stalled
    expected = rates_by_hand(history["val_cross_entropy"], 0.1, 1, 0.01)
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-5)
    assert rates_by_hand(history["val_loss"], 0.1, 1, 0.01) != expected
    assert 1 < history["learning_rate"].nunique() < EPOCHS


def test_the_next_run_begins_with_the_whole_rate_again(runs, stalled, tmp_path):
    history, metrics = train(runs, PLATEAU, tmp_path)
    pd.testing.assert_frame_equal(history, stalled[0])
    assert metrics == stalled[1]


def test_a_plateau_is_remembered_over_a_kill(runs, stalled, tmp_path, monkeypatch):
    class KilledError(BaseException):
        """As a kill: no `except Exception` has its turn after it."""

    def killed(epoch, logs):
        if epoch == EPOCHS - 1:
            raise KilledError

    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    with pytest.raises(KilledError):
        train(runs, PLATEAU, tmp_path, on_epoch=killed)
    epochs = []
    history, metrics = train(
        runs, PLATEAU, tmp_path, on_epoch=lambda epoch, logs: epochs.append(epoch)
    )
    assert epochs == [EPOCHS - 1, EPOCHS]
    pd.testing.assert_frame_equal(history, stalled[0])
    assert metrics == stalled[1]


def test_a_plateau_leaves_several_steps_to_an_execution():
    (plateau,) = build_callbacks(PLATEAU, STEPS)
    assert isinstance(plateau, keras.callbacks.ReduceLROnPlateau)
    assert (plateau.monitor, plateau.mode) == ("val_cross_entropy", "min")
    assert not acts_on_batches(plateau)
    assert learning_rate(PLATEAU, STEPS) == ETA


def test_a_plateau_of_a_regression_heeds_any_fall_whatever_the_targets_unit():
    below = replace(PLAIN, task=Task("regression"))
    (plateau,) = build_callbacks(LRPlateau().apply(below), STEPS)
    assert (plateau.monitor, plateau.min_delta) == ("val_rmse", 0)
    (told,) = build_callbacks(LRPlateau(min_delta=2).apply(below), STEPS)
    assert told.min_delta == 2
    assert build_callbacks(LRPlateau().apply(PLAIN), STEPS)[0].min_delta == 1e-4


def test_the_least_fall_of_a_regression_is_in_units_of_the_target(tmp_path):
    data = load(DataSpec("diabetes"))
    plateau = LRPlateau(0.5, patience=1, min_delta=2)
    below = replace(PLAIN, task=Task("regression"), batch_size=66)
    history, _ = train(trainer.Trainer(data), plateau.apply(below), tmp_path)
    errors = history["val_rmse"]
    expected = rates_by_hand(errors, 0.5, 1, 2)
    np.testing.assert_allclose(history["learning_rate"], expected, rtol=1e-5)
    # In standard deviations, no fall would be as large.
    assert expected != rates_by_hand(errors / data.y_train.std(), 0.5, 1, 2)


def test_a_schedule_goes_from_whatever_rate_the_training_has():
    for recipe, _ in FORMULAS.values():
        made = [
            learning_rate(replace(recipe.apply(PLAIN), learning_rate=rate), STEPS)(TOTAL // 2)
            for rate in (0.1, 0.2)
        ]
        low, high = (float(keras.ops.convert_to_numpy(rate)) for rate in made)
        assert high == pytest.approx(2 * low)


@pytest.mark.parametrize("other", [recipe for recipe, _ in FORMULAS.values()])
def test_a_plateau_schedule_beside_another_is_refused(other):
    with pytest.raises(RecipeError, match=rf"lr_plateau clashes with {other.name}: both set the"):
        compose(PLAIN, [other, LRPlateau()])


def test_bounds_of_a_cycle_that_do_not_fit_are_refused():
    with pytest.raises(RecipeError, match=r"lowest must be below highest\. Received: lowest=1"):
        LRCyclical(lowest=1)


def test_what_leaves_the_rate_as_it_is_leaves_the_blueprint():
    for off in (LRInverseTime(0), LRLinear(1), LRStep(1), LRCosine(0, 1)):
        assert off.apply(PLAIN) == PLAIN
        on = type(off)().apply(PLAIN)
        assert on != PLAIN
        assert off.apply(on) == PLAIN
