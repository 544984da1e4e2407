"""Noticing draws of TensorFlow's own generators, of which no state can be had."""

from typing import Any

import keras

from .keras_private import compiled_step

# Those without a state that they keep to themselves begin with "Stateless".
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
    """The functions of TensorFlow by which a compiled training step draws, in order of name.

    Args:
        model: In training, on any backend.
        iterator: That of the epoch, with which the step was compiled.
    """
    step = compiled_step(model)
    if step is None or iterator is None:
        return []
    graph = step.get_concrete_function(iterator).graph.as_graph_def()
    kinds = {node.op for node in graph.node}
    kinds |= {node.op for function in graph.library.function for node in function.node_def}
    return sorted(_DRAWS[kind] for kind in kinds & _DRAWS.keys())
