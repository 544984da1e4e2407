"""Signals and gradients by layer, against NumPy and against what the backend differentiates."""

import keras
import numpy as np
import pandas as pd
import pytest
from gradients import gradients

from trickbook.callbacks import LSUV, ExactResume, LayerSignals, measure_signals

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 10)).astype("float32")
Y = RNG.integers(0, 3, 40)
IMAGES = RNG.normal(size=(12, 6, 6, 2)).astype("float32")
layers = keras.layers
FACTS = ("mean", "std", "zeros", "dead", "weights", "gradient")


def compiled(model, **arguments):
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer="sgd", loss=loss, **arguments)
    return model


def dense_model(penalty=None):
    keras.utils.set_random_seed(0)
    relus = [
        layers.Dense(8, activation="relu", kernel_regularizer=penalty, name=f"relu{place}")
        for place in range(4)
    ]
    last = layers.Dense(3, name="last")
    return compiled(keras.Sequential([keras.Input((10,)), *relus, last], name="net"))


def weights_of(model):
    return [np.asarray(keras.ops.convert_to_numpy(weight), "f8") for weight in model.weights]


def rms(values):
    return np.sqrt(np.mean(np.square(values)))


def numpy_signals(model, x, y, decay=0.0):
    """The facts of a stack of dense ReLU layers below logits, by the chain rule."""
    weights = weights_of(model)
    kernels, biases = weights[::2], weights[1::2]
    taken, active = [x.astype("f8")], []
    for kernel, bias in zip(kernels[:-1], biases[:-1], strict=True):
        before = taken[-1] @ kernel + bias
        active.append(before > 0)
        taken.append(np.maximum(before, 0))
    logits = taken[-1] @ kernels[-1] + biases[-1]
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    back = (shares - np.eye(3)[y]) / len(x)
    of_kernels = []
    for place in reversed(range(len(kernels))):
        of_kernels.append(taken[place].T @ back + (2 * decay * kernels[place] if place < 4 else 0))
        if place:
            back = (back @ kernels[place].T) * active[place - 1]
    found = [*taken[1:], logits]
    return [
        (
            given.mean(),
            given.std(),
            (given == 0).mean(),
            (given == 0).all(axis=0).mean(),
            rms(kernel),
            rms(gradient),
        )
        for given, kernel, gradient in zip(found, kernels, reversed(of_kernels), strict=True)
    ]


@pytest.mark.parametrize("decay", [0.0, 0.01])
def test_a_dense_network_as_numpy_computes_it(decay):
    model = dense_model(keras.regularizers.L2(decay) if decay else None)
    # One unit of the second layer is dead.
    kernel, bias = model.layers[1].get_weights()
    kernel[:, 0], bias[0] = 0, -1
    model.layers[1].set_weights([kernel, bias])
    before = weights_of(model)
    found = measure_signals(model, X, Y)
    expected = numpy_signals(model, X, Y, decay)
    assert [one.layer for one in found] == [layer.path for layer in model.layers]
    for one, values in zip(found, expected, strict=True):
        np.testing.assert_allclose(one[1:], values, rtol=1e-4, atol=1e-7)
    assert found[1].dead == 1 / 8
    np.testing.assert_equal(weights_of(model), before)


def test_vanishing_gradients_are_no_zeros():
    model = dense_model()
    for layer in model.layers:
        layer.set_weights([weight * 1e-6 for weight in layer.get_weights()])
    found = measure_signals(model, X, Y)
    expected = numpy_signals(model, X, Y)
    assert 0 < expected[0][-1] < 1e-25
    np.testing.assert_allclose(
        [one.gradient for one in found], [values[-1] for values in expected], rtol=1e-4
    )


