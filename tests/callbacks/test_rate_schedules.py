"""CyclicalSchedule and OneCycleSchedule against the papers' formulas and against PyTorch."""

import json

import keras
import numpy as np
import pytest

from trickbook.callbacks import CyclicalSchedule, OneCycleSchedule


def rates(schedule, steps):
    return np.array([float(keras.ops.convert_to_numpy(schedule(step))) for step in steps])


def smith(step, min_rate, max_rate, step_size, scale):
    """As the paper prints it, in float64."""
    cycle = np.floor(1 + step / (2 * step_size))
    x = np.abs(step / step_size - 2 * cycle + 1)
    return min_rate + (max_rate - min_rate) * np.maximum(0, 1 - x) * scale(step, cycle)


SCALES = {
    "triangular": lambda step, cycle: 1.0,
    "triangular2": lambda step, cycle: 1 / 2 ** (cycle - 1),
    "exp_range": lambda step, cycle: 0.97**step,
}


@pytest.mark.parametrize("mode", SCALES)
@pytest.mark.parametrize("step_size", [1, 7, 3.75, 30 / 7])
def test_cyclical_is_the_paper_s_formula(mode, step_size):
    steps = np.arange(60)
    found = rates(CyclicalSchedule(0.001, 0.5, step_size, mode, gamma=0.97), steps)
    expected = smith(steps, 0.001, 0.5, step_size, SCALES[mode])
    np.testing.assert_allclose(found, expected, rtol=2e-6, atol=1e-6 * (step_size % 1 > 0))


@pytest.mark.parametrize(("steps", "cycles"), [(60, 8), (60, 7), (110, 8), (55, 4), (100_000, 7)])
def test_cyclical_fills_steps_that_are_no_multiple_of_its_cycles(steps, cycles):
    schedule = CyclicalSchedule(0.25, 1.0, 0.5 * steps / cycles)
    found = keras.ops.convert_to_numpy(schedule(np.arange(steps + 1)))
    assert found[-1] == pytest.approx(0.25, abs=1e-6)
    is_peak = (found[1:-1] > found[:-2]) & (found[1:-1] >= found[2:])
    assert is_peak.sum() == cycles


def test_cyclical_of_whole_steps_is_the_same_however_they_are_written():
    whole, written = (CyclicalSchedule(0.0, 1.0, size) for size in (5, np.float32(5.0)))
    assert json.dumps(written.get_config()) == json.dumps(whole.get_config())


@pytest.mark.parametrize("mode", SCALES)
def test_cyclical_keeps_its_digits_after_many_steps(mode):
    gamma = 1 - 1e-7
    scale = SCALES | {"exp_range": lambda step, cycle: gamma**step}
    # Each of these differs from its neighbours only beyond float32's 24 bits.
    steps = np.array([2**24 + 1, 10**8 + 3, 2**31 - 2])
    found = rates(CyclicalSchedule(0.001, 0.5, 10**7 + 1, mode, gamma), steps)
    expected = smith(steps, 0.001, 0.5, 10**7 + 1, scale[mode])
    np.testing.assert_allclose(found, expected, rtol=2e-5)
    odd = rates(CyclicalSchedule(0.0, 1.0, 2), 2**24 + np.arange(4))
    np.testing.assert_allclose(odd, [0.0, 0.5, 1.0, 0.5])


def torch_rates(kind, steps, **settings):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    scheduler = getattr(torch.optim.lr_scheduler, kind)(optimizer, cycle_momentum=False, **settings)
    found = []
    for _ in range(steps):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return np.array(found)


@pytest.mark.parametrize("mode", SCALES)
def test_cyclical_is_pytorch_s(mode):
    expected = torch_rates(
        "CyclicLR", 50, base_lr=0.01, max_lr=0.1, step_size_up=6, mode=mode, gamma=0.9
    )
    found = rates(CyclicalSchedule(0.01, 0.1, 6, mode, 0.9), range(50))
    np.testing.assert_allclose(found, expected, rtol=2e-6)


@pytest.mark.parametrize("shape", ["cosine", "linear"])
@pytest.mark.parametrize(
    ("total", "warmup", "three_phases"),
    [(40, 0.3, False), (41, 0.25, False), (100, 0.45, True), (33, 0.4, True), (20, 0.9, False)],
)
def test_one_cycle_is_pytorch_s(shape, total, warmup, three_phases):
    expected = torch_rates(
        "OneCycleLR",
        total - 1,  # its scheduler refuses to step behind the last rate
        max_lr=0.4,
        total_steps=total,
        pct_start=warmup,
        anneal_strategy={"cosine": "cos", "linear": "linear"}[shape],
        div_factor=10.0,
        final_div_factor=1e4,
        three_phase=three_phases,
    )
    schedule = OneCycleSchedule(0.4, total, shape, warmup, 10.0, 1e4, three_phases)
    found = rates(schedule, range(total))
    np.testing.assert_allclose(found[:-1], expected, rtol=1e-5)
    np.testing.assert_allclose(found[-1], 0.4 / 10 / 1e4, rtol=1e-6)


def test_one_cycle_in_numpy():
    """Linear phases as in the paper: up, down as steeply, and far down."""
    found = rates(OneCycleSchedule(1.0, 101, "linear", 41 / 101, 20.0, 100.0, True), range(120))
    corners = [0, 40, 80, 100, 120]
    expected = np.interp(range(120), corners, [0.05, 1.0, 0.05, 0.0005, 0.0005])
    np.testing.assert_allclose(found, expected, rtol=1e-5)


