"""CyclicalLearningRate and OneCycle: the rate takes effect in every batch of a plain `fit`."""

import functools

import keras
import numpy as np
import pytest

from trickbook.callbacks import (
    CyclicalLearningRate,
    CyclicalSchedule,
    LearningCurves,
    OneCycle,
    OneCycleSchedule,
)

ONES = np.ones((6, 1), "float32")


def linear_model(optimizer=None, **compile_arguments):
    """Predicts w * x from w = 1."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(optimizer or keras.optimizers.SGD(0.01), "mse", **compile_arguments)
    return model


def fit(model, *callbacks, **arguments):
    arguments = {"x": ONES, "y": 3 * ONES, "batch_size": 1, "verbose": 0} | arguments
    return model.fit(callbacks=list(callbacks), **arguments)


def weight(model):
    return float(model.get_weights()[0][0, 0])


def updated(rates, w=1.0):
    """What w becomes by SGD on (w - 3) ** 2, the loss at x = 1, y = 3."""
    for rate in rates:
        w -= rate * 2 * (w - 3)
    return w


def rates(schedule, steps):
    return [float(keras.ops.convert_to_numpy(schedule(step))) for step in steps]


def swing():
    return CyclicalLearningRate(0.01, 0.2, 4)


SWING = rates(CyclicalSchedule(0.01, 0.2, 4), range(40))


class Seen(keras.callbacks.Callback):
    """The rate in force at the end of every batch."""

    def on_train_begin(self, logs=None):
        self.rates = []

    def on_train_batch_end(self, batch, logs=None):
        self.rates.append(float(keras.ops.convert_to_numpy(self.model.optimizer.learning_rate)))


def test_cyclical_takes_effect_in_every_batch():
    model, seen = linear_model(), Seen()
    history = fit(model, swing(), seen, epochs=2).history
    np.testing.assert_allclose(seen.rates, SWING[:12], rtol=1e-6)
    np.testing.assert_allclose(weight(model), updated(SWING[:12]), rtol=1e-5)
    np.testing.assert_allclose(history["learning_rate"], [SWING[5], SWING[11]])


def test_one_cycle_spans_the_fit():
    model = linear_model()
    fit(model, OneCycle(0.2, shape="linear", warmup=0.5), epochs=3)
    expected = rates(OneCycleSchedule(0.2, 18, "linear", 0.5), range(18))
    np.testing.assert_allclose(weight(model), updated(expected), rtol=1e-5)


def test_one_cycle_shorter_than_the_training_stays_at_its_last_rate():
    seen = Seen()
    fit(linear_model(), OneCycle(0.2, total_steps=8), seen, epochs=2)
    np.testing.assert_allclose(seen.rates[7:], [0.2 / 25 / 1e4] * 5, rtol=1e-5)
    assert seen.rates[0] == pytest.approx(0.2 / 25)


def test_second_fit_begins_anew():
    model, callback, seen = linear_model(), swing(), Seen()
    fit(model, callback, seen, epochs=2)
    first = seen.rates
    fit(model, callback, seen, epochs=1)
    assert seen.rates == first[:6]
    cycle = OneCycle(0.2)
    fit(model, cycle, seen, epochs=2)
    fit(model, cycle, seen, epochs=1)
    np.testing.assert_allclose(seen.rates, rates(OneCycleSchedule(0.2, 6), range(6)), rtol=1e-6)


def test_initial_epoch_counts_the_epochs_before():
    seen = Seen()
    fit(linear_model(), swing(), seen, epochs=3, initial_epoch=2)
    np.testing.assert_allclose(seen.rates, SWING[12:18], rtol=1e-6)


def test_state_goes_on_where_it_was():
    """As a resume does it: after on_train_begin, before the first epoch."""
    first, second, seen = swing(), swing(), Seen()
    fit(linear_model(), first, epochs=1)
    state = first.state_dict()
    resume = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs=None: second.load_state_dict(state)
    )
    fit(linear_model(), second, resume, seen, epochs=2, initial_epoch=1)
    np.testing.assert_allclose(seen.rates, SWING[6:12], rtol=1e-6)


def test_far_into_a_long_training():
    schedule, seen = CyclicalSchedule(0.01, 0.2, 800, "exp_range", 0.999), Seen()
    callback = CyclicalLearningRate(0.01, 0.2, 800, "exp_range", 0.999)
    late = keras.callbacks.LambdaCallback(
        on_train_begin=lambda logs=None: callback.load_state_dict({"step": 1997})
    )
    fit(linear_model(), callback, late, seen)
    np.testing.assert_allclose(seen.rates, rates(schedule, range(1997, 2003)), rtol=1e-6)


def test_stopped_amid_an_epoch_it_counts_what_was_trained():
    class StopAt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            self.model.stop_training = batch == 2

    callback = swing()
    fit(linear_model(), callback, StopAt(), epochs=3)
    assert callback.state_dict() == {"step": 3}


def batches(number):
    for _ in range(number):
        yield ONES[:1], 3 * ONES[:1]


@pytest.mark.filterwarnings("ignore:Your input ran out of data", "ignore:.shuffle=True")
def test_generators():
    seen = Seen()
    fit(linear_model(), swing(), seen, x=batches(100), y=None, steps_per_epoch=5, batch_size=None)
    np.testing.assert_allclose(seen.rates, SWING[:5], rtol=1e-6)
    fit(linear_model(), OneCycle(0.2), seen, x=batches(9), y=None, steps_per_epoch=5, epochs=2)
    assert seen.rates[0] == pytest.approx(0.2 / 25)
    with pytest.raises(ValueError, match=r"OneCycle cannot count.*Received: total_steps=None$"):
        fit(linear_model(), OneCycle(0.2), x=batches(9), y=None)
    with pytest.raises(ValueError, match=r"cannot count the steps.*Received: initial_epoch=1$"):
        fit(linear_model(), swing(), x=batches(9), y=None, epochs=2, initial_epoch=1)


def test_gradient_accumulation_counts_batches():
    optimizer = keras.optimizers.SGD(0.01, gradient_accumulation_steps=2)
    model = linear_model(optimizer)
    fit(model, swing())
    np.testing.assert_allclose(weight(model), updated([SWING[1], SWING[3], SWING[5]]), rtol=1e-5)


def test_optimizer_inside_a_loss_scale_optimizer():
    inner = keras.optimizers.SGD(0.01)
    model = linear_model(keras.optimizers.LossScaleOptimizer(inner))
    fit(model, swing())
    np.testing.assert_allclose(weight(model), updated(SWING[:6]), rtol=1e-5)
    np.testing.assert_allclose(float(inner.learning_rate), SWING[5], rtol=1e-6)


def test_several_optimizers_get_the_same_rate():
    class Two(keras.optimizers.SGD):
        """Of the form that Keras's own callbacks look for."""

        def build(self, variables):
            super().build(variables)
            self.optimizers = [keras.optimizers.SGD(rate) for rate in (0.5, 0.25)]

    optimizer = Two(1.0)
    model = linear_model(optimizer, run_eagerly=True)
    optimizer.build(model.trainable_variables)
    fit(model, swing())
    for one in optimizer.optimizers:
        np.testing.assert_allclose(float(one.learning_rate), SWING[5], rtol=1e-6)


