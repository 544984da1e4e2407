"""How often intervals and verdicts are right: a small simulation, and the gallery's large one."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from trickbook.reports.statistics.two_sources import difference
from trickbook.reports.statistics.verdicts import judge

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmark():
    path = ROOT / "benchmarks" / "verdicts.py"
    spec = importlib.util.spec_from_file_location("benchmarks_verdicts", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("world", [0, 1, 2])
def test_a_small_simulation_is_right_as_often_as_promised(benchmark, world):
    row = benchmark.simulate(benchmark.WORLDS[world], 5, 200, studies=400)
    assert 0.93 <= row["coverage"] <= 0.97
    assert row["family_error"] <= 0.065
    assert row["looks_error"] <= 0.065
    assert row["found"] == pytest.approx(row["predicted"], abs=0.06)


def test_the_simulation_judges_as_reports_do(benchmark):
    draws = np.random.default_rng(0)
    shifts = np.array([0.0, 0.6, 0.6, 1.5])
    right = benchmark.right_or_wrong(draws, benchmark.WORLDS[1], shifts, 5, 4, 200).astype(float)
    pairs = np.diff(right, axis=1)
    squares = benchmark.mean_squares(pairs)
    sample = benchmark.Sample(pairs.mean(axis=(-2, -1)), squares, 4, 200)
    for study, ps, interval_ps in zip(right, sample.ps(), sample.interval_ps(), strict=True):
        differences = [difference(study[arm + 1], study[arm]) for arm in range(3)]
        assert [one.p for one in differences] == pytest.approx(ps, rel=1e-9)
        verdicts = judge(differences)
        assert [one.p for one in verdicts] == pytest.approx(benchmark.holm(ps), rel=1e-9)
        holds_zero = [one.low <= 0 <= one.high for one in differences]
        assert holds_zero == (interval_ps > 0.05).tolist()


def test_the_gallerys_simulation_holds_what_the_reports_promise():
    table = pd.read_csv(ROOT / "reports" / "gallery" / "verdicts.csv")
    assert set(table["seeds"]) == {3, 5, 10, 20}
    assert set(table["images"]) == {200, 1_000, 10_000}
    assert (table["studies"] >= 2_000).all()
    assert table["coverage"].between(0.93, 0.97).all()
    assert (table[["family_error", "looks_error"]] <= 0.065).all(axis=None)
    assert ((table["found"] - table["predicted"]).abs() <= 0.04).all()
