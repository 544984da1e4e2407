"""The rates in batches.csv: those that each batch was trained with."""

from typing import ClassVar

import keras
import numpy as np
import pytest
from small_fits import X, Y, batch_rows, batch_values, compiled, fit, recording_batches

from trickbook.callbacks import OneCycle
from trickbook.callbacks.optimizers.schedule_rates import ScheduleRates

Schedules = keras.optimizers.schedules
SGD = keras.optimizers.SGD


def trained(folder, optimizer, *callbacks, **kwargs):
    """The rates of batches of 5, 5 and 2 samples, in two epochs."""
    kwargs = {"batch_size": 5, "epochs": 2} | kwargs
    fit(compiled(optimizer), *callbacks, recording_batches(folder), **kwargs)
    return batch_values(folder, "learning_rate")


def test_a_constant_rate(tmp_path):
    assert trained(tmp_path, SGD(0.125)) == [0.125] * 6


def test_a_schedule_at_the_step_of_each_batch(tmp_path):
    schedule = Schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    expected = [0.5**step for step in range(1, 7)]
    assert trained(tmp_path, SGD(schedule)) == pytest.approx(expected)


def test_where_gradients_are_accumulated_the_rates_are_those_that_the_weights_moved_by(tmp_path):
    class Weights(keras.callbacks.Callback):
        seen: ClassVar = []

        def on_train_batch_end(self, batch, logs=None):
            self.seen.append(self.model.get_weights()[0].item())

    schedule = Schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, use_bias=False)])
    # Of a gradient of 1, whatever the weight.
    model.compile(
        SGD(schedule, gradient_accumulation_steps=2),
        lambda _, predicted: keras.ops.mean(predicted),
        run_eagerly=True,
    )
    before = model.get_weights()[0].item()
    ones = np.ones((12, 1), "float32")
    fit(model, recording_batches(tmp_path), Weights(), x=ones, y=ones, batch_size=4, epochs=2)
    rates = np.array(batch_values(tmp_path, "learning_rate"))
    # An update every other batch, at the rate of that batch.
    moved = -np.diff([before, *Weights.seen])
    np.testing.assert_allclose(moved, rates * [0, 1, 0, 1, 0, 1], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(rates, [0.5**step for step in range(1, 7)], rtol=1e-6)


def test_a_second_fit_goes_on_where_the_optimizer_stands(tmp_path):
    schedule = Schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    model = compiled(SGD(schedule))
    fit(model, epochs=1)
    fit(model, recording_batches(tmp_path), epochs=1)
    assert batch_values(tmp_path, "learning_rate") == pytest.approx([0.125, 0.0625])


def test_what_a_callback_sets_before_a_batch(tmp_path):
    class Setting(keras.callbacks.Callback):
        seen: ClassVar = []

        def on_train_batch_begin(self, batch, logs=None):
            self.seen.append(0.5 / (1 + len(self.seen)))
            self.model.optimizer.learning_rate = self.seen[-1]

    assert trained(tmp_path, SGD(1.0), Setting()) == pytest.approx(Setting.seen)


def test_one_cycle(tmp_path):
    cycle = OneCycle(0.5)
    rates = trained(tmp_path, SGD(1.0), cycle)
    schedule = cycle.make_schedule()
    assert rates == pytest.approx([float(schedule(step)) for step in range(6)], rel=1e-5)


def test_a_rate_that_is_reduced_after_an_epoch(tmp_path):
    halving = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    assert trained(tmp_path, SGD(1.0), halving) == [0.5] * 3 + [0.25] * 3


@pytest.mark.skipif(keras.backend.backend() == "torch", reason="PyTorch has no such executions")
def test_of_several_batches_in_one_call_the_last_ones(tmp_path):
    schedule = Schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    model = compiled(SGD(schedule), eager=False, steps_per_execution=4)
    fit(model, recording_batches(tmp_path), batch_size=2, epochs=1)
    assert batch_values(tmp_path, "step") == [4, 6]
    assert batch_values(tmp_path, "learning_rate") == pytest.approx([0.5**4, 0.5**6])


def test_a_callback_that_is_not_in_a_list_knows_them_too(tmp_path):
    schedule = Schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    for rate, expected in ((schedule, [0.5**n for n in range(1, 7)]), (0.25, [0.25] * 6)):
        recorder = recording_batches(tmp_path)
        compiled(SGD(rate)).fit(X, Y, batch_size=4, epochs=2, verbose=0, callbacks=recorder)
        # From Keras's threads they may come in another order.
        rows = sorted(batch_rows(tmp_path), key=lambda row: int(row["step"]))
        assert [float(row["learning_rate"]) for row in rows] == pytest.approx(expected)


def test_optimizers_that_the_model_holds_have_columns_of_their_own(tmp_path):
    model = compiled()
    model.d_optimizer = SGD(0.25)
    model.unused_optimizer = SGD(0.75)
    model.d_optimizer.build(model.trainable_variables)
    fit(model, recording_batches(tmp_path), epochs=1)
    assert batch_values(tmp_path, "learning_rate_d_optimizer") == [0.25] * 2
    assert "learning_rate_unused_optimizer" not in batch_rows(tmp_path)[0]


def test_a_loss_scale_optimizer(tmp_path):
    assert trained(tmp_path, keras.optimizers.LossScaleOptimizer(SGD(0.25))) == [0.25] * 6


class Stepwise(Schedules.LearningRateSchedule):
    """Asks about its step, as a schedule may that is given one at a time."""

    def __call__(self, step):
        return keras.ops.cond(step < 1001, lambda: 0.5, lambda: 0.25)


@pytest.mark.parametrize(
    "schedule",
    [
        Schedules.PiecewiseConstantDecay([3, 1001], [0.5, 0.25, 0.125]),
        Schedules.CosineDecay(0.1, 2000, warmup_target=0.5, warmup_steps=1500),
        Stepwise(),
    ],
    ids=["piecewise", "warm-up", "stepwise"],
)
def test_a_schedule_step_by_step_and_in_blocks_is_the_same(schedule):
    rates = ScheduleRates(schedule)
    steps = [0, 3, 4, 999, 1000, 1001, 5]
    expected = [float(schedule(keras.ops.convert_to_tensor(step))) for step in steps]
    np.testing.assert_allclose([rates.at(step) for step in steps], expected, rtol=1e-6)
