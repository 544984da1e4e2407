"""Ensembles and stacking, against NumPy, scikit-learn and by hand."""

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

from trickbook.reports.analysis import stacking
from trickbook.reports.analysis.best_rung import best_rung
from trickbook.reports.analysis.ensembles import ensemble
from trickbook.reports.analysis.members import arm_members
from trickbook.reports.analysis.stacking import LEAST, stackings
from trickbook.reports.pages import ensemble_facts
from trickbook.reports.pages.ensemble_facts import ensemble_parts
from trickbook.reports.pages.report import write_report
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.ensemble import mean_logits, probability_errors, shared_error
from trickbook.runs.predictions_file import write_predictions

CLASSES = 4


def answers(seed, labels, skill=2.0, shared=None):
    """Logits of a network that is right more often than not, in float32 as they are kept."""
    noise = np.random.default_rng(seed).normal(0, 2, (len(labels), CLASSES))
    if shared is not None:
        noise = 0.7 * noise + 0.7 * shared
    return (skill * np.eye(CLASSES)[labels] + noise).astype("float32")


LABELS = {
    "val": np.random.default_rng(1).integers(0, CLASSES, 300),
    "test": np.random.default_rng(2).integers(0, CLASSES, 200),
}


def with_predictions(folder, rungs, outputs_of, labels=None):
    """A ladder whose runs kept what `outputs_of(rung, seed)` says by split."""
    labels = labels or LABELS
    write_ladder(folder, rungs)
    run_set = read_run_set(folder)
    for rung in run_set.rungs:
        for run in rung.done:
            outputs = outputs_of(rung.index, run.seed)
            write_predictions(run.folder, outputs, {one: labels[one] for one in outputs})
    return run_set


def logits_of(rung, seed, splits=("val", "test")):
    shared = {
        one: np.random.default_rng(9).normal(0, 2, (len(LABELS[one]), CLASSES)) for one in LABELS
    }
    return {
        one: answers((rung, seed, len(one)), LABELS[one], 2.0 + rung, shared[one]) for one in splits
    }


@pytest.fixture
def run_set(tmp_path):
    return with_predictions(tmp_path, {"baseline": [0.6] * 3, "noise": [0.7] * 3}, logits_of)


def test_the_mean_of_probabilities_is_numpys():
    logits = np.random.default_rng(0).normal(0, 30, (5, 20, 3))
    expected = softmax(logits, axis=-1).mean(axis=0)
    assert np.exp(mean_logits(logits)) == pytest.approx(expected, rel=1e-12)
    # Where a probability is too small for a number, its logarithm is not.
    far = np.array([[[0.0, -2000.0]], [[0.0, -2000.0]]])
    assert mean_logits(far)[0].tolist() == [0.0, -2000.0]


def test_an_ensembles_figures_are_scikit_learns(run_set):
    one = ensemble(run_set, arm_members(run_set)[0])
    for split, labels in LABELS.items():
        each = [softmax(logits_of(0, seed)[split].astype(float), axis=1) for seed in range(3)]
        mean = np.mean(each, axis=0)
        for metric, figure in (
            ("accuracy", lambda p, y: accuracy_score(y, p.argmax(axis=1))),
            ("cross_entropy", log_loss_of),
        ):
            gain = one.gains[split, metric]
            assert gain.ensemble == pytest.approx(figure(mean, labels))
            assert gain.single == pytest.approx(np.mean([figure(p, labels) for p in each]))
            sign = 1 if metric == "accuracy" else -1
            expected = sign * (gain.ensemble - gain.single)
            assert gain.over_single.mean == pytest.approx(expected)
            assert gain.over_single.low < expected < gain.over_single.high
        expected = brier_score_loss(labels, mean, scale_by_half=False)
        assert one.squared[split] == pytest.approx(expected)
        assert one.gains[split, "cross_entropy"].over_single.mean > 0  # by Jensen's inequality


def log_loss_of(probabilities, labels):
    return log_loss(labels, probabilities, labels=range(CLASSES))


def test_the_formula_gives_the_error_of_the_mean_exactly(run_set):
    for members in arm_members(run_set):
        one = ensemble(run_set, members)
        for split in LABELS:
            assert one.errors[split].of_mean == pytest.approx(one.squared[split], rel=1e-12)
        # With the correlation that validation shows, what it says of test is near, no identity.
        assert one.foretold("test").of_mean == pytest.approx(one.squared["test"], rel=0.05)
        assert one.foretold("test").of_mean != one.squared["test"]


