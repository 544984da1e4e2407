import math

import numpy as np
import pandas as pd
import pytest

from trickbook.reports.diagnosis import diagnose

EPOCHS = 40


def curve(start, end, speed, epochs=EPOCHS):
    return end - (end - start) * np.exp(-np.arange(1, epochs + 1) / speed)


def history(val, loss=None, val_cross_entropy=None):
    epochs = np.arange(1, len(val) + 1)
    columns = {"epoch": epochs, "loss": np.ones(len(val)) if loss is None else loss}
    if val_cross_entropy is not None:
        columns["val_cross_entropy"] = val_cross_entropy
    return pd.DataFrame(columns | {"val_accuracy": val})


def noisy(val, deviation, seeds=3, seed=0):
    generator = np.random.default_rng(seed)
    return [history(val + generator.normal(0, deviation, len(val))) for _ in range(seeds)]


# What, curve of validation, deviation from epoch to epoch, train, val, validation images, kind.
TABLE = [
    ("L3 rung 0: it fits the training set and overfits", (0.1, 0.78, 4), 0.005, 1.0, 0.78, 10_000,
     "over-fitting"),
    ("L3 rung 5: train 92, val 90.6", (0.1, 0.906, 4), 0.003, 0.92, 0.906, 10_000, "under-fitting"),
    ("L3 rung 6: train 98, val 90.6", (0.1, 0.906, 4), 0.001, 0.98, 0.906, 10_000, "over-fitting"),
    ("L3 rung 7: train 96, val 93", (0.1, 0.93, 4), 0.002, 0.96, 0.93, 10_000, "balanced"),
    ("L3 rung 9: train 98.3, val 94.5", (0.1, 0.945, 4), 0.002, 0.983, 0.945, 10_000, "balanced"),
    ("short budget, decayed: flat and low", (0.1, 0.437, 2), 0.004, 0.494, 0.437, 10_000,
     "under-fitting"),
    ("short budget: dropout starves", (0.1, 0.9, 60), 0.004, 0.594, 0.496, 10_000, "rising"),
    ("still rising, gap closed", (0.1, 0.9, 25), 0.004, 0.75, 0.73, 10_000, "rising"),
    ("jumping", (0.1, 0.8, 3), 0.05, 0.84, 0.80, 10_000, "oscillating"),
    ("jumping, but the gap is far wider", (0.1, 0.5, 3), 0.03, 0.99, 0.50, 10_000, "over-fitting"),
    ("digits: a gap, but over 100 images it may be chance", (0.1, 0.93, 3), 0.004, 1.0, 0.93, 100,
     "balanced"),
    ("the same gap over 10,000 images", (0.1, 0.93, 3), 0.004, 1.0, 0.93, 10_000, "over-fitting"),
    ("the same gap, number of images unknown", (0.1, 0.93, 3), 0.004, 1.0, 0.93, None,
     "over-fitting"),
]  # fmt: skip


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_curves_of_known_kind(row, seeds):
    _, shape, deviation, train, val, images, kind = row
    for seed in range(10):
        finding = diagnose(noisy(curve(*shape), deviation, seeds, seed), train, val, images)
        assert finding.kind == kind, finding
        if kind != "oscillating":
            assert f"train {train:.2f}" in finding.sentence
        assert f"val {val:.2f}" in finding.sentence


def test_the_sentence_tells_since_when_and_where_validation_loss_turned():
    val = np.concatenate([np.linspace(0.1, 0.62, 12), np.full(28, 0.62)])
    loss = np.concatenate([np.linspace(2.0, 1.0, 7), np.linspace(1.05, 2.5, 33)])
    finding = diagnose([history(val, val_cross_entropy=loss)], 0.98, 0.62, 10_000)
    assert str(finding) == (
        "Over-fitting: train 0.98, val 0.62 since epoch 12; validation cross-entropy was lowest at "
        "epoch 7 (1.00), now 2.50. Regularise."
    )


def test_a_loss_that_is_no_number_at_the_end_has_diverged():
    broken = history(curve(0.1, 0.5, 3), loss=np.array([1.0] * (EPOCHS - 1) + [math.nan]))
    assert diagnose([broken], 0.1, 0.1, 100).kind == "diverged"


@pytest.mark.parametrize(("train", "val"), [(math.nan, 0.5), (0.5, math.nan)])
def test_without_an_accuracy_there_is_no_reading(train, val):
    finding = diagnose([history(curve(0.1, 0.5, 3))], train, val, 100)
    assert finding.kind == "unread"
    assert finding.advice == ""


@pytest.mark.parametrize("epochs", [0, 1, 2, 3])
def test_very_short_trainings_are_read_too(epochs):
    finding = diagnose([history(np.linspace(0.1, 0.3, epochs))], 0.3, 0.3, 100)
    assert finding.kind == ("rising" if epochs > 1 else "under-fitting")


def test_validation_every_second_epoch_is_enough():
    val = curve(0.1, 0.62, 3)
    val[::2] = math.nan
    assert diagnose([history(val)], 0.98, 0.62, 10_000).kind == "over-fitting"


def test_a_jump_in_the_last_epochs_does_not_move_since_when():
    val = np.concatenate([np.linspace(0.1, 0.5, 5), np.full(34, 0.5), [0.45]])
    finding = diagnose([history(val)], 0.99, 0.5, 10_000)
    assert "val 0.50 since epoch 5" in finding.sentence
