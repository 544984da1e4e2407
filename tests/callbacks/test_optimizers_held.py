"""Optimizers wherever a model may hold them: found once, by name, and used by every callback."""

import keras
import pytest
from small_fits import X, Y, compiled, fit, recorded, values

from trickbook.callbacks import LearningCurves, LearningRateFinder, OneCycle
from trickbook.callbacks.optimizers.model_optimizers import all_optimizers, own_optimizers
from trickbook.callbacks.state.training_state import restore_training_state, training_state


def sgd(rate=0.25):
    return keras.optimizers.SGD(rate)


def by_attribute(model):
    model.d_optimizer, model._hidden = sgd(), sgd()
    return {"d_optimizer": model.d_optimizer, "_hidden": model._hidden}


def in_a_list(model):
    model.optimizers = [sgd()]
    model.optimizers.append(sgd())
    return {f"optimizers_{place}": one for place, one in enumerate(model.optimizers)}


def in_a_tuple(model):
    one, other = sgd(), sgd()
    model.pair = (one, other)
    return {"pair_0": one, "pair_1": other}


def in_a_dict(model):
    model.rates = {"critic": sgd()}
    model.rates[3] = sgd()
    return {"rates_critic": model.rates["critic"], "rates_3": model.rates[3]}


def nested(model):
    one, other = sgd(), sgd()
    model.held = {"gan": {"critic": one}, "others": [None, (1, other)]}
    return {"held_gan_critic": one, "held_others_1_1": other}


def twice(model):
    model.g_optimizer = sgd()
    model.all_of_them = [model.g_optimizer, model.optimizer]
    return {"g_optimizer": model.g_optimizer}


def wrapped(model):
    inner = sgd()
    model.bare = inner
    model.scaled = keras.optimizers.LossScaleOptimizer(inner)
    return {"scaled": model.scaled}


def what_the_compiled_one_consists_of(model):
    model.encoder_optimizer, model.rest = sgd(), sgd()
    parts = keras.optimizers.OptimizerMap(model.rest, {".*encoder.*": model.encoder_optimizer})
    model.compile(keras.optimizers.LossScaleOptimizer(keras.optimizers.MultiOptimizer(parts)))
    return {}


def none(model):
    model.rates = [0.1, 0.2]
    return {}


HOLDERS = [
    by_attribute,
    in_a_list,
    in_a_tuple,
    in_a_dict,
    nested,
    twice,
    wrapped,
    what_the_compiled_one_consists_of,
    none,
]


@pytest.mark.parametrize("hold", HOLDERS)
def test_each_is_found_once(hold):
    model = compiled()
    expected = hold(model)
    assert own_optimizers(model) == expected
    everywhere = all_optimizers(model)
    assert len(everywhere) == len(expected) + 1
    assert set(map(id, everywhere)) == set(map(id, [model.optimizer, *expected.values()]))


@pytest.mark.parametrize("hold", HOLDERS)
def test_those_of_parts_are_found_too_but_are_not_the_models_own(hold):
    class Holder(keras.layers.Layer):
        """No model itself."""

        def __init__(self, part):
            super().__init__()
            self.part = part

        def call(self, x):
            return self.part(x)

    part = compiled()
    expected = hold(part)
    model = keras.Sequential([keras.Input((3,)), Holder(part)])
    model.compile("sgd")
    assert own_optimizers(model) == {}
    assert set(map(id, all_optimizers(model))) == {
        id(one) for one in [model.optimizer, part.optimizer, *expected.values()]
    }


def test_rates_of_held_optimizers_are_recorded(tmp_path):
    model = compiled()
    halves = keras.optimizers.schedules.ExponentialDecay(0.5, decay_steps=1, decay_rate=0.5)
    model.optimizers = [sgd(0.25), sgd(halves)]
    model.rates = {"critic": sgd(0.75), "unused": sgd(1.0)}
    for one in (*model.optimizers, model.rates["critic"]):
        one.build(model.trainable_variables)
    stepping = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs: model.optimizers[1].iterations.assign_add(1)
    )
    fit(model, stepping, LearningCurves(tmp_path, plot=False), epochs=2)
    rates = {name: values(tmp_path, name) for name in recorded(tmp_path) if "rate" in name}
    assert rates == {
        "learning_rate": [0.125] * 2,
        "learning_rate_optimizers_0": [0.25] * 2,
        # At the first of the two steps of each epoch.
        "learning_rate_optimizers_1": [0.5, 0.125],
        "learning_rate_rates_critic": [0.75] * 2,
    }


def multi_optimizer():
    weights = keras.optimizers.SGD(0.5, name="weights")
    biases = keras.optimizers.SGD(0.25, name="biases")
    return keras.optimizers.MultiOptimizer(
        keras.optimizers.OptimizerMap(weights, {".*bias": biases})
    )


@pytest.mark.parametrize("wrap", [lambda one: one, keras.optimizers.LossScaleOptimizer])
def test_a_multi_optimizer(tmp_path, wrap):
    model = compiled(wrap(multi_optimizer()))
    finder = LearningRateFinder(0.1, 0.2, num_steps=2)
    finder.find(model, X, Y, batch_size=6)
    fit(model, LearningCurves(tmp_path / "plain", plot=False), epochs=1)
    assert values(tmp_path / "plain", "learning_rate_weights") == [0.5]
    assert values(tmp_path / "plain", "learning_rate_biases") == [0.25]
    assert values(tmp_path / "plain", "learning_rate") == [None]
    assert values(tmp_path / "plain", "step") == [2]

    cycle = OneCycle(1.0, start_divisor=2.0, end_divisor=4.0)
    fit(model, cycle, LearningCurves(tmp_path / "cycle", plot=False), epochs=1)
    for part in ("weights", "biases"):
        assert values(tmp_path / "cycle", f"learning_rate_{part}") == [0.125]


def test_a_multi_optimizer_that_a_model_holds_besides(tmp_path):
    model = compiled()
    model.d_optimizer = multi_optimizer()
    model.d_optimizer.build(model.trainable_variables)
    fit(model, LearningCurves(tmp_path, plot=False), epochs=1)
    assert values(tmp_path, "learning_rate_d_optimizer_weights") == [0.5]
    assert values(tmp_path, "learning_rate_d_optimizer_biases") == [0.25]


@pytest.mark.parametrize("hold", [in_a_list, in_a_dict, nested])
def test_callbacks_that_set_one_rate_refuse_several(hold):
    model = compiled()
    names = ", ".join(hold(model))
    for callback in (OneCycle(0.1), LearningRateFinder()):
        with pytest.raises(ValueError, match=f"Received: a model with the optimizers {names}$"):
            fit(model, callback)


@pytest.mark.parametrize("hold", HOLDERS)
def test_their_state_is_restored(hold):
    model = compiled()
    own = hold(model)
    held = [model.optimizer, *own.values()]
    for one in held:
        one.build(model.trainable_variables)
        one.iterations.assign(5)
    saved = training_state(model)
    for one in held:
        one.iterations.assign(7)
    restore_training_state(model, saved)
    assert [int(keras.ops.convert_to_numpy(one.iterations)) for one in held] == [5] * len(held)
