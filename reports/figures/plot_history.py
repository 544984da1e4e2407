"""`plot_history`: the learning curves of trainings, whatever recorded them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from ..read.named_histories import named_histories
from .curve_panel import draw_panel, legend_entries
from .curve_view import CurveView
from .history_figure import find_metric, history_figure
from .style import house_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@overload
def plot_history(
    histories: Any,
    *,
    metric: str | None = None,
    x: str = "epoch",
    smooth: float = 0.0,
    band: str | None = None,
    title: str | None = None,
    ax: None = None,
) -> Figure: ...


@overload
def plot_history(
    histories: Any,
    *,
    metric: str | None = None,
    x: str = "epoch",
    smooth: float = 0.0,
    band: str | None = None,
    title: str | None = None,
    ax: Axes,
) -> Axes: ...


def plot_history(
    histories: Any,
    *,
    metric: str | None = None,
    x: str = "epoch",
    smooth: float = 0.0,
    band: str | None = None,
    title: str | None = None,
    ax: Axes | None = None,
) -> Figure | Axes:
    """Draw the learning curves of one training, or of several to be compared.

    Every metric has a panel, with training and validation on one axis; metrics are grouped by the
    outputs of the model. Of one training the best epoch is marked: that of the highest validation
    accuracy, else of the lowest validation loss. Of several, each has a colour, its training
    figures are dashed and its best epoch is a dot. Those of one name are its seeds: each is a pale
    line, or all of them a band, and their mean stands for them. Where its batches were recorded,
    their rates are drawn, and behind a training that is alone a thin line of their loss. The loss
    has no panel where it equals a cross-entropy that has one. A cross at the upper edge stands
    where a figure was NaN or infinite. Losses that span three decades have a logarithmic axis, and
    so have other figures above 1.

    Args:
        histories: What `fit` returns; its `.history`; a DataFrame of a row per epoch; the path of
            a history.csv, or of a file that Keras's `CSVLogger` wrote; the folder of a run that
            `trickbook.callbacks.LearningCurves` wrote; or a folder with such runs one or two levels
            below. Or a list of these, or a dict that names each. Keras's lists do not tell their
            epochs: see `trickbook.reports.read.as_history.as_history` for how those of
            `validation_freq=2` are placed.
        metric: Draw this one alone, as `accuracy`; its validation goes with it. None: all of them;
            on `ax` the loss, or else the first.
        x: What runs along the horizontal axis: `epoch`; `step`, batches since training began; or
            `time`. The latter two are recorded by `trickbook.callbacks.LearningCurves` alone.
        smooth: Weight of the past in an exponential moving average, from 0 (no smoothing) to below
            1; bias-corrected. The line as measured stays visible behind it.
        band: Of trainings of one name, in place of a pale line each: `range`, from the lowest to
            the highest in each epoch; or `deviation`, their standard deviation below and above the
            mean.
        title: Shown above everything.
        ax: Draw one metric here, and add nothing to any other axes.

    Returns:
        `ax` where it was given, else a new `matplotlib.figure.Figure` that pyplot does not know: it
        need not be closed. A notebook shows it as the value of a cell; `savefig` saves it.

    Raises:
        trickbook.runs.errors.ReportError: A ValueError: there is no such training, it did not
            record `metric` or `x`, or an argument is of another kind or out of range.

    Example:
    ```python
    history = model.fit(x, y, validation_split=0.2, epochs=30)
    trickbook.callbacks.plot_history(history, smooth=0.6).savefig("curves.png")
    trickbook.callbacks.plot_history({"base": "runs/base", "wide": "runs/wide"}, x="time")
    ```
    """
    view = CurveView(x, smooth, band)
    trainings = named_histories(histories)
    if ax is None:
        return history_figure(trainings, view, metric=metric, title=title)
    chosen = find_metric(trainings, metric)
    with house_style():
        draw_panel(ax, trainings, view, chosen)
        ax.set_title(chosen if title is None else title)
        entries = legend_entries([ax])
        if entries:
            ax.legend(entries.values(), entries.keys())
    return ax
