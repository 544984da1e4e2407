"""What holds for every train-only layer: saving, compiling, any number of images."""

import keras
import numpy as np
import pytest

from trickbook import layers

EVERYTHING = {
    "flip_probability": 0.3,
    "shift_pixels": 1.5,
    "crop_padding_pixels": 2,
    "crop_area_min": 0.5,
    "rotation_degrees": 15.0,
    "zoom": 0.2,
    "shear": 0.3,
    "brightness": 0.4,
    "contrast": 0.5,
    "channel_shift": 0.6,
    "erasing_probability": 0.6,
    "erasing_area": (0.05, 0.4),
    "erasing_value": 0.5,
}
EACH_AXIS = {
    "vertical_flip_probability": 0.5,
    "height_shift": (1.0, 2.0),
    "width_shift": 0.2,
    "width_zoom": 0.3,
    "shear_degrees": 20.0,
    "brightness_range": (0.5, 1.5),
    "black": (-1.0, 0.5),
    "channel_shift": (0.1, 0.4),
    "fill_value": 0.7,
}
EXAMPLES = {
    "all": layers.RandomAugmentation(**EVERYTHING, fill_mode="reflect", seed=3, name="warp"),
    "whole moves": layers.RandomAugmentation(flip_probability=0.5, crop_padding_pixels=2),
    "next pixel": layers.RandomAugmentation(
        rotation_degrees=30, fill_mode="wrap", interpolation="nearest"
    ),
    "colours": layers.RandomAugmentation(contrast=0.5),
    "each axis": layers.RandomAugmentation(**EACH_AXIS),
    "alternating": layers.RandomAugmentation(flip_probability=0.5, flip_order="alternating"),
    "operations": layers.RandomAugmentation(operations=2, operation_magnitude=7),
    "erasing": layers.RandomAugmentation(erasing_probability=0.6),
    "noise": layers.RandomGaussianNoise(stddev=0.2),
}
each_layer = pytest.mark.parametrize("layer", EXAMPLES.values(), ids=EXAMPLES)
SHAPE = (9, 12, 2)


def inputs(layer, count=16):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(count, *SHAPE)).astype("f4")
    return images, rng.random((count, layer.draws), dtype="f4")


def arrays(result):
    return keras.ops.convert_to_numpy(result)


def compiled(function):
    """The function as the backend's own compiler makes it."""
    if keras.backend.backend() == "jax":
        import jax

        return jax.jit(function)
    if keras.backend.backend() == "torch":
        import torch

        return torch.compile(function)
    import tensorflow as tf

    return tf.function(function, jit_compile=True)


@each_layer
def test_a_config_makes_the_same_layer_again(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.name == layer.name
    np.testing.assert_array_equal(*(arrays(made(*inputs(layer))) for made in (layer, again)))


@each_layer
def test_a_model_with_the_layer_is_saved_and_loaded(layer, tmp_path):
    images, values = keras.Input(SHAPE), keras.Input((layer.draws,))
    model = keras.Model([images, values], layer(images, values))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    x = inputs(layer)
    np.testing.assert_array_equal(loaded.predict_on_batch(x), model.predict_on_batch(x))
    assert not np.array_equal(loaded.predict_on_batch(x), x[0])


@each_layer
def test_compiled_it_gives_the_same(layer):
    if keras.backend.backend() == "torch" and layer in (EXAMPLES["all"], EXAMPLES["noise"]):
        pytest.skip("PyTorch compiles it too, but that takes a minute")
    images, values = (keras.ops.convert_to_tensor(part) for part in inputs(layer))
    result = compiled(layer)(images, values)
    np.testing.assert_allclose(arrays(result), arrays(layer(images, values)), atol=2e-5)


@each_layer
def test_it_takes_any_number_of_images(layer):
    images, values = inputs(layer)
    whole = arrays(layer(images, values))
    # Keras takes nothing from nothing on TensorFlow and PyTorch alone.
    for count in (1, 7, 16) if keras.backend.backend() == "jax" else (0, 1, 7, 16):
        result = arrays(layer(images[:count], values[:count]))
        assert result.shape == (count, *SHAPE)
        np.testing.assert_allclose(result, whole[:count], atol=2e-5)


@each_layer
@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data")
def test_in_tf_data_it_gives_the_same(layer):
    import tensorflow as tf

    images, values = inputs(layer)
    batches = tf.data.Dataset.from_tensor_slices((images, values)).batch(6)
    result = np.concatenate(list(batches.map(layer).as_numpy_iterator()))
    np.testing.assert_allclose(result, arrays(layer(images, values)), atol=2e-5)
