"""A network that was trained on half of the digits moves to the other half."""

import json
from dataclasses import replace

import keras
import numpy as np
import pytest
from sklearn.datasets import load_digits

from trickbook.data import from_arrays
from trickbook.recipes import (
    BatchNorm,
    Blueprint,
    ClassWeight,
    Dropout,
    EarlyStopping,
    LRCosine,
    LRPlateau,
    Mixup,
    Noise,
    RecipeError,
    Scaling,
    Transfer,
    WarmStart,
    WeightAveraging,
    Whitening,
    compose,
)
from trickbook.runs.history import read_history
from trickbook.training import trainer
from trickbook.training.backbones import features
from trickbook.training.backbones.saved import load_saved
from trickbook.training.job import Job
from trickbook.training.rung_range_test import range_test

PLAIN = Blueprint(
    filters=(6, 8), convolutions=1, dense=(), epochs=6, batch_size=16, learning_rate=0.02
)
SOURCE = compose(
    replace(PLAIN, network=replace(PLAIN.network, dense=(16,))), [BatchNorm(), Dropout()]
)


class KilledError(BaseException):
    """As a kill: no callback and no `except Exception` has its turn after it."""


@pytest.fixture(scope="module")
def halves():
    """Digits 0 to 4, many of them, and 5 to 9, few of them."""
    digits = load_digits()
    images, labels = digits.images[..., np.newaxis].astype("float32"), digits.target
    first = labels < 5
    # The lowest and the highest pixel of both halves are the same.
    many, few = from_arrays(images[first], labels[first]), images[~first][:300]
    return many, from_arrays(few, labels[~first][:300] - 5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("transfer")


@pytest.fixture(scope="module")
def source(halves, folder):
    """model.keras of the network that knows the first half."""
    train(trainer.Trainer(halves[0]), SOURCE, folder / "source")
    return str(folder / "source" / "model.keras")


@pytest.fixture(scope="module")
def runs(halves):
    return trainer.Trainer(halves[1])


def train(runs, blueprint, folder, seed=0, on_epoch=lambda *_: None):
    runs.train(Job("x", "0" * 64, blueprint, seed, folder, "", save_model=True), on_epoch)
    return json.loads((folder / "metrics.json").read_text())


def moved(source, *more, **settings):
    return compose(PLAIN, [Transfer(source=source, **settings), *more])


def results(folder):
    history = read_history(folder / "history.csv").drop(columns="seconds")
    metrics = json.loads((folder / "metrics.json").read_text())
    del metrics["seconds"]
    return history, metrics, keras.saving.load_model(folder / "model.keras").get_weights()


def weights_by_layer(path):
    model = keras.saving.load_model(path)
    parts = [model, *(layer for layer in model.layers if isinstance(layer, keras.Model))]
    return {
        layer.name: layer.get_weights()
        for part in parts
        for layer in part.layers
        if layer.weights and not isinstance(layer, keras.Model)
    }


@pytest.fixture(scope="module")
def tuned(runs, source, folder):
    """The folder of a run that unfreezes from the second stage's convolution on."""
    blueprint = moved(source, LRCosine(), Dropout(), unfreeze="stage2_1_conv", frozen_epochs=2)
    return blueprint, train(runs, blueprint, folder / "tuned")


@pytest.fixture(scope="module")
def step_by_step(tuned, halves, folder):
    """A trainer that computes features at each step, of data scaled otherwise, and its metrics."""
    wide = replace(halves[1], scaling=replace(halves[1].scaling, scale=(3.0,), offset=(40.0,)))
    runs = trainer.Trainer(wide)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features, "MOST_BYTES", 0)
        return runs, train(runs, tuned[0], folder / "step-by-step")


def test_the_other_half_is_learnt_from_few_images(runs, source, folder):
    frozen = train(runs, moved(source), folder / "frozen")
    assert frozen["val_accuracy"] > 0.6  # of five classes
    assert frozen["params"] == 16 * 5 + 5  # the head alone
    assert frozen["phases"] == [{"name": "frozen", "epochs": 6, "features_once": True}]
    # What was taken over is as it was, and all of it but the head is there.
    before, after = weights_by_layer(source), weights_by_layer(folder / "frozen" / "model.keras")
    assert before.keys() == after.keys()
    for name in before.keys() - {"logits"}:
        for old, new in zip(before[name], after[name], strict=True):
            np.testing.assert_array_equal(old, new)


def test_layers_are_trained_from_the_unfrozen_one_on(tuned, source, folder):
    before, after = weights_by_layer(source), weights_by_layer(folder / "tuned" / "model.keras")
    for name in ("stage1_1_conv", "stage1_1_batch_norm"):
        np.testing.assert_array_equal(before[name][0], after[name][0])
    for name in ("stage2_1_conv", "stage2_1_batch_norm", "head1_dense"):
        assert (before[name][0] != after[name][0]).any()
    # A batch norm's averages stay, though its scale and shift are trained.
    for old, new in zip(
        before["stage2_1_batch_norm"][2:], after["stage2_1_batch_norm"][2:], strict=True
    ):
        np.testing.assert_array_equal(old, new)


