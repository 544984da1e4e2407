"""Learning curves by explicit formulas, each of one kind, for the tests of `diagnose`."""

import numpy as np
import pandas as pd

ACCURACY_NOISES = (0.001, 0.004, 0.008)
"""Deviations from epoch to epoch; that of 1,000 validation samples is up to 0.016."""
LOSS_NOISES = (0.003, 0.01, 0.03)
"""The same, as parts of the loss."""
GENERATORS = {}
"""By name: the kind, the metric, the noises, and a function from epochs to (train, val)."""
ALSO_UNDER_FITTING = set()
"""Names of those whose kind is the larger trouble, but which do not fit the training set either."""


def of_kind(kind, metric, noises=None, under_fitting=False):
    noises = noises or (ACCURACY_NOISES if metric == "accuracy" else LOSS_NOISES)

    def register(make):
        GENERATORS[make.__name__] = (kind, metric, noises, make)
        if under_fitting:
            ALSO_UNDER_FITTING.add(make.__name__)
        return make

    return register


def as_frame(metric, train, val, noise, generator):
    """A history of these curves, with noise added to accuracies and multiplied to losses."""

    def noisy(values):
        draws = generator.normal(0, noise, len(values))
        return values + draws if metric == "accuracy" else values * np.exp(draws)

    table = {"epoch": np.arange(1, len(train) + 1), metric: noisy(train)}
    return pd.DataFrame(table if val is None else table | {f"val_{metric}": noisy(val)})


def approach(epochs, start, end, time):
    """From `start` to `end` exponentially, with a time constant in parts of the training."""
    return end + (start - end) * np.exp(-np.arange(1, epochs + 1) / (time * epochs))


def wave(epochs, period):
    return np.sin(2 * np.pi * np.arange(epochs) / period)


def suddenly(curve, part, later):
    """`curve` until `part` of the training, then `later` of the epochs since."""
    place = round(part * len(curve))
    return np.concatenate([curve[:place], later(np.arange(1, len(curve) - place + 1))])


@of_kind("over-fitting", "accuracy")
def accuracy_stays_behind(n):
    return approach(n, 0.1, 1.0, 0.12), approach(n, 0.1, 0.78, 0.08)


@of_kind("over-fitting", "accuracy")
def accuracy_sinks(n):
    return approach(n, 0.1, 0.99, 0.12), approach(n, 0.1, 0.8, 0.05) - 0.08 * np.arange(n) / n


@of_kind("over-fitting", "accuracy", under_fitting=True)
def accuracy_is_low_and_stays_behind(n):
    return approach(n, 0.1, 0.65, 0.1), approach(n, 0.1, 0.4, 0.08)


@of_kind("under-fitting", "accuracy")
def accuracy_is_low(n):
    return approach(n, 0.1, 0.55, 0.12), approach(n, 0.1, 0.53, 0.12)


@of_kind("improving", "accuracy")
def accuracy_rises(n):
    return approach(n, 0.1, 0.95, 0.7), approach(n, 0.1, 0.92, 0.7)


@of_kind("saturated", "accuracy", under_fitting=True)
def accuracy_stops_early(n):
    return approach(n, 0.1, 0.88, 0.035), approach(n, 0.1, 0.86, 0.035)


@of_kind("oscillating", "accuracy", under_fitting=True)
def accuracy_jumps(n):
    return approach(n, 0.1, 0.85, 0.08), approach(n, 0.1, 0.8, 0.08) + 0.06 * wave(n, 2.7)


@of_kind("oscillating", "accuracy", under_fitting=True)
def accuracy_waves(n):
    return approach(n, 0.1, 0.85, 0.08), approach(n, 0.1, 0.8, 0.08) + 0.08 * wave(n, 6.3)


@of_kind("validation-better", "accuracy", under_fitting=True)
def accuracy_under_dropout(n):
    return approach(n, 0.1, 0.8, 0.08), approach(n, 0.1, 0.9, 0.08)


@of_kind("balanced", "accuracy")
def accuracy_is_close(n):
    return approach(n, 0.1, 0.975, 0.08), approach(n, 0.1, 0.955, 0.08)


@of_kind("over-fitting", "loss")
def loss_turns(n):
    at = np.arange(1, n + 1) / n
    rise = 0.4 * np.maximum(at - 0.35, 0) / 0.65
    return approach(n, 1.2, 0.05, 0.15), approach(n, 1.2, 0.4, 0.09) + rise


@of_kind("over-fitting", "loss")
def loss_stays_behind(n):
    return approach(n, 1.2, 0.05, 0.12), approach(n, 1.2, 0.45, 0.08)


@of_kind("over-fitting", "loss")
def loss_of_large_targets(n):
    return approach(n, 1e4, 5.0, 0.03), approach(n, 1e4, 20.0, 0.03)


@of_kind("under-fitting", "loss")
def loss_is_high(n):
    return approach(n, 1.1, 0.8, 0.12), approach(n, 1.1, 0.82, 0.12)


@of_kind("improving", "loss")
def loss_falls(n):
    return approach(n, 1.0, 0.1, 0.5), approach(n, 1.0, 0.15, 0.5)


@of_kind("saturated", "loss")
def loss_stops_early(n):
    return approach(n, 3.0, 0.3, 0.03), approach(n, 3.0, 0.33, 0.03)


@of_kind("oscillating", "loss")
def loss_jumps(n):
    jumps = 1 + 0.25 * wave(n, 2.7)
    return approach(n, 2.0, 0.4, 0.08), approach(n, 2.0, 0.45, 0.08) * jumps


@of_kind("oscillating", "loss")
def loss_jumps_in_training(n):
    jumps = 1 + 0.5 * wave(n, 2.7)
    return approach(n, 2.0, 0.4, 0.08) * jumps, approach(n, 2.0, 0.45, 0.08)


@of_kind("validation-better", "loss")
def loss_under_dropout(n):
    return approach(n, 2.0, 0.5, 0.1), approach(n, 2.0, 0.38, 0.1)


@of_kind("balanced", "loss")
def loss_is_close(n):
    return approach(n, 2.0, 0.3, 0.1), approach(n, 2.0, 0.33, 0.1)


@of_kind("diverged", "loss")
def loss_is_nan(n):
    train = suddenly(approach(n, 2.0, 0.3, 0.1), 0.7, lambda since: since * np.nan)
    return train, approach(n, 2.0, 0.3, 0.1)


@of_kind("diverged", "loss")
def loss_explodes(n):
    train = suddenly(
        approach(n, 2.0, 0.3, 0.1), 0.7, lambda since: 2 * 1.5 ** np.minimum(since, 40)
    )
    return train, 1.1 * train


@of_kind("diverged", "loss")
def loss_forgets_all(n):
    train = suddenly(approach(n, 2.2, 0.8, 0.1), 0.6, lambda since: np.full(len(since), 2.3))
    return train, train


@of_kind("diverged", "loss")
def loss_only_rises(n):
    train = 2 * 1.1 ** np.minimum(np.arange(n), 60.0)
    return train, train


@of_kind("under-fitting", "loss")
def loss_is_high_without_validation(n):
    return approach(n, 1.1, 0.8, 0.12), None


@of_kind("improving", "loss")
def loss_falls_without_validation(n):
    return approach(n, 1.0, 0.1, 0.5), None


@of_kind("oscillating", "loss")
def loss_jumps_without_validation(n):
    return approach(n, 2.0, 0.4, 0.08) * (1 + 0.25 * wave(n, 2.7)), None


@of_kind("unread", "loss")
def loss_settles_without_validation(n):
    return approach(n, 2.0, 0.3, 0.1), None
