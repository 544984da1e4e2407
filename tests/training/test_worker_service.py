"""What carries out a worker's orders, in this process."""

import errno
import json
import shutil
import weakref

import keras
import pytest
import transfer_orders
from forked_workers import exit_code

from trickbook.callbacks.state.state_file import read_state, write_state
from trickbook.data import DataSpec, load
from trickbook.recipes import Blueprint, Config, Slot, WarmStart
from trickbook.runs.run_file import SAVED
from trickbook.training.executor import worker_service
from trickbook.training.executor.failure_reasons import is_of_cuda, is_of_the_machine, reason_of
from trickbook.training.executor.worker_service import WorkerService
from trickbook.training.job import Job

BUILT = []


def build(inputs, classes, parts):
    """A base network of the user's own, of which a layer is watched."""
    hidden = keras.layers.Dense(4)
    BUILT.append(weakref.ref(hidden))
    return parts.logits(hidden(keras.layers.Flatten()(inputs)), classes)


build.slots = ()


class Fails(keras.layers.Layer):
    """Raises where it is trained, not where it is built, what a test says."""

    error = RuntimeError("")

    def call(self, inputs, training=None):
        if training:
            raise self.error
        return inputs


SAVE_SECONDS = "trickbook.training.trainer.SAVE_SECONDS"
OWN = Blueprint(base=f"{__name__}:build", batch_size=8)


@pytest.fixture(scope="module", autouse=True)
def this_process_as_a_worker():
    # TensorFlow has its threads, as tests before this one computed.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(worker_service, "limit_tensorflow", lambda threads: None)
        yield


def test_networks_on_other_data_are_gone_before_the_next_data_are_loaded():
    alive = []

    def load_data(name):
        alive.append(sum(one() is not None for one in BUILT))
        return load(DataSpec("digits", limit_train=40, split_seed=int(name)))

    told = []
    service = WorkerService("float32", told.append, load_data)
    for name in ("0", "1", "2"):
        service.carry_out({"do": "measure", "blueprint": OWN.to_dict(), "data": name})
    assert [event["event"] for event in told] == ["measured"] * 3
    assert len(BUILT) >= 3
    assert alive == [0, 0, 0]


@pytest.mark.skipif(keras.backend.backend() != "tensorflow", reason="it is about its threads")
def test_weights_may_be_hashed_before_anything_is_trained(tmp_path):
    assert exit_code(transfer_orders.main, str(tmp_path)) == 0


def trained(service, data, blueprint, folder):
    """What run.json tells of the data of a run."""
    job = Job("x", "f" * 64, blueprint, 0, folder, "", save_model=True)
    service.carry_out({"do": "train", "job": job.to_dict(), "data": data, "wait": True})
    run = json.loads((folder / "run.json").read_text())
    assert run["status"] == "done", run["reason"]
    return run["data"]


def test_a_table_tells_the_scaling_that_a_run_was_trained_with(tmp_path):
    data = {seed: load(DataSpec("wine", limit_train=60, split_seed=int(seed))) for seed in "01"}
    service = WorkerService("float32", lambda event: None, data.__getitem__)
    plain = Blueprint(base="mlp", dense=(4,), epochs=1, batch_size=20)
    first = trained(service, "0", plain, tmp_path / "first")
    started = WarmStart(str(tmp_path / "first")).apply(plain)
    second = trained(service, "1", started, tmp_path / "second")
    third = trained(service, "1", plain, tmp_path / "third")
    for name in ("scale", "offset"):
        scaling = [one["table"]["scaling"][name] for one in (first, second, third)]
        # The model holds it in single precision.
        assert scaling[1] == pytest.approx(scaling[0], rel=1e-6)
        assert scaling[1] != pytest.approx(scaling[2], rel=1e-3)
    assert third == data["1"].summary()
    del second["table"]["scaling"], third["table"]["scaling"]
    assert second == third