def test_both_phases_are_one_training(tuned, folder):
    _, metrics = tuned
    history = read_history(folder / "tuned" / "history.csv")
    assert history["epoch"].tolist() == [1, 2, 3, 4, 5, 6]
    assert history["val_accuracy"].notna().all()
    assert metrics["epochs"] == 6
    assert [phase["epochs"] for phase in metrics["phases"]] == [2, 4]
    steps = history["step"].diff().dropna().unique()
    assert len(steps) == 1
    per_epoch = int(steps[0])
    # One schedule over the whole, a tenth of it after the frozen epochs.
    whole = keras.optimizers.schedules.CosineDecay(
        0.0,
        decay_steps=round(0.9 * 6 * per_epoch),
        warmup_target=0.02,
        warmup_steps=round(0.1 * 6 * per_epoch),
    )
    rates = [float(whole(per_epoch * epoch)) for epoch in range(6)]
    rates[2:] = [0.1 * rate for rate in rates[2:]]
    np.testing.assert_allclose(history["learning_rate"], rates, rtol=1e-5, atol=1e-9)


def test_half_of_the_epochs_are_frozen_and_then_a_rate_that_is_a_number_falls_to_a_tenth(
    runs, source
):
    weighted = ClassWeight(weights={"1": 4.0})
    frozen, tuned = runs.phases(moved(source, weighted, unfreeze="head1_dense"))
    assert [(one.first_epoch, one.last_epoch) for one in (frozen, tuned)] == [(0, 3), (3, 6)]
    rates = [float(one.model.optimizer.learning_rate) for one in (frozen, tuned)]
    assert rates == pytest.approx([0.02, 0.002])
    for one in (frozen, tuned):
        assert one.model.loss.class_weights == (1.0, 4.0, 1.0, 1.0, 1.0)


def killed(runs, blueprint, folder):
    """Trains what is killed in both phases; returns the epochs that were trained."""
    trained = []
    for kill in (2, 5):

        def kill_in(epoch, logs, last=kill):
            trained.append(epoch)
            if epoch == last:
                raise KilledError

        with pytest.raises(KilledError):
            train(runs, blueprint, folder, on_epoch=kill_in)
    train(runs, blueprint, folder, on_epoch=lambda epoch, _: trained.append(epoch))
    return trained


@pytest.mark.parametrize("name", ["tuned", "step-by-step"])
def test_a_killed_run_goes_on_in_either_phase_to_the_same_digits(
    runs, tuned, step_by_step, folder, tmp_path, monkeypatch, name
):
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    by = runs if name == "tuned" else step_by_step[0]
    # The first epoch of a seed begins with the weights of the file, whatever was trained before.
    assert killed(by, tuned[0], tmp_path / "killed") == [1, 2, 2, 3, 4, 5, 5, 6]
    rows, metrics, weights = results(folder / name)
    killed_rows, killed_metrics, killed_weights = results(tmp_path / "killed")
    assert killed_rows.equals(rows)
    assert killed_metrics == metrics
    for mine, theirs in zip(killed_weights, weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_features_computed_once_are_those_of_each_step_whatever_the_scaling_of_the_data(
    tuned, step_by_step
):
    once, each = tuned[1], step_by_step[1]
    assert [phase["features_once"] for phase in once["phases"]] == [True, True]
    assert [phase["features_once"] for phase in each["phases"]] == [False, False]
    for name in ("train_cross_entropy", "val_cross_entropy"):
        assert each[name] == pytest.approx(once[name], rel=1e-3)


@pytest.mark.parametrize("trick", [Noise(), Mixup()])
def test_features_are_not_computed_once_where_a_trick_changes_the_images(runs, source, trick):
    (said,) = runs.check(moved(source, trick, unfreeze=5, frozen_epochs=1))
    assert said.count("computed at each step") == 2
    assert "is frozen for 1 epoch (" in said


def test_the_saved_model_takes_raw_pixels(tuned, halves, folder):
    model = keras.saving.load_model(folder / "tuned" / "model.keras")
    said = np.load(folder / "tuned" / "predictions.npz")["val"]
    np.testing.assert_allclose(model.predict_on_batch(halves[1].x_val), said, atol=1e-4)


def test_what_was_moved_can_be_moved_on(runs, folder, tuned):
    runs.check(moved(str(folder / "tuned" / "model.keras"), unfreeze="head1_dense"))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"unfreeze": "stage2_1_con"}, "no layer 'stage2_1_con'. Did you mean 'stage2_1_conv'?"),
        ({"unfreeze": 500}, "layers before its head. Received: unfreeze=500"),
        ({"unfreeze": 1}, "to train. The last layer with weights is 'head1_batch_norm'"),
        ({"unfreeze": 5, "frozen_epochs": 6}, "none of the 6 epochs is left"),
    ],
)
def test_what_cannot_be_unfrozen_is_refused(runs, source, settings, said):
    with pytest.raises(RecipeError) as refused:
        runs.check(moved(source, **settings))
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("settings", [{"frozen_epochs": 2}, {"unfrozen_rate": 0.5}], ids=str)
def test_what_is_of_a_second_phase_alone_needs_one(settings):
    ((name, value),) = settings.items()
    with pytest.raises(
        RecipeError, match=f"^transfer: {name} .* unfreeze.*Received: {name}={value}"
    ):
        moved("a.keras", **settings)
    moved("a.keras", unfreeze=2, **settings)


