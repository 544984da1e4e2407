"""What trains on a node of a Ray cluster: an actor that holds a Trainer."""

from __future__ import annotations

import os
import queue
import shutil
import tempfile
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...data import Dataset
from ...runs.scratch import scratch_folder
from ..keras_settings import KerasSettings
from .failure_reasons import reason_of
from .node_facts import Facts, facts_reader
from .returned_files import read_files, read_under_way
from .worker_service import Event, WorkerService


class RayActor:
    """Takes one order at a time, as `worker_service` describes them, and reports events.

    A separate thread carries out the orders, because Ray's threads have to answer in the meantime.

    Args:
        settings: settings of Keras.
        folder: the driver's working folder. If it exists here, the actor changes to it, so that the
            user's relative paths work.
        shared: whether run folders lie on a path that all nodes share. If not, runs are trained in
            a folder on the node, and their files are sent with the events.
    """

    def __init__(self, settings: KerasSettings, folder: str, shared: bool) -> None:
        if Path(folder).is_dir():
            os.chdir(folder)
        self._shared = shared
        self._orders: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self._data: dict[str, Any] = {}
        self._run_folder: Path | None = None
        self._service = WorkerService(
            settings.precision, self._tell, self._load, threads=settings.threads
        )
        threading.Thread(target=self._serve, daemon=True).start()

    def facts(self, packages: tuple[str, ...]) -> Facts:
        """Returns the versions here, as `facts_reader` says."""
        return facts_reader()(packages, None)

    def order(self, order: Event, data: dict[str, Any]) -> None:
        """Takes an order.

        Args:
            order: what to do.
            data: reference to the prepared data that the order names, by that name.
        """
        self._data.update(data)
        self._orders.put(order)

    def stop(self, fingerprint: str) -> None:
        """Ends the run with this fingerprint after its current epoch, if it is under way."""
        self._service.stop(fingerprint)

    def hear(self) -> list[Event]:
        """Returns the events since the last call, once there are any."""
        events = [self._events.get()]
        while not self._events.empty():
            events.append(self._events.get())
        return events

    def _serve(self) -> None:
        try:
            with scratch_folder() as scratch, _temporary_files_in(scratch):
                while True:
                    self._service.carry_out(self._on_this_node(self._orders.get(), scratch))
        # Like the death of a process: the waiting driver is told, and later orders get a new actor.
        except BaseException as error:
            traceback.print_exc()
            told = error if isinstance(error, Exception) else RuntimeError(str(error))
            self._events.put({"event": "died", "reason": reason_of(told)})
            raise

    def _on_this_node(self, order: Event, scratch: Path) -> Event:
        if self._run_folder is not None:
            # The driver has the files of the last run, as it has given another order since.
            shutil.rmtree(self._run_folder, ignore_errors=True)
        self._run_folder = None
        if order["do"] != "train" or self._shared:
            return order
        self._run_folder = scratch / Path(order["job"]["folder"]).name
        return {**order, "job": {**order["job"], "folder": str(self._run_folder)}}

    def _load(self, name: str) -> Dataset:
        import ray

        # The arrays lie in the node's object store, which all actors on the node map.
        data: Dataset = ray.get(self._data[name])
        return data

    def _tell(self, event: Event) -> None:
        if self._run_folder is not None:
            is_over = event["event"] == "ended"
            read = read_files if is_over else read_under_way
            event = {**event, "files": read(self._run_folder)}
        self._events.put(event)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Puts temporary files into a folder that is deleted later.

    Libraries delete theirs at the end of a process, but an actor is killed. TensorFlow, for
    example, leaves a file for each function that it translates.
    """
    before, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
