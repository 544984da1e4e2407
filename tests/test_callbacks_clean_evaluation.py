"""CleanEvaluation against scikit-learn, and what it must leave alone."""

import keras
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, log_loss

from trickbook.callbacks import CleanEvaluation, LearningCurves
from trickbook.callbacks.samples import spread_over_classes

RNG = np.random.default_rng(0)
X = RNG.normal(size=(50, 4)).astype("float32")
Y = RNG.integers(0, 3, 50)
ONE_HOT = np.eye(3, dtype="float32")[Y]
BINARY = (Y > 0).astype("float32")
SPARSE = keras.losses.SparseCategoricalCrossentropy
LOGITS = SPARSE(from_logits=True)


def classifier(units=3, activation=None, loss=LOGITS, eager=True, **kwargs):
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
    model.compile("sgd", loss, metrics=["accuracy"], run_eagerly=eager, **kwargs)
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
    ("probabilities by activation", "softmax", "mse", ONE_HOT, as_is),
    ("logits by activation", None, OwnLoss(), Y, softmax),
    ("logits by the loss, whatever the activation", "softmax", LOGITS, Y, softmax),
]


@pytest.mark.parametrize(
    ("activation", "loss", "y", "probabilities"),
    [case[1:] for case in CATEGORICAL],
    ids=[case[0] for case in CATEGORICAL],
)
def test_categorical_scores_are_those_of_scikit_learn(activation, loss, y, probabilities):
    model = classifier(activation=activation, loss=loss)
    history = fit(model, CleanEvaluation(X, y, batch_size=16), y=y)
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
    history = fit(model, CleanEvaluation(X, y), y=BINARY)
    predicted = probabilities(model.predict(X, verbose=0)).ravel()
    assert history["train_clean_accuracy"] == [
        pytest.approx(accuracy_score(BINARY, predicted > 0.5))
    ]
    assert history["train_clean_cross_entropy"] == [
        pytest.approx(log_loss(BINARY, predicted), rel=1e-5)
    ]


def test_several_labels_per_sample_count_each():
    model = classifier(3, "sigmoid", "binary_crossentropy")
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


def test_certainty_gives_no_infinite_cross_entropy():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Softmax()])
    model.compile("sgd", "sparse_categorical_crossentropy")
    clean = CleanEvaluation(np.eye(3) * 1e4, [1, 1, 2])
    clean.set_model(model)
    clean.set_params({"epochs": 1})
    clean.on_train_begin()
    logs = {}
    clean.on_epoch_end(0, logs)
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


def test_max_samples_evaluates_those_samples_alone():
    model = classifier()
    history = fit(model, CleanEvaluation(X, Y, max_samples=20, batch_size=16))
    kept = spread_over_classes(Y, 20)
    expected = log_loss(Y[kept], softmax(model.predict(X[kept], verbose=0)))
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


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
    first = CleanEvaluation(make(), name="first", max_samples=20)
    history = fit(model, CleanEvaluation(make()), first)
    predicted = softmax(model.predict(X, verbose=0))
    for name, expected in (
        ("train_clean", log_loss(Y, predicted)),
        ("first", log_loss(Y[:20], predicted[:20])),
    ):
        assert history[f"{name}_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def test_several_inputs():
    inputs = {"a": keras.Input((4,), name="a"), "b": keras.Input((4,), name="b")}
    model = keras.Model(inputs, keras.layers.Dense(3)(inputs["a"] - inputs["b"]))
    model.compile("sgd", LOGITS, run_eagerly=True)
    x = {"a": X, "b": X[::-1]}
    clean = CleanEvaluation(x, Y, batch_size=16)
    history = model.fit(x, Y, verbose=0, callbacks=[clean]).history
    expected = log_loss(Y, softmax(model.predict(x, verbose=0)))
    assert history["train_clean_cross_entropy"] == [pytest.approx(expected, rel=1e-5)]


def two_outputs():
    inputs = keras.Input((4,))
    model = keras.Model(inputs, [keras.layers.Dense(3)(inputs), keras.layers.Dense(3)(inputs)])
    model.compile("sgd", [LOGITS, SPARSE(from_logits=True)])
    return model


def classifier_of(units, loss):
    return lambda: classifier(units, None, loss)


@pytest.mark.parametrize(
    ("make", "trained_on", "y", "message"),
    [
        (two_outputs, [Y, Y], Y, "one output. Received: .*"),
        (classifier_of(1, "mse"), BINARY, BINARY, "cannot tell.*Received: loss=.*squared"),
        (classifier_of(1, "mse"), BINARY, X[:, 0], "class indices.*Received: labels"),
        (classifier_of(3, "mse"), ONE_HOT, ONE_HOT, "cannot tell.*Received: loss="),
        (
            classifier_of(3, "sparse_categorical_crossentropy"),
            Y,
            Y,
            "outside 0..1.*Received: loss=sparse_categorical_crossentropy",
        ),
        (classifier, Y, np.where(np.arange(50) == 49, 3, Y), "0 to 2.*Received: .* the value 3"),
        (classifier, Y, np.where(np.arange(50) == 49, -1, Y), "0 to 2.*Received: .* the value -1"),
        (classifier, Y, Y + 0.5, "0 to 2.*Received: .* the value"),
        (classifier, Y, Y.astype(str), "Received: labels of shape .* type <U"),
        (classifier, Y, np.eye(4)[Y], "Received: labels of shape .50, 4."),
    ],
)
def test_what_it_cannot_read_is_refused_before_training(make, trained_on, y, message):
    model = make()
    before = model.get_weights()
    with pytest.raises(ValueError, match=message):
        fit(model, CleanEvaluation(X, y), y=trained_on)
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
    with pytest.raises(ValueError, match=r"no end.*Received: x="):
        CleanEvaluation(endless_tf_dataset())
    assert fit(classifier(), CleanEvaluation(endless_tf_dataset(), max_samples=70))


def test_a_data_set_without_labels_is_refused():
    unlabelled = pytest.importorskip("tensorflow").data.Dataset.from_tensor_slices(X).batch(16)
    with pytest.raises(ValueError, match=r"found no y.*Received: x="):
        fit(classifier(), CleanEvaluation(unlabelled))