@pytest.mark.parametrize("recipe", [Scaling(), Whitening(), WarmStart(run="a/run")])
def test_what_undoes_the_backbones_own_is_refused(recipe):
    with pytest.raises(RecipeError, match=f"transfer clashes with {recipe.name}"):
        moved("a.keras", recipe)


@pytest.mark.parametrize("recipe", [EarlyStopping(), LRPlateau(), WeightAveraging()])
def test_what_looks_over_all_epochs_goes_with_one_phase_alone(recipe):
    moved("a.keras", recipe)
    with pytest.raises(RecipeError, match=f"transfer clashes with {recipe.name}.*unfreeze"):
        moved("a.keras", recipe, unfreeze=2)


def test_inputs_of_another_shape_are_refused(source, tiny_images):
    runs = trainer.Trainer(from_arrays(np.zeros((40, 9, 9, 1), "uint8"), np.arange(40) % 2))
    with pytest.raises(RecipeError, match=r"takes inputs of shape \(8, 8, 1\)"):
        runs.check(moved(source))


def saved_under(policy, file, *, is_frozen):
    """Saves a network with another within it, of which a layer has a precision of its own."""
    layers = keras.layers
    keras.config.set_dtype_policy(policy)
    within = keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(2, 3, name="usual"),
            layers.Conv2D(2, 3, dtype="float32", name="exact"),
        ]
    )
    raw = keras.Input((8, 8, 3))
    maps = within(layers.Rescaling(1 / 255, dtype="float32", name="scaling")(raw))
    model = keras.Model(raw, layers.Dense(3, name="logits")(layers.Flatten(name="flat")(maps)))
    model.trainable = not is_frozen
    model.save(file)


@pytest.mark.parametrize("is_frozen", [False, True], ids=["trainable", "frozen"])
@pytest.mark.parametrize(
    ("before", "now", "exact"),
    [
        # Of a file in float32 alone nothing tells which layers had to be.
        ("float32", "mixed_bfloat16", "mixed_bfloat16"),
        ("mixed_bfloat16", "mixed_bfloat16", "float32"),
        ("mixed_bfloat16", "float32", "float32"),
    ],
)
def test_a_saved_network_computes_in_the_precision_that_is_set(
    tmp_path, before, now, exact, is_frozen
):
    policy = keras.config.dtype_policy()
    try:
        saved_under(before, tmp_path / "saved.keras", is_frozen=is_frozen)
        keras.config.set_dtype_policy(now)
        model = load_saved(str(tmp_path / "saved.keras"), (8, 8, 3), (0, 255)).model
    finally:
        keras.config.set_dtype_policy(policy)
    found = {layer.name: layer.dtype_policy.name for layer in model.layers[1:]}
    assert found == {"scaling": "float32", "usual": now, "exact": exact, "flat": now}
    assert model.outputs[0].dtype == now.removeprefix("mixed_")


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"weights": "own.h5"}, "weights"),
        ({"arguments": {"alpha": 0.5}}, "arguments"),
        ({"weights": "own.h5", "arguments": {"alpha": 0.5}}, "weights and arguments"),
    ],
    ids=str,
)
def test_what_a_saved_network_brings_itself_is_refused(runs, source, settings, named):
    with pytest.raises(RecipeError, match=f"^transfer: {named} are for .* Leave them out") as told:
        runs.check(moved(source, **settings))
    assert source in str(told.value)


def test_a_file_that_keras_has_not_saved_is_refused(runs, tmp_path):
    (tmp_path / "notes.keras").write_text("no model")
    for path, said in (("notes", "not a file saved by Keras"), ("absent", "no weights in")):
        with pytest.raises(RecipeError, match=said):
            runs.check(moved(str(tmp_path / f"{path}.keras")))


def test_pixels_of_another_range_than_the_runs_are_refused(source, folder, runs):
    about = {"data": {"image_shape": [8, 8, 1], "value_range": [0, 255]}, "blueprint": {}}
    (folder / "source" / "run.json").write_text(json.dumps(about))
    with pytest.raises(RecipeError, match="go from 0 to 255, and these from 0 to 16"):
        runs.check(moved(str(folder / "source")))
    about["data"]["value_range"] = [0, 16]
    (folder / "source" / "run.json").write_text(json.dumps(about))
    runs.check(moved(str(folder / "source")))


def test_a_range_test_trains_the_head_on_the_frozen_backbone(source, halves):
    test = range_test(moved(source, LRCosine(), unfreeze=5), halves[1], seed=0, num_steps=20)
    assert len(test.table()) == 20
