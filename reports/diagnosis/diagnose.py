"""`diagnose`: what learning curves show, as named findings with their numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..read.as_history import as_history
from ..read.epochs import measured
from ..read.metric_columns import read_metric
from ..read.panels import is_metric
from ..wording import count_text
from .curve_signs import FEWEST, curve_signs
from .divergence import divergence
from .finding import Finding
from .finding_rules import findings

if TYPE_CHECKING:
    import pandas as pd


def diagnose(
    histories: Any,
    metric: str | None = None,
    validation_samples: int | None = None,
    final: Mapping[str, float] | None = None,
    classes: int | None = None,
) -> list[Finding]:
    """Read the learning curves of one model, trained once or with several seeds.

    It reads one metric: the one named, else the accuracy, else the plain cross-entropy or the loss;
    for a model with several outputs that is the total loss. For the training set, clean figures
    (`train_clean_<metric>`, as `trickbook.callbacks.CleanEvaluation` logs them) are preferred to
    Keras's running means. A difference counts if it is large enough to matter and beyond its noise:
    the standard error of an accuracy on `validation_samples`, that of the gap over the seeds, and
    the jumps of the curve itself from epoch to epoch; `curve_signs.py` beside this file has the
    limits and their reasons. If the first epochs are missing, as after resuming in another process,
    no loss is judged by comparison with its beginning, and each finding says which epochs it is
    based on.

    Args:
        histories: Whatever `trickbook.reports.read.as_history.as_history` reads, such as what `fit`
            returns or the path of a history.csv; or a list of them, one per seed.
        metric: Such as `"loss"` or `"head_accuracy"`.
        validation_samples: How many samples the validation figures are measured on.
        final: Figures of the final model, if better ones are known than the ends of the curves, by
            column name, as in `{"val_accuracy": 0.93}`; means over the seeds, NaN where one is not
            known.
        classes: The number of classes, from which the loss of guessing follows; None where that is
            not known.

    Returns:
        One finding or more, the most important first, of these kinds:

        - `diverged`: the loss is not a number at the end, or far above its lowest.
        - `over-fitting`: training is far better than validation, or validation loss turned upwards.
        - `oscillating`: the curve moves up and down.
        - `improving`: the curve still gets better at the end.
        - `validation-better`: validation is better than training.
        - `under-fitting`: the training set itself is not fitted.
        - `saturated`: nothing has improved since the first quarter of the training.
        - `balanced`: none of these.
        - `unread`: too little was recorded to say.

    Raises:
        ValueError: There are no histories, or the name of `metric` does not say whether higher or
            lower is better.

    Example:
    >>> loss = [1.0, 0.5, 0.3, 0.2, 0.14, 0.1, 0.07, 0.05]
    >>> history = {"loss": loss, "val_loss": [1.1, 0.7, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0]}
    >>> (finding,) = trickbook.reports.diagnosis.diagnose.diagnose(history)
    >>> finding.kind, finding.epoch
    ('over-fitting', 3)
    >>> finding.advice
    'regularise, give it more examples, take a smaller network, or stop at epoch 3'
    """
    tables = [as_history(one) for one in _listed(histories)]
    columns = list(dict.fromkeys(str(column) for table in tables for column in table))
    chosen = read_metric(columns, metric)
    if chosen is None:
        return [_not_recorded(columns, metric)]
    broken = next(filter(None, (divergence(table, chosen) for table in tables)), None)
    if broken is not None:
        return [broken]
    epochs = max(_epochs(table, column) for table in tables for column in (chosen.name, chosen.val))
    if epochs < FEWEST:
        return [_too_short(epochs)]
    return findings(curve_signs(tables, chosen, validation_samples, final, classes))


def _listed(histories: Any) -> list[Any]:
    several = list(histories) if isinstance(histories, list | tuple) else [histories]
    if not several:
        raise ValueError(f"Give one history or more. Received: histories={histories!r}")
    return several


def _not_recorded(columns: Sequence[str], metric: str | None) -> Finding:
    wanted = "neither an accuracy nor a 'loss'" if metric is None else f"no metric {metric!r}"
    there = [one for one in columns if is_metric(one)]
    known = f"; there are {', '.join(map(repr, there))}" if there else ""
    advice = "name the metric to read: Diagnosis(metric=...)" if there else ""
    return Finding("unread", f"Nothing to read: {wanted} was recorded{known}.", advice)


def _too_short(epochs: int) -> Finding:
    sentence = f"Only {count_text(epochs, 'epoch')} recorded: too little to read."
    return Finding("unread", sentence, "train for more epochs")


def _epochs(table: pd.DataFrame, column: str) -> int:
    return len(measured(table, column)[0])
