"""Building an unbuilt model on a sample of its training data."""

from typing import Any

import keras

from .seeds import seeds_kept


def build_on_a_sample(model: keras.Model, data: Any) -> None:
    """Call the model on a sample of the data, if one can be taken without using the data up.

    That is possible for arrays, a `PyDataset` and a `tf.data` set. For other data, and for a model
    that has no `call`, the model is left as it is.

    Args:
        model: A model whose layers have no variables yet.
        data: What `fit` was given as `x`.
    """
    if type(model).call is keras.Model.call:
        return
    found, sample = _sample(data)
    if found:
        with seeds_kept(model):
            model(sample, training=False)


def _sample(data: Any) -> tuple[bool, Any]:
    if isinstance(data, keras.utils.PyDataset):
        return True, keras.utils.unpack_x_y_sample_weight(data[0])[0]
    if type(data).__module__.startswith("tensorflow."):
        return _first_of_tensorflow(data)
    leaves = keras.tree.flatten(data)
    if leaves and all(getattr(leaf, "shape", ()) for leaf in leaves):
        return True, keras.tree.map_structure(lambda leaf: leaf[:1], data)
    return False, None


def _first_of_tensorflow(data: Any) -> tuple[bool, Any]:
    if hasattr(data, "shape"):  # a tensor
        return True, data[:1]
    if not hasattr(data, "element_spec"):
        return False, None
    return True, keras.utils.unpack_x_y_sample_weight(next(iter(data)))[0]
