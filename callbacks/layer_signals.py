"""`LayerSignals`: how large signals and gradients are in each layer, as a model trains."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import keras

from ..reports.figures.picture import save_png
from ..reports.figures.signals_figure import plot_signals
from ..runs.atomic_files import write_text
from .evaluation.own_metrics import check_call
from .evaluation.samples import as_labels
from .evaluation.signals import LayerSignal, measure_signals
from .evaluation.some_samples import some_samples
from .recording.tolerant_writer import TolerantWriter
from .recording.writable_folder import require_writable_folder

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure


class LayerSignals(keras.callbacks.Callback):
    """Measures signals and gradients in each layer, before the first epoch and after others.

    It shows where a deep network stops to learn: signals or gradients that fade or grow from layer
    to layer, and units that are dead (decks L2, L4). What is measured, and of which layers, is said
    at `trickbook.callbacks.measure_signals`, which does it once, without a fit. Training goes on as
    without this callback.

    Each measurement costs two passes through the network that are not compiled. With `folder` there
    are two files, `signals.csv`, rewritten after each measurement, and `signals.png`, drawn when a
    fit ends. If they cannot be written then, a warning gives the reason.

    Put it after callbacks that set weights before the first epoch, such as
    `trickbook.callbacks.LSUV`. A fit with `initial_epoch=k` continues what was measured up to then
    by this instance, and any other fit begins anew.

    Args:
        x: Inputs as the model takes them: an array, or a list or dict of arrays.
        y: Their labels, as `fit` takes them; None: no gradients.
        folder: Where to write; None writes nothing.
        every: Measure after every this many epochs, and after the last one.
        max_samples: Use at most this many samples, evenly spaced; some hundreds are enough.
        model: What to look into instead of the model that is trained, for instance a part that has
            a `call` where the whole model has none. It has gradients if it is compiled itself.

    Raises:
        ValueError: An argument is out of range; or, when training begins, the model has no `call`
            or the folder cannot be written.

    Example:
    ```python
    signals = trickbook.callbacks.LayerSignals(x, y, folder="out", every=10)
    model.fit(x, y, epochs=40, callbacks=[signals])
    signals.table()  # a row for each layer, before training and after epochs 10, 20, 30 and 40
    ```
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        folder: str | Path | None = None,
        every: int = 1,
        max_samples: int = 256,
        model: keras.Model | None = None,
    ) -> None:
        super().__init__()
        for name, value in (("every", every), ("max_samples", max_samples)):
            if value < 1:
                raise ValueError(f"`{name}` should be 1 or more. Received: {name}={value}")
        self.folder = None if folder is None else Path(folder)
        self.every = every
        self._part = model
        given = (x,) if y is None else (x, as_labels(y))
        self._batch = some_samples(given, max_samples, "LayerSignals")
        self._rows: list[dict[str, Any]] = []

    def table(self) -> pd.DataFrame:
        """What was measured: a row for each layer, in order of calls, at each measurement.

        Returns:
            The columns `epoch`, of which 0 is before training, and those of
            `trickbook.callbacks.measure_signals`: `layer`, `mean`, `std`, `zeros`, `dead`,
            `weights` and `gradient`.
        """
        import pandas as pd

        return pd.DataFrame(self._rows, columns=["epoch", *LayerSignal._fields])

    def plot(self) -> Figure:
        """Draws the first measurement, the last one, and up to three between them.

        Raises:
            ValueError: Nothing was measured yet, or the model has no layer with a kernel.
        """
        if not self._rows:
            raise ValueError("LayerSignals has measured no layer: there is nothing to draw.")
        table = self.table()
        epochs = sorted(table["epoch"].unique())
        places = [round(part * (len(epochs) - 1) / 4) for part in range(5)]
        shown = [epochs[place] for place in dict.fromkeys(places)]
        names = [f"after epoch {epoch}" if epoch else "before training" for epoch in shown]
        parts = [table[table["epoch"] == epoch] for epoch in shown]
        return plot_signals(dict(zip(names, parts, strict=True)))

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the model can be called and the folder can be written."""
        check_call(self._part or self.model, "LayerSignals")
        if self.folder is not None:
            require_writable_folder(self.folder, "LayerSignals")
            self._writer = TolerantWriter("LayerSignals", self.folder)
        self._has_begun = False
        self._last_epoch = 0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measure before the first epoch; a fit that continues has what was measured before."""
        if self._has_begun:
            return
        self._has_begun = True
        self._last_epoch = epoch
        self._rows = [row for row in self._rows if row["epoch"] <= epoch] if epoch else []
        if not any(row["epoch"] == epoch for row in self._rows):
            self._measure(epoch)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measure, if it is this epoch's turn."""
        self._last_epoch = epoch + 1
        is_last = self._last_epoch == (self.params or {}).get("epochs") or self.model.stop_training
        if is_last or self._last_epoch % self.every == 0:
            self._measure(self._last_epoch)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Measure after the last epoch, where a later callback ended the fit; draw the picture."""
        if self._has_begun and not any(row["epoch"] == self._last_epoch for row in self._rows):
            self._measure(self._last_epoch)
        if self.folder is not None and self._rows:
            picture = self.folder / "signals.png"
            self._writer.write(lambda: save_png(self.plot(), picture))

    def state_dict(self) -> dict[str, Any]:
        """What was measured so far, for `trickbook.callbacks.ExactResume`."""
        return {"rows": [dict(row) for row in self._rows]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._rows = [dict(row) for row in state["rows"]]
        self._has_begun = True

    def _measure(self, epoch: int) -> None:
        measured = measure_signals(self._part or self.model, *self._batch)
        self._rows += [{"epoch": epoch, **one._asdict()} for one in measured]
        if self.folder is not None:
            path = self.folder / "signals.csv"
            text = self.table().to_csv(index=False, lineterminator="\n")
            self._writer.write(lambda: write_text(path, text))
