"""Layers whose random numbers are a function of the run's seed and their own name."""

from __future__ import annotations

import inspect
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...callbacks.state.seeds import python_draws_kept
from ...recipes import Config


@contextmanager
def drawn_for(seed: int, name: str) -> Iterator[None]:
    """Within it Keras draws the seeds of what is made from the run's seed and a layer's name.

    Common random numbers: two networks of one seed start from the same weights, and drop the same
    units, wherever they have a layer of the same name and shape; another layer before it, or
    another number of random layers, does not matter.

    Args:
        seed: of the run, 0 or above.
        name: of the layer.
    """
    # Keras draws the seed of everything that is given none from Python's generator.
    with python_draws_kept():
        random.seed(f"{seed}/{name}")
        yield


def seeded(config: Config, **arguments: Any) -> Any:
    """Returns the layer of a config, with a seed of its own if its class takes one.

    Without a seed Keras's dropout draws from PyTorch's global generator on that backend, whose
    state depends on what ran in the process before.
    """
    layer_class = config.load()
    given = dict(config.arguments)
    if "seed" in inspect.signature(layer_class).parameters and given.get("seed") is None:
        arguments["seed"] = random.randint(1, int(1e9))
    return config.build(**arguments)
