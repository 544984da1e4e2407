"""Examples in order of time: blocks of neighbours against SciPy and a simulated series."""

import json

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy import signal, stats

from trickbook.reports.analysis.effects import contrast
from trickbook.reports.analysis.ensembles import ensemble
from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.analysis.members import arm_members
from trickbook.reports.pages.step_rows import certainty
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.blocks import block_count, in_blocks
from trickbook.reports.statistics.two_sources import difference
from trickbook.runs.predictions_file import write_predictions

SERIES = {
    "input_shape": [6, 1],
    "ordered": True,
    "table": {"windows": {"length": 6, "horizon": 2}},
}


@pytest.mark.parametrize(
    ("examples", "reach", "blocks"),
    [
        (400, 1, 8),
        (400, 30, 8),
        (100, 20, 5),
        (100, 25, 4),
        (100, 26, 1),
        (6, 1, 6),
        (37, None, 37),
    ],
)
def test_blocks_are_no_shorter_than_what_shares_rows_and_few_are_none(examples, reach, blocks):
    assert block_count(examples, reach) == blocks


def test_blocks_are_means_of_neighbours():
    scores = np.random.default_rng(0).normal(size=(3, 40))
    expected = scores.reshape(3, 8, 5).mean(axis=2)
    assert in_blocks(scores, 5) == pytest.approx(expected)
    assert in_blocks(scores, None) == pytest.approx(scores)
    # Of unequal blocks the mean is that of all examples all the same.
    assert in_blocks(scores[:, :37], 1).mean(axis=1) == pytest.approx(scores[:, :37].mean(axis=1))
    assert in_blocks(scores, 11) == pytest.approx(scores.mean(axis=1, keepdims=True))


def test_intervals_of_a_series_hold_the_truth_where_those_of_single_examples_do_not():
    draws, covered = np.random.default_rng(1), {5: 0, None: 0}
    for _ in range(300):
        chance = draws.standard_normal((1, 400))
        series = signal.lfilter([1.0], [1.0, -0.8], chance) + draws.normal(0, 0.3, (4, 400))
        for reach in covered:
            blocks = in_blocks(series, reach)
            found = difference(blocks, np.zeros_like(blocks))
            covered[reach] += found.low <= 0 <= found.high
    assert covered[5] / 300 > 0.91
    assert covered[None] / 300 < 0.6


def series_on_disk(folder, examples=48, **data):
    """A ladder of a series that a mean absolute error decides; seeds differ."""
    write_ladder(folder, {"baseline": [2.0] * 3, "noise": [1.0] * 3})
    task = {"name": "regression", "metric": "mae", "direction": "min"}
    study = json.loads((folder / "ladder.json").read_text()) | {"task": task}
    study["data"] = {"name": "heat", "train": 200, "val": examples, "test": 9} | SERIES | data
    (folder / "ladder.json").write_text(json.dumps(study))
    draws = np.random.default_rng(2)
    targets = draws.normal(0, 1, examples)
    easy = np.abs(signal.lfilter([1.0], [1.0, -0.9], draws.standard_normal(examples)))
    for number, path in enumerate(sorted((folder / "runs").iterdir())):
        run = json.loads((path / "run.json").read_text())
        (path / "run.json").write_text(json.dumps(run | {"task": task, "data": study["data"]}))
        is_upper = path.name.startswith("01")
        errors = 2 + 0.1 * number + draws.normal(0, 0.1, examples) - is_upper * easy
        write_predictions(path, {"val": targets + errors}, {"val": targets})
        text = (path / "metrics.json").read_text().replace("_accuracy", "_mae")
        metrics = json.loads(text) | {"val_mae": float(np.abs(errors).mean())}
        (path / "metrics.json").write_text(json.dumps(metrics))
    return read_run_set(folder)


def errors_of(run_set, arm):
    kept = [np.load(run.folder / "predictions.npz") for run in run_set.rungs[arm].done]
    return np.stack([np.abs(one["val"].astype(float) - one["val_labels"]) for one in kept])


def test_a_series_is_judged_by_blocks_of_a_window_and_its_horizon_or_more(tmp_path):
    run_set = series_on_disk(tmp_path)
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]])
    better, worse = (errors_of(run_set, arm).reshape(3, 6, 8).mean(axis=2) for arm in (0, 1))
    expected = difference(better, worse)
    assert found.examples == 6
    ends = (found.mean, found.low, found.high, found.p)
    assert ends == pytest.approx((expected.mean, expected.low, expected.high, expected.p), rel=1e-5)
    resting = certainty(run_set, list(judgements(run_set).values()))
    assert "seeds and examples, not of training windows; neighbours in time are alike" in resting
    assert "6 blocks of them count as the windows" in resting
    assert "--splits" not in resting


def test_of_too_few_examples_in_order_seeds_alone_are_covered(tmp_path):
    run_set = series_on_disk(tmp_path, examples=24)
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]])
    means = [errors_of(run_set, arm).mean(axis=1) for arm in (0, 1)]
    assert found.covers == "seeds"
    assert found.p == pytest.approx(stats.ttest_rel(*means).pvalue, rel=1e-4)
    resting = certainty(run_set, list(judgements(run_set).values()))
    assert "of validation windows neither" in resting


def test_rows_in_no_order_are_examples_by_themselves(tmp_path):
    run_set = series_on_disk(tmp_path, ordered=False)
    assert contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]]).examples == 48


def test_what_an_ensemble_gains_on_a_series_is_over_blocks(tmp_path):
    run_set = series_on_disk(tmp_path)
    (members, _) = arm_members(run_set)
    gain = ensemble(run_set, members).gains["val", "mae"].over_single
    values, true = members.outputs["val"], members.labels["val"]
    better = (np.abs(values - true).mean(axis=0) - np.abs(values.mean(axis=0) - true)).reshape(6, 8)
    interval = stats.ttest_1samp(better.mean(axis=1), 0.0).confidence_interval(0.95)
    assert (gain.low, gain.high) == pytest.approx((interval.low, interval.high), rel=1e-5)
