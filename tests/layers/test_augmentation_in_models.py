"""RandomAugmentation in a model, its types and ranges, and what it refuses."""

import keras
import numpy as np
import pytest
from augmentation_draws import augmented, draws, pictures

from trickbook.layers import RandomAugmentation

MOVES = {"flip_probability": 0.5, "rotation_degrees": 30.0, "contrast": 0.3}
NAN = float("nan")


def arrays(result):
    return keras.ops.convert_to_numpy(result)


class Holding(keras.Model):
    """Calls the layer without a word of training."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def call(self, x):
        return self.layer(x)


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_it_is_off_at_inference(dtype):
    images = (pictures(5) * 50 + 120).astype(dtype)
    layer = RandomAugmentation(**MOVES, erasing_probability=1.0)
    inputs = keras.Input(images.shape[1:], dtype=dtype)
    outputs = layer(inputs)
    assert keras.backend.standardize_dtype(outputs.dtype) == dtype
    models = keras.Model(inputs, outputs), Holding(layer)
    for result in (layer(images), layer(images, training=False), *(one(images) for one in models)):
        assert keras.backend.standardize_dtype(result.dtype) == dtype
        np.testing.assert_array_equal(arrays(result), images)


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="tf.data has its tensors")
def test_it_acts_in_a_data_set_when_it_is_told():
    import tensorflow as tf

    images = pictures(6)
    layer = RandomAugmentation(flip_probability=1.0)
    data = tf.data.Dataset.from_tensor_slices((images, np.arange(6))).batch(3)
    result = np.concatenate([x for x, _ in data.map(lambda x, y: (layer(x, training=True), y))])
    np.testing.assert_allclose(result, images[:, :, ::-1], atol=1e-6)


def test_the_frames_of_films_can_be_augmented():
    films = np.stack([pictures(4), pictures(4) + 1], axis=1)
    layer = keras.layers.TimeDistributed(RandomAugmentation(flip_probability=1.0))
    inputs = keras.Input(films.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape == (None, *films.shape[1:])
    np.testing.assert_array_equal(arrays(model(films, training=False)), films)
    flipped = arrays(model(films, training=True))
    np.testing.assert_allclose(flipped, films[:, :, :, ::-1], atol=1e-6)


def test_in_training_each_image_has_draws_of_its_own_and_each_call_too():
    one = pictures(1)
    layer = RandomAugmentation(**MOVES, seed=1)
    first, second = (arrays(layer(np.repeat(one, 8, axis=0), training=True)) for _ in range(2))
    assert len(np.unique(first, axis=0)) == 8
    assert not (first == second).all(axis=(1, 2, 3)).any()


def test_the_same_seed_gives_the_same_images_also_after_a_copy_of_the_config():
    images = pictures(8)
    layer = RandomAugmentation(**MOVES, seed=4)
    again = RandomAugmentation.from_config(layer.get_config())
    other = RandomAugmentation(**MOVES, seed=5)
    results = [arrays(each(images, training=True)) for each in (layer, again, other)]
    np.testing.assert_array_equal(results[0], results[1])
    assert not np.allclose(results[0], results[2])


def test_a_model_trains_with_it_saves_it_and_predicts_without_it(tmp_path):
    images = pictures(32, 8, 8, 1)
    labels = np.arange(32) % 2
    model = keras.Sequential(
        [
            keras.Input((8, 8, 1)),
            RandomAugmentation(**MOVES, erasing_probability=0.5),
            keras.layers.Flatten(),
            keras.layers.Dense(2),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    # PyTorch compiles for a minute.
    jit = keras.backend.backend() != "torch"
    model.compile("sgd", loss, jit_compile=jit)
    model.fit(images, labels, batch_size=8, epochs=2, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    plain = images.reshape(32, -1) @ arrays(model.layers[-1].kernel)
    expected = plain + arrays(model.layers[-1].bias)
    for each in (model, loaded):
        np.testing.assert_allclose(each.predict(images, verbose=0), expected, atol=1e-5)


def test_whole_numbers_are_rounded_and_kept_in_range():
    images = np.random.default_rng(0).integers(0, 256, (20, 7, 9, 3)).astype("uint8")
    settings = {"rotation_degrees": 20.0, "brightness": 80.0, "fill_mode": "reflect"}
    result = augmented(images, draws(20), **settings)
    exact = augmented(images.astype("f4"), draws(20), **settings)
    assert result.dtype == "uint8"
    assert exact.min() < -1
    assert exact.max() > 256
    assert np.abs(result - np.clip(exact, 0, 255)).max() <= 0.501


def test_flips_and_whole_moves_of_whole_numbers_are_exact():
    images = np.random.default_rng(0).integers(0, 256, (20, 7, 9, 1)).astype("uint8")
    values = draws(20, flip=0.0, pad_y=0.0, pad_x=0.99)
    result = augmented(images, values, flip_probability=1.0, crop_padding_pixels=1)
    padded = np.pad(images[:, :, ::-1], ((0, 0), (1, 1), (1, 1), (0, 0)))
    np.testing.assert_array_equal(result, padded[:, :7, 2:])


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16", "float64"])
def test_it_keeps_to_the_dtype_policy_and_draws_with_all_bits(policy):
    if policy == "float64" and keras.backend.backend() == "jax":
        pytest.skip("JAX has none unless it is told to")
    # In half precision this draw would be 0.5, and no image mirrored.
    images, values = pictures(10).astype("f8"), draws(10, flip=0.49999)
    layer = RandomAugmentation(**MOVES, dtype=policy)
    result = layer(images, values)
    assert keras.backend.standardize_dtype(result.dtype) == layer.compute_dtype
    reference = augmented(images, values, **MOVES)
    tolerance = {"float16": 5e-3, "bfloat16": 3e-2, "float64": 1e-5}[layer.compute_dtype]
    as_float = arrays(keras.ops.cast(result, "float32"))
    np.testing.assert_allclose(as_float, reference, atol=tolerance)


def test_nothing_asked_for_changes_nothing():
    images = pictures(4)
    np.testing.assert_array_equal(augmented(images, draws(4)), images)


WRONG = {
    "flip_probability": [-0.1, 1.1, NAN, "0.5", True, None],
    "vertical_flip_probability": [-0.1, 1.1],
    "shift_pixels": [-1, NAN, float("inf")],
    "height_shift": [-1, NAN, [], [1, -1], (0.1, NAN), "3"],
    "width_shift": [-0.1, float("inf"), [[1]], None],
    "crop_padding_pixels": [-1, 1.5, True],
    "crop_area_min": [0, -0.5, 1.1],
    "rotation_degrees": [-5, 181],
    "zoom": [-0.1, 1],
    "height_zoom": [-0.1, 1],
    "width_zoom": [-0.1, 1],
    "shear": [-0.1, 1],
    "shear_degrees": [-1, 46],
    "flip_order": ["never", None],
    "fill_mode": ["grid-wrap", 0],
    "interpolation": ["cubic", None],
    "fill_value": [NAN, "0"],
    "brightness": [-0.1, NAN, (0.1, -0.1)],
    "brightness_range": [(0.5,), (1.5, 0.5), (-0.1, 1), (1, 11), (NAN, 1), 1.5],
    "black": [NAN, [], "0"],
    "contrast": [-0.1, 1.1],
    "channel_shift": [-0.1, NAN, [NAN]],
    "operations": [-1, 1.5, True],
    "operation_magnitude": [-1, 11],
    "erasing_probability": [-0.1, 1.1],
    "erasing_area": [(-0.1, 0.3), (0.1, 1.1), (0.3, 0.1), (0.1,), (0.1, NAN), 0.3],
    "erasing_value": [NAN, "0"],
}


@pytest.mark.parametrize(
    ("setting", "value"),
    [(setting, value) for setting, values in WRONG.items() for value in values],
)
def test_an_argument_out_of_range_is_refused_with_its_value(setting, value):
    with pytest.raises(ValueError, match=rf"^{setting} must ") as refused:
        RandomAugmentation(**{setting: value})
    assert str(refused.value).endswith(f"Received: {setting}={value!r}")


@pytest.mark.parametrize(
    "both",
    [
        {"shift_pixels": 1.0, "height_shift": 0.1},
        {"shift_pixels": 1.0, "width_shift": (0.1,)},
        {"zoom": 0.1, "height_zoom": 0.1},
        {"zoom": 0.1, "width_zoom": 0.1},
        {"shear": 0.1, "shear_degrees": 5.0},
        {"brightness": 0.1, "brightness_range": (0.5, 1.5)},
    ],
    ids=str,
)
def test_two_names_of_one_thing_are_refused_together(both):
    with pytest.raises(ValueError, match=f"^{' and '.join(both)} exclude each other") as refused:
        RandomAugmentation(**both)
    assert all(f"{name}={value!r}" in str(refused.value) for name, value in both.items())


def test_a_fill_value_without_a_constant_fill_is_refused():
    with pytest.raises(ValueError, match=r"fill_mode='wrap', fill_value=1\.0"):
        RandomAugmentation(fill_mode="wrap", fill_value=1)


def test_flips_that_alternate_are_of_every_image():
    with pytest.raises(ValueError, match="mirrors every image in every second epoch"):
        RandomAugmentation(flip_probability=0.2, flip_order="alternating")


@pytest.mark.parametrize("name", ["brightness", "channel_shift", "black"])
def test_amounts_for_another_number_of_channels_are_refused(name):
    layer = RandomAugmentation(**{name: (0.1, 0.2, 0.3)}, contrast=0.1)
    with pytest.raises(ValueError, match=rf"{name} must be a number, or one for each of 2 chan"):
        layer(pictures(3), draws(3))


def test_every_argument_is_tried_with_wrong_values():
    own = set(RandomAugmentation().get_config()) - set(keras.layers.Layer().get_config())
    assert own == {*WRONG, "seed"}


@pytest.mark.parametrize("shape", [(3, 19), (3,), (3, 20, 1)])
def test_draws_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"\(n, 20\)\. Received: draws\.shape="):
        RandomAugmentation()(pictures(3), np.zeros(shape, "f4"))


def test_images_of_another_rank_are_refused():
    with pytest.raises(ValueError, match="expected ndim=4"):
        RandomAugmentation()(pictures(3)[0])


@pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="Keras traces with a size of its own"
)
def test_images_of_open_size_are_refused():
    with pytest.raises(ValueError, match="must be fixed"):
        RandomAugmentation()(keras.Input((None, None, 3)), keras.Input((20,)))
