"""The picture that LearningCurves draws: when, what of, and where it is shown."""

import signal
import sys
import types

import keras
import pytest
from small_fits import X, Y, compiled, fit, names_in, recorded, values

from trickbook.callbacks import LearningCurves
from trickbook.callbacks.recording import drawing_pace
from trickbook.callbacks.recording.notebook import NotebookPicture

pytestmark = pytest.mark.drawn


def test_odd_names_are_kept_and_drawn(tmp_path):
    names = ["a/b", "top 5", "<script>alert(1)</script>", 'x,"y"', "$\\alpha"]
    metrics = [keras.metrics.SparseCategoricalAccuracy(name=name) for name in names]
    recorder = LearningCurves(tmp_path, name="<b>$x")
    history = fit(compiled(metrics=metrics), recorder, epochs=1, validation_data=(X, Y)).history
    assert list(recorded(tmp_path))[4:] == list(history)
    assert set(names) < set(history)
    assert (tmp_path / "curves.png").stat().st_size > 1000


def test_outputs_with_metrics_of_the_same_name(tmp_path):
    inputs = keras.Input((3,))
    heads = {n: keras.layers.Dense(2, name=n, activation="softmax")(inputs) for n in ("a", "b")}
    model = keras.Model(inputs, heads)
    losses = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    metrics = {n: ["accuracy"] for n in heads}
    model.compile("sgd", losses, metrics=metrics, run_eagerly=True)
    history = fit(model, LearningCurves(tmp_path), y=dict.fromkeys(heads, Y)).history
    assert {"a_accuracy", "b_accuracy"} < set(history)
    for name, expected in history.items():
        assert values(tmp_path, name) == expected
    assert (tmp_path / "curves.png").exists()


def test_no_figure_is_left_open_and_nothing_of_matplotlib_is_changed(tmp_path):
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    plt.switch_backend("svg")
    before = dict(mpl.rcParams)
    fit(compiled(), LearningCurves(tmp_path, smooth=0.5, x="time"))
    assert plt.get_fignums() == []
    assert mpl.get_backend() == "svg"
    assert dict(mpl.rcParams) == before


def test_without_plot_there_is_no_picture(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, name="plain", plot=False), epochs=1)
    assert names_in(tmp_path) == ["history.csv", "metrics.json", "run.json"]


def test_png_and_svg_are_drawn(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, name="mine"))
    assert names_in(tmp_path) == [
        "curves.png",
        "curves.svg",
        "history.csv",
        "metrics.json",
        "run.json",
    ]
    assert (tmp_path / "curves.png").read_bytes().startswith(b"\x89PNG")
    assert (tmp_path / "curves.svg").read_text().rstrip().endswith("</svg>")


def test_panels_are_grouped_by_the_outputs_of_the_model(tmp_path, monkeypatch):
    inputs = keras.Input((3,))
    # By their columns alone these outputs could not be told from losses of the whole model.
    heads = {n: keras.layers.Dense(2, name=n, activation="softmax")(inputs) for n in ("a", "b")}
    model = keras.Model(inputs, heads)
    losses = dict.fromkeys(heads, "sparse_categorical_crossentropy")
    model.compile("sgd", losses, run_eagerly=True)
    titles = []
    png_bytes = "trickbook.reports.figures.picture.png_bytes"
    monkeypatch.setattr(
        png_bytes, lambda figure: titles.extend(axes.get_title() for axes in figure.axes) or b""
    )
    fit(model, LearningCurves(tmp_path), y=dict.fromkeys(heads, Y), epochs=1)
    assert titles == ["loss", "a: loss", "b: loss"]


def test_by_step_where_no_steps_are_known_is_by_epoch(tmp_path):
    recorder = LearningCurves(tmp_path, x="step")
    recorder.set_model(compiled())  # its optimizer stays unused, as that of a GAN may
    recorder.on_train_begin()
    recorder.on_epoch_begin(0)
    recorder.on_epoch_end(0, {"loss": 1.0})
    recorder.on_train_end()
    assert (tmp_path / "curves.png").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"x": "batch"}, "x='batch'"),
        ({"smooth": 1.0}, "smooth=1.0"),
        ({"smooth": -1}, "smooth=-1"),
        ({"redraw_seconds": -1}, "redraw_seconds=-1"),
        ({"redraw_seconds": float("nan")}, "redraw_seconds=nan"),
        ({"write_seconds": -1}, "write_seconds=-1"),
        ({"seed": "0"}, "seed='0'"),
    ],
)
def test_wrong_arguments_are_refused_at_once(tmp_path, arguments, said):
    with pytest.raises(ValueError, match=f"Received: {said}$"):
        LearningCurves(tmp_path, **arguments)


@pytest.fixture
def drawings(monkeypatch):
    """The times at which pictures are begun, by a clock that epochs and drawings move on."""
    clock = {"now": 0.0}
    begun = []

    def slow_drawing(figure):
        begun.append(clock["now"])
        clock["now"] += 0.4 if len(begun) > 1 else 1.2  # the first one imports
        return b""

    fake_time = types.SimpleNamespace(perf_counter=lambda: clock["now"])
    monkeypatch.setattr("trickbook.callbacks.learning_curves.time", fake_time)
    monkeypatch.setattr("trickbook.callbacks.recording.drawing_pace.time", fake_time)
    monkeypatch.setattr("trickbook.reports.figures.picture.png_bytes", slow_drawing)
    monkeypatch.setattr("trickbook.reports.figures.picture.svg_bytes", lambda figure: b"")
    return types.SimpleNamespace(clock=clock, begun=begun)


