"""Each optimiser, clipping, decay and average against its rule in NumPy, on any backend."""

import keras
import numpy as np
import pytest
import update_rules

from trickbook.callbacks.state.keras_private import moving_averages
from trickbook.callbacks.state.variable_values import values_of
from trickbook.data import Scaling
from trickbook.recipes import (
    L1,
    L2,
    BatchNorm,
    Blueprint,
    Config,
    GradientClipping,
    Optimizer,
    Slot,
    Task,
    WeightAveraging,
    WeightDecay,
    compose,
)
from trickbook.recipes.optimizer import KINDS, RATES
from trickbook.training.build import build_model, build_network
from trickbook.training.build_optimizer import build_optimizer
from trickbook.training.networks.input_kind import InputKind
from trickbook.training.optimizers import Lookahead, RateFactors, rate_factor, with_ema

PLAIN = Blueprint(filters=(3,), convolutions=1, dense=(4,), epochs=1)
RNG = np.random.default_rng(3)
STEPS = 6
RULE = "trickbook.training.optimizers:rate_factor"
STEPS_PER_EPOCH = 10


def network_and_optimizer(*recipes, below=PLAIN):
    blueprint = compose(below, recipes)
    network = build_network(blueprint, (4, 4, 2), 3)
    optimizer = build_optimizer(blueprint, network, STEPS_PER_EPOCH)
    optimizer.build(network.trainable_variables)
    return network, optimizer


@pytest.fixture(scope="module")
def gradients():
    """By step and weight, of sizes that differ much."""
    shapes = [weight.shape for weight in build_network(PLAIN, (4, 4, 2), 3).trainable_variables]
    return [
        [RNG.normal(size=shape) * 10.0 ** RNG.integers(-3, 2) for shape in shapes]
        for _ in range(STEPS)
    ]


def stepped(network, optimizer, gradients):
    """The weights after each step, by step and weight."""
    weights = network.trainable_variables
    for of_step in gradients:
        optimizer.apply([keras.ops.convert_to_tensor(g, "float32") for g in of_step], weights)
        yield values_of(weights)


def rule_of(kind, weight):
    """The rule for a weight: Muon leaves all but the kernels of hidden layers to Adam."""
    is_muon = kind == "muon" and len(weight.shape) > 1 and "logits" not in weight.path
    return getattr(update_rules, "adam" if kind == "muon" and not is_muon else kind)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_takes_the_steps_of_its_rule(kind, gradients):
    network, optimizer = network_and_optimizer(Optimizer(kind))
    assert float(optimizer.learning_rate) == pytest.approx(RATES[kind])
    weights = network.trainable_variables
    ways = [
        rule_of(kind, weight)(
            start.astype("f8"), [of_step[place] for of_step in gradients], RATES[kind]
        )
        for place, (weight, start) in enumerate(zip(weights, values_of(weights), strict=True))
    ]
    for values in stepped(network, optimizer, gradients):
        for value, way in zip(values, ways, strict=True):
            np.testing.assert_allclose(value, next(way), rtol=2e-4, atol=1e-6)


def test_the_decks_two_forms_of_momentum_agree_with_the_rate_rescaled(gradients):
    of_kernel = [of_step[0] for of_step in gradients]
    start = np.ones_like(of_kernel[0])
    plain = list(update_rules.momentum(start, of_kernel, 0.01))
    same = list(update_rules.averaged_momentum(start, of_kernel, 0.01 / (1 - 0.9)))
    np.testing.assert_allclose(plain, same)
    other = list(update_rules.averaged_momentum(start, of_kernel, 0.01))
    assert np.abs(plain[-1] - other[-1]).max() > 1e-3


def test_the_decks_adam_is_another_rule(gradients):
    """It multiplies by the gradient again, and s is of v, not of the gradient."""
    of_kernel = [of_step[0] for of_step in gradients]
    start = np.ones_like(of_kernel[0])
    (ours, *_), (decks, *_) = (
        list(rule(start, of_kernel, 0.01)) for rule in (update_rules.adam, update_rules.deck_adam)
    )
    # The first step of Adam's is the rate, whatever the gradient's size; the deck's divides by
    # sqrt(eps), as s is still 0.
    np.testing.assert_allclose(np.abs(ours - start), 0.01, rtol=0.02)
    np.testing.assert_allclose(np.abs(decks - start), 0.01 * 0.1 * of_kernel[0] ** 2 / 1e-5)


