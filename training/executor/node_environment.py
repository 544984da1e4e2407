"""What the environment of an actor says, so that its runs come to the digits of local ones."""

from __future__ import annotations

import os
import site
import sys
from pathlib import Path

from ..keras_settings import KerasSettings
from .kept_memory import memory_settings
from .threads import thread_settings

# Of these some decide digits, as TF_ENABLE_ONEDNN_OPTS does.
_OF_BACKENDS = ("TF_", "XLA_", "JAX_", "KERAS_", "ONEDNN_", "DNNL_", "CUBLAS_", "PYTORCH_")


def node_environment(settings: KerasSettings) -> dict[str, str]:
    """Returns what a local worker's environment says too, of backend, threads and memory."""
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
    """Returns where modules of the user's own are looked for; a node has packages of its own."""
    installed = [sys.prefix, sys.base_prefix, *site.getsitepackages(), site.getusersitepackages()]
    return [
        place
        for place in sys.path
        # What is no text Python passes over.
        if isinstance(place, str)
        and place
        and not any(Path(place).is_relative_to(folder) for folder in installed)
    ]
