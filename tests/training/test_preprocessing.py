"""Scalings and whitening in a training: fitted on training images, kept over seeds, saved."""

import json

import keras
import numpy as np
import pytest

from trickbook.data import DataSpec, fit_scaling, load
from trickbook.layers import WhiteningConvolution
from trickbook.recipes import (
    Blueprint,
    Config,
    PatchWhitening,
    RecipeError,
    Scaling,
    Slot,
    Whitening,
    compose,
)
from trickbook.training.build import build_network
from trickbook.training.job import Job
from trickbook.training.preprocessing import fit_preprocessing, preprocessing_of
from trickbook.training.trainer import Trainer, scaling_of

SMALL = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=30)
BOTH = compose(SMALL, [Whitening(epsilon=0.1), Scaling("image_standardize")])


@pytest.fixture(scope="module")
def digits():
    return load(DataSpec("digits", limit_train=60))


def arrays(result):
    return keras.ops.convert_to_numpy(result)


@pytest.mark.parametrize("kind", ["unit", "symmetric", "center", "standardize"])
def test_a_scaling_is_fitted_on_the_training_images(kind, digits):
    scaling = scaling_of(Scaling(kind).apply(SMALL), digits)
    assert scaling == fit_scaling(kind, digits.x_train, digits.value_range)
    scaled = scaling.apply(digits.x_train)
    expected = {
        "unit": (digits.x_train / 16).mean(),
        "symmetric": (digits.x_train / 8 - 1).mean(),
        "center": 0,
        "standardize": 0,
    }
    assert scaled.mean() == pytest.approx(expected[kind], abs=1e-5)
    spread = {"unit": 1, "symmetric": 2, "center": 1, "standardize": np.ptp(scaled)}
    assert np.ptp(scaled) == pytest.approx(spread[kind], rel=1e-6)


def layer_outputs(blueprint, data):
    """What the layers before a network make of its scaled training images."""
    scaled = scaling_of(blueprint, data).apply(data.x_train)
    fitted = fit_preprocessing(blueprint, scaled)
    network = build_network(blueprint, data.input_shape, 10, 0, fitted)
    names = [f"input_{one.slot.recipe}" for one in fitted]
    front = keras.Model(network.input, [network.get_layer(name).output for name in names])
    return [arrays(each) for each in keras.tree.flatten(front(scaled))]


def test_the_layers_come_first_each_fitted_on_what_the_one_before_gives(digits):
    assert [slot.recipe for slot in BOTH.preprocessing] == ["scaling", "whitening"]
    standardised, whitened = layer_outputs(BOTH, digits)
    np.testing.assert_allclose(standardised.mean(axis=(1, 2, 3)), 0, atol=1e-5)
    np.testing.assert_allclose(standardised.std(axis=(1, 2, 3)), 1, atol=1e-4)
    covariance = np.cov(whitened.reshape(60, -1).T.astype("f8"), bias=True)
    own = np.cov(standardised.reshape(60, -1).T.astype("f8"), bias=True)
    variances, directions = np.linalg.eigh(own)
    expected = (directions * (variances / (variances + 0.1))) @ directions.T
    np.testing.assert_allclose(covariance, expected, atol=1e-3)


def train(trainer, blueprint, seed, folder):
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    trainer.train(Job("x", "0" * 64, blueprint, seed, folder, "", True), lambda *_: None)
    model = keras.saving.load_model(folder / "model.keras")
    return model, json.loads((folder / "metrics.json").read_text())


def test_what_was_fitted_stays_over_seeds_and_is_saved(digits, tmp_path):
    trainer = Trainer(digits)
    runs = [train(trainer, BOTH, seed, tmp_path / f"{seed}") for seed in (0, 1)]
    matrices = []
    for model, metrics in runs:
        whitening = model.get_layer("network").get_layer("input_whitening")
        matrices.append(arrays(whitening.matrix))
        logits = arrays(model(np.asarray(digits.x_val, "f4"), training=False))
        accuracy = (logits.argmax(axis=1) == digits.labels("val")).mean()
        assert metrics["val_accuracy"] == pytest.approx(accuracy, abs=1e-6)
    np.testing.assert_array_equal(*matrices)
    scaled = scaling_of(BOTH, digits).apply(digits.x_train)
    fitted = fit_preprocessing(BOTH, scaled)
    np.testing.assert_allclose(matrices[0], fitted[1].learnt["1"], atol=1e-6)
    assert not np.allclose(matrices[0], np.eye(64), atol=0.1)
    # Its weights are no parameters that are trained.
    plain = train(trainer, SMALL, 0, tmp_path / "plain")[1]
    assert runs[0][1]["params"] == plain["params"]
    again = train(trainer, BOTH, 0, tmp_path / "again")[1]
    assert {**again, "seconds": 0} == {**runs[0][1], "seconds": 0}


