"""`trickbook run` end to end, on tiny images."""

import json
import os
import shutil

import keras
import numpy as np
import pandas as pd
import pytest
from ladder_folders import figures, runs_of, stamps
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, f1_score, log_loss

import trickbook.layers  # noqa: F401 - registers the layers that a saved model may hold
from trickbook.data import DataSpec, load

COLUMNS = (
    "rung,recipe,changed,runs,failed,params,epochs,train_accuracy,val_accuracy,test_accuracy,gap,"
    "delta,delta_low,delta_high,seconds"
)


def leave_the_baseline_alone(folder):
    ladder = folder / "tiny.toml"
    ladder.write_text(ladder.read_text().split("[[rung]]")[0])


def test_the_folder_holds_runs_and_report(climbed):
    files = {path.name for path in climbed.iterdir()}
    pages = {"report.md", "report.html", "ladder.csv", "ladder.png", "curves.png", "curves"}
    assert files >= {"ladder.json", "runs", *pages}
    assert {path.name for path in (climbed / "curves").iterdir()} == {
        "00-baseline.png",
        "01-batch_norm.png",
        "02-dropout+noise.png",
    }
    assert len(runs_of(climbed)) == 6
    for folder in runs_of(climbed).values():
        run = json.loads((folder / "run.json").read_text())
        assert run["status"] == "done"
        assert folder.name == f"{run['name']}-s{run['seed']}-{run['fingerprint'][:8]}"
        assert run["command"].startswith("trickbook run tiny.toml")
        names = {path.name for path in folder.iterdir()}
        assert names >= {"history.csv", "metrics.json", "log.txt", "model.keras"}
        assert names >= {"samples.npz", "predictions.npz"}


def test_the_table_has_the_agreed_columns_and_means_over_seeds(climbed):
    table = pd.read_csv(climbed / "ladder.csv")
    assert ",".join(table.columns).startswith(COLUMNS)
    assert list(table["rung"]) == [0, 1, 2]
    assert list(table["recipe"]) == ["baseline", "batch_norm", "dropout+noise"]
    by_rung = {}
    for folder in runs_of(climbed).values():
        metrics = json.loads((folder / "metrics.json").read_text())
        by_rung.setdefault(folder.name[:2], []).append(metrics)
    for index, row in table.iterrows():
        held = by_rung[f"{index:02d}"]
        assert row["val_accuracy"] == pytest.approx(np.mean([m["val_accuracy"] for m in held]))
        assert row["gap"] == pytest.approx(row["train_accuracy"] - row["val_accuracy"], abs=2e-6)
        assert row["runs"] == 2
        assert row["epochs"] == 3


def test_a_saved_model_takes_raw_pixels_and_gives_the_recorded_figures(climbed):
    data = load(DataSpec(f"npz:{climbed.parent / 'tiny.npz'}"))
    folder = next(path for name, path in runs_of(climbed).items() if name.startswith("02"))
    metrics = json.loads((folder / "metrics.json").read_text())
    model = keras.saving.load_model(folder / "model.keras")
    kinds = {type(layer).__name__ for layer in model.layers[-1].layers}
    assert not any(kind.startswith("Random") for kind in kinds)
    for split in ("train", "val", "test"):
        images = np.asarray(getattr(data, f"x_{split}"), np.float32)
        labels = np.asarray(getattr(data, f"y_{split}"))
        logits = model.predict(images, verbose=0).astype(np.float64)
        chances = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
        predicted = logits.argmax(axis=1)
        assert metrics[f"{split}_accuracy"] == pytest.approx((predicted == labels).mean())
        expected = log_loss(labels, chances, labels=[0, 1, 2])
        assert metrics[f"{split}_cross_entropy"] == pytest.approx(expected, rel=1e-5)
    assert metrics["confusion"] == confusion_matrix(labels, predicted).tolist()
    expected = f1_score(labels, predicted, average="macro", zero_division=0)
    assert metrics["test_macro_f1"] == pytest.approx(expected)
    assert metrics["test_balanced_accuracy"] == pytest.approx(
        balanced_accuracy_score(labels, predicted)
    )
    history = pd.read_csv(folder / "history.csv")
    assert metrics["best_val_accuracy"] == pytest.approx(history["val_accuracy"].max())
    assert metrics["best_epoch"] == history["val_accuracy"].idxmax() + 1
    assert metrics["params"] == sum(int(np.prod(w.shape)) for w in model.trainable_weights)


