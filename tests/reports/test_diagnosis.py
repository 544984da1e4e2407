"""diagnose: on curves of known kind it names the kind."""

import inspect
import math
import re
import types
from collections import Counter
from functools import cache

import numpy as np
import pandas as pd
import pytest
from curves_of_known_kind import ALSO_UNDER_FITTING, GENERATORS, as_frame

from trickbook.reports.diagnosis import finding_rules
from trickbook.reports.diagnosis.diagnose import diagnose
from trickbook.reports.diagnosis.divergence import divergence

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


def kinds(*args, **kwargs):
    return [finding.kind for finding in diagnose(*args, **kwargs)]


def first(*args, **kwargs):
    return diagnose(*args, **kwargs)[0]


def final(train, val):
    return {"train_clean_accuracy": train, "val_accuracy": val}


LENGTHS = (15, 40, 200)


@cache
def found_in(name):
    """By number of epochs, the kinds that are found in each of the generator's noisy curves."""
    _, metric, noises, make = GENERATORS[name]
    found = {}
    for epochs in LENGTHS:
        curves = (
            as_frame(metric, *make(epochs), noise, np.random.default_rng([seed, epochs]))
            for noise in noises
            for seed in range(10)
        )
        found[epochs] = [kinds(curve) for curve in curves]
    return found


@pytest.mark.parametrize("name", GENERATORS)
def test_a_noisy_curve_of_known_kind_is_named(name):
    kind = GENERATORS[name][0]
    for epochs, found in found_in(name).items():
        seen = Counter(each[0] for each in found)
        assert {"diverged", "over-fitting"} & set().union(*found) <= {kind}
        # A quarter of 15 epochs is too short to see that it was early.
        if (kind, epochs) != ("saturated", 15):
            assert seen[kind] >= 0.95 * seen.total(), seen


RULES = {
    "diverged": divergence,
    **{
        rule.__name__.strip("_").replace("_", "-"): rule
        for rule in (
            finding_rules._over_fitting,
            finding_rules._oscillating,
            finding_rules._improving,
            finding_rules._validation_better,
            finding_rules._under_fitting,
            finding_rules._saturated,
            finding_rules._balanced,
        )
    },
}


@pytest.mark.parametrize("kind", RULES)
def test_a_rules_docstring_states_its_error_rates(kind):
    missed, wrong = [], []
    for name, (true, *_) in GENERATORS.items():
        is_so = kind == true
        if kind == "under-fitting" and name in ALSO_UNDER_FITTING:
            is_so = True
        for found in found_in(name).values():
            (missed if is_so else wrong).extend((kind in each) != is_so for each in found)
    stated = re.search(r"misses (\d+) %, names wrongly (\d+) %", inspect.getdoc(RULES[kind]))
    for rate, text in zip((np.mean(missed), np.mean(wrong)), stated.groups(), strict=True):
        # Rounded upwards, so that 0 is none.
        assert int(text) - 1.5 < 100 * rate <= int(text), (rate, text)


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
    ("short budget: dropout starves", (0.1, 0.9, 60), 0.004, 0.594, 0.496, 10_000, "improving"),
    ("still rising, gap closed", (0.1, 0.9, 25), 0.004, 0.75, 0.73, 10_000, "improving"),
    ("jumping", (0.1, 0.8, 3), 0.05, 0.84, 0.80, 10_000, "oscillating"),
    ("jumping, but the gap is far wider", (0.1, 0.5, 3), 0.03, 0.99, 0.50, 10_000, "over-fitting"),
    ("digits: a gap, but over 100 images it may be chance", (0.1, 0.93, 3), 0.004, 1.0, 0.93, 100,
     "balanced"),
    ("the same gap over 10,000 images", (0.1, 0.93, 3), 0.004, 1.0, 0.93, 10_000, "over-fitting"),
    ("the same gap, number of images unknown", (0.1, 0.93, 3), 0.004, 1.0, 0.93, None,
     "over-fitting"),
    ("validation better than training, cleanly", (0.1, 0.93, 4), 0.002, 0.90, 0.93, 10_000,
     "validation-better"),
    ("the same over 100 images: chance", (0.1, 0.98, 4), 0.002, 0.955, 0.98, 100, "balanced"),
]  # fmt: skip


