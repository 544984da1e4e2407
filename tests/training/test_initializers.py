"""The numbers that kernels start from, against the decks' variances."""

import keras
import numpy as np
import pytest

from trickbook.data import from_arrays
from trickbook.layers import PartialIdentity
from trickbook.recipes import (
    Activation,
    Blueprint,
    Config,
    Deeper,
    Initializer,
    LogitScaling,
    RecipeError,
    Slot,
    compose,
)
from trickbook.training.build import build_model, build_network
from trickbook.training.build_callbacks import build_callbacks
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

SHAPE, CLASSES = (8, 8, 3), 10
WIDE = Blueprint(filters=(32, 64), convolutions=1, dense=(128,))
# Of each kernel: what one output sees, and what one input is seen by.
FANS = {
    "stage2_1_conv": (9 * 32, 9 * 64),
    "head1_dense": (2 * 2 * 64, 128),
}
VARIANCES = {
    "he": lambda fan_in, fan_out: 2 / fan_in,  # L4's slip: it has the batch size for fan_in
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "lecun": lambda fan_in, fan_out: 1 / fan_in,
}
CUT_OFF = 2  # deviations of the normal distribution that numbers are drawn from
# Of a normal distribution that is cut off there; it is made wider by so much.
DEVIATION_WHEN_CUT = 0.87962566103423978


def kernels(recipe, below=WIDE, seed=0):
    network = build_network(recipe.apply(below), SHAPE, CLASSES, seed)
    return {
        layer.name: keras.ops.convert_to_numpy(layer.kernel).astype("f8")
        for layer in network.layers
        if hasattr(layer, "kernel")
    }


@pytest.mark.parametrize("distribution", ["normal", "uniform"])
@pytest.mark.parametrize("kind", VARIANCES)
def test_kernels_have_the_variance_and_the_range_of_their_fans(kind, distribution):
    found = kernels(Initializer(kind, distribution))
    for name, fans in FANS.items():
        kernel, variance = found[name], VARIANCES[kind](*fans)
        # Five standard errors of a mean and, generously, of a variance of so many numbers.
        assert abs(kernel.mean()) < 5 * (variance / kernel.size) ** 0.5
        assert kernel.var() == pytest.approx(variance, rel=5 * (2 / kernel.size) ** 0.5)
        limits = {"uniform": 3**0.5, "normal": CUT_OFF / DEVIATION_WHEN_CUT}
        largest = abs(kernel).max() / variance**0.5
        assert largest == pytest.approx(limits[distribution], rel=0.01)
        assert largest <= limits[distribution] * (1 + 1e-6)


def test_orthogonal_kernels_are_orthonormal_along_their_shorter_side():
    for kernel in kernels(Initializer("orthogonal")).values():
        matrix = kernel.reshape(-1, kernel.shape[-1])
        product = matrix.T @ matrix if len(matrix) >= matrix.shape[1] else matrix @ matrix.T
        np.testing.assert_allclose(product, np.eye(len(product)), atol=1e-5)


@pytest.mark.parametrize("kind", [*VARIANCES, "orthogonal", "dirac"])
def test_the_seed_decides_and_no_two_kernels_start_alike(kind):
    one, again, other = (kernels(Initializer(kind), seed=seed) for seed in (1, 1, 2))
    for name, kernel in one.items():
        np.testing.assert_array_equal(kernel, again[name])
        assert not np.array_equal(kernel, other[name])
    assert len({tuple(kernel.ravel()[:5] / kernel.std()) for kernel in one.values()}) == len(one)


def test_dirac_hands_on_each_channel_as_far_as_there_are_filters():
    first, second, dense = (
        kernels(Initializer("dirac"))[name]
        for name in ("stage1_1_conv", "stage2_1_conv", "head1_dense")
    )
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype("float32")
    handed_on = keras.ops.convert_to_numpy(
        keras.ops.conv(images, first.astype("float32"), padding="same")
    )
    np.testing.assert_allclose(handed_on[..., :3], images, atol=1e-6)
    assert second[1, 1, :, :32].tolist() == np.eye(32).tolist()
    # PyTorch's first numbers of a convolution and of a dense layer: 1 / sqrt(fan_in) at most.
    for drawn, fan_in in ((second[..., 32:], 9 * 32), (dense, 2 * 2 * 64)):
        assert drawn.var() == pytest.approx(1 / (3 * fan_in), rel=5 * (2 / drawn.size) ** 0.5)
        assert abs(drawn).max() == pytest.approx(fan_in**-0.5, rel=0.01)


