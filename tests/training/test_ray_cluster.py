"""Runs on a real Ray cluster of two nodes, which come to the digits of local ones."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import signal
import socket
from contextlib import contextmanager
from pathlib import Path

import pytest
from ladder_folders import figures, is_done, runs_of, stamps, start, wait_for

from trickbook.training.errors import LadderError
from trickbook.training.executor import node_probe
from trickbook.training.executor.ray_address import started_here
from trickbook.training.executor.ray_cluster import RayCluster
from trickbook.training.executor.ray_session import RaySession
from trickbook.training.keras_settings import KerasSettings

ray = pytest.importorskip("ray", reason="the extra `ray` is not installed")
ClientWorker = pytest.importorskip("ray.util.client.worker").Worker

# Its second epoch waits until it may go on, so that runs are under way for as long as it takes.
WAITING = """
import time
from pathlib import Path
import keras
from trickbook.recipes import Config, Recipe, Slot

class Wait(Recipe):
    def apply(self, blueprint):
        return blueprint.fill("callbacks", Slot(self.name, Config.of("my_waiting:Waiting")))

class Waiting(keras.callbacks.Callback):
    def on_epoch_begin(self, epoch, logs=None):
        while epoch == 1 and not Path("go").exists():
            time.sleep(0.05)
"""
NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20, "memory": 4 * 2**30}
# Actors import TensorFlow, each in a process of its own, beside whatever else is tested.
PATIENT = 300
SETTINGS = KerasSettings("tensorflow", "float32")


@pytest.fixture(scope="module")
def client_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def cluster(client_port):
    """Two nodes of one CPU each, and a server for clients."""
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # A node that is gone is noticed at once.
        for name, value in (("initial_delay_ms", 0), ("period_ms", 500), ("failure_threshold", 2)):
            patch.setenv(f"RAY_health_check_{name}", str(value))
        # Ray's actors would give way to the tests beside them, whose process waits for them.
        patch.setenv("RAY_worker_niceness", "0")
        head = {**NODE, "include_dashboard": False, "ray_client_server_port": client_port}
        started = Cluster(initialize_head=True, head_node_args=head)
        started.add_node(**NODE)
        yield started
        started.shutdown()


@pytest.fixture
def waiting_folder(tiny_folder):
    """A ladder of two rungs, the baseline and one that waits for the file `go`, two seeds each."""
    (tiny_folder / "my_waiting.py").write_text(WAITING)
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    (tiny_folder / "tiny.toml").write_text(text + '[[rung]]\nrecipes = ["my_waiting:Wait"]\n')
    return tiny_folder


def under_way(out: Path) -> list[Path]:
    """The run folders of which an epoch is over and the next one waits."""
    return [path.parent for path in out.glob("runs/*/history.csv") if not is_done(path.parent)]


def actors() -> list[int]:
    """The processes that hold a trainer; Ray names them."""
    named = [(path.parent.name, _text(path)) for path in Path("/proc").glob("[0-9]*/cmdline")]
    return [int(process) for process, name in named if name.startswith("ray::RayActor")]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it has just ended


def test_nothing_that_is_finished_is_lost_with_driver_worker_or_node(
    climbed, waiting_folder, cluster
):
    out = waiting_folder / "out"
    run = ("run", "tiny.toml", "--out", "out", "--on", cluster.address)
    driver = start(*run, cwd=waiting_folder)
    wait_for(lambda: len(under_way(out)) == 2, PATIENT)
    done = {name: at for name, at in stamps(out).items() if is_done(out / "runs" / name)}
    assert len(done) == 2
    driver.kill()
    driver.communicate()
    wait_for(lambda: not actors(), 60)

    begun = {folder.name: stamps(out)[folder.name] for folder in under_way(out)}
    driver = start(*run, cwd=waiting_folder)
    wait_for(lambda: all(stamps(out)[name] > at for name, at in begun.items()), PATIENT)
    cluster.remove_node(next(iter(cluster.worker_nodes)), allow_graceful=False)
    wait_for(lambda: len(actors()) == 1, 60)
    os.kill(actors()[0], signal.SIGKILL)
    (waiting_folder / "go").touch()
    output, errors = driver.communicate(timeout=PATIENT)
    assert driver.returncode == 0, output + errors
    assert "2 of 4 runs are in out already" in output
    assert "raylet" not in output + errors
    assert {name: stamps(out)[name] for name in done} == done
    assert all(map(is_done, runs_of(out).values()))
    alone = [each for name, each in sorted(figures(climbed).items()) if name[:2] == "00"]
    assert [each for _, each in sorted(figures(out).items())] == [*alone, *alone]
    wait_for(lambda: not actors(), 60)


def test_a_client_trains_into_a_folder_that_all_nodes_share(
    climbed, tiny_folder, cluster, client_port, command
):
    place, ladder = f"ray://127.0.0.1:{client_port}", tiny_folder / "tiny.toml"
    ladder.write_text(ladder.read_text().split("[[rung]]")[0])
    result = command(
        *("run", "tiny.toml", "--out", "out", "--on", place, "--shared", "--seeds", "1"),
        cwd=tiny_folder,
    )
    assert result.returncode == 0, result.stdout + result.stderr + servers_of_clients(cluster)
    alone = {name: each for name, each in figures(climbed).items() if "00-baseline-s0-" in name}
    assert figures(tiny_folder / "out") == alone
    assert not ray.is_initialized()


def servers_of_clients(cluster) -> str:
    """What the head's servers of clients have to say of what went wrong."""
    logs = Path(cluster.head_node.get_logs_dir_path()).glob("ray_client_server*.err")
    return "".join(f"\n{path.name}\n{_text(path)}" for path in sorted(logs))


