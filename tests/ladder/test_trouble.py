"""`trickbook run` when something goes wrong: failures, deaths, what cannot be built."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from forked_workers import exit_code
from ladder_folders import is_done, runs_of, stamps
from PIL import Image
from predict_twice import predict_twice

from trickbook.data import DataSpec
from trickbook.ladder import LadderError
from trickbook.recipes import Blueprint, Config, Slot
from trickbook.training.executor.local_processes import LocalProcesses
from trickbook.training.keras_settings import keras_settings


def write_dense(path, recipes):
    """Writes the tiny ladder with these rungs, on a network that is compiled in no time."""
    text = (path.parent / "tiny.toml").read_text().split("[[rung]]")[0]
    dense = text.replace("filters = [4]\nconvolutions = 1\n", 'base = "fully_connected"\n')
    assert dense != text
    path.write_text(dense + "".join(f'[[rung]]\nrecipes = ["{one}"]\n' for one in recipes))


FAILING = """
from dataclasses import replace
import keras
from trickbook.recipes import Config, Recipe, Slot

class Explode(Recipe):
    def apply(self, blueprint):
        return replace(blueprint, learning_rate=1e30)

class Raise(Recipe):
    def apply(self, blueprint):
        calm = replace(blueprint, learning_rate=1e-3)
        return calm.fill("after_dense", Slot(self.name, Config.of("my_tricks:Broken")))

class Mend(Recipe):
    def apply(self, blueprint):
        return blueprint.empty("after_dense", "raise")

class Broken(keras.layers.Layer):
    def call(self, inputs, training=None):
        if training:  # so that it can be built
            raise RuntimeError("this layer is <broken>")
        return inputs
"""


def test_failed_runs_are_recorded_and_stop_no_other(tiny_folder, command):
    (tiny_folder / "my_tricks.py").write_text(FAILING)
    recipes = [f"my_tricks:{name}" for name in ("Explode", "Raise", "Mend")]
    write_dense(tiny_folder / "failing.toml", recipes)
    flags = ["--out", "out", "--seeds", "1", "--jobs", "1"]
    result = command("run", "failing.toml", *flags, cwd=tiny_folder)
    assert result.returncode == 1
    table = pd.read_csv(tiny_folder / "out" / "ladder.csv")
    assert list(table["runs"]) == [1, 0, 0, 1]
    assert list(table["failed"]) == [0, 1, 1, 0]
    runs = {name[3:].partition("-")[0]: path for name, path in runs_of(tiny_folder / "out").items()}
    reasons = {
        name: json.loads((path / "run.json").read_text())["reason"] for name, path in runs.items()
    }
    assert re.match(r"diverged: the loss was (nan|inf) at the end of epoch \d", reasons["explode"])
    assert "RuntimeError" in reasons["raise"]
    assert "this layer is <broken>" in reasons["raise"]
    assert "Traceback" in (runs["raise"] / "log.txt").read_text()
    assert len(pd.read_csv(runs["explode"] / "history.csv")) >= 1
    assert "Traceback" not in result.stdout + result.stderr
    assert "this layer is <broken>" in result.stdout
    assert "&lt;broken&gt;" in (tiny_folder / "out" / "report.html").read_text()
    again = command("run", "failing.toml", *flags, cwd=tiny_folder)
    assert again.returncode == 1
    # Mended, the network is the baseline's: that run is shared.
    assert "3 of 3 runs are in out already" in again.stdout


@pytest.mark.parametrize("move", ["crop_padding_pixels = 8", "width_shift = [1, 8]"])
def test_moves_out_of_sight_are_refused_before_training(tiny_folder, command, move):
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    rung = f'[[rung]]\nrecipes = [{{ use = "augmentation", {move} }}]\n'
    (tiny_folder / "far.toml").write_text(text + rung)
    result = command("run", "far.toml", "--out", "out", cwd=tiny_folder)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    name = move.partition(" ")[0]
    assert f"01-augmentation: {name} is 8, which moves the images, of 8x8" in said
    assert not list((tiny_folder / "out").glob("runs/*"))


FATAL = """
import os
import signal
from pathlib import Path
import keras
from trickbook.recipes import Config, Recipe, Slot

class Fatal(Recipe):
    def apply(self, blueprint):
        return blueprint.fill("callbacks", Slot(self.name, Config.of("my_fatal:Killing")))

