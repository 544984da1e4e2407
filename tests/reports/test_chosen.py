"""The p of what was chosen on the examples that judge it, against draws of what it may be."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from trickbook.reports.statistics.chosen import chosen_p, may_be_shown
from trickbook.reports.statistics.two_sources import difference, error_of_mean, mean_squares

ANY = difference(*np.random.default_rng(0).normal(size=(2, 4, 50)))


def found(share=0.5, distance=2.0, seeds=4):
    """A difference in 50 examples so many standard errors above zero, and the seeds' share."""
    return replace(
        ANY, mean=distance * ANY.standard_error, seeds_share=share, seeds=seeds, examples=50
    )


@pytest.mark.parametrize("share", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("rivals", [1, 3, 10])
def test_it_is_the_share_of_draws_beyond(share, rivals):
    draws = np.random.default_rng(1)
    seeds = np.sqrt(share) * draws.standard_t(3, 200_000)
    luckiest = np.sqrt(1 - share) * draws.standard_t(49, (200_000, rivals)).max(axis=1)
    for distance in (1.0, 2.0, 4.0):
        beyond = float((seeds + luckiest > distance).mean())
        error = 4 * np.sqrt(max(beyond, 1e-4) / 200_000)
        assert chosen_p(found(share, distance), rivals) == pytest.approx(beyond, abs=error)


@pytest.mark.parametrize("share", [0.1, 0.6, 1.0])
def test_of_one_rival_it_is_the_plain_p(share):
    one = found(share)
    assert chosen_p(one, 1) == pytest.approx(one.p_at_most(0.0), rel=1e-4)


def test_new_seeds_alone_forget_what_chose():
    one = found(share=1.0)
    for rivals in (1, 20):
        assert chosen_p(one, rivals) == pytest.approx(stats.t.sf(2.0, 3), rel=1e-6)


def scores(draws, arms, seeds, examples, spread):
    """Scores of arms of which none is better: effects of seeds, of examples, and what is left."""
    by_seed, by_example, rest = spread
    return (
        draws.normal(0, by_seed, (arms, seeds, 1))
        + draws.normal(0, by_example, (arms, 1, examples))
        + draws.normal(0, rest, (arms, seeds, examples))
    )


def plain_difference(differences):
    seeds, examples = differences.shape
    error, share = map(float, error_of_mean(mean_squares(differences), seeds, examples))
    held = {"seeds_share": share, "seeds": seeds, "examples": examples}
    return replace(ANY, mean=differences.mean(), standard_error=error, **held)


def test_where_examples_differ_most_the_leader_of_six_is_seldom_said_to_help():
    draws, led, alone = np.random.default_rng(2), [], []
    for _ in range(600):
        model, *tricks = scores(draws, 7, 4, 50, (0.02, 1.0, 0.3))
        # The first seed chooses, the others judge.
        leader = max(tricks, key=lambda one: one[0].mean())
        one = plain_difference(leader[1:] - model[1:])
        led.append(chosen_p(one, 6))
        alone.append(chosen_p(one, 1))
    # One in twenty, and 3 standard errors of the simulation.
    assert np.mean(np.array(led) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 600)
    # Without the allowance for what it was chosen from it is thrice as often.
    assert np.mean(np.array(alone) <= 0.05) > 0.12


def test_what_more_seeds_may_show_is_asked_in_its_favour():
    # All of it is the seeds': with 3 a standard error is 1 / sqrt(3), and with 8 they have 7
    # degrees of freedom.
    for mean in (-0.5, 0.0, 0.05, 0.2, 1.0):
        one = replace(found(share=1.0, seeds=3), mean=mean, standard_error=3**-0.5)
        distance = (mean + 3**-0.5) / 8**-0.5
        assert may_be_shown(one, 4, 8, 0.05) == (stats.t.sf(distance, 7) <= 0.05)
    # What the examples leave open stays, however many seeds there are.
    assert not may_be_shown(found(share=0.05, distance=1.0), 1, 500, 0.05)
    assert may_be_shown(found(share=0.05, distance=2.0), 1, 500, 0.05)
    assert not may_be_shown(found(share=0.05, distance=2.0), 10, 500, 0.05)


def test_what_is_not_known_has_no_p_and_what_was_chosen_is_a_rival():
    one = found()
    assert np.isnan(chosen_p(replace(one, p=float("nan")), 3))
    with pytest.raises(ValueError, match="rivals=0"):
        chosen_p(one, 0)
