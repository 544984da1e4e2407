"""ImageScaling and ZCAWhitening against NumPy and Keras's ImageDataGenerator."""

import keras
import numpy as np
import pytest

from trickbook.layers import ImageScaling, WhiteningConvolution, ZCAWhitening

RNG = np.random.default_rng(3)
# Neighbours alike, channels of unlike size, as pixels are.
IMAGES = (RNG.normal(size=(400, 4, 3, 2)).cumsum(axis=1) * [1.0, 3.0] + [0.0, 2.0]).astype("f4")


def arrays(result):
    return keras.ops.convert_to_numpy(result)


def fitted(images=IMAGES, **settings):
    layer = ZCAWhitening(**settings, dtype="float32")
    layer.adapt(images)
    return layer


def test_each_image_is_scaled_by_its_own_values():
    axes = (1, 2, 3)
    exact = IMAGES.astype("f8")
    centred = exact - exact.mean(axis=axes, keepdims=True)
    np.testing.assert_allclose(arrays(ImageScaling(divide=False)(IMAGES)), centred, atol=1e-5)
    result = arrays(ImageScaling()(IMAGES))
    expected = centred / (exact.std(axis=axes, keepdims=True) + 1e-6)
    np.testing.assert_allclose(result, expected, atol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "float16", "mixed_bfloat16"])
def test_an_image_of_one_colour_is_scaled_to_0_in_any_precision(dtype):
    flat = np.full((2, 3, 3, 1), 5.0, "f4")
    result = ImageScaling(dtype=dtype)(flat)
    assert keras.backend.standardize_dtype(result.dtype) == dtype.removeprefix("mixed_")
    np.testing.assert_array_equal(arrays(keras.ops.cast(result, "float32")), np.zeros_like(flat))


def test_mixed_precision_scales_images_that_are_not_rounded():
    # Of little variance about a mean that half precision cannot tell them from.
    images = (RNG.normal(size=(5, 4, 4, 1)) * 0.01 + 8.0).astype("f4")
    inputs = keras.Input((4, 4, 1))
    found = keras.Model(inputs, ImageScaling(dtype="mixed_float16")(inputs))(images)
    centred = images.astype("f8") - images.mean(axis=(1, 2, 3), keepdims=True, dtype="f8")
    expected = centred / centred.std(axis=(1, 2, 3), keepdims=True)
    result = arrays(keras.ops.cast(found, "float32"))
    np.testing.assert_allclose(result, expected, rtol=1e-2, atol=1e-2)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the generator is TensorFlow's")
def test_each_image_is_scaled_as_by_the_generator():
    import tensorflow as tf

    for settings, layer in (
        ({"samplewise_center": True}, ImageScaling(divide=False)),
        ({"samplewise_center": True, "samplewise_std_normalization": True}, ImageScaling()),
    ):
        generator = tf.keras.preprocessing.image.ImageDataGenerator(**settings)
        expected = [generator.standardize(image.copy()) for image in IMAGES[:5]]
        np.testing.assert_allclose(arrays(layer(IMAGES[:5])), expected, atol=1e-5)


def patches(images, size):
    """By looking at each place in turn."""
    height, width = (side - size + 1 for side in images.shape[1:3])
    found = [
        images[:, y : y + size, x : x + size].reshape(len(images), -1)
        for y in range(height)
        for x in range(width)
    ]
    return np.concatenate(found).astype("f8")


@pytest.mark.parametrize("size", [1, 2])
def test_whitened_patches_are_uncorrelated_and_come_with_either_sign(size):
    layer = WhiteningConvolution(size, epsilon=1e-9, dtype="float32")
    layer.adapt(IMAGES)
    values = 2 * size**2
    result = arrays(layer(IMAGES))
    assert result.shape == (400, 5 - size, 4 - size, 2 * values)
    flat = result.reshape(-1, 2 * values).astype("f8")
    moments = flat[:, :values].T @ flat[:, :values] / len(flat)
    np.testing.assert_allclose(moments, np.eye(values), atol=2e-3)
    np.testing.assert_allclose(flat[:, values:], -flat[:, :values], atol=1e-5)
    # The first filter is of the direction in which patches are largest.
    squares, directions = np.linalg.eigh(
        np.cov(patches(IMAGES, size).T, bias=True)
        + (np.outer(*[patches(IMAGES, size).mean(axis=0)] * 2))
    )
    first = arrays(layer.kernel)[..., 0].ravel() * squares[-1] ** 0.5
    np.testing.assert_allclose(np.abs(first @ directions[:, -1]), 1, atol=1e-4)