def test_what_follows_a_kernel_is_counted_to_it_with_the_batchs_statistics():
    keras.utils.set_random_seed(0)
    inputs = keras.Input((10,))
    dense = layers.Dense(6, use_bias=False, name="dense")
    inner = layers.ReLU()(layers.BatchNormalization(epsilon=1e-3)(dense(inputs)))
    model = compiled(keras.Model(inputs, layers.Dense(3, name="last")(layers.Dropout(0.5)(inner))))
    before = [np.array(value.numpy()) for value in model.variables]
    found = measure_signals(model, X, Y)
    assert [one.layer for one in found] == ["dense", "last"]
    given = X @ dense.get_weights()[0]
    given = (given - given.mean(axis=0)) / np.sqrt(given.var(axis=0) + 1e-3)
    given = np.maximum(given, 0)
    np.testing.assert_allclose(
        found[0][1:4], [given.mean(), given.std(), (given == 0).mean()], rtol=1e-4
    )
    # Moving statistics and the dropout's seed.
    np.testing.assert_equal([np.array(value.numpy()) for value in model.variables], before)
    assert measure_signals(model, X, Y) == found


class Block(layers.Layer):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.parts = [layers.Dense(10, name="one"), layers.Dense(10, name="two")]

    def build(self, shape):
        for part in self.parts:
            part.build(shape)

    def call(self, x):
        return x + self.parts[0](keras.ops.relu(self.parts[1](x)))


def test_each_layer_once_in_order_of_calls():
    inputs = keras.Input((10,))
    shared = layers.Dense(10, name="shared")
    inner = keras.Sequential([keras.Input((10,)), layers.Dense(10, name="inner")], name="nested")
    both = layers.Add()([shared(shared(inputs)), inner(inputs)])
    model = compiled(keras.Model(inputs, layers.Dense(3, name="last")(Block(name="block")(both))))
    paths = [one.layer for one in measure_signals(model, X, Y)]
    assert paths == ["shared", "nested/inner", "block/two", "block/one", "last"]


def test_a_channel_that_is_zero_everywhere_is_dead():
    keras.utils.set_random_seed(0)
    conv = layers.Conv2D(4, 3, padding="same", activation="relu")
    model = keras.Sequential([keras.Input((6, 6, 2)), conv, layers.Flatten(), layers.Dense(3)])
    kernel, bias = conv.get_weights()
    bias[:3] = -100
    conv.set_weights([kernel, bias])
    found, _ = measure_signals(compiled(model), IMAGES)
    assert found.dead == 0.75
    assert found.zeros >= 0.75


def test_layers_of_other_kinds_as_the_backend_differentiates():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((5, 4)),
            layers.Bidirectional(layers.GRU(3, return_sequences=True, name="gru"), name="both"),
            layers.TimeDistributed(layers.Dense(4, activation="tanh"), name="steps"),
            layers.LSTM(3, name="lstm"),
            layers.Dense(3, name="last"),
        ]
    )
    x, y = RNG.normal(size=(8, 5, 4)).astype("f4"), np.arange(8) % 3
    found = measure_signals(compiled(model), x, y)
    names = [one.layer.split("/", 1)[1] for one in found]
    assert names == ["both/forward_gru", "both/backward_gru", "steps", "lstm", "last"]

    def loss(inputs):
        return keras.ops.reshape(model.loss(y, model(inputs, training=True)), (1,))

    _, *of_weights = gradients(loss, [x], np.ones(1, "f4"), model.trainable_weights)
    by_id = dict(zip(map(id, model.trainable_weights), of_weights, strict=True))
    both, *others = model.layers
    held = [both.forward_layer, both.backward_layer, *others]
    for one, layer in zip(found, held, strict=True):
        kernels = [weight for weight in layer.weights if len(weight.shape) > 1]
        own = np.concatenate([by_id[id(kernel)].ravel() for kernel in kernels])
        np.testing.assert_allclose(one.gradient, rms(own), rtol=1e-3)


