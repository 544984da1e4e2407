"""The input pipeline on TensorFlow: the order depends on (seed, epoch), draws on the image too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from .draw_table import draw_table, drawing, order_of_epoch
from .mixed_batches import Mixing, mixed, with_partners

if TYPE_CHECKING:
    import tensorflow as tf

    from ..fitted_scaling import Scaling

Function = Callable[..., Any]

# Batches are cut from chunks of about this many values: small images cost more per call than per
# pixel, so several batches are gathered and transformed at once.
CHUNK_VALUES = 2**20

# Packages whose layers need no AutoGraph, as they run on JAX and PyTorch too: it would take each
# process about a second to rewrite the pipeline. A user's layer may have a Python `if` on a tensor.
WITHOUT_AUTOGRAPH = ("keras", "trickbook")


class Transform(Protocol):
    """A train-only layer: called with (images, draws), it needs `draws` draws per image."""

    draws: int

    def __call__(self, images: Any, draws: Any) -> Any:
        """Returns the transformed images."""


def steps_per_epoch(examples: int, batch_size: int) -> int:
    """Returns the number of full batches in an epoch; the remainder is dropped."""
    return examples // batch_size


def check_batch_size(batch_size: int, examples: int) -> None:
    """Raises ValueError for a batch size that leaves no full batch."""
    if not 1 <= batch_size <= examples:
        raise ValueError(
            f"batch_size must lie in 1..{examples}, the number of training images. "
            f"Received: batch_size={batch_size}"
        )


class TrainingBatches:
    """Scaled, transformed training batches, the same for the same seed.

    The order of the images is a function of (seed, epoch), and every draw of a transform is a
    function of (seed, epoch, image), both through stateless operations. So a training sees the same
    numbers when it is resumed or runs beside others.

    The arguments are those of `by_backend.training_batches`.
    """

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        scaling: Scaling,
        *,
        batch_size: int,
        transforms: Sequence[Transform] = (),
        mixing: Mixing | None = None,
    ) -> None:
        import tensorflow as tf

        check_batch_size(batch_size, len(images))
        self.steps = steps_per_epoch(len(images), batch_size)
        self._images, self._labels = tf.constant(images), tf.constant(labels)
        self._batch_size = batch_size
        self._chunk = steps_per_chunk(self.steps, batch_size * int(np.prod(images.shape[1:])))
        self._transforms, self._mixing = transforms, mixing
        self._drawing = drawing(transforms, mixing)
        self._traceable = _traceable(self._drawing)
        # Compiling takes seconds: too long where one call prepares a whole epoch anyway.
        self._prepare = _prepare(
            scaling, transforms, self._traceable, compiled=self._chunk < self.steps
        )

    def dataset(self, seed: int, *, epochs: int, first_epoch: int = 0) -> tf.data.Dataset:
        """Returns the batches of all epochs, one after the other, as a `tf.data.Dataset`.

        Args:
            seed: seed of the run, 0 or above.
            epochs: the last epoch, counted from 1.
            first_epoch: how many epochs to leave out.
        """
        import tensorflow as tf

        count, numbers = len(self._images), range(first_epoch, epochs)
        orders = tf.data.Dataset.from_generator(
            lambda: ((epoch, order_of_epoch(seed, epoch, count)) for epoch in numbers),
            output_signature=(tf.TensorSpec((), tf.int32), tf.TensorSpec((count,), tf.int32)),
        )
        batches = orders.flat_map(
            self._traceable(lambda epoch, order: self._epoch(seed, epoch, order))
        )
        return batches.with_options(_options()).prefetch(2 * self._chunk)

    def look(self, seed: int, places: np.ndarray, epoch: int = 0) -> np.ndarray:
        """Returns the images at `places` as the network sees them in that epoch, scaled."""
        draws = self._draws(seed, epoch)
        if self._mixing is None:
            return self._transformed(places, draws).numpy()
        order = order_of_epoch(seed, epoch, len(self._images))
        pairs = with_partners(places, order, self._batch_size)
        return self._mixed(pairs, draws, batch_size=2)[0].numpy()[::2]

    def _epoch(self, seed: int, epoch: Any, order: Any) -> tf.data.Dataset:
        import tensorflow as tf

        chunk_images = self._chunk * self._batch_size
        order = tf.reshape(order[: self.steps * self._batch_size], (-1, chunk_images))
        draws = self._draws(seed, epoch)

        @self._traceable
        def chunk_of_batches(places: Any) -> Any:
            if self._mixing is None:
                x, y = self._transformed(places, draws), tf.gather(self._labels, places)
            else:
                x, y = self._mixed(places, draws, self._batch_size)
            shape = (self._chunk, self._batch_size)
            return tf.reshape(x, (*shape, *x.shape[1:])), tf.reshape(y, (*shape, *y.shape[1:]))

        return tf.data.Dataset.from_tensor_slices(order).map(chunk_of_batches).unbatch()

    def _transformed(self, places: Any, draws: list[Any]) -> Any:
        import tensorflow as tf

        own = [tf.gather(each, places) for each in draws[: len(self._transforms)]]
        return self._prepare(tf.gather(self._images, places), own)

    def _mixed(self, places: Any, draws: list[Any], batch_size: int) -> tuple[Any, Any]:
        import tensorflow as tf

        assert self._mixing is not None
        x, y = self._transformed(places, draws), tf.gather(self._labels, places)
        return mixed(self._mixing, x, y, tf.gather(draws[-1], places), batch_size)

    def _draws(self, seed: int, epoch: Any) -> list[Any]:
        """Returns the draws of the transforms, and last those of the mixing."""
        return draw_table(self._drawing, seed, epoch, len(self._images))


def evaluation_batches(
    images: np.ndarray, labels: np.ndarray, scaling: Scaling, *, batch_size: int
) -> tf.data.Dataset:
    """Returns scaled batches in order, kept in memory; the last one may be smaller."""
    import tensorflow as tf

    batches = tf.data.Dataset.from_tensor_slices((images, labels)).batch(batch_size)
    traceable = _traceable(())
    scale = _prepare(scaling, (), traceable, compiled=False)
    scaled = batches.map(traceable(lambda x, y: (scale(x, []), y)))
    return scaled.cache().with_options(_options())


def _traceable(layers: Sequence[Transform | Mixing]) -> Callable[[Function], Function]:
    """Returns the decorator for traced functions that call the layers: AutoGraph only if needed."""
    import tensorflow as tf

    if any(type(layer).__module__.split(".")[0] not in WITHOUT_AUTOGRAPH for layer in layers):
        return lambda function: function
    unconverted: Callable[[Function], Function] = tf.autograph.experimental.do_not_convert
    return unconverted


def _prepare(
    scaling: Scaling,
    transforms: Sequence[Transform],
    traceable: Callable[[Function], Function],
    *,
    compiled: bool,
) -> Callable[[Any, Any], Any]:
    import tensorflow as tf

    scale = tf.constant(scaling.scale, tf.float32)
    offset = tf.constant(scaling.offset, tf.float32)

    # The transforms are chains of small operations, which XLA fuses.
    @tf.function(jit_compile=compiled and bool(transforms))
    @traceable
    def prepare(images: Any, draws: Any) -> Any:
        images = tf.cast(images, tf.float32) * scale + offset
        for transform, own in zip(transforms, draws, strict=True):
            images = transform(images, own)
        return images

    return prepare


def steps_per_chunk(steps: int, batch_values: int) -> int:
    """Returns the largest divisor of `steps` whose chunk stays within CHUNK_VALUES.

    Args:
        steps: steps of an epoch.
        batch_values: how many values a batch holds.
    """
    most = max(1, min(steps, CHUNK_VALUES // batch_values))
    return next(size for size in range(most, 0, -1) if steps % size == 0)


def _options() -> Any:
    import tensorflow as tf

    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False
    options.threading.private_threadpool_size = 1
    return options
