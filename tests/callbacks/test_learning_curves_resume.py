"""LearningCurves where a training goes on that was stopped."""

import json
import math

import keras
import pytest
from small_fits import adding, compiled, fit, names_in, recorded, values

from trickbook.callbacks import ExactResume, LearningCurves
from trickbook.runs.run_folder import read_run

pytestmark = pytest.mark.drawn


@pytest.mark.parametrize("same_instance", [True, False])
def test_initial_epoch_continues_the_history(tmp_path, same_instance):
    recorder = LearningCurves(tmp_path, plot=False)
    model = compiled()
    first = fit(model, recorder, epochs=4).history["loss"]
    recorder = recorder if same_instance else LearningCurves(tmp_path, plot=False)
    second = fit(model, recorder, epochs=5, initial_epoch=3).history["loss"]
    assert recorded(tmp_path)["epoch"] == ["1", "2", "3", "4", "5"]
    assert values(tmp_path, "loss") == first[:3] + second
    assert values(tmp_path, "step") == [2, 4, 6, 8, 10]
    seconds = values(tmp_path, "seconds")
    assert seconds == sorted(seconds)


def test_initial_epoch_without_a_history(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, plot=False), epochs=7, initial_epoch=5)
    assert recorded(tmp_path)["epoch"] == ["6", "7"]
    assert "step" not in recorded(tmp_path)


def test_the_step_after_epochs_that_nobody_recorded_is_not_known(tmp_path):
    model = compiled()
    fit(model, LearningCurves(tmp_path, plot=False), epochs=2)
    fit(model, LearningCurves(tmp_path, plot=False), epochs=5, initial_epoch=4)
    assert recorded(tmp_path)["epoch"] == ["1", "2", "5"]
    assert recorded(tmp_path)["step"] == ["2", "4", ""]


def test_continuing_another_kind_of_history_is_refused(tmp_path):
    (tmp_path / "history.csv").write_text("epoch,loss\n0,1.0\n")
    with pytest.raises(ValueError, match="Received: path="):
        fit(compiled(), LearningCurves(tmp_path, plot=False), epochs=2, initial_epoch=1)


def test_fit_of_no_epochs_keeps_what_is_there(tmp_path):
    recorder = LearningCurves(tmp_path, name="kept", plot=False)
    model = compiled()
    fit(model, recorder, epochs=1)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    fit(model, recorder, epochs=1, initial_epoch=1)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    assert read_run(tmp_path).status == "done"


def test_only_its_own_files_of_an_earlier_training_go(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, name="first"), epochs=1)

    class Killing(keras.callbacks.Callback):
        def on_train_batch_begin(self, batch, logs=None):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), LearningCurves(tmp_path, plot=False), Killing())
    assert names_in(tmp_path) == ["curves.png", "curves.svg"]
    with pytest.raises(KeyboardInterrupt):
        fit(compiled(), LearningCurves(tmp_path, name="second"), Killing())
    assert names_in(tmp_path) == ["run.json"]


def test_the_batches_and_the_run_of_an_earlier_training_go_whoever_follows(tmp_path):
    fit(compiled(), LearningCurves(tmp_path, name="first", plot=False, batches=True))
    assert names_in(tmp_path) == ["batches.csv", "history.csv", "metrics.json", "run.json"]
    fit(compiled(), LearningCurves(tmp_path, plot=False))
    assert names_in(tmp_path) == ["history.csv"]


@pytest.mark.parametrize(
    "run", ['{"format": 1, "fingerprint": "ab12"}', '{"status": "done"}', "no JSON"]
)
def test_a_run_that_others_record_is_left_alone(tmp_path, run):
    for name in ("run.json", "metrics.json"):
        (tmp_path / name).write_text(run)
    fit(compiled(), LearningCurves(tmp_path, plot=False))
    for name in ("run.json", "metrics.json"):
        assert (tmp_path / name).read_text() == run


class KillAndResume(keras.callbacks.Callback):
    """Does what a callback does that saves a training, and restores it in another fit."""

    def __init__(self, recorder, resume_from=None):
        super().__init__()
        self.recorder = recorder
        self.state = resume_from

    def on_train_begin(self, logs=None):
        if self.state is not None:
            self.recorder.load_state_dict(self.state)

    def on_epoch_end(self, epoch, logs=None):
        self.state = json.loads(json.dumps(self.recorder.state_dict()))


