"""Every trick, and as many as go together, trained for two steps on the backend that there is."""

import json

import keras
import numpy as np
import pytest
from recipe_examples import EXAMPLES

from trickbook.data import DataSpec, load
from trickbook.recipes import Blueprint, RecipeError, compose
from trickbook.runs.history import read_history
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

# What starts from a run needs one: test_warm_start.py and test_transfer.py train it.
TRIED = [name for name in EXAMPLES if name not in ("transfer", "warm_start")]
SMALL = Blueprint(filters=(4,), convolutions=1, dense=(4,), epochs=1, batch_size=16)


@pytest.fixture(scope="module")
def trainer():
    return Trainer(load(DataSpec("digits", limit_train=32)))


def trained(trainer, blueprint, folder):
    """The figures of a run, its history, and its model on the pixels of a few images."""
    (folder / "run.json").write_text("{}")
    trainer.train(Job("x", "0" * 64, blueprint, 0, folder, "", True), lambda *_: None)
    model = keras.saving.load_model(folder / "model.keras")
    images = trainer.data.x_val[:7].astype("float32")
    outputs = keras.ops.convert_to_numpy(model(images, training=False))
    metrics = json.loads((folder / "metrics.json").read_text())
    return metrics, read_history(folder / "history.csv"), outputs


def check(metrics, history, outputs, folder):
    assert history["loss"].notna().all()
    assert np.isfinite([metrics["train_cross_entropy"], metrics["val_cross_entropy"]]).all()
    # What is saved is what was measured, from raw pixels on.
    with np.load(folder / "predictions.npz") as kept:
        np.testing.assert_allclose(outputs, kept["val"][:7], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("name", TRIED)
def test_a_trick_trains(name, trainer, tmp_path):
    blueprint = compose(SMALL, [EXAMPLES[name]])
    # The size of a batch, and the number of epochs, are tricks of their own.
    steps = {"batch_size": [1], "longer": [2, 4]}.get(name, [2])
    check(*(results := trained(trainer, blueprint, tmp_path)), tmp_path)
    assert list(results[1]["step"]) == steps


def test_all_tricks_that_go_together_train(trainer, tmp_path):
    blueprint, kept = SMALL, []
    for name in TRIED:
        try:
            blueprint = compose(blueprint, [EXAMPLES[name]])
        except RecipeError:
            continue
        kept.append(name)
    assert len(kept) > len(TRIED) // 2
    check(*trained(trainer, blueprint, tmp_path), tmp_path)
