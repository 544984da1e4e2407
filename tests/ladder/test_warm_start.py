"""A ladder and other studies whose runs start from the weights of a run, from the command line."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from trickbook.data import DataSpec, load, without_validation
from trickbook.ladder.studies.study import Arm, Study
from trickbook.ladder.studies.warm_start_checks import check_start_stays, check_warm_start
from trickbook.recipes import (
    Blueprint,
    PatchWhitening,
    Scaling,
    Transfer,
    WarmStart,
    Whitening,
    compose,
)
from trickbook.reports.analysis.forgotten import started_arms
from trickbook.reports.read.run_set import read_run_set
from trickbook.training.errors import LadderError

LADDER = """
[data]
name = "npz:tiny.npz"
limit_train = 40

[baseline]
filters = [4]
convolutions = 1
dense = [8]

[budget]
epochs = 2
batch_size = 10
seeds = 2

[[rung]]
recipes = [{ use = "warm_start", run = "old" }]
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory, write_tiny, climbed):
    """A folder with the ladder, its data, and a run of the tiny ladder, which had more images."""
    folder = write_tiny(tmp_path_factory.mktemp("warm"))
    (folder / "new.toml").write_text(LADDER)
    shutil.copytree(next(climbed.glob("runs/00-baseline-s0-*")), folder / "old")
    return folder


@pytest.fixture(scope="module")
def compared(place, command):
    """What came of both arms, and their folder."""
    done = command("run", "new.toml", "--out", "out", "--jobs", "1", cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    return done, place / "out"


def test_a_study_compares_it_with_a_start_from_scratch(compared):
    done, folder = compared
    said = " ".join(done.stdout.split())
    assert "Every seed starts from the weights of old, 3 of 3 layers." in said
    assert "are judged by" not in said  # nothing of the same split was trained on
    study = json.loads((folder / "ladder.json").read_text())
    assert study["rungs"][1]["changed"] == "warm_start: none -> old"
    (started,) = started_arms(read_run_set(folder))
    assert (started.arm.name, started.change.seeds) == ("01-warm_start", 2)
    by_seed = []
    for run in sorted(folder.glob("runs/01-*")):
        with np.load(run / "predictions.npz") as kept:
            told = {
                when: kept[f"old_{when}"].argmax(axis=1) == kept[f"old_{when}_labels"]
                for when in ("before", "after")
            }
        by_seed.append(np.mean(told["after"]) - np.mean(told["before"]))
    assert started.change.mean == pytest.approx(np.mean(by_seed))
    assert started.before.mean == pytest.approx(np.mean(told["before"]))
    text = (folder / "report.md").read_text()
    assert "## What was started from, and forgotten" in text
    row = next(line for line in text.splitlines() if line.startswith("| 01-warm_start | old |"))
    assert "| 3 of 3 | npz:tiny.npz |" in row
    assert f"| {started.change.mean:+.3f} " in row


def test_the_same_weights_elsewhere_are_the_same_start(compared, place, command):
    shutil.copytree(place / "old", place / "moved", dirs_exist_ok=True)
    (place / "moved.toml").write_text(LADDER.replace('"old"', '"moved"'))
    done = command("run", "moved.toml", "--out", "out", "--dry-run", cwd=place)
    assert "nothing to train" in done.stdout, done.stdout + done.stderr


def test_the_flag_starts_every_arm_so(compared, place, command):
    arguments = ("sweep", "0", "new.toml", "--over", "learning_rate=0.001,0.01", "--seeds", "1")
    (place / "plain.toml").write_text(LADDER[: LADDER.index("[[rung]]")])
    arguments = (*arguments[:2], "plain.toml", *arguments[3:])
    done = command(*arguments, "--warm-start", "old", "--out", "out", "--jobs", "1", cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 of 2 runs are in out already" in " ".join(done.stdout.split())
    (page,) = (place / "out").glob("sweep-*.md")
    assert page.read_text().count("| old | ") == 2


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["--warm-start", "nowhere"], "there is no run in nowhere to start from"),
        (["--warm-start", "out"], "Give the folder of one run"),
        (["--warm-start", "empty"], "no model.keras in empty"),
        (["--warm-start", "out/runs/kept", "--fresh", "--out", "out"], "would move aside"),
        (["--warm-start", "old", "--data", "digits"], "0 to 255, but these go from 0 to 16"),
        (["--warm-start", "old", "--data", "wine"], "no layer fits the weights of old"),
    ],
)
def test_what_cannot_be_started_from_is_refused_in_a_line(
    compared, place, command, arguments, wanted
):
    (place / "empty").mkdir(exist_ok=True)
    shutil.copy(place / "old" / "run.json", place / "empty")
    shutil.copytree(place / "old", place / "out" / "runs" / "kept", dirs_exist_ok=True)
    named = [] if "--data" in arguments else ["plain.toml"]
    (place / "plain.toml").write_text(LADDER[: LADDER.index("[[rung]]")])
    out = [] if "--out" in arguments else ["--out", "refused"]
    done = command("run", *named, *arguments, *out, cwd=place)
    assert done.returncode == 2, done.stdout
    assert wanted in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("recipe", "is_refused"),
    [
        (WarmStart("out/runs/kept"), True),
        (Transfer("out/runs/kept"), True),
        (Transfer("out/runs/kept/model.keras"), True),
        (Transfer("MobileNetV2", weights="out/before/../runs/mine.weights.h5"), True),
        (WarmStart("out/before-1/runs/kept"), False),
        (Transfer("out/mine.keras"), False),
        (Transfer("runs/kept"), False),
        (Transfer("MobileNetV2"), False),
    ],
    ids=repr,
)
def test_what_an_arm_starts_from_is_not_moved_aside(tmp_path, monkeypatch, recipe, is_refused):
    monkeypatch.chdir(tmp_path)
    arms = (Arm("00-baseline", Blueprint()), Arm("01-it", compose(Blueprint(), [recipe])))
    study = Study("tiny", arms, DataSpec("digits"), (0,))
    if not is_refused:
        check_start_stays(study, Path("out"))
        return
    with pytest.raises(LadderError, match=r"^01-it starts from out/.*would move aside"):
        check_start_stays(study, Path("out"))


