"""Verdicts read from folders: both sources of chance, failed runs, margins and looks."""

import json
import shutil

import numpy as np
import pytest
from ladder_on_disk import write_ladder

from trickbook.reports.analysis.effects import contrast, margin_of
from trickbook.reports.analysis.judgements import judge_pairs, judgements, open_pairs
from trickbook.reports.analysis.whole_stack import judge_stack
from trickbook.reports.pages.headline import headline, stack_text
from trickbook.reports.pages.step_rows import step_rows, verdict_counts
from trickbook.reports.pages.tables import ladder_frame
from trickbook.reports.pages.verdict_words import told_verdict
from trickbook.reports.read.run_set import read_run_set
from trickbook.reports.statistics.looks import spending
from trickbook.reports.statistics.planning import seeds_needed
from trickbook.reports.statistics.two_sources import difference
from trickbook.reports.statistics.verdicts import judge

EXAMPLES = 300


def with_predictions(folder, seed=0):
    """Gives each run logits that tell as many of the examples rightly as its accuracy says."""
    draws = np.random.default_rng(seed)
    labels = draws.integers(0, 2, EXAMPLES)
    hard = draws.permutation(EXAMPLES)
    for path in sorted(folder.glob("runs/*")):
        metrics = json.loads((path / "metrics.json").read_text())
        wrong = round((1 - metrics["val_accuracy"]) * EXAMPLES)
        told = labels.copy()
        chosen = hard[draws.choice(3 * wrong, wrong, replace=False)]
        told[chosen] = 1 - told[chosen]
        logits = np.where(told[:, None] == np.arange(2), 2.0, -1.0).astype(np.float32)
        np.savez(path / "predictions.npz", val=logits, val_labels=labels)
        metrics["val_accuracy"] = float((told == labels).mean())
        metrics["val_cross_entropy"] = float(
            np.log1p(np.exp(np.where(told == labels, -3, 3))).mean()
        )
        (path / "metrics.json").write_text(json.dumps(metrics))
    return folder


def in_study(folder, **settings):
    path = folder / "ladder.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))
    return read_run_set(folder)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    accuracies = {
        "baseline": [0.80, 0.81, 0.79, 0.80],
        "noise": [0.90, 0.91, 0.90, 0.89],
        "even": [0.90, 0.90, 0.91, 0.89],
    }
    return with_predictions(write_ladder(tmp_path_factory.mktemp("kept"), accuracies))


def rights(folder, arm):
    arrays = [np.load(path / "predictions.npz") for path in sorted(folder.glob(f"runs/{arm}-*"))]
    return np.stack([kept["val"].argmax(1) == kept["val_labels"] for kept in arrays]).astype(float)


def test_the_judgement_is_that_of_the_scores_of_single_examples(kept):
    judged = judgements(read_run_set(kept))
    assert list(judged) == ["01-noise", "02-even"]
    expected = [
        difference(rights(kept, "01"), rights(kept, "00")),
        difference(rights(kept, "02"), rights(kept, "01")),
    ]
    assert [one.difference for one in judged.values()] == expected
    assert [one.verdict for one in judged.values()] == judge(expected, 0.01)
    assert judged["01-noise"].verdict.kind == "helps"
    assert judged["01-noise"].difference.covers == "seeds and examples"
    assert judged["01-noise"].against == "00-baseline"


def test_a_lower_cross_entropy_is_above_zero(kept):
    found = judgements(read_run_set(kept))["01-noise"].cross_entropy
    assert found.mean > 0
    gained = rights(kept, "01").mean() - rights(kept, "00").mean()
    assert found.mean == pytest.approx(3 * gained)  # wrong costs log(1 + e^3), right 3 less


def test_the_table_holds_the_verdict_and_both_intervals(kept):
    frame = ladder_frame(read_run_set(kept))
    judged = judgements(read_run_set(kept))
    row, found = frame.loc[1], judged["01-noise"].difference
    assert frame["verdict"].tolist()[1:] == [one.verdict.kind for one in judged.values()]
    assert frame["margin"].isna().tolist() == [True, False, False]
    assert frame["margin"].tolist()[1:] == [0.01, 0.01]
    assert (row["judged_low"], row["judged_high"]) == pytest.approx(
        (found.low, found.high), abs=1e-6
    )
    assert (row["delta_low"], row["delta_high"]) == pytest.approx(
        (found.over_seeds.low, found.over_seeds.high), abs=1e-6
    )
    assert row["p"] == pytest.approx(found.p, abs=1e-6)
    assert row["p_holm"] == pytest.approx(min(2 * found.p, 1), abs=1e-6)
    assert row["interval_covers"] == "seeds and examples"
    values = rights(kept, "01").mean(1)
    assert row["best_seed_gain"] == pytest.approx(values.max() - values.mean(), abs=1e-6)


