"""Tricks of the step and the loss in whole runs, on the backend that the tests run on."""

import json

import keras
import numpy as np
import pytest
from scipy.special import log_softmax
from sklearn.metrics import balanced_accuracy_score

from trickbook.data import from_arrays
from trickbook.recipes import (
    L1,
    BatchNorm,
    BatchSize,
    Blueprint,
    ClassWeight,
    Config,
    GradientClipping,
    LabelSmoothing,
    Optimizer,
    RecipeError,
    Slot,
    Task,
    WeightAveraging,
    WeightDecay,
    compose,
)
from trickbook.reports.read.predictions import scores
from trickbook.runs.history import read_history
from trickbook.runs.run_folder import Run
from trickbook.training import trainer
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

TINY = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=3, batch_size=12)
# Without convolutions, which take longer to compile.
DENSE = TINY.with_settings(base="mlp")
LOOKAHEAD = WeightAveraging("lookahead", steps=2)
ALL = (
    *(BatchNorm(), L1(), WeightDecay(), LabelSmoothing(), ClassWeight(), BatchSize(7)),
    *(GradientClipping("global_norm", 0.5), Optimizer("nadam"), WeightAveraging(momentum=0.5)),
)


@pytest.fixture(scope="module")
def data(tiny_images):
    """The tiny images with classes of unequal size."""
    kept = np.flatnonzero((tiny_images["y_train"] == 0) | (np.arange(90) % 4 == 1))
    names = ["top", "middle", "bottom"]
    x, y = tiny_images["x_train"][kept], tiny_images["y_train"][kept]
    return from_arrays(x, y, classes=names)


def trained(data, blueprint, folder, seed=0, precision=None, by=None, told=None):
    """Metrics and history of a run; the numbers of its epochs are added to `told`."""
    folder.mkdir(exist_ok=True)
    (folder / "run.json").write_text("{}")
    job = Job("x", "0" * 64, blueprint, seed, folder, "", save_model=True)
    (by or Trainer(data, precision)).train(
        job, lambda epoch, _: None if told is None else told.append(epoch)
    )
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    return metrics, read_history(folder / "history.csv")


def model_of(folder):
    return keras.saving.load_model(folder / "model.keras")


def weights_in(folder):
    return model_of(folder).get_layer("network").get_weights()


@pytest.fixture(scope="module")
def plain(data, tmp_path_factory):
    return tmp_path_factory.mktemp("plain") / "run"


@pytest.fixture(scope="module")
def plain_run(data, plain):
    return trained(data, DENSE, plain)


def test_all_of_them_together_train_and_what_is_saved_is_what_was_measured(data, tmp_path):
    blueprint = compose(TINY.with_settings(epochs=2), ALL)
    blueprint = Blueprint(blueprint.network, Task(decides="balanced_accuracy"), blueprint.training)
    metrics, history = trained(data, blueprint, tmp_path / "run")
    logits = model_of(tmp_path / "run").predict(data.x_val, verbose=0).astype("f8")
    labels = data.labels("val")
    balanced = balanced_accuracy_score(labels, logits.argmax(axis=1))
    plain = -log_softmax(logits, axis=1)[np.arange(len(labels)), labels].mean()
    assert metrics["val_balanced_accuracy"] == pytest.approx(balanced)
    assert "train_balanced_accuracy" in metrics
    assert history["val_balanced_accuracy"].iloc[-1] == pytest.approx(balanced)
    # Weights and smoothing are the loss's; the figure is the plain cross-entropy.
    assert history["val_cross_entropy"].iloc[-1] == pytest.approx(plain, rel=1e-4)
    assert history["val_loss"].iloc[-1] != pytest.approx(plain, rel=1e-3)
    assert metrics["best_val_balanced_accuracy"] == history["val_balanced_accuracy"].max()
    run = Run(tmp_path / "run", "x", 0, None, "done", None, {}, metrics)
    assert scores(run, "balanced_accuracy").mean() == pytest.approx(balanced)


def test_an_optimizer_of_ours_trains_in_mixed_precision_with_decay_clipping_and_an_average(
    data, tmp_path
):
    """In float16 Keras wraps the optimizer, which the averages then lie within."""
    tricks = (Optimizer("muon"), WeightDecay(), GradientClipping(), LOOKAHEAD)
    blueprint = compose(DENSE.with_settings(epochs=1), tricks)
    _, history = trained(data, blueprint, tmp_path / "run", precision="mixed_float16")
    keras.config.set_dtype_policy("float32")
    assert np.isfinite(history["val_loss"]).all()
    assert history["learning_rate"].iloc[0] == pytest.approx(blueprint.learning_rate)


# Averages


