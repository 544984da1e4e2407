"""Tasks other than telling classes, and what a blueprint's other places make."""

import json

import keras
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score, root_mean_squared_error

from trickbook.data import DataSpec, load
from trickbook.data.errors import DataError
from trickbook.recipes import Blueprint, Config, RecipeError, Slot, Task
from trickbook.reports.read.predictions import read_predictions, scores
from trickbook.runs.history import read_history
from trickbook.runs.run_folder import Run
from trickbook.training.build_callbacks import build_callbacks
from trickbook.training.build_optimizer import build_optimizer
from trickbook.training.diverged import DivergedError
from trickbook.training.job import Job
from trickbook.training.learning_rate import learning_rate
from trickbook.training.lengths import in_steps
from trickbook.training.trainer import Trainer, scaling_of

REGRESSION = Blueprint(task=Task("regression"), base="mlp", dense=(8,), epochs=6, batch_size=16)


@pytest.fixture(scope="module")
def diabetes():
    return load(DataSpec("diabetes"))


@pytest.fixture(scope="module")
def digits():
    return load(DataSpec("digits", limit_train=40))


def train(data, blueprint, folder):
    folder.mkdir()
    (folder / "run.json").write_text("{}")
    Trainer(data).train(Job("x", "0" * 64, blueprint, 0, folder, "", True), lambda *_: None)
    model = keras.saving.load_model(folder / "model.keras")
    metrics = json.loads((folder / "metrics.json").read_text())
    return model, metrics, read_history(folder / "history.csv")


@pytest.fixture(scope="module")
def regressions(tmp_path_factory):
    """The folder of the run that `regression` trains."""
    return tmp_path_factory.mktemp("regression") / "run"


@pytest.fixture(scope="module")
def regression(diabetes, regressions):
    return train(diabetes, REGRESSION, regressions)