def test_what_is_frozen_or_not_asked_for_has_no_gradient():
    model = dense_model()
    assert np.isnan([one.gradient for one in measure_signals(model, X)]).all()
    model.layers[0].trainable = False
    found = measure_signals(compiled(model), X, Y)
    assert np.isnan([one.gradient for one in found]).tolist() == [True, *[False] * 4]
    never_compiled = keras.Sequential([keras.Input((10,)), layers.Dense(3)])
    (only,) = measure_signals(never_compiled, X, Y)
    assert np.isnan(only.gradient) and only.std > 0


def test_embeddings_and_several_outputs():
    keras.utils.set_random_seed(0)
    words = keras.Input((4,), dtype="int32")
    body = layers.Flatten()(layers.Embedding(5, 3, name="words")(words))
    size = layers.Dense(1, name="size")(body)
    model = keras.Model(words, {"kind": layers.Dense(3, name="kind")(body), "size": size})
    losses = {"kind": "sparse_categorical_crossentropy", "size": "mse"}
    model.compile("sgd", losses, loss_weights={"kind": 0.0, "size": 2.0})
    x, target = RNG.integers(0, 5, (6, 4)), np.ones((6, 1), "f4")
    found = measure_signals(model, x, {"kind": np.arange(6) % 3, "size": target})
    by_layer = {one.layer: one.gradient for one in found}
    vectors = model.get_layer("words").get_weights()[0].astype("f8")
    kernel, bias = model.get_layer("size").get_weights()
    flat = vectors[x].reshape(6, -1)
    back = 2 * 2 * (flat @ kernel + bias - target) / 6
    of_vectors = np.zeros_like(vectors)
    # Words come several times, and each time counts.
    np.add.at(of_vectors, x.ravel(), (back @ kernel.T.astype("f8")).reshape(-1, 3))
    assert by_layer["kind"] == 0
    np.testing.assert_allclose(by_layer["size"], rms(flat.T @ back), rtol=1e-4)
    np.testing.assert_allclose(by_layer["words"], rms(of_vectors), rtol=1e-4)


class Penalised(layers.Layer):
    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.inner = layers.Dense(3, use_bias=False, name="inner")

    def build(self, shape):
        self.inner.build(shape)

    def call(self, x):
        given = self.inner(x)
        self.add_loss(keras.ops.mean(keras.ops.square(given)))
        return given


def test_what_layers_add_to_the_loss_counts():
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((10,)), Penalised(name="penalised")])
    kernel = model.weights[0].numpy()
    of_penalty = 2 * X.T @ (X @ kernel) / (len(X) * 3)
    model.compile("sgd")
    (alone,) = measure_signals(model, X, Y)
    np.testing.assert_allclose(alone.gradient, rms(of_penalty), rtol=1e-4)
    (both,) = measure_signals(compiled(model), X, Y)
    shares = np.exp(X @ kernel) / np.exp(X @ kernel).sum(axis=1, keepdims=True)
    of_loss = X.T @ (shares - np.eye(3)[Y]) / len(X)
    np.testing.assert_allclose(both.gradient, rms(of_penalty + of_loss), rtol=1e-4)


def test_a_layer_that_sets_its_weights_in_each_pass_is_left_as_it_was():
    keras.utils.set_random_seed(0)
    dense = layers.SpectralNormalization(layers.Dense(8, name="dense"))
    model = compiled(keras.Sequential([keras.Input((10,)), dense, layers.Dense(3)]))
    before = [np.array(value.numpy()) for value in model.variables]
    assert len(measure_signals(model, X, Y)) == 2
    np.testing.assert_equal([np.array(value.numpy()) for value in model.variables], before)


def test_a_shared_activation_is_counted_to_each_layer_it_follows():
    keras.utils.set_random_seed(0)
    inputs, relu = keras.Input((10,)), layers.ReLU()
    body = relu(layers.Dense(6)(relu(layers.Dense(8)(inputs))))
    shared = compiled(keras.Model(inputs, layers.Dense(3)(body)))
    own = keras.Sequential(
        [keras.Input((10,)), *(layers.Dense(n, activation="relu") for n in (8, 6)), layers.Dense(3)]
    )
    own.set_weights(shared.get_weights())
    found, expected = measure_signals(shared, X, Y), measure_signals(compiled(own), X, Y)
    np.testing.assert_allclose([one[1:] for one in found], [one[1:] for one in expected], rtol=1e-4)


