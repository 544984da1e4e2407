"""LSUV against NumPy, in every kind of model, and what it must leave alone."""

import random

import keras
import numpy as np
import pytest

from trickbook.callbacks import LSUV, apply_lsuv
from trickbook.callbacks.state.keras_private import all_layers

RNG = np.random.default_rng(0)
X = 3 * RNG.normal(size=(64, 10)).astype("float32") + 1
Y = RNG.integers(0, 3, 64)
IMAGES = RNG.integers(0, 256, (16, 9, 9, 3)).astype("uint8")
layers = keras.layers


def dense_model():
    return keras.Sequential(
        [
            keras.Input((10,)),
            layers.Dense(32, activation="relu"),
            layers.Dense(8, activation="tanh", kernel_initializer="zeros"),
            layers.Dense(3, activation="softmax"),
        ]
    )


def conv_model():
    return keras.Sequential(
        [
            keras.Input((9, 9, 3)),
            layers.Rescaling(1 / 255),
            layers.Conv2D(6, 3, activation=layers.LeakyReLU()),
            layers.BatchNormalization(),
            layers.DepthwiseConv2D(3, depth_multiplier=2, activation="relu"),
            layers.Dropout(0.5),
            layers.SeparableConv2D(5, 3, activation="elu"),
            layers.Conv2DTranspose(4, 2, strides=2),
            layers.Conv2D(4, 1, groups=2),
            layers.Flatten(),
            layers.Dense(3),
        ]
    )


def branched_model():
    inputs = keras.Input((10,))
    shared = layers.Dense(10, activation="relu", name="shared")
    left, right = shared(inputs), layers.Dense(10, activation="relu", name="right")(inputs)
    both = layers.Add()([shared(left), right])
    inner = keras.Sequential([keras.Input((10,)), layers.Dense(7, name="inner")], name="nested")
    return keras.Model(inputs, {"a": inner(both), "b": layers.Dense(2, name="last")(right)})


class Block(layers.Layer):
    def __init__(self):
        super().__init__()
        self.parts = [layers.Dense(12, activation="relu"), layers.Dense(12)]

    def call(self, x):
        for part in self.parts:
            x = part(x)
        return x


class Subclassed(keras.Model):
    def __init__(self):
        super().__init__()
        self.head = layers.Dense(3, name="head")
        self.block = Block()
        self.unused = layers.Dense(4, name="unused")

    def call(self, x):
        return self.head(self.block(x))


def output_variances(model, x, paths):
    """The variance of the first output of each layer before its activation."""
    found = {}

    def recording(layer, call):
        def recorded(*args, **kwargs):
            activation, layer.activation = layer.activation, None
            output = numpy_of(call(layer, *args, **kwargs)).astype("float64")
            layer.activation = activation
            found.setdefault(layer.path, np.var(output))
            return call(layer, *args, **kwargs)

        return recorded

    watched = [layer for layer in all_layers(model) if layer.path in paths]
    for layer in watched:
        layer.call = recording(layer, type(layer).call)
    model(x, training=False)
    for layer in watched:
        del layer.call
    return found


def numpy_of(tensor):
    return np.array(keras.ops.convert_to_numpy(tensor))


def kernels_of(model):
    return [numpy_of(layer.kernel.value) for layer in model.layers]


def numpy_lsuv(kernels, x, activations):
    """Algorithm 1 on a dense net without biases, from orthonormal kernels."""
    scaled = []
    for kernel, activation in zip(kernels, activations, strict=True):
        weights = kernel
        while abs(np.var(x @ weights) - 1) >= 0.1:
            weights = weights / np.sqrt(np.var(x @ weights))
        scaled.append(weights)
        x = activation(x @ weights)
    return scaled


def test_against_numpy():
    model = dense_model()
    done = apply_lsuv(model, X, seed=1)
    kernels = kernels_of(model)
    matrices = [kernel.astype("float64") / np.linalg.norm(kernel, 2) for kernel in kernels]
    for matrix in matrices:
        short = matrix if matrix.shape[0] < matrix.shape[1] else matrix.T
        np.testing.assert_allclose(short @ short.T, np.eye(len(short)), atol=1e-5)
    activations = [lambda x: np.maximum(x, 0), np.tanh, lambda x: x]
    expected = numpy_lsuv(matrices, X.astype("float64"), activations)
    for mine, theirs in zip(kernels, expected, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-4, atol=1e-6)
    assert [layer.path for layer in done] == [layer.path for layer in model.layers]
    assert done[0].variance_before == pytest.approx(np.var(X @ matrices[0]), rel=1e-4)
    assert done[0].iterations == 1


