"""`CleanEvaluation`: how good the model is without what training does to it."""

from collections.abc import Iterator
from typing import Any

import keras

from .samples import ArraySamples, DatasetSamples, Samples, first_samples
from .scoring import Score, choose_scoring
from .seeds import seeds_kept


class CleanEvaluation(keras.callbacks.Callback):
    """Measures accuracy and plain cross-entropy on given samples at the end of epochs.

    What Keras logs for the training set is a running mean over an epoch in which the weights
    moved, under dropout and augmentation, and its loss holds penalties. This evaluates the model as
    it would be used, and adds `<name>_accuracy` and `<name>_cross_entropy` (in nats) to the logs,
    where `History` and the callbacks that follow find them. On training samples, the difference to
    the validation accuracy is the true gap.

    It reads classifiers with one output: logits or probabilities, labels as class indices or
    one-hot, also binary ones with a single output. Training is not disturbed: compiled metrics and
    seed generators are left as they are, and arrays are fed in batches of one shape, so that the
    model's prediction function is traced once.

    Put it before the callbacks that use its figures, and after those that stop training: the last
    epoch of a fit is always evaluated, and early stopping counts only once it has been decided.

    Args:
        x: Inputs: an array, a list or dict of arrays, or a data set that yields `(x, y)` batches
            and can be read more than once.
        y: Labels, if `x` is arrays.
        name: What the logged names begin with.
        every: Evaluate after every so many epochs, and after the last one.
        max_samples: Evaluate on so many samples only, chosen once: each class keeps its share; of a
            data set the first ones are taken, and held in memory. None: all.
        batch_size: At most this many samples at a time, if they are arrays.

    Raises:
        ValueError: An argument is out of range; or, when training begins, the model or the labels
            are of a kind that this callback does not read.

    Example:
    ```python
    clean = trickbook.callbacks.CleanEvaluation(x, y, every=5, max_samples=2000)
    history = model.fit(x, y, validation_split=0.2, epochs=30, callbacks=[clean])
    history.history["train_clean_accuracy"]  # of epochs 5, 10, ..., 30
    ```
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        name: str = "train_clean",
        every: int = 1,
        max_samples: int | None = None,
        batch_size: int = 256,
    ) -> None:
        super().__init__()
        for argument, value in (
            ("every", every),
            ("max_samples", max_samples),
            ("batch_size", batch_size),
        ):
            if value is not None and value < 1:
                raise ValueError(f"`{argument}` should be 1 or more. Received: {argument}={value}")
        self.name = name
        self.every = every
        self._samples = _samples(x, y, batch_size, max_samples)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that the model and the labels are of a kind that can be read."""
        x, labels = self._samples.trial()
        with seeds_kept(self.model):
            outputs = self.model.predict_on_batch(x)
        self._scoring = choose_scoring(self.model, outputs, labels)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Evaluate, if it is this epoch's turn, and add the figures to `logs`."""
        last = epoch + 1 == (self.params or {}).get("epochs") or self.model.stop_training
        if logs is None or not (last or (epoch + 1) % self.every == 0):
            return
        total = self._evaluate()
        logs[f"{self.name}_accuracy"] = total.correct / total.predictions
        logs[f"{self.name}_cross_entropy"] = total.cross_entropy / total.predictions

    def _evaluate(self) -> Score:
        model, total = self.model, Score(0.0, 0.0, 0.0)
        with seeds_kept(model):
            for x, labels in self._samples.batches():
                # Not evaluate(): it would reset the metrics of the fit. Not predict(): it builds a
                # data pipeline every time.
                outputs = model.predict_on_batch(x)[: len(labels)]
                total = total.plus(self._scoring.score(outputs, labels))
        return total


def _samples(x: Any, y: Any, batch_size: int, max_samples: int | None) -> Samples:
    if y is not None:
        return ArraySamples(x, y, batch_size, max_samples)
    if hasattr(x, "shape") or isinstance(x, dict | list | tuple) or not hasattr(x, "__iter__"):
        raise ValueError(f"Arrays need labels: give `y` as well. Received: y={y}, x={type(x)}")
    if isinstance(x, Iterator):
        raise ValueError(
            "A generator can be read only once; give arrays or a data set that can be read again. "
            f"Received: x={x}"
        )
    return DatasetSamples(x) if max_samples is None else first_samples(x, batch_size, max_samples)