class Killing(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if epoch == 1 and not Path("killed").exists():
            Path("killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_worker_that_dies_is_told_of_and_its_run_trained_again(tiny_folder, command):
    (tiny_folder / "my_fatal.py").write_text(FATAL)
    write_dense(tiny_folder / "fatal.toml", ["my_fatal:Fatal"])
    flags = ["run", "fatal.toml", "--out", "out", "--jobs", "1"]
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 1
    assert "its process was killed" in result.stdout
    states = [
        json.loads(path.read_text())["status"] for path in tiny_folder.glob("out/runs/*/run.json")
    ]
    # Another worker took the run after it.
    assert sorted(states) == ["done", "done", "done", "running"]
    again = command(*flags, cwd=tiny_folder)
    assert again.returncode == 0
    assert "3 of 4 runs are in out already" in again.stdout
    assert all(map(is_done, (tiny_folder / "out" / "runs").iterdir()))


def test_a_mended_own_layer_is_another_training(tiny_folder, command):
    own = (
        "import keras\n"
        "from trickbook.recipes import Config, Recipe, Slot\n"
        "@keras.saving.register_keras_serializable('own_tricks')\n"
        "class Double(keras.layers.Layer):\n"
        "    def call(self, inputs, training=None):\n"
        "        return inputs * (FACTOR if training else 2.0)\n"
        "class Doubling(Recipe):\n"
        "    def apply(self, blueprint):\n"
        "        layer = Config.of('own_tricks:Double')\n"
        "        return blueprint.fill('after_dense', Slot(self.name, layer))\n"
    )
    (tiny_folder / "own_tricks.py").write_text(own)
    write_dense(tiny_folder / "own.toml", ["own_tricks:Doubling"])
    flags = ["run", "own.toml", "--out", "out", "--seeds", "1", "--epochs", "1", "--jobs", "1"]
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 1
    assert "FACTOR" in result.stdout
    assert result.stderr == ""
    (tiny_folder / "own_tricks.py").write_text(own.replace("FACTOR", "2.0"))
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 0, result.stdout
    assert "1 of 2 runs are in out already" in result.stdout
    (folder,) = (path for path in (tiny_folder / "out" / "runs").glob("01-*") if is_done(path))
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tiny_folder / "black.png")
    (tiny_folder / "own_tricks.py").rename(tiny_folder / "elsewhere.py")
    # In a process of its own, for this one has registered the layer.
    assert exit_code(predict_twice, folder, "black.png", tiny_folder) == 0
    lost, predicted = json.loads((tiny_folder / "predicted.json").read_text())
    assert lost["status"] == 2
    said = " ".join(lost["errors"].split())
    assert "needs its author's module 'own_tricks', but No module named 'own_tricks'" in said
    assert "Traceback" not in said
    assert predicted["status"] == 0, predicted["errors"]
    assert predicted["output"].startswith("black.png: ")


UNBUILDABLE = """
import keras
from trickbook.recipes import Config, Recipe, Slot

def placing(place, config):
    class Placing(Recipe):
        name = "placing"
        def apply(self, blueprint):
            return blueprint.fill(place, Slot(self.name, config))
    return Placing

Misspelt = placing("after_stage", Config.of("keras.layers:Dropoutt", rate=0.5))
Raising = placing("normalization", Config.of("my_rungs:Broken"))

class Broken(keras.layers.Layer):
    def call(self, inputs):
        raise RuntimeError("this layer is broken")
"""


@pytest.mark.parametrize(
    ("recipe", "why", "flags"),
    [("Misspelt", "Dropoutt", ["--dry-run"]), ("Raising", "this layer is broken", [])],
)
def test_a_rung_that_cannot_be_built_is_refused_before_any_training(
    tiny_folder, command, recipe, why, flags
):
    (tiny_folder / "my_rungs.py").write_text(UNBUILDABLE)
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    (tiny_folder / "bad.toml").write_text(text + f'[[rung]]\nrecipes = ["my_rungs:{recipe}"]\n')
    result = command("run", "bad.toml", "--out", "out", *flags, cwd=tiny_folder)
    assert result.returncode == 2
    said = " ".join(result.stderr.split())
    assert "01-placing cannot be trained: " in said
    assert why in said
    assert "Traceback" not in said
    assert not list((tiny_folder / "out").rglob("run.json"))


@pytest.fixture(scope="module")
def executor(tmp_path_factory, write_tiny):
    """A worker with the tiny images, for what needs no command of its own."""
    folder = write_tiny(tmp_path_factory.mktemp("executor"))
    settings = keras_settings("tensorflow", "float32")
    with LocalProcesses(folder, settings) as executor:
        executor.prepare(DataSpec(f"npz:{folder / 'tiny.npz'}"))
        yield executor


@pytest.mark.parametrize(
    ("place", "path", "arguments", "why"),
    [
        ("after_dense", "keras.layers:Dropout", {"rate": "much"}, "much"),
        (
            *("normalization", "keras.layers:GroupNormalization", {"groups": 3}),
            "placing cannot split the 4 channels of stage1_1 into 3 groups",
        ),
        ("optimizer", "keras.optimizers:Adamm", {}, "Adamm"),
        ("callbacks", "keras.callbacks:EarlyStopping", {"patients": 3}, "patients"),
        ("transforms", "trickbook.layers:RandomAugmentation", {"zoom": -2.0}, "zoom"),
        (
            *("transforms", "trickbook.layers:RandomAugmentation", {"brightness_raw": 900}),
            "placing: brightness_raw is 900, and the pixels of these images go from 0 to 255",
        ),
        ("mixing", "trickbook.layers:MixUp", {"alpha": -1}, "alpha"),
        ("preprocessing", "trickbook.layers:ZCAWhitening", {"epsilon": 0}, "epsilon"),
    ],
)
def test_what_cannot_be_built_is_refused_wherever_it_stands(executor, place, path, arguments, why):
    small = Blueprint(filters=(4,), convolutions=1, dense=(8,), batch_size=10)
    blueprint = small.fill(place, Slot("placing", Config.of(path, **arguments)))
    with pytest.raises(LadderError, match=f"01-placing cannot be trained: .*{why}"):
        executor.check(blueprint, "01-placing")


MEMORY = """
import errno
from pathlib import Path
import keras
from trickbook.recipes import Config, Recipe, Slot

class Large(Recipe):
    def apply(self, blueprint):
        return blueprint.fill("after_dense", Slot(self.name, Config.of("my_memory:Hungry")))

class Hungry(keras.layers.Layer):
    def call(self, inputs):
        if not Path("memory").exists():
            raise MemoryError("no room")
        return inputs

class Stored(Recipe):
    def apply(self, blueprint):
        return blueprint.fill("callbacks", Slot(self.name, Config.of("my_memory:Storing")))

class Storing(keras.callbacks.Callback):
    def on_epoch_end(self, epoch, logs=None):
        if not Path("disk").exists():
            raise OSError(errno.ENOSPC, "No space left on device")
"""


def test_what_the_machine_stops_is_no_finished_run_and_trained_again(tiny_folder, command):
    (tiny_folder / "my_memory.py").write_text(MEMORY)
    write_dense(tiny_folder / "large.toml", ["my_memory:Stored", "my_memory:Large"])
    flags = ["run", "large.toml", "--out", "out", "--seeds", "1", "--jobs", "1"]
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 1
    assert "out of memory on the device: lower --batch-size" in result.stdout
    assert "Lost: 01-stored" in result.stdout and "No space left on device" in result.stdout
    assert "The same command trains it again" in result.stdout
    table = pd.read_csv(tiny_folder / "out" / "ladder.csv")
    assert list(table["runs"]) == [1, 0, 0]
    assert list(table["failed"]) == [0, 0, 0]
    (tiny_folder / "memory").touch()
    (tiny_folder / "disk").touch()
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert list(pd.read_csv(tiny_folder / "out" / "ladder.csv")["runs"]) == [1, 1, 1]


@pytest.mark.filterwarnings("default")
def test_a_run_whose_record_is_damaged_is_named_and_trained_again(climbed, tmp_path, command):
    shutil.copytree(climbed.parent, tmp_path / "here")
    out = tmp_path / "here" / "out"
    name, damaged = sorted(runs_of(out).items())[0]
    before = stamps(out)
    (damaged / "run.json").write_text('{"name": ')
    report = command("report", "out", cwd=out.parent)
    assert report.returncode == 0, report.stderr
    assert f"{name}/run.json cannot be read as JSON" in " ".join(report.stderr.split())
    result = command("run", "tiny.toml", "--out", "out", cwd=out.parent)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "5 of 6 runs are in out already" in result.stdout
    assert is_done(damaged)
    after = stamps(out)
    assert [one for one in before if after[one] != before[one]] == [name]
