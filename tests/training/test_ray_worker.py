"""What an actor's side and the driver's side do on their own; Ray itself stands aside."""

import json
import tempfile
import threading
from pathlib import Path
from types import SimpleNamespace
from typing import ClassVar

import pytest

from trickbook.recipes import Blueprint
from trickbook.training.errors import LadderError
from trickbook.training.executor import ray_actor, returned_files
from trickbook.training.executor.node_room import Room
from trickbook.training.executor.ray_actor import RayActor
from trickbook.training.executor.ray_worker import RayWorker
from trickbook.training.executor.returned_files import read_files, write_files
from trickbook.training.executor.worker_pool import WorkerDiedError
from trickbook.training.job import Job
from trickbook.training.keras_settings import KerasSettings

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")

DONE = {"event": "ended", "status": "done", "reason": None}


class Actor:
    """A handle whose actor ends every run at once, and keeps the orders."""

    def __init__(self):
        self.orders = []
        self.order = SimpleNamespace(remote=lambda order, data: self.orders.append(order))
        self.hear = SimpleNamespace(remote=lambda: [dict(DONE)])


@pytest.fixture
def actor(monkeypatch):
    monkeypatch.setattr(ray, "get", lambda answer: answer)
    monkeypatch.setattr(ray, "kill", lambda actor: None)
    return Actor()


def started(actor, data_of, *, shared):
    worker = RayWorker(
        actor,
        data_of,
        shared=shared,
        begin=lambda handle: None,
        ready=lambda worker, error: None,
    )
    worker.start()
    return worker


def train(folder, data="data"):
    job = Job("a", "f" * 64, Blueprint(), 0, folder, "", False)
    return {"do": "train", "job": job.to_dict(), "data": data, "wait": False}


@pytest.mark.parametrize("shared", [False, True])
def test_an_object_store_without_room_loses_a_run_and_no_worker(tmp_path, actor, shared):
    def data_of(name):
        if name == "large":
            raise ray.exceptions.ObjectStoreFullError("no room")
        return name

    worker = started(actor, data_of, shared=shared)
    lost = worker.order(train(tmp_path / "run", "large")).result(timeout=60)
    assert lost["status"] == "lost"
    assert lost["reason"].startswith("ObjectStoreFullError: ")
    assert worker.order(train(tmp_path / "run")).result(timeout=60) == DONE
    failed = worker.order({"do": "check", "data": "large"}).exception(timeout=60)
    assert isinstance(failed, WorkerDiedError)
    assert str(failed).startswith("ObjectStoreFullError: ")


def test_nodes_write_where_the_drivers_link_leads(tmp_path, actor):
    (tmp_path / "mount").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "mount")
    folder = tmp_path / "out" / "runs" / "a"
    worker = started(actor, lambda name: name, shared=True)
    assert worker.order(train(folder)).result(timeout=60) == DONE
    assert [Path(order["job"]["folder"]) for order in actor.orders] == [
        tmp_path.resolve() / "mount" / "runs" / "a"
    ]


def join_new(before):
    """Waits for the end of the threads that were not there before."""
    for thread in set(threading.enumerate()) - set(before):
        thread.join(60)


class Service:
    """Ends every run at once, and notes which others are on its node when one begins.

    And it leaves a file for the end of its process.
    """

    seen: ClassVar = []
    left: ClassVar = []

    def __init__(self, precision, tell, load_data, *, threads):
        self._tell = tell

    def carry_out(self, order):
        folder = Path(order["job"]["folder"])
        with tempfile.NamedTemporaryFile(delete=False) as file:
            self.left.append(Path(file.name))
        self.seen.append([path.name for path in folder.parent.iterdir() if path.is_dir()])
        folder.mkdir()
        (folder / "metrics.json").write_text(folder.name)
        self._tell(dict(DONE))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_node_keeps_no_run_that_the_driver_has(tmp_path, monkeypatch):
    monkeypatch.setattr(ray_actor, "WorkerService", Service)
    before = threading.enumerate()
    actor = RayActor(KerasSettings("tensorflow", "float32"), str(Path.cwd()), shared=False)
    for name in ("a", "b", "c"):
        actor.order(train(tmp_path / name), {})
        (event,) = actor.hear()
        assert event["files"] == {"metrics.json": name.encode()}
    assert Service.seen == [[], [], []]
    assert not list(tmp_path.iterdir())
    actor.order({"do": "check"}, {})  # which the service does not know, so that all ends
    join_new(before)
    # Nor what libraries leave there.
    assert len(Service.left) == 3
    assert not any(path.exists() for path in Service.left)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_an_actor_whose_node_has_no_room_for_files_tells_so(monkeypatch):
    def full():
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ray_actor, "scratch_folder", full)
    before, heard = threading.enumerate(), []
    actor = RayActor(KerasSettings("tensorflow", "float32"), str(Path.cwd()), shared=False)
    threading.Thread(target=lambda: heard.extend(actor.hear()), daemon=True).start()
    join_new(before)
    assert heard == [{"event": "died", "reason": "OSError: [Errno 28] No space left on device"}]


def node(**resources):
    return {"Alive": True, "Resources": {"memory": 20e9, **resources}}


def test_nodes_have_room_for_as_many_workers_as_fit_each_of_them():
    nodes = [node(CPU=5), node(CPU=8, memory=5e9), {**node(CPU=64), "Alive": False}]
    # Of 2 CPUs and 1.2 + 3 * 0.3 GB.
    room = Room("here", nodes, threads=2, data_bytes=300_000_000)
    assert room.workers == 2 + 2
    assert room.of_a_worker == {"num_cpus": 2, "num_gpus": 0, "memory": 2_100_000_000}


def test_where_a_node_has_gpus_nodes_without_one_train_nothing():
    room = Room("here", [node(CPU=64), node(CPU=4, GPU=2)], threads=1, data_bytes=0)
    assert (room.workers, room.of_a_worker["num_gpus"]) == (2, 1)


def test_nodes_without_room_are_told_what_a_run_takes():
    with pytest.raises(LadderError, match=r"it takes 3 CPUs, 1\.2 GB of memory and a GPU\."):
        Room("here", [node(CPU=2, GPU=1), node(CPU=64)], threads=3, data_bytes=0)


def test_files_of_a_run_come_back_without_its_state_and_run_json_last(tmp_path, monkeypatch):
    contents = {"run.json": b"{}", "samples.npz": b"s", "tensorboard/events": b"e"}
    left = {"resume/state.npz": b"r", ".lock": b"", "tensorboard/.unfinished": b"u"}
    for name, content in {**contents, **left}.items():
        (tmp_path / "node" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "node" / name).write_bytes(content)
    files = read_files(tmp_path / "node")
    assert files == contents
    written = []
    monkeypatch.setattr(returned_files, "write_bytes", lambda path, _: written.append(path))
    write_files(tmp_path / "here", files)
    assert {path.relative_to(tmp_path / "here").as_posix() for path in written} == set(contents)
    assert written[-1].name == "run.json"


@pytest.mark.parametrize("read_test", [False, True])
def test_a_run_that_left_the_test_set_unread_is_trained_where_it_is_asked_for(
    tmp_path, actor, read_test
):
    folder = tmp_path / "run"
    folder.mkdir()
    there = {"status": "done", "fingerprint": "f" * 64, "test_read": False}
    (folder / "run.json").write_text(json.dumps(there))
    (folder / "metrics.json").write_text("{}")
    worker = started(actor, lambda name: name, shared=False)
    order = train(folder)
    order["job"]["read_test"] = read_test
    found = worker.order(order).result(timeout=60)
    assert found["status"] == ("done" if read_test else "shared")
