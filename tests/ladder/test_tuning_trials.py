"""The trials of a search against Optuna's own behaviour, without any training."""

import itertools
import math

import numpy as np
import pytest

from trickbook.ladder import Ladder
from trickbook.ladder.tuning.importance import importances
from trickbook.ladder.tuning.samplers import make_pruner
from trickbook.ladder.tuning.time_limit import TimeLimit
from trickbook.ladder.tuning.trial_facts import search_details
from trickbook.ladder.tuning.trials import Trials, searches_in
from trickbook.recipes import Augmentation, BatchNorm, Blueprint, Dropout

optuna = pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")

SEED = 1000
LADDER = Ladder(
    "digits", [BatchNorm(), Dropout(rate=0.3)], baseline=Blueprint(batch_size=8), seeds=2
)
RANGES = {
    "learning_rate": {"low": 1e-4, "high": 1e-1},
    "dropout.rate": {"low": 0.1, "high": 0.5},
    "beta_2": {"low": 0.9, "high": 0.999},
    "batch_size": {"low": 4, "high": 32},
}
LISTS = {"batch_size": [4, 8, 16], "dropout.rate": {"low": 0.1, "high": 0.4, "steps": 4}}
MIXED = {"learning_rate": {"low": 1e-4, "high": 1e-1}, "batch_norm.learnt": {}}


def tuning_of(space, **settings):
    return LADDER.tuning_of(2, space, **{"trials": 50, **settings})


def trials_of(folder, tuning, name="search"):
    sampler, pruner = tuning.sampler, tuning.pruner
    return Trials(folder, name, tuning.space, sampler, pruner, 10, "max", tuning.seed)


def score(values):
    """Best at a rate of 0.01, and better with less dropout."""
    return -((math.log10(values["learning_rate"]) + 2) ** 2) - values.get("dropout.rate", 0)


def searched(folder, tuning, count):
    trials = trials_of(folder, tuning)
    for _ in range(count):
        trial = trials.ask()
        trials.tell_done(trial, score(trial.values))
    return trials


def test_random_draws_lie_in_their_ranges_evenly_on_their_scales(tmp_path):
    trials = trials_of(tmp_path, tuning_of(RANGES, sampler="random"))
    drawn = [trials.ask().values for _ in range(80)]
    # The rung's own settings come first.
    assert drawn[0] == {
        **{"learning_rate": 1e-3, "dropout.rate": 0.3, "beta_2": 0.999, "batch_size": 8},
    }
    middles = {"learning_rate": 10**-2.5, "dropout.rate": 0.3, "beta_2": 0.99, "batch_size": 11.3}
    for name, middle in middles.items():
        values = np.array([one[name] for one in drawn[1:]])
        assert values.min() >= RANGES[name]["low"]
        assert values.max() <= RANGES[name]["high"]
        # Of a fair coin 3.5 deviations of 79 throws are 0.2.
        assert abs((values < middle).mean() - 0.5) < 0.2, name
    assert all(isinstance(one["batch_size"], int) for one in drawn)


def test_a_grid_is_covered_each_point_once(tmp_path):
    tuning = tuning_of(LISTS, sampler="grid", trials=None)
    assert tuning.most_trials == 12
    trials = trials_of(tmp_path, tuning)
    points = []
    for _ in range(12):
        trial = trials.ask()
        points.append((trial.values["batch_size"], trial.values["dropout.rate"]))
        trials.tell_done(trial, 0.5)
    assert sorted(points) == sorted(itertools.product([4, 8, 16], [0.1, 0.2, 0.3, 0.4]))


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_what_is_proposed_is_what_optunas_sampler_proposes(tmp_path, sampler):
    trials = searched(tmp_path, tuning_of(MIXED, sampler=sampler), 14)
    proposed = trials.ask().values
    kinds = {"tpe": optuna.samplers.TPESampler, "random": optuna.samplers.RandomSampler}
    seed = int(np.random.SeedSequence([SEED, 14]).generate_state(1)[0])
    study = optuna.create_study(direction="maximize", sampler=kinds[sampler](seed=seed))
    study.add_trials(trials.ended)
    asked = study.ask()
    rate = asked.suggest_float("learning_rate", 1e-4, 1e-1, log=True)
    learnt = asked.suggest_categorical("batch_norm.learnt", ["scale_and_shift", "shift"])
    assert proposed["learning_rate"] == pytest.approx(rate, rel=1e-5)
    assert proposed["batch_norm.learnt"] == learnt


def test_tpe_comes_nearer_than_random_draws(tmp_path):
    best = {}
    for sampler in ("tpe", "random"):
        folder = tmp_path / sampler
        folder.mkdir()
        trials = searched(folder, tuning_of(RANGES, sampler=sampler), 32)
        late = [score(trials.values_of(one)) for one in trials.ended[16:]]
        best[sampler] = np.mean(late)
    assert best["tpe"] > best["random"]


