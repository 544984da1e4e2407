"""The network of fast trainings on CIFAR-10 against its paper, and small logits."""

import keras
import numpy as np
import pytest

from trickbook.data import from_arrays
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    Dropout,
    InstanceNorm,
    LogitScaling,
    Network,
    Optimizer,
    PatchWhitening,
    RecipeError,
    SkipConnections,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.job import Job
from trickbook.training.networks.base_network import check_slots
from trickbook.training.preprocessing import fit_preprocessing
from trickbook.training.trainer import Trainer

PAPERS = Blueprint(base="airbench", filters=(64, 256, 256), activation="gelu")
SMALL = Blueprint(base="airbench", filters=(2,), batch_size=20)
IMAGES = np.random.default_rng(0).normal(size=(60, 32, 32, 3)).astype("float32")


def network(blueprint, images=IMAGES):
    fitted = fit_preprocessing(blueprint, images)
    return build_network(blueprint, images.shape[1:], 10, preprocessing=fitted)


def test_it_is_the_papers():
    tricks = [PatchWhitening(), BatchNorm(learnt="shift"), LogitScaling()]
    built = network(compose(PAPERS, tricks))
    kernels = 9 * (24 * 64 + 64 * 64 + 64 * 256 + 3 * 256 * 256) + 256 * 10
    # The shifts of the norms and the biases of the first filters and, ours, of the last layer.
    shifts = 2 * (64 + 256 + 256) + 24 + 10
    assert sum(np.prod(weight.shape) for weight in built.trainable_weights) == kernels + shifts
    assert round(kernels / 1e6, 2) == 1.97
    shapes = [tuple(layer.output.shape[1:]) for layer in built.layers if "_pool" in layer.name]
    assert shapes == [(15, 15, 64), (7, 7, 256), (3, 3, 256)]
    kinds = [type(layer).__name__ for layer in built.layers[1:]]
    norm = ["BatchNormalization", "Activation"]
    stage = ["Conv2D", "MaxPooling2D", *norm, "Conv2D", *norm]
    head = ["GlobalMaxPooling2D", "Rescaling", "Dense"]
    assert kinds == ["WhiteningConvolution", *stage * 3, *head]


def test_smaller_logits_are_those_logits_times_the_factor():
    plain, scaled = (network(compose(PAPERS, tricks)) for tricks in ([], [LogitScaling(0.25)]))
    images = IMAGES[:3]
    expected = 0.25 * keras.ops.convert_to_numpy(plain(images))
    np.testing.assert_allclose(keras.ops.convert_to_numpy(scaled(images)), expected, rtol=1e-5)


def test_a_skip_goes_around_all_convolutions_of_a_stage_but_its_first():
    deep = Blueprint(base="airbench", filters=(3,), convolutions=3)
    # Without weights in the stage's later convolutions all that comes through is the skip.
    skipping = network(compose(deep, [SkipConnections()]))
    first = skipping.get_layer("stage1_1_activation").output
    for name in ("stage1_2_conv", "stage1_3_conv"):
        layer = skipping.get_layer(name)
        layer.set_weights([np.zeros_like(weight) for weight in layer.get_weights()])
    both = keras.Model(skipping.input, [first, skipping.get_layer("stage1_3_activation").output])
    before, after = map(keras.ops.convert_to_numpy, both(IMAGES[:4]))
    assert before.max() > 0
    np.testing.assert_array_equal(after, before)
    assert skipping.count_params() == network(deep).count_params()


def test_a_skip_around_nothing_is_refused():
    with pytest.raises(RecipeError, match="convolutions = 2 or more"):
        network(compose(SMALL.with_settings(convolutions=1), [SkipConnections()]))


def test_tricks_of_dense_layers_leave_out_those_that_there_are_none_of():
    tricks = [Dropout(), InstanceNorm()]
    plain, brings = Blueprint(filters=(3,)), Network("airbench")
    before, after = compose(plain, [*tricks, brings]), compose(plain, [brings, *tricks])
    built = [network(blueprint).get_config()["layers"] for blueprint in (before, after)]
    assert built[0] == built[1]
    assert "Dropout" in {layer["class_name"] for layer in built[1]}
    below = compose(plain, [brings])
    for recipe in tricks:
        check_slots("airbench", below, recipe.apply(below), recipe.name)
    assert after.after_dense == ()
    assert after.normalize_dense
    # Again, over what was put in for another network's dense layers.
    check_slots("airbench", before, Dropout(stage_rate=0.2).apply(before), "dropout")


def test_images_too_small_are_refused():
    with pytest.raises(RecipeError, match="6x6 pixels cannot be halved 3 times"):
        network(PAPERS, IMAGES[:, :6, :6])


@pytest.mark.parametrize("base", ["airbench", "conv"])
def test_images_that_a_trick_makes_too_small_are_refused_by_their_own_size(base):
    below = Blueprint(base=base, filters=(2, 2, 2), convolutions=1, dense=())
    images = IMAGES[:, :8, :9]
    network(below, images)
    said = r"Images of 8x9 pixels, 7x8 after patch_whitening, .* 3 times.*filters\) or patch_white"
    with pytest.raises(RecipeError, match=said):
        network(compose(below, [PatchWhitening()]), images)


def test_the_biases_of_the_first_filters_learn_in_the_first_epochs_alone(tiny_images, tmp_path):
    data = from_arrays(tiny_images["x_train"], tiny_images["y_train"])
    biases = {}
    for epochs in (1, 2):
        folder = tmp_path / str(epochs)
        folder.mkdir()
        tricks = [PatchWhitening(bias_epochs=1), Optimizer("nesterov")]
        blueprint = compose(SMALL, tricks).with_settings(epochs=epochs)
        Trainer(data).train(Job("x", "0" * 64, blueprint, 0, folder, "", True), lambda *_: None)
        model = keras.saving.load_model(folder / "model.keras")
        (layer,) = (one for one in model._flatten_layers() if one.name == "input_patch_whitening")
        biases[epochs] = keras.ops.convert_to_numpy(layer.bias)
    assert np.abs(biases[1]).max() > 0
    np.testing.assert_array_equal(biases[2], biases[1])
