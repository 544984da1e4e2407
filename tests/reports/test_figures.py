import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from ladder_on_disk import Unrecorded, write_ladder
from PIL import Image

from trickbook.reports.analysis.size_curves import SizeCurve
from trickbook.reports.analysis.sweep_points import SweepPoint
from trickbook.reports.figures.confusion_figure import confusion_figure
from trickbook.reports.figures.curves import plot_runs
from trickbook.reports.figures.image_sheet import image_sheet
from trickbook.reports.figures.ladder_figure import ladder_figure
from trickbook.reports.figures.line_labels import spread_heights, told_apart
from trickbook.reports.figures.live_curves import overlay_panels
from trickbook.reports.figures.overlay_figure import OTHERS, overlay_figure
from trickbook.reports.figures.picture import paletted_png, png_bytes
from trickbook.reports.figures.pictures import curve_files, draw_overlay, draw_rung_curves
from trickbook.reports.figures.schedule_figure import plot_rates
from trickbook.reports.figures.size_figure import size_figure
from trickbook.reports.figures.sweep_figure import sweep_figure
from trickbook.reports.read.epochs import best_epoch, mean_history
from trickbook.reports.read.run_set import Rung, read_run_set

pytestmark = pytest.mark.drawn


def history(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"epoch": np.arange(1, count + 1)} | columns)


def line(axes, start):
    return next(line for line in axes.lines if str(line.get_label()).startswith(start))


def test_loss_and_accuracy_stand_side_by_side_with_validation_on_the_same_axis():
    run = history(
        accuracy=[0.5, 0.6, 0.7],
        loss=[3.0, 2.0, 1.0],
        cross_entropy=[1.5, 1.0, 0.5],
        val_accuracy=[0.4, 0.6, 0.5],
        val_cross_entropy=[1.6, np.nan, 1.2],
        train_clean_accuracy=[np.nan, 0.8, np.nan],
    )
    left, right = plot_runs([run], title="mine").axes
    assert (left.get_title(), right.get_title()) == ("cross-entropy", "accuracy")
    assert line(left, "train (running").get_ydata().tolist() == [1.5, 1.0, 0.5]
    assert line(left, "validation").get_xdata().tolist() == [1, 3]  # no hole where not measured
    assert line(right, "validation").get_ydata().tolist() == [0.4, 0.6, 0.5]
    assert line(right, "train (clean)").get_ydata().tolist() == [0.8]
    for axes in (left, right):
        assert line(axes, "best epoch 2").get_xdata() == [2, 2]


def test_several_seeds_are_thin_and_their_mean_is_thick():
    runs = [history(accuracy=[0.2, 0.4], val_accuracy=[0.1, 0.3]), history(accuracy=[0.4, 0.8])]
    (axes,) = plot_runs(runs).axes
    assert line(axes, "best epoch").get_label() == "best epoch 2 (of the mean)"
    mean = line(axes, "train (running mean), mean of 2")
    assert mean.get_ydata() == pytest.approx([0.3, 0.6])
    assert [
        other.get_ydata().tolist() for other in axes.lines if other.get_linewidth() < 1
    ] == [[0.2, 0.4], [0.4, 0.8], [0.1, 0.3], []]  # fmt: skip


def test_without_accuracy_another_metric_stands_beside_the_loss():
    run = history(step=[2.0, 4.0], loss=[1.0, 2.0], mae=[1.0, 2.0])
    assert [axes.get_title() for axes in plot_runs([run]).axes] == ["loss", "mae"]


@pytest.mark.parametrize(
    "run",
    [
        history(loss=[]),
        history(loss=[np.nan, np.inf]),
        history(loss=[1.0]),
        history(acc=[0.5, 0.6], val_acc=[0.5, 0.7]),
    ],
    ids=["no epoch", "not finite", "one epoch", "another name"],
)
def test_odd_histories_can_be_drawn(run):
    assert png_bytes(plot_runs([run])).startswith(b"\x89PNG")


def test_a_figure_without_a_finite_value_says_so():
    (axes,) = plot_runs([history(loss=[np.nan, np.inf])], title="name " * 40).axes
    assert [text.get_text() for text in axes.texts] == ["no finite value"]


