"""Seed generators: saving and restoring them around code that draws from them."""

import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

from .keras_private import unseeded_generator, unseeded_generator_if_made
from .variable_values import values_kept, values_of


@contextmanager
def seeds_kept(model: keras.Model) -> Iterator[None]:
    """Leave Keras's seed generators as they were: some layers draw even in prediction.

    These are the generators of the model's layers, and the one for draws without a seed.
    """
    make_unseeded_generator()
    weights = {id(weight) for weight in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights]
    seeds.append(unseeded_generator().state)
    with values_kept(seeds):
        yield


@contextmanager
def torch_draws_kept() -> Iterator[None]:
    """Leave PyTorch's global generator as it was: a `DataLoader` draws from it whenever it is read.

    Its shuffling is done on the CPU; generators of GPUs are left alone.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(before)


@contextmanager
def python_draws_kept() -> Iterator[None]:
    """Leave Python's generator as it was: Keras draws seeds from it for all that has none."""
    before = random.getstate()
    try:
        yield
    finally:
        random.setstate(before)


def make_unseeded_generator() -> None:
    """Create the generator for draws without a seed, if it does not exist, without side effects.

    A trial that is to be undone may be the first to draw from it: it would seed the generator from
    Python's random numbers, and a compiled training step would go on with what the trial left.
    Here the generator gets the seed that it would have got next, and Python's random numbers stay
    as they are.
    """
    with python_draws_kept():
        unseeded_generator()


def unseeded_state() -> np.ndarray | None:
    """The state of the generator for draws without a seed; None if it does not exist yet."""
    # Asking Keras for a generator that does not exist would create one.
    generator = unseeded_generator_if_made()
    return None if generator is None else values_of([generator.state])[0]


def restore_unseeded_state(state: np.ndarray | None) -> None:
    """Restore what `unseeded_state` returned; None leaves the generator alone."""
    if state is not None:
        unseeded_generator().state.assign(state)
