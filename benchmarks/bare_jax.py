"""A hand-written training loop in JAX: one jitted step, on data that stay on the device."""

from __future__ import annotations

import time
from typing import Any

import jax
import keras
import numpy as np

from trickbook.data import Dataset
from trickbook.data.batches.resident import prepare_batch
from trickbook.recipes import Blueprint
from trickbook.training.build import build_model
from trickbook.training.preprocessing import preprocessing_of
from trickbook.training.tasks import task_at_work
from trickbook.training.trainer import scaling_of
from trickbook.training.transforms import build_transforms


class BareLoop:
    """Trains a blueprint's network, with one seed or with several that take each step together.

    Args:
        data: what to train on.
        blueprint: network, transforms and optimiser; callbacks are left out.
        seeds: None trains one network; a number trains that many under `jax.vmap`, each from its
            own weights and on its own batches.
    """

    def __init__(self, data: Dataset, blueprint: Blueprint, seeds: int | None = None) -> None:
        self._epochs, self._batch = blueprint.epochs, blueprint.batch_size
        self._steps, self._seeds = len(data.x_train) // self._batch, seeds
        scaling = scaling_of(blueprint, data)
        transforms = build_transforms(blueprint, scaling, data.value_range)
        self._draw_counts = [transform.draws for transform in transforms]
        self._images = jax.numpy.asarray(data.x_train)
        self._labels = jax.numpy.asarray(data.y_train)
        networks = [
            build_model(
                blueprint,
                data.image_shape,
                len(data.classes),
                scaling,
                seed=seed,
                steps_per_epoch=self._steps,
                preprocessing=preprocessing_of(blueprint, data, scaling),
            ).training_model
            for seed in range(seeds or 1)
        ]
        states = [_state_of(network) for network in networks]
        self._state = states[0] if seeds is None else _stacked(states)
        step = _training_step(
            networks[0],
            prepare_batch(scaling, transforms),
            task_at_work(blueprint.task).loss(blueprint.label_smoothing),
        )
        if seeds is not None:
            step = jax.vmap(step, in_axes=(0, None, None, 0, 0, None))
        self._train = jax.jit(step, donate_argnums=0)

    def block(self) -> float:
        """Trains as many epochs as a run; returns its median epoch's seconds."""
        ends = []
        for epoch in range(self._epochs):
            tables = [self._tables(epoch, seed) for seed in range(self._seeds or 1)]
            places, draws = tables[0] if self._seeds is None else _stacked(tables)
            for step in range(self._steps):
                self._state, loss = self._train(
                    self._state, self._images, self._labels, draws, places, step
                )
            loss.block_until_ready()
            ends.append(time.perf_counter())
        return float(np.median(np.diff(ends)))

    def _tables(self, epoch: int, seed: int) -> tuple[Any, list[Any]]:
        """Returns the places of every step's images, and the draws of every image."""
        order = np.random.default_rng((epoch, seed)).permutation(len(self._images))
        batches = order[: self._steps * self._batch].reshape(self._steps, self._batch)
        draws = [
            keras.random.uniform((len(order), count), seed=1000 * epoch + seed)
            for count in self._draw_counts
        ]
        return jax.numpy.asarray(batches.astype("int32")), draws


def _state_of(network: keras.Model) -> Any:
    network.optimizer.build(network.trainable_variables)
    return tuple(
        # Copies, because the step takes over the buffers.
        [jax.numpy.array(variable.value) for variable in variables]
        for variables in (
            network.trainable_variables,
            network.non_trainable_variables,
            network.optimizer.variables,
        )
    )


def _stacked(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jax.numpy.stack(leaves), *trees)


def _training_step(network: keras.Model, prepare: Any, loss_function: Any) -> Any:
    optimizer = network.optimizer

    def loss_of(weights: Any, others: Any, x: Any, y: Any) -> Any:
        logits, others, penalties = network.stateless_call(
            weights, others, x, training=True, return_losses=True
        )
        return loss_function(y, logits) + sum(penalties), others

    def train(state: Any, images: Any, labels: Any, draws: Any, places: Any, step: int) -> Any:
        weights, others, optimizing = state
        x, y = prepare(images, labels, draws, places, step)
        (loss, others), gradients = jax.value_and_grad(loss_of, has_aux=True)(weights, others, x, y)
        weights, optimizing = optimizer.stateless_apply(optimizing, gradients, weights)
        return (weights, others, optimizing), loss

    return train