def test_prepared_data_for_which_there_is_no_room_are_refused_with_their_size(
    tmp_path, monkeypatch
):
    def full(*_, **__):
        raise OSError("79168 requested and 20352 written")  # as NumPy says it

    monkeypatch.setattr("numpy.save", full)
    told = []
    service = WorkerService("float32", told.append, lambda name: None)
    order = {"do": "prepare", "spec": DataSpec("digits").to_dict(), "folder": str(tmp_path / "x")}
    service.carry_out(order)
    (refused,) = told
    assert refused["event"] == "refused"
    assert refused["message"] == (
        # Of 1,797 images a byte for each of 8x8 pixels, and their labels.
        f"The prepared data (0.1 MB) cannot be saved in {tmp_path} (79168 requested and 20352 "
        "written). Set TMPDIR to a folder that has room for them."
    )


class KilledError(BaseException):
    """As a kill: no `except Exception` has its turn after it."""


@pytest.fixture(scope="module")
def data():
    return load(DataSpec("digits", limit_train=40))


def order_in(folder):
    blueprint = Blueprint(base="mlp", dense=(4,), epochs=4, batch_size=20)
    job = Job("x", "f" * 64, blueprint, 0, folder, "", save_model=False)
    return {"do": "train", "job": job.to_dict(), "data": "0", "wait": True}


@pytest.fixture(scope="module")
def killed_once(data, tmp_path_factory):
    """The folder of a run that was killed in its third epoch, to be copied."""

    def kill(event):
        if event.get("epoch") == 3:
            raise KilledError

    folder = tmp_path_factory.mktemp("killed") / "run"
    with pytest.MonkeyPatch.context() as patch, pytest.raises(KilledError):
        patch.setattr(SAVE_SECONDS, 0.0)
        WorkerService("float32", kill, lambda name: data).carry_out(order_in(folder))
    (folder / "log.txt").write_text("what it said\n")
    return folder


@pytest.fixture
def killed(killed_once, tmp_path, monkeypatch):
    """The folder of a killed run of this test's own."""
    monkeypatch.setattr(SAVE_SECONDS, 0.0)
    return shutil.copytree(killed_once, tmp_path / "run")


def carrier(data):
    """What has a service of its own train the run in a folder, and returns what it tells."""
    told = []
    service = WorkerService("float32", told.append, lambda name: data)

    def train(folder):
        told.clear()
        service.carry_out(order_in(folder))
        return [*told]

    return train


@pytest.fixture(scope="module")
def carry_out(data):
    """As one for all of these tests: it has compiled the network once."""
    return carrier(data)


def gone_on(folder, carry_out, **changed):
    """The epochs that are trained where run.json told other things, and what it tells then."""
    before = json.loads((folder / "run.json").read_text())
    start = {"started": "2001-01-01T00:00:00+00:00"}
    (folder / "run.json").write_text(json.dumps(before | start | changed))
    told = carry_out(folder)
    assert told[-1]["status"] == "done"
    run = json.loads((folder / "run.json").read_text())
    assert run["versions"] == before["versions"]
    return [event["epoch"] for event in told[:-1]], run


def test_a_killed_run_that_goes_on_keeps_its_start_and_its_log(killed, data):
    epochs, run = gone_on(killed, carrier(data))
    assert epochs == [3, 4]
    assert run["started"] == "2001-01-01T00:00:00+00:00"
    assert (killed / "log.txt").read_text().startswith("what it said\n")


def test_the_time_before_a_kill_counts(killed, carry_out):
    state = read_state(killed / SAVED / "state.npz")
    state["callbacks"]["Progress 1"]["seconds"] += 1000
    write_state(killed / SAVED / "state.npz", state)
    _, run = gone_on(killed, carry_out)
    metrics = json.loads((killed / "metrics.json").read_text())
    for told in (run, metrics):
        assert 1000 < told["seconds"] < 1500


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"versions": {"keras": "3.1.4"}}, "keras: 3.1.4, now 3"),
        ({"code": "0123456789ab"}, "code: 0123456789ab, now "),
        ({"machine": {"accelerator": "GPU of before"}}, "accelerator: GPU of before, now "),
        ({"machine": {"accelerator": None, "cpu": "CPU of before"}}, "cpu: CPU of before, now "),
        ({"fingerprint": "e" * 64}, "fingerprint: eee"),
    ],
    ids=["versions", "code", "accelerator", "cpu", "fingerprint"],
)
def test_what_other_software_has_saved_of_a_run_is_trained_anew(killed, carry_out, changed, said):
    with pytest.warns(UserWarning, match=rf"\(.*{said}.*\); the run is trained anew"):
        epochs, run = gone_on(killed, carry_out, **changed)
    assert epochs == [1, 2, 3, 4]
    assert run["started"] > "2001-01-02"