@pytest.mark.parametrize(
    ("make", "x", "count"),
    [
        (dense_model, X, 3),
        (conv_model, IMAGES, 6),
        (branched_model, X, 4),
        (Subclassed, X, 3),
        (lambda: keras.Sequential([layers.Dense(4), layers.Dense(3)]), X, 2),
        (lambda: keras.Sequential([attention(), layers.Dense(3)]), X.reshape(32, 2, 10), 5),
    ],
)
def test_every_layer_has_unit_variance(make, x, count):
    model = make()
    done = apply_lsuv(model, x, tol=0.01)
    assert len(done) == count
    variances = output_variances(model, x, {layer.path for layer in done})
    assert len(variances) == count
    for layer in done:
        assert variances[layer.path] == pytest.approx(layer.variance_after, rel=1e-4)
        assert abs(layer.variance_after - 1) < 0.01


class attention(layers.Layer):  # noqa: N801 - a layer made of EinsumDense layers
    def __init__(self):
        super().__init__()
        self.inner = layers.MultiHeadAttention(2, 4)

    def build(self, shape):
        self.inner.build(shape, shape)

    def call(self, x):
        return self.inner(x, x)


def test_layers_are_scaled_in_order_of_call_each_once():
    names = [layer.path.split("/")[-1] for layer in apply_lsuv(branched_model(), X)]
    assert names.count("shared") == 1
    assert names.index("shared") < names.index("inner")
    assert names.index("right") < names.index("last")
    model = Subclassed()
    done = apply_lsuv(model, X)
    assert done[-1].path.endswith("head")
    assert not model.unused.built


def test_depthwise_kernels_are_orthonormal_in_each_channel():
    model = keras.Sequential(
        [keras.Input((9, 9, 3)), layers.DepthwiseConv2D(3, depth_multiplier=2)]
    )
    apply_lsuv(model, IMAGES)
    kernel = kernels_of(model)[0].reshape(9, 3, 2)
    products = np.einsum("wcm,wcn->cmn", kernel, kernel)
    np.testing.assert_allclose(
        products, products[0, 0, 0] * np.eye(2)[None].repeat(3, 0), atol=1e-5
    )


