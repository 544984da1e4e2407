"""A small network on data of each task and kind of input, on the backend that there is."""

import json

import keras
import numpy as np
import pytest

from trickbook.data import DataSpec, load
from trickbook.recipes import Blueprint, Task
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

DENSE = {"base": "fully_connected", "dense": (4,)}
REGRESSION = Task.named(kind="regression")
RNG = np.random.default_rng(0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Holds tokens.npz, whose class is whether 3 is in a sentence, and gaps.npz of two steps."""
    folder = tmp_path_factory.mktemp("tasks")
    tokens = RNG.integers(0, 6, (120, 5))
    np.savez(folder / "tokens.npz", x_train=tokens, y_train=(tokens == 3).any(axis=1).astype(int))
    steps = RNG.normal(size=(120, 2, 3)).astype("float32")
    np.savez(
        folder / "gaps.npz",
        x_train=steps,
        y_train=(steps[:, 1, 0] - steps[:, 0, 0]).astype("float32"),
    )
    return folder


@pytest.mark.parametrize(
    ("data", "settings"),
    [
        ({"name": "wine"}, DENSE),
        ({"name": "diabetes"}, {**DENSE, "task": REGRESSION}),
        ({"name": "npz:tokens.npz", "inputs": "tokens"}, DENSE),
        ({"name": "npz:gaps.npz", "inputs": "sequences"}, {"base": "recurrent", "dense": (4,)}),
    ],
    ids=["classes of rows", "numbers of rows", "classes of tokens", "numbers of sequences"],
)
def test_a_network_trains_and_is_saved_as_it_was_measured(
    data, settings, folder, tmp_path, monkeypatch
):
    monkeypatch.chdir(folder)
    if "gaps" in data["name"]:
        settings = {**settings, "task": REGRESSION}
    trainer = Trainer(load(DataSpec(**data)))
    blueprint = Blueprint(epochs=1, batch_size=24, learning_rate=0.01, **settings)
    (tmp_path / "run.json").write_text("{}")
    trainer.train(Job("x", "0" * 64, blueprint, 0, tmp_path, "", True), lambda *_: None)
    metrics = json.loads((tmp_path / "metrics.json").read_text())
    decides = blueprint.task.metric
    assert np.isfinite([metrics[f"{split}_{decides}"] for split in ("train", "val", "test")]).all()
    model = keras.saving.load_model(tmp_path / "model.keras", compile=False)
    outputs = model(trainer.data.x_val[:7].astype("float32"), training=False)
    outputs = keras.ops.convert_to_numpy(outputs)
    with np.load(tmp_path / "predictions.npz") as kept:
        expected = kept["val"][:7]
    np.testing.assert_allclose(outputs.reshape(expected.shape), expected, rtol=1e-3, atol=1e-3)