def test_what_is_fitted_is_fitted_anew_where_the_inputs_are_scaled_otherwise(digits):
    trainer, matrices = Trainer(digits), []
    for kind in ("standardize", "unit"):
        blueprint = compose(SMALL, [Scaling(kind), Whitening(epsilon=0.1)])
        (phase,) = trainer.phases(blueprint)
        matrices.append(arrays(phase.model.get_layer("input_whitening").matrix))
        scaled = scaling_of(blueprint, digits).apply(digits.x_train)
        (fitted,) = fit_preprocessing(blueprint, scaled)
        np.testing.assert_allclose(matrices[-1], fitted.learnt["1"], atol=1e-6)
    assert not np.allclose(*matrices, atol=0.1)


def test_layers_of_keras_that_learn_from_data_can_stand_there(digits):
    slot = Slot("mine", Config.of("keras.layers:Normalization"))
    blueprint = SMALL.fill("preprocessing", slot).fill(
        "scaling", Slot("raw", Config.of("trickbook.data:fit_scaling", name="unit"))
    )
    (normalised,) = layer_outputs(blueprint, digits)
    assert normalised.mean() == pytest.approx(0, abs=1e-4)
    assert normalised.std() == pytest.approx(1, abs=1e-3)


PER_IMAGE, PATCHES = Scaling("image_standardize"), PatchWhitening()


@pytest.mark.parametrize(
    ("tricks", "scaled"),
    [([PATCHES], 20), ([PER_IMAGE, PATCHES], 20), ([PER_IMAGE], 1), ([PATCHES, Whitening()], 60)],
    ids=lambda value: "+".join(one.name for one in value) if isinstance(value, list) else value,
)
def test_no_more_inputs_are_scaled_than_layers_are_fitted_on(tricks, scaled, digits, monkeypatch):
    monkeypatch.setattr(WhiteningConvolution, "fitted_on", 20)
    blueprint = compose(SMALL, tricks)
    scaling, counts = scaling_of(blueprint, digits), []

    class Counted:
        def apply(self, images):
            counts.append(len(images))
            return scaling.apply(images)

    fitted = preprocessing_of(blueprint, digits, Counted())
    assert counts == [scaled]
    of_all = fit_preprocessing(blueprint, scaling.apply(digits.x_train))
    for one, other in zip(fitted, of_all, strict=True):
        assert one.learnt.keys() == other.learnt.keys()
        for name, learnt in one.learnt.items():
            np.testing.assert_array_equal(learnt, other.learnt[name])


def test_a_base_network_of_a_users_own_gets_preprocessed_inputs(digits, tmp_path, monkeypatch):
    (tmp_path / "my_flat.py").write_text(
        "def build(inputs, classes, parts):\n"
        "    import keras\n"
        "    return parts.logits(keras.layers.Flatten(name='flat')(inputs), classes)\n"
        "build.slots = ()\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    blueprint = Whitening().apply(Blueprint(base="my_flat:build"))
    fitted = fit_preprocessing(blueprint, digits.scaling.apply(digits.x_train))
    network = build_network(blueprint, digits.input_shape, 10, 0, fitted)
    names = [layer.name for layer in network.layers]
    assert names == ["scaled_images", "input_whitening", "flat", "logits"]


def test_the_kind_of_scaling_can_change():
    again = compose(SMALL, [Scaling("image_center"), Scaling("symmetric")])
    assert again == Scaling("symmetric").apply(SMALL)


def test_images_that_are_too_large_to_whiten_are_refused_by_the_recipes_name():
    with pytest.raises(RecipeError, match=r"^whitening: .*at most 4,096 values") as refused:
        fit_preprocessing(Whitening().apply(SMALL), np.zeros((2, 65, 64, 1), "f4"))
    assert "\n" not in str(refused.value)
