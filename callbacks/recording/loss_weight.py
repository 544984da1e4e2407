"""By how many samples Keras has weighed its running mean of the loss."""

import keras


def weight_of_loss(model: keras.Model) -> float:
    """The samples of this epoch so far; 0 where it cannot be told."""
    if keras.backend.backend() == "jax":
        return (
            0.0  # Within an epoch its variables lag behind, and to ask for them is no safe thing.
        )
    for metric in model.metrics:
        if metric.name == "loss" and isinstance(metric, keras.metrics.Mean):
            return float(keras.ops.convert_to_numpy(metric.count))
    return 0.0
