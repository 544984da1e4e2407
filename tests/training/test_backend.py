"""`trickbook run --backend B --precision P`, on the backend that the tests run on."""

import json
import os
import shutil
import subprocess
import sys

import keras
import numpy as np
import pandas as pd
import pytest
from ladder_folders import figures, runs_of, stamps

from trickbook.data import from_arrays
from trickbook.recipes import Blueprint, Dropout
from trickbook.training import trainer, write_results
from trickbook.training.build import build_network
from trickbook.training.job import Job

BACKEND = keras.backend.backend()


def climb(folder, *arguments):
    """Runs the command where nothing but its own flags names a backend."""
    return subprocess.run(
        [sys.executable, "-m", "trickbook", "run", "tiny.toml", *arguments],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(BACKEND == "tensorflow", reason="the other tests run it there")
def test_a_ladder_runs_and_repeats_its_digits(climbed, tmp_path, write_tiny, tiny_images):
    table = pd.read_csv(climbed / "ladder.csv")
    assert list(table["runs"]) == [2, 2, 2]
    for folder in runs_of(climbed).values():
        run = json.loads((folder / "run.json").read_text())
        assert (run["backend"], run["precision"], run["status"]) == (BACKEND, "float32", "done")
        model = keras.saving.load_model(folder / "model.keras")
        predicted = model.predict(tiny_images["x_test"], verbose=0).argmax(axis=1)
        accuracy = (predicted == tiny_images["y_test"]).mean()
        metrics = json.loads((folder / "metrics.json").read_text())
        assert metrics["test_accuracy"] == pytest.approx(accuracy)
    write_tiny(tmp_path)
    again = climb(tmp_path, "--backend", BACKEND, "--jobs", "1", "--out", "again")
    assert again.returncode == 0, again.stdout + again.stderr
    assert figures(tmp_path / "again") == figures(climbed)


def test_mixed_precision_is_another_run(climbed, tmp_path, command, monkeypatch):
    monkeypatch.delenv("KERAS_BACKEND", raising=False)
    shutil.copytree(climbed.parent, tmp_path / "copy")
    out, ladder = tmp_path / "copy" / "out", tmp_path / "copy" / "tiny.toml"
    ladder.write_text(ladder.read_text().split("[[rung]]")[0])
    before = stamps(out)
    flags = ("--backend", BACKEND, "--precision", "mixed_bfloat16", "--seeds", "1", "--jobs", "1")
    done = command("run", "tiny.toml", *flags, "--out", "out", cwd=tmp_path / "copy")
    assert done.returncode == 0, done.stdout + done.stderr
    after = stamps(out)
    assert {name: after[name] for name in before} == before
    folders = {}
    for folder in runs_of(out).values():
        run = json.loads((folder / "run.json").read_text())
        assert run["backend"] == BACKEND
        folders.setdefault(run["precision"], []).append(folder)
    assert {precision: len(each) for precision, each in folders.items()} == {
        "float32": 6,
        "mixed_bfloat16": 1,
    }
    (folder,) = folders["mixed_bfloat16"]
    model = keras.saving.load_model(folder / "model.keras")
    assert model.get_layer("network").get_layer("logits").compute_dtype == "float32"
    assert "bfloat16" in {layer.compute_dtype for layer in model.get_layer("network").layers}
    assert np.isfinite(pd.read_csv(folder / "history.csv")["loss"]).all()


@pytest.mark.parametrize(
    ("option", "value", "wanted"),
    [
        ("--backend", "theano", "(--backend) is 'theano', which is none of tensorflow, jax, torch"),
        ("--precision", "float8", "(--precision) takes one of float32, mixed_bfloat16"),
    ],
)
def test_what_is_not_there_is_refused_by_name(tmp_path, write_tiny, option, value, wanted):
    write_tiny(tmp_path)
    done = climb(tmp_path, option, value)
    assert done.returncode == 2
    text = " ".join(done.stderr.split())
    assert wanted in text
    assert BACKEND in text or option == "--precision"
    assert "Traceback" not in text


def test_dropout_depends_on_the_seed_alone(tiny_images):
    images = tiny_images["x_train"].astype("float32")
    blueprint = Blueprint(filters=(4,), convolutions=1, dense=(8,))
    blueprint = Dropout(rate=0.5, stage_rate=0.5).apply(blueprint)

    def outputs(seed, draws_elsewhere):
        network = build_network(blueprint, (8, 8, 1), 3, seed)
        for _ in range(draws_elsewhere):
            keras.layers.Dropout(0.5)(images, training=True)
        return keras.ops.convert_to_numpy(network(images, training=True))

    np.testing.assert_array_equal(outputs(3, 2), outputs(3, 0))
    assert not np.array_equal(outputs(4, 0), outputs(3, 0))


def test_a_run_killed_after_its_last_epoch_is_evaluated(tiny_images, tmp_path, monkeypatch):
    class KilledError(BaseException):
        """As a kill: no `except Exception` has its turn after it."""

    def killed(*arguments):
        raise KilledError

    def metrics_of(folder):
        metrics = json.loads((folder / "metrics.json").read_text())
        del metrics["seconds"]
        return metrics

    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    runs = trainer.Trainer(from_arrays(tiny_images["x_train"], tiny_images["y_train"]))
    blueprint = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=2, batch_size=10)
    whole, stopped = (
        Job("baseline", "f" * 64, blueprint, 3, tmp_path / name, "test", save_model=False)
        for name in ("whole", "stopped")
    )
    runs.train(whole, lambda epoch, logs: None)
    with monkeypatch.context() as patch:
        patch.setattr(write_results, "final_metrics", killed)
        with pytest.raises(KilledError):
            runs.train(stopped, lambda epoch, logs: None)
    epochs = []
    runs.train(stopped, lambda epoch, logs: epochs.append(epoch))
    assert epochs == []
    assert metrics_of(stopped.folder) == metrics_of(whole.folder)
