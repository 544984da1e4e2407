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
    """Makes Keras derive seeds within the block from the run's seed and a layer's name.

    These are common random numbers: two networks with the same seed start from the same weights,
    and drop the same units, in layers of the same name and shape. It does not matter which layers
    come before, or how many random layers there are.

    Args:
        seed: seed of the run, 0 or above.
        name: name of the layer.
    """
    # If no seed is given, Keras draws one from Python's generator.
    with python_draws_kept():
        random.seed(f"{seed}/{name}")
        yield


def seeded(config: Config, **arguments: Any) -> Any:
    """Builds a config, with a seed of its own if its class takes one and the config gives none.

    On PyTorch, Keras's dropout without a seed draws from PyTorch's global generator, whose state
    depends on what ran in the process before.
    """
    layer_class = config.load()
    given = dict(config.arguments)
    if "seed" in inspect.signature(layer_class).parameters and given.get("seed") is None:
        arguments["seed"] = random.randint(1, int(1e9))
    return config.build(**arguments)