def test_the_formula_by_hand():
    # Two members, errors (1, -1) and (1, 1): sigma^2 = 1, their product's mean 0, the mean (1, 0).
    by_hand = shared_error(np.array([[1.0, -1.0], [1.0, 1.0]]))
    assert (by_hand.squared, by_hand.correlation) == (1.0, 0.0)
    assert by_hand.of_mean == by_hand.independent == 0.5
    same = shared_error(np.array([[2.0, -1.0]] * 3))
    assert (same.correlation, same.of_mean, same.of_endless) == pytest.approx((1.0, 2.5, 2.5))
    assert np.isnan(shared_error(np.zeros((2, 5))).correlation)
    with pytest.raises(ValueError, match=r"errors\.shape=\(1, 5\)"):
        shared_error(np.zeros((1, 5)))


def test_independent_errors_have_a_mean_of_sigma_squared_over_n():
    errors = np.random.default_rng(0).normal(0, 3, (4, 200_000))
    found = shared_error(errors)
    assert found.squared == pytest.approx(9, rel=0.01)
    assert found.correlation == pytest.approx(0, abs=0.01)
    assert found.of_mean == pytest.approx(9 / 4, rel=0.02)


def test_probability_errors_are_those_of_the_true_class():
    errors = probability_errors(np.log([[[0.5, 0.25, 0.25]]]), np.array([1]))
    assert errors == pytest.approx(np.array([[[0.5, -0.75, 0.25]]]))


def test_values_are_averaged_and_their_rmse_is_what_the_formula_says(tmp_path):
    targets = np.random.default_rng(3).normal(150, 70, 80)
    values = {seed: targets + np.random.default_rng(seed).normal(5, 20, 80) for seed in range(3)}
    ladder = with_predictions(
        tmp_path, {"baseline": [0.6] * 3}, lambda _, seed: {"val": values[seed]}, {"val": targets}
    )
    ladder.ladder["task"] = {"metric": "rmse", "direction": "min"}
    one = ensemble(ladder, arm_members(ladder)[0])
    gain = one.gains["val", "rmse"]
    mean = np.mean([values[seed] for seed in range(3)], axis=0)
    assert gain.ensemble == pytest.approx(np.sqrt(np.square(mean - targets).mean()), rel=1e-5)
    assert gain.ensemble == pytest.approx(np.sqrt(one.errors["val"].of_mean), rel=1e-9)
    assert gain.over_single.mean == pytest.approx(gain.single - gain.ensemble)
    (part,) = ensemble_parts(ladder)
    titles = [table.title for table in part.shown]
    assert titles[1:] == ["Squared error of the values on validation"]


def test_stacking_is_scikit_learns_fit_on_validation_judged_on_test(run_set):
    over_seeds, over_arms = stackings(run_set, arm_members(run_set))
    assert (over_seeds.name, over_arms.name) == ("the seeds of 01-noise", "2 arms")
    each = [logits_of(1, seed) for seed in range(3)]
    inputs = {
        split: np.concatenate(
            [np.log(np.maximum(softmax(one[split].astype(float), axis=1), LEAST)) for one in each],
            axis=1,
        )
        for split in LABELS
    }
    model = LogisticRegression(C=over_seeds.strength, max_iter=1000, tol=1e-2)
    model.fit(inputs["val"], LABELS["val"])
    gain = over_seeds.gains["test", "accuracy"]
    assert gain.ensemble == pytest.approx(model.score(inputs["test"], LABELS["test"]))
    plain = np.exp(mean_logits(np.stack([one["test"] for one in each])))
    assert gain.single == pytest.approx(accuracy_score(LABELS["test"], plain.argmax(axis=1)))
    # Out of fold it knows less of the validation images than a fit on them would.
    fitted = model.score(inputs["val"], LABELS["val"])
    assert over_seeds.gains["val", "accuracy"].ensemble < fitted


def test_nothing_is_stacked_where_a_class_has_too_few_images_to_fit_on(tmp_path):
    labels = {"val": np.array([0, 1, 2] * 30 + [3] * 4)}
    run_set = with_predictions(
        tmp_path,
        {"baseline": [0.6] * 3},
        lambda _, seed: {"val": answers(seed, labels["val"])},
        labels,
    )
    assert stackings(run_set, arm_members(run_set)) == []


