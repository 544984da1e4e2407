"""Backbones of keras.applications, with weights of files: nothing is downloaded here."""

import urllib.error

import keras
import numpy as np
import pytest
from keras.src.backend import config
from keras.src.utils import file_utils

from trickbook.data import Scaling, from_arrays
from trickbook.recipes import Blueprint, RecipeError, Transfer
from trickbook.training import trainer
from trickbook.training.backbones.application import application_hash
from trickbook.training.backbones.body import Body
from trickbook.training.backbones.load import load_backbone
from trickbook.training.backbones.pretrained import PixelMap
from trickbook.training.build_transfer import raw_of

SMALL = {"alpha": 0.35}
FILE = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_0.35_224_no_top.h5"


def data_of(shape=(32, 32, 3), high=255):
    images = np.random.default_rng(0).integers(0, high + 1, (40, *shape))
    return from_arrays(images.astype("uint8" if high == 255 else "float32"), np.arange(40) % 2)


def moved(source="MobileNetV2", **settings):
    recipe = Transfer(source=source, arguments=SMALL, **settings)
    return recipe.apply(Blueprint(epochs=2, batch_size=8))


@pytest.fixture(scope="module")
def drawn():
    """The application as Keras makes it, with drawn weights under which signals keep their size.

    As Keras draws them, its features are of the size 1e-10, and nothing could be told from them.
    """
    keras.utils.set_random_seed(3)
    model = keras.applications.MobileNetV2(
        include_top=False, weights=None, input_shape=(32, 32, 3), **SMALL
    )
    for layer in model.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # its averages become those of the next batch
    images = np.random.default_rng(1).uniform(-1, 1, (40, 32, 32, 3)).astype("float32")
    model(images, training=True)
    return model


@pytest.fixture(scope="module")
def weights(drawn, tmp_path_factory):
    """A file of its weights."""
    path = tmp_path_factory.mktemp("weights") / "small.weights.h5"
    drawn.save_weights(path)
    return str(path)


def features_of(data, weights):
    body = Body(load_backbone(moved(weights=weights), data), data.input_shape)
    return body, np.asarray(body.features.predict_on_batch(data.x_val.astype("float32")))


def expected(drawn, pixels):
    taken = keras.applications.mobilenet_v2.preprocess_input(pixels.astype("float32"))
    return drawn.predict_on_batch(taken).mean(axis=(1, 2))


def test_it_takes_pixels_with_its_own_preprocessing(drawn, weights):
    data = data_of()
    body, found = features_of(data, weights)
    assert not body.shows_grey_as_rgb
    assert found.std() > 0.1
    np.testing.assert_allclose(found, expected(drawn, data.x_val), rtol=1e-3, atol=1e-3)


def test_grey_images_of_another_range_are_shown_as_rgb(drawn, weights):
    data = data_of((32, 32, 1), high=16)
    assert data.value_range == (0, 16)
    body, found = features_of(data, weights)
    assert body.shows_grey_as_rgb
    pixels = np.repeat(data.x_val, 3, axis=-1) * 255 / 16
    assert found.std() > 0.1
    np.testing.assert_allclose(found, expected(drawn, pixels), rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize(("low", "high"), [(-1.0, 1.0), (10.0, 110.0)])
def test_pixels_of_another_range_are_taken_as_those_from_0_to_255(low, high):
    pixels = np.random.default_rng(2).uniform(0, 255, (2, 3, 3, 3)).astype("float32")
    tensor = keras.ops.convert_to_tensor(low + pixels / 255 * (high - low))
    own = PixelMap((2, 1, 0), (0.5, 1.0, 2.0), (-1.0, 0.0, 3.0)).of_range(low, high)
    for layer in own.layers():
        tensor = layer(tensor)
    expected = pixels[..., ::-1] * [0.5, 1.0, 2.0] + [-1.0, 0.0, 3.0]
    np.testing.assert_allclose(keras.ops.convert_to_numpy(tensor), expected, rtol=1e-4, atol=1e-3)


def test_the_head_pools_the_maps_as_it_is_told(weights):
    data = data_of((64, 64, 3))
    backbone = load_backbone(moved(weights=weights), data)
    pixels = data.x_val[:2].astype("float32")
    maps = backbone.model(keras.applications.mobilenet_v2.preprocess_input(pixels.copy()))
    maps = keras.ops.convert_to_numpy(maps)
    pooled = {"max": maps.max(axis=(1, 2)), "average": maps.mean(axis=(1, 2)), "flatten": maps}
    for pooling, expected in pooled.items():
        features = Body(backbone, data.input_shape, pooling=pooling).features
        found = keras.ops.convert_to_numpy(features(pixels, training=False))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)
    assert (pooled["max"] - pooled["average"]).std() > 0.1


