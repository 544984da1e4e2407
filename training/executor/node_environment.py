"""Environment variables of an actor, so that its runs have the same digits as local ones."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

from ..keras_settings import KerasSettings
from .kept_memory import memory_settings
from .threads import thread_settings

# Some variables with these prefixes affect digits, such as TF_ENABLE_ONEDNN_OPTS.
_OF_BACKENDS = ("TF_", "XLA_", "JAX_", "KERAS_", "ONEDNN_", "DNNL_", "CUBLAS_", "PYTORCH_")


def node_environment(settings: KerasSettings) -> dict[str, str]:
    """Returns the variables for backend, threads and memory that a local worker has too."""
    ours = {name: value for name, value in os.environ.items() if name.startswith(_OF_BACKENDS)}
    return {
        "TF_CPP_MIN_LOG_LEVEL": "2",
        **ours,
        **thread_settings(settings.threads),
        **memory_settings(),
        "KERAS_BACKEND": settings.backend,
        "PYTHONPATH": os.pathsep.join(_own_places()),
    }


def _own_places() -> list[str]:
    """Returns where the user's own modules are searched; installed packages are the node's own."""
    installed = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]
    return [
        place
        for place in sys.path
        # Python ignores entries that are not text.
        if isinstance(place, str)
        and place
        and not any(Path(place).is_relative_to(folder) for folder in installed)
    ]
