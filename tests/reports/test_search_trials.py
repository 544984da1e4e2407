"""What is read and drawn of a search's trials: flattery, the best so far, scales of settings."""

import json
import math

import numpy as np
import pandas as pd
import pytest
from ladder_on_disk import write_ladder, write_run
from matplotlib.colors import to_rgb

from trickbook.reports.analysis.search_trials import (
    best_so_far,
    flattery,
    search_trials,
)
from trickbook.reports.figures.best_so_far_figure import best_so_far_figure
from trickbook.reports.figures.importance_figure import importance_figure
from trickbook.reports.figures.parallel_figure import parallel_figure
from trickbook.reports.figures.picture import png_bytes
from trickbook.reports.figures.search_axis import SearchAxis, value_text
from trickbook.reports.figures.setting_scores_figure import setting_scores_figure
from trickbook.reports.pages.study_report import write_study
from trickbook.reports.read.run_set import read_run_set

SPACE = [
    {"name": "rate", "own": 1e-3, "values": [], "low": 1e-4, "high": 1e-1, "scale": "log",
     "whole": False, "bounds": [None, None]},
    {"name": "beta_2", "own": 0.999, "values": [], "low": 0.9, "high": 0.999,
     "scale": "log_to_one", "whole": False, "bounds": [None, None]},
    {"name": "layers", "own": 2, "values": [], "low": 1, "high": 3, "scale": "linear",
     "whole": True, "bounds": [1, None]},
    {"name": "kind", "own": "elu", "values": ["elu", "relu"], "low": None, "high": None,
     "scale": "linear", "whole": False, "bounds": [None, None]},
]  # fmt: skip
STATES = ["done", "failed", "pruned", "done", "done", "pruned"]
SCORES = [0.70, None, None, 0.90, 0.85, None]


def facts_of(number):
    state, score = STATES[number], SCORES[number]
    values = {
        "rate": 10 ** -(1 + number / 2),
        "beta_2": 0.9 + 0.016 * number,
        "layers": 1 + number % 3,
        "kind": ["elu", "relu"][number % 2],
    }
    return {
        "number": number,
        "values": values,
        "state": state,
        "reason": "The loss was nan <in> epoch 2." if state == "failed" else None,
        "score": score,
        "epochs": None if state == "failed" else 4,
        "last": {"pruned": 0.3, "failed": None}.get(state, score),
        "seconds": 1.0,
        "fingerprint": "",
    }


def search_on_disk(folder, own=(0.80, 0.82, 0.81), winner=(0.84, 0.85, 0.83), **details):
    """A search whose winner, of 0.90, is judged with three seeds."""
    arms = {"own-settings": list(own)} | ({"winner": list(winner)} if winner else {})
    folder.mkdir(exist_ok=True)
    write_ladder(folder, arms)
    content = json.loads((folder / "ladder.json").read_text())
    content["kind"] = "tune"
    content["details"] = {
        "rung": "01-noise",
        "space": SPACE,
        "is_default": False,
        "sampler": "tpe",
        "pruner": "median",
        "own_score": 0.70,
        "best": 3,
        "own_is_best": False,
        "searched_on": {"train": 150, "val": 50},
        "trials": [facts_of(number) for number in range(6)],
        "importance": [],
    } | details
    (folder / "ladder.json").unlink()
    (folder / "tune-a.json").write_text(json.dumps(content))
    return read_run_set(folder, "tune-a")


def test_flattery_is_the_score_less_what_it_is_judged_to_be(tmp_path):
    told = flattery(search_on_disk(tmp_path))
    own, winner = np.mean([0.80, 0.82, 0.81]), np.mean([0.84, 0.85, 0.83])
    assert told.total == pytest.approx(0.90 - winner)
    assert told.gain_searched == pytest.approx(0.90 - 0.70)
    assert told.gain_judged == pytest.approx(winner - own)
    assert told.of_choice == pytest.approx((0.90 - 0.70) - (winner - own))


def test_where_less_is_better_it_is_turned(tmp_path):
    run_set = search_on_disk(tmp_path)
    run_set.ladder["task"] = {"metric": "accuracy", "direction": "min"}
    plain = flattery(search_on_disk(tmp_path / "plain"))
    turned = flattery(run_set)
    assert turned.total == -plain.total
    assert turned.of_choice == -plain.of_choice


def test_the_best_so_far_passes_over_what_has_no_score(tmp_path):
    trials = search_trials(search_on_disk(tmp_path))
    assert best_so_far(trials, 1) == [0.70, 0.70, 0.70, 0.90, 0.90, 0.90]
    assert best_so_far(trials, -1) == [0.70] * 6
    assert math.isnan(best_so_far(trials[1:], 1)[0])


