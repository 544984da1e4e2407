"""`Diagnosis`: what a training's learning curves show, and what to try next."""

from typing import Any

import keras

from ..reports.diagnosis.finding import Finding
from ..reports.read.metric_columns import is_share
from .recording.history_table import flat_numbers
from .recording.late_metrics import LateMetrics


class Diagnosis(keras.callbacks.Callback):
    """Reads the learning curves when a fit ends, and says what they show.

    It names over-fitting (and since which epoch), under-fitting, a training that still improves,
    that saturated early, oscillates or diverged, and validation that is better than training, each
    with its numbers and with what the lectures do next. `findings` holds them, the most important
    first; see `trickbook.callbacks.diagnose` for what is read, and which differences count.
    `findings` can also be read while a fit runs, and after one that was interrupted.

    It adds nothing to the logs and costs nothing until `findings` is read. Put it after
    `trickbook.callbacks.CleanEvaluation`, whose training figures it prefers to Keras's running
    means. A fit with `initial_epoch=k` continues the first k epochs of the fit before it; where
    there was none, as in another process, the findings cover only the epochs since then.

    Args:
        metric: Which metric to read, such as `"head_accuracy"`. None: the accuracy, or else the
            loss, which is the total loss where there are several outputs.
        validation_samples: How many samples the model is validated on, which decides how much of a
            validation accuracy may be chance. None: not known.
        verbose: 1 prints the findings when a fit ends, 0 does not.

    Raises:
        ValueError: The name of `metric` does not say whether higher or lower is better, or
            `validation_samples` is below 1.

    Example:
    ```python
    diagnosis = trickbook.callbacks.Diagnosis(validation_samples=len(x_val))
    model.fit(x, y, validation_data=(x_val, y_val), epochs=40, callbacks=[diagnosis])
    diagnosis.findings[0].kind  # such as "over-fitting"
    diagnosis.findings[0].epoch  # since when
    ```
    """

    def __init__(
        self,
        metric: str | None = None,
        validation_samples: int | None = None,
        verbose: int = 1,
    ) -> None:
        super().__init__()
        if metric is not None:
            is_share(metric)  # refuses what `diagnose` would only refuse when training has ended
        if validation_samples is not None and validation_samples < 1:
            raise ValueError(
                "`validation_samples` should be 1 or more. "
                f"Received: validation_samples={validation_samples}"
            )
        self.metric = metric
        self.validation_samples = validation_samples
        self.verbose = verbose
        self._rows: list[dict[str, float]] = []
        self._has_begun = False

    @property
    def findings(self) -> list[Finding]:
        """What the epochs so far show, one finding or more, the most important first."""
        import pandas as pd

        from ..reports.diagnosis.diagnose import diagnose

        return diagnose(pd.DataFrame(self._rows), self.metric, self.validation_samples)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Wait for the first epoch: its number says whether this fit continues an earlier one."""
        self._has_begun = False
        self._is_restored = False
        self._late = LateMetrics("Diagnosis")

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Keep the records of the epochs before the first one of this fit."""
        if not self._has_begun:
            self._has_begun = True
            self._rows = [row for row in self._rows if row["epoch"] <= epoch]
        self._late.warn()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Record the epoch."""
        self._rows.append(flat_numbers(logs or {}) | {"epoch": epoch + 1})
        self._late.note(logs)

    def on_train_end(self, logs: dict[str, Any] | None = None) -> None:
        """Print the findings."""
        self._late.warn()
        # A fit of no epochs shows nothing, unless it resumes one that had trained them all.
        if self.verbose and self._rows and (self._has_begun or self._is_restored):
            print("Diagnosis:", *self.findings, sep="\n- ")

    def state_dict(self) -> dict[str, Any]:
        """What was recorded, for `trickbook.callbacks.ExactResume`."""
        return {"rows": [dict(row) for row in self._rows]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Go on from what `state_dict` gave."""
        self._rows = [dict(row) for row in state["rows"]]
        self._is_restored = True
