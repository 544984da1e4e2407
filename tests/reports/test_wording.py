"""Figures in words: as many decimals as they need, of shares and of errors in any unit."""

import math

import numpy as np
import pytest

from trickbook.reports.pages.difference_words import effect_text
from trickbook.reports.statistics.intervals import Estimate
from trickbook.reports.statistics.two_sources import difference
from trickbook.reports.wording import (
    decimals_text,
    difference_text,
    duration_text,
    figure_text,
    score_text,
    signed_texts,
)


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ((0.0123, -0.004, 0.0286), ["+0.012", "-0.004", "+0.029"]),
        ((0.00021, 0.00011, 0.00031), ["+0.00021", "+0.00011", "+0.00031"]),
        ((-0.0004,), ["-0.00040"]),
        ((0.00081,), ["+0.001"]),
        ((-0.0, 0.0), ["0.000", "0.000"]),
        ((-0.00001, 0.4), ["0.000", "+0.400"]),
        ((0.2, math.nan), ["+0.200", "+nan"]),
        ((12.5, 8.25, 16.75), ["+12.500", "+8.250", "+16.750"]),
    ],
)
def test_signed_figures_have_the_decimals_that_the_largest_needs(values, texts):
    assert signed_texts(*values) == texts


def test_a_small_difference_that_is_decided_does_not_read_as_none():
    estimate = Estimate(0.0002, 0.0001, 0.0001, 0.0003, 3)
    assert difference_text(estimate) == "+0.00020 [+0.00010, +0.00030]"
    found = difference(np.array([0.0101, 0.0105, 0.0103]), np.array([0.0099, 0.0102, 0.0102]))
    assert effect_text(found).startswith("+0.00020 [-0.000")


def test_a_figure_of_any_size_keeps_three_digits():
    assert [score_text(one) for one in (0.959, 0.0, 4.67e-5, 1283.0, math.nan)] == [
        *("0.959", "0.000", "4.67e-05", "1.28e+03", "–"),
    ]
    assert [decimals_text(one) for one in (281.25, 0.959, 4.67e-5)] == [
        *("281.250", "0.959", "4.67e-05"),
    ]
    assert figure_text(Estimate(0.0098, 0.0003, 0, 0, 3)) == "0.0098 ± 0.0003"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.84, "0.8 s"),
        (45.2, "45 s"),
        (119.4, "119 s"),
        (200.0, "3 min 20 s"),
        (7530.0, "2 h 5 min"),
        (math.nan, "–"),
    ],
)
def test_a_duration_is_told_in_at_most_two_units(seconds, text):
    assert duration_text(seconds) == text
