"""plot_history: of whatever recorded a training, what is drawn where."""

import types
import warnings

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from trickbook.reports.figures.picture import png_bytes, svg_bytes
from trickbook.reports.figures.plot_history import plot_history
from trickbook.reports.statistics.smoothing import smoothed
from trickbook.runs.atomic_files import write_json
from trickbook.runs.errors import ReportError

pytestmark = pytest.mark.drawn

LISTS = {
    "loss": [3.0, 2.0, 1.0, 0.5],
    "accuracy": [0.1, 0.5, 0.6, 0.7],
    "val_loss": [3.5, 2.5, 1.5, 1.6],
    "val_accuracy": [0.1, 0.4, 0.6, 0.5],
}


def keras_history(lists=LISTS, epochs=4):
    return types.SimpleNamespace(history=lists, epoch=list(range(epochs)))


def table(**columns):
    count = len(next(iter(columns.values())))
    return pd.DataFrame({"epoch": np.arange(1, count + 1)} | columns)


def write_run(folder, name=None, lists=LISTS):
    folder.mkdir(parents=True)
    rows = table(seconds=[10.0, 20.0, 30.0, 40.0], step=[5, 10, 15, 20], **lists)
    rows.to_csv(folder / "history.csv", index=False)
    if name is not None:
        write_json(folder / "run.json", {"name": name, "status": "done"})
    return folder


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


def line(axes, label):
    return next(line for line in axes.lines if line.get_label() == label)