def test_the_test_set_can_stay_unread(tiny_folder, command):
    leave_the_baseline_alone(tiny_folder)
    flags = ("run", "tiny.toml", "--out", "out", "--seeds", "1", "--jobs", "1")
    assert command(*flags, "--no-test", cwd=tiny_folder).returncode == 0
    (folder,) = runs_of(tiny_folder / "out").values()
    unread = json.loads((folder / "metrics.json").read_text())
    assert not [name for name in unread if name.startswith("test_") or name == "confusion"]
    with np.load(folder / "predictions.npz") as kept:
        assert set(kept) == {"val", "val_labels"}
    assert pd.read_csv(tiny_folder / "out" / "ladder.csv")["test_accuracy"].isna().all()
    assert "The test set was left unread" in (tiny_folder / "out" / "report.html").read_text()
    again = command(*flags, "--no-test", "--dry-run", cwd=tiny_folder)
    assert "1 runs, all in out already: nothing to train" in again.stdout
    assert "1 runs to train" in command(*flags, cwd=tiny_folder).stdout
    assert list(runs_of(tiny_folder / "out").values()) == [folder]
    read = json.loads((folder / "metrics.json").read_text())
    assert {name: read[name] for name in unread if name != "seconds"} == {
        name: value for name, value in unread.items() if name != "seconds"
    }
    assert read["test_accuracy"] > 0
    assert "The test set is read once" in (tiny_folder / "out" / "report.html").read_text()


def test_other_numbers_of_processes_give_the_same_digits(climbed, tiny_folder, command):
    folder = tiny_folder
    # Another order of runs as well: what a process trained before must not matter.
    text = (folder / "tiny.toml").read_text().replace("seeds = 2", "seeds = [1, 0]")
    (folder / "tiny.toml").write_text(text)
    result = command("run", "tiny.toml", "--out", "one", "--jobs", "1", cwd=folder)
    assert result.returncode == 0
    assert "one/report.html" in result.stdout
    assert result.stderr == ""
    assert figures(folder / "one") == figures(climbed)


