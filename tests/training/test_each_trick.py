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


def stacks_of(most):
    """Packs the tricks into stacks of `most` at most, each into the first that takes it.

    The last ones are schedules, of which a stack takes one: they begin the stacks.
    """
    stacks = []
    for name in reversed(TRIED):
        for names in stacks:
            if len(names) < most and goes_with(name, names):
                names.append(name)
                break
        else:
            stacks.append([name])
    return stacks


def goes_with(name, names):
    try:
        compose(SMALL, [EXAMPLES[each] for each in (*names, name)])
    except RecipeError:
        return False
    return True


# A network of its own for each trick would take five times as long, most of it to compile.
@pytest.mark.parametrize("names", stacks_of(6), ids="+".join)
def test_tricks_train(names, trainer, tmp_path):
    blueprint = compose(SMALL, [EXAMPLES[name] for name in names])
    results = trained(trainer, blueprint, tmp_path)
    check(*results, tmp_path)
    # The size of a batch, and the number of epochs, are tricks of their own.
    epochs = 2 if "longer" in names else 1
    steps = 1 if "batch_size" in names else 2
    assert list(results[1]["step"]) == [steps * (1 + epoch) for epoch in range(epochs)]


def test_all_tricks_that_go_together_train(trainer, tmp_path):
    (kept, *_) = stacks_of(len(TRIED))
    blueprint = compose(SMALL, [EXAMPLES[name] for name in kept])
    assert len(kept) > len(TRIED) // 2
    check(*trained(trainer, blueprint, tmp_path), tmp_path)
