"""The input pipeline where TensorFlow is not the backend: arrays that live on the device.

The whole data set is put there once. Batches are gathered, scaled and transformed there too, so the
host transfers no images during training.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
from keras import ops

from ...layers.threefry import word
from .draw_table import Columns, columns_of, draw_keys, drawing, keyed_table, order_of_epoch
from .mixed_batches import Mixing, mixed, with_partners
from .pipeline import Transform, check_batch_size, steps_per_epoch

if TYPE_CHECKING:
    from ..fitted_scaling import Scaling


class ResidentBatches:
    """Scaled, transformed training batches from arrays on the device, the same for the same seed.

    As with `TrainingBatches`, the order of the images is a function of (seed, epoch), and every
    draw of a transform is a function of (seed, epoch, image); both are the same on every backend.

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
        check_batch_size(batch_size, len(images))
        self.steps = steps_per_epoch(len(images), batch_size)
        self._count, self._batch_size = len(images), batch_size
        self._images = ops.convert_to_tensor(np.asarray(images))
        self._labels = ops.convert_to_tensor(np.asarray(labels))
        self._mixing, self._drawing = mixing, drawing(transforms, mixing)
        self._prepare = compiled(prepare_batch(scaling, transforms, mixing))

    def dataset(self, seed: int, *, epochs: int, first_epoch: int = 0) -> Iterator[tuple[Any, Any]]:
        """Yields the batches of all epochs, one after the other, as tensors on the device.

        Args:
            seed: seed of the run, 0 or above.
            epochs: the last epoch, counted from 1.
            first_epoch: how many epochs to leave out.
        """
        for epoch in range(first_epoch, epochs):
            order = order_of_epoch(seed, epoch, self._count)[: self.steps * self._batch_size]
            places = ops.convert_to_tensor(order.reshape(self.steps, self._batch_size))
            draws = self._draws(seed, epoch)
            for step in range(self.steps):
                yield self._prepare(self._images, self._labels, draws, places, step)

    def look(self, seed: int, places: np.ndarray, epoch: int = 0) -> np.ndarray:
        """Returns the images at `places` as the network sees them in that epoch, scaled."""
        rows = np.asarray(places, "int32")[None]
        if self._mixing is not None:
            order = order_of_epoch(seed, epoch, self._count)
            # Each image and its partner are a batch of their own.
            rows = with_partners(places, order, self._batch_size).astype("int32").reshape(-1, 2)
        draws, batches = self._draws(seed, epoch), ops.convert_to_tensor(rows)
        seen = [
            self._prepare(self._images, self._labels, draws, batches, step)[0]
            for step in range(len(rows))
        ]
        images = np.concatenate([np.asarray(ops.convert_to_numpy(each)) for each in seen])
        return images if self._mixing is None else images[::2]

    def _draws(self, seed: int, epoch: int) -> list[Any]:
        """Returns the draws of the transforms, and last those of the mixing."""
        keys = [word(key) for key in draw_keys(self._drawing, seed)]
        return _compiled_table(columns_of(self._drawing), self._count)(keys, epoch)


class ResidentEvaluation(keras.utils.PyDataset):
    """Scaled batches in order, kept on the device; the last one may be smaller.

    The arguments are those of `by_backend.evaluation_batches`.
    """

    def __init__(
        self, images: np.ndarray, labels: np.ndarray, scaling: Scaling, *, batch_size: int
    ) -> None:
        super().__init__()
        self._batches = [
            (
                ops.convert_to_tensor(scaling.apply(images[start : start + batch_size])),
                ops.convert_to_tensor(np.asarray(labels[start : start + batch_size])),
            )
            for start in range(0, len(images), batch_size)
        ]

    def __len__(self) -> int:
        """Returns the number of batches."""
        return len(self._batches)

    def __getitem__(self, place: int) -> tuple[Any, Any]:
        """Returns a batch of images and labels."""
        return self._batches[place]


def prepare_batch(
    scaling: Scaling, transforms: Sequence[Transform], mixing: Mixing | None = None
) -> Callable[..., tuple[Any, Any]]:
    """Returns the function from all images, labels and draws to the batch of one step.

    Its fourth and fifth arguments are the places of every step's images, (steps, batch), and the
    number of the step. The function takes the step's row itself: on JAX, taking it outside costs
    the host as much time as a whole call.
    """
    scale, offset = (
        ops.convert_to_tensor(value, "float32") for value in (scaling.scale, scaling.offset)
    )

    def prepare(images: Any, labels: Any, draws: Any, places: Any, step: int) -> tuple[Any, Any]:
        chosen = places[step]
        batch = ops.cast(ops.take(images, chosen, axis=0), "float32") * scale + offset
        own = [ops.take(each, chosen, axis=0) for each in draws]
        for transform, drawn in zip(transforms, own[: len(transforms)], strict=True):
            batch = transform(batch, drawn)
        targets = ops.take(labels, chosen, axis=0)
        if mixing is None:
            return batch, targets
        return mixed(mixing, batch, targets, own[-1], chosen.shape[0])

    return prepare


@functools.cache
def _compiled_table(columns: Columns, count: int) -> Callable[..., list[Any]]:
    """Returns the function from keys and epoch to the draws; all data of one size share it.

    Uncompiled, operation by operation, it takes JAX on a CPU 40 ms per epoch, even for 200 images.
    """
    return compiled(functools.partial(keyed_table, columns, count=count))


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Returns `function` as the backend compiles it; PyTorch runs it as it is, without gradients.

    Compiling with PyTorch takes tens of seconds and needs a C++ compiler, which does not pay off
    for gathers.
    """
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    if keras.backend.backend() == "torch":
        import torch

        return torch.no_grad()(function)
    raise RuntimeError(f"no resident pipeline for the backend {keras.backend.backend()}")
