"""`trickbook tune`, trained: what a search keeps, what judges it, and how it goes on."""

import json
import os
import re
import shutil
import signal

import numpy as np
import pandas as pd
import pytest
from ladder_folders import children_of, runs_of, stamps, start, wait_for

from trickbook.data import DataSpec
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.tuning.search import Search
from trickbook.ladder.tuning.time_limit import TimeLimit
from trickbook.ladder.tuning.trials import Trials
from trickbook.ladder.tuning.tuning_estimate import estimate_tuning
from trickbook.recipes import BatchNorm, Blueprint, Dropout
from trickbook.reports.pages.study_report import write_all
from trickbook.training.cost import SECONDS_PER_RUN
from trickbook.training.executor.local_processes import LocalProcesses

pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")

BASE = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=2, batch_size=6)
# Other rates of one network: what is compiled for it is compiled in a second.
SPACE = {"learning_rate": {"low": 1e-3, "high": 3e-2}, "batch_size": [6, 9]}
SEARCH = {"trials": 3, "pruner": "none", "jobs": 2, "quiet": True}
FILE = "tune-01-batch_norm-pruner-none"


@pytest.fixture(scope="module")
def ladder(tiny_images):
    arrays = (tiny_images["x_train"], tiny_images["y_train"])
    return Ladder(arrays, [BatchNorm()], baseline=BASE, seeds=[4, 5])


@pytest.fixture(scope="module")
def tuned(ladder, tmp_path_factory):
    """The folder of a search, carried out, and what came of it."""
    out = tmp_path_factory.mktemp("tuned") / "out"
    return out, ladder.tune(out, 1, SPACE, **SEARCH)


def told(out, file=FILE):
    return json.loads((out / f"{file}.json").read_text())


def run_of(out, fingerprint):
    (folder,) = (one for one in runs_of(out).values() if one.name.endswith(fingerprint[:8]))
    files = [folder / name for name in ("run.json", "metrics.json")]
    return folder, *(json.loads(file.read_text()) for file in files)


def judged(out):
    """By arm its validation accuracies by seed, and whether its runs read the test set."""
    arms = {one["name"]: one["fingerprints"].values() for one in told(out)["rungs"]}
    return {name: [run_of(out, print_)[2] for print_ in prints] for name, prints in arms.items()}


def test_every_trial_is_a_run_of_its_own_that_keeps_no_model_and_reads_no_test_set(tuned):
    out, result = tuned
    assert result.ok
    trials = told(out)["details"]["trials"]
    assert [one["number"] for one in trials] == [*range(3)]
    for trial in trials:
        folder, run, metrics = run_of(out, trial["fingerprint"])
        assert trial["state"] == run["status"] == "done"
        assert trial["score"] == metrics["val_accuracy"]
        assert run["blueprint"]["learning_rate"] == trial["values"]["learning_rate"]
        assert run["blueprint"]["batch_size"] == trial["values"]["batch_size"]
        assert (run["seed"], run["test_read"]) == (1000, False)
        assert not (folder / "model.keras").exists()
        # 54 training examples, of which a quarter is held out.
        assert (run["data"]["train"], run["data"]["val"]) == (40, 14)


def test_the_winner_is_judged_with_new_seeds_and_alone_reads_the_test_set(tuned):
    out, _ = tuned
    study = told(out)

    def rank(trial):
        # So few examples make equal accuracies.
        _, _, metrics = run_of(out, trial["fingerprint"])
        return trial["score"], -metrics["val_cross_entropy"]

    best = max(study["details"]["trials"], key=rank)
    assert study["details"]["best"] == best["number"]
    own, winner = study["rungs"]
    assert (own["name"], winner["name"]) == (
        *("01-batch_norm,own-settings", "01-batch_norm,winner"),
    )
    for arm, is_winner in ((own, False), (winner, True)):
        assert list(arm["fingerprints"]) == ["4", "5"]
        for print_ in arm["fingerprints"].values():
            folder, run, metrics = run_of(out, print_)
            assert (run["data"]["train"], run["data"]["val"]) == (54, 18)
            assert run["test_read"] is ("test_accuracy" in metrics) is is_winner
            rate = run["blueprint"]["learning_rate"]
            assert rate == (best["values"]["learning_rate"] if is_winner else 1e-3)
    assert (folder / "model.keras").exists()