def test_muons_step_is_a_matrix_of_about_equal_singular_values(gradients):
    network, optimizer = network_and_optimizer(Optimizer("muon"))
    kernel = next(one for one in network.trainable_variables if len(one.shape) == 4)
    before = values_of([kernel])[0]
    next(stepped(network, optimizer, gradients))
    step = (before - values_of([kernel])[0]).reshape(-1, kernel.shape[-1])
    size = RATES["muon"] * 0.2 * np.sqrt(max(step.shape))
    values = np.linalg.svd(step / size, compute_uv=False)
    assert ((values > 0.6) & (values < 1.3)).all()


def test_muon_leaves_a_bias_of_two_rows_to_adam():
    below = Blueprint(base="recurrent", cell="gru", recurrent_units=(3,), dense=(), epochs=1)
    blueprint = compose(below, [Optimizer("muon")])
    model = build_network(blueprint, (4, 5), 3)
    optimizer = build_optimizer(blueprint, model, STEPS_PER_EPOCH)
    weights = model.trainable_variables
    optimizer.build(weights)
    (place,) = (at for at, one in enumerate(weights) if one.shape == (2, 9))
    steps = [[RNG.normal(size=weight.shape) for weight in weights] for _ in range(3)]
    start = values_of(weights)[place].astype("f8")
    way = update_rules.adam(start, [of_step[place] for of_step in steps], RATES["muon"])
    for values, expected in zip(stepped(model, optimizer, steps), way, strict=True):
        np.testing.assert_allclose(values[place], expected, rtol=2e-4, atol=1e-6)


def test_muon_leaves_the_last_layer_of_a_regression_to_adam():
    below = Blueprint(base="mlp", dense=(4,), task=Task("regression"), epochs=1)
    blueprint = compose(below, [Optimizer("muon")])
    model = build_network(blueprint, (3,), 1)
    optimizer = build_optimizer(blueprint, model, STEPS_PER_EPOCH)
    weights = model.trainable_variables
    optimizer.build(weights)
    (place,) = (at for at, one in enumerate(weights) if one.path == "values/kernel")
    steps = [[RNG.normal(size=weight.shape) for weight in weights] for _ in range(2)]
    start = values_of(weights)[place].astype("f8")
    way = update_rules.adam(start, [of_step[place] for of_step in steps], RATES["muon"])
    for values, expected in zip(stepped(model, optimizer, steps), way, strict=True):
        np.testing.assert_allclose(values[place], expected, rtol=2e-4, atol=1e-6)


@pytest.mark.parametrize("kind", ["norm", "value", "global_norm"])
def test_gradients_are_clipped_as_their_kind_says(kind, gradients):
    limit = 0.5
    clipping = GradientClipping(kind, limit)
    network, optimizer = network_and_optimizer(Optimizer("sgd", learning_rate=1.0), clipping)
    before = [value.astype("f8") for value in values_of(network.trainable_variables)]
    assert {np.linalg.norm(g) > limit for g in gradients[0]} == {True, False}
    together = np.sqrt(sum(np.sum(g**2) for g in gradients[0]))
    after = next(stepped(network, optimizer, gradients))
    for start, end, g in zip(before, after, gradients[0], strict=True):
        clipped = {
            "norm": g * min(1, limit / np.linalg.norm(g)),
            "value": np.clip(g, -limit, limit),
            "global_norm": g * min(1, limit / together),
        }[kind]
        np.testing.assert_allclose(start - end, clipped, rtol=1e-4, atol=1e-6)


def test_a_clip_applied_again_is_another_kind_of_clip_and_0_is_off():
    once = compose(PLAIN, [GradientClipping("norm", 2), GradientClipping("value", 3)])
    assert (once.clip_norm, once.clip_value, once.clip_global_norm) == (None, 3.0, None)
    assert compose(once, [GradientClipping("norm", 0)]) == PLAIN


