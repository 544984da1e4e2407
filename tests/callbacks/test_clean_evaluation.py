"""CleanEvaluation against scikit-learn, and what it must leave alone."""

import copy
from types import SimpleNamespace

import keras
import ml_dtypes
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from trickbook.callbacks import CleanEvaluation, LearningCurves, plot_history
from trickbook.callbacks.evaluation.samples import ArraySamples, kept_samples, spread_over_classes
from trickbook.callbacks.evaluation.scoring import choose_scoring
from trickbook.runs.run_folder import read_run

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = RNG.integers(0, 3, 50)
ONE_HOT = np.eye(3, dtype="float32")[Y]
BINARY = (Y > 0).astype("float32")
SPARSE = keras.losses.SparseCategoricalCrossentropy
LOGITS = SPARSE(from_logits=True)


def classifier(units=3, activation=None, loss=LOGITS, eager=True, metrics=("accuracy",), **kwargs):
    """A model that training treats unlike use: dropout, a penalty, batch statistics."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential(
        [
            keras.Input((4,)),
            keras.layers.Dense(8, kernel_regularizer="l2"),
            keras.layers.BatchNormalization(),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(units, activation=activation),
        ]
    )
    model.compile("sgd", loss, metrics=list(metrics), run_eagerly=eager, **kwargs)
    return model


def fit(model, *callbacks, epochs=1, y=Y, **kwargs):
    return model.fit(
        X, y, batch_size=25, epochs=epochs, verbose=0, callbacks=list(callbacks), **kwargs
    ).history


def softmax(logits):
    exponentials = np.exp(logits.astype("float64"))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


def sigmoid(logits):
    return 1 / (1 + np.exp(-logits.astype("float64")))


def as_is(outputs):
    return outputs.astype("float64")


class OwnLoss(keras.losses.Loss):
    """A loss that does not say what it takes."""

    def call(self, y_true, y_pred):
        return keras.ops.mean(keras.ops.square(y_pred), axis=-1)


CATEGORICAL = [
    ("logits", None, LOGITS, Y, softmax),
    ("logits, labels in a column", None, LOGITS, Y[:, None], softmax),
    ("logits, one-hot", None, keras.losses.CategoricalCrossentropy(True, 0.1), ONE_HOT, softmax),
    ("probabilities", "softmax", "sparse_categorical_crossentropy", Y, as_is),
    ("probabilities, one-hot", "softmax", keras.losses.categorical_crossentropy, ONE_HOT, as_is),
    ("probabilities by activation, if said", "softmax", "mse", ONE_HOT, as_is),
    ("logits by activation, if said", None, OwnLoss(), Y, softmax),
    ("logits by the loss, whatever the activation", "softmax", LOGITS, Y, softmax),
]


@pytest.mark.parametrize(
    ("activation", "loss", "y", "probabilities"),
    [case[1:] for case in CATEGORICAL],
    ids=[case[0] for case in CATEGORICAL],
)
def test_categorical_scores_are_those_of_scikit_learn(activation, loss, y, probabilities):
    model = classifier(activation=activation, loss=loss)
    said = True if loss == "mse" or isinstance(loss, OwnLoss) else None
    history = fit(model, CleanEvaluation(X, y, batch_size=16, classifier=said), y=y)
    predicted = probabilities(model.predict(X, verbose=0))
    assert history["train_clean_accuracy"] == [
        pytest.approx(accuracy_score(Y, predicted.argmax(axis=1)))
    ]
    assert history["train_clean_cross_entropy"] == [pytest.approx(log_loss(Y, predicted), rel=1e-5)]


@pytest.mark.parametrize(
    ("activation", "loss", "probabilities"),
    [
        ("sigmoid", "binary_crossentropy", as_is),
        (None, keras.losses.BinaryCrossentropy(from_logits=True), sigmoid),
        ("sigmoid", "mse", as_is),
    ],
)
@pytest.mark.parametrize("y", [BINARY, BINARY[:, None].astype(bool)])
def test_binary_scores_are_those_of_scikit_learn(activation, loss, probabilities, y):
    model = classifier(1, activation, loss)
    said = True if loss == "mse" else None
    history = fit(model, CleanEvaluation(X, y, classifier=said), y=BINARY)
    predicted = probabilities(model.predict(X, verbose=0)).ravel()
    assert history["train_clean_accuracy"] == [
        pytest.approx(accuracy_score(BINARY, predicted > 0.5))
    ]
    assert history["train_clean_cross_entropy"] == [
        pytest.approx(log_loss(BINARY, predicted), rel=1e-5)
    ]


@pytest.mark.parametrize(
    "loss",
    [
        "binary_crossentropy",
        keras.losses.BinaryCrossentropy(name="bce"),
        keras.losses.BinaryFocalCrossentropy(name="focal"),
    ],
    ids=["by its name", "with a name of its own", "focal"],
)
def test_several_labels_per_sample_count_each(loss):
    model = classifier(3, "sigmoid", loss)
    several = RNG.integers(0, 2, (50, 3)).astype("float32")
    history = fit(model, CleanEvaluation(X, several), y=several)
    predicted = as_is(model.predict(X, verbose=0)).ravel()
    assert history["train_clean_accuracy"][0] == np.mean((predicted > 0.5) == several.ravel())
    expected = log_loss(several.ravel(), predicted)
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def test_a_label_per_place_in_a_sequence():
    steps = RNG.normal(size=(20, 5, 4)).astype("float32")
    labels = RNG.integers(0, 3, (20, 5))
    model = keras.Sequential([keras.Input((5, 4)), keras.layers.Dense(3)])
    model.compile("sgd", LOGITS, run_eagerly=True)
    clean = CleanEvaluation(steps, labels, batch_size=8)
    history = model.fit(steps, labels, verbose=0, callbacks=[clean]).history
    predicted = softmax(model.predict(steps, verbose=0)).reshape(-1, 3)
    expected = log_loss(labels.ravel(), predicted)
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def measured(clean, model):
    """What it logs for an epoch in which the model is not trained."""
    clean.set_model(model)
    clean.set_params({"epochs": 1})
    clean.on_train_begin()
    logs = {}
    clean.on_epoch_end(0, logs)
    return logs


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("kind", ["one-hot", "indices", "indices with an axis"])
def test_classes_on_another_axis_than_the_last(width, kind):
    pictures = np.random.default_rng(1).normal(size=(5, 3, 4, width)).astype("float32")
    truth = np.random.default_rng(2).integers(0, 3, (5, 4, width))
    model = keras.Sequential([keras.Input((3, 4, width)), keras.layers.Softmax(axis=1)])
    if kind == "one-hot":
        loss, labels = keras.losses.CategoricalCrossentropy(axis=1), np.eye(3)[truth]
        labels = np.moveaxis(labels, -1, 1)
    else:
        loss = SPARSE(axis=1)
        labels = truth if kind == "indices" else truth[:, None]
    model.compile("sgd", loss)
    logs = measured(CleanEvaluation(pictures, labels, batch_size=2), model)
    predicted = softmax(np.moveaxis(pictures, 1, -1)).reshape(-1, 3)
    assert logs["train_clean_accuracy"] == np.mean(predicted.argmax(1) == truth.ravel())
    expected = log_loss(truth.ravel(), predicted)
    assert logs["train_clean_cross_entropy"] == pytest.approx(expected, rel=1e-5)


def test_probabilities_in_half_precision_are_not_taken_for_logits():
    logits = 3 * np.random.default_rng(3).normal(size=(200, 10))
    labels, shares = logits.argmax(axis=1), softmax(logits)

    def are_logits(outputs, activation=None):
        return choose_scoring(None, activation, outputs, labels, classifier=True).from_logits

    for kind in ("float32", "float16", ml_dtypes.bfloat16):
        assert are_logits(logits.astype(kind))
        assert not are_logits(shares.astype(kind))
    # Of half precision that came as float32 nobody can tell.
    rounded = shares.astype(ml_dtypes.bfloat16).astype("float32")
    assert abs(rounded.sum(axis=1) - 1).max() > 1e-3
    with pytest.raises(ValueError, match="cannot tell whether"):
        are_logits(rounded)
    assert not are_logits(rounded, "softmax")


def test_certainty_gives_no_infinite_cross_entropy():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Softmax()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    clean = CleanEvaluation(np.eye(3) * 1e4, [1, 1, 2])
    logs = measured(clean, model)
    assert logs["train_clean_accuracy"] == pytest.approx(2 / 3)
    assert logs["train_clean_cross_entropy"] == pytest.approx(-np.log(1e-7) / 3)
    clean.on_epoch_end(0)


class Jitter(keras.layers.Layer):
    """Draws from its seed generator whenever it is called, as a VAE's sampling layer does."""

    def __init__(self):
        super().__init__()
        self.seed_generator = keras.random.SeedGenerator(1)

    def call(self, x):
        return x + 0.1 * keras.random.normal(keras.ops.shape(x), seed=self.seed_generator)


