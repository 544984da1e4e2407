"""Verdicts of a sweep: how often they err where no value is better, and that they find one."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from ladder_on_disk import Unrecorded

from trickbook.reports.analysis.sweep_judgements import judged_points
from trickbook.reports.analysis.sweep_points import best_points, edges, sweep_points
from trickbook.reports.pages.sweep_page import show_sweep
from trickbook.reports.read.run_set import Rung, RunSet
from trickbook.reports.statistics.verdicts import HELPS, HURTS

NOWHERE = Path("no such folder")


def sweep_of(accuracies, rungs):
    """A sweep of which each point has a row of accuracies, a seed each, and a rung."""
    arms = tuple(
        Rung(
            index=point,
            name=f"arm {point}",
            recipe="a",
            runs=tuple(
                Unrecorded(NOWHERE, "a", seed, None, "done", None, {}, {"val_accuracy": value})
                for seed, value in enumerate(row)
            ),
        )
        for point, row in enumerate(accuracies.tolist())
    )
    points = [
        {"arm": arm, "rung": rung, "values": {"rate": float(arm)}} for arm, rung in enumerate(rungs)
    ]
    return RunSet(NOWHERE, arms, {"kind": "sweep", "details": {"axes": [], "points": points}})


def judged_of(run_set):
    points = sweep_points(run_set)
    return judged_points(run_set, points, best_points(points, run_set))


@pytest.mark.parametrize("rungs", ["aaaaaaaaaaaa", "aaabbbccc"])
def test_of_values_that_are_alike_one_is_rarely_called_better(rungs):
    draws, sweeps, erred = np.random.default_rng(3), 60, 0
    for _ in range(sweeps):
        judged = judged_of(sweep_of(draws.normal(0.8, 0.02, (len(rungs), 5)), rungs))
        erred += any(one.verdict.kind in (HELPS, HURTS) for one in judged)
    # Each against the best of its rung as if that had been known before errs in 15 % and more.
    assert erred / sweeps <= 0.07


def test_a_value_that_is_worse_by_far_is_told_from_the_best():
    accuracies = 0.8 + np.random.default_rng(4).normal(0, 0.002, (4, 5))
    accuracies[2] -= 0.1
    judged = judged_of(sweep_of(accuracies, "aaaa"))
    assert [one.point.values["rate"] for one in judged if one.verdict.kind == HURTS] == [2.0]


def test_all_pairs_of_points_are_the_family_and_the_rungs_best_are_in_it():
    accuracies = np.random.default_rng(5).normal(0.8, 0.02, (6, 4))
    accuracies[1] -= 0.2
    judged = judged_of(sweep_of(accuracies, "aaabbb"))
    assert [(one.point.rung, one.against.rung) for one in judged] == (
        [("a", "a")] * 2 + [("b", "b")] * 2 + [("b", "a")]
    )
    smallest = min(judged, key=lambda one: one.difference.p)
    assert smallest.verdict.p == pytest.approx(15 * smallest.difference.p)


def test_the_table_tells_of_each_value_how_far_it_is_from_the_best_of_its_own_rung():
    accuracies = 0.8 + np.random.default_rng(6).normal(0, 0.02, (4, 4))
    run_set = sweep_of(accuracies, "aabb")
    run_set.details["axes"].append({"name": "rate", "log": False, "low": None, "high": None})
    frame = show_sweep(run_set, "sweep").frame
    means = accuracies.mean(axis=1)
    best = np.repeat([means[:2].max(), means[2:].max()], 2)
    assert frame["is_best"].tolist() == (means == best).tolist()
    expected = np.where(means == best, np.nan, means - best)
    np.testing.assert_allclose(frame["to_best"], expected, atol=1e-6)


def test_a_value_that_differs_alike_under_every_seed_is_not_told_from_the_best():
    accuracies = np.array([[0.90, 0.91, 0.92], [0.89, 0.90, 0.91], [0.50, 0.52, 0.51]])
    axis = {"name": "rate", "log": False, "low": 0.0, "high": 9.0}
    run_set = sweep_of(accuracies, "aaa")
    run_set.details["axes"].append(axis)
    (told, *_) = show_sweep(run_set, "sweep").headline
    assert "1 of 2 others are worse by more than chance" in told
    assert told.endswith("; not distinguishable from it: rate 1.")


def test_a_value_of_which_seeds_are_missing_is_not_called_the_best():
    run_set = sweep_of(np.array([[0.90, 0.91, 0.92], [0.80, 0.81, 0.83]]), "aa")
    lucky = replace(run_set.rungs[1], name="lucky", runs=run_set.rungs[0].runs[2:])
    run_set = replace(run_set, rungs=(run_set.rungs[0], replace(lucky, not_started=(0, 1))))
    points = sweep_points(run_set)
    assert best_points(points, run_set)["a"].values == {"rate": 0.0}


@pytest.mark.parametrize(
    ("rungs", "high", "expected"),
    [
        # Beyond what was tried with its own rung, though another rung went further.
        ("aaabbb", None, [("rate", "highest")]),
        # Beyond 2 the setting cannot go.
        ("aaabbb", 2.0, []),
        ("aaaaaa", None, []),
    ],
)
def test_an_edge_is_where_the_values_of_a_rung_end_and_the_setting_does_not(rungs, high, expected):
    accuracies = 0.8 + np.random.default_rng(4).normal(0, 0.001, (6, 3))
    accuracies[2] += 0.1
    run_set = sweep_of(accuracies, rungs)
    run_set.details["axes"].append({"name": "rate", "log": False, "low": None, "high": high})
    best = best_points(sweep_points(run_set), run_set)["a"]
    assert edges(run_set, best) == expected


def test_words_have_no_edge():
    run_set = sweep_of(np.array([[0.9, 0.91], [0.8, 0.81]]), "aa")
    run_set.details["axes"].append({"name": "mode", "log": False, "low": None, "high": None})
    for point, word in zip(run_set.details["points"], ("constant", "wrap"), strict=True):
        point["values"] = {"mode": word}
    assert edges(run_set, best_points(sweep_points(run_set), run_set)["a"]) == []