def test_the_figure_of_a_rung_says_that_it_diverged(tmp_path):
    rungs = {
        "baseline": [0.8, 0.8, 0.8],
        "frail": [0.8, "failed", "failed"],
        "lost": ["failed"] * 3,
    }
    pictures = draw_rung_curves(read_run_set(write_ladder(tmp_path, rungs)))
    reason = "The loss was nan <in> epoch 7 | stopped"  # of ladder_on_disk
    assert [picture.note for picture in pictures.values()] == [
        "",
        f"2 of 3 runs failed: {reason}",
        f"every run failed: {reason}",
    ]
    assert pictures["02-lost"].alt == f"Learning curves of 02-lost: every run failed: {reason}"


def test_a_long_name_gives_a_file_that_can_be_written_and_stays_apart(tmp_path):
    long = "深" * 100
    files = curve_files([long, f"{long}い", "x" * 300, "a/b"])
    assert len(set(files.values())) == 4
    for name in files.values():
        (tmp_path / name).touch()
    assert files["a/b"] == "a_b.png"


def test_many_lines_are_named_at_their_ends():
    heights = spread_heights(np.array([0.5, 0.5, 0.9, 0.51]), 0.1)
    assert np.diff(np.sort(heights)).min() == pytest.approx(0.1)
    assert heights.argsort().tolist() == [0, 1, 3, 2]
    assert heights[[0, 1, 3]].mean() == pytest.approx(np.mean([0.5, 0.5, 0.51]))
    assert heights[2] == 0.9  # there is room
    crowded = spread_heights(np.array([0.9, 1.0, 0.95]), 0.1)
    assert crowded == pytest.approx([0.8, 1.0, 0.9])  # none beyond the panel
    assert spread_heights(np.zeros(3), 0.1) == pytest.approx([0.0, 0.1, 0.2])


def test_the_names_of_an_overlay_stand_in_the_order_of_the_ends(tmp_path):
    rungs = {"low": [0.5], "high": [0.9], "middle": [0.7]}
    left, _ = overlay_figure(read_run_set(write_ladder(tmp_path, rungs)).rungs).axes
    names = {text.get_text(): text.get_position()[1] for text in left.texts}
    assert sorted(names, key=names.get) == ["00-low", "02-middle", "01-high"]


def test_a_band_ends_where_its_line_does_is_named_and_is_never_cut(tmp_path):
    folder = write_ladder(tmp_path, {"baseline": [0.3, 0.9], "noise": [0.6]})
    stopped = folder / "runs" / "00-run-00000001" / "history.csv"
    stopped.write_text("\n".join(stopped.read_text().splitlines()[:8]) + "\n")
    run_set = read_run_set(folder)
    left, _ = overlay_figure(run_set.rungs).axes
    (band,) = left.collections
    corners = band.get_paths()[0].vertices
    (mean,) = [one for one in left.lines if len(one.get_xdata()) == 7]
    assert corners[:, 0].max() == mean.get_xdata().max() == 7
    assert (corners[:, 1].min(), corners[:, 1].max()) == pytest.approx((0.05, 0.9))
    low, high = left.get_ylim()
    assert low < 0.1 and high > 0.9  # from the second epoch on
    assert overlay_panels(run_set.rungs, run_set.deciding)[0].y_range == (low, high)
    told = "A band goes from the lowest to the highest seed."
    assert told in draw_overlay(run_set).note
    for rungs in (run_set.rungs[1:], run_set.rungs * 3):
        assert told not in draw_overlay(replace(run_set, rungs=rungs)).note