def test_training_is_not_disturbed():
    def trained(*callbacks):
        keras.utils.set_random_seed(5)
        layers = [keras.layers.Dense(8), keras.layers.BatchNormalization(), Jitter()]
        # Without an Input: the callback is the first that builds it.
        model = keras.Sequential([*layers, keras.layers.Dropout(0.5), keras.layers.Dense(3)])
        model.compile("adam", LOGITS, metrics=["accuracy"])
        history = fit(model, *callbacks, epochs=3, validation_data=(X, Y), validation_freq=2)
        return model, history

    plain, plain_history = trained()
    model, history = trained(CleanEvaluation(X, Y, batch_size=16), CleanEvaluation(X, Y, "again"))
    assert len(history["train_clean_accuracy"]) == len(history["again_accuracy"]) == 3
    for name, values in plain_history.items():
        assert history[name] == values
    for mine, theirs in zip(model.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


NOT_ON_TORCH = pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="PyTorch traces nothing, one step at a time"
)


@NOT_ON_TORCH
def test_the_model_is_traced_once_for_all_epochs():
    traced = []

    class Counting(keras.layers.Layer):
        def call(self, x, training=None):
            if not training:
                traced.append(x.shape)
            return x

    model = keras.Sequential([keras.Input((4,)), Counting(), keras.layers.Dense(3)])
    model.compile("sgd", LOGITS)
    traced.clear()
    clean = CleanEvaluation(X, Y, batch_size=16)
    fit(model, clean, epochs=3)
    fit(model, clean, epochs=2)
    # Four batches of 13 hold 50 samples; training steps and building have 25.
    assert [shape[0] for shape in traced].count(13) == 1
    assert {shape[0] for shape in traced} <= {13, 25}


def test_every_and_the_last_epoch(tmp_path):
    clean = CleanEvaluation(X, Y, name="seen", every=2)
    recorder = LearningCurves(tmp_path, plot=False)
    history = fit(classifier(), clean, recorder, epochs=5)
    header, *rows = (tmp_path / "history.csv").read_text().splitlines()
    place = header.split(",").index("seen_accuracy")
    measured = [row.split(",")[place] for row in rows]
    assert [bool(cell) for cell in measured] == [False, True, False, True, True]
    assert [float(cell) for cell in measured if cell] == history["seen_accuracy"]


def test_keras_csv_logger_would_miss_what_is_not_measured_in_the_first_epoch(tmp_path):
    to_csv = keras.callbacks.CSVLogger(tmp_path / "log.csv")
    with pytest.warns(UserWarning, match=r"train_clean_\.\.\., stay out of the file.*every=2$"):
        fit(classifier(), CleanEvaluation(X, Y, every=2), to_csv)
    fit(classifier(), CleanEvaluation(X, Y), to_csv)
    assert "train_clean_accuracy" in (tmp_path / "log.csv").read_text().partition("\n")[0]


