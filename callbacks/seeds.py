"""Leaving random draws as they were, for callbacks that run a model beside its training."""

import random
from collections.abc import Iterator
from contextlib import contextmanager

import keras
import numpy as np

# Keras offers no public way to the generator of draws without a seed.
from keras.src.random.seed_generator import global_seed_generator


@contextmanager
def seeds_kept(model: keras.Model) -> Iterator[None]:
    """Leave Keras's seed generators as they were: some layers draw also when they predict.

    These are the generators of the model's layers, and the global one, which `keras.random` draws
    from where it is given no seed.
    """
    weights = {id(weight) for weight in model.weights}
    seeds = [variable for variable in model.variables if id(variable) not in weights]
    seeds.append(_global_generator().state)
    before = [np.array(keras.ops.convert_to_numpy(seed.value)) for seed in seeds]
    try:
        yield
    finally:
        for seed, value in zip(seeds, before, strict=True):
            seed.assign(value)


def _global_generator() -> keras.random.SeedGenerator:
    # Where nothing has used it yet it is made here, with the seed that it would have got later;
    # Python's own generator, which gives that seed, must not show it.
    state = random.getstate()
    generator = global_seed_generator()
    random.setstate(state)
    return generator