def test_layers_that_hold_layers_and_what_follows_a_pooling():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input((6, 6, 2)),
            layers.Conv2D(4, 3, padding="same", activation=layers.LeakyReLU(0.1), name="leaky"),
            layers.Conv2D(3, 3, padding="same", name="pooled"),
            layers.MaxPooling2D(),
            layers.ReLU(),
            layers.Flatten(),
            layers.Dense(3, name="last"),
        ],
        name="net",
    )
    found = measure_signals(compiled(model), IMAGES)
    assert [one.layer for one in found] == ["net/leaky", "net/pooled", "net/last"]
    pooled = keras.Model(model.inputs, model.layers[3].output)(IMAGES)
    values = np.maximum(np.array(keras.ops.convert_to_numpy(pooled)), 0)
    np.testing.assert_allclose(
        found[1][1:4], [values.mean(), values.std(), (values == 0).mean()], rtol=1e-4
    )


def test_a_model_that_trains_nothing_has_no_gradients():
    model = dense_model()
    model.trainable = False
    assert np.isnan([one.gradient for one in measure_signals(compiled(model), X, Y)]).all()


def test_in_float16_small_gradients_are_seen_as_in_training():
    keras.utils.set_random_seed(0)
    made = {}
    for policy in ("float32", "mixed_float16"):
        hidden = [layers.Dense(8, activation="tanh", dtype=policy) for _ in range(12)]
        last = layers.Dense(3, dtype="float32")
        model = keras.Sequential([keras.Input((10,)), *hidden, last])
        for layer in hidden:
            layer.set_weights([0.3 * weight for weight in layer.get_weights()])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        optimizer = keras.optimizers.SGD()
        if policy != "float32":
            model.set_weights(made["float32"].get_weights())
            optimizer = keras.optimizers.LossScaleOptimizer(optimizer)
        model.compile(optimizer, loss)
        made[policy] = model
    exact, half = (measure_signals(model, X, Y)[0].gradient for model in made.values())
    assert exact < 1e-6
    np.testing.assert_allclose(half, exact, rtol=0.3)


def test_mixed_precision_shows_about_the_same():
    model = dense_model()
    with_policy = keras.Sequential(
        [
            keras.Input((10,)),
            *(layers.Dense(8, activation="relu", dtype="mixed_bfloat16") for _ in range(4)),
            layers.Dense(3, dtype="float32"),
        ]
    )
    with_policy.set_weights(model.get_weights())
    found = measure_signals(compiled(with_policy), X, Y)
    expected = measure_signals(model, X, Y)
    for name in ("std", "weights", "gradient"):
        both = ([getattr(one, name) for one in some] for some in (found, expected))
        np.testing.assert_allclose(*both, rtol=0.05)


def test_the_callback_measures_before_training_and_after_epochs(tmp_path):
    model, signals = dense_model(), LayerSignals(X, Y, folder=tmp_path / "out", every=2)
    start = measure_signals(model, X, Y)
    model.fit(X, Y, epochs=5, verbose=0, callbacks=[signals])
    table = signals.table()
    assert table["epoch"].unique().tolist() == [0, 2, 4, 5]
    for epoch, measured in ((0, start), (5, measure_signals(model, X, Y))):
        rows = table[table["epoch"] == epoch]
        np.testing.assert_array_equal(rows[list(FACTS)], [one[1:] for one in measured])
    written = pd.read_csv(tmp_path / "out" / "signals.csv")
    pd.testing.assert_frame_equal(written, table)
    assert (tmp_path / "out" / "signals.png").exists()
    labels = [text.get_text() for text in signals.plot().legends[0].get_texts()]
    assert labels == ["before training", "after epoch 2", "after epoch 4", "after epoch 5"]


