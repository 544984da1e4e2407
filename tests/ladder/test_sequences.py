"""Tokens, windows and codes of categories, from the command to the report and to predictions."""

import io
import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from trickbook.data import DataSpec, from_arrays, load
from trickbook.ladder import Ladder
from trickbook.ladder.default_ladder import default_ladder

COUNT = 120
TOML = """
[baseline]
base = "fully_connected"
dense = [4]

[budget]
epochs = 2
batch_size = 16
learning_rate = 0.01
seeds = 1
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Tokens of three classes, and a table with a text and numbers that rise with its rows."""
    folder = tmp_path_factory.mktemp("sequences")
    draws = np.random.default_rng(0)
    tokens, labels = draws.integers(1, 20, (COUNT, 6)), np.arange(COUNT) % 3
    np.savez(
        folder / "words.npz", x_train=tokens, y_train=labels, classes=np.array(["a", "b", "c"])
    )
    frame = pd.DataFrame({"day": draws.choice(["Mon", "Tue", "Wed"], COUNT)})
    frame["heat"] = np.arange(COUNT) + draws.normal(0, 1, COUNT)
    frame.to_csv(folder / "days.csv", index=False)
    (folder / "any.toml").write_text(TOML)
    return folder


def climbed(folder, command, out, *arguments):
    done = command("run", "any.toml", *arguments, "--out", out, "--jobs", "1", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return next((folder / out / "runs").iterdir())


@pytest.fixture(scope="module")
def words(folder, command):
    arguments = ("--data", "npz:words.npz", "--inputs", "tokens", "--classes", "c,a")
    return climbed(folder, command, "words", *arguments)


@pytest.fixture(scope="module")
def series(folder, command):
    arguments = ("--data", "table:days.csv", "--target", "heat", "--window", "5", "--horizon", "2")
    return climbed(folder, command, "series", *arguments)


def told(command, folder, *arguments):
    done = command("predict", *map(str, arguments), "--format", "csv", cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return pd.read_csv(io.StringIO(done.stdout))


def kept(run, split):
    with np.load(run / "predictions.npz") as arrays:
        return arrays[split].astype(np.float64), arrays[f"{split}_labels"]


def test_tokens_of_chosen_classes_are_learnt_and_predicted(folder, words, command):
    spec = DataSpec(f"npz:{folder / 'words.npz'}", inputs="tokens", classes=["c", "a"])
    data = load(spec)
    np.savez(folder / "val.npz", x=data.x_val)
    found = told(command, folder, words, "val.npz")
    outputs, labels = kept(words, "val")
    expected = softmax(outputs, axis=1)
    np.testing.assert_allclose(found[["probability of c", "probability of a"]], expected, rtol=1e-4)
    np.testing.assert_array_equal(labels, data.y_val)


def test_a_report_on_sequences_speaks_of_them_and_shows_no_pictures(folder, words, command):
    assert not {"samples.npz", "wrong_images.npz"} & {path.name for path in words.iterdir()}
    assert command("report", "words", cwd=folder).returncode == 0
    report = (folder / "words" / "report.md").read_text()
    assert "Data, sequences: 48 training, 16 validation and 16 test" in report
    assert "Data, steps and features: 6 tokens of 20 that there are, 0 for padding" in report
    assert "Of 3 classes only these are kept: c, a." in report
    assert (
        "image" not in report.replace("test image", "")
        and "<html" in (folder / "words" / "report.html").read_text()
    )


def test_what_is_there_is_not_trained_again(folder, words, command):
    arguments = ("--data", "npz:words.npz", "--inputs", "tokens", "--classes", "c,a", "--dry-run")
    done = command("run", "any.toml", *arguments, "--out", "words", cwd=folder)
    assert "all in words already: nothing to train" in " ".join(done.stdout.split())


def test_other_classes_of_the_same_data_are_another_study(folder, words, command):
    arguments = ("--data", "npz:words.npz", "--inputs", "tokens", "--classes", "a,b")
    done = command("run", "any.toml", *arguments, "--out", "words", cwd=folder)
    assert done.returncode == 2 and "with classes c, a, and this one has a, b. Give another" in (
        " ".join(done.stderr.split())
    )


@pytest.mark.parametrize(
    ("name", "tokens", "message"),
    [
        ("large", [[1, 2, 3, 4, 5, 20]], "holds 20 among its tokens, and these runs know whole"),
        ("short", [[1, 2, 3]], "must hold numbers of shape (n, 6). Received: shape=(1, 3)"),
    ],
)
def test_tokens_that_a_run_does_not_know_are_refused(folder, words, command, name, tokens, message):
    np.savez(folder / f"{name}.npz", x=np.array(tokens))
    done = command("predict", str(words), f"{name}.npz", cwd=folder)
    assert done.returncode == 2 and message in " ".join(done.stderr.split())


def test_every_window_of_a_table_tells_a_later_row(folder, series, command):
    found = told(command, folder, series, "days.csv")
    assert len(found) == COUNT - 4
    # Windows end in rows 5 to 120, and each tells the row two later.
    assert [found["input"].iloc[place] for place in (0, -1)] == [
        "days.csv row 7",
        "days.csv row 122",
    ]
    for split, count, start in (("val", 23, 68), ("test", 23, 91)):
        values, targets = kept(series, split)
        np.testing.assert_allclose(found["value"][start : start + count], values, rtol=1e-4)
        heat = pd.read_csv(folder / "days.csv")["heat"]
        np.testing.assert_allclose(heat[start + 6 : start + count + 6], targets, rtol=1e-6)


def test_mase_of_a_series_compares_with_the_row_before(series, folder):
    metrics = json.loads((series / "metrics.json").read_text())
    for split in ("val", "test"):
        values, targets = kept(series, split)
        naive = np.abs(np.diff(targets.astype(np.float64))).mean()
        expected = np.abs(values - targets).mean() / naive
        assert metrics[f"{split}_mase"] == pytest.approx(expected, rel=1e-4)
    report = (folder / "series" / "report.md").read_text()
    assert "Data, windows: 68 training, 23 validation and 23 test" in report
    assert "Data, steps and features: 5 x 4" in report


def test_embedded_categories_are_predicted_as_they_were_learnt(folder, command):
    arguments = ("--data", "table:days.csv", "--target", "heat", "--categories", "embedded")
    run = climbed(folder, command, "codes", *arguments)
    data = json.loads((run / "run.json").read_text())["data"]
    assert data["category_sizes"] == [4] and data["table"]["columns"][0]["is_embedded"]
    pd.DataFrame({"day": ["Wed", "Mon", "Sun"]}).to_csv(folder / "new.csv", index=False)
    found = told(command, folder, run, "new.csv")
    frame = pd.read_csv(folder / "days.csv")
    days = dict(zip(frame["heat"].astype(np.float32), frame["day"], strict=True))
    values, targets = kept(run, "val")
    for day, value in zip(["Wed", "Mon"], found["value"], strict=False):
        alike = [days[target] == day for target in targets]
        np.testing.assert_allclose(values[alike], value, rtol=1e-3)


def test_rates_are_found_on_tokens(folder, command):
    arguments = ("--data", "npz:words.npz", "--inputs", "tokens", "--steps", "8")
    done = command("lr-find", "0", "any.toml", *arguments, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "on npz:words.npz, seed 0: 8 steps of 16 examples." in done.stdout


def test_arrays_in_memory_get_a_ladder_that_fits_them():
    draws = np.random.default_rng(0)
    numbers = from_arrays(draws.normal(size=(40, 3, 2)), draws.normal(size=40), inputs="sequences")
    ladder = Ladder(numbers)
    assert ladder.spec.baseline.task.kind == "regression"
    assert ladder.spec.baseline.base != "conv"
    rows = Ladder((draws.normal(size=(40, 3)), np.arange(40) % 2))
    assert rows.spec.name == default_ladder("npz:x.npz", "rows") == "tabular"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--data", "table:days.csv", "--target", "heat", "--window", "0"), "window (--window)"),
        (("--data", "digits", "--window", "4"), "window is for table:FILE"),
        (("--data", "npz:words.npz", "--inputs", "token"), "Did you mean tokens"),
        (("--data", "npz:words.npz"), "named by --inputs sequences, tokens or rows"),
        (
            ("--data", "npz:words.npz", "--inputs", "tokens", "--classes", "a,d"),
            "has no class 'd' to keep",
        ),
        (("--data", "digits", "--classes", "1"), "at least two different classes"),
    ],
)
def test_wrong_flags_are_one_line_before_anything_trains(folder, command, arguments, message):
    done = command("run", "any.toml", *arguments, "--out", "none", cwd=folder)
    assert done.returncode == 2 and message in " ".join(done.stderr.split())
    assert not [*(folder / "none").rglob("run.json")]
