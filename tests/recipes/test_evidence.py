"""What cards say of a trick's worth, and how it is read from a gallery."""

import importlib.util
from pathlib import Path

import pytest

from trickbook.recipes import Dropout, Recipe
from trickbook.recipes.evidence import Evidence

ROOT = Path(__file__).parents[2]
FOUND = Evidence(
    study="digits",
    way="in the ladder",
    use="wider#2",
    together_with=("augmentation",),
    against="06-lr_decay",
    changed="filters: 16 -> 24",
    data="digits, 200 training images",
    seeds=5,
    metric="accuracy",
    difference=0.0087,
    low=-0.0030,
    high=0.0219,
    covers="seeds",
    verdict="undecided",
)


def other(**values):
    return Evidence(**{**FOUND.__dict__, **values})


def test_a_difference_of_accuracies_is_in_points_and_an_errors_in_its_unit():
    assert FOUND.worth == "+0.9 points (-0.3 to +2.2)"
    assert FOUND.text == (
        "digits, in the ladder (wider#2) with augmentation, against 06-lr_decay: +0.9 points "
        "(-0.3 to +2.2), 5 seeds: undecided. Changed: filters: 16 -> 24. Data: digits, 200 "
        "training images."
    )
    assert other(low=None, high=None, difference=-0.0001).worth == "+0.0 points"
    fell = other(metric="rmse", difference=2.5, low=1, high=4)
    assert fell.worth == "rmse better by +2.5 (+1 to +4)"


def test_a_card_ends_with_the_evidence_and_a_users_own_trick_has_none():
    lines = Dropout.card()["Evidence"].splitlines()
    assert lines == [one.text for one in Dropout.evidence()]
    assert any(line.startswith("digits, in the ladder, against ") for line in lines)

    class Mine(Recipe):
        """Mine."""

        name = "dropout"

    assert Mine.card() == {"What": "Mine."}


def test_a_use_that_is_one_of_several_is_named():
    first = other(use="wider", together_with=())
    assert first.text.startswith("digits, in the ladder, against 06-lr_decay: +0.9")
    elu = other(study="levels", way="alone", use="activation,kind=elu", together_with=())
    assert elu.text.startswith("levels, alone (activation,kind=elu), against")


@pytest.fixture
def evidence_of():
    path = ROOT / "reports" / "gallery" / "update_evidence.py"
    spec = importlib.util.spec_from_file_location("update_evidence", path)
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script.evidence


REPORT = "- Data, name: digits\n- Data, images: 200 training and 1,237 validation\n"
LADDER = """\
rung,recipe,changed,runs,delta,delta_low,delta_high,best_val_accuracy,verdict,judged_delta,\
judged_low,judged_high,interval_covers,judged_seeds,name
0,baseline,,5,,,,0.9,,,,,,,
1,wider,filters: 8 -> 12,5,0.02,0.01,0.03,0.9,helps,0.021,0.009,0.033,seeds and examples,4,
2,wider+dropout,filters: 12 -> 18,5,0.01,0.001,0.02,0.9,undecided,0.01,-0.01,0.03,\
seeds and examples,5,
3,my_tricks:Gate,,5,0.01,0.001,0.02,0.9,undecided,0.01,-0.01,0.03,seeds and examples,5,03-gate
4,noise,,1,0.03,,,0.9,undecided,0.03,,,,1,
5,l2,,5,0.0,0.0,0.0,0.9,undecided,0.0,0.0,0.0,,5,
6,l1,,5,0.001,0.0,0.002,0.9,no difference larger than 0.01,0.001,0.0,0.002,seeds,5,
"""
OF_BEFORE = "no difference larger than 0.01"
ABLATION = """\
trick,alone,alone_low,alone_high,alone_verdict,alone_seeds,alone_covers,left_out,left_out_low,\
left_out_high,left_out_verdict,left_out_seeds,left_out_covers
wider,0.03,0.02,0.04,helps,10,seeds,-0.01,-0.02,-0.001,hurts,10,seeds
wider#2,,,,undecided,0,,0.001,-0.002,0.004,no difference,10,seeds and examples
"""


def test_a_margin_is_told_from_the_table_whether_it_has_a_column_or_not(tmp_path, evidence_of):
    (tmp_path / "study").mkdir()
    header, *rows = LADDER.replace(OF_BEFORE, "no difference").splitlines()
    ladder = "\n".join([f"{header},margin", *(f"{row},0.02" for row in rows), ""])
    header, *rows = ABLATION.splitlines()
    ablation = "\n".join([f"{header},margin", *(f"{row},0.02" for row in rows), ""])
    for name, text in {
        "ladder.csv": ladder,
        "ablation.csv": ablation,
        "report.md": REPORT,
        "ablation.md": REPORT,
    }.items():
        (tmp_path / "study" / name).write_text(text)
    found = evidence_of(tmp_path)
    assert [one["verdict"] for one in found["l1"]] == ["no difference larger than 2 points"]
    assert found["wider"][-1]["verdict"] == "no difference larger than 2 points"
    assert found["wider"][0]["verdict"] == "helps"