def copied(place, name, **told):
    """Copies the old run to a folder that tells something else of it."""
    folder = place / name
    shutil.copytree(place / "old", folder, dirs_exist_ok=True)
    details = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**details, **told}))


def images_in(examples):
    return {image.tobytes() for image in examples}


def seen_in(judging, training):
    """How many of the images are among others, and how many there are."""
    known = images_in(training)
    return f"{sum(image.tobytes() in known for image in judging)} of {len(judging)}"


def tiny(place, **settings):
    return load(DataSpec(f"npz:{place / 'tiny.npz'}", **settings))


@pytest.fixture
def plain(place):
    """The name of a ladder of the baseline alone."""
    text = LADDER[: LADDER.index("[[rung]]")].replace("limit_train = 40", "")
    (place / "whole.toml").write_text(text)
    return "whole.toml"


def test_the_report_warns_where_images_that_judge_were_trained_on(place, plain, command):
    flags = ("--warm-start", "old", "--split-seed", "1", "--seeds", "1", "--epochs", "1")
    done = command("run", plain, *flags, "--out", "seen", "--jobs", "1", cwd=place)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = seen_in(tiny(place, split_seed=1).x_val, tiny(place).x_train)
    assert not counted.startswith("0")
    text = (
        "Runs that start from old are judged by images that its weights were trained on: "
        f"{counted} in validation and 0 of 30 in test (split seed 1). Their figures are too "
        "optimistic."
    )
    assert f"Warning: {text}" in " ".join(done.stdout.split())
    assert text in (place / "seen" / "report.md").read_text()


def test_every_split_but_the_runs_own_is_warned_of(place, command):
    flags = ("--splits", "--seeds", "3", "--out", "splits", "--dry-run")
    done = command("run", "new.toml", *flags, cwd=place)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, said + done.stderr
    assert said.count("are judged by images") == 2
    trained_on = tiny(place).x_train
    for seed in (1, 2):
        judging = tiny(place, split_seed=seed, limit_train=40).x_val
        assert f"{seen_in(judging, trained_on)} in validation" in said
        assert f"(split seed {seed})" in said


