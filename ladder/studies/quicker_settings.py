"""Measures whether other settings of Keras would train a study faster on this machine."""

from __future__ import annotations

from collections.abc import Iterator

import joblib

from ...runs.cpu_model import cpu_model
from ...training.executor.gpus import visible_gpus
from ...training.executor.local_processes import LocalProcesses
from ...training.keras_settings import KerasSettings
from .plan import Plan, Planner

# Measured times vary by a few per cent.
WORTH_TELLING = 0.95


def quicker_settings(planner: Planner, plan: Plan) -> tuple[str, ...]:
    """Times a training step of the first arm with half precision and with more threads.

    Half precision is tried with TensorFlow on a CPU, in place of float32; more threads are tried
    where there are more cores per run than threads now. Each measurement takes a process of its own
    for some seconds.

    Returns:
        A line for each setting that was tried.
    """
    executor, blueprint = planner.executor, plan.jobs[0].blueprint
    if not isinstance(executor, LocalProcesses) or visible_gpus() or not plan.missing:
        return ()
    plain = executor.seconds_per_step(blueprint)
    tried = (
        (flag, executor.seconds_per_step_with(settings, blueprint))
        for flag, settings in _others(planner.settings, len(plan.missing))
    )
    return tuple(_text(flag, seconds / plain) for flag, seconds in tried if seconds is not None)


def _others(settings: KerasSettings, runs: int) -> Iterator[tuple[str, KerasSettings]]:
    if settings.backend == "tensorflow" and settings.precision == "float32":
        half = "mixed_bfloat16"
        yield f"--precision {half}", settings._replace(precision=half)
    threads = joblib.cpu_count() // runs
    if threads > settings.threads:
        yield f"--threads {threads}", settings._replace(threads=threads)


def _text(flag: str, ratio: float) -> str:
    gain = "no gain" if ratio > WORTH_TELLING else f"it saves about {1 - ratio:.0%}"
    return f"With {flag} a step takes about {ratio:.2g} times as long on {_this_cpu()}: {gain}."


def _this_cpu() -> str:
    model = cpu_model()
    return "this CPU" if model is None else f"this CPU ({model})"
