"""Which executor trains a study."""

from __future__ import annotations

from pathlib import Path

from ..keras_settings import KerasSettings
from .local_processes import LocalProcesses
from .study_pool import StudyPool


def executor_on(
    on: str | None, scratch: Path, settings: KerasSettings, shared: Path | None = None
) -> StudyPool:
    """Returns an executor; end it with `close`, or use it in a `with` block.

    Args:
        on: None for processes on this machine, or a Ray cluster as `RayCluster` takes it.
        scratch: folder for the prepared data.
        settings: settings of Keras in the workers.
        shared: folder of the study, if all nodes of the cluster see it under this path.

    Raises:
        LadderError: if the cluster cannot be used.
    """
    if on is None:
        return LocalProcesses(scratch, settings)
    from .ray_cluster import RayCluster

    return RayCluster(on, scratch, settings, shared)
