"""The executor of worker processes: futures, in whatever order, and nothing left behind.

The workers are small programs that answer as real ones do.
"""

import sys
import threading
import warnings
from concurrent.futures import CancelledError
from contextlib import contextmanager, nullcontext
from pathlib import Path

import pytest

from trickbook.recipes import Blueprint
from trickbook.runs.free_memory import available_bytes
from trickbook.training.errors import LadderError
from trickbook.training.executor import local_processes
from trickbook.training.executor.capacity import default_jobs
from trickbook.training.executor.gpus import visible_gpus
from trickbook.training.executor.local_processes import LocalProcesses
from trickbook.training.executor.outcome import Outcome
from trickbook.training.executor.worker_pool import outcomes
from trickbook.training.job import Job
from trickbook.training.keras_settings import KerasSettings

WORKER = """#!{python}
import json, os, sys, time
from pathlib import Path

def tell(**event):
    print(json.dumps(event), flush=True)

for line in sys.stdin:
    order = json.loads(line)
    if order["do"] == "check":
        width = order["blueprint"]["filters"][0]
        if width < 9:
            tell(event="checked", notes=["narrow"])
        else:
            tell(event="refused", message="too wide")
        continue
    name, folder = order["job"]["name"], Path(order["job"]["folder"])
    with open("{log}", "a") as log:
        log.write(name + " " + str(order["wait"]) + "\\n")
    if name == "die":
        sys.exit(7)
    if name == "asserts":
        tell(event="ended", status="failed", reason="CUDA error: device-side ...", is_spent=True)
        continue
    if name == "elsewhere" and not order["wait"]:
        tell(event="ended", status="busy", reason=None)
        continue
    if name == "stubborn":
        sys.stdin.readline()
        sys.exit(9)
    while name == "long" or (name == "holds" and not Path("{log}").with_name("go").exists()):
        time.sleep(0.05)
    if name == "holds":
        tell(event="ended", status="failed", reason=os.environ["CUDA_VISIBLE_DEVICES"])
        continue
    tell(event="epoch", epoch=1, value=0.5)
    if name == "endless":
        stop = json.loads(sys.stdin.readline())
        reason = stop["do"] + " " + stop["fingerprint"]
        tell(event="ended", status="stopped", reason=reason)
        continue
    failed = name == "failing"
    tell(event="ended", status="failed" if failed else "done", reason="why" if failed else None)
"""


FULL = OSError(28, "No space left on device")


class Notes:
    """An observer that writes down what it is told."""

    def __init__(self):
        self.told = []
        self.begun = threading.Event()

    def started(self, job):
        self.told.append(("started", job.name))
        self.begun.set()

    def epoch(self, job, epoch, value):
        self.told.append(("epoch", job.name, epoch, value))

    def ended(self, job, status, reason):
        self.told.append(("ended", job.name, status, reason))


@pytest.fixture
def program(tmp_path, monkeypatch):
    program = tmp_path / "worker"
    program.write_text(WORKER.format(python=sys.executable, log=tmp_path / "orders.txt"))
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))


@pytest.fixture
def executor(program, tmp_path):
    with LocalProcesses(tmp_path, KerasSettings("tensorflow", "float32")) as processes:
        processes.observer = Notes()
        yield processes


def job(name, seed=0, filters=(4,)):
    blueprint = Blueprint(filters=filters)
    return Job(name, f"{name}-{seed}", blueprint, seed, Path("/nowhere") / name, "", False)


def test_results_come_as_they_end_and_the_observer_hears_of_all(executor):
    executor.workers = 2
    jobs = [job("fine"), job("failing"), job("fine", 1)]
    found = dict(outcomes(executor, jobs))
    assert found == {
        jobs[0]: Outcome("done"),
        jobs[1]: Outcome("failed", "why"),
        jobs[2]: Outcome("done"),
    }
    told = executor.observer.told
    assert sorted(told, key=str) == sorted(
        [("started", one.name) for one in jobs]
        + [("epoch", one.name, 1, 0.5) for one in jobs]
        + [("ended", one.name, out.status, out.reason) for one, out in found.items()],
        key=str,
    )