def test_a_run_whose_saved_state_nobody_owns_is_trained_anew(killed, carry_out):
    (killed / "run.json").unlink()
    with pytest.warns(UserWarning, match="the run is trained anew"):
        told = carry_out(killed)
    assert [event["epoch"] for event in told[:-1]] == [1, 2, 3, 4]


def test_a_run_that_begins_afresh_begins_its_log_afresh(killed, carry_out):
    shutil.rmtree(killed / SAVED)
    carry_out(killed)
    assert "what it said" not in (killed / "log.txt").read_text()


ASSERT = RuntimeError("CUDA error: device-side assert triggered")


@pytest.mark.parametrize(
    ("error", "status", "is_spent"),
    [
        (RuntimeError("not a number"), "failed", False),
        # Of the run's own making, and yet nothing more can be computed in this process.
        (ASSERT, "failed", True),
        (RuntimeError("CUDA error: out of memory"), "lost", True),
        (MemoryError("no room"), "lost", False),
    ],
    ids=["own", "assert", "full GPU", "full machine"],
)
def test_a_run_that_takes_the_gpu_from_the_process_spends_it(
    tmp_path, monkeypatch, error, status, is_spent
):
    monkeypatch.setattr(Fails, "error", error)
    failing = Slot("fails", Config.of(f"{__name__}:Fails"))
    blueprint = Blueprint(filters=(2,), dense=(4,), epochs=1, batch_size=8).fill(
        "after_stage", failing
    )
    job = Job("fails", "f" * 64, blueprint, 0, tmp_path / "run", "", False)
    told = []
    data = load(DataSpec("digits", limit_train=40))
    service = WorkerService("float32", told.append, lambda name: data)
    service.carry_out({"do": "train", "job": job.to_dict(), "data": "0", "wait": True})
    (ended,) = told
    assert (ended["event"], ended["status"]) == ("ended", status)
    assert ended.get("is_spent", False) == is_spent


@pytest.mark.parametrize(
    "text",
    [
        "CUDA error: out of memory",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
        "INTERNAL: Failed to allocate: CUDA_ERROR_OUT_OF_MEMORY: out of memory",
        "Could not create cudnn handle: CUDNN_STATUS_ALLOC_FAILED",
    ],
)
def test_a_full_gpu_is_no_fault_of_the_runs_and_told_as_such(text):
    error = RuntimeError(text)
    assert is_of_the_machine(error)
    assert reason_of(error).startswith("out of memory on the device")


@pytest.mark.parametrize(
    ("text", "is_machine"),
    [
        ("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED", True),
        ("CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`", True),
        ("FAILED_PRECONDITION: DNN library initialization failed.", True),
        ("CUDA error: all CUDA-capable devices are busy or unavailable", True),
        ("CUDA error: uncorrectable ECC error encountered", True),
        ("CUDA error: device-side assert triggered", False),
        ("CUDA error: an illegal memory access was encountered", False),
    ],
)
def test_a_gpu_that_cannot_begin_is_told_from_a_fault_of_the_runs(text, is_machine):
    error = RuntimeError(text)
    assert (is_of_the_machine(error), is_of_cuda(error)) == (is_machine, True)
    assert reason_of(error) == f"RuntimeError: {text}"


@pytest.mark.parametrize(
    ("error", "is_machine"),
    [
        *((OSError(getattr(errno, name), "gone"), True) for name in ("ENOSPC", "EDQUOT", "EIO")),
        *((OSError(getattr(errno, name), "gone"), True) for name in ("EROFS", "ESTALE", "EMFILE")),
        (OSError(errno.ENOENT, "no such file"), False),
        (OSError("7 requested and 3 written"), False),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory while trying to allocate"), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory"), True),
        (ValueError("shapes do not fit"), False),
    ],
    ids=repr,
)
def test_a_disk_that_is_full_or_gone_is_told_from_a_fault_of_the_runs(error, is_machine):
    assert is_of_the_machine(error) == is_machine
