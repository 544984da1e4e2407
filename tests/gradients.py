"""Gradients as Keras's backend computes them, whichever that is."""

import keras
import numpy as np


def gradients(function, values, upstream, variables=()):
    """What `sum(function(*values) * upstream)` has for a gradient, in NumPy.

    Args:
        function: of tensors; one tensor.
        values: arrays to differentiate by.
        upstream: gradient of what is above, of the function's shape.
        variables: Keras variables to differentiate by too.
    """
    tensors = [keras.ops.convert_to_tensor(value) for value in values]
    found = _BY_BACKEND[keras.backend.backend()](function, tensors, upstream, list(variables))
    return [np.asarray(keras.ops.convert_to_numpy(one), "f8") for one in found]


def _tensorflow(function, tensors, upstream, variables):
    import tensorflow as tf

    held = [variable.value for variable in variables]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        loss = tf.reduce_sum(function(*tensors) * upstream)
    return tape.gradient(loss, [*tensors, *held])


def _jax(function, tensors, upstream, variables):
    import jax

    def loss(tensors, held):
        scope = keras.StatelessScope(state_mapping=list(zip(variables, held, strict=True)))
        with scope:
            return (function(*tensors) * upstream).sum()

    held = [variable.value for variable in variables]
    by_tensors, by_held = jax.grad(loss, argnums=(0, 1))(tensors, held)
    return [*by_tensors, *by_held]


def _torch(function, tensors, upstream, variables):
    import torch

    tensors = [tensor.requires_grad_() for tensor in tensors]
    loss = (function(*tensors) * keras.ops.convert_to_tensor(upstream)).sum()
    return [
        one.detach()
        for one in torch.autograd.grad(loss, [*tensors, *(each.value for each in variables)])
    ]


_BY_BACKEND = {"tensorflow": _tensorflow, "jax": _jax, "torch": _torch}