def test_flattery_is_what_numpy_says_of_the_run_folders(tuned):
    out, result = tuned
    arms = judged(out)
    own, winner = (np.mean([one["val_accuracy"] for one in runs]) for runs in arms.values())
    details = told(out)["details"]
    searched = max(one["score"] for one in details["trials"])
    text = result.written.markdown
    signed = r"([+-]\d\.\d{3})"
    found = re.search(rf"flattered itself by {signed}|judged it is 0\.\d+ \({signed}\)", text)
    total = float(found[1] or found[2])
    assert total == pytest.approx(searched - winner, abs=6e-4)
    gains = re.search(rf"promised {signed}, and judged it is {signed}, (0\.\d+) (\w+)", text)
    promised, left = searched - details["own_score"], winner - own
    assert [float(one) for one in gains.groups()[:3]] == pytest.approx(
        [promised, left, abs(promised - left)], abs=6e-4
    )
    assert gains[4] == ("less" if promised > left else "more")
    assert f"{np.mean([one['test_accuracy'] for one in arms['01-batch_norm,winner']]):.3f}" in text


def test_the_page_is_written_again_from_the_folder(tuned):
    out, result = tuned
    names = [f"{FILE}{end}" for end in (".md", ".html", ".csv", ".png")]
    names += [f"{FILE}-{picture}.png" for picture in ("settings", "parallel")]
    before = {name: (out / name).read_bytes() for name in names}
    assert [report.markdown for report in write_all(out)] == [result.written.markdown]
    assert {name: (out / name).read_bytes() for name in names} == before
    assert "Too few trials: 3 trials" in result.written.markdown
    table = pd.read_csv(out / f"{FILE}.csv")
    assert table["trial"].tolist() == [*range(3)]
    assert table["is_best"].sum() == 1


def test_the_same_search_trains_nothing_again(tuned, ladder):
    out, _ = tuned
    before, trials = sorted(runs_of(out)), told(out)["details"]["trials"]
    again = ladder.tune(out, 1, SPACE, **SEARCH)
    assert again.ok
    assert sorted(runs_of(out)) == before
    assert told(out)["details"]["trials"] == trials


