"""Which rung is called the best, and which never is."""

import json

import pytest
from ladder_on_disk import write_ladder, write_run

from trickbook.ladder.cli.printed_tables import print_report
from trickbook.reports.analysis.best_rung import best_rung, majority_share, why_never_best
from trickbook.reports.analysis.comparable_runs import compare
from trickbook.reports.analysis.judgements import judgements
from trickbook.reports.pages.headline import headline
from trickbook.reports.pages.report import runs_frame, write_report
from trickbook.reports.read.run_set import read_run_set

# In validation the largest class has another share than in training.
UNEQUAL = {"train": [160, 29], "val": [50, 4], "test": [25, 2]}


def with_data(folder, **data):
    path = folder / "ladder.json"
    ladder = json.loads(path.read_text())
    ladder["data"] |= data
    path.write_text(json.dumps(ladder))
    return folder


def with_metrics(folder, rung, **metrics):
    for path in folder.glob(f"runs/{rung:02d}-*/metrics.json"):
        path.write_text(json.dumps(json.loads(path.read_text()) | metrics))


def best_of(folder):
    best = best_rung(read_run_set(folder))
    return best and best.name


def test_a_rung_that_only_calls_everything_the_largest_class_is_never_best(tmp_path):
    share = 50 / 54
    rungs = {"baseline": [share, share], "noise": [share - 0.1, share - 0.2]}
    folder = with_data(write_ladder(tmp_path, rungs), class_counts=UNEQUAL)
    assert majority_share(read_run_set(folder)) == pytest.approx(share)
    assert best_of(folder) is None
    report = write_report(folder)
    assert "No rung is called the best." in report.markdown
    assert "calling every image the largest class is right as often (0.926)" in report.markdown
    assert "cat 160 and 50" in report.markdown
    assert "right on 92.6% of the validation images" in report.markdown


def test_a_mean_that_rounding_lifts_above_the_largest_class_is_not_best(tmp_path):
    share = 16 / 20
    assert sum([share] * 3) / 3 > share
    counts = {"train": [32, 8], "val": [16, 4], "test": [16, 4]}
    folder = with_data(write_ladder(tmp_path, {"baseline": [share] * 3}), class_counts=counts)
    assert best_of(folder) is None


def test_balanced_accuracy_stands_beside_accuracy_where_classes_differ(tmp_path):
    folder = with_data(write_ladder(tmp_path, {"baseline": [0.95]}), class_counts=UNEQUAL)
    with_metrics(folder, 0, val_balanced_accuracy=0.625)
    report = write_report(folder)
    assert best_of(folder) == "00-baseline"
    assert "| balanced |" in report.markdown
    assert "0.625" in report.markdown
    assert report.frame["val_balanced_accuracy"].tolist() == [0.625]
    equal = {"train": [100, 100], "val": [27, 27], "test": [9, 9]}
    assert "| balanced |" not in write_report(with_data(folder, class_counts=equal)).markdown


def test_a_balanced_accuracy_that_decides_has_one_column(tmp_path):
    folder = with_data(write_ladder(tmp_path, {"baseline": [0.9]}), class_counts=UNEQUAL)
    balanced = {"name": "classification", "metric": "balanced_accuracy", "direction": "max"}
    ladder = json.loads((folder / "ladder.json").read_text())
    (folder / "ladder.json").write_text(json.dumps({**ladder, "task": balanced}))
    for path in folder.glob("runs/*/run.json"):
        path.write_text(json.dumps({**json.loads(path.read_text()), "task": balanced}))
    figures = {"train": 0.75, "val": 0.625, "test": 0.6, "best_val": 0.65}
    with_metrics(folder, 0, **{f"{one}_balanced_accuracy": figures[one] for one in figures})
    report = write_report(folder)
    assert "| balanced |" not in report.markdown
    assert report.frame["val_balanced_accuracy"].tolist() == [0.625]
    assert runs_frame(folder)["val_balanced_accuracy"].tolist() == [0.625]
    assert best_of(folder) == "00-baseline"
    with_metrics(folder, 0, val_balanced_accuracy=0.5)
    assert best_of(folder) is None
    text = "calling every image one class has as high a balanced accuracy (0.500)"
    assert text in write_report(folder).markdown


