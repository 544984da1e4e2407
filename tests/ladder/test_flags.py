"""What a command's flags say reaches what does the work, which is not done here."""

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from trickbook.ladder.cli.main import app
from trickbook.ladder.growing.aim import Aim
from trickbook.ladder.growing.growth import Growth
from trickbook.ladder.ladder_file import read_ladder
from trickbook.ladder.studies.run_options import RunOptions
from trickbook.ladder.tuning.tuning import Tuning
from trickbook.training.keras_settings import keras_settings

STUDIES = {
    "run": ("run", "digits"),
    "ablate": ("ablate", "digits"),
    "sweep": ("sweep", "1", "digits", "--over", "learning_rate=0.01,0.1"),
    "sample-size": ("sample-size", "1", "digits"),
    "tune": ("tune", "1", "digits", "--trials", "2"),
    "grow": ("grow", "digits"),
}


@pytest.fixture
def handed_on(monkeypatch):
    """Gives a command, and returns what it hands to what trains: what, where and how."""
    calls = []

    def trains(*given, **_):
        calls.append(given)
        raise KeyboardInterrupt

    for place in ("carry_out.run_study", "tune_command.run_tuning", "grow_command.grow"):
        monkeypatch.setattr(f"trickbook.ladder.cli.{place}", trains)

    def give(*words):
        if words[0] == "tune":
            pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 130, result.output or result.exception
        return calls.pop()

    return give


def study_of(asked):
    """The study whose data, seeds and judgements a command has."""
    if isinstance(asked, Aim):
        return asked.study(Growth())
    return asked.ladder if isinstance(asked, Tuning) else asked


@pytest.mark.parametrize("words", STUDIES.values(), ids=STUDIES)
def test_where_and_how_runs_are_trained(handed_on, words):
    reads_test = words[0] != "sweep"  # a choice among many values leaves it unread
    _, out, options = handed_on(*words, "--out", "there")
    assert out == Path("there")
    assert options == RunOptions(read_test=reads_test, command=options.command)
    backend = keras_settings().backend
    flags = ("--jobs", "3", "--threads", "2", "--on", "ray://host:1", "--shared", "--fresh")
    flags += ("--backend", backend, "--precision", "mixed_bfloat16", "--no-models", "--no-test")
    _, _, options = handed_on(*words, *flags)
    assert options == RunOptions(
        jobs=3,
        threads=2,
        on="ray://host:1",
        shared=True,
        models=False,
        read_test=False,
        fresh=True,
        command=options.command,
        backend=backend,
        precision="mixed_bfloat16",
    )


@pytest.mark.parametrize("words", STUDIES.values(), ids=STUDIES)
def test_the_network_its_budget_and_what_is_to_be_told_apart(handed_on, words):
    flags = ("--epochs", "3", "--batch-size", "16", "--width", "0.5", "--warm-start", "old")
    asked, _, _ = handed_on(*words, *flags, "--margin", "0.02")
    study = study_of(asked)
    first = study.arms[0].blueprint
    told = (first.epochs, first.batch_size, first.filters, first.warm_start)
    assert told == (3, 16, read_ladder("digits").baseline.scaled(0.5).filters, "old")
    assert study.margin == 0.02


@pytest.mark.parametrize("name", [name for name in STUDIES if name != "grow"])
def test_the_seeds(handed_on, name):
    assert study_of(handed_on(*STUDIES[name], "--seeds", "7,9")[0]).seeds == (7, 9)
    assert study_of(handed_on(*STUDIES[name], "--seeds", "4")[0]).seeds == (0, 1, 2, 3)


@pytest.mark.parametrize("name", [name for name in STUDIES if name != "tune"])
def test_what_a_seed_draws(handed_on, name):
    for flags, drawn in (((), (False, False)), (("--splits",), (True, False))):
        study = study_of(handed_on(*STUDIES[name], *flags)[0])
        assert (study.splits, study.bagging) == drawn
    assert study_of(handed_on(*STUDIES[name], "--bagging")[0]).bagging


