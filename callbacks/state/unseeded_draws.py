"""Noticing draws from TensorFlow's own generators, whose state cannot be read."""

from typing import Any

import keras

from .keras_private import compiled_step

# TensorFlow's random operations that keep a state; the names of the others begin with "Stateless".
_DRAWS = {
    "Multinomial": "tf.random.categorical",
    "ParameterizedTruncatedNormal": "a truncated normal",
    "RandomGamma": "tf.random.gamma",
    "RandomPoissonV2": "tf.random.poisson",
    "RandomShuffle": "tf.random.shuffle",
    "RandomStandardNormal": "tf.random.normal",
    "RandomUniform": "tf.random.uniform",
    "RandomUniformInt": "tf.random.uniform of whole numbers",
    "SampleDistortedBoundingBoxV2": "tf.image.sample_distorted_bounding_box",
    "TruncatedNormal": "tf.random.truncated_normal",
}


def unseeded_draws(model: keras.Model, iterator: Any) -> list[str]:
    """The TensorFlow functions with which a compiled training step draws, in order of name.

    Args:
        model: A model in training, on any backend.
        iterator: The iterator of the epoch, with which the step was compiled.
    """
    step = compiled_step(model)
    if step is None or iterator is None:
        return []
    graph = step.get_concrete_function(iterator).graph.as_graph_def()
    kinds = {node.op for node in graph.node}
    kinds |= {node.op for function in graph.library.function for node in function.node_def}
    return sorted(_DRAWS[kind] for kind in kinds & _DRAWS.keys())