def test_a_table_is_split_without_overlap_and_standardised_by_its_training_rows(diabetes):
    sizes = [len(getattr(diabetes, f"x_{split}")) for split in ("train", "val", "test")]
    assert sizes == [264, 89, 89]
    rows = np.concatenate([getattr(diabetes, f"x_{split}") for split in ("train", "val", "test")])
    assert len(np.unique(rows, axis=0)) == 442
    scaled = diabetes.scaling.apply(diabetes.x_train)
    np.testing.assert_allclose(scaled.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(scaled.std(axis=0), 1, atol=1e-4)
    towards = diabetes.towards("train")
    np.testing.assert_allclose([towards.mean(), towards.std()], [0, 1], atol=1e-4)
    np.testing.assert_allclose(diabetes.in_units(towards), diabetes.y_train, rtol=1e-5)


def test_a_tables_split_changes_with_its_seed_alone(diabetes):
    again, other = load(DataSpec("diabetes")), load(DataSpec("diabetes", split_seed=1))
    assert again.fingerprint == diabetes.fingerprint != other.fingerprint
    few = load(DataSpec("diabetes", limit_train=30))
    np.testing.assert_array_equal(few.x_train, diabetes.x_train[:30])
    np.testing.assert_array_equal(few.x_val, diabetes.x_val)


@pytest.mark.parametrize(
    ("spec", "wrong"),
    [({"color": "grey"}, "color"), ({"limit_train": 265}, "264")],
)
def test_what_only_images_have_is_refused_of_a_table(spec, wrong):
    with pytest.raises(DataError, match=wrong):
        load(DataSpec("diabetes", **spec))


def test_a_regressions_figures_are_scikit_learns_of_what_is_saved(diabetes, regression):
    model, metrics, _ = regression
    for split in ("train", "val", "test"):
        predicted = model.predict(getattr(diabetes, f"x_{split}"), verbose=0)[:, 0]
        targets = diabetes.labels(split)
        for name, measure in (
            ("rmse", root_mean_squared_error),
            ("mae", mean_absolute_error),
            ("r2", r2_score),
        ):
            expected = measure(targets, predicted)
            assert metrics[f"{split}_{name}"] == pytest.approx(expected, rel=1e-4), name


def test_a_regression_keeps_what_it_says_in_units_of_the_target(diabetes, regression, regressions):
    model, metrics, _ = regression
    run = Run(regressions, "x", 0, None, "done", None, {}, metrics)
    predictions = read_predictions(run)
    for split in ("val", "test"):
        expected = model.predict(getattr(diabetes, f"x_{split}"), verbose=0)[:, 0]
        np.testing.assert_allclose(predictions.outputs(split), expected, rtol=1e-4)
        np.testing.assert_array_equal(predictions.labels(split), diabetes.labels(split))
        for metric in ("rmse", "mae"):
            mean = scores(run, metric, split).mean()
            assert mean == pytest.approx(metrics[f"{split}_{metric}"], rel=1e-5)


def test_a_regressions_curve_is_in_units_and_its_best_epoch_the_lowest(regression):
    _, metrics, history = regression
    assert history["val_rmse"].iloc[-1] == pytest.approx(metrics["val_rmse"], rel=1e-3)
    assert history["val_mae"].iloc[-1] == pytest.approx(metrics["val_mae"], rel=1e-3)
    for name in ("rmse", "mae"):
        last = history[[f"train_clean_{name}", name]].iloc[-1]
        assert last.iloc[0] == pytest.approx(metrics[f"train_{name}"], rel=1e-3)
        # A mean over the epoch, in which the weights moved.
        assert last.iloc[1] == pytest.approx(metrics[f"train_{name}"], rel=0.2)
    assert metrics["best_val_rmse"] == pytest.approx(history["val_rmse"].min())
    assert metrics["best_epoch"] == history["epoch"][history["val_rmse"].idxmin()]


def test_unused_rows_count_in_the_final_figures_and_not_in_the_curve(tmp_path):
    data = load(DataSpec("diabetes", limit_train=64, unused="validation"))
    model, metrics, history = train(data, REGRESSION.with_settings(epochs=2), tmp_path / "run")
    predicted = model.predict(data.x_val, verbose=0)[:, 0]
    assert len(predicted) == 289
    every = root_mean_squared_error(data.y_val, predicted)
    first = root_mean_squared_error(data.y_val[:89], predicted[:89])
    assert metrics["val_rmse"] == pytest.approx(every, rel=1e-4)
    assert history["val_rmse"].iloc[-1] == pytest.approx(first, rel=1e-4)
    assert every != pytest.approx(first, rel=1e-3)


def test_without_hidden_layers_it_comes_to_the_linear_regression(diabetes, tmp_path):
    """The mean squared error of a line has one lowest point, which scikit-learn computes."""
    blueprint = REGRESSION.with_settings(
        dense=(), epochs=60, batch_size=264, learning_rate=0.1, schedule=None
    )
    _, metrics, _ = train(diabetes, blueprint, tmp_path / "run")
    line = LinearRegression().fit(diabetes.x_train, diabetes.y_train)
    expected = root_mean_squared_error(diabetes.y_train, line.predict(diabetes.x_train))
    assert metrics["train_rmse"] == pytest.approx(expected, rel=0.01)


def test_a_loss_of_a_blueprints_own_is_trained_with(diabetes, tmp_path):
    huber = Slot("huber", Config.of("keras.losses:Huber", delta=0.5))
    blueprint = REGRESSION.with_settings(epochs=1).fill("loss", huber)
    _, _, history = train(diabetes, blueprint, tmp_path / "run")
    _, _, plain = train(diabetes, REGRESSION.with_settings(epochs=1), tmp_path / "plain")
    assert history["loss"].iloc[0] < 0.8 * plain["loss"].iloc[0]
    assert "loss: none -> Huber(delta=0.5)" in blueprint.difference(
        REGRESSION
    ) or "loss: + Huber(delta=0.5)" in blueprint.difference(REGRESSION)


@pytest.mark.parametrize(
    ("task", "wrong"),
    [
        ({"kind": "ranking"}, "classification, regression"),
        ({"kind": "regression", "decides": "accuracy"}, "rmse, mae"),
        ({"decides": "rmse"}, "accuracy, cross_entropy"),
    ],
)
def test_a_task_that_there_is_not_is_refused(task, wrong):
    with pytest.raises(RecipeError, match=wrong):
        Task(**task)


def test_a_task_goes_through_json_and_into_words():
    blueprint = Blueprint(task=Task("regression", "mae"))
    assert Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict()))) == blueprint
    assert (
        blueprint.difference(Blueprint())
        == "kind: classification -> regression; decides: none -> mae"
    )
    assert Task(decides="accuracy") == Task()
    assert "task" not in Blueprint().to_dict()
    assert blueprint.task.facts() == {"name": "regression", "metric": "mae", "direction": "min"}


class Spoils(keras.callbacks.Callback):
    """Leaves an epoch without a number, as an image may do whose outputs overflow."""

    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1:
            logs["val_cross_entropy"] = np.nan


def test_another_metric_may_decide_and_an_epoch_without_a_number_is_not_the_best(digits, tmp_path):
    blueprint = Blueprint(
        task=Task(decides="cross_entropy"), filters=(2,), dense=(), epochs=3, batch_size=20
    ).fill("callbacks", Slot("spoils", Config.of(f"{__name__}:Spoils")))
    _, metrics, history = train(digits, blueprint, tmp_path / "run")
    losses = history["val_cross_entropy"]
    assert losses.isna().tolist() == [False, True, False]
    assert metrics["best_val_cross_entropy"] == pytest.approx(losses.min())
    assert metrics["best_epoch"] == losses.idxmin() + 1