def test_a_run_whose_process_dies_is_lost_and_the_others_go_on(executor):
    found = {one.name: out for one, out in outcomes(executor, [job("die"), job("fine")])}
    assert found["fine"] == Outcome("done")
    assert found["die"].status == "lost"
    assert found["die"].reason == "its process ended with exit status 7."


def test_after_a_run_that_spent_its_process_the_next_one_gets_another(executor, tmp_path):
    jobs = [job("fine"), job("asserts"), job("fine", 1), job("fine", 2)]
    found = [executor.submit(one).result(timeout=60) for one in jobs]
    failed = Outcome("failed", "CUDA error: device-side ...")
    assert found == [Outcome("done"), failed, Outcome("done"), Outcome("done")]
    assert {path.name for path in tmp_path.glob("worker-*")} == {"worker-1.txt", "worker-2.txt"}


GPU_FILES = ("proc/driver/nvidia/version", "dev/nvidia0", "dev/nvidia1", "dev/nvidiactl")


@pytest.mark.parametrize(
    ("listed", "gpus"),
    [
        (None, ("0", "1")),
        ("1", ("1",)),
        ("GPU-8f,3", ("GPU-8f", "3")),
        ("", ()),
        ("-1", ()),
        ("1,-1,0", ("1",)),
        ("NoDevFiles", ()),
        ("none", ()),
        ("0,void,1", ("0",)),
        ("MIG-1/2/0, 3", ("MIG-1/2/0", "3")),
    ],
)
def test_gpus_are_those_of_the_machine_that_are_not_hidden(tmp_path, monkeypatch, listed, gpus):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if listed is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", listed)
    assert visible_gpus(tmp_path) == ()
    files(tmp_path, **{name.replace("/", "__"): "" for name in GPU_FILES})
    assert visible_gpus(tmp_path) == gpus


@pytest.mark.parametrize(
    ("there", "count"),
    [
        (["dev/dxg", "usr/lib/wsl/lib/libcuda.so.1", "usr/lib/wsl/lib/libdxcore.so"], 1),
        (["dev/dxg", "usr/lib/wsl/drivers/nv_dispi.inf_1/libcuda.so.1.1"], 1),
        (["dev/dxg", "usr/lib/wsl/lib/libdxcore.so"], 0),  # another maker's
        (["usr/lib/wsl/lib/libcuda.so.1"], 0),
    ],
    ids=["NVIDIA", "in a container", "another maker", "no device"],
)
def test_a_gpu_of_windows_is_seen_from_linux_within_it(tmp_path, monkeypatch, there, count):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    files(tmp_path, **{name.replace("/", "__"): "" for name in there})
    assert len(visible_gpus(tmp_path)) == count


@pytest.mark.parametrize(
    ("gpus", "seen"), [(("5", "7"), ["5", "7", "5"]), (("5",), ["9"] * 3)], ids=["two", "one"]
)
def test_workers_are_spread_over_the_gpus(program, tmp_path, monkeypatch, gpus, seen):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "9")  # which a worker sees that is given none
    monkeypatch.setattr(local_processes, "visible_gpus", lambda: gpus)
    with LocalProcesses(tmp_path, KerasSettings("tensorflow", "float32")) as executor:
        executor.workers = 3
        futures = [executor.submit(job("holds", seed)) for seed in range(3)]
        (tmp_path / "go").touch()
        assert [future.result(timeout=60).reason for future in futures] == seen


def test_a_worker_in_place_of_another_gets_its_gpu(program, tmp_path, monkeypatch):
    monkeypatch.setattr(local_processes, "visible_gpus", lambda: ("5", "7"))
    with LocalProcesses(tmp_path, KerasSettings("tensorflow", "float32")) as executor:
        executor.workers = 2
        first = executor.submit(job("holds"))
        executor.submit(job("asserts")).result(timeout=60)
        second = executor.submit(job("holds", 1))
        (tmp_path / "go").touch()
        assert [one.result(timeout=60).reason for one in (first, second)] == ["5", "7"]