def test_a_lookahead_that_would_take_no_step_is_refused(data):
    runs = Trainer(data)
    steps = DENSE.epochs * (len(data.x_train) // DENSE.batch_size)
    runs.check(compose(DENSE, [WeightAveraging("lookahead", steps=steps)]))
    late = compose(DENSE, [WeightAveraging("lookahead", steps=steps + 1)])
    told = (
        rf"^weight_averaging: .*every {steps + 1} steps.* training has {steps}, .*at most {steps},"
    )
    with pytest.raises(RecipeError, match=told):
        runs.check(late)


def averages_of_steps(data, averaging, folder, monkeypatch):
    """A run whose weights are looked at after every step: those at the end of each epoch."""
    seen = []
    real = trainer.build_callbacks

    class Look(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            seen.append([np.array(one) for one in self.model.get_weights()])

    def with_look(*arguments, **named):
        return [*real(*arguments, **named), Look()]

    with monkeypatch.context() as patch:
        patch.setattr(trainer, "build_callbacks", with_look)
        run = trained(data, compose(DENSE, averaging), folder)
    return run, seen


def test_an_ema_is_evaluated_and_saved_and_leaves_the_training_alone(
    data, plain, plain_run, tmp_path, monkeypatch
):
    folder = tmp_path / "ema"
    averaging = [WeightAveraging(momentum=0.8)]
    (metrics, history), seen = averages_of_steps(data, averaging, folder, monkeypatch)
    # The weights in training are those of the run without it, to the digit.
    for ours, theirs in zip(seen[-1], weights_in(plain), strict=True):
        np.testing.assert_array_equal(ours, theirs)
    average = seen[0]
    for weights in seen[1:]:
        average = [0.8 * old + 0.2 * new for old, new in zip(average, weights, strict=True)]
    for saved, expected in zip(weights_in(folder), average, strict=True):
        np.testing.assert_allclose(saved, expected, rtol=1e-4, atol=1e-6)
    _, of_plain = plain_run
    np.testing.assert_allclose(history["loss"], of_plain["loss"], rtol=1e-6)
    assert history["val_cross_entropy"].iloc[-1] == pytest.approx(
        metrics["val_cross_entropy"], rel=1e-4
    )
    assert history["val_loss"].iloc[-1] != pytest.approx(of_plain["val_loss"].iloc[-1], rel=1e-6)
    clean = history["train_clean_cross_entropy"].iloc[-1]
    assert clean == pytest.approx(metrics["train_cross_entropy"], rel=1e-4)


def test_an_ema_of_weights_with_rates_of_their_own_is_evaluated_and_saved(
    data, tmp_path, monkeypatch
):
    folder = tmp_path / "ema"
    recipes = [BatchNorm(rate_factor=8.0), WeightAveraging(momentum=0.8)]
    (metrics, history), seen = averages_of_steps(data, recipes, folder, monkeypatch)
    assert history["val_cross_entropy"].iloc[-1] == pytest.approx(
        metrics["val_cross_entropy"], rel=1e-4
    )
    average = seen[0]
    for weights in seen[1:]:
        average = [0.8 * old + 0.2 * new for old, new in zip(average, weights, strict=True)]
    for weight, expected in zip(
        model_of(folder).get_layer("network").weights, average, strict=True
    ):
        if "moving" in weight.path:
            continue
        np.testing.assert_allclose(weight, expected, rtol=1e-4, atol=1e-6)
        assert np.any(weight), weight.path


@pytest.mark.parametrize("averaging", [WeightAveraging(momentum=0.8), LOOKAHEAD])
def test_a_killed_run_with_an_average_ends_with_the_same_digits(
    data, tmp_path, monkeypatch, averaging
):
    class KilledError(BaseException):
        """As a kill: no `except Exception` has its turn after it."""

    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    blueprint = compose(DENSE, [Optimizer("momentum"), averaging])
    by = Trainer(data)
    whole = trained(data, blueprint, tmp_path / "whole", by=by)
    folder = tmp_path / "killed"
    folder.mkdir()
    job = Job("x", "0" * 64, blueprint, 0, folder, "", save_model=True)

    def kill(epoch, logs):
        if epoch == 3:
            raise KilledError

    with pytest.raises(KilledError):
        by.train(job, kill)
    assert not (folder / "metrics.json").exists()
    # Another seed between, whose averages must leave no trace.
    trained(data, blueprint, tmp_path / "other", seed=1, by=by)
    told = []
    metrics, history = trained(data, blueprint, folder, by=by, told=told)
    assert told == [3]
    assert metrics == whole[0]
    assert len(history) == 3
    for ours, theirs in zip(weights_in(folder), weights_in(tmp_path / "whole"), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("averaging", [WeightAveraging(momentum=0.6), LOOKAHEAD])
def test_early_stopping_restores_the_averages_of_its_epoch(data, tmp_path, averaging):
    """One that takes the worst epoch for the best, so that it is not the last."""
    upside_down = Config.of(
        "keras.callbacks:EarlyStopping",
        **{"monitor": "val_cross_entropy", "mode": "max", "patience": 2},
        restore_best_weights=True,
    )
    blueprint = compose(DENSE, [Optimizer("momentum"), averaging])
    blueprint = blueprint.fill("callbacks", Slot("worst", upside_down))
    metrics, history = trained(data, blueprint, tmp_path / "run")
    losses = history["val_cross_entropy"]
    assert losses.idxmax() < len(losses) - 1
    assert metrics["restored_epoch"] == losses.idxmax() + 1
    assert metrics["val_cross_entropy"] == pytest.approx(losses.max(), rel=1e-4)


# Batch sizes


def test_0_is_the_whole_training_set_and_1_a_step_per_example(data, tmp_path):
    examples = len(data.x_train)
    for size, steps in ((0, 1), (1, examples)):
        blueprint = compose(DENSE.with_settings(epochs=1), [BatchSize(size)])
        _, history = trained(data, blueprint, tmp_path / str(size))
        assert history["step"].iloc[-1] == steps
    assert BatchSize(0).apply(DENSE).training.batch_of(examples) == examples
    assert BatchSize(5).apply(DENSE).training.batch_of(examples) == 5