def test_variables_are_handed_back_no_oftener_than_without_it():
    """On JAX, where that doubled the time of an epoch, as for any callback that asks per batch."""

    def hand_backs(*callbacks):
        model, count = linear_model(), []
        kernel = model.trainable_variables[0]
        assign = kernel.assign
        kernel.assign = lambda value: (count.append(1), assign(value))[1]
        fit(model, *callbacks, epochs=2)
        return len(count)

    assert hand_backs(swing()) == hand_backs(OneCycle(0.2)) == hand_backs()


def test_a_fit_that_was_interrupted_leaves_the_next_alone():
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            if batch == 2:
                raise KeyboardInterrupt

    model = linear_model(keras.optimizers.SGD(0.0))
    with pytest.raises(KeyboardInterrupt):
        fit(model, swing(), Interrupt())
    model.optimizer.learning_rate = 0.0
    before = weight(model)
    fit(model)
    assert weight(model) == before
    fit(model, swing())
    np.testing.assert_allclose(weight(model), updated(SWING[:6], before), rtol=1e-5)


@pytest.mark.parametrize("callback", [swing, lambda: OneCycle(0.2)], ids=["cyclical", "one cycle"])
def test_after_a_fit_that_was_interrupted_single_batches_have_the_rate_that_is_set(callback):
    class Interrupt(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 2:
                raise KeyboardInterrupt

    model = linear_model()
    with pytest.raises(KeyboardInterrupt):
        fit(model, callback(), Interrupt())
    model.optimizer.learning_rate = 0.0
    before = weight(model)
    model.train_on_batch(ONES, 3 * ONES)
    assert weight(model) == before
    model.optimizer.learning_rate = 0.01
    model.train_on_batch(ONES, 3 * ONES)
    np.testing.assert_allclose(weight(model), updated([0.01], before), rtol=1e-5)


def test_curves_record_the_rate(tmp_path):
    fit(linear_model(), swing(), LearningCurves(tmp_path, plot=False), epochs=1)
    line = (tmp_path / "history.csv").read_text().splitlines()[1]
    assert float(line.split(",")[2]) == pytest.approx(SWING[5])


class Unsaved(keras.optimizers.schedules.LearningRateSchedule):
    """Without a get_config, as a training needs none."""

    def __call__(self, step):
        return 0.1


@pytest.mark.parametrize("callback", [swing(), OneCycle(0.2)])
def test_a_rate_that_cannot_be_set_is_refused_before_training(callback):
    name = type(callback).__name__
    model = linear_model(keras.optimizers.SGD(CyclicalSchedule(0.1, 0.2, 5)))
    with pytest.raises(ValueError, match=rf"{name} sets.*Received: .*sgd.* is a schedule$"):
        fit(model, callback)
    assert weight(model) == 1.0
    for rate in (Unsaved(), functools.partial(float, 0.1)):
        with pytest.raises(ValueError, match=rf"{name} sets.*Received: .* is a schedule$"):
            fit(linear_model(keras.optimizers.SGD(rate)), callback)
    model = linear_model()
    model.second_optimizer = keras.optimizers.SGD(0.1)
    with pytest.raises(ValueError, match=r"where it is made.* with .* second_optimizer$"):
        fit(model, callback)


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch has no steps_per_execution")
@pytest.mark.parametrize("callback", [swing(), OneCycle(0.2)])
def test_several_steps_per_execution_are_refused(callback):
    with pytest.raises(ValueError, match=r"between batches.*Received: steps_per_execution=2$"):
        fit(linear_model(steps_per_execution=2), callback)


def test_arguments_out_of_range_are_refused_at_once():
    with pytest.raises(ValueError, match=r"Received: max_rate=0\.0$"):
        OneCycle(0.0)
    with pytest.raises(ValueError, match=r"Received: total_steps=0$"):
        OneCycle(0.1, total_steps=0)
    with pytest.raises(ValueError, match=r"Received: step_size=0$"):
        CyclicalLearningRate(0.1, 0.2, 0)


def test_evaluate_and_predict_leave_the_rate_alone():
    model = linear_model()
    for callback in (swing(), OneCycle(0.2)):
        model.evaluate(ONES, ONES, verbose=0, callbacks=[callback])
        model.predict(ONES, verbose=0, callbacks=[callback])
    assert float(model.optimizer.learning_rate) == pytest.approx(0.01)