def labels(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


def csv_logger_file(folder):
    path = folder / "log.csv"
    table(**LISTS).assign(epoch=[0, 1, 2, 3]).to_csv(path, index=False)
    return path


@pytest.mark.parametrize(
    "record",
    [
        lambda folder: keras_history(),
        lambda folder: LISTS,
        lambda folder: {name: np.array(values) for name, values in LISTS.items()},
        lambda folder: pd.DataFrame(LISTS),
        csv_logger_file,
        lambda folder: str(csv_logger_file(folder)),
        lambda folder: write_run(folder / "run"),
        lambda folder: [keras_history()],
        lambda folder: {"mine": LISTS},
    ],
    ids=["History", "dict", "arrays", "frame", "file", "text", "run", "list", "named"],
)
def test_one_training_is_drawn_alike_whatever_recorded_it(tmp_path, record):
    figure = plot_history(record(tmp_path))
    assert titles(figure) == ["loss", "accuracy"]
    for axes, metric in zip(figure.axes, ("loss", "accuracy"), strict=True):
        assert line(axes, "train").get_xydata().T.tolist() == [[1, 2, 3, 4], LISTS[metric]]
        assert line(axes, "validation").get_ydata().tolist() == LISTS[f"val_{metric}"]
        assert line(axes, "best epoch: 3").get_xdata() == [3, 3]
        assert axes.get_xlabel() == "epoch"
    assert labels(figure) == ["train", "validation", "best epoch: 3"]


def test_validation_every_other_epoch_stands_at_its_epochs():
    lists = LISTS | {"val_loss": [3.5, 2.5], "val_accuracy": [0.2, 0.4]}
    axes = plot_history(keras_history(lists)).axes[0]
    validation = line(axes, "validation")
    assert validation.get_xydata().tolist() == [[2, 3.5], [4, 2.5]]
    assert validation.get_marker() == "o"  # so that one sees where it was measured


@pytest.mark.parametrize(
    ("x", "places", "label"),
    [("step", [5, 10, 15, 20], "step"), ("time", [10, 20, 30, 40], "time in seconds")],
)
def test_by_step_and_by_time(tmp_path, x, places, label):
    axes = plot_history(write_run(tmp_path / "run"), x=x).axes[0]
    assert line(axes, "train").get_xdata().tolist() == places
    assert line(axes, "best epoch: 3").get_xdata() == [places[2]] * 2
    assert axes.get_xlabel() == label


@pytest.mark.parametrize(
    ("longest", "unit", "shown"), [(600.0, "minutes", 10.0), (72000.0, "hours", 20.0)]
)
def test_long_times_have_larger_units(longest, unit, shown):
    axes = plot_history(table(seconds=[1.0, longest], loss=[2.0, 1.0]), x="time").axes[0]
    assert axes.get_xlabel() == f"time in {unit}"
    assert line(axes, "train").get_xdata()[-1] == shown


def test_the_raw_line_stays_visible_behind_the_smoothed_one():
    axes = plot_history(LISTS, smooth=0.6).axes[0]
    assert line(axes, "train, smoothed").get_ydata() == pytest.approx(
        smoothed(np.array(LISTS["loss"]), 0.6)
    )
    raw = [one for one in axes.lines if one.get_alpha() is not None]
    assert [one.get_ydata().tolist() for one in raw] == [LISTS["loss"], LISTS["val_loss"]]
    assert all(one.get_alpha() < 0.5 for one in raw)


def test_what_is_not_finite_is_marked_and_the_rest_is_drawn():
    run = table(
        loss=[2.0, 1.0, np.inf, np.nan],
        accuracy=[0.1, 0.2, np.nan, np.nan],
        val_loss=[np.nan, 1.0, np.nan, np.nan],  # every other epoch
        val_accuracy=[np.nan, 0.5, np.nan, 0.5],
    )
    left, right = plot_history(run).axes
    assert line(left, "train").get_ydata().tolist() == [2.0, 1.0]
    assert line(left, "not finite").get_xdata().tolist() == [3, 4]
    assert line(right, "not finite").get_xdata().tolist() == [3, 4]
    assert "not finite" not in labels(plot_history(LISTS | {"val_loss": [1.0, 2.0]}))


@pytest.mark.parametrize(
    "history",
    [
        keras_history({}, 0),
        {},
        {"loss": []},
        table(loss=[np.nan, np.inf]),
        table(loss=[1.0]),
        table(loss=[1e30, 1e-30]),
        table(loss=[-1.0, 0.0]),
        table(val_loss=[1.0, np.nan]),
    ],
    ids=[
        "no epochs",
        "empty",
        "no values",
        "not finite",
        "one epoch",
        "wide",
        "negative",
        "validation only",
    ],
)
@pytest.mark.parametrize("smooth", [0.0, 0.9])
def test_odd_histories_can_be_drawn(history, smooth):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert png_bytes(plot_history(history, smooth=smooth)).startswith(b"\x89PNG")


def test_losses_over_decades_are_logarithmic_and_shares_never():
    figure = plot_history({"loss": [1e3, 1.0], "accuracy": [1e-4, 1.0]})
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear"]
    labels = {label.get_text() for label in figure.axes[0].get_yticklabels()}
    assert {"1", "10", "100", "1000"} <= labels


def test_panels_have_one_horizontal_range():
    clean = [float("nan")] * 3 + [0.5, 0.4]
    figure = plot_history(pd.DataFrame({"loss": range(5), "train_clean_f1": clean}))
    first, second = (axes.get_xlim() for axes in figure.axes)
    assert first == second
    assert first[0] < 1 < 5 < first[1]


def test_names_are_drawn_as_they_are():
    names = ["a/b", "top 5", "<script>alert(1)</script>", "$\\alpha_{", "_hidden", 'x,"y"\n\'']
    figure = plot_history(
        {name: {one: [1.0, 2.0] for one in names} for name in ["_run", "$x$", "<b>"]},
        title="$x_{ and \\frac",
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn = svg_bytes(figure).decode()
        assert png_bytes(figure).startswith(b"\x89PNG")
    assert titles(figure) == names
    assert [label.strip("\u200b") for label in labels(figure)][:3] == ["_run", "$x$", "<b>"]
    assert "<script>" not in drawn.replace("<!-- <script>alert(1)</script> -->", "")


def test_the_loss_has_no_panel_where_a_cross_entropy_is_the_same():
    same = {"loss": LISTS["loss"], "val_loss": LISTS["val_loss"]}
    same |= {"cross_entropy": same["loss"], "val_cross_entropy": same["val_loss"]}
    assert titles(plot_history(same)) == ["cross_entropy"]
    assert titles(plot_history(same, metric="loss")) == ["loss"]
    penalised = same | {"loss": [1.01 * one for one in same["loss"]]}
    assert titles(plot_history(penalised)) == ["loss", "cross_entropy"]
    assert titles(plot_history({"a": same, "b": penalised})) == ["loss", "cross_entropy"]
    only_clean = LISTS | {"train_clean_cross_entropy": LISTS["loss"]}
    assert titles(plot_history(only_clean)) == ["loss", "accuracy", "cross_entropy"]


def test_outputs_are_rows():
    metrics = ["loss", "a_loss", "a_accuracy", "b_loss", "b_accuracy"]
    figure = plot_history({name: [1.0, 2.0] for name in metrics})
    assert titles(figure) == ["loss", "a: loss", "a: accuracy", "b: loss", "b: accuracy"]
    rows = [axes.get_subplotspec().rowspan.start for axes in figure.axes]
    assert rows == [0, 1, 1, 2, 2]


def test_a_rate_that_changes_has_a_panel():
    constant = table(loss=[1.0, 2.0], learning_rate=[0.1, 0.1])
    assert titles(plot_history(constant)) == ["loss"]
    changing = table(loss=[1.0, 2.0], learning_rate_adam=[0.1, 0.05], learning_rate_sgd=[0.2, 0.2])
    figure = plot_history(changing)
    assert titles(figure) == ["loss", "learning_rate"]
    assert line(figure.axes[1], "rate of adam").get_ydata().tolist() == [0.1, 0.05]
    assert line(figure.axes[1], "rate of sgd").get_ydata().tolist() == [0.2, 0.2]


def test_many_metrics_are_a_grid_and_more_are_told():
    figure = plot_history({f"f1/{number}": [0.0, 1.0] for number in range(40)})
    assert len(figure.axes) == 24
    assert figure.get_figwidth() <= 14
    assert figure.legends[0].get_title().get_text().startswith("16 more metrics")
    assert titles(plot_history({f"f1/{n}": [0.0, 1.0] for n in range(40)}, metric="f1/39")) == [
        "f1/39"
    ]


def test_several_trainings_have_a_colour_each_and_training_is_dashed():
    other = {name: [2 * value for value in values] for name, values in LISTS.items()}
    figure = plot_history({"base": LISTS, "wide": keras_history(other)})
    assert labels(figure) == ["base", "wide", "train", "validation", "best epoch"]
    drawn = [one for one in figure.axes[0].lines if len(one.get_xdata()) == 4]
    assert [one.get_linestyle() for one in drawn] == ["--", "-", "--", "-"]
    colours = [one.get_color() for one in drawn]
    assert colours[0] == colours[1] != colours[2] == colours[3]
    assert line(figure.axes[0], "wide").get_color() == colours[2]


def test_a_folder_of_runs_is_compared_and_seeds_share_a_colour(tmp_path):
    write_run(tmp_path / "runs" / "wide-1", name="wide")
    write_run(tmp_path / "runs" / "wide-0", name="wide")
    write_run(tmp_path / "base")
    for given in (tmp_path, str(tmp_path), [tmp_path]):
        figure = plot_history(given)
        assert labels(figure)[:2] == ["base", "wide (mean of 2)"]


def test_seeds_are_pale_and_their_mean_is_drawn_as_one_training():
    other = {name: [3 * value for value in values] for name, values in LISTS.items()}
    broken = LISTS | {"loss": [3.0, 2.0, 1.0, np.nan]}
    figure = plot_history({"base": [LISTS, other, broken], "wide": LISTS})
    assert labels(figure)[:2] == ["base (mean of 3)", "wide"]
    seeds = plot_history({"base": [LISTS, other, broken]})
    axes = seeds.axes[0]
    assert line(axes, "train, mean of 3").get_ydata().tolist() == [5.0, 10 / 3, 5 / 3]
    pale = [one.get_ydata().tolist() for one in axes.lines if one.get_alpha() is not None]
    assert pale[:2] == [LISTS["loss"], LISTS["val_loss"]]
    assert len(pale) == 6
    assert line(axes, "not finite").get_xdata().tolist() == [4]
    assert labels(seeds)[-1] == "best epoch: 3 (of the mean)"


BANDS = {"range": (1.0, 6.0), "deviation": (3.5 - 12.5**0.5, 3.5 + 12.5**0.5)}


@pytest.mark.parametrize("band", BANDS)
def test_seeds_can_be_a_band(band):
    seeds = [table(loss=[2.0, low, 4.0], val_loss=[3.0, 3.0, 3.0]) for low in (1.0, 6.0)]
    seeds[1].loc[2, "loss"] = np.nan
    figure = plot_history({"base": seeds}, band=band)
    axes = figure.axes[0]
    train, validation = (one.get_paths()[0].vertices for one in axes.collections[:2])
    # Where a seed has stopped, in epoch 3, there is none.
    assert (train[:, 0].max(), validation[:, 0].max()) == (2, 3)
    heights = train[train[:, 0] == 2, 1]
    assert (heights.min(), heights.max()) == pytest.approx(BANDS[band])
    assert not [one for one in axes.lines if one.get_alpha() is not None]
    assert line(axes, "train, mean of 2").get_ydata().tolist() == [2.0, 3.5]
    assert "seed" in labels(figure)[-1]
    compared = labels(plot_history({"base": seeds, "wide": seeds[0]}, band=band))
    assert compared[:2] == ["base (mean of 2)", "wide"]
    assert compared[-1] == labels(figure)[-1]


def test_a_band_of_one_training_is_none():
    figure = plot_history(LISTS, band="deviation")
    assert not figure.axes[0].collections
    assert "seed" not in " ".join(labels(figure))


def test_where_there_are_many_each_name_stands_at_the_end_of_its_line():
    few = {f"run {n}": LISTS for n in range(7)}
    assert not plot_history(few).axes[0].texts
    many = few | {"run 7": {"loss": [1.0, 2.0]}}
    left, right = plot_history(many).axes
    assert [text.get_text() for text in left.texts] == [*few, "run 7"]
    # At the end of validation, else of training.
    assert {text.xy for text in left.texts} == {(4.0, LISTS["val_loss"][-1]), (2.0, 2.0)}
    assert [text.get_text() for text in right.texts] == [*few]


def test_folders_in_a_list_go_by_what_tells_them_apart(tmp_path):
    one, two = (tmp_path / "deep" / place / "a" for place in ("one", "two"))
    for folder in (one, two):
        write_run(folder / "run", name="wide")
    assert labels(plot_history([one, two]))[:2] == ["one/a: wide", "two/a: wide"]
    runs = [str(one / "run"), two / "run" / "history.csv"]
    assert labels(plot_history(runs))[:2] == ["one/a/run", "two/a/run/history.csv"]
    assert labels(plot_history([one.parent, one / "run"]))[:2] == ["one: wide", "one/a/run"]


def test_paths_in_a_list_are_their_own_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder in ("a", "b"):
        write_run(tmp_path / folder / "run", name="wide")
    assert labels(plot_history(["a/run", "b/run", LISTS]))[:3] == ["a/run", "b/run", "3"]
    assert labels(plot_history(["a", "b"]))[:2] == ["a: wide", "b: wide"]


def test_on_axes_of_ones_own_one_metric_is_drawn():
    figure = Figure()
    left, right = figure.subplots(1, 2)
    assert plot_history(LISTS, ax=left) is left
    assert plot_history(LISTS, ax=right, metric="val_accuracy", title="mine") is right
    assert titles(figure) == ["loss", "mine"]
    assert line(right, "train").get_ydata().tolist() == LISTS["accuracy"]
    assert [text.get_text() for text in left.get_legend().get_texts()][:2] == [
        "train",
        "validation",
    ]
    assert not figure.legends


def test_a_notebook_can_show_what_is_returned():
    assert plot_history(LISTS)._repr_png_().startswith(b"\x89PNG")


def test_nothing_of_pyplot_is_touched():
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    before = dict(mpl.rcParams)
    plot_history(LISTS)
    assert plt.get_fignums() == []
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("value", "arguments", "said"),
    [
        (3, {}, "A history is what fit.. returns"),
        (None, {}, "A history is what fit.. returns"),
        ([], {}, "There is no training to draw"),
        ({"mine": 3}, {}, "Received: 3"),
        ([1.0, 2.0], {}, "Received: 1.0"),
        ("nowhere", {}, "There is no file or folder nowhere"),
        (".", {}, "There is no history.csv in"),
        ("other.csv", {}, "is no training history"),
        ("picture.png", {}, "is no training history"),
        ("torn.csv", {}, "cannot be read as a table"),
        (LISTS, {"metric": "f1"}, "No metric 'f1' was recorded. There are: loss, accuracy."),
        (LISTS, {"metric": "learning_rate"}, "No metric 'learning_rate'"),
        (LISTS, {"x": "step"}, "x='step' needs the column 'step'"),
        (LISTS, {"x": "epochs"}, "Received: x='epochs'"),
        (LISTS, {"smooth": 1.0}, "Received: smooth=1.0"),
        (LISTS, {"band": "sd"}, "Received: band='sd'"),
        (LISTS, {"smooth": float("nan")}, "Received: smooth=nan"),
    ],
)
def test_a_mistake_is_a_sentence(tmp_path, monkeypatch, value, arguments, said):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.csv").write_text("step,loss\n1,2\n")
    (tmp_path / "picture.png").write_bytes(png_bytes(Figure()))
    (tmp_path / "torn.csv").write_text("epoch,loss\n0,1\n1,2,3,4\n")
    with pytest.raises(ReportError, match=said):
        plot_history(value, **arguments)


def test_a_long_title_is_broken_into_lines_that_fit():
    title = "Over-fitting: train 0.99, validation 0.80 since epoch 12. " * 3
    figure = plot_history({"loss": [3.0, 2.0, 1.0]}, title=title)
    figure.draw_without_rendering()
    extent = figure._suptitle.get_window_extent()
    assert extent.x0 >= 0
    assert extent.x1 <= figure.bbox.width
    assert figure._suptitle.get_text().split() == title.split()