def test_without_predictions_the_interval_covers_seeds_alone(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.81, 0.8], "noise": [0.9, 0.91, 0.9]})
    (judged,) = judgements(read_run_set(folder)).values()
    assert judged.difference.covers == "seeds"


def test_on_test_images_it_is_the_scores_of_test_images_that_are_compared(kept, tmp_path):
    shutil.copytree(kept, tmp_path, dirs_exist_ok=True)
    draws, labels, tested = np.random.default_rng(5), np.arange(80) % 2, {}
    for path in sorted(tmp_path.glob("runs/*")):
        right = draws.random(80) < 0.7
        tested.setdefault(path.name[:2], []).append(right)
        logits = np.eye(2)[np.where(right, labels, 1 - labels)]
        arrays = dict(np.load(path / "predictions.npz"))
        np.savez(path / "predictions.npz", **arrays, test=logits, test_labels=labels)
    run_set = read_run_set(tmp_path)
    found = contrast(run_set, [run_set.rungs[1]], [run_set.rungs[0]], split="test")
    upper, lower = (np.array(tested[arm], dtype=float) for arm in ("01", "00"))
    assert found == difference(upper, lower)


def test_a_failed_run_leaves_its_comparisons_undecided_and_counted(tmp_path):
    accuracies = {
        "baseline": [0.80, 0.81, 0.79, 0.80],
        "noise": [0.90, 0.91, 0.90, 0.89],
        "broken": [0.99, 0.99, 0.99, "failed"],
    }
    judged = judgements(read_run_set(write_ladder(tmp_path, accuracies)))
    broken = judged["02-broken"]
    assert broken.verdict.kind == "undecided"
    assert broken.failed == "1 of the 4 runs of 02-broken failed"
    assert broken.outlook is None
    assert judged["01-noise"].verdict.p == pytest.approx(2 * judged["01-noise"].difference.p)


def test_the_margin_is_the_studys(tmp_path):
    accuracies = {"baseline": [0.80, 0.81, 0.79], "noise": [0.803, 0.809, 0.7915]}
    folder = write_ladder(tmp_path, accuracies)
    texts = {
        margin: judgements(in_study(folder, margin=margin))["01-noise"].verdict.text
        for margin in (0.001, 0.03)
    }
    assert texts == {0.001: "undecided", 0.03: "no difference larger than 0.03"}


@pytest.mark.parametrize(
    ("metric", "margin"), [("accuracy", 0.01), ("balanced_accuracy", 0.01), ("rmse", None)]
)
def test_a_point_of_any_share_is_the_margin_where_a_study_names_none(tmp_path, metric, margin):
    folder = write_ladder(tmp_path, {"baseline": [0.8]})
    assert margin_of(in_study(folder, task={"metric": metric, "direction": "max"})) == margin


def test_a_verdict_stands_in_the_unit_of_its_table(tmp_path):
    accuracies = {"baseline": [0.80, 0.81, 0.79], "noise": [0.803, 0.809, 0.7915]}
    run_set = in_study(write_ladder(tmp_path, accuracies), margin=0.03)
    rows = step_rows(run_set, list(judgements(run_set).values()))
    frame = ladder_frame(run_set)
    assert (frame["verdict"][1], frame["margin"][1]) == ("no difference", 0.03)
    assert told_verdict(frame["verdict"][1], "accuracy", frame["margin"][1]) == rows[0].cells[2]
    assert rows[0].cells[1].startswith("+0.1 (")
    assert rows[0].cells[2] == "no difference larger than 3 points"
    assert verdict_counts(rows, run_set) == "Of 1 step 1 makes no difference larger than 3 points."


def test_the_whole_stack_is_one_comparison_apart_from_the_steps(kept):
    run_set = read_run_set(kept)
    found = difference(rights(kept, "02"), rights(kept, "00"))
    stack = judge_stack(run_set)
    assert (stack.arm, stack.against, stack.difference) == ("02-even", "00-baseline", found)
    assert [stack.verdict] == judge([found], 0.01)
    assert stack.verdict.p == found.p
    told = stack_text(run_set)
    worth = f"{100 * found.mean:+.1f} points ({100 * found.low:+.1f} to {100 * found.high:+.1f})"
    assert f"02-even less 00-baseline is worth {worth} in validation over 4 seeds: helps." in told
    frame = ladder_frame(run_set)
    assert frame["stack_verdict"].tolist()[2] == "helps"
    assert frame["stack_delta"].tolist()[2] == pytest.approx(found.mean, abs=1e-6)
    assert frame["stack_delta"].isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("top", "told"),
    [
        ([0.9, 0.92, None], "over 2 seeds: "),
        ([0.9, None, None], "over 1 seed: undecided."),
        ([0.9, 0.92, "failed"], "over 2 seeds: undecided (1 of the 3 runs of 02-top failed)."),
    ],
)
def test_a_stack_is_judged_by_the_seeds_that_both_have(tmp_path, top, told):
    rungs = {"baseline": [0.8, 0.81, 0.79], "noise": [0.85, 0.86, 0.85], "top": top}
    assert told in stack_text(read_run_set(write_ladder(tmp_path, rungs)))


