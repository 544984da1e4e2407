"""Accuracy and plain cross-entropy of a classifier's output, and the plain loss of any other."""

import inspect
import math
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import keras
import numpy as np
from scipy.special import log_softmax

from ..state.keras_private import loss_arguments

_BINARY_LOSSES = (keras.losses.BinaryCrossentropy, keras.losses.BinaryFocalCrossentropy)
_BINARY_NAMES = ("binary_crossentropy", "binary_focal_crossentropy")

# By how much the sum of a softmax may differ from 1: in float32, in half precision, and at most if
# outputs are to be told from logits at all, as with half precision held in float32.
_ROUNDING, _ROUNDING_OF_HALVES, _NEARLY = 1e-3, 2e-2, 5e-2


@dataclass(frozen=True)
class Score:
    """Sums over predictions, so that the scores of batches add up."""

    sums: dict[str, float] = field(default_factory=dict)
    """By figure: how many predictions are right, cross-entropy in nats, loss."""
    predictions: int = 0
    """How many were scored."""

    def plus(self, other: "Score") -> "Score":
        """The score of both together."""
        sums = {figure: self.sums.get(figure, 0.0) + value for figure, value in other.sums.items()}
        return Score(sums, self.predictions + other.predictions)

    def means(self) -> dict[str, float]:
        """Each figure per prediction; NaN where none was scored."""
        count = self.predictions or math.nan
        return {figure: value / count for figure, value in self.sums.items()}