@pytest.mark.parametrize(
    ("length", "steps"),
    [
        *(({"epochs": 2}, 14), ({"epochs": 0.5}, 4), ({"steps": 5}, 5), (3, 3)),
        ({"epochs": 0.01}, 1),  # a length of no step would be none
        *(([{"epochs": 1}], [7]), ({"of_training": 1}, 28), ({"of_training": 0.25}, 7)),
    ],
)
def test_lengths_are_epochs_steps_or_parts_of_the_training(length, steps):
    assert in_steps(length, 7, epochs=4) == steps


@pytest.mark.parametrize(
    ("length", "wrong"),
    [
        *(({"epochs": 0}, "above 0"), ({"steps": -1}, "above 0"), ({"epochs": "two"}, "above 0")),
        ({"of_training": 1.5}, r"at most 1\. Received: of_training=1\.5"),
    ],
)
def test_a_length_that_is_none_is_refused(length, wrong):
    with pytest.raises(RecipeError, match=wrong):
        in_steps(length, 7, epochs=4)


class Waits(keras.callbacks.Callback):
    """Of a user's own, told by a name that units of length have too."""

    def __init__(self, **told):
        super().__init__()
        self.told = told


def averaged(inner_optimizer, **told):
    """The optimiser, which remembers what averages it was told of."""
    inner_optimizer.told = told
    return inner_optimizer


@pytest.mark.parametrize("name", ["epochs", "steps", "of_training"])
@pytest.mark.parametrize(("given", "told"), [(3, 3), ({"epochs": 2}, 14)], ids=str)
def test_an_only_argument_that_is_called_as_a_unit_is_no_length_itself(name, given, told):
    waits = Slot("mine", Config.of(f"{__name__}:Waits", **{name: given}))
    (callback,) = build_callbacks(Blueprint().fill("callbacks", waits), 7)
    assert callback.told == {name: told}
    averaging = Slot("mine", Config.of(f"{__name__}:averaged", **{name: given}))
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    optimizer = build_optimizer(Blueprint().fill("averaging", averaging), network, 7)
    assert optimizer.told == {name: told}


def test_one_cycle_and_cyclical_schedules_work_in_a_blueprint():
    one = Config.of("trickbook.callbacks:OneCycleSchedule", max_rate=0.1, total_steps={"epochs": 4})
    made = learning_rate(Blueprint().fill("schedule", Slot("one_cycle", one)), 10)
    assert made.total_steps == 40
    assert float(made(11)) == pytest.approx(0.1, rel=0.01)
    swing = Config.of(
        "trickbook.callbacks:CyclicalSchedule", min_rate=0.0, max_rate=1.0, step_size={"steps": 6}
    )
    made = learning_rate(Blueprint().fill("schedule", Slot("cyclical", swing)), 10)
    assert [float(made(step)) for step in (0, 6, 12)] == pytest.approx([0, 1, 0])
    assert str(one) == "OneCycleSchedule(max_rate=0.1, total_steps=4 epochs)"


def test_keras_schedules_take_plain_numbers_as_epochs_and_explicit_lengths():
    for length, steps in ((3, 30), ({"epochs": 3}, 30), ({"steps": 3}, 3)):
        decay = Config.of("keras.optimizers.schedules:CosineDecay", decay_steps=length)
        made = learning_rate(Blueprint().fill("schedule", Slot("cosine", decay)), 10)
        assert made.decay_steps == steps
        assert made.initial_learning_rate == 1e-3


def test_an_optimiser_of_a_recipe_replaces_the_baselines_and_clashes_with_anothers():
    sgd = Slot("sgd", Config.of("keras.optimizers:SGD", momentum=0.9))
    blueprint = Blueprint().fill("optimizer", sgd)
    assert blueprint.difference(Blueprint()) == "optimizer: Adam() -> SGD(momentum=0.9)"
    with pytest.raises(RecipeError, match="lion clashes with sgd: both set the optimizer"):
        blueprint.fill("optimizer", Slot("lion", Config.of("keras.optimizers:Lion")))
    assert blueprint.empty("optimizer", "sgd") == Blueprint()
    assert Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict()))) == blueprint


def test_callbacks_of_a_blueprint_act_in_the_training(digits, tmp_path):
    stop = Slot("stop", Config.of("keras.callbacks:EarlyStopping", monitor="loss", min_delta=100.0))
    blueprint = Blueprint(filters=(2,), dense=(), epochs=9, batch_size=20).fill("callbacks", stop)
    _, metrics, history = train(digits, blueprint, tmp_path / "run")
    assert metrics["epochs"] == len(history) == 2
    assert "callbacks: + EarlyStopping(min_delta=100, monitor=loss)" in blueprint.difference(
        blueprint.empty("callbacks", "stop")
    )