@pytest.mark.parametrize("kind", KINDS)
def test_decay_shrinks_kernels_alone_by_rate_times_decay_with_any_optimizer(kind, gradients):
    plain = list(stepped(*network_and_optimizer(Optimizer(kind), WeightDecay(1e-9)), gradients))
    recipes = Optimizer(kind), WeightDecay(0.5)
    network, optimizer = network_and_optimizer(*recipes)
    shrunk = list(stepped(network, optimizer, gradients))
    for place, weight in enumerate(network.trainable_variables):
        at = [values[place].astype("f8") for values in shrunk]
        without = [values[place].astype("f8") for values in plain]
        if weight.name != "kernel":
            np.testing.assert_array_equal(at, without)
            continue
        # The optimiser's own step is the same; before it the kernel loses its share.
        steps = np.diff(without, axis=0)
        kept = 1 - 0.5 * RATES[kind]
        for step, before, after in zip(steps, at, at[1:], strict=False):
            np.testing.assert_allclose(after, before * kept + step, rtol=1e-4, atol=1e-6)


@pytest.mark.filterwarnings("ignore:The recipe WeightDecay")
@pytest.mark.parametrize("is_first", [True, False])
def test_a_decay_of_0_is_none_with_adamw_too(gradients, is_first):
    recipes = [WeightDecay(0), Optimizer("adamw")]
    found = stepped(*network_and_optimizer(*(recipes if is_first else recipes[::-1])), gradients)
    adam = stepped(*network_and_optimizer(Optimizer("adam")), gradients)
    for values, others in zip(found, adam, strict=True):
        for value, other in zip(values, others, strict=True):
            np.testing.assert_allclose(value, other, rtol=1e-6, atol=1e-8)


def test_scales_and_shifts_of_a_normalisation_do_not_decay():
    network, optimizer = network_and_optimizer(Optimizer("sgd"), BatchNorm(), WeightDecay(1.0))
    zeros = [np.zeros(weight.shape) for weight in network.trainable_variables]
    before = values_of(network.trainable_variables)
    after = next(stepped(network, optimizer, [zeros]))
    for weight, start, end in zip(network.trainable_variables, before, after, strict=True):
        kept = 1 - RATES["sgd"] if weight.name == "kernel" else 1.0
        np.testing.assert_allclose(end, start * kept, rtol=1e-5, err_msg=weight.path)


@pytest.mark.parametrize(
    ("below", "kind"),
    [
        (Blueprint(filters=(3,), dense=(4,)), InputKind((4, 4, 2))),
        (Blueprint(base="recurrent", recurrent_units=(3,), cell="gru"), InputKind((5, 2))),
        (Blueprint(base="fully_connected", dense=(4,)), InputKind((5,), vocabulary=9)),
        (Blueprint(base="fully_connected", dense=(4,)), InputKind((3,), category_sizes=(0, 7, 5))),
    ],
    ids=["images", "sequences", "tokens", "categories"],
)
def test_weight_decay_shrinks_what_l2_penalises(below, kind):
    tricks = [BatchNorm(), Optimizer("sgd", learning_rate=0.1), L2(0.5), WeightDecay(1.0)]
    blueprint = compose(below, tricks)
    network = build_network(blueprint, kind, 3)
    optimizer = build_optimizer(blueprint, network, STEPS_PER_EPOCH)
    optimizer.build(network.trainable_variables)
    for weight in network.trainable_variables:
        weight.assign(np.ones(weight.shape))
    zeros = [np.zeros(weight.shape) for weight in network.trainable_variables]
    for weight, value in zip(
        network.trainable_variables, next(stepped(network, optimizer, [zeros])), strict=True
    ):
        expected = 0.9 if weight.regularizer else 1.0
        np.testing.assert_allclose(value, expected, rtol=1e-6, err_msg=weight.path)


# Averages


