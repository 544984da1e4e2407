"""Each name that Keras does not publish, by itself: a new Keras that moves one fails its test."""

from unittest.mock import MagicMock

import keras
import numpy as np
import pytest
from small_fits import compiled, fit

from trickbook.callbacks.state.fit_call import iterator_of_fit
from trickbook.callbacks.state.keras_private import (
    CALLBACK_ATTRIBUTES,
    all_layers,
    begin_fit_at,
    compiled_step,
    loss_arguments,
    loss_weights,
    mask_of,
    origin,
    rate_source,
    run_through,
    tensors_called_on,
    trained_variables,
    unseeded_generator,
    unseeded_generator_if_made,
    value_amid_epoch,
    with_optimizer_value,
    without_autocast,
)


def test_flatten_layers_gives_the_layers_within_layers():
    inner = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    outer = keras.Sequential([keras.Input((3,)), inner])
    assert {outer, inner, inner.layers[0]} <= set(all_layers(outer))


def test_keras_history_tells_where_a_tensor_comes_from():
    layer = keras.layers.LSTM(2, return_state=True)
    _, state, _ = layer(keras.Input((3, 1)))
    assert origin(state) == (layer, 1)


def test_inbound_nodes_tell_what_a_layer_is_called_on():
    first, second = keras.Input((3,)), keras.Input((3,))
    layer = keras.layers.Add()
    total = layer([first, second])
    called, (one, other) = tensors_called_on(total)
    assert called is layer
    assert one is first
    assert other is second


def test_run_through_graph_calls_the_same_layers_on_another_tensor():
    inputs = keras.Input((3,))
    layer = keras.layers.Dense(2)
    model = keras.Model(inputs, layer(inputs))
    again = keras.Input((3,))
    copy = keras.Model(again, run_through(model, again, lambda operation: operation))
    assert copy.layers[-1] is layer
    x = np.ones((1, 3), "float32")
    np.testing.assert_array_equal(copy.predict_on_batch(x), model.predict_on_batch(x))


def test_keras_mask_tells_what_a_layer_left_out():
    words = keras.ops.convert_to_tensor([[3, 0]])
    masked = keras.layers.Embedding(4, 2, mask_zero=True)(words)
    assert keras.ops.convert_to_numpy(mask_of(masked)).tolist() == [[True, False]]
    assert mask_of(keras.layers.Embedding(4, 2)(words)) is None


def test_trainable_variables_of_an_optimizer():
    model = compiled()
    fit(model, epochs=1)
    held = trained_variables(model.optimizer)
    assert [id(one) for one in held] == [id(one) for one in model.trainable_variables]


def test_initial_epoch_moves_the_first_epoch_until_it_is_none():
    model = compiled()

    def set_to(epoch):
        return keras.callbacks.LambdaCallback(on_train_begin=lambda _: begin_fit_at(model, epoch))

    assert fit(model, set_to(2), epochs=4).epoch == [2, 3]
    assert fit(model, set_to(None), epochs=2).epoch == [0, 1]


@pytest.mark.skipif(keras.backend.backend() != "jax", reason="of JAX's training step alone")
def test_the_state_that_a_training_step_takes_on_jax():
    model, seen = compiled(), []
    fit(model, epochs=1)
    step, rate = model.train_function, model.optimizer.learning_rate
    place = [id(one) for one in model.optimizer.variables].index(id(rate))

    def with_rate_0(state, iterator):
        seen.append(state[2][place])
        return step(with_optimizer_value(state, model.optimizer, [rate], 0.0), iterator)

    model.train_function, before = with_rate_0, model.get_weights()
    fit(model, epochs=1)
    assert [float(one) for one in seen] == [0.125, 0.0]
    np.testing.assert_array_equal(model.get_weights()[0], before[0])


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is TensorFlow's")
def test_the_compiled_step_takes_the_iterator_of_fit():
    model, found = compiled(eager=False), []
    look = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda *_: found.append((compiled_step(model), iterator_of_fit()))
    )
    fit(model, look, epochs=1)
    ((step, iterator),) = found
    count = step.experimental_get_tracing_count()
    assert step.get_concrete_function(iterator).graph.get_operations()
    assert step.experimental_get_tracing_count() == count


def test_autocast_scope_ends_mixed_precision_for_a_while():
    seen = []

    class Layer(keras.layers.Dense):
        def call(self, x):
            seen.append(keras.backend.standardize_dtype(self.kernel.value.dtype))
            with without_autocast():
                seen.append(keras.backend.standardize_dtype(self.kernel.value.dtype))
            return super().call(x)

    layer = Layer(1, dtype=keras.DTypePolicy("mixed_bfloat16"))
    layer.build((None, 3))
    layer(keras.ops.ones((1, 3)))
    assert seen == ["bfloat16", "float32"]


def test_global_seed_generator_is_the_one_of_draws_without_a_seed():
    keras.utils.set_random_seed(3)
    assert unseeded_generator_if_made() is None
    generator = unseeded_generator()
    assert unseeded_generator_if_made() is generator
    before = keras.ops.convert_to_numpy(generator.state).tolist()
    keras.random.uniform((1,))
    assert keras.ops.convert_to_numpy(generator.state).tolist() != before


@pytest.mark.parametrize("callback", CALLBACK_ATTRIBUTES, ids=lambda kind: kind.__name__)
def test_attributes_of_callbacks(callback, monkeypatch):
    # Orbax, which few have, saves what Keras's callback gives it.
    monkeypatch.setattr("keras.src.callbacks.orbax_checkpoint.ocp", MagicMock())
    checkpoints = (keras.callbacks.ModelCheckpoint, keras.callbacks.OrbaxCheckpoint)
    one = callback("x.keras") if callback in checkpoints else callback()
    assert [name for name in CALLBACK_ATTRIBUTES[callback] if not hasattr(one, name)] == []


def test_the_arguments_of_a_loss():
    assert loss_arguments(keras.losses.Huber(delta=0.5)) == {"delta": 0.5}
    assert loss_arguments(keras.losses.SparseCategoricalCrossentropy(axis=1))["axis"] == 1


def test_the_weights_of_losses():
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(2)])
    assert loss_weights(model) is None
    model.compile(loss="mse", loss_weights=[0.5])
    assert loss_weights(model) == [0.5]


def test_where_an_optimizer_takes_its_rate_from():
    optimizer = keras.optimizers.SGD(0.5)
    assert float(keras.ops.convert_to_numpy(rate_source(optimizer))) == 0.5
    schedule = keras.optimizers.schedules.CosineDecay(0.5, 10)
    assert rate_source(keras.optimizers.SGD(schedule)) is schedule


def test_the_value_of_a_variable_between_two_batches():
    model, seen = compiled(), []
    counter = model.optimizer.variables[0]
    look = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: seen.append(value_amid_epoch(model, counter))
    )
    fit(model, look, epochs=2)
    assert seen == [1, 2, 3, 4]
