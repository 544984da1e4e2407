"""Draws without a seed go on after a trial as if it had never been."""

import random

import keras
import numpy as np
import pytest
from small_fits import X, Y

from trickbook.callbacks import LearningRateFinder
from trickbook.callbacks.state.seeds import (
    make_unseeded_generator,
    restore_unseeded_state,
    seeds_kept,
    unseeded_state,
)


@pytest.fixture(autouse=True)
def seeded():
    keras.utils.set_random_seed(3)  # Keras has no generator of unseeded draws after this


def draw():
    return keras.ops.convert_to_numpy(keras.random.uniform((3,))).tolist()


def test_to_look_makes_no_generator_and_takes_no_random_number():
    assert unseeded_state() is None
    restore_unseeded_state(None)
    assert unseeded_state() is None
    after_looking = random.random()
    random.seed(3)
    assert random.random() == after_looking


def test_a_generator_that_is_made_draws_what_it_would_have_drawn():
    expected = draw()
    keras.utils.set_random_seed(3)
    make_unseeded_generator()
    python = random.random()
    assert draw() == expected
    random.seed(3)
    assert random.random() == python


def test_a_state_that_is_restored_draws_the_same_again():
    draw()
    state = unseeded_state()
    first = draw(), draw()
    restore_unseeded_state(state)
    assert (draw(), draw()) == first
    np.testing.assert_array_equal(unseeded_state().shape, (2,))


@pytest.mark.parametrize("draws_before", [0, 2])
def test_draws_of_a_trial_are_undone(draws_before):
    model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1)])

    def draws(trial):
        keras.utils.set_random_seed(3)
        before = [draw() for _ in range(draws_before)]
        if trial:
            with seeds_kept(model):
                draw()
        return before, draw(), draw()

    assert draws(trial=True) == draws(trial=False)


class Noisy(keras.layers.Layer):
    """Draws without a seed, and not before training begins."""

    def call(self, x, training=False):
        return x + keras.random.normal(keras.ops.shape(x)) if training else x


@pytest.mark.skipif(keras.backend.backend() == "jax", reason="JAX refuses draws without a seed")
@pytest.mark.parametrize("eager", [True, False])
def test_the_rate_finder_undoes_the_first_draws_of_all(eager):
    def trained(finder):
        keras.utils.set_random_seed(3)
        model = keras.Sequential([keras.Input((3,)), Noisy(), keras.layers.Dense(2)])
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
        model.compile("sgd", loss, run_eagerly=eager)
        if finder:
            LearningRateFinder(num_steps=3).find(model, X, Y, batch_size=6)
        model.fit(X, Y, batch_size=6, verbose=0)
        return model.get_weights()

    for mine, theirs in zip(trained(finder=True), trained(finder=False), strict=True):
        np.testing.assert_array_equal(mine, theirs)