def test_stacking_finds_the_arm_that_knows(tmp_path):
    """One arm guesses and one knows, so that the weights beat the plain mean by far."""

    def outputs_of(rung, seed):
        skill = 4.0 if rung else 0.0
        return {one: answers((rung, seed, 5), LABELS[one], skill) for one in LABELS}

    run_set = with_predictions(tmp_path, {"baseline": [0.6] * 2, "noise": [0.7] * 2}, outputs_of)
    *_, over_arms = stackings(run_set, arm_members(run_set))
    assert over_arms.gains["test", "cross_entropy"].over_single.low > 0


def test_the_section_is_in_both_pages_and_its_rows_are_the_arms(run_set):
    (part,) = ensemble_parts(run_set)
    gains, _, errors, stacked, _ = part.shown
    assert [row[:2] for row in gains.rows] == [["00-baseline", "3"], ["01-noise", "3"]]
    assert all(len(row) == len(table.columns) for table in part.shown for row in table.rows)
    assert errors.title == "Squared error of the probabilities on test"
    one = ensemble(run_set, arm_members(run_set)[1])
    gain, foretold = one.gains["test", "accuracy"], one.foretold("test")
    told = dict(zip(gains.columns[5:], gains.rows[1][5:], strict=True))
    assert told["test, single"] == f"{gain.single:.3f}"
    assert told["of the mean"] == f"{gain.ensemble:.3f}" != told["test, single"]
    assert dict(zip(errors.columns[1:], errors.rows[1][1:], strict=True)) == {
        "correlation": f"{one.errors['val'].correlation:.2f}",
        "single": f"{foretold.squared:.3f}",
        "if independent": f"{foretold.squared / 3:.3f}",
        "by the correlation": f"{foretold.of_mean:.3f}",
        "measured": f"{one.squared['test']:.3f}",
        "of endless runs": f"{foretold.squared * foretold.correlation:.3f}",
    }
    assert [row[0] for row in stacked.rows] == ["the seeds of 01-noise", "2 arms"]

    markdown = write_report(run_set.folder).markdown
    html = (run_set.folder / "report.html").read_text(encoding="utf-8")
    assert "## Ensembles" in markdown and "| 01-noise | 3 |" in markdown
    assert '<td data-label="rung">01-noise</td>' in html


def test_a_row_says_on_how_many_validation_examples_it_was_fitted(run_set, monkeypatch):
    (part,) = ensemble_parts(run_set)
    told = "rows are fitted on different numbers of validation examples"
    stacked = part.shown[3]
    assert stacked.columns[1] == "validation examples"
    assert [row[1] for row in stacked.rows] == ["300", "300"]
    assert told not in part.notes[-1]
    # Three seeds of four classes take 48 numbers an example, two arms 32.
    monkeypatch.setattr(stacking, "WORK", 4800)
    (part,) = ensemble_parts(run_set)
    assert [row[1] for row in part.shown[3].rows] == ["100", "150"]
    assert told in part.notes[-1]
    plain = mean_logits(np.stack([logits_of(1, seed)["val"][:100] for seed in range(3)]))
    expected = accuracy_score(LABELS["val"][:100], plain.argmax(axis=1))
    assert part.shown[3].rows[0][2] == f"{expected:.3f}"


def test_of_very_many_arms_the_best_alone_is_told(run_set, monkeypatch):
    monkeypatch.setattr(ensemble_facts, "MOST_ARMS", 1)
    (part,) = ensemble_parts(run_set)
    assert [row[0] for row in part.shown[0].rows] == [best_rung(run_set).name]


def test_what_no_ensemble_can_be_made_of_is_left_out(tmp_path):
    def outputs_of(rung, seed):
        kept = logits_of(rung, seed, ("val",))
        if rung == 1 and seed == 1:
            kept["val"][0] = np.nan
        return kept

    rungs = {"baseline": [0.6] * 2, "diverged": [0.6] * 2, "single": [0.6]}
    run_set = with_predictions(tmp_path, rungs, outputs_of)
    assert [members.name for members in arm_members(run_set)] == ["00-baseline"]
    titles = [table.title for part in ensemble_parts(run_set) for table in part.shown]
    assert titles[2] == "Squared error of the probabilities on validation"


def test_runs_of_other_splits_make_no_ensemble(run_set):
    for rung in run_set.rungs:
        for run in rung.done:
            run.details["data"] = {"fingerprint": "x", "split_seed": run.seed}
    assert arm_members(run_set) == []
    assert ensemble_parts(run_set) == []