def test_the_last_epoch_is_measured_whatever_ends_the_fit_and_wherever_it_stands():
    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            self.model.stop_training = epoch == 1

    for order in (lambda *both: both, lambda *both: both[::-1]):
        model, signals = dense_model(), LayerSignals(X, every=10)
        model.fit(X, Y, epochs=5, verbose=0, callbacks=list(order(signals, Stop())))
        table = signals.table()
        assert table["epoch"].unique().tolist() == [0, 2]
        last = table[table["epoch"] == 2][["mean", "std"]]
        np.testing.assert_array_equal(last, [one[1:3] for one in measure_signals(model, X)])


def test_before_a_fit_there_is_nothing_to_draw():
    signals = LayerSignals(X)
    assert list(signals.table()) == ["epoch", "layer", *FACTS]
    with pytest.raises(ValueError, match="LayerSignals has measured no layer"):
        signals.plot()


def test_a_fit_that_continues_keeps_what_was_measured_and_another_begins_anew():
    model, signals = dense_model(), LayerSignals(X, every=10)
    model.fit(X, Y, epochs=2, verbose=0, callbacks=[signals])
    model.fit(X, Y, initial_epoch=2, epochs=3, verbose=0, callbacks=[signals])
    assert signals.table()["epoch"].unique().tolist() == [0, 2, 3]
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[signals])
    assert signals.table()["epoch"].unique().tolist() == [0, 1]


def test_a_resumed_fit_has_measured_what_one_that_was_never_killed_has(tmp_path):
    def fit(folder, callbacks=()):
        model, signals = dense_model(), LayerSignals(X, Y, every=2)
        resume = ExactResume(folder)
        model.fit(X, Y, epochs=5, verbose=0, callbacks=[*callbacks, signals, resume])
        return signals.table()

    class Killed(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 3:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(tmp_path / "killed", [Killed()])
    pd.testing.assert_frame_equal(fit(tmp_path / "killed"), fit(tmp_path / "never"))


def test_it_sees_what_lsuv_has_done_before_it():
    model, signals = dense_model(), LayerSignals(X)
    model.fit(X, Y, epochs=1, verbose=0, callbacks=[LSUV(X, seed=0), signals])
    last = signals.table().query("epoch == 0").iloc[-1]
    assert abs(last["std"] ** 2 - 1) < 0.1


def test_a_folder_that_cannot_be_written_is_said_before_training(tmp_path):
    (tmp_path / "file").write_text("")
    signals = LayerSignals(X, folder=tmp_path / "file" / "out")
    with pytest.raises(ValueError, match="LayerSignals cannot write to its folder"):
        dense_model().fit(X, Y, verbose=0, callbacks=[signals])


def test_part_of_a_model_that_has_no_call():
    class Pair(keras.Model):
        def __init__(self):
            super().__init__()
            self.part = dense_model()

        def train_step(self, *args):
            return {"loss": 0.0}

    model = Pair()
    for part in (None, model.part):
        signals = LayerSignals(X, Y, model=part)
        signals.set_model(model)
        if part is None:
            with pytest.raises(ValueError, match="LayerSignals calls the model, and Pair has no"):
                signals.on_train_begin()
    signals.on_train_begin()
    signals.on_epoch_begin(0)
    assert signals.table()["gradient"].notna().all()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every": 0}, r"`every` should be 1 or more. Received: every=0"),
        ({"max_samples": 0}, r"Received: max_samples=0"),
        ({"x": X[:0]}, r"one sample or more.* Received: arrays of shapes \[\(0, 10\)\]"),
        ({"y": Y[:3]}, r"LayerSignals needs .* Received: arrays of shapes \[\(40, 10\), \(3,\)\]"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        LayerSignals(**({"x": X} | arguments))