def test_an_ema_is_that_of_the_weights_from_the_first_step_on(gradients):
    averaging = WeightAveraging("ema", momentum=0.7)
    network, optimizer = network_and_optimizer(Optimizer("momentum"), averaging)
    plain = stepped(*network_and_optimizer(Optimizer("momentum")), gradients)
    expected = None
    for values, alone in zip(stepped(network, optimizer, gradients), plain, strict=True):
        averages = values_of(moving_averages(optimizer))
        expected = [
            value if old is None else 0.7 * old + 0.3 * value
            for value, old in zip(values, expected or [None] * len(values), strict=True)
        ]
        for average, wanted in zip(averages, expected, strict=True):
            np.testing.assert_allclose(average, wanted, rtol=1e-5, atol=1e-7)
        # The training is the same.
        for value, other in zip(values, alone, strict=True):
            np.testing.assert_array_equal(value, other)
    optimizer.finalize_variable_values(network.trainable_variables)
    for value, wanted in zip(values_of(network.trainable_variables), expected, strict=True):
        np.testing.assert_allclose(value, wanted, rtol=1e-5, atol=1e-7)


def test_an_ema_of_weights_with_rates_of_their_own_is_that_of_numpy():
    x, y = RNG.normal(size=(4, 5, 3)), RNG.normal(size=(4, 5, 1))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    factors = RateFactors(keras.optimizers.SGD(0.05), [rate_factor("/bias$", 8.0)])
    model.compile(with_ema(factors, 0.7), "mse")
    w, b = (value.astype("f8") for value in model.get_weights())
    averages: list = []
    for of_x, of_y in zip(x, y, strict=True):
        error = 2 * (of_x @ w + b - of_y) / len(of_x)
        w, b = w - 0.05 * of_x.T @ error, b - 8 * 0.05 * error.sum(axis=0)
        pairs = zip(averages or (w, b), (w, b), strict=True)
        averages = [0.7 * old + 0.3 * new for old, new in pairs]
    flat = (part.reshape(20, -1).astype("f4") for part in (x, y))
    # On JAX the averages are in the optimizer's variables only when `fit` ends.
    model.fit(*flat, batch_size=5, shuffle=False, verbose=0)
    found = values_of(moving_averages(model.optimizer))
    for average, weight, wanted in zip(found, model.get_weights(), averages, strict=True):
        np.testing.assert_allclose(average, wanted, rtol=1e-4, atol=1e-6)
        # `fit` leaves the averages in the model.
        np.testing.assert_allclose(weight, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("settings", "alpha"),
    [
        ({"alpha": 0.3}, 0.3),
        ({"alpha": 1.0, "end_alpha": 0.2}, lambda step: 1 - 0.8 * (step / STEPS_PER_EPOCH) ** 3),
    ],
    ids=["constant", "falling with the cube"],
)
def test_lookahead_goes_back_every_so_many_steps(gradients, settings, alpha):
    averaging = WeightAveraging("lookahead", steps=2, **settings)
    network, optimizer = network_and_optimizer(Optimizer("sgd"), averaging)
    weights = network.trainable_variables
    # As training begins from weights that were set after the optimizer was built.
    for weight in weights:
        weight.assign(RNG.normal(size=weight.shape))
    ways = [
        update_rules.lookahead(
            start.astype("f8"),
            [of_step[place] for of_step in gradients],
            lambda w, g: w - RATES["sgd"] * g,
            steps=2,
            alpha=alpha,
        )
        for place, start in enumerate(values_of(weights))
    ]
    for values in stepped(network, optimizer, gradients[:5]):
        slows = values_of(optimizer.slow_weights)
        for value, slow, way in zip(values, slows, ways, strict=True):
            fast_wanted, slow_wanted = next(way)
            np.testing.assert_allclose(value, fast_wanted, rtol=1e-4, atol=1e-6)
            np.testing.assert_allclose(slow, slow_wanted, rtol=1e-4, atol=1e-6)
    assert any((value != slow).any() for value, slow in zip(values, slows, strict=True))
    optimizer.finalize_variable_values(weights)
    for value, slow in zip(values_of(weights), slows, strict=True):
        np.testing.assert_array_equal(value, slow)