def test_the_page_tells_states_values_and_verdict(tmp_path):
    search_on_disk(tmp_path)
    report = write_study(tmp_path, "tune-a")
    text = report.markdown
    assert "3 done, 2 given up and 1 failed" in text
    assert "trained on 150 of the training examples and scored on the other 50" in text
    assert "The winner is trial 3: rate 0.00316, beta_2 0.948, layers 1, kind relu" in text
    assert "flattered itself by +0.060: it had told 0.900, and 0.840 is left" in text
    assert "promised +0.200, and judged it is +0.030, 0.170 less" in text
    assert "failed: The loss was nan &lt;in> epoch 2." in text
    assert "given up after epoch 4, at 0.300" in text
    assert "they are marked on the edge where the worst scores are" in text
    assert "A line is a trial with a score, on the last axis; darker the better it is." in text
    assert "Too few trials: 3 trials" in text
    frame = pd.read_csv(tmp_path / "tune-a.csv")
    assert frame["state"].tolist() == STATES
    assert frame["score"].dropna().tolist() == [0.70, 0.90, 0.85]
    assert frame.loc[frame["is_best"], "trial"].tolist() == [3]


def test_what_is_not_judged_yet_and_what_has_no_winner_is_told(tmp_path):
    search_on_disk(tmp_path / "a", own=(), winner=None)
    assert "It is not judged yet" in write_study(tmp_path / "a", "tune-a").markdown
    search_on_disk(tmp_path / "b", own=(), winner=None, best=None, trials=[facts_of(1)])
    assert "nothing has won" in write_study(tmp_path / "b", "tune-a").markdown
    search_on_disk(tmp_path / "c", winner=None, own_is_best=True, best=0)
    text = write_study(tmp_path / "c", "tune-a").markdown
    assert "No trial was better than the rung's own settings" in text
    assert "against the rung's own settings" not in text.split("## ")[0].lower().replace("\n", " ")


def test_a_winner_whose_judging_runs_fail_is_told_so(tmp_path):
    search_on_disk(tmp_path, winner=("failed", "failed"))
    text = write_study(tmp_path, "tune-a").markdown
    assert "its runs failed, the first of them: The loss was nan" in text


def test_what_the_test_set_was_read_for_besides_the_winner_is_told(tmp_path):
    search_on_disk(tmp_path)
    assert "read for the winner alone, once" in write_study(tmp_path, "tune-a").markdown
    runs = tmp_path / "runs"
    earlier, other = {"batch_size": 8}, {"batch_size": 9}
    for seed in range(2):
        write_run(runs / f"a{seed}", "01-noise,winner", seed, 0.9, blueprint=earlier)
    write_run(runs / "own", "01-noise,own-settings", 0, 0.9, blueprint=other)
    # Of the winner's own values with other seeds, of the ladder, of another rung, and unread.
    write_run(runs / "seeds", "01-noise,winner", 7, 0.9)
    write_run(runs / "ladder", "01-noise", 0, 0.9, blueprint={"batch_size": 10})
    write_run(runs / "rung", "02-wider,winner", 0, 0.9, blueprint={"batch_size": 11})
    blueprint = {"batch_size": 12}
    write_run(runs / "unread", "01-noise,winner", 0, 0.9, test=math.nan, blueprint=blueprint)
    text = write_study(tmp_path, "tune-a").markdown
    assert "The test set was read for the winner: its accuracy there is 0.830" in text
    assert "In this folder it was read for 2 other winners of the rung, too" in text
    assert "once" not in text.split("## ")[0]


def test_a_winner_at_an_end_of_what_was_searched_is_told(tmp_path):
    search_on_disk(tmp_path / "inside")
    assert "The winner is at an end" not in write_study(tmp_path / "inside", "tune-a").markdown
    # One layer is the least that there may be, and the kind has no order.
    search_on_disk(tmp_path / "edge", best=0)
    text = write_study(tmp_path / "edge", "tune-a").markdown
    assert "searched range in rate (highest) and beta_2 (lowest): a better value may lie" in text


@pytest.mark.parametrize(
    ("facts", "value", "place"),
    [
        (SPACE[0], 10**-2.5, 0.5),
        (SPACE[1], 0.99, 0.5),
        (SPACE[2], 2, 0.5),
        (SPACE[3], "relu", 1.0),
        (SPACE[0], 1e-4, 0.0),
    ],
)
def test_a_value_stands_where_its_scale_puts_it(facts, value, place):
    assert SearchAxis.of(facts).place(value) == pytest.approx(place)


def test_axes_are_labelled_by_values_that_may_be():
    ticks = [[text for _, text in SearchAxis.of(facts).ticks()] for facts in SPACE]
    assert ticks == [
        ["0.0001", "0.001", "0.01", "0.1"],
        ["0.9", "0.978", "0.9954", "0.999"],
        ["1", "2", "3"],
        ["elu", "relu"],
    ]
    assert [value_text(one) for one in (0.9995, True, None, 12)] == ["0.9995", "True", "None", "12"]


@pytest.mark.parametrize(("sign", "worst"), [(1, 0), (-1, 1)])
def test_what_has_no_score_stands_on_the_edge_of_the_worst_ones(tmp_path, sign, worst):
    trials = search_trials(search_on_disk(tmp_path))
    axes = [SearchAxis.of(SPACE[0])]
    (panel,) = setting_scores_figure(trials, axes, "accuracy", sign, trials[3]).axes
    marks = {one.get_label(): set(one.get_ydata()) for one in panel.get_lines()}
    edge = panel.get_ylim()[worst]
    assert (marks["given up"], marks["failed"]) == ({edge}, {edge})