@pytest.mark.parametrize("count", [999, 2001])
def test_more_images_than_are_summed_at_once_are_whitened_as_one(count):
    walks = np.random.default_rng(count).normal(size=(count, 2, 2, 1)).cumsum(axis=1)
    # Brighter from image to image, so that none of their parts is like the whole.
    images = (walks + np.linspace(0, 9, count).reshape(-1, 1, 1, 1)).astype("f4")
    flat = images.reshape(count, 4).astype("f8")
    whitened = arrays(fitted(images, epsilon=1e-9)(images)).reshape(count, 4)
    np.testing.assert_allclose(np.cov(whitened.T, bias=True), np.eye(4), atol=2e-3)
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-3)
    layer = WhiteningConvolution(2, epsilon=1e-9, dtype="float32")
    layer.adapt(images)
    filters = arrays(layer.kernel)[..., :4].reshape(4, 4).astype("f8")
    np.testing.assert_allclose(filters.T @ (flat.T @ flat / count) @ filters, np.eye(4), atol=2e-3)


def test_filters_of_patches_are_fitted_on_the_first_images_and_stay(monkeypatch):
    monkeypatch.setattr(WhiteningConvolution, "fitted_on", 300)
    layer, same = WhiteningConvolution(activation="relu"), WhiteningConvolution(activation="relu")
    layer.adapt(IMAGES)
    same.adapt(IMAGES[:300])
    np.testing.assert_array_equal(arrays(layer.kernel), arrays(same.kernel))
    assert [weight.name for weight in layer.trainable_weights] == ["bias"]
    assert arrays(layer(IMAGES[:5])).min() == 0
    again = WhiteningConvolution.from_config(layer.get_config())
    assert again.get_config() == layer.get_config()
    with pytest.raises(ValueError, match="4x3 pixels are smaller than a patch of 5x5"):
        WhiteningConvolution(5).adapt(IMAGES)


def test_patches_are_whitened_in_images_of_any_size_and_whatever_the_order_of_channels():
    order = keras.config.image_data_format()
    keras.config.set_image_data_format("channels_first")
    try:
        layer = WhiteningConvolution(dtype="float32")
        inputs = keras.Input((None, None, 2))
        model = keras.Model(inputs, layer(inputs))
        layer.adapt(IMAGES)
        for images in (IMAGES[:5], IMAGES[:5, :3, :2]):
            result = arrays(model(images))
            assert result.shape == (5, images.shape[1] - 1, images.shape[2] - 1, 16)
            places = result.transpose(1, 2, 0, 3).reshape(-1, 16)
            expected = patches(images, 2) @ arrays(layer.kernel).reshape(8, 16)
            np.testing.assert_allclose(places, expected, rtol=1e-3, atol=1e-3)
    finally:
        keras.config.set_image_data_format(order)
    with pytest.raises(ValueError, match=r"\?x3 pixels are smaller than a patch of 5x5"):
        WhiteningConvolution(5).build((None, None, 3, 2))


@pytest.mark.parametrize("make", [ImageScaling, ZCAWhitening, WhiteningConvolution])
def test_each_frame_of_a_film_is_treated_as_an_image(make):
    layer = make()
    if hasattr(layer, "adapt"):
        layer.adapt(IMAGES)
    films = np.stack([IMAGES[:3], IMAGES[3:6]], axis=1)
    inputs = keras.Input(films.shape[1:])
    model = keras.Model(inputs, keras.layers.TimeDistributed(layer)(inputs))
    result = arrays(model(films))
    assert model.output_shape == (None, *result.shape[1:])
    for frame in range(2):
        expected = arrays(layer(films[:, frame]))
        np.testing.assert_allclose(result[:, frame], expected, rtol=1e-4, atol=1e-4)


def a_data_set():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices(IMAGES).batch(10)


@pytest.mark.parametrize("layer", [ZCAWhitening, WhiteningConvolution])
@pytest.mark.parametrize(
    "inputs",
    [a_data_set, lambda: (batch for batch in [IMAGES]), lambda: IMAGES[:0], IMAGES.ravel],
    ids=["a data set", "a generator", "none", "one axis"],
)
def test_what_is_no_array_of_inputs_is_refused_and_the_layer_stays_as_it_was(layer, inputs):
    layer = layer(dtype="float32")
    with pytest.raises(ValueError, match=r"adapt takes .* np\.concatenate.* Received: inputs="):
        layer.adapt(inputs())
    assert not layer.built
    layer.adapt(list(IMAGES))
    assert np.isfinite(arrays(layer(IMAGES))).all()


def test_scaling_of_an_image_needs_images():
    with pytest.raises(ValueError, match="expected ndim=4"):
        ImageScaling()(np.zeros((3, 4), "f4"))