def test_a_second_time_nothing_is_trained(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    out = folder / "out"
    (named,) = (out / "runs").glob("00-baseline-s0-*")
    named.rename(named.with_name(named.name.replace("-s0-", "-")))  # as in 0.1.0
    before, report = stamps(out), (out / "ladder.csv").read_bytes()
    result = command("run", "tiny.toml", "--out", "out", cwd=folder)
    assert result.returncode == 0
    assert "6 of 6 runs are in out already" in result.stdout
    assert stamps(out) == before
    assert (out / "ladder.csv").read_bytes() == report
    dry = command("run", "tiny.toml", "--out", "out", "--dry-run", cwd=folder)
    assert "nothing to train" in dry.stdout


def test_a_changed_hyper_parameter_retrains_only_the_rungs_it_touches(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    text = (folder / "tiny.toml").read_text().replace("rate = 0.25", "rate = 0.5")
    # A rung that moves up keeps its runs: equal work is done once.
    moved = text.replace(
        '[[rung]]\nrecipes = ["batch_norm"]',
        '[[rung]]\nrecipes = ["l2"]\n\n'
        '[[rung]]\nrecipes = ["batch_norm", { use = "l2", weight = 0.0 }]',
    )
    (folder / "moved.toml").write_text(moved)
    dry = command("run", "moved.toml", "--out", "out", "--dry-run", cwd=folder)
    # Those of the rung with another rate, and of the one that was put below.
    assert "8 runs, 4 of them new" in dry.stdout


def test_flags_beat_the_file_and_models_can_be_left_out(tiny_folder, command):
    leave_the_baseline_alone(tiny_folder)
    flags = ["--epochs", "2", "--seeds", "7,9", "--width", "0.5", "--batch-size", "15"]
    more = [
        "--limit-train",
        "45",
        "--split-seed",
        "3",
        "--scaling",
        "unit",
        "--no-models",
        "--jobs",
        "1",
    ]
    result = command("run", "tiny.toml", *flags, *more, "--out", "out", cwd=tiny_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    seeds = []
    for folder in runs_of(tiny_folder / "out").values():
        run = json.loads((folder / "run.json").read_text())
        assert run["blueprint"]["epochs"] == 2
        assert run["blueprint"]["batch_size"] == 15
        assert run["blueprint"]["filters"] == [2]
        assert run["blueprint"]["dense"] == [4]
        seeds.append(run["seed"])
        assert run["data"]["train"] == 45
        assert (run["data"]["split_seed"], run["data"]["scaling"]) == (3, "unit")
        assert not (folder / "model.keras").exists()
    assert sorted(seeds) == [7, 9]


def test_a_folder_of_pictures_says_what_was_read_and_what_was_not(tiny_folder, command):
    for name in ("dark", "bright"):
        (tiny_folder / "photos" / name / "more").mkdir(parents=True)
        for i in range(5):
            shade = np.full((8, 8), 100 * i + 3000 * (name == "bright"), np.uint16)
            Image.fromarray(shade).save(tiny_folder / "photos" / name / "more" / f"{name}{i}.png")
    (tiny_folder / "photos" / "dark" / "notes.txt").touch()
    text = (tiny_folder / "tiny.toml").read_text().split("[[rung]]")[0]
    (tiny_folder / "one.toml").write_text(text)
    flags = ["run", "one.toml", "--data", "folder:photos", "--out", "out", "--seeds", "1"]
    flags += ["--epochs", "1", "--batch-size", "4"]
    result = command(*flags, cwd=tiny_folder)
    assert result.returncode == 0, result.stdout + result.stderr
    note = "10 pictures in 2 classes read. Ignored: 1 file that is no picture (dark/notes.txt)."
    assert result.stdout.startswith(note)
    assert command(*flags, "--dry-run", cwd=tiny_folder).stdout.startswith(note)
    assert note in (tiny_folder / "out" / "report.html").read_text()
    assert note in (tiny_folder / "out" / "report.md").read_text()
    assert "More than 8 bits in 10 of them, which keep their values" in result.stdout
    # predict reads them as they were trained on.
    (run,) = runs_of(tiny_folder / "out").values()
    picture = tiny_folder / "photos" / "bright" / "more" / "bright1.png"
    predicted = command("predict", str(run), str(picture), cwd=tiny_folder)
    model = keras.saving.load_model(run / "model.keras")
    logits = model.predict(np.full((1, 8, 8, 1), 3100, np.float32), verbose=0)[0]
    chance = float(np.exp(logits[0]) / np.exp(logits).sum())
    assert f"bright {chance:.3f}" in predicted.stdout
    # Of another shape the middle, as in training.
    assert json.loads((run / "run.json").read_text())["data"]["fit"] == "crop"
    wide = np.pad(np.full((8, 8), 3100, np.uint16), [(0, 0), (9, 9)])
    Image.fromarray(wide).save(tiny_folder / "wide.png")
    again = command("predict", str(run), "wide.png", cwd=tiny_folder)
    assert again.stdout.partition(": ")[2] == predicted.stdout.partition(": ")[2]


@pytest.mark.drawn
def test_report_is_written_anew_from_the_folder(climbed, tmp_path, command):
    copy = tmp_path / "copy"
    shutil.copytree(climbed, copy)
    for name in ("ladder.csv", "report.html", "ladder.png"):
        (copy / name).unlink()
    assert command("report", "copy", cwd=tmp_path).returncode == 0
    for name in ("ladder.csv", "report.html", "ladder.png"):
        assert (copy / name).read_bytes() == (climbed / name).read_bytes()


def test_own_arrays_are_data(tiny_images, tmp_path):
    from trickbook.ladder import Ladder
    from trickbook.recipes import BatchNorm, Blueprint

    baseline = Blueprint(filters=(2,), dense=(4,), convolutions=1)
    arrays = (tiny_images["x_train"], tiny_images["y_train"])
    ladder = Ladder(arrays, [[BatchNorm()]], baseline=baseline, epochs=1, batch_size=8, seeds=[5])
    result = ladder.run(tmp_path / "out", jobs=1, models=False)
    assert result.ok
    assert list(result.frame["seed"]) == [5, 5]
    assert "<img" in result._repr_html_()
    assert len(result.report().frame) == 2
    run = json.loads((result.best().folder / "run.json").read_text())
    assert run["data"]["name"] == "arrays"


def test_fresh_keeps_what_is_not_ours_and_waits_until_all_is_checked(climbed, tmp_path, command):
    folder = tmp_path / "copy"
    shutil.copytree(climbed.parent, folder)
    (folder / "out" / "thesis.txt").write_text("mine")
    arguments = ["run", "tiny.toml", "--out", "out", "--fresh", "--batch-size", "5000"]
    assert command(*arguments, cwd=folder).returncode == 2
    assert (folder / "out" / "ladder.csv").exists()
    assert not list((folder / "out").glob("before-*"))
    leave_the_baseline_alone(folder)
    arguments = ["run", "tiny.toml", "--out", "out", "--fresh", "--jobs", "1"]
    assert command(*arguments, cwd=folder).returncode == 0
    assert (folder / "out" / "thesis.txt").read_text() == "mine"
    (aside,) = (folder / "out").glob("before-*")
    assert len(list((aside / "runs").iterdir())) == 6
    # Its two runs were there before, and are trained anew.
    assert len(runs_of(folder / "out")) == 2


def test_a_backend_that_is_not_there_is_named(tiny_folder, trickbook):
    environment = {**os.environ, "KERAS_BACKEND": "foo"}
    result = trickbook("run", "tiny.toml", cwd=tiny_folder, env=environment)
    assert result.returncode == 2
    assert "'foo', which is none of tensorflow, jax, torch" in result.stderr
    assert "tensorflow" in result.stderr


def test_names_and_reasons_are_printed_as_they_are(tiny_folder, command):
    name = "a:dog:[b]" + "x" * 90
    (tiny_folder / f"{name}.toml").write_text((tiny_folder / "tiny.toml").read_text())
    result = command("run", f"{name}.toml", "--batch-size", "99", cwd=tiny_folder)
    assert result.returncode == 2
    result = command("show", f"{name}.toml", cwd=tiny_folder)
    assert result.stdout.startswith(f"{name}: npz:tiny.npz")
