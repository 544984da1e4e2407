"""`CleanEvaluation`: how good the model is without dropout, augmentation and penalties."""

import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

import keras
import numpy as np

from .evaluation.averaged_weights_in_place import averages_in_place
from .evaluation.masked_outputs import makes_masks, predict_with_masks
from .evaluation.outputs import Output, labelled_outputs
from .evaluation.own_metrics import (
    check_call,
    evaluation_leaves_no_trace,
    measures_itself,
    own_metrics,
    predicts_otherwise,
)
from .evaluation.samples import ArraySamples, DatasetSamples, Samples, kept_samples
from .evaluation.scoring import ClassScoring, LossScoring, Score, choose_scoring
from .state.fit_call import callbacks_beside


class CleanEvaluation(keras.callbacks.Callback):
    """Evaluates the model on given samples at the end of epochs, in inference mode.

    What Keras logs for the training set is a running mean over an epoch in which the weights
    moved, under dropout and augmentation, and its loss includes penalties. This callback evaluates
    the model as it is at the end of the epoch, and adds the figures to the logs, where `History`
    and the callbacks that follow find them. On training samples, the difference between these and
    the validation figures is the true gap.

    - For a classifier: `<name>_accuracy` and `<name>_cross_entropy` (in nats), from logits or
      probabilities, with labels as class indices or one-hot, also for binary classifiers with a
      single output.
    - For any other model, such as a regressor: `<name>_loss`, the compiled loss without penalties,
      comparable with the validation loss of a model without penalties. If the model has one
      output, its own metrics too, such as `<name>_mae`, or `<name>_r2_score/0` and so on for a
      metric with several values. A loss with reduction="sum" is skipped, with a warning: its value
      depends on the size of the batches.
    - For a classifier with `validation_data`: `val_accuracy` and `val_cross_entropy`, where Keras
      has not logged them itself. Keras's `val_loss` includes penalties and label smoothing, so it
      is no counterpart of `train_clean_cross_entropy`.
    - For a model with several outputs, these for each: `<name>_<output>_accuracy` and so on, by the
      names that Keras uses in its logs. An output without labels or compiled loss is left out.

    A model counts as a classifier if it is compiled with a cross-entropy, or with a loss that has
    `from_logits` as Keras's do; where the loss does not say so, set `classifier`. For a model that
    is compiled without a loss, as with a `train_step` of its own, only its own metrics are logged.

    Training is not disturbed: metrics, seed generators and the states of recurrent layers are left
    as they are, and arrays are fed in batches of one shape, so that the model's prediction function
    is traced once. The hooks of a `PyDataset` between epochs are not called. Any other state of a
    data set advances whenever it is read, such as the order of a shuffled `tf.data` set: give this
    callback a separate data set that is not shuffled, not the one that `fit` reads.
    Where Keras's `SwapEMAWeights` is among the callbacks, the averaged weights are evaluated, as in
    Keras's validation.
    Sample weights are ignored. To evaluate several data sets, use an instance for each, with
    different names; the traced function is shared. Labels that the loss ignores (`ignore_class`)
    and predictions that Keras masks (`mask_zero`) are left out.

    Put it before the callbacks that use its figures, and after those that stop training: the last
    epoch of a fit is always evaluated, but an epoch ended by early stopping is known to be the last
    only after the callback that stops it.

    Args:
        x: Inputs: an array, a list or dict of arrays, or a data set that yields `(x, y)` batches
            and can be read more than once. To measure the training set, give only what `fit` trains
            on: instead of `validation_split`, split the arrays yourself, as below.
        y: Labels, if `x` is arrays: an array, or for several outputs a list or dict of arrays, as
            in `fit`.
        name: What the logged names begin with.
        every: Evaluate every this many epochs, and after the last one. Keras's `CSVLogger` has
            columns only for what the first epoch logs: a warning says so if it would miss figures.
        max_samples: Evaluate on this many samples only, chosen once, and kept in memory if they
            come from a data set. Each class keeps its share (with several outputs, the classes of
            the one that `y` names first; for a large data set up to chance). A data set that knows
            its length is read through once for that, here; of any other the first samples are
            taken, with a warning where all are of one class. None: all.
        batch_size: At most this many samples at a time, if they are arrays.
        classifier: Whether the model predicts classes; None: as its loss says.
        validation_data: As in `fit`: a pair `(x, y)` of arrays, or a data set that yields `(x, y)`
            batches and can be read more than once; all of it is evaluated, whenever `x` is.
        model: What to evaluate instead of the model that is trained, for instance a part that has a
            `call` where the whole model has none.

    Raises:
        ValueError: An argument is out of range; or, when training begins, the model or the labels
            are of a kind that this callback cannot read, the model has no `call`, or
            `keras.distribution` cannot divide the samples evenly for the model's own metrics.

    Example:
    ```python
    x, y, validation = x[1000:], y[1000:], (x[:1000], y[:1000])
    clean = trickbook.callbacks.CleanEvaluation(x, y, every=5, max_samples=2000)
    history = model.fit(x, y, validation_data=validation, epochs=30, callbacks=[clean])
    history.history["train_clean_accuracy"]  # of epochs 5, 10, ..., 30

    seen = trickbook.callbacks.CleanEvaluation(x, {"kind": y, "size": sizes}, name="seen")
    other = trickbook.callbacks.CleanEvaluation(other_data_set, name="other")
    model.fit(x, {"kind": y, "size": sizes}, epochs=30, callbacks=[seen, other])
    # logs seen_kind_accuracy, seen_kind_cross_entropy, seen_size_loss, other_kind_accuracy, ...
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
        classifier: bool | None = None,
        model: keras.Model | None = None,
        validation_data: Any = None,
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
        self.classifier = classifier
        self._part = model
        self._samples = _samples(x, y, batch_size, max_samples)
        self._validation = _validation_samples(validation_data, batch_size)

    def set_model(self, model: keras.Model) -> None:
        """Keras calls this before training begins."""
        super().set_model(model)
        beside = callbacks_beside(self)
        self._swaps = [one for one in beside if isinstance(one, keras.callbacks.SwapEMAWeights)]
        self._has_csv = any(isinstance(one, keras.callbacks.CSVLogger) for one in beside)

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Check that this callback can read the model and the labels."""
        if self._has_csv and self.every > 1:
            warnings.warn(
                "CSVLogger has columns only for what the first epoch logs, and CleanEvaluation "
                f"logs nothing then: its figures, {self.name}_..., stay out of the file. Evaluate "
                "after every epoch, or record with LearningCurves. Received: "
                f"every={self.every}",
                stacklevel=2,
            )
        self._evaluated = check_call(self._part or self.model, "CleanEvaluation")
        self._is_called = makes_masks(self._evaluated) or predicts_otherwise(self._evaluated)
        self._readers = _with_means(self._find_readers(self._samples, self.name))
        self._validation_readers = self._classifiers_on_validation()
        # With several outputs labels may be missing, and Keras evaluates nothing without them.
        self._has_metrics = measures_itself(self._evaluated) and all(
            isinstance(reader.scoring, LossScoring) and reader.output.name is None
            for reader in self._readers
        )
        if self._has_metrics and isinstance(self._samples, ArraySamples):
            self._samples.require_whole_shares()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Evaluate, if it is this epoch's turn, and add the figures to `logs`."""
        last = epoch + 1 == (self.params or {}).get("epochs") or self.model.stop_training
        if logs is None or not (last or (epoch + 1) % self.every == 0):
            return
        with averages_in_place(self.model, self._swaps):
            found = self._own_metrics() | self._figures(self._samples, self._readers)
            validation = self._validation_figures()
        # What Keras has measured itself is kept.
        logs.update(validation | logs | found)

    def _own_metrics(self) -> dict[str, float]:
        if not self._has_metrics:
            return {}
        own = own_metrics(self._evaluated, self._samples)
        return {f"{self.name}_{metric}": value for metric, value in own.items()}

    def _validation_figures(self) -> dict[str, float]:
        if self._validation is None:
            return {}
        return self._figures(self._validation, self._validation_readers)

    def _figures(self, samples: Samples, readers: list["_Reader"]) -> dict[str, float]:
        return {
            f"{reader.prefix}_{figure}": value
            for reader, score in zip(readers, self._evaluate(samples, readers), strict=True)
            for figure, value in score.means().items()
        }

    def _classifiers_on_validation(self) -> list["_Reader"]:
        if self._validation is None:
            return []
        readers = self._find_readers(self._validation, "val")
        # Keras's own val_loss has the name that any other output's figure would get.
        return [reader for reader in readers if isinstance(reader.scoring, ClassScoring)]

    def _find_readers(self, samples: Samples, name: str) -> list["_Reader"]:
        model = self._evaluated
        if self.classifier is None and getattr(model, "loss", None) is None:
            if measures_itself(model):
                return []  # Nothing says what its outputs are.
            raise ValueError(
                "The model is compiled without a loss and without metrics, so there is nothing "
                "to measure. Compile it with either; for a classifier, set classifier=True."
            )
        with evaluation_leaves_no_trace(model):
            x, y = samples.trial()
            predicted, _ = self._predict(x)
        outputs = labelled_outputs(model, predicted, y)
        return [_reader(name, output, predicted, y, self.classifier) for output in outputs]

    def _predict(self, x: Any) -> tuple[Any, list[np.ndarray | None] | None]:
        if self._is_called:
            return predict_with_masks(self._evaluated, x)
        # Not predict(): it builds a data pipeline every time.
        return self._evaluated.predict_on_batch(x), None

    def _evaluate(self, samples: Samples, readers: list["_Reader"]) -> list[Score]:
        """The score of each reader."""
        model, totals = self._evaluated, [Score() for _ in readers]
        if not totals:
            return []
        with evaluation_leaves_no_trace(model):
            for x, y in samples.batches():
                # Not evaluate(): its loss holds penalties.
                predicted, masks = self._predict(x)
                flat = keras.tree.flatten(predicted)
                scores = [reader.score(flat, y, masks) for reader in readers]
                totals = [total.plus(score) for total, score in zip(totals, scores, strict=True)]
        return totals