def test_whitened_training_images_have_the_identity_as_their_covariance():
    whitened = arrays(fitted()(IMAGES)).reshape(400, -1).astype("f8")
    np.testing.assert_allclose(whitened.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(np.cov(whitened.T, bias=True), np.eye(24), atol=2e-3)


@pytest.mark.parametrize("epsilon", [1e-6, 0.5])
def test_the_matrix_is_numpys_and_symmetric(epsilon):
    layer = fitted(epsilon=epsilon)
    flat = IMAGES.reshape(400, -1).astype("f8")
    centred = flat - flat.mean(axis=0)
    directions, variances, _ = np.linalg.svd(centred.T @ centred / 400)
    expected = directions @ np.diag((variances + epsilon) ** -0.5) @ directions.T
    matrix = arrays(layer.matrix)
    np.testing.assert_allclose(matrix, expected, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-5)
    result = arrays(layer(IMAGES[:7])).reshape(7, -1)
    np.testing.assert_allclose(result, centred[:7] @ expected, atol=1e-3)
    assert layer.trainable_weights == []


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="the generator is TensorFlow's")
def test_the_matrix_is_the_generators_on_images_of_mean_0():
    import tensorflow as tf

    images = IMAGES - IMAGES.mean(axis=0)
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        featurewise_center=True, zca_whitening=True, zca_epsilon=1e-6, dtype="float64"
    )
    generator.fit(images)
    ours = arrays(fitted(images).matrix)
    np.testing.assert_allclose(ours, generator.zca_whitening_matrix, rtol=1e-3, atol=1e-4)


def test_a_value_that_never_changed_is_not_blown_up_beyond_the_root_of_epsilon():
    images = IMAGES.copy()
    images[:, 0, 0, 0] = 0.5
    layer = fitted(images, epsilon=1e-4)
    assert np.abs(arrays(layer(images))[:, 0, 0, 0]).max() < 1e-3
    changed = images.copy()
    changed[:, 0, 0, 0] += 0.01
    difference = arrays(layer(changed)) - arrays(layer(images))
    np.testing.assert_allclose(difference[:, 0, 0, 0], 0.01 * 100, rtol=1e-2)


def test_before_it_is_fitted_it_changes_nothing():
    np.testing.assert_allclose(arrays(ZCAWhitening()(IMAGES)), IMAGES, atol=1e-6)


def test_mixed_precision_whitens_inputs_that_are_not_rounded():
    # Of little variance about a mean that half precision cannot tell them from.
    images = (RNG.normal(size=(400, 3, 3, 1)) * 0.01 + 8.0).astype("f4")
    layer = ZCAWhitening(epsilon=1e-9, dtype="mixed_bfloat16")
    layer.adapt(images)
    inputs = keras.Input((3, 3, 1))
    result = keras.Model(inputs, layer(inputs))(images)
    assert keras.backend.standardize_dtype(result.dtype) == "bfloat16"
    flat = images.reshape(400, -1).astype("f8")
    centred = flat - flat.mean(axis=0)
    variances, directions = np.linalg.eigh(np.cov(flat.T, bias=True))
    expected = centred @ (directions / np.sqrt(variances + 1e-9)) @ directions.T
    found = arrays(keras.ops.cast(result, "float32")).reshape(400, -1)
    np.testing.assert_allclose(found, expected, rtol=1e-2, atol=1e-2)


def test_a_saved_model_keeps_what_was_fitted(tmp_path):
    inputs = keras.Input(IMAGES.shape[1:])
    layer = fitted(epsilon=0.01)
    model = keras.Model(inputs, ImageScaling()(layer(inputs)))
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    np.testing.assert_array_equal(
        loaded.predict_on_batch(IMAGES[:6]), model.predict_on_batch(IMAGES[:6])
    )
    assert loaded.layers[1].epsilon == 0.01


@pytest.mark.parametrize("epsilon", [0, -1, float("nan"), "1"])
def test_a_wrong_epsilon_is_refused(epsilon):
    with pytest.raises(ValueError, match=r"^epsilon must .*above 0\. Received: epsilon="):
        ZCAWhitening(epsilon)


def test_images_that_are_too_large_are_refused():
    with pytest.raises(ValueError, match=r"at most 4,096 values .* 64x64x3 have 12,288"):
        ZCAWhitening().build((None, 64, 64, 3))


def test_whitening_images_of_unknown_size_is_refused():
    with pytest.raises(ValueError, match=r"images of one size.*\(None, None, None, 3\)$"):
        ZCAWhitening()(keras.Input((None, None, 3)))
