"""Layers whose random numbers depend on the run's seed alone, on every backend."""

from __future__ import annotations

import inspect
import random
from typing import Any

from ...recipes import Config


def seeded(config: Config, **arguments: Any) -> Any:
    """Returns the layer of a config, with a seed of its own if its class takes one.

    Without a seed Keras's dropout draws from PyTorch's global generator on that backend, whose
    state depends on what ran in the process before. The seed is drawn as Keras itself draws one
    for a layer without, so the other backends' draws stay what they were.
    """
    layer_class = config.load()
    given = dict(config.arguments)
    if "seed" in inspect.signature(layer_class).parameters and given.get("seed") is None:
        arguments["seed"] = random.randint(1, int(1e9))
    return config.build(**arguments)
