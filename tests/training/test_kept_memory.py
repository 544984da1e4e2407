"""Memory that a step frees stays with a worker."""

import os
import platform
import subprocess
import sys

import pytest

from trickbook.training.executor.kept_memory import memory_settings
from trickbook.training.executor.node_environment import node_environment
from trickbook.training.executor.worker_process import WorkerProcess
from trickbook.training.keras_settings import KerasSettings

# Blocks of 64 MB taken, written and freed, ten times, as a step does; how often the kernel gave a
# page meanwhile.
PROGRAM = """
import ctypes, resource
library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
library.free.argtypes = [ctypes.c_void_p]
library.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    block = library.malloc(64 * 2**20)
    library.memset(block, 1, 64 * 2**20)
    library.free(block)
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
ANSWER = """#!/bin/sh
read order
printf '{"event": "told", "mappings": "%s", "trim": "%s", "ahead": "%s"}\\n' \\
    "$MALLOC_MMAP_MAX_" "$MALLOC_TRIM_THRESHOLD_" "$XLA_PYTHON_CLIENT_PREALLOCATE"
"""


@pytest.fixture(autouse=True)
def without_settings(monkeypatch):
    for name in memory_settings():
        monkeypatch.delenv(name, raising=False)


def page_faults(settings):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="other C libraries know no such names"
)
def test_a_block_that_was_freed_is_taken_again_without_the_kernel():
    assert 5 * page_faults(memory_settings()) < page_faults({})


def test_what_the_user_sets_stands(monkeypatch):
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1000")
    assert memory_settings()["MALLOC_TRIM_THRESHOLD_"] == "1000"


def test_workers_start_with_them_on_this_machine_and_on_nodes(tmp_path, monkeypatch):
    program = tmp_path / "worker.sh"
    program.write_text(ANSWER)
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    settings = KerasSettings("tensorflow", "float32")
    worker = WorkerProcess(tmp_path / "log.txt", settings)
    try:
        told = worker.order({"do": "tell"}).result(timeout=60)
    finally:
        worker.end()
    ours = memory_settings()
    assert [told["mappings"], told["trim"], told["ahead"]] == list(ours.values())
    assert ours.items() <= node_environment(settings).items()
