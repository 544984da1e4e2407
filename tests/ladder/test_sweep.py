"""Sweeps: which values a setting is given, and what they show."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from ladder_on_disk import write_ladder
from scipy.stats import ttest_rel
from typer.testing import CliRunner

from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.cli import carry_out
from trickbook.ladder.cli.main import app
from trickbook.ladder.studies import sweep
from trickbook.ladder.studies.axis import read_axis
from trickbook.ladder.studies.rung_settings import NamedSetting
from trickbook.recipes import (
    Augmentation,
    BatchNorm,
    BatchSize,
    Blueprint,
    Dropout,
    RecipeError,
    Wider,
    compose,
)
from trickbook.reports.analysis.sweep_points import best_of_rungs, best_points, edges, sweep_points
from trickbook.reports.figures.sweep_figure import sweep_figure
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set

RATE = NamedSetting("learning_rate", 1e-3, None)
SIZE = NamedSetting("batch_size", 8, None)
BASE = Blueprint(filters=(2,), dense=(4,), batch_size=8)
LADDER = Ladder("digits", [BatchNorm(), Dropout(rate=0.3), Wider()], baseline=BASE, seeds=2)


def blueprints(sweep):
    return {arm.name: arm.blueprint for arm in sweep.study().arms}


@pytest.mark.parametrize(
    ("setting", "text", "values"),
    [
        (RATE, "0.1:0.7:7", [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7]),
        (RATE, "1e-4:1e-1:4:log", [1e-4, 1e-3, 1e-2, 1e-1]),
        (RATE, "0:1", [0, 0.25, 0.5, 0.75, 1]),
        (SIZE, "4:7:7", [4, 5, 6, 7]),
        (RATE, "0.5,0.1", [0.1, 0.5]),
        (NamedSetting("a.fill_mode", "nearest", None), "wrap,nearest", ["wrap", "nearest"]),
        (RATE, [0.2, 0.1], [0.1, 0.2]),
        (RATE, np.linspace(0.1, 0.3, 3, dtype="float32"), [0.1, 0.2, 0.3]),
        (RATE, list(np.float32([0.7, 0.1])), [0.1, 0.7]),
        (SIZE, np.arange(4, 7), [4, 5, 6]),
        (RATE, 0.3, [0.3]),
        (SIZE, np.int64(4), [4]),
    ],
)
def test_values_are_read_as_ranges_and_lists(setting, text, values):
    # Exactly: 0.30000000000000004 would be another training than 0.3.
    found = read_axis(setting, text).values
    assert list(found) == values
    # A number of NumPy's goes into no JSON, and has another name.
    assert [type(one) for one in found] == [type(setting.value)] * len(found)


@pytest.mark.parametrize("text", ["0.7:0.1:5", "0:1:3:log", "0.1:0.5:1", "a:b:3", "", "1,1"])
def test_values_that_are_none_are_refused(text):
    with pytest.raises(LadderError, match="learning_rate is given values as LOW:HIGH:COUNT"):
        read_axis(RATE, text)


@pytest.mark.parametrize(
    ("setting", "values"),
    [(SIZE, "16,48.5"), (SIZE, [16, 48.5]), (SIZE, "5,inf"), (RATE, "0.1,nan"), (RATE, "0:inf:3")],
)
def test_numbers_that_a_setting_cannot_have_are_refused(setting, values):
    with pytest.raises(LadderError, match=f"{setting.name} is given values as .*numbers"):
        read_axis(setting, values)


def test_a_wide_list_is_drawn_by_its_ratios():
    assert read_axis(RATE, [1e-4, 1e-3, 1e-2]).is_log
    assert not read_axis(RATE, [1e-3, 1e-2]).is_log
    assert not read_axis(RATE, [0.0, 1e-2, 1.0]).is_log


def test_an_arm_is_its_rung_with_other_settings():
    arms = blueprints(
        LADDER.sweep_of(["dropout"], {"dropout.rate": [0.3, 0.5], "learning_rate": [0.01]})
    )
    assert list(arms) == [
        "02-dropout,dropout.rate=0.3,learning_rate=0.01",
        "02-dropout,dropout.rate=0.5,learning_rate=0.01",
    ]
    base = BASE.with_settings(learning_rate=0.01)
    assert list(arms.values()) == [
        compose(base, [BatchNorm(), Dropout(rate=rate)]) for rate in (0.3, 0.5)
    ]


def test_a_tricks_name_means_all_its_uses_and_a_number_one_of_them():
    tricks = [Augmentation(zoom=0.1), [Wider(), Augmentation(zoom=0.2)], Wider()]
    ladder = Ladder("digits", tricks, baseline=BASE)
    (both,) = blueprints(ladder.sweep_of([3], {"wider.factor": [2.0]})).values()
    (second,) = blueprints(ladder.sweep_of([3], {"wider#2.factor": [2.0]})).values()
    assert (both.filters, second.filters) == ((8,), (6,))


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ({"dropout.rat": [0.1]}, "02-dropout has no setting 'dropout.rat'. Did you mean"),
        ({"l2.weight": [0.1]}, "02-dropout has no setting 'l2.weight'"),
        ({"learning-rate": [0.1]}, "Did you mean 'learning_rate'?"),
        ({}, "needs a rung and a setting"),
    ],
)
def test_an_unknown_setting_is_refused_and_the_nearest_named(over, told):
    with pytest.raises(LadderError, match=told.replace(".", r"\.").replace("?", r"\?")):
        LADDER.sweep_of([2], over)


def test_a_setting_that_does_nothing_in_a_rung_is_refused():
    rows = Ladder("breast_cancer", [BatchNorm()])
    with pytest.raises(LadderError, match="convolutions means nothing to the network of 01-batch"):
        rows.sweep_of([1], {"convolutions": "1:3:3"})
    larger = Ladder("digits", [BatchSize(size=32)], baseline=BASE)
    with pytest.raises(LadderError, match="batch_size changes nothing in 01-batch_size"):
        larger.sweep_of([1], {"batch_size": "8,16"})


def test_a_value_out_of_range_is_refused_with_its_arm():
    with pytest.raises(RecipeError, match=r"02-dropout,dropout\.rate=1\.5: .*below 1"):
        LADDER.sweep_of([2], {"dropout.rate": [1.5]}).study()


def test_the_report_is_told_which_arm_is_which_and_what_its_setting_may_be():
    over = {"dropout.rate": "0.1,0.3", "learning_rate": "1e-4:1e-1:4:log"}
    study = LADDER.sweep_of([2, 3], over).study()
    points = study.details["points"]
    assert [one["arm"] for one in points] == list(range(16))
    for point in points:
        values = ",".join(f"{name}={value}" for name, value in point["values"].items())
        assert study.arms[point["arm"]].name == f"{point['rung']},{values}"
    rungs = ("02-dropout", "03-wider")
    # A rate of dropout may be 0, but not 1. A learning rate may not be 0, and has no largest value.
    assert study.details["axes"] == [
        {
            "name": "dropout.rate",
            "log": False,
            "low": 0,
            "high": None,
            "own": dict.fromkeys(rungs, 0.3),
        },
        {
            "name": "learning_rate",
            "log": True,
            "low": None,
            "high": np.inf,
            "own": dict.fromkeys(rungs, 1e-3),
        },
    ]


def test_combinations_are_a_grid_or_drawn_on_the_settings_scales():
    over = {"dropout.rate": "0.1:0.5:3", "learning_rate": "1e-4:1e-1:4:log"}
    assert len(LADDER.sweep_of([2], over).study().arms) == 12
    drawn = LADDER.sweep_of([2], over, random=400).study()
    assert drawn == LADDER.sweep_of([2], over, random=400).study()
    rates = np.array([one["values"]["learning_rate"] for one in drawn.details["points"]])
    assert len(rates) == 400
    assert rates.min() >= 1e-4
    assert rates.max() <= 1e-1
    # Half of the draws lie below the middle of the scale, 10 ** -2.5.
    assert abs((rates < 10**-2.5).mean() - 0.5) < 0.1


CENTRES = {0.1: 0.80, 0.2: 0.903, 0.3: 0.90, 0.4: 0.82}


def sweep_on_disk(folder, centres, seeds=6, setting="dropout.rate"):
    """A sweep of one setting, its figures of six seeds."""
    noise = np.random.default_rng(5).normal(0, 0.01, (len(centres), 6))[:, :seeds]
    rows = [(center + noise[row]).tolist() for row, center in enumerate(centres.values())]
    write_ladder(folder, {f"x{value}": row for value, row in zip(centres, rows, strict=True)})
    content = json.loads((folder / "ladder.json").read_text())
    facts = {"name": setting, "log": False, "low": 0.0, "high": None, "own": {}}
    content["kind"] = "sweep"
    content["details"] = {
        "axes": [facts],
        "draws": None,
        "points": [
            {"arm": arm, "rung": "02-dropout", "values": {setting: value}}
            for arm, value in enumerate(centres)
        ],
    }
    (folder / "ladder.json").unlink()
    (folder / "sweep-d.json").write_text(json.dumps(content))
    return dict(zip(centres, map(np.array, rows), strict=True))


def test_the_report_tells_the_best_value_and_which_are_worse_by_more_than_chance(tmp_path):
    values = sweep_on_disk(tmp_path, CENTRES)
    report = write_study(tmp_path, "sweep-d")
    assert "best by validation is dropout.rate 0.2" in report.markdown
    frame = report.frame.set_index("dropout.rate")
    assert list(frame.index[frame["is_best"]]) == [0.2]
    interval = ttest_rel(values[0.4], values[0.2]).confidence_interval()
    assert frame["to_best_low"][0.4] == pytest.approx(interval.low, abs=1e-5)
    assert frame["to_best_high"][0.4] == pytest.approx(interval.high, abs=1e-5)
    assert frame["val"][0.3] == pytest.approx(values[0.3].mean(), abs=1e-5)
    assert "2 of 3 others are worse by more than chance" in report.markdown
    assert {"sweep-d.md", "sweep-d.html", "sweep-d.csv", "sweep-d.png"} <= {
        path.name for path in tmp_path.iterdir()
    }
    assert "was tried, so a better one may lie beyond" not in report.markdown
    assert "test accuracy" not in report.markdown


@pytest.mark.parametrize(
    ("centres", "expected"),
    [
        ({0.1: 0.9, 0.2: 0.8}, [("dropout.rate", "lowest")]),
        ({0.1: 0.8, 0.2: 0.9}, [("dropout.rate", "highest")]),
        # Below 0 there is no dropout to try.
        ({0.0: 0.9, 0.2: 0.8}, []),
        ({0.1: 0.8, 0.2: 0.9, 0.3: 0.8}, []),
    ],
)
def test_a_best_value_on_the_edge_is_warned_of(tmp_path, centres, expected):
    sweep_on_disk(tmp_path, centres)
    run_set = read_run_set(tmp_path, "sweep-d")
    assert edges(run_set, best_points(sweep_points(run_set), run_set)["02-dropout"]) == expected
    assert ("may lie beyond" in write_study(tmp_path, "sweep-d").markdown) == bool(expected)


@pytest.mark.parametrize(
    ("centres", "expected"),
    [
        ({1: 0.8, 64: 0.9, 0: 0.8}, []),
        # More than the whole set there is not, and less than one example neither.
        ({1: 0.8, 64: 0.8, 0: 0.9}, []),
        ({1: 0.9, 64: 0.8, 0: 0.8}, []),
        ({8: 0.9, 64: 0.8, 0: 0.8}, [("batch_size", "lowest")]),
        ({1: 0.8, 64: 0.9}, [("batch_size", "highest")]),
    ],
)
def test_a_batch_size_of_0_stands_for_the_whole_training_set(tmp_path, centres, expected):
    sweep_on_disk(tmp_path, centres, setting="batch_size")
    run_set = read_run_set(tmp_path, "sweep-d")
    points = sweep_points(run_set)
    assert [point.values["batch_size"] for point in points] == list(centres)
    assert points[-1].sizes["batch_size"] == (200 if 0 in centres else 64)
    assert edges(run_set, best_points(points, run_set)["02-dropout"]) == expected
    (panel,) = sweep_figure(points, run_set.details["axes"], {}, "accuracy").axes
    assert panel.lines[0].get_xdata()[-1] == points[-1].sizes["batch_size"]


def test_zooming_adds_values_between_the_neighbours_of_the_best(tmp_path):
    sweep_on_disk(tmp_path, CENTRES)
    run_set = read_run_set(tmp_path, "sweep-d")
    assert best_of_rungs(run_set) == {"02-dropout": {"dropout.rate": 0.2}}
    first = LADDER.sweep_of([2], {"dropout.rate": "0.1:0.4:4"})
    points = first.zoomed(run_set).study().details["points"]
    values = [one["values"]["dropout.rate"] for one in points]
    assert values[:4] == [0.1, 0.2, 0.3, 0.4]
    assert values[4:] == pytest.approx([0.14, 0.18, 0.22, 0.26])
    # A second look at the first round alone changes nothing of it.
    assert first.study() == LADDER.sweep_of([2], {"dropout.rate": "0.1:0.4:4"}).study()


@pytest.mark.parametrize(
    ("over", "random"),
    [
        ({"dropout.rate": "0.1:0.4:4"}, None),
        ({"dropout.rate": "0.1:0.4:4", "learning_rate": "1e-3:4e-3:4"}, None),
        ({"dropout.rate": "0.1:0.4:4", "batch_size": "8,16,32"}, None),
        ({"dropout.rate": "0.1,0.2,0.4"}, None),
        ({"dropout.rate": "0.1:0.4:4", "learning_rate": "1e-3:4e-3:4"}, 7),
    ],
    ids=["a range", "two ranges", "a range and a list", "a list", "drawn"],
)
def test_how_many_runs_a_second_round_has_is_known_before_the_first(monkeypatch, over, random):
    first = LADDER.sweep_of([2], over, random)
    best = dict(first.swept[0].points[1])
    monkeypatch.setattr(sweep, "best_of_rungs", lambda run_set: {"02-dropout": best})
    before, after = (one.swept[0].points for one in (first, first.zoomed(None)))
    assert first.most_zoomed() == len(after) - len(before)


@pytest.mark.parametrize(
    ("best", "low", "high"),
    # Half of a range from 0.1 to 0.5 is 0.2 wide, and of three decades one and a half.
    [
        ((0.3, 1e-3), (0.2, 10**-3.75), (0.4, 10**-2.25)),
        ((0.12, 1e-1), (0.1, 10**-1.75), (0.22, 1e-1)),
    ],
    ids=["within", "at the ends"],
)
def test_drawn_points_are_drawn_again_within_half_of_each_range(monkeypatch, best, low, high):
    over = {"dropout.rate": "0.1:0.5:5", "learning_rate": "1e-4:1e-1:4:log"}
    first = LADDER.sweep_of([2], over, random=200)
    named = dict(zip(over, best, strict=True))
    monkeypatch.setattr(sweep, "best_of_rungs", lambda run_set: {"02-dropout": named})
    points = [[value for _, value in point] for point in first.zoomed(None).swept[0].points]
    drawn = np.array(points[200:])
    assert len(drawn) == 200
    for values, least, most, scale in zip(drawn.T, low, high, (np.asarray, np.log), strict=True):
        assert (values >= least * (1 - 1e-5)).all() and (values <= most * (1 + 1e-5)).all()
        # They lie all over it, evenly on the setting's scale.
        parts = (scale(values) - scale(least)) / (scale(most) - scale(least))
        assert np.histogram(parts, bins=4, range=(0, 1))[0].min() > 30


def test_a_best_value_that_is_met_again_makes_a_second_round_smaller(monkeypatch):
    first = LADDER.sweep_of([2], {"dropout.rate": "0.1:0.5:5"})
    best = {"dropout.rate": 0.3}
    monkeypatch.setattr(sweep, "best_of_rungs", lambda run_set: {"02-dropout": best})
    assert (first.most_zoomed(), len(first.zoomed(None).swept[0].points) - 5) == (5, 4)


@pytest.fixture
def carried_out(monkeypatch):
    """What `trickbook sweep` trains and what asks before it does, by call; and what it loses."""
    calls, lost = [], {}

    def run_study(study, out, options, *, approve):
        calls.append((study, approve, options))
        return SimpleNamespace(run_set=lambda: None, written=None, ok=True, lost=lost)

    best = {"03-dropout": {"dropout.rate": 0.2}}
    monkeypatch.setattr(sweep, "best_of_rungs", lambda run_set: best)
    monkeypatch.setattr(carry_out, "run_study", run_study)
    monkeypatch.setattr(carry_out, "print_report", lambda written: None)
    return calls, lost


def test_a_second_round_is_allowed_with_the_first(carried_out):
    flags = ["--over", "dropout.rate=0.1:0.4:4", "--zoom", "--seeds", "30"]
    result = CliRunner().invoke(app, ["sweep", "dropout", "digits", *flags])
    assert result.exit_code == 0
    assert "A second round, of at most 120 runs," in " ".join(result.output.split())
    (first, ask, _), (second, ask_again, _) = carried_out[0]
    assert (len(first.arms), len(second.arms)) == (4, 8)
    assert ask_again is None
    runs = list(range(120))
    with pytest.raises(
        LadderError,
        match="120 runs, 120 of them new, and at most 120 in a second round: more than 200",
    ):
        ask(SimpleNamespace(jobs=runs, missing=runs))
    ask(SimpleNamespace(jobs=runs, missing=runs[:80]))


def test_a_second_round_after_a_fresh_start_keeps_what_the_first_has_trained(
    carried_out, monkeypatch, tmp_path
):
    flags = ["--over", "dropout.rate=0.1:0.4:4", "--zoom", "--fresh"]
    CliRunner().invoke(app, ["sweep", "dropout", "digits", *flags])
    options = [options for _, _, options in carried_out[0]]
    assert [(one.fresh, one.read_test) for one in options] == [(True, False), (False, False)]
    from_python = []

    def run_study(study, out, options):
        from_python.append(options)
        return SimpleNamespace(run_set=lambda: None, lost={})

    monkeypatch.setattr("trickbook.ladder.ladder.run_study", run_study)
    over = {"dropout.rate": "0.1:0.4:4"}
    LADDER.sweep(tmp_path, "dropout", over, zoom=True, fresh=True, read_test=True)
    assert [(one.fresh, one.read_test) for one in from_python] == [(True, True), (False, True)]


def test_a_second_round_waits_until_the_first_is_whole(carried_out):
    calls, lost = carried_out
    lost["a"] = "its process was killed"
    flags = ["--over", "dropout.rate=0.1:0.4:4", "--zoom"]
    result = CliRunner().invoke(app, ["sweep", "dropout", "digits", *flags])
    assert len(calls) == 1
    assert "The second round waits until the first is complete: the same command goes on." in (
        " ".join(result.output.split())
    )


def test_a_second_round_from_python_waits_too(monkeypatch, tmp_path):
    calls = []

    def run_study(study, out, options):
        calls.append(study)
        return SimpleNamespace(lost={"a": "its process was killed"})

    monkeypatch.setattr("trickbook.ladder.ladder.run_study", run_study)
    LADDER.sweep(tmp_path, "dropout", {"dropout.rate": "0.1:0.4:4"}, zoom=True)
    assert len(calls) == 1


def test_values_that_differ_by_little_are_told_apart(tmp_path):
    sweep_on_disk(tmp_path, {0.99995: 0.8, 0.99999: 0.9})
    page = write_study(tmp_path, "sweep-d").markdown
    assert "best by validation is dropout.rate 0.99999," in page
    assert "| 02-dropout | 0.99995 |" in page


def test_one_seed_gives_a_best_value_and_says_that_it_is_not_told_apart(tmp_path):
    sweep_on_disk(tmp_path, CENTRES, seeds=1)
    text = write_study(tmp_path, "sweep-d").markdown
    assert "One seed gives no interval, so that nothing is decided" in text


def test_several_settings_have_a_panel_each_and_values_that_are_names_too(tmp_path):
    sweep_on_disk(tmp_path, CENTRES)
    path = tmp_path / "sweep-d.json"
    content = json.loads(path.read_text())
    content["details"]["axes"].append(
        {"name": "augmentation.fill_mode", "log": False, "low": None, "high": None, "own": {}}
    )
    for number, point in enumerate(content["details"]["points"]):
        point["values"]["augmentation.fill_mode"] = ["wrap", "nearest"][number % 2]
        point["rung"] = ["02-dropout", "03-wider"][number // 2]
    path.write_text(json.dumps(content))
    report = write_study(tmp_path, "sweep-d")
    assert "02-dropout: best by validation is dropout.rate 0.2, augmentation.fill_mode nearest" in (
        report.markdown
    )
    assert "Best against best: 03-wider at dropout.rate 0.3" in report.markdown
    assert list(report.frame["augmentation.fill_mode"]) == ["wrap", "nearest"] * 2


def test_a_value_at_which_runs_failed_is_told_and_not_compared(tmp_path):
    sweep_on_disk(tmp_path, CENTRES)
    path = next((tmp_path / "runs").glob("01-*0002*")) / "run.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"status": "failed"}))
    report = write_study(tmp_path, "sweep-d")
    assert "best by validation is dropout.rate 0.3" in report.markdown
    assert "02-dropout: runs failed at dropout.rate 0.2." in report.markdown
    frame = report.frame.set_index("dropout.rate")
    assert np.isnan(frame["to_best"][0.2])
    assert (frame["runs"][0.2], frame["failed"][0.2]) == (5, 1)


def test_a_rungs_number_may_be_numpys():
    over = {"dropout.rate": [0.3, 0.5]}
    assert LADDER.sweep_of(np.int64(2), over) == LADDER.sweep_of([2], over)
    assert [one.rung.index for one in LADDER.sweep_of("dropout", over).swept] == [2]
    with pytest.raises(LadderError, match=r"a rung's number or name, or a list.*Received: 2\.0"):
        LADDER.sweep_of(2.0, over)
