"""Accuracy and plain cross-entropy of a classifier, from its outputs and how it was compiled."""

import inspect
import math
from typing import Any, NamedTuple

import keras
import numpy as np

_BINARY_LOSSES = ("binary_crossentropy", "binary_focal_crossentropy")


class Score(NamedTuple):
    """Sums over predictions, so that the scores of batches add up."""

    correct: float
    cross_entropy: float
    """In nats."""
    predictions: float
    """How many were scored."""

    def plus(self, other: "Score") -> "Score":
        """The score of both together."""
        return Score(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


class Scoring(NamedTuple):
    """How to read a classifier's outputs.

    A categorical classifier outputs one column per class on its last axis, and its labels are class
    indices or one-hot; in a binary one each output stands alone, with a label of 0 or 1.
    """

    binary: bool
    from_logits: bool

    def score(self, outputs: np.ndarray, labels: np.ndarray) -> Score:
        """Score one batch.

        Args:
            outputs: Logits or probabilities, of shape (..., classes), or (..., 1) if binary.
            labels: Of the same shape, or without the last axis, or with 1 there.

        Raises:
            ValueError: The labels are of another shape or out of range.
        """
        _check_labels(outputs.shape, labels, self.binary)
        outputs = outputs.astype(np.float64)
        if self.binary:
            return self._score_binary(outputs.ravel(), labels.ravel().astype(np.float64))
        logs = _log_softmax(outputs) if self.from_logits else _log_normalised(outputs)
        if labels.shape == outputs.shape:
            true, losses = labels.argmax(axis=-1), -(labels * logs).sum(axis=-1)
        else:
            true = labels.reshape(outputs.shape[:-1]).astype(np.int64)
            losses = -np.take_along_axis(logs, true[..., None], axis=-1)
        correct = outputs.argmax(axis=-1) == true
        return Score(float(correct.sum()), float(losses.sum()), correct.size)

    def _score_binary(self, outputs: np.ndarray, labels: np.ndarray) -> Score:
        if self.from_logits:
            losses = np.logaddexp(0.0, outputs) - labels * outputs
        else:
            epsilon = keras.config.epsilon()
            sure = np.clip(outputs, epsilon, 1 - epsilon)
            losses = -(labels * np.log(sure) + (1 - labels) * np.log1p(-sure))
        correct = (outputs > (0.0 if self.from_logits else 0.5)) == (labels > 0.5)
        return Score(float(correct.sum()), float(losses.sum()), correct.size)


def choose_scoring(model: keras.Model, outputs: Any, labels: np.ndarray) -> Scoring:
    """Find out how to read the outputs of `model`.

    Whether they are logits is what its compiled loss says by `from_logits`; a loss that says
    nothing leaves it to the last layer's activation and to the outputs themselves.

    Args:
        model: Compiled or not.
        outputs: What it predicts for some samples.
        labels: Of these or of more samples.

    Raises:
        ValueError: It is no classifier with one output, or its outputs cannot be told to be logits
            or probabilities.
    """
    if not isinstance(outputs, np.ndarray):
        raise ValueError(
            "CleanEvaluation reads models with one output. "
            f"Received: a model with outputs {keras.tree.map_structure(np.shape, outputs)}"
        )
    loss = _only_loss(model)
    binary = outputs.ndim < 2 or outputs.shape[-1] == 1 or _name(loss) in _BINARY_LOSSES
    _check_labels((len(labels), *outputs.shape[1:]), labels, binary)
    scoring = Scoring(binary, _are_logits(model, loss, outputs, binary))
    if not scoring.from_logits and bool(((outputs < -1e-3) | (outputs > 1 + 1e-3)).any()):
        raise ValueError(
            "The model outputs values outside 0..1, which its loss takes for probabilities. End "
            "the model with a softmax or sigmoid, or compile the loss with from_logits=True. "
            f"Received: loss={_name(loss)}"
        )
    return scoring


def _check_labels(outputs: tuple[int, ...], labels: np.ndarray, binary: bool) -> None:
    """Refuse labels that do not go with outputs of that shape."""
    width = outputs[-1] if len(outputs) > 1 else 1
    per_output = labels.shape == outputs
    several_binary = binary and width > 1
    per_prediction = labels.size * width == math.prod(outputs) and not several_binary
    if labels.dtype.kind not in "biuf" or not (per_output or per_prediction):
        raise ValueError(
            "CleanEvaluation reads labels as class indices, one per prediction, or one-hot. "
            f"Received: labels of shape {labels.shape} and type {labels.dtype} for outputs of "
            f"shape {outputs}"
        )
    highest = 1 if binary or per_output else width - 1
    allowed = (labels >= 0) & (labels <= highest)
    if not per_output:
        allowed &= labels == np.rint(labels)
    if not allowed.all():
        raise ValueError(
            f"CleanEvaluation reads labels as class indices 0 to {highest}, or one-hot. "
            f"Received: labels with the value {labels[~allowed].ravel()[0]}"
        )


def _are_logits(model: keras.Model, loss: Any, outputs: np.ndarray, binary: bool) -> bool:
    declared = _declared_from_logits(loss)
    if declared is not None:
        return declared
    activation = _last_activation(model)
    if activation in ("softmax", "sigmoid"):
        return False
    if not binary and np.allclose(outputs.sum(axis=-1), 1, atol=1e-3) and (outputs >= 0).all():
        return False
    keras_own = type(loss).__module__.startswith("keras.") or (
        getattr(loss, "__module__", "").startswith("keras.")
    )
    if keras_own or (binary and activation != "linear"):
        raise ValueError(
            "CleanEvaluation cannot tell whether the model outputs logits or probabilities. "
            "Compile it with a cross-entropy loss, or end it with a softmax or sigmoid. "
            f"Received: loss={_name(loss)}, last activation={activation}"
        )
    return True


def _only_loss(model: keras.Model) -> Any:
    """The compiled loss of the one output, as an object or function; None where there is none."""
    losses = keras.tree.flatten(model.loss)
    if len(losses) != 1 or losses[0] is None:
        return None
    return keras.losses.get(losses[0])


def _name(loss: Any) -> str | None:
    return None if loss is None else getattr(loss, "__name__", None) or getattr(loss, "name", None)


def _declared_from_logits(loss: Any) -> bool | None:
    if isinstance(loss, keras.losses.Loss) or loss is None:
        declared = getattr(loss, "from_logits", None)
    else:
        parameter = inspect.signature(loss).parameters.get("from_logits")
        declared = None if parameter is None else parameter.default
    return declared if isinstance(declared, bool) else None


def _last_activation(model: keras.Model) -> str | None:
    """The name of the last layer's activation, in models whose last layer is known."""
    # Layers of a subclassed model stand in the order in which it made them, not of use.
    last = model
    while isinstance(last, keras.Model):
        if not hasattr(last, "outputs") or not last.layers:
            return None
        last = last.layers[-1]
    if isinstance(last, keras.layers.Softmax):
        return "softmax"
    return getattr(getattr(last, "activation", None), "__name__", None)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def _log_normalised(probabilities: np.ndarray) -> np.ndarray:
    """Logarithms of probabilities that sum to 1, no smaller than that of Keras's epsilon."""
    shares = probabilities / probabilities.sum(axis=-1, keepdims=True)
    return np.log(np.clip(shares, keras.config.epsilon(), 1.0))