def test_gp_proposes_from_a_gaussian_process(tmp_path):
    pytest.importorskip("torch", reason="Optuna's GPSampler needs PyTorch")
    trials = searched(
        tmp_path, tuning_of({"learning_rate": RANGES["learning_rate"]}, sampler="gp"), 16
    )
    late = [trials.values_of(one)["learning_rate"] for one in trials.ended[10:]]
    assert np.median(np.abs(np.log10(late) + 2)) < 0.5


def test_the_median_gives_up_what_is_below_the_median_of_those_before(tmp_path):
    trials = trials_of(tmp_path, tuning_of(MIXED))
    curves = np.random.default_rng(0).uniform(0, 1, (6, 10))
    for curve in curves:
        trial = trials.ask()
        for epoch, value in enumerate(curve, 1):
            trials.report(trial, epoch, value)
        trials.tell_done(trial, curve[-1])
    bad = curves.min(axis=0) + 0.1
    best_before, medians = np.maximum.accumulate(bad), np.median(curves, axis=0)
    trial = trials.ask()
    told = [trials.report(trial, epoch, value) for epoch, value in enumerate(bad, 1)]
    # Optuna compares the best of a curve so far; it is asked to wait for a fifth of the epochs.
    assert told == [False, False, *(best_before < medians)[2:].tolist()]
    assert True in told


def test_hyperband_gives_up_more_than_half_of_bad_curves_and_none_gives_up_none(tmp_path):
    given_up = {}
    for pruner in ("hyperband", "none"):
        folder = tmp_path / pruner
        folder.mkdir()
        trials = trials_of(folder, tuning_of(MIXED, pruner=pruner))
        count = 0
        for number in range(14):
            trial = trials.ask()
            # Later ones are worse than all before.
            is_over = any(trials.report(trial, epoch, -float(number)) for epoch in range(1, 11))
            count += is_over
            if is_over:
                trials.tell_pruned(trial)
            else:
                trials.tell_done(trial, -float(number))
        given_up[pruner] = count
    assert given_up["none"] == 0
    assert given_up["hyperband"] > 4
    assert isinstance(make_pruner("hyperband", 10), optuna.pruners.HyperbandPruner)


def test_a_search_that_was_killed_proposes_as_one_that_never_was(tmp_path):
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    uninterrupted = searched(whole, tuning_of(RANGES), 14)
    searched(killed, tuning_of(RANGES), 11)
    trials = trials_of(killed, tuning_of(RANGES))
    under_way = trials.ask()
    trials.report(under_way, 1, 0.5)
    # A kill in the middle of a line, while Optuna held its lock.
    log = killed / "trials.log"
    log.write_bytes(log.read_bytes() + b'{"op_code": 4, "wor')
    (killed / "trials.log.lock").symlink_to(log)
    trials = trials_of(killed, tuning_of(RANGES))
    again = trials.ask()
    assert (again.number, again.values) == (under_way.number, under_way.values)
    assert again.number == 11
    trials.report(again, 1, 0.5)  # which is told already
    trials.tell_done(again, score(again.values))
    for _ in range(2):
        trial = trials.ask()
        trials.tell_done(trial, score(trial.values))
    values = [[one.values_of(trial) for trial in one.ended] for one in (uninterrupted, trials)]
    assert values[0] == values[1]


def test_a_search_of_another_space_or_seed_in_the_folder_is_another(tmp_path):
    searched(tmp_path, tuning_of(RANGES), 2)
    facts = {"data": "a"}
    names = {
        tuning_of(space, seed=seed, sampler=sampler).definition(facts)
        for space, seed, sampler in (
            (RANGES, SEED, "tpe"),
            (MIXED, SEED, "tpe"),
            (RANGES, 7, "tpe"),
            (RANGES, SEED, "random"),
        )
    }
    assert len(names | {tuning_of(RANGES).definition({"data": "b"})}) == 5
    assert tuning_of(RANGES).definition(facts) == tuning_of(RANGES, trials=9).definition(facts)
    assert trials_of(tmp_path, tuning_of(MIXED), "other").ended == []
    assert sorted(searches_in(tmp_path)) == ["other", "search"]
    assert searches_in(tmp_path / "none") == []


def test_what_is_chosen_of_a_search_is_in_the_name_of_its_files():
    chosen = ({}, {"sampler": "random"}, {"pruner": "none"}, {"seed": 7}, {"label": "my space"})
    assert [tuning_of(RANGES, **settings).file for settings in chosen] == [
        *("tune-02-dropout", "tune-02-dropout-random", "tune-02-dropout-pruner-none"),
        *("tune-02-dropout-seed-7", "tune-02-dropout-my space"),
    ]