@pytest.mark.parametrize("seeds_end", [(20, 20, 20), (20, 20, 60)])
def test_seeds_that_stop_later_are_no_epochs_of_the_curve_that_is_read(seeds_end):
    val = 0.9 - 0.5 * np.exp(-np.arange(1, 61) / 2.5)
    found = diagnose([history(val[:last], 1 - val[:last]) for last in seeds_end])
    assert "saturated" not in [one.kind for one in found]
    rising = 0.5 + 0.004 * np.arange(1, 61)
    found = diagnose([history(rising[:last], 1 - rising[:last]) for last in seeds_end])
    assert "over the last quarter of 20 epochs" in str(found[0])


@pytest.mark.parametrize("seeds", [1, 3])
@pytest.mark.parametrize("row", TABLE, ids=[row[0] for row in TABLE])
def test_the_rungs_of_a_ladder_by_their_final_figures(row, seeds):
    _, shape, deviation, train, val, images, kind = row
    for seed in range(10):
        histories = noisy(curve(*shape), deviation, seeds, seed)
        finding = first(histories, validation_samples=images, final=final(train, val))
        assert finding.kind == kind, finding
        assert f"train {train:.2f}" in finding.sentence
        assert f"val {val:.2f}" in finding.sentence
        assert (finding.numbers["train"], finding.numbers["val"]) == pytest.approx((train, val))


def test_the_sentence_tells_since_when_and_where_validation_loss_turned():
    val = np.concatenate([np.linspace(0.1, 0.62, 12), np.full(28, 0.62)])
    loss = np.concatenate([np.linspace(2.0, 1.0, 7), np.linspace(1.05, 2.5, 33)])
    (finding,) = diagnose([history(val, val_cross_entropy=loss)], final=final(0.98, 0.62))
    assert str(finding) == (
        "Over-fitting: train 0.98, val 0.62 since epoch 12; validation cross-entropy was lowest at "
        "epoch 7 (1.00), now 2.50. Regularise, give it more examples, or take a smaller network."
    )
    assert finding.epoch == 7
    assert finding.numbers == pytest.approx(
        {"train": 0.98, "val": 0.62, "gap": 0.36, "lowest_loss": 1.0, "last_loss": 2.5}
    )


def test_a_loss_that_is_no_number_at_the_end_has_diverged_since_then():
    loss = np.array([1.0] * 30 + [math.nan, 1.0] + [math.nan, math.inf] * 4)
    (finding,) = diagnose(history(curve(0.1, 0.5, 3), loss=loss))
    assert (finding.kind, finding.epoch) == ("diverged", 33)
    # Of several seeds one is enough, and so is one epoch.
    assert kinds([history(curve(0.1, 0.5, 3)), history(curve(0.1, 0.5, 3), loss=loss)]) == [
        "diverged"
    ]
    assert kinds({"loss": [math.nan]}) == ["diverged"]


def test_validation_that_stops_being_a_number_has_diverged_too():
    train, val = curve(2.0, 0.3, 4), curve(2.0, 0.3, 4)
    val[20:] = math.nan
    (finding,) = diagnose({"loss": train, "val_loss": val})
    assert (finding.kind, finding.epoch) == ("diverged", 21)
    # Measured in epochs 1, 2 and 10 alone, it is no such thing.
    sparse = np.where(np.isin(np.arange(1, 41), [1, 2, 10]), train, math.nan)
    assert "diverged" not in kinds({"loss": train, "val_loss": sparse})


def test_an_exploded_loss_has_diverged_since_it_rose():
    (finding,) = diagnose({"loss": [2.0, 1.0, 0.5, 0.5, 0.5, 40.0, 900.0, 800.0]})
    assert (finding.kind, finding.epoch) == ("diverged", 7)
    assert finding.numbers == {"lowest_loss": 0.5, "last_loss": 800.0}
    # One bad epoch is not the end of it.
    assert "diverged" not in kinds({"loss": [2.0, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 40.0]})


@pytest.mark.parametrize("epochs", [0, 1, 2])
def test_too_few_epochs_are_not_guessed_at(epochs):
    finding = first(history(np.linspace(0.1, 0.3, epochs)), final=final(1.0, 0.3))
    assert finding.kind == "unread"
    assert f"Only {epochs} epoch" in finding.sentence