TABLE = "day,hour,load\n" + "".join(f"{row % 7},{row},{row / 8}\n" for row in range(40))
READ = {
    "pictures": (
        ("--data", "folder:photos", "--image-size", "24,32", "--fit", "pad", "--color", "grey"),
        {"name": "folder:photos", "image_size": (24, 32), "fit": "pad", "color": "grey"},
    ),
    "which": (
        ("--classes", "3,5", "--limit-train", "40", "--val-fraction", "0.3", "--split-seed", "7"),
        {"classes": ("3", "5"), "limit_train": 40, "val_fraction": 0.3, "split_seed": 7},
    ),
    "files": (
        ("--data", "cifar10", "--data-dir", "there", "--scaling", "symmetric"),
        {"name": "cifar10", "data_dir": "there", "scaling": "symmetric"},
    ),
    "table": (
        ("--data", "table:t.csv", "--target", "load", "--missing", "median"),
        {"name": "table:t.csv", "target": "load", "missing": "median"},
    ),
    "embedded": (
        ("--data", "table:t.csv", "--target", "load", "--categories", "embedded"),
        {"name": "table:t.csv", "target": "load", "categories": "embedded"},
    ),
    "windows": (
        ("--data", "table:t.csv", "--target", "load", "--window", "5", "--horizon", "2"),
        {"name": "table:t.csv", "target": "load", "window": 5, "horizon": 2},
    ),
}


@pytest.mark.parametrize(("flags", "wanted"), READ.values(), ids=READ)
def test_the_data_and_how_they_are_read(handed_on, tmp_path, monkeypatch, flags, wanted):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(TABLE)
    found = handed_on("run", *flags)[0].data
    assert {name: getattr(found, name) for name in wanted} == wanted


@pytest.mark.parametrize(
    ("flags", "ladder"),
    [
        ((), "digits"),
        (("--data", "cifar10"), "lecture"),
        (("--data", "npz:x.npz", "--inputs", "sequences"), "sequence"),
        (("--data", "npz:rows.npz", "--inputs", "rows"), "tabular"),
        (("--data", "table:t.csv", "--target", "load"), "tabular"),
        (("--data", "table:t.csv", "--target", "load", "--window", "5"), "sequence"),
        (("lecture", "--data", "digits"), "lecture"),
    ],
)
def test_the_ladder_is_that_of_the_data_unless_it_is_named(
    handed_on, tmp_path, monkeypatch, flags, ladder
):
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(TABLE)
    x, y = np.random.default_rng(0).normal(size=(40, 5, 2)), np.arange(40) % 2
    np.savez("x.npz", x_train=x, y_train=y)
    np.savez("rows.npz", x_train=x[:, 0], y_train=y)
    study, out, _ = handed_on("run", *flags)
    assert (study.name, out) == (ladder, Path(f"trickbook-{ladder}"))


def test_how_a_search_searches(handed_on, tmp_path):
    (tmp_path / "mine.toml").write_text("learning_rate = { low = 1e-4, high = 1e-2 }\n")
    flags = ("--minutes", "7", "--sampler", "random", "--pruner", "hyperband", "--search-seed", "9")
    words = ("tune", "dropout", "digits", "--trials", "5", *flags)
    tuning, _, _ = handed_on(*words, "--space", str(tmp_path / "mine.toml"))
    assert (tuning.rung.name, tuning.trials, tuning.minutes) == ("03-dropout", 5, 7.0)
    assert (tuning.sampler, tuning.pruner, tuning.seed) == ("random", "hyperband", 9)
    assert (tuning.space.names, tuning.label) == (["learning_rate"], "mine")


def test_how_a_growth_grows(handed_on):
    aim, _, _ = handed_on("grow", "--minutes", "7", "--max-seeds", "5", "--first-seed", "4")
    assert (aim.minutes, aim.most_seeds, aim.first_seed) == (7.0, 5, 4)
    assert (aim.spec.name, aim.data) == ("digits", read_ladder("digits").data)


def test_how_many_examples_a_curve_has(handed_on):
    words = ("sample-size", "0,dropout", "digits")
    # The ladder's file has a limit of its own, which does not count.
    study, _, _ = handed_on(*words, "--sizes", "50,100", "--limit-train", "120")
    assert study.data.limit_train == 120
    assert [arm.name for arm in study.arms] == [
        *("00-baseline,n=50", "00-baseline,n=100", "03-dropout,n=50", "03-dropout,n=100")
    ]
    study, _, _ = handed_on(*words, "--sizes", "3")
    assert (study.data.limit_train, len(study.details["sizes"])) == (None, 3)


def test_how_many_combinations_a_sweep_draws(handed_on):
    over = ("--over", "learning_rate=1e-4:1e-1:log", "--over", "batch_size=8,16,32")
    drawn, _, _ = handed_on("sweep", "1,dropout", "digits", *over, "--random", "4")
    assert [len(study.arms) for study in (drawn, handed_on("sweep", "1", *over)[0])] == [8, 15]