def test_what_another_command_trains_is_left_for_last_and_then_waited_for(executor, tmp_path):
    found = {one.name: out for one, out in outcomes(executor, [job("elsewhere"), job("fine")])}
    assert set(found.values()) == {Outcome("done")}
    orders = (tmp_path / "orders.txt").read_text().split("\n")[:-1]
    assert orders[0] == "elsewhere False"
    assert sorted(orders[1:]) == ["elsewhere True", "fine False"]


def test_what_waits_can_be_cancelled_and_what_runs_ends_with_the_executor(executor):
    running, waiting = executor.submit(job("long")), executor.submit(job("fine"))
    assert executor.observer.begun.wait(60)
    assert waiting.cancel()
    left = executor.submit(job("fine", 1))
    executor.close()
    assert running.result(timeout=60) == Outcome("cancelled")
    with pytest.raises(CancelledError):
        left.result(timeout=60)
    assert [event[:2] for event in executor.observer.told] == [("started", "long")]


def test_a_run_under_way_can_be_stopped_and_others_take_no_notice(executor):
    class Stops(Notes):
        def epoch(self, one, epoch, value):
            executor.stop(one)

    executor.observer = Stops()
    stopped, whole = job("endless"), job("fine")
    executor.stop(stopped)  # which is not begun
    found = dict(outcomes(executor, [stopped]))
    assert found == {stopped: Outcome("stopped", "stop endless-0")}
    executor.observer = Notes()
    assert dict(outcomes(executor, [whole])) == {whole: Outcome("done")}
    executor.stop(whole)  # which has ended


def fail(*arguments, **options):
    raise FULL


@contextmanager
def warnings_are_lost():
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.showwarning = fail
        yield


@pytest.mark.parametrize(
    ("error", "told"),
    [
        # Rich's, in a pipe that nobody reads any more: that is no news to anyone.
        (SystemExit(1), nullcontext),
        (FULL, lambda: pytest.warns(UserWarning, match="could not be shown .*No space left")),
        (FULL, warnings_are_lost),
    ],
    ids=["closed pipe", "full disk", "full disk for warnings too"],
)
def test_runs_go_on_when_their_progress_cannot_be_shown(executor, error, told):
    class Screen(Notes):
        def started(self, one):
            raise error

        def epoch(self, one, epoch, value):
            raise error

        def ended(self, one, status, reason):
            super().ended(one, status, reason)
            raise error

    executor.observer = Screen()
    with told():
        futures = [executor.submit(job("fine", seed)) for seed in range(3)]
        found = [future.result(timeout=60) for future in futures]
    assert found == [Outcome("done")] * 3
    assert executor.observer.told == [("ended", "fine", "done", None)] * 3


def test_runs_are_lost_when_no_process_can_be_started_for_them(executor, monkeypatch):
    def refuse(*arguments, **options):
        raise BlockingIOError(11, "Resource temporarily unavailable")

    begin = executor.submit(job("stubborn"))
    assert executor.observer.begun.wait(60)
    executor.workers = 2
    monkeypatch.setattr("subprocess.Popen", refuse)
    # The one process that there is could still take it.
    waiting = executor.submit(job("fine"))
    assert not waiting.done()
    executor.stop(job("stubborn"))
    assert begin.result(timeout=60) == Outcome("lost", "its process ended with exit status 9.")
    reason = "BlockingIOError: [Errno 11] Resource temporarily unavailable"
    assert waiting.result(timeout=60) == Outcome("lost", reason)
    assert executor.submit(job("fine", 1)).result(timeout=60) == Outcome("lost", reason)
    assert ("ended", "fine", "lost", reason) in executor.observer.told