class _Reader(NamedTuple):
    """Scores one output."""

    prefix: str
    output: Output
    scoring: ClassScoring | LossScoring

    def score(
        self, predicted: list[np.ndarray], y: Any, masks: list[np.ndarray | None] | None
    ) -> Score:
        labels, place = self.output.labels(y), self.output.place
        mask = None if masks is None else masks[place]
        if mask is not None:
            mask = mask[: len(labels)]
        return self.scoring.score(predicted[place][: len(labels)], labels, mask)


def _reader(name: str, output: Output, predicted: Any, y: Any, classifier: bool | None) -> _Reader:
    array = keras.tree.flatten(predicted)[output.place]
    if output.name is None:
        prefix, of = name, ""
    else:
        prefix, of = f"{name}_{output.name}", f"Output {output.name!r}: "
    try:
        scoring = choose_scoring(
            output.loss, output.activation, array, output.labels(y), classifier
        )
    except ValueError as error:
        raise ValueError(f"{of}{error}") from error
    if isinstance(scoring, LossScoring):
        scoring = scoring._replace(weight=output.weight)
    return _Reader(prefix, output, scoring)


def _with_means(readers: list[_Reader]) -> list[_Reader]:
    """The readers whose figures compare with Keras's: those without a summed loss."""
    sums = [one for one in readers if isinstance(one.scoring, LossScoring) and one.scoring.is_sum]
    if sums:
        warnings.warn(
            f"CleanEvaluation leaves out {', '.join(f'{one.prefix}_loss' for one in sums)}: a loss "
            "that Keras sums up over a batch grows with the batch, so no figure here would be "
            "comparable with the validation loss. Compile with a loss that is a mean, or add what "
            f"you want to measure as a metric. Received: loss={sums[0].output.loss.name} with "
            "reduction='sum'",
            stacklevel=2,
        )
    return [one for one in readers if one not in sums]


def _validation_samples(data: Any, batch_size: int) -> Samples | None:
    if data is None:
        return None
    if not isinstance(data, list | tuple):
        return _samples(data, None, batch_size, None)
    x, y, _ = keras.utils.unpack_x_y_sample_weight(data)
    return _samples(x, y, batch_size, None)


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
    return DatasetSamples(x) if max_samples is None else kept_samples(x, batch_size, max_samples)
