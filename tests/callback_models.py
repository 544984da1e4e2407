"""Tiny models for the cases of every callback, each compiled and traced once per process."""

import functools

import keras
import numpy as np

BACKEND = keras.backend.backend()
CLASSES = 3
BATCH = 10
RNG = np.random.default_rng(0)
X = RNG.normal(size=(30, 6)).astype("float32")
Y = (X[:, 0] * X[:, 1] > 0) + (X[:, 2] > 0).astype("int32")

_USED = {}


def arrays():
    """The data as arguments of `fit`."""
    return {"x": X, "y": Y}


def fresh(make, data=arrays):
    """The model of `make()` as it was when made, with all random numbers at their beginning.

    Models are kept: tracing one takes longer than all the fits with it. Each has been fitted once,
    for that draws random numbers that later fits do not.
    """
    keras.utils.set_random_seed(3)
    if make not in _USED:
        model = make()
        if not model.optimizer.built:
            model.optimizer.build(model.trainable_variables)
        _USED[make] = model, [(variable, _value(variable)) for variable in _variables(model)]
        fit(model, data=data, epochs=1)
    model, before = _USED[make]
    for variable, value in before:
        variable.assign(value)
    keras.utils.set_random_seed(3)
    return model


def fit(model, callbacks=(), data=arrays, validated=False, **arguments):
    """A fit of 2 epochs of 3 batches."""
    given = {"batch_size": BATCH, "epochs": 2, "verbose": 0} | data() | arguments
    if validated:
        given["validation_data"] = X[:BATCH], Y[:BATCH]
    return model.fit(callbacks=callbacks, **given)


def state(model):
    """All that training changed: weights, seed generators, and what the optimizer holds."""
    return [_value(variable) for variable in _variables(model)]


def assert_same(one, other, rtol=0.0):
    assert len(one) == len(other)
    for mine, theirs in zip(one, other, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=rtol, atol=rtol)


@functools.cache
def batches(number):
    """Data from a generator of so many batches."""

    def generate():
        for place in range(number):
            rows = slice(place % 3 * BATCH, place % 3 * BATCH + BATCH)
            yield X[rows], Y[rows]

    return lambda: {"x": generate(), "batch_size": None}


def not_numbers():
    return {"x": np.full_like(X, np.nan), "y": Y}


def two_labels():
    return {"x": X, "y": {"kind": Y, "size": Y[::-1].copy()}}


def no_labels():
    return {"x": X}


def layers():
    return [
        keras.Input((6,)),
        keras.layers.Dense(8, name="first"),
        keras.layers.BatchNormalization(),
        keras.layers.ReLU(),
        keras.layers.Dropout(0.25),
        keras.layers.Dense(CLASSES, name="last"),
    ]


def cross_entropy():
    return keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def classifier(optimizer=None, kind=keras.Sequential, **compiling):
    model = kind(layers())
    compiling = {"loss": cross_entropy(), "metrics": ["accuracy"]} | compiling
    model.compile(optimizer or keras.optimizers.SGD(0.05, momentum=0.9), **compiling)
    return model


def eager():
    return classifier(run_eagerly=True)


def several_batches_per_call():
    return classifier(steps_per_execution=3)


def scheduled():
    rates = keras.optimizers.schedules.ExponentialDecay(0.05, decay_steps=3, decay_rate=0.5)
    return classifier(keras.optimizers.SGD(rates))


def loss_scaled():
    inner = keras.optimizers.SGD(0.05)
    # Doubled after every other batch, so that its state matters in a fit of a few.
    return classifier(keras.optimizers.LossScaleOptimizer(inner, 8.0, dynamic_growth_steps=2))


def two_optimizers():
    parts = keras.optimizers.OptimizerMap(keras.optimizers.SGD(0.05, name="slow"))
    parts[".*first/.*"] = keras.optimizers.SGD(0.1, momentum=0.9, name="fast")
    return classifier(keras.optimizers.MultiOptimizer(parts))


def mixed_precision():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        return classifier()
    finally:
        keras.config.set_dtype_policy(policy)


def unbuilt():
    model = keras.Sequential(layers()[1:])
    model.compile(keras.optimizers.SGD(0.05), cross_entropy(), metrics=["accuracy"])
    return model


def two_heads():
    """Two outputs whose metrics have the same names."""
    inputs = keras.Input((6,))
    hidden = keras.layers.Dense(8, "relu")(inputs)
    heads = {name: keras.layers.Dense(CLASSES, name=name)(hidden) for name in ("kind", "size")}
    model = keras.Model(inputs, heads)
    model.compile(
        keras.optimizers.SGD(0.05),
        {name: cross_entropy() for name in heads},
        metrics={name: ["accuracy", "accuracy"] for name in heads},
    )
    return model


ODD_NAMES = ("top 1/of 3", "<script>alert(1)</script>", "$\\alpha_", 'a,"b"')


def oddly_named():
    """Metrics with names that a file, a page or a figure might take for something else."""

    class Share(keras.metrics.Mean):
        def __init__(self, name):
            super().__init__()
            self.name = name  # no variable may have such a name on TensorFlow

        def update_state(self, y, predicted, sample_weight=None):
            super().update_state(keras.ops.mean(keras.ops.cast(y, "float32")))

    return classifier(metrics=[Share(name) for name in ODD_NAMES])


def _variables(model):
    metrics = {id(variable) for variable in model.metrics_variables}
    kept = [variable for variable in model.variables if id(variable) not in metrics]
    own = [value for value in vars(model).values() if isinstance(value, keras.optimizers.Optimizer)]
    optimizers = {id(one): one for one in [model.optimizer, *own]}.values()
    return [*kept, *(variable for one in optimizers for variable in one.variables)]


def _value(variable):
    # A copy: on some backends this is a view of what the next step changes.
    return np.array(keras.ops.convert_to_numpy(variable.value))