def test_what_is_missing_is_named():
    assert "over-fitting cannot be seen" in first({"loss": curve(2.0, 0.3, 4)}).sentence
    assert "a gap cannot be seen" in first({"val_loss": curve(2.0, 0.3, 4)}).sentence
    assert "'d_loss'" in first({"d_loss": [1.0], "epoch": [1]}).sentence
    assert "'auc'" in first({"loss": [1.0, 0.5]}, metric="auc").sentence
    assert first({}).kind == "unread"
    assert "Only 0 epochs" in first({"val_loss": [math.nan] * 5}).sentence


def test_validation_every_second_epoch_is_enough():
    val = curve(0.1, 0.62, 3)
    val[::2] = math.nan
    assert kinds(history(val), final=final(0.98, 0.62)) == ["over-fitting"]
    keras_history = types.SimpleNamespace(
        history={"loss": curve(2, 0.05, 8), "val_loss": curve(2, 0.5, 4)[1::2]}, epoch=range(EPOCHS)
    )
    assert kinds(keras_history) == ["over-fitting"]


def test_a_jump_in_the_last_epochs_does_not_move_since_when():
    val = np.concatenate([np.linspace(0.1, 0.5, 5), np.full(34, 0.5), [0.45]])
    finding = first([history(val)], final=final(0.99, 0.5))
    assert "val 0.50 since epoch 5" in finding.sentence


def test_a_loss_that_may_have_a_floor_is_not_called_under_fitted_without_saying_so():
    finding = first({"loss": [516.0, 405.0, 340.0, 304.0, 289.0, 284.0, 283.0, 283.8]})
    assert finding.kind == "under-fitting"
    assert (
        "55 % of the loss after the first epoch is left in training: if it can be much lower,"
        in (finding.sentence)
    )
    of_accuracy = first({"accuracy": [0.5, 0.6, 0.65, 0.66, 0.66, 0.66, 0.66, 0.66]})
    assert of_accuracy.kind == "under-fitting"
    assert "%" not in of_accuracy.sentence


def test_a_gan_is_told_how_to_have_one_loss_read():
    table = {"epoch": [1, 2, 3], "step": [2, 4, 6], "learning_rate_d_optimizer": [0.1] * 3}
    table |= {"d_loss": [0.6, 0.5, 0.5], "g_loss": [0.7, 0.8, 0.9]}
    finding = first(pd.DataFrame(table))
    assert finding.kind == "unread"
    assert finding.sentence.endswith("recorded; there are 'd_loss', 'g_loss'.")
    assert "Diagnosis(metric=...)" in finding.advice
    assert first(pd.DataFrame(table), metric="d_loss").kind != "unread"


def test_clean_training_figures_are_preferred():
    running, val = curve(0.1, 0.80, 5), curve(0.1, 0.90, 5)
    table = history(val).assign(accuracy=running)
    assert kinds(table) == ["validation-better", "under-fitting"]
    assert "CleanEvaluation" in first(table).advice
    clean = np.full(EPOCHS, math.nan)
    clean[9::10] = 0.96
    assert kinds(table.assign(train_clean_accuracy=clean)) == ["over-fitting"]
    head = {"a_binary_accuracy": running, "val_a_binary_accuracy": val}
    head = pd.DataFrame(head | {"train_clean_a_accuracy": clean})
    assert kinds(head, metric="a_binary_accuracy") == ["over-fitting"]
    clean[9::10] = 0.93
    assert kinds(table.assign(train_clean_accuracy=clean)) == ["under-fitting"]


def test_the_seeds_say_how_far_a_gap_may_be_chance():
    def of_seed(train, val):
        return history(curve(0.1, val, 4)).assign(accuracy=curve(0.1, train, 4))

    gaps = [(0.98, 0.99), (0.98, 0.76), (0.98, 0.98)]
    assert "over-fitting" not in kinds([of_seed(*gap) for gap in gaps])
    assert kinds([of_seed(0.98, 0.91)] * 3) == ["over-fitting"]


def test_two_findings_where_both_matter():
    wave = 0.08 * np.sin(np.arange(EPOCHS) * 2.3)
    assert kinds(history(curve(0.1, 0.6, 3) + wave), final=final(0.99, 0.6)) == [
        "over-fitting",
        "oscillating",
    ]
    assert kinds(history(curve(0.1, 0.95, 25)), final=final(0.90, 0.77)) == [
        "improving",
        "over-fitting",
    ]