def test_a_callback_that_sets_the_rate_per_batch_is_called_for_each(digits, tmp_path):
    cycle = Config.of("trickbook.callbacks:OneCycle", max_rate=0.01, total_steps={"epochs": 3})
    blueprint = Blueprint(filters=(2,), dense=(), epochs=3, batch_size=20).fill(
        "callbacks", Slot("one_cycle", cycle)
    )
    assert build_callbacks(blueprint, 2)[0].total_steps == 6
    _, _, history = train(digits, blueprint, tmp_path / "run")
    assert history["learning_rate"].nunique() == 3
    assert history["learning_rate"].iloc[-1] < 1e-6


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_a_network_that_its_very_last_step_ruins_has_diverged(digits, diabetes, tmp_path, kind):
    data = digits if kind == "classification" else diabetes
    # One step for the whole set: the only loss is that of the initial weights.
    sgd = Slot("sgd", Config.of("keras.optimizers:SGD"))
    blueprint = (
        Blueprint(base="fully_connected", dense=(4,), epochs=1, batch_size=0, task=Task(kind))
        .with_settings(learning_rate=1e38)
        .fill("optimizer", sgd)
    )
    with pytest.raises(DivergedError, match=r"for \d+ of (40|264) train examples are not"):
        train(data, blueprint, tmp_path / "run")
    assert not (tmp_path / "run" / "metrics.json").exists()
    assert np.isfinite(read_history(tmp_path / "run" / "history.csv")["loss"]).all()


def test_a_scaling_of_a_blueprint_takes_the_place_of_the_datas(digits, tmp_path):
    unit = Slot("unit", Config.of("trickbook.data:fit_scaling", name="unit"))
    blueprint = Blueprint(filters=(2,), dense=(), epochs=1, batch_size=20)
    assert scaling_of(blueprint, digits) == digits.scaling
    own = scaling_of(blueprint.fill("scaling", unit), digits)
    assert (own.name, own.scale, own.offset) == ("unit", (1 / 16,), (0.0,))
    model, metrics, _ = train(digits, blueprint.fill("scaling", unit), tmp_path / "run")
    predicted = model.predict(digits.x_val, verbose=0).argmax(axis=1)
    assert metrics["val_accuracy"] == pytest.approx((predicted == digits.y_val).mean())
    np.testing.assert_allclose(model.get_layer("scaling").scale, [1 / 16])


@pytest.mark.parametrize("categories", [None, "embedded"])
def test_a_scaling_of_a_blueprint_leaves_the_categories_of_a_table_alone(tmp_path, categories):
    rows = [f"{place},{'abc'[place % 3]},{place % 2}" for place in range(60)]
    (tmp_path / "t.csv").write_text("\n".join(["size,kind,y", *rows]))
    data = load(DataSpec(f"table:{tmp_path / 't.csv'}", target="y", categories=categories))
    unit = Slot("unit", Config.of("trickbook.data:fit_scaling", name="unit"))
    scaling = scaling_of(Blueprint(base="fully_connected").fill("scaling", unit), data)
    low, high = data.x_train[:, 0].min(), data.x_train[:, 0].max()
    scaled = scaling.apply(data.x_val)
    np.testing.assert_allclose(scaled[:, 0], (data.x_val[:, 0] - low) / (high - low), atol=1e-6)
    np.testing.assert_array_equal(scaled[:, 1:], data.x_val[:, 1:])


def test_a_base_networks_own_settings_reach_it(tmp_path, monkeypatch):
    from trickbook.training.build import build_network

    (tmp_path / "my_heads.py").write_text(
        "def build(inputs, classes, parts, *, heads):\n"
        "    import keras\n"
        "    x = keras.layers.Flatten()(inputs)\n"
        "    x = keras.layers.Add()([parts.hidden(x, 4, name=f'h{i}') for i in range(heads)])\n"
        "    return parts.logits(x, classes)\n"
        "build.slots = ('activation',)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    blueprint = Blueprint(base="my_heads:build", settings=(("heads", 3),))
    names = [layer.name for layer in build_network(blueprint, (4, 4, 1), 2).layers]
    assert [name for name in names if name.endswith("_dense")] == [
        "h0_dense",
        "h1_dense",
        "h2_dense",
    ]
    assert Blueprint.from_dict(json.loads(json.dumps(blueprint.to_dict()))) == blueprint
    assert "settings: none -> heads 3" in blueprint.difference(Blueprint(base="my_heads:build"))