def test_of_equals_the_lowest_rung_is_best(tmp_path):
    rungs = {"baseline": [0.7, 0.8], "noise": [0.8, 0.9], "l2": [0.9, 0.8]}
    assert best_of(write_ladder(tmp_path, rungs)) == "01-noise"


def test_a_rung_whose_cross_entropy_was_no_number_is_never_best(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8], "noise": [0.9, 0.9]})
    with_metrics(folder, 1, val_cross_entropy=None)
    assert best_of(folder) == "00-baseline"


@pytest.mark.parametrize("value", [1e15, 12.0])
def test_a_rung_of_an_absurd_cross_entropy_is_never_best(tmp_path, value):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8], "noise": [0.9, 0.9]})
    assert best_of(folder) == "01-noise"
    with_metrics(folder, 1, val_cross_entropy=value)
    assert best_of(folder) == "00-baseline"
    run_set = read_run_set(folder)
    assert "far above that of guessing, 0.69" in why_never_best(run_set.rungs[1], run_set)
    with_metrics(folder, 1, val_cross_entropy=1.2)
    assert best_of(folder) == "01-noise"


def test_a_rung_of_survivors_is_never_best(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.8, 0.8], "noise": [0.9, "failed"]})
    assert best_of(folder) == "00-baseline"
    assert "Never called the best: 1 of its 2 runs failed." in write_report(folder).markdown


def of_a_regression(folder, unread=()):
    """A ladder that an RMSE decides, without the figures of some splits."""
    write_ladder(folder, {"baseline": [60.0, 62.0], "noise": [55.0, 59.0]})
    for path in [folder / "ladder.json", *folder.glob("runs/*/run.json")]:
        task = {"name": "regression", "metric": "rmse", "direction": "min"}
        path.write_text(json.dumps(json.loads(path.read_text()) | {"task": task}))
    for path in folder.glob("runs/*/metrics.json"):
        text = path.read_text().replace("_accuracy", "_rmse")
        metrics = json.loads(text)
        del metrics["confusion"], metrics["classes"]
        metrics |= {"train_rmse": 50.0} | {f"{split}_rmse": None for split in unread}
        path.write_text(json.dumps(metrics))
    for path in folder.glob("runs/*/history.csv"):
        path.write_text(path.read_text().replace("accuracy", "rmse"))
    return folder


@pytest.mark.parametrize("unread", [("test",), ("val", "test")])
def test_the_table_of_a_regression_stands_where_figures_are_not_known(tmp_path, capsys, unread):
    report = write_report(of_a_regression(tmp_path, unread))
    assert {"train_rmse", "val_rmse", "test_rmse"} < set(report.frame)
    print_report(report)
    assert "noise" in capsys.readouterr().out


def test_the_lowest_error_is_best_where_less_is_better(tmp_path):
    folder = of_a_regression(tmp_path)
    assert best_of(folder) == "01-noise"
    report = write_report(folder)
    row = report.frame.iloc[1]
    assert (row["val_rmse"], row["delta"], row["gap"]) == (57.0, 4.0, 7.0)
    assert "| 7.000 |" in report.markdown
    assert {"train_rmse", "test_rmse", "best_val_rmse", "val_rmse_std"} < set(report.frame)
    assert not [name for name in report.frame if "accuracy" in name and name[:4] != "test"]
    assert "a validation RMSE of 57.000" in report.markdown
    assert "Above zero is better: it fell." in report.markdown
    assert "Undecided: 01-noise. Above zero is better" in report.markdown
    assert "01-noise (2 seeds show " in report.markdown
    assert "accuracy" not in report.markdown
    assert not report.markdown.count("Which classes are confused")


def flat(folder, name, seed, val, data=None, **task):
    write_run(folder / f"{name}-{seed}", name, seed, val, data=data, **task)


