"""What holds for every train-only layer: saving, compiling, any number of images."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from trickbook import layers

EXAMPLES = [
    layers.RandomAffine(
        flip_probability=0.3,
        shift_pixels=1.5,
        crop_padding_pixels=2,
        crop_area_min=0.5,
        rotation_degrees=15.0,
        fill_mode="reflect",
        name="warp",
    ),
    layers.RandomSquareErasing(probability=0.6, area=(0.05, 0.4), value=0.5),
    layers.RandomGaussianNoise(stddev=0.2),
]
each_layer = pytest.mark.parametrize("layer", EXAMPLES, ids=lambda layer: type(layer).__name__)
SHAPE = (9, 12, 2)


def inputs(layer, count=16):
    rng = np.random.default_rng(0)
    images = rng.normal(size=(count, *SHAPE)).astype("f4")
    return images, rng.random((count, layer.draws), dtype="f4")


def test_every_layer_is_tried_here():
    assert sorted(type(layer).__name__ for layer in EXAMPLES) == sorted(layers.__all__)


@each_layer
def test_a_config_makes_the_same_layer_again(layer):
    again = type(layer).from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    assert again.name == layer.name
    np.testing.assert_array_equal(*(np.asarray(made(*inputs(layer))) for made in (layer, again)))


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
def test_compiled_by_xla_it_gives_the_same(layer):
    x = inputs(layer)
    compiled = tf.function(layer.__call__, jit_compile=True)
    np.testing.assert_allclose(compiled(*x).numpy(), np.asarray(layer(*x)), atol=2e-5)


@each_layer
def test_it_takes_any_number_of_images(layer):
    images, values = inputs(layer)
    signature = [tf.TensorSpec((None, *SHAPE)), tf.TensorSpec((None, layer.draws))]
    traced = tf.function(layer.__call__, input_signature=signature)
    for count in (0, 1, 16):
        result = traced(images[:count], values[:count]).numpy()
        assert result.shape == (count, *SHAPE)
        np.testing.assert_allclose(result, np.asarray(layer(images, values))[:count], atol=2e-5)
