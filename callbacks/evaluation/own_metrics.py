"""A model's own metrics, evaluated without leaving a trace in its training."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import keras

from ..recording.history_table import flat_numbers
from ..state.recurrent_states import recurrent_states_kept
from ..state.seeds import seeds_kept, torch_draws_kept
from ..state.variable_values import values_kept
from .samples import Samples


def check_call(model: keras.Model, who: str) -> keras.Model:
    """Returns the model, if it can be called.

    Raises:
        ValueError: It has no `call`, only a `train_step`.
    """
    if type(model).call in (keras.Model.call, keras.layers.Layer.call):
        raise ValueError(
            f"{who} calls the model, and {type(model).__name__} has no `call`. Give the part that "
            "has one, as model=part."
        )
    return model


@contextmanager
def evaluation_leaves_no_trace(model: keras.Model) -> Iterator[None]:
    """Leave metrics, seed generators and the states of recurrent layers as they were.

    The order in which a PyTorch `DataLoader` of the training goes on is also kept.
    """
    with seeds_kept(model), torch_draws_kept(), recurrent_states_kept(model):
        metrics = [variable for metric in model.metrics for variable in metric.variables]
        with values_kept(metrics):
            yield


def measures_itself(model: keras.Model) -> bool:
    """Whether the model has metrics other than its compiled loss."""
    return _computes_loss(model) or any(metric.name != "loss" for metric in model.metrics)


def predicts_otherwise(model: keras.Model) -> bool:
    """Whether what the model predicts is not what its `call` gives, as with a softmax behind it."""
    own = type(model)
    return own.predict_step is not _plain(own).predict_step


def own_metrics(model: keras.Model, samples: Samples) -> dict[str, float]:
    """The metrics that the model's evaluation gives; its loss only if the model computes it itself.

    A loss that the model computes in its own `test_step` or `compute_loss` cannot be measured in
    any other way; a compiled loss is measured without penalties elsewhere. A metric of several
    values, such as the F1 of every class, has a number for each, as `f1_score/0`.
    """
    with evaluation_leaves_no_trace(model):
        found = samples.evaluated(model)
    kept = found if _computes_loss(model) else {n: v for n, v in found.items() if n != "loss"}
    return flat_numbers(kept)


def _computes_loss(model: keras.Model) -> bool:
    own = type(model)
    has_test_step = own.test_step is not _plain(own).test_step
    return has_test_step or own.compute_loss is not keras.Model.compute_loss


def _plain(own: type[keras.Model]) -> Any:
    """The Keras class that a user's model class is derived from."""
    return next(base for base in own.__mro__ if base.__module__.startswith("keras."))