def train(recorder, clock, epochs, epoch_seconds):
    """Yield after each epoch."""
    recorder.set_params({"epochs": epochs})
    recorder.set_model(compiled())
    recorder.on_train_begin()
    for epoch in range(epochs):
        recorder.on_epoch_begin(epoch)
        clock["now"] += epoch_seconds
        recorder.on_epoch_end(epoch, {"loss": 1.0})
        yield epoch + 1
    recorder.on_train_end()


def test_drawing_takes_less_than_two_per_cent(tmp_path, drawings):
    recorder, clock = LearningCurves(tmp_path), drawings.clock
    for epoch in train(recorder, clock, epochs=400, epoch_seconds=10.0):
        share = 0.4 * (len(drawings.begun) - 1) / clock["now"]
        assert share <= 0.02
        assert drawings.begun[:1] == ([20.0] if epoch > 1 else [])
    # It is redrawn nearly as often as that allows.
    assert share > 0.9 * drawing_pace.SHARE
    assert drawings.begun[-1] > 4000


@pytest.mark.parametrize(("epochs", "count"), [(1, 1), (2, 1), (3, 2), (40, 2)])
def test_a_short_training_is_drawn_after_the_second_epoch_and_at_its_end(
    tmp_path, drawings, epochs, count
):
    recorder = LearningCurves(tmp_path)
    for epoch in train(recorder, drawings.clock, epochs, epoch_seconds=0.025):
        assert len(drawings.begun) == (epoch > 1 and epochs > 2)
    assert len(drawings.begun) == count


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, [2, 3, 4, 5, 6, 7, 8, 9, 10]), (25, [2, 5, 8, 10]), (1e6, [2, 10])],
)
def test_how_often_it_is_redrawn_can_be_set(tmp_path, drawings, seconds, expected):
    drawn_in = []
    recorder = LearningCurves(tmp_path, redraw_seconds=seconds)
    for epoch in train(recorder, drawings.clock, epochs=10, epoch_seconds=10.0):
        drawn_in += [epoch] * (len(drawings.begun) > len(drawn_in))
    assert [*drawn_in, 10] == expected
    assert len(drawings.begun) == len(expected)


class Stopping(keras.callbacks.Callback):
    """Sends Ctrl-C's signal in the second batch of the fourth epoch."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        if self.epoch == 3 and batch == 1:
            signal.raise_signal(signal.SIGINT)


def test_ctrl_c_leaves_a_picture_of_the_epochs_so_far(tmp_path, monkeypatch):
    epochs = []
    png_bytes = "trickbook.reports.figures.picture.png_bytes"
    monkeypatch.setattr(png_bytes, lambda figure: epochs.append(epochs_in(figure)) or b"png")
    handler = signal.default_int_handler
    signal.signal(signal.SIGINT, handler)
    recorder = LearningCurves(tmp_path, batches=True, redraw_seconds=1e6)
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), recorder, Stopping(), epochs=9)
    assert epochs == [2, 3]
    assert (tmp_path / "curves.png").read_bytes() == b"png"
    # The batches of the epoch that was not finished are kept too.
    assert len((tmp_path / "batches.csv").read_text().splitlines()) == 1 + 8
    assert signal.getsignal(signal.SIGINT) == handler
    fit(compiled(), recorder, epochs=1)
    assert signal.getsignal(signal.SIGINT) == handler


def epochs_in(figure):
    return len(next(one for one in figure.axes[0].lines if one.get_label() == "train").get_xdata())


def test_without_plot_ctrl_c_draws_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), LearningCurves(tmp_path, plot=False), Stopping(), epochs=9)
    assert names_in(tmp_path) == ["history.csv"]


@pytest.fixture
def ipython(monkeypatch):
    """A stand-in for IPython in a kernel; `shown` lists what it displays, with its place."""
    fake, display = types.ModuleType("IPython"), types.ModuleType("IPython.display")
    fake.shell = types.SimpleNamespace(kernel=object())
    fake.get_ipython = lambda: fake.shell
    fake.shown = []

    class Handle:
        def __init__(self):
            self.place = len({place for place, _ in fake.shown})

        def update(self, picture):
            fake.shown.append((self.place, picture))

    def show(picture, display_id):
        assert display_id is True
        handle = Handle()
        handle.update(picture)
        return handle

    display.Image = lambda data, format: data
    display.display = show
    monkeypatch.setitem(sys.modules, "IPython", fake)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return fake


def test_in_a_notebook_the_picture_is_replaced_in_place(tmp_path, ipython):
    model = compiled()
    fit(model, LearningCurves(tmp_path, redraw_seconds=0), epochs=4)
    assert [place for place, _ in ipython.shown] == [0, 0, 0]
    assert ipython.shown[-1][1] == (tmp_path / "curves.png").read_bytes()
    fit(model, LearningCurves(tmp_path), epochs=1)
    assert [place for place, _ in ipython.shown] == [0, 0, 0, 1]


def test_ipython_in_a_terminal_shows_nothing(ipython):
    ipython.shell = types.SimpleNamespace()
    NotebookPicture().show(b"")
    ipython.shell = None
    NotebookPicture().show(b"")
    assert ipython.shown == []
