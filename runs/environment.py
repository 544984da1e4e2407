"""What a training ran on: versions and the machine."""

import importlib
import os
import platform
from importlib import metadata
from typing import Any

import keras
import numpy as np

from .cpu_model import cpu_model


def versions() -> dict[str, str]:
    """The versions that decide a training's figures.

    Of TensorFlow, JAX and PyTorch, only the one that Keras runs on is listed; Keras has imported it
    already.
    """
    backend = keras.backend.backend()
    return {
        "python": platform.python_version(),
        "trickbook": metadata.version("trickbook"),
        "keras": keras.__version__,
        backend: str(importlib.import_module(backend).__version__),
        "numpy": np.__version__,
    }


def machine() -> dict[str, Any]:
    """The machine: `cpu`, `cores`, `memory_gb`, `system` and `accelerator`.

    `cores` are those that this process may use, `memory_gb` is the memory of the whole machine in
    GiB, and `accelerator` is the name of the first GPU or TPU that Keras's backend sees. A value
    that the system does not report is None.
    """
    return {
        "cpu": cpu_model(),
        "cores": _usable_cores(),
        "memory_gb": _memory_gb(),
        "system": platform.platform(),
        "accelerator": _accelerator(),
    }


def _usable_cores() -> int | None:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count()


def _memory_gb() -> float | None:
    if "SC_PHYS_PAGES" not in getattr(os, "sysconf_names", {}):
        return None
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1)


def _accelerator() -> str | None:
    name = keras.backend.backend()
    if name not in _ACCELERATOR:
        return None
    return _ACCELERATOR[name](importlib.import_module(name))


def _tensorflow_accelerator(tf: Any) -> str | None:
    # Physical devices: asking for logical ones would fix the GPU's memory settings.
    found = [device for device in tf.config.list_physical_devices() if device.device_type != "CPU"]
    if not found:
        return None
    details = tf.config.experimental.get_device_details(found[0])
    return str(details.get("device_name", found[0].device_type))


def _jax_accelerator(jax: Any) -> str | None:
    device = jax.devices()[0]
    return None if device.platform == "cpu" else str(device.device_kind)


def _torch_accelerator(torch: Any) -> str | None:
    return str(torch.cuda.get_device_name()) if torch.cuda.is_available() else None


_ACCELERATOR = {
    "tensorflow": _tensorflow_accelerator,
    "jax": _jax_accelerator,
    "torch": _torch_accelerator,
}