class LossScoring(NamedTuple):
    """How to score an output that is not a classifier's: by the loss it was compiled with."""

    loss: Any
    weight: float = 1.0
    """What each loss is multiplied by."""

    @property
    def is_sum(self) -> bool:
        """Whether Keras adds up the losses of a batch instead of taking their mean."""
        return isinstance(self.loss, keras.losses.Loss) and bool(self.loss.reduction == "sum")

    def score(
        self, outputs: np.ndarray, labels: np.ndarray, mask: np.ndarray | None = None
    ) -> Score:
        """Score one batch by the loss alone: no penalties, no sample weights, no classes.

        Args:
            outputs: Any.
            labels: As the loss takes them.
            mask: Which predictions count; ignored if the loss gives one number for all of them.
        """
        floatx = keras.config.floatx()
        pair = self._aligned(labels, outputs)
        arrays = (keras.ops.convert_to_tensor(array, floatx) for array in pair)
        values = self.weight * keras.ops.convert_to_numpy(self._per_sample()(*arrays))
        if mask is not None and values.shape[: mask.ndim] == mask.shape:
            kept = values[mask]
            return Score({"loss": float(kept.sum(dtype=np.float64))}, kept.size)
        return Score({"loss": float(values.mean(dtype=np.float64)) * len(outputs)}, len(outputs))

    def _aligned(self, labels: np.ndarray, outputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Labels and outputs with as many axes, as Keras makes them."""
        if labels.ndim == outputs.ndim - 1 and outputs.shape[-1] == 1:
            return labels[..., np.newaxis], outputs
        is_column = labels.ndim == outputs.ndim + 1 and labels.shape[-1] == 1
        # Keras aligns them for a loss function; its own loss objects do so themselves, others
        # may not.
        if not is_column or isinstance(self.loss, keras.losses.Loss):
            return labels, outputs
        return (labels, outputs[:, np.newaxis]) if outputs.ndim == 1 else (labels[..., 0], outputs)

    def _per_sample(self) -> Any:
        """The loss, of each sample if possible: `__call__` reduces it to one number."""
        if not isinstance(self.loss, keras.losses.Loss):
            return self.loss
        has_call = type(self.loss).call is not keras.losses.Loss.call
        return self.loss.call if has_call else self.loss


class ClassScoring(NamedTuple):
    """How to read a classifier's outputs.

    A categorical classifier outputs one column per class, on its last axis or another one, and its
    labels are class indices or one-hot; in a binary one each output stands alone, with a label of 0
    or 1.
    """

    binary: bool
    from_logits: bool
    ignored: int | None = None
    """Labels of this class are left out."""
    axis: int = -1
    """Where the outputs have their classes."""

    def score(
        self, outputs: np.ndarray, labels: np.ndarray, mask: np.ndarray | None = None
    ) -> Score:
        """Score one batch.

        Args:
            outputs: Logits or probabilities, of shape (..., classes), or (..., 1) if binary; the
                classes may stand on another axis.
            labels: Of the same shape, or without the axis of the classes, or with 1 there.
            mask: Which predictions count, of the outputs' shape without the axis of the classes.

        Raises:
            ValueError: The labels are of another shape or out of range.
        """
        outputs, labels = _classes_last(outputs, labels, self.axis)
        misfit = _misfit(outputs.shape, labels, self.binary, self.ignored)
        if misfit:
            raise ValueError(misfit)
        outputs = outputs.astype(np.float64)
        if mask is not None and outputs.shape[:-1] == mask.shape:
            outputs, labels = outputs[mask], labels[mask]
        if self.ignored is not None and labels.shape != outputs.shape:
            labels = labels.reshape(outputs.shape[:-1])
            kept = labels != self.ignored
            outputs, labels = outputs[kept], labels[kept]
        if self.binary:
            return self._score_binary(outputs.ravel(), labels.ravel().astype(np.float64))
        logs = log_softmax(outputs, axis=-1) if self.from_logits else _log_normalised(outputs)
        if labels.shape == outputs.shape:
            true, losses = labels.argmax(axis=-1), -(labels * logs).sum(axis=-1)
        else:
            true = labels.reshape(outputs.shape[:-1]).astype(np.int64)
            losses = -np.take_along_axis(logs, true[..., None], axis=-1)
        # If outputs are NaN, none is the highest.
        correct = (outputs.argmax(axis=-1) == true) & ~np.isnan(outputs).any(axis=-1)
        return _class_score(correct, losses)

    def _score_binary(self, outputs: np.ndarray, labels: np.ndarray) -> Score:
        if self.from_logits:
            losses = np.logaddexp(0.0, outputs) - labels * outputs
        else:
            epsilon = keras.config.epsilon()
            sure = np.clip(outputs, epsilon, 1 - epsilon)
            losses = -(labels * np.log(sure) + (1 - labels) * np.log1p(-sure))
        correct = (outputs > (0.0 if self.from_logits else 0.5)) == (labels > 0.5)
        return _class_score(correct & ~np.isnan(outputs), losses)


def choose_scoring(
    loss: Any,
    activation: str | None,
    outputs: np.ndarray,
    labels: np.ndarray,
    classifier: bool | None = None,
) -> ClassScoring | LossScoring:
    """Find out how to read one output of a model.

    A loss with `from_logits`, as Keras's cross-entropies have, is taken for a classifier's; any
    other output is scored by its loss. If `classifier` says that it is a classifier's, the last
    layer's activation and the outputs themselves decide whether they are logits.

    Args:
        loss: What the output is compiled with, as an object or function; None where there is none.
        activation: The name of its last activation; None where that is not known.
        outputs: What it predicts for some samples.
        labels: Of these or of more samples.
        classifier: Whether it predicts classes; None: as the loss says.

    Raises:
        ValueError: The labels are not classes and there is no loss to score by, or it cannot be
            determined whether the outputs are logits or probabilities.
    """
    axis = _axis_of_classes(loss)
    outputs, labels = _classes_last(outputs, labels, axis)
    binary = outputs.ndim < 2 or outputs.shape[-1] == 1 or _is_binary(loss)
    if labels.dtype.kind not in "biuf":
        raise ValueError(
            f"CleanEvaluation needs labels that are numbers. Received: labels of {labels.dtype}"
        )
    declared = _declared_from_logits(loss)
    is_classifier = declared is not None if classifier is None else classifier
    if not is_classifier:
        return LossScoring(loss)
    ignored = getattr(loss, "ignore_class", None)
    misfit = _misfit((len(labels), *outputs.shape[1:]), labels, binary, ignored)
    tolerance = _ROUNDING_OF_HALVES if outputs.dtype.itemsize < 4 else _ROUNDING
    probabilities = activation in ("softmax", "sigmoid") or _sum_to_one(outputs, binary, tolerance)
    if misfit:
        raise ValueError(misfit)
    is_open = binary or _sum_to_one(outputs, binary, _NEARLY)
    if declared is None and not probabilities and is_open and activation != "linear":
        raise ValueError(
            "CleanEvaluation cannot tell whether the model outputs logits or probabilities. "
            "Compile a classifier with a cross-entropy loss, or end it with a softmax or sigmoid; "
            "compile any other model with the loss that is to be measured. "
            f"Received: loss={_name(loss)}, last activation={activation}"
        )
    from_logits = not probabilities if declared is None else declared
    if not from_logits and bool(((outputs < -1e-3) | (outputs > 1 + 1e-3)).any()):
        raise ValueError(
            "The model outputs values outside 0..1, but its loss takes them for probabilities. End "
            "the model with a softmax or sigmoid, or compile the loss with from_logits=True. "
            f"Received: loss={_name(loss)}"
        )
    return ClassScoring(binary, from_logits, ignored, axis)


def _misfit(
    outputs: tuple[int, ...], labels: np.ndarray, binary: bool, ignored: int | None = None
) -> str:
    """Why labels are not classes for outputs of this shape; empty if they are."""
    width = outputs[-1] if len(outputs) > 1 else 1
    per_output = labels.shape == outputs
    several_binary = binary and width > 1
    per_prediction = labels.size * width == math.prod(outputs) and not several_binary
    if not (per_output or per_prediction):
        return (
            "CleanEvaluation reads labels as class indices, one per prediction, or one-hot. "
            f"Received: labels of shape {labels.shape} for outputs of shape {outputs}"
        )
    highest = 1 if binary or per_output else width - 1
    allowed = (labels >= 0) & (labels <= highest)
    # Soft labels are shares, also for a binary output without an axis of classes.
    if not per_output and not binary:
        allowed &= labels == np.rint(labels)
    if ignored is not None and not per_output:
        allowed |= labels == ignored
    if allowed.all():
        return ""
    return (
        f"CleanEvaluation reads labels as class indices 0 to {highest}, or one-hot. "
        f"Received: labels with the value {labels[~allowed].ravel()[0]}"
    )


def _class_score(correct: np.ndarray, losses: np.ndarray) -> Score:
    sums = {"accuracy": float(correct.sum()), "cross_entropy": float(losses.sum())}
    return Score(sums, correct.size)


def _sum_to_one(outputs: np.ndarray, binary: bool, tolerance: float) -> bool:
    sums = outputs.astype(np.float64).sum(axis=-1)
    is_close = np.allclose(sums, 1, rtol=0.0, atol=tolerance)
    return not binary and bool((outputs >= 0).all()) and is_close


def _axis_of_classes(loss: Any) -> int:
    """The axis of the outputs on which a categorical cross-entropy has the classes."""
    # In any other loss, such as a binary one, `axis` is the axis that a mean is taken over.
    is_object = isinstance(loss, keras.losses.Loss)
    if not is_object or _is_binary(loss) or _declared_from_logits(loss) is None:
        return -1
    axis = loss_arguments(loss).get("axis", getattr(loss, "axis", -1))
    return axis if isinstance(axis, int) else -1


def _classes_last(
    outputs: np.ndarray, labels: np.ndarray, axis: int
) -> tuple[np.ndarray, np.ndarray]:
    """Outputs with the axis of the classes moved last, and labels too if they have this axis."""
    if outputs.ndim < 2 or axis in (-1, outputs.ndim - 1):
        return outputs, labels
    is_one_hot = labels.shape[1:] == outputs.shape[1:]
    if is_one_hot or (labels.ndim == outputs.ndim and labels.shape[axis] == 1):
        labels = np.moveaxis(labels, axis, -1)
    return np.moveaxis(outputs, axis, -1), labels


def _is_binary(loss: Any) -> bool:
    """Whether the loss is for outputs that are binary each; its name may be the user's choice."""
    return isinstance(loss, _BINARY_LOSSES) or _name(loss) in _BINARY_NAMES


def _name(loss: Any) -> str | None:
    return None if loss is None else getattr(loss, "__name__", None) or getattr(loss, "name", None)


def _declared_from_logits(loss: Any) -> bool | None:
    if isinstance(loss, keras.losses.Loss) or loss is None:
        declared = getattr(loss, "from_logits", None)
    else:
        parameter = inspect.signature(loss).parameters.get("from_logits")
        declared = None if parameter is None else parameter.default
    return declared if isinstance(declared, bool) else None


def _log_normalised(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities that sum to 1, no smaller than that of Keras's epsilon."""
    shares = probabilities / probabilities.sum(axis=-1, keepdims=True)
    return np.log(np.clip(shares, keras.config.epsilon(), 1.0))