def test_without_a_ladder_too_the_majority_alone_is_never_best(tmp_path):
    data = {"name": "mine", "classes": ["cat", "dog"], "class_counts": UNEQUAL}
    for seed in (0, 1):
        flat(tmp_path, "lazy", seed, 50 / 54, data)
        flat(tmp_path, "keen", seed, 0.95, data)
    text = write_report(tmp_path).markdown
    assert "keen" in text.split("\n\n")[1]
    for path in tmp_path.glob("keen-*"):
        path.rename(tmp_path / f"gone-{path.name}").joinpath("run.json").unlink()
    (comparison,) = compare(read_run_set(tmp_path))
    assert comparison.best is None


def test_without_a_ladder_the_task_of_the_runs_decides(tmp_path):
    for name, val in (("low", 5.0), ("high", 9.0)):
        task = {"name": "regression", "metric": "rmse", "direction": "min"}
        flat(tmp_path, name, 0, val, task=task)
        path = tmp_path / f"{name}-0" / "history.csv"
        path.write_text(path.read_text().replace("accuracy", "rmse"))
    (comparison,) = compare(read_run_set(tmp_path))
    assert comparison.metric.name == "rmse"
    assert comparison.best.name == "low"


def test_a_rung_of_which_runs_are_missing_waits(tmp_path):
    rungs = {
        "baseline": [0.90, 0.91, 0.92],
        "noise": [0.93, 0.92, 0.91],
        "lucky": ["running", 0.94, None],
    }
    run_set = read_run_set(write_ladder(tmp_path, rungs))
    assert best_rung(run_set).name == "01-noise"
    (opening, *_) = headline(run_set, judgements(run_set))
    assert opening.endswith("Left out until all of their seeds are done: 02-lucky.")


@pytest.mark.parametrize("missing", [None, "running"])
def test_means_over_other_seeds_do_not_compare(tmp_path, missing):
    """A study that was stopped: seed 1 is a bad one, and the upper rung has not had it yet."""
    rungs = {"baseline": [0.90, 0.80, missing], "noise": [0.89, missing, missing]}
    run_set = read_run_set(write_ladder(tmp_path, rungs))
    assert best_rung(run_set).name == "00-baseline"
    (opening, *_) = headline(run_set, judgements(run_set))
    assert opening.endswith("It was chosen by the 1 seed that all compared rungs have.")


def test_of_arms_that_gained_seeds_the_seeds_that_all_have_decide(tmp_path):
    write_ladder(tmp_path, {"baseline": [0.90, 0.91, 0.80], "noise": [0.89, 0.90, None]})
    path = tmp_path / "ladder.json"
    study = json.loads(path.read_text())
    del study["rungs"][1]["fingerprints"]["2"]  # it was decided before
    path.write_text(json.dumps(study))
    assert best_of(tmp_path) == "00-baseline"


def test_rungs_that_share_no_seed_are_told_as_such(tmp_path):
    run_set = read_run_set(write_ladder(tmp_path, {"baseline": [0.9, None], "noise": [None, 0.91]}))
    assert best_rung(run_set).name == "01-noise"
    (opening, *_) = headline(run_set, judgements(run_set))
    assert opening.endswith(
        "No seed is done in all rungs, so that these are means over different seeds."
    )


def test_numbers_told_no_better_than_by_their_mean_are_never_best(tmp_path):
    folder = of_a_regression(tmp_path)
    with_metrics(folder, 0, val_r2=0.2)
    with_metrics(folder, 1, val_r2=-0.1)
    assert best_of(folder) == "00-baseline"
    why = "predicting the mean for every image is as good (R2 -0.100)"
    assert f"Never called the best: {why}." in write_report(folder).markdown
    with_metrics(folder, 1, val_r2=0.3)
    assert best_of(folder) == "01-noise"


@pytest.mark.parametrize(("horizon", "best"), [(1, "00-baseline"), (3, "01-noise")])
def test_the_next_row_of_a_series_is_told_better_than_by_the_row_before(tmp_path, horizon, best):
    folder = with_data(
        of_a_regression(tmp_path),
        ordered=True,
        table={"windows": {"length": 4, "horizon": horizon}},
    )
    with_metrics(folder, 0, val_r2=0.2, val_mase=0.9)
    with_metrics(folder, 1, val_r2=0.3, val_mase=1.1)
    assert best_of(folder) == best