def test_the_metric_named_is_read():
    table = pd.DataFrame(
        {
            "loss": curve(4.0, 2.0, 4),
            "val_loss": curve(4.0, 2.1, 4),
            "a_loss": curve(2.0, 0.1, 6),
            "val_a_loss": np.concatenate([np.linspace(2, 0.5, 10), np.linspace(0.52, 1.5, 30)]),
            "a_accuracy": curve(0.1, 0.99, 5),
            "val_a_accuracy": curve(0.1, 0.8, 3),
            "b_auc_1": curve(0.5, 0.97, 4),
            "val_b_auc_1": curve(0.5, 0.96, 4),
        }
    )
    assert "over-fitting" not in kinds(table)  # the total loss
    assert first(table, metric="a_accuracy").epoch == 10  # where val_a_loss turned
    assert "train a accuracy 0.99" in first(table, metric="a_accuracy").sentence
    assert first(table, metric="val_a_loss") == first(table, metric="a_loss")
    assert kinds(table, metric="b_auc_1") == ["balanced"]
    with pytest.raises(ValueError, match=r"Received: metric='psnr'"):
        diagnose(table, metric="psnr")
    with pytest.raises(ValueError, match=r"Received: histories=\[\]"):
        diagnose([])


def test_a_loss_below_zero_is_read_by_its_range():
    train, val = curve(1.0, -3.0, 6), curve(1.0, -2.9, 6)
    assert kinds({"loss": train, "val_loss": val})[0] in ("balanced", "saturated")
    assert kinds({"loss": train, "val_loss": curve(1.0, 0.0, 3)}) == ["over-fitting"]
    assert kinds({"loss": curve(1.0, -3.0, 25), "val_loss": curve(1.0, -3.0, 25)}) == ["improving"]


# Findings that were wrong


def falling(first, last, count, rate=0.6):
    return [last + (first - last) * rate**epoch for epoch in range(count)]


def test_a_training_loss_scaled_by_class_weights_is_no_over_fitting():
    val = falling(1.4, 0.5, 20)
    history = {"loss": [0.2 * value for value in val], "val_loss": val}
    assert "over-fitting" not in kinds(history)
    # Scaled, and over-fitting besides.
    history = {"loss": [0.2 * value for value in falling(1.4, 0.05, 20)], "val_loss": val}
    assert kinds(history)[0] == "over-fitting"


def test_an_accuracy_of_one_is_not_told_to_train_on():
    rising = [0.5, 0.7, 0.8, 0.85, 0.88, 0.9, 0.92, 0.94, 0.95, 0.96, 0.985, 1.0]
    history = {"accuracy": rising, "val_accuracy": rising}
    found = diagnose(history)
    assert "improving" not in [one.kind for one in found]
    assert not any("more epochs" in one.advice for one in found)


def test_a_fitted_training_set_without_validation_is_not_told_to_train_on():
    # Augmentation keeps the running mean low; the images as they are, are fitted.
    history = {"accuracy": [0.5, 0.6, 0.7, 0.75, 0.8, 0.84, 0.87, 0.9, 0.93, 0.96]}
    assert kinds(history)[0] == "improving"
    (fitted,) = diagnose(history, final={"train_clean_accuracy": 0.994})
    assert (fitted.kind, fitted.advice) == ("unread", "")
    (low,) = diagnose(history, final={"train_clean_accuracy": 0.9})
    assert low.kind == "improving"


def test_over_fitting_is_dated_from_where_training_is_above_validation():
    val = [0.3, 0.62, *[0.7] * 18]
    train = [0.2, 0.4, 0.5, 0.6, 0.66, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, *[0.99] * 9]
    (found, *_) = diagnose({"accuracy": train, "val_accuracy": val})
    assert found.kind == "over-fitting"
    assert train[found.epoch - 1] > val[found.epoch - 1]
    assert f"since epoch {found.epoch}" in found.sentence


def test_a_loss_a_hundred_times_its_lowest_has_not_converged():
    loss = [900.0, 300.0, 60.0, 6.3, 40.0, 200.0, 500.0, 600.0, 630.0, 632.0, 632.0, 632.0]
    (found, *_) = diagnose({"loss": loss, "val_loss": loss})
    assert found.kind == "diverged"
    # What is nothing beside where it began may rise as it likes.
    small = [1.0, 0.1, 1e-3, 1e-6, 1e-6, 2e-5, 2e-5, 2e-5, 2e-5, 2e-5, 2e-5, 2e-5]
    assert "diverged" not in kinds({"loss": small, "val_loss": small})


