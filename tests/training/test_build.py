"""What is trained: loss, penalty, rates, normalisation and dropout against the formulas."""

import keras
import numpy as np
import pytest
from gradients import gradients
from scipy.special import log_softmax

from trickbook.data import Scaling
from trickbook.recipes import (
    L2,
    BatchNorm,
    Blueprint,
    Config,
    Dropout,
    LRDecay,
    SkipConnections,
    Slot,
    compose,
)
from trickbook.training.build import build_model

SMALL = Blueprint(filters=(3, 4), dense=(5,), learning_rate=0.01)
SHAPE, CLASSES = (8, 8, 2), 4
SCALING = Scaling("standardize", (0.02, 0.01), (-1.5, 0.5))
RNG = np.random.default_rng(0)
PIXELS = RNG.integers(0, 256, (12, *SHAPE)).astype(np.uint8)
LABELS = RNG.integers(0, CLASSES, 12)


def built(*recipes, below=SMALL, steps_per_epoch=7, scaling=SCALING):
    keras.utils.set_random_seed(0)
    return build_model(
        compose(below, recipes), SHAPE, CLASSES, scaling, steps_per_epoch=steps_per_epoch
    )


# Loss


def test_the_loss_is_cross_entropy_of_the_logits_and_accuracy_is_logged():
    model = built().training_model
    x = SCALING.apply(PIXELS)
    logits = model.predict_on_batch(x).astype("f8")
    logs = model.test_on_batch(x, LABELS, return_dict=True)
    expected = -log_softmax(logits, axis=1)[np.arange(12), LABELS].mean()
    assert logs["loss"] == pytest.approx(expected, rel=1e-5)
    assert logs["cross_entropy"] == pytest.approx(expected, rel=1e-5)
    assert logs["accuracy"] == pytest.approx((logits.argmax(axis=1) == LABELS).mean())


def test_l2_adds_lambda_times_the_squared_kernels_to_the_loss():
    model = built(L2(0.03), BatchNorm(), SkipConnections()).training_model
    for weight in model.trainable_weights:
        if "kernel" not in weight.path:
            weight.assign(np.full(weight.shape, 3.0))  # Were these counted, it would show.
    logs = model.test_on_batch(SCALING.apply(PIXELS), LABELS, return_dict=True)
    kernels = [w.numpy().astype("f8") for w in model.trainable_weights if "kernel" in w.path]
    assert len(kernels) == 8
    penalty = 0.03 * sum((kernel**2).sum() for kernel in kernels)
    assert logs["loss"] - logs["cross_entropy"] == pytest.approx(penalty, rel=1e-4)


# Learning rate


def rates(model, steps):
    optimizer = model.training_model.optimizer
    found = []
    for step in steps:
        optimizer.iterations.assign(step)
        found.append(float(optimizer.learning_rate))
    return found


def test_without_a_schedule_the_rate_stays():
    model = built()
    assert isinstance(model.training_model.optimizer, keras.optimizers.Adam)
    np.testing.assert_allclose(rates(model, [0, 6, 7, 100]), 0.01, rtol=1e-6)