@pytest.mark.parametrize("swap_on_epoch", [False, True])
@pytest.mark.parametrize("swap_first", [False, True])
def test_the_averages_of_the_weights_are_measured_where_keras_validates_them(
    swap_on_epoch, swap_first
):
    def trained(*callbacks):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
        average = keras.optimizers.SGD(0.5, use_ema=True, ema_momentum=0.9)
        model.compile(average, LOGITS, run_eagerly=True)
        data = {"validation_data": (X, Y), "validation_batch_size": 50}
        return model, fit(model, *callbacks, epochs=3, **data)

    def swap():
        return keras.callbacks.SwapEMAWeights(swap_on_epoch=swap_on_epoch)

    clean = CleanEvaluation(X, Y, batch_size=50)
    model, history = trained(*([swap(), clean] if swap_first else [clean, swap()]))
    assert history["train_clean_cross_entropy"] == pytest.approx(history["val_loss"], rel=1e-5)
    plain, _ = trained(swap())
    for mine, theirs in zip(model.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


def test_the_epoch_that_stops_early_is_the_last():
    stopping = keras.callbacks.EarlyStopping("loss", patience=1, min_delta=100.0)
    history = fit(classifier(), stopping, CleanEvaluation(X, Y, every=100), epochs=9)
    assert len(history["loss"]) == 2
    assert len(history["train_clean_accuracy"]) == 1


def test_evaluate_and_predict_do_nothing():
    clean = CleanEvaluation(X, Y)
    model = classifier()
    logs = model.evaluate(X, Y, verbose=0, callbacks=[clean], return_dict=True)
    model.predict(X, verbose=0, callbacks=[clean])
    assert "train_clean_accuracy" not in logs


@NOT_ON_TORCH
def test_steps_per_execution():
    model = classifier(eager=False, steps_per_execution=3)
    history = fit(model, CleanEvaluation(X, Y, batch_size=16), epochs=2)
    expected = log_loss(Y, softmax(model.predict(X, verbose=0)))
    assert history["train_clean_cross_entropy"][-1] == pytest.approx(expected, rel=1e-5)


def test_max_samples_keeps_the_share_of_each_class_and_is_fixed():
    labels = np.repeat([2, 0, 1], [50, 30, 20])
    RNG.shuffle(labels)
    kept = spread_over_classes(labels, 10)
    assert np.bincount(labels[kept]).tolist() == [3, 2, 5]
    assert (np.diff(kept) > 0).all()
    np.testing.assert_array_equal(kept, spread_over_classes(np.eye(3)[labels], 10))
    np.testing.assert_array_equal(kept, spread_over_classes(labels[:, None], 10))
    assert len(spread_over_classes(RNG.integers(0, 3, (100, 5)), 7)) == 7


@pytest.mark.parametrize("kind", ["float32", "bool"])
def test_samples_of_several_values_are_chosen_evenly_spaced_as_they_stand(kind):
    labels = np.random.default_rng(5).normal(size=(50, 3)).round().astype(kind)
    assert spread_over_classes(labels, 10).tolist() == list(range(2, 50, 5))


def test_max_samples_goes_by_the_labels_that_are_named_first():
    model = two_heads(("z", "a"), as_dict=True)
    y = {"z": Y, "a": SIZES}
    history = fit(model, CleanEvaluation(X, y, max_samples=10), y=y)
    kept = spread_over_classes(Y, 10)
    expected = log_loss(Y[kept], softmax(model.predict(X[kept], verbose=0)["z"]), labels=[0, 1, 2])
    assert history["train_clean_z_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def test_max_samples_evaluates_those_samples_alone():
    model = classifier()
    history = fit(model, CleanEvaluation(X, Y, max_samples=20, batch_size=16))
    kept = spread_over_classes(Y, 20)
    expected = log_loss(Y[kept], softmax(model.predict(X[kept], verbose=0)))
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


class Stream:
    """It does not know its length."""

    def __init__(self, labels):
        self.labels = labels

    def __iter__(self):
        while True:
            yield np.zeros((len(self.labels), 4), "float32"), self.labels


SHARES = (600, 300, 100)


@pytest.mark.parametrize(
    "labels",
    [np.repeat(range(3), SHARES), np.resize([0, 0, 1, 0, 1, 0, 2, 0, 1, 0], 1000)],
    ids=["one class after the other", "in turn"],
)
@pytest.mark.parametrize("one_hot", [False, True])
def test_a_data_set_that_knows_its_length_keeps_the_share_of_each_class(labels, one_hot):
    numbers = np.arange(1000.0)
    y = np.eye(3)[labels] if one_hot else labels
    data = [(numbers[at : at + 32], y[at : at + 32]) for at in range(0, 1000, 32)]
    kept, again = (list(kept_samples(data, 50, 100).batches()) for _ in range(2))
    places, found = (np.concatenate(parts) for parts in zip(*kept, strict=True))
    assert len(np.unique(places)) == 100
    np.testing.assert_array_equal(found, y[places.astype(int)])
    np.testing.assert_allclose(np.bincount(labels[places.astype(int)]), [60, 30, 10], atol=6)
    np.testing.assert_array_equal(places, np.concatenate([x for x, _ in again]))


def test_of_a_data_set_without_a_known_length_the_first_samples_are_kept():
    samples = kept_samples(Stream(np.arange(16) % 3), 8, 20)
    np.testing.assert_array_equal(samples.trial()[1], [*(np.arange(16) % 3), *(np.arange(4) % 3)])


@pytest.mark.parametrize("labels", [np.full(16, 2), np.eye(3)[np.full(16, 2)]])
def test_first_samples_of_one_class_alone_are_warned_of(labels):
    with pytest.warns(UserWarning, match=r"first 20 samples .* same label.* Received: x="):
        CleanEvaluation(Stream(labels), max_samples=20)


def test_copies_share_the_samples():
    arrays = ArraySamples(X, Y, 50)
    (one, _), (other, _) = (next(each.batches()) for each in (arrays, copy.deepcopy(arrays)))
    assert np.shares_memory(one, other)


@pytest.fixture
def four_devices(monkeypatch):
    """As if Keras shared the samples of a batch out over four devices of eight."""
    mesh = SimpleNamespace(shape=(2, 4), axis_names=["model", "batch"])
    shared = SimpleNamespace(device_mesh=mesh, batch_dim_name="batch")
    monkeypatch.setattr(keras.distribution, "distribution", lambda: shared)


@pytest.mark.usefixtures("four_devices")
@pytest.mark.parametrize(
    ("batch_size", "sizes"), [(256, [52]), (30, [28, 28]), (3, [4] * 13), (16, [16, 16, 16, 16])]
)
def test_batches_can_be_shared_out_over_the_devices(batch_size, sizes):
    batches = list(ArraySamples(X, Y, batch_size).batches())
    assert [len(x) for x, _ in batches] == sizes
    np.testing.assert_array_equal(np.concatenate([y for _, y in batches]), Y)


@pytest.mark.usefixtures("four_devices")
def test_samples_that_keras_cannot_share_out_for_its_metrics_are_refused_before_training():
    model = classifier(1, None, "mse", metrics=["mae"])
    with pytest.raises(ValueError, match=r"max_samples, a multiple of 4 .*Received: 50 samples$"):
        measured(CleanEvaluation(X, SIZES), model)
    assert "train_clean_mae" in measured(CleanEvaluation(X, SIZES, max_samples=48), model)


class Batches(keras.utils.PyDataset):
    """Batches of 16 and a last one of 2; asked for more, it gives more."""

    def __init__(self):
        super().__init__()
        self.num = 4

    @property
    def num_batches(self):
        return self.num

    def __getitem__(self, index):
        part = slice(16 * index, 16 * index + 16)
        return X[part], Y[part], np.zeros(len(Y[part]))


def tf_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, Y)).batch(16)