def test_of_many_arms_the_first_and_the_best_stand_out(tmp_path):
    figures = {f"arm{n}": [0.9 if n == 7 else 0.7 + n / 100] for n in range(13)}
    run_set = read_run_set(write_ladder(tmp_path, figures))
    named = ["00-arm0", "07-arm7"]
    left, _ = overlay_figure(run_set.rungs, named=named).axes
    assert sorted(text.get_text() for text in left.texts) == named
    drawn = [line.get_color() for line in left.lines]
    assert drawn.count(OTHERS) == 11 and len(set(drawn)) == 3
    lines = overlay_panels(run_set.rungs, run_set.deciding, named)[0].lines
    assert len({line.colour for line in lines}) == 3
    assert "The first rung and the best stand out" in draw_overlay(run_set).note
    few = replace(run_set, rungs=run_set.rungs[:12])
    assert "stand out" not in draw_overlay(few).note


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        (["03-dropout,rate=0.1", "03-dropout,rate=0.7"], ["rate=0.1", "rate=0.7"]),
        (["01-noise,rate=0.1", "02-l2,rate=0.3"], ["01-noise,0.1", "02-l2,0.3"]),
        (["01-noise", "02-l2,rate=0.3"], ["01-noise", "02-l2,rate=0.3"]),
        (["a,x=1,y=2", "a,x=2,y=2"], ["x=1", "x=2"]),
        (["only"], ["only"]),
        ([], []),
    ],
)
def test_lines_are_named_by_what_tells_them_apart(names, shown):
    assert told_apart(names) == shown


def test_the_best_epoch_is_the_first_of_the_highest_accuracy_else_of_the_lowest_loss():
    assert best_epoch(history(val_accuracy=[0.1, np.nan, 0.9, 0.9], val_loss=[0, 1, 2, 3])) == (
        3,
        "val_accuracy",
        0.9,
    )
    assert best_epoch(history(val_loss=[3.0, 1.0, np.nan])) == (2, "val_loss", 1.0)
    assert best_epoch(history(loss=[3.0])) is None


def test_a_drawing_takes_less_room_and_looks_the_same():
    figure = plot_runs([history(loss=np.linspace(3, 1, 40), val_loss=np.linspace(3, 2, 40))])
    full, small = png_bytes(figure), paletted_png(figure)
    assert len(small) < 0.6 * len(full)
    pictures = [
        np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int) for data in (full, small)
    ]
    assert np.abs(pictures[0] - pictures[1]).max() <= 12
    noise = np.random.default_rng(0).integers(0, 256, (8, 64, 64, 3)).astype(np.uint8)
    assert paletted_png(image_sheet(noise)) == png_bytes(image_sheet(noise))


def test_a_name_with_a_dollar_sign_is_shown_as_it_is():
    assert png_bytes(plot_runs([history(loss=[1.0, 2.0])], title="$x_{ and \\frac"))


def test_a_sheet_stretches_standardised_images_and_keeps_bytes():
    floats = np.zeros((3, 4, 5, 3), np.float32)
    floats[0], floats[1], floats[2] = -2.0, 2.0, 1.0
    shown = [image.get_array() for image in image_sheet(floats, ["a", "b", "c"]).axes[0].images]
    assert [float(image.mean()) for image in shown] == [0.0, 1.0, 0.75]
    grey = np.full((9, 8, 8, 1), 51, np.uint8)
    (axes,) = image_sheet(grey).axes
    assert len(axes.images) == 9
    assert np.allclose(axes.images[8].get_array(), 0.2)
    assert axes.images[0].get_extent()[2] > axes.images[8].get_extent()[3]  # a second row below


def test_a_sheet_has_as_many_columns_as_asked():
    (axes,) = image_sheet(np.zeros((6, 8, 8, 1)), columns=3).axes
    rows = {image.get_extent()[2] for image in axes.images}
    columns = {image.get_extent()[0] for image in axes.images}
    assert (len(rows), len(columns)) == (2, 3)


def test_rates_far_apart_are_drawn_on_a_logarithmic_axis():
    epochs = [0.0, 0.5, 1.0]
    near = pd.DataFrame({"epoch": epochs, "learning_rate": [0.1, 0.05, 0.0]})
    far = pd.DataFrame({"epoch": epochs, "learning_rate": [1e-4] * 3, "learning_rate_bias": 6e-3})
    (axes,) = plot_rates({"decay": near}).axes
    assert axes.get_yscale() == "linear"
    assert axes.get_ylim()[0] == 0
    (axes,) = plot_rates({"decay": near, "two": far}).axes
    assert axes.get_yscale() == "log"
    names = [line.get_label() for line in axes.get_lines()]
    assert names == ["decay", "two", "two learning_rate_bias"]
    np.testing.assert_array_equal(axes.get_lines()[2].get_ydata(), [6e-3] * 3)


