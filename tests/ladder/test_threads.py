"""`trickbook run --threads N`: what the workers get, and what becomes of the runs."""

import json

import pytest
from ladder_folders import runs_of, stamps

from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.studies.run_study import estimate_study
from trickbook.recipes import Blueprint
from trickbook.runs.fingerprint import fingerprint
from trickbook.training.errors import LadderError
from trickbook.training.executor.threads import thread_settings

NETWORK = """
from pathlib import Path

import keras
import tensorflow as tf


def build(inputs, classes, parts):
    path = Path(__file__).with_name("threads.txt")
    path.write_text(str(tf.config.threading.get_intra_op_parallelism_threads()))
    return parts.logits(keras.layers.Flatten()(inputs), classes)


build.slots = ()
"""
FLAGS = ("run", "own.toml", "--out", "out", "--jobs", "1", "--no-models")


def test_more_than_one_thread_is_another_run():
    data = {"fingerprint": "ab", "split_seed": 0, "limit_train": None, "scaling": "unit"}
    plain = [Blueprint().to_dict(), data, 0, "tensorflow", "float32"]
    found = {fingerprint(*plain, *threads) for threads in ((), (1,), (2,), (4,))}
    assert len(found) == 3


@pytest.mark.parametrize("threads", [1, 3])
def test_each_backend_is_told(monkeypatch, threads):
    monkeypatch.setenv("XLA_FLAGS", "--a")
    told = thread_settings(threads)
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "TF_NUM_INTRAOP_THREADS"):
        assert told[name] == str(threads)
    jax = {name: told[name] for name in ("XLA_FLAGS", "NPROC") if name in told}
    alone = {"XLA_FLAGS": "--a --xla_cpu_multi_thread_eigen=false"}
    assert jax == (alone if threads == 1 else {"NPROC": "3"})


@pytest.fixture(scope="module")
def trained(tmp_path_factory, write_tiny, command):
    """A ladder of one rung, trained with two threads."""
    folder = write_tiny(tmp_path_factory.mktemp("threads"))
    (folder / "counting_threads.py").write_text(NETWORK)
    (folder / "own.toml").write_text(
        '[data]\nname = "npz:tiny.npz"\n[budget]\nepochs = 2\nbatch_size = 18\nseeds = 1\n'
        '[baseline]\nbase = "counting_threads:build"\n'
    )
    done = command(*FLAGS, "--threads", "2", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def run_files(folder):
    return [json.loads((run / "run.json").read_text()) for run in runs_of(folder).values()]


def test_the_worker_has_them_and_the_run_says_so(trained):
    assert (trained / "threads.txt").read_text() == "2"
    assert [run["threads"] for run in run_files(trained / "out")] == [2]
    assert "threads 2" in (trained / "out" / "report.md").read_text()


def test_the_same_command_trains_nothing_anew(trained, command):
    before = stamps(trained / "out")
    done = command(*FLAGS, "--threads", "2", cwd=trained)
    assert done.returncode == 0, done.stdout + done.stderr
    assert stamps(trained / "out") == before
    plain = command(*FLAGS, "--dry-run", cwd=trained)
    assert "1 runs, 1 of them new" in plain.stdout


def test_what_is_no_number_of_threads_is_refused_in_one_line(trained, command):
    for value in ("0", "two"):
        refused = command(*FLAGS, "--threads", value, cwd=trained)
        assert refused.returncode == 2
        assert "--threads" in refused.stderr and "Traceback" not in refused.stderr
    with pytest.raises(LadderError, match=r"threads must be a whole number from 1.*threads=1\.5"):
        estimate_study(None, trained / "new", RunOptions(threads=1.5))