def without_times(folder):
    return {name: cells for name, cells in recorded(folder).items() if name != "seconds"}


@pytest.mark.parametrize("folder_is_lost", [False, True])
def test_a_resumed_fit_ends_with_the_history_of_one_never_stopped(tmp_path, folder_is_lost):
    odd = adding(
        lambda epoch: (
            {"loss": [1.5, math.nan, math.inf, 0.1 + 0.2][epoch]}
            | ({"late/x": -math.inf} if epoch == 2 else {})
        )
    )
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    model = compiled()
    start = model.get_weights()
    fit(model, odd, LearningCurves(whole, plot=False, batches=True), epochs=4, shuffle=False)

    model.set_weights(start)
    recorder = LearningCurves(parts, plot=False, batches=True)
    saving = KillAndResume(recorder)
    fit(model, odd, recorder, saving, epochs=2, shuffle=False)
    if folder_is_lost:
        (parts / "history.csv").unlink()
    recorder = LearningCurves(parts, plot=False, batches=True)
    resuming = KillAndResume(recorder, resume_from=saving.state)
    fit(model, odd, recorder, resuming, epochs=4, initial_epoch=2, shuffle=False)

    assert without_times(parts) == without_times(whole)
    assert (parts / "batches.csv").read_text() == (whole / "batches.csv").read_text()
    seconds = values(parts, "seconds")
    assert seconds == sorted(seconds)
    assert seconds[2] >= saving.state["seconds"]


def test_the_state_before_the_first_epoch_is_that_of_an_empty_history(tmp_path):
    recorder = LearningCurves(tmp_path, plot=False)
    recorder.set_model(compiled())
    recorder.on_train_begin()
    state = recorder.state_dict()
    assert state["rows"] == []
    recorder.load_state_dict(state)
    assert recorder.state_dict()["columns"] == state["columns"]


def test_a_resumed_run_began_when_its_first_part_did(tmp_path):
    recorder = LearningCurves(tmp_path, name="two parts", plot=False)
    model = compiled()
    saving = KillAndResume(recorder)
    fit(model, recorder, saving, epochs=1)
    state = saving.state | {"started": "2001-01-01T00:00:00+00:00"}
    fit(model, recorder, KillAndResume(recorder, state), epochs=2, initial_epoch=1)
    assert read_run(tmp_path).details["started"] == "2001-01-01T00:00:00+00:00"


class KilledError(Exception):
    pass


class Killing(keras.callbacks.Callback):
    """Kills when all epochs are saved and nothing is told of the end."""

    def on_train_end(self, logs=None):
        raise KilledError


def trained(folder, *callbacks, **settings):
    """A program whose run has two epochs, which is saved after each."""
    recorder = LearningCurves(folder / "run", name="whole", seed=3, **settings)
    resume = ExactResume(folder / "saved", delete=False)
    fit(compiled(), *callbacks, recorder, resume, epochs=2)
    return json.loads((folder / "run" / "run.json").read_text())


def test_a_run_that_was_killed_after_its_last_epoch_is_recorded_whole(tmp_path):
    with pytest.raises(KilledError):
        trained(tmp_path, Killing(), write_seconds=1000)
    folder = tmp_path / "run"
    killed = json.loads((folder / "run.json").read_text())
    (folder / "history.csv").unlink()  # as of rows that waited
    run = trained(tmp_path, write_seconds=1000)
    assert (killed["status"], run["status"]) == ("running", "done")
    times = {"status", "seconds"}
    assert {key: run[key] for key in run.keys() - times} == {
        key: killed[key] for key in killed.keys() - times
    }
    assert recorded(folder)["epoch"] == ["1", "2"]
    assert json.loads((folder / "metrics.json").read_text())["epochs"] == 2
    assert (folder / "curves.png").exists()


def test_a_finished_program_that_is_run_again_changes_no_record(tmp_path):
    trained(tmp_path, plot=False)
    folder = tmp_path / "run"
    record = json.loads((folder / "run.json").read_text())
    record["versions"] = {"keras": "of then"}
    (folder / "run.json").write_text(json.dumps(record))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    assert trained(tmp_path, plot=False) == record
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
