"""The law of errors over sizes: its weights, what its intervals cover, and errors in any unit."""

import json
import math

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy import optimize, stats

from trickbook.reports.analysis.size_curves import SizeCurve
from trickbook.reports.pages.sample_size_page import answer_of
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.intervals import Estimate, estimate
from trickbook.reports.statistics.power_law import PowerLaw, fit_power_law

SIZES = np.array([32, 64, 128, 256, 512, 1024])
LAW = 0.02 + 1.5 * SIZES**-0.6


def law_of(means, deviation=0.0, seeds=5, draws=0):
    """The law of these means, each of so many seeds that have this deviation."""
    errors = [Estimate(mean, deviation, math.nan, math.nan, seeds) for mean in means]
    return fit_power_law(SIZES, errors, draws)


def test_a_tenth_of_any_size_counts_alike():
    means = LAW * (1 + np.array([0.05, -0.08, 0.02, 0.06, -0.05, 0.03]))

    def parts_off(law):
        floor, scale, exponent = law
        return (floor + scale * SIZES**-exponent - means) / means

    expected = optimize.least_squares(parts_off, [0.02, 1.5, 0.6], xtol=1e-12).x
    law = law_of(means)
    assert (law.floor, law.scale, law.exponent) == pytest.approx(tuple(expected), rel=1e-3)


def test_an_interval_is_as_wide_as_the_standard_errors_of_the_means():
    """Four times as many seeds halve these; with few of them Student's t is wide besides."""
    widths = []
    for seeds in (5, 20):
        low, high = law_of(LAW, 0.002, seeds, draws=800).interval(2048)
        widths.append(high - low)
    expected = 2 * stats.t.isf(0.025, 4) / stats.t.isf(0.025, 19)
    assert widths[0] / widths[1] == pytest.approx(expected, rel=0.15)


def test_intervals_hold_the_middle_95_per_cent_of_the_laws():
    """Of 81 laws they leave out two on either side."""
    draws = np.random.default_rng(0).uniform([0.01, 1.0, 0.5], [0.03, 2.0, 0.7], (81, 3))
    law = PowerLaw(0.02, 1.5, 0.6, draws)

    def middle(values):
        return tuple(np.sort(values)[[2, 78]])

    def errors(n):
        return [a + b * n**-c for a, b, c in draws]

    assert law.interval(500) == pytest.approx(middle(errors(500)))
    falls = np.subtract(errors(100), errors(1000))
    assert law.gain(100, 1000)[1:] == pytest.approx(middle(falls))
    assert law.gain(100, 1000)[0] == pytest.approx(1.5 * (100**-0.6 - 1000**-0.6))
    # At the size found the error of a law is by 0.01 below that at 200.
    sizes = [(b / (b * 200**-c - 0.01)) ** (1 / c) for _, b, c in draws]
    assert law.size_interval(200, 0.01) == pytest.approx(middle(sizes))


@pytest.mark.parametrize(
    ("error", "answer"),
    [
        # Ten times 1,024 examples would take 5 % and 16 % off, and twice as many 2 % and 7 %.
        (lambda n: 40 + 100 * n**-0.5, "new model"),
        (lambda n: 10 + 100 * n**-0.5, "more data"),
    ],
)
def test_a_tenth_of_an_error_in_its_unit_is_worth_more_data(tmp_path, error, answer):
    names = {f"n={n}": (error(n) + np.array([0.01, 0.0, -0.01])).tolist() for n in SIZES}
    write_ladder(tmp_path, names, train=dict.fromkeys(names, 4.0))
    arms = list(read_run_set(tmp_path).rungs)
    curve = SizeCurve("rung", SIZES.tolist(), arms, is_share=False)
    assert answer_of(curve) == answer
    assert curve.val[0] == estimate(names["n=32"])
    # Training is better by so much; ladder_on_disk adds a thousandth.
    assert curve.gaps[0].mean == pytest.approx(error(32) - 4.001)


def test_how_far_to_trust_a_law_is_told_from_the_smaller_sizes_alone(tmp_path):
    means = 5 + 100 * SIZES**-0.5
    means[-1] += 3  # where it holds no longer
    write_ladder(tmp_path, {f"n={n}": [mean] * 2 for n, mean in zip(SIZES, means, strict=True)})
    arms = list(read_run_set(tmp_path).rungs)
    said, measured = SizeCurve("rung", SIZES.tolist(), arms, is_share=False).check
    assert said == pytest.approx(means[-1] - 3, rel=0.01)
    assert measured == pytest.approx(means[-1])


@pytest.mark.parametrize(
    ("train", "told"),
    [(4.0, "A gap of 39.129 to training stays: regularise"), (43.0, "Training is no better")],
)
def test_a_flat_error_is_told_by_where_training_stands(tmp_path, train, told):
    means = 40 + 100 * SIZES**-0.5
    names = {f"n={n}": [mean, mean + 0.01] for n, mean in zip(SIZES, means, strict=True)}
    write_ladder(tmp_path, names, train=dict.fromkeys(names, train))
    points = [{"arm": arm, "rung": "a", "size": n} for arm, n in enumerate(SIZES.tolist())]
    content = json.loads((tmp_path / "ladder.json").read_text())
    content |= {"kind": "sample-size", "details": {"sizes": SIZES.tolist(), "points": points}}
    content["task"] = {"metric": "accuracy", "direction": "min"}
    (tmp_path / "sample-size-a.json").write_text(json.dumps(content))
    page = write_study(tmp_path, "sample-size-a").markdown
    assert "a: a new model. Validation is flat" in page
    assert told in page
