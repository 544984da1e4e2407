"""Figures and settings far below 1: they are not rounded away, in tables, words or pictures."""

import json

import numpy as np
import pandas as pd
import pytest
from bokeh.core.serialization import Deserializer
from ladder_on_disk import write_ladder

from trickbook.reports.figures.ladder_figure import ladder_figure
from trickbook.reports.figures.live_panels import LiveLine, LivePanel, panels_json
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.pages.tables import rounded
from trickbook.reports.read.run_set import read_run_set

ERRORS = {"baseline": [5.12e-7, 5.18e-7, 5.11e-7], "noise": [4.31e-7, 4.39e-7, 4.40e-7]}


def study_of(folder, rungs, kind, details, **facts):
    """A study of this kind whose validation figures are those of the rungs."""
    write_ladder(folder, rungs)
    ladder = json.loads((folder / "ladder.json").read_text())
    ladder |= {"kind": kind, "details": details} | facts
    (folder / "ladder.json").rename(folder / f"{kind}-a.json")
    (folder / f"{kind}-a.json").write_text(json.dumps(ladder))
    return write_study(folder, f"{kind}-a")


def test_the_table_of_a_ladder_keeps_the_digits_of_small_errors(tmp_path):
    write_study(write_ladder(tmp_path, ERRORS), "ladder")
    table = pd.read_csv(tmp_path / "ladder.csv")
    means = [np.mean(values) for values in ERRORS.values()]
    assert table["val_accuracy"].tolist() == pytest.approx(means, rel=1e-3)
    assert table["delta"][1] == pytest.approx(means[1] - means[0], rel=1e-3)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (2 / 3, 0.666667),
        (0.0012345678, 0.001235),
        (9.31481481, 9.314815),
        (1234.5678915, 1234.567892),
        (5.12345e-7, 5.123e-7),
        # What is left of a sum of equal figures.
        (0.1 + 0.2 - 0.3, 0.0),
    ],
)
def test_ordinary_figures_have_six_decimals_and_small_ones_four_digits(value, shown):
    assert rounded(value) == shown
    assert str(rounded(-value)) == str(-shown + 0.0)


def test_the_settings_of_a_sweep_are_told_as_they_are(tmp_path):
    values = [1e-7, 3.16228e-7, 0.1234567]
    axis = {"name": "l2.weight", "log": True, "low": 0.0, "high": None, "own": {}}
    points = [
        {"arm": arm, "rung": "01-l2", "values": {"l2.weight": one}}
        for arm, one in enumerate(values)
    ]
    rungs = {f"x{value}": [0.7 + value, 0.71, 0.72] for value in values}
    study_of(tmp_path, rungs, "sweep", {"axes": [axis], "draws": None, "points": points})
    assert pd.read_csv(tmp_path / "sweep-a.csv")["l2.weight"].tolist() == values


def test_a_rungs_label_in_the_ladders_picture_shows_a_small_error(tmp_path):
    rungs = read_run_set(write_ladder(tmp_path, ERRORS)).rungs
    (right,) = ladder_figure(rungs).axes[0].child_axes
    assert [label.get_text() for label in right.get_yticklabels()] == ["5.14e-07", "4.37e-07"]


@pytest.mark.parametrize(("floor", "told"), [(2e-6, "2e-06"), (0.0, "0")])
def test_the_floor_of_a_law_of_small_errors_is_told(tmp_path, floor, told):
    sizes = [32, 64, 128, 256, 512, 1024]
    rungs = {f"n={n}": [floor + 1.5e-4 * n**-0.6] * 2 for n in sizes}
    points = [{"arm": arm, "rung": "a", "size": size} for arm, size in enumerate(sizes)]
    task = {"metric": "accuracy", "direction": "min"}
    details = {"sizes": sizes, "points": points}
    page = study_of(tmp_path, rungs, "sample-size", details, task=task).markdown
    assert f"Its validation error follows {told} + 0.00015 n^-0.60" in page


def test_a_line_of_small_values_keeps_its_form():
    values = np.array([5.12e-7, 4.31e-7, 4.4e-7])
    line = LiveLine("loss", "#000000", np.arange(3), values)
    text = panels_json([LivePanel("loss", [line])])
    (figure,) = Deserializer().deserialize(json.loads(text)["doc"]["roots"])
    (drawn,) = [one for one in figure.renderers if one.name == "loss"]
    np.testing.assert_allclose(drawn.data_source.data["y"], values, rtol=1e-6)
