"""What is written down of versions and the machine."""

import json
import os
import platform
from importlib import metadata

import keras

from trickbook.runs.environment import machine, versions


def test_versions_are_those_installed():
    backend = keras.backend.backend()
    expected = {"python": platform.python_version()}
    expected |= {name: metadata.version(name) for name in ("trickbook", "keras", backend, "numpy")}
    assert versions() == expected


def test_machine_is_plain_and_complete():
    told = machine()
    assert list(told) == ["cpu", "cores", "memory_gb", "system", "accelerator"]
    assert json.loads(json.dumps(told)) == told
    assert 1 <= told["cores"] <= os.cpu_count()
    assert told["memory_gb"] is None or 0.1 < told["memory_gb"] < 1e5