@pytest.mark.parametrize("make", [Batches, tf_dataset])
def test_data_sets(make):
    model = classifier()
    some = CleanEvaluation(make(), name="some", max_samples=25)
    history = fit(model, CleanEvaluation(make()), some)
    predicted, kept = softmax(model.predict(X, verbose=0)), spread_over_classes(Y, 25)
    for name, expected in (
        ("train_clean", log_loss(Y, predicted)),
        ("some", log_loss(Y[kept], predicted[kept])),
    ):
        assert history[f"{name}_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


@pytest.mark.parametrize("make", [Batches, tf_dataset])
def test_a_deep_copy_measures_as_well(make):
    clean = CleanEvaluation(make(), validation_data=make())
    history = fit(classifier(), clean, copy.deepcopy(clean))
    assert history == fit(classifier(), clean)


def test_several_inputs():
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((4,), name="b")}
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs["a"] - inputs["b"]))
    model.compile("sgd", LOGITS, run_eagerly=True)
    x = {"a": X, "b": X[::-1]}
    clean = CleanEvaluation(x, Y, batch_size=16)
    history = model.fit(x, Y, verbose=0, callbacks=[clean]).history
    expected = log_loss(Y, softmax(model.predict(x, verbose=0)))
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def two_heads(names=("kind", "size"), losses=(LOGITS, "mae"), as_dict=False, **kwargs):
    """A classifier and a regressor on one body, with a penalty."""
    keras.utils.set_random_seed(4)
    inputs = keras.Input((4,))
    body = keras.layers.Dropout(0.5)(keras.layers.Dense(8, kernel_regularizer="l2")(inputs))
    heads = [keras.layers.Dense(3, name="kind")(body), keras.layers.Dense(1, name="size")(body)]
    model = keras.Model(inputs, dict(zip(names, heads, strict=True)) if as_dict else heads)
    losses = dict(zip(names, losses, strict=True)) if as_dict else list(losses)
    model.compile("sgd", losses, run_eagerly=True, **kwargs)
    return model


SIZES = RNG.normal(size=50).astype("float32")


@pytest.mark.parametrize("as_dict", [False, True])
@pytest.mark.parametrize("labels_as_dict", [False, True])
def test_several_outputs_are_measured_each_by_its_kind(as_dict, labels_as_dict):
    model = two_heads(as_dict=as_dict)
    y = {"kind": Y, "size": SIZES} if as_dict else [Y, SIZES]
    labels = {"size": SIZES, "kind": Y} if labels_as_dict else [Y, SIZES]
    history = fit(model, CleanEvaluation(X, labels, batch_size=16), y=y)
    predicted = model.predict(X, verbose=0)
    kinds, sizes = (predicted["kind"], predicted["size"]) if as_dict else predicted
    expected = {
        "train_clean_kind_accuracy": accuracy_score(Y, kinds.argmax(axis=1)),
        "train_clean_kind_cross_entropy": log_loss(Y, softmax(kinds)),
        "train_clean_size_loss": np.abs(sizes[:, 0] - SIZES).mean(),
    }
    assert {name for name in history if name.startswith("train_clean")} == set(expected)
    for name, value in expected.items():
        assert history[name] == [pytest.approx(value, rel=1e-5)]
    assert history["train_clean_size_loss"] == [
        pytest.approx(model.evaluate(X, y, verbose=0, return_dict=True)["size_loss"], rel=1e-5)
    ]


def test_outputs_of_a_dict_go_by_its_keys_and_those_without_labels_are_left_out():
    model = two_heads(("a/b", "b c"), as_dict=True)
    clean = CleanEvaluation(X, {"b c": SIZES}, max_samples=20)
    history = fit(model, clean, y={"a/b": Y, "b c": SIZES})
    kept = spread_over_classes(SIZES, 20)
    errors = np.abs(model.predict(X[kept], verbose=0)["b c"][:, 0] - SIZES[kept])
    assert [name for name in history if "clean" in name] == ["train_clean_b c_loss"]
    assert history["train_clean_b c_loss"] == [pytest.approx(errors.mean(), rel=1e-5)]


def test_outputs_without_a_loss_are_left_out():
    history = fit(two_heads(losses=(LOGITS, None)), CleanEvaluation(X, [Y, SIZES]), y=[Y, SIZES])
    assert {name for name in history if "clean" in name} == {
        "train_clean_kind_accuracy",
        "train_clean_kind_cross_entropy",
    }