def test_a_blueprint_that_cannot_be_built_is_refused_by_its_rungs_name(executor):
    assert executor.check(Blueprint(filters=(4,)), "00-baseline") == ["narrow"]
    with pytest.raises(LadderError, match="03-wide cannot be trained: too wide"):
        executor.check(Blueprint(filters=(9,)), "03-wide")


def files(root, **contents):
    for name, text in contents.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


def test_a_containers_limit_of_memory_counts(tmp_path):
    free = files(tmp_path, proc__meminfo="MemTotal: 9 kB\nMemAvailable: 8000000 kB\n")
    assert available_bytes(free) == 8_000_000 * 1024
    cgroup = tmp_path / "sys" / "fs" / "cgroup"
    cgroup.mkdir(parents=True)
    (cgroup / "memory.max").write_text("max\n")
    assert available_bytes(free) == 8_000_000 * 1024
    (cgroup / "memory.max").write_text("3000000000\n")
    (cgroup / "memory.current").write_text("1000000000\n")
    assert available_bytes(free) == 2e9
    old = files(tmp_path / "old", proc__meminfo="MemAvailable: 8000000 kB\n")
    (old / "sys" / "fs" / "cgroup" / "memory").mkdir(parents=True)
    (old / "sys/fs/cgroup/memory/memory.limit_in_bytes").write_text("5000000000")
    (old / "sys/fs/cgroup/memory/memory.usage_in_bytes").write_text("6000000000")
    assert available_bytes(old) == 0


@pytest.mark.parametrize(
    ("group", "listing", "limit", "used", "cached"),
    [
        ("sys/fs/cgroup", "0::/a/b\n", "memory.max", "memory.current", "inactive_file"),
        (
            "sys/fs/cgroup/memory",
            "4:cpu,cpuacct:/x\n3:memory:/a/b\n0::/\n",
            "memory.limit_in_bytes",
            "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ],
    ids=["version 2", "version 1"],
)
def test_limits_of_the_groups_that_we_are_in_count_and_cached_files_do_not(
    tmp_path, group, listing, limit, used, cached
):
    files(tmp_path, proc__meminfo="MemAvailable: 8000000 kB\n", proc__self__cgroup=listing)
    sizes = {"a/b": (5e9, 4e9, 2e9), "a": (4e9, 3e9, 1e9), "elsewhere": (1e9, 1e9, 0)}
    for name, (most, taken, given_back) in sizes.items():
        folder = tmp_path / group / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / limit).write_text(f"{most:.0f}\n")
        (folder / used).write_text(f"{taken:.0f}\n")
        (folder / "memory.stat").write_text(f"anon 7\n{cached} {given_back:.0f}\n")
    assert available_bytes(tmp_path) == 2e9
    (tmp_path / group / "a/b" / used).write_text("6000000000")
    assert available_bytes(tmp_path) == 1e9


def test_cores_are_those_that_joblib_counts_and_workers_share_them(tmp_path, monkeypatch):
    monkeypatch.setattr("joblib.cpu_count", lambda: 7)
    monkeypatch.setattr("trickbook.training.executor.capacity.available_bytes", lambda: 100e9)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert default_jobs(0) == 7
    assert default_jobs(int(30e9)) == 1
    for threads, workers in ((2, 3), (9, 1)):
        settings = KerasSettings("tensorflow", "float32", threads)
        assert LocalProcesses(tmp_path, settings).default_workers(0) == workers


@pytest.mark.parametrize(("gpus", "workers"), [("5", 1), ("57", 2), ("01234567", 4)])
def test_on_gpus_there_is_a_worker_for_each_as_memory_allows(monkeypatch, gpus, workers):
    monkeypatch.setattr("joblib.cpu_count", lambda: 3)
    monkeypatch.setattr("trickbook.training.executor.capacity.available_bytes", lambda: 5e9)
    monkeypatch.setattr("trickbook.training.executor.capacity.visible_gpus", lambda: tuple(gpus))
    assert default_jobs(0) == workers
