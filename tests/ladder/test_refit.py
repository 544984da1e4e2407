"""A rung trained anew on training and validation images: `trickbook run --refit`."""

import json
import re
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from ladder_folders import runs_of, stamps

from trickbook.data import DataSpec, Scaling, load
from trickbook.ladder import Ladder, LadderError
from trickbook.ladder.cli import carry_out
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.trained.chosen_runs import choose_runs
from trickbook.recipes import BatchNorm, Blueprint, EarlyStopping, Task
from trickbook.training.job import Job
from trickbook.training.trainer import Trainer

NAME = "refit-02-dropout+noise"
FLAGS = ("run", "tiny.toml", "--out", "out", "--jobs", "1")


@pytest.fixture(scope="module")
def refitted(tmp_path_factory, write_tiny, climbed, command):
    """A folder with the climbed tiny ladder, its table as it was, and the refit's output."""
    folder = write_tiny(tmp_path_factory.mktemp("refit"))
    shutil.copytree(climbed, folder / "out")
    before = (folder / "out" / "ladder.csv").read_bytes()
    result = command(*FLAGS, "--refit", "--refit-seeds", "2", cwd=folder)
    assert result.returncode == 0, result.stdout + result.stderr
    return folder, before, result.stdout


def refits_in(out):
    return {name: path for name, path in runs_of(out).items() if name.startswith("refit-")}


def metrics_of(path):
    return json.loads((path / "metrics.json").read_text())


def test_it_trains_on_all_but_the_test_images_and_measures_on_these(refitted):
    folder, _, _ = refitted
    runs = refits_in(folder / "out")
    assert len(runs) == 2
    for path in runs.values():
        data = json.loads((path / "run.json").read_text())["data"]
        assert (data["train"], data["val"], data["test"]) == (90, 0, 30)
        names = metrics_of(path).keys()
        assert "test_accuracy" in names
        assert not [name for name in names if "val" in name.split("_")]


def test_its_digits_are_those_of_a_training_by_hand_on_the_same_images(refitted, tmp_path):
    folder, _, _ = refitted
    data = load(DataSpec(f"npz:{folder / 'tiny.npz'}"))
    images = np.concatenate([data.x_train, data.x_val])
    scale = 1 / images.std()
    joined = replace(
        data,
        x_train=images,
        y_train=np.concatenate([data.y_train, data.y_val]),
        scaling=Scaling("standardize", (scale,), (-images.mean() * scale,)),
    )
    blueprint = Ladder.from_spec(read_ladder(folder / "tiny.toml")).rungs[-1].blueprint
    job = Job("by hand", "f" * 64, blueprint, 1, tmp_path, "test", save_model=False)
    Trainer(joined).train(job, lambda epoch, logs: None)
    (path,) = (path for name, path in refits_in(folder / "out").items() if "-s1-" in name)
    found, wanted = metrics_of(path), metrics_of(tmp_path)
    for name in ("test_accuracy", "test_cross_entropy", "train_cross_entropy"):
        assert found[name] == pytest.approx(wanted[name], rel=1e-5)


def test_the_ladder_is_judged_as_before_and_tells_of_the_refit(refitted):
    folder, before, printed = refitted
    out = folder / "out"
    assert (out / "ladder.csv").read_bytes() == before
    tests = [metrics_of(path)["test_accuracy"] for path in refits_in(out).values()]
    spread = f"{np.mean(tests):.4f} ± {np.std(tests, ddof=1):.4f}"
    for page in ("report.md", f"{NAME}.md"):
        text = (out / page).read_text()
        assert (
            "02-dropout+noise, the top rung of its ladder, was trained anew on all 90 training "
            "and validation images" in text.replace("\\", "")
        )
        assert f"Its test accuracy is {spread} (mean and standard deviation of 2 seeds" in text
    report = (out / "report.md").read_text()
    assert "The ladder is judged on 18 validation images" in report
    assert "Trained on the 72 training images alone it had a test accuracy of" in report
    assert spread in (out / "report.html").read_text()
    assert spread in printed
    assert f"{NAME}.html" in printed
    rows = (out / f"{NAME}.csv").read_text().splitlines()
    assert rows[0].startswith("rung,seed,train,test_accuracy,")
    assert len(rows) == 3


def test_it_answers_where_it_is_named_and_the_best_by_validation_else(refitted):
    out = refitted[0] / "out"
    for rung in ("2", "02", "02-dropout+noise", "dropout+noise", "noise"):
        chosen = choose_runs(out, f"refit-{rung}")
        assert {run.folder.name for run in chosen.runs} == refits_in(out).keys()
        assert chosen.taken == f"Taken: {NAME}; the mean of seeds 0, 1."
    assert not {run.folder.name for run in choose_runs(out).runs} & refits_in(out).keys()


def test_a_refit_that_is_none_or_any_of_two_is_told_which_there_are(refitted, tmp_path):
    out = tmp_path / "out"
    shutil.copytree(refitted[0] / "out", out)
    with pytest.raises(LadderError, match=r"no arm 'refit-1'.* Known: 00-.*, 02-.*, refit-02-"):
        choose_runs(out, "refit-1")
    study = json.loads((out / f"{NAME}.json").read_text())
    study["rungs"][0] |= {"name": "refit-01-noise", "recipes": ["noise"]}
    study["details"]["rung"] = "01-noise"
    (out / "refit-01-noise.json").write_text(json.dumps(study))
    with pytest.raises(LadderError, match=r"refit-noise may be any of refit-01-noise, refit-02-"):
        choose_runs(out, "refit-noise")
    assert choose_runs(out, "refit-1").taken.startswith("Taken: refit-01-noise;")


