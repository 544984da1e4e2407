"""Which metrics of a training are drawn together: one panel each, grouped by output."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...runs.history import ACCURACIES

if TYPE_CHECKING:
    import pandas as pd

VALIDATION_PREFIX = "val_"
CLEAN_PREFIX = "train_clean_"
LEARNING_RATE = "learning_rate"
_SAME = 1e-5
"""Two running means of the same numbers, in 32 bits, lie no farther apart."""
_COUNTERS = ("epoch", "step", "seconds")


class PanelGroup(NamedTuple):
    """The metrics of one output of a model, or those of the whole model."""

    output: str
    """Empty for the whole model."""
    metrics: list[str]
    """By Keras's names, without the prefixes of validation and clean training figures."""

    def title(self, metric: str) -> str:
        """What to write above the panel of one of the metrics."""
        return f"{self.output}: {metric.removeprefix(f'{self.output}_')}" if self.output else metric


def group_metrics(columns: Iterable[str], outputs: Sequence[str] | None = None) -> list[PanelGroup]:
    """Group the metrics in the columns of histories by the outputs of their model.

    Keras begins the name of an output's metric with the output's name, if there are several. The
    whole model comes first, then the outputs in their order; in each group the loss leads, then the
    accuracy, then the rest as they were recorded.

    Args:
        columns: Those of one history, or of several that are drawn together.
        outputs: The names of the model's outputs. None: not known, and told from the columns: `X`
            is an output if `X_loss` and other metrics `X_...` were recorded beside the `loss`, and
            so for at least two of them.

    Example:
    >>> group_metrics(["loss", "val_loss", "age_loss"], ["age", "sex"])
    [PanelGroup(output='', metrics=['loss']), PanelGroup(output='age', metrics=['age_loss'])]
    """
    metrics = list(dict.fromkeys(base_metric(name) for name in columns if is_metric(name)))
    if outputs is None:
        outputs = _outputs_in(metrics)
    groups: dict[str, list[str]] = {name: [] for name in ("", *(outputs if outputs else ()))}
    for metric in metrics:
        groups[_output_of(metric, outputs)].append(metric)
    return [
        PanelGroup(output, sorted(names, key=lambda name: _rank(name, output)))
        for output, names in groups.items()
        if names
    ]


def base_metric(column: str) -> str:
    """The metric in a column's name: `val_loss` and `train_clean_loss` are figures of `loss`."""
    return column.removeprefix(VALIDATION_PREFIX).removeprefix(CLEAN_PREFIX)


def is_learning_rate(column: str) -> bool:
    """Whether the column holds a rate; of several optimizers each has one of its own."""
    return column == LEARNING_RATE or column.startswith(f"{LEARNING_RATE}_")


def is_the_loss(history: pd.DataFrame, metric: str) -> bool:
    """Whether a metric is the loss, or has the very figures of it, as a cross-entropy may.

    Args:
        history: Of one training, as `trickbook.runs.history.read_history` returns it.
        metric: Without prefixes.
    """
    if metric == "loss":
        return True
    pairs = [(f"{prefix}loss", f"{prefix}{metric}") for prefix in ("", VALIDATION_PREFIX)]
    there = [pair for pair in pairs if pair[0] in history or pair[1] in history]
    return bool(there) and all(
        one in history
        and other in history
        and np.allclose(history[one], history[other], rtol=_SAME, atol=0, equal_nan=True)
        for one, other in there
    )


def is_metric(column: str) -> bool:
    """Whether the column holds figures of the model, rather than a rate, a time or a count."""
    return column not in _COUNTERS and not is_learning_rate(column)


def _outputs_in(metrics: Sequence[str]) -> list[str]:
    if "loss" not in metrics:
        return []
    candidates = [name.removesuffix("_loss") for name in metrics if name.endswith("_loss")]
    # A model may have losses of its own, such as `kl_loss` and `reconstruction_loss`.
    outputs = [
        output
        for output in candidates
        if sum(_output_of(name, candidates) == output for name in metrics) > 1
    ]
    return outputs if len(outputs) > 1 else []


def _output_of(metric: str, outputs: Sequence[str]) -> str:
    # The longest, since an output may be called `a` and another one `a_b`.
    return max((name for name in outputs if metric.startswith(f"{name}_")), key=len, default="")


def _rank(metric: str, output: str) -> int:
    name = metric.removeprefix(f"{output}_") if output else metric
    return 0 if name == "loss" else 1 if name in ACCURACIES else 2
