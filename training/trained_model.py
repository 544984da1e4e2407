"""A model that TensorFlow trains and evaluates with less overhead than Keras has per step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import keras

from ..data.batches.pipeline import steps_per_chunk
from .batch_hooks import acts_on_test_batches
from .compiled_evaluation import compiled_evaluation


class TrainedModel(keras.Model):
    """A model that updates its metrics after several training steps, not after each.

    On TensorFlow, Keras updates and computes the metrics at every step, which takes a fifth of a
    small network's time. Here the outputs and labels of many steps are kept and passed to the
    metrics together. The metrics differ from Keras's by rounding; the weights are the same. This
    applies if a call makes several steps; other backends train as usual.
    """

    train_function: Any

    def make_train_function(self, force: bool = False) -> None:
        """Makes the function that runs the training steps of a call; Keras calls this."""
        if self.train_function is not None and not force:
            return
        super().make_train_function(force=True)
        if keras.backend.backend() == "tensorflow" and self.steps_per_execution > 1:
            self.train_function = _train_function(self, self.train_function)

    def evaluate(self, x: Any = None, *args: Any, **options: Any) -> Any:
        """Evaluates as Keras does, but within `fit` in a single call where possible."""
        callbacks = options.get("callbacks")
        at_once = self._at_once(x) if _leave_batches_out(callbacks) else None
        if callbacks is None or at_once is None:
            return super().evaluate(x, *args, **options)
        callbacks.on_test_begin()
        logs = {name: float(value) for name, value in at_once().items()}
        callbacks.on_test_end(logs)
        return logs

    def _at_once(self, dataset: Any) -> Callable[[], Any] | None:
        if keras.backend.backend() != "tensorflow":
            return None
        held = getattr(self, "_validated", None)
        if held is None or held[0] is not dataset:
            self._validated = held = (dataset, compiled_evaluation(self, dataset))
        return held[1]


def _leave_batches_out(callbacks: Any) -> bool:
    """Says whether the callbacks come from `fit` and none of them acts on validation batches."""
    # Only `fit` passes a CallbackList, and it expects the logs as a dictionary.
    if not isinstance(callbacks, keras.callbacks.CallbackList):
        return False
    return not any(map(acts_on_test_batches, callbacks.callbacks))


def _train_function(model: keras.Model, single: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Returns the function that runs the training steps of a call.

    Args:
        model: a compiled model.
        single: Keras's own function, for batches that do not come from a `tf.data` iterator.
    """
    import tensorflow as tf

    steps = _compiled_steps(model)

    def train(iterator: Any) -> Any:
        return steps(iterator) if isinstance(iterator, tf.data.Iterator) else single(iterator)

    return train


def _compiled_steps(model: keras.Model) -> Any:
    import tensorflow as tf

    step = tf.function(_step(model), reduce_retracing=True, jit_compile=model.jit_compile)

    @tf.autograph.experimental.do_not_convert
    def several(iterator: Any, count: int) -> None:
        specs = _specs(model, *iterator.element_spec)
        arrays = [tf.TensorArray(spec.dtype, count, element_shape=spec.shape) for spec in specs]

        def body(number: Any, *arrays: Any) -> Any:
            done = zip(arrays, step(*iterator.get_next()), strict=True)
            return number + 1, *(array.write(number, value) for array, value in done)

        _, losses, labels, outputs = tf.while_loop(
            lambda number, *_: number < count, body, (0, *arrays)
        )
        _update_metrics(model, losses.stack(), labels.concat(), outputs.concat())

    @tf.autograph.experimental.do_not_convert
    def call(iterator: Any) -> Any:
        count = _kept_steps(model, iterator.element_spec[0].shape[0])

        def body(done: Any) -> Any:
            several(iterator, count)
            return (done + count,)

        tf.while_loop(lambda done: done < model.steps_per_execution, body, (0,))
        return model.get_metrics_result()

    return tf.function(call, reduce_retracing=True)


def _step(model: keras.Model) -> Callable[[Any, Any], Any]:
    """Returns one training step: a batch -> loss, labels, outputs."""
    import tensorflow as tf

    @tf.autograph.experimental.do_not_convert
    def step(x: Any, y: Any) -> Any:
        with tf.GradientTape() as tape:
            outputs = model(x, training=True)
            loss = model.compute_loss(x=x, y=y, y_pred=outputs, training=True)
            scaled = model.optimizer.scale_loss(loss)
        weights = model.trainable_weights
        gradients = tape.gradient(scaled, weights)
        model.optimizer.apply_gradients(zip(gradients, weights, strict=True))
        return loss, y, outputs

    return step


def _specs(model: keras.Model, x: Any, y: Any) -> tuple[Any, Any, Any]:
    """Returns the specs of a step's loss, labels and outputs, for batches with these specs."""
    import tensorflow as tf

    shape = (x.shape[0], *model.output.shape[1:])
    return tf.TensorSpec(()), y, tf.TensorSpec(shape, model.output.dtype)


def _kept_steps(model: keras.Model, batch_size: int) -> int:
    """Returns after how many steps the metrics are updated."""
    return steps_per_chunk(
        model.steps_per_execution, batch_size * math.prod(model.output.shape[1:])
    )


def _update_metrics(model: keras.Model, losses: Any, labels: Any, outputs: Any) -> None:
    total = next(metric for metric in model.metrics if metric.name == "loss")
    # Weighted by the number of examples, as in Keras.
    examples = keras.ops.cast(keras.ops.shape(labels)[0] // losses.shape[0], losses.dtype)
    total.update_state(losses, sample_weight=keras.ops.full_like(losses, 1) * examples)
    model.compute_metrics(None, labels, outputs)