def test_the_seed_decides():
    first, again, other = dense_model(), dense_model(), dense_model()
    apply_lsuv(first, X, seed=4)
    apply_lsuv(again, X, seed=4)
    apply_lsuv(other, X, seed=5)
    for one, two, three in zip(*map(kernels_of, (first, again, other)), strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.allclose(one, three)


def test_without_a_seed_random_numbers_go_on_as_if_it_had_not_been():
    def scaled():
        keras.utils.set_random_seed(3)
        model = dense_model()
        state = random.getstate()
        apply_lsuv(model, X)
        assert random.getstate() == state
        return kernels_of(model)

    for one, again in zip(scaled(), scaled(), strict=True):
        np.testing.assert_array_equal(one, again)


def test_mixed_precision_scales_the_kernels_themselves():
    def model(policy):
        return keras.Sequential(
            [keras.Input((10,)), layers.Dense(8, dtype=policy), layers.Dense(3, dtype=policy)]
        )

    mixed, plain = model("mixed_bfloat16"), model("float32")
    apply_lsuv(mixed, X, seed=0)
    apply_lsuv(plain, X, seed=0)
    rounded = [kernel.astype("float32").view("uint32") & 0xFFFF for kernel in kernels_of(mixed)]
    assert all(part.any() for part in rounded)
    for mine, theirs in zip(kernels_of(mixed), kernels_of(plain), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=0.1)


def test_what_is_left_alone():
    model = dense_model()
    model.layers[1].kernel.assign(RNG.normal(size=(32, 8)))
    model.layers[1].trainable = False
    model.layers[0].bias.assign(np.arange(32.0))
    config, before = model.get_config(), [np.array(weight) for weight in model.get_weights()]
    with pytest.warns(UserWarning, match="did not bring"):
        done = apply_lsuv(model, X)
    assert len(done) == 2
    assert model.get_config() == config
    assert all("call" not in vars(layer) for layer in model.layers)
    changed = [
        not np.array_equal(old, new) for old, new in zip(before, model.get_weights(), strict=True)
    ]
    assert changed == [True, False, False, False, True, False]


def test_the_states_of_recurrent_layers_are_left_alone():
    steps = keras.Input((5, 2), batch_size=16)
    layer = layers.GRU(3, stateful=True)
    model = keras.Model(steps, layers.Dense(2)(layer(steps)))
    (states,) = layer.states
    states.assign(np.full((16, 3), 0.5))
    assert len(apply_lsuv(model, X[:16].reshape(16, 5, 2))) == 1
    np.testing.assert_array_equal(numpy_of(states.value), np.full((16, 3), 0.5))


class DenseCell(layers.Layer):
    """A recurrent cell that is made of a dense layer."""

    def __init__(self):
        super().__init__()
        self.state_size = 4
        self.dense = layers.Dense(4, activation="tanh")

    def build(self, shape):
        self.dense.build((shape[0], shape[1] + self.state_size))

    def call(self, x, states):
        output = self.dense(keras.ops.concatenate([x, states[0]], axis=-1))
        return output, [output]


def test_layers_within_a_recurrent_cell_are_left_alone():
    cell, head = DenseCell(), layers.Dense(3)
    model = keras.Sequential([keras.Input((5, 2)), layers.RNN(cell), head])
    before = numpy_of(cell.dense.kernel.value)
    (scaled,) = apply_lsuv(model, X.reshape(64, 5, 2), seed=0)
    assert scaled.path == head.path
    assert scaled.variance_after == pytest.approx(1, abs=0.1)
    np.testing.assert_array_equal(numpy_of(cell.dense.kernel.value), before)


def test_biases_that_no_scale_outweighs_are_warned_of():
    model = dense_model()
    model.layers[0].bias.assign(100 * np.arange(32.0))
    with pytest.warns(UserWarning, match=rf"within 0.2 of 1 in {model.layers[0].path} \("):
        done = apply_lsuv(model, X, tol=0.2, max_iterations=2)
    assert done[0].iterations == 2
    assert done[0].variance_after > 1.2


class Dead(layers.Layer):
    def call(self, x):
        return 0 * x


@pytest.mark.parametrize("fault", [Dead, lambda: layers.Lambda(lambda x: x / 0)])
def test_an_output_without_variance_is_refused_and_nothing_is_changed(fault):
    model = keras.Sequential([keras.Input((10,)), layers.Dense(4), fault(), layers.Dense(2)])
    before = model.get_config(), [np.array(weight) for weight in model.get_weights()]
    path = model.layers[-1].path
    with pytest.raises(ValueError, match=f"{path}' does not vary.*Received: x, with .*(0.0|nan)$"):
        apply_lsuv(model, X)
    assert_unchanged(model, *before)


class Interrupted(layers.Layer):
    armed = False

    def call(self, x):
        if self.armed:
            raise KeyboardInterrupt
        return x


def test_an_interrupt_leaves_the_model_as_it_was():
    model = keras.Sequential([keras.Input((10,)), layers.Dense(4), Interrupted(), layers.Dense(2)])
    before = model.get_config(), [np.array(weight) for weight in model.get_weights()]
    model.layers[1].armed = True
    with pytest.raises(KeyboardInterrupt):
        apply_lsuv(model, X)
    assert_unchanged(model, *before)


def assert_unchanged(model, config, weights):
    assert model.get_config() == config
    assert all("call" not in vars(layer) for layer in model.layers)
    for old, new in zip(weights, model.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_samples_are_evenly_spaced():
    model, other = dense_model(), dense_model()
    apply_lsuv(model, X, max_samples=16, seed=0)
    apply_lsuv(other, X[::4], seed=0)
    for mine, theirs in zip(kernels_of(model), kernels_of(other), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_several_inputs():
    inputs = {"a": keras.Input((10,), name="a"), "b": keras.Input((10,), name="b")}
    model = keras.Model(inputs, layers.Dense(2)(inputs["a"] * inputs["b"]))
    assert apply_lsuv(model, {"a": X, "b": X[::-1]})[0].variance_after == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tol": 0.0}, r"Received: tol=0.0$"),
        ({"max_iterations": 0}, r"Received: max_iterations=0$"),
        ({"max_samples": 0}, r"Received: max_samples=0$"),
        ({"x": 3}, r"Received: arrays of shapes \[\(\)\]$"),
        ({"x": [X, X[:3]]}, r"Received: arrays of shapes"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        LSUV(**{"x": X, **arguments})
    with pytest.raises(ValueError, match=message):
        apply_lsuv(dense_model(), **{"x": X, **arguments})


# The callback.


def compiled(optimizer="sgd"):
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [keras.Input((10,)), layers.Dense(8, "relu"), layers.Dropout(0.5), layers.Dense(3)]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer, loss)
    return model


def fit(model, *callbacks, **kwargs):
    return model.fit(X, Y, batch_size=32, verbose=0, callbacks=list(callbacks), **kwargs).history


@pytest.mark.parametrize("optimizer", ["sgd", "schedule_free", "loss_scale"])
def test_it_acts_before_the_first_batch_and_once(optimizer):
    def make():
        return {
            "sgd": keras.optimizers.SGD,
            "schedule_free": keras.optimizers.ScheduleFreeAdamW,
            "loss_scale": lambda: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD()),
        }[optimizer]()

    by_hand = compiled(make())
    apply_lsuv(by_hand, X, seed=0)
    fit(by_hand)
    fit(by_hand, epochs=2)
    model = compiled(make())
    callback = LSUV(X, seed=0)
    fit(model, callback)
    assert [layer.iterations for layer in callback.layers] == [1, 1]
    fit(model, callback, epochs=2)
    for mine, theirs in zip(model.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_an_instance_initialises_one_model_after_the_other():
    by_hand = compiled()
    apply_lsuv(by_hand, X, seed=0)
    fit(by_hand)
    callback = LSUV(X, seed=0)
    fit(compiled(), callback)
    first = callback.layers
    second = compiled()
    fit(second, callback)
    assert callback.layers is not first
    for mine, theirs in zip(second.get_weights(), by_hand.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    # One that was trained elsewhere is not told to be initialised.
    with pytest.warns(UserWarning, match="trained for 2 steps"):
        fit(by_hand, callback)
    assert callback.layers == []


def test_a_part_that_was_given_is_initialised_once():
    part = compiled()
    callback = LSUV(X, seed=0, model=part)
    models = [keras.Sequential([part]) for _ in range(2)]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    for model in models:
        model.compile(keras.optimizers.SGD(0.0), loss)
    fit(models[0], callback)
    part.layers[0].kernel.assign(3 * part.layers[0].kernel)
    before = part.get_weights()
    fit(models[1], callback)
    for mine, theirs in zip(part.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_fit_that_continues_is_left_alone():
    callback = LSUV(X)
    model = compiled()
    fit(model, callback, initial_epoch=1, epochs=3)
    plain = compiled()
    fit(plain, initial_epoch=1, epochs=3)
    assert callback.layers == []
    for mine, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_trained_model_is_left_alone_with_a_warning():
    model = compiled()
    fit(model)
    callback = LSUV(X)
    with pytest.warns(UserWarning, match="trained for 2 steps"):
        fit(model, callback)
    assert callback.layers == []


def test_a_model_with_a_train_step_of_its_own():
    class Own(Subclassed):
        def train_step(self, *args):
            return super().train_step(*args)

    model = Own()
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    callback = LSUV(X)
    fit(model, callback)
    assert len(callback.layers) == 3


def test_the_state_goes_along():
    first = LSUV(X)
    assert first.state_dict() == {"is_over": False, "layers": []}
    fit(compiled(), first)
    other = LSUV(X)
    other.load_state_dict(first.state_dict())
    assert other.layers == first.layers
    model = compiled()
    fit(model, other)
    plain = compiled()
    fit(plain)
    for mine, theirs in zip(model.get_weights(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_evaluate_and_predict_do_nothing():
    model, callback = compiled(), LSUV(X)
    before = model.get_weights()
    model.evaluate(X, Y, verbose=0, callbacks=[callback])
    model.predict(X, verbose=0, callbacks=[callback])
    for mine, theirs in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_model_without_a_call_is_refused_and_its_part_taken():
    class Parted(keras.Model):
        def __init__(self):
            super().__init__()
            self.part = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])

    model, x = Parted(), np.random.default_rng(0).normal(size=(64, 4)).astype("float32")
    with pytest.raises(ValueError, match=r"Parted has no `call`.*model=part"):
        apply_lsuv(model, x)
    (layer,) = apply_lsuv(model.part, x, seed=0)
    assert abs(layer.variance_after - 1) <= 0.1