def test_what_is_there_is_not_trained_again_and_what_is_not_is(refitted, tmp_path, command):
    folder, _, _ = refitted
    there = tmp_path / "again"
    shutil.copytree(folder, there)
    first, second = refits_in(there / "out").values()
    kept, wanted = stamps(there / "out"), metrics_of(second)
    # As a kill leaves it.
    run = json.loads((second / "run.json").read_text())
    (second / "run.json").write_text(json.dumps({**run, "status": "running"}))
    (second / "metrics.json").unlink()
    told = command(*FLAGS, "--refit", "--refit-seeds", "2", "--dry-run", cwd=there)
    assert "6 runs, all in out already: nothing to train." in told.stdout
    assert "2 runs, 1 of them new" in told.stdout
    result = command(*FLAGS, "--refit", "--refit-seeds", "2", cwd=there)
    assert result.returncode == 0, result.stdout + result.stderr
    now = stamps(there / "out")
    assert [name for name in now if now[name] != kept[name]] == [second.name]
    found = metrics_of(second)
    del found["seconds"], wanted["seconds"]
    assert found == wanted
    assert first.name in now


def test_alone_it_trains_no_rung_for_a_judgement(refitted, tiny_folder, command):
    folder, _, _ = refitted
    told = command(*FLAGS, "--refit-only", "--refit-seeds", "2", "--dry-run", cwd=folder)
    assert "2 runs, all in out already: nothing to train." in told.stdout
    assert "6 runs" not in told.stdout
    result = command(*FLAGS, "--refit-only", "--refit-seeds", "1", cwd=tiny_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    out = tiny_folder / "out"
    (name,) = runs_of(out)
    assert name in refits_in(folder / "out")
    assert not (out / "ladder.json").exists()
    assert "the top rung of its ladder" in (out / f"{NAME}.md").read_text()


@pytest.mark.parametrize("lost", [{}, {"00-baseline-s0": "Its process died."}])
def test_a_refit_keeps_what_a_fresh_ladder_has_trained_and_waits_for_what_it_lost(
    tiny_folder, command, monkeypatch, lost
):
    calls = []

    def run_study(study, out, options, *, approve):
        calls.append((study.kind, study.seeds, options.fresh))
        return SimpleNamespace(lost=lost, ok=True, written=None)

    monkeypatch.setattr(carry_out, "run_study", run_study)
    monkeypatch.setattr(carry_out, "print_report", lambda written: None)
    flags = ("--refit", "--refit-rung", "1", "--refit-seeds", "7,9", "--fresh")
    done = command(*FLAGS, *flags, cwd=tiny_folder)
    assert done.returncode == 0, done.stderr
    assert calls == [("ladder", (0, 1), True), *([] if lost else [("refit", (7, 9), False)])]
    waits = "The refit waits until the ladder is complete: the same command without --fresh"
    assert (waits in " ".join(done.stdout.split())) == bool(lost)


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        (("--refit-only", "--until-decided"), "--refit-seeds says how many"),
        (("--refit", "--no-test"), "leave out read_test=False (--no-test)"),
        (("--refit", "--refit-rung", "7"), "There is no rung '7'"),
        (("--refit", "--refit-seeds", "some"), "--refit-seeds takes a number of seeds"),
        (("--refit-rung", "1"), "--refit-rung goes with --refit"),
    ],
)
def test_what_cannot_be_refitted_is_refused_before_anything_is_trained(
    tiny_folder, command, flags, text
):
    result = command(*FLAGS, *flags, cwd=tiny_folder)
    assert result.returncode == 2
    assert text in " ".join(result.stderr.split())
    assert not (tiny_folder / "out").exists()


def test_a_rung_that_stops_early_is_refused_and_another_can_be_named(tmp_path):
    small = Blueprint(filters=(2,), convolutions=1, dense=(4,), epochs=1, batch_size=10)
    ladder = Ladder("digits", [BatchNorm(), EarlyStopping()], baseline=small, seeds=3)
    with pytest.raises(LadderError, match="02-early_stopping cannot be refitted: early_stopping"):
        ladder.refit_of()
    study = ladder.refit_of("batch_norm", seeds=[4])
    assert (study.file, study.seeds) == ("refit-01-batch_norm", (4,))
    assert study.details == {"rung": "01-batch_norm", "is_top": False}
    assert ladder.refit_of(0).seeds == (0, 1, 2)
    with pytest.raises(LadderError, match="leave out read_test=False"):
        ladder.refit(tmp_path / "out", 1, read_test=False)
    assert not (tmp_path / "out").exists()


def test_numbers_are_told_by_the_metric_that_decides(tmp_path):
    small = Blueprint(
        base="fully_connected",
        dense=(4,),
        epochs=2,
        batch_size=20,
        task=Task.named(kind="regression"),
    )
    ladder = Ladder("diabetes", [BatchNorm()], baseline=small, seeds=1)
    result = ladder.refit(tmp_path / "out", jobs=1, quiet=True, models=False)
    (run,) = result.run_set().runs
    assert result.ok
    told = re.search(r"Its test RMSE is (\S+)", result.written.markdown)
    assert float(told[1]) == pytest.approx(run.metrics["test_rmse"], rel=0.005)
    assert "all 353 training and validation rows" in result.written.markdown
