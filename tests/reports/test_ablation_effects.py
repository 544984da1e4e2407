"""Where a trick's differences disagree: which are compared, their sign, and Holm's procedure."""

import json
from dataclasses import replace

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.reports.analysis.ablation_effects import TrickEffects, beyond_chance, trick_effects
from trickbook.reports.pages.difference_words import effect_text
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.two_sources import difference

DRAWS = np.random.default_rng(3).normal(0, 0.004, (5, 8))
# The second trick helps beside the first alone.
CENTRES = {"baseline": 0.8, "a": 0.83, "b": 0.90, "alone-b": 0.80, "without-a": 0.80}
FIGURES = {name: centre + DRAWS[row] for row, (name, centre) in enumerate(CENTRES.items())}


def ablation(folder, tricks):
    write_ladder(folder, {name: values.tolist() for name, values in FIGURES.items()})
    content = json.loads((folder / "ladder.json").read_text())
    content |= {"kind": "ablation", "details": {"baseline": 0, "full": 2, "tricks": tricks}}
    (folder / "ladder.json").unlink()
    (folder / "ablation.json").write_text(json.dumps(content))
    return read_run_set(folder, "ablation")


def trick(name, rung, alone, without):
    return {"name": name, "rung": rung, "alone": alone, "without": without, "refused": []}


def test_a_disagreement_is_the_first_difference_less_the_second(tmp_path):
    run_set = ablation(tmp_path, [trick("b", 2, 3, 1)])
    (found,) = trick_effects(run_set)
    in_ladder = FIGURES["b"] - FIGURES["a"]
    alone = FIGURES["alone-b"] - FIGURES["baseline"]
    disagreement = found.disagreements["in the ladder", "alone"]
    assert disagreement.mean == pytest.approx(in_ladder.mean() - alone.mean())
    assert disagreement.p == pytest.approx(stats.ttest_rel(in_ladder, alone).pvalue)
    told = f"in the ladder and alone ({effect_text(disagreement)})"
    assert told.startswith("in the ladder and alone (+0.069 ")
    (row,) = write_study(tmp_path, "ablation").frame.to_dict("records")
    assert told in row["disagree"]
    # What stands in the table is not adjusted for the others.
    p = stats.ttest_1samp(in_ladder, 0.0).pvalue
    assert row["in_the_ladder_p"] == pytest.approx(p, rel=0.01)


def test_what_a_rung_of_two_tricks_gains_is_not_compared_with_one_of_them(tmp_path):
    run_set = ablation(tmp_path, [trick("a", 2, 1, 4), trick("b", 2, 3, 1)])
    for found, other in zip(trick_effects(run_set), "ba", strict=True):
        assert found.together_with == [other]
        assert set(found.effects) == {"in the ladder", "alone", "left out"}
        assert set(found.disagreements) == {("alone", "left out")}
    row = write_study(tmp_path, "ablation").frame.iloc[0]
    assert row["together_with"] == "b"


@pytest.mark.parametrize(("smallest", "flagged"), [(0.012, 1), (0.013, 0)])
def test_of_several_disagreements_each_is_asked_more(smallest, flagged):
    """By Holm the least of four is held against 5 % / 4."""
    any_ = difference(np.array([0.1, 0.2, 0.3]), np.zeros(3))
    ways = ("alone", "left out")
    tricks = [
        TrickEffects(name, [], {}, [], {ways: replace(any_, p=p)})
        for name, p in zip("abcd", (smallest, 0.02, 0.03, 0.04), strict=True)
    ]
    assert beyond_chance(tricks) == {("a", ways) for _ in range(flagged)}
