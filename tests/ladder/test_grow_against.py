"""The benchmark of growing against other ways to a model: what it keeps, without any training."""

import importlib.util
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from trickbook.data import DataSpec
from trickbook.ladder import Ladder

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def benchmark():
    path = ROOT / "benchmarks" / "grow_against.py"
    spec = importlib.util.spec_from_file_location("benchmarks_grow_against", path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("way", ["grow", "ladder", "tpe"])
def test_a_way_of_which_runs_were_lost_picks_nothing(benchmark, tmp_path, monkeypatch, way):
    def loses_one(ladder, out, *arguments, **options):
        return SimpleNamespace(folder=out, lost={"00-baseline-s0": "Its process died."})

    for method in ("grow", "run", "tune"):
        monkeypatch.setattr(Ladder, method, loses_one)
    budget = benchmark.Budget(DataSpec("digits"), 1.0, 2, 2, None, 1.0)
    with pytest.raises(SystemExit, match=r"1 run of .* got lost.* same command goes on"):
        benchmark.picked(way, budget, 1000, tmp_path)
    assert [*tmp_path.iterdir()] == []


def test_a_pick_stays_for_another_budget_that_it_does_not_depend_on(
    benchmark, tmp_path, monkeypatch
):
    monkeypatch.setitem(benchmark.WAYS, "grow", lambda *arguments: ({"filters": [2]}, "baseline"))
    budget = benchmark.Budget(DataSpec("digits"), 1.0, 2, 2, None, 1.0)
    pick = benchmark.picked("grow", budget, 1000, tmp_path)
    monkeypatch.setitem(benchmark.WAYS, "grow", lambda *arguments: pytest.fail("picked again"))
    again = benchmark.picked("grow", replace(budget, judged=5, ladder_seeds=3), 1000, tmp_path)
    assert again == pick
    with pytest.raises(SystemExit, match="another budget"):
        benchmark.picked("grow", replace(budget, minutes=2.0), 1000, tmp_path)
