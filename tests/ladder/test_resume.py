"""A run that was killed goes on, and ends with the same digits as one that never was."""

import errno
import json
import shutil

import keras
import numpy as np
import pytest

from trickbook.callbacks import learning_curves
from trickbook.callbacks.state.state_file import read_state, write_state
from trickbook.data import from_arrays
from trickbook.recipes import Augmentation, BatchNorm, Blueprint, Dropout, LRDecay, Noise, compose
from trickbook.training import trainer
from trickbook.training.job import Job

pytestmark = pytest.mark.skipif(
    keras.backend.backend() != "tensorflow", reason="the pipeline is tf.data"
)


class KilledError(BaseException):
    """As a kill: no callback and no `except Exception` has its turn after it."""


@pytest.fixture(scope="module")
def data():
    generator = np.random.default_rng(0)
    images = generator.integers(0, 256, (120, 8, 8, 1), dtype=np.uint8)
    return from_arrays(images, np.arange(120) % 3)


SMALL = Blueprint(filters=(2, 2), dense=(4,), epochs=6, batch_size=16)
TRICKS = (Noise(), BatchNorm(), Dropout(), Augmentation(), LRDecay())


def job(folder, tricks=TRICKS):
    return Job("all", "f" * 64, compose(SMALL, tricks), 3, folder, "test", save_model=True)


def results(folder):
    rows = [line.split(",") for line in (folder / "history.csv").read_text().splitlines()]
    metrics = json.loads((folder / "metrics.json").read_text())
    model = keras.saving.load_model(folder / "model.keras")
    return [row[:1] + row[2:] for row in rows], metrics, model.get_weights()


def test_a_killed_run_goes_on_and_ends_with_the_same_digits(data, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    first, second = trainer.Trainer(data), trainer.Trainer(data)
    first.train(job(tmp_path / "whole"), lambda epoch, logs: None)

    trained = []
    for each, kill in ((first, 3), (second, 5)):

        def kill_in(epoch, logs, last=kill):
            trained.append(epoch)
            if epoch == last:
                raise KilledError

        with pytest.raises(KilledError):
            each.train(job(tmp_path / "killed"), kill_in)
    second.train(job(tmp_path / "killed"), lambda epoch, logs: trained.append(epoch))

    # The epoch in which it was killed had not been saved yet.
    assert trained == [1, 2, 3, 3, 4, 5, 5, 6]
    rows, metrics, weights = results(tmp_path / "whole")
    killed_rows, killed_metrics, killed_weights = results(tmp_path / "killed")
    assert killed_rows == rows
    for mine, theirs in zip(killed_weights, weights, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert second.seconds() > killed_metrics.pop("seconds") - 1e-3 > 0
    del metrics["seconds"]
    assert killed_metrics == metrics


def damage(state):
    state.write_bytes(state.read_bytes()[:2000])


def of_another_callback(state):
    saved = read_state(state)
    del saved["callbacks"]["LearningCurves 1"]["rows"]
    write_state(state, saved)


def test_a_run_of_which_the_saved_state_cannot_be_used_is_trained_anew(data, tmp_path, monkeypatch):
    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    runs, tricks = trainer.Trainer(data), (BatchNorm(), Dropout())
    runs.train(job(tmp_path / "whole", tricks), lambda epoch, logs: None)
    whole = results(tmp_path / "whole")

    def kill(epoch, logs):
        if epoch == 3:
            raise KilledError

    with pytest.raises(KilledError):
        runs.train(job(tmp_path / "killed", tricks), kill)
    for change in (damage, of_another_callback):
        folder = shutil.copytree(tmp_path / "killed", tmp_path / change.__name__)
        change(folder / "resume" / "state.npz")
        trained = []
        with pytest.warns(UserWarning, match="the run is trained anew: ExactResume"):
            runs.train(job(folder, tricks), lambda epoch, logs, to=trained: to.append(epoch))
        assert trained == [1, 2, 3, 4, 5, 6]
        rows, metrics, weights = results(folder)
        assert rows == whole[0]
        assert metrics == metrics | {k: v for k, v in whole[1].items() if k != "seconds"}
        for mine, theirs in zip(weights, whole[2], strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_run_whose_history_cannot_be_written_comes_to_no_figures(data, tmp_path, monkeypatch):
    def on_a_full_disk(path, text):
        raise OSError(errno.ENOSPC, "No space left on device")

    def fill(epoch, logs):
        if epoch == 4:
            full.setattr(learning_curves, "write_text", on_a_full_disk)

    monkeypatch.setattr(trainer, "SAVE_SECONDS", 0.0)
    runs, folder = trainer.Trainer(data), tmp_path / "run"
    with (
        monkeypatch.context() as full,
        pytest.warns(UserWarning, match="No space left"),
        pytest.raises(OSError, match="No space left") as raised,
    ):
        runs.train(job(folder, tricks=()), fill)
    assert raised.value.errno == errno.ENOSPC
    assert not (folder / "metrics.json").exists()
    runs.train(job(folder, tricks=()), lambda epoch, logs: pytest.fail("trained again"))
    rows, metrics, _ = results(folder)
    assert [row[0] for row in rows] == ["epoch", "1", "2", "3", "4", "5", "6"]
    assert metrics["epochs"] == 6


def test_a_short_run_saves_nothing_on_its_way(data, tmp_path):
    def look(epoch, logs):
        assert not list((tmp_path / "run" / "resume").glob("*.npz"))

    trainer.Trainer(data).train(job(tmp_path / "run", tricks=()), look)