def test_the_verdicts_of_a_gallery_are_read_from_its_tables(tmp_path, evidence_of):
    (tmp_path / "study").mkdir()
    for name, text in {
        "ladder.csv": LADDER,
        "ablation.csv": ABLATION,
        "report.md": REPORT,
        "ablation.md": REPORT,
    }.items():
        (tmp_path / "study" / name).write_text(text)
    found = evidence_of(tmp_path)
    known = {name for name, entries in found.items() if entries}
    assert known == {"wider", "dropout", "noise", "l2", "l1"}
    first, second, *ablated = found["wider"]
    assert first == {
        "study": "study",
        "way": "in the ladder",
        "use": "wider",
        "together_with": [],
        "against": "00-baseline",
        "changed": "filters: 8 -> 12",
        "data": "digits, 200 training and 1,237 validation images",
        "seeds": 4,
        "metric": "accuracy",
        "difference": 0.021,
        "low": 0.009,
        "high": 0.033,
        "covers": "seeds and examples",
        "verdict": "helps",
    }
    assert (second["use"], second["together_with"]) == ("wider#2", ["dropout"])
    assert (second["against"], second["changed"]) == ("01-wider", "filters: 12 -> 18")
    assert [(one["use"], one["way"], one["verdict"]) for one in ablated] == [
        ("wider", "alone", "helps"),
        ("wider", "left out", "hurts"),
        ("wider#2", "left out", "no difference"),
    ]
    assert [one["against"] for one in ablated] == [
        "the baseline",
        "the full stack without it",
        "the full stack without it",
    ]
    (single,) = found["noise"]
    assert (single["low"], single["seeds"], single["covers"]) == (None, 1, "seeds")
    assert (single["against"], single["changed"]) == ("03-gate", "")
    (tied,), (alike,) = found["l2"], found["l1"]
    assert (tied["difference"], tied["low"], tied["high"]) == (0.0, None, None)
    assert alike["verdict"] == "no difference larger than 1 point"


WITH_VIEWS = """\
rung,recipe,changed,runs,best_val_accuracy,verdict,judged_delta,judged_low,judged_high,\
interval_covers,judged_seeds,views_gain,views_gain_low,views_gain_high
0,baseline,,2,0.9,,,,,,,,,
1,noise+l2+dropout+wider,,2,0.9,undecided,0.13,0.1,0.2,seeds,2,,,
2,augmentation+test_time_augmentation,,2,0.9,undecided,0.01,-0.1,0.2,seeds,2,0.006,0.004,0.009
"""


def test_views_are_worth_what_they_gain_and_a_rung_of_many_tricks_tells_of_none(
    tmp_path, evidence_of
):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "ladder.csv").write_text(WITH_VIEWS)
    (tmp_path / "study" / "report.md").write_text(REPORT)
    found = evidence_of(tmp_path)
    known = {name for name, entries in found.items() if entries}
    assert known == {"augmentation", "test_time_augmentation"}
    (moved,), (views,) = found["augmentation"], found["test_time_augmentation"]
    assert (moved["difference"], moved["together_with"]) == (0.01, [])
    assert (views["difference"], views["low"], views["high"]) == (0.006, 0.004, 0.009)
    assert (views["seeds"], views["together_with"]) == (2, [])
    assert views["verdict"] == "not judged"  # no report judges what views gain


LEVELS = """\
level,trick,metric,delta,delta_low,delta_high,delta_p,delta_seeds,delta_covers,verdict
training,"activation,kind=elu",accuracy,0.02,0.01,0.03,0.001,5,seeds and examples,helps
training,"activation,kind=tanh",accuracy,-0.02,-0.03,-0.01,0.001,5,seeds and examples,hurts
architecture,wider+dropout,accuracy,,,,,0,,undecided
"""


def test_each_use_of_a_study_by_level_counts_for_its_trick(tmp_path, evidence_of):
    folder = tmp_path / "levels"
    folder.mkdir()
    (folder / "levels.csv").write_text(LEVELS)
    (folder / "levels.md").write_text(REPORT)
    found = evidence_of(tmp_path)
    assert [(one["use"], one["verdict"]) for one in found["activation"]] == [
        ("activation,kind=elu", "helps"),
        ("activation,kind=tanh", "hurts"),
    ]
    assert found["wider"] == []