def test_no_capacity_is_asked_for_where_the_loss_is_far_above_chance():
    flat = {"accuracy": [0.1] * 20, "val_accuracy": [0.1] * 20}
    far = flat | {"loss": [20.0, *[8.0] * 19], "val_loss": [8.0] * 20}
    assert not any("add capacity" in one.advice for one in diagnose(far))
    assert any("lower the learning rate" in one.advice for one in diagnose(far))
    near = flat | {"loss": [20.0, *[2.3] * 19], "val_loss": [2.3] * 20}
    assert any("add capacity" in one.advice for one in diagnose(near))


@pytest.mark.parametrize(
    ("classes", "loss", "is_far"),
    # 1.5 and 2.5 times, and of few classes and many, the cross-entropy of guessing.
    [
        *((count, 1.5 * np.log(count), False) for count in (2, 10, 1000)),
        *((count, 2.5 * np.log(count), True) for count in (2, 10, 1000)),
        (None, 0.99 * np.log(1000), False),
        (None, 1.01 * np.log(1000), True),
    ],
)
def test_what_is_far_above_chance_is_told_by_the_number_of_classes(classes, loss, is_far):
    table = {"accuracy": [0.1] * 20, "val_accuracy": [0.1] * 20}
    table |= {"loss": [1.5 * loss, *[loss] * 19], "val_loss": [loss] * 20}
    advice = " ".join(one.advice for one in diagnose(table, classes=classes))
    assert ("far above that of guessing" in advice) == is_far


def test_a_gap_beyond_all_measure_comes_before_more_epochs():
    train = [0.1 + 0.84 * (1 - 0.8**epoch) for epoch in range(24)]
    train = [*train[:-6], *np.linspace(train[-7], 0.94, 6)]
    val = [0.005 + 0.08 * epoch / 23 for epoch in range(24)]
    found = diagnose({"accuracy": train, "val_accuracy": val})
    assert found[0].kind == "over-fitting"


@pytest.mark.parametrize(("classes", "accuracy"), [(10, 0.14), (2, 0.52), (1000, 0.02)])
def test_where_little_more_than_guessing_is_learnt_rates_come_before_capacity(classes, accuracy):
    flat = {"accuracy": [accuracy] * 20, "val_accuracy": [accuracy] * 20}
    # What was never learnt has not ended early.
    (found,) = diagnose(flat, classes=classes)
    assert found.kind == "under-fitting"
    assert "learning rates ten times as high and as low" in found.advice
    far = {"accuracy": [0.7] * 20, "val_accuracy": [0.7] * 20}
    assert "learning rates" not in diagnose(far, classes=classes)[0].advice
    loss = [0.95 * np.log(classes)] * 20
    (found, *_) = diagnose({"cross_entropy": loss, "val_cross_entropy": loss}, classes=classes)
    assert "learning rates" in found.advice
    # How many classes there are is not known.
    assert "learning rates" not in diagnose(flat)[0].advice


def test_what_falls_as_along_a_line_is_told_of_a_higher_rate():
    line = np.linspace(2.3, 1.1, 40)
    for curve_of in ({"loss": line, "val_loss": line}, {"val_accuracy": 1 - line / 2.4}):
        assert first(curve_of).kind == "improving"
        assert first(curve_of).advice.startswith("raise the learning rate")
    slowing = curve(2.3, 0.1, 20)
    assert first({"loss": slowing, "val_loss": slowing}).advice == "train for more epochs"


def test_a_training_loss_that_jumps_is_named_beside_a_smooth_validation():
    smooth = curve(2.0, 0.45, 4)
    jumping = smooth * (1 + 0.5 * np.sin(np.arange(EPOCHS) * 2.3))
    assert (
        "training loss moves up and down" in first({"loss": jumping, "val_loss": smooth}).sentence
    )
    both = {"loss": jumping, "val_loss": smooth * (1 + 0.2 * np.sin(np.arange(EPOCHS) * 2.3))}
    assert "validation loss moves up and down" in first(both).sentence


def test_a_model_that_neither_fits_nor_generalises_is_told_both():
    table = {"accuracy": curve(0.1, 0.7, 4), "val_accuracy": curve(0.1, 0.45, 4)}
    over, under = diagnose(table, classes=10)
    assert (over.kind, under.kind) == ("over-fitting", "under-fitting")
    assert under.advice == "add capacity as well, and more examples or regularisation with it"