def test_lookahead_within_a_compiled_step_is_that_of_numpy():
    x, y = RNG.normal(size=(7, 4, 3)), RNG.normal(size=(7, 4, 1))
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, use_bias=False)])
    model.compile(Lookahead(keras.optimizers.SGD(0.05), steps=3, alpha=0.5), "mse")
    w = slow = values_of(model.trainable_variables)[0].astype("f8")
    for step, (of_x, of_y) in enumerate(zip(x, y, strict=True), 1):
        model.train_on_batch(of_x.astype("f4"), of_y.astype("f4"))
        w = w - 0.05 * 2 * of_x.T @ (of_x @ w - of_y) / len(of_x)
        if step % 3 == 0:
            w = slow = slow + 0.5 * (w - slow)
        # On JAX the model is asked for its weights, which hands them back.
        now = model.get_weights()[0]
        np.testing.assert_allclose(now, w, rtol=1e-4, atol=1e-6)


def test_a_share_of_lookaheads_that_grows_goes_on_after_the_epochs_before(gradients):
    averaging = WeightAveraging("lookahead", steps=1, alpha=1.0, end_alpha=0.2)
    blueprint = compose(PLAIN.with_settings(epochs=4), [Optimizer("sgd"), averaging])
    network = build_network(blueprint, (4, 4, 2), 3)
    optimizer = build_optimizer(blueprint, network, STEPS_PER_EPOCH, epochs_before=3)
    optimizer.build(network.trainable_variables)
    assert Lookahead.from_config(optimizer.get_config()).steps_before == 3 * STEPS_PER_EPOCH
    starts = values_of(network.trainable_variables)
    found = stepped(network, optimizer, gradients)
    for step, (values, of_step) in enumerate(zip(found, gradients, strict=True), 1):
        share = 1 - 0.8 * ((30 + step) / 40) ** 3
        starts = [
            start - share * RATES["sgd"] * g for start, g in zip(starts, of_step, strict=True)
        ]
        for value, wanted in zip(values, starts, strict=True):
            np.testing.assert_allclose(value, wanted, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    "optimizer",
    [
        lambda: Lookahead(keras.optimizers.SGD(0.05), alpha=0.5),
        lambda: with_ema(RateFactors(keras.optimizers.SGD(0.05), []), 0.7),
    ],
    ids=["lookahead", "ema"],
)
def test_a_fit_of_no_step_leaves_the_weights_as_they_were(optimizer):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    model.compile(optimizer(), "mse")
    before = model.get_weights()
    assert before[0].any()
    x, y = np.ones((4, 3), "f4"), np.ones((4, 1), "f4")
    model.fit(x, y, epochs=5, initial_epoch=5, verbose=0)
    for value, wanted in zip(model.get_weights(), before, strict=True):
        np.testing.assert_array_equal(value, wanted)


@pytest.mark.parametrize("kind", ["nesterov", "adamw"])
def test_a_weight_with_a_rate_of_its_own_moves_as_it_would_with_that_rate(gradients, kind):
    norm, rate = BatchNorm(learnt="shift", rate_factor=8.0), 0.01
    recipes = [Optimizer(kind, learning_rate=rate), WeightDecay(0.1)]
    network, optimizer = network_and_optimizer(norm, *recipes)
    shapes = [weight.shape for weight in network.trainable_variables]
    gradients = [[RNG.normal(size=shape) for shape in shapes] for _ in range(4)]
    found = list(stepped(network, optimizer, gradients))
    norms = [weight.path.endswith("/beta") for weight in network.trainable_variables]
    assert any(norms) and not all(norms) and not any("gamma" in w.path for w in network.weights)
    for factor in (1.0, 8.0):
        plain, faster = network_and_optimizer(
            BatchNorm(learnt="shift"),
            Optimizer(kind, learning_rate=factor * rate),
            WeightDecay(0.1),
        )
        for values, others in zip(found, stepped(plain, faster, gradients), strict=True):
            for is_norm, value, other in zip(norms, values, others, strict=True):
                if is_norm == (factor == 8.0):
                    np.testing.assert_allclose(value, other, rtol=1e-4, atol=1e-6)