@pytest.mark.parametrize("shape", [(8, 8, 1), (0, 8, 8, 1), (2, 8, 8, 2)])
def test_a_sheet_refuses_other_shapes(shape):
    with pytest.raises(ValueError, match="Received: images of shape"):
        image_sheet(np.zeros(shape))


def test_a_sheet_refuses_too_few_titles():
    with pytest.raises(ValueError, match="1 titles for 2 images"):
        image_sheet(np.zeros((2, 8, 8, 1)), ["a"])


def test_a_confusion_is_in_shares_of_the_true_class():
    counts = np.array([[8, 2, 0], [0, 5, 5], [0, 0, 0]])
    axes = confusion_figure(counts, ["a", "b", "c"], "title").axes[0]
    shares = axes.images[0].get_array()
    assert shares.tolist() == [[0.8, 0.2, 0.0], [0.0, 0.5, 0.5], [0.0, 0.0, 0.0]]
    assert [text.get_text() for text in axes.texts] == [".80", ".20", ".50", ".50"]


def test_many_classes_are_named_every_few():
    axes = confusion_figure(np.eye(100), [f"class {i}" for i in range(100)], "title").axes[0]
    assert [label.get_text() for label in axes.get_yticklabels()][:3] == [
        "class 0",
        "class 4",
        "class 8",
    ]
    assert not axes.texts


def test_a_mean_over_seeds_ends_where_the_first_of_them_ends():
    long = pd.DataFrame({"epoch": [1, 2, 3, 4], "val_loss": [1.0, 0.8, 0.6, 0.1]})
    short = pd.DataFrame({"epoch": [1, 2], "val_loss": [3.0, 2.8]})
    broken = pd.DataFrame({"epoch": [1, 2, 3, 4], "val_loss": [5.0, np.nan, np.inf, np.nan]})
    other = pd.DataFrame({"epoch": [1, 2, 3, 4], "loss": [1.0, 1.0, 1.0, 1.0]})
    mean = mean_history([long, short])
    np.testing.assert_array_equal(mean["epoch"], [1, 2, 3, 4])
    np.testing.assert_allclose(mean["val_loss"], [2.0, 1.8, np.nan, np.nan])
    np.testing.assert_allclose(
        mean_history([long, broken])["val_loss"], [3.0, np.nan, np.nan, np.nan]
    )
    # A training that never measured it takes nothing from the others.
    np.testing.assert_allclose(mean_history([long, other])["val_loss"], long["val_loss"])


def arrows(axes):
    """Where an arrow says that an interval is cut: its marker, and where it stands."""
    marks = [line for line in axes.lines if line.get_marker() in ("<", ">", "v", "^")]
    return [(one.get_marker(), one.get_xdata()[0], one.get_ydata()[0]) for one in marks]


def test_an_interval_that_a_picture_cuts_ends_in_an_arrow(tmp_path):
    # Of two seeds 0.02 apart the 95 % interval goes 0.127 either way.
    write_ladder(tmp_path, {"wide": [0.70, 0.72], "narrow": [0.800, 0.801], "single": [0.75]})
    rungs = read_run_set(tmp_path).rungs
    (ladder,) = ladder_figure(rungs).axes
    low, high = ladder.get_xlim()
    of_validation = [one for one in arrows(ladder) if one[2] == 0]  # in the middle of its row
    assert of_validation == [("<", low, 0)] and high > 0.71 + 0.128

    points = [
        SweepPoint("rate", {"rate": 0.1 * n}, rung, {"rate": 0.1 * n})
        for n, rung in enumerate(rungs)
    ]
    (sweep,) = sweep_figure(points, [{"name": "rate", "log": False}], {}, "accuracy").axes
    assert arrows(sweep) == [("v", 0.0, sweep.get_ylim()[0])]

    curve = SizeCurve("rung", [50, 100, 200], list(rungs), is_share=True)
    (size,) = size_figure([curve], "accuracy").axes
    assert arrows(size) == [("v", 50, size.get_ylim()[0])]


