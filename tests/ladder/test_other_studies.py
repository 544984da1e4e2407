"""Studies beside a ladder, trained: one folder, shared runs, each its own report."""

import json

import pytest
from ladder_folders import runs_of

from trickbook.ladder import Ladder
from trickbook.recipes import L2, Blueprint, Dropout
from trickbook.reports.pages.study_report import write_all

BASE = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=6)
OPTIONS = {"jobs": 1, "models": False, "quiet": True}


@pytest.fixture(scope="module")
def trained(tiny_images, tmp_path_factory):
    """A ladder's ablation, a sweep of its dropout and a sample-size curve, in one folder."""
    out = tmp_path_factory.mktemp("studies") / "out"
    arrays = (tiny_images["x_train"], tiny_images["y_train"])
    ladder = Ladder(arrays, [L2(), Dropout(rate=0.3)], baseline=BASE, seeds=[4])
    rates = {"dropout.rate": [0.1, 0.166667, 0.233333, 0.3]}
    results, counts = {}, {}
    for name, carry_out in {
        "ablation": lambda: ladder.ablate(out, **OPTIONS),
        "sweep": lambda: ladder.sweep(out, "dropout", rates, **OPTIONS),
        "sample-size": lambda: ladder.sample_size(out, 0, [12, 54], **OPTIONS),
        "ladder": lambda: ladder.run(out, **OPTIONS),
    }.items():
        before = len(runs_of(out)) if out.exists() else 0
        results[name] = carry_out()
        counts[name] = len(runs_of(out)) - before
    return ladder, out, results, counts


def test_equal_work_is_done_once(trained):
    _, _, results, counts = trained
    assert all(result.ok for result in results.values())
    # Alone, l2 is rung 1; without l2, dropout stands alone; without dropout, l2 does. The rate of
    # 0.3 is rung 2, and all 54 training images are rung 0.
    assert counts == {"ablation": 4, "sweep": 3, "sample-size": 1, "ladder": 0}


def test_a_study_leaves_the_reports_of_others_alone(trained):
    _, out, results, _ = trained
    stems = [path.stem for path in out.glob("*.json")]
    assert sorted(stems) == [
        "ablation",
        "ladder",
        "sample-size-00-baseline",
        "sweep-02-dropout-dropout.rate",
    ]
    for stem in set(stems) - {"ladder"}:
        assert all((out / f"{stem}.{ending}").is_file() for ending in ("md", "html", "csv", "png"))
    pages = {path.name: path.read_bytes() for path in out.glob("*.*") if path.is_file()}
    assert [len(report.frame) for report in write_all(out)] == [3, 2, 4, 2]
    assert {path.name: path.read_bytes() for path in out.glob("*.*") if path.is_file()} == pages
    assert len(results["ablation"].frame) == 7
    assert results["sweep"].best().name.startswith("02-dropout")


def test_a_second_round_follows_about_the_best_of_the_first(trained):
    ladder, out, _, _ = trained
    before = sorted(runs_of(out))
    zoomed = ladder.sweep(out, "dropout", {"dropout.rate": "0.1:0.3:2"}, zoom=True, **OPTIONS)
    # It comes to the values that are there, so that nothing is trained for it.
    assert list(zoomed.written.frame["dropout.rate"]) == [0.1, 0.166667, 0.233333, 0.3]
    assert sorted(runs_of(out)) == before


def test_a_sweep_leaves_the_test_set_unread(trained):
    _, out, _, _ = trained
    swept = [path for name, path in runs_of(out).items() if name.startswith("02-dropout,")]
    assert swept
    for folder in swept:
        metrics = json.loads((folder / "metrics.json").read_text())
        assert not [name for name in metrics if name.startswith("test_")]


def test_a_run_of_few_examples_says_how_many(trained):
    _, out, _, _ = trained
    (folder,) = [path for name, path in runs_of(out).items() if name.startswith("00-baseline,n=12")]
    data = json.loads((folder / "run.json").read_text())["data"]
    assert (data["train"], data["limit_train"]) == (12, 12)
    whole = json.loads((out / "ladder.json").read_text())["data"]
    assert (data["val"], data["fingerprint"] != whole["fingerprint"]) == (whole["val"], True)