@pytest.mark.parametrize("failures", [2, 3])
def test_a_head_that_fails_to_start_a_clients_server_is_asked_again(
    cluster, client_port, monkeypatch, failures
):
    begin, asked = ClientWorker._server_init, []

    def server_init(self, *given):
        asked.append(given)
        if len(asked) <= failures:
            # As Ray 2 says it, where no process could be started and where it ended at once.
            said = ("Starting Ray client server failed. See its log.", "psutil.ZombieProcess: PID")
            raise ConnectionAbortedError(said[len(asked) % 2])
        return begin(self, *given)

    monkeypatch.setattr(ClientWorker, "_server_init", server_init)
    place = f"ray://127.0.0.1:{client_port}"
    if failures == 3:
        with pytest.raises(LadderError, match=r"cannot be used: .*ZombieProcess"):
            RaySession(place)
    else:
        RaySession(place).close()
    assert len(asked) == 3
    assert not ray.is_initialized()


@contextmanager
def _unseen(folder):
    yield "/nowhere/at/all"


def test_a_folder_that_a_node_does_not_see_is_refused(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(node_probe, "_marked", _unseen)
    with pytest.raises(LadderError, match=r"--shared: node .* does not see .*/out\. Put it"):
        RayCluster(cluster.address, tmp_path, SETTINGS, tmp_path / "out")
    assert not ray.is_initialized()


def test_nodes_with_other_versions_are_refused(tmp_path, cluster, monkeypatch):
    here = importlib.metadata.version
    monkeypatch.setattr(
        importlib.metadata, "version", lambda name: "9.9" if name == "keras" else here(name)
    )
    with pytest.raises(LadderError, match=rf"has keras {here('keras')} \(here 9\.9\)\. Install"):
        RayCluster(cluster.address, tmp_path, SETTINGS)


def test_a_cluster_of_another_ray_is_refused(tmp_path, cluster, monkeypatch):
    monkeypatch.setattr(ray, "__version__", "1.2.3")
    with pytest.raises(LadderError, match=r"cannot be used: .*Version mismatch.*Ray: 1\.2\.3"):
        RayCluster(cluster.address, tmp_path, SETTINGS)


@pytest.mark.parametrize(
    ("flags", "why"),
    [
        (["--on", "127.0.0.1:1"], "No Ray cluster answers at 127.0.0.1:1 (Connection refused)"),
        (["--on", "ray://127.0.0.1:1"], "No Ray cluster answers at ray://127.0.0.1:1"),
        (["--on", "cluster"], "on (--on) takes ray for a cluster on this machine"),
        (["--shared"], "shared (--shared) needs a cluster: name it with on (--on)."),
    ],
)
def test_what_names_no_cluster_is_refused_before_any_work(tiny_folder, command, flags, why):
    result = command("run", "tiny.toml", "--out", "out", *flags, cwd=tiny_folder)
    assert result.returncode == 2
    assert why in " ".join(result.stderr.split())
    assert not list((tiny_folder / "out").rglob("run.json"))


def test_the_port_of_another_server_is_told_from_a_clusters(tmp_path, cluster):
    with pytest.raises(LadderError, match="no Ray cluster of that kind: ray:// takes the port"):
        RayCluster(f"ray://{cluster.address}", tmp_path, SETTINGS)


def test_a_cluster_of_this_machine_is_joined_if_it_runs(tmp_path, cluster, monkeypatch):
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    assert started_here() is None
    file = tmp_path / "ray" / "ray_current_cluster"
    file.parent.mkdir()
    file.write_text(cluster.address)
    assert started_here() == cluster.address
    file.write_text("127.0.0.1:1")  # as a cluster that was killed leaves it
    assert started_here() is None


def test_without_ray_it_is_said_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(LadderError, match=r"pip install 'ray\[client\]'"):
        RayCluster("ray", tmp_path, SETTINGS)