def test_the_factors_of_all_rules_that_match_a_weight_multiply():
    weights = [keras.Variable(np.ones(2), name=name) for name in ("bias", "kernel")]
    rules = [rate_factor("bias", 3.0), rate_factor("^[bk]", 5.0), rate_factor("other", 7.0)]
    optimizer = RateFactors(keras.optimizers.SGD(0.01), rules)
    optimizer.apply([keras.ops.ones(2), keras.ops.ones(2)], weights)
    np.testing.assert_allclose(values_of(weights)[0], 1 - 0.01 * 3 * 5, rtol=1e-6)
    np.testing.assert_allclose(values_of(weights)[1], 1 - 0.01 * 5, rtol=1e-6)


def test_a_weight_may_be_trained_in_the_first_steps_alone(gradients):
    first = Config.of(RULE, where="^head1_dense/", factor=2.0, last_step={"steps": 2})
    blueprint = compose(PLAIN, [Optimizer("sgd")]).with_settings(
        rate_factors=(Slot("test", first),)
    )
    network, optimizer = network_and_optimizer(below=blueprint)
    found = list(stepped(network, optimizer, gradients[:4]))
    for place, weight in enumerate(network.trainable_variables):
        rates = [RATES["sgd"] * factor for factor in (2, 2, 0, 0)]
        if not weight.path.startswith("head1_dense/"):
            rates = [RATES["sgd"]] * 4
        for before, after, rate, of_step in zip(
            found, found[1:], rates[1:], gradients[1:4], strict=False
        ):
            np.testing.assert_allclose(
                after[place], before[place] - rate * of_step[place], rtol=1e-4, atol=1e-6
            )


def test_an_optimizer_of_ours_is_saved_and_made_again():
    inner = keras.optimizers.SGD(0.1, momentum=0.5)
    made = keras.optimizers.deserialize(
        keras.optimizers.serialize(Lookahead(inner, steps=3, alpha=0.2))
    )
    assert (made.steps, made.alpha, made.inner_optimizer.momentum) == (3, 0.2, 0.5)
    assert float(made.learning_rate) == pytest.approx(0.1)
    made.learning_rate = 0.3
    assert float(made.inner_optimizer.learning_rate) == pytest.approx(0.3)
    factors = RateFactors(inner, [rate_factor("/bias$", 3.0, last_step=7)])
    again = keras.optimizers.deserialize(keras.optimizers.serialize(factors))
    assert again.rules == ({"where": "/bias$", "factor": 3.0, "last_step": 7},)
    _, muon = network_and_optimizer(Optimizer("muon"), WeightDecay(0.1))
    again = keras.optimizers.deserialize(keras.optimizers.serialize(muon))
    assert again.get_config() == muon.get_config()
    assert again.adam_weight_decay == 0.1


@pytest.mark.parametrize(
    "around", [lambda inner: RateFactors(inner, []), Lookahead], ids=["factors", "lookahead"]
)
def test_an_average_that_nothing_would_use_is_refused(around):
    inner = keras.optimizers.SGD(0.1, use_ema=True)
    with pytest.raises(ValueError, match=r"with_ema\(RateFactors.*Received: .*SGD with use_ema"):
        around(inner)


def test_an_average_of_lookaheads_weights_is_refused():
    averaging = with_ema(Lookahead(keras.optimizers.SGD(0.1)), 0.9)
    with pytest.raises(ValueError, match="Use one of the two"):
        averaging.build([keras.Variable(np.zeros(2))])


def test_an_average_outside_goes_on_in_a_model_that_is_loaded(tmp_path):
    x, y = RNG.normal(size=(8, 3)).astype("f4"), RNG.normal(size=(8, 1)).astype("f4")
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])
    factors = RateFactors(keras.optimizers.SGD(0.05), [rate_factor("/bias$", 8.0)])
    model.compile(with_ema(factors, 0.7), "mse")
    model.fit(x, y, batch_size=4, verbose=0)
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    assert (loaded.optimizer.use_ema, loaded.optimizer.ema_momentum) == (True, 0.7)
    for one in (model, loaded):
        one.fit(x, y, batch_size=4, shuffle=False, verbose=0)
    for mine, theirs in zip(loaded.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-6)