@pytest.mark.parametrize("sign", [1, -1])
def test_in_parallel_coordinates_what_is_better_is_darker(tmp_path, sign):
    trials = search_trials(search_on_disk(tmp_path))
    axes = [SearchAxis.of(SPACE[0])]
    panel = parallel_figure(trials, axes, "accuracy", sign, trials[3]).axes[0]
    # The last is the best, once more.
    lines = [one for one in panel.get_lines() if list(one.get_xdata()) == [0, 1]][:-1]
    lines.sort(key=lambda one: sign * one.get_ydata()[-1])
    # As the eye weighs red, green and blue (Rec. 709).
    light = [np.dot(to_rgb(one.get_color()), (0.2126, 0.7152, 0.0722)) for one in lines]
    assert len(light) == 3
    assert light == sorted(light, reverse=True)


@pytest.mark.drawn
def test_pictures_are_drawn_of_any_states_and_settings(tmp_path):
    trials = search_trials(search_on_disk(tmp_path))
    axes = [SearchAxis.of(facts) for facts in SPACE]
    best_so_far_png = best_so_far_figure(trials, 1, "accuracy", 0.7)
    labels = best_so_far_png.legends[0].get_texts()
    assert {one.get_text() for one in labels} == {
        *("best so far", "trial", "given up", "failed", "the rung's own settings"),
    }
    panels = setting_scores_figure(trials, axes, "accuracy", 1, trials[3])
    assert [one.get_xlabel() for one in panels.axes if one.get_visible()] == [
        *("rate", "beta_2", "layers", "kind"),
    ]
    lines = parallel_figure(trials, axes, "accuracy", 1, trials[3]).axes[0].get_lines()
    # Those with a score, the best once more, and an axis for each setting and the score.
    assert sum(len(one.get_xdata()) == 5 for one in lines) == 4
    shares = [{"name": "rate", "mean": 0.6, "error": 0.1}, {"name": "b", "mean": 0.2, "error": 0.1}]
    (bars,) = importance_figure(shares).axes
    assert [one.get_width() for one in bars.patches] == [0.6, 0.2]
    assert png_bytes(best_so_far_figure([], 1, "accuracy", math.nan))[:4] == b"\x89PNG"


@pytest.mark.parametrize(
    ("figures", "failed"),
    [
        ({"winner": ("failed", 0.85, 0.83)}, "01-winner"),
        ({"own": ("failed", 0.82, 0.81)}, "00-own-settings"),
    ],
)
def test_where_judging_runs_failed_that_is_said_and_survivors_tell_of_no_flattery(
    tmp_path, figures, failed
):
    search_on_disk(tmp_path, **figures)
    text = write_study(tmp_path, "tune-a").markdown
    # In the headline and in the table.
    assert text.count(f"undecided (1 of the 3 runs of {failed} failed)") == 2
    assert "had told" not in text
    assert "had promised" not in text


def test_own_settings_that_won_tell_of_their_failed_runs(tmp_path):
    own = ("failed", 0.82, 0.81)
    search_on_disk(tmp_path, own=own, winner=None, own_is_best=True, best=0)
    text = write_study(tmp_path, "tune-a").markdown
    assert "0.815 ± 0.007; 1 of the 3 runs of 00-own-settings failed." in text


def test_what_the_search_promised_and_kept_is_said_to_be_as_much(tmp_path):
    search_on_disk(tmp_path, own=(0.60, 0.62, 0.61), winner=(0.80, 0.82, 0.81))
    text = write_study(tmp_path, "tune-a").markdown
    assert "it had promised +0.200, and judged it is +0.200, as much." in text


def test_the_test_figure_stands_beside_the_winner_alone(tmp_path):
    """Though a run that the ladder shares has read the test set with the own settings."""
    search_on_disk(tmp_path / "a")
    text = write_study(tmp_path / "a", "tune-a").markdown
    assert "| 00-own-settings | 0.700 | 0.810 ± 0.010 | – | – | 3 |" in text
    assert "The test set was read for the winner alone, once" in text
    assert "0.800 ± 0.010" not in text  # theirs there
    search_on_disk(tmp_path / "b", winner=None, own_is_best=True, best=0)
    text = write_study(tmp_path / "b", "tune-a").markdown
    assert "| 0.810 ± 0.010 | – | 0.800 ± 0.010 | 3 |" in text


def test_why_no_importance_is_told(tmp_path):
    many = [facts_of(0) | {"number": number} for number in range(12)]
    search_on_disk(tmp_path, trials=many, best=0)
    text = write_study(tmp_path, "tune-a").markdown
    assert "All scores are the same, or no setting had more than one value" in text
    path = tmp_path / "tune-a.json"
    study = json.loads(path.read_text())
    del study["details"]["importance"]
    path.write_text(json.dumps(study))
    text = write_study(tmp_path, "tune-a").markdown
    assert "It is computed when the search has ended" in text
    assert "Too few trials" not in text