def test_another_search_of_that_name_is_refused_and_leaves_the_report(tuned, ladder, monkeypatch):
    out, _ = tuned
    before = {path: path.read_bytes() for path in out.iterdir() if path.is_file()}
    runs = sorted(runs_of(out))
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    longer = Ladder(ladder.dataset, [BatchNorm()], baseline=BASE, epochs=3, seeds=[4, 5])
    for one, space, settings in (
        (ladder, SPACE | {"batch_size": [6]}, {}),
        (longer, SPACE, {}),
        (ladder, SPACE, {"precision": "mixed_bfloat16"}),
    ):
        with pytest.raises(LadderError, match="the command that began it continues"):
            one.tune(out, 1, space, **SEARCH, **settings)
    assert {path: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert sorted(runs_of(out)) == runs


def test_half_of_the_unused_decides_and_the_rest_judges(tiny_folder, tmp_path):
    """Of 72 training examples 20 are used, so that 52 join the validation set of 18."""
    data = DataSpec(f"npz:{tiny_folder / 'tiny.npz'}", limit_train=20, unused="validation")
    ladder = Ladder(data, [BatchNorm()], baseline=BASE, seeds=[4])
    result = ladder.tune(tmp_path / "out", 1, SPACE, **SEARCH | {"trials": 2, "jobs": 1})
    study = told(tmp_path / "out")
    trials = [run_of(tmp_path / "out", one["fingerprint"])[1] for one in study["details"]["trials"]]
    assert {(run["data"]["train"], run["data"]["val"]) for run in trials} == {(20, 26)}
    prints = [print_ for arm in study["rungs"] for print_ in arm["fingerprints"].values()]
    runs = [run_of(tmp_path / "out", print_)[1] for print_ in prints]
    assert {(run["data"]["train"], run["data"]["val"]) for run in runs} == {(20, 44)}
    assert study["data"]["val"] == 44
    text = result.written.markdown
    assert "on the 20 training examples and scored on 26 of those that limit_train leaves" in text


def test_what_the_clock_has_ended_trains_nothing_again(ladder, tuned, tmp_path, monkeypatch):
    out = shutil.copytree(tuned[0], tmp_path / "out")
    search = {"minutes": 60, "pruner": "none", "jobs": 1, "quiet": True}
    monkeypatch.setattr(LocalProcesses, "seconds_per_step", lambda *_: 1e-3)
    before = stamps(out)
    with monkeypatch.context() as patch:
        # As if the hour were over.
        patch.setattr(TimeLimit, "leaves_room", lambda limit: False)
        assert ladder.tune(out, 1, SPACE, **search).ok
    assert ladder.tune(out, 1, SPACE, **search).ok
    assert stamps(out) == before


def test_where_a_trial_is_lost_nothing_is_judged_yet(ladder, tmp_path, monkeypatch):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    lost = {"01-batch_norm,trial=2": "Its process died."}
    monkeypatch.setattr(Search, "run", lambda search, display: lost)
    result = ladder.tune(tmp_path, 1, SPACE, **SEARCH)
    assert not result.ok
    assert result.lost == lost
    assert not [*tmp_path.glob("runs/*")]


@pytest.mark.parametrize(("data", "best"), [("diabetes", 1), ("wine", 2)])
def test_the_best_trial_is_that_with_the_lowest_error_or_the_highest_share(
    tmp_path, monkeypatch, data, best
):
    made = []

    class Kept(Trials):
        def __init__(self, *given):
            super().__init__(*given)
            made.append(self)

    def run(search, display):
        for score in (0.5, 0.3, 0.7):
            made[0].tell_done(made[0].ask(), score)
        return {"01-dropout,trial=3": "Its process died."}

    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    monkeypatch.setattr("trickbook.ladder.tuning.run_tuning.Trials", Kept)
    monkeypatch.setattr(Search, "run", run)
    space = {"learning_rate": SPACE["learning_rate"]}
    Ladder(data, [Dropout()]).tune(tmp_path, 1, space, trials=4, quiet=True)
    assert told(tmp_path, "tune-01-dropout")["details"]["best"] == best


def test_the_time_that_a_search_takes_is_that_of_its_trials_and_of_what_judges(
    ladder, tmp_path, monkeypatch
):
    monkeypatch.setattr(LocalProcesses, "check", lambda *_: [])
    monkeypatch.setattr(LocalProcesses, "seconds_per_step", lambda *_: 1.0)

    def seconds(**limits):
        tuning = ladder.tuning_of(1, SPACE, **limits)
        found = estimate_tuning(tuning, tmp_path / "none", RunOptions(jobs=2))
        assert found.judging == 4
        return found.seconds

    # 40 examples, 6 to a batch, two epochs.
    run = 2 * 6 * 1.0 + SECONDS_PER_RUN
    for limits, searching in (
        ({"trials": 6}, 3 * run),
        ({"trials": 6, "minutes": 60}, 3 * run),
        ({"trials": 6, "minutes": 0.5}, 30),
        ({"minutes": 0.5}, 30),
    ):
        assert seconds(**limits) == pytest.approx(searching + 2 * run)


# Its epochs take as long as a setting says.
SLOW = """
import time
import keras
from dataclasses import dataclass
from trickbook.recipes import Config, Recipe, Slot, setting

@dataclass(frozen=True)
class Slow(Recipe):
    seconds: float = setting(0.0, "that an epoch takes longer", low=0)

    def apply(self, blueprint):
        waiting = Config.of("my_slow:Waiting", seconds=self.seconds)
        return blueprint.fill("callbacks", Slot(self.name, waiting))

class Waiting(keras.callbacks.Callback):
    def __init__(self, seconds):
        super().__init__()
        self.seconds = seconds

    def on_epoch_begin(self, epoch, logs=None):
        time.sleep(self.seconds)
"""


@pytest.fixture
def slow_folder(tiny_folder):
    """A ladder of one rung, whose epochs can be made to last, and a space of how long."""
    (tiny_folder / "my_slow.py").write_text(SLOW)
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    text = text.replace("epochs = 3", "epochs = 6").replace("seeds = 2", "seeds = 1")
    text += '[[rung]]\nrecipes = ["my_slow:Slow"]\n'
    (tiny_folder / "tiny.toml").write_text(text)
    return tiny_folder


TUNE = ("tune", "slow", "tiny.toml", "--space", "s.toml", "--out", "out", "--jobs", "1")


def test_a_trial_that_is_given_up_ends_before_its_last_epoch_and_did_not_fail(
    slow_folder, command, monkeypatch
):
    (slow_folder / "s.toml").write_text('"slow.seconds" = [0.0, 0.6]\n')
    monkeypatch.setattr(
        Trials, "report", lambda self, trial, epoch, value: trial.values["slow.seconds"] > 0
    )
    arguments = (*TUNE, "--sampler", "grid")
    result = command(*arguments, cwd=slow_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "stopped after epoch" in result.stdout
    out = slow_folder / "out"
    trials = told(out, "tune-01-slow-s-grid")["details"]["trials"]
    assert sorted(one["state"] for one in trials) == ["done", "pruned"]
    (pruned,) = (one for one in trials if one["state"] == "pruned")
    (folder,) = (
        one for one in runs_of(out).values() if one.name.endswith(pruned["fingerprint"][:8])
    )
    run = json.loads((folder / "run.json").read_text())
    assert (run["status"], run["reason"][:19]) == ("stopped", "stopped after epoch")
    assert len(pd.read_csv(folder / "history.csv")) < 6
    assert not (folder / "metrics.json").exists()
    page = (out / "tune-01-slow-s-grid.md").read_text()
    assert "1 done and 1 given up" in page
    # The rung's own settings won, so that the test set is read for them, once.
    assert "No trial was better than the rung's own settings" in page
    (own,) = told(out, "tune-01-slow-s-grid")["rungs"]
    assert [run_of(out, one)[1]["test_read"] for one in own["fingerprints"].values()] == [True]
    assert len(runs_of(out)) == 3


def test_a_search_that_is_killed_goes_on_where_it_was(slow_folder, command):
    (slow_folder / "s.toml").write_text(
        '"slow.seconds" = [0.0, 0.2]\nlearning_rate = { low = 1e-3, high = 1e-1 }\n'
    )
    arguments = (*TUNE, "--trials", "2")
    out = slow_folder / "out"
    process = start(*arguments, cwd=slow_folder)

    def is_at_the_second():
        return (out / "tune-01-slow-s.json").exists() and [*out.glob("runs/*trial=1*/run.json")]

    wait_for(is_at_the_second)
    workers = children_of(process.pid)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate(timeout=60)
    wait_for(lambda: not any(os.path.exists(f"/proc/{one}") for one in workers), 60)  # noqa: PTH110
    before = told(out, "tune-01-slow-s")["details"]["trials"]
    stamps = {one["fingerprint"]: stamp(out, one) for one in before}
    page = command("report", "out", cwd=slow_folder)
    assert (page.returncode, "It is not judged yet" in read(out)) == (0, True)
    result = command(*arguments, cwd=slow_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    assert re.search(r"[12] of them have ended already", result.stdout)
    after = told(out, "tune-01-slow-s")["details"]["trials"]
    assert [one["number"] for one in after] == [0, 1]
    assert after[: len(before)] == before
    assert {one["fingerprint"]: stamp(out, one) for one in before} == stamps
    assert "Judged with 1 new seed" in read(out)


def read(out):
    return (out / "tune-01-slow-s.md").read_text()


def stamp(out, trial):
    folder, _, _ = run_of(out, trial["fingerprint"])
    return (folder / "history.csv").stat().st_mtime_ns


def test_what_the_data_do_not_allow_is_told_before_anything_is_trained(ladder, tmp_path):
    for space, settings, told_of in (
        ({"batch_size": [6, 41]}, {"trials": 2}, "batch_size: .*only 40 training images"),
        ({"batch_size": [6, 9]}, {"minutes": 1e-4}, "A run of 01-batch_norm takes about"),
    ):
        with pytest.raises(LadderError, match=told_of):
            ladder.tune(tmp_path / "out", 1, space, jobs=1, quiet=True, **settings)
    assert not runs_of(tmp_path / "out")


def test_a_dry_run_says_how_many_and_how_long_and_writes_nothing(tiny_images, tiny_folder, command):
    leaking = {name: array.copy() for name, array in tiny_images.items()}
    leaking["x_test"][:3] = leaking["x_train"][:3]
    np.savez(tiny_folder / "tiny.npz", **leaking)
    arguments = ("tune", "1", "tiny.toml", "--trials", "4", "--out", "o", "--jobs", "1")
    result = command(*arguments, "--dry-run", cwd=tiny_folder)
    assert result.returncode == 0, result.stderr
    assert re.search(r"4 trials over learning_rate, .*then 4 runs that judge; about", result.stdout)
    assert " ".join(result.stdout.split()).count("3 of 30 test images also occur") == 1
    assert not (tiny_folder / "o").exists()
    result = command(*arguments, "--splits", cwd=tiny_folder)
    assert result.returncode == 2
    assert "leave out splits (--splits)" in " ".join(result.stderr.split())


def test_a_large_grid_asks_back(tiny_folder, command):
    (tiny_folder / "s.toml").write_text(
        'learning_rate = { steps = 20 }\n"batch_size" = { low = 2, high = 30 }\n'
    )
    arguments = ("tune", "1", "tiny.toml", "--sampler", "grid", "--space", "s.toml", "--out", "o")
    result = command(*arguments, cwd=tiny_folder)
    assert result.returncode == 2
    assert "580 trials: more than 200" in result.stderr