@pytest.mark.parametrize("best", [0, 2])
def test_the_best_of_numbers_and_words_is_ringed_where_its_point_is(tmp_path, best):
    values = [0.1, 0.9, "auto"]
    write_ladder(tmp_path, {f"x{value}": [0.7, 0.8] for value in values})
    rungs = read_run_set(tmp_path).rungs
    points = [
        SweepPoint("rate", {"rate": value}, rung, {"rate": value})
        for value, rung in zip(values, rungs, strict=True)
    ]
    axis = {"name": "rate", "log": True}
    (axes,) = sweep_figure(points, [axis], {"rate": points[best]}, "accuracy").axes
    (ring,) = [line for line in axes.lines if line.get_markerfacecolor() == "none"]
    along = axes.convert_xunits(line(axes, "rate, validation").get_xdata())
    assert axes.convert_xunits(ring.get_xdata())[0] == along[best]


def of_losses(losses):
    """The points of a sweep over the rate: the cross-entropies of each value's seeds."""
    points = []
    for rate, seeds in losses.items():
        runs = [
            Unrecorded(Path(), "x", seed, None, "done", None, {}, {"val_accuracy": 0.5, **of_seed})
            for seed, of_seed in enumerate({"val_cross_entropy": loss} for loss in seeds)
        ]
        arm = Rung(index=0, name=str(rate), recipe="x", runs=tuple(runs))
        points.append(SweepPoint("rung", {"rate": rate}, arm, {"rate": rate}))
    return points


RATE = {"name": "rate", "log": True}


def test_under_a_sweep_of_the_accuracy_stands_the_cross_entropy():
    points = of_losses({1e-3: [0.4, 0.6], 1e-2: [0.1, 0.3], 1e-1: [40.0, 80.0]})
    upper, lower = sweep_figure(points, [RATE], {"rung": points[1]}, "accuracy").axes
    assert (upper.get_ylabel(), lower.get_ylabel()) == ("accuracy", "cross-entropy")
    assert (upper.get_xlabel(), lower.get_xlabel()) == ("", "rate")
    assert list(lower.lines[0].get_ydata()) == pytest.approx([0.5, 0.2, 60.0])
    (ring,) = [line for line in lower.lines if line.get_markerfacecolor() == "none"]
    assert (ring.get_xdata()[0], ring.get_ydata()[0]) == (1e-2, pytest.approx(0.2))
    low, high = lower.get_ylim()
    assert lower.get_yscale() == "log" and 0 < low < 0.2 and 60 < high < 200


@pytest.mark.parametrize(
    ("losses", "decides"), [([0.4, 0.6], "cross_entropy"), ([None, None], "accuracy")]
)
def test_it_stands_there_once_and_where_it_is_known(losses, decides):
    points = of_losses({1e-3: losses, 1e-2: losses})
    assert len(sweep_figure(points, [RATE], {}, decides).axes) == 1


def test_numbers_on_a_logarithmic_axis_are_written_out():
    points = of_losses({1e-5: [0.2, 0.2], 1e-3: [0.5, 0.5], 1.0: [0.8, 0.8]})
    figure = sweep_figure(points, [RATE], {}, "accuracy")
    figure.draw_without_rendering()
    lower = figure.axes[1]
    along, up = (
        [label.get_text() for label in axis.get_ticklabels(which="both") if label.get_text()]
        for axis in (lower.xaxis, lower.yaxis)
    )
    assert {"1e−05", "0.001", "1"} <= set(along)  # with a minus sign
    assert "0.3" in up and all("e" not in text for text in up)


def test_the_law_of_sizes_goes_on_with_its_range_in_the_metric_that_it_is_of(tmp_path):
    sizes = [50, 100, 200, 400]
    write_ladder(tmp_path, {f"n={n}": [1 - 2 / n**0.5, 1 - 2.1 / n**0.5] for n in sizes})
    curve = SizeCurve("rung", sizes, list(read_run_set(tmp_path).rungs), is_share=True)
    (axes,) = size_figure([curve], "accuracy").axes
    along, heights = line(axes, "law of validation").get_data()
    assert (along[0], along[-1]) == pytest.approx((50, 1600))
    assert heights == pytest.approx([1 - curve.law.error(n) for n in along])
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    ends = corners[corners[:, 0] == corners[:, 0].max(), 1]
    low, high = curve.law.interval(1600)
    assert (ends.min(), ends.max()) == pytest.approx((1 - high, 1 - low))
