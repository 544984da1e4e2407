"""The table of tricks by level against SciPy."""

import json

import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.reports.pages.study_report import write_study

FIGURES = {
    "baseline": [0.700, 0.703, 0.698, 0.701],
    "noise": [0.704, 0.709, 0.707, 0.703],
    "l2": [0.701, 0.699, 0.700, 0.705],
}


def test_the_tables_p_is_not_adjusted_and_the_verdict_is(tmp_path):
    write_ladder(tmp_path, FIGURES)
    content = json.loads((tmp_path / "ladder.json").read_text())
    for rung in content["rungs"][1:]:
        rung["against"] = 0
    tricks = [
        {"arm": 1, "name": "noise", "level": "data"},
        {"arm": 2, "name": "l2", "level": "training"},
    ]
    content |= {"kind": "levels", "details": {"tricks": tricks, "refused": []}}
    (tmp_path / "ladder.json").unlink()
    (tmp_path / "levels.json").write_text(json.dumps(content))
    report = write_study(tmp_path, "levels")
    frame = report.frame.set_index("trick")
    ps = {
        name: stats.ttest_rel(FIGURES[name], FIGURES["baseline"]).pvalue for name in ("noise", "l2")
    }
    assert frame["delta_p"].to_dict() == pytest.approx(ps, rel=1e-3)
    # Alone it would be decided, as one of two it is not.
    assert 0.025 < ps["noise"] < 0.05
    assert frame["verdict"]["noise"] != "helps"
    # Of these runs it is not recorded.
    assert "| level | trick | against the baseline | seeds |\n" in report.markdown