def test_a_ladder_of_one_step_has_no_stack_besides(tmp_path):
    rungs = {"baseline": [0.8, 0.81], "noise": [0.85, 0.86]}
    run_set = read_run_set(write_ladder(tmp_path, rungs))
    assert (judge_stack(run_set), stack_text(run_set)) == (None, "")
    assert "stack_delta" not in ladder_frame(run_set)


def test_an_error_that_fell_helps(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [60.0, 62.0, 61.0], "noise": [50.0, 52.1, 51.0]})
    for path in folder.glob("runs/*/metrics.json"):
        path.write_text(path.read_text().replace("_accuracy", "_rmse"))
    task = {"name": "regression", "metric": "rmse", "direction": "min"}
    (judged,) = judgements(in_study(folder, task=task)).values()
    assert judged.difference.mean == pytest.approx(9.9667, abs=1e-3)
    assert judged.verdict.kind == "helps"
    assert judged.verdict.margin is None
    frame = ladder_frame(in_study(folder, task=task))
    assert "margin" not in frame
    assert frame["best_seed_gain"][1] == pytest.approx(51.0333 - 50.0, abs=1e-3)


def test_any_pairs_are_judged_as_one_family(kept):
    run_set = read_run_set(kept)
    base, noise, even = run_set.rungs
    alone = judge_pairs(run_set, [(noise, base)])[0]
    together = judge_pairs(run_set, [(noise, base), (even, base), (even, noise)])
    assert together[0].difference == alone.difference
    assert together[0].verdict.p == pytest.approx(3 * alone.verdict.p)
    assert judge_pairs(run_set, []) == []


# Eight seeds: a clear gain after five, a second arm that is better in the first five seeds alone.
LOOKS = {
    "baseline": [0.80, 0.81, 0.79, 0.80, 0.80, 0.81, 0.79, 0.80],
    "clear": [0.901, 0.91, 0.89, 0.90, 0.90, 0.911, 0.89, 0.90],
    "open": [0.92, 0.90, 0.91, 0.88, 0.93, 0.90, 0.87, 0.92],
}


def test_a_verdict_of_a_look_stands_when_seeds_are_added(tmp_path):
    folder = write_ladder(tmp_path, LOOKS)
    run_set = in_study(folder, looks=[3, 5, 8])
    clear, unclear = judgements(run_set).values()
    assert clear.verdict.kind == "helps"
    assert clear.difference.seeds < 8
    assert unclear.verdict.kind == "undecided"
    assert unclear.difference.seeds == 8


def test_what_was_decided_early_is_said_to_flatter_and_shown_over_all_seeds(tmp_path):
    run_set = in_study(write_ladder(tmp_path, LOOKS), looks=[3, 5, 8])
    judged = judgements(run_set)
    clear, unclear = judged.values()
    assert clear.is_early and not unclear.is_early
    assert clear.over_all.seeds == 8 and unclear.over_all is None
    (told,) = [text for text in headline(run_set, judged) if text.startswith("Decided before")]
    assert f"01-clear at {clear.difference.seeds} seeds" in told
    assert "over all 8 it is" in told
    assert "02-open" not in told
    row = step_rows(run_set, list(judged.values()))[0]
    assert row.cells[2:4] == [f"helps, decided at {clear.difference.seeds} seeds", "8"]
    assert row.forest.value == pytest.approx(clear.over_all.mean)
    frame = ladder_frame(run_set)
    assert frame["p_level"][1] == pytest.approx(clear.verdict.error, abs=1e-6)
    assert frame["p_level"][2] == pytest.approx(unclear.verdict.error, abs=1e-6)


def test_what_the_last_look_decides_is_not_said_to_be_early(tmp_path):
    accuracies = {
        "baseline": [0.80, 0.81, 0.79, 0.80, 0.80],
        "late": [0.83, 0.82, 0.85, 0.82, 0.84],
    }
    run_set = in_study(write_ladder(tmp_path, accuracies), looks=[3, 5])
    (judged,) = judgements(run_set).values()
    assert (judged.verdict.kind, judged.difference.seeds) == ("helps", 5)
    assert not judged.is_early and judged.over_all is None
    assert step_rows(run_set, [judged])[0].cells[2] == "helps"