def test_a_second_fit_goes_on_with_lookaheads_weights():
    x, y = RNG.normal(size=(8, 3)).astype("f4"), RNG.normal(size=(8, 1)).astype("f4")

    def trained(fits, epochs):
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, "linear", True, "ones")])
        # Each fit ends with a step of the slow weights.
        model.compile(Lookahead(keras.optimizers.SGD(0.05), steps=2), "mse")
        for _ in range(fits):
            model.fit(x, y, batch_size=4, epochs=epochs, shuffle=False, verbose=0)
        return model.get_weights()

    for parts, whole in zip(trained(2, 1), trained(1, 2), strict=True):
        np.testing.assert_allclose(parts, whole, rtol=1e-6)


def test_an_optimizer_that_was_saved_without_its_average_is_made_again():
    config = RateFactors(keras.optimizers.SGD(0.1), []).get_config()
    old = {name: value for name, value in config.items() if "ema" not in name}
    assert RateFactors.from_config(old).use_ema is False


# The three scalings of lambda


EXAMPLES = 5
X = RNG.normal(size=(EXAMPLES, 4)).astype("f4")
Y = RNG.integers(0, 3, EXAMPLES)


def linear(*recipes):
    """Logits that are linear in the inputs, trained on one batch: weights by step."""
    blueprint = compose(Blueprint(base="mlp", dense=()), recipes)
    scaling = Scaling("unit", (1.0,), (0.0,))
    model = build_model(blueprint, (4,), 3, scaling, steps_per_epoch=1).training_model
    yield model.get_weights()
    while True:
        model.train_on_batch(X, Y)
        yield model.get_weights()


def gradient_of_cross_entropy(kernel, bias):
    """By hand: X^T (softmax - one-hot) / m."""
    logits = X.astype("f8") @ kernel + bias
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return X.T @ (shares - np.eye(3)[Y]) / EXAMPLES


@pytest.mark.parametrize(
    ("penalty", "gained"),
    [
        # L3, and Keras: lambda * sum W^2.
        (L2(0.3), lambda kernel: 2 * 0.3 * kernel),
        # L2: lambda / (2 m) * sum W^2 with lambda 2, so that dW gains lambda / m W.
        (L2(2 / (2 * EXAMPLES)), lambda kernel: 2 / EXAMPLES * kernel),
        # L4: alpha / 2 * sum W^2 with alpha 0.8.
        (L2(0.8 / 2), lambda kernel: 0.8 * kernel),
        # L1 penalty of deck L2: lambda * sum |W|.
        (L1(0.2), lambda kernel: 0.2 * np.sign(kernel)),
    ],
)
def test_each_decks_lambda_gives_its_gradient(penalty, gained):
    states = linear(Optimizer("sgd", learning_rate=0.1), penalty)
    kernel, bias = next(states)
    after, _ = next(states)
    expected = gradient_of_cross_entropy(kernel, bias) + gained(kernel)
    np.testing.assert_allclose((kernel - after) / 0.1, expected, rtol=1e-3, atol=1e-5)


def after_five(*recipes):
    states = linear(*recipes)
    return [next(states) for _ in range(6)][-1]


def test_l2_is_weight_decay_under_plain_sgd_and_not_under_adam():
    sgd, adam = Optimizer("sgd", learning_rate=0.1), Optimizer("adam", learning_rate=0.1)
    for l2, decay in zip(
        after_five(sgd, L2(0.2)), after_five(sgd, WeightDecay(2 * 0.2)), strict=True
    ):
        np.testing.assert_allclose(l2, decay, rtol=1e-4, atol=1e-6)
    of_l2, of_decay = after_five(adam, L2(0.2))[0], after_five(adam, WeightDecay(0.4))[0]
    assert np.abs(of_l2 - of_decay).max() > 0.05