def test_one_cycle_s_last_rate_is_not_rounded_away():
    found = rates(OneCycleSchedule(1.0, 10**6, end_divisor=1e6), [10**6 - 1, 10**6, 10**8])
    np.testing.assert_allclose(found, 1 / 25 / 1e6, rtol=1e-6)


@pytest.mark.parametrize("three_phases", [False, True])
@pytest.mark.parametrize("total", [1, 2, 3, 4])
def test_one_cycle_of_few_steps_starts_and_ends_where_it_should(total, three_phases):
    schedule = OneCycleSchedule(1.0, total, three_phases=three_phases)
    found = rates(schedule, range(total + 1))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found[[0, -1]], [1 / 25, 1 / 25 / 1e4], rtol=1e-6)


SCHEDULES = [
    CyclicalSchedule(0.1, 0.5, 2, "triangular2"),
    CyclicalSchedule(0.1, 0.5, 3, "exp_range", 0.9),
    CyclicalSchedule(0.1, 0.5, 1.25),
    OneCycleSchedule(0.5, 8, "linear", 0.4, 5.0, 10.0, True),
]


def linear_model(rate, **arguments):
    """Predicts w * x from w = 1 by SGD."""
    model = keras.Sequential(
        [keras.Input((1,)), keras.layers.Dense(1, use_bias=False, kernel_initializer="ones")]
    )
    model.compile(keras.optimizers.SGD(rate, **arguments), "mse")
    return model


def updated(steps_and_rates, w=1.0):
    """What w becomes by SGD on (w - 3) ** 2, the loss at x = 1, y = 3."""
    for rate in steps_and_rates:
        w -= rate * 2 * (w - 3)
    return w


ONES = np.ones((6, 1), "float32")


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_in_the_graph_every_step_has_its_rate(schedule):
    model = linear_model(schedule)
    model.fit(ONES, 3 * ONES, batch_size=1, verbose=0)
    expected = updated(rates(schedule, range(6)))
    np.testing.assert_allclose(float(model.get_weights()[0][0, 0]), expected, rtol=1e-5)


def test_accumulated_gradients_are_applied_at_the_rate_of_their_last_batch():
    schedule = CyclicalSchedule(0.1, 0.5, 3)
    model = linear_model(schedule, gradient_accumulation_steps=2)
    model.fit(ONES, 3 * ONES, batch_size=1, verbose=0)
    expected = updated(rates(schedule, [1, 3, 5]))
    np.testing.assert_allclose(float(model.get_weights()[0][0, 0]), expected, rtol=1e-5)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_saved_with_a_model(tmp_path, schedule):
    linear_model(schedule).save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras").optimizer._learning_rate
    assert type(loaded) is type(schedule)
    assert loaded.get_config() == schedule.get_config()
    np.testing.assert_array_equal(rates(loaded, range(9)), rates(schedule, range(9)))


@pytest.mark.parametrize(
    ("make", "received"),
    [
        (lambda: CyclicalSchedule(0.1, 0.1, 5), r"min_rate=0\.1, max_rate=0\.1$"),
        (lambda: CyclicalSchedule(-0.1, 0.1, 5), r"min_rate=-0\.1, max_rate=0\.1$"),
        (lambda: CyclicalSchedule(0.1, float("nan"), 5), r"min_rate=0\.1, max_rate=nan$"),
        (lambda: CyclicalSchedule(0.1, 0.2, 0), "step_size=0$"),
        (lambda: CyclicalSchedule(0.1, 0.2, 0.5), r"step_size=0\.5$"),
        (lambda: CyclicalSchedule(0.1, 0.2, float("inf")), "step_size=inf$"),
        (lambda: CyclicalSchedule(0.1, 0.2, "5"), "step_size=5$"),
        (lambda: CyclicalSchedule(0.1, 0.2, 5, "square"), "mode='square'$"),
        (lambda: CyclicalSchedule(0.1, 0.2, 5, gamma=0.0), r"gamma=0\.0$"),
        (lambda: OneCycleSchedule(0.0, 5), r"max_rate=0\.0$"),
        (lambda: OneCycleSchedule(0.1, 0), "total_steps=0$"),
        (lambda: OneCycleSchedule(0.1, 5, "square"), "shape='square'$"),
        (lambda: OneCycleSchedule(0.1, 5, warmup=1.0), r"warmup=1\.0$"),
        (lambda: OneCycleSchedule(0.1, 5, warmup=0.6, three_phases=True), r"warmup=0\.6$"),
        (lambda: OneCycleSchedule(0.1, 5, start_divisor=0.5), r"start_divisor=0\.5$"),
        (lambda: OneCycleSchedule(0.1, 5, end_divisor=0.5), r"end_divisor=0\.5$"),
    ],
)
def test_arguments_out_of_range_are_refused(make, received):
    with pytest.raises(ValueError, match=f"Received: {received}"):
        make()


def test_whole_numbers_of_numpy_are_taken_as_such():
    one = OneCycleSchedule(0.1, total_steps=np.int64(10))
    swing = CyclicalSchedule(0.0, 1.0, step_size=np.int32(5))
    assert json.loads(json.dumps(one.get_config()))["total_steps"] == 10
    assert json.loads(json.dumps(swing.get_config()))["step_size"] == 5