def test_a_failed_trial_is_told_as_failed_and_counts_among_the_worst(tmp_path):
    tuning = tuning_of(MIXED)
    trials = trials_of(tmp_path, tuning)
    done, pruned, failed = trials.ask(), trials.ask(), trials.ask()
    trials.tell_done(done, 0.5)
    trials.report(pruned, 3, 0.2)
    trials.tell_pruned(pruned)
    trials.tell_failed(failed, "The loss was nan.")
    details = search_details(tuning, trials, {"train": 3, "val": 1}, 0.4)
    told = [(one["state"], one["score"], one["last"], one["reason"]) for one in details["trials"]]
    assert told == [
        ("done", 0.5, None, None),
        ("pruned", None, 0.2, None),
        ("failed", None, None, "The loss was nan."),
    ]
    assert details["best"] == 0
    # Optuna's TPE leaves FAIL out of account, and sorts these behind all that have a score.
    assert [one.state.name for one in trials.ended] == ["COMPLETE", "PRUNED", "PRUNED"]


@pytest.mark.parametrize(("direction", "better"), [("max", 0.9), ("min", 0.1)])
def test_of_equal_scores_the_lowest_cross_entropy_wins(tmp_path, direction, better):
    tuning = tuning_of(MIXED)
    trials = Trials(tmp_path, "a", tuning.space, "tpe", "median", 10, direction, tuning.seed)
    for score, cross_entropy in ((0.5, 0.01), (better, math.nan), (better, 0.4), (better, 0.3)):
        trials.tell_done(trials.ask(), score, cross_entropy)
    assert trials.best().number == 3
    trials.tell_done(trials.ask(), better, 0.3)
    assert trials.best().number == 3


def test_importance_tells_what_made_the_scores_and_its_error(tmp_path):
    ranges = {name: RANGES[name] for name in ("learning_rate", "beta_2")}
    tuning = tuning_of(ranges, sampler="random")
    trials = searched(tmp_path, tuning, 24)
    first, second = importances(tuning.space, trials.ended, resamples=4)
    assert (first["name"], second["name"]) == ("learning_rate", "beta_2")
    assert first["mean"] > 0.7 > 0.2 > second["mean"]
    assert 0 < first["error"] < 0.3
    assert importances(tuning.space, trials.ended[:9]) == []


def test_no_run_is_begun_that_would_end_after_the_time():
    assert TimeLimit(None, 0, 1e9).leaves_room()
    assert not TimeLimit(1, spent=0, expected=61).leaves_room()
    assert not TimeLimit(1, spent=30, expected=31).leaves_room()
    limit = TimeLimit(1, spent=0, expected=50)
    limit.learn(70, is_whole=False)  # given up, and so no measure
    assert limit.leaves_room()
    limit.learn(61, is_whole=True)
    assert not limit.leaves_room()


def test_a_search_that_the_clock_has_ended_stays_ended(tmp_path):
    first = trials_of(tmp_path, tuning_of(LISTS))
    assert first.spent == 0
    first.spent = 41.5
    first.end_after(1.0)
    again = trials_of(tmp_path, tuning_of(LISTS))
    assert again.spent == 41.5
    for minutes, is_over in ((0.5, True), (1.0, True), (1.5, False), (None, False)):
        assert again.has_ended_after(minutes) == is_over
    assert not TimeLimit(1, spent=0, expected=1, is_over=True).leaves_room()
    assert TimeLimit(1, spent=41.5, expected=1).spent == pytest.approx(41.5, abs=1)


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_values_of_several_numbers_are_searched_and_survive_the_file(tmp_path, sampler):
    ranges = [(1.0, 1.0), (0.8, 1.2), (0.5, 1.5)]
    ladder = Ladder("digits", [Augmentation(brightness_range=ranges[1])], seeds=2)
    space = {"augmentation.brightness_range": ranges, "batch_size": [8, 16, 32, 64]}
    tuning = ladder.tuning_of(1, space, trials=50, sampler=sampler)
    drawn = []
    for _ in range(12):
        # Opened anew each time, so that values come from the file.
        trials = trials_of(tmp_path, tuning)
        trial = trials.ask()
        drawn.append(trial.values["augmentation.brightness_range"])
        trials.tell_done(trial, -trial.values["batch_size"])
    assert set(drawn) == set(ranges)
    assert {trials.values_of(one)["augmentation.brightness_range"] for one in trials.ended} == {
        *ranges
    }
    if sampler != "grid":
        assert drawn[0] == ranges[1]