@pytest.mark.parametrize("way", ["refit", "again", "model"])
def test_what_weights_were_trained_on_is_known_however_they_came(place, plain, command, way):
    flags = ["--split-seed", "1"]
    start, seen = "old/model.keras", seen_in(tiny(place, split_seed=1).x_val, tiny(place).x_train)
    if way == "refit":
        copied(place, "refit", data=without_validation(tiny(place)).summary())
        start, flags, seen = "refit", [], "18 of 18"
    elif way == "again":  # a run on arrays, which started from the old one
        copied(place, "again", data={"name": "arrays"}, blueprint={"warm_start": "old"})
        start = "again"
    if way == "model":
        rung = f'[[rung]]\nrecipes = [{{ use = "transfer", source = "{start}" }}]\n'
        (place / "transfer.toml").write_text((place / plain).read_text() + rung)
        ladder = ["transfer.toml"]
    else:
        ladder = [plain, "--warm-start", start]
    done = command("run", *ladder, *flags, "--out", "ways", "--dry-run", cwd=place)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, said + done.stderr
    assert f"Runs that start from {start} are judged by images" in said
    assert f"{seen} in validation" in said


def test_a_search_that_holds_out_what_was_trained_on_is_warned_of(place, command):
    pytest.importorskip("optuna", reason="trickbook tune searches by Optuna")
    flags = ("--trials", "1", "--seeds", "1", "--out", "searched", "--jobs", "1")
    done = command("tune", "1", "new.toml", *flags, cwd=place)
    said = " ".join(done.stdout.split())
    assert done.returncode == 0, said + done.stderr
    assert said.count("are judged by images") == 1
    assert "10 of 10 held out and 0 of 30 in test" in said
    (page,) = (place / "searched").glob("tune-*.md")
    assert "10 of 10 held out" in page.read_text()


IMAGES = {"image_shape": [8, 8, 1], "value_range": [0.0, 16.0]}


def check_start(folder, old, new, data=IMAGES):
    """What is asked of an arm with the recipes `new` that starts from a run with those of `old`."""
    told = compose(Blueprint(), old).to_dict()
    run = {"status": "done", "blueprint": told, "data": IMAGES}
    (folder / "run.json").write_text(json.dumps(run))
    (folder / "model.keras").touch()
    check_warm_start("01-it", compose(Blueprint(), [*new, WarmStart(str(folder))]), data)


@pytest.mark.parametrize(
    ("old", "new", "there", "here"),
    [
        (
            [Scaling("image_standardize")],
            [],
            r"ImageScaling\(divide=True\) of scaling at its front, which",
            "this one has nothing",
        ),
        ([Whitening(0.1)], [], r"ZCAWhitening\(epsilon=0.1\) of whitening", "this one has nothing"),
        ([], [Whitening(0.1)], "has nothing", r"one has ZCAWhitening\(epsilon=0.1\) of whitening"),
        ([Whitening(0.1)], [Whitening(0.2)], "epsilon=0.1", "epsilon=0.2"),
        ([Scaling("image_center")], [Scaling("image_standardize")], "Scaling", "divide=True"),
    ],
    ids=repr,
)
def test_weights_that_expect_another_front_are_refused(tmp_path, old, new, there, here):
    told = f"^01-it: the network of .*{there}.*{here}.* Put the same recipes"
    with pytest.raises(LadderError, match=told):
        check_start(tmp_path, old, new)


@pytest.mark.parametrize(
    "recipes", [[], [Whitening(0.1), PatchWhitening()], [Scaling("image_center")]], ids=repr
)
def test_the_same_front_is_started_from(tmp_path, recipes):
    check_start(tmp_path, recipes, recipes)


def test_a_scaling_of_each_image_needs_the_range_that_it_was_made_for(tmp_path):
    scaling, wider = [Scaling("image_center")], IMAGES | {"value_range": [0.0, 20.0]}
    check_start(tmp_path, [], [], wider)
    with pytest.raises(LadderError, match="go from 0 to 16, but these go from 0 to 20"):
        check_start(tmp_path, scaling, scaling, wider)