def test_dirac_can_be_saved_and_loaded():
    layer = keras.layers.Conv2D(8, 3, kernel_initializer=PartialIdentity(0.5, seed=1))
    loaded = keras.layers.Conv2D.from_config(layer.get_config()).kernel_initializer
    assert loaded.get_config() == {"scale": 0.5, "seed": 1}
    np.testing.assert_array_equal(loaded((3, 3, 2, 8)), layer.kernel_initializer((3, 3, 2, 8)))


# LSUV: the recipe puts the callback into the blueprint, and its inputs come from the training set.

RNG = np.random.default_rng(0)
IMAGES = RNG.normal(0.5, 2, size=(60, *SHAPE)).astype("f4")
DEEP = Blueprint(filters=(4, 6), convolutions=2, dense=(12,))


class Unscaled:
    """Leaves inputs as they are."""

    scale, offset = (1.0,), (0.0,)


def started(*recipes, seed=0, inputs=lambda count: IMAGES[:count]):
    """A model as LSUV leaves it before the first step, and what LSUV did."""
    blueprint = compose(DEEP, recipes)
    model = build_model(
        blueprint, SHAPE, CLASSES, Unscaled, seed=seed, steps_per_epoch=2
    ).training_model
    (callback,) = build_callbacks(blueprint, 2, seed, inputs)
    callback.set_model(model)
    callback.on_epoch_begin(0)
    return model, callback.layers


@pytest.mark.parametrize("activation", ["tanh", "elu"])
def test_lsuv_gives_every_layers_output_unit_variance_on_training_inputs(activation):
    asked = []

    def inputs(count):
        asked.append(count)
        return IMAGES

    model, done = started(Initializer("lsuv"), Activation(activation), Deeper(2), inputs=inputs)
    assert asked == [256]
    names = [layer.name for layer in model.layers if hasattr(layer, "kernel")]
    assert [layer.path for layer in done] == names
    assert len(names) == 10
    outputs = keras.Model(model.input, [model.get_layer(name).output for name in names])
    for output in outputs.predict_on_batch(IMAGES):
        assert output.astype("f8").var() == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("is_first", [True, False])
def test_lsuv_does_not_go_with_small_logits(is_first):
    recipes = [Initializer("lsuv"), LogitScaling()]
    with pytest.raises(RecipeError, match="logit_scaling clashes with initializer: LSUV"):
        compose(DEEP, recipes if is_first else recipes[::-1])
    assert compose(DEEP, [Initializer("orthogonal"), LogitScaling()]).logit_scale < 1


def test_lsuv_draws_from_the_runs_seed():
    def weights(seed):
        return [
            weight.copy() for weight in started(Initializer("lsuv"), seed=seed)[0].get_weights()
        ]

    one, again, other = weights(1), weights(1), weights(2)
    for first, second, third in zip(one, again, other, strict=True):
        np.testing.assert_array_equal(first, second)
        assert first.ndim == 1 or not np.array_equal(first, third)


def test_a_run_starts_from_lsuv_on_its_scaled_training_images(tmp_path):
    images = RNG.integers(0, 256, (60, *SHAPE)).astype("uint8")
    data = from_arrays(images, np.arange(60) % 3)
    trainer = Trainer(data)
    # So small a rate moves no weight: what is saved is what it started from.
    still = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, learning_rate=1e-30)
    blueprint = Initializer("lsuv").apply(still.with_settings(batch_size=10))
    saved = []
    for number, seed in enumerate((3, 4, 3)):
        folder = tmp_path / str(number)
        trainer.train(
            Job("lsuv", "f" * 64, blueprint, seed, folder, "test", save_model=True), lambda *_: None
        )
        saved.append(keras.saving.load_model(folder / "model.keras").get_layer("network"))
    layers = [layer.output for layer in saved[0].layers if hasattr(layer, "kernel")]
    outputs = keras.Model(saved[0].input, layers)
    for output in outputs.predict_on_batch(data.scaling.apply(data.x_train)):
        assert output.astype("f8").var() == pytest.approx(1, abs=0.1)
    first, other, again = (network.get_weights() for network in saved)
    for weight, its_other, its_again in zip(first, other, again, strict=True):
        np.testing.assert_array_equal(weight, its_again)
        assert weight.ndim == 1 or not np.array_equal(weight, its_other)


@pytest.mark.parametrize("number", [0, 2.5, "all"])
def test_training_inputs_are_asked_for_by_number(number):
    lsuv = Config.of("trickbook.callbacks:LSUV", x={"training_inputs": number})
    blueprint = Blueprint().fill("callbacks", Slot("own", lsuv))
    with pytest.raises(RecipeError, match=r"training_inputs must be a whole number, 1 or above\."):
        build_callbacks(blueprint, 2, inputs=lambda count: IMAGES)