def test_lr_decay_multiplies_by_gamma_after_each_epoch():
    steps = np.array([0, 1, 6, 7, 13, 14, 20, 21, 7 * 39, 7 * 40 - 1, 7 * 40])
    expected = 0.01 * 0.96 ** (steps // 7)
    np.testing.assert_allclose(rates(built(LRDecay(0.96)), steps), expected, rtol=1e-5)


def with_schedule(path, **arguments):
    schedule = Slot("own", Config.of(f"keras.optimizers.schedules:{path}", **arguments))
    return built(below=SMALL.fill("schedule", schedule))


def test_lengths_of_any_schedule_are_in_epochs():
    model = with_schedule("CosineDecay", decay_steps=10, warmup_steps=2, warmup_target=0.05)
    expected = keras.optimizers.schedules.CosineDecay(
        0.01, decay_steps=70, warmup_steps=14, warmup_target=0.05
    )
    steps = [0, 5, 14, 30, 69, 84, 100]
    np.testing.assert_allclose(rates(model, steps), [float(expected(s)) for s in steps], rtol=1e-5)
    half = with_schedule("PolynomialDecay", decay_steps=0.5, end_learning_rate=0.0)
    np.testing.assert_allclose(rates(half, [0, 2, 4]), [0.01, 0.005, 0], atol=1e-8)


def test_a_piecewise_constant_schedule_names_all_its_rates():
    model = with_schedule("PiecewiseConstantDecay", boundaries=[1, 3], values=[0.3, 0.2, 0.1])
    np.testing.assert_allclose(rates(model, [0, 7, 8, 21, 22]), [0.3, 0.3, 0.2, 0.2, 0.1])


def test_the_blueprints_optimizer_is_used():
    sgd = Config.of("keras.optimizers:SGD", momentum=0.9, clipnorm=1.0)
    optimizer = built(below=Blueprint(filters=(2,), optimizer=sgd)).training_model.optimizer
    assert isinstance(optimizer, keras.optimizers.SGD)
    assert (optimizer.momentum, optimizer.clipnorm) == (0.9, 1.0)
    assert float(optimizer.learning_rate) == pytest.approx(1e-3)


# Dropout


@pytest.mark.parametrize(("name", "rate"), [("head1_dropout", 0.4), ("stage1_dropout", 0.15)])
def test_dropout_zeroes_the_rate_and_keeps_the_expectation(name, rate):
    layer = built(Dropout(rate=0.4, stage_rate=0.15)).training_model.get_layer(name)
    ones = np.ones((200, 500), "f4")
    dropped = np.asarray(layer(ones, training=True), "f8")
    share = (dropped == 0).mean()
    assert abs(share - rate) < 5 * (rate * (1 - rate) / ones.size) ** 0.5
    np.testing.assert_allclose(np.unique(dropped), [0, 1 / (1 - rate)], rtol=1e-6)
    assert dropped.mean() == pytest.approx(1, abs=0.02)
    assert not np.array_equal(dropped, np.asarray(layer(ones, training=True)))
    np.testing.assert_array_equal(np.asarray(layer(ones, training=False)), ones)


def test_dropouts_rate_is_the_share_that_goes_where_the_decks_numpy_has_the_share_that_stays():
    layer = built(Dropout(rate=0.2)).training_model.get_layer("head1_dropout")
    x, upstream = np.random.default_rng(0).normal(size=(2, 100, 100)).astype("f4")
    found = {}

    def dropped(inputs):
        found["outputs"] = layer(inputs, training=True)
        return found["outputs"]

    (d_x,) = gradients(dropped, [x], upstream)
    # The deck's mask is binomial(1, prob) / prob, with prob = 1 - rate; its dX is dout * mask.
    mask = np.asarray(found["outputs"]) / x
    np.testing.assert_allclose(np.unique(mask.round(4)), [0, 1.25])
    assert abs((mask == 0).mean() - 0.2) < 0.02
    np.testing.assert_allclose(d_x, upstream * mask, rtol=1e-5)


# The saved model


EVERYTHING = [BatchNorm(), Dropout(), L2(), LRDecay(), SkipConnections()]


@pytest.fixture(scope="module")
def trained():
    model = built(*EVERYTHING)
    model.training_model.fit(SCALING.apply(PIXELS), LABELS, epochs=2, batch_size=6, verbose=0)
    return model


def test_the_full_model_takes_raw_pixels(trained):
    model = trained
    scaled = model.training_model.predict_on_batch(SCALING.apply(PIXELS))
    for raw in (PIXELS, PIXELS.astype("f4")):
        inferred = model.inference_model.predict_on_batch(raw)
        np.testing.assert_allclose(inferred, scaled, rtol=1e-5, atol=1e-5)
    assert np.abs(model.inference_model.predict_on_batch(PIXELS + 1) - scaled).max() > 1e-3


def test_a_saved_model_predicts_the_same(trained, tmp_path):
    trained.inference_model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert loaded.input_shape == (None, *SHAPE)
    expected = trained.inference_model.predict_on_batch(PIXELS)
    np.testing.assert_allclose(loaded.predict_on_batch(PIXELS), expected, rtol=1e-6, atol=1e-6)


def test_grey_images_are_scaled_in_the_model_too():
    keras.utils.set_random_seed(0)
    scaling = Scaling("symmetric", (2 / 16,), (-1.0,))
    model = build_model(SMALL, (8, 8, 1), CLASSES, scaling, steps_per_epoch=1)
    raw = PIXELS[..., :1] % 17
    np.testing.assert_allclose(
        model.inference_model.predict_on_batch(raw),
        model.training_model.predict_on_batch(scaling.apply(raw)),
        rtol=1e-5,
        atol=1e-5,
    )
