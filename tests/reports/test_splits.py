"""Studies whose seeds have splits or samples of their own, as a report reads them."""

import json
import math

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy import stats

from trickbook.reports.analysis.effects import contrast
from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.analysis.members import arm_members
from trickbook.reports.pages.headline import headline
from trickbook.reports.pages.report import write_report
from trickbook.reports.pages.step_rows import certainty
from trickbook.reports.pages.tables import ladder_frame
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.planning import outlook
from trickbook.reports.statistics.resampled import difference_over_splits
from trickbook.runs.predictions_file import write_predictions

BASELINE, NOISE = [0.80, 0.82, 0.79], [0.85, 0.86, 0.86]


def ladder_with(folder, **entries):
    folder.mkdir(exist_ok=True)
    write_ladder(folder, {"baseline": BASELINE, "noise": NOISE})
    path = folder / "ladder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | entries))
    return read_run_set(folder)


def test_seeds_with_splits_of_their_own_are_judged_by_the_corrected_resampled_t(tmp_path):
    run_set = ladder_with(tmp_path / "splits", splits=True)
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]])
    expected = difference_over_splits(np.array(NOISE), np.array(BASELINE), 200, 360)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))
    plain = ladder_with(tmp_path / "plain")
    narrow = contrast(plain, [plain.rungs[1]], [plain.rungs[0]])
    assert found.high - found.low > narrow.high - narrow.low


def test_on_test_examples_it_is_their_number_that_counts(tmp_path):
    run_set = ladder_with(tmp_path, splits=True, data={"train": 200, "val": 360, "test": 90})
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]], split="test")
    # Each is a hundredth below that of validation.
    expected = difference_over_splits(np.array(NOISE), np.array(BASELINE), 200, 90)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high))


def test_single_scores_tell_how_much_of_the_splits_variance_is_the_examples(tmp_path):
    """Of 200 training and 360 validation examples."""
    run_set = ladder_with(tmp_path, splits=True)
    draws, rights = np.random.default_rng(1), []
    for rung, accuracies in zip(run_set.rungs, (BASELINE, NOISE), strict=True):
        rights.append(draws.random((3, 360)) < np.array(accuracies)[:, None])
        for run, right in zip(rung.done, rights[-1], strict=True):
            labels = draws.integers(0, 2, 360)
            told = np.where(right, labels, 1 - labels)
            write_predictions(run.folder, {"val": np.eye(2)[told]}, {"val": labels})
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]])
    by_example = rights[1].astype(float) - rights[0]
    shared, of_examples = 200 / 360, by_example.var(axis=1, ddof=1).mean() / 360
    variance = by_example.mean(axis=1).var(ddof=1) * (1 / 3 + shared) + (1 - shared) * of_examples
    half = stats.t.isf(0.025, 2) * np.sqrt(variance)
    assert found.high - found.low == pytest.approx(2 * half, rel=1e-6)
    assert "weighted by the share that splits have in common)" in certainty(
        run_set, list(judgements(run_set).values())
    )


def test_without_single_scores_no_number_of_splits_is_said_to_show_nothing(tmp_path):
    run_set = ladder_with(tmp_path, splits=True)
    text = " ".join(headline(run_set, judgements(run_set)))
    assert "no number of seeds" not in text
    assert "validate on more images than they train on is far too wide" in text


def test_the_table_of_rungs_has_the_corrected_interval_too(tmp_path):
    run_set = ladder_with(tmp_path / "splits", splits=True)
    row = ladder_frame(run_set).loc[1]
    expected = difference_over_splits(np.array(NOISE), np.array(BASELINE), 200, 360)
    found = row["delta"], row["delta_low"], row["delta_high"]
    assert found == pytest.approx((expected.mean, expected.low, expected.high), abs=1e-6)
    assert found == tuple(row[["judged_delta", "judged_low", "judged_high"]])
    plain = ladder_frame(ladder_with(tmp_path / "plain")).loc[1]
    assert plain["delta_low"] > row["delta_low"]


def test_no_number_of_splits_decides_what_the_examples_that_they_share_leave_open():
    """The correction alone, evaluated / trained times the variance, is left of endless splits."""
    upper, zero = np.array([0.02, 0.01, 0.03, 0.02]), np.zeros(4)
    deviation = upper.std(ddof=1)
    for ratio, hopeless in ((0.1, False), (10.0, True)):
        found = outlook(difference_over_splits(upper, zero, 1000, int(1000 * ratio)), 0.05)
        left = deviation * np.sqrt(ratio)
        assert ((stats.norm.ppf(0.8) + stats.norm.ppf(0.975)) * left > 0.02) == hopeless
        assert found.is_hopeless == hopeless
        assert math.isinf(found.seeds_needed) == hopeless


def test_the_report_says_what_the_interval_covers(tmp_path):
    corrected = "corrected resampled t"
    for entries, of_steps, of_rungs in (
        (
            {"splits": True},
            f"training and evaluated examples (the {corrected}",
            f"95 % interval by the {corrected} of Nadeau and Bengio (2003): what another choice of "
            "seeds, training and evaluated examples would change.",
        ),
        (
            {},
            "not of training images: all seeds share one split",
            "95 % t interval: what another choice of seeds would change.",
        ),
    ):
        folder = tmp_path / ("splits" if entries else "plain")
        ladder_with(folder, **entries)
        page = " ".join(write_report(folder).markdown.split())
        assert of_steps in page
        assert of_rungs in page
        assert ("counts too: one standard error" in page) == (not entries)


@pytest.mark.parametrize(("whole", "members"), [("w", 1), (None, 0)])
def test_bootstrap_samples_of_one_training_set_are_one_ensemble(tmp_path, whole, members):
    """They answer for the same images, though each has data of its own."""
    write_ladder(tmp_path, {"baseline": [0.5, 0.6]})
    for seed, path in enumerate(sorted((tmp_path / "runs").iterdir())):
        run = json.loads((path / "run.json").read_text())
        run["data"] = {"fingerprint": f"sample {seed}", "bootstrap_of": whole}
        (path / "run.json").write_text(json.dumps(run))
        write_predictions(path, {"val": np.eye(2)}, {"val": np.array([0, 1])})
    assert len(arm_members(read_run_set(tmp_path))) == members
