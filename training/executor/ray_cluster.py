"""Training runs on the nodes of a Ray cluster."""

from __future__ import annotations

import threading
import warnings
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...data import Dataset
from ..errors import LadderError
from ..job import Job
from ..keras_settings import KerasSettings
from .local_processes import LocalProcesses
from .node_environment import node_environment
from .node_facts import difference_text
from .node_probe import NodeProbe
from .node_room import Room
from .ray_actor import RayActor
from .ray_session import RaySession
from .ray_worker import RayWorker
from .study_pool import StudyPool
from .worker_pool import Worker, WorkerDiedError
from .worker_service import Event

# A run that has lost this many actors is lost itself: it may be the run that kills them.
MOST_TRIES = 3
# After this time without room on any node, a warning says that we wait.
PATIENT_SECONDS = 60.0
# How long to wait until a killed actor is gone; it usually takes less.
END_SECONDS = 10.0
# Orders carried out on the driver's machine, where the user's files and downloads are.
_AT_HOME = ("prepare", "hash_weights")


class RayCluster(StudyPool):
    """An executor with Ray actors, each of which holds a trainer; it leaves none behind.

    An actor takes as many CPUs as it has threads, and a GPU if the cluster has any. In that case
    nodes without a GPU train nothing, because digits differ between CPU and GPU. If the actor of a
    run is lost, with or without its node, the run begins again in another actor, with `MOST_TRIES`
    tries in all.

    Args:
        on: the cluster, as `RaySession` takes it.
        scratch: folder for the prepared data.
        settings: settings of Keras on the nodes.
        shared: folder on a path that all nodes share, where the run folders are; None: the nodes
            send the runs' files.

    Raises:
        LadderError: if the cluster cannot be used.
    """

    def __init__(
        self, on: str, scratch: Path, settings: KerasSettings, shared: Path | None = None
    ) -> None:
        super().__init__(scratch)
        self._settings, self._shared = settings, shared is not None
        self._session = RaySession(on)
        self._home = LocalProcesses(scratch, settings)
        self._references: dict[str, Any] = {}
        self._tries: Counter[str] = Counter()
        self._changed = threading.Condition(self._lock)
        self._why_not: WorkerDiedError | None = None
        # What every actor requests from Ray, found once: later a node with room may join.
        self._taken: dict[str, float] | None = None
        try:
            self._probe = NodeProbe(self._session.place, settings)
            self._probe.check_nodes(shared)
        except BaseException:
            self._session.close()
            raise

    def default_workers(self, data_bytes: int) -> int:
        """Returns how many actors the live nodes have room for.

        Raises:
            LadderError: if no node has room.
        """
        return self._room(data_bytes).workers

    def close(self) -> None:
        """Ends the actors, whatever they are doing, and the connection."""
        with self._lock:
            ended = [*self._starting, *self._idle, *self._busy]
        super().close()
        self._home.close()
        for worker in ended:
            assert isinstance(worker, RayWorker)
            worker.join(END_SECONDS)
        self._session.close()

    def ask(self, order: Event) -> Event:
        """Gives an order other than a run to an actor, or to a process on the driver's machine.

        Raises:
            LadderError: if no actor lives long enough to answer.
        """
        if order["do"] in _AT_HOME:
            return self._home.ask(order)
        failure: WorkerDiedError | None = None
        for _ in range(MOST_TRIES):
            try:
                return self._answer_of(self._a_worker(), order)
            except WorkerDiedError as error:
                failure = error
        raise LadderError(f"No node of the cluster at {self._session.place} can train: {failure}")

    def _a_worker(self) -> Worker:
        """Waits for an idle actor and returns it.

        Raises:
            WorkerDiedError: if the actor that was started cannot become ready.
        """
        with self._changed:
            if not self._idle and not self._starting:
                self._why_not = None
                self._start()
            self._changed.wait_for(lambda: self._idle or self._why_not)
            if not self._idle:
                assert self._why_not is not None
                raise self._why_not
            return self._idle[0]

    def _start(self) -> None:
        actor = self._actor_class().remote(self._settings, str(Path.cwd()), self._shared)
        worker = RayWorker(
            actor, self._data_of, shared=self._shared, begin=self._begin_on, ready=self._is_ready
        )
        self._starting.add(worker)
        worker.start()

    def _actor_class(self) -> Any:
        import ray

        if self._taken is None:
            data_bytes = sum(file.stat().st_size for file in self.data_folder.iterdir())
            self._taken = self._room(data_bytes).of_a_worker
        return ray.remote(RayActor).options(
            **self._taken,
            scheduling_strategy="SPREAD",
            # The actor's own thread trains; one of Ray's threads waits in `hear` for events.
            max_concurrency=3,
            runtime_env={"env_vars": node_environment(self._settings)},
        )

    def _room(self, data_bytes: int) -> Room:
        import ray

        return Room(self._session.place, ray.nodes(), self._settings.threads, data_bytes)

    def _begin_on(self, actor: Any) -> None:
        """Waits for the actor and checks its node, which may have joined later than the others."""
        import ray

        answer = actor.facts.remote(self._probe.packages)
        if not ray.wait([answer], timeout=PATIENT_SECONDS)[0]:
            self._say_that_we_wait()
        if text := difference_text(ray.get(answer), self._probe.versions):
            raise WorkerDiedError(f"a node that joined later has {text}")

    def _say_that_we_wait(self) -> None:
        with self._lock:
            if not (self._idle or self._busy or self._is_closed):
                warnings.warn(
                    f"no node of the cluster at {self._session.place} has had room for a run for "
                    f"{PATIENT_SECONDS:.0f} seconds; still waiting for one",
                    stacklevel=2,
                )

    def _is_ready(self, worker: RayWorker, error: WorkerDiedError | None) -> None:
        with self._changed:
            self._starting.discard(worker)
            if error is None:
                self._idle.append(worker)
            elif not self._is_closed:
                self._why_not = error
                self._lose_one(error)
            self._dispatch()
            self._changed.notify_all()

    def _data_of(self, folder: str) -> Any:
        """Returns a reference to prepared data, which are put into the object store once."""
        import ray

        with self._lock:
            if folder not in self._references:
                data = Dataset.load(folder)
                # As arrays in memory, not memory maps: the store takes those without another copy.
                self._references[folder] = ray.put(replace(data, **data.arrays()))
            return self._references[folder]

    def _lose_one(self, error: WorkerDiedError) -> None:
        """Counts a worker that never became ready against the run that it would have trained."""
        if not self._waiting:
            return
        job, future = self._waiting[0]
        if self._is_to_be_repeated(job):
            return
        del self._waiting[0]
        self._lose(job, future, str(error))

    def _is_to_be_repeated(self, job: Job) -> bool:
        self._tries[job.fingerprint] += 1
        return self._tries[job.fingerprint] < MOST_TRIES