def test_what_would_decide_is_reckoned_at_the_looks_to_come(tmp_path):
    first = {name: values[:3] for name, values in LOOKS.items()}
    first["open"] = [0.93, 0.916, 0.912]
    run_set = in_study(write_ladder(tmp_path, first), looks=[3, 5, 8, 12])
    unclear = judgements(run_set)["02-open"]
    asked = unclear.verdict.error / unclear.verdict.level
    parts = dict(zip([3, 5, 8, 12], spending([3, 5, 8, 12]), strict=True))
    assert unclear.looks_to_come == {n: pytest.approx(parts[n] / asked) for n in (5, 8, 12)}
    # At the level of the look just taken it would take far more.
    needed = unclear.outlook.seeds_needed
    assert needed in (5, 8, 12)
    assert needed < seeds_needed(unclear.difference, unclear.verdict.level)
    text = " ".join(headline(run_set, judgements(run_set)))
    assert f"seen would be likely to show at {needed:.0f})" in text


def test_a_verdict_of_a_look_stands_when_a_later_run_fails(tmp_path):
    accuracies = {
        "baseline": [0.80, 0.81, 0.79, 0.80, 0.80],
        "clear": [0.9001, 0.91, 0.89, 0.90, "failed"],
        "open": [0.92, 0.90, 0.91, 0.88, 0.93],
    }
    run_set = in_study(write_ladder(tmp_path, accuracies), looks=[3, 5])
    judged = judgements(run_set)
    clear, unclear = judged.values()
    assert (clear.verdict.kind, clear.failed) == ("helps", "")
    assert (unclear.verdict.kind, unclear.failed) == (
        "undecided",
        "1 of the 5 runs of 01-clear failed",
    )
    (told,) = [text for text in headline(run_set, judged) if text.startswith("Not decided")]
    assert told.endswith(": 02-open (1 of the 5 runs of 01-clear failed).")
    assert [row.cells[2] for row in step_rows(run_set, [clear])] == ["helps"]


def test_only_what_is_undecided_wants_more_seeds(tmp_path):
    first = {name: [*values[:5], None, None, None] for name, values in LOOKS.items()}
    run_set = read_run_set(write_ladder(tmp_path, first))
    base, clear, unclear = run_set.rungs
    pairs = [(clear, base), (unclear, clear)]
    assert open_pairs(run_set, pairs, (3, 5, 8)) == [(unclear, clear)]
    assert open_pairs(run_set, pairs, (8,)) == pairs  # no look could be taken


def test_a_look_waits_for_all_that_is_open(tmp_path):
    part = {name: [*values[:4], None, None, None, None] for name, values in LOOKS.items()}
    run_set = in_study(write_ladder(tmp_path, part), looks=[3, 5, 8])
    spent = [one.verdict.error for one in judgements(run_set).values()]
    assert spent == pytest.approx([0.05 * (3 / 8) ** 3] * 2)


def test_the_headline_says_what_would_decide_the_undecided(tmp_path):
    accuracies = {"baseline": [0.85, 0.865, 0.84, 0.85], "maybe": [0.86, 0.85, 0.85, 0.87]}
    run_set = read_run_set(write_ladder(tmp_path, accuracies))
    text = " ".join(headline(run_set, judgements(run_set)))
    outlook = judgements(run_set)["01-maybe"].outlook
    assert f"4 seeds show {100 * outlook.detectable:.2g} points with a chance of 80%" in text
    assert f"seen would take about {outlook.seeds_needed:.0f})" in text
    assert "Undecided: 01-maybe." in text


def test_the_largest_gain_of_a_best_seed_is_told(tmp_path):
    accuracies = {"baseline": [0.80, 0.81, 0.79], "noise": [0.86, 0.90, 0.85]}
    run_set = read_run_set(write_ladder(tmp_path, accuracies))
    text = " ".join(headline(run_set, judgements(run_set)))
    assert "a rung's best seed is up to 3 points better than the mean of its seeds" in text


def test_the_lowest_and_the_highest_correlation_of_pairs_are_told(tmp_path):
    accuracies = {
        "baseline": [0.80, 0.81, 0.79],
        "noise": [0.86, 0.88, 0.85],
        "l2": [0.87, 0.86, 0.88],
    }
    low, high = (
        np.corrcoef(accuracies[one], accuracies["noise"])[0, 1] for one in ("l2", "baseline")
    )
    run_set = read_run_set(write_ladder(tmp_path, accuracies))
    text = " ".join(headline(run_set, judgements(run_set)))
    assert f"the two figures of a pair correlate by {low:+.2f} to {high:+.2f}." in text


def test_no_more_points_are_told_of_than_there_are(tmp_path):
    accuracies = {"baseline": [0.55, 0.95], "maybe": [0.9, 0.5]}
    run_set = read_run_set(write_ladder(tmp_path, accuracies))
    judged = judgements(run_set)
    assert judged["01-maybe"].outlook.detectable > 1
    assert "(2 seeds cannot be counted on to show any difference;" in " ".join(
        headline(run_set, judged)
    )