def test_outputs_without_names_are_numbered():
    class Pair(keras.Model):
        def __init__(self):
            super().__init__()
            self.parts = [keras.layers.Dense(3), keras.layers.Dense(3)]

        def call(self, x):
            return tuple(part(x) for part in self.parts)

    model = Pair()
    model.compile("sgd", [LOGITS, SPARSE(from_logits=True)], run_eagerly=True)
    history = fit(model, CleanEvaluation(X, [Y, Y]), y=(Y, Y))
    expected = log_loss(Y, softmax(model.predict(X, verbose=0)[1]))
    assert history["train_clean_output_1_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def test_several_data_sets_and_outputs_of_one_data_set():
    tf = pytest.importorskip("tensorflow")
    data = tf.data.Dataset.from_tensor_slices((X, {"kind": Y, "size": SIZES})).batch(16)
    model = two_heads(as_dict=True)
    seen = CleanEvaluation(X, [Y, SIZES], name="seen", max_samples=25)
    some = CleanEvaluation(data, name="some", max_samples=25)
    history = fit(
        model, seen, CleanEvaluation(data, name="all"), some, y={"kind": Y, "size": SIZES}
    )
    for figure in ("kind_accuracy", "kind_cross_entropy", "size_loss"):
        assert history[f"some_{figure}"] == pytest.approx(history[f"seen_{figure}"], rel=1e-6)
        assert f"all_{figure}" in history


def own_loss(y_true, y_pred):
    return keras.ops.mean(keras.ops.abs(y_true - y_pred) ** 3, axis=-1)


@pytest.mark.parametrize(
    ("loss", "units", "y", "reference"),
    [
        ("mse", 1, SIZES, lambda y, p: (y - p) ** 2),
        ("mse", 3, ONE_HOT, lambda y, p: (y - p) ** 2),
        (keras.losses.MeanAbsoluteError(), 1, SIZES, lambda y, p: np.abs(y - p)),
        (own_loss, 2, X[:, :2], lambda y, p: np.abs(y - p) ** 3),
        (keras.losses.Huber(delta=0.1), 1, 5 * SIZES, None),
    ],
)
def test_the_loss_of_a_regressor_holds_no_penalty(loss, units, y, reference):
    model = classifier(units, None, loss, metrics=["mae"])
    history = fit(model, CleanEvaluation(X, y, batch_size=16), y=y)
    predicted = model.predict(X, verbose=0).astype("float64")
    mae = np.abs(y.reshape(predicted.shape) - predicted).mean()
    assert history["train_clean_mae"] == [pytest.approx(mae, rel=1e-5)]
    if reference is None:
        expected = float(loss(y, predicted[:, 0]))
    else:
        expected = reference(y.reshape(predicted.shape), predicted).mean()
    assert {name for name in history if "clean" in name} == {"train_clean_loss", "train_clean_mae"}
    assert history["train_clean_loss"] == [pytest.approx(expected, rel=1e-5)]
    assert history["train_clean_loss"][0] < history["loss"][0]


def regressor(loss="mse", **kwargs):
    """Trained as it is used, so that its validation loss is its clean one."""
    keras.utils.set_random_seed(3)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    model.compile("sgd", loss, metrics=["mae"], run_eagerly=True, **kwargs)
    return model


@pytest.mark.parametrize("loss_weights", [10.0, [10.0]])
def test_the_loss_of_an_output_with_a_weight_compares_with_the_validation_loss(loss_weights):
    model = regressor(loss_weights=loss_weights)
    logs = fit(model, CleanEvaluation(X, SIZES), y=SIZES, validation_data=(X, SIZES))
    assert logs["train_clean_loss"] == [pytest.approx(logs["val_loss"][0], rel=1e-5)]
    assert logs["train_clean_mae"] == [pytest.approx(logs["val_mae"][0], rel=1e-5)]


def test_a_loss_that_is_summed_over_batches_is_left_out():
    model = regressor(keras.losses.MeanSquaredError(reduction="sum"))
    with pytest.warns(UserWarning, match=r"out train_clean_loss: .*mean_squared_error with red"):
        history = fit(model, CleanEvaluation(X, SIZES), y=SIZES)
    assert [name for name in history if "clean" in name] == ["train_clean_mae"]


def test_a_loss_that_keras_chooses_by_shape():
    history = fit(classifier(3, "softmax", "crossentropy"), CleanEvaluation(X, Y))
    assert "train_clean_cross_entropy" in history


def test_outputs_that_are_no_numbers_are_wrong_and_training_goes_on():
    model = classifier()
    model.layers[-1].bias.assign([np.nan, 0.0, 0.0])
    history = fit(model, CleanEvaluation(X, Y), epochs=2)
    assert history["train_clean_accuracy"] == [0.0, 0.0]
    assert np.isnan(history["train_clean_cross_entropy"]).all()


class SoftmaxBehind(keras.Sequential):
    """Trained on logits, it predicts probabilities."""

    def predict_step(self, *args):
        found = super().predict_step(*args)
        if keras.backend.backend() == "jax":  # which hands the state along
            return keras.ops.softmax(found[0]), *found[1:]
        return keras.ops.softmax(found)


def test_the_outputs_that_the_loss_takes_are_measured_whatever_is_predicted():
    model = SoftmaxBehind([keras.Input((4,)), keras.layers.Dense(3)])
    model.compile("sgd", LOGITS)
    history = fit(model, CleanEvaluation(X, Y))
    predicted = model.predict(X, verbose=0)
    np.testing.assert_allclose(predicted.sum(axis=1), 1, atol=1e-5)
    assert history["train_clean_cross_entropy"] == [pytest.approx(log_loss(Y, predicted), rel=1e-4)]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow's")
def test_under_a_distribution_strategy():
    import tensorflow as tf

    with tf.distribute.MirroredStrategy(["cpu:0"]).scope():
        model = classifier(eager=False)
    history = fit(model, CleanEvaluation(X, Y), epochs=2, validation_data=(X, Y))
    expected = log_loss(Y, softmax(model.predict(X, verbose=0)))
    assert history["train_clean_cross_entropy"][1] == pytest.approx(expected, rel=1e-4)
    assert history["train_clean_accuracy"] == pytest.approx(history["val_accuracy"])


class Drawing(keras.layers.Layer):
    """Draws from Keras's global generator whenever it is called."""

    def call(self, x):
        return x + 0.1 * keras.random.normal(keras.ops.shape(x))


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX refuses draws without a seed")
def test_the_global_seed_generator_is_kept():
    def trained(*callbacks):
        keras.utils.set_random_seed(5)
        model = keras.Sequential([keras.Input((4,)), Drawing(), keras.layers.Dense(3)])
        model.compile("sgd", LOGITS)
        fit(model, *callbacks, epochs=2)
        return model.get_weights()

    for mine, theirs in zip(trained(CleanEvaluation(X, Y)), trained(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_interrupt_during_the_evaluation_keeps_the_seeds():
    layer = Jitter()
    model = keras.Sequential([keras.Input((4,)), layer, keras.layers.Dense(3)])
    model.compile("sgd", LOGITS, run_eagerly=True)
    clean = CleanEvaluation(X, Y)
    clean.set_model(model)
    clean.set_params({"epochs": 1})
    clean.on_train_begin()
    before = keras.ops.convert_to_numpy(layer.seed_generator.state.value).copy()

    def interrupted(x):
        model.predict_on_batch = original
        original(x)
        raise KeyboardInterrupt

    original, model.predict_on_batch = model.predict_on_batch, interrupted
    with pytest.raises(KeyboardInterrupt):
        clean.on_epoch_end(0, {})
    np.testing.assert_array_equal(layer.seed_generator.state.value, before)


class Autoencoder(keras.Model):
    """Its loss is in its own train_step, and its outputs are no classes."""

    def __init__(self):
        super().__init__()
        self.body = keras.layers.Dense(4)

    def call(self, x):
        return self.body(x)


class Callless(keras.Model):
    """Only its parts can be called."""

    def __init__(self):
        super().__init__()
        self.body = keras.layers.Dense(4)
        self.built = True

    def train_step(self, data):
        return {"loss": keras.ops.mean(self.body(data[0]) ** 2)}


def classifier_of(units, loss, activation=None):
    return lambda: classifier(units, activation, loss)


def uncompiled(make):
    def made():
        model = make()
        model.compile("sgd", run_eagerly=True)
        return model

    return made


@pytest.mark.parametrize(
    ("make", "y", "message"),
    [
        (two_heads, Y, "outputs kind, size, so .*Received: y=ndarray of 50$"),
        (two_heads, [Y], "outputs kind, size, so .*list of 1$"),
        (two_heads, {"kind": Y, "sise": SIZES}, r"Received: y=\['kind', 'sise'\]$"),
        (two_heads, [Y + 7, SIZES], "Output 'kind': .*0 to 2.*Received: .* the value"),
        (classifier, [Y, Y], "one output, so.*Received: y with the entries"),
        (uncompiled(Autoencoder), X, "without a loss and without metrics.*classifier=True"),
        pytest.param(
            uncompiled(Callless),
            X,
            "CleanEvaluation calls .*Callless has no `call`.*model=part",
            marks=pytest.mark.skipif(
                keras.backend.backend() == "torch", reason="Keras refuses it on PyTorch"
            ),
        ),
        (
            classifier_of(3, "sparse_categorical_crossentropy"),
            Y,
            "outside 0..1.*Received: loss=sparse_categorical_crossentropy",
        ),
        (classifier, np.where(np.arange(50) == 49, 3, Y), "0 to 2.*Received: .* the value 3"),
        (classifier, np.where(np.arange(50) == 49, -1, Y), "0 to 2.*Received: .* the value -1"),
        (classifier, Y + 0.5, "0 to 2.*Received: .* the value"),
        (classifier, Y.astype(str), "Received: labels of <U"),
        (classifier_of(1, "mse"), Y.astype(str), "Received: labels of <U"),
        (classifier, np.eye(4)[Y], "Received: labels of shape .50, 4."),
    ],
)
def test_what_it_cannot_read_is_refused_before_training(make, y, message):
    model = make()
    if not isinstance(model, Callless):
        model(X)
    elif keras.backend.backend() == "jax":
        pytest.skip("Keras refuses such a model itself on JAX")
    before = model.get_weights()
    several = isinstance(model.loss, list)
    with pytest.raises(ValueError, match=message):
        fit(model, CleanEvaluation(X, y), y=[Y, SIZES] if several else Y)
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def endless():
    while True:
        yield X, Y


def endless_tf_dataset():
    return tf_dataset().repeat()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X, "y": Y, "every": 0}, "Received: every=0$"),
        ({"x": X, "y": Y, "max_samples": 0}, "Received: max_samples=0$"),
        ({"x": X, "y": Y, "batch_size": -1}, "Received: batch_size=-1$"),
        ({"x": X, "y": Y[:-1]}, "Received: x and y of shapes"),
        ({"x": X[:0], "y": Y[:0]}, "Received: x and y of shapes"),
        ({"x": X}, "Received: y=None"),
        ({"x": 3}, "Received: y=None"),
        ({"x": endless()}, "only once.*Received: x=<generator"),
        ({"x": endless(), "max_samples": 5}, "only once"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        CleanEvaluation(**arguments)


def test_a_data_set_without_end_needs_max_samples():
    with pytest.raises(ValueError, match=r"endless.*Received: x="):
        CleanEvaluation(endless_tf_dataset())
    assert fit(classifier(), CleanEvaluation(endless_tf_dataset(), max_samples=70))


def test_a_data_set_without_labels_is_refused():
    unlabelled = pytest.importorskip("tensorflow").data.Dataset.from_tensor_slices(X).batch(16)
    with pytest.raises(ValueError, match=r"found no y.*Received: x="):
        fit(classifier(), CleanEvaluation(unlabelled))


NOT_CLASSIFIERS = {
    "sigmoid with MSE": ("sigmoid", "mse", BINARY),
    "linear with a loss of the user's own": (None, OwnLoss(), Y),
    "a picture of shares": ("sigmoid", "mae", ONE_HOT),
}


@pytest.mark.parametrize(
    ("activation", "loss", "y"), NOT_CLASSIFIERS.values(), ids=NOT_CLASSIFIERS.keys()
)
def test_what_is_compiled_with_no_cross_entropy_is_no_classifier(activation, loss, y):
    model = classifier(1 if y is BINARY else 3, activation, loss, metrics=())
    history = fit(model, CleanEvaluation(X, y), y=y)
    assert [name for name in history if "clean" in name] == ["train_clean_loss"]


def test_the_explicit_word_beats_the_loss():
    model = classifier()
    history = fit(model, CleanEvaluation(X, Y, classifier=False))
    assert "train_clean_cross_entropy" not in history
    own = model.evaluate(X, Y, verbose=0, return_dict=True)
    assert history["train_clean_accuracy"] == [pytest.approx(own["accuracy"])]
    penalty = float(sum(model.losses))
    assert history["train_clean_loss"] == [pytest.approx(own["loss"] - penalty, rel=1e-4)]


class SelfMade(keras.Model):
    """As in Keras's guide: compiled without a loss, it keeps a metric of its own."""

    def __init__(self):
        super().__init__()
        self.body = keras.layers.Dense(3)
        self.tracker = keras.metrics.Mean(name="distance")

    @property
    def metrics(self):
        return [self.tracker]

    def call(self, x):
        return self.body(x)

    def train_step(self, data):
        return self.test_step(data)

    def test_step(self, data):
        x, _ = data
        self.tracker.update_state(keras.ops.mean(keras.ops.square(self(x) - 1.0), axis=-1))
        return {"distance": self.tracker.result()}


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX has steps of another form")
def test_a_model_without_a_compiled_loss_is_measured_by_its_own_metrics():
    keras.utils.set_random_seed(1)
    model = SelfMade()
    model.compile("sgd", run_eagerly=True)
    history = fit(model, CleanEvaluation(X, Y, batch_size=20))
    expected = np.square(model.predict(X, verbose=0) - 1).mean()
    assert history["train_clean_distance"] == [pytest.approx(expected, rel=1e-5)]
    assert {name for name in history if "clean" in name} == {"train_clean_distance"}


def test_soft_targets_without_an_axis_of_their_own():
    shares = np.linspace(0, 1, 50).astype("float32")
    model = classifier(1, None, keras.losses.BinaryCrossentropy(from_logits=True))
    flat = fit(model, CleanEvaluation(X, shares), y=shares[:, None], epochs=1)
    predicted = sigmoid(model.predict(X, verbose=0))[:, 0]
    entropy = -(shares * np.log(predicted) + (1 - shares) * np.log1p(-predicted)).mean()
    assert flat["train_clean_cross_entropy"] == [pytest.approx(entropy, rel=1e-5)]


class CallOnly(keras.losses.Loss):
    """It overrides `__call__`, and has no `call`."""

    def __call__(self, y_true, y_pred, sample_weight=None):
        return keras.ops.mean(keras.ops.abs(y_true - y_pred))


def test_a_loss_that_has_only_a_dunder_call():
    model = classifier(1, None, CallOnly())
    history = fit(model, CleanEvaluation(X, SIZES[:, None]), y=SIZES[:, None])
    expected = np.abs(model.predict(X, verbose=0) - SIZES[:, None]).mean()
    assert history["train_clean_loss"] == [pytest.approx(expected, rel=1e-5)]


def test_classes_that_the_loss_ignores_are_left_out():
    loss = SPARSE(from_logits=True, ignore_class=-1)
    labels = np.where(np.arange(50) % 5 == 0, -1, Y)
    history = fit(classifier(3, None, loss), CleanEvaluation(X, labels), y=labels)
    model = classifier(3, None, loss)
    again = fit(model, CleanEvaluation(X[labels >= 0], Y[labels >= 0]), y=labels)
    for name in ("train_clean_accuracy", "train_clean_cross_entropy"):
        assert history[name] == [pytest.approx(again[name][0], rel=1e-5)]


def test_where_every_label_is_ignored_there_is_no_figure():
    labels = np.full(50, -1)
    loss = SPARSE(from_logits=True, ignore_class=-1)
    history = fit(classifier(3, None, loss), CleanEvaluation(X, labels), epochs=2)
    for name in ("train_clean_accuracy", "train_clean_cross_entropy"):
        assert len(history[name]) == 2
        assert np.isnan(history[name]).all()
    assert np.isfinite(history["loss"]).all()


@pytest.mark.parametrize(("units", "loss"), [(3, LOGITS), (1, keras.losses.MeanSquaredError())])
def test_where_keras_masks_everything_there_is_no_figure(units, loss):
    words = np.zeros((6, 4), "int32")
    model = keras.Sequential([keras.Input((4,), dtype="int32")])
    model.add(keras.layers.Embedding(9, 4, mask_zero=True))
    model.add(keras.layers.Dense(units))
    model.compile(keras.optimizers.SGD(0.0), loss)
    y = np.ones((6, 4) if units == 3 else (6, 4, 1))
    history = model.fit(words, y, verbose=0, callbacks=[CleanEvaluation(words, y)]).history
    clean = [values for name, values in history.items() if name.startswith("train_clean_")]
    assert clean
    assert np.isnan(clean).all()


@pytest.mark.skipif(
    keras.backend.backend() == "torch", reason="Keras trains no stateful layer on PyTorch"
)
def test_the_states_of_recurrent_layers_are_left_alone():
    def trained(*callbacks):
        keras.utils.set_random_seed(2)
        steps = keras.Input((4, 1), batch_size=25)
        x = keras.layers.GRU(3, stateful=True)(steps)
        model = keras.Model(steps, keras.layers.Dense(3)(x))
        model.compile("sgd", LOGITS, run_eagerly=True)
        model.fit(
            X[..., None],
            Y,
            batch_size=25,
            epochs=2,
            verbose=0,
            shuffle=False,
            callbacks=list(callbacks),
        )
        return model.get_weights()

    clean = CleanEvaluation(X[..., None], Y, batch_size=25)
    for mine, theirs in zip(trained(clean), trained(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_part_of_the_model_is_evaluated_in_its_place():
    part = classifier()

    class Wrapper(keras.Model):
        def __init__(self):
            super().__init__()
            self.part = part

        def call(self, x):
            return self.part(x)

    model = Wrapper()
    model.compile("sgd", LOGITS, run_eagerly=True)
    history = fit(model, CleanEvaluation(X, Y, model=part), CleanEvaluation(X, Y, name="whole"))
    for figure in ("accuracy", "cross_entropy"):
        assert history[f"train_clean_{figure}"] == history[f"whole_{figure}"]


@pytest.mark.parametrize(
    ("units", "loss", "name"),
    [(3, LOGITS, "cross_entropy"), (1, keras.losses.MeanSquaredError(), "loss")],
)
def test_what_keras_masks_is_left_out(units, loss, name):
    keras.utils.set_random_seed(0)
    words = RNG.integers(1, 9, (24, 6))
    words[np.arange(6) >= RNG.integers(1, 6, 24)[:, None]] = 0  # padding
    y = RNG.integers(0, 3, (24, 6)) if units == 3 else RNG.normal(size=(24, 6, 1))
    model = keras.Sequential(
        [keras.Input((6,), dtype="int32"), keras.layers.Embedding(9, 4, mask_zero=True)]
    )
    model.add(keras.layers.Dense(units))
    model.compile(keras.optimizers.SGD(0.0), loss, metrics=["accuracy"] if units == 3 else [])
    clean = CleanEvaluation(words, y, batch_size=10)
    history = model.fit(words, y, verbose=0, callbacks=[clean]).history
    # In one batch, for Keras takes the mean of the means of batches.
    expected = model.evaluate(words, y, batch_size=24, verbose=0, return_dict=True)
    assert history[f"train_clean_{name}"] == [pytest.approx(expected["loss"], rel=1e-4)]
    if units == 3:
        assert history["train_clean_accuracy"] == [pytest.approx(expected["accuracy"], rel=1e-4)]


VALIDATION = (X[:20] + 1, Y[:20])


class Batches:
    """A data set that can be read more than once."""

    def __init__(self, *batches):
        self.batches = batches

    def __iter__(self):
        return iter(self.batches)


@pytest.mark.parametrize(
    "data",
    [VALIDATION, [*VALIDATION], (*VALIDATION, np.ones(20)), Batches(VALIDATION)],
    ids=["pair", "list", "with weights", "batches"],
)
def test_the_cross_entropy_has_its_validation_counterpart(data):
    model = classifier()
    clean = CleanEvaluation(X, Y, validation_data=data, every=2)
    logs = fit(model, clean, epochs=3, validation_data=VALIDATION)
    expected = log_loss(VALIDATION[1], softmax(model.predict(VALIDATION[0], verbose=0)))
    assert len(logs["val_cross_entropy"]) == len(logs["train_clean_cross_entropy"]) == 2
    assert logs["val_cross_entropy"][-1] == pytest.approx(expected, rel=1e-5)
    # Keras's loss holds the penalty, and what Keras has measured stands.
    assert logs["val_loss"][-1] > expected + 0.01
    assert len(logs["val_accuracy"]) == 3


def test_validation_is_measured_where_keras_is_given_none():
    logs = fit(classifier(), CleanEvaluation(X, Y, validation_data=VALIDATION))
    assert {name for name in logs if "val_" in name} == {"val_accuracy", "val_cross_entropy"}


def test_the_validation_loss_of_a_regressor_stays_that_of_keras():
    model = classifier(units=1, loss="mse", metrics=["mae"])
    values = Y.astype("float32")
    clean = CleanEvaluation(X, values, validation_data=(X, values))
    logs = fit(model, clean, y=values, validation_data=(X, values))
    assert {name for name in logs if "val_" in name} == {"val_loss", "val_mae"}
    assert logs["val_loss"][0] > logs["train_clean_loss"][0]


def test_validation_labels_that_do_not_fit_are_refused_before_training():
    with pytest.raises(ValueError, match="labels with the value"):
        fit(classifier(), CleanEvaluation(X, Y, validation_data=(X, Y + 7)))


def test_validation_figures_reach_metrics_json_and_the_picture(tmp_path):
    clean = CleanEvaluation(X, Y, validation_data=VALIDATION)
    recorder = LearningCurves(tmp_path, name="a", plot=False)
    logs = fit(classifier(), clean, recorder, validation_data=VALIDATION)
    measured = read_run(tmp_path).metrics
    assert measured["val_cross_entropy"] == logs["val_cross_entropy"][-1]
    assert measured["train_cross_entropy"] == logs["train_clean_cross_entropy"][-1]
    axes = plot_history(tmp_path, metric="cross_entropy").axes[0]
    drawn = {one.get_label(): list(one.get_ydata()) for one in axes.lines}
    assert drawn["validation"] == logs["val_cross_entropy"]
    assert drawn["train (clean)"] == logs["train_clean_cross_entropy"]


@pytest.mark.parametrize("max_samples", [None, 20])
@pytest.mark.parametrize(
    ("units", "loss", "metric"),
    [(3, LOGITS, "accuracy"), (1, "mse", "mae")],
    ids=["classifier", "own metrics"],
)
def test_the_order_of_a_torch_loader_stays_what_it_was(units, loss, metric, max_samples):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    class Noting(torch.utils.data.Dataset):
        def __init__(self):
            self.read = []

        def __len__(self):
            return len(X)

        def __getitem__(self, place):
            self.read.append(place)
            return X[place], Y[place]

    def order(*evaluated):
        samples, model = Noting(), classifier(units, loss=loss, metrics=[metric])
        batches = torch.utils.data.DataLoader(samples, batch_size=25, shuffle=True)
        torch.manual_seed(0)
        callbacks = [
            CleanEvaluation(
                torch.utils.data.DataLoader(Noting(), batch_size=25, shuffle=True),
                max_samples=max_samples,
                name=name,
            )
            for name in evaluated
        ]
        model.fit(batches, epochs=3, verbose=0, callbacks=callbacks)
        return samples.read

    assert order("first", "second") == order()


TWO_VALUES = X[:, :2]


@pytest.mark.parametrize(
    ("units", "loss", "y", "metric"),
    [
        (2, "mse", TWO_VALUES, lambda: keras.metrics.R2Score(class_aggregation=None)),
        (3, "mse", ONE_HOT, lambda: keras.metrics.F1Score(threshold=0.5)),
    ],
    ids=["r2_score", "f1_score"],
)
def test_a_metric_of_several_values_has_a_figure_for_each(units, loss, y, metric):
    model = classifier(units, loss=loss, metrics=[metric()])
    history = fit(model, CleanEvaluation(X, y), epochs=2, y=y)
    reference = metric()
    reference.update_state(y, model.predict(X, verbose=0))
    expected = keras.ops.convert_to_numpy(reference.result())
    for place, value in enumerate(expected):
        found = history[f"train_clean_{reference.name}/{place}"]
        assert found[-1] == pytest.approx(float(value), rel=1e-4)
    # And the loss.
    assert len([name for name in history if "clean" in name]) == units + 1


class Reshuffling(keras.utils.PyDataset):
    """In another order after each epoch, as Keras's guide has it; it notes the orders."""

    def __init__(self, **settings):
        super().__init__(**settings)
        self.rng = np.random.default_rng(2)
        self.orders = [np.arange(50)]
        self.begun = 0

    def __len__(self):
        return 2

    def __getitem__(self, index):
        chosen = self.orders[-1][25 * index : 25 * index + 25]
        return X[chosen], SIZES[chosen]

    def on_epoch_begin(self):
        self.begun += 1

    def on_epoch_end(self):
        self.orders.append(self.rng.permutation(50))


def test_the_hooks_of_a_data_set_that_fit_has_too_are_left_to_fit():
    def trained(*make):
        data, model = Reshuffling(), classifier(1, loss="mse", metrics=["mae"])
        model.fit(data, epochs=3, verbose=0, callbacks=[one(data) for one in make])
        return data, model

    data, model = trained(CleanEvaluation)
    plain_data, plain = trained()
    np.testing.assert_array_equal(data.orders, plain_data.orders)
    assert data.begun == plain_data.begun
    for mine, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


@pytest.mark.filterwarnings("error:Your input ran out")
@pytest.mark.parametrize("metrics", [["mae"], []], ids=["a metric", "no metric"])
def test_a_data_set_of_ones_own_is_measured_by_the_models_own_metrics(metrics):
    parts = [slice(20), slice(20, 40), slice(40, 50)]
    data = Batches(*((X[part], SIZES[part]) for part in parts))
    model = classifier(1, loss="mse", metrics=metrics)
    history = fit(model, CleanEvaluation(data), epochs=2, y=SIZES)
    errors = model.predict(X, verbose=0)[:, 0] - SIZES
    assert history["train_clean_loss"][-1] == pytest.approx((errors**2).mean(), rel=1e-4)
    if metrics:
        assert history["train_clean_mae"][-1] == pytest.approx(np.abs(errors).mean(), rel=1e-4)


WEIGHTS = np.linspace(0.0, 1.0, 50, dtype="float32")


class Weighted(keras.utils.PyDataset):
    """Batches of 16 with weights."""

    def __len__(self):
        return 4

    def __getitem__(self, index):
        part = slice(16 * index, 16 * index + 16)
        return X[part], SIZES[part], WEIGHTS[part]


def weighted_tf_dataset():
    tf = pytest.importorskip("tensorflow")
    return tf.data.Dataset.from_tensor_slices((X, SIZES, WEIGHTS)).batch(16)


def weighted_torch_loader():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    samples = torch.utils.data.TensorDataset(*map(torch.from_numpy, (X, SIZES, WEIGHTS)))
    return torch.utils.data.DataLoader(samples, batch_size=16)


@pytest.mark.parametrize("make", [Weighted, weighted_tf_dataset, weighted_torch_loader])
def test_the_weights_of_a_data_set_are_ignored_by_the_models_own_metrics(make):
    model = classifier(1, loss="mse", metrics=["mae"], weighted_metrics=["mse"])
    arrays = CleanEvaluation(X, SIZES, name="arrays")
    history = fit(model, CleanEvaluation(make(), name="set"), arrays, epochs=2, y=SIZES)
    errors = model.predict(X, verbose=0)[:, 0] - SIZES
    names = {name.removeprefix("set_") for name in history if name.startswith("set_")}
    assert {name.removeprefix("arrays_") for name in history if "arrays_" in name} == names
    assert len(names) == 3
    for name in names:
        assert history[f"set_{name}"] == pytest.approx(history[f"arrays_{name}"], rel=1e-4)
    assert history["set_mae"][-1] == pytest.approx(np.abs(errors).mean(), rel=1e-4)


def plain_squares(y_true, y_pred):
    return keras.ops.square(y_true - y_pred)


class Squares(keras.losses.Loss):
    def call(self, y_true, y_pred):
        return keras.ops.square(y_true - y_pred)


@pytest.mark.parametrize("loss", [plain_squares, Squares(), "mse"], ids=["own", "object", "keras"])
def test_the_loss_of_labels_in_a_column_for_outputs_in_none_is_that_of_keras(loss):
    inputs = keras.Input((4,))
    model = keras.Model(inputs, keras.layers.Reshape(())(keras.layers.Dense(1)(inputs)))
    model.compile(keras.optimizers.SGD(0.0), loss)
    labels = SIZES[:, None]
    clean = CleanEvaluation(X, labels)
    history = model.fit(X, labels, batch_size=50, verbose=0, callbacks=[clean]).history
    assert history["train_clean_loss"] == [pytest.approx(history["loss"][0], rel=1e-5)]