def test_weights_that_keras_has_downloaded_are_found_and_hashed(
    drawn, weights, tmp_path, monkeypatch
):
    # Keras has looked at the variable when it was imported.
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(config, "_KERAS_DIR", str(tmp_path))
    monkeypatch.setattr(file_utils, "urlretrieve", offline)
    with pytest.raises(RecipeError) as refused:
        application_hash(moved())
    said = str(refused.value)
    for part in (FILE, "https://", str(tmp_path / "models" / FILE), "no route", "or give weights"):
        assert part in said
    assert "\n" not in said
    (tmp_path / "models").mkdir(exist_ok=True)
    # As the published files are: the older kind of h5, of a whole model.
    drawn.save(tmp_path / "models" / "whole.h5")
    (tmp_path / "models" / "whole.h5").rename(tmp_path / "models" / FILE)
    assert application_hash(moved()) == application_hash(moved(weights=weights))


def offline(*_):
    raise urllib.error.URLError("no route")


def test_images_are_told_where_they_are_too_small():
    runs = trainer.Trainer(data_of((31, 40, 3)))
    with pytest.raises(RecipeError, match=r"too small for MobileNetV2: .* at least 32x32"):
        runs.check(moved(weights=__file__))


@pytest.mark.parametrize(
    ("recipe", "said"),
    [
        (Transfer("MobileNetV3"), "no 'MobileNetV3' in keras.applications. Did you mean 'MobileN"),
        (Transfer("VGG16", arguments={"alfa": 1}), "VGG16 has no argument 'alfa'"),
        (Transfer("VGG16", weights="absent.h5"), "no file of weights 'absent.h5'"),
        (Transfer("VGG16", weights=__file__), "VGG16 with the weights"),
    ],
)
def test_what_cannot_be_had_is_told_in_a_line(recipe, said):
    runs = trainer.Trainer(data_of())
    with pytest.raises(RecipeError) as refused:
        runs.check(recipe.apply(Blueprint(epochs=2, batch_size=8)))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("name", ["ResNet50", "DenseNet121", "EfficientNetB0", "Xception"])
def test_the_preprocessing_is_keras_own(name):
    from trickbook.training.backbones.application import find_application, preprocessing_of

    application = find_application(name)
    pixels = np.random.default_rng(1).uniform(0, 255, (2, 3, 3, 3)).astype("float32")
    tensor = keras.ops.convert_to_tensor(pixels)
    for layer in preprocessing_of(application).layers():
        tensor = layer(tensor)
    module = __import__(application.__module__, fromlist=["preprocess_input"])
    wanted = module.preprocess_input(pixels.copy())
    np.testing.assert_allclose(keras.ops.convert_to_numpy(tensor), wanted, rtol=1e-4, atol=1e-3)


@pytest.fixture
def half_precision():
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    yield
    keras.config.set_dtype_policy(before)


@pytest.mark.usefixtures("half_precision")
def test_half_precision_rounds_no_pixel():
    pixels = np.arange(768, dtype="float32").reshape(1, 16, 16, 3) / 3
    inputs = keras.Input((16, 16, 3))
    scaling = Scaling("standardize", (1 / 60,) * 3, (-2.1,) * 3)
    given = raw_of(inputs, scaling)
    for layer in PixelMap((2, 1, 0), (1 / 127.5,) * 3, (-1.0,) * 3).layers():
        given = layer(given)
    found = keras.Model(inputs, given)(scaling.apply(pixels))
    np.testing.assert_allclose(found, pixels[..., ::-1] / 127.5 - 1, atol=1e-5)
